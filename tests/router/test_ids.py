"""Ids are derived, unguessable and say where things are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import ids
from router.aws.codec import pack, unpack
from router.ledger import bucket_of, bucket_start, next_bucket

KEY = b"k" * 32
texts = st.text(max_size=40)


@given(st.lists(texts, max_size=4), st.lists(texts, max_size=4))
def test_different_parts_never_give_the_same_digest_however_they_are_cut(a: list[str], b: list[str]) -> None:
    assert (ids.digest(KEY, *a) == ids.digest(KEY, *b)) == (a == b)


def test_another_key_gives_other_ids_and_an_unproved_address_is_another_contact() -> None:
    proved = ids.contact_id(KEY, "email", "a@example.net", proved=True)
    assert proved != ids.contact_id(b"x" * 32, "email", "a@example.net", proved=True)
    assert proved != ids.contact_id(KEY, "email", "a@example.net", proved=False)


@given(st.tuples(texts, texts, texts, texts), st.tuples(texts, texts, texts, texts))
def test_a_campaigns_send_has_one_id_and_another_in_whatever_part_it_differs(
    a: tuple[str, ...], b: tuple[str, ...]
) -> None:
    assert (ids.send_id(KEY, *a) == ids.send_id(KEY, *b)) == (a == b)
    for place in range(4):
        other = [*a[:place], a[place] + "x", *a[place + 1 :]]
        assert ids.send_id(KEY, *other) != ids.send_id(KEY, *a)


def test_a_campaigns_send_is_told_from_an_answer_to_it() -> None:
    send = ids.send_id(KEY, "spring.7", "p_1", "2026-03-02T09:00+03:00", "1")
    assert ids.read_token(KEY, ids.conversation_token(KEY, send)) == send
    assert ids.send_id(b"x" * 32, "spring.7", "p_1", "2026-03-02T09:00+03:00", "1") != send


@given(st.lists(texts, max_size=4))
def test_a_fraction_is_the_same_each_time_and_neither_nothing_nor_all(parts: list[str]) -> None:
    assert 0 < ids.fraction(KEY, *parts) < 1
    assert ids.fraction(KEY, *parts) == ids.fraction(KEY, *parts) != ids.fraction(KEY, *parts, "x")


@given(st.integers(1, 10**9))
def test_a_conversation_id_says_where_its_item_is(number: int) -> None:
    contact = ids.contact_id(KEY, "email", "a@example.net", proved=True)
    made = ids.conversation_id(contact, "my-brand", number)
    assert ids.split_conversation_id(made) == (contact, "my-brand", number)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_an_id(text: str) -> None:
    found = ids.split_conversation_id(text)
    assert found is None or ids.conversation_id(*found) == text


def test_a_token_is_read_in_any_case_and_only_if_we_made_it() -> None:
    send = ids.message_id(KEY, "ses", "default", "1")
    token = ids.conversation_token(KEY, send)
    assert ids.read_token(KEY, token.upper()) == send
    assert len(token) == 37
    for wrong in (token[:-1] + ("a" if token[-1] != "a" else "b"), token[:24], "", "x" * 37, "İ" * 37):
        assert ids.read_token(KEY, wrong) is None
    assert ids.read_token(b"x" * 32, token) is None


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(), st.integers(), st.booleans(), st.none()), max_size=6))
def test_what_is_packed_comes_back(value: dict[str, object]) -> None:
    assert unpack(pack(value)) == value


@given(st.datetimes(timezones=st.just(__import__("datetime").UTC)))
def test_a_bucket_holds_its_time_and_the_next_one_follows_without_a_gap(at: object) -> None:
    from datetime import datetime, timedelta

    assert isinstance(at, datetime)
    if not 1000 <= at.year < 9999:
        return
    start = bucket_start(bucket_of(at))
    assert start <= at < start + timedelta(minutes=5)
    assert bucket_start(next_bucket(bucket_of(at))) == start + timedelta(minutes=5)


@pytest.mark.parametrize("group", ["default", "my-shop", "a-1"])
@pytest.mark.parametrize("number", [1, 2, 13])
@pytest.mark.parametrize("what", ["match", "wait"])
def test_a_decision_s_id_says_where_its_record_is(group: str, number: int, what: str) -> None:
    conversation = ids.conversation_id("p_abc", group, 12)
    id_ = ids.decision_id(conversation, 1_772_442_000_123, what, number)
    assert ids.split_decision_id(id_) == (conversation, 1_772_442_000_123)


def test_decisions_of_one_kind_and_millisecond_have_ids_of_their_own() -> None:
    made = {ids.decision_id("c_1.default.1", 5, what, number) for what in ("match", "wait") for number in (1, 2, 3)}
    assert len(made) == 6
    assert ids.decision_id("c_1.default.1", 5, "match") in made
