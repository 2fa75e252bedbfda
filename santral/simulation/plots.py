"""Plots of a simulation as PNG files, 1200 by 675, by matplotlib, which is imported when one is drawn.

The same results give the same bytes: no date, no settings of the user's, no state that one plot leaves to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from santral.reporting_choices import Language
from santral.reporting_words import heading
from santral.simulation.plot_parts import (
    DPI,
    INK,
    NOTHING,
    QUIET,
    add_legend,
    draw_bars,
    draw_lines,
    empty,
    places_of,
    scale_of_shares,
    scale_of_times,
    settings,
    style_of,
    unless_measured,
    whiskers,
)
from santral.simulation.report_words import word
from santral.simulation.results import (
    Part,
    Result,
    among_agents,
    by_channel_and_tier,
    by_clock,
    name_of,
    over_the_day,
    stretches,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(results: Sequence[Result], folder: Path, language: Language) -> list[Path]:
    """The files, in the folder, which is made if it is not there. Raises OSError where that cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with settings():
        for name, make in _PLOTS.items():
            figure = make(results, language)
            path = folder / f"{name}.png"
            figure.savefig(path, dpi=DPI, metadata={"Software": None})
            drawn.append(path)
    return drawn


# --- over the day ----------------------------------------------------------------------------------------------------


def _level_over_the_day(results: Sequence[Result], language: Language) -> Figure:
    figure, (axes,) = empty(results, word("day.service_level", language), word("band", language), language)
    draw_lines(axes, results, [[part.service_level for part in day] for day in _days(results)], language, 1.0)
    scale_of_shares(axes, language)
    _hours(axes, results[0], language)
    add_legend(figure, axes)
    return figure


def _waits_over_the_day(results: Sequence[Result], language: Language) -> Figure:
    figure, (means, tails) = empty(results, word("day.waits", language), word("band", language), language, 2)
    days = _days(results)
    for axes, key, values in (
        (means, "wait", [[part.wait for part in day] for day in days]),
        (tails, "wait_p90", [[part.wait_p90 for part in day] for day in days]),
    ):
        axes.set_title(heading(word(key, language), language))
        draw_lines(axes, results, values, language)
        scale_of_times(axes, values, language)
        _hours(axes, results[0], language)
    add_legend(figure, means)
    return figure


def _days(results: Sequence[Result]) -> list[list[Part]]:
    along = stretches(results[0].scenario)
    return [over_the_day(result, along) for result in results]


def _hours(axes: Axes, result: Result, language: Language) -> None:
    along = stretches(result.scenario)
    step = -(-len(along) // (12 if len(axes.figure.axes) == 1 else 5))
    shown = range(0, len(along), step)
    axes.set_xticks(list(shown), [name_of(result.scenario, along[index].since) for index in shown])
    axes.set_xlim(-0.5, len(along) - 0.5)
    axes.set_xlabel(word("clock" if by_clock(result.scenario) else "after", language))


# --- classes ---------------------------------------------------------------------------------------------------------


def _level_by_class(results: Sequence[Result], language: Language) -> Figure:
    figure, panels = empty(results, word("classes.service_level", language), word("whisker", language), language, 2)
    figures = [result.figures() for result in results]
    tiers = results[0].tiers({name for one in figures for name in one.tiers})
    channels = sorted({name for one in figures for name in one.channels})
    of_tiers = [[one.tiers[name].service_level if name in one.tiers else None for name in tiers] for one in figures]
    of_channels = [
        [one.channels[name].service_level if name in one.channels else None for name in channels] for one in figures
    ]
    for axes, key, names, values in (
        (panels[0], "by.tier", [_tier(name, language) for name in tiers], of_tiers),
        (panels[1], "by.channel", channels, of_channels),
    ):
        axes.set_title(word(key, language))
        draw_bars(axes, results, names, values, 1.0)
        scale_of_shares(axes, language)
        unless_measured(axes, values, language)
    add_legend(figure, panels[0])
    return figure


def _waits_by_class(results: Sequence[Result], language: Language) -> Figure:
    note = f"{word('bars.waits', language)}, {word('whisker', language)}"
    parts = [by_channel_and_tier(result) for result in results]
    keys = {key for one in parts for key in one}
    channels = sorted({channel for channel, _ in keys})
    figure, panels = empty(results, word("classes.waits", language), note, language, max(1, len(channels)))
    if not channels:
        unless_measured(panels[0], [], language)
        panels[0].set_axis_off()
    for axes, channel in zip(panels, channels, strict=False):
        tiers = results[0].tiers({tier for of, tier in keys if of == channel})
        found = [[one.get((channel, tier)) for tier in tiers] for one in parts]
        means = [[None if part is None else part.wait for part in row] for row in found]
        tails = [[None if part is None else part.wait_p90 for part in row] for row in found]
        axes.set_title(channel)
        draw_bars(axes, results, [_tier(tier, language) for tier in tiers], means)
        for number, row in enumerate(tails):
            places = places_of(number, len(results), len(tiers), aside=0.2)
            axes.errorbar(
                places, [NOTHING if one is None else one.mean for one in row],
                yerr=whiskers(row) if len(results[number].counts) > 1 else None,
                fmt=style_of(number)[2], color=style_of(number)[0], ecolor=QUIET, markersize=6, elinewidth=1.2, capsize=3,
                markeredgecolor=INK, markeredgewidth=0.8,
            )  # fmt: skip
        scale_of_times(axes, [*means, *tails], language)
        unless_measured(axes, means, language)
    add_legend(figure, panels[0])
    return figure


def _tier(name: str, language: Language) -> str:
    return word("none", language) if name == "none" else name


# --- agents ----------------------------------------------------------------------------------------------------------


def _occupancy(results: Sequence[Result], language: Language) -> Figure:
    figure, panels = empty(results, word("fairness.title", language), word("whisker", language), language, 2)
    draw_bars(panels[0], results, [word("fairness.all", language)], [[one.figures().occupancy] for one in results], 1.0)
    panels[0].set_title(word("fairness.whole", language))
    panels[0].set_xlim(-0.75, 0.75)
    scale_of_shares(panels[0], language)
    names = [word(f"fairness.{one}", language) for one in ("least", "median", "most")]
    spreads = [among_agents(result) for result in results]
    draw_bars(panels[1], results, names, [[None] * 3 if one is None else list(one.occupancy) for one in spreads], 1.0)
    panels[1].set_title(word("fairness.each", language))
    scale_of_shares(panels[1], language)
    unless_measured(panels[1], [one.occupancy for one in spreads if one is not None], language)
    add_legend(figure, panels[0])
    return figure


_PLOTS: dict[str, Callable[[Sequence[Result], Language], Figure]] = {
    "service-level-over-the-day": _level_over_the_day,
    "waits-over-the-day": _waits_over_the_day,
    "service-level-by-tier-and-channel": _level_by_class,
    "waits-by-channel-and-tier": _waits_by_class,
    "occupancy": _occupancy,
}
