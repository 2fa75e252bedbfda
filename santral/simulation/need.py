"""What a day takes by Erlang's formulas: agents of each team that is needed, interval by interval, from which a search begins."""

from __future__ import annotations

from collections.abc import Sequence

from santral.simulation.crowd import shared
from santral.simulation.demand import Ask, Formula, asked, formula
from santral.simulation.files import Ready
from santral.simulation.staff_plans import Goal
from santral.simulation.teams import Team, together

Cell = tuple[int, int]
"""An interval, and teams that are planned together."""


class Need:
    """Teams that have no queue in common, not even by way of others, are parts by themselves.

    `asks` and `formulas` are by interval; `of` says which part answers a queue.
    """

    def __init__(self, ready: Ready, goal: Goal, teams: Sequence[Team], scale: float) -> None:
        self.ready, self.goal, self.teams = ready, goal, tuple(teams)
        self.parts = together(self.teams)
        self.of = {queue: n for n, part in enumerate(self.parts) for t in part for queue in self.teams[t].queues}
        self.asks = asked(ready, goal.minutes, scale)
        self.formulas = [self._formulas(asks) for asks in self.asks]
        self._weights = [self._weighed(formulas) for formulas in self.formulas]
        self.cells = [(i, c) for i in range(len(self.asks)) for c in range(len(self.parts))]

    def weights(self, cell: Cell) -> list[float]:
        """What each team of a cell is needed for, in agents."""
        return [self._weights[cell[0]][team] for team in self.parts[cell[1]]]

    def seats(self, cell: Cell, count: int) -> tuple[int, ...]:
        """So many agents of the teams that are planned together, by what they are needed for."""
        weights = self.weights(cell)
        return tuple(shared(count, weights if any(weights) else [1.0] * len(weights)))

    def first(self, cell: Cell) -> int:
        """What the formulas say."""
        return sum(one.best for queue, one in self.formulas[cell[0]].items() if self.of[queue] == cell[1])

    def most(self, cell: Cell) -> int:
        """More are not tried."""
        return 4 * self.first(cell) + 20

    def slots(self, queue: str, channel: str) -> float:
        """How many conversations of a channel agents of a queue have at once, in the mean."""
        weight = self.ready.config.routing.weight(channel)
        serving = [(team.slots(channel, weight), max(1, team.now)) for team in self.teams if queue in team.queues]
        serving = [(slots, count) for slots, count in serving if slots] or [(1, 1)]
        return sum(slots * count for slots, count in serving) / sum(count for _, count in serving)

    def _formulas(self, asks: Sequence[Ask]) -> dict[str, Formula]:
        by: dict[str, list[Ask]] = {}
        for ask in asks:
            by.setdefault(ask.kind.queue, []).append(ask)
        minutes = self.goal.minutes
        return {
            queue: formula(mine, minutes, self.goal.share, lambda channel, q=queue: self.slots(q, channel))  # type: ignore[misc]
            for queue, mine in sorted(by.items())
        }

    def _weighed(self, formulas: dict[str, Formula]) -> list[float]:
        """What each team is needed for: each queue's agents, of its teams as the scenario has them, whose time is their queues'."""
        needed = {queue: max(one.best, 0.01) for queue, one in formulas.items()}
        every = [sum(needed.get(queue, 0.0) for queue in team.queues) for team in self.teams]
        found = [0.0] * len(self.teams)
        for queue, agents in needed.items():
            serving = {n: team.now * agents / every[n] for n, team in enumerate(self.teams) if queue in team.queues}
            for n, part in serving.items():
                found[n] += agents * part / sum(serving.values())
        return found
