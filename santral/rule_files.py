"""Rules as they stand in the YAML files: each condition checked, each fault with its file, line and column."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from router.config import Config, Rule
from santral.cel import Problem, check
from santral.config_places import Fault

_EFFECTS = tuple(name for name in Rule.model_fields if name not in ("name", "when", "checked"))
_ONCE = tuple(name for name in _EFFECTS if name not in ("tags", "stop"))
"""What the first rule that says it says for all."""


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
        if "checked" in rule:
            faults.append(
                Fault(place.file if place else "rules", f"rule {name}", "`checked` is made from `when`, not written")
            )
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
                where = f"{place.at(problem.line, problem.column)} (rule {name})" if place else f"rule {name}"
                faults.append(Fault(place.file if place else "rules", where, problem.what))
                rule["checked"] = ["const", False]  # so that the other faults are told as well
        done.append(rule)
    return done


def warnings(config: Config) -> list[str]:
    """Rules that work and may not be meant: never reached, never the first to say what they say, counting what no rule gives."""
    notes = list(_uncounted(config))
    for index, rule in enumerate(config.rules):
        for above in config.rules[:index]:
            if above.stop and above.when is None:
                notes.append(f"rule {rule.name} is never reached: rule {above.name} above it stops whatever comes")
                break
            if above.when in (None, rule.when):
                lost = [name for name in _ONCE if getattr(rule, name) and getattr(above, name)]
                if lost:
                    notes.append(
                        f"rule {rule.name} never sets {', '.join(lost)}: rule {above.name} above it says so first"
                    )
                    break
    return notes


def _uncounted(config: Config) -> Iterator[str]:
    """People may set any tag, so a word that no rule gives is only worth a note: it may be misspelt."""
    given = {word for rule in config.rules for word in (*rule.tags, rule.category) if word is not None}
    for rule in config.rules:
        for word in dict.fromkeys(_words_counted(rule.checked)):
            if word not in given:
                near = difflib.get_close_matches(word, sorted(given), 1)
                meant = f"; is '{near[0]}' meant?" if near else ""
                yield f"rule {rule.name} counts contacts about '{word}', which no rule gives{meant}"


def _words_counted(tree: Any) -> Iterator[str]:
    if isinstance(tree, (list, tuple)):
        if tree and tree[0] == "contacts":
            yield str(tree[2][1])
        for part in tree:
            yield from _words_counted(part)


def _conditions(path: Path) -> Iterator[tuple[str, _Place]]:
    """Each rule's name with the place of its condition, or of the rule where it has none."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # told where the file is read
    for key, value in root.value if isinstance(root, yaml.MappingNode) else []:
        if key.value != "rules" or not isinstance(value, yaml.SequenceNode):
            continue
        for item in value.value:
            fields = {k.value: v for k, v in item.value} if isinstance(item, yaml.MappingNode) else {}
            if "name" in fields:
                yield (
                    fields["name"].value,
                    _place(path.name, fields.get("when", item), path.read_text(encoding="utf-8")),
                )


def _place(file: str, node: yaml.Node, text: str) -> _Place:
    mark, style = node.start_mark, getattr(node, "style", None)
    if style not in ("|", ">"):
        return _Place(file, mark.line + 1, mark.column + (2 if style in ("'", '"') else 1))
    lines = text.splitlines()[mark.line + 1 : node.end_mark.line]
    empty = next((n for n, line in enumerate(lines) if line.strip()), 0)
    indent = len(lines[empty]) - len(lines[empty].lstrip()) if lines else 0
    joined = tuple(line.strip() for line in lines[empty:] if line.strip()) if style == ">" else ()
    return _Place(file, mark.line + 2 + empty, indent + 1, True, joined)
