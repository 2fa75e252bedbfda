"""A simulated day: what was measured is what the log of the day comes to, and what all conversations come to counted at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions import measure
from router.aws.hours import Counted
from router.hourly import case_of, shifts
from router.keeping import save
from router.measures import Cell, cell_of, desk_of, line_of, merged
from router.measuring import measure as measured_at_once
from router.promises import Promise
from router.times import to_ms
from router.touched import HOUR, hour_of
from tests.kit.amount import THOROUGH
from tests.kit.day_log import Log, Word
from tests.kit.events import LambdaContext
from tests.kit.world import CONFIG, World

AGENTS = ("ayse", "mehmet", "usta")
BUSY: dict[str, Any] = {
    **CONFIG,
    "queues": [
        {"name": "genel", "skill": "genel", "first_response_minutes": 20, "offer_seconds": 240},
        {"name": "chat", "skill": "chat", "first_response_minutes": 1},
        {"name": "uzman", "skill": "uzman", "first_response_minutes": 60},
    ],
    "agents": [{"name": name, "display_name": name, "skills": ["genel", "chat", "uzman"]} for name in AGENTS],
}
HOURS = 9 if THOROUGH else 6


class Day:
    """Customers write and agents work, as the dice fall; hours are counted as they end, but for an outage of the function."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.log = Log(world, minutes={one["name"]: one["first_response_minutes"] for one in BUSY["queues"]})
        self.first = hour_of(to_ms(world.now))
        self.customers = 0

    def live(self) -> None:
        """All of it."""
        world = self.world
        measure.handler({}, LambdaContext())
        for agent in AGENTS:
            self.presence(agent, "online")
        end = world.now + timedelta(hours=HOURS)
        hour = world.now.hour
        while world.now < end:
            world.pass_time(seconds=self.dice.choice((2, 10, 30, 60)) + self.dice.randrange(1000) / 1000)
            self.step()
            if world.now.hour != hour and world.now.minute >= 5:
                hour = world.now.hour
                if hour not in (13, 14):  # the function does not run for two hours
                    measure.handler({}, LambdaContext())
        world.now = end + timedelta(minutes=6)
        self.done()
        for _ in range(2):  # what the last hour's run left to be counted again
            measure.handler({}, LambdaContext())
            world.pass_time(minutes=5)

    def step(self) -> None:
        """One thing happens."""
        things: dict[Callable[[], None], int] = {
            self.new: 24, self.again: 12, self.accept: 24, self.answer: 18, self.resolve: 20, self.transfer: 7, self.decline: 5,
            self.snooze: 4, self.come_and_go: 2, self.promise: 8, self.score: 4,
        }  # fmt: skip
        does = self.dice.choices(list(things), list(things.values()))[0]
        does()
        self.done()

    def done(self) -> None:
        """What follows; offers and snoozes end, and now and then the sweep looks."""
        self.world.pump()
        self.log.look()
        self.world.ring()
        self.world.pump()
        self.log.look(lined=True)
        if self.dice.random() < 0.1:
            self.world.sweep()
            self.world.pump()
            self.log.look(lined=True)

    def new(self) -> None:
        self.customers += 1
        self.write("Merhaba", self.customers)

    def again(self) -> None:
        if self.customers:
            self.write("Bir de şu var", self.dice.randint(1, self.customers))

    def write(self, text: str, customer: int) -> None:
        sender = f"+1555{customer:07}"
        self.world.sms(text, sender=sender)
        self.log.heard(sender)

    def one(self, *states: str) -> Any:
        found = [pk for pk, seen in self.log.seen.items() if seen[-1].state in states]
        return self.world.x.table.slots(self.dice.choice(found).removeprefix("P#"))[0] if found else None

    def call(self, one: Any, what: str, body: dict[str, Any] | None = None) -> int:
        role = "supervisor" if one.agent is None else "agent"
        return self.world.call(
            "POST", f"/v1/conversations/{one.id}/{what}", body or {}, user=one.agent or "sefa", role=role
        )[0]

    def answer(self) -> None:
        if one := self.one("active"):
            self.world.reply(one.id, user=one.agent)
            self.log.wrote[f"P#{one.contact}"].append((to_ms(self.world.now), one.agent))

    def accept(self) -> None:
        if one := self.one("offered"):
            assert self.call(one, "accept") == 200

    def resolve(self) -> None:
        if one := self.one("active", "pending", "pending", *(("waiting",) if self.dice.random() < 0.1 else ())):
            assert self.call(one, "resolve") == (409 if any(promise.open for promise in one.promises) else 200)

    def transfer(self) -> None:
        if one := self.one("active", "pending"):
            queue = "uzman" if one.queue == "genel" else "genel"
            body = {"queue": queue} if self.dice.random() < 0.6 else {"agent": self.dice.choice(AGENTS)}
            self.call(one, "transfer", body)

    def decline(self) -> None:
        if one := self.one("offered"):
            assert self.call(one, "decline") == 200

    def snooze(self) -> None:
        if one := self.one("active"):
            until = self.world.now + timedelta(minutes=self.dice.choice((10, 50, 130)))
            assert self.call(one, "snooze", {"until": until.isoformat()}) == 200
            self.log.snoozed[f"P#{one.contact}"] = to_ms(until)

    def come_and_go(self) -> None:
        self.presence(self.dice.choice(AGENTS), self.dice.choice(("online", "online", "away", "offline")))

    def presence(self, agent: str, presence: str) -> None:
        status, _ = self.world.call("POST", f"/v1/agents/{agent}/presence", {"presence": presence}, user=agent)
        assert status == 200
        self.log.came(agent, presence)

    def promise(self) -> None:
        """Somebody promises to do something by a time, or says that it is done."""
        one = self.one("active", "pending")
        if self.log.words and self.dice.random() < 0.7:
            one = self.world.x.table.slots(self.dice.choice(sorted(self.log.words)).removeprefix("P#"))[0]
        if one is None or one.state.done:
            return
        now, made, words = self.world.now, one.promises, self.log.words[f"P#{one.contact}"]
        if made and made[-1].open:
            after = (*made[:-1], replace(made[-1], ended_at=now, kept=now <= made[-1].due_at))
            words[-1].ended = to_ms(now)
        else:
            due = now + timedelta(minutes=self.dice.choice((20, 90, 200)))
            after = (*made, Promise(f"pr_{self.world.serial()}", now, due, "ayse", answer=False))
            words.append(Word(to_ms(due)))
        self.world.x.table.commit(*save(self.world.x, one, replace(one, promises=after)).changes)

    def score(self) -> None:
        """A customer says how it was."""
        one = self.one("resolved")
        if one is not None and one.agent is not None:
            value = self.dice.randint(1, 5)
            path, body = f"/v1/conversations/{one.id}/satisfaction", {"kind": "csat", "score": value}
            assert self.world.call("POST", path, body, user="sefa", role="supervisor")[0] == 200
            self.log.scored.append((to_ms(self.world.now), value))


@pytest.fixture(scope="module", params=[1, pytest.param(3, marks=pytest.mark.soak)])
def day(request: pytest.FixtureRequest) -> Any:
    with World(BUSY, memory=True) as world:
        found = Day(world, request.param)
        found.live()
        yield found


def kept(day: Day) -> list[Counted]:
    return day.world.x.table.counted(day.first, day.first + HOURS - 1)


def cells(one: Counted) -> tuple[dict[Any, Cell], dict[Any, Cell]]:
    lines = {line_of(name): cell_of(data) for name, data in one.lines.items()}
    return lines, {desk_of(name): cell_of(data) for name, data in one.desks.items()}


def test_every_hour_of_the_day_was_counted_those_of_an_outage_too(day: Day) -> None:
    assert [one.hour for one in kept(day)] == list(range(day.first, day.first + HOURS))
    assert day.customers > 100
    whole: Counter[str] = Counter()
    for one in kept(day):
        for cell in cells(one)[0].values():
            whole.update(cell.counts)
    assert all(
        whole[name] > 3 for name in ("reopened", "transfers", "alone", "handled", "missed.first_response", "in_time")
    )
    theirs = merged(cell for one in kept(day) for desk, cell in cells(one)[1].items())
    assert whole["missed.first_response"] > theirs.count("missed.first_response") > 3
    assert whole["met.first_response"] == theirs.count("met.first_response") > 3
    assert theirs.count("in_time") == whole["in_time"] < len(theirs.answered)
    assert whole["promises_kept"]
    assert whole["promises_broken"]


def test_scores_count_in_the_hour_in_which_they_are_given(day: Day) -> None:
    assert len(day.log.scored) > 5
    for one in kept(day):
        found: Counter[str] = Counter()
        for cell in cells(one)[0].values():
            found.update({name: n for name, n in cell.counts.items() if name.startswith("csat.")})
        assert found == Counter(f"csat.{value}" for at, value in day.log.scored if at // HOUR == one.hour)


def test_what_was_measured_is_what_the_log_of_the_day_comes_to(day: Day) -> None:
    for one in kept(day):
        lines, desks = cells(one)
        told = day.log.counts(one.hour * HOUR, (one.hour + 1) * HOUR)
        queues: dict[str, Cell] = {
            queue: merged(cell for line, cell in lines.items() if line.queue == queue)
            for queue in {line.queue for line in lines}
        }
        names = (
            "begun", "reopens", "resolved", "reopened", "alone", "active_ms", "handled", "handled_ms", "transfers", "promises_kept",
            "promises_broken", "in_time", "met.first_response", "missed.first_response",
        )  # fmt: skip
        found = {
            queue: {name: cell.count(name) for name in names if cell.count(name)}
            | _some(open=cell.standing.open, open_ms=cell.standing.open_ms, line=cell.standing.line)
            | _some(given_up=len(cell.abandoned))
            for queue, cell in queues.items()
        }
        assert {queue: counts for queue, counts in found.items() if counts} == told["queues"]
        assert {queue: list(cell.answered) for queue, cell in queues.items() if cell.answered} == told["waits"]
        desk_waits = {
            agent: merged(cell for desk, cell in desks.items() if desk.agent == agent).answered for agent in AGENTS
        }
        assert {agent: list(waits) for agent, waits in desk_waits.items() if waits} == told["taken"]
        agents: dict[str, Counter[str]] = {}
        for desk, cell in desks.items():
            counts = {
                name: n for name, n in cell.counts.items()
                if name in ("held", "joined", "left", "in_time") or name.startswith(("presence.", "met.", "missed."))
            }  # fmt: skip
            agents.setdefault(desk.agent, Counter()).update(counts)
        assert {agent: dict(counts) for agent, counts in agents.items() if counts} == told["agents"]


def test_what_was_measured_hour_by_hour_is_what_all_conversations_come_to_at_once(day: Day) -> None:
    """Those that count in an hour were all found: by what happened in it, and by what was open before it."""
    x = day.world.x
    cases = [case_of(one, x.config()) for one in day.world.conversations() if one.into is None]
    there = shifts(x, day.first * HOUR, to_ms(day.world.now))
    for one in kept(day):
        at_once = measured_at_once(cases, there, one.hour * HOUR, (one.hour + 1) * HOUR)
        lines, desks = cells(one)
        assert lines == dict(at_once.lines)
        assert desks == dict(at_once.desks)


def test_counting_everything_again_leaves_the_same_bytes(day: Day) -> None:
    x = day.world.x
    before = [day.world.items(prefix) for prefix in ("COUNTED#", "OPEN#", "AGAIN")]
    x.table.count_again(day.first, day.first + HOURS - 1, "by hand")
    day.world.pass_time(seconds=300)
    assert measure.handler({}, LambdaContext())["hours"] == HOURS
    assert [day.world.items(prefix) for prefix in ("COUNTED#", "OPEN#", "AGAIN")] == before


def _some(**counts: int) -> dict[str, int]:
    return {name: n for name, n in counts.items() if n}
