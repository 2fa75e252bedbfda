"""How many automatic answers an address got: the brake on two robots that answer each other."""

from __future__ import annotations

from datetime import datetime

from router.aws.codec import Item, from_ms, to_ms
from router.aws.dynamo import Change, Key, put
from router.aws.store import Store
from router.ids import digest
from router.records import Spent


class Automatic(Store):
    """One row an address, over all its conversations; gone a while after it counts no more."""

    def spent(self, purpose: str, channel: str, address: str) -> Spent | None:
        """What an address got of a kind of automatic answers: 1 R."""
        item = self.dynamo.get(self._spent(purpose, channel, address))
        return Spent(item["n"], from_ms(item["un"])) if item else None

    def spend(self, purpose: str, channel: str, address: str, before: Spent | None, until: datetime) -> Change:
        """One more, unless somebody counted since; `until` begins a new count: 2 T."""
        pk, sk = self._spent(purpose, channel, address)
        item: Item = {"pk": pk, "sk": sk, "n": 1, "un": to_ms(until)}
        if before is not None and before.until == until:
            item["n"] = before.count + 1
        item["ttl"] = int(until.timestamp()) + 3600
        if before is None:
            return put("spent", item, "attribute_not_exists(#pk)")
        return put("spent", item, "#n = :n AND #un = :un", {"n": before.count, "un": to_ms(before.until)})

    def _spent(self, purpose: str, channel: str, address: str) -> Key:
        return f"AUTO#{digest(self.key, 'automatic', purpose, channel, address)}", "n"
