"""A waiting conversation as a decision sees it, and its class: those that ask for the same, weigh the same and are as urgent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from router.times import to_ms

RELAXED = "null"
"""`require` of what asks at once for what it would ask for in the end."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class of waiting conversations. Among its members only the wait differs, so the oldest stands for all.

    `require` are the steps that rules gave it, as JSON: [[seconds, needs], ...], or RELAXED; `target` is its service level in seconds.
    """

    queue: str
    channel: str
    units: int
    priority: int
    target: int
    brand: str
    language: str
    tier: str | None = None
    require: str = "[]"
    _hash: int = field(default=0, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = self.queue, self.channel, self.units, self.priority, self.target, self.brand, self.language, self.tier
        object.__setattr__(self, "_hash", hash((*known, self.require)))

    def __hash__(self) -> int:
        return self._hash  # computed once: a class is looked up with every row of its line

    @property
    def key(self) -> str:
        """Its name in the table: `<queue>/<channel>/<hash of the rest>`."""
        return _key(self)

    @property
    def steps(self) -> tuple[tuple[int, Any], ...] | None:
        """The steps that rules gave it: seconds, and what is needed; None where all steps are over."""
        steps = json.loads(self.require)
        return None if steps is None else tuple((seconds, needs) for seconds, needs in steps)

    def data(self) -> dict[str, Any]:
        """As plain data, for the table and the queue."""
        return {
            "q": self.queue, "ch": self.channel, "un": self.units, "pr": self.priority, "t": self.target, "b": self.brand,
            "l": self.language, **({"ti": self.tier} if self.tier else {}),
            **({"rq": self.require} if self.require != "[]" else {}),
        }  # fmt: skip


@lru_cache(maxsize=4096)
def _key(kind: Kind) -> str:
    rest = [kind.units, kind.priority, kind.target, kind.brand, kind.language, kind.tier, kind.require]
    digest = hashlib.sha256(json.dumps(rest).encode()).hexdigest()[:10]
    return f"{kind.queue}/{kind.channel}/{digest}"


def kind_of(data: Mapping[str, Any]) -> Kind:
    """A class from its plain data. Raises KeyError."""
    return Kind(
        data["q"], data["ch"], data["un"], data["pr"], data["t"], data["b"], data["l"], data.get("ti"), data.get("rq", "[]")
    )  # fmt: skip


Bars = tuple[tuple[str, datetime], ...]
"""Agents to whom a conversation is not offered, each until then."""
_MOST_BARRED = 20


def barred_too(barred: Bars, agent: str, until: datetime, now: datetime) -> Bars:
    """One agent more, or until another time; those who are barred no longer are forgotten, and of too many the first."""
    if until <= now:
        return tuple(bar for bar in barred if bar[1] > now)
    return (*(bar for bar in barred if bar[0] != agent and bar[1] > now), (agent, until))[-_MOST_BARRED:]


def place(since: datetime) -> str:
    """The place in a line before all who wait since then or later."""
    return f"{to_ms(since):013d}"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A waiting conversation, with all that a decision needs. `barred` are agents it is not offered to until then."""

    conversation: str
    kind: Kind
    since: datetime
    alarm_at: datetime | None = None  # when its clocks want to be looked at, but for
    accept_at: datetime | None = None  # that of who takes it
    stub: str | None = None
    preferred: str | None = None  # who had it before
    barred: tuple[tuple[str, datetime], ...] = ()
    told_step: int = 0  # why nobody could take it is on record up to this step
    because: Mapping[str, Any] | None = field(default=None, compare=False)  # what the rules said, for the first record

    @property
    def queue(self) -> str:
        """Whose line it stands in."""
        return self.kind.queue

    @property
    def channel(self) -> str:
        """What it came by, which it weighs by."""
        return self.kind.channel

    @property
    def units(self) -> int:
        """What it weighs."""
        return self.kind.units
