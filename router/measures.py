"""What a contact centre is measured by, as counts that add up: the cells of an hour, and what they are counted from. Values only.

Whatever is counted is counted in one hour only, the one of a single mark, or shared out to the millisecond by how long it lay in each;
so hours add up to their day. docs/measures.md has every definition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import quote, unquote

from router.targets import Term, Terms
from router.timeline import Timeline

Kind = Literal["csat", "nps", "ces", "quality"]
"""What a score is of: satisfaction 1-5, recommendation 0-10, effort 1-7, a supervisor's review 0-100."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise made to a customer; `ended` is when it was settled, `kept` whether in time. A withdrawn one is none."""

    at: int
    due: int
    ended: int | None
    kept: bool
    by: str | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, whole numbers only; `agent` is whom it is about."""

    at: int
    kind: Kind
    value: int
    agent: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation as it is measured. All times are milliseconds since 1970."""

    id: str
    queue: str
    channel: str
    tier: str | None
    language: str | None
    skill: str | None  # what its queue asks for, as text
    units: int
    target: Term  # the service level's
    timeline: Timeline
    terms: Terms
    promises: tuple[Promised, ...] = ()
    scores: tuple[Scored, ...] = ()
    spam: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A score of no conversation: of a survey that is about nothing in particular. It is nobody's, and of no queue."""

    at: int
    kind: Kind
    value: int
    channel: str
    language: str | None


class Presence(NamedTuple):
    """Since when an agent is in a state, and whether conversations are given to them in it."""

    at: int
    presence: str
    available: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's presence, in the order of time; the first may be from long before."""

    agent: str
    units: int
    states: tuple[Presence, ...]


# --- keys ------------------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """Which conversations a cell is of; without a queue it is of scores of none."""

    queue: str | None
    channel: str
    tier: str | None
    language: str | None
    skill: str | None

    def text(self) -> str:
        """As it is kept."""
        return _text(self)


class Desk(NamedTuple):
    """Whose work a cell is of, and in what; without a queue and a channel it is of the agent's presence."""

    agent: str
    queue: str | None = None
    channel: str | None = None

    def text(self) -> str:
        """As it is kept."""
        return _text(self)


K = TypeVar("K", Line, Desk)


def line_of(text: str) -> Line:
    """A key from its text. Raises ValueError."""
    queue, channel, tier, language, skill = _parts(text, 5)
    return Line(queue, channel or "", tier, language, skill)


def desk_of(text: str) -> Desk:
    """A key from its text. Raises ValueError."""
    agent, queue, channel = _parts(text, 3)
    return Desk(agent or "", queue, channel)


def _text(parts: Iterable[str | None]) -> str:
    return "|".join("" if part is None else quote(part, safe=" ") for part in parts)


def _parts(text: str, number: int) -> list[str | None]:
    parts = text.split("|")
    if len(parts) != number:
        raise ValueError(f"{text!r} is no key of {number} parts")
    return [unquote(part) or None for part in parts]


# --- cells -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is at the end of an hour: open conversations and those in line, their ages summed up and the longest, in ms."""

    open: int = 0
    open_ms: int = 0
    oldest_ms: int = 0
    line: int = 0
    longest_ms: int = 0

    def __add__(self, other: Standing) -> Standing:
        return Standing(
            self.open + other.open,
            self.open_ms + other.open_ms,
            max(self.oldest_ms, other.oldest_ms),
            self.line + other.line,
            max(self.longest_ms, other.longest_ms),
        )


@dataclass(frozen=True, slots=True)
class Cell:
    """What was counted of one key in one hour: counts and sums by name, and waits each as it was, in ms and in order.

    The names of counts are router.measuring's; those that are zero are not there.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    answered: tuple[int, ...] = ()
    abandoned: tuple[int, ...] = ()
    standing: Standing = Standing()

    def count(self, name: str) -> int:
        """One of the counts."""
        return self.counts.get(name, 0)

    def under(self, prefix: str) -> dict[str, int]:
        """All counts of `prefix.something`, by that."""
        start = prefix + "."
        return {name.removeprefix(start): n for name, n in self.counts.items() if name.startswith(start)}

    def data(self) -> dict[str, Any]:
        """As plain data, to be kept; what is empty is left out."""
        standing = self.standing
        kept = {
            "n": dict(sorted(self.counts.items())),
            "w": list(self.answered),
            "g": list(self.abandoned),
            "s": [standing.open, standing.open_ms, standing.oldest_ms, standing.line, standing.longest_ms]
            if standing != Standing()
            else [],
        }
        return {name: value for name, value in kept.items() if value}


def cell_of(data: Mapping[str, Any]) -> Cell:
    """A cell from its plain data; what else stands beside it is passed over. Raises ValueError or TypeError."""
    return Cell(
        {str(name): int(n) for name, n in data.get("n", {}).items()},
        tuple(int(one) for one in data.get("w", ())),
        tuple(int(one) for one in data.get("g", ())),
        Standing(*(int(one) for one in data.get("s", ()))),
    )


def merged(cells: Iterable[Cell]) -> Cell:
    """Cells of one hour added up."""
    counts: Counter[str] = Counter()
    answered: list[int] = []
    abandoned: list[int] = []
    standing = Standing()
    for cell in cells:
        counts.update(cell.counts)
        answered += cell.answered
        abandoned += cell.abandoned
        standing += cell.standing
    return Cell(dict(sorted(counts.items())), tuple(sorted(answered)), tuple(sorted(abandoned)), standing)


def rest(whole: Cell, part: Cell) -> Cell:
    """What of a cell is not in a part of it; what stands at the end is the whole's."""
    counts = {name: n - part.count(name) for name, n in whole.counts.items() if n != part.count(name)}
    answered, abandoned = Counter(whole.answered), Counter(whole.abandoned)
    answered.subtract(part.answered)
    abandoned.subtract(part.abandoned)
    return Cell(counts, tuple(sorted(answered.elements())), tuple(sorted(abandoned.elements())), whole.standing)


@dataclass(frozen=True, slots=True)
class Measured:
    """The cells of [start, end); those in which nothing was counted are not there."""

    start: int
    end: int
    lines: Mapping[Line, Cell]
    desks: Mapping[Desk, Cell]


def collected(start: int, end: int, lines: Mapping[Line, list[Cell]], desks: Mapping[Desk, list[Cell]]) -> Measured:
    """Cells added up under their keys."""
    return Measured(start, end, _whole(lines), _whole(desks))


def joined(hours: Iterable[Measured]) -> Measured:
    """Hours that follow one another, as one: what stands at the end is the last one's. Raises ValueError without any."""
    ordered = sorted(hours, key=lambda one: one.start)
    if not ordered:
        raise ValueError("no hours")
    last = ordered[-1]
    lines: dict[Line, list[Cell]] = {}
    desks: dict[Desk, list[Cell]] = {}
    for hour in ordered:
        for line, cell in hour.lines.items():
            lines.setdefault(line, []).append(cell if hour is last else replace(cell, standing=Standing()))
        for desk, cell in hour.desks.items():
            desks.setdefault(desk, []).append(cell)
    return collected(ordered[0].start, last.end, lines, desks)


def _whole(cells: Mapping[K, list[Cell]]) -> dict[K, Cell]:
    found = {key: merged(cells[key]) for key in sorted(cells, key=lambda one: one.text())}
    return {key: cell for key, cell in found.items() if cell != Cell()}
