"""Deadlines that would never come: targets and reminders of more time than their calendar is open for. Each fault a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from router.business import Business
from router.calendars import Calendar
from router.config import Config
from router.targets import Limits, Sla, Target

YEARS = 10
"""What is due later than that is never due for anybody, and counting up to it would hold up every message."""
_AHEAD = YEARS * 366 * 86_400_000


def faults(config: Config, now: int) -> Iterator[str]:
    """What could not be due within ten years of `now`, in milliseconds. A calendar that never opens is another fault."""
    for policy in config.sla:
        calendar = config.calendar(policy.calendar)
        if calendar is None or (longest := _open_for(calendar, now)) == 0:
            continue
        never = f"calendar '{calendar.name}' is not open for so long within {YEARS} years: it would never be due"
        parts: list[tuple[str, Limits]] = [("", policy)]
        parts += [(f"tiers.{name}.", limits) for name, limits in policy.tiers.items()]
        parts += [(f"channels.{name}.", limits) for name, limits in policy.channels.items()]
        for at, limits in parts:
            for target in Target:
                within = limits.of(target)
                if within is None or within.seconds is None or within.wall_clock:
                    continue
                if within.seconds * 1000 > longest:
                    yield f"sla '{policy.name}': {at}{target}: {never}"
                elif (within.seconds + _reminded(policy)) * 1000 > longest:
                    yield f"sla '{policy.name}': remind: after {at}{target}, {never}"


def _reminded(policy: Sla) -> float:
    """For how long it goes on reminding, in seconds of the clock's time; not at all where that is by the wall clock."""
    if policy.remind is None or policy.remind.wall_clock:
        return 0
    return (policy.remind.seconds or 0) * policy.reminders


def _open_for(calendar: Calendar, now: int) -> int:
    """For how long it is open in those years, in milliseconds."""
    return Business(calendar).between(now, now + _AHEAD)
