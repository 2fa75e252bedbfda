"""Telegram on the customer's phone: what the customer does there, told to the bot's webhook as updates.

Facts are from "Telegram Bot API" (Update, Message, CallbackQuery, MessageReactionUpdated).
"""

# ruff: noqa: ARG002 - the seam's arguments; no app needs them all

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from router.config import Inbox
from santral.sandbox.phone import Impossible, Said
from santral.sandbox.telegram import Telegram
from santral.sandbox.telegram_values import Bot, chat, head, media, message, user
from santral.sandbox.world import Bubble, Button, File, now_iso


class TelegramApp:
    """The app, in a private chat with each bot."""

    channel = "telegram"
    abilities = frozenset({"react", "edit", "place", "album"})

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.line = telegram.line
        self.world = telegram.world

    async def say(self, inbox: Inbox, customer: str, name: str, said: Said) -> list[Bubble]:
        """One update for each message; several pictures are several updates with one media_group_id."""
        bot = self.telegram.of(inbox)
        album = str(10**16 + secrets.randbelow(10**16)) if len(said.files) > 1 else None
        bubbles = []
        files: tuple[File | None, ...] = said.files or (None,)
        for number, file in enumerate(files):
            text = said.text if number == 0 else ""
            bubble = Bubble(
                bot.next_message(), "telegram", "from-customer", inbox.name, customer, text, now_iso(), "sending",
                name=name, files=[file.shown()] if file else [], refers_to=said.quotes, album=album,
            )  # fmt: skip
            content: dict[str, Any] = {"caption": text} if file and text else {} if file else {"text": text}
            if file is not None:
                content |= media(file)
            elif said.place is not None:
                point = {"latitude": said.place.latitude, "longitude": said.place.longitude}
                content = {"location": point}
                if said.place.name:
                    content["venue"] = {"location": point, "title": said.place.name, "address": said.place.address}
                bubble.place = True
                bubble.text = "\n".join(p for p in (said.place.name, f"{point['latitude']}, {point['longitude']}") if p)
            if album:
                content["media_group_id"] = album
            quoted = self.world.bubble(said.quotes, inbox.name) if said.quotes else None
            if quoted is not None:
                content["reply_to_message"] = message(self.world, bot, quoted)
            await self.world.add(bubble)
            await self._tell(bot, customer, {"message": head(self.world, bot, bubble) | content}, [bubble])
            bubbles.append(bubble)
        return bubbles

    async def tap(self, inbox: Inbox, bubble: Bubble, button: Button) -> Bubble | None:
        """A key of a reply keyboard writes its text; an inline key tells its data and writes nothing."""
        bubble.tapped = button.title
        if bubble.keys == "keyboard":
            return (await self.say(inbox, bubble.customer, bubble.name, Said(button.title)))[0]
        bot = self.telegram.of(inbox)
        query = str(secrets.randbits(62))
        bot.queries.add(query)
        told = {
            "id": query,
            "from": user(self.world, inbox, bubble.customer),
            "message": message(self.world, bot, bubble),
            "chat_instance": str(secrets.randbits(62)),
            "data": button.payload,
        }
        await self._tell(bot, bubble.customer, {"callback_query": told})
        return None

    async def react(self, inbox: Inbox, bubble: Bubble, emoji: str) -> None:
        """`message_reaction` with the old and the new; told only to bots that asked for it."""
        bot = self.telegram.of(inbox)
        old, bubble.reaction = bubble.reaction, emoji
        told = {
            "chat": chat(self.world, inbox, bubble.customer),
            "message_id": int(bubble.id),
            "user": user(self.world, inbox, bubble.customer),
            "date": int(time.time()),
            "old_reaction": [{"type": "emoji", "emoji": old}] if old else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        await self._tell(bot, bubble.customer, {"message_reaction": told})

    async def edit(self, inbox: Inbox, bubble: Bubble, text: str) -> None:
        """`edited_message`: the whole message anew."""
        bubble.text, bubble.edited = text, True
        bot = self.telegram.of(inbox)
        content = head(self.world, bot, bubble) | {"edit_date": int(time.time())}
        files = [self.world.files[str(one["id"])] for one in bubble.files if str(one["id"]) in self.world.files]
        content |= media(files[0]) | {"caption": text} if files else {"text": text}
        await self._tell(bot, bubble.customer, {"edited_message": content})

    async def unsend(self, inbox: Inbox, bubble: Bubble) -> None:
        """Bots are not told."""
        raise Impossible("Telegram does not tell a bot that a message was deleted")

    async def seen(self, inbox: Inbox, bubbles: list[Bubble]) -> None:
        """Bots are not told; only the phone knows."""
        for bubble in bubbles:
            bubble.state = "read"
        await self.world.touch()

    async def elsewhere(self, inbox: Inbox, customer: str, text: str) -> Bubble:
        """Nobody but the bot writes as the bot."""
        raise Impossible("Telegram has no other app in which a bot's messages are written")

    async def _tell(self, bot: Bot, customer: str, update: dict[str, Any], bubbles: list[Bubble] | None = None) -> None:
        """An update for the webhook: an update id, and exactly one thing."""
        self.world.heard[bot.inbox.name, customer] = datetime.now(UTC)
        bot.update += 1
        (kind,) = update
        if kind not in bot.allowed or not bot.url:
            return
        body = json.dumps(
            {"update_id": bot.update} | update, separators=(",", ":")
        ).encode()  # escaped, as Telegram does
        headers = {"X-Telegram-Bot-Api-Secret-Token": bot.secret} if bot.secret else {}
        await self.telegram.answered(bot, await self.line.carry(bot.url, body, headers, bubbles or []))
