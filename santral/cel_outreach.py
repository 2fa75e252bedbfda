"""What the conditions of segments, campaigns and branches may name and ask, with its types. `router.audience` fills the names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from router import zones
from router.audience import MOST_DAYS, NEVER_DAYS, STANDINGS
from router.campaigns import EVENT_TYPE, SURVEYS
from router.config import Config
from router.messages import ChannelName
from router.places import countries
from router.scores import RANGES, ScoreKind
from santral.cel_types import (
    BOOL,
    CALLS,
    COMMON,
    COUNT,
    DOUBLE,
    LANGUAGE,
    STRING,
    STRINGS,
    TIMESTAMP,
    Asked,
    Type,
    Words,
    group,
    one_of,
)

_PATH = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ELSEWHERE = {
    "event": "only a campaign that an event sets off has one",
    "conversation": "only a campaign that a conversation sets off has one; `history` tells of all others",
    "journey": "only the `when` of a step has one",
    "message": "only rules have one",
    "inbox": "only rules have one",
}


def words(
    config: Config, *, event: bool = False, conversation: bool = False, variants: Iterable[str] | None = None
) -> Words:
    """What a condition may say: of a segment without more, of a campaign by what sets it off, of a step with its campaign's variants."""
    names = dict(_everywhere())
    if event:
        names["event"] = _event()
    if conversation:
        names["conversation"] = _conversation(config)
    if variants is not None:
        names["journey"] = group(
            sent=COUNT, replied=BOOL, clicked=BOOL, variant=one_of(("", *variants)), score=Type("int", low=-1, high=10)
        )
    elsewhere = {name: why for name, why in _ELSEWHERE.items() if name not in names}
    return Words("outreach", names, COMMON, CALLS, elsewhere)


@cache
def _everywhere() -> dict[str, Type]:
    channels = one_of(ChannelName)
    standing, count_days = one_of(STANDINGS), Type("int", low=0, high=NEVER_DAYS)
    return {
        "contact": group(
            _values(_attribute, "city", "orders", "vip"),
            name=STRING, language=LANGUAGE, zone=one_of(("", *zones.names())), country=one_of(("", *countries())),
            channels=Type("list", item=channels), tags=STRINGS, birthday=STRING, age=Type("int", low=-1), since=TIMESTAMP,
            preferred=one_of(("", *ChannelName)),
        ),
        "consent": group({
            name: Asked((_channel,), standing, f'consent.{name}("email")') for name in ("marketing", "service")
        }),
        "history": group(
            {
                "lastScore": Asked((_survey,), _score, 'history.lastScore("csat")'),
                "eventsInDays": Asked((_event_type, _days), COUNT, 'history.eventsInDays("purchase.completed", 90)'),
                "daysSinceEvent": Asked((_event_type,), count_days, 'history.daysSinceEvent("purchase.completed")'),
                "sentInDays": Asked((_days,), COUNT, "history.sentInDays(30)"),
            },
            last_inbound=TIMESTAMP, last_outreach=TIMESTAMP, conversations=COUNT, open=BOOL, complaint=BOOL,
        ),
        "now": TIMESTAMP,
    }  # fmt: skip


def _event() -> Type:
    return group(_values(_path, "order.city", "order.total", "order.gift", of="event"), type=STRING)


def _values(
    judge: Callable[[Any], str | None], text: str, number: str, flag: str, of: str = "contact"
) -> dict[str, Asked]:
    """What is of a kind that nobody knows beforehand is asked for by the kind."""
    kinds = {"text": (text, STRING), "number": (number, DOUBLE), "flag": (flag, BOOL), "has": (text, BOOL)}
    return {name: Asked((judge,), gives, f'{of}.{name}("{example}")') for name, (example, gives) in kinds.items()}


def _conversation(config: Config) -> Type:
    return group(
        channel=one_of(ChannelName), queue=one_of(one.name for one in config.queues), category=STRING, tags=STRINGS,
        language=LANGUAGE, agent=one_of(("", *(one.name for one in config.agents))),
        inbox=one_of(one.name for one in config.inboxes),
    )  # fmt: skip


def _score(kind: str) -> Type:
    return Type("int", low=-1, high=RANGES[ScoreKind(kind)][1])


# --- what is asked for: each the sentence of what is wrong with it ---------------------------------------------------


def _attribute(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else 'wants the name of an attribute, such as "city"'


def _path(value: Any) -> str | None:
    if isinstance(value, str) and _PATH.fullmatch(value):
        return None
    return 'wants a path into the event\'s data, such as "order.number"'


def _channel(value: Any) -> str | None:
    return _one_of(value, ChannelName, "a channel")


def _survey(value: Any) -> str | None:
    return _one_of(value, SURVEYS, "a kind of score")


def _event_type(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(EVENT_TYPE, value):
        return None
    return 'wants an event\'s type with a dot in it, such as "purchase.completed"'


def _days(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_DAYS:
        return None
    return f"wants a number of days, from 1 to {MOST_DAYS}"


def _one_of(value: Any, known: Iterable[str], what: str) -> str | None:
    names = list(map(str, known))
    if value in names:
        return None
    near = difflib.get_close_matches(str(value), names, 1)
    return f"wants {what}: one of {', '.join(names)}" + (f"; did you mean '{near[0]}'?" if near else "")
