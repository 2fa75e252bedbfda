"""The language of templates: the part of Jinja that can only print values, choose and list, and that ends soon whatever is written.

Only the forms of `_FORMS` and the filters of `FILTERS` exist. Nothing can be called, a dot looks into a mapping and nowhere else, and
lists, repetitions, sizes and depths are limited; so a template reaches neither Python nor anything it was not given. This module
imports Jinja: only who renders or checks imports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from functools import lru_cache
from math import isfinite
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes

from router.template_sandbox import FILTERS, HIDDEN, MOST_OUTPUT, TESTS, NotGiven, Rendering, environment, plain

MOST_NODES, MOST_DEPTH = 4_000, 40
MOST_SOURCE = 100_000
"""Characters of one part of a template."""
_FILE = "<template>"

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


class Broken(Exception):
    """A part of a template that cannot be rendered. `faults`: the line, from 1, and what is wrong, for each."""

    def __init__(self, faults: Sequence[tuple[int, str]], variable: str | None = None) -> None:
        super().__init__("; ".join(f"line {line}: {what}" for line, what in faults))
        self.faults = tuple(faults)
        self.variable = variable


def read(source: str, *, html: bool = False) -> tuple[nodes.Template, list[tuple[int, str]]]:
    """The tree of a part, and what may not be in it, by line. Raises Broken where it is no Jinja, or too large to look at."""
    if len(source) > MOST_SOURCE:
        raise Broken([(1, f"has {len(source)} characters; at most {MOST_SOURCE} are read")])
    try:
        tree = environment(html).parse(source)
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
    jinja, (tree, faults) = environment(html), read(source, html=html)
    if faults:
        raise Broken(faults)
    for loop in list(tree.find_all(nodes.For)):
        counted = nodes.Filter(loop.iter, "_listed", [], [], None, None, lineno=loop.lineno)
        loop.iter = counted.set_environment(jinja)
    try:
        code = jinja.compile(tree, filename=_FILE)
    except (TemplateError, SyntaxError, RecursionError, MemoryError):
        raise Broken([(1, "is nested too deeply")]) from None
    return jinja.template_class.from_code(jinja, code, {})


def fill(
    source: str, values: Mapping[str, Any], *, language: str, zone: tzinfo, html: bool = False
) -> tuple[str, frozenset[str]]:
    """A part filled in, and the addresses marked `untracked`. `values` is plain data. Raises Broken."""
    template = _compiled(source, html)
    rendering = Rendering(language, zone)
    pieces: list[str] = []
    size = 0
    try:
        given = {name: plain(value, name) for name, value in values.items() if value is not None}
        for piece in template.generate({**given, HIDDEN: rendering}):
            size += len(piece)
            if size > MOST_OUTPUT:
                raise ValueError(f"becomes more than {MOST_OUTPUT} characters")
            pieces.append(piece)
    except NotGiven as error:
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
