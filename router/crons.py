"""Crons: five fields as everybody writes them, `minute hour day-of-month month weekday`, over the clock on the wall. Values only.

What is accepted is what EventBridge Scheduler does as well, told in its own six fields; the rest is refused with the reason. A time that
the clock skips is left out and one that it repeats counts once, as Scheduler has it
(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from router.calendars import DAYS

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST = 256
"""Characters of a schedule's expression at most (Scheduler's CreateSchedule)."""

_FIELDS = "five fields: minute hour day-of-month month weekday, such as '0 9 * * mon-fri'"
_CYCLE = (date(2000, 1, 1), date(2028, 1, 1))
"""Every length of month begins on every weekday within it."""
_NEAREST = re.compile(r"(\d{1,2})w")
_NTH = re.compile(r"([a-z]{3})#([1-5])")


@dataclass(frozen=True, slots=True)
class Cron:
    """When a clock shows one of these times. Exactly one of the fields after `months` is given; none: every day."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    days: frozenset[int] = frozenset()
    last: bool = False  # day of the month
    nearest: int | None = None  # the weekday nearest to this day of the month, from Monday to Friday
    weekdays: frozenset[int] = frozenset()  # Monday is 0
    nth: tuple[int, int] | None = None  # weekday, and which of the month

    def on(self, day: date) -> bool:
        """Is it one of its days?"""
        if day.month not in self.months:
            return False
        if self.days:
            return day.day in self.days
        if self.weekdays:
            return day.weekday() in self.weekdays
        if self.nth is not None:
            return (day.weekday(), (day.day + 6) // 7) == self.nth
        if self.last:
            return day.day == monthrange(day.year, day.month)[1]
        return self.nearest is None or day == _workday(day.replace(day=self.nearest))

    def shown(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Its times from one to the other, both included, in order; naive, to the minute."""
        first = start.hour * 60 + start.minute + bool(start.second or start.microsecond)
        day = start.date()
        while day <= end.date():
            if day.month not in self.months:
                day, first = _next_month(day), 0
                continue
            if self.on(day):
                for hour, minute in self._times(first):
                    found = datetime.combine(day, time(hour, minute))
                    if found > end:
                        return
                    yield found
            day, first = day + timedelta(days=1), 0

    def _times(self, first: int) -> Iterator[tuple[int, int]]:
        """Hours and minutes from a minute of the day on."""
        begin, least = divmod(first, 60)
        for hour in self.hours[bisect_left(self.hours, begin) :]:
            start = bisect_left(self.minutes, least) if hour == begin else 0
            for minute in self.minutes[start:]:
                yield hour, minute

    def scheduler(self) -> str:
        """The same in the words of EventBridge Scheduler, years and `?` included."""
        minutes, hours = _told(self.minutes, 0, 59), _told(self.hours, 0, 23)
        return f"cron({minutes} {hours} {self._day()} {_told(sorted(self.months), 1, 12)} {self._weekday()} *)"

    def _day(self) -> str:
        if self.weekdays or self.nth is not None:
            return "?"
        if self.last:
            return "L"
        return f"{self.nearest}W" if self.nearest is not None else _told(sorted(self.days), 1, 31)

    def _weekday(self) -> str:
        if self.nth is not None:
            return f"{_from_sunday(self.nth[0])}#{self.nth[1]}"
        return _told(sorted(map(_from_sunday, self.weekdays)), 1, 7) if self.weekdays else "?"


def read(text: str) -> Cron:
    """A cron from its text, in either case. Raises ValueError, in words, also for one that never comes."""
    fields = text.lower().split()
    if len(fields) == 6:
        raise ValueError(f"'{text}' has six fields; write {_FIELDS}, without a year")
    if len(fields) != 5:
        raise ValueError(f"'{text}' is no cron; write {_FIELDS}")
    if "?" in fields:
        raise ValueError(f"'{text}': write * instead of ?")
    minutes, hours, day, months, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError(f"'{text}' has a day of the month and a weekday, and EventBridge Scheduler takes one of them")
    try:
        cron = _with_days(
            day,
            weekday,
            tuple(sorted(_values("minute", minutes, 0, 59))),
            tuple(sorted(_values("hour", hours, 0, 23))),
            _values("month", months, 1, 12, MONTHS),
        )
    except ValueError as error:
        raise ValueError(f"'{text}': {error}") from None
    if next(cron.shown(*(datetime.combine(one, time()) for one in _CYCLE)), None) is None:
        raise ValueError(f"'{text}' never comes: no such month has such a day")
    if len(cron.scheduler()) > LONGEST:
        raise ValueError(f"'{text}' is more than EventBridge Scheduler takes; write fewer times")
    return cron


def _with_days(
    day: str, weekday: str, minutes: tuple[int, ...], hours: tuple[int, ...], months: frozenset[int]
) -> Cron:
    if nearest := _NEAREST.fullmatch(day):
        return Cron(minutes, hours, months, nearest=_near(int(nearest[1])))
    if day == "l":
        return Cron(minutes, hours, months, last=True)
    if nth := _NTH.fullmatch(weekday):
        return Cron(minutes, hours, months, nth=(_weekday(nth[1]), int(nth[2])))
    if weekday != "*":
        return Cron(minutes, hours, months, weekdays=_weekdays(weekday))
    days = _values("day of the month", day, 1, 31)
    return Cron(minutes, hours, months, days=days if len(days) < 31 else frozenset())


def _near(day: int) -> int:
    if not 2 <= day <= 27:
        raise ValueError(
            "before 2W and after 27W the nearest weekday may be another month's, and which is meant is not said"
        )
    return day


def _values(field: str, text: str, low: int, high: int, called: Sequence[str] = ()) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        among, slash, step = part.partition("/")
        first, dash, last = among.partition("-")
        start = low if first == "*" and not dash else _number(field, first, low, high, called)
        end = _number(field, last, low, high, called) if dash else high if slash or first == "*" else start
        if end < start:
            raise ValueError(f"{field} '{part}' ends before it begins")
        found.update(range(start, end + 1, _number(f"step of {field}", step, 1, high) if slash else 1))
    return frozenset(found)


def _number(field: str, text: str, low: int, high: int, called: Sequence[str] = ()) -> int:
    if text in called:
        return called.index(text) + 1
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ValueError(f"{field} '{text}' is no number from {low} to {high}" + (" or name" if called else ""))
    return int(text)


def _weekdays(text: str) -> frozenset[int]:
    """Weekdays by name; a range may run over the week's end, as sun-thu does."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start = _weekday(first)
        end = _weekday(last) if dash else start
        found.update((start + more) % 7 for more in range((end - start) % 7 + 1))
    return frozenset(found)


def _weekday(text: str) -> int:
    if text not in DAYS:
        digits = text.isascii() and text.isdigit()
        why = ": 1 is Monday in cron and Sunday in EventBridge Scheduler" if digits else ""
        raise ValueError(f"weekday '{text}' is none of {', '.join(DAYS)}{why}")
    return DAYS.index(text)


def _from_sunday(weekday: int) -> int:
    """Scheduler's number: Sunday is 1."""
    return (weekday + 1) % 7 + 1


def _told(values: Sequence[int], low: int, high: int) -> str:
    """Numbers as lists and ranges; `*` for all, which is what none stands for as well."""
    if len(values) in (0, high - low + 1):
        return "*"
    return ",".join(f"{one[0]}-{one[-1]}" if len(one) > 2 else ",".join(map(str, one)) for one in _runs(values))


def _runs(values: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for value in values:
        if found and found[-1][-1] == value - 1:
            found[-1].append(value)
        else:
            found.append([value])
    return found


def _workday(day: date) -> date:
    """The day from Monday to Friday that is nearest."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
