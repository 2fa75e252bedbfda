"""From the POST to the agent's page: a signed webhook call at the deployed stack, and the WebSocket frame it ends in.

Everything on the way is the deployed thing: front door, HTTP API, receive, inbound queue, route, match queue, match, the
WebSocket API. Each message is a new customer's, sent when the last one has arrived: latency, not load.
"""

from __future__ import annotations

import asyncio
import queue
import random
import secrets
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from aiohttp import ClientSession

from router.aws.sockets import Sockets
from santral.bench import bed, customers


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds over so many messages."""

    messages: int
    median: float
    p99: float
    answered: float  # median until the webhook was answered


class Page:
    """An agent's open page: its WebSocket, read in the front door's loop."""

    def __init__(self, one: bed.Bed, agent: str = "agent-00") -> None:
        self._bed = one
        self._agent = agent
        self.frames: queue.Queue[tuple[float, dict[str, Any]]] = queue.Queue()
        self.connection = ""

    def __enter__(self) -> Page:
        sockets = Sockets(bed.dynamo(self._bed.stack), None, bed.signing_key(self._bed.stack))
        ticket = secrets.token_urlsafe(24)
        sockets.give_ticket(ticket, {"agent": self._agent}, datetime.now(UTC), timedelta(seconds=30))
        self._bed.front.call(self._open(ticket))
        self.connection = sockets.of(f"A#{self._agent}")[-1]
        return self

    def __exit__(self, *_: object) -> None:
        self._bed.front.call(self._close())

    async def _open(self, ticket: str) -> None:
        self._client = ClientSession()
        url = self._bed.stack.socket_url
        self._socket = await self._client.ws_connect(url, protocols=["santral.v1", f"ticket.{ticket}"])
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            self.frames.put((time.perf_counter(), message.json()))

    async def _close(self) -> None:
        self._reader.cancel()
        await self._socket.close()
        await self._client.close()


def measure(one: bed.Bed, messages: int, *, rest: float, warm: int = 10) -> Latency:
    """Post so many SMS of new customers, one after the other; how long each took to the page.

    `rest` seconds lie between two: the emulator's poller pauses for 50 ms after a look that finds nothing, which a message
    right after another runs into. AWS's pollers do not.
    """
    with Page(one) as page:
        bed.come_in(one.stack, page.connection)
        times, answered = [], []
        for number in range(messages + warm):
            time.sleep(rest * random.uniform(0.8, 1.2))  # noqa: S311 - so as not to beat with any clock of the emulator's
            took, reply = _one(one, page)
            if number >= warm:
                times.append(took)
                answered.append(reply)
    return Latency(messages, median(times), quantiles(times, n=100, method="inclusive")[98], median(answered))


def _one(one: bed.Bed, page: Page) -> tuple[float, float]:
    stamp = time.time_ns() // 1000
    fields = customers.sms(customers.TEXT[:1024], f"SM{stamp:032x}", customers.phone(stamp))
    path, headers, body = customers.signed(one.stack.http_url, fields)
    request = urllib.request.Request(one.stack.http_url + path, body, headers)  # noqa: S310 - loopback
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        answer.read()
    answered = time.perf_counter()
    while True:
        at, frame = page.frames.get(timeout=20)
        if frame.get("reason") == "assigned":
            return (at - began) * 1000, (answered - began) * 1000
