"""How soon, as the configuration writes it: `15` (minutes), `30s`, `4h`, `4h wall clock`, `end of day`. Values only."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from router.written import Model

_LENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_LONGEST = 366 * 86_400


class Within(Model):
    """How soon: so many seconds of the calendar's time or by the wall clock, or by the end of the day."""

    seconds: float | None = Field(default=None, ge=1, le=_LONGEST, description="of the calendar's time")
    wall_clock: bool = Field(default=False, description="nights and holidays count as well")
    end_of_day: bool = Field(default=False, description="by the day's end, else by the end of the next business day")
    before: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = Field(
        default=None, description="what comes later than that is due at the end of the next business day"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Within:
        if (self.seconds is None) is not self.end_of_day:
            raise ValueError('write a time such as 30s, 15m or 4h, or "end of day"')
        if self.before is not None and not self.end_of_day:
            raise ValueError("`before` belongs to the end of the day")
        if self.wall_clock and self.end_of_day:
            raise ValueError("the end of the day is by a calendar, never by the wall clock")
        return self


def _within(value: Any) -> Any:
    """15 (minutes), "30s", "4h", "4h wall clock", "end of day", "end of day before 15:00"."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return {"seconds": value * 60}
    if not isinstance(value, str):
        return value
    text = " ".join(value.lower().split())
    if text.startswith("end of day"):
        rest = text.removeprefix("end of day").strip()
        if rest == "wall clock":
            return {"end_of_day": True, "wall_clock": True}
        if rest and not rest.startswith("before "):
            raise ValueError(f'{value!r} is no time; write "end of day", or "end of day before 15:00"')
        return {"end_of_day": True, **({"before": rest.removeprefix("before ")} if rest else {})}
    length, wall = text.removesuffix(" wall clock"), text.endswith(" wall clock")
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise ValueError(f"{value!r} is no time; write minutes, or 30s, 15m, 4h, 4h wall clock, end of day")
    return {"seconds": float(found[1]) * _SECONDS[found[2]], "wall_clock": wall}


_Minutes = Annotated[float, Field(ge=1 / 60, le=_LONGEST / 60)]
_Written = Annotated[
    str, StringConstraints(pattern=r"^(\d+(\.\d+)? ?[smh]( wall clock)?|end of day( before ([01]\d|2[0-3]):[0-5]\d)?)$")
]
Limit = Annotated[Within, BeforeValidator(_within, json_schema_input_type=_Minutes | _Written | Within)]
"""As the files have it: minutes, a text, or its parts."""
