"""What of a scenario's file has no fault of its own, so that the rest can be checked while some of it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from router.config import Config, Routing
from router.messages import ChannelName
from santral.config_places import Fault, steps_of
from santral.configuration import Attempt, check
from santral.simulation.draws import Lengths
from santral.simulation.scenario import Group, Scenario, Shifts, Stream

PARTS: dict[str, type[BaseModel]] = {"groups": Group, "shifts": Shifts, "traffic": Stream}
"""The lists of a scenario, with the model of an item."""
_NEEDED = {"channel": "email", "per_hour": 0, "handling": {"constant": 1}, "agents": ["nobody"]}
"""What stands for a field that must be there and is at fault."""
_NOBODY = Stream(name="nobody", channel=ChannelName.EMAIL, per_hour=0, handling=Lengths(constant=1))


@dataclass(frozen=True, slots=True)
class Sound:
    """A scenario of the sound fields and parts, those in the order of the file; `numbers` say where they stand in its lists.

    `broken` are the fields at fault, which have their defaults; `partial` the parts that have such fields, by path.
    """

    scenario: Scenario
    numbers: Mapping[str, Sequence[int]]
    broken: frozenset[str]
    partial: Mapping[str, frozenset[str]]

    def streams(self) -> Iterator[tuple[str, Stream]]:
        """Each by its path in the file."""
        yield from zip(self._paths("traffic"), self.scenario.traffic, strict=True)

    def groups(self) -> Iterator[tuple[str, Group]]:
        """Each by its path in the file."""
        yield from zip(self._paths("groups"), self.scenario.groups, strict=True)

    def shifts(self) -> Iterator[tuple[str, Shifts]]:
        """Each by its path in the file."""
        yield from zip(self._paths("shifts"), self.scenario.shifts, strict=True)

    def _paths(self, section: str) -> Iterator[str]:
        return (f"{section}[{number}]" for number in self.numbers[section])


def sound(written: Mapping[str, Any], file: str, faults: list[Fault]) -> Sound:
    """What has no fault. What is wrong, as the models see it, is added to `faults`."""
    whole: list[Fault] = []
    check(Scenario, written, file, "", whole)
    found = [fault for fault in map(_at_the_top, whole) if not _of_a_part(fault)]
    parts: dict[str, dict[int, BaseModel]] = {section: {} for section in PARTS}
    partial: dict[str, frozenset[str]] = {}
    for section, model in PARTS.items():
        items = written.get(section)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            at, before = f"{section}[{number}]", len(found)
            check(model, item, file, at, found)
            if len(found) > before:
                partial[at] = _at_fault(model, item, found[before:])
                item = _rest(model, item, partial[at], number)
            if item is not None:
                parts[section][number] = model.model_validate(item)
    faults += found
    broken = frozenset(str(steps[0]) for fault in found if (steps := steps_of(fault.field)))
    fields = {key: value for key, value in written.items() if key in Scenario.model_fields and key not in broken}
    usable = {key: value for key, value in fields.items() if key not in PARTS}
    scenario = Scenario.model_validate({"name": "-", "config": {}, **usable, "traffic": (_NOBODY,)})
    sound_parts = {section: tuple(items.values()) for section, items in parts.items()}
    numbers = {section: tuple(items) for section, items in parts.items()}
    return Sound(scenario.model_copy(update=sound_parts), numbers, broken, partial)


def _at_fault(model: type[BaseModel], item: Any, faults: Iterable[Fault]) -> frozenset[str]:
    """The fields of a part that have faults; where one is not known, those that are not written too: one may be meant."""
    paths = [steps_of(fault.field.partition(" (")[0])[2:] for fault in faults]
    names = frozenset(str(path[0]) for path in paths if path)
    return names if names <= model.model_fields.keys() else names | (model.model_fields.keys() - item.keys())


def _rest(model: type[BaseModel], item: Any, broken: frozenset[str], number: int) -> Any:
    """A part without its fields at fault, others in place of those that must be there; None where too little is left."""
    if not isinstance(item, dict) or not broken:
        return None
    needed = _NEEDED | {"name": f"unnamed-{number}"}
    fields = {key: value for key, value in item.items() if key in model.model_fields and key not in broken}
    fields |= {key: needed[key] for key in broken if key in needed and key in model.model_fields}
    try:
        model.model_validate(fields)
    except ValidationError:
        return None
    return fields


def _at_the_top(fault: Fault) -> Fault:
    """Without the dot that a path from the top begins with, and without the scenario's name."""
    return Fault(fault.file, fault.field.partition(" (")[0].lstrip("."), fault.what)


def _of_a_part(fault: Fault) -> bool:
    """Is it told of the part again, with its name?"""
    steps = steps_of(fault.field)
    return len(steps) > 1 and steps[0] in PARTS and isinstance(steps[1], int)


@dataclass(frozen=True, slots=True)
class Names:
    """What a configuration has by name, whatever else is wrong with it; None where not all names are known."""

    queues: frozenset[str] | None = None
    sla: frozenset[str] | None = None
    inboxes: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    pools: frozenset[str] | None = None
    tiers: frozenset[str] | None = None
    brands: frozenset[str] | None = None


def names_of(made: Attempt, groups: int) -> Names:
    """The names in a configuration that may be at fault, without its last agents: those stand for groups."""
    if made.config is not None:
        return _names_in(made.config, groups)
    found = {
        section: [str(item.get("name")) for item in made.written.get(section, ())]
        for section in ("queues", "sla", "inboxes", "agents")
        if section not in made.blind
    }
    if "agents" in found:
        found["agents"] = found["agents"][: len(found["agents"]) - groups]
    routing = made.written.get("routing", {})
    tiers = routing.get("tiers", Routing().tiers) if isinstance(routing, dict) and "routing" not in made.blind else None
    return Names(
        **{section: frozenset(names) for section, names in found.items()},
        tiers=frozenset(map(str, tiers)) if isinstance(tiers, dict) else None,
    )


def _names_in(config: Config, groups: int) -> Names:
    return Names(
        config.queue_names,
        frozenset(one.name for one in config.sla),
        frozenset(one.name for one in config.inboxes),
        frozenset(one.name for one in config.agents[: len(config.agents) - groups]),
        frozenset(one.pool for one in config.queues),
        frozenset(config.routing.tiers),
        frozenset(one.brand for one in config.inboxes),
    )
