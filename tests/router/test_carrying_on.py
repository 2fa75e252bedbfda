"""What follows an order is carried out at once, and goes through the queue where it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from router.errors import Temporary
from router.outreach import carry_on
from router.signals import Deliver, Step
from tests.kit.outreach import SHOP, contact_of, launch, meet, sends, stages
from tests.kit.world import START, World

FIRST = "2026-03-02T12:00"


@pytest.fixture
def world() -> Iterator[World]:
    with World(SHOP, memory=True) as world:
        meet(world, [1])
        launch(world, "bayram", START)
        world.work("outreach")  # the launch
        while not world.items(f"P#{contact_of(world, 1)}") or not stages(world):
            world.work("outreach")
        yield world


def order(world: World) -> Step:
    return Step(contact_of(world, 1), "bayram", FIRST, "")


def test_a_step_ends_with_the_message_sent_and_the_journey_over(world: World) -> None:
    assert carry_on(world.x, order(world), lambda: True) == []
    assert (stages(world), [one.state for one in sends(world)]) == ({"ended:done": 1}, ["sent"])


def test_without_time_the_delivery_is_left_to_the_queue(world: World) -> None:
    (left,) = carry_on(world.x, order(world), lambda: False)
    assert isinstance(left, Deliver)
    assert [one.state for one in sends(world)] == ["queued"]


def test_what_fails_for_now_is_left_to_the_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise Temporary("throttled")

    monkeypatch.setattr(world.x.table, "begin_attempt", full)
    (left,) = carry_on(world.x, order(world), lambda: True)
    assert isinstance(left, Deliver)
    assert stages(world) == {"sending:": 1}


def test_an_order_that_fails_for_now_comes_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise Temporary("throttled")

    monkeypatch.setattr(world.x.table, "person", full)
    with pytest.raises(Temporary):
        carry_on(world.x, order(world), lambda: True)
