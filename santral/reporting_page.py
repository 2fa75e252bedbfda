"""A report as one HTML file: it needs no server, no network and no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from html import escape
from typing import Literal

from router.times import from_ms
from santral.reporting import Column, Report, Row, Value, columns
from santral.reporting_choices import By, Language
from santral.reporting_plots import Axis, Scale, Series, bars, lines, ticks
from santral.reporting_style import document, panel
from santral.reporting_words import day, heading, name_of, number, share, span, told, when, word

_MOST_HOURS = 8 * 24  # a longer time is plotted by days
_FEW_HOURS = 48  # in which the clock is written under a plot, and not the day
_LABELS = 8
_COLUMNS = 14  # of a table; those that were measured and matter most


def page(report: Report, language: Language, zone: tzinfo | None) -> str:
    """The whole file."""
    title = word("title", language)
    period = f"{when(report.start, language, zone, year=True)} – {when(report.end, language, zone, year=True)}"
    total = report.total()
    tables = [_table(report, by, language, zone, total) for by in By if by is not By.hour]
    body = (
        f'<h1>{escape(title)}</h1>\n<p class="period">{escape(period)}</p>\n'
        f"{_tiles(total, language)}\n"
        f"{_plots(report, language, zone)}\n"
        + "\n".join(table for table in tables if table)
        + f"\n{_by_time(report, language, zone, total)}\n"
        + f"<footer>{escape(word('definitions', language))}</footer>"
    )
    return document(f"{title}, {period}", language, body)


# --- what it comes to ------------------------------------------------------------------------------------------------

_TILES = (
    "begun", "service_level", "answer_ms", "abandonment", "handle_ms", "occupancy", "first_contact", "sla_first_response", "csat", "open",
)  # fmt: skip


def _tiles(total: Row, language: Language) -> str:
    by_name = {column.name: column for column in columns(By.hour, [total])}
    tiles = [
        f'<div class="tile"><dt>{escape(heading(word(name, language), language))}</dt>'
        f"<dd>{escape(told(by_name[name].of(total), by_name[name], language))}</dd></div>"
        for name in _TILES
    ]
    return f'<dl class="tiles">{"".join(tiles)}</dl>'


# --- plots -----------------------------------------------------------------------------------------------------------


def _over_time(report: Report, zone: tzinfo | None) -> tuple[list[Row], bool]:
    """A row for each hour, or of a long time for each day."""
    days = len(report.hours) > _MOST_HOURS
    return (report.by_day(zone) if days else report).rows(By.hour), days


def _plots(report: Report, language: Language, zone: tzinfo | None) -> str:
    rows, days = _over_time(report, zone)
    axis = _axis(rows, language, zone, days=days)
    each = word("each.day" if days else "each.hour", language)

    def series(key: str, kind: str, of: Callable[[Row], Value], say: Callable[[float], str]) -> Series:
        values = [of(row) for row in rows]
        return Series(word(key, language), kind, values, ["–" if value is None else say(value) for value in values])

    def per_cent(value: float) -> str:
        return share(value, language)

    def time(value: float) -> str:
        return span(value, language)

    def count(value: float) -> str:
        return number(value, language, 0)

    def wait(per_cent_: int) -> Callable[[Row], Value]:
        return lambda row: (row.figures.waits_ms or {}).get(per_cent_)

    shares = Scale(1, [(n / 4, share(n / 4, language, places=0)) for n in range(5)])
    waits = [series("wait_p50", "a", wait(50), time), series("wait_p90", "b", wait(90), time)]
    volume = [
        series("answered", "a", lambda row: row.figures.answered, count),
        series("abandoned", "b", lambda row: row.figures.abandoned, count),
    ]
    backlog = [
        series("open", "a", lambda row: row.figures.open, count),
        series("line", "b", lambda row: row.figures.line, count),
    ]
    level = [series("service_level", "a", lambda row: row.figures.service_level, per_cent)]
    full = [series("occupancy", "a", lambda row: row.figures.occupancy, per_cent)]
    handled = [series("handle_ms", "a", lambda row: row.figures.handle_ms, time)]
    tops = [sum(one.values[index] or 0 for one in volume) for index in range(len(rows))]
    plots = [
        ("plot.service_level", level, lines, shares),
        ("waits", waits, lines, _scale([v or 0 for one in waits for v in one.values], "ms", time)),
        ("volume", volume, bars, _scale(tops, "count", count)),
        ("plot.handle_ms", handled, lines, _scale([v or 0 for v in handled[0].values], "ms", time)),
        ("plot.occupancy", full, lines, shares),
        ("backlog", backlog, lines, _scale([v or 0 for one in backlog for v in one.values], "count", count)),
    ]
    drawn = [
        _figure(f"{word(key, language)}, {each}", of, draw, axis, scale, language) for key, of, draw, scale in plots
    ]
    return f'<div class="plots">{"".join(drawn)}</div>'


def _figure(
    title: str,
    series: Sequence[Series],
    draw: Callable[[str, Sequence[Series], Axis, Scale], str],
    axis: Axis,
    scale: Scale,
    language: Language,
) -> str:
    keys = (
        "".join(f'<span class="key {one.kind}">{escape(one.name)}</span>' for one in series) if len(series) > 1 else ""
    )
    measured = any(value is not None for one in series for value in one.values)
    inside = (
        draw(title, series, axis, scale) if measured else f'<p class="none">{escape(word("no_data", language))}</p>'
    )
    return panel(title, f'<div class="plot scroll">{inside}</div>', keys)


def _scale(values: Sequence[float], shape: Literal["count", "ms"], say: Callable[[float], str]) -> Scale:
    found = ticks(max(values, default=0), shape)
    return Scale(found[-1], [(value, say(value)) for value in found])


def _axis(rows: Sequence[Row], language: Language, zone: tzinfo | None, *, days: bool) -> Axis:
    times = [datetime.fromisoformat(row.name or "") for row in rows]
    names = [day(at, language, zone) if days else when(at, language, zone) for at in times]
    if days:
        marked = dict(enumerate(names))
    elif len(times) <= _FEW_HOURS:
        marked = {index: f"{at.astimezone(zone):%H:%M}" for index, at in enumerate(times)}
    else:
        marked = {index: day(at, language, zone) for index, at in enumerate(times) if at.astimezone(zone).hour == 0}
    step = -(-len(marked) // _LABELS) or 1
    return Axis({index: marked[index] for index in list(marked)[::step]}, names)


# --- tables ----------------------------------------------------------------------------------------------------------


def _table(report: Report, by: By, language: Language, zone: tzinfo | None, total: Row) -> str:
    """The rows, and what of them was ever measured; nothing where all is of one unnamed row."""
    rows = report.rows(by)
    if not rows or [row.name for row in rows] == [None]:
        return ""
    names = [name_of(row, by, language, zone) for row in rows]
    title = word("by", language, what=word(by.value, language))
    even = report.evenness(by) if by in (By.skill, By.language) and len(rows) > 1 else None
    note = (
        ""
        if even is None
        else f'<span class="note">{escape(word("evenness", language))}: {share(even, language)}</span>'
    )
    inside = _grid(word(by.value, language), names, rows, columns(by, rows), total, language)
    return panel(heading(title, language), inside, note, "table")


def _by_time(report: Report, language: Language, zone: tzinfo | None, total: Row) -> str:
    rows, days = _over_time(report, zone)
    what = "day" if days else "hour"
    starts = [from_ms(hour.start) for hour in (report.by_day(zone) if days else report).hours]
    names = [day(at, language, zone) if days else when(at, language, zone) for at in starts]
    inside = _grid(word(what, language), names, rows, columns(By.hour, rows), total, language)
    title = word(f"by.{what}", language)
    return f'<section class="table"><details><summary>{escape(title)}</summary>{inside}</details></section>'


def _grid(
    label: str, names: Sequence[str], rows: Sequence[Row], told_of: Sequence[Column], total: Row, language: Language
) -> str:
    shown = [column for column in told_of if any(_measured(column.of(row), column) for row in (*rows, total))][
        :_COLUMNS
    ]
    head = "".join(f'<th scope="col">{escape(word(column.name, language))}</th>' for column in shown)

    def line(name: str, row: Row) -> str:
        cells = "".join(f"<td>{escape(told(column.of(row), column, language))}</td>" for column in shown)
        return f'<tr><th scope="row" title="{escape(name)}">{escape(name)}</th>{cells}</tr>'

    body = "".join(line(name, row) for name, row in zip(names, rows, strict=True))
    return (
        f'<div class="scroll"><table><thead><tr><th scope="col">{escape(label)}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody><tfoot>{line(word('total', language), total)}</tfoot></table></div>"
    )


def _measured(value: Value, column: Column) -> bool:
    """A share of 0 was measured, and is often what matters most; of none at all there is nothing to tell."""
    return bool(value) if column.shape == "count" else value is not None
