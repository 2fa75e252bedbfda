"""Time zones: their names, and the clock on the wall of each. Pure; instants are milliseconds since 1970.

Names are those of the `tzdata` package, so they are the same on every machine.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

_NOWHERE = frozenset({"localtime", "posixrules", "Factory"})
"""Names that machines give to zones of their own: not the same on each, or missing."""


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Every name of the IANA time zone database, older spellings included."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split()) - _NOWHERE


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of a name. Raises ValueError, in words."""
    if name in _NOWHERE:
        raise ValueError(f"'{name}' is no place's time; write one such as Europe/Istanbul")
    if name not in names():
        raise ValueError(f"there is no time zone '{name}'; write one such as Europe/Istanbul")
    return ZoneInfo(name)


def _named(value: str) -> str:
    zone(value)
    return value


ZoneName = Annotated[str, AfterValidator(_named)]
"""A name that the database has."""


# --- the clock on the wall -------------------------------------------------------------------------------------------


def wall(of: ZoneInfo, at: int) -> datetime:
    """What the clock there shows at an instant, without a zone."""
    return datetime.fromtimestamp(at / 1000, of).replace(tzinfo=None, fold=0)


def instant(of: ZoneInfo, shown: datetime) -> int:
    """When the clock there shows this: the first time, if twice. A time that it skips comes as much later as it was put forward."""
    return round(shown.replace(tzinfo=of, fold=0).timestamp() * 1000)
