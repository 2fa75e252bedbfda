"""Times that are found once an hour are those that are found each time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.recurring import Birthday, Once, Recurring, Trigger, occurrences
from router.upcoming import _MOST, _coming

WEEK = 7 * 86_400_000
TRIGGERS: list[Trigger] = [
    Recurring(cron="30 10 * * tue", zone="recipient"),
    Recurring(cron="* * * * *", zone="Europe/Istanbul"),
    Recurring(cron="30 2 * * sun", zone="Europe/Berlin"),
    Once(at="2026-03-29T02:30", zone="recipient"),
    Birthday(birthday="02:30"),
]


@pytest.mark.parametrize("trigger", TRIGGERS)
@given(
    after=st.integers(1_774_300_000_000, 1_775_400_000_000),  # around the night in which clocks are put forward
    length=st.sampled_from([WEEK, WEEK + 86_400_000, 1]),
    place=st.sampled_from(["Europe/Berlin", "America/New_York"]),
)
def test_what_comes_is_the_same_whether_it_was_looked_for_before(
    trigger: Trigger, after: int, length: int, place: str
) -> None:
    plain = list(occurrences(trigger, after, after + length, place))
    assert _coming(trigger, after, after + length, place)[:_MOST] == plain[:_MOST]
