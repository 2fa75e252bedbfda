"""What outreach keeps besides journeys: a person's row, a campaign's control, a run over an audience and its parts. Values only."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from router.consents import Consent, Place
from router.conversations import Conversation
from router.messages import ChannelName
from router.records import Contact, Identity, Suppression
from router.slots import EMPTY, Ledger
from router.surveys import Asked, remembered

SLICE = "~"
"""Parts an occurrence from the quarter of an hour in the name of a run."""
PARTS = 8
"""All contacts are in so many parts, each of which a run goes through by itself."""
MILLIONTHS = 1_000_000
"""Money is counted in so many parts of the currency, in whole numbers."""
_MOST_ENTERED = 50
_NUMBERS = (ChannelName.SMS, ChannelName.WHATSAPP)


def part_of(contact: str) -> int:
    """The part that a contact is in, always."""
    return zlib.crc32(contact.encode()) % PARTS


@dataclass(frozen=True, slots=True)
class Live:
    """A journey that still goes on, and what the person may do that matters to it: `reply`, `click`, event types."""

    campaign: str
    occurrence: str
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entered:
    """When somebody last got a campaign that they get only so often; milliseconds."""

    campaign: str
    at: int


@dataclass(frozen=True, slots=True)
class OutreachRow:
    """A person's outreach: slots that caps count, journeys that go on, campaigns entered, surveys asked. One item, with a version."""

    ledger: Ledger = EMPTY
    live: tuple[Live, ...] = ()
    entered: tuple[Entered, ...] = ()
    asked: tuple[Asked, ...] = ()

    @property
    def version(self) -> int:
        """0 where there is none yet."""
        return self.ledger.version

    def with_ledger(self, ledger: Ledger) -> OutreachRow:
        """With other slots."""
        return self if ledger is self.ledger else replace(self, ledger=ledger)

    def has(self, campaign: str, occurrence: str) -> bool:
        """Does this journey go on?"""
        return any((one.campaign, one.occurrence) == (campaign, occurrence) for one in self.live)

    def begun(self, live: Live) -> OutreachRow:
        """With a journey that goes on."""
        if live in self.live:
            return self
        others = (one for one in self.live if (one.campaign, one.occurrence) != (live.campaign, live.occurrence))
        return replace(self, live=(*others, live))

    def over(self, campaign: str, occurrence: str) -> OutreachRow:
        """Without one that is over."""
        left = tuple(one for one in self.live if (one.campaign, one.occurrence) != (campaign, occurrence))
        return self if len(left) == len(self.live) else replace(self, live=left)

    def asking(self, asked: Asked, now: datetime) -> OutreachRow:
        """With a survey that leaves, and without those that nobody can answer any more."""
        return replace(self, asked=remembered((*self.asked, asked), now))

    def entering(self, campaign: str, at: int) -> OutreachRow:
        """With the time of entering a campaign."""
        others = [one for one in self.entered if one.campaign != campaign]
        return replace(self, entered=(*others, Entered(campaign, at))[-_MOST_ENTERED:])

    def joined(self, other: OutreachRow) -> OutreachRow:
        """With what had left for somebody who turned out to be the same person: caps count it, and nobody is asked anew."""
        known = {slot.send for slot in self.ledger.slots}
        slots = tuple(slot for slot in other.ledger.slots if slot.sent and slot.send not in known)
        latest = {one.campaign: one for one in sorted((*self.entered, *other.entered), key=lambda one: one.at)}
        sends = {one.send for one in self.asked}
        return replace(
            self,
            ledger=replace(self.ledger, slots=(*self.ledger.slots, *slots)) if slots else self.ledger,
            entered=tuple(latest.values()),
            asked=(*self.asked, *(one for one in other.asked if one.send not in sends)),
        )

    def entered_at(self, campaign: str) -> int | None:
        """When they last entered a campaign."""
        return next((one.at for one in self.entered if one.campaign == campaign), None)


@dataclass(frozen=True, slots=True)
class Person:
    """What the arbiter, a segment and a template know of somebody, read together just before it is asked.

    `conversations` are the latest with each brand, `consents` what holds of their addresses, `suppressed` those that nothing is sent to.
    """

    contact: Contact
    conversations: tuple[Conversation, ...] = ()
    consents: Mapping[Place, Consent] = field(default_factory=dict)
    suppressed: Mapping[tuple[ChannelName, str], Suppression] = field(default_factory=dict)
    row: OutreachRow = OutreachRow()

    @property
    def addresses(self) -> tuple[Identity, ...]:
        """All addresses, the first one first."""
        return self.contact.identities

    @property
    def phone(self) -> str | None:
        """A number of theirs, E.164."""
        for one in self.addresses:
            if one.channel in _NUMBERS and one.address.startswith("+"):
                return one.address
        return None


@dataclass(frozen=True, slots=True)
class Control:
    """What people have decided of a campaign.

    What began until `cancelled` (milliseconds) does not go on. `why`: by hand. `hand` is the occurrence of the last run that
    somebody began, and `hand_at` when.
    """

    campaign: str
    paused: bool = False
    why: str = ""
    by: str = ""
    at: int = 0
    cancelled: int = 0
    hand: str = ""
    hand_at: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a campaign went through its audience; `at` in milliseconds.

    An occurrence in each recipient's own zone has a run for every quarter of an hour in which its time has come somewhere: `zones` says
    where, and when it came there. `asking`: for more people than is likely meant, until somebody confirms it. `due`: when it is to be
    looked whether all contacts were gone through.
    """

    campaign: str
    name: str
    version: str
    at: int
    occurrence: str = ""
    zones: Mapping[str, int] = field(default_factory=dict)
    asking: bool = False
    share: int = 0  # per cent of those looked at whom it was for, when it began to ask
    confirmed: bool = False
    due: int | None = None
    row: int = 0

    @property
    def group(self) -> str:
        """What people know it by: all runs of one occurrence together."""
        return self.name.partition(SLICE)[0]

    @property
    def waits(self) -> bool:
        """Does it ask, and nobody has answered?"""
        return self.asking and not self.confirmed


@dataclass(frozen=True, slots=True)
class Part:
    """How far one part of the contacts was gone through: `cursor` is the last that was looked at, `outside` those it was not for."""

    number: int
    cursor: str = ""
    looked: int = 0
    outside: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact as the list of all has them: enough to know whose time has come. `zone` and `prefix` (of a number) may be empty."""

    contact: str
    cursor: str
    zone: str = ""
    prefix: str = ""
    birthday: str = ""
