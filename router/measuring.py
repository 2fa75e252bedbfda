"""Counts one hour: conversations and agents in, cells out. Pure; the same events give the same cells, in whatever order they come.

Names of counts, of conversations:

- `begun`, `reopens`; `resolved` (by agents), of those `reopened` since, `first` and `first_kept`; `alone`: resolved by nobody who had it
- `in_time`: answered within the target, by its own kind of time; `late_abandoned`: given up after it
- `active_ms`: time in which an answer was an agent's to give; `handled` and `handled_ms`: those that agents were done with; `transfers`
- `met.TARGET`, `missed.TARGET`: clocks; `promises_kept`, `promises_broken`; `csat.VALUE`, `nps.VALUE`, `ces.VALUE`, `quality.VALUE`

Of agents' work all of those that are theirs, with the waits that they ended; what is nobody's is what is left of the queue's. Besides
`held`: milliseconds times the units of what they held while they were available. Of their presence `joined`, `left`, `presence.STATE` in
milliseconds, and `room`: milliseconds available times their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from router.happenings import (
    Began,
    Clocked,
    Handled,
    Happening,
    Resolved,
    Stay,
    Transferred,
    Waited,
    clocked,
    happenings,
    place_at,
)
from router.measures import Answer, Case, Cell, Desk, Line, Measured, Presence, Shift, Standing, collected
from router.targets import Term
from router.timeline import What

Span = tuple[int, int]
OFFLINE = "offline"


class Counted(NamedTuple):
    """Something to be added: to the cell of a queue, and where an agent did it to theirs."""

    queue: str
    agent: str | None
    cell: Cell


def measure(
    cases: Iterable[Case], shifts: Iterable[Shift], start: int, end: int, answers: Iterable[Answer] = ()
) -> Measured:
    """What was counted in [start, end), which is over. Every conversation that reaches into it must be there, with all its marks, and
    every agent's one shift, whole; and every answer of no conversation.
    """
    there: dict[str, list[Span]] = {}
    lines: dict[Line, list[Cell]] = {}
    desks: dict[Desk, list[Cell]] = {}
    for shift in shifts:
        found = _presence(shift, start, end)
        if found is not None:
            desks.setdefault(Desk(shift.agent), []).append(found)
        there.setdefault(shift.agent, []).extend(
            (since, until) for since, until, state in _states(shift, start, end) if _can(state)
        )
    for case in cases:
        told = happenings(case.timeline, case.queue)
        for queue, agent, cell in () if case.spam else _counted(case, told, start, end):
            lines.setdefault(_line(case, queue), []).append(cell)
            if agent is not None:
                desks.setdefault(Desk(agent, queue, case.channel), []).append(cell)
        for desk, cell in _held(case, told, there):
            desks.setdefault(desk, []).append(cell)
    for answer in answers:
        if start <= answer.at < end:
            line = Line(None, answer.channel, None, answer.language, None)
            lines.setdefault(line, []).append(Cell({f"{answer.kind}.{answer.value}": 1}))
    return collected(start, end, lines, desks)


def _line(case: Case, queue: str) -> Line:
    return Line(queue, case.channel, case.tier, case.language, case.skill)


# --- conversations ---------------------------------------------------------------------------------------------------


def _counted(case: Case, told: Iterable[Happening], start: int, end: int) -> Iterator[Counted]:
    for one in (*told, *clocked(case.timeline, case.terms, case.queue)):
        if isinstance(one, Stay):
            yield from _stayed(one, start, end)
        elif start <= one.at < end:
            yield _happened(one, case.target)
    for at, agent, name in (*_promises(case), *_scores(case)):
        if start <= at < end:
            queue, _ = place_at(case.timeline, case.queue, at)
            yield Counted(queue, agent, Cell({name: 1}))


def _happened(one: Began | Clocked | Waited | Handled | Transferred | Resolved, target: Term) -> Counted:
    match one:
        case Began(_, queue, again):
            return Counted(queue, None, Cell({"reopens" if again else "begun": 1}))
        case Clocked(_, queue, agent, what, met):
            return Counted(queue, agent, Cell({f"{'met' if met else 'missed'}.{what.value}": 1}))
        case Waited(at, queue, agent, ms, given_up):
            in_time = target.in_time(at - ms, at)
            if given_up:
                return Counted(queue, None, Cell(_some(late_abandoned=not in_time), abandoned=(ms,)))
            return Counted(queue, agent, Cell(_some(in_time=in_time), answered=(ms,)))
        case Handled(_, queue, agent, ms):
            return Counted(queue, agent, Cell(_some(handled=1, handled_ms=ms)))
        case Transferred(_, queue, agent):
            return Counted(queue, agent, Cell({"transfers": 1}))
        case Resolved(_, queue, None):
            return Counted(queue, None, Cell({"alone": 1}))
        case Resolved(_, queue, agent, first, kept):
            counts = _some(resolved=1, reopened=not kept, first=first, first_kept=first and kept)
            return Counted(queue, agent, Cell(counts))


def _stayed(stay: Stay, start: int, end: int) -> Iterator[Counted]:
    """The time an agent worked on it, and how it stands at the end."""
    span = _within(stay.start, stay.end, start, end)
    if stay.what is What.ACTIVE and span is not None:
        yield Counted(stay.queue, stay.agent, Cell({"active_ms": span[1] - span[0]}))
    if stay.open and stay.start < end and (stay.end is None or stay.end >= end):
        age, lined = end - stay.opened, None if stay.lined is None else end - stay.lined
        yield Counted(stay.queue, None, Cell(standing=Standing(1, age, age, int(lined is not None), lined or 0)))


def _promises(case: Case) -> Iterator[tuple[int, str | None, str]]:
    for one in case.promises:
        kept = one.kept and one.ended is not None
        at = one.due if one.ended is None else min(one.ended, one.due)
        yield at, one.by, "promises_kept" if kept else "promises_broken"


def _scores(case: Case) -> Iterator[tuple[int, str | None, str]]:
    for one in case.scores:
        yield one.at, one.agent, f"{one.kind}.{one.value}"


def _held(case: Case, told: Iterable[Happening], there: Mapping[str, list[Span]]) -> Iterator[tuple[Desk, Cell]]:
    """Units held while the agent was available, `there` in the hour; spam as well."""
    for stay in told:
        if isinstance(stay, Stay) and stay.held and stay.agent is not None:
            spans = (_within(stay.start, stay.end, since, until) for since, until in there.get(stay.agent, ()))
            ms = sum(span[1] - span[0] for span in spans if span is not None)
            if ms and case.units:
                yield Desk(stay.agent, stay.queue, case.channel), Cell({"held": ms * case.units})


# --- agents ----------------------------------------------------------------------------------------------------------


def _presence(shift: Shift, start: int, end: int) -> Cell | None:
    """Joined and left, how long in which state, and the units that could be given work."""
    counts: dict[str, int] = {}
    before = OFFLINE
    for state in shift.states:
        came = (before == OFFLINE) - (state.presence == OFFLINE)
        if came and start <= state.at < end:
            name = "joined" if came > 0 else "left"
            counts[name] = counts.get(name, 0) + 1
        before = state.presence
    for since, until, state in _states(shift, start, end):
        if state.presence != OFFLINE:
            name = f"presence.{state.presence}"
            counts[name] = counts.get(name, 0) + until - since
            if _can(state) and shift.units:
                counts["room"] = counts.get("room", 0) + (until - since) * shift.units
    return Cell(counts) if counts else None


def _can(state: Presence) -> bool:
    return state.available and state.presence != OFFLINE


def _states(shift: Shift, start: int, end: int) -> Iterator[tuple[int, int, Presence]]:
    """The parts of the time, each with the state it was spent in."""
    ends: list[int | None] = [*(state.at for state in shift.states[1:]), None]
    for state, until in zip(shift.states, ends, strict=False):
        span = _within(state.at, until, start, end)
        if span is not None:
            yield *span, state


def _within(since: int, until: int | None, start: int, end: int) -> Span | None:
    """The part of a stretch that lies in [start, end); None where there is none."""
    low, high = max(since, start), end if until is None else min(until, end)
    return (low, high) if low < high else None


def _some(**counts: int) -> dict[str, int]:
    return {name: int(n) for name, n in counts.items() if n}
