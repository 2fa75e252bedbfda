"""The simulator runs what production runs: one small day in both, and who got what, and when, is the same to the millisecond.

Production is the world of all tests: signed webhooks, queues, timers, the table, the API that desks call. Its clock is moved from
one thing that happens to the next. The simulator gets the same customers and agents, who do the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest

from router.config import Config
from router.conversations import Conversation, State
from router.times import from_ms, to_ms
from santral.simulation.centre import Centre
from santral.simulation.roles import Arrival, Coming, Reply
from santral.simulation.scenario import Stream
from santral.simulation.traffic import sorts
from tests.kit.centres import START, Log
from tests.kit.world import World

SECOND, MINUTE = 1000, 60_000
CUSTOMERS = 60
DAY: dict[str, Any] = {
    "version": "small-day",
    "inboxes": [
        {"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "siparis", "secret": "twilio"},
        {"name": "iade", "channel": "twilio", "address": "+15550102", "queue": "iade", "secret": "twilio"},
        {"name": "mail", "channel": "email", "address": "destek@example.com", "queue": "fatura", "language": "en"},
        {"name": "shop", "channel": "email", "address": "help@shop.example", "queue": "shop", "brand": "shop"},
    ],
    "queues": [
        {"name": "siparis", "skill": "siparis", "first_response_minutes": 1, "wrap_up_seconds": 20},
        {
            "name": "iade", "skill": "siparis", "first_response_minutes": 5, "wrap_up_seconds": 75, "priority": 3,
            "steps": [{"needs": "siparis>=3", "seconds": 30}],
        },
        {
            "name": "fatura", "skill": "fatura", "first_response_minutes": 10,
            "overflow": [{"queue": "siparis", "after_seconds": 90}],
        },
        {"name": "shop", "skill": "shop", "pool": "second", "first_response_minutes": 30},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": {"siparis": 4}, "units": 9, "limits": {"sms": 2}},
        {"name": "mehmet", "display_name": "Mehmet", "skills": {"siparis": 2, "fatura": 2}, "secondary": ["siparis"], "units": 12},
        {"name": "zeynep", "display_name": "Zeynep", "skills": {"siparis": 1, "fatura": 1}, "units": 6},
        {"name": "can", "display_name": "Can", "skills": ["shop"], "pool": "second", "units": 6},
    ],
    "pools": [
        {"name": "main", "declined_seconds": 40, "missed_seconds": 25, "pause_after": 2, "pause_seconds": 60},
        {"name": "second", "policy": "fifo"},
    ],
    "routing": {"offers": {"sms": 20}, "units": {"sms": 3, "email": 6, "webchat": 4}},
}  # fmt: skip
COMINGS = (
    Coming(START + 1_111, "ayse", "online"),
    Coming(START + 2_222, "mehmet", "online"),
    Coming(START + 40_333, "zeynep", "online"),
    Coming(START + 50_555, "can", "online"),
    Coming(START + 6 * MINUTE + 21, "ayse", "away"),  # a break: what is offered to her then goes on
    Coming(START + 9 * MINUTE + 21, "ayse", "online"),
    Coming(START + 11 * MINUTE + 33, "mehmet", "away"),
    Coming(START + 12 * MINUTE + 33, "mehmet", "online"),
    Coming(START + 14 * MINUTE + 7, "zeynep", "offline"),
    Coming(START + 15 * MINUTE + 13, "ayse", "away"),
    Coming(START + 15 * MINUTE + 53, "ayse", "online"),
)
_NEVER = 1 << 62
INBOXES = {"sms": "siparis", "iade": "iade", "mail": "fatura", "shop": "shop"}


@dataclass(frozen=True, slots=True)
class Customer:
    """When they write, and to which inbox."""

    number: int
    at: int
    inbox: str

    @property
    def name(self) -> str:
        """What the simulator knows their conversation by."""
        return f"c_{self.number:02}"


@dataclass(frozen=True, slots=True)
class Habits:
    """How long each conversation takes, and what agents do with offers: the same in both."""

    seed: str

    def work(self, arrival: Arrival, agent: str) -> int:
        """By customer and agent."""
        return Random(f"{self.seed} {arrival.id} {agent}").randint(20 * SECOND, 150 * SECOND)

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """By customer, agent and how often it was offered."""
        chance = Random(f"{self.seed} {arrival.id} {agent} {arrival.offers}")
        return chance.choice((*[Reply.ACCEPTS] * 4, Reply.DECLINES, Reply.MISSES)), chance.randint(500, 19_000)


def customers(seed: str) -> list[Customer]:
    """A quarter of an hour and some minutes; mail at whole seconds, as its header tells them."""
    chance, at, found = Random(seed), START, []
    for number in range(CUSTOMERS):
        at += round(chance.expovariate(1 / (18 * SECOND))) + 1
        inbox = chance.choices(tuple(INBOXES), (6, 3, 3, 2))[0]
        found.append(Customer(number, at, inbox))
    return found


# --- production -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Production:
    """A world whose clock goes from one event to the next, with people who do what their habits say."""

    world: World
    habits: Habits
    assigned: list[tuple[int, str, str]] = field(default_factory=list)
    arrived: dict[str, Arrival] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    _customers: dict[str, Customer] = field(default_factory=dict)  # by conversation
    _met: set[str] = field(default_factory=set)
    _known: dict[str, str | None] = field(default_factory=dict)  # the last decision of each
    _events: list[tuple[int, int, Any]] = field(default_factory=list)
    _number: Any = field(default_factory=count)

    def at(self, at: int, happen: Any) -> None:
        """Have something happen."""
        heappush(self._events, (at, next(self._number), happen))

    def lives(self, people: list[Customer]) -> None:
        """All of the day, and until nothing is left to happen."""
        for one in people:
            self.at(one.at, lambda one=one: self._writes(one))
        for coming in COMINGS:
            self.at(coming.at, lambda coming=coming: self._comes(coming))
        while min(self._next_event(), self._next_timer()) < _NEVER:
            self.world.now = from_ms(min(self._next_event(), self._next_timer()))
            self.world.ring()
            self.world.pump()
            self._looks()
            if self._next_event() == to_ms(self.world.now):
                heappop(self._events)[2]()
                self.world.pump()
                self._looks()

    def _next_event(self) -> int:
        return self._events[0][0] if self._events else _NEVER

    def _next_timer(self) -> int:
        times = (json.loads(message.body)["at"] for message in self.world._queue("timers")[1]._messages)
        return min((max(at, to_ms(self.world.now)) for at in times), default=_NEVER)

    def _writes(self, one: Customer) -> None:
        if one.inbox in ("mail", "shop"):
            self.world.mail(
                sender=f"m{one.number}@example.net",
                to="destek@example.com" if one.inbox == "mail" else "help@shop.example",
            )
        else:
            answer = self.world.sms(sender=f"+1555{one.number:07d}", inbox=one.inbox)
            assert answer["statusCode"] == 200, answer
        self.world.pump()
        (new,) = (c for c in self.world.conversations() if c.id not in self._customers)
        self._customers[new.id] = one
        assert to_ms(new.opened_at) == one.at
        self.arrived[new.id] = Arrival(one.name, one.at, new.kind, new.pool, None, 0)

    def _comes(self, coming: Coming) -> None:
        self._calls(coming.agent, f"/v1/agents/{coming.agent}/presence", {"presence": coming.presence})

    def _calls(self, user: str, path: str, body: dict[str, Any]) -> None:
        status, answer = self.world.call("POST", path, body, user=user)
        assert status == 200, answer

    def _looks(self) -> None:
        """What was decided, and what its agent will do."""
        for c in self.world.conversations():
            if c.decision == self._known.get(c.id) or c.agent is None:
                self._known[c.id] = c.decision
                continue
            self._known[c.id] = c.decision
            arrival = self.arrived[c.id]
            self.assigned.append((to_ms(self.world.now), arrival.id, c.agent))
            if c.state is State.ACTIVE:
                self._begins(c)
                continue
            reply, after = self.habits.replies(arrival, c.agent)
            arrival.offers += 1
            if reply is not Reply.MISSES:
                self.at(to_ms(self.world.now) + after, lambda c=c, reply=reply: self._replies(c, reply))

    def _replies(self, offered: Conversation, reply: Reply) -> None:
        current = self.world.x.table.conversation(offered.id)
        if current is None or current.decision != offered.decision:
            return  # it was withdrawn
        agent = offered.agent or ""
        self._calls(agent, f"/v1/conversations/{offered.id}/{'accept' if reply is Reply.ACCEPTS else 'decline'}", {})
        if reply is Reply.ACCEPTS:
            self._begins(offered)

    def _begins(self, c: Conversation) -> None:
        agent = c.agent or ""
        self.at(
            to_ms(self.world.now) + self.habits.work(self.arrived[c.id], agent),
            lambda: self._calls(agent, f"/v1/conversations/{c.id}/resolve", {}),
        )


@pytest.mark.parametrize("seed", ["a6", pytest.param("a7", marks=pytest.mark.soak)])
def test_a_small_day_goes_in_the_simulator_as_it_goes_in_production(seed: str) -> None:
    people, habits = customers(seed), Habits(seed)
    with World(DAY, memory=True) as world:
        production = Production(world, habits)
        production.lives(people)
        names = ("Offered", "Assigned", "Waiting", "OfferMissed", "OfferWithdrawn", "AgentPaused")
        counted = {name: world.counts.get(name, 0) for name in names}
        left = [c.id for c in world.conversations() if not c.state.done]
    config = Config.model_validate(DAY)
    log = Log(config)
    again = [Arrival(one.id, one.at, one.kind, one.pool, None, 0) for one in production.arrived.values()]
    Centre(config, habits, log, START).run(again, COMINGS)
    assert sorted(log.assigned) == sorted(
        production.assigned
    )  # what was decided at one instant is seen there in no order
    assert not left
    assert all(ends == ["answered"] for ends in log.ends.values())
    assert len(production.assigned) > CUSTOMERS
    assert min(counted.values()) > 0, "somebody missed two in a row, and somebody was called away from an offer"


def test_a_stream_s_conversations_are_of_the_class_that_a_message_is_of_in_production() -> None:
    config = Config.model_validate(DAY)
    with World(DAY, memory=True) as world:
        production = Production(world, Habits("kinds"))
        for number, inbox in enumerate(INBOXES):
            world.now = from_ms(START + number)
            production._writes(Customer(number, START + number, inbox))
        for arrival, (inbox, queue) in zip(production.arrived.values(), INBOXES.items(), strict=True):
            stream = Stream.model_validate(
                {
                    "name": inbox, "channel": arrival.kind.channel, "queues": queue, "per_hour": 1, "handling": {"constant": 1},
                    "language": arrival.kind.language, "brand": "shop" if inbox == "shop" else "default",
                }
            )  # fmt: skip
            (sort,) = sorts(config, stream)
            assert (sort.kind, sort.pool) == (arrival.kind, arrival.pool)
