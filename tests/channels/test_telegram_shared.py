"""Telegram's payloads and vector kept beside the repository, each judged by eye. Skipped where they are not there."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.base import HttpResponse, Request
from channels.telegram import Telegram
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary
from router.messages import Message, Parsed
from santral.unwrap import unwrap

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
FOLDER = FIXTURES / "telegram"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no payloads beside the repository")

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
INBOX = Inbox(name="bot", channel="telegram", address="@lampsbot", queue="main")
# What a reader sees in each file; what is not named has the value of USUAL.
EXPECTED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("expected_telegram.json").read_text("utf-8"))
USUAL: dict[str, Any] = {
    "kind": "message",
    "direction": "inbound",
    "author": None,
    "recipient": "@lampsbot",
    "name": None,
    "also": [],
    "text": "",
    "language": None,
    "files": [],
    "refers_to": None,
    "payload": None,
    "album": None,
    "problems": [],
}
TELEGRAM = Telegram()


def request_in(path: Path) -> Request:
    stored = json.loads(path.read_text("utf-8"))
    stored.pop("_test", None)
    (found,) = unwrap(json.dumps(stored).encode(), NOW)
    assert isinstance(found, Request)
    return found


def read(path: Path) -> Parsed:
    return TELEGRAM.parse(request_in(path), INBOX, b"k" * 32)


def names() -> list[str]:
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))


def seen(message: Message) -> dict[str, Any]:
    at = message.provider_at
    return {
        "kind": message.kind.value,
        "direction": message.direction.value,
        "author": message.author,
        "recipient": message.recipients[0].address,
        "external_id": message.external_id,
        "sender": message.sender.address,
        "name": message.sender.name,
        "also": list(message.sender.also),
        "text": message.text,
        "time": at.isoformat().replace("+00:00", "Z") if at else None,
        "language": message.language,
        "files": [[file.content_type, file.media_id, file.filename, file.size] for file in message.attachments],
        "refers_to": message.refers_to,
        "payload": message.payload,
        "album": message.album,
        "problems": list(message.problems),
    }


@pytest.mark.parametrize("name", names())
def test_an_update_is_read_as_its_reader_sees_it(name: str) -> None:
    assert name in EXPECTED, f"look at {name} and say what it must be read as"
    wanted = dict(EXPECTED[name])
    parsed = read(FOLDER / name)
    if "ignored" in wanted:
        assert [one.what for one in parsed.ignored] == [wanted["ignored"]]
        assert not parsed.messages
        return
    (found,) = parsed.messages
    raw = wanted.pop("raw", found.raw)
    assert seen(found) == USUAL | wanted
    assert found.raw == raw
    assert not parsed.receipts
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed


def test_there_is_nothing_else_to_expect() -> None:
    assert set(EXPECTED) == set(names())


def test_one_update_delivered_twice_is_one_message() -> None:
    folder = FOLDER / "authored-from-docs"
    ids = {read(path).messages[0].id for path in folder.glob("*.json")}
    assert len(ids) == 1


@pytest.mark.parametrize("path", sorted((FOLDER / "authored-from-docs").glob("*.json")), ids=lambda path: path.stem)
def test_a_recorded_call_passes_under_its_secret_alone(path: Path) -> None:
    secret = json.loads(path.read_text("utf-8"))["_test"]["secret_token"]
    TELEGRAM.verify(request_in(path), INBOX, {"webhook_secret": secret}, NOW)
    with pytest.raises(Refused):
        TELEGRAM.verify(request_in(path), INBOX, {"webhook_secret": secret + "x"}, NOW)


def test_the_recorded_answers_mean_what_they_say() -> None:
    def answer(name: str) -> HttpResponse:
        body = (FOLDER / "nutgram__nutgram" / name).read_bytes()
        return HttpResponse(json.loads(body)["error_code"], {}, body)

    with pytest.raises(Temporary) as temporary:
        TELEGRAM.interpret(answer("response__too_many_requests.json"))
    assert temporary.value.retry_after == 14
    with pytest.raises(Rejected) as rejected:
        TELEGRAM.interpret(answer("response__too_long.json"))
    assert (rejected.value.code, rejected.value.suppress, rejected.value.credentials) == ("400", False, False)


def vectors() -> list[Any]:
    path = FIXTURES / "vectors.json"
    found = json.loads(path.read_text("utf-8"))["vectors"] if path.exists() else []
    return [pytest.param(v, id=v["name"]) for v in found if v["scheme"].startswith("telegram")]


@pytest.mark.parametrize("vector", vectors())
def test_a_vector_is_judged_as_telegram_does(vector: dict[str, Any]) -> None:
    name, _, value = vector["header"].partition(": ")
    request = Request(headers={name.lower(): value}, received_at=NOW)

    def passes(**credentials: str) -> bool:
        try:
            TELEGRAM.verify(request, INBOX, credentials, NOW)
        except Refused:
            return False
        return True

    secret = vector["secret_token"]
    assert passes(webhook_secret=secret) is vector["expect_valid"]
    assert passes(webhook_secret="new", webhook_secret_previous=secret) is vector["expect_valid"]
    assert not passes(webhook_secret=secret + "x")
    assert not passes()


def test_there_is_a_vector() -> None:
    assert vectors()
