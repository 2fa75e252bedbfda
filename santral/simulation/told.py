"""What a simulation found, told: as JSON for programs, as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from santral.simulation.figures import Figures, Of
from santral.simulation.intervals import Estimate
from santral.simulation.sweep import Sweep

Language = Literal["en", "tr"]


@dataclass(frozen=True, slots=True)
class About:
    """What was simulated."""

    scenario: str
    load: float
    agents: int
    days: int
    replications: int
    seed: int
    busy: float  # seconds it took


def as_data(about: About, found: Mapping[str, Figures]) -> dict[str, Any]:
    """As plain data: shares between 0 and 1, times in seconds, each figure with half the width of its 95 % interval."""
    return {
        "scenario": about.scenario,
        "load": round(about.load, 6),
        "agents": about.agents,
        "days": about.days,
        "replications": about.replications,
        "seed": about.seed,
        "policies": {name: _policy(figures) for name, figures in found.items()},
    }


def _policy(figures: Figures) -> dict[str, Any]:
    return {
        "weighted_service_level": _estimate(figures.weighted_service_level),
        "service_level": {name: _estimate(of.service_level) for name, of in figures.tiers.items()},
        **_of(figures.whole),
        "occupancy": _estimate(figures.occupancy),
        "tiers": {name: _part(of) for name, of in figures.tiers.items()},
        "channels": {name: _part(of) for name, of in figures.channels.items()},
        "queues": {name: _part(of) for name, of in figures.queues.items()},
    }


def _part(of: Of) -> dict[str, Any]:
    return {"service_level": _estimate(of.service_level), **_of(of)}


def _of(of: Of) -> dict[str, Any]:
    return {
        "wait": {**_estimate(of.wait), **{f"p{at}": _estimate(wait) for at, wait in of.waits.items()}},
        "abandoned": _estimate(of.abandoned),
        "turned_away": _estimate(of.turned_away),
        "unanswered": _estimate(of.unanswered),
        "worst_wait_over_target": _estimate(of.worst_wait_over_target),
        "offered": _estimate(of.offered),
        "answered": _estimate(of.answered),
    }


def _estimate(value: Estimate) -> dict[str, float]:
    return {"mean": round(value.mean, 6), "half_width": round(value.half_width, 6)}


_HEADS: dict[Language, tuple[str, ...]] = {
    "en": ("policy", "level %", "wait", "p90", "left %", "busy %", "worst"),
    "tr": ("politika", "düzey %", "bekleme", "p90", "giden %", "dolu %", "uç"),
}
_NONE: dict[Language, str] = {"en": "none", "tr": "yok"}
_LEGEND: dict[Language, str] = {
    "en": (
        "level: answered in time by tiers' weights, ± half the 95 % interval;\n"
        "wait, p90: until answered; left: gave up; busy: units taken;\n"
        "worst: the longest wait over its target."
    ),
    "tr": (
        "düzey: kademe ağırlıklarıyla süresinde yanıtlanan, ± %95 aralığın yarısı;\n"
        "bekleme, p90: yanıta kadar; giden: vazgeçen; dolu: kullanılan kapasite;\n"
        "uç: en uzun beklemenin hedefe oranı."
    ),
}


def rows(found: Mapping[str, Figures], language: Language) -> tuple[list[str], list[list[str]]]:
    """Headings, and a row for each policy."""
    tiers = _tiers(found)
    first, level, *rest = _HEADS[language]
    shown = tiers if tiers != ["none"] else []
    heads = [first, level, *(_NONE[language] if name == "none" else name for name in shown), *rest]
    return heads, [[name, *_row(figures, shown)] for name, figures in found.items()]


def _tiers(found: Mapping[str, Figures]) -> list[str]:
    """The tiers, the weightiest first."""
    return list(next(iter(found.values())).tiers)


def _row(figures: Figures, tiers: list[str]) -> list[str]:
    whole = figures.whole
    return [
        per_cent(figures.weighted_service_level, wide=True),
        *(per_cent(figures.tiers[name].service_level) for name in tiers),
        length(whole.wait.mean),
        length(whole.waits[90].mean),
        per_cent(whole.abandoned),
        per_cent(figures.occupancy),
        f"{whole.worst_wait_over_target.mean:.1f}",
    ]


def per_cent(value: Estimate, *, wide: bool = False) -> str:
    """93.4; with `wide` and its interval 93.4 ±0.3."""
    mean = f"{100 * value.mean:.1f}"
    return f"{mean} ±{100 * value.half_width:.1f}" if wide and value.half_width else mean


def length(seconds: float) -> str:
    """2.4s, 3.1m, 2.2h."""
    if seconds < 100:
        return f"{seconds:.1f}s"
    return f"{seconds / 60:.1f}m" if seconds < 5400 else f"{seconds / 3600:.1f}h"


_DOING: dict[str, dict[Language, str]] = {
    "running": {"en": "replications", "tr": "tekrarlar"},
    "sweeping": {"en": "how many agents it takes", "tr": "kaç temsilci gerektiği"},
}


def doing(what: str, language: Language) -> str:
    """What takes its time, "running" or "sweeping"."""
    return _DOING[what][language]


_NEVER: dict[str, dict[Language, str]] = {
    "turned_away": {"en": "turned away, there was no place to wait", "tr": "bekleyecek yer bulamayan"},
    "unanswered": {"en": "never answered, nobody was there any more", "tr": "hiç yanıtlanmayan, artık kimse yoktu"},
}


def never(found: Mapping[str, Figures], language: Language) -> list[str]:
    """A line for who found no place and one for who was never answered, where anybody was; they count as missed."""
    lines = []
    for name, words in _NEVER.items():
        shares = {policy: getattr(one.whole, name).mean for policy, one in found.items()}
        if any(shares.values()):
            of = ", ".join(f"{policy} {per_cent_of(share, language)}" for policy, share in shares.items())
            lines.append(f"{words[language]}: {of}")
    return lines


def per_cent_of(share: float, language: Language) -> str:
    """A share as people write it."""
    return f"%{100 * share:.1f}".replace(".", ",") if language == "tr" else f"{100 * share:.1f} %"


def legend(language: Language) -> str:
    """What the columns are."""
    return _LEGEND[language]


def headline(about: About, language: Language) -> str:
    """What was simulated, in a line."""
    if language == "tr":
        return (
            f"{about.scenario}: {about.agents} temsilci, yük %{100 * about.load:.0f},\n"
            f"{about.replications} tekrar x {about.days} gün, tohum {about.seed}; {about.busy:.1f} s"
        )
    return (
        f"{about.scenario}: {about.agents} agents, load {100 * about.load:.0f} %,\n"
        f"{_some(about.replications, 'replication')} of {_some(about.days, 'day')}, seed {about.seed}; {about.busy:.1f} s"
    )


# --- sweeps ----------------------------------------------------------------------------------------------------------


def as_points(sweep: Sweep) -> dict[str, Any]:
    """A sweep as plain data; `agents` and `more` are None where no number that was tried reaches the goal."""
    return {
        "target": sweep.goal.share,
        "group": sweep.group,
        "now": sweep.now,
        "agents": None if sweep.least is None else sweep.least.agents,
        "more": sweep.more,
        "split": dict(sweep.split),
        "tried": [
            {"agents": p.agents, "service_level": _estimate(p.service_level), "occupancy": _estimate(p.occupancy)}
            for p in sweep.points
        ],
    }


def sweep_line(policy: str, sweep: Sweep, language: Language) -> str:
    """What it comes to, in a sentence."""
    goal, of = f"{100 * sweep.goal.share:g}", f" ({sweep.group})" if sweep.group else ""
    if language == "tr":
        if sweep.least is None:
            return f"{policy}: denenen hiçbir sayı %{goal} düzeyine ulaşmıyor{of}"
        return f"{policy}: %{goal} için {sweep.least.agents} temsilci gerekir{of}; şimdi {sweep.now}, fark {sweep.more:+d}{_split(sweep)}"
    if sweep.least is None:
        return f"{policy}: no number that was tried reaches {goal} %{of}"
    takes, there = _some(sweep.least.agents, "agent"), "is 1" if sweep.now == 1 else f"are {sweep.now}"
    return f"{policy}: {goal} % takes {takes}{of}; there {there}, so {sweep.more:+d}{_split(sweep)}"


def _split(sweep: Sweep) -> str:
    """Which ones, where they are not all alike."""
    return "" if len(sweep.split) < 2 else ": " + ", ".join(f"{name} {count}" for name, count in sweep.split.items())


def points(sweep: Sweep, language: Language) -> tuple[list[str], list[list[str]]]:
    """Headings, and a row for each number of agents that was tried."""
    heads = {"en": ["agents", "level %", "busy %"], "tr": ["temsilci", "düzey %", "dolu %"]}[language]
    return heads, [[str(p.agents), per_cent(p.service_level, wide=True), per_cent(p.occupancy)] for p in sweep.points]


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
