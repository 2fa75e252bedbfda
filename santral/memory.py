"""The table's calls over dictionaries in this process: what a simulator runs the use cases on, and tests.

It is held to what DynamoDB does by `tests/aws`, which runs the same contracts over both. What differs: an index is never behind, a
query sees one moment however many pages it would have taken, nothing is throttled, no item is too large, and none expires.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from router.aws.codec import Item, marshal
from router.aws.dynamo import Change, Dynamo, Key, delete
from router.errors import Lost
from santral.memory_expressions import condition
from santral.memory_order import Bound, Ordered
from santral.memory_updates import update
from santral.memory_values import NESTED, fresh, invalid, read, read_item

KEYS: dict[str | None, tuple[str, str]] = {
    None: ("pk", "sk"), "due": ("dk", "due"), "conversation": ("cv", "at"), "list": ("lk", "ls"),
}  # fmt: skip
"""Partition and place in the table and in each index."""
WHOLE = frozenset({None, "conversation"})
"""Those that tell whole items; the others tell keys."""
NUMBERS = frozenset({"due"})
"""Keys that are numbers; all others are strings."""

_MOST_CHANGES = 100
_BATCH = 25
_NOWHERE: tuple[None, ...] = (None,) * len(KEYS)
_EMPTY: Item = {}
_NUMBER_OF = {index: number for number, index in enumerate(KEYS)}
_COLUMNS = tuple((hash_name, range_name, range_name in NUMBERS) for hash_name, range_name in KEYS.values())
_Places = Sequence[tuple[str, Any] | None]
"""For the table and each index, partition and place of an item; None where it has none."""


class _Row:
    """An item as it is kept: another one takes its place, it is never changed."""

    __slots__ = ("item", "nested", "places")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.places: _Places = [_place(item, *column) for column in _COLUMNS]
        if self.places[0] is None:
            raise invalid("the item has no key")
        self.nested: list[str] | None = None  # looked for when it is first told

    def told(self) -> Item:
        """The item, for the caller to keep."""
        if self.nested is None:
            self.nested = [name for name, value in self.item.items() if type(value) in NESTED]
        item = self.item.copy()
        for name in self.nested:
            item[name] = fresh(item[name])
        return item


Saved = Mapping[Key, _Row]
"""What `MemoryDynamo.save` remembers."""


class MemoryDynamo(Dynamo):
    """`Dynamo` without a client. Calls may come from several threads; each is done as a whole."""

    def __init__(self, table: str = "memory") -> None:
        self.table = table
        self._rows: dict[Key, _Row] = {}
        self._orders: list[dict[str, Ordered]] = [{} for _ in KEYS]
        self._lock = Lock()

    def items(self) -> Iterator[Item]:
        """Everything that is kept, in no order."""
        for row in list(self._rows.values()):
            yield row.told()

    def save(self) -> Saved:
        """All that is kept, to come back to; it costs a dictionary's copy."""
        return dict(self._rows)

    def restore(self, saved: Saved) -> None:
        """As if nothing had been written since."""
        with self._lock:
            self._rows = {}
            self._orders = [{} for _ in KEYS]
            for key, row in saved.items():
                self._replace(key, None, row)

    def get(self, key: Key) -> Item | None:
        """One item."""
        row = self._rows.get(key)
        if row is not None:
            return row.told()
        _check_key(key)
        return None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Items by key; missing ones are left out."""
        found = {}
        for key in dict.fromkeys(keys):
            row = self._rows.get(key)
            if row is not None:
                found[key] = row.told()
            else:
                _check_key(key)
        return found

    def query(
        self,
        pk: str,
        *,
        index: str | None = None,
        between: tuple[Any, Any] | None = None,
        prefix: str | None = None,
        after: Any = None,
        before: Any = None,
        limit: int | None = None,
        backwards: bool = False,
        page: int | None = None,
        soon: bool = False,  # noqa: ARG002 - here it costs nothing
    ) -> Iterator[Item]:
        """Items of a partition in key order, at most `limit`, as they all are when the first one is asked for."""
        hash_name, range_name = names = KEYS[index]
        _check_keys(names, *((pk, bound) for bound in (*(between or ()), prefix, after, before) if bound is not None))
        if not pk or limit == 0 or page == 0 or (between is not None and between[0] > between[1]):
            raise invalid("an empty partition key, a limit of 0, or bounds the wrong way round")
        low, high = _bounds(between, prefix, after, before)
        with self._lock:
            order = self._orders[_NUMBER_OF[index]].get(pk)
            found = [self._rows[key] for key in order.keys(low, high, limit, backwards=backwards)] if order else ()
        if index in WHOLE:
            for row in found:
                yield row.told()
        else:
            for row in found:
                yield {name: row.item[name] for name in ("pk", "sk", hash_name, range_name)}

    def query_many(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Item]]:
        """Several queries, one after the other."""
        return [list(self.query(pk, **how)) for pk, how in asked]

    def commit(self, *changes: Change) -> None:
        """All or nothing. Raises Lost."""
        if not 0 < len(changes) <= _MOST_CHANGES:
            raise invalid(f"a transaction has 1 to {_MOST_CHANGES} actions, not {len(changes)}")
        if len({change.key for change in changes}) < len(changes):
            raise invalid("a transaction cannot include several operations on one item")
        if len(changes) == 1 and changes[0].kind == "ConditionCheck":
            raise KeyError("ConditionCheck")  # which no call of DynamoDB does alone
        with self._lock:
            asked = [(change, self._rows.get(change.key), _values(change)) for change in changes]
            lost = [change.name for change, row, values in asked if not _holds(change, row, values)]
            if lost:
                raise Lost(lost)
            # None is written before all are known to be possible.
            written = [
                (change.key, row, _after(change, row, values))
                for change, row, values in asked
                if change.kind != "ConditionCheck"
            ]
            for key, row, new in written:
                self._replace(key, row, new)

    def write_many(self, items: Iterable[Item], gone: Iterable[Key] = ()) -> None:
        """Put whole items and delete others, 25 at a time. Not all or nothing."""
        asked: list[tuple[Key, _Row | None]] = [
            ((item["pk"], item["sk"]), _Row(read_item(marshal(item)))) for item in items
        ]
        for key in gone:
            _check_key(key)
            asked.append((key, None))
        for start in range(0, len(asked), _BATCH):
            batch = dict(asked[start : start + _BATCH])
            if len(batch) < len(asked[start : start + _BATCH]):
                raise invalid("the provided list of item keys contains duplicates")
            with self._lock:
                for key, new in batch.items():
                    self._replace(key, self._rows.get(key), new)

    def take(self, key: Key, condition: str, values: Mapping[str, Any]) -> Item | None:
        """Delete an item and give it back if the condition holds; None otherwise."""
        change = delete("take", key, condition, values)
        with self._lock:
            row = self._rows.get(key)
            if not _holds(change, row, _values(change)):
                return None
            self._replace(key, row, None)
        return row.told() if row is not None else None

    def _replace(self, key: Key, old: _Row | None, new: _Row | None) -> None:
        if new is not None:
            self._rows[key] = new
        elif old is not None:
            del self._rows[key]
        were = old.places if old is not None else _NOWHERE
        are = new.places if new is not None else _NOWHERE
        for order, was, now in zip(self._orders, were, are, strict=True):
            if was == now:
                continue
            if was is not None:
                partition = order[was[0]]
                partition.remove((was[1], key))
                if not partition:
                    del order[was[0]]
            if now is not None:
                if now[0] not in order:
                    order[now[0]] = Ordered()
                order[now[0]].add((now[1], key))


def _place(item: Item, hash_name: str, range_name: str, numeric: bool) -> tuple[str, Any] | None:
    """Partition and place of an item. Raises a ValidationException on values that cannot be keys."""
    pk, place = item.get(hash_name), item.get(range_name)
    if pk is None and place is None:
        return None
    pk_fits = pk is None or (type(pk) is str and pk != "")
    fits = place is None or (type(place) in (int, float) if numeric else type(place) is str and place != "")
    if not pk_fits or not fits:
        raise invalid(f"type mismatch for the key {hash_name}, {range_name}, or an empty string")
    return None if pk is None or place is None else (pk, place)


def _check_key(key: Key) -> None:
    if _place({"pk": key[0], "sk": key[1]}, "pk", "sk", False) is None:
        raise invalid("the key is not whole")


def _check_keys(names: tuple[str, str], *keys: tuple[str, Any]) -> None:
    for pk, place in keys:
        _place({names[0]: pk, names[1]: place}, *names, names[1] in NUMBERS)


def _bounds(
    between: tuple[Any, Any] | None, prefix: str | None, after: Any, before: Any
) -> tuple[Bound | None, Bound | None]:
    """The first of these that is asked for, as `Dynamo.query` has it."""
    if between is not None:
        return (between[0], False), (between[1], True)
    if prefix is not None:
        return (prefix, False), _behind(prefix)
    if after is not None:
        return (after, True), None
    return None, (before, False) if before is not None else None


def _behind(prefix: str) -> Bound | None:
    """The bound before the first string that comes after all that begin so."""
    short = prefix.rstrip(chr(0x10FFFF))
    return (short[:-1] + chr(ord(short[-1]) + 1), False) if short else None


def _values(change: Change) -> Item:
    return read_item(change.body.get("ExpressionAttributeValues", _EMPTY))


def _holds(change: Change, row: _Row | None, values: Item) -> bool:
    """Does the condition hold? Raises a ValidationException on a key that cannot be, a value that is missing or not used."""
    text, expression = change.body.get("ConditionExpression"), change.body.get("UpdateExpression")
    parsed = condition(text) if text is not None else None
    uses = parsed.uses if parsed is not None else frozenset()
    if expression is not None:
        uses |= update(expression).uses
    if values.keys() != uses:
        raise invalid(f"{change.name}: the expressions use {sorted(uses)}, and {sorted(values)} are given")
    if row is None and change.kind != "Put":
        _check_key(change.key)
    return parsed is None or parsed.holds(row.item if row is not None else _EMPTY, values)


def _after(change: Change, row: _Row | None, values: Item) -> _Row | None:
    """What a change makes of a row; None when it is no more."""
    if change.kind == "Put":
        return _Row(read_item(change.body["Item"]))
    if change.kind == "Update":
        item = row.item if row is not None else {"pk": read({"S": change.key[0]}), "sk": read({"S": change.key[1]})}
        return _Row(update(change.body["UpdateExpression"]).apply(item, values))
    return None
