"""The phones' JSON API, for the page, for tests and for `santral send`.

POST /sandbox/api/say       {inbox, from, name?, text?, files?: [{name, type, data (base64)}], place?, quotes?}
POST /sandbox/api/tap       {inbox, message, button}          the button's number, from 0
POST /sandbox/api/react     {inbox, message, emoji}           an empty one takes the reaction back
POST /sandbox/api/edit      {inbox, message, text}
POST /sandbox/api/unsend    {inbox, message}
POST /sandbox/api/seen      {inbox, customer}                 everything delivered is on the screen now
POST /sandbox/api/elsewhere {inbox, customer, text}           a colleague answers in the provider's own app
POST /sandbox/api/fail      {inbox, customer?, kind, times?}  what the next answers meet: see `faults`
POST /sandbox/api/pass      {inbox, customer, hours}          the customer's last message is that much older now
POST /sandbox/api/subscribe {inbox}                           Meta's handshake with the webhook
GET  /sandbox/api/files/ID
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from aiohttp import ClientError, web

from router.config import Config, Inbox
from santral.sandbox.line import Line
from santral.sandbox.meta import Graph
from santral.sandbox.phone import App, Impossible, Place, Said
from santral.sandbox.world import Bubble, File

Asked = Mapping[str, Any]
_ADDRESSES = {
    "whatsapp": (
        re.compile(r"\+[1-9][0-9]{6,14}|[A-Z]{2}\.[0-9A-Za-z]{5,}"),
        "a number (+1...) or a user id (US.1...)",
    ),
    "messenger": (re.compile(r"[0-9]{1,20}"), "a page-scoped id: digits"),
    "instagram": (re.compile(r"[0-9]{1,20}"), "an Instagram-scoped id: digits"),
    "telegram": (re.compile(r"[1-9][0-9]{0,15}"), "a user id: digits"),
    "email": (re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}"), "an e-mail address"),
    "twilio": (re.compile(r"\+[1-9][0-9]{6,14}"), "a number (+1...)"),
}
ANYWHERE = frozenset({"fail"})  # also of inboxes that are no app's


class Phones:
    """The apps by their channel, and what the page may ask of them."""

    def __init__(self, config: Config, line: Line, graph: Graph, apps: Mapping[str, App]) -> None:
        self.config = config
        self.line = line
        self.world = line.world
        self.graph = graph
        self.apps = apps
        self._asks: dict[str, Callable[[Inbox, Asked], Awaitable[Asked]]] = {
            "say": self._say,
            "tap": self._tap,
            "react": self._react,
            "edit": self._edit,
            "unsend": self._unsend,
            "seen": self._seen,
            "elsewhere": self._elsewhere,
            "fail": self._fail,
            "pass": self._pass,
            "subscribe": self._subscribe,
        }

    def asks(self) -> list[str]:
        """What can be asked, for the routes."""
        return list(self._asks)

    async def ask(self, what: str, asked: Asked) -> web.Response:
        """One of the calls above: 201 with what it made, 422 for what cannot be, 502 when the webhook refused."""
        inbox = self.config.inbox(str(asked.get("inbox", "")))
        if inbox is None or inbox.channel not in (_ADDRESSES if what in ANYWHERE else self.apps):
            return _no(422, "there is no such inbox here")
        try:
            made = await self._asks[what](inbox, asked)
        except Impossible as error:
            return _no(422, str(error))
        except (ClientError, TimeoutError) as error:
            return _no(502, f"the webhook did not take it: {str(error) or 'no answer in time'}")
        await self.world.touch()
        return web.json_response(made, status=201)

    def file(self, id_: str) -> web.Response:
        """A file, in a way that runs nothing of it."""
        file = self.world.files.get(id_)
        if file is None:
            raise web.HTTPNotFound
        safe = file.type in ("image/png", "image/jpeg", "image/gif", "image/webp")
        headers = {
            "Content-Type": file.type if safe else "application/octet-stream",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.data, headers=headers)

    def state(self) -> dict[str, Any]:
        """What the page draws besides the world."""
        return {
            "abilities": {name: sorted(app.abilities) for name, app in self.apps.items()},
            "faults": self.line.faults.state(),
        }

    async def _say(self, inbox: Inbox, asked: Asked) -> Asked:
        customer = _customer(inbox, asked.get("from"))
        name = str(asked.get("name") or "").strip() or self.world.names.get((inbox.name, customer), "")
        if name:
            self.world.names[inbox.name, customer] = name
        place = asked.get("place")
        said = Said(
            text=str(asked.get("text") or ""),
            files=tuple(self.kept(one) for one in asked.get("files") or []),
            place=_place(place) if place else None,
            quotes=str(asked["quotes"]) if asked.get("quotes") else None,
        )
        if not (said.text.strip() or said.files or said.place):
            raise Impossible("there is nothing to send")
        return {"ids": [bubble.id for bubble in await self.apps[inbox.channel].say(inbox, customer, name, said)]}

    async def _tap(self, inbox: Inbox, asked: Asked) -> Asked:
        bubble = self._bubble(inbox, asked, "to-customer")
        number = asked.get("button")
        if not isinstance(number, int) or not 0 <= number < len(bubble.buttons):
            raise Impossible("that message has no such button")
        button = bubble.buttons[number]
        if button.url:
            raise Impossible("that button only opens a page")
        made = await self.apps[inbox.channel].tap(inbox, bubble, button)
        return {"ids": [made.id] if made else []}

    async def _react(self, inbox: Inbox, asked: Asked) -> Asked:
        bubble = self._bubble(inbox, asked, "to-customer")
        await self._able(inbox, "react").react(inbox, bubble, str(asked.get("emoji") or ""))
        return {}

    async def _edit(self, inbox: Inbox, asked: Asked) -> Asked:
        text = str(asked.get("text") or "")
        if not text.strip():
            raise Impossible("there is nothing to send")
        bubble = self._bubble(inbox, asked, "from-customer")
        if bubble.place:
            raise Impossible("a place is not edited")
        await self._able(inbox, "edit").edit(inbox, bubble, text)
        return {}

    async def _unsend(self, inbox: Inbox, asked: Asked) -> Asked:
        await self._able(inbox, "unsend").unsend(inbox, self._bubble(inbox, asked, "from-customer"))
        return {}

    async def _seen(self, inbox: Inbox, asked: Asked) -> Asked:
        customer = _customer(inbox, asked.get("customer"))
        shown = [
            bubble
            for bubble in self.world.bubbles
            if (bubble.inbox, bubble.customer, bubble.way) == (inbox.name, customer, "to-customer")
            and bubble.state == "delivered"
        ]
        if shown:
            await self.apps[inbox.channel].seen(inbox, shown)
        return {"ids": [bubble.id for bubble in shown]}

    async def _elsewhere(self, inbox: Inbox, asked: Asked) -> Asked:
        customer = _customer(inbox, asked.get("customer"))
        bubble = await self.apps[inbox.channel].elsewhere(inbox, customer, str(asked.get("text") or ""))
        return {"ids": [bubble.id]}

    async def _fail(self, inbox: Inbox, asked: Asked) -> Asked:
        customer = _customer(inbox, asked["customer"]) if asked.get("customer") else ""
        try:
            self.line.faults.order(inbox.name, customer, str(asked.get("kind") or ""), int(asked.get("times") or 1))
        except ValueError as error:
            raise Impossible(str(error)) from None
        return {}

    async def _pass(self, inbox: Inbox, asked: Asked) -> Asked:
        key = (inbox.name, _customer(inbox, asked.get("customer")))
        if key not in self.world.heard:
            raise Impossible("this customer has not written yet")
        self.world.heard[key] -= timedelta(hours=float(asked.get("hours") or 0))
        return {}

    async def _subscribe(self, inbox: Inbox, asked: Asked) -> Asked:  # noqa: ARG002
        if inbox.channel not in self.graph.apps:
            raise Impossible("only Meta's webhooks have a handshake")
        return {"verified": await self.graph.subscribe(inbox)}

    def _able(self, inbox: Inbox, ability: str) -> App:
        app = self.apps[inbox.channel]
        if ability not in app.abilities:
            raise Impossible(f"{inbox.channel} does not tell of it: {ability}")
        return app

    def _bubble(self, inbox: Inbox, asked: Asked, way: str) -> Bubble:
        bubble = self.world.bubble(str(asked.get("message", "")), inbox.name)
        if bubble is None or bubble.way != way or bubble.withdrawn:
            raise Impossible("there is no such message on the phone")
        return bubble

    def kept(self, asked: Any) -> File:
        """A file as a page or a test gives it. Raises Impossible."""
        try:
            data = base64.b64decode(asked["data"], validate=True)
            return self.world.keep(str(asked["name"]), str(asked["type"]), data)
        except (KeyError, TypeError, binascii.Error):
            raise Impossible("a file needs name, type and data (base64)") from None


def _customer(inbox: Inbox, value: Any) -> str:
    given = re.sub(r"[\s()-]", "", str(value or ""))
    pattern, words = _ADDRESSES[inbox.channel]
    if not pattern.fullmatch(given):
        raise Impossible(f"the customer's address must be {words}")
    return given


def _place(asked: Any) -> Place:
    try:
        return Place(
            float(asked["latitude"]),
            float(asked["longitude"]),
            str(asked.get("name") or ""),
            str(asked.get("address") or ""),
        )
    except (KeyError, TypeError, ValueError):
        raise Impossible("a place needs latitude and longitude") from None


def _no(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
