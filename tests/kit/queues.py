"""What the simulator's results are held to: a queue in a dozen lines, and estimates that known means make more exact."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import chain

from santral.simulation.intervals import Estimate, t_value
from santral.simulation.roles import Arrival


def first_come(arrivals: Iterable[Arrival], agents: int) -> Iterator[tuple[int, bool]]:
    """First come, first served by agents who are alike: how long each waits, in ms, and whether they were answered.

    J. Kiefer and J. Wolfowitz, On the theory of queues with many servers, 1955; with customers who give up it is
    F. Baccelli, P. Boyer and G. Hébuterne, Single-server queues with impatient customers, 1984: who would wait longer than they
    want to takes nobody's time.
    """
    free = [0] * agents
    for one in arrivals:
        wait = max(0, free[0] - one.at)
        answered = one.patience is None or wait <= one.patience
        if answered:
            heappop(free)
            heappush(free, one.at + wait + one.work)
        yield wait if answered else one.patience or 0, answered


def in_order(
    arrivals: Iterable[Arrival], agents: int, rank: Callable[[Arrival, int], float]
) -> Iterator[tuple[Arrival, int]]:
    """Agents who are alike take, as they get free, who ranks first of the line then: each customer, and how long they wait in ms."""
    busy: list[int] = []
    line: list[Arrival] = []
    for one in chain(arrivals, (None,)):
        while busy and (one is None or busy[0] <= one.at):
            now = heappop(busy)
            if line:
                first = min(line, key=lambda waiting: (rank(waiting, now), waiting.at))
                line.remove(first)
                heappush(busy, now + first.work)
                yield first, now - first.at
        if one is not None and len(busy) < agents:
            heappush(busy, one.at + one.work)
            yield one, 0
        elif one is not None:
            line.append(one)


def controlled(values: Sequence[float], *controls: tuple[Sequence[float], float]) -> Estimate:
    """The mean of what independent replications found, with its 95 % confidence interval, by control variates.

    Each control is what the same replications found of something whose mean is known: a busy replication's waits are corrected by
    how much busier it was (S. Lavenberg and P. Welch, A perspective on the use of control variables, 1981).
    """
    count = len(values)
    rest, spread = list(values), 1 / count
    found: list[tuple[list[float], float]] = [
        ([x - known for x in xs], sum(xs) / count - known) for xs, known in controls
    ]
    for number, (xs, off) in enumerate(found):
        square = sum((x - off) ** 2 for x in xs)
        spread += off**2 / square
        rest = _without(rest, xs, off, square)
        found[number + 1 :] = [
            (other := _without(ys, xs, off, square), sum(other) / count) for ys, _ in found[number + 1 :]
        ]
    mean, freedom = math.fsum(rest) / count, count - 1 - len(controls)
    variance = math.fsum((value - mean) ** 2 for value in rest) / freedom
    return Estimate(mean, t_value(freedom) * math.sqrt(variance * spread))


def _without(values: Sequence[float], xs: Sequence[float], off: float, square: float) -> list[float]:
    """What of values a control does not explain."""
    mean = sum(values) / len(values)
    slope = sum((value - mean) * (x - off) for value, x in zip(values, xs, strict=True)) / square
    return [value - slope * x for value, x in zip(values, xs, strict=True)]


def ratio(parts: Sequence[float], wholes: Sequence[float]) -> list[float]:
    """Values whose mean is the parts' sum over the wholes', one for each replication, by linearising (the delta method)."""
    share, whole = sum(parts) / sum(wholes), sum(wholes) / len(wholes)
    return [share + (part - share * of) / whole for part, of in zip(parts, wholes, strict=True)]
