"""Real calls of Twilio's kept beside the repository, and what a careful reader sees in each. Skipped where they are not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import registry
from channels.optout import asked
from router.messages import Message
from santral.normalize import files, normalize

FOLDER = Path(__file__).parents[3] / "shared" / "fixtures" / "sms_twilio"
EXPECTED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("expected_twilio.json").read_text("utf-8"))
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no payloads beside the repository")

# What is so unless a file's expectation says otherwise.
MESSAGE: dict[str, Any] = {
    "channel": "sms",
    "provider": "twilio",
    "direction": "inbound",
    "kind": "message",
    "recipients": [],
    "text": "",
    "attachments": [],
    "refers_to": None,
    "payload": None,
    "album": None,
    "sent_at": None,
    "provider_at": None,
    "received_at": "2026-03-10T06:00:00Z",
    "proof": "weak",
    "problems": [],
    "raw": {},
    "asked": None,
}
RECEIPT: dict[str, Any] = {
    "channel": "sms",
    "provider": "twilio",
    "send_id": None,
    "recipient": None,
    "upto": None,
    "at": "2026-03-10T06:00:00Z",
}


def names() -> list[str]:
    return [path.relative_to(FOLDER).as_posix() for path in files([FOLDER])] if FOLDER.exists() else []


def test_every_file_has_its_expectation() -> None:
    assert set(names()) == set(EXPECTED)


@pytest.mark.parametrize("name", names())
def test_a_call_is_read_as_its_reader_sees_it(name: str) -> None:
    want = EXPECTED[name]
    found = normalize(registry.get("twilio"), FOLDER / name, NOW)
    assert found["error"] is None
    assert found["ignored"] == want.get("ignored", [])
    wanted = [MESSAGE | one for one in want.get("messages", [])]
    assert [_seen(message, one) for message, one in zip(found["messages"], wanted, strict=True)] == wanted
    receipts = [RECEIPT | one for one in want.get("receipts", [])]
    assert [{n: r[n] for n in one} for r, one in zip(found["receipts"], receipts, strict=True)] == receipts


def _seen(message: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The message as the expectations tell it; of `raw` only what they name."""
    word = asked(Message.model_validate(message))
    told = {
        "sender": {name: value for name, value in message["sender"].items() if value},
        "recipients": [party["address"] for party in message["recipients"]],
        "attachments": [{name: value for name, value in a.items() if value} for a in message["attachments"]],
        "proof": message["authenticity"]["proof"],
        "raw": {name: (message["raw"] or {}).get(name) for name in wanted["raw"]},
        "asked": [word.word, word.answered] if word else None,
    }
    return {name: told[name] if name in told else message[name] for name in wanted}
