"""Reading an Update: its JSON as plain values that can be stored, and its fields where they have the documented type.

Facts are from the Bot API's page, "Available types".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from channels.reading import clean, epoch_time, iso_time, json_object

MAX_DEPTH = (
    60  # levels; what lies deeper is left out: no update is that deep, and not everything that stores it goes deeper
)
_MAX_INTEGER = 2**63
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?", re.ASCII)
_NOTHING: Mapping[str, Any] = {}

# ISO 4217: the currencies whose smallest unit is not the hundredth. XTR are Telegram's Stars.
_WHOLE = frozenset("XTR BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())  # noqa: SIM905
_THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def plain(body: bytes) -> dict[str, Any]:
    """The JSON object in the bytes, in values that every store holds unchanged. Raise Unparsable for other bytes."""
    found = _plain(json_object(body), 0)
    assert isinstance(found, dict)
    return found


def _plain(value: Any, depth: int) -> Any:
    """Text without lone surrogates and NULs; numbers beyond 64 bits, and infinite ones, as text; nothing too deep."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_MAX_INTEGER <= value < _MAX_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return {clean(name): _plain(item, depth + 1) for name, item in value.items()}


def part(value: Any, name: str) -> Mapping[str, Any]:
    """The object in a field; an empty one where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, dict) else _NOTHING


def parts(value: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in a list."""
    return [item for item in items(value, name) if isinstance(item, dict)]


def items(value: Any, name: str) -> list[Any]:
    """A list."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, list) else []


def integers(value: Any, name: str) -> list[int]:
    """The integers in a list."""
    return [item for item in items(value, name) if isinstance(item, int) and not isinstance(item, bool)]


def text(value: Any, name: str) -> str:
    """A text; the empty one where there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def number(value: Any, name: str) -> int | None:
    """An integer; true is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def time(value: Any, name: str) -> datetime | None:
    """Seconds since 1970, or ISO 8601, as logs have it; 0 is a message that can no longer be had ("InaccessibleMessage")."""
    seconds = number(value, name)
    if seconds is None:
        return iso_time(text(value, name))
    return epoch_time(seconds * 1_000) if seconds > 0 else None


def name_of(person: Any) -> str:
    """A user's first and last name, or a chat's title."""
    both = " ".join(word for field in ("first_name", "last_name") if (word := text(person, field).strip()))
    return both or text(person, "title").strip()


def called(person: Any) -> str:
    """A name to put into a sentence: the person's own, else @username, else the id."""
    username = text(person, "username")
    return name_of(person) or (f"@{username}" if username else str(number(person, "id") or "somebody"))


def place(location: Any) -> str:
    """`geo:latitude,longitude` (RFC 5870); empty without both."""
    found = [location.get(name) if isinstance(location, Mapping) else None for name in ("latitude", "longitude")]
    found = [float(x) if isinstance(x, str) and _DEGREES.fullmatch(x) else x for x in found]
    if any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in found):
        return ""
    return "geo:" + ",".join(format(Decimal(str(x)), "f") for x in found)


def money(payment: Any) -> str:
    """`1.00 USD` from `total_amount`, which counts smallest units, and `currency`; empty without both."""
    amount, currency = number(payment, "total_amount"), text(payment, "currency")
    if amount is None or not currency:
        return ""
    digits = 0 if currency.upper() in _WHOLE else 3 if currency.upper() in _THOUSANDTHS else 2
    return f"{Decimal(amount).scaleb(-digits):f} {currency}"
