"""A scenario's file from what happened, with what it was made from and what was assumed. Nobody is named in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import yaml

from router.calendars import DAYS, made
from router.config import Agent
from santral.simulation.history import HOUR, Past, Sort

MOST = 500
"""Lengths of one channel that are written down."""
_FEW = 20  # lengths, of which a distribution cannot be told
_RARE = 0.05  # of what comes alike but for language, brand, priority, service level and requirement


def draft(past: Past, name: str) -> str:
    """The file's text. Raises ValueError where nobody came, or nobody was there."""
    if not past.waits:
        hours = " to ".join(f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M}" for at in (past.start, past.end))
        raise ValueError(
            f"nobody waited for an agent in the whole hours {hours} UTC: there is nothing to draw a scenario from"
        )
    if not past.present:
        raise ValueError("no agent was there in half of the weeks at any time: shifts cannot be told")
    sections = [
        _head(past),
        yaml.safe_dump({"name": name, "zone": past.zone}, allow_unicode=True, sort_keys=False),
        "start: 2026-03-02  # a Monday; a day of this scenario is a whole week\nday: {hours: 168}\n",
        _yaml({"config": _config(past)}),
        _offers(past),
        _agents(past.agents),
        "traffic:\n" + "".join(_traffic(past)),
    ]
    return "\n".join(one for one in sections if one)


def _yaml(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None)


def _head(past: Past) -> str:
    since, until = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (past.start, past.end))
    worked, left = sum(map(len, past.work.values())), sum(past.left.values())
    span = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC, {(past.end - past.start) / HOUR / 24:.1f} days"
    lines = [
        f"From history by `santral scenario`: {span}.",
        f"Made from {past.waits} waits, {worked} conversations that agents were done with, {left} that were given up, and the",
        f"presence of {past.present} agents.",
        "Nobody is named: agents are numbered, and there are no customers, addresses or messages in it.",
        "",
        "Assumed:",
        "- Customers come independently of each other, in each hour of the week as many as in the mean of its weeks. One who is given to",
        "  another queue, or comes back, comes anew.",
        "- Working time is that in which a conversation took up its agent's units while they were there, with the customer's pauses.",
        f"  Of more than {MOST} of a channel the means of {MOST} equal parts are kept, in order of length.",
        "- Patience is exponential: all the time that was waited over those who gave up. Who was answered might have waited longer.",
        "- Agents are there when they were in half of the weeks or more, to a quarter of an hour, and take what their skills say today.",
        "  Of those who were not there one of each kind is in the configuration, with room for nothing.",
        "- What is unlike in less than 5 % of a queue's (language, brand, priority, service level, requirement) is as the rest is.",
    ]
    if past.elsewhere:
        lines.append(f"- {past.elsewhere} waits in queues that the configuration does not have any more are left out.")
    few = sorted({sort.channel for sort in past.came if len(past.work.get(sort.channel, ())) < _FEW})
    if few:
        lines.append(
            f"- Of {', '.join(few)} fewer than {_FEW} were done: work is exponential with the mean of `handle_minutes`."
        )
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


# --- the configuration -----------------------------------------------------------------------------------------------


def _config(past: Past) -> dict[str, Any]:
    """What waits are matched by; without addresses, texts and rules."""
    config = past.config
    queues = [one.model_dump(mode="json", exclude_defaults=True) for one in config.queues]
    found: dict[str, Any] = {
        "queues": queues,
        "skills": [{"name": one.name} for one in config.skills],
        "pools": [one.model_dump(mode="json", exclude_defaults=True) for one in config.pools],
        "routing": config.routing.model_dump(mode="json", exclude_defaults=True),
        "sla": [one.model_dump(mode="json", exclude_defaults=True, exclude={"escalate"}) for one in config.sla],
    }
    found["agents"] = _absent(past.agents)
    calendars = {one.calendar for one in config.sla}
    found["calendars"] = [
        one.model_dump(mode="json", exclude_defaults=True, exclude=set(made(type(one))))
        for one in config.calendars
        if one.name in calendars
    ]
    return {section: content for section, content in found.items() if content}


# --- agents ----------------------------------------------------------------------------------------------------------


def _agents(agents: Sequence[tuple[Agent, dict[int, tuple[str, ...]]]]) -> str:
    """Those who are alike, and there at the same times, are a group."""
    counts: Counter[str] = Counter()
    for agent, week in agents:
        if week:
            counts[json.dumps({**_alike(agent), "shifts": {DAYS[day]: spans for day, spans in week.items()}})] += 1
    groups = [
        {"name": f"team-{number}", "count": count, **json.loads(alike)}
        for number, (alike, count) in enumerate(sorted(counts.items()), 1)
    ]
    return _yaml({"groups": groups})


def _absent(agents: Sequence[tuple[Agent, dict[int, tuple[str, ...]]]]) -> list[dict[str, Any]]:
    """One for each kind of agents who were not there, without room for anything: every queue needs somebody with its skills."""
    there = {json.dumps(_alike(agent)) for agent, week in agents if week}
    absent = {json.dumps(_alike(agent)) for agent, week in agents if not week} - there
    return [
        {"name": f"absent-{number}", "display_name": f"Absent {number}", **json.loads(alike), "units": 0}
        for number, alike in enumerate(sorted(absent), 1)
    ]


def _alike(agent: Agent) -> dict[str, Any]:
    """What agents are told apart by."""
    fields = {"pool", "skills", "secondary", "languages", "units", "limits", "brands"}
    found = agent.model_dump(mode="json", include=fields, exclude_defaults=True)
    for field in ("skills", "secondary"):
        if isinstance(found.get(field), list):
            found[field] = sorted(found[field])  # sets have no order
    return dict(sorted(found.items()))


def _offers(past: Past) -> str:
    every = len(past.accepted) + past.declined + past.missed
    if not every or not past.config.makes_offers:
        return ""
    lengths = _thinned(past.accepted, 100)
    return (
        f"offers:  # {every} were made\n"
        f"  accept: {_lengths(lengths) if len(past.accepted) >= _FEW else '{exponential: 0.1}  # too few were accepted to tell'}\n"
        f"  declined: {past.declined / every:.4f}\n"
        f"  missed: {past.missed / every:.4f}\n"
    )


# --- customers -------------------------------------------------------------------------------------------------------


def _traffic(past: Past) -> Iterator[str]:
    anchors: set[str] = set()
    names: set[str] = set()
    for sort, hours in sorted(_merged(past.came).items(), key=lambda one: str(one[0])):
        name = _name(sort, names)
        yield f"  - name: {name}  # {sum(hours.values())} came\n"
        yield f"    channel: {sort.channel}\n    queues: {sort.queue}\n"
        if sort.tier is not None:
            yield f"    tiers: {{{sort.tier}: 1}}\n"
        if sort.language != "en":
            yield f"    language: {json.dumps(sort.language)}\n"  # "no" is a language
        if sort.brand != "default":
            yield f"    brand: {json.dumps(sort.brand)}\n"
        queue = past.config.queue(sort.queue)
        if queue is not None and sort.priority != queue.priority:
            yield f"    priority: {sort.priority}\n"
        if sort.sla is not None:
            yield f"    sla: {sort.sla}\n"
        if sort.require != "[]":
            yield f"    require: {sort.require}\n"
        yield "    per_hour:\n      [\n"
        for day in range(7):
            rates = (
                f"{hours[hour] / past.hours[hour]:.3f}".rstrip("0").rstrip(".") if past.hours[hour] else "0"
                for hour in range(day * 24, day * 24 + 24)
            )
            yield f"        {', '.join(rates)},  # {DAYS[day]}\n"
        yield "      ]\n"
        anchor = re.sub(r"[^a-z0-9]", "", sort.channel)
        if sort.channel in anchors:
            yield f"    handling: *{anchor}\n"
        else:
            yield f"    handling: &{anchor} {_work(past, sort.channel)}\n"
            anchors.add(sort.channel)
        if past.left[sort.channel]:
            yield f"    patience: {{exponential: {past.waited[sort.channel] / past.left[sort.channel]:.3f}}}"
            yield f"  # {past.left[sort.channel]} gave up\n"
        else:
            yield "    # nobody gave up: they wait for ever\n"


def _merged(came: dict[Sort, Counter[int]]) -> dict[Sort, Counter[int]]:
    """What is rare among those of the same channel, queue and tier is counted as the most frequent of them."""
    alike: dict[tuple[str, str, str | None], list[Sort]] = {}
    for sort in came:
        alike.setdefault(sort[:3], []).append(sort)
    found: dict[Sort, Counter[int]] = {}
    for sorts in alike.values():
        most = max(sorts, key=lambda one: (sum(came[one].values()), str(one)))
        every = sum(sum(came[one].values()) for one in sorts)
        for sort in sorts:
            kept = sort if sum(came[sort].values()) >= _RARE * every else most
            found.setdefault(kept, Counter()).update(came[sort])
    return found


def _name(sort: Sort, names: set[str]) -> str:
    base = "-".join(part for part in sort[:3] if part)[:36].rstrip("-")
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base}-{number}"
    names.add(name)
    return name


def _work(past: Past, channel: str) -> str:
    lengths = past.work.get(channel, [])
    if len(lengths) < _FEW:
        return f"{{exponential: {past.config.routing.handling(channel):g}}}  # assumed: {len(lengths)} were done"
    return f"{_lengths(_thinned(lengths, MOST))}\n    # {len(lengths)} were done, in {sum(lengths) / len(lengths):.2f} minutes in the mean"


def _thinned(lengths: Iterable[float], most: int) -> list[float]:
    """In order; of too many the means of equal parts, so that the mean stays what it is."""
    ordered = sorted(lengths)
    if len(ordered) <= most:
        return ordered
    ends = [len(ordered) * n // most for n in range(most + 1)]
    return [sum(ordered[a:b]) / (b - a) for a, b in pairwise(ends)]


def _lengths(lengths: Sequence[float]) -> str:
    texts = [f"{one:.2f}".rstrip("0").rstrip(".") for one in lengths]
    rows = [", ".join(texts[n : n + 20]) for n in range(0, len(texts), 20)]
    return "{samples: [\n      " + ",\n      ".join(rows) + "]}"
