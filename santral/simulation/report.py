"""A simulation as one HTML file: it needs no server, no network and no script, and says what was assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from types import MappingProxyType

from santral.reporting_choices import Language
from santral.reporting_plots import Axis, Scale, Series, lines, ticks
from santral.reporting_style import document, panel
from santral.reporting_words import NOTHING, heading, number, share, span
from santral.simulation.figures import differences
from santral.simulation.intervals import Estimate
from santral.simulation.report_assumed import assumed
from santral.simulation.report_style import SERIES, STYLE
from santral.simulation.report_words import Shape, half_told, told, whole, word
from santral.simulation.results import (
    Part,
    Result,
    among_agents,
    by_clock,
    name_of,
    over_the_day,
    stretches,
)
from santral.simulation.sweep import Sweep
from santral.simulation.told import sweep_line

_LABELS = 8
Cell = tuple[Estimate | None, Shape]
_NO_SWEEPS: Mapping[str, Sweep] = MappingProxyType({})


def page(results: Sequence[Result], language: Language, sweeps: Mapping[str, Sweep] = _NO_SWEEPS) -> str:
    """The whole file, with how many agents a target takes by policy. The scenario told is that of the first result.

    Raises ValueError without results or replications.
    """
    if not results:
        raise ValueError("there are no results")
    first = results[0]
    title = word("title", language)
    body = "\n".join(
        (
            f"<h1>{escape(first.scenario.name)}</h1>",
            f'<p class="period">{escape(title)}, {escape(", ".join(_made(first, language)))}</p>',
            _policies(results, language),
            *(_sweep(name, one, language) for name, one in sweeps.items()),
            _plots(results, language),
            _classes(results, "tier", language),
            _classes(results, "channel", language),
            _fairness(results, language),
            assumed(results, language),
            f"<footer>{escape(word('definitions', language))} {escape(word('definitions.waits', language))}</footer>",
        )
    )
    return document(f"{first.scenario.name}, {title}", language, body, STYLE)


def _made(first: Result, language: Language) -> list[str]:
    counted = (("replications", len(first.counts)), ("days", first.scenario.days))
    told_ = [f"{word(key, language)}: {number(value, language, 0)}" for key, value in counted]
    return [*told_, f"{word('seed', language)}: {first.scenario.seed}"]


# --- tables ----------------------------------------------------------------------------------------------------------


def _policies(results: Sequence[Result], language: Language) -> str:
    figures = [result.figures() for result in results]
    tiers = results[0].tiers({name for one in figures for name in one.tiers if name != "none"})
    first, several = results[0], len(results) > 1
    head = [
        word("weighted", language),
        *([word("apart", language, first=first.name)] if several else ()),
        word("service_level", language),
    ]
    head += [word("service_level.of", language, name=name) for name in tiers]
    head += [word(key, language) for key in ("wait", "wait_p90", "abandoned", "occupancy", "worst")]
    rows = []
    counted = {result.name: result.counts for result in results}
    apart = differences(counted, first.config.routing.tiers, first.scenario.abandoned)
    for result, one in zip(results, figures, strict=True):
        row: list[Cell] = [(one.weighted_service_level, "share")]
        row += [(apart.get(result.name), "points")] if several else []
        row += [(one.whole.service_level, "share")]
        row += [(one.tiers[name].service_level if name in one.tiers else None, "share") for name in tiers]
        row += [(one.whole.wait, "seconds"), (one.whole.waits[90], "seconds"), (one.whole.abandoned, "share")]
        row += [(one.occupancy, "share"), (one.whole.worst_wait_over_target, "number")]
        rows.append(row)
    body = "".join(_row(result, row, at, language) for at, (result, row) in enumerate(zip(results, rows, strict=True)))
    grid = _grid(word("policy", language), head, f"<tbody>{body}</tbody>")
    return panel(word("policies", language), grid, kind="table")


def _classes(results: Sequence[Result], by: str, language: Language) -> str:
    """Of each tier or channel, a row for each policy."""
    figures = [one.tiers if by == "tier" else one.channels for one in (result.figures() for result in results)]
    every = {name for one in figures for name in one}
    if not every - {"none"}:
        return ""
    names = results[0].tiers(every) if by == "tier" else sorted(every)
    never = [
        key
        for key in ("turned_away", "unanswered")
        if any(getattr(of, key).mean for by in figures for of in by.values())
    ]
    keys = ("offered", "service_level", "wait", "wait_p90", "abandoned", *never, "worst")
    body = []
    for name in names:
        rows = []
        for at, (result, of) in enumerate(zip(results, figures, strict=True)):
            found = of.get(name)
            row: list[Cell] = [(None, "number")] * len(keys)
            if found is not None:
                row = [
                    (found.offered, "number"), (found.service_level, "share"), (found.wait, "seconds"),
                    (found.waits[90], "seconds"), (found.abandoned, "share"),
                    *((getattr(found, key), "share") for key in never), (found.worst_wait_over_target, "number"),
                ]  # fmt: skip
            rows.append(_row(result, row, at, language))
        label = word("none", language) if by == "tier" and name == "none" else name
        group = f'<tr class="group"><th scope="rowgroup">{escape(label)}</th><td colspan="{len(keys)}"></td></tr>'
        body.append(f"<tbody>{group}{''.join(rows)}</tbody>")
    grid = _grid(word("policy", language), [word(key, language) for key in keys], "".join(body))
    return panel(word(f"by.{by}", language), grid, kind="table")


def _fairness(results: Sequence[Result], language: Language) -> str:
    """How far apart agents are: those who were there."""
    keys = [f"occupancy.{one}" for one in ("least", "median", "most", "spread")]
    keys += [f"taken.{one}" for one in ("least", "median", "most")]
    body = []
    for at, result in enumerate(results):
        found = among_agents(result)
        row: list[Cell] = [(None, "share")] * len(keys)
        if found is not None:
            row = [(one, "share") for one in (*found.occupancy, found.apart)]
            row += [(one, "number") for one in found.conversations]
        body.append(_row(result, row, at, language))
    grid = _grid(word("policy", language), [word(key, language) for key in keys], f"<tbody>{''.join(body)}</tbody>")
    return panel(word("fairness", language), grid, kind="table")


def _sweep(policy: str, sweep: Sweep, language: Language) -> str:
    """How many agents a target takes, and what each number that was tried reaches."""
    body = "".join(
        f'<tr><th scope="row">{point.agents}</th><td>{_cell(point.service_level, "share", True, language)}</td>'
        f"<td>{_cell(point.occupancy, 'share', True, language)}</td></tr>"
        for point in sweep.points
    )
    grid = _grid(word("agents", language), [word("service_level", language), word("occupancy", language)], body)
    return panel(word("sweep", language), f"<p>{escape(sweep_line(policy, sweep, language))}</p>{grid}", kind="table")


def _row(result: Result, cells: Sequence[Cell], at: int, language: Language) -> str:
    several = len(result.counts) > 1
    inside = "".join(f"<td>{_cell(found, shape, several, language)}</td>" for found, shape in cells)
    return f'<tr><th scope="row" title="{escape(result.name)}">{_swatch(at)}{escape(result.name)}</th>{inside}</tr>'


def _cell(found: Estimate | None, shape: Shape, several: bool, language: Language) -> str:
    if found is None:
        return NOTHING
    half = f' <span class="half">{escape(half_told(found, shape, language))}</span>' if several else ""
    return f"{escape(told(found.mean, shape, language))}{half}"


def _grid(label: str, head: Sequence[str], body: str) -> str:
    cells = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    return f'<div class="scroll"><table><thead><tr><th scope="col">{escape(label)}</th>{cells}</tr></thead>{body}</table></div>'


# --- plots -----------------------------------------------------------------------------------------------------------


def _plots(results: Sequence[Result], language: Language) -> str:
    first = results[0].scenario
    along = stretches(first)
    days = [over_the_day(result, along) for result in results]
    names = [name_of(first, one.since) for one in along]
    step = -(-len(names) // _LABELS) or 1
    axis = Axis({at: names[at] for at in range(0, len(names), step)}, names)
    several = [len(result.counts) > 1 for result in results]

    def plot(key: str, of: Callable[[Part], Estimate | None], shape: Shape, only: int | None = None) -> str:
        series = []
        for at, result in list(enumerate(results))[:only]:
            found = [of(part) for part in days[at]]
            series.append(
                Series(
                    result.name, _kind(at), [None if one is None else one.mean for one in found],
                    [NOTHING if one is None else whole(one, shape, language, several=several[at]) for one in found],
                    [(0.0, 0.0) if one is None else (max(0.0, one.low), one.high) for one in found] if several[at] else (),
                )
            )  # fmt: skip
        title = word(key, language)
        if not any(value is not None for one in series for value in one.values):
            return panel(title, f'<p class="none">{escape(word("no_data", language))}</p>')
        drawn = lines(title, series, axis, _scale(series, shape, language))
        keys = "".join(_key(at, one.name) for at, one in enumerate(series)) if only is None else ""
        return panel(title, f'<div class="plot scroll">{drawn}</div>', keys)

    drawn = (
        plot("day.service_level", lambda part: part.service_level, "share"),
        plot("day.wait", lambda part: part.wait, "seconds"),
        plot("day.wait_p90", lambda part: part.wait_p90, "seconds"),
        plot("day.offered", lambda part: part.offered_an_hour, "number", only=1),
    )
    note = heading(word("clock" if by_clock(first) else "after", language), language)
    note += f"; {word('band', language)}." if any(several) else "."
    return f'<div class="plots">{"".join(drawn)}</div><p class="none">{escape(note)}</p>'


def _scale(series: Sequence[Series], shape: Shape, language: Language) -> Scale:
    """From 0; an interval that is far longer than what was measured runs out of the plot."""
    if shape == "share":
        return Scale(1, [(n / 4, share(n / 4, language, places=0)) for n in range(5)])
    means = max((value or 0 for one in series for value in one.values), default=0)
    most = min(max((high for one in series for _, high in one.band), default=means), means * 1.5)
    if shape == "seconds":
        found = [one / 1000 for one in ticks(max(means, most) * 1000, "ms")]
        return Scale(found[-1], [(one, span(one * 1000, language)) for one in found])
    found = ticks(max(means, most), "count")
    return Scale(found[-1], [(one, number(one, language, 0)) for one in found])


def _kind(at: int) -> str:
    return f"p{at % SERIES}"


def _swatch(at: int) -> str:
    """The line of a policy in the plots."""
    return (
        f'<svg class="swatch" viewBox="0 0 30 8" aria-hidden="true"><path class="line {_kind(at)}" d="M1 4H29"/></svg>'
    )


def _key(at: int, name: str) -> str:
    return f'<span class="legend">{_swatch(at)}{escape(name)}</span>'
