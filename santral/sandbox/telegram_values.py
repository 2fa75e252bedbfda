"""Telegram's objects as they travel: bots, users, chats, messages, files.

Facts are from "Telegram Bot API" (Available types).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from channels.telegram_updates import KINDS
from router.config import Inbox
from santral.sandbox.world import Bubble, File, World

REPORTED = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")


@dataclass(slots=True)
class Bot:
    """One bot. Its webhook is set already, as after `setWebhook`; the call changes it."""

    id: int
    inbox: Inbox
    token: str
    secret: str
    url: str
    allowed: tuple[str, ...] = KINDS
    update: int = field(default_factory=lambda: 10**8 + secrets.randbelow(9 * 10**8))
    message: int = field(default_factory=lambda: 1000 + secrets.randbelow(9000))
    queries: set[str] = field(default_factory=set)

    def next_message(self) -> str:
        """Message ids count up in each bot."""
        self.message += 1
        return str(self.message)

    def me(self) -> dict[str, Any]:
        """The bot as a user."""
        name = self.inbox.display_name or self.inbox.name
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": name,
            "username": f"{self.inbox.name.replace('-', '_')}_bot",
        }


def user(world: World, inbox: Inbox, customer: str) -> dict[str, Any]:
    """A customer as a user."""
    first, _, last = world.names.get((inbox.name, customer), "Customer").partition(" ")
    told: dict[str, Any] = {"id": int(customer), "is_bot": False, "first_name": first}
    return told | ({"last_name": last} if last else {}) | {"language_code": inbox.language}


def chat(world: World, inbox: Inbox, customer: str) -> dict[str, Any]:
    """The private chat with a customer: its id is the user's."""
    person = user(world, inbox, customer)
    return {k: person[k] for k in ("id", "first_name", "last_name") if k in person} | {"type": "private"}


def head(world: World, bot: Bot, bubble: Bubble) -> dict[str, Any]:
    """What every message begins with."""
    ours = bubble.way == "to-customer"
    return {
        "message_id": int(bubble.id),
        "from": bot.me() if ours else user(world, bot.inbox, bubble.customer),
        "chat": chat(world, bot.inbox, bubble.customer),
        "date": int(datetime.fromisoformat(bubble.at).timestamp()),
    }


def message(world: World, bot: Bot, bubble: Bubble) -> dict[str, Any]:
    """A message as it is told again: in an answer, a quote, a query."""
    told = head(world, bot, bubble)
    file = world.files.get(str(bubble.files[0]["id"])) if bubble.files else None
    told |= media(file) if file is not None else {}
    if bubble.text:
        told["text" if file is None else "caption"] = bubble.text
    if bubble.album:
        told["media_group_id"] = bubble.album
    if bubble.keys == "callback":
        keys = [{"text": b.title} | ({"url": b.url} if b.url else {"callback_data": b.payload}) for b in bubble.buttons]
        told["reply_markup"] = {"inline_keyboard": [[key] for key in keys]}
    return told


def described(file: File) -> dict[str, Any]:
    """A file as every kind of it begins; the id ends with ours."""
    unique = hashlib.sha256(file.id.encode()).hexdigest()[:15]
    return {"file_id": f"AgACAgQAAxkBAAI-{file.id}", "file_unique_id": f"AQAD{unique}", "file_size": len(file.data)}


def media(file: File) -> dict[str, Any]:
    """A file in a message: photos in two sizes, the rest with its type."""
    one = described(file)
    match file.family:
        case "image":
            small = one | {"file_id": "AgACAgQAAxkBAAJ-" + file.id, "file_unique_id": one["file_unique_id"] + "s"}
            return {"photo": [small | {"width": 90, "height": 67}, one | {"width": 1280, "height": 960}]}
        case "audio" if "ogg" in file.type:
            return {"voice": one | {"duration": 3, "mime_type": file.type}}
        case "audio":
            return {"audio": one | {"duration": 60, "file_name": file.name, "mime_type": file.type}}
        case "video":
            shape = {"duration": 10, "width": 640, "height": 480}
            return {"video": one | shape | {"file_name": file.name, "mime_type": file.type}}
        case _:
            return {"document": one | {"file_name": file.name, "mime_type": file.type}}
