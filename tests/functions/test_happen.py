"""Events in by the bus: read as the API reads them, once, about a person who is known; what cannot be read is never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from functions import happen
from router.errors import Invalid, Unparsable
from router.telling import hear
from tests.kit.events import LambdaContext, sqs_record
from tests.kit.world import World

SHOP = "com.example.shop"
BOUGHT: dict[str, Any] = {"contact": {"channel": "email", "address": "Musteri@Example.net"}, "data": {"total": 99.5}}


@pytest.fixture(params=[True], ids=["memory"])
def world(request: pytest.FixtureRequest) -> Any:
    with World(memory=request.param) as made:
        yield made


def event(detail: Mapping[str, Any], number: int = 1, **more: Any) -> str:
    """An event as EventBridge puts it into a queue."""
    return json.dumps(
        {
            "version": "0", "id": f"6a7e8feb-b491-4cf7-a9f1-{number:012}", "detail-type": "purchase.completed", "source": SHOP,
            "account": "123456789012", "time": "2026-03-02T08:12:44Z", "region": "eu-central-1", "resources": [], "detail": detail,
        } | more
    )  # fmt: skip


def put(*bodies: str) -> list[str]:
    """Hand a batch to the function; the numbers of those that come again."""
    records = [
        sqs_record({"MessageId": str(number), "ReceiptHandle": "r", "Body": body}) for number, body in enumerate(bodies)
    ]
    answer = happen.handler({"Records": records}, LambdaContext())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def met(world: World) -> str:
    world.mail("Merhaba")
    world.pump()
    return str(world.conversations()[0].contact)


def events(world: World, contact: str) -> list[dict[str, Any]]:
    return list(world.call("GET", f"/v1/contacts/{contact}/events")[1]["events"])


def test_an_event_on_the_bus_is_the_person_s_under_its_source_its_id_and_its_time(world: World) -> None:
    contact = met(world)
    assert put(event(BOUGHT)) == []
    (seen,) = events(world, contact)
    assert (seen["source"], seen["type"], seen["data"]) == (f"bus:{SHOP}", "purchase.completed", {"total": 99.5})
    assert (seen["id"], seen["time"]) == ("6a7e8feb-b491-4cf7-a9f1-000000000001", "2026-03-02T08:12:44Z")


def test_what_the_detail_says_of_id_and_time_counts_and_a_repeat_is_the_same_event(world: World) -> None:
    contact = met(world)
    own = {**BOUGHT, "id": "siparis-4711", "time": "2026-03-01T12:00:00+03:00"}
    assert put(event(own, 1), event(own, 2), event(own, 1)) == []
    (seen,) = events(world, contact)
    assert (seen["id"], seen["time"]) == ("siparis-4711", "2026-03-01T09:00:00Z")


def test_two_sources_may_use_one_id(world: World) -> None:
    contact = met(world)
    assert put(event({**BOUGHT, "id": "1"}), event({**BOUGHT, "id": "1"}, source="com.example.till")) == []
    assert sorted(seen["source"] for seen in events(world, contact)) == [f"bus:{SHOP}", "bus:com.example.till"]


def test_nobody_logs_in_as_a_bus(world: World) -> None:
    met(world)
    body = {"type": "purchase.completed", **BOUGHT}
    assert world.call("POST", "/v1/events", body, user=f"bus:{SHOP}", role="admin")[0] == 403


def test_a_contact_is_made_where_that_is_asked_for_and_else_the_event_is_kept_for_nobody(world: World) -> None:
    assert put(event(BOUGHT)) == []
    assert (world.items("E#"), world.counts["EventAboutNobody"]) == ([], 1)
    assert put(event({**BOUGHT, "create": True}, 2)) == []
    assert len(events(world, met(world))) == 1


WRONG: dict[str, str] = {
    "no JSON": "{",
    "not of EventBridge": json.dumps({"contact": {}}),
    "a detail that is a list": event({}, 3).replace('"detail": {}', '"detail": [1]'),
    "no contact": event({"data": {}}, 3),
    "a type without a dot": event(BOUGHT, 3, **{"detail-type": "Purchase Completed"}),
    "a type that is none": event(BOUGHT, 3, **{"detail-type": None}),
    "a word that nobody knows": event({**BOUGHT, "musteri@example.net": 1}, 3),
    "a time far ahead": event({**BOUGHT, "time": "2027-01-01T00:00:00Z"}, 3),
    "no number": event({**BOUGHT, "data": {"x": float("nan")}}, 3),
    "too much": event({**BOUGHT, "data": {"x": "ş" * 17_000}}, 3),
    "no such channel": event({"contact": {"channel": "fax", "address": "1"}}, 3),
    "no text": event({**BOUGHT, "data": {"x": "\ud800"}}, 3),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_read_comes_again_and_holds_up_no_other(world: World, body: str) -> None:
    contact = met(world)
    assert put(event(BOUGHT), body, event(BOUGHT, 2)) == ["1"]
    assert len(events(world, contact)) == 2


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_what_is_said_of_it_holds_nothing_that_was_in_it(world: World, body: str) -> None:
    told: list[Any] = []
    world.x.log = lambda what, fields: told.append((what, dict(fields)))
    met(world)
    with pytest.raises((Invalid, Unparsable)) as raised:
        hear(world.x, body)
    assert not [word for word in ("usteri", "xample.net", "99.5") if word in f"{told} {raised.value}".lower()]


def test_the_queue_s_records_are_the_function_s(world: World) -> None:
    contact = met(world)
    world.sqs.send_message(QueueUrl=world.urls["happen"], MessageBody=event(BOUGHT))
    world.pump()
    assert len(events(world, contact)) == 1
