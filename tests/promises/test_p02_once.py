"""P2: however often a provider or SQS redelivers, a message is stored once and an answer leaves at most once."""

import json
from typing import Any

import pytest

from tests.kit.crash import Ground, Scenario, settle
from tests.kit.events import LambdaContext
from tests.kit.promises import Seen, check, said
from tests.kit.world import SID, World


def one_message(world: World) -> None:
    settle(world)
    check(world)
    assert list(said(world).values()) == [["Merhaba"]]


def test_twilio_repeats_its_webhook(world: World) -> None:
    for _ in range(3):
        assert world.sms("Merhaba", sid="SM" + "1" * 32)["statusCode"] == 200
        world.pump()
        world.pass_time(minutes=7)  # beyond the queue's own memory of five minutes
    one_message(world)


def test_sns_repeats_its_notification(world: World) -> None:
    notification = world.post_mail("Merhaba")
    for _ in range(3):
        world.mail_event(notification)
        world.pump()
        world.pass_time(minutes=7)
    one_message(world)


def test_ses_delivers_one_mail_under_two_ids(world: World) -> None:
    """A sender's server that heard no answer hands the same mail over again."""
    raw = b"From: musteri@example.net\r\nTo: destek@example.com\r\nMessage-ID: <1@example.net>\r\nSubject: s\r\n\r\nMerhaba\r\n"
    world.mail(raw=raw, ses_id="first")
    world.mail(raw=raw, ses_id="second")
    one_message(world)


def test_a_visitor_sends_again_what_was_not_acknowledged(world: World) -> None:
    first, second = world.open_chat(), world.open_chat()
    for connection in (first, first, second):  # the second after the connection was lost
        (ack,) = world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
        assert ack["type"] == "ack"
        world.pump()
        world.pass_time(minutes=7)
    one_message(world)


@pytest.mark.parametrize("queue", ["inbound", "match", "outbound"])
def test_sqs_delivers_a_batch_twice(world: World, queue: str) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    if queue != "inbound":
        world.work("inbound")
    if queue == "outbound":
        world.pump()
        world.reply(world.conversations()[0].id, "Buyurun")
    batch = world.take(queue)
    for _ in range(3):
        world.handle(queue, batch)
        world.pass_time(minutes=7)
    settle(world)
    check(world)
    assert len(world.providers.calls) == (queue == "outbound")


def test_a_status_callback_comes_again_and_out_of_order(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    send = world.reply(world.conversations()[0].id)["message"]["id"]
    world.pump()
    for status in ("delivered", "sent", "delivered", "queued"):
        fields = {"MessageSid": f"SM{1:032d}", "AccountSid": SID, "MessageStatus": status, "To": "+15550199"}
        assert world.webhook("twilio", "sms", fields, query=f"send={send}")["statusCode"] == 200
        world.pump()
    settle(world)
    check(world)
    assert Seen.of(world).sends[send].receipt == "delivered"


def ses_event(world: World, kind: str, details: dict[str, Any], send: str, message_id: str) -> None:
    """SES reports on a mail we sent."""
    from functions import receive_email

    payload = {
        "eventType": kind,
        "mail": {
            "messageId": message_id, "timestamp": world.now.isoformat(), "source": "destek@example.com",
            "destination": ["musteri@example.net"], "tags": {"santral-send": [send]},
        },
        kind.lower(): details,
    }  # fmt: skip
    sns = {
        "Type": "Notification",
        "MessageId": "1",
        "TopicArn": "arn:aws:sns:x:1:events",
        "Message": json.dumps(payload),
    }
    receive_email.handler({"Records": [{"EventSource": "aws:sns", "Sns": sns}]}, LambdaContext())


def test_a_bounce_is_reported_twice_and_reaches_a_person_once(world: World) -> None:
    world.come_in("ayse")
    world.mail("Merhaba")
    world.pump()
    send = world.reply(world.conversations()[0].id)["message"]["id"]
    world.pump()
    details = {"bounceType": "Permanent", "bounceSubType": "General", "timestamp": world.now.isoformat(),
               "bouncedRecipients": [{"emailAddress": "musteri@example.net"}]}  # fmt: skip
    for _ in range(2):
        ses_event(world, "Bounce", details, send, "0102-000001")
        world.pump()
    settle(world)
    check(world)
    status, body = world.call("GET", "/v1/parked", role="supervisor")
    assert status == 200
    assert [row["id"] for row in body["parked"]] == [send]


@pytest.mark.parametrize("channel", ["sms", "mail", "chat"])
def test_an_agents_click_that_is_repeated_answers_once(world: World, channel: str) -> None:
    world.come_in("ayse")
    if channel == "sms":
        world.sms("Merhaba")
    elif channel == "mail":
        world.mail("Merhaba")
    else:
        world.frame(world.open_chat(), {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump()
    world.pass_time(seconds=1)
    (conversation,) = world.conversations()
    answers = [world.reply(conversation.id, "Buyurun", key="click") for _ in range(3)]
    assert len({answer["message"]["id"] for answer in answers}) == 1
    settle(world)
    check(world)
    assert said(world)[conversation.id] == ["Merhaba", "Buyurun"]
    assert len(world.providers.calls) == (channel != "chat")


def test_one_key_for_two_requests_is_refused(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")
    world.pump()
    world.pass_time(seconds=1)
    (conversation,) = world.conversations()
    world.reply(conversation.id, "Buyurun", key="click")
    status, _ = world.call("POST", f"/v1/conversations/{conversation.id}/replies", {"text": "Başka"}, key="click")
    assert status == 422
    assert said(world)[conversation.id] == ["Merhaba", "Buyurun"]


def test_an_attempt_that_was_interrupted_is_never_repeated_without_a_person(ground: Ground) -> None:
    """Killed between the provider's yes and our writing it down: parked, listed, and counted for the alarm."""
    from tests.crash.test_deliver import answer, by_sms

    def parked_and_counted(world: World, _: Any) -> None:
        send = next(iter(Seen.of(world).sends.values()))
        if send.state == "parked":
            assert world.counts["ParkedSends"] > 0
            status, body = world.call("GET", "/v1/parked", role="supervisor")
            assert status == 200
            assert [row["id"] for row in body["parked"]] == [send.id]
        assert len(world.providers.left) <= 1

    ground.run(Scenario("interrupted", answer(by_sms), parked_and_counted, queue="outbound"), "kill")


def test_a_late_receipt_settles_what_was_unknown(world: World) -> None:
    from tests.crash.test_due import parked_one

    send = parked_one(world, parked=False)
    fields = {"MessageSid": f"SM{9:032d}", "AccountSid": SID, "MessageStatus": "sent", "To": "+15550199"}
    world.webhook("twilio", "sms", fields, query=f"send={send}")
    settle(world)
    check(world)
    assert Seen.of(world).sends[send].state == "sent"
    assert world.items("Q#") == []
