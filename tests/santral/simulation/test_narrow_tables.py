"""Tables that keep within a width."""

from __future__ import annotations

import pytest

from santral.simulation.narrow_tables import folded, table

ROWS = [
    ["policy", "level %", "gold", "silver", "wait", "worst"],
    ["default", "93.1 ±2.2", "90.2", "95.1", "1m 24s", "6.8"],
    ["the-oldest-of-all-first-whatever-they-were-promised", "87.0 ±13.0", "88.5", "90.1", "1d 2h", "1,106.3"],
]


def test_a_table_that_fits_is_one() -> None:
    assert table(ROWS[:2], 80, range(2, 4)) == (
        "policy     level %  gold  silver    wait  worst\ndefault  93.1 ±2.2  90.2    95.1  1m 24s    6.8"
    )


def test_columns_that_do_not_fit_come_below_with_the_names_said_again() -> None:
    assert table(ROWS[:2], 40, range(2, 4)) == (
        "policy     level %    wait  worst\n"
        "default  93.1 ±2.2  1m 24s    6.8\n"
        "\n"
        "policy   gold  silver\n"
        "default  90.2    95.1"
    )


def test_a_long_name_is_folded_and_its_figures_stand_beside_its_first_line() -> None:
    assert table([row[:2] for row in ROWS[1:]], 40) == (
        "default         93.1 ±2.2\nthe-oldest-    87.0 ±13.0\nof-all-first-\nwhatever-\nthey-were-\npromised"
    )


@pytest.mark.parametrize("width", range(20, 130, 5))
def test_every_figure_is_whole_at_any_width(width: int) -> None:
    told = table(ROWS, width, range(2, 4))
    assert max(map(len, told.splitlines())) <= width
    assert all(figure in told for row in ROWS[1:] for figure in row[1:])


def test_sentences_are_broken_between_words_and_keep_their_lines() -> None:
    assert folded("as-configured: 3\nagents", 12) == "as-configure\nd: 3\nagents"
    assert folded("of as-configured\nagents", 15) == "of\nas-configured\nagents"
