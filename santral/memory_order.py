"""Keys in the order of their places: a partition of the table in memory, or of one of its indexes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from operator import itemgetter
from typing import Any

from router.aws.dynamo import Key

Entry = tuple[Any, Key]
Bound = tuple[Any, bool]
"""A place, and whether the bound stands behind all keys of that place (True) or before them."""

_MOST = 1000
_place = itemgetter(0)


class Ordered:
    """Entries of place and key, sorted by both, in chunks: one more costs about as much among a million as among ten."""

    __slots__ = ("_chunks", "_lasts")

    def __init__(self) -> None:
        self._chunks: list[list[Entry]] = []  # none is empty
        self._lasts: list[Entry] = []  # of each

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def add(self, entry: Entry) -> None:
        """Enter what is not there."""
        chunks, lasts = self._chunks, self._lasts
        if not chunks:
            chunks.append([entry])
            lasts.append(entry)
            return
        at = min(bisect_left(lasts, entry), len(lasts) - 1)
        chunk = chunks[at]
        insort(chunk, entry)
        lasts[at] = chunk[-1]
        if len(chunk) > _MOST:
            half = len(chunk) // 2
            chunks[at : at + 1] = [chunk[:half], chunk[half:]]
            lasts[at : at + 1] = [chunk[half - 1], chunk[-1]]

    def remove(self, entry: Entry) -> None:
        """Strike out what is there."""
        at = bisect_left(self._lasts, entry)
        chunk = self._chunks[at]
        del chunk[bisect_left(chunk, entry)]
        if chunk:
            self._lasts[at] = chunk[-1]
        else:
            del self._chunks[at], self._lasts[at]

    def keys(self, low: Bound | None, high: Bound | None, limit: int | None, *, backwards: bool) -> list[Key]:
        """Keys between two bounds in order, or the other way round; at most `limit`."""
        first, start = (0, 0) if low is None else self._find(*low)
        last, stop = (len(self._chunks), 0) if high is None else self._find(*high)
        numbers = range(first, min(last + 1, len(self._chunks)))
        found: list[Key] = []
        for number in reversed(numbers) if backwards else numbers:
            chunk = self._chunks[number]
            begin, end = start if number == first else 0, stop if number == last else len(chunk)
            if limit is not None:
                left = limit - len(found)
                begin, end = (max(begin, end - left), end) if backwards else (begin, min(end, begin + left))
            part = chunk[begin:end]
            found += [key for _, key in (reversed(part) if backwards else part)]
            if len(found) == limit:
                break
        return found

    def _find(self, place: Any, behind: bool) -> tuple[int, int]:
        bisect = bisect_right if behind else bisect_left
        at = bisect(self._lasts, place, key=_place)
        return at, bisect(self._chunks[at], place, key=_place) if at < len(self._chunks) else 0
