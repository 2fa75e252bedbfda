"""How urgent a waiting conversation is, by policy. The default is apparent tardiness cost with late demotion and a guard.

Sources: Vepsalainen and Morton (1987) for the cost; the factors come from simulating a reference centre (docs/routing-policy.md).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from router.config import Config, Pool
from router.requirements import Rung
from router.waiting import Kind

_UNITS = 12
"""An agent's usual capacity, against which the size of work is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What a policy knows of a class before it looks at the wait. `pull` is the logarithm of its weight times its size factor.

    `steps` and `marks` are the seconds of waiting at which its order turns: from a step on it asks for something else, after a
    mark the policy thinks otherwise of it.
    """

    kind: Kind
    weight: float
    pull: float
    target: float  # seconds, as all that follows
    kappa: float
    guarded: float
    ladder: tuple[Rung, ...]
    steps: tuple[float, ...]
    marks: tuple[float, ...]
    turns: tuple[float, ...]  # both, ascending: between two of them the oldest is the most urgent

    def rung(self, waited: float) -> Rung:
        """What it asks for after so many seconds."""
        return self.ladder[bisect_right(self.steps, waited)]


def weigh(config: Config, pool: Pool, kind: Kind) -> Weighed:
    """A class under a configuration. Raises ValueError when its queue is not there."""
    tier = config.routing.tiers.get(kind.tier, 1.0) if kind.tier is not None else 1.0
    weight = tier * 2 ** ((5 - kind.priority) / 2)
    size = _UNITS / (max(1, kind.units) * config.routing.handling(kind.channel))
    target = max(1.0, float(kind.target))
    ladder = config.ladder(kind.queue, kind.steps, kind.language)
    guarded = pool.guard * target
    marks = {"default": (target, guarded), "wvd": (target,)}.get(pool.policy, ())
    steps = tuple(float(rung.after) for rung in ladder[1:])
    return Weighed(
        kind=kind,
        weight=weight,
        pull=math.log(weight) + pool.size_exponent * math.log(size),
        target=target,
        kappa=pool.kappa_minutes * 60,
        guarded=guarded,
        ladder=ladder,
        steps=steps,
        marks=marks,
        turns=tuple(sorted({*steps, *marks})),
    )


Urgency = tuple[int, float]
"""Compared in order: 1 for those the guard puts first of all, else 0; then the score, of the default policy its logarithm."""


def urgency(pool: Pool, of: Weighed, waited: float) -> Urgency:
    """How urgent after so many seconds; never less as they grow, on either side of a turn.

    A logarithm, because the score of what is due in days is less than the least number there is.
    """
    target = of.target
    match pool.policy:
        case "default":
            if waited <= target:
                return 0, of.pull + (waited - target) / of.kappa
            if waited > of.guarded:
                return 1, waited
            return 0, of.pull + _log(pool.late_factor * (1 + waited / target))
        case "fifo":
            return 0, waited
        case "strict":
            return 0, of.weight * 1e9 + waited
        case "edf":
            return 0, waited - target
        case _:
            return 0, (1e9 if waited <= target else 0.0) + waited - target / math.sqrt(of.weight)


def discounted(pool: Pool, urgent: Urgency, secondary: bool) -> Urgency:
    """How urgent it is for agents who would answer by a secondary skill, or not."""
    if secondary and pool.policy == "default" and not urgent[0]:
        return 0, urgent[1] + math.log(pool.secondary_factor)
    return urgent


def told(pool: Pool, urgent: Urgency) -> list[float]:
    """For people: 1 where the guard put it first, else 0; then six digits of the score."""
    score = math.exp(urgent[1]) if pool.policy == "default" and not urgent[0] else urgent[1]
    return [urgent[0], float(f"{score:.6g}")]


def side(of: Weighed, waited: float) -> tuple[int, int]:
    """On which side of each turn a wait is: those of one side ask for the same, and the oldest of them is the most urgent."""
    return bisect_right(of.steps, waited), bisect_left(of.marks, waited)


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf
