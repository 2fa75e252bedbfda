"""SES's view of a mail: header lists, common headers, ids, and a plain text for the mailbox. No I/O.

Only headers are read, and nothing a sender writes is refused: SES too stores and announces whatever comes.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any

from channels import mail_headers
from channels.mime import parse_mail
from channels.mime_decode import header_text, one_line, words
from router.errors import SantralError

HEADER_LIMIT = 10 * 1024  # SES truncates the header list of a notification here
READ_LIMIT = 256 * 1024  # of headers that are looked at
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_END = re.compile(rb"\r?\n[ \t]*\r?\n|\A\r?\n")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as bytes, and its headers in order as they were written, unfolded."""

    raw: bytes
    fields: tuple[tuple[str, str], ...]

    def get_all(self, name: str) -> list[str]:
        """Every value of a header, encoded words still in place."""
        return [value for key, value in self.fields if key.lower() == name.lower()]


def parse(raw: bytes) -> Letter:
    """The mail; a line among the headers that is none is passed over."""
    end = _END.search(raw[:READ_LIMIT])
    block = raw[: end.start() if end else READ_LIMIT]
    found: list[tuple[str, str]] = []
    for line in re.split(rb"\r?\n(?![ \t])", block):
        field = _FIELD.match(line)
        if field:
            found.append((field[1].decode("ascii"), one_line(header_text(field[2]))))
    return Letter(raw, tuple(found))


def header(letter: Letter, name: str) -> str:
    """One header as people read it, empty when it is missing."""
    return one_line(words(next(iter(letter.get_all(name)), "")))


def headers(letter: Letter) -> tuple[list[dict[str, str]], bool]:
    """All headers in order, duplicates kept, and whether SES would have truncated them."""
    found: list[dict[str, str]] = []
    size = 0
    for name, value in letter.fields:
        size += len(name) + len(value)
        if size > HEADER_LIMIT:
            return found, True
        found.append({"name": name, "value": value})
    return found, False


def addresses(letter: Letter, *names: str) -> list[str]:
    """The bare addresses in some headers."""
    return [party.address for party in mail_headers.addresses(v for name in names for v in letter.get_all(name))]


def address_of(text: str) -> str:
    """The bare address in `Name <address>`."""
    return next((party.address for party in mail_headers.addresses([text])), "")


def common_headers(letter: Letter, return_path: str | None = None) -> dict[str, Any]:
    """SES's `commonHeaders`: only what the mail has."""
    common: dict[str, Any] = {}
    if return_path is not None:
        common["returnPath"] = return_path
    for key, name in (("from", "From"), ("replyTo", "Reply-To"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")):
        if value := header(letter, name):
            common[key] = [part.strip() for part in value.split(",") if part.strip()]
    for key, name in (("date", "Date"), ("messageId", "Message-ID"), ("subject", "Subject")):
        if value := header(letter, name):
            common[key] = value
    return common


def text_of(letter: Letter) -> str:
    """What the customer reads: the first plain part, else the HTML as it is, else nothing."""
    try:
        mail = parse_mail(letter.raw)
        for kind in ("text/plain", "text/html"):
            for part in mail.root.walk():
                if part.is_leaf and part.content_type == kind and part.disposition != "attachment":
                    return mail.text(part)
    except SantralError:  # too deep or too many parts: the mailbox shows the subject alone
        pass
    return ""


def inbound_id() -> str:
    """An id as SES gives a received mail: 40 lower-case letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(40))


def files_of(letter: Letter) -> list[tuple[str, str, bytes]]:
    """Name, type and bytes of each attachment."""
    try:
        mail = parse_mail(letter.raw)
        parts = [part for part in mail.root.walk() if part.is_leaf and part.disposition == "attachment"]
        return [(part.filename or "file", part.content_type, mail.content(part)) for part in parts]
    except SantralError:
        return []


def outbound_id() -> str:
    """An id as SendEmail returns it: time, a UUID, six digits."""
    return f"01000{int(time.time() * 1000):011x}-{str(uuid.uuid4())[:23]}-{secrets.token_hex(6)}-000000"


def wire_id(message_id: str, region: str) -> str:
    """The Message-ID that SES puts on the wire in place of ours."""
    return f"{message_id}@{'email' if region == 'us-east-1' else region}.amazonses.com"
