"""Conditions as they stand in the YAML files: where each begins, and each fault of one with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from router.config import Config
from santral.cel import check
from santral.cel_parts import Problem
from santral.cel_types import Words
from santral.config_places import Fault, Step, composed

NEVER = ["const", False]
"""Stands for a condition that is at fault, so that the other faults are told as well."""


class Place(NamedTuple):
    """Where a condition's text begins: one line within quotes or none, or the lines of a block (`|`, or `>`, which joins them)."""

    file: str
    line: int
    column: int
    block: bool = False
    joined: tuple[str, ...] = ()

    def at(self, line: int, column: int) -> str:
        """A place in the condition as a place in the file, both from 1."""
        for text in self.joined[:-1] if line == 1 else ():
            if column <= len(text):
                break
            line, column = line + 1, column - len(text) - 1
        start = self.column if line == 1 or self.block else 1
        return f"line {self.line + line - 1}, column {start + column - 1}"


Conditions = Mapping[tuple[str, tuple[Step, ...]], Place]
"""By an item's name and the way to the condition in it: ("steps", 1, "when")."""


def conditions(paths: Iterable[Path], section: str) -> Conditions:
    """Where the conditions of a section's items stand; an item's own is told, by its name, where it has none."""
    return {key: place for path in paths for key, place in _of_file(path, section)}


def tree(
    source: str, config: Config, words: Words | None, place: Place | None, whose: str, section: str, faults: list[Fault]
) -> Any:
    """The checked tree of a condition; what is wrong with it is added to `faults`."""
    try:
        return check(source, config, words)
    except Problem as problem:
        for one in (problem, *problem.more):
            where = f"{place.at(one.line, one.column)} ({whose})" if place else whose
            faults.append(Fault(place.file if place else section, where, one.what))
        return list(NEVER)


def _of_file(path: Path, section: str) -> Iterator[tuple[tuple[str, tuple[Step, ...]], Place]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return  # told where the file is read
    root = composed(path) if section in text else None
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value != section or not isinstance(value, yaml.SequenceNode):
            continue
        for item in value.value:
            fields = {k.value: v for k, v in item.value} if isinstance(item, yaml.MappingNode) else {}
            if isinstance(fields.get("name"), yaml.ScalarNode):
                name = fields["name"].value
                yield (name, ("when",)), _place(path.name, fields.get("when", item), text)
                yield from (((name, way), _place(path.name, node, text)) for way, node in _inside(item, ()))


def _inside(node: yaml.Node, way: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], yaml.Node]]:
    """Every `when` in an item, but its own."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "when" and way and isinstance(value, yaml.ScalarNode):
                yield (*way, "when"), value
            yield from _inside(value, (*way, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _inside(value, (*way, number))


def _place(file: str, node: yaml.Node, text: str) -> Place:
    mark, style = node.start_mark, getattr(node, "style", None)
    if style not in ("|", ">"):
        return Place(file, mark.line + 1, mark.column + (2 if style in ("'", '"') else 1))
    lines = text.splitlines()[mark.line + 1 : node.end_mark.line]
    empty = next((n for n, line in enumerate(lines) if line.strip()), 0)
    indent = len(lines[empty]) - len(lines[empty].lstrip()) if lines else 0
    joined = tuple(line.strip() for line in lines[empty:] if line.strip()) if style == ">" else ()
    return Place(file, mark.line + 2 + empty, indent + 1, True, joined)
