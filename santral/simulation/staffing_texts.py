"""A plan of staff as a table for the terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from santral.reporting_choices import Language
from santral.reporting_words import NOTHING, number, share
from santral.simulation.intervals import Estimate
from santral.simulation.staff_plans import Interval, Staffing, shorter
from santral.simulation.staffing_words import weekday, word

_GAP = "  "
_SHOWN = 10  # teams, by name
_LONG = 14  # letters of a name that heads a column


def clock(plan: Staffing, minutes: int) -> str:
    """So many minutes after opening, by the clock."""
    hour, minute = map(int, plan.ready.scenario.day.opens.split(":"))
    at = hour * 60 + minute + minutes
    return f"{at // 60 % 24:02d}:{at % 60:02d}"


def told(plan: Staffing, language: Language, width: int) -> str:
    """The whole plan, as people read it."""
    day = weekday(plan.ready.scenario.start, language)
    heading = word(
        "title", language, name=plan.ready.scenario.name, day=day, target=share(plan.goal.share, language, 0),
        per=word(f"per.{plan.goal.per}", language),
    )  # fmt: skip
    parts = [_folded(heading, width), "", *_table(shorter(plan), language, width), "", *_below(plan, language, width)]
    return "\n".join(parts) + "\n"


def _below(plan: Staffing, language: Language, width: int) -> Iterator[str]:
    known = any(one.erlang_a is not None for one in plan.intervals)
    agents = sum(one.every * (one.until - one.since) for one in plan.intervals) / 60
    formula, erlang = "A" if known else "C", number(plan.erlang_hours, language, 1)
    hours, level = number(agents, language, 1), _level(plan.level, language)
    said = word("hours", language, hours=hours, formula=formula, erlang=erlang, level=level)
    tried = word("tried", language, replications=plan.replications, tried=plan.tried)
    yield _folded(f"{said} {tried}", width)
    if plan.goal.shrinkage:
        shrinkage = share(plan.goal.shrinkage, language, 0)
        yield _folded(word("paid_hours", language, shrinkage=shrinkage, hours=number(plan.hours, language, 1)), width)
    if any(one.differs for one in plan.intervals):
        yield _folded(word("differs", language), width)
        for reason in plan.because:
            yield _item(word(reason, language), width)
    if not plan.reached:
        yield _folded(word("missed", language), width)
        yield from _missing(plan, language, width)


def _missing(plan: Staffing, language: Language, width: int) -> Iterator[str]:
    """What misses the target, each with its intervals."""
    names = sorted({name for one in plan.intervals for name in one.missing})
    if names:
        yield _folded(word(f"missed_by.{plan.goal.per}", language), width)
    for name in names:
        spans = ", ".join(_span(plan, one) for one in plan.intervals if name in one.missing)
        yield _item(f"{name or word('no_tier', language)}: {spans}", width)


def _table(plan: Staffing, language: Language, width: int) -> list[str]:
    """Teams are columns where all of them fit, else in tables of their own."""
    rows = plan.intervals
    known = any(one.erlang_a is not None for one in rows)
    head = [_column(word("interval", language), [_span(plan, one) for one in rows])]
    head.append(
        _column(
            word("per_hour", language),
            [number(sum(line.per_hour for line in one.lines), language, 1) for one in rows],
        )
    )
    tail = [_column(word("all", language), [f"{one.every}{_mark(one)}" for one in rows])]
    if plan.goal.shrinkage:
        tail.append(_column(word("paid", language), [str(sum(one.paid)) for one in rows]))
    tail.append(_column("Erl. C", [str(one.erlang_c) for one in rows]))
    if known:
        tail.append(_column("Erl. A", [_or_dash(one.erlang_a) for one in rows]))
    tail.append(_column(word("level", language), [_level(one.level, language) for one in rows]))
    tail.append(
        _column(
            word("occupancy", language),
            [share(one.occupancy.mean, language, 0) if one.occupancy is not None else NOTHING for one in rows],
        )
    )
    found = _teams(plan)
    called = _labels([name for name, _ in found])
    legend = _legend(called, width)
    teams = [_column(called[name], [str(count) for count in counts]) for name, counts in found]
    if len(teams) == 1:
        return _lines([*head, *tail])
    if _wide([*head, *teams, *tail]) <= width:
        return [*_lines([*head, *teams, *tail]), *legend]
    lines = _lines([*head, *tail])
    if len(teams) > _SHOWN:
        return [*lines, "", _folded(word("teams", language, n=len(plan.teams)), width)]
    while teams:  # as many tables as it takes
        block = [head[0]]
        while teams and (len(block) == 1 or _wide([*block, teams[0]]) <= width):
            block.append(teams.pop(0))
        lines += ["", *_lines(block)]
    return [*lines, *legend]


def _teams(plan: Staffing) -> list[tuple[str, list[int]]]:
    """Each team's agents by interval; of many teams those together whose main work is the same."""
    names = [team.name for team in plan.teams]
    if len(names) > _SHOWN:
        names = [" ".join(sorted(team.main or team.queues)) for team in plan.teams]
    found = {name: [0] * len(plan.intervals) for name in names}
    for row, one in enumerate(plan.intervals):
        for name, count in zip(names, one.agents, strict=True):
            found[name][row] += count
    return list(found.items())


def _wide(columns: Sequence[Sequence[str]]) -> int:
    return sum(len(column[0]) + len(_GAP) for column in columns) - len(_GAP)


def _lines(columns: Sequence[Sequence[str]]) -> list[str]:
    return [_GAP.join(cells).rstrip() for cells in zip(*columns, strict=True)]


def _labels(names: Sequence[str]) -> dict[str, str]:
    """What heads each column: names that are long are cut, with numbers where they would be alike."""
    labels = {name: name if len(name) <= _LONG else name[: _LONG - 1] + "…" for name in names}
    alike = [name for name in names if list(labels.values()).count(labels[name]) > 1]
    for at, name in enumerate(alike, 1):
        labels[name] = f"{name[: _LONG - 3]}…{at}"
    return labels


def _legend(called: Mapping[str, str], width: int) -> list[str]:
    """The whole names of those that were cut."""
    cut = {label: name for name, label in called.items() if label != name}
    said = [
        textwrap.fill(
            name,
            width,
            initial_indent=f"{label:<{_LONG}}  ",
            subsequent_indent=" " * (_LONG + 2),
            break_on_hyphens=False,
        )
        for label, name in cut.items()
    ]
    return ["", *said] if said else []


def _mark(one: Interval) -> str:
    return "!" if not one.reached else "*" if one.differs else " "


def _or_dash(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _span(plan: Staffing, one: Interval) -> str:
    return f"{clock(plan, one.since)}-{clock(plan, one.until)}"


def _level(level: Estimate | None, language: Language) -> str:
    if level is None:
        return NOTHING
    if level.half_width > 0.5:  # of so few replications the interval says nothing
        return f"{share(level.mean, language, 1)} ±>50"
    return f"{share(level.mean, language, 1)} ±{number(level.half_width * 100, language, 1)}"


def _column(title: str, cells: Sequence[str]) -> list[str]:
    wide = max(len(title), *(len(cell) for cell in cells)) if cells else len(title)
    return [f"{title:>{wide}}", *(f"{cell:>{wide}}" for cell in cells)]


def _folded(text: str, width: int) -> str:
    return textwrap.fill(text, width)


def _item(text: str, width: int) -> str:
    return textwrap.fill(text, width, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False)


# --- for other programs ----------------------------------------------------------------------------------------------


def rows(plan: Staffing) -> Iterator[dict[str, Any]]:
    """One for each interval and team or queue: shares between 0 and 1, waits in seconds, work in minutes; None where nobody came."""
    day = plan.ready.scenario.start.isoformat()
    for one in plan.intervals:
        head = {"day": day, "from": clock(plan, one.since), "until": clock(plan, one.until)}
        for team, agents, paid in zip(plan.teams, one.agents, one.paid, strict=True):
            yield {**head, "of": "team", "name": team.name, "agents": agents, "paid": paid}
        for line in one.lines:
            yield {
                **head, "of": "queue", "name": line.queue, "per_hour": round(line.per_hour, 3), "work_minutes": round(line.work, 3),
                "erlang_c": line.erlang.c, "erlang_a": line.erlang.a, **_estimate("service_level", line.level),
                "wait_seconds": None if line.wait is None else round(line.wait, 3),
            }  # fmt: skip
        yield {
            **head, "of": "all", "name": "", "agents": one.every, "paid": sum(one.paid),
            "per_hour": round(sum(line.per_hour for line in one.lines), 3), "erlang_c": one.erlang_c, "erlang_a": one.erlang_a,
            **_estimate("service_level", one.level), **_estimate("occupancy", one.occupancy), "reached": one.reached,
            "missing": list(one.missing), "differs": one.differs,
        }  # fmt: skip


def _estimate(name: str, value: Estimate | None) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value.mean, 5),
        f"{name}_half_width": None if value is None else round(value.half_width, 5),
    }


COLUMNS = (
    "day", "from", "until", "of", "name", "agents", "paid", "per_hour", "work_minutes", "erlang_c", "erlang_a", "service_level",
    "service_level_half_width", "wait_seconds", "occupancy", "occupancy_half_width", "reached", "missing", "differs",
)  # fmt: skip


def as_csv(plans: Sequence[Staffing]) -> str:
    """All days, with a heading."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for plan in plans:
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows(plan))
    return out.getvalue()


def _cell(value: Any) -> Any:
    return "" if value is None else " ".join(one or "-" for one in value) if isinstance(value, list) else value


def as_data(plan: Staffing) -> dict[str, Any]:
    """One day as plain data."""
    return {
        "scenario": plan.ready.scenario.name,
        "day": plan.ready.scenario.start.isoformat(),
        "zone": plan.ready.scenario.zone,
        "target": plan.goal.share,
        "per": plan.goal.per,
        "interval_minutes": plan.goal.minutes,
        "shrinkage": plan.goal.shrinkage,
        "reached": plan.reached,
        **_estimate("service_level", plan.level),
        "paid_hours": plan.hours,
        "erlang_hours": plan.erlang_hours,
        "replications": plan.replications,
        "plans_tried": plan.tried,
        "differs_because": list(plan.because),
        "teams": [
            {"name": team.name, "queues": sorted(team.queues), "units": team.group.units, "now": team.now}
            for team in plan.teams
        ],
        "rows": [{key: value for key, value in row.items() if key != "day"} for row in rows(plan)],
    }
