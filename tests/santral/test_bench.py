"""What a message asks of AWS, as counts: they are the same on every machine. Times are for `make bench`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from router import chat
from santral.bench import customers
from santral.bench.meter import Meter, Tally, item_size
from santral.bench.money import ALONE, OF_SIX, bill
from santral.bench.units import Step
from tests.kit.world import World

KILOBYTE = customers.TEXT[:1024]
CUSTOMER = "+15550100002"


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


def test_a_first_message_takes_six_requests_and_twelve_write_units_after_receive(world: World, meter: Meter) -> None:
    before = len(world.pushes)
    tally = _first(world, meter)
    assert tally.calls == {
        "dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2, "dynamodb.Query": 1, "sqs.SendMessage": 1,
    }  # fmt: skip
    assert len(world.pushes) - before == 1  # the sixth request
    assert (tally.table, tally.index) == (12, 5)


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
    assert (tally.table, tally.index) == (12, 5)


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


def test_an_item_counts_as_dynamodb_counts_it() -> None:
    item: dict[str, Any] = {
        "pk": {"S": "ğ"},
        "n": {"N": "-1234"},
        "d": {"B": b"12345"},
        "l": {"L": [{"S": "a"}, {"BOOL": True}]},
    }
    assert item_size(item) == (2 + 2) + (1 + 4) + (1 + 5) + (1 + 3 + (1 + 1) + (1 + 1))


def test_the_bill_adds_up_each_service_for_the_steps_a_message_takes() -> None:
    tally = Tally(table=2, index=1, reads=1)
    tally.calls["sqs.SendMessage"] = 1
    steps = {name: Step(tally, [10.0], [500]) for name in {*ALONE, *OF_SIX}}
    alone, six = bill(steps, ALONE), bill(steps, OF_SIX)
    assert alone.lines["DynamoDB writes"] == pytest.approx(len(ALONE) * 2 * 0.625)
    assert alone.lines["API Gateway, HTTP"] == pytest.approx(3.0)
    assert alone.lines["SQS"] == pytest.approx(len(ALONE) * 0.5 + 4 * 2 * 0.5)
    assert six.total < alone.total
