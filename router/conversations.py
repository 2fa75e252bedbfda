"""A conversation as a value. What messages do to it is in `router.heard`, what people and time do in `router.moves`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from router.config import Config
from router.ids import conversation_id
from router.messages import ChannelName, Proof
from router.promises import Promise
from router.scores import Score
from router.sla import Clock, clock_of
from router.targets import Target
from router.timeline import EMPTY, Timeline
from router.visits import Visit
from router.waiting import Kind

WAKE = "wake"
"""Follow-up: tell the pool that this conversation waits."""
FREED = "freed"
"""Follow-up: tell the pool that capacity came free."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When somebody wrote whom we write to first."""
MOST_WATCHERS = 20
"""Of more, those who were there first stay."""
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
    timeline: Timeline = EMPTY  # what its clocks are counted from
    clocks: tuple[Clock, ...] = ()  # as they stood when it was saved
    promises: tuple[Promise, ...] = ()  # that customers were told, the oldest first
    scores: tuple[Score, ...] = ()  # the oldest first
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
    began_by: ChannelName | None = None  # the channel it began by, where it went on waiting by another
    queue_chosen: bool = False  # people chose its queue: rules leave it there when it is reopened
    heard: tuple[int, ...] = ()  # when the contact's newest messages came, in seconds since 1970 (router.visits)
    visits: tuple[Visit, ...] = ()  # what the contact came about, the latest last
    acknowledged_by: str | None = None  # the rule whose text was the last automatic answer
    told_opens: datetime | None = None  # the opening that the last out-of-hours answer named
    pace: tuple[int, int] | None = None  # since when (milliseconds), and how many messages came within that minute
    target: int = 3600  # seconds within which its queue answers
    tier: str | None = None
    require: str = "[]"  # steps that rules, or a transfer, gave it: [[seconds, needs], ...] as JSON
    watchers: tuple[str, ...] = ()  # agents who hear of it without having it
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
    def promised_by(self) -> str:
        """The channel whose deadlines it is under: by which it began, or was reopened."""
        return str(self.began_by or self.channel)

    @property
    def kind(self) -> Kind:
        """The class whose line it waits in. Its channel is the one it weighs by: where it began, or where it went on waiting."""
        language = (self.language or "").partition("-")[0].lower()
        return Kind(
            self.queue, str(self.channel), self.units, self.priority, self.target, self.group, language, self.tier, self.require
        )  # fmt: skip

    @property
    def first_response(self) -> Clock | None:
        """The clock of the first answer."""
        return clock_of(self.clocks, Target.FIRST_RESPONSE)

    @property
    def alarm_at(self) -> datetime | None:
        """The next stage of its clocks and promises, but for that of who takes it."""
        coming = [clock.next_at for clock in self.clocks if clock.target is not Target.ACCEPT]
        coming += [promise.next_at for promise in self.promises]
        return min((at for at in coming if at is not None), default=None)

    @property
    def accept_at(self) -> datetime | None:
        """The next stage of the clock that stops when somebody takes it, while nobody has: a claim counts no clock anew."""
        clock = clock_of(self.clocks, Target.ACCEPT) if self.state in (State.WAITING, State.OFFERED) else None
        return None if clock is None else clock.next_at

    @property
    def awaited(self) -> tuple[datetime, ...]:
        """The times for which it has timers: its clocks' next stages, an offer's or a snooze's end, a step."""
        times = [clock.next_at for clock in self.clocks if clock.target is not Target.ACCEPT]
        times += [self.accept_at, *(promise.next_at for promise in self.promises)]
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


def reopens(conversation: Conversation, at: datetime, config: Config) -> bool:
    """Does a message at that time still belong to it?"""
    if conversation.state is State.CLOSED:
        return False
    if conversation.state is not State.RESOLVED or conversation.resolved_at is None:
        return True
    return at - conversation.resolved_at <= timedelta(hours=config.routing.reopen_hours)
