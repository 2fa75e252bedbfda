"""Records of the table's stream as changes of what we know. Source: DynamoDB Developer Guide, "DynamoDB Streams and Lambda"."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from router.archive import Decided
from router.aws import rows
from router.aws.codec import Item, unmarshal, unpack
from router.aws.history import to_entry
from router.aws.ratings import to_rating
from router.events import Change, Filed, Seat, Thing
from router.snapshots import Roster

_STAGES = ("warning", "breach", "reminder")
"""What a history holds that others hear of by itself."""


def read_change(record: Mapping[str, Any]) -> Change:
    """A record as a change; what tells nobody anything changes nothing. Raises ValueError or KeyError on an item we never wrote."""
    stream = record["dynamodb"]
    keys = unmarshal(stream["Keys"])
    mark = f"{keys['pk']} {keys['sk']} {stream['SequenceNumber']}"
    at = datetime.fromtimestamp(int(float(stream["ApproximateCreationDateTime"])), UTC)
    return Change(_thing(stream.get("OldImage")), _thing(stream.get("NewImage")), mark, at)


def read_kept(record: Mapping[str, Any]) -> tuple[str, Decided | Roster]:
    """A decision, or a roster that decisions name, with its record's sequence number. What a newer release wrote stays packed."""
    item = _item(record["dynamodb"]["NewImage"])
    name = item["pk"].partition("#")[2] if item["wt"] == "roster" else item["sk"].partition("#")[2]
    try:
        data = unpack(item["d"])
    except (ValueError, zlib.error):
        return sequence_of(record), Decided(name, None, base64.b64encode(item["d"]).decode())
    return sequence_of(record), Roster(data["pool"], data["states"]) if item["wt"] == "roster" else Decided(name, data)


def sequence_of(record: Mapping[str, Any]) -> str:
    """What a record is called when it must come again."""
    return str(record["dynamodb"]["SequenceNumber"])


def _thing(image: Mapping[str, Any] | None) -> Thing | None:
    """What an image holds; None for kinds of items that are told to nobody.

    A conversation's slot says all there is to say of it: that it was archived is the other half of the next one's beginning.
    """
    if not image:
        return None
    item = _item(image)
    pk, sk = item["pk"], item["sk"]
    if pk.startswith("P#"):
        if sk == "contact":
            return rows.to_contact(item)
        if sk.startswith("score#"):
            return to_rating(item)
        return rows.to_conversation(item) if sk.startswith("open#") else None
    if pk.startswith("M#") and sk == "m":
        return rows.to_send(item) if "st" in item else Filed(rows.to_message(item), item["cv"])
    if pk.startswith("H#") and item.get("wt") in _STAGES:
        return to_entry(item)
    if pk.startswith(("POOL#", "REST#")) and sk.startswith("A#"):
        load = rows.to_load(item)
        return Seat(load.pool, load)
    return None


def _item(image: Mapping[str, Any]) -> Item:
    """An image as Lambda hands it over, in which bytes are base64 text."""
    return unmarshal({name: {"B": _bytes(value["B"])} if "B" in value else value for name, value in image.items()})


def _bytes(value: str | bytes) -> bytes:
    return base64.b64decode(value)
