"""What a condition may name and call, with its types: a table that `santral.cel` checks a condition by.

Types are our own, because only they know that a channel is one of seven and an hour less than 24. `router.facts` fills the names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from router.config import Config
from router.facts import small_tag
from router.messages import ChannelName, Kind, Proof
from router.visits import MESSAGES, VISITS


@dataclass(frozen=True)
class Type:
    """What a part of a condition is. `values` are all it can be, `low` and `high` the bounds of a number.

    `small`: how a text of it is written in small letters, where it always is. `asks`: what only it can be asked.
    """

    name: str
    item: Type | None = None
    values: frozenset[str] | None = None
    low: int | None = None
    high: int | None = None
    small: Callable[[str], str] | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)
    asks: Mapping[str, Asked] = field(default_factory=dict)

    @property
    def spec(self) -> str:
        """Its name in a function's signature."""
        return f"list of {self.item.spec}" if self.item is not None else self.name

    def __str__(self) -> str:
        return f"list ({self.item})" if self.item is not None else _PLAINLY.get(self.name, self.name)


@dataclass(frozen=True)
class Asked:
    """`contact.text("city")`: a question to one group of fields. `takes` judges each argument, which is written out.

    Such a judge gives the sentence of what is wrong with a value, or None. `gives` may go by the arguments.
    """

    takes: tuple[Callable[[Any], str | None], ...]
    gives: Type | Callable[..., Type]
    example: str


_PLAINLY = {
    "int": "whole number",
    "double": "decimal number",
    "string": "text",
    "bool": "truth value",
    "object": "group of fields",
}


BOOL, INT, DOUBLE, STRING = Type("bool"), Type("int"), Type("double"), Type("string")
TIMESTAMP, DURATION = Type("timestamp"), Type("duration")
COUNT = Type("int", low=0)
STRINGS = Type("list", item=STRING)
DOMAIN = Type("string", small=str.lower)
LANGUAGE = Type("string", small=small_tag)


def one_of(values: Iterable[str]) -> Type:
    """A text out of a few."""
    return Type("string", values=frozenset(map(str, values)))


def group(asks: Mapping[str, Asked] | None = None, **fields: Type) -> Type:
    """A name with fields, and what it can be asked."""
    return Type("object", fields=fields, asks=asks or {})


def names(config: Config) -> dict[str, Type]:
    """What a condition may name, with the configuration's own inboxes and queues as values. `router.facts` fills it."""
    channels = one_of(ChannelName)
    return {
        "message": group(
            channel=channels, kind=one_of(Kind), text=STRING, subject=STRING, language=LANGUAGE, payload=STRING, files=COUNT,
            automatic=BOOL, proof=one_of(Proof), sender=group(address=STRING, name=STRING, domain=DOMAIN),
        ),
        "contact": group(known=BOOL, name=STRING, language=LANGUAGE, channels=Type("list", item=channels), since=TIMESTAMP),
        "conversation": group(number=Type("int", low=1), reopened=BOOL, tags_before=STRINGS, category_before=STRING),
        "inbox": group(
            name=one_of(inbox.name for inbox in config.inboxes), queue=one_of(queue.name for queue in config.queues),
            brand=one_of(inbox.brand for inbox in config.inboxes), language=LANGUAGE,
        ),
        "now": TIMESTAMP,
    }  # fmt: skip


@dataclass(frozen=True)
class Function:
    """`text.startsWith("a")` or `size(list)`: the types it takes, what it gives, and its name in a tree."""

    takes: tuple[str, ...]
    gives: Type
    name: str


COMMON: dict[str, Function] = {
    "contains": Function(("string", "string"), BOOL, "contains"),
    "startsWith": Function(("string", "string"), BOOL, "startsWith"),
    "endsWith": Function(("string", "string"), BOOL, "endsWith"),
    "lowerAscii": Function(("string",), STRING, "lower"),
    "size": Function(("sized",), COUNT, "size"),
    "getHours": Function(("timestamp", "zone"), Type("int", low=0, high=23), "hour"),
    "getMinutes": Function(("timestamp", "zone"), Type("int", low=0, high=59), "minute"),
    "getDayOfWeek": Function(("timestamp", "zone"), Type("int", low=0, high=6), "weekday"),
    "getDate": Function(("timestamp", "zone"), Type("int", low=1, high=31), "day"),
    "getMonth": Function(("timestamp", "zone"), Type("int", low=0, high=11), "month"),
    "getFullYear": Function(("timestamp", "zone"), Type("int", low=1970), "year"),
}
"""Methods of every condition."""
METHODS: dict[str, Function] = {
    **COMMON,
    "mentions": Function(("string", "list of string"), BOOL, "mentions"),
    "messagesInHours": Function(("contact", "hours up to 720"), Type("int", low=1, high=MESSAGES + 1), "messages"),
    "contactsInDays": Function(
        ("conversation", "tag", "days up to 366"), Type("int", low=1, high=VISITS + 1), "contacts"
    ),
}
CALLS: dict[str, Function] = {
    "size": Function(("sized",), COUNT, "size"),
    "int": Function(("string",), INT, "int"),
    "string": Function(("int",), STRING, "string"),
    "domain": Function(("string",), DOMAIN, "domain"),
}
"""Functions of every condition."""
FUNCTIONS: dict[str, Function] = {**CALLS, "open": Function(("hours",), BOOL, "open")}
REMEMBER = {"contact": "24", "conversation": '"complaint", 30'}
"""What is asked of these names is answered from what is remembered of the contact; with an example."""


@dataclass(frozen=True)
class Words:
    """What the conditions of one kind may name and call. `of` says whose they are; `elsewhere` where a name is that others have."""

    of: str
    names: Mapping[str, Type]
    methods: Mapping[str, Function]
    functions: Mapping[str, Function]
    elsewhere: Mapping[str, str] = field(default_factory=dict)


def of_rules(config: Config) -> Words:
    """What rules may say."""
    return Words("rules", names(config), METHODS, FUNCTIONS)


GIVES: dict[tuple[str, str, str], Type] = {
    ("+", "timestamp", "duration"): TIMESTAMP, ("+", "duration", "timestamp"): TIMESTAMP, ("-", "timestamp", "duration"): TIMESTAMP,
    ("-", "timestamp", "timestamp"): DURATION, ("+", "duration", "duration"): DURATION, ("-", "duration", "duration"): DURATION,
    ("+", "string", "string"): STRING,
    **{(sign, kind.name, kind.name): kind for sign in "+-*/" for kind in (INT, DOUBLE)}, ("%", "int", "int"): INT,
}  # fmt: skip


def taken(wanted: str) -> str:
    of, _, item = wanted.partition(" of ")
    return f"list ({_PLAINLY.get(item, item)})" if item else _PLAINLY.get(of, of)


def wide(kind: Type) -> Type:
    """A kind without what was known of its values."""
    return replace(kind, values=None, low=None, high=None, small=None)
