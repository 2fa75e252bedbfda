"""A report as a table for the terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from santral.reporting import Column, Report, Row, columns
from santral.reporting_choices import By, Language
from santral.reporting_words import name_of, share, told, when, word

_GAP = 2
_NAME = 28  # the most of a row's name, where the terminal is narrow


def table(report: Report, by: By, language: Language, zone: tzinfo | None, width: int | None) -> str:
    """Aligned, and no wider than `width` signs: columns that do not fit are left out, the last first, and that is said."""
    rows = [*report.rows(by), report.total()]
    names = [name_of(row, by, language, zone) for row in rows[:-1]] + [word("total", language)]
    label = word(by.value, language)
    most = max(_NAME, (width or 0) // 4) if width else None
    parts = [_column(label, names, left=True, most=min(most, width) if most and width else None)]
    parts += [
        _column(word(column.name, language), [told(column.of(row), column, language) for row in rows])
        for column in columns(by, rows)
    ]
    shown = _fitting(parts, width)
    lines = [f"{when(report.start, language, zone, year=True)} – {when(report.end, language, zone, year=True)}", ""]
    lines += [(" " * _GAP).join(cells).rstrip() for cells in zip(*shown, strict=True)]
    if by in (By.skill, By.language) and (even := report.evenness(by)) is not None:
        lines += ["", f"{word('evenness', language)}: {share(even, language)}"]
    missing = len(parts) - len(shown)
    if missing:
        lines += ["", word("left_out.1" if missing == 1 else "left_out", language, n=missing)]
    return "\n".join(line for text in lines for line in _folded(text, width)) + "\n"


def as_csv(report: Report, by: By) -> str:
    """A line for each row, without a total: shares between 0 and 1, times in seconds, nothing where nothing was measured."""
    rows = report.rows(by)
    told_ = columns(by, rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([by.value, *(column.name.removesuffix("_ms") + _unit(column) for column in told_)])
    for row in rows:
        writer.writerow([_safe(row.name or ""), *(_plain(row, column) for column in told_)])
    return out.getvalue()


def as_json(report: Report, by: By) -> str:
    """One object: since, until, total, rows; figures as in the CSV, null where nothing was measured."""
    rows = report.rows(by)
    told_ = columns(by, rows)

    def figures(row: Row) -> dict[str, Any]:
        return {
            column.name.removesuffix("_ms") + _unit(column): None if (value := _plain(row, column)) == "" else value
            for column in told_
        }

    found = {
        "since": report.start.isoformat(),
        "until": report.end.isoformat(),
        "by": by.value,
        "total": figures(report.total()),
        "rows": [{by.value: row.name, **figures(row)} for row in rows],
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _unit(column: Column) -> str:
    return "_seconds" if column.shape == "ms" else ""


def _plain(row: Row, column: Column) -> int | float | str:
    value = column.of(row)
    if value is None:
        return ""
    return value / 1000 if column.shape == "ms" else value


def _safe(name: str) -> str:
    """A name that a spreadsheet would take for a formula is told as text."""
    return "'" + name if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


# --- a terminal ------------------------------------------------------------------------------------------------------


def _column(title: str, cells: Sequence[str], *, left: bool = False, most: int | None = None) -> list[str]:
    """Heading, words under one another, and cells, all of one width."""
    words = [title] if left else title.split(" ")
    wide = max(len(text) for text in (*words, *cells))
    wide = min(wide, most) if most else wide
    cut = [text if len(text) <= wide else text[: wide - 1] + "…" for text in (*words, *cells)]
    return [f"{text:<{wide}}" if left else f"{text:>{wide}}" for text in cut[: len(words)]] + [
        f"{text:<{wide}}" if left else f"{text:>{wide}}" for text in cut[len(words) :]
    ]


def _fitting(columns: Sequence[list[str]], width: int | None) -> list[list[str]]:
    """As many as fit, with headings of the same height."""
    shown: list[list[str]] = []
    used = -_GAP
    for column in columns:
        used += _GAP + len(column[0])
        if width is not None and used > width and shown:
            break
        shown.append(column)
    height = max(map(len, shown))
    return [[" " * len(column[0])] * (height - len(column)) + column for column in shown]


def _folded(text: str, width: int | None) -> list[str]:
    return (textwrap.wrap(text, width) or [""]) if width and len(text) > width else [text]
