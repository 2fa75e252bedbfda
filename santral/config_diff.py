"""What differs between two configurations, by section and name: added, removed, changed fields, and the rules' order."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import BaseModel

from router.calendars import made
from router.config import Config

_ORDERED = ("rules",)
"""Sections whose order means something."""
_LONG = 60
_MISSING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its path (`settings.phone_number_id`), before and after; None where it is not there or says nothing."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Change:
    """An item that came, went or changed; `fields` are what it says (added), said (removed) or says otherwise."""

    section: str
    name: str
    change: Literal["added", "removed", "changed"]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Items that both configurations have, in another order."""

    section: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """From one version to another. Versions can differ where this is empty: in the order of what has no order."""

    old: str
    new: str
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.moves)

    def record(self) -> dict[str, Any]:
        """It as plain data."""
        return asdict(self)


def difference(old: Config, new: Config) -> Difference:
    """What becomes of the old one when the new one is put in force."""
    changes: list[Change] = []
    moves: list[Move] = []
    for section in Config.model_fields:
        if section in ("format", "version"):
            continue
        before, after = _items(old, section), _items(new, section)
        for name in [*before, *(name for name in after if name not in before)]:
            fields = tuple(_fields(before.get(name), after.get(name)))
            if fields:
                kind: Any = "added" if name not in before else "removed" if name not in after else "changed"
                changes.append(Change(section, name, kind, fields))
        both = [tuple(name for name in one if name in before and name in after) for one in (before, after)]
        if section in _ORDERED and both[0] != both[1]:
            moves.append(Move(section, *both))
    return Difference(old.version, new.version, tuple(changes), tuple(moves))


def told(found: Difference) -> Iterator[str]:
    """It as lines for people: a heading a section, + - ~ before the names, old -> new behind the fields."""
    sections = dict.fromkeys([*(one.section for one in found.changes), *(one.section for one in found.moves)])
    for section in (name for name in Config.model_fields if name in sections):
        yield section
        for change in (one for one in found.changes if one.section == section):
            sign = {"added": "+", "removed": "-", "changed": "~"}[change.change]
            if change.name:
                yield f"  {sign} {change.name}"
            for field in change.fields:
                yield from (f"      {line}" for line in _told(field, change.change))
        for move in (one for one in found.moves if one.section == section):
            yield f"    order: {', '.join(move.old)}"
            yield f"        -> {', '.join(move.new)}"


def _items(config: Config, section: str) -> dict[str, BaseModel]:
    """A section's items by name; a section that is no list is one item without a name."""
    content = getattr(config, section)
    return {"": content} if isinstance(content, BaseModel) else {_name(item): item for item in content}


def _name(item: Any) -> str:
    name = getattr(item, "name", None) or getattr(item, "queue", None) or item.language
    inbox = getattr(item, "inbox", None)
    return f"{name}, {inbox}" if inbox else str(name)


def _fields(old: BaseModel | None, new: BaseModel | None) -> Iterator[Field]:
    whole = old is None or new is None  # what is added or removed is told without its defaults
    before, after = (
        {}
        if one is None
        else _flat(one.model_dump(exclude_defaults=whole, exclude=set(made(type(one))) if whole else None))
        for one in (old, new)
    )
    for path in [*before, *(path for path in after if path not in before)]:
        was, now = before.get(path), after.get(path)
        if was == now or path == "name":
            continue
        if path == "checked" and before.get("when") != after.get("when"):
            continue  # the condition's text says it
        yield Field(path, was, now)


def _flat(item: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Fields by path; mappings are gone into, and what is empty is left out."""
    found: dict[str, Any] = {}
    for key, value in item.items():
        plain = _plain(value)
        if isinstance(plain, list) and plain and all(isinstance(one, dict) and "date" in one for one in plain):
            plain = {one["date"]: {name: of for name, of in one.items() if name != "date"} or "closed" for one in plain}
        if isinstance(plain, dict):
            found |= _flat(plain, f"{prefix}{key}.")
        elif plain not in (None, [], ""):
            found[f"{prefix}{key}"] = plain
    return found


def _plain(value: Any) -> Any:
    """As JSON has it; sets are sorted."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items() if not (key == "checked" and "when" in value)}
    if isinstance(value, Set):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _told(field: Field, change: str) -> Iterator[str]:
    if field.field == "checked":
        yield "checked: the condition is understood in another way" if change == "changed" else "checked"
        return
    old, new = _written(field.old), _written(field.new)
    if change != "changed":
        yield f"{field.field}: {_indented(new if change == 'added' else old)}"
    elif "\n" in old + new or len(old) > _LONG or len(new) > _LONG:
        yield f"{field.field}:"
        for line in difflib.ndiff(old.splitlines(), new.splitlines()):
            if line[0] in "+-":
                yield f"  {line}"
    else:
        yield f"{field.field}: {old} -> {new}"


def _indented(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) < 2 else "".join(f"\n        {line}" for line in lines)


def _written(value: Any) -> str:
    if value is None:
        return _MISSING
    return value.rstrip("\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
