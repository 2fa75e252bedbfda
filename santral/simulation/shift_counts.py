"""One day with a plan of staff, tried out: what came in each interval, and how it was dealt with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import sqrt

from router.matching import Decision
from santral.simulation.centre import Centre
from santral.simulation.figures import Abandoned
from santral.simulation.files import Ready
from santral.simulation.intervals import Estimate, t_value
from santral.simulation.processes import shared_out
from santral.simulation.roles import Arrival, Coming, Reply
from santral.simulation.tally import Class
from santral.simulation.teams import Team, staffed
from santral.simulation.traffic import MINUTE, Chance, Opening, arrivals

Plan = tuple[tuple[int, ...], ...]
"""Agents by interval and team."""


@dataclass(slots=True)
class Part:
    """Some conversations of one interval: answered in time, and over how many; waits of those answered, in ms."""

    in_time: int = 0
    over: int = 0
    answered: int = 0
    waited: int = 0


@dataclass(slots=True)
class Day:
    """What one replication counted: conversations by interval and class, units times ms that were held by interval and team."""

    parts: dict[tuple[int, Class], Part] = field(default_factory=dict)
    held: dict[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """A day that plans are tried for: `minutes` is how long an interval is."""

    ready: Ready
    teams: tuple[Team, ...]
    minutes: int
    scale: float = 1.0


@contextmanager
def attempts(
    day: Planned, replications: int, workers: int | None = None, progress: Callable[[], None] = lambda: None
) -> Iterator[Callable[[Plan], list[Day]]]:
    """What tries a plan, in every replication of the day; `progress` is called as each is done."""
    with shared_out(partial(replicated, day), replications, workers, progress) as each:
        yield lambda plan: each([(plan, number) for number in range(replications)])


def replicated(day: Planned, job: tuple[Plan, int]) -> Day:
    """A replication of the day under a plan: agents come and leave as planned, those of the last interval once nobody waits any more."""
    plan, number = job
    most = [max(row[team] for row in plan) for team in range(len(day.teams))]
    groups, config = staffed(day.ready.config, day.teams, most)
    scenario = day.ready.scenario.model_copy(update={"groups": groups, "shifts": ()})
    names = {group.name: [agent.name for agent in group.agents()] for group in groups}
    crews = [names.get(team.name, []) for team in day.teams]
    start = Opening(scenario).at(0)
    watch = _Watch(day, plan, start, {name: (t, n) for t, crew in enumerate(crews) for n, name in enumerate(crew)})
    centre = Centre(config, Chance(scenario, config, number), watch, start, scenario.waiting_places)
    centre.run(arrivals(scenario, config, number, day.scale), _comings(day, plan, crews, start))
    return watch.finished()


def _comings(day: Planned, plan: Plan, crews: Sequence[Sequence[str]], start: int) -> Iterator[Coming]:
    """The first of a team are there whenever anybody of it is."""
    before = [0] * len(crews)
    for interval, row in enumerate(plan):
        at = start + interval * day.minutes * MINUTE
        moves = []
        for team, count in enumerate(row):
            low, high = sorted((before[team], count))
            presence = "online" if count > before[team] else "offline"
            moves += [Coming(at, name, presence) for name in crews[team][low:high]]
            before[team] = count
        yield from sorted(moves)


class _Watch:
    """Counts by the interval in which a customer came; who is never answered is late."""

    def __init__(self, day: Planned, plan: Plan, start: int, agents: dict[str, tuple[int, int]]) -> None:
        self.day = Day()
        self._start, self._length, self._plan = start, day.minutes * MINUTE, plan
        self._agents = agents
        self._abandoned: Abandoned = day.ready.scenario.abandoned
        self._waiting: dict[str, Arrival] = {}

    def arrived(self, arrival: Arrival) -> None:
        """Somebody began to wait."""
        self._waiting[arrival.id] = arrival

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        """Count the wait."""
        del self._waiting[arrival.id]
        part, wait = self._part(arrival), at - arrival.at
        part.answered += 1
        part.waited += wait
        part.over += 1
        part.in_time += wait <= arrival.kind.target * 1000

    def left(self, arrival: Arrival, at: int) -> None:
        """Count who gave up, as the scenario has it."""
        del self._waiting[arrival.id]
        if self._abandoned == "missed" or at - arrival.at > arrival.kind.target * 1000:
            self._part(arrival).over += 1

    def turned_away(self, arrival: Arrival) -> None:
        """Count who found no place as late."""
        del self._waiting[arrival.id]
        self._part(arrival).over += 1

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        """Nothing is counted of it."""

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        """Count units as taken, while the agent is there."""
        team, number = self._agents[agent]
        first, last = (since - self._start) // self._length, (until - self._start) // self._length
        for interval in range(first, min(last, len(self._plan) - 1) + 1):
            if self._plan[interval][team] > number:
                begin = self._start + interval * self._length
                ms = min(until, begin + self._length) - max(since, begin)
                key = interval, team
                self.day.held[key] = self.day.held.get(key, 0) + ms * arrival.kind.units

    def came(self, agent: str, presence: str, at: int) -> None:
        """As planned."""

    def decided(self, decision: Decision) -> None:
        """Nothing is counted of how it was decided."""

    def finished(self) -> Day:
        """All that was counted."""
        for arrival in self._waiting.values():
            self._part(arrival).over += 1
        return self.day

    def _part(self, arrival: Arrival) -> Part:
        kind = arrival.kind
        key = (arrival.at - self._start) // self._length, Class(kind.tier, kind.channel, kind.queue)
        part = self.day.parts.get(key)
        if part is None:
            part = self.day.parts[key] = Part()
        return part


def ratio(pairs: Sequence[tuple[float, float]]) -> Estimate | None:
    """All of the first over all of the second, with its 95 % interval by the ratio estimator; None over nothing.

    W. G. Cochran, Sampling Techniques, 3rd edition, 1977, section 6.4: days on which few come weigh less.
    """
    count, below = len(pairs), sum(pair[1] for pair in pairs)
    if not below:
        return None
    found = sum(pair[0] for pair in pairs) / below
    if count == 1:
        return Estimate(found, 0.0)
    spread = sum((one - found * over) ** 2 for one, over in pairs) / (count - 1)
    return Estimate(found, t_value(count - 1) * sqrt(spread / count) / (below / count))
