"""Plots of a simulation as PNG files, 1200 by 675, by matplotlib, which is imported when one is drawn.

The same results give the same bytes: no date, no settings of the user's, no state that one plot leaves to the next.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from santral.reporting_choices import Language
from santral.reporting_plots import ticks
from santral.reporting_words import heading, share, span
from santral.simulation.intervals import Estimate
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

WIDE, HIGH = 1200, 675
# Okabe and Ito's colours, which colour-blind people tell apart; the light yellow last (jfly.uni-koeln.de/color)
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442")
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 2, 2)), (0, (9, 3)), (0, (1, 1)))
_MARKS = "os^DvPX*"
_DPI = 100
_QUIET, _INK = "#586573", "#17212b"
_NOTHING = float("nan")
Values = Sequence[Sequence[Estimate | None]]
"""By policy, and along the plot."""
_FEW = 14  # signs of a name under a group of bars; longer ones stand slanted
_PANELS = 4  # beside each other
_SETTINGS: Any = {  # the names of settings are a type of their own
    "font.family": "DejaVu Sans",  # comes with matplotlib and has Turkish letters
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#dce2e8",
    "text.parse_math": False,  # names are names, whatever signs are in them
    "legend.frameon": False,
    "figure.constrained_layout.w_pad": 0.12,  # inches
    "figure.constrained_layout.h_pad": 0.12,
}


def draw(results: Sequence[Result], folder: Path, language: Language) -> list[Path]:
    """The files, in the folder, which is made if it is not there. Raises OSError where that cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with _settings():
        for name, make in _PLOTS.items():
            figure = make(results, language)
            path = folder / f"{name}.png"
            figure.savefig(path, dpi=_DPI, metadata={"Software": None})
            drawn.append(path)
    return drawn


@contextmanager
def _settings() -> Iterator[None]:
    """Ours and matplotlib's own, not those of whoever runs this."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a scenario may be called in any script
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


# --- over the day ----------------------------------------------------------------------------------------------------


def _level_over_the_day(results: Sequence[Result], language: Language) -> Figure:
    figure, (axes,) = _figure(results, word("day.service_level", language), word("band", language), language)
    _lines(axes, results, [[part.service_level for part in day] for day in _days(results)], language, 1.0)
    _shares(axes, language)
    _hours(axes, results[0], language)
    _legend(figure, axes)
    return figure


def _waits_over_the_day(results: Sequence[Result], language: Language) -> Figure:
    figure, (means, tails) = _figure(results, word("day.waits", language), word("band", language), language, 2)
    days = _days(results)
    for axes, key, values in (
        (means, "wait", [[part.wait for part in day] for day in days]),
        (tails, "wait_p90", [[part.wait_p90 for part in day] for day in days]),
    ):
        axes.set_title(heading(word(key, language), language))
        _lines(axes, results, values, language)
        _times(axes, values, language)
        _hours(axes, results[0], language)
    _legend(figure, means)
    return figure


def _days(results: Sequence[Result]) -> list[list[Part]]:
    along = stretches(results[0].scenario)
    return [over_the_day(result, along) for result in results]


def _lines(axes: Axes, results: Sequence[Result], values: Values, language: Language, most: float = inf) -> None:
    """A line for each policy, interrupted where nothing was measured, on its band, which ends where no value can be."""
    for number, row in enumerate(values):
        colour, dashes, mark = _style(number)
        axes.plot(
            range(len(row)), [_NOTHING if one is None else one.mean for one in row],
            color=colour, linestyle=dashes, marker=mark, markersize=5, linewidth=2, label=results[number].name,
        )  # fmt: skip
        low = [_NOTHING if one is None else max(0.0, one.low) for one in row]
        high = [_NOTHING if one is None else min(most, one.high) for one in row]
        axes.fill_between(range(len(row)), low, high, color=colour, alpha=0.15, linewidth=0)
        beside = [None, *row, None]
        alone = [
            None if beside[at] or beside[at + 2] else one for at, one in enumerate(row)
        ]  # a band has no width there
        axes.errorbar(
            range(len(row)), [_NOTHING if one is None else one.mean for one in alone], yerr=_whiskers(alone, most),
            fmt="none", ecolor=colour, elinewidth=1.4, capsize=4, alpha=0.6,
        )  # fmt: skip
    _unless_measured(axes, values, language)


def _unless_measured(axes: Axes, values: Values, language: Language) -> None:
    """Say that there is nothing to see."""
    if not any(one is not None for row in values for one in row):
        axes.text(0.5, 0.5, word("no_data", language), transform=axes.transAxes, ha="center", color=_QUIET)


def _hours(axes: Axes, result: Result, language: Language) -> None:
    along = stretches(result.scenario)
    step = -(-len(along) // (12 if len(axes.figure.axes) == 1 else 5))
    shown = range(0, len(along), step)
    axes.set_xticks(list(shown), [name_of(result.scenario, along[index].since) for index in shown])
    axes.set_xlim(-0.5, len(along) - 0.5)
    axes.set_xlabel(word("clock" if by_clock(result.scenario) else "after", language))


# --- classes ---------------------------------------------------------------------------------------------------------


def _level_by_class(results: Sequence[Result], language: Language) -> Figure:
    figure, panels = _figure(results, word("classes.service_level", language), word("whisker", language), language, 2)
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
        _bars(axes, results, names, values, 1.0)
        _shares(axes, language)
        _unless_measured(axes, values, language)
    _legend(figure, panels[0])
    return figure


def _waits_by_class(results: Sequence[Result], language: Language) -> Figure:
    note = f"{word('bars.waits', language)}, {word('whisker', language)}"
    parts = [by_channel_and_tier(result) for result in results]
    keys = {key for one in parts for key in one}
    channels = sorted({channel for channel, _ in keys})
    figure, panels = _figure(results, word("classes.waits", language), note, language, max(1, len(channels)))
    if not channels:
        _unless_measured(panels[0], [], language)
        panels[0].set_axis_off()
    for axes, channel in zip(panels, channels, strict=False):
        tiers = results[0].tiers({tier for of, tier in keys if of == channel})
        found = [[one.get((channel, tier)) for tier in tiers] for one in parts]
        means = [[None if part is None else part.wait for part in row] for row in found]
        tails = [[None if part is None else part.wait_p90 for part in row] for row in found]
        axes.set_title(channel)
        _bars(axes, results, [_tier(tier, language) for tier in tiers], means)
        for number, row in enumerate(tails):
            places = _places(number, len(results), len(tiers), aside=0.2)
            axes.errorbar(
                places, [_NOTHING if one is None else one.mean for one in row],
                yerr=_whiskers(row),
                fmt=_style(number)[2], color=_style(number)[0], ecolor=_QUIET, markersize=6, elinewidth=1.2, capsize=3,
                markeredgecolor=_INK, markeredgewidth=0.8,
            )  # fmt: skip
        _times(axes, [*means, *tails], language)
        _unless_measured(axes, means, language)
    _legend(figure, panels[0])
    return figure


def _tier(name: str, language: Language) -> str:
    return word("none", language) if name == "none" else name


# --- agents ----------------------------------------------------------------------------------------------------------


def _occupancy(results: Sequence[Result], language: Language) -> Figure:
    figure, panels = _figure(results, word("fairness.title", language), word("whisker", language), language, 2)
    _bars(panels[0], results, [word("fairness.all", language)], [[one.figures().occupancy] for one in results], 1.0)
    panels[0].set_title(word("fairness.whole", language))
    panels[0].set_xlim(-0.75, 0.75)
    _shares(panels[0], language)
    names = [word(f"fairness.{one}", language) for one in ("least", "median", "most")]
    spreads = [among_agents(result) for result in results]
    _bars(panels[1], results, names, [[None] * 3 if one is None else list(one.occupancy) for one in spreads], 1.0)
    panels[1].set_title(word("fairness.each", language))
    _shares(panels[1], language)
    _unless_measured(panels[1], [one.occupancy for one in spreads if one is not None], language)
    _legend(figure, panels[0])
    return figure


# --- parts of a plot -------------------------------------------------------------------------------------------------


def _figure(
    results: Sequence[Result], title: str, note: str, language: Language, panels: int = 1
) -> tuple[Figure, list[Axes]]:
    """A heading, what the marks mean, what was simulated, and so many empty panels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDE / _DPI, HIGH / _DPI), dpi=_DPI, layout="constrained")
    across = min(panels, _PANELS)
    down = -(-panels // across)
    axes = [figure.add_subplot(down, across, number + 1) for number in range(panels)]
    first = results[0]
    made = word(
        "made", language, name=_cut(first.scenario.name), replications=len(first.counts), days=first.scenario.days,
        seed=first.scenario.seed,
    )  # fmt: skip
    figure.suptitle(title, fontsize=18, x=0.02, ha="left")
    several = any(len(one.counts) > 1 for one in results)
    figure.supxlabel(f"{made} — {note}" if several else made, fontsize=11, color=_QUIET, x=0.98, ha="right")
    return figure, axes


def _cut(name: str, most: int = 40) -> str:
    name = "".join(sign if sign.isprintable() else " " for sign in name)
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _style(number: int) -> tuple[str, Any, str]:
    return COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)], _MARKS[number % len(_MARKS)]


def _legend(figure: Figure, axes: Axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=min(4, len(names)), fontsize=13, handlelength=3)


def _places(number: int, of: int, groups: int, aside: float = 0.0) -> list[float]:
    """Of a policy's bars; so much of a bar's width to the right of their middle."""
    wide = 0.8 / of
    return [group - 0.4 + wide * (number + 0.5 + aside) for group in range(groups)]


def _whiskers(row: Sequence[Estimate | None], most: float = inf) -> list[list[float]]:
    """Down and up from each mean, not beyond what can be."""
    down = [0.0 if one is None else max(0.0, min(one.half_width, one.mean)) for one in row]
    return [down, [0.0 if one is None else max(0.0, min(one.half_width, most - one.mean)) for one in row]]


def _bars(
    axes: Axes,
    results: Sequence[Result],
    names: Sequence[str],
    values: Values,
    most: float = inf,
) -> None:
    """A group for each name, of a bar for each policy; no bar where nothing was measured."""
    for number, row in enumerate(values):
        axes.bar(
            _places(number, len(results), len(names)), [0.0 if one is None else one.mean for one in row],
            width=0.8 / len(results) * 0.92, color=COLOURS[number % len(COLOURS)], label=results[number].name,
            yerr=_whiskers(row, most),
            error_kw={"elinewidth": 1.4, "capsize": 4, "ecolor": _INK},
        )  # fmt: skip
    slanted = len(names) > 1 and max(map(len, names), default=0) * len(names) > _FEW * 4
    axes.set_xticks(range(len(names)), names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    axes.tick_params(axis="x", length=0)


def _shares(axes: Axes, language: Language) -> None:
    axes.set_ylim(0, 1.02)
    marks = [n / 5 for n in range(6)]
    axes.set_yticks(marks, [share(one, language, places=0) for one in marks])


def _times(axes: Axes, values: Values, language: Language) -> None:
    """From 0; an interval that is far longer than what was measured runs out of the plot."""
    found = [one for row in values for one in row if one is not None]
    means = max((one.mean for one in found), default=0.0)
    most = min(max((one.high for one in found), default=0.0), means * 1.5)
    marks = ticks(most * 1000, "ms")
    axes.set_yticks([one / 1000 for one in marks], [span(one, language) for one in marks])
    axes.set_ylim(0, marks[-1] / 1000)


_PLOTS: dict[str, Callable[[Sequence[Result], Language], Figure]] = {
    "service-level-over-the-day": _level_over_the_day,
    "waits-over-the-day": _waits_over_the_day,
    "service-level-by-tier-and-channel": _level_by_class,
    "waits-by-channel-and-tier": _waits_by_class,
    "occupancy": _occupancy,
}
