"""A decision as it is kept: compact, with every candidate and the first reason that excluded it (P6), and told again in names.

The agents of a mask are those of the pool in the configuration's version, numbered by name.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from router.config import Config
from router.crew import crew_of
from router.matching import Decision
from router.policies import told as scored
from router.requirements import text
from router.times import to_ms

FORMAT = 2
_NAMED = 3
"""Of the less urgent conversations, the first of each class, those that a record names; it counts them all."""


def record(decision: Decision) -> dict[str, Any]:
    """The decision as plain data: some hundred bytes, and one bit an agent for each reason."""
    row, pool = decision.row, decision.rules.pool
    told: dict[str, Any] = {
        "v": FORMAT,
        "config": decision.rules.version,
        "policy": pool.policy,
        "pool": pool.name,
        "conversation": row.conversation,
        "at": to_ms(decision.at),
        "agent": decision.agent,
        "queue": row.kind.queue,
        "channel": row.kind.channel,
        "units": row.kind.units,
        "priority": row.kind.priority,
        "needs": text(decision.needs),
        "rung": decision.rung,
        "waited_ms": to_ms(decision.at) - to_ms(row.since),
        "target_s": row.kind.target,
        "score": scored(pool, decision.score),
        "fit": packed(decision.fit),
        "excluded": {reason: packed(bits) for reason, bits in decision.excluded},
    }
    if row.because is not None:
        told["rules"] = row.because
    if row.kind.tier is not None:
        told["tier"] = row.kind.tier
    if row.preferred is not None:
        told["preferred"] = row.preferred
    if decision.agent is not None:
        told["chosen"] = list(decision.chosen)
        others = [one for one in decision.contenders if one.row.conversation != row.conversation]
        if others:
            told["others"] = len(others)
            told["next"] = [[one.row.conversation, *scored(pool, one.urgent)] for one in others[:_NAMED]]
    return told


def in_names(kept: Mapping[str, Any], config: Config, most: int = 100) -> dict[str, Any]:
    """A kept decision with names instead of masks; of more than `most` agents only how many there are.

    `config` is the version it names.
    """
    crew = crew_of(config, kept["pool"])

    def names(value: str) -> Any:
        bits = unpacked(value)
        return crew.named(bits) if bits.bit_count() <= most else bits.bit_count()

    told = dict(kept)
    told["fit"] = names(kept["fit"])
    told["excluded"] = {reason: names(value) for reason, value in kept["excluded"].items()}
    if "rules" in kept:
        told["rules"] = {name: value for name, value in kept["rules"].items() if name != "saw"}
    return told


def in_numbers(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A decision of any format with how many agents instead of which, by masks or names. Raises ValueError, TypeError, AttributeError."""
    told = dict(kept)
    told["fit"] = _count(kept.get("fit") or ())
    told["excluded"] = {reason: _count(agents) for reason, agents in (kept.get("excluded") or {}).items()}
    return told


def _count(agents: Any) -> int:
    if isinstance(agents, int):
        return agents
    return unpacked(agents).bit_count() if isinstance(agents, str) else len(agents)


_FOR_AGENTS = frozenset({
    "v", "at", "conversation", "agent", "queue", "channel", "units", "priority", "tier", "needs", "skill", "rung", "waited_ms",
    "target_s", "chosen", "offer_s", "fit", "excluded", "rules",
})  # fmt: skip
"""Of a decision, what the explanation tells agents."""
_BY_HAND_FOR_AGENTS = frozenset({"waited_ms", "needs"})


def for_agents(what: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in an entry of a history, as agents may read it: no colleague's reason by name, no scores, no versions."""
    told = dict(detail)
    if what == "decline":
        told.pop("reason", None)
    elif what == "score" and detail.get("kind") == "quality":
        return {"kind": "quality"}
    elif what == "decision":
        try:
            told = {name: value for name, value in in_numbers(detail).items() if name in _FOR_AGENTS}
        except (ValueError, TypeError, AttributeError):  # it cannot be read: nobody knows what stands in it
            return {"agent": detail.get("agent")}
        if isinstance(told.get("rules"), Mapping):
            told["rules"] = {
                name: told["rules"][name] for name in ("message", "matched", "failed") if name in told["rules"]
            }
    elif isinstance(told.get("actions"), list):
        told["actions"] = [
            {k: v for k, v in one.items() if k != "mailed"} for one in told["actions"] if isinstance(one, Mapping)
        ]
    elif isinstance(told.get("decision"), Mapping):
        told["decision"] = {name: value for name, value in told["decision"].items() if name in _BY_HAND_FOR_AGENTS}
    return told


def packed(bits: int) -> str:
    """A mask as text."""
    return base64.b64encode(bits.to_bytes((bits.bit_length() + 7) // 8, "little")).decode()


def unpacked(value: str) -> int:
    """A mask from its text. Raises ValueError."""
    return int.from_bytes(base64.b64decode(value, validate=True), "little")
