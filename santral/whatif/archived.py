"""Reads a stack's traffic from its archive, where decisions alone are kept: what happened between two of them is worked out.

A decision tells since when each conversation waited and what it asks, and how every agent with room stood: what is free, how many of
which channel, since when idle. Whoever holds fewer than were given to them was done with the oldest, when they became idle. What even
that does not tell is inferred: an offer that was not made again was accepted, after some seconds; work that no roster shows the end of took
its channel's mean; who waits while a later one of the same class is given away had left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.archive import Decided, archived_between, archived_roster
from router.config import Config
from router.decisions import FORMAT
from router.errors import NotFound
from router.times import to_ms
from router.waiting import Kind, kind_of
from santral.simulation.roles import Coming
from santral.whatif.deciding import Row, asked_of, row_of, said_of
from santral.whatif.nature import ACCEPTS_AFTER
from santral.whatif.reading import NoTraffic
from santral.whatif.record import End, Fate, How, Offered, Record, Said, Wait

if TYPE_CHECKING:
    from router.aws.blobs import Blobs


@dataclass
class _Draft:
    """A wait while it is worked out."""

    conversation: str
    at: int
    kind: Kind
    pool: str
    preferred: str | None
    barred: tuple[tuple[str, int], ...]
    said: Said | None
    offers: list[Offered] = field(default_factory=list)
    agent: str | None = None
    given: int = 0
    done: int | None = None
    open: bool = False  # the agent had it when they were last seen
    moved: int | None = None
    left: int | None = None
    why: tuple[str, ...] = ()
    asked: str = ""


def read(
    blobs: Blobs,
    version: Callable[[str], Config],
    since: datetime,
    until: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> Record:
    """The traffic between two times. Raises NoTraffic, and as `router.archive` does."""
    kept = archived_between(blobs, since, until)
    records = [record for one in kept if (record := _readable(one)) is not None]
    if not records:
        what = "that this release of Santral reads" if kept else "of that time"
        raise NoTraffic(f"the archive has no decisions {what}")
    names = Counter(str(record["config"]) for record in records)
    config = _config(version, names)
    start, end = to_ms(since), to_ms(until)
    work = _Work(config, start)
    rosters: dict[str, Mapping[str, Any] | None] = {}
    for number, record in enumerate(records, 1):
        address = str(record["seen"]["roster"])
        if address not in rosters:
            found = archived_roster(blobs, address)
            rosters[address] = found.states if found is not None else None
        states = rosters[address]
        if states is not None:  # of a roster that is gone the differences alone tell of nobody else
            work.look(str(record["pool"]), record["seen"]["read_at"], {**states, **record["seen"]["changed"]})
        work.decided(record)
        progress(number)
    versions: list[tuple[int, str]] = []
    for record in records:
        if not versions or versions[-1][1] != record["config"]:
            versions.append((record["at"] if versions else start, str(record["config"])))
    return Record(
        "archive", start, end, config, work.waits(), tuple(sorted(work.comings)), versions=tuple(versions),
        unread=len(kept) - len(records),
    )  # fmt: skip


def _readable(one: Decided) -> Mapping[str, Any] | None:
    """Its record, where this release reads it."""
    record = one.record
    return record if record is not None and record.get("v") == FORMAT and "seen" in record else None


def _config(version: Callable[[str], Config], names: Counter[str]) -> Config:
    for name, _ in names.most_common():
        try:
            return version(name)
        except (NotFound, ValueError):
            continue
    raise NoTraffic(f"version {next(iter(names))}, which decided, cannot be read by this release of Santral")


class _Work:
    """Decisions in the order of time, and what they come to."""

    def __init__(self, config: Config, start: int) -> None:
        self.config, self.start = config, start
        self.drafts: dict[tuple[str, int], _Draft] = {}
        self.last: dict[str, _Draft] = {}  # of each conversation
        self.comings: list[Coming] = []
        self._presence: dict[str, str] = {}
        self._held: dict[str, list[_Draft]] = defaultdict(list)
        self._in_line: dict[Kind, list[_Draft]] = defaultdict(list)

    def look(self, pool: str, at: int, states: Mapping[str, Sequence[Any] | None]) -> None:
        """How a pool's agents stood then."""
        known = {agent.name for agent in self.config.agents if agent.pool == pool}
        for agent in sorted(known):
            state = states.get(agent) or ["offline"]
            presence, idle = str(state[0]), state[3] if len(state) > 3 else None
            if self._presence.get(agent) != presence:
                first = agent not in self._presence
                came = idle if idle is not None and self.config.available(presence) else at
                self.comings.append(Coming(self.start if first else min(at, max(came, self.start)), agent, presence))
                self._presence[agent] = presence
            if idle is not None:
                self._shows(agent, state[2], idle, at)

    def _shows(self, agent: str, counts: Mapping[str, int], idle: int, at: int) -> None:
        """So many of each channel are with them: the others are done."""
        for channel in {str(one.kind.channel) for one in self._held[agent]}:
            mine = [one for one in self._held[agent] if str(one.kind.channel) == channel]
            for one in mine[: max(0, len(mine) - counts.get(channel, 0))]:
                one.done = idle if idle > one.given else at
                self._held[agent].remove(one)
        for one in self._held[agent]:
            one.open = True

    def decided(self, record: Mapping[str, Any]) -> None:
        """A conversation goes to an agent, or to nobody."""
        row = row_of(record)
        if row is None:
            return
        draft = self._draft(record, row)
        agent = record.get("agent")
        self._refused(draft, row, record["at"])
        if agent is None:
            return
        for other in self._in_line[draft.kind]:
            if other is not draft and other.at < draft.at and not any(bar[0] == agent for bar in other.barred):
                other.left = record["at"]
        self._in_line[draft.kind] = [one for one in self._in_line[draft.kind] if one.left is None and one is not draft]
        draft.agent, draft.given, draft.done, draft.open = agent, record["at"], None, False
        draft.why, draft.asked = tuple(record.get("chosen", ())), str(record.get("needs", ""))
        self._held[agent].append(draft)

    def _draft(self, record: Mapping[str, Any], row: Row) -> _Draft:
        key = str(record["conversation"]), int(row[2])
        found = self.drafts.get(key)
        if found is None:
            preferred, barred = asked_of(row)
            kind = kind_of(record["seen"]["kinds"][row[1]])
            found = _Draft(key[0], key[1], kind, str(record["pool"]), preferred, barred, said_of(record))
            before = self.last.get(key[0])
            if before is not None:
                self._goes_on(before, key[1])
            self.drafts[key] = self.last[key[0]] = found
            self._in_line[kind].append(found)
        return found

    def _goes_on(self, before: _Draft, at: int) -> None:
        """It waits anew: the wait before had ended, and so had its agent's work."""
        if before.agent is None and before.left is None:
            before.moved = at
            self._in_line[before.kind] = [one for one in self._in_line[before.kind] if one is not before]
        elif before.agent is not None and before.done is None:
            before.done = at
            self._drop(before)

    def _drop(self, draft: _Draft) -> None:
        if draft.agent is not None:
            self._held[draft.agent] = [one for one in self._held[draft.agent] if one is not draft]

    def _refused(self, draft: _Draft, row: Row, at: int) -> None:
        """It was given away before, and is in line again in the same wait: that offer came to nothing."""
        agent = draft.agent
        if agent is None:
            return
        self._drop(draft)
        pool = self.config.pool(draft.pool)
        seconds = self.config.offer_seconds(draft.kind.queue, draft.kind.channel) or 0
        over = draft.given + seconds * 1000
        bar = dict(asked_of(row)[1]).get(agent)
        how, ended = How.WITHDRAWN, at
        if bar is not None and abs(bar - pool.missed_seconds * 1000 - over) <= 2_000:
            how, ended = How.MISSES, bar - pool.missed_seconds * 1000
        elif bar is not None and draft.given <= bar - pool.declined_seconds * 1000 <= at:
            how, ended = How.DECLINES, bar - pool.declined_seconds * 1000
        elif over <= at and seconds:
            how, ended = How.MISSES, over
        draft.offers.append(Offered(agent, draft.given, how, ended))
        draft.agent = None
        self._in_line[draft.kind].append(draft)

    def waits(self) -> tuple[Wait, ...]:
        """All of them, in the order in which they began."""
        ordered = sorted(self.drafts.values(), key=lambda one: (one.at, one.conversation))
        numbers: Counter[str] = Counter()
        found = []
        for draft in ordered:
            numbers[draft.conversation] += 1
            n = numbers[draft.conversation]
            found.append(self._wait(draft, draft.conversation if n == 1 else f"{draft.conversation}#{n}"))
        return tuple(found)

    def _wait(self, draft: _Draft, id_: str) -> Wait:
        fate, inferred = self._fate(draft)
        return Wait(
            id_, draft.conversation, draft.at, draft.kind, draft.pool, fate, draft.preferred, said=draft.said, inferred=inferred,
            barred=draft.barred,
        )  # fmt: skip

    def _fate(self, draft: _Draft) -> tuple[Fate, bool]:
        offers = tuple(draft.offers)
        if draft.agent is None:
            if draft.moved is not None:
                return Fate(End.MOVED, draft.moved, offers=offers), False
            if draft.left is not None:
                return Fate(End.LEFT, draft.left, offers=offers), False
            return Fate(End.WAITING, offers=offers), False
        seconds = self.config.offer_seconds(draft.kind.queue, draft.kind.channel)
        at = draft.given if seconds is None else draft.given + min(ACCEPTS_AFTER, seconds * 500)
        done, inferred = draft.done, seconds is not None
        if done is None and not draft.open:
            done, inferred = at + round(self.config.routing.handling(draft.kind.channel) * 60_000), True
        if done is not None and done <= at:
            at = draft.given
        if seconds is not None:
            offers = (*offers, Offered(draft.agent, draft.given, How.ACCEPTS, at))
        return Fate(End.ANSWERED, at, draft.agent, done, offers, draft.why, draft.asked), inferred
