"""An offer's life: accepted, declined, let go by, taken back; and agents who let offers go by stay in (P5 to P7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.kit.offering import (
    SMS,
    act,
    desk,
    floor,
    history,
    later,
    load,
    lose,
    now,
    presence,
    stands,
    told,
    writes,
)
from tests.kit.world import World
from tests.promises.test_one_person import join, mail_contact, sms_contact

On = Callable[[dict[str, Any]], World]
TWO = floor()
ONE = floor({"ayse": {"skills": ["genel", "chat"]}})
HIS: dict[str, Any] = {"ayse": {"skills": ["genel", "chat"]}, "mehmet": {"skills": ["genel", "chat"], "units": 3}}


def first_of_two(world: World) -> str:
    """Ayşe, who is idle for longest, and Mehmet are in."""
    world.come_in("ayse")
    world.pass_time(seconds=1)
    world.come_in("mehmet")
    world.pump()
    world.pass_time(seconds=1)
    return "ayse"


def test_an_offer_is_the_agent_s_once_they_accept_it(on: On) -> None:
    world = on(ONE)
    desk(world, "ayse")
    world.come_in("ayse")
    one = writes(world)
    assert (one.state, one.agent, one.offer_until) == ("offered", "ayse", world.now + timedelta(seconds=30))
    assert load(world, "ayse").free == 12 - SMS, "what is offered takes room already"
    world.pass_time(seconds=20)
    act(world, "ayse", "accept", one)
    assert stands(world, one) == ("active", "ayse")
    assert now(world, one).decision == one.decision
    later(world, seconds=60)
    assert stands(world, one) == ("active", "ayse")
    assert told(world, "ayse") == ["offered"]
    assert [(what, who) for what, who, _ in history(world, one)] == [("decision", "match"), ("accept", "ayse")]


def test_only_whom_it_is_offered_to_can_accept_or_decline(on: On) -> None:
    world = on(TWO)
    first_of_two(world)
    one = writes(world)
    assert "offered to ayse" in act(world, "mehmet", "accept", one, status=403)["detail"]
    assert "offered to ayse" in act(world, "mehmet", "decline", one, status=403)["detail"]
    act(world, "ayse", "accept", one)
    assert "not offered any more: it is active, with ayse" in act(world, "mehmet", "accept", one, status=409)["detail"]
    act(world, "ayse", "decline", one, status=409)


def test_what_is_declined_goes_to_the_next_best_at_once(on: On) -> None:
    world = on(TWO)
    first_of_two(world)
    one = writes(world)
    assert one.agent == "ayse"
    world.pass_time(seconds=3)
    act(world, "ayse", "decline", one, {"reason": "Müşteri tanıdığım"})
    assert stands(world, one) == ("offered", "mehmet")
    assert now(world, one).waiting_since == one.waiting_since, "it keeps its place"
    ((_, who, detail),) = history(world, one, "decline")
    assert (who, detail["reason"], detail["decision"]) == ("ayse", "Müşteri tanıdığım", one.decision)
    *_, (_, _, decided) = history(world, one, "decision")
    assert "declined" in decided["excluded"]


def test_what_is_declined_is_not_offered_to_them_again_for_a_while(on: On) -> None:
    world = on(floor({"ayse": {"skills": ["genel", "chat"]}}, pools=[{"name": "main", "declined_seconds": 90}]))
    world.come_in("ayse")
    one = writes(world)
    act(world, "ayse", "decline", one)
    assert stands(world, one) == ("waiting", None)
    other = writes(world, 1)
    assert other.agent == "ayse", "she declined one conversation, not all"
    act(world, "ayse", "accept", other)
    later(world, seconds=89)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("offered", "ayse")


def test_an_offer_that_times_out_goes_on_to_the_next_best_and_the_agent_stays_in(on: On) -> None:
    world = on(TWO)
    desk(world, "ayse")
    first_of_two(world)
    one = writes(world)
    later(world, seconds=29)
    assert stands(world, one) == ("offered", "ayse")
    later(world, seconds=1)
    assert stands(world, one) == ("offered", "mehmet")
    assert (load(world, "ayse").presence, load(world, "ayse").free, load(world, "ayse").missed) == ("online", 12, 1)
    assert told(world, "ayse") == ["offered", "missed"]
    assert history(world, one, "missed")[0][2]["agent"] == "ayse"
    act(world, "ayse", "accept", one, status=403)


def test_an_offer_times_out_by_the_sweep_when_its_timer_is_lost(on: On) -> None:
    world = on(TWO)
    first_of_two(world)
    one = writes(world)
    lose(world)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("offered", "mehmet")


def test_who_let_it_go_by_is_asked_again_after_a_while_if_nobody_else_is_in(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    later(world, seconds=30)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=59)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("offered", "ayse")


def test_a_channel_without_an_offer_s_time_is_accepted_by_itself(on: On) -> None:
    world = on(ONE)
    desk(world, "ayse")
    world.come_in("ayse")
    world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    world.pass_time(seconds=1)
    world.mail("Merhaba")
    world.pump()
    chat, mail = world.conversations()
    assert [(one.channel, one.state) for one in (chat, mail)] == [("webchat", "active"), ("email", "offered")]
    assert mail.offer_until == world.now + timedelta(seconds=60)
    assert told(world, "ayse") == ["assigned", "offered"]


def test_a_queue_says_how_long_its_offers_stand_whatever_the_channel_says(on: On) -> None:
    world = on(floor({"ayse": {"skills": ["genel", "chat"]}}, {"offer_seconds": 0}))
    world.come_in("ayse")
    assert stands(world, writes(world, 1)) == ("active", "ayse")
    world = on(floor({"ayse": {"skills": ["genel", "chat"]}}, {"offer_seconds": 90}, routing={"offers": {}}))
    world.come_in("ayse")
    one = writes(world, 2)
    assert one.offer_until == world.now + timedelta(seconds=90)
    later(world, seconds=90)
    assert load(world, "ayse").missed == 1
    act(world, "ayse", "take", one)
    assert load(world, "ayse").missed == 0


def test_a_further_message_neither_takes_an_offer_back_nor_prolongs_it(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    world.pass_time(seconds=10)
    again = writes(world, text="Orada mısınız?")
    assert (again.id, again.state, again.offer_until) == (one.id, "offered", one.offer_until)


def test_an_answer_accepts_an_offer(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    world.reply(one.id, "Buyurun")
    later(world, seconds=40)
    assert stands(world, one) == ("pending", "ayse")
    assert load(world, "ayse").free == 12 - SMS


# --- taken back ----------------------------------------------------------------------------------------------------


def test_a_customer_who_goes_on_by_another_channel_takes_the_offer_back(on: On) -> None:
    world = on(ONE)
    desk(world, "ayse")
    world.sms("Merhaba")
    world.mail("Merhaba")
    world.pump()
    join(world, mail_contact(world), sms_contact(world), role="supervisor")
    world.come_in("ayse")
    world.pump()
    (one,) = [c for c in world.conversations() if c.state == "offered"]
    channel, units = one.channel, one.units
    world.pass_time(seconds=5)
    if channel == "email":
        world.sms("Burada daha kolay")
    else:
        world.mail("Burada daha kolay")
    world.work("inbound")
    assert stands(world, one) == ("waiting", None)
    assert load(world, "ayse").free == 12
    assert told(world, "ayse")[-1] == "withdrawn"
    act(world, "ayse", "accept", one, status=409)
    again = now(world, one)
    assert (again.state, again.agent) == ("offered", "ayse")
    assert (again.channel, again.units) != (channel, units)
    assert again.waiting_since == one.waiting_since, "it waits since the customer's first word"
    assert load(world, "ayse").missed == 0


def test_stop_while_it_is_offered_leaves_the_offer(on: On) -> None:
    """An open conversation goes on: what was asked before is still to be answered, by another way."""
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    again = writes(world, text="STOP")
    assert (again.id, again.state, again.offer_until) == (one.id, "offered", one.offer_until)
    act(world, "ayse", "accept", one)


@pytest.mark.parametrize("how", ["block", "spam", "resolve"])
def test_what_is_done_while_it_is_offered_is_offered_no_more(on: On, how: str) -> None:
    """Its room goes to who waits in line."""
    world = on(floor({"ayse": {"skills": ["genel", "chat"], "units": 3}}))
    desk(world, "ayse")
    world.come_in("ayse")
    one = writes(world)
    other = writes(world, 1)
    assert stands(world, other) == ("waiting", None)
    world.pass_time(seconds=1)
    if how == "block":
        path = f"/v1/contacts/{one.contact}/block"
        assert world.call("POST", path, {}, user="mehmet", role="supervisor")[0] == 200
        world.pump()
    else:
        act(world, "mehmet", how, one, role="supervisor")
    assert str(now(world, one).state) == "resolved"
    assert stands(world, other) == ("offered", "ayse")
    assert "changed" in told(world, "ayse")
    act(world, "ayse", "accept", one, status=409)
    later(world, seconds=30)
    assert history(world, one, "missed") == []


@pytest.mark.parametrize("state", ["away", "offline", "lunch"])
def test_who_goes_away_leaves_the_offer_to_the_next_best_at_once(on: On, state: str) -> None:
    """It is neither declined nor missed, and whoever goes hears that it is not theirs to accept any more."""
    world = on(floor(presences=[{"name": "lunch"}]))
    desk(world, "ayse")
    first_of_two(world)
    one = writes(world)
    assert stands(world, one) == ("offered", "ayse")
    world.pass_time(seconds=10)
    presence(world, "ayse", state)
    assert stands(world, one) == ("offered", "mehmet")
    again = now(world, one)
    assert (again.waiting_since, again.barred) == (one.waiting_since, ())
    assert (load(world, "ayse").free, load(world, "ayse").missed) == (12, 0)
    assert told(world, "ayse") == ["offered", "withdrawn"]
    ((_, who, detail),) = history(world, one, "withdrawn")
    assert (who, detail) == ("ayse", {"agent": "ayse", "decision": one.decision, "presence": state})
    assert history(world, one, "missed", "decline") == []
    assert "offered to mehmet" in act(world, "ayse", "accept", one, status=403)["detail"]
    act(world, "mehmet", "accept", one)


def test_who_goes_away_alone_leaves_the_offer_to_the_line_and_is_asked_again_when_back(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    one, other = writes(world), writes(world, 1)
    presence(world, "ayse", "away")
    assert {stands(world, each) for each in (one, other)} == {("waiting", None)}
    assert load(world, "ayse").free == 12
    *_, (_, _, decided) = history(world, one, "decision")
    assert "presence:away" in decided["excluded"]
    assert "not offered any more: it is waiting" in act(world, "ayse", "accept", one, status=409)["detail"]
    later(world, seconds=60)
    assert history(world, one, "missed") == []
    presence(world, "ayse", "online")
    assert {stands(world, each) for each in (one, other)} == {("offered", "ayse")}


def test_what_was_accepted_before_they_went_away_stays_theirs(on: On) -> None:
    world = on(TWO)
    first_of_two(world)
    one = writes(world)
    act(world, "ayse", "accept", one)
    presence(world, "ayse", "away")
    assert stands(world, one) == ("active", "ayse")
    assert history(world, one, "withdrawn") == []


def test_who_changes_to_another_state_that_gets_work_keeps_the_offer(on: On) -> None:
    world = on(floor(presences=[{"name": "back-office", "available": True}]))
    first_of_two(world)
    one = writes(world)
    presence(world, "ayse", "back-office")
    assert stands(world, one) == ("offered", "ayse")


def test_a_supervisor_who_sends_somebody_away_withdraws_their_offers(on: On) -> None:
    world = on(TWO)
    first_of_two(world)
    one = writes(world)
    body = {"presence": "away"}
    assert world.call("POST", "/v1/agents/ayse/presence", body, user="sef", role="supervisor")[0] == 200
    world.pump()
    assert stands(world, one) == ("offered", "mehmet")
    ((_, who, detail),) = history(world, one, "withdrawn")
    assert (who, detail["agent"]) == ("sef", "ayse")


def test_an_offer_to_whose_desk_stays_closed_is_withdrawn(on: On) -> None:
    world = on(floor(routing={"offers": {"sms": 600}}))
    connection = desk(world, "ayse")
    world.come_in("ayse")
    one = writes(world)
    world.come_in("mehmet")
    world.pump()
    world.socket("DISCONNECT", connection)
    for _ in range(4):
        world.pass_time(seconds=4)
        world.pump(sweep_too=True)
    assert stands(world, one) == ("offered", "mehmet")
    ((_, who, detail),) = history(world, one, "withdrawn")
    assert (who, detail["presence"]) == ("absence", "away")
    assert load(world, "ayse").missed == 0


def test_an_offer_to_a_state_that_a_new_version_gives_no_work_is_withdrawn_by_the_sweep(on: On) -> None:
    states: dict[str, Any] = {
        "presences": [{"name": "back-office", "available": True}],
        "routing": {"offers": {"sms": 600}},
    }
    world = on(floor(**states))
    world.come_in("ayse")
    presence(world, "ayse", "back-office")
    one = writes(world)
    assert stands(world, one) == ("offered", "ayse")
    made = floor(**states | {"presences": [{"name": "back-office"}]})
    world.apply(world._config.model_validate(made))
    world.pump(sweep_too=True)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("waiting", None)
    assert len(history(world, one, "withdrawn")) == 1


def test_an_offer_that_was_joined_is_withdrawn_under_its_new_name(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    world.mail("Merhaba")
    world.pump()
    (mail,) = world.conversations()
    act(world, "ayse", "accept", mail)
    act(world, "ayse", "resolve", mail)
    world.pass_time(seconds=5)
    assert stands(world, writes(world)) == ("offered", "ayse")
    join(world, mail_contact(world), sms_contact(world), role="supervisor")
    presence(world, "ayse", "away")
    (one,) = [c for c in world.conversations() if not c.state.done]
    assert (one.contact, one.state) == (mail_contact(world), "waiting")
    assert len(history(world, one, "withdrawn")) == 1


def test_an_offer_that_times_out_while_they_are_away_is_no_miss(on: On) -> None:
    """Whatever kept it from being withdrawn at once: the call that was to do it found no table."""
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    row = load(world, "ayse")
    changes = world.x.table.set_presence("main", "ayse", "away", 12, row, None, world.now, available=False)
    world.x.table.commit(*changes)
    later(world, seconds=30)
    assert stands(world, one) == ("waiting", None)
    assert (load(world, "ayse").free, load(world, "ayse").missed) == (12, 0)
    ((_, who, detail),) = history(world, one, "withdrawn")
    assert (who, detail["presence"]) == ("clock", "away")


# --- missed in a row -----------------------------------------------------------------------------------------------


def misses(world: World, times: int, customer: int = 50) -> None:
    """Ayşe alone is in, and lets offers of so many customers go by."""
    for number in range(times):
        one = writes(world, customer + number)
        assert stands(world, one) == ("offered", "ayse")
        later(world, seconds=30)
        act(world, "mehmet", "resolve", one, role="supervisor")


def test_three_missed_in_a_row_pause_an_agent_who_stays_in(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    misses(world, 3)
    paused = load(world, "ayse")
    assert (paused.presence, paused.missed, paused.paused_until) == ("online", 3, world.now + timedelta(seconds=300))
    one = writes(world)
    assert stands(world, one) == ("waiting", None)
    *_, (_, _, decided) = history(world, one, "decision")
    assert "paused" in decided["excluded"]
    later(world, seconds=299)
    assert stands(world, one) == ("waiting", None)
    later(world, seconds=1)
    assert stands(world, one) == ("offered", "ayse")


def test_a_pause_ends_by_the_sweep_when_its_timer_is_lost(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    misses(world, 3)
    one = writes(world)
    lose(world)
    world.pass_time(seconds=300)
    world.pump(sweep_too=True)
    assert stands(world, one) == ("offered", "ayse")


def test_an_offer_that_is_accepted_begins_the_row_anew(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    misses(world, 2)
    act(world, "ayse", "accept", writes(world, 10))
    misses(world, 2, customer=60)
    assert load(world, "ayse").paused_until is None
    assert load(world, "ayse").missed == 2


ACTIONS: dict[str, dict[str, Any]] = {
    "replies": {"text": "Buyurun"}, "notes": {"text": "İade istiyor"}, "resolve": {}, "transfer": {"queue": "uzman"},
    "snooze": {"until": "2026-03-03T09:00:00Z"}, "tags": {"add": ["iade"]},
}  # fmt: skip


@pytest.mark.parametrize("what", [*ACTIONS, "take", "decline", "accept", "presence"])
def test_any_action_of_theirs_ends_a_pause_and_the_line_is_looked_at(on: On, what: str) -> None:
    world = on(ONE)
    world.come_in("ayse")
    mine = writes(world, 1)
    act(world, "ayse", "accept", mine)
    misses(world, 2)
    open_ = writes(world, 2)
    world.pass_time(seconds=10)
    if what in ("accept", "decline"):  # offered to her still while she is paused for the one before
        kept = writes(world, 3)
        later(world, seconds=20)
        assert (stands(world, open_), stands(world, kept)) == (("waiting", None), ("offered", "ayse"))
    else:
        later(world, seconds=20)
    one = writes(world, 4)
    assert load(world, "ayse").paused_until is not None
    assert stands(world, one) == ("waiting", None)
    world.pass_time(seconds=1)
    if what == "presence":
        presence(world, "ayse", "online")
    elif what in ACTIONS:
        act(world, "ayse", what, mine, ACTIONS[what])
    elif what == "take":
        act(world, "ayse", "take", open_)
    else:
        act(world, "ayse", what, kept)
    assert (load(world, "ayse").paused_until, load(world, "ayse").missed) == (None, 0)
    assert stands(world, one) == ("offered", "ayse")


LIVE = floor({"ayse": {"skills": ["genel", "chat"]}}, routing={"offers": {"webchat": 30}})


def _chats(world: World) -> str:
    """A visitor writes in the chat; their connection."""
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    return connection


def test_who_leaves_the_chat_takes_the_offer_along_and_comes_back_by_writing(on: On) -> None:
    world = on(LIVE)
    desk(world, "ayse")
    world.come_in("ayse")
    connection = _chats(world)
    assert [c.state for c in world.conversations()] == ["offered"]
    assert world.frame(connection, {"type": "leave"}) == [{"type": "left"}]
    world.pump()
    (one,) = world.conversations()
    assert (one.state, load(world, "ayse").free, told(world, "ayse")) == ("resolved", 12, ["offered", "withdrawn"])
    assert world.frame(connection, {"type": "leave"}) == [{"type": "left"}]  # once more, on a bad line
    assert len(history(world, one, "left")) == 1
    world.pass_time(seconds=5)
    world.frame(connection, {"type": "message", "id": "2", "text": "Bir şey daha"})
    world.pump()
    assert [c.state for c in world.conversations()] == ["offered"]


def test_who_leaves_the_chat_while_in_line_leaves_the_line_and_an_agent_who_has_it_decides(on: On) -> None:
    world = on(LIVE)
    connection = _chats(world)
    world.frame(connection, {"type": "leave"})
    world.pump()
    assert ([c.state for c in world.conversations()], world.items("WAIT#")) == (["resolved"], [])
    desk(world, "ayse")
    world.come_in("ayse")
    world.pass_time(seconds=5)
    world.frame(connection, {"type": "message", "id": "2", "text": "Yine ben"})
    world.pump()
    act(world, "ayse", "accept", world.conversations()[0])
    world.frame(connection, {"type": "leave"})
    assert [c.state for c in world.conversations()] == ["active"]
    assert told(world, "ayse")[-1] == "changed"


def test_a_pause_that_is_over_begins_the_row_anew(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    misses(world, 3)
    later(world, seconds=300)
    misses(world, 1, customer=70)
    assert (load(world, "ayse").missed, load(world, "ayse").paused_until) == (1, None)


def test_another_s_answer_accepts_nothing_for_the_agent_whom_it_is_offered_to(on: On) -> None:
    world = on(TWO)
    name = first_of_two(world)
    one = writes(world)
    assert stands(world, one) == ("offered", name)
    act(world, "patron", "replies", one, {"text": "Hemen bakıyoruz"}, role="supervisor")
    assert stands(world, one) == ("offered", name)
    later(world, seconds=30)
    state, other = stands(world, one)
    assert state == "offered"
    assert other != name  # it timed out for the first, and went to the next


def test_a_skill_that_is_asked_for_by_hand_is_held_to_the_limits_of_the_configuration(on: On) -> None:
    world = on(ONE)
    world.come_in("ayse")
    one = writes(world)
    act(world, "ayse", "accept", one)
    many = {"any": ["genel", *(f"skill-{n}" for n in range(60))]}
    act(world, "ayse", "transfer", one, {"skill": many}, status=422)
