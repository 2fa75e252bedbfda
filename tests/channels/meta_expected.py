"""Compares what a channel of Meta's makes of a real payload with what a person reads in it (expected_<channel>.json)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels import registry
from santral.normalize import files, normalize

HERE = Path(__file__).parent
FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
MESSAGE: dict[str, Any] = {
    "kind": "message",
    "direction": "inbound",
    "name": None,
    "text": "",
    "files": [],
    "refers_to": None,
    "payload": None,
    "album": None,
    "author": None,
    "problems": [],
}
RECEIPT: dict[str, Any] = {"external_id": None, "send_id": None, "upto": None, "code": None, "recipient": None}


def paths(channel: str) -> list[Path]:
    """The real payloads of a channel; none where they are not beside the repository."""
    return list(files([FIXTURES / channel])) if FIXTURES.exists() else []


def expected(channel: str) -> dict[str, Any]:
    """What is written down, by the file's path below the channel's folder."""
    found: dict[str, Any] = json.loads((HERE / f"expected_{channel}.json").read_text("utf-8"))
    return found


def compare(channel: str, path: Path) -> None:
    """Every message, receipt and ignored part of one file, and no other."""
    name = path.relative_to(FIXTURES / channel).as_posix()
    want = expected(channel).get(name)
    assert want is not None, f"look at {name} and say what it must be read as"
    found = normalize(registry.get(channel), path, NOW)
    assert found["error"] is None
    messages = want.get("messages", [])
    assert [_message(m, w) for m, w in zip(found["messages"], messages, strict=True)] == [MESSAGE | w for w in messages]
    receipts = want.get("receipts", [])
    assert [_receipt(r) for r in found["receipts"]] == [RECEIPT | w for w in receipts]
    reasons = want.get("ignored", [])
    assert [i["what"] for i in found["ignored"]] == [what for what, _ in reasons]
    for ignored, (_, reason) in zip(found["ignored"], reasons, strict=True):
        assert ignored["reason"].startswith(reason)
    for message in found["messages"]:
        assert message["authenticity"]["proof"] == "strong"
        assert message["raw"] or message["kind"] != "unknown"


def _message(message: dict[str, Any], want: dict[str, Any]) -> dict[str, Any]:
    found = {key: message[key] for key in MESSAGE if key in message} | {
        "external_id": message["external_id"],
        "sender": message["sender"]["address"],
        "name": message["sender"]["name"],
        "to": message["recipients"][0]["address"],
        "time": _time(message["provider_at"]),
        "files": [[a["content_type"], a["url"], a["filename"]] for a in message["attachments"]],
    }
    if "text_begins" in want and found["text"].startswith(want["text_begins"]):
        found |= {"text": "", "text_begins": want["text_begins"]}
    return found


def _receipt(receipt: dict[str, Any]) -> dict[str, Any]:
    found = {key: receipt[key] for key in (*RECEIPT, "status", "provider_status")}
    return found | {"time": _time(receipt["at"]), "upto": _time(receipt["upto"])}


def _time(value: str | None) -> str | None:
    if value is None:
        return None
    return datetime.fromisoformat(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
