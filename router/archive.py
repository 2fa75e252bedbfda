"""The archive: decisions and the rosters that they name, beyond the table's ninety days, in the stack's own bucket.

Decisions are gzipped JSON lines, an object for all of an hour that one batch of the stream brought, under
`decisions/<year>/<month>/<day>/<hour>/<first>-<last>-<hash>.jsonl.gz`: the hour, and the first and last time in milliseconds, are
the decisions' own, which their ids tell, so that an id finds its object. A roster is an object under its hash. The same content has
the same key, so a batch that comes again changes nothing; one that comes cut otherwise brings a record twice, the same each time.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from router.errors import NotFound, Temporary, Unparsable
from router.ids import split_decision_id
from router.snapshots import Roster, canonical
from router.times import to_ms

if TYPE_CHECKING:
    from router.aws.blobs import Blobs

DECISIONS, ROSTERS = "decisions", "rosters"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision out of the stream. `packed` stands in for what this release cannot read, and a later one can."""

    id: str
    record: Mapping[str, Any] | None
    packed: str | None = None

    @property
    def at(self) -> int:
        """Its time in milliseconds, which its id tells; 0 when it is none of a decision's."""
        return (split_decision_id(self.id) or ("", 0))[1]

    @property
    def line(self) -> str:
        """As it stands in the archive."""
        kept = {"packed": self.packed} if self.record is None else {"record": self.record}
        return canonical({"id": self.id, **kept})


def archive(
    blobs: Blobs,
    records: Sequence[Mapping[str, Any]],
    read: Callable[[Mapping[str, Any]], tuple[str, Decided | Roster]],
) -> str | None:
    """Keep a batch of the stream's records, a put for each hour and roster; the first that must come again, None when all are kept.

    `read` gives a record's sequence number and what it brought.
    """
    rosters: dict[str, tuple[str, Roster]] = {}
    hours: dict[str, list[tuple[str, Decided]]] = {}
    told = [read(record) for record in records]
    for sequence, thing in told:
        if isinstance(thing, Roster):
            rosters.setdefault(thing.address, (sequence, thing))
        else:
            hours.setdefault(_folder(_hour(thing.at)), []).append((sequence, thing))
    failed = {sequence for sequence, roster in rosters.values() if not _put(blobs, *_of_roster(roster))}
    for folder, decided in hours.items():
        if not _put(blobs, *_of_hour(folder, [one for _, one in decided])):
            failed.add(decided[0][0])
    return next((sequence for sequence, _ in told if sequence in failed), None)


def _put(blobs: Blobs, key: str, text: str) -> bool:
    try:
        blobs.put(key, gzip.compress(text.encode(), mtime=0), "application/gzip")
    except Temporary:
        return False
    return True


def _of_roster(roster: Roster) -> tuple[str, str]:
    return f"{ROSTERS}/{roster.address}.json.gz", roster.text


def _of_hour(folder: str, decided: Sequence[Decided]) -> tuple[str, str]:
    lines = sorted({one.line for one in decided})
    text, times = "\n".join(lines) + "\n", [one.at for one in decided]
    name = f"{min(times):013d}-{max(times):013d}-{sha256(text.encode()).hexdigest()[:16]}"
    return f"{folder}{name}.jsonl.gz", text


# --- read again ----------------------------------------------------------------------------------------------------


def archived(blobs: Blobs, decision_id: str) -> list[Decided]:
    """A decision by its id, more than one if they differ: one call, and one for each object of its time. Raises Unparsable, Temporary."""
    place = split_decision_id(decision_id)
    if place is None:
        return []
    found = _between(blobs, place[1], place[1])
    return list({one.line: one for one in found if one.id == decision_id}.values())


def archived_of(blobs: Blobs, conversation: str, since: datetime, until: datetime) -> list[str]:
    """The ids of a conversation's decisions between two times, oldest first: a call for a thousand objects, and one for each."""
    ids = {one.id: one.at for one in _between(blobs, to_ms(since), to_ms(until))}
    return sorted((i for i in ids if (split_decision_id(i) or ("", 0))[0] == conversation), key=lambda i: ids[i])


def archived_between(blobs: Blobs, since: datetime, until: datetime) -> list[Decided]:
    """Every decision between two times, each once, in the order of time: a call for a thousand objects, and one for each."""
    start, end = to_ms(since), to_ms(until)
    found = {one.line: one for one in _between(blobs, start, end) if start <= one.at <= end}
    return sorted(found.values(), key=lambda one: (one.at, one.id))


def archived_roster(blobs: Blobs, address: str) -> Roster | None:
    """A roster by its hash: 1 call. What lies there need not be it: look at its address. Raises Unparsable, Temporary."""
    key = f"{ROSTERS}/{address}.json.gz"
    try:
        data = blobs.get(f"s3://{blobs.bucket}/{key}")
    except NotFound:
        return None
    with _readable(key):
        told = json.loads(gzip.decompress(data))
        return Roster(told["pool"], told["states"])


def _between(blobs: Blobs, since: int, until: int) -> Iterator[Decided]:
    """Every decision of the objects that reach into a time, both ends included. Raises Unparsable, Temporary."""
    end = _folder(_hour(until) + _HOUR)
    for key in blobs.keys(f"{DECISIONS}/", after=_folder(_hour(since))):
        if key >= end:
            return
        with _readable(key):
            first, last = map(int, key.rpartition("/")[2].split("-")[:2])
        if first <= until and last >= since:
            yield from _lines(key, blobs.get(f"s3://{blobs.bucket}/{key}"))


def _lines(key: str, data: bytes) -> list[Decided]:
    with _readable(key):
        told = map(json.loads, gzip.decompress(data).splitlines())
        return [Decided(kept["id"], kept.get("record"), kept.get("packed")) for kept in told]


@contextmanager
def _readable(key: str) -> Iterator[None]:
    """Raises Unparsable for an object that we never wrote so."""
    try:
        yield
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unparsable(f"{key} in the archive cannot be read: {type(error).__name__}") from None


def _hour(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).replace(minute=0, second=0, microsecond=0)


def _folder(hour: datetime) -> str:
    return f"{DECISIONS}/{hour:%Y/%m/%d/%H}/"
