"""What a trial's replications say: each figure as a mean over them, with its 95 % confidence interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from santral.simulation.intervals import Estimate, estimate
from santral.simulation.tally import Class, Counts, Waits, together

Abandoned = Literal["missed", "late"]
SHOWN = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Of:
    """Of some conversations: shares between 0 and 1, times in seconds. `waits` has percentiles of those who were answered.

    Over the replications that had any; where none had, nobody waited and all is in time.
    """

    offered: Estimate
    answered: Estimate
    service_level: Estimate
    wait: Estimate
    abandoned: Estimate
    turned_away: Estimate
    unanswered: Estimate
    worst_wait_over_target: Estimate
    waits: Mapping[int, Estimate]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a whole trial, and of its parts by tier, channel and queue."""

    weighted_service_level: Estimate
    whole: Of
    occupancy: Estimate
    tiers: Mapping[str, Of]
    channels: Mapping[str, Of]
    queues: Mapping[str, Of]


def figures(counts: Sequence[Counts], weights: Mapping[str, float], abandoned: Abandoned) -> Figures:
    """Of all replications; `weights` are those of the tiers. Raises ValueError without any."""

    def by(key: Callable[[Class], str]) -> dict[str, Of]:
        names = sorted(
            {key(one) for count in counts for one in count.classes}, key=lambda one: (-weights.get(one, 0), one)
        )
        return {
            name: _of([together(w for c, w in one.classes.items() if key(c) == name) for one in counts], abandoned)
            for name in names
        }

    return Figures(
        estimate([weighted(one, weights, abandoned) for one in counts]),
        _of([one.all for one in counts], abandoned),
        estimate([occupancy(one) for one in counts]),
        by(lambda one: one.tier or "none"),
        by(lambda one: one.channel),
        by(lambda one: one.queue),
    )


def level(waits: Waits, abandoned: Abandoned) -> tuple[int, int]:
    """Answered in time, and over how many: who found no place, or is never answered, is among them."""
    never = waits.turned_away + waits.unanswered
    return waits.in_time, waits.answered + never + (waits.left if abandoned == "missed" else waits.left_late)


def weighted(counts: Counts, weights: Mapping[str, float], abandoned: Abandoned) -> float:
    """The service level, each conversation by the weight of its tier."""
    good = every = 0.0
    for of, waits in counts.classes.items():
        weight = weights.get(of.tier, 1.0) if of.tier is not None else 1.0
        kept, over = level(waits, abandoned)
        good += weight * kept
        every += weight * over
    return good / every if every else 1.0


def differences(
    counted: Mapping[str, Sequence[Counts]], weights: Mapping[str, float], abandoned: Abandoned
) -> dict[str, Estimate]:
    """How much higher each trial's weighted service level is than the first trial's, replication by replication.

    The same replication of every trial meets the same customers, so what is common to both falls out. The first has none.
    """
    levels = {name: [weighted(one, weights, abandoned) for one in counts] for name, counts in counted.items()}
    (_, first), *others = levels.items()
    return {name: estimate([here - there for here, there in zip(of, first, strict=True)]) for name, of in others}


def occupancy(counts: Counts) -> float:
    """Units that were taken over units that were there."""
    room = sum(counts.room.values())
    return sum(counts.held.values()) / room if room else 0.0


def _of(waits: Sequence[Waits], abandoned: Abandoned) -> Of:
    levels = [level(one, abandoned) for one in waits]
    answered = [one for one in waits if one.answered]
    offered = [one for one in waits if one.offered]
    return Of(
        estimate([one.offered for one in waits]),
        estimate([one.answered for one in waits]),
        estimate([kept / over for kept, over in levels if over] or [1.0]),
        estimate([one.waited / one.answered / 1000 for one in answered] or [0.0]),
        estimate([one.left / one.offered for one in offered] or [0.0]),
        estimate([one.turned_away / one.offered for one in offered] or [0.0]),
        estimate([one.unanswered / one.offered for one in offered] or [0.0]),
        estimate([one.worst for one in offered] or [0.0]),
        {at: estimate([one.percentile(at) / 1000 for one in answered] or [0.0]) for at in SHOWN},
    )
