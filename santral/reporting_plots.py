"""Plots as SVG: no script, no network; what is pointed at is told by the browser itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Literal

from santral.reporting import Value

WIDE, HIGH = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 12, 12, 30
_DOTS = 48  # at most so many points have a dot each
_SECOND, _MINUTE, _HOUR, _DAY = 1000, 60_000, 3_600_000, 86_400_000
_STEPS = (
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)), *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)), *(n * _HOUR for n in (1, 2, 4, 6, 12)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """Values in the order of time, None where nothing was measured, each as it is told; a band has its lower and upper end."""

    name: str
    kind: str  # the class that gives it its colour
    values: Sequence[Value]
    told: Sequence[str]
    band: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """What stands under some of the places, and what each is called in full."""

    under: dict[int, str]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Values upwards from 0: the lines to read them by, each with what it says."""

    most: float
    ticks: Sequence[tuple[float, str]]


def ticks(most: float, shape: Literal["count", "ms"]) -> list[float]:
    """Round values from 0 to the first that is no less than the most, six at most."""
    step = next((one for one in _steps(shape) if one * 5 >= most), _DAY)
    if step == _DAY and shape == "ms":
        step = _DAY * max(1, -(-round(most) // (5 * _DAY)))
    found = [0.0]
    while found[-1] < most or len(found) < 2:
        found.append(found[-1] + step)
    return found


def _steps(shape: Literal["count", "ms"]) -> Sequence[int]:
    return _STEPS if shape == "ms" else [n * 10**power for power in range(12) for n in (1, 2, 5)]


def lines(title: str, series: Sequence[Series], axis: Axis, scale: Scale) -> str:
    """A line each; where nothing was measured it is interrupted."""
    drawn = [_band(one, len(axis.names), scale) for one in series if one.band]
    for one in series:
        points = [(_x(index, len(axis.names)), _y(value, scale)) for index, value in enumerate(one.values)]
        known = [value is not None for value in one.values]
        for there, group in groupby(range(len(points)), key=known.__getitem__):
            run = [points[index] for index in group] if there else []
            if len(run) > 1:
                path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)
                drawn.append(f'<path class="line {one.kind}" d="{path}"/>')
            if len(run) == 1 or len(axis.names) <= _DOTS:
                drawn += [f'<circle class="dot {one.kind}" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in run]
    return _plot(title, drawn, series, axis, scale)


def _band(one: Series, number: int, scale: Scale) -> str:
    """Where the values may be; no higher than the plot, and upright where a value stands alone."""
    drawn = []
    for there, group in groupby(range(number), key=lambda index: one.values[index] is not None):
        run = list(group) if there else []
        ends = [(_x(index, number), [_y(min(end, scale.most), scale) for end in one.band[index]]) for index in run]
        if len(run) == 1:
            x, (low, high) = ends[0]
            drawn.append(f'<path class="line whisker {one.kind}" d="M{x:.1f} {low:.1f}V{high:.1f}"/>')
        elif run:
            there_and_back = [f"{x:.1f} {high:.1f}" for x, (_, high) in ends]
            there_and_back += [f"{x:.1f} {low:.1f}" for x, (low, _) in reversed(ends)]
            drawn.append(f'<path class="band {one.kind}" d="M{"L".join(there_and_back)}Z"/>')
    return "".join(drawn)


def bars(title: str, series: Sequence[Series], axis: Axis, scale: Scale) -> str:
    """A bar for each place, of one series above the other."""
    drawn = []
    room = _room(len(axis.names))
    wide = min(max(1.0, room * 0.75), 28)
    for index in range(len(axis.names)):
        below = 0.0
        for one in series:
            value = float(one.values[index] or 0)
            if value:
                top, bottom = _y(below + value, scale), _y(below, scale)
                drawn.append(
                    f'<rect class="bar {one.kind}" x="{_x(index, len(axis.names)) - wide / 2:.1f}" y="{top:.1f}" '
                    f'width="{wide:.1f}" height="{bottom - top:.1f}"/>'
                )
            below += value
    return _plot(title, drawn, series, axis, scale)


def _plot(title: str, drawn: Sequence[str], series: Sequence[Series], axis: Axis, scale: Scale) -> str:
    number = len(axis.names)
    grid = [
        f'<path class="grid" d="M{_LEFT} {_y(value, scale):.1f}H{WIDE - _RIGHT}"/>'
        f'<text class="tick" x="{_LEFT - 8}" y="{_y(value, scale) + 5:.1f}" text-anchor="end">{escape(text)}</text>'
        for value, text in scale.ticks
    ]
    under = [
        f'<text class="tick" x="{_x(index, number):.1f}" y="{HIGH - 8}" text-anchor="middle">{escape(text)}</text>'
        for index, text in axis.under.items()
    ]
    room = _room(number)
    hits = []
    for index, name in enumerate(axis.names):
        said = "\n".join([name, *(f"{one.name}: {one.told[index]}" for one in series)])
        hits.append(
            f'<rect class="hit" x="{_x(index, number) - room / 2:.1f}" y="{_TOP}" width="{room:.1f}" '
            f'height="{HIGH - _TOP - _BOTTOM}"><title>{escape(said)}</title></rect>'
        )
    inside = "".join((*grid, *under, *drawn, *hits))
    return f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{escape(title)}">{inside}</svg>'


def _room(number: int) -> float:
    return (WIDE - _LEFT - _RIGHT) / max(1, number)


def _x(index: int, number: int) -> float:
    return _LEFT + _room(number) * (index + 0.5)


def _y(value: Value, scale: Scale) -> float:
    return HIGH - _BOTTOM - (HIGH - _TOP - _BOTTOM) * (value or 0) / scale.most
