"""Agents' rows as the configuration in force wants them: whoever came in under an older version stands by that one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from router.config import Config
from router.crew import crew_of
from router.errors import Lost
from router.exchange import Exchange
from router.loads import Load, settled
from router.waiting import Kind


def outdated(config: Config, pool: str, loads: Iterable[Load]) -> bool:
    """Has any of these other units than the configuration gives them?"""
    units = crew_of(config, pool).units
    return any(units.get(load.agent, load.units) != load.units for load in loads)


def settle_seats(x: Exchange, loads: Iterable[Load], waiting: Iterable[Kind]) -> int:
    """Who has room, by the configuration in force, for what waits or may come stands where a match looks; how many rows changed.

    Whoever came in under an older version stands by that one; and what waits may be lighter than what comes by now.
    """
    config = x.config()
    threshold = min([config.lightest, *(kind.units for kind in waiting)])
    count = 0
    for load in loads:
        known = config.agent(load.agent)
        units = known.units if known is not None else load.units
        after = settled(load, units, available=config.available(load.presence), threshold=threshold)
        if after != load:
            with suppress(Lost):  # changed meanwhile: the next sweep looks again
                x.table.commit(*x.table.settle(load, after))
                count += 1
    return count
