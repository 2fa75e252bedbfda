"""Telegram's updates, broken in every way: read or Unparsable, and what was read can be stored."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Request
from channels.telegram import Telegram
from router.config import Inbox
from router.errors import Unparsable
from router.messages import Parsed
from tests.kit.amount import times

SAMPLES = Path(__file__).parent / "samples" / "telegram"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
KEY = b"0" * 32
INBOX = Inbox(name="bot", channel="telegram", address="@lampsbot", queue="main", brand="lamps")
TELEGRAM = Telegram()


def read(body: bytes) -> Parsed:
    return TELEGRAM.parse(Request(body=body, received_at=NOW), INBOX, KEY)


# Real-looking updates, broken: values of other types, keys left out, things nested into one another.
UPDATES = [json.loads(path.read_text("utf-8")) for path in sorted(SAMPLES.glob("*.json"))]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -1, 2**63, -(2**63), 10**30, 1e308, float("inf"), float("nan"), -0.0, 1e-9]),
    st.text(max_size=6),
    st.sampled_from(["", "\0", "\ud800", "private", "/start x", "geo:", "a" * 300]),
    st.lists(st.integers() | st.text(max_size=3) | st.none(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=3), max_size=2),
    st.sampled_from([{}, [], [[]], [{}], [[[{}]]], {"id": {"id": {}}}, {"blocks": [[{"text": [{}]}]]}]),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, item in inner for place in _places(item, (*path, name)))]


@settings(max_examples=times(1_500), deadline=None)
@given(data=st.data())
def test_a_broken_update_is_read_or_unparsable_and_what_was_read_can_be_stored(data: st.DataObject) -> None:
    update = copy.deepcopy(data.draw(st.sampled_from(UPDATES)))
    for _ in range(data.draw(st.integers(1, 5))):
        path = data.draw(st.sampled_from(_places(update)[1:] or [("update_id",)]))
        at: Any = update
        for step in path[:-1]:
            at = at[step]
        match data.draw(st.sampled_from(["change", "delete", "nest", "swap"])):
            case "change":
                at[path[-1]] = copy.deepcopy(data.draw(ODD))
            case "delete" if path[-1] in at or isinstance(at, list):
                del at[path[-1]]
            case "nest" if isinstance(at, list) or path[-1] in at:
                at[path[-1]] = data.draw(st.sampled_from([[at[path[-1]]], {"text": at[path[-1]]}, [[at[path[-1]]]]]))
            case "swap":
                other = data.draw(st.sampled_from(UPDATES))
                at[path[-1]] = copy.deepcopy(data.draw(st.sampled_from(list(other.values()))))
    try:
        parsed = read(json.dumps(update).encode())
    except Unparsable:
        return
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
    for found in parsed.messages:
        json.dumps(found.model_dump(mode="json"), allow_nan=False).encode()
        assert found.cursor
    assert 200 <= TELEGRAM.acknowledge(parsed).status < 300


@pytest.mark.parametrize("levels", [50, 100, 400, 900, 20_000])
@pytest.mark.parametrize("name", ["message", "message_hologram"])
def test_however_deep_it_is_nested_it_is_read_or_unparsable(levels: int, name: str) -> None:
    inner = b'{"text":[' * levels + b"1" + b"]}" * levels
    body = b'{"update_id":1,"%s":{"message_id":1,"chat":{"id":1},"rich_message":{"blocks":[%s]}}}' % (
        name.encode(),
        inner,
    )
    try:
        parsed = read(body)
    except Unparsable:
        return
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
