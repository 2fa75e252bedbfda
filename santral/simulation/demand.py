"""What customers ask for in each interval of one day, and how many agents Erlang's formulas give for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from router.calendars import DAYS
from router.config import Config
from router.times import from_ms
from router.waiting import Kind
from santral.simulation.erlang import ErlangA, ErlangC, least
from santral.simulation.files import Ready
from santral.simulation.scenario import Day, Scenario, Stream
from santral.simulation.traffic import MINUTE, Opening, sorts

_DAY = 1440.0


class Idle(ValueError):
    """Nobody writes on that day."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Customers of one class in one interval: how many in the mean, and minutes of work and of patience, endless where it is None."""

    kind: Kind
    arrivals: float
    work: float
    patience: float | None


def one_day(ready: Ready, weekday: int | None = None) -> Ready:
    """One day of a scenario alone: its first, or the first of that weekday; of a scenario whose day is a week, that part of it.

    Raises Idle where it has none, ValueError for periods that do not divide a day.
    """
    scenario = ready.scenario
    opening = Opening(scenario)
    ahead = 0 if weekday is None else (weekday - opening.weekday(0)) % 7
    if scenario.day.hours > 24:
        if ahead * 24 >= scenario.day.hours:
            raise Idle(f"the scenario has no {DAYS[weekday or 0]}")
        since = ahead * _DAY
        hours = min(24.0, scenario.day.hours - ahead * 24)
        streams = [_part(stream, since, scenario.day.hours * 60) for stream in scenario.traffic]
    else:
        hours, streams = scenario.day.hours, list(scenario.traffic)
    start = scenario.start + timedelta(days=ahead)
    on = [stream for stream in streams if start.weekday() in stream.on]
    on = [stream for stream in on if _some(stream.per_hour)]
    if not on:
        raise Idle(f"nobody writes on that day ({DAYS[start.weekday()]})")
    day = Day(opens=scenario.day.opens, hours=hours)
    found = scenario.model_copy(update={"start": start, "days": 1, "day": day, "traffic": tuple(on)})
    return replace(ready, scenario=found)


def _some(rates: float | tuple[float, ...]) -> bool:
    return any(rates) if isinstance(rates, tuple) else rates > 0


def _part(stream: Stream, since: float, whole: float) -> Stream:
    """A stream from so many minutes after opening on, for a day at most."""
    kept = [one for one in stream.periods(whole) if one[1] > since and one[0] < since + _DAY]
    if len(kept) == 1:
        return stream.model_copy(update={"per_hour": kept[0][2], "handling": kept[0][3], "days": None})
    if since % stream.period_minutes:
        raise ValueError(f"stream '{stream.name}': period_minutes must divide a day")
    first = round(since / stream.period_minutes)
    patience = (
        stream.patience[first:] or stream.patience[-1:] if isinstance(stream.patience, tuple) else stream.patience
    )
    changed = {"per_hour": tuple(one[2] for one in kept), "patience": patience, "days": None}
    if isinstance(stream.handling, tuple):
        changed["handling"] = tuple(one[3] for one in kept)
    return stream.model_copy(update=changed)


def busiest(ready: Ready) -> int:
    """The weekday of which most is asked for."""
    return max(range(7), key=lambda weekday: _work(ready, weekday))


def _work(ready: Ready, weekday: int) -> float:
    try:
        day = one_day(ready, weekday)
    except Idle:
        return 0.0
    return sum(ask.arrivals * ask.work * ask.kind.units for part in asked(day, 60) for ask in part)


def asked(ready: Ready, minutes: int, scale: float = 1.0) -> list[list[Ask]]:
    """What is asked for in each interval of a scenario's day; its work has the time to accept an offer and the wrap-up."""
    scenario, config = ready.scenario, ready.config
    whole = scenario.day.hours * 60
    found: list[list[Ask]] = [[] for _ in range(math.ceil(whole / minutes - 1e-9))]
    start = Opening(scenario).at(0)
    for stream in scenario.traffic:
        patience = stream.patience if isinstance(stream.patience, tuple) else (stream.patience,)
        periods = list(stream.periods(whole))
        known = sorts(config, stream, from_ms(start))
        for interval, asks in enumerate(found):
            since, until = interval * minutes, min(whole, (interval + 1) * minutes)
            parts = [
                (per_hour / 60 * (min(end, until) - max(begin, since)) * scale, handling.mean, number)
                for number, (begin, end, per_hour, handling) in enumerate(periods)
                if begin < until and end > since
            ]
            arrivals = sum(part[0] for part in parts)
            if arrivals <= 0:
                continue
            work = sum(count * mean for count, mean, _ in parts) / arrivals
            waits = patience[min(parts[0][2], len(patience) - 1)]
            at = from_ms(start + round(since * MINUTE))
            for sort in sorts(config, stream, at) if stream.samples else known:
                more, mean = _around(scenario, config, sort.kind), waits.mean if waits is not None else None
                asks.append(Ask(sort.kind, arrivals * sort.share, work + more, mean))
    return found


def _around(scenario: Scenario, config: Config, kind: Kind) -> float:
    """Minutes that an agent is taken up besides the work itself."""
    queue = config.queue(kind.queue)
    offered = config.offer_seconds(kind.queue, kind.channel) is not None
    wrap = queue.wrap_up_seconds / 60 if queue is not None else 0.0
    return wrap + (scenario.offers.accept.mean if offered else 0.0)


class Formula(NamedTuple):
    """What Erlang's formulas give for one queue by itself: agents by C, and by A where customers give up."""

    c: int
    a: int | None

    @property
    def best(self) -> int:
        """That which says more."""
        return self.c if self.a is None else self.a


def formula(asks: Sequence[Ask], minutes: float, share: float, slots: Callable[[str], float]) -> Formula:
    """The agents that a share of these needs, each dealt with in its own target, by itself: as many servers as agents have slots.

    `slots` is how many conversations of a channel an agent has at once. What differs among these is averaged.
    """
    arrivals = sum(ask.arrivals for ask in asks)
    busy = sum(ask.arrivals * ask.work for ask in asks) / minutes
    if not busy:
        return Formula(0, 0)
    apart = busy / sum(ask.arrivals * ask.work / minutes / slots(ask.kind.channel) for ask in asks)
    rate, handle = arrivals / minutes / 60, busy * minutes * 60 / arrivals
    leaving = sum(ask.arrivals / ask.patience for ask in asks if ask.patience is not None) / arrivals / 60
    targets = _targets(asks, arrivals)

    def level(servers: int, patience: float | None) -> float:
        of = ErlangC(rate, handle, servers) if patience is None else ErlangA(rate, handle, servers, patience)
        return sum(part * of.service_level(target) for target, part in targets)

    def agents(patience: float | None) -> int:
        start = max(1, int(busy * share))
        found = least(lambda servers: level(servers, patience) >= share, start)
        return math.ceil((found or start) / apart - 1e-9)

    return Formula(agents(None), agents(1 / leaving) if leaving else None)


def _targets(asks: Iterable[Ask], arrivals: float) -> list[tuple[int, float]]:
    """Targets in seconds, and the share of customers that has each."""
    found: dict[int, float] = {}
    for ask in asks:
        found[ask.kind.target] = found.get(ask.kind.target, 0.0) + ask.arrivals / arrivals
    return sorted(found.items())
