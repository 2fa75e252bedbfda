"""Promises: a time that a customer was told. Each is a clock of its own, by the clock on the wall, and ends kept, broken or taken back.

One to answer is kept by the first answer of a person after it, which the marks tell; of any other somebody says that it is kept. What
is still open when its conversation is done is taken back. A deadline that a conversation brought along when it became part of another
(router.merging) is one as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from router.clocks import BREACH, Stage
from router.errors import Conflict, Invalid
from router.targets import Target, Terms
from router.timeline import Mark, Timeline, What
from router.times import from_ms, to_ms

MOST = 10
"""Promises that a conversation remembers, and that may be open in it; open ones are never forgotten."""
FURTHEST = timedelta(days=366)
"""No promise is for later than that."""
WARNED = (75, 90)
"""Per cent of its time at which one is warned of where no policy says."""
LENT = "merge"
"""Who made one that came along with another conversation."""
AUTO = "auto"
"""Who made one that an automatic answer told."""
CALLED = "policy"
"""Who made one that makes good a broken one: somebody calls."""


class Standing(StrEnum):
    """What has become of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"  # its time has passed; somebody may still wait for it
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise that somebody wants to make: until when, what, and whether a person's answer keeps it."""

    until: datetime
    what: str = ""
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """Something promised until a time. `by` is the agent, or AUTO, CALLED or LENT."""

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
    def standing(self) -> Standing:
        """What has become of it. An answer that turns up late may have kept what was acted on as broken."""
        if self.ended_at is None:
            return Standing.BROKEN if self.acted >= BREACH else Standing.OPEN
        return Standing.KEPT if self.kept else Standing.TAKEN_BACK if self.taken_back else Standing.BROKEN

    @property
    def personal(self) -> bool:
        """Did somebody give their word?"""
        return self.by not in (AUTO, CALLED, LENT)


def made(known: tuple[Promise, ...], pledge: Pledge, by: str, id_: str, now: datetime) -> tuple[Promise, ...]:
    """With one more promise. Raises Invalid for a time that is over or too far away, Conflict when too many are open."""
    if not now < pledge.until <= now + FURTHEST:
        raise Invalid("a promise is for a time to come, within a year", field="until")
    if not pledge.what and not pledge.answer:
        raise Invalid("say what is promised, or that it is an answer", field="what")
    if sum(one.open for one in known) >= MOST:
        raise Conflict(f"{MOST} promises are open here already: keep one, or take one back")
    at, until = from_ms(to_ms(now)), from_ms(to_ms(pledge.until))
    return (*known, Promise(id_, at, until, by, pledge.what, pledge.answer))


def kept(promise: Promise, at: datetime) -> Promise:
    """It is done; after its time it stays broken."""
    return replace(promise, ended_at=at, kept=to_ms(at) <= to_ms(promise.due_at), taken_back=False)


def taken_back(promise: Promise, at: datetime) -> Promise:
    """Nobody waits for it any more; after its time it stays broken."""
    return replace(promise, ended_at=at, kept=False, taken_back=to_ms(at) <= to_ms(promise.due_at))


def told(promise: Promise) -> dict[str, Any]:
    """A promise as an entry of a history tells it."""
    found = {"promise": promise.id, "by": promise.by, "until": promise.due_at.isoformat(), "what": promise.what}
    return {**found, "state": str(promise.standing)}


def stages(promise: Promise, terms: Terms) -> Iterator[Stage]:
    """What an open promise sets off, in the order of time: warnings at the policy's shares, that it is broken, reminders."""
    made, due = to_ms(promise.made_at), to_ms(promise.due_at)
    for share in terms.shares if terms.policy is not None else WARNED:
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
    """Promises as what happened left them: an answer keeps those that are to answer, and the conversation's end ends all others."""
    found = [_ended(promise, timeline) for promise in promises]
    return tuple(replace(one, next_at=_next(one, terms)) for one in _remembered(found))


def unanswered(promise: Promise, timeline: Timeline) -> Promise:
    """As it was before an answer of this timeline ended it: whether one did is to be seen from another's marks."""
    ended = None if promise.ended_at is None else to_ms(promise.ended_at)
    if not any(promise.answer and mark.what is What.ANSWERED and mark.at == ended for mark in timeline):
        return promise
    return replace(promise, ended_at=None, kept=False, taken_back=False)


def _ended(promise: Promise, timeline: Timeline) -> Promise:
    """The first thing that ended it counts: an answer that turns up late may come before what ended it so far."""
    answer = _first_answer(promise, timeline) if promise.answer else None
    if answer is not None and (promise.ended_at is None or answer.at < to_ms(promise.ended_at)):
        return kept(promise, from_ms(answer.at))
    state = timeline.state
    if promise.open and state is not None and state.what in (What.RESOLVED, What.CLOSED):
        return taken_back(promise, max(promise.made_at, from_ms(state.at)))
    return promise


def _first_answer(promise: Promise, timeline: Timeline) -> Mark | None:
    """The first answer of a person after it was made: not the one that told it."""
    made_at = to_ms(promise.made_at)
    return next((mark for mark in timeline if mark.what is What.ANSWERED and mark.at > made_at), None)


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
