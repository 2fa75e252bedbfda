"""A conversation and what a message, a reply or an agent does to it. Values only: every function returns a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from router.config import Config, Inbox, Queue
from router.ids import conversation_id
from router.messages import ChannelName, Direction, Message, Proof
from router.rules import NOTHING, Outcome
from router.sla import Clock
from router.visits import Visit

WAKE = "wake"
"""Follow-up: tell the pool that this conversation waits."""
FREED = "freed"
"""Follow-up: tell the pool that capacity came free."""
MOST_TAGS = 20
"""So many tags a conversation has at most."""
FOLLOW_WITHIN = timedelta(seconds=60)
"""The sweep does what follows if nobody has done it by then."""


class State(StrEnum):
    """Where a conversation stands."""

    WAITING = "waiting"  # for an agent
    OFFERED = "offered"
    ACTIVE = "active"  # an agent owes an answer
    PENDING = "pending"  # the customer owes one
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def held(self) -> bool:
        """Does it take an agent's capacity?"""
        return self in (State.OFFERED, State.ACTIVE, State.PENDING)

    @property
    def done(self) -> bool:
        """Resolved or closed."""
        return self in (State.RESOLVED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Way:
    """Where the customer can be reached: an address on an inbox, when they last wrote from it, and what an answer refers to."""

    channel: ChannelName
    inbox: str
    address: str
    heard_at: datetime
    wire: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """The thread of one contact across the inboxes of one thread group. `version` grows with every change."""

    contact: str
    group: str
    number: int
    state: State
    channel: ChannelName
    inbox: str
    queue: str
    pool: str
    skill: str
    units: int
    priority: int
    address: str
    opened_at: datetime
    waiting_since: datetime | None = None
    name: str | None = None
    proof: Proof = Proof.NONE
    subject: str | None = None
    language: str | None = None
    preview: str = ""
    agent: str | None = None
    agent_connection: str | None = None
    clock: Clock | None = None
    follow: tuple[str, ...] = ()
    follow_at: datetime | None = None
    last_inbound_at: datetime | None = None
    last_outbound_at: datetime | None = None
    last_inbound_wire: str | None = None  # the Message-ID our answer refers to
    references: tuple[str, ...] = ()
    last_send: str | None = None  # the newest outbound message: the next one leaves after it
    resolved_at: datetime | None = None
    links: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()  # the newest first
    options: tuple[str, ...] = ()  # payloads of the numbered list the customer was last shown
    tags: tuple[str, ...] = ()
    spam: bool = False
    merged: tuple[str, ...] = ()  # conversations of joined contacts that are shown as part of this one
    into: str | None = None  # closed because it is part of this one
    acknowledged_at: datetime | None = None  # an automatic answer said that we have it
    rules: tuple[str, ...] = ()  # that matched when it began, under the configuration of that time
    rule_faults: tuple[str, ...] = ()  # rules that had no value for its message, each with the reason
    category: str | None = None  # what it is about, by a rule or by people
    sla: str | None = None  # the policy that says how soon it is answered; its queue does without one
    queue_chosen: bool = False  # people chose its queue: rules leave it there when it is reopened
    heard: tuple[int, ...] = ()  # when the contact's newest messages came, in seconds since 1970 (router.visits)
    visits: tuple[Visit, ...] = ()  # what the contact came about, the latest last
    acknowledged_by: str | None = None  # the rule whose text was the last automatic answer
    told_opens: datetime | None = None  # the opening that the last out-of-hours answer named
    pace: tuple[int, int] | None = None  # since when (milliseconds), and how many messages came within that minute
    decision: str | None = None
    stub: str | None = None  # its place in the pool's waiting line, where it has one
    version: int = 0

    @property
    def id(self) -> str:
        """`c_<contact>.<group>.<n>`."""
        return conversation_id(self.contact, self.group, self.number)

    @property
    def way(self) -> Way:
        """Where the customer wrote last, and so where an answer goes unless somebody chooses."""
        heard = self.last_inbound_at or self.opened_at
        return self.ways[0] if self.ways else Way(self.channel, self.inbox, self.address, heard, self.last_inbound_wire)

    @property
    def kind(self) -> str:
        """The class whose line it waits in: skill and channel. Its channel is the one it began on, which it weighs by."""
        return f"{self.skill}/{self.channel}"

    @property
    def due_at(self) -> datetime | None:
        """When the sweep must look at it again: an unfinished follow-up, else the clock."""
        times = [self.follow_at] if self.follow_at is not None else []
        if self.clock is not None and self.clock.open and not self.state.done:
            times.append(self.clock.due_at)
        return min(times) if times else None


def preview_of(text: str) -> str:
    """The start of a message on one line, at most 120 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:119] + "…"


def begin(
    message: Message,
    contact: str,
    number: int,
    inbox: Inbox,
    config: Config,
    *,
    links: tuple[str, ...] = (),
    language: str | None = None,
    said: Outcome = NOTHING,
) -> Conversation:
    """A contact's new conversation, waiting in the queue the rules or its inbox say, with its first-response clock running."""
    queue = config.queue(said.queue or inbox.queue)
    if queue is None:  # the model forbids it; a queue can vanish only by a version older than the inbox's
        raise ValueError(f"inbox '{inbox.name}' names the queue '{inbox.queue}', which does not exist")
    at = message.occurred_at
    echo = message.direction is Direction.OUTBOUND and bool(message.recipients)
    customer = message.recipients[0] if echo else message.sender
    begun = Conversation(
        contact=contact,
        group=inbox.brand,
        number=number,
        state=State.WAITING,
        channel=message.channel,
        inbox=inbox.name,
        queue=queue.name,
        pool=queue.pool,
        skill=queue.skill,
        units=config.routing.weight(str(message.channel)),
        priority=said.priority or queue.priority,
        address=customer.address,
        opened_at=at,
        waiting_since=at,
        name=customer.name,
        proof=message.authenticity.proof,
        subject=message.subject,
        language=said.language or message.language or language or inbox.language,
        clock=Clock(started_at=at, target=config.first_response(said.sla, queue)),
        follow=(WAKE,),
        follow_at=message.received_at + FOLLOW_WITHIN,
        links=links,
        tags=said.tags,
        category=said.category,
        sla=said.sla,
        rules=said.matched,
        rule_faults=said.faults,
    )
    return answered(begun, message) if echo else _heard(begun, message, inbox)


def join(
    conversation: Conversation, message: Message, inbox: Inbox, config: Config, said: Outcome = NOTHING
) -> Conversation:
    """The customer writes again. Pending becomes active; an earlier message moves the clock back.

    Resolved reopens and waits: where the rules say, else where it was.
    """
    at = message.occurred_at
    after = _heard(conversation, message, inbox)
    if message.kind.passing:
        return after
    if conversation.clock is not None:
        after = replace(after, clock=conversation.clock.heard(at))
    if conversation.state is State.WAITING:
        return replace(after, waiting_since=min(at, conversation.waiting_since or at))
    if conversation.state in (State.PENDING, State.SNOOZED):
        return replace(after, state=State.ACTIVE)
    if conversation.state.done:
        queue = config.queue(said.queue or conversation.queue) or config.queue(inbox.queue)
        sla = said.sla or conversation.sla
        after = replace(
            after,
            state=State.WAITING,
            channel=message.channel,
            units=config.routing.weight(str(message.channel)),
            waiting_since=at,
            agent=None,
            agent_connection=None,
            resolved_at=None,
            spam=False,
            decision=None,
            clock=Clock(started_at=at, target=config.first_response(sla, queue)),
            sla=sla,
            follow=(WAKE,),
            follow_at=message.received_at + FOLLOW_WITHIN,
            **_place(queue),
        )
        return _judged(after, said)
    return after


def _judged(reopened: Conversation, said: Outcome) -> Conversation:
    """What the rules say of a conversation that was reopened; what they do not say stays as people left it."""
    changed = replace(
        reopened,
        priority=said.priority or reopened.priority,
        language=said.language or reopened.language,
        category=said.category or reopened.category,
        tags=tuple(sorted(list(dict.fromkeys((*reopened.tags, *said.tags)))[:MOST_TAGS])),
        queue_chosen=reopened.queue_chosen and said.queue is None,
    )
    if said is NOTHING:
        return changed
    return replace(changed, rules=said.matched, rule_faults=said.faults)


def _place(queue: Queue | None) -> dict[str, Any]:
    """Where it waits by the configuration in force; where it waited, if that names no such queue."""
    if queue is None:
        return {}
    return {"queue": queue.name, "pool": queue.pool, "skill": queue.skill, "priority": queue.priority}


def rehoused(conversation: Conversation, now: datetime, config: Config) -> Conversation | None:
    """A waiting conversation whose queue the configuration moved or dropped, in its new line; None if it stands right."""
    inbox = config.inbox(conversation.inbox)
    queue = config.queue(conversation.queue) or (config.queue(inbox.queue) if inbox is not None else None)
    if queue is None or (queue.name, queue.pool, queue.skill) == (
        conversation.queue,
        conversation.pool,
        conversation.skill,
    ):
        return None
    changed = _place(queue) | {"priority": conversation.priority}
    return replace(conversation, **changed, stub=None, follow=(WAKE,), follow_at=now + FOLLOW_WITHIN)


def _heard(conversation: Conversation, message: Message, inbox: Inbox) -> Conversation:
    at = message.occurred_at
    newest = conversation.last_inbound_at is None or at >= conversation.last_inbound_at
    changed = replace(conversation, last_inbound_at=at if newest else conversation.last_inbound_at)
    if message.kind.passing and conversation.last_inbound_at is not None:
        return changed
    wire = message.threading.message_id if message.channel is ChannelName.EMAIL else message.external_id
    way = Way(message.channel, inbox.name, message.sender.address, at, wire)
    changed = replace(changed, ways=_ways(conversation.ways, way))
    if not newest:
        return changed
    references = conversation.references
    mail = message.threading.message_id
    if mail and mail not in references:
        references = (*references, mail)[-10:]
    return replace(
        changed,
        preview=preview_of(message.spoken or message.subject or ""),
        inbox=inbox.name,
        address=message.sender.address,
        name=message.sender.name or conversation.name,
        last_inbound_wire=mail or conversation.last_inbound_wire,
        references=references,
        options=(),
    )


def _ways(known: tuple[Way, ...], new: Way) -> tuple[Way, ...]:
    """The ways with the new one among them: one an address, the newest first, at most six."""
    same = [w for w in known if (w.inbox, w.address) == (new.inbox, new.address)]
    kept = max([new, *same], key=lambda w: w.heard_at)
    others = [w for w in known if (w.inbox, w.address) != (new.inbox, new.address)]
    return tuple(sorted([kept, *others], key=lambda w: w.heard_at, reverse=True))[:6]


def answered(conversation: Conversation, message: Message) -> Conversation:
    """An agent answered: the first-response clock stops and the customer's turn begins."""
    at = message.occurred_at
    clock = conversation.clock
    state = State.PENDING if conversation.state in (State.ACTIVE, State.OFFERED, State.SNOOZED) else conversation.state
    return replace(
        conversation,
        state=state,
        clock=clock.met(at) if clock is not None else None,
        last_outbound_at=at,
        last_send=message.id,
        preview=preview_of(message.text),
    )


def resolved(conversation: Conversation, now: datetime) -> Conversation:
    """Done, as far as we know; the customer can still reopen it. Its clock stops unanswered."""
    freed = conversation.state.held
    return replace(
        conversation,
        state=State.RESOLVED,
        resolved_at=now,
        waiting_since=None,
        clock=conversation.clock.cancelled(now) if conversation.clock is not None else None,
        follow=(FREED,) if freed else (),
        follow_at=now + FOLLOW_WITHIN if freed else None,
        stub=None,
    )


def waiting_again(conversation: Conversation, now: datetime, *, queue: str | None, config: Config) -> Conversation:
    """Back into a waiting line: reopened by an agent, or transferred to another queue. The wait counts from now."""
    target = config.queue(queue or conversation.queue)
    changed = replace(
        conversation,
        state=State.WAITING,
        waiting_since=now,
        agent=None,
        agent_connection=None,
        resolved_at=None,
        spam=False,
        decision=None,
        stub=None,
        follow=(WAKE, FREED) if conversation.state.held else (WAKE,),
        follow_at=now + FOLLOW_WITHIN,
    )
    if target is None:
        return changed
    clock = conversation.clock
    if clock is None or conversation.state.done:
        clock = Clock(started_at=now, target=config.first_response(conversation.sla, target))
    return replace(
        changed, queue=target.name, pool=target.pool, skill=target.skill, priority=target.priority, clock=clock,
        queue_chosen=conversation.queue_chosen or target.name != conversation.queue,
    )  # fmt: skip


def breached(conversation: Conversation, now: datetime) -> Conversation:
    """The deadline passed unanswered: recorded once, and the conversation moves up by one priority."""
    if conversation.clock is None:
        return conversation
    return replace(conversation, clock=conversation.clock.breach(now), priority=max(1, conversation.priority - 1))


def reopens(conversation: Conversation, at: datetime, config: Config) -> bool:
    """Does a message at that time still belong to it?"""
    if conversation.state is State.CLOSED:
        return False
    if conversation.state is not State.RESOLVED or conversation.resolved_at is None:
        return True
    return at - conversation.resolved_at <= timedelta(hours=config.routing.reopen_hours)
