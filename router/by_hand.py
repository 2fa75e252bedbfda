"""A person decides who takes a waiting conversation: themselves, a colleague, or as supervisor anybody with room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.config import Config
from router.conversations import Conversation
from router.exchange import Exchange
from router.floor import Floor
from router.loads import Load
from router.matching import Rules
from router.matching import why_not as excluded
from router.policies import Weighed
from router.requirements import current, text
from router.signals import waiting_row

if TYPE_CHECKING:
    from router.aws.dynamo import Change


def take(
    x: Exchange, conversation: Conversation, load: Load, decision_id: str, now: datetime, *, force: bool = False
) -> tuple[list[Change], dict[str, Any]]:
    """The changes by which an agent gets a waiting conversation by hand, and the decision's record.

    With `force` no limit of theirs counts; their units always do (P5).
    """
    row = waiting_row(conversation)
    config = x.config()
    agent = config.agent(load.agent)
    limit = agent.limits.get(row.channel) if agent is not None and not force else None
    told: Mapping[str, Any] = {
        "config": config.version,
        "policy": "by hand",
        "agent": load.agent,
        "waited_ms": round((now - row.since).total_seconds() * 1000),
        "needs": needs_now(conversation, config, now),
        **({"overruled": reason} if force and (reason := why_not(load, conversation, config, now)) else {}),
    }
    return x.table.claim(row, load, limit, conversation.pool, decision_id, now), dict(told)


def needs_now(conversation: Conversation, config: Config, now: datetime) -> str:
    """What the conversation asks of an agent at this point of its wait, as text."""
    of: Weighed = Rules(config, conversation.pool).of(conversation.kind)
    waited = (now - (conversation.waiting_since or conversation.opened_at)).total_seconds()
    return text(current(of.ladder, waited).needs)


def why_not(load: Load, conversation: Conversation, config: Config, now: datetime) -> str | None:
    """The reason an agent cannot take a conversation, as the matcher would give it; None if they can.

    Working hours, a pause, a wrap-up and an offer declined before hold for what is given to an agent, not for what people agree on.
    """
    if config.queue(conversation.queue) is None:
        return "configuration"
    floor = Floor(config, conversation.pool, [load], now, by_hand=True)
    row = replace(waiting_row(conversation), barred=())
    return excluded(floor, row, Rules(config, conversation.pool), load.agent, now)
