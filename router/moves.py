"""What people, time and the matcher do to a conversation: offers, snoozes, queues, its end. Each function returns a new value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from router.config import Config, Queue
from router.conversations import FOLLOW_WITHIN, FREED, WAKE, Conversation, State
from router.timeline import EMPTY, What
from router.times import to_ms
from router.waiting import RELAXED, barred_too


def awake(snoozed: Conversation, since: datetime, now: datetime) -> Conversation:
    """A snooze is over, by its time or by the customer's message: it waits, for its agent first of all if they are free."""
    return replace(
        snoozed,
        state=State.WAITING,
        timeline=snoozed.timeline.became(What.WAITING, to_ms(since), snoozed.queue),
        waiting_since=since,
        last_agent=snoozed.agent,
        agent=None,
        agent_connection=None,
        decision=None,
        snoozed_until=None,
        look_at=None,
        follow=(WAKE,),
        follow_at=now + FOLLOW_WITHIN,
    )


def snoozed(conversation: Conversation, until: datetime, now: datetime) -> Conversation:
    """Put aside until a time or the customer's next message. It stays its agent's and takes none of their capacity."""
    return replace(
        conversation,
        state=State.SNOOZED,
        snoozed_until=until,
        follow=(FREED,) if conversation.state.held else (),
        follow_at=now + FOLLOW_WITHIN if conversation.state.held else None,
    )


def accepted(offered: Conversation) -> Conversation:
    """Its agent takes an offer."""
    return replace(offered, state=State.ACTIVE, offer_until=None, barred=())


def withdrawn(offered: Conversation, now: datetime) -> Conversation:
    """An offer ends without its agent's doing: it waits on in its old place, and may be offered to anybody."""
    return replace(
        offered,
        state=State.WAITING,
        agent=None,
        agent_connection=None,
        decision=None,
        offer_until=None,
        barred=tuple((name, until) for name, until in offered.barred if until > now),
        look_at=None,
        follow=(WAKE, FREED),
        follow_at=now + FOLLOW_WITHIN,
    )


def refused(offered: Conversation, now: datetime, barred_until: datetime) -> Conversation:
    """Declined, or timed out: it waits on in its old place, and is not offered to that agent again for a while."""
    after = withdrawn(offered, now)
    if offered.agent is None:
        return after
    return replace(after, barred=barred_too(after.barred, offered.agent, barred_until, now))


def resolved(conversation: Conversation, now: datetime) -> Conversation:
    """Done, as far as we know; the customer can still reopen it. Its clocks stop."""
    freed = conversation.state.held
    return replace(
        conversation,
        state=State.RESOLVED,
        resolved_at=now,
        waiting_since=None,
        follow=(FREED,) if freed else (),
        follow_at=now + FOLLOW_WITHIN if freed else None,
        offer_until=None,
        snoozed_until=None,
        look_at=None,
        barred=(),
        stub=None,
    )


def at_rest(begun: Conversation, at: datetime) -> Conversation:
    """A conversation that begins with what nobody has to look at: done at once, and nobody ever waited."""
    return replace(begun, state=State.RESOLVED, resolved_at=at, follow=(), follow_at=None, timeline=EMPTY)


def waiting_again(conversation: Conversation, now: datetime, *, queue: str | None, config: Config) -> Conversation:
    """Back into a waiting line: reopened by an agent, or transferred to another queue. The wait counts from now."""
    target = config.queue(queue or conversation.queue)
    changed = replace(
        conversation,
        state=State.WAITING,
        waiting_since=now,
        last_agent=conversation.agent if queue is None else None,
        agent=None,
        agent_connection=None,
        resolved_at=None,
        snoozed_until=None,
        spam=False,
        decision=None,
        follow=(WAKE, FREED) if conversation.state.held else (WAKE,),
        follow_at=now + FOLLOW_WITHIN,
    )
    if target is None:
        return replace(changed, stub=None, offer_until=None, look_at=None)
    moved = conversation.queue_chosen or target.name != conversation.queue
    return replace(changed, queue_chosen=moved, **placed(conversation, target, config))


def rehoused(conversation: Conversation, now: datetime, config: Config) -> Conversation | None:
    """An open conversation whose queue the configuration moved or dropped, in the one it has now; None if it stands right.

    One that waits gets a place in the new line. Who has one keeps it, and it weighs on them as it did.
    """
    if conversation.state.done:
        return None
    waits = conversation.agent is None
    inbox = config.inbox(conversation.inbox)
    queue = config.queue(conversation.queue) or (config.queue(inbox.queue) if inbox is not None else None)
    queue = queue or next(iter(config.queues), None)  # its inbox is gone as well: it waits somewhere all the same (P7)
    weight = config.routing.weight(str(conversation.channel))
    units = min(conversation.units, weight) if waits else conversation.units  # never heavier than it was
    there = conversation.queue, conversation.pool, conversation.units
    if queue is None or (queue.name, queue.pool, units) == there:
        return None
    changed = placed(conversation, queue, config) | {"priority": conversation.priority, "units": units}
    if queue.name == conversation.queue or not waits:
        changed |= {"barred": conversation.barred}
    if queue.name == conversation.queue:
        changed |= {"target": conversation.target, "require": conversation.require}
    if not waits:
        return replace(conversation, **changed | {"offer_until": conversation.offer_until})
    return replace(conversation, **changed, follow=(WAKE,), follow_at=now + FOLLOW_WITHIN)


def placed(conversation: Conversation, queue: Queue | None, config: Config) -> dict[str, Any]:
    """Where it waits by the configuration in force; where it waited, if that names no such queue.

    A priority that rules gave it stays; one that was its queue's is the new queue's. What was relaxed asks for all of it anew.
    """
    if queue is None:
        return {}
    before = config.queue(conversation.queue)
    given = before is not None and conversation.priority != before.priority
    target = config.target(conversation.sla, queue.name, conversation.tier, conversation.promised_by)
    return {
        "queue": queue.name,
        "pool": queue.pool,
        "priority": conversation.priority if given else queue.priority,
        "target": round(target.total_seconds()),
        "require": "[]"
        if conversation.require == RELAXED or queue.name != conversation.queue
        else conversation.require,
        "barred": (),
        "look_at": None,
        "offer_until": None,
        "stub": None,
    }
