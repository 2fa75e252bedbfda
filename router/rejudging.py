"""An outreach message judged once more just before the call to the provider: it may have waited since it was claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from router.arbiter import judge
from router.campaigns import Send as Step
from router.candidates import Candidate, Caps, Drop, Hold
from router.errors import Lost
from router.exchange import Exchange
from router.in_force import under
from router.journeying import JUDGED
from router.journeys import Journey, program
from router.outreach_facts import candidate_of, facts_of, policy_of, routes
from router.outreach_values import Person
from router.sends import Send
from router.slots import moved
from router.times import from_ms, to_ms

PAUSE = timedelta(minutes=15)
AGAIN_SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Back:
    """It is taken back; `error` names the reason for the journey."""

    error: str


def rejudged(x: Exchange, send: Send, *, waited: bool) -> datetime | Back | None:
    """Held until then, taken back, or (None) free to leave. 1 call for one that has not waited."""
    contact, campaign, occurrence = send.journey or ("", "", "")
    control = x.table.control(campaign)
    if not (control.cancelled or control.paused or waited):
        return None
    journey = x.table.journey(contact, campaign, occurrence)
    if journey is None or journey.began <= control.cancelled:
        return Back(f"{JUDGED}cancelled")
    if control.paused:
        return x.now() + PAUSE
    if not waited:
        return None
    person = _now(x, contact)
    if person is None:
        return Back(f"{JUDGED}gone")
    if person.contact.blocked_at is not None:
        return Back(f"{JUDGED}blocked")
    return _judged(under(x, journey.version), send, journey, person)


def _now(x: Exchange, contact: str) -> Person | None:
    """Who somebody is by now: they may have been joined into another since."""
    found = x.table.person(contact)
    for _ in range(5):
        if found is None or found.contact.into is None:
            return found
        found = x.table.person(found.contact.into)
    return None


def _today(
    x: Exchange, person: Person, candidate: Candidate, caps: Caps | None, zone: tzinfo
) -> datetime | Back | None:
    """Its slot is one of this day's: what was claimed yesterday counts on the day on which it leaves."""
    row = person.row
    found = moved(row.ledger, candidate, caps, zone, to_ms(x.now()))
    if isinstance(found, Drop):
        return Back(f"{JUDGED}{found.reason.code}")
    if isinstance(found, Hold):
        return from_ms(found.until)
    if found is not row.ledger:
        try:
            x.table.commit(x.table.save_outreach_row(person.contact.id, row, row.with_ledger(found)))
        except Lost:
            return x.now() + AGAIN_SOON
    return None


def _judged(x: Exchange, send: Send, journey: Journey, person: Person) -> datetime | Back | None:
    config, now = x.config(), to_ms(x.now())
    campaign = config.campaign(journey.campaign)
    ops = program(campaign.steps) if campaign is not None else ()
    wanted = ops[journey.at].step if journey.at < len(ops) else None
    if campaign is None or not isinstance(wanted, Step):
        return Back(f"{JUDGED}gone")
    (person,) = x.table.with_suppressions([person])
    for template in filter(None, map(config.template, wanted.templates)):
        for route in routes(campaign, wanted, template, person, config, journey):
            if (str(route.channel), route.address) != (str(send.message.channel), send.to):
                continue
            candidate = candidate_of(x.key, campaign, wanted, template.purpose, journey, route.channel, config)
            facts = facts_of(person, route, template.purpose, person.row.ledger, config, now)
            verdict = judge(candidate, facts, policy_of(config), now)
            if isinstance(verdict, Drop):
                return Back(f"{JUDGED}{verdict.reason.code}")
            if isinstance(verdict, Hold):
                return from_ms(verdict.until)
            return _today(x, person, candidate, policy_of(config).caps.get(template.purpose), facts.zone)
    return Back(f"{JUDGED}unreachable")  # the address is theirs no more
