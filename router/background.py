"""What was known, besides a message and the configuration, when rules judged it: kept with what they said, so that they judge again.

The record outlives the message and has nothing to erase: times, counts and our own words only, and of these no more than some rule
of that version asks for. Personal values are references: the message by its id, the contact's name by the contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from typing import Any

from router.config import Config, Rule
from router.grounds import nodes
from router.messages import Message
from router.records import Known
from router.times import from_ms, to_ms
from router.visits import Visit, earlier, seconds


@dataclass(frozen=True, slots=True)
class Background:
    """Who wrote, and what was before. `name` alone is personal; `since` is when we first met, None of whom we did not know."""

    name: str = ""
    language: str = ""
    known: bool = False
    channels: tuple[str, ...] = ()
    since: datetime | None = None
    number: int = 1
    reopened: bool = False
    tags_before: tuple[str, ...] = ()
    category_before: str = ""
    heard: tuple[int, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rules of a version look at: facts by their dotted names, how far back messages, which words and how far back visits."""

    facts: frozenset[str]
    hours: int
    words: frozenset[str]
    days: int


def background_of(message: Message, known: Known, *, reopened: bool = False) -> Background:
    """What is known when a message begins a conversation, or reopens the one that is known."""
    contact, before = known.contact, known.conversation
    found = Background(reopened=reopened)
    if contact is not None:
        channels = tuple(dict.fromkeys(str(one.channel) for one in contact.identities))
        found = Background(
            contact.name or "", contact.language or "", True, channels, contact.first_seen_at, reopened=reopened
        )
    if before is None:
        return found
    return replace(
        found,
        number=before.number + (not reopened),
        tags_before=before.tags,
        category_before=before.category or "",
        heard=before.heard,
        visits=earlier(before, message),
    )


def kept(background: Background, message: Message, config: Config) -> dict[str, Any]:
    """It as plain data, without the name and without what the message's rules cannot look at; mostly some 20 bytes."""
    wanted, now = wanted_by(config), seconds(message.occurred_at)
    heard = [at for at in background.heard if now - wanted.hours * 3600 < at <= now]
    visits = [
        (visit.at, words)
        for visit in background.visits
        if now - wanted.days * 86400 < visit.at <= now
        and (words := sorted(wanted.words.intersection(visit.about or ())))
    ]
    by_fact = {
        "contact.channels": ("ch", list(background.channels)),
        "contact.since": ("s", None if background.since is None else to_ms(background.since)),
        "conversation.number": ("n", background.number if background.number != 1 else None),
        "conversation.tags_before": ("t", list(background.tags_before)),
        "conversation.category_before": ("c", background.category_before),
        "contact.name": ("nn", int(background.known and not background.name)),
    }
    found: dict[str, Any] = {
        "k": int(background.known), "l": background.language, "r": int(background.reopened),
        "h": _gaps(heard), "v": [[gap, *words] for gap, (_, words) in zip(_gaps([at for at, _ in visits]), visits, strict=True)],
        **dict(value for fact, value in by_fact.items() if fact in wanted.facts),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def again(data: Mapping[str, Any], name: str) -> Background:
    """A background that was kept, with the name that was not."""
    visits = data.get("v", ())
    return Background(
        name=name if data.get("k") and not data.get("nn") else "",
        language=data.get("l", ""),
        known=bool(data.get("k")),
        channels=tuple(data.get("ch", ())),
        since=from_ms(data["s"]) if "s" in data else None,
        number=data.get("n", 1),
        reopened=bool(data.get("r")),
        tags_before=tuple(data.get("t", ())),
        category_before=data.get("c", ""),
        heard=tuple(accumulate(data.get("h", ()))),
        visits=tuple(
            Visit(at, tuple(words))
            for at, (_, *words) in zip(accumulate(visit[0] for visit in visits), visits, strict=True)
        ),
    )


_last: tuple[tuple[Rule, ...], Wanted] = ((), Wanted(frozenset(), 0, frozenset(), 0))


def wanted_by(config: Config) -> Wanted:
    """What the rules of a version look at; found out once for the version in force."""
    global _last
    if _last[0] is not config.rules:
        _last = config.rules, _wanted(config.rules)
    return _last[1]


def _wanted(rules: tuple[Rule, ...]) -> Wanted:
    facts, words, hours, days = set(), set(), [0], [0]
    for node in (node for rule in rules if rule.checked is not None for node in nodes(rule.checked)):
        if node[0] == "get":
            facts.add(".".join(node[1:]))
        elif node[0] == "messages":
            hours.append(node[2][1])
        elif node[0] == "contacts":
            words.add(node[2][1])
            days.append(node[3][1])
    return Wanted(frozenset(facts), max(hours), frozenset(words), max(days))


def _gaps(times: list[int]) -> list[int]:
    return [at - before for before, at in zip((0, *times), times, strict=False)]
