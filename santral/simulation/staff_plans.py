"""A day's plan of staff: the target that it is for, and what it comes to, interval by interval. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from santral.simulation.demand import Formula
from santral.simulation.files import Ready
from santral.simulation.intervals import Estimate
from santral.simulation.teams import Team

Per = Literal["all", "queue", "channel", "tier"]


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
    """`since` and `until` are minutes after opening; `paid` are the agents with those who are not there, by shrinkage.

    `missing` are the queues, channels or tiers that miss the target, where it is of each apart.
    """

    since: int
    until: int
    agents: tuple[int, ...]
    paid: tuple[int, ...]
    lines: tuple[Line, ...]
    level: Estimate | None
    occupancy: Estimate | None
    reached: bool
    missing: tuple[str, ...] = ()

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


def shorter(found: Staffing) -> Staffing:
    """Without the intervals in which nothing is asked for and nobody is there, at both ends."""
    busy = [number for number, one in enumerate(found.intervals) if one.every or one.lines]
    return replace(found, intervals=found.intervals[busy[0] : busy[-1] + 1]) if busy else found
