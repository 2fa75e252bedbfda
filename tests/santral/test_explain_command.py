"""`santral explain` over the API itself."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from santral import cli
from santral.api_client import ApiError
from santral.commands import explain as command
from tests.kit.world import World


@pytest.fixture
def waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A conversation that nobody of those who are in can take."""
    world.come_in("usta")
    world.sms()
    world.pump()

    def api(role: str) -> Any:
        def get(path: str, **query: str) -> dict[str, Any]:
            status, body = world.call("GET", path, query=urlencode(query), user="usta", role=role)
            if status != 200:
                raise ApiError(status, body["detail"])
            return body

        return SimpleNamespace(get=get)

    monkeypatch.setattr("santral.connection.connect", lambda *_: SimpleNamespace(api=api))
    return str(world.conversations()[0].id)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.build(), ["explain", *arguments])


def test_a_story_is_printed_to_a_supervisor_with_ids_that_replay(waiting: str) -> None:
    result = run(waiting)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:4] == ["+15550199, by SMS, in the queue “genel”", "Time zone: UTC.", "", "Monday, 2 March 2026"]
    assert lines[4] == "  09:00    The customer wrote by SMS. The conversation began in the queue “genel”."
    assert "             Why nobody: Ayşe and Mehmet (offline); Usta (without “genel”)." in lines
    assert any(line.strip().startswith("[d_") and line.endswith("-wait, test-1]") for line in lines)
    assert "Why nobody has taken it yet: Ayşe and Mehmet (offline); Usta (without “genel”)." in lines


def test_an_agent_reads_it_in_turkish(waiting: str) -> None:
    result = run(waiting, "--as", "agent", "--language", "tr")
    assert result.exit_code == 0, result.output
    assert "Neden henüz kimse almadı: 2 kişi çevrimdışı; 1 kişinin “genel” becerisi yok." in result.output
    assert result.output.splitlines()[-1] == "Siz: “genel” beceriniz yok."
    assert "[d_" not in result.output


def test_a_program_reads_json(waiting: str) -> None:
    found = json.loads(run(waiting, "--json").output)
    assert (found["conversation"], found["audience"]) == (waiting, "supervisor")
    assert [one["agent"] for one in found["now"]["colleagues"]] == ["ayse", "mehmet", "usta"]


def test_what_is_not_there_is_said(waiting: str) -> None:
    result = run("c_nobody.default.1")
    assert (result.exit_code, result.output.strip()) == (1, "there is no conversation c_nobody.default.1 (404)")


def test_at_eighty_columns_no_line_is_longer_and_turkish_letters_count_as_one(
    waiting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(run(waiting, "--json", "--language", "tr").output)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    command._tell(found)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "             Neden kimse alamadı: Ayşe ve Mehmet (çevrimdışı); Usta (“genel”" in lines
    assert "             becerisi yok)." in lines


def test_a_number_stays_with_what_it_counts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    for text in (
        "Neden kimse alamadı: 12 kişi “Mola” durumunda, çevrimdışı; 1 kişinin Türkçe becerisi yok.",
        "Why Usta Kaya: of those who could the most skilled (level 5).",
    ):
        command._say(text, "")
    assert capsys.readouterr().out.splitlines() == [
        "Neden kimse alamadı: 12 kişi “Mola” durumunda, çevrimdışı;",
        "1 kişinin Türkçe becerisi yok.",
        "Why Usta Kaya: of those who could the most skilled",
        "(level 5).",
    ]


def test_what_a_customer_is_called_gives_the_terminal_no_orders(capsys: pytest.CaptureFixture[str]) -> None:
    command._say("\x1b[2J\x07Şükrü\u202e, by SMS", "")
    assert capsys.readouterr().out == " [2J Şükrü , by SMS\n"


def test_on_a_terminal_long_sentences_are_folded_below_their_beginning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    command._say("It was offered to Usta Kaya, with 30 seconds to accept, and nobody else could.", "  23:00    ")
    assert capsys.readouterr().out.splitlines() == [
        "  23:00    It was offered to Usta Kaya, with 30 seconds to",
        "           accept, and nobody else could.",
    ]
