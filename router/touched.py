"""In which hours a change of a conversation counts: those that are counted in turn, and those that are over and are counted again. Pure.

Hours are those of UTC, by their number since 1970.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from router.conversations import Conversation
from router.happenings import clocked
from router.promises import MOST as MOST_PROMISES
from router.promises import Promise
from router.targets import Terms
from router.timeline import MOST, Mark, Timeline, What
from router.times import to_ms

HOUR = 3_600_000
_DONE = (What.RESOLVED, What.CLOSED)


def hour_of(ms: int) -> int:
    """The hour that a time (milliseconds since 1970) is in."""
    return ms // HOUR


def name_of(hour: int) -> str:
    """An hour as text, YYYYMMDDHH: the order of names is that of hours."""
    return f"{datetime.fromtimestamp(hour * 3600, UTC):%Y%m%d%H}"


def hour_named(name: str) -> int:
    """The hour of a name. Raises ValueError."""
    return int(datetime.strptime(name, "%Y%m%d%H").replace(tzinfo=UTC).timestamp()) // 3600


@dataclass(frozen=True, slots=True)
class Touched:
    """`hours` are this one or yet to come; `again` are stretches of hours that were before it, first and last."""

    hours: tuple[int, ...] = ()
    again: tuple[tuple[int, int], ...] = ()


def touched(before: Conversation | None, after: Conversation, terms: Terms, now: int) -> Touched:
    """Where a change counts that is made now, under these terms. An hour in which it had a mark before it counts in already."""
    this = hour_of(now)
    old = Timeline() if before is None else before.timeline
    known = {hour_of(mark.at) for mark in old}
    kept = _kept(old, after.timeline)
    changed = _differing(kept, after.timeline)
    settled = _promises(_remembered(before, after)) ^ _promises(after.promises)
    points = {hour_of(at) for at, _ in settled}
    points |= {hour_of(to_ms(one.at)) for one in {*after.scores} - {*(() if before is None else before.scores)}}
    coming = {hour for hour in (*points, *(hour_of(mark.at) for mark in changed)) if hour > this}
    if this not in known and (this in points or any(hour_of(mark.at) >= this for mark in changed)):
        coming.add(this)
    late = [hour_of(mark.at) for mark in changed if hour_of(mark.at) < this]
    if before is not None and _counts_as(before) != _counts_as(after):
        late += [hour_of(mark.at) for mark in (*old.marks[:1], *after.timeline.marks[:1])]
    since = min([this, *late])
    points |= {hour_of(at) for at in _reopened(old, after.timeline)}
    if changed and min(known, default=this) < since:
        points |= {hour_of(at) for at in _settled(kept, after, terms)}
    again = {(hour, hour) for hour in points if hour < since}
    if since < this:
        again.add((since, this - 1))
    return Touched(tuple(sorted(coming)), tuple(sorted(again)))


def open_at(timeline: Timeline, end: int) -> bool:
    """Was anything still to be done when an hour ended that ends then?"""
    last = next((mark.what for mark in reversed(timeline.marks) if mark.what.state and mark.at < end), None)
    return last is not None and last not in _DONE


def counts(promise: Promise) -> bool:
    """Is it one that a customer was told, and not taken back?"""
    return promise.source is None and not promise.taken_back


def _kept(before: Timeline, after: Timeline) -> Timeline:
    """What happened before, but for what a full timeline forgets: nothing counts otherwise for that."""
    if len(after.marks) < MOST:
        return before
    known = set(after.marks)
    return Timeline(tuple(mark for mark in before if mark in known))


def _differing(before: Timeline, after: Timeline) -> list[Mark]:
    """Marks that only one of the two has."""
    old, new = Counter(before.marks), Counter(after.marks)
    return [*(new - old).elements(), *(old - new).elements()]


def _settled(before: Timeline, after: Conversation, terms: Terms) -> set[int]:
    """When clocks count that count otherwise by these marks: what is late is at last of whoever does it."""
    old, new = (Counter(clocked(one, terms, after.queue)) for one in (before, after.timeline))
    return {one.at for one in (*(new - old).elements(), *(old - new).elements())}


def _remembered(before: Conversation | None, after: Conversation) -> tuple[Promise, ...]:
    """What was promised before, but for what the conversation forgets now that it has the most that it remembers."""
    if before is None or len(after.promises) < MOST_PROMISES:
        return () if before is None else before.promises
    known = {one.id for one in after.promises}
    return tuple(one for one in before.promises if one.id in known)


def _promises(promises: tuple[Promise, ...]) -> set[tuple[int, bool]]:
    """When each counts, and whether as kept."""
    found = set()
    for one in promises:
        if counts(one):
            ended = one.due_at if one.ended_at is None else min(one.ended_at, one.due_at)
            found.add((to_ms(ended), one.kept and one.ended_at is not None))
    return found


def _counts_as(c: Conversation) -> tuple[object, ...]:
    """What it counts as in every hour, as it is now: its queue says what it asks for and how soon it was to be answered."""
    return c.spam, c.into is None, c.queue, c.sla, c.channel, c.kind.language, c.tier, c.units


def _reopened(before: Timeline, after: Timeline) -> list[int]:
    """When it was resolved last, if it is not any more: it counts otherwise then."""
    was, is_ = before.state, after.state
    if was is None or is_ is None or was.what not in _DONE or is_.what in _DONE:
        return []
    return [mark.at for mark in before if mark.what is What.RESOLVED][-1:]
