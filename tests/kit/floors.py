"""Floors made up by hypothesis, and an oracle that judges them the slow and obvious way: agent by agent, from the text.

The oracle shares the configuration's models, `met`, `parts` and `text` with the matcher, and nothing else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from router.calendars import Calendar
from router.config import Agent, Config, Overflow, Pool, Presence, Queue, Step
from router.floor import Floor
from router.loads import Load
from router.matching import Decision, Rules, decide, placed
from router.requirements import Requirement, in_language, leaves, met, parts, read, text
from router.waiting import RELAXED, Kind, WaitingRow
from tests.kit.amount import times

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday
POLICIES = ("default", "fifo", "strict", "edf", "edf-late", "wvd", "accumulating", "c-mu")
HOURS = (
    Calendar(name="day", zone="UTC", open={"mon-fri": ("09:00-18:00",)}),
    Calendar(name="night", zone="UTC", open={"mon-fri": ("20:00-24:00",)}),
)
PRESENCES = (Presence(name="training"), Presence(name="back-office", available=True))
CHANNELS = ("email", "sms", "webchat")
SKILLS = ("billing", "orders", "en", "tr")
MANY = settings(max_examples=times(200), deadline=None)
"""Of how many scenes a test is held against."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a decision is made of."""

    config: Config
    loads: tuple[Load, ...]
    rows: tuple[WaitingRow, ...]
    others: Mapping[str, str] = field(default_factory=dict)
    now: datetime = NOW

    @property
    def floor(self) -> Floor:
        """The roster as it stands now."""
        return Floor(self.config, "main", self.loads, self.now, self.others)

    @property
    def rules(self) -> Rules:
        """What decisions are made under."""
        return Rules(self.config, "main")


def of_all(floor: Floor, rows: Iterable[WaitingRow], rules: Rules, now: datetime) -> Decision | None:
    """The decision with every row looked at."""
    return decide(floor, placed(rows, rules, now), rules, now)


# --- making them up ------------------------------------------------------------------------------------------------

_LEAVES = (
    "billing", "billing>=2", "billing>=4", "orders", "orders>=2", "orders>=3", "en", "tr", "language", "not en", "not orders>=4",
)  # fmt: skip
_SECONDS = (1, 10, 60, 300)
_BRANDS = ((), (), (), ("acme",), ("acme", "other"))


def needs(chance: Random, depth: int = 0) -> Any:
    """A requirement as a configuration writes it: mostly a skill, seldom a tree of them."""
    if depth == 3 or chance.random() < 0.7:
        return chance.choice(_LEAVES)
    inner = [needs(chance, depth + 1) for _ in range(chance.choice((1, 2, 2)))]
    word = chance.choice(("any", "any", "all", "none", ""))
    return {word: inner} if word else inner


SEVERAL = ("all", "any")


def requirements(skills: Sequence[str]) -> st.SearchStrategy[Requirement]:
    """Trees of any shape, with lists of one and a not of anything."""
    leaf = st.builds(lambda name, level: ("has", name, level), st.sampled_from(skills), st.integers(1, 5))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda one: ("not", one), inner),
            st.builds(
                lambda word, parts: (word, *parts), st.sampled_from(SEVERAL), st.lists(inner, min_size=1, max_size=3)
            ),
        ),
        max_leaves=12,
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Some agents, two queues that may help each other, a few classes, and who waits in them.

    Hypothesis says how many there are; what each is comes out of a seed of its own, so that fewer of them are the same ones.
    """
    seed, policy = draw(st.integers(0, 2**40)), draw(st.sampled_from(POLICIES))
    agents = tuple(_agent(Random(f"agent {n} {seed}"), f"agent{n}") for n in range(draw(st.integers(1, 12))))
    chance = Random(f"scene {seed}")
    config = Config.model_construct(  # not checked: floors on which nobody can take something are judged as well
        version="v1", agents=agents, queues=tuple(_queue(chance, n) for n in range(2)), pools=(_pool(chance, policy),),
        calendars=HOURS, presences=PRESENCES,
    )  # fmt: skip
    names = [*(agent.name for agent in agents), "somebody-else"]
    loads = [_load(Random(f"load {name} {seed}"), name) for name in names if chance.random() < 0.9]
    absent = sorted(set(names) - {load.agent for load in loads})
    others = {name: chance.choice(("online", "away", "training")) for name in absent if chance.random() < 0.7}
    kinds = [_kind(chance) for _ in range(draw(st.integers(1, 4)))]
    rows = [_row(Random(f"row {n} {seed}"), n, kinds, names) for n in range(draw(st.integers(0, 12)))]
    return Scene(config, tuple(loads), tuple(rows), others)


def _pool(chance: Random, policy: str) -> Pool:
    return Pool.model_validate(
        {
            "name": "main",
            "policy": policy,
            "kappa_minutes": chance.choice((0.5, 8.0, 60.0)),
            "late_factor": chance.choice((0.0, 0.05, 1.0)),
            "guard": chance.choice((1.5, 5.0)),
            "size_exponent": chance.choice((0.0, 0.5, 2.0)),
            "secondary_factor": chance.choice((0.1, 0.8, 1.0)),
            "last_agent": chance.random() < 0.7,
        }
    )


def _queue(chance: Random, n: int) -> Queue:
    steps = [Step(needs=needs(chance), seconds=chance.choice(_SECONDS)) for _ in range(chance.choice((0, 0, 1, 2)))]
    overflow = [Overflow(queue=f"q{1 - n}", after_seconds=chance.choice(_SECONDS))] if chance.random() < 0.4 else []
    return Queue(name=f"q{n}", skill=needs(chance), steps=tuple(steps), overflow=tuple(overflow))


def _agent(chance: Random, name: str) -> Agent:
    levels = {skill: level for skill in SKILLS if (level := chance.choice((0, 1, 1, 2, 3, 5)))}
    return Agent(
        name=name,
        display_name=name,
        pool=chance.choice(("main", "main", "main", "main", "main", "other")),
        skills=levels,
        secondary=frozenset(skill for skill in levels if chance.random() < 0.3),
        limits={channel: chance.randint(0, 3) for channel in CHANNELS if chance.random() < 0.2},
        hours=chance.choice((None, None, None, None, "day", "day", "night")),
        brands=chance.choice(_BRANDS),
    )


def _load(chance: Random, name: str) -> Load:
    def until() -> datetime | None:
        return NOW + timedelta(seconds=chance.choice((-5, 0, 5))) if chance.random() < 0.2 else None

    return Load(
        agent=name,
        presence=chance.choice(("online", "online", "online", "online", "back-office", "away", "training", "offline")),
        free=chance.choice((0, 3, 6, 6, 12, 12)),
        units=12,
        counts={channel: chance.randint(0, 3) for channel in CHANNELS if chance.random() < 0.4},
        idle_since=NOW - timedelta(seconds=chance.randint(0, 3)),
        paused_until=until(),
        wrap_until=until(),
    )


def _kind(chance: Random) -> Kind:
    steps = [[chance.choice(_SECONDS), needs(chance)]] if chance.random() < 0.3 else []
    return Kind(
        queue=chance.choice(("q0", "q1")),
        channel=chance.choice(CHANNELS),
        units=chance.choice((3, 3, 4, 6)),
        priority=chance.choice((1, 5, 5, 9)),
        target=chance.choice((30, 60, 900)),
        brand=chance.choice(("acme", "other")),
        language=chance.choice(("en", "tr-TR")),
        tier=chance.choice((None, "gold", "silver", "bronze")),
        require=RELAXED if chance.random() < 0.1 else json.dumps(steps),
    )


def _row(chance: Random, n: int, kinds: list[Kind], names: list[str]) -> WaitingRow:
    barred = chance.sample(names, chance.choice((0, 0, 0, 1, min(2, len(names)))))
    return WaitingRow(
        conversation=f"c_{n}.acme.1",
        kind=chance.choice(kinds),
        since=NOW - timedelta(seconds=chance.randint(0, chance.choice((5, 70, 400, 6000)))),
        preferred=chance.choice((None, *names)),
        barred=tuple((name, NOW + timedelta(seconds=chance.choice((-9, 0, 9, 9)))) for name in barred),
    )


# --- the oracle ----------------------------------------------------------------------------------------------------


def waited(row: WaitingRow, now: datetime) -> float:
    """Seconds."""
    return max(0.0, (now - row.since).total_seconds())


def asked(row: WaitingRow, config: Config, now: datetime) -> Requirement:
    """What is asked at this point of the wait: the step that lasts, else the target; then or who an overflow lets in."""
    queue = next(queue for queue in config.queues if queue.name == row.queue)
    so_far, asks = 0, queue.skill
    own, steps = row.kind.steps, [(step.seconds, step.needs) for step in queue.steps]
    for seconds, step in [] if own is None else [*own, *steps]:
        so_far += seconds
        if waited(row, now) < so_far:
            asks = step
            break
    begun = [one for one in queue.overflow if own is None or waited(row, now) >= one.after_seconds]
    alternatives = [asks, *(q.skill for one in begun for q in config.queues if q.name == one.queue)]
    trees = [in_language(read(one), row.kind.language) for one in alternatives]
    known = trees[0][1:] if trees[0][0] == "any" else trees[:1]
    return trees[0] if len(trees) == 1 or trees[1] in known else ("any", *known, trees[1])


def reason(agent: Agent, row: WaitingRow, scene: Scene) -> str | None:
    """The first thing that keeps an agent from a conversation."""
    config, now = scene.config, scene.now
    load = next((one for one in scene.loads if one.agent == agent.name), None)
    presence = scene.others.get(agent.name, "offline") if load is None else load.presence
    if presence not in ("online", "back-office"):
        return f"presence:{presence}"
    if agent.hours is not None and not config.is_open(agent.hours, now):
        return "hours"
    if load is not None and load.paused_until is not None and load.paused_until > now:
        return "paused"
    if load is not None and load.wrap_until is not None and load.wrap_until > now:
        return "wrap-up"
    if agent.brands and row.kind.brand not in agent.brands:
        return f"permission:{row.kind.brand}"
    needs = asked(row, config, now)
    pieces = parts(needs) if needs[0] != "any" else (needs,)
    for piece in pieces:
        if not met(piece, agent.levels):
            return f"skill:{text(piece)}"
    if any(name == agent.name and until > now for name, until in row.barred):
        return "declined"
    if load is None or load.free < row.units:
        return "capacity"
    limit = agent.limits.get(row.channel)
    if limit is not None and load.counts.get(row.channel, 0) >= limit:
        return f"limit:{row.channel}"
    return None


def proficiency(needs: Requirement, agent: Agent) -> tuple[bool, int]:
    """By a secondary skill?, and the highest level at which they would still meet it if the skill named first were asked at it."""
    primary = {name: level for name, level in agent.levels.items() if name not in agent.secondary}
    for secondary, levels in ((False, primary), (True, agent.levels)):
        for level in (5, 4, 3, 2, 1):
            if _meets(needs, levels, agent.levels, level):
                return secondary, level
    raise AssertionError("only who meets a requirement has a proficiency in it")


def _meets(needs: Requirement, levels: Mapping[str, int], whole: Mapping[str, int], at_least: int) -> bool:
    if needs[0] == "has":
        return bool(levels.get(needs[1], 0) >= max(needs[2], at_least))
    if needs[0] == "not":
        return not met(needs[1], whole)
    if needs[0] == "any":
        return any(_meets(one, levels, whole, at_least) for one in needs[1:])
    main = next((n for n, one in enumerate(needs[1:]) if any(wanted for _, _, wanted in leaves(one))), None)
    return all(_meets(one, levels, whole, at_least if n == main else 1) for n, one in enumerate(needs[1:]))


def score(row: WaitingRow, scene: Scene) -> tuple[float, ...]:
    """How urgent, by the pool's policy; the higher the sooner. Without what a secondary skill takes off."""
    config, pool, kind = scene.config, scene.config.pools[0], row.kind
    wait, target = waited(row, scene.now), float(kind.target)
    weight = {None: 1.0, "gold": 4.0, "silver": 2.0, "bronze": 1.0}[kind.tier] * 2.0 ** ((5 - kind.priority) / 2)
    if pool.policy == "fifo":
        return (wait,)
    if pool.policy == "strict":
        return weight, wait
    if pool.policy == "edf":
        return (-(target - wait),)
    if pool.policy in ("wvd", "edf-late"):
        return float(wait <= target), wait - (target / math.sqrt(weight) if pool.policy == "wvd" else target)
    if pool.policy == "accumulating":
        return (weight * wait / target,)
    if pool.policy == "c-mu":
        return weight * (12 / (kind.units * config.routing.handling(kind.channel))), wait
    if wait > pool.guard * target:
        return 1.0, wait
    size = (12 / (kind.units * config.routing.handling(kind.channel))) ** pool.size_exponent
    if wait <= target:
        return 0.0, weight * size * math.exp(-(target - wait) / (pool.kappa_minutes * 60))
    return 0.0, weight * size * pool.late_factor * (1 + wait / target)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the oracle has to say of a conversation that somebody can take."""

    row: WaitingRow
    score: tuple[float, ...]
    agent: str
    fit: tuple[str, ...]


def verdict(row: WaitingRow, scene: Scene) -> Verdict | None:
    """Who would take it; None when nobody can."""
    fit = [agent for agent in crew(scene) if reason(agent, row, scene) is None]
    if not fit:
        return None
    needs = asked(row, scene.config, scene.now)
    loads = {load.agent: load for load in scene.loads}
    best = min(
        fit, key=lambda a: (*_backwards(proficiency(needs, a)), loads[a.name].free, loads[a.name].idle_since, a.name)
    )
    agent = best.name
    pool = scene.config.pools[0]
    if pool.last_agent and row.preferred in [one.name for one in fit]:
        agent = str(row.preferred)
    points = score(row, scene)
    if pool.policy == "default" and points[0] == 0.0 and proficiency(needs, best)[0]:
        points = 0.0, points[1] * pool.secondary_factor
    return Verdict(row, points, agent, tuple(one.name for one in fit))


def crew(scene: Scene) -> list[Agent]:
    """The pool's agents by name."""
    return sorted((agent for agent in scene.config.agents if agent.pool == "main"), key=lambda agent: agent.name)


def _backwards(standing: tuple[bool, int]) -> tuple[bool, int]:
    return standing[0], -standing[1]
