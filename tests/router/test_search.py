"""Words folded for searching, and what of a message is searched at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.messages import Direction, Message, Party
from router.search import MOST, SHARDS, folded, index_row

AT = datetime(2026, 3, 2, 23, 59, 59, 999000, UTC)


def message(text: str, **more: Any) -> Message:
    """A message that says something."""
    return Message(
        id="m_abc",
        channel="sms",
        provider="twilio",
        inbox="sms",
        direction=more.pop("direction", Direction.INBOUND),
        sender=Party(address="+15550199"),
        text=text,
        received_at=AT,
        **more,
    )


@pytest.mark.parametrize("same", [
    ["ISPARTA", "Isparta", "ısparta", "isparta", "İsparta"], ["İSTANBUL", "istanbul", "Istanbul", "İstanbul"],
    ["IBAN", "iban", "İBAN"], ["Sipariş", "siparis", "SİPARİŞ", "SIPARIS"], ["çığ", "CIG", "ÇIĞ", "cig"], ["Straße", "STRASSE"],
    ["café", "cafe\u0301", "CAFÉ", "cafe"], ["Ødegård", "odegard"], ["Łódź", "lodz"], ["①", "1"], ["ﬁnal", "FINAL"],
    ["two   words\n", " two words"],
])  # fmt: skip
def test_spellings_of_one_word_meet(same: list[str]) -> None:
    assert len({folded(word) for word in same}) == 1


def test_letters_of_other_scripts_keep_what_makes_them_different() -> None:
    assert folded("が") != folded("か")
    assert folded("مَدرسة") == folded("مَدرسة")
    assert folded("한국어") == "한국어"


@given(st.text())
def test_folding_is_done_once_whatever_it_is_given_and_storable(text: str) -> None:
    once = folded(text)
    assert folded(once) == once
    once.encode()


def test_a_row_is_found_again_by_its_message_and_holds_no_more_than_its_beginning() -> None:
    row = index_row(message("İade " * 500), "c_abc.default.1")
    assert row is not None
    assert row.text.startswith("iade iade")
    assert len(row.text) == MOST
    assert row.day == "2026-03-02"
    assert 0 <= row.shard < SHARDS
    again = index_row(message("başka"), "c_abc.default.2")
    assert again is not None
    assert (again.day, again.shard, again.at) == (row.day, row.shard, row.at)


def test_a_mail_is_found_by_its_subject_and_without_what_it_quotes() -> None:
    row = index_row(message("Evet\n> eski", reply_text="Evet", subject="Re: Fatura"), "c_abc.default.1")
    assert row is not None
    assert row.text == "re: fatura evet"


def test_what_has_no_words_has_no_row() -> None:
    assert index_row(message(" \n"), "c_abc.default.1") is None
