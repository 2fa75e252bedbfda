"""An outgoing message as MIME, byte for byte the same each time it is rendered. Headers cannot be injected."""

from __future__ import annotations

import base64
import hashlib
import re

from channels.base import Outgoing
from channels.email_files import with_files
from channels.mail_headers import normal_address
from router.errors import Rejected
from router.messages import Party

MAX_RECIPIENTS = 50
MAX_REFERENCES = 20

_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|ynt|yan|sv|vs|antw|rv|odp|ref|res|r|回复|答复|返信)\s?(?:\[\d{1,3}\])?\s?[:：]\s*)+",
    re.IGNORECASE,
)
_REPLY_WORD = {
    "tr": "Ynt",
    "de": "AW",
    "sv": "SV",
    "da": "SV",
    "nb": "SV",
    "no": "SV",
    "fi": "VS",
    "nl": "Antw",
    "pl": "Odp",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
_ID = re.compile(r"[!-;=?-~]{3,500}\Z")
_ATOM = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+\Z")
_LINK = re.compile(r"https?://[!-;=?-~]{1,900}\Z")
_SENDABLE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\Z")


def sendable(address: str) -> str:
    """The address as it may stand in a header; Rejected when SES could not carry it."""
    found = None if re.search(r"[\s\x00-\x1f\x7f]", address) else normal_address(address)
    if found is None or not _SENDABLE.match(found) or ".." in found:
        raise Rejected("the address is not one that e-mail can be sent to", code="bad-address")
    return found


def reply_subject(subject: str | None, language: str, replying: bool) -> str:
    """The subject with one reply prefix, in the language's own word; unchanged when nothing is answered."""
    subject = _CONTROL.sub(" ", subject or "").strip()
    if not replying:
        return subject
    word = _REPLY_WORD.get(language.partition("-")[0].lower(), "Re")
    return f"{word}: {_PREFIX.sub('', subject)}".strip()[:900]


def mime_of(outgoing: Outgoing) -> tuple[bytes, list[str]]:
    """The raw mail and its envelope recipients. Message-ID and Date are left to SES, which replaces both."""
    message, inbox = outgoing.message, outgoing.inbox
    recipients = [Party(address=sendable(party.address), name=party.name) for party in message.recipients]
    if not recipients:
        raise Rejected("the message has no recipient", code="no-recipient")
    if len(recipients) > MAX_RECIPIENTS:
        raise Rejected(f"{len(recipients)} recipients; SES takes {MAX_RECIPIENTS}", code="too-many-recipients")
    if not message.text and not message.html and not message.attachments:
        raise Rejected("the message has no text", code="empty")
    parent = outgoing.in_reply_to if _ID.match(outgoing.in_reply_to or "") else None
    references = [item for item in outgoing.references if _ID.match(item)]
    if parent and parent not in references:
        references.append(parent)
    language = message.language or inbox.language
    headers = [
        ("From", _mailbox(Party(address=sendable(inbox.address), name=inbox.display_name))),
        ("To", ",\r\n ".join(_mailbox(party) for party in recipients)),
        ("Subject", _encoded(reply_subject(message.subject, language, parent is not None))),
        ("MIME-Version", "1.0"),
    ]
    if outgoing.reply_address:
        headers.append(("Reply-To", _mailbox(Party(address=sendable(outgoing.reply_address), name=inbox.display_name))))
    if parent:
        headers.append(("In-Reply-To", f"<{parent}>"))
    if references:
        kept = references[:1] + references[1:][-MAX_REFERENCES:]  # the first and the last say most
        headers.append(("References", "\r\n ".join(f"<{item}>" for item in kept)))
    if outgoing.automatic:
        headers.append(("Auto-Submitted", "auto-replied" if parent else "auto-generated"))
        headers.append(("X-Auto-Response-Suppress", "OOF, AutoReply"))
    headers += _unsubscribe(outgoing.unsubscribe_url)
    headers.append(("X-Santral-Send", _token(outgoing.mark or message.id)))
    body = with_files(_body(message.text, message.html, message.id), message.attachments, outgoing.files, message.id)
    return _headers(headers) + body, [party.address for party in recipients]


def _unsubscribe(url: str | None) -> list[tuple[str, str]]:
    """How a mail program unsubscribes: the link (RFC 2369), and that a POST there does it (RFC 8058, section 3.1: https alone).

    A DKIM signature has to cover both (section 4), which is SES's part: without it no program shows its button.
    """
    if url is None:
        return []
    if not _LINK.match(url):
        raise Rejected("the unsubscribe link is none that may stand in a header", code="bad-unsubscribe")
    one_click = [("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if url.startswith("https:") else []
    return [("List-Unsubscribe", f"<{url}>"), *one_click]


def _body(text: str, html: str | None, seed: str) -> bytes:
    if html is None:
        return _leaf("text/plain", text)
    boundary = "=_santral_" + hashlib.blake2b(seed.encode("utf-8", "replace"), digest_size=12).hexdigest()
    mark = f"--{boundary}\r\n".encode()
    return (
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode()
        + mark
        + _leaf("text/plain", text)
        + mark
        + _leaf("text/html", html)
        + f"--{boundary}--\r\n".encode()
    )


def _leaf(content_type: str, text: str) -> bytes:
    body = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    head = f"Content-Type: {content_type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(body).replace(b"\n", b"\r\n")


def _headers(headers: list[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("ascii")


def _mailbox(party: Party) -> str:
    name = _CONTROL.sub(" ", party.name or "").strip()[:200]
    if not name:
        return party.address
    if _ATOM.match(name):
        return f"{name} <{party.address}>"
    if name.isascii() and len(name) <= 60:
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{quoted}" <{party.address}>'
    return f"{_encoded(name, always=True)} <{party.address}>"


def _encoded(value: str, *, always: bool = False) -> str:
    """Plain when it is short ASCII; else RFC 2047 words of at most 75 characters, no character cut in two."""
    if value.isascii() and len(value) <= 70 and "=?" not in value and not always:
        return value
    words: list[str] = []
    piece = ""
    for char in value:
        if len((piece + char).encode("utf-8", "replace")) > 42:
            words.append(piece)
            piece = ""
        piece += char
    words.append(piece)
    return "\r\n ".join(
        f"=?utf-8?B?{base64.b64encode(word.encode('utf-8', 'replace')).decode('ascii')}?=" for word in words
    )


def _token(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", value)[:128]
