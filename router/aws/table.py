"""The one table. Every access pattern is one method; its docstring is its row: what it reads or writes and what that costs.

R and W are read and write units for items up to 1 KB (4 KB reads); T marks a transaction (already doubled); +n are index
units. First message with assignment and decision: route 8 T +3, match 6 T +3. Each further message: 4 T +1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from router.aws import rows
from router.aws.automatic import Automatic
from router.aws.codec import Item, from_ms, to_ms
from router.aws.consents import Consents
from router.aws.conversations import Conversations
from router.aws.dynamo import Key, put
from router.aws.files import Files, to_unfetched
from router.aws.happened import Happened
from router.aws.history import History
from router.aws.hours import Hours
from router.aws.lines import Lines
from router.aws.links import Links
from router.aws.machines import Machines
from router.aws.outreach import Outreach, to_journey, to_run
from router.aws.places import Places
from router.aws.proofs import Proofs, to_verification
from router.aws.ratings import Ratings
from router.aws.saved import Saved
from router.aws.search import Search
from router.aws.webhooks import Webhooks, to_delivery
from router.conversations import Conversation
from router.errors import Lost
from router.journeys import Journey
from router.outreach_values import Run
from router.records import Unfetched, Verification
from router.sends import Send
from router.webhooks import Delivery


class Table(
    Conversations,
    Lines,
    Outreach,
    History,
    Search,
    Files,
    Happened,
    Machines,
    Saved,
    Webhooks,
    Automatic,
    Proofs,
    Places,
    Hours,
    Consents,
    Links,
    Ratings,
):
    """Its concepts, a module each, and here what a recurring job asks of it: what is due, a lease, a cursor."""

    due_shards = rows.DUE_SHARDS

    def due(
        self, shard: int, until: datetime, *, since: datetime | None = None, limit: int | None = None
    ) -> Iterator[tuple[Key, datetime]]:
        """What is due in one shard and since when, oldest first: 1 call for a thousand, an index read."""
        between = (to_ms(since) if since is not None else 0, to_ms(until))
        for item in self.dynamo.query(f"due#{shard}", index="due", between=between, limit=limit, page=1000):
            yield (item["pk"], item["sk"]), from_ms(item["due"])

    def due_item(self, key: Key) -> Conversation | Send | Unfetched | Delivery | Verification | Journey | Run | None:
        """What is due under a key; None when nothing there is: 1 R."""
        item = self.dynamo.get(key)
        if item is None or "due" not in item:
            return None
        if key[0].startswith("W#"):
            return to_delivery(item)
        if key[0].startswith("PROOF#"):
            return to_verification(item)
        if key[1].startswith("open#"):
            return rows.to_conversation(item)
        if key[1].startswith("tour#"):
            return to_journey(item)
        if key[1].startswith("run#"):
            return to_run(item)
        return rows.to_send(item) if "st" in item else to_unfetched(item)

    def lease(self, name: str, holder: str, until: datetime, now: datetime) -> bool:
        """Take a named lease unless somebody holds it: 1 W."""
        item: Item = {"pk": "SWEEP", "sk": name, "h": holder, "e": to_ms(until)}
        try:
            self.commit(
                put(
                    "lease", item, "attribute_not_exists(#pk) OR #e < :now OR #h = :h", {"now": to_ms(now), "h": holder}
                )
            )
        except Lost:
            return False
        return True

    def cursor(self, name: str) -> str | None:
        """Where a recurring job stopped: 1 R."""
        item = self.dynamo.get(("SWEEP", name))
        return item["cu"] if item else None

    def set_cursor(self, name: str, value: str) -> None:
        """Remember where a recurring job stopped: 1 W."""
        self.commit(put("cursor", {"pk": "SWEEP", "sk": name, "cu": value}))
