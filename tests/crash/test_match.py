"""Match, stopped at each of its calls: somebody is free, nobody is, somebody becomes free."""

from typing import Any

import pytest

from router.config import Config
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, World

SMALL = {
    **CONFIG,
    "version": "small",
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": ["genel", "chat"], "units": 3},
        {"name": "mehmet", "display_name": "Mehmet", "skills": ["genel", "chat"], "units": 3},
        {"name": "usta", "display_name": "Usta", "skills": ["uzman"], "units": 3},
    ],
}
Config.model_validate(SMALL)


def owners(world: World) -> list[str | None]:
    """Who has each conversation, the oldest first."""
    return [c.agent for c in world.conversations()]


def customers(world: World, number: int, first: int = 0) -> None:
    """Customers write one after the other; their messages are routed."""
    for one in range(first, first + number):
        world.sms(f"Ben {one}", sender=f"+155501{one:02d}")
        world.work("inbound")
        world.pass_time(seconds=1)


def free(world: World) -> None:
    world.come_in("ayse")
    world.pump()
    customers(world, 1)


def hers(world: World, _: Any) -> None:
    assert owners(world) == ["ayse"]


def nobody(world: World) -> None:
    customers(world, 1)


def in_line(world: World, _: Any) -> None:
    assert owners(world) == [None]
    assert len(Seen.of(world).line) == 1


def all_busy(world: World) -> None:
    """Ayşe is full and somebody is in line already."""
    world.come_in("ayse")
    customers(world, 2)
    world.pump()
    customers(world, 1, first=2)


def two_in_line(world: World, _: Any) -> None:
    assert owners(world) == ["ayse", None, None]
    assert len(Seen.of(world).line) == 2


def freed(world: World) -> None:
    """Two are in line when Ayşe's only conversation is resolved."""
    world.come_in("ayse")
    customers(world, 3)
    world.pump()
    (held, *_) = world.conversations()
    assert world.call("POST", f"/v1/conversations/{held.id}/resolve", {})[0] == 200


def the_head_of_the_line(world: World, _: Any) -> None:
    assert owners(world) == ["ayse", "ayse", None]


def last_in_line(world: World) -> None:
    """The only one in line, and somebody comes in: the line becomes empty."""
    customers(world, 1)
    world.pump()
    world.come_in("ayse")


def nobody_in_line(world: World, _: Any) -> None:
    assert owners(world) == ["ayse"]
    assert not Seen.of(world).line


def batch(world: World) -> None:
    """Four newcomers and two agents with room for one each."""
    world.come_in("ayse", "mehmet")
    world.pump()
    customers(world, 4)


def two_of_four(world: World, _: Any) -> None:
    assert sorted(owners(world)[:2], key=str) == ["ayse", "mehmet"]
    assert owners(world)[2:] == [None, None]


SCENARIOS = [
    Scenario("match.assign", free, hers, queue="match", config=SMALL),
    Scenario("match.nobody in", nobody, in_line, queue="match", config=SMALL),
    Scenario("match.all busy", all_busy, two_in_line, queue="match", config=SMALL),
    Scenario("match.freed", freed, the_head_of_the_line, queue="match", config=SMALL),
    Scenario("match.last in line", last_in_line, nobody_in_line, queue="match", config=SMALL),
    Scenario("match.batch", batch, two_of_four, queue="match", config=SMALL),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_matching_survives(ground: Ground, scenario: Scenario, mode: str) -> None:
    ground.run(scenario, mode)
