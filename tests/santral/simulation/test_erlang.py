"""Erlang's formulas: by published values, by what is true of all of them, and by a chain that is solved the long way."""

from __future__ import annotations

import json
from itertools import pairwise
from math import exp, inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from santral.simulation.erlang import ErlangA, ErlangC, agents_for, blocking, least
from tests.kit.amount import times

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "guide" / "or_reference.json"


def cases(section: str) -> list[Any]:
    if not REFERENCE.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="the reference values are not here"))]
    return [pytest.param(one, id=one["name"]) for one in json.loads(REFERENCE.read_text(encoding="utf-8"))[section]]


@pytest.mark.parametrize("case", cases("erlang_c"))
def test_erlang_c_is_as_published(case: dict[str, Any]) -> None:
    found, expected = ErlangC(case["lam"], 1 / case["mu"], case["c"]), case["expected"]
    assert found.waiting == pytest.approx(expected["P_wait"], rel=1e-9)
    assert found.answer == pytest.approx(expected["ASA"], rel=1e-9)
    assert found.service_level(case["awt"]) == pytest.approx(expected["SL"], rel=1e-9)
    assert found.line == pytest.approx(expected["Lq"], rel=1e-9)
    assert found.occupancy == pytest.approx(expected["occupancy"], rel=1e-9)
    assert found.percentile(0.9) == pytest.approx(expected["p90_wait"], rel=1e-9)
    assert found.percentile(0.95) == pytest.approx(expected["p95_wait"], rel=1e-9)


@pytest.mark.parametrize("case", cases("erlang_a"))
def test_erlang_a_is_as_published(case: dict[str, Any]) -> None:
    found, expected = ErlangA(case["lam"], 1 / case["mu"], case["n"], 1 / case["theta"]), case["expected"]
    assert found.waiting == pytest.approx(expected["P_wait"], rel=1e-9)
    assert found.abandonment == pytest.approx(expected["P_abandon"], rel=1e-9)
    assert found.line == pytest.approx(expected["Lq"], rel=1e-9)
    assert found.wait == pytest.approx(expected["EW_all"], rel=1e-9)
    assert found.answer == pytest.approx(expected["EW_served"], rel=1e-9)
    assert found.occupancy == pytest.approx(expected["occupancy"], rel=1e-9)
    assert found.percentile(0.9) == pytest.approx(expected["p90_wait"], rel=1e-8)
    assert found.percentile(0.95) == pytest.approx(expected["p95_wait"], rel=1e-8)
    assert found.answered_within(case["awt"]) == pytest.approx(expected["SL_served_within_over_all"], rel=1e-9)
    assert found.service_level(case["awt"]) == pytest.approx(expected["SL_gnedenko"], rel=1e-7)


def test_erlang_a_with_50_agents_at_48_a_minute_and_two_minutes_of_patience() -> None:
    found = ErlangA(48 / 60, 60, 50, 120)
    assert (round(found.abandonment, 4), round(found.answer, 2)) == (0.0309, 3.62)
    assert (round(found.percentile(0.9), 2), round(found.occupancy, 3)) == (12.44, 0.93)


# --- another way -----------------------------------------------------------------------------------------------------


def chain(rate: float, handle: float, agents: int, patience: float, target: float) -> tuple[float, float, float]:
    """P(wait), abandonment and service level of M/M/n+M, from its states: how many there are, and of a customer who finds so many
    before them, how many are still before them as time passes. No density, no integral.
    """
    size = agents + 120
    weights = [1.0]
    for k in range(1, size):
        weights.append(weights[-1] * rate / (min(k, agents) / handle + max(0, k - agents) / patience))
    total = sum(weights)
    waiting = sum(weights[agents:]) / total
    gone = sum(w * (k - agents) for k, w in enumerate(weights) if k > agents) / total / patience / rate
    steps = 1500
    dt = target / steps
    before = [w / total for w in weights[agents:]]  # by how many wait before a customer who comes now
    served = left = 0.0
    for _ in range(steps):
        leaving = [p * (1 - exp(-dt * (agents / handle + k / patience))) for k, p in enumerate(before)]
        served += leaving[0] * (1 - dt / patience / 2)
        before = [p - out + coming for p, out, coming in zip(before, leaving, [*leaving[1:], 0.0], strict=True)]
        quit_ = sum(before) * -(exp(-dt / patience) - 1)
        left += quit_
        before = [p * exp(-dt / patience) for p in before]
    within = 1 - waiting + served
    return waiting, gone, within / (1 - left)


@pytest.mark.parametrize(("load", "agents", "patience"), [(4, 5, 2.0), (9, 8, 0.5), (20, 22, 10.0), (30, 20, 1.0)])
def test_erlang_a_is_the_chain_that_it_describes(load: float, agents: int, patience: float) -> None:
    found = ErlangA(load, 1, agents, patience)
    waiting, gone, level = chain(load, 1, agents, patience, 0.2)
    assert found.waiting == pytest.approx(waiting, rel=1e-9)
    assert found.abandonment == pytest.approx(gone, rel=1e-9)
    assert found.service_level(0.2) == pytest.approx(level, abs=5e-4)


# --- what is true of all of them -------------------------------------------------------------------------------------

loads = st.floats(0.05, 300)
patiences = st.floats(0.01, 1000)


@settings(max_examples=times(40), deadline=None)
@given(loads, st.integers(1, 320), patiences, st.floats(0.001, 3))
def test_one_agent_more_is_never_worse(load: float, agents: int, patience: float, target: float) -> None:
    fewer, more = ErlangA(load, 1, agents, patience), ErlangA(load, 1, agents + 1, patience)
    assert more.waiting <= fewer.waiting + 1e-12
    assert more.abandonment <= fewer.abandonment + 1e-12
    assert more.service_level(target) >= fewer.service_level(target) - 1e-9
    if load < agents:
        assert ErlangC(load, 1, agents).service_level(target) <= ErlangC(load, 1, agents + 1).service_level(target)


@settings(max_examples=times(40), deadline=None)
@given(loads, st.integers(1, 320), patiences, st.floats(0.001, 3))
def test_shares_are_shares_and_no_more_than_all_agents_work(
    load: float, agents: int, patience: float, target: float
) -> None:
    found = ErlangA(load, 1, agents, patience)
    level = found.service_level(target)
    assert -1e-12 <= level <= 1 + 1e-12
    assert 0 <= found.occupancy <= 1 + 1e-12
    assert found.abandonment <= found.waiting + 1e-12


@pytest.mark.parametrize(("load", "agents", "patience"), [(1, 1, 1.0), (9, 8, 0.5), (45, 50, 2.0)])
def test_the_waits_of_all_are_those_of_who_is_answered_and_of_who_gives_up(
    load: float, agents: int, patience: float
) -> None:
    found = ErlangA(load, 1, agents, patience)
    most, points = found.percentile(1 - 1e-9) * 1.5, 400
    shares = [found.gave_up_after(most * i / points) for i in range(points + 1)]
    leaving = sum((a + b) / 2 for a, b in pairwise(shares)) * most / points
    assert found.wait == pytest.approx((1 - found.abandonment) * found.answer + leaving, rel=1e-3)


@pytest.mark.parametrize(("load", "agents"), [(0.5, 1), (9, 10), (45, 50), (4000, 4100)])
def test_customers_of_endless_patience_are_erlang_c(load: float, agents: int) -> None:
    patient, none = ErlangA(load, 1, agents, 1e9), ErlangC(load, 1, agents)
    assert patient.waiting == pytest.approx(none.waiting, rel=1e-6)
    assert patient.answer == pytest.approx(none.answer, rel=1e-5)
    assert patient.service_level(0.1) == pytest.approx(none.service_level(0.1), abs=1e-6)
    assert patient.percentile(0.95) == pytest.approx(none.percentile(0.95), rel=1e-5)


@pytest.mark.parametrize(("load", "agents"), [(0.5, 1), (9, 10), (60, 50), (4000, 3000)])
def test_customers_without_patience_are_erlang_b(load: float, agents: int) -> None:
    assert ErlangA(load, 1, agents, 1e-7).abandonment == pytest.approx(blocking(load, agents), rel=1e-3)


@pytest.mark.parametrize("patience", [1e-3, 1.0, 1e3, 1e6])
@pytest.mark.parametrize("agents", [1000, 4000, 4100, 9000])
def test_thousands_of_agents_overflow_nothing(agents: int, patience: float) -> None:
    found = ErlangA(4000, 1, agents, patience)
    assert 0 <= found.waiting <= 1
    assert found.abandonment == pytest.approx(max(0, 1 - agents / 4000), abs=0.02)
    assert 0 <= found.service_level(0.01) <= 1 + 1e-12
    assert found.answer < inf


# --- how many --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("enough", [1, 2, 3, 7, 64, 65, 1000])
@pytest.mark.parametrize("start", [1, 5, 100])
def test_the_least_that_is_enough(enough: int, start: int) -> None:
    assert least(lambda number: number >= enough, start) == enough
    assert least(lambda number: number >= enough, start, most=enough) == enough


def test_where_no_number_is_enough_there_is_none() -> None:
    assert least(lambda _: False, most=100) is None


@pytest.mark.parametrize("patience", [None, 60.0])
@pytest.mark.parametrize("rate", [0.01, 0.5, 20])
def test_as_many_agents_as_are_needed_and_none_more(rate: float, patience: float | None) -> None:
    found = agents_for(rate, 120, 20, 0.8, patience)

    def level(agents: int) -> float:
        of = ErlangC(rate, 120, agents) if patience is None else ErlangA(rate, 120, agents, patience)
        return of.service_level(20)

    assert level(found) >= 0.8
    assert found == 1 or level(found - 1) < 0.8


@pytest.mark.parametrize("wrong", [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_nothing_is_refused(wrong: tuple[float, float, int, float]) -> None:
    with pytest.raises(ValueError, match="more than nothing"):
        ErlangA(*wrong)
