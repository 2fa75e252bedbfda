"""Put a world back to where it was: a scenario is set up once and tried at each of its steps."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.core.model_instances import reset_model_data
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from tests.kit.world import ACCOUNT, REGION, World


@dataclass(frozen=True, slots=True)
class Saved:
    """A world's table, queues, clock and memories. Of S3 only which objects there are: what lies under a name is always the same."""

    items: Any
    queues: dict[str, tuple[Any, Any, Any]]
    now: datetime
    serial: int
    memory: tuple[Any, ...]
    stream: Any = None
    objects: frozenset[tuple[str, str]] = frozenset()


def save(world: World) -> Saved:
    """Remember all of it."""
    queues = {
        name: deepcopy((queue._messages, queue._pending_messages, queue.deleted_messages))
        for name, queue in sqs_backends[ACCOUNT][REGION].queues.items()
    }
    providers = world.providers
    memory: tuple[Any, ...] = (world.pushes, world.counts, providers.calls, providers.left, providers.fetched)
    memory += (world.receiver.posts, world.bus and world.bus.heard)
    return Saved(
        deepcopy(_table().items) if world.memory is None else world.memory.save(),
        queues,
        world.now,
        world._serial,
        deepcopy(memory),
        world.stream and world.stream.save(),
        frozenset((name, key) for name, keys in _objects() for key in keys),
    )


def restore(world: World, saved: Saved) -> None:
    """As if nothing had happened since."""
    reset_model_data()  # moto's dashboard keeps every object it ever made, a whole table for each transaction
    if world.memory is None:
        _table().items = deepcopy(saved.items)
    else:
        world.memory.restore(saved.items)
    for name, queue in sqs_backends[ACCOUNT][REGION].queues.items():
        queue._messages, queue._pending_messages, queue.deleted_messages = deepcopy(saved.queues[name])
    world.now, world._serial = saved.now, saved.serial
    if world.stream is not None:
        world.stream.restore(saved.stream)
    for name, keys in _objects():
        for key in [key for key in keys if (name, key) not in saved.objects]:
            keys.pop(key)
    world.x.held.clear()
    world.x.turns.clear()
    world.x.table.worn.clear()
    providers = world.providers
    world.pushes, world.counts, providers.calls, providers.left, providers.fetched, world.receiver.posts, heard = (
        deepcopy(saved.memory)
    )
    if world.bus is not None:
        world.bus.heard = heard


def _objects() -> list[tuple[str, Any]]:
    """Each bucket's objects by their keys."""
    return [(name, bucket.keys) for name, bucket in s3_backends[ACCOUNT]["aws"].buckets.items()]


def _table() -> Any:
    return dynamodb_backends[ACCOUNT][REGION].tables["santral"]


def partitions_of(world: World, index: str | None) -> set[str]:
    """The partitions of the table, or of an index, that hold something."""
    table = _table()
    if index is None:
        return {key.value for key in table.items}
    name = next(i.schema[0]["AttributeName"] for i in table.global_indexes if i.name == index)
    return {item.attrs[name].value for item in table.all_items() if name in item.attrs}
