"""What is written and told when clocks and promises set something off: its history entry, and what the policy's escalations do.

All of it stands in the transaction that remembers the stage, under ids derived from the stage: a crash neither loses it nor does it
twice. What leaves is delivered by the outbound queue; hints to desks go out after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from router.answers import inbox_of, way_for
from router.automatic import leaving
from router.clocks import Stage
from router.conversations import Conversation, State
from router.errors import Conflict
from router.escalating import Act, Event, escalated
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import digest
from router.informing import text_for
from router.sends import Send
from router.signals import Signal, delivery, follow_ups
from router.sla import clock_of
from router.staff import mail
from router.vouchers import code

if TYPE_CHECKING:
    from router.aws.dynamo import Change


@dataclass(frozen=True, slots=True)
class Acted:
    """A conversation with all that its stages made of it, what is written besides, and what leaves after the commit."""

    conversation: Conversation
    changes: tuple[Change, ...] = ()
    sends: tuple[Send, ...] = ()
    desks: bool = False  # those concerned are to be told at once
    breached: bool = False  # then whoever has it is told in any case


_APART = timedelta(milliseconds=1)
"""Between what was missed and is told at once, so that every history has it in its order."""


def act(x: Exchange, before: Conversation, after: Conversation, stages: Sequence[Stage], now: datetime) -> Acted:
    """Everything that these stages want done. `after` remembers that they were acted on; `before` is as it is stored."""
    config = x.config()
    events = [Event(stage, _event_id(x, before, after, stage)) for stage in stages]
    done = escalated(after, events, config.policy(after.sla, after.queue), config, now)
    said = _say(x, done.after, done.acts, now)
    noted: dict[str, list[dict[str, Any]]] = {event.id: [] for event in events}
    mails: list[Send] = []
    for one in done.acts:
        mailed = _mails(x, done.after, one, now)
        mails += [send for send in mailed if send.id not in {known.id for known in mails}]
        detail = one.detail | _noted(x, one, said, mailed)
        if detail:
            noted[one.event.id].append(detail)
    c = said.conversation
    entries = [
        _entry(x, before, c, event, noted[event.id], now + number * _APART) for number, event in enumerate(events)
    ]
    left = x.table.leave_line(before) if c.stub is None and before.stub is not None else []
    freed = x.table.free(before, now) if before.state.held and not c.state.held else []
    desks = any(one.by.notify is not None and one.by.notify.desk for one in done.acts)
    changes = (*entries, *said.changes, *map(x.table.new_send, mails), *left, *freed)
    breached = any(stage.kind == "breach" for stage in stages)
    return Acted(c, changes, (*said.sends, *mails), desks, breached)


def after_commit(x: Exchange, before: Conversation, acted: Acted, saved: Conversation) -> list[Signal]:
    """What must be sent once it is written; those concerned are told at once."""
    reason: Literal["breach", "warning"] = "breach" if acted.breached else "warning"
    if acted.desks and saved.agent is None:
        frame = {"type": "conversation", "conversation": saved.id, "reason": reason}
        for load in x.table.everybody(saved.pool):
            if load.connection is not None and load.agent not in saved.watchers:
                x.sockets.tell(f"A#{load.agent}", frame, load.connection)
    if before.state is State.OFFERED and saved.state is State.WAITING:
        tell_owner(x, replace(before, watchers=()), "withdrawn")
    if (acted.desks or saved.watchers) and not acted.breached:
        tell_owner(x, saved, reason)
    woken = follow_ups(saved, before.pool) if saved.follow and saved.follow != before.follow else []
    return [*woken, *map(delivery, acted.sends)]


# --- what the customer is told -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    conversation: Conversation
    by: Act | None = None  # whose text was to leave: of several at once the last; none left where there are no sends
    sends: tuple[Send, ...] = ()
    changes: tuple[Change, ...] = ()


def _say(x: Exchange, c: Conversation, acts: Sequence[Act], now: datetime) -> _Said:
    wanted = [one for one in acts if one.by.tell and (one.makes_good or not (one.by.voucher or one.by.call))]
    wanted.sort(key=lambda one: one.by.voucher is not None)  # stable: a code is not lost to what is said besides
    if not wanted:
        return _Said(c)
    one = wanted[-1]
    if c.spam or c.state is State.CLOSED:
        return _Said(c, one)
    person = x.table.contact(c.contact)
    if person is not None and person.blocked_at is not None:
        return _Said(c, one)
    try:
        way = way_for(x, c, None)
        inbox = inbox_of(x, way)
    except Conflict:
        return _Said(c, one)
    text = text_for(x.config(), c, one, inbox, person.language if person is not None else None, _code(x, one), now)
    answers = x.config().answers_for(c.queue, inbox.name)
    stem = digest(x.key, "escalation", one.event.id)
    most = answers.most if answers is not None else _MOST
    told = leaving(x, c, way, inbox, text, stem, now, purpose="answer", most=most) if text is not None else None
    if told is None:
        x.count("AutomaticAnswerWithheld", 1)
        return _Said(c, one)
    return _Said(told.conversation, one, told.sends, told.changes)


_MOST = 3
"""Texts that leave by themselves to one address within a day, where its queue has no automatic answers that say so."""


def _code(x: Exchange, one: Act) -> str | None:
    if one.by.voucher is None or not one.makes_good or one.event.stage.of is None:
        return None
    return code(x.key, one.by.voucher, one.event.stage.of)


# --- the staff, and the record -----------------------------------------------------------------------------------------


def _mails(x: Exchange, c: Conversation, one: Act, now: datetime) -> list[Send]:
    to = one.by.notify.email if one.by.notify is not None else ()
    found = (mail(x, c, one.event.stage, one.event.id, address, now) for address in dict.fromkeys(to))
    return [send for send in found if send is not None]


def _noted(x: Exchange, one: Act, said: _Said, mailed: Sequence[Send]) -> dict[str, Any]:
    """What left, as the history tells it."""
    told: dict[str, Any] = {}
    if one is said.by:
        told["told"] = said.sends[0].id if said.sends else None
    voucher = _code(x, one)
    if voucher is not None:
        told["voucher"] = voucher
    if one.by.notify is not None and one.by.notify.desk:
        told["desk"] = True
    if mailed:
        told["mailed"] = [send.to for send in mailed]
    if one.by.notify is not None and one.by.notify.webhook:
        told["webhooks"] = list(one.by.notify.webhook)
    return told


def _event_id(x: Exchange, before: Conversation, after: Conversation, stage: Stage) -> str:
    clock = clock_of(after.clocks, stage.target)
    started = stage.of or (clock.started_at.isoformat() if clock is not None else "")
    return "b_" + digest(x.key, "stage", before.id, str(stage.target), started, str(stage.number))


def _entry(
    x: Exchange, before: Conversation, after: Conversation, event: Event, actions: list[dict[str, Any]], now: datetime
) -> Change:
    stage = event.stage
    clock = clock_of(after.clocks, stage.target)
    promise = next((one for one in after.promises if one.id == stage.of), None)
    due_at = promise.due_at if promise is not None else clock.due_at if clock is not None else None
    detail: dict[str, Any] = {"target": str(stage.target), "share": stage.number, "queue": before.queue}
    detail["due_at"] = due_at.isoformat() if due_at is not None else None
    if promise is not None:
        detail |= {"promise": promise.id, "by": promise.by}
    detail["priority"] = after.priority
    if actions:
        detail |= {"actions": actions, "to_queue": after.queue, "agent": after.agent}
    return x.table.history(before.id, stage.kind, "clock", detail, now, event.id)
