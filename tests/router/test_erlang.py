"""Erlang C by its published values, and a simulated queue that is measured agrees with it."""

from __future__ import annotations

import heapq
import random
from functools import cache
from math import inf, sqrt
from statistics import mean, stdev

import pytest

from router.business import WALL_CLOCK
from router.measure_figures import figures
from router.measures import Case, Cell, Measured, Presence, Shift, merged
from router.measuring import measure
from router.targets import Term, Terms
from router.timeline import Mark, Timeline, What
from santral.simulation.erlang import ErlangC, blocking
from tests.kit.amount import THOROUGH


def test_fifty_agents_at_48_a_minute_wait_as_the_closed_form_says() -> None:
    found = ErlangC(rate=48 / 60, handle=60, agents=50)
    assert round(found.answer, 2) == 20.83
    assert found.occupancy == 0.96


def test_twelve_agents_at_4_2_a_minute_wait_as_the_closed_form_says() -> None:
    found = ErlangC(rate=4.2 / 60, handle=120, agents=12)
    assert (round(found.waiting, 5), round(found.service_level(20), 4)) == (0.18389, 0.8991)


def test_one_agent_is_the_m_m_1_queue() -> None:
    found = ErlangC(rate=0.5, handle=1, agents=1)
    assert found.waiting == pytest.approx(0.5)
    assert found.answer == pytest.approx(1.0)


@pytest.mark.parametrize("agents", [500, 5000])
def test_hundreds_of_agents_overflow_nothing(agents: int) -> None:
    found = ErlangC(rate=agents * 0.98, handle=1, agents=agents)
    assert 0 < found.waiting < ErlangC(rate=agents * 0.99, handle=1, agents=agents).waiting < 1
    assert 0 < blocking(found.load, agents) < 1


def test_too_few_agents_never_catch_up() -> None:
    found = ErlangC(rate=2, handle=1, agents=2)
    assert (found.stable, found.waiting, found.service_level(1e9), found.answer, found.occupancy) == (
        False,
        1.0,
        0.0,
        inf,
        1.0,
    )


@pytest.mark.parametrize("wrong", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nothing_arrives_or_nobody_is_there_is_refused(wrong: tuple[float, float, int]) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        ErlangC(*wrong)


# --- a simulated queue, measured -------------------------------------------------------------------------------------

RATE, HANDLE, AGENTS, TARGET = 4.2 / 60, 120.0, 12, 20.0
HOUR = 3_600_000
WARM, HOURS = 2, 10
DAYS = 16 if THOROUGH else 8
T = 2.131 if THOROUGH else 2.365  # Student's t: 95 per cent, 15 and 7 degrees of freedom
NOTHING = Terms(policy=None, terms={})


def simulated(seed: int, until: int) -> list[Case]:
    """One day of an M/M/c queue, first come, first served, as marks."""
    chance = random.Random(seed)
    free = [(0, number) for number in range(AGENTS)]  # when an agent is free
    found: list[Case] = []
    at = 0.0
    while True:
        at += chance.expovariate(RATE) * 1000
        if at >= until:
            return found
        came = round(at)
        freed, number = heapq.heappop(free)
        taken = max(came, freed)
        done = taken + round(chance.expovariate(1 / HANDLE) * 1000)
        heapq.heappush(free, (done, number))
        agent = f"a{number}"
        marks = (
            Mark(came, What.HEARD), Mark(came, What.WAITING, "main"), Mark(taken, What.ACTIVE, agent), Mark(done, What.RESOLVED, agent),
        )  # fmt: skip
        found.append(
            Case(
                f"c{len(found)}",
                "main",
                "webchat",
                None,
                None,
                None,
                1,
                Term(WALL_CLOCK, round(TARGET * 1000)),
                Timeline(marks),
                NOTHING,
            )
        )


@cache
def days() -> tuple[Measured, ...]:
    staff = [Shift(f"a{number}", 1, (Presence(0, "online", True),)) for number in range(AGENTS)]
    end = (WARM + HOURS) * HOUR
    return tuple(measure(simulated(seed, end), staff, WARM * HOUR, end) for seed in range(DAYS))


def within(values: list[float], expected: float) -> bool:
    """Does the 95 per cent confidence interval of the days' mean hold it?"""
    half = T * stdev(values) / sqrt(len(values))
    return abs(mean(values) - expected) <= half


def whole(measured: Measured) -> Cell:
    return merged(measured.lines.values())


def test_a_simulated_queue_keeps_the_service_level_that_erlang_c_says() -> None:
    levels = [found for day in days() if (found := figures(whole(day)).service_level) is not None]
    assert within(levels, ErlangC(RATE, HANDLE, AGENTS).service_level(TARGET))


def test_a_simulated_queue_is_answered_as_fast_as_erlang_c_says() -> None:
    speeds = [found / 1000 for day in days() if (found := figures(whole(day)).answer_ms) is not None]
    assert within(speeds, ErlangC(RATE, HANDLE, AGENTS).answer)


def test_simulated_agents_are_as_full_as_erlang_c_says() -> None:
    full = []
    for day in days():
        of = merged(day.desks.values())
        found = figures(Cell(), of.count("held"), of.count("room")).occupancy
        assert found is not None
        full.append(found)
    assert within(full, ErlangC(RATE, HANDLE, AGENTS).occupancy)
