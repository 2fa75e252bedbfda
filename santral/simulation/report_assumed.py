"""What a simulation assumed, as a part of its page: enough to run it again and to judge it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from santral.reporting_choices import Language
from santral.reporting_style import panel
from santral.reporting_words import heading, number, share, span
from santral.simulation.draws import Lengths
from santral.simulation.report_words import word
from santral.simulation.results import Result
from santral.simulation.scenario import Scenario, Stream


def assumed(results: Sequence[Result], language: Language) -> str:
    """Facts and streams; a fact that differs between results is told of each."""
    facts = "".join(
        f"<div><dt>{escape(heading(word(key, language), language))}</dt><dd>{escape(_each(results, say))}</dd></div>"
        for key, say in _facts(language).items()
    )
    streams = _streams(results[0].scenario, language)
    scaled = f'<p class="none">{escape(word("definitions.load", language))}</p>' if results[0].scenario.load else ""
    return panel(word("assumed", language), f'<dl class="facts">{facts}</dl>{streams}{scaled}', kind="table")


def _each(results: Sequence[Result], say: Callable[[Result], str]) -> str:
    found = [say(result) for result in results]
    if len(set(found)) == 1:
        return found[0]
    return "; ".join(f"{result.name}: {text}" for result, text in zip(results, found, strict=True))


def _facts(language: Language) -> dict[str, Callable[[Result], str]]:
    def count(value: float, places: int = 0) -> str:
        return number(value, language, places)

    def load(of: Scenario) -> str:
        return word("load.none", language) if of.load is None else share(of.load, language)

    def places(of: Scenario) -> str:
        return word("places.none", language) if of.waiting_places is None else count(of.waiting_places)

    return {
        "agents": lambda one: count(len(one.config.agents)),
        "streams": lambda one: count(len(one.scenario.traffic)),
        "first": lambda one: one.scenario.start.isoformat(),
        "days": lambda one: count(one.scenario.days),
        "hours": lambda one: _hours(one.scenario, (0.0, one.scenario.day.hours), language),
        "measured": lambda one: _hours(one.scenario, one.scenario.day.counted, language),
        "load": lambda one: load(one.scenario),
        "replications": lambda one: count(len(one.counts)),
        "seed": lambda one: str(one.scenario.seed),
        "gave_up": lambda one: word(f"gave_up.{one.scenario.abandoned}", language),
        "secondary": lambda one: f"× {count(one.scenario.secondary_pace, 2)}",
        "places": lambda one: places(one.scenario),
    }


def _hours(scenario: Scenario, hours: tuple[float, float], language: Language) -> str:
    """By the clock, of a day; else so long after opening."""
    if scenario.day.hours > 24:
        return f"{number(hours[0], language, 0)}–{number(hours[1], language, 0)} ({word('after', language)})"
    opens, _, minutes = scenario.day.opens.partition(":")
    at = [int(opens) * 60 + int(minutes) + round(hour * 60) for hour in hours]
    first, last = (f"{minute // 60 % 24:02d}:{minute % 60:02d}" for minute in at)
    return f"{first}–{last} {scenario.zone}"


def _streams(scenario: Scenario, language: Language) -> str:
    keys = ("per_hour", "handling", "patience")
    head = f'<th scope="col">{escape(word("stream", language))}</th>'
    head += f'<th scope="col" class="text">{escape(word("channel", language))}</th>'
    head += "".join(f'<th scope="col">{escape(word(key, language))}</th>' for key in keys)
    body = "".join(_stream(one, language) for one in scenario.traffic)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _stream(stream: Stream, language: Language) -> str:
    rates = stream.per_hour if isinstance(stream.per_hour, tuple) else (stream.per_hour,)
    patience = word("for_ever", language) if stream.patience is None else _lengths(stream.patience, language)
    cells = (
        _range([number(one, language, 0 if one == int(one) else 1) for one in (min(rates), max(rates))]),
        _lengths(stream.handling, language),
        patience,
    )
    channel = f'<td class="text">{escape(stream.channel)}</td>'
    inside = "".join(f"<td>{escape(one)}</td>" for one in cells)
    return f'<tr><th scope="row" title="{escape(stream.name)}">{escape(stream.name)}</th>{channel}{inside}</tr>'


def _lengths(lengths: Lengths | tuple[Lengths, ...], language: Language) -> str:
    means = [one.mean * 60_000 for one in (lengths if isinstance(lengths, tuple) else (lengths,))]
    return _range([span(one, language) for one in (min(means), max(means))])


def _range(ends: Sequence[str]) -> str:
    """From the least to the most, once if they are told alike."""
    return ends[0] if ends[0] == ends[1] else f"{ends[0]}–{ends[1]}"
