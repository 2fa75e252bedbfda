"""Saved replies in one partition, which is read whole: a team has hundreds of them, not thousands."""

from __future__ import annotations

from dataclasses import replace

from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, delete, put
from router.aws.store import Store
from router.saved import SavedReply

_PARTITION = "SAVED"


class Saved(Store):
    """A reply under its id, and beside it its shortcut, whose key keeps shortcuts apart."""

    def saved_replies(self) -> list[SavedReply]:
        """All replies, by shortcut: 1 call, 1 R for 4 KB of them."""
        items = self.dynamo.query(_PARTITION, prefix="sr_")
        return sorted((_reply(item) for item in items), key=lambda r: r.shortcut)

    def saved_reply(self, reply: str) -> SavedReply | None:
        """One reply: 1 R."""
        item = self.dynamo.get(_key(reply)) if reply.startswith("sr_") else None
        return _reply(item) if item else None

    def save_reply(self, before: SavedReply | None, after: SavedReply) -> list[Change]:
        """A new reply: 4 T; another content for one that nobody changed since: 2 T, or 6 T with another shortcut."""
        if before is None:
            return [put("reply", _item(replace(after, version=1)), "attribute_not_exists(#pk)"), _shortcut(after)]
        changed = _item(replace(after, version=before.version + 1))
        changes = [put("reply", changed, "#v = :v", {"v": before.version})]
        if before.shortcut != after.shortcut:
            changes += [delete("old shortcut", _key(f"/{before.shortcut}")), _shortcut(after)]
        return changes

    def delete_reply(self, reply: SavedReply) -> list[Change]:
        """Forget a reply that nobody changed since: 4 T."""
        gone = delete("reply", _key(reply.id), "#v = :v", {"v": reply.version})
        return [gone, delete("old shortcut", _key(f"/{reply.shortcut}"))]


def _shortcut(reply: SavedReply) -> Change:
    pk, sk = _key(f"/{reply.shortcut}")
    return put("shortcut", {"pk": pk, "sk": sk, "id": reply.id}, "attribute_not_exists(#pk)")


def _key(sk: str) -> Key:
    return _PARTITION, sk


def _item(r: SavedReply) -> Item:
    pk, sk = _key(r.id)
    rest = {"sc": r.shortcut, "ti": r.title, "te": dict(r.texts), "qs": list(r.queues)}
    return {"pk": pk, "sk": sk, "v": r.version, "ca": to_ms(r.changed_at), "by": r.changed_by, "d": pack(rest)}


def _reply(item: Item) -> SavedReply:
    rest = unpack(item["d"])
    return SavedReply(
        id=item["sk"],
        shortcut=rest["sc"],
        title=rest["ti"],
        texts=rest["te"],
        queues=tuple(rest["qs"]),
        changed_at=from_ms(item["ca"]),
        changed_by=item["by"],
        version=item["v"],
    )
