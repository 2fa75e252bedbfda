"""The language of templates: the part of Jinja that can only print values, choose and list, and that ends soon whatever is written.

Only the forms of `_FORMS` and the filters of `FILTERS` exist. Nothing can be called, a dot looks into a mapping and nowhere else, and
lists, repetitions, sizes and depths are limited; so a template reaches neither Python nor anything it was not given. Jinja's own
sandbox lies below, for what we overlooked (https://jinja.palletsprojects.com/en/stable/sandbox/). This module imports Jinja, some 40 ms:
only who renders or checks imports it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from math import isfinite
from typing import Any, NoReturn
from urllib.parse import quote

from jinja2 import (
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    nodes,
    pass_context,
)
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from router import template_filters as shown

MOST_SOURCE, MOST_OUTPUT = 100_000, 200_000
"""Characters of one part of a template, and of what becomes of it."""
MOST_NODES, MOST_DEPTH = 4_000, 40
MOST_ROUNDS = 1_000
"""Turns of all loops of one rendering together."""
_LARGEST = 10**30
_FILE = "<template>"
_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})
_HIDDEN = "_rendering"

_FORMS: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.Getattr,
    nodes.Getitem, nodes.Filter, nodes.Test, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand,
    nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.List, nodes.Tuple,
    nodes.Keyword,
)  # fmt: skip
_WORDS: Mapping[str, str] = {
    "Call": "nothing can be called; a filter is written {{ value | filter }}",
    "Assign": "nothing can be set; write the value where it is needed",
    "AssignBlock": "nothing can be set; write the value where it is needed",
    "Concat": "`~` joins nothing; write the values side by side",
    "Pow": "there are no powers",
    "Slice": "there are no slices",
    "Dict": "there are no mappings",
    "Macro": "there are no macros",
    "Include": "nothing can be included",
    "Import": "nothing can be imported",
    "FromImport": "nothing can be imported",
    "Extends": "nothing can be extended",
}
TESTS = frozenset({"defined", "undefined", "none", "string", "number"})
"""Not Jinja's `odd` and `even`: of a text they would make another, as long as it says."""


class Broken(Exception):
    """A part of a template that cannot be rendered. `faults`: the line, from 1, and what is wrong, for each."""

    def __init__(self, faults: Sequence[tuple[int, str]], variable: str | None = None) -> None:
        super().__init__("; ".join(f"line {line}: {what}" for line, what in faults))
        self.faults = tuple(faults)
        self.variable = variable


class _Rendering:
    """What one rendering has used up and marked."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self.language, self.zone = language, zone
        self.rounds = 0
        self.untracked: set[str] = set()


class _Missing(StrictUndefined):
    """A value that was not given; it may be asked whether it is there, and nothing else."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = TemplateRuntimeError,  # noqa: ARG002  Jinja's signature
    ) -> None:
        super().__init__(hint=name or hint, obj=obj, name=name, exc=_NotGiven)

    def fail(self) -> NoReturn:
        """Raise what any use of it raises."""
        self._fail_with_undefined_error()


class _NotGiven(TemplateRuntimeError):
    """The message is the name of the value."""


class _Data(dict[str, Any]):
    """A mapping that knows by which name the template reached it."""

    path = ""


# --- filters --------------------------------------------------------------------------------------------------------


def _rendering(context: Context) -> _Rendering:
    found: _Rendering = context.parent[_HIDDEN]
    return found


def _text(value: object) -> str:
    if isinstance(value, _Missing):
        value.fail()
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ValueError(f"is {_kind(value)} and no text")
    return str(value)


def _join(_: _Rendering, items: object, between: str = ", ") -> str:
    if not isinstance(items, (list, tuple)):
        raise ValueError("is no list")
    parts = [_text(item) for item in items]
    if sum(map(len, parts)) + len(_text(between)) * len(parts) > MOST_OUTPUT:
        raise ValueError("makes a text that is too long")
    return between.join(parts)


def _length(_: _Rendering, value: object) -> int:
    if not isinstance(value, (list, tuple, str)):
        raise ValueError("has no length")
    return len(value)


def _untracked(rendering: _Rendering, value: object) -> str:
    rendering.untracked.add(_text(value))
    return _text(value)


def _default(_: _Rendering, value: object, instead: object) -> object:
    return instead if isinstance(value, Undefined) or (isinstance(value, str) and not value.strip()) else value


def _zone(rendering: _Rendering, zone: object) -> tzinfo:
    return rendering.zone if zone is None else shown.zone_of(zone)


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
            if isinstance(one, _Missing):
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
    if isinstance(items, _Missing):
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
        if isinstance(key, _Missing):
            key.fail()
        if isinstance(obj, _Missing):
            obj.fail()
        if isinstance(obj, _Data) and isinstance(key, str):
            return obj[key] if key in obj else _Missing(name=f"{obj.path}.{key}")
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
    if isinstance(left, _Missing):
        left.fail()
    if isinstance(right, _Missing):
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
    if isinstance(value, _Missing):
        value.fail()
    if isinstance(value, (float, Decimal)):
        raise ValueError("a number with places is printed by `number` or `money`")
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError(f"{_kind(value)} cannot be printed")
    return value


@cache
def _environment(html: bool) -> _Environment:
    environment = _Environment(
        autoescape=html, undefined=_Missing, finalize=_printable, trim_blocks=True, lstrip_blocks=True, optimized=False, cache_size=0
    )  # fmt: skip
    environment.globals = {}
    environment.filters = {name: _as_filter(name, function) for name, function in FILTERS.items()} | {
        "_listed": _listed
    }
    environment.tests = {name: test for name, test in environment.tests.items() if name in TESTS}
    return environment


# --- reading and rendering ------------------------------------------------------------------------------------------


def read(source: str, *, html: bool = False) -> tuple[nodes.Template, list[tuple[int, str]]]:
    """The tree of a part, and what may not be in it, by line. Raises Broken where it is no Jinja, or too large to look at."""
    if len(source) > MOST_SOURCE:
        raise Broken([(1, f"has {len(source)} characters; at most {MOST_SOURCE} are read")])
    try:
        tree = _environment(html).parse(source)
    except TemplateSyntaxError as error:
        raise Broken([(error.lineno, _plainly(error))]) from None
    except (RecursionError, ValueError, OverflowError):
        raise Broken([(1, "is nested too deeply, or holds a number that is too large")]) from None
    _measure(tree)
    return tree, sorted(dict.fromkeys(_forbidden(tree)))


def _measure(tree: nodes.Template) -> None:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    for count, (node, depth) in enumerate(waiting):  # which grows
        if depth > MOST_DEPTH:
            raise Broken([(node.lineno, "is nested too deeply")])
        if count > MOST_NODES:
            raise Broken([(node.lineno, "is too long: it has too many parts")])
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]


def _forbidden(node: nodes.Node) -> Iterator[tuple[int, str]]:
    if not isinstance(node, _FORMS):
        name = type(node).__name__
        yield node.lineno, _WORDS.get(name, f"there is no `{name.lower()}` here")
        return
    yield from ((node.lineno, what) for what in _odd(node))
    for child in node.iter_child_nodes():
        yield from _forbidden(child)


def _plainly(error: TemplateSyntaxError) -> str:
    message = str(error.message or error)
    return message[:1].lower() + message[1:].rstrip(".")


def _odd(node: nodes.Node) -> Iterator[str]:
    """What is wrong with one node, whose form there is."""
    match node:
        case nodes.Filter():
            if node.node is None or node.dyn_args is not None or node.dyn_kwargs is not None:
                yield f"`{node.name}` is written {{{{ value | {node.name} }}}}"
            if node.name not in FILTERS:
                yield f"there is no filter `{node.name}`; there are {', '.join(sorted(FILTERS))}"
        case nodes.Test():
            if node.name not in TESTS:
                yield f"there is no test `{node.name}`; there are {', '.join(sorted(TESTS))}"
            if node.args or node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
                yield f"the test `{node.name}` takes nothing"
        case nodes.For():
            if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
                yield "a loop is written {% for item in list %}"
        case nodes.Name():
            if node.name.startswith("_") or node.name in ("self", "super", "caller"):
                yield f"'{node.name}' is no name of a value"
            if node.ctx != "load" and node.name == "loop":
                yield "'loop' is taken, it tells where a loop is"
        case nodes.Const():
            if isinstance(node.value, float) and not isfinite(node.value):
                yield "is a number that is too large"
        case nodes.Getattr():
            if node.attr.startswith("_"):
                yield f"'{node.attr}' is no name of a value"


@lru_cache(maxsize=256)
def _compiled(source: str, html: bool) -> Template:
    environment, (tree, faults) = _environment(html), read(source, html=html)
    if faults:
        raise Broken(faults)
    for loop in list(tree.find_all(nodes.For)):
        counted = nodes.Filter(loop.iter, "_listed", [], [], None, None, lineno=loop.lineno)
        loop.iter = counted.set_environment(environment)
    try:
        code = environment.compile(tree, filename=_FILE)
    except (TemplateError, SyntaxError, RecursionError, MemoryError):
        raise Broken([(1, "is nested too deeply")]) from None
    return environment.template_class.from_code(environment, code, {})


def fill(
    source: str, values: Mapping[str, Any], *, language: str, zone: tzinfo, html: bool = False
) -> tuple[str, frozenset[str]]:
    """A part filled in, and the addresses marked `untracked`. `values` is plain data. Raises Broken."""
    template = _compiled(source, html)
    rendering = _Rendering(language, zone)
    pieces: list[str] = []
    size = 0
    try:
        given = {name: _plain(value, name) for name, value in values.items() if value is not None}
        for piece in template.generate({**given, _HIDDEN: rendering}):
            size += len(piece)
            if size > MOST_OUTPUT:
                raise ValueError(f"becomes more than {MOST_OUTPUT} characters")
            pieces.append(piece)
    except _NotGiven as error:
        name = str(error.message)
        raise Broken([(_line(error), f"there is no value for '{name}'")], name) from None
    except (
        TemplateError,
        ValueError,
        TypeError,
        ArithmeticError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        raise Broken([(_line(error), str(error))]) from None
    return "".join(pieces), frozenset(rendering.untracked)


def _line(error: Exception) -> int:
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _plain(value: object, path: str, depth: int = 0) -> object:
    """A value as a template sees it: texts, numbers, lists and mappings; a null in a mapping is not there."""
    if depth > 8:
        raise ValueError(f"the value '{path}' is nested too deeply")
    if isinstance(value, str):
        return str.__str__(value)
    if value is None or isinstance(value, (bool, int, float, Decimal, date)):
        return value
    if isinstance(value, Mapping):
        found = _Data()
        found.path = path
        for key, one in value.items():
            if one is not None:
                found[str(key)] = _plain(one, f"{path}.{key}", depth + 1)
        return found
    if isinstance(value, (list, tuple)):
        return [_plain(one, f"{path}[{index}]", depth + 1) for index, one in enumerate(value)]
    raise ValueError(f"the value '{path}' is no plain data")
