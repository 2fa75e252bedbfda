"""What a file is and how a browser may be given it: what it would run as a program or a page is only ever a download."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

BYTES = "application/octet-stream"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp3g", "video/3gpp"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
)
# A browser shows these in its own window, so the bytes must be what the type says.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What is kept under its own name; everything else is just bytes. No HTML, XML, SVG, scripts, style sheets, programs.
_KEPT = re.compile(
    r"(audio|video)/[a-z0-9.+-]+|image/(png|jpeg|gif|webp|heic|heif|avif|bmp|tiff)|font/[a-z0-9.+-]+|"
    r"text/(plain|csv|calendar|vcard|x-vcard|rtf|directory)|message/rfc822|"
    r"application/(pdf|zip|json|rtf|gzip|x-7z-compressed|x-tar|vnd\.rar|x-rar-compressed|msword|vnd\.ms-(excel|powerpoint|outlook)|"
    r"vnd\.openxmlformats-officedocument\.[a-z]+\.[a-z]+|vnd\.oasis\.opendocument\.[a-z]+|vnd\.apple\.pkpass|ics)"
)
_PROGRAM = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"L\0\0\0\x01\x14\x02\0",
)
_PAGE = re.compile(
    rb"<(!doctype|!--|\?xml|\?php|html|head|body|script|svg|iframe|object|embed|meta|link|style|title|table|img|form|a|p|div|br|h1)"
    rb"[\s/>=!-]?",
    re.IGNORECASE,
)
_SAME = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png", "audio/mp3": "audio/mpeg"}
_ENDINGS = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/heic": ".heic",
    "application/pdf": ".pdf", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/amr": ".amr", "audio/mp4": ".m4a",
    "video/mp4": ".mp4", "video/3gpp": ".3gp", "video/quicktime": ".mov", "text/plain": ".txt", "text/csv": ".csv",
    "text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/calendar": ".ics", "message/rfc822": ".eml", "application/zip": ".zip",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")


def plain_type(content_type: str | None) -> str:
    """A content type without its parameters, in one spelling; empty when there is none."""
    plain = (content_type or "").partition(";")[0].strip().lower()
    return _SAME.get(plain, plain)


def kept_type(content_type: str | None) -> str:
    """The type a file may be served under by what was said of it alone; bytes when a browser could run it."""
    plain = plain_type(content_type)
    return plain if _KEPT.fullmatch(plain) else BYTES


def type_of(data: bytes, *said: str | None) -> str:
    """The type to keep a file under: the first of `said` that says something, unless its bytes say otherwise.

    What begins like a page or a program is bytes, whatever was said of it. An image that a browser shows must be one.
    """
    head = data[:1024]
    found = next((kind for at, mark, kind in _MAGIC if head[at:].startswith(mark)), None)
    if found is None and _runs(head):
        return BYTES
    plain = next((kind for one in said if (kind := plain_type(one)) not in ("", BYTES) and "*" not in kind), "")
    if found in SHOWN or not plain:
        return found or BYTES
    return BYTES if plain in SHOWN else kept_type(plain)


def _runs(head: bytes) -> bool:
    """Would a browser or a desktop make a page or a program of it? Text in UTF-16 is looked at without its zeros."""
    if head.startswith(_PROGRAM):
        return True
    text = head.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return text.startswith(b"#!") or _PAGE.match(text.lstrip(b" \t\r\n\f\v")) is not None


def clean_name(name: str | None) -> str | None:
    """A file's name without folders, controls and characters that turn its ending around; None when nothing is left."""
    if name is None:
        return None
    last = name.replace("\\", "/").rpartition("/")[2]
    cleaned = _CONTROL.sub("", last).strip(" .")
    if len(cleaned) > 150:
        stem, dot, ending = cleaned.rpartition(".")
        cleaned = f"{stem[: 149 - len(ending)]}.{ending}" if dot and stem and len(ending) < 12 else cleaned[:150]
    return cleaned or None


def name_of(name: str | None, content_type: str, number: int) -> str:
    """A name for people: its own, else its number with the ending of its type."""
    return clean_name(name) or f"file-{number + 1}{_ENDINGS.get(plain_type(content_type), '')}"


def disposition(name: str, content_type: str) -> str:
    """Content-Disposition (RFC 6266): images that browsers show are shown, all else is saved. The name in both spellings."""
    how = "inline" if content_type in SHOWN else "attachment"
    ascii_ = re.sub(r"[^ !#-\[\]-~]", "_", name).replace("%", "_")
    return f"{how}; filename=\"{ascii_}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def offered_name(content_disposition: str | None) -> str | None:
    """The plain or extended file name in a provider's Content-Disposition."""
    value = (content_disposition or "")[:2000]
    extended = re.search(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]+)", value, re.IGNORECASE)
    if extended:
        return clean_name(unquote(extended[1], errors="replace"))
    simple = re.search(r'filename\s*=\s*(?:"([^"]*)"|([^;\s]+))', value, re.IGNORECASE)
    return clean_name(simple[1] or simple[2]) if simple else None
