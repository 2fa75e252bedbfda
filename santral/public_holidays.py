"""Public holidays of the calendars, out of the `holidays` library, when the configuration's files are read.

Functions never look them up: the library takes 160 ms to import, and a version must not change with a library. So each version
holds the holidays of last year, this year and the next four. A deadline that is later says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from router.calendars import Calendar, Holiday, PublicHolidays, minute_of

AHEAD = 4
"""Years after this one whose holidays a version holds."""


def looked_up(calendar: Calendar, today: datetime | None = None) -> Calendar:
    """The calendar with its holidays of the years around. Raises ValueError with everything that the library does not know."""
    if not calendar.holidays:
        return calendar
    unknown = [what for of in calendar.holidays for what in _unknown(of)]
    if unknown:
        raise ValueError("; ".join(unknown))
    year = (today or datetime.now(UTC)).year
    years = range(year - 1, year + AHEAD + 1)
    found: dict[str, Holiday] = {}
    for of in calendar.holidays:
        for one in _found(of, years):
            known = found.get(one.date)
            if known is None or (known.until is not None and (one.until is None or one.until < known.until)):
                found[one.date] = one
    days = tuple(found[day] for day in sorted(found))
    return calendar.model_copy(update={"found": days, "until": years[-1]})


def _found(of: PublicHolidays, years: Sequence[int]) -> Iterator[Holiday]:
    for day, name in _listed(of, years, "public"):
        yield Holiday(date=day, name=name)
    if of.half_days is not None:
        for day, name in _listed(of, years, "half_day"):
            yield Holiday(date=day, name=name, until=minute_of(of.half_days))


def _country(of: PublicHolidays) -> Any:
    import holidays

    return getattr(holidays, of.country, None)


def _unknown(of: PublicHolidays) -> Iterator[str]:
    kind = _country(of)
    if kind is None:
        yield f"no holidays are known of the country '{of.country}', write its two letters, such as TR"
        return
    if of.region is not None and of.region not in (*kind.subdivisions, *kind.subdivisions_aliases):
        yield f"{of.country} has no region '{of.region}', known are {', '.join(kind.subdivisions) or 'none'}"
    if of.language is not None and of.language not in kind.supported_languages:
        known = ", ".join(kind.supported_languages) or "none"
        yield f"the holidays of {of.country} have no names in '{of.language}', known are {known}"


def _listed(of: PublicHolidays, years: Sequence[int], category: str) -> Iterator[tuple[str, str]]:
    kind = _country(of)
    if category not in kind.supported_categories:
        return
    found = kind(subdiv=of.region, years=years, categories=(category,), language=of.language or kind.default_language)
    for day, name in sorted(found.items()):
        yield day.isoformat(), name
