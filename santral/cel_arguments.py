"""What functions and questions in a condition take: each argument is judged, with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from santral.cel_parts import Found, Problem, choices
from santral.cel_types import DURATION, REMEMBER, TIMESTAMP, Asked, taken

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def answered(asked: Asked, name: str, given: Iterable[Found]) -> list[Any]:
    """The values that a name is asked with. Raises Problem for one that is not written out, or of which nothing can be asked."""
    values = []
    for judge, found in zip(asked.takes, given, strict=True):
        if found.tree[0] != "const":
            raise Problem(*found.at, f"{name}() takes what is written out, as in {asked.example}")
        if (wrong := judge(found.constant)) is not None:
            raise Problem(*found.at, wrong)
        values.append(found.constant)
    return values


def fits(name: str, wanted: str, found: Found, hours: frozenset[str]) -> None:
    """Raises Problem where an argument is not what a function takes. `hours` are the names of calendars."""
    if wanted == "zone":
        if found.constant not in _zones():
            raise Problem(*found.at, f'{name}() wants a time zone, such as "Europe/Istanbul"')
    elif wanted == "hours":
        if found.constant not in hours:
            known = choices(hours, found.constant) if hours else "none is defined"
            raise Problem(*found.at, f"{name}() wants the name of a calendar: {known}")
    elif wanted in REMEMBER:
        if found.tree != ["get", wanted]:
            raise Problem(*found.at, f"{name}() is asked of {wanted}, as in {wanted}.{name}({REMEMBER[wanted]})")
    elif wanted == "tag":
        if not isinstance(found.constant, str) or not _SLUG.fullmatch(found.constant):
            raise Problem(*found.at, f'{name}() wants a tag or a category that is written out, such as "complaint"')
    elif " up to " in wanted:
        unit, _, most = wanted.partition(" up to ")
        if (
            isinstance(found.constant, bool)
            or not isinstance(found.constant, int)
            or not 1 <= found.constant <= int(most)
        ):
            raise Problem(*found.at, f"{name}() wants a number of {unit} that is written out, from 1 to {most}")
    elif wanted == "sized":
        if found.type.name not in ("string", "list"):
            raise Problem(*found.at, f"is a {found.type}, and {name}() takes a text or a list")
    elif found.type.spec != wanted:
        raise Problem(*found.at, f"is a {found.type}; {name}() takes a {taken(wanted)} here")


def written(name: str, found: Found) -> Found:
    """A `duration` or a `timestamp` that is written out. Raises Problem for one that is none."""
    text = found.constant
    if not isinstance(text, str):
        raise Problem(*found.at, f"{name}() takes a text that is written out")
    if name == "timestamp":
        try:
            at: datetime | None = datetime.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Problem(*found.at, 'is no time with an offset, such as "2026-11-22T09:00:00+03:00"')
        return Found(TIMESTAMP, ["timestamp", at.isoformat()], found.at)
    parts = _DURATION.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        raise Problem(*found.at, 'is no duration, such as "90s", "15m" or "1h30m"')
    span = timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    return Found(DURATION, ["duration", span.total_seconds()], found.at)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
