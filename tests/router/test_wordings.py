"""Texts that leave by themselves: languages, names, waits and openings in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.optout import word_of
from router.wordings import (
    HELP,
    PLACEHOLDER,
    STARTED,
    STOPPED,
    chosen,
    filled,
    from_then,
    name_of,
    opening,
    rounded,
    until_then,
    within,
)

MONDAY = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 18:30 in Istanbul


@pytest.mark.parametrize(
    ("languages", "text"),
    [
        (("tr", "en"), "merhaba"),
        (("tr-CY", "en"), "merhaba"),
        (("fr", "tr"), "merhaba"),
        ((None, "fr"), "hello"),
        ((), "hello"),
    ],
)
def test_the_conversations_language_goes_before_the_inboxs_and_english(
    languages: tuple[str | None, ...], text: str
) -> None:
    found = chosen({"tr": "merhaba", "en": "hello"}, languages)
    assert found is not None
    assert found[0] == text


def test_without_a_text_there_is_none() -> None:
    assert chosen({"tr": "merhaba"}, ("de", "fr")) is None


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("Hello {name}, we", "Deniz", "Hello Deniz, we"),
        ("Hello {name}, we", "", "Hello, we"),
        ("{name}: hello", "", ": hello"),
        ("a {b} c", "x", "a {b} c"),
    ],
)
def test_a_text_is_filled_in(text: str, name: str, shown: str) -> None:
    assert filled(text, {"name": name}) == shown


def test_what_is_filled_in_is_not_filled_in_again() -> None:
    assert filled("{name}", {"name": "{company}", "company": "secret"}) == "{company}"


@pytest.mark.parametrize("name", ["Deniz Kaya", "Jean-Luc O’Neil", "İpek  Şahin", "D. Kaya", "山田 太郎"])
def test_a_name_is_a_name(name: str) -> None:
    assert name_of(name) == " ".join(name.split())


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "www.evil.example",
        "Win at evil.com",
        "http://x",
        "deniz@example.net",
        "Call +1555",
        "{name}",
        "x" * 41,
    ],
)
def test_anything_else_is_not_repeated_to_whom_it_may_not_belong(name: str | None) -> None:
    assert name_of(name) == ""


@given(st.text())
def test_no_name_brings_a_link(name: str) -> None:
    shown = name_of(name)
    assert not {":", "/", "@", "{", "\n"} & set(shown)
    assert len(shown) <= 40


@pytest.mark.parametrize(
    ("wait", "english", "turkish"),
    [
        (timedelta(seconds=20), "in about 1 minute", "yaklaşık 1 dakika içinde"),
        (timedelta(minutes=15), "in about 15 minutes", "yaklaşık 15 dakika içinde"),
        (timedelta(hours=2), "in about 2 hours", "yaklaşık 2 saat içinde"),
        (timedelta(days=2), "in about 2 days", "yaklaşık 2 gün içinde"),
    ],
)
def test_a_wait_is_told_in_words(wait: timedelta, english: str, turkish: str) -> None:
    assert (within(wait, "en-GB"), within(wait, "tr")) == (english, turkish)


@pytest.mark.parametrize(
    ("at", "english", "turkish"),
    [
        ("2026-03-02T16:00", "today at 19:00", "bugün saat 19:00"),
        ("2026-03-03T06:00", "tomorrow at 09:00", "yarın saat 09:00"),
        ("2026-03-06T06:00", "on Friday at 09:00", "cuma günü saat 09:00"),
        ("2026-03-16T06:00", "on Monday, 16 March, at 09:00", "16 Mart pazartesi günü saat 09:00"),
        ("2026-03-02T21:30", "tomorrow at 00:30", "yarın saat 00:30"),  # another day in Istanbul already
    ],
)
def test_an_opening_is_told_by_the_clock_of_the_place(at: str, english: str, turkish: str) -> None:
    then = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert opening(then, MONDAY, "Europe/Istanbul", "en") == english
    assert opening(then, MONDAY, "Europe/Istanbul", "tr") == turkish


@pytest.mark.parametrize(
    ("at", "english", "turkish"),
    [
        ("2026-03-02T16:00", "today by 19:00", "bugün saat 19:00'a kadar"),
        ("2026-03-03T09:00", "tomorrow by 12:00", "yarın saat 12:00'ye kadar"),
        ("2026-03-03T09:30", "tomorrow by 12:30", "yarın saat 12:30'a kadar"),
        ("2026-03-06T12:35", "on Friday by 15:35", "cuma günü saat 15:35'e kadar"),
        ("2026-03-02T17:56", "today by 20:56", "bugün saat 20:56'ya kadar"),
        ("2026-03-02T17:20", "today by 20:20", "bugün saat 20:20'ye kadar"),
        ("2026-03-16T06:00", "on Monday, 16 March, by 09:00", "16 Mart pazartesi günü saat 09:00'a kadar"),
        ("2026-03-02T21:00", "tomorrow by 00:00", "yarın saat 00:00'a kadar"),
    ],
)
def test_a_latest_time_is_told_by_the_clock_of_the_place(at: str, english: str, turkish: str) -> None:
    """The Turkish ending is that of the last number as it is read aloud."""
    then = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert until_then(then, MONDAY, "Europe/Istanbul", "en-GB") == english
    assert until_then(then, MONDAY, "Europe/Istanbul", "tr") == turkish
    assert until_then(then, MONDAY, "Europe/Istanbul", "de").startswith("≤ ")


@given(st.timedeltas(timedelta(0), timedelta(days=30)))
@example(timedelta(minutes=89, seconds=30))  # two hours: what is off by the most
def test_a_wait_is_rounded_as_its_words_say(wait: timedelta) -> None:
    assert within(rounded(wait), "en") == within(wait, "en")
    assert abs(rounded(wait) - wait) <= max(timedelta(minutes=1), wait * 0.35)


def test_other_languages_are_told_numbers() -> None:
    then = MONDAY + timedelta(hours=14, minutes=30)
    assert opening(then, MONDAY, "Europe/Istanbul", "de") == "03.03. 09:00"
    assert from_then(then, MONDAY, "Europe/Istanbul", "de") == "≥ 03.03. 09:00"
    assert within(timedelta(minutes=15), "de") == "≈ 15 min"


@pytest.mark.parametrize("texts", [STOPPED, STARTED, HELP])
def test_what_we_say_of_stop_names_words_that_count(texts: dict[str, str]) -> None:
    for language, text in texts.items():
        assert set(PLACEHOLDER.findall(text)) == {"company"}
        words = {word_of(word.strip(".,")) for word in text.split() if word.strip(".,").isupper()}
        assert words == ({"start"} if texts is STOPPED else {"stop"}), (language, words)
