"""WhatsApp's Cloud API played both ways: the customer's phone, and what Meta says of the answers.

Facts are from Meta's pages "Messages" (webhooks reference: text, image, interactive, reaction, edit, revoke, status,
smb_message_echoes) and "Error Codes" (Cloud API). A closed window, an unreachable customer and a file that cannot be had
are told by a failed status after the call was answered well, as Meta does.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from router.config import Inbox
from santral.sandbox import faults, whatsapp_rules
from santral.sandbox.line import SILENCE, Unreachable
from santral.sandbox.meta import Graph, GraphError
from santral.sandbox.phone import Said
from santral.sandbox.whatsapp_rules import Judged
from santral.sandbox.world import Bubble, Button, File, now_iso

WINDOW = timedelta(hours=24)
HELP = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
BUSINESS = "104857600000042"  # the WhatsApp Business Account
USER_ID = re.compile(r"[A-Z]{2}\.[0-9A-Za-z]{5,}")  # of somebody who shows a user name and no number

FAILURES = {
    131026: ("Message undeliverable", "Message Undeliverable."),
    131047: (
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
    ),
    131053: ("Media upload error", "Media file could not be downloaded, or is not of a type WhatsApp takes."),
}


class WhatsApp:
    """All WhatsApp numbers of the configuration."""

    channel = "whatsapp"
    abilities = frozenset({"react", "edit", "unsend", "place"})

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.line = graph.line
        self.world = graph.line.world

    async def send(self, inbox: Inbox, asked: dict[str, Any]) -> web.Response:
        """POST /{phone_number_id}/messages. Raises GraphError."""
        if asked.get("status") == "read":
            whatsapp_rules.judge_read(asked)
            return web.json_response({"success": True})
        judged = whatsapp_rules.judge(asked)
        fault = self.line.faults.take(inbox.name, judged.customer)
        if fault == faults.BUSY:
            details = "Message failed to send because there were too many messages sent from this phone number."
            raise GraphError(429, 130429, "(#130429) Rate limit hit", details=details)
        if fault == faults.DOWN:
            details = "Message failed to send because of an unknown error. Try again later."
            raise GraphError(500, 131000, "(#131000) Something went wrong", details=details)
        if fault == faults.REFUSED:
            raise GraphError(400, 131026, "(#131026) Message undeliverable", details="Message Undeliverable.")
        reason = 131026 if fault == faults.LOST else None
        if judged.reaction is not None:
            target = self.world.bubble(judged.refers_to or "", inbox.name)
            if target is not None:
                target.reaction = judged.reaction
        wamid = new_id(judged.customer, inbound=False)
        bubble = judged.bubble(wamid, inbox.name, now_iso())
        if judged.reaction is None:
            await self.world.add(bubble)
        self.line.later(self._deliver(inbox, bubble, judged, reason or self._closed(inbox, judged)))
        if fault == faults.SILENT:
            await asyncio.sleep(SILENCE)
        message = {"id": wamid} | ({"message_status": "accepted"} if judged.template else {})
        contact = {"input": judged.to} | (
            {"user_id": judged.customer} if USER_ID.fullmatch(judged.customer) else {"wa_id": digits(judged.customer)}
        )
        return web.json_response({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]})

    def about(self, inbox: Inbox) -> dict[str, Any]:
        """GET /{phone_number_id}."""
        return {
            "verified_name": inbox.display_name or inbox.name,
            "code_verification_status": "VERIFIED",
            "display_phone_number": self._shown(inbox),
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "id": self.graph.account(inbox),
        }

    async def say(self, inbox: Inbox, customer: str, name: str, said: Said) -> list[Bubble]:
        """One message for each file, the text under the first; a text or a place alone."""
        contents: list[tuple[str, str, File | None]] = [
            (file.family, said.text if number == 0 else "", file) for number, file in enumerate(said.files)
        ]
        bubbles = []
        for kind, text, file in contents or [("location" if said.place else "text", said.text, None)]:
            bubble = Bubble(
                new_id(customer, inbound=True), "whatsapp", "from-customer", inbox.name, customer, text, now_iso(),
                "sending", name=name, files=[file.shown()] if file else [], refers_to=said.quotes,
            )  # fmt: skip
            content: dict[str, Any] = {"body": text}
            if file is not None:
                content = media(file, text)
            elif said.place is not None:
                place = said.place
                content = {"latitude": place.latitude, "longitude": place.longitude}
                content |= {k: v for k, v in (("name", place.name), ("address", place.address)) if v}
                bubble.place = True
                bubble.text = "\n".join(p for p in (text, place.name, f"{place.latitude}, {place.longitude}") if p)
            await self._arrive(inbox, bubble, {kind: content, "type": kind})
            bubbles.append(bubble)
        return bubbles

    async def tap(self, inbox: Inbox, bubble: Bubble, button: Button) -> Bubble | None:
        """A reply button, a row of a list, or a template's quick reply: an answer that quotes the message."""
        answer = Bubble(
            new_id(bubble.customer, inbound=True), "whatsapp", "from-customer", inbox.name, bubble.customer,
            button.title, now_iso(), "sending", name=bubble.name, refers_to=bubble.id,
        )  # fmt: skip
        if bubble.keys == "template":
            content = {"type": "button", "button": {"payload": button.payload, "text": button.title}}
        else:
            kind = "list_reply" if bubble.keys == "list" else "button_reply"
            row = {"id": button.payload, "title": button.title} | ({"description": button.note} if button.note else {})
            content = {"type": "interactive", "interactive": {"type": kind, kind: row}}
        bubble.tapped = button.title
        await self._arrive(inbox, answer, content)
        return answer

    async def react(self, inbox: Inbox, bubble: Bubble, emoji: str) -> None:
        """A reaction is a message of its own, and never a bubble."""
        bubble.reaction = emoji
        content = {"type": "reaction", "reaction": {"message_id": bubble.id} | ({"emoji": emoji} if emoji else {})}
        await self._tell(inbox, bubble, content)

    async def edit(self, inbox: Inbox, bubble: Bubble, text: str) -> None:
        """As Meta tells it to numbers that are in the WhatsApp Business app as well."""
        bubble.text, bubble.edited = text, True
        new = {"type": "text", "text": {"body": text}}
        await self._tell(inbox, bubble, {"type": "edit", "edit": {"original_message_id": bubble.id, "message": new}})

    async def unsend(self, inbox: Inbox, bubble: Bubble) -> None:
        """As Meta tells it to numbers that are in the WhatsApp Business app as well."""
        bubble.withdrawn = True
        await self._tell(inbox, bubble, {"type": "revoke", "revoke": {"original_message_id": bubble.id}})

    async def seen(self, inbox: Inbox, bubbles: list[Bubble]) -> None:
        """Two blue ticks: one `read` status for each message."""
        for bubble in bubbles:
            bubble.state = "read"
            await self._status(inbox, bubble, "read")
        await self.world.touch()

    async def elsewhere(self, inbox: Inbox, customer: str, text: str) -> Bubble:
        """An answer from the WhatsApp Business app: `smb_message_echoes`."""
        bubble = Bubble(
            new_id(customer, inbound=False),
            "whatsapp",
            "to-customer",
            inbox.name,
            customer,
            text,
            now_iso(),
            "delivered",
        )
        await self.world.add(bubble)
        echo = {"from": digits(self._shown(inbox)), "to": digits(customer), "id": bubble.id, "timestamp": seconds()}
        value = self._value(inbox) | {"message_echoes": [echo | {"type": "text", "text": {"body": text}}]}
        await self.line.report(*self.graph.wire(inbox, envelope("smb_message_echoes", value)))
        return bubble

    async def _arrive(self, inbox: Inbox, bubble: Bubble, content: dict[str, Any]) -> None:
        await self.world.add(bubble)
        await self._tell(inbox, bubble, content, new=True)

    async def _tell(self, inbox: Inbox, bubble: Bubble, content: dict[str, Any], *, new: bool = False) -> None:
        """Something the customer did. Whatever it is, it opens the window anew."""
        customer = bubble.customer
        self.world.heard[inbox.name, customer] = datetime.now(UTC)
        contact: dict[str, Any] = {"profile": {"name": bubble.name or self.world.names.get((inbox.name, customer), "")}}
        by_user = USER_ID.fullmatch(customer) is not None
        contact |= {"user_id": customer} if by_user else {"wa_id": digits(customer)}
        message: dict[str, Any] = {"from_user_id": customer} if by_user else {"from": digits(customer)}
        message |= {"id": bubble.id if new else new_id(customer, inbound=True), "timestamp": seconds()}
        if new and bubble.refers_to:
            quoted = self.world.bubble(bubble.refers_to, inbox.name)
            author = customer if quoted is not None and quoted.way == "from-customer" else self._shown(inbox)
            message["context"] = {"from": digits(author), "id": bubble.refers_to}
        value = self._value(inbox) | {"contacts": [contact], "messages": [message | content]}
        await self.line.carry(*self.graph.wire(inbox, envelope("messages", value)), [bubble] if new else [])

    async def _deliver(self, inbox: Inbox, bubble: Bubble, judged: Judged, reason: int | None) -> None:
        """The statuses, in the order they mostly come."""
        if reason is None and judged.link:
            try:
                file = await self.line.fetch(judged.link)
                if not whatsapp_rules.fits(judged.kind, file):
                    raise Unreachable("not of a type or size that WhatsApp takes")
                bubble.files = [file.shown() | {"name": judged.filename or file.name}]
            except Unreachable as error:
                bubble.error, reason = str(error), 131053
        for state in ("failed",) if reason else ("sent", "delivered"):
            await asyncio.sleep(self.line.pause)
            bubble.state = state
            if reason:
                bubble.error = bubble.error or FAILURES[reason][0]
            await self.world.touch()
            await self._status(inbox, bubble, state, reason)

    async def _status(self, inbox: Inbox, bubble: Bubble, state: str, reason: int | None = None) -> None:
        status: dict[str, Any] = {"id": bubble.id, "status": state, "timestamp": seconds()}
        by_user = USER_ID.fullmatch(bubble.customer) is not None
        status |= {"recipient_user_id": bubble.customer} if by_user else {"recipient_id": digits(bubble.customer)}
        if bubble.mark:
            status["biz_opaque_callback_data"] = bubble.mark
        if state == "failed":
            title, details = FAILURES[reason or 131026]
            error = {"code": reason, "title": title, "message": title, "error_data": {"details": details}, "href": HELP}
            status["errors"] = [error]
        else:
            kind = "utility" if bubble.keys == "template" else "service"
            status["conversation"] = {"id": hashlib.md5(bubble.customer.encode()).hexdigest(), "origin": {"type": kind}}  # noqa: S324
            status["pricing"] = {
                "billable": kind != "service",
                "pricing_model": "PMP",
                "category": kind,
                "type": "free_customer_service" if kind == "service" else "regular",
            }
        value = self._value(inbox) | {"statuses": [status]}
        await self.line.report(*self.graph.wire(inbox, envelope("messages", value)))

    def _closed(self, inbox: Inbox, judged: Judged) -> int | None:
        heard = self.world.heard.get((inbox.name, judged.customer))
        if judged.template or (heard is not None and datetime.now(UTC) - heard <= WINDOW):
            return None
        return 131047

    def _value(self, inbox: Inbox) -> dict[str, Any]:
        metadata = {"display_phone_number": digits(self._shown(inbox)), "phone_number_id": self.graph.account(inbox)}
        return {"messaging_product": "whatsapp", "metadata": metadata}

    def _shown(self, inbox: Inbox) -> str:
        return str(inbox.settings.get("display_phone_number") or inbox.address)


def envelope(field: str, value: dict[str, Any]) -> dict[str, Any]:
    """One change in one entry, as most calls are."""
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": BUSINESS, "changes": [{"value": value, "field": field}]}],
    }


def media(file: File, caption: str) -> dict[str, Any]:
    """A file in a webhook: its id, to be asked for; never its address."""
    digest = base64.b64encode(hashlib.sha256(file.data).digest()).decode()
    found: dict[str, Any] = {"mime_type": file.type, "sha256": digest, "id": file.id}
    if caption and file.family != "audio":
        found["caption"] = caption
    if file.family == "document":
        found["filename"] = file.name
    if file.family == "audio":
        found["voice"] = "ogg" in file.type
    return found


def new_id(customer: str, *, inbound: bool) -> str:
    """A wamid: the number and a random part, as a base64 of tagged fields."""
    number, way = digits(customer).encode()[:40], b"\x12" if inbound else b"\x11"
    inner = b"\x1c\x18" + bytes([len(number)]) + number + b"\x15\x02\x00" + way + b"\x18\x14"
    return "wamid." + base64.b64encode(inner + secrets.token_hex(10).upper().encode() + b"\x00").decode()


def digits(number: str) -> str:
    """A number as Meta writes it, without a plus; a user id as it is."""
    return re.sub(r"[^0-9]", "", number) if not USER_ID.fullmatch(number) else number


def seconds() -> str:
    """The time now as WhatsApp tells it: seconds, in a string."""
    return str(int(time.time()))
