"""Why a message of a campaign did not leave, or not yet, and what an experiment found: told to somebody in their language."""

from __future__ import annotations

from typing import Any

from router.candidates import Drop, Send, Verdict
from router.experiments import Comparison, Finding
from router.explaining_reader import PHRASES, Reader
from router.times import from_ms


def verdict_told(reader: Reader, verdict: Verdict) -> str:
    """The sentence of a verdict; times are in the reader's zone."""
    if isinstance(verdict, Send):
        return reader.say("outreach.send")
    values = {name: _value(reader, name, value) for name, value in verdict.reason.values.items()}
    if isinstance(verdict, Drop):
        return reader.say(f"outreach.{verdict.reason.code}", **values)
    return reader.say(f"outreach.held.{verdict.reason.code}", **values, when=_time(reader, verdict.until))


def finding_told(reader: Reader, found: Comparison, baseline: str) -> str:
    """What a comparison says, with its numbers; where it is too early, how many people it would take."""
    said = reader.say(
        f"outreach.finding.{found.finding}",
        name=found.group.name,
        baseline=baseline,
        rate=reader.say("outreach.per_cent", number=_points(reader, found.rate)),
        difference=_points(reader, found.difference),
        low=_points(reader, found.between.low),
        high=_points(reader, found.between.high),
    )
    if found.finding is not Finding.NOT_YET or found.needed is None:
        return said
    return f"{said} {reader.say('outreach.finding.needed', needed=found.needed)}"


def _value(reader: Reader, name: str, value: Any) -> Any:
    if name in ("until", "since"):
        return _time(reader, value)
    if name == "channel":
        return reader.channel(value)
    if name == "purpose":
        return reader.say(f"outreach.purpose.{value}")
    if name == "source":
        key = f"outreach.source.{value}"
        return reader.say(key) if key in PHRASES else reader.say("outreach.source", code=value)
    return value


def _time(reader: Reader, ms: int) -> str:
    at = from_ms(ms)
    return f"{reader.day(at)} {reader.clock(at)}"


def _points(reader: Reader, share: float) -> str:
    """Per cent with one decimal, as the language writes it."""
    number = f"{round(share * 100, 1) + 0.0:.1f}"
    return number.replace(".", ",") if reader.language == "tr" else number
