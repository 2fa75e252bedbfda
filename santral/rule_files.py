"""Rules as they stand in the YAML files: each condition checked, each fault with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from router.calendars import made
from router.config import Config, Rule
from santral.cel import Problem, check
from santral.config_places import Fault

_EFFECTS = tuple(name for name in Rule.model_fields if name not in ("name", "when", *made(Rule)))


class _Place(NamedTuple):
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


def checked(
    paths: Sequence[Path], rules: Sequence[dict[str, Any]], config: Config, faults: list[Fault]
) -> list[dict[str, Any]]:
    """The rules with their conditions' trees. What is wrong with them is added to `faults`, all at once."""
    places = {name: place for path in paths for name, place in _conditions(path)}
    done = []
    for rule in map(dict, filter(lambda one: isinstance(one, dict), rules)):
        name = str(rule.get("name"))
        place = places.get(name)
        if "name" in rule and not any(rule.get(effect) for effect in _EFFECTS):
            faults.append(
                Fault(
                    place.file if place else "rules",
                    f"rule {name}",
                    f"does nothing: it has none of {', '.join(_EFFECTS)}",
                )
            )
        if isinstance(rule.get("when"), str):
            try:
                rule["checked"] = check(rule["when"], config)
            except Problem as problem:
                for one in (problem, *problem.more):
                    where = f"{place.at(one.line, one.column)} (rule {name})" if place else f"rule {name}"
                    faults.append(Fault(place.file if place else "rules", where, one.what))
                rule["checked"] = ["const", False]  # so that the other faults are told as well
        done.append(rule)
    return done


def _conditions(path: Path) -> Iterator[tuple[str, _Place]]:
    """Each rule's name with the place of its condition, or of the rule where it has none."""
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader) if "rules" in text else None
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # told where the file is read
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value != "rules" or not isinstance(value, yaml.SequenceNode):
            continue
        for item in value.value:
            fields = {k.value: v for k, v in item.value} if isinstance(item, yaml.MappingNode) else {}
            if isinstance(fields.get("name"), yaml.ScalarNode):
                yield fields["name"].value, _place(path.name, fields.get("when", item), text)


def _place(file: str, node: yaml.Node, text: str) -> _Place:
    mark, style = node.start_mark, getattr(node, "style", None)
    if style not in ("|", ">"):
        return _Place(file, mark.line + 1, mark.column + (2 if style in ("'", '"') else 1))
    lines = text.splitlines()[mark.line + 1 : node.end_mark.line]
    empty = next((n for n, line in enumerate(lines) if line.strip()), 0)
    indent = len(lines[empty]) - len(lines[empty].lstrip()) if lines else 0
    joined = tuple(line.strip() for line in lines[empty:] if line.strip()) if style == ">" else ()
    return _Place(file, mark.line + 2 + empty, indent + 1, True, joined)
