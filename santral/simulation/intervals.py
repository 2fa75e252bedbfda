"""Means of replications, with their 95 % confidence intervals by Student's t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple


class Estimate(NamedTuple):
    """A mean and half the width of its 95 % confidence interval; 0 where there is one value only, which tells nothing of it."""

    mean: float
    half_width: float

    @property
    def low(self) -> float:
        """The interval's lower end."""
        return self.mean - self.half_width

    @property
    def high(self) -> float:
        """Its upper end."""
        return self.mean + self.half_width


def estimate(values: Sequence[float]) -> Estimate:
    """Of independent values, one from each replication. Raises ValueError without any."""
    if not values:
        raise ValueError("nothing was measured")
    count, mean = len(values), math.fsum(values) / len(values)
    if count == 1:
        return Estimate(mean, 0.0)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    return Estimate(mean, t_value(count - 1) * math.sqrt(variance / count))


@lru_cache
def t_value(freedom: int, confidence: float = 0.95) -> float:
    """Student's t for a two-sided interval.

    The probability is the exact series for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4).
    """
    low, high = 0.0, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    theta = math.atan(t / math.sqrt(freedom))
    cos2, sin, cos = math.cos(theta) ** 2, math.sin(theta), math.cos(theta)
    term = total = 1.0
    if freedom % 2 == 0:
        for k in range(1, freedom // 2):
            term *= cos2 * (2 * k - 1) / (2 * k)
            total += term
        return sin * total
    if freedom == 1:
        return 2 * theta / math.pi
    for k in range(1, (freedom - 1) // 2):
        term *= cos2 * (2 * k) / (2 * k + 1)
        total += term
    return 2 / math.pi * (theta + sin * cos * total)
