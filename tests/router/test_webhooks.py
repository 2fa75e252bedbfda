"""Standard Webhooks as we sign it, who hears of what, and when it is tried again."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from router.catalogue import EVENTS, Event
from router.config import Config, Webhook
from router.webhooks import MAX_ATTEMPTS, SCHEDULE, Delivery, deliveries, next_attempt, post, signature
from santral.catalogue_page import examples

FILE = Path(__file__).parents[3] / "shared" / "fixtures" / "vectors.json"
VECTORS = (
    [v for v in json.loads(FILE.read_text())["vectors"] if v["scheme"] == "standard-webhooks-v1"]
    if FILE.exists()
    else []
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(b"a toy secret of thirty-two bytes").decode()
OTHER = "whsec_" + base64.b64encode(b"another toy secret of thirty-two").decode()


@pytest.mark.skipif(not VECTORS, reason="no vectors beside the repository")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors_are_judged_right_by_what_we_sign(vector: dict[str, Any]) -> None:
    ours = signature(vector["secret"], vector["msg_id"], int(vector["timestamp"]), vector["body"].encode())
    assert (ours in vector["signature"].split(" ")) is vector["expect_valid"]


@pytest.mark.skipif(not VECTORS, reason="no vectors beside the repository")
def test_there_are_all_of_them() -> None:
    assert len(VECTORS) == 3


def hook(**more: Any) -> Webhook:
    """A webhook of the configuration."""
    return Webhook(**{"name": "crm", "url": "https://crm.example.com/x", "events": ("*",), "secret": "crm", **more})


def event(event_type: str = "message.received") -> tuple[Event, str]:
    """An event with its body."""
    found = examples()[event_type]
    return found, found.model_dump_json()


def test_each_webhook_gets_what_it_asked_for_once() -> None:
    told = [event(event_type) for event_type in EVENTS]
    hooks = [hook(events=("conversation.*", "conversation.opened")), hook(name="all"), hook(name="off", enabled=False)]
    made = deliveries(told, hooks, KEY)
    assert [d.type for d in made if d.webhook == "crm"] == [t for t in EVENTS if t.startswith("conversation.")]
    assert [d.type for d in made if d.webhook == "all"] == list(EVENTS)
    assert {d.webhook for d in made} == {"crm", "all"}
    assert len({d.id for d in made}) == len(made)
    assert deliveries(told, hooks, KEY) == made


def test_a_call_carries_the_event_and_a_signature_of_each_secret() -> None:
    (delivery,) = deliveries([event()], [hook()], KEY)
    request = post(delivery, "https://crm.example.com/x", [SECRET, OTHER], NOW)
    headers = request.headers
    assert json.loads(request.body)["id"] == headers["webhook-id"] == delivery.event
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["webhook-signature"].split(" ") == [
        signature(secret, delivery.event, int(NOW.timestamp()), request.body) for secret in (SECRET, OTHER)
    ]
    assert SECRET not in repr(request)


def test_it_is_tried_ten_times_over_three_days() -> None:
    times = [next_attempt(failed, NOW) for failed in range(1, MAX_ATTEMPTS + 1)]
    assert times[0] == NOW + timedelta(seconds=5)
    assert times[-1] is None
    assert sum(SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "geheim", base64.b64encode(b"x" * 24).decode()])
def test_what_is_no_secret_is_refused_and_not_told(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and base64") as refused:
        signature(secret, "e_1", 1, b"{}")
    assert not secret or secret not in str(refused.value).replace("whsec_ and", "")


@pytest.mark.parametrize("url", [
    "http://crm.example.com", "https://user:pass@crm.example.com/x", "ftp://crm.example.com", "https://", "crm.example.com",
    "http://127.0.0.1.example.com/", "http://localhost@evil.example.com/", "https://crm.example.com/x#part", "https://a b.example.com",
])  # fmt: skip
def test_only_https_is_a_webhook_s_url_and_it_holds_no_password(url: str) -> None:
    with pytest.raises(ValidationError):
        hook(url=url)


@pytest.mark.parametrize("url", [
    "https://crm.example.com", "https://crm.example.com:8443/a?b=c", "http://127.0.0.1:9000/x", "http://localhost/", "http://[::1]:80/x",
])  # fmt: skip
def test_these_are(url: str) -> None:
    assert hook(url=url).url == url


def test_two_webhooks_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="webhook 'crm' is defined twice"):
        Config(webhooks=(hook(), hook()))


def test_a_delivery_starts_untried() -> None:
    made = deliveries([event()], [hook()], KEY)[0]
    assert (made.attempts, made.not_before, made.error) == (0, None, None)
    assert isinstance(made, Delivery)
