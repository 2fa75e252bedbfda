"""Confidence intervals of replications."""

from __future__ import annotations

import pytest

from santral.simulation.intervals import estimate, t_value


@pytest.mark.parametrize(
    ("freedom", "t"),
    [(1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (9, 2.2622), (19, 2.0930), (29, 2.0452), (99, 1.9842)],
)
def test_students_t_is_that_of_the_tables(freedom: int, t: float) -> None:
    assert t_value(freedom) == pytest.approx(t, abs=5e-5)


def test_an_estimate_is_the_mean_and_half_the_width_of_its_interval() -> None:
    found = estimate([1.0, 2.0, 3.0])  # deviation 1, t of two degrees of freedom 4.3027
    assert found.mean == 2.0
    assert found.half_width == pytest.approx(4.30265 / 3**0.5, rel=1e-5)
    assert (found.low, found.high) == (found.mean - found.half_width, found.mean + found.half_width)


def test_one_value_has_no_interval_and_none_no_mean() -> None:
    assert estimate([5.0]) == (5.0, 0.0)
    with pytest.raises(ValueError, match="nothing was measured"):
        estimate([])
