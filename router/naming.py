"""Names: whom a provider's calls do not name is asked for once, when they first write, so that agents see a person and no number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from router.errors import Lost, Rejected, Temporary, TooLarge
from router.exchange import Exchange
from router.keeping import save
from router.messages import ChannelName, Direction, Message
from router.people import resolve
from router.receive import sender_contact
from router.records import Contact

NAMELESS = frozenset({ChannelName.MESSENGER, ChannelName.INSTAGRAM})
"""Channels whose webhooks bring no names."""
_MOST = 64 * 1024
if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 4


def asks(message: Message, contact: Contact | None) -> bool:
    """Is this somebody's first message, and do we not know who they are?"""
    nameless = message.channel in NAMELESS and message.sender.name is None and bool(message.sender.address)
    return nameless and contact is None and message.direction is Direction.INBOUND


def introduce(x: Exchange, message: Message, conversation_id: str) -> None:
    """Ask the provider who wrote, and keep the name. Nothing is asked of whom we know. Raises Temporary to be tried again."""
    if message.channel not in NAMELESS or message.direction is not Direction.INBOUND:
        return
    inbox = x.inbox(message.inbox)
    person = resolve(x, sender_contact(x.key, message)) if inbox is not None else None
    if inbox is None or person is None or person.name is not None:
        return
    channel = x.channel(inbox.channel)
    profile = getattr(channel, "profile", None)  # channels.base.Introduces
    request = profile(message.sender.address, inbox, x.credentials(inbox)) if profile is not None else None
    if request is None:
        return
    try:
        answer = x.get(request, _MOST, (urlsplit(request.url).hostname or "",))
    except (Rejected, TooLarge):
        return
    name = channel.name_in(answer)  # type: ignore[attr-defined]
    if name is None:
        return
    _keep(x, person, conversation_id, name)


def _keep(x: Exchange, person: Contact, conversation_id: str, name: str) -> None:
    """Write the name beside the person and in the conversation, which is just now being given to an agent."""
    known: Contact | None = person
    for _ in range(_TRIES):
        if known is None or known.name is not None:
            return  # somebody named them meanwhile
        conversation = x.table.standing(conversation_id)
        changes: list[Change] = [x.table.save_contact(known, replace(known, name=name))]
        if conversation is not None and conversation.name is None and not conversation.state.done:
            changes += save(x, conversation, replace(conversation, name=name)).changes
        try:
            x.table.commit(*changes)
        except Lost:
            known = x.table.contact(person.id)
            continue
        x.count("Named", 1)
        return
    raise Temporary("somebody keeps changing the conversation; the name is written later")
