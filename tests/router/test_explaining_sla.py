"""Deadlines taken apart: the parts add up, what is told of them is what was counted, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.business import business
from router.calendars import DAYS, Calendar, Holiday
from router.clocks import BREACH
from router.config import Config
from router.explaining_reader import Reader
from router.explaining_sla import Account, accounts
from router.explaining_times import Times
from router.sla import Clock, counted
from router.targets import Sla, Target, Terms, plain_terms, terms_of
from router.timeline import Mark, Timeline, What
from router.times import from_ms, to_ms
from tests.kit import amount

ZONE = ZoneInfo("Europe/Istanbul")
MINUTE, HOUR = 60_000, 3_600_000
OFFICE = Calendar(
    name="ofis",
    zone="Europe/Istanbul",
    open={"mon-fri": ("09:00-12:30", "13:30-18:00")},
    found=(Holiday(date="2026-03-05", name="Bayram"), Holiday(date="2026-03-06", name="Bayram")),
    days=({"date": "2026-03-09", "open": ("09:00-12:30",), "name": "half a day"},),
)


def terms(calendar: Calendar = OFFICE, **policy: Any) -> Terms:
    written = {"name": "standart", "calendar": calendar.name} | (policy or {"resolution": "40h"})
    return terms_of(Sla.model_validate(written), business(calendar), None, "email")


def ms(text: str, zone: ZoneInfo = ZONE) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=zone))


def line(*marks: tuple[str, What]) -> Timeline:
    timeline = Timeline()
    for at, what in marks:
        timeline = timeline.became(what, ms(at)) if what.state else timeline.wrote(what, ms(at), "ayse")
    return timeline


def told(account: Account) -> list[tuple[str, str, str, float, int]]:
    """Each part: what it is, its days and hours as they begin and end, how many hours, and how many days."""
    return [
        (one.kind, f"{from_ms(one.start).astimezone(ZONE):%a %d %H:%M}", f"{from_ms(one.end).astimezone(ZONE):%a %d %H:%M}",
         one.amount / HOUR, one.days)
        for one in account.parts
    ]  # fmt: skip


def the(
    target: Target, timeline: Timeline, under: Terms, now: str = "2026-03-02T11:00", clocks: tuple[Clock, ...] = ()
) -> Account:
    (found,) = (
        one for one in accounts(timeline, under, clocks, ZONE, ms(now)) if one.run.target is target and one.latest
    )
    return found


BEGUN = (("2026-03-02T10:00", What.HEARD), ("2026-03-02T10:00", What.WAITING))
PAUSED = (
    *BEGUN,
    ("2026-03-02T11:00", What.ACTIVE),
    ("2026-03-02T11:30", What.ANSWERED),
    ("2026-03-02T11:30", What.PENDING),
)


def test_days_with_the_same_hours_are_one_part_and_holidays_and_pauses_stand_between_them() -> None:
    back = line(*PAUSED, ("2026-03-03T10:00", What.HEARD), ("2026-03-03T10:00", What.ACTIVE))
    account = the(Target.RESOLUTION, back, terms(resolution="54h"))
    assert told(account) == [
        ("counted", "Mon 02 10:00", "Mon 02 11:30", 1.5, 1),
        ("pause", "Mon 02 11:30", "Tue 03 10:00", 6.5, 1),
        ("counted", "Tue 03 10:00", "Tue 03 18:00", 7.0, 1),
        ("counted", "Wed 04 09:00", "Wed 04 18:00", 8.0, 1),
        ("holiday", "Thu 05 09:00", "Fri 06 18:00", 16.0, 2),
        ("counted", "Mon 09 09:00", "Mon 09 12:30", 3.5, 1),
        ("holiday", "Mon 09 13:30", "Mon 09 18:00", 4.5, 1),
        ("counted", "Tue 10 09:00", "Fri 13 18:00", 32.0, 4),
        ("counted", "Mon 16 09:00", "Mon 16 11:00", 2.0, 1),
    ]
    assert sum(part.amount for part in account.parts if part.kind == "counted") == account.amount == 54 * HOUR


@pytest.mark.parametrize(
    ("marks", "now", "standing", "why", "late"),
    [
        (BEGUN, "2026-03-02T10:30", "running", None, False),
        (BEGUN, "2026-03-02T12:45", "paused", "closed", False),
        (PAUSED, "2026-03-02T12:45", "paused", "pending", False),
        (BEGUN, "2026-03-03T12:00", "breached", None, True),
        ((*BEGUN, ("2026-03-02T11:00", What.RESOLVED)), "2026-03-03T12:00", "met", None, False),
        ((*BEGUN, ("2026-03-03T11:00", What.RESOLVED)), "2026-03-03T12:00", "missed", None, True),
        ((*BEGUN, ("2026-03-02T11:00", What.CLOSED)), "2026-03-03T12:00", "cancelled", None, False),
    ],
)  # fmt: skip
def test_how_a_clock_stands(marks: Any, now: str, standing: str, why: str | None, late: bool) -> None:
    account = the(Target.RESOLUTION, line(*marks), terms(resolution="4h"), now)
    assert (account.standing, account.why, account.late) == (standing, why, late)


def test_it_says_by_which_marks_it_began_and_ended() -> None:
    account = the(Target.FIRST_RESPONSE, line(*PAUSED), terms(first_response=60))
    assert (account.started_by, account.ended_by) == (
        Mark(ms("2026-03-02T10:00"), What.HEARD, "ayse"), Mark(ms("2026-03-02T11:30"), What.ANSWERED, "ayse")
    )  # fmt: skip
    assert account.used == 90 * MINUTE
    accept = the(Target.ACCEPT, line(*PAUSED), terms(accept="30s wall clock"))
    assert accept.started_by is not None
    assert accept.ended_by is not None
    assert (accept.started_by.what, accept.ended_by.what) == (What.WAITING, What.ACTIVE)


def test_a_policy_that_changes_during_a_pause_keeps_it_and_what_was_said_before_is_told() -> None:
    before, after = terms(resolution="4h"), terms(resolution="8h")
    back = line(*PAUSED, ("2026-03-02T14:30", What.HEARD), ("2026-03-02T14:30", What.ACTIVE))
    was = the(Target.RESOLUTION, back, before, "2026-03-02T15:00", counted(back, before))
    assert was.was_due is None
    now = the(Target.RESOLUTION, back, after, "2026-03-02T15:00", counted(back, before))
    assert now.was_due == was.sum.due == ms("2026-03-02T17:00")
    assert [part for part in now.parts if part.kind == "pause"] == [part for part in was.parts if part.kind == "pause"]
    assert now.sum.due == ms("2026-03-03T12:00")


def test_a_stage_that_was_acted_on_is_told_apart_from_those_to_come() -> None:
    begun = line(*BEGUN)
    (clock,) = counted(begun, terms(resolution="4h"))
    account = the(Target.RESOLUTION, begun, terms(resolution="4h"), "2026-03-02T15:00", (replace(clock, acted=75),))
    assert [(stage.number, acted) for stage, acted in account.stages] == [(75, True), (90, False), (BREACH, False)]
    ended = line(*BEGUN, ("2026-03-02T15:00", What.RESOLVED))
    over = the(Target.RESOLUTION, ended, terms(resolution="4h"), "2026-03-02T15:00", (replace(clock, acted=75),))
    assert [stage.number for stage, _ in over.stages] == [75]


def test_a_queue_without_a_policy_counts_all_time_in_one_interval() -> None:
    account = the(Target.FIRST_RESPONSE, line(*BEGUN), plain_terms(3 * 86_400))
    assert told(account) == [("counted", "Mon 02 10:00", "Thu 05 10:00", 72.0, 1)]


# --- by properties ---------------------------------------------------------------------------------------------------

_HAPPENS = (What.HEARD, What.ANSWERED, What.ACTIVE, What.PENDING, What.SNOOZED, What.RESOLVED)
ZONES = ("Europe/Istanbul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
SPANS = (("09:00-17:00",), ("08:00-12:30", "13:30-18:00"), ("00:00-24:00",), ("00:00-02:30", "22:00-24:00"))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Timeline, Terms, ZoneInfo, int]:
    """A conversation that is answered and paused now and then, around a change of clocks, under some policy."""
    zone = draw(st.sampled_from(ZONES))
    open_days = draw(st.dictionaries(st.sampled_from(DAYS), st.sampled_from(SPANS), min_size=1))
    start = ms(f"2026-{draw(st.sampled_from(('03', '10')))}-20T00:00", ZoneInfo(zone))
    holidays = [
        Holiday(date=(date(2026, 3, 20) + timedelta(days=day)).isoformat(), name=draw(st.sampled_from(("a", "b"))))
        for day in sorted(draw(st.sets(st.integers(0, 20), max_size=4)))
    ]
    calendar = Calendar(name="c", zone=zone, open=open_days, found=tuple(holidays))
    at, timeline = start, Timeline().wrote(What.HEARD, start).became(What.WAITING, start)
    for what in draw(st.lists(st.sampled_from(_HAPPENS), max_size=8)):
        at += draw(st.integers(1, 3 * 24 * 60)) * MINUTE
        timeline = timeline.became(what, at) if what.state else timeline.wrote(what, at)
    policy = {"resolution": draw(st.integers(1, 60 * 60)), "first_response": "end of day", "accept": "90m wall clock"}
    return timeline, terms(calendar, **policy), ZoneInfo(zone), at + draw(st.integers(0, 10_000)) * MINUTE


@given(cases())
@settings(max_examples=amount.times(150), deadline=None)
def test_what_is_counted_adds_up_to_what_was_promised_lies_outside_what_is_not_and_ends_when_it_is_due(
    case: tuple[Timeline, Terms, ZoneInfo, int],
) -> None:
    timeline, under, zone, now = case
    for account in accounts(timeline, under, (), zone, now):
        intervals, skipped = account.sum.counted, [(one.start, one.end) for one in account.sum.skipped]
        total = sum(end - start for start, end in intervals)
        if account.sum.due is not None:
            assert total == account.amount
            assert not intervals or intervals[-1][1] == account.sum.due
        else:
            assert account.amount is None or total < account.amount
        for one, other in pairwise(sorted([*intervals, *skipped])):
            assert one[1] <= other[0]
        parts = [part for part in account.parts if part.kind == "counted"]
        assert sorted(span for part in parts for span in part.spans) == sorted(intervals)
        assert sum(part.amount for part in parts) == total
        assert all(len(part.spans) % part.days == 0 and part.amount % part.days == 0 for part in parts)
        assert [part.start for part in account.parts] == sorted(part.start for part in account.parts)
        assert account.used <= total or account.late


# --- in words --------------------------------------------------------------------------------------------------------


def times(language: str, zone: str = "Europe/Istanbul") -> Times:
    return Times(Reader(language, zone, Config(), names=True))


@pytest.mark.parametrize(
    ("seconds", "english", "turkish"),
    [
        (0, "0 minutes", "0 dakika"),
        (1, "1 second", "1 saniye"),
        (3600, "1 hour", "1 saat"),
        (40 * 3600, "40 hours", "40 saat"),
        (89 * 3600 + 40 * 60, "89 hours 40 minutes", "89 saat 40 dakika"),
        (3599.6, "1 hour", "1 saat"),
    ],
)
def test_a_length_is_told_in_hours_and_not_in_days(seconds: float, english: str, turkish: str) -> None:
    assert (times("en").length(round(seconds * 1000)), times("tr").length(round(seconds * 1000))) == (english, turkish)


def test_a_change_of_clocks_within_an_interval_is_named_and_an_hour_that_is_there_twice_is_told_apart() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    start, end = ms("2026-10-24T22:00", berlin), ms("2026-10-25T04:00", berlin)
    assert times("en", "Europe/Berlin").between(start, end) == (
        "Saturday 24 October 22:00 – Sunday 25 October 04:00; the clocks went back by 1 hour"
    )
    assert times("tr", "Europe/Berlin").between(start, end) == (
        "24 Ekim Cumartesi 22:00 – 25 Ekim Pazar 04:00; saatler geri alındı (1 saat)"
    )
    first = ms("2026-10-25T02:30", berlin)
    assert times("en", "Europe/Berlin").hours([(first, first + HOUR)]) == "02:30 (UTC+02:00)–02:30 (UTC+01:00)"
    spring = ms("2026-03-29T01:00", berlin)
    assert times("en", "Europe/Berlin").between(spring, spring + HOUR) == (
        "Sunday 29 March, 01:00–03:00; the clocks went forward by 1 hour"
    )


def test_a_day_that_ends_at_midnight_ends_at_24() -> None:
    assert times("en").hours([(ms("2026-03-02T22:00"), ms("2026-03-03T00:00"))]) == "22:00–24:00"
