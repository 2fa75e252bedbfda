"""That something was escalated is told to others, stopped at each of its calls: the webhook that the policy names gets it once."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.crash.test_escalation import ESCALATING, late
from tests.crash.test_publish import HOOK, tell
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.world import World

LISTENING: dict[str, Any] = {**deepcopy(ESCALATING), "webhooks": [{**HOOK, "events": ["contact.joined"]}]}
LISTENING["sla"][0]["escalate"][1]["notify"] = {"webhook": ["crm"]}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with World(LISTENING, streaming=True) as world:
        yield Ground(world)


def escalated(world: World) -> None:
    """A breach was escalated, and its records are in the stream."""
    late(world)
    while world.publish():
        pass
    world.ring()


def told_by_name(world: World, _: Any) -> None:
    """The webhook that the policy names has one delivery, though it asked for other events."""
    assert world.bus is not None
    (delivery,) = world.items("W#")
    assert (delivery["ty"], delivery["st"]) == ("conversation.escalated", "delivered")
    assert {event["id"] for event in world.receiver.events} == {delivery["ev"]}
    assert delivery["ev"] in {event["id"] for event in world.bus.events}


@pytest.mark.parametrize("mode", MODES)
def test_that_it_was_escalated_is_told_to_the_webhook_that_the_policy_names(ground: Ground, mode: str) -> None:
    ground.run(Scenario("publish.escalated", escalated, told_by_name, tell), mode)
