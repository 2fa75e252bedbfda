"""The intake ledger and the quarantine: what was received, written by `receive` before anything else knows of it.

A ledger row is one authentic call with its raw payload and the ids of the messages in it. The sweep compares the ids with
what was routed, by id, and sends again what is missing: the queue may lose, the ledger does not.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from router.aws.blobs import Blobs
from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Dynamo, delete, put, update
from router.aws.rows import message_key
from router.errors import Lost, Temporary
from router.ids import digest
from router.ledger import bucket_of
from router.records import Call, Quarantined

SHARDS = 8
_INLINE = 8 * 1024


class Intake:
    """The ledger and the quarantine."""

    def __init__(self, dynamo: Dynamo, blobs: Blobs, key: bytes, keep: timedelta = timedelta(days=730)) -> None:
        self._dynamo = dynamo
        self._blobs = blobs
        self._key = key
        self._keep = keep  # as long as the buckets keep the larger payloads

    def record(self, calls: Sequence[tuple[Call, Sequence[str]]], at: datetime | None = None) -> list[str]:
        """Enter calls with the ids of their messages; references to the raw payloads. 1 W a KB each, idempotent by content.

        `at` is when it is compared with what was routed, if not by the time of receipt: for a call that is sent again.
        """
        try:
            return [self._record(call, ids, at or call.received_at) for call, ids in calls]
        except (ClientError, BotoCoreError) as error:
            raise Temporary(f"the intake ledger took nothing: {error}") from error

    def _record(self, call: Call, ids: Sequence[str], at: datetime) -> str:
        bucket, shard, entry = self._place(ids, at)
        item: Item = {
            "pk": f"IN#{bucket}#{shard}", "sk": entry, "ids": list(ids), "d": self._pack(call, entry),
            "ttl": int((call.received_at + self._keep).timestamp()),
        }  # fmt: skip
        self._dynamo.commit(put("entry", item))
        return call.body_ref or f"intake:{bucket}/{shard}/{entry}"

    def _place(self, ids: Sequence[str], at: datetime) -> tuple[str, int, str]:
        entry = digest(self._key, "entry", *ids)
        return bucket_of(at), sum(entry.encode()) % SHARDS, entry

    def entered(self, ids: Sequence[str], at: datetime) -> Call | None:
        """The call that brought these messages at that time, where the ledger has it: 1 R."""
        return self.raw("intake:{}/{}/{}".format(*self._place(ids, at)))

    def entries(self, bucket: str) -> Iterator[tuple[Call, list[str]]]:
        """Everything received in five minutes: one query a shard."""
        for shard in range(SHARDS):
            for item in self._dynamo.query(f"IN#{bucket}#{shard}"):
                yield self._unpack(item["d"]), item["ids"]

    def missing(self, ids: Sequence[str]) -> set[str]:
        """Which of these messages are nowhere: 1 R each."""
        found = self._dynamo.get_many(message_key(i) for i in ids)
        return {i for i in ids if message_key(i) not in found}

    def raw(self, ref: str) -> Call | None:
        """The raw payload behind `intake:...`."""
        bucket, shard, entry = ref.removeprefix("intake:").split("/")
        item = self._dynamo.get((f"IN#{bucket}#{shard}", entry))
        return self._unpack(item["d"]) if item else None

    # --- quarantine ------------------------------------------------------------------------------------------------

    def quarantine(self, call: Call, reason: str) -> str:
        """Keep an unreadable call; the same call twice is one row. 1 W +1."""
        entry = self._quarantine_id(call)
        item: Item = {
            "pk": f"Q#{entry}", "sk": "q", "lk": "quarantine", "ls": f"{to_ms(call.received_at):013d}#{entry}",
            "wy": reason, "d": self._pack(call, entry), "ttl": int((call.received_at + self._keep).timestamp()),
        }  # fmt: skip
        with suppress(Lost):  # the provider sent it again
            self._dynamo.commit(put("quarantine", item, "attribute_not_exists(#pk) OR attribute_not_exists(#lk)"))
        return entry

    def is_quarantined(self, call: Call) -> bool:
        """Does a person have it to look at, or did one discard it? 1 R."""
        return self._dynamo.get((f"Q#{self._quarantine_id(call)}", "q")) is not None

    def _quarantine_id(self, call: Call) -> str:
        content = call.body if call.body_ref is None else call.body_ref.encode()
        return digest(self._key, "quarantine", call.channel, call.inbox, call.query, base64.b64encode(content).decode())

    def quarantined(self, ids: Sequence[str]) -> list[Quarantined]:
        """Quarantined calls by id, in that order."""
        keys = [(f"Q#{i}", "q") for i in ids]
        found = self._dynamo.get_many(keys)
        rows = [found[key] for key in keys if key in found and "lk" in found[key]]
        return [Quarantined(i["pk"].removeprefix("Q#"), self._unpack(i["d"]), i["wy"]) for i in rows]

    def release(self, entry: str) -> Change:
        """Take a call out of quarantine: its messages are on their way again. 2 T +1."""
        return delete("quarantine", (f"Q#{entry}", "q"), "attribute_exists(#lk)")

    def discard(self, entry: str) -> Change:
        """A person wants it no more: off the list, and remembered, so that the ledger does not bring it back. 2 T +1."""
        return update("quarantine", (f"Q#{entry}", "q"), "REMOVE #lk, #ls", None, "attribute_exists(#lk)")

    # --- packing ---------------------------------------------------------------------------------------------------

    def _pack(self, call: Call, entry: str) -> bytes:
        body: dict[str, Any] = {"ref": call.body_ref}
        if call.body_ref is None:
            if len(call.body) > _INLINE:
                body = {"ref": self._blobs.put(f"raw/{call.received_at:%Y/%m/%d}/{entry}", call.body)}
            else:
                try:
                    body = {"text": call.body.decode("utf-8")}
                except UnicodeDecodeError:
                    body = {"b64": base64.b64encode(call.body).decode("ascii")}
        row = {
            "channel": call.channel, "inbox": call.inbox, "at": to_ms(call.received_at), "query": call.query,
            "type": call.content_type, "envelope": call.envelope, **body,
        }  # fmt: skip
        return pack({k: v for k, v in row.items() if v not in (None, "")})

    def _unpack(self, data: bytes) -> Call:
        row = unpack(data)
        body = row.get("text", "").encode() if "text" in row else base64.b64decode(row.get("b64", ""))
        return Call(
            channel=row["channel"],
            inbox=row.get("inbox", ""),
            received_at=from_ms(row["at"]),
            body=body,
            body_ref=row.get("ref"),
            query=row.get("query", ""),
            content_type=row.get("type", ""),
            envelope=row.get("envelope"),
        )

    def body(self, call: Call) -> bytes:
        """The call's raw body, wherever it is kept."""
        return call.body if call.body_ref is None else self._blobs.get(call.body_ref)
