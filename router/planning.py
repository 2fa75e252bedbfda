"""A campaign is set off for its audience: a run, written once, whose parts are gone through page by page.

Everybody whom it is for gets a journey, put on condition that there is none, before the cursor moves on: whoever dies in between is
followed by somebody who puts the rest. So a run may be set off twice, redelivered, and killed anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from router.campaigns import Campaign
from router.config import Config
from router.errors import Invalid, Lost, NotFound
from router.exchange import Exchange
from router.fitting import belonging, fitting
from router.ids import digest
from router.in_force import under
from router.journeys import Journey, read_label
from router.outreach_facts import home
from router.outreach_values import PARTS, Listed, Part, Person, Run
from router.places import phone_zones, place
from router.recurring import Birthday, Occurrence, celebrated
from router.signals import Plan, Signal, Step, Walk
from router.times import to_ms

PAGE = 100
"""Contacts of the list that are looked at together."""
_AT_ONCE = 25
_MANY = 1000
"""Journeys of a list that are looked at before the time is."""
LONGEST = timedelta(seconds=8)
"""So long one order goes on; then another one does: ten of them are one call of the function, which has two minutes."""
_CURSOR = re.compile(r"[0-7]\.(\d{13}#p_[a-z2-7]{24})?")


# --- going through ---------------------------------------------------------------------------------------------------


def plan(x: Exchange, name: str, run_name: str, number: int) -> list[Signal]:
    """Go on through one part of the contacts of a run, from where it stands; what must follow."""
    run = x.table.run(name, run_name)
    if run is None or run.waits:
        return []
    x = under(x, run.version)
    campaign = x.config().campaign(name)
    if campaign is None:
        return []
    began = x.now()
    part = x.table.part(name, run_name, number)
    while not part.done:
        if x.table.control(name).cancelled >= run.at:
            return []
        if x.now() - began >= LONGEST:
            return [Plan(name, run_name, number, part.cursor)]
        part = _page(x, campaign, run, part) or x.table.part(name, run_name, number)
    return []


def _page(x: Exchange, campaign: Campaign, run: Run, part: Part) -> Part | None:
    """The next contacts of a part: journeys are put, then the cursor moves. None where somebody else has moved it.

    Whoever that is may be dying, and their order gone with this one's: so both go on.
    """
    listed = x.table.contacts_in(part.number, part.cursor, PAGE)
    looked, begun = 0, 0
    due = [one.contact for one in listed if _due(x.config(), campaign, run, one)]
    for start in range(0, len(due), _AT_ONCE):
        of_them, with_one = _begun(x, campaign, run, due[start : start + _AT_ONCE])
        looked, begun = looked + of_them, begun + with_one
    if not run.zones:
        looked = len(listed)
    after = replace(
        part,
        cursor=listed[-1].cursor if listed else part.cursor,
        looked=part.looked + looked,
        outside=part.outside + looked - begun,
        done=len(listed) < PAGE,
    )
    return after if x.table.move_part(run.campaign, run.name, part, after) else None


def _due(config: Config, campaign: Campaign, run: Run, one: Listed) -> bool:
    """May the run be for somebody, by what the list says of them? Who cannot be told from it is looked at."""
    if not run.zones:
        return True
    zones = (one.zone,) if one.zone else phone_zones(one.prefix) if one.prefix else (home(config),)
    if not zones:
        return True  # the number's beginning says too little
    if zones[0] not in run.zones:
        return False
    return not isinstance(campaign.clock, Birthday) or _celebrates(campaign.clock, run.occurrence, one.birthday)


def _celebrates(trigger: Birthday, occurrence: str, birthday: str) -> bool:
    return bool(birthday) and birthday in celebrated(Occurrence(occurrence, 0).day, trigger.leap)


def _begun(x: Exchange, campaign: Campaign, run: Run, contacts: Sequence[str]) -> tuple[int, int]:
    """Give each of those whom it is for a journey; for how many it was looked at, and how many have one of this run now."""
    people = [
        (person, began)
        for person in x.table.people(contacts)
        if person is not None
        and person.contact.into is None
        and (began := _began(x, campaign, run, person)) is not None
    ]
    fits = fitting(x, campaign, [person for person, _ in people])
    journeys = [_journey(x, run, person, began) for (person, began), one in zip(people, fits, strict=True) if one]
    ours = journeys
    if journeys:
        try:
            x.table.commit(*map(x.table.new_journey, journeys))
        except Lost:
            ours = _each(x, journeys)
    x.queues.send([_first(x, one) for one in ours], x.now())
    has = {one.contact for one in journeys}
    elsewhere = len(journeys) - len(ours)  # whoever has moved to a zone since had it where they were
    others = {person.contact.id: began for person, began in people if person.contact.id not in has}
    return len(people) - elsewhere, len(ours) + len(_before(x, run, others))


def _each(x: Exchange, journeys: Sequence[Journey]) -> list[Journey]:
    """Those that are not there yet, one by one; all that began then."""
    known = x.table.journeys(one.key for one in journeys)
    for one in journeys:
        if one.key not in known:
            try:
                x.table.commit(x.table.new_journey(one))
            except Lost:
                known |= x.table.journeys([one.key])
    return [one for one in journeys if one.key not in known or known[one.key].began == one.began]


def _before(x: Exchange, run: Run, began: Mapping[str, int]) -> list[Journey]:
    """Journeys of this run that were put before, for people whom it is not for any more: a try that died put them."""
    keys = [(contact, run.campaign, run.occurrence) for contact in began]
    return [one for one in x.table.journeys(keys).values() if one.began == began[one.contact]] if keys else []


def _began(x: Exchange, campaign: Campaign, run: Run, person: Person) -> int | None:
    """When the run began for somebody; None where their time has not come."""
    if not run.zones:
        return run.at
    began = run.zones.get(place(person.contact.zone, person.phone, home(x.config())).zones[0])
    if began is not None and isinstance(campaign.clock, Birthday):
        birthday = (person.contact.birthday or "")[-5:]
        return began if _celebrates(campaign.clock, run.occurrence, birthday) else None
    return began


def _journey(x: Exchange, run: Run, person: Person, began: int) -> Journey:
    return Journey(
        contact=person.contact.id,
        campaign=run.campaign,
        occurrence=run.occurrence,
        run=run.group,
        version=run.version,
        began=began,
        since=began,
        mark=began,
        due=max(to_ms(x.now()), began),
    )


def _first(x: Exchange, journey: Journey) -> Step:
    return Step(*journey.key, digest(x.key, "step", *journey.key, "first"))


# --- a segment before it is used -------------------------------------------------------------------------------------


def segmented(x: Exchange, name: str, cursor: str | None) -> tuple[int, list[Person], str | None]:
    """A page of all contacts: how many were looked at, who of them belongs to a segment, and where to go on. Raises NotFound, Invalid."""
    segment = x.config().segment(name)
    if segment is None:
        names = ", ".join(one.name for one in x.config().segments)
        raise NotFound(f"there is no segment '{name}'" + (f"; there are {names}" if names else ""))
    part, _, mark = (cursor or "0.").partition(".")
    if not _CURSOR.fullmatch(cursor or "0."):
        raise Invalid("this cursor is not one of ours", field="cursor")
    listed = x.table.contacts_in(int(part), mark, PAGE)
    people = [one for one in x.table.people([one.contact for one in listed]) if one is not None]
    inside = [person for person, is_in in zip(people, belonging(x, segment, people), strict=True) if is_in]
    if len(listed) == PAGE:
        return len(people), inside, f"{part}.{listed[-1].cursor}"
    return len(people), inside, f"{int(part) + 1}." if int(part) + 1 < PARTS else None


# --- going through those who have a journey --------------------------------------------------------------------------


def walk(x: Exchange, name: str, shard: int, cursor: str, salt: str) -> list[Signal]:
    """Have each journey of one list looked at that still goes on; what must follow. A campaign was resumed or cancelled."""
    began = x.now()
    last = cursor
    steps: list[Signal] = []
    for looked, ((pk, sk), mark) in enumerate(x.table.journeys_listed(name, shard=shard, after=cursor or None), 1):
        last = mark
        if looked % _MANY == 0 and x.now() - began >= LONGEST:
            x.queues.send(steps, x.now())
            return [Walk(name, shard, last, salt)]
        if read_label(mark.split("#")[1]).stage.live:
            contact, occurrence = pk.removeprefix("P#"), sk.split("#", 2)[2]
            steps.append(Step(contact, name, occurrence, digest(x.key, "walk", salt, contact, occurrence)))
        if len(steps) >= PAGE:
            x.queues.send(steps, x.now())
            steps = []
            if x.now() - began >= LONGEST:
                return [Walk(name, shard, last, salt)]
    return steps
