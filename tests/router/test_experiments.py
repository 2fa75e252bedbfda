"""Experiments: chance that can be repeated and is fair, and intervals as the literature prints them."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.experiments import (
    GLOBAL,
    LEAST,
    Finding,
    Group,
    compared,
    difference,
    held_out,
    people_needed,
    variant,
    wilson,
)

KEY = b"k" * 32
PEOPLE = [f"p_{number}" for number in range(20_000)]
CHI_99_9 = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47, 5: 20.52, 6: 22.46}
"""The chi-square distribution's 0.999 quantiles by degrees of freedom."""


def chi_square(seen: dict[str, int], shares: dict[str, float]) -> float:
    people, whole = sum(seen.values()), sum(shares.values())
    return sum((seen.get(name, 0) - people * s / whole) ** 2 / (people * s / whole) for name, s in shares.items())


@pytest.mark.parametrize("experiment", ["spring", "birthday", "win-back", "nps"])
@pytest.mark.parametrize("shares", [{"a": 50, "b": 50}, {"a": 90, "b": 9, "c": 1}, {"x": 1, "y": 2, "z": 3, "w": 0.5}])
def test_variants_get_their_shares(experiment: str, shares: dict[str, float]) -> None:
    seen = Counter(variant(KEY, experiment, contact, shares) for contact in PEOPLE)
    assert chi_square(seen, shares) < CHI_99_9[len(shares) - 1]


@pytest.mark.parametrize("per_cent", [0.5, 5, 10, 50])
def test_a_holdout_gets_its_share(per_cent: float) -> None:
    seen = Counter(str(held_out(KEY, GLOBAL, contact, per_cent)) for contact in PEOPLE)
    assert chi_square(seen, {"True": per_cent, "False": 100 - per_cent}) < CHI_99_9[1]
    assert not any(held_out(KEY, GLOBAL, contact, 0) for contact in PEOPLE)
    assert all(held_out(KEY, GLOBAL, contact, 100) for contact in PEOPLE)


def test_two_experiments_their_holdouts_and_their_variants_are_independent() -> None:
    shares = {"a": 1.0, "b": 1.0}
    draws = [
        {contact: variant(KEY, "one", contact, shares) for contact in PEOPLE},
        {contact: variant(KEY, "two", contact, shares) for contact in PEOPLE},
        {contact: str(held_out(KEY, "one", contact, 50)) for contact in PEOPLE},
        {contact: str(held_out(KEY, GLOBAL, contact, 50)) for contact in PEOPLE},
    ]
    for first in range(len(draws)):
        for second in range(first):
            both = Counter(draws[first][contact] + draws[second][contact] for contact in PEOPLE)
            pairs = [
                "".join(p) for p in product(sorted(set(draws[first].values())), sorted(set(draws[second].values())))
            ]
            assert chi_square(both, dict.fromkeys(pairs, 1.0)) < CHI_99_9[3]


@given(st.text(max_size=12), st.text(max_size=12), st.permutations(["a", "b", "c"]))
def test_the_same_person_gets_the_same_variant_however_the_shares_are_written(
    name: str, contact: str, order: list[str]
) -> None:
    shares = {"a": 10.0, "b": 30.0, "c": 60.0}
    again = variant(KEY, name, contact, {one: shares[one] * 7 for one in order})
    assert again == variant(KEY, name, contact, shares)


def test_a_changed_share_moves_nobody_between_two_others() -> None:
    before = {contact: variant(KEY, "e", contact, {"a": 50, "b": 30, "c": 20}) for contact in PEOPLE[:5000]}
    for shares in (
        {"a": 70, "b": 30, "c": 20},
        {"a": 5, "b": 30, "c": 20},
        {"b": 30, "c": 20},
        {"a": 0, "b": 30, "c": 20},
    ):
        after = {contact: variant(KEY, "e", contact, shares) for contact in before}
        moves = {(before[contact], after[contact]) for contact in before if before[contact] != after[contact]}
        assert moves
        assert all("a" in move for move in moves)


def test_a_larger_holdout_holds_everybody_whom_the_smaller_one_held() -> None:
    small = {contact for contact in PEOPLE if held_out(KEY, "e", contact, 5)}
    assert small < {contact for contact in PEOPLE if held_out(KEY, "e", contact, 8)}


@pytest.mark.parametrize("shares", [{}, {"a": 0}, {"a": -1, "b": 2}])
def test_shares_that_share_nothing_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        variant(KEY, "e", "p_1", shares)


@pytest.mark.parametrize("per_cent", [-1, 101, float("nan")])
def test_a_holdout_that_is_no_share_is_refused(per_cent: float) -> None:
    with pytest.raises(ValueError, match="per cent"):
        held_out(KEY, "e", "p_1", per_cent)


# --- intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reached", "people", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_is_that_of_newcombes_first_paper(reached: int, people: int, low: float, high: float) -> None:
    assert wilson(reached, people) == pytest.approx((low, high), abs=0.00005)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_difference_is_that_of_newcombes_second_paper(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = difference(Group("a", one[1], one[0]), Group("b", other[1], other[0]))
    assert found == pytest.approx((low, high), abs=0.00005)


COUNTS = st.integers(0, 500).flatmap(lambda people: st.tuples(st.just(people), st.integers(0, people)))


@given(COUNTS, COUNTS)
def test_an_interval_holds_what_was_seen_and_turns_round_with_its_groups(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    one, other = Group("a", *a), Group("b", *b)
    low, high = wilson(one.reached, one.people)
    assert 0 <= low <= (one.reached / one.people if one.people else 0) <= high <= 1
    there, back = difference(one, other), difference(other, one)
    assert -1 <= there.low <= there.high <= 1
    assert there == pytest.approx((-back.high, -back.low))


def test_nineteen_of_twenty_intervals_hold_the_true_difference() -> None:
    draw = random.Random(7)
    held = 0
    for _ in range(2000):
        one = Group("a", 150, sum(draw.random() < 0.12 for _ in range(150)))
        other = Group("b", 90, sum(draw.random() < 0.05 for _ in range(90)))
        low, high = difference(one, other)
        held += low <= 0.07 <= high
    assert 0.94 < held / 2000 < 0.975


# --- what is said ----------------------------------------------------------------------------------------------------


def test_a_variant_that_does_better_than_the_holdout_is_said_to_with_its_lift() -> None:
    [found] = compared(Group("holdout", 1000, 100), [Group("a", 1000, 160)])
    assert found.finding is Finding.MORE
    assert (found.rate, found.difference, found.lift) == pytest.approx((0.16, 0.06, 0.6))
    assert found.between.low > 0
    [worse] = compared(Group("holdout", 1000, 160), [Group("a", 1000, 100)])
    assert worse.finding is Finding.LESS


def test_what_chance_may_have_done_is_not_enough_yet_and_says_how_many_people_would_be() -> None:
    [found] = compared(Group("holdout", 200, 20), [Group("a", 200, 25)])
    assert found.finding is Finding.NOT_YET
    assert found.needed == people_needed(0.1, 0.125) == 2507
    [shown] = compared(Group("holdout", 2507, 251), [Group("a", 2507, 313)])
    assert shown.finding is Finding.MORE


def test_of_a_handful_of_people_nothing_is_said_however_large_the_difference() -> None:
    [found] = compared(Group("holdout", LEAST - 1, 0), [Group("a", 1000, 1000)])
    assert found.finding is Finding.NOT_YET


def test_nobody_yet_is_no_error() -> None:
    [found] = compared(Group("holdout", 0, 0), [Group("a", 0, 0)])
    assert (found.finding, found.lift, found.needed) == (Finding.NOT_YET, None, None)
    assert found.interval == (0.0, 1.0)


def test_several_variants_have_to_be_surer_than_one() -> None:
    base, good = Group("holdout", 1000, 100), Group("a", 1000, 129)
    assert compared(base, [good])[0].finding is Finding.MORE
    assert compared(base, [good, *[Group(f"v{n}", 1000, 100) for n in range(4)]])[0].finding is Finding.NOT_YET


def test_more_who_did_it_than_there_were_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        compared(Group("holdout", 2, 3), [Group("a", 1, 1)])
