"""Lengths of time as outreach writes them: `90m`, `2h`, `3d`, `1w`. Values are seconds."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_LONGEST = 366 * 86_400


def _span(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return _bounded(value)
    found = _SPAN.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{value!r} is no length of time; write 30m, 2h, 3d or 1w")
    return _bounded(int(found[1]) * _SECONDS[found[2]])


def _bounded(seconds: int) -> int:
    if not 1 <= seconds <= _LONGEST:
        raise ValueError(
            f"must be at most {shown(_LONGEST)}" if seconds > 0 else "must be longer than nothing, such as 1m"
        )
    return seconds


Span = Annotated[
    int,
    BeforeValidator(
        _span, json_schema_input_type=Annotated[str, StringConstraints(pattern=r"^\d{1,6} ?[smhdw]$")] | int
    ),
    Field(ge=1, le=_LONGEST),
]
"""Seconds; written as a number with its unit."""


def shown(seconds: int) -> str:
    """As it would be written: the largest unit that divides it."""
    return next(f"{seconds // size}{unit}" for unit, size in reversed(_SECONDS.items()) if seconds % size == 0)
