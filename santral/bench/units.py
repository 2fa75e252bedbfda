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
from santral.bench import bed, customers
from santral.bench.callers import Call, Caller
from santral.bench.meter import Meter, Tally
from santral.emulator import Stack


@dataclass(slots=True)
class Step:
    """One function's part, for one message: counts of the least round, times and log bytes of all."""

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


def measure(stack: Stack, caller: Caller, rounds: int) -> dict[str, Step]:
    """Lead so many customers through the whole way, the first two to warm up; what each step took, in their order."""
    from functions import wiring

    exchange = wiring.exchange()
    carry, get = exchange.carry, exchange.get
    exchange.carry, exchange.get = caller.answer, caller.profile
    try:
        with Meter(stack.client("dynamodb"), stack.outputs["TableName"]) as meter:
            way = _Way(stack, caller, meter)
            for number in range(rounds + 2):
                if number == 2:
                    way.steps.clear()
                way.lead(number)
            return way.steps
    finally:
        exchange.carry, exchange.get = carry, get
        caller.leave()


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the functions write to their log meanwhile."""
    from functions import wiring

    said = io.StringIO()
    handlers = [h for h in wiring.logger.handlers if hasattr(h, "setStream")]
    before = [h.setStream(said) for h in handlers]
    try:
        with redirect_stdout(said):
            yield said
    finally:
        for handler, stream in zip(handlers, before, strict=True):
            handler.setStream(stream or sys.stdout)


class _Way:
    """One customer after the other, through every function in turn."""

    def __init__(self, stack: Stack, caller: Caller, meter: Meter) -> None:
        self.stack = stack
        self.caller = caller
        self.meter = meter
        self.steps: dict[str, Step] = {}
        self.sqs = stack.client("sqs")

    def lead(self, number: int) -> None:
        from functions import deliver, fetch, match, route

        stamp = time.time_ns() // 1000 * 100 + number
        self.caller.come(stamp)
        self.called("receive", self.caller.write(stamp, 1))
        self.queue("route", "Inbound", route.handler)
        self.queue("match", "Match", match.handler)
        if self.caller.nameless:
            self.queue("fetch name", "Media", fetch.handler)
        self.called("receive, further", self.caller.write(stamp, 2))
        self.queue("route, further", "Inbound", route.handler)
        conversation = self.conversation(stamp)
        answer = self.agent(
            "reply", f"/v1/conversations/{conversation}/replies", {"text": customers.TEXT[:300]}, f"{stamp}a"
        )
        self.queue("deliver", "Outbound", deliver.handler)
        for receipt in self.caller.receipts:
            self.called(f"receive {receipt}", self.caller.report(receipt, stamp, answer["message"]["id"]))
            self.queue(f"route {receipt}", "Inbound", route.handler)
        self.agent("resolve", f"/v1/conversations/{conversation}/resolve", {}, f"{stamp}r")
        self.queue("match, freed", "Match", match.handler)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count, time and read the log of what one handler does."""
        step = self.steps.setdefault(name, Step())
        self.meter.tallies.pop(name, None)
        began = time.perf_counter()
        with logged() as said, self.meter.phase(name) as tally:
            yield
        # what the meter looks up in between is not the handler's time
        step.milliseconds.append((time.perf_counter() - began - tally.aside) * 1000)
        step.log_bytes.append(len(said.getvalue().encode()))
        if (
            not step.tally.calls or tally.requests < step.tally.requests
        ):  # one with the configuration's reading is not told
            step.tally = tally

    def called(self, step: str, call: Call) -> None:
        """The provider, or the customer's page, calls."""
        handler, event = call
        with self.step(step):
            answer = handler(event, bed.CONTEXT)
        if (answer or {}).get("statusCode", 200) != 200:
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

    def conversation(self, stamp: int) -> str:
        """The customer's conversation."""
        from functions import wiring

        contact = contact_id(wiring.exchange().key, self.caller.channel, self.caller.address(stamp), proved=True)
        return conversation_id(contact, "default", 1)
