"""User tokens: only the company's, only HS256, only while they last; one bad claim does not close the chat."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import user_tokens
from router.errors import Refused
from router.records import Vouched
from tests.kit.users import OLD_USERS, USERS, jwt

NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
CREDENTIALS = {"user_token_secret": USERS, "user_token_secret_previous": OLD_USERS}


def at(**by: float) -> int:
    return int((NOW + timedelta(**by)).timestamp())


def claims(**changed: Any) -> dict[str, Any]:
    return {k: v for k, v in ({"sub": "42", "exp": at(minutes=10)} | changed).items() if v is not ...}


def verify(token: str, credentials: dict[str, str] = CREDENTIALS) -> Vouched:
    return user_tokens.verify(token, credentials, NOW)


def test_says_what_the_company_vouches_for() -> None:
    told = claims(iat=at(), name="Zeynep K.", email="Zeynep@Example.net", phone="+905550000042", language="tr")
    assert verify(jwt(told)) == Vouched("42", "Zeynep K.", "zeynep@example.net", "+905550000042", "tr")


def test_other_fields_of_the_header_are_passed_over() -> None:
    assert verify(jwt(claims(), kid="1", typ="at+jwt")).subject == "42"


@pytest.mark.parametrize("alg", ["none", "None", "hs256", "HS384", "RS256", "", None, 1, ["HS256"]])
def test_another_algorithm_is_refused_whatever_signed_it(alg: object) -> None:
    with pytest.raises(Refused, match="HS256"):
        verify(jwt(claims(), alg=alg))


def test_none_without_a_signature_is_refused() -> None:
    body = ".".join(jwt(claims(), alg="none").split(".")[:2])
    for token in (body, body + "."):
        with pytest.raises(Refused):
            verify(token)


def test_a_critical_header_that_nobody_here_understands_is_refused() -> None:
    with pytest.raises(Refused, match="critical"):
        verify(jwt(claims(), crit=["b64"], b64=False))


def test_the_previous_secret_is_good_during_a_rotation() -> None:
    assert verify(jwt(claims(), OLD_USERS)).subject == "42"
    with pytest.raises(Refused, match="signature"):
        verify(jwt(claims(), OLD_USERS), {"user_token_secret": USERS})


@pytest.mark.parametrize("secret", ["", "short", "x" * 31])
def test_a_secret_that_could_be_guessed_lets_nobody_in(secret: str) -> None:
    with pytest.raises(Refused, match="32 bytes"):
        verify(jwt(claims(), secret), {"user_token_secret": secret})


def test_every_changed_character_is_refused() -> None:
    token = jwt(claims(email="a@example.net"))
    for place in range(0, len(token), 3):
        other = "A" if token[place] != "A" else "B"
        changed = token[:place] + other + token[place + 1 :]
        if place == len(token) - 1:
            continue  # the last character of 32 bytes has two bits that say nothing
        with pytest.raises(Refused):
            verify(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": ...}, {"exp": at()}, {"exp": at(seconds=-1)}, {"exp": at(hours=25)}, {"exp": "soon"}, {"exp": True},
        {"exp": 10**30}, {"exp": [1]}, {"iat": at(minutes=5)}, {"nbf": at(minutes=5)}, {"iat": "x"},
        {"sub": ...}, {"sub": ""}, {"sub": "  "}, {"sub": 42}, {"sub": "x" * 256}, {"sub": None},
    ],
)  # fmt: skip
def test_a_token_without_a_user_or_a_time_near_now_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        verify(jwt(claims(**changed)))


def test_the_longest_life_is_a_day() -> None:
    assert verify(jwt(claims(exp=at(hours=24)))).subject == "42"


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("phone", "0555 000 00 42"), ("phone", 905550000042), ("phone", "+0555"), ("email", "not an address"),
        ("email", "a@b"), ("email", ["a@example.net"]), ("name", "x" * 101), ("language", "Türkçe"),
    ],
)  # fmt: skip
def test_a_claim_that_cannot_be_used_is_named_and_the_user_let_in(claim: str, value: object) -> None:
    found = verify(jwt(claims(**{claim: value})))
    assert (getattr(found, claim), found.unused) == (None, (claim,))


def test_what_the_company_has_not_verified_itself_is_not_vouched_for() -> None:
    told = claims(email="a@example.net", email_verified=False, phone="+905550000042", phone_number_verified=False)
    found = verify(jwt(told))
    assert (found.email, found.phone, found.unused) == (None, None, ("email", "phone"))


@given(st.text(max_size=300) | st.lists(st.text(max_size=40), min_size=3, max_size=3).map(".".join))
def test_arbitrary_text_is_refused(token: str) -> None:
    with pytest.raises(Refused):
        verify(token)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
        max_leaves=8,
    )
)
def test_signed_nonsense_is_refused_or_read(value: Any) -> None:
    told = value if not isinstance(value, dict) else claims() | value
    with suppress(Refused):
        assert verify(jwt(told)).subject
