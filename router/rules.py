"""Rules: what the configuration makes of a message that begins or reopens a conversation. Pure; conditions are checked trees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from router.conditions import Failed, Run, compiled
from router.config import Config, Rule
from router.grounds import Ground, grounds_of, names_return


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules say; None and empty where they say nothing. `failed` names the rules that had no value, and why.

    `answer` is the name of the rule whose text leaves by itself. `why` stands beside `matched`: by each fact that made the rule
    hold its value, or for what is personal an object: the listed words that were found in it, or nothing (see docs/rules.md).
    It is JSON as it stands, the same for the same message, and small.
    """

    queue: str | None = None
    priority: int | None = None
    language: str | None = None
    tier: str | None = None
    require: str = "[]"  # steps, [[seconds, needs], ...] as JSON
    tags: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    category: str | None = None
    sla: str | None = None
    answer: str | None = None
    why: tuple[Mapping[str, Any], ...] = ()
    saw: Mapping[str, Any] | None = field(default=None, compare=False)  # what was known then, to judge again

    @property
    def faults(self) -> tuple[str, ...]:
        """The rules that had no value, each with its reason."""
        return tuple(f"{name}: {why}" for name, why in self.failed)


NOTHING = Outcome()
"""No rule was asked."""
_FIRST = ("queue", "priority", "language", "tier", "category", "sla")
_MOST_GROUNDS = 30


class _Ready(NamedTuple):
    rule: Rule
    holds: Run | None
    grounds: Ground | None
    moves: bool  # its queue counts though people chose another


def judge(config: Config, facts: Mapping[str, Any], *, settled: bool = False) -> Outcome:
    """Every rule from the top. One that fails at this message is named and passed over; the others count.

    `settled`: people chose the conversation's queue, and only a rule that asks for the return itself chooses another.
    """
    said: dict[str, Any] = {}
    tags: set[str] = set()
    matched: list[str] = []
    failed: list[tuple[str, str]] = []
    why: list[Mapping[str, Any]] = []
    left = _MOST_GROUNDS
    for rule, holds, grounds, moves in _ready(config):
        try:
            if holds is not None and holds(facts) is not True:
                continue
        except Failed as error:
            failed.append((rule.name, str(error)))
            continue
        matched.append(rule.name)
        found = grounds(facts, left) if grounds is not None and left else {}
        left -= len(found)
        why.append(found)
        for name in _FIRST:
            value = getattr(rule, name)
            if value is not None and (name != "queue" or moves or not settled):
                said.setdefault(name, value)
        if rule.require:
            said.setdefault("require", json.dumps([[step.seconds, step.needs] for step in rule.require]))
        if rule.answer:
            said.setdefault("answer", rule.name)
        tags.update(rule.tags)
        if rule.stop:
            break
    return Outcome(tags=tuple(sorted(tags)), matched=tuple(matched), failed=tuple(failed), why=tuple(why), **said)


_last: tuple[tuple[Rule, ...], list[_Ready]] = ((), [])


def _ready(config: Config) -> list[_Ready]:
    """The rules with their closures, made once for each configuration in force."""
    global _last
    if _last[0] is not config.rules:
        _last = (config.rules, [_made(rule) for rule in config.rules])
    return _last[1]


def _made(rule: Rule) -> _Ready:
    if rule.when is None:
        return _Ready(rule, None, None, False)
    return _Ready(rule, compiled(rule.checked), grounds_of(rule.checked), names_return(rule.checked))
