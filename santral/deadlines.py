"""Deadlines asked for as JSON: what is asked is checked, what is answered is on the clock of the calendar's zone."""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Any

from router.business import Business, Pause, business, deadline
from router.calendars import Calendar
from router.times import to_ms

_KNOWN = ("from", "minutes", "pauses")
_LONGEST = 60 * 24 * 3660
"""Minutes: ten years."""


def answered(calendar: Calendar, line: str) -> dict[str, Any]:
    """The answer to one line; {"error": ...} where it cannot be read. See `santral sla deadline`."""
    time = business(calendar)
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict):
            raise ValueError('must be an object: {"from": ..., "minutes": ...}')
        unknown = sorted(set(asked) - set(_KNOWN))
        if unknown:
            raise ValueError(f"'{unknown[0]}' is not known here; known are {', '.join(_KNOWN)}")
        start, amount = _instant(asked.get("from"), "from"), _amount(asked.get("minutes"))
        pauses = _pauses(asked.get("pauses"))
    except ValueError as error:
        return {"error": f"no JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)}
    found = deadline(time, start, amount, pauses)
    beyond = calendar.until is not None and found.due is not None and time.local(found.due).year > calendar.until
    return {
        "due": None if found.due is None else _told(time, found.due),
        "counted": [[_told(time, since), _told(time, until)] for since, until in found.counted],
        "skipped": [
            {"start": _told(time, one.start), "end": _told(time, one.end), "why": one.why}
            | ({} if one.name is None else {"name": one.name})
            for one in found.skipped
        ],
        **({"holidays_known_until": f"{calendar.until}-12-31"} if beyond else {}),
    }


def _instant(value: Any, field: str) -> int:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{field}: {value!r} is no time; write one such as 2026-11-20T16:30:00+03:00") from None
    if found.tzinfo is None:
        raise ValueError(f"{field}: {value!r} has no offset; write one, such as +03:00 or Z")
    if not 1971 <= found.year <= 9000:
        raise ValueError(f"{field}: {value!r} is out of reach; years are from 1971 to 9000")
    return to_ms(found)


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"minutes: {value!r} is no number")
    if not 0 <= value <= _LONGEST:
        raise ValueError(f"minutes: {value!r} is not between 0 and {_LONGEST}")
    return round(value * 60_000)


def _pauses(value: Any) -> list[Pause]:
    found = []
    if value is not None and not isinstance(value, list):
        raise ValueError("pauses: must be a list of [start, end]")
    for number, one in enumerate(value or ()):
        field = f"pauses[{number}]"
        if not isinstance(one, list) or len(one) != 2:
            raise ValueError(f"{field}: must be [start, end]")
        start = _instant(one[0], f"{field}[0]")
        end = None if one[1] is None else _instant(one[1], f"{field}[1]")
        if end is not None and end < start:
            raise ValueError(f"{field}: ends before it begins")
        found.append(Pause(start, end))
    return found


def _told(time: Business, at: int) -> str:
    local = time.local(at)
    return local.isoformat(timespec="milliseconds" if at % 1000 else "seconds")
