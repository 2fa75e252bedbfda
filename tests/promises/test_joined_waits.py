"""What a conversation awaits when its person is joined with another: an offer's end, a snooze's, a step (P7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.conversations import Conversation
from tests.kit.offering import act, floor, later, load, stands, writes
from tests.kit.world import World
from tests.promises.test_one_person import join, mail_contact, open_ones, sms_contact

On = Callable[[dict[str, Any]], World]
BOTH = ["genel", "chat"]
OWNED = floor({"ayse": {"skills": BOTH}, "mehmet": {"skills": BOTH}}, routing={"offers": {}})
OFFERS = floor({"ayse": {"skills": BOTH}})
STEPS = floor(
    {"ayse": {"skills": BOTH}, "mehmet": {"skills": {"genel": 3}}},
    {"steps": [{"needs": "genel>=3", "seconds": 60}]},
    routing={"offers": {}},
)


def by_mail(world: World) -> Conversation:
    world.mail("Siparişim nerede?")
    world.pump()
    return next(c for c in open_ones(world) if c.contact == mail_contact(world))


def by_text(world: World) -> Conversation:
    world.sms("Mailime bakar mısınız?")
    world.pump()
    return next(c for c in open_ones(world) if c.contact == sms_contact(world))


def both(world: World) -> tuple[Conversation, Conversation]:
    """Ayşe has the customer's mail, and their text message."""
    world.come_in("ayse")
    mail = by_mail(world)
    world.pass_time(seconds=5)
    text = by_text(world)
    assert {stands(world, one) for one in (mail, text)} == {("active", "ayse")}
    return mail, text


def aside(world: World, one: Conversation, **by: float) -> datetime:
    """Ayşe puts it aside for so long; until when."""
    until = world.now + timedelta(**by)
    act(world, "ayse", "snooze", one, {"until": until.isoformat()})
    return until


def joined(world: World) -> Conversation:
    """The text's author becomes part of the mail's; their one conversation."""
    join(world, mail_contact(world), sms_contact(world), role="supervisor")
    world.pump()
    (one,) = [c for c in open_ones(world) if c.contact in (mail_contact(world), sms_contact(world))]
    return one


@pytest.mark.parametrize(("mail_for", "text_for"), [(10, 5), (5, 10)])
def test_of_two_snoozes_the_earlier_ends_first(on: On, mail_for: int, text_for: int) -> None:
    world = on(OWNED)
    mail, text = both(world)
    ends = [aside(world, mail, minutes=mail_for), aside(world, text, minutes=text_for)]
    one = joined(world)
    assert (one.state, one.agent, one.snoozed_until) == ("snoozed", "ayse", min(ends))
    later(world, minutes=5)
    assert stands(world, one) == ("active", "ayse")


@pytest.mark.parametrize("which", ["the mail is put aside", "the text is put aside"])
def test_what_was_put_aside_comes_back_though_the_other_is_the_customer_s_turn(on: On, which: str) -> None:
    world = on(OWNED)
    mail, text = both(world)
    put, answered = (mail, text) if which.startswith("the mail") else (text, mail)
    until = aside(world, put, minutes=5)
    act(world, "ayse", "replies", answered, {"text": "Bakıyorum"})
    assert stands(world, answered) == ("pending", "ayse")
    one = joined(world)
    assert (one.state, one.agent, one.snoozed_until) == ("snoozed", "ayse", until)
    assert load(world, "ayse").free == 12, "what is put aside takes no room"
    later(world, minutes=5)
    assert stands(world, one) == ("active", "ayse")


def test_of_one_put_aside_and_one_that_its_agent_answers_the_agent_goes_on(on: On) -> None:
    world = on(OWNED)
    mail, text = both(world)
    aside(world, mail, minutes=5)
    one = joined(world)
    assert (one.state, one.agent, one.snoozed_until) == ("active", "ayse", None)
    assert stands(world, text)[0] == "closed"


def test_an_offer_that_was_joined_times_out_by_its_timer(on: On) -> None:
    """The mail was answered and is done with; the text is offered, under another id than it will have."""
    world = on(OFFERS)
    world.come_in("ayse")
    mail = by_mail(world)
    act(world, "ayse", "accept", mail)
    act(world, "ayse", "resolve", mail)
    world.pass_time(seconds=5)
    assert by_text(world).state == "offered"
    world.pass_time(seconds=10)
    one = joined(world)
    assert (one.contact, one.state, one.agent) == (mail_contact(world), "offered", "ayse")
    later(world, seconds=20)
    assert stands(world, one) == ("waiting", None)
    assert load(world, "ayse").missed == 1


def test_a_snooze_that_was_joined_ends_by_its_timer(on: On) -> None:
    world = on(OWNED)
    mail, text = both(world)
    act(world, "ayse", "resolve", mail)
    aside(world, text, minutes=5)
    one = joined(world)
    assert (one.contact, one.state) == (mail_contact(world), "snoozed")
    later(world, minutes=5)
    assert stands(world, one) == ("active", "ayse")


def test_a_step_of_one_that_was_joined_begins_by_its_timer(on: On) -> None:
    world = on(STEPS)
    world.come_in("ayse")
    mail = by_mail(world)
    world.pass_time(seconds=5)
    by_text(world)
    one = joined(world)
    assert (one.id, one.state) == (mail.id, "waiting")
    later(world, seconds=55)
    assert stands(world, one) == ("active", "ayse")


def test_what_is_put_aside_by_a_join_gives_its_room_to_who_waits(on: On) -> None:
    world = on(floor({"ayse": {"skills": BOTH, "units": 9}}, routing={"offers": {}}))
    mail, text = both(world)
    aside(world, text, minutes=5)
    act(world, "ayse", "replies", mail, {"text": "Bakıyorum"})
    first, second = writes(world, 1), writes(world, 2)
    assert (stands(world, first), stands(world, second)) == (("active", "ayse"), ("waiting", None))
    assert joined(world).state == "snoozed"
    assert stands(world, second) == ("active", "ayse")
