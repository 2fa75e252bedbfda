"""Why a message of a campaign did not leave, or not yet, and what an experiment found: told to somebody in their language."""

from __future__ import annotations

from typing import Any

from router.candidates import Drop, Hold, Reason, Send, Verdict
from router.experiments import Comparison, Finding
from router.explaining_reader import PHRASES, Reader
from router.journeys import Journey, Stage
from router.times import from_ms

_DEEDS = ("click", "reply")


def verdict_told(reader: Reader, verdict: Verdict) -> str:
    """The sentence of a verdict; times are in the reader's zone."""
    if isinstance(verdict, Send):
        return reader.say("outreach.send")
    values = {name: _value(reader, name, value) for name, value in verdict.reason.values.items()}
    if isinstance(verdict, Drop):
        return reader.say(f"outreach.{verdict.reason.code}", **values)
    return reader.say(f"outreach.held.{verdict.reason.code}", **values, when=_time(reader, verdict.until))


def reason_told(reader: Reader, journey: Journey) -> str:
    """How a journey stands, in a sentence or two: what left, and why no more does, or not yet."""
    sent = reader.say("outreach.sent", n=len(journey.sent)) if journey.sent else ""
    reason, due = journey.reason, journey.due
    if journey.stage is Stage.HELD and reason is not None and due is not None:
        told = verdict_told(reader, Hold(due, reason))
    elif journey.stage in (Stage.PLANNED, Stage.WAITING) and due is not None:
        told = reader.say(f"outreach.stage.{journey.stage}", when=_time(reader, due))
    elif journey.stage is Stage.SENDING:
        told = reader.say("outreach.stage.sending")
    else:
        told = code_told(reader, reason or Reason("done"))
    return " ".join(part for part in (sent, told) if part)


def begun_told(reader: Reader, journey: Journey) -> str:
    """Which campaign, and since when."""
    return reader.say("outreach.begun", campaign=journey.campaign, when=_time(reader, journey.began))


def details_told(reader: Reader, journey: Journey) -> list[str]:
    """What is known of a journey besides how it stands: its way, its text, what the person did with it."""
    said = []
    if journey.sent and journey.channel:
        said.append(reader.say("outreach.detail.channel", channel=reader.channel(journey.channel)))
    if journey.sent and journey.variant:
        said.append(reader.say("outreach.detail.variant", name=journey.variant))
    said += [reader.say(f"outreach.detail.{what}") for what in _DEEDS if journey.did(what, journey.began)]
    said += [reader.say("outreach.detail.score", kind=kind, value=value) for kind, value in journey.scores]
    if journey.reached:
        said.append(reader.say("outreach.detail.reached"))
    return said


def code_told(reader: Reader, reason: Reason) -> str:
    """The sentence of a reason. One of a newer version is told by its code."""
    if f"outreach.{reason.code}" not in PHRASES:
        return reason.code
    return verdict_told(reader, Drop(reason))


def shortly_told(reader: Reader, code: str) -> str:
    """A reason in a few words, for a list of them. One of a newer version is its code."""
    key = f"outreach.short.{code}"
    return reader.say(key) if key in PHRASES else code


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
