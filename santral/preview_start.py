"""What a preview is set off by: the time, by the clock of its campaign, and the event with its data."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from router.campaigns import Campaign, FromEvent, Happened
from router.config import Config
from router.errors import Invalid
from router.happened import MOST_BYTES
from router.outreach_facts import home
from router.recurring import Birthday, Once, next_after
from router.times import to_ms
from router.zones import wall, zone
from santral.contact_files import BadFile, decoded

_YEARS = range(2000, 2200)
"""What is looked at begins in one of them: far enough from where times end."""
_SHOWN = 300
"""So many characters of an event are shown at most."""


def time_of(config: Config, campaign: Campaign, at: str | None, now: datetime) -> datetime:
    """When it is set off, by the clock of its zone: as said, else when it next is, else now. Raises Invalid."""
    clock = campaign.clock
    of = home(config) if clock is None or clock.zone == "recipient" else clock.zone
    if at is not None:
        return _said(at, of, clock)
    if isinstance(clock, Once):
        return _near(datetime.fromisoformat(clock.at), clock.at)
    first = next_after(clock, to_ms(now), of) if clock is not None and not isinstance(clock, Birthday) else None
    shown = wall(zone(of), first.at if first is not None else to_ms(now)).replace(second=0, microsecond=0)
    if isinstance(clock, Birthday):
        return shown.replace(hour=int(clock.birthday[:2]), minute=int(clock.birthday[3:]))
    return shown


def _said(at: str, of: str, clock: object) -> datetime:
    try:
        said = datetime.fromisoformat(at)
    except ValueError:
        raise Invalid(f"'{at}' is no time: write 2026-12-01T10:00, or 2026-12-01") from None
    said = _near(said, at)
    if said.tzinfo is not None:
        said = wall(zone(of), to_ms(said))
    if len(at) > len("2026-12-01"):
        return said
    hour = _hour(clock)
    return said.replace(hour=int(hour[:2]), minute=int(hour[3:]))


def _near(at: datetime, written: str) -> datetime:
    if at.year not in _YEARS:
        raise Invalid(f"'{written}' is too far away: write a day of {_YEARS[0]} to {_YEARS[-1]}")
    return at


def _hour(clock: object) -> str:
    """The time of day that goes with a date alone."""
    if isinstance(clock, Birthday):
        return clock.birthday
    return clock.at[11:] if isinstance(clock, Once) else "10:00"


# --- the event -------------------------------------------------------------------------------------------------------


def data_of(campaign: Campaign, text: str | None, file: Path | None) -> dict[str, Any] | None:
    """The event's data as they were given, judged as the API does; None where none were. Raises Invalid."""
    if file is not None:
        try:
            text = decoded(file.read_bytes())
        except BadFile:
            raise Invalid(f"{file.name} is no text in UTF-8: save it so") from None
    if text is None:
        return None
    if not isinstance(campaign.starts, Happened):
        raise Invalid(f"campaign '{campaign.name}' begins by no event: leave --event out")
    try:
        data = json.loads(text)
    except RecursionError:
        raise Invalid("the event's data is nested too deeply") from None
    except ValueError as error:
        raise Invalid(f"the event's data is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise Invalid('the event\'s data must be an object: {"order": {"total": 100}}')
    try:
        kept = json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise Invalid("the event's data holds half a character, which no text can") from None
    except ValueError:
        raise Invalid("the event's data holds a number that is none in JSON, such as NaN") from None
    if len(kept) > MOST_BYTES:
        raise Invalid("an event holds at most 32 KB of data")
    return data


def examples(config: Config, campaign: Campaign) -> dict[str, Any]:
    """The data of an event by the examples of all templates that it fills in."""
    data: dict[str, Any] = {}
    names = dict.fromkeys(name for step in campaign.sends for name in step.templates)
    for template in filter(None, map(config.template, names)):
        for name, value in campaign.values.items():
            if isinstance(value, FromEvent) and name in template.needs:
                _put(data, value.event.split("."), template.needs[name])
    return data


def told(data: dict[str, Any]) -> str:
    """That nobody gave an event, and which one it is looked at with."""
    text = json.dumps(data, ensure_ascii=False)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f"No event was given, so its data are the examples of the templates; give others: --event '{shown}'"


def _put(data: dict[str, Any], path: list[str], example: Any) -> None:
    """An example where the path leads; what is there already stays, with what it has not yet."""
    *way, last = path
    for step in way:
        inside = data.setdefault(step, {})
        if not isinstance(inside, dict):
            return
        data = inside
    if isinstance(example, dict):
        inner = data.setdefault(last, {})
        for key, value in example.items() if isinstance(inner, dict) else ():
            _put(inner, [key], value)
    else:
        data.setdefault(last, example)
