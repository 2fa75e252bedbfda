"""What each step of a message's way asks of AWS: requests by service, write and read units, log bytes and milliseconds.

Every handler runs in this process, warm, one message at a time (a batch of one, which is the dearest), against the
emulator. Lambda's own polling of the queues is not the SDK's: it is in the price, not here.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from router.ids import contact_id, conversation_id
from router.wire import HttpRequest, HttpResponse
from santral.bench import bed, customers
from santral.bench.meter import Meter, Tally
from santral.emulator import Stack

STEPS = (
    "receive", "route", "match", "receive, further", "route, further", "reply", "deliver", "receive receipt",
    "route receipt", "resolve", "match, freed",
)  # fmt: skip


@dataclass(slots=True)
class Step:
    """One function's part, for one message: counts of the last round, times and log bytes of all."""

    tally: Tally = field(default_factory=Tally)
    milliseconds: list[float] = field(default_factory=list)
    log_bytes: list[int] = field(default_factory=list)

    @property
    def duration(self) -> float:
        """The median, in milliseconds."""
        return median(self.milliseconds)

    @property
    def logged(self) -> float:
        """The median of the bytes that the handler wrote to its log."""
        return median(self.log_bytes)

    def plain(self) -> dict[str, Any]:
        """As JSON can hold it."""
        tally = self.tally
        counts = {
            name: getattr(tally, name) for name in ("table", "index", "reads", "reported_table", "reported_index")
        }
        return {"calls": dict(tally.calls), **counts, "milliseconds": self.duration, "log_bytes": self.logged}


def measure(stack: Stack, channel: str, rounds: int) -> dict[str, Step]:
    """Lead so many customers through the whole way, the first two to warm up; what each step took."""
    from functions import wiring

    exchange = wiring.exchange()
    carry = exchange.carry
    exchange.carry = _provider
    try:
        with Meter(stack.client("dynamodb"), stack.outputs["TableName"]) as meter:
            way = _Way(stack, channel, meter)
            for number in range(rounds + 2):
                if number == 2:
                    way.steps.clear()
                way.lead(number)
            return {name: way.steps[name] for name in STEPS if name in way.steps}
    finally:
        exchange.carry = carry


def _provider(request: HttpRequest) -> HttpResponse:
    """SES or Twilio, taking everything."""
    number = time.monotonic_ns()
    body = {"sid": f"SM{number:032d}", "status": "queued"} if "twilio" in request.url else {"MessageId": f"01-{number}"}
    return HttpResponse(201, {}, json.dumps(body).encode())


class _Way:
    """One customer after the other, through every function in turn."""

    def __init__(self, stack: Stack, channel: str, meter: Meter) -> None:
        self.stack = stack
        self.channel = channel
        self.meter = meter
        self.steps: dict[str, Step] = {}
        self.sqs = stack.client("sqs")
        self.s3 = stack.client("s3")

    def lead(self, number: int) -> None:
        from functions import deliver, match, route

        stamp = time.time_ns() // 1000 * 100 + number
        self.come("receive", stamp, 1)
        self.queue("route", "Inbound", route.handler)
        self.queue("match", "Match", match.handler)
        self.come("receive, further", stamp, 2)
        self.queue("route, further", "Inbound", route.handler)
        conversation = self.conversation(stamp)
        answer = self.agent(
            "reply", f"/v1/conversations/{conversation}/replies", {"text": customers.TEXT[:300]}, f"{stamp}a"
        )
        self.queue("deliver", "Outbound", deliver.handler)
        self.arrived(stamp, answer["message"]["id"])
        self.queue("route receipt", "Inbound", route.handler)
        self.agent("resolve", f"/v1/conversations/{conversation}/resolve", {}, f"{stamp}r")
        self.queue("match, freed", "Match", match.handler)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count, time and read the log of what one handler does."""
        from functions import wiring

        step = self.steps.setdefault(name, Step())
        self.meter.tallies.pop(name, None)
        said = io.StringIO()
        handlers = [h for h in wiring.logger.handlers if hasattr(h, "setStream")]
        before = [h.setStream(said) for h in handlers]
        began = time.perf_counter()
        try:
            with redirect_stdout(said), self.meter.phase(name) as tally:
                yield
        finally:
            for handler, stream in zip(handlers, before, strict=True):
                handler.setStream(stream or sys.stdout)
        # what the meter looks up in between is not the handler's time
        step.milliseconds.append((time.perf_counter() - began - tally.aside) * 1000)
        step.log_bytes.append(len(said.getvalue().encode()))
        step.tally = tally

    def come(self, step: str, stamp: int, turn: int) -> None:
        """The customer writes."""
        if self.channel == "email":
            sender, key = _address(stamp), f"mail/{stamp}-{turn}"
            bucket = self.stack.outputs["MailBucketName"]
            self.s3.put_object(Bucket=bucket, Key=key, Body=customers.mail(sender, f"{stamp}.{turn}"))
            self.mailed(step, customers.notification(bucket, key, sender))
        else:
            self.posted(
                step, customers.sms(customers.TEXT[:1024], f"SM{stamp * 4 + turn:032x}", customers.phone(stamp))
            )

    def mailed(self, step: str, event: Any) -> None:
        """SNS calls."""
        from functions import receive_email

        with self.step(step):
            receive_email.handler(event, bed.CONTEXT)

    def posted(self, step: str, fields: dict[str, str], query: str = "") -> None:
        """Twilio calls."""
        from functions import receive

        event = customers.webhook(self.stack.http_url, fields, query)
        with self.step(step):
            answer = receive.handler(event, bed.CONTEXT)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{step}: {answer}")

    def queue(self, step: str, queue: str, handler: Callable[[Any, Any], Any]) -> None:
        """The message in a queue reaches its function."""

        def measured(event: Any, context: Any) -> Any:
            with self.step(step):
                return handler(event, context)

        if bed.pump(self.sqs, self.stack.outputs[f"{queue}QueueUrl"], measured) != 1:
            raise RuntimeError(f"{step}: there is not one message in {queue}")

    def agent(self, step: str, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """The agent calls the API."""
        from functions import api

        event = customers.http("POST", path, {"idempotency-key": key}, json.dumps(body).encode())
        claims = {"cognito:username": "agent-00", "cognito:groups": "[supervisor]"}
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        with self.step(step):
            answer = api.handler(event, bed.CONTEXT)
        if answer["statusCode"] != 200:
            raise RuntimeError(f"{step}: {answer}")
        return dict(json.loads(answer["body"]))

    def arrived(self, stamp: int, send: str) -> None:
        """The provider reports that the answer arrived."""
        if self.channel == "email":
            self.mailed("receive receipt", customers.delivered(send, f"01-{stamp}", _address(stamp)))
        else:
            self.posted("receive receipt", customers.status(f"SM{stamp:032d}", customers.phone(stamp)), f"send={send}")

    def conversation(self, stamp: int) -> str:
        """The customer's conversation."""
        from functions import wiring

        address = _address(stamp) if self.channel == "email" else customers.phone(stamp)
        contact = contact_id(wiring.exchange().key, self.channel, address, proved=True)
        return conversation_id(contact, "default", 1)


def _address(stamp: int) -> str:
    return f"nermin.{stamp}@example.net"
