"""P1: after a 2xx the message is in a conversation, in quarantine, or in a dead-letter queue with an alarm."""

import pytest

from tests.kit.crash import failing, settle
from tests.kit.promises import Seen, check, said
from tests.kit.world import World


def every_channel(world: World) -> None:
    """One message by each channel, taken."""
    assert world.sms("sms")["statusCode"] == 200
    world.mail("mail")
    assert [f["type"] for f in world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "chat"})] == [
        "ack"
    ]


def all_texts(world: World) -> list[str]:
    return sorted(text for texts in said(world).values() for text in texts)


def test_what_is_taken_is_in_a_conversation(world: World) -> None:
    every_channel(world)
    settle(world)
    check(world)
    assert all_texts(world) == ["chat", "mail", "sms"]


def test_when_the_queue_takes_nothing_the_ledger_has_it_and_the_sweep_sends_it(world: World) -> None:
    with failing(world, "send_message", "send_message_batch") as tried:
        every_channel(world)
    assert len(tried) == 3
    assert all_texts(world) == []
    settle(world)
    check(world)
    assert all_texts(world) == ["chat", "mail", "sms"]


def test_when_the_ledger_takes_nothing_the_queue_has_it(world: World) -> None:
    connection = world.open_chat()
    with failing(world, "put_item"):
        assert world.sms("sms")["statusCode"] == 200
        world.mail("mail")
        assert world.frame(connection, {"type": "message", "id": "1", "text": "chat"})[0]["type"] == "ack"
    settle(world)
    check(world)
    assert all_texts(world) == ["chat", "mail", "sms"]
    assert world.counts["LedgerMissed"] == 3


def test_when_neither_takes_it_the_sender_is_told_to_try_again(world: World) -> None:
    connection = world.open_chat()
    with failing(world, "put_item", "send_message", "send_message_batch"):
        assert world.sms("sms", sid="SM" + "1" * 32)["statusCode"] == 503
        with pytest.raises(Exception, match="queue inbound"):  # Lambda tries again, twice, and then keeps the event
            world.mail("mail")
        (error,) = world.frame(connection, {"type": "message", "id": "1", "text": "chat"})
    assert (error["type"], error["code"], error["id"]) == ("error", "later", "1")
    settle(world)
    check(world)
    assert all_texts(world) == []


def test_what_cannot_be_read_is_kept_and_answered_with_a_yes(world: World) -> None:
    assert world.webhook("twilio", "sms", {"Hologram": "H1", "AccountSid": "AC1"})["statusCode"] == 200
    world.mail(to="nobody@elsewhere.example")
    settle(world)
    check(world)
    status, body = world.call("GET", "/v1/quarantine", role="supervisor")
    assert status == 200
    assert len(body["quarantine"]) == 2
    assert all(row["reason"] for row in body["quarantine"])


def test_a_receipt_that_the_queue_does_not_take_is_refused_so_that_it_comes_again(world: World) -> None:
    """Receipts are not in the ledger: their sender must repeat them."""
    fields = {"MessageSid": "SM" + "1" * 32, "AccountSid": "AC1", "MessageStatus": "delivered", "To": "+15550199"}
    with failing(world, "send_message"):
        assert world.webhook("twilio", "sms", fields, query="send=m_x")["statusCode"] == 503


def test_a_message_that_can_never_be_routed_ends_in_quarantine_and_is_not_driven_round_for_ever(world: World) -> None:
    world.sms("sms")
    world.mail("mail")
    config = world.x.config()
    world.lose_version()
    world.apply(config.model_copy(update={"version": "empty", "inboxes": ()}))
    settle(world)
    rows = len(Seen.of(world).ledger)
    gaps = world.counts.get("IntakeGap", 0)
    for _ in range(3):
        settle(world)
    check(world)
    assert len(world.items("Q#")) == 2
    assert len(Seen.of(world).ledger) == rows
    assert world.counts.get("IntakeGap", 0) == gaps


def test_what_is_in_quarantine_is_routed_once_it_can_be(world: World) -> None:
    world.sms("sms")
    world.mail("mail")
    config = world.x.config()
    world.lose_version()
    world.apply(config.model_copy(update={"version": "empty", "inboxes": ()}))
    settle(world)
    world.apply(config.model_copy(update={"version": "mended"}))
    for item in world.items("Q#"):
        entry = item["pk"].removeprefix("Q#")
        status, body = world.call("POST", f"/v1/quarantine/{entry}/retry", {}, role="supervisor")
        assert status == 200, body
    settle(world)
    check(world)
    assert all_texts(world) == ["mail", "sms"]
    assert world.items("Q#") == []


def test_what_the_sweep_sends_again_keeps_the_time_it_was_received(world: World) -> None:
    """Twilio says no time of its own, so ours is the message's: an hour's outage must not make it an hour younger."""
    taken = world.now
    with failing(world, "send_message"):
        world.sms("sms")
    settle(world)
    ((message, _),) = Seen.of(world).inbound.values()
    assert message.occurred_at == taken


def test_a_call_whose_mail_is_gone_does_not_stop_the_ledger(world: World) -> None:
    with failing(world, "send_message"):
        world.mail("mail", ses_id="gone")
        world.sms("sms")
    world.s3.delete_object(Bucket="mail", Key="in/gone")
    settle(world)
    check(world)
    assert all_texts(world) == ["sms"]
    assert len(world.items("Q#")) == 1
