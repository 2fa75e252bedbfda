"""DynamoDB's update expressions as functions, each text parsed once: SET with sums, if_not_exists and list_append, REMOVE, ADD, DELETE.

What DynamoDB refuses raises a ValidationException. Source: DynamoDB Developer Guide, "Using update expressions in DynamoDB".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from router.aws.codec import Item
from santral.memory_expressions import Operand, Parser
from santral.memory_values import ABSENT, Values, add, invalid, subtract, total

KEY = ("pk", "sk")
_SECTIONS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
Step = Callable[[Any, Any], Any]
"""What an attribute becomes by a value."""


@dataclass(frozen=True, slots=True)
class Update:
    """`apply` makes a new item of an item and the values named in `uses`; the old one stays as it is."""

    apply: Operand
    uses: frozenset[str]


@cache
def update(text: str) -> Update:
    """Parse an update. Raises a ValidationException."""
    parser = _Updates(text)
    apply = parser.sections()
    return Update(apply, frozenset(parser.uses))


class _Updates(Parser):
    """The rules of an update beside those of its operands."""

    def sections(self) -> Operand:
        """SET, REMOVE, ADD and DELETE, each at most once; no attribute twice, and none of the key."""
        sets: list[tuple[str, Operand]] = []
        removes: list[str] = []
        steps: list[tuple[str, Step, str]] = []
        seen: set[str] = set()
        while section := self.met(*_SECTIONS - seen):
            seen.add(section)
            while True:
                name = self.name()
                if section == "SET":
                    self.want("=")
                    sets.append((name, self._sum()))
                elif section == "REMOVE":
                    removes.append(name)
                else:
                    steps.append((name, add if section == "ADD" else subtract, self.used()))
                if not self.met(","):
                    break
        self.end()
        names = [name for name, *_ in (*sets, *steps)] + removes
        if not names or len(set(names)) < len(names) or not set(KEY).isdisjoint(names):
            raise invalid(f"{self._text!r} changes nothing, one attribute twice, or the key")
        return _changes(sets, removes, steps)

    def _sum(self) -> Operand:
        left = self._term()
        sign = self.met("+", "-")
        if not sign:
            return left
        right, factor = self._term(), 1 if sign == "+" else -1
        return lambda item, values: total(_there(left(item, values)), _there(right(item, values)), factor)

    def _term(self) -> Operand:
        if self.met("("):
            term = self._sum()
            self.want(")")
            return term
        function = self.look()
        if function == "size":
            raise self.wrong()
        if function not in ("if_not_exists", "list_append"):
            return self.operand()
        self.next()
        self.want("(")
        left = self._term()
        self.want(",")
        right = self._term()
        self.want(")")
        return _first(left, right) if function == "if_not_exists" else _joined(left, right)


def _there(value: Any) -> Any:
    if value is ABSENT:
        raise invalid("the expression refers to an attribute that does not exist in the item")
    return value


def _first(left: Operand, right: Operand) -> Operand:
    def first(item: Item, values: Values) -> Any:
        found = left(item, values)
        return right(item, values) if found is ABSENT else found

    return first


def _joined(left: Operand, right: Operand) -> Operand:
    def joined(item: Item, values: Values) -> Any:
        one, other = _there(left(item, values)), _there(right(item, values))
        if type(one) is not list or type(other) is not list:
            raise invalid("list_append joins lists")
        return one + other

    return joined


def _changes(sets: list[tuple[str, Operand]], removes: list[str], steps: list[tuple[str, Step, str]]) -> Operand:
    def apply(item: Item, values: Values) -> Item:
        after = item.copy()
        for name, operand in sets:
            after[name] = _there(operand(item, values))
        for name in removes:
            after.pop(name, None)
        for name, step, value in steps:
            made = step(item.get(name, ABSENT), values[value])
            if made is ABSENT:
                after.pop(name, None)
            else:
                after[name] = made
        return after

    return apply
