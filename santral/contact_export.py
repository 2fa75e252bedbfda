"""All contacts as a CSV file that can be taken in again."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

FIELDS = ("name", "language", "zone", "birthday", "preferred")
CHANNELS = ("email", "sms", "whatsapp")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9 ]+$)")


@contextmanager
def collected(rows: Iterable[Mapping[str, Any]]) -> Iterator[Callable[[TextIO], int]]:
    """Read all; then what is yielded writes a line for each person who has an address a file can name, and tells how many.

    So a file that is written over keeps what it held when the reading fails. Attributes are columns, in order of name. A text that a
    spreadsheet would take for a formula has an apostrophe before it: strangers choose their names.
    """
    names: set[str] = set()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as kept:  # all columns are known only at the end
        for row in rows:
            if any(one["channel"] in CHANNELS for one in row["addresses"]):
                names |= set(row["attributes"])
                kept.write(json.dumps(row) + "\n")

        def written(out: TextIO) -> int:
            kept.seek(0)
            table = csv.DictWriter(out, ["id", *CHANNELS, *FIELDS, "tags", *sorted(names), "first_seen_at"], restval="")
            table.writeheader()
            count = 0
            for line in kept:
                table.writerow(_cells(json.loads(line)))
                count += 1
            return count

        yield written


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    cells: dict[str, Any] = {"id": row["id"], "first_seen_at": row["first_seen_at"], "tags": "; ".join(row["tags"])}
    for one in reversed(row["addresses"]):  # of several on one channel the first
        if one["channel"] in CHANNELS:
            cells[one["channel"]] = one["address"]
    cells |= {name: row[name] for name in FIELDS if row[name] is not None}
    cells |= row["attributes"]
    return {name: _safe(value) for name, value in cells.items()}


def _safe(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if _FORMULA.match(text) else text
