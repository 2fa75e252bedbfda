"""Who gets which variant, who is held out, and what came of it: chance that can be repeated, and rates with their intervals.

Chance is a keyed hash of the experiment and the contact, so nobody changes sides from one run to the next, nothing is stored, and two
experiments are independent of each other. An experiment is named by its campaign, not by a version of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from router.ids import fraction

GLOBAL = "global"
"""The holdout of all campaigns together: who is in it gets none of them."""
LEAST = 30
"""People that each group needs before anything is said of a difference."""
POWER = 0.8
"""How surely `needed` people show a difference that is there."""


class Group(NamedTuple):
    """What came of one variant, or of the holdout: so many people, and how many of them did what the campaign is for."""

    name: str
    people: int
    reached: int


class Interval(NamedTuple):
    """From the lowest to the highest value that is compatible with what was seen."""

    low: float
    high: float


class Finding(StrEnum):
    """What a comparison says."""

    MORE = "more"
    LESS = "less"
    NOT_YET = "not_yet"  # not enough people to tell a difference from chance, or there is none


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant against the baseline. Shares are of 1; `lift` is the difference in shares of the baseline's rate, None where that is 0.

    `needed` is how many people each group needs to show a difference as large as the one seen; None where none was.
    """

    group: Group
    rate: float
    interval: Interval
    difference: float
    between: Interval
    lift: float | None
    finding: Finding
    needed: int | None


def held_out(key: bytes, experiment: str, contact: str, per_cent: float) -> bool:
    """Is the contact in the experiment's holdout? Raising the share only adds people, lowering it only lets people go.

    Raises ValueError for a share that is none.
    """
    if not 0 <= per_cent <= 100:
        raise ValueError(f"a holdout of {per_cent:g} per cent is none")
    return fraction(key, "holdout", experiment, contact) * 100 < per_cent


def variant(key: bytes, experiment: str, contact: str, shares: Mapping[str, float]) -> str:
    """The variant somebody gets, each with the chance of its share of the sum, whatever the order they are written in.

    Where a variant's share changes, or one comes or goes, nobody moves between two others. Raises ValueError when nothing is shared.
    Weighted rendezvous hashing by the logarithmic method: Schindelhauer and Schomaker, Weighted distributed hash tables, SPAA 2005.
    """
    if any(share < 0 for share in shares.values()) or not any(shares.values()):
        raise ValueError("shares of variants are not negative, and one of them is more than 0")
    drawn = {
        name: -log(fraction(key, "variant", experiment, name, contact)) / share
        for name, share in shares.items()
        if share > 0
    }
    return min(drawn, key=lambda name: (drawn[name], name))


def compared(baseline: Group, others: Sequence[Group], confidence: float = 0.95) -> list[Comparison]:
    """Each variant against the baseline, which is the holdout, or without one the first variant. Raises ValueError for impossible counts.

    Differences are each held to a stricter confidence the more of them there are (Bonferroni), so that all of them together are as sure
    as is asked. All of it holds for one look at the end: who looks every day and stops at the first finding is wrong more often.
    """
    each = 1 - (1 - confidence) / max(1, len(others))
    base = _rate(baseline)
    found = []
    for group in others:
        rate, between = _rate(group), difference(group, baseline, each)
        seen = rate - base
        found.append(
            Comparison(
                group,
                rate,
                wilson(group.reached, group.people, confidence),
                seen,
                between,
                seen / base if base else None,
                _finding(group, baseline, between),
                people_needed(base, rate, each),
            )
        )
    return found


def wilson(reached: int, people: int, confidence: float = 0.95) -> Interval:
    """The score interval of a share; of nobody, everything from 0 to 1. Raises ValueError.

    Wilson 1927; recommended by Newcombe, Statistics in Medicine 17 (1998) 857-872.
    """
    share = _rate(Group("", people, reached))
    if not people:
        return Interval(0.0, 1.0)
    z = _z(confidence)
    middle = (share + z * z / (2 * people)) / (1 + z * z / people)
    half = z / (1 + z * z / people) * sqrt(share * (1 - share) / people + z * z / (4 * people * people))
    low = 0.0 if reached == 0 else max(0.0, middle - half)
    return Interval(low, 1.0 if reached == people else min(1.0, middle + half))


def difference(one: Group, other: Group, confidence: float = 0.95) -> Interval:
    """The interval of the difference of two shares, the first less the second. Raises ValueError.

    The hybrid score interval: method 10 of Newcombe, Statistics in Medicine 17 (1998) 873-890.
    """
    (low, high), (least, most) = (wilson(group.reached, group.people, confidence) for group in (one, other))
    first, second = _rate(one), _rate(other)
    below, above = sqrt((first - low) ** 2 + (most - second) ** 2), sqrt((high - first) ** 2 + (second - least) ** 2)
    return Interval(max(-1.0, first - second - below), min(1.0, first - second + above))


def people_needed(base: float, rate: float, confidence: float = 0.95, power: float = POWER) -> int | None:
    """How many people each of two groups needs to show the difference of two rates; None where there is none.

    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, formula 4.14, without the correction.
    """
    if base == rate:
        return None
    middle = (base + rate) / 2
    apart = _z(confidence) * sqrt(2 * middle * (1 - middle))
    sure = NormalDist().inv_cdf(power) * sqrt(base * (1 - base) + rate * (1 - rate))
    return ceil(((apart + sure) / (base - rate)) ** 2)


def _finding(group: Group, baseline: Group, between: Interval) -> Finding:
    if min(group.people, baseline.people) < LEAST or between.low <= 0 <= between.high:
        return Finding.NOT_YET
    return Finding.MORE if between.low > 0 else Finding.LESS


def _rate(group: Group) -> float:
    if not 0 <= group.reached <= group.people:
        raise ValueError(f"{group.reached} of {group.people} people cannot be")
    return group.reached / group.people if group.people else 0.0


def _z(confidence: float) -> float:
    """How many standard deviations the middle share of so much reaches to each side."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
