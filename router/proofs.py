"""Proofs of identity: what a company vouches for of its user, what a typed code shows, and what is joined because of it.

Only what is proved gets here: a mail without DMARC and a bare SMS sender are never joined by themselves (P10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router.config import Inbox
from router.errors import Conflict, Lost, NotFound, Temporary
from router.exchange import Exchange
from router.ids import contact_id, digest
from router.messages import ChannelName, Proof
from router.people import join_proved, parted, resolve
from router.records import Contact, Identity, Vouched

if TYPE_CHECKING:
    from router.aws.dynamo import Change

USER_TOKEN, SESSION, CODE = "user-token", "session", "code"
_WHY = {
    USER_TOKEN: "the company vouches for both",
    SESSION: "the same browser, before and after the login",
    CODE: "a one-time code came back",
}
_SAID = {ChannelName.WEBCHAT: "session", ChannelName.EMAIL: "email", ChannelName.WHATSAPP: "phone"}
_TRIES = 6
_MOST = 50
MOST_EARLIER = 4


def visitor_of(x: Exchange, brand: str, subject: str) -> str:
    """The visitor that a user of a brand is, on whatever device. Users of one brand have the same beginning."""
    return f"u{digest(x.key, 'users', brand, size=5)}.{digest(x.key, 'user', brand, subject)}"


def vouch(x: Exchange, contact: str, channel: ChannelName, address: str, method: str) -> str:
    """An address is proved to be this contact's: the person's id, with the address among theirs.

    Somebody who is known there is joined with them; else it is remembered, so that a first message from it is this
    person's. May be done again at any time. Raises Conflict when the address belongs to another user of the company or a
    person parted the two, NotFound without the contact, Temporary when contention does not end.
    """
    theirs = contact_id(x.key, str(channel), address, proved=True)
    for _ in range(_TRIES):
        person, other = resolve(x, contact), resolve(x, theirs)
        if person is None:
            raise NotFound(f"there is no contact {contact}")
        if other is not None and other.id == person.id:
            return person.id
        if len(person.identities) + (1 if other is None else len(other.identities)) > _MOST:
            raise Conflict(f"a person has at most {_MOST} addresses")
        if other is not None:
            if parted(person, other) or _two_users(person, other):
                x.count("ProofDisputed", 1)
                raise Conflict("the address belongs to somebody else")
            return join_proved(x, person.id, other.id, _WHY[method], method)
        try:
            x.table.commit(*_remembered(x, person, channel, address, theirs, method))
        except Lost:
            continue  # its owner wrote just now, or the person changed
        return person.id
    raise Temporary("somebody else keeps changing this contact; try again")


def _remembered(
    x: Exchange, person: Contact, channel: ChannelName, address: str, theirs: str, method: str
) -> list[Change]:
    now = x.now()
    identity = Identity(channel, address, Proof.STRONG, theirs, now, method)
    entry = "h_" + digest(x.key, "proved", person.id, theirs, str(person.version))
    return [
        x.table.new_contact(Contact(theirs, channel, address, Proof.STRONG, now, into=person.id)),
        x.table.save_contact(person, replace(person, joined=(*person.joined, identity))),
        x.table.history(
            f"contact:{person.id}", "proved", "proof", {"channel": str(channel), "method": method}, now, entry
        ),
    ]


def _two_users(a: Contact, b: Contact) -> bool:
    """Does the company know them as two of its users?"""
    mine, theirs = (dict(user for i in one.identities if (user := _user(i))) for one in (a, b))
    return any(theirs.get(brand, user) != user for brand, user in mine.items())


def _user(identity: Identity) -> tuple[str, str] | None:
    brand, dot, user = identity.address.partition(".")
    return (brand, user) if dot and identity.channel is ChannelName.WEBCHAT and brand.startswith("u") else None


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens a chat session. `earlier` are visitors this browser was before."""

    visitor: str
    earlier: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()


def visited(x: Exchange, inbox: Inbox, user: Vouched, before: str | None, earlier: Sequence[str]) -> Visit:
    """A user of the company opens the chat, in a browser whose session was `before`: 1 call when nothing is new.

    The contact is made now, before anything was written: what the company vouches for has to be kept with somebody. An
    anonymous visitor becomes this user; another user's session, left over on a shared computer, is nobody's proof.
    """
    visitor = visitor_of(x, inbox.brand, user.subject)
    own = contact_id(x.key, str(ChannelName.WEBCHAT), visitor, proved=True)
    kept = list(earlier) if before == visitor else []
    if before is not None and "." not in before:
        kept.append(before)
    kept = list(dict.fromkeys(kept))[-MOST_EARLIER:]
    proofs = [(ChannelName.WEBCHAT, one, SESSION) for one in kept]
    proofs += [(ChannelName.EMAIL, user.email, USER_TOKEN)] if user.email is not None else []
    proofs += [(ChannelName.WHATSAPP, user.phone, USER_TOKEN)] if user.phone is not None else []
    ids = {(channel, one): contact_id(x.key, str(channel), one, proved=True) for channel, one, _ in proofs}
    known = x.table.contacts([own, *ids.values()])
    if own not in known:
        _meet(x, own, visitor, user)
    mine = known[own].into or own if own in known else own
    disputed = []
    for channel, address, method in proofs:
        other = known.get(ids[channel, address])
        if (other is None and method == SESSION) or (other is not None and (other.into or other.id) == mine):
            continue  # who never wrote has nothing to keep; what is joined already is joined
        try:
            vouch(x, own, channel, address, method)
        except Conflict:
            disputed.append(_SAID[channel])
            kept = [one for one in kept if one != address]
    return Visit(visitor, tuple(kept), tuple(disputed))


def _meet(x: Exchange, own: str, visitor: str, user: Vouched) -> None:
    new = Contact(own, ChannelName.WEBCHAT, visitor, Proof.STRONG, x.now(), name=user.name, language=user.language)
    try:
        x.table.commit(x.table.new_contact(new))
    except Lost:
        return  # their other device was quicker
