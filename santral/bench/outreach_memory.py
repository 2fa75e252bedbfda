"""Peak memory of planning a campaign and counting what came of it, for audiences of three sizes, each in a process of its own.

The store's code runs over a table that makes each item when it is asked for it: a table in memory would itself grow with the audience.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from router.aws.codec import Item, unmarshal
from router.aws.dynamo import Change, Dynamo, Key
from router.aws.table import Table
from router.campaigning import labels, tallied
from router.candidates import Reason
from router.journeys import Journey, Stage
from router.outreach_values import PARTS, OutreachRow
from router.planning import plan
from santral.bench import shop
from santral.bench.outreach import KEY, a_run, exchange
from santral.emulator import ROOT

SIZES = (1_000, 10_000, 100_000)


@dataclass(frozen=True, slots=True)
class Peak:
    """Megabytes of a process that planned for so many: before it began, and at most."""

    recipients: int
    before: float
    most: float
    planned: int
    counted: int


class Endless(Dynamo):
    """A table of so many contacts that holds none. What is written is counted."""

    def __init__(self, count: int) -> None:
        super().__init__(None, "endless")
        self.count = count
        self.written = 0
        self._store = Table(self, KEY)
        (self._run,) = _items(self._store.new_run(a_run()))

    def get(self, key: Key) -> Item | None:
        """The run; nothing was decided, and no part has begun."""
        return dict(self._run) if key == (self._run["pk"], self._run["sk"]) else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:  # noqa: ARG002 - the seam's
        """Nobody has a journey yet."""
        return {}

    def query(self, pk: str, **how: Any) -> Iterator[Item]:
        """Contacts of a part, journeys of a list, or all that is known of somebody."""
        kind, _, rest = pk.partition("#")
        if kind == "P":
            contact = rest.removeprefix("p_")
            yield from (
                self._person(int(contact)) if contact.isdigit() else ()
            )  # others are addresses joined from elsewhere
        elif kind == "contacts":
            yield from self._contacts(int(rest), how["after"], how["limit"])
        else:
            for number in range(int(rest.rpartition("#")[2]), self.count, PARTS):
                yield self._label(number)

    def commit(self, *changes: Change) -> None:
        """It is done."""
        self.written += sum(change.name == "journey" for change in changes)

    def _contacts(self, part: int, after: str | None, limit: int) -> Iterator[Item]:
        first = part if after is None else int(after[:13]) + PARTS
        for number in range(first, min(self.count, first + limit * PARTS), PARTS):
            yield {"pk": f"P#p_{number}", "sk": "contact", "ls": f"{number:013d}#p_{number}#Europe/Istanbul#+9053#"}

    def _person(self, number: int) -> Iterator[Item]:
        one, table = shop.person(KEY, number), self._store
        known = replace(one.contact, id=f"p_{number}")
        yield from _items(
            table.new_contact(known),
            table.new_conversation(one.conversations[0]),
            *map(table.new_consent, one.consents.values()),
            table.save_outreach_row(known.id, OutreachRow(), one.row),
        )

    def _label(self, number: int) -> Item:
        why = Reason(("quiet", "consent.none", "cap.week")[number % 3])
        stage = Stage.HELD if number % 3 == 0 else Stage.ENDED
        one = Journey(f"p_{number}", shop.CAMPAIGN, "2026-03-02T12:00", "bench", "bench", 0, None, stage, reason=why)
        (item,) = _items(self._store.new_journey(one))
        return item


def _items(*changes: Change) -> list[Item]:
    return [unmarshal(change.body["Item"]) for change in changes]


def measure(sizes: Sequence[int] = SIZES) -> list[Peak]:
    """Each in a fresh process."""
    return [_fresh(size) for size in sizes]


def _fresh(size: int) -> Peak:
    told = subprocess.run(
        [sys.executable, "-m", __name__, str(size)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    before, most, planned, counted = told.stdout.split()
    return Peak(size, float(before), float(most), int(planned), int(counted))


def _megabytes() -> float:
    """The most this program has had: getrusage tells of the process that started it as well."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    """Plan for so many, then count them all."""
    dynamo = Endless(int(sys.argv[1]))
    x = exchange(Table(dynamo, KEY))
    before = _megabytes()
    for part in range(PARTS):
        plan(x, shop.CAMPAIGN, "bench", part)
    tally = tallied(labels(x, shop.CAMPAIGN, "bench"))
    print(before, _megabytes(), dynamo.written, tally.journeys)


if __name__ == "__main__":
    main()
