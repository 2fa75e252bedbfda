"""SES's view of a mail: header lists, common headers, ids, and a plain text for the mailbox. No I/O."""

from __future__ import annotations

import secrets
import time
import uuid
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Any

HEADER_LIMIT = 10 * 1024  # SES truncates the header list of a notification here


def parse(raw: bytes) -> EmailMessage:
    """The mail, read leniently."""
    message = BytesParser(policy=policy.default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def header(message: Message, name: str) -> str:
    """One header as text, empty when it is missing or too malformed to read (the parser raises lazily)."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError, KeyError):
        return ""


def headers(message: EmailMessage) -> tuple[list[dict[str, str]], bool]:
    """All headers in order, duplicates kept, and whether SES would have truncated them."""
    found: list[dict[str, str]] = []
    size = 0
    for name, value in message.raw_items():
        text = " ".join(str(value).split())
        size += len(name) + len(text)
        if size > HEADER_LIMIT:
            return found, True
        found.append({"name": name, "value": text})
    return found, False


def addresses(message: EmailMessage, *names: str) -> list[str]:
    """The bare addresses in some headers."""
    return [address for _, address in getaddresses([header(message, name) for name in names]) if address]


def address_of(text: str) -> str:
    """The bare address in `Name <address>`."""
    return next((address for _, address in getaddresses([text]) if address), "")


def common_headers(message: EmailMessage, return_path: str | None = None) -> dict[str, Any]:
    """SES's `commonHeaders`: only what the mail has."""
    common: dict[str, Any] = {}
    if return_path is not None:
        common["returnPath"] = return_path
    for key, name in (("from", "From"), ("replyTo", "Reply-To"), ("to", "To"), ("cc", "Cc"), ("bcc", "Bcc")):
        if value := header(message, name):
            common[key] = [part.strip() for part in value.split(",") if part.strip()]
    for key, name in (("date", "Date"), ("messageId", "Message-ID"), ("subject", "Subject")):
        if value := header(message, name):
            common[key] = value
    return common


def text_of(message: EmailMessage) -> str:
    """What the customer reads: the plain part, else the HTML with a note, else nothing."""
    try:
        part = message.get_body(("plain", "html"))
        content = part.get_content() if part is not None else ""
    except (LookupError, ValueError, KeyError, AttributeError):
        return ""
    return content if isinstance(content, str) else ""


def inbound_id() -> str:
    """An id as SES gives a received mail: 40 lower-case letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(40))


def outbound_id() -> str:
    """An id as SendEmail returns it: time, a UUID, six digits."""
    return f"01000{int(time.time() * 1000):011x}-{str(uuid.uuid4())[:23]}-{secrets.token_hex(6)}-000000"


def wire_id(message_id: str, region: str) -> str:
    """The Message-ID that SES puts on the wire in place of ours."""
    return f"{message_id}@{'email' if region == 'us-east-1' else region}.amazonses.com"
