"""`santral send` in the apps, against a sandbox that answers: what is typed is what the webhook hears."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from santral.cli import build
from santral.samples import SCRIPTS
from tests.santral import sandbox_kit
from tests.santral.sandbox_kit import PIXEL, Played, play


@pytest.fixture(autouse=True)
def configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configuration whose inboxes the sandbox plays."""
    monkeypatch.setattr("santral.configuration.load", lambda _directory: sandbox_kit.CONFIG)


async def run(played: Played, monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "") -> Any:
    """One command against this sandbox."""
    monkeypatch.setattr("santral.connection.connect", lambda *_: SimpleNamespace(sandbox=played.url))
    return await asyncio.to_thread(CliRunner().invoke, build(), ["send", *arguments], typed)


@pytest.mark.parametrize("channel", ["whatsapp", "messenger", "instagram", "telegram"])
def test_a_customer_writes_and_its_id_is_printed(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(played: Played) -> None:
        done = await run(played, monkeypatch, channel, "-", typed="Merhaba")
        assert done.exit_code == 0, done.output
        (bubble,) = played.sandbox.world.bubbles
        assert (bubble.channel, bubble.text, bubble.state) == (channel, "Merhaba", "delivered")
        assert (bubble.customer, bubble.name) == (SCRIPTS[channel].customer, SCRIPTS[channel].name)
        assert done.output.strip() == bubble.id
        assert played.called[0].path.startswith(f"/webhooks/{channel}/")

    play(scene)


def test_files_places_and_quotes_go_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kırık.png").write_bytes(PIXEL)

    async def scene(played: Played) -> None:
        first = (
            await run(played, monkeypatch, "telegram", "Bakın", "--file", str(tmp_path / "kırık.png"))
        ).output.strip()
        await run(played, monkeypatch, "telegram", "Bu", "--quote", first, "--from", "77")
        await run(played, monkeypatch, "telegram", "--place", "41.01,28.97")
        picture, quote, place = (called.json["message"] for called in played.called)
        assert (picture["caption"], picture["photo"][-1]["file_size"]) == ("Bakın", len(PIXEL))
        assert quote["reply_to_message"]["message_id"] == int(first)
        assert (quote["from"]["id"], quote["from"]["first_name"]) == (77, "Customer")
        assert place["location"] == {"latitude": 41.01, "longitude": 28.97}

    play(scene)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["messenger", "Hi", "--from", "me@example.net"], "page-scoped id"),
        (["whatsapp"], "nothing to send"),
        (["telegram", "--place", "here"], "latitude and longitude"),
        (["instagram", "Hi", "--inbox", "nowhere"], "no such inbox"),
    ],
)
def test_what_cannot_be_sent_is_said_in_words(
    arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(played: Played) -> None:
        done = await run(played, monkeypatch, *arguments)
        assert done.exit_code == 1
        assert words in done.output + done.stderr
        assert not played.called

    play(scene)


def test_an_answer_that_comes_while_it_waits_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(played: Played) -> None:
        token = played.credentials["telegram"]["bot_token"]
        chat = int(SCRIPTS["telegram"].customer)
        waiting = asyncio.create_task(run(played, monkeypatch, "telegram", "Merhaba", "--wait", "1.5"))
        await played.seen(1)
        keys = {"inline_keyboard": [[{"text": "Evet", "callback_data": "y"}]]}
        asked = {"chat_id": chat, "text": "Buyurun", "reply_markup": keys}
        await played.client.post(f"/telegram/bot{token}/sendMessage", json=asked)
        assert "agent: Buyurun [Evet]" in (await waiting).output

    play(scene)
