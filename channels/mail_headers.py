"""Addresses, message ids and dates of mail headers, read as a person would read them. Nothing here raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from channels.mime_decode import one_line, words
from router.messages import Party

MAX_ADDRESSES = 200
MAX_IDS = 100

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_BARE = re.compile(
    r"(?<![^\s<>()\[\]\",;:])[^\s<>()\[\]\",;:]+@[^\s<>()\",;]+"
)  # tried once for each word, not at each letter
_IN_ANGLES = re.compile(r"<([^<>]{1,500})>")
_TOKEN = re.compile(r"[^\s<>,;\"']{1,500}")
_ANGLE_IN_WORD = re.compile(r"=\?[^?\s]{1,60}\?[qQ]\?[^?]*<[^?]*\?=")
_BAD_IN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f<>]+")


def lower_ascii(value: str) -> str:
    """Lower case for A to Z only: no locale and no Unicode rule may turn one address into another (I, İ, ı)."""
    return value.translate(_ASCII_LOWER)


def normal_address(value: str) -> str | None:
    """An e-mail address as we compare it: lower-case, its domain in IDNA; None when it is not one."""
    value = _BAD_IN_ADDRESS.sub("", value).strip("\"'.,;")
    if lower_ascii(value[:7]) == "mailto:":
        value = value[7:]
    if not value or len(value) > 320:
        return None
    local, at, domain = value.rpartition("@")
    if not at:
        return lower_ascii(value)
    if not local or not domain:
        return None
    if not domain.isascii():
        with suppress(UnicodeError):  # not a name that DNS could hold: compared as it stands
            domain = domain.encode("idna").decode("ascii")
    return f"{lower_ascii(local)}@{lower_ascii(domain)}"


def addresses(values: Iterable[str]) -> list[Party]:
    """The mailboxes of one or more headers in order, each once; groups are opened, comments are names."""
    found: dict[str, Party] = {}
    for value in values:
        for chunk in _chunks(value):
            party = _mailbox(chunk)
            if party is not None and party.address not in found:
                found[party.address] = party
            if len(found) >= MAX_ADDRESSES:
                return list(found.values())
    return list(found.values())


def _chunks(value: str) -> Iterator[str]:
    """The pieces between commas and semicolons that stand outside quotes, comments and angle brackets."""
    quoted = False
    comment = 0
    angle = False
    start = 0
    skip = False
    for position, char in enumerate(value):
        if skip:
            skip = False
        elif char == "\\" and (quoted or comment):
            skip = True
        elif char == '"' and not comment:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            comment += 1
        elif char == ")":
            comment = max(0, comment - 1)
        elif comment:
            continue
        elif char == "<":
            angle = True
        elif char == ">":
            angle = False
        elif (char == "," and not angle) or char == ";":
            yield value[start:position]
            start = position + 1
            angle = False
    rest = value[start:]
    if (quoted or comment or angle) and ("," in rest):  # something was never closed: cut at every comma instead
        yield from rest.split(",")
    else:
        yield rest


def _mailbox(chunk: str, *, again: bool = True) -> Party | None:
    chunk = chunk.strip()
    if not chunk:
        return None
    if again and _ANGLE_IN_WORD.search(chunk):  # a mailer encoded the address together with the name
        return _mailbox(one_line(words(chunk)), again=False)
    plain, comment = _without_comments(chunk)
    opened = _outside_quotes(plain, "<")
    if opened >= 0:
        name, _, rest = plain[:opened], "", plain[opened + 1 :]
        inside = rest.partition(">")[0]
        if ":" in inside and "@" in inside and not inside.lower().startswith("mailto:"):
            inside = inside.rpartition(":")[2]  # a source route
        address = normal_address(inside)
        if address is None:
            return None
        colon = _outside_quotes(name, ":")
        return Party(address=address, name=_name(name[colon + 1 :] if colon >= 0 else name) or _name(comment) or None)
    colon = _outside_quotes(plain, ":")
    if colon >= 0 and not plain[:colon].strip().lower().endswith("mailto"):
        plain = plain[colon + 1 :]
    bare = _BARE.search(plain)
    if bare:
        return Party(address=normal_address(bare[0]) or bare[0][:320], name=_name(comment) or None)
    if "=?" in chunk and again:
        return _mailbox(one_line(words(chunk)), again=False)
    token = plain.strip().strip('"')
    if token and " " not in token and "@" not in token and colon < 0:
        address = normal_address(token)
        return Party(address=address, name=_name(comment) or None) if address else None
    return None


def _without_comments(value: str) -> tuple[str, str]:
    if "(" not in value:
        return value, ""
    plain: list[str] = []
    comment: list[str] = []
    depth = 0
    quoted = False
    for char in value:
        if char == '"' and not depth:
            quoted = not quoted
        if char == "(" and not quoted:
            depth += 1
            if depth == 1:
                continue
        elif char == ")" and not quoted and depth:
            depth -= 1
            if not depth:
                continue
        (comment if depth else plain).append(char)
    return "".join(plain), "".join(comment)


def _outside_quotes(value: str, wanted: str) -> int:
    quoted = False
    for position, char in enumerate(value):
        if char == '"':
            quoted = not quoted
        elif char == wanted and not quoted:
            return position
    return -1


def _name(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    value = one_line(words(re.sub(r'\\(["\\])', r"\1", value))).strip("\"' ")
    return value[:200]


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """The ids in In-Reply-To or References, oldest first; prose and half ids between them are passed over."""
    found: dict[str, None] = {}
    for value in values:
        bracketed = [re.sub(r"\s+", "", item) for item in _IN_ANGLES.findall(value[-16_000:])]
        ids = [item for item in bracketed if _sane(item)]
        if not ids:
            tokens = _TOKEN.findall(value[-16_000:])
            ids = [token for token in tokens if "@" in token] if all("@" in token for token in tokens) else []
        found.update(dict.fromkeys(ids))
    return tuple(found)[-MAX_IDS:]


def message_id(value: str) -> str | None:
    """A Message-ID without its brackets; None when there is none worth the name."""
    match = _IN_ANGLES.search(value)
    if match:
        item = re.sub(r"\s+", "", match[1])
        return item if _sane(item) else None
    item = value.strip().strip("<>")
    return item if _sane(item) and "@" in item and not re.search(r"\s", item) else None


def _sane(item: str) -> bool:
    return 3 <= len(item) <= 500 and item.isprintable() and item.strip("@.") != ""


def date(value: str) -> datetime | None:
    """A Date header in UTC; None when no moment can be read from it."""
    value = one_line(value)[:200]
    if not value:
        return None
    try:
        parsed = parsedate_tz(value)
        if parsed is not None:
            year, month, day, hour, minute, second = parsed[:6]
            zone = timezone(timedelta(seconds=parsed[9] or 0))
            if year >= 1900 and ":" in value:
                return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
