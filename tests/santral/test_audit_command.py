"""`santral audit` over the API itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from santral import cli
from tests.kit.world import World


@pytest.fixture
def audited(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """An agent came in and wrote a note; the conversation."""
    world.come_in("ayse")
    world.sms()
    world.pump()
    conversation = str(world.conversations()[0].id)
    world.call("POST", f"/v1/conversations/{conversation}/notes", {"text": "not"})

    def pages(path: str, field: str, **query: Any) -> Iterator[dict[str, Any]]:
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        status, body = world.call("GET", path, query=asked, user="yonetici", role="admin")
        assert status == 200, body
        yield from body[field]

    apis = {"admin": SimpleNamespace(pages=pages)}
    connection = SimpleNamespace(api=lambda role: apis[role])
    monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
    return conversation


def rows(*arguments: str) -> list[tuple[str, str, str]]:
    result = CliRunner().invoke(cli.build(), ["audit", "--json", *arguments])
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.output.splitlines()]
    return [(row["who"], row["what"], row["subject"]) for row in found]


def test_a_day_s_entries_are_printed_and_narrowed(audited: str) -> None:
    assert rows() == [("ayse", "presence", "agent:ayse"), ("ayse", "note", audited)]
    assert rows("--what", "note") == [("ayse", "note", audited)]
    assert rows("--who", "mehmet") == []
    assert rows("--day", "2026-03-01") == []


def test_all_that_was_done_to_one_thing_is_printed(audited: str) -> None:
    assert rows("--subject", audited) == [("ayse", "note", audited)]
