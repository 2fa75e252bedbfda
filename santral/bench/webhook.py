"""The webhook's time in process, for each channel: the handler for a signed call of 1 KB, from the event to the answer.

Once with AWS answered inside botocore at once (our code and the SDK's: no network at all), once by the emulator.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from router.aws import clients
from santral.bench import bed
from santral.bench.callers import Call, Caller


@dataclass(frozen=True, slots=True)
class Webhook:
    """Milliseconds a call, and calls a second of one process."""

    calls: int
    p50: float
    p99: float
    per_second: float


def measure(caller: Caller, calls: int, *, stubbed: bool) -> Webhook:
    """So many calls, each a new message of a new sender (mail and chat: of one, who is read anew); a tenth more to warm up."""
    with quiet():
        events = _calls(caller, calls + calls // 10)
        handler, event = events[0]
        handler(event, bed.CONTEXT)  # configuration and secrets are read, as in any warm function
    times: list[float] = []
    with _answered_at_once() if stubbed else nullcontext(), quiet():
        for handler, event in events:
            began = time.perf_counter()
            answer = handler(event, bed.CONTEXT)
            times.append((time.perf_counter() - began) * 1000)
            if (answer or {}).get("statusCode", 200) != 200:
                raise RuntimeError(f"the webhook answered {answer}")
    caller.leave()
    kept = times[-calls:]
    p99 = quantiles(kept, n=100, method="inclusive")[98]
    return Webhook(calls, median(kept), p99, len(kept) / sum(kept) * 1000)


def _calls(caller: Caller, count: int) -> list[Call]:
    """What is kept with AWS, a mail in its bucket or a session, is the same for all."""
    stamp = time.time_ns() // 1000
    caller.come(stamp)
    if caller.door == "mail":
        return [caller.write(stamp, 1)] * count
    step = 0 if caller.door == "socket" else 1
    return [caller.write(stamp + number * step, number) for number in range(count)]


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.getvalue()


class _Answers:
    """AWS's: a write and a send are taken, a push is heard; what is read is asked of the emulator once, then known."""

    def __init__(self) -> None:
        self._session = URLLib3Session()
        self._known: dict[tuple[str, str, bytes], AWSResponse] = {}

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        content = _TAKEN.get(operation)
        if content is not None:
            headers: Any = {"content-type": "application/x-amz-json-1.0"}
            return AWSResponse(request.url, 200, headers, _Body(content))
        body = request.body if isinstance(request.body, bytes) else b""
        key = (operation, request.url, body)
        if key not in self._known:
            found: Any = self._session.send(request)
            self._known[key] = AWSResponse(found.url, found.status_code, found.headers, _Body(found.content))
        known: Any = self._known[key]
        return AWSResponse(known.url, known.status_code, known.headers, _Body(known.raw.getvalue()))


_TAKEN = {
    "PutItem": b"{}",
    "SendMessage": b'{"MessageId":"00000000-0000-0000-0000-000000000000","SequenceNumber":"1"}',
    "PostToConnection": b"",
}


@contextmanager
def _answered_at_once() -> Iterator[None]:
    """No request leaves botocore but the first of each reading; each is built, signed and answered."""
    hook: Any = _Answers()
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
