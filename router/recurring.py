"""When a campaign is set off: once, by a cron, or on birthdays; in one zone, or in each recipient's own. Pure.

Instants are milliseconds since 1970, and a stretch of time is always after the first instant and until the second, which belongs to it: so
stretches that follow one another hold every occurrence once.

An occurrence is named by the clock on the wall, `2026-05-01T09:00`, and not by an instant: an hour that is repeated does not repeat
it, and who moves to another zone in between does not get it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from router import crons
from router.calendars import minute_of
from router.written import Model
from router.zones import instant, names, wall, zone

TICK = 15 * 60_000
"""How often those are looked for whose local time has come, in milliseconds."""

_RECIPIENT: Literal["recipient"] = "recipient"
_DAY = timedelta(days=1)
_FAR = round(timedelta(days=366 * 41).total_seconds()) * 1000
"""Longer than the longest wait for a day that exists: a fifth Monday of February, from 2072 to 2112 (there is no 29 February 2100)."""
_DAY_MS = 86_400_000


def _a_time(value: str) -> str:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"there is no time '{value}': {error}") from None
    return value


def _a_cron(value: str) -> str:
    crons.read(value)
    return value


def _a_zone(value: str) -> str:
    return value if value == _RECIPIENT else zone(value).key


Zone = Annotated[str, AfterValidator(_a_zone)]
"""A name that the database has, or `recipient`."""


class Once(Model):
    """At one time. One that the clock of a zone skips comes as much later as it was put forward."""

    at: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d$"), AfterValidator(_a_time)] = Field(
        description="YYYY-MM-DDThh:mm, by the clock of the zone"
    )
    zone: Zone = Field(description="of the IANA time zone database, or recipient: each in their own")


class Recurring(Model):
    """At each time of a cron that the clock of the zone shows: what it skips is left out, what it repeats counts once."""

    cron: Annotated[str, AfterValidator(_a_cron)] = Field(
        description="minute hour day-of-month month weekday: '0 9 * * mon-fri', '30 10 L * *', '0 12 * * tue#2'"
    )
    zone: Zone = Field(description="of the IANA time zone database, or recipient: each in their own")


class Birthday(Model):
    """On each recipient's birthday, by their own clock. A time that it skips comes as much later as it was put forward."""

    birthday: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(description="hh:mm")
    leap: Literal["02-28", "03-01"] = Field(default="02-28", description="29 February in years that have none")

    @property
    def zone(self) -> Literal["recipient"]:
        """Each in their own."""
        return _RECIPIENT


Trigger = Once | Recurring | Birthday


class Occurrence(NamedTuple):
    """One time at which a campaign is set off: its name by the clock on the wall, `2026-05-01T09:00`, and when that is."""

    name: str
    at: int

    @property
    def day(self) -> date:
        """The day by the clock on the wall."""
        return date.fromisoformat(self.name[:10])

    def key(self, version: str) -> str:
        """What tells it from all others of every version of every campaign."""
        return f"{version}@{self.name}"


def occurrences(trigger: Trigger, after: int, until: int, recipient: str | None = None) -> Iterator[Occurrence]:
    """What falls after one instant and until another, in order. `recipient` is the zone of whom it is for.

    Raises ValueError if it is each recipient's own and none is given, or if there is no such zone.
    """
    place = _place(trigger, recipient)
    if isinstance(trigger, Recurring):
        return _shown(trigger, place, after, until)
    return _moved(trigger, place, after, until)


def next_after(trigger: Trigger, after: int, recipient: str | None = None) -> Occurrence | None:
    """The first one after an instant; None if there is none any more."""
    until = after + _FAR
    if isinstance(trigger, Once):
        until = max(until, instant(_place(trigger, recipient), datetime.fromisoformat(trigger.at)))
    return next(occurrences(trigger, after, until, recipient), None)


def occurrence_at(trigger: Trigger, at: int, recipient: str | None = None) -> Occurrence | None:
    """The one that a scheduled time stands for: a minute that the clock repeats is the same one both times; None if it is none of them."""
    place = _place(trigger, recipient)
    if not isinstance(trigger, Recurring):
        return next(iter(_moved(trigger, place, at - 1, at)), None)
    shown = wall(place, at)
    known = next(_read(trigger.cron).shown(shown, shown), None)
    return None if known is None else Occurrence(_name(known), instant(place, known))


def _place(trigger: Trigger, recipient: str | None) -> ZoneInfo:
    name = recipient if trigger.zone == _RECIPIENT else trigger.zone
    if name is None:
        raise ValueError("it is each recipient's own time, and no recipient's zone is given")
    return zone(name)


def _shown(trigger: Recurring, place: ZoneInfo, after: int, until: int) -> Iterator[Occurrence]:
    """The times of a cron that the clock shows, when it shows them first; what is shown first later is later by the clock as well."""
    start = wall(place, after)
    length = timedelta(milliseconds=until - after)
    for shown in _read(trigger.cron).shown(
        start, start + length + _DAY
    ):  # a day: the most a clock was ever put forward
        at = instant(place, shown)
        if wall(place, at) != shown:
            continue
        if at > until:
            return
        if at > after:
            yield Occurrence(_name(shown), at)


def _moved(trigger: Once | Birthday, place: ZoneInfo, after: int, until: int) -> Iterator[Occurrence]:
    """Times of which each comes, if need be later than the clock says; so two may come at once."""
    if isinstance(trigger, Once):
        shown = datetime.fromisoformat(trigger.at)
        found = Occurrence(_name(shown), instant(place, shown))
        if after < found.at <= until:
            yield found
        return
    hour, minute = divmod(minute_of(trigger.birthday), 60)
    day, last = wall(place, after).date() - _DAY, wall(place, until).date() + _DAY
    while day <= last:
        shown = datetime.combine(day, time(hour, minute))
        at = instant(place, shown)
        if after < at <= until:
            yield Occurrence(_name(shown), at)
        day += _DAY


_read = lru_cache(maxsize=256)(crons.read)


def _name(shown: datetime) -> str:
    return shown.isoformat(timespec="minutes")


# --- each recipient's own time ---------------------------------------------------------------------------------------


class Due(NamedTuple):
    """A zone whose time has come. `stale`: it came so long ago that it is dropped, with that as the reason."""

    zone: str
    occurrence: Occurrence
    stale: bool


def zones_due(trigger: Trigger, after: int, until: int, stale_after: int) -> Iterator[Due]:
    """All zones whose time came after the last look and until this one, in the order of their names and times.

    `stale_after` is in milliseconds before `until`. After an outage `after` is where the last look stopped.
    """
    for name in sorted(names()):
        for one in occurrences(trigger, after, until, name):
            yield Due(name, one, until - one.at > stale_after)


def celebrated(day: date, leap: Literal["02-28", "03-01"]) -> tuple[str, ...]:
    """The birthdays (MM-DD) of a day: its own, and 29 February on the day that stands for it in years that have none."""
    own = day.isoformat()[5:]
    has_none = (date(day.year, 3, 1) - _DAY).day == 28
    return (own, "02-29") if has_none and own == leap else (own,)


# --- EventBridge Scheduler -------------------------------------------------------------------------------------------


class Schedule(NamedTuple):
    """What EventBridge Scheduler is asked for: expression, zone, and from when until when (None: without an end)."""

    expression: str
    zone: str
    start: int | None = None
    end: int | None = None


def schedule(trigger: Trigger) -> Schedule:
    """The one schedule of a trigger; for each recipient's own time one of every quarter of an hour."""
    if isinstance(trigger, Once):
        return _schedule_once(trigger)
    if isinstance(trigger, Birthday) or trigger.zone == _RECIPIENT:
        return Schedule(_every_tick(), "UTC")
    return Schedule(_read(trigger.cron).scheduler(), trigger.zone)


def _schedule_once(trigger: Once) -> Schedule:
    shown, utc = datetime.fromisoformat(trigger.at), zone("UTC")
    if trigger.zone == _RECIPIENT:  # from a day before to two days after the time in UTC it comes in every zone
        at = instant(utc, shown)
        return Schedule(_every_tick(), "UTC", at - _DAY_MS, at + 2 * _DAY_MS)
    at_utc = wall(utc, instant(zone(trigger.zone), shown))
    return Schedule(f"at({at_utc.isoformat(timespec='seconds')})", "UTC")


def _every_tick() -> str:
    return _read(f"*/{TICK // 60_000} * * * *").scheduler()
