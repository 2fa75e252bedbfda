"""What a scenario's chance brings: customers in the order of their arrival, agents who come and go, how long each takes.

Each stream has its own randomness, drawn in the same order whatever the policy, the agents or the rates of the others: policies
are compared on the same days.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import accumulate
from operator import attrgetter
from random import Random
from zoneinfo import ZoneInfo

from router.calendars import Calendar, Span, week
from router.config import Config
from router.crew import crew_of
from router.matching import Rules
from router.times import from_ms, to_ms
from router.waiting import Kind
from santral.config_cases import NOON
from santral.simulation.draws import Draw, Lengths
from santral.simulation.messages import judged, looks_at_time
from santral.simulation.roles import Arrival, Coming, Reply
from santral.simulation.scenario import Group, Scenario, Shifts, Stream

There = Callable[[date], Sequence[Span]]
"""When an agent is there on a day, in minutes of it."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_QUARTER = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Sort:
    """A stream's conversations of one queue and tier: their class, and the share of the stream that they are."""

    kind: Kind
    pool: str
    share: float


def sorts(config: Config, stream: Stream, at: datetime = NOON) -> list[Sort]:
    """What a stream brings, by queue and tier or by message, at a time. Raises ValueError for a queue or inbox that is not there."""
    if stream.samples:
        return _judged(config, stream, at)
    queues = {stream.queues: 1.0} if isinstance(stream.queues, str) else dict(stream.queues or {})
    tiers: dict[str | None, float] = dict(stream.tiers.items()) if stream.tiers else {None: 1.0}
    every, of_all = sum(queues.values()), sum(tiers.values())
    found = []
    for name, queue_share in queues.items():
        queue = config.queue(name)
        if queue is None:
            raise ValueError(f"there is no queue '{name}'")
        for tier, tier_share in tiers.items():
            target = config.target(stream.sla, name, tier, stream.channel)
            kind = Kind(
                name, stream.channel, config.routing.weight(stream.channel), stream.priority or queue.priority,
                max(1, round(target.total_seconds())), stream.brand, stream.language, tier, _json(stream.require),
            )  # fmt: skip
            found.append(Sort(kind, queue.pool, queue_share * tier_share / every / of_all))
    return found


def _json(steps: Sequence[tuple[int, object]]) -> str:
    return json.dumps([[seconds, needs] for seconds, needs in steps]) if steps else "[]"


def _judged(config: Config, stream: Stream, at: datetime) -> list[Sort]:
    every, found = sum(sample.share for sample in stream.samples), []
    for sample in stream.samples:
        conversation, _ = judged(config, stream, sample, at)
        found.append(Sort(conversation.kind, conversation.pool, sample.share / every))
    return found


class Opening:
    """The days of a scenario as instants: when each begins to count, in ms."""

    def __init__(self, scenario: Scenario) -> None:
        self._zone = ZoneInfo(scenario.zone)
        self._first = scenario.start
        self._opens = time.fromisoformat(scenario.day.opens)
        self._apart = max(1, -(-int(scenario.day.hours * 60) // 1440))
        self.hours = scenario.day.hours
        self.counted = scenario.day.counted

    def at(self, number: int) -> int:
        """When customers begin to write on that day."""
        return to_ms(datetime.combine(self._day(number), self._opens, self._zone))

    def lasts(self, number: int) -> int:
        """For how many ms customers write on that day: until the next begins at most, where a clock goes forward meanwhile."""
        return min(round(self.hours * HOUR), self.at(number + 1) - self.at(number))

    def weekday(self, number: int) -> int:
        """Monday is 0."""
        return self._day(number).weekday()

    def midnight(self, number: int, zone: ZoneInfo | None = None) -> datetime:
        """The calendar day after so many days, however long a scenario's day is; in its zone or another."""
        return datetime.combine(self._first + timedelta(days=number), time(), zone or self._zone)

    @property
    def span(self) -> int:
        """So many calendar days are one of the scenario's."""
        return self._apart

    def _day(self, number: int) -> datetime:
        return datetime.combine(self._first + timedelta(days=number * self._apart), time())


def arrivals(scenario: Scenario, config: Config, replication: int, scale: float = 1.0) -> Iterator[Arrival]:
    """Every customer of all days, in order."""
    opening = Opening(scenario)
    factors = Random(f"{scenario.seed}/{replication}/busyness")
    drawn = scenario.busyness.draw if scenario.busyness is not None else None
    busy = [scale * (drawn(factors) if drawn is not None else 1.0) for _ in range(scenario.days)]
    streams = [_Flow(scenario, config, stream, replication).run(opening, busy) for stream in scenario.traffic]
    return merge(*streams, key=attrgetter("at"))


class _Flow:
    """One stream's customers."""

    def __init__(self, scenario: Scenario, config: Config, stream: Stream, replication: int) -> None:
        self.stream, self.by = stream, Random(f"{scenario.seed}/{replication}/{stream.name}")
        self.sorts = sorts(config, stream)
        self.marks = list(accumulate(one.share for one in self.sorts))[:-1]
        self.by_time = bool(stream.samples) and looks_at_time(config)
        self.config, self.judged = config, dict[int, list[Sort]]()
        self.handling = _draws(stream.handling)
        self.patience = _draws(stream.patience)

    def run(self, opening: Opening, busy: Sequence[float]) -> Iterator[Arrival]:
        stream, by, number = self.stream, self.by, 0
        rates = stream.rates
        length = stream.period_minutes * MINUTE if len(rates) > 1 else opening.hours * HOUR
        most = max(rates)
        days = stream.on
        handling, patience, marks, name = self.handling, self.patience, self.marks, stream.name
        for day, factor in enumerate(busy):
            start, rate = opening.at(day), most * factor / HOUR
            if not rate or opening.weekday(day) not in days:
                continue
            at, end = 0.0, opening.lasts(day)
            while True:
                at += by.expovariate(rate)
                if at >= end:
                    break
                period = min(int(at // length), len(rates) - 1)
                if rates[period] < most and by.random() * most >= rates[period]:
                    continue
                sorts_ = self._sorts_at(start + int(at)) if self.by_time else self.sorts
                found = sorts_[bisect_right(marks, by.random())]
                work = handling[min(period, len(handling) - 1)](by)
                waits = patience[min(period, len(patience) - 1)](by) if patience else None
                number += 1
                yield Arrival(
                    f"{name}-{number}", start + int(at), found.kind, found.pool,
                    None if waits is None else round(waits * MINUTE), max(1, round(work * MINUTE)),
                )  # fmt: skip

    def _sorts_at(self, at: int) -> list[Sort]:
        """What the rules make of it then. They are asked once in a quarter of an hour, as it begins."""
        quarter = at - at % _QUARTER
        if quarter not in self.judged:
            self.judged = {quarter: sorts(self.config, self.stream, from_ms(quarter))}  # arrivals are in order
        return self.judged[quarter]


def _draws(lengths: Lengths | tuple[Lengths, ...] | None) -> list[Draw]:
    several = lengths if isinstance(lengths, tuple) else (lengths,) if lengths is not None else ()
    return [one.draw for one in several]


# --- agents ----------------------------------------------------------------------------------------------------------


def comings(scenario: Scenario, config: Config) -> Iterator[Coming]:
    """When agents come, take a break and leave, in order, until a day after the last.

    Agents of one shift share its times, so that memory does not grow with them.
    """
    opening = Opening(scenario)
    first, days = opening.at(0), scenario.days * opening.span + 1
    entries: dict[str, Group | Shifts] = {name: one for one in scenario.shifts for name in one.agents}
    entries |= {agent.name: group for group in scenario.groups for agent in group.agents()}
    known: dict[tuple[int, str | None], list[tuple[int, str]]] = {}
    found: list[Iterator[Coming]] = []
    for agent in config.agents:
        entry, calendar = entries.get(agent.name), config.calendar(agent.hours)
        if entry is not None and entry.shifts is not None:
            there, zone, hours = _weekly(entry.shifts), None, None
        elif calendar is not None:
            there, zone, hours = _opened(calendar), ZoneInfo(calendar.zone), calendar.name
        else:
            found.append(iter((Coming(first, agent.name, "online"),)))
            continue
        key = id(entry), hours
        if key not in known:
            known[key] = _moves(opening, days, there, entry.breaks if entry is not None else None, zone)
        found.append(_of_agent(agent.name, first, known[key]))
    return merge(*found)


def _of_agent(name: str, first: int, moves: Sequence[tuple[int, str]]) -> Iterator[Coming]:
    for at, presence in moves:
        yield Coming(max(at, first) if presence == "online" else at, name, presence)


def _weekly(shifts: Mapping[str, tuple[str, ...]]) -> There:
    spans = week(shifts)
    return lambda day: spans[day.weekday()]


def _opened(calendar: Calendar) -> There:
    opened = calendar.opened()
    return lambda day: opened.on(day).spans


def _moves(
    opening: Opening, days: int, there: There, breaks: Mapping[str, tuple[str, ...]] | None, zone: ZoneInfo | None
) -> list[tuple[int, str]]:
    """Each change of presence: at what time, and what it is from then on."""
    away = week(breaks) if breaks is not None else ((),) * 7
    states: list[tuple[int, str]] = []
    for number in range(-1, days):
        midnight = opening.midnight(number, zone)
        for since, until in there(midnight.date()):
            marks = {since: "online", until: "offline"}
            for begin, end in away[midnight.weekday()]:
                if since <= begin < end <= until:
                    marks[begin] = "away"
                    if end < until:
                        marks[end] = "online"
            states += [(to_ms(midnight + timedelta(minutes=minute)), presence) for minute, presence in marks.items()]
    states.sort(key=lambda one: (one[0], one[1] != "offline"))
    found: list[tuple[int, str]] = []
    for at, presence in states:
        if found and found[-1][0] == at:
            found.pop()  # one shift ends as the next begins
        if not found or found[-1][1] != presence:
            found.append((at, presence))
    first = opening.at(0)
    late = [one for one in found if one[0] > first]
    before = [one for one in found if one[0] <= first]
    return [(first, before[-1][1]), *late] if before else late


# --- chance ----------------------------------------------------------------------------------------------------------


class Chance:
    """The nature of a scenario: working time as it was drawn, longer by a secondary skill or a slower agent; replies by chance."""

    def __init__(self, scenario: Scenario, config: Config, replication: int) -> None:
        self._by = f"{scenario.seed}/{replication}/"
        self._offers = scenario.offers
        self._accept = scenario.offers.accept.draw
        self._config = config
        self._secondary = scenario.secondary_pace
        paces = {name: one.pace for one in scenario.shifts for name in one.agents}
        paces |= {agent.name: group.pace for group in scenario.groups for agent in group.agents()}
        self._pace = {name: pace for name, pace in paces.items() if pace != 1}
        self._slow: dict[Kind, frozenset[str]] = {}
        self._rules: dict[str, Rules] = {}

    def work(self, arrival: Arrival, agent: str) -> int:
        """As drawn, times the agent's pace."""
        factor = self._pace.get(agent, 1.0) if self._pace else 1.0
        if self._secondary != 1 and agent in self._by_secondary(arrival):
            factor *= self._secondary
        return arrival.work if factor == 1 else max(1, round(arrival.work * factor))

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """By chance, the same for the same conversation's same offer."""
        by = Random(f"{self._by}{arrival.id}/{arrival.offers}")
        drawn, after = by.random(), round(self._accept(by) * MINUTE)
        if drawn < self._offers.declined:
            return Reply.DECLINES, after
        return (Reply.MISSES if drawn < self._offers.declined + self._offers.missed else Reply.ACCEPTS), after

    def _by_secondary(self, arrival: Arrival) -> frozenset[str]:
        """Who would answer it by a secondary skill."""
        found = self._slow.get(arrival.kind)
        if found is None:
            crew = crew_of(self._config, arrival.pool)
            rules = self._rules.setdefault(arrival.pool, Rules(self._config, arrival.pool))
            needs = rules.of(arrival.kind).ladder[-1].needs
            slow = (name for secondary, _, mask in crew.groups(needs) if secondary for name in crew.named(mask))
            found = self._slow[arrival.kind] = frozenset(slow)
        return found
