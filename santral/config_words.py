"""What is wrong with a field, in words for who writes the files, where the models' own are those of a programmer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from router.calendars import made
from router.campaigns import Clock, Did, Ends, EventType
from router.written import Language, Slug


def _pattern(kind: Any) -> str:
    (constraints,) = kind.__metadata__
    return str(constraints.pattern)


_EVENT = "an event's type with a dot in it, such as purchase.completed"
_AT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d$"
PATTERNS: Mapping[str, str] = {
    _pattern(Language): "must be a language tag such as tr or en-GB",
    _pattern(Slug): "must be small letters, digits and -, at most 40",
    _pattern(EventType): f"must be {_EVENT}",
    _pattern(Did): f"must be reply, click, or {_EVENT}",
    _pattern(Ends): f"must be reply, complaint, click, or {_EVENT}",
    _pattern(Clock): "must be a time such as 10:00",
    _AT: 'must be a time such as "2027-02-03T10:00", in quotes',
    r"^([01]\d|2[0-3]):([0-5]\d)$": "must be a time such as 13:00",
    r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$": (
        "must be a day of the week such as sat, or several such as mon-fri"
    ),
    r"^\d{4}-\d{2}-\d{2}$": "must be a day such as 2027-02-03",
    r"^(\d{4}-)?\d{2}-\d{2}$": "must be a day such as 2027-02-03, or 02-03 for every year",
    r"^(\d+(\.\d+)? ?[smh]( wall clock)?|end of day( before ([01]\d|2[0-3]):[0-5]\d)?)$": (
        "must be a length of time such as 30m, 4h or 2h wall clock, or end of day"
    ),
    r"^[A-Z0-9]{2,12}$": "must be 2 to 12 capital letters and digits",
    r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$": "must be a path such as order.number",
    r"^[a-z_][a-zA-Z0-9_]*$": "must be a name such as order_number: letters, digits and _",
    r"^[^\s@<>,;:\"()]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$": "must be an e-mail address",
    r"^[A-Z]{3}$": "must be three capital letters such as TRY",
    r"^[A-Z]{2}$": "must be two capital letters such as TR",
    r"^(not\s+)?([a-z0-9][a-z0-9-]{0,39})(?:\s*>=\s*([1-5]))?$": "must be a skill such as billing, billing>=3 or not trainee",
    r"^(https://[^\s/@?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?)([/?][^\s#]*)?$": (
        "must be an address that begins with https://"
    ),
    r"^(\*|[a-z]+\.(\*|[a-z_]+))$": "must be *, or a kind of event such as conversation.* or message.received",
}
"""By the pattern that was not matched."""
_MISSING: Mapping[tuple[str, str], str] = {
    ("Campaign", "starts"): "write what sets it off, such as starts: {event: purchase.completed}",
    ("Campaign", "steps"): "write what it does, such as steps: [{send: a-template}]",
    ("Campaign", "zone"): "write zone: Europe/Istanbul, or recipient",
    ("Campaign", "within"): "write how long at most, such as within: 3d",
    ("Campaign", "of"): "write of: reply, click, or an event's type",
    ("Campaign", "template"): "write which text it is",
    ("Template", "purpose"): "write purpose: transactional, service or marketing",
    ("Calendar", "zone"): "write zone: Europe/Istanbul",
    ("Scenario", "config"): "write a directory such as config: ../config, or its sections",
    ("Scenario", "traffic"): "write who writes, such as traffic: [{name: mail, channel: email, ...}]",
    ("Stream", "per_hour"): "write how many conversations an hour there are",
    ("Stream", "handling"): "write how long one takes in minutes, such as handling: {exponential: 8}",
}
"""What to write, by the section's model and the field."""


_NO_TEXT = "must be a text"


def plainly(model: type[BaseModel], detail: Any) -> str:
    """A finding of the model, for an item of this section."""
    kind, own = str(detail["type"]), str(detail["msg"]).removeprefix("Value error, ")
    if kind == "extra_forbidden":
        known = ", ".join(name for name in model.model_fields if name not in made(model))
        return f"is not known here; known are {known}" if len(detail["loc"]) == 1 else "is not known here"
    if kind == "missing":
        hint = _MISSING.get((model.__name__, str(detail["loc"][-1])))
        return f"is missing; {hint}" if hint else "is missing"
    if kind == "string_type":
        return _no_text(detail.get("input"))
    if kind == "string_pattern_mismatch":
        return _unlike(str(detail["ctx"]["pattern"]), detail.get("input"), own)
    said = _SAID.get(kind)
    return own if said is None else said(detail)


def either(words: list[str]) -> list[str]:
    """What is said of one field: of one that may be written in several ways, one sentence."""
    if len(words) < 2 or not all(one in (_MAPPING({}), _LIST({}), _NO_TEXT) for one in words):
        return words
    return [" or ".join([words[0], *(one.removeprefix("must be ") for one in words[1:])])]


def _no_text(value: Any) -> str:
    if isinstance(value, bool):
        return "must be a text; YAML reads this word as true or false: write it in quotes"
    if isinstance(value, int | float):
        return "must be a text; YAML reads this as a number (10:00 too): write it in quotes"
    return _NO_TEXT


def _unlike(pattern: str, value: Any, own: str) -> str:
    """What a text must be; a time that is written in another way is told in the right one."""
    if pattern == _AT:
        try:
            meant = datetime.fromisoformat(str(value))
        except ValueError:
            return PATTERNS[pattern]
        return f'must be written with a T, without seconds or a zone: write "{meant:%Y-%m-%dT%H:%M}", in quotes'
    return PATTERNS.get(pattern, own)


def _short(detail: Any) -> str:
    least, named = detail["ctx"]["min_length"], str(detail["loc"][-1] if detail["loc"] else "")
    thing = named.removesuffix("s") if named in ("steps", "events") else "item"
    return f"needs at least one {thing}" if least == 1 else f"needs at least {least} {thing}s"


def _letters(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"


def _number(value: Any) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _always(text: str) -> Callable[[Any], str]:
    return lambda _detail: text


_MAPPING, _LIST = _always("must be a mapping"), _always("must be a list")
_WHOLE, _ANY = _always("must be a whole number"), _always("must be a number")
_TRUTH = _always("must be true or false")
_DAY = _always("must be a day such as 2027-02-03")
_SAID: Mapping[str, Callable[[Any], str]] = {
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_type": _MAPPING,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _ANY,
    "float_parsing": _ANY,
    "finite_number": _ANY,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "literal_error": lambda one: f"must be {_choice(one)}",
    "enum": lambda one: f"must be {_choice(one)}",
    "too_short": _short,
    "too_long": lambda one: f"has more than {one['ctx']['max_length']}",
    "string_too_short": lambda one: (
        "must not be empty"
        if one["ctx"]["min_length"] == 1
        else f"must have at least {_letters(one['ctx']['min_length'])}"
    ),
    "string_too_long": lambda one: f"must have at most {_letters(one['ctx']['max_length'])}",
    "less_than_equal": lambda one: f"must be at most {_number(one['ctx']['le'])}",
    "less_than": lambda one: f"must be less than {_number(one['ctx']['lt'])}",
    "greater_than_equal": lambda one: f"must be at least {_number(one['ctx']['ge'])}",
    "greater_than": lambda one: f"must be more than {_number(one['ctx']['gt'])}",
}
"""By the kind of the finding."""


def _choice(detail: Any) -> str:
    expected = str(detail["ctx"]["expected"]).replace("'", "")
    return {"True": "true", "False": "false"}.get(expected, expected)
