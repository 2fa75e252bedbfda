"""Offers, snoozes, steps and what people decide on them, stopped at each of their calls, and two of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from router.conversations import Conversation, State
from tests.crash.test_due import another_sweep, sweeps, works
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.offering import SMS, act, floor, history, later, load, lose, now, stands, writes
from tests.kit.promises import Seen, said
from tests.kit.world import World
from tests.promises.test_one_person import join, mail_contact, sms_contact

BOTH = ["genel", "chat"]
ONE = floor({"ayse": {"skills": BOTH}})
TWO = floor()
SMALL = floor({"ayse": {"skills": BOTH, "units": SMS}})
TWO_SMALL = floor({name: {"skills": BOTH, "units": SMS} for name in ("ayse", "mehmet")})
UNSKILLED = floor({"ayse": {"skills": BOTH}, "mehmet": {"skills": ["chat"]}}, routing={"offers": {}})
OWNED = floor(routing={"offers": {}})
"""Nothing is offered: what is matched is had."""
WRAPS = floor({"ayse": {"skills": BOTH}}, {"wrap_up_seconds": 120}, routing={"offers": {}})
STEPS = floor(
    {"ayse": {"skills": BOTH}, "mehmet": {"skills": {"genel": 3}}},
    {"steps": [{"needs": "genel>=3", "seconds": 60}]},
    routing={"offers": {}},
)
LIVE = floor({"ayse": {"skills": BOTH}}, routing={"offers": {"webchat": 30}})
SKILLED = floor({"ayse": {"skills": BOTH}, "deniz": {"skills": ["genel", "iade"]}}, routing={"offers": {}})
HELD = "/v1/conversations/{}/"


def the(world: World, conversation: str) -> Conversation:
    found = world.x.table.conversation(conversation)
    assert found is not None
    return found


def does(
    what: str, body: Mapping[str, Any] | None = None, *, user: str = "ayse", role: str = "agent"
) -> Callable[[World, Any], bool]:
    """A call with its key, which may come too late: its sender is told so, and that is an answer."""

    def call(world: World, conversation: str) -> bool:
        path, key = f"/v1/conversations/{conversation}/{what}", f"{user}-{what}"
        status, answer = world.call("POST", path, body or {}, user=user, role=role, key=key)
        assert status in (200, 403, 409, 500, 503), answer
        return status < 500

    return call


def snoozes(world: World, conversation: str) -> bool:
    """Ayşe puts it aside until five hours after it began, whenever she asks for it."""
    until = the(world, conversation).opened_at + timedelta(hours=5)
    return does("snooze", {"until": until.isoformat()})(world, conversation)


# --- eves ----------------------------------------------------------------------------------------------------------


def offered(world: World) -> str:
    """Ayşe has an offer, ten seconds old."""
    world.come_in("ayse")
    one = writes(world)
    assert stands(world, one) == ("offered", "ayse")
    world.pass_time(seconds=10)
    return str(one.id)


def offered_and_line(world: World) -> str:
    """Ayşe has an offer and no more room; somebody waits in line."""
    one = offered(world)
    assert stands(world, writes(world, 1)) == ("waiting", None)
    return one


def over(world: World) -> str:
    """The offer's time is over; its timer rings."""
    one = offered(world)
    world.pass_time(seconds=20)
    return one


def over_without_timers(world: World) -> str:
    one = over(world)
    lose(world)
    return one


def about_to_be_paused(world: World) -> str:
    """Ayşe has let two offers in a row go by, and lets the third go by."""
    world.come_in("ayse")
    for customer in (1, 2):
        one = writes(world, customer)
        later(world, seconds=30)
        act(world, "sef", "resolve", one, role="supervisor")
    assert load(world, "ayse").missed == 2
    one = writes(world)
    world.pass_time(seconds=30)
    return str(one.id)


def to_be_offered(world: World) -> None:
    """Two are in; three were routed, and the pool is woken."""
    world.come_in("ayse", "mehmet")
    world.pump()
    for customer in range(3):
        world.sms(sender=f"+155501{customer:02d}")
        world.work("inbound")
        world.pass_time(seconds=1)


def owned(world: World) -> str:
    """Ayşe has it, Mehmet is in."""
    world.come_in("ayse")
    world.pass_time(seconds=1)
    world.come_in("mehmet")
    one = writes(world)
    assert stands(world, one) == ("active", "ayse")
    world.pass_time(seconds=10)
    return str(one.id)


def asleep(world: World) -> str:
    """Ayşe put it aside for five minutes, which are over; its timer rings."""
    one = owned(world)
    until = world.now + timedelta(minutes=5)
    act(world, "ayse", "snooze", the(world, one), {"until": until.isoformat()})
    world.pass_time(minutes=5)
    return one


def asleep_without_timers(world: World) -> str:
    one = asleep(world)
    lose(world)
    return one


def asleep_and_written(world: World) -> str:
    """The customer writes while it is put aside."""
    one = owned(world)
    until = world.now + timedelta(hours=9)
    act(world, "ayse", "snooze", the(world, one), {"until": until.isoformat()})
    world.pass_time(minutes=1)
    world.sms("Hâlâ bekliyorum", sender="+15550199")
    return one


def in_line(world: World) -> str:
    """One waits, and Mehmet is in without the skill."""
    world.come_in("mehmet")
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    return str(one.id)


def nobody_ever_in(world: World) -> str:
    """One waits, and nobody has ever come in."""
    return str(writes(world).id)


def skilled(world: World) -> str:
    world.come_in("ayse")
    one = writes(world)
    world.come_in("deniz")
    world.pump()
    world.pass_time(seconds=10)
    return str(one.id)


def one_more_waits(world: World) -> str:
    """Ayşe has as much as fits, and one more waits."""
    world.come_in("ayse")
    first = writes(world)
    for customer in range(4):
        world.pass_time(seconds=1)
        last = writes(world, customer)
    assert stands(world, last) == ("waiting", None)
    return str(first.id)


def step_is_over(world: World) -> str:
    """It waited a minute for an expert who is not in: now Ayşe may have it, and the timer rings."""
    world.come_in("ayse")
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    world.pass_time(seconds=60)
    return str(one.id)


def nobody_at_the_next_step_either(world: World) -> str:
    """It waited a minute for an expert; Ayşe, who may have it now, is away, and the pool is woken."""
    one = writes(world)
    world.pass_time(seconds=60)
    world.ring()
    assert stands(world, the(world, str(one.id))) == ("waiting", None)
    return str(one.id)


def step_is_over_without_timers(world: World) -> str:
    one = step_is_over(world)
    lose(world)
    return one


def goes_elsewhere(world: World) -> str:
    """Offered as a mail; now the customer writes a text message."""
    world.mail("Merhaba")
    world.pump()
    world.pass_time(seconds=1)
    world.sms("Merhaba")
    world.pump()
    join(world, mail_contact(world), sms_contact(world), role="supervisor")
    world.come_in("ayse")
    world.pump()
    (one,) = [c for c in world.conversations() if c.state is State.OFFERED]
    assert one.channel == "email"
    world.pass_time(seconds=5)
    world.sms("Burada daha kolay")
    return str(one.id)


# --- what must have come of it -------------------------------------------------------------------------------------


def entries(world: World, conversation: str, what: str) -> list[Mapping[str, Any]]:
    return [detail for _, _, detail in history(world, the(world, conversation), what)]


def accepted_or_gone(world: World, conversation: str) -> None:
    """Hers once accepted, whatever came of the call; else it was offered on, and is nobody's until somebody accepts."""
    accepted = entries(world, conversation, "accept")
    assert len(accepted) <= 1
    if accepted:
        assert stands(world, the(world, conversation)) == ("active", "ayse")
    else:
        assert the(world, conversation).state in (State.OFFERED, State.WAITING)


def declined_once(world: World, conversation: str) -> None:
    assert len(entries(world, conversation, "decline")) <= 1
    assert the(world, conversation).state in (State.OFFERED, State.WAITING)
    assert entries(world, conversation, "decline") or entries(world, conversation, "missed")


def missed_once(world: World, conversation: str) -> None:
    """Each offer is missed at most once, the first one is; everybody is in."""
    decisions = [detail["decision"] for detail in entries(world, conversation, "missed")]
    assert decisions
    assert len(decisions) == len(set(decisions))
    assert load(world, "ayse").presence == "online"


def paused_once(world: World, conversation: str) -> None:
    missed_once(world, conversation)
    first, *_ = entries(world, conversation, "missed")
    assert first["in_a_row"] == 3
    assert "paused_until" in first


def offered_within_room(world: World, _: Any) -> None:
    made = [one for entries in Seen.of(world).history.values() for one in entries if one["what"] == "decision"]
    assert len([one for one in made if one["detail"]["agent"]]) >= 3


def asleep_as_asked(world: World, conversation: str) -> None:
    assert stands(world, the(world, conversation)) == ("snoozed", "ayse")
    assert load(world, "ayse").free == 12
    assert len(entries(world, conversation, "snooze")) == 1


def back_with_ayse(world: World, conversation: str) -> None:
    assert stands(world, the(world, conversation)) == ("active", "ayse")
    assert load(world, "ayse").free == 12 - SMS


def woken_once(world: World, conversation: str) -> None:
    back_with_ayse(world, conversation)
    assert len(entries(world, conversation, "awake")) == 1


def woken_by_the_customer(world: World, conversation: str) -> None:
    back_with_ayse(world, conversation)
    assert entries(world, conversation, "awake") == []
    assert said(world)[conversation] == ["Merhaba", "Hâlâ bekliyorum"]


def with_mehmet(world: World, conversation: str) -> None:
    assert stands(world, the(world, conversation)) == ("active", "mehmet")
    assert len(entries(world, conversation, "assign")) == 1


def had_by_mehmet(world: World, conversation: str) -> None:
    """Assigned once; after minutes it goes back to the line, as from any agent who stays away and owes an answer."""
    assert len(entries(world, conversation, "assign")) == 1
    back = len(entries(world, conversation, "returned")) == 1
    assert stands(world, the(world, conversation)) == (("waiting", None) if back else ("active", "mehmet"))
    assert load(world, "mehmet").free == (12 if back else 12 - SMS)


def with_deniz(world: World, conversation: str) -> None:
    assert stands(world, the(world, conversation)) == ("active", "deniz")
    assert len(entries(world, conversation, "transfer")) == 1


def all_served(world: World, conversation: str) -> None:
    """Who waited is hers, at the latest when she has wrapped up."""
    assert the(world, conversation).state is State.RESOLVED
    wraps = load(world, "ayse").wrap_until
    if wraps is None or wraps <= world.now:
        assert {c.agent for c in world.conversations()} == {"ayse"}


def hers(world: World, conversation: str) -> None:
    assert stands(world, the(world, conversation)) == ("active", "ayse")
    assert the(world, conversation).look_at is None


def told_each_step_once(world: World, conversation: str) -> None:
    assert [(one["agent"], one["rung"]) for one in entries(world, conversation, "decision")] == [(None, 0), (None, 60)]


def as_a_text(world: World, conversation: str) -> None:
    found = now(world, the(world, conversation))
    assert (found.channel, found.units) == ("sms", SMS)
    assert sorted(said(world)[conversation])[0] == "Burada daha kolay"
    assert all(detail["decision"] != "" for detail in entries(world, conversation, "missed"))


def goes(world: World, _: Any) -> bool:
    """Ayşe goes away; her page repeats until it is told that she is."""
    return world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"}, key="ayse-away")[0] == 200


def gone_unsaid(world: World) -> str:
    """Ayşe is away, and whoever was to withdraw her offer died."""
    one = offered(world)
    changes = world.x.table.set_presence(
        "main", "ayse", "away", 12, load(world, "ayse"), None, world.now, available=False
    )
    world.x.table.commit(*changes)
    return one


def ends_of_hers(world: World, conversation: str) -> list[str]:
    """The decisions that offered it to Ayşe, by how the offers ended without her doing."""
    ended = [one for what in ("missed", "withdrawn") for one in entries(world, conversation, what)]
    return [one["decision"] for one in ended if one["agent"] == "ayse"]


def gone_with_nothing(world: World, conversation: str) -> None:
    """Each offer to her has one end: withdrawn, or missed before her page came to say that she goes."""
    ended = ends_of_hers(world, conversation)
    assert ended
    assert len(ended) == len(set(ended))
    assert the(world, conversation).agent != "ayse"
    gone = load(world, "ayse")
    assert (gone.presence, gone.free, gone.missed) == ("away", 12, 0)


def one_end_or_hers(world: World, conversation: str) -> None:
    """Accepted first it is hers, until the customer waited for her long enough; else it is withdrawn. Never both, never missed."""
    accepted = entries(world, conversation, "accept")
    assert len(entries(world, conversation, "withdrawn")) == (0 if accepted else 1)
    assert len(entries(world, conversation, "returned")) == len(accepted)
    assert [one for one in entries(world, conversation, "missed") if one["agent"] == "ayse"] == []
    assert the(world, conversation).agent != "ayse"
    assert (load(world, "ayse").presence, load(world, "ayse").free) == ("away", 12)


def nothing_offered_to_who_is_gone(world: World, _: Any) -> None:
    assert [c.id for c in world.conversations() if c.agent == "ayse" and c.state.held] == []
    assert (load(world, "ayse").free, load(world, "ayse").missed) == (load(world, "ayse").units, 0)


ACCEPT, DECLINE = does("accept"), does("decline", {"reason": "Tanıdığım"})
ASSIGN = does("assign", {"agent": "mehmet", "note": "Ona ait"}, user="sef", role="supervisor")
TO_SKILL = does("transfer", {"skill": "iade", "seconds": 86400, "note": "İade"})
RESOLVE = does("resolve")


def chat_in_line(world: World) -> str:
    """A visitor waits in the chat, and nobody is in; their connection."""
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    return connection


def chat_offered(world: World) -> str:
    """A visitor's chat is offered to Ayşe; their connection."""
    world.come_in("ayse")
    world.pump()
    return chat_in_line(world)


def leaves(world: World, connection: str) -> bool:
    """They end the chat."""
    return world.frame(connection, {"type": "leave"}) == [{"type": "left"}]


def gone_from_the_chat(world: World, _: Any) -> None:
    (one,) = world.conversations()
    assert one.state is State.RESOLVED
    assert len(history(world, one, "left")) == 1
    assert not Seen.of(world).line


SCENARIOS = [
    Scenario("accept", offered, accepted_or_gone, ACCEPT, config=ONE),
    Scenario("accept, one waits", offered_and_line, accepted_or_gone, ACCEPT, config=SMALL),
    Scenario("decline", offered, declined_once, DECLINE, config=TWO),
    Scenario("decline, one waits", offered_and_line, declined_once, DECLINE, config=SMALL),
    Scenario("time-out.timer", over, missed_once, queue="timers", config=TWO),
    Scenario("time-out.sweep", over_without_timers, missed_once, sweeps, other=another_sweep, config=TWO),
    Scenario("time-out.pause", about_to_be_paused, paused_once, queue="timers", config=ONE),
    Scenario("match.offers", to_be_offered, offered_within_room, queue="match", config=TWO_SMALL),
    Scenario("match.offers to two", to_be_offered, offered_within_room, queue="match", config=TWO),
    Scenario("leave, offered", chat_offered, gone_from_the_chat, leaves, config=LIVE),
    Scenario("leave, in line", chat_in_line, gone_from_the_chat, leaves, config=LIVE),
    Scenario("go away", offered, gone_with_nothing, goes, config=TWO),
    Scenario("go away, alone", offered, gone_with_nothing, goes, config=ONE),
    Scenario("go away.sweep", gone_unsaid, one_end_or_hers, sweeps, other=another_sweep, config=TWO),
    Scenario("snooze", owned, asleep_as_asked, snoozes, config=OWNED),
    Scenario("awake.timer", asleep, woken_once, queue="timers", config=OWNED),
    Scenario("awake.sweep", asleep_without_timers, woken_once, sweeps, other=another_sweep, config=OWNED),
    Scenario("awake.message", asleep_and_written, woken_by_the_customer, queue="inbound", config=OWNED),
    Scenario("assign from line", in_line, with_mehmet, ASSIGN, config=UNSKILLED),
    Scenario("assign, never in", nobody_ever_in, had_by_mehmet, ASSIGN, config=UNSKILLED),
    Scenario("assign from an agent", owned, with_mehmet, ASSIGN, config=OWNED),
    Scenario("transfer.skill", skilled, with_deniz, TO_SKILL, config=SKILLED),
    Scenario("resolve, wrap-up", one_more_waits, all_served, RESOLVE, config=WRAPS),
    Scenario("step.timer", step_is_over, hers, queue="timers", config=STEPS),
    Scenario("step.sweep", step_is_over_without_timers, hers, sweeps, other=another_sweep, config=STEPS),
    Scenario("step, nobody", nobody_at_the_next_step_either, told_each_step_once, queue="match", config=STEPS),
    Scenario("withdraw", goes_elsewhere, as_a_text, queue="inbound", config=ONE),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_offer_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


# --- two at once ---------------------------------------------------------------------------------------------------


def one_owner_or_none(world: World, conversation: str) -> None:
    found = the(world, conversation)
    assert (found.state is State.WAITING) is (found.agent is None)


def never_both(world: World, conversation: str) -> None:
    """Accepted in time or missed: an offer has one end."""
    accepted = {detail["decision"] for detail in entries(world, conversation, "accept")}
    missed = {detail["decision"] for detail in entries(world, conversation, "missed")}
    declined = {detail["decision"] for detail in entries(world, conversation, "decline")}
    assert not accepted & missed
    assert not accepted & declined
    assert not declined & missed
    one_owner_or_none(world, conversation)


def a_text_comes(world: World, _: Any) -> bool:
    world.sms("Orada mısınız?", sender="+15550199")
    world.pump()
    return True


def mehmet_comes(world: World, _: Any) -> bool:
    path, body = "/v1/agents/mehmet/presence", {"presence": "online"}
    return world.call("POST", path, body, user="mehmet", key="mehmet-comes")[0] == 200


def two_over(world: World) -> str:
    """Ayşe lets two offers go by at the same moment."""
    world.come_in("ayse")
    one = writes(world)
    writes(world, 1)
    world.pass_time(seconds=30)
    return str(one.id)


def each_is_counted(world: World, conversation: str) -> None:
    """She never does anything, so all that she missed are in one row."""
    missed = [entry for entries in Seen.of(world).history.values() for entry in entries if entry["what"] == "missed"]
    assert load(world, "ayse").missed == len(missed)
    assert sorted(entry["detail"]["in_a_row"] for entry in missed) == list(range(1, len(missed) + 1))


BLOCK = does("spam", {"block": True}, user="sef", role="supervisor")
RACES = [
    Scenario("accept and time-out", over, never_both, ACCEPT, other=works("timers", "match"), config=TWO),
    Scenario("time-out and accept", over, never_both, queue="timers", other=ACCEPT, config=TWO),
    Scenario("decline and time-out", over, never_both, DECLINE, other=works("timers", "match"), config=TWO),
    Scenario("time-out by timer and sweep", over, never_both, queue="timers", other=sweeps, config=TWO),
    Scenario("two time-outs", two_over, each_is_counted, queue="timers", other=sweeps, config=ONE),
    Scenario("two time-outs, timers late", two_over, each_is_counted, sweeps, other=works("timers"), config=ONE),
    Scenario("accept and withdraw", goes_elsewhere, one_owner_or_none, ACCEPT, other=works("inbound", "match"), config=ONE),
    Scenario("withdraw and accept", goes_elsewhere, one_owner_or_none, queue="inbound", other=ACCEPT, config=ONE),
    Scenario("accept and go away", offered, one_end_or_hers, ACCEPT, other=goes, config=TWO),
    Scenario("go away and accept", offered, one_end_or_hers, goes, other=ACCEPT, config=TWO),
    Scenario("go away and time-out", over, gone_with_nothing, goes, other=works("timers", "match"), config=TWO),
    Scenario("time-out and go away", over, gone_with_nothing, queue="timers", other=goes, config=TWO),
    Scenario("match and go away", to_be_offered, nothing_offered_to_who_is_gone, queue="match", other=goes, config=TWO_SMALL),
    Scenario("go away and one more message", offered, one_end_or_hers, goes, other=a_text_comes, config=TWO),
    Scenario("go away and spam", offered, nothing_offered_to_who_is_gone, goes, other=BLOCK, config=TWO),
    Scenario("accept and one more message", offered, one_owner_or_none, ACCEPT, other=a_text_comes, config=ONE),
    Scenario("accept and spam", offered, one_owner_or_none, ACCEPT, other=BLOCK, config=ONE),
    Scenario("accept and assign", over, never_both, ACCEPT, other=ASSIGN, config=TWO),
    Scenario("assign and accept", offered, never_both, ASSIGN, other=ACCEPT, config=TWO),
    Scenario("assign and come in", nobody_ever_in, with_mehmet, ASSIGN, other=mehmet_comes, config=UNSKILLED),
    Scenario("awake by timer and by message", asleep, back_with_ayse, queue="timers", other=a_text_comes, config=OWNED),
    Scenario("awake by message and by timer", asleep_and_written, back_with_ayse, queue="inbound", other=sweeps, config=OWNED),
    Scenario("snooze and one more message", owned, one_owner_or_none, snoozes, other=a_text_comes, config=OWNED),
    Scenario("snooze and assign", owned, one_owner_or_none, snoozes, other=ASSIGN, config=OWNED),
    Scenario("step and take", step_is_over, hers, queue="timers", other=does("take"), config=STEPS),
    Scenario("take and step", step_is_over, hers, does("take"), other=works("timers", "match"), config=STEPS),
    Scenario("transfer to a skill and resolve", skilled, one_owner_or_none, TO_SKILL, other=RESOLVE, config=SKILLED),
]  # fmt: skip


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_two_ends_of_an_offer_at_once(ground: Ground, race: Scenario) -> None:
    ground.run(race, "pause")
