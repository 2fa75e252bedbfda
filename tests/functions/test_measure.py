"""Hours are counted from what happened in a world: on time, again, late, after an outage; and read by supervisors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions import measure
from tests.kit.events import LambdaContext
from tests.kit.world import World


@pytest.fixture
def world() -> Iterator[World]:
    with World(memory=True) as found:
        measured(found)
        yield found


def measured(world: World) -> int:
    """The function's next run; how many hours it counted."""
    world.pass_time(seconds=300)
    return int(measure.handler({}, LambdaContext())["hours"])


def hours(world: World, query: str = "") -> list[dict[str, Any]]:
    status, page = world.call("GET", "/v1/measures", role="supervisor", query=query)
    assert status == 200, page
    return list(page["hours"])


def total(hour: dict[str, Any], name: str) -> int:
    return sum(cell["n"].get(name, 0) for cell in hour["cells"])


def now(world: World) -> dict[str, dict[str, Any]]:
    world.pass_time(seconds=1)
    status, found = world.call("GET", "/v1/measures/now", role="supervisor")
    assert status == 200, found
    return {queue["queue"]: queue for queue in found["queues"]}


def rows(world: World) -> list[dict[str, Any]]:
    """Everything that counting wrote, but for its lease."""
    return [item for prefix in ("COUNTED#", "OPEN#", "HOUR#", "AGAIN") for item in world.items(prefix)]


def test_an_hour_is_counted_five_minutes_after_its_end_with_what_happened_in_it(world: World) -> None:
    world.come_in("ayse")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    world.pass_time(minutes=10)
    world.reply(one.id)
    world.call("POST", f"/v1/conversations/{one.id}/resolve", {})
    world.now = world.now.replace(hour=10, minute=0)
    world.pass_time(seconds=-1)
    assert measured(world) == 0
    world.pass_time(seconds=-299)
    world.pass_time(minutes=5, seconds=1)
    assert measured(world) == 1
    (before, hour) = hours(world)
    assert before["start"] == "2026-03-02T08:00:00Z"
    assert hour["start"] == "2026-03-02T09:00:00Z"
    assert (total(hour, "begun"), total(hour, "resolved"), total(hour, "in_time")) == (1, 1, 1)
    (there,) = [cell for cell in hour["agents"] if cell["queue"] is None]
    assert (there["agent"], there["n"]["joined"]) == ("ayse", 1)
