"""One decision, with its record: on floors of 40, 1,000 and 5,000 agents, and with 10 to 100,000 conversations waiting.

In process, without the table: what was read is in hand as `router.match` holds it, the heads of each class that somebody could take.
Timed is one event: a row that came or went since the last, the rows that can be first, the decision, its record with what it saw.
Each has a floor made afresh, so that nothing that a floor remembers is counted for less than it is; what a process keeps for as long
as a version is in force is warm. What is made once a batch of the match, the floor and the heads, is timed apart.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import Any

from router.aws.codec import pack
from router.config import Agent, Config, Queue
from router.decisions import record
from router.floor import Floor
from router.loads import Load
from router.match import HEADS
from router.matching import Heads, Rules, decide, decide_one
from router.policies import side
from router.snapshots import seen, states_of
from router.waiting import Kind, WaitingRow

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SIZES = (40, 1_000, 5_000)
WAITING = (10, 100, 1_000, 10_000, 100_000)
SKILLS = ("billing", "orders", "returns", "tech", "account", "sales")
OTHERS = tuple(f"product-{n}" for n in range(20))
CHANNELS = {"webchat": (4, 60), "sms": (3, 180), "email": (6, 3600), "messenger": (3, 900)}  # units, target in seconds
TIERS = ("gold", "silver", "bronze")
EVENTS = (
    "newcomer, many have room",
    "newcomer, nobody has room",
    "agent free, 72 classes wait",
    "many have room, 72 classes wait",
)


@dataclass(frozen=True, slots=True)
class Decided:
    """Microseconds of an event with its record, and the record's bytes as stored; apart, those of making the floor and the heads."""

    agents: int
    signatures: int
    floor: float
    heads: float  # of the classes that one agent who became free could take
    in_hand: int  # rows in them
    events: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grown:
    """With so many waiting: rows in hand, and microseconds of picking those that can be first, deciding and telling it."""

    waiting: int
    in_hand: int
    event: float
    heads: float  # making them, apart


def measure(rounds: int = 200, sizes: Iterable[int] = SIZES) -> list[Decided]:
    """Each size of floor; medians."""
    return [_decided(_Place(size), rounds) for size in sizes]


def grow(rounds: int = 200, counts: Iterable[int] = WAITING) -> list[Grown]:
    """An agent of a thousand becomes free, and more and more wait; medians."""
    place, found = _Place(1_000), []
    for count in counts:
        loads = place.one_free()
        rows = place.in_hand(loads, place.line(count))
        event, _ = _timed(place, loads, rows, rounds)
        found.append(Grown(count, len(rows), event, _median(partial(_heads, place, rows), rounds)))
    return found


def _decided(place: _Place, rounds: int) -> Decided:
    few = max(5, min(rounds, 400_000 // place.size))
    line = place.line(10_000)
    rows = place.in_hand(place.one_free(), line)
    loads = place.roomy()
    floor = _median(partial(Floor, place.config, "main", loads, NOW), few)
    found = Decided(place.size, place.signatures, floor, _median(partial(_heads, place, rows), rounds), len(rows))
    for name, loads in zip(EVENTS, (place.roomy(), place.full(), place.one_free(), place.roomy()), strict=True):
        rows = [place.newcomer] if name.startswith("newcomer") else place.in_hand(loads, line)
        found.events[name], kept = _timed(place, loads, rows, few)
        found.bytes[name] = len(pack(kept))
    return found


def _heads(place: _Place, rows: Iterable[WaitingRow]) -> Heads:
    heads = Heads(rows)
    heads.front(place.rules, NOW)
    return heads


class _Place:
    """A configuration of agents of mostly different skills, and what stands and waits under it."""

    def __init__(self, size: int) -> None:
        chance = _chance(size)
        self.size = size
        agents = tuple(_agent(chance, f"agent-{n:04d}") for n in range(size))
        queues = tuple(Queue(name=skill, skill=skill) for skill in SKILLS)
        self.config = Config.model_construct(version="bench", agents=agents, queues=queues)
        self.rules = Rules(self.config, "main")
        self.signatures = len({(tuple(sorted(agent.levels.items())), agent.secondary) for agent in agents})
        self.kinds = [
            Kind(skill, channel, units, 5, target, "default", "en", tier)
            for skill in SKILLS
            for channel, (units, target) in CHANNELS.items()
            for tier in TIERS
        ]
        self.newcomer = WaitingRow("c_newcomer.default.1", self.kinds[0], NOW)

    def roomy(self) -> list[Load]:
        """Low load: three of four have room for anything."""
        return self._loads((12, 12, 6, 1))

    def full(self) -> list[Load]:
        """High load: nobody has room."""
        return self._loads((0, 0, 1, 2))

    def one_free(self) -> list[Load]:
        """High load, and an agent of the first skill has just become free."""
        loads = self.full()
        number = next(n for n, agent in enumerate(self.config.agents) if SKILLS[0] in agent.levels)
        loads[number] = Load(loads[number].agent, "online", 6, 12, {}, NOW)
        return loads

    def _loads(self, free: tuple[int, ...]) -> list[Load]:
        chance = _chance(self.size)
        return [
            Load(
                agent.name, chance.choice(("online", "online", "online", "away")), chance.choice(free), 12,
                {"webchat": chance.randint(0, 2), "email": 1}, NOW - timedelta(milliseconds=chance.randint(0, 900_000)),
            )
            for agent in self.config.agents
        ]  # fmt: skip

    def line(self, count: int) -> list[WaitingRow]:
        """So many waiting, spread over all classes and over three targets, each class's oldest first."""
        chance = _chance(count)
        rows = []
        for n in range(count):
            kind = self.kinds[n % len(self.kinds)]
            since = NOW - timedelta(milliseconds=chance.randint(0, kind.target * 3000))
            rows.append(WaitingRow(f"c_{chance.getrandbits(96):024x}.default.1", kind, since, stub="x"))
        return sorted(rows, key=lambda row: (row.kind.key, row.since))

    def in_hand(self, loads: list[Load], line: list[WaitingRow]) -> list[WaitingRow]:
        """The heads that a match would have read: the oldest of each side, of classes that somebody could take."""
        floor, heads = Floor(self.config, "main", loads, NOW), []
        counts: dict[Any, int] = {}
        for row in line:
            of = self.rules.of(row.kind)
            if floor.ready & floor.room(row.units) & floor.crew.meet(of.ladder[0].needs):
                place = row.kind, side(of, (NOW - row.since).total_seconds())
                counts[place] = counts.get(place, 0) + 1
                if counts[place] <= HEADS:
                    heads.append(row)
        return heads


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same floors on every run


def _agent(chance: Random, name: str) -> Agent:
    known = [*chance.sample(SKILLS, 2), *chance.sample(OTHERS, 3)]
    levels = {skill: chance.randint(1, 5) for skill in known}
    return Agent(name=name, display_name=name, skills=levels, secondary=frozenset(known[1:2]), limits={"webchat": 3})


def _timed(place: _Place, loads: list[Load], rows: list[WaitingRow], rounds: int) -> tuple[float, dict[str, Any]]:
    """Microseconds of an event, and the record that is kept. Three agents have changed since the roster was."""
    states = states_of(loads)
    changed = {name: states[name] for name in list(states)[:3]}
    floors = iter([Floor(place.config, "main", loads, NOW) for _ in range(rounds + 1)])
    heads = _heads(place, rows)

    def event() -> dict[str, Any]:
        floor = next(floors)
        heads.add(rows[-1])
        decision = decide(floor, heads.front(place.rules, NOW), place.rules, NOW)
        if decision is None:
            decision = decide_one(floor, rows[-1], place.rules, NOW)
        competed = [one.row for one in decision.contenders] or [decision.row]
        return {**record(decision), "seen": seen("0" * 32, changed, floor.at, competed)}

    kept = event()
    return _median(event, rounds), kept


def _median(once: Callable[[], object], rounds: int) -> float:
    taken = []
    gc.disable()
    try:
        for _ in range(rounds):
            begin = perf_counter_ns()
            once()
            taken.append(perf_counter_ns() - begin)
    finally:
        gc.enable()
    return median(taken) / 1000
