"""What customers and agents do, as a record tells it; and, where it cannot know, what is assumed instead.

- An agent who gets what was theirs needs the recorded time. Another one needs it too, times the ratio of their paces where those are
  known. For a conversation that nobody had it is the median of its queue and channel, else what the configuration says of the channel.
- The n-th offer of a conversation to the same agent is answered as it was, as soon as it was. Any other is accepted, after the agent's
  median, else everybody's.
- Who gave up waits that long. Who was answered would have waited longer than that: how much is drawn from an exponential with the
  channel's rate (those who gave up over all the time that was waited), by the wait's id, so that every play draws the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import log
from statistics import median

from router.ids import fraction
from router.waiting import Kind
from santral.simulation.roles import Arrival, Reply
from santral.whatif.record import End, How, Offered, Record, Wait

_REPLIES = {How.ACCEPTS: Reply.ACCEPTS, How.DECLINES: Reply.DECLINES, How.MISSES: Reply.MISSES}
ACCEPTS_AFTER = 10_000
"""Milliseconds, where no offer was ever accepted."""


class Recorded:
    """The nature of a record (santral.simulation.roles.Nature)."""

    def __init__(self, record: Record) -> None:
        self._record, self._over = record, record.over
        self._waits = {wait.id: wait for wait in record.waits}
        self._work = _Typical()
        self._accepts: dict[str | None, list[int]] = defaultdict(list)
        waited: dict[str, int] = defaultdict(int)
        left: dict[str, int] = defaultdict(int)
        for wait in record.waits:
            fate = wait.fate
            if fate.end is End.ANSWERED and fate.at is not None and fate.done is not None:
                self._work.add(wait.kind, fate.done - fate.at)
            for one in fate.offers:
                if one.how is How.ACCEPTS:
                    self._accepts[one.agent].append(one.until - one.at)
                    self._accepts[None].append(one.until - one.at)
            waited[str(wait.kind.channel)] += waited_for(wait, self._over)
            left[str(wait.kind.channel)] += fate.end is End.LEFT
        self.mean_patience = {
            channel: waited[channel] / count for channel, count in sorted(left.items()) if count and waited[channel]
        }
        """Milliseconds, by channel; of one that nobody gave up on there is none."""
        self._delays = {agent: round(median(delays)) for agent, delays in self._accepts.items()}
        self.offers_known = None in self._delays

    # --- customers -----------------------------------------------------------------------------------------------

    def patience(self, wait: Wait) -> int | None:
        """How long they wait before they give up; None: for ever."""
        waited = waited_for(wait, self._over)
        if wait.fate.end in (End.LEFT, End.MOVED):
            return waited
        mean = self.mean_patience.get(wait.kind.channel)
        return None if mean is None else waited + 1 + round(-mean * log(fraction(b"patience", wait.id)))

    # --- agents --------------------------------------------------------------------------------------------------

    def work(self, arrival: Arrival, agent: str) -> int:
        """As it was, for the same agent to the millisecond."""
        wait = self._waits[arrival.id]
        fate = wait.fate
        if fate.end is not End.ANSWERED or fate.at is None or fate.agent is None:
            return self._typical(wait.kind)
        paces = self._record.paces
        ratio = 1.0 if fate.agent == agent else paces.get(agent, 1.0) / paces.get(fate.agent, 1.0)
        if fate.done is not None:
            took = fate.done - fate.at
            return took if ratio == 1 else max(1, round(took * ratio))
        if fate.agent == agent:  # they had it when the record ended, so they have it then whenever they get it
            return self._over - arrival.at + 1
        return max(self._over - fate.at + 1, self._typical(wait.kind))

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """As it was for the same offer."""
        usual = self._delays.get(agent, self._delays.get(None, ACCEPTS_AFTER))
        same = self._same_offer(self._waits[arrival.id].fate.offers, arrival.offers, agent)
        if same is None:
            return Reply.ACCEPTS, usual
        after = same.until - same.at
        if same.how not in _REPLIES:  # they had not answered by then
            return Reply.ACCEPTS, max(usual, after + 1)
        return _REPLIES[same.how], after

    @staticmethod
    def _same_offer(offers: Sequence[Offered], number: int, agent: str) -> Offered | None:
        return offers[number] if number < len(offers) and offers[number].agent == agent else None

    def _typical(self, kind: Kind) -> int:
        found = self._work.of(kind)
        return round(self._record.config.routing.handling(kind.channel) * 60_000) if found is None else found


class _Typical:
    """Median lengths by queue and channel, else by channel."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, str], list[int]] = defaultdict(list)
        self._known: dict[tuple[str | None, str], int] = {}

    def add(self, kind: Kind, ms: int) -> None:
        for key in ((kind.queue, kind.channel), (None, kind.channel)):
            self._found[key].append(ms)

    def of(self, kind: Kind) -> int | None:
        for key in ((kind.queue, kind.channel), (None, kind.channel)):
            if key not in self._known and key in self._found:
                self._known[key] = max(1, round(median(self._found[key])))
            if key in self._known:
                return self._known[key]
        return None


def waited_for(wait: Wait, over: int) -> int:
    """How long it stood in line, until the record's end if nothing else ended it."""
    end = wait.fate.at if wait.fate.at is not None else over
    return max(0, end - wait.at)
