"""How many agents of each team a day takes, interval by interval, for a target: Erlang's formulas to begin with, then the simulation.

Teams that have no queue in common, not even by way of others, are planned apart, all of them on the same days. From where Erlang's
formulas begin every interval is halved to its least number at the same time; then whatever still misses is given one more until all
reach the target, and whatever may go is taken away one at a time, as long as nothing misses for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from santral.simulation.crowd import shared
from santral.simulation.demand import Ask, Formula, asked, formula
from santral.simulation.experiment import scale_to
from santral.simulation.files import Ready
from santral.simulation.intervals import Estimate
from santral.simulation.shift_counts import Day, Plan, Planned, attempts, ratio
from santral.simulation.tally import Class
from santral.simulation.teams import Team, teams, together
from santral.simulation.traffic import MINUTE

Per = Literal["all", "queue", "channel", "tier"]
Cell = tuple[int, int]
"""An interval, and teams that are planned together."""
_ROUNDS, _MENDS, _TRIMS, _TRIED = 8, 40, 4, 2


@dataclass(frozen=True, slots=True)
class Goal:
    """So much is dealt with in its own target in every interval: of all conversations, or of each queue, channel or tier apart.

    `shrinkage` is the share of paid time in which agents are not there.
    """

    share: float = 0.8
    per: Per = "all"
    minutes: int = 30
    shrinkage: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """One queue in one interval: what comes, what it comes to, and what Erlang's formulas say of it by itself.

    `work` is in minutes; `level` and `wait` (seconds) are None where nobody came.
    """

    queue: str
    per_hour: float
    work: float
    level: Estimate | None
    wait: float | None
    erlang: Formula


@dataclass(frozen=True, slots=True)
class Interval:
    """`since` and `until` are minutes after opening; `paid` are the agents with those who are not there, by shrinkage."""

    since: int
    until: int
    agents: tuple[int, ...]
    paid: tuple[int, ...]
    lines: tuple[Line, ...]
    level: Estimate | None
    occupancy: Estimate | None
    reached: bool

    @property
    def every(self) -> int:
        """All agents."""
        return sum(self.agents)

    @property
    def erlang_c(self) -> int:
        """Of all queues, each by itself."""
        return sum(line.erlang.c for line in self.lines)

    @property
    def erlang_a(self) -> int | None:
        """As C, of queues whose customers give up by A; None where none does."""
        known = any(line.erlang.a is not None and line.per_hour for line in self.lines)
        return sum(line.erlang.best for line in self.lines) if known else None

    @property
    def differs(self) -> bool:
        """Is it far from what Erlang's formulas say, by more than an agent and a tenth?"""
        formula = self.erlang_c if self.erlang_a is None else self.erlang_a
        return abs(self.every - formula) > max(1, 0.1 * formula)


@dataclass(frozen=True, slots=True)
class Staffing:
    """A day's plan. `level` is that of the whole day; `because` says what Erlang's formulas do not know of this centre."""

    ready: Ready
    goal: Goal
    teams: tuple[Team, ...]
    intervals: tuple[Interval, ...]
    level: Estimate | None
    hours: float
    erlang_hours: float
    replications: int
    tried: int
    because: tuple[str, ...]

    @property
    def reached(self) -> bool:
        """Does every interval reach the target?"""
        return all(one.reached for one in self.intervals)


def staffing(
    ready: Ready,
    goal: Goal,
    *,
    load: float | None = None,
    replications: int | None = None,
    workers: int | None = None,
    progress: Callable[[], None] = lambda: None,
    whole: Ready | None = None,
) -> Staffing:
    """Plan one day (`demand.one_day`); `whole` is the scenario that it is a day of. `progress` is called with every replication.

    Raises ValueError for a queue that nobody of the scenario can take.
    """
    rated = whole or ready
    scale = scale_to(rated.scenario, rated.config, load or rated.scenario.load)
    of, replications = tuple(teams(ready)), replications or ready.scenario.replications
    with attempts(Planned(ready, of, goal.minutes, scale), replications, workers, progress) as tried:
        return _Search(ready, goal, of, scale, replications, tried).found()


class _Search:
    def __init__(
        self, ready: Ready, goal: Goal, of: tuple[Team, ...], scale: float, replications: int, tried: Callable[[Plan], list[Day]]
    ) -> None:  # fmt: skip
        self.ready, self.goal, self.teams, self.replications, self.attempt = ready, goal, of, replications, tried
        self.parts = together(self.teams)
        self.of = {queue: n for n, part in enumerate(self.parts) for t in part for queue in self.teams[t].queues}
        self.asks = asked(ready, goal.minutes, scale)
        self.formulas = [self._formulas(asks) for asks in self.asks]
        self.weights = [self._weights(formulas) for formulas in self.formulas]
        self.cells = [(i, c) for i in range(len(self.asks)) for c in range(len(self.parts))]
        self.tried = 0
        self.last: Plan | None = None
        self.days: list[Day] = []
        self.plan: dict[Cell, tuple[int, ...]] = {}

    # --- from formulas ------------------------------------------------------------------------------------------------

    def _formulas(self, asks: Sequence[Ask]) -> dict[str, Formula]:
        by: dict[str, list[Ask]] = {}
        for ask in asks:
            by.setdefault(ask.kind.queue, []).append(ask)
        minutes = self.goal.minutes
        return {
            queue: formula(mine, minutes, self.goal.share, lambda channel, q=queue: self._slots(q, channel))  # type: ignore[misc]
            for queue, mine in sorted(by.items())
        }

    def _slots(self, queue: str, channel: str) -> float:
        """How many conversations of a channel agents of a queue have at once, in the mean."""
        weight = self.ready.config.routing.weight(channel)
        serving = [(team.slots(channel, weight), max(1, team.now)) for team in self.teams if queue in team.queues]
        serving = [(slots, count) for slots, count in serving if slots] or [(1, 1)]
        return sum(slots * count for slots, count in serving) / sum(count for _, count in serving)

    def _weights(self, formulas: dict[str, Formula]) -> list[float]:
        """What each team is needed for: each queue's agents, of its teams as the scenario has them, whose time is their queues'."""
        needed = {queue: max(one.best, 0.01) for queue, one in formulas.items()}
        every = [sum(needed.get(queue, 0.0) for queue in team.queues) for team in self.teams]
        found = [0.0] * len(self.teams)
        for queue, agents in needed.items():
            serving = {n: team.now * agents / every[n] for n, team in enumerate(self.teams) if queue in team.queues}
            for n, part in serving.items():
                found[n] += agents * part / sum(serving.values())
        return found

    def _seats(self, cell: Cell, count: int) -> tuple[int, ...]:
        """So many agents of the teams that are planned together, by what they are needed for."""
        interval, part = cell
        weights = [self.weights[interval][team] for team in self.parts[part]]
        return tuple(shared(count, weights if any(weights) else [1.0] * len(weights)))

    def _first(self, cell: Cell) -> int:
        return sum(one.best for queue, one in self.formulas[cell[0]].items() if self.of[queue] == cell[1])

    def _most(self, cell: Cell) -> int:
        return 4 * self._first(cell) + 20

    # --- by simulation ------------------------------------------------------------------------------------------------

    def _try(self) -> None:
        plan = self._whole()
        if plan != self.last:
            self.tried += 1
            self.last, self.days = plan, self.attempt(plan)

    def _whole(self) -> Plan:
        rows = []
        for interval in range(len(self.asks)):
            row = [0] * len(self.teams)
            for part, members in enumerate(self.parts):
                for team, count in zip(members, self.plan[interval, part], strict=True):
                    row[team] = count
            rows.append(tuple(row))
        return tuple(rows)

    def _level(self, interval: int, holds: Callable[[Class], bool]) -> Estimate | None:
        pairs = []
        for day in self.days:
            mine = [part for (at, of), part in day.parts.items() if at == interval and holds(of)]
            pairs.append((sum(one.in_time for one in mine), sum(one.over for one in mine)))
        return ratio(pairs)

    def _missing(self, cell: Cell) -> dict[str, float]:
        """By how much queues, or all that is asked of a cell's teams, miss the target, with how many conversations it is of."""
        interval, part = cell
        classes = {of for day in self.days for at, of in day.parts if at == interval and self.of.get(of.queue) == part}
        groups: dict[str, set[Class]] = {}
        for of in classes:
            groups.setdefault("" if self.goal.per == "all" else str(getattr(of, self.goal.per)), set()).add(of)
        found = {}
        for name, group in groups.items():
            level = self._level(interval, lambda of, group=group: of in group)  # type: ignore[misc]
            if level is not None and level.mean < self.goal.share - 1e-9:
                found[name] = self.goal.share - level.mean
        return found

    def found(self) -> Staffing:
        """The plan."""
        self._halve()
        self._mend()
        self._trim()
        return self._told()

    def _halve(self) -> None:
        """Every cell by itself, all at once, between what was too few and what was enough."""
        low, high = dict.fromkeys(self.cells, -1), dict[Cell, int]()
        now = {cell: self._first(cell) for cell in self.cells}
        step = {cell: max(1, now[cell] // 10) for cell in self.cells}
        for _ in range(_ROUNDS):
            self.plan = {cell: self._seats(cell, count) for cell, count in now.items()}
            self._try()
            moved = False
            for cell in self.cells:
                missing = self._missing(cell)
                if missing:
                    low[cell] = max(low[cell], now[cell])
                elif cell not in high or now[cell] < high[cell]:
                    high[cell] = now[cell]
                upper = high.get(cell)
                if upper is None:
                    count = min(self._most(cell), now[cell] + step[cell])
                elif upper - low[cell] <= 1:
                    count = upper
                elif low[cell] < 0:
                    count = max(0, upper - step[cell])
                else:
                    count = (upper + low[cell]) // 2
                step[cell] *= 2
                moved = moved or count != now[cell]
                now[cell] = count
            if not moved:
                break
        self.plan = {cell: self._seats(cell, high.get(cell, now[cell])) for cell in self.cells}

    def _mend(self) -> None:
        """One agent more wherever the target is missed; where that was not enough three times, in the interval after it as well.

        What customers of one interval wait for may be done in the next, where targets are longer than intervals.
        """
        again = dict.fromkeys(self.cells, 0)
        for _ in range(_MENDS):
            self._try()
            late = [(cell, missing) for cell in self.cells if (missing := self._missing(cell))]
            moved = False
            for cell, missing in late:
                again[cell] += 1
                moved = self._one_more(cell, missing) or moved
                after = (cell[0] + 1, cell[1])
                if again[cell] > _PATIENCE and after in again:
                    moved = self._one_more(after, missing) or moved
            if not moved:
                return
        self._try()

    def _one_more(self, cell: Cell, missing: dict[str, float]) -> bool:
        """For what misses most: where queues are planned for apart, of a team that answers the worst of them."""
        members, counts = self.parts[cell[1]], list(self.plan[cell])
        if sum(counts) >= self._most(cell):
            return False
        if self.goal.per != "queue":
            self.plan[cell] = self._seats(cell, sum(counts) + 1) if self._by_weight(cell) else _with_one(counts)
            return True
        worst = max(missing, key=missing.__getitem__)
        weights = self.weights[cell[0]]
        able = [n for n, team in enumerate(members) if worst in self.teams[team].queues]
        chosen = max(able, key=lambda n: (weights[members[n]] / (counts[n] + 1), -len(self.teams[members[n]].queues)))
        counts[chosen] += 1
        self.plan[cell] = tuple(counts)
        return True

    def _by_weight(self, cell: Cell) -> bool:
        return self.plan[cell] == self._seats(cell, sum(self.plan[cell]))

    def _trim(self) -> None:
        """One agent fewer in every other interval, then in the others; what makes anything miss is taken back.

        Of teams that are planned together the one that has most for what it is needed for is tried first, then the next.
        """
        if any(self._missing(cell) for cell in self.cells):
            return
        settled: dict[Cell, set[int]] = {cell: set() for cell in self.cells}
        for turn in range(2 * _TRIMS):
            before, last, days = dict(self.plan), self.last, self.days
            chosen = {}
            for cell in self.cells:
                team = self._spare(cell, settled[cell]) if cell[0] % 2 == turn % 2 else None
                if team is not None:
                    chosen[cell] = team
                    self.plan[cell] = tuple(n - (at == team) for at, n in enumerate(self.plan[cell]))
            if not chosen:
                continue
            self._try()
            wrong = {cell for cell in self.cells if self._missing(cell)}
            for cell, team in chosen.items():
                if wrong & {(cell[0] + ahead, cell[1]) for ahead in (-1, 0, 1, 2)}:
                    self.plan[cell] = before[cell]
                    settled[cell].add(team)
            if self.plan == before:
                self.last, self.days = last, days
            elif wrong:
                self._try()
                if any(self._missing(cell) for cell in self.cells):
                    self.plan, self.last, self.days = before, last, days
                    for cell, team in chosen.items():
                        settled[cell].add(team)

    def _spare(self, cell: Cell, settled: set[int]) -> int | None:
        """Which team of a cell may have one too many; None where enough was tried."""
        weights = [self.weights[cell[0]][team] for team in self.parts[cell[1]]]
        able = [at for at, count in enumerate(self.plan[cell]) if count and at not in settled]
        if not able or len(settled) >= _TRIED:
            return None
        return max(able, key=lambda at: (self.plan[cell][at] / max(weights[at], 1e-9), at))

    # --- what came out ------------------------------------------------------------------------------------------------

    def _told(self) -> Staffing:
        plan, minutes = self._whole(), self.goal.minutes
        whole = round(self.ready.scenario.day.hours * 60)
        intervals = []
        for number, row in enumerate(plan):
            since, until = number * minutes, min(whole, (number + 1) * minutes)
            paid = tuple(math.ceil(count / (1 - self.goal.shrinkage) - 1e-9) for count in row)
            late = any(self._missing((number, part)) for part in range(len(self.parts)))
            lines, level = tuple(self._lines(number, until - since)), self._level(number, lambda _: True)
            occupancy = self._occupancy(number, row, until - since)
            intervals.append(Interval(since, until, row, paid, lines, level, occupancy, not late))
        pairs = [
            (sum(p.in_time for p in day.parts.values()), sum(p.over for p in day.parts.values())) for day in self.days
        ]
        return Staffing(
            self.ready, self.goal, self.teams, tuple(intervals), ratio(pairs),
            sum(sum(one.paid) * (one.until - one.since) for one in intervals) / 60,
            sum((one.erlang_c if one.erlang_a is None else one.erlang_a) * (one.until - one.since) for one in intervals) / 60,
            self.replications, self.tried, tuple(self._because()),
        )  # fmt: skip

    def _lines(self, interval: int, minutes: int) -> Iterable[Line]:
        for queue, one in self.formulas[interval].items():
            asks = [ask for ask in self.asks[interval] if ask.kind.queue == queue]
            arrivals = sum(ask.arrivals for ask in asks)
            work = sum(ask.arrivals * ask.work for ask in asks) / arrivals
            level = self._level(interval, lambda of, queue=queue: of.queue == queue)  # type: ignore[misc]
            mine = [
                part
                for day in self.days
                for (at, of), part in day.parts.items()
                if at == interval and of.queue == queue
            ]
            answered = sum(part.answered for part in mine)
            wait = sum(part.waited for part in mine) / answered / 1000 if answered else None
            yield Line(queue, arrivals / minutes * 60, work, level, wait, one)

    def _occupancy(self, interval: int, row: Sequence[int], minutes: int) -> Estimate | None:
        room = sum(team.group.units * count for team, count in zip(self.teams, row, strict=True)) * minutes * MINUTE
        held = [sum(day.held.get((interval, team), 0) for team in range(len(row))) for day in self.days]
        return ratio([(ms, room) for ms in held])

    def _because(self) -> Iterable[str]:
        """What Erlang's formulas do not know of."""
        scenario, config = self.ready.scenario, self.ready.config
        kinds = {ask.kind for asks in self.asks for ask in asks}
        if any(len(set().union(*(self.teams[t].queues for t in part))) > 1 for part in self.parts):
            yield "skills"
        if any(self._slots(kind.queue, kind.channel) > 1 for kind in kinds):
            yield "concurrency"
        if any(config.pool(team.group.pool).policy != "fifo" for team in self.teams):
            yield "policy"
        if len({(kind.tier, kind.priority, kind.target) for kind in kinds}) > 1:
            yield "priorities"
        if any(kind.target > self.goal.minutes * 60 for kind in kinds):
            yield "targets"
        lengths = [
            one for s in scenario.traffic for one in (s.handling if isinstance(s.handling, tuple) else (s.handling,))
        ]
        if any(one.exponential is None for one in lengths):
            yield "lengths"
        if any(config.offer_seconds(kind.queue, kind.channel) is not None for kind in kinds):
            yield "offers"
        if scenario.busyness is not None:
            yield "busyness"
        yield "empty"


_PATIENCE = 3


def _with_one(counts: Sequence[int]) -> tuple[int, ...]:
    """One more where there are most."""
    most = max(range(len(counts)), key=counts.__getitem__)
    return tuple(count + (number == most) for number, count in enumerate(counts))


def shorter(found: Staffing) -> Staffing:
    """Without the intervals in which nothing is asked for and nobody is there, at both ends."""
    busy = [number for number, one in enumerate(found.intervals) if one.every or one.lines]
    return replace(found, intervals=found.intervals[busy[0] : busy[-1] + 1]) if busy else found
