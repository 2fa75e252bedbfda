"""Consent: that somebody who has an address on a channel may be written to for a purpose, or no longer, with its proof. Values only.

Consent belongs to the address, as national registries have it (Turkey's İYS keeps one record for each address, channel and brand):
joining two people moves none, and whoever has two numbers may want news on one of them. Records are only ever added; what holds is
the latest of them by the customer's own time, so it does not matter in which order they come in. Of two at one instant the
withdrawal holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from router.messages import ChannelName
from router.purposes import Purpose
from router.times import to_ms


class How(StrEnum):
    """By what way it was said. `import` and `registry` say where we have it from; `source` then keeps the exact word."""

    FORM = "form"
    MESSAGE = "message"  # a word in a message of the customer's: STOP, START
    LINK = "link"  # the page behind an unsubscribe link
    ONE_CLICK = "one-click"  # the mail program's own button (RFC 8058)
    AGENT = "agent"  # told to a person of ours: a call, a chat
    PAPER = "paper"
    APP = "app"
    EVENT = "event"
    SOCIAL = "social"
    PROVIDER = "provider"  # the carrier says that they opted out
    COMPLAINT = "complaint"  # they reported a message of ours as spam
    DECISION = "decision"  # we decided ourselves not to write any more
    IMPORT = "import"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Consent:
    """One record. `at` is when the customer said it, `recorded_at` when we wrote it down; `text` is what they were shown."""

    id: str
    channel: ChannelName
    address: str
    purpose: Purpose
    given: bool
    at: datetime
    how: How
    who: str  # the user, client or part of ours that wrote it down
    recorded_at: datetime
    text: str | None = None
    source: str | None = None  # the proof's name elsewhere: a form's, a registry's code
    merchant: bool = False  # a business's address, which registries keep apart (İYS: TACIR)

    @property
    def mark(self) -> str:
        """Its place among those of its address and purpose: the greatest holds."""
        return f"{to_ms(self.at):013d}#{0 if self.given else 1}#{self.id}"


Place = tuple[ChannelName, str, Purpose]


def standing(records: Iterable[Consent]) -> Mapping[Place, Consent]:
    """What holds for each address and purpose, in whatever order the records come."""
    found: dict[Place, Consent] = {}
    for one in records:
        place = (one.channel, one.address, one.purpose)
        if place not in found or found[place].mark < one.mark:
            found[place] = one
    return found


def may(given: bool | None, purpose: Purpose) -> bool:
    """May a message for this purpose leave for an address that consented to it, withdrew it, or never said anything (None)?

    Suppression is judged before, and stops every purpose.
    """
    match purpose:
        case Purpose.TRANSACTIONAL:
            return True
        case Purpose.SERVICE:
            return given is not False
        case Purpose.MARKETING:
            return given is True
