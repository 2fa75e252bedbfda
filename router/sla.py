"""A conversation's clocks as they stood when it was last saved: what lists and events show, and when they want to be looked at.

What is true of them is in the conversation's marks (router.timeline) under the terms in force (router.targets); these are counted from
both each time it is saved (router.clocks), and only what was acted on is remembered here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from router.clocks import BREACH, Acted, done, runs, stages
from router.targets import Target, Terms
from router.timeline import Timeline
from router.times import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Clock:
    """The last clock of one target. `due_at` is None while it stands still, or if it never comes."""

    target: Target
    started_at: datetime
    due_at: datetime | None
    next_at: datetime | None = None  # of its next stage: a warning, the breach, a reminder
    acted: int = 0  # the last stage that was acted on: per cent; from 100 on it is breached
    ended_at: datetime | None = None
    met: bool = False  # it ended because it was done, not because nobody needs it any more

    @property
    def running(self) -> bool:
        """Has it not ended? It may stand still."""
        return self.ended_at is None

    @property
    def breached(self) -> bool:
        """Did its time run out, and was that acted on?"""
        return self.acted >= BREACH


def counted(timeline: Timeline, terms: Terms, before: Iterable[Clock] = ()) -> tuple[Clock, ...]:
    """The last clock of each target by what happened; of those before only what was acted on counts."""
    known = acted(before)
    found = []
    for run in {run.target: run for run in runs(timeline, terms)}.values():
        number, ended = done(run, known), run.ended
        following = () if ended is not None else stages(run, terms)
        coming = next((stage.at for stage in following if stage.number > number), None)
        due = run.due(terms.terms[run.target])
        found.append(
            Clock(
                run.target,
                from_ms(run.start),
                None if due is None else from_ms(due),
                None if coming is None else from_ms(coming),
                number,
                None if ended is None else from_ms(ended),
                run.met,
            )
        )
    return tuple(found)


def acted(clocks: Iterable[Clock]) -> Acted:
    """What was acted on, as the fold wants it."""
    return {clock.target: (to_ms(clock.started_at), clock.acted) for clock in clocks if clock.acted}


def owed(clocks: Iterable[Clock]) -> Clock | None:
    """The clock of the answer that the customer waits for: the first one's, or that of a further one. Never both run."""
    answers = (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)
    return next((clock for clock in clocks if clock.running and clock.target in answers), None)


def clock_of(clocks: Iterable[Clock], target: Target) -> Clock | None:
    """The clock of a target."""
    return next((clock for clock in clocks if clock.target is target), None)
