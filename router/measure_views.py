"""What was measured, as the API shows it: closed hours as they were counted, and how it stands now. For supervisors."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from router.asked import Asked, Call
from router.errors import Invalid
from router.exchange import Exchange
from router.hourly import CURSOR
from router.live import QueueNow, between, live
from router.measures import desk_of, line_of
from router.messages import Time
from router.times import from_ms, to_ms
from router.touched import HOUR, hour_named, hour_of, name_of
from router.views import View

if TYPE_CHECKING:
    from router.aws.hours import Counted

MOST_HOURS = 31 * 24
KEPT = timedelta(days=1100)
MOST_CELLS = 5_000
"""A page ends behind the hour in which it comes to so many cells."""


class CellView(View):
    """What was counted of one kind of conversations in one hour: docs/measures.md has every count. What is empty is left out."""

    n: dict[str, int] = Field(default={}, description="counts and sums by name")
    w: tuple[int, ...] = Field(default=(), description="waits that were answered, in ms, in order")
    g: tuple[int, ...] = Field(default=(), description="waits that were given up, in ms, in order")
    s: tuple[int, ...] = Field(
        default=(), description="at the hour's end: open, their ages in ms, the oldest, in line, the longest wait"
    )


class LineCellView(CellView):
    """Of the conversations of a queue, channel, tier, language and skill; without a queue of scores of no conversation."""

    queue: str | None
    channel: str
    tier: str | None
    language: str | None
    skill: str | None


class AgentCellView(CellView):
    """Of what an agent did in a queue and channel; without those, of the agent's presence."""

    agent: str
    queue: str | None
    channel: str | None


class HourView(View):
    """One hour that was counted."""

    start: Time
    cells: tuple[LineCellView, ...]
    agents: tuple[AgentCellView, ...]


class MeasuresPage(View):
    """Hours in order; those that nobody counted are not there. They may change: what arrives late corrects them."""

    hours: tuple[HourView, ...]
    counted_until: Time | None = Field(description="the end of the last hour that was counted; null before the first")
    next: str | None = None


class QueueNowView(View):
    """A queue as it stands. Of the day: closed hours, and the running one as far as it is."""

    queue: str
    waiting: int
    longest_wait_seconds: int
    held: int = Field(description="agents have it")
    snoozed: int
    overdue: int = Field(description="open conversations with a clock whose time is over")
    agents: int = Field(description="who are in and meet what the queue asks for")
    room: int = Field(description="who of them have room")
    begun: int
    answered: int
    abandoned: int
    resolved: int
    service_level: float | None = Field(description="0 to 1; null where no wait has ended")
    answer_seconds: float | None


class MeasuresNow(View):
    """How it stands, some seconds old at most."""

    at: Time
    since: Time = Field(description="the beginning of the day that is meant, to the hour")
    whole: bool = Field(
        description="false: some open conversations are not told of: more than 3,000 were open, or no hour was counted for a day"
    )
    queues: tuple[QueueNowView, ...]


def _measures(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    now = x.now()
    until = asked.time("until") or now
    since = asked.time("since") or until - timedelta(days=7)
    first = _cursor(asked.query("cursor")) or hour_of(to_ms(max(since, now - KEPT)))
    cursor = x.table.cursor(CURSOR)
    done = hour_named(cursor) if cursor is not None else None
    last = min(hour_of(to_ms(until) - 1), first - 1 if done is None else done)
    return _page(x, first, last, None if done is None else from_ms((done + 1) * HOUR))


def _page(x: Exchange, first: int, last: int, counted_until: datetime | None) -> MeasuresPage:
    """Hours until there are enough, and where to go on."""
    end = min(last, first + MOST_HOURS - 1)
    hours: list[HourView] = []
    cells, reached = 0, end
    for one in between(x, first, end):
        hours.append(_hour(one))
        cells += len(one.lines) + len(one.desks)
        if cells >= MOST_CELLS:
            reached = one.hour
            break
    following = name_of(reached + 1) if first <= reached < last else None
    return MeasuresPage(hours=tuple(hours), counted_until=counted_until, next=following)


def _hour(one: Counted) -> HourView:
    lines = (LineCellView(**line_of(name)._asdict(), **data) for name, data in one.lines.items())
    desks = (AgentCellView(**desk_of(name)._asdict(), **data) for name, data in one.desks.items())
    return HourView(start=from_ms(one.hour * HOUR), cells=tuple(lines), agents=tuple(desks))


def _now(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("supervisor")
    now = x.now()
    since = asked.time("since") or now.replace(hour=0, minute=0, second=0, microsecond=0)
    if not timedelta() <= now - since <= timedelta(hours=48):
        raise Invalid("since is a time within the last 48 hours", field="since")
    found = live(x, from_ms(hour_of(to_ms(since)) * HOUR))
    return MeasuresNow(at=found.at, since=found.since, whole=found.whole, queues=tuple(map(_queue, found.queues)))


def _queue(one: QueueNow) -> QueueNowView:
    today = one.today
    return QueueNowView(
        queue=one.queue,
        waiting=one.waiting,
        longest_wait_seconds=one.longest_wait_seconds,
        held=one.held,
        snoozed=one.snoozed,
        overdue=one.overdue,
        agents=one.agents,
        room=one.room,
        begun=today.begun,
        answered=today.answered,
        abandoned=today.abandoned,
        resolved=today.resolved,
        service_level=today.service_level,
        answer_seconds=None if today.answer_ms is None else today.answer_ms / 1000,
    )


def _cursor(value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return hour_named(value)
    except ValueError:
        raise Invalid("this cursor is not one of ours", field="cursor") from None


CALLS: Iterable[Call] = (
    Call("get", "/v1/measures", _measures),
    Call("get", "/v1/measures/now", _now),
)
