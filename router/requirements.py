"""Requirements: the skills, with levels, that somebody must have to take a conversation, and how they relax as it waits. Pure.

In the configuration a requirement is a leaf ("billing", "billing>=3", "not trainee"), a list (all of these), or one of
{any: [...]}, {all: [...]}, {none: [...]}. Here it is a tree of tuples. `language` stands for the conversation's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

LANGUAGE = "language"
"""A leaf of this name is the conversation's language."""
LEVELS = 5
"""Skills have a level from 1 to this, as in Amazon Connect."""
_LEAF = re.compile(r"^(not\s+)?([a-z0-9][a-z0-9-]{0,39})(?:\s*>=\s*([1-5]))?$")
_DEEPEST, _MOST = 6, 40
_DEEPEST_TEXT = 3 * _DEEPEST

Requirement = tuple[Any, ...]
"""("has", skill, level), ("not", requirement), ("all", requirement...) or ("any", requirement...)."""
ANYBODY: Requirement = ("all",)


def checked(value: Any) -> Any:
    """The configuration's form of a requirement, as it is written. Raises ValueError that says what is wrong where."""
    tree = _read(value, "", 0)
    if sum(1 for _ in leaves(tree)) > _MOST:
        raise ValueError(f"names more than {_MOST} skills")
    return value


Needs = Annotated[
    Any,
    BeforeValidator(checked),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _LEAF.pattern},
                {"type": "array", "items": {}, "minItems": 1},
                {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": False,
                 "properties": {name: {"type": "array", "minItems": 1} for name in ("all", "any", "none")}},
            ],
            "description": 'a skill ("billing", "billing>=3", "not trainee"), a list of which all are needed, or {any: [...]}, '
            "{all: [...]}, {none: [...]}",
        }
    ),
]  # fmt: skip


def read(value: Any) -> Requirement:
    """The tree of a requirement that is written as in the configuration. Raises ValueError."""
    return _parsed(json.dumps(value, sort_keys=True))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Requirement:
    return _read(json.loads(text), "", 0)


def _read(value: Any, where: str, depth: int) -> Requirement:
    at = f"{where}: " if where else ""
    if depth > _DEEPEST:
        raise ValueError(f"{at}is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        found = _LEAF.match(value.strip())
        if found is None:
            raise ValueError(
                f"{at}'{value}' is no requirement; write a skill such as billing, billing>=3 (levels 1 to {LEVELS}) or not trainee"
            )
        leaf: Requirement = ("has", found[2], int(found[3] or 1))
        return ("not", leaf) if found[1] else leaf
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError(f"{at}an empty list asks for nothing; name a skill")
        return ("all", *(_read(one, f"{where}[{n}]", depth + 1) for n, one in enumerate(value)))
    if isinstance(value, Mapping) and len(value) == 1:
        ((word, parts),) = value.items()
        if word in ("all", "any", "none") and isinstance(parts, list | tuple) and parts:
            inner = [_read(one, f"{where}.{word}[{n}]", depth + 1) for n, one in enumerate(parts)]
            return (word, *inner) if word != "none" else ("all", *(("not", one) for one in inner))
    raise ValueError(f"{at}is no requirement; write a skill, a list, or one of any, all, none with a list")


def leaves(requirement: Requirement) -> Iterator[tuple[str, int, bool]]:
    """Each skill it names: name, level, and whether it is wanted (False: must not be had)."""
    kind = requirement[0]
    if kind == "has":
        yield requirement[1], requirement[2], True
    else:
        for one in requirement[1:]:
            for name, level, wanted in leaves(one):
                yield name, level, wanted is (kind != "not")


def in_language(requirement: Requirement, language: str) -> Requirement:
    """The same with `language` made the skill of that language's name; "tr-TR" is tr."""
    if requirement[0] == "has":
        named = requirement[1] == LANGUAGE
        return ("has", language.partition("-")[0].lower(), requirement[2]) if named else requirement
    return (requirement[0], *(in_language(one, language) for one in requirement[1:]))


def met(requirement: Requirement, levels: Mapping[str, int]) -> bool:
    """Does somebody with these skills meet it?"""
    match requirement[0]:
        case "has":
            return bool(levels.get(requirement[1], 0) >= requirement[2])
        case "not":
            return not met(requirement[1], levels)
        case "all":
            return all(met(one, levels) for one in requirement[1:])
        case _:
            return any(met(one, levels) for one in requirement[1:])


def text(requirement: Requirement) -> str:
    """As people read it, and `from_text`: `billing>=3 and (tr or en) and not trainee`."""
    match requirement[0]:
        case "has":
            return f"{requirement[1]}>={requirement[2]}" if requirement[2] > 1 else str(requirement[1])
        case "not":
            return f"not {_within('not', requirement[1])}"
        case word:
            parts = [_within(word, one) if len(requirement) > 2 else text(one) for one in requirement[1:]]
            return f" {_WORD[word]} ".join(parts) or _EMPTY[word]


_WORD = {"all": "and", "any": "or"}
_EMPTY = {"all": "anybody", "any": "nobody"}
WORDS = frozenset({"not", *_EMPTY.values()})
"""No skill can have these names: in a requirement's text they mean something else."""


def _within(word: str, requirement: Requirement) -> str:
    """A part as it stands within a `word`: in parentheses where it would be read as another one without them."""
    inner = requirement
    while inner[0] in _WORD and len(inner) == 2:
        inner = inner[1]
    several = inner[0] in _WORD and len(inner) > 2
    alone = inner is not requirement and (
        inner[0] == word or (word, inner[0]) == ("any", "all")
    )  # reads the same without
    return f"({text(requirement)})" if several and not alone else text(requirement)


_TOKEN = re.compile(r"[()]|[^\s()]+")


def from_text(told: str) -> Requirement:
    """The tree of a requirement from its `text`, where a list of one is the one itself. Raises ValueError."""
    left = iter((*_TOKEN.findall(told), ""))
    tree, after = _told(next(left), left, 0)
    if after:
        raise ValueError(f"'{told}' is not the text of a requirement")
    return tree


def _told(token: str, left: Iterator[str], depth: int) -> tuple[Requirement, str]:
    """The requirement that begins with a token, and the token that follows it. An `or` holds less together than an `and`."""
    either_, both = [], []
    while True:
        part, after = _operand(token, left, depth)
        both.append(part)
        if after != "and":
            either_.append(both[0] if len(both) == 1 else ("all", *both))
            both = []
            if after != "or":
                return either_[0] if len(either_) == 1 else ("any", *either_), after
        token = next(left)


def _operand(token: str, left: Iterator[str], depth: int) -> tuple[Requirement, str]:
    if depth > _DEEPEST_TEXT or token in ("", ")"):
        raise ValueError("a requirement ends where a skill is expected, or is nested too deep")
    if token == "not":
        part, after = _operand(next(left), left, depth + 1)
        return ("not", part), after
    if token == "(":
        part, after = _told(next(left), left, depth + 1)
        if after != ")":
            raise ValueError("a parenthesis is not closed")
        return part, next(left)
    word = next((word for word, empty in _EMPTY.items() if token == empty), None)
    name, _, level = token.partition(">=")
    return (word,) if word is not None else ("has", name, int(level or 1)), next(left)


def missing(requirement: Requirement, levels: Mapping[str, int]) -> str | None:
    """The first part of it that these skills do not meet, as text; None when they meet it."""
    for part in parts(requirement):
        if not met(part, levels):
            return text(part)
    return None


def parts(requirement: Requirement) -> tuple[Requirement, ...]:
    """What has to be met, piece by piece: the members of an `all`, nested ones taken apart."""
    if requirement[0] != "all":
        return (requirement,)
    return tuple(piece for one in requirement[1:] for piece in parts(one))


@dataclass(frozen=True, slots=True)
class Rung:
    """What is asked from so many seconds of waiting on."""

    after: int
    needs: Requirement


_after = attrgetter("after")
Bound = tuple[int, Requirement]
"""Seconds that a step lasts, and what it asks."""


def ladder(
    steps: Iterable[Bound], target: Requirement, overflow: Iterable[tuple[int, Requirement]]
) -> tuple[Rung, ...]:
    """The steps one after the other, then the default target for good; from an overflow's time on its agents may take it too."""
    rungs, at = [], 0
    for lasts, needs in steps:
        rungs.append(Rung(at, needs))
        at += lasts
    rungs.append(Rung(at, target))
    for after, others in sorted(overflow, key=lambda one: one[0]):
        if all(rung.after != after for rung in rungs):
            rungs.append(Rung(after, current(sorted(rungs, key=_after), after).needs))
        rungs = [Rung(r.after, either(r.needs, others)) if r.after >= after else r for r in sorted(rungs, key=_after)]
    return tuple(sorted(rungs, key=_after))


def either(one: Requirement, other: Requirement) -> Requirement:
    """Met by who meets the one or the other."""
    known = one[1:] if one[0] == "any" else (one,)
    return one if other in known else ("any", *known, other)


def current(rungs: Iterable[Rung], waited: float) -> Rung:
    """The rung that counts after so many seconds: the last that has begun, at least the first."""
    found: Rung | None = None
    for rung in rungs:
        if found is None or rung.after <= waited:
            found = rung
    if found is None:
        raise ValueError("a ladder has at least one rung")
    return found
