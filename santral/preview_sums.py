"""What came of the people of a preview, one by one and counted; and of rows that cannot be taken in, by reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.outreach_values import MILLIONTHS
from router.times import to_ms
from router.zones import wall, zone
from santral.contact_files import Refusal
from santral.rehearsal import Left

_QUOTED = re.compile(r"'.*'")
_REASONS = 50
"""So many reasons are kept apart for which rows cannot be taken in, """
_LINES = 3
"""each with so many of its lines."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one person: the messages that reach them, or why none does (a code, and the sentence)."""

    who: str
    zone: str
    left: tuple[Left, ...]
    code: str = ""
    told: str = ""
    begun: bool = True

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        if not self.left:
            return {"contact": self.who, "gets": 0, "reason": self.code, "told": self.told}
        return {
            "contact": self.who,
            "gets": len(self.left),
            "messages": [
                {
                    "at": local(one.at, self.zone).isoformat(timespec="minutes"), "zone": self.zone,
                    "utc": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "channel": str(one.channel), "to": one.send.to,
                    "template": one.template, **({"variant": one.variant} if one.variant else {}),
                    **({"subject": one.send.message.subject} if one.send.message.subject else {}),
                    "text": one.send.message.text, "parts": one.parts, "cost": one.cost,
                }
                for one in self.left
            ],
            **({"then": self.told} if self.told else {}),
        }  # fmt: skip


@dataclass
class Refused:
    """Rows that cannot be taken in for one reason: how many, and in which lines the first of them stand."""

    column: str
    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"column": self.column, "reason": self.reason, "count": self.count, "lines": self.lines}


@dataclass
class Sums:
    """All of them, counted."""

    looked: int = 0
    begun: int = 0
    people: int = 0
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    told: dict[str, str] = field(default_factory=dict)
    messages: Counter[str] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    cost: Counter[str] = field(default_factory=Counter)
    inboxes: Counter[str] = field(default_factory=Counter)
    variants: Counter[str] = field(default_factory=Counter)
    texts: dict[tuple[str, ...], Left] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def share(self) -> float:
        """Per cent of those looked at whom it is for."""
        return 100 * self.begun / self.looked if self.looked else 0.0

    def refuse(self, one: Refusal) -> None:
        """Count a row that cannot be taken in, with those of the same reason: what it quotes of a row makes none of its own."""
        reason = _QUOTED.sub("'…'", one.reason)
        key = (one.column, reason)
        if key not in self.refused and len(self.refused) >= _REASONS:
            key = ("", "for other reasons")
        known = self.refused.setdefault(key, Refused(key[0], one.reason if key[0] == one.column else key[1]))
        if known.reason != one.reason:
            known.reason = key[1]
        known.count += 1
        if len(known.lines) < _LINES:
            known.lines.append(one.line)

    def add(self, one: Outcome) -> None:
        """Count a person."""
        self.looked += 1
        self.begun += one.begun
        self.people += bool(one.left)
        if not one.left:
            self.reasons[one.code] += 1
            self.told.setdefault(one.code, one.told)
        for variant in {left.variant for left in one.left if left.variant}:
            self.variants[variant] += 1
        for left in one.left:
            channel = str(left.channel)
            self.messages[channel] += 1
            self.parts[channel] += left.parts
            self.cost[channel] += round(left.cost * MILLIONTHS)
            self.inboxes[left.send.message.inbox] += 1
            self.texts.setdefault((left.template, left.variant, channel, left.send.message.language or ""), left)
            self.first = min(self.first or left.at, left.at)
            self.last = max(self.last or left.at, left.at)


def local(at: datetime, of: str) -> datetime:
    """By the clock of a zone."""
    return wall(zone(of), to_ms(at))
