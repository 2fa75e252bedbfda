"""A machine at the deployed template: its routes have no authoriser, its token is judged, its event is stored."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.emulator.conftest import Live, http, until

pytestmark = pytest.mark.emulator
NUMBER = "+12025550177"


def token(live: Live, client: str, secret: str) -> tuple[int, dict[str, Any]]:
    """The token endpoint's answer."""
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    form = urlencode({"grant_type": "client_credentials"}).encode()
    status, body = http("POST", f"{live.connection.api_url}/oauth/token", form, headers)
    return status, json.loads(body)


def test_a_machine_tells_an_event_and_finds_what_was_written(live: Live) -> None:
    live.sms(NUMBER, "Kargom nerede kaldı?", "SM" + "7" * 32)
    conversation = live.conversation("sms", NUMBER, with_agent=False)
    scopes = ["events:write", "search:read", "contacts:read"]
    made = live.admin.post("/v1/clients", {"name": "crm", "scopes": scopes})
    client, secret = made["client"]["id"], made["secret"]
    assert token(live, client, "ms_wrong")[0] == 401
    status, given = token(live, client, secret)
    assert (status, given["token_type"], sorted(given["scope"].split())) == (200, "Bearer", sorted(scopes))

    def call(method: str, path: str, body: Any = None, bearer: str = given["access_token"]) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {bearer}",
            "Content-Type": "application/json",
            "Idempotency-Key": "siparis-1",
        }
        url = f"{live.connection.api_url}/machine{path}"
        status, answer = http(method, url, json.dumps(body).encode() if body is not None else None, headers)
        return status, json.loads(answer)

    event = {"type": "purchase.completed", "contact": {"channel": "sms", "address": NUMBER}, "data": {"total": 5}}
    status, told = call("POST", "/v1/events", event)
    assert (status, told["source"], told["contact"]) == (200, "client:crm", conversation["contact"])
    assert call("GET", f"/v1/contacts/{conversation['contact']}/events")[1]["events"] == [told]
    until(lambda: call("GET", "/v1/search?q=kargom")[1]["hits"], "the message is found by its words")
    assert call("GET", "/v1/conversations")[0] == 403
    assert call("GET", "/v1/search?q=kargom", bearer="x.y.z")[0] == 401
    assert http("GET", f"{live.connection.api_url}/machine/v1/search?q=kargom")[0] == 401
    live.admin.post(f"/v1/clients/{client}/revoke", {})
    assert call("GET", "/v1/search?q=kargom")[0] == 401


def test_a_machine_s_token_opens_nothing_of_people_s(live: Live) -> None:
    made = live.admin.post("/v1/clients", {"name": "other", "scopes": ["conversations:read"]})
    _, given = token(live, made["client"]["id"], made["secret"])
    headers = {"Authorization": f"Bearer {given['access_token']}"}
    assert http("GET", f"{live.connection.api_url}/v1/conversations", None, headers)[0] == 401
    assert http("GET", f"{live.connection.api_url}/machine/v1/conversations", None, headers)[0] == 200
