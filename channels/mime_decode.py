"""Bytes of a mail as text: transfer encodings, charsets that lie, encoded words. Nothing here raises on any bytes.

A wrong or missing label is the rule rather than the exception, so every label is a hint: what the bytes say for
themselves (valid UTF-8, an escape to JIS) comes first, then the label, then the likeliest legacy code page.
"""

from __future__ import annotations

import binascii
import codecs
import re

_ALIASES = {
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "ksc5601": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "big5": "cp950",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "iso-8859-1": "cp1252",  # as every mail reader does: the C1 range is never meant
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-turkish": "mac_turkish",
    "ansi_x3.4-1968": "ascii",
    "us-ascii": "ascii",
    "us": "ascii",
    "default_charset": "",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "binary": "",
    "8bit": "",
    "7bit": "",
    "none": "",
}
# Codecs that turn bytes into text and cost linear time; the label comes from a stranger, and Python's registry also
# holds zlib, idna and unicode_escape.
_SAFE_CODEC = re.compile(
    r"(ascii|utf-?(7|8|16|32)|utf_(7|8|16|32).*|iso8859|latin|cp|koi8|big5|gb|hz|euc|shift|iso2022|mac|tis|kz|johab|ptcp)"
)
_ASCII_BASED = ("us-ascii", "utf-8", "iso-8859-1", "iso-8859-9", "windows-1252", "windows-1254")
_HIGH = re.compile(rb"[\x80-\xff]")
_JIS = re.compile(rb"\x1b(\$[@B]|\([JBI])")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TURKISH_READ_AS_LATIN = re.compile("[ýþðÝÞÐ]")
_ICELANDIC = re.compile("[áíóúæÁÍÓÚÆ]")


def codec(label: str) -> str | None:
    """The Python codec for a charset label; "" for a label that says nothing, None for one we do not know."""
    name = label.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if not name:
        return ""
    try:
        found = codecs.lookup(name[:60]).name
    except (LookupError, ValueError):  # ValueError: a null byte in the label
        return None
    return found if _SAFE_CODEC.match(found) else None


def text_of(data: bytes, label: str | None, problems: list[str]) -> str:
    """The text that the bytes most likely mean; `problems` gets a line where the label did not fit."""
    if data.isascii() and b"\x1b" not in data and (not label or label.lower() in _ASCII_BASED):
        return clean(data.decode("ascii"))
    return clean(_decode(data, label, problems))


def _decode(data: bytes, label: str | None, problems: list[str]) -> str:
    name = codec(label) if label else ""
    if name is None:
        problems.append(f"unknown charset {label!r:.40}: guessed")
        name = ""
    if name in ("", "ascii", "utf-8", "cp1252") and _JIS.search(data):
        text = _attempt(data, "iso2022_jp_ext")
        if text is not None:
            problems.append("charset: escape sequences read as iso-2022-jp")
            return text
    high = _HIGH.search(data) is not None
    if name not in ("", "utf-7") and not name.startswith(("iso2022", "hz", "utf-16", "utf-32")) and high:
        text = _attempt(data, "utf-8")
        if text is not None:
            if name not in ("utf-8", "ascii"):
                problems.append(f"charset {label!r:.40} does not fit: read as utf-8")
            elif name == "ascii":
                problems.append("8-bit bytes under us-ascii: read as utf-8")
            return text
    if name and name not in ("ascii",):
        text = _attempt(data, name)
        if text is not None:
            if name == "cp1252" and _TURKISH_READ_AS_LATIN.search(text) and not _ICELANDIC.search(text):
                problems.append(f"charset {label!r:.40} does not fit: read as windows-1254")
                return data.decode("cp1254", "replace")
            return text
        if name != "utf-8":
            problems.append(f"bytes that are not {label!r:.40}: some characters lost")
            return data.decode(name, "replace")
    if not high:
        return data.decode("ascii", "replace")
    text = _attempt(data, "utf-8")
    if text is not None:
        problems.append("8-bit bytes without a charset: read as utf-8")
        return text
    problems.append(f"bytes that are not {label!r:.40}: guessed" if label else "8-bit bytes without a charset: guessed")
    # windows-1254 is windows-1252 but for six letters that, among those two, Turkish mail has and Icelandic mail loses.
    return data.decode("utf-8" if _mostly_utf8(data) else "cp1254", "replace")


_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def _mostly_utf8(data: bytes) -> bool:
    """Truncated or slightly damaged UTF-8: but for its end it is valid, or most high bytes stand in valid sequences."""
    for cut in range(1, 4):
        if (
            data[-cut:][:1] >= b"\xc2"
            and _HIGH.search(data, 0, len(data) - cut)
            and _attempt(data[:-cut], "utf-8") is not None
        ):
            return True
    high = len(data) - len(data.translate(None, _HIGH_BYTES))
    return sum(len(found) for found in _SEQUENCE.findall(data)) * 10 > high * 8


_HIGH_BYTES = bytes(range(0x80, 0x100))


def _attempt(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def clean(text: str) -> str:
    """Line ends as \\n, no NULs or other control characters, nothing that UTF-8 cannot carry."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/=_-]*\Z")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def transfer_encoding(value: str) -> str:
    """The encoding a Content-Transfer-Encoding header means; an unknown one is none."""
    token = re.split(r"[\s;(]", value.strip().strip("\"'").lower(), maxsplit=1)[0].strip(";\"' ")
    token = {"quoted-printable": "qp", "quotedprintable": "qp", "qp": "qp", "quoted/printable": "qp"}.get(token, token)
    if token in ("base64", "base-64", "b64"):
        return "base64"
    if token in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return "uu"
    return "qp" if token == "qp" else ""


def transfer_decode(data: bytes, encoding: str, problems: list[str]) -> bytes:
    """Undo a transfer encoding as far as it goes; what is not encoded stays as it is."""
    if encoding == "qp":
        return binascii.a2b_qp(data)
    if encoding == "base64":
        return base64_decode(data, problems)
    if encoding == "uu":
        return uu_decode(data, problems)
    return data


def base64_decode(data: bytes, problems: list[str]) -> bytes:
    """Base64 with whatever a mail system put between, and plain text that was appended to it kept as text."""
    tail = b""
    if b" " in data or b"." in data:  # a list's footer under a base64 part
        lines = data.split(b"\n")
        for number, line in enumerate(lines):
            if not _BASE64_LINE.match(line.strip()):
                if number and b" " in line.strip():
                    data, tail = b"\n".join(lines[:number]), b"\n".join(lines[number:])
                    problems.append("plain text after the base64 data: kept")
                break
    compact = data.translate(None, b" \t\r\n")
    if b"=" in compact or not compact.isalnum():
        if b"-" in compact or b"_" in compact:
            compact = compact.replace(b"-", b"+").replace(b"_", b"/")
        stripped = _NOT_BASE64.sub(b"", compact)
        if len(stripped) != len(compact.rstrip(b"=")):
            problems.append("broken base64: read without the characters that do not belong")
        compact = stripped
    if len(compact) % 4 == 1:
        problems.append("truncated base64")
        compact = compact[:-1]
    decoded = binascii.a2b_base64(compact + b"=" * (-len(compact) % 4))
    return decoded + (b"\n" + tail if tail else b"")


def uu_decode(data: bytes, problems: list[str]) -> bytes:
    """The first uuencoded file in the data; the data itself when there is none."""
    lines = data.split(b"\n")
    start = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if start is None:
        problems.append("no uuencoded data where some was announced")
        return data
    out = []
    for line in lines[start + 1 :]:
        line = line.rstrip(b"\r")
        if line == b"end" or not line:
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            count = ((line[0] - 32) & 63) * 4 // 3 + 5  # too long a line, padded by some encoders
            try:
                out.append(binascii.a2b_uu(line[:count]))
            except binascii.Error:
                problems.append("broken uuencoded data")
                break
    return b"".join(out)


_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]*)?\?([bBqQ])\?([^?\n]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")


def words(value: str) -> str:
    """RFC 2047 encoded words read, neighbours of one charset joined first: a character may be split between two."""
    if "=?" not in value:
        return value
    value = _BETWEEN.sub(r"\1", value)
    out: list[str] = []
    pending: list[bytes] = []
    charset = ""
    position = 0
    for match in _WORD.finditer(value):
        between = value[position : match.start()]
        position = match.end()
        label, how, raw = match[1].lower(), match[2].lower(), match[3].encode("utf-8", "replace")
        if pending and (between or charset != label):
            out.append(_decode(b"".join(pending), charset, []))
            pending = []
        out.append(between)
        charset = label
        pending.append(base64_decode(raw, []) if how == "b" else binascii.a2b_qp(raw, header=True))
    if pending:
        out.append(_decode(b"".join(pending), charset, []))
    out.append(value[position:])
    return clean("".join(out))


def header_text(data: bytes) -> str:
    """A raw header value as text, before its encoded words are read; bare 8-bit bytes are UTF-8 or windows-1254."""
    return data.decode("ascii") if data.isascii() else _decode(data, None, [])


def one_line(value: str) -> str:
    """A header's value on one line, without control characters, its white space single."""
    return " ".join(clean(value).split())


def unflow(text: str, delsp: bool) -> str:
    """format=flowed (RFC 3676): soft-broken lines joined, the quote depth kept as leading `>`."""
    out: list[str] = []
    line_parts: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        soft = bare.endswith(" ") and bare != "-- "
        if open_depth != depth or bare.strip() == "--":
            out.append("".join(line_parts))
            line_parts = [">" * depth + " " if depth else ""]
        line_parts.append(bare[:-1] if soft and delsp else bare)
        open_depth = depth if soft else None
    out.append("".join(line_parts))
    return "\n".join(line if line.endswith("-- ") else line.rstrip() for line in out[1:])
