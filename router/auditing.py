"""The audit: who did what, on a day or to one thing, by whom and what."""

from __future__ import annotations

import re
from datetime import date

from router.care_views import AuditPage, AuditView
from router.errors import Invalid
from router.exchange import Exchange
from router.records import Entry

READS = 10
"""Pages of 100 that one call reads at most; then it says where to go on."""


def audit(
    x: Exchange,
    *,
    day: str | None,
    who: str | None,
    what: str | None,
    subject: str | None,
    cursor: str | None,
    limit: int,
) -> AuditPage:
    """A day's entries, or with a subject all of that one's, oldest first; of these, who's and what. Raises Invalid."""
    if day is None and subject is None:
        day = f"{x.now():%Y-%m-%d}"
    if day is not None:
        _check(day)
    if cursor is not None and not re.fullmatch(r"\d{13}#\S{1,200}", cursor):
        raise Invalid("this cursor is not one of ours", field="cursor")
    found: list[Entry] = []
    for _ in range(READS):
        entries, marks, more = _page(x, day, subject, cursor)
        for entry, mark in zip(entries, marks, strict=True):
            cursor = mark
            if _fits(entry, day, who, what):
                found.append(entry)
            if len(found) == limit:
                return _shown(found, cursor)
        if not more:
            return _shown(found, None)
    return _shown(found, cursor)


def _page(x: Exchange, day: str | None, subject: str | None, after: str | None) -> tuple[list[Entry], list[str], bool]:
    if subject is not None:
        entries = x.table.history_of(subject, after=after)
        return entries, [entry.mark for entry in entries], len(entries) == 100
    entries, following = x.table.audit(day or "", after=after)
    return entries, [entry.mark for entry in entries], following is not None


def _fits(entry: Entry, day: str | None, who: str | None, what: str | None) -> bool:
    if entry.what == "decision" or (day is not None and f"{entry.at:%Y-%m-%d}" != day):
        return False
    return who in (None, entry.who) and what in (None, entry.what)


def _check(day: str) -> None:
    try:
        if date.fromisoformat(day).isoformat() == day:
            return
    except ValueError:
        pass
    raise Invalid("a day is YYYY-MM-DD", field="day")


def _shown(entries: list[Entry], mark: str | None) -> AuditPage:
    views = tuple(AuditView(at=e.at, who=e.who, what=e.what, subject=e.subject, detail=dict(e.detail)) for e in entries)
    return AuditPage(entries=views, next=mark)
