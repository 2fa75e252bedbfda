"""A world that works on while its processes die: drawn from a seed, so that a run can be had again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from router.wire import HttpRequest, HttpResponse
from tests.kit.crash import Killed, each_call
from tests.kit.plain import PlainWorld

WORKED = ("outreach", "due", "timers")


@dataclass
class Doom:
    """Counts calls down, and dies at the last of them: before it, or after it had its effect. `of` counts only these."""

    left: int
    after: bool
    of: str = ""

    def around(self, name: str, call: Callable[[], Any]) -> Any:
        """Make one call."""
        if self.of and name != self.of:
            return call()
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        answer = call()
        if self.left == 0:
            raise Killed
        return answer


@dataclass
class Dying:
    """Workers that take from the queues in any order, get batches twice, and are killed."""

    world: PlainWorld
    chance: random.Random
    twice: float = 0.03
    killed: int = 0
    redelivered: int = 0
    cut_off: int = 0  # killed between a provider's call and its outcome
    meanwhile: Callable[[], None] = field(default=lambda: None)

    def work(self) -> bool:
        """A batch of each queue; False if there was none."""
        any_ = False
        for name in self.chance.sample(WORKED, len(WORKED)):
            batch = self.world.take(name)
            if not batch:
                continue
            any_ = True
            self.world.handle(name, batch)
            if self.chance.random() < self.twice:
                self.redelivered += 1
                self.world.handle(name, batch)
        return any_

    def until_idle(self) -> None:
        """Until the queues are empty, without harm."""
        while self.work():
            pass

    def live(self, doom: Doom) -> bool:
        """Work until doom comes; False if there was nothing left to do before."""
        try:
            with each_call(self.world, doom.around):
                while self.work():
                    self.meanwhile()
        except Killed:
            self.killed += 1
            self.cut_off += doom.of == "provider" and doom.after
            self._begin_anew()
            return True
        return False

    def _begin_anew(self) -> None:
        """What a process keeps for itself is gone."""
        self.world.x.turns.clear()
        self.world.x.held.clear()


@dataclass
class Counted:
    """A provider that counts for itself what it took, by address and text, and puts some off."""

    chance: random.Random
    busy: float = 0.02
    took: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take it, or say that it is too much now."""
        from urllib.parse import parse_qs

        body = parse_qs(request.body.decode())
        if self.chance.random() < self.busy:
            return HttpResponse(429, {}, b'{"code": 20429, "message": "Too Many Requests"}')
        key = body["To"][0], body["Body"][0].split()[0]
        self.took[key] = self.took.get(key, 0) + 1
        return HttpResponse(201, {}, b'{"sid": "SM%032d", "status": "queued"}' % sum(self.took.values()))
