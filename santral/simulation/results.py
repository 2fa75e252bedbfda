"""What plots and pages are made of: a policy's replications, summed up by hour, by class and by agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from router.config import Config
from santral.simulation.figures import Abandoned, Figures, figures, level
from santral.simulation.intervals import Estimate, estimate
from santral.simulation.scenario import Scenario
from santral.simulation.tally import Counts, Waits, together

_PLACES = 48  # the most of a plot's axis: hours of longer days are taken together
_DAY = 24


@dataclass(frozen=True, slots=True)
class Result:
    """What each replication counted of a scenario under one policy, whose name this is. `scenario.load` is the one it ran with."""

    name: str
    scenario: Scenario
    config: Config
    counts: Sequence[Counts]

    def figures(self) -> Figures:
        """By the weights of the configuration's tiers. Raises ValueError without any replication."""
        return figures(self.counts, self.config.routing.tiers, self.scenario.abandoned)

    def tiers(self, names: Iterable[str]) -> list[str]:
        """Those with the most weight first."""
        return sorted(names, key=lambda name: (-self.config.routing.tiers.get(name, 0), name))


@dataclass(frozen=True, slots=True)
class Part:
    """Of some conversations, over the replications that had any: a share and seconds, None where none had.

    How many came in an hour is that of all replications; None where no hours are meant.
    """

    offered_an_hour: Estimate | None
    service_level: Estimate | None
    wait: Estimate | None
    wait_p90: Estimate | None


# --- the day ---------------------------------------------------------------------------------------------------------


class Stretch(NamedTuple):
    """Hours after opening: from, and until which."""

    since: int
    until: int


def stretches(scenario: Scenario) -> list[Stretch]:
    """The measured hours of a day, one by one; of a long day several together, all of one length."""
    first, last = int(scenario.day.counted[0]), -int(-scenario.day.counted[1] // 1)
    step = next(n for n in _steps() if (last - first) <= n * _PLACES)
    return [Stretch(since, min(last, since + step)) for since in range(first, last, step)]


def _steps() -> Iterable[int]:
    yield from (1, 2, 3, 4, 6, 12)
    yield from range(_DAY, 100_000, _DAY)


def by_clock(scenario: Scenario) -> bool:
    """Whether an hour after opening is one on the clock."""
    return scenario.day.hours <= _DAY


def name_of(scenario: Scenario, hour: int) -> str:
    """On the clock; of a day that is longer than a day, the number of hours after opening."""
    if not by_clock(scenario):
        return str(hour)
    opens, _, minutes = scenario.day.opens.partition(":")
    return f"{(int(opens) + hour) % _DAY:02d}:{minutes}"


def over_the_day(result: Result, along: Sequence[Stretch]) -> list[Part]:
    """By when they arrived."""
    found = []
    first, last = result.scenario.day.counted
    for since, until in along:
        waits = [
            together(waits for (_, hour), waits in one.hours.items() if since <= hour < until) for one in result.counts
        ]
        found.append(
            _part(
                waits, result.scenario.abandoned, max(0.0, min(until, last) - max(since, first)) * result.scenario.days
            )
        )
    return found


# --- classes ---------------------------------------------------------------------------------------------------------


def by_channel_and_tier(result: Result) -> dict[tuple[str, str], Part]:
    """Channel and tier; `none` is without a tier."""
    keys = sorted({(of.channel, of.tier or "none") for one in result.counts for of in one.classes})
    return {
        key: _part(
            [
                together(waits for of, waits in one.classes.items() if (of.channel, of.tier or "none") == key)
                for one in result.counts
            ],
            result.scenario.abandoned,
        )
        for key in keys
    }


def _part(several: Sequence[Waits], abandoned: Abandoned, hours: float = 0) -> Part:
    levels = [level(one, abandoned) for one in several]
    answered = [one for one in several if one.answered]
    return Part(
        _known([one.offered / hours for one in several] if hours else []),
        _known([kept / over for kept, over in levels if over]),
        _known([one.waited / one.answered / 1000 for one in answered]),
        _known([one.percentile(90) / 1000 for one in answered]),
    )


def _known(values: Sequence[float]) -> Estimate | None:
    return estimate(values) if values else None


# --- agents ----------------------------------------------------------------------------------------------------------


class Spread(NamedTuple):
    """Among agents, in each replication: who has least, the median, who has most."""

    least: Estimate
    median: Estimate
    most: Estimate


@dataclass(frozen=True, slots=True)
class Agents:
    """How work is shared out among those who were there: units taken over units there, and conversations a day."""

    occupancy: Spread
    conversations: Spread
    apart: Estimate  # who is occupied most, less who is least


def among_agents(result: Result) -> Agents | None:
    """None where a replication had nobody."""
    there = [[name for name, room in one.room.items() if room] for one in result.counts]
    if not all(there):
        return None
    pairs = list(zip(result.counts, there, strict=True))
    occupied = [[one.held.get(name, 0) / one.room[name] for name in names] for one, names in pairs]
    return Agents(
        _spread(occupied),
        _spread([[one.taken.get(name, 0) / result.scenario.days for name in names] for one, names in pairs]),
        estimate([max(one) - min(one) for one in occupied]),
    )


def _spread(values: Sequence[Sequence[float]]) -> Spread:
    return Spread(
        estimate([min(one) for one in values]),
        estimate([median(one) for one in values]),
        estimate([max(one) for one in values]),
    )
