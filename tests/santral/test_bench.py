"""What a message asks of AWS, as counts: they are the same on every machine. Times are for `make bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from channels import registry
from router import chat
from router.match import HEADS
from santral.bench import bed, callers, customers, decide, trips
from santral.bench.callers import CALLERS, Call, Caller, Chat
from santral.bench.meter import Meter, Tally, item_size
from santral.bench.money import ALONE, OF_SIX, Round, bill
from santral.bench.units import Step
from tests.kit import quick
from tests.kit.events import LambdaContext
from tests.kit.world import CONFIG, PUBLIC, World

KILOBYTE = customers.TEXT[:1024]
CUSTOMER = "+15550100002"


@pytest.fixture(autouse=True)
def _as_requests() -> Iterator[None]:
    """The meter counts HTTP requests."""
    with quick.whole_way():
        yield


@pytest.fixture
def meter(world: World) -> Iterator[Meter]:
    """Two agents with open pages; then what the world's functions ask for, once they are warm."""
    world.come_in("ayse", "mehmet")
    for agent in ("ayse", "mehmet"):
        ticket, _ = chat.give_ticket(world.x, agent)
        world.socket("CONNECT", f"page-of-{agent}=", protocols=["santral.v1", f"ticket.{ticket}"])
    world.sms("warm", sender="+15550100001")
    world.pump()
    with Meter(world.dynamodb, "santral") as counting:
        world.sms("so are the clients", sender="+15550100001")
        world.pump()
        yield counting


def _first(world: World, meter: Meter) -> Tally:
    """A message of somebody new, until it has an agent."""
    world.sms(KILOBYTE, sender=CUSTOMER)
    with meter.phase("first") as tally:
        world.work("inbound")
        world.work("match")
    assert world.conversations()[-1].agent is not None
    return tally


def test_a_first_message_takes_six_requests_and_fourteen_write_units_after_receive(world: World, meter: Meter) -> None:
    before = len(world.pushes)
    tally = _first(world, meter)
    assert tally.calls == {
        "dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2, "dynamodb.Query": 1, "sqs.SendMessage": 1,
    }  # fmt: skip
    assert len(world.pushes) - before == 1  # the sixth request
    assert (tally.table, tally.index) == (14, 6)


def test_its_decision_is_stored_within_those_units(world: World, meter: Meter) -> None:
    _first(world, meter)
    conversation = world.conversations()[-1]
    assert [entry.what for entry in world.x.table.histories(conversation.id)] == ["decision"]


def test_a_further_message_takes_three_requests_and_four_write_units(world: World, meter: Meter) -> None:
    _first(world, meter)
    before = len(world.pushes)
    world.sms(KILOBYTE, sender=CUSTOMER)
    with meter.phase("further") as tally:
        world.work("inbound")
    assert tally.calls == {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1}
    assert len(world.pushes) - before == 1
    assert (tally.table, tally.index) == (4, 1)
    assert world.queued("match") == 0


def test_a_mail_of_a_kilobyte_takes_no_more_than_an_sms(world: World, meter: Meter) -> None:
    world.mail(raw=customers.mail("nermin@example.net", "1"), sender="nermin@example.net")
    with meter.phase("mail") as tally:
        world.work("inbound")
        world.work("match")
    assert (tally.table, tally.index) == (14, 6)


def test_receive_asks_for_one_write_and_one_send(world: World, meter: Meter) -> None:
    with meter.phase("receive") as tally:
        world.sms(KILOBYTE, sender=CUSTOMER)
    assert tally.calls == {"dynamodb.PutItem": 1, "sqs.SendMessage": 1}
    assert (tally.table, tally.index) == (1, 0)


def test_a_batch_is_read_in_one_request(world: World, meter: Meter) -> None:
    for number in range(10):
        world.sms(KILOBYTE, sender=f"+155501001{number:02d}")
    with meter.phase("batch") as tally:
        assert world.work("inbound") == 10
    assert tally.calls == {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 10, "sqs.SendMessageBatch": 1}


def test_a_batch_of_the_match_takes_one_query_and_a_transaction_for_each_claim() -> None:
    agents = [{**agent, "units": 100, "limits": {}} for agent in CONFIG["agents"]]
    with World({**CONFIG, "agents": agents}) as world:
        world.come_in("ayse", "mehmet")
        world.sms("warm", sender="+15550100001")
        world.pump()
        for number in range(10):
            world.sms(KILOBYTE, sender=f"+155501001{number:02d}")
        world.work("inbound")
        with Meter(world.dynamodb, "santral") as counting, counting.phase("match") as tally:
            assert world.work("match") == 10
        assert world.counts["Assigned"] == 11
    assert tally.calls == {"dynamodb.Query": 1, "dynamodb.TransactWriteItems": 10}
    assert tally.reads == 1


def test_what_a_match_reads_grows_with_the_agents_who_have_room_and_with_three_bytes_for_five_others_only() -> None:
    def first(agents: int) -> trips.Trips:
        place = trips.Place(agents, 10)
        place.table.pool(trips.POOL)  # whose badges it knows from then on
        return place.run("the first batch", place.newcomers())

    small, large = first(50), first(1_000)
    assert small.calls == large.calls == {"Query": 1, "TransactWriteItems": 10, "a single write": 2}
    assert small.claims == large.claims == trips.BATCH
    assert small.items == large.items == 10 + 1  # those with room, and the presences
    assert abs((small.bytes - small.presences) - (large.bytes - large.presences)) <= 10  # a badge's digits
    assert large.presences - small.presences < 950 * 3 / 5
    assert small.reads == large.reads == 1


@pytest.mark.parametrize(("agents", "room"), [(40, 20), (1_000, 200)])
def test_a_batch_s_round_trips_are_one_for_each_claim_and_a_few(agents: int, room: int) -> None:
    """A roster that is kept anew takes two more; a process that knows neither it nor the badges, two. Aim: four."""
    found = trips.measure([(agents, room)])
    keeps = {"a single write": 2} if agents == 40 else {}
    assert [one.calls for one in found] == [
        {"Query": 1, "TransactWriteItems": 10, **keeps},
        {"Query": 1, "BatchGetItem": 1, "GetItem": 1, "TransactWriteItems": 10, **keeps},
        {"Query": 1 + 24, "TransactWriteItems": 1},  # a look at each line that somebody of these skills could take from
    ]
    assert [one.beside_claims for one in found] == ([3, 5, 4] if agents == 40 else [1, 3, 4])
    assert [one.claims for one in found] == [10, 10, 1]
    assert [one.reads for one in found] == ([1, 3, 26] if agents == 40 else [5, 10, 26])


def test_reply_delivery_and_resolution_have_their_price(world: World, meter: Meter) -> None:
    _first(world, meter)
    conversation = world.conversations()[-1]
    with meter.phase("reply") as reply:
        world.reply(conversation.id, user=conversation.agent or "")
    with meter.phase("deliver") as deliver:
        world.work("outbound")
    with meter.phase("resolve") as resolve:
        status, _ = world.call("POST", f"/v1/conversations/{conversation.id}/resolve", user=conversation.agent)
    assert status == 200
    assert (reply.table, deliver.table, resolve.table) == (8, 2, 9)
    assert (reply.index, deliver.index, resolve.index) == (4, 5, 5)


def test_no_item_of_a_kilobyte_message_crosses_a_kilobyte(world: World, meter: Meter) -> None:
    with meter.phase("receive") as receive:
        world.sms(KILOBYTE, sender=CUSTOMER)
    with meter.phase("rest") as rest:
        world.pump()
    assert max(receive.largest, rest.largest) <= 1024


class Stack:
    """What a caller must know of a deployment, of the world."""

    http_url = PUBLIC
    outputs: ClassVar = {"MailBucketName": "mail"}

    def __init__(self, world: World) -> None:
        self.client = lambda service: {"s3": world.s3}[service]


def _round(world: World, caller: Caller, stamp: int) -> dict[str, tuple[int, float, float]]:
    """One customer's way, step by step: AWS requests with pushes, write units of the table and of its indexes."""
    found: dict[str, tuple[int, float, float]] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        before = len(world.pushes)
        with counting.phase(name) as tally:
            work()
        found[name] = (tally.requests + len(world.pushes) - before, tally.table, tally.index)

    def called(call: Call) -> Callable[[], object]:
        handler, event = call
        return lambda: handler(event, LambdaContext())

    if isinstance(caller, Chat):
        caller.connection = f"page{stamp}="
        session = caller.session(stamp, world.x.key, world.now)
        world.socket("CONNECT", caller.connection, protocols=["santral.v1", f"session.{session}"])
    writes = [called(caller.write(stamp, turn)) for turn in (1, 2)]
    with Meter(world.dynamodb, "santral") as counting:
        step("receive", writes[0])
        step("route", lambda: world.work("inbound"))
        step("match", lambda: world.work("match"))
        if caller.nameless:
            step("fetch name", lambda: world.work("media"))
        step("receive, further", writes[1])
        step("route, further", lambda: world.work("inbound"))
        (conversation,) = [c for c in world.conversations() if c.address == caller.address(stamp)]
        sent = world.reply(conversation.id, user=conversation.agent or "")["message"]["id"]
        step("deliver", lambda: world.work("outbound"))
        for receipt in caller.receipts:
            step(f"receive {receipt}", called(caller.report(receipt, stamp, sent)))
            step(f"route {receipt}", lambda: world.work("inbound"))
        status, done = world.call("GET", f"/v1/conversations/{conversation.id}", user=conversation.agent)
    assert status == 200
    (answer,) = [message for message in done["messages"] if message["direction"] == "outbound"]
    known = [word for word in caller.receipts if word in ("delivered", "read")]
    assert answer["state"] == (known[-1] if known else "sent")
    return found


# What a step takes where it is not what most take: requests, write units, index units.
BY_ID = {
    "deliver": (6, 5, 5)
}  # the provider's window is looked up, and its id of the answer kept, by which receipts name it
NAMELESS = {"route": (4, 8, 4)}  # the call does not say who it is: that is asked once, by a queue
OTHERWISE: dict[str, dict[str, tuple[int, float, float]]] = {
    "email": {"receive": (3, 1, 0), "receive, further": (3, 1, 0), "deliver": (5, 5, 5)},
    "whatsapp": {**BY_ID, "route": (3, 10, 3)},  # two ids of one person
    "messenger": {**BY_ID, **NAMELESS, "route delivered": (5, 1, 1), "route read": (7, 1, 1)},  # a watermark is looked up
    "instagram": {**BY_ID, **NAMELESS, "route echo": (6, 1, 1), "route read": (5, 1, 1)},
    "telegram": {},
    "twilio": {},
    "webchat": {  # a frame costs the session's reading and its visitor's share of the rate; the page is pushed to
        "receive": (6, 3, 0), "receive, further": (5, 2, 0), "deliver": (7, 2, 5), "receive delivered": (4, 1, 0),
        "receive read": (4, 1, 0),
    },
}  # fmt: skip
OF_ALL: dict[str, tuple[int, float, float]] = {
    "receive": (2, 1, 0), "route": (3, 8, 3), "match": (3, 6, 3), "receive, further": (2, 1, 0), "route, further": (3, 4, 1),
    "deliver": (5, 2, 5), "receive sent": (1, 0, 0), "route sent": (4, 1, 1), "receive delivered": (1, 0, 0),
    "route delivered": (4, 1, 1), "receive read": (1, 0, 0), "route read": (4, 1, 1), "receive echo": (1, 0, 0),
    "route echo": (4, 1, 1), "fetch name": (8, 6, 5),
}  # fmt: skip


@pytest.mark.parametrize("name", registry.names())
def test_a_round_trip_of_a_channel_asks_so_much_at_each_step(name: str) -> None:
    credentials = callers.credentials()
    with World(bed.configuration().model_dump(mode="json")) as world:
        world.exchange.credentials = lambda inbox: credentials.get(inbox.secret or "", {})
        agents = [agent.name for agent in bed.configuration().agents][:2]
        world.come_in(*agents)
        for agent in agents:
            ticket, _ = chat.give_ticket(world.x, agent)
            world.socket("CONNECT", f"page-of-{agent}=", protocols=["santral.v1", f"ticket.{ticket}"])
        caller = CALLERS[name](bed.Bed(Stack(world), None, credentials))  # type: ignore[arg-type]
        world.exchange.carry, world.exchange.get = caller.answer, caller.profile
        _round(world, caller, 905300000001)  # which warms the functions up
        world.pump()
        found = _round(world, caller, 905300000002)
    assert found == {step: (OF_ALL | OTHERWISE[name])[step] for step in found}


def test_every_channel_is_measured() -> None:
    assert set(CALLERS) == set(registry.names())


def test_what_a_decision_looks_at_and_keeps_does_not_grow_with_the_line() -> None:
    short, long = decide.grow(1, (2_000, 20_000))
    assert short.in_hand <= long.in_hand == 24 * 2 * HEADS  # an agent's classes, on time and late
    small, large = decide.measure(1, (40, 1_000))
    assert small.events.keys() == small.bytes.keys() == set(decide.EVENTS)
    for event, size in large.bytes.items():  # a thousand agents: 125 bytes a reason
        assert size - small.bytes[event] < 700, event


def test_an_item_counts_as_dynamodb_counts_it() -> None:
    item: dict[str, Any] = {
        "pk": {"S": "ğ"},
        "n": {"N": "-1234"},
        "d": {"B": b"12345"},
        "l": {"L": [{"S": "a"}, {"BOOL": True}]},
        "s": {"SS": ["ayse", "ğ"]},
    }
    assert item_size(item) == (2 + 2) + (1 + 4) + (1 + 5) + (1 + 3 + (1 + 1) + (1 + 1)) + (1 + 4 + 2)


def test_the_bill_adds_up_each_service_for_the_steps_a_message_takes() -> None:
    tally = Tally(table=2, index=1, reads=1)
    tally.calls["sqs.SendMessage"] = 1
    steps = {name: Step(tally, [10.0], [500]) for name in {*ALONE, *OF_SIX}}
    alone, six = bill(steps, ALONE), bill(steps, OF_SIX)
    assert alone.lines["DynamoDB writes"] == pytest.approx(len(ALONE) * 2 * 0.625)
    assert alone.lines["API Gateway, HTTP"] == pytest.approx(3.0)
    assert alone.lines["SQS"] == pytest.approx(len(ALONE) * 0.5 + 4 * 2 * 0.5)
    assert six.total < alone.total


def test_a_round_trip_s_price_knows_by_which_door_the_customer_came() -> None:
    steps = {name: Step(Tally(table=1), [10.0], [500]) for name in ("receive", "route", "match", "reply", "resolve")}
    steps["route, further"] = Step(Tally(table=100), [10.0], [500])  # not a part of one
    http, mail, socket = (Round.of(steps, door, ()) for door in ("http", "mail", "socket"))
    assert (http.table, http.requests, http.receipts) == (5, 0, ())
    assert http.dollars - socket.dollars == pytest.approx(190 / 1e9 * 0.53 * 1e6)  # the access line
    assert mail.dollars - socket.dollars == pytest.approx(0.5 + 5.0 - 1.0)  # SNS and a PUT for a frame
