"""Days of a made-up centre, measured: what `GET /v1/measures` answers of them."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from router.business import WALL_CLOCK
from router.measures import Case, Measured, Presence, Promised, Scored, Shift
from router.measuring import measure
from router.targets import Target, Term, Terms
from router.timeline import Mark, Timeline, What
from router.times import from_ms, to_ms

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
_MINUTE, _HOUR = 60_000, 3_600_000
_TERMS = Terms(
    "standart",
    {
        Target.ACCEPT: Term(WALL_CLOCK, 60_000), Target.FIRST_RESPONSE: Term(WALL_CLOCK, 300_000),
        Target.RESOLUTION: Term(WALL_CLOCK, 2_400_000),
    },
)  # fmt: skip
_AGENTS = ("ayşe.yılmaz", "bora", "ceren", "deniz", "emre", "figen", "gökhan", "hülya")


def document(days: int, seed: int = 1, rate: float = 40) -> dict[str, Any]:
    """Hours, as the API tells them; `rate` conversations come in the fullest hour."""
    return {"hours": [told(hour) for hour in measured(days, seed, rate)], "next": None}


def told(hour: Measured) -> dict[str, Any]:
    """One hour, as the API tells it."""
    return {
        "start": from_ms(hour.start).isoformat(),
        "cells": [line._asdict() | cell.data() for line, cell in hour.lines.items()],
        "agents": [desk._asdict() | cell.data() for desk, cell in hour.desks.items()],
    }


def measured(days: int, seed: int, rate: float) -> Iterator[Measured]:
    chance = random.Random(seed)
    cases = list(_cases(chance, days, rate))
    shifts = [_shift(agent, number, days) for number, agent in enumerate(_AGENTS)]
    start = to_ms(BEGIN)
    for hour in range(days * 24):
        yield measure(cases, shifts, start + hour * _HOUR, start + (hour + 1) * _HOUR)


def _shift(agent: str, number: int, days: int) -> Shift:
    states = []
    for day in range(days):
        at = to_ms(BEGIN + timedelta(days=day, hours=6 + number % 3))
        states += [
            Presence(at, "online", True), Presence(at + 4 * _HOUR, "mola", False), Presence(at + 4 * _HOUR + 30 * _MINUTE, "online", True),
            Presence(at + 10 * _HOUR, "offline", False),
        ]  # fmt: skip
    return Shift(agent, 3, tuple(states))


def _cases(chance: random.Random, days: int, rate: float) -> Iterator[Case]:
    at, number = float(to_ms(BEGIN)), 0
    end = to_ms(BEGIN + timedelta(days=days))
    free = [(0.0, agent) for agent in _AGENTS for _ in range(2)]
    while True:
        hour = at / _HOUR % 24
        busy = 0.05 + math.exp(-(((hour - 10) / 2.2) ** 2)) + 0.7 * math.exp(-(((hour - 15) / 2) ** 2))
        at += chance.expovariate(rate * busy / _HOUR)
        if at >= end:
            return
        number += 1
        yield _case(chance, round(at), number, free)


def _case(chance: random.Random, at: int, number: int, free: list[tuple[float, str]]) -> Case:
    queue = chance.choice(("genel", "genel", "siparişler", "geri ödeme"))
    patience = at + chance.expovariate(1 / (12 * _MINUTE))
    day = at // (24 * _HOUR) * 24 * _HOUR
    opens, closes = day + 6 * _HOUR, day + 17 * _HOUR
    marks = [Mark(at, What.HEARD), Mark(at, What.WAITING, queue)]
    taken = max(at + chance.expovariate(1 / 8_000), free[0][0], opens if at < opens else at)
    scores: tuple[Scored, ...] = ()
    promises: tuple[Promised, ...] = ()
    if taken > patience or at > closes:
        marks.append(Mark(round(patience), What.RESOLVED))
    else:
        agent = heapq.heappop(free)[1]
        done = round(taken + chance.lognormvariate(1.9, 0.6) * _MINUTE)
        heapq.heappush(free, (done, agent))
        half = round(taken + (done - taken) * 0.4)
        marks += [
            Mark(round(taken), What.ACTIVE, agent),
            Mark(half, What.ANSWERED, agent),
            Mark(half, What.PENDING, agent),
        ]
        marks.append(Mark(half + (done - half) // 4, What.ACTIVE, agent))
        marks.append(Mark(done, What.RESOLVED, agent))
        if chance.random() < 0.08:
            marks += [Mark(done + 50 * _MINUTE, What.ACTIVE, agent), Mark(done + 55 * _MINUTE, What.RESOLVED, agent)]
        if chance.random() < 0.3:
            scores = (Scored(done + _MINUTE, "csat", chance.choice((5, 5, 4, 4, 3, 1)), agent),)
        if chance.random() < 0.05:
            due = done + 2 * _HOUR
            promises = (Promised(done, due, due - _HOUR if chance.random() < 0.8 else None, True, agent),)
    return Case(
        f"c_{number}", queue, chance.choice(("webchat", "whatsapp", "email")), chance.choice((None, None, "altın")),
        chance.choice(("tr", "tr", "en")), {"siparişler": "sipariş ≥ 2", "geri ödeme": "ödeme ≥ 3"}.get(queue), 1, Term(WALL_CLOCK, 60_000),
        Timeline(tuple(marks)), _TERMS, promises, scores,
    )  # fmt: skip
