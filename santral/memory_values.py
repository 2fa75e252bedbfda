"""Attribute values as the table in memory keeps them, and what DynamoDB makes of them: sums, order, equality, size.

A string is a str, a number an int wherever it can be and a float otherwise, a set a frozenset. A kept value is never changed in
place: what is written is read anew, and what is handed out is a copy where it could be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from botocore.exceptions import ClientError

from router.aws.codec import Item, unmarshal

Values = Mapping[str, Any]
ABSENT: Any = object()
"""What stands where an item has no such attribute."""
NESTED = frozenset({list, dict, frozenset})
_ORDERED = frozenset({str, bytes})
_NUMBERS = frozenset({int, float})
_KINDS = {str: "S", int: "N", float: "N", bool: "BOOL", bytes: "B", list: "L", dict: "M"}


def invalid(message: str) -> ClientError:
    """What DynamoDB raises when a request is wrong in itself."""
    error = {"Code": "ValidationException", "Message": message}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}, "MemoryDynamo")  # type: ignore[typeddict-item]


def read_item(raw: Mapping[str, Mapping[str, Any]]) -> Item:
    """DynamoDB's values as ours, in a dictionary of their own."""
    return {name: typed["S"] if type(typed.get("S")) is str else read(typed) for name, typed in raw.items()}


def read(typed: Mapping[str, Any]) -> Any:
    """One of DynamoDB's values as ours. Raises a ValidationException on what DynamoDB does not take."""
    if "N" in typed:
        return number(typed["N"])
    ((kind, value),) = typed.items()
    return _READERS[kind](value)


def number(text: str) -> int | float:
    """A number, as an int where it is whole."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise invalid(f"{text} is not a number") from None
    if not exact.is_finite():
        raise invalid(f"{text} is not a number")
    return int(exact) if exact == exact.to_integral_value() else float(text)


def _set_of(one: Callable[[Any], Any]) -> Callable[[Any], frozenset[Any]]:
    def read_set(values: Any) -> frozenset[Any]:
        if not values:
            raise invalid("a set may not be empty")
        return frozenset(map(one, values))

    return read_set


_READERS: dict[str, Callable[[Any], Any]] = {
    "S": str.__str__,  # an enum's member is kept as its text
    "B": bytes,
    "BOOL": bool,
    "L": lambda values: [read(one) for one in values],
    "M": read_item,
    "SS": _set_of(str.__str__),
    "NS": _set_of(number),
    "BS": _set_of(bytes),
}


def fresh(value: Any) -> Any:
    """A list, map or set as `router.aws.codec` hands it out, and nobody else's."""
    kind = type(value)
    if kind is list:
        return [fresh(one) for one in value]
    if kind is dict:
        return {name: fresh(one) for name, one in value.items()}
    if kind is frozenset:
        name = kind_of(value)
        return unmarshal({"set": {name: [str(one) if name == "NS" else one for one in sorted(value)]}})["set"]
    return value


def kind_of(value: Any) -> str:
    """DynamoDB's name of a value's type."""
    if type(value) is frozenset:
        return f"{kind_of(next(iter(value)))}S"
    return _KINDS[type(value)]


def same(one: Any, other: Any) -> bool:
    """Are they equal, type included? What is absent equals nothing. An int never equals a float, for none is whole."""
    kind = type(one)
    if kind is not type(other) or one is ABSENT:
        return False
    if kind is list:
        return len(one) == len(other) and all(map(same, one, other))
    if kind is dict:
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return bool(one == other)


def comparable(one: Any, other: Any) -> bool:
    """Has one of them to come first? So with two numbers, two strings, two byte strings."""
    kind = type(one)
    return (kind is type(other) and kind in _ORDERED) or (kind in _NUMBERS and type(other) in _NUMBERS)


def size(value: Any) -> Any:
    """How long a string, byte string or collection is; ABSENT for anything else."""
    return len(value) if type(value) in _ORDERED or type(value) in NESTED else ABSENT


def contains(value: Any, part: Any) -> bool:
    """Is it a part of a string, or an element of a list or set?"""
    if type(value) is list:
        return any(same(one, part) for one in value)
    if type(value) is frozenset:
        return (type(part) in _ORDERED or type(part) in _NUMBERS) and part in value
    return type(value) is type(part) and type(value) in _ORDERED and part in value


def begins_with(value: Any, start: Any) -> bool:
    """Does a string or byte string begin so?"""
    return type(value) is type(start) and type(value) in _ORDERED and value.startswith(start)


def total(one: Any, other: Any, sign: int = 1) -> int | float:
    """Sum (or difference, for -1) of two numbers, in decimal as DynamoDB has it. Raises a ValidationException on other things."""
    if type(one) is int and type(other) is int:
        return one + sign * other
    if type(one) not in _NUMBERS or type(other) not in _NUMBERS:
        raise invalid("an operand in the update expression has an incorrect data type")
    return number(str(Decimal(str(one)) + sign * Decimal(str(other))))


def add(value: Any, more: Any) -> Any:
    """What ADD makes of an attribute: a sum, or a union of sets. Raises a ValidationException on other things."""
    if type(more) is not frozenset:
        return total(0 if value is ABSENT else value, more)
    if value is ABSENT:
        return more
    if type(value) is not frozenset or kind_of(value) != kind_of(more):
        raise invalid("an operand in the update expression has an incorrect data type")
    return value | more


def subtract(value: Any, less: Any) -> Any:
    """What DELETE makes of an attribute: a set without these elements, ABSENT when none is left."""
    if type(less) is not frozenset or (value is not ABSENT and type(value) is not frozenset):
        raise invalid("an operand in the update expression has an incorrect data type")
    return ABSENT if value is ABSENT else (value - less) or ABSENT
