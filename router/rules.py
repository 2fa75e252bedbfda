"""Rules: what the configuration makes of a message that begins a conversation. Pure; the conditions are checked trees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.conditions import Failed, Run, compiled
from router.config import Config, Rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules say; None and empty where they say nothing. `failed` names the rules that had no value, and why."""

    queue: str | None = None
    priority: int | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


NOTHING = Outcome()


def judge(config: Config, facts: Mapping[str, Any]) -> Outcome:
    """Every rule from the top. One that fails at this message is named and passed over; the others count."""
    said: dict[str, Any] = {}
    tags: set[str] = set()
    matched: list[str] = []
    failed: list[tuple[str, str]] = []
    for rule, holds in _ready(config):
        try:
            if holds is not None and holds(facts) is not True:
                continue
        except Failed as why:
            failed.append((rule.name, str(why)))
            continue
        matched.append(rule.name)
        for name in ("queue", "priority", "language"):
            value = getattr(rule, name)
            if value is not None:
                said.setdefault(name, value)
        tags.update(rule.tags)
        if rule.stop:
            break
    return Outcome(tags=tuple(sorted(tags)), matched=tuple(matched), failed=tuple(failed), **said)


_last: tuple[tuple[Rule, ...], list[tuple[Rule, Run | None]]] = ((), [])


def _ready(config: Config) -> list[tuple[Rule, Run | None]]:
    """The rules with their closures, made once for each configuration in force."""
    global _last
    if _last[0] is not config.rules:
        _last = (
            config.rules,
            [(rule, compiled(rule.checked) if rule.when is not None else None) for rule in config.rules],
        )
    return _last[1]
