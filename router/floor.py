"""A pool's agents at one instant: who is in, who has room, who may get what now. Masks of bits over the crew's numbers."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import datetime

from router.config import Config
from router.crew import Crew, crew_of, mask, numbers
from router.loads import Load, taken
from router.policies import Weighed
from router.times import whole_ms

_FEW = 64
_STALE = 4
"""So many entries an agent, all but one of them out of date, and who is idle is sorted anew."""


class Floor:
    """Made from a roster that was read at `at`; `claimed` keeps it right while one match gives work away.

    `others` are the presences of those who have no room for anything: their loads are not read. Loads of agents whom the
    configuration does not have in this pool are left out. `by_hand` looks at neither working hours nor pauses nor wrap-up: what
    people agree on needs none.
    """

    def __init__(
        self, config: Config, pool: str, loads: Iterable[Load], at: datetime, others: Mapping[str, str] | None = None, *,
        by_hand: bool = False,
    ) -> None:  # fmt: skip
        self.pool, self.at = pool, whole_ms(at)
        at = self.at
        self.crew: Crew = crew_of(config, pool)
        self.loads = {load.agent: load for load in loads if load.agent in self.crew.number}
        by_presence: dict[str, list[int]] = {}
        by_free: dict[int, list[int]] = {}
        paused, wrapping = [], []
        held: dict[tuple[str, int], list[int]] = {}
        number_of = self.crew.number
        limited = self.crew.limits
        for name, load in self.loads.items():
            number = number_of[name]
            by_presence.setdefault(load.presence, []).append(number)
            by_free.setdefault(load.free, []).append(number)
            if load.paused_until is not None and load.paused_until > at and not by_hand:
                paused.append(number)
            if load.wrap_until is not None and load.wrap_until > at and not by_hand:
                wrapping.append(number)
            for channel, count in load.counts.items():
                if count > 0 and channel in limited:
                    held.setdefault((channel, count), []).append(number)
        for name, presence in (others or {}).items():
            if name in number_of and name not in self.loads:
                by_presence.setdefault(presence, []).append(number_of[name])
        self.presences = {presence: mask(members) for presence, members in sorted(by_presence.items())}
        absent = self.crew.everybody & ~mask(number for members in by_presence.values() for number in members)
        if absent:
            self.presences["offline"] = self.presences.get("offline", 0) | absent
        self.unavailable = tuple(
            (f"presence:{name}", bits) for name, bits in sorted(self.presences.items()) if not config.available(name)
        )
        shifts = {} if by_hand else self.crew.shifts
        self.off_shift = 0
        for name, bits in shifts.items():
            self.off_shift |= 0 if config.is_open(name, at) else bits
        self.paused, self.wrapping = mask(paused), mask(wrapping)
        self._free = {free: mask(members) for free, members in by_free.items()}
        self._held = {key: mask(members) for key, members in held.items()}
        self._idle: list[tuple[datetime, int]] | None = None
        self._room: dict[int, int] = {}
        self._full: dict[str, int] = {}
        self.ready = self.crew.everybody & ~self.off_shift & ~self.paused & ~self.wrapping
        for _, bits in self.unavailable:
            self.ready &= ~bits

    def now_has(self, load: Load, at: datetime) -> None:
        """An agent's load is another from `at` on, in the same presence: it may have given back, paused, or begun to wrap up.

        What ended by time alone ends for this agent too; the others stand as they did. Raises KeyError, ValueError.
        """
        self.at = at = whole_ms(at)
        number, before = self.crew.number[load.agent], self.loads[load.agent]
        if load.presence != before.presence:
            raise ValueError("whoever comes or goes makes another floor")
        bit = 1 << number
        self.loads[load.agent] = load
        if load.free != before.free:
            self._free[before.free] &= ~bit
            self._free[load.free] = self._free.get(load.free, 0) | bit
            self._room.clear()
        for channel in {*before.counts, *load.counts} & self.crew.limits.keys():
            had, has = before.counts.get(channel, 0), load.counts.get(channel, 0)
            if had != has:
                if had > 0:
                    self._held[channel, had] &= ~bit
                if has > 0:
                    self._held[channel, has] = self._held.get((channel, has), 0) | bit
                self._full.pop(channel, None)
        if load.idle_since != before.idle_since:
            self._idles(load.idle_since, number)
        paused = load.paused_until is not None and load.paused_until > at
        wrapping = load.wrap_until is not None and load.wrap_until > at
        self.paused = self.paused | bit if paused else self.paused & ~bit
        self.wrapping = self.wrapping | bit if wrapping else self.wrapping & ~bit
        away = self.off_shift
        for _, bits in self.unavailable:
            away |= bits
        self.ready = self.ready & ~bit if paused or wrapping or away & bit else self.ready | bit

    def room(self, units: int) -> int:
        """Who has so many units free."""
        found = self._room.get(units)
        if found is None:
            found = 0
            for free, bits in self._free.items():
                if free >= units:
                    found |= bits
            self._room[units] = found
        return found

    def full(self, channel: str) -> int:
        """Who holds as many conversations of the channel as they may."""
        found = self._full.get(channel)
        if found is None:
            found = 0
            for limit, limited in self.crew.limits.get(channel, {}).items():
                for (one, count), bits in self._held.items():
                    if one == channel and count >= limit:
                        found |= bits & limited
                if limit <= 0:
                    found |= limited
            self._full[channel] = found
        return found

    def able(self, of: Weighed, step: int) -> int:
        """Who could get a conversation of a class now, on that step of its ladder."""
        found = self.ready & self.crew.could(of, step)
        if found:
            found &= self.room(of.kind.units)
            if found and of.kind.channel in self.crew.limits:
                found &= ~self.full(of.kind.channel)
        return found

    def fullest(self, among: int, units: int) -> tuple[int, int]:
        """Of these, who has the least room that is enough: how much, and the mask. Raises ValueError."""
        for free in sorted(self._free):
            bits = self._free[free] & among if free >= units else 0
            if bits:
                return free, bits
        raise ValueError("nobody has room")

    def longest_idle(self, among: int) -> int:
        """The number of who is idle for longest, of several the first by name. Raises ValueError."""
        if among.bit_count() <= _FEW:
            return min(numbers(among), key=lambda n: (self.loads[self.crew.names[n]].idle_since, n))
        if self._idle is None:
            self._idle = sorted((load.idle_since, self.crew.number[name]) for name, load in self.loads.items())
        for since, number in self._idle:
            if among >> number & 1 and self.loads[self.crew.names[number]].idle_since == since:
                return number
        raise ValueError("nobody is idle")

    def claimed(
        self, agent: str, units: int, channel: str, now: datetime, offer: tuple[str, datetime] | None = None
    ) -> None:
        """An agent got a conversation, or the offer of one: less room, one more of its channel, idle since now."""
        now = whole_ms(now)
        before = self.loads[agent]
        number = self.crew.number[agent]
        bit, count = 1 << number, before.counts.get(channel, 0)
        after = taken(before, units, channel, None, now, offer, before.version + 1)
        self.loads[agent] = after
        self._free[before.free] &= ~bit
        self._free[after.free] = self._free.get(after.free, 0) | bit
        if channel in self.crew.limits:
            if count > 0:
                self._held[channel, count] &= ~bit
            self._held[channel, count + 1] = self._held.get((channel, count + 1), 0) | bit
        self._idles(now, number)
        self._room.clear()
        self._full.pop(channel, None)

    def _idles(self, since: datetime, number: int) -> None:
        if self._idle is not None:
            insort(self._idle, (since, number))
            if len(self._idle) > _STALE * len(self.loads):
                self._idle = None
