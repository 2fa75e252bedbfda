"""A bounce that only says so in words, in whatever language: known by several of the signs a person would go by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.mail_headers import normal_address
from channels.mime import Mail
from channels.report_values import (
    ADDRESS,
    MAX_RECIPIENTS,
    RETURNED_PART,
    STATUS,
    Outcome,
    Report,
    addresses_in,
    detail_of,
    enhanced,
    is_permanent,
)
from channels.report_words import DELAYED, FAILED, FAILED_SUBJECT
from router.messages import Kind, ReceiptStatus

_REPLY = re.compile(r"(?<![\d.:])([245])[0-5]\d(?=[ \-#.,;:)]|$)")
_LEADING = re.compile(
    r"\s*(?:[-*•]+\s*)?(?:(?:to|an|à|para|rcpt|recipient|kime|alıcı|кому)\s?[:：]\s*)?(?:rfc822;)?[\"'(]?<?(?:mailto:)?$",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"(?i)^(mailer[-_.]?daemon|mail[-_.]?daemon|daemon|post[-_.]?master|mail[-_.]?delivery[^@]*|mdaemon|bounces?|bounce[-_]?handler)"
    r"(\+[^@]*)?(@|$)"
)
_DAEMON_NAME = re.compile(
    r"(?i)mail delivery|delivery (sub)?system|mailer.daemon|mail system|system administrator|post ?master"
)
_FAILED = re.compile(FAILED, re.IGNORECASE)
_FAILED_SUBJECT = re.compile(FAILED_SUBJECT, re.IGNORECASE)
_DELAYED = re.compile(DELAYED, re.IGNORECASE)
_HOPELESS = re.compile(r"(?i)permanent|given up|no such|unknown|not found|not listed|does not exist")
_REASON = re.compile(r"(?im)^[ \t]{0,20}(?:[a-z]{1,20} )?(?:reason|grund|motif|motivo|neden|sebep)[ \t]?: ?\S.{0,300}$")
_DISCARDED = re.compile(r"(?i)rejected and discarded")
_FULL = re.compile(r"(?i)mailbox (?:is )?full|over quota|quota exceeded")  # 5.2.2 (RFC 3463), once it is discarded
_NOT_RECIPIENT = re.compile(r"(?i)mail from\s*:?\s*<?$|sender\W{0,3}$|from\s?:\s*<?$|contact\W|envelope-from|reply.to")


def bounce_of(mail: Mail, text: str, sender: str, name: str, own: Sequence[str], null_path: bool) -> Report | None:
    """A bounce without its machine-readable part, known by several of the signs a person would go by."""
    root = mail.root
    subject = root.read("subject")
    listed = [a for value in root.all("x-failed-recipients") for a in addresses_in(value)]
    daemon = bool(_DAEMON.match(sender) or _DAEMON_NAME.search(name))
    if not listed and not daemon and not null_path:
        return None  # a person writing about a failed delivery, of a parcel perhaps
    returned = RETURNED_PART.search(text)
    told = text[: returned.start()] if returned else text[:20_000]
    attached = any(part.content_type in ("message/rfc822", "text/rfc822-headers") for part in root.children)
    failed = bool(_FAILED.search(told))
    code = bool(STATUS.search(told) or _REPLY.search(told))
    subject_says = bool(_FAILED_SUBJECT.search(subject))
    signs = subject_says + failed + code + bool(returned or attached)
    enough = 1 if sender.startswith("mailer-daemon") else 2
    if not listed and (signs < enough or not (failed or code or (daemon and subject_says))):
        return None
    report = Report(Kind.BOUNCE)
    late = bool(_DELAYED.search(subject)) or (bool(_DELAYED.search(told)) and not _HOPELESS.search(told))
    named = _REASON.search(told)
    hopeless = bool(_HOPELESS.search(told))
    pieces = _failed_recipients(told, {*own, sender}, listed)
    for person, said in pieces:
        about = said if STATUS.search(said) or _REPLY.search(said) else (told if len(pieces) == 1 else said)
        status_code = enhanced(about)
        reply = _REPLY.search(about)
        number = status_code or (reply[0] if reply else None)
        waits = late and (number is None or number[0] == "4" or bool(_DELAYED.search(subject)))
        status = ReceiptStatus.DELAYED if waits else ReceiptStatus.BOUNCED
        permanent = is_permanent(status, number)
        if permanent is None and status is ReceiptStatus.BOUNCED and hopeless:
            permanent = True
        reason = said
        if named is not None and number is None and len(pieces) == 1 and named[0].strip() not in said:
            reason = named[0]
            if status is ReceiptStatus.BOUNCED and _DISCARDED.search(told):
                permanent = True
                number = "5.2.2" if _FULL.search(named[0]) else None
        elif named is not None and len(pieces) == 1 and number and number not in said:
            reason = named[0]  # the line that names the recipient says nothing of the reason
        detail = (detail_of(reason) or "")[:500] or None
        report.outcomes.append(Outcome(status, "delayed" if waits else "failed", person, permanent, number, detail))
    return report


def _failed_recipients(told: str, own: set[str], listed: list[str]) -> list[tuple[str, str]]:
    """Each address that failed, with the text about it: those that begin a line, else the first one named."""
    leading: dict[str, str] = {}
    others: dict[str, str] = {}
    last: str | None = None
    for line in told.split("\n")[:500]:
        line = line[:2_000]
        matches = [(m, normal_address(m[0].rstrip("."))) for m in ADDRESS.finditer(line)]
        usable = [
            (m, a)
            for m, a in matches
            if a and a not in own and "." in a.rpartition("@")[2] and not _NOT_RECIPIENT.search(line[: m.start()][-40:])
        ]
        first = next(((m, a) for m, a in usable if _LEADING.match(line[: m.start()])), None)
        if first is not None:
            last = first[1]
            leading.setdefault(last, "")
        for _, address in usable:
            others.setdefault(address, line)
        if last is not None and len(leading[last]) < 1_000:
            leading[last] += line[first[0].end() :] + " " if first is not None else line + " "
    if listed:
        return [(a, leading.get(a) or others.get(a, "")) for a in dict.fromkeys(listed)][:MAX_RECIPIENTS]
    chosen = leading or dict(list(others.items())[:1])
    return list(chosen.items())[:MAX_RECIPIENTS]
