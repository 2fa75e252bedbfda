"""Messenger and Instagram played both ways: the customer's app, and what Meta says of the answers.

Facts are from Meta's pages "Webhook Events Reference" (messages, messaging_postbacks, message_reactions, message_edits,
message_deliveries, message_reads, message_echoes; Messenger Platform, and Instagram Messaging) and "Common Error Codes".
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from router.config import Inbox
from santral.sandbox import faults, messenger_rules
from santral.sandbox.line import SILENCE, Unreachable
from santral.sandbox.messenger_rules import Judged
from santral.sandbox.meta import APP_ID, Graph, GraphError
from santral.sandbox.phone import Impossible, Said
from santral.sandbox.world import Bubble, Button, now_iso

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
SUITE = 26390203743090  # the app id of Business Suite's inbox
# Instagram's page of reactions names these; everything else is `other`.
REACTIONS = {"❤️": "love", "😆": "smile", "😡": "angry", "😢": "sad", "😮": "wow", "👍": "like", "👎": "dislike"}


class Messenger:
    """All pages, or all Instagram accounts, of the configuration."""

    def __init__(self, graph: Graph, channel: Literal["messenger", "instagram"]) -> None:
        self.graph = graph
        self.line = graph.line
        self.world = graph.line.world
        self.channel: str = channel
        self.instagram = channel == "instagram"
        self.abilities = frozenset({"react", "edit", "unsend"} if self.instagram else {"react", "edit", "place"})

    async def send(self, inbox: Inbox, asked: dict[str, Any]) -> web.Response:
        """POST /{page-id}/messages or /{ig-id}/messages. Raises GraphError."""
        judged = messenger_rules.judge(asked, instagram=self.instagram)
        fault = self.line.faults.take(inbox.name, judged.customer)
        if fault == faults.BUSY:
            raise GraphError(400, 613, "(#613) Calls to this api have exceeded the rate limit.")
        if fault == faults.DOWN:
            raise GraphError(503, 2, "(#2) Service temporarily unavailable", transient=True)
        if fault in (faults.REFUSED, faults.LOST):
            raise GraphError(400, 551, "(#551) This person isn't available right now.", subcode=1545041)
        self._admit(inbox, judged)
        if judged.action:
            return web.json_response({"recipient_id": judged.customer})
        bubble = Bubble(
            self._mid(), self.channel, "to-customer", inbox.name, judged.customer, judged.text, now_iso(), "sent",
            buttons=judged.buttons, keys=judged.keys, refers_to=judged.refers_to, mark=judged.metadata,
        )  # fmt: skip
        for url in judged.links:
            try:
                bubble.files.append((await self.line.fetch(url, messenger_rules.largest(judged.kind))).shown())
            except Unreachable:
                raise GraphError(400, 100, "(#100) Upload attachment failure.", subcode=2018047) from None
        await self.world.add(bubble)
        self.line.later(self._deliver(inbox, bubble))
        if fault == faults.SILENT:
            await asyncio.sleep(SILENCE)
        return web.json_response({"recipient_id": judged.customer, "message_id": bubble.id})

    def about(self, inbox: Inbox) -> dict[str, Any]:
        """GET /{page-id} or /{ig-id}."""
        name = inbox.display_name or inbox.name
        return {"name": name, "id": self.graph.account(inbox)} | ({"username": inbox.name} if self.instagram else {})

    async def say(self, inbox: Inbox, customer: str, name: str, said: Said) -> list[Bubble]:
        """A text, or all files in one message; both apps send a text beside a file as a message of its own."""
        bubbles = []
        if said.place is not None:
            if "place" not in self.abilities:
                raise Impossible("Instagram has no places")
            point = {"coordinates": {"lat": said.place.latitude, "long": said.place.longitude}}
            text = f"{said.place.latitude}, {said.place.longitude}"
            attachments = [{"type": "location", "title": said.place.name or "Pinned Location", "payload": point}]
            bubbles.append(await self._message(inbox, customer, name, text, said, {"attachments": attachments}))
            bubbles[-1].place = True
        if said.files:
            attachments = [
                {
                    "type": "file" if file.family == "document" else file.family,
                    "payload": {"url": self.graph.link(file)},
                }
                for file in said.files
            ]
            bubbles.append(await self._message(inbox, customer, name, "", said, {"attachments": attachments}))
        if said.text:
            bubbles.append(await self._message(inbox, customer, name, said.text, said, {"text": said.text}))
        return bubbles

    async def tap(self, inbox: Inbox, bubble: Bubble, button: Button) -> Bubble | None:
        """A quick reply is a message with a payload, a template's button a postback."""
        bubble.tapped = button.title
        if bubble.keys == "quick":
            content = {"text": button.title, "quick_reply": {"payload": button.payload}}
            bubble.buttons = []  # quick replies go once one was tapped
            return await self._message(inbox, bubble.customer, bubble.name, button.title, Said(), content)
        answer = Bubble(
            self._mid(), self.channel, "from-customer", inbox.name, bubble.customer, button.title, now_iso(), "sending"
        )
        await self.world.add(answer)
        postback = {"mid": answer.id, "title": button.title, "payload": button.payload}
        await self._tell(inbox, bubble.customer, {"postback": postback}, [answer])
        return answer

    async def react(self, inbox: Inbox, bubble: Bubble, emoji: str) -> None:
        """`react` with the emoji, `unreact` without."""
        bubble.reaction = emoji
        reaction = {"mid": bubble.id, "action": "react" if emoji else "unreact"}
        if emoji:
            reaction |= {"emoji": emoji, "reaction": REACTIONS.get(emoji, "other")}
        await self._tell(inbox, bubble.customer, {"reaction": reaction})

    async def edit(self, inbox: Inbox, bubble: Bubble, text: str) -> None:
        """`message_edit` with the new text."""
        bubble.text, bubble.edited = text, True
        await self._tell(inbox, bubble.customer, {"message_edit": {"mid": bubble.id, "text": text, "num_edit": 1}})

    async def unsend(self, inbox: Inbox, bubble: Bubble) -> None:
        """Instagram repeats the message's id with `is_deleted`; Messenger tells nothing."""
        if not self.instagram:
            raise Impossible("Messenger does not tell that a message was withdrawn")
        bubble.withdrawn = True
        await self._tell(inbox, bubble.customer, {"message": {"mid": bubble.id, "is_deleted": True}})

    async def seen(self, inbox: Inbox, bubbles: list[Bubble]) -> None:
        """Instagram names each message, Messenger a time before which all was read."""
        for bubble in bubbles:
            bubble.state = "read"
            if self.instagram:
                await self._report(inbox, bubble.customer, {"read": {"mid": bubble.id}})
        if bubbles and not self.instagram:
            await self._report(inbox, bubbles[-1].customer, {"read": {"watermark": now_ms()}})
        await self.world.touch()

    async def elsewhere(self, inbox: Inbox, customer: str, text: str) -> Bubble:
        """An answer from Business Suite: an echo of another app, without metadata."""
        bubble = Bubble(self._mid(), self.channel, "to-customer", inbox.name, customer, text, now_iso(), "delivered")
        await self.world.add(bubble)
        message = {"mid": bubble.id, "is_echo": True, "app_id": SUITE, "text": text}
        await self._report(inbox, customer, {"message": message}, ours=True)
        return bubble

    async def _message(
        self, inbox: Inbox, customer: str, name: str, text: str, said: Said, content: dict[str, Any]
    ) -> Bubble:
        bubble = Bubble(
            self._mid(), self.channel, "from-customer", inbox.name, customer, text, now_iso(), "sending", name=name,
            files=[file.shown() for file in said.files] if not text else [], refers_to=said.quotes,
        )  # fmt: skip
        await self.world.add(bubble)
        message = {"mid": bubble.id} | content | ({"reply_to": {"mid": said.quotes}} if said.quotes else {})
        await self._tell(inbox, customer, {"message": message}, [bubble])
        return bubble

    async def _tell(
        self, inbox: Inbox, customer: str, event: dict[str, Any], bubbles: list[Bubble] | None = None
    ) -> None:
        """Something the customer did: it opens the window anew."""
        self.world.heard[inbox.name, customer] = datetime.now(UTC)
        await self.line.carry(*self._wire(inbox, customer, event), bubbles or [])

    async def _report(self, inbox: Inbox, customer: str, event: dict[str, Any], *, ours: bool = False) -> None:
        await self.line.report(*self._wire(inbox, customer, event, ours=ours))

    async def _deliver(self, inbox: Inbox, bubble: Bubble) -> None:
        """The echo, then the delivery, which Instagram does not tell."""
        await asyncio.sleep(self.line.pause)
        message: dict[str, Any] = {"mid": bubble.id, "is_echo": True, "app_id": APP_ID}
        if bubble.mark:
            message["metadata"] = bubble.mark
        if bubble.text:
            message["text"] = bubble.text
        if bubble.files:
            message["attachments"] = [
                {
                    "type": "image" if str(file["type"]).startswith("image/") else "file",
                    "payload": {"url": self._url(file)},
                }
                for file in bubble.files
            ]
        await self._report(inbox, bubble.customer, {"message": message}, ours=True)
        await asyncio.sleep(self.line.pause)
        bubble.state = "delivered"
        await self.world.touch()
        if not self.instagram:
            await self._report(inbox, bubble.customer, {"delivery": {"mids": [bubble.id], "watermark": now_ms()}})

    def _url(self, file: dict[str, Any]) -> str:
        kept = self.world.files.get(str(file["id"]))
        return self.graph.link(kept) if kept else ""

    def _admit(self, inbox: Inbox, judged: Judged) -> None:
        """Only to people who wrote, and only for so long. Raises GraphError."""
        heard = self.world.heard.get((inbox.name, judged.customer))
        if heard is None:
            if self.instagram:
                raise GraphError(400, 100, "(#100) The requested user cannot be found.", subcode=2534014)
            raise GraphError(400, 100, "(#100) No matching user found", subcode=2018001)
        since = datetime.now(UTC) - heard
        if judged.action or since <= (HUMAN_WINDOW if judged.human else WINDOW):
            return
        text = "(#10) This message is sent outside of allowed window."
        if self.instagram:
            raise GraphError(403, 10, text, subcode=2534022)
        text += " Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview"
        raise GraphError(400, 10, text, subcode=2018278)

    def _wire(
        self, inbox: Inbox, customer: str, event: dict[str, Any], *, ours: bool = False
    ) -> tuple[str, bytes, dict[str, str]]:
        account, now = self.graph.account(inbox), now_ms()
        sender, recipient = (account, customer) if ours else (customer, account)
        item = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": now} | event
        entry = {"time": now, "id": account, "messaging": [item]}
        return self.graph.wire(inbox, {"object": "instagram" if self.instagram else "page", "entry": [entry]})

    def _mid(self) -> str:
        random = base64.urlsafe_b64encode(secrets.token_bytes(48)).decode().rstrip("=")
        return f"aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOj{random}" if self.instagram else f"m_{random}"


def now_ms() -> int:
    """The time as Meta writes it in messaging events."""
    return int(time.time() * 1000)
