"""Opening hours, held against a clock that is looked at every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from router.hours import DAYS, Hours

OFFICE = Hours(
    name="office",
    zone="Europe/Istanbul",
    open={"mon-fri": ("09:00-12:30", "13:30-18:00"), "sat": ("10:00-14:00",)},
    closed=("2026-10-29",),
)
ZONES = ("UTC", "Europe/Istanbul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02T05:59:59", False),  # Monday, 08:59:59 in Istanbul
        ("2026-03-02T06:00", True),
        ("2026-03-02T09:30", False),  # lunch
        ("2026-03-02T10:30", True),
        ("2026-03-02T15:00", False),
        ("2026-03-07T07:00", True),  # Saturday
        ("2026-03-08T07:00", False),
        ("2026-10-29T07:00", False),  # a closed Thursday
    ],
)
def test_it_is_open_by_the_clock_of_its_zone(at: str, is_open: bool) -> None:
    assert OFFICE.is_open(utc(at)) is is_open


def test_on_friday_evening_the_next_opening_is_the_next_that_is_not_closed() -> None:
    friday = utc("2026-03-06T17:00")
    found = OFFICE.opens(friday)
    assert found is not None
    assert found.astimezone(ZoneInfo("Europe/Istanbul")).strftime("%A %H:%M") == "Saturday 10:00"
    assert OFFICE.opens(utc("2026-10-28T16:00")) == utc("2026-10-30T06:00"), "the day in between is closed"


def test_who_is_open_opens_now() -> None:
    at = utc("2026-03-02T06:10:20")
    assert OFFICE.opens(at) == at


def test_what_is_closed_for_a_year_does_not_open() -> None:
    days = tuple((date(2026, 3, 1) + timedelta(days=n)).isoformat() for n in range(400))
    assert OFFICE.model_copy(update={"closed": days}).opens(utc("2026-03-02T06:00")) is None


@pytest.mark.parametrize(
    ("opened", "at", "opens"),
    [
        ("02:30-04:00", "2026-03-29T00:00", "2026-03-29T01:00"),  # Berlin skips 02:00 to 03:00: open from 03:00 on
        ("02:10-02:50", "2026-03-29T00:00", "2026-04-05T00:10"),  # all of it is skipped: the Sunday after
        ("02:15-02:30", "2026-10-25T00:40", "2026-10-25T01:15"),  # 02:40 the first time; the second 02:15
        ("01:30-02:30", "2026-10-25T00:45", "2026-10-25T01:00"),  # at 03:00 it is 02:00 once more
    ],
)
def test_it_is_right_when_the_clocks_change(opened: str, at: str, opens: str) -> None:
    berlin = Hours(name="b", zone="Europe/Berlin", open={"sun": (opened,)})
    assert berlin.opens(utc(at)) == utc(opens)


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        cuts = sorted(draw(st.sets(st.integers(0, 24 * 4), min_size=2, max_size=6)))
        pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
        found[day] = tuple(f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}" for a, b in pairs)
    return found


def day_of(year: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, 354 * 86_400).map(lambda n: datetime(year, 1, 1, tzinfo=UTC) + timedelta(seconds=n))


# Near changes of clocks as often as anywhere else: Berlin, New York and Lord Howe (half an hour) in 2026.
CHANGES = (
    "2026-03-29T00:00",
    "2026-10-25T00:00",
    "2026-03-08T06:00",
    "2026-11-01T05:00",
    "2026-04-04T14:00",
    "2026-10-03T15:00",
)
MOMENTS = day_of(2026) | st.tuples(st.sampled_from(CHANGES), st.integers(-1440, 300)).map(
    lambda it: utc(it[0]) + timedelta(minutes=it[1])
)


@settings(deadline=None, max_examples=150)
@given(weeks(), st.sampled_from(ZONES), MOMENTS, st.sets(st.integers(0, 6)))
def test_the_next_opening_is_the_first_open_minute(
    opened: dict[str, tuple[str, ...]], zone: str, at: datetime, closed: set[int]
) -> None:
    days = tuple((at.date() + timedelta(days=n)).isoformat() for n in sorted(closed))
    hours = Hours(name="h", zone=zone, open=opened, closed=days)
    found = hours.opens(at)
    assert found is not None
    assert hours.is_open(found)
    assert found >= at
    minute = at.replace(second=0)
    for _ in range(60 * 24 * 3):
        minute += timedelta(minutes=1)
        if minute >= found:
            break
        assert not hours.is_open(minute), f"{minute} is open, and {found} was said"


@given(weeks(), st.sampled_from(ZONES), MOMENTS)
def test_whether_it_is_open_does_not_depend_on_how_the_time_is_written(
    opened: dict[str, tuple[str, ...]], zone: str, at: datetime
) -> None:
    hours = Hours(name="h", zone=zone, open=opened)
    assert hours.is_open(at) is hours.is_open(at.astimezone(tz=None))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"zone": "../etc/passwd"}, "no time zone"),
        ({"open": {"monday": ("09:00-18:00",)}}, "'monday' is no day"),
        ({"open": {"fri-mon": ("09:00-18:00",)}}, "'fri-mon' is no day"),
        ({"open": {"mon": ("9-18",)}}, "'9-18' is no interval"),
        ({"open": {"mon": ("22:00-02:00",)}}, "ends before it begins"),
        ({"open": {"mon": ("09:00-13:00", "12:00-18:00")}}, "two intervals of mon overlap"),
        ({"open": {"mon-fri": ("09:00-18:00",), "tue": ("10:00-11:00",)}}, "two intervals of tue overlap"),
        ({"open": {"mon": ()}}, "no interval in the week"),
        ({"closed": ("2026-02-30",)}, "closed"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, object], says: str) -> None:
    right = {"name": "h", "zone": "Europe/Istanbul", "open": {"mon": ("09:00-18:00",)}}
    with pytest.raises(ValidationError, match=says):
        Hours.model_validate(right | wrong)
