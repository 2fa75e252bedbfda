"""A deadline taken apart: what was promised, every interval that counts, every pause and holiday that does not, and how it stands (P8).

Pure: a fold over a conversation's marks under the terms in force, as the clocks themselves are (router.clocks). In milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from router.business import Between, Sum, used
from router.clocks import Run, Stage, done, runs, stages
from router.sla import Clock, acted, clock_of
from router.targets import Target, Term, Terms
from router.timeline import Mark, Timeline, What
from router.times import from_ms, to_ms

Standing = Literal["running", "paused", "breached", "met", "missed", "cancelled"]
"""Paused: it stands still. Breached: its time is over, and it is not done. Missed: done after its time was over."""
Kind = Literal["counted", "pause", "holiday"]


@dataclass(frozen=True, slots=True)
class Part:
    """Time that is told together: an interval, or the same hours of several days in a row.

    `amount` is how much of it counts; of a pause or a holiday, how much of the clock's time it took.
    """

    kind: Kind
    spans: tuple[Between, ...]
    amount: int
    days: int = 1
    name: str | None = None  # of the holiday; why it pauses

    @property
    def start(self) -> int:
        """Its first instant."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Its last one."""
        return self.spans[-1][1]


@dataclass(frozen=True, slots=True)
class Account:
    """One clock with its sum. `why` says why it stands still: pending, snoozed, resolved, or closed until `opens`."""

    run: Run
    term: Term
    amount: int | None  # None: there is no day whose end it could be
    sum: Sum
    parts: tuple[Part, ...]
    standing: Standing
    started_by: Mark | None
    ended_by: Mark | None
    used: int  # counted until it ended, or until now
    late: bool
    why: str | None = None
    opens: int | None = None
    was_due: int | None = None  # when the conversation was saved last, under the terms of that time
    stages: tuple[tuple[Stage, bool], ...] = ()
    """Each with whether it was acted on; of one that ended only those. What another policy set off and this one puts off is left out."""
    latest: bool = True  # of its target


def accounts(timeline: Timeline, terms: Terms, clocks: Sequence[Clock], zone: ZoneInfo, now: int) -> list[Account]:
    """Every clock that a conversation had and has, in the order of their start. `clocks` are as they stood when it was saved."""
    found = runs(timeline, terms)
    last = {run.target: run for run in found}
    return [_account(run, timeline, terms, clocks, zone, now, latest=last[run.target] is run) for run in found]


def _account(
    run: Run, timeline: Timeline, terms: Terms, clocks: Sequence[Clock], zone: ZoneInfo, now: int, *, latest: bool
) -> Account:
    term = terms.terms[run.target]
    total = run.sum(term)
    standing, why = _standing(run, term, total.due, now)
    until = now if run.ended is None else run.ended
    number = done(run, acted(clocks))
    return Account(
        run=run,
        term=term,
        amount=term.amount_from(run.start),
        sum=total,
        parts=tuple(parts(term, total, zone)),
        standing=standing,
        started_by=_mark(timeline, run.start, _STARTS[run.target]),
        ended_by=None if run.ended is None else _mark(timeline, run.ended, _ENDS if run.met else _GIVES_UP),
        used=used(term.time, run.start, until, run.pauses),
        late=standing == "breached" or run.late(term, now),
        why=why,
        opens=term.time.opens(now) if why == "closed" else None,
        was_due=_was_due(run, clocks, total.due) if latest else None,
        stages=tuple(
            (stage, stage.number <= number)
            for stage in stages(run, terms)
            if (stage.at <= now if stage.number <= number else run.ended is None)
        ),
        latest=latest,
    )


def _standing(run: Run, term: Term, due: int | None, now: int) -> tuple[Standing, str | None]:
    if run.ended is not None:
        return ("cancelled" if not run.met else "missed" if run.late(term, now) else "met"), None
    if due is not None and due <= now:
        return "breached", None
    if run.pauses and run.pauses[-1].end is None:
        return "paused", run.pauses[-1].name
    return ("running", None) if term.time.is_open(now) else ("paused", "closed")


def _was_due(run: Run, clocks: Sequence[Clock], due: int | None) -> int | None:
    """What was said of it before, where that is something else: the terms have changed since."""
    known = clock_of(clocks, run.target)
    if known is None or known.due_at is None or to_ms(known.started_at) != run.start:
        return None
    was = to_ms(known.due_at)
    return None if was == due else was


# --- by which marks ---------------------------------------------------------------------------------------------------

_WROTE = (What.HEARD, What.THANKS)
_OPEN = (What.WAITING, What.OFFERED, What.ACTIVE, What.PENDING)
_STARTS = {
    Target.ACCEPT: _OPEN,
    Target.FIRST_RESPONSE: (*_WROTE, *_OPEN, What.SNOOZED),
    Target.NEXT_RESPONSE: (*_WROTE, *_OPEN, What.SNOOZED),
    Target.RESOLUTION: (*_WROTE, *_OPEN, What.SNOOZED),
}
_ENDS = (What.ANSWERED, What.AUTOMATIC, What.RESOLVED, What.ACTIVE, What.PENDING)
_GIVES_UP = (What.RESOLVED, What.CLOSED, What.SNOOZED)


def _mark(timeline: Timeline, at: int, kinds: Sequence[What]) -> Mark | None:
    """What happened then that a clock goes by; of several the first kind."""
    there = [mark for mark in timeline if mark.at == at and mark.what in kinds]
    return min(there, key=lambda mark: kinds.index(mark.what), default=None)


# --- the parts of a sum -----------------------------------------------------------------------------------------------


def parts(term: Term, total: Sum, zone: ZoneInfo) -> Iterator[Part]:
    """What counts, with each pause and each holiday, in the order of time; the same hours of days in a row are one."""
    skips = [*_pauses(term, total), *_holidays(total, zone)]
    days = _grouped(_by_day(total.counted, zone), zone, [skip.start for skip in skips])
    yield from sorted((*days, *skips), key=lambda part: part.start)


def _pauses(term: Term, total: Sum) -> Iterator[Part]:
    for one in total.skipped:
        if one.why == "pause":
            yield Part("pause", ((one.start, one.end),), term.time.between(one.start, one.end), name=one.name)


def _holidays(total: Sum, zone: ZoneInfo) -> Iterator[Part]:
    """A holiday's hours of work; one that lasts for several days in a row is told once."""
    found: Part | None = None
    for one in total.skipped:
        if one.why != "holiday":
            continue
        if found is not None and found.name == one.name and _day(zone, one.start) - _day(zone, found.end - 1) <= _ONE:
            days = (_day(zone, one.end - 1) - _day(zone, found.start)).days + 1
            amount = found.amount + one.end - one.start
            found = replace(found, spans=(*found.spans, (one.start, one.end)), amount=amount, days=days)
            continue
        if found is not None:
            yield found
        found = Part("holiday", ((one.start, one.end),), one.end - one.start, name=one.name)
    if found is not None:
        yield found


_ONE = timedelta(days=1)


def _by_day(counted: Iterable[Between], zone: ZoneInfo) -> Iterator[Part]:
    """The intervals of each day; one that goes past midnight stands alone."""
    found: Part | None = None
    for start, end in counted:
        day = _day(zone, start)
        if found is not None and day == _day(zone, found.start) == _day(zone, found.end - 1) == _day(zone, end - 1):
            found = replace(found, spans=(*found.spans, (start, end)), amount=found.amount + end - start)
            continue
        if found is not None:
            yield found
        found = Part("counted", ((start, end),), end - start)
    if found is not None:
        yield found


def _grouped(days: Iterable[Part], zone: ZoneInfo, breaks: Sequence[int]) -> Iterator[Part]:
    """Days in a row with the same hours are one part, unless something is told of the time in between."""
    found: list[Part] = []
    for part in days:
        follows = (
            bool(found)
            and _day(zone, part.start) - _day(zone, found[-1].start) == _ONE
            and _shape(zone, part) == _shape(zone, found[-1])
            and not any(found[-1].end <= at < part.start for at in breaks)
        )
        if found and not follows:
            yield _one(found)
            found = []
        found.append(part)
    if found:
        yield _one(found)


def _one(days: Sequence[Part]) -> Part:
    spans = tuple(span for day in days for span in day.spans)
    return Part("counted", spans, sum(day.amount for day in days), days=len(days))


def _shape(zone: ZoneInfo, part: Part) -> tuple[object, ...]:
    """The hours of a day by its clock, and how long they are: a change of clocks makes another shape."""
    return tuple((local(zone, start).time(), local(zone, end).time(), end - start) for start, end in part.spans)


def local(zone: ZoneInfo, at: int) -> datetime:
    """An instant on the clock of a place."""
    return from_ms(at).astimezone(zone)


def _day(zone: ZoneInfo, at: int) -> date:
    return local(zone, at).date()
