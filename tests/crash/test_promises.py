"""Promises and scores, stopped at each of their calls: made once, kept once, broken once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from router.promises import Standing
from tests.crash.test_marks import api, held
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, START, World

UNTIL = (START + timedelta(hours=30)).isoformat()
PLEDGE = {"until": UNTIL, "what": "call back"}
C = "/v1/conversations/{}/"
PROMISING: dict[str, Any] = {
    **CONFIG,
    "version": "promising",
    "answers": [{"queue": "genel", "acknowledgement": {"en": "We answer {expected}."}, "promises": True}],
}


def promised(world: World, *, minutes: float = 60 * 29) -> str:
    """Ayşe has a conversation in which she promised to call back; what the paths of its calls hold."""
    one = held(world)
    until = (world.now + timedelta(minutes=minutes)).isoformat()
    body = {"until": until, "what": "call back"}
    status, answer = world.call("POST", f"/v1/conversations/{one}/promises", body)
    assert status == 200, answer
    return f"{one}/promises/{answer['conversation']['promises'][0]['id']}"


def overdue(world: World) -> str:
    """Its timer is to ring."""
    handed = promised(world, minutes=5)
    world.pass_time(minutes=4)
    world.ring()  # the warnings
    world.pass_time(minutes=1)
    return handed


def answer_promised(world: World) -> str:
    """Ayşe promised an answer, and it is still in time."""
    one = held(world)
    body = {"until": (world.now + timedelta(hours=29)).isoformat(), "answer": True}
    assert world.call("POST", f"/v1/conversations/{one}/promises", body)[0] == 200
    world.pass_time(minutes=5)
    return one


def stands(world: World, standing: Standing, **entries: int) -> None:
    """There is one promise, as said, and so many entries of the history tell it."""
    (one,) = world.conversations()
    assert [promise.standing for promise in one.promises] == [standing]
    whats = [entry["what"] for entry in Seen.of(world).history[one.id]]
    assert {what: whats.count(what) for what in entries} == entries


def is_open(world: World, _: Any) -> None:
    stands(world, Standing.OPEN, promise=1)


def told(world: World, _: Any) -> None:
    stands(world, Standing.OPEN, reply=1)
    assert len(world.providers.left) == 1


def is_kept(world: World, _: Any) -> None:
    stands(world, Standing.KEPT, promise=1, promise_kept=1, breach=0)


def is_answered(world: World, _: Any) -> None:
    stands(world, Standing.KEPT, promise=1, reply=1, breach=0)


def is_taken_back(world: World, _: Any) -> None:
    stands(world, Standing.TAKEN_BACK, promise=1, promise_taken_back=1, breach=0)


def is_broken(world: World, _: Any) -> None:
    (one,) = world.conversations()
    assert [promise.standing for promise in one.promises] == [Standing.BROKEN]
    broken = [e["detail"]["target"] for e in Seen.of(world).history[one.id] if e["what"] == "breach"]
    assert broken.count("promise") == 1


def by_itself(world: World) -> None:
    assert world.sms()["statusCode"] == 200


def told_by_itself(world: World, _: Any) -> None:
    (one,) = world.conversations()
    (promise,) = one.promises
    assert promise.by == "auto"
    assert [e["what"] for e in Seen.of(world).history[one.id]].count("promise") == 1
    assert len([s for s in Seen.of(world).sends.values() if s.message.author == "auto"]) == 1


def scored(world: World, _: Any) -> None:
    (one,) = world.conversations()
    assert [(score.value, score.agent) for score in one.scores] == [(4, "ayse")]
    assert [e["what"] for e in Seen.of(world).history[one.id]].count("score") == 1


SCENARIOS = [
    Scenario("promise", held, is_open, api(C + "promises", PLEDGE, role="agent")),
    Scenario("reply with a promise", held, told, api(C + "replies", {"text": "Evet", "promise": PLEDGE}, role="agent")),
    Scenario("keep", promised, is_kept, api(C + "keep", role="agent")),
    Scenario("take back", promised, is_taken_back, api(C + "take-back", role="agent")),
    Scenario("an answer keeps it", answer_promised, is_answered, api(C + "replies", {"text": "Evet"}, role="agent")),
    Scenario("timer breaks it", overdue, is_broken, queue="timers"),
    Scenario("an automatic answer promises", by_itself, told_by_itself, queue="inbound", config=PROMISING),
    Scenario("satisfaction", held, scored, api(C + "satisfaction", {"kind": "csat", "score": 4})),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_promising_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
