"""Route: one message becomes part of one conversation, in one transaction, with all that must follow (P1 to P4, P10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router import surveying
from router.automatic import Told, acknowledged, again
from router.background import background_of, kept
from router.codes import in_message, proved_by
from router.config import Config, Inbox
from router.conversations import Conversation, State, preview_of, reopens
from router.errors import Lost, NotFound, Temporary
from router.exchange import Exchange
from router.facts import scope_of
from router.heard import answered, asks_nothing, begin, join
from router.hints import tell_owner
from router.ids import message_id, read_token
from router.keeping import Saved, open_new, save
from router.linked import Whose, linked_ids, whose
from router.marks import unheard
from router.messages import Direction, Kind, Message, Provider
from router.moves import at_rest
from router.naming import asks
from router.onward import replied
from router.optouts import opted
from router.receive import sender_contact
from router.records import Contact, Incoming, Known
from router.rules import NOTHING, Outcome, judge
from router.sends import Send
from router.signals import Fetch, Signal, delivery, follow_ups
from router.surveying import Reply, belongs
from router.visits import remembered

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 6
_AROUND_A_NUMBER = " \t\r\n.,:;!()[]#-\ufe0f\u20e3"  # "2)", "#2", and the key 2\ufe0f\u20e3 of an emoji keyboard


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a message went. `signals` must be sent before the message counts as done. `lost`: it is no longer its agent's by it."""

    conversation: Conversation
    duplicate: bool
    signals: tuple[Signal, ...]
    lost: Conversation | None = None


def incoming(x: Exchange, message: Message) -> Incoming:
    """What to read about a message: itself, its sender, and everything it claims to refer to."""
    inbox = inbox_of(x, message)
    sends = [read_token(x.key, token) for token in message.threading.tokens[:5]]
    wires = [*message.threading.in_reply_to[:5], *reversed(message.threading.references[-10:])]
    return Incoming(
        message_id=message.id,
        contact=sender_contact(x.key, message),
        group=inbox.brand,
        sends=tuple(dict.fromkeys(send for send in sends if send is not None)),
        wires=tuple(dict.fromkeys(wire for wire in wires if wire.strip())),
        also=linked_ids(x, message),
    )


def inbox_of(x: Exchange, message: Message) -> Inbox:
    """The inbox a message came to. Raises NotFound when the configuration lost it since."""
    inbox = x.config().inbox(message.inbox)
    if inbox is None:
        raise NotFound(f"inbox '{message.inbox}' is no longer in the configuration")
    return inbox


def route(x: Exchange, message: Message, known: Known | None = None) -> Routed:
    """Join or begin the sender's conversation and store the message, once. Raises Temporary when contention does not end.

    What the mail says about threads is never trusted with membership: a conversation is joined only because it is the
    sender's own. A token or reference to any other becomes a link that agents see.
    """
    inbox = inbox_of(x, message)
    original, written = message, incoming(x, message)
    for _ in range(_TRIES):
        known = known or x.table.known([written])[0]
        if known.duplicate_of is not None:
            return _duplicate(x, message, known)
        asked, known, person = _owner(x, message, written, known)
        typed = in_message(x, original, (asked.contact, written.contact)) if known.contact is not None else None
        message = chosen(original if typed is None else typed.message, known.conversation)
        before = known.conversation
        reply = surveying.in_message(x, message, known, asked.contact)
        after, said = _after(x, message, inbox, asked, known, reply)
        told = _told(x, message, inbox, known, _called(after, known), said, reply)
        after = remembered(before, told.conversation, message)
        gone = _withdrawn(x, message, inbox) if message.kind is Kind.DELETION else None
        if gone is not None and after.preview == preview_of(gone.spoken):
            after = replace(after, preview="")
        saved = save(x, before, after) if before is not None else open_new(x, after)
        changes = _place(x, message, asked, known, person, saved)
        changes += [*person.changes, *told.changes, *([] if typed is None else [typed.change])]
        if gone is not None:
            changes.append(x.table.withdraw(gone, message.occurred_at))
        wakes = [*replied(x, asked.contact, message), *surveying.tells(reply)]
        try:
            x.table.commit(x.table.new_message(message, after.id, asks=asks(message, known.contact)), *changes)
        except Lost:
            known = None  # a duplicate, or the conversation moved: look again, decide again
            continue
        after = saved.after
        proved_by(x, typed)
        x.count("Routed", 1)
        if said.failed:
            x.count("RuleFailed", len(said.failed))
        signals: list[Signal] = [*_signals(message, after, told.sends), *saved.timers, *wakes]
        if asks(message, known.contact) and not any(isinstance(one, Fetch) for one in signals):
            signals.append(Fetch(message.id))
        taken = before if before is not None and before.state.held and not after.state.held else None
        return Routed(after, False, tuple(signals), taken)
    raise Temporary(f"message {message.id} met contention {_TRIES} times")


def _owner(x: Exchange, message: Message, asked: Incoming, known: Known) -> tuple[Incoming, Known, Whose]:
    """Whose message it is, with what is known of them: a contact that was joined into another is that other person."""
    for _ in range(5):
        if known.contact is None or known.contact.into is None:
            break
        asked = replace(asked, contact=known.contact.into)
        known = x.table.known([asked])[0]
    if not asked.also:
        return asked, known, Whose(asked.contact, known.contact)
    person = whose(x, message, asked, known)
    if person.id != asked.contact:
        asked = replace(asked, contact=person.id)
        known = replace(x.table.known([asked])[0], contact=person.contact)
    return asked, known, person


def chosen(message: Message, conversation: Conversation | None) -> Message:
    """A number typed under a numbered list is the option that stands there."""
    options = conversation.options if conversation is not None else ()
    text = message.spoken.strip(_AROUND_A_NUMBER)
    if message.kind is not Kind.MESSAGE or not (text.isascii() and text.isdigit()) or len(text) > 2:
        return message
    if not 1 <= int(text) <= len(options):
        return message
    return message.model_copy(update={"kind": Kind.POSTBACK, "payload": options[int(text) - 1]})


def _withdrawn(x: Exchange, message: Message, inbox: Inbox) -> Message | None:
    """The message that its author took back: its words and files go. None for one that is not there, or not theirs."""
    if message.refers_to is None:
        return None
    scope = inbox.brand if message.provider is not Provider.TELEGRAM else f"{inbox.brand}:{inbox.address}"
    original = x.table.message(message_id(x.key, str(message.provider), scope, message.refers_to))
    if not isinstance(original, Message) or original.sender.address != message.sender.address:
        return None
    return original


def _after(
    x: Exchange, message: Message, inbox: Inbox, asked: Incoming, known: Known, reply: Reply | None
) -> tuple[Conversation, Outcome]:
    """The conversation as the message leaves it, the sender's own that goes on or their next one, and what the rules said."""
    config = x.config()
    before = known.conversation
    if before is not None and (reopens(before, message.occurred_at, config) or belongs(reply, before)):
        reopened = before.state.done and not message.kind.passing and not asks_nothing(before, message, config)
        said = _said(x, message, inbox, known, reopened=True) if reopened else NOTHING
        after = replace(_heard(before, message, inbox, config, said), links=_links(before, known.referenced))
        return (unheard(before, after, x.now()) if _blocked(known) else after), said
    number = 1 if before is None else before.number + 1
    unseen = message.kind.quiet or message.direction is Direction.OUTBOUND or _blocked(known)
    said = NOTHING if unseen else _said(x, message, inbox, known)
    after = begin(
        message,
        asked.contact,
        number,
        inbox,
        config,
        links=known.referenced[:10],
        language=known.contact.language if known.contact is not None else None,
        said=said,
    )
    if unseen:
        after = at_rest(after, message.occurred_at)
    return after, said


def _said(x: Exchange, message: Message, inbox: Inbox, known: Known, *, reopened: bool = False) -> Outcome:
    """What the rules make of a message that begins a conversation, or reopens the one that is known."""
    config = x.config()
    if not config.rules or message.direction is Direction.OUTBOUND or _blocked(known):
        return NOTHING
    chosen_by_people = reopened and known.conversation is not None and known.conversation.queue_chosen
    background = background_of(message, known, reopened=reopened)
    said = judge(config, scope_of(message, background, inbox, config), settled=chosen_by_people)
    return replace(said, saw=kept(background, message, config)) if said.matched or said.failed else said


def _called(after: Conversation, known: Known) -> Conversation:
    """By the name that the person is known by, which people may have corrected; else as the sender writes it."""
    name = known.contact.name if known.contact is not None else None
    return replace(after, name=name) if name else after


def _told(
    x: Exchange, message: Message, inbox: Inbox, known: Known, after: Conversation, said: Outcome, reply: Reply | None
) -> Told:
    """The conversation with what leaves by itself: the answer to STOP, START or HELP, or an acknowledgement; a survey's score is in it."""
    before = known.conversation
    told = opted(x, message, inbox, before, after, blocked=_blocked(known))
    if told is not None:
        return told
    if reply is None:
        return acknowledged(x, message, inbox, known, before, after, said)
    scored = surveying.received(x, reply, message, inbox, before, after)
    told = Told(scored.conversation)
    if not reply.asks_nobody:
        told = acknowledged(x, message, inbox, known, before, scored.conversation, said)
    return replace(told, changes=(*told.changes, *scored.changes))


def _place(x: Exchange, message: Message, asked: Incoming, known: Known, person: Whose, saved: Saved) -> list[Change]:
    """What writes the conversation, and a person who is met."""
    before, after = known.conversation, saved.after
    if before is not None and after.number == before.number:
        freed: list[Change] = []
        if _blocked(known) or (before.state.held and not after.state.held):
            freed += x.table.free(before, x.now())
        if _blocked(known) or after.stub is None:
            freed += x.table.leave_line(before)
        return [*saved.changes, *freed]
    changes: list[Change] = [*saved.changes]
    if before is None:
        if known.contact is not None and not person.changes:  # met in another thread group
            changes.append(x.table.still_apart(known.contact))
    else:
        changes.append(x.table.archive(before))
    if known.contact is None:
        changes.append(x.table.new_contact(_contact(message, asked.contact, person)))
    return changes


def _blocked(known: Known) -> bool:
    """Is it from somebody whose messages are kept and reach nobody?"""
    return known.contact is not None and known.contact.blocked_at is not None


def _links(conversation: Conversation, referenced: Sequence[str]) -> tuple[str, ...]:
    new = [r for r in referenced if r != conversation.id and r not in conversation.links]
    return (*conversation.links, *new)[-10:]


def _heard(before: Conversation, message: Message, inbox: Inbox, config: Config, said: Outcome) -> Conversation:
    """The customer writes again, or somebody answered them in the provider's own app."""
    if message.direction is not Direction.OUTBOUND:
        return join(before, message, inbox, config, said)
    after = answered(before, message)
    return replace(after, last_send=before.last_send)  # it left already: nothing of ours waits behind it


def _contact(message: Message, contact: str, person: Whose) -> Contact:
    customer = message.sender
    if message.direction is Direction.OUTBOUND and message.recipients:
        customer = message.recipients[0]
    return Contact(
        id=contact,
        channel=message.channel,
        address=customer.address,
        proof=message.authenticity.proof,
        first_seen_at=message.occurred_at,
        name=customer.name,
        language=message.language,
        joined=person.joined,
    )


def _signals(message: Message, after: Conversation, sends: Sequence[Send]) -> list[Signal]:
    signals = follow_ups(after) if after.follow else []
    signals += map(delivery, sends)
    if any(attachment.unfetched for attachment in message.attachments):
        signals.append(Fetch(message.id))
    return signals


def _duplicate(x: Exchange, message: Message, known: Known) -> Routed:
    """Stored before. Whoever stored it may have died before sending what follows, so it is sent again."""
    conversation = x.table.conversation(known.duplicate_of or "")
    x.count("Duplicate", 1)
    if conversation is None:
        raise NotFound(f"a message names conversation {known.duplicate_of}, which does not exist")
    signals = [*(follow_ups(conversation) if conversation.follow else []), *again(x, message, conversation)]
    if known.unfetched:
        signals.append(Fetch(message.id))
    return Routed(conversation, True, tuple(signals))


def tell_agent(x: Exchange, routed: Routed) -> None:
    """The owner's page hears of a new message, or that an offer was withdrawn by it."""
    if routed.lost is not None:
        tell_owner(x, routed.lost, "withdrawn" if routed.lost.state is State.OFFERED else "changed")
    if not routed.duplicate and not routed.conversation.state.done:
        tell_owner(x, routed.conversation, "message")
