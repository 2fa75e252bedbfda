"""What follows a commit, as messages between our own functions. Sent after the commit, again by a duplicate, at last by the sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from router.conversations import Conversation
from router.sends import Send
from router.waiting import WaitingRow

TIMER_REACH = timedelta(minutes=15)
"""As far as the delay queue reaches; what is due later the sweep finds."""


@dataclass(frozen=True, slots=True)
class Route:
    """To inbound.fifo: one message or receipt, as JSON. `group` is the sender's keyed hash."""

    group: str
    event_id: str
    body: dict[str, Any]
    again: str = ""


@dataclass(frozen=True, slots=True)
class Wake:
    """To match.fifo: a pool has something to match; `waiting` is the newcomer, None when capacity came free."""

    pool: str
    event_id: str
    waiting: WaitingRow | None = None


@dataclass(frozen=True, slots=True)
class Deliver:
    """To outbound.fifo: an answer to carry. Replies of one conversation leave in order. `bulk`: to outreach.fifo, behind no answer."""

    conversation: str
    send: str
    event_id: str
    previous: str | None = None
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """To outreach.fifo: a campaign is set off."""

    campaign: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """To outreach.fifo: go on through one part of the contacts."""

    campaign: str
    run: str
    part: int
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """To outreach.fifo: carry a journey on."""

    contact: str
    campaign: str
    occurrence: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Walk:
    """To outreach.fifo: have every journey of a campaign that goes on looked at; `shard` is one of the lists that they are in."""

    campaign: str
    shard: int
    cursor: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Timer:
    """To the delay queue: look at this item when it is due, within 15 minutes."""

    pk: str
    sk: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fetch:
    """To the media queue: a message whose files lie with the provider."""

    message: str


@dataclass(frozen=True, slots=True)
class Hook:
    """To the hooks queue: post an event to a webhook, not before `at`, within 15 minutes."""

    delivery: str
    webhook: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """To due.fifo: something is due in this shard of the due index."""

    shard: int
    event_id: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """To a person's attention: a record of the stream that cannot be read. Names the item, holds nothing of it."""

    pk: str
    sk: str
    sequence: str
    why: str


Signal = Route | Wake | Deliver | Launch | Plan | Step | Walk | Timer | Fetch | Hook | Due | SetAside


def waiting_row(conversation: Conversation) -> WaitingRow:
    """A waiting conversation as a decision sees it."""
    return WaitingRow(
        conversation=conversation.id,
        kind=conversation.kind,
        since=conversation.waiting_since or conversation.opened_at,
        alarm_at=conversation.alarm_at,
        accept_at=conversation.accept_at,
        stub=conversation.stub,
        preferred=conversation.last_agent,
        barred=conversation.barred,
        told_step=conversation.told_step,
        because=None if conversation.barred or conversation.decision else conversation.because,
    )


def follow_ups(conversation: Conversation, freed_pool: str | None = None) -> list[Signal]:
    """The wake-ups a conversation owes its pool. Ids are unique per change: a repeated one would be swallowed for 5 minutes."""
    signals: list[Signal] = []
    stem = f"{conversation.id}.{conversation.version}"
    if "wake" in conversation.follow:
        signals.append(Wake(conversation.pool, f"{stem}.wake", waiting_row(conversation)))
    if "freed" in conversation.follow:
        signals.append(Wake(freed_pool or conversation.pool, f"{stem}.freed"))
    return signals


def timer_of(conversation: str, at: datetime) -> Timer:
    """A timer for something a conversation awaits, by its id."""
    contact, _, rest = conversation.removeprefix("c_").partition(".")
    return Timer(f"P#p_{contact}", f"open#{rest.rpartition('.')[0]}", at)


def journey_timer(contact: str, campaign: str, occurrence: str, at: datetime) -> Timer:
    """A timer for a journey, by its key."""
    return Timer(f"P#{contact}", f"tour#{campaign}#{occurrence}", at)


def timers_of(conversation: Conversation, now: datetime) -> list[Timer]:
    """A timer for each thing it awaits within their reach, for one that stands in another place than it did."""
    return [timer_of(conversation.id, at) for at in conversation.awaited if at <= now + TIMER_REACH]


def delivery(send: Send, salt: str = "") -> Deliver:
    """Carry a send. `salt` makes a repeat a new event."""
    event_id = f"{send.id}.{send.attempts}{salt}"
    return Deliver(send.conversation, send.id, event_id, send.previous, bulk=send.journey is not None)
