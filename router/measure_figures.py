"""The figures that are read from cells, each by the formula in docs/measures.md. Where nothing was measured a figure is None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from router.measures import Cell
from router.targets import Target

PERCENTILES = (50, 90, 95, 99, 100)
SATISFIED = 4  # of 5, and more
PROMOTER, DETRACTOR = 9, 6  # of 10: as much or more, as much or less


@dataclass(frozen=True, slots=True)
class Figures:
    """What is read from the cells of some conversations. Shares are between 0 and 1, times in milliseconds."""

    begun: int
    reopens: int
    answered: int
    abandoned: int
    handled: int
    resolved: int
    alone: int
    transfers: int
    service_level: float | None
    answer_ms: float | None
    waits_ms: Mapping[int, int] | None
    abandonment: float | None
    handle_ms: float | None
    occupancy: float | None
    first_contact: float | None
    reopened: float | None
    transferred: float | None
    attained: Mapping[Target, float]
    promises: float | None
    csat: float | None
    nps: float | None
    ces: float | None
    quality: float | None
    open: int
    open_ms: float | None
    oldest_ms: int | None
    line: int
    longest_ms: int | None


def figures(cell: Cell, held: int = 0, room: int = 0) -> Figures:
    """All figures of cells that were merged; `held` and `room` are those of the agents they are meant for."""
    of, standing = cell.count, cell.standing
    ended = cell.answered + cell.abandoned
    return Figures(
        begun=of("begun"),
        reopens=of("reopens"),
        answered=len(cell.answered),
        abandoned=len(cell.abandoned),
        handled=of("handled"),
        resolved=of("resolved"),
        alone=of("alone"),
        transfers=of("transfers"),
        service_level=share(of("in_time"), len(cell.answered) + of("late_abandoned")),
        answer_ms=share(sum(cell.answered), len(cell.answered)),
        waits_ms=percentiles(ended),
        abandonment=share(len(cell.abandoned), len(ended)),
        handle_ms=share(of("handled_ms"), of("handled")),
        occupancy=share(held, room),
        first_contact=share(of("first_kept"), of("first")),
        reopened=share(of("reopened"), of("resolved")),
        transferred=share(of("transfers"), of("handled")),
        attained=_attained(cell),
        promises=share(of("promises_kept"), of("promises_kept") + of("promises_broken")),
        csat=_share_of(_scores(cell, "csat"), range(SATISFIED, 6)),
        nps=_nps(_scores(cell, "nps")),
        ces=_mean(_scores(cell, "ces")),
        quality=_mean(_scores(cell, "quality")),
        open=standing.open,
        open_ms=share(standing.open_ms, standing.open),
        oldest_ms=standing.oldest_ms if standing.open else None,
        line=standing.line,
        longest_ms=standing.longest_ms if standing.line else None,
    )


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def percentile(ordered: Sequence[int], per_cent: int) -> int:
    """By nearest rank: the least value that so many per cent are no more than. Raises ValueError without any."""
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[max(1, ceil(len(ordered) * per_cent / 100)) - 1]


def percentiles(waits: Iterable[int]) -> dict[int, int] | None:
    """p50, p90, p95, p99 and the longest, of raw waits in ms."""
    ordered = sorted(waits)
    return {per_cent: percentile(ordered, per_cent) for per_cent in PERCENTILES} if ordered else None


def longest_wait(cell: Cell) -> int | None:
    """The longest, of those that ended and those that go on, in ms."""
    waits = [*cell.answered[-1:], *cell.abandoned[-1:]] + ([cell.standing.longest_ms] if cell.standing.line else [])
    return max(waits, default=None)


def evenness(cells: Iterable[Cell]) -> float | None:
    """Jain's index of the mean waits of classes: 1 where all wait alike, 1/n where one of n waits alone.

    R. Jain, D. Chiu, W. Hawe: A Quantitative Measure of Fairness and Discrimination for Resource Allocation, DEC TR-301, 1984.
    """
    means = [sum(waits) / len(waits) for cell in cells if (waits := cell.answered + cell.abandoned)]
    squares = sum(mean * mean for mean in means)
    if not means:
        return None
    return sum(means) ** 2 / (len(means) * squares) if squares else 1.0


def _attained(cell: Cell) -> dict[Target, float]:
    found = {}
    for target in Target:
        met = cell.count(f"met.{target.value}")
        attained = share(met, met + cell.count(f"missed.{target.value}"))
        if attained is not None:
            found[target] = attained
    return found


def _scores(cell: Cell, kind: str) -> dict[int, int]:
    return {int(value): n for value, n in cell.under(kind).items()}


def _share_of(scores: Mapping[int, int], good: Iterable[int]) -> float | None:
    wanted = set(good)
    return share(sum(n for value, n in scores.items() if value in wanted), sum(scores.values()))


def _mean(scores: Mapping[int, int]) -> float | None:
    return share(sum(value * n for value, n in scores.items()), sum(scores.values()))


def _nps(scores: Mapping[int, int]) -> float | None:
    """Promoters less detractors, between -100 and 100."""
    for_it = sum(n for value, n in scores.items() if value >= PROMOTER)
    against = sum(n for value, n in scores.items() if value <= DETRACTOR)
    found = share(for_it - against, sum(scores.values()))
    return None if found is None else 100 * found
