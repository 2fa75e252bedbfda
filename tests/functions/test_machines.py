"""Machines at the API: clients, secrets, tokens and scopes."""

import base64
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from functions import api
from router import machines
from router.machines import SCOPES, Unproved, identify
from router.openapi import OPERATIONS
from tests.kit.events import LambdaContext, http_event
from tests.kit.machines import ask_token, basic, machine_call, new_client, token
from tests.kit.world import START, World

GRANT = {"grant_type": "client_credentials"}
BOSS: dict[str, Any] = {"user": "yonetici", "role": "admin"}


@pytest.fixture
def conversation(world: World) -> str:
    """One conversation that Ayşe has."""
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.pass_time(seconds=1)
    return str(world.conversations()[0].id)


def test_every_call_that_has_a_scope_is_a_call() -> None:
    calls = {(operation.method, operation.path) for operation in OPERATIONS}
    assert set(SCOPES) <= calls


def test_a_machine_reads_with_its_token_what_a_person_reads(world: World, conversation: str) -> None:
    bearer = token(*new_client(world, "conversations:read"))
    assert machine_call(world, bearer, "GET", f"/v1/conversations/{conversation}") == world.call(
        "GET", f"/v1/conversations/{conversation}"
    )
    assert machine_call(world, bearer, "GET", "/v1/conversations", query="state=active")[1]["conversations"]


def test_a_token_says_what_rfc_6749_wants(world: World) -> None:
    client, secret = new_client(world, "conversations:read", "events:write")
    status, body, headers = ask_token(GRANT, basic(client, secret))
    assert status == 200
    assert body | {"access_token": ""} == {
        "access_token": "", "token_type": "Bearer", "expires_in": 3600, "scope": "conversations:read events:write",
    }  # fmt: skip
    assert headers["cache-control"] == "no-store"
    header, payload, _ = body["access_token"].split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "at+jwt"}
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert {"iss", "sub", "scope", "exp", "iat", "jti"} <= set(claims)
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (client, 3600)


def test_the_client_may_prove_itself_in_the_form(world: World) -> None:
    client, secret = new_client(world, "conversations:read")
    assert ask_token({**GRANT, "client_id": client, "client_secret": secret})[0] == 200


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({**GRANT, "scope": "agents:read"}, "invalid_scope"),
        ({**GRANT, "scope": " "}, "invalid_scope"),
        ({**GRANT, "client_secret": "x"}, "invalid_request"),
        ({**GRANT, "client_id": "mc_other"}, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b"\xff\xfe", "invalid_request"),
        (b"a=" + b"x" * 20_000, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_in_the_protocol_s_words(
    world: World, fields: dict[str, str] | bytes, error: str
) -> None:
    status, body, headers = ask_token(fields, basic(*new_client(world, "conversations:read")))
    assert (status, body["error"]) == (400, error)
    assert headers["cache-control"] == "no-store"


def test_a_body_that_is_no_form_is_refused(world: World) -> None:
    sent = {**basic(*new_client(world, "conversations:read")), "content-type": "application/json"}
    assert ask_token(b"{}", sent)[1]["error"] == "invalid_request"


def test_a_wrong_client_and_a_wrong_secret_are_told_the_same(world: World) -> None:
    client, secret = new_client(world, "conversations:read")
    other, _ = new_client(world, "conversations:read", name="other")
    wrong = [
        (client, "ms_wrong"),
        ("mc_" + "a" * 24, secret),
        ("nobody", secret),
        (other, secret),
        ("", ""),
        ("ş", "ş"),
    ]
    answers = [ask_token(GRANT, basic(*pair)) for pair in wrong]
    answers.append(ask_token(GRANT, {"authorization": "Basic !"}))
    answers.append(ask_token({**GRANT, "client_id": client, "client_secret": "x"}))
    assert {status for status, _, _ in answers} == {401}
    assert {body["error"] for _, body, _ in answers} == {"invalid_client"}
    assert len({json.dumps(body) for _, body, _ in answers[:6]}) == 1
    assert answers[0][2]["www-authenticate"].startswith("Basic")


def test_a_wrong_client_costs_the_reads_and_hashes_of_a_wrong_secret(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = new_client(world, "conversations:read")
    work: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            work.append(name)
            return real(*args, **named)

        return call

    for name in ("digest", "equal"):
        monkeypatch.setattr(machines, name, counted(name, getattr(machines, name)))
    monkeypatch.setattr(world.x.table.dynamo, "get", counted("get", world.x.table.dynamo.get))
    costs = []
    for wrong in (client, "mc_" + "a" * 24):
        work.clear()
        ask_token(GRANT, basic(wrong, "ms_x"))
        costs.append(sorted(work))
    assert costs[0] == costs[1]


def test_a_token_may_have_fewer_scopes_than_its_client(world: World, conversation: str) -> None:
    client, secret = new_client(world, "conversations:read", "conversations:write")
    bearer = token(client, secret, "conversations:read")
    assert machine_call(world, bearer, "GET", f"/v1/conversations/{conversation}")[0] == 200
    status, body = machine_call(world, bearer, "POST", f"/v1/conversations/{conversation}/notes", {"text": "not"})
    assert (status, body["detail"]) == (403, "this needs the scope 'conversations:write'")


def test_a_machine_does_not_answer_as_an_agent_unless_it_may(world: World, conversation: str) -> None:
    reply = f"/v1/conversations/{conversation}/replies"
    writer = token(*new_client(world, "conversations:write"))
    assert machine_call(world, writer, "POST", reply, {"text": "Buyurun"})[0] == 403
    robot = token(*new_client(world, "replies:write", name="robot"))
    status, body = machine_call(world, robot, "POST", reply, {"text": "Buyurun"})
    assert (status, body["message"]["author"]) == (200, "client:robot")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"), ("GET", "/v1/audit"), ("GET", "/v1/parked"), ("GET", "/v1/clients"), ("POST", "/v1/clients"),
        ("POST", "/v1/socket-tickets"), ("POST", "/v1/agents/ayse/presence"), ("GET", "/v1/nothing"), ("DELETE", "/v1/events"),
        ("GET", "/openapi.json"), ("GET", "/machine/v1/conversations"),
    ],
)  # fmt: skip
def test_calls_without_a_scope_are_refused_to_machines(world: World, method: str, path: str) -> None:
    bearer = token(*new_client(world, *sorted(set(SCOPES.values()))))
    status, body = machine_call(world, bearer, method, path)
    assert (status, body["detail"]) == (403, "this call is for people, not for machines")


def test_a_machine_s_note_is_audited_under_its_name(world: World, conversation: str) -> None:
    bearer = token(*new_client(world, "conversations:write"))
    path = f"/v1/conversations/{conversation}/notes"
    assert machine_call(world, bearer, "POST", path, {"text": "Sipariş 4711"})[0] == 200
    entries = world.call("GET", "/v1/audit", **BOSS, query="who=client:crm")[1]["entries"]
    assert [(e["who"], e["what"]) for e in entries] == [("client:crm", "note")]


def test_a_user_called_like_a_machine_is_nobody(world: World) -> None:
    assert world.call("GET", "/v1/conversations", user="client:crm", role="admin")[0] == 403


def test_claims_of_a_gateway_mean_nothing_below_machine(world: World) -> None:
    assert world.call("GET", "/machine/v1/conversations", role="admin")[0] == 401


def test_a_forged_late_or_foreign_token_is_refused(world: World) -> None:
    bearer = token(*new_client(world, "conversations:read"))
    header, payload, mac = bearer.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    resigned = hmac.digest(world.x.key, f"{header}.{payload}".encode(), "sha256")
    forged = [
        "", "x", "a.b.c", "...", f"{none}.{payload}.", f"{none}.{payload}.{mac}", f"{header}.{payload}.{mac[:-2]}",
        f"{header}.{payload}.{base64.urlsafe_b64encode(resigned).decode().rstrip('=')}", "ş" * 50, "\ud800.a.b", "a" * 100_000,
    ]  # fmt: skip
    for wrong in forged:
        with pytest.raises(Unproved):
            identify(world.x, wrong, "GET", "/v1/conversations")
    assert machine_call(world, bearer, "GET", "/v1/conversations")[0] == 200
    world.x.public_url, here = "https://other.example", world.x.public_url
    assert machine_call(world, bearer, "GET", "/v1/conversations")[0] == 401
    world.x.public_url = here
    world.pass_time(hours=1)
    status, body = machine_call(world, bearer, "GET", "/v1/conversations")
    assert (status, body["title"]) == (401, "Not authenticated")


def test_a_refused_machine_is_told_how_to_prove_itself(world: World) -> None:
    answer = api.handler(http_event("GET", "/machine/v1/conversations", b"", {}), LambdaContext())
    assert (answer["statusCode"], answer["headers"]["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert answer["headers"]["content-type"] == "application/problem+json"


def test_secrets_are_shown_once_and_stored_as_hashes(world: World) -> None:
    client, secret = new_client(world, "conversations:read")
    assert re.fullmatch(r"ms_[a-z2-7]{52}", secret)
    assert secret not in json.dumps(world.items(), default=repr)
    (listed,) = world.call("GET", "/v1/clients", **BOSS)[1]["clients"]
    assert (listed["id"], listed["created_by"], listed["last_used_at"]) == (client, "yonetici", None)
    assert [s["number"] for s in listed["secrets"]] == [1]
    assert secret not in json.dumps(listed)


def test_a_repeat_of_the_same_call_shows_the_same_secret(world: World) -> None:
    body = {"name": "crm", "scopes": ["events:write"]}
    first = world.call("POST", "/v1/clients", body, **BOSS, key="k")
    assert world.call("POST", "/v1/clients", body, **BOSS, key="k") == first
    assert world.call("POST", "/v1/clients", body, **BOSS, key="other")[0] == 409
    rotated = world.call("POST", f"/v1/clients/{first[1]['client']['id']}/rotate", {}, **BOSS, key="r")
    assert rotated[1]["secret"] != first[1]["secret"]
    assert world.call("POST", f"/v1/clients/{first[1]['client']['id']}/rotate", {}, **BOSS, key="r") == rotated


def test_after_a_rotation_both_secrets_are_good_for_a_day(world: World) -> None:
    client, old = new_client(world, "conversations:read")
    status, made = world.call("POST", f"/v1/clients/{client}/rotate", {}, **BOSS)
    assert status == 200
    first_tokens = token(client, old), token(client, made["secret"])
    world.pass_time(hours=24)
    assert ask_token(GRANT, basic(client, old))[0] == 401
    assert ask_token(GRANT, basic(client, made["secret"]))[0] == 200
    assert len(set(first_tokens)) == 2


def test_a_secret_rotated_away_at_once_takes_its_tokens_along(world: World) -> None:
    client, old = new_client(world, "conversations:read")
    before = token(client, old)
    _, made = world.call("POST", f"/v1/clients/{client}/rotate", {"now": True}, **BOSS)
    assert ask_token(GRANT, basic(client, old))[0] == 401
    assert machine_call(world, before, "GET", "/v1/conversations")[0] == 401
    assert machine_call(world, token(client, made["secret"]), "GET", "/v1/conversations")[0] == 200


def test_a_revoked_client_is_refused_at_its_next_call(world: World) -> None:
    client, secret = new_client(world, "conversations:read")
    bearer = token(client, secret)
    world.pass_time(seconds=1)
    status, shown = world.call("POST", f"/v1/clients/{client}/revoke", {}, **BOSS)
    assert (status, bool(shown["revoked_at"])) == (200, True)
    assert machine_call(world, bearer, "GET", "/v1/conversations")[0] == 401
    assert ask_token(GRANT, basic(client, secret))[0] == 401
    assert world.call("POST", f"/v1/clients/{client}/rotate", {}, **BOSS)[0] == 409
    whats = [e["what"] for e in world.call("GET", "/v1/audit", **BOSS, query=f"subject=client:{client}")[1]["entries"]]
    assert whats == ["client.create", "client.revoke"]


def test_the_last_use_is_noted_once_in_five_minutes(world: World) -> None:
    client, secret = new_client(world, "conversations:read")
    bearer = token(client, secret)
    used = []
    for minutes in (1, 2, 3):
        world.pass_time(minutes=minutes)
        machine_call(world, bearer, "GET", "/v1/conversations")
        found = world.x.table.client(client)
        used.append(found.last_used_at if found is not None else None)
    assert used == [START, START, world.now]


def test_only_administrators_make_clients(world: World) -> None:
    for role in ("agent", "supervisor"):
        assert world.call("POST", "/v1/clients", {"name": "x", "scopes": ["events:write"]}, role=role)[0] == 403
        assert world.call("GET", "/v1/clients", role=role)[0] == 403


def test_an_unknown_scope_and_a_strange_name_are_refused(world: World) -> None:
    for body in (
        {"name": "x", "scopes": ["all"]},
        {"name": "Ş", "scopes": ["events:write"]},
        {"name": "x", "scopes": []},
    ):
        assert world.call("POST", "/v1/clients", body, **BOSS)[0] == 422
    assert world.call("POST", "/v1/clients/mc_no/revoke", {}, **BOSS)[0] == 404
