"""Another version takes effect, stopped at each call of the sweep that sees it, and of whoever acts meanwhile."""

from collections.abc import Iterator
from typing import Any

import pytest

from router.config import Config
from router.conversations import State
from tests.crash.test_desk import AGENTS, TWO_POOLS, api
from tests.crash.test_due import another_sweep, sweeps
from tests.crash.test_races import does
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, World

BESIDE = [{**agent, "pool": "yeni"} if agent["name"] != "usta" else agent for agent in AGENTS]
DISPLACING: dict[str, Any] = {
    **TWO_POOLS,
    "version": "displacing",
    "inboxes": [{**one, "queue": "satis" if one["queue"] == "genel" else "chat"} for one in CONFIG["inboxes"]],
    "queues": [
        {"name": "satis", "skill": "genel", "pool": "yeni"},
        {"name": "chat", "skill": "chat", "pool": "yeni", "first_response_minutes": 1},
        {"name": "uzman", "skill": "uzman", "pool": "ustalar"},
    ],
    "agents": BESIDE,
}
"""Whatever was in pool `main` is in pool `yeni`, and what was in queue `genel` is in `satis`."""


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Where scenarios are run and stopped: the table is in memory, for a sweep makes many calls."""
    with World(memory=True) as world:
        yield Ground(world)


def three(world: World) -> str:
    """Ayşe has two, which fill her, and one more waits; the first one's id."""
    world.come_in("ayse")
    for sender in ("+15550101", "+15550102", "+15550103"):
        world.sms(sender=sender)
        world.pump()
        world.pass_time(seconds=1)
    found = world.conversations()
    assert [c.agent for c in found] == ["ayse", "ayse", None]
    return str(found[0].id)


def displaced(world: World) -> str:
    """All of it is elsewhere by a version that no sweep has seen."""
    conversation = three(world)
    world.apply(Config.model_validate(DISPLACING))
    world.pass_time(minutes=1)
    return conversation


def gone_back(world: World) -> str:
    """A version was adopted, people worked by it, and it was rolled back."""
    world.apply(Config.model_validate(DISPLACING))
    conversation = three(world)
    world.sweep()
    world.apply(Config.model_validate(TWO_POOLS))
    world.pass_time(minutes=1)
    return conversation


def everything_moved(queue: str, pool: str) -> Any:
    """Expects all of it under these names, each thing once, and Ayşe with what she had."""

    def moved(world: World, _: Any) -> None:
        seen, found = Seen.of(world), world.conversations()
        assert {(c.queue, c.pool) for c in found} == {(queue, pool)}
        assert [c.agent for c in found] == ["ayse", "ayse", None]
        assert {key: load.free for key, load in seen.loads.items()} == {(pool, "ayse"): 0}
        assert {name for name, _, _ in seen.line} == {pool}
        assert {item["lk"] for item in seen.open_.values() if "lk" in item} == {f"open#{queue}"}

    return moved


def one_done(world: World, conversation: str) -> None:
    """Ayşe ended one, and has the next; her row is where her pool is."""
    found = {c.id: c for c in world.conversations()}
    assert found.pop(conversation).state is State.RESOLVED
    assert [(c.agent, c.queue, c.pool) for c in found.values()] == [("ayse", "satis", "yeni")] * 2
    assert {key: load.free for key, load in Seen.of(world).loads.items()} == {("yeni", "ayse"): 0}


def applies(world: World, _: Any) -> bool:
    """The next version is put in force, and a sweep comes."""
    world.x.look_again()
    world.apply(Config.model_validate(DISPLACING))
    return sweeps(world, None)


MOVED, BACK = everything_moved("satis", "yeni"), everything_moved("genel", "main")
ONLINE, RESOLVE = ("/v1/agents/ayse/presence", {"presence": "online"}), "/v1/conversations/{}/resolve"
SCENARIOS = [
    Scenario("apply", three, MOVED, applies, config=TWO_POOLS),
    Scenario("sweep", displaced, MOVED, sweeps, other=another_sweep, config=TWO_POOLS),
    Scenario("sweep after a rollback", gone_back, BACK, sweeps, other=another_sweep, config=TWO_POOLS),
    Scenario("presence", displaced, MOVED, api(*ONLINE), config=TWO_POOLS),
    Scenario("resolve", displaced, one_done, api(RESOLVE), config=TWO_POOLS),
]
RACES = [
    Scenario("sweep and resolve", displaced, one_done, sweeps, other=does(RESOLVE), config=TWO_POOLS),
    Scenario("resolve and sweep", displaced, one_done, api(RESOLVE), other=sweeps, config=TWO_POOLS),
    Scenario("sweep and presence", displaced, MOVED, sweeps, other=does(*ONLINE), config=TWO_POOLS),
    Scenario("presence and sweep", displaced, MOVED, does(*ONLINE), other=sweeps, config=TWO_POOLS),
    Scenario("sweep and rollback", displaced, BACK, sweeps, other=lambda world, _: back(world), config=TWO_POOLS),
]


def back(world: World) -> bool:
    """The version before is put in force again."""
    world.apply(Config.model_validate(TWO_POOLS))
    return True


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_what_a_version_displaces_arrives_once(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_what_is_displaced_while_somebody_acts_arrives_once(ground: Ground, race: Scenario) -> None:
    ground.run(race, "pause")
