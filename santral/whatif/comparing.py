"""What happened, the recorded configuration played again, and a changed one, side by side; and what goes otherwise. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from router.config import Config
from santral.whatif.changed import Changes
from santral.whatif.newcomers import joined
from santral.whatif.playing import Played
from santral.whatif.record import End, Fate, Record, Wait
from santral.whatif.sureness import Sureness, sureness
from santral.whatif.views import View, view

NOTED = 1_000
"""Milliseconds by which a wait is longer or shorter, for it to be counted as such."""
MOST = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A wait that goes otherwise: how it went when played as recorded, how it goes, and why."""

    wait: str
    at: int
    before: Fate
    after: Fate
    queues: tuple[str, str]
    waited: tuple[int, int]
    rules: tuple[tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Moves:
    """How many waits go otherwise, and the most changed."""

    count: int = 0
    agent: int = 0
    queue: int = 0
    longer: int = 0
    shorter: int = 0
    answered: int = 0  # that were not
    lost: int = 0  # that were answered
    most: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All of it."""

    record: Record
    config: Config
    happened: View
    replayed: View
    changed: View
    moves: Moves
    sureness: Sureness


def compare(
    record: Record,
    happened: Played,
    replayed: Played,
    changed: Played,
    changes: Changes,
    hours: Mapping[str, str] | None = None,
) -> Comparison:
    """Three ways that it went, or would have; in the changed one new agents have a colleague's `hours`."""
    hours = hours or {}
    counted = [wait for wait in record.waits if wait.at >= record.since]
    one, two = (view(record, counted, played) for played in (happened, replayed))
    three = view(joined(record, hours), counted, changed)
    sure = sureness(record, counted, happened, replayed, changed, changes, hours)
    return Comparison(record, changed.config, one, two, three, moved(record, counted, replayed, changed, changes), sure)


# --- what goes otherwise ---------------------------------------------------------------------------------------------


def moved(record: Record, counted: Sequence[Wait], before: Played, after: Played, changes: Changes) -> Moves:
    """Which waits go otherwise than when they are played as recorded."""
    over, found = record.over, []
    counts = dict.fromkeys(("agent", "queue", "longer", "shorter", "answered", "lost"), 0)
    for wait in counted:
        a, b = before.fate(wait), after.fate(wait)
        queues = before.kind(wait).queue, after.kind(wait).queue
        waited = tuple(max(0, (over if one.at is None else one.at) - wait.at) for one in (a, b))
        longer = waited[1] - waited[0]
        kept = a.end is End.ANSWERED, b.end is End.ANSWERED
        counts["agent"] += all(kept) and a.agent != b.agent
        counts["queue"] += queues[0] != queues[1]
        counts["longer"] += longer > NOTED
        counts["shorter"] += longer < -NOTED
        counts["answered"] += kept == (False, True)
        counts["lost"] += kept == (True, False)
        if (a.end, a.agent) != (b.end, b.agent) or queues[0] != queues[1] or abs(longer) > NOTED:
            rules = changes.rules.get(wait.id)
            found.append(Change(wait.id, wait.at, a, b, queues, (waited[0], waited[1]), rules))
    found.sort(key=_how_much, reverse=True)
    return Moves(len(found), most=tuple(found[:MOST]), **counts)


def _how_much(one: Change) -> tuple[bool, bool, int, int]:
    lost = one.before.end is not one.after.end
    return lost, one.queues[0] != one.queues[1], abs(one.waited[1] - one.waited[0]), -one.at
