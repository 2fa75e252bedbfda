"""The line between the players and Santral: webhooks that are posted and repeated, and files that are fetched by link."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit, urlunsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from router.config import Inbox
from santral.sandbox.faults import Faults
from santral.sandbox.world import Bubble, File, World

log = logging.getLogger(__name__)

Later = Callable[[Awaitable[None]], None]

TRIES = 4  # of a report that was not taken; Meta and Telegram go on for hours
PATIENCE = 45  # twice what providers have: a function's first start on a busy laptop takes its time
SILENCE = 90  # seconds; longer than any caller waits
LARGEST_FETCH = 100 * 1024 * 1024


class Unreachable(Exception):
    """A file's link leads nowhere; the message says why."""


@dataclass(slots=True)
class Line:
    """What every player needs.

    `pause` is how long a provider takes for each step after its answer, `patience` how long it waits for a webhook's; in seconds.
    """

    world: World
    faults: Faults
    later: Later
    public_url: str
    pause: float = 0.2
    patience: float = PATIENCE

    def webhook(self, inbox: Inbox) -> str:
        """Where the provider is told to call."""
        return f"{self.public_url}/webhooks/{inbox.channel}/{inbox.name}"

    async def carry(self, url: str, body: bytes, headers: Mapping[str, str], bubbles: list[Bubble]) -> bytes:
        """What a customer did goes to the webhook; its answer. Raises ClientError or TimeoutError when it is not taken.

        Where no answer comes in time it is told once more, as providers do: a first call may have had to wait for a start.
        """
        try:
            try:
                answer = await self._post(url, body, headers)
            except TimeoutError:
                answer = await self._post(url, body, headers)
        except (ClientError, TimeoutError):
            for bubble in bubbles:
                bubble.state = "failed"
            raise
        else:
            for bubble in bubbles:
                bubble.state = "delivered"
            return answer
        finally:
            await self.world.touch()

    async def report(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """A provider's own call: repeated for a while when it is not taken."""
        for attempt in range(TRIES):
            try:
                await self._post(url, body, headers)
            except (ClientError, TimeoutError) as error:
                log.warning("a webhook was not taken: %s", error)
                await asyncio.sleep(self.pause * 2**attempt)
            else:
                return

    async def get(self, url: str) -> str:
        """The body of a GET. Raises ClientError or TimeoutError."""
        async with (
            ClientSession(timeout=ClientTimeout(total=15), raise_for_status=True) as client,
            client.get(url) as answer,
        ):
            return await answer.text()

    async def fetch(self, url: str, largest: int = LARGEST_FETCH) -> File:
        """The file behind a link, kept. Only https, or this machine's own, which speaks no TLS. Raises Unreachable."""
        parts = urlsplit(url)
        if _loopback(parts.hostname or ""):
            url = urlunsplit(parts._replace(scheme="http"))
        elif parts.scheme != "https":
            raise Unreachable("the link is neither https nor on this machine")
        try:
            async with ClientSession(timeout=ClientTimeout(total=20)) as client, client.get(url) as answer:
                if answer.status != 200:
                    raise Unreachable(f"the link answers {answer.status}")
                data = await answer.content.read(largest + 1)
                while not answer.content.at_eof() and len(data) <= largest:
                    data += await answer.content.read(largest + 1 - len(data))
                kind = answer.content_type
                shown = answer.content_disposition.filename if answer.content_disposition else None
        except (ClientError, TimeoutError) as error:
            raise Unreachable(f"the link cannot be fetched: {type(error).__name__}") from None
        if len(data) > largest:
            raise Unreachable(f"the file is larger than {largest} bytes")
        return self.world.keep(shown or PurePosixPath(unquote(parts.path)).name or "file", kind, data)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        given = {"Content-Type": "application/json", **headers}
        async with (
            ClientSession(timeout=ClientTimeout(total=self.patience), raise_for_status=True) as client,
            client.post(url, data=body, headers=given) as answer,
        ):
            return await answer.read()


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
