"""Plays a record again: the same customers and agents, decided on anew under a configuration, the recorded one or another.

The centre is the simulator's, and so are its decisions. Besides what a simulation has there is other work, which takes agents' units
at its recorded times whatever is decided, and working hours, which begin and end though nobody comes or goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from router.business import business
from router.config import Agent, Config
from router.loads import Load, acted, given_back, missing
from router.times import from_ms
from router.waiting import Kind
from santral.simulation.agenda import FIRST, THEN, TIME
from santral.simulation.centre import Centre
from santral.simulation.roles import Arrival
from santral.whatif.log import Log
from santral.whatif.nature import Recorded
from santral.whatif.record import End, Fate, Held, Record, Standing, Wait


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wait stands under a configuration: its class and pool, and the policy that rules or people gave it."""

    kind: Kind
    pool: str
    sla: str | None = None


@dataclass(frozen=True)
class Played:
    """What became of each wait, by its id; `places` are those that stand elsewhere than they did."""

    config: Config
    fates: Mapping[str, Fate]
    places: Mapping[str, Place]

    def kind(self, wait: Wait) -> Kind:
        """The class it waited in."""
        found = self.places.get(wait.id)
        return wait.kind if found is None else found.kind

    def sla(self, wait: Wait) -> str | None:
        """The policy that it was under, but for its queue's."""
        found = self.places.get(wait.id)
        return wait.sla if found is None else found.sla

    def fate(self, wait: Wait) -> Fate:
        """What became of it."""
        return self.fates[wait.id]


def happened(record: Record) -> Played:
    """What became of each wait by the record itself."""
    return Played(record.config, {wait.id: wait.fate for wait in record.waits}, {})


def play(
    record: Record,
    config: Config | None = None,
    places: Mapping[str, Place] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Played:
    """Everything once more, under the recorded configuration or another; `progress` is told how many waits have begun."""
    config, places = config or record.config, places or {}
    log, nature = Log(config), Recorded(record)
    start = min([record.since, *(wait.at for wait in record.waits[:1])])
    again = _Again(record, config, nature, log, start)
    agents = {agent.name for agent in config.agents}
    again.run(
        _arrivals(record, nature, places, progress),
        [coming for coming in record.comings if coming.agent in agents],
        record.until,
    )
    log.ends(record.over)
    ended = {wait.id: wait.fate.end for wait in record.waits}
    fates = {one.id: one.fate for one in log.stories.values()}
    for id_, fate in fates.items():
        if fate.end is End.LEFT and ended[id_] is End.MOVED:
            fates[id_] = replace(fate, end=End.MOVED)
    return Played(config, fates, places)


def _arrivals(
    record: Record, nature: Recorded, places: Mapping[str, Place], progress: Callable[[int], None]
) -> Iterator[Arrival]:
    for number, wait in enumerate(record.waits, 1):
        place = places.get(wait.id)
        kind, pool = (wait.kind, wait.pool) if place is None else (place.kind, place.pool)
        barred = tuple((agent, from_ms(until)) for agent, until in wait.barred)
        yield Arrival(
            wait.id, wait.at, kind, pool, nature.patience(wait), 0, wait.preferred, barred=barred, rests=wait.rests
        )
        progress(number)


class _Again(Centre):
    """A centre in which other work is done as well."""

    def __init__(self, record: Record, config: Config, nature: Recorded, log: Log, start: int) -> None:
        produced = record.source != "simulation"
        super().__init__(config, nature, log, start, record.places, later=produced)
        self._log, self._before = log, _before(record)
        agents = {agent.name: agent for agent in config.agents}
        for one in record.standing:
            if one.agent in agents:
                self._stood(one, agents[one.agent], record.since)
        for held in record.held:
            if held.agent not in agents:
                continue
            if held.at <= record.since:
                self.has(_more(self.load(held.agent), held))
            else:
                self.at(held.at, FIRST, self._takes, held)
            if held.until is not None:
                self.at(held.until, FIRST, self._misses if held.missed else self._frees, held)
        for act in record.acts if config.makes_offers else ():
            if act.agent in agents:
                self.at(act.at, THEN, self._acts, act.agent)
        for at in _hours_turn(config, record.since, record.over) if produced else ():
            self.at(at, FIRST, self.hours_turn)

    def prefers(self, arrival: Arrival) -> str | None:
        """Who had it before, where they were preferred for that: whoever that is, this time."""
        story = self._log.stories.get(self._before.get(arrival.id, ""))
        return arrival.preferred if story is None or story.end is not End.ANSWERED else story.agent

    def _stood(self, one: Standing, agent: Agent, since: int) -> None:
        """How an agent stood at the beginning."""
        paused, wraps = (None if at is None else from_ms(at) for at in (one.paused_until, one.wrap_until))
        self.has(
            Load(
                agent.name, one.presence, agent.units, agent.units, {}, from_ms(one.idle_since), agent.pool,
                available=self.config.available(one.presence), missed=one.missed, paused_until=paused, wrap_until=wraps,
            )
        )  # fmt: skip
        for at in {one.paused_until, one.wrap_until}:
            if at is not None and at > since:
                self.at(at, TIME, self.rests, agent.name)

    def _takes(self, held: Held) -> None:
        self.has(replace(_more(self.load(held.agent), held), idle_since=from_ms(self.now)))

    def _frees(self, held: Held) -> None:
        wrap, until = self.wraps_up(held.agent, held.rests)
        self.has(given_back(self.load(held.agent), [(held.units, held.channel)], from_ms(self.now), until))
        if wrap:
            self.at(self.now + wrap, TIME, self.rests, held.agent)
        self.looks_for(held.agent)

    def _misses(self, held: Held) -> None:
        """An offer that stood when the record began times out."""
        count, paused = self.lets_pass(held.agent)
        self.has(missing(self.load(held.agent), held.units, held.channel, count, paused, from_ms(self.now)))
        self.looks_for(held.agent)

    def _acts(self, agent: str) -> None:
        """They are there: no offer counts as missed, and no pause goes on."""
        load = self.load(agent)
        if load.missed or load.paused_until is not None:
            self.has(acted(load))
            self.looks_for(agent)


def _more(load: Load, held: Held) -> Load:
    counts = {**load.counts, held.channel: load.counts.get(held.channel, 0) + 1}
    return replace(load, free=load.free - held.units, counts=counts)


def _before(record: Record) -> dict[str, str]:
    """Of waits that prefer who had the conversation by the wait before, which wait that was."""
    last: dict[str, Wait] = {}
    found = {}
    for wait in record.waits:
        before = last.get(wait.conversation)
        if before is not None and wait.preferred is not None and wait.preferred == before.fate.agent:
            found[wait.id] = before.id
        last[wait.conversation] = wait
    return found


def _hours_turn(config: Config, since: int, until: int) -> list[int]:
    """When the working hours of agents begin or end."""
    calendars = (config.calendar(agent.hours) for agent in config.agents if agent.hours is not None)
    named = {calendar.name: calendar for calendar in calendars if calendar is not None}
    spans = (span for calendar in named.values() for span in business(calendar).intervals(since, until))
    return sorted({at for span in spans for at in span if since < at < until})
