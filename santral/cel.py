"""Conditions as people write them: the Common Expression Language, parsed, type-checked and made a tree of `router.conditions`.

The grammar is cel-python's (https://github.com/cloud-custodian/cel-python); the types are of `santral.cel_types`, which comparison can
never be true says `santral.cel_never`. Runs when a configuration is loaded, never in a Lambda function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from router.config import Config
from santral.cel_arguments import answered, fits, written
from santral.cel_never import beside, compared, within
from santral.cel_parts import Found, Problem, Tree, as_said, counted, known_are, place_of, widened
from santral.cel_types import (
    BOOL,
    DOUBLE,
    GIVES,
    REMEMBER,
    STRING,
    Function,
    Type,
    Words,
    of_rules,
    wide,
)


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


MACROS = ("exists", "all", "exists_one")
_COMPARE = {
    "relation_eq": "==", "relation_ne": "!=", "relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">=",
}  # fmt: skip
_SUM = {"addition_add": "+", "addition_sub": "-"}
_PRODUCT = {"multiplication_mul": "*", "multiplication_div": "/", "multiplication_mod": "%"}
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

    def side(self, node: Any) -> Found:
        """A node that is judged by itself: its problem is kept, and it counts as a truth value."""
        try:
            return self.read(node)
        except Problem as problem:
            self.problems.append(problem)
            return Found(BOOL, ["const", True], (problem.line, problem.column))

    def read(self, node: Any) -> Found:
        """One node: its type, its tree, and where it begins."""
        children = node.children
        if node.data in _LEVELS and len(children) == 1:
            return self.read(children[0])
        read: Callable[[Any], Found] | None = getattr(self, f"_{node.data}", None)
        if read is None:
            raise Problem(
                *place_of(node),
                f"is not for conditions of {self.words.of}: write comparisons, texts, numbers and lists",
            )
        return read(node)

    # --- operators ------------------------------------------------------------------------------------------------

    def _expr(self, node: Any) -> Found:
        asked, yes, no = (self.read(child) for child in node.children)
        self._must(asked, "bool", "stands before ? and must be true or false")
        if yes.type.name != no.type.name:
            raise Problem(*no.at, f"is a {no.type}, and what stands before the : is a {yes.type}")
        return Found(wide(yes.type), ["if", asked.tree, yes.tree, no.tree], asked.at)

    def _conditionalor(self, node: Any) -> Found:
        return self._logic("or", "||", node)

    def _conditionaland(self, node: Any) -> Found:
        found = self._logic("and", "&&", node)
        beside(found.tree, place_of(node.children[1]))
        return found

    def _logic(self, name: str, sign: str, node: Any) -> Found:
        left, right = (self.side(child) for child in node.children)
        for side in (left, right):
            if side.type.name != "bool":
                self.problems.append(
                    Problem(*side.at, f"is a {side.type}; it stands beside {sign} and must be true or false")
                )
        return Found(BOOL, [name, left.tree, right.tree], left.at)

    def _relation(self, node: Any) -> Found:
        sign = node.children[0]
        left, right = self.read(sign.children[0]), self.read(node.children[1])
        if sign.data == "relation_in":
            return within(left, right)
        operator = _COMPARE[sign.data]
        left, right = widened(left, right), widened(right, left)
        if left.type.name != right.type.name or left.type.name in ("object", "list"):
            raise Problem(*left.at, f"compares a {left.type} with a {right.type}, which can never be equal")
        if operator not in ("==", "!=") and left.type.name == "bool":
            raise Problem(*left.at, f"true and false have no order: {operator} is for numbers, texts and times")
        compared(left, operator, right)
        return Found(BOOL, [operator, left.tree, right.tree], left.at)

    def _addition(self, node: Any) -> Found:
        return self._sum(_SUM, node)

    def _multiplication(self, node: Any) -> Found:
        return self._sum(_PRODUCT, node)

    def _sum(self, signs: Mapping[str, str], node: Any) -> Found:
        sign = signs[node.children[0].data]
        left, right = self.read(node.children[0].children[0]), self.read(node.children[1])
        left, right = widened(left, right), widened(right, left)
        gives = GIVES.get((sign, left.type.name, right.type.name))
        if gives is None:
            raise Problem(*left.at, f"there is no {left.type} {sign} {right.type}")
        if sign in "/%" and right.constant == 0:
            raise Problem(*right.at, "is a division by nought")
        return Found(gives, [sign, left.tree, right.tree], left.at)

    def _unary(self, node: Any) -> Found:
        sign, operand = node.children[0].data, self.read(node.children[1])
        if sign == "unary_not":
            self._must(operand, "bool", "stands after ! and must be true or false")
            return Found(BOOL, ["not", operand.tree], operand.at)
        if operand.type.name not in ("int", "double"):
            raise Problem(*operand.at, f"is a {operand.type}, and - is for numbers")
        value = operand.constant
        tree = ["negative", operand.tree] if value is None else ["const", -value]
        return Found(wide(operand.type), tree, operand.at)

    # --- names, fields and calls ----------------------------------------------------------------------------------

    def _ident(self, node: Any) -> Found:
        (token,) = node.children
        found = self.scope.get(token)
        if found is None:
            why = self.words.elsewhere.get(token)
            there = (
                f"there is no '{token}' here: {why}"
                if why
                else f"there is no '{token}'; {known_are(self.scope, token)}"
            )
            raise Problem(token.line, token.column, there)
        return Found(found, ["get", str(token)], (token.line, token.column))

    def _member_dot(self, node: Any) -> Found:
        owner, name = self.read(node.children[0]), node.children[1]
        if name in owner.type.asks:
            raise Problem(name.line, name.column, f"is asked, as in {owner.type.asks[name].example}")
        if name not in owner.type.fields:
            known = f"; {known_are(owner.type.fields, name)}" if owner.type.fields else f": it is a {owner.type}"
            raise Problem(name.line, name.column, f"{as_said(owner.tree)} has no '{name}'{known}")
        return Found(owner.type.fields[name], [*owner.tree, str(name)], owner.at)

    def _member_index(self, node: Any) -> Found:
        owner, index = self.read(node.children[0]), self.read(node.children[1])
        if owner.type.item is None or index.type.name != "int":
            raise Problem(*owner.at, "[ ] takes one item of a list by its number, from 0")
        return Found(owner.type.item, ["index", owner.tree, index.tree], owner.at)

    def _member_dot_arg(self, node: Any) -> Found:
        name, arguments = node.children[1], _arguments(node.children[2:])
        owner = self.read(node.children[0])
        if name in MACROS:
            return self._macro(owner, name, arguments)
        if owner.type.asks:
            return self._asked(owner, name, arguments)
        methods = self.words.methods
        if name not in methods:
            raise Problem(name.line, name.column, f"there is no .{name}(); {known_are([*methods, *MACROS], name)}")
        called = self._called(methods[name], name, [owner, *map(self.read, arguments)])
        if methods[name].takes[0] in REMEMBER:
            return called._replace(tree=[called.tree[0], ["get", "memory"], *called.tree[2:]])
        return called

    def _asked(self, owner: Found, name: Any, arguments: list[Any]) -> Found:
        """`contact.text("city")`: what only this name can be asked."""
        said = as_said(owner.tree)
        if name in owner.type.fields:
            raise Problem(name.line, name.column, f"takes no ( ): write {said}.{name}")
        asked = owner.type.asks.get(name)
        if asked is None:
            raise Problem(name.line, name.column, f"{said} has no {name}(); {known_are(owner.type.asks, name)}")
        if len(arguments) != len(asked.takes):
            what = f"{name}() takes {counted(len(asked.takes), 'argument')}, as in {asked.example}"
            raise Problem(name.line, name.column, what)
        values = answered(asked, name, map(self.read, arguments))
        gives = asked.gives if isinstance(asked.gives, Type) else asked.gives(*values)
        return Found(gives, ["ask", *owner.tree[1:], str(name), *values], owner.at)

    def _ident_arg(self, node: Any) -> Found:
        name, arguments = node.children[0], _arguments(node.children[1:])
        at = (name.line, name.column)
        if name == "has":
            return self._has(at, arguments)
        found = [self.read(argument) for argument in arguments]
        if name in ("duration", "timestamp") and len(found) == 1:
            return written(str(name), found[0])
        functions = self.words.functions
        if name not in functions:
            raise Problem(*at, f"there is no {name}(); {known_are([*functions, 'has', 'duration', 'timestamp'], name)}")
        called = self._called(functions[name], name, found)
        if name == "open":
            return called._replace(tree=["open", ["get", "clock"], found[0].tree])
        return called

    def _called(self, function: Function, name: Any, given: list[Found]) -> Found:
        if len(given) != len(function.takes):
            count = len(function.takes) - (0 if function is self.words.functions.get(name) else 1)
            raise Problem(name.line, name.column, f"{name}() takes {counted(count, 'argument')}")
        for wanted, found in zip(function.takes, given, strict=True):
            fits(str(name), wanted, found, self.hours)
            if found.tree == ["list"] and function.name == "mentions":
                raise Problem(name.line, name.column, "has no words: nothing is ever mentioned")
        return Found(function.gives, [function.name, *(found.tree for found in given)], given[0].at)

    def _macro(self, owner: Found, name: Any, arguments: list[Any]) -> Found:
        variable = self._variable(name, arguments)
        if owner.type.item is None:
            raise Problem(*owner.at, f"is a {owner.type}, and .{name}() is for lists")
        words = replace(self.words, names={**self.scope, variable: owner.type.item})
        inner = _Checker(words, self.hours, self.problems)
        condition = inner.read(arguments[1])
        inner._must(condition, "bool", "must be true or false")
        return Found(BOOL, [str(name), variable, owner.tree, condition.tree], owner.at)

    def _variable(self, name: Any, arguments: list[Any]) -> str:
        token = next(iter(arguments[0].scan_values(lambda _: True)), None) if len(arguments) == 2 else None
        if token is None or token.type != "IDENT":
            raise Problem(
                name.line, name.column, f'.{name}() takes a name and a condition, as in tags.{name}(t, t == "vip")'
            )
        if token in self.scope:
            raise Problem(token.line, token.column, f"'{token}' has a meaning already; take another name")
        return str(token)

    def _has(self, at: tuple[int, int], arguments: list[Any]) -> Found:
        found = self.read(arguments[0]) if len(arguments) == 1 else None
        if found is None or found.tree[0] != "get" or found.type.name not in ("string", "list"):
            raise Problem(*at, "has() takes one field that may be empty, such as has(contact.name)")
        return Found(BOOL, ["has", found.tree], at)

    # --- literals ---------------------------------------------------------------------------------------------------

    def _literal(self, node: Any) -> Found:
        (token,) = node.children
        at = (token.line, token.column)
        if token.type == "BOOL_LIT":
            return Found(BOOL, ["const", token == "true"], at)
        if token.type == "INT_LIT":
            value = int(token, 0)
            return Found(Type("int"), ["const", value], at)
        if token.type == "FLOAT_LIT":
            return Found(DOUBLE, ["const", float(token)], at)
        if token.type in ("STRING_LIT", "MLSTRING_LIT"):
            from celpy.evaluation import celstr

            return Found(STRING, ["const", str(celstr(token))], at)
        raise Problem(
            *at,
            f"'{token}' is not for conditions of {self.words.of}: everything has a value here, so null, bytes and uint are not needed",
        )

    def _list_lit(self, node: Any) -> Found:
        items = [self.read(item) for item in _arguments(node.children)]
        kinds = {item.type.name for item in items}
        if len(kinds) > 1:
            raise Problem(*items[0].at, f"a list holds one kind of thing, and this one {' and '.join(sorted(kinds))}")
        at = items[0].at if items else place_of(node)
        return Found(
            Type("list", item=wide(items[0].type) if items else STRING), ["list", *(item.tree for item in items)], at
        )

    def _must(self, found: Found, kind: str, what: str) -> None:
        if found.type.name != kind:
            raise Problem(*found.at, f"is a {found.type}; it {what}")


def _arguments(children: Iterable[Any]) -> list[Any]:
    return [argument for child in children for argument in child.children]
