"""Business time, held against a clock that is looked at every minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from router.business import LOOK_AHEAD, WALL_CLOCK, Business, Pause, Sum, business, deadline, merged, used
from router.calendars import DAYS, Calendar, Holiday
from router.times import from_ms, to_ms
from tests.kit.amount import times

MINUTE = 60_000
ZONES = (
    "UTC", "Europe/Istanbul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo",
)  # fmt: skip
OFFICE = Calendar(
    name="office",
    zone="Europe/Istanbul",
    open={"mon-fri": ("09:00-12:30", "13:30-18:00"), "sat": ("10:00-14:00",)},
    closed=("2026-10-29",),
)
OPEN = business(OFFICE)


def ms(text: str, zone: str = "Europe/Istanbul") -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def clock(at: int | None) -> str:
    assert at is not None
    return from_ms(at).astimezone(ZoneInfo("Europe/Istanbul")).strftime("%a %d %b %H:%M")


# --- by hand -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02T08:59:59", False),  # a Monday
        ("2026-03-02T09:00", True),
        ("2026-03-02T12:30", False),
        ("2026-03-02T13:30", True),
        ("2026-03-02T18:00", False),
        ("2026-03-07T10:00", True),  # Saturday
        ("2026-03-08T10:00", False),
        ("2026-10-29T10:00", False),  # a closed Thursday
    ],
)
def test_it_is_open_by_the_clock_of_its_zone(at: str, is_open: bool) -> None:
    assert OPEN.is_open(ms(at)) is is_open


def test_the_next_opening_is_the_next_that_is_not_closed() -> None:
    assert clock(OPEN.opens(ms("2026-03-06T20:00"))) == "Sat 07 Mar 10:00"
    assert clock(OPEN.opens(ms("2026-10-28T19:00"))) == "Fri 30 Oct 09:00", "the day in between is closed"
    assert OPEN.opens(ms("2026-03-02T09:10:20")) == ms("2026-03-02T09:10:20")


def test_what_is_closed_for_a_year_does_not_open_and_no_deadline_of_it_ever_comes() -> None:
    days = tuple((date(2026, 3, 1) + timedelta(days=n)).isoformat() for n in range(LOOK_AHEAD + 30))
    closed = Business(OFFICE.model_copy(update={"closed": days}))
    at = ms("2026-03-02T09:00")
    assert closed.opens(at) is None
    assert deadline(closed, at, MINUTE) == Sum(None, (), ())


HOLIDAYS = Calendar(
    name="holidays",
    zone="Europe/Istanbul",
    open={"mon-fri": ("09:00-12:30", "13:30-18:00")},
    found=(
        Holiday(date="2026-10-28", name="Cumhuriyet Bayramı arifesi", until=13 * 60),
        Holiday(date="2026-10-29", name="Cumhuriyet Bayramı"),
        Holiday(date="2026-10-25", name="a Sunday's"),
        Holiday(date="2026-12-31", name="goes behind a day of one's own"),
    ),
    days=({"date": "12-31", "open": ("09:00-11:00",), "name": "yılbaşı arifesi"},),
)


def test_a_deadline_shows_the_intervals_that_count_and_each_holiday_that_does_not() -> None:
    time = Business(HOLIDAYS)
    found = deadline(time, ms("2026-10-28T12:00"), 90 * MINUTE)
    assert clock(found.due) == "Fri 30 Oct 10:00"
    assert [(clock(a), clock(b)) for a, b in found.counted] == [
        ("Wed 28 Oct 12:00", "Wed 28 Oct 12:30"),
        ("Fri 30 Oct 09:00", "Fri 30 Oct 10:00"),
    ]
    assert [(clock(one.start), clock(one.end), one.why, one.name) for one in found.skipped] == [
        ("Wed 28 Oct 12:30", "Wed 28 Oct 13:30", "closed", None),
        ("Wed 28 Oct 13:30", "Wed 28 Oct 18:00", "holiday", "Cumhuriyet Bayramı arifesi"),
        ("Wed 28 Oct 18:00", "Thu 29 Oct 09:00", "closed", None),
        ("Thu 29 Oct 09:00", "Thu 29 Oct 12:30", "holiday", "Cumhuriyet Bayramı"),
        ("Thu 29 Oct 12:30", "Thu 29 Oct 13:30", "closed", None),
        ("Thu 29 Oct 13:30", "Thu 29 Oct 18:00", "holiday", "Cumhuriyet Bayramı"),
        ("Thu 29 Oct 18:00", "Fri 30 Oct 09:00", "closed", None),
    ]


def test_a_holiday_on_a_day_without_hours_takes_none_and_a_day_of_ones_own_goes_first() -> None:
    time = Business(HOLIDAYS)
    weekend = deadline(time, ms("2026-10-23T17:00"), 2 * 60 * MINUTE)
    assert [one.why for one in weekend.skipped] == ["closed"]
    assert clock(deadline(time, ms("2026-12-31T10:00"), 2 * 60 * MINUTE).due) == "Fri 01 Jan 10:00"
    assert clock(deadline(time, ms("2027-12-31T10:00"), 2 * 60 * MINUTE).due) == "Mon 03 Jan 10:00", "every year"


def test_a_pause_is_told_by_its_name_and_one_that_goes_on_has_no_deadline() -> None:
    monday = ms("2026-03-02T09:00")
    found = deadline(OPEN, monday, 60 * MINUTE, [Pause(monday + 30 * MINUTE, monday + 50 * MINUTE, "pending")])
    assert clock(found.due) == "Mon 02 Mar 10:20"
    assert [(clock(one.start), clock(one.end), one.why, one.name) for one in found.skipped] == [
        ("Mon 02 Mar 09:30", "Mon 02 Mar 09:50", "pause", "pending")
    ]
    still = deadline(OPEN, monday, 60 * MINUTE, [Pause(monday + 30 * MINUTE, None, "snoozed")])
    assert still.due is None
    assert [(clock(a), clock(b)) for a, b in still.counted] == [("Mon 02 Mar 09:00", "Mon 02 Mar 09:30")]


@pytest.mark.parametrize(
    ("at", "before", "due"),
    [
        ("2026-03-02T10:00", None, "Mon 02 Mar 18:00"),
        ("2026-03-02T18:00", None, "Tue 03 Mar 18:00"),
        ("2026-03-02T17:00", 16 * 60, "Tue 03 Mar 18:00"),
        ("2026-03-02T15:59", 16 * 60, "Mon 02 Mar 18:00"),
        ("2026-03-06T18:30", None, "Sat 07 Mar 14:00"),
        ("2026-03-07T15:00", None, "Mon 09 Mar 18:00"),
        ("2026-03-08T11:00", 16 * 60, "Mon 09 Mar 18:00"),  # a Sunday
    ],
)
def test_the_end_of_the_day_is_that_of_the_same_day_else_of_the_next_on_which_it_is_open(
    at: str, before: int | None, due: str
) -> None:
    assert clock(OPEN.end_of_day(ms(at), before)) == due


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
    berlin = Business(Calendar(name="b", zone="Europe/Berlin", open={"sun": (opened,)}))
    assert berlin.opens(ms(at, "UTC")) == ms(opens, "UTC")


# --- against a clock that is looked at every minute ------------------------------------------------------------------


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        found[day] = draw(spans(min_size=2))
    return found


def spans(min_size: int) -> st.SearchStrategy[tuple[str, ...]]:
    def texts(cuts: set[int]) -> tuple[str, ...]:
        ordered = sorted(cuts)
        pairs = zip(ordered[::2], ordered[1::2], strict=False)
        return tuple(f"{a // 4:02}:{a % 4 * 15:02}-{b // 4:02}:{b % 4 * 15:02}" for a, b in pairs)

    return st.sets(st.integers(0, 24 * 4), min_size=min_size, max_size=6).map(texts)


# Near changes of clocks as often as anywhere else: Berlin, New York and Lord Howe (half an hour) in 2026, and a lost midnight.
CHANGES = (
    "2026-03-29T00:00", "2026-10-25T00:00", "2026-03-08T06:00", "2026-11-01T05:00", "2026-04-04T14:00", "2026-10-03T15:00",
    "2018-11-04T02:00",
)  # fmt: skip
YEAR = st.integers(0, 354 * 1440).map(lambda n: ms("2026-01-01T00:00", "UTC") + n * MINUTE)
NEAR = st.tuples(st.sampled_from(CHANGES), st.integers(-1440, 300)).map(lambda it: ms(it[0], "UTC") + it[1] * MINUTE)
MOMENTS = YEAR | NEAR


@st.composite
def calendars(draw: st.DrawFn, at: int) -> Calendar:
    day = from_ms(at).date()
    near = [(day + timedelta(days=n)).isoformat() for n in range(-1, 7)]
    some = st.sets(st.sampled_from(near), max_size=2)
    found = [Holiday(date=one, name="feast", until=draw(st.none() | st.just(13 * 60))) for one in sorted(draw(some))]
    own = [{"date": one, "open": draw(spans(min_size=0))} for one in sorted(draw(some))]
    return Calendar.model_validate(
        {
            "name": "c", "zone": draw(st.sampled_from(ZONES)), "open": draw(weeks()), "closed": sorted(draw(some)),
            "found": found, "days": own,
        }
    )  # fmt: skip


@lru_cache(maxsize=64)
def _spans(zone: str, texts: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    def minute(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    return tuple((minute(one[:5]), minute(one[6:])) for one in texts)


def oracle(calendar: Calendar, at: int) -> bool:
    """Is that minute open? By the clock on the wall, from what is written."""
    local = from_ms(at).astimezone(ZoneInfo(calendar.zone))
    day, minute = local.date().isoformat(), local.hour * 60 + local.minute
    own = next((one for one in calendar.days if one.date == day), None)
    texts = own.open if own is not None else calendar.open.get(DAYS[local.weekday()], ())
    if own is None and day in calendar.closed:
        return False
    if own is None:
        for one in calendar.found:
            if one.date == day and (one.until is None or minute >= one.until):
                return False
    return any(start <= minute < end for start, end in _spans(calendar.zone, texts))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Calendar, int, int, list[Pause]]:
    at = draw(MOMENTS)
    marks = st.integers(-300, 5 * 1440)
    pauses = []
    for start, length in draw(st.lists(st.tuples(marks, st.integers(0, 2000)), max_size=4)):
        pauses.append(Pause(at + start * MINUTE, at + (start + length) * MINUTE, "pending"))
    return draw(calendars(at)), at, draw(st.integers(1, 3 * 1440)), pauses


def minutes(calendar: Calendar, start: int, pauses: list[Pause], most: int, days: int) -> list[int]:
    """The first minutes that count, at most so many within so many days."""
    found: list[int] = []
    for minute in range(start, start + days * 1440 * MINUTE, MINUTE):
        paused = any(one.start <= minute and one.end is not None and minute < one.end for one in pauses)
        if not paused and oracle(calendar, minute):
            found.append(minute)
            if len(found) == most:
                break
    return found


@settings(deadline=None, max_examples=times(120))
@given(cases())
def test_a_deadline_is_the_end_of_the_last_minute_that_counts_and_its_sum_is_those_minutes(
    case: tuple[Calendar, int, int, list[Pause]],
) -> None:
    calendar, at, wanted, pauses = case
    wall = minutes(calendar, at, pauses, wanted, days=15)
    found = deadline(Business(calendar), at, wanted * MINUTE, pauses)
    if len(wall) < wanted:
        assert found.due is None or found.due > at + 15 * 1440 * MINUTE
        return
    assert found.due == wall[-1] + MINUTE
    told = [minute for start, end in found.counted for minute in range(start, end, MINUTE)]
    assert told == wall
    assert all(end < start for (_, end), (start, _) in pairwise(found.counted)), "what touches is told as one"


@settings(deadline=None, max_examples=times(150))
@given(cases())
def test_what_counts_and_what_does_not_lie_end_to_end_from_the_start_to_the_deadline(
    case: tuple[Calendar, int, int, list[Pause]],
) -> None:
    calendar, at, wanted, pauses = case
    found = deadline(Business(calendar), at, wanted * MINUTE, pauses)
    if found.due is None:
        return
    parts = sorted([*found.counted, *((one.start, one.end) for one in found.skipped)])
    assert parts[0][0] == at
    assert parts[-1][1] == found.due
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    assert sum(end - start for start, end in found.counted) == wanted * MINUTE
    for one in found.skipped:
        if one.why == "pause":
            assert any(pause.start <= one.start and pause.end is not None and one.end <= pause.end for pause in pauses)


@settings(deadline=None, max_examples=times(150))
@given(cases(), st.integers(0, 4 * 1440))
def test_stopping_and_going_on_adds_up_to_the_whole(case: tuple[Calendar, int, int, list[Pause]], cut: int) -> None:
    """What a clock keeps is what it has used so far; the deadline from there is the deadline from the start."""
    calendar, at, wanted, pauses = case
    time = Business(calendar)
    due = deadline(time, at, wanted * MINUTE, pauses).due
    middle = at + cut * MINUTE
    if due is None or middle >= due:
        return
    so_far = used(time, at, middle, pauses)
    later = [pause for pause in merged(pauses) if pause.end is not None and pause.end > middle]
    assert deadline(time, middle, wanted * MINUTE - so_far, later).due == due


@given(st.integers(0, 10**12), st.integers(0, 10**9), st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**8))))
def test_by_the_wall_clock_a_deadline_is_the_start_the_target_and_the_pauses_on_the_way(
    start: int, amount: int, pauses: list[tuple[int, int]]
) -> None:
    stops = [Pause(start + begin, start + begin + length) for begin, length in pauses]
    due = deadline(WALL_CLOCK, start, amount, stops).due
    assert due is not None
    paused = sum(min(one.end or 0, due) - one.start for one in merged(stops) if one.start < due)
    assert due == start + amount + paused


@settings(deadline=None, max_examples=times(100))
@given(MOMENTS.flatmap(lambda at: st.tuples(calendars(at), st.just(at))))
def test_the_next_opening_is_the_first_open_minute(case: tuple[Calendar, int]) -> None:
    calendar, at = case
    first = minutes(calendar, at, [], 1, days=15)
    found = Business(calendar).opens(at)
    if first:
        assert found == first[0]
    else:
        assert found is None or found >= at + 15 * 1440 * MINUTE


# --- what is refused -------------------------------------------------------------------------------------------------


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
        ({"days": ({"date": "02-30"},)}, "days"),
        ({"days": ({"date": "2026-12-31"}, {"date": "2026-12-31"})}, "days: 2026-12-31 is there twice"),
        ({"days": ({"date": "12-31", "open": ("09:00-12:00", "11:00-13:00")},)}, "two intervals of 12-31 overlap"),
        ({"holidays": ({"country": "Turkey"},)}, "country"),
        ({"holidays": ({"country": "TR", "half_days": "25:00"},)}, "half_days"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, object], says: str) -> None:
    right = {"name": "h", "zone": "Europe/Istanbul", "open": {"mon": ("09:00-18:00",)}}
    with pytest.raises(ValidationError, match=says):
        Calendar.model_validate(right | wrong)


def test_what_no_clock_could_tell_has_no_deadline() -> None:
    rare = Business(Calendar(name="rare", zone="UTC", open={"mon": ("09:00-10:00",)}))
    found = deadline(rare, ms("9990-01-01T00:00:00+00:00"), 5000 * 60 * MINUTE)
    assert (found.due, found.counted) == (None, ())
