"""Groups of agents whose number changes over the day, first come, first served: what a day of several skills is held to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from santral.simulation.roles import Arrival

_STAFF, _FREE, _GIVE_UP, _ARRIVE = range(4)


class Groups:
    """One line for all; who gets free takes the first whom their group may take, who arrives the agent longest idle of their first group.

    `takes` is each queue's groups, the preferred one first; `staff` says who is there, by group, from a time on. Who leaves while busy
    finishes first. With `named` those go who are told to go; else as many as are told, as they get free.
    """

    def __init__(
        self, takes: Mapping[str, Sequence[str]], staff: Sequence[tuple[int, Mapping[str, Sequence[str]]]], *, named: bool
    ) -> None:  # fmt: skip
        self.takes, self.named = takes, named
        self.met: dict[str, tuple[int, bool]] = {}  # how long each waited, in ms, and whether they were answered
        groups = sorted({group for _, there in staff for group in there})
        self.busy, self.there = dict.fromkeys(groups, 0), dict.fromkeys(groups, 0)  # ms
        self._idle: dict[str, list[str]] = {group: [] for group in groups}
        self._duty: dict[str, set[str]] = {group: set() for group in groups}
        self._working, self._to_go = dict.fromkeys(groups, 0), dict.fromkeys(groups, 0)
        self._line: list[Arrival] = []
        self._number = 0
        self._events: list[tuple[int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        for at, there in staff:
            self._at(at, _STAFF, self._changes, there)

    def run(self, customers: Iterable[Arrival]) -> None:
        """Until the last call is over."""
        for one in customers:
            self._at(one.at, _ARRIVE, self._arrives, one)
        self.now = self._events[0][0]
        while self._events:
            at, _, _, happen, told = heappop(self._events)
            if happen == self._gives_up and told[0].id in self.met:
                continue
            for group in self.busy:
                self.busy[group] += self._working[group] * (at - self.now)
                self.there[group] += len(self._duty[group]) * (at - self.now)
            self.now = at
            happen(*told)

    def _at(self, at: int, rank: int, happen: Callable[..., None], *told: Any) -> None:
        self._number += 1
        heappush(self._events, (at, rank, self._number, happen, told))

    def _changes(self, there: Mapping[str, Sequence[str]]) -> None:
        for group, names in there.items():
            for agent in [name for name in names if name not in self._duty[group]]:
                self._duty[group].add(agent)
                self._next(group, agent)
            gone = [name for name in sorted(self._duty[group]) if name not in names]
            if not self.named:
                idle = self._idle[group][: len(gone)]
                self._to_go[group] = len(gone) - len(idle)
                gone = idle
            self._duty[group] -= set(gone)
            self._idle[group] = [name for name in self._idle[group] if name not in gone]

    def _arrives(self, one: Arrival) -> None:
        for group in self.takes[one.kind.queue]:
            if self._idle[group]:
                self._answers(group, self._idle[group].pop(0), one)
                return
        self._line.append(one)
        if one.patience is not None:
            self._at(self.now + one.patience, _GIVE_UP, self._gives_up, one)

    def _answers(self, group: str, agent: str, one: Arrival) -> None:
        self.met[one.id] = self.now - one.at, True
        self._working[group] += 1
        self._at(self.now + one.work, _FREE, self._ends, group, agent)

    def _ends(self, group: str, agent: str) -> None:
        self._working[group] -= 1
        if self._to_go[group]:
            self._to_go[group] -= 1
            self._duty[group].discard(agent)
        elif agent in self._duty[group]:
            self._next(group, agent)

    def _next(self, group: str, agent: str) -> None:
        for place, one in enumerate(self._line):
            if group in self.takes[one.kind.queue]:
                del self._line[place]
                self._answers(group, agent, one)
                return
        self._idle[group].append(agent)

    def _gives_up(self, one: Arrival) -> None:
        self._line.remove(one)
        self.met[one.id] = self.now - one.at, False
