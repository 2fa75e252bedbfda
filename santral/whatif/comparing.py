"""What happened, the recorded configuration played again, and a changed one, side by side; and how sure that is. Values only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from router.config import Config
from router.targets import Term
from router.waiting import Kind
from santral.whatif.changed import Changes
from santral.whatif.nature import Recorded, waited_for
from santral.whatif.playing import Played
from santral.whatif.record import End, Fate, Record, Wait

NEAR = 5_000
"""Milliseconds: waits that differ by no more are told as the same where a record is held against its own play."""
NOTED = 1_000
"""Milliseconds by which a wait is longer or shorter, for it to be counted as such."""
MOST = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """How some waits went. Times are milliseconds; `level` and what is a mean are None of nothing.

    `level`: answered within the target over those and all who gave up after it. `late` are waits over the target, however they ended,
    and those that go on.
    """

    count: int
    answered: int
    left: int
    turned_away: int
    waiting: int
    level: float | None
    mean: float | None
    p90: int | None
    late: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What an agent did: conversations, units held over units there, and how long there."""

    conversations: int
    occupancy: float | None
    there: int


@dataclass(frozen=True)
class View:
    """One way that it went; parts by their names, conversations without a tier under an empty one."""

    whole: Waits
    queues: Mapping[str, Waits]
    tiers: Mapping[str, Waits]
    channels: Mapping[str, Waits]
    agents: Mapping[str, Desk]
    fairness: float | None
    """Jain's index of the agents' occupancy: 1 where all are as busy, 1/n where one of n does everything."""


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
class Sureness:
    """What the comparison rests on. Shares are of the waits that are counted."""

    explained: float | None  # the play of the record gave the same end, agent and nearly the same wait
    exact: bool  # to the millisecond, all of them
    beyond: float | None  # under the change they wait longer than is known that they would
    other_agent: float | None  # of those answered: with another agent, whose working time is assumed
    unworked: float | None  # of those answered: nobody had it, so its working time is a median
    other_work: float | None  # of the agents' units: other work, taken as it was
    judged: int
    unjudged: int
    inferred: float | None  # of those answered on record: when the agent was done is worked out
    patience: Mapping[str, float]  # mean milliseconds, by channel; of a channel that nobody gave up on there is none
    endless: tuple[str, ...]  # those channels
    offers_known: bool
    versions: int
    unread: int  # decisions that this release cannot read
    new_agents: tuple[str, ...]  # the record does not have them: they never come in
    gone_agents: tuple[str, ...]  # the change does not have them: what they had goes to others
    homeless: Mapping[str, int]


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


def compare(record: Record, happened: Played, replayed: Played, changed: Played, changes: Changes) -> Comparison:
    """Three ways that it went, or would have."""
    counted = [wait for wait in record.waits if wait.at >= record.since]
    one, two, three = (view(record, counted, played) for played in (happened, replayed, changed))
    sure = _sure(record, counted, happened, replayed, changed, changes)
    return Comparison(record, changed.config, one, two, three, moved(record, counted, replayed, changed, changes), sure)


# --- one way ---------------------------------------------------------------------------------------------------------


def view(record: Record, counted: Sequence[Wait], played: Played) -> View:
    """The figures of one way."""
    judge = _Judge(played, record.over)

    def by(key: Callable[[Kind], str]) -> dict[str, Waits]:
        parts: dict[str, list[Wait]] = {}
        for wait in counted:
            parts.setdefault(key(played.kind(wait)), []).append(wait)
        return {part: judge.waits(parts[part]) for part in sorted(parts)}

    agents = _desks(record, counted, played)
    return View(
        judge.waits(counted),
        by(lambda kind: kind.queue),
        by(lambda kind: kind.tier or ""),
        by(lambda kind: str(kind.channel)),
        agents,
        jain([desk.occupancy for desk in agents.values() if desk.occupancy is not None]),
    )


class _Judge:
    """By what targets waits are judged."""

    def __init__(self, played: Played, over: int) -> None:
        self._played, self._over = played, over
        self._terms: dict[tuple[str | None, Kind], Term | None] = {}

    def waits(self, waits: Sequence[Wait]) -> Waits:
        ends = dict.fromkeys(End, 0)
        in_time = left_late = late = 0
        lengths = []
        for wait in waits:
            fate = self._played.fate(wait)
            ends[fate.end] += 1
            if fate.end is End.MOVED:
                continue
            until = self._over if fate.at is None else fate.at
            over = not self._in_time(wait, until) or fate.end is End.TURNED_AWAY
            late += over
            if fate.end is End.ANSWERED:
                in_time += not over
            elif fate.end is End.LEFT:
                left_late += over
            if fate.end in (End.ANSWERED, End.LEFT):
                lengths.append(max(0, until - wait.at))
        lengths.sort()
        over_all = ends[End.ANSWERED] + left_late
        return Waits(
            len(waits), ends[End.ANSWERED], ends[End.LEFT], ends[End.TURNED_AWAY], ends[End.WAITING], _share(in_time, over_all),
            _share(sum(lengths), len(lengths)), lengths[max(1, ceil(len(lengths) * 0.9)) - 1] if lengths else None, late,
        )  # fmt: skip

    def _in_time(self, wait: Wait, until: int) -> bool:
        kind, sla = self._played.kind(wait), self._played.sla(wait)
        key = sla, kind
        if key not in self._terms:
            terms = self._played.config.terms(sla, kind.queue, kind.tier, kind.channel)
            self._terms[key] = terms.first if round(terms.nominal / 1000) == kind.target else None
        term = self._terms[key]
        if term is None:  # its target is not one that the configuration explains
            return until - wait.at <= kind.target * 1000
        return until <= wait.at or term.in_time(wait.at, until)


def _desks(record: Record, counted: Sequence[Wait], played: Played) -> dict[str, Desk]:
    agents = {agent.name: agent.units for agent in played.config.agents}
    there = _there(record, played.config)
    held = dict.fromkeys(agents, 0)
    taken = dict.fromkeys(agents, 0)
    starts = {name: [since for since, _ in spans] for name, spans in there.items()}

    def hold(agent: str, since: int, until: int, units: int) -> None:
        spans = there.get(agent)
        if spans and agent in held:
            first = max(0, bisect_right(starts[agent], since) - 1)
            for begin, end in spans[first:]:
                if begin >= until:
                    break
                held[agent] += max(0, min(end, until) - max(begin, since)) * units

    for wait in record.waits:
        fate, units = played.fate(wait), played.kind(wait).units
        for one in fate.offers:
            hold(one.agent, one.at, one.until, units)
        if fate.end is End.ANSWERED and fate.agent is not None and fate.at is not None:
            hold(fate.agent, fate.at, record.over if fate.done is None else fate.done, units)
    for work in record.held:
        hold(work.agent, work.at, record.over if work.until is None else work.until, work.units)
    for wait in counted:
        agent = played.fate(wait).agent
        if agent in taken:
            taken[agent] += 1
    found = {}
    for name in sorted(agents):
        time = sum(end - begin for begin, end in there.get(name, ()))
        room = time * agents[name]
        if room or taken[name]:
            found[name] = Desk(taken[name], held[name] / room if room else None, time)
    return found


def _there(record: Record, config: Config) -> dict[str, list[tuple[int, int]]]:
    """When each agent was available, within the time that is counted."""
    found: dict[str, list[tuple[int, int]]] = {}
    since: dict[str, int] = {}
    for at, agent, presence in record.comings:
        if config.available(presence):
            since.setdefault(agent, max(at, record.since))
        elif agent in since:
            begin, end = since.pop(agent), min(at, record.over)
            if begin < end:
                found.setdefault(agent, []).append((begin, end))
    for agent, begin in since.items():
        if begin < record.over:
            found.setdefault(agent, []).append((begin, record.over))
    return found


def jain(loads: Iterable[float]) -> float | None:
    """Jain's index (router.measure_figures): 1 where all are alike, 1/n where one of n has all; None of nobody."""
    values = list(loads)
    squares = sum(one * one for one in values)
    if not values:
        return None
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


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


# --- how sure it is --------------------------------------------------------------------------------------------------


def explained(record: Record, happened: Played, replayed: Played) -> float | None:
    """The share of waits of which the play of the record gives the same end, the same agent, and a wait within NEAR."""
    counted = [wait for wait in record.waits if wait.at >= record.since]
    same = sum(_near(record, happened.fate(wait), replayed.fate(wait)) for wait in counted)
    return _share(same, len(counted))


def _near(record: Record, a: Fate, b: Fate) -> bool:
    ends = [record.over if one.at is None else one.at for one in (a, b)]
    return (a.end, a.agent) == (b.end, b.agent) and abs(ends[0] - ends[1]) <= NEAR


def _sure(
    record: Record, counted: Sequence[Wait], happened: Played, replayed: Played, changed: Played, changes: Changes
) -> Sureness:
    nature, over = Recorded(record), record.over
    beyond = other = unworked = answered = 0
    for wait in counted:
        fate = changed.fate(wait)
        until = over if fate.at is None else fate.at
        beyond += wait.fate.end not in (End.LEFT, End.MOVED) and until - wait.at > waited_for(wait, over)
        if fate.end is End.ANSWERED:
            answered += 1
            known = wait.fate.end is End.ANSWERED
            unworked += not known
            other += known and wait.fate.agent != fate.agent
    there = _there(record, record.config)
    room = sum(
        (end - begin) * agent.units for agent in record.config.agents for begin, end in there.get(agent.name, ())
    )
    work = sum(
        one.units * (min(over, one.until if one.until is not None else over) - max(one.at, record.since))
        for one in record.held
    )
    seen = {coming.agent for coming in record.comings}
    names = {agent.name for agent in changed.config.agents}
    recorded = [wait for wait in counted if wait.fate.end is End.ANSWERED]
    channels = {str(wait.kind.channel) for wait in counted}
    return Sureness(
        explained=explained(record, happened, replayed),
        exact=all(happened.fate(wait) == replayed.fate(wait) for wait in counted),
        beyond=_share(beyond, len(counted)),
        other_agent=_share(other, answered),
        unworked=_share(unworked, answered),
        other_work=_share(work, room),
        judged=changes.judged,
        unjudged=changes.unjudged,
        inferred=_share(sum(wait.inferred for wait in recorded), len(recorded)),
        patience=nature.mean_patience,
        endless=tuple(sorted(channels - set(nature.mean_patience))),
        offers_known=nature.offers_known,
        versions=len({version for _, version in record.versions}) or 1,
        unread=record.unread,
        new_agents=tuple(sorted(names - {agent.name for agent in record.config.agents} - seen)),
        gone_agents=tuple(sorted(seen - names)),
        homeless=changes.homeless,
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
