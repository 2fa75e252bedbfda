"""Business time: how much of it lies between two instants, and when so much of it has passed. Pure, in whole milliseconds.

Each interval that counts and each that does not can be told, so that a deadline shows its sum (P8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from router.calendars import Calendar, Span, Week

LOOK_AHEAD = 370
"""Days in which the next opening is looked for: what is closed for longer has none."""

Between = tuple[int, int]
"""From and until, in milliseconds since 1970."""
_DAY = 86_400
_MOST = 4096
_EPOCH = date(1970, 1, 1)
_LAST = (date(9999, 12, 30) - _EPOCH).days
"""No clock tells a later day."""


class Business:
    """A calendar's business time. Remembers the days it was asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.week: Week = calendar.opened()
        self.zone = ZoneInfo(calendar.zone)
        self._days: dict[int, tuple[Between, ...]] = {}

    def day(self, number: int) -> tuple[Between, ...]:
        """When it is open within a day of UTC, counted from 1970."""
        found = self._days.get(number)
        if found is None:
            if len(self._days) > _MOST:
                self._days.clear()
            found = self._days[number] = tuple(_joined(self._open_within(number)))
        return found

    def is_open(self, at: int) -> bool:
        """Does the time count at that instant?"""
        return any(start <= at < end for start, end in self.day(at // 1000 // _DAY))

    def opens(self, at: int) -> int | None:
        """The first instant from then on at which it is open; None if there is none within a year."""
        return next((start for start, _ in self.intervals(at, at + LOOK_AHEAD * _DAY * 1000)), None)

    def intervals(self, start: int, end: int) -> Iterator[Between]:
        """What is open between two instants, in order; what touches within a day is one."""
        if end <= start:
            return
        for number in range(start // 1000 // _DAY, (end - 1) // 1000 // _DAY + 1):
            for opened, closed in self.day(number):
                if closed > start and opened < end:
                    yield max(opened, start), min(closed, end)

    def between(self, start: int, end: int) -> int:
        """How much business time lies between two instants; 0 where the second is not later."""
        return sum(closed - opened for opened, closed in self.intervals(start, end))

    def after(self, start: int, amount: int) -> int | None:
        """The earliest instant by which so much business time has passed; None if it never has, or not until a year of closed days."""
        if amount <= 0:
            return start
        number, closed_days = start // 1000 // _DAY, 0
        while closed_days <= LOOK_AHEAD and number < _LAST:
            opened_at_all = False
            for opened, closed in self.day(number):
                if closed <= start:
                    continue
                opened_at_all = True
                begin = opened if opened > start else start
                if closed - begin >= amount:
                    return begin + amount
                amount -= closed - begin
            closed_days = 0 if opened_at_all else closed_days + 1
            number += 1
        return None

    def local(self, at: int) -> datetime:
        """An instant on the clock of the place."""
        return datetime.fromtimestamp(at / 1000, self.zone)

    def end_of_day(self, at: int, before: int | None = None) -> int | None:
        """When the place closes that day, if it is still open after `at` and that is before so many minutes of its day; else the next.

        None if it does not open within a year.
        """
        local = self.local(at)
        late = before is not None and local.hour * 60 + local.minute >= before
        day = local.date() + timedelta(days=1) if late else local.date()
        for _ in range(LOOK_AHEAD):
            low, high = self._midnights(day)
            last = max((end for start, end in self.intervals(low, high) if end > at), default=None)
            if last is not None:
                return last
            day += timedelta(days=1)
        return None

    def _midnights(self, day: date) -> Between:
        begins = [datetime(one.year, one.month, one.day, tzinfo=self.zone) for one in (day, day + timedelta(days=1))]
        low, high = (round(one.timestamp()) * 1000 for one in begins)
        return low, high

    def _open_within(self, number: int) -> Iterator[Between]:
        for start, end, offset in offsets(self.zone, number * _DAY, (number + 1) * _DAY):
            for day in range((start + offset) // _DAY, (end + offset - 1) // _DAY + 1):
                for first, last in self.week.on(_EPOCH + timedelta(days=day)).spans:
                    opened = max(start, day * _DAY + first * 60 - offset)
                    closed = min(end, day * _DAY + last * 60 - offset)
                    if opened < closed:
                        yield opened * 1000, closed * 1000


class WallClock:
    """Time that always counts."""

    def is_open(self, _: int) -> bool:
        """Always."""
        return True

    def opens(self, at: int) -> int | None:
        """At once."""
        return at

    def intervals(self, start: int, end: int) -> Iterator[Between]:
        """All of it."""
        if start < end:
            yield start, end

    def between(self, start: int, end: int) -> int:
        """The difference; 0 where the second is not later."""
        return max(0, end - start)

    def after(self, start: int, amount: int) -> int | None:
        """So much later."""
        return start + max(0, amount)


Time = Business | WallClock
WALL_CLOCK = WallClock()


def offsets(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The parts of a stretch of a day, in seconds since 1970, each with how many seconds its clock is ahead of UTC."""
    here, there = _offset(zone, start), _offset(zone, end)
    if here == there:
        yield start, end, here
        return
    low, high = start, end
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == here else (low, middle)
    yield start, high, here
    yield from offsets(zone, high, end)


def _offset(zone: ZoneInfo, at: int) -> int:
    found = datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset()
    return 0 if found is None else round(found.total_seconds())


def _joined(spans: Iterable[Between]) -> list[Between]:
    """Spans in order; what touches or overlaps is one."""
    found: list[Between] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


# --- a deadline with its sum -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Skipped:
    """Time that did not count: `why` is closed, holiday or pause; `name` is the day's, or the pause's."""

    start: int
    end: int
    why: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A clock stood still; `end` is None while it does."""

    start: int
    end: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """How a deadline came about. `due` is None when it never comes, as when a pause has no end."""

    due: int | None
    counted: tuple[Between, ...]
    skipped: tuple[Skipped, ...]


def deadline(time: Time, start: int, amount: int, pauses: Iterable[Pause] = ()) -> Sum:
    """When so much time has been counted, which intervals were, and which were not and why.

    Without an end, the sum is what can be told: up to the pause that has none, or nothing.
    """
    stops = merged(pauses)
    at = _due(time, start, amount, stops)
    until = at
    if until is None:
        open_ended = next((stop.start for stop in stops if stop.end is None), start)
        until = max(start, open_ended)
    return Sum(at, tuple(counted(time, start, until, stops)), tuple(skipped(time, start, until, stops)))


def due(time: Time, start: int, amount: int, pauses: Iterable[Pause] = ()) -> int | None:
    """When so much time has been counted, without the sum; None if it never has."""
    return _due(time, start, amount, merged(pauses))


def merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Pauses in order, none overlapping another: what two share is the earlier one's."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda one: (one.start, one.end is None, one.end or 0)):
        start = pause.start
        if found:
            last = found[-1].end
            if last is None:
                break
            start = max(start, last)
        if pause.end is None or pause.end > start:
            found.append(Pause(start, pause.end, pause.name))
    return found


def _due(time: Time, start: int, amount: int, stops: Iterable[Pause]) -> int | None:
    if amount <= 0:
        return start
    at = start
    for stop in stops:
        if stop.end is not None and stop.end <= at:
            continue
        if stop.start > at:
            due = time.after(at, amount)
            if due is None or due <= stop.start:
                return due
            amount -= time.between(at, stop.start)
        if stop.end is None:
            return None
        at = stop.end
    return time.after(at, amount)


def counted(time: Time, start: int, end: int, stops: Iterable[Pause] = ()) -> list[Between]:
    """What counts between two instants, without the pauses; what touches is one."""
    found: list[Between] = []
    at = start
    for stop in [*stops, Pause(end, None)]:
        if stop.start > at:
            found += time.intervals(at, min(stop.start, end))
        if stop.end is None:
            break
        at = max(at, stop.end)
    return _joined(found)


def used(time: Time, start: int, end: int, pauses: Iterable[Pause] = ()) -> int:
    """How much was counted between two instants."""
    return sum(until - since for since, until in counted(time, start, end, merged(pauses)))


def skipped(time: Time, start: int, end: int, stops: Iterable[Pause] = ()) -> Iterator[Skipped]:
    """What does not count between two instants, and why: pauses first of all, then the calendar."""
    at = start
    for stop in stops:
        until = end if stop.end is None else min(stop.end, end)
        if until <= at:
            continue
        yield from _closed(time, at, min(max(stop.start, at), end))
        if stop.start >= end:
            return
        begin = max(stop.start, at)
        if begin < until:
            yield Skipped(begin, until, "pause", stop.name)
        at = until
    yield from _closed(time, at, end)


def _closed(time: Time, start: int, end: int) -> Iterator[Skipped]:
    """The stretches in which a place is closed; the hours of work that a holiday took are told apart."""
    if start >= end or isinstance(time, WallClock):
        return
    at = start
    for opened, closed in [*_joined(time.intervals(start, end)), (end, end)]:
        if at < opened:
            yield from _told(time, at, opened)
        at = closed


def _told(time: Business, start: int, end: int) -> Iterator[Skipped]:
    """A closed stretch, cut where a day that is not as its weekday is takes hours of work."""
    cuts = [cut for cut in _taken(time, start, end) if cut[0] < end and cut[1] > start]
    at = start
    for first, last, name in cuts:
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if at < first:
            yield Skipped(at, first, "closed")
        yield Skipped(first, last, "holiday", name)
        at = last
    if at < end:
        yield Skipped(at, end, "closed")


def _taken(time: Business, start: int, end: int) -> Iterator[tuple[int, int, str | None]]:
    """Hours in which the weekday is open as a rule, of days that are special and closed then, by the clock."""
    day, last = time.local(start).date(), time.local(end).date()
    while day <= last:
        opened = time.week.on(day)
        for first, until in _without(time.week.usual(day), opened.spans) if opened.special else ():
            low, high = (
                datetime(day.year, day.month, day.day, tzinfo=time.zone) + timedelta(minutes=minute)
                for minute in (first, until)
            )
            yield round(low.timestamp()) * 1000, round(high.timestamp()) * 1000, opened.name
        day += timedelta(days=1)


def _without(spans: Iterable[Span], others: Iterable[Span]) -> Iterator[Span]:
    """What is left of intervals where others are taken out."""
    for start, end in spans:
        for first, last in others:
            if last > start and first < end:
                if start < first:
                    yield start, first
                start = max(start, last)
        if start < end:
            yield start, end


# --- calendars by name -----------------------------------------------------------------------------------------------

_known: dict[str, tuple[Calendar, Business]] = {}


def business(calendar: Calendar) -> Business:
    """A calendar's business time, made once for as long as its version is in force."""
    known = _known.get(calendar.name)
    if known is None or known[0] is not calendar:
        known = _known[calendar.name] = (calendar, Business(calendar))
    return known[1]
