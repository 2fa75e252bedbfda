"""Scenario files: read, with the configuration that they name or hold, and checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from router.config import Config
from santral import config_yaml
from santral.config_places import Fault, Places
from santral.configuration import BadConfiguration, check, files, load
from santral.simulation.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Ready:
    """A scenario, and its configuration with the agents of its groups."""

    scenario: Scenario
    config: Config


def read(path: Path) -> Ready:
    """A scenario from its file. Raises BadConfiguration with every fault."""
    faults: list[Fault] = []
    written = config_yaml.read(path, faults)
    if not faults:
        check(Scenario, written, path.name, "", faults)
    if faults:
        places = Places([path])
        raise BadConfiguration([places.told(fault) for fault in faults])
    scenario = Scenario.model_validate(written)
    with TemporaryDirectory() as made:
        folder = Path(made)
        if isinstance(scenario.config, dict):
            (folder / "config.yaml").write_text(yaml.safe_dump(scenario.config, allow_unicode=True), encoding="utf-8")
        else:
            for file in files(path.parent / scenario.config):
                (folder / file.name).write_bytes(file.read_bytes())
        agents = [
            agent.model_dump(mode="json", exclude_defaults=True)
            for group in scenario.groups
            for agent in group.agents()
        ]
        if agents:
            (folder / "zz-groups.yaml").write_text(yaml.safe_dump({"agents": agents}), encoding="utf-8")
        return Ready(scenario, load(folder))
