"""The table in memory, where it is not DynamoDB's: a message's way over it, what it hands out, and how large it may grow."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from router.aws.dynamo import Dynamo, delete, put, update
from router.errors import Lost
from santral import memory
from santral.bench import memory as bench
from santral.memory import MemoryDynamo
from tests.kit.crash import MODES, Ground, Scenario
from tests.kit.events import table_of_the_template
from tests.kit.promises import check
from tests.kit.world import World


def _whole_way(world: World) -> dict[str, Any]:
    """Three customers, an answer to each, a resolved conversation and a sweep; what is left, in words."""
    world.come_in("ayse", "mehmet")
    world.sms("Siparişim nerede?")
    world.mail("Merhaba, faturam yok.")
    connection = world.open_chat()
    world.frame(connection, {"type": "message", "id": "1", "text": "Merhaba"})
    world.pump(sweep_too=True)
    for conversation in world.conversations():
        world.reply(conversation.id, "Hemen bakıyorum.", user=conversation.agent)
    world.pump(sweep_too=True)
    first = world.conversations()[0]
    assert world.call("POST", f"/v1/conversations/{first.id}/resolve", {}, user=first.agent)[0] == 200
    world.pass_time(minutes=16)
    world.pump(sweep_too=True)
    check(world, settled=False)
    return {
        "conversations": [(c.channel, c.state, c.agent, c.version, world.texts(c.id)) for c in world.conversations()],
        "items": sorted((item["pk"].partition("#")[0], *sorted(item)) for item in world.items()),
        "calls": len(world.providers.calls),
        "pushes": sorted(frame["type"] for _, frame in world.pushes),
        "counts": world.counts,
    }


def test_messages_go_their_whole_way_over_memory_as_over_dynamodb() -> None:
    with World(memory=True) as world:
        over_memory = _whole_way(world)
        assert world.dynamodb.list_tables()["TableNames"] == [], "there is no other table"
    with World() as world:
        assert over_memory == _whole_way(world)
    assert [said[-1] for *_, said in over_memory["conversations"]] == ["Hemen bakıyorum."] * 3


def _is_routed_once(world: World, _: Any) -> None:
    (conversation,) = world.conversations()
    assert (conversation.agent, world.texts(conversation.id)) == ("ayse", ["Merhaba"])


def _an_sms_waits(world: World) -> None:
    world.come_in("ayse")
    world.sms("Merhaba")


def test_a_crash_finds_the_same_calls_over_memory_as_over_dynamodb() -> None:
    routed = Scenario("routed", _an_sms_waits, _is_routed_once, queue="inbound")
    points = []
    for memory_ in (True, False):
        with World(memory=memory_) as world:
            ground = Ground(world)
            points.append([ground.run(routed, mode) for mode in MODES])
    assert points[0] == points[1]
    assert min(points[0]) > 1


def test_it_has_every_call_of_the_table_in_the_same_form() -> None:
    calls = {name: call for name, call in vars(Dynamo).items() if inspect.isfunction(call) and not name.startswith("_")}
    assert {name: inspect.signature(call) for name, call in calls.items()} == {
        name: inspect.signature(call) for name, call in vars(MemoryDynamo).items() if name in calls
    }


def test_its_indexes_are_the_template_s() -> None:
    table = table_of_the_template()
    shapes: list[tuple[str | None, Any, bool]] = [(None, table["KeySchema"], True)]
    shapes += [
        (one["IndexName"], one["KeySchema"], one["Projection"]["ProjectionType"] == "ALL")
        for one in table["GlobalSecondaryIndexes"]
    ]
    names = {index: tuple(part["AttributeName"] for part in schema) for index, schema, _ in shapes}
    assert names == memory.KEYS
    assert {index for index, _, whole in shapes if whole} == memory.WHOLE
    numbers = {d["AttributeName"] for d in table["AttributeDefinitions"] if d["AttributeType"] == "N"}
    assert numbers == memory.NUMBERS


@pytest.mark.parametrize("how", ["get", "get_many", "query", "index", "take", "items"])
def test_what_it_hands_out_is_the_caller_s_to_change(how: str) -> None:
    table = MemoryDynamo()
    item: dict[str, Any] = {
        "pk": "a", "sk": "1", "cv": "c", "at": "1", "list": ["x", {"deep": ["y"]}], "map": {"k": [1]},
    }  # fmt: skip
    table.commit(put("item", item))
    ways: dict[str, Callable[[], Any]] = {
        "get": lambda: table.get(("a", "1")),
        "get_many": lambda: table.get_many([("a", "1")])["a", "1"],
        "query": lambda: next(table.query("a")),
        "index": lambda: next(table.query("c", index="conversation")),
        "take": lambda: table.take(("a", "1"), "attribute_exists(#pk)", {}),
        "items": lambda: next(table.items()),
    }
    reading = table.query("a")
    told = ways[how]()
    told["list"][1]["deep"].append("z")
    told["map"]["k"].clear()
    told["new"] = 1
    if how == "take":
        table.commit(put("item", item))
    assert table.get(("a", "1")) == item
    assert list(reading) == [item]


def test_what_it_was_given_is_the_caller_s_to_change() -> None:
    table, tags = MemoryDynamo(), ["x"]
    change = put("item", {"pk": "a", "sk": "1", "tags": tags})
    more = update("more", ("a", "1"), "SET #more = :more", {"more": tags})
    table.commit(change)
    table.commit(more)
    tags.append("y")
    change.body["Item"]["tags"]["L"].append({"S": "z"})
    more.body["ExpressionAttributeValues"][":more"]["L"].append({"S": "z"})
    assert table.get(("a", "1")) == {"pk": "a", "sk": "1", "tags": ["x"], "more": ["x"]}


def test_a_query_goes_on_with_what_it_found_whatever_is_written_meanwhile() -> None:
    table = MemoryDynamo()
    table.write_many({"pk": "a", "sk": f"{n}", "n": n} for n in range(5))
    reading = table.query("a")
    first = next(reading)
    for n in range(5):
        table.commit(delete("gone", ("a", f"{n}")))
    assert [first["n"], *(item["n"] for item in reading)] == [0, 1, 2, 3, 4]
    assert list(table.query("a")) == []


def test_a_large_partition_stays_in_order_whatever_comes_and_goes() -> None:
    table, choices = MemoryDynamo(), random.Random(5)
    there: set[int] = set()
    for _ in range(12_000):
        n = choices.randrange(6_000)
        if n in there:
            table.commit(delete("gone", ("P", f"{n:05d}")))
        else:
            table.commit(put("new", {"pk": "P", "sk": f"{n:05d}", "dk": "due#1", "due": n % 50}))
        there ^= {n}
    assert [item["sk"] for item in table.query("P")] == [f"{n:05d}" for n in sorted(there)]
    assert [item["sk"] for item in table.query("P", backwards=True, after="03000", limit=1200)] == [
        f"{n:05d}" for n in sorted(there, reverse=True) if n > 3000
    ][:1200]
    assert [item["sk"] for item in table.query("P", prefix="02")] == [
        f"{n:05d}" for n in sorted(there) if 2000 <= n < 3000
    ]
    due = [(item["due"], item["sk"]) for item in table.query("due#1", index="due", between=(7, 9))]
    assert due == sorted((n % 50, f"{n:05d}") for n in there if 7 <= n % 50 <= 9)
    table.write_many([], gone=[("P", f"{n:05d}") for n in there])
    assert list(table.query("P")) == list(table.query("due#1", index="due")) == list(table.items()) == []


def test_p05_one_free_unit_goes_to_one_of_twenty_threads() -> None:
    table = MemoryDynamo()
    table.commit(put("agent", {"pk": "POOL", "sk": "A", "f": 100}))

    def claim(number: int) -> bool:
        try:
            table.commit(
                update("agent", ("POOL", "A"), "ADD #f :minus", {"minus": -1, "u": 1}, "#f >= :u"),
                put("history", {"pk": "H", "sk": f"{number:04d}"}),
            )
        except Lost:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(claim, range(500))) == 100
    assert (table.get(("POOL", "A")) or {})["f"] == 0
    assert len(list(table.query("H"))) == 100


def test_the_bench_s_transactions_are_committed() -> None:
    found = bench.measure(10, rounds=3)
    assert found.waiting == 10
    assert min(found.get, found.query, found.commit, found.claim) > 0
