"""`decide`: who takes which waiting conversation, and why not the others. Pure, deterministic, total.

The policy here is `fifo`: by priority, then the longest wait; among the agents who may take it, the fullest that still
fits (so that room for large work stays whole), then the longest idle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

POLICY = "fifo"


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as the pool sees them: presence, free units, conversations held per channel, and what they can do."""

    name: str
    presence: str
    free: int
    counts: Mapping[str, int]
    idle_since: datetime
    skills: frozenset[str]
    limits: Mapping[str, int]
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A waiting conversation, with all that a decision needs."""

    conversation: str
    queue: str
    skill: str
    channel: str
    units: int
    priority: int
    since: datetime
    deadline: datetime | None = None  # of the first response, while it can still be kept
    stub: str | None = None

    @property
    def kind(self) -> str:
        """Its class: conversations of one skill and channel weigh the same, so who cannot take one can take none."""
        return f"{self.skill}/{self.channel}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the decision was made under: the configuration's version and the policy."""

    version: str
    policy: str = POLICY


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A pool at one instant."""

    pool: str
    agents: tuple[AgentRow, ...]
    waiting: tuple[WaitingRow, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent in one decision: the first reason that excluded them, or how they ranked."""

    agent: str
    excluded: str | None
    free: int
    idle_seconds: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Who takes a conversation. `agent` is None when nobody can, with each one's reason."""

    conversation: str
    agent: str | None
    at: datetime
    rules: Rules
    pool: str
    waiting: WaitingRow
    candidates: tuple[Candidate, ...]

    def record(self) -> dict[str, Any]:
        """The decision as plain data, compact: agents who were excluded are grouped under their reason."""
        excluded: dict[str, list[str]] = {}
        for candidate in self.candidates:
            if candidate.excluded is not None:
                excluded.setdefault(candidate.excluded, []).append(candidate.agent)
        return {
            "agent": self.agent,
            "policy": self.rules.policy,
            "config": self.rules.version,
            "pool": self.pool,
            "queue": self.waiting.queue,
            "skill": self.waiting.skill,
            "channel": self.waiting.channel,
            "units": self.waiting.units,
            "priority": self.waiting.priority,
            "waited_ms": round((self.at - self.waiting.since).total_seconds() * 1000),
            "fit": [[c.agent, c.free, round(c.idle_seconds)] for c in self.candidates if c.excluded is None],
            "excluded": {reason: sorted(agents) for reason, agents in sorted(excluded.items())},
        }


def excluded(agent: AgentRow, waiting: WaitingRow) -> str | None:
    """The first reason why an agent cannot take a conversation; None if they can."""
    if agent.presence != "online":
        return f"presence:{agent.presence}"
    if waiting.skill not in agent.skills:
        return f"skill:{waiting.skill}"
    if agent.free < waiting.units:
        return "capacity"
    limit = agent.limits.get(waiting.channel)
    if limit is not None and agent.counts.get(waiting.channel, 0) >= limit:
        return f"limit:{waiting.channel}"
    return None


def order(waiting: WaitingRow) -> tuple[int, datetime, str]:
    """First come, first served within a priority; the id settles a tie."""
    return waiting.priority, waiting.since, waiting.conversation


def decide_one(snapshot: Snapshot, waiting: WaitingRow, rules: Rules, now: datetime) -> Decision:
    """Judge every agent of the pool for one conversation."""
    candidates = tuple(
        Candidate(a.name, excluded(a, waiting), a.free, max(0.0, (now - a.idle_since).total_seconds()))
        for a in sorted(snapshot.agents, key=lambda a: a.name)
    )
    fit = [c for c in candidates if c.excluded is None]
    best = min(fit, key=lambda c: (c.free, -c.idle_seconds, c.agent), default=None)
    return Decision(waiting.conversation, best.agent if best else None, now, rules, snapshot.pool, waiting, candidates)


def decide(snapshot: Snapshot, rules: Rules, now: datetime) -> Decision | None:
    """The first conversation in order that somebody can take, with its decision; None when nothing can be matched.

    Inside one class (skill, channel, units) all conversations fare alike, so a class that nobody can take is skipped whole.
    """
    hopeless: set[tuple[str, str, int]] = set()
    for waiting in sorted(snapshot.waiting, key=order):
        kind = (waiting.skill, waiting.channel, waiting.units)
        if kind in hopeless:
            continue
        decision = decide_one(snapshot, waiting, rules, now)
        if decision.agent is not None:
            return decision
        hopeless.add(kind)
    return None
