"""Conditions as people write them: the Common Expression Language, parsed, type-checked and made a tree of `router.conditions`.

The grammar is cel-python's (https://github.com/cloud-custodian/cel-python); the types are of `santral.cel_types`, which
knows which comparison can never be true. Runs when a configuration is loaded, never in a Lambda function.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from router.config import Config
from santral.cel_types import (
    BOOL,
    DOUBLE,
    DURATION,
    GIVES,
    REMEMBER,
    STRING,
    TIMESTAMP,
    Function,
    Type,
    Words,
    of_rules,
    taken,
    wide,
)

Tree = list[Any]


class Problem(Exception):
    """What is wrong with a condition, and where in it: line and column, from 1. `more`: what else is, further on."""

    def __init__(self, line: int, column: int, what: str) -> None:
        super().__init__(what)
        self.line, self.column, self.what = line, column, what
        self.more: tuple[Problem, ...] = ()


def check(source: str, config: Config, words: Words | None = None) -> Tree:
    """The tree of a condition. Raises Problem: it cannot be parsed, names what there is not, is no bool, or can never be true.

    `words`: what it may name and call; without them what rules may (santral.cel_outreach has those of segments and campaigns).
    Each side of && and || is judged by itself: of several problems the first is raised, with the others.
    """
    try:
        parsed = _parser().parse(source)
    except _errors() as error:
        line, column = getattr(error, "line", None) or 1, getattr(error, "column", None) or 1
        raise Problem(line, column, _unparsed(source, line, column)) from None
    problems: list[Problem] = []
    found = _Checker(words or of_rules(config), frozenset(one.name for one in config.calendars), problems).side(parsed)
    if found.type.name != "bool":
        problems.append(Problem(1, 1, f"is a {found.type}, and a condition must be true or false"))
    if problems:
        first, *more = sorted(problems, key=lambda one: (one.line, one.column))
        first.more = tuple(more)
        raise first
    return found.tree


@cache
def _parser() -> Any:
    from celpy import celparser  # a quarter of a second, for those only who load rules

    return celparser.CELParser()


def _errors() -> type[Exception]:
    from celpy.celparser import CELParseError

    error: type[Exception] = CELParseError
    return error


def _unparsed(source: str, line: int, column: int) -> str:
    here = source.splitlines()[line - 1][column - 1 :].strip() if line <= len(source.splitlines()) else ""
    return f"cannot be read from '{here[:30]}' on" if here else "ends too early"


class _Found(NamedTuple):
    type: Type
    tree: Tree
    at: tuple[int, int]

    @property
    def constant(self) -> Any:
        """Its value, where it is written out; else None."""
        return self.tree[1] if self.tree[0] == "const" else None


_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MACROS = ("exists", "all", "exists_one")
_COMPARE = {
    "relation_eq": "==", "relation_ne": "!=", "relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">=",
}  # fmt: skip
_SUM = {"addition_add": "+", "addition_sub": "-"}
_PRODUCT = {"multiplication_mul": "*", "multiplication_div": "/", "multiplication_mod": "%"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


_MOST_LISTED = 40
"""Of more names only what is near to the wrong one is told."""
_LEVELS = frozenset(
    (
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    )
)


class _Checker:
    """One walk over cel-python's tree; its levels of precedence that say nothing are passed through."""

    def __init__(self, words: Words, hours: frozenset[str], problems: list[Problem]) -> None:
        self.words, self.hours, self.problems = words, hours, problems
        self.scope = words.names

    def side(self, node: Any) -> _Found:
        """A node that is judged by itself: its problem is kept, and it counts as a truth value."""
        try:
            return self.read(node)
        except Problem as problem:
            self.problems.append(problem)
            return _Found(BOOL, ["const", True], (problem.line, problem.column))

    def read(self, node: Any) -> _Found:
        """One node: its type, its tree, and where it begins."""
        children = node.children
        if node.data in _LEVELS and len(children) == 1:
            return self.read(children[0])
        read: Callable[[Any], _Found] | None = getattr(self, f"_{node.data}", None)
        if read is None:
            raise Problem(
                *_place(node), f"is not for conditions of {self.words.of}: write comparisons, texts, numbers and lists"
            )
        return read(node)

    # --- operators ------------------------------------------------------------------------------------------------

    def _expr(self, node: Any) -> _Found:
        asked, yes, no = (self.read(child) for child in node.children)
        self._must(asked, "bool", "stands before ? and must be true or false")
        if yes.type.name != no.type.name:
            raise Problem(*no.at, f"is a {no.type}, and what stands before the : is a {yes.type}")
        return _Found(wide(yes.type), ["if", asked.tree, yes.tree, no.tree], asked.at)

    def _conditionalor(self, node: Any) -> _Found:
        return self._logic("or", "||", node)

    def _conditionaland(self, node: Any) -> _Found:
        found = self._logic("and", "&&", node)
        fixed: dict[str, Any] = {}
        for part in _conjuncts(found.tree):
            if part[0] == "==" and part[1][0] in ("get", "ask") and part[2][0] == "const":
                known = fixed.setdefault(_said(part[1]), part[2][1])
                if known != part[2][1]:
                    what = f"can never be true: {_said(part[1])} is not '{known}' and '{part[2][1]}' at once"
                    raise Problem(*_place(node.children[1]), what)
        if (empty := _empty_range(found.tree)) is not None:
            raise Problem(*_place(node.children[1]), f"can never be true beside the others: {empty}")
        return found

    def _logic(self, name: str, sign: str, node: Any) -> _Found:
        left, right = (self.side(child) for child in node.children)
        for side in (left, right):
            if side.type.name != "bool":
                self.problems.append(
                    Problem(*side.at, f"is a {side.type}; it stands beside {sign} and must be true or false")
                )
        return _Found(BOOL, [name, left.tree, right.tree], left.at)

    def _relation(self, node: Any) -> _Found:
        sign = node.children[0]
        left, right = self.read(sign.children[0]), self.read(node.children[1])
        if sign.data == "relation_in":
            return self._within(left, right)
        operator = _COMPARE[sign.data]
        left, right = _widened(left, right), _widened(right, left)
        if left.type.name != right.type.name or left.type.name in ("object", "list"):
            raise Problem(*left.at, f"compares a {left.type} with a {right.type}, which can never be equal")
        if operator not in ("==", "!=") and left.type.name == "bool":
            raise Problem(*left.at, f"true and false have no order: {operator} is for numbers, texts and times")
        self._possible(left, operator, right)
        self._possible(right, _TURNED.get(operator, operator), left)
        return _Found(BOOL, [operator, left.tree, right.tree], left.at)

    def _possible(self, one: _Found, operator: str, other: _Found) -> None:
        """Refuse a comparison with something written out that can never hold, or never fail."""
        value = other.constant
        if value is None:
            return
        if (
            isinstance(value, str)
            and (why := _unlike(one, value)) is not None
            and (operator in ("==", "!=") or one.type.values)
        ):
            raise Problem(*other.at, f"can never be equal: {why}")
        if isinstance(value, bool) or not isinstance(value, int) or (one.type.low is None and one.type.high is None):
            return
        low = float("-inf") if one.type.low is None else one.type.low
        high = float("inf") if one.type.high is None else one.type.high
        holds = {
            "==": low <= value <= high, "<": low < value, "<=": low <= value, ">": high > value, ">=": high >= value, "!=": True,
        }[operator]  # fmt: skip
        if not holds:
            raise Problem(*other.at, f"can never be true: {_said(one.tree)} is {_bounds(one.type)}")

    def _within(self, left: _Found, right: _Found) -> _Found:
        inner = right.type.item
        if inner is None:
            raise Problem(*right.at, f'is a {right.type}; after `in` stands a list, such as ["a", "b"]')
        if (left.type.name, inner.name) == ("double", "int") and left.constant is None:
            inner = DOUBLE
        if left.type.name != inner.name:
            raise Problem(*left.at, f"is a {left.type} and can never be in a {right.type}")
        for item in right.tree[1:] if right.tree[0] == "list" else ():
            if item[0] == "const" and (why := _unlike(left, item[1])) is not None:
                shown = f"'{item[1]}'" if isinstance(item[1], str) else item[1]
                raise Problem(*right.at, f"{shown} can never be it: {why}")
        if inner.values is not None and left.constant is not None and left.constant not in inner.values:
            raise Problem(
                *left.at, f"is never in it: {_said(right.tree)} holds {_choices(inner.values, left.constant)}"
            )
        return _Found(BOOL, ["in", left.tree, right.tree], left.at)

    def _addition(self, node: Any) -> _Found:
        return self._sum(_SUM, node)

    def _multiplication(self, node: Any) -> _Found:
        return self._sum(_PRODUCT, node)

    def _sum(self, signs: Mapping[str, str], node: Any) -> _Found:
        sign = signs[node.children[0].data]
        left, right = self.read(node.children[0].children[0]), self.read(node.children[1])
        left, right = _widened(left, right), _widened(right, left)
        gives = GIVES.get((sign, left.type.name, right.type.name))
        if gives is None:
            raise Problem(*left.at, f"there is no {left.type} {sign} {right.type}")
        if sign in "/%" and right.constant == 0:
            raise Problem(*right.at, "is a division by nought")
        return _Found(gives, [sign, left.tree, right.tree], left.at)

    def _unary(self, node: Any) -> _Found:
        sign, operand = node.children[0].data, self.read(node.children[1])
        if sign == "unary_not":
            self._must(operand, "bool", "stands after ! and must be true or false")
            return _Found(BOOL, ["not", operand.tree], operand.at)
        if operand.type.name not in ("int", "double"):
            raise Problem(*operand.at, f"is a {operand.type}, and - is for numbers")
        value = operand.constant
        tree = ["negative", operand.tree] if value is None else ["const", -value]
        return _Found(wide(operand.type), tree, operand.at)

    # --- names, fields and calls ----------------------------------------------------------------------------------

    def _ident(self, node: Any) -> _Found:
        (token,) = node.children
        found = self.scope.get(token)
        if found is None:
            why = self.words.elsewhere.get(token)
            there = (
                f"there is no '{token}' here: {why}" if why else f"there is no '{token}'; {_known(self.scope, token)}"
            )
            raise Problem(token.line, token.column, there)
        return _Found(found, ["get", str(token)], (token.line, token.column))

    def _member_dot(self, node: Any) -> _Found:
        owner, name = self.read(node.children[0]), node.children[1]
        if name in owner.type.asks:
            raise Problem(name.line, name.column, f"is asked, as in {owner.type.asks[name].example}")
        if name not in owner.type.fields:
            known = f"; {_known(owner.type.fields, name)}" if owner.type.fields else f": it is a {owner.type}"
            raise Problem(name.line, name.column, f"{_said(owner.tree)} has no '{name}'{known}")
        return _Found(owner.type.fields[name], [*owner.tree, str(name)], owner.at)

    def _member_index(self, node: Any) -> _Found:
        owner, index = self.read(node.children[0]), self.read(node.children[1])
        if owner.type.item is None or index.type.name != "int":
            raise Problem(*owner.at, "[ ] takes one item of a list by its number, from 0")
        return _Found(owner.type.item, ["index", owner.tree, index.tree], owner.at)

    def _member_dot_arg(self, node: Any) -> _Found:
        name, arguments = node.children[1], _arguments(node.children[2:])
        owner = self.read(node.children[0])
        if name in MACROS:
            return self._macro(owner, name, arguments)
        if owner.type.asks:
            return self._asked(owner, name, arguments)
        methods = self.words.methods
        if name not in methods:
            raise Problem(name.line, name.column, f"there is no .{name}(); {_known([*methods, *MACROS], name)}")
        called = self._called(methods[name], name, [owner, *map(self.read, arguments)])
        if methods[name].takes[0] in REMEMBER:
            return called._replace(tree=[called.tree[0], ["get", "memory"], *called.tree[2:]])
        return called

    def _asked(self, owner: _Found, name: Any, arguments: list[Any]) -> _Found:
        """`contact.text("city")`: what only this name can be asked."""
        said = _said(owner.tree)
        if name in owner.type.fields:
            raise Problem(name.line, name.column, f"takes no ( ): write {said}.{name}")
        asked = owner.type.asks.get(name)
        if asked is None:
            raise Problem(name.line, name.column, f"{said} has no {name}(); {_known(owner.type.asks, name)}")
        if len(arguments) != len(asked.takes):
            what = f"{name}() takes {_count(len(asked.takes), 'argument')}, as in {asked.example}"
            raise Problem(name.line, name.column, what)
        values = []
        for judge, found in zip(asked.takes, map(self.read, arguments), strict=True):
            if found.tree[0] != "const":
                raise Problem(*found.at, f"{name}() takes what is written out, as in {asked.example}")
            if (wrong := judge(found.constant)) is not None:
                raise Problem(*found.at, wrong)
            values.append(found.constant)
        gives = asked.gives if isinstance(asked.gives, Type) else asked.gives(*values)
        return _Found(gives, ["ask", *owner.tree[1:], str(name), *values], owner.at)

    def _ident_arg(self, node: Any) -> _Found:
        name, arguments = node.children[0], _arguments(node.children[1:])
        at = (name.line, name.column)
        if name == "has":
            return self._has(at, arguments)
        found = [self.read(argument) for argument in arguments]
        if name in ("duration", "timestamp") and len(found) == 1:
            return self._written(str(name), found[0])
        functions = self.words.functions
        if name not in functions:
            raise Problem(*at, f"there is no {name}(); {_known([*functions, 'has', 'duration', 'timestamp'], name)}")
        called = self._called(functions[name], name, found)
        if name == "open":
            return called._replace(tree=["open", ["get", "clock"], found[0].tree])
        return called

    def _called(self, function: Function, name: Any, given: list[_Found]) -> _Found:
        if len(given) != len(function.takes):
            count = len(function.takes) - (0 if function is self.words.functions.get(name) else 1)
            raise Problem(name.line, name.column, f"{name}() takes {_count(count, 'argument')}")
        for wanted, found in zip(function.takes, given, strict=True):
            self._fits(str(name), wanted, found)
            if found.tree == ["list"] and function.name == "mentions":
                raise Problem(name.line, name.column, "has no words: nothing is ever mentioned")
        return _Found(function.gives, [function.name, *(found.tree for found in given)], given[0].at)

    def _fits(self, name: str, wanted: str, found: _Found) -> None:
        if wanted == "zone":
            if found.constant not in _zones():
                raise Problem(*found.at, f'{name}() wants a time zone, such as "Europe/Istanbul"')
        elif wanted == "hours":
            if found.constant not in self.hours:
                known = _choices(self.hours, found.constant) if self.hours else "none is defined"
                raise Problem(*found.at, f"{name}() wants the name of a calendar: {known}")
        elif wanted in REMEMBER:
            if found.tree != ["get", wanted]:
                raise Problem(*found.at, f"{name}() is asked of {wanted}, as in {wanted}.{name}({REMEMBER[wanted]})")
        elif wanted == "tag":
            if not isinstance(found.constant, str) or not _SLUG.fullmatch(found.constant):
                raise Problem(*found.at, f'{name}() wants a tag or a category that is written out, such as "complaint"')
        elif " up to " in wanted:
            unit, _, most = wanted.partition(" up to ")
            if (
                isinstance(found.constant, bool)
                or not isinstance(found.constant, int)
                or not 1 <= found.constant <= int(most)
            ):
                raise Problem(*found.at, f"{name}() wants a number of {unit} that is written out, from 1 to {most}")
        elif wanted == "sized":
            if found.type.name not in ("string", "list"):
                raise Problem(*found.at, f"is a {found.type}, and {name}() takes a text or a list")
        elif found.type.spec != wanted:
            raise Problem(*found.at, f"is a {found.type}; {name}() takes a {taken(wanted)} here")

    def _macro(self, owner: _Found, name: Any, arguments: list[Any]) -> _Found:
        variable = self._variable(name, arguments)
        if owner.type.item is None:
            raise Problem(*owner.at, f"is a {owner.type}, and .{name}() is for lists")
        words = replace(self.words, names={**self.scope, variable: owner.type.item})
        inner = _Checker(words, self.hours, self.problems)
        condition = inner.read(arguments[1])
        inner._must(condition, "bool", "must be true or false")
        return _Found(BOOL, [str(name), variable, owner.tree, condition.tree], owner.at)

    def _variable(self, name: Any, arguments: list[Any]) -> str:
        token = next(iter(arguments[0].scan_values(lambda _: True)), None) if len(arguments) == 2 else None
        if token is None or token.type != "IDENT":
            raise Problem(
                name.line, name.column, f'.{name}() takes a name and a condition, as in tags.{name}(t, t == "vip")'
            )
        if token in self.scope:
            raise Problem(token.line, token.column, f"'{token}' has a meaning already; take another name")
        return str(token)

    def _has(self, at: tuple[int, int], arguments: list[Any]) -> _Found:
        found = self.read(arguments[0]) if len(arguments) == 1 else None
        if found is None or found.tree[0] != "get" or found.type.name not in ("string", "list"):
            raise Problem(*at, "has() takes one field that may be empty, such as has(contact.name)")
        return _Found(BOOL, ["has", found.tree], at)

    def _written(self, name: str, found: _Found) -> _Found:
        text = found.constant
        if not isinstance(text, str):
            raise Problem(*found.at, f"{name}() takes a text that is written out")
        if name == "timestamp":
            try:
                at: datetime | None = datetime.fromisoformat(text)
            except ValueError:
                at = None
            if at is None or at.tzinfo is None:
                raise Problem(*found.at, 'is no time with an offset, such as "2026-11-22T09:00:00+03:00"')
            return _Found(TIMESTAMP, ["timestamp", at.isoformat()], found.at)
        parts = _DURATION.findall(text)
        if not parts or "".join(map("".join, parts)) != text:
            raise Problem(*found.at, 'is no duration, such as "90s", "15m" or "1h30m"')
        span = timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
        return _Found(DURATION, ["duration", span.total_seconds()], found.at)

    # --- literals ---------------------------------------------------------------------------------------------------

    def _literal(self, node: Any) -> _Found:
        (token,) = node.children
        at = (token.line, token.column)
        if token.type == "BOOL_LIT":
            return _Found(BOOL, ["const", token == "true"], at)
        if token.type == "INT_LIT":
            value = int(token, 0)
            return _Found(Type("int"), ["const", value], at)
        if token.type == "FLOAT_LIT":
            return _Found(DOUBLE, ["const", float(token)], at)
        if token.type in ("STRING_LIT", "MLSTRING_LIT"):
            from celpy.evaluation import celstr

            return _Found(STRING, ["const", str(celstr(token))], at)
        raise Problem(
            *at,
            f"'{token}' is not for conditions of {self.words.of}: everything has a value here, so null, bytes and uint are not needed",
        )

    def _list_lit(self, node: Any) -> _Found:
        items = [self.read(item) for item in _arguments(node.children)]
        kinds = {item.type.name for item in items}
        if len(kinds) > 1:
            raise Problem(*items[0].at, f"a list holds one kind of thing, and this one {' and '.join(sorted(kinds))}")
        at = items[0].at if items else _place(node)
        return _Found(
            Type("list", item=wide(items[0].type) if items else STRING), ["list", *(item.tree for item in items)], at
        )

    def _must(self, found: _Found, kind: str, what: str) -> None:
        if found.type.name != kind:
            raise Problem(*found.at, f"is a {found.type}; it {what}")


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _arguments(children: Iterable[Any]) -> list[Any]:
    return [argument for child in children for argument in child.children]


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "and":
        yield from _conjuncts(tree[1])
        yield from _conjuncts(tree[2])
    else:
        yield tree


def _empty_range(tree: Tree) -> str | None:
    """Of parts that must all hold: which whole number would have to be in a range that is empty, if one would."""
    ranges: dict[str, tuple[float, float]] = {}
    for part in _conjuncts(tree):
        if part[0] not in _RANGES:
            continue
        operator, one, other = str(part[0]), part[1], part[2]
        if one[0] == "const":
            operator, one, other = _TURNED.get(operator, operator), other, one
        if other[0] != "const" or one[0] == "const" or type(other[1]) is not int:
            continue
        low, high = ranges.get(repr(one), (float("-inf"), float("inf")))
        least, most = _RANGES[operator](other[1])
        low, high = ranges[repr(one)] = max(low, least), min(high, most)
        if low > high:
            return f"{_said(one)} would have to be {int(low)} or more and {int(high)} or less at once"
    return None


_RANGES: dict[str, Callable[[int], tuple[float, float]]] = {
    "==": lambda value: (value, value),
    "<": lambda value: (float("-inf"), value - 1),
    "<=": lambda value: (float("-inf"), value),
    ">": lambda value: (value + 1, float("inf")),
    ">=": lambda value: (value, float("inf")),
}


def _unlike(one: _Found, value: Any) -> str | None:
    """Why something is never equal to this value, if it never is."""
    kind = one.type
    if kind.values is not None and value not in kind.values:
        return f"{_said(one.tree)} is {_choices(kind.values, value)}"
    if kind.small is not None and isinstance(value, str) and kind.small(value) != value:
        return f"{_said(one.tree)} is in small letters; write '{kind.small(value)}'"
    if type(value) is int and not (
        (kind.low is None or kind.low <= value) and (kind.high is None or value <= kind.high)
    ):
        return f"{_said(one.tree)} is {_bounds(kind)}"
    return None


def _bounds(kind: Type) -> str:
    return f"from {kind.low} to {kind.high}" if kind.high is not None else f"{kind.low} or more"


def _place(node: Any) -> tuple[int, int]:
    token = next(iter(node.scan_values(lambda _: True)), None)
    return (token.line, token.column) if token is not None else (1, 1)


def _said(tree: Tree) -> str:
    if tree[0] == "ask":
        return f"{tree[1]}.{tree[2]}({', '.join(json.dumps(value, ensure_ascii=False) for value in tree[3:])})"
    return ".".join(tree[1:]) if tree[0] == "get" else "it"


def _widened(one: _Found, other: _Found) -> _Found:
    """A whole number beside a decimal one that is not written out is one too: contact.number("orders") > 3."""
    if (one.type.name, other.type.name) != ("int", "double") or other.constant is not None:
        return one
    return one._replace(type=DOUBLE, tree=one.tree if one.constant is None else ["const", float(one.constant)])


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _choices(values: Iterable[str], wrong: Any) -> str:
    near = difflib.get_close_matches(str(wrong), list(values), 1)
    known = sorted(values)
    listed = ", ".join(value or '""' for value in known) if len(known) <= _MOST_LISTED else f"{len(known)} names"
    return f"one of {listed}" + (f"; did you mean '{near[0]}'?" if near else "")


def _known(names: Iterable[str], wrong: str) -> str:
    return "known are " + _choices(names, wrong).removeprefix("one of ")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
