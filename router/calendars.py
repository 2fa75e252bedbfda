"""Calendars: when a place is open. Intervals of the week in a time zone, holidays, and days of one's own. Values only.

Open is what the clock on the wall says: an hour that a change of clocks repeats is open twice, one that it skips never is.
The arithmetic is in `router.business`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, field_validator, model_validator

from router.written import Model, Slug
from router.zones import ZoneName

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_SPAN = re.compile(rf"{_TIME}-(?:{_TIME}|(24):(00))")


OneDay = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
AnyDay = Annotated[str, StringConstraints(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]
Span = tuple[int, int]
"""Minutes of a day, from and until."""


MADE: dict[str, Any] = {"x-made": True}
"""Marks a field that is made when the files are read, and not written in them."""


def made(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model that are made when the files are read."""
    return frozenset(name for name, field in model.model_fields.items() if field.json_schema_extra == MADE)


class PublicHolidays(Model):
    """A country's public holidays, which the `holidays` library knows; looked up when the configuration is loaded."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166: TR, DE, GB")
    region: str | None = Field(default=None, max_length=20, description="of the country, where it has its own: BY, ENG")
    language: str | None = Field(
        default=None, max_length=10, description="of their names; the country's own without it"
    )
    half_days: Annotated[str, StringConstraints(pattern=rf"^{_TIME}$")] | None = Field(
        default="13:00", description="when a half holiday begins, such as the afternoon before a feast; null: such days are worked"
    )  # fmt: skip


class SpecialDay(Model):
    """One day, or one of every year, that is not as its weekday is."""

    date: AnyDay = Field(description="YYYY-MM-DD, or MM-DD for every year")
    open: tuple[str, ...] = Field(default=(), max_length=12, description="its intervals; closed without any")
    name: str | None = Field(default=None, max_length=80, description="what an explanation calls it")


class Holiday(Model):
    """A public holiday as it was found; `until` is the minute at which the work of a half day ends."""

    date: OneDay
    name: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """When a day is open: minutes of it. `name` says which day it is, where it is not as its weekday is."""

    spans: tuple[Span, ...]
    name: str | None = None
    special: bool = False


class Calendar(Model):
    """When somebody is there. `open` names days (mon, or mon-fri) and their intervals, several a day.

    A day of one's own goes before what is closed, that before a public holiday, that before the week.
    """

    name: Slug
    zone: ZoneName = Field(description="of the IANA time zone database, such as Europe/Istanbul")
    open: dict[str, tuple[str, ...]] = Field(
        min_length=1,
        description='by day or days: {mon-fri: ["09:00-12:30", "13:30-18:00"]}; a night is two, until 24:00 and from 00:00',
    )
    holidays: tuple[PublicHolidays, ...] = Field(default=(), max_length=5, description="closed days of a country")
    closed: tuple[OneDay, ...] = Field(default=(), description="whole days, YYYY-MM-DD")
    days: tuple[SpecialDay, ...] = Field(
        default=(), max_length=400, description="days of one's own: closed, or other hours"
    )
    found: tuple[Holiday, ...] = Field(default=(), json_schema_extra=MADE)
    """The holidays of the years around."""
    until: int | None = Field(default=None, json_schema_extra=MADE)
    """The last year whose holidays were found."""

    @field_validator("closed")
    @classmethod
    def _days_exist(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            date.fromisoformat(day)
        return value

    @model_validator(mode="after")
    def _week_and_days_are_right(self) -> Calendar:
        week(self.open)
        seen: set[str] = set()
        for day in self.days:
            if day.date in seen:
                raise ValueError(f"days: {day.date} is there twice")
            seen.add(day.date)
            try:
                date.fromisoformat(day.date if len(day.date) > 5 else f"2024-{day.date}")  # a leap year has every day
                _apart(map(_span, day.open), day.date)
            except ValueError as error:
                raise ValueError(f"days: {error}") from None
        return self

    def opened(self) -> Week:
        """The calendar made ready to be asked."""
        return Week(
            spans=week(self.open),
            special={day.date: Opened(_apart(map(_span, day.open), day.date), day.name, True) for day in self.days},
            closed=frozenset(self.closed),
            holidays={one.date: one for one in self.found},
        )


@dataclass(frozen=True, slots=True)
class Week:
    """A calendar's days, ready to be asked."""

    spans: tuple[tuple[Span, ...], ...]  # of the seven days, Monday first
    special: Mapping[str, Opened]
    closed: frozenset[str]
    holidays: Mapping[str, Holiday]

    def usual(self, day: date) -> tuple[Span, ...]:
        """When its weekday is open."""
        return self.spans[day.weekday()]

    def on(self, day: date) -> Opened:
        """When this day is open."""
        text = day.isoformat()
        own = self.special.get(text) or self.special.get(text[5:])
        if own is not None:
            return own
        if text in self.closed:
            return Opened((), None, True)
        usual, holiday = self.usual(day), self.holidays.get(text)
        if holiday is None:
            return Opened(usual)
        if holiday.until is None:
            return Opened((), holiday.name, True)
        until = holiday.until
        return Opened(tuple((start, min(end, until)) for start, end in usual if start < until), holiday.name, True)


def week(opened: Mapping[str, tuple[str, ...]]) -> tuple[tuple[Span, ...], ...]:
    """The seven days' intervals, Monday first. Raises ValueError, in words."""
    days: list[list[Span]] = [[] for _ in DAYS]
    for names, texts in opened.items():
        spans = [_span(text) for text in texts]
        for number in _days(names):
            days[number] += spans
    found = tuple(_apart(spans, name) for name, spans in zip(DAYS, days, strict=True))
    if not any(found):
        raise ValueError("there is no interval in the week")
    return found


def minute_of(text: str) -> int:
    """The minute of the day of "13:00"."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _apart(spans: Iterable[Span], name: str) -> tuple[Span, ...]:
    found = sorted(spans)
    for (_, end), (start, _) in pairwise(found):
        if start < end:
            raise ValueError(f"two intervals of {name} overlap")
    return tuple(found)


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
