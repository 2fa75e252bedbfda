"""The API against its own document: generated calls, right ones and wrong ones, each answered as the document says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from router.openapi import OPERATIONS, document
from router.operations import Operation
from tests.kit.machines import ask_token
from tests.kit.rewind import Saved, restore, save
from tests.kit.world import World
from tests.kit.wsgi import application

load_all_checks()
ALWAYS = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
        "response_headers_conformance",
    )
]  # fmt: skip
REFUSED = CHECKS.get_one("negative_data_rejection")
QUICK = settings(
    max_examples=8, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
BY_NAME = {operation.name: operation for operation in OPERATIONS}
NUMBERS = count()


def stock(world: World) -> dict[str, list[str]]:
    """Something of every kind; the ids that paths name."""
    admin: dict[str, Any] = {"user": "yonetici", "role": "admin"}
    world.come_in("ayse")
    for number in range(6):
        world.sms(f"Merhaba {number}", sender=f"+1555010{number}")
    world.mail("Merhaba")
    world.pump()
    world.webhook("twilio", "sms", {"Body": "\x00", "From": "?"})
    first, *others = sorted(world.conversations(), key=lambda c: c.agent is None)
    world.pass_time(seconds=1)
    message = world.reply(first.id, user=first.agent or "ayse")["message"]["id"]
    world.call("POST", f"/v1/conversations/{first.id}/tags", {"add": ["vip"]}, **admin)
    reply = {"shortcut": "kargo", "title": "Kargo", "texts": {"tr": "Yolda, {{name}}"}}
    _, saved = world.call("POST", "/v1/saved-replies", reply, **admin)
    client = world.call("POST", "/v1/clients", {"name": "crm", "scopes": ["events:write"]}, **admin)[1]["client"]["id"]
    world.come_in("mehmet")
    event = {"type": "purchase.completed", "contact": {"id": first.contact}}
    assert world.call("POST", "/v1/events", event, **admin)[0] == 200
    return {
        "conversation": [c.id for c in (first, *others)], "contact": [c.contact for c in (first, *others)],
        "agent": ["ayse", "mehmet"], "send": [message], "message": [message], "reply": [saved["id"]], "client": [client],
        "inbox": ["chat", "sms"], "number": ["0"],
        "decision": [item["sk"].partition("#")[2] for item in world.items("H#") if item["wt"] == "decision"][:3],
        "entry": [entry["id"] for entry in world.call("GET", "/v1/quarantine", **admin)[1]["quarantine"]],
    }  # fmt: skip


@pytest.fixture(scope="module")
def stocked() -> Iterator[tuple[World, dict[str, list[str]], Saved]]:
    """A world with something of every kind, which all tests share."""
    with World() as world:
        yield world, stock(world), save(world)


@pytest.fixture(scope="module")
def schema(stocked: object) -> Any:
    """The document, as the API serves it."""
    return schemathesis.openapi.from_wsgi("/openapi.json", application)


def parts_of(operation: Operation) -> list[str]:
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


def cases(
    schema: Any, operation: Operation, parts: dict[str, str], mode: GenerationMode = GenerationMode.POSITIVE
) -> st.SearchStrategy[Any]:
    """Generated calls of an operation on these things; each call that changes something has a key of its own."""
    headers = {"Authorization": "Bearer of-the-gateway"} if operation.role is not None else {}
    if operation.changes:
        headers["Idempotency-Key"] = "key"
    described = schema[operation.path][operation.method.upper()]
    made: st.SearchStrategy[Any] = described.as_strategy(generation_mode=mode, headers=headers, path_parameters=parts)
    return made


def judge(case: Any, checks: list[Any]) -> Any:
    """Make the call and check its answer; the answer."""
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"tried-{next(NUMBERS)}"
    answer = case.call()
    case.validate_response(answer, checks=checks)
    if answer.status_code >= 400 and not case.path.startswith("/oauth"):
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert answer.json()["status"] == answer.status_code
    return answer


@pytest.mark.parametrize("name", BY_NAME)
def test_right_calls_are_answered_as_the_document_says(name: str, stocked: Any, schema: Any) -> None:
    operation, ids = BY_NAME[name], stocked[1]

    @QUICK
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        parts = {part: data.draw(st.sampled_from(ids.get(part) or ["none"])) for part in parts_of(operation)}
        judge(data.draw(cases(schema, operation, parts)), ALWAYS)

    check()


GOOD: dict[str, dict[str, Any]] = {
    "listConversations": {"query": {"state": "active", "limit": 1}}, "listMessages": {"query": {"limit": 1}},
    "explain": {"query": {"language": "tr", "as": "supervisor"}},
    "reply": {"body": {"text": "Buyurun"}}, "note": {"body": {"text": "not"}}, "resolve": {}, "reopen": {},
    "transfer": {"body": {"queue": "uzman"}}, "snooze": {"body": {"until": "2026-03-03T09:00:00Z"}},
    "assign": {"body": {"agent": "mehmet", "note": "Sen al"}}, "setPresence": {"body": {"presence": "away"}},
    "findContact": {"query": {"channel": "sms", "address": "+15550101"}}, "getContact": {}, "tag": {"body": {"add": ["vip"]}},
    "spam": {"body": {"block": True}}, "notSpam": {}, "blockContact": {}, "unblockContact": {},
    "tellEvent": {"body": {"type": "a.b", "contact": {"channel": "email", "address": "a@example.net"}, "create": True,
                           "data": {"x": [1, None, {"y": "ş"}]}}},
    "createSavedReply": {"body": {"shortcut": "b", "title": "B", "texts": {"en": "Hello {{name}}"}}},
    "changeSavedReply": {"body": {"shortcut": "c", "title": "C", "texts": {"tr": "{{agent}}"}, "queues": ["genel"]}},
    "search": {"query": {"q": "merhaba", "channel": "sms", "since": "2026-01-01"}}, "audit": {"query": {"day": "2026-03-02", "limit": 3}},
    "createClient": {"body": {"name": "shop", "scopes": ["events:write", "search:read"]}}, "rotateClient": {"body": {"now": True}},
    "revokeClient": {}, "chatSession": {"body": {"name": "Zeynep", "language": "tr"}},
}  # fmt: skip
BEFORE = {"reopen": "resolve", "notSpam": "spam", "unblockContact": "blockContact"}
"""What must have been done for a call to succeed."""


@pytest.mark.parametrize("name", GOOD)
def test_good_calls_succeed_as_the_document_says(name: str, stocked: Any, schema: Any) -> None:
    world, ids, eve = stocked
    restore(world, eve)
    for each in [BEFORE[name], name] if name in BEFORE else [name]:
        operation = BY_NAME[each]
        headers = {"Authorization": "Bearer of-the-gateway"} if operation.role is not None else {}
        headers |= {"Idempotency-Key": "key"} if operation.changes else {}
        case = schema[operation.path][operation.method.upper()].Case(
            path_parameters={part: ids[part][0] for part in parts_of(operation)},
            headers=headers,
            media_type="application/json",
            **GOOD[each],
        )
        assert judge(case, ALWAYS).status_code == operation.status


@pytest.mark.parametrize("name", [name for name, operation in BY_NAME.items() if parts_of(operation)])
def test_unknown_ids_are_not_found(name: str, stocked: Any, schema: Any) -> None:
    """Where there is more to be wrong than the id, that may be told instead."""
    operation = BY_NAME[name]
    parts = {part: "7" if part == "number" else "c_nobody.default.1" for part in parts_of(operation)}

    @QUICK
    @given(case=cases(schema, operation, parts))
    def check(case: Any) -> None:
        simple = operation.takes is None and not operation.query
        assert judge(case, ALWAYS).status_code in ((404,) if simple else (404, 422))

    check()


@pytest.mark.parametrize("name", [name for name, operation in BY_NAME.items() if operation.takes is not None])
def test_wrong_bodies_are_refused(name: str, stocked: Any, schema: Any) -> None:
    operation = BY_NAME[name]
    parts = {part: (stocked[1].get(part) or ["none"])[0] for part in parts_of(operation)}

    @QUICK
    @given(case=cases(schema, operation, parts, GenerationMode.NEGATIVE))
    def check(case: Any) -> None:
        judge(case, [*ALWAYS, REFUSED])

    check()


@pytest.mark.parametrize("name", [name for name, operation in BY_NAME.items() if operation.changes])
def test_a_change_without_an_idempotency_key_is_refused(name: str, stocked: Any, schema: Any) -> None:
    operation = BY_NAME[name]
    parts = {part: (stocked[1].get(part) or ["none"])[0] for part in parts_of(operation)}

    @settings(QUICK, max_examples=2)
    @given(case=cases(schema, operation, parts))
    def check(case: Any) -> None:
        del case.headers["Idempotency-Key"]
        assert judge(case, ALWAYS).status_code in (404, 409, 422)

    check()


def test_the_served_document_is_the_one_in_the_code(stocked: Any) -> None:
    assert stocked[0].call("GET", "/openapi.json", user=None)[1] == document()


def test_a_token_s_problem_is_what_the_document_says(stocked: Any, schema: Any) -> None:
    assert ask_token({"grant_type": "client_credentials"})[0] == 401
