"""What a waiting conversation asks for as it waits, who goes first, and that freed room looks at the line first (P7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from router.conversations import Conversation
from router.signals import Wake, waiting_row
from tests.kit.offering import SMS, act, floor, history, later, load, lose, now, presence, stands, writes
from tests.kit.world import World
from tests.promises.test_rules import ruled

On = Callable[[dict[str, Any]], World]
NO_OFFERS: dict[str, Any] = {"offers": {}}
LADDER: dict[str, Any] = {"steps": [{"needs": "genel>=4", "seconds": 30}, {"needs": "genel>=2", "seconds": 60}]}
THREE: dict[str, Any] = {
    "ayse": {"skills": {"genel": 1, "chat": 1}},
    "deniz": {"skills": {"genel": 2}},
    "mehmet": {"skills": {"genel": 4}},
}
STEPS = floor(THREE, LADDER, routing=NO_OFFERS)


def decisions(world: World, one: Conversation) -> list[tuple[str | None, str, int]]:
    """Each decision about it: the agent, what was asked, and since when."""
    return [(d["agent"], d["needs"], d["rung"]) for _, _, d in history(world, one, "decision")]


# --- steps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timers", ["ring", "are lost"])
def test_what_it_asks_for_relaxes_step_by_step(on: On, timers: str) -> None:
    """By the timers to the second, without them by the sweep within the minute."""
    world = on(STEPS)
    world.come_in("ayse")
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    presence(world, "deniz", "online")
    assert stands(world, one) == ("waiting", None), "the first step asks for level 4"
    if timers == "ring":
        later(world, seconds=29)
        assert stands(world, one) == ("waiting", None)
        later(world, seconds=1)
    else:
        lose(world)
        world.pump(sweep_too=True)
    assert stands(world, one) == ("active", "deniz")
    assert decisions(world, one) == [(None, "genel>=4", 0), ("deniz", "genel>=2", 30)]


@pytest.mark.parametrize("timers", ["ring", "are lost"])
def test_each_step_at_which_still_nobody_could_take_it_is_told_once(on: On, timers: str) -> None:
    """Somebody may ask tomorrow why nobody took it then; and nothing else that looks at it again is written."""
    world = on(STEPS)
    world.come_in("ayse")
    presence(world, "deniz", "online")
    presence(world, "deniz", "away")
    one = writes(world)
    for seconds in (30, 10, 20, 40):
        if timers == "are lost":
            lose(world)
        later(world, seconds=seconds)
        if timers == "are lost":
            world.pump(sweep_too=True)
        act(world, "mehmet", "notes", one, {"text": "Bekliyor"})
        presence(world, "deniz", "away")
    told = decisions(world, one)
    assert told[:2] == [(None, "genel>=4", 0), (None, "genel>=2", 30)]
    assert stands(world, one) == ("active", "ayse")
    assert told[2:] == [("ayse", "genel", 90)]
    *_, (_, _, relaxed), _ = history(world, one, "decision")
    assert set(relaxed["excluded"]) == {"presence:away", "presence:offline", "skill:genel>=2"}


def test_a_step_s_record_is_written_once_though_its_wake_up_comes_twice(on: On) -> None:
    world = on(STEPS)
    world.come_in("ayse")
    one = writes(world)
    world.pass_time(seconds=30)
    row = waiting_row(now(world, one))
    world.ring()
    world.x.queues.send([Wake("main", f"again{n}", row) for n in range(2)], world.now)
    world.pump()
    world.pass_time(seconds=1)
    world.x.queues.send([Wake("main", "later", row), Wake("main", "breach", waiting_row(now(world, one)))], world.now)
    world.pump()
    assert decisions(world, one) == [(None, "genel>=4", 0), (None, "genel>=2", 30)]
    assert stands(world, one) == ("waiting", None)


def test_the_last_step_is_the_queue_s_own_skill_and_ends_never(on: On) -> None:
    world = on(STEPS)
    world.come_in("ayse")
    one = writes(world)
    later(world, seconds=30)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=59)
    assert stands(world, one) == ("waiting", None)
    assert now(world, one).look_at == one.waiting_since + timedelta(seconds=90)  # type: ignore[operator]
    later(world, seconds=1)
    assert stands(world, one) == ("active", "ayse")
    assert now(world, one).look_at is None


def test_who_meets_the_first_step_gets_it_at_once(on: On) -> None:
    world = on(STEPS)
    for agent in THREE:
        world.come_in(agent)
    one = writes(world)
    assert stands(world, one) == ("active", "mehmet")


def test_a_queue_without_steps_asks_for_its_skill_from_the_beginning(on: On) -> None:
    world = on(floor(THREE, routing=NO_OFFERS))
    world.come_in("ayse")
    one = writes(world)
    assert stands(world, one) == ("active", "ayse")
    assert decisions(world, one) == [("ayse", "genel", 0)]


def test_a_step_that_began_while_it_was_offered_counts_when_it_waits_again(on: On) -> None:
    world = on(floor(THREE, LADDER))
    world.come_in("mehmet", "deniz")
    one = writes(world)
    assert stands(world, one) == ("offered", "mehmet")
    later(world, seconds=30)
    assert stands(world, one) == ("offered", "deniz")


@pytest.mark.parametrize("timers", ["ring", "are lost"])
def test_after_a_while_the_agents_of_another_queue_may_take_it_too(on: On, timers: str) -> None:
    world = on(floor(queue={"overflow": [{"queue": "uzman", "after_seconds": 45}]}, routing=NO_OFFERS))
    world.come_in("usta")
    one = writes(world)
    later(world, seconds=44)
    assert stands(world, one) == ("waiting", None)
    if timers == "ring":
        later(world, seconds=1)
    else:
        lose(world)
        world.pump(sweep_too=True)
    assert stands(world, one) == ("active", "usta")
    assert now(world, one).queue == "genel", "it stays its queue's"
    assert decisions(world, one)[-1] == ("usta", "genel or uzman", 45)


def test_overflow_comes_on_top_of_the_steps(on: On) -> None:
    world = on(floor(THREE, {**LADDER, "overflow": [{"queue": "uzman", "after_seconds": 40}]}, routing=NO_OFFERS))
    world.come_in("ayse", "usta")
    one = writes(world)
    later(world, seconds=30)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=10)
    assert stands(world, one) == ("active", "usta")
    assert decisions(world, one)[-1] == ("usta", "genel>=2 or uzman", 40)


def test_a_rule_s_steps_come_before_the_queue_s_own(on: On) -> None:
    expert = {
        "name": "order",
        "when": 'message.text.mentions(["sipariş*"])',
        "require": [{"needs": "genel>=5", "seconds": 20}],
    }
    agents = {**THREE, "ece": {"skills": {"genel": 5}}}
    world = on(floor(agents, LADDER, routing=NO_OFFERS, rules=ruled(expert)["rules"]))
    world.come_in("mehmet")
    plain = writes(world, 1, "Merhaba")
    assert stands(world, plain) == ("active", "mehmet")
    one = writes(world, 2, "Siparişim nerede?")
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=19)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("active", "mehmet")
    assert decisions(world, one) == [(None, "genel>=5", 0), ("mehmet", "genel>=4", 20)]
    world.come_in("ece")
    assert writes(world, 3, "Siparişim gelmedi").agent == "ece"


# --- languages -----------------------------------------------------------------------------------------------------

SPEAKERS: dict[str, Any] = {
    "ayse": {"skills": ["genel", "chat"], "languages": ["tr-TR"]},
    "john": {"skills": ["genel"], "languages": {"en-GB": 4}},
}
IN_LANGUAGE: dict[str, Any] = {"steps": [{"needs": "language", "seconds": 60}]}


def test_a_language_is_a_skill_that_is_asked_for_as_long_as_the_queue_says(on: On) -> None:
    world = on(floor(SPEAKERS, IN_LANGUAGE, routing=NO_OFFERS))
    world.come_in("ayse")
    world.mail("Where is my order?", to="support@example.com", sender="a@example.org")
    world.pump()
    (english,) = world.conversations()
    assert english.language == "en"
    assert stands(world, english) == ("waiting", None)
    world.mail("Siparişim nerede?", to="destek@example.com", sender="b@example.org")
    world.pump()
    turkish = next(c for c in world.conversations() if c.id != english.id)
    assert stands(world, turkish) == ("active", "ayse")
    later(world, seconds=60)
    assert stands(world, english) == ("active", "ayse"), "better than nobody"
    assert decisions(world, english) == [(None, "en", 0), ("ayse", "genel", 60)]


def test_who_speaks_it_is_asked_whatever_part_of_the_world_it_is_from(on: On) -> None:
    world = on(floor(SPEAKERS, IN_LANGUAGE, routing=NO_OFFERS))
    world.come_in("ayse", "john")
    world.mail("Where is my order?", to="support@example.com")
    world.pump()
    (english,) = world.conversations()
    assert stands(world, english) == ("active", "john")


# --- who goes first ------------------------------------------------------------------------------------------------

ONE_AT_A_TIME: dict[str, Any] = {"ayse": {"skills": ["genel", "chat"], "units": SMS}}


def served(world: World) -> list[str]:
    """Customers in the order in which Ayşe gets them, one after the other."""
    order: list[str] = []
    for _ in range(10):
        mine = [c for c in world.conversations() if c.agent == "ayse" and c.state == "active"]
        if not mine:
            return order
        order.append(mine[0].address[-2:])
        act(world, "ayse", "resolve", mine[0])
    return order


def test_the_tier_and_the_priority_that_rules_give_say_who_goes_first(on: On) -> None:
    rules = ruled(
        {"name": "gold", "when": 'message.text.mentions(["altın"])', "tier": "gold"},
        {"name": "bronze", "when": 'message.text.mentions(["bronz"])', "tier": "bronze"},
        {"name": "urgent", "when": 'message.text.mentions(["acil"])', "priority": 1},
    )["rules"]
    world = on(floor(ONE_AT_A_TIME, routing=NO_OFFERS, rules=rules))
    for number, text in enumerate(("bronz", "altın", "acil altın", "bronz acil")):
        writes(world, number, text)
        world.pass_time(seconds=1)
    world.come_in("ayse")
    world.pump()
    assert served(world) == ["02", "01", "03", "00"]


def test_room_that_comes_free_goes_to_the_line_before_a_newcomer(on: On) -> None:
    world = on(floor(ONE_AT_A_TIME, routing=NO_OFFERS))
    world.come_in("ayse")
    for number in range(4):
        writes(world, number)
        world.pass_time(seconds=1)
    first = world.conversations()[0]
    assert world.call("POST", f"/v1/conversations/{first.id}/resolve", {})[0] == 200
    writes(world, 9)  # its wake-up and the freed room's are in one batch
    assert [c.agent for c in world.conversations()][1:] == ["ayse", None, None, None]
    assert served(world) == ["01", "02", "03", "09"]


@pytest.mark.parametrize("how", ["decline", "transfer", "snooze", "time"])
def test_room_comes_free_in_many_ways_and_each_looks_at_the_line(on: On, how: str) -> None:
    world = on(floor(ONE_AT_A_TIME))
    world.come_in("ayse")
    one, waits = writes(world, 1), writes(world, 2)
    assert (stands(world, one), stands(world, waits)) == (("offered", "ayse"), ("waiting", None))
    if how in ("transfer", "snooze"):
        act(world, "ayse", "accept", one)
    world.pass_time(seconds=1)
    if how == "decline":
        act(world, "ayse", "decline", one)
    elif how == "transfer":
        act(world, "ayse", "transfer", one, {"queue": "uzman"})
    elif how == "snooze":
        act(world, "ayse", "snooze", one, {"until": (world.now + timedelta(hours=1)).isoformat()})
    else:
        later(world, seconds=30)
    assert stands(world, waits) == ("offered", "ayse")


def test_an_older_one_that_is_back_in_the_line_goes_before_younger_ones(on: On) -> None:
    """Declined, it keeps its place: who waits for longest goes first as soon as somebody may take it."""
    world = on(floor({**ONE_AT_A_TIME, "mehmet": {"skills": ["genel", "chat"], "units": SMS}}))
    world.come_in("ayse")
    oldest = writes(world, 1)
    world.pass_time(seconds=5)
    act(world, "ayse", "decline", oldest)
    younger = writes(world, 2)
    third = writes(world, 3)
    assert (stands(world, younger), stands(world, third)) == (("offered", "ayse"), ("waiting", None))
    world.come_in("mehmet")
    world.pump()
    assert stands(world, oldest) == ("offered", "mehmet")
    assert stands(world, third) == ("waiting", None)


def test_a_web_chat_that_is_due_goes_before_an_older_text_that_has_time(on: On) -> None:
    world = on(floor({"ayse": {"skills": ["genel", "chat"], "units": 4}}, routing=NO_OFFERS))
    writes(world, 1)
    world.pass_time(minutes=2)
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    world.pass_time(seconds=50)
    world.come_in("ayse")
    world.pump()
    assert {str(c.channel): c.agent for c in world.conversations()} == {"webchat": "ayse", "sms": None}
    assert load(world, "ayse").free == 0
