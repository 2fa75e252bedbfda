"""Files: what messages still lack of theirs, and what agents upload to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.aws import rows
from router.aws.codec import Item, from_ms, to_ms
from router.aws.dynamo import put, update
from router.aws.store import Store
from router.errors import Lost
from router.messages import Attachment
from router.records import Unfetched, Upload


class Files(Store):
    """A message is due while it lacks files; each write holds only if nobody else began another attempt or changed its words."""

    def unfetched(self, message_id: str) -> Unfetched | None:
        """A message whose files are (still) to be fetched: 1 R."""
        item = self.dynamo.get(rows.message_key(message_id))
        return to_unfetched(item) if item is not None and "due" in item and "st" not in item else None

    def begin_fetch(self, before: Unfetched, until: datetime) -> Unfetched | None:
        """Record the attempt before its calls, due again if it never ends: 1 W +2. None if somebody else did."""
        values = rows.due_keys(f"M#{before.message.id}", until) | {"one": 1, "due0": to_ms(before.due_at)}
        condition = "#due = :due0 AND " + _same(before, values)
        if not self._written(before, "SET #dk = :dk, #due = :due ADD #fn :one", values, condition):
            return None
        return replace(before, attempts=before.attempts + 1, due_at=until)

    def keep_file(self, before: Unfetched, number: int, attachment: Attachment) -> Unfetched | None:
        """Write what became of one file: 1 W +1. None if the message or the attempt is another by now."""
        attachments = (*before.message.attachments[:number], attachment, *before.message.attachments[number + 1 :])
        message = before.message.model_copy(update={"attachments": attachments})
        packed = rows.message_item(message, before.conversation)["d"]
        values: dict[str, Any] = {"d": packed, "d0": before.packed}
        if not self._written(before, "SET #d = :d", values, "#d = :d0 AND " + _same(before, values)):
            return None
        return replace(before, message=message, packed=packed)

    def end_fetch(self, before: Unfetched, due_at: datetime | None) -> bool:
        """The attempt is over; due again at a time, or no more: 1 W +2."""
        values = rows.due_keys(f"M#{before.message.id}", due_at)
        expression = "SET #dk = :dk, #due = :due" if values else "REMOVE #dk, #due, #fn"
        return self._written(before, expression, values, _same(before, values))

    def _written(self, before: Unfetched, expression: str, values: dict[str, Any], condition: str) -> bool:
        try:
            self.commit(update("message", rows.message_key(before.message.id), expression, values, condition))
        except Lost:
            return False
        return True

    def new_upload(self, upload: Upload) -> None:
        """A file that an agent is about to upload, forgotten after two days: 1 W."""
        item: Item = {
            "pk": f"U#{upload.id}", "sk": "u", "wo": upload.who, "nm": upload.filename, "ty": upload.content_type,
            "sz": upload.size, "ttl": int(upload.until.timestamp()),
        }  # fmt: skip
        self.commit(put("upload", item, "attribute_not_exists(#pk)"))

    def uploads(self, ids: Sequence[str]) -> dict[str, Upload]:
        """Uploads by id: 1 call, 1 R each."""
        found = self.dynamo.get_many((f"U#{i}", "u") for i in ids)
        return {pk.removeprefix("U#"): _to_upload(item) for (pk, _), item in found.items()}


def to_unfetched(item: Item) -> Unfetched:
    """The message that an item with a due time holds."""
    return Unfetched(rows.to_message(item), item["cv"], item.get("fn", 0), from_ms(item["due"]), item["d"])


def _same(before: Unfetched, values: dict[str, Any]) -> str:
    """The condition that no other attempt was begun; its value joins `values`."""
    if not before.attempts:
        return "attribute_not_exists(#fn)"
    values["fn"] = before.attempts
    return "#fn = :fn"


def _to_upload(item: Item) -> Upload:
    return Upload(
        item["pk"].removeprefix("U#"), item["wo"], item["nm"], item["ty"], item["sz"], from_ms(item["ttl"] * 1000)
    )
