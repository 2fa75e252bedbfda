"""What plots are made of: settings, a heading, lines on their bands, bars with whiskers, scales.

matplotlib is imported when something is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import TYPE_CHECKING, Any

from santral.reporting_choices import Language
from santral.reporting_plots import ticks
from santral.reporting_words import share, span
from santral.simulation.intervals import Estimate
from santral.simulation.report_words import word
from santral.simulation.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, HIGH = 1200, 675
# Okabe and Ito's colours, which colour-blind people tell apart; the light yellow last (jfly.uni-koeln.de/color)
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#f0e442")
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 2, 2)), (0, (9, 3)), (0, (1, 1)))
_MARKS = "os^DvPX*"
DPI = 100
QUIET, INK = "#586573", "#17212b"
NOTHING = float("nan")
Values = Sequence[Sequence[Estimate | None]]
"""By policy, and along the plot."""
_SIGNS = 120  # so many have room under bars, all panels together; longer names stand slanted
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


@contextmanager
def settings() -> Iterator[None]:
    """Ours and matplotlib's own, not those of whoever runs this."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a scenario may be called in any script
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def empty(
    results: Sequence[Result], title: str, note: str, language: Language, panels: int = 1
) -> tuple[Figure, list[Axes]]:
    """A heading, what the marks mean, what was simulated, and so many empty panels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDE / DPI, HIGH / DPI), dpi=DPI, layout="constrained")
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
    figure.supxlabel(f"{made} — {note}" if several else made, fontsize=11, color=QUIET, x=0.98, ha="right")
    return figure, axes


def _cut(name: str, most: int = 40) -> str:
    name = "".join(sign if sign.isprintable() else " " for sign in name)
    return name if len(name) <= most else f"{name[: most - 1]}…"


def style_of(number: int) -> tuple[str, Any, str]:
    """A policy's colour, dashes and mark."""
    return COLOURS[number % len(COLOURS)], _DASHES[number % len(_DASHES)], _MARKS[number % len(_MARKS)]


def add_legend(figure: Figure, axes: Axes) -> None:
    """Above the plot, once for all panels."""
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper right", ncols=min(4, len(names)), fontsize=13, handlelength=3)


def places_of(number: int, of: int, groups: int, aside: float = 0.0) -> list[float]:
    """Of a policy's bars; so much of a bar's width to the right of their middle."""
    wide = 0.8 / of
    return [group - 0.4 + wide * (number + 0.5 + aside) for group in range(groups)]


def whiskers(row: Sequence[Estimate | None], most: float = inf) -> list[list[float]]:
    """Down and up from each mean, not beyond what can be."""
    down = [0.0 if one is None else max(0.0, min(one.half_width, one.mean)) for one in row]
    return [down, [0.0 if one is None else max(0.0, min(one.half_width, most - one.mean)) for one in row]]


def draw_bars(axes: Axes, results: Sequence[Result], names: Sequence[str], values: Values, most: float = inf) -> None:
    """A group for each name, of a bar for each policy; no bar where nothing was measured."""
    for number, row in enumerate(values):
        axes.bar(
            places_of(number, len(results), len(names)), [0.0 if one is None else one.mean for one in row],
            width=0.8 / len(results) * 0.92, color=COLOURS[number % len(COLOURS)], label=results[number].name,
            yerr=whiskers(row, most) if len(results[number].counts) > 1 else None,
            error_kw={"elinewidth": 1.4, "capsize": 4, "ecolor": INK},
        )  # fmt: skip
    across = min(_PANELS, len(axes.figure.axes))
    slanted = len(names) > 1 and max(map(len, names)) * len(names) > _SIGNS / across
    axes.set_xticks(range(len(names)), names, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    axes.tick_params(axis="x", length=0)


def scale_of_shares(axes: Axes, language: Language) -> None:
    """From none to all."""
    axes.set_ylim(0, 1.02)
    marks = [n / 5 for n in range(6)]
    axes.set_yticks(marks, [share(one, language, places=0) for one in marks])


def scale_of_times(axes: Axes, values: Values, language: Language) -> None:
    """From 0; an interval that is far longer than what was measured runs out of the plot."""
    found = [one for row in values for one in row if one is not None]
    means = max((one.mean for one in found), default=0.0)
    most = min(max((one.high for one in found), default=0.0), means * 1.5)
    marks = ticks(most * 1000, "ms")
    axes.set_yticks([one / 1000 for one in marks], [span(one, language) for one in marks])
    axes.set_ylim(0, marks[-1] / 1000)


def draw_lines(axes: Axes, results: Sequence[Result], values: Values, language: Language, most: float = inf) -> None:
    """A line for each policy, interrupted where nothing was measured, on its band, which ends where no value can be."""
    for number, row in enumerate(values):
        colour, dashes, mark = style_of(number)
        axes.plot(
            range(len(row)), [NOTHING if one is None else one.mean for one in row],
            color=colour, linestyle=dashes, marker=mark, markersize=5, linewidth=2, label=results[number].name,
        )  # fmt: skip
        low = [NOTHING if one is None else max(0.0, one.low) for one in row]
        high = [NOTHING if one is None else min(most, one.high) for one in row]
        axes.fill_between(range(len(row)), low, high, color=colour, alpha=0.15, linewidth=0)
        beside = [None, *row, None]
        alone = [
            None if beside[at] or beside[at + 2] else one for at, one in enumerate(row)
        ]  # a band has no width there
        axes.errorbar(
            range(len(row)), [NOTHING if one is None else one.mean for one in alone], yerr=whiskers(alone, most),
            fmt="none", ecolor=colour, elinewidth=1.4, capsize=4, alpha=0.6,
        )  # fmt: skip
    unless_measured(axes, values, language)


def unless_measured(axes: Axes, values: Values, language: Language) -> None:
    """Say that there is nothing to see."""
    if not any(one is not None for row in values for one in row):
        axes.text(0.5, 0.5, word("no_data", language), transform=axes.transAxes, ha="center", color=QUIET)
