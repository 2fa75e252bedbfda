"""Match: give a pool's waiting conversations to agents with room, each claim on its own conditions (P5, P6, P7).

One batch of one pool runs at a time (its queue's group), and correctness does not lean on that: the claim fails if the
agent's room or the conversation's wait is not what the decision saw.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.config import Agent, Config
from router.conversations import Conversation, State, rehoused
from router.errors import Lost
from router.exchange import Exchange
from router.ids import digest
from router.matching import AgentRow, Decision, Rules, Snapshot, WaitingRow, decide, decide_one, excluded
from router.records import Load
from router.signals import Wake, follow_ups, waiting_row

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 4
HEADS = 10
"""Waiting heads read per class: a decision looks at the oldest few, so its cost does not grow with the queue."""


@dataclass(slots=True)
class _Work:
    """One pool while it is matched: what was read, changed as claims succeed."""

    pool: str
    agents: dict[str, AgentRow]
    waiting: dict[str, WaitingRow]
    classes: set[str]
    drained: set[str] = field(default_factory=set)
    exhausted: set[str] = field(default_factory=set)


def match(x: Exchange, wakes: Iterable[Wake]) -> int:
    """Match every pool that was woken; how many conversations found an agent."""
    by_pool: dict[str, list[WaitingRow]] = {}
    for wake in wakes:
        newcomers = by_pool.setdefault(wake.pool, [])
        if wake.waiting is not None:
            newcomers.append(wake.waiting)
    return sum(match_pool(x, pool, newcomers) for pool, newcomers in by_pool.items())


def match_pool(x: Exchange, pool: str, newcomers: Iterable[WaitingRow]) -> int:
    """One pool: decide and claim until nothing more can be matched; then newcomers that nobody took get their place in line."""
    config = x.config()
    rules = Rules(version=config.version)
    roster, classes = x.table.pool(pool)
    agents = {row.name: row for load in roster if (row := agent_row(load, config, pool)) is not None}
    agents |= {a.name: absent(a, x.now()) for a in config.agents if a.pool == pool and a.name not in agents}
    work = _Work(pool, agents, {row.conversation: row for row in newcomers}, set(classes))
    matched = 0
    while True:
        _read_heads(x, work)
        decision = decide(Snapshot(pool, tuple(work.agents.values()), tuple(work.waiting.values())), rules, x.now())
        if decision is None:
            break
        matched += _claim(x, work, decision)
    for newcomer in [row for row in work.waiting.values() if row.stub is None]:
        if not (moved(config, pool, newcomer) and rehouse(x, newcomer.conversation)):
            _line_up(x, work, newcomer, rules)
    for kind in sorted(work.exhausted):
        if not any(row.kind == kind for row in work.waiting.values()):
            x.table.no_class(pool, kind)
    return matched


def moved(config: Config, pool: str, row: WaitingRow) -> bool:
    """Does the configuration want it in another line by now?"""
    queue = config.queue(row.queue)
    return queue is None or (queue.pool, queue.skill) != (pool, row.skill)


def rehouse(x: Exchange, conversation_id: str) -> bool:
    """Move a waiting conversation into the line its queue has now, and wake that pool; False if nothing was to be done."""
    for _ in range(_TRIES):
        before = x.table.conversation(conversation_id)
        if before is None or before.state is not State.WAITING:
            return False
        after = rehoused(before, x.now(), x.config())
        if after is None:
            return False
        try:
            x.table.commit(x.table.save_conversation(before, after), *x.table.leave_line(before))
        except Lost:
            continue
        x.queues.send(follow_ups(replace(after, version=before.version + 1)), x.now())
        x.count("Rehoused", 1)
        return True
    return False


def agent_row(load: Load, config: Config, pool: str) -> AgentRow | None:
    """A roster row with what the configuration says of the agent; None for one it no longer has in this pool."""
    agent = config.agent(load.agent)
    if agent is None or agent.pool != pool:
        return None
    return AgentRow(
        name=agent.name,
        presence=load.presence,
        free=load.free,
        counts=load.counts,
        idle_since=load.idle_since,
        skills=frozenset(agent.skills),
        limits=agent.limits,
        connection=load.connection,
    )


def absent(agent: Agent, now: datetime) -> AgentRow:
    """A configured agent who never came in: nobody to give work to, and named in the decision all the same (P6)."""
    return AgentRow(agent.name, "offline", 0, {}, now, frozenset(agent.skills), agent.limits)


def _read_heads(x: Exchange, work: _Work) -> None:
    """Read the heads of each non-empty class that somebody could take; again when all that were read are gone."""
    for kind in sorted(work.classes - work.drained - work.exhausted):
        if any(row.kind == kind and row.stub is not None for row in work.waiting.values()):
            continue
        skill = kind.rpartition("/")[0]
        if not any(a.presence == "online" and a.free > 0 and skill in a.skills for a in work.agents.values()):
            continue
        heads = x.table.heads(work.pool, kind, HEADS)
        work.waiting |= {row.conversation: row for row in heads}
        if len(heads) < HEADS:
            work.drained.add(kind)  # all of the class is in hand
        if not heads:
            work.exhausted.add(kind)


def _claim(x: Exchange, work: _Work, decision: Decision) -> int:
    row, agent, now = decision.waiting, work.agents[decision.agent or ""], x.now()
    decision_id = "d_" + digest(x.key, "decision", row.conversation, agent.name, now.isoformat())
    changes = x.table.claim(row, agent, work.pool, decision_id, now)
    history = x.table.history(row.conversation, "decision", "match", decision.record(), now, decision_id)
    try:
        x.table.commit(*changes, history)
    except Lost:
        return _lost(x, work, row, agent, decision_id)
    return _won(x, work, row, agent, now)


def _won(x: Exchange, work: _Work, row: WaitingRow, agent: AgentRow, now: datetime) -> int:
    counts = {**agent.counts, row.channel: agent.counts.get(row.channel, 0) + 1}
    work.agents[agent.name] = replace(agent, free=agent.free - row.units, counts=counts, idle_since=now)
    _gone(work, row)
    x.count("Assigned", 1)
    frame = {"type": "conversation", "conversation": row.conversation, "reason": "assigned"}
    if agent.connection is not None:
        x.sockets.tell(f"A#{agent.name}", frame, agent.connection)
    return 1


def _lost(x: Exchange, work: _Work, row: WaitingRow, agent: AgentRow, decision_id: str) -> int:
    """Somebody changed the agent or the conversation first, or our own first try did go through: look, and go on."""
    current = x.table.conversation(row.conversation)
    if current is not None and current.decision == decision_id and current.agent == agent.name:
        return _won(x, work, row, agent, x.now())
    if row.stub is not None and (current is None or current.stub != row.stub):
        x.table.leave_place(work.pool, row.kind, row.stub)  # nobody's place would be read first for ever
    _refresh(work, row, current)
    load = x.table.load(work.pool, agent.name)
    fresh = agent_row(load, x.config(), work.pool) if load is not None else None
    if fresh is None:
        del work.agents[agent.name]
    else:
        work.agents[agent.name] = fresh
    return 0


def _refresh(work: _Work, row: WaitingRow, current: Conversation | None) -> None:
    if current is None or current.state is not State.WAITING or current.pool != work.pool:
        _gone(work, row)
    else:
        work.waiting[row.conversation] = waiting_row(current)


def _gone(work: _Work, row: WaitingRow) -> None:
    work.waiting.pop(row.conversation, None)
    left = any(r.kind == row.kind and r.stub is not None for r in work.waiting.values())
    if row.stub is not None and not left and row.kind in work.drained:
        work.exhausted.add(row.kind)


def _line_up(x: Exchange, work: _Work, row: WaitingRow, rules: Rules) -> None:
    """Nobody can take it now: its place in line, and a record of why not. What changed meanwhile is looked at again."""
    now = x.now()
    entry = "d_" + digest(x.key, "waits", row.conversation, now.isoformat())
    for _ in range(_TRIES):
        snapshot = Snapshot(work.pool, tuple(work.agents.values()), (row,))
        decision = decide_one(snapshot, row, rules, now)
        changes = x.table.line_up(row, work.pool, known=row.kind in work.classes)
        history = x.table.history(row.conversation, "decision", "match", decision.record(), now, entry)
        try:
            x.table.commit(*changes, history)
        except Lost:
            current = x.table.conversation(row.conversation)
            if current is None or current.state is not State.WAITING or current.stub is not None:
                return
            if current.pool != work.pool:
                return  # its own wake-up is on the way
            row = waiting_row(current)
            continue
        work.classes.add(row.kind)
        x.count("Waiting", 1)
        return


def take(
    x: Exchange, conversation: Conversation, load: Load, config: Config, decision_id: str, now: datetime
) -> tuple[list[Change], dict[str, Any]]:
    """The changes by which an agent takes a waiting conversation by hand, on a match's conditions, and the decision's record."""
    row = waiting_row(conversation)
    agent = agent_row(load, config, conversation.pool)
    if agent is None:
        raise ValueError("the agent is not in the configuration")
    decision = decide_one(Snapshot(conversation.pool, (agent,), (row,)), row, Rules(config.version, "by hand"), now)
    return x.table.claim(row, agent, conversation.pool, decision_id, now), decision.record()


def why_not(load: Load, conversation: Conversation, config: Config) -> str | None:
    """The reason an agent cannot take a conversation, as the matcher would give it."""
    agent = agent_row(load, config, conversation.pool)
    return "configuration" if agent is None else excluded(agent, waiting_row(conversation))
