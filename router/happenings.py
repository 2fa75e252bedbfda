"""What a conversation's marks come to, for the measures: how it stood from when to when, and what happened when. A fold, and pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.clocks import runs
from router.targets import Target, Terms
from router.timeline import Mark, Timeline, What

_LINE = frozenset((What.WAITING, What.OFFERED))
_HAD = frozenset((What.ACTIVE, What.PENDING))
_HELD = _HAD | {What.OFFERED}
_DONE = frozenset((What.RESOLVED, What.CLOSED))


@dataclass(frozen=True, slots=True)
class Stay:
    """It stood so from `start` to `end`, None for ever since; open since `opened`, and in line since `lined`."""

    queue: str
    what: What
    agent: str | None
    start: int
    end: int | None
    opened: int
    lined: int | None

    @property
    def held(self) -> bool:
        """Does it take an agent's units?"""
        return self.what in _HELD

    @property
    def open(self) -> bool:
        """Is anything still to be done?"""
        return self.what not in _DONE


@dataclass(frozen=True, slots=True)
class Began:
    """It is there, or with `again` that it was reopened."""

    at: int
    queue: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Waited:
    """A wait ended: an agent had it or had answered; or nobody, and it was given up."""

    at: int
    queue: str
    agent: str | None
    ms: int
    given_up: bool


@dataclass(frozen=True, slots=True)
class Handled:
    """An agent was done with it, after so much time in which an answer was theirs to give."""

    at: int
    queue: str
    agent: str | None
    ms: int


@dataclass(frozen=True, slots=True)
class Transferred:
    """An agent who had it gave it to another queue or another agent; `queue` is the one it left."""

    at: int
    queue: str
    agent: str | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """It was resolved: out of an agent's hands, or nobody's. `first`: by an agent, for the first time; `kept`: never reopened."""

    at: int
    queue: str
    agent: str | None
    first: bool
    kept: bool


Happening = Stay | Began | Waited | Handled | Transferred | Resolved


def happenings(timeline: Timeline, queue: str) -> list[Happening]:
    """Everything that the marks come to; `queue` is meant where what waits names none."""
    fold = _Fold(queue)
    for mark in timeline:
        fold.take(mark)
    return list(fold.told())


def place_at(timeline: Timeline, queue: str, at: int) -> tuple[str, str | None]:
    """The queue it was in at a time, the one it waited in last, else `queue`; and the agent who had it."""
    there, agent = queue, None
    for mark in timeline:
        if mark.at > at:
            break
        if mark.what is What.WAITING:
            there = mark.of or queue
        if mark.what.state:
            agent = mark.of if mark.what in _HAD else None
    return there, agent


@dataclass(frozen=True, slots=True)
class Clocked:
    """A clock counts: as met when it ended in time, else as missed when it was due; of whom it counts, if of anybody."""

    at: int
    queue: str
    agent: str | None
    target: Target
    met: bool


def clocked(timeline: Timeline, terms: Terms, queue: str) -> list[Clocked]:
    """All clocks that count: of whoever ended them; what nobody did, or not yet, of who had the conversation when it was due.

    One that was cancelled in time does not count.
    """
    found = []
    for run in runs(timeline, terms):
        due = run.due(terms.terms[run.target])
        if due is not None and (run.ended is None or run.ended > due):
            there, had = place_at(timeline, queue, due)
            found.append(Clocked(due, there, run.by or had, run.target, met=False))
        elif run.met and run.ended is not None:
            there, _ = place_at(timeline, queue, run.ended)
            found.append(Clocked(run.ended, there, run.by, run.target, met=True))
    return found


class _Fold:
    """One mark after the other. A conversation without a state yet is not there."""

    def __init__(self, queue: str) -> None:
        self.default = self.queue = queue
        self.found: list[Happening] = []
        self.stay: Stay | None = None
        self.waits_since: int | None = None
        self.having: tuple[str, str | None] | None = None  # the queue in which an agent has it, and who
        self.active_ms = 0
        self.gave: tuple[str, str | None] | None = None  # from whom it went on without waiting
        self.resolved: Resolved | None = None  # it is, by the last of the marks
        self.ever_resolved = False

    def take(self, mark: Mark) -> None:
        """What a mark ends and begins."""
        if mark.what is What.ANSWERED:
            self._waited(mark)
        if mark.what.state:
            self._became(mark)

    def told(self) -> Iterator[Happening]:
        """All of it; how it stands now is a stay without an end."""
        yield from self.found
        if self.resolved is not None:
            yield self.resolved
        if self.stay is not None:
            yield self.stay

    def _became(self, mark: Mark) -> None:
        at, what, of = mark
        before = self.stay
        done_before = before is not None and not before.open
        left = self.queue
        if what is What.WAITING:
            self.queue = of or self.default
        if before is not None:
            self.found.append(_until(before, at))
        if before is None:
            self.found.append(Began(at, self.queue))
        elif done_before and what not in _DONE:
            self._reopened(at)
        self._had(before, mark, left)
        if what in _LINE and (before is None or before.what not in _LINE):
            self.waits_since = at
        if what is What.RESOLVED and not done_before:
            self._resolved(mark)
        elif what in _HAD:
            self._waited(mark)
        elif what not in _LINE:
            self.waits_since = None  # snoozed, or closed as another's part: nobody waits, and nobody gave up
        lined = None if what not in _LINE else at if before is None or before.lined is None else before.lined
        opened = at if before is None or done_before else before.opened
        agent = of if what is not What.WAITING else None
        self.stay = Stay(self.queue, what, agent, at, None, opened, lined)

    def _had(self, before: Stay | None, mark: Mark, left: str) -> None:
        """Whose it was and whose it is; what goes from one to the other is a transfer."""
        at, what, of = mark
        if before is not None and before.what is What.ACTIVE:
            self.active_ms += at - before.start
        goes_on = what in _HAD and self.having is not None and self.having[1] == of
        if self.having is not None and not goes_on:
            self.found.append(Handled(at, self.having[0], self.having[1], self.active_ms))
            self.gave, self.having = self.having, None
        if not goes_on:
            self.active_ms = 0
        if self.gave is not None and what is not What.OFFERED:
            to_another = self.queue != left if what is What.WAITING else what in _HAD and self.gave[1] != of
            if to_another:
                self.found.append(Transferred(at, *self.gave))
            self.gave = None
        if what in _HAD and not goes_on:
            self.having = (self.queue, of)

    def _waited(self, mark: Mark, *, given_up: bool = False) -> None:
        """If it waits, it does no longer: whoever made the mark has it, or has answered."""
        if self.waits_since is not None:
            self.found.append(Waited(mark.at, self.queue, mark.of, mark.at - self.waits_since, given_up))
            self.waits_since = None

    def _resolved(self, mark: Mark) -> None:
        at, _, of = mark
        self._waited(mark, given_up=of is None)
        self.resolved = Resolved(at, self.queue, of, first=of is not None and not self.ever_resolved, kept=True)
        self.ever_resolved = self.ever_resolved or of is not None

    def _reopened(self, at: int) -> None:
        self.found.append(Began(at, self.queue, again=True))
        last = self.resolved
        if last is not None:
            self.found.append(Resolved(last.at, last.queue, last.agent, last.first, kept=False))
            self.resolved = None


def _until(stay: Stay, end: int) -> Stay:
    return Stay(stay.queue, stay.what, stay.agent, stay.start, end, stay.opened, stay.lined)
