"""Quiet hours, held against clocks that are looked at every minute."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from router.calendars import Calendar, Holiday
from router.messages import ChannelName
from router.places import Place, phone_zones, place
from router.purposes import Purpose
from router.quiet import Quiet, SendHours
from router.times import to_ms
from router.zones import names
from tests.kit.amount import times

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NAMES = sorted(names())
SMS, EMAIL = ChannelName.SMS, ChannelName.EMAIL
USUAL = Quiet((), {})
ODD = (
    "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana",
    "Africa/Casablanca", "Europe/Istanbul", "America/St_Johns", "Asia/Kathmandu",
)  # fmt: skip
TURKEY = Calendar(
    name="ofis",
    zone="Europe/Istanbul",
    open={"mon-fri": ("09:00-18:00",)},
    closed=("2026-11-27",),
    found=(
        Holiday(date="2026-10-28", name="arife", until=13 * 60),
        Holiday(date="2026-10-29", name="Cumhuriyet Bayramı"),
    ),
)


def ms(text: str, zone: str = "Europe/Istanbul") -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def at(*zones: str) -> Place:
    return Place(zones or ("Europe/Istanbul",), "contact")


def shown(zone: str, now: int) -> datetime:
    return datetime.fromtimestamp(now // 1000, UTC).astimezone(ZoneInfo(zone))


def first_open(zones: tuple[str, ...], now: int, begin: int, end: int, weekend: bool, within: int) -> int | None:
    """The first minute in which every clock shows hours to send, by looking at each; the one that has begun counts from now on."""
    for minute in range(now // MINUTE, (now + within) // MINUTE + 1):
        clocks = [shown(zone, minute * MINUTE) for zone in zones]
        if all(begin <= one.hour * 60 + one.minute < end and (weekend or one.isoweekday() < 6) for one in clocks):
            return max(now, minute * MINUTE)
    return None


@given(
    st.lists(st.sampled_from(ODD) | st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple),
    st.integers(ms("2000-01-01T00:00"), ms("2040-01-01T00:00")),
    st.integers(0, 20),
    st.integers(1, 24),
    st.booleans(),
)
@example(("Pacific/Apia",), ms("2011-12-29T22:00", "Pacific/Apia"), 9, 12, True)
@example(("Europe/Berlin",), ms("2026-10-25T02:59", "Europe/Berlin"), 2, 1, True)
@example(("Pacific/Kiritimati", "Pacific/Pago_Pago"), ms("2026-11-23T00:00"), 0, 23, True)
@settings(max_examples=times(80), deadline=None)
def test_what_is_held_leaves_in_the_first_minute_that_is_quiet_in_no_zone(
    zones: tuple[str, ...], now: int, begin: int, hours: int, weekend: bool
) -> None:
    end = min(24, begin + hours)
    quiet = Quiet((SendHours(send={"mon-sun" if weekend else "mon-fri": (f"{begin:02}:00-{end:02}:00",)}),), {})
    found = quiet.opens(SMS, Purpose.MARKETING, at(*zones), now)
    expected = first_open(zones, now, begin * 60, end * 60, weekend, 5 * DAY)
    if expected is not None:
        assert found == expected
    else:  # not within five days, so perhaps never
        assert found is None or found > now + 5 * DAY


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T20:59:59.999", "2026-11-23T20:59:59.999"),
        ("2026-11-23T21:00", "2026-11-24T09:00"),
        ("2026-11-24T00:30", "2026-11-24T09:00"),
        ("2026-11-24T08:59:59.999", "2026-11-24T09:00"),
    ],
)
def test_without_a_word_it_is_quiet_from_nine_to_nine(now: str, opens: str) -> None:
    assert USUAL.opens(SMS, Purpose.MARKETING, at(), ms(now)) == ms(opens)


def test_the_first_hours_that_fit_channel_and_purpose_count() -> None:
    quiet = Quiet(
        (
            SendHours(purposes=("transactional",), send={"mon-sun": ("00:00-24:00",)}),
            SendHours(channels=(EMAIL,), purposes=("marketing",), send={"mon-fri": ("10:00-12:00",)}),
        ),
        {},
    )
    night = ms("2026-11-27T23:00")  # a Friday
    assert quiet.opens(SMS, Purpose.TRANSACTIONAL, at(), night) == night
    assert quiet.opens(EMAIL, Purpose.MARKETING, at(), night) == ms("2026-11-30T10:00")
    assert quiet.opens(EMAIL, Purpose.SERVICE, at(), night) == ms("2026-11-28T09:00")
    assert quiet.opens(SMS, Purpose.MARKETING, at(), night) == ms("2026-11-28T09:00")


def test_a_public_holiday_is_quiet_and_so_is_the_afternoon_before_a_feast() -> None:
    quiet = Quiet((SendHours(purposes=("marketing",), holidays="ofis"),), {"ofis": TURKEY})
    assert quiet.opens(SMS, Purpose.MARKETING, at(), ms("2026-10-28T12:59")) == ms("2026-10-28T12:59")
    assert quiet.opens(SMS, Purpose.MARKETING, at(), ms("2026-10-28T13:00")) == ms("2026-10-30T09:00")
    assert quiet.opens(SMS, Purpose.MARKETING, at(), ms("2026-11-27T10:00")) == ms("2026-11-28T09:00")
    assert quiet.opens(SMS, Purpose.SERVICE, at(), ms("2026-10-29T12:00")) == ms("2026-10-29T12:00")
    berlin = quiet.opens(SMS, Purpose.MARKETING, at("Europe/Berlin"), ms("2026-10-29T12:00", "Europe/Berlin"))
    assert berlin == ms("2026-10-30T09:00", "Europe/Berlin")  # the day is the recipient's


def test_where_no_hour_is_open_for_all_it_never_opens() -> None:
    everywhere = at("Pacific/Kiritimati", "Europe/Istanbul", "America/New_York")
    assert USUAL.opens(SMS, Purpose.MARKETING, everywhere, ms("2026-11-23T12:00")) is None


def test_a_country_of_several_zones_is_written_to_when_it_is_quiet_in_none() -> None:
    russia = place(None, "+79161234567", "Europe/Istanbul")
    assert {"Europe/Kaliningrad", "Asia/Kamchatka"} <= set(russia.zones)
    found = USUAL.opens(SMS, Purpose.MARKETING, russia, ms("2026-11-23T00:00", "Asia/Kamchatka"))
    assert found == ms("2026-11-23T09:00", "Europe/Kaliningrad") == ms("2026-11-23T19:00", "Asia/Kamchatka")


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ({"send": {"mon-fri": ("21:00-09:00",)}}, "a night is two intervals"),
        ({"send": {"pzt": ("09:00-21:00",)}}, "'pzt' is no day"),
        ({"send": {}}, "at least 1"),
        ({"purposes": ("advertising",)}, Purpose.TRANSACTIONAL),
        ({"channels": ("fax",)}, "email"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_the_reason(hours: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        SendHours.model_validate(hours)


def test_a_calendar_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no calendar 'ofis'"):
        Quiet((SendHours(holidays="ofis"),), {})


@pytest.mark.parametrize(
    ("known", "phone", "expected"),
    [
        ("Asia/Tokyo", "+905321234567", Place(("Asia/Tokyo",), "contact")),
        ("Asia/Calcutta", None, Place(("Asia/Calcutta",), "contact")),
        ("Mars/Base", "+905321234567", Place(("Europe/Istanbul",), "phone")),
        (None, "+905321234567", Place(("Europe/Istanbul",), "phone")),
        (None, "+77011234567", Place(phone_zones("+77272581234"), "phone")),
        (None, "+18765551234", Place(("America/Jamaica",), "phone")),
        (None, "+38344123456", Place(("Europe/Belgrade",), "phone")),
        (None, "+80012345678", Place(("Europe/London",), "company")),
        (None, "05321234567", Place(("Europe/London",), "company")),
        (None, "+", Place(("Europe/London",), "company")),
        (None, "+٩٠٥٣٢", Place(("Europe/London",), "company")),
        (None, None, Place(("Europe/London",), "company")),
    ],
)
def test_a_person_is_where_they_say_else_in_their_numbers_country_else_where_the_company_is(
    known: str | None, phone: str | None, expected: Place
) -> None:
    assert place(known, phone, "Europe/London") == expected


def test_countries_that_share_a_code_are_told_apart_and_a_number_that_fits_none_is_the_main_ones() -> None:
    kazakhstan, canada, america = (phone_zones(one) for one in ("+77272581234", "+14165551234", "+12125551234"))
    assert "Asia/Almaty" in kazakhstan
    assert "Europe/Moscow" not in kazakhstan
    assert "America/Toronto" in canada
    assert "America/Toronto" not in america
    assert phone_zones("+15555555555") == america


def test_every_country_that_has_phone_numbers_has_zones_that_exist() -> None:
    without = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example_number = phonenumbers.example_number(region)
        assert example_number is not None
        found = phone_zones(phonenumbers.format_number(example_number, phonenumbers.PhoneNumberFormat.E164))
        assert set(found) <= names()
        without += [] if found else [region]
    assert without == []
