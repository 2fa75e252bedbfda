"""Who has a conversation by people's will: taken, assigned, handed on, put aside, reopened; and who may get one at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.config import Config
from tests.kit.offering import SMS, act, desk, floor, history, later, load, lose, now, presence, stands, told, writes
from tests.kit.promises import Seen
from tests.kit.world import START, World

On = Callable[[dict[str, Any]], World]
NO_OFFERS: dict[str, Any] = {"offers": {}}
BOTH = ("genel", "chat")
TWO = floor(routing=NO_OFFERS)
ONE = floor({"ayse": {"skills": BOTH}}, routing=NO_OFFERS)
LEVELS = floor(
    {"ayse": {"skills": {"genel": 1, "chat": 1}}, "mehmet": {"skills": {"genel": 3, "chat": 1}}}, routing=NO_OFFERS
)
"""Mehmet is the better one."""


def active(world: World, *agents: str) -> Any:
    """These are in, the first one for longest, and has a conversation."""
    for agent in agents:
        world.come_in(agent)
        world.pass_time(seconds=1)
    world.pump()
    one = writes(world)
    assert (one.state, one.agent) == ("active", agents[0])
    world.pass_time(seconds=10)
    return one


def at(world: World, **by: float) -> str:
    return (world.now + timedelta(**by)).isoformat()


# --- who may get one -----------------------------------------------------------------------------------------------

STATES = floor(
    routing=NO_OFFERS, presences=[{"name": "back-office", "available": True}, {"name": "training"}]
)  # fmt: skip


def test_a_state_of_the_house_gets_conversations_if_it_says_so(on: On) -> None:
    world = on(STATES)
    presence(world, "ayse", "training")
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    ((_, _, decided),) = history(world, one, "decision")
    assert "presence:training" in decided["excluded"]
    presence(world, "mehmet", "back-office")
    assert stands(world, one) == ("active", "mehmet")
    assert "they are online, away, offline, back-office, training" in _refused(world, "ayse", "lunch")


def _refused(world: World, agent: str, state: str) -> str:
    status, answer = world.call("POST", f"/v1/agents/{agent}/presence", {"presence": state}, user=agent)
    assert status == 422
    return str(answer["detail"])


@pytest.mark.parametrize("how", ["timer", "sweep", "presence"])
def test_who_wraps_up_gets_nothing_new_until_then(on: On, how: str) -> None:
    world = on(floor({"ayse": {"skills": BOTH}}, {"wrap_up_seconds": 60}, routing=NO_OFFERS))
    one = active(world, "ayse")
    act(world, "ayse", "resolve", one)
    other = writes(world, 1)
    assert stands(world, other) == ("waiting", None)
    ((_, _, decided),) = history(world, other, "decision")
    assert "wrap-up" in decided["excluded"]
    later(world, seconds=59)
    assert stands(world, other) == ("waiting", None)
    if how == "timer":
        later(world, seconds=1)
    elif how == "presence":
        presence(world, "ayse", "online")
    else:
        lose(world)
        world.pump(sweep_too=True)
    assert stands(world, other) == ("active", "ayse")


def test_of_two_wrap_ups_the_one_that_ends_later_counts(on: On) -> None:
    queues = [
        {"name": "genel", "skill": "genel", "wrap_up_seconds": 300},
        {"name": "chat", "skill": "chat", "wrap_up_seconds": 10},
        {"name": "uzman", "skill": "uzman"},
    ]
    world = on(floor({"ayse": {"skills": BOTH}}, routing=NO_OFFERS, queues=queues))
    one = active(world, "ayse")
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    chat = next(c for c in world.conversations() if c.channel == "webchat")
    act(world, "ayse", "resolve", one)
    until = load(world, "ayse").wrap_until
    assert until == world.now + timedelta(seconds=300)
    world.pass_time(seconds=5)
    act(world, "ayse", "resolve", chat)
    assert load(world, "ayse").wrap_until == until


def test_who_wraps_up_may_take_the_next_by_hand(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH}}, {"wrap_up_seconds": 600}, routing=NO_OFFERS))
    one = active(world, "ayse")
    act(world, "ayse", "resolve", one)
    other = writes(world, 1)
    act(world, "ayse", "take", other)
    assert stands(world, other) == ("active", "ayse")


SHIFTS = floor(
    {"ayse": {"skills": BOTH, "hours": "late"}, "mehmet": {"skills": BOTH}},
    routing=NO_OFFERS,
    calendars=[{"name": "late", "zone": "UTC", "open": {"mon-fri": ["09:05-17:00"]}}],
)
"""Ayşe's shift begins in five minutes."""


def test_nothing_is_given_outside_working_hours_and_at_once_when_they_begin(on: On) -> None:
    world = on(SHIFTS)
    world.come_in("ayse")
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    ((_, _, decided),) = history(world, one, "decision")
    assert "hours" in decided["excluded"]
    world.now = START + timedelta(minutes=5)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("active", "ayse")


def test_whoever_is_off_shift_may_take_one_by_hand(on: On) -> None:
    world = on(SHIFTS)
    world.come_in("ayse")
    one = writes(world)
    act(world, "ayse", "take", one)
    assert stands(world, one) == ("active", "ayse")


BRANDS = floor({"ayse": {"skills": BOTH, "brands": ["default"]}, "mehmet": {"skills": BOTH}}, routing=NO_OFFERS)


def test_who_may_not_answer_for_a_brand_is_not_picked_and_may_not_answer(on: On) -> None:
    world = on(BRANDS)
    world.come_in("ayse")
    world.mail("Where is my order?", to="help@shop.example")
    world.pump()
    (one,) = world.conversations()
    assert (one.group, one.state) == ("shop", "waiting")
    ((_, _, decided),) = history(world, one, "decision")
    assert "permission:shop" in decided["excluded"]
    assert "permission:shop" in act(world, "ayse", "take", one, status=409)["detail"]
    refused = act(world, "mehmet", "assign", one, {"agent": "ayse"}, role="supervisor", status=409)
    assert refused["detail"] == "ayse may not answer customers of shop", (
        "her answer would be refused, and a customer waits"
    )
    world.come_in("mehmet")
    world.pump()
    act(world, "mehmet", "replies", one, {"text": "It is on its way"})


def test_who_lost_the_permission_may_not_answer_even_what_they_have(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH}}, routing=NO_OFFERS))
    world.come_in("ayse")
    world.mail("Where is my order?", to="help@shop.example")
    world.pump()
    (one,) = world.conversations()
    assert stands(world, one) == ("active", "ayse")
    world.apply(Config.model_validate(BRANDS))
    assert "customers of shop" in act(world, "ayse", "replies", one, {"text": "Yes"}, status=403)["detail"]


# --- handed on -----------------------------------------------------------------------------------------------------


def test_who_hands_it_to_a_queue_says_why_and_does_not_get_it_back_at_once(on: On) -> None:
    world = on(ONE)
    one = active(world, "ayse")
    act(world, "ayse", "transfer", one, {"queue": "genel", "note": "İngilizce bilen biri"})
    assert stands(world, one) == ("waiting", None)
    ((_, who, detail),) = history(world, one, "transfer")
    assert (who, detail) == ("ayse", {"queue": "genel", "from": "ayse", "note": "İngilizce bilen biri"})
    *_, (_, _, decided) = history(world, one, "decision")
    assert "declined" in decided["excluded"]
    later(world, seconds=119)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("active", "ayse"), "but nobody waits for ever"


def test_what_is_handed_to_a_queue_goes_to_a_colleague_in_it(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "transfer", one, {"queue": "genel"})
    assert stands(world, one) == ("active", "mehmet")
    assert (load(world, "ayse").free, load(world, "mehmet").free) == (12, 12 - SMS)


def test_what_is_handed_to_a_colleague_is_theirs_without_an_offer(on: On) -> None:
    world = on(floor())
    desk(world, "mehmet")
    world.come_in("ayse")
    world.pump()
    one = writes(world)
    act(world, "ayse", "accept", one)
    world.come_in("mehmet")
    act(world, "ayse", "transfer", one, {"agent": "mehmet", "note": "Faturası"})
    assert stands(world, one) == ("active", "mehmet")
    assert told(world, "mehmet") == ["changed"]
    assert history(world, one, "transfer")[0][2]["note"] == "Faturası"


def test_a_colleague_without_the_skill_the_room_or_a_shift_is_refused_with_the_reason(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH}, "mehmet": {"skills": BOTH, "units": 2}}, routing=NO_OFFERS))
    one = active(world, "ayse")
    assert "is not in" in act(world, "ayse", "transfer", one, {"agent": "mehmet"}, status=409)["detail"]
    world.come_in("mehmet", "usta")
    assert "capacity" in act(world, "ayse", "transfer", one, {"agent": "mehmet"}, status=409)["detail"]
    assert "skill:genel" in act(world, "ayse", "transfer", one, {"agent": "usta"}, status=409)["detail"]
    assert stands(world, one) == ("active", "ayse")


def test_what_is_handed_to_a_skill_asks_for_it_for_a_while_then_for_what_its_queue_asks(on: On) -> None:
    world = on(
        floor(
            {"ayse": {"skills": BOTH}, "mehmet": {"skills": BOTH}, "deniz": {"skills": ["iade", "genel"]}},
            routing=NO_OFFERS,
        )
    )
    one = active(world, "ayse", "mehmet")
    body = {"skill": "iade", "seconds": 60, "note": "İade"}
    act(world, "ayse", "transfer", one, body)
    assert stands(world, one) == ("waiting", None), "Mehmet is free and has not the skill"
    later(world, seconds=59)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("active", "mehmet")
    act(world, "mehmet", "transfer", one, body)
    world.come_in("deniz")
    world.pump()
    assert stands(world, one) == ("active", "deniz")


def test_a_skill_that_nobody_has_is_no_place_to_hand_it_to(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse")
    answer = act(world, "ayse", "transfer", one, {"skill": "uzay"}, status=422)
    assert "no agent of pool 'main' has this: uzay" in answer["detail"]
    act(world, "ayse", "transfer", one, {"skill": "genel", "queue": "uzman"}, status=422)
    act(world, "ayse", "transfer", one, {"skill": "genel >> 3"}, status=422)
    assert stands(world, one) == ("active", "ayse")


def test_an_offer_can_be_handed_on_as_well(on: On) -> None:
    world = on(floor())
    world.come_in("ayse")
    world.pass_time(seconds=1)
    world.come_in("mehmet")
    one = writes(world)
    assert stands(world, one) == ("offered", "ayse")
    act(world, "ayse", "transfer", one, {"agent": "mehmet"})
    assert stands(world, one) == ("active", "mehmet")
    later(world, seconds=60)
    assert stands(world, one) == ("active", "mehmet")
    assert load(world, "ayse").missed == 0


# --- taken, assigned -----------------------------------------------------------------------------------------------


def test_one_is_taken_by_hand_under_what_it_asks_for_now(on: On) -> None:
    world = on(
        floor(
            {"ayse": {"skills": {"genel": 1, "chat": 1}}, "mehmet": {"skills": {"genel": 3}}},
            {"steps": [{"needs": "genel>=3", "seconds": 60}]},
            routing=NO_OFFERS,
        )
    )
    presence(world, "ayse", "online")
    one = writes(world)
    assert "skill:genel>=3" in act(world, "ayse", "take", one, status=409)["detail"]
    presence(world, "ayse", "away")
    later(world, seconds=60)
    assert "presence:away" in act(world, "ayse", "take", one, status=409)["detail"]
    lose(world, "match")
    assert world.call("POST", "/v1/agents/ayse/presence", {"presence": "online"})[0] == 200
    assert world.call("POST", f"/v1/conversations/{one.id}/take", {})[0] == 200
    ((_, _, detail),) = history(world, one, "take")
    assert detail["decision"]["needs"] == "genel"
    assert detail["decision"]["waited_ms"] == 60_000


def test_a_supervisor_assigns_over_everything_but_units_and_permission(on: On) -> None:
    world = on(
        floor(
            {
                "ayse": {"skills": ["chat"], "limits": {"sms": 0}},
                "mehmet": {"skills": BOTH, "units": 2},
                "bora": {"skills": BOTH, "brands": ["shop"]},
            },
            routing=NO_OFFERS,
        )
    )
    for agent in ("ayse", "mehmet", "bora"):
        presence(world, agent, "online")
        presence(world, agent, "away")
    one = writes(world)
    act(world, "mehmet", "assign", one, {"agent": "ayse"}, status=403)
    answer = act(world, "sef", "assign", one, {"agent": "mehmet"}, role="supervisor", status=409)
    assert answer["detail"].startswith("mehmet cannot take it")
    answer = act(world, "sef", "assign", one, {"agent": "bora"}, role="supervisor", status=409)
    assert answer["detail"] == "bora may not answer customers of default"
    act(world, "sef", "assign", one, {"agent": "ayse", "note": "Yalnız o tanıyor"}, role="supervisor")
    assert stands(world, one) == ("active", "ayse")
    assert load(world, "ayse").free == 12 - SMS
    ((_, who, detail),) = history(world, one, "assign")
    assert (who, detail["note"]) == ("sef", "Yalnız o tanıyor")
    assert detail["decision"]["overruled"] == "presence:away"


NEVER_IN = floor(
    {
        "ayse": {"skills": BOTH},
        "mehmet": {"skills": BOTH},
        "small": {"skills": BOTH, "units": 2},
        "vize": {"skills": ["genel"], "pool": "other"},
    },
    routing=NO_OFFERS,
    queues=[*floor()["queues"], {"name": "vize", "skill": "genel", "pool": "other"}],
)


def test_a_supervisor_assigns_to_one_who_has_never_come_in(on: On) -> None:
    world = on(NEVER_IN)
    one = writes(world)
    act(world, "sef", "assign", one, {"agent": "ayse"}, role="supervisor")
    assert stands(world, one) == ("active", "ayse")
    ((_, _, detail),) = history(world, one, "assign")
    assert detail["decision"]["overruled"] == "presence:offline"
    act(world, "sef", "assign", one, {"agent": "mehmet"}, role="supervisor")  # and from one straight to another
    assert stands(world, one) == ("active", "mehmet")
    assert (load(world, "ayse").free, load(world, "mehmet").free) == (12, 12 - SMS)
    other = writes(world, 1)
    assert stands(world, other) == ("waiting", None)  # who was assigned one is not in by that
    presence(world, "mehmet", "online")
    assert stands(world, other) == ("active", "mehmet")
    assert load(world, "mehmet").free == 12 - 2 * SMS


def test_nobody_is_assigned_more_than_their_units_or_what_another_pool_has_who_has_never_come_in(on: On) -> None:
    world = on(NEVER_IN)
    one = writes(world)
    answer = act(world, "sef", "assign", one, {"agent": "small"}, role="supervisor", status=409)
    assert answer["detail"].startswith("small cannot take it")
    answer = act(world, "sef", "assign", one, {"agent": "vize"}, role="supervisor", status=409)
    assert answer["detail"] == "vize belongs to another pool"
    assert world.x.table.load("other", "vize") is None
    act(world, "ayse", "take", one, status=409)  # one's own conversations want one's presence
    assert stands(world, one) == ("waiting", None)


def test_a_supervisor_takes_an_offer_or_a_conversation_from_one_and_gives_it_to_another(on: On) -> None:
    world = on(floor())
    desk(world, "ayse")
    world.come_in("ayse")
    world.pass_time(seconds=1)
    world.come_in("mehmet")
    one = writes(world)
    assert stands(world, one) == ("offered", "ayse")
    act(world, "sef", "assign", one, {"agent": "mehmet"}, role="supervisor")
    assert stands(world, one) == ("active", "mehmet")
    assert told(world, "ayse")[-1] == "changed"
    act(world, "sef", "assign", one, {"agent": "ayse"}, role="supervisor")
    assert stands(world, one) == ("active", "ayse")
    assert (load(world, "ayse").free, load(world, "mehmet").free) == (12 - SMS, 12)


# --- put aside -----------------------------------------------------------------------------------------------------


def test_what_is_snoozed_takes_no_room_and_comes_back_to_its_agent_first(on: On) -> None:
    world = on(LEVELS)
    one = active(world, "ayse")
    presence(world, "mehmet", "online")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    assert stands(world, one) == ("snoozed", "ayse")
    assert load(world, "ayse").free == 12
    later(world, seconds=299)
    assert stands(world, one) == ("snoozed", "ayse")
    later(world, seconds=1)
    assert stands(world, one) == ("active", "ayse"), "Mehmet is better, and she knows it"
    *_, (_, _, decided) = history(world, one, "decision")
    assert decided["chosen"] == ["last agent"]


def test_a_snooze_ends_by_the_sweep_when_its_timer_is_lost_or_was_too_far_off(on: On) -> None:
    world = on(ONE)
    one = active(world, "ayse")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    lose(world)
    world.pass_time(minutes=5)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("active", "ayse")
    act(world, "ayse", "snooze", one, {"until": at(world, days=3)})
    assert world.queued("timers") == 0
    world.pass_time(days=3)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("active", "ayse")


def test_the_customer_s_next_message_ends_a_snooze(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "snooze", one, {"until": at(world, days=1)})
    world.pass_time(minutes=3)
    again = writes(world, text="Hâlâ bekliyorum")
    assert (again.id, again.state, again.agent) == (one.id, "active", "ayse")
    later(world, days=1)
    assert history(world, one, "awake") == []


def test_what_comes_back_goes_to_somebody_else_at_once_if_its_agent_is_not_free(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    presence(world, "ayse", "away")
    later(world, minutes=5)
    assert stands(world, one) == ("active", "mehmet")


def test_an_answer_leaves_a_snooze_as_it_is(on: On) -> None:
    """The agent's room was given away when it was put aside: it is not theirs to take by answering."""
    world = on(floor({"ayse": {"skills": BOTH, "units": SMS}}, routing=NO_OFFERS))
    one = active(world, "ayse")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    other = writes(world, 1)
    assert stands(world, other) == ("active", "ayse")
    act(world, "ayse", "replies", one, {"text": "Yarın yazacağım"})
    assert stands(world, one) == ("snoozed", "ayse")
    assert load(world, "ayse").free == 0
    assert [send.state for send in Seen.of(world).sends.values()] == ["sent"]


def test_its_agent_takes_it_out_of_its_snooze_if_there_is_room_for_it(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH, "units": SMS}, "mehmet": {"skills": BOTH}}, routing=NO_OFFERS))
    one = active(world, "ayse")
    act(world, "ayse", "snooze", one, {"until": at(world, hours=5)})
    other = writes(world, 1)
    assert stands(world, other) == ("active", "ayse")
    assert "capacity" in act(world, "ayse", "take", one, status=409)["detail"]
    assert "snoozed, with ayse" in act(world, "mehmet", "take", one, status=409)["detail"]
    act(world, "ayse", "resolve", other)
    act(world, "ayse", "take", one)
    assert stands(world, one) == ("active", "ayse")
    assert (load(world, "ayse").free, now(world, one).snoozed_until) == (0, None)
    later(world, hours=5)
    assert history(world, one, "awake") == []


def test_only_what_somebody_has_can_be_snoozed_and_only_until_a_time_to_come(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH}}))
    world.come_in("ayse")
    one = writes(world)
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)}, status=409)  # an offer
    act(world, "ayse", "accept", one)
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=0)}, status=422)
    act(world, "ayse", "snooze", one, {"until": at(world, days=400)}, status=422)
    act(world, "mehmet", "snooze", one, {"until": at(world, minutes=5)}, status=403)


def test_a_snooze_that_is_asked_for_again_after_its_time_has_its_first_answer(on: On) -> None:
    """The answer was lost, and the page asks once more when the time is over already; another time is another request."""
    world = on(ONE)
    one = active(world, "ayse")
    path, body = f"/v1/conversations/{one.id}/snooze", {"until": at(world, minutes=5)}
    assert world.call("POST", path, body, key="once")[0] == 200
    world.pump()
    later(world, minutes=6)
    assert world.call("POST", path, body, key="once")[0] == 200
    assert world.call("POST", path, body, key="twice")[0] == 422
    assert world.call("POST", path, {"until": at(world, minutes=5)}, key="once")[0] == 422
    assert stands(world, one) == ("active", "ayse")
    assert len(history(world, one, "snooze")) == 1


def test_what_is_snoozed_can_be_handed_on_resolved_and_snoozed_for_longer(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=10)})
    later(world, minutes=5)
    assert stands(world, one) == ("snoozed", "ayse")
    act(world, "ayse", "transfer", one, {"agent": "mehmet"})
    assert stands(world, one) == ("active", "mehmet")
    act(world, "mehmet", "snooze", one, {"until": at(world, minutes=10)})
    act(world, "mehmet", "resolve", one)
    later(world, minutes=10)
    assert stands(world, one) == ("resolved", "mehmet")
    assert (load(world, "ayse").free, load(world, "mehmet").free) == (12, 12)


# --- reopened ------------------------------------------------------------------------------------------------------


def reopened(world: World, one: Any, how: str) -> None:
    world.pass_time(minutes=1)
    if how == "customer":
        writes(world, text="Bir şey daha")
    else:
        act(world, "sef", "reopen", one, role="supervisor")


@pytest.mark.parametrize("how", ["customer", "supervisor"])
def test_who_comes_back_goes_to_who_had_them_if_that_agent_is_free(on: On, how: str) -> None:
    world = on(LEVELS)
    one = active(world, "ayse")
    act(world, "ayse", "resolve", one)
    presence(world, "mehmet", "online")
    reopened(world, one, how)
    assert stands(world, one) == ("active", "ayse"), "Mehmet is better, and she knows it"


@pytest.mark.parametrize("how", ["customer", "supervisor"])
@pytest.mark.parametrize("why", ["offline", "full", "off shift", "not wanted"])
def test_who_comes_back_goes_to_the_best_other_at_once_if_not(on: On, how: str, why: str) -> None:
    ayse = {"skills": {"genel": 5, "chat": 1}, "units": SMS, "hours": "early"}
    world = on(
        floor(
            {"ayse": ayse, "mehmet": {"skills": {"genel": 3}}, "deniz": {"skills": {"genel": 1}}},
            routing=NO_OFFERS,
            calendars=[{"name": "early", "zone": "UTC", "open": {"mon": ["08:00-09:01"]}}],
            pools=[{"name": "main", "last_agent": why != "not wanted"}],
        )
    )
    one = active(world, "ayse")
    act(world, "ayse", "resolve", one)
    if why == "offline":
        presence(world, "ayse", "offline")
    elif why == "full":
        assert writes(world, 1).agent == "ayse"
    presence(world, "deniz", "online")
    presence(world, "mehmet", "online")
    if why == "not wanted":
        presence(world, "ayse", "offline")
        presence(world, "ayse", "online")
    if why in ("off shift", "not wanted"):
        world.pass_time(seconds=30)
    reopened(world, one, how)
    assert stands(world, one) == ("active", "mehmet")


def test_what_was_handed_on_is_not_its_first_agent_s_when_it_is_reopened(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "transfer", one, {"agent": "mehmet"})
    act(world, "mehmet", "resolve", one)
    reopened(world, one, "customer")
    assert stands(world, one) == ("active", "mehmet")


def test_its_history_tells_all_of_it_in_order(on: On) -> None:
    world = on(TWO)
    one = active(world, "ayse", "mehmet")
    act(world, "ayse", "snooze", one, {"until": at(world, minutes=5)})
    world.pass_time(minutes=5)
    world.ring()
    later(world, seconds=1)
    act(world, "ayse", "transfer", one, {"agent": "mehmet"})
    world.pass_time(seconds=1)
    act(world, "mehmet", "resolve", one)
    assert [what for what, _, _ in history(world, one)] == [
        "decision",
        "snooze",
        "awake",
        "decision",
        "transfer",
        "resolve",
    ]
    assert isinstance(now(world, one).resolved_at, datetime)
