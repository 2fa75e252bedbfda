"""Quiet hours: when something may be sent to a person, by their own clock. Pure; what becomes of a message is router/arbiter.py's.

Hours are a calendar's (router.calendars) in the zone of the person, so an hour that a change of clocks repeats is as quiet the second time.
Who may be in several zones is written to when it is quiet in none of them. Instants are milliseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from router.business import LOOK_AHEAD, Between, Business
from router.calendars import Calendar, week
from router.messages import ChannelName
from router.places import Place
from router.purposes import Purpose
from router.written import Model, Slug

DAY = 86_400_000
USUAL: dict[str, tuple[str, ...]] = {"mon-sun": ("09:00-21:00",)}
"""When something may be sent where nothing else is written: quiet is from 21:00 until 09:00."""


class SendHours(Model):
    """When something may be sent; the rest is quiet. The first in the list that fits a message counts."""

    channels: tuple[ChannelName, ...] = Field(default=(), description="only these; all without any")
    purposes: tuple[Purpose, ...] = Field(default=(), description="only these; all without any")
    send: dict[str, tuple[str, ...]] = Field(
        default=USUAL, min_length=1, description='by day or days, by the recipient\'s clock: {mon-fri: ["09:00-21:00"]}'
    )
    holidays: Slug | None = Field(default=None, description="the calendar whose holidays and closed days are quiet")

    @field_validator("send")
    @classmethod
    def _is_a_week(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        week(value)
        return value

    def fits(self, channel: ChannelName, purpose: Purpose) -> bool:
        """Are these the hours of such a message?"""
        return channel in (self.channels or (channel,)) and purpose in (self.purposes or (purpose,))


class Quiet:
    """The quiet hours of a version of the configuration. Remembers the days it was asked for.

    Raises ValueError for a calendar that is not there.
    """

    def __init__(self, hours: tuple[SendHours, ...], calendars: Mapping[str, Calendar]) -> None:
        for one in hours:
            if one.holidays is not None and one.holidays not in calendars:
                raise ValueError(f"there is no calendar '{one.holidays}'")
        self._hours = (*hours, SendHours())
        self._calendars = calendars
        self._known: dict[tuple[ChannelName, Purpose, tuple[str, ...]], _Open] = {}
        self._made: dict[tuple[int, str], Business] = {}

    def opens(self, channel: ChannelName, purpose: Purpose, place: Place, now: int) -> int | None:
        """When such a message may leave, from now on: now itself outside quiet hours; None where they last for a year and more."""
        key = (channel, purpose, place.zones)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._open(*key)
        return found.opens(now)

    def _open(self, channel: ChannelName, purpose: Purpose, zones: tuple[str, ...]) -> _Open:
        number = next(i for i, one in enumerate(self._hours) if one.fits(channel, purpose))
        return _Open(tuple(self._business(number, zone) for zone in zones))

    def _business(self, number: int, zone: str) -> Business:
        found = self._made.get((number, zone))
        if found is None:
            hours = self._hours[number]
            found = self._made[number, zone] = Business(
                _calendar(hours, zone, self._calendars.get(hours.holidays or ""))
            )
        return found


class _Open:
    """When it is open in all of several calendars."""

    def __init__(self, calendars: tuple[Business, ...]) -> None:
        self._calendars = calendars
        self._days: dict[int, tuple[Between, ...]] = {}

    def opens(self, at: int) -> int | None:
        """The first instant from then on at which it is; None if there is none within a year."""
        first = at // DAY
        for number in range(first, first + LOOK_AHEAD):
            for start, end in self._day(number):
                if at < end:
                    return max(at, start)
        return None

    def _day(self, number: int) -> tuple[Between, ...]:
        found = self._days.get(number)
        if found is None:
            found = self._calendars[0].day(number)
            for other in self._calendars[1:]:
                found = _both(found, other.day(number))
            if len(self._days) > 2 * LOOK_AHEAD:
                self._days.clear()
            self._days[number] = found
        return found


def _calendar(hours: SendHours, zone: str, holidays: Calendar | None) -> Calendar:
    """The hours in a zone, without the days on which a calendar is closed."""
    if holidays is None:
        return Calendar(name="send", zone=zone, open=hours.send)
    closed = tuple(day for day in holidays.days if not day.open)
    return Calendar(
        name="send",
        zone=zone,
        open=hours.send,
        closed=holidays.closed,
        days=closed,
        found=holidays.found,
        until=holidays.until,
    )


def _both(one: tuple[Between, ...], other: tuple[Between, ...]) -> tuple[Between, ...]:
    """What two lists of stretches share."""
    shared = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return tuple((start, end) for start, end in shared if start < end)
