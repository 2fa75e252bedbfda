"""Plays a customer against a running `santral dev`, by the real wire formats.

Mail goes by SMTP, the chat by its WebSocket; SMS and the apps' messages are posted by the sandbox, signed as Twilio, Meta and
Telegram do.
"""

from __future__ import annotations

import asyncio
import json
import smtplib
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from santral.sandbox.server import compose

PROTOCOL = "santral.v1"
PATIENCE = 100  # seconds; longer than the sandbox waits for a webhook, which it may call twice


class Refusal(Exception):
    """The customer's message was not taken; the message says by whom and why."""


def write_mail(smtp_port: int, mail: Mapping[str, Any], host: str = "127.0.0.1") -> str:
    """Send a mail by SMTP (fields as `compose` takes them) and return its Message-ID. Raises Refusal."""
    message = compose(dict(mail))
    try:
        with smtplib.SMTP(host, smtp_port, timeout=30) as client:
            client.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        words = "; ".join(f"{code} {reason.decode(errors='replace')}" for code, reason in error.recipients.values())
        raise Refusal(f"SMTP: {words}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Refusal(f"SMTP: {error}") from None
    return str(message["Message-ID"]).strip("<>")


def write_sms(sandbox: str, sender: str, to: str, text: str, **more: Any) -> str:
    """Send an SMS (with `files` an MMS) from the sandbox's phone, which posts Twilio's signed form; its SID. Raises Refusal."""
    return str(ask(sandbox, "sms", {"from": sender, "to": to, "text": text, **more})["sid"])


def write_message(sandbox: str, inbox: str, sender: str, text: str, **more: Any) -> list[str]:
    """Write in an app on the sandbox's phone (`name`, `files`, `place`, `quotes` as `santral.sandbox.phones` takes them).

    The provider's ids of what was written. Raises Refusal.
    """
    return list(ask(sandbox, "say", {"inbox": inbox, "from": sender, "text": text, **more})["ids"])


def ask(sandbox: str, what: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One call of the sandbox's own API. Raises Refusal."""
    body = json.dumps(asked).encode()
    request = urllib.request.Request(f"{sandbox}/sandbox/api/{what}", body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the sandbox on loopback
            return dict(json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        raise Refusal(f"{what}: {error.read().decode(errors='replace')}") from None
    except OSError as error:
        raise Refusal(f"{what}: {error}") from None


def phones(sandbox: str) -> dict[str, Any]:
    """What is on the phones and in the mailboxes now. Raises Refusal."""
    try:
        with urllib.request.urlopen(f"{sandbox}/sandbox/api/state", timeout=10) as answer:  # noqa: S310 - on loopback
            return dict(json.loads(answer.read()))
    except OSError as error:
        raise Refusal(f"sandbox: {error}") from None


class ChatVisitor:
    """A visitor of the web chat, with a connection. Messages that arrived wait in `heard`, each once."""

    def __init__(self, base_url: str, inbox: str, *, name: str | None = None, language: str = "tr") -> None:
        self._base = base_url
        self._inbox = inbox
        self._body = {"name": name, "language": language} if name else {"language": language}
        self._known: set[str] = set()
        self._acknowledged: dict[str, asyncio.Future[str]] = {}
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.visitor = ""
        self.session = ""
        self.cursor: str | None = None

    async def __aenter__(self) -> Self:
        self._http = ClientSession(timeout=ClientTimeout(total=30))
        try:
            await self._open_session()
            await self.connect()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.disconnect()
        await self._http.close()

    async def connect(self) -> None:
        """Open the WebSocket and read on where it was left. Raises Refusal."""
        try:
            self._socket: ClientWebSocketResponse = await self._http.ws_connect(
                self._url, protocols=[PROTOCOL, f"session.{self.session}"]
            )
        except WSServerHandshakeError as error:
            raise Refusal(f"chat: the connection was refused ({error.status})") from None
        self._reader = asyncio.create_task(self._read())
        await self._socket.send_json({"type": "resume", "after": self.cursor})

    async def disconnect(self) -> None:
        """Lose the connection."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()

    async def write(self, text: str, seconds: float = 20) -> str:
        """Send until it is acknowledged, as the page does; our id of the message. Raises Refusal."""
        client_id = str(uuid.uuid4())
        frame = {"type": "message", "id": client_id, "text": text, "at": datetime.now(UTC).isoformat()}
        done = self._acknowledged[client_id] = asyncio.get_running_loop().create_future()
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            await self._socket.send_json(frame)
            finished, _ = await asyncio.wait({done}, timeout=5)
            if finished:
                return str(done.result())
        raise Refusal("chat: the message was not acknowledged")

    async def tell(self, frame: Mapping[str, Any]) -> None:
        """Send a frame that nobody answers: what was read, or that somebody types."""
        await self._socket.send_json(dict(frame))

    async def _open_session(self) -> None:
        url = f"{self._base}/chat/{self._inbox}/sessions"
        async with self._http.post(url, json=self._body, headers={"Idempotency-Key": str(uuid.uuid4())}) as answer:
            if answer.status not in (200, 201):
                raise Refusal(f"chat: no session ({answer.status}): {(await answer.text())[:200]}")
            given = await answer.json(content_type=None)
        self.session, self.visitor, self._url = given["session"], given["visitor"], given["url"]

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            frame = json.loads(message.data)
            match frame.get("type"):
                case "message":
                    await self._take(frame["message"])
                case "messages":
                    for one in frame["messages"]:
                        await self._take(one)
                    self.cursor = frame["cursor"]  # moved by these answers only: a push may have been lost
                case "ack":
                    waiting = self._acknowledged.get(frame["id"])
                    if waiting is not None and not waiting.done():
                        waiting.set_result(frame["message"])

    async def _take(self, message: dict[str, Any]) -> None:
        if message["direction"] == "inbound" or message["id"] in self._known:
            return
        self._known.add(message["id"])
        await self._socket.send_json({"type": "ack", "message": message["id"]})
        self.heard.put_nowait(message)
