"""Webhooks and their deliveries as administrators see them."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field

from router.exchange import Exchange
from router.messages import Time
from router.views import View
from router.webhooks import MAX_ATTEMPTS


class WebhookView(View):
    """A webhook of the configuration, and whether it hears anything."""

    name: str
    host: str = Field(description="of its URL, whose path may hold a secret")
    events: tuple[str, ...]
    enabled: bool = Field(description="by the configuration")
    switched_off_at: Time | None = Field(default=None, description="when it answered 410 Gone")


class WebhookList(View):
    """All webhooks of the configuration."""

    webhooks: tuple[WebhookView, ...]


class WebhookDelivery(View):
    """An event that a webhook did not take."""

    id: str
    webhook: str
    event: str = Field(description="the event's id, which the webhook gets as webhook-id")
    type: str
    attempts: int = Field(description=f"of {MAX_ATTEMPTS}")
    reason: str | None
    created_at: Time
    failed_at: Time | None


class WebhookDeliveryPage(View):
    """Failed deliveries, oldest first."""

    deliveries: tuple[WebhookDelivery, ...]
    next: str | None = None


def webhooks(x: Exchange) -> WebhookList:
    """The configuration's webhooks: 1 read of what is switched off."""
    configured = x.config().webhooks
    off = x.table.switched_off(webhook.name for webhook in configured) if configured else {}
    return WebhookList(
        webhooks=tuple(
            WebhookView(
                name=webhook.name,
                host=urlsplit(webhook.url).netloc,
                events=webhook.events,
                enabled=webhook.enabled,
                switched_off_at=off.get(webhook.name),
            )
            for webhook in configured
        )
    )


def webhook_deliveries(x: Exchange, cursor: str | None, limit: int) -> WebhookDeliveryPage:
    """What webhooks did not take, and where to go on: 2 reads."""
    listed = x.table.listed("hooks", after=cursor, limit=limit)
    ids = [key[0].removeprefix("W#") for key, _ in listed]
    found = x.table.deliveries(ids)
    rows = [
        WebhookDelivery(
            id=one.id,
            webhook=one.webhook,
            event=one.event,
            type=one.type,
            attempts=one.attempts,
            reason=one.error,
            created_at=one.created_at,
            failed_at=one.settled_at,
        )
        for one in (found[i] for i in ids if i in found)
    ]
    return WebhookDeliveryPage(deliveries=tuple(rows), next=listed[-1][1] if len(listed) == limit else None)
