"""One person's slots: what has left and what is planned, and who gets the next one, whatever the order of processing.

Slots go by rank: importance, then the time a message was first due, then its id. Whoever asks for one is refused it while what has left
and every planned message of higher rank, each on the first day on which it fits, would fill a cap with it. So a lesser message never
takes what a scheduled greater one needs; what has left is a fact, and stays one.

How the store keeps it (the contract of the wiring):

* One row a person, with a version: the ledger. It is read consistently together with the other facts, just before each send.
* Planning writes `planned(...)`; a Hold writes `planned(...)` at its new time; a Drop or a cancelled campaign writes `without(...)`.
* Sending writes what `claim(...)` gave, **in one transaction** with the record of the attempt and before the provider is called.
* Every write has the condition that the version is the one that was read, and makes it one more; the first that the row does not exist.
  When the condition fails nothing has happened: read again, judge again. Of two that saw the last slot free one is written, so a cap
  holds by the condition and not by who runs when.
* A claim that comes twice finds its own slot and gets it again: whether the attempt goes on is for the send's record to say.
* Where `planned`, `without` or `claim` give back the very ledger they were given, there is nothing to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from router.candidates import Candidate, Caps, Drop, Hold, Reason
from router.purposes import Purpose
from router.times import to_ms

RETRY = 15 * 60_000
"""A message that waits for a greater one whose time has come is judged again after this, in milliseconds."""
_WEEK = 7
_KEPT = _WEEK + 2
"""Local days that a message which has left is remembered: a window, and the date line for those who travel."""
_EPOCH = date(1970, 1, 1).toordinal()


class Slot(NamedTuple):
    """A message of one person: planned for `at`, or gone then. Times are milliseconds since 1970.

    `day` is the recipient's local day of `at`, in days since 1970; of what has left it is a fact, whatever their zone is later.
    """

    send: str
    campaign: str
    purpose: str
    importance: int
    triggered: bool
    due: int
    at: int
    day: int
    until: int
    sent: bool

    @property
    def rank(self) -> tuple[int, int, str]:
        """What goes first has the least: importance, time, and for ties the id."""
        return -self.importance, self.due, self.send


@dataclass(frozen=True, slots=True)
class Ledger:
    """All slots of one person that a cap still counts. `version` is that of the row they were read from; 0 where there is none."""

    version: int = 0
    slots: tuple[Slot, ...] = ()

    def find(self, send: str) -> Slot | None:
        """The slot of one message."""
        return next((slot for slot in self.slots if slot.send == send), None)

    def rows(self) -> list[list[Any]]:
        """As it is kept."""
        return [list(slot) for slot in self.slots]


EMPTY = Ledger()


def ledger_of(version: int, rows: Iterable[Sequence[Any]]) -> Ledger:
    """A ledger from what was kept; the inverse of `rows`."""
    return Ledger(
        version,
        tuple(
            Slot(send, campaign, purpose, int(importance), bool(triggered), int(due), int(at), int(day), int(until), bool(sent))
            for send, campaign, purpose, importance, triggered, due, at, day, until, sent in rows
        ),
    )  # fmt: skip


def planned(ledger: Ledger, candidate: Candidate, caps: Caps | None, at: int, zone: tzinfo, now: int) -> Ledger:
    """With the candidate planned for `at`, or moved there. What no cap counts, what is held out and what has left stays as it is.

    Plan only what would leave: what is judged a Drop now, or would be held until later, would keep a slot from others for nothing.
    """
    known = ledger.find(candidate.send)
    if caps is None or candidate.held_out is not None or (known is not None and known.sent):
        return ledger
    slot = _slot(candidate, at, zone, sent=False)
    return ledger if slot == known else _with(ledger, slot, zone, now)


def without(ledger: Ledger, send: str) -> Ledger:
    """Without what was planned and will not leave. What has left is never taken back."""
    known = ledger.find(send)
    if known is None or known.sent:
        return ledger
    return replace(ledger, slots=tuple(slot for slot in ledger.slots if slot is not known))


def released(ledger: Ledger, send: str) -> Ledger:
    """Without what was claimed, and surely did not leave after all."""
    kept = tuple(slot for slot in ledger.slots if slot.send != send)
    return ledger if len(kept) == len(ledger.slots) else replace(ledger, slots=kept)


def moved(ledger: Ledger, candidate: Candidate, caps: Caps | None, zone: tzinfo, now: int) -> Ledger | Hold | Drop:
    """What was claimed on another day and has not left yet leaves on this one, if there is a slot; it stays as it is on the same day."""
    known = ledger.find(candidate.send)
    if caps is None or known is None or not known.sent or known.day == local_day(now, zone):
        return ledger
    return claim(released(ledger, candidate.send), candidate, caps, zone, now)


def claim(ledger: Ledger, candidate: Candidate, caps: Caps | None, zone: tzinfo, now: int) -> Ledger | Hold | Drop:
    """The ledger in which the candidate has its slot and leaves now; or why it gets none. The module says how it is written."""
    known = ledger.find(candidate.send)
    if caps is None or (known is not None and known.sent):
        return ledger
    refusal = refused(ledger, candidate, caps, zone, now)
    return _with(ledger, _slot(candidate, now, zone, sent=True), zone, now) if refusal is None else refusal


def refused(ledger: Ledger, candidate: Candidate, caps: Caps | None, zone: tzinfo, now: int) -> Hold | Drop | None:
    """Why the candidate may not have a slot now; None when it may, or has it already.

    It is held until a day on which what has left leaves room, at its own time of that day; where only planned messages are in its way,
    until the first of them has had its turn. It is dropped when no such time comes before it is stale.
    """
    known = ledger.find(candidate.send)
    if caps is None or (known is not None and known.sent):
        return None
    if caps.hopeless(triggered=candidate.triggered):
        return Drop(Reason("cap.closed", {"purpose": str(candidate.purpose)}))
    today, triggered = local_day(now, zone), candidate.triggered
    left = [
        slot
        for slot in ledger.slots
        if slot.sent and slot.purpose == candidate.purpose and abs(slot.day - today) <= _KEPT
    ]
    taken = [*left, *_greater(ledger, candidate, left, caps, zone, now, today)]
    full = _full(taken, today, caps, triggered=triggered)
    if full is None:
        return None
    reason = _reason(full, taken, candidate.purpose)
    last = candidate.stale_at - 1
    end = local_day(last, zone)
    day = _first(left, today, end, caps, triggered=triggered)
    if day is None or now >= last:  # for the reason of its last day: then it is the same whenever that is found out
        at_last = _full(taken, end, caps, triggered=triggered) or full
        return Drop(_reason(at_last, taken, candidate.purpose))
    if day == today:
        turn = min(slot.at for slot in taken if not slot.sent and abs(slot.day - today) < _WEEK)
    else:
        turn = _same_time(candidate.due, day, zone)
    return Hold(min(max(turn, now + RETRY), last), reason)


def before(ledger: Ledger, candidate: Candidate) -> Ledger:
    """With what would have gone before the candidate if it were not held out: a lesser one that has the slot has it only for that.

    So who is held out is known by their holdout, whichever was looked at first, and a holdout is as large as it is said to be.
    """
    rank = (-candidate.importance, candidate.due, candidate.send)
    kept = tuple(
        slot
        for slot in ledger.slots
        if slot.rank < rank or (slot.sent and slot.at < candidate.due and not candidate.foreseen)
    )
    return ledger if len(kept) == len(ledger.slots) else replace(ledger, slots=kept)


def local_day(at: int, zone: tzinfo) -> int:
    """The date there at an instant, in days since 1970."""
    return datetime.fromtimestamp(at / 1000, zone).toordinal() - _EPOCH


class _Full(NamedTuple):
    """A cap that has no slot left in some days."""

    window: str
    most: int
    reserve: int  # where what is left is for messages set off by events; else 0
    first: int
    days: int


def _greater(
    ledger: Ledger, candidate: Candidate, left: list[Slot], caps: Caps, zone: tzinfo, now: int, today: int
) -> list[Slot]:
    """What is planned and goes before the candidate, each on the first day on which it fits; without those that fit on none."""
    rank = (-candidate.importance, candidate.due, candidate.send)
    waiting = [
        slot
        for slot in ledger.slots
        if not slot.sent and slot.purpose == candidate.purpose and slot.until > now and slot.rank < rank
    ]
    taken, placed = list(left), []
    for slot in sorted(waiting, key=_rank):
        start, end = max(slot.day, today), local_day(slot.until - 1, zone)
        day = _first(taken, start, end, caps, triggered=slot.triggered)
        if day is not None:
            placed.append(slot._replace(day=day))
            taken.append(placed[-1])
    return placed


def _rank(slot: Slot) -> tuple[int, int, str]:
    return slot.rank


def _first(taken: list[Slot], start: int, end: int, caps: Caps, *, triggered: bool) -> int | None:
    """The first of these days with a slot left."""
    if caps.hopeless(triggered=triggered):
        return None
    return next((day for day in range(start, end + 1) if _full(taken, day, caps, triggered=triggered) is None), None)


def _full(taken: list[Slot], day: int, caps: Caps, *, triggered: bool) -> _Full | None:
    """The cap that one more message on that day would break; None when there is a slot.

    What is kept for events is asked of first: whether these have left by then changes nothing of it, so the reason is the same in
    whatever order messages are processed.
    """
    near = [slot for slot in taken if -_WEEK < slot.day - day < _WEEK]
    if not near:
        return None
    every, scheduled = [0] * (2 * _WEEK), [0] * (2 * _WEEK)  # of each day, from a week before on
    for slot in near:
        every[slot.day - day + _WEEK] += 1
        scheduled[slot.day - day + _WEEK] += not slot.triggered
    windows = tuple(caps.windows())
    for window, days, cap in windows if not triggered else ():
        start = _filled(scheduled, days, cap.most - cap.reserve) if cap.reserve else None
        if start is not None:
            return _Full(window, cap.most, cap.reserve, day + start, days)
    for window, days, cap in windows:
        start = _filled(every, days, cap.most)
        if start is not None:
            return _Full(window, cap.most, 0, day + start, days)
    return None


def _filled(counts: list[int], days: int, most: int) -> int | None:
    """The first day, counted from the one that is asked about, from which on so many days in a row hold that many."""
    starts = range(_WEEK - days + 1, _WEEK + 1)
    return next((start - _WEEK for start in starts if sum(counts[start : start + days]) >= most), None)


def _reason(full: _Full, taken: list[Slot], purpose: Purpose) -> Reason:
    inside = {slot.campaign for slot in taken if 0 <= slot.day - full.first < full.days}
    values: dict[str, str | int] = {"purpose": str(purpose), "most": full.most, "campaigns": ", ".join(sorted(inside))}
    if full.reserve:
        return Reason(f"cap.{full.window}.reserve", {**values, "reserve": full.reserve})
    return Reason(f"cap.{full.window}", values)


def _slot(candidate: Candidate, at: int, zone: tzinfo, *, sent: bool) -> Slot:
    return Slot(
        candidate.send,
        candidate.campaign,
        str(candidate.purpose),
        candidate.importance,
        candidate.triggered,
        candidate.due,
        at,
        local_day(at, zone),
        candidate.stale_at,
        sent,
    )


def _with(ledger: Ledger, slot: Slot, zone: tzinfo, now: int) -> Ledger:
    """With this slot in place of its message's other, and without what no window reaches any more."""
    oldest = local_day(now, zone) - _KEPT
    kept = (
        other
        for other in ledger.slots
        if other.send != slot.send and (other.day >= oldest if other.sent else other.until > now)
    )
    return replace(ledger, slots=(*kept, slot))


def _same_time(at: int, day: int, zone: tzinfo) -> int:
    """The instant on another local day at which clocks show what they show at this one; the first of two, and after a gap the later."""
    shown = datetime.fromtimestamp(at / 1000, zone).replace(fold=0)
    return to_ms(shown + timedelta(days=day + _EPOCH - shown.toordinal()))
