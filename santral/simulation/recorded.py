"""Reads what happened from a deployment's table: each conversation that had anything in some hours, and who was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from router.aws.configs import Applied, Configs
from router.aws.dynamo import Dynamo
from router.aws.table import Table
from router.config import Config
from router.conversations import Conversation
from router.hourly import shifts
from router.times import to_ms
from router.touched import hour_of
from santral.simulation.history import Past, past

if TYPE_CHECKING:
    from santral.connection import Connection

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """The table, and the versions of the configuration."""

    table: Table
    config: Callable[[], Config]
    version: Callable[[str], Config]
    applied: Callable[[], Sequence[Applied]]


def kept(connection: Connection) -> Kept:
    """That of a deployment, to be read with the caller's AWS credentials."""
    dynamo = Dynamo(connection.client("dynamodb"), connection.outputs["TableName"])
    configs = Configs(dynamo)
    return Kept(Table(dynamo, b""), configs.current, configs.once, configs.history)


def read(
    of: Kept,
    start: datetime,
    end: datetime,
    zone: str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Past:
    """What happened from `start` to `end`, whole hours: 8 calls an hour, 1 for 50 conversations; `progress` is the share that is done.

    Without a zone that of the configuration's first calendar, else UTC.
    """
    config = of.config()
    since, until = to_ms(start), to_ms(end)
    there = shifts(of, since, until)
    zone = zone or next((one.zone for one in config.calendars), "UTC")
    return past(config, _conversations(of.table, since, until, progress), there, since, until, zone)


def _conversations(table: Table, start: int, end: int, progress: Callable[[float], None]) -> Iterator[Conversation]:
    first, last = hour_of(start), hour_of(end - 1)
    ids = dict.fromkeys(table.open_then(first - 1))
    for number, hour in enumerate(range(first, last + 1), 1):
        ids |= dict.fromkeys(table.members(hour))
        progress(number / (last + 1 - first) / 2)
    ordered = sorted(ids)
    for at in range(0, len(ordered), _PAGE):
        yield from table.conversations(ordered[at : at + _PAGE]).values()
        progress(0.5 + (at + _PAGE) / len(ordered) / 2)
