"""What the store gives and takes: plain values, so that a use case never sees an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.conversations import Conversation
from router.messages import ChannelName, Message, Proof

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Identity:
    """One address of a person on a channel, how it was proved, and the contact it was before it was joined."""

    channel: ChannelName
    address: str
    proof: Proof
    contact: str
    since: datetime
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. `channel` and `address` are where they were first met; `joined` what other contacts brought along."""

    id: str
    channel: ChannelName
    address: str
    proof: Proof
    first_seen_at: datetime
    name: str | None = None
    language: str | None = None
    joined: tuple[Identity, ...] = ()
    into: str | None = None  # joined into this contact: an address of theirs is one of that person's
    preferred: str | None = None  # the channel the person wants to be answered on
    blocked_at: datetime | None = None  # whatever they write is kept and reaches nobody
    apart: tuple[str, ...] = ()  # contacts that a person parted it from: no proof joins them again
    lent: tuple[tuple[str, str], ...] = ()  # what was empty before, by name, and the joined contact that filled it
    zone: str | None = None  # of the tz database
    birthday: str | None = None  # MM-DD, or YYYY-MM-DD
    tags: tuple[str, ...] = ()  # in order
    attributes: tuple[tuple[str, Scalar], ...] = ()  # by name, in order
    version: int = 0

    @property
    def identities(self) -> tuple[Identity, ...]:
        """All addresses, the first one first."""
        own = Identity(self.channel, self.address, self.proof, self.id, self.first_seen_at)
        return (own, *self.joined)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a company says of a user who is logged in on its page. `unused` names claims that could not be used."""

    subject: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verification:
    """A one-time code on its way: which address it proves for whom (`contact`). The code itself is nowhere: it is derived.

    `typed` is set once the right code came back: the identity has to be joined, and is due until it is.
    """

    contact: str
    channel: ChannelName
    address: str
    send: str
    until: datetime
    asked_by: str
    tries: int = 0
    typed: bool = False


@dataclass(frozen=True, slots=True)
class CodesSent:
    """When codes were last sent to an address, or for a contact; `version` tells a changed list from the one that was read."""

    times: tuple[datetime, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that nothing is sent to: opted out, dead, or complained. `reason` is for people, `source` what stopped it."""

    channel: str
    address: str
    reason: str
    source: str
    at: datetime

    def stands(self, heard_at: datetime | None) -> bool:
        """Does it still count for somebody who last wrote from there then?

        Who writes from an address that was dead, or that had blocked us, can be answered; who asked us to stop has to say so.
        """
        return self.source in ASKED_FOR or heard_at is None or heard_at <= self.at


ASKED_FOR = frozenset({"opt-out", "complaint", "by hand"})
"""Sources of a suppression that writing again does not lift."""


@dataclass(frozen=True, slots=True)
class Spent:
    """How many automatic answers an address got, until when they count."""

    count: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Incoming:
    """What must be read to route one message: `sends` and `wires` are outbound messages it claims to answer.

    `also` are the contacts of the other ids that the provider says are the same person's.
    """

    message_id: str
    contact: str
    group: str
    sends: tuple[str, ...] = ()
    wires: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the table knows about an incoming message."""

    duplicate_of: str | None  # the conversation it is already in
    contact: Contact | None
    conversation: Conversation | None
    also: tuple[Contact | None, ...] = ()
    referenced: tuple[str, ...] = ()  # conversations that its tokens and references name
    unfetched: bool = False  # it is a duplicate that still lacks files


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of history: a decision, a breach, or what somebody did."""

    id: str
    subject: str
    at: datetime
    what: str
    who: str
    detail: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """Its place among its subject's entries, and in its day's audit."""
        return f"{round(self.at.timestamp() * 1000):013d}#{self.id}"


@dataclass(frozen=True, slots=True)
class Call:
    """One received call, enough to parse it again. `body_ref` stands in for a body kept elsewhere (mail in its bucket)."""

    channel: str
    inbox: str
    received_at: datetime
    body: bytes = b""
    body_ref: str | None = None
    query: str = ""
    content_type: str = ""
    envelope: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An authentic call that could not be read, and why."""

    id: str
    call: Call
    reason: str


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A message that lacks files, after so many attempts. `packed` is how it was stored when it was read."""

    message: Message
    conversation: str
    attempts: int
    due_at: datetime
    packed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that an agent uploads to send: what they said of it, which the address they got is bound to."""

    id: str
    who: str
    filename: str
    content_type: str
    size: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One event about a person. `id` is ours, `name` is its source's id of it."""

    id: str
    source: str
    name: str
    type: str
    contact: str
    at: datetime
    received_at: datetime
    data: Mapping[str, Any]
