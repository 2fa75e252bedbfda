"""How it stands now, queue by queue: what waits, who is there, and how the day has gone so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from router.config import Config, Queue
from router.conversations import Conversation, State
from router.exchange import Exchange
from router.hourly import CURSOR, counted
from router.loads import Load
from router.measure_figures import Figures, figures
from router.measures import Cell, Standing, cell_of, line_of, merged
from router.requirements import met, read
from router.times import from_ms, to_ms
from router.touched import HOUR, hour_named, hour_of

if TYPE_CHECKING:
    from router.aws.hours import Counted

FRESH = timedelta(seconds=5)
"""A process answers the same for so long."""
MOST = 3000
"""So many conversations are read at most; of more the answer says that it is not whole."""
_BEHIND = 24


@dataclass(frozen=True, slots=True)
class QueueNow:
    """One queue. `agents` could take from it by their skills and are in; `room` are those of them who have room for one more."""

    queue: str
    waiting: int
    longest_wait_seconds: int
    held: int
    snoozed: int
    overdue: int  # open conversations with a clock whose time is over
    agents: int
    room: int
    today: Figures


@dataclass(frozen=True, slots=True)
class Now:
    """All queues of the configuration at a time. Not `whole`: more was open than is read, or hours were not counted."""

    at: datetime
    since: datetime
    whole: bool
    queues: tuple[QueueNow, ...]


_seen: WeakKeyDictionary[object, dict[datetime, Now]] = WeakKeyDictionary()


def live(x: Exchange, since: datetime) -> Now:
    """How it stands, and how it went since then: at most some seconds old."""
    known = _seen.setdefault(x.table, {})
    found = known.get(since)
    if found is None or not timedelta() <= x.now() - found.at < FRESH:
        known.clear()
        found = known[since] = look(x, since)
    return found


def look(x: Exchange, since: datetime) -> Now:
    """How it stands: of what was open at the end of the last hour that was counted, and what counts since then.

    Of the hours before it, their cells. 2 calls for each hour, 1 for 50 conversations, 3 for each pool. Where no hour was counted
    for longer than a day, only the last day's are looked at, and it is not whole.
    """
    now, config = x.now(), x.config()
    this = hour_of(to_ms(now))
    cursor = x.table.cursor(CURSOR)
    done = hour_named(cursor) if cursor is not None else this - _BEHIND
    last = max(done, this - _BEHIND)
    ids = set(x.table.open_then(done))
    for hour in range(last + 1, this + 1):
        ids.update(x.table.members(hour))
    open_: list[Conversation] = []

    def seen(one: Conversation) -> None:
        if not one.state.done and not one.spam:
            open_.append(one)

    start = max((last + 1) * HOUR, to_ms(since))
    running = counted(x, sorted(ids)[:MOST], (), start, max(start, to_ms(now)), seen)
    closed = between(x, hour_of(to_ms(since)), last)
    cells = [(line_of(name), cell_of(data)) for one in closed for name, data in one.lines.items()]
    today = [*((line, replace(cell, standing=Standing())) for line, cell in cells), *running.lines.items()]
    rosters = {pool: x.table.everybody(pool) for pool in sorted(config.pool_names)}
    queues = tuple(
        _queue(
            queue,
            [one for one in open_ if one.queue == queue.name],
            merged(cell for line, cell in today if line.queue == queue.name),
            _who_could(config, queue, rosters[queue.pool]),
            now,
        )
        for queue in config.queues
    )
    return Now(now, since, len(ids) <= MOST and last == done, queues)


def gauges(x: Exchange, counted: Sequence[int]) -> dict[str, dict[str, float]]:
    """What CloudWatch is told of each queue; of the hour that ended last, if it was counted just now, its service level.

    The worst of all is told without a queue, for the alarms.
    """
    now = x.now()
    stand = look(x, from_ms(hour_of(to_ms(now)) * HOUR))
    found: dict[str, dict[str, float]] = {
        one.queue: {
            "WaitingNow": one.waiting,
            "LongestWaitSeconds": one.longest_wait_seconds,
            "Backlog": one.waiting + one.held + one.snoozed,
        }
        for one in stand.queues
    }
    x.count("LongestWaitSeconds", max((one.longest_wait_seconds for one in stand.queues), default=0))
    last = hour_of(to_ms(now)) - 1
    levels = [(name, level) for name, level in _levels(x, last) if last in counted]
    for name, level in levels:
        found.setdefault(name, {})["ServiceLevelPercent"] = round(100 * level, 2)
    if levels:
        x.count("ServiceLevelPercent", int(100 * min(level for _, level in levels)))
    return found


def _levels(x: Exchange, hour: int) -> Iterator[tuple[str, float]]:
    """The service level of each queue in which a wait ended in that hour."""
    for one in x.table.counted(hour, hour):
        cells = [(line_of(name).queue, cell_of(data)) for name, data in one.lines.items()]
        for queue in sorted({name for name, _ in cells if name is not None}):
            level = figures(merged(cell for name, cell in cells if name == queue)).service_level
            if level is not None:
                yield queue, level


def between(x: Exchange, first: int, last: int) -> Iterator[Counted]:
    """The hours that were counted, both ends included, in order: a call a day."""
    while first <= last:
        end = min(last, first - first % 24 + 23)
        yield from x.table.counted(first, end)
        first = end + 1


def _queue(
    queue: Queue, conversations: Sequence[Conversation], today: Cell, agents: Sequence[Load], now: datetime
) -> QueueNow:
    waiting = [one for one in conversations if one.state in (State.WAITING, State.OFFERED)]
    longest = max((now - (one.waiting_since or one.opened_at) for one in waiting), default=timedelta())
    return QueueNow(
        queue=queue.name,
        waiting=len(waiting),
        longest_wait_seconds=int(longest.total_seconds()),
        held=sum(one.state in (State.ACTIVE, State.PENDING) for one in conversations),
        snoozed=sum(one.state is State.SNOOZED for one in conversations),
        overdue=sum(_overdue(one, now) for one in conversations),
        agents=len(agents),
        room=sum(load.has_room for load in agents),
        today=figures(today),
    )


def _overdue(conversation: Conversation, now: datetime) -> bool:
    return any(clock.running and clock.due_at is not None and clock.due_at < now for clock in conversation.clocks)


def _who_could(config: Config, queue: Queue, roster: Iterable[Load]) -> list[Load]:
    """Those who are in and meet what the queue asks for in the end."""
    needs = read(queue.skill)
    found = []
    for load in roster:
        agent = config.agent(load.agent)
        if agent is not None and config.available(load.presence) and met(needs, agent.levels):
            found.append(load)
    return found
