"""Amazon SES's notifications: what an event asks us to do, and sending events as receipts. Pure; nothing is fetched here.

One event may hold several work items: mail that lies in S3, mail that came inside the notification, a sending event, or
something to pass over. Shapes: docs.aws.amazon.com/ses, "Contents of notifications" and "Event data that SES publishes".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from channels.mail_headers import addresses, normal_address
from channels.reading import clean
from channels.ses_values import json_or_none, mapping, strings, text_or_none, time_of
from router import ids
from router.config import Inbox
from router.messages import ChannelName, Parsed, Provider, Receipt, ReceiptStatus

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
MAX_RECIPIENTS = 200


@dataclass(frozen=True, slots=True)
class Fetch:
    """A mail in S3; `envelope` is SES's notification about it, empty when only S3 told us."""

    bucket: str
    key: str
    envelope: Mapping[str, Any] = field(default_factory=dict)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope recipients, which say whose inbox it is."""
        return envelope_recipients(self.envelope)


@dataclass(frozen=True, slots=True)
class Inline:
    """A mail whose content came with the notification; `body` is empty when it did not (a Lambda action, say)."""

    body: bytes
    envelope: Mapping[str, Any]

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope recipients, which say whose inbox it is."""
        return envelope_recipients(self.envelope)


@dataclass(frozen=True, slots=True)
class SendingEvent:
    """A word on mail we sent, for `parse_event`."""

    payload: Mapping[str, Any]

    @property
    def sender(self) -> str | None:
        """The address the mail was sent from, which says whose inbox it is."""
        mail = mapping(self.payload.get("mail"))
        found = addresses(strings(mapping(mail.get("commonHeaders")).get("from"))) or addresses(
            strings(mail.get("source"))
        )
        return found[0].address if found else None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Understood and deliberately not worked on."""

    reason: str


Work = Fetch | Inline | SendingEvent | Skipped


def is_notification(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is SES's word on a mail, received or sent, be it a whole one or not."""
    word = value.get("notificationType") or value.get("eventType")
    if isinstance(value.get("mail"), Mapping):
        return "receipt" in value or isinstance(word, str)
    return isinstance(word, str) and ("notificationType" in value or word.lower() in _STATUSES)


def work_items(event: Mapping[str, Any]) -> list[Work]:
    """What a Lambda event (SNS, SQS, SES or S3 records), an SNS message or a bare SES notification asks for."""
    records = event.get("Records")
    if not isinstance(records, list):
        return [_notification(event)]
    return [item for record in records for item in _record(mapping(record))]


def _record(record: Mapping[str, Any]) -> Iterator[Work]:
    if isinstance(record.get("Sns"), Mapping):
        yield _sns(record["Sns"])
    elif isinstance(record.get("ses"), Mapping):
        yield _received(record["ses"])
    elif isinstance(record.get("s3"), Mapping):
        yield _s3(record)
    elif isinstance(record.get("body"), str):
        inner = json_or_none(record["body"])
        if inner is None:
            yield Skipped("a queue message that is not JSON")
        else:
            yield from work_items(inner)
    else:
        yield Skipped("a record of a kind that is not known")


def _s3(record: Mapping[str, Any]) -> Work:
    name = str(record.get("eventName", ""))
    if "ObjectCreated" not in name:
        return Skipped(f"S3 event {name or 'without a name'}: only created objects hold mail")
    s3 = mapping(record["s3"])
    bucket = mapping(s3.get("bucket")).get("name")
    key = mapping(s3.get("object")).get("key")
    if not isinstance(bucket, str) or not isinstance(key, str):
        return Skipped("an S3 event without bucket or key")
    key = unquote_plus(key)  # keys are URL-encoded in S3's notifications, and only there
    return Skipped("SES's set-up notification") if key.endswith(SETUP_OBJECT) else Fetch(bucket, key)


def _sns(message: Mapping[str, Any]) -> Work:
    kind = message.get("Type", "Notification")
    if kind != "Notification":
        return Skipped(f"SNS {kind}")
    text = message.get("Message")
    payload = json_or_none(text) if isinstance(text, str) else None
    if payload is None:
        return Skipped("an SNS message that is not SES's JSON (a set-up confirmation)")
    return _notification(payload)


def _notification(payload: Mapping[str, Any]) -> Work:
    if "Message" in payload and ("Type" in payload or "TopicArn" in payload):
        return _sns(payload)
    if payload.get("Event") == "s3:TestEvent":
        return Skipped("S3's test event")
    if payload.get("notificationType") == "Received" or ("receipt" in payload and "eventType" not in payload):
        return _received(payload)
    if isinstance(payload.get("eventType") or payload.get("notificationType"), str):
        if payload.get("notificationType") == "AmazonSnsSubscriptionSucceeded":
            return Skipped("SES's set-up notification")
        return SendingEvent(payload)
    return Skipped("a JSON object that is no SES notification")


def _received(payload: Mapping[str, Any]) -> Work:
    receipt, mail = mapping(payload.get("receipt")), mapping(payload.get("mail"))
    if not receipt and not mail:
        return Skipped("a notification of received mail without receipt and mail")
    envelope = {"mail": dict(mail), "receipt": dict(receipt)}
    if mail.get("messageId") == SETUP_OBJECT:
        return Skipped("SES's set-up notification")
    action = mapping(receipt.get("action"))
    content = payload.get("content")
    if isinstance(content, str) and content:
        return Inline(_content(content, str(action.get("encoding", ""))), envelope)
    bucket, key = action.get("bucketName"), action.get("objectKey")
    if isinstance(bucket, str) and isinstance(key, str):
        return Skipped("SES's set-up notification") if key.endswith(SETUP_OBJECT) else Fetch(bucket, key, envelope)
    return Inline(b"", envelope)


def _content(content: str, encoding: str) -> bytes:
    compact = "".join(content.split())
    if encoding.upper() == "BASE64" or (not encoding and ":" not in compact[:2_000]):
        try:
            return base64.b64decode(compact, validate=True)
        except (binascii.Error, ValueError):
            pass
    return content.encode("utf-8", "surrogatepass" if content.isascii() else "replace")


def envelope_recipients(envelope: Mapping[str, Any]) -> tuple[str, ...]:
    """Who the mail was delivered to, by the SMTP envelope; empty when the notification does not say."""
    found = strings(mapping(envelope.get("receipt")).get("recipients"))
    return tuple(dict.fromkeys(a for value in found if (a := normal_address(value))))


_STATUSES = {
    "send": ReceiptStatus.SENT,
    "delivery": ReceiptStatus.DELIVERED,
    "bounce": ReceiptStatus.BOUNCED,
    "complaint": ReceiptStatus.COMPLAINED,
    "reject": ReceiptStatus.FAILED,
    "rendering failure": ReceiptStatus.FAILED,
    "deliverydelay": ReceiptStatus.DELAYED,
    "open": ReceiptStatus.READ,
    "click": ReceiptStatus.READ,
}
_DETAILS = {"deliverydelay": "deliveryDelay", "rendering failure": "failure", "renderingfailure": "failure"}


def parse_event(payload: Mapping[str, Any], inbox: Inbox, key: bytes, received_at: datetime) -> Parsed:
    """A sending event as receipts, one per recipient it names; an event that is new to us is an UNKNOWN one, kept raw."""
    word = str(payload.get("eventType") or payload.get("notificationType") or "unknown")[:60]
    name = word.lower()
    mail = mapping(payload.get("mail"))
    details = mapping(payload.get(_DETAILS.get(name, name)))
    status = _STATUSES.get(name, ReceiptStatus.UNKNOWN)
    external_id = text_or_none(mail.get("messageId"))
    tags = mapping(mail.get("tags"))
    sent_as = strings(tags.get("santral-send"))
    at = time_of(details.get("timestamp")) or time_of(mail.get("timestamp")) or received_at
    permanent, code, detail = _why(name, details)
    if name == "complaint":
        feedback = text_or_none(details.get("complaintFeedbackType"))
        if feedback == "not-spam":
            status = ReceiptStatus.UNKNOWN
        elif details.get("complaintSubType"):  # it was on a suppression list and never left
            status, permanent = ReceiptStatus.FAILED, True
        code = text_or_none(details.get("complaintSubType")) or feedback
    receipts = []
    for recipient, their_code, their_detail in _people(name, details, mail):
        receipts.append(
            Receipt(
                id=ids.receipt_id(key, "ses", external_id or repr(sorted(payload))[:200], word, recipient or ""),
                channel=ChannelName.EMAIL,
                provider=Provider.SES,
                inbox=inbox.name,
                status=status,
                provider_status=word,
                external_id=external_id,
                send_id=sent_as[0][:256] if sent_as else None,
                recipient=recipient,
                permanent=permanent,
                code=their_code or code,
                detail=their_detail or detail,
                at=at,
                received_at=received_at,
                raw=None if status is not ReceiptStatus.UNKNOWN else _small(payload),
            )
        )
    return Parsed(receipts=tuple(receipts))


def _why(name: str, details: Mapping[str, Any]) -> tuple[bool | None, str | None, str | None]:
    if name == "bounce":
        # Transient: SES has given up retrying this mail, but the address may work another time.
        permanent = {"Permanent": True, "Transient": False}.get(str(details.get("bounceType")))
        return permanent, text_or_none(details.get("bounceSubType")), None
    if name == "deliverydelay":
        return False, text_or_none(details.get("delayType")), None
    if name in ("reject", "rendering failure"):
        return True, None, text_or_none(details.get("reason")) or text_or_none(details.get("errorMessage"))
    if name == "delivery":
        return None, None, text_or_none(details.get("smtpResponse"))
    return None, None, None


def _people(
    name: str, details: Mapping[str, Any], mail: Mapping[str, Any]
) -> list[tuple[str | None, str | None, str | None]]:
    """Recipient, status code and diagnosis of each person the event is about; of an open in a group nobody knows who."""
    for key in ("bouncedRecipients", "complainedRecipients", "delayedRecipients"):
        if isinstance(details.get(key), list):
            people = [mapping(item) for item in details[key][:MAX_RECIPIENTS]]
            found: list[tuple[str | None, str | None, str | None]] = [
                (
                    _address(item.get("emailAddress")),
                    text_or_none(item.get("status")),
                    text_or_none(item.get("diagnosticCode")),
                )
                for item in people
            ]
            if found:
                return found
    named = strings(details.get("recipients")) or strings(mail.get("destination"))
    if name in ("open", "click") and len(named) != 1:
        return [(None, None, None)]
    return [(_address(value), None, None) for value in named[:MAX_RECIPIENTS]] or [(None, None, None)]


def _address(value: Any) -> str | None:
    found = addresses([value]) if isinstance(value, str) else []
    return found[0].address if found else None


def _small(payload: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in payload.items() if name != "mail"}
    text = clean(json.dumps(kept, default=str))
    result: dict[str, Any] = json.loads(text) if len(text) < 8_000 else {"cut": text[:8_000]}
    return result
