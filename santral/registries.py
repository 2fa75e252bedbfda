"""National registries of consent: the seam between our records and a registry's, and files as its sample.

A registry of another country is one more `Format`; one that is reached by its own API is a program that reads and writes such a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, TextIO

from santral.contact_files import Refusal
from santral.iys import IysCsv, IysJson


class Format(Protocol):
    """A registry's file. Our records are those of `GET /v1/consents`; its rows become those of `POST /v1/consents`."""

    def rows(self, data: bytes) -> Iterator[tuple[int, dict[str, Any] | Refusal]]:
        """Each record of a file with its line, or its number where lines mean nothing: ours, or why it is none. Raises BadFile."""

    def written(self, records: Iterable[Mapping[str, Any]], out: TextIO) -> tuple[int, int]:
        """Write what of our records concerns the registry; how many, and how many that it does not know were left out."""


FORMATS: Mapping[tuple[str, str], Format] = {("iys", ".csv"): IysCsv(), ("iys", ".json"): IysJson()}
"""By the registry's name and the file's ending."""


def latest(records: Iterable[Mapping[str, Any]], since: datetime | None) -> list[Mapping[str, Any]]:
    """What a registry has to hear: of each address the record of marketing that holds, where we recorded it, and not before `since`.

    What came from a registry is left out: it knows.
    """
    held: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in records:
        if one["purpose"] != "marketing":
            continue
        place = one["channel"], one["address"]
        if place not in held or _mark(held[place]) < _mark(one):
            held[place] = one
    told = [one for one in held.values() if one["how"] != "registry"]
    return [one for one in told if since is None or datetime.fromisoformat(one["recorded_at"]) >= since]


def _mark(one: Mapping[str, Any]) -> tuple[datetime, bool, str]:
    """The same order as router/consents.py: the latest holds, of two at one instant the withdrawal."""
    return datetime.fromisoformat(one["at"]), not one["given"], one["id"]
