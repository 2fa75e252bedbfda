"""Telegram's Bot API played: the calls a bot makes.

Facts are from "Telegram Bot API" (Making requests, Update, Available methods). One thing is stricter than Telegram, which
passes unknown parameters over in silence: here they are refused, so that a misspelt one is noticed.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from router.config import Config, Inbox
from santral.sandbox import faults
from santral.sandbox.line import SILENCE, Line
from santral.sandbox.telegram_rules import BotError, Judged, Params, judge, known, parameters
from santral.sandbox.telegram_values import REPORTED, Bot, described, message
from santral.sandbox.world import Bubble, now_iso

log = logging.getLogger(__name__)

RETRY_AFTER = 1
MAX_DOWNLOAD = 20 * 1024 * 1024
FOLDERS = {"image": "photos", "video": "videos", "audio": "music", "document": "documents"}


class Telegram:
    """All bots of the configuration. `credentials` are those of the provider secret, by name."""

    def __init__(self, config: Config, credentials: Mapping[str, Mapping[str, str]], line: Line) -> None:
        self.line = line
        self.world = line.world
        self.bots: dict[str, Bot] = {}
        for inbox in config.inboxes:
            stored = credentials.get(inbox.secret or "", {})
            token = stored.get("bot_token", "")
            if inbox.channel == "telegram" and token:
                number = int(token.partition(":")[0])
                self.bots[token] = Bot(number, inbox, token, stored.get("webhook_secret", ""), line.webhook(inbox))
        self._other: dict[str, Callable[[Bot, Params], Awaitable[Any]]] = {
            "getme": self._get_me,
            "getfile": self._get_file,
            "getwebhookinfo": self._get_webhook,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "answercallbackquery": self._answer_query,
            "sendchataction": self._nothing,
            "setmessagereaction": self._nothing,
        }

    async def call(self, request: web.Request) -> web.Response:
        """/bot{token}/{method}, by GET or POST, as a query, a form, multipart or JSON."""
        try:
            bot = self._bot(request)
            method = request.match_info["method"].lower()
            params = await parameters(request, method, self.world)
            play = self._other.get(method)
            result = await (play(bot, params) if play else self._send(bot, method, params))
        except BotError as error:
            return error.response()
        return web.json_response({"ok": True, "result": result})

    async def answered(self, bot: Bot, body: bytes) -> None:
        """A webhook's answer may be a call, "Making requests when getting updates"; nobody learns what became of it."""
        try:
            given = json.loads(body)
            method = str(given.pop("method")).lower()
        except (ValueError, KeyError, AttributeError, TypeError):
            return
        try:
            params = Params(known(method, given))
            play = self._other.get(method)
            await (play(bot, params) if play else self._send(bot, method, params))
        except BotError as error:
            log.warning("a call in a webhook's answer was refused: %s", error)

    async def file(self, request: web.Request) -> web.Response:
        """/file/bot{token}/{path}."""
        try:
            self._bot(request)
        except BotError as error:
            return error.response()
        name = request.match_info["path"].rpartition("/")[2]
        file = self.world.files.get(name.removeprefix("file_").partition(".")[0])
        if file is None:
            return BotError(404, "Not Found").response()
        return web.Response(body=file.data, content_type="application/octet-stream")

    async def _send(self, bot: Bot, method: str, params: Params) -> Any:
        """All that sends messages: judged, shown, answered with the message."""
        inbox, chat = bot.inbox, str(params.values.get("chat_id", ""))
        judged = await judge(method, params, self.line)
        fault = self.line.faults.take(inbox.name, chat)
        if fault == faults.BUSY:
            raise BotError(429, f"Too Many Requests: retry after {RETRY_AFTER}", {"retry_after": RETRY_AFTER})
        if fault == faults.DOWN:
            raise BotError(502, "Bad Gateway")
        if fault in (faults.REFUSED, faults.LOST):
            raise BotError(403, "Forbidden: bot was blocked by the user")
        if (inbox.name, chat) not in self.world.heard:
            raise BotError(400, "Bad Request: chat not found")
        if judged.changes:
            return await self._change(bot, judged)
        if judged.refers_to and self.world.bubble(judged.refers_to, inbox.name) is None:
            if not judged.lenient:
                raise BotError(400, "Bad Request: message to be replied not found")
            judged.refers_to = None
        album = str(10**16 + secrets.randbelow(10**16)) if len(judged.parts) > 1 else None
        sent = []
        for part in judged.parts:
            bubble = Bubble(
                bot.next_message(), "telegram", "to-customer", inbox.name, chat, part.text, now_iso(), "delivered",
                name=self.world.names.get((inbox.name, chat), ""), files=[part.file.shown()] if part.file else [],
                buttons=judged.buttons, keys=judged.keys, refers_to=judged.refers_to, album=album,
            )  # fmt: skip
            await self.world.add(bubble)
            sent.append(message(self.world, bot, bubble))
        if fault == faults.SILENT:
            await asyncio.sleep(SILENCE)
        return sent if method == "sendmediagroup" else sent[0]

    async def _change(self, bot: Bot, judged: Judged) -> Any:
        bubble = self.world.bubble(judged.changes, bot.inbox.name)
        if bubble is None or bubble.way != "to-customer":
            raise BotError(400, "Bad Request: message to edit not found")
        if judged.parts:
            bubble.text, bubble.edited = judged.parts[0].text, True
        bubble.buttons, bubble.keys = judged.buttons, judged.keys
        await self.world.touch()
        return message(self.world, bot, bubble)

    async def _get_me(self, bot: Bot, params: Params) -> Any:  # noqa: ARG002
        return bot.me() | {
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    async def _get_file(self, bot: Bot, params: Params) -> Any:  # noqa: ARG002
        file = self.world.files.get(str(params.values.get("file_id", "")).rpartition("-")[2])
        if file is None:
            raise BotError(400, "Bad Request: invalid file_id")
        if len(file.data) > MAX_DOWNLOAD:
            raise BotError(400, "Bad Request: file is too big")
        ending = file.name.rpartition(".")[2] if "." in file.name else file.type.rpartition("/")[2]
        return described(file) | {"file_path": f"{FOLDERS[file.family]}/file_{file.id}.{ending}"}

    async def _get_webhook(self, bot: Bot, params: Params) -> Any:  # noqa: ARG002
        told: dict[str, Any] = {"url": bot.url, "has_custom_certificate": False, "pending_update_count": 0}
        return told | ({"max_connections": 40, "allowed_updates": list(bot.allowed)} if bot.url else {})

    async def _set_webhook(self, bot: Bot, params: Params) -> Any:
        url = str(params.values.get("url", ""))
        if url and not url.startswith(("https://", self.line.public_url)):
            raise BotError(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        asked = params.values.get("allowed_updates") or []
        bot.url, bot.secret = url, str(params.values.get("secret_token", ""))
        # Left out, everything but what must be asked for by name.
        bot.allowed = tuple(str(one) for one in asked) or tuple(one for one in REPORTED if one != "message_reaction")
        return True

    async def _delete_webhook(self, bot: Bot, params: Params) -> Any:  # noqa: ARG002
        bot.url = ""
        return True

    async def _answer_query(self, bot: Bot, params: Params) -> Any:
        query = str(params.values.get("callback_query_id", ""))
        if query not in bot.queries:
            raise BotError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        bot.queries.discard(query)
        return True

    async def _nothing(self, bot: Bot, params: Params) -> Any:  # noqa: ARG002
        return True

    def _bot(self, request: web.Request) -> Bot:
        given = request.match_info["token"]
        for token, bot in self.bots.items():
            if hmac.compare_digest(given.encode(), token.encode()):
                return bot
        raise BotError(401, "Unauthorized")

    def of(self, inbox: Inbox) -> Bot:
        return next(bot for bot in self.bots.values() if bot.inbox.name == inbox.name)
