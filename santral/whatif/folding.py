"""A conversation's marks and decisions as waits, and the work that took agents' units without one. A fold, and pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from router.config import Config
from router.conversations import Conversation
from router.records import Entry
from router.timeline import Mark, What
from router.times import to_ms
from router.waiting import Kind, kind_of
from santral.whatif.deciding import asked_of, row_of, said_of
from santral.whatif.record import Act, End, Fate, Held, How, Offered, Said, Wait

_HAD = frozenset((What.ACTIVE, What.PENDING))
_REFUSALS = {"decline": How.DECLINES, "missed": How.MISSES}


@dataclass
class _Line:
    """A time in line while it is folded."""

    number: int
    at: int
    queue: str
    after: What | None  # the state before it
    heard: bool  # it began with a message
    offers: list[Offered] = field(default_factory=list)
    offered: tuple[str, int] | None = None
    end: End = End.WAITING
    ended: int | None = None
    agent: str | None = None
    done: int | None = None
    rests: bool = True

    def over(self, how: How, at: int) -> None:
        """An offer that stood does no longer."""
        if self.offered is not None:
            self.offers.append(Offered(*self.offered, how, at))
            self.offered = None


@dataclass
class _Had:
    """What an agent has that stood in no line before."""

    agent: str
    at: int
    until: int | None = None


def folded(conversation: Conversation, entries: Sequence[Entry], config: Config) -> tuple[list[Wait], list[Held]]:
    """Every time it waited, and the work that came of no wait; `entries` are its history's, `config` explains where it waits."""
    fold = _Fold(conversation, {(to_ms(entry.at), entry.what) for entry in entries if entry.what in _REFUSALS})
    marks = [mark for mark in conversation.timeline if mark.what.state]
    lined = {mark.at for mark in marks if mark.what is What.WAITING}
    again = [  # given to the queue that it waits in: it stands as it stood, and waits anew
        Mark(at, What.WAITING, entry.detail.get("queue"))
        for entry in entries
        if entry.what == "transfer" and entry.detail.get("queue") and (at := to_ms(entry.at)) not in lined
    ]
    for mark in sorted((*marks, *again), key=lambda mark: mark.at):
        fold.became(mark, anew=mark in again)
    if fold.line is not None and fold.line.offered is not None:
        fold.line.over(How.STANDS, fold.line.offered[1])
    decisions = [
        entry for entry in entries if entry.what == "decision" and isinstance(entry.detail.get("seen"), Mapping)
    ]
    own = _by_line(decisions, fold.lines)
    waits = [_wait(line, conversation, own.get(line.number, ()), config) for line in fold.lines]
    kind = conversation.kind
    held = [Held(one.agent, one.at, one.until, kind.units, str(kind.channel)) for one in fold.others]
    return waits, held


class _Fold:
    """One mark after the other."""

    def __init__(self, conversation: Conversation, refusals: set[tuple[int, str]]) -> None:
        self.default = conversation.queue
        self.refusals = refusals
        self.heard = {mark.at for mark in conversation.timeline if mark.what is What.HEARD}
        self.lines: list[_Line] = []
        self.others: list[_Had] = []
        self.line: _Line | None = None
        self.having: _Line | _Had | None = None
        self.before: What | None = None

    def became(self, mark: Mark, *, anew: bool = False) -> None:
        """What a mark ends and begins."""
        at, what, of = mark
        line = self.line
        if what is What.WAITING:
            queue = of or self.default
            if line is not None and line.queue == queue and not anew:
                line.over(self._how(at), at)
            else:
                self._leaves(End.MOVED, at)
                self._done(at)
                self.line = _Line(len(self.lines) + 1, at, queue, self.before, at in self.heard)
                self.lines.append(self.line)
        elif what is What.OFFERED and line is not None and of is not None:
            line.over(self._how(at), at)
            line.offered = of, at
        elif what in _HAD or what is What.OFFERED:
            self._has(at, of)
        else:
            gave_up = what is What.RESOLVED and of is None
            self._leaves(End.LEFT if gave_up else End.MOVED, at)
            self._done(at, rests=what is What.RESOLVED)
        self.before = what

    def _has(self, at: int, of: str | None) -> None:
        line = self.line
        if line is not None and of is not None:
            line.over(How.ACCEPTS if line.offered is not None and line.offered[0] == of else How.WITHDRAWN, at)
            line.end, line.ended, line.agent = End.ANSWERED, at, of
            self.having, self.line = line, None
        elif of is not None and (self.having is None or self.having.agent != of):
            self._done(at)
            self.having = _Had(of, at)
            self.others.append(self.having)

    def _leaves(self, end: End, at: int) -> None:
        if self.line is not None:
            self.line.over(How.WITHDRAWN, at)
            self.line.end, self.line.ended, self.line = end, at, None

    def _done(self, at: int, *, rests: bool = False) -> None:
        if isinstance(self.having, _Line):
            self.having.done, self.having.rests = at, rests
        elif self.having is not None:
            self.having.until = at
        self.having = None

    def _how(self, at: int) -> How:
        return next((how for what, how in _REFUSALS.items() if (at, what) in self.refusals), How.WITHDRAWN)


# --- what decisions tell of a wait ---------------------------------------------------------------------------------


def _wait(line: _Line, c: Conversation, own: Sequence[Entry], config: Config) -> Wait:
    rows = [(row, entry.detail) for entry in own if (row := row_of(entry.detail)) is not None]
    given = next((entry.detail for entry in reversed(own) if entry.detail.get("agent") is not None), None)
    why = tuple(given.get("chosen", ())) if given is not None and line.end is End.ANSWERED else ()
    asked = str(given.get("needs", "")) if why and given is not None else ""
    fate = Fate(line.end, line.ended, line.agent, line.done, tuple(line.offers), why, asked)
    id_ = c.id if line.number == 1 else f"{c.id}#{line.number}"
    preferred: str | None = None
    barred: tuple[tuple[str, int], ...] = ()
    if rows:
        row, last = rows[-1]
        kind, pool = kind_of(last["seen"]["kinds"][row[1]]), str(last["pool"])
        preferred, barred = asked_of(rows[0][0])
    else:
        kind, pool = _unseen(line, c, config)
        preferred = c.last_agent if line.end is End.WAITING else None
    said = _said(own) if line.heard and line.after is not What.SNOOZED else None
    return Wait(
        id_, c.id, line.at, kind, pool, fate, preferred, c.sla, c.inbox, said, rests=line.rests, barred=barred
    )  # fmt: skip


def _by_line(decisions: Sequence[Entry], lines: Sequence[_Line]) -> dict[int, list[Entry]]:
    """The decisions of each time in line, by its number: its own row says since when it waited, else the time tells."""
    since = {line.at: line.number for line in lines}
    found: dict[int, list[Entry]] = {}
    for entry in decisions:
        row, at = row_of(entry.detail), to_ms(entry.at)
        number = since.get(row[2]) if row is not None else None
        if number is None:
            number = max((line.number for line in lines if line.at <= at), default=None)
        if number is not None:
            found.setdefault(number, []).append(entry)
    return found


def _unseen(line: _Line, c: Conversation, config: Config) -> tuple[Kind, str]:
    """Its class and pool as the conversation stands, where no decision tells."""
    kind, queue = c.kind, config.queue(line.queue)
    there = Kind(
        line.queue, str(kind.channel), kind.units, kind.priority, kind.target, kind.brand, kind.language, kind.tier, kind.require
    )  # fmt: skip
    return there, queue.pool if queue is not None else c.pool


def _said(own: Sequence[Entry]) -> Said | None:
    """What the rules said when it began, by its first decision that tells; None where there is none."""
    told = (said for entry in own if (said := said_of(entry.detail)) is not None)
    return next(told, Said(str(own[0].detail["config"])) if own else None)


def acts_of(entries: Iterable[Entry], agents: Container[str]) -> list[Act]:
    """What agents did, by a conversation's history."""
    return [Act(entry.who, to_ms(entry.at)) for entry in entries if entry.who in agents]
