"""How a centre stood when a record begins: what agents had, what was offered and not answered, who rested. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from router.config import Config
from router.times import to_ms
from santral.whatif.record import End, Held, How, Offered, Standing, Wait


@dataclass(frozen=True, slots=True)
class Missed:
    """An agent let an offer time out, before the record begins."""

    agent: str
    at: int
    detail: Mapping[str, Any]


def begun(
    waits: Sequence[Wait], held: Sequence[Held], config: Config, start: int, end: int
) -> tuple[list[Wait], list[Held]]:
    """The waits that are played, and other work with what was begun before: what agents had then, and offers that stood.

    Who was offered then and took it had it already. Who did not is not offered to anybody until that offer was over.
    """
    work = [one for one in held if one.at < end and (one.until is None or one.until > start)]
    played = []
    for wait in waits:
        fate = wait.fate
        if wait.at >= start:
            played.append(wait)
            continue
        standing = next((one for one in fate.offers if one.at < start <= one.until), None)
        taken = fate.at if standing is None or standing.how is not How.ACCEPTS else standing.at
        if fate.end is End.ANSWERED and taken is not None and taken < start:
            if fate.done is None or fate.done > start:
                rests = wait.kind.queue if wait.rests else None
                work.append(Held(fate.agent or "", taken, fate.done, wait.kind.units, str(wait.kind.channel), rests))
        elif fate.at is None or fate.at >= start:
            if standing is not None:
                units, channel = wait.kind.units, str(wait.kind.channel)
                missed = standing.how is How.MISSES
                work.append(Held(standing.agent, standing.at, standing.until, units, channel, missed=missed))
            played.append(_waiting(wait, standing, config, start))
    return played, sorted(work, key=lambda one: (one.at, one.agent))


def _waiting(wait: Wait, standing: Offered | None, config: Config, start: int) -> Wait:
    """One that was in line already: offers before the record are over, and whom it is not offered to for that is known."""
    pool = config.pool(wait.pool)
    bars = dict(wait.barred)
    for one in wait.fate.offers:
        seconds = {How.DECLINES: pool.declined_seconds, How.MISSES: pool.missed_seconds}.get(one.how, 0)
        if one.at < start and seconds:
            bars[one.agent] = one.until + seconds * 1000
    if standing is not None:
        bars |= {agent.name: max(standing.until, bars.get(agent.name, 0)) for agent in config.agents}
    barred = tuple((agent, until) for agent, until in bars.items() if until > start)
    offers = tuple(one for one in wait.fate.offers if one.at >= start)
    return replace(wait, barred=barred, fate=replace(wait.fate, offers=offers))


def standing(
    presence: Mapping[str, tuple[int, str]],
    waits: Sequence[Wait],
    held: Sequence[Held],
    missed: Sequence[Missed],
    acts: Mapping[str, int],
    config: Config,
    start: int,
) -> list[Standing]:
    """Each agent by their last `presence` before the record, since when idle, and until when they pause or wrap up.

    `acts` is when each last did something before it: that, as a change of presence, ends a pause.
    """
    idle, wraps = _touched(waits, held, config, start)
    last = {one.agent: one for one in sorted(missed, key=lambda one: (one.at, one.detail.get("in_a_row", 1)))}
    found = []
    for agent, (since, state) in sorted(presence.items()):
        wrap = wraps.get(agent, (0, 0))
        until = wrap[1] if wrap[0] >= since and wrap[1] > start else None
        row, paused = 0, None
        one = last.get(agent)
        if one is not None and one.at >= max(since, acts.get(agent, 0)):
            row = int(one.detail.get("in_a_row", 1))
            if "paused_until" in one.detail:
                paused = to_ms(datetime.fromisoformat(str(one.detail["paused_until"])))
        found.append(Standing(agent, state, max(since, idle.get(agent, 0)), row, paused, until))
    return found


def _touched(
    waits: Sequence[Wait], held: Sequence[Held], config: Config, start: int
) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """When each agent last got something or gave it back, and since and until when they wrap up."""
    last: dict[str, int] = {}
    wraps: dict[str, tuple[int, int]] = {}

    def touch(agent: str, *times: int | None) -> None:
        for at in times:
            if at is not None and at < start:
                last[agent] = max(at, last.get(agent, 0))

    for wait in waits:
        fate = wait.fate
        for one in fate.offers:
            touch(one.agent, one.at, one.until if one.how is not How.ACCEPTS else None)
        if fate.agent is None:
            continue
        touch(fate.agent, None if fate.offers else fate.at, fate.done)
        queue = config.queue(wait.kind.queue)
        if fate.done is not None and fate.done < start and wait.rests and queue is not None and queue.wrap_up_seconds:
            until = fate.done + queue.wrap_up_seconds * 1000
            known = wraps.get(fate.agent, (0, 0))
            wraps[fate.agent] = max(known[0], fate.done), max(known[1], until)
    for work in held:
        touch(work.agent, work.at, work.until)
    return last, wraps
