"""What a condition is read into, and the words in which it is told what is wrong with it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from santral.cel_types import DOUBLE, Type

Tree = list[Any]
_MOST_LISTED = 40
"""Of more names only what is near to the wrong one is told."""


class Problem(Exception):
    """What is wrong with a condition, and where in it: line and column, from 1. `more`: what else is, further on."""

    def __init__(self, line: int, column: int, what: str) -> None:
        super().__init__(what)
        self.line, self.column, self.what = line, column, what
        self.more: tuple[Problem, ...] = ()


class Found(NamedTuple):
    """A part of a condition: its type, its tree, and where it begins."""

    type: Type
    tree: Tree
    at: tuple[int, int]

    @property
    def constant(self) -> Any:
        """Its value, where it is written out; else None."""
        return self.tree[1] if self.tree[0] == "const" else None


def place_of(node: Any) -> tuple[int, int]:
    """Where a node of the parser's tree begins: line and column."""
    token = next(iter(node.scan_values(lambda _: True)), None)
    return (token.line, token.column) if token is not None else (1, 1)


def as_said(tree: Tree) -> str:
    """A name or a question as it is written; "it" for anything else."""
    if tree[0] == "ask":
        return f"{tree[1]}.{tree[2]}({', '.join(json.dumps(value, ensure_ascii=False) for value in tree[3:])})"
    return ".".join(tree[1:]) if tree[0] == "get" else "it"


def widened(one: Found, other: Found) -> Found:
    """A whole number beside a decimal one that is not written out is one too: contact.number("orders") > 3."""
    if (one.type.name, other.type.name) != ("int", "double") or other.constant is not None:
        return one
    return one._replace(type=DOUBLE, tree=one.tree if one.constant is None else ["const", float(one.constant)])


def counted(number: int, what: str) -> str:
    """`2 arguments`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def choices(values: Iterable[str], wrong: Any) -> str:
    """What there is, and which of it may have been meant."""
    near = difflib.get_close_matches(str(wrong), list(values), 1)
    known = sorted(values)
    listed = ", ".join(value or '""' for value in known) if len(known) <= _MOST_LISTED else f"{len(known)} names"
    return f"one of {listed}" + (f"; did you mean '{near[0]}'?" if near else "")


def known_are(names: Iterable[str], wrong: str) -> str:
    """As `choices`, as a sentence."""
    return "known are " + choices(names, wrong).removeprefix("one of ")
