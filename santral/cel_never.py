"""What of a condition can never be true, or never false: by what a name can be, and by what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from santral.cel_parts import Found, Problem, Tree, as_said, choices
from santral.cel_types import BOOL, DOUBLE, Type

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compared(left: Found, operator: str, right: Found) -> None:
    """Raises Problem where a comparison can never hold, or never fail, for what one of its sides can be."""
    _possible(left, operator, right)
    _possible(right, _TURNED.get(operator, operator), left)


def beside(tree: Tree, at: tuple[int, int]) -> None:
    """Raises Problem where parts that must all hold never do at once."""
    fixed: dict[str, Any] = {}
    for part in _conjuncts(tree):
        if part[0] == "==" and part[1][0] in ("get", "ask") and part[2][0] == "const":
            known = fixed.setdefault(as_said(part[1]), part[2][1])
            if known != part[2][1]:
                what = f"can never be true: {as_said(part[1])} is not '{known}' and '{part[2][1]}' at once"
                raise Problem(*at, what)
    if (empty := _empty_range(tree)) is not None:
        raise Problem(*at, f"can never be true beside the others: {empty}")


def _possible(one: Found, operator: str, other: Found) -> None:
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
        raise Problem(*other.at, f"can never be true: {as_said(one.tree)} is {_bounds(one.type)}")


def within(left: Found, right: Found) -> Found:
    """Is one in the other? Raises Problem where it never is, or where one of a list never is the one that is sought."""
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
        raise Problem(*left.at, f"is never in it: {as_said(right.tree)} holds {choices(inner.values, left.constant)}")
    return Found(BOOL, ["in", left.tree, right.tree], left.at)


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
            return f"{as_said(one)} would have to be {int(low)} or more and {int(high)} or less at once"
    return None


_RANGES: dict[str, Callable[[int], tuple[float, float]]] = {
    "==": lambda value: (value, value),
    "<": lambda value: (float("-inf"), value - 1),
    "<=": lambda value: (float("-inf"), value),
    ">": lambda value: (value + 1, float("inf")),
    ">=": lambda value: (value, float("inf")),
}


def _unlike(one: Found, value: Any) -> str | None:
    """Why something is never equal to this value, if it never is."""
    kind = one.type
    if kind.values is not None and value not in kind.values:
        return f"{as_said(one.tree)} is {choices(kind.values, value)}"
    if kind.small is not None and isinstance(value, str) and kind.small(value) != value:
        return f"{as_said(one.tree)} is in small letters; write '{kind.small(value)}'"
    if type(value) is int and not (
        (kind.low is None or kind.low <= value) and (kind.high is None or value <= kind.high)
    ):
        return f"{as_said(one.tree)} is {_bounds(kind)}"
    return None


def _bounds(kind: Type) -> str:
    return f"from {kind.low} to {kind.high}" if kind.high is not None else f"{kind.low} or more"
