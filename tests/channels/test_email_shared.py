"""Real mail kept beside the repository: each file is read as a person reads it. Skipped where it is not there."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.base import Request
from channels.email import Email
from channels.email_reply import reply_of
from channels.html_text import sanitise, text_from
from channels.mime import parse_mail
from channels.ses import Fetch, Inline, SendingEvent, Skipped, parse_event, work_items
from router.config import Inbox
from router.messages import Proof

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
pytestmark = pytest.mark.skipif(not FIXTURES.exists(), reason="no payloads beside the repository")

NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
INBOX = Inbox(name="support", channel="email", address="support@example.com", queue="q")
KEY = b"k" * 32
EXPECTED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("expected_email.json").read_text("utf-8"))
NEVER = ("Content-Type:", "Content-Transfer-Encoding", "=C3=", "=E2=80", "\ufffd", "&nbsp;", "=3D", "<div")
FOLDERS = ("email_mime", "email_thread", "email_auto", "email_bounce")


def mails() -> list[str]:
    return sorted(
        p.relative_to(FIXTURES).as_posix() for folder in FOLDERS for p in (FIXTURES / folder).glob("*/*") if p.is_file()
    )


@pytest.mark.parametrize("name", mails() if FIXTURES.exists() else [])
def test_a_mail_is_read_as_its_reader_sees_it(name: str) -> None:
    raw = (FIXTURES / name).read_bytes()
    started = time.process_time()
    parsed = Email().parse(Request(body=raw, received_at=NOW), INBOX, KEY)
    assert time.process_time() - started < 1
    (message,) = parsed.messages
    message.model_dump_json()
    assert message.authenticity.proof is Proof.NONE
    want = EXPECTED.get(name)
    if want is None:
        return
    at = message.sent_at.isoformat().replace("+00:00", "Z") if message.sent_at else None
    assert (message.sender.address, message.kind.value, at) == (want["sender"], want["kind"], want["time"])
    for words in want["contains"]:
        assert words in message.text
    assert [words for words in NEVER if words in message.text] == want.get("allowed", [])
    assert (message.text == "") == want.get("empty", False)
    assert len(message.attachments) == want.get("attachments", 0)
    assert [[r.status.value, r.recipient, r.permanent] for r in parsed.receipts] == want.get("receipts", [])
    assert [r.detail for r in parsed.receipts] == want.get("details", [r.detail for r in parsed.receipts])
    assert "\n\n\n\n" not in message.text


def test_every_copy_of_one_mail_with_other_line_ends_is_one_mail() -> None:
    folder = FIXTURES / "email_auto" / "sisimai__set-of-emails"
    found = {
        Email().parse(Request(body=path.read_bytes(), received_at=NOW), INBOX, KEY).messages[0].id
        for path in folder.glob("*__rfc3834-01.eml")
    }
    assert len(found) == 1


# What each file under email_ses asks for: the work item's type and, of sending events, status, recipient, permanent.
SES: dict[str, tuple[type[object], list[list[Any]]]] = {
    "amazon_ses__inbound__test_inbound_s3.request.json": (Fetch, []),
    "amazon_ses__inbound__test_inbound_s3_failure_message.request.json": (Fetch, []),
    "amazon_ses__inbound__test_inbound_sns_base64.request.json": (Inline, []),
    "amazon_ses__webhooks__test_bounce_event.request.json": (SendingEvent, [["bounced", "jane@example.com", True]]),
    "amazon_ses__webhooks__test_incorrect_received_event.request.json": (Skipped, []),
    "amazon_ses__webhooks__test_reject_event.request.json": (SendingEvent, [["failed", "recipient@example.com", True]]),
    "amazon_ses__webhooks__test_sns_confirmation_success_notification.request.json": (Skipped, []),
    "amazon_ses__webhooks__test_sns_unsubscribe_confirmation.request.json": (Skipped, []),
    "sesEvent.json": (Inline, []),
    "ses_base.json": (Inline, []),
    "event-publishing-retrieving-sns-examples__0_Bounce.json": (
        SendingEvent,
        [["bounced", "recipient@example.com", True]],
    ),
    "event-publishing-retrieving-sns-examples__5_Open.json": (SendingEvent, [["read", "recipient@example.com", None]]),
    "event-publishing-retrieving-sns-examples__6_Click.json": (SendingEvent, [["read", "recipient@example.com", None]]),
    "event-publishing-retrieving-sns-examples__9_Subscription.json": (
        SendingEvent,
        [["unknown", "recipient@example.com", None]],
    ),
    "notification-examples__4_Delivery.json": (SendingEvent, [["delivered", "jane@example.com", None]]),
    "receiving-email-action-lambda-event__2_Received.json": (Inline, []),
    "receiving-email-notifications-examples__0_Received.json": (Inline, []),
    "json-amazonses-02.json": (SendingEvent, [["bounced", "bounce@simulator.amazonses.com", True]]),
    "json-amazonses-03.json": (SendingEvent, [["complained", "complaint@simulator.amazonses.com", None]]),
    "json-amazonses-06.json": (SendingEvent, [["bounced", "bounce@simulator.amazonses.com", True]]),
}


@pytest.mark.parametrize("path", sorted((FIXTURES / "email_ses").glob("*/*")), ids=lambda path: path.name)
def test_a_notification_asks_for_its_work(path: Path) -> None:
    payload = json.loads(path.read_text("utf-8"))
    (item,) = work_items(json.loads(payload["body_text"]) if "body_text" in payload else payload)
    kind, expected = SES.get(path.name, (type(item), None))
    assert type(item) is kind
    if isinstance(item, Inline):
        (message,) = (
            Email().parse(Request(body=item.body, envelope=item.envelope, received_at=NOW), INBOX, KEY).messages
        )
        assert message.sender.address
        assert message.subject
        assert message.provider_at
        assert ("body not in this event" in message.problems) == (item.body == b"")
    if isinstance(item, SendingEvent):
        found = parse_event(item.payload, INBOX, KEY, NOW).receipts
        assert expected is None or [[r.status.value, r.recipient, r.permanent] for r in found] == expected


# Reply extraction: the corpora's own assertions. Two of them contradict each other about a signature below "-- ":
# we leave it out.
CONTRADICTED = {"mailgun__talon/standard_replies__sparrow.eml"}


def replies() -> dict[str, dict[str, Any]]:
    path = FIXTURES / "email_reply" / "expected.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["files"] if path.exists() else {}
    return found


def body_of(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".html":
        return text_from(sanitise(raw.decode()))
    if path.suffix == ".eml":
        mail = parse_mail(raw)
        return next(mail.text(part) for part in mail.root.walk() if part.content_type == "text/plain")
    return raw.decode()


def squeezed(text: str, path: Path) -> str:
    text = text.replace("\r\n", "\n")
    return re.sub(r"\s", "", text) if path.suffix == ".html" else text.strip()


@pytest.mark.parametrize("name", sorted(replies()))
def test_a_reply_is_what_the_corpora_say(name: str) -> None:
    if name in CONTRADICTED:
        pytest.skip("contradicts another corpus")
    path, want = FIXTURES / "email_reply" / name, replies()[name]
    text = body_of(path)
    reply = reply_of(text)
    found = squeezed(text if reply is None else reply, path)
    if "reply_exact" in want:
        accepted = [want["reply_exact"], *want.get("reply_also_acceptable", [])]
        assert found in [squeezed(item, path) for item in accepted]
    for words in want.get("reply_contains", []):
        assert squeezed(words, path) in found
    for words in want.get("reply_not_contains", []):
        assert squeezed(words, path) not in found
    if want.get("whole_message_is_reply"):
        assert found.split() == text.split()


@pytest.mark.parametrize("path", sorted((FIXTURES / "email_reply").glob("*/*")), ids=lambda path: path.name)
def test_no_text_takes_long(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    started = time.process_time()
    reply_of(text)
    assert time.process_time() - started < 1
