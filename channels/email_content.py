"""What a reader of the mail sees: its text, its HTML (sanitised) and the files that came with it, by reference."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from channels.html_text import MAX_HTML, from_text, sanitise, text_from
from channels.mime import Mail, Part
from router.messages import Attachment

MAX_TEXT = 256 * 1024  # bytes of UTF-8 that are stored, of the text and of the HTML each

_NOT_SHOWN = frozenset(
    {
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
        "text/directory",
        "text/csv",
        "text/rfc822-headers",
        "text/rtf",
        "text/css",
    }
)
_REPORT_PARTS = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/feedback-report",
        "message/disposition-notification",
    }
)
_INVISIBLE = " \t\r\f\v\xa0\xad\u034f\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_TAGS = re.compile(r"<[^<>]{0,500}>")
_UUENCODED = re.compile(r"^begin [0-7]{3,4} (.{1,200})\n(?:[\x20-\x60]{2,70}\n)+(?:`?\n)?end$", re.MULTILINE)


@dataclass(slots=True)
class Content:
    """The readable whole of one mail."""

    text: str = ""
    html: str | None = None
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class _Piece:
    """A stretch of the mail in one or both of its forms."""

    plain: str | None = None
    html: str | None = None  # sanitised

    def text(self) -> str:
        plain = (self.plain or "").strip("\n")
        if self.html is None:
            return plain
        if not plain.strip():
            return text_from(self.html)
        if len(plain) < 250 and "html" in plain.lower():  # "your program does not show HTML"
            shown = text_from(self.html)
            return shown if len(shown) > 2 * len(plain) else plain
        return plain


def content_of(mail: Mail) -> Content:
    """The text as read, the HTML, the attachments in the order they lie in the mail."""
    files: list[Part] = []
    pieces = _pieces(mail, mail.root, files)
    if not any(piece.text().strip() for piece in pieces):
        for part in files:
            if part.content_type in ("text/plain", "text/html") and (
                part is mail.root or part.disposition != "attachment"
            ):
                pieces = [_leaf(mail, part)]
                files.remove(part)
                break
    content = Content(attachments=[_attachment(mail, part) for part in files])
    content.text = _limited(
        mail, _without_gaps("\n\n".join(text for piece in pieces if (text := piece.text()).strip()))
    )
    if any(piece.html is not None for piece in pieces):
        html = "".join(piece.html if piece.html is not None else from_text(piece.plain or "") for piece in pieces)
        if len(html.encode("utf-8", "replace")) <= MAX_TEXT:
            content.html = html
        else:
            mail.problems.append(f"HTML of {len(html)} characters: only its text is kept")
    return content


def _pieces(mail: Mail, part: Part, files: list[Part]) -> list[_Piece]:
    kind = part.content_type
    if kind in _REPORT_PARTS:
        return []
    if kind.startswith("message/"):
        if part.children and part.disposition != "attachment" and part.filename is None and _in_digest(mail, part):
            inner = part.children[0]
            head = "\n".join(
                f"{name.title()}: {value}" for name in ("from", "date", "subject") if (value := inner.read(name))
            )
            return [_Piece(plain=head), *_pieces(mail, inner, files)]
        files.append(part)
        return []
    if part.children:
        below = [_pieces(mail, child, files) for child in part.children]
        if kind == "multipart/alternative":
            return _alternative([pieces for pieces in below if pieces])
        return [piece for pieces in below for piece in pieces]
    if kind.startswith("multipart/"):
        return []
    if (
        kind.startswith("text/")
        and kind not in _NOT_SHOWN
        and part.disposition != "attachment"
        and part.filename is None
    ):
        return [_leaf(mail, part)]
    files.append(part)
    return []


def _in_digest(mail: Mail, part: Part) -> bool:
    return any(part in outer.children for outer in mail.root.walk() if outer.content_type == "multipart/digest")


def _alternative(ways: list[list[_Piece]]) -> list[_Piece]:
    """One piece of several ways to say the same: the first plain one, and the last in HTML with all that is between its files."""
    if len(ways) == 1:
        return ways[0]
    plain = next((told for way in ways if (told := _plain(way)).strip()), None)
    rich = next((way for way in reversed(ways) if any(piece.html is not None for piece in way)), [])
    html = "".join(piece.html if piece.html is not None else from_text(piece.plain or "") for piece in rich)
    return [_Piece(plain, html if rich else None)] if plain is not None or rich else []


def _plain(way: list[_Piece]) -> str:
    return "\n\n".join(piece.plain.strip("\n") for piece in way if piece.plain and piece.plain.strip())


def _leaf(mail: Mail, part: Part) -> _Piece:
    text = mail.text(part)
    if part.content_type == "text/html" or (
        part.content_type != "text/plain" and text[:200].lstrip().lower().startswith("<html")
    ):
        if len(text) > MAX_HTML:
            mail.problems.append(f"HTML of {len(text)} characters: cut at {MAX_HTML}")
        return _Piece(html=sanitise(text))
    if part.content_type in ("text/enriched", "text/richtext"):
        text = _TAGS.sub("", text)
    if "\nbegin " in text or text.startswith("begin "):
        text, count = _UUENCODED.subn(lambda match: f"[uuencoded file: {match[1].strip()}]", text)
        if count:
            mail.problems.append("a uuencoded file inside the text: left in the raw mail")
    return _Piece(plain=text)


def _without_gaps(text: str) -> str:
    """At most two empty lines in a row; a line of characters without width is an empty one."""
    lines: list[str] = []
    empty: list[str] = []
    for line in text.split("\n"):
        if not line.strip(_INVISIBLE):
            empty.append(line if not line or line.isspace() else "")
            continue
        lines += empty if len(empty) <= 2 else ["", ""]
        lines.append(line)
        empty = []
    return "\n".join(lines + empty[:2])


def _limited(mail: Mail, text: str) -> str:
    if len(text) * 4 <= MAX_TEXT:
        return text
    data = text.encode("utf-8")
    if len(data) <= MAX_TEXT:
        return text
    mail.problems.append(f"a text of {len(data)} bytes: cut at {MAX_TEXT}; the whole is in the raw mail")
    return data[:MAX_TEXT].decode("utf-8", "ignore")


def _attachment(mail: Mail, part: Part) -> Attachment:
    content_id = part.get("content-id").strip("<> \t")[:200] or None
    name = part.filename
    if name is None and part.content_type.startswith("message/") and part.children:
        name = (part.children[0].read("subject")[:100] or "message") + ".eml"
    return Attachment(
        filename=name,
        content_type=part.content_type[:100],
        size=mail.size(part),
        content_id=content_id,
        inline=part.disposition == "inline" or (part.disposition == "" and content_id is not None),
        ref=f"part:{part.number}",
    )
