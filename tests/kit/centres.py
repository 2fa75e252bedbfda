"""Contact centres made up by hypothesis for the simulator, and one that is watched: each of its decisions is made again, in full."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, get_args
from unittest import mock

from hypothesis import strategies as st

from router.calendars import Calendar
from router.config import Agent, Config, Overflow, PolicyName, Pool, Presence, Queue, Routing, Step
from router.floor import Floor
from router.matching import Decision, Place, Rules, decide, placed
from router.times import from_ms, to_ms
from router.waiting import Kind, WaitingRow
from santral.simulation import centre
from santral.simulation.agenda import LOOK
from santral.simulation.centre import Centre
from santral.simulation.roles import Arrival, Coming, Reply
from tests.kit.floors import needs

POLICIES: tuple[str, ...] = get_args(PolicyName)
START = to_ms(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))  # a Monday
MINUTE = 60_000
LONG = 40 * MINUTE
"""Nobody comes or writes later than so long after the start."""
HOURS = Calendar(name="early", zone="UTC", open={"mon": ("09:05-09:15", "09:20-09:30")})
_TURNS = (5, 15, 20, 30)
_POOLS = ("main", "other")
_SKILLS = ("billing", "orders", "en", "tr")


@dataclass(frozen=True, slots=True)
class Play:
    """What comes into a centre, and by which seed customers and agents do what they do."""

    config: Config
    arrivals: tuple[Arrival, ...]
    comings: tuple[Coming, ...]
    seed: int
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Whims:
    """Does what a seed says, the same for the same conversation and agent."""

    seed: int
    step: int  # ms: all times are so many or a multiple

    def work(self, arrival: Arrival, agent: str) -> int:
        """As it was drawn, for some agents twice as long."""
        return arrival.work * Random(f"{agent} {self.seed}").choice((1, 1, 2))

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """Anything, soon or late."""
        chance = Random(f"{arrival.id} {agent} {arrival.offers} {self.seed}")
        reply = chance.choice((Reply.ACCEPTS, Reply.DECLINES, Reply.MISSES))
        return reply, chance.choice((0, 1, 5, 12, 100)) * self.step


# --- making them up ------------------------------------------------------------------------------------------------


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """Two pools with some agents each, queues that may help each other, who comes and goes, and who writes.

    Times are whole seconds, so that much happens at once, or any milliseconds.
    """
    seed, policy = draw(st.integers(0, 2**40)), draw(st.sampled_from(POLICIES))
    step = draw(st.sampled_from((1000, 997, 1)))
    chance = Random(f"play {seed}")
    agents = tuple(
        _agent(Random(f"agent {n} {seed}"), f"agent{n}") for n in range(draw(st.sampled_from((1, 2, 3, 5, 8))))
    )
    queues = tuple(_queue(chance, pool, n) for pool in _POOLS for n in range(2))
    config = Config.model_construct(  # not checked: what nobody can do waits as well
        version="v1",
        agents=agents,
        queues=queues,
        pools=tuple(_pool(chance, name, policy) for name in _POOLS),
        calendars=(HOURS,),
        presences=(Presence(name="training"), Presence(name="back-office", available=True)),
        routing=Routing(units={"webchat": 4, "email": 6, "sms": 3}, offers={"sms": 30, "email": 12}),
    )
    kinds = [_kind(chance, config) for _ in range(draw(st.integers(1, 5)))]
    arrivals = [
        _arrival(Random(f"row {n} {seed}"), n, kinds, config, step)
        for n in range(draw(st.sampled_from((1, 5, 20, 40))))
    ]
    comings = [coming for agent in agents for coming in _comings(Random(f"comes {agent.name} {seed}"), agent, step)]
    places = draw(st.sampled_from((None, None, None, 3)))
    return Play(config, tuple(sorted(arrivals, key=lambda one: one.at)), tuple(sorted(comings)), seed, places)


def _agent(chance: Random, name: str) -> Agent:
    levels = {skill: level for skill in _SKILLS if (level := chance.choice((0, 1, 1, 2, 3, 5)))}
    return Agent(
        name=name,
        display_name=name,
        pool=chance.choice(("main", "main", "main", "main", "other")),
        skills=levels,
        secondary=frozenset(skill for skill in levels if chance.random() < 0.3),
        units=chance.choice((4, 6, 12, 12)),
        limits={channel: chance.randint(0, 2) for channel in ("email", "sms", "webchat") if chance.random() < 0.3},
        hours=chance.choice((None, None, None, None, "early")),
        brands=chance.choice(((), (), (), ("acme",))),
    )


def _queue(chance: Random, pool: str, n: int) -> Queue:
    steps = [Step(needs=needs(chance), seconds=chance.choice((10, 60))) for _ in range(chance.choice((0, 0, 1, 2)))]
    overflow = [Overflow(queue=f"{pool}{1 - n}", after_seconds=30)] if chance.random() < 0.4 else []
    return Queue(
        name=f"{pool}{n}",
        pool=pool,
        skill=chance.choice(("billing", "orders", "language", needs(chance))),
        steps=tuple(steps),
        overflow=tuple(overflow),
        priority=chance.choice((3, 5, 5)),
        offer_seconds=chance.choice((None, None, 0, 20)),
        wrap_up_seconds=chance.choice((0, 0, 15, 60)),
    )


def _pool(chance: Random, name: str, policy: str) -> Pool:
    return Pool.model_validate(
        {
            "name": name,
            "policy": policy,
            "declined_seconds": chance.choice((0, 20, 120)),
            "missed_seconds": chance.choice((0, 10, 60)),
            "pause_after": 2,
            "pause_seconds": chance.choice((10, 60)),
            "last_agent": chance.random() < 0.7,
        }
    )


def _kind(chance: Random, config: Config) -> Kind:
    queue, channel = chance.choice((config.queues[0], *config.queues)), chance.choice(("email", "sms", "webchat"))
    steps = [[chance.choice((10, 40)), needs(chance)]] if chance.random() < 0.3 else []
    return Kind(
        queue=queue.name,
        channel=channel,
        units=config.routing.weight(channel),
        priority=queue.priority,
        target=chance.choice((10, 60, 900)),
        brand=chance.choice(("acme", "acme", "other")),
        language=chance.choice(("en", "tr")),
        tier=chance.choice((None, "gold", "silver", "bronze")),
        require=json.dumps(steps),
    )


def _arrival(chance: Random, n: int, kinds: list[Kind], config: Config, step: int) -> Arrival:
    kind = chance.choice(kinds)
    pool = next(queue.pool for queue in config.queues if queue.name == kind.queue)
    at = START + chance.randint(0, chance.choice((60, 300, 1500))) * step
    patience = chance.choice((None, None, 0, *[chance.randint(1, 600) * step] * 3))
    preferred = chance.choice((None, None, "agent0", "somebody-else"))
    return Arrival(
        f"c_{n}.acme.1", at, kind, pool, patience, max(1, chance.choice((0, 1, 15, 20, 60)) * step), preferred
    )


def _comings(chance: Random, agent: Agent, step: int) -> Iterator[Coming]:
    """Each change of presence; a day that turns open or closed for who has hours is told in the presence they have."""
    times = sorted({0, *(chance.randint(1, 1800) * step for _ in range(chance.choice((0, 0, 2, 5))))})
    presence = chance.choice(("online", "online", "online", "offline"))
    turns = {minute * MINUTE: None for minute in _TURNS} if agent.hours else {}
    for at in sorted({*times, *turns}):
        if at in times:
            presence = chance.choice(("online", "online", "back-office", "away", "offline")) if at else presence
        yield Coming(START + at, agent.name, presence)


# --- watching them --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Log:
    """Who looks on: what became of each customer, and what each agent holds."""

    config: Config
    ends: dict[str, list[str]] = field(default_factory=dict)
    assigned: list[tuple[int, str, str]] = field(default_factory=list)  # when, what, to whom: offers and assignments
    holds: dict[str, list[Arrival]] = field(default_factory=dict)
    waits: dict[str, int] = field(default_factory=dict)
    known: dict[str, Arrival] = field(default_factory=dict)
    held_units: int = 0  # times ms

    def arrived(self, arrival: Arrival) -> None:
        """One more."""
        assert arrival.id not in self.ends
        self.ends[arrival.id] = []
        self.known[arrival.id] = arrival

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        """One end."""
        self.ends[arrival.id].append("answered")
        self.waits[arrival.id] = at - arrival.at
        assert arrival in self.holds[agent]

    def left(self, arrival: Arrival, at: int) -> None:
        """Another."""
        assert arrival.patience is not None
        assert at == arrival.at + arrival.patience
        self.ends[arrival.id].append("left")
        self.waits[arrival.id] = at - arrival.at

    def turned_away(self, arrival: Arrival) -> None:
        """The third."""
        self.ends[arrival.id].append("turned away")

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        """It waits on."""
        assert arrival in self.holds[agent]

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        """The units are free again."""
        self.holds[agent].remove(arrival)
        self.held_units += arrival.kind.units * (until - since)

    def came(self, agent: str, presence: str, at: int) -> None:
        """Nothing is counted of it."""

    def decided(self, decision: Decision) -> None:
        """The units are taken: never more than there are, nor more of a channel than may be."""
        agent = self.config.agent(decision.agent or "")
        assert agent is not None
        holds = self.holds.setdefault(agent.name, [])
        holds.append(self.known[decision.conversation])
        assert sum(one.kind.units for one in holds) <= agent.units
        counts = Counter(one.kind.channel for one in holds)
        assert all(counts[channel] <= limit for channel, limit in agent.limits.items())
        self.assigned.append((to_ms(decision.at), decision.conversation, agent.name))


class Watched(Centre):
    """Makes every decision again over a floor that is made afresh and the whole line, and looks after each event whether work is left.

    `area` is how many wait, added up over time in ms; `used` units that are taken, likewise.
    """

    def __init__(self, play: Play, nature: Any, log: Any) -> None:
        super().__init__(play.config, nature, log, START, play.places)
        self.area = self.used = 0
        self.decisions = 0
        self._seen = self.now

    def played(self, play: Play) -> None:
        """All of it."""
        with mock.patch.object(centre, "decide", self._decides):
            self.run(play.arrivals, play.comings)

    def _decides(self, floor: Floor, waiting: Any, rules: Rules, now: datetime) -> Decision | None:
        places: list[Place] = list(waiting)
        found = decide(floor, places, rules, now)
        asked = [one.row for place in places for one in place.standing]
        assert _told(found) == _told(self.whole(rules.pool.name, asked)), f"at {now:%T.%f}"
        self.decisions += found is not None
        return found

    def whole(self, name: str, more: Any = ()) -> Decision | None:
        """What is decided of everybody who waits in a pool, and these, by what is known of everybody in it."""
        pool, now = self._pools[name], from_ms(self.now)
        rows: dict[str, WaitingRow] = {row.conversation: row for row in (*pool.heads, *more)}
        loads = [load for load in self._loads.values() if load.pool == name]
        floor = Floor(self.config, name, loads, now)
        rules = Rules(self.config, name)
        return decide(floor, placed(rows.values(), rules, now), rules, now)

    def looked_at(self) -> None:
        """Nobody waits who could be with somebody, but for what is still to come in this millisecond by time alone."""
        if self._events and self._events[0][:2] <= (self.now, LOOK):
            return
        for name in self._pools:
            assert _told(self.whole(name)) is None, f"work is left in {name} at {from_ms(self.now):%T.%f}"

    def _passes(self) -> None:
        self.area += len(self._waiting) * (self.now - self._seen)
        self.used += sum(load.units - load.free for load in self._loads.values()) * (self.now - self._seen)
        self._seen = self.now

    def at(self, at: int, rank: int, happen: Callable[..., None], *told: Any) -> None:
        super().at(at, rank, self._happens, happen, *told)

    def _happens(self, happen: Callable[..., None], *told: Any) -> None:
        self._passes()
        happen(*told)
        self.looked_at()

    def arrives(self, arrival: Arrival) -> None:
        self._passes()
        super().arrives(arrival)
        self.looked_at()

    def come(self, comings: Any) -> None:
        self._passes()
        super().come(comings)
        self.looked_at()


def _told(decision: Decision | None) -> tuple[str, str | None] | None:
    return None if decision is None else (decision.conversation, decision.agent)
