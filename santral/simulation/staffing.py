"""How many agents of each team a day takes, interval by interval, for a target: Erlang's formulas to begin with, then the simulation.

Teams that have no queue in common, not even by way of others, are planned apart, all of them on the same days. From where Erlang's
formulas begin every interval is halved to its least number at the same time; then whatever still misses is given one more until all
reach the target, and whatever may go is taken away one at a time, as long as nothing misses for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from santral.simulation.experiment import scale_to
from santral.simulation.files import Ready
from santral.simulation.need import Cell, Need
from santral.simulation.shift_counts import Day, Plan, Planned, attempts
from santral.simulation.staff_plans import Goal, Staffing
from santral.simulation.teams import teams
from santral.simulation.tried import Tried

_ROUNDS, _MENDS, _TRIMS, _TRIED, _PATIENCE = 8, 40, 4, 2, 3


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
    need, each = Need(ready, goal, teams(ready), scale), replications or ready.scenario.replications
    with attempts(Planned(ready, need.teams, goal.minutes, scale), each, workers, progress) as attempt:
        return _Search(need, attempt).found()


class _Search:
    """`plan` is what is tried next, `now` what was tried last."""

    def __init__(self, need: Need, attempt: Callable[[Plan], list[Day]]) -> None:
        self.need, self.attempt = need, attempt
        self.plan = {cell: need.seats(cell, need.first(cell)) for cell in need.cells}
        self.now, self.tried = Tried(need, (), ()), 0

    def _try(self) -> None:
        plan = self._whole()
        if plan != self.now.plan:
            self.tried += 1
            self.now = Tried(self.need, plan, self.attempt(plan))

    def _whole(self) -> Plan:
        rows = []
        for interval in range(len(self.need.asks)):
            row = [0] * len(self.need.teams)
            for part, members in enumerate(self.need.parts):
                for team, count in zip(members, self.plan[interval, part], strict=True):
                    row[team] = count
            rows.append(tuple(row))
        return tuple(rows)

    def found(self) -> Staffing:
        """The plan."""
        self._halve()
        self._mend()
        self._trim()
        return self.now.told(self.tried)

    def _halve(self) -> None:
        """Every cell by itself, all at once, between what was too few and what was enough."""
        low, high = dict.fromkeys(self.need.cells, -1), dict[Cell, int]()
        now = {cell: self.need.first(cell) for cell in self.need.cells}
        step = {cell: max(1, now[cell] // 10) for cell in self.need.cells}
        for _ in range(_ROUNDS):
            self.plan = {cell: self.need.seats(cell, count) for cell, count in now.items()}
            self._try()
            moved = False
            for cell in self.need.cells:
                missing = self.now.missing(cell)
                if missing:
                    low[cell] = max(low[cell], now[cell])
                elif cell not in high or now[cell] < high[cell]:
                    high[cell] = now[cell]
                upper = high.get(cell)
                if upper is None:
                    count = min(self.need.most(cell), now[cell] + step[cell])
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
        self.plan = {cell: self.need.seats(cell, high.get(cell, now[cell])) for cell in self.need.cells}

    def _mend(self) -> None:
        """One agent more wherever the target is missed; where that was not enough three times, in the interval after it as well.

        What customers of one interval wait for may be done in the next, where targets are longer than intervals.
        """
        again = dict.fromkeys(self.need.cells, 0)
        for _ in range(_MENDS):
            self._try()
            late = [(cell, missing) for cell in self.need.cells if (missing := self.now.missing(cell))]
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
        members, counts = self.need.parts[cell[1]], list(self.plan[cell])
        if sum(counts) >= self.need.most(cell):
            return False
        if self.need.goal.per != "queue":
            self.plan[cell] = self.need.seats(cell, sum(counts) + 1) if self._by_weight(cell) else _with_one(counts)
            return True
        worst = max(missing, key=missing.__getitem__)
        weights = self.need.weights(cell)
        able = [n for n, team in enumerate(members) if worst in self.need.teams[team].queues]
        chosen = max(able, key=lambda n: (weights[n] / (counts[n] + 1), -len(self.need.teams[members[n]].queues)))
        counts[chosen] += 1
        self.plan[cell] = tuple(counts)
        return True

    def _by_weight(self, cell: Cell) -> bool:
        return self.plan[cell] == self.need.seats(cell, sum(self.plan[cell]))

    def _trim(self) -> None:
        """One agent fewer in every other interval, then in the others; what makes anything miss is taken back.

        Of teams that are planned together the one that has most for what it is needed for is tried first, then the next.
        """
        if self.now.misses:
            return
        settled: dict[Cell, set[int]] = {cell: set() for cell in self.need.cells}
        for turn in range(2 * _TRIMS):
            before, now = dict(self.plan), self.now
            chosen = {}
            for cell in self.need.cells:
                team = self._spare(cell, settled[cell]) if cell[0] % 2 == turn % 2 else None
                if team is not None:
                    chosen[cell] = team
                    self.plan[cell] = tuple(n - (at == team) for at, n in enumerate(self.plan[cell]))
            if not chosen:
                continue
            self._try()
            wrong = {cell for cell in self.need.cells if self.now.missing(cell)}
            for cell, team in chosen.items():
                if wrong & {(cell[0] + ahead, cell[1]) for ahead in (-1, 0, 1, 2)}:
                    self.plan[cell] = before[cell]
                    settled[cell].add(team)
            if self.plan == before:
                self.now = now
            elif wrong:
                self._try()
                if self.now.misses:
                    self.plan, self.now = before, now
                    for cell, team in chosen.items():
                        settled[cell].add(team)

    def _spare(self, cell: Cell, settled: set[int]) -> int | None:
        """Which team of a cell may have one too many; None where enough was tried."""
        weights = self.need.weights(cell)
        able = [at for at, count in enumerate(self.plan[cell]) if count and at not in settled]
        if not able or len(settled) >= _TRIED:
            return None
        return max(able, key=lambda at: (self.plan[cell][at] / max(weights[at], 1e-9), at))


def _with_one(counts: Sequence[int]) -> tuple[int, ...]:
    """One more where there are most."""
    most = max(range(len(counts)), key=counts.__getitem__)
    return tuple(count + (number == most) for number, count in enumerate(counts))
