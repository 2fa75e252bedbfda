"""Integration events: what a change of a stored thing means to others. Pure: two versions of it in, events of the catalogue out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from router import catalogue
from router.clocks import BREACH
from router.conversations import Conversation, State
from router.ids import digest, split_conversation_id
from router.loads import Load
from router.messages import Direction, Message, ReceiptStatus
from router.promises import Promise, Standing
from router.records import Contact, Entry
from router.sends import Send, SendState
from router.sla import clock_of
from router.staff import is_staff
from router.surveys import Rating
from router.targets import Target


@dataclass(frozen=True, slots=True)
class Filed:
    """A message that nobody has to send (inbound, a note, one sent elsewhere), in its conversation."""

    message: Message
    conversation: str


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent's place in a pool's roster."""

    pool: str
    load: Load


Thing = Conversation | Filed | Send | Contact | Seat | Entry | Rating


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one item. `mark` names it for good, `at` is when it was stored."""

    old: Thing | None
    new: Thing | None
    mark: str
    at: datetime


C = TypeVar("C", bound=catalogue.ConversationData)
M = TypeVar("M", bound=catalogue.MessageData)
P = TypeVar("P", bound=catalogue.ContactData)
Told = tuple[type[catalogue.Event], str, catalogue.Model]  # which event, about whom, with what


def events_of(change: Change, key: bytes) -> list[catalogue.Event]:
    """The events of a change, in the order in which they happened. Their ids are the same whenever they are asked for."""
    old, new = change.old, change.new
    found: Iterator[Told]
    match (old, new):
        case (None | Conversation(), None | Conversation()) if old is not None or new is not None:
            found = _conversation(old, new)
        case (None, Filed()):
            found = _filed(new)
        case (None | Send(), Send()):
            found = _send(old, new)
        case (None | Contact(), Contact()):
            found = _contact(old, new)
        case (None | Seat(), Seat()):
            found = _seat(old, new)
        case (None, Entry()):
            found = _entry(new)
        case (None, Rating()):
            found = _rating(new)
        case _:
            return []
    events: list[catalogue.Event] = []
    for model, subject, data in found:
        again = sum(type(event) is model for event in events)  # two of one kind in one change are two events
        name = "e_" + digest(key, "event", _type(model), change.mark, *((str(again),) if again else ()))
        events.append(model(id=name, time=change.at, subject=subject, data=data))
    return events


def _type(model: type[catalogue.Event]) -> str:
    return str(model.model_fields["type"].default)


# --- conversations -------------------------------------------------------------------------------------------------


def _conversation(old: Conversation | None, new: Conversation | None) -> Iterator[Told]:
    if new is None:
        return  # its slot moved with the contact's data: an erasure has no event
    if old is None or old.number != new.number:
        if old is not None and old.state is not State.CLOSED:
            yield _closed(old, catalogue.Closing.SUPERSEDED, old.version + 1)
        yield (
            catalogue.ConversationOpened,
            new.id,
            _data(new, catalogue.Opened, language=new.language, answer_due_at=_due(new)),
        )
        old = None
    else:
        yield from _moved(old, new)
    yield from _ended(old, new)
    yield from _noted(old, new)


def _moved(old: Conversation, new: Conversation) -> Iterator[Told]:
    """What changed in who has it and where, of one conversation."""
    if old.state.done and not new.state.done:
        yield catalogue.ConversationReopened, new.id, _data(new, catalogue.Reopened, resolved_at=old.resolved_at)
        return
    handed = old.state.held and new.state.held and old.agent != new.agent
    if not new.state.done and (old.queue != new.queue or handed):
        yield (
            catalogue.ConversationTransferred,
            new.id,
            _data(new, catalogue.Transferred, from_queue=old.queue, from_agent=old.agent),
        )
    if new.state is State.WAITING and old.state is not State.WAITING:
        yield catalogue.ConversationWaiting, new.id, _data(new, catalogue.Waiting, previous_agent=old.agent)


def _ended(old: Conversation | None, new: Conversation) -> Iterator[Told]:
    """Who has it now, or how it ended."""
    had = old.agent if old is not None and old.state.held else None
    if new.state.held and new.agent is not None and new.agent != had:
        yield catalogue.ConversationAssigned, new.id, _data(new, catalogue.Assigned, previous_agent=had)
    if new.state is State.RESOLVED and (old is None or not old.state.done):
        clock = new.first_response
        yield (
            catalogue.ConversationResolved,
            new.id,
            _data(
                new,
                catalogue.Resolved,
                resolved_at=new.resolved_at or new.opened_at,
                answered_at=clock.ended_at if clock is not None and clock.met else None,
            ),
        )
    if new.state is State.CLOSED and (old is None or old.state is not State.CLOSED):
        yield _closed(new, catalogue.Closing.CLOSED, new.version)


def _noted(old: Conversation | None, new: Conversation) -> Iterator[Told]:
    """Deadlines that passed, tags, and the category."""
    yield from _stages(old, new)
    yield from _promises(old, new)
    yield from _scores(old, new)
    tags = old.tags if old is not None else ()
    if set(tags) != set(new.tags):
        added = tuple(tag for tag in new.tags if tag not in tags)
        removed = tuple(tag for tag in tags if tag not in new.tags)
        yield catalogue.ConversationTagged, new.id, _data(new, catalogue.Tagged, added=added, removed=removed)
    previous = old.category if old is not None else None
    if previous != new.category:
        yield catalogue.ConversationCategorised, new.id, _data(new, catalogue.Categorised, previous=previous)


def _stages(old: Conversation | None, new: Conversation) -> Iterator[Told]:
    """Stages of clocks that were acted on."""
    for clock in new.clocks:
        known = clock_of(old.clocks, clock.target) if old is not None else None
        before = known.acted if known is not None and known.started_at >= clock.started_at else 0
        yield from _stage(new, before, clock.acted, clock.target, clock.started_at, clock.due_at)
    promised = {one.id: one.acted for one in old.promises} if old is not None else {}
    for one in new.promises:
        yield from _stage(new, promised.get(one.id, 0), one.acted, Target.PROMISE, one.made_at, one.due_at)


def _stage(
    new: Conversation, before: int, acted: int, target: Target, start: datetime, due: datetime | None
) -> Iterator[Told]:
    """A warning, or a breach; a reminder of what was told is no event."""
    if acted <= before or before >= BREACH:
        return
    times = {"target": target, "started_at": start, "due_at": due}
    if acted >= BREACH:
        yield catalogue.ConversationBreached, new.id, _data(new, catalogue.Breached, **times)
    else:
        yield catalogue.ConversationWarned, new.id, _data(new, catalogue.Warned, **times, share=acted)


_PROMISES: dict[Standing, type[catalogue.Event]] = {
    Standing.KEPT: catalogue.PromiseKept,
    Standing.BROKEN: catalogue.PromiseBroken,
    Standing.TAKEN_BACK: catalogue.PromiseTakenBack,
}


def _promises(old: Conversation | None, new: Conversation) -> Iterator[Told]:
    """Promises that are made, and what became of them. One that comes along, or is given back, is told where it was made."""
    known = {one.id: one.standing for one in old.promises} if old is not None else {}
    given_back = old is not None and old.into is not None
    for one in new.promises:
        before = known.get(one.id)
        if before is None:
            if one.source is None and not given_back:
                made = replace(one, ended_at=None, acted=0)
                yield catalogue.PromiseMade, new.id, _promise(new, made)
            before = Standing.OPEN if one.source is None and not given_back else one.standing
        if one.standing is not before and one.standing in _PROMISES:
            yield _PROMISES[one.standing], new.id, _promise(new, one)


def _promise(new: Conversation, one: Promise) -> catalogue.PromiseData:
    times = {"made_at": one.made_at, "until": one.due_at, "ended_at": one.ended_at}
    return _data(new, catalogue.PromiseData, promise=one.id, by=one.by, standing=one.standing, **times)


def _scores(old: Conversation | None, new: Conversation) -> Iterator[Told]:
    known = old.scores if old is not None else ()
    for one in new.scores:
        if one not in known:
            given = {"kind": one.kind, "score": one.value, "by": one.by, "about": one.agent, "scored_at": one.at}
            yield catalogue.ConversationScored, new.id, _data(new, catalogue.Scored, **given)


def _entry(new: Entry) -> Iterator[Told]:
    """What a stage had done, where it had anything done."""
    place, detail = split_conversation_id(new.subject), new.detail
    actions = detail.get("actions") or ()
    if place is None or not actions:
        return
    contact, group, _ = place
    call = next((one["call"] for one in actions if "call" in one), None)
    data = catalogue.Escalated(
        conversation=new.subject,
        contact=contact,
        group=group,
        stage=new.what,
        share=detail["share"],
        target=detail["target"],
        due_at=detail["due_at"],
        promise=detail.get("promise"),
        queue=detail["to_queue"],
        agent=detail["agent"],
        priority=detail["priority"],
        actions=tuple(dict.fromkeys(name for one in actions for name, value in one.items() if value is not None)),
        voucher=next((one["voucher"] for one in actions if "voucher" in one), None),
        call_due_at=call["due_at"] if call is not None else None,
        webhooks=tuple(dict.fromkeys(name for one in actions for name in one.get("webhooks", ()))),
    )
    yield catalogue.ConversationEscalated, new.subject, data


def _closed(one: Conversation, reason: catalogue.Closing, version: int) -> Told:
    reason = catalogue.Closing.MERGED if one.into is not None else reason
    data = _data(one, catalogue.Closed, reason=reason, into=one.into).model_copy(
        update={"state": State.CLOSED, "version": version}
    )
    return catalogue.ConversationClosed, one.id, data


def _due(one: Conversation) -> datetime | None:
    clock = one.first_response
    return clock.due_at if clock is not None and clock.running else None


def _data(one: Conversation, model: type[C], **more: Any) -> C:
    return model(
        conversation=one.id,
        contact=one.contact,
        group=one.group,
        channel=one.channel,
        inbox=one.inbox,
        queue=one.queue,
        agent=one.agent,
        state=one.state,
        priority=one.priority,
        spam=one.spam,
        tags=one.tags,
        category=one.category,
        opened_at=one.opened_at,
        waiting_since=one.waiting_since,
        version=one.version,
        **more,
    )


# --- messages ------------------------------------------------------------------------------------------------------


def _filed(new: Filed) -> Iterator[Told]:
    message = new.message
    if message.direction is Direction.INBOUND:
        data = _message(message, new.conversation, catalogue.MessageReceived, received_at=message.received_at)
        yield catalogue.MessageReceivedEvent, message.id, data
    elif message.direction is Direction.OUTBOUND:  # an echo of what was sent elsewhere
        sent = _message(message, new.conversation, catalogue.MessageSent, sent_at=message.occurred_at, attempts=0)
        yield catalogue.MessageSentEvent, message.id, sent


_RECEIPTS: dict[ReceiptStatus, type[catalogue.Event]] = {
    ReceiptStatus.DELIVERED: catalogue.MessageDeliveredEvent,
    ReceiptStatus.READ: catalogue.MessageReadEvent,
}
_REASONS = {ReceiptStatus.FAILED: catalogue.Failing.FAILED, ReceiptStatus.BOUNCED: catalogue.Failing.BOUNCED}


def _send(old: Send | None, new: Send) -> Iterator[Told]:
    if is_staff(new.conversation):
        return  # our own people's
    state = old.state if old is not None else None
    if new.state is not state:
        if new.state is SendState.SENT:
            yield catalogue.MessageSentEvent, new.id, _sent(new)
        elif new.state is SendState.FAILED:
            yield _failed(new, catalogue.Failing.REFUSED)
        elif new.state is SendState.PARKED:
            data = _message(new.message, new.conversation, catalogue.MessageParked, attempts=new.attempts)
            yield catalogue.MessageParkedEvent, new.id, data
    receipt = new.receipt
    if receipt is None or (old is not None and receipt is old.receipt):
        return
    if receipt in _RECEIPTS:
        yield _RECEIPTS[receipt], new.id, _sent(new)
    elif receipt in _REASONS:
        yield _failed(new, _REASONS[receipt])


def _sent(send: Send) -> catalogue.MessageSent:
    return _message(
        send.message, send.conversation, catalogue.MessageSent, sent_at=send.settled_at, attempts=send.attempts
    )


def _failed(send: Send, reason: catalogue.Failing) -> Told:
    data = _message(send.message, send.conversation, catalogue.MessageFailed, reason=reason, attempts=send.attempts)
    return catalogue.MessageFailedEvent, send.id, data


def _message(message: Message, conversation: str, model: type[M], **more: Any) -> M:
    place = split_conversation_id(conversation)
    if place is None:
        raise ValueError(f"message {message.id} is in no conversation")
    return model(
        message=message.id,
        conversation=conversation,
        contact=place[0],
        channel=message.channel,
        provider=message.provider,
        inbox=message.inbox,
        kind=message.kind,
        author=message.author,
        attachments=len(message.attachments),
        at=message.occurred_at,
        **more,
    )


# --- people --------------------------------------------------------------------------------------------------------


def _contact(old: Contact | None, new: Contact) -> Iterator[Told]:
    if old is None:
        yield (
            catalogue.ContactCreatedEvent,
            new.id,
            _person(new, catalogue.ContactCreated, first_seen_at=new.first_seen_at),
        )
    left = old.into if old is not None else None
    if left is not None and left != new.into:
        yield catalogue.ContactSeparatedEvent, new.id, _person(new, catalogue.ContactSeparated, left=left)
    if new.into is not None and left != new.into:
        yield catalogue.ContactJoinedEvent, new.id, _person(new, catalogue.ContactJoined, into=new.into)
    if old is None:
        return
    differs = {
        "name": old.name != new.name,
        "language": old.language != new.language,
        "preferred": old.preferred != new.preferred,
        "blocked": (old.blocked_at is None) != (new.blocked_at is None),
        "identities": old.joined != new.joined,
    }
    fields = tuple(name for name, changed in differs.items() if changed)
    if fields:
        yield catalogue.ContactChangedEvent, new.id, _person(new, catalogue.ContactChanged, fields=fields)


def _rating(new: Rating) -> Iterator[Told]:
    """An answer to a survey; their words are asked for by the person's id."""
    asked = new.asked
    data = catalogue.SurveyData(
        message=asked.send,
        contact=asked.contact,
        conversation=asked.conversation,
        campaign=asked.campaign,
        channel=asked.channel,
        language=asked.language,
        kind=new.kind,
        score=new.value,
        how=new.how,
        comment=bool(new.text),
        about=new.agent,
        raised=new.raised,
        asked_at=asked.at,
        answered_at=new.at,
    )
    yield catalogue.SurveyAnswered, asked.send, data


def _person(one: Contact, model: type[P], **more: Any) -> P:
    return model(contact=one.id, channel=one.channel, proof=one.proof, version=one.version, **more)


def _seat(old: Seat | None, new: Seat) -> Iterator[Told]:
    before = old.load.presence if old is not None else new.load.moved_in
    if before != new.load.presence:
        yield (
            catalogue.AgentPresenceChanged,
            new.load.agent,
            catalogue.PresenceData(
                agent=new.load.agent,
                pool=new.pool,
                presence=new.load.presence,
                previous=before,
                since=new.load.presence_since,
            ),
        )
