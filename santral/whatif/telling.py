"""A comparison as rows and sentences, the same for a terminal and for Markdown, and as plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from santral.whatif.comparing import Change, Comparison
from santral.whatif.record import End, Fate
from santral.whatif.sureness import Sureness
from santral.whatif.views import Desk, View, Waits
from santral.whatif.words import NOTHING, Words


class Row(NamedTuple):
    """A figure in three ways, and the change's difference to the play of the record; `good`: is it better so? None: neither."""

    name: str
    happened: str
    replayed: str
    changed: str
    difference: str
    good: bool | None


class Part(NamedTuple):
    """A queue, tier, channel or agent, before and after."""

    name: str
    cells: tuple[str, ...]


def title(c: Comparison, words: Words, config: str) -> str:
    """What is compared."""
    return words("title", config=config, length=words.span(c.record.since, c.record.over))


def about(c: Comparison, words: Words) -> list[str]:
    """Who is new, first: where they never come in, no figure tells of them. Then over what, and between which versions."""
    record = c.record
    source = words(f"source.{record.source}") + (f" ({record.name})" if record.name else "")
    waits = words.number(c.happened.whole.count)
    over = words("over", since=words.time(record.since), until=words.time(record.over), waits=waits, source=source)
    old, new = record.config.version, c.config.version
    told = []
    strangers, hours = c.sureness.new_agents, c.sureness.hours_of
    if strangers:
        told.append(words("new_agents", names=", ".join(strangers), one=strangers[0]))
    if hours:
        pairs = [words("with", new=name, colleague=colleague) for name, colleague in hours.items()]
        told.append(words("hours_of", pairs=", ".join(pairs)))
    return [*told, over, words("same", version=new) if old == new else words("versions", old=old, new=new)]


def rows(c: Comparison, words: Words) -> list[Row]:
    """The figures of the whole."""
    ways = (c.happened, c.replayed, c.changed)

    def row(name: str, values: Sequence[float | None], shown: Any, least: float, better: int, apart: Any = None) -> Row:
        shown_ = str(shown(values[0])), str(shown(values[1])), str(shown(values[2]))
        before, after = values[1], values[2]
        if before is None or after is None:
            return Row(words(name), *shown_, NOTHING, None)
        step = after - before
        if abs(step) < least:
            return Row(words(name), *shown_, words("no_difference"), None)
        size = f"{'▲' if step > 0 else '▼'} {(apart or shown)(abs(step))}"
        return Row(words(name), *shown_, size, (step > 0) == (better > 0))

    def of(name: str) -> list[float | None]:
        return [getattr(one.whole, name) for one in ways]

    found = [
        row("level", of("level"), words.share, 0.0005, 1, words.points),
        row("mean", of("mean"), words.length, 500, -1),
        row("p90", of("p90"), words.length, 500, -1),
    ]
    for name in ("late", "left", "turned_away", "waiting"):
        values = of(name)
        if name in ("late", "left") or any(values):
            found.append(row(name, values, words.number, 1, -1))
    fairness = [one.fairness for one in ways]
    return [*found, row("fairness", fairness, lambda value: _decimal(words, value), 0.0005, 1)]


def _decimal(words: Words, value: float | None) -> str:
    return NOTHING if value is None else words.number(value, 3)


PARTS = ("waits", "level", "p90", "late", "left")
DESKS = ("conversations", "occupancy")


def parts(c: Comparison, words: Words, which: str) -> list[Part]:
    """Queues, tiers or channels, of both ways that are compared."""
    before: Mapping[str, Waits] = getattr(c.replayed, which)
    after: Mapping[str, Waits] = getattr(c.changed, which)
    found = []
    for name in sorted({*before, *after}):
        pair = before.get(name), after.get(name)
        cells = (
            _two(*(words.number(one.count) if one else "0" for one in pair)),
            _two(*(words.share(one.level if one else None, 0) for one in pair)),
            _two(*(words.length(one.p90 if one else None) for one in pair)),
            _two(*(words.number(one.late) if one else "0" for one in pair)),
            _two(*(words.number(one.left) if one else "0" for one in pair)),
        )
        found.append(Part(name or words("none"), cells))
    return found


SHOWN_AGENTS = 50


def desks(c: Comparison, words: Words) -> tuple[list[Part], int]:
    """Agents, of both ways that are compared: those whose load changes most, where there are many; and how many are left out."""
    found = []
    nobody = Desk(0, None, 0)
    names = sorted({*c.replayed.agents, *c.changed.agents})

    def step(name: str) -> float:
        pair = [way.agents.get(name, nobody).occupancy or 0.0 for way in (c.replayed, c.changed)]
        return -abs(pair[1] - pair[0])

    shown = sorted(sorted(names, key=step)[:SHOWN_AGENTS])
    for name in shown:
        pair = [way.agents.get(name, nobody) for way in (c.replayed, c.changed)]
        taken = _two(*(words.number(one.conversations) for one in pair))
        found.append(Part(name, (taken, _two(*(words.share(one.occupancy, 0) for one in pair)))))
    return found, len(names) - len(shown)


def _two(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


# --- what goes otherwise ---------------------------------------------------------------------------------------------


def moves(c: Comparison, words: Words) -> str:
    """How many waits go otherwise, in a sentence."""
    told = c.moves
    if not told.count:
        return words("no_moves")
    counts = {
        name: words.number(getattr(told, name))
        for name in ("count", "agent", "queue", "longer", "shorter", "answered", "lost")
    }
    return words("moves", waits=words.number(c.happened.whole.count), **counts)


def ended(fate: Fate, waited: int, words: Words) -> str:
    """How a wait ended."""
    return words(f"end.{fate.end.value}", agent=fate.agent or "", wait=words.length(waited))


def why(change: Change, words: Words) -> str:
    """What made the difference, as far as it can be told."""
    found = []
    if change.rules is not None:
        old, new = (", ".join(names) or words("none") for names in change.rules)
        found.append(words("why.rules", old=old, new=new))
    if change.queues[0] != change.queues[1]:
        found.append(words("why.queue", old=change.queues[0], new=change.queues[1]))
    before, after = change.before, change.after
    if after.end is End.ANSWERED and before.agent != after.agent:
        if after.asked and after.asked != before.asked:
            found.append(words("why.asked", needs=after.asked))
        if after.why:
            found.append(", ".join(_chosen(one, words) for one in after.why))
    return "; ".join(found) or words("why.first")


_LEVEL = re.compile(r"(primary|secondary) skill, level (\d+)")


def _chosen(why: str, words: Words) -> str:
    """What told the agent from the others (router.matching), in words."""
    level = _LEVEL.fullmatch(why)
    if level is not None:
        return words(f"why.{level[1]}", n=level[2])
    if why.startswith("fullest"):
        return words("why.fullest")
    return words(f"why.{why}") if why in ("only", "last agent", "longest idle") else why


# --- how sure it is --------------------------------------------------------------------------------------------------


def sureness(c: Comparison, words: Words) -> Iterator[str]:
    """What the comparison rests on, a sentence each, the most telling first."""
    sure = c.sureness
    yield words("sure.exact") if sure.exact else words("sure.explained", share=words.share(sure.explained))
    if sure.versions > 1:
        yield words("sure.more_versions", count=sure.versions)
    if sure.unread:
        yield words("sure.unread", count=words.number(sure.unread))
    yield words("sure.beyond", share=words.share(sure.beyond), means=_patience(sure, words))
    paces = words("sure.paces") if c.record.paces else ""
    other, unworked = words.share(sure.other_agent), words.share(sure.unworked)
    yield words("sure.other_agent", share=other, unworked=unworked, paces=paces)
    if sure.inferred:
        yield words("sure.inferred", share=words.share(sure.inferred))
    if sure.other_work:
        yield words("sure.other_work", share=words.share(sure.other_work))
    else:
        yield words("sure.unseen_work")
    if sure.judged or sure.unjudged:
        counts = {"judged": sure.judged, "unjudged": sure.unjudged, "all": sure.judged + sure.unjudged}
        yield words("sure.rules", **{name: words.number(count) for name, count in counts.items()})
    else:
        yield words("sure.no_rules")
    if not sure.offers_known and c.config.makes_offers:
        yield words("sure.offers")
    if sure.gone_agents:
        yield words("sure.gone_agents", names=", ".join(sure.gone_agents))
    if sure.homeless:
        yield words("sure.homeless", names=", ".join(f"{queue} {count}" for queue, count in sure.homeless.items()))
    yield words("sure.people")


def _patience(sure: Sureness, words: Words) -> str:
    known = [words("sure.mean", channel=name, mean=words.length(ms)) for name, ms in sure.patience.items()]
    if sure.endless:
        known.append(words("sure.endless", channels=", ".join(sure.endless)))
    return "; ".join(known)


# --- plain data ------------------------------------------------------------------------------------------------------


def data(c: Comparison) -> dict[str, Any]:
    """All of it, for programs; times are milliseconds, shares between 0 and 1."""
    record = c.record
    return {
        "source": record.source,
        "since": record.since,
        "until": record.over,
        "versions": {"recorded": record.config.version, "changed": c.config.version},
        "happened": _view(c.happened),
        "replayed": _view(c.replayed),
        "changed": _view(c.changed),
        "moves": {
            **{k: v for k, v in asdict(c.moves).items() if k != "most"},
            "most": [_change(m) for m in c.moves.most],
        },
        "sureness": asdict(c.sureness),
    }


def _view(view: View) -> dict[str, Any]:
    return asdict(view)


def _change(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(asdict(change)))
    return told
