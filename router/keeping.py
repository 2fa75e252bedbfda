"""What is written with every conversation that is saved: the mark of its new state, its clocks, and the hours it counts in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from router import promises
from router.config import Config
from router.conversations import Conversation, State
from router.exchange import Exchange
from router.setting_off import resolved
from router.signals import TIMER_REACH, Timer, journey_timer, timer_of, waiting_row
from router.sla import counted
from router.targets import Terms
from router.timeline import What
from router.times import to_ms
from router.touched import touched

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_MARKS = {
    State.WAITING: What.WAITING,
    State.OFFERED: What.OFFERED,
    State.ACTIVE: What.ACTIVE,
    State.PENDING: What.PENDING,
    State.SNOOZED: What.SNOOZED,
    State.RESOLVED: What.RESOLVED,
    State.CLOSED: What.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What writes a conversation, the conversation as it then is, and timers for what it awaits now and did not before."""

    after: Conversation
    changes: tuple[Change, ...]
    timers: tuple[Timer, ...] = ()


def save(x: Exchange, before: Conversation, after: Conversation, *, past: bool = False) -> Saved:
    """Write a conversation unless somebody changed it since; `past` corrects one that is archived."""
    now = x.now()
    after = kept(after, x.config(), now)
    change = x.table.save_past(before, after) if past else x.table.save_conversation(before, after)
    after = replace(after, version=before.version + 1)
    begun = [] if past else resolved(x, before, after, now)
    changes = (change, *_in_line(x, before, after), *_hours(x, before, after, now), *map(x.table.new_journey, begun))
    first = (journey_timer(*one.key, now) for one in begun)
    return Saved(after, changes, (*timers(before, after, now), *first))


def open_new(x: Exchange, conversation: Conversation) -> Saved:
    """Open the contact's empty slot."""
    now = x.now()
    after = replace(kept(conversation, x.config(), now), version=1)
    return Saved(after, (x.table.new_conversation(after), *_hours(x, None, after, now)), timers(None, after, now))


def _in_line(x: Exchange, before: Conversation, after: Conversation) -> list[Change]:
    """What stays in its place in line and is due sooner by now tells the line. One that is due later is looked at too soon, no more."""
    if before.stub is None or (after.state, after.stub, after.kind) != (State.WAITING, before.stub, before.kind):
        return []
    known, row = waiting_row(before), waiting_row(after)
    sooner = _sooner(row.alarm_at, known.alarm_at) or _sooner(row.accept_at, known.accept_at)
    return [x.table.expect_sooner(row, after.pool)] if sooner else []


def _sooner(at: datetime | None, known: datetime | None) -> bool:
    return at is not None and (known is None or at < known)


def _hours(x: Exchange, before: Conversation | None, after: Conversation, now: datetime) -> list[Change]:
    """The hours in which it counts by this change; what was in the slot before it is another one."""
    known = before if before is not None and before.number == after.number else None
    return x.table.touch(
        after.id, touched(known, after, terms_for(after, x.config()), to_ms(now)), f"{after.id}.{after.version}"
    )


def kept(conversation: Conversation, config: Config, now: datetime) -> Conversation:
    """A conversation with the mark of the state it is in, if that is new, and its clocks counted anew."""
    of = conversation.queue if conversation.state is State.WAITING else conversation.agent
    timeline = conversation.timeline.became(_MARKS[conversation.state], to_ms(now), of)
    terms = terms_for(conversation, config)
    return replace(
        conversation,
        timeline=timeline,
        clocks=counted(timeline, terms, conversation.clocks),
        promises=promises.counted(conversation.promises, timeline, terms),
    )


def terms_for(conversation: Conversation, config: Config) -> Terms:
    """What is promised of a conversation by the configuration in force."""
    c = conversation
    return config.terms(c.sla, c.queue, c.tier, c.promised_by)


def timers(before: Conversation | None, after: Conversation, now: datetime) -> tuple[Timer, ...]:
    """A timer for each thing within their reach that it awaits, and did not before."""
    known = () if before is None or before.number != after.number else before.awaited
    return tuple(timer_of(after.id, at) for at in after.awaited if at not in known and at <= now + TIMER_REACH)
