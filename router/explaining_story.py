"""A conversation's history as a story: each entry a sentence, with what lies between entries and stands in none of them. Pure.

An entry of an unknown kind, or that cannot be read, gets a plain line, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from router.conversations import Conversation
from router.explaining_handing import ends, left, returned, snooze, taken, transfer, waits
from router.explaining_offers import accept, decision, decline, missed, withdrawn
from router.explaining_reader import Reader
from router.explaining_stages import stage
from router.explaining_telling import UNREADABLE, Line, Telling, Versions
from router.explaining_waits import begin, not_decided_yet, since_then
from router.records import Entry

_GATHERED = ("reply", "note")
_ORDER = {
    "decline": 0,
    "missed": 0,
    "withdrawn": 0,
    "transfer": 0,
    "reopen": 0,
    "not_spam": 0,
    "awake": 0,
    "returned": 0,
    "decision": 1,
    "accept": 2,
}
"""Ids tell no order within a millisecond: there, what puts it into the line comes before what the matcher made of that."""


def story(
    reader: Reader, conversation: Conversation, versions: Versions, entries: Iterable[Entry], now: datetime
) -> list[Line]:
    """The story of these entries up to now, the oldest first."""
    t = Telling(reader, conversation, versions)
    last: Entry | None = None
    row = 0
    for entry in sorted(entries, key=_place):
        if not t.lines:
            begin(t, entry)
        row = row + 1 if last is not None and _in_a_row(last, entry) else 1
        if row > 1:
            _gather(t, entry, row)
        else:
            _tell(t, entry)
        last = entry
    if not t.lines:
        begin(t, None)
    not_decided_yet(t)
    since_then(t, now)
    return sorted(t.lines, key=lambda line: line.at)


def _place(entry: Entry) -> tuple[datetime, int]:
    return entry.at, _ORDER.get(entry.what, 3)


def _in_a_row(last: Entry, entry: Entry) -> bool:
    """Several answers or notes of somebody's in a row are one line."""
    return entry.what in _GATHERED and (last.what, last.who) == (entry.what, entry.who)


def _gather(t: Telling, entry: Entry, n: int) -> None:
    line, who = t.lines[-1], t.reader.who(entry.who)
    line.text = t.reader.say(f"{entry.what}.many", who=who, n=n, time=t.reader.clock(entry.at, line.at))


def _tell(t: Telling, entry: Entry) -> None:
    before, tell = len(t.lines), TELLS.get(entry.what, _plain)
    try:
        tell(t, entry, entry.detail)
    except UNREADABLE:
        del t.lines[before:]
        _plain(t, entry, {})


def _plain(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    key = "unreadable" if entry.what == "decision" else "other"
    t.add(entry, key, who=t.reader.who(str(entry.who)), what=str(entry.what))


# --- what neither waits, is offered nor changes hands -----------------------------------------------------------------------


def _simple(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    t.done(entry)
    if entry.what == "reply" and t.standing == "snoozed":
        t.standing = "held"


def _start(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    t.done(entry)
    t.queue, t.channel = t.of.queue, str(t.of.channel)
    t.standing = "done"  # until the customer answers, or whoever began it does more


def _by_channel(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    t.done(entry, channel=t.reader.channel(detail.get("channel")))


def _promised(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    until = datetime.fromisoformat(detail["until"])
    key = "promise.auto" if entry.who == "auto" else "promise"
    t.done(entry, key, until=t.reader.clock(until, entry.at), what=detail.get("what") or t.reader.say("promise.answer"))


def _score(t: Telling, entry: Entry, _: Mapping[str, Any]) -> None:
    t.done(entry, "scored")


def _tag(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    added, gone = (", ".join(map(str, detail.get(name) or ())) for name in ("add", "remove"))
    key = "tag.both" if added and gone else "tag.remove" if gone else "tag.add"
    t.done(entry, key, tags=added or gone, gone=gone)


def _category(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    to = detail.get("to")
    t.done(entry, "category" if to else "category.none", to=to)


def _merged(t: Telling, entry: Entry, detail: Mapping[str, Any]) -> None:
    here = detail.get("left") != entry.subject
    line = t.add(entry, "merged.here" if here else "merged.away", other=detail.get("conversation"))
    if entry.who == "proof":
        t.detail(line, "joined.proof")
    else:
        t.detail(line, "joined.by", who=t.reader.who(entry.who))
    if not here:
        t.standing = "done"


TELLS: Mapping[str, Callable[[Telling, Entry, Mapping[str, Any]], None]] = {
    "decision": decision,
    "accept": accept,
    "decline": decline,
    "missed": missed,
    "withdrawn": withdrawn,
    "take": taken,
    "assign": taken,
    "transfer": transfer,
    "snooze": snooze,
    "awake": waits,
    "reopen": waits,
    "not_spam": waits,
    "returned": returned,
    "resolve": ends,
    "left": left,
    "spam": ends,
    "block": ends,
    "reply": _simple,
    "note": _simple,
    "resend": _simple,
    "discard": _simple,
    "parted": _simple,
    "start": _start,
    "verification": _by_channel,
    "opted_out": _by_channel,
    "opted_in": _by_channel,
    "warning": stage,
    "breach": stage,
    "reminder": stage,
    "promise": _promised,
    "promise_kept": _simple,
    "promise_taken_back": _simple,
    "score": _score,
    "tag": _tag,
    "category": _category,
    "merged": _merged,
}
"""Every kind of entry that a conversation's history has (a test looks for others)."""
