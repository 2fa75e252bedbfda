"""Agents who are not there: a desk that is gone means away, and what they owe an answer goes back to the line (P7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from router.conversations import Conversation, State
from router.errors import Lost
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.loads import Load
from router.moves import waiting_again
from router.signals import follow_ups
from router.withdrawing import withdraw_all

GONE_AFTER = timedelta(minutes=2)
"""A desk that lost its last socket for so long is closed: a reload or a train's tunnel is shorter."""


def notice(x: Exchange, pool: str, loads: Iterable[Load], now: datetime) -> int:
    """Look after one pool's roster; how many conversations went back to the line.

    What is offered to one who is not in is withdrawn. Costs nothing for agents who are in, or who hold nothing; for one who is
    not, a query for each queue.
    """
    count = 0
    for load in loads:
        away_since = _away_since(x, pool, load, now)
        if away_since is None or not any(held > 0 for held in load.counts.values()):
            continue
        if load.offers:
            withdraw_all(x, pool, load.agent, "absence", now)
        if now - away_since >= timedelta(minutes=x.config().routing.absent_minutes):
            count += sum(give_back(x, one, now) for one in _owed(x, load.agent, now))
    return count


def _away_since(x: Exchange, pool: str, load: Load, now: datetime) -> datetime | None:
    """Since when an agent is not in, None if they are. Who lost their desk is noted first, and away after a while."""
    agent = x.config().agent(load.agent)
    if agent is None or agent.pool != pool:
        return datetime.min.replace(tzinfo=now.tzinfo)
    if not x.config().available(load.presence):
        return load.presence_since or load.idle_since
    if load.connection is not None or not load.by_desk:
        return None
    try:
        if load.lost_at is None:
            x.table.commit(*x.table.desk_lost(load, now))
        elif now - load.lost_at >= GONE_AFTER:
            detail = {"presence": "away", "why": "the desk is closed"}
            entry = "h_" + digest(x.key, "absence", load.agent, load.lost_at.isoformat())
            x.table.commit(
                *x.table.away(load, load.lost_at),
                x.table.history(f"agent:{load.agent}", "presence", "absence", detail, now, entry),
            )
            x.count("AgentGone", 1)
            return load.lost_at
    except Lost:
        return None  # back in that very moment
    return None


def _owed(x: Exchange, agent: str, now: datetime) -> Iterable[Conversation]:
    """An agent's conversations in which the customer has waited for an answer long enough, whichever pool their queues are of by now."""
    patience = timedelta(minutes=x.config().routing.absent_minutes)
    for queue in x.config().queues:
        rows = x.table.listed(f"open#{queue.name}", prefix=f"{agent}#", limit=100)
        known = x.table.conversations([one for one, _ in x.table.listed_conversations(rows)])
        for one in known.values():
            since = owes_since(one)
            if one.agent == agent and since is not None and now - since >= patience:
                yield one


def owes_since(conversation: Conversation) -> datetime | None:
    """Since when the agent owes something; None if it is the customer's turn or nobody's.

    That is the customer's unanswered message, or that it was handed to the agent after it had been answered.
    """
    heard, said = conversation.last_inbound_at, conversation.last_outbound_at
    if conversation.state is not State.ACTIVE:
        return None
    if heard is not None and (said is None or heard > said):
        return heard
    return max(at for at in (conversation.waiting_since, said, conversation.opened_at) if at is not None)


def give_back(x: Exchange, before: Conversation, now: datetime) -> bool:
    """Back into the line, with its place by how long the customer waits; False if somebody changed it meanwhile."""
    since = owes_since(before)
    after = waiting_again(before, now, queue=None, config=x.config())
    saved = save(x, before, replace(after, waiting_since=min(now, since or now)))
    entry = "h_" + digest(x.key, "returned", before.id, str(before.version))
    try:
        x.table.commit(
            *saved.changes,
            *x.table.free(before, now),
            x.table.history(before.id, "returned", "absence", {"from": before.agent}, now, entry),
        )
    except Lost:
        return False
    x.count("Returned", 1)
    x.queues.send([*follow_ups(saved.after, before.pool), *saved.timers], now)
    return True
