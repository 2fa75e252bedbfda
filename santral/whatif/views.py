"""How waits went, one way: figures of all of them, by queue, tier, channel and agent. Values only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from router.config import Config
from router.targets import Term
from router.waiting import Kind
from santral.whatif.playing import Played
from santral.whatif.record import End, Record, Wait


@dataclass(frozen=True, slots=True)
class Waits:
    """How some waits went. Times are milliseconds; `level` and what is a mean are None of nothing.

    `level`: answered within the target over those and all who gave up after it. `late` are waits over the target, however they ended,
    and those that go on.
    """

    count: int
    answered: int
    left: int
    turned_away: int
    waiting: int
    level: float | None
    mean: float | None
    p90: int | None
    late: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What an agent did: conversations, units held over units there, and how long there."""

    conversations: int
    occupancy: float | None
    there: int


@dataclass(frozen=True)
class View:
    """One way that it went; parts by their names, conversations without a tier under an empty one."""

    whole: Waits
    queues: Mapping[str, Waits]
    tiers: Mapping[str, Waits]
    channels: Mapping[str, Waits]
    agents: Mapping[str, Desk]
    fairness: float | None
    """Jain's index of the agents' occupancy: 1 where all are as busy, 1/n where one of n does everything."""


def view(record: Record, counted: Sequence[Wait], played: Played) -> View:
    """The figures of one way."""
    judge = _Judge(played, record.over)

    def by(key: Callable[[Kind], str]) -> dict[str, Waits]:
        parts: dict[str, list[Wait]] = {}
        for wait in counted:
            parts.setdefault(key(played.kind(wait)), []).append(wait)
        return {part: judge.waits(parts[part]) for part in sorted(parts)}

    agents = _desks(record, counted, played)
    return View(
        judge.waits(counted),
        by(lambda kind: kind.queue),
        by(lambda kind: kind.tier or ""),
        by(lambda kind: str(kind.channel)),
        agents,
        jain([desk.occupancy for desk in agents.values() if desk.occupancy is not None]),
    )


class _Judge:
    """By what targets waits are judged."""

    def __init__(self, played: Played, over: int) -> None:
        self._played, self._over = played, over
        self._terms: dict[tuple[str | None, Kind], Term | None] = {}

    def waits(self, waits: Sequence[Wait]) -> Waits:
        ends = dict.fromkeys(End, 0)
        in_time = left_late = late = 0
        lengths = []
        for wait in waits:
            fate = self._played.fate(wait)
            ends[fate.end] += 1
            if fate.end is End.MOVED:
                continue
            until = self._over if fate.at is None else fate.at
            over = not self._in_time(wait, until) or fate.end is End.TURNED_AWAY
            late += over
            if fate.end is End.ANSWERED:
                in_time += not over
            elif fate.end is End.LEFT:
                left_late += over
            if fate.end in (End.ANSWERED, End.LEFT):
                lengths.append(max(0, until - wait.at))
        lengths.sort()
        over_all = ends[End.ANSWERED] + left_late
        return Waits(
            len(waits), ends[End.ANSWERED], ends[End.LEFT], ends[End.TURNED_AWAY], ends[End.WAITING], share(in_time, over_all),
            share(sum(lengths), len(lengths)), lengths[max(1, ceil(len(lengths) * 0.9)) - 1] if lengths else None, late,
        )  # fmt: skip

    def _in_time(self, wait: Wait, until: int) -> bool:
        kind, sla = self._played.kind(wait), self._played.sla(wait)
        key = sla, kind
        if key not in self._terms:
            terms = self._played.config.terms(sla, kind.queue, kind.tier, kind.channel)
            self._terms[key] = terms.first if round(terms.nominal / 1000) == kind.target else None
        term = self._terms[key]
        if term is None:  # its target is not one that the configuration explains
            return until - wait.at <= kind.target * 1000
        return until <= wait.at or term.in_time(wait.at, until)


def _desks(record: Record, counted: Sequence[Wait], played: Played) -> dict[str, Desk]:
    agents = {agent.name: agent.units for agent in played.config.agents}
    there = times_there(record, played.config)
    held = dict.fromkeys(agents, 0)
    taken = dict.fromkeys(agents, 0)
    starts = {name: [since for since, _ in spans] for name, spans in there.items()}

    def hold(agent: str, since: int, until: int, units: int) -> None:
        spans = there.get(agent)
        if spans and agent in held:
            first = max(0, bisect_right(starts[agent], since) - 1)
            for begin, end in spans[first:]:
                if begin >= until:
                    break
                held[agent] += max(0, min(end, until) - max(begin, since)) * units

    for wait in record.waits:
        fate, units = played.fate(wait), played.kind(wait).units
        for one in fate.offers:
            hold(one.agent, one.at, one.until, units)
        if fate.end is End.ANSWERED and fate.agent is not None and fate.at is not None:
            hold(fate.agent, fate.at, record.over if fate.done is None else fate.done, units)
    for work in record.held:
        hold(work.agent, work.at, record.over if work.until is None else work.until, work.units)
    for wait in counted:
        agent = played.fate(wait).agent
        if agent in taken:
            taken[agent] += 1
    found = {}
    for name in sorted(agents):
        time = sum(end - begin for begin, end in there.get(name, ()))
        room = time * agents[name]
        if room or taken[name]:
            found[name] = Desk(taken[name], held[name] / room if room else None, time)
    return found


def times_there(record: Record, config: Config) -> dict[str, list[tuple[int, int]]]:
    """When each agent was available, within the time that is counted."""
    found: dict[str, list[tuple[int, int]]] = {}
    since: dict[str, int] = {}
    for at, agent, presence in record.comings:
        if config.available(presence):
            since.setdefault(agent, max(at, record.since))
        elif agent in since:
            begin, end = since.pop(agent), min(at, record.over)
            if begin < end:
                found.setdefault(agent, []).append((begin, end))
    for agent, begin in since.items():
        if begin < record.over:
            found.setdefault(agent, []).append((begin, record.over))
    return found


def jain(loads: Iterable[float]) -> float | None:
    """Jain's index (router.measure_figures): 1 where all are alike, 1/n where one of n has all; None of nobody."""
    values = list(loads)
    squares = sum(one * one for one in values)
    if not values:
        return None
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
