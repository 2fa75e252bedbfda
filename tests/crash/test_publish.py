"""What reads the stream, stopped at each of its calls: every change is told, every decision archived; never a forged one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions import archive, publish
from router.aws.changes import read_change
from router.events import events_of
from router.replaying import Kept, replay
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.events import LambdaContext
from tests.kit.world import CONFIG, World

HOOK: dict[str, Any] = {
    "name": "crm",
    "url": "https://crm.example.com/x",
    "events": ["message.*", "contact.*"],
    "secret": "crm",
}
LISTENING: dict[str, Any] = {**CONFIG, "webhooks": [HOOK]}
ADMIN: dict[str, Any] = {"user": "admin", "role": "admin"}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with World(LISTENING, streaming=True) as world:
        yield Ground(world)


def written(world: World) -> dict[str, set[str]]:
    """Something happened, and its records are in the stream; the ids of what must be told, and of what webhooks must hear."""
    world.sms("İade istiyorum")
    world.sms("Orada mısınız?")
    world.work("inbound")
    assert world.stream is not None
    events = [e for record in world.stream.batch(world.now) for e in events_of(read_change(record), world.x.key)]
    assert len(events) >= 4
    return {
        "bus": {event.id for event in events},
        "hooks": {event.id for event in events if event.type.startswith(("message.", "contact."))},
    }


def tell(world: World, _: Any) -> bool:
    """Lambda hands over the batch; what is not told comes again."""
    assert world.stream is not None
    batch = world.stream.batch(world.now)
    if not batch:
        return True
    failures = publish.handler({"Records": batch}, LambdaContext())["batchItemFailures"]
    world.stream.told(batch, failures[0]["itemIdentifier"] if failures else None)
    return not failures


def all_told(world: World, wanted: dict[str, set[str]]) -> None:
    """At least once each, one delivery each, and both messages can be found."""
    assert world.bus is not None
    assert {event["id"] for event in world.bus.events} >= wanted["bus"]
    posted = [event["id"] for event in world.receiver.events]
    assert set(posted) >= wanted["hooks"]
    deliveries = world.items("W#")
    assert len({d["ev"] for d in deliveries}) == len(deliveries)
    assert {d["st"] for d in deliveries} == {"delivered"}
    assert sorted(row["t"] for row in world.items("X#")) == ["iade istiyorum", "orada misiniz?"]


def decided(world: World) -> list[str]:
    """Decisions of two hours, and the roster they name, are in the stream; the decisions' ids."""
    world.come_in("ayse")
    for sender in ("+15550141", "+15550142"):
        world.sms("Merhaba", sender=sender)
        world.work("inbound")
        world.work("match")
        world.pass_time(hours=1)
    items = [item for item in world.items("H#") if item["wt"] == "decision"]
    return [item["sk"].partition("#")[2] for item in items]


def keep(world: World, _: Any) -> bool:
    """Lambda hands over the batch to the archive; what is not kept comes again."""
    assert world.stream is not None
    batch = world.stream.batch(world.now, "archive")
    if not batch:
        return True
    failures = archive.handler({"Records": batch}, LambdaContext())["batchItemFailures"]
    world.stream.told(batch, failures[0]["itemIdentifier"] if failures else None, "archive")
    return not failures


def all_kept(world: World, wanted: list[str]) -> None:
    """Each replays from the archive alone, in which it is once or the same twice."""
    kept = Kept(world.x.table, world.x.blobs, world.x.version)
    assert len(wanted) == 2
    for decision in wanted:
        assert replay(kept, decision, "archive").same


def on_its_way(world: World) -> dict[str, set[str]]:
    """Deliveries are in the queue."""
    world.sms("İade istiyorum")
    world.work("inbound")
    world.publish()
    return {"hooks": {item["ev"] for item in world.items("W#")}}


def busy_once(world: World) -> dict[str, set[str]]:
    """As above, and the receiver takes it at the second try."""
    wanted = on_its_way(world)
    calls = len(world.receiver.posts)
    world.receiver.answer = lambda _: 503 if len(world.receiver.posts) <= calls + 1 else 204
    return wanted


def gone(world: World) -> dict[str, set[str]]:
    """As above, and the receiver is gone."""
    wanted = on_its_way(world)
    world.receiver.answer = lambda _: 410
    return wanted


def delivered(world: World, wanted: dict[str, set[str]]) -> None:
    """Everything arrived, perhaps twice, under its own id."""
    assert {event["id"] for event in world.receiver.events} == wanted["hooks"]
    assert {item["st"] for item in world.items("W#")} == {"delivered"}


def listed(world: World, wanted: dict[str, set[str]]) -> None:
    """Nothing arrived, the webhook is off, and an administrator sees each."""
    assert world.call("GET", "/v1/webhooks", **ADMIN)[1]["webhooks"][0]["switched_off_at"]
    found = world.call("GET", "/v1/webhook-deliveries", **ADMIN)[1]["deliveries"]
    assert {one["event"] for one in found} == wanted["hooks"]


def stuck(world: World) -> dict[str, Any]:
    """A delivery that failed, and a receiver that would take it now."""
    wanted = gone(world)
    world.pump()
    world.receiver.answer = None
    world.call("POST", "/v1/webhooks/crm/switch-on", {}, **ADMIN)
    found = world.call("GET", "/v1/webhook-deliveries", **ADMIN)[1]["deliveries"]
    return {**wanted, "first": found[0]}


def resend(world: World, handed: dict[str, Any]) -> bool:
    """An administrator sends it again."""
    path = f"/v1/webhook-deliveries/{handed['first']['id']}/resend"
    return world.call("POST", path, {}, key="again", **ADMIN)[0] == 200


def resent(world: World, handed: dict[str, Any]) -> None:
    """It arrived after it was asked for, and the audit says so once."""
    posted = [json.loads(post.body)["id"] for post in world.receiver.posts]
    assert handed["first"]["event"] in posted[1:]
    _, audit = world.call("GET", "/v1/audit", query=f"day={world.now:%Y-%m-%d}", **ADMIN)
    entries = [item for item in world.items("H#webhook:crm") if item["wt"] == "resend"]
    assert len(entries) == 1
    assert audit["entries"]


SCENARIOS = [
    Scenario("publish", written, all_told, act=tell),
    Scenario("archive", decided, all_kept, act=keep),
    Scenario("hook", on_its_way, delivered, queue="hooks"),
    Scenario("hook, busy", busy_once, delivered, queue="hooks"),
    Scenario("hook, gone", gone, listed, queue="hooks"),
    Scenario("hook, sent again by a person", stuck, resent, act=resend),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_telling_others_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
