"""What chance draws: lengths of time by a distribution, from streams of their own, so that policies meet the same day."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Annotated

from pydantic import Field, model_validator

from router.written import Model

Draw = Callable[[Random], float]
"""A length in minutes."""
Minutes = Annotated[float, Field(gt=0, le=1_000_000)]


class Shape(Model):
    """A mean, and how much lengths differ from it."""

    mean: Minutes = Field(description="in minutes")
    cv: float = Field(gt=0, le=100, description="the standard deviation over the mean")


class Lengths(Model):
    """By what lengths of time are distributed, in minutes: one of these."""

    constant: Minutes | None = Field(default=None, description="always so long")
    exponential: Minutes | None = Field(default=None, description="the mean")
    lognormal: Shape | None = Field(default=None, description="{mean: 8, cv: .9}: most are short, a few long")
    gamma: Shape | None = Field(default=None, description="{mean: 8, cv: .5}")
    uniform: tuple[Annotated[float, Field(ge=0, le=1_000_000)], Minutes] | None = Field(
        default=None, description="from, to"
    )
    samples: tuple[Annotated[float, Field(ge=0, le=1_000_000)], ...] | None = Field(
        default=None, min_length=1, description="lengths that were measured, each as likely as the other"
    )

    @model_validator(mode="after")
    def _one(self) -> Lengths:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError("write one of constant, exponential, lognormal, gamma, uniform, samples")
        if self.uniform is not None and self.uniform[0] >= self.uniform[1]:
            raise ValueError("uniform: from is less than to")
        return self

    @property
    def mean(self) -> float:
        """In minutes."""
        if self.uniform is not None:
            return sum(self.uniform) / 2
        if self.samples is not None:
            return sum(self.samples) / len(self.samples)
        shaped = self.lognormal or self.gamma
        return shaped.mean if shaped is not None else self.constant or self.exponential or 0.0

    @property
    def draw(self) -> Draw:
        """Draws one."""
        if self.constant is not None:
            length = self.constant
            return lambda _: length
        if self.exponential is not None:
            rate = 1 / self.exponential
            return lambda by: by.expovariate(rate)
        if self.lognormal is not None:
            sigma2 = math.log(1 + self.lognormal.cv**2)
            mu, sigma = math.log(self.lognormal.mean) - sigma2 / 2, math.sqrt(sigma2)
            return lambda by: math.exp(mu + sigma * by.gauss(0.0, 1.0))
        if self.gamma is not None:
            alpha = 1 / self.gamma.cv**2
            beta = self.gamma.mean / alpha
            return lambda by: by.gammavariate(alpha, beta)
        if self.uniform is not None:
            low, high = self.uniform
            return lambda by: by.uniform(low, high)
        samples = self.samples or ()
        return lambda by: samples[int(by.random() * len(samples))]
