"""A campaign's whole way with its writes: set off, planned, judged, claimed, sent and heard of, over the table in memory.

Calls and units are counted as DynamoDB makes and bills them (docs.aws.amazon.com/amazondynamodb, "Capacity unit consumption"): an index
write is not doubled in a transaction, an index is read eventually, at half the price. The provider says yes at once.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from typing import Any

from router.aws.codec import Item, marshal
from router.aws.configs import Configs
from router.aws.dynamo import Change
from router.aws.queues import Queues, read_outreach
from router.aws.table import Table
from router.exchange import Exchange
from router.outreach import carry_on
from router.outreach_values import OutreachRow
from router.signals import Launch
from router.wire import HttpRequest, HttpResponse
from santral.bench import bed, shop
from santral.bench import prices as price
from santral.bench.callers import credentials
from santral.bench.meter import Tally, entry, index_units, item_size, units
from santral.bench.money import LAMBDA_LINES, MEMORY_GB, Bill
from santral.bench.outreach import KEY, exchange
from santral.bench.trips import Counted
from santral.bench.units import logged
from santral.memory import KEYS, WHOLE, MemoryDynamo

CHANNELS = ("sms", "whatsapp", "email")
BATCH = 10
_INDEXES = tuple(
    (
        [{"AttributeName": name} for name in names],
        {"ProjectionType": "ALL" if index in WHOLE else "KEYS_ONLY"},
    )
    for index, names in KEYS.items()
    if index is not None
)


class Billed(Counted):
    """The table in memory, which counts what DynamoDB would bill, reads and writes, under the name of what is being done."""

    def __init__(self) -> None:
        super().__init__()
        self.tallies: dict[str, Tally] = {}

    def forget(self) -> None:
        """Count from here on."""
        super().forget()
        self.table_units = self.index_units = self.spared = 0.0

    @contextmanager
    def phase(self, name: str) -> Iterator[Tally]:
        """Count what happens inside under this name; a repeated name adds up."""
        tally = self.tallies.setdefault(name, Tally())
        self.forget()
        yield tally
        tally.calls.update({f"dynamodb.{call}": count for call, count in self.calls.items()})
        tally.reads += self.reads - self.spared
        tally.table += self.table_units
        tally.index += self.index_units

    def query(self, pk: str, **how: Any) -> Iterator[Any]:
        """Items of a partition; an index's are half as dear."""
        before = self.reads
        found = super().query(pk, **how)
        if how.get("index") is not None:
            self.spared += (self.reads - before) / 2
        return found

    def commit(self, *changes: Change) -> None:
        """All or nothing; each item counts as large as it was or is."""
        before = [self._image(change) for change in changes]
        super().commit(*changes)
        twice = 2 if len(changes) > 1 else 1
        for was, change in zip(before, changes, strict=True):
            after = self._image(change)
            self.table_units += twice * units(max([1, *(item_size(item) for item in (was, after) if item)]))
            self.index_units += sum(index_units(was, after, *index) for index in _INDEXES)

    def _image(self, change: Change) -> Mapping[str, Any] | None:
        found = MemoryDynamo.get(self, change.key)
        return None if found is None else marshal(found)


class Line:
    """SQS: what was sent to the outreach queue comes out of it in batches; requests are counted, and the function's own polling."""

    def __init__(self) -> None:
        self.requests = 0
        self.polls = 0
        self.waiting: deque[str] = deque()

    def send_message(self, *, QueueUrl: str, MessageBody: str, **_: object) -> None:  # noqa: N803 - SQS's names
        self._take(QueueUrl, [MessageBody])

    def send_message_batch(self, *, QueueUrl: str, Entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._take(QueueUrl, [entry["MessageBody"] for entry in Entries])
        return {}

    def _take(self, url: str, bodies: list[str]) -> None:
        self.requests += 1
        if url == "outreach":
            self.waiting += bodies

    def batch(self) -> list[str]:
        """As many as a function gets at once; receiving and deleting them are two requests."""
        self.polls += 2
        return [self.waiting.popleft() for _ in range(min(BATCH, len(self.waiting)))]


@dataclass(frozen=True, slots=True)
class Way:
    """A campaign of so many sends by a channel: what each part of the way asked for, SQS requests, and processor seconds."""

    channel: str
    sends: int
    tallies: Mapping[str, Tally]
    queue: int
    polls: int
    invocations: int
    kept: int  # bytes in the table and its indexes
    seconds: float = field(compare=False)

    @property
    def all(self) -> Tally:
        """Added up."""
        return sum(self.tallies.values(), Tally())

    def per_thousand(self, count: float) -> float:
        """Of a thousand sends."""
        return count * 1000 / self.sends

    def plain(self) -> dict[str, Any]:
        """Of a thousand sends, as JSON can hold it."""
        tally = self.all
        counts = {"sqs": self.queue + self.polls, "table": tally.table, "index": tally.index, "reads": tally.reads}
        return {name: self.per_thousand(count) for name, count in {**tally.calls, **counts}.items()}

    @property
    def per_second(self) -> float:
        """Sends a second of our own processor time."""
        return self.sends / self.seconds


def says_yes(request: HttpRequest) -> HttpResponse:
    """Every provider's yes."""
    number = str(time.monotonic_ns())
    if "twilio" in request.url:
        return HttpResponse(201, {}, json.dumps({"sid": f"SM{number:>032}", "status": "queued"}).encode())
    if "facebook" in request.url:
        return HttpResponse(200, {}, json.dumps({"messages": [{"id": f"wamid.{number}"}]}).encode())
    return HttpResponse(200, {}, json.dumps({"MessageId": f"0100-{number}"}).encode())


def meet(table: Table, key: bytes, channel: str, numbers: Iterable[int]) -> None:
    """Recipients, with all that the shop knows of them."""
    for number in numbers:
        one = shop.person(key, number, channel)
        table.commit(
            table.new_contact(one.contact),
            table.new_conversation(one.conversations[0]),
            table.save_outreach_row(one.contact.id, OutreachRow(), one.row),
            *map(table.new_consent, one.consents.values()),
        )


def whole(dynamo: MemoryDynamo, line: Line) -> Exchange:
    """An exchange over this table and this queue, whose providers say yes."""
    x = exchange(Table(dynamo, KEY))
    urls = {
        name: name for name in ("inbound", "match", "outbound", "outreach", "timers", "media", "hooks", "due", "aside")
    }
    secret = credentials()
    return replace(
        x, queues=Queues(line, urls, KEY), carry=says_yes, credentials=lambda inbox: secret.get(inbox.secret or "", {})
    )


def measure(channel: str, recipients: int = 1000, *, billed: bool = True) -> Way:
    """The campaign goes to so many; `billed` counts calls and units, for which the time says nothing."""
    dynamo, line = Billed() if billed else MemoryDynamo(), Line()
    x = whole(dynamo, line)
    meet(x.table, KEY, channel, range(recipients))
    x.queues.send([Launch(shop.CAMPAIGN, shop.NOW)], shop.NOW)
    line.requests = 0
    invocations = 0
    began = time.process_time()
    while line.waiting:
        invocations += 1
        for body in line.batch():
            order = read_outreach(body)
            if isinstance(dynamo, Billed):
                with dynamo.phase(type(order).__name__.lower()):
                    x.queues.send(carry_on(x, order, lambda: True), x.now())
            else:
                x.queues.send(carry_on(x, order, lambda: True), x.now())
    seconds = time.process_time() - began
    items = [item for item in dynamo.items() if item["pk"].startswith(("M#", "L#")) or item["sk"].startswith("tour#")]
    sent = sum(item.get("st") == "sent" for item in items)
    tallies = dynamo.tallies if isinstance(dynamo, Billed) else {}
    return Way(channel, sent, tallies, line.requests, line.polls, invocations, sum(map(_kept, items)), seconds)


def _kept(item: Item) -> int:
    image = marshal(item)
    return sum(item_size(one) for one in (image, *(entry(image, *index) for index in _INDEXES)) if one is not None)


# --- on the emulator -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deployed:
    """The same through the function and AWS's API on the emulator, its queue and its table, one batch after the other.

    `own_ms` is processor time of ours for each send, `lambda_ms` the function's time, by the median batch of ten.
    """

    sends: int
    per_second: float
    own_ms: float
    lambda_ms: float
    log_bytes: float


def emulated(one: bed.Bed, channel: str = "sms", recipients: int = 300) -> Deployed:
    """The campaign goes to so many by the deployed table and queue, the function in this process."""
    from functions import outreach, wiring

    table_calls = bed.dynamo(one.stack)
    Configs(table_calls).apply(shop.configuration())
    x = wiring.exchange()
    carry, now = x.carry, x.now
    began = time.monotonic()
    x.carry, x.now = says_yes, lambda: shop.NOW + timedelta(seconds=time.monotonic() - began)
    x.look_again()
    batches: list[float] = []
    lines: list[int] = []

    def handler(event: Any, context: Any) -> Any:
        start = time.perf_counter()
        with logged() as said:
            answer = outreach.handler(event, context)
        lines.append(len(said.getvalue().encode()))
        if "step" in event["Records"][0]["body"] and len(event["Records"]) == BATCH:
            batches.append((time.perf_counter() - start) * 1000 / BATCH)
        return answer

    try:
        meet(x.table, x.key, channel, range(recipients))
        sqs, url = one.stack.client("sqs"), one.stack.outputs["OutreachQueueUrl"]
        x.queues.send([Launch(shop.CAMPAIGN, shop.NOW)], shop.NOW)
        start, own = time.perf_counter(), time.process_time()
        while bed.pump(sqs, url, handler):
            pass
        seconds, own = time.perf_counter() - start, time.process_time() - own
    finally:
        x.carry, x.now = carry, now
    people = [shop.person(x.key, number, channel).contact.id for number in range(recipients)]
    sends = sum(len(journey.sent) for each in people for journey in x.table.journeys_of(each))
    return Deployed(sends, sends / seconds, own / sends * 1000, median(batches), sum(lines) / sends)


# --- what it costs ---------------------------------------------------------------------------------------------------

ANSWERED_MS = 200
"""What a provider is taken to need for its answer: Lambda is billed for it, though it does nothing meanwhile."""
CHANNEL = {"sms": price.SMS_OUT, "whatsapp": price.WHATSAPP_OUT, "email": price.SES_OUT}
"""What one message costs by itself, in dollars."""


def bill(way: Way, deployed: Deployed) -> Bill:
    """What a thousand sends cost at AWS, without the channel's own price; functions get full batches."""
    calls, runs = way.all, way.per_thousand(way.invocations)
    logged_bytes = 1000 * deployed.log_bytes + runs * LAMBDA_LINES
    second = MEMORY_GB * price.LAMBDA_GB_SECOND
    lines = {
        "DynamoDB writes": way.per_thousand(calls.table) * price.WRITE_UNIT,
        "DynamoDB index writes": way.per_thousand(calls.index) * price.WRITE_UNIT,
        "DynamoDB reads": way.per_thousand(calls.reads) * price.READ_UNIT,
        "SQS": way.per_thousand(way.queue + way.polls) * price.SQS_FIFO,
        "Lambda": runs * price.LAMBDA_REQUEST + deployed.lambda_ms * second,
        "Lambda, while the provider answers": ANSWERED_MS * second,
        "Logs": logged_bytes / 1e9 * (price.LOG_GB + price.LOG_GB_MONTH),
        "X-Ray": runs * price.XRAY_SAMPLED * price.XRAY_TRACE,
        "DynamoDB storage, a month": way.per_thousand(way.kept)
        / 1e9
        * (price.TABLE_GB_MONTH + price.RECOVERY_GB_MONTH),
    }
    return Bill(dict(sorted(lines.items(), key=lambda line: -line[1])))
