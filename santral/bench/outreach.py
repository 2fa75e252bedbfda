"""Planning and arbitration of what is written first, without the writes: recipients of whom everything is in hand, in one process.

The use cases run as they are, over a table that hands out values and keeps none. What each stage takes is measured apart, by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from channels import registry
from router.arbiter import judge
from router.campaigns import Send as Step
from router.composing import composed
from router.exchange import Exchange
from router.fitting import fitting
from router.journeying import step
from router.journeys import Journey
from router.messages import ChannelName
from router.outreach_facts import Route, candidate_of, facts_of, place_of, policy_of, routes
from router.outreach_values import PARTS, Control, Listed, OutreachRow, Part, Person, Run
from router.planning import plan
from router.purposes import Purpose
from router.recurring import zones_due
from router.sends import Send
from router.slots import claim
from router.times import to_ms
from router.upcoming import upcoming
from router.zones import zone
from santral.bench import shop

KEY = b"k" * 32
RECIPIENTS = 2_000
PUBLIC = "https://santral.example.com"


@dataclass(frozen=True, slots=True)
class Judged:
    """Microseconds for a recipient: of each stage by itself, and of the whole as it runs. `composing` is part of `arbitration`."""

    recipients: int
    sent: int
    planning: float
    arbitration: float  # with the text
    composing: float
    stages: Mapping[str, float]

    @property
    def without_text(self) -> float:
        """Recipients a minute through planning and arbitration."""
        return 60e6 / (self.planning + self.arbitration - self.composing)

    @property
    def whole(self) -> float:
        """The same with the text."""
        return 60e6 / (self.planning + self.arbitration)


class InHand:
    """A table whose rows are values that were read before. What is written is told apart and kept no longer than it is looked at."""

    def __init__(self, people: Sequence[Person], run: Run) -> None:
        self.by_id = {one.contact.id: one for one in people}
        self.ids = list(self.by_id)
        self.begun: dict[tuple[str, str, str], Journey] = {}
        self.sends: list[Send] = []
        self._run = run

    # --- what is read

    def run(self, _campaign: str, _name: str) -> Run:
        return self._run

    def part(self, _campaign: str, _run: str, number: int) -> Part:
        return Part(number)

    def control(self, campaign: str) -> Control:
        return Control(campaign)

    def controls(self, campaigns: Iterable[str]) -> dict[str, Control]:
        return {name: Control(name) for name in campaigns}

    def runs(self, _campaign: str, _limit: int) -> list[Run]:
        return []

    def contacts_in(self, part: int, after: str, limit: int) -> list[Listed]:
        size = -(-len(self.ids) // PARTS)
        first = int(after) + 1 if after else part * size
        ids = self.ids[first : min(first + limit, (part + 1) * size)]
        found = ((number, self.by_id[id_].contact) for number, id_ in enumerate(ids, first))
        return [Listed(one.id, str(number), one.zone or "", one.address[:5]) for number, one in found]

    def people(self, contacts: Iterable[str]) -> list[Person]:
        return [self.by_id[one] for one in contacts]

    def person(self, contact: str) -> Person:
        return self.by_id[contact]

    def with_suppressions(self, people: Sequence[Person]) -> Sequence[Person]:
        return people

    def journeys_and_controls(
        self, keys: Iterable[tuple[str, str, str]]
    ) -> tuple[dict[tuple[str, str, str], Journey], dict[str, Control]]:
        asked = list(keys)
        known = {key: self.begun[key] for key in asked if key in self.begun}
        return known, {name: Control(name) for _, name, _ in asked}

    def journeys(self, _keys: object) -> dict[tuple[str, str, str], Journey]:
        return {}

    def turns(self, _inbox: str, _count: int, _apart: float, now: int) -> int:
        return now - 1000

    # --- what would be written

    def new_journey(self, one: Journey) -> Journey:
        return one

    def new_send(self, one: Send) -> Send:
        return one

    def new_link(self, one: object) -> object:
        return one

    def save_journey(self, _before: Journey, _after: Journey) -> None:
        return None

    def save_outreach_row(self, _contact: str, _before: OutreachRow, _after: OutreachRow) -> None:
        return None

    def move_part(self, _campaign: str, _run: str, _before: Part, _after: Part) -> bool:
        return True

    def commit(self, *changes: object) -> None:
        for one in changes:
            if isinstance(one, Journey):
                self.begun[one.key] = replace(one, row=1)
            elif isinstance(one, Send):
                self.sends.append(one)


class _Nowhere:
    """Queues that take everything."""

    def send(self, _signals: object, _now: object = None) -> None:
        return None


def exchange(table: Any) -> Exchange:
    """An exchange with nothing behind it but this table."""
    nothing: Any = None
    config = shop.configuration()
    queues: Any = _Nowhere()
    return Exchange(
        table=table, intake=nothing, blobs=nothing, queues=queues, sockets=nothing, config=lambda: config,
        version=lambda _: config, applied=lambda: (), credentials=lambda _: {}, channel=registry.get, carry=nothing, get=nothing,
        part=nothing, bus=nothing, post=nothing, hook_secrets=lambda _: (), key=KEY, now=lambda: shop.NOW, public_url=PUBLIC,
    )  # fmt: skip


def a_run() -> Run:
    """The run of all whose noon it is."""
    config = shop.configuration()
    campaign = config.campaign(shop.CAMPAIGN)
    at = to_ms(shop.NOW)
    assert campaign is not None
    assert campaign.clock is not None
    due = list(zones_due(campaign.clock, to_ms(shop.NOW - timedelta(minutes=15)), at, campaign.stale * 1000))
    return Run(
        shop.CAMPAIGN,
        due[0].occurrence.name,
        config.version,
        at,
        due[0].occurrence.name,
        zones={one.zone: one.occurrence.at for one in due},
    )


def measure(recipients: int = RECIPIENTS, rounds: int = 5) -> Judged:
    """The least of so many runs of each."""
    people = [shop.person(KEY, number) for number in range(recipients)]
    table = InHand(people, a_run())
    x = exchange(table)

    def planned() -> None:
        for part in range(PARTS):
            plan(x, shop.CAMPAIGN, "bench", part)

    def stepped() -> None:
        table.sends.clear()
        for key in table.begun:
            step(x, *key)

    planning = _best(planned, recipients, rounds)
    arbitration = _best(stepped, recipients, rounds)
    stages = {name: _best(run, recipients, rounds) for name, run in _stages(x, people, table)}
    return Judged(recipients, len(table.sends), planning, arbitration, stages["text, links, price"], stages)


def _best(run: Callable[[], object], each: int, rounds: int) -> float:
    """Microseconds of processor time for each recipient: that is ours, whatever else the machine does."""
    found = []
    for _ in range(rounds):
        began = time.process_time()
        run()
        found.append(time.process_time() - began)
    return min(found) / each * 1e6


def _stages(x: Exchange, people: Sequence[Person], table: InHand) -> Iterator[tuple[str, Callable[[], object]]]:
    """Each by itself, on what the one before it gives."""
    config, now = x.config(), to_ms(x.now())
    campaign = config.campaign(shop.CAMPAIGN)
    template = config.template("duyuru")
    assert campaign is not None
    assert template is not None
    wanted = campaign.steps[0]
    assert isinstance(wanted, Step)
    journeys = [table.begun[key] for key in table.begun]
    policy, purpose = policy_of(config), Purpose.MARKETING
    caps = policy.caps[purpose]

    def way(one: Person, journey: Journey) -> Route:
        return next(iter(routes(campaign, wanted, template, one, config, journey)))

    both = list(zip(people, journeys, strict=True))
    ways = [way(*pair) for pair in both]
    wishes = [candidate_of(x.key, campaign, wanted, purpose, one, ChannelName.SMS, config) for one in journeys]
    known = [
        facts_of(one, route, purpose, one.row.ledger, config, now) for one, route in zip(people, ways, strict=True)
    ]
    yield "segment's condition", lambda: fitting(x, campaign, people)
    yield "zone", lambda: [place_of(one, config) for one in people]
    yield "routes", lambda: [way(*pair) for pair in both]
    yield "greater campaigns", lambda: [upcoming(x, x.config(), one, journey, purpose, now) for one, journey in both]
    yield (
        "candidate, holdouts",
        lambda: [candidate_of(x.key, campaign, wanted, purpose, one, ChannelName.SMS, config) for one in journeys],
    )
    yield (
        "facts, quiet hours",
        lambda: [
            facts_of(one, route, purpose, one.row.ledger, config, now) for one, route in zip(people, ways, strict=True)
        ],
    )
    yield "judged", lambda: [judge(wish, facts, policy, now) for wish, facts in zip(wishes, known, strict=True)]
    yield (
        "slot",
        lambda: [
            claim(one.row.ledger, wish, caps, zone("Europe/Istanbul"), now)
            for one, wish in zip(people, wishes, strict=True)
        ],
    )
    yield (
        "text, links, price",
        lambda: [
            composed(x, campaign, wanted, template, journey, one, route, None, x.now())
            for (one, journey), route in zip(both, ways, strict=True)
        ],
    )
