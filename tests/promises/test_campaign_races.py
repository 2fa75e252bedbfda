"""What happens to journeys between their being put and looked at, while a message is on its way, and when two do the same work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router import planning
from router.config import Config
from router.errors import Unknown
from router.journeys import Stage
from router.outreach_values import Part
from router.signals import Step
from router.times import to_ms
from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import Stop, watching
from tests.kit.outreach import ADMIN, SHOP, contact_of, journeys, launch, meet, phone, sends, shop, stages
from tests.kit.plain import PlainWorld

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CART: dict[str, Any] = {
    "name": "sepet", "starts": {"event": "cart.abandoned"}, "exits": ["purchase.completed"], "track": False,
    "steps": [{"wait": "1h"}, {"send": "duyuru"}],
}  # fmt: skip


@pytest.fixture
def world() -> Iterator[PlainWorld]:
    with PlainWorld(shop(campaigns=[*SHOP["campaigns"], CART]), memory=True) as world:
        yield world


def told(world: PlainWorld, kind: str, key: str = "auto") -> None:
    body = {"type": kind, "contact": {"channel": "sms", "address": phone(1)}, "data": {"order": {"total": 100}}}
    assert world.call("POST", "/v1/events", body, key=key, **ADMIN)[0] in (200, 201)


def later(world: PlainWorld, **by: float) -> None:
    world.pass_time(**by)
    world.sweep()
    world.pump()
    world.ring()
    world.pump()


def test_what_happens_before_a_journey_was_looked_at_ends_it_all_the_same(world: PlainWorld) -> None:
    meet(world, [1])
    told(world, "cart.abandoned")
    told(world, "purchase.completed")
    world.pump()
    later(world, hours=1)
    assert [(one.stage, one.why) for one in journeys(world) if one.campaign == "sepet"] == [("ended", "exit")]


def test_what_happens_while_a_campaign_is_paused_ends_a_journey_of_it(world: PlainWorld) -> None:
    meet(world, [1])
    assert world.call("POST", "/v1/campaigns/sepet/pause", {}, **ADMIN)[0] == 200
    told(world, "cart.abandoned")
    world.pump()
    told(world, "purchase.completed")
    world.pump()
    assert world.call("POST", "/v1/campaigns/sepet/resume", {}, **ADMIN)[0] == 200
    world.pump()
    later(world, hours=1)
    assert [(one.stage, one.why) for one in journeys(world) if one.campaign == "sepet"] == [("ended", "exit")]


def test_an_event_and_a_look_at_the_same_moment_are_both_seen(world: PlainWorld) -> None:
    """The event is written at each call of the look."""
    meet(world, [1])
    told(world, "cart.abandoned", "first")
    batch = world.take("outreach")
    from tests.kit.rewind import restore, save

    eve = save(world)
    with watching(world) as watch:
        world.handle("outreach", batch)
    for number in range(len(watch.calls)):
        restore(world, eve)
        with watching(world, Stop(number, "before", lambda: told(world, "purchase.completed", "then"))):
            world.handle("outreach", batch)
        world.pump()
        later(world, hours=1)
        found = [(one.stage, one.why) for one in journeys(world) if one.campaign == "sepet"]
        assert found == [("ended", "exit")], number


def test_a_part_is_gone_through_to_its_end_though_another_who_did_is_gone(
    world: PlainWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has moved on from each page first, and dies with it."""
    monkeypatch.setattr(planning, "PAGE", 4)
    meet(world, range(80))
    launch(world, "bayram", NOON)
    move = world.x.table.move_part
    moved: list[Part] = []

    def second(campaign: str, run: str, before: Part, after: Part) -> bool:
        if len(moved) % 2 == 0:
            assert move(campaign, run, before, after)
        moved.append(after)
        return move(campaign, run, before, after)

    monkeypatch.setattr(world.x.table, "move_part", second)
    world.pump()
    assert len(moved) > 16
    assert stages(world) == {"ended:done": 80}
    assert all(part.done for part in world.x.table.parts("bayram", "2026-03-02T12:00"))


def test_numbers_add_up_when_somebody_moves_to_another_zone_in_between(world: PlainWorld) -> None:
    starts = {"at": "2026-03-03T10:00", "zone": "recipient"}
    campaign = {**SHOP["campaigns"][0], "starts": starts}
    world.apply(Config.model_validate(shop(campaigns=[campaign], version="zones")))
    meet(world, [0], zone="Europe/Istanbul")
    for at in (datetime(2026, 3, 3, 7, 0, tzinfo=UTC), datetime(2026, 3, 3, 15, 0, tzinfo=UTC)):
        world.now = at
        launch(world, "bayram", at)
        world.pump()
        row = {"addresses": [{"channel": "sms", "address": phone(0)}], "zone": "America/New_York"}
        assert world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)[0] == 200
    assert len(sends(world)) == 1
    for run in world.x.table.runs("bayram"):
        _, body = world.call("GET", "/v1/campaigns/bayram/status", query=f"run={run.name}", **ADMIN)
        assert body["looked"] == body["outside"] + body["journeys"], body


def broken_off(request: HttpRequest) -> HttpResponse:
    raise Unknown("the line broke")


def parked(world: PlainWorld) -> None:
    """Nobody knows whether the one message left."""
    meet(world, [1])
    world.providers.answer = broken_off
    launch(world, "bayram", NOON)
    world.pump()
    world.providers.answer = None
    later(world, minutes=6)
    assert stages(world) == {"parked:parked": 1}


@pytest.mark.parametrize(("what", "came"), [("discard", "ended:discarded"), ("resend", "ended:done")])
@pytest.mark.parametrize("heard", [True, False], ids=["told", "the word is lost"])
def test_a_parked_message_that_is_decided_on_moves_its_journey(
    world: PlainWorld, what: str, came: str, heard: bool
) -> None:
    parked(world)
    (send,) = sends(world)
    assert world.call("POST", f"/v1/parked/{send.id}/{what}", {}, role="supervisor")[0] == 200
    if not heard and what == "discard":
        world.lists.queues["outreach"].clear()
    world.pump()
    if not heard:
        later(world, days=1)
        world.x.table.set_cursor("ledger", f"{world.now:%Y%m%d%H%M}")
    assert stages(world) == {came: 1}


def test_a_parked_journey_that_is_looked_at_again_stays_parked(world: PlainWorld) -> None:
    parked(world)
    (one,) = journeys(world)
    (send,) = sends(world)
    before = len(world.providers.calls)
    world.x.queues.send([Step(*one.key, "again"), *_deliver(world)], world.now)
    world.pump()
    later(world, days=2)
    assert stages(world) == {"parked:parked": 1}
    assert (sends(world)[0].state, len(world.providers.calls)) == (send.state, before)


def _deliver(world: PlainWorld) -> list[Any]:
    from router.signals import delivery

    return [delivery(one, ".again") for one in sends(world)]


def test_who_is_blocked_after_a_refusal_gets_nothing_by_the_next_channel(world: PlainWorld) -> None:
    email = {"channel": "email", "address": "biri@example.net"}
    meet(world, [1])
    sms = {"channel": "sms", "address": phone(1)}
    row = {"addresses": [sms, email], "language": "en"}
    assert world.call("POST", "/v1/contact-rows", {"rows": [row]}, **ADMIN)[0] == 200

    def blocked_and_refused(_: HttpRequest) -> HttpResponse:
        status, body = world.call("POST", f"/v1/contacts/{contact_of(world, 1)}/block", {}, role="supervisor")
        assert status == 200, body
        return HttpResponse(400, {}, b'{"code": 21617, "message": "too long"}')

    world.providers.answer = blocked_and_refused
    told(world, "purchase.completed")
    world.pump()
    world.pass_time(hours=2)
    world.ring()
    world.sweep()
    world.pump()
    assert [one.why for one in journeys(world) if one.campaign == "sagol"] == ["blocked"]
    assert len(sends(world)) == 1


def test_a_journey_goes_on_where_its_version_is_gone(world: PlainWorld) -> None:
    meet(world, [1])
    told(world, "purchase.completed")
    world.pump()
    world.lose_version()
    world.apply(Config.model_validate(shop(version="newer")))
    later(world, hours=2)
    assert stages(world) == {"ended:done": 1}


def test_a_journey_ends_where_its_version_and_its_campaign_are_gone(world: PlainWorld) -> None:
    meet(world, [1])
    told(world, "purchase.completed")
    world.pump()
    world.lose_version()
    world.apply(Config.model_validate(shop(version="newer", campaigns=SHOP["campaigns"][:1])))
    later(world, hours=2)
    assert stages(world) == {"ended:gone": 1}
    assert world.x.table.outreach_row(contact_of(world, 1)).live == ()


def test_a_campaign_that_is_switched_off_sends_nothing_of_an_older_version(world: PlainWorld) -> None:
    meet(world, [1])
    told(world, "purchase.completed")
    world.pump()
    off = [{**one, "enabled": False} for one in SHOP["campaigns"]]
    world.apply(Config.model_validate(shop(version="newer", campaigns=off)))
    later(world, hours=2)
    (one,) = journeys(world)
    assert (one.stage.live, sends(world)) == (True, [])
    assert one.due is not None
    assert one.due > to_ms(world.now - timedelta(minutes=1))
    assert one.stage is not Stage.SENDING
