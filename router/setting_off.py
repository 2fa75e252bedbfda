"""What an event, or a conversation that was resolved, sets off: written in the very transaction of it, so neither is without the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from router.campaigns import Became, Campaign, Happened
from router.conversations import Conversation, State
from router.errors import Lost
from router.exchange import Exchange
from router.ids import digest
from router.journeys import Journey, day_run, wants
from router.outreach_values import Live
from router.records import Happening
from router.signals import Step
from router.times import from_ms, to_ms

if TYPE_CHECKING:
    from router.aws.dynamo import Change

MOST_AT_ONCE = 60
"""Journeys that hear of an event in its own transaction."""
_SETTLED = 30_000
_FRESH = 60 * 60_000
"""What happened within so many milliseconds counts from when we heard of it: clocks of other systems differ."""


@dataclass(frozen=True, slots=True)
class Follows:
    """What is written with the event, and what must follow."""

    changes: tuple[Change, ...] = ()
    signals: tuple[Step, ...] = ()


def set_off(x: Exchange, event: Happening) -> Follows:
    """Campaigns begun by an event, and journeys of the person to which it matters: 1 call where there are campaigns at all.

    The person's row must be the one that was read when it is written: a journey that begins at this moment would not hear of it. What
    begins stands in it at once, so that it hears of what happens before anybody has looked at it.
    """
    campaigns = x.config().campaigns
    if not campaigns:
        return Follows()
    now = to_ms(x.now())
    at = to_ms(event.at)
    row = x.table.outreach_row(event.contact)
    begun = list(_by(x, event, now))
    wanting = [one for one in row.live if event.type in one.wants]
    heard_at = now if now - _FRESH < at else at
    for one in wanting[
        MOST_AT_ONCE:
    ]:  # more than a transaction holds hear of it beforehand: a sender that fails tells it again
        with suppress(Lost):
            x.table.commit(
                x.table.hear(event.contact, one.campaign, one.occurrence, event.type, heard_at, now + _SETTLED)
            )
    changes: list[Change] = [x.table.new_journey(one) for _, one in begun]
    now_told = wanting[:MOST_AT_ONCE]
    changes += [
        x.table.hear(event.contact, one.campaign, one.occurrence, event.type, heard_at, now) for one in now_told
    ]
    after = row
    for campaign, journey in begun:
        after = after.begun(Live(journey.campaign, journey.occurrence, wants(campaign)))
    changes.append(
        x.table.same_outreach_row(event.contact, row)
        if after == row
        else x.table.save_outreach_row(event.contact, row, after)
    )
    keys = [one.key for _, one in begun] + [(event.contact, one.campaign, one.occurrence) for one in wanting]
    return Follows(tuple(changes), tuple(_step(x, key, event.id) for key in keys))


def again(x: Exchange, event: Happening) -> tuple[Step, ...]:
    """What must follow from an event that is told once more: whoever stored it may have died before it did."""
    return tuple(_step(x, one.key, f"{event.id}.again") for _, one in _by(x, event, to_ms(x.now())))


def _by(x: Exchange, event: Happening, now: int) -> Iterator[tuple[Campaign, Journey]]:
    at = to_ms(event.at)
    for campaign in x.config().campaigns:
        if campaign.enabled and isinstance(campaign.starts, Happened) and campaign.starts.event == event.type:
            began = min(at, now)
            yield campaign, _journey(x, event.contact, campaign.name, event.id, began, now, event.id)


def resolved(x: Exchange, before: Conversation | None, after: Conversation, now: datetime) -> list[Journey]:
    """Journeys that begin because somebody of ours has answered this conversation and resolved it; spam sets nothing off."""
    if before is None or before.state.done or after.state is not State.RESOLVED or before.number != after.number:
        return []
    if after.spam or after.into is not None or after.last_outbound_at is None:
        return []
    at = to_ms(now)
    occurrence = f"{after.id}@{at:x}"
    return [
        _journey(x, after.contact, campaign.name, occurrence, at, at, after.id)
        for campaign in x.config().campaigns
        if campaign.enabled and isinstance(campaign.starts, Became) and campaign.brand in (None, after.group)
    ]


def _journey(x: Exchange, contact: str, campaign: str, occurrence: str, began: int, now: int, about: str) -> Journey:
    run = day_run(from_ms(now))
    version = x.config().version
    return Journey(contact, campaign, occurrence, run, version, began, due=now, since=began, mark=began, about=about)


def _step(x: Exchange, key: tuple[str, str, str], event: str) -> Step:
    return Step(*key, digest(x.key, "step", *key, event))
