"""What a report is, and the pieces that its machine-readable and its human-readable readings share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from channels.mail_headers import normal_address
from channels.mime_decode import one_line
from channels.report_words import RETURNED
from router.messages import Kind, ReceiptStatus

MAX_RECIPIENTS = 200

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9\u0080-\uffff](?:[A-Za-z0-9\u0080-\uffff.-]{0,250}[A-Za-z0-9\u0080-\uffff])?"
)
RETURNED_PART = re.compile(RETURNED, re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report says about one recipient."""

    status: ReceiptStatus
    word: str
    recipient: str | None = None
    permanent: bool | None = None
    code: str | None = None
    detail: str | None = None


@dataclass(slots=True)
class Report:
    """A whole report: what kind it is, which mail it is about, and the outcome for each recipient."""

    kind: Kind
    outcomes: list[Outcome] = field(default_factory=list)
    original_id: str | None = None
    send_id: str | None = None


_SCRAP = re.compile(
    r"^(?:[\s:;,.>)\]-]|<mailto:[^<>]{0,300}>)+(?:remote host said\s?:\s*)?|^remote host said\s?:\s*", re.IGNORECASE
)


def detail_of(said: str) -> str | None:
    """A reason as one line, without what the line before it left at its beginning."""
    return _SCRAP.sub("", one_line(said))[:1_000].strip() or None


def enhanced(value: str) -> str | None:
    """The enhanced status code (RFC 3463) in a text."""
    match = STATUS.search(value)
    return match[0] if match else None


def is_permanent(status: ReceiptStatus, code: str | None) -> bool | None:
    """Whether a failure will last, by its code's class; None where that is not said."""
    if status is ReceiptStatus.DELAYED:
        return False
    if status is not ReceiptStatus.BOUNCED or not code:
        return None
    return {"5": True, "4": False}.get(code[0])


def addresses_in(value: str) -> list[str]:
    """Every mail address in a text, normalised."""
    return [address for match in ADDRESS.findall(value) if (address := normal_address(match))]
