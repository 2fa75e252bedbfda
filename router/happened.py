"""What happened elsewhere: a purchase, a delivery, anything another system tells of a person. Stored once per source and id.

An event about somebody nobody knows is refused (404) rather than kept for nobody: its sender knows best whether to say
`create`, and an address that is typed wrong must not become a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from router.errors import Invalid, Lost, NotFound, Temporary
from router.exchange import Exchange
from router.ids import contact_id, digest
from router.messages import ChannelName, Proof
from router.once import User
from router.people import resolve
from router.records import Contact, Happening
from router.setting_off import again, set_off
from router.signals import Signal

if TYPE_CHECKING:
    from router.aws.dynamo import Change

MOST_BYTES = 32 * 1024
_AHEAD = timedelta(days=1)
_TRIES = 4
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class About:
    """Whom an event is about: a contact by id, or whoever has an address; `create` makes one for an address nobody has."""

    contact: str | None = None
    channel: str | None = None
    address: str | None = None
    create: bool = False


def tell(
    x: Exchange, user: User, name: str, kind: str, about: About, at: datetime | None, data: Mapping[str, Any]
) -> Happening:
    """Store an event under its person; one that is known by its source and id is left as it is. An administrator or a machine may."""
    if not user.machine:
        user.need("admin")
    now = _kept(x.now())
    if at is not None and at > now + _AHEAD:
        raise Invalid("it lies more than a day ahead", field="time")
    id_ = "e_" + digest(x.key, "event", user.name, name)
    for _ in range(_TRIES):
        known = x.table.happening(id_)
        if known is not None:
            _follow(x, again(x, known))
            return known
        person, made = _person(x, about)
        happening = Happening(id_, user.name, name, kind, person.id, _kept(at or now), now, data)
        follows = set_off(x, happening)
        try:
            x.table.commit(x.table.new_happening(happening), *made, *follows.changes)
        except Lost:
            continue  # told twice at once, or the person was met, or a journey of theirs moved meanwhile
        x.count("EventIn", 1)
        _follow(x, follows.signals)
        return happening
    raise Temporary("somebody else keeps changing it; try again")


def _follow(x: Exchange, signals: Sequence[Signal]) -> None:
    """Send what must follow. If this fails it is due, and the sweep does it."""
    try:
        x.queues.send(signals, x.now())
    except Temporary:
        x.count("FollowUpLeftToSweep", 1)


def _kept(at: datetime) -> datetime:
    """A time as the table keeps it, so that the first answer and a repeat's are the same."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def happenings(x: Exchange, contact: str, before: str | None, limit: int) -> tuple[list[Happening], str | None]:
    """What happened to a person, the newest first, and where to go on. Raises NotFound, Invalid."""
    person = resolve(x, contact)
    if person is None:
        raise NotFound(f"there is no contact {contact}")
    if before is not None and not re.fullmatch(r"\d{13}#e_[a-z2-7]{24}", before):
        raise Invalid("this cursor is not one of ours", field="cursor")
    return x.table.happenings([identity.contact for identity in person.identities], before=before, limit=limit)


def _person(x: Exchange, about: About) -> tuple[Contact, list[Change]]:
    if about.contact is not None:
        person = resolve(x, about.contact)
        if person is None:
            raise NotFound(f"there is no contact {about.contact}")
        return person, []
    channel, address = _address(about)
    for proved in (True, False):
        person = resolve(x, contact_id(x.key, channel, address, proved=proved))
        if person is not None:
            return person, []
    if not about.create:
        raise NotFound('nobody is known by that address; say "create": true to make a contact for it')
    return _new(x, channel, address)


def _new(x: Exchange, channel: ChannelName, address: str) -> tuple[Contact, list[Change]]:
    """The contact that the address's owner will be when they write from it with proof: a forger is somebody else (P10)."""
    right = {ChannelName.EMAIL: _MAIL, ChannelName.SMS: _E164, ChannelName.WHATSAPP: _E164}.get(channel)
    if channel is ChannelName.WEBCHAT:
        raise Invalid("a visitor of the web chat cannot be made beforehand", field="contact.channel")
    if (right is not None and not right.fullmatch(address)) or len(address) > 320:
        raise Invalid(f"this is no address of {channel}", field="contact.address")
    id_ = contact_id(x.key, channel, address, proved=True)
    person = Contact(id_, channel, address, Proof.WEAK, x.now())  # our own systems vouch for it
    return person, [x.table.new_contact(person)]


def _address(about: About) -> tuple[ChannelName, str]:
    """A channel and an address as it is kept."""
    try:
        channel = ChannelName(about.channel or "")
    except ValueError:
        raise Invalid(f"the channels are {', '.join(ChannelName)}", field="contact.channel") from None
    plain = (about.address or "").strip()
    if not plain:
        raise Invalid("give a contact's id, or a channel and an address", field="contact.address")
    if channel is ChannelName.EMAIL:
        plain = plain.lower()
    return channel, plain
