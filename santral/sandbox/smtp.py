"""The SMTP door: takes mail as SES's receiving end does, stores it in the mail bucket and notifies the topic."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from botocore.exceptions import BotoCoreError, ClientError

from router.config import Config
from santral.sandbox import mail
from santral.sandbox.cloud import MAIL_PREFIX, Cloud
from santral.sandbox.world import Mail, World, now_iso

log = logging.getLogger(__name__)

SIZE_LIMIT = 40 * 1024 * 1024  # SES's S3 action, headers included
SPOOF = "X-Sandbox-Spoof"  # a mail with this header fails SPF, DKIM and DMARC, as a forged sender would


class Door:
    """aiosmtpd's handler. It answers the sending program with SMTP codes and words that a person understands."""

    def __init__(self, cloud: Cloud, config: Config, world: World) -> None:
        self.cloud = cloud
        self.config = config
        self.world = world

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks the method up by the SMTP verb
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """Only configured inboxes take mail."""
        if self.config.inbox_by_address("email", address) is None:
            return f"550 5.1.1 <{address}>: no such inbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Store and notify, then say yes: nothing accepted is lost."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "surrogateescape")
        message_id = mail.inbound_id()
        try:
            source = (
                (envelope.mail_from or "").removeprefix("<").removesuffix(">")
            )  # aiosmtpd keeps the null sender as <>
            await self.take(message_id, raw, source, list(envelope.rcpt_tos), session.host_name or "localhost")
        except (BotoCoreError, ClientError):
            log.exception("the mail bucket or topic did not take a mail")
            return "451 4.3.0 The mail could not be stored; try again later"
        return f"250 2.0.0 OK {message_id}"

    async def take(
        self, message_id: str, raw: bytes, source: str, recipients: list[str], helo: str = "localhost"
    ) -> None:
        """What SES does with a mail that a rule matched."""
        message = mail.parse(raw)
        forged = bool(message.get_all(SPOOF))
        key = MAIL_PREFIX + message_id
        stored = received(raw, message_id, source, recipients, helo, self.cloud.region, forged=forged)
        await self.cloud.store_mail(key, stored)
        note = notification(mail.parse(stored), message_id, source, recipients, self.cloud, key, forged=forged)
        await self.cloud.notify(json.dumps(note))
        await self.world.add(
            Mail(
                id=message_id,
                way="from-customer",
                customer=(mail.addresses(message, "From") or [source])[0].lower(),
                inbox=recipients[0].lower(),
                subject=mail.header(message, "Subject"),
                text=mail.text_of(message),
                at=now_iso(),
                message_id=mail.header(message, "Message-ID").strip("<>"),
                references=[ref.strip("<>") for ref in mail.header(message, "References").split()],
            )
        )


def received(
    raw: bytes, message_id: str, source: str, recipients: Sequence[str], helo: str, region: str, *, forged: bool
) -> bytes:
    """The mail as SES stores it: with the trace headers that a receiving server puts before it."""
    verdict = "fail" if forged else "pass"
    lines = (
        f"Return-Path: <{source}>",
        f"Received: from {helo} ([127.0.0.1])",
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {message_id}",
        f" for {recipients[0]};",
        f" {formatdate()}",
        "X-SES-Spam-Verdict: PASS",
        "X-SES-Virus-Verdict: PASS",
        "Authentication-Results: amazonses.com;",
        f" spf={verdict} smtp.mailfrom={source}; dkim={verdict}; dmarc={verdict};",
        "",
    )
    trace = "\r\n".join(lines)
    return trace.encode("utf-8", "surrogateescape") + raw


def notification(
    message: mail.Letter,
    message_id: str,
    source: str,
    recipients: list[str],
    cloud: Cloud,
    key: str,
    *,
    forged: bool = False,
) -> dict[str, Any]:
    """The S3 action's SNS notification, as Amazon documents it (receiving-email-notifications-contents)."""
    found, truncated = mail.headers(message)
    verdict = {"status": "FAIL" if forged else "PASS"}
    receipt: dict[str, Any] = {
        "timestamp": now_iso(),
        "processingTimeMillis": 42,
        "recipients": recipients,
        "spamVerdict": {"status": "PASS"},
        "virusVerdict": {"status": "PASS"},
        "spfVerdict": verdict,
        "dkimVerdict": verdict,
        "dmarcVerdict": verdict,
        "action": {
            "type": "S3",
            "topicArn": cloud.mail_topic,
            "bucketName": cloud.mail_bucket,
            "objectKeyPrefix": MAIL_PREFIX,
            "objectKey": key,
        },
    }
    if forged:
        receipt["dmarcPolicy"] = "none"
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": now_iso(),
            "source": source,
            "messageId": message_id,
            "destination": mail.addresses(message, "To", "Cc") or recipients,
            "headersTruncated": truncated,
            "headers": found,
            "commonHeaders": mail.common_headers(message, source),
        },
        "receipt": receipt,
    }


async def listen(door: Door, host: str, port: int) -> asyncio.Server:
    """Open the door; with port 0 any free one. SIZE is announced, so a client learns the limit before it sends."""

    def session() -> SMTP:
        return SMTP(
            door,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname="sandbox.localhost",
            ident="Santral sandbox",
        )

    factory: Callable[[], SMTP] = session
    return await asyncio.get_running_loop().create_server(factory, host, port)
