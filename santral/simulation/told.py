"""What a simulation found, told: as JSON for programs, as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from santral.reporting_choices import Language
from santral.reporting_words import number, span
from santral.simulation import narrow_tables
from santral.simulation.figures import Figures, Of
from santral.simulation.intervals import Estimate
from santral.simulation.sweep import Sweep


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


def as_data(about: About, found: Mapping[str, Figures], apart: Mapping[str, Estimate]) -> dict[str, Any]:
    """As plain data: shares between 0 and 1, times in seconds, each figure with half the width of its 95 % interval."""
    return {
        "scenario": about.scenario,
        "load": round(about.load, 6),
        "agents": about.agents,
        "days": about.days,
        "replications": about.replications,
        "seed": about.seed,
        "policies": {name: _policy(figures, apart.get(name)) for name, figures in found.items()},
    }


def _policy(figures: Figures, apart: Estimate | None) -> dict[str, Any]:
    return {
        "weighted_service_level": _estimate(figures.weighted_service_level),
        **({} if apart is None else {"difference_to_first": _estimate(apart)}),
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
    Language.en: ("policy", "level %", "wait", "p90", "left %", "busy %", "worst"),
    Language.tr: ("politika", "düzey %", "bekleme", "p90", "giden %", "dolu %", "uç"),
}
_NONE: dict[Language, str] = {Language.en: "none", Language.tr: "yok"}
_LEGEND: dict[Language, str] = {
    Language.en: (
        "level: answered in time by tiers' weights, ± half the 95 % interval;\n"
        "wait, p90: until answered; left: gave up; busy: units taken;\n"
        "worst: the longest wait over its target."
    ),
    Language.tr: (
        "düzey: kademe ağırlıklarıyla süresinde yanıtlanan, ± %95 aralığın yarısı;\n"
        "bekleme, p90: yanıta kadar; giden: vazgeçen; dolu: kullanılan kapasite;\n"
        "uç: en uzun beklemenin hedefe oranı."
    ),
}


def table(found: Mapping[str, Figures], language: Language, width: int) -> str:
    """A row for each policy; the levels of the tiers come under it where they do not fit."""
    tiers = _tiers(found)
    first, level, *rest = _HEADS[language]
    shown = tiers if tiers != ["none"] else []
    heads = [first, level, *(_NONE[language] if name == "none" else name for name in shown), *rest]
    rows = [[name, *_row(figures, shown, language)] for name, figures in found.items()]
    return narrow_tables.table([heads, *rows], width, range(2, 2 + len(shown)))


def _tiers(found: Mapping[str, Figures]) -> list[str]:
    """The tiers, the weightiest first."""
    return list(next(iter(found.values())).tiers)


def _row(figures: Figures, tiers: list[str], language: Language) -> list[str]:
    whole = figures.whole
    return [
        per_cent(figures.weighted_service_level, language, wide=True),
        *(per_cent(figures.tiers[name].service_level, language) for name in tiers),
        span(whole.wait.mean * 1000, language),
        span(whole.waits[90].mean * 1000, language),
        per_cent(whole.abandoned, language),
        per_cent(figures.occupancy, language),
        number(whole.worst_wait_over_target.mean, language, 1),
    ]


def per_cent(value: Estimate, language: Language, *, wide: bool = False) -> str:
    """93.4; with `wide` and its interval 93.4 ±0.3."""
    mean = number(100 * value.mean, language, 1)
    return f"{mean} ±{number(100 * value.half_width, language, 1)}" if wide and value.half_width else mean


def difference_line(policy: str, first: str, apart: Estimate, about: About, language: Language) -> str:
    """How far a policy's weighted service level is from the first's, in percentage points."""
    points = round(100 * apart.mean, 1)
    sign = "+" if points > 0 else "−" if points < 0 else ""
    shown = sign + number(abs(points), language, 1)
    if about.replications > 1:
        shown += f" ±{number(100 * apart.half_width, language, 1)}"
    if language is Language.tr:
        return f"{policy} − {first}: ağırlıklı servis seviyesinde {shown} puan"
    return f"{policy} − {first}: {shown} points of weighted service level"


_DOING: dict[str, dict[Language, str]] = {
    "running": {Language.en: "replications", Language.tr: "tekrarlar"},
    "sweeping": {Language.en: "how many agents it takes", Language.tr: "kaç temsilci gerektiği"},
}


def doing(what: str, language: Language) -> str:
    """What takes its time, "running" or "sweeping"."""
    return _DOING[what][language]


_NEVER: dict[str, dict[Language, str]] = {
    "turned_away": {Language.en: "turned away, there was no place to wait", Language.tr: "bekleyecek yer bulamayan"},
    "unanswered": {
        Language.en: "never answered, nobody was there any more",
        Language.tr: "hiç yanıtlanmayan, artık kimse yoktu",
    },
}


def never(found: Mapping[str, Figures], language: Language) -> list[str]:
    """A line for who found no place and one for who was never answered, where anybody was; they count as missed."""
    lines = []
    for name, words in _NEVER.items():
        shares = {policy: getattr(one.whole, name) for policy, one in found.items()}
        if any(share.mean for share in shares.values()):
            of = ", ".join(f"{policy} {_share(share, language)}" for policy, share in shares.items())
            lines.append(f"{words[language]}: {of}")
    return lines


def _share(value: Estimate, language: Language) -> str:
    shown = per_cent(value, language)
    return f"%{shown}" if language is Language.tr else f"{shown} %"


def legend(language: Language) -> str:
    """What the columns are."""
    return _LEGEND[language]


def headline(about: About, language: Language) -> str:
    """What was simulated, and how long it took."""
    took = span(about.busy * 1000, language)
    if language is Language.tr:
        return (
            f"{about.scenario}: {about.agents} temsilci, yük %{100 * about.load:.0f},\n"
            f"{about.replications} tekrar x {about.days} gün, tohum {about.seed}; {took}"
        )
    return (
        f"{about.scenario}: {about.agents} agents, load {100 * about.load:.0f} %,\n"
        f"{_some(about.replications, 'replication')} of {_some(about.days, 'day')}, seed {about.seed}; {took}"
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
    if language is Language.tr:
        goal = goal.replace(".", ",")
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


def points(sweep: Sweep, language: Language, width: int) -> str:
    """A table with a row for each number of agents that was tried."""
    heads = {Language.en: ["agents", "level %", "busy %"], Language.tr: ["temsilci", "düzey %", "dolu %"]}[language]
    rows = [
        [str(p.agents), per_cent(p.service_level, language, wide=True), per_cent(p.occupancy, language)]
        for p in sweep.points
    ]
    return narrow_tables.table([heads, *rows], width)


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
