"""Telegram: a bot's chats, through the Bot API.

Facts are from the pages "Telegram Bot API" (10.3; `setWebhook`, "Making requests when getting updates", `getFile`) and "Bots
FAQ". What an update says is read in `channels/telegram_updates.py`, what is sent is made in `channels/telegram_send.py`.
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from channels import telegram_send
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.telegram_place import Place
from channels.telegram_updates import read
from channels.telegram_values import plain
from router import ids
from router.config import Inbox
from router.errors import Refused, Unparsable
from router.messages import Attachment, ChannelName, Parsed, Provider


class Telegram:
    """A bot."""

    name = "telegram"
    channel = ChannelName.TELEGRAM
    provider = Provider.TELEGRAM
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.TELEGRAM: telegram_send.LIMITS}
    media_hosts: tuple[str, ...] = ("api.telegram.org",)
    secrets: tuple[str, ...] = ("bot_token", "webhook_secret")
    shared = False

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless the header is the secret given to setWebhook, or the one before. Telegram signs no body."""
        secrets = [s for name in ("webhook_secret", "webhook_secret_previous") if (s := credentials.get(name))]
        if not secrets:
            raise Refused("no webhook_secret is configured")
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not given:
            raise Refused("no X-Telegram-Bot-Api-Secret-Token: setWebhook was called without secret_token")
        if not sum(ids.equal(given, secret) for secret in secrets):  # a sum, so that every comparison is made
            raise Refused("X-Telegram-Bot-Api-Secret-Token does not match")

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Telegram has no handshake."""
        return None

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """One Update; of one that nobody knows yet, a message of kind UNKNOWN."""
        try:
            return read(Place(request, inbox, key, plain(request.body)))
        except RecursionError:
            raise Unparsable("nested too deep") from None

    def account(self, inbox: Inbox) -> str:
        """The bot's name; its calls do not say it."""
        return inbox.address

    def acknowledge(self, parsed: Parsed) -> Response:
        """Nothing, but for a tap: until it is answered (answerCallbackQuery) the button shows that it works."""
        for message in parsed.messages:
            tap = (message.raw or {}).get("callback_query_id")
            if isinstance(tap, str):
                answer = {"method": "answerCallbackQuery", "callback_query_id": tap}
                return Response(200, json.dumps(answer), "application/json")
        return Response(200)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to sendMessage or, with a file, to the method for its type. Rejected when Telegram would not take it."""
        return telegram_send.render(outgoing, credentials)

    def interpret(self, response: HttpResponse) -> str | None:
        """`<chat>:<message>`. There is no idempotency key and no receipt: a 5xx, or a 2xx without an id, is Unknown."""
        return telegram_send.interpret(response)

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """getFile, then the path it gives, valid for an hour."""
        return telegram_send.fetch(attachment, credentials, answer)
