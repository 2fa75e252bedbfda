"""Reports about our own mail: delivery status (RFC 3464) in every shape, abuse reports (RFC 5965), read receipts (RFC 8098).

A report is found first by its machine-readable part, wherever that stands, and else by what a person would go by: who
writes, that it failed, and for whom. No mail system is known by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from channels.email_bounces import bounce_of
from channels.mail_headers import addresses, message_id, normal_address
from channels.mime import Mail, Part
from channels.report_values import (
    ADDRESS,
    MAX_RECIPIENTS,
    RETURNED_PART,
    Outcome,
    Report,
    addresses_in,
    detail_of,
    enhanced,
    is_permanent,
)
from router.messages import Kind, ReceiptStatus

MAX_FIELDS = 2_000


_ACTIONS = {
    "failed": ReceiptStatus.BOUNCED,
    "failure": ReceiptStatus.BOUNCED,
    "undeliverable": ReceiptStatus.BOUNCED,
    "expired": ReceiptStatus.BOUNCED,
    "delayed": ReceiptStatus.DELAYED,
    "delivered": ReceiptStatus.DELIVERED,
    "relayed": ReceiptStatus.SENT,
    "expanded": ReceiptStatus.SENT,
}
_DELIVERY_STATUS = ("message/delivery-status", "message/global-delivery-status")
_FEEDBACK = {"abuse", "fraud", "virus", "opt-out", "opt-out-list", "miscategorized", "other", "complaint"}

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
_TYPE = re.compile(r"^\s*[A-Za-z][\w-]{0,40}\s*;")  # of a Diagnostic-Code
_TEXT_DSN = re.compile(r"(?im)^final-recipient\s*:\s*\S")


def report_of(mail: Mail, text: str, sender: str, name: str, own: Sequence[str], null_path: bool) -> Report | None:
    """The report this mail is, or None. `own` are the addresses the mail came to: never the recipients that failed."""
    top = list(_own_parts(mail.root))
    said = mail.root.params.get("report-type", "").lower()
    found = _abuse(mail, top) or _disposition(mail, top) or _delivery(mail, top, text, said)
    if found is None:
        found = bounce_of(mail, text, sender, name, own, null_path)
    if found is None and said in ("delivery-status", "feedback-report"):
        found = Report(Kind.COMPLAINT if said == "feedback-report" else Kind.BOUNCE)
    if found is not None:
        _about(mail, top, text, found)
    return found


def _own_parts(root: Part) -> Iterator[Part]:
    """The parts of this mail but not of a message inside it: a forwarded bounce is not a bounce."""
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        if not part.content_type.startswith("message/"):
            stack.extend(reversed(part.children))


def _blocks(text: str) -> list[list[tuple[str, str]]]:
    """Blocks of `Name: value` lines, continuation lines joined; names lower-case."""
    blocks: list[list[tuple[str, str]]] = [[]]
    count = 0
    for line in text.split("\n"):
        if not line.strip():
            if blocks[-1]:
                blocks.append([])
            continue
        match = _FIELD.match(line)
        if match and line[0] not in " \t":
            count += 1
            if count > MAX_FIELDS:
                break
            blocks[-1].append((match[1].lower(), match[2].strip()))
        elif blocks[-1] and len(blocks[-1][-1][1]) < 2_000:
            name, value = blocks[-1][-1]
            blocks[-1][-1] = (name, f"{value} {line.strip()}".strip())
    return [block for block in blocks if block]


def _delivery(mail: Mail, parts: list[Part], text: str, said: str) -> Report | None:
    status = next((part for part in parts if part.content_type in _DELIVERY_STATUS), None)
    in_text = _TEXT_DSN.search(text)
    if status is not None:
        fields = mail.text(status)
    elif in_text and ("action:" in text.lower() or said == "delivery-status"):
        fields = text[in_text.start() :]
    else:
        return None
    outcomes: list[Outcome] = []
    for block in _blocks(fields):
        for group in _recipients_in(block):
            outcome = _outcome(group)
            if outcome is not None and len(outcomes) < MAX_RECIPIENTS:
                outcomes.append(outcome)
    kind = Kind.AUTO_REPLY if outcomes and all(map(_went_well, outcomes)) else Kind.BOUNCE
    return Report(kind, outcomes)


def _went_well(outcome: Outcome) -> bool:
    """Whether nothing failed: the mail arrived, or (Action: deliverable) it could."""
    if outcome.status is ReceiptStatus.UNKNOWN:
        return (outcome.code or "").startswith("2")
    return outcome.status in (ReceiptStatus.DELIVERED, ReceiptStatus.SENT)


def _recipients_in(block: list[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """One mapping per recipient; some systems write several, or everything, into one block."""
    groups: list[dict[str, str]] = [{}]
    for name, value in block:
        if name in groups[-1] and name in ("final-recipient", "action", "original-recipient"):
            groups.append({})
        groups[-1].setdefault(name, value)
    for group in groups:
        if "final-recipient" in group or "original-recipient" in group or "action" in group:
            yield group


def _outcome(fields: dict[str, str]) -> Outcome | None:
    recipient = None
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        value = fields.get(name, "")
        match = ADDRESS.search(value.rpartition(";")[2].strip()) or ADDRESS.search(value)
        if match:
            recipient = normal_address(match[0])
            break
    word = fields.get("action", "").strip().lower().split(" ")[0].strip(";,.")
    diagnostic = fields.get("diagnostic-code", "")
    code = enhanced(fields.get("status", "")) or enhanced(diagnostic)
    detail = detail_of(_TYPE.sub("", diagnostic))
    status = _ACTIONS.get(word)
    if status is None:
        if word and word not in ("", "unknown"):
            status = ReceiptStatus.UNKNOWN
        elif code:
            status = {"5": ReceiptStatus.BOUNCED, "4": ReceiptStatus.DELAYED, "2": ReceiptStatus.DELIVERED}[code[0]]
        else:
            status = ReceiptStatus.UNKNOWN
    if recipient is None and status is ReceiptStatus.UNKNOWN:
        return None
    return Outcome(status, word or "status", recipient, is_permanent(status, code), code, detail)


def _abuse(mail: Mail, parts: list[Part]) -> Report | None:
    part = next((part for part in parts if part.content_type == "message/feedback-report"), None)
    if part is None:
        return None
    fields = [pair for block in _blocks(mail.text(part)) for pair in block]
    kind = next((value.lower() for name, value in fields if name == "feedback-type"), "abuse")
    complained = kind in _FEEDBACK
    status = ReceiptStatus.COMPLAINED if complained else ReceiptStatus.UNKNOWN
    report = Report(Kind.COMPLAINT if complained else Kind.AUTO_REPLY)  # a failed authentication: nobody complained
    people = [
        a for name, value in fields if name in ("original-rcpt-to", "removal-recipient") for a in addresses_in(value)
    ]
    report.original_id = next((message_id(value) for name, value in fields if name == "message-id"), None)
    if not people:
        people = [
            party.address for value in _original_headers(mail, parts).get("to", []) for party in addresses([value])
        ]
    report.outcomes = [Outcome(status, kind[:40], person) for person in list(dict.fromkeys(people))[:MAX_RECIPIENTS]]
    report.outcomes = report.outcomes or [Outcome(status, kind[:40])]
    return report


def _disposition(mail: Mail, parts: list[Part]) -> Report | None:
    part = next((part for part in parts if part.content_type == "message/disposition-notification"), None)
    if part is None:
        return None
    fields = dict(pair for block in _blocks(mail.text(part)) for pair in reversed(block))
    word = fields.get("disposition", "").rpartition(";")[2].strip().lower()
    status = ReceiptStatus.READ if word.startswith("displayed") else ReceiptStatus.UNKNOWN
    people = addresses_in(fields.get("final-recipient", ""))
    report = Report(Kind.AUTO_REPLY, [Outcome(status, word[:40] or "disposition", people[0] if people else None)])
    report.original_id = message_id(fields.get("original-message-id", ""))
    return report


def _original_headers(mail: Mail, parts: list[Part]) -> dict[str, list[str]]:
    """The headers of the returned mail, from an attached message or headers part."""
    for part in parts:
        if part.content_type in ("message/rfc822", "message/global") and part.children:
            inner = part.children[0]
            return {name: inner.all(name) for name in {key for key, _ in inner.headers}}
        if part.content_type in ("text/rfc822-headers", "message/global-headers"):
            found: dict[str, list[str]] = {}
            for block in _blocks(mail.text(part))[:3]:
                for name, value in block:
                    found.setdefault(name, []).append(value)
            return found
    return {}


def _about(mail: Mail, parts: list[Part], text: str, report: Report) -> None:
    """Which of our mails it is about: the Message-ID and our own header, from what was returned."""
    original = _original_headers(mail, parts)
    if not original:
        returned = RETURNED_PART.search(text)
        tail = text[returned.end() :] if returned else ""
        original = {}
        for block in _blocks(tail)[:4]:
            for name, value in block:
                original.setdefault(name, []).append(value)
    report.original_id = (
        next(iter(filter(None, map(message_id, original.get("message-id", [])))), None) or report.original_id
    )
    ours = next(iter(original.get("x-santral-send", [])), "").strip()
    report.send_id = ours if re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", ours) else None
