"""On what grounds a condition held: which facts decided it, with their values, or by reference where they are personal. Pure.

Of `a || b` only the side that held is told, of `a && b` both, of a list what was listed. The record outlives the message, so it
holds no word, name or address of the customer's (P11): of a text it tells which words of the rule were found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from router.conditions import Failed, Run, Scope, Tree, compiled, mentions

Ground = Callable[[Scope, int], dict[str, Any]]
"""Of a message that the condition held for: at most so many facts, by name."""
Look = Callable[[Scope, bool, dict[str, Any]], None]
"""Adds the facts by which a part of a condition came to be true, or false."""

PERSONAL = frozenset({
    "message.text", "message.subject", "message.payload", "message.sender.address", "message.sender.name", "message.sender.domain",
    "contact.name",
})  # fmt: skip
_ON_THE_CLOCK = {
    "hour": "getHours", "minute": "getMinutes", "weekday": "getDayOfWeek", "day": "getDate", "month": "getMonth",
    "year": "getFullYear",
}  # fmt: skip
_MOST_ITEMS, _MOST_LETTERS = 5, 60


def grounds_of(tree: Tree) -> Ground:
    """What tells the grounds of a condition, made at its first use: most rules match seldom."""
    made: list[Look] = []

    def grounds(scope: Scope, most: int) -> dict[str, Any]:
        if not made:
            made.append(_look(tree))
        found: dict[str, Any] = {}
        made[0](scope, True, found)
        return found if len(found) <= most else dict(list(found.items())[:most])

    return grounds


def names_return(tree: Tree) -> bool:
    """Does a condition ask whether, or how often, the customer came back?"""
    return any(node[0] == "contacts" or list(node) == ["get", "conversation", "reopened"] for node in nodes(tree))


def nodes(tree: Any) -> Iterator[Tree]:
    """A condition's parts, itself the first."""
    if isinstance(tree, (list, tuple)) and tree and isinstance(tree[0], str):
        yield tree
        for part in tree[1:]:
            yield from nodes(part)


def _look(tree: Tree) -> Look:
    name, *rest = tree
    match name:
        case "and" | "or":
            return _logic(_side(rest[0]), _side(rest[1]), settles=name == "or")
        case "not":
            inner = _look(rest[0])
            return lambda scope, outcome, found: inner(scope, not outcome, found)
        case "if":
            return _choice(compiled(rest[0]), *map(_look, rest))
        case "mentions":
            return _words(rest[0], rest[1])
        case _:
            return _all([*_facts(tree, frozenset())])


def _side(tree: Tree) -> tuple[Run, Look]:
    return compiled(tree), _look(tree)


def _logic(left: tuple[Run, Look], right: tuple[Run, Look], *, settles: bool) -> Look:
    def look(scope: Scope, outcome: bool, found: dict[str, Any]) -> None:
        if outcome is not settles:  # it took both
            left[1](scope, outcome, found)
            right[1](scope, outcome, found)
            return
        try:
            first = left[0](scope) is settles
        except Failed:
            first = False
        (left if first else right)[1](scope, outcome, found)

    return look


def _choice(asked: Run, condition: Look, yes: Look, no: Look) -> Look:
    def look(scope: Scope, outcome: bool, found: dict[str, Any]) -> None:
        taken = bool(asked(scope))
        condition(scope, taken, found)
        (yes if taken else no)(scope, outcome, found)

    return look


def _words(text: Tree, words: Tree) -> Look:
    looks = _all([*_facts(text, frozenset())])
    listed = [item[1] for item in words[1:] if item[0] == "const"] if words[0] == "list" else []
    name = ".".join(text[1:]) if text[0] == "get" else None
    said = compiled(text)

    def look(scope: Scope, outcome: bool, found: dict[str, Any]) -> None:
        looks(scope, outcome, found)
        if not outcome or name is None:
            return
        of, language = said(scope), scope["message"].language
        there = [word for word in listed if mentions(of, (word,), language)][:_MOST_ITEMS]
        if there:
            known = found.get(name)
            before = known.get("words", ()) if isinstance(known, dict) else ()
            found[name] = {"words": list(dict.fromkeys((*before, *there)))}

    return look


def _all(facts: list[tuple[str, Run | None]]) -> Look:
    def look(scope: Scope, _: bool, found: dict[str, Any]) -> None:
        for name, run in facts:
            if name not in found:
                found[name] = {} if run is None else _plain(run(scope))

    return look


def _facts(tree: Tree, bound: frozenset[str]) -> Iterator[tuple[str, Run | None]]:
    """The facts a part names, each with what gives its value; None for what is personal."""
    name, *rest = tree
    if name == "const":
        return
    if name == "get":
        path = ".".join(rest)
        if rest[0] not in bound:
            yield path, None if path in PERSONAL else compiled(tree)
    elif name in _ON_THE_CLOCK and rest[0] == ["get", "now"]:
        yield f"now.{_ON_THE_CLOCK[name]}({rest[1][1]})", compiled(tree)
    elif name == "open":
        yield f"open({rest[1][1]})", compiled(tree)
    elif name == "messages":
        yield f"contact.messagesInHours({rest[1][1]})", compiled(tree)
    elif name == "contacts":
        yield f"conversation.contactsInDays({rest[1][1]}, {rest[2][1]})", compiled(tree)
    elif name in ("all", "exists", "exists_one"):
        yield from _facts(rest[1], bound)
        yield from _facts(rest[2], bound | {rest[0]})
    else:
        for part in rest:
            if isinstance(part, (list, tuple)):
                yield from _facts(part, bound)


def _plain(value: Any) -> Any:
    """A fact's value as JSON, short."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value[:_MOST_ITEMS]]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)[:_MOST_LETTERS]
