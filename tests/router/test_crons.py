"""Crons, held against a reader of EventBridge Scheduler's own six fields that looks at every minute."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from router import crons
from router.calendars import DAYS as WEEK
from tests.kit.amount import times

SUNDAY_FIRST = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def scheduled(expression: str, at: datetime) -> bool:
    """Does EventBridge Scheduler's expression name this minute? As its documentation has the fields, written for this test."""
    assert expression.startswith("cron(")
    assert expression.endswith(")")
    minute, hour, day, month, weekday, year = expression[5:-1].split()
    assert (day == "?") is not (weekday == "?")
    assert year == "*"
    of_week = (at.isoweekday() % 7) + 1
    length = monthrange(at.year, at.month)[1]
    if weekday == "?" and day == "L":
        on = at.day == length
    elif weekday == "?" and day.endswith("W"):
        wanted = date(at.year, at.month, int(day[:-1]))
        near = [wanted + timedelta(days=more) for more in (0, -1, 1)]
        on = at.date() == next(one for one in near if one.isoweekday() <= 5)
    elif weekday == "?":
        on = listed(day, at.day)
    elif "#" in weekday:
        wanted_day, nth = map(int, weekday.split("#"))
        on = of_week == wanted_day and (at.day - 1) // 7 == nth - 1
    else:
        on = listed(weekday, of_week)
    return on and listed(minute, at.minute) and listed(hour, at.hour) and listed(month, at.month)


def listed(field: str, value: int) -> bool:
    if field == "*":
        return True
    ends = [part.split("-") for part in field.split(",")]
    return any(int(one[0]) <= value <= int(one[-1]) for one in ends)


def number_field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    step = st.integers(1, high)
    span = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    part = st.one_of(number.map(str), span, st.tuples(span, step).map("{0[0]}/{0[1]}".format),
                     step.map("*/{}".format), st.tuples(number, step).map("{0[0]}/{0[1]}".format))  # fmt: skip
    return st.just("*") | st.lists(part, min_size=1, max_size=3).map(",".join)


DAY = st.one_of(number_field(1, 31), st.just("L"), st.integers(2, 27).map("{}W".format))
NAME = st.sampled_from(WEEK)
WEEKDAY = st.one_of(
    st.lists(NAME | st.tuples(NAME, NAME).map("-".join), min_size=1, max_size=3).map(",".join),
    st.tuples(NAME, st.integers(1, 5)).map("{0[0]}#{0[1]}".format),
)
DAYS = st.tuples(DAY, st.just("*")) | st.tuples(st.just("*"), WEEKDAY)


@st.composite
def texts(draw: st.DrawFn) -> str:
    minute, hour, month = draw(number_field(0, 59)), draw(number_field(0, 23)), draw(number_field(1, 12))
    day, weekday = draw(DAYS)
    return f"{minute} {hour} {day} {month} {weekday}"


@given(texts(), st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2040-01-01")))
@settings(max_examples=times(80), deadline=None)
def test_a_cron_comes_in_the_minutes_that_scheduler_would_take(text: str, start: datetime) -> None:
    try:
        cron = crons.read(text)
    except ValueError as error:
        assume("never comes" not in str(error) and "more than" not in str(error))
        raise
    start = start.replace(second=0, microsecond=0)
    expression = cron.scheduler()
    end = start + timedelta(days=3)
    minutes = [start + timedelta(minutes=number) for number in range(3 * 1440 + 1)]
    assert list(cron.shown(start, end)) == [one for one in minutes if scheduled(expression, one)]


@given(texts(), st.integers(2000, 2040))
@settings(max_examples=times(80), deadline=None)
def test_its_days_of_a_year_are_those_that_scheduler_would_take(text: str, year: int) -> None:
    try:
        cron = crons.read(text)
    except ValueError:
        assume(False)
    expression = cron.scheduler()
    assert len(expression) <= crons.LONGEST
    hour, minute = cron.hours[0], cron.minutes[0]
    days = [datetime.combine(date(year, 1, 1) + timedelta(days=number), time(hour, minute)) for number in range(365)]
    assert [day for day in days if cron.on(day.date())] == [day for day in days if scheduled(expression, day)]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("0 9 * * mon-fri", "cron(0 9 ? * 2-6 *)"),
        ("*/15 * * * *", "cron(0,15,30,45 * * * ? *)"),
        ("0 9 * * sun-thu", "cron(0 9 ? * 1-5 *)"),
        ("0 9 * * SAT,SUN", "cron(0 9 ? * 1,7 *)"),
        ("30 10 L * *", "cron(30 10 L * ? *)"),
        ("0 8 15W jan,jul *", "cron(0 8 15W 1,7 ? *)"),
        ("0 12 * * tue#2", "cron(0 12 ? * 3#2 *)"),
        ("0 0 29 2 *", "cron(0 0 29 2 ? *)"),
        ("5/20 8-17/3 1-31 * *", "cron(5,25,45 8,11,14,17 * * ? *)"),
        ("0 9 * * mon-sun", "cron(0 9 ? * * *)"),
    ],
)
def test_a_cron_is_told_in_schedulers_words(text: str, expression: str) -> None:
    assert crons.read(text).scheduler() == expression


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0 0 31 feb *", "'0 0 31 feb *' never comes"),
        ("0 0 30,31 2 *", "never comes"),
        ("0 0 31 apr,jun,sep,nov *", "never comes"),
        ("0 9 ? * mon", "write * instead of ?"),
        ("0 9 ? * MON-FRI *", "has six fields; write five fields"),
        ("@daily", "is no cron; write five fields"),
        ("", "is no cron"),
        ("0 9 1 * mon", "takes one of them"),
        ("0 9 * * 1", "1 is Monday in cron and Sunday in EventBridge Scheduler"),
        ("0 9 * * pzt", "weekday 'pzt' is none of mon, tue"),
        ("0 9 * * mon#6", "weekday 'mon#6' is none of"),
        ("0 9 * * L", "weekday 'l' is none of"),
        ("0 9 1W * *", "the nearest weekday may be another month's"),
        ("0 9 28W * *", "the nearest weekday may be another month's"),
        ("0 9 L,15 * *", "day of the month 'l' is no number from 1 to 31"),
        ("60 9 * * *", "minute '60' is no number from 0 to 59"),
        ("0 24 * * *", "hour '24' is no number from 0 to 23"),
        ("0 22-6 * * *", "hour '22-6' ends before it begins"),
        ("0 9 * ocak *", "month 'ocak' is no number from 1 to 12 or name"),
        ("*/0 9 * * *", "step of minute '0' is no number from 1 to 59"),
        ("0, 9 * * *", "minute '' is no number"),
        ("*-5 9 * * *", "minute '*' is no number"),
        ("٣ 9 * * *", "minute '٣' is no number"),
    ],
)
def test_what_scheduler_would_not_do_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        crons.read(text)


@given(st.text(alphabet="0123456789*/,-#?LWmontue ٣½İı", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = crons.read(text)
    except ValueError:
        return
    assert any(True for _ in found.shown(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2028-01-01")))
