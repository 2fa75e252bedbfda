"""What `santral report` tells: hours read from the API's JSON, their cells grouped, and the columns that are read from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from operator import attrgetter
from typing import Any, Literal

from router.measure_figures import Figures, evenness, figures, longest_wait
from router.measures import Cell, Desk, Line, Measured, cell_of, joined, merged, rest
from router.targets import Target
from router.times import from_ms, to_ms
from santral.reporting_choices import By

HOUR = timedelta(hours=1)


Shape = Literal["count", "share", "ms", "number"]
Value = int | float | None


@dataclass(frozen=True, slots=True)
class Row:
    """One queue, agent, hour...: its name as it is, None where there is none, and everything counted of it."""

    name: str | None
    cell: Cell
    figures: Figures


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a row."""

    name: str
    shape: Shape
    of: Callable[[Row], Value]


@dataclass(frozen=True, slots=True)
class Report:
    """Hours, each whole, in the order of time; never none."""

    hours: tuple[Measured, ...]

    @property
    def start(self) -> datetime:
        """When it begins."""
        return from_ms(self.hours[0].start)

    @property
    def end(self) -> datetime:
        """When it ends."""
        return from_ms(self.hours[-1].end)

    def total(self) -> Row:
        """Everything."""
        return _row(None, joined(self.hours))

    def rows(self, by: By) -> list[Row]:
        """A row each, in the order of their names, nobody's last; hours in the order of time."""
        if by is By.hour:
            return [_row(from_ms(hour.start).isoformat(), hour) for hour in self.hours]
        whole = joined(self.hours)
        if by is By.agent:
            agents = _grouped(whole.desks, attrgetter("agent"))
            nobodys = rest(merged(whole.lines.values()), merged(whole.desks.values()))
            return [Row(name, cell, _worked(cell)) for name, cell in (*agents, (None, nobodys)) if cell != Cell()]
        return [Row(name, cell, figures(cell)) for name, cell in _grouped(whole.lines, attrgetter(by.value))]

    def evenness(self, by: By) -> float | None:
        """Jain's index of the mean waits of the rows."""
        return evenness(row.cell for row in self.rows(by))

    def by_day(self, zone: tzinfo | None) -> Report:
        """Days instead of hours, by the clock of that zone, this machine's without one."""
        days: dict[Any, list[Measured]] = {}
        for hour in self.hours:
            days.setdefault(from_ms(hour.start).astimezone(zone).date(), []).append(hour)
        return Report(tuple(joined(hours) for hours in days.values()))


def report_of(hours: Iterable[Mapping[str, Any]]) -> Report:
    """A report from hours as `GET /v1/measures` tells them. Raises ValueError, also for none at all."""
    try:
        found = sorted((_hour(one) for one in hours), key=attrgetter("start"))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no answer of GET /v1/measures: {type(error).__name__} {error}") from None
    if not found:
        raise ValueError("there are no measured hours in that time")
    return Report(tuple(found))


def _hour(data: Mapping[str, Any]) -> Measured:
    start = datetime.fromisoformat(data["start"])
    if start.tzinfo is None:
        start = start.replace(tzinfo=UTC)
    lines = {Line(*(one[name] for name in Line._fields)): cell_of(one) for one in data["cells"]}
    desks = {Desk(*(one.get(name) for name in Desk._fields)): cell_of(one) for one in data["agents"]}
    return Measured(to_ms(start), to_ms(start + HOUR), lines, desks)


def _row(name: str | None, measured: Measured) -> Row:
    work = merged(measured.desks.values())
    cell = merged(measured.lines.values())
    presence = {name: n for name, n in work.counts.items() if name in ("held", "room", "joined", "left")}
    presence |= {f"presence.{state}": ms for state, ms in work.under("presence").items()}
    whole = merged((cell, Cell(presence)))
    return Row(name, whole, _worked(whole))


def _worked(cell: Cell) -> Figures:
    return figures(cell, cell.count("held"), cell.count("room"))


def _grouped(cells: Mapping[Any, Cell], of: Callable[[Any], str | None]) -> list[tuple[str | None, Cell]]:
    found: dict[str | None, list[Cell]] = {}
    for key, cell in cells.items():
        found.setdefault(of(key), []).append(cell)
    return [(name, merged(found[name])) for name in sorted(found, key=lambda one: (one is None, one or ""))]


# --- columns ---------------------------------------------------------------------------------------------------------


def columns(by: By, rows: Sequence[Row]) -> list[Column]:
    """What is told of such rows, what matters most first."""
    if by is By.agent:
        states = sorted({state for row in rows for state in row.cell.under("presence")})
        return [*_AGENT, *(_count(f"presence.{state}", "ms") for state in states)]
    return [column for column in _ALL if by is By.hour or column.name not in _OF_ALL_ONLY]


def _figure(name: str, shape: Shape) -> Column:
    return Column(name, shape, lambda row: getattr(row.figures, name))


def _count(name: str, shape: Shape = "count") -> Column:
    return Column(name, shape, lambda row: row.cell.count(name))


def _wait(per_cent: int) -> Column:
    return Column(f"wait_p{per_cent}", "ms", lambda row: (row.figures.waits_ms or {}).get(per_cent))


def _attained(target: Target) -> Column:
    return Column(f"sla_{target.value}", "share", lambda row: row.figures.attained.get(target))


_SCORES = [_figure("csat", "share"), _figure("nps", "number"), _figure("ces", "number"), _figure("quality", "number")]
_ALL = [
    _figure("begun", "count"),
    _figure("answered", "count"),
    _figure("service_level", "share"),
    _figure("answer_ms", "ms"),
    _figure("abandonment", "share"),
    _figure("open", "count"),
    _wait(90),
    Column("longest_wait", "ms", lambda row: longest_wait(row.cell)),
    _figure("handle_ms", "ms"),
    _figure("occupancy", "share"),
    _figure("first_contact", "share"),
    _attained(Target.FIRST_RESPONSE),
    _attained(Target.RESOLUTION),
    _figure("csat", "share"),
    _figure("handled", "count"),
    _figure("transfers", "count"),
    _figure("reopened", "share"),
    _figure("abandoned", "count"),
    _wait(50),
    _wait(95),
    _wait(99),
    _figure("resolved", "count"),
    _figure("alone", "count"),
    _figure("reopens", "count"),
    _attained(Target.ACCEPT),
    _attained(Target.NEXT_RESPONSE),
    _figure("promises", "share"),
    *_SCORES[1:],
    _figure("open_ms", "ms"),
    _figure("oldest_ms", "ms"),
    _figure("line", "count"),
    _figure("longest_ms", "ms"),
    _count("active_ms", "ms"),
    _count("joined"),
    _count("left"),
]
_OF_ALL_ONLY = {"occupancy", "joined", "left"}
_AGENT = [
    _figure("handled", "count"),
    _figure("service_level", "share"),
    _figure("answer_ms", "ms"),
    _figure("handle_ms", "ms"),
    _figure("occupancy", "share"),
    _figure("first_contact", "share"),
    _attained(Target.FIRST_RESPONSE),
    _attained(Target.RESOLUTION),
    _figure("transfers", "count"),
    _figure("csat", "share"),
    _figure("quality", "number"),
    _figure("promises", "share"),
    _wait(90),
    Column("online_ms", "ms", lambda row: sum(row.cell.under("presence").values())),
    _figure("resolved", "count"),
    _figure("reopened", "share"),
    _figure("answered", "count"),
    _figure("abandoned", "count"),
    _wait(50),
    _wait(95),
    _wait(99),
    Column("longest_wait", "ms", lambda row: longest_wait(row.cell)),
    _attained(Target.ACCEPT),
    _attained(Target.NEXT_RESPONSE),
    _count("active_ms", "ms"),
    *_SCORES[1:3],
    _count("joined"),
    _count("left"),
]
