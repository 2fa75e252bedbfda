"""What was decided and done: a conversation's history, the audit of a day, and what each Idempotency-Key did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, put
from router.aws.store import Store
from router.ids import split_decision_id
from router.records import Entry

KEEP_SECONDS = 90 * 86400
"""Decisions, and what they saw, stay in the table for so long; the archive keeps them."""


class History(Store):
    """Written in the transaction of what it tells, never changed."""

    def history(self, subject: str, what: str, who: str, detail: dict[str, Any], at: datetime, entry_id: str) -> Change:
        """Who did what: 2 T +1. Audited by day."""
        item: Item = {
            "pk": f"H#{subject}", "sk": f"{to_ms(at):013d}#{entry_id}", "wt": what, "wo": who, "d": pack(detail),
        }  # fmt: skip
        item |= {"lk": f"audit#{at:%Y-%m-%d}", "ls": f"{to_ms(at):013d}#{entry_id}"}
        return put("history", item)

    def decided(self, subject: str, detail: dict[str, Any], at: datetime, decision_id: str) -> Change:
        """A decision of the matcher's, under the time that its id names, for ninety days: 2 T. Another of that id is left as it is."""
        item: Item = {
            "pk": f"H#{subject}", "sk": f"{to_ms(at):013d}#{decision_id}", "wt": "decision", "wo": "match", "d": pack(detail),
            "ttl": int(at.timestamp()) + KEEP_SECONDS,
        }  # fmt: skip
        return put("decision", item, "attribute_not_exists(#pk)")

    def decision(self, decision_id: str) -> Entry | None:
        """A decision by its id: 1 R."""
        place = split_decision_id(decision_id)
        if place is None:
            return None
        item = self.dynamo.get((f"H#{place[0]}", f"{place[1]:013d}#{decision_id}"))
        return to_entry(item) if item else None

    def histories(self, subject: str, limit: int = 100) -> list[Entry]:
        """What happened to a conversation or an agent, the newest `limit` of it, oldest first: 1 call."""
        return [to_entry(item) for item in self.dynamo.query(f"H#{subject}", limit=limit, backwards=True)][::-1]

    def history_of(self, subject: str, *, after: str | None = None, limit: int = 100) -> list[Entry]:
        """What happened to one thing from its beginning, or after a mark: 1 call, 1 R for about ten entries."""
        return [to_entry(item) for item in self.dynamo.query(f"H#{subject}", after=after, limit=limit)]

    def audit(self, day: str, *, after: str | None = None, limit: int = 100) -> tuple[list[Entry], str | None]:
        """What everybody did on a day (YYYY-MM-DD, UTC), oldest first, and where to go on: 2 calls."""
        listed = self.listed(f"audit#{day}", after=after, limit=limit)
        found = self.dynamo.get_many(key for key, _ in listed)
        return [to_entry(found[key]) for key, _ in listed if key in found], listed[-1][1] if len(
            listed
        ) == limit else None

    def remember(self, digest_: str, answer: dict[str, Any], now: datetime) -> Change:
        """What an Idempotency-Key did, for a day: 2 T."""
        item: Item = {"pk": f"K#{digest_}", "sk": "k", "d": pack(answer), "ttl": int(now.timestamp()) + 86400}
        return put("key", item, "attribute_not_exists(#pk)")

    def remembered(self, digest_: str) -> dict[str, Any] | None:
        """What the key did before: 1 R."""
        item = self.dynamo.get((f"K#{digest_}", "k"))
        return unpack(item["d"]) if item else None


def to_entry(item: Item) -> Entry:
    """The entry an item holds."""
    at, _, entry_id = item["sk"].partition("#")
    subject = item["pk"].removeprefix("H#")
    return Entry(entry_id, subject, from_ms(int(at)), item["wt"], item["wo"], unpack(item["d"]))
