"""A sandbox in process, with the webhooks that Meta and Telegram would call."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from router.config import Config, Inbox
from santral.sandbox import accounts
from santral.sandbox.cloud import Cloud
from santral.sandbox.line import PATIENCE
from santral.sandbox.server import Sandbox
from santral.sandbox.world import Bubble

NUMBER_ID, PAGE, ACCOUNT = "104200000000001", "204200000000002", "17841400000000042"
WRITER, PERSON, FOLLOWER, CHATTER = "+12025550171", "7203001122334455", "8812003344556677", "700000042"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
CONFIG = Config.model_validate(
    {
        "inboxes": [
            {
                "name": "wa", "channel": "whatsapp", "address": "+15005550106", "queue": "social", "secret": "whatsapp",
                "settings": {"phone_number_id": NUMBER_ID}, "language": "tr",
            },
            {"name": "page", "channel": "messenger", "address": PAGE, "queue": "social", "secret": "messenger"},
            {"name": "insta", "channel": "instagram", "address": ACCOUNT, "queue": "social", "secret": "instagram"},
            {"name": "bot", "channel": "telegram", "address": "ornek_bot", "queue": "social", "secret": "telegram"},
        ],
        "queues": [{"name": "social", "skill": "social"}],
        "agents": [{"name": "ayse", "display_name": "Ayşe", "skills": ["social"]}],
    }
)  # fmt: skip
CUSTOMERS = {"wa": WRITER, "page": PERSON, "insta": FOLLOWER, "bot": CHATTER}


class Called:
    """One webhook call."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path = path
        self.headers = headers
        self.body = body
        form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        self.json: dict[str, Any] = {} if form else json.loads(body)
        self.form = dict(parse_qsl(body.decode(), keep_blank_values=True)) if form else {}


class Played:
    """The sandbox, its webhooks' calls in `called`, and what they are answered."""

    def __init__(self, config: Config = CONFIG) -> None:
        self.credentials = accounts.made(config)
        self.sandbox = Sandbox(config, self.credentials)
        self.called: list[Called] = []
        self.answers: list[int] = []  # statuses of the next calls; 200 when there is none left
        self.slow = 0  # so many of the next calls get no answer; then the provider is patient again
        self.over = asyncio.Event()
        self.reply: dict[str, Any] | None = None
        self.knows_all = False  # each channel's verify_token, not only WhatsApp's

    async def __aenter__(self) -> Played:
        app = web.Application()
        app.add_routes(self.sandbox.routes())
        app.router.add_post("/webhooks/{path:.*}", self._webhook)
        app.router.add_get("/webhooks/{path:.*}", self._handshake)
        app.router.add_get("/link/{name}", self._linked)
        app.router.add_static("/web", Path(__file__).resolve().parent.parent.parent / "web")
        self.client = TestClient(TestServer(app))
        await self.client.start_server()
        self.url = str(self.client.make_url("/")).rstrip("/")
        cloud = Cloud(None, None, "mail", "arn:mail", "arn:events", "eu-central-1")
        await self.sandbox.open(cloud, self.url, "http://127.0.0.1:1", pause=0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.over.set()
        await self.sandbox.close()
        await self.client.close()

    async def _webhook(self, request: web.Request) -> web.Response:
        if self.slow:
            self.slow -= 1
            if not self.slow:
                self.sandbox.phones.line.patience = PATIENCE
            await self.over.wait()  # no answer while the test lasts
        status = self.answers.pop(0) if self.answers else 200
        headers = {name.lower(): value for name, value in request.headers.items()}
        if status == 200:
            self.called.append(Called(request.path, headers, await request.read()))
        return web.json_response(self.reply or {}, status=status)

    async def _handshake(self, request: web.Request) -> web.Response:
        channel = request.match_info["path"].partition("/")[0] if self.knows_all else "whatsapp"
        if request.query.get("hub.verify_token") != self.credentials[channel]["verify_token"]:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def _linked(self, request: web.Request) -> web.Response:
        """A file behind a link, as we would hand it to a provider."""
        kind = {"a.png": "image/png", "a.exe": "application/x-msdownload"}.get(request.match_info["name"])
        return web.Response(body=PIXEL, content_type=kind) if kind else web.Response(status=404)

    async def ask(self, what: str, inbox: str, **asked: Any) -> dict[str, Any]:
        """What the page or `santral send` asks; the answer of a call that was well."""
        answer = await self.client.post(f"/sandbox/api/{what}", json={"inbox": inbox, **asked})
        told: dict[str, Any] = await answer.json()
        assert answer.status == 201, told
        return told

    async def refused(self, what: str, inbox: str, **asked: Any) -> str:
        """Why it cannot be asked."""
        answer = await self.client.post(f"/sandbox/api/{what}", json={"inbox": inbox, **asked})
        assert answer.status in (422, 502)
        return str((await answer.json())["error"])

    async def say(self, inbox: str, text: str = "Merhaba ğüş / iyi mi?", **more: Any) -> list[str]:
        """A customer writes; the ids of what was written."""
        asked = {"from": CUSTOMERS[inbox], "name": "Deniz Kaya", "text": text, **more}
        return list((await self.ask("say", inbox, **asked))["ids"])

    def bubble(self, inbox: str) -> Bubble:
        """The newest message of ours on the phone."""
        return [b for b in self.sandbox.world.bubbles if b.inbox == inbox and b.way == "to-customer"][-1]

    async def until(self, true: Callable[[], Any]) -> None:
        """Wait for what the sandbox does by itself."""
        for _ in range(400):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")

    async def seen(self, count: int) -> list[Called]:
        """So many calls since the beginning."""
        await self.until(lambda: len(self.called) >= count)
        return self.called


def inbox(name: str) -> Inbox:
    """An inbox by its name."""
    found = CONFIG.inbox(name)
    assert found is not None
    return found


def play(scene: Callable[[Played], Awaitable[None]], config: Config = CONFIG) -> None:
    """Run a scene in a sandbox of its own."""

    async def whole() -> None:
        async with Played(config) as played:
            await scene(played)

    asyncio.run(whole())


def picture(name: str = "a.png") -> dict[str, str]:
    """A picture as the page sends it."""
    return {"name": name, "type": "image/png", "data": base64.b64encode(PIXEL).decode()}
