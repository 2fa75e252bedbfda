"""When campaigns are set off, held against clocks that are looked at every minute."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from router import crons
from router.recurring import (
    TICK,
    Birthday,
    Due,
    Occurrence,
    Once,
    Recurring,
    Schedule,
    Trigger,
    celebrated,
    next_after,
    occurrence_at,
    occurrences,
    schedule,
    zones_due,
)
from router.times import to_ms
from router.zones import names
from tests.kit.amount import times

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NAMES = sorted(names())
ODD = (
    "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Fakaofo", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut",
    "America/Santiago", "America/Havana", "Africa/Casablanca", "Europe/Istanbul", "Asia/Pyongyang", "America/Caracas", "Antarctica/Troll",
    "Asia/Gaza", "Pacific/Chatham", "America/Scoresbysund", "Europe/Dublin",
)  # fmt: skip
ANY_ZONE = st.sampled_from(ODD) | st.sampled_from(NAMES)
CRONS = (
    "*/15 * * * *", "30 2 * * *", "0 0 * * *", "59 23 * * *", "0 9 * * mon-fri", "0 9 L * *", "0 3 29 2 *", "15 1,2,3 * * sun",
    "0 12 30 12 *",
)  # fmt: skip


def ms(text: str, zone: str = "UTC") -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@lru_cache(maxsize=1000)
def changes(zone: str) -> list[int]:
    """The minutes of 2000 to 2040 at which the clock of a zone jumps."""
    at, end, step, found = ms("2000-01-01T00:00"), ms("2040-01-01T00:00"), 7 * DAY, []
    while at < end:
        low, high = at, at + step
        if offset(zone, low) != offset(zone, high):
            while high - low > MINUTE:
                middle = (low + high) // 2 // MINUTE * MINUTE
                low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
            found.append(high)
        at += step
    return found


def offset(zone: str, at: int) -> timedelta | None:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).utcoffset()


@st.composite
def places(draw: st.DrawFn) -> tuple[str, int]:
    """A zone and a minute, most often about a change of its clock."""
    zone = draw(ANY_ZONE)
    jumps = changes(zone)
    if bool(jumps) and draw(st.integers(0, 3)) > 0:
        jump = jumps[draw(st.integers(0, len(jumps) - 1))]
        return zone, jump + draw(st.integers(-2000, 2000)) * MINUTE
    return zone, draw(st.integers(ms("2000-01-03T00:00") // MINUTE, ms("2040-01-01T00:00") // MINUTE)) * MINUTE


def clock(zone: str, start: int, end: int) -> Iterator[tuple[int, datetime]]:
    """Each minute of a stretch, and what the clock shows in it."""
    tz = ZoneInfo(zone)
    for at in range(start, end + 1, MINUTE):
        yield at, datetime.fromtimestamp(at // 1000, UTC).astimezone(tz).replace(tzinfo=None, fold=0)


def first_shown(zone: str, start: int, end: int) -> Iterator[tuple[int, datetime]]:
    """Of those the minutes in which the clock shows something that it has not shown in the two days before."""
    seen: set[datetime] = set()
    for at, shown in clock(zone, start - 2 * DAY, end):
        if shown not in seen and at >= start:
            yield at, shown
        seen.add(shown)


def with_moved(zone: str, start: int, end: int) -> Iterator[tuple[int, datetime]]:
    """As `first_shown`, and what the clock skips, as much later as it was put forward."""
    found = list(first_shown(zone, start, end))
    for (_, before), (at, after) in pairwise(clock(zone, start - DAY - MINUTE, end)):
        skipped = (after - before) // timedelta(minutes=1) - 1
        found += [(at + more * MINUTE, before + timedelta(minutes=1 + more)) for more in range(skipped)]
    return (one for one in sorted(found) if start <= one[0] <= end)


def text_of(shown: datetime) -> str:
    return shown.strftime("%Y-%m-%dT%H:%M")


@given(places(), st.sampled_from(CRONS), st.integers(1, 3 * 1440))
@example(("Pacific/Apia", ms("2011-12-29T10:00")), "0 12 30 12 *", 2880)
@example(("Pacific/Apia", ms("2011-12-29T10:00")), "*/15 * * * *", 2880)
@example(("Europe/Berlin", ms("2026-10-24T22:00")), "*/15 * * * *", 1440)
@settings(max_examples=times(120), deadline=None)
def test_a_cron_comes_when_the_clock_first_shows_it(place: tuple[str, int], cron: str, minutes: int) -> None:
    zone, start = place
    end = start + minutes * MINUTE
    read = crons.read(cron)  # that it means the right minutes of a clock is tests/router/test_crons.py's
    expected = [
        Occurrence(text_of(shown), at)
        for at, shown in first_shown(zone, start + MINUTE, end)
        if read.on(shown.date()) and shown.hour in read.hours and shown.minute in read.minutes
    ]
    assert list(occurrences(Recurring(cron=cron, zone=zone), start, end)) == expected
    assert list(occurrences(Recurring(cron=cron, zone="recipient"), start, end, zone)) == expected


@given(places(), st.integers(0, 23), st.integers(0, 59))
@example(("Pacific/Apia", ms("2011-12-30T10:00")), 9, 0)
@example(("Africa/Cairo", ms("2025-04-24T20:00")), 0, 30)
@settings(max_examples=times(100), deadline=None)
def test_a_birthday_comes_every_day_that_the_calendar_has(place: tuple[str, int], hour: int, minute: int) -> None:
    zone, start = place
    end = start + 2 * DAY
    expected = [
        Occurrence(text_of(shown), at)
        for at, shown in with_moved(zone, start + MINUTE, end)
        if (shown.hour, shown.minute) == (hour, minute)
    ]
    found = list(occurrences(Birthday(birthday=f"{hour:02}:{minute:02}"), start, end, zone))
    assert sorted(found, key=lambda one: one.at) == expected


@given(places(), st.integers(5, 1440))
@settings(max_examples=20, deadline=None)
def test_what_comes_once_comes_once_in_every_zone(place: tuple[str, int], minutes: int) -> None:
    zone, start = place
    for at, shown in list(with_moved(zone, start, start + DAY))[::97]:
        trigger = Once(at=text_of(shown), zone="recipient")
        stretches = pairwise(range(start - MINUTE, start + 3 * DAY, minutes * MINUTE))
        found = [one for after, until in stretches for one in occurrences(trigger, after, until, zone)]
        assert found == [Occurrence(text_of(shown), at)]
        assert next_after(trigger, at - 1, zone) == found[0]
        assert next_after(trigger, at, zone) is None


TRIGGERS = st.one_of(
    st.sampled_from(CRONS).map(lambda cron: Recurring(cron=cron, zone="recipient")),
    st.times().map(lambda one: Birthday(birthday=one.strftime("%H:%M"))),
)


@given(TRIGGERS, places(), st.lists(st.integers(1, 240), min_size=2, max_size=5))
@settings(max_examples=12, deadline=None)
def test_however_often_they_are_looked_for_every_zone_gets_each_time_once(
    trigger: Trigger, place: tuple[str, int], ticks: list[int]
) -> None:
    _, start = place
    looks = [start]
    for minutes in ticks:
        looks.append(looks[-1] + minutes * MINUTE)
    found = [
        (due.zone, due.occurrence) for after, until in pairwise(looks) for due in zones_due(trigger, after, until, DAY)
    ]
    assert len(found) == len(set(found))
    assert sorted(found) == sorted(
        (zone, one) for zone in NAMES for one in occurrences(trigger, looks[0], looks[-1], zone)
    )


def test_a_day_of_quarter_hours_reaches_every_zone_that_python_knows() -> None:
    trigger = Once(at="2026-12-01T10:00", zone="recipient")
    when = schedule(trigger)
    assert when.start is not None
    assert when.end is not None
    found: dict[str, int] = {}
    for until in range(when.start + TICK, when.end + 1, TICK):
        for due in zones_due(trigger, until - TICK, until, 0):
            assert due.zone not in found
            assert due.occurrence.at == until  # on the quarter itself, in no zone later
            found[due.zone] = until
    assert zoneinfo.available_timezones() - set(found) <= {"localtime", "Factory"}
    assert max(found.values()) - min(found.values()) == 26 * HOUR
    assert min(found, key=found.__getitem__) in ("Etc/GMT-14", "Pacific/Kiritimati")
    assert max(found, key=found.__getitem__) == "Etc/GMT+12"


def test_after_an_outage_those_that_came_too_long_ago_are_told_apart() -> None:
    trigger = Recurring(cron="0 9 * * *", zone="recipient")
    after, until = ms("2026-11-23T00:00"), ms("2026-11-23T09:00")
    due = {one.zone: one for one in zones_due(trigger, after, until, 3 * HOUR)}
    assert due["Europe/Istanbul"] == Due(
        "Europe/Istanbul", Occurrence("2026-11-23T09:00", ms("2026-11-23T06:00")), False
    )
    assert due["Asia/Tashkent"].stale
    assert not due["UTC"].stale
    assert "Asia/Tokyo" not in due  # 00:00, which the look before had
    assert "America/New_York" not in due


def test_the_day_that_samoa_skipped() -> None:
    around = ms("2011-12-29T12:00"), ms("2011-12-31T12:00")
    daily = occurrences(Recurring(cron="0 9 * * *", zone="recipient"), *around, "Pacific/Apia")
    assert [one.name for one in daily] == ["2011-12-29T09:00", "2011-12-31T09:00"]
    wishes = list(occurrences(Birthday(birthday="09:00"), *around, "Pacific/Apia"))
    assert [one.name for one in wishes] == ["2011-12-29T09:00", "2011-12-30T09:00", "2011-12-31T09:00"]
    assert wishes[1].at == wishes[2].at == ms("2011-12-31T09:00", "Pacific/Apia")
    assert wishes[1].day == date(2011, 12, 30)


def test_a_repeated_hour_has_one_occurrence_whichever_of_both_scheduler_takes() -> None:
    trigger = Recurring(cron="30 2 * * *", zone="Europe/Berlin")
    first, second = ms("2026-10-25T00:30"), ms("2026-10-25T01:30")
    assert [one.at for one in occurrences(trigger, first - DAY // 2, second + HOUR)] == [first]
    assert occurrence_at(trigger, first) == occurrence_at(trigger, second) == Occurrence("2026-10-25T02:30", first)
    assert occurrence_at(trigger, first + 59_000) is None
    assert occurrence_at(trigger, first - HOUR) is None
    assert list(occurrences(trigger, ms("2026-03-29T00:00"), ms("2026-03-29T12:00"))) == []


def test_a_scheduled_time_of_the_others_is_the_one_it_was_planned_for() -> None:
    once = Once(at="2026-03-29T02:30", zone="Europe/Berlin")
    planned = Occurrence("2026-03-29T02:30", ms("2026-03-29T03:30", "Europe/Berlin"))
    assert occurrence_at(once, planned.at) == next_after(once, 0) == planned
    assert occurrence_at(once, planned.at - HOUR) is None


@pytest.mark.parametrize(
    ("cron", "after", "name"),
    [
        ("0 9 29 2 *", "2096-03-01T00:00", "2104-02-29T09:00"),
        ("0 9 * feb mon#5", "2072-03-01T00:00", "2112-02-29T09:00"),
        ("0 9 * * mon", "2026-11-23T09:00", "2026-11-30T09:00"),
        ("0 9 * * mon", "2026-11-23T08:59", "2026-11-23T09:00"),
    ],
)
def test_the_next_one_is_found_however_far_it_is(cron: str, after: str, name: str) -> None:
    found = next_after(Recurring(cron=cron, zone="Europe/Istanbul"), ms(after, "Europe/Istanbul"))
    assert found == Occurrence(name, ms(name, "Europe/Istanbul"))


@pytest.mark.parametrize("leap", ["02-28", "03-01"])
def test_everybody_has_one_birthday_a_year(leap: str) -> None:
    trigger = TypeAdapter(Birthday).validate_python({"birthday": "10:00", "leap": leap})
    for year in range(1999, 2041):
        days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
        held = [born for day in days if day.year == year for born in celebrated(day, trigger.leap)]
        assert sorted(held) == sorted(
            {(date(2024, 1, 1) + timedelta(days=number)).isoformat()[5:] for number in range(366)}
        )


def test_who_was_born_on_29_february_is_wished_on_28_or_1_march_in_other_years() -> None:
    assert celebrated(date(2027, 2, 28), "02-28") == ("02-28", "02-29")
    assert celebrated(date(2027, 3, 1), "02-28") == ("03-01",)
    assert celebrated(date(2027, 3, 1), "03-01") == ("03-01", "02-29")
    assert celebrated(date(2028, 2, 28), "02-28") == ("02-28",)
    assert celebrated(date(2028, 3, 1), "03-01") == ("03-01",)
    assert celebrated(date(2028, 2, 29), "03-01") == ("02-29",)
    assert celebrated(date(2100, 2, 28), "02-28") == ("02-28", "02-29")


def test_an_occurrences_key_says_version_and_time() -> None:
    assert Occurrence("2026-05-01T09:00", 0).key("winback.7") == "winback.7@2026-05-01T09:00"


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        ({"at": "2026-05-01T09:00", "zone": "Europe/Istanbul"}, Schedule("at(2026-05-01T06:00:00)", "UTC")),
        ({"cron": "0 9 * * mon", "zone": "Europe/Istanbul"}, Schedule("cron(0 9 ? * 2 *)", "Europe/Istanbul")),
        ({"cron": "0 9 * * mon", "zone": "recipient"}, Schedule("cron(0,15,30,45 * * * ? *)", "UTC")),
        ({"birthday": "10:00"}, Schedule("cron(0,15,30,45 * * * ? *)", "UTC")),
        (
            {"at": "2026-05-01T09:00", "zone": "recipient"},
            Schedule("cron(0,15,30,45 * * * ? *)", "UTC", ms("2026-04-30T09:00"), ms("2026-05-03T09:00")),
        ),
    ],
)
def test_each_trigger_is_one_schedule(trigger: dict[str, str], expected: Schedule) -> None:
    assert schedule(TypeAdapter[Trigger](Trigger).validate_python(trigger)) == expected


@pytest.mark.parametrize(
    ("trigger", "says"),
    [
        ({"cron": "0 9 31 2 *", "zone": "UTC"}, "never comes"),
        ({"cron": "0 9 * * *", "zone": "Europe/Istambul"}, "there is no time zone 'Europe/Istambul'"),
        ({"cron": "0 9 * * *", "zone": "europe/istanbul"}, "there is no time zone 'europe/istanbul'"),
        ({"cron": "0 9 * * *", "zone": "../etc/passwd"}, "there is no time zone"),
        ({"cron": "0 9 * * *", "zone": "Europe"}, "there is no time zone"),
        ({"at": "2026-02-29T09:00", "zone": "UTC"}, "day"),
        ({"at": "2026-02-28", "zone": "UTC"}, "pattern"),
        ({"birthday": "25:00"}, "pattern"),
    ],
)
def test_a_trigger_that_cannot_be_is_refused_with_the_reason(trigger: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TypeAdapter[Trigger](Trigger).validate_python(trigger)


def test_each_recipients_own_time_asks_for_the_zone() -> None:
    with pytest.raises(ValueError, match="no recipient's zone is given"):
        next_after(Birthday(birthday="10:00"), 0)
    with pytest.raises(ValueError, match="there is no time zone 'Mars/Base'"):
        next_after(Birthday(birthday="10:00"), 0, "Mars/Base")
