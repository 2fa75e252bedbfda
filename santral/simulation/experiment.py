"""Replications of a scenario under several policies, on common random numbers, over the processors that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, get_args

from router.config import Config, PolicyName, Pool
from santral.simulation.centre import Centre
from santral.simulation.processes import shared_out
from santral.simulation.scenario import Scenario
from santral.simulation.tally import Counts, Tally
from santral.simulation.traffic import MINUTE, Chance, Opening, arrivals, comings

AS_CONFIGURED = "as-configured"
"""Each pool matched as its configuration says."""
POLICIES: tuple[str, ...] = (*get_args(PolicyName), AS_CONFIGURED)


@dataclass(frozen=True, slots=True)
class Trial:
    """A scenario under one configuration, agents and all; `scale` multiplies its rates."""

    scenario: Scenario
    config: Config
    scale: float = 1.0


def under(config: Config, name: str, variants: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Config:
    """The configuration with every pool matched so: a policy, its other settings as they are, or a variant. Raises ValueError."""
    if name == AS_CONFIGURED:
        return config
    said = variants.get(name, {"policy": name})
    pools = tuple(Pool.model_validate({**config.pool(pool).model_dump(), **said}) for pool in sorted(config.pool_names))
    return config.model_copy(update={"pools": pools, "version": f"{config.version} {name}"})


def replicate(trial: Trial, replication: int) -> Counts:
    """One replication: all days of the scenario, then until everybody is served who can be."""
    scenario, config = trial.scenario, trial.config
    tally = Tally(scenario, config)
    centre = Centre(
        config, Chance(scenario, config, replication), tally, Opening(scenario).at(0), scenario.waiting_places
    )
    centre.run(arrivals(scenario, config, replication, trial.scale), comings(scenario, config))
    return tally.finished(centre.now)


def experiment(
    trials: Mapping[str, Trial],
    replications: int,
    progress: Callable[[], None] = lambda: None,
    workers: int | None = None,
) -> dict[str, list[Counts]]:
    """What each trial counted, by replication; `progress` is called as each is done.

    The same replication of every trial meets the same customers. The result does not depend on how many processes share the work.
    """
    jobs = [(name, number) for number in range(replications) for name in trials]
    with shared_out(partial(_replicated, dict(trials)), len(jobs), workers, progress) as each:
        counted = dict(zip(jobs, each(jobs), strict=True))
    return {name: [counted[name, number] for number in range(replications)] for name in trials}


def _replicated(trials: Mapping[str, Trial], job: tuple[str, int]) -> Counts:
    name, number = job
    return replicate(trials[name], number)


# --- load ------------------------------------------------------------------------------------------------------------


def nominal_load(scenario: Scenario, config: Config) -> float:
    """Units that customers ask for over those that agents have, in the hours that are measured of the first seven days at most.

    Working times are those at the usual pace: neither slower agents nor secondary skills count.
    """
    asked = sum(_asked(scenario, config, number) for number in range(min(7, scenario.days)))
    room = _room(scenario, config, min(7, scenario.days))
    if not room:
        raise ValueError("nobody is there while customers write")
    return asked / room


def _asked(scenario: Scenario, config: Config, day: int) -> float:
    """Units times minutes that the customers of one day's measured hours ask for."""
    opening, total = Opening(scenario), 0.0
    since, until = (hours * 60 for hours in opening.counted)
    for stream in scenario.traffic:
        if opening.weekday(day) not in stream.on:
            continue
        units = config.routing.weight(stream.channel)
        for start, end, per_hour, handling in stream.periods(opening.hours * 60):
            minutes = min(end, until) - max(start, since)
            if minutes > 0:
                total += per_hour / 60 * minutes * handling.mean * units
    return total


def _room(scenario: Scenario, config: Config, days: int) -> float:
    """Units times minutes that agents are there in the measured hours of so many days."""
    counter = Tally(scenario.model_copy(update={"days": days}), config)
    for at, agent, presence in comings(scenario, config):
        counter.came(agent, presence, at)
    return sum(counter.finished(0).room.values()) / MINUTE


def scale_to(scenario: Scenario, config: Config, load: float | None) -> float:
    """By what the rates are multiplied so that the nominal load is this; 1 where none is asked for."""
    return 1.0 if load is None else load / nominal_load(scenario, config)


def trials(scenario: Scenario, config: Config, policies: Sequence[str], load: float | None = None) -> dict[str, Trial]:
    """The scenario under each policy, by its name. Raises ValueError."""
    scale = scale_to(scenario, config, load or scenario.load)
    return {name: Trial(scenario, under(config, name, scenario.variants), scale) for name in policies}
