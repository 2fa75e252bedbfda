"""What a story tells that has no entry of its own: how it began, that the customer wrote again, and which steps relaxed meanwhile.

It shows in the next decision, or in how the conversation stands now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from router.conversations import State
from router.explaining_telling import UNREADABLE, Line, Telling
from router.records import Entry
from router.requirements import Rung, text


def begin(t: Telling, first: Entry | None) -> None:
    """How it began, with what stands in its first entry."""
    of = t.of
    if first is not None and first.what == "start":
        return
    decision = first.detail if first is not None and first.what == "decision" else {}
    t.queue = str(decision.get("queue") or of.queue)
    t.channel = str(decision.get("channel") or of.channel)
    waited = first is not None or of.waiting_since is not None or of.because is not None
    text_ = t.reader.say(
        "began" if waited else "began.quiet",
        channel=t.reader.channel(t.channel),
        queue=t.reader.quoted(t.queue),
    )
    line = Line(of.opened_at, "began", text_)
    t.lines.append(line)
    with suppress(*UNREADABLE):
        if "target_s" in decision:
            key = "terms.tier" if decision.get("tier") else "terms"
            span = t.reader.span(float(decision["target_s"]))
            t.detail(line, key, priority=decision["priority"], tier=decision.get("tier"), span=span)
        _rules(t, line, decision.get("rules"))


def _rules(t: Telling, line: Line, said: Any) -> None:
    """What the rules said of a message, once."""
    if not isinstance(said, Mapping) or said.get("message") in t.judged:
        return
    t.judged.add(str(said.get("message")))
    config = t.version(said.get("config"))
    for name, why in said.get("matched", {}).items():
        rule = config.rule(name) if config is not None else None
        if why:
            t.detail(line, "rule", rule=t.reader.quoted(name), why=t.reader.why(why))
        else:
            always = rule is not None and rule.when is None
            t.detail(line, "rule.always" if always else "rule.plain", rule=t.reader.quoted(name))
    for name, why in said.get("failed", {}).items():
        t.detail(line, "rule.failed", rule=t.reader.quoted(name), why=t.reader.quoted(why))


def not_decided_yet(t: Telling) -> None:
    """The rules' words on a message that no decision has been made on yet."""
    of = t.of
    because = of.because
    if not isinstance(because, Mapping) or because.get("message") in t.judged:
        return
    line = t.lines[0]
    if t.standing == "done" and of.waiting_since is not None:
        line = Line(max(of.waiting_since, t.lines[-1].at), "again", t.reader.say("again"))
        t.lines.append(line)
    with suppress(*UNREADABLE):
        _rules(t, line, because)


def since_then(t: Telling, now: datetime) -> None:
    """Steps that one which waits has passed since it was last decided on: no decision is kept where nobody could take it."""
    of, config = t.of, t.reader.config
    if of.state is not State.WAITING or of.waiting_since is None or config.queue(of.queue) is None:
        return
    if t.standing == "waiting" and t.rung is not None:
        ladder = config.ladder(of.queue, of.kind.steps, of.kind.language)
        _passed(t, of.waiting_since, ladder, t.rung, (now - of.waiting_since).total_seconds())


def _passed(t: Telling, since: datetime, ladder: Iterable[Rung], before: float, until: float) -> int:
    """Tell the steps that began in between, each at its time; how many there were."""
    passed = [rung for rung in ladder if before < rung.after <= until]
    for rung in passed:
        values = {"span": t.reader.span(rung.after), "needs": t.reader.needs(text(rung.needs))}
        t.lines.append(Line(since + timedelta(seconds=rung.after), "step", t.reader.say("step", **values)))
    return len(passed)


def waits_again(t: Telling, entry: Entry, since: datetime, detail: Mapping[str, Any]) -> None:
    """What the customer did that made it wait, where a decision comes and nothing before it says why."""
    channel = str(detail.get("channel") or t.channel)
    elsewhere = t.channel is not None and channel != t.channel
    key, values = "", {"channel": t.reader.channel(channel), "agent": t.reader.agent(t.agent)}
    if t.standing == "offered":
        key = "withdrawn" if elsewhere else ""
    elif t.standing == "waiting":
        key = "went.on" if elsewhere else ""
    elif t.standing == "snoozed":
        key = "again.snoozed"
    elif t.standing in ("done", "held"):
        key = "again" if t.standing == "done" else "again.plain"
    said = detail.get("rules")
    if not key and isinstance(said, Mapping) and said.get("message") not in t.judged:
        key = "again.plain" if t.judged else ""
    if key:
        at = min(entry.at, max(since, t.lines[-1].at))
        t.lines.append(Line(at, key.partition(".")[0], t.reader.say(key, **values)))
    queue = str(detail.get("queue") or t.queue)
    if t.queue is not None and queue != t.queue:
        line = Line(entry.at, "moved", t.reader.say("moved", queue=t.reader.quoted(queue)))
        t.lines.append(line)
    _rules(t, t.lines[-1] if key or t.judged else t.lines[0], said)
    t.queue, t.channel = queue, channel


def relaxed(t: Telling, entry: Entry, since: datetime, ladder: tuple[Rung, ...], detail: Mapping[str, Any]) -> None:
    """The steps that were over before this decision, and were not at the one before it."""
    rung = int(detail.get("rung") or 0)
    before, t.rung = t.rung, rung
    if before is None or rung <= before:
        return
    if not _passed(t, since, ladder, before, rung):  # its record does not tell the steps
        values = {"span": t.reader.span(rung), "needs": t.reader.needs(detail.get("needs"))}
        at = min(since + timedelta(seconds=rung), entry.at)
        t.lines.append(Line(at, "step", t.reader.say("step", **values)))
