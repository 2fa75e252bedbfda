"""A plan that was tried: who was dealt with in time in its simulated days, interval by interval, and where it misses its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from santral.simulation.intervals import Estimate
from santral.simulation.need import Cell, Need
from santral.simulation.shift_counts import Day, Plan, ratio
from santral.simulation.staff_plans import Interval, Line, Staffing
from santral.simulation.tally import Class
from santral.simulation.traffic import MINUTE


class Tried:
    """A plan, and its days as they went."""

    def __init__(self, need: Need, plan: Plan, days: Sequence[Day]) -> None:
        self.need, self.plan, self.days = need, plan, days

    def missing(self, cell: Cell) -> dict[str, float]:
        """By how much queues, or all that is asked of a cell's teams, miss the target, with how many conversations it is of."""
        interval, part = cell
        classes = {
            of for day in self.days for at, of in day.parts if at == interval and self.need.of.get(of.queue) == part
        }
        groups: dict[str, set[Class]] = {}
        for of in classes:
            groups.setdefault(
                "" if self.need.goal.per == "all" else str(getattr(of, self.need.goal.per) or ""), set()
            ).add(of)
        found = {}
        for name, group in groups.items():
            level = self._level(interval, lambda of, group=group: of in group)  # type: ignore[misc]
            if level is not None and level.mean < self.need.goal.share - 1e-9:
                found[name] = self.need.goal.share - level.mean
        return found

    @property
    def misses(self) -> bool:
        """Is the target missed anywhere?"""
        return any(self.missing(cell) for cell in self.need.cells)

    def _level(self, interval: int, holds: Callable[[Class], bool]) -> Estimate | None:
        pairs = []
        for day in self.days:
            mine = [part for (at, of), part in day.parts.items() if at == interval and holds(of)]
            pairs.append((sum(one.in_time for one in mine), sum(one.over for one in mine)))
        return ratio(pairs)

    # --- what came out ------------------------------------------------------------------------------------------------

    def told(self, tried: int) -> Staffing:
        """All of it, found after so many were tried."""
        goal, whole = self.need.goal, round(self.need.ready.scenario.day.hours * 60)
        minutes = goal.minutes
        intervals = []
        for number, row in enumerate(self.plan):
            since, until = number * minutes, min(whole, (number + 1) * minutes)
            paid = tuple(math.ceil(count / (1 - goal.shrinkage) - 1e-9) for count in row)
            late = {name for part in range(len(self.need.parts)) for name in self.missing((number, part))}
            missing = tuple(sorted(late)) if goal.per != "all" else ()
            lines, level = tuple(self._lines(number, until - since)), self._level(number, lambda _: True)
            occupancy = self._occupancy(number, row, until - since)
            intervals.append(Interval(since, until, row, paid, lines, level, occupancy, not late, missing))
        pairs = [
            (sum(p.in_time for p in day.parts.values()), sum(p.over for p in day.parts.values())) for day in self.days
        ]
        return Staffing(
            self.need.ready, goal, self.need.teams, tuple(intervals), ratio(pairs),
            sum(sum(one.paid) * (one.until - one.since) for one in intervals) / 60,
            sum((one.erlang_c if one.erlang_a is None else one.erlang_a) * (one.until - one.since) for one in intervals) / 60,
            len(self.days), tried, tuple(_because(self.need)),
        )  # fmt: skip

    def _lines(self, interval: int, minutes: int) -> Iterable[Line]:
        for queue, one in self.need.formulas[interval].items():
            asks = [ask for ask in self.need.asks[interval] if ask.kind.queue == queue]
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
        room = (
            sum(team.group.units * count for team, count in zip(self.need.teams, row, strict=True)) * minutes * MINUTE
        )
        held = [sum(day.held.get((interval, team), 0) for team in range(len(row))) for day in self.days]
        return ratio([(ms, room) for ms in held])


def _because(need: Need) -> Iterable[str]:
    """What Erlang's formulas do not know of."""
    scenario, config = need.ready.scenario, need.ready.config
    kinds = {ask.kind for asks in need.asks for ask in asks}
    if any(len(set().union(*(need.teams[t].queues for t in part))) > 1 for part in need.parts):
        yield "skills"
    if any(need.slots(kind.queue, kind.channel) > 1 for kind in kinds):
        yield "concurrency"
    if any(config.pool(team.group.pool).policy != "fifo" for team in need.teams):
        yield "policy"
    if len({(kind.tier, kind.priority, kind.target) for kind in kinds}) > 1:
        yield "priorities"
    if any(kind.target > need.goal.minutes * 60 for kind in kinds):
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
