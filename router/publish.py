"""Publish: what changed in the table, told to the event bus and to webhooks, and the search's rows. Off the hot path.

Everything here may be done twice: events have derived ids, deliveries are written once by condition, a search row has one key.
So the first record that could not be told comes again with all that follow it, and each item's changes stay in order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.catalogue import Event, body_of
from router.errors import Temporary
from router.events import Change, Filed, events_of
from router.exchange import Exchange
from router.search import IndexRow, index_row
from router.sends import Send
from router.signals import Hook, SetAside
from router.staff import is_staff
from router.webhooks import PATIENCE, deliveries


@dataclass(frozen=True, slots=True)
class Told:
    """One record: its place in the stream, its change, and the events of it with their bodies."""

    sequence: str
    change: Change
    events: tuple[tuple[Event, str], ...]


def publish(
    x: Exchange, records: Sequence[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], Change]
) -> str | None:
    """Tell a batch of the stream's records; the sequence number of the first that must come again, None when all are told."""
    told = [one for record in records if (one := _told(x, record, read)) is not None]
    failed = {_index(x, told), _bus(x, told), _webhooks(x, told)}
    return next((one.sequence for one in told if one.sequence in failed), None)


def _told(x: Exchange, record: Mapping[str, Any], read: Callable[[Mapping[str, Any]], Change]) -> Told | None:
    """A record's events. One that cannot be read never can be, and would hold all behind it: a person gets its name."""
    try:
        change = read(record)
        events = tuple((event, body_of(event)) for event in events_of(change, x.key))
        return Told(str(record["dynamodb"]["SequenceNumber"]), change, events)
    except Exception as error:  # whatever a future item does to our reading: the others go on
        stream = record.get("dynamodb", {})
        pk, sk = (str(stream.get("Keys", {}).get(name, {}).get("S", "?")) for name in ("pk", "sk"))
        x.queues.send([SetAside(pk, sk, str(stream.get("SequenceNumber", "?")), type(error).__name__)], x.now())
        x.count("StreamRecordUnread", 1)
        return None


def _bus(x: Exchange, told: Sequence[Told]) -> str | None:
    """All events to the bus; the first record with one that it did not take."""
    entries = [(one.sequence, event, body) for one in told for event, body in one.events]
    refused = x.bus.put([(event, body) for _, event, body in entries])
    x.count("EventsPublished", len(entries) - len(refused))
    return next((sequence for number, (sequence, _, _) in enumerate(entries) if number in refused), None)


def _webhooks(x: Exchange, told: Sequence[Told]) -> str | None:
    """A delivery for each event and webhook that wants it, then the queue; the first record for which that failed."""
    webhooks = [webhook for webhook in x.config().webhooks if webhook.enabled]
    if not webhooks or not any(one.events for one in told):
        return None
    first = next(one.sequence for one in told if one.events)
    hooks = []
    try:
        off = x.table.switched_off(webhook.name for webhook in webhooks)
        listening = [webhook for webhook in webhooks if webhook.name not in off]
        for one in told:
            for delivery in deliveries(one.events, listening, x.key):
                x.table.new_delivery(delivery, x.now() + PATIENCE)
                hooks.append(Hook(delivery.id, delivery.webhook, x.now()))
        x.queues.send(hooks, x.now())
    except Temporary:
        return first
    return None


def _index(x: Exchange, told: Sequence[Told]) -> str | None:
    """The rows of what was said, written, changed or withdrawn, the last word on each; the first record if that failed."""
    rows: dict[str, IndexRow] = {}
    gone: dict[str, IndexRow] = {}
    first: str | None = None
    for one in told:
        before, after = _row(one.change.old), _row(one.change.new)
        if before == after:
            continue
        first = first or one.sequence
        if after is not None:
            rows[after.message] = after
            gone.pop(after.message, None)
        elif before is not None:
            gone[before.message] = before
            rows.pop(before.message, None)
    if first is None:
        return None
    try:
        x.table.index(rows.values(), gone.values())
    except Temporary:
        return first
    return None


def _row(thing: object) -> IndexRow | None:
    if isinstance(thing, (Filed, Send)) and not is_staff(thing.conversation):
        return index_row(thing.message, thing.conversation)
    return None
