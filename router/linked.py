"""The several ids a provider says are one person's: a WhatsApp phone number and the business-scoped user id beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router.exchange import Exchange
from router.ids import contact_id
from router.messages import ChannelName, Message, Proof
from router.people import join_proved, resolve
from router.records import Contact, Identity, Incoming, Known

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_LINKED = frozenset({ChannelName.WHATSAPP})
"""Channels whose provider says two lasting ids of one person in one call: a phone number and a business-scoped user id."""


def linked_ids(x: Exchange, message: Message) -> tuple[str, ...]:
    """The contacts of the sender's other ids, where the provider vouches for them. A handle (`@name`) changes hands: never one."""
    if message.channel not in _LINKED or message.authenticity.proof is not Proof.STRONG:
        return ()
    others = [one for one in message.sender.also if one and not one.startswith("@")]
    return tuple(contact_id(x.key, str(message.channel), one, proved=True) for one in others[:3])


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose message it is: their contact (None: somebody new), and what to write so that it is found by the other ids too."""

    id: str
    contact: Contact | None
    changes: tuple[Change, ...] = ()
    joined: tuple[Identity, ...] = ()  # for somebody new


def _resolved(x: Exchange, found: Contact | None, contact: Contact | None) -> Contact | None:
    """Who a contact that was read with the message is now: read on only where it leads to somebody not yet known."""
    if found is None or found.into is None:
        return found
    return contact if contact is not None and found.into == contact.id else resolve(x, found.id)


def whose(x: Exchange, message: Message, asked: Incoming, known: Known) -> Whose:
    """The person behind a message whose sender has several ids. Two known people who turn out to be one are joined first.

    A phone number changes hands: one that comes with another user id than before is somebody else, who is known by that id (P10).
    """
    contact, others = known.contact, [_resolved(x, one, known.contact) for one in known.also]
    addresses = [one for one in message.sender.also if one and not one.startswith("@")][:3]
    for address, id_, other in zip(addresses, asked.also, others, strict=False):
        identity = Identity(message.channel, address, Proof.STRONG, id_, message.occurred_at, "provider")
        if contact is None and other is None:
            alias = _alias(message, id_, address, asked.contact)
            return Whose(asked.contact, None, (x.table.new_contact(alias),), (identity,))
        if contact is None and other is not None:
            mine = Identity(
                message.channel, message.sender.address, Proof.STRONG, asked.contact, message.occurred_at, "provider"
            )
            alias = _alias(message, asked.contact, message.sender.address, other.id)
            after = replace(other, joined=(*other.joined, mine))
            return Whose(other.id, other, (x.table.new_contact(alias), x.table.save_contact(other, after)))
        if contact is not None and other is None:
            if _another(contact, message.channel, address):
                return Whose(id_, None, (), ())
            after = replace(contact, joined=(*contact.joined, identity))
            alias = _alias(message, id_, address, contact.id)
            return Whose(contact.id, contact, (x.table.new_contact(alias), x.table.save_contact(contact, after)))
        if contact is not None and other is not None and contact.id != other.id:
            if _another(contact, message.channel, address):
                return Whose(other.id, other)
            join_proved(x, contact.id, other.id, "the provider says they are one person", "provider")
            joined = resolve(x, contact.id)
            return Whose(joined.id if joined is not None else asked.contact, joined)
    return Whose(contact.id if contact is not None else asked.contact, contact)


def _another(contact: Contact, channel: ChannelName, address: str) -> bool:
    """Does the contact have another lasting id of that kind on the channel already?"""
    phone = address.startswith("+")
    return any(
        i.channel is channel
        and i.address != address
        and i.address.startswith("+") is phone
        and (i.method == "provider" or i.contact == contact.id)
        for i in contact.identities
    )


def _alias(message: Message, id_: str, address: str, into: str) -> Contact:
    return Contact(id_, message.channel, address, Proof.STRONG, message.occurred_at, into=into)
