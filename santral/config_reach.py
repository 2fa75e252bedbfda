"""What can be said of a condition without a message: that it is constant, holds whenever another one does, or never for an inbox.

Sound and incomplete: what these functions say is so; where they say nothing, nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from channels import registry
from router.conditions import Failed, compiled
from router.config import Config, Inbox, Rule
from router.visits import MESSAGES, VISITS

Tree = list[Any]
Known = Mapping[tuple[str, ...], Any]
"""Fields whose values are given, by path: ("message", "channel")."""

ALWAYS: Tree = ["const", True]
NEVER: Tree = ["const", False]
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_BOUNDS: dict[Any, tuple[float, float]] = {
    "hour": (0, 23), "minute": (0, 59), "weekday": (0, 6), "day": (1, 31), "month": (0, 11), "size": (0, float("inf")),
    "messages": (1, MESSAGES + 1), "contacts": (1, VISITS + 1),
    ("message", "files"): (0, float("inf")), ("conversation", "number"): (1, float("inf")),
}  # fmt: skip


def condition(rule: Rule, known: Known | None = None) -> Tree:
    """A rule's condition in its plain form: what is fixed is worked out, and the same parts stand in the same order."""
    return ALWAYS if rule.when is None else plain(rule.checked, known or {})


def arrives_by(inbox: Inbox) -> tuple[str, ...]:
    """The channels that a message to an inbox may come by, the likeliest first: Twilio carries SMS, and WhatsApp as well."""
    if inbox.channel not in registry.names():
        return (inbox.channel,)
    carrier = registry.get(inbox.channel)
    return (str(carrier.channel), *sorted(str(one) for one in carrier.limits if one != carrier.channel))


def from_inbox(inbox: Inbox, channel: str) -> Known:
    """What is given about each message that comes to an inbox by a channel."""
    return {
        ("message", "channel"): channel,
        ("inbox", "name"): inbox.name,
        ("inbox", "queue"): inbox.queue,
        ("inbox", "brand"): inbox.brand,
        ("inbox", "language"): inbox.language,
    }


def senders(config: Config, queue: str) -> list[tuple[Inbox, str, Rule | None]]:
    """From which inboxes and by which channel a conversation may come to a queue: by itself (None), or by a rule that may hold."""
    found: list[tuple[Inbox, str, Rule | None]] = []
    found += [(inbox, arrives_by(inbox)[0], None) for inbox in config.inboxes if inbox.queue == queue]
    for inbox in config.inboxes:
        for rule in (rule for rule in config.rules if rule.queue == queue):
            held = (one for one in arrives_by(inbox) if condition(rule, from_inbox(inbox, one)) != NEVER)
            found += [(inbox, channel, rule) for channel in islice(held, 1)]
    return found


def plain(tree: Iterable[Any], known: Known) -> Tree:
    """The plain form of a checked tree. `and` and `or` take any number of parts here."""
    name, *rest = tree
    if name == "get":
        return ["const", known[tuple(rest)]] if tuple(rest) in known else ["get", *rest]
    if name in ("const", "timestamp", "duration", "ask"):
        return [name, *rest]
    if name in ("and", "or"):
        return _joined(name, [plain(part, known) for part in rest])
    if name == "not":
        return _negated(plain(rest[0], known))
    if name == "if":
        asked, yes, no = (plain(part, known) for part in rest)
        return yes if asked == ALWAYS else no if asked == NEVER else ["if", asked, yes, no]
    if name in ("all", "exists", "exists_one"):
        items = plain(rest[1], known)
        return ["const", name == "all"] if items == ["list"] else [name, rest[0], items, plain(rest[2], known)]
    return _worked_out([name, *(plain(part, known) for part in rest)])


def implies(one: Tree, other: Tree) -> bool:
    """Does the other hold whenever the one does? Both in plain form."""
    if one in (other, NEVER) or other == ALWAYS:
        return True
    if one[0] == "or":
        return all(implies(part, other) for part in one[1:])
    if other[0] == "and":
        return all(implies(one, part) for part in other[1:])
    if one[0] == "and" and any(implies(part, other) for part in one[1:]):
        return True
    if other[0] == "or":
        return any(implies(one, part) for part in other[1:])
    return _atom_implies(one, other)


def _joined(name: str, parts: list[Tree]) -> Tree:
    settled, void = (ALWAYS, NEVER) if name == "or" else (NEVER, ALWAYS)
    flat = [inner for part in parts for inner in (part[1:] if part[0] == name else [part])]
    unique = {_key(part): part for part in flat if part != void}
    if settled in unique.values() or any(_key(_negated(part)) in unique for part in unique.values()):
        return settled
    kept = [unique[key] for key in sorted(unique)]
    return void if not kept else kept[0] if len(kept) == 1 else [name, *kept]


def _negated(tree: Tree) -> Tree:
    name = tree[0]
    if name == "const":
        return ["const", not tree[1]]
    if name == "not":
        return tree[1]  # type: ignore[no-any-return]
    if name in _OPPOSITE:
        return [_OPPOSITE[name], *tree[1:]]
    if name in ("and", "or"):
        return _joined("or" if name == "and" else "and", [_negated(part) for part in tree[1:]])
    return ["not", tree]


def _worked_out(tree: Tree) -> Tree:
    """A call or a comparison: its value where all of it is written out, else with what is written out on the right."""
    name, *parts = tree
    if name not in ("list", "mentions", "open") and all(map(_fixed, parts)):
        try:
            value = compiled(tree)({})
        except Failed:
            return tree
        return ["const", value] if isinstance(value, bool | int | float | str) else tree
    if name in _OPPOSITE and parts[0][0] == "const":
        tree = [_TURNED.get(name, name), parts[1], parts[0]]
    return _bounded(tree)


def _fixed(tree: Tree) -> bool:
    return tree[0] in ("const", "timestamp", "duration") or (tree[0] == "list" and all(map(_fixed, tree[1:])))


def _bounded(tree: Tree) -> Tree:
    """A comparison of what has bounds with a number beyond them."""
    if tree[0] not in _OPPOSITE or tree[2][0] != "const" or isinstance(tree[2][1], bool | str):
        return tree
    bounds = _BOUNDS.get(tuple(tree[1][1:]) if tree[1][0] == "get" else tree[1][0])
    if bounds is None:
        return tree
    at_ends = {_holds(tree[0], end, tree[2][1]) for end in bounds}
    if tree[0] in ("==", "!="):
        return tree if bounds[0] <= tree[2][1] <= bounds[1] else ["const", tree[0] == "!="]
    return tree if len(at_ends) > 1 else ["const", at_ends.pop()]


def _holds(operator: str, left: Any, right: Any) -> bool:
    return bool(compiled([operator, ["const", left], ["const", right]])({}))


def _atom_implies(one: Tree, other: Tree) -> bool:
    if len(one) < 2 or len(other) < 2 or one[1] != other[1]:
        return False
    mine, theirs = _choices(one), _choices(other)
    if mine is not None and theirs is not None:
        return mine <= theirs
    if mine is not None and other[0] in _OPPOSITE and other[2][0] == "const":
        return all(_holds(other[0], value, other[2][1]) for value in mine)
    if one[0] == other[0] == "mentions":
        return all(map(_fixed, (one[2], other[2]))) and _values(one[2]) <= _values(other[2])
    return _further(one, other)


def _further(one: Tree, other: Tree) -> bool:
    """`x >= 5` says `x >= 3`."""
    ways = ({">", ">="}, {"<", "<="})
    if not any({one[0], other[0]} <= way for way in ways) or one[2][0] != "const" or other[2][0] != "const":
        return False
    mine, theirs = one[2][1], other[2][1]
    if mine == theirs:
        return len(one[0]) <= len(other[0])  # > says >=
    return bool(mine > theirs) is (one[0] in (">", ">="))


def _choices(tree: Tree) -> frozenset[Any] | None:
    """What the field must be one of."""
    if tree[0] == "==" and tree[2][0] == "const":
        return frozenset((tree[2][1],))
    if tree[0] == "in" and tree[2][0] == "list" and _fixed(tree[2]):
        return _values(tree[2])
    return None


def _values(tree: Tree) -> frozenset[Any]:
    return frozenset(part[1] for part in tree[1:])


def _key(tree: Tree) -> str:
    return json.dumps(tree, sort_keys=True, default=str)
