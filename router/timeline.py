"""What happened to a conversation that a clock counts: who wrote when, and in which state it was since when.

Marks are added in the order of their own time, so one that arrives late stands where it belongs; all clocks are a fold over them
(router.clocks) and none is ever changed. As text, for the table: a letter a mark, and the milliseconds since the one before in
base 36, some seven bytes each, and a name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

MOST = 400
"""Marks that are kept: the OLDEST, and of the others the newest."""
OLDEST = 100
"""Marks that are never forgotten: they tell when it all began, and how soon it was answered."""


class What(StrEnum):
    """A mark's kind, by its letter."""

    HEARD = "H"  # the customer wrote
    THANKS = "T"  # the customer wrote what asks for no answer: thanks, or an automatic reply
    ANSWERED = "A"  # a person answered
    AUTOMATIC = "B"  # an automatic answer left
    WAITING = "W"
    OFFERED = "O"
    ACTIVE = "C"
    PENDING = "P"
    SNOOZED = "Z"
    RESOLVED = "R"
    CLOSED = "X"

    @property
    def state(self) -> bool:
        """Does it say in which state the conversation is from then on?"""
        return self in _STATES


_STATES = frozenset((What.WAITING, What.OFFERED, What.ACTIVE, What.PENDING, What.SNOOZED, What.RESOLVED, What.CLOSED))


class Mark(NamedTuple):
    """Something happened, in milliseconds since 1970; `of` is the agent, of what waits the queue."""

    at: int
    what: What
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A conversation's marks, in the order of time; of the same time in the order of their arrival."""

    marks: tuple[Mark, ...] = ()

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    @property
    def state(self) -> Mark | None:
        """The state it is in, since when."""
        return next((mark for mark in reversed(self.marks) if mark.what.state), None)

    def wrote(self, what: What, at: int, of: str | None = None) -> Timeline:
        """Somebody wrote, perhaps earlier than what is known already."""
        place = bisect_right(self.marks, at, key=_at)
        return _kept((*self.marks[:place], Mark(at, what, of), *self.marks[place:]))

    def became(self, what: What, at: int, of: str | None = None) -> Timeline:
        """It is in another state, or somebody else's. States follow one another as they were entered: never before the last."""
        last = self.state
        if last is not None and (last.what, last.of) == (what, of):
            return self
        return self.wrote(what, at if last is None else max(at, last.at), of)

    def unclosed(self) -> Timeline:
        """As it was before it was closed, if that was the last thing to happen."""
        marks = self.marks
        while marks and marks[-1].what is What.CLOSED:
            marks = marks[:-1]
        return Timeline(marks)

    def text(self) -> str:
        """As it is kept."""
        found, before = [], 0
        for at, what, of in self.marks:
            found.append(_one(what, at - before, of))
            before = at
        return "".join(found)


EMPTY = Timeline()


def joined(winner: Timeline, other: Timeline) -> Timeline:
    """Two conversations that are one now: who wrote in either, in the states of the one whose work goes on."""
    for at, what, of in other:
        if not what.state:
            winner = winner.wrote(what, at, of)
    return winner


_at = itemgetter(0)
_MARK = re.compile(r"([A-Z])([0-9a-z]*)(?::([^;]*);)?")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def read(chunks: Sequence[str]) -> Timeline:
    """A timeline from its text, which has its order, with single marks that were added since, in theirs. Raises ValueError."""
    first, *added = chunks or ("",)
    timeline = Timeline(tuple(_marks(first)))
    for at, what, of in (mark for text in added for mark in _marks(text)):
        timeline = timeline.became(what, at, of) if what.state else timeline.wrote(what, at, of)
    return timeline


def _marks(text: str) -> Iterator[Mark]:
    at = 0
    for letter, digits, name in _MARK.findall(text):
        at += int(digits or "0", 36)
        yield Mark(at, What(letter), name or None)


def chunk(what: What, at: int, of: str | None = None) -> str:
    """One mark, to be added to those that are kept."""
    return _one(what, at, of)


def _one(what: What, passed: int, of: str | None) -> str:
    return f"{what.value}{_base36(passed)}" + ("" if of is None else f":{of};")


def _base36(number: int) -> str:
    if number == 0:
        return ""
    found = ""
    while number:
        number, digit = divmod(number, 36)
        found = _DIGITS[digit] + found
    return found


def _kept(marks: tuple[Mark, ...]) -> Timeline:
    return Timeline(marks if len(marks) <= MOST else (*marks[:OLDEST], *marks[len(marks) - MOST + OLDEST :]))
