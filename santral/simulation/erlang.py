"""Erlang's formulas: one queue whose agents are alike, Poisson arrivals, exponential work; who waits gives up or does not.

B: nobody can wait. C: nobody gives up (M/M/n). A: each gives up after an exponential patience (M/M/n+M). A. K. Erlang, Solution of some
Problems in the Theory of Probabilities of Significance in Automatic Telephone Exchanges, 1917; C. Palm, Research on telephone traffic
carried by full availability groups, 1957; A. Mandelbaum and S. Zeltyn, Service engineering in action: the Palm/Erlang-A queue, 2007.

Times are seconds. Erlang B is by its recursion, whose terms lie between 0 and 1, and the integrals of A are over what is left when
their greatest term is taken out: nothing overflows however many agents there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import cos, exp, expm1, inf, log, pi


@dataclass(frozen=True)
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

    @cached_property
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
        return self.waiting * self.handle / (self.agents - self.load) if self.stable else inf

    @property
    def line(self) -> float:
        """How many wait, in the mean."""
        return self.rate * self.answer

    def percentile(self, share: float) -> float:
        """Within how many seconds this share of customers is answered."""
        if not self.stable:
            return inf
        left = (1 - share) / self.waiting if self.waiting else inf
        return 0.0 if left >= 1 else -log(left) * self.handle / (self.agents - self.load) if left > 0 else inf


@dataclass(frozen=True)
class ErlangA:
    """As `ErlangC`, and who waits gives up after `patience` seconds in the mean.

    The wait that a customer of endless patience would have, where there is one, has a density proportional to exp(h(x)),
    h(x) = rate (1 - exp(-x / patience)) patience - x agents / handle: all figures are integrals of it.
    """

    rate: float
    handle: float
    agents: int
    patience: float

    def __post_init__(self) -> None:
        if not (self.rate > 0 and self.handle > 0 and self.agents > 0 and self.patience > 0):
            raise ValueError("rate, handle time, agents and patience are more than nothing")

    @property
    def load(self) -> float:
        """The offered load, in erlangs."""
        return self.rate * self.handle

    @cached_property
    def waiting(self) -> float:
        """The probability that a customer finds all agents busy."""
        blocked = blocking(self.load, self.agents - 1)
        if not blocked:
            return 0.0
        odds = self._top + log(self.rate * self._mass) + log(blocked)
        return 1 / (1 + exp(-odds)) if odds > -700 else 0.0

    @cached_property
    def abandonment(self) -> float:
        """The share of all customers who give up."""
        return self.waiting * self._part(0, inf, lambda x: -expm1(-x / self.patience))

    @property
    def occupancy(self) -> float:
        """The share of their time in which agents are busy."""
        return self.load * (1 - self.abandonment) / self.agents

    @property
    def line(self) -> float:
        """How many wait, in the mean."""
        return self.rate * self.abandonment * self.patience

    @property
    def wait(self) -> float:
        """The mean wait of all, who give up among them, in seconds."""
        return self.abandonment * self.patience

    @property
    def answer(self) -> float:
        """The mean wait of those who are answered, in seconds."""
        return self.waiting * self._part(0, inf, lambda x: x * exp(-x / self.patience)) / (1 - self.abandonment)

    def answered_within(self, target: float) -> float:
        """The share of all customers who are answered within so many seconds."""
        return 1 - self.waiting + self.waiting * self._part(0, target, lambda x: exp(-x / self.patience))

    def gave_up_after(self, target: float) -> float:
        """The share of all customers who give up, having waited more than so many seconds."""
        patience = self.patience
        return self.waiting * self._part(
            target, inf, lambda x: exp(-target / patience) * -expm1((target - x) / patience)
        )

    def service_level(self, target: float) -> float:
        """Answered within so many seconds, over those who were answered and those who gave up after them."""
        return self.answered_within(target) / (1 - self.abandonment + self.gave_up_after(target))

    def percentile(self, share: float) -> float:
        """Within how many seconds this share of all customers had their answer or gave up."""
        left, low, high = 1 - share, 0.0, self._ends[1]
        if self.waiting <= left:
            return 0.0
        for _ in range(60):
            middle = (low + high) / 2
            longer = self.waiting * self._part(middle, inf, lambda _: 1.0) * exp(-middle / self.patience)
            low, high = (middle, high) if longer > left else (low, middle)
        return (low + high) / 2

    # --- the density of the wait --------------------------------------------------------------------------------------

    def _h(self, x: float) -> float:
        return -self.rate * expm1(-x / self.patience) * self.patience - x * self.agents / self.handle

    @cached_property
    def _mode(self) -> float:
        return max(0.0, self.patience * log(self.load / self.agents))

    @cached_property
    def _top(self) -> float:
        return self._h(self._mode)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """Outside of these the density is less than a part in 10^19 of its greatest value: h is concave."""
        step = self.handle / self.agents
        while self._top - self._h(self._mode + step) < _GONE:
            step *= 2
        high = _crossing(lambda x: self._top - self._h(x), self._mode, self._mode + step)
        low = 0.0 if self._top - self._h(0) < _GONE else _crossing(lambda x: self._top - self._h(x), self._mode, 0.0)
        return low, high

    @cached_property
    def _mass(self) -> float:
        return self._integral(*self._ends, lambda _: 1.0)

    def _part(self, since: float, until: float, of: Callable[[float], float]) -> float:
        """The mean of something over waits between two lengths, of those who wait; what is shorter or longer counts as nothing."""
        low, high = max(since, self._ends[0]), min(until, self._ends[1])
        return self._integral(low, high, of) / self._mass if low < high else 0.0

    def _integral(self, low: float, high: float, of: Callable[[float], float]) -> float:
        soon = _GONE * self.patience  # of impatient customers everything happens in the first moments
        if low < soon < high:
            return self._integral(low, soon, of) + self._integral(soon, high, of)
        width, found = (high - low) / _PANELS, 0.0
        for panel in range(_PANELS):
            for at, weight in _gauss():
                x = low + (panel + at) * width
                found += weight * width * exp(self._h(x) - self._top) * of(x)
        return found


_GONE = 44.0  # nats
_PANELS = 24


def _crossing(drop: Callable[[float], float], inner: float, outer: float) -> float:
    """Where what grows outward reaches `_GONE`."""
    for _ in range(50):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if drop(middle) < _GONE else (inner, middle)
    return outer


@lru_cache
def _gauss(points: int = 12) -> tuple[tuple[float, float], ...]:
    """Nodes and weights of Gauss and Legendre on [0, 1], by Newton's method (Press et al., Numerical Recipes, 4.6)."""
    return tuple(_nodes(points))


def _nodes(points: int) -> Iterator[tuple[float, float]]:
    for number in range(points):
        x, slope = cos(pi * (number + 0.75) / (points + 0.5)), 1.0
        for _ in range(50):
            before, now = 0.0, 1.0
            for k in range(1, points + 1):
                before, now = now, ((2 * k - 1) * x * now - (k - 1) * before) / k
            slope = points * (x * now - before) / (x * x - 1)
            x -= now / slope
        yield (1 - x) / 2, 1 / ((1 - x * x) * slope * slope)


@lru_cache(maxsize=65_536)
def blocking(load: float, agents: int) -> float:
    """Erlang B: the probability that all agents are busy where nobody can wait."""
    found = 1.0
    for number in range(1, agents + 1):
        found = load * found / (number + load * found)
    return found


def least(reaches: Callable[[int], bool], start: int = 1, most: int = 1_000_000) -> int | None:
    """The least number that is enough, where more are never worse; None if not even `most` are."""
    low, high = 0, max(1, start)
    while not reaches(high):
        if high >= most:
            return None
        low, high = high, min(most, high * 2)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def agents_for(rate: float, handle: float, within: float, share: float, patience: float | None = None) -> int:
    """The least number of agents by whom this share is answered within so many seconds: by Erlang A where customers give up."""

    def reaches(agents: int) -> bool:
        found = ErlangC(rate, handle, agents) if patience is None else ErlangA(rate, handle, agents, patience)
        return found.service_level(within) >= share

    found = least(reaches, max(1, int(rate * handle)))
    if found is None:
        raise ValueError("no number of agents is enough")
    return found
