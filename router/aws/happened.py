"""Events about people: once per source and id, read by person and time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, put
from router.aws.store import Store
from router.records import Happening


class Happened(Store):
    """Under a hash of source and id, so that a repeat fails its condition; listed under the contact by the conversation index."""

    def new_happening(self, happening: Happening) -> Change:
        """Store an event once: 1 W +1 for each KB, twice that beside a new contact."""
        return put("event", _item(happening), "attribute_not_exists(#pk)")

    def happening(self, id_: str) -> Happening | None:
        """One event: 1 R for 4 KB."""
        item = self.dynamo.get(_key(id_))
        return _happening(item) if item else None

    def happenings(
        self, contacts: Iterable[str], *, before: str | None = None, limit: int = 50
    ) -> tuple[list[Happening], str | None]:
        """A person's events, the newest first, and where to go on: 1 call for each contact joined in them, an index read."""
        pages = [
            self.dynamo.query(contact, index="conversation", before=before, limit=limit + 1, backwards=True)
            for contact in dict.fromkeys(contacts)
        ]
        items = list(islice(heapq.merge(*pages, key=lambda item: str(item["at"]), reverse=True), limit + 1))
        return [_happening(item) for item in items[:limit]], items[limit - 1]["at"] if len(items) > limit else None

    def happened_since(self, people: Sequence[Sequence[str]], since: datetime) -> list[list[Happening]]:
        """The events of each of several people, by all their contacts, since then: 1 call each, an index read."""
        after = f"{max(to_ms(since), 0):013d}"
        asked = [(contact, {"index": "conversation", "after": after}) for contacts in people for contact in contacts]
        pages = iter(self.dynamo.query_many(asked))
        return [[_happening(item) for _ in contacts for item in next(pages)] for contacts in people]


def _key(id_: str) -> Key:
    return f"E#{id_}", "e"


def _item(h: Happening) -> Item:
    pk, sk = _key(h.id)
    rest = {"so": h.source, "nm": h.name, "ty": h.type, "at": to_ms(h.at), "rc": to_ms(h.received_at), "da": h.data}
    return {"pk": pk, "sk": sk, "cv": h.contact, "at": f"{max(to_ms(h.at), 0):013d}#{h.id}", "d": pack(rest)}


def _happening(item: Item) -> Happening:
    rest = unpack(item["d"])
    return Happening(
        id=item["pk"].removeprefix("E#"),
        source=rest["so"],
        name=rest["nm"],
        type=rest["ty"],
        contact=item["cv"],
        at=from_ms(rest["at"]),
        received_at=from_ms(rest["rc"]),
        data=rest["da"],
    )
