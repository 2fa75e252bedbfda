"""Writes down a simulation as a record of traffic, so that another configuration can be tried on the same days."""

from __future__ import annotations

from pathlib import Path

from santral.simulation.centre import Centre
from santral.simulation.experiment import Trial
from santral.simulation.traffic import Chance, Opening, arrivals, comings
from santral.whatif.log import Log
from santral.whatif.record import Record, Wait
from santral.whatif.record_files import write


def record(trial: Trial, replication: int, path: Path) -> Record:
    """Run one replication of a trial and write it to a file; what was written. Raises OSError."""
    found = recorded(trial, replication)
    write(found, path)
    return found


def recorded(trial: Trial, replication: int) -> Record:
    """One replication of a trial, until everybody is served who can be, as a record."""
    scenario, config = trial.scenario, trial.config
    log, start = Log(config), Opening(scenario).at(0)
    centre = Centre(config, Chance(scenario, config, replication), log, start, scenario.waiting_places)
    centre.run(arrivals(scenario, config, replication, trial.scale), comings(scenario, config))
    paces = {name: one.pace for one in scenario.shifts for name in one.agents}
    paces |= {agent.name: group.pace for group in scenario.groups for agent in group.agents()}
    waits = tuple(
        Wait(one.id, one.id, one.at, one.kind, one.pool, one.fate, one.preferred) for one in log.stories.values()
    )
    return Record(
        source="simulation",
        since=start,
        until=None,
        config=config,
        waits=waits,
        comings=tuple(log.comings),
        versions=((start, config.version),),
        paces={name: pace for name, pace in sorted(paces.items()) if pace != 1},
        places=scenario.waiting_places,
        name=scenario.name,
    )
