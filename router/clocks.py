"""Clocks: each a fold over a conversation's marks under the terms it is under. Pure, and nothing of it is kept.

So a mark that arrives late corrects them, a change of the policy counts them anew with every pause they had, and each can be told with
its sum (P4, P8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from router.business import WALL_CLOCK, Pause, Sum, deadline, due
from router.targets import Target, Term, Terms
from router.timeline import Mark, Timeline, What

_PAUSING = {What.PENDING: "pending", What.SNOOZED: "snoozed"}
BREACH = 100
"""The stage of a breach: warnings are their share in per cent, the n-th reminder is so much and n."""


@dataclass(frozen=True, slots=True)
class Run:
    """A clock from its start to its end. Times in milliseconds; `ended` is None while it runs or pauses.

    `by` is the agent who ended it: by an answer, by taking or by resolving the conversation.
    """

    target: Target
    start: int
    pauses: tuple[Pause, ...] = ()
    ended: int | None = None
    met: bool = False  # else it was cancelled: nobody needs it any more
    by: str | None = None

    def sum(self, term: Term) -> Sum:
        """When it is due, and how that came about. A term that never ends has no deadline."""
        amount = term.amount_from(self.start)
        if amount is None:
            return Sum(None, (), ())
        return deadline(term.time, self.start, amount, self.pauses)

    def due(self, term: Term) -> int | None:
        """When it is due, without the sum."""
        amount = term.amount_from(self.start)
        return None if amount is None else due(term.time, self.start, amount, self.pauses)

    def late(self, term: Term, now: int) -> bool:
        """Was, or is, it too late?"""
        at = self.due(term)
        return at is not None and at < (now if self.ended is None else self.ended)


class Stage(NamedTuple):
    """Something that a clock sets off: a warning, a breach, a reminder of it."""

    at: int
    target: Target
    number: int  # per cent; 100 is the breach, 101 its first reminder
    of: str | None = None  # the promise's id

    @property
    def kind(self) -> Literal["warning", "breach", "reminder"]:
        """What it is."""
        return "warning" if self.number < BREACH else "breach" if self.number == BREACH else "reminder"


Acted = Mapping[Target, tuple[int, int]]
"""Of each clock what was acted on last: the start of its run, and the stage's number."""


def runs(timeline: Timeline, terms: Terms) -> list[Run]:
    """All clocks that the marks make, in the order of their start."""
    fold = _Fold(terms)
    for mark in timeline:
        fold.take(mark)
    return sorted((*fold.over, *fold.open.values()), key=lambda run: (run.start, list(Target).index(run.target)))


def stages(run: Run, terms: Terms) -> Iterator[Stage]:
    """Everything that a clock sets off if it is not stopped, in the order of time."""
    term = terms.terms[run.target]
    amount = term.amount_from(run.start)
    if amount is None:
        return
    further = range(1, terms.reminders + 1) if terms.remind is not None else ()
    reminding = WALL_CLOCK if terms.remind_by_wall_clock else term.time
    breach = run.start
    for share in (*terms.shares, BREACH):
        at = due(term.time, run.start, amount * share // 100, run.pauses)
        if at is None:
            return
        yield Stage(at, run.target, share)
        breach = at
    for n in further:
        at = due(reminding, breach, n * (terms.remind or 0), run.pauses)
        if at is None:
            return
        yield Stage(at, run.target, BREACH + n)


def overdue(timeline: Timeline, terms: Terms, acted: Acted, now: int) -> list[Stage]:
    """What running clocks have set off by now and nobody has acted on, in the order of time."""
    found = []
    for run in runs(timeline, terms):
        if run.ended is None:
            for stage in stages(run, terms):
                if stage.at > now:
                    break
                if stage.number > done(run, acted):
                    found.append(stage)
    return sorted(found)


def done(run: Run, acted: Acted) -> int:
    """The last stage of a run that was acted on; 0 for none.

    A message that arrived late may have moved its start back since: what was acted on within the run was this one's.
    """
    start, number = acted.get(run.target, (-1, 0))
    return number if start >= run.start and (run.ended is None or start <= run.ended) else 0


class _Fold:
    """One mark after the other."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.open: dict[Target, Run] = {}
        self.over: list[Run] = []
        self.state: What | None = None
        self.answered = False  # since it began, or was reopened

    def take(self, mark: Mark) -> None:
        """What a mark starts, pauses and ends."""
        at, what, of = mark
        match what:
            case What.HEARD:
                self._heard(at)
            case What.THANKS:
                if self.state is None or not (self.terms.thanks or self.done):  # they reopened nothing when they came
                    self._heard(at)
            case What.ANSWERED:
                self._met(Target.FIRST_RESPONSE, at, of)
                self._met(Target.NEXT_RESPONSE, at, of)
                self.answered = True
            case What.AUTOMATIC:
                if self.terms.automatic and self._met(Target.FIRST_RESPONSE, at, None):
                    self.answered = True
            case _:
                self._became(what, at, of)

    @property
    def done(self) -> bool:
        """Is it resolved or closed?"""
        return self.state in (What.RESOLVED, What.CLOSED)

    def _heard(self, at: int) -> None:
        if self.done:
            self._begin(at)
        if not self.answered:
            self._start(Target.FIRST_RESPONSE, at)
        elif Target.FIRST_RESPONSE not in self.open:
            self._start(Target.NEXT_RESPONSE, at)

    def _begin(self, at: int) -> None:
        """It is reopened."""
        self.state = None
        if self.terms.continues:
            before = [run for run in self.over if run.target is Target.RESOLUTION and run.met]
            if before:
                last = before[-1]
                self.over.remove(last)
                pause = Pause(last.ended if last.ended is not None else at, at, "resolved")
                self.open[Target.RESOLUTION] = replace(
                    last, ended=None, met=False, by=None, pauses=(*last.pauses, pause)
                )
        else:
            self.answered = False
        self._start(Target.RESOLUTION, at)

    def _became(self, state: What, at: int, of: str | None) -> None:
        before, self.state = self.state, state
        if before in (What.RESOLVED, What.CLOSED) and state not in (What.RESOLVED, What.CLOSED):
            self._begin(at)  # by people: somebody waits for an answer
            self.state = state
            self._start(Target.NEXT_RESPONSE if self.answered else Target.FIRST_RESPONSE, at)
        pausing = _PAUSING.get(state)
        self._paused(at, pausing if pausing in self.terms.pauses else None)
        match state:
            case What.WAITING | What.OFFERED:
                self._start(Target.RESOLUTION, at)
                self._start(Target.ACCEPT, at)
            case What.ACTIVE | What.PENDING:
                self._start(Target.RESOLUTION, at)
                self._met(Target.ACCEPT, at, of)
            case What.SNOOZED:
                self._end(Target.ACCEPT, at)
            case What.RESOLVED:
                self._met(Target.RESOLUTION, at, of)
                for target in (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE, Target.ACCEPT):
                    self._end(target, at, of)
            case _:
                for target in Target:
                    self._end(target, at)

    def _start(self, target: Target, at: int) -> None:
        if target in self.terms.terms and target not in self.open:
            self.open[target] = Run(target, at)

    def _met(self, target: Target, at: int, by: str | None) -> bool:
        return self._end(target, at, by, met=True)

    def _end(self, target: Target, at: int, by: str | None = None, *, met: bool = False) -> bool:
        run = self.open.pop(target, None)
        if run is not None:
            self.over.append(replace(run, ended=at, met=met, by=by, pauses=_closed(run.pauses, at)))
        return run is not None

    def _paused(self, at: int, why: str | None) -> None:
        """All clocks stand still from now on, for this reason; or go on."""
        for target, run in self.open.items():
            pauses = _closed(run.pauses, at)
            if why is not None and target is not Target.ACCEPT:
                pauses = (*pauses, Pause(at, None, why))
            if pauses is not run.pauses:
                self.open[target] = replace(run, pauses=pauses)


def _closed(pauses: tuple[Pause, ...], at: int) -> tuple[Pause, ...]:
    if pauses and pauses[-1].end is None:
        return (*pauses[:-1], replace(pauses[-1], end=at))
    return pauses
