"""Deadlines over the whole way of a message: counted from what happened, told once at each stage, corrected by what comes late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from router.config import Config
from router.conversations import Conversation, State
from router.sla import Clock, clock_of
from router.targets import Target
from tests.kit.crash import Ground
from tests.kit.offering import history
from tests.kit.promises import check
from tests.kit.world import CONFIG, START, World
from tests.promises.test_one_person import join, mail_contact, open_ones, separate, sms_contact

CHAT: dict[str, Any] = {
    "name": "chat",
    "accept": "20s",
    "first_response": "30s",
    "next_response": "2m",
    "resolution": "4h",
    "remind": "1m",
    "reminders": 2,
}
MAIL: dict[str, Any] = {
    "name": "mail",
    "calendar": "office",
    "first_response": "1h",
    "resolution": "8h",
    "tiers": {"gold": {"first_response": "15m"}},
}
OFFICE: dict[str, Any] = {"name": "office", "zone": "UTC", "open": {"mon-fri": ["09:00-12:30", "13:30-18:00"]}}
POLICIES: dict[str, Any] = {
    **CONFIG,
    "version": "policies",
    "calendars": [OFFICE],
    "sla": [CHAT, MAIL],
    "queues": [
        {"name": "genel", "skill": "genel", "sla": "mail"},
        {"name": "chat", "skill": "chat", "sla": "chat"},
        {"name": "uzman", "skill": "uzman", "first_response_minutes": 60},
    ],
}


@pytest.fixture
def world(ground: Ground) -> World:
    """A world with policies, on a Monday at nine."""
    return ground.begin(POLICIES)


def changed(**policies: Any) -> Config:
    """The same with other policies."""
    known = {"chat": CHAT, "mail": MAIL, **policies}
    return Config.model_validate({**POLICIES, "version": f"policies-{len(str(policies))}", "sla": list(known.values())})


def only(world: World) -> Conversation:
    """The one conversation."""
    (found,) = world.conversations()
    assert isinstance(found, Conversation)
    return found


def clock(world: World, target: Target) -> Clock:
    """Its clock of a target, as a desk shows it."""
    shown = world.call("GET", f"/v1/conversations/{only(world).id}", role="supervisor")[1]
    (one,) = [one for one in shown["conversation"]["clocks"] if one["target"] == target]
    times = {name: _time(one[name]) for name in ("started_at", "due_at", "ended_at")}
    assert times["started_at"] is not None
    return Clock(
        target, times["started_at"], times["due_at"], None, 100 * one["breached"], times["ended_at"], one["met"]
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def stages(world: World) -> list[tuple[str, str, int]]:
    """What its clocks have set off: kind, target, per cent."""
    told = history(world, only(world), "warning", "breach", "reminder")
    return [(what, detail["target"], detail["share"]) for what, _, detail in told]


def passing(world: World, seconds: int) -> None:
    """So many seconds, one by one, by timers alone."""
    for _ in range(seconds):
        world.pass_time(seconds=1)
        world.ring()
        world.pump()


def chat(world: World, text: str = "Merhaba") -> str:
    """A customer opens the chat and writes."""
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "c1", "text": text})
    world.pump()
    return connection


def test_thirty_seconds_of_chat_are_kept_by_timers_and_not_by_the_sweep(world: World) -> None:
    chat(world)
    seen: dict[str, int] = {}
    for second in range(1, 160):
        passing(world, 1)
        for what, target, share in stages(world):
            seen.setdefault(f"{target} {share} {what}", second)
    assert seen == {
        "accept 75 warning": 15,
        "accept 90 warning": 18,
        "accept 100 breach": 20,
        "first_response 75 warning": 23,
        "first_response 90 warning": 27,
        "first_response 100 breach": 30,
        "accept 101 reminder": 80,
        "first_response 101 reminder": 90,
        "accept 102 reminder": 140,
        "first_response 102 reminder": 150,
    }
    assert len(stages(world)) == len(seen)
    assert world.counts["SlaBreached"] == 2
    check(world, settled=False)


def test_who_takes_it_stops_the_clock_of_acceptance_and_an_answer_that_of_the_response(world: World) -> None:
    chat(world)
    world.pass_time(seconds=10)
    world.come_in("ayse")
    world.pump()
    assert clock(world, Target.ACCEPT).ended_at == START + timedelta(seconds=10)
    world.pass_time(seconds=5)
    world.reply(only(world).id)
    world.pump()
    answered = clock(world, Target.FIRST_RESPONSE)
    assert (answered.ended_at, answered.met) == (START + timedelta(seconds=15), True)
    assert clock(world, Target.RESOLUTION).due_at is None  # it stands still: the customer's turn
    passing(world, 60)
    assert stages(world) == []
    check(world)


def test_a_further_message_starts_the_next_response_and_mere_thanks_do_not(world: World) -> None:
    world.come_in("ayse")
    connection = chat(world)
    world.reply(only(world).id)
    world.pump()
    world.pass_time(seconds=30)
    world.frame(connection, {"type": "message", "id": "c2", "text": "Teşekkürler!"})
    world.pump()
    assert only(world).state is State.PENDING
    world.pass_time(seconds=30)
    world.frame(connection, {"type": "message", "id": "c3", "text": "Bir de iade nasıl oluyor?"})
    world.pump()
    assert only(world).state is State.ACTIVE
    further = clock(world, Target.NEXT_RESPONSE)
    assert (further.started_at, further.due_at) == (START + timedelta(seconds=60), START + timedelta(seconds=180))
    passing(world, 121)
    assert stages(world)[-1] == ("breach", "next_response", 100)
    world.reply(only(world).id, key="late")
    world.pump()
    late = clock(world, Target.NEXT_RESPONSE)
    assert (late.met, late.ended_at) == (True, world.now)
    check(world)


def test_resolution_counts_neither_the_customer_s_turn_nor_a_snooze_nor_the_night(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    conversation = only(world).id
    assert clock(world, Target.RESOLUTION).due_at == START + timedelta(hours=9)  # eight hours and the lunch break
    world.pass_time(hours=1)
    world.reply(conversation)
    world.pump()
    world.pass_time(hours=2)
    world.mail("Numarası 42")
    world.pump()
    assert clock(world, Target.RESOLUTION).due_at == START + timedelta(days=1, hours=2)  # two hours of pause
    until = (world.now + timedelta(hours=24)).isoformat()
    assert world.call("POST", f"/v1/conversations/{conversation}/snooze", {"until": until})[0] == 200
    assert clock(world, Target.RESOLUTION).due_at is None
    world.pass_time(hours=24)
    world.pump(sweep_too=True)
    assert clock(world, Target.RESOLUTION).due_at is not None
    check(world)


def test_another_policy_counts_anew_from_what_happened_and_keeps_the_pause(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.reply(only(world).id)
    world.pump()
    world.pass_time(hours=1)
    world.apply(changed(mail={**MAIL, "resolution": "4h"}))  # while it stands still
    for _ in range(7):
        world.sweep()
    assert clock(world, Target.RESOLUTION).due_at is None
    world.pass_time(hours=1)
    world.mail("Numarası 42")
    world.pump()
    paused = world.now - START
    due = clock(world, Target.RESOLUTION).due_at
    assert due == START + timedelta(hours=5) + paused  # four hours, the lunch break, and the whole pause
    check(world)


def test_a_policy_that_comes_later_is_counted_for_those_who_wait_without_their_doing_anything(world: World) -> None:
    world.mail("Siparişim nerede?")
    world.pump()
    assert only(world).alarm_at == START + timedelta(minutes=45)
    world.apply(changed(mail={**MAIL, "first_response": "20m"}))
    world.sweep()
    assert only(world).alarm_at == START + timedelta(minutes=15)
    world.pass_time(minutes=15)
    world.sweep()
    assert stages(world) == [("warning", "first_response", 75)]
    check(world, settled=False)


def test_a_late_message_moves_the_start_and_a_stage_that_was_told_is_not_told_again(world: World) -> None:
    early = world.post_mail("1")
    world.pass_time(minutes=10)
    world.mail("2")
    world.pump()
    world.pass_time(minutes=46)
    world.sweep()
    assert stages(world) == [("warning", "first_response", 75)]
    world.mail_event(early)
    world.pump()
    world.sweep()
    assert clock(world, Target.FIRST_RESPONSE).started_at == START
    told = [("warning", "first_response", 75), ("warning", "first_response", 90)]
    assert stages(world) == told
    world.pass_time(minutes=4)
    world.sweep()
    assert stages(world) == [*told, ("breach", "first_response", 100)]
    check(world, settled=False)


def test_after_an_outage_every_stage_is_told_once_and_of_reminders_only_the_last(world: World) -> None:
    chat(world)
    world.pass_time(hours=1)  # nothing ran
    for _ in range(3):
        world.sweep()
        world.pump()
        world.ring()
    told = stages(world)
    assert len(set(told)) == len(told)
    assert [stage for stage in told if stage[0] == "reminder"] == [
        ("reminder", target, 102) for target in ("accept", "first_response")
    ]
    assert {stage for stage in told if stage[0] == "breach"} == {
        ("breach", t, 100) for t in ("accept", "first_response")
    }
    check(world, settled=False)


def test_a_reopened_conversation_owes_an_answer_anew_or_goes_on_as_the_policy_says(world: World) -> None:
    world.apply(changed(mail={**MAIL, "next_response": "2h", "reopened": "continues"}))
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    conversation = only(world).id
    world.reply(conversation)
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve", {})[0] == 200
    world.pump()
    world.pass_time(hours=1)
    world.mail("Hâlâ gelmedi")
    world.pump()
    assert clock(world, Target.NEXT_RESPONSE).due_at == world.now + timedelta(hours=2)
    assert clock(world, Target.RESOLUTION).started_at == START
    world.apply(changed(mail={**MAIL, "next_response": "2h"}))
    assert clock(world, Target.FIRST_RESPONSE).started_at == world.now
    assert clock(world, Target.RESOLUTION).started_at == world.now


def test_a_tier_has_its_own_deadline(ground: Ground) -> None:
    rules = [{"name": "vip", "tier": "gold"}]
    world = ground.begin({**POLICIES, "rules": rules, "version": "tiers"})
    world.mail("Siparişim nerede?")
    world.pump()
    assert clock(world, Target.FIRST_RESPONSE).due_at == START + timedelta(minutes=15)
    check(world, settled=False)


def test_a_transfer_puts_it_under_the_other_queue_s_policy_from_its_first_message_on(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.pass_time(minutes=10)
    assert world.call("POST", f"/v1/conversations/{only(world).id}/transfer", {"queue": "uzman"})[0] == 200
    world.pump()
    assert clock(world, Target.FIRST_RESPONSE).due_at == START + timedelta(hours=1)
    assert [one.target for one in only(world).clocks] == [Target.FIRST_RESPONSE]  # its queue promises nothing else
    check(world)


def test_the_customer_who_leaves_the_chat_stops_every_clock(world: World) -> None:
    connection = chat(world)
    world.frame(connection, {"type": "leave"})
    world.pump()
    assert only(world).state is State.RESOLVED
    assert not any(one.running for one in only(world).clocks)
    passing(world, 40)
    assert stages(world) == []
    check(world)


def test_what_became_due_sooner_in_line_is_still_looked_at_then_after_somebody_took_it(world: World) -> None:
    world.mail("Siparişim nerede?")
    world.pump()
    world.apply(changed(mail={**MAIL, "first_response": "40m"}))
    world.sweep()
    world.come_in("ayse")
    world.pump()
    assert only(world).state is State.ACTIVE
    world.now = START + timedelta(minutes=31)
    world.sweep()  # no timer reached so far
    assert stages(world) == [("warning", "first_response", 75)]
    check(world, settled=False)


def test_a_promise_made_in_line_is_still_looked_at_in_time_after_somebody_took_it(world: World) -> None:
    world.mail("Siparişim nerede?")
    world.pump()
    told = {"until": (START + timedelta(minutes=40)).isoformat(), "what": "call"}
    assert world.call("POST", f"/v1/conversations/{only(world).id}/promises", told, role="supervisor")[0] == 200
    world.come_in("ayse")
    world.pump()
    world.now = START + timedelta(minutes=31)
    world.sweep()
    assert stages(world) == [("warning", "promise", 75)]
    check(world, settled=False)


def test_thanks_stay_thanks_when_two_people_are_parted(world: World) -> None:
    world.apply(changed(mail={**MAIL, "next_response": "1h"}))
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.pass_time(minutes=5)
    world.reply(only(world).id)
    world.pass_time(minutes=5)
    world.mail("Teşekkürler!")
    world.pass_time(minutes=5)
    world.sms("Merhaba, bir sorum var")
    world.pump()
    mail, sms = mail_contact(world), sms_contact(world)
    join(world, mail, sms)
    world.pump()
    separate(world, mail, sms)
    world.pump()
    parted = {one.contact: one for one in open_ones(world)}
    assert [(one.target, one.running) for one in parted[mail].clocks] == [
        (Target.FIRST_RESPONSE, False),
        (Target.RESOLUTION, True),
    ]
    (first, _) = parted[sms].clocks
    assert (first.target, first.started_at) == (Target.FIRST_RESPONSE, START + timedelta(minutes=15))
    check(world)


def test_thanks_that_reopened_nothing_reopen_nothing_later_either(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.pass_time(minutes=5)
    conversation = only(world).id
    world.reply(conversation)
    assert world.call("POST", f"/v1/conversations/{conversation}/resolve", {})[0] == 200
    world.pass_time(minutes=5)
    world.mail("Teşekkürler!")
    world.pump()
    world.apply(changed(mail={**MAIL, "thanks": False}))
    assert world.call("POST", f"/v1/conversations/{conversation}/tags", {"add": ["iade"]})[0] == 200
    assert only(world).state is State.RESOLVED
    assert not any(one.running for one in only(world).clocks)
    check(world)


def test_who_goes_on_waiting_by_another_channel_is_promised_what_they_were(world: World) -> None:
    """Two minutes of SMS, counted from a mail of an hour ago, would be over before anybody could read them."""
    world.apply(changed(mail={**MAIL, "first_response": "4h", "channels": {"sms": {"first_response": "2m"}}}))
    world.mail("Siparişim nerede?")
    world.sms("Merhaba")
    world.pump()
    mail, sms = mail_contact(world), sms_contact(world)
    join(world, mail, sms)
    world.pass_time(hours=1)
    for say in (world.mail, world.sms):
        say("Hâlâ bekliyorum")
        world.pump()
    (one,) = open_ones(world)
    assert (one.channel, one.began_by) == ("sms", "email")
    assert clock_of(one.clocks, Target.FIRST_RESPONSE) == Clock(
        Target.FIRST_RESPONSE, START, START + timedelta(hours=5), START + timedelta(hours=3)
    )  # with the lunch break
    why = world.call("GET", f"/v1/conversations/{one.id}/sla", role="supervisor")[1]["clocks"][0]
    assert why["promised"]["given_by"] == "policy"


def test_another_policy_warns_of_promises_too_as_it_says(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    conversation = only(world).id
    world.reply(conversation)  # no clock runs but the promise's
    told = {"until": (START + timedelta(hours=4)).isoformat(), "what": "call"}
    assert world.call("POST", f"/v1/conversations/{conversation}/promises", told)[0] == 200
    world.apply(changed(mail={**MAIL, "warn_at": [25]}))
    world.sweep()
    world.pass_time(hours=1)
    world.sweep()
    assert stages(world) == [("warning", "promise", 25)]
    check(world, settled=False)
