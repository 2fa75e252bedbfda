"""Deliveries to webhooks, and which webhooks are switched off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, delete, put, update
from router.aws.rows import due_keys
from router.aws.store import Store
from router.errors import Lost
from router.webhooks import DELIVERED_KEPT, FAILED_KEPT, Delivery, DeliveryState

LIST = "hooks"
"""The list of deliveries that want a person."""


def delivery_key(delivery_id: str) -> Key:
    """A delivery stands under its own id, which is derived from event and webhook."""
    return f"W#{delivery_id}", "w"


def _off_key(webhook: str) -> Key:
    return f"HOOK#{webhook}", "off"


def to_delivery(item: Item) -> Delivery:
    """The delivery an item holds."""
    return Delivery(
        id=item["pk"].removeprefix("W#"),
        webhook=item["wh"],
        event=item["ev"],
        type=item["ty"],
        body=unpack(item["d"])["b"],
        created_at=from_ms(item["ca"]),
        state=DeliveryState(item["st"]),
        attempts=item["na"],
        not_before=from_ms(item["nb"]) if "nb" in item else None,
        due_at=from_ms(item["due"]) if "due" in item else None,
        error=item.get("er"),
        settled_at=from_ms(item["sa"]) if "sa" in item else None,
    )


class Webhooks(Store):
    """Every step is conditional on the attempt it belongs to, so that two who try at once record one outcome."""

    def new_delivery(self, delivery: Delivery, due_at: datetime) -> bool:
        """An event to be posted, due until it is: 1 W +1. False if it is there already."""
        pk, sk = delivery_key(delivery.id)
        item: Item = {
            "pk": pk, "sk": sk, "wh": delivery.webhook, "ev": delivery.event, "ty": delivery.type, "st": str(delivery.state),
            "na": delivery.attempts, "ca": to_ms(delivery.created_at), "d": pack({"b": delivery.body}), **due_keys(pk, due_at),
        }  # fmt: skip
        return self._step(put("delivery", item, "attribute_not_exists(#pk)"))

    def deliveries(self, ids: Sequence[str]) -> dict[str, Delivery]:
        """Deliveries by id: 1 call."""
        found = self.dynamo.get_many(delivery_key(i) for i in ids)
        return {d.id: d for d in map(to_delivery, found.values())}

    def delivery(self, delivery_id: str, webhook: str) -> tuple[Delivery | None, bool]:
        """A delivery, and whether its webhook is switched off: 1 call, 2 R."""
        found = self.dynamo.get_many([delivery_key(delivery_id), _off_key(webhook)])
        item = found.get(delivery_key(delivery_id))
        return to_delivery(item) if item else None, _off_key(webhook) in found

    def delivered(self, delivery: Delivery, now: datetime) -> bool:
        """It was taken: 1 W +1. Kept for three days."""
        values = _as_read(delivery) | {"to": "delivered", "now": to_ms(now), "ttl": _ttl(now + DELIVERED_KEPT)}
        expression = "SET #st = :to, #sa = :now, #ttl = :ttl REMOVE #dk, #due, #er, #nb"
        return self._step(update("delivery", delivery_key(delivery.id), expression, values, _STILL))

    def try_again(self, delivery: Delivery, not_before: datetime, due_at: datetime, error: str) -> bool:
        """An attempt failed, or is not heard of: 1 W +2."""
        pk, _ = delivery_key(delivery.id)
        values = _as_read(delivery) | {"one": 1, "er": error, "nb": to_ms(not_before), **due_keys(pk, due_at)}
        expression = "SET #er = :er, #nb = :nb, #dk = :dk, #due = :due ADD #na :one"
        return self._step(update("delivery", delivery_key(delivery.id), expression, values, _STILL))

    def hand_over(self, delivery: Delivery, due_at: datetime) -> bool:
        """Its time has come and the queue gets it; due again if nothing is heard of it: 1 W +2."""
        values = _as_read(delivery) | due_keys(delivery_key(delivery.id)[0], due_at)
        return self._step(update("delivery", delivery_key(delivery.id), "SET #dk = :dk, #due = :due", values, _STILL))

    def fail_delivery(self, delivery: Delivery, error: str, now: datetime) -> bool:
        """It is a person's to decide on: listed, 1 W +2. Kept for thirty days."""
        values = _as_read(delivery) | {
            "to": "failed", "er": error, "now": to_ms(now), "ttl": _ttl(now + FAILED_KEPT), "one": 1, "lk": LIST,
            "ls": f"{to_ms(now):013d}#{delivery.id}",
        }  # fmt: skip
        expression = (
            "SET #st = :to, #er = :er, #sa = :now, #ttl = :ttl, #lk = :lk, #ls = :ls REMOVE #dk, #due, #nb ADD #na :one"
        )
        return self._step(update("delivery", delivery_key(delivery.id), expression, values, _STILL))

    def resend_delivery(self, delivery: Delivery, due_at: datetime) -> Change:
        """A person wants it sent again, from the schedule's beginning: 2 T +2."""
        pk, _ = delivery_key(delivery.id)
        values = _as_read(delivery) | {"to": "waiting", "zero": 0, **due_keys(pk, due_at)}
        expression = "SET #st = :to, #na = :zero, #dk = :dk, #due = :due REMOVE #lk, #ls, #sa, #ttl, #er, #nb"
        return update("delivery", delivery_key(delivery.id), expression, values, _STILL)

    def discard_delivery(self, delivery: Delivery) -> Change:
        """A person lets it go: 2 T +1. It expires as it would have."""
        values = _as_read(delivery) | {"to": "discarded"}
        expression = "SET #st = :to REMOVE #lk, #ls"
        return update("delivery", delivery_key(delivery.id), expression, values, _STILL)

    def switched_off(self, webhooks: Iterable[str]) -> dict[str, datetime]:
        """Which webhooks are switched off, and since when: 1 call, 1 R each."""
        found = self.dynamo.get_many(_off_key(name) for name in webhooks)
        return {pk.removeprefix("HOOK#"): from_ms(item["since"]) for (pk, _), item in found.items()}

    def switch_off(self, webhook: str, now: datetime) -> None:
        """Its URL is gone: 1 W. The first time it was said stays."""
        pk, sk = _off_key(webhook)
        self._step(put("off", {"pk": pk, "sk": sk, "since": to_ms(now)}, "attribute_not_exists(#pk)"))

    def switch_on(self, webhook: str) -> Change:
        """It is to hear again: 2 T."""
        return delete("off", _off_key(webhook), "attribute_exists(#pk)")

    def _step(self, change: Change) -> bool:
        try:
            self.commit(change)
        except Lost:
            return False
        return True


_STILL = "#st = :st AND #na = :na"


def _as_read(delivery: Delivery) -> dict[str, Any]:
    """What must not have changed since a delivery was read."""
    return {"st": str(delivery.state), "na": delivery.attempts}


def _ttl(at: datetime) -> int:
    return int(at.timestamp())
