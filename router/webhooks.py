"""Webhooks out, by Standard Webhooks (standardwebhooks.com, "Specification"): who hears of what, the signature, when it is tried again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from router.config import Webhook
from router.ids import digest
from router.wire import HttpRequest

if TYPE_CHECKING:
    from router.catalogue import Event

SCHEDULE = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""How long to wait after the first failed attempt, the second...: the specification's recommended schedule, three days in all."""
MAX_ATTEMPTS = len(SCHEDULE) + 1
PATIENCE = timedelta(minutes=10)
"""An attempt of which nothing is heard for so long is taken for failed; a queue's own redelivery comes before that."""
DELIVERED_KEPT, FAILED_KEPT = timedelta(days=3), timedelta(days=30)
TIMEOUT = 15.0


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # listed for a person
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. `attempts` counts those that failed or were never heard of again."""

    id: str
    webhook: str
    event: str
    type: str
    body: str
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    not_before: datetime | None = None
    due_at: datetime | None = None
    error: str | None = None
    settled_at: datetime | None = None


def deliveries(events: Iterable[tuple[Event, str]], webhooks: Sequence[Webhook], key: bytes) -> list[Delivery]:
    """What each webhook is to be sent of some events with their bodies. The ids are derived, so a repeat is the same delivery."""
    return [
        Delivery(
            id="w_" + digest(key, "webhook", webhook.name, event.id),
            webhook=webhook.name,
            event=event.id,
            type=event.type,
            body=body,
            created_at=event.time,
        )
        for event, body in events
        for webhook in webhooks
        if webhook.enabled and _wants(webhook, event)
    ]


def _wants(webhook: Webhook, event: Event) -> bool:
    """Does it hear of such events, or is it to hear of this one by its name?"""
    from router.catalogue import Escalated, matches  # all events' models: who publishes has them, the others need none

    named = isinstance(event.data, Escalated) and webhook.name in event.data.webhooks
    return named or any(matches(pattern, event.type) for pattern in webhook.events)


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many failed attempts (from 1); None when a person must decide."""
    return now + SCHEDULE[attempts - 1] if attempts < MAX_ATTEMPTS else None


def secret_bytes(secret: str) -> bytes:
    """The key in `whsec_<base64>`. Raises ValueError when it is not one; the error holds nothing of it."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a webhook's secret is whsec_ and base64") from None
    if not secret.startswith("whsec_") or not key:
        raise ValueError("a webhook's secret is whsec_ and base64")
    return key


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>`: HMAC-SHA256 over id, timestamp and body, with dots between. Raises ValueError for a secret that is none."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    mac = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode("ascii")


def post(delivery: Delivery, url: str, secrets: Sequence[str], now: datetime) -> HttpRequest:
    """The call. Each secret signs it: with two of them, a receiver that knows either one takes it while they change.

    Raises ValueError without a secret: nothing leaves unsigned.
    """
    if not secrets:
        raise ValueError("no secret signs to this webhook")
    body = delivery.body.encode("utf-8", "surrogatepass")
    at = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "Santral-Webhooks/1",
        "webhook-id": delivery.event,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signature(secret, delivery.event, at, body) for secret in secrets),
    }
    return HttpRequest("POST", url, headers, body, timeout=TIMEOUT)
