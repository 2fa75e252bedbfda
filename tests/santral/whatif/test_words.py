"""Lengths as people say them."""

from __future__ import annotations

import pytest

from santral.options import Language
from santral.whatif.words import Words

MINUTE = 60_000


@pytest.mark.parametrize(
    ("minutes", "english", "turkish"),
    [
        (5, "1 hour", "1 saatlik"),
        (90, "2 hours", "2 saatlik"),
        (24 * 60, "24 hours", "24 saatlik"),
        (48 * 60, "2 days", "2 günlük"),
        (49 * 60, "2 days 1 hour", "2 gün 1 saatlik"),
        ((4 * 24 + 9) * 60 + 25, "4 days 9 hours", "4 gün 9 saatlik"),
        ((4 * 24 + 23) * 60 + 45, "5 days", "5 günlük"),
        (28 * 24 * 60, "28 days", "28 günlük"),
    ],
)
def test_how_long_a_record_is_is_told_to_the_hour(minutes: int, english: str, turkish: str) -> None:
    told = [Words(language).span(7, 7 + minutes * MINUTE) for language in (Language.en, Language.tr)]
    assert told == [english, turkish]
