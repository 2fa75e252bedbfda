"""DynamoDB's condition expressions as functions, each text parsed once.

Understood is what `router.aws` may write: whole attributes, each as `#name`, and values as `:name`; comparisons, BETWEEN, IN, AND,
OR, NOT, attribute_exists, attribute_not_exists, begins_with, contains and size. The rest (paths into lists and maps, attribute_type)
raises a ValidationException. Source: DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from router.aws.codec import Item
from santral.memory_values import ABSENT, Values, begins_with, comparable, contains, invalid, same, size

Test = Callable[[Item, Values], bool]
Operand = Callable[[Item, Values], Any]
_TOKEN = re.compile(r"\s*([#:]?\w+|<>|<=|>=|[=<>(),+-])")
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Condition:
    """`holds` for an item (empty where there is none) and the values named in `uses`."""

    holds: Test
    uses: frozenset[str]


@cache
def condition(text: str) -> Condition:
    """Parse a condition. Raises a ValidationException."""
    parser = Parser(text)
    holds = parser.either()
    parser.end()
    return Condition(holds, frozenset(parser.uses))


class Parser:
    """One method for each rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0
        self.uses: set[str] = set()

    # --- tokens ----------------------------------------------------------------------------------------------------

    def look(self) -> str:
        """The next token, not taken; empty at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def next(self) -> str:
        """The next token, taken."""
        token = self.look()
        self._at += 1
        return token

    def met(self, *words: str) -> str:
        """The next token, taken if it is one of these words; empty otherwise."""
        word = self.look().upper()
        if word not in words:
            return ""
        self._at += 1
        return word

    def want(self, token: str) -> None:
        """This token must come next."""
        if not self.met(token):
            raise self.wrong()

    def wrong(self) -> Exception:
        """What to raise when the next token cannot stand there."""
        return invalid(f"syntax error near {self.look() or 'the end'!r} of {self._text!r}")

    def end(self) -> None:
        """Nothing more may follow."""
        if self.look():
            raise self.wrong()

    # --- conditions ------------------------------------------------------------------------------------------------

    def either(self) -> Test:
        """Terms with OR between them."""
        test = self._both()
        while self.met("OR"):
            test = _either(test, self._both())
        return test

    def _both(self) -> Test:
        test = self._negated()
        while self.met("AND"):
            test = _both(test, self._negated())
        return test

    def _negated(self) -> Test:
        if self.met("NOT"):
            test = self._negated()
            return lambda item, values: not test(item, values)
        if self.met("("):
            test = self.either()
            self.want(")")
            return test
        return self._called() if self.look() in _TESTS else self._compared()

    def _called(self) -> Test:
        name = self.next()
        self.want("(")
        if name in ("attribute_exists", "attribute_not_exists"):
            attribute, wanted = self.name(), name == "attribute_exists"
            self.want(")")
            return lambda item, _: (attribute in item) is wanted
        left = self.operand()
        self.want(",")
        right = self.operand()
        self.want(")")
        judge = begins_with if name == "begins_with" else contains
        return lambda item, values: judge(left(item, values), right(item, values))

    def _compared(self) -> Test:
        left = self.operand()
        if self.met("BETWEEN"):
            low = self.operand()
            self.want("AND")
            return _both(_compare(">=", left, low), _compare("<=", left, self.operand()))
        if self.met("IN"):
            self.want("(")
            options = [self.operand()]
            while self.met(","):
                options.append(self.operand())
            self.want(")")
            return lambda item, values: any(same(left(item, values), one(item, values)) for one in options)
        return _compare(self.next(), left, self.operand())

    def operand(self) -> Operand:
        """An attribute, a value, or the size of an attribute."""
        if self.look() == "size":
            self.next()
            self.want("(")
            name = self.name()
            self.want(")")
            return lambda item, _: size(item.get(name, ABSENT))
        return self._value() if self.look().startswith(":") else _attribute(self.name())

    def name(self) -> str:
        """An attribute's name, without its mark."""
        if not self.look().startswith("#"):
            raise self.wrong()
        return self.next()[1:]

    def used(self) -> str:
        """A value's name, with its mark; it is noted as used."""
        if not self.look().startswith(":"):
            raise self.wrong()
        self.uses.add(self.look())
        return self.next()

    def _value(self) -> Operand:
        name = self.used()
        return lambda _, values: values[name]


_TESTS = frozenset({"attribute_exists", "attribute_not_exists", "begins_with", "contains"})


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise invalid(f"syntax error at {text[at:]!r}")
        found.append(match[1])
        at = match.end()
    return found


def _either(left: Test, right: Test) -> Test:
    return lambda item, values: left(item, values) or right(item, values)


def _both(left: Test, right: Test) -> Test:
    return lambda item, values: left(item, values) and right(item, values)


def _compare(sign: str, left: Operand, right: Operand) -> Test:
    if sign == "=":
        return lambda item, values: same(left(item, values), right(item, values))
    if sign == "<>":
        return lambda item, values: not same(left(item, values), right(item, values))
    if sign not in _ORDER:
        raise invalid(f"{sign!r} is no comparison")
    before = _ORDER[sign]

    def test(item: Item, values: Values) -> bool:
        one, other = left(item, values), right(item, values)
        return comparable(one, other) and before(one, other)

    return test


def _attribute(name: str) -> Operand:
    return lambda item, _: item.get(name, ABSENT)
