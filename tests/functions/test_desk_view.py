"""What the desk needs of the API beside conversations: the names of presences, and which decisions were offers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from router.aws.dynamo import delete
from router.config import Config
from tests.kit.offering import act, floor, writes
from tests.kit.world import World

LABELS = {"tr": "Yemekte", "en": "At lunch"}


@pytest.fixture
def world() -> Iterator[World]:
    with World(floor(presences=[{"name": "lunch", "label": LABELS}, {"name": "training"}]), memory=True) as world:
        yield world


def decisions(world: World, conversation: str, role: str = "agent") -> list[dict[str, Any]]:
    """The details of its decisions, as the API shows them."""
    status, told = world.call("GET", f"/v1/conversations/{conversation}", role=role)
    assert status == 200, told
    return [entry["detail"] for entry in told["history"] if entry["what"] == "decision"]


def test_states_of_the_configuration_come_with_their_names(world: World) -> None:
    _, me = world.call("GET", "/v1/me")
    assert me["presences"] == ["online", "away", "offline", "lunch", "training"]
    assert me["presence_labels"] == {"lunch": LABELS}


def test_a_decision_says_how_long_its_agent_had_to_accept_under_its_own_version(world: World) -> None:
    nobody = writes(world, 11)
    world.pass_time(seconds=1)
    world.come_in("ayse")
    offered = writes(world, 12)
    world.apply(Config.model_validate(floor(routing={})))
    given = writes(world, 13)
    assert [one.get("offer_s") for one in decisions(world, nobody.id)] == [None, 30]
    assert [one["offer_s"] for one in decisions(world, offered.id)] == [30]
    assert [(one["agent"], one["offer_s"]) for one in decisions(world, given.id)] == [("ayse", None)]


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_a_decision_whose_version_is_gone_is_shown_in_numbers(world: World, role: str) -> None:
    world.come_in("ayse")
    before = writes(world, 21)
    version = world.x.config().version
    world.apply(Config.model_validate(floor(routing={})))
    world.x.table.commit(delete("version", ("CFG", f"v#{version}")))
    (kept,) = decisions(world, before.id, role)
    assert kept["agent"] == "ayse"
    assert (kept["fit"], kept["excluded"]) == (1, {"presence:offline": 2})
    assert "offer_s" not in kept


@pytest.mark.parametrize(("role", "reason"), [("agent", None), ("supervisor", "Not mine")])
def test_why_somebody_declined_is_for_supervisors_to_read(world: World, role: str, reason: str | None) -> None:
    world.come_in("ayse")
    offered = writes(world, 31)
    act(world, "ayse", "decline", offered, {"reason": "Not mine"})
    _, told = world.call("GET", f"/v1/conversations/{offered.id}", user="mehmet", role=role)
    (declined,) = (entry for entry in told["history"] if entry["what"] == "decline")
    assert declined["who"] == "ayse"
    assert declined["detail"].get("reason") == reason
