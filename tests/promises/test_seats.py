"""Where an agent's row stands follows the configuration in force, whichever version they came in under: nobody sits idle for it (P7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from router.config import Config
from router.conversations import State
from tests.kit.promises import check
from tests.kit.world import CONFIG, World


def config(version: str, **changes: Any) -> Config:
    """The usual one, with these changes."""
    return Config.model_validate({**CONFIG, "version": version, **changes})


def back_office(version: str, *, available: bool) -> Config:
    """One whose back office gets conversations, or does not."""
    return config(version, presences=[{"name": "back-office", "available": available}])


def weighing(version: str, **units: int) -> Config:
    """One under which conversations weigh so much, and Ayşe carries four units."""
    agents = [{**agent, "units": 4} if agent["name"] == "ayse" else agent for agent in CONFIG["agents"]]
    return config(version, agents=agents, routing={"units": {"email": 6, "webchat": 6, "sms": 6, **units}})


@pytest.fixture
def world() -> Iterator[World]:
    """A world whose table is in memory."""
    with World(memory=True) as made:
        yield made


def presence(world: World, value: str) -> None:
    """Ayşe sets a state."""
    status, said = world.call("POST", "/v1/agents/ayse/presence", {"presence": value}, user="ayse")
    assert status == 200, said


def seat(world: World) -> str:
    """In which partition Ayşe's row stands."""
    (item,) = (item for item in world.items() if item["sk"] == "A#ayse")
    return str(item["pk"])


def owner(world: World) -> tuple[State, str | None]:
    """Who has the only conversation."""
    (conversation,) = world.conversations()
    return conversation.state, conversation.agent


def test_p7_a_state_that_begins_to_get_conversations_gets_those_that_wait(world: World) -> None:
    world.apply(back_office("closed", available=False))
    presence(world, "back-office")
    world.sms()
    world.pump(sweep_too=True)
    assert (owner(world), seat(world)) == ((State.WAITING, None), "REST#main")
    world.apply(back_office("open", available=True))
    world.pump(sweep_too=True)
    assert (owner(world), seat(world)) == ((State.ACTIVE, "ayse"), "POOL#main")
    check(world)


def test_p7_a_state_that_ends_to_get_conversations_gets_none_before_the_sweep_either(world: World) -> None:
    world.apply(back_office("open", available=True))
    presence(world, "back-office")
    world.apply(back_office("closed", available=False))
    world.sms()
    world.pump()
    assert (owner(world), seat(world)) == ((State.WAITING, None), "POOL#main")
    world.pump(sweep_too=True)
    assert (owner(world), seat(world)) == ((State.WAITING, None), "REST#main")
    check(world)


def test_p7_whoever_came_in_by_a_process_that_still_had_the_version_before_is_seated_by_the_next_sweep(
    world: World,
) -> None:
    """A process looks for another version every few seconds; the sweep may have adopted it by then."""
    before = back_office("closed", available=False)
    world.apply(before)
    world.apply(back_office("open", available=True))
    world.sms()
    world.pump(sweep_too=True)
    current = world.exchange.config
    world.exchange.config = lambda: before
    presence(world, "back-office")
    world.exchange.config = current
    assert seat(world) == "REST#main"
    world.pump(sweep_too=True)
    assert (owner(world), seat(world)) == ((State.ACTIVE, "ayse"), "POOL#main")
    check(world)


@pytest.mark.parametrize("lighter", [{"sms": 4}, {"sms": 1}], ids=["just enough", "less"])
def test_p7_work_that_becomes_light_enough_finds_who_has_so_much_room(world: World, lighter: Mapping[str, int]) -> None:
    world.apply(weighing("heavy"))
    world.come_in("ayse")
    world.pump(sweep_too=True)
    assert seat(world) == "REST#main", "the lightest work weighs six"
    world.apply(weighing("light", **lighter))
    world.sms()
    world.pump(sweep_too=True)
    assert owner(world) == (State.ACTIVE, "ayse")
    check(world)


def test_p7_what_waits_and_is_lighter_than_anything_that_comes_by_now_finds_who_has_room_for_it(world: World) -> None:
    world.apply(weighing("light", sms=3))
    world.sms()
    world.pump(sweep_too=True)
    world.apply(weighing("heavy"))
    world.come_in("ayse")
    world.pump()
    assert (owner(world), seat(world)) == ((State.WAITING, None), "REST#main")
    world.pump(sweep_too=True)
    assert owner(world) == (State.ACTIVE, "ayse")
    world.pump(sweep_too=True)
    assert seat(world) == "REST#main", "one unit is left, and nothing so light"
    check(world)


def test_p7_what_waits_gets_lighter_with_the_configuration_so_that_somebody_can_take_it(world: World) -> None:
    world.sms()
    world.pump(sweep_too=True)
    agents = [{**agent, "units": 2} for agent in CONFIG["agents"]]
    world.apply(
        Config.model_validate({**CONFIG, "version": "small", "agents": agents, "routing": {"units": {"sms": 2}}})
    )
    world.come_in("ayse")
    world.pump(sweep_too=True)
    world.pump(sweep_too=True)
    assert owner(world) == (State.ACTIVE, "ayse")
    check(world)


def test_p7_a_line_written_under_the_old_version_after_the_sweep_had_looked_is_found_by_the_next(world: World) -> None:
    queues = [{**queue, "pool": "other"} if queue["name"] == "genel" else queue for queue in CONFIG["queues"]]
    agents = [{**agent, "pool": "other"} if agent["name"] == "ayse" else agent for agent in CONFIG["agents"]]
    moved = {**CONFIG, "version": "moved", "queues": queues, "agents": agents}
    world.apply(Config.model_validate(moved))
    world.pump(sweep_too=True)  # which has seen the new version by now
    world.apply(Config.model_validate({**CONFIG, "version": "moved-back"}))
    world.sms()
    world.pump()  # lined up in the old pool, as a function does that still has the old version
    world.apply(Config.model_validate({**moved, "version": "moved"}))
    world.come_in("ayse")
    for _ in range(3):
        world.pass_time(minutes=1)
        world.pump(sweep_too=True)
    assert owner(world) == (State.ACTIVE, "ayse")
    check(world)
