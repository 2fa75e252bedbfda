"""What greater messages will need of somebody's slots: of what a clock sets off it is known from the configuration before it is planned,
of what waits for its time from the journey.

So a lesser message of the morning leaves the slot to the evening's greater one, though nothing of that is written yet. What was planned
of a campaign that is paused, switched off or cancelled keeps no slot from others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from router.campaigns import Campaign, Send, Wait
from router.config import Config
from router.consents import may
from router.exchange import Exchange
from router.fitting import fits
from router.ids import send_id
from router.journeys import Journey, next_message, program
from router.outreach_facts import complains, held_out_by, place_of, routes
from router.outreach_values import Control, Person, part_of
from router.purposes import Purpose
from router.recurring import Birthday, Occurrence, Trigger, celebrated, occurrences
from router.slots import Ledger, Slot, local_day
from router.templates import Template
from router.zones import zone

_DAY = 86_400_000
_WEEK = 7 * _DAY
_HOUR = 3_600_000
_MOST = 10
"""Occurrences of one campaign that are looked at."""
_LATE = 60 * 60_000
"""What should have been set off so long ago, in milliseconds, and was not, never is."""
_RUNS = 5


@dataclass(frozen=True, slots=True)
class Ahead:
    """Slots that greater messages will ask for, and planned ones that nobody asks for now."""

    coming: tuple[Slot, ...] = ()
    idle: frozenset[str] = frozenset()

    def seen(self, ledger: Ledger) -> Ledger:
        """A ledger with all of it."""
        kept = tuple(slot for slot in ledger.slots if slot.sent or slot.send not in self.idle)
        known = {slot.send for slot in kept}
        more = tuple(slot for slot in self.coming if slot.send not in known)
        return replace(ledger, slots=(*kept, *more))

    def unseen(self, ledger: Ledger, before: Ledger) -> Ledger:
        """A ledger without what is only coming; the one before where there is nothing else in it."""
        known = {slot.send for slot in before.slots}
        coming = {slot.send for slot in self.coming} - known
        kept = tuple(slot for slot in ledger.slots if slot.sent or slot.send not in coming)
        return before if kept == before.slots else replace(ledger, slots=kept)


def upcoming(x: Exchange, config: Config, person: Person, journey: Journey, purpose: Purpose, now: int) -> Ahead:
    """What may go before a message of this journey within a week, by the configuration in force: 2 calls where there may be any."""
    own = config.campaign(journey.campaign) or x.config().campaign(journey.campaign)
    if own is None:
        return Ahead()
    greater = {
        one.name: one for one in config.campaigns if one.importance >= own.importance and _is(config, one, purpose)
    }
    others = {(one.campaign, one.occurrence) for one in person.row.live} - {(journey.campaign, journey.occurrence)}
    names = {name for name, one in greater.items() if one.scheduled} | {name for name, _ in others}
    if not names:
        return Ahead()
    controls = x.table.controls(sorted(names))
    awaited = _awaited(greater.values(), controls, config, person, journey, own, now)
    known = x.table.journeys((person.contact.id, *key) for key in sorted({*awaited, *others}))
    found = {one.key[1:]: one for one in known.values()}
    idle: set[str] = set()
    coming: list[Slot | None] = []
    for key, one in found.items():
        control = controls[key[0]]
        if _rests(config, control) or one.began <= control.cancelled:
            idle |= set(_ids(x, one))
        elif key[0] in greater:
            coming.append(_of(x, one, config, person, purpose, now))
    for (name, occurrence), at in awaited.items():
        control = controls[name]
        if (name, occurrence) not in found and at > control.cancelled and not _rests(config, control):
            coming.append(_of_none(x, greater[name], occurrence, at, config, person, purpose, now))
    return Ahead(tuple(slot for slot in coming if slot is not None), frozenset(idle))


def _is(config: Config, campaign: Campaign, purpose: Purpose) -> bool:
    """Does it send messages of this purpose?"""
    of_all = (config.template(name) for step in campaign.sends for name in step.templates)
    return any(template is not None and template.purpose is purpose for template in of_all)


def _rests(config: Config, control: Control) -> bool:
    """Does nothing of it leave for now?"""
    campaign = config.campaign(control.campaign)
    return control.paused or (campaign is not None and not campaign.enabled)


def _ids(x: Exchange, journey: Journey) -> Iterator[str]:
    """What its messages may be planned under."""
    campaign = x.under(journey.version).config().campaign(journey.campaign)
    for at, op in enumerate(program(campaign.steps) if campaign is not None else ()):
        if isinstance(op.step, Send):
            yield send_id(x.key, journey.campaign, journey.contact, journey.occurrence, str(at))


# --- what is not planned yet -----------------------------------------------------------------------------------------


def _awaited(
    greater: Iterable[Campaign], controls: dict[str, Control], config: Config, person: Person, journey: Journey, own: Campaign, now: int
) -> dict[tuple[str, str], int]:  # fmt: skip
    """Campaign and occurrence of what was or will be set off for many, so that its first message matters within a week; and when."""
    found: dict[tuple[str, str], int] = {}
    for campaign in greater:
        if not campaign.enabled or not campaign.scheduled:
            continue
        times = [*_occurrences(campaign, config, person, now)]
        control = controls[campaign.name]
        if control.hand:
            times.append((control.hand, control.hand_at))
        for occurrence, at in times:
            began = _began(campaign, occurrence, at, config, person)
            message = next_message(began, campaign, place_of(person, config).zones[0])
            before = campaign.importance > own.importance or (message is not None and message[1] <= journey.since)
            if before and (campaign.name, occurrence) != (journey.campaign, journey.occurrence):
                found[campaign.name, occurrence] = at
    return found


def _began(campaign: Campaign, occurrence: str, at: int, config: Config, person: Person) -> Journey:
    """The journey that it would be."""
    return Journey(person.contact.id, campaign.name, occurrence, "", config.version, at, None, since=at, mark=at)


def _occurrences(campaign: Campaign, config: Config, person: Person, now: int) -> Iterator[tuple[str, int]]:
    trigger = campaign.clock
    if trigger is None:
        return
    place = place_of(person, config).zones[0]
    after, stale = _waits(campaign), 1000 * max([campaign.stale, *(step.stale or 0 for step in campaign.sends)])
    birthday = (person.contact.birthday or "")[-5:]
    coming: Iterable[Occurrence] = _coming(trigger, now - stale - after - _DAY, now + _WEEK - after, place)
    if isinstance(trigger, Birthday):
        coming = (one for one in coming if birthday and birthday in celebrated(one.day, trigger.leap))
    matter = (
        one for one in coming if not _stale(_began(campaign, one.name, one.at, config, person), campaign, place, now)
    )
    last = person.row.entered_at(campaign.name)
    for one in islice(matter, _MOST):
        if campaign.again is not None and last is not None and one.at - last < campaign.again * 1000:
            continue  # they entered it lately: it will not be for them
        yield one.name, one.at


def _coming(trigger: Trigger, after: int, until: int, place: str) -> list[Occurrence]:
    """What comes between two instants; found once an hour for everybody in a zone."""
    whose = place if trigger.zone == "recipient" else None
    found = _of_hour(trigger, after // _HOUR, until - after, whose)
    return [one for one in found if after < one.at <= until]


@lru_cache(maxsize=4096)
def _of_hour(trigger: Trigger, hour: int, length: int, place: str | None) -> tuple[Occurrence, ...]:
    """Enough from any instant of an hour on, also of what comes every minute."""
    start = hour * _HOUR
    return tuple(islice(occurrences(trigger, start, start + _HOUR + length, place), 60 + 2 * _DAY // 60_000 + _MOST))


def _waits(campaign: Campaign) -> int:
    """How long its first message waits at least, in milliseconds."""
    after = 0
    for step in campaign.steps:
        if not isinstance(step, Wait):
            break
        after += step.wait * 1000
    return after


def _of_none(
    x: Exchange, campaign: Campaign, occurrence: str, at: int, config: Config, person: Person, purpose: Purpose, now: int
) -> Slot | None:  # fmt: skip
    """The slot that it will ask for, if it is going to be planned for this person."""
    slot = _slot(x, _began(campaign, occurrence, at, config, person), campaign, config, person, purpose, now)
    if slot is None or not fits(x, campaign, person, None, None):
        return None
    if at > now:
        return slot
    place = place_of(person, config).zones[0]
    runs = (run for run in x.table.runs_of(campaign.name, occurrence) if not run.zones or place in run.zones)
    run = next(runs, None)
    if run is None:
        return slot if now - at < _LATE else None
    if run.waits:
        return None
    if not x.table.part(campaign.name, run.name, part_of(person.contact.id)).done:
        return slot
    found = x.table.journey(person.contact.id, campaign.name, occurrence)  # it may have been put just now
    return _of(x, found, config, person, purpose, now) if found is not None else None


# --- slots -----------------------------------------------------------------------------------------------------------


def _of(x: Exchange, journey: Journey, config: Config, person: Person, purpose: Purpose, now: int) -> Slot | None:
    """The slot that a journey will ask for next."""
    campaign = x.under(journey.version).config().campaign(journey.campaign)
    if campaign is None or not journey.stage.live or journey.send is not None:
        return None
    return _slot(x, journey, campaign, config, person, purpose, now)


def _stale(journey: Journey, campaign: Campaign, place: str, now: int) -> bool:
    found = next_message(journey, campaign, place)
    return found is None or now >= found[1] + _keeps(campaign, found[0])


def _keeps(campaign: Campaign, at: int) -> int:
    """How long a message makes sense, in milliseconds."""
    step = program(campaign.steps)[at].step
    return 1000 * (step.stale if isinstance(step, Send) and step.stale is not None else campaign.stale)


def _slot(
    x: Exchange, journey: Journey, campaign: Campaign, config: Config, person: Person, purpose: Purpose, now: int
) -> Slot | None:  # fmt: skip
    place = place_of(person, config).zones[0]
    found = next_message(journey, campaign, place)
    if found is None or _stale(journey, campaign, place, now):
        return None
    at, when = found
    step = program(campaign.steps)[at].step
    template = config.template(step.templates[0]) if isinstance(step, Send) else None
    if not isinstance(step, Send) or template is None or template.purpose is not purpose:
        return None
    if not _wanted(x, campaign, step, template, person, config, journey):
        return None
    return Slot(
        send_id(x.key, campaign.name, person.contact.id, journey.occurrence, str(at)), campaign.name, str(purpose), campaign.importance,
        not campaign.scheduled, when, when, local_day(when, zone(place)), when + _keeps(campaign, at), False,
    )  # fmt: skip


def _wanted(
    x: Exchange, campaign: Campaign, step: Send, template: Template, person: Person, config: Config, journey: Journey
) -> bool:
    """Would it leave, as far as is known now? What would not keeps no slot from others."""
    if held_out_by(x.key, campaign, template.purpose, person.contact.id, config) is not None:
        return False
    if "complaint" in campaign.heeds and complains(person, config):
        return False
    for route in routes(campaign, step, template, person, config, journey):
        stopped = person.suppressed.get((route.channel, route.address))
        consent = person.consents.get((route.channel, route.address, template.purpose))
        if stopped is None and may(consent.given if consent is not None else None, template.purpose):
            return True
    return False
