"""SES's notifications: which work they ask for, and sending events as receipts."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.ses import Fetch, Inline, SendingEvent, Skipped, parse_event, work_items
from router.config import Inbox
from router.messages import Receipt, ReceiptStatus

NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
INBOX = Inbox(name="support", channel="email", address="support@example.com", queue="q")
MAIL = {"messageId": "ses-1", "timestamp": "2026-03-12T07:00:00.000Z", "source": "a@example.org"}


def received(**action: Any) -> dict[str, Any]:
    receipt = {"recipients": ["Support@example.com"], "action": action}
    return {"notificationType": "Received", "mail": MAIL, "receipt": receipt}


def sns(payload: Any) -> dict[str, Any]:
    message = payload if isinstance(payload, str) else json.dumps(payload)
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": message}}]}


def test_the_s3_actions_notification_is_a_mail_to_fetch_with_its_envelope() -> None:
    (item,) = work_items(sns(received(type="S3", bucketName="mail", objectKey="in/ses-1")))
    assert isinstance(item, Fetch)
    assert (item.bucket, item.key, item.recipients) == ("mail", "in/ses-1", ("support@example.com",))
    assert item.envelope["mail"]["messageId"] == "ses-1"


@pytest.mark.parametrize("encoding", ["UTF8", "BASE64", None])
def test_the_sns_actions_notification_brings_the_mail(encoding: str | None) -> None:
    raw = "From: a@example.org\r\n\r\nmerhaba ş\r\n"
    action = {"type": "SNS"} | ({"encoding": encoding} if encoding else {})
    content = base64.b64encode(raw.encode()).decode() if encoding == "BASE64" else raw
    (item,) = work_items(sns(received(**action) | {"content": content}))
    assert isinstance(item, Inline)
    assert item.body == raw.encode()
    assert item.recipients == ("support@example.com",)


def test_ses_own_event_has_no_body_and_s3s_has_no_envelope() -> None:
    (direct,) = work_items({"Records": [{"eventSource": "aws:ses", "ses": received(type="Lambda")}]})
    assert isinstance(direct, Inline)
    assert direct.body == b""
    record = {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "mail"}, "object": {"key": "in/a+b%3D1"}},
    }
    assert work_items({"Records": [record]}) == [Fetch("mail", "in/a b=1")]


def test_a_queue_in_between_and_several_records_are_unwrapped() -> None:
    notification = {"Type": "Notification", "Message": json.dumps(received(type="S3", bucketName="m", objectKey="k"))}
    items = work_items({"Records": [{"body": json.dumps(notification)}, {"body": "no json"}, {"odd": 1}]})
    assert [type(item) for item in items] == [Fetch, Skipped, Skipped]


@pytest.mark.parametrize(
    "event",
    [
        sns(received(type="S3", bucketName="m", objectKey="in/AMAZON_SES_SETUP_NOTIFICATION")),
        {"Records": [{"Sns": {"Type": "SubscriptionConfirmation", "Message": "..."}}]},
        sns("Successfully validated SNS topic for Amazon SES event publishing."),
        sns({"notificationType": "Received"}),
        sns({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "..."}),
        {"Event": "s3:TestEvent", "Service": "Amazon S3"},
        {"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"bucket": {"name": "m"}, "object": {"key": "k"}}}]},
        {},
        {"hello": 1},
    ],
)
def test_what_is_not_mail_is_skipped_with_its_reason(event: dict[str, Any]) -> None:
    (item,) = work_items(event)
    assert isinstance(item, Skipped)
    assert item.reason


def receipts(payload: dict[str, Any]) -> list[Receipt]:
    return list(parse_event(payload, INBOX, b"k" * 32, NOW).receipts)


def event(word: str, **details: Any) -> dict[str, Any]:
    mail = MAIL | {"destination": ["a@example.org"], "tags": {"santral-send": ["m_1"]}}
    return {"eventType": word, "mail": mail, **details}


PEOPLE = [
    {"emailAddress": "A@Example.org", "status": "5.1.1", "diagnosticCode": "smtp; 550"},
    {"emailAddress": "b@example.org"},
]
CASES: list[tuple[dict[str, Any], list[tuple[Any, ...]]]] = [
    (event("Send", send={}), [("sent", "a@example.org", None, None)]),
    (
        event("Delivery", delivery={"recipients": ["a@example.org"], "smtpResponse": "250"}),
        [("delivered", "a@example.org", None, None)],
    ),
    (
        event("Bounce", bounce={"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": PEOPLE}),
        [("bounced", "a@example.org", True, "5.1.1"), ("bounced", "b@example.org", True, "General")],
    ),
    (
        event(
            "Bounce",
            bounce={"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": PEOPLE[1:]},
        ),
        [("bounced", "b@example.org", False, "MailboxFull")],
    ),
    (
        event("Bounce", bounce={"bounceType": "Undetermined", "bouncedRecipients": PEOPLE[1:]}),
        [("bounced", "b@example.org", None, None)],
    ),
    (
        event("Complaint", complaint={"complainedRecipients": PEOPLE[1:], "complaintFeedbackType": "abuse"}),
        [("complained", "b@example.org", None, "abuse")],
    ),
    (
        event("Complaint", complaint={"complainedRecipients": PEOPLE[1:], "complaintFeedbackType": "not-spam"}),
        [("unknown", "b@example.org", None, "not-spam")],
    ),
    (
        event(
            "Complaint", complaint={"complainedRecipients": PEOPLE[1:], "complaintSubType": "OnAccountSuppressionList"}
        ),
        [("failed", "b@example.org", True, "OnAccountSuppressionList")],
    ),
    (event("Reject", reject={"reason": "Bad content"}), [("failed", "a@example.org", True, None)]),
    (event("Rendering Failure", failure={"errorMessage": "x"}), [("failed", "a@example.org", True, None)]),
    (
        event("DeliveryDelay", deliveryDelay={"delayType": "SpamDetected", "delayedRecipients": PEOPLE[1:]}),
        [("delayed", "b@example.org", False, "SpamDetected")],
    ),
    (event("Open", open={"timestamp": "2026-03-12T07:30:00Z"}), [("read", "a@example.org", None, None)]),
    (event("Click", click={"link": "https://example.com"}), [("read", "a@example.org", None, None)]),
    (event("Subscription", subscription={"contactList": "x"}), [("unknown", "a@example.org", None, None)]),
    (event("SomethingNew", somethingNew={"x": 1}), [("unknown", "a@example.org", None, None)]),
]


@pytest.mark.parametrize(("payload", "expected"), CASES)
def test_sending_events_are_receipts(payload: dict[str, Any], expected: list[tuple[Any, ...]]) -> None:
    found = receipts(payload)
    assert [(r.status.value, r.recipient, r.permanent, r.code) for r in found] == expected
    assert {(r.send_id, r.external_id, r.provider_status) for r in found} == {("m_1", "ses-1", payload["eventType"])}
    assert [r.id for r in found] == [r.id for r in receipts(payload)]
    (item,) = work_items(sns(payload))
    assert isinstance(item, SendingEvent)
    for receipt in found:
        assert (receipt.raw is not None) == (receipt.status is ReceiptStatus.UNKNOWN)


def test_the_time_is_the_events_own() -> None:
    (opened,) = receipts(event("Open", open={"timestamp": "2026-03-12T07:30:00Z"}))
    assert opened.at == datetime(2026, 3, 12, 7, 30, tzinfo=UTC)
    (sent,) = receipts(event("Send"))
    assert sent.at == datetime(2026, 3, 12, 7, 0, tzinfo=UTC)


def test_of_an_open_in_a_group_nobody_knows_who() -> None:
    payload = event("Open", open={})
    payload["mail"]["destination"] = ["a@example.org", "b@example.org"]
    assert [r.recipient for r in receipts(payload)] == [None]
