"""P3: one open conversation per contact and thread group, even when two first messages race."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.kit.crash import Ground, Scenario, settle
from tests.kit.promises import check, said
from tests.kit.world import World


def by_sms(world: World, text: str) -> None:
    world.sms(text)


def by_mail(world: World, text: str) -> None:
    world.mail(text)


def by_chat(world: World, text: str) -> None:
    world.frame(world.open_chat(), {"type": "message", "id": text, "text": text})


def by_the_other_inbox(world: World, text: str) -> None:
    world.mail(text, to="support@example.com")


Write = Callable[[World, str], None]


@pytest.mark.parametrize(
    ("first", "second"),
    [(by_sms, by_sms), (by_mail, by_mail), (by_chat, by_chat), (by_mail, by_the_other_inbox)],
    ids=["sms", "mail", "chat", "two inboxes of a brand"],
)
def test_two_first_messages_at_once_open_one_conversation(ground: Ground, first: Write, second: Write) -> None:
    """Wherever the first is interrupted by the second, though the queue's group keeps them one after the other."""

    def arrange(world: World) -> None:
        world.come_in("ayse")
        first(world, "1")

    def other(world: World, _: Any) -> bool:
        second(world, "2")
        world._queue("inbound")[1]._pending_messages.clear()
        world.work("inbound")
        return True

    def one_conversation(world: World, _: Any) -> None:
        assert [sorted(texts) for texts in said(world).values()] == [["1", "2"]]
        assert len(world.items("P#")) == 2  # the conversation and its contact

    ground.run(Scenario("first", arrange, one_conversation, queue="inbound", other=other), "pause")


@pytest.mark.parametrize("write", [by_sms, by_mail, by_chat], ids=["sms", "mail", "chat"])
def test_two_first_messages_in_one_batch_open_one_conversation(world: World, write: Write) -> None:
    write(world, "1")
    world.pass_time(milliseconds=214)
    write(world, "2")
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1", "2"]]


def test_two_inboxes_of_one_brand_share_the_conversation_and_another_brand_does_not(world: World) -> None:
    world.mail("1", to="destek@example.com")
    world.mail("2", to="support@example.com")
    world.mail("3", to="help@shop.example")
    settle(world)
    check(world)
    assert sorted(said(world).values()) == [["1", "2"], ["3"]]


def test_one_mail_to_two_inboxes_of_a_brand_is_one_message(world: World) -> None:
    world.mail("1", to=["destek@example.com", "support@example.com"])
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1"]]


def test_one_mail_that_comes_to_each_inbox_apart_is_one_message(world: World) -> None:
    """As a blind copy comes: two deliveries with two ids of SES's."""
    raw = b"From: musteri@example.net\r\nTo: x@example.net\r\nMessage-ID: <1@example.net>\r\nSubject: s\r\n\r\n1\r\n"
    world.mail(raw=raw, to="destek@example.com", ses_id="a")
    world.mail(raw=raw, to="support@example.com", ses_id="b")
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1"]]


def test_one_mail_to_two_brands_is_one_message_in_each(world: World) -> None:
    world.mail("1", to=["destek@example.com", "help@shop.example"])
    settle(world)
    check(world)
    assert list(said(world).values()) == [["1"], ["1"]]
    assert {c.group for c in world.conversations()} == {"default", "shop"}


def test_after_the_reopen_window_a_new_conversation_begins_and_the_old_one_stays_closed(ground: Ground) -> None:
    from tests.crash.test_route import expired

    world = ground.begin()
    expired(world)
    settle(world)
    check(world)
    old, new = world.conversations()
    assert (old.state, new.state) == ("closed", "active")
    assert old.number + 1 == new.number
    status, body = world.call("POST", f"/v1/conversations/{old.id}/notes", {"text": "x"})
    assert status == 409, body
