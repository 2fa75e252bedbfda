"""What is counted while a centre runs: sums that add up over days and replications, of one size however many days there are."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from router.config import Config
from router.matching import Decision
from router.waiting import Kind
from santral.simulation.roles import Arrival, Reply
from santral.simulation.scenario import Scenario
from santral.simulation.traffic import HOUR, Opening


class Class(NamedTuple):
    """Conversations that are counted together."""

    tier: str | None
    channel: str
    queue: str


@dataclass(slots=True)
class Waits:
    """How long some conversations waited: counts, and sums in milliseconds. `lengths` counts answered waits by `slot`."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    left: int = 0
    left_late: int = 0
    turned_away: int = 0
    unanswered: int = 0  # still waited when nothing more could happen
    waited: int = 0  # by those who were answered
    waited_all: int = 0  # by those who gave up too
    delayed: int = 0  # answered, and not at once
    worst: float = 0.0  # wait over target, of all who waited, however it ended
    lengths: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: Waits) -> None:
        """These as well."""
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst = max(self.worst, other.worst)
        for slot, count in other.lengths.items():
            self.lengths[slot] += count

    def percentile(self, per_cent: float) -> float:
        """Of the answered waits, in ms, to within two per cent."""
        needed, seen = self.answered * per_cent / 100, 0
        for slot in sorted(self.lengths):
            seen += self.lengths[slot]
            if seen >= needed:
                return length_of(slot)
        return 0.0


_SUMS = tuple(one.name for one in fields(Waits) if one.name not in ("worst", "lengths"))


def together(several: Iterable[Waits]) -> Waits:
    """All of them."""
    found = Waits()
    for one in several:
        found.add(one)
    return found


_FINE = 50  # slots in a factor of e: each is two per cent wide


def slot(ms: int) -> int:
    """Where a wait is counted: 0 for none, then by its logarithm."""
    return 0 if ms <= 0 else 1 + int(math.log(ms) * _FINE)


def length_of(at: int) -> float:
    """The middle of a slot, in ms."""
    return 0.0 if at == 0 else math.exp((at - 0.5) / _FINE)


@dataclass(slots=True)
class Counts:
    """All that one replication counted. `hours` is by class and hour after opening; `held` and `room` are units times ms, by agent."""

    classes: dict[Class, Waits] = field(default_factory=dict)
    hours: dict[tuple[Class, int], Waits] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)  # conversations, by agent
    span: int = 0  # ms that are measured

    @property
    def all(self) -> Waits:
        """Every class."""
        return together(self.classes.values())


class Tally:
    """Watches a centre and counts what is measured."""

    def __init__(self, scenario: Scenario, config: Config) -> None:
        self.counts = Counts()
        self._opening = Opening(scenario)
        since, until = self._opening.counted
        self._since, self._until = round(since * HOUR), round(until * HOUR)
        begins = [(self._opening.at(day), self._opening.lasts(day)) for day in range(scenario.days)]
        self._windows = [(at + min(self._since, lasts), at + min(self._until, lasts)) for at, lasts in begins]
        self.counts.span = sum(until - since for since, until in self._windows)
        self._starts = [since for since, _ in self._windows]
        self._units = {agent.name: agent.units for agent in config.agents}
        self._available = config.available
        self._there: dict[str, int] = {}
        self._of: dict[Kind, tuple[Waits, list[Waits]]] = {}
        self._hours = max(1, math.ceil(self._opening.hours))
        self._day = 0
        self._opened = self._opening.at(0)
        self._next = self._opening.at(1) if scenario.days > 1 else None
        self._days = scenario.days
        self._counted: dict[str, tuple[Arrival, int]] = {}  # who waits, and the hour in which they arrived

    def arrived(self, arrival: Arrival) -> None:
        """Count it where it arrived in measured hours."""
        while self._next is not None and arrival.at >= self._next:
            self._day += 1
            self._opened = self._next
            self._next = self._opening.at(self._day + 1) if self._day + 1 < self._days else None
        after = arrival.at - self._opened
        if self._since <= after < self._until:
            self._counted[arrival.id] = arrival, after // HOUR
            for waits in self._places(arrival.kind, after // HOUR):
                waits.offered += 1

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        """Count the wait."""
        found = self._counted.pop(arrival.id, None)
        if found is None:
            return
        wait, target = at - arrival.at, arrival.kind.target * 1000
        place = slot(wait)
        for waits in self._places(arrival.kind, found[1]):
            waits.answered += 1
            waits.waited += wait
            waits.waited_all += wait
            waits.lengths[place] += 1
            if wait <= target:
                waits.in_time += 1
            if wait > 0:
                waits.delayed += 1
            if wait > waits.worst * target:
                waits.worst = wait / target
        self.counts.taken[agent] = self.counts.taken.get(agent, 0) + 1

    def left(self, arrival: Arrival, at: int) -> None:
        """Count who gave up."""
        found = self._counted.pop(arrival.id, None)
        if found is None:
            return
        wait, target = at - arrival.at, arrival.kind.target * 1000
        for waits in self._places(arrival.kind, found[1]):
            waits.left += 1
            waits.waited_all += wait
            if wait > target:
                waits.left_late += 1
            if wait > waits.worst * target:
                waits.worst = wait / target

    def turned_away(self, arrival: Arrival) -> None:
        """Count who found no place."""
        found = self._counted.pop(arrival.id, None)
        if found is not None:
            for waits in self._places(arrival.kind, found[1]):
                waits.turned_away += 1

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        """The wait goes on, and it alone counts."""

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        """Count an agent's units as taken."""
        ms = self._measured(since, until)
        if ms:
            self.counts.held[agent] = self.counts.held.get(agent, 0) + ms * arrival.kind.units

    def came(self, agent: str, presence: str, at: int) -> None:
        """Note since when an agent is there."""
        available = self._available(presence)
        if available:
            self._there.setdefault(agent, at)
        elif agent in self._there:
            self._room(agent, self._there.pop(agent), at)

    def decided(self, decision: Decision) -> None:
        """Nothing is counted of how it was decided."""

    def finished(self, at: int) -> Counts:
        """Everything that was counted, at the end."""
        for agent, since in sorted(self._there.items()):
            self._room(agent, since, max(at, self._windows[-1][1]))
        self._there.clear()
        for arrival, hour in self._counted.values():
            over = (at - arrival.at) / (arrival.kind.target * 1000)
            for waits in self._places(arrival.kind, hour):
                waits.unanswered += 1
                waits.worst = max(waits.worst, over)
        self._counted.clear()
        return self.counts

    def _room(self, agent: str, since: int, until: int) -> None:
        self.counts.room[agent] = self.counts.room.get(agent, 0) + self._measured(since, until) * self._units[agent]

    def _places(self, kind: Kind, hour: int) -> tuple[Waits, Waits]:
        found = self._of.get(kind)
        if found is None:
            key = Class(kind.tier, kind.channel, kind.queue)
            whole = self.counts.classes.setdefault(key, Waits())
            hours = [self.counts.hours.setdefault((key, n), Waits()) for n in range(self._hours)]
            found = self._of[kind] = whole, hours
        return found[0], found[1][hour]

    def _measured(self, since: int, until: int) -> int:
        """How much of a stretch is in the measured hours."""
        total, number = 0, max(0, bisect_right(self._starts, since) - 1)
        for begin, end in self._windows[number:]:
            if begin >= until:
                break
            low, high = max(begin, since), min(end, until)
            if low < high:
                total += high - low
        return total
