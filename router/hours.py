"""Opening hours: intervals of the week in a time zone, and days that are closed. Pure, and right when clocks change.

Open is what the clock on the wall says: an hour that a change of clocks repeats is open twice, one that it skips never is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD = 370
"""Days in which the next opening is looked for: what is closed for longer has none."""

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


def _text(value: Any) -> Any:
    """YAML reads 2026-10-29 as a date."""
    return value.isoformat() if type(value) is date else value


Day = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Span = tuple[int, int]
"""Minutes of a day, from and until."""


class Hours(BaseModel):
    """When somebody is there. `open` names days (mon, or mon-fri) and their intervals, several a day."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    zone: str = Field(description="of the IANA time zone database, such as Europe/Istanbul")
    open: dict[str, tuple[str, ...]] = Field(
        min_length=1,
        description='by day or days: {mon-fri: ["09:00-12:30", "13:30-18:00"]}; a night is two, until 24:00 and from 00:00',
    )
    closed: tuple[Day, ...] = Field(default=(), description="whole days, YYYY-MM-DD")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
            raise ValueError(f"there is no time zone '{value}'; write one such as Europe/Istanbul") from None
        return value

    @field_validator("closed")
    @classmethod
    def _days_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            date.fromisoformat(day)
        return value

    @model_validator(mode="after")
    def _week_is_right(self) -> Hours:
        week(self.open)
        return self

    def is_open(self, at: datetime) -> bool:
        """Is somebody there at that time?"""
        local = at.astimezone(ZoneInfo(self.zone))
        if local.date().isoformat() in self.closed:
            return False
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in week(self.open)[local.weekday()])

    def opens(self, at: datetime) -> datetime | None:
        """The first time from then on at which somebody is there, in UTC; None if there is none within a year."""
        zone, at = (
            ZoneInfo(self.zone),
            at.astimezone(UTC),
        )  # two times of one zone would be compared by their clocks alone
        if self.is_open(at):
            return at
        spans = week(self.open)
        today = at.astimezone(zone).date()
        for offset in range(LOOK_AHEAD):
            day = today + timedelta(days=offset)
            found = [t for t in _beginnings(day, spans[day.weekday()], zone) if t > at and self.is_open(t)]
            if found:
                return min(found)
        return None


def week(opened: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Span, ...], ...]:
    """The seven days' intervals, Monday first. Raises ValueError, in words."""
    days: list[list[Span]] = [[] for _ in DAYS]
    for names, texts in opened.items():
        spans = [_span(text) for text in texts]
        for number in _days(names):
            days[number] += spans
    for name, spans in zip(DAYS, days, strict=True):
        spans.sort()
        for (_, end), (start, _) in pairwise(spans):
            if start < end:
                raise ValueError(f"two intervals of {name} overlap")
    if not any(days):
        raise ValueError("there is no interval in the week")
    return tuple(map(tuple, days))


def _days(names: str) -> range:
    first, dash, last = names.partition("-")
    if first not in DAYS or (dash and last not in DAYS) or (dash and DAYS.index(last) < DAYS.index(first)):
        raise ValueError(f"'{names}' is no day; write one of {', '.join(DAYS)}, or several such as mon-fri")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' is no interval; write one such as 09:00-18:00")
    numbers = [int(part) for part in found.groups() if part is not None]
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if end <= start:
        raise ValueError(f"'{text}' ends before it begins; a night is two intervals, until 24:00 and from 00:00")
    return start, end


def _beginnings(day: date, spans: tuple[Span, ...], zone: ZoneInfo) -> Iterator[datetime]:
    """Every time of a local day at which one of its intervals may begin, in UTC: by the clock, and where the clock jumps."""
    for start, _ in spans:
        wall = datetime.combine(day, time(start // 60, start % 60), zone)
        yield wall.astimezone(UTC)
        yield wall.replace(fold=1).astimezone(UTC)
    if spans:
        low, high = (datetime.combine(day + timedelta(days=n), time(), zone).astimezone(UTC) for n in (0, 1))
        before = low.astimezone(zone).utcoffset()
        if before != high.astimezone(zone).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
            yield high.replace(microsecond=0)
