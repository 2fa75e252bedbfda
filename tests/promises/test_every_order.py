"""Campaigns that compete for one person's slots, in many orders of processing: the greater one always wins, if it wants the slot."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from router.config import Config
from tests.kit.amount import times
from tests.kit.orders import Clockwork, came
from tests.kit.outreach import ADMIN, SHOP, compiled, meet, phone
from tests.kit.plain import PlainWorld
from tests.kit.rewind import Saved, restore, save

DAWN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""Monday, nine o'clock in Istanbul."""
ORDERS = times(16)
ZONE = "Europe/Istanbul"
Arrange = Callable[[PlainWorld, Clockwork], Any]


def campaign(name: str, importance: int, at: str | None = None, **more: Any) -> dict[str, Any]:
    starts: Any = {"at": at, "zone": ZONE}
    return {
        "name": name, "importance": importance, "starts": starts, "everyone": True, "track": False, "steps": [{"send": name}],
        "stale": "8h", **more,
    }  # fmt: skip


def shop(*campaigns: dict[str, Any], day: int | None = 1, week: int | None = None, **outreach: Any) -> dict[str, Any]:
    names = {one["name"] for one in campaigns}
    text = "{{ unsubscribe }}"
    templates = [
        {"name": name, "purpose": "marketing", "channels": {"sms": {"en": f"{name} {text}"}}} for name in sorted(names)
    ]
    caps = {key: value for key, value in (("day", day), ("week", week)) if value is not None}
    policy = {**SHOP["outreach"], "caps": {"marketing": caps}, **outreach}
    return {**SHOP, "templates": templates, "campaigns": list(campaigns), "outreach": policy}


@pytest.fixture(scope="module")
def bare() -> Iterator[tuple[PlainWorld, Saved]]:
    with PlainWorld(SHOP, memory=True) as world:
        world.now = DAWN
        meet(world, [1])
        yield world, save(world)


def orders(bare: tuple[PlainWorld, Saved], config: dict[str, Any], arrange: Arrange, many: int = ORDERS) -> list[Any]:
    """What came of it, in so many orders."""
    world, saved = bare
    found = []
    for seed in range(many):
        restore(world, saved)
        world.lists.queues.clear()
        world.lists.swallowed.clear()
        world.x.turns.clear()
        world.providers.answer = None
        world.apply(Config.model_validate(compiled({**config, "version": f"{config['version']}-{seed}"})))
        clock = Clockwork(world, random.Random(seed))
        for one in config["campaigns"]:
            if "at" in one["starts"]:
                clock.fires(one["name"], when(one["starts"]["at"]))
        arrange(world, clock)
        clock.run(DAWN + timedelta(days=9))
        found.append(came(world))
    return found


def when(text: str) -> datetime:
    """By the clock in Istanbul."""
    return datetime.fromisoformat(f"{text}+03:00").astimezone(UTC)


def nothing(world: PlainWorld, clock: Clockwork) -> None:
    """No more than the schedules."""


def always(found: list[Any], **wanted: str) -> None:
    assert [one for one in found if one != wanted] == []


def test_of_two_at_one_time_the_greater_leaves(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T12:00"), campaign("b", 30, "2026-03-02T12:00"))
    always(orders(bare, config, nothing, 40), a="sent", b="cap.day")


def test_of_two_as_important_the_earlier_leaves(bare: Any) -> None:
    config = shop(campaign("a", 50, "2026-03-02T12:00"), campaign("b", 50, "2026-03-02T13:00"))
    always(orders(bare, config, nothing), a="sent", b="cap.day")


def test_a_lesser_one_of_the_morning_leaves_the_day_to_the_evening_s(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T18:00"), campaign("b", 30, "2026-03-02T12:00"))
    always(orders(bare, config, nothing), a="sent", b="cap.day")


@pytest.mark.parametrize("week", [1, 2, 3])
def test_the_week_s_slots_go_by_importance(bare: Any, week: int) -> None:
    config = shop(
        campaign("a", 90, "2026-03-05T12:00"), campaign("b", 60, "2026-03-04T12:00"),
        campaign("c", 30, "2026-03-03T12:00"), campaign("d", 10, "2026-03-02T12:00"), day=None, week=week,
    )  # fmt: skip
    wanted = {name: "sent" if number < week else "cap.week" for number, name in enumerate("abcd")}
    always(orders(bare, config, nothing), **wanted)


def test_three_at_one_time_for_two_slots(bare: Any) -> None:
    noon = "2026-03-02T12:00"
    config = shop(campaign("a", 70, noon), campaign("b", 50, noon), campaign("c", 30, noon), day=2)
    always(orders(bare, config, nothing, 40), a="sent", b="sent", c="cap.day")


def test_a_lesser_one_that_keeps_goes_on_the_next_day(bare: Any) -> None:
    noon = "2026-03-02T12:00"
    config = shop(campaign("a", 70, noon), campaign("b", 30, noon, stale="2d"))
    always(orders(bare, config, nothing), a="sent", b="sent")


def test_a_greater_one_that_waits_first_has_its_slot(bare: Any) -> None:
    config = shop(
        campaign("a", 70, "2026-03-02T12:00", steps=[{"wait": "4h"}, {"send": "a"}]), campaign("b", 30, "2026-03-02T13:00")
    )  # fmt: skip
    always(orders(bare, config, nothing), a="sent", b="cap.day")


def test_a_greater_one_s_second_message_has_its_slot(bare: Any) -> None:
    config = shop(
        campaign("a", 70, "2026-03-02T12:00", steps=[{"send": "a"}, {"wait": "1d"}, {"send": "a"}]),
        campaign("b", 30, "2026-03-03T10:00"),
    )
    always(orders(bare, config, nothing), a="sent", b="cap.day")


def test_a_greater_one_that_an_event_set_off_has_its_slot(bare: Any) -> None:
    thanks = campaign("a", 70, starts={"event": "purchase.completed"}, steps=[{"wait": "2h"}, {"send": "a"}])
    del thanks["everyone"]
    config = shop(thanks, campaign("b", 30, "2026-03-02T12:30"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when("2026-03-02T12:00"), lambda: bought(world)))

    always(orders(bare, config, arrange), a="sent", b="cap.day")


def bought(world: PlainWorld) -> None:
    body = {"type": "purchase.completed", "contact": {"channel": "sms", "address": phone(1)}}
    assert world.call("POST", "/v1/events", body, **ADMIN)[0] in (200, 201)


def does(world: PlainWorld, what: str, name: str) -> Callable[[], None]:
    def act() -> None:
        status, body = world.call("POST", f"/v1/campaigns/{name}/{what}", {}, **ADMIN)
        assert status in (200, 201), body

    return act


@pytest.mark.parametrize("moment", ["2026-03-02T11:00", "2026-03-02T12:30"])
@pytest.mark.parametrize("first", ["2026-03-02T12:00", "2026-03-02T18:00"])
def test_a_lesser_one_leaves_where_the_greater_is_paused(bare: Any, moment: str, first: str) -> None:
    """Whether the greater one was planned already, and holds its slot, or is to come."""
    config = shop(campaign("a", 70, first, steps=late(first)), campaign("b", 30, "2026-03-02T13:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when(moment), does(world, "pause", "a")))

    assert {one["b"] for one in orders(bare, config, arrange)} == {"sent"}


def late(first: str) -> list[dict[str, Any]]:
    """What begins at noon waits."""
    return [{"wait": "4h"}, {"send": "a"}] if first == "2026-03-02T12:00" else [{"send": "a"}]


def test_a_lesser_one_leaves_where_the_greater_is_cancelled(bare: Any) -> None:
    config = shop(
        campaign("a", 70, "2026-03-02T12:00", steps=late("2026-03-02T12:00")), campaign("b", 30, "2026-03-02T13:00")
    )

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when("2026-03-02T12:59"), does(world, "cancel", "a")))

    always(orders(bare, config, arrange), a="cancelled", b="sent")


def test_what_begins_after_it_was_cancelled_has_its_slot(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T18:00"), campaign("b", 30, "2026-03-02T13:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when("2026-03-02T12:00"), does(world, "cancel", "a")))

    always(orders(bare, config, arrange), a="sent", b="cap.day")


def test_a_greater_one_that_was_paused_when_it_was_planned_has_its_slot_again(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T12:00"), campaign("b", 30, "2026-03-02T13:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when("2026-03-02T11:00"), does(world, "pause", "a")))
        clock.at.append((when("2026-03-02T12:59"), lambda: later(world, clock)))

    def later(world: PlainWorld, clock: Clockwork) -> None:
        """Those who wait for it are told only after the other one was set off."""
        does(world, "resume", "a")()
        held = dict(world.lists.queues["outreach"])
        world.lists.queues["outreach"].clear()
        clock.at.append((when("2026-03-02T13:00"), lambda: world.lists.queues["outreach"].update(held)))

    always(orders(bare, config, arrange), a="sent", b="cap.day")


def test_a_lesser_one_leaves_where_the_greater_is_refused_by_the_provider(bare: Any) -> None:
    from router.wire import HttpRequest, HttpResponse

    config = shop(campaign("a", 70, "2026-03-02T12:00"), campaign("b", 30, "2026-03-02T14:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        def answer(request: HttpRequest) -> HttpResponse:
            if b"Body=a+" in request.body:
                return HttpResponse(400, {}, b'{"code": 21617, "message": "too long"}')
            return world.providers.take(request)

        world.providers.answer = answer

    always(orders(bare, config, arrange), a="failed", b="sent")


@pytest.mark.parametrize(
    "more",
    [{"holdout_percent": 90}, {"segment": "turks", "everyone": False}, {"channels": ["email"]}],
    ids=["held out", "not for them", "not reachable"],
)
def test_a_lesser_one_leaves_where_the_greater_is_not_for_this_person(bare: Any, more: dict[str, Any]) -> None:
    greater = campaign("a", 70, "2026-03-02T18:00", **more)
    config = shop(greater, campaign("b", 30, "2026-03-02T12:00"))
    config["segments"] = [{"name": "turks", "when": 'contact.language == "tr"'}]
    config["templates"][0]["channels"]["email"] = {"en": {"subject": "a", "text": "a {{ unsubscribe }}"}}
    assert {one["b"] for one in orders(bare, config, nothing, 6)} == {"sent"}


def test_a_lesser_one_leaves_where_the_greater_s_time_passed_before_it_was_configured(bare: Any) -> None:
    """No run of it ever comes."""
    greater = campaign("a", 70, starts={"cron": "0 7 * * mon", "zone": ZONE}, stale="3d")
    config = shop(greater, campaign("b", 30, "2026-03-02T12:00"), day=None, week=1)
    config["campaigns"][0]["starts"] = {"cron": "30 5 * * mon", "zone": ZONE}
    assert {one["b"] for one in orders(bare, config, nothing, 6)} == {"sent"}


def test_a_lesser_one_leaves_where_the_greater_was_planned_before_they_were_met(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T12:00", stale="1d"), campaign("b", 30, "2026-03-02T14:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        world.x.table.dynamo.take(("P#" + one_of(world), "contact"), "attribute_exists(#pk)", {})
        clock.at.append((when("2026-03-02T13:00"), lambda: meet(world, [2])))

    assert {one["b"] for one in orders(bare, config, arrange, 6)} == {"sent"}


def one_of(world: PlainWorld) -> str:
    from tests.kit.outreach import contact_of

    return contact_of(world, 1)


def test_a_greater_one_that_is_run_by_hand_has_its_slot(bare: Any) -> None:
    config = shop(campaign("a", 70, starts={"by_hand": True}), campaign("b", 30, "2026-03-02T12:00"))

    def arrange(world: PlainWorld, clock: Clockwork) -> None:
        clock.at.append((when("2026-03-02T11:59"), does(world, "run", "a")))
        clock.at.append((when("2026-03-02T12:00"), nothing_more))

    always(orders(bare, config, arrange), a="sent", b="cap.day")


def nothing_more() -> None:
    pass


def test_of_two_at_each_recipient_s_noon_the_greater_leaves(bare: Any) -> None:
    config = shop(campaign("a", 70, "2026-03-02T12:00"), campaign("b", 30, "2026-03-02T12:00"))
    for one in config["campaigns"]:
        one["starts"] = {"at": "2026-03-02T12:00", "zone": "recipient"}

    always(orders(bare, config, nothing, 30), a="sent", b="cap.day")
