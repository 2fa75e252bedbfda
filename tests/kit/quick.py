"""moto without two of its costs. What it answers is the same; `tests/aws` holds it to DynamoDB Local.

A transaction is undone by putting back the items it touched, where moto copies the whole table once for each of them; and the
names under which an attribute of an answer may be found are worked out once for each kind of attribute.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.core import serialize
from moto.dynamodb import models
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table

_transact = models.DynamoDBBackend.transact_write_items
_possible_keys = serialize.XFormedAttributePicker.get_possible_keys


class _Copy:
    """`copy` for moto's models: the tables of a transaction are not copied, `transact` below looks after them."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value)


def transact(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    """All or nothing, as moto has it."""
    undo = [_before(backend, *next(iter(item.items()))) for item in transact_items]
    shards = [
        (t.stream_shard, len(t.stream_shard.items)) for t in backend.tables.values() if t.stream_shard is not None
    ]
    try:
        _transact(backend, transact_items)
    except Exception:
        for table, partition, sort, was in undo:
            _put_back(table, partition, sort, was)
        for shard, length in shards:
            del shard.items[length:]
        raise


def _before(backend: Any, _: str, op: dict[str, Any]) -> tuple[Any, DynamoType, DynamoType, Any]:
    table = backend.get_table(op["TableName"])
    key = op.get("Key") or op["Item"]
    partition, sort = DynamoType(key[table.hash_key_attr]), DynamoType(key[table.range_key_attr])
    return table, partition, sort, copy.deepcopy(table.items.get(partition, {}).get(sort))


def _put_back(table: Any, partition: DynamoType, sort: DynamoType, was: Any) -> None:
    if was is not None:
        table.items[partition][sort] = was
        return
    table.items.get(partition, {}).pop(sort, None)
    if not table.items.get(partition, True):
        del table.items[partition]


_names: dict[tuple[Any, ...], tuple[str, ...]] = {}


def possible_keys(picker: Any, context: Any) -> Iterator[str]:
    """The names to look under; for plain dictionaries they depend on the model alone."""
    if type(context.obj) is not dict:
        yield from _possible_keys(picker, context)
        return
    shape = context.shape
    parent = getattr(shape, "parent", None)
    known = (type(picker), context.key, getattr(shape, "name", None), getattr(parent, "name", None))
    if known not in _names:
        _names[known] = tuple(_possible_keys(picker, context))
    yield from _names[known]


def install() -> None:
    """Put both in force; a second time changes nothing."""
    setattr(models, "copy", _Copy)  # noqa: B010 - as moto's own names, which are typed otherwise
    setattr(models.DynamoDBBackend, "transact_write_items", transact)  # noqa: B010
    setattr(serialize.XFormedAttributePicker, "get_possible_keys", possible_keys)  # noqa: B010
