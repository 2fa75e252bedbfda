"""The webhook's time in process: `receive`'s handler for a 1 KB SMS of Twilio's, from the event to the answer.

Once with AWS answered inside botocore at once (our code and the SDK's: no network at all), once by the emulator.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from botocore.awsrequest import AWSResponse

from router.aws import clients
from santral.bench import bed, customers
from santral.emulator import Stack


@dataclass(frozen=True, slots=True)
class Webhook:
    """Milliseconds a call."""

    calls: int
    p50: float
    p99: float


def measure(stack: Stack, calls: int, *, stubbed: bool) -> Webhook:
    """So many calls, each a new message of a new sender; a tenth more to warm up."""
    from functions import receive

    events = []
    for number in range(calls + calls // 10):
        stamp = time.time_ns() // 1000 + number
        fields = customers.sms(customers.TEXT[:1024], f"SM{stamp:032x}", customers.phone(stamp))
        events.append(customers.webhook(stack.http_url, fields))
    with quiet():
        receive.handler(events[0], bed.CONTEXT)  # configuration and secrets are read, as in any warm function
    times: list[float] = []
    with _answered_at_once() if stubbed else nullcontext(), quiet():
        for event in events:
            began = time.perf_counter()
            answer = receive.handler(event, bed.CONTEXT)
            times.append((time.perf_counter() - began) * 1000)
            if answer["statusCode"] != 200:
                raise RuntimeError(f"the webhook answered {answer}")
    kept = times[-calls:]
    return Webhook(calls, median(kept), quantiles(kept, n=100, method="inclusive")[98])


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


@contextmanager
def _answered_at_once() -> Iterator[None]:
    """No request leaves botocore; each is built, signed and answered."""

    def answer(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        content = {
            "PutItem": b"{}",
            "SendMessage": b'{"MessageId":"00000000-0000-0000-0000-000000000000","SequenceNumber":"1"}',
        }.get(event_name.rpartition(".")[2])
        if content is None:
            return None  # the configuration's pointer, read every five seconds
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, _Body(content))

    hook: Any = answer
    clients.client.cache_clear()
    clients.session().register("before-send", hook)
    try:
        yield
    finally:
        clients.session().unregister("before-send", hook)
        clients.client.cache_clear()


@contextmanager
def quiet() -> Iterator[None]:
    """The functions' logs go nowhere, at the price of writing them."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
