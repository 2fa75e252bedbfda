"""Erlang C: how long customers wait in one queue whose agents are alike, where none gives up (M/M/c).

A. K. Erlang, Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges, 1917;
R. B. Cooper, Introduction to Queueing Theory, 2nd edition, 1981, chapter 3. Erlang B is by its recursion, whose terms lie between
0 and 1, so that nothing overflows however many agents there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp


@dataclass(frozen=True, slots=True)
class ErlangC:
    """`rate` conversations a second arrive, each takes an agent `handle` seconds in the mean, of whom there are `agents`.

    Raises ValueError for what is not positive.
    """

    rate: float
    handle: float
    agents: int

    def __post_init__(self) -> None:
        if not (self.rate > 0 and self.handle > 0 and self.agents > 0):
            raise ValueError("rate, handle time and agents are more than nothing")

    @property
    def load(self) -> float:
        """The offered load, in erlangs: how many agents are busy in the mean if there are enough."""
        return self.rate * self.handle

    @property
    def stable(self) -> bool:
        """Are there enough agents? If not, the line grows for ever."""
        return self.load < self.agents

    @property
    def occupancy(self) -> float:
        """The share of their time in which agents are busy."""
        return min(1.0, self.load / self.agents)

    @property
    def waiting(self) -> float:
        """The probability that a customer waits at all."""
        if not self.stable:
            return 1.0
        blocked = blocking(self.load, self.agents)
        return blocked / (1 - self.occupancy * (1 - blocked))

    def service_level(self, target: float) -> float:
        """The share that is answered within so many seconds."""
        if not self.stable:
            return 0.0
        return 1 - self.waiting * exp(-(self.agents - self.load) * target / self.handle)

    @property
    def answer(self) -> float:
        """The mean wait, in seconds; infinite where there are too few agents."""
        return self.waiting * self.handle / (self.agents - self.load) if self.stable else float("inf")


def blocking(load: float, agents: int) -> float:
    """Erlang B: the probability that all agents are busy where nobody can wait."""
    found = 1.0
    for number in range(1, agents + 1):
        found = load * found / (number + load * found)
    return found
