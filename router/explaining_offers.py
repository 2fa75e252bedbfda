"""How a story tells what the matcher decided, with why this agent and why not the others, and what came of the offer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from router.config import Config
from router.decisions import in_names, in_numbers
from router.explaining_telling import IN_LINE, Line, Telling
from router.explaining_waits import relaxed, waits_again
from router.records import Entry
from router.requirements import Rung, text
from router.waiting import kind_of


def decision(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """Somebody was offered or given it, or nobody could take it."""
    config = t.config = t.version(detail.get("config"))
    shown = _named(detail, config)
    since = entry.at - timedelta(milliseconds=float(detail.get("waited_ms") or 0))
    ladder = _ladder(detail, config)
    waits_again(t, entry, since, detail)
    if t.standing not in IN_LINE:
        t.rung = None
    first = t.rung is None
    relaxed(t, entry, since, ladder, detail)
    place = str(detail.get("queue")), str(detail.get("channel"))
    seconds = config.offer_seconds(*place) if config is not None else None
    agent = detail.get("agent")
    needs = t.reader.needs(detail.get("needs") or detail.get("skill") or "anybody")
    if agent is None:
        line = t.add(entry, "wait" if first else "wait.on", needs=needs)
        t.standing, t.agent = "waiting", None
    else:
        name = t.reader.agent(agent)
        key, span = ("given", "") if seconds is None else ("offered", t.reader.span(seconds))
        line = t.add(entry, key, agent=name, span=span)
        t.standing, t.agent = "held" if seconds is None else "offered", str(agent)
        if first:
            t.detail(line, "asked", needs=needs)
        if detail.get("chosen"):
            t.detail(line, "chosen", agent=name, why=t.reader.chosen(detail["chosen"]))
    _numbers(t, line, shown, agent, config)
    if t.reader.names:
        _for_supervisors(t, line, shown, ladder if first else ())
        line.decision, line.config = entry.id, str(detail.get("config") or "") or None


def accept(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    """An offer was accepted."""
    t.done(entry)
    t.standing, t.agent = "held", entry.who


def decline(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """An offer was declined; the reason given is for supervisors."""
    line = t.done(entry)
    if detail.get("reason") and t.reader.names:
        t.detail(line, "decline.reason", reason=t.reader.note(detail["reason"]))
    t.standing, t.agent = "waiting", None


def missed(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """An offer was not answered in time, which may have brought a pause."""
    who = t.reader.agent(detail.get("agent"))
    line = t.add(entry, "missed", who=who)
    t.standing, t.agent = "waiting", None
    if detail.get("paused_until"):
        until = t.reader.clock(datetime.fromisoformat(detail["paused_until"]), entry.at)
        t.detail(line, "paused", who=who, n=detail.get("in_a_row", "?"), time=until)


def withdrawn(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    """The agent was not there to answer an offer."""
    state = t.reader.state(str(detail.get("presence") or "away"), t.config)
    line = t.add(entry, "withdrawn.away", who=t.reader.agent(detail.get("agent")), state=state)
    t.detail(line, "withdrawn.counts")
    t.standing, t.agent = "waiting", None


def _numbers(t: Telling, line: Line, shown: Mapping[str, Any], agent: Any, config: Config | None) -> None:
    """Who could have taken it as well, and why the others could not."""
    fit = shown["fit"]
    others = fit if isinstance(fit, int) else [name for name in fit if name != agent]
    count = others - (agent is not None) if isinstance(others, int) else len(others)
    if agent is not None and count > 0:
        if t.reader.names and not isinstance(others, int):
            t.detail(line, "also", names=t.reader.people(others))
        else:
            t.detail(line, "also.count", n=count)
    reasons = t.reader.reasons(shown["excluded"], shown.get("units", "?"), config)
    if reasons:
        t.detail(line, "not.others" if agent is not None else "wait.why", reasons=reasons)


def _for_supervisors(t: Telling, line: Line, shown: Mapping[str, Any], ladder: tuple[Rung, ...]) -> None:
    if len(ladder) > 1:
        steps = [
            t.reader.say(
                "steps.then" if rung.after else "steps.first",
                span=t.reader.span(rung.after),
                needs=t.reader.needs(text(rung.needs)),
            )
            for rung in ladder
        ]
        t.detail(line, "steps", steps="; ".join(steps))
    score = shown.get("score")
    if score is None:
        return
    if score[0]:
        t.detail(line, "guard")
    t.detail(
        line, "score", score=t.reader.points(score[1]), policy=shown["policy"], span=t.reader.span(shown["waited_ms"] / 1000),
        priority=shown["priority"], target=t.reader.span(shown["target_s"]),
    )  # fmt: skip
    following = shown.get("next") or ()
    if following:
        t.detail(
            line,
            "others",
            n=shown.get("others", 1),
            next=following[0][0],
            score=t.reader.points(following[0][2]),
        )


def _named(detail: Mapping[str, Any], config: Config | None) -> dict[str, Any]:
    """A decision's record with names; where its version cannot be had, with how many. Older ones hold names as they are."""
    if "v" not in detail:
        fit = [one[0] if isinstance(one, list | tuple) else one for one in detail.get("fit") or ()]
        return {**detail, "fit": fit, "excluded": dict(detail.get("excluded") or {})}
    if config is not None:
        return in_names(detail, config)
    return in_numbers(detail)


def _ladder(detail: Mapping[str, Any], config: Config | None) -> tuple[Rung, ...]:
    """The steps of the conversation that a decision is about; none where the record does not tell its class."""
    seen = detail.get("seen")
    if config is None or not isinstance(seen, Mapping):
        return ()
    row = next((one for one in seen["rows"] if one[0] == detail.get("conversation")), None)
    if row is None:
        return ()
    kind = kind_of(seen["kinds"][row[1]])
    return config.ladder(kind.queue, kind.steps, kind.language) if config.queue(kind.queue) is not None else ()
