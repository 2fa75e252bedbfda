"""A campaign's clockwork in which whatever could be done next is done in an order drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from router.due import attend
from router.journeys import Journey
from router.outreach import handle
from router.signals import Launch
from router.times import from_ms, to_ms
from santral.memory import MemoryDynamo
from tests.kit.outreach import journeys
from tests.kit.plain import PlainWorld


@dataclass
class Clockwork:
    """`at` are what happens besides: schedules, and what the test wants done. Queues keep no order here, as with several workers."""

    world: PlainWorld
    chance: random.Random
    at: list[tuple[datetime, Callable[[], Any]]] = field(default_factory=list)

    def fires(self, campaign: str, at: datetime) -> None:
        """A campaign's schedule will."""
        self.at.append((at, lambda: self.world.x.queues.send([Launch(campaign, at)], self.world.now)))

    def run(self, until: datetime) -> None:
        """Everything until then."""
        while True:
            while self._one():
                pass
            following = self._next()
            if following is None or following > until:
                break
            self.world.now = max(self.world.now, following)
        self.world.now = max(self.world.now, until)

    def _one(self) -> bool:
        """One of all that can be done now."""
        now = self.world.now
        can: list[Callable[[], None]] = []
        for number, (at, act) in enumerate(self.at):
            if at <= now:
                can.append(partial(self._happens, number, act))
        queue = self.world.lists.queues["outreach"]
        can += [partial(self._message, id_) for id_ in queue]
        if not can:
            can += [partial(self._attend, key) for key in self._due(to_ms(now))]
        if not can:
            return False
        self.chance.choice(can)()
        return True

    def _happens(self, number: int, act: Callable[[], Any]) -> None:
        self.at.pop(number)
        act()

    def _message(self, id_: str) -> None:
        from router.aws.queues import read_outreach

        x = self.world.x
        message = self.world.lists.queues["outreach"].pop(id_)
        x.queues.send(handle(x, read_outreach(message.body, message.sent)), self.world.now)

    def _attend(self, key: tuple[str, str]) -> None:
        x = self.world.x
        self.world.lists.swallowed.clear()  # whoever looks has another minute's word
        x.queues.send(attend(x, key), self.world.now)

    def _due(self, now: int) -> list[tuple[str, str]]:
        return [key for key, due in self._items() if due <= now]

    def _items(self) -> list[tuple[tuple[str, str], int]]:
        memory = self.world.memory
        assert isinstance(memory, MemoryDynamo)
        rows = memory.save().items()  # not told one by one: nothing of them is kept
        return [(key, row.item["due"]) for key, row in rows if key[0].startswith(("P#", "M#")) and "due" in row.item]

    def _next(self) -> datetime | None:
        times = [at for at, _ in self.at] + [from_ms(due) for _, due in self._items()]
        return min(times, default=None)


def came(world: PlainWorld) -> dict[str, str]:
    """What came of each campaign's journey."""
    return {one.campaign: _short(one) for one in journeys(world)}


def _short(one: Journey) -> str:
    return "sent" if one.sent else one.why or str(one.stage)
