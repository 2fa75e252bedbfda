"""What a template meets when it runs: values that are data and nothing else, filters, exact sums, and an account of what it used up.

Jinja's own sandbox lies below it, for what we overlooked (https://jinja.palletsprojects.com/en/stable/sandbox/). Whatever may not be
done raises ValueError with a sentence for who wrote the template.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn
from urllib.parse import quote

from jinja2 import StrictUndefined, TemplateRuntimeError, Undefined, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from router import template_filters as shown
from router import zones

MOST_OUTPUT = 200_000
"""Characters of what becomes of one part of a template, and of any text on the way there."""
MOST_ROUNDS = 1_000
"""Turns of all loops of one rendering together."""
TESTS = frozenset({"defined", "undefined", "none", "string", "number"})
"""Not Jinja's `odd` and `even`: of a text they would make another, as long as it says."""
_LARGEST = 10**30
_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})
HIDDEN = "_rendering"


class Rendering:
    """What one rendering has used up and marked."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self.language, self.zone = language, zone
        self.rounds = 0
        self.untracked: set[str] = set()


class Missing(StrictUndefined):
    """A value that was not given; it may be asked whether it is there, and nothing else."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = TemplateRuntimeError,  # noqa: ARG002  Jinja's signature
    ) -> None:
        super().__init__(hint=name or hint, obj=obj, name=name, exc=NotGiven)

    def fail(self) -> NoReturn:
        """Raise what any use of it raises."""
        self._fail_with_undefined_error()


class NotGiven(TemplateRuntimeError):
    """The message is the name of the value."""


class Data(dict[str, Any]):
    """A mapping that knows by which name the template reached it."""

    path = ""


def plain(value: object, path: str, depth: int = 0) -> object:
    """A value as a template sees it: texts, numbers, lists and mappings; a null in a mapping is not there."""
    if depth > 8:
        raise ValueError(f"the value '{path}' is nested too deeply")
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    if isinstance(value, Mapping):
        found = Data()
        found.path = path
        for key, one in value.items():
            if one is not None:
                found[str(key)] = plain(one, f"{path}.{key}", depth + 1)
        return found
    if isinstance(value, (list, tuple)):
        return [plain(one, f"{path}[{index}]", depth + 1) for index, one in enumerate(value)]
    raise ValueError(f"the value '{path}' is no plain data")


# --- filters --------------------------------------------------------------------------------------------------------


def _rendering(context: Context) -> Rendering:
    found: Rendering = context.parent[HIDDEN]
    return found


def _text(value: object) -> str:
    if isinstance(value, Missing):
        value.fail()
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ValueError(f"is {_kind(value)} and no text")
    return str(value)


def _join(_: Rendering, items: object, between: str = ", ") -> str:
    if not isinstance(items, (list, tuple)):
        raise ValueError("is no list")
    parts = [_text(item) for item in items]
    if sum(map(len, parts)) + len(_text(between)) * len(parts) > MOST_OUTPUT:
        raise ValueError("makes a text that is too long")
    return between.join(parts)


def _length(_: Rendering, value: object) -> int:
    if not isinstance(value, (list, tuple, str)):
        raise ValueError("has no length")
    return len(value)


def _untracked(rendering: Rendering, value: object) -> str:
    rendering.untracked.add(_text(value))
    return _text(value)


def _default(_: Rendering, value: object, instead: object) -> object:
    return instead if isinstance(value, Undefined) or (isinstance(value, str) and not value.strip()) else value


def _zone(rendering: Rendering, zone: object) -> tzinfo:
    return rendering.zone if zone is None else zones.zone(str(zone))


FILTERS: Mapping[str, Callable[..., object]] = {
    "date": lambda r, v, form="long", zone=None: shown.day(v, r.language, _zone(r, zone), form),
    "time": lambda r, v, zone=None: shown.clock(v, _zone(r, zone)),
    "datetime": lambda r, v, form="long", zone=None: shown.moment(v, r.language, _zone(r, zone), form),
    "money": lambda r, v, currency: shown.money(v, r.language, currency),
    "number": lambda r, v, places=None: shown.number(v, r.language, places),
    "plural": lambda _, v, one, many: shown.plural(v, _text(one), _text(many)),
    "upper": lambda r, v: shown.upper(_text(v), r.language),
    "lower": lambda r, v: shown.lower(_text(v), r.language),
    "title": lambda r, v: shown.title(_text(v), r.language),
    "capitalize": lambda r, v: shown.capitalize(_text(v), r.language),
    "trim": lambda _, v: _text(v).strip(),
    "join": _join,
    "length": _length,
    "urlencode": lambda _, v: quote(_text(v), safe=""),
    "untracked": _untracked,
    "default": _default,
}
"""Each takes the rendering, the value and what is written in its parentheses."""


def _as_filter(name: str, function: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def run(context: Context, value: object, *args: object, **named: object) -> object:
        for one in (*args, *named.values(), *(() if name == "default" else (value,))):
            if isinstance(one, Missing):
                one.fail()
        try:
            found = function(_rendering(context), value, *args, **named)
        except TypeError:
            raise ValueError(f"`{name}` is not written with these in its parentheses") from None
        except ValueError as error:
            raise ValueError(
                f"`{name}`: what it is given {error}" if _of_value(error) else f"`{name}`: {error}"
            ) from None
        if isinstance(found, str) and len(found) > MOST_OUTPUT:
            raise ValueError(f"`{name}` makes a text that is too long")
        return found

    return run


def _of_value(error: ValueError) -> bool:
    return str(error).startswith(("is ", "has ", "makes "))


@pass_context
def _listed(context: Context, items: object) -> object:
    """What a loop goes over: a list, and its turns are counted."""
    if isinstance(items, Missing):
        items.fail()
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"a loop goes over a list, and this is {_kind(items)}")
    rendering = _rendering(context)
    rendering.rounds += len(items)
    if rendering.rounds > MOST_ROUNDS:
        raise ValueError(f"the loops have more than {MOST_ROUNDS} turns")
    return items


# --- the environment ------------------------------------------------------------------------------------------------


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja without anything it can do by itself."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"+", "-"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self._look(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self._look(obj, argument)

    def _look(self, obj: Any, key: object) -> Any:
        if isinstance(key, Missing):
            key.fail()
        if isinstance(obj, Missing):
            obj.fail()
        if isinstance(obj, Data) and isinstance(key, str):
            return obj[key] if key in obj else Missing(name=f"{obj.path}.{key}")
        if isinstance(obj, (list, tuple)) and type(key) is int and -len(obj) <= key < len(obj):
            return obj[key]
        if isinstance(obj, LoopContext) and key in _LOOP:
            return getattr(obj, str(key))
        raise ValueError(f"there is no '{key}' in {_kind(obj)}")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        return _sum(operator, left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:  # noqa: ARG002
        return _sum(operator, 0, arg)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002
        return False

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002
        return False


_SUMS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def _sum(sign: str, left: object, right: object) -> object:
    """A sum of numbers, exact: 3 * 0.1 is 0.3."""
    if isinstance(left, Missing):
        left.fail()
    if isinstance(right, Missing):
        right.fail()
    for one in (left, right):
        if isinstance(one, bool) or not isinstance(one, (int, float, Decimal)):
            raise ValueError(f"`{sign}` is for numbers, and this is {_kind(one)}")
    whole = type(left) is int and type(right) is int and sign != "/"
    a, b = (left, right) if whole else (Decimal(str(left)), Decimal(str(right)))
    try:
        found = _SUMS[sign](a, b)
    except ArithmeticError:
        raise ValueError(f"`{sign}` has no result here, as by nought") from None
    if not abs(found) < _LARGEST:
        raise ValueError("a sum is too large")
    return found


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "a mapping" if isinstance(value, Mapping) else "nothing" if value is None else "no value"


def _printable(value: object) -> object:
    """What may stand in a text as it is. A number with places looks different in each language."""
    if isinstance(value, Missing):
        value.fail()
    if isinstance(value, (float, Decimal)):
        raise ValueError("a number with places is printed by `number` or `money`")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"{_kind(value)} cannot be printed")
    return value


@cache
def environment(html: bool) -> _Environment:
    made = _Environment(
        autoescape=html, undefined=Missing, finalize=_printable, trim_blocks=True, lstrip_blocks=True, optimized=False, cache_size=0
    )  # fmt: skip
    made.globals = {}
    made.filters = {name: _as_filter(name, function) for name, function in FILTERS.items()} | {"_listed": _listed}
    made.tests = {name: test for name, test in made.tests.items() if name in TESTS}
    return made
