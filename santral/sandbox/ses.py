"""SESv2's SendEmail, played: checks the mail, shows it in the customer's mailbox, publishes what became of it.

The local part of the recipient plays a failure: `bounce`, `complaint`, `delay`, `reject` (400), `error` (500),
`throttle` (429, the first two times), `timeout` (no answer, though the mail is taken). Or a failure is ordered: `faults`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from router.config import Config
from santral.sandbox import faults, mail
from santral.sandbox.cloud import Cloud
from santral.sandbox.line import Line
from santral.sandbox.world import Mail, now_iso

MAX_RAW = 40 * 1024 * 1024
MAX_RECIPIENTS = 50
THROTTLED_TIMES = 2
TIMEOUT_SECONDS = 90  # longer than any caller waits
_TAG = re.compile(r"[A-Za-z0-9_.@-]{1,256}")
_ORDERED = {
    faults.BUSY: faults.BUSY,
    faults.DOWN: "error",
    faults.REFUSED: "reject",
    faults.LOST: "bounce",
    faults.SILENT: "timeout",
}


class Refusal(Exception):
    """SES says no: HTTP status, exception name and message, as the API words them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Sending:
    """One accepted SendEmail."""

    id: str
    source: str
    recipients: list[str]
    message: mail.Letter
    tags: dict[str, str]


class Ses:
    """One region's SES. It does not look at signatures: a detoured call has none."""

    def __init__(self, cloud: Cloud, config: Config, line: Line) -> None:
        self.cloud = cloud
        self.config = config
        self.line = line
        self.world = line.world

    async def send_email(self, request: web.Request) -> web.Response:
        """POST /v2/email/outbound-emails."""
        try:
            sending = accept(await request.read())
            play = self._play(sending)
            await self._refuse(play, sending.recipients[0])
        except Refusal as refusal:
            return web.json_response(
                {"message": str(refusal)}, status=refusal.status, headers={"x-amzn-ErrorType": refusal.code}
            )
        kept = [await self._keep(sending, recipient) for recipient in sending.recipients]
        self.line.later(self._report(sending, play, kept))
        if play == "timeout":
            await asyncio.sleep(TIMEOUT_SECONDS)
        return web.json_response({"MessageId": sending.id})

    def _play(self, sending: Sending) -> str:
        """What was ordered for the recipient, else what the address says."""
        inbox = self.config.inbox_by_address("email", sending.source)
        ordered = self.line.faults.take(inbox.name, sending.recipients[0].lower()) if inbox is not None else None
        return _ORDERED[ordered] if ordered else sending.recipients[0].partition("@")[0].lower()

    async def _refuse(self, play: str, recipient: str) -> None:
        if play == "reject":
            raise Refusal(400, "MessageRejected", "Email address is not verified.")
        if play == "error":
            raise Refusal(500, "InternalFailure", "An internal failure occurred.")
        if play == faults.BUSY:
            raise Refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
        if play == "throttle":
            self.world.attempts[recipient] += 1
            if self.world.attempts[recipient] <= THROTTLED_TIMES:
                raise Refusal(429, "TooManyRequestsException", "Maximum sending rate exceeded.")

    async def _keep(self, sending: Sending, recipient: str) -> Mail:
        message = sending.message
        kept = Mail(
            id=sending.id,
            way="to-customer",
            customer=recipient.lower(),
            inbox=sending.source.lower(),
            subject=mail.header(message, "Subject"),
            text=mail.text_of(message),
            at=now_iso(),
            message_id=mail.wire_id(sending.id, self.cloud.region),
            references=[ref.strip("<>") for ref in mail.header(message, "References").split()],
            reply_to=next(iter(mail.addresses(message, "Reply-To")), None),
            tags=sending.tags,
            files=[self.world.keep(*file).shown() for file in mail.files_of(message)],
        )
        await self.world.add(kept)
        return kept

    async def _report(self, sending: Sending, play: str, kept: list[Mail]) -> None:
        """The configuration set's events: Send first, then what became of it."""
        await asyncio.sleep(self.line.pause)
        await self._event(sending, "Send", "send", {})
        await asyncio.sleep(self.line.pause)
        state = {"bounce": "bounced", "delay": "delayed"}.get(play, "delivered")
        for name, key, content in outcome(sending, play):
            await self._event(sending, name, key, content)
        for item in kept:
            item.state = "complained" if play == "complaint" else state
        await self.world.touch()

    async def _event(self, sending: Sending, name: str, key: str, content: dict[str, Any]) -> None:
        await self.cloud.publish_event(json.dumps({"eventType": name, "mail": described(sending), key: content}))


def accept(body: bytes) -> Sending:
    """A SendEmail request with raw content, checked as SES checks it. Raises Refusal."""
    try:
        asked = json.loads(body)
        raw = base64.b64decode(asked["Content"]["Raw"]["Data"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Refusal(400, "BadRequestException", "Content.Raw.Data is missing or not base64.") from None
    if len(raw) > MAX_RAW:
        raise Refusal(400, "BadRequestException", f"Message length is more than {MAX_RAW} bytes long.")
    message = mail.parse(raw)
    destination = asked.get("Destination") or {}
    recipients = [
        address for name in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(name) or []
    ] or mail.addresses(message, "To", "Cc", "Bcc")
    recipients = [bare for address in recipients for bare in [mail.address_of(address)] if bare]
    if not recipients or len(recipients) > MAX_RECIPIENTS:
        raise Refusal(400, "BadRequestException", f"Recipient count is {len(recipients)}, allowed are 1 to 50.")
    sources = mail.addresses(message, "From")
    source = mail.address_of(asked.get("FromEmailAddress") or "") or (sources or [""])[0]
    if "@" not in source or len(sources) != 1:
        raise Refusal(400, "BadRequestException", "Missing or repeated 'From'.")
    for name in ("From", "Subject", "Reply-To", "In-Reply-To", "References", "Auto-Submitted", "Message-ID"):
        if len(message.get_all(name)) > 1:
            raise Refusal(400, "MessageRejected", f"Duplicate header '{name}'.")
    if any(len(line) > 998 for line in raw.split(b"\n")):
        raise Refusal(400, "MessageRejected", "A line is longer than 998 characters (RFC 5322).")
    tags = {str(tag.get("Name")): str(tag.get("Value")) for tag in asked.get("EmailTags") or []}
    for name, value in tags.items():
        if not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            raise Refusal(400, "BadRequestException", f"Invalid tag <{name}>.")
    return Sending(mail.outbound_id(), source, recipients, message, tags)


def outcome(sending: Sending, play: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What became of it: event name, its key, its content."""
    now = now_iso()
    if play == "bounce":
        recipients = [
            {
                "emailAddress": address,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }
            for address in sending.recipients
        ]
        bounce = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients}
        return [
            ("Bounce", "bounce", bounce | {"timestamp": now, "feedbackId": sending.id, "reportingMTA": "dns; sandbox"})
        ]
    if play == "delay":
        delayed = [
            {"emailAddress": address, "status": "4.4.7", "diagnosticCode": "smtp; 421"}
            for address in sending.recipients
        ]
        return [
            (
                "DeliveryDelay",
                "deliveryDelay",
                {"timestamp": now, "delayType": "TransientCommunicationFailure", "delayedRecipients": delayed},
            )
        ]
    delivery = {
        "timestamp": now,
        "processingTimeMillis": 400,
        "recipients": sending.recipients,
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "sandbox.localhost",
    }
    events: list[tuple[str, str, dict[str, Any]]] = [("Delivery", "delivery", delivery)]
    if play == "complaint":
        complained = [{"emailAddress": address} for address in sending.recipients]
        complaint = {
            "timestamp": now,
            "feedbackId": sending.id,
            "complaintSubType": None,
            "complaintFeedbackType": "abuse",
        }
        events.append(("Complaint", "complaint", complaint | {"complainedRecipients": complained, "arrivalDate": now}))
    return events


def described(sending: Sending) -> dict[str, Any]:
    """The `mail` object of an event; `commonHeaders.messageId` is the one that was passed in."""
    found, truncated = mail.headers(sending.message)
    return {
        "timestamp": now_iso(),
        "source": sending.source,
        "sendingAccountId": "000000000000",
        "messageId": sending.id,
        "destination": sending.recipients,
        "headersTruncated": truncated,
        "headers": found,
        "commonHeaders": mail.common_headers(sending.message),
        "tags": {name: [value] for name, value in sending.tags.items()},
    }
