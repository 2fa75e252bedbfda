"""docs/channels.md says what the channels' data says, and what their samples are read as."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from channels import registry
from router import parts, sends
from router.config import Routing
from router.errors import Refused
from router.messages import ChannelName, Direction, Kind
from santral.channels_table import COMES_IN, FEATURES, PAGE, QUOTES, ROTATED, filled, tables
from santral.inbox import CHECKS
from santral.normalize import files, normalize
from tests.channels.test_contract import CASES, NOW, SECRET, outgoing

SAMPLES = Path(__file__).parent / "channels" / "samples"
TEXT = PAGE.read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))
WAYS = [(name, on) for name in registry.names() for on in registry.get(name).limits]
_KINDS = {
    Kind.POSTBACK: "taps",
    Kind.REACTION: "reactions",
    Kind.EDIT: "edits",
    Kind.DELETION: "unsends",
}


def test_the_tables_are_those_that_the_command_prints() -> None:
    assert filled(TEXT) == TEXT, "run `santral channels --write docs/channels.md`"
    for name in tables():
        assert f"<!-- santral channels: {name} -->\n" in TEXT


@pytest.mark.parametrize("name", registry.names())
def test_every_channel_has_its_section_with_its_credentials_hosts_and_set_up(name: str) -> None:
    channel, section = registry.get(name), SECTIONS[name]
    for one in (*channel.secrets, *channel.media_hosts):
        assert f"`{one}`" in section, one
    assert "Set-up" in section
    assert "*Cannot be done:*" in section
    assert "Proof" in section
    if channel.secrets:
        assert f"{{ApiUrl}}/webhooks/{name}/{{inbox}}" in section


def rows(name: str) -> dict[str, list[str]]:
    """A table's cells by the first one."""
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in tables()[name].splitlines()]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.parametrize(("name", "on"), WAYS)
def test_numbers_and_receipts_are_the_limits_own(name: str, on: ChannelName) -> None:
    """Read back from the page's text, apart from the code that printed it."""
    limits = registry.get(name).limits[on]
    (row,) = [key for key in rows("limits") if key in (f"`{name}`", f"`{name}`: {on}")]
    text = rows("limits")[row][0]
    assert text == "none reached" if limits.text is None else int(text.split()[0].replace(",", "")) == limits.text
    window = rows("limits")[row][3]
    assert (limits.window is None) == (window == "–")
    assert limits.window in (None, timedelta(hours=24))
    said = {
        status
        for status, cell in zip(rows("receipts")["receipts"], rows("receipts")[row], strict=True)
        if cell == "yes"
    }
    assert said == limits.receipts
    out = rows("outbound")[row]
    assert (out[3] == "–") == (limits.buttons == 0)
    assert (out[5] == "–") == (limits.menu == 0)
    assert (out[6] == "yes") == limits.templates


@cache
def read() -> dict[tuple[str, ChannelName], dict[str, list[str]]]:
    """What the samples are read as: channel and feature to the files that show it."""
    found: dict[tuple[str, ChannelName], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in registry.names():
        for path in files([SAMPLES / name]):
            for message in normalize(registry.get(name), path, datetime.now(UTC))["messages"]:
                for feature in _features(message):
                    found[name, ChannelName(message["channel"])][feature].append(path.name)
    return found


def _features(message: dict[str, object]) -> set[str]:
    if message["direction"] == Direction.OUTBOUND:
        return {"echoes"}
    kind, threading = Kind(str(message["kind"])), message["threading"]
    assert isinstance(threading, dict)
    said = {"text"} if kind is Kind.MESSAGE and message["text"] else set()
    said |= {_KINDS[kind]} if kind in _KINDS else set()
    said |= {"files"} if message["attachments"] else set()
    said |= {"albums"} if message["album"] else set()
    said |= {"places"} if "geo:" in str(message["text"]) else set()
    quoted = message["refers_to"] or threading.get("in_reply_to")
    return said | ({"quotes"} if kind is Kind.MESSAGE and quoted else set())


@pytest.mark.parametrize(("name", "on"), WAYS)
@pytest.mark.parametrize("feature", FEATURES)
def test_what_comes_in_is_what_a_sample_is_read_as(name: str, on: ChannelName, feature: str) -> None:
    shown = read()[name, on].get(feature, [])
    if feature in COMES_IN[name, on]:
        assert shown, f"no sample of {name} on {on} is read as one of its {feature}"
    else:
        assert not shown, f"{shown[0]} shows {feature}: the page says it does not come"


@pytest.mark.parametrize("name", registry.names())
def test_an_answer_shows_what_it_answers_where_the_page_says_so(name: str) -> None:
    channel, case = registry.get(name), CASES[name]()
    quoted = f"{case.recipient}:77" if name == "telegram" else "ours"
    plain = replace(outgoing(channel, case), in_reply_to=None)
    answer = replace(outgoing(channel, case, refers_to=quoted), in_reply_to="77@customer.example")
    same = channel.render(plain, case.credentials).body == channel.render(answer, case.credentials).body
    assert same is (name not in QUOTES)


@pytest.mark.parametrize("name", [name for name in registry.names() if registry.get(name).secrets])
def test_the_previous_secret_is_taken_where_the_page_says_so(name: str) -> None:
    channel, case = registry.get(name), CASES[name]()
    proves = {"twilio": "auth_token", "telegram": "webhook_secret"}.get(name, "app_secret")
    assert f"{proves}_previous" in ROTATED
    right = case.credentials[proves]
    rotated = {**case.credentials, proves: "the new one", f"{proves}_previous": right}
    channel.verify(case.request, case.inbox, rotated, NOW)
    with pytest.raises(Refused):
        channel.verify(case.request, case.inbox, {**case.credentials, proves: "the new one"}, NOW)
    if "verify_token" in channel.secrets:
        query = f"hub.mode=subscribe&hub.challenge=1&hub.verify_token={SECRET}"
        request = replace(case.request, method="GET", query=query, body=b"")
        answer = channel.challenge(request, case.inbox, {"verify_token": "new", "verify_token_previous": SECRET})
        assert answer is not None
        assert answer.body == "1"


def test_what_follows_an_error_has_the_codes_own_figures() -> None:
    section = SECTIONS["What a provider's no means"]
    assert sends.MAX_ATTEMPTS == 8
    assert "after eight attempts" in section
    waits = [sends.retry_delay(attempt, None) for attempt in range(1, sends.MAX_ATTEMPTS)]
    assert [wait.total_seconds() for wait in waits] == [5, 30, 120, 600, 1800, 14400, 64800]
    assert "5 s, 30 s, 2 min, 10 min, 30 min, 4 h, 18 h" in section
    assert timedelta(minutes=5) == sends.SETTLE
    assert "`, `".join(Routing().fallback) in section


def test_the_degrading_table_is_the_one_in_the_code() -> None:
    lines = [line for line in (parts.__doc__ or "").splitlines() if line.startswith("|")]
    assert len(lines) > 5
    assert "\n".join(lines) in TEXT
    assert parts.MOST_PARTS == 10
    assert "at most ten messages" in TEXT


def test_every_channel_with_a_webhook_can_be_checked() -> None:
    assert set(CHECKS) == {name for name in registry.names() if name != "email"}
