"""A shard of the due index, worked through: everything due in it is attended once, oldest first, a page at a time.

A run is bounded in time and in memory, and leaves behind how far it has begun. The next one goes on there, to the end and then from
the beginning: what always fails, or ends the process, is come back to only after everything else was looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING

from router.due import attend
from router.errors import SantralError
from router.exchange import Exchange
from router.signals import Signal, Wake
from router.times import from_ms, to_ms

if TYPE_CHECKING:
    from router.aws.dynamo import Key

LONGEST = timedelta(seconds=50)
"""The next minute has its own run, which begins before this one's function would be ended."""
PAGE = 100
_FIRST = datetime.fromtimestamp(0, UTC)
_MOMENT = timedelta(milliseconds=1)

DueKey = tuple["Key", datetime]
Each = Callable[[Callable[["Key"], list[Signal]], Iterable["Key"]], Iterable[list[Signal]]]


def work(x: Exchange, shard: int, *, at_once: int = 1) -> int:
    """Attend to what is due in a shard, so many items side by side; how many were. What fails is counted, and stays due."""
    began = x.now()
    name = f"due#{shard}"
    mark = _marked(x.table.cursor(name))
    attended, begun = 0, mark is not None
    with _hands(at_once) as each:
        for page in _pages(x, shard, mark, began):
            if x.now() - began >= LONGEST:
                return attended
            begun = True
            x.table.set_cursor(name, str(to_ms(page[-1][1])))
            attended += _attend(x, [key for key, _ in page], each)
    if begun:
        x.table.set_cursor(name, "")
    return attended


def trouble(x: Exchange, what: str, error: Exception) -> None:
    """Count and log a fault by its type: a text could hold what a customer wrote."""
    why = str(error) if isinstance(error, SantralError) else type(error).__name__
    x.log("sweep trouble", {"what": what, "why": why})
    x.count("SweepFailed", 1)


def _marked(cursor: str | None) -> datetime | None:
    """How far the last run had begun; None if it came to its end."""
    return from_ms(int(cursor)) if cursor else None


def _pages(x: Exchange, shard: int, mark: datetime | None, now: datetime) -> Iterator[list[DueKey]]:
    """What is due from the mark to the end, then from the beginning to the mark."""
    parts = [(mark or _FIRST, now)] + ([(_FIRST, mark - _MOMENT)] if mark is not None else [])
    for since, until in parts:
        found = x.table.due(shard, until, since=since)
        while page := list(islice(found, PAGE)):
            yield page


def _attend(x: Exchange, keys: Iterable[Key], each: Each) -> int:
    """Attend to a page's items and send what follows in batches; how many did not fail."""
    counts: Counter[str] = Counter()
    lock = Lock()
    failed: list[Key] = []

    def count(name: str, value: int) -> None:
        with lock:  # what counts in earnest may not be used by several threads
            counts[name] += value

    there = replace(x, count=count)

    def one(key: Key) -> list[Signal]:
        try:
            return attend(there, key)
        except Exception as error:  # one item's trouble must not stop the others; it stays due
            failed.append(key)
            trouble(there, f"attend {key[0].partition('#')[0]}", error)
            return []

    keys = list(keys)
    signals = [signal for found in each(one, keys) for signal in found]
    try:
        x.queues.send(_once(signals), x.now())
    except Exception as error:  # what is lost is due again, or is a wake-up that the sweep repeats
        trouble(there, "signals", error)
    for name, value in counts.items():
        x.count(name, value)
    return len(keys) - len(failed)


def _once(signals: Iterable[Signal]) -> list[Signal]:
    """A pool in which nothing but room or order has changed is woken once a page, whatever fell due in it."""
    kept: dict[object, Signal] = {}
    for number, signal in enumerate(signals):
        kept.setdefault(signal.pool if isinstance(signal, Wake) and signal.waiting is None else number, signal)
    return list(kept.values())


@contextmanager
def _hands(at_once: int) -> Iterator[Each]:
    """Something to do for each of many, so many side by side."""
    if at_once < 2:
        yield map
        return
    with ThreadPoolExecutor(at_once) as threads:
        yield threads.map
