"""What AWS does now and then, done to our calls: nothing is doubled, nothing is lost, and what does not end is said to be temporary."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from router.aws import clients
from router.aws.dynamo import Dynamo, put, update
from router.config import Config
from router.conversations import State
from router.errors import Lost, Temporary
from router.sends import SendState
from router.signals import Deliver, Wake
from tests.kit import faults
from tests.kit.backends import SERVERS, SERVICES
from tests.kit.events import table_of_the_template
from tests.kit.faults import Lagging, Wire
from tests.kit.world import CONFIG, START, World

everywhere = pytest.mark.parametrize("dynamo", SERVICES, indirect=True)
in_process = pytest.mark.parametrize("dynamo", ["moto"], indirect=True)  # where no answer of the service's own matters


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long botocore would have slept between its own retries."""
    slept: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=slept.append))
    return slept


@pytest.fixture
def wire(dynamo: Dynamo) -> Iterator[Wire]:
    """Between the table's client and the table."""
    made = Wire(dynamo._client)
    yield made
    made.off()


@pytest.fixture
def pauses(dynamo: Dynamo) -> list[float]:
    """How long we would have waited between our own retries."""
    slept: list[float] = []
    dynamo._sleep = slept.append
    return slept


ONE = update("one", ("a", "1"), "ADD #n :one", {"one": 1})
TWO = ONE, put("two", {"pk": "b", "sk": "1"}, "attribute_not_exists(#pk)")


def number(dynamo: Dynamo) -> int:
    """How often ONE was done."""
    return int((dynamo.get(("a", "1")) or {"n": 0})["n"])


# --- contention ----------------------------------------------------------------------------------------------------


@in_process
@pytest.mark.parametrize("fault", [faults.conflict, faults.hot])
def test_a_transaction_in_conflict_is_tried_again_after_a_jittered_pause(
    dynamo: Dynamo, wire: Wire, pauses: list[float], fault: faults.Fault
) -> None:
    wire.next("TransactWriteItems", fault, times=7)
    dynamo.commit(*TWO)
    assert number(dynamo) == 1
    assert wire.asked.count("TransactWriteItems") == 8
    assert all(0 <= pause <= min(1.0, 0.01 * 2**n) for n, pause in enumerate(pauses))
    assert len(set(pauses)) == 7


@in_process
def test_a_conflict_that_does_not_end_is_temporary(dynamo: Dynamo, wire: Wire, pauses: list[float]) -> None:
    wire.always("TransactWriteItems", faults.conflict)
    with pytest.raises(Temporary):
        dynamo.commit(*TWO)
    wire.always("UpdateItem", faults.conflict)
    with pytest.raises(Temporary):
        dynamo.commit(ONE)
    assert len(pauses) == 16
    assert number(dynamo) == 0


@in_process
def test_a_single_write_in_conflict_is_tried_again(dynamo: Dynamo, wire: Wire) -> None:
    wire.next("UpdateItem", faults.conflict, times=3)
    dynamo.commit(ONE)
    assert number(dynamo) == 1


@everywhere
def test_a_condition_that_fails_after_a_conflict_is_lost(dynamo: Dynamo, wire: Wire) -> None:
    dynamo.commit(TWO[1])
    wire.next("TransactWriteItems", faults.conflict)
    with pytest.raises(Lost) as lost:
        dynamo.commit(*TWO)
    assert lost.value.names == ("two",)
    assert number(dynamo) == 0


@everywhere
def test_a_mistake_of_ours_is_not_taken_for_contention(dynamo: Dynamo, wire: Wire, pauses: list[float]) -> None:
    with pytest.raises(ClientError):
        dynamo.commit(update("wrong", ("a", "1"), "SET #n = :nothing"))
    assert pauses == []


# --- throttling, faults, time-outs ---------------------------------------------------------------------------------


CALLS: dict[str, Callable[[Dynamo], object]] = {
    "GetItem": lambda dynamo: dynamo.get(("a", "1")),
    "BatchGetItem": lambda dynamo: dynamo.get_many([("a", "1")]),
    "Query": lambda dynamo: list(dynamo.query("a")),
    "UpdateItem": lambda dynamo: dynamo.commit(ONE),
    "TransactWriteItems": lambda dynamo: dynamo.commit(*TWO),
    "DeleteItem": lambda dynamo: dynamo.take(("a", "1"), "attribute_exists(#pk)", {}),
}


@in_process
@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.unreachable])
def test_what_passes_is_survived_and_what_does_not_is_temporary(
    dynamo: Dynamo, wire: Wire, naps: list[float], operation: str, fault: faults.Fault
) -> None:
    wire.next(operation, fault, times=2)
    CALLS[operation](dynamo)
    assert len(naps) == 2, "botocore itself tries again"
    wire.heal()
    wire.always(operation, fault)
    with pytest.raises(Temporary):
        CALLS[operation](dynamo)
    assert wire.asked.count(operation) == 3 + 4, "its tries are bounded, and not multiplied by ours"


@pytest.mark.parametrize("dynamo", SERVERS, indirect=True)
@pytest.mark.parametrize("fault", [faults.answer_lost, faults.line_cut])
def test_a_transaction_whose_answer_was_lost_is_done_once(dynamo: Dynamo, wire: Wire, fault: faults.Fault) -> None:
    """botocore repeats it under the same token, so the service knows it."""
    wire.next("TransactWriteItems", fault, times=2)
    dynamo.commit(*TWO)
    assert number(dynamo) == 1


@everywhere
def test_a_transaction_whose_every_answer_is_lost_is_temporary_and_done_once(dynamo: Dynamo, wire: Wire) -> None:
    wire.always("TransactWriteItems", faults.answer_lost)
    with pytest.raises((Temporary, Lost)):  # moto knows no tokens: there the second try finds its own first
        dynamo.commit(*TWO)
    assert number(dynamo) == 1


@in_process
def test_a_ticket_whose_answer_was_lost_lets_nobody_in_twice(dynamo: Dynamo, wire: Wire) -> None:
    dynamo.commit(put("ticket", {"pk": "T", "sk": "t", "e": 1}))
    wire.next("DeleteItem", faults.answer_lost)
    assert dynamo.take(("T", "t"), "#e >= :now", {"now": 1}) is None


@everywhere
def test_keys_that_were_not_read_are_asked_for_again(dynamo: Dynamo, wire: Wire) -> None:
    dynamo.commit(*(put(f"{n}", {"pk": f"k{n}", "sk": "s"}) for n in range(20)))
    wire.next("BatchGetItem", faults.unread)
    wire.next("BatchGetItem", faults.half_read, times=3)
    assert len(dynamo.get_many([(f"k{n}", "s") for n in range(25)])) == 20
    wire.always("BatchGetItem", faults.unread)
    with pytest.raises(Temporary):
        dynamo.get_many([("k1", "s")])


# --- queues --------------------------------------------------------------------------------------------------------


@pytest.fixture
def queues(world: World) -> Iterator[tuple[World, Wire]]:
    """A world with a wire at its queues."""
    made = Wire(clients.client("sqs", None))
    yield world, made
    made.off()


def signals(count: int) -> list[Deliver | Wake]:
    """Deliveries of one conversation, and a wake-up."""
    return [*(Deliver("c_1.default.1", f"m_{n}", f"m_{n}.0") for n in range(count)), Wake("main", "w1")]


def test_a_batch_taken_in_part_is_temporary_and_its_repeat_doubles_nothing(queues: tuple[World, Wire]) -> None:
    world, wire = queues
    wire.next("SendMessageBatch", faults.half_sent)
    with pytest.raises(Temporary):
        world.x.queues.send(signals(4), world.now)
    assert world.queued("outbound") == 2
    world.x.queues.send(signals(4), world.now)
    assert (world.queued("outbound"), world.queued("match")) == (4, 1)


@pytest.mark.parametrize("count", [1, 12])
def test_a_message_whose_answer_was_lost_is_queued_once(queues: tuple[World, Wire], count: int) -> None:
    world, wire = queues
    for operation in ("SendMessage", "SendMessageBatch"):
        wire.next(operation, faults.answer_lost)
    world.x.queues.send(signals(count), world.now)
    assert (world.queued("outbound"), world.queued("match")) == (count, 1)


@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.unreachable, faults.answer_lost])
def test_a_queue_that_does_not_answer_is_temporary(queues: tuple[World, Wire], fault: faults.Fault) -> None:
    world, wire = queues
    wire.always("SendMessage", fault)
    with pytest.raises(Temporary):
        world.x.queues.send([Wake("main", "w1")], world.now)


# --- the use cases -------------------------------------------------------------------------------------------------


class Weather:
    """A world whose every call may meet a fault. What fails is tried again by whoever tries again on AWS."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.table, self.queues = Wire(clients.client("dynamodb", None)), Wire(clients.client("sqs", None))
        world.x.table.dynamo._sleep = lambda _seconds: None

    def insist(self, call: Any) -> Any:
        """Do it until it is done: a provider's retry, a redelivery, a client that repeats under its key."""
        for _ in range(40):
            try:
                answer = call()
            except Exception:  # whatever it was, Lambda or the caller comes again
                self.world.pass_time(seconds=1)
                continue
            status = answer.get("statusCode", 200) if isinstance(answer, dict) else answer[0] if answer else 200
            if status < 500:
                return answer
            self.world.pass_time(seconds=1)
        raise AssertionError("it never succeeded")

    def settle(self, *minutes: float) -> None:
        """Run queues and timers until they are empty, and a sweep after each of these minutes."""
        for wait in minutes:
            self.insist(self.world.pump)
            self.insist(self.world.ring)
            self.world.pass_time(minutes=wait)
            self.insist(self.world.sweep)
        self.insist(self.world.pump)


@pytest.fixture
def weather(world: World) -> Iterator[Weather]:
    """The world, with faults to come."""
    made = Weather(world)
    yield made
    made.table.off()
    made.queues.off()


def a_day(weather: Weather) -> None:
    """A customer writes, is answered, and the conversation is resolved, whatever it takes."""
    world = weather.world
    weather.insist(lambda: world.call("POST", "/v1/agents/ayse/presence", {"presence": "online"}, key="in"))
    weather.insist(lambda: world.sms("Merhaba", sid="SM" + "7" * 32))
    weather.settle(1.5)
    while not world.conversations():
        assert world.now < START + timedelta(minutes=30), "the ledger brings back what no queue took"
        weather.settle(6)
    world.pass_time(seconds=1)
    (conversation,) = world.conversations()
    path = f"/v1/conversations/{conversation.id}"
    status, answer = weather.insist(lambda: world.call("POST", f"{path}/replies", {"text": "Buyurun"}, key="reply"))
    assert status == 200, answer
    weather.settle(1.5)
    status, answer = weather.insist(lambda: world.call("POST", f"{path}/resolve", {}, key="resolve"))
    assert status == 200, answer
    weather.table.heal()
    weather.queues.heal()
    weather.settle(5.5, 5.5)


def check(world: World) -> None:
    """Everything once: the message, the conversation, the answer, the load, the history, and nothing left to do."""
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.RESOLVED, "ayse")
    assert world.texts(conversation.id) == ["Merhaba", "Buyurun"]
    (send,) = [item for item in world.items("M#") if "st" in item]
    sent, left = send["st"], len(world.providers.calls)
    assert (sent, left) in {(SendState.SENT, 1), (SendState.PARKED, 1), (SendState.PARKED, 0)}, (
        "once, or a person is asked"
    )
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert (load.free, sum(load.counts.values())) == (12, 0)
    assert sorted(item["wt"] for item in world.items("H#c_")) == ["decision", "reply", "resolve"]
    assert not world.items("WAIT#")
    assert [world.queued(name) for name in ("inbound", "match", "outbound")] == [0, 0, 0]


def test_a_day_without_faults_is_the_measure(weather: Weather) -> None:
    a_day(weather)
    check(weather.world)


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        *(("TransactWriteItems", n) for n in range(5)), *(("PutItem", n) for n in range(2)),
        *(("UpdateItem", n) for n in range(3)), ("BatchGetItem", 0), ("GetItem", 1), ("Query", 0),
    ],
)  # fmt: skip
def test_p1_p2_p5_a_call_whose_answers_are_all_lost_doubles_and_loses_nothing(
    weather: Weather, operation: str, after: int
) -> None:
    weather.table.next(operation, faults.answer_lost, times=4, after=after)
    a_day(weather)
    check(weather.world)


@pytest.mark.parametrize(
    ("fault", "after"), [*((faults.broken, n) for n in range(5)), (faults.answer_lost, 1), (faults.answer_lost, 3)]
)
def test_p1_p2_a_queue_that_fails_at_any_step_loses_nothing(weather: Weather, fault: faults.Fault, after: int) -> None:
    weather.queues.next("SendMessage", fault, times=4, after=after)
    a_day(weather)
    check(weather.world)


@pytest.mark.parametrize("seed", range(4))
def test_p1_p2_p5_a_stormy_day_ends_as_a_quiet_one(weather: Weather, seed: int) -> None:
    dice = random.Random(seed)
    everything = frozenset({"GetItem", "Query", "BatchGetItem", *faults.WRITES})
    for chance, fault in ((0.1, faults.conflict), (0.1, faults.answer_lost), (0.05, faults.hot)):
        weather.table.sometimes(chance, fault, dice, frozenset({"TransactWriteItems"}))
    for chance, fault in ((0.05, faults.throttled), (0.05, faults.broken), (0.05, faults.line_cut)):
        weather.table.sometimes(chance, fault, dice, everything)
    for fault in (faults.answer_lost, faults.broken, faults.unreachable):
        weather.queues.sometimes(0.05, fault, dice, frozenset({"SendMessage", "SendMessageBatch"}))
    a_day(weather)
    check(weather.world)


@pytest.mark.parametrize("offered", [False, True])
def test_p5_a_claim_that_went_through_unheard_and_then_met_a_conflict_is_known_as_our_own(
    weather: Weather, offered: bool
) -> None:
    """botocore's own repeat of a transaction does nothing twice; ours, after a conflict, is a new one and finds its work done."""
    world = weather.world
    world.apply(
        Config.model_validate({**CONFIG, "version": "offers", "routing": {"offers": {"sms": 30} if offered else {}}})
    )
    world.come_in("ayse")
    world.pump()
    world.sms("Merhaba")
    world.work("inbound")
    weather.table.next("TransactWriteItems", faults.answer_lost)
    weather.table.next("TransactWriteItems", faults.conflict)
    weather.table.asked.clear()
    world.work("match")
    assert weather.table.asked.count("TransactWriteItems") == 3
    (conversation,) = world.conversations()
    assert (conversation.state, conversation.agent) == (State.OFFERED if offered else State.ACTIVE, "ayse")
    load = world.x.table.load("main", "ayse")
    assert load is not None
    assert (load.free, dict(load.counts)) == (9, {"sms": 1})
    assert [(e.what, e.id) for e in world.x.table.histories(conversation.id)] == [("decision", conversation.decision)]
    assert world.counts["Offered" if offered else "Assigned"] == 1
    assert world.queued("timers") == (1 if offered else 0)


# --- indexes that lag ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behind", [1, 3, 30])
def test_p1_p7_an_index_that_lags_delays_and_loses_nothing(weather: Weather, behind: int) -> None:
    world = weather.world
    world.come_in("ayse")
    lag = Lagging(weather.table, world.dynamodb, table_of_the_template("santral"), behind)
    world.sms("Merhaba")
    world.work("inbound")
    world.sqs.purge_queue(QueueUrl=world.urls["match"])  # what followed is lost: only the due index knows
    world.pass_time(minutes=2)
    world.sweep()
    world.pump()
    lag.catch_up()
    world.pass_time(minutes=2)
    world.sweep()
    world.pump()
    (conversation,) = world.conversations()
    assert conversation.agent == "ayse"

    lag.catch_up(behind)
    world.reply(conversation.id, "Buyurun")
    world.pump()
    world.pass_time(seconds=1)
    world.reply(conversation.id, "Bir şey daha")
    world.sqs.purge_queue(QueueUrl=world.urls["outbound"])
    world.pass_time(minutes=2)
    world.sweep()  # may still see the first as due, and not the second
    world.pump()
    lag.catch_up()
    world.pass_time(minutes=2)
    world.sweep()
    world.pump()
    assert len(world.providers.calls) == 2
    assert world.texts(conversation.id) == ["Merhaba", "Buyurun", "Bir şey daha"]


def test_p7_what_an_index_still_shows_as_due_is_looked_at_in_the_table(weather: Weather) -> None:
    world = weather.world
    world.come_in("ayse")
    lag = Lagging(weather.table, world.dynamodb, table_of_the_template("santral"), 0)
    world.sms("Merhaba")
    world.work("inbound")
    lag.behind = 100
    world.pump()
    (before,) = world.conversations()
    world.pass_time(minutes=2)
    assert world.sweep()["shards"] == 1
    assert world.queued("match") == 0
    (after,) = world.conversations()
    assert replace(after, version=before.version) == before


class Meeting:
    """A client whose queries are answered only once so many of them are asked at the same time."""

    def __init__(self, number: int) -> None:
        self._all = threading.Barrier(number)

    def query(self, **request: Any) -> dict[str, Any]:
        """One query; raises BrokenBarrierError when the others do not come."""
        self._all.wait(timeout=20)
        return {"Items": [{"sk": request["ExpressionAttributeValues"][":h"]}]}


def test_several_queries_are_asked_side_by_side_where_that_is_allowed_and_else_one_after_the_other() -> None:
    asked: list[tuple[str, dict[str, Any]]] = [(f"line {n}", {}) for n in range(8)]
    found = [[{"sk": pk}] for pk, _ in asked]
    assert Dynamo(Meeting(4), "santral", at_once=4).query_many(asked) == found
    assert Dynamo(Meeting(1), "santral").query_many(asked) == found


@pytest.mark.parametrize("dynamo", SERVERS, indirect=True)
def test_queries_side_by_side_find_what_they_find_one_after_the_other(dynamo: Dynamo) -> None:
    dynamo.write_many({"pk": f"line {n}", "sk": f"{place}"} for n in range(24) for place in range(n % 5))
    asked = [(f"line {n}", {"limit": 3}) for n in range(24)]
    side_by_side = Dynamo(dynamo._client, dynamo.table, at_once=8)
    found = dynamo.query_many(asked)
    assert [len(items) for items in found] == [min(3, n % 5) for n in range(24)]
    assert [side_by_side.query_many(asked) for _ in range(5)] == [found] * 5


def test_of_queries_side_by_side_of_which_one_fails_none_is_taken_for_empty() -> None:
    def query(**request: Any) -> dict[str, Any]:
        if request["ExpressionAttributeValues"][":h"] == {"S": "line 5"}:
            error: Any = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(error, "Query")
        return {"Items": []}

    for at_once in (1, 4):
        with pytest.raises(Temporary):
            Dynamo(SimpleNamespace(query=query), "santral", at_once=at_once).query_many(
                [(f"line {n}", {}) for n in range(8)]
            )
