"""Session tokens: only ours, only unchanged, only while they last."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import sessions
from router.errors import Refused

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def token(**changes: object) -> str:
    arguments = {"inbox": "chat", "visitor": "v1", "now": NOW, "lifetime": DAY, "name": "Ada Ö.", "language": "tr"}
    return sessions.sign(KEY, **(arguments | changes))  # type: ignore[arg-type]


def test_gives_back_what_was_signed() -> None:
    session = sessions.verify(token(), [KEY], NOW)
    assert (session.inbox, session.visitor, session.name, session.language) == ("chat", "v1", "Ada Ö.", "tr")
    assert session.expires_at - session.issued_at == DAY
    stored = session.envelope("conn=")
    assert stored == {"inbox": "chat", "visitor": "v1", "name": "Ada Ö.", "language": "tr", "connection": "conn="}


def test_says_how_the_visitor_is_known_and_who_the_browser_was_before() -> None:
    session = sessions.verify(token(method="user-token", earlier=("v0", "v9")), [KEY], NOW)
    assert (session.method, session.earlier) == ("user-token", ("v0", "v9"))
    assert session.envelope("conn=")["earlier"] == ["v0", "v9"]


@pytest.mark.parametrize("changes", [{"method": "guessed"}, {"earlier": ["v"] * 5}, {"earlier": ["a:b"]}])
def test_signs_no_session_that_it_would_not_read(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="session"):
        token(**changes)


@pytest.mark.parametrize("language", ["tr", "en-US", "zh-Hant-TW", "en-US-u-hc-h12"])
def test_takes_what_browsers_call_their_language(language: str) -> None:
    assert sessions.verify(token(language=language), [KEY], NOW).language == language


def test_fits_into_a_subprotocol() -> None:
    assert set(token()) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token(name="Ö" * 100)) <= sessions.MAX_TOKEN


def test_passes_under_the_previous_key_during_a_rotation() -> None:
    assert sessions.verify(token(), [OTHER, KEY], NOW).visitor == "v1"


@pytest.mark.parametrize("keys", [[], [b""], [b"short"], [OTHER]])
def test_refuses_without_the_right_key(keys: list[bytes]) -> None:
    with pytest.raises(Refused):
        sessions.verify(token(), keys, NOW)


@pytest.mark.parametrize(
    ("now", "passes"),
    [
        (NOW + DAY - timedelta(seconds=1), True),
        (NOW + DAY, False),
        (NOW - timedelta(seconds=60), True),  # another server's clock
        (NOW - timedelta(seconds=61), False),
    ],
)
def test_lasts_from_its_issue_to_its_expiry(now: datetime, passes: bool) -> None:
    if passes:
        sessions.verify(token(), [KEY], now)
    else:
        with pytest.raises(Refused):
            sessions.verify(token(), [KEY], now)


def test_every_changed_character_is_refused() -> None:
    whole = token()
    for at in range(len(whole)):
        changed = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
        with pytest.raises(Refused):
            sessions.verify(changed, [KEY], NOW)


@pytest.mark.parametrize("garbled", ["", ".", "a.b", "..", "é.ü", "a" * 2_000, "\ud800.x"])
def test_garbled_tokens_are_refused(garbled: str) -> None:
    with pytest.raises(Refused):
        sessions.verify(garbled, [KEY], NOW)


@given(st.text())
def test_nothing_but_refused_is_raised(text: str) -> None:
    with pytest.raises(Refused):
        sessions.verify(text, [KEY], NOW)


@pytest.mark.parametrize(
    "payload",
    [
        {"v": 2, "inbox": "chat", "visitor": "v1", "iat": 1773119783, "exp": 1973119783},
        {"v": 1, "inbox": "chat", "visitor": "v1", "iat": 1773119783, "exp": True},
        {"v": 1, "inbox": "chat", "visitor": "v1", "iat": 1773119783, "exp": 10**30},
        {"v": 1, "inbox": "chat", "visitor": "a:b", "iat": 1773119783, "exp": 1973119783},
        {"v": 1, "inbox": "chat", "iat": 1773119783, "exp": 1973119783},
        {"v": 1, "inbox": "chat", "visitor": "v1", "iat": 1773119783, "exp": 1973119783, "name": 5},
        [],
    ],
)
def test_a_signed_payload_is_still_checked(payload: object) -> None:
    encoded = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    with pytest.raises(Refused):
        sessions.verify(f"{encoded}.{sessions._mac(KEY, encoded)}", [KEY], NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"visitor": "a:b"},
        {"visitor": ""},
        {"visitor": "v" * 65},
        {"inbox": "No Slug"},
        {"name": "n" * 101},
        {"language": "not a language"},
        {"lifetime": timedelta(0)},
    ],
)
def test_does_not_sign_what_it_would_refuse(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        token(**changes)
