"""What two people are while they are one, and that nothing of the one stays with the other when they are parted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from router.conversations import Conversation, State
from router.promises import Standing
from tests.kit.crash import Ground
from tests.kit.promises import check
from tests.kit.world import CONFIG, START, World
from tests.promises.test_one_person import (
    contact,
    join,
    mail_contact,
    open_ones,
    separate,
    sms_contact,
    texts,
    two_channels,
)


def of(world: World, who: str) -> Conversation:
    return next(c for c in open_ones(world) if c.contact == who)


def load(world: World, agent: str) -> tuple[int, dict[str, int]]:
    found = world.x.table.load("main", agent)
    assert found is not None
    return found.free, {channel: held for channel, held in found.counts.items() if held}


@pytest.mark.parametrize("agents", [(), ("ayse",)])
def test_the_deadline_that_comes_first_is_the_joint_one(world: World, agents: tuple[str, ...]) -> None:
    """A mail has an hour, a chat that came ten minutes later has one minute."""
    world.mail("Siparişim nerede?")
    world.pump()
    world.pass_time(minutes=10)
    if agents:
        world.come_in(*agents)
        world.pump()
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "c1", "text": "Merhaba"})
    world.pump()
    join(world, mail_contact(world), contact(world, "webchat", "ziyaretci1"))
    (one,) = open_ones(world)
    assert [promise.due_at for promise in one.promises] == [START + timedelta(minutes=11)]
    assert one.alarm_at == START + timedelta(minutes=10, seconds=45)  # three quarters of its minute
    world.pass_time(seconds=61)
    world.ring()
    (one,) = open_ones(world)
    assert [promise.standing for promise in one.promises] == [Standing.BROKEN]
    world.pump(sweep_too=True)
    check(world)


def test_an_answered_conversation_takes_over_the_deadline_of_one_that_waits(world: World) -> None:
    world.come_in("ayse")
    world.mail("Siparişim nerede?")
    world.pump()
    world.reply(open_ones(world)[0].id)
    world.call("POST", "/v1/agents/ayse/presence", {"presence": "away"})
    world.pass_time(seconds=30)
    world.sms("Cevap veren yok mu?")
    world.pump()
    join(world, mail_contact(world), sms_contact(world))
    (one,) = open_ones(world)
    assert (one.agent, one.state) == ("ayse", State.ACTIVE)
    (promise,) = one.promises
    assert (promise.open, promise.made_at) == (True, START + timedelta(seconds=30))
    check(world)


def test_one_agent_who_had_all_four_conversations_of_two_brands_is_freed_of_two(world: World) -> None:
    world.come_in("ayse", "mehmet")
    for to in ("destek@example.com", "help@shop.example"):
        world.mail("Ben", to=to)
        world.pump()
        world.mail("Yine ben", sender="iki@example.net", to=to)
        world.pump()
        for one in open_ones(world):
            if one.agent != "mehmet" and one.contact != mail_contact(world):
                world.call("POST", f"/v1/conversations/{one.id}/transfer", {"agent": "mehmet"}, role="supervisor")
                world.pump()
    before = {name: load(world, name) for name in ("ayse", "mehmet")}
    join(world, mail_contact(world), contact(world, "email", "iki@example.net"))
    assert len(open_ones(world)) == 2
    held = sum(12 - load(world, name)[0] for name in ("ayse", "mehmet"))
    assert (held, sum(12 - free for free, _ in before.values())) == (12, 24)
    world.pump(sweep_too=True)
    check(world)


def test_what_the_list_shows_of_each_is_their_own_again(world: World) -> None:
    two_channels(world, agents=("ayse",))
    a, b = mail_contact(world), sms_contact(world)
    join(world, a, b)
    (one,) = open_ones(world)
    world.pass_time(seconds=5)
    world.reply(one.id, "SMS ile cevap")
    world.pump()
    world.pass_time(seconds=5)
    world.sms("Bu gizli")
    world.pump()
    separate(world, a, b)
    mine, theirs = of(world, a), of(world, b)
    assert (mine.preview, mine.subject, mine.last_inbound_at) == ("Siparişim nerede?", "Sipariş", START)
    assert (mine.last_send, mine.last_outbound_at) == (None, None)
    assert (theirs.preview, theirs.subject, theirs.references) == ("Bu gizli", None, ())
    assert theirs.last_inbound_at == START + timedelta(seconds=40)
    status, body = world.call("GET", "/v1/conversations", role="supervisor")
    assert status == 200
    assert "Bu gizli" not in str(next(row for row in body["conversations"] if row["id"] == mine.id))
    world.pump(sweep_too=True)
    check(world)


def test_who_waited_before_the_join_still_waits_since_then_and_by_their_own_deadline(world: World) -> None:
    two_channels(world)
    a, b = mail_contact(world), sms_contact(world)
    before = of(world, b)
    join(world, a, b)
    world.pass_time(minutes=20)
    separate(world, a, b)
    theirs = of(world, b)
    assert (theirs.state, theirs.waiting_since, theirs.first_response) == (
        State.WAITING,
        before.waiting_since,
        before.first_response,
    )
    world.pump(sweep_too=True)
    check(world)


def test_a_deadline_that_was_lent_goes_back_to_its_owner(world: World) -> None:
    connection = world.open_chat()
    world.mail("Siparişim nerede?")
    world.pump()
    world.frame(connection, {"type": "message", "id": "c1", "text": "Merhaba"})
    world.pump()
    a, b = mail_contact(world), contact(world, "webchat", "ziyaretci1")
    join(world, a, b)
    separate(world, a, b)
    clocks = [of(world, who).first_response for who in (a, b)]
    assert [clock and clock.due_at for clock in clocks] == [START + timedelta(hours=1), START + timedelta(minutes=1)]


def test_a_conversation_that_was_all_the_others_ends_when_they_go(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.call("POST", f"/v1/conversations/{open_ones(world)[0].id}/resolve", {})
    world.pump()
    world.mail("Yeni konu")
    world.pump()
    a, b = sms_contact(world), mail_contact(world)
    join(world, a, b)
    assert load(world, "ayse") == (6, {"email": 1})
    separate(world, a, b)
    (one,) = open_ones(world)
    assert (one.contact, texts(world, one.id)) == (b, ["Yeni konu"])
    world.pump(sweep_too=True)
    assert load(world, "ayse") == (6, {"email": 1})
    check(world)


def test_a_block_a_name_and_a_wish_go_with_whom_they_came(ground: Ground) -> None:
    world = ground.begin(CONFIG)
    two_channels(world)
    a, b = mail_contact(world), sms_contact(world)
    assert world.call("POST", f"/v1/contacts/{b}/block", {}, role="supervisor")[0] == 200
    join(world, a, b)
    assert world.x.table.contact(a).blocked_at is not None  # type: ignore[union-attr]
    separate(world, a, b)
    mine, theirs = world.x.table.contact(a), world.x.table.contact(b)
    assert mine is not None
    assert theirs is not None
    assert (mine.blocked_at, mine.lent) == (None, ())
    assert theirs.blocked_at is not None
    world.pass_time(seconds=5)
    world.mail("Ben engellenmedim")
    world.pump()
    assert of(world, a).preview == "Ben engellenmedim"


def test_a_block_by_hand_of_the_joint_person_stays(world: World) -> None:
    two_channels(world)
    a, b = mail_contact(world), sms_contact(world)
    join(world, a, b)
    assert world.call("POST", f"/v1/contacts/{a}/block", {}, role="supervisor")[0] == 200
    separate(world, a, b)
    assert world.x.table.contact(a).blocked_at is not None  # type: ignore[union-attr]
