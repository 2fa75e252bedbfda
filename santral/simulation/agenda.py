"""What is still to happen in a simulated contact centre, in the order of time; time is milliseconds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import Any

from santral.simulation.roles import Arrival, Coming

TIME, LOOK, FIRST, THEN, LAST = 0, 1, 2, 3, 4
"""Of the same millisecond: what time alone begins or ends, the look at all of that, what gives room, who gives up, who arrives.

Who comes or goes at that millisecond does so before all of it: the floor that is made then knows of every time that is over.
"""
_Event = tuple[int, int, int, Callable[..., None], tuple[Any, ...]]


class Agenda(ABC):
    """Lets happen what was put down, and who comes, each at its time."""

    def __init__(self, start: int) -> None:
        self.now = start
        self._events: list[_Event] = []
        self._number = 0

    def at(self, at: int, rank: int, happen: Callable[..., None], *told: Any) -> None:
        """Let something happen, at TIME, FIRST or THEN of a millisecond."""
        self._number += 1
        heappush(self._events, (at, rank, self._number, happen, told))

    def soon(self, happen: Callable[..., None], *told: Any) -> None:
        """Let something happen once what gives room in this millisecond has happened."""
        if self._events and self._events[0][:2] == (self.now, FIRST):
            self.at(self.now, THEN, happen, *told)
        else:
            happen(*told)

    def run(self, arrivals: Iterable[Arrival], comings: Iterable[Coming], until: int | None = None) -> None:
        """Let it all happen, up to `until`; both in the order of their times. Who waits or is held then does not end."""
        more, moves = iter(arrivals), iter(comings)
        arrival, coming = next(more, None), next(moves, None)
        events = self._events
        while True:
            at, what = _NEVER, 0
            if events:
                at, rank = events[0][0], events[0][1]
                what = 1
            else:
                rank = LAST + 1
            if coming is not None and coming.at <= at:
                at, rank, what = coming.at, TIME, 2
            if arrival is not None and (arrival.at < at or (arrival.at == at and rank > LAST)):
                at, what = arrival.at, 3
            if what == 0 or (until is not None and at > until):
                return
            self.now = at
            if what == 1:
                _, _, _, happen, told = heappop(events)
                happen(*told)
            elif what == 2 and coming is not None:
                together = [coming]
                while (coming := next(moves, None)) is not None and coming.at == at:
                    together.append(coming)
                self.come(together)
            elif arrival is not None:
                self.arrives(arrival)
                arrival = next(more, None)

    @abstractmethod
    def arrives(self, arrival: Arrival) -> None:
        """A customer is there."""

    @abstractmethod
    def come(self, comings: Sequence[Coming]) -> None:
        """Agents come in, go away or leave, all of them now."""


_NEVER = 1 << 62
