"""Where things stand in the YAML files of a configuration: file, line and column of every section, item and field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

from santral.yaml_once import ReadOnce

Step = str | int
"""A key of a mapping, or a place in a list from 0."""
Where = dict[tuple[str, str], str]
"""The file of an item, by section and name."""
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
MOST_LEVELS = 150
"""Of mappings and lists inside one another: enough for as many steps as a campaign may have, each inside the one before."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which file, at which field, and what; line and column from 1, where they are known."""

    file: str
    field: str
    what: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        at = f"line {self.line}, column {self.column}" if self.line is not None else ""
        field = ", ".join(part for part in (at, self.field) if part)
        return f"{self.file}: {field}: {self.what}" if field else f"{self.file}: {self.what}"


class Place(NamedTuple):
    """A file by its name, with line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at, with its place where the files are at hand."""

    level: Literal["warning", "note"]
    what: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.level.capitalize()}: {f'{self.place}: ' if self.place else ''}{self.what}"


class Places:
    """The files' trees, looked things up in. A file that is no YAML has no places."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._roots = {path.name: root for path in paths if (root := composed(path)) is not None}

    def of(self, section: str, name: str, *steps: Step) -> Place | None:
        """An item of a section by its name (answers: queue, or "queue, inbox"), or a field in it; else what is nearest."""
        for file in self._roots:
            item = self._item(file, section, name)
            if item is not None:
                return _place(file, _deepest(item, steps))
        return None

    def second(self, section: str, name: str, holding: str | None) -> Place | None:
        """Of several items of one name: the first that holds this text, or without one the second; None where there is one."""
        alike = [
            (file, node)
            for file, root in self._roots.items()
            if isinstance(items := _pick(root, section), yaml.SequenceNode)
            for node in items.value
            if _names(node)[:1] == [name]
        ]
        if len(alike) < 2:
            return None
        wanted = alike[1:] if holding is None else [(file, node) for file, node in alike if _holds(node, holding)]
        return next((_place(file, node) for file, node in wanted), None)

    def section(self, name: str) -> Place | None:
        """Where a section begins."""
        found = ((file, _pick(root, name)) for file, root in self._roots.items())
        return next((_place(file, node) for file, node in found if node is not None), None)

    def inside(self, section: str, *steps: Step) -> Place | None:
        """A field of a section that there is one of; else what is nearest."""
        found = ((file, _pick(root, section)) for file, root in self._roots.items())
        return next((_place(file, _deepest(node, steps)) for file, node in found if node is not None), None)

    def at(self, file: str, steps: Sequence[Step]) -> Place | None:
        """What stands at this path of a file; of a path that is not all there, the part that is."""
        root = self._roots.get(file)
        found = None if root is None else _deepest(root, steps)
        return None if found is None or found is root else _place(file, found)

    def told(self, fault: Fault) -> Fault:
        """The fault with its line and column, where its field is a path (`queues[0].skill (chat)`) or names a rule."""
        if fault.line is not None or not fault.field:
            return fault
        path, _, name = fault.field.partition(" (")
        steps = steps_of(path)
        if path.startswith("rule "):
            place = self.of("rules", path.removeprefix("rule "))
        elif name and len(steps) > 1 and (item := self._numbered(fault.file, steps, name[:-1])) is not None:
            place = _place(fault.file, _deepest(item, steps[2:]))
        else:
            place = self.at(fault.file, steps)
        return fault if place is None else Fault(place.file, fault.field, fault.what, place.line, place.column)

    def _numbered(self, file: str, steps: Sequence[Step], name: str) -> yaml.Node | None:
        """The item at this number of a section where it bears the name, for two may; else the first that does."""
        root = self._roots.get(file)
        items = None if root is None else _pick(root, steps[0])
        item = None if items is None else _pick(items, steps[1])
        return item if item is not None and name in _names(item) else self._item(file, str(steps[0]), name)

    def _item(self, file: str, section: str, name: str) -> yaml.Node | None:
        root = self._roots.get(file)
        items = None if root is None else _pick(root, section)
        named = [(_names(node), node) for node in (items.value if isinstance(items, yaml.SequenceNode) else [])]
        exact = (node for names, node in named if names[:1] == [name])
        return next(exact, next((node for names, node in named if name in names), None))


def steps_of(path: str) -> list[Step]:
    """`queues[0].steps[1].needs` as keys and numbers."""
    return [int(number) if number else key for number, key in _STEP.findall(path)]


def composed(path: Path) -> yaml.Node | None:
    """A file's tree; None for one that cannot be read (told where it is loaded) or is empty."""
    try:
        root = ReadOnce(path.read_text(encoding="utf-8")).get_single_node()
    except (OSError, yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return None
    return root if root is None or too_deep(root) is None else None


def too_deep(root: yaml.Node) -> yaml.Node | None:
    """The first part of a tree that lies more than MOST_LEVELS deep, as one does that holds itself by an alias."""
    waiting, deepest = [(root, 0)], dict[int, int]()
    while waiting:
        node, level = waiting.pop()
        if level > MOST_LEVELS:
            return node
        if deepest.get(id(node), -1) >= level or isinstance(node, yaml.ScalarNode):
            continue
        deepest[id(node)] = level
        if isinstance(node, yaml.MappingNode):
            waiting += [(part, level + 1) for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(part, level + 1) for part in node.value]
    return None


def _names(node: yaml.Node) -> list[str]:
    """What an item is called, the exact name first: automatic answers by queue and inbox, and by queue alone; keywords by language."""
    fields = {key.value: value.value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    for name in ("name", "language"):
        if name in fields:
            return [fields[name]]
    if "queue" in fields and "inbox" in fields:
        return [f"{fields['queue']}, {fields['inbox']}", fields["queue"]]
    return [fields["queue"]] if "queue" in fields else []


def _holds(node: yaml.Node, text: str) -> bool:
    """Is the text a key or a value anywhere in it?"""
    if isinstance(node, yaml.MappingNode):
        return any(_holds(part, text) for pair in node.value for part in pair)
    if isinstance(node, yaml.SequenceNode):
        return any(_holds(part, text) for part in node.value)
    return bool(node.value == text)


def _pick(node: yaml.Node, step: Step) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]  # type: ignore[no-any-return]
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    return None


def _deepest(node: yaml.Node, steps: Sequence[Step]) -> yaml.Node:
    """As far as the path goes; where its last step is a key, the key itself, for a misspelt one is what is wrong."""
    for number, step in enumerate(steps):
        if number == len(steps) - 1 and isinstance(node, yaml.MappingNode):
            return next((key for key, _ in node.value if key.value == str(step)), node)
        found = _pick(node, step)
        if found is None:
            return node
        node = found
    return node


def _place(file: str, node: yaml.Node) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
