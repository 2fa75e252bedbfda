"""P5: load never exceeds capacity, and a conversation has one owner."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.crash.test_match import SMALL, customers, owners
from tests.kit.crash import Ground, settle
from tests.kit.promises import check
from tests.kit.world import World


def test_twenty_customers_and_room_for_two(ground: Ground) -> None:
    world = ground.begin(SMALL)
    world.come_in("ayse", "mehmet")
    customers(world, 20)
    settle(world)
    check(world)
    assert Counter(owners(world)) == {"ayse": 1, "mehmet": 1, None: 18}


def test_a_batch_of_wake_ups_that_comes_twice_assigns_once(ground: Ground) -> None:
    world = ground.begin(SMALL)
    world.come_in("ayse", "mehmet")
    customers(world, 4)
    batch = world.take("match")
    world.handle("match", batch)
    world.handle("match", batch)
    check(world, settled=False)
    settle(world)
    check(world)
    assert Counter(owners(world)) == {"ayse": 1, "mehmet": 1, None: 2}


def test_the_limit_of_a_channel_holds_though_there_are_units(world: World) -> None:
    config = world.x.config()
    roomy = [a.model_copy(update={"units": 100}) for a in config.agents]
    world.apply(config.model_copy(update={"version": "roomy", "agents": tuple(roomy)}))
    world.come_in("ayse")
    for visitor in range(5):
        world.frame(world.open_chat(f"visitor{visitor}"), {"type": "message", "id": "1", "text": "Merhaba"})
        world.pump()
    settle(world)
    check(world)
    assert Counter(owners(world)) == {"ayse": 3, None: 2}


def test_two_agents_take_the_same_conversation_and_one_has_it(world: World) -> None:
    world.sms()
    world.pump()
    world.come_in("ayse", "mehmet")
    (conversation,) = world.conversations()
    first, _ = world.call("POST", f"/v1/conversations/{conversation.id}/take", {}, user="ayse")
    second, answer = world.call("POST", f"/v1/conversations/{conversation.id}/take", {}, user="mehmet")
    assert (first, second) == (200, 409)
    assert "with ayse" in answer["detail"]
    settle(world)
    check(world)


def test_fewer_units_in_the_configuration_take_nothing_away_and_give_nothing_new(world: World) -> None:
    world.come_in("ayse")
    customers(world, 3)
    world.pump()
    config = world.x.config()
    fewer = [a.model_copy(update={"units": 9}) if a.name == "ayse" else a for a in config.agents]
    world.apply(config.model_copy(update={"version": "fewer", "agents": tuple(fewer)}))
    world.come_in("ayse")
    customers(world, 1, first=10)
    settle(world)
    check(world)
    assert Counter(owners(world)) == {"ayse": 3, None: 1}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_agents_do_at_once_the_load_is_right(ground: Ground, seed: int) -> None:
    """Calls and batches in a random order, every batch handled twice."""
    dice = random.Random(seed)
    world = ground.begin(SMALL)
    world.come_in("ayse", "mehmet")

    def call(path: str, body: dict[str, Any], user: str) -> None:
        status, answer = world.call("POST", path, body, user=user)
        assert status in (200, 403, 409), answer

    for step in range(30):
        found = world.conversations()
        what = dice.choice(["customer", "customer", "match", "resolve", "transfer", "take", "presence", "inbound"])
        user = dice.choice(["ayse", "mehmet"])
        if what == "customer":
            world.sms(f"{step}", sender=f"+155501{dice.randrange(8):02d}")
        elif what in ("match", "inbound"):
            if batch := world.take(what):
                world.handle(what, batch)
                world.handle(what, batch)
        elif what == "presence":
            call(f"/v1/agents/{user}/presence", {"presence": dice.choice(["online", "online", "away"])}, user)
        elif found:
            conversation = dice.choice(found).id
            body = {"agent": dice.choice(["ayse", "mehmet"])} if what == "transfer" else {}
            call(f"/v1/conversations/{conversation}/{what}", body, user)
        check(world, settled=False)
    settle(world)
    check(world)
