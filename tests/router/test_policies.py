"""How urgent a wait is, by each policy: numbers worked out by hand, and what must hold at every second."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import Config, Pool, Queue, Routing
from router.policies import Weighed, discounted, side, told, urgency, weigh
from router.waiting import Kind
from tests.kit.floors import MANY, POLICIES, Scene, scenes

CONFIG = Config.model_construct(
    version="v1",
    queues=(Queue(name="q", skill="billing"),),
    routing=Routing(units={"chat": 4, "mail": 6}, handle_minutes={"chat": 9, "mail": 8}),
)


def _kind(tier: str | None = None, target: int = 60, channel: str = "chat", priority: int = 5) -> Kind:
    units = CONFIG.routing.weight(channel)
    return Kind("q", channel, units, priority, target, "acme", "en", tier)


def _pool(policy: str = "default", **changes: Any) -> Pool:
    return Pool.model_validate({"name": "main", "policy": policy, **changes})


def _order(pool: Pool, waits: dict[str, tuple[Kind, float]]) -> list[str]:
    """Names, the most urgent first."""
    return sorted(waits, key=lambda name: urgency(weigh(CONFIG, pool, waits[name][0]), waits[name][1]), reverse=True)


def _score(kind: Kind, waited: float, **changes: Any) -> list[float]:
    pool = _pool(**changes)
    return told(pool, urgency(weigh(CONFIG, pool, kind), waited))


# --- numbers -------------------------------------------------------------------------------------------------------


def test_on_time_the_default_score_is_weight_times_size_falling_by_e_for_each_kappa_that_is_left() -> None:
    size = math.sqrt(12 / (4 * 9))
    assert _score(_kind("gold", 480), 480) == [0, pytest.approx(4 * size, rel=1e-5)]
    assert _score(_kind("gold", 480), 0) == [0, pytest.approx(4 * size / math.e, rel=1e-5)]
    assert _score(_kind("gold", 480), 0, kappa_minutes=4) == [0, pytest.approx(4 * size / math.e**2, rel=1e-5)]
    assert _score(_kind("bronze", 480), 480, size_exponent=0) == [0, 1]


def test_late_the_default_score_drops_to_a_twentieth_and_grows_again_with_the_wait() -> None:
    size = math.sqrt(12 / (6 * 8))
    mail = _kind("silver", 600, "mail")
    assert _score(mail, 600) == [0, pytest.approx(2 * size, rel=1e-5)]
    assert _score(mail, 601) == [0, pytest.approx(2 * size * 0.05 * (1 + 601 / 600), rel=1e-5)]
    assert _score(mail, 3000) == [0, pytest.approx(2 * size * 0.05 * 6, rel=1e-5)]
    assert _score(mail, 3000, late_factor=0) == [0, 0]


def test_the_guard_begins_after_five_targets_and_tells_the_wait() -> None:
    assert _score(_kind(target=60), 300)[0] == 0
    assert _score(_kind(target=60), 300.001) == [1, 300.001]
    assert _score(_kind(target=60), 121, guard=2) == [1, 121]


def test_two_steps_of_priority_count_double_and_a_class_without_a_tier_weighs_one() -> None:
    pool = _pool()
    weights = [weigh(CONFIG, pool, _kind(priority=priority)).weight for priority in (1, 3, 5, 7, 9)]
    assert weights == [4, 2, 1, 0.5, 0.25]
    assert weigh(CONFIG, pool, _kind("gold", priority=3)).weight == 8
    assert weigh(CONFIG, pool, _kind("a-tier-that-is-gone")).weight == 1


def test_a_secondary_skill_takes_a_fifth_off_the_score_and_nothing_off_a_guarded_wait_or_another_policys() -> None:
    pool = _pool()
    of = weigh(CONFIG, pool, _kind("gold", 480))
    assert told(pool, discounted(pool, urgency(of, 480), True)) == [
        0,
        pytest.approx(0.8 * 4 / math.sqrt(3), rel=1e-5),
    ]
    assert discounted(pool, urgency(of, 480), False) == urgency(of, 480)
    assert discounted(pool, (1, 2500.0), True) == (1, 2500.0)
    for policy in POLICIES[1:]:
        assert discounted(_pool(policy), (0, 7.0), True) == (0, 7.0)


# --- orders --------------------------------------------------------------------------------------------------------

WAITS = {
    "gold chat, new": (_kind("gold", 30), 5.0),
    "bronze chat, nearly due": (_kind("bronze", 120), 115.0),
    "bronze chat, late": (_kind("bronze", 120), 130.0),
    "gold mail, half way": (_kind("gold", 900, "mail"), 450.0),
    "bronze mail, old": (_kind("bronze", 14400, "mail"), 7200.0),
}


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        # 4 * .577 * e^(-25/480) = 2.19; 4 * .5 * e^(-450/480) = .78; .577 * e^(-5/480) = .57; .577 * .05 * 2.08 = .06; e^-15
        ("default", ["gold chat, new", "gold mail, half way", "bronze chat, nearly due", "bronze chat, late", "bronze mail, old"]),
        # 7200, 450, 130, 115, 5 seconds
        ("fifo", ["bronze mail, old", "gold mail, half way", "bronze chat, late", "bronze chat, nearly due", "gold chat, new"]),
        # gold by wait, then bronze by wait
        ("strict", ["gold mail, half way", "gold chat, new", "bronze mail, old", "bronze chat, late", "bronze chat, nearly due"]),
        # due in -10, 5, 25, 450, 7200 seconds
        ("edf", ["bronze chat, late", "bronze chat, nearly due", "gold chat, new", "gold mail, half way", "bronze mail, old"]),
        # on time by the deadline: 5, 25, 450, 7200 seconds to go; then the late one
        ("edf-late", ["bronze chat, nearly due", "gold chat, new", "gold mail, half way", "bronze mail, old", "bronze chat, late"]),
        # w * wait / T: 2, 1.08, .96, .67, .5
        ("accumulating", ["gold mail, half way", "bronze chat, late", "bronze chat, nearly due", "gold chat, new", "bronze mail, old"]),
        # w / (units * minutes) * 12: gold chat 1.33, gold mail 1, bronze chat .33, bronze mail .25
        ("c-mu", ["gold chat, new", "gold mail, half way", "bronze chat, late", "bronze chat, nearly due", "bronze mail, old"]),
        # on time by wait - T/sqrt(w): 450 - 450 = 0, 115 - 120 = -5, 5 - 15 = -10, 7200 - 14400; then the late one
        ("wvd", ["gold mail, half way", "bronze chat, nearly due", "gold chat, new", "bronze mail, old", "bronze chat, late"]),
    ],
)  # fmt: skip
def test_each_policy_has_its_order(policy: str, order: list[str]) -> None:
    assert _order(_pool(policy), WAITS) == order


def test_the_guard_puts_first_who_waited_five_targets_the_longest_wait_before_all() -> None:
    guarded = {"chat, 601 s": (_kind("bronze", 120), 601.0), "chat, 700 s": (_kind("bronze", 120), 700.0)}
    assert _order(_pool(), WAITS | guarded)[:3] == ["chat, 700 s", "chat, 601 s", "gold chat, new"]


def test_late_demotion_puts_what_can_still_be_kept_before_what_cannot() -> None:
    for policy in ("default", "wvd"):
        late, on_time = (_kind("gold", 60), 61.0), (_kind("silver", 60), 59.0)
        assert _order(_pool(policy), {"late": late, "on time": on_time}) == ["on time", "late"]


def test_short_work_goes_first_all_else_being_equal() -> None:
    waits = {"long": (_kind(channel="mail"), 30.0), "short": (_kind(channel="chat"), 30.0)}
    assert _order(_pool(), waits) == ["short", "long"]
    assert len({urgency(weigh(CONFIG, p, k), w) for p in [_pool(size_exponent=0)] for k, w in waits.values()}) == 1


# --- at every second -----------------------------------------------------------------------------------------------


def _classes(scene: Scene) -> list[Weighed]:
    return [weigh(scene.config, scene.config.pools[0], row.kind) for row in scene.rows]


@MANY
@given(scenes(), st.floats(0, 7000), st.floats(0, 7000))
def test_between_two_turns_who_waits_longer_is_never_less_urgent(scene: Scene, one: float, other: float) -> None:
    less, more = sorted((one, other))
    for of in _classes(scene):
        if side(of, less) == side(of, more):
            assert urgency(of, less) <= urgency(of, more)
            assert of.rung(less) == of.rung(more)


@MANY
@given(scenes(), st.floats(0, 7000))
def test_a_millisecond_more_is_more_urgent_within_a_side_so_that_no_two_waits_are_taken_for_one(
    scene: Scene, wait: float
) -> None:
    pool = scene.config.pools[0]
    for of in _classes(scene):
        if side(of, wait) == side(of, wait + 0.001) and (pool.late_factor or wait <= of.kind.target):
            assert urgency(of, wait) < urgency(of, wait + 0.001)


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_the_side_changes_at_turns_and_nowhere_else(scene: Scene, seed: int) -> None:
    chance = Random(seed)
    for of in _classes(scene):
        at = of.turns
        edges = [0.0, *at, 1e6]
        for begin, end in pairwise(edges):
            inside = [begin + (end - begin) * chance.uniform(0.01, 0.99) for _ in range(3)]
            assert len({side(of, wait) for wait in inside}) == 1
        sides = [side(of, (begin + end) / 2) for begin, end in pairwise(edges)]
        assert len(set(sides)) == len(sides)


@MANY
@given(scenes())
def test_a_turn_belongs_to_the_step_that_begins_with_it_and_to_the_time_that_is_still_kept(scene: Scene) -> None:
    for of in _classes(scene):
        for step in of.steps:
            assert side(of, step)[0] == side(of, step + 1e-6)[0] == side(of, step - 1e-6)[0] + 1
            assert of.rung(step).after == step
        for mark in of.marks:
            assert side(of, mark)[1] == side(of, mark - 1e-6)[1] == side(of, mark + 1e-6)[1] - 1


@pytest.mark.parametrize("policy", POLICIES)
def test_extreme_numbers_are_still_told_apart_and_kept_as_numbers(policy: str) -> None:
    pool = _pool(policy, kappa_minutes=0.001, late_factor=0)
    far = weigh(CONFIG, pool, _kind(None, 30 * 86400, priority=9))
    waits = [urgency(far, wait) for wait in (0.0, 1.0, 86400.0)]
    assert waits == sorted(set(waits))
    for wait in (0.0, 30 * 86400.0, 31 * 86400.0, 1e9):
        assert all(math.isfinite(number) for number in told(pool, urgency(far, wait)))


def test_a_queue_that_is_not_there_is_said_so() -> None:
    with pytest.raises(ValueError, match="there is no queue 'gone'"):
        weigh(CONFIG, _pool(), Kind("gone", "chat", 4, 5, 60, "acme", "en"))
