"""What the commands show before they ask, and what they print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from santral import cli, customers
from santral.commands.tail import _due
from santral.connection import User

PARKED = {
    "id": "m_1", "conversation": "c_1", "channel": "sms", "recipient": "+12025550143", "text": "Yarın geliyor " * 20,
    "reason": "opted out", "attempts": 3, "since": "2026-01-01T00:00:00Z",
}  # fmt: skip
KEPT = {
    "id": "q_1", "channel": "twilio", "inbox": "sms", "reason": "no sender", "bytes": 9,
    "received_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


class Api:
    """One parked send, one quarantined call."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    def pages(self, path: str, _field: str) -> Iterator[Mapping[str, Any]]:
        yield PARKED if path == "/v1/parked" else KEPT

    def post(self, path: str) -> None:
        self.posted.append(path)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    users = [User("agent", "ayse", "ayse@example.com", "x"), User("admin", "admin", "admin@example.com", "y")]
    connection = SimpleNamespace(api=lambda: made, users=users, token=lambda role: f"token-of-{role}", smtp_port=1)
    monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
    return made


def run(*arguments: str, typed: str = "") -> Any:
    return CliRunner().invoke(cli.build(), list(arguments), input=typed)


@pytest.mark.parametrize(
    ("group", "what", "id_", "words"),
    [
        ("parked", "resend", "m_1", ["+12025550143", "sms", "opted out", "Yarın geliyor"]),
        ("parked", "discard", "m_1", ["+12025550143", "sms", "opted out", "Yarın geliyor"]),
        ("quarantine", "discard", "q_1", ["no sender"]),
    ],
)
def test_what_cannot_be_undone_shows_what_it_is_about_before_it_asks(
    api: Api, group: str, what: str, id_: str, words: list[str]
) -> None:
    refused = run(group, what, id_, typed="n\n")
    assert all(word in refused.output for word in words)
    assert not api.posted
    assert run(group, what, id_, typed="y\n").exit_code == 0
    assert api.posted == [f"/v1/{group}/{id_}/{what}"]


@pytest.mark.parametrize("group", ["parked", "quarantine"])
def test_what_is_not_there_is_said_before_it_asks(api: Api, group: str) -> None:
    result = run(group, "discard", "nothing")
    assert result.exit_code == 1
    assert "404" in result.output
    assert "[y/N]" not in result.output
    assert not api.posted


@pytest.mark.usefixtures("api")
def test_a_token_by_role_or_by_user() -> None:
    assert run("token", "agent").output == run("token", "ayse").output == "token-of-agent\n"
    assert "agent (ayse)" in run("token", "nobody").output


@pytest.mark.usefixtures("api")
def test_another_sender_has_no_name_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Mapping[str, Any]] = []

    def write(_port: int, mail: Mapping[str, Any]) -> str:
        sent.append(mail)
        return "id"

    monkeypatch.setattr(customers, "write_mail", write)
    run("send", "email", "Merhaba")
    run("send", "email", "Merhaba", "--from", "x@example.net")
    run("send", "email", "Merhaba", "--from", "x@example.net", "--name", "Ece")
    assert [(mail["from"], mail["name"]) for mail in sent] == [
        ("deniz@example.net", "Deniz Kaya"), ("x@example.net", ""), ("x@example.net", "Ece"),
    ]  # fmt: skip


def test_who_wrote_again_waits() -> None:
    clock = {"met_at": "2026-01-01T10:01:00Z", "due_at": "2026-01-01T11:00:00Z", "breached_at": None}
    base = {"first_response": clock, "state": "active", "last_outbound_at": "2026-01-01T10:01:00Z"}
    assert _due({**base, "last_inbound_at": "2026-01-01T10:00:00Z"}).startswith("answered ")
    assert _due({**base, "last_inbound_at": "2026-01-01T10:02:00Z"}).startswith("customer waits since ")
