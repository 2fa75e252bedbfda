"""A conversation and what a message, a reply or an agent does to it. Values only: every function returns a new one."""

from __future__ import annotations

from collections.abc import Mapping
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
from router.waiting import Kind

WAKE = "wake"
"""Follow-up: tell the pool that this conversation waits."""
FREED = "freed"
"""Follow-up: tell the pool that capacity came free."""
_MOST_BARRED = 20
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
    because: Mapping[str, Any] | None = None  # why these rules matched, for the record of the next decision
    category: str | None = None  # what it is about, by a rule or by people
    sla: str | None = None  # the policy that says how soon it is answered; its queue does without one
    queue_chosen: bool = False  # people chose its queue: rules leave it there when it is reopened
    heard: tuple[int, ...] = ()  # when the contact's newest messages came, in seconds since 1970 (router.visits)
    visits: tuple[Visit, ...] = ()  # what the contact came about, the latest last
    acknowledged_by: str | None = None  # the rule whose text was the last automatic answer
    told_opens: datetime | None = None  # the opening that the last out-of-hours answer named
    pace: tuple[int, int] | None = None  # since when (milliseconds), and how many messages came within that minute
    target: int = 3600  # seconds within which its queue answers
    tier: str | None = None
    require: str = "[]"  # steps that rules, or a transfer, gave it: [[seconds, needs], ...] as JSON
    last_agent: str | None = None  # who had it before it waits again
    barred: tuple[tuple[str, datetime], ...] = ()  # agents it is not offered to until then
    offer_until: datetime | None = None  # an offer that is not accepted by then has timed out
    snoozed_until: datetime | None = None
    told_step: int = 0  # its wait's last record is of the step that is asked since so many seconds of waiting
    look_at: datetime | None = None  # its requirement relaxes, or an agent may be asked again
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
    def kind(self) -> Kind:
        """The class whose line it waits in. Its channel is the one it weighs by: where it began, or where it went on waiting."""
        language = (self.language or "").partition("-")[0].lower()
        return Kind(
            self.queue, str(self.channel), self.units, self.priority, self.target, self.group, language, self.tier, self.require
        )  # fmt: skip

    @property
    def awaited(self) -> tuple[datetime, ...]:
        """The times for which it has timers: the clock's, an offer's or a snooze's end, a step."""
        times: list[datetime | None] = []
        if self.clock is not None and self.clock.open and not self.state.done:
            times.append(self.clock.due_at)
        if self.state is State.OFFERED:
            times.append(self.offer_until)
        elif self.state is State.SNOOZED:
            times.append(self.snoozed_until)
        elif self.state is State.WAITING:
            times.append(self.look_at)
        return tuple(time for time in times if time is not None)

    @property
    def due_at(self) -> datetime | None:
        """When it must be looked at again: an unfinished follow-up, or what it awaits."""
        follow = () if self.follow_at is None else (self.follow_at,)
        return min((*follow, *self.awaited), default=None)


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
        target=round(config.first_response(said.sla, queue).total_seconds()),
        tier=said.tier,
        require=said.require,
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
        because=_because(said, message, config),
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
    if conversation.state in (State.WAITING, State.OFFERED):
        after = replace(after, waiting_since=min(at, conversation.waiting_since or at))
        return after if message.channel is conversation.channel else _elsewhere(after, message, config)
    if conversation.state is State.PENDING:
        return replace(after, state=State.ACTIVE)
    if conversation.state is State.SNOOZED:
        after = awake(after, at, message.received_at)
        return after if message.channel is conversation.channel else _elsewhere(after, message, config)
    if conversation.state.done:
        queue = config.queue(said.queue or conversation.queue) or config.queue(inbox.queue)
        sla = said.sla or conversation.sla
        after = replace(
            after,
            state=State.WAITING,
            channel=message.channel,
            units=config.routing.weight(str(message.channel)),
            waiting_since=at,
            last_agent=conversation.agent,
            agent=None,
            agent_connection=None,
            resolved_at=None,
            spam=False,
            decision=None,
            clock=Clock(started_at=at, target=config.first_response(sla, queue)),
            sla=sla,
            follow=(WAKE,),
            follow_at=message.received_at + FOLLOW_WITHIN,
            **_place(replace(conversation, sla=sla), queue, config),
        )
        return _judged(replace(after, because=_because(said, message, config)), said)
    return after


def _because(said: Outcome, message: Message, config: Config) -> Mapping[str, Any] | None:
    """What the rules said of which message, under which version; None where they said nothing."""
    if not said.matched and not said.failed:
        return None
    told: dict[str, Any] = {"message": message.id, "config": config.version}
    told["matched"] = {name: dict(why) for name, why in zip(said.matched, said.why, strict=False)}
    if said.failed:
        told["failed"] = dict(said.failed)
    if said.saw:
        told["saw"] = dict(said.saw)
    return told


def _elsewhere(waiting: Conversation, message: Message, config: Config) -> Conversation:
    """The customer goes on by another channel while it waits: it weighs as that one's, and any offer is withdrawn."""
    return replace(
        waiting,
        state=State.WAITING,
        channel=message.channel,
        units=config.routing.weight(str(message.channel)),
        agent=None,
        agent_connection=None,
        decision=None,
        offer_until=None,
        stub=None,
        follow=(WAKE, FREED) if waiting.state.held else (WAKE,),
        follow_at=message.received_at + FOLLOW_WITHIN,
    )


def awake(snoozed: Conversation, since: datetime, now: datetime) -> Conversation:
    """A snooze is over, by its time or by the customer's message: it waits, for its agent first of all if they are free."""
    return replace(
        snoozed,
        state=State.WAITING,
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
    if offered.agent is None or barred_until <= now:
        return after
    others = tuple(bar for bar in after.barred if bar[0] != offered.agent)
    return replace(after, barred=(*others, (offered.agent, barred_until))[-_MOST_BARRED:])


def _judged(reopened: Conversation, said: Outcome) -> Conversation:
    """What the rules say of a conversation that was reopened; what they do not say stays as people left it."""
    changed = replace(
        reopened,
        priority=said.priority or reopened.priority,
        language=said.language or reopened.language,
        category=said.category or reopened.category,
        tier=said.tier or reopened.tier,
        require=said.require if said.require != "[]" else reopened.require,
        tags=tuple(sorted(list(dict.fromkeys((*reopened.tags, *said.tags)))[:MOST_TAGS])),
        queue_chosen=reopened.queue_chosen and said.queue is None,
    )
    if said is NOTHING:
        return changed
    return replace(changed, rules=said.matched, rule_faults=said.faults)


def _place(conversation: Conversation, queue: Queue | None, config: Config) -> dict[str, Any]:
    """Where it waits by the configuration in force; where it waited, if that names no such queue.

    A priority that rules gave it stays; one that was its queue's is the new queue's.
    """
    if queue is None:
        return {}
    before = config.queue(conversation.queue)
    given = before is not None and conversation.priority != before.priority
    return {
        "queue": queue.name,
        "pool": queue.pool,
        "priority": conversation.priority if given else queue.priority,
        "target": round(config.first_response(conversation.sla, queue).total_seconds()),
        "require": conversation.require if queue.name == conversation.queue else "[]",
        "barred": (),
        "look_at": None,
        "offer_until": None,
        "stub": None,
    }


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
    changed = _place(conversation, queue, config) | {"priority": conversation.priority, "units": units}
    if queue.name == conversation.queue or not waits:
        changed |= {"barred": conversation.barred}
    if queue.name == conversation.queue:
        changed |= {"target": conversation.target}
    if not waits:
        return replace(conversation, **changed | {"offer_until": conversation.offer_until})
    return replace(conversation, **changed, follow=(WAKE,), follow_at=now + FOLLOW_WITHIN)


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
    """Somebody answered: the first-response clock stops and the customer's turn begins. What is snoozed stays so.

    By answering an agent accepts what is offered to them; another's answer accepts nothing for them.
    """
    at = message.occurred_at
    clock = conversation.clock
    offered = conversation.state is State.OFFERED
    accepts = offered and message.author == conversation.agent
    state = State.PENDING if conversation.state is State.ACTIVE or accepts else conversation.state
    return replace(
        conversation,
        state=state,
        offer_until=conversation.offer_until if offered and not accepts else None,
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
        offer_until=None,
        snoozed_until=None,
        look_at=None,
        barred=(),
        stub=None,
    )


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
    clock = conversation.clock
    if clock is None or conversation.state.done:
        clock = Clock(started_at=now, target=config.first_response(conversation.sla, target))
    moved = conversation.queue_chosen or target.name != conversation.queue
    return replace(changed, clock=clock, queue_chosen=moved, **_place(conversation, target, config))


def breached(conversation: Conversation, now: datetime) -> Conversation:
    """The deadline passed unanswered: recorded once."""
    if conversation.clock is None:
        return conversation
    return replace(conversation, clock=conversation.clock.breach(now))


def reopens(conversation: Conversation, at: datetime, config: Config) -> bool:
    """Does a message at that time still belong to it?"""
    if conversation.state is State.CLOSED:
        return False
    if conversation.state is not State.RESOLVED or conversation.resolved_at is None:
        return True
    return at - conversation.resolved_at <= timedelta(hours=config.routing.reopen_hours)
