"""How a story tells who took, gave, handed on, put aside or ended it, and what put it back into the line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from router.explaining_telling import IN_LINE, Line, Telling
from router.records import Entry
from router.requirements import in_language, read, text

_BY_HAND = {"take": "take", "assign": "assign", "transfer": "transfer.agent"}


def taken(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """By hand: taken, assigned, or handed to one agent."""
    agent = str(detail.get("agent") or entry.who)
    name = t.reader.agent(agent)
    made = detail.get("decision")
    made = made if isinstance(made, Mapping) else {}
    if "waited_ms" in made and t.standing in IN_LINE:
        waited = float(made["waited_ms"]) / 1000
        t.rung = None
        line = t.done(entry, _BY_HAND[entry.what], agent=name)
        needs = t.reader.needs(made.get("needs") or "anybody")
        t.detail(line, "waited", span=t.reader.span(waited), needs=needs)
    else:
        line = t.done(entry, _BY_HAND[entry.what], agent=name)
    _before(t, entry, line, detail)
    if t.reader.names and made.get("overruled"):
        reason = t.reader.reason(str(made["overruled"]), units=t.of.units, of=t.version(made.get("config")))
        t.detail(line, "overruled", agent=name, reason=reason)
    if t.reader.names and made.get("config"):
        line.config = str(made["config"])
    _note(t, line, detail)
    t.standing, t.agent = "held", agent


def transfer(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """Handed to an agent, to a queue, or on to whoever has a skill."""
    if detail.get("agent"):
        taken(t, entry, detail)
        return
    if detail.get("skill"):
        line = t.done(entry, "transfer.skill", needs=t.reader.needs(_asked(t, detail["skill"])))
    else:
        t.queue = str(detail.get("queue") or t.queue)
        line = t.done(entry, "transfer.queue", queue=t.reader.quoted(t.queue))
    _before(t, entry, line, detail)
    _note(t, line, detail)
    t.waits_afresh()


def _before(t: Telling, entry: Entry, line: Line, detail: Mapping[str, Any]) -> None:
    """From whom it went, if not from who did it: who had it, or only had it offered."""
    if detail.get("from") and detail["from"] != entry.who:
        key = "before.offered" if t.standing == "offered" else "before"
        t.detail(line, key, agent=t.reader.agent(detail["from"]))


def _note(t: Telling, line: Line, detail: Mapping[str, Any]) -> None:
    if detail.get("note"):
        t.detail(line, "with.note", note=t.reader.note(detail["note"]))


def snooze(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """Put aside until a time."""
    until = datetime.fromisoformat(detail["until"])
    t.done(entry, time=t.reader.clock(until, entry.at))
    t.standing = "snoozed"


def waits(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """Reopened, awake, no spam after all."""
    line = t.done(entry)
    if detail.get("unblocked"):
        t.detail(line, "unblocked")
    t.waits_afresh()


def returned(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """Its agent was away for too long."""
    line = t.add(entry, "returned", who=t.reader.agent(detail.get("from")))
    t.detail(line, "returned.place")
    t.waits_afresh()


def left(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    """The customer ended the chat: what nobody had answered is over."""
    if t.standing in IN_LINE:
        t.done(entry)
        t.ends()
    else:
        t.done(entry, "left.answered")


def ends(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    """Resolved, spam, blocked."""
    t.done(entry)
    t.ends()


def _asked(t: Telling, needs: Any) -> str:
    """A requirement that somebody named, as text."""
    try:
        return text(in_language(read(needs), t.of.language or "en"))
    except (TypeError, ValueError):
        return str(needs)
