"""What of a scenario's file has no fault of its own, so that the rest can be checked while some of it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from router.config import Config, Routing
from router.messages import ChannelName
from santral.config_places import Fault, steps_of
from santral.config_sound import meant
from santral.configuration import Attempt, check
from santral.simulation.draws import Lengths
from santral.simulation.scenario import Day, Group, Scenario, Shifts, Stream

PARTS: dict[str, type[BaseModel]] = {"groups": Group, "shifts": Shifts, "traffic": Stream}
"""The lists of a scenario, with the model of an item."""
_NEEDED = {"channel": "email", "per_hour": 0, "handling": {"constant": 1}, "agents": ["nobody"]}
"""What stands for a field that must be there and is at fault."""
_MEANT = {"patience": {"constant": 1}, "message": {}}
"""What stands for a field that need not be there, is written, and is at fault."""
_MOST = {"units": 1000}
"""What stands for a field whose default would leave somebody unable."""
WHO = frozenset({"skills", "languages", "pool"})
"""While one of these is at fault, its group may be able to do anything."""
_NOBODY = Stream(name="nobody", channel=ChannelName.EMAIL, per_hour=0, handling=Lengths(constant=1))


@dataclass(frozen=True, slots=True)
class Sound:
    """A scenario of the sound fields and parts, those in the order of the file; `numbers` say where they stand in its lists.

    `broken` are the fields at fault, which have their defaults, those of `day` as `day.hours`; `partial` the parts that have
    such fields, by path, with what stands for them; `lost` the lists that have parts of which too little is left.
    """

    scenario: Scenario
    numbers: Mapping[str, Sequence[int]]
    broken: frozenset[str]
    partial: Mapping[str, frozenset[str]]
    lost: frozenset[str] = frozenset()

    def wrong(self, at: str) -> frozenset[str]:
        """The fields at fault of a part."""
        return self.partial.get(at, frozenset())

    def sure(self, section: str, *fields: str) -> bool:
        """Are all parts of a list known, and these fields of theirs?"""
        parts = (wrong for at, wrong in self.partial.items() if at.startswith(f"{section}["))
        return section not in self.broken | self.lost and not any(wrong & set(fields) for wrong in parts)

    @property
    def anybody(self) -> bool:
        """May there be agents of whom nothing is known?"""
        return not self.sure("groups", *WHO)

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
    broken, day = _broken(written, found)
    lost: set[str] = set()
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
                partial[at] -= _of_levels(item, partial[at])
            if item is not None:
                parts[section][number] = model.model_validate(item)
            else:
                lost.add(section)
    faults += found
    fields = {key: value for key, value in written.items() if key in Scenario.model_fields and key not in broken}
    usable = {key: value for key, value in fields.items() if key not in PARTS}
    scenario = Scenario.model_validate({"name": "-", "config": {}, **usable, **day, "traffic": (_NOBODY,)})
    sound_parts = {section: tuple(items.values()) for section, items in parts.items()}
    numbers = {section: tuple(items) for section, items in parts.items()}
    return Sound(scenario.model_copy(update=sound_parts), numbers, broken, partial, frozenset(lost))


def _broken(written: Mapping[str, Any], faults: Iterable[Fault]) -> tuple[frozenset[str], dict[str, Any]]:
    """The scenario's own fields at fault, and what is left of its day where some of it is."""
    paths = [(steps_of(fault.field), fault.what) for fault in faults]
    unknown = {str(steps[0]) for steps, _ in paths if steps} - Scenario.model_fields.keys()
    broken = {str(steps[0]) for steps, _ in paths if steps} | meant(unknown, Scenario, written)
    item = written.get("day")
    if "day" not in broken or not isinstance(item, dict):
        return frozenset(broken), {}
    inner = {
        str(steps[1]) if len(steps) > 1 else what.partition(":")[0] for steps, what in paths if steps[:1] == ["day"]
    }
    inner |= meant(inner - Day.model_fields.keys(), Day, item)
    inner |= {"measured"} if "hours" in inner else set()
    rest = {key: value for key, value in item.items() if key in Day.model_fields and key not in inner}
    try:
        Day.model_validate(rest)
    except ValidationError:
        return frozenset(broken), {}
    return frozenset(broken | {"day"} | {f"day.{name}" for name in inner}) - {"day"}, {"day": rest}


def _at_fault(model: type[BaseModel], item: Any, faults: Iterable[Fault]) -> frozenset[str]:
    """The fields of a part that have faults, and those that one that is not known may mean."""
    paths = [steps_of(fault.field.partition(" (")[0])[2:] for fault in faults]
    names = frozenset(str(path[0]) for path in paths if path)
    return names | meant(names - model.model_fields.keys(), model, item) if isinstance(item, dict) else names


def _rest(model: type[BaseModel], item: Any, broken: frozenset[str], number: int) -> Any:
    """A part without its fields at fault, others in place of those that must be there; None where too little is left."""
    if not isinstance(item, dict) or not broken:
        return None
    needed = _NEEDED | _MOST | {"name": f"unnamed-{number}"}
    needed |= {key: _MEANT[key] for key in _MEANT if item.get(key) is not None}
    needed |= {"skills": skills} if (skills := _levelled(item.get("skills"))) else {}
    fields = {key: value for key, value in item.items() if key in model.model_fields and key not in broken}
    fields |= {key: needed[key] for key in broken if key in needed and key in model.model_fields}
    try:
        model.model_validate(fields)
    except ValidationError:
        return None
    return fields


def _levelled(skills: Any) -> dict[Any, int]:
    """Skills by their names, at the highest level: which they are is known, though how well they are known is not."""
    return dict.fromkeys(skills, 5) if isinstance(skills, dict) else {}


def _of_levels(item: Any, broken: frozenset[str]) -> frozenset[str]:
    """Skills of which the levels alone are at fault are known well enough."""
    return broken & {"skills"} if item is not None and "skills" in item else frozenset()


def without(found: Sound, told: Iterable[tuple[str, str]]) -> Sound:
    """What is left where faults that were found between its fields are taken out as well."""
    wrong: dict[str, set[str]] = {}
    for field, _ in told:
        at, _, inner = field.partition(".")
        wrong.setdefault(at, set()).add(inner)
    partial = dict(found.partial)
    parts: dict[str, tuple[BaseModel, ...]] = {}
    for section, items in (("groups", found.groups()), ("shifts", found.shifts()), ("traffic", found.streams())):
        parts[section] = ()
        for at, part in items:
            faulty = wrong.get(at, set())
            update = {name: value for field in faulty for name, value in _harmless(part, field, at).items()}
            fields = {one.replace("[", ".").partition(".")[0] for one in faulty}
            partial[at] = found.wrong(at) | (fields - (update.keys() & _SETTLED) - _USABLE)
            if "queues" in fields and isinstance(part, Stream):
                update["queues"] = _queues(part, faulty)
                partial[at] -= {"queues"} if update["queues"] else frozenset()
            parts[section] += (part.model_copy(update=update),)
    return Sound(
        found.scenario.model_copy(update=parts), found.numbers, found.broken | frozenset(wrong), partial, found.lost
    )


_SETTLED = frozenset({"limits", "sla", "tiers", "priority", "breaks", "name"})
"""Fields that are as if they had never been written, once they are taken out."""
_USABLE = frozenset({"per_hour", "handling", "patience"})
"""Fields of which more is written than is used: when somebody writes is known all the same."""


def _harmless(part: BaseModel, field: str, at: str) -> dict[str, Any]:
    """What stands for a field at fault of a part."""
    name = field.replace("[", ".").partition(".")[0]
    if name == "name":
        return {"name": f"unnamed-{at.rpartition('[')[2].rstrip(']')}"}
    if name == "limits" and isinstance(part, Group):
        return {name: {channel: most for channel, most in part.limits.items() if channel in set(ChannelName)}}
    if name in _SETTLED | {"brand", "require"}:
        return {name: type(part).model_fields[name].get_default()}
    return {}


def _queues(stream: Stream, wrong: set[str]) -> Any:
    """Those of a stream that are there; None where none is."""
    if isinstance(stream.queues, dict):
        left = {name: weight for name, weight in stream.queues.items() if f"queues.{name}" not in wrong}
        return left if any(left.values()) else dict.fromkeys(left, 1.0) or None
    return None


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
