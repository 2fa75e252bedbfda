"""One mail, read: each question a message answers, and what the mail has to say to it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.base import Request
from channels.email_authors import author_of
from channels.email_content import Content, content_of
from channels.email_kinds import kind_of
from channels.email_reply import reply_of
from channels.email_reports import report_of
from channels.mail_headers import addresses, date, message_id, message_ids, normal_address
from channels.mime import Mail, Part, parse_mail
from channels.mime_decode import clean
from channels.report_values import Report
from channels.ses import envelope_recipients
from channels.ses_values import mapping, strings, time_of
from router import ids
from router.config import Inbox
from router.errors import Unparsable
from router.messages import (
    Authenticity,
    ChannelName,
    Direction,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    Receipt,
    ReceiptStatus,
    Threading,
    Verdict,
)

_VERDICTS = {v.value: v for v in Verdict}


def mail_of(body: bytes, described: Mapping[str, Any]) -> Mail:
    """The mail, or, when the notification came without it, what its headers tell."""
    if body.strip():
        return parse_mail(body)
    lines: list[str] = []
    listed = described.get("headers")
    for item in listed if isinstance(listed, list) else []:
        name, value = str(mapping(item).get("name", "")), str(mapping(item).get("value", ""))
        if name.isascii() and name and not name.lower().startswith("content-"):
            lines.append(f"{name}: {' '.join(value.split())}")
    if not lines:
        common = mapping(described.get("commonHeaders"))
        for name, field in (("From", "from"), ("To", "to"), ("Cc", "cc"), ("Subject", "subject"), ("Date", "date")):
            lines += [f"{name}: {' '.join(value.split())}" for value in strings(common.get(field))]
        lines += [f"Message-ID: {value}" for value in strings(common.get("messageId"))]
        lines += [f"Reply-To: {value}" for value in strings(common.get("replyTo"))]
    if not lines:
        raise Unparsable("an empty mail, and its notification has no headers either")
    mail = parse_mail(("\n".join(lines) + "\n\n").encode("utf-8", "replace"))
    mail.problems.append("body not in this event")
    return mail


class Reading:
    """One mail being read; each method answers one question about it."""

    def __init__(self, mail: Mail, envelope: Mapping[str, Any], request: Request, inbox: Inbox, key: bytes) -> None:
        self.mail = mail
        self.root: Part = mail.root
        self.described = mapping(envelope.get("mail"))
        self.receipt = mapping(envelope.get("receipt"))
        self.envelope_to = envelope_recipients(envelope)
        self.request = request
        self.inbox = inbox
        self.key = key
        self.problems = mail.problems

    def parsed(self) -> Parsed:
        content = content_of(self.mail)
        sender, claimed = author_of(
            self.root, self.problems, self.inbox.address, strings(self.described.get("source")), ours=self.ours()
        )
        subject = self.root.read("subject")[:1_000]
        null_path = self.null_path()
        report = report_of(self.mail, content.text, sender.address, sender.name or "", self.own_addresses(), null_path)
        kind, reason = (
            (report.kind, "report")
            if report
            else kind_of(
                self.root,
                subject,
                content.text,
                sender.address,
                self.inbox.address,
                null_path=null_path,
                ours=self.ours(),
            )
        )
        sent_at = self.sent_at()
        provider_at = time_of(self.described.get("timestamp"))
        external_id = self.external_id(sender, subject, content)
        message = Message(
            id=ids.message_id(self.key, "ses", self.inbox.brand, external_id),
            external_id=external_id,
            channel=ChannelName.EMAIL,
            provider=Provider.SES,
            inbox=self.inbox.name,
            direction=Direction.INBOUND,
            kind=kind,
            sender=sender,
            recipients=tuple(self.recipients()),
            subject=subject or None,
            text=content.text,
            reply_text=reply_of(content.text) if kind in (Kind.MESSAGE, Kind.AUTO_REPLY) else None,
            html=content.html,
            language=self.language(),
            attachments=tuple(content.attachments),
            sent_at=sent_at,
            provider_at=provider_at,
            received_at=self.request.received_at,
            threading=self.threading(),
            authenticity=self.authenticity(claimed),
            raw_ref=self.request.raw_ref,
            raw=self.kept(sender, reason) or None,
            problems=tuple(dict.fromkeys(clean(problem)[:200] for problem in self.problems))[:20],
        )
        at = provider_at or sent_at or self.request.received_at
        return Parsed(messages=(message,), receipts=self.receipts(report, external_id, at) if report else ())

    def null_path(self) -> bool:
        """Whether the envelope sender is empty, as of reports and robots (RFC 5321, 4.5.5)."""
        if isinstance(self.described.get("source"), str):
            source = str(self.described["source"]).strip().lower()
        elif self.root.has("return-path"):
            source = self.root.get("return-path").strip().lower()
        else:
            return False
        return source.strip("<> ") in ("", "mailer-daemon")

    def ours(self) -> bool:
        """Whether we sent this very mail: another company's mark stands on what its people write."""
        return any(ids.read_token(self.key, value.strip()) for value in self.root.all("x-santral-send"))

    def own_addresses(self) -> list[str]:
        """The addresses this mail came to, with and without the part after +."""
        values = [self.inbox.address, *self.envelope_to]
        for name in ("to", "delivered-to", "x-original-to", "envelope-to"):
            values += [party.address for party in addresses(self.root.all(name))]
        return [a for value in values if (a := normal_address(value))]

    def recipients(self) -> list[Party]:
        named = addresses([*self.root.all("to"), *self.root.all("cc")])
        if not self.envelope_to:
            return named[:100]
        names = {party.address: party.name for party in named}
        return [Party(address=address, name=names.get(address)) for address in self.envelope_to[:100]]

    def threading(self) -> Threading:
        routed = list(self.envelope_to)
        if not routed:
            for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
                routed += [party.address for party in addresses(self.root.all(name))]
        tokens: dict[str, None] = {}
        for address in routed:
            local, _, domain = address.rpartition("@")
            _, plus, token = local.partition("+")
            if plus and token and domain:
                tokens[token.lower()[:200]] = None
        return Threading(
            tokens=tuple(tokens)[:20],
            message_id=message_id(self.root.get("message-id")),
            in_reply_to=message_ids(self.root.all("in-reply-to")),
            references=message_ids(self.root.all("references")),
        )

    def sent_at(self) -> datetime | None:
        value = self.root.get("date")
        found = date(value)
        if found is None:
            self.problems.append("an unreadable Date" if value else "no Date")
        return found

    def language(self) -> str | None:
        value = self.root.get("content-language").partition(",")[0].strip()
        return value if 2 <= len(value) <= 20 and value.replace("-", "").isalnum() and value.isascii() else None

    def authenticity(self, claimed: bool) -> Authenticity:
        verdicts = {
            name: _VERDICTS.get(str(mapping(self.receipt.get(f"{name}Verdict")).get("status", "")).lower())
            for name in ("spf", "dkim", "dmarc", "spam", "virus")
        }
        passed = verdicts["dmarc"] is Verdict.PASS
        proof = Proof.STRONG if passed and claimed and not self.contradicted() else Proof.NONE
        return Authenticity(proof=proof, method="dmarc" if verdicts["dmarc"] else None, **verdicts)

    def contradicted(self) -> bool:
        """Whether SES read another author in the mail than we do: then its verdict is about somebody else."""
        theirs = addresses(strings(mapping(self.described.get("commonHeaders")).get("from")))
        ours = addresses(self.root.all("from"))
        if not theirs or not ours or theirs[0].address == ours[0].address:
            return False
        self.problems.append("SES read another author in From: not proved")
        return True

    def external_id(self, sender: Party, subject: str, content: Content) -> str:
        """One mail is one id by whatever way and to whichever inbox; another mail under a used Message-ID is another."""
        wire = message_id(self.root.get("message-id"))
        if wire is None:
            theirs = self.described.get("messageId")
            if isinstance(theirs, str) and 0 < len(theirs) <= 200:
                return clean(theirs)
            return "file-" + hashlib.blake2b(self.mail.raw, digest_size=20).hexdigest()
        digest = hashlib.blake2b(digest_size=20)
        files = [f"{item.filename}/{item.content_type}" for item in content.attachments]
        body = " ".join(content.text.split())
        for part in (wire, sender.address, self.root.get("date"), subject, body, *files):
            data = part.encode("utf-8", "replace")
            digest.update(len(data).to_bytes(4, "big") + data)
        return "mail-" + digest.hexdigest()

    def kept(self, sender: Party, reason: str | None) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        reply_to = [party.address for party in addresses(self.root.all("reply-to")) if party.address != sender.address]
        if reply_to:
            kept["reply_to"] = reply_to[0] if len(reply_to) == 1 else reply_to[:10]
        source = normal_address(" ".join(strings(self.described.get("source"))))
        if source and source != sender.address:
            kept["envelope_from"] = source
        if isinstance(self.described.get("messageId"), str):
            kept["ses_message_id"] = clean(self.described["messageId"])[:200]
        if reason:
            kept["kind_by"] = reason
        return kept

    def receipts(self, report: Report, external_id: str, at: datetime) -> tuple[Receipt, ...]:
        about = report.original_id or external_id
        wire = report.original_id or ""
        ses = wire.partition("@")[0] if wire.endswith("amazonses.com") else None
        found: dict[str, Receipt] = {}
        for outcome in report.outcomes:
            receipt_id = ids.receipt_id(self.key, "ses", about, outcome.status.value, outcome.recipient or "")
            raw: dict[str, Any] = {"ses_message_id": ses} if ses else {}
            if outcome.status is ReceiptStatus.UNKNOWN:
                raw["word"] = outcome.word
            found[receipt_id] = Receipt(
                id=receipt_id,
                channel=ChannelName.EMAIL,
                provider=Provider.SES,
                inbox=self.inbox.name,
                status=outcome.status,
                provider_status=outcome.word,
                external_id=report.original_id,
                send_id=ids.read_token(self.key, report.send_id or ""),
                recipient=outcome.recipient,
                permanent=outcome.permanent,
                code=outcome.code,
                detail=outcome.detail,
                at=at,
                received_at=self.request.received_at,
                raw=raw or None,
            )
        return tuple(found.values())
