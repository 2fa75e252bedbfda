"""What happened, as a scenario needs it: who came when, how long work took, who gave up, who was there. Names nobody.

A customer comes whenever a wait begins: of a new conversation, of one that is reopened, or given to another queue.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from router.config import Agent, Config
from router.conversations import Conversation
from router.happenings import Stay, Waited, happenings
from router.measures import Shift
from router.timeline import What
from router.times import from_ms

MINUTE = 60_000
HOUR = 60 * MINUTE
WEEK = 168
BIN = 15
"""Minutes: so exactly is it known when agents are there."""
_BINS = 1440 // BIN
_SLACK = 1000  # ms: an offer that lasted as long as it may, but for so much, timed out


class Sort(NamedTuple):
    """What came alike."""

    channel: str
    queue: str
    tier: str | None
    language: str
    brand: str
    priority: int
    sla: str | None
    require: str


@dataclass(slots=True)
class Past:
    """What was seen from `start` to `end` (ms), under the configuration in force. Lengths are minutes, by channel.

    `came` is by sort and hour of the week; `hours` is how often each hour of the week was. `left` gave up, of those who `waited` so long.
    """

    config: Config
    start: int
    end: int
    zone: str
    hours: tuple[int, ...]
    came: dict[Sort, Counter[int]] = field(default_factory=dict)
    work: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    waited: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    left: Counter[str] = field(default_factory=Counter)
    accepted: list[float] = field(default_factory=list)
    declined: int = 0
    missed: int = 0
    elsewhere: int = 0
    """Waits in queues that are no more."""
    agents: list[tuple[Agent, dict[int, tuple[str, ...]]]] = field(default_factory=list)
    """When they were there as a rule, by weekday; some never."""

    @property
    def present(self) -> int:
        """How many agents were there."""
        return sum(bool(week) for _, week in self.agents)

    @property
    def waits(self) -> int:
        """How many came."""
        return sum(sum(hours.values()) for hours in self.came.values())


def past(
    config: Config, conversations: Iterable[Conversation], shifts: Sequence[Shift], start: int, end: int, zone: str
) -> Past:
    """What these conversations and shifts come to; both may reach beyond the time that is asked of."""
    there = {shift.agent: _spans(shift, end) for shift in shifts}
    found = Past(config, start, end, zone, tuple(_hours(start, end, ZoneInfo(zone))))
    queues = config.queue_names
    for one in conversations:
        if one.into is None and not one.spam:
            _take(found, one, queues, there)
    days = list(_days(start, end, ZoneInfo(zone)))
    for agent in config.agents:
        if agent.units:
            found.agents.append((agent, _week(there.get(agent.name, []), days)))
    return found


# --- conversations ---------------------------------------------------------------------------------------------------


def _take(found: Past, c: Conversation, queues: frozenset[str], there: dict[str, list[tuple[int, int]]]) -> None:
    zone, channel, stays = ZoneInfo(found.zone), str(c.channel), list[Stay]()
    for one in happenings(c.timeline, c.queue):
        if isinstance(one, Stay):
            stays.append(one)
        elif isinstance(one, Waited):
            _came(found, c, one.queue, one.at - one.ms, one.ms, queues, zone)
            if one.given_up and found.start <= one.at - one.ms < found.end:
                found.left[channel] += 1
    last = stays[-1] if stays else None
    if last is not None and last.end is None and last.lined is not None:  # still waits, and has not given up
        _came(found, c, last.queue, last.lined, max(0, found.end - last.lined), queues, zone)
    for begin, minutes in _worked(stays, there):
        if minutes and found.start <= begin < found.end:
            found.work[channel].append(minutes)
    for before, after in pairwise(stays):
        if before.what is What.OFFERED and before.end is not None and found.start <= before.start < found.end:
            _offered(found, before, after, channel)


def _came(found: Past, c: Conversation, queue: str, at: int, ms: int, queues: frozenset[str], zone: ZoneInfo) -> None:
    if not found.start <= at < found.end:
        return
    if queue not in queues:
        found.elsewhere += 1
        return
    kind = c.kind
    sort = Sort(
        kind.channel, queue, kind.tier, kind.language or "en", kind.brand, kind.priority, c.sla, _require(kind.require)
    )
    local = from_ms(at).astimezone(zone)
    found.came.setdefault(sort, Counter())[local.weekday() * 24 + local.hour] += 1
    found.waited[kind.channel] += ms / MINUTE


def _require(require: str) -> str:
    return "[]" if require == "null" else require


def _worked(stays: Sequence[Stay], there: dict[str, list[tuple[int, int]]]) -> Iterator[tuple[int, float]]:
    """For each agent who had it and is done: since when, and for how many minutes it took up their units while they were there."""
    begin, agent, ms = 0, "", 0
    for stay in stays:
        had = stay.what in (What.ACTIVE, What.PENDING) and stay.agent is not None
        if agent and not (had and stay.agent == agent):
            yield begin, ms / MINUTE
            agent = ""
        if had and stay.agent is not None:
            if not agent:
                begin, agent, ms = stay.start, stay.agent, 0
            if stay.end is None:
                return  # goes on
            spans = there.get(agent)
            ms += stay.end - stay.start if spans is None else _within(spans, stay.start, stay.end)
    if agent:
        yield begin, ms / MINUTE


def _within(spans: Sequence[tuple[int, int]], start: int, end: int) -> int:
    first = max(0, bisect_right(spans, (start, start)) - 1)
    total = 0
    for since, until in spans[first:]:
        if since >= end:
            break
        total += max(0, min(until, end) - max(since, start))
    return total


def _offered(found: Past, offer: Stay, after: Stay, channel: str) -> None:
    assert offer.end is not None
    ms = offer.end - offer.start
    if after.what is What.ACTIVE and after.agent == offer.agent:
        found.accepted.append(ms / MINUTE)
    elif after.what is What.WAITING or (after.what is What.OFFERED and after.agent != offer.agent):
        seconds = found.config.offer_seconds(offer.queue, channel)
        timed_out = seconds is not None and ms >= seconds * 1000 - _SLACK
        found.missed += timed_out
        found.declined += not timed_out


# --- agents ----------------------------------------------------------------------------------------------------------


def _spans(shift: Shift, end: int) -> list[tuple[int, int]]:
    """When an agent was given conversations, from before the time that is asked of too: what they hold may be older."""
    found: list[tuple[int, int]] = []
    ends = [*(state.at for state in shift.states[1:]), max(end, shift.states[-1].at) if shift.states else end]
    for state, until in zip(shift.states, ends, strict=False):
        if state.available and state.presence != "offline" and until > state.at:
            if found and found[-1][1] == state.at:
                found[-1] = (found[-1][0], until)
            else:
                found.append((state.at, until))
    return found


def _hours(start: int, end: int, zone: ZoneInfo) -> Iterator[int]:
    """How often each hour of the week was."""
    seen: Counter[int] = Counter()
    for at in range(start, end, HOUR):
        local = from_ms(at).astimezone(zone)
        seen[local.weekday() * 24 + local.hour] += 1
    yield from (seen[hour] for hour in range(WEEK))


def _days(start: int, end: int, zone: ZoneInfo) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Each day: its weekday, and its quarters of an hour as instants; those that were not wholly in the time are empty."""
    day = from_ms(start).astimezone(zone).date()
    while True:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        marks = [
            round((midnight + timedelta(minutes=BIN * n)).astimezone(UTC).timestamp() * 1000) for n in range(_BINS + 1)
        ]
        if marks[0] >= end:
            return
        yield (
            day.weekday(),
            [(a, b) if a >= start and b <= end else (0, 0) for a, b in pairwise(marks)],
        )
        day += timedelta(days=1)


def _week(
    spans: Sequence[tuple[int, int]], days: Sequence[tuple[int, list[tuple[int, int]]]]
) -> dict[int, tuple[str, ...]]:
    """When somebody was there in at least half of the weeks, by weekday."""
    seen, there = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for weekday, bins in days:
        for number, (since, until) in enumerate(bins):
            if until > since:
                seen[weekday, number] += 1
                there[weekday, number] += 2 * _within(spans, since, until) >= until - since
    found = {}
    for weekday in range(7):
        rule = [2 * there[weekday, n] >= seen[weekday, n] > 0 for n in range(_BINS)]
        ends = [n for n in range(_BINS + 1) if (n > 0 and rule[n - 1]) is not (n < _BINS and rule[n])]
        texts = [f"{_clock(since)}-{_clock(until)}" for since, until in zip(ends[::2], ends[1::2], strict=True)]
        if texts:
            found[weekday] = tuple(texts)
    return found


def _clock(number: int) -> str:
    return f"{number * BIN // 60:02d}:{number * BIN % 60:02d}"
