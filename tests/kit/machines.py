"""A machine as it calls: a client made by an administrator, a token by its secret, calls below /machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from functions import api
from tests.kit.events import LambdaContext, http_event
from tests.kit.world import World


def new_client(world: World, *scopes: str, name: str = "crm") -> tuple[str, str]:
    """An administrator makes a client; its id and secret."""
    status, made = world.call("POST", "/v1/clients", {"name": name, "scopes": scopes}, user="yonetici", role="admin")
    assert status == 201, made
    return made["client"]["id"], made["secret"]


def ask_token(
    fields: Mapping[str, str] | bytes, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """One call of the token endpoint: status, body, headers."""
    body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    sent = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
    answer = api.handler(http_event("POST", "/oauth/token", body, sent), LambdaContext())
    return answer["statusCode"], json.loads(answer["body"]), answer["headers"]


def basic(client: str, secret: str) -> dict[str, str]:
    """HTTP Basic."""
    return {"authorization": "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()}


def token(client: str, secret: str, scope: str | None = None) -> str:
    """A token; all scopes unless some are named."""
    fields = {"grant_type": "client_credentials"} | ({"scope": scope} if scope is not None else {})
    status, body, _ = ask_token(fields, basic(client, secret))
    assert status == 200, body
    return str(body["access_token"])


def machine_call(
    world: World, bearer: str, method: str, path: str, body: Mapping[str, Any] | None = None, **how: Any
) -> tuple[int, dict[str, Any]]:
    """One call of a machine; `path` is a person's, /v1/..."""
    return world.call(method, f"/machine{path}", body, user=None, headers={"authorization": f"Bearer {bearer}"}, **how)
