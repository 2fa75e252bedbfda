"""Post events to webhooks: at least once, by the schedule of Standard Webhooks, then a person's to decide on.

A receiver drops repeats by `webhook-id`, so an attempt is not recorded before it is made: what a crash leaves unheard of is
taken for failed after a while, and tried again.
"""

from __future__ import annotations

from datetime import timedelta

from router.config import Webhook
from router.conversations import FOLLOW_WITHIN
from router.errors import Conflict, NotFound, Rejected, Temporary, Unknown
from router.exchange import Exchange
from router.ids import digest
from router.once import Plan, Result, User, once
from router.signals import Hook, Signal
from router.webhooks import PATIENCE, SCHEDULE, Delivery, DeliveryState, next_attempt, post

_REACH = timedelta(minutes=15)  # of the queue's delay; what is later the sweep sends


def deliver_hook(x: Exchange, hook: Hook) -> list[Signal]:
    """Post one event; what must follow. Raises nothing for a receiver's failure: it is recorded."""
    delivery, off = x.table.delivery(hook.delivery, hook.webhook)
    now = x.now()
    if delivery is None or delivery.state is not DeliveryState.WAITING:
        return []
    if delivery.not_before is not None and delivery.not_before > now:
        return []  # an older word of it: the next one is set, in the queue or in the due index
    webhook = _webhook(x, delivery.webhook)
    if webhook is None or not webhook.enabled or off:
        why = "was removed from the configuration" if webhook is None else "is switched off"
        _give_up(x, delivery, f"webhook '{delivery.webhook}' {why}")
        return []
    try:
        status = x.post(post(delivery, webhook.url, x.hook_secrets(webhook.secret), now))
    except (Temporary, Unknown, Rejected) as error:
        return _again(x, delivery, str(error))
    except ValueError:
        return _again(x, delivery, f"there is no whsec_ secret '{webhook.secret}' in the provider secret")
    if 200 <= status < 300:
        x.table.delivered(delivery, x.now())
        x.count("WebhookDelivered", 1)
        return []
    if status == 410:  # Gone: "the sender should disable the endpoint"
        x.table.switch_off(webhook.name, x.now())
        x.count("WebhookSwitchedOff", 1)
        _give_up(x, delivery, "answered 410 Gone, so the webhook was switched off")
        return []
    return _again(x, delivery, f"answered {status}")


def _webhook(x: Exchange, name: str) -> Webhook | None:
    """A webhook by name. One that is not known may be newer than the configuration in hand, so that is read again."""
    found = x.config().webhook(name)
    if found is None:
        x.look_again()
        found = x.config().webhook(name)
    return found


def _again(x: Exchange, delivery: Delivery, error: str) -> list[Signal]:
    """An attempt failed: the next one by the schedule, by the queue's delay where that reaches, else by the sweep."""
    now = x.now()
    at = next_attempt(delivery.attempts + 1, now)
    if at is None:
        _give_up(x, delivery, f"not taken in {len(SCHEDULE) + 1} attempts: {error}")
        return []
    by_queue = at - now <= _REACH
    if not x.table.try_again(delivery, at, at + PATIENCE if by_queue else at, error):
        return []
    x.count("WebhookRetried", 1)
    return [Hook(delivery.id, delivery.webhook, at)] if by_queue else []


def _give_up(x: Exchange, delivery: Delivery, error: str) -> None:
    if x.table.fail_delivery(delivery, error, x.now()):
        x.count("WebhookFailed", 1)


def overdue(x: Exchange, delivery: Delivery) -> list[Signal]:
    """A delivery is due: its time has come and the queue gets it, or the queue had it and nothing was heard since."""
    now = x.now()
    if delivery.state is not DeliveryState.WAITING or delivery.due_at is None or delivery.due_at > now:
        return []
    if delivery.due_at == delivery.not_before:
        if not x.table.hand_over(delivery, now + PATIENCE):
            return []
        return [Hook(delivery.id, delivery.webhook, now)]
    return _again(x, delivery, "an attempt was interrupted, or its queue is behind")


# --- what people do ------------------------------------------------------------------------------------------------


def resend(x: Exchange, user: User, delivery_id: str, key: str) -> Result:
    """Send a failed delivery again, from the schedule's beginning. A webhook that is switched off must be switched on first."""

    def plan(digest_: str) -> Plan:
        delivery = _failed(x, user, delivery_id)
        webhook = _webhook(x, delivery.webhook)
        if webhook is None or not webhook.enabled:
            raise Conflict(f"webhook '{delivery.webhook}' is not in the configuration, or not enabled there")
        if x.table.switched_off([webhook.name]):
            raise Conflict(f"webhook '{webhook.name}' is switched off since it answered 410 Gone: switch it on first")
        now = x.now()
        detail = {"webhook": delivery.webhook, "event": delivery.event}
        entry = x.table.history(f"webhook:{delivery.webhook}", "resend", user.name, detail, now, f"h_{digest_}")
        again = x.table.resend_delivery(delivery, now + FOLLOW_WITHIN)
        return Plan([again, entry], Result(subject=delivery.id), [Hook(delivery.id, delivery.webhook, now)])

    return once(x, user, key, digest(x.key, "resend webhook", delivery_id), plan)


def discard(x: Exchange, user: User, delivery_id: str, key: str) -> Result:
    """Let a failed delivery go; the audit keeps who did it."""

    def plan(digest_: str) -> Plan:
        delivery = _failed(x, user, delivery_id)
        detail = {"webhook": delivery.webhook, "event": delivery.event}
        entry = x.table.history(f"webhook:{delivery.webhook}", "discard", user.name, detail, x.now(), f"h_{digest_}")
        return Plan([x.table.discard_delivery(delivery), entry], Result(subject=delivery.id))

    return once(x, user, key, digest(x.key, "discard webhook", delivery_id), plan)


def switch_on(x: Exchange, user: User, name: str, key: str) -> Result:
    """Let a webhook that answered 410 Gone hear again, from now on; what it missed is told by the API."""

    def plan(digest_: str) -> Plan:
        user.need("admin")
        if _webhook(x, name) is None:
            raise NotFound(f"there is no webhook '{name}' in the configuration")
        if not x.table.switched_off([name]):
            raise Conflict(f"webhook '{name}' is not switched off")
        entry = x.table.history(f"webhook:{name}", "switch on", user.name, {}, x.now(), f"h_{digest_}")
        return Plan([x.table.switch_on(name), entry], Result(subject=name))

    return once(x, user, key, digest(x.key, "switch on", name), plan)


def _failed(x: Exchange, user: User, delivery_id: str) -> Delivery:
    user.need("admin")
    delivery = x.table.deliveries([delivery_id]).get(delivery_id)
    if delivery is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    if delivery.state is not DeliveryState.FAILED:
        raise Conflict(f"only a failed delivery waits for a person; this one is {delivery.state}")
    return delivery
