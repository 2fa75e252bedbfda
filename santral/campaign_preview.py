"""What a campaign would do, before anybody gets it: people page by page through a rehearsal, and what came of each.

A page is forgotten once it is counted, so memory does not grow with their number. Nobody answers, clicks or unsubscribes in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from router.campaigns import Became, Campaign, Happened
from router.candidates import Reason
from router.config import Config
from router.contact_rows import Taken
from router.explaining_outreach import code_told, reason_told
from router.explaining_reader import Reader
from router.happened import About, tell
from router.journeys import Journey
from router.launching import LEAST, begin
from router.outreach_facts import home, place_of
from router.outreach_values import Person, Run
from router.rates import rate_of
from router.recurring import TICK, Birthday, Once, celebrated, occurrences
from router.signals import Launch
from router.times import from_ms, to_ms
from router.zones import instant, wall, zone
from santral.contact_files import Refusal
from santral.journey_acts import Acts, Impossible
from santral.journey_cases import Act
from santral.preview_people import Known
from santral.preview_sums import Outcome, Sums
from santral.rehearsal import URL, WE, Left, Rehearsal

PAGE = 500
_FREE = 10_000
"""Messages a second of every inbox, so that each page is as if it were alone; how long all take is told instead."""
_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at: a campaign, set off at a time by the clock of its zone or of each recipient, and for how long."""

    campaign: Campaign
    at: datetime
    """Without a zone: the clock on the wall."""
    days: int = 30
    data: dict[str, Any] = field(default_factory=dict)
    url: str = URL
    language: str = "en"
    whole: bool = False
    """Are those who are looked at all contacts of a stack?"""


class Preview:
    """A campaign as it would go, for people as they come."""

    def __init__(self, config: Config, plan: Plan) -> None:
        self.plan = plan
        self.config = _alone(config, plan)
        found = self.config.campaign(plan.campaign.name)
        assert found is not None
        self.campaign = found
        self.home = home(config)
        self.sums = Sums()
        self._whole = config
        self._reader = Reader(plan.language, self.home, config, True)
        self._rehearsal = Rehearsal(self.config, self.at, url=plan.url)

    @property
    def zone(self) -> str:
        """By whose clock it is set off: a zone, or `recipient`."""
        clock = self.campaign.clock
        return clock.zone if clock is not None else self.home

    @property
    def at(self) -> datetime:
        """The instant; of each recipient's own time that of the company's."""
        return from_ms(instant(zone(self.home if self.zone == "recipient" else self.zone), self.plan.at))

    def run(self, people: Iterable[Known | Refusal], step: Any = None) -> Iterator[Outcome | Refusal]:
        """What comes of each; a row that cannot be taken in comes back as it is. `step` hears how many of a page are done."""
        coming = iter(people)
        while page := list(islice(coming, PAGE)):
            for outcome in self._page(page):
                if isinstance(outcome, Refusal):
                    self.sums.refuse(outcome)
                else:
                    self.sums.add(outcome)
                yield outcome
            if step is not None:
                step(len(page))

    # --- a page -------------------------------------------------------------------------------------------------------

    def _page(self, page: Sequence[Known | Refusal]) -> Iterator[Outcome | Refusal]:
        rehearsal = self._rehearsal
        met: list[tuple[str, Known]] = []
        rehearsal.forget(self.at)
        for one in page:
            if isinstance(one, Refusal):
                yield one
                continue
            taken = one.meet(rehearsal)
            if isinstance(taken, Taken):
                met.append((taken.contact, one))
            else:
                yield Refusal(one.line, taken.field or "", str(taken))
        people = {p.contact.id: p for p in rehearsal.x.table.people([contact for contact, _ in met]) if p is not None}
        rehearsal.now = self.at
        self._set_off(list(people.values()), dict(met))
        rehearsal.advance(rehearsal.now + timedelta(days=self.plan.days))
        left: dict[str, list[Left]] = {}
        for message in rehearsal.left:
            left.setdefault(message.journey.contact, []).append(message)
        for contact, person in people.items():
            yield self._outcome(person, left.get(contact, []))

    def _set_off(self, people: Sequence[Person], known: dict[str, Known]) -> None:
        """As its clock does, somebody by hand, the event of each person, or the end of their conversation."""
        rehearsal, campaign = self._rehearsal, self.campaign
        if isinstance(campaign.starts, Happened):
            for person in people:
                about = About(contact=person.contact.id)
                name = f"preview-{person.contact.id}"
                tell(rehearsal.x, WE, name, campaign.starts.event, about, None, self.plan.data)
            rehearsal.work()
        elif isinstance(campaign.starts, Became):
            self._resolve([(person, known[person.contact.id]) for person in people])
        elif self.zone == "recipient":
            ticks = sorted({at for person in people for at in self._ticks(person)})
            rehearsal.now = ticks[0] if ticks else rehearsal.now
            for at in ticks:
                rehearsal.advance(at)
                rehearsal.send(Launch(campaign.name, at))
        else:
            name = wall(zone(self.zone), to_ms(self.at)).isoformat(timespec="minutes")
            run = Run(campaign.name, name, self.config.version, to_ms(self.at), name, confirmed=True)
            rehearsal.send(*begin(rehearsal.x, campaign, run))

    def _resolve(self, people: Sequence[tuple[Person, Known]]) -> None:
        """Each of them writes an hour before, from their first address, and is answered and resolved then."""
        rehearsal, acting = self._rehearsal, list[Acts]()
        rehearsal.now = self.at - _BEFORE
        for person, one in people:
            acts = Acts(rehearsal, person.contact.id, self.campaign, one.addresses, person.contact.name)
            with suppress(Impossible):  # no inbox takes what they could write
                acts.do(Act(says="…"))
                acting.append(acts)
        rehearsal.advance(self.at)
        for acts in acting:
            acts.do(Act(resolved=True))

    def _ticks(self, person: Person) -> Iterator[datetime]:
        """When their own time is looked for: of the one day that is looked at."""
        clock, own = self.campaign.clock, place_of(person, self.config).zones[0]
        if clock is None:
            return
        start = instant(zone(own), self.plan.at.replace(hour=0, minute=0)) - 1
        for one in occurrences(clock, start, start + 25 * 3_600_000, own):
            day = (person.contact.birthday or "")[-5:]
            if one.day != self.plan.at.date() or (
                isinstance(clock, Birthday) and day not in celebrated(one.day, clock.leap)
            ):
                continue
            yield from_ms(-(-one.at // TICK) * TICK)

    def _outcome(self, person: Person, left: Sequence[Left]) -> Outcome:
        who = person.contact.name or person.contact.address
        of = place_of(person, self.config).zones[0]
        journeys = [
            one for one in self._rehearsal.x.table.journeys_of(person.contact.id) if one.campaign == self.campaign.name
        ]
        if not journeys:
            return Outcome(who, of, (), *self._outside(person), begun=False)
        last = journeys[-1]
        begun = last.why != "segment"
        if left:
            return Outcome(
                who, of, tuple(left), last.why, "" if last.why == "done" else reason_told(self._reader, last), begun
            )
        return Outcome(who, of, (), _code(last), reason_told(self._reader, last), begun)

    def _outside(self, person: Person) -> tuple[str, str]:
        clock = self.campaign.clock
        day = (person.contact.birthday or "")[-5:]
        if isinstance(clock, Birthday) and day not in celebrated(self.plan.at.date(), clock.leap):
            return "birthday", "Their birthday is not that day, or not known."
        return "segment", code_told(self._reader, Reason("segment"))

    # --- what follows -------------------------------------------------------------------------------------------------

    @property
    def limit(self) -> float | None:
        """The share (per cent) from which a run waits until somebody confirms it; None where it need not be asked about."""
        campaign, limit = self.plan.campaign, self._whole.outreach.confirm_above_percent
        if not campaign.scheduled or campaign.everyone or isinstance(campaign.clock, Birthday) or limit >= 100:
            return None
        return None if campaign.segment is None and campaign.when is None else limit

    @property
    def asks(self) -> bool:
        """Would a run for these contacts wait until somebody confirms it?"""
        return self.limit is not None and self.sums.share > self.limit and self.sums.looked >= LEAST

    def rates(self) -> Iterator[tuple[str, int, float]]:
        """By inbox: messages, and how many a second it may send."""
        for name, count in self.sums.inboxes.most_common():
            inbox = self._whole.inbox(name)
            left = next((one for one in self.sums.texts.values() if one.send.message.inbox == name), None)
            if inbox is None or left is None:
                continue
            rate = rate_of(replace(self._rehearsal.x, config=lambda: self._whole), inbox, left.channel)
            if rate is not None:
                yield name, count, rate


def _alone(config: Config, plan: Plan) -> Config:
    """This campaign alone and switched on, at this time; nothing asks, no budget ends it, and no inbox has to be waited for."""
    of = plan.campaign
    change: dict[str, Any] = {"enabled": True, "budget": None}
    if of.clock is not None and of.clock.zone == "recipient" and not isinstance(of.clock, Birthday):
        change["starts"] = Once(at=plan.at.isoformat(timespec="minutes"), zone="recipient")
    campaigns = tuple(
        one.model_copy(update=change if one.name == of.name else {"enabled": False}) for one in config.campaigns
    )
    rates = dict.fromkeys((one.name for one in config.inboxes), _FREE)
    outreach = config.outreach.model_copy(update={"confirm_above_percent": 100, "rates": rates})
    return config.model_copy(update={"campaigns": campaigns, "outreach": outreach})


def _code(journey: Journey) -> str:
    """Its reason's code, with the value that a template misses; of one that goes on, where it stands."""
    if journey.reason is None:
        return str(journey.stage)
    missing = journey.reason.values.get("variable") if journey.why == "template" else None
    return f"{journey.why} {missing}" if missing else journey.why
