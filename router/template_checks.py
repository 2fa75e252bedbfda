"""What is wrong with a template, all of it at once and before anybody is written to: its syntax, its values, what it lacks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from jinja2 import nodes

from router.paths import value_at
from router.template_engine import Broken, read
from router.templates import GIVEN, PLACE, Approved, Part, Template, Unrenderable, parts, render_in

_UNQUOTED = re.compile(r"<[^<>]*\s[\w-]+=\{\{")
_ANY = object()
"""An example that is not known: nothing is said of what is in it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong. `field` is a path in the template, `line` counts from 1 in the text there."""

    field: str
    line: int | None
    what: str

    def __str__(self) -> str:
        return f"{self.field}{'' if self.line is None else f', line {self.line}'}: {self.what}"


def check(template: Template, *, channels: Collection[str] = (), languages: Collection[str] = ()) -> list[Flaw]:
    """Everything that is wrong with it, by its own examples (`needs`), with and without what is optional.

    `channels` and `languages`: those that a campaign writes in, each of which must be there; nothing is asked where there are none.
    """
    return [
        *_optional(template),
        *_lacking(template, channels, languages),
        *(flaw for channel, language in template.texts for flaw in _text(template, channel, language)),
    ]


def _optional(template: Template) -> Iterator[Flaw]:
    for name in sorted(set(GIVEN) & set(template.needs)):
        yield Flaw(f"needs.{name}", None, "is always given; leave it out")
    for name in template.needs:
        if not name.isidentifier() or name.startswith("_") or name in ("loop", "self", "super", "caller"):
            yield Flaw(f"needs.{name}", None, "is no name of a value; write letters, digits and _")
    for index, path in enumerate(template.optional):
        if value_at(path, template.needs) is None:
            yield Flaw(f"optional[{index}]", None, f"'{path}' is not in `needs`")


def _lacking(template: Template, channels: Collection[str], languages: Collection[str]) -> Iterator[Flaw]:
    for channel in channels:
        texts: Mapping[str, Any] = getattr(template.channels, channel, {})
        if not texts:
            yield Flaw(f"channels.{channel}", None, "there is no text for this channel")
        for language in languages if texts else ():
            if not {language, language.partition("-")[0]} & set(texts):
                yield Flaw(f"channels.{channel}", None, f"there is no text in '{language}'")


def _text(template: Template, channel: str, language: str) -> Iterator[Flaw]:
    """One text: each part by itself, and if nothing is wrong with any, filled in with the examples."""
    field = f"channels.{channel}.{language}"
    found = [
        Flaw(field if part.name == "text" and channel != "email" else f"{field}.{part.name}", line, what)
        for part in parts(template, channel, language)
        for line, what in _part(template, part)
    ]
    written = getattr(template.channels, channel)[language]
    if isinstance(written, Approved):
        found += [Flaw(f"{field}.parameters", None, what) for what in _parameters(written)]
    if channel == "email" and template.purpose == "marketing":
        for part in parts(template, channel, language)[1:]:
            if not re.search(r"\{\{[^}]*\bunsubscribe\b", part.source):
                what = "a marketing mail without a way out; write {{ unsubscribe }} where the link belongs"
                found.append(Flaw(f"{field}.{part.name}", None, what))
    yield from found or _filled(template, channel, language)


def _filled(template: Template, channel: str, language: str) -> Iterator[Flaw]:
    """What rendering itself says: with all values, and with each optional one missing and then all of them."""
    without = [(), *((path,) for path in template.optional), tuple(template.optional)]
    told: set[str] = set()
    for paths in dict.fromkeys(without):
        values = {**GIVEN, **_less(template.needs, paths)}
        try:
            render_in(template, channel, language, values, zone=UTC)
        except Unrenderable as error:
            what = error.what
            if error.variable is not None and paths:
                what = f"'{error.variable}' is optional: write {{{{ {error.variable} | default(\"...\") }}}} or ask whether it `is defined`"
            if what not in told:
                told.add(what)
                part = "" if error.part == "text" and channel != "email" else f".{error.part}"
                yield Flaw(f"channels.{channel}.{language}{part}", error.line, what)


def _less(needs: Mapping[str, Any], paths: Collection[str]) -> dict[str, Any]:
    """The examples without these."""
    firsts = {path for path in paths if "." not in path}
    deeper = {name: [p.partition(".")[2] for p in paths if p.partition(".")[0] == name and "." in p] for name in needs}
    return {
        name: _less(value, deeper[name]) if isinstance(value, Mapping) else value
        for name, value in needs.items()
        if name not in firsts
    }


def _parameters(written: Approved) -> Iterator[str]:
    """Whether the parameters are those of the approved body."""
    numbers = sorted({int(found) for found in PLACE.findall(written.body)})
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"the body's variables are {', '.join(f'{{{{{n}}}}}' for n in numbers)}; they count from {{{{1}}}} without a gap"
    elif len(numbers) != len(written.parameters):
        yield f"the body has {len(numbers)} variables, and here are {len(written.parameters)}"


# --- names ----------------------------------------------------------------------------------------------------------


def _part(template: Template, part: Part) -> Iterator[tuple[int, str]]:
    """What can be told without filling it in, by line."""
    if part.html:
        for found in _UNQUOTED.finditer(part.source):
            line = part.source.count("\n", 0, found.end()) + 1
            yield line, 'an attribute without quotes around its value; write ="{{ ... }}"'
    try:
        tree, faults = read(part.source, html=part.html)
    except Broken as error:
        yield from error.faults
        return
    yield from sorted({*faults, *_names(tree, {**GIVEN, **template.needs})})


def _names(node: nodes.Node, scope: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Values that are used and not declared. A loop's name stands for the first item of its list's example."""
    if isinstance(node, nodes.For):
        yield from _names(node.iter, scope)
        items = _example(node.iter, scope)
        item = items[0] if isinstance(items, (list, tuple)) and items else _ANY
        inner = {**scope, node.target.name: item, "loop": _ANY} if isinstance(node.target, nodes.Name) else scope
        for child in node.body:
            yield from _names(child, inner)
        for child in node.else_:
            yield from _names(child, scope)
        return
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in scope:
        yield node.lineno, f"'{node.name}' is not in `needs`{_like(node.name, scope)}"
    if isinstance(node, nodes.Getattr):
        holder = _example(node.node, scope)
        if isinstance(holder, Mapping) and node.attr not in holder:
            path = _path(node)
            yield node.lineno, f"'{path}' is not in `needs`{_like(node.attr, holder)}"
    for child in node.iter_child_nodes():
        yield from _names(child, scope)


def _example(node: nodes.Node, scope: Mapping[str, Any]) -> Any:
    """The example of what stands there; `_ANY` for what is worked out."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name, _ANY)
    if isinstance(node, nodes.Getattr):
        holder = _example(node.node, scope)
        return holder.get(node.attr, _ANY) if isinstance(holder, Mapping) else _ANY
    if isinstance(node, nodes.Getitem):
        holder = _example(node.node, scope)
        return holder[0] if isinstance(holder, list) and holder else _ANY
    return _ANY


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    if isinstance(node, nodes.Getitem):
        return f"{_path(node.node)}[...]"
    return node.name if isinstance(node, nodes.Name) else "..."


def _like(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), 1)
    return f"; is '{close[0]}' meant?" if close else ""
