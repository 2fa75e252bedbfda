"""Scenario files: read, with the configuration that they name or hold, and checked as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import yaml

from router.config import Config
from router.messages import ChannelName
from santral import config_yaml
from santral.config_places import Fault, Finding, Places, composed, steps_of
from santral.configuration import LISTS, SINGLES, Attempt, BadConfiguration, attempt, files, version_of
from santral.simulation import scenario_checks, scenario_people
from santral.simulation.scenario import Group, Scenario
from santral.simulation.scenario_people import People
from santral.simulation.sound import WHO, Names, Sound, names_of, sound, without

_GROUPS = "groups of the scenario"
"""Stands for a file of the configuration, in which each line but the first is an agent that is like those of a group."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A scenario, and its configuration with the agents of its groups. The warnings keep nothing from being run."""

    scenario: Scenario
    config: Config
    warnings: tuple[Finding, ...] = ()


def read(path: Path, instead: Mapping[str, Any] = MappingProxyType({})) -> Ready:
    """A scenario from its file, with some fields that are said `instead` of its own. Raises BadConfiguration with every fault."""
    faults: list[Fault] = []
    written = config_yaml.read(path, faults)
    written = {**written, **instead}
    if faults:
        raise BadConfiguration(faults)
    places = Places([path])
    found = sound(written, path.name, faults)
    made, known, of_config = Attempt(None, {}), Names(), list[Fault]()
    if "config" not in found.broken:
        made = _configuration(path, found, of_config)
        known = names_of(made, len(_standing(found)) + found.anybody)
    told = list(scenario_checks.faults(found, known))
    people = None
    if "config" not in found.broken:
        rest = without(found, told) if told or found.partial else found
        if rest.anybody and not found.anybody:  # what they could change is not told
            made = _configuration(path, rest, of_config := [])
        config = _known(path, rest) if rest is not found or rest.anybody else made.config or made.rest
        if config is not None:
            people = People(rest, config, not of_config, scenario_checks.dated(rest))
            told += scenario_people.faults(people)
    faults += of_config + [Fault(path.name, _named(found, field), what) for field, what in told]
    faults = [one if one.field in instead else places.told(one) for one in faults]
    if faults or made.config is None or people is None:
        raise BadConfiguration(sorted(dict.fromkeys(faults), key=lambda one: _order(one, path.name)))
    warnings = [
        Finding("warning", f"{field}: {what}", places.at(path.name, steps_of(field)))
        for field, what in scenario_people.warnings(people)
    ]
    return Ready(found.scenario, _whole(found, made.config), tuple(warnings))


def _order(fault: Fault, file: str) -> tuple[bool, int, int]:
    """The scenario's own from its top, then those of other files."""
    return fault.file != file, fault.line or 0, fault.column or 0


def _named(found: Sound, field: str) -> str:
    """A path with the name of the stream or group that it is in."""
    names = {at: stream.name for at, stream in found.streams()} | {at: group.name for at, group in found.groups()}
    at = field.partition(".")[0]
    return f"{field} ({names[at]})" if at in names else field


# --- the configuration -----------------------------------------------------------------------------------------------


def _configuration(path: Path, found: Sound, faults: list[Fault], anybody: bool = True) -> Attempt:
    """What the scenario names or holds, with an agent for each group. What is wrong with it is added to `faults`."""
    named = found.scenario.config
    told: list[Fault] = []
    with TemporaryDirectory() as made:
        of_groups = _groups_file(found, Path(made), anybody and found.anybody)
        if isinstance(named, dict):
            inline, in_place = _inline(path, named, Path(made))
            attempted = attempt(path.name, [inline, *of_groups], told)
            moved = (one if one.file == _GROUPS else _inside(one, in_place) for one in told)
            faults += _of_groups(moved, found, path)
            return attempted
        paths = _paths(path.parent / named)
        if not paths:
            what = "there is no directory" if paths is None else "there is no *.yaml file in the directory"
            faults.append(Fault(path.name, "config", f"{what} '{named}', seen from this file"))
            return Attempt(None, {}, (*LISTS, *SINGLES))
        attempted = attempt(named, [*paths, *of_groups], told)
        names = {one.name: str(Path(named) / one.name) for one in paths}
        faults += _of_groups((replace(one, file=names.get(one.file, one.file)) for one in told), found, path)
        return attempted


def _known(path: Path, found: Sound) -> Config | None:
    """The configuration with the groups of which enough is known, and nobody else."""
    made = _configuration(path, found, [], anybody=False)
    return made.config or made.rest


def _paths(directory: Path) -> list[Path] | None:
    """Its files; None where there is no such directory."""
    try:
        return files(directory) if directory.is_dir() else None
    except (OSError, ValueError):
        return None


def _standing(found: Sound) -> list[tuple[str, Group]]:
    """The groups that have anybody who is known, each by its path in the file."""
    return [(at, group) for at, group in found.groups() if group.count and not WHO & found.wrong(at)]


def _groups_file(found: Sound, folder: Path, anybody: bool) -> list[Path]:
    """A file with an agent for each group in its lines; none without groups."""
    lines = [json.dumps(_agent(group), ensure_ascii=False) for _, group in _standing(found)]
    if anybody:
        lines.append("{}")  # somebody of whom nothing is known: what they could change is not told
    if not lines:
        return []
    path = folder / _GROUPS
    path.write_text("\n  - ".join(["agents:", *lines]), encoding="utf-8")
    return [path]


def _agent(group: Group) -> dict[str, Any]:
    """Limits by channels that there are not are told of the group itself."""
    limits = {channel: limit for channel, limit in group.limits.items() if channel in set(ChannelName)}
    one = group.model_copy(update={"count": 1, "limits": limits}).agents()[0]
    return one.model_dump(mode="json", exclude_defaults=True)


def _of_groups(faults: Iterable[Fault], found: Sound, path: Path) -> Iterator[Fault]:
    """The faults, those of agents that stand for groups told of these."""
    standing = _standing(found)
    for fault in faults:
        number = (fault.line or 0) - 2
        if fault.file != _GROUPS:
            yield fault
        elif 0 <= number < len(standing) and not fault.what.endswith("is defined twice"):  # that is told by its names
            at, group = standing[number]
            yield Fault(path.name, f"{at} ({group.name})", fault.what.removeprefix(f"agent '{group.name}': "))


def _inline(path: Path, content: dict[str, Any], folder: Path) -> tuple[Path, bool]:
    """A file of the sections that the scenario holds: where they stand in it, and whether it is so."""
    text, made = path.read_text(encoding="utf-8"), folder / path.name
    root = composed(path)
    for key, node in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "config":
            start = node.start_mark
            alone = "\n" * start.line + " " * start.column + text[start.index : node.end_mark.index]
            made.write_text(alone, encoding="utf-8")
            if config_yaml.read(made, []) == content:
                return made, True
    made.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")  # it leans on what stands elsewhere
    return made, False


def _inside(fault: Fault, in_place: bool) -> Fault:
    """A fault of the sections that the scenario holds, as one of its field `config`."""
    path = fault.field and not _SAYING.match(fault.field)
    field = f"config.{fault.field}" if path else fault.field if in_place else "config"
    return Fault(fault.file, field, fault.what, *((fault.line, fault.column) if in_place else ()))


_SAYING = re.compile(r"^[a-z]+ [^(]")
"""A field that is no path, such as `rule night`."""


def _whole(found: Sound, config: Config) -> Config:
    """The configuration with every agent of each group; who has shifts here has them in place of their hours."""
    by_shift = {name for entry in found.scenario.shifts if entry.shifts is not None for name in entry.agents}
    own = config.agents[: len(config.agents) - len(_standing(found))]
    agents = tuple(one.model_copy(update={"hours": None}) if one.name in by_shift else one for one in own)
    agents += tuple(agent for group in found.scenario.groups for agent in group.agents())
    whole = config.model_copy(update={"agents": agents})
    return whole.model_copy(update={"version": version_of(whole)})
