"""Match: give a pool's waiting conversations to agents with room, each claim on its own conditions (P5, P6, P7).

One batch of one pool runs at a time (its queue's group), and correctness does not lean on that: the claim fails if the
agent's room or the conversation's wait is not what the decision saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from router.adopting import moved, rehouse
from router.conversations import Conversation, State
from router.decisions import record
from router.errors import Lost
from router.exchange import Exchange
from router.floor import Floor
from router.ids import decision_id
from router.loads import Load
from router.matching import Decision, Heads, Rules, decide, decide_one, next_look
from router.policies import side
from router.seating import outdated, settle_seats
from router.signals import TIMER_REACH, Signal, Wake, timer_of, waiting_row
from router.snapshots import Roster, changed, seen, states_of, worth_keeping
from router.snapshots import State as Standing
from router.times import to_ms
from router.waiting import Kind, WaitingRow, place

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 4
HEADS = 10
"""Waiting heads read per class and side of its turns: a decision looks at the oldest few, so its cost does not grow with the queue."""
_PAGES = 5
_last: dict[str, Roster] = {}
"""The roster of each pool that this process kept last. What it holds is its hash's, so it spares a read and decides nothing."""


@dataclass(slots=True)
class _Class:
    """A class while its pool is matched: what was read of its line, and on which side of its turns each row stands."""

    kind: Kind
    read: bool = False
    whole: bool = False  # all of it is in hand
    sides: dict[str, tuple[int, int, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Look:
    """A page of a class's line that is to be read: from its beginning, or behind a place in it."""

    one: _Class
    after: str | None = None
    first: bool = True  # from the line's beginning on, without a gap
    pages: int = 1


@dataclass(slots=True)
class _Work:
    """One pool while it is matched: what was read, changed as claims succeed."""

    pool: str
    rules: Rules
    floor: Floor
    others: Mapping[str, str]  # the presence of those who have no room
    rows: Heads
    classes: dict[str, _Class]
    known: frozenset[str]  # classes that the directory names as not empty
    kept: str | None  # the hash of the roster that was kept last
    tries: dict[str, int] = field(default_factory=dict)
    roster: Roster | None = None
    looked: bool = False  # `differences` are from that roster to now
    differences: dict[str, Standing | None] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)  # conversations that found an agent
    signals: list[Signal] = field(default_factory=list)


def match(x: Exchange, wakes: Iterable[Wake]) -> int:
    """Match every pool that was woken; how many conversations found an agent."""
    by_pool: dict[str, list[WaitingRow]] = {}
    for wake in wakes:
        newcomers = by_pool.setdefault(wake.pool, [])
        if wake.waiting is not None:
            newcomers.append(wake.waiting)
    return sum(match_pool(x, pool, newcomers) for pool, newcomers in by_pool.items())


def match_pool(x: Exchange, pool: str, newcomers: Iterable[WaitingRow]) -> int:
    """One pool: decide and claim until nothing more can be matched; then newcomers that nobody took get their place in line."""
    config = x.config()
    rules = Rules(config, pool)
    found = x.table.pool(pool)
    if outdated(config, pool, found.loads) and settle_seats(x, found.loads, found.filled.values()):
        found = x.table.pool(pool)  # a version that takes units counts before anything is given by it
    floor = Floor(config, pool, found.loads, x.now(), found.others)
    arrived = {row.conversation: row for row in newcomers}
    strangers = [row for row in arrived.values() if not rules.knows(row)]
    for row in strangers:
        del arrived[row.conversation]
        rehouse(x, row.conversation)
    classes = {key: _Class(kind) for key, kind in found.filled.items() if not moved(config, pool, kind)}
    work = _Work(
        pool, rules, floor, found.others, Heads(arrived.values()), classes, frozenset(found.filled), found.kept(x.now())
    )
    matched = 0
    while True:
        _read_heads(x, work)
        now = x.now()
        decision = decide(work.floor, work.rows.front(rules, now), rules, now)
        if decision is None:
            break
        matched += _claim(x, work, decision)
    for newcomer in [row for row in work.rows if row.stub is None]:
        _line_up(x, work, newcomer, now)
    for row in [row for row in arrived.values() if row.stub is not None and row.conversation not in work.given]:
        _tell_step(x, work, row, now)
    for one in work.classes.values():
        if one.whole and not work.rows.of(one.kind):
            x.table.no_class(pool, one.kind, x.now())
    x.queues.send(work.signals, x.now())
    return matched


# --- what is read --------------------------------------------------------------------------------------------------


def _read_heads(x: Exchange, work: _Work) -> None:
    """Read the heads of each non-empty class that somebody could take; again when those of one side are all gone."""
    looks = []
    for one in work.classes.values():
        if one.whole or (one.read and not _side_gone(work, one)):
            continue
        if not _anybody(work, one.kind):
            continue
        one.read, one.sides = True, {}
        for row in [row for row in work.rows.of(one.kind) if row.stub is not None]:
            work.rows.drop(row.conversation)
        looks.append(_Look(one))
    now = x.now()
    while looks:
        pages = x.table.heads_of(work.pool, [(look.one.kind, look.after) for look in looks], HEADS)
        looks = [more for look, page in zip(looks, pages, strict=True) for more in _looked(work, look, page, now)]


def _side_gone(work: _Work, one: _Class) -> bool:
    left = {one.sides[key] for key in one.sides if key in work.rows}
    return any(here not in left for here in one.sides.values())


def _anybody(work: _Work, kind: Kind) -> bool:
    """Could somebody take one of this class at any point of its wait?"""
    ready = work.floor.ready & work.floor.room(kind.units)
    return bool(ready) and any(ready & work.floor.crew.meet(rung.needs) for rung in work.rules.of(kind).ladder)


def _looked(work: _Work, look: _Look, page: Sequence[WaitingRow], now: datetime) -> list[_Look]:
    """Have what a look at a line found; where to look next: behind those who are kept from somebody, then at each younger side."""
    one, of = look.one, work.rules.of(look.one.kind)
    for row in page:
        if row.conversation not in work.rows:
            work.rows.add(row)
        waited = max(0.0, (now - row.since).total_seconds())
        one.sides[row.conversation] = *side(of, waited), any(until > now for _, until in row.barred)
    if len(page) < HEADS:
        one.whole = look.first  # the line ends here: no younger side has anybody that was not read
        return []
    newest, last = page[-1].since, one.sides[page[-1].conversation][:2]
    if look.pages < _PAGES and (*last, False) not in [one.sides[row.conversation] for row in page]:
        return [replace(look, after=page[-1].stub, pages=look.pages + 1)]
    if not look.first:
        return []
    starts = [now - timedelta(seconds=mark) for mark in of.turns]
    return [
        _Look(one, place(start), first=False) for start in starts if start > newest
    ]  # the page reaches into the others


# --- claims --------------------------------------------------------------------------------------------------------


def _claim(x: Exchange, work: _Work, decision: Decision) -> int:
    row, now = decision.row, x.now()
    load = work.floor.loads[decision.agent or ""]
    seconds = work.rules.config.offer_seconds(row.queue, row.channel)
    until = None if seconds is None else now + timedelta(seconds=seconds)
    limit = _limit(work, load, row)

    def claim(id_: str) -> list[Change]:
        return x.table.claim(row, load, limit, work.pool, id_, now, until)

    id_, done = _commit(x, work, decision, "match", claim)
    return _won(x, work, row, load, now, until) if done else _lost(x, work, row, load, id_, until)


def _limit(work: _Work, load: Load, row: WaitingRow) -> int | None:
    agent = work.rules.config.agent(load.agent)
    return agent.limits.get(row.channel) if agent is not None else None


def _commit(
    x: Exchange, work: _Work, decision: Decision, what: str, changes: Callable[[str], list[Change]]
) -> tuple[str, bool]:
    """Do what was decided, and keep the decision with it; its id, and whether it was done.

    Its id follows from its time, so that a try which went through unheard is known again by it. Where another decision of that
    kind and millisecond was kept before, it is the next one.
    """
    record = _recorded(x, work, decision)
    for number in count(1):
        id_ = decision_id(decision.conversation, to_ms(decision.at), what, number)
        try:
            x.table.commit(*changes(id_), x.table.decided(decision.conversation, record, decision.at, id_))
        except Lost as lost:
            if lost.names != ("decision",):
                break
        else:
            return id_, True
    return id_, False


def _recorded(x: Exchange, work: _Work, decision: Decision) -> dict[str, Any]:
    """The record of a decision with what it saw."""
    now = decision.at
    if work.roster is None and work.kept is not None:
        last = _last.get(work.pool)
        work.roster = last if last is not None and last.address == work.kept else x.table.roster(work.kept)
    if work.roster is not None and not work.looked:
        work.looked = True
        work.differences = changed(work.roster, states_of(work.floor.loads.values(), work.others))
    if work.roster is None or worth_keeping(work.roster, work.differences):
        work.roster, work.differences = Roster(work.pool, states_of(work.floor.loads.values(), work.others)), {}
        work.looked = True
        x.table.keep_roster(work.roster, now)
        _last[work.pool] = work.roster
    rows = [one.row for one in decision.contenders] or [decision.row]
    return {**record(decision), "seen": seen(work.roster.address, work.differences, work.floor.at, rows)}


def _won(x: Exchange, work: _Work, row: WaitingRow, load: Load, now: datetime, until: datetime | None) -> int:
    work.floor.claimed(load.agent, row.units, row.channel, now, None if until is None else (row.conversation, until))
    _note_change(work, load.agent)
    work.given.add(row.conversation)
    work.rows.drop(row.conversation)
    x.count("Assigned" if until is None else "Offered", 1)
    if until is not None and until - now <= TIMER_REACH:
        work.signals.append(timer_of(row.conversation, until))
    frame = {
        "type": "conversation",
        "conversation": row.conversation,
        "reason": "assigned" if until is None else "offered",
    }
    if load.connection is not None:
        x.sockets.tell(f"A#{load.agent}", frame, load.connection)
    return 1


def _note_change(work: _Work, agent: str) -> None:
    if work.roster is not None:
        work.differences |= changed(
            Roster(work.pool, {agent: work.roster.states.get(agent, [])}), states_of([work.floor.loads[agent]])
        )


def _lost(x: Exchange, work: _Work, row: WaitingRow, load: Load, id_: str, until: datetime | None) -> int:
    """Somebody changed the agent or the conversation first, or our own first try did go through: look, and go on."""
    current = x.table.conversation(row.conversation)
    if current is not None and current.decision == id_ and current.agent == load.agent:
        return _won(x, work, row, load, x.now(), until)
    if row.stub is not None and (current is None or current.stub != row.stub):
        x.table.leave_place(work.pool, row.kind, row.stub)  # nobody's place would be read first for ever
    work.tries[row.conversation] = work.tries.get(row.conversation, 0) + 1
    _refresh(work, row, current)
    fresh = x.table.load(work.pool, load.agent)
    loads = {**work.floor.loads} | ({load.agent: fresh} if fresh is not None else {})
    if fresh is None:
        loads.pop(load.agent, None)
    work.floor = Floor(work.rules.config, work.pool, loads.values(), x.now(), work.others)
    if work.roster is not None:
        work.differences = changed(work.roster, states_of(work.floor.loads.values(), work.others))
    return 0


def _refresh(work: _Work, row: WaitingRow, current: Conversation | None) -> None:
    gone = current is None or current.state is not State.WAITING or current.pool != work.pool
    if gone or work.tries[row.conversation] >= _TRIES:  # the sweep comes again
        work.rows.drop(row.conversation)
    elif current is not None:
        work.rows.add(waiting_row(current))


def _line_up(x: Exchange, work: _Work, row: WaitingRow, now: datetime) -> None:
    """Nobody could take it then: its place in line, and a record of why not. What changed meanwhile is looked at again.

    `now` is when all were judged last: a step that began since is still to come for it, and gets its timer.
    """
    for _ in range(_TRIES):
        if _stands(x, work, row, now):
            return
        current = x.table.conversation(row.conversation)
        if current is None or current.state is not State.WAITING or current.stub is not None:
            return
        if current.pool != work.pool:
            return  # its own wake-up is on the way
        row = waiting_row(current)


def _stands(x: Exchange, work: _Work, row: WaitingRow, now: datetime) -> bool:
    """One try at its place in line; False if it changed meanwhile."""
    look_at = next_look(row, work.rules, now)
    decision = decide_one(work.floor, row, work.rules, now)
    changes = x.table.line_up(row, work.pool, known=row.kind.key in work.known, look_at=look_at, step=decision.rung)
    _, done = _commit(x, work, decision, "wait", lambda _: changes)
    if done:
        work.known |= {row.kind.key}
        if look_at is not None and look_at - now <= TIMER_REACH:
            work.signals.append(timer_of(row.conversation, look_at))
        x.count("Waiting", 1)
    return done


def _tell_step(x: Exchange, work: _Work, row: WaitingRow, now: datetime) -> None:
    """One in line was looked at again: where a step began since its last record and still nobody could take it, one of why not."""
    decision = decide_one(work.floor, replace(row, because=None), work.rules, now)
    if decision.agent is None and decision.rung > row.told_step:
        _commit(x, work, decision, "wait", lambda _: [x.table.step_told(row, decision.rung)])
