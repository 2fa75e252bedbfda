"""Counts what the SDK really does: every request, and the DynamoDB units of each, by phase.

Requests are counted where botocore makes them, retries too. Write units come twice: as the service reports them
(ConsumedCapacity, asked for by a hook) and computed from the items before and after, index by index. Reads are computed
from what came back, by DynamoDB's rules (docs.aws.amazon.com/amazondynamodb, "Capacity unit consumption").
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from router.aws import clients

Raw = Mapping[str, Mapping[str, Any]]
_WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
_CAPACITY = frozenset({*_WRITES, "TransactWriteItems", "BatchWriteItem", "GetItem", "BatchGetItem", "Query"})


@dataclass(slots=True)
class Tally:
    """What one phase did."""

    calls: Counter[str] = field(default_factory=Counter)
    table: float = 0.0
    index: float = 0.0
    reads: float = 0.0
    reported_table: float = 0.0
    reported_index: float = 0.0
    largest: int = 0  # bytes of the largest item written
    aside: float = 0.0  # seconds spent looking at items, which the measured code did not

    @property
    def requests(self) -> int:
        """AWS calls of all services."""
        return sum(self.calls.values())

    def of(self, service: str) -> int:
        """AWS calls of one service."""
        return sum(n for name, n in self.calls.items() if name.startswith(f"{service}."))

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.calls + other.calls,
            self.table + other.table,
            self.index + other.index,
            self.reads + other.reads,
            self.reported_table + other.reported_table,
            self.reported_index + other.reported_index,
            max(self.largest, other.largest),
            self.aside + other.aside,
        )


class Meter:
    """Hooks the functions' clients while it is entered; `look` is a DynamoDB client of its own, which is not counted."""

    def __init__(self, look: Any, table: str) -> None:
        self._look = look
        self._table = table
        described = look.describe_table(TableName=table)["Table"]
        self._indexes = [(i["KeySchema"], i["Projection"]) for i in described.get("GlobalSecondaryIndexes", ())]
        self.tallies: dict[str, Tally] = {}
        self._now: Tally | None = None
        self._hooks: tuple[tuple[str, Any], ...] = (
            ("request-created", self._request),
            ("before-parameter-build.dynamodb", self._before),
            ("after-call.dynamodb", self._after),
        )

    def __enter__(self) -> Self:
        clients.client.cache_clear()  # those made from here on have the hooks
        for event, hook in self._hooks:
            clients.session().register(event, hook)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for event, hook in self._hooks:
            clients.session().unregister(event, hook)
        clients.client.cache_clear()

    @contextmanager
    def phase(self, name: str) -> Iterator[Tally]:
        """Count what happens inside under this name; a repeated name adds up."""
        before, self._now = self._now, self.tallies.setdefault(name, Tally())
        try:
            yield self._now
        finally:
            self._now = before

    def _request(self, event_name: str, **_: Any) -> None:
        if self._now is not None:
            self._now.calls[event_name.removeprefix("request-created.")] += 1

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._now is None or model.name not in _CAPACITY:
            return
        params["ReturnConsumedCapacity"] = "INDEXES"
        keys = _written(model.name, params, self._table)
        context["meter"] = params, keys, [self._image(key) for key in keys]

    def _after(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        if self._now is None or "meter" not in context:
            return
        params, keys, before = context.pop("meter")
        reported = parsed.get("ConsumedCapacity", [])
        if model.name in ("GetItem", "BatchGetItem", "Query"):
            self._now.reads += _read_units(model.name, params, parsed)
            return
        twice = 2 if model.name == "TransactWriteItems" else 1
        for image, written in zip(before, keys, strict=True):
            after = self._image(written)
            sizes = [item_size(i) for i in (image, after) if i]
            self._now.largest = max([self._now.largest, *sizes])
            self._now.table += twice * units(max([1, *sizes]))
            self._now.index += sum(index_units(image, after, *index) for index in self._indexes)
        for one in reported if isinstance(reported, list) else [reported]:
            indexes = sum(i["CapacityUnits"] for i in one.get("GlobalSecondaryIndexes", {}).values())
            self._now.reported_index += indexes
            self._now.reported_table += one["CapacityUnits"] - indexes

    def _image(self, key: Raw) -> Raw | None:
        began = time.perf_counter()
        found: Raw | None = self._look.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if self._now is not None:
            self._now.aside += time.perf_counter() - began
        return found


def _key(item: Raw) -> Raw:
    return {name: item[name] for name in ("pk", "sk")}


def _written(operation: str, params: Mapping[str, Any], table: str) -> list[Raw]:
    if operation == "TransactWriteItems":
        bodies = [body for action in params["TransactItems"] for body in action.values()]
        return [body.get("Key") or _key(body["Item"]) for body in bodies]
    if operation == "BatchWriteItem":
        requests = params["RequestItems"][table]
        return [r["DeleteRequest"]["Key"] if "DeleteRequest" in r else _key(r["PutRequest"]["Item"]) for r in requests]
    return [params.get("Key") or _key(params["Item"])] if operation in _WRITES else []


def units(size: int, unit: int = 1024) -> int:
    return max(1, -(-size // unit))


def index_units(before: Raw | None, after: Raw | None, schema: Sequence[Any], projection: Mapping[str, Any]) -> int:
    old, new = entry(before, schema, projection), entry(after, schema, projection)
    names = [part["AttributeName"] for part in schema]
    if old is None and new is None:
        return 0
    if old is not None and new is not None and all(old[n] == new[n] for n in names):
        return 0 if old == new else units(max(item_size(old), item_size(new)))
    return sum(units(item_size(one)) for one in (old, new) if one is not None)


def entry(item: Raw | None, schema: Sequence[Any], projection: Mapping[str, Any]) -> Raw | None:
    names = [part["AttributeName"] for part in schema]
    if item is None or not all(name in item for name in names):
        return None
    if projection["ProjectionType"] == "ALL":
        return item
    kept = {"pk", "sk", *names, *projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in item.items() if name in kept}


def _read_units(operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    if operation == "GetItem":
        return units(item_size(answer.get("Item", {})), 4096) * (1.0 if params.get("ConsistentRead") else 0.5)
    if operation == "Query":
        size = sum(item_size(item) for item in answer["Items"])
        return units(size, 4096) * (1.0 if params.get("ConsistentRead") else 0.5)
    asked = sum(len(one["Keys"]) for one in params["RequestItems"].values())
    found = [item for items in answer["Responses"].values() for item in items]
    return float(sum(units(item_size(item), 4096) for item in found) + asked - len(found))


def item_size(item: Raw) -> int:
    """Bytes of an item as DynamoDB bills it: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return len(value.lstrip("-").replace(".", "")) // 2 + 2
    if kind == "B":
        return len(value)
    if kind == "L":
        return 3 + sum(1 + _size(one) for one in value)
    if kind == "SS":
        return sum(len(one.encode()) for one in value)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in value.items())
    return 1
