"""Times and lengths of time as a deadline's explanation tells them: on the clock of one zone, exactly, and with every change of clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from router.business import Between
from router.explaining_reader import Reader
from router.explaining_sla import local
from router.explaining_words import DAYS, MONTHS, SPANS
from router.times import from_ms

_ALMOST = 500
"""Milliseconds: what is told is told in seconds."""


class Times:
    """For one reader, in their zone. Instants and lengths are in milliseconds."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._zone = ZoneInfo(reader.zone)

    def moment(self, at: int) -> str:
        """The day and the time of day."""
        day = self._reader.day(from_ms(at))
        return f"{day} {self._clock(at)}" if self._reader.language == "tr" else f"{day} at {self._clock(at)}"

    def short(self, at: int) -> str:
        """The same without its year."""
        return f"{self.day(at)} {self._clock(at)}"

    def day(self, at: int) -> str:
        """The day without its year."""
        here, language = local(self._zone, at), self._reader.language
        weekday, month = DAYS[language][here.weekday()], MONTHS[language][here.month - 1]
        return f"{here.day} {month} {weekday}" if language == "tr" else f"{weekday} {here.day} {month}"

    def _clock(self, at: int) -> str:
        """The time of day; where the clocks show it twice, with how far they are from UTC."""
        here, told = local(self._zone, at), self._reader.clock(from_ms(at))
        twice = here.utcoffset() != here.replace(fold=1 - here.fold).utcoffset()
        return f"{told} (UTC{here.isoformat()[-6:]})" if twice else told

    def _until(self, start: int, end: int) -> str:
        """The end of an interval: midnight is the day's 24:00."""
        return "24:00" if local(self._zone, start).date() < local(self._zone, end).date() else self._clock(end)

    def length(self, milliseconds: int) -> str:
        """A length of time in hours, minutes and seconds: a day of work has not 24 of them."""
        left, told = (milliseconds + _ALMOST) // 1000, []
        for size, one, many in SPANS[self._reader.language][1:]:
            count, left = divmod(left, size)
            if count:
                told.append(f"{count} {one if count == 1 else many}")
        return " ".join(told) or f"0 {SPANS[self._reader.language][-2][2]}"

    def hours(self, spans: Sequence[Between]) -> str:
        """Intervals of one day, by its clock."""
        return self._reader.listed([f"{self._clock(start)}–{self._until(start, end)}" for start, end in spans])

    def between(self, start: int, end: int) -> str:
        """An interval, with a change of clocks that lies in it."""
        begins, ends = local(self._zone, start), local(self._zone, end)
        if begins.date() == local(self._zone, end - 1).date():
            text = self._reader.say("sla.on", day=self.day(start), hours=self.hours(((start, end),)))
        else:
            text = self._reader.say("sla.from.to", start=self.short(start), end=self.short(end))
        moved = _offset(ends) - _offset(begins)
        if not moved:
            return text
        return self._reader.say("sla.forward" if moved > 0 else "sla.back", text=text, amount=self.length(abs(moved)))


def _offset(at: datetime) -> int:
    found = at.utcoffset()
    return 0 if found is None else round(found.total_seconds() * 1000)
