"""`decide`: who takes which waiting conversation, and why not the others. Pure, deterministic, total.

Of the conversations that somebody could take now the most urgent goes first (router.policies). Its agent: who had it before if
they are free, else by proficiency, then the fullest that still fits (so that room for large work stays whole), then the longest idle.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

from router.config import Config, Pool
from router.crew import Group
from router.floor import Floor
from router.policies import Curve, Urgency, Weighed, discounted, side, urgency, weigh
from router.requirements import Requirement, Rung, parts, text
from router.times import to_ms, whole_ms
from router.waiting import Kind, WaitingRow


class Rules:
    """What decisions are made under: a version, and how it has this pool matched. Remembers each class it weighed."""

    def __init__(self, config: Config, pool: str) -> None:
        self.config = config
        self.version = config.version
        self.pool: Pool = config.pool(pool)
        self._kinds = _classes_of(config, pool)

    def of(self, kind: Kind) -> Weighed:
        """A class, weighed. Raises ValueError when its queue is not in the configuration."""
        found = self._kinds.get(kind)
        if found is None:
            found = self._kinds[kind] = weigh(self.config, self.pool, kind)
        return found

    def knows(self, row: WaitingRow) -> bool:
        """Is its queue one of this pool's?"""
        queue = self.config.queue(row.kind.queue)
        return queue is not None and queue.pool == self.pool.name


_known: dict[str, tuple[Config, dict[Kind, Weighed]]] = {}
_MOST = 4096


def _classes_of(config: Config, pool: str) -> dict[Kind, Weighed]:
    """The classes that were weighed under a version, for as long as it is in force."""
    known = _known.get(pool)
    if known is None or known[0] is not config or len(known[1]) > _MOST:
        known = _known[pool] = config, {}
    return known[1]


class Contender(NamedTuple):
    """A conversation that somebody could take now: how urgent, what it asks at this point of its wait, and who could."""

    urgent: Urgency
    row: WaitingRow
    rung: Rung
    able: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Who takes a conversation. `agent` is None when nobody can. Masks are over the names of the pool's crew."""

    row: WaitingRow
    agent: str | None
    at: datetime
    rules: Rules = field(repr=False)
    needs: Requirement
    rung: int  # since how many seconds of waiting this has been asked
    score: Urgency
    fit: int
    excluded: tuple[tuple[str, int], ...]
    chosen: tuple[str, ...] = ()  # what told the agent from the others that fit
    contenders: tuple[
        Contender, ...
    ] = ()  # the first of each class that somebody could have taken, the most urgent first

    @property
    def conversation(self) -> str:
        """Whose wait it ends, or explains."""
        return self.row.conversation


class Standing(NamedTuple):
    """A waiting conversation, since when (ms) it waits, and by which curve it is as urgent as it is now."""

    row: WaitingRow
    since: int
    curve: Curve


class Place(NamedTuple):
    """Waiting conversations of one class that ask for the same at this point of their wait."""

    of: Weighed
    step: int
    standing: list[Standing]


def placed(waiting: Iterable[WaitingRow], rules: Rules, now: datetime) -> list[Place]:
    """Rows by what they ask for now: all of them, in no order."""
    found: dict[tuple[Weighed, int], Place] = {}
    now = whole_ms(now)
    for row in waiting:
        of = rules.of(row.kind)
        step, mark = side(of, _waited(row, now))
        place = found.get((of, step))
        if place is None:
            place = found[of, step] = Place(of, step, [])
        place.standing.append(Standing(row, to_ms(row.since), of.curves[mark]))
    return list(found.values())


def decide(floor: Floor, waiting: Iterable[Place], rules: Rules, now: datetime) -> Decision | None:
    """The most urgent conversation that somebody can take, with its decision; None when nothing can be matched.

    `waiting` are all rows (`placed`) or those that can be the first (`Heads.front`): the decision is the same.
    """
    now = whole_ms(now)
    contenders = _contenders(floor, waiting, now)
    contenders.sort(key=_urgent, reverse=True)
    if any(
        one.urgent == other.urgent for one, other in pairwise(contenders)
    ):  # seldom: of equals the oldest goes first
        contenders.sort(key=_age)
        contenders.sort(key=_urgent, reverse=True)
    best: tuple[Urgency, Contender, Group] | None = None
    for contender in contenders:
        if best is not None and not contender.urgent > best[0]:
            break
        group = _best_group(floor, contender)
        actual = discounted(rules.pool, contender.urgent, group[0])
        if best is None or actual > best[0]:
            best = actual, contender, group
    if best is None:
        return None
    score, contender, group = best
    return _decision(floor, contender, rules, now, score, group, contenders)


def decide_one(floor: Floor, row: WaitingRow, rules: Rules, now: datetime) -> Decision:
    """Judge every agent of the pool for one conversation."""
    now = whole_ms(now)
    one = next(iter(_contenders(floor, placed([row], rules, now), now)), None)
    if one is None:
        of, waited = rules.of(row.kind), _waited(row, now)
        urgent = urgency(of, waited)
        return _decision(floor, Contender(urgent, row, of.rung(waited), 0), rules, now, urgent, None, ())
    group = _best_group(floor, one)
    return _decision(floor, one, rules, now, discounted(rules.pool, one.urgent, group[0]), group, (one,))


def why_not(floor: Floor, row: WaitingRow, rules: Rules, agent: str, now: datetime) -> str | None:
    """The first reason that excludes an agent from a conversation; None if they can take it."""
    number = floor.crew.number.get(agent)
    if number is None:
        return "configuration"
    excluded = decide_one(floor, row, rules, now).excluded
    return next((reason for reason, bits in excluded if bits >> number & 1), None)


class Heads:
    """The waiting rows in hand, by class with the oldest first, so that those which can be first are found without a look at all."""

    def __init__(self, rows: Iterable[WaitingRow] = ()) -> None:
        self._rows: dict[str, WaitingRow] = {}
        self._lines: dict[Kind, _Line] = {}
        for row in rows:
            self._rows[row.conversation] = row
            self._line(row.kind).rows.append(row)
        for line in self._lines.values():
            line.rows.sort(key=_oldest)

    def __iter__(self) -> Iterator[WaitingRow]:
        return iter(self._rows.values())

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, conversation: str) -> WaitingRow | None:
        """A conversation's row, None where it is not in hand."""
        return self._rows.get(conversation)

    def of(self, kind: Kind) -> Sequence[WaitingRow]:
        """A class's rows, the oldest first."""
        line = self._lines.get(kind)
        return () if line is None else line.rows

    def add(self, row: WaitingRow) -> None:
        """Have this row, in place of what was known of its conversation."""
        self.drop(row.conversation)
        self._rows[row.conversation] = row
        line = self._line(row.kind)
        last = not line.rows or _oldest(line.rows[-1]) < _oldest(row)
        insort(line.rows, row, key=_oldest)
        if not (last and line.front is not None and line.front.closed):
            line.front = None

    def drop(self, conversation: str) -> None:
        """Be without this one."""
        row = self._rows.pop(conversation, None)
        if row is not None:
            line = self._lines[row.kind]
            del line.rows[bisect_left(line.rows, _oldest(row), key=_oldest)]
            if line.front is not None and conversation in line.front.shown:
                line.front = None
            if not line.rows:
                del self._lines[row.kind]

    def front(self, rules: Rules, now: datetime) -> list[Place]:
        """The rows that can be the most urgent: of each class the oldest on each side of its turns.

        Behind one that is not offered to somebody for a while stands the next, so that it holds nobody back.
        """
        found: list[Place] = []
        now = whole_ms(now)
        for kind, line in self._lines.items():
            front = line.front
            if front is None or not front.since <= now < front.until:
                front = line.front = _front(line.rows, rules, rules.of(kind), now)
            found += front.places
        return found

    def _line(self, kind: Kind) -> _Line:
        found = self._lines.get(kind)
        if found is None:
            found = self._lines[kind] = _Line()
        return found


class _Front(NamedTuple):
    """A class's front, and from when until when it is that. `closed`: somebody whom nobody is kept from stands on the youngest side."""

    places: list[Place]
    since: datetime
    until: datetime
    shown: frozenset[str]
    closed: bool


class _Line:
    """A class's rows, the oldest first, and its front for as long as that is known."""

    __slots__ = ("front", "rows")

    def __init__(self) -> None:
        self.rows: list[WaitingRow] = []
        self.front: _Front | None = None


def _front(line: Sequence[WaitingRow], rules: Rules, of: Weighed, now: datetime) -> _Front:
    youngest = side(of, 0.0)
    rows, shown, until, at, closed = [], None, _NEVER, 0, False
    while at < len(line):
        row = line[at]
        at += 1
        waited = _waited(row, now)
        here = side(of, waited)
        if here == shown:
            continue
        rows.append(row)
        following = bisect_left(of.turns, waited)
        if following < len(of.turns):
            until = min(until, row.since + timedelta(seconds=of.turns[following]))
        bars = [bar for _, bar in row.barred if bar > now]
        if bars:
            until = min(until, *bars)
            continue
        if here == youngest:
            closed = True
            break
        shown = here
        passed = bisect_right(of.turns, waited) - 1
        if passed >= 0:  # on to those that have not waited as long as that turn
            at = bisect_left(line, now - timedelta(seconds=of.turns[passed]), lo=at, key=_since)
    return _Front(placed(rows, rules, now), now, until, frozenset(row.conversation for row in rows), closed)


_NEVER = datetime.max.replace(tzinfo=UTC)


def next_look(row: WaitingRow, rules: Rules, now: datetime) -> datetime | None:
    """When more agents may take it than now: its next step, or the end of somebody's refusal; None: never by waiting."""
    steps = (row.since + timedelta(seconds=rung.after) for rung in rules.of(row.kind).ladder)
    return min((at for at in (*steps, *(until for _, until in row.barred)) if at > now), default=None)


def _contenders(floor: Floor, waiting: Iterable[Place], now: datetime) -> list[Contender]:
    """What somebody could take. Of those of a class that ask for the same only the first counts.

    One that is not offered to somebody for a while is left out when it comes after one that is offered to all: it could not win.
    """
    found: list[Contender] = []
    at = to_ms(now)
    for of, step, standing in waiting:
        able = floor.able(of, step)
        if not able:
            continue
        rung, first, barred = of.ladder[step], None, []
        for row, since, curve in standing:
            urgent = curve((at - since) / 1000 if at > since else 0.0)
            if row.barred and able & (bars := _barred(floor, row, now)):
                barred.append(Contender(urgent, row, rung, able & ~bars))
            elif first is None or urgent > first[0] or (urgent == first[0] and _oldest(row) < _oldest(first[1])):
                first = urgent, row
        free = None if first is None else Contender(first[0], first[1], rung, able)
        if free is not None:
            found.append(free)
        if barred:
            found += [one for one in barred if one.able and _goes_before(one, free)]
    return found


def _goes_before(one: Contender, other: Contender | None) -> bool:
    if other is None or one.urgent > other.urgent:
        return True
    return one.urgent == other.urgent and _oldest(one.row) < _oldest(other.row)


_since = attrgetter("since")
_oldest = attrgetter("since", "conversation")
_age = attrgetter("row.since", "row.conversation")
_urgent = itemgetter(0)


def _waited(row: WaitingRow, now: datetime) -> float:
    waited = (now - row.since).total_seconds()
    return waited if waited > 0 else 0.0


def _barred(floor: Floor, row: WaitingRow, now: datetime) -> int:
    found = 0
    for name, until in row.barred:
        number = floor.crew.number.get(name)
        if number is not None and until > now:
            found |= 1 << number
    return found


def _best_group(floor: Floor, one: Contender) -> Group:
    """The most proficient of those who could take it."""
    for secondary, level, group in floor.crew.groups(one.rung.needs):
        if group & one.able:
            return secondary, level, group & one.able
    raise ValueError("groups hold everybody who meets a requirement")


def _decision(
    floor: Floor, one: Contender, rules: Rules, now: datetime, score: Urgency, group: Group | None,
    contenders: Sequence[Contender],
) -> Decision:  # fmt: skip
    row, needs = one.row, one.rung.needs
    excluded, fit = [], floor.crew.everybody
    for reason, bits in _reasons(floor, row, needs, now):
        gone = fit & bits
        if gone:
            excluded.append((reason, gone))
            fit &= ~gone
    agent, chosen = (None, ()) if group is None else _choice(floor, rules, row, fit, group)
    return Decision(
        row, agent, now, rules, needs, one.rung.after, score, fit, tuple(excluded), chosen, tuple(contenders)
    )


def _reasons(floor: Floor, row: WaitingRow, needs: Requirement, now: datetime) -> Iterator[tuple[str, int]]:
    """What excludes agents, in the order in which it is looked at; a record gives each agent the first."""
    crew, kind = floor.crew, row.kind
    yield from floor.unavailable
    yield "hours", floor.off_shift
    yield "paused", floor.paused
    yield "wrap-up", floor.wrapping
    yield f"permission:{kind.brand}", crew.everybody & ~crew.may_answer(kind.brand)
    for part in parts(needs):
        yield f"skill:{text(part)}", crew.everybody & ~crew.meet(part)
    yield "declined", _barred(floor, row, now)
    yield "capacity", crew.everybody & ~floor.room(kind.units)
    yield f"limit:{kind.channel}", floor.full(kind.channel)


def _choice(floor: Floor, rules: Rules, row: WaitingRow, fit: int, group: Group) -> tuple[str, tuple[str, ...]]:
    """Which of those that fit, and why: each step that made the choice smaller."""
    names = floor.crew.names
    if fit & (fit - 1) == 0:
        return names[fit.bit_length() - 1], ("only",)
    if rules.pool.last_agent and row.preferred is not None:
        number = floor.crew.number.get(row.preferred)
        if number is not None and fit >> number & 1:
            return row.preferred, ("last agent",)
    why = []
    secondary, level, left = group
    if left != fit:
        why.append(f"{'secondary' if secondary else 'primary'} skill, level {level}")
    free, fuller = floor.fullest(left, row.kind.units)
    if fuller != left:
        why.append(f"fullest that fits, {free} units free")
    if fuller & (fuller - 1):
        why.append("longest idle")
    return names[floor.longest_idle(fuller)], tuple(why)
