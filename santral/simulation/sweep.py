"""How many more agents a target takes: the least number that reaches it, found by halving, on the same days for every number.

A number reaches the target if the lower end of the 95 % confidence interval does: chance alone explains it in one case of forty. One
with which somebody's kind of conversation is never answered reaches none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from santral.simulation import crowd
from santral.simulation.experiment import AS_CONFIGURED, Trial, experiment, scale_to, under
from santral.simulation.figures import Abandoned, level, occupancy, weighted
from santral.simulation.files import Ready
from santral.simulation.intervals import Estimate, estimate
from santral.simulation.tally import Class, Counts, together

GROWTH = 10
"""Nobody asks for more than so many times as many agents."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A share (.9 for 90 %) to be dealt with in time: of a tier, a channel and a queue, those that are named.

    Of all conversations, where nothing is named, each by the weight of its tier.
    """

    share: float
    tier: str | None = None
    channel: str | None = None
    queue: str | None = None

    def holds(self, of: Class) -> bool:
        """Is a class of conversations meant?"""
        wanted = (self.tier, self.channel, self.queue)
        return all(want is None or want == has for want, has in zip(wanted, of, strict=True))

    @property
    def whole(self) -> bool:
        """Are all conversations meant?"""
        return self.tier is None and self.channel is None and self.queue is None


@dataclass(frozen=True, slots=True)
class Point:
    """What so many agents reach."""

    agents: int
    service_level: Estimate
    occupancy: Estimate


@dataclass(frozen=True, slots=True)
class Sweep:
    """What was tried, by the number of agents; `least` is the first that reaches the goal, None where none did.

    `now` is the number that the scenario has. Numbers are of the group, else of all agents; `split` then says how many of which.
    """

    goal: Goal
    group: str | None
    now: int
    points: tuple[Point, ...]
    least: Point | None
    split: Mapping[str, int] = field(default_factory=dict)

    @property
    def more(self) -> int | None:
        """How many more agents than there are; less than nothing where fewer would do."""
        return None if self.least is None else self.least.agents - self.now


def least(
    ready: Ready,
    goal: Goal,
    group: str | None = None,
    *,
    policy: str = AS_CONFIGURED,
    load: float | None = None,
    replications: int | None = None,
    workers: int | None = None,
    most: int | None = None,
    progress: Callable[[], None] = lambda: None,
    tried: Callable[[Point], None] = lambda _: None,
) -> Sweep:
    """The least number of agents of a group, or of all in proportion, that reaches the goal.

    The customers stay those of the scenario as it is: a `load` is that of the agents it has. `progress` is called as each replication
    is done, `tried` as each number is. Raises ValueError for a group that is not there, and for a goal of nobody's.
    """
    scenario, config = ready.scenario, ready.config
    now = crowd.kinds(ready)
    if group is not None:
        crowd.has(ready, group)
    start = now.every if group is None else now.groups[group]
    scale = scale_to(scenario, config, load or scenario.load)
    weights = config.routing.tiers
    found: dict[int, Point] = {}
    hopeless: set[int] = set()

    def point(agents: int) -> Point:
        if agents not in found:
            made = crowd.of(ready, group, agents)
            trial = {policy: Trial(made.scenario, under(made.config, policy, scenario.variants), scale)}
            counts = experiment(trial, replications or scenario.replications, progress, workers)[policy]
            levels = [reached(one, goal, weights, scenario.abandoned) for one in counts]
            found[agents] = Point(agents, estimate(levels), estimate([occupancy(one) for one in counts]))
            if forgotten(counts):
                hopeless.add(agents)
            tried(found[agents])
        return found[agents]

    def reaches(agents: int) -> bool:
        return point(agents).service_level.low >= goal.share and agents not in hopeless

    limit = most or max(GROWTH * start, GROWTH)
    none = 0 if group is None else -1  # without anybody nothing is reached, without a group perhaps
    low, high = none, max(1, start)
    if reaches(high):
        step = 1
        while (low := max(none, high - step)) > none and reaches(low):  # as few as needed: look nearby first
            high, step = low, step * 2
    else:
        step = max(1, start // 8)
        while not reaches(high):
            if high >= limit:
                return Sweep(goal, group, start, _in_order(found), None)
            low, high, step = high, min(limit, high + step), step * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    split = crowd.split(ready, high) if group is None else {}
    return Sweep(goal, group, start, _in_order(found), found[high], split)


def _in_order(found: dict[int, Point]) -> tuple[Point, ...]:
    return tuple(found[number] for number in sorted(found))


def forgotten(counts: Sequence[Counts]) -> set[Class]:
    """Who is never answered, whenever they write."""
    came = {of for one in counts for of, waits in one.classes.items() if waits.unanswered}
    return {of for of in came if not any(one.classes[of].answered for one in counts if of in one.classes)}


def reached(counts: Counts, goal: Goal, weights: dict[str, float], abandoned: Abandoned) -> float:
    """The service level that the goal is of, in one replication. Raises ValueError where it is of nobody."""
    if goal.whole:
        return weighted(counts, weights, abandoned)
    mine = [waits for of, waits in counts.classes.items() if goal.holds(of)]
    if not mine:
        wanted = ", ".join(one for one in (goal.tier, goal.channel, goal.queue) if one is not None)
        raise ValueError(f"nobody writes who is meant by the target: {wanted}")
    kept, over = level(together(mine), abandoned)
    return kept / over if over else 1.0
