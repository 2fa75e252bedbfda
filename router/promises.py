"""Promises: a time that a customer was told. Each is a clock of its own, by the clock on the wall, and ends kept, broken or taken back.

One to answer is kept by a person's answer, which the marks tell; of any other somebody says that it is kept. A deadline that a
conversation brought along when it became part of another (router.merging) is one as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from router.clocks import BREACH, Stage
from router.targets import Target, Terms
from router.timeline import Timeline, What
from router.times import from_ms, to_ms

MOST = 10
"""Promises that a conversation remembers; open ones are never forgotten."""
LENT = "merge"
"""Who made one that came along with another conversation."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised until a time. `by` is the agent, `auto` for an automatic answer, LENT for another's deadline."""

    id: str
    made_at: datetime
    due_at: datetime
    by: str
    what: str = ""  # what was promised, for colleagues; empty: an answer
    answer: bool = True  # a person's answer keeps it; else somebody has to say so
    ended_at: datetime | None = None
    kept: bool = False
    taken_back: bool = False
    next_at: datetime | None = None  # of its next stage
    acted: int = 0  # the last stage that was acted on
    source: str | None = None  # the conversation that brought it along

    @property
    def open(self) -> bool:
        """Does somebody still wait for it?"""
        return self.ended_at is None

    @property
    def broken(self) -> bool:
        """Did its time pass, and was that acted on; or did it end too late?"""
        return self.acted >= BREACH or (self.ended_at is not None and not self.kept and not self.taken_back)


def stages(promise: Promise, terms: Terms) -> Iterator[Stage]:
    """What an open promise sets off, in the order of time: warnings at the policy's shares, that it is broken, reminders."""
    made, due = to_ms(promise.made_at), to_ms(promise.due_at)
    for share in terms.shares:
        yield Stage(made + (due - made) * share // 100, Target.PROMISE, share, promise.id)
    yield Stage(due, Target.PROMISE, BREACH, promise.id)
    if terms.remind is not None:
        for number in range(1, terms.reminders + 1):
            yield Stage(due + number * terms.remind, Target.PROMISE, BREACH + number, promise.id)


def overdue(promises: Iterable[Promise], terms: Terms, now: int) -> list[Stage]:
    """What open promises have set off by now and nobody has acted on."""
    return sorted(
        stage
        for promise in promises
        if promise.open
        for stage in stages(promise, terms)
        if promise.acted < stage.number and stage.at <= now
    )


def counted(promises: Iterable[Promise], timeline: Timeline, terms: Terms) -> tuple[Promise, ...]:
    """Promises as what happened left them: those to answer end with the first answer of a person, or when it is resolved."""
    found = [_ended(promise, timeline) for promise in promises]
    return tuple(replace(one, next_at=_next(one, terms)) for one in _remembered(found))


def _ended(promise: Promise, timeline: Timeline) -> Promise:
    if not promise.answer or (promise.ended_at is not None and promise.taken_back):
        return promise
    made, due = to_ms(promise.made_at), to_ms(promise.due_at)
    for mark in timeline:
        if mark.at < made:
            continue
        if mark.what is What.ANSWERED:
            return replace(promise, ended_at=from_ms(mark.at), kept=mark.at <= due)
        if mark.what in (What.RESOLVED, What.CLOSED) and mark.at > made:
            return replace(promise, ended_at=from_ms(mark.at), kept=False, taken_back=mark.at <= due)
    return promise


def _next(promise: Promise, terms: Terms) -> datetime | None:
    if not promise.open:
        return None
    coming = next((stage.at for stage in stages(promise, terms) if stage.number > promise.acted), None)
    return None if coming is None else from_ms(coming)


def _remembered(promises: list[Promise]) -> list[Promise]:
    """All that are open, and of those that are over the newest."""
    over = [promise for promise in promises if not promise.open]
    gone = {promise.id for promise in over[: max(0, len(promises) - MOST)]}
    return [promise for promise in promises if promise.id not in gone]
