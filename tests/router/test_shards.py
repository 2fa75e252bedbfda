"""Many things are due at once: each is attended once, whatever fails, ends the process, or takes too long."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from router import shards
from router.aws import rows
from router.aws.dynamo import Key, update
from router.due import attend
from router.exchange import Exchange
from router.shards import work
from router.signals import Due, Signal, Wake, waiting_row
from router.sweeping import hand_out, sweep
from tests.kit import overdue
from tests.kit.crash import Killed, Stop, watching
from tests.kit.world import START, World

MANY = 300


@pytest.fixture
def late() -> Any:
    """A world in which three hundred conversations are overdue."""
    with World(memory=True) as world:
        world.pass_time(minutes=1)
        world.x.table.dynamo.write_many(overdue.items(MANY, world.now))
        yield world


def work_through(world: World, **how: Any) -> int:
    """Every shard once."""
    return sum(work(world.x, shard, **how) for shard in range(world.x.table.due_shards))


def each_once(world: World) -> None:
    """Every conversation holds its breach, and its history tells of it once."""
    assert overdue.left_over(world.items()) == []
    assert sorted(overdue.breaches(world.items()).values()) == [1] * MANY


@pytest.mark.parametrize("at_once", [1, 8])
def test_each_is_attended_once_one_by_one_or_side_by_side(late: World, at_once: int) -> None:
    assert work_through(late, at_once=at_once) == MANY
    each_once(late)
    assert late.counts["SlaBreached"] == MANY
    assert work_through(late, at_once=at_once) == 0


def test_killed_again_and_again_nothing_is_skipped_or_repeated(late: World) -> None:
    chance = random.Random(8)
    killed = 0

    def die() -> None:
        raise Killed

    for _ in range(40):
        late.pass_time(seconds=chance.uniform(1, 60))  # a repeat would be told under another time
        stop = Stop(chance.randrange(60), chance.choice(["before", "after"]), die)
        with suppress(Killed), watching(late, stop):
            work_through(late)
        killed += stop.reached
    assert killed > 20
    work_through(late)
    work_through(late)  # from the mark that a killed run left to the end, and from the beginning to there
    each_once(late)


def test_two_workers_in_one_shard_do_nothing_twice(late: World) -> None:
    def another() -> None:
        assert work_through(late) > 0

    stop = Stop(70, "after", another)
    with watching(late, stop):
        work_through(late)
    assert stop.reached
    each_once(late)
    assert late.counts["SlaBreached"] == MANY


def test_a_message_delivered_twice_attends_nothing_twice(late: World) -> None:
    late.x.queues.send([Due(shard, f"due.{shard}") for shard in range(late.x.table.due_shards)], late.now)
    batch = late.take("due")
    assert batch
    for _ in range(2):
        late.handle("due", batch)
    late.work("due")
    each_once(late)


def break_(world: World, conversation: Any) -> None:
    """Nobody can read that one."""
    key = rows.slot(conversation)
    world.x.table.commit(update("newer", key, "SET #d = :x", {"x": b"\x09newer"}))


def in_shard(world: World, shard: int) -> list[Any]:
    """The conversations of a shard, as they are due."""
    made = (overdue.overdue(n, world.now - timedelta(milliseconds=MANY - n)) for n in range(MANY))
    return [one for one in made if rows.due_shard(rows.slot(one)[0]) == f"due#{shard}"]


def test_what_always_fails_stays_due_is_counted_and_holds_nobody(late: World) -> None:
    mine = in_shard(late, 0)
    for one in mine[:5]:
        break_(late, one)
    assert work(late.x, 0) == len(mine) - 5
    assert late.counts["SweepFailed"] == 5
    assert [key for key, _ in late.x.table.due(0, late.now)] == [rows.slot(one) for one in mine[:5]]


def test_a_run_that_is_out_of_time_leaves_the_rest_to_the_next_behind_what_failed(
    late: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten that always fail, and time for ten: without a mark nothing behind them would ever be looked at."""
    monkeypatch.setattr(shards, "PAGE", 10)
    mine = in_shard(late, 0)
    for one in mine[:10]:
        break_(late, one)

    def slowly(x: Exchange, key: Key) -> list[Signal]:
        late.pass_time(seconds=5)
        return attend(x, key)

    monkeypatch.setattr(shards, "attend", slowly)
    runs = 0
    while overdue.breaches(late.items()).total() < len(mine) - 10:
        work(late.x, 0)
        runs += 1
        assert runs <= 2 + len(mine) // 9
    assert runs > 2, "time was short"
    assert {key for key, _ in late.x.table.due(0, late.now)} == {rows.slot(one) for one in mine[:10]}


def test_a_run_that_came_to_its_end_is_followed_by_one_from_the_oldest(
    late: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "PAGE", 10)
    looked: list[Key] = []

    def leaves(_: Exchange, key: Key) -> list[Signal]:
        looked.append(key)
        return []

    monkeypatch.setattr(shards, "attend", leaves)
    mine = [rows.slot(one) for one in in_shard(late, 0)]
    for _ in range(2):
        work(late.x, 0)
    assert looked == mine * 2


def test_one_that_ends_the_process_holds_nobody_either(late: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "PAGE", 10)
    mine = in_shard(late, 0)

    def deadly(x: Exchange, key: Key) -> list[Signal]:
        if key == rows.slot(mine[0]):
            raise Killed
        return attend(x, key)

    monkeypatch.setattr(shards, "attend", deadly)
    with pytest.raises(Killed):
        work(late.x, 0)
    assert overdue.breaches(late.items()).total() == 0
    with pytest.raises(Killed):  # everything from its page's last on, then it
        work(late.x, 0)
    assert overdue.breaches(late.items()).total() == len(mine) - 9


def test_only_shards_in_which_something_is_due_get_a_worker_and_the_oldest_tells_how_late_it_is(world: World) -> None:
    assert hand_out(world.x, world.now) == []
    assert world.counts["DueLate"] == 0
    late = [overdue.overdue(number, world.now - timedelta(seconds=seconds)) for number, seconds in ((0, 90), (1, 30))]
    world.x.table.dynamo.write_many(map(rows.conversation_item, late))
    shards_ = {rows.due_shard(rows.slot(one)[0]) for one in late}
    assert len(shards_) == 2
    assert {f"due#{shard}" for shard in hand_out(world.x, world.now)} == shards_
    assert world.counts["DueLate"] == 90
    assert world.queued("due") == 2


def test_the_nets_hold_when_the_shards_cannot_be_handed_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(type(world.x.table), "due", fails)
    assert sweep(world.x, "one") == 0
    assert world.counts["SweepFailed"] == 1
    assert "ParkedSends" in world.counts


def test_a_pool_of_which_only_room_has_changed_is_woken_once_a_page() -> None:
    bare = [Wake("main", f"a{n}") for n in range(3)] + [Wake("other", "b")]
    newcomer = Wake("main", "c", waiting_row(overdue.overdue(2, START)))
    assert shards._once([*bare, newcomer, newcomer]) == [bare[0], bare[3], newcomer, newcomer]


def test_however_much_is_due_one_page_of_it_is_in_hand(late: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "PAGE", 10)
    ahead: list[int] = []
    query = late.x.table.dynamo.query

    def counted(*args: Any, **how: Any) -> Any:
        for number, item in enumerate(query(*args, **how), 1):
            if how.get("index") == "due":
                ahead.append(number - overdue.breaches(late.items()).total())
            yield item

    monkeypatch.setattr(late.x.table.dynamo, "query", counted)
    assert work(late.x, 0) > 20
    assert max(ahead) == 10
