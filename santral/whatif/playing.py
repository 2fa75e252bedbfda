"""Plays a record again: the same customers and agents, decided on anew under a configuration, the recorded one or another.

The centre is the simulator's, and so are its decisions. Besides what a simulation has there is other work, which takes agents' units
at its recorded times whatever is decided, and working hours, which begin and end though nobody comes or goes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from router.business import business
from router.config import Config
from router.floor import Floor
from router.loads import Load, acted, given_back, missing
from router.times import from_ms, to_ms
from router.waiting import Kind
from santral.simulation.centre import _FIRST, _THEN, _TIME, Arrival, Centre, _Holding, _Pool
from santral.whatif.log import Log
from santral.whatif.nature import Recorded
from santral.whatif.record import End, Fate, Held, Record, Wait


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
        yield Arrival(wait.id, wait.at, kind, pool, nature.patience(wait), 0, wait.preferred, barred=barred)
        progress(number)


class _Again(Centre):
    """A centre in which other work is done as well."""

    def __init__(self, record: Record, config: Config, nature: Recorded, log: Log, start: int) -> None:
        super().__init__(config, nature, log, start, record.places)
        self._log, self._moments = log, record.source != "simulation"
        agents = {agent.name: agent for agent in config.agents}
        for one in record.standing:
            agent = agents.get(one.agent)
            if agent is not None:
                idle, available = from_ms(one.idle_since), config.available(one.presence)
                paused, wraps = (None if at is None else from_ms(at) for at in (one.paused_until, one.wrap_until))
                self._loads[one.agent] = Load(
                    one.agent, one.presence, agent.units, agent.units, {}, idle, agent.pool, available=available, missed=one.missed,
                    paused_until=paused, wrap_until=wraps,
                )  # fmt: skip
                for at in {one.paused_until, one.wrap_until} - {None}:
                    if at is not None and at > record.since:
                        self._at(at, _TIME, self._rests, one.agent)
        for held in record.held:
            if held.agent not in agents:
                continue
            if held.at <= record.since:
                self._had(held)
            else:
                self._at(held.at, _FIRST, self._takes, held)
            if held.until is not None:
                self._at(held.until, _FIRST, self._frees, held)
        for act in record.acts if config.makes_offers else ():
            if act.agent in agents:
                self._at(act.at, _THEN, self._acts, act.agent)
        self._before = _before(record)
        self._no_rest = {wait.id for wait in record.waits if not wait.rests}
        if record.source != "simulation":
            for at in _hours_turn(config, record.since, record.over):
                self._at(at, _FIRST, self._hours_turn)

    def _had(self, held: Held) -> None:
        """What an agent has from the beginning."""
        load = self._loads.get(held.agent) or self._absent(held.agent)
        self._loads[held.agent] = _more(load, held)

    def _takes(self, held: Held) -> None:
        load = self._loads.get(held.agent) or self._absent(held.agent)
        self._now(replace(_more(load, held), idle_since=from_ms(self.now)))

    def _frees(self, held: Held) -> None:
        if held.missed:
            self._misses(held)
            return
        load, wrap = self._loads[held.agent], self._wrap.get(held.rests or "", 0)
        until = from_ms(self.now + wrap) if wrap else None
        if until is not None and load.wrap_until is not None:
            until = max(until, load.wrap_until)
        self._now(given_back(load, [(held.units, held.channel)], from_ms(self.now), until))
        if wrap:
            self._at(self.now + wrap, _TIME, self._rests, held.agent)
        if held.agent in self._floor(held.agent).loads:
            self._match_for(self._pools[self._pool_of[held.agent]], held.agent)

    def _misses(self, held: Held) -> None:
        """An offer that stood when the record began times out."""
        load, now = self._loads[held.agent], from_ms(self.now)
        rule = self.config.pool(self._pool_of[held.agent])
        rested = load.paused_until is not None and load.paused_until <= now
        count = 1 if rested else load.missed + 1
        paused = now + timedelta(seconds=rule.pause_seconds) if count >= rule.pause_after else None
        self._now(missing(load, held.units, held.channel, count, paused, now))
        if paused is not None:
            self._at(to_ms(paused), _TIME, self._rests, held.agent)
        elif held.agent in self._floor(held.agent).loads:
            self._match_for(self._pools[self._pool_of[held.agent]], held.agent)

    def _acts(self, agent: str) -> None:
        """They are there: no offer counts as missed, and no pause goes on."""
        load = self._loads.get(agent)
        if load is not None and (load.missed or load.paused_until is not None):
            self._now(acted(load))
            if load.paused_until is not None and agent in self._floor(agent).loads:
                self._match_for(self._pools[self._pool_of[agent]], agent)

    def _now(self, load: Load) -> None:
        if load.agent in self._floor(load.agent).loads:
            self._has(load)
        else:
            self._loads[load.agent] = load

    def _floor(self, agent: str) -> Floor:
        return self._pools[self._pool_of[agent]].floor

    def _absent(self, agent: str) -> Load:
        pool = self._pool_of[agent]
        units = self._pools[pool].floor.crew.units[agent]
        return Load(agent, "offline", units, units, {}, from_ms(self.now), pool, available=False)

    def _hours_turn(self) -> None:
        """Somebody's working hours begin or end."""
        now = from_ms(self.now)
        for name, pool in sorted(self._pools.items()):
            if pool.floor.crew.shifts:
                loads = [load for load in self._loads.values() if self._pool_of[load.agent] == name]
                pool.floor = Floor(self.config, name, [load for load in loads if load.agent in pool.floor.loads], now)
                self._match_all(pool)

    def _match_all(self, pool: _Pool) -> None:
        """In production a match comes a moment later: what happens at the same time, such as two offers' ends, has happened by then."""
        if self._more_now():
            self._at(self.now, _THEN, super()._match_all, pool)
        else:
            super()._match_all(pool)

    def _match_for(self, pool: _Pool, agent: str) -> None:
        if self._more_now():
            self._at(self.now, _THEN, super()._match_for, pool, agent)
        else:
            super()._match_for(pool, agent)

    def _more_now(self) -> bool:
        return self._moments and bool(self._events) and self._events[0][:2] == (self.now, _FIRST)

    def _ends(self, holding: _Holding) -> None:
        """No wrap-up follows what was handed on or put aside."""
        if holding.arrival.id in self._no_rest:
            self._gives_back(holding, lambda load, held, now: given_back(load, held, now, active=True))
        else:
            super()._ends(holding)

    def _arrives(self, arrival: Arrival) -> None:
        """Who had it before is preferred: whoever that is, this time."""
        before = self._before.get(arrival.id)
        if before is not None:
            story = self._log.stories.get(before)
            if story is not None and story.end is End.ANSWERED:
                arrival.preferred = story.agent
        super()._arrives(arrival)


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
