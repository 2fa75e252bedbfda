"""Where a person is, as a time zone: their own, else those of their phone number's country, else the company's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

from router.zones import names

_NO_COUNTRY = "001"
"""Region of numbers that are no country's, such as +800."""

_UNLISTED = {"AC": ("Atlantic/St_Helena",), "TA": ("Atlantic/St_Helena",), "XK": ("Europe/Belgrade",)}
"""Regions that have phone numbers and no row in zone.tab: Ascension, Tristan da Cunha, Kosovo."""


class Place(NamedTuple):
    """The zones in which a person may be, and how that is known: their own, their phone number's country, or the company's."""

    zones: tuple[str, ...]
    by: Literal["contact", "phone", "company"]


@lru_cache(maxsize=64)
def place(known: str | None, phone: str | None, company: str) -> Place:
    """Where a recipient is. `phone` is E.164; a name that is no zone and a number that says no country are passed over."""
    if known is not None and known in names():
        return Place((known,), "contact")
    zones = phone_zones(phone) if phone else ()
    return Place(zones, "phone") if zones else Place((company,), "company")


def phone_zones(number: str) -> tuple[str, ...]:
    """All zones of the country of a number (E.164); none if it names no country.

    Countries that share a code are told apart by the number; where it fits none of them the code's main one is meant.
    """
    region = phone_country(number)
    return () if region is None else countries().get(region, ())


def phone_country(number: str) -> str | None:
    """The country of a number (E.164), by ISO 3166; None if it names none."""
    import phonenumbers  # 30 ms, for those only who ask where a number is

    code = _calling_code(number)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ()) if code is not None else ()
    if not regions or regions[0] == _NO_COUNTRY:
        return None
    return regions[0] if len(regions) == 1 else _region(number) or regions[0]


def _calling_code(number: str) -> int | None:
    import phonenumbers  # 30 ms, for those only who ask where a number is

    if not number.startswith("+") or not number[1:].isascii() or not number[1:].isdigit():
        return None
    codes = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((code for size in (1, 2, 3) if (code := int(number[1 : 1 + size])) in codes), None)


def _region(number: str) -> str | None:
    import phonenumbers  # 30 ms, for those only who ask where a number is

    try:
        found: str | None = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return found


@lru_cache(maxsize=1)
def countries() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country (ISO 3166), from the database's zone.tab."""
    found: dict[str, tuple[str, ...]] = dict(_UNLISTED)
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), name)
    return found
