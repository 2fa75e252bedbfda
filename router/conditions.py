"""Conditions as they run: a checked tree becomes a chain of closures, with nothing to import and nothing to parse.

A tree is JSON, so that it is stored with the configuration's version: `["==", ["get", "message", "channel"], ["const", "sms"]]`.
`santral.cel` makes it from the Common Expression Language (https://cel.dev) and checks its types; here they are taken as right.
What may still fail is what only a message can bring (a division by nought, an index past the end): it raises Failed.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from router.search import folded

Scope = Mapping[str, Any]
"""What the names of a condition stand for."""
Run = Callable[[Scope], Any]
Tree = Sequence[Any]


class Failed(Exception):
    """A condition has no value for this message. The text says why."""


def compiled(tree: Tree) -> Run:
    """The closure of a tree. Raises ValueError for a node that this version does not know."""
    name, *rest = tree
    make = _FORMS.get(name)
    if make is not None:
        return make(*rest)
    two = _TWO.get(name)
    if two is not None:
        return _of_two(two, compiled(rest[0]), compiled(rest[1]))
    function = FUNCTIONS.get(name)
    if function is None:
        raise ValueError(f"a condition holds '{name}', which this version of Santral does not know")
    return _call(function, [compiled(one) for one in rest])


# --- forms: what decides itself which of its parts are looked at ----------------------------------------------------


def _const(value: Any) -> Run:
    return lambda _: value


def _timestamp(text: str) -> Run:
    return _const(datetime.fromisoformat(text))


def _duration(seconds: float) -> Run:
    return _const(timedelta(seconds=seconds))


def _get(name: str, *path: str) -> Run:
    if not path:
        return lambda scope: scope[name]
    if len(path) == 1:
        (only,) = path
        return lambda scope: getattr(scope[name], only)
    walk = operator.attrgetter(".".join(path))
    return lambda scope: walk(scope[name])


def _ask(name: str, question: str, *values: Any) -> Run:
    """What only this name can be asked, by values that are written out: contact.text("city")."""
    ask = operator.methodcaller(question, *values)
    return lambda scope: ask(scope[name])


def _list(*items: Tree) -> Run:
    if all(item[0] == "const" for item in items):
        return _const(tuple(item[1] for item in items))
    runs = [compiled(item) for item in items]
    return lambda scope: tuple(run(scope) for run in runs)


def _not(tree: Tree) -> Run:
    run = compiled(tree)
    return lambda scope: not run(scope)


def _negative(tree: Tree) -> Run:
    run = compiled(tree)
    return lambda scope: -run(scope)


def _and(left: Tree, right: Tree) -> Run:
    return _either(compiled(left), compiled(right), until=False)


def _or(left: Tree, right: Tree) -> Run:
    return _either(compiled(left), compiled(right), until=True)


def _either(left: Run, right: Run, *, until: bool) -> Run:
    """CEL's && and ||: one side that settles it does, though the other one fails."""

    def run(scope: Scope) -> Any:
        try:
            if left(scope) is until:
                return until
        except Failed:
            if right(scope) is until:
                return until
            raise
        return right(scope) is True

    return run


def _if(condition: Tree, then: Tree, otherwise: Tree) -> Run:
    asked, yes, no = compiled(condition), compiled(then), compiled(otherwise)
    return lambda scope: yes(scope) if asked(scope) else no(scope)


def _in(item: Tree, items: Tree) -> Run:
    run, found = compiled(item), compiled(items)
    if items[0] == "list" and all(one[0] == "const" for one in items[1:]):
        known = frozenset(one[1] for one in items[1:])
        return lambda scope: run(scope) in known
    return lambda scope: run(scope) in found(scope)


def _over(fold: Callable[[Any], bool]) -> Callable[[str, Tree, Tree], Run]:
    def make(name: str, items: Tree, condition: Tree) -> Run:
        all_of, holds = compiled(items), compiled(condition)
        return lambda scope: fold(holds({**scope, name: item}) for item in all_of(scope))

    return make


def _mentions(text: Tree, words: Tree) -> Run:
    run, said = compiled(text), compiled(words)
    return lambda scope: mentions(run(scope), said(scope), scope["message"].language)


_FORMS: dict[str, Callable[..., Run]] = {
    "const": _const, "timestamp": _timestamp, "duration": _duration, "get": _get, "ask": _ask, "list": _list, "not": _not,
    "negative": _negative,
    "and": _and, "or": _or, "if": _if, "in": _in, "all": _over(all), "exists": _over(any), "mentions": _mentions,
    "exists_one": _over(lambda found: sum(found) == 1),
}  # fmt: skip


# --- functions: of values that are all there ------------------------------------------------------------------------


def _of_two(function: Callable[[Any, Any], Any], left: Run, right: Run) -> Run:
    return lambda scope: function(left(scope), right(scope))


def _call(function: Callable[..., Any], arguments: Sequence[Run]) -> Run:
    if len(arguments) == 1:
        (only,) = arguments
        return lambda scope: function(only(scope))
    return lambda scope: function(*(argument(scope) for argument in arguments))


def _divided(left: Any, right: Any) -> Any:
    """Toward nought for whole numbers, as CEL has it."""
    if right == 0:
        raise Failed("a division by nought")
    if isinstance(left, float):
        return left / right
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _rest(left: int, right: int) -> int:
    """With the sign of the left side, as CEL has it."""
    if right == 0:
        raise Failed("a division by nought")
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


def _at(items: Sequence[Any], index: int) -> Any:
    if not 0 <= index < len(items):
        raise Failed(f"there is no item {index} among {len(items)}")
    return items[index]


def _number(text: str) -> int:
    try:
        return int(text) if len(text) <= 18 and text.isascii() else int("")
    except ValueError:
        raise Failed("a text is not a whole number") from None


def mentions(text: str, words: Sequence[str], language: str | None) -> bool:
    """Does a text hold one of the words, whole, under its language? A * at the end of a word stands for any ending.

    Turkish and Azerbaijani tell i from ı (`ILIK` is `ılık`), others do not; letters with marks are letters of their own (`öldü` is
    not `oldu`), and ß is ss. A text in plain ASCII was typed without its marks, as many do: there `sikayet` is `şikayet`.
    """
    form, small = _prepared(text, language)
    beginnings, pattern = _sought(tuple(words), form)
    return any(beginning in small for beginning in beginnings) and pattern.search(small) is not None


@lru_cache(maxsize=4)  # fifty rules look at the same text and subject
def _prepared(text: str, language: str | None) -> tuple[str, str]:
    text = unicodedata.normalize("NFC", text[:_MOST_TEXT])
    form = "plain" if text.isascii() else _form(language)
    return form, _small(text, form)


def _form(language: str | None) -> str:
    if language is None:
        return "unknown"
    return "dotted" if language.partition("-")[0].lower() in ("tr", "az") else "other"


def _small(text: str, form: str) -> str:
    if form == "plain":
        return folded(text)
    if form == "dotted":
        return text.replace("İ", "i").replace("I", "ı").casefold()
    small = text.replace("İ", "i").casefold()
    return small.replace("ı", "i") if form == "unknown" else small


@lru_cache(maxsize=2000)  # a condition may make words of a message, too
def _sought(words: tuple[str, ...], form: str) -> tuple[tuple[str, ...], re.Pattern[str]]:
    """What each word begins with, which is quickly not found, and the pattern that decides."""
    stems = [_small(unicodedata.normalize("NFC", word.rstrip("*")), form).split() for word in words]
    known = [(stem, word.endswith("*")) for stem, word in zip(stems, words, strict=True) if stem]
    whole = "|".join(r"\s+".join(map(re.escape, stem)) + (r"\w*" if open_ended else "") for stem, open_ended in known)
    return tuple(stem[0] for stem, _ in known), re.compile(rf"(?<!\w)(?:{whole})(?!\w)" if known else r"(?!)")


def domain(address: str) -> str:
    """Of an e-mail address, in lower case; empty for any other address."""
    return address.rpartition("@")[2].lower() if "@" in address else ""


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


_MOST_TEXT = 20_000
"""So much of a text is looked through for words."""
_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _divided, "%": _rest,
    "contains": operator.contains, "startsWith": str.startswith, "endsWith": str.endswith, "index": _at,
    "hour": lambda at, zone: at.astimezone(_zone(zone)).hour,
    "minute": lambda at, zone: at.astimezone(_zone(zone)).minute,
    "weekday": lambda at, zone: at.astimezone(_zone(zone)).isoweekday() % 7,
    "day": lambda at, zone: at.astimezone(_zone(zone)).day,
    "month": lambda at, zone: at.astimezone(_zone(zone)).month - 1,
    "year": lambda at, zone: at.astimezone(_zone(zone)).year,
    "open": lambda clock, hours: clock.open(hours),
    "messages": lambda memory, hours: memory.messages(hours),
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "size": len, "int": _number, "string": str, "lower": str.lower, "has": bool, "domain": domain,
    "contacts": lambda memory, word, days: memory.contacts(word, days),
}  # fmt: skip
