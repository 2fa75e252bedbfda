"""The signature vectors kept beside the repository: each judged as its provider does. Skipped where they are not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from channels.base import Request
from channels.twilio import Twilio
from router.config import Inbox
from router.errors import Refused

FILE = Path(__file__).parents[3] / "shared" / "fixtures" / "vectors.json"
VECTORS = json.loads(FILE.read_text())["vectors"] if FILE.exists() else []
NOW = datetime(2026, 3, 10, tzinfo=UTC)
INBOX = Inbox(name="sms", channel="twilio", address="+14155550100", queue="main")

pytestmark = pytest.mark.skipif(not VECTORS, reason="no vectors beside the repository")


def _named(scheme: str) -> list[Any]:
    return [pytest.param(v, id=v["name"]) for v in VECTORS if v["scheme"].startswith(scheme)]


@pytest.mark.parametrize("vector", _named("twilio"))
def test_twilio(vector: dict[str, Any]) -> None:
    json_body = vector.get("body")
    request = Request(
        body=json_body.encode() if json_body is not None else urlencode(vector["params"], doseq=True).encode(),
        headers={
            "content-type": "application/json" if json_body is not None else "application/x-www-form-urlencoded",
            "x-twilio-signature": vector["signature"],
        },
        url=vector["request_url"],
        received_at=NOW,
    )
    assert _passes(request, {"auth_token": vector["token"]}) is vector["expect_valid"]
    assert not _passes(request, {"auth_token": vector["token"] + "x"})
    previous = {"auth_token": "new", "auth_token_previous": vector["token"]}
    assert _passes(request, previous) is vector["expect_valid"]


def test_there_are_all_of_twilios() -> None:
    assert len(_named("twilio")) == 26


def _passes(request: Request, credentials: dict[str, str]) -> bool:
    try:
        Twilio().verify(request, INBOX, credentials, NOW)
    except Refused:
        return False
    return True
