"""How urgent a waiting conversation is, by policy. The default is apparent tardiness cost with late demotion and a guard.

Sources: Vepsalainen and Morton (1987) for the cost; the factors come from simulating a reference centre (docs/routing-policy.md).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from router.config import Config, Pool
from router.requirements import Rung
from router.waiting import Kind

_UNITS = 12
"""An agent's usual capacity, against which the size of work is measured."""


Urgency = tuple[int, float]
"""Compared in order: 1 for those the guard puts first of all, else 0; then the score, of the default policy its logarithm."""
Curve = Callable[[float], Urgency]
"""How urgent after so many seconds, between two marks; never less as they grow."""


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """What a policy knows of a class before it looks at the wait.

    `steps` and `marks` are the seconds of waiting at which its order turns: from a step on it asks for something else, after a
    mark the policy thinks otherwise of it, by the next of its `curves`.
    """

    kind: Kind
    weight: float
    curves: tuple[Curve, ...]
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
    curves, marks = _curves(pool, weight, size, target)
    steps = tuple(float(rung.after) for rung in ladder[1:])
    return Weighed(
        kind=kind,
        weight=weight,
        curves=curves,
        ladder=ladder,
        steps=steps,
        marks=marks,
        turns=tuple(sorted({*steps, *marks})),
    )


def _curves(pool: Pool, weight: float, size: float, target: float) -> tuple[tuple[Curve, ...], tuple[float, ...]]:
    """A policy's curves for a class, and the marks between them: seconds, ascending.

    The default's are logarithms, because the score of what is due in days is less than the least number there is.
    """
    match pool.policy:
        case "default":
            pull = math.log(weight) + pool.size_exponent * math.log(size)
            kappa, late = pool.kappa_minutes * 60, pool.late_factor
            return (
                lambda waited: (0, pull + (waited - target) / kappa),
                lambda waited: (0, pull + _log(late * (1 + waited / target))),
                lambda waited: (1, waited),
            ), (target, pool.guard * target)
        case "fifo":
            return (lambda waited: (0, waited),), ()
        case "strict":
            return (lambda waited: (0, weight * 1e9 + waited),), ()
        case "c-mu":
            return (lambda waited: (0, weight * size * 1e9 + waited),), ()
        case "accumulating":
            return (lambda waited: (0, weight * waited / target),), ()
        case "edf":
            return (lambda waited: (0, waited - target),), ()
        case _:  # wvd and edf-late
            due = target / math.sqrt(weight) if pool.policy == "wvd" else target
            return (lambda waited: (0, 1e9 + waited - due), lambda waited: (0, 0.0 + waited - due)), (target,)


def urgency(of: Weighed, waited: float) -> Urgency:
    """How urgent after so many seconds; never less as they grow, on either side of a turn."""
    return of.curves[bisect_left(of.marks, waited)](waited)


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
