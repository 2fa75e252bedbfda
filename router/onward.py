"""What a journey hears of its person: written in the transaction of what they did, so that it is never lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from router.errors import Lost
from router.exchange import Exchange
from router.ids import digest
from router.journeys import FAILED, given
from router.messages import Direction, Message
from router.optouts import word_in
from router.sends import Send
from router.signals import Step
from router.surveys import Rating
from router.times import to_ms

if TYPE_CHECKING:
    from router.aws.dynamo import Change

Deed = Literal["click", "reply"]
REPLY = "reply"
_SETTLED = 30_000
"""Milliseconds after which a message that is being routed is stored, or comes again."""
HEARD = "heard"
"""The name of the change whose condition fails where the journey is not there any more."""


def heard(x: Exchange, contact: str, campaign: str, occurrence: str, what: Deed, at: datetime) -> list[Change]:
    """What tells a journey of it, which is looked at at once; nothing where there is none."""
    if not campaign or not occurrence:
        return []
    return [x.table.hear(contact, campaign, occurrence, what, to_ms(at), to_ms(x.now()))]


def scored(x: Exchange, rating: Rating) -> list[Change]:
    """What tells the journey that asked which score its person gave, so that its campaign is counted without reading answers."""
    asked = rating.asked
    if not asked.campaign or not asked.occurrence:
        return []
    what = given(str(rating.kind), rating.value)
    return [x.table.hear(asked.contact, asked.campaign, asked.occurrence, what, to_ms(rating.at), to_ms(x.now()))]


def scored_by_reply(x: Exchange, rating: Rating) -> list[Change]:
    """The same in the transaction of a message, which no journey that is forgotten may hold up: 1 R for a survey of a campaign."""
    asked = rating.asked
    if not asked.occurrence or x.table.journey(asked.contact, asked.campaign, asked.occurrence) is None:
        return []
    return scored(x, rating)


def replied(x: Exchange, contact: str, message: Message) -> list[Step]:
    """Journeys that want to know that their person writes are told so, before the message is stored, and looked at once it should be.

    Not in the message's own transaction: nothing of a campaign may hold up what a customer writes. Whoever dies in between leaves a
    journey that is due and finds the message, for it comes again. A read where there are campaigns; a write for each such journey.
    """
    if not x.config().campaigns or message.direction is not Direction.INBOUND or message.kind.passing:
        return []
    if word_in(x, message) is not None:
        return []  # STOP, START and HELP are no answers
    steps = []
    now = to_ms(x.now())
    for one in x.table.outreach_row(contact).live:
        if REPLY in one.wants:
            with suppress(Lost):
                x.table.commit(x.table.hear(contact, one.campaign, one.occurrence, REPLY, now, now + _SETTLED))
            steps.append(
                Step(
                    contact,
                    one.campaign,
                    one.occurrence,
                    f"{message.id}.{one.campaign}.{digest(x.key, one.occurrence)[:8]}",
                )
            )
    return steps


def came_back(x: Exchange, send: Send) -> list[Change]:
    """Its journey hears that a message could not be delivered after all, where it is still kept: 1 call for a message of a campaign."""
    if send.journey is None or x.table.journey(*send.journey) is None:
        return []
    now = to_ms(x.now())
    return [x.table.hear(*send.journey, FAILED, now, now)]
