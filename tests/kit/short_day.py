"""A short day in a world, driven by chance through production's use cases: each thing, and each timer, at a millisecond of its own."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from typing import Any

from router.conversations import Conversation, State
from router.times import from_ms
from tests.kit.world import World

BOSS: dict[str, Any] = {"user": "patron", "role": "supervisor"}
CONFIG: dict[str, Any] = {
    "version": "short-1",
    "inboxes": [
        {"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "genel", "secret": "twilio"},
        {"name": "destek", "channel": "email", "address": "destek@example.com", "queue": "posta", "language": "tr"},
    ],
    "queues": [
        {
            "name": "genel",
            "skill": "genel",
            "offer_seconds": 12,
            "wrap_up_seconds": 9,
            "first_response_minutes": 2,
            "steps": [{"needs": "genel>=3", "seconds": 20}],
        },
        {"name": "posta", "skill": "posta", "first_response_minutes": 5},
        {"name": "uzman", "skill": "uzman", "first_response_minutes": 5},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": {"genel": 4, "posta": 1}, "units": 6},
        {"name": "mehmet", "display_name": "Mehmet", "skills": {"genel": 2, "uzman": 1}, "units": 6},
        {
            "name": "zeynep",
            "display_name": "Zeynep",
            "skills": {"posta": 3, "uzman": 2},
            "units": 12,
            "limits": {"email": 1},
        },
    ],
    "pools": [{"name": "main", "declined_seconds": 15, "missed_seconds": 10, "pause_after": 2, "pause_seconds": 25}],
}
AGENTS = ("ayse", "mehmet", "zeynep")


class ShortDay:
    """So many seconds of it, by a seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.by = world, random.Random(seed)
        self.customers = 0
        self.there: set[str] = set()

    def live(self, seconds: int) -> None:
        """One thing a second, each at its own millisecond; agents come in first of all."""
        if not self.customers:
            for agent in AGENTS:
                self._presence(agent, "online")
        begin = self.world.now
        for second in range(1, seconds + 1):
            self._until(begin + timedelta(seconds=second, milliseconds=second))
            self._something()
            self.world.pump()

    def _until(self, at: datetime) -> None:
        """Every timer to the millisecond, and what follows of each."""
        while due := [one for one in self._due() if one <= at]:
            self.world.now = max(self.world.now, min(due))
            self.world.ring()
            self.world.pump()
        self.world.now = at

    def _due(self) -> list[datetime]:
        _, queue = self.world._queue("timers")
        return [from_ms(json.loads(message.body)["at"]) for message in queue._messages]

    def _something(self) -> None:
        drawn = self.by.random()
        if drawn < 0.08:
            self.write()
        elif drawn < 0.5:
            self._work()
        elif drawn < 0.515:
            agent = self.by.choice(AGENTS)
            self._presence(agent, "away" if agent in self.there else "online")

    def write(self, text: str = "Merhaba") -> None:
        """A customer who was not there before writes."""
        self.customers += 1
        if self.by.random() < 0.7:
            self.world.sms(text, sender=f"+1555{self.customers:04d}")
        else:
            self.world.mail(text, sender=f"k{self.customers}@example.net")

    def _work(self) -> None:
        """Somebody does something with a conversation that is not over."""
        found = [one for one in self.world.conversations() if not one.state.done]
        if found:
            self._with(self.by.choice(found))

    def _with(self, one: Conversation) -> None:
        drawn = self.by.random()
        if one.state is State.OFFERED:
            if drawn < 0.45:
                self.act(one, "accept")
            elif drawn < 0.6:
                self.act(one, "decline")
        elif one.state is State.WAITING:
            if drawn < 0.05:
                self.act(one, "resolve", **BOSS)  # nobody had it: the customer gave up
            elif drawn < 0.08:
                self.act(one, "transfer", {"queue": "uzman"}, **BOSS)
        elif one.state in (State.ACTIVE, State.PENDING):
            if drawn < 0.12:
                self.act(one, "resolve")
            elif drawn < 0.15:
                self.act(one, "transfer", {"queue": "uzman" if one.queue != "uzman" else "genel"})
            elif drawn < 0.17:
                self.act(one, "snooze", {"until": (self.world.now + timedelta(seconds=40)).isoformat()})
            elif drawn < 0.3 and one.state is State.ACTIVE:
                self.world.reply(one.id, user=one.agent or "")

    def act(self, one: Conversation, what: str, body: dict[str, Any] | None = None, **user: Any) -> None:
        """Somebody does something with it, its agent as a rule."""
        who = user or {"user": one.agent}
        status, answer = self.world.call("POST", f"/v1/conversations/{one.id}/{what}", body or {}, **who)
        assert status in (200, 409), answer

    def _presence(self, agent: str, presence: str) -> None:
        status, answer = self.world.call("POST", f"/v1/agents/{agent}/presence", {"presence": presence}, user=agent)
        assert status == 200, answer
        (self.there.add if presence == "online" else self.there.discard)(agent)
