"""Counts hours that are over: from the conversations that count in them, and from the presence of agents; and writes what it counted.

An hour is counted from its events and written whole, never added to: counting it twice leaves the same bytes, wherever a run stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from router.config import Config
from router.conversations import Conversation
from router.errors import NotFound
from router.exchange import Exchange
from router.keeping import terms_for
from router.measures import Answer, Case, Cell, K, Measured, Presence, Promised, Scored, Shift, collected
from router.measuring import OFFLINE, measure
from router.promises import Promise
from router.requirements import read, text
from router.times import to_ms
from router.touched import HOUR, counts, hour_named, hour_of, name_of, open_at

if TYPE_CHECKING:  # the domain imports nothing outward when it runs
    from router.aws.configs import Applied
    from router.aws.table import Table

CURSOR = "measures"
GRACE = timedelta(minutes=5)
"""An hour is counted so long after its end: what was committed at its last moment is there by then."""
LEASE = timedelta(seconds=290)
_LONGEST = timedelta(seconds=230)
_PAGE = 500


def count_hours(x: Exchange, holder: str) -> list[int] | None:
    """Count every hour that is over and was not counted yet, then those that changed since; which they were, in order.

    Never two runs at once: None if another is at it. Each ends in time, and the next one goes on.
    """
    now = x.now()
    if not x.table.lease("measures-lease", holder, now + LEASE, now):
        return None
    last = hour_of(to_ms(now - GRACE)) - 1
    known = x.table.cursor(CURSOR)
    cursor = last - 1 if known is None else hour_named(known)
    run = _Run(x, min([cursor + 1, *(one.first for one in x.table.again())]), now)
    done = []
    for hour in range(cursor + 1, last + 1):
        if run.over():
            break
        run.count(hour)
        x.table.set_cursor(CURSOR, name_of(hour))
        done.append(hour)
        cursor = hour
    x.count("HoursBehind", last - cursor)
    return done + run.recount(cursor)


class _Run:
    """One run, until its time is over, over hours from `first`: who was there before it is not known to this run."""

    def __init__(self, x: Exchange, first: int, now: datetime) -> None:
        self.x, self.first, self.until = x, first, now + _LONGEST
        self.shifts = shifts(x, first * HOUR, to_ms(now))

    def over(self) -> bool:
        return self.x.now() > self.until

    def recount(self, last: int) -> list[int]:
        """Hours up to one, all counted before, in which something counts otherwise now; behind each those that it changes.

        What turns up meanwhile in an hour before the run's first is left to the next run.
        """
        table, done = self.x.table, []
        while not self.over() and (rows := [one for one in table.again() if self.first <= one.first <= last]):
            hour = rows[0].first
            rows = [one for one in rows if one.first == hour]
            for one in rows:
                if one.conversation is not None:
                    table.enter(one.conversation, [hour])
            if table.was_counted(hour):  # what was before the first hour that was counted is not counted now
                self.count(hour, follow=hour < last)
                done.append(hour)
            table.went_on(rows, hour)
        return done

    def count(self, hour: int, *, follow: bool = False) -> None:
        """Count one hour and write it. With `follow` the next one is to be counted again if other conversations are open at its end."""
        table = self.x.table
        members, answers = table.entered(hour)
        ids = sorted({*members, *table.open_then(hour - 1)})
        end, still = (hour + 1) * HOUR, list[str]()

        def seen(one: Conversation) -> None:
            if open_at(one.timeline, end):
                still.append(one.id)

        measured = counted(self.x, ids, self.shifts, hour * HOUR, end, seen, answers)
        if follow and still != table.open_then(hour):
            table.count_again(hour + 1, hour + 1, "open")  # first of all: once it is written nobody could tell any more
        table.keep_open(hour, still)
        lines = {line.text(): cell.data() for line, cell in measured.lines.items()}
        desks = {desk.text(): cell.data() for desk, cell in measured.desks.items()}
        table.keep_counted(hour, lines, desks)


def counted(
    x: Exchange,
    ids: Sequence[str],
    shifts: Sequence[Shift],
    start: int,
    end: int,
    seen: Callable[[Conversation], None],
    answers: Sequence[Answer] = (),
) -> Measured:
    """What was counted in [start, end) of these conversations, agents and answers; `seen` is shown each conversation that counts.

    They are read and counted a page at a time: memory holds one page, and the cells.
    """
    config = x.config()
    whole = measure((), shifts, start, end, answers)
    for page in _pages(ids, _PAGE):
        found = [one for one in x.table.conversations(page).values() if one.into is None]
        for one in found:
            seen(one)
        whole = _with(whole, measure((case_of(one, config) for one in found), shifts, start, end))
    return whole


def _with(whole: Measured, part: Measured) -> Measured:
    """A page more. The agents' presence is in every part, and counts once."""
    lines, desks = _lists(whole.lines), _lists(whole.desks)
    for line, cell in part.lines.items():
        lines.setdefault(line, []).append(cell)
    for desk, cell in part.desks.items():
        if desk.queue is not None:
            desks.setdefault(desk, []).append(cell)
    return collected(whole.start, whole.end, lines, desks)


def _lists(cells: Mapping[K, Cell]) -> dict[K, list[Cell]]:
    return {key: [cell] for key, cell in cells.items()}


def _pages(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


class Kept(Protocol):
    """Where the presence of agents is kept, and who was one under which version: an exchange, or what a command reads."""

    @property
    def table(self) -> Table:
        """What has their presence."""

    @property
    def config(self) -> Callable[[], Config]:
        """The version in force."""

    @property
    def version(self) -> Callable[[str], Config]:
        """One that was applied once. Raises NotFound."""

    @property
    def applied(self) -> Callable[[], Sequence[Applied]]:
        """What was put in force, the newest first."""


def shifts(x: Kept, start: int, end: int) -> list[Shift]:
    """The presence of all agents from before `start` until `end` (milliseconds); who is none any more was there until then."""
    config = x.config()
    here = {agent.name: (agent.units, end) for agent in config.agents}
    found = []
    for name, (units, until) in (_gone(x, start, here) | here).items():
        told = x.table.presence(name, start, until)
        states = [Presence(at, presence, config.available(presence)) for at, presence in told]
        if until < end:
            states.append(Presence(until, OFFLINE, available=False))
        found.append(Shift(name, units, tuple(states)))
    return found


def _gone(x: Kept, since: int, here: Container[str]) -> dict[str, tuple[int, int]]:
    """Who was an agent since then and is none now: their units at last, and until when."""
    found: dict[str, tuple[int, int]] = {}
    until = None
    for one in x.applied():  # the newest first
        if until is not None:
            if until <= since:
                break
            with suppress(NotFound, ValueError):  # what cannot be read any more names nobody
                for agent in x.version(one.version).agents:
                    if agent.name not in here:
                        found.setdefault(agent.name, (agent.units, until))
        until = to_ms(one.at)
    return found


def case_of(c: Conversation, config: Config) -> Case:
    """A conversation as it is measured, by the configuration in force."""
    queue = config.queue(c.queue)
    terms = terms_for(c, config)
    return Case(
        id=c.id,
        queue=c.queue,
        channel=str(c.channel),
        tier=c.tier,
        language=c.kind.language or None,
        skill=_asked(queue.skill) if queue is not None else None,
        units=c.units,
        target=terms.first,
        timeline=c.timeline,
        terms=terms,
        promises=tuple(_promised(one) for one in c.promises if counts(one)),
        scores=tuple(Scored(to_ms(one.at), one.kind.value, one.value, one.agent) for one in c.scores),
        spam=c.spam,
    )


def _promised(one: Promise) -> Promised:
    ended = None if one.ended_at is None else to_ms(one.ended_at)
    return Promised(to_ms(one.made_at), to_ms(one.due_at), ended, one.kept, one.by if one.personal else None)


@lru_cache(maxsize=256)
def _needs(written: str) -> str:
    return text(read(json.loads(written)))


def _asked(needs: Any) -> str:
    """What a queue asks for, as text."""
    return _needs(json.dumps(needs, sort_keys=True))
