"""The agent's page in a browser, on a world in this process: its calls reach the real handlers, and pushes reach the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from functions import api
from tests.kit.events import LambdaContext, http_event
from tests.kit.world import World

HOST = "http://desk.test"
LOGIN = """sessionStorage.setItem("santral.desk.login", JSON.stringify({id: "token", refresh: "r", until: 8e15, email: "a@example.com"}))"""


class DeskPage:
    """A desk with somebody logged in. `page` is Playwright's; its clock and the world's go on together, and jump by `later`."""

    def __init__(
        self,
        browser: Any,
        world: World,
        user: str = "ayse",
        *,
        role: str = "agent",
        width: int = 1280,
        locale: str = "en-GB",
    ) -> None:
        self.world = world
        self.user, self.role = user, role
        self.faults: list[str] = []
        self._ticket = ""
        self._sockets: dict[str, Any] = {}
        self._context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=locale, timezone_id="Europe/Istanbul"
        )
        self._context.set_default_timeout(15_000)
        self._context.add_init_script(LOGIN)
        self.page = self._context.new_page()
        self.page.clock.install(time=world.now)
        self._began, self._ticks = world.now, time.monotonic()
        world.exchange.now = self._now
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None
        )
        self.page.route(f"{HOST}/**", self._answer)
        self.page.route_web_socket(re.compile("^wss://"), self._connect)
        pushing: Any = self._pushing(world.exchange.sockets.push)
        world.exchange.sockets.push = pushing  # type: ignore[method-assign]

    def open(self, path: str = "/desk") -> Any:
        """Go there, and wait until it is live; the page."""
        self.page.goto(HOST + path)
        self.page.locator('#live[data-state="open"]').wait_for(state="attached")
        return self.page

    def later(self, seconds: float) -> None:
        """Time passes for the page and for the world; timers ring in both."""
        self._began += timedelta(seconds=seconds)
        self._now()
        self.world.ring()
        self.world.pump()
        self.page.clock.run_for(round(seconds * 1000))

    def close(self) -> None:
        """Close it; nothing went wrong in it."""
        self._context.close()
        assert self.faults == []

    def _now(self) -> datetime:
        elapsed = timedelta(milliseconds=round((time.monotonic() - self._ticks) * 1000))
        self.world.now = max(self.world.now, self._began + elapsed)
        return self.world.now

    def _answer(self, route: Any) -> None:
        request, address = route.request, urlsplit(route.request.url)
        if address.path == "/web/config.json":
            route.fulfill(json={"cognito": f"{HOST}/cognito", "client_id": "desk", "region": "eu-central-1"})
            return
        event = http_event(
            request.method, address.path, request.post_data_buffer or b"", request.headers, query=address.query
        )
        if address.path.startswith("/v1/"):
            claims = {"cognito:username": self.user, "cognito:groups": f"[{self.role}]", "sub": self.user}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        answer = api.handler(event, LambdaContext())
        if address.path == "/v1/socket-tickets":
            self._ticket = json.loads(answer["body"])["ticket"]
        several = {name: ", ".join(values) for name, values in (answer.get("multiValueHeaders") or {}).items()}
        route.fulfill(
            status=answer["statusCode"],
            body=answer.get("body") or "",
            headers={**(answer.get("headers") or {}), **several},
        )
        if request.method == "POST":
            self.world.pump()

    def _connect(self, socket: Any) -> None:
        connection = f"page-{self.user}-{len(self._sockets)}="
        self._sockets[connection] = socket
        socket.on_message(lambda frame: self.world.socket("MESSAGE", connection, body=frame))
        self.world.socket("CONNECT", connection, protocols=["santral.v1", f"ticket.{self._ticket}"])

    def _pushing(self, before: Callable[[str, Mapping[str, Any]], bool]) -> Callable[[str, Mapping[str, Any]], bool]:
        def push(connection: str, frame: Mapping[str, Any]) -> bool:
            if connection in self._sockets:
                self._sockets[connection].send(json.dumps(frame, default=str))
            return before(connection, frame)

        return push
