"""WhatsApp's payloads kept beside the repository, and what a careful reader sees in each. Skipped where they are not.

`expected_whatsapp.json` holds, per file, every message, receipt and ignored part in order; `each` is common to a file's
messages, times are seconds since 1970, a field that is not named is empty, and of the raw only what is named is compared.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels import meta, registry
from channels.base import Request
from router.config import Inbox
from router.messages import Proof
from santral.normalize import normalize
from santral.unwrap import unwrap

FOLDER = Path(__file__).parents[3] / "shared" / "fixtures" / "whatsapp"
EXPECTED: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("expected_whatsapp.json").read_text("utf-8"))
NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no payloads beside the repository")


def names() -> list[str]:
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.json"))


def seconds(value: str | None) -> int | None:
    return int(datetime.fromisoformat(value).timestamp()) if value else None


def message(found: dict[str, Any]) -> dict[str, Any]:
    sender = found["sender"]
    files = [[a["content_type"], a["media_id"], a["url"] or "", a["filename"] or ""] for a in found["attachments"]]
    fields = {
        "kind": found["kind"],
        "direction": found["direction"],
        "id": found["external_id"],
        "from": sender["address"],
        "also": sender["also"],
        "name": sender["name"],
        "to": "".join(one["address"] for one in found["recipients"]),
        "text": found["text"],
        "at": seconds(found["provider_at"]),
        "files": files,
        "refers_to": found["refers_to"],
        "payload": found["payload"],
        "album": found["album"],
        "problems": found["problems"],
    }
    return {name: value for name, value in fields.items() if value}


def receipt(found: dict[str, Any]) -> dict[str, Any]:
    fields = {
        "status": found["status"],
        "word": found["provider_status"],
        "id": found["external_id"],
        "send_id": found["send_id"],
        "recipient": found["recipient"],
        "upto": found["upto"],
        "at": seconds(found["at"]),
        "code": found["code"],
        "detail": found["detail"],
        "permanent": found["permanent"],
    }
    return {name: value for name, value in fields.items() if value is not None}


def wanted(expected: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
    fields = {"kind": "message", "direction": "inbound"} | each | expected
    fields.pop("raw", None)
    if "files" in fields:
        fields["files"] = [file + [""] * (4 - len(file)) for file in fields["files"]]
    return fields


def within(part: Any, whole: Any) -> bool:
    """Whether all that is named is there; what is beside it is not looked at."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(within(value, whole.get(name)) for name, value in part.items())
    return bool(part == whole)


@pytest.mark.parametrize("name", names() if FOLDER.exists() else [])
def test_a_payload_is_read_as_its_reader_sees_it(name: str) -> None:
    assert name in EXPECTED, "look at it and say what it must be read as"
    want, found = EXPECTED[name], normalize(registry.get("whatsapp"), FOLDER / name, NOW)
    assert found["error"] is None
    each = want.get("each", {})
    assert [message(one) for one in found["messages"]] == [wanted(one, each) for one in want.get("messages", [])]
    for one, expected in zip(found["messages"], want.get("messages", []), strict=True):
        assert within(expected.get("raw", {}), one["raw"] or {})
        assert one["authenticity"]["proof"] == Proof.STRONG
    receipts = [one | ({"at": int(NOW.timestamp())} if one["at"] is None else {}) for one in want.get("receipts", [])]
    assert [receipt(one) for one in found["receipts"]] == receipts
    ignored = want.get("ignored", [])
    assert [one["what"] for one in found["ignored"]] == [what for what, _ in ignored]
    assert all(said in one["reason"] for one, (_, said) in zip(found["ignored"], ignored, strict=True))


def test_every_expectation_has_its_file() -> None:
    assert set(EXPECTED) == set(names())


def test_a_delivery_of_message_and_statuses_is_signed_over_its_bytes() -> None:
    path = FOLDER / "authored-from-docs" / "apigw_text_and_status_same_delivery.json"
    secret = json.loads(path.read_text("utf-8"))["_test"]["app_secret"]
    (request,) = unwrap(path.read_bytes(), NOW)
    assert isinstance(request, Request)
    inbox = Inbox(name="wa", channel="whatsapp", address="+15550783881", queue="main")
    registry.get("whatsapp").verify(request, inbox, {"app_secret": secret}, NOW)
    assert meta.signature(secret, request.body) == request.headers["x-hub-signature-256"]
