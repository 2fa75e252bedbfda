"""List-price dollars for a million inbound messages, each with one reply, put together from what was measured.

A message is an SMS of 1 KB to an agent whose page is open; carriers' own fees are left out, and the receipt is counted
apart. Lambda is billed for the handlers' median time here at the template's memory; X-Ray at Lambda's default sampling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from santral.bench import prices as price
from santral.bench.callers import Door
from santral.bench.meter import Tally
from santral.bench.units import Step

MEMORY_GB = 1.0  # of every function on the way
LAMBDA_LINES = 330  # bytes of START, END and REPORT, with X-Ray's ids
ACCESS_LINE = 190  # bytes that the HTTP API logs of a request
KEPT_BYTES = 5_500  # in the table, index copies included: message, reply, conversation, decision, audit, ledger

# Which steps a message takes, and how often, if it is alone, and as one of six: what only the first or last does is shared.
ALONE: Mapping[str, float] = {
    "receive": 1, "route": 1, "match": 1, "reply": 1, "deliver": 1, "resolve": 1, "match, freed": 1,
}  # fmt: skip
OF_SIX: Mapping[str, float] = {
    "receive": 1 / 6, "route": 1 / 6, "match": 1 / 6, "receive, further": 5 / 6, "route, further": 5 / 6, "reply": 1,
    "deliver": 1, "resolve": 1 / 6, "match, freed": 1 / 6,
}  # fmt: skip
RECEIPT: Mapping[str, float] = {"receive delivered": 1, "route delivered": 1}
_QUEUED = ("route", "match", "deliver", "fetch")


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars a million, by service, largest first."""

    lines: Mapping[str, float]

    @property
    def total(self) -> float:
        """All of it."""
        return sum(self.lines.values())


def bill(steps: Mapping[str, Step], times: Mapping[str, float], *, polled: int = 1, door: Door = "http") -> Bill:
    """What a million messages cost that take these steps so often; `polled` records a batch come from the queues.

    `door` is how the customer's side calls: by HTTP, in frames of a WebSocket, or in mails and events by SNS.
    """
    found: dict[str, float] = {}

    def add(service: str, each: float) -> None:
        found[service] = found.get(service, 0.0) + each * 1_000_000

    for name, often in times.items():
        step = steps[name]
        queued, comes = name.startswith(_QUEUED), name.startswith("receive")
        asked = door if comes else None if queued else "http"
        share = often / polled if queued else often
        add("Lambda", share * (price.LAMBDA_REQUEST + step.duration / 1000 * MEMORY_GB * price.LAMBDA_GB_SECOND))
        add("X-Ray", share * price.XRAY_SAMPLED * price.XRAY_TRACE)
        logged = step.logged + LAMBDA_LINES + (ACCESS_LINE if asked == "http" else 0)
        add("Logs", share * logged / 1e9 * (price.LOG_GB + price.LOG_GB_MONTH))
        if asked == "http":
            add("API Gateway, HTTP", often * price.HTTP_REQUEST)
        if asked == "socket":
            add("API Gateway, frames", often * price.SOCKET_MESSAGE)
        if asked == "mail":
            add("SNS", often * price.SNS_PUBLISH)
            add("S3", often * price.S3_PUT * (name in ("receive", "receive, further")))
        add("API Gateway, pushes", often * step.tally.of("apigatewaymanagementapi") * price.SOCKET_MESSAGE)
        add("DynamoDB writes", often * step.tally.table * price.WRITE_UNIT)
        add("DynamoDB index writes", often * step.tally.index * price.WRITE_UNIT)
        add("DynamoDB reads", often * step.tally.reads * price.READ_UNIT)
        add("SQS", often * step.tally.of("sqs") * price.SQS_FIFO)
        if queued:
            add("SQS", share * 2 * price.SQS_FIFO)  # Lambda's receive and delete
        add("S3", often * step.tally.of("s3") * price.S3_GET)
    if "resolve" in times:
        add("DynamoDB storage, a month", KEPT_BYTES / 1e9 * (price.TABLE_GB_MONTH + price.RECOVERY_GB_MONTH))
    return Bill(dict(sorted(((k, v) for k, v in found.items() if v), key=lambda line: -line[1])))


def once(steps: Mapping[str, Step]) -> dict[str, float]:
    """One conversation of one message: in, routed, assigned, answered, delivered, every receipt, resolved."""
    return {name: 1.0 for name in steps if "further" not in name}


@dataclass(frozen=True, slots=True)
class Round:
    """A channel's round trip, `once`: what it asks of AWS, and dollars a million without carriers' and providers' fees."""

    receipts: tuple[str, ...]
    requests: int
    table: float
    index: float
    reads: float
    dollars: float

    @classmethod
    def of(cls, steps: Mapping[str, Step], door: Door, receipts: tuple[str, ...]) -> Self:
        """Added up from its steps."""
        times = once(steps)
        tally = sum((steps[name].tally for name in times), Tally())
        total = bill(steps, times, door=door).total
        return cls(receipts, tally.requests, tally.table, tally.index, tally.reads, total)
