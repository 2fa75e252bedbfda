"""Values as templates write them: letters, days, clocks, amounts, in Turkish, English and any other language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.template_filters import (
    CURRENCIES,
    FORMS,
    capitalize,
    clock,
    day,
    lower,
    moment,
    money,
    number,
    plural,
    title,
    upper,
)

ISTANBUL, HONOLULU = ZoneInfo("Europe/Istanbul"), ZoneInfo("Pacific/Honolulu")
THURSDAY = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)  # Friday, 01:30, in Istanbul
TURKISH_SMALL, TURKISH_LARGE = "abcçdefgğhıijklmnoöprsştuüvyz", "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"
TURKISH = st.text(alphabet=TURKISH_SMALL + TURKISH_LARGE + " .,1", max_size=60)


@given(TURKISH)
def test_turkish_capitals_are_those_of_the_turkish_alphabet_letter_by_letter(text: str) -> None:
    pairs = list(zip(TURKISH_SMALL, TURKISH_LARGE, strict=True))
    capital, small = dict(pairs), {large: little for little, large in pairs}
    assert upper(text, "tr") == "".join(capital.get(letter, letter) for letter in text)
    assert lower(text, "tr") == "".join(small.get(letter, letter) for letter in text)
    assert lower(upper(text, "tr"), "tr-TR") == lower(text, "tr")


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("istanbul ışıklı", "tr", ("İSTANBUL IŞIKLI", "istanbul ışıklı", "İstanbul Işıklı", "İstanbul ışıklı")),
        ("ISPARTA İZMİR", "tr-CY", ("ISPARTA İZMİR", "ısparta izmir", "Isparta İzmir", "Isparta izmir")),
        ("istanbul", "en", ("ISTANBUL", "istanbul", "Istanbul", "Istanbul")),
        ("İZMİR", "en", ("İZMİR", "izmir", "İzmir", "İzmir")),
        ("ANKARA'DA", "tr", ("ANKARA'DA", "ankara'da", "Ankara'da", "Ankara'da")),
        ("ayşe-nur ÖZ", "tr", ("AYŞE-NUR ÖZ", "ayşe-nur öz", "Ayşe-Nur Öz", "Ayşe-nur öz")),
        ("", "tr", ("", "", "", "")),
    ],
)
def test_capitals_go_by_the_templates_language(text: str, language: str, shown: tuple[str, ...]) -> None:
    assert (upper(text, language), lower(text, language), title(text, language), capitalize(text, language)) == shown


@pytest.mark.parametrize(
    ("form", "english", "turkish", "german"),
    [
        ("long", "6 March 2026", "6 Mart 2026", "06.03.2026"),
        ("short", "6 Mar 2026", "06.03.2026", "06.03.2026"),
        ("day", "6 March", "6 Mart", "06.03."),
        ("weekday", "Friday 6 March 2026", "6 Mart 2026 Cuma", "06.03.2026"),
    ],
)
def test_a_date_is_that_of_the_zones_clock_in_the_words_of_the_language(
    form: str, english: str, turkish: str, german: str
) -> None:
    assert [day(THURSDAY, tongue, ISTANBUL, form) for tongue in ("en", "tr", "de")] == [english, turkish, german]
    assert day(THURSDAY.isoformat(), "tr", ISTANBUL, form) == turkish


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)), st.sampled_from(FORMS))  # noqa: DTZ001
def test_a_time_is_told_as_the_zones_clock_shows_it(at: datetime, form: str) -> None:
    instant = at.replace(tzinfo=UTC)
    for zone in (ISTANBUL, HONOLULU):
        here = instant.astimezone(zone)
        assert clock(instant.isoformat(), zone) == here.strftime("%H:%M")
        assert moment(instant, "tr", zone, form) == f"{day(here.date(), 'tr', zone, form)} saat {here:%H:%M}"
        assert moment(instant, "en", zone, form) == f"{day(here.date(), 'en', zone, form)} at {here:%H:%M}"


def test_a_day_without_a_time_is_the_same_everywhere() -> None:
    for value in ("2026-03-05", date(2026, 3, 5)):
        assert day(value, "en", HONOLULU) == day(value, "en", ISTANBUL) == "5 March 2026"


@pytest.mark.parametrize(
    "value", ["soon", "2026-13-05", "2026-02-30", "2026-03-05T14:30:00", 5, None, [], timedelta(1)]
)
def test_what_is_no_time_is_told_and_not_guessed(value: object) -> None:
    with pytest.raises(ValueError, match=r"is no time|without its offset|there is no day"):
        day(value, "en", ISTANBUL)
    with pytest.raises(ValueError):
        clock(value, ISTANBUL)


@pytest.mark.parametrize(
    ("value", "currency", "english", "turkish", "german"),
    [
        ("1299.9", "TRY", "TRY 1,299.90", "1.299,90 TL", "1299.90 TRY"),
        (49.9, "EUR", "€49.90", "€49,90", "49.90 EUR"),
        (1234567, "USD", "$1,234,567.00", "$1.234.567,00", "1234567.00 USD"),
        (-5, "EUR", "-€5.00", "-€5,00", "-5.00 EUR"),
        (-5, "TRY", "-TRY 5.00", "-5,00 TL", "-5.00 TRY"),
        (Decimal("0.005"), "USD", "$0.01", "$0,01", "0.01 USD"),
        (Decimal("-0.001"), "USD", "$0.00", "$0,00", "0.00 USD"),
    ],
)
def test_money_is_written_as_the_language_does(
    value: object, currency: str, english: str, turkish: str, german: str
) -> None:
    assert [money(value, tongue, currency) for tongue in ("en", "tr", "de")] == [english, turkish, german]


@given(st.integers(-(10**12), 10**12), st.sampled_from(CURRENCIES))
def test_an_amount_reads_back_in_both_languages(cents: int, currency: str) -> None:
    amount = Decimal(cents) / 100
    for tongue, drop, point in (("en", ",", "."), ("tr", ".", ",")):
        digits = "".join(c for c in money(amount, tongue, currency) if c.isdigit() or c in "-.,")
        assert Decimal(digits.replace(drop, "").replace(point, ".")) == amount


@pytest.mark.parametrize(
    ("value", "places", "english", "turkish"),
    [(1500, None, "1,500", "1.500"), (0.1 + 0.2, 1, "0.3", "0,3"), ("2.50", None, "2.5", "2,5"), (-0.2, 0, "0", "0")],
)
def test_numbers_have_the_signs_of_the_language(value: object, places: int | None, english: str, turkish: str) -> None:
    assert (number(value, "en", places), number(value, "tr", places)) == (english, turkish)


@pytest.mark.parametrize("value", [True, None, "many", "nan", "inf", "1e40", [], 10**15, "1_0__0"])
def test_what_is_no_number_is_told(value: object) -> None:
    with pytest.raises(ValueError, match="is no number"):
        number(value, "en")
    with pytest.raises(ValueError, match="is no number"):
        money(value, "en", "EUR")


def test_no_currency_no_form_and_no_places_are_guessed() -> None:
    with pytest.raises(ValueError, match="write one of TRY, EUR, USD"):
        money(1, "en", "TL")
    with pytest.raises(ValueError, match="write one of long"):
        day(THURSDAY, "en", ISTANBUL, "d.m.Y")
    with pytest.raises(ValueError, match="0 to 6"):
        number(1, "en", 7)
    with pytest.raises(ValueError, match="more than 6 places"):
        number(0.1 + 0.2, "en")


def test_one_of_a_thing_and_several() -> None:
    assert [plural(count, "item", "items") for count in (0, 1, 2, "1")] == ["items", "item", "items", "item"]
