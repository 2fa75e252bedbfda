"""An answer on its way: where it goes, in how many sends, and where it goes instead when that fails for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.codes import carries_code
from router.config import Inbox
from router.conversations import FOLLOW_WITHIN, Conversation, State, Way
from router.errors import Conflict, Invalid
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.limits import Limits
from router.messages import Attachment, ChannelName, Direction, Message, Party, ReceiptStatus
from router.parts import Answer, Parted, parts
from router.sends import Send, SendState

if TYPE_CHECKING:
    from channels.base import Channel
    from router.aws.dynamo import Change


_EVER = 2000  # a customer heard before that year never wrote


def way_for(x: Exchange, conversation: Conversation, via: str | None) -> Way:
    """Where an answer goes: as chosen (an inbox's or a channel's name), as the customer prefers, else where they wrote last.

    Raises Invalid when the customer was never heard there.
    """
    ways = conversation.ways or (conversation.way,)
    if via is not None:
        found = next((w for w in ways if via in (w.inbox, str(w.channel))), None)
        if found is None:
            known = ", ".join(dict.fromkeys(w.inbox for w in ways))
            raise Invalid(f"the customer cannot be answered by '{via}'; they wrote by {known}", field="via")
        return found
    if len({w.channel for w in ways}) > 1:
        person = x.table.contact(conversation.contact)
        if person is not None and person.preferred is not None:
            return next((w for w in ways if w.channel == person.preferred), ways[0])
    return ways[0]


def limits_of(channel: Channel, carried: ChannelName) -> Limits:
    """What a provider's channel takes of what it carries there: Twilio carries SMS and WhatsApp."""
    return channel.limits.get(carried) or channel.limits[channel.channel]


def closed_since(limits: Limits, way: Way, inbox: Inbox, now: datetime, *, human: bool) -> datetime | None:
    """When the provider's window for free answers closed; None while it is open, or where there is none.

    It runs from the second that the customer wrote in: where a provider tells no more, part of the second is only our guess.
    """
    if limits.window is None:
        return None
    window = limits.window
    if human and limits.human_window is not None and inbox.settings.get("human_agent") is True:
        window = max(window, limits.human_window)
    end = way.heard_at.replace(microsecond=0) + window
    return end if now >= end else None


def inbox_of(x: Exchange, way: Way) -> Inbox:
    """The inbox of a way. Raises Conflict when the configuration has it no more."""
    inbox = x.config().inbox(way.inbox)
    if inbox is None:
        raise Conflict(f"inbox '{way.inbox}' is no longer in the configuration: nothing can leave from it")
    return inbox


def check_way(x: Exchange, way: Way, answer: Answer, now: datetime, *, human: bool = True) -> Parted:
    """The parts of an answer on a way. Raises Conflict for a closed window or a suppressed address, Invalid for its limits."""
    inbox = inbox_of(x, way)
    limits = limits_of(x.channel(inbox.channel), way.channel)
    closed = closed_since(limits, way, inbox, now, human=human)
    if closed is not None and answer.template is None:
        how = "send a template, or answer by another channel" if limits.templates else "answer by another channel"
        if way.heard_at.year < _EVER:
            raise Conflict(f"they have not written on {way.channel} yet: {how}")
        raise Conflict(f"{way.channel} took free answers until {closed:%Y-%m-%d %H:%M} UTC: {how}")
    stopped = x.table.suppression(str(way.channel), way.address)
    if stopped is not None and stopped.stands(way.heard_at):
        raise Conflict(
            f"nothing is sent to this address on {way.channel} since {stopped.at:%Y-%m-%d}: {stopped.reason}. "
            "Answer by another channel; an admin can lift it"
        )
    return parts(answer, limits, str(way.channel))


def sends_for(
    x: Exchange,
    conversation: Conversation,
    way: Way,
    parted: Parted,
    stem: str,
    *,
    author: str,
    name: str | None,
    now: datetime,
    previous: str | None,
    tried: Sequence[str] = (),
) -> list[Send]:
    """The sends of an answer, chained so that they leave in order. The first has the id `m_<stem>`, the others are derived."""
    inbox = inbox_of(x, way)
    channel = x.channel(inbox.channel)
    made: list[Send] = []
    listed = max((number for number, part in enumerate(parted.parts) if part.text), default=0)
    for number, part in enumerate(parted.parts):
        id_ = f"m_{stem}" if number == 0 else "m_" + digest(x.key, "part", stem, str(number))
        message = Message(
            id=id_,
            channel=way.channel,
            provider=channel.provider,
            inbox=inbox.name,
            direction=Direction.OUTBOUND,
            sender=Party(address=inbox.address, name=name),
            recipients=(Party(address=way.address, name=conversation.name),),
            subject=conversation.subject,
            text=part.text,
            attachments=part.files,
            options=part.options,
            template=part.template,
            refers_to=part.refers_to,
            language=conversation.language,
            received_at=now + timedelta(milliseconds=number),
            author=author,
        )
        made.append(
            Send(
                message=message,
                conversation=conversation.id,
                state=SendState.QUEUED,
                due_at=now + FOLLOW_WITHIN,
                previous=previous,
                to=way.address,
                reply_to_wire=way.wire,
                references=conversation.references if str(way.channel) == "email" else (),
                tried=tuple(tried),
                numbered=parted.numbered if number == listed else (),
            )
        )
        previous = id_
    return made


@dataclass(frozen=True, slots=True)
class Instead:
    """The same words by another channel. `numbered`: its conversation, before and after, where they show a numbered list there."""

    sends: tuple[Send, ...] = ()
    numbered: tuple[Conversation, Conversation] | None = None

    def changes(self, x: Exchange) -> list[Change]:
        """What is written with the failure."""
        return [
            *map(x.table.new_send, self.sends),
            *(save(x, *self.numbered).changes if self.numbered else ()),
        ]


def instead(x: Exchange, send: Send, now: datetime) -> Instead:
    """The same words by another channel the customer wrote by, when one refused them for good; nothing when there is none.

    Channels are tried in `routing.fallback`'s order, each once. A template and what its window kept back are the customer's
    text all the same; an echo of another's words never comes here. What left by itself is not worth a second channel.
    """
    if send.message.author == "auto":
        return Instead()
    if carries_code(send.message):
        return Instead()  # it would prove another address than the one that was asked for
    order = x.config().routing.fallback
    tried = (*send.tried, str(send.message.channel))
    conversation = x.table.standing(send.conversation)
    if conversation is None:
        return Instead()
    message = send.message
    answer = Answer(message.text, _plain(message.attachments), message.options)
    for channel in (one for one in order if one not in tried):
        way = next((w for w in conversation.ways if w.channel == channel), None)
        if way is None:
            continue
        try:
            parted = check_way(x, way, answer, now)
        except (Conflict, Invalid):
            continue
        parted = replace(parted, numbered=parted.numbered or send.numbered)  # one that refused it may have made it text
        stem = digest(x.key, "instead", send.id, channel)
        sends = sends_for(
            x, conversation, way, parted, stem, author=message.author or "auto", name=message.sender.name, now=now,
            previous=None, tried=tried,
        )  # fmt: skip
        if parted.numbered and conversation.state is not State.CLOSED:
            return Instead(tuple(sends), (conversation, replace(conversation, options=parted.numbered)))
        return Instead(tuple(sends))
    return Instead()


def _plain(files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    return tuple(file.model_copy(update={"url": None}) for file in files)


def failed(status: ReceiptStatus) -> bool:
    """Does a receipt say that the customer will not get it?"""
    return status in (ReceiptStatus.FAILED, ReceiptStatus.BOUNCED)


def shifted(conversation: Conversation, parted: Parted, sends: Sequence[Send]) -> Conversation:
    """The conversation after an answer of several sends: the next one leaves after the last, numbers mean its options."""
    return replace(conversation, last_send=sends[-1].id, options=parted.numbered)
