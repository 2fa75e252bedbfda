"""Every channel as its provider calls and answers: signed messages of a kilobyte, the receipts that really come, a yes to what we send.

The events are those that Lambda hands to a function. A channel in the registry that has no caller here is not measured: its
test says so.
"""

# ruff: noqa: ARG002, B027 - the seam's arguments and steps; no caller needs them all

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs

from aiohttp import ClientSession, ClientWebSocketResponse

from channels import sessions
from router.aws.sockets import Sockets
from router.ids import contact_id
from router.wire import HttpRequest, HttpResponse
from santral.bench import bed, customers

Event = dict[str, Any]
Call = tuple[Callable[[Any, Any], Any], Event]
Door = Literal["http", "mail", "socket"]


class Caller(ABC):
    """One channel's provider, with the customers behind it. `stamp` numbers a customer, `turn` what they write."""

    name: ClassVar[str]  # the registry's
    channel: ClassVar[str]  # the schema's
    door: ClassVar[Door] = "http"
    receipts: ClassVar[tuple[str, ...]] = ()  # in the order they come
    nameless: ClassVar[bool] = False  # who writes is asked for once, in a call of its own

    def __init__(self, one: bed.Bed) -> None:
        self.bed = one
        self.stack = one.stack
        self.inbox = bed.inbox(self.name)
        self.secret = one.credentials.get(self.inbox.secret or "", {})
        self.sent: Any = None  # the last call of ours, read
        self.taken = ""  # and what we were told it is called

    @abstractmethod
    def address(self, stamp: int) -> str:
        """Who the customer is, as our contact names them."""

    def come(self, stamp: int) -> None:
        """What must be there before they write: a session, say."""

    def leave(self) -> None:
        """All of them go."""

    @abstractmethod
    def write(self, stamp: int, turn: int) -> Call:
        """The function and the event of a message."""

    @abstractmethod
    def report(self, receipt: str, stamp: int, send: str) -> Call:
        """The function and the event of a receipt."""

    @abstractmethod
    def answer(self, request: HttpRequest) -> HttpResponse:
        """The provider takes what we send."""

    def profile(self, request: HttpRequest, most: int, hosts: Sequence[str]) -> HttpResponse:
        """Who somebody is."""
        return HttpResponse(200, {}, b'{"first_name":"Nermin","last_name":"Karaca","id":"1"}')

    def posted(self, body: bytes, headers: dict[str, str], query: str = "") -> Call:
        """A call at the webhook."""
        from functions import receive

        event = customers.http("POST", f"/webhooks/{self.name}/{self.inbox.name}", headers, body, query)
        return receive.handler, event | {"pathParameters": {"channel": self.name, "inbox": self.inbox.name}}


class _Json(Caller):
    """A provider that takes and gives JSON."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.taken = f"taken-{time.monotonic_ns()}"
        self.sent = json.loads(request.body)
        return HttpResponse(200, {}, json.dumps(self.yes()).encode())

    @abstractmethod
    def yes(self) -> Any:
        """Its answer."""


class Mail(_Json):
    """SES, by way of the bucket and SNS."""

    name, channel, door = "email", "email", "mail"
    receipts = ("delivered",)

    def address(self, stamp: int) -> str:
        return f"nermin.{stamp}@example.net"

    def write(self, stamp: int, turn: int) -> Call:
        from functions import receive_email

        bucket, key, sender = self.stack.outputs["MailBucketName"], f"mail/{stamp}-{turn}", self.address(stamp)
        raw = customers.mail(sender, f"{stamp}.{turn}")
        self.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=raw)
        return receive_email.handler, customers.notification(bucket, key, sender)

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        from functions import receive_email

        return receive_email.handler, customers.delivered(send, self.taken, self.address(stamp))

    def yes(self) -> Any:
        return {"MessageId": self.taken}


class Sms(Caller):
    """Twilio."""

    name, channel = "twilio", "sms"
    receipts = ("sent", "delivered")

    def address(self, stamp: int) -> str:
        return customers.phone(stamp)

    def write(self, stamp: int, turn: int) -> Call:
        sid = f"SM{stamp * 4 + turn:032x}"
        return self._signed(customers.sms(customers.TEXT[:1024], sid, self.address(stamp)))

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        told = customers.status(self.taken, self.address(stamp)) | {"SmsStatus": receipt, "MessageStatus": receipt}
        return self._signed(told, f"send={send}")

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.taken = f"SM{time.monotonic_ns():032d}"
        self.sent = parse_qs(request.body.decode())
        return HttpResponse(201, {}, json.dumps({"sid": self.taken, "status": "queued"}).encode())

    def _signed(self, fields: dict[str, str], query: str = "") -> Call:
        _, headers, body = customers.signed(self.stack.http_url, fields, query)
        return self.posted(body, headers, query)


class _Meta(_Json):
    """Meta: JSON with everything but ASCII escaped, signed by the app's secret."""

    def signed(self, payload: Any) -> Call:
        body = json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()
        mac = hmac.new(self.secret["app_secret"].encode(), body, hashlib.sha256).hexdigest()
        return self.posted(body, {"content-type": "application/json", "x-hub-signature-256": f"sha256={mac}"})


class WhatsApp(_Meta):
    """The Cloud API. Its calls name a customer by number and by user id."""

    name, channel = "whatsapp", "whatsapp"
    receipts = ("sent", "delivered", "read")

    def address(self, stamp: int) -> str:
        return customers.phone(stamp)

    def write(self, stamp: int, turn: int) -> Call:
        number, user = self.address(stamp).lstrip("+"), f"TR.{stamp}"
        message = {
            "from": number, "from_user_id": user, "id": f"wamid.{stamp}.{turn}", "timestamp": str(int(time.time())),
            "type": "text", "text": {"body": customers.TEXT[:1024]},
        }  # fmt: skip
        contact = {"profile": {"name": "Nermin Karaca"}, "wa_id": number, "user_id": user}
        return self._change({"contacts": [contact], "messages": [message]})

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        status = {
            "id": self.taken, "status": receipt, "timestamp": str(int(time.time())),
            "recipient_id": self.address(stamp).lstrip("+"), "recipient_user_id": f"TR.{stamp}",
            "biz_opaque_callback_data": self.sent.get("biz_opaque_callback_data", ""),
            "conversation": {"id": f"{stamp:032x}", "origin": {"type": "service"}},
            "pricing": {"billable": False, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"},
        }  # fmt: skip
        return self._change({"statuses": [status]})

    def yes(self) -> Any:
        self.taken = f"wamid.{self.taken}"
        to = self.sent["to"]
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to}],
            "messages": [{"id": self.taken}],
        }

    def _change(self, told: dict[str, Any]) -> Call:
        metadata = {"display_phone_number": self.inbox.address.lstrip("+"), "phone_number_id": bed.NUMBER_ID}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **told}
        entry = {"id": "104857600000042", "changes": [{"value": value, "field": "messages"}]}
        return self.signed({"object": "whatsapp_business_account", "entry": [entry]})


class Messenger(_Meta):
    """The Messenger Platform: an echo of what we sent, its delivery, and a watermark of what was read."""

    name, channel = "messenger", "messenger"
    platform: ClassVar[str] = "page"
    receipts: ClassVar[tuple[str, ...]] = ("echo", "delivered", "read")
    nameless = True

    def address(self, stamp: int) -> str:
        return str(stamp)

    def write(self, stamp: int, turn: int) -> Call:
        message = {"mid": f"m_{stamp}.{turn}", "text": customers.TEXT[:1000]}
        return self._item(stamp, {"message": message})

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        now = round(time.time() * 1000)
        if receipt == "echo":
            sent = self.sent["message"]
            metadata = {"metadata": sent["metadata"]} if "metadata" in sent else {}
            echo = {"mid": self.taken, "is_echo": True, "app_id": 1, "text": sent["text"], **metadata}
            return self._item(stamp, {"message": echo}, ours=True)
        if receipt == "delivered":
            return self._item(stamp, {"delivery": {"mids": [self.taken], "watermark": now}})
        return self._item(stamp, {"read": self._read(now)})

    def yes(self) -> Any:
        return {"recipient_id": self.sent["recipient"]["id"], "message_id": self.taken}

    def _read(self, now: int) -> Any:
        return {"watermark": now}

    def _item(self, stamp: int, told: dict[str, Any], *, ours: bool = False) -> Call:
        account, customer, now = self.inbox.address, self.address(stamp), round(time.time() * 1000)
        sender, recipient = (account, customer) if ours else (customer, account)
        item = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": now, **told}
        return self.signed({"object": self.platform, "entry": [{"time": now, "id": account, "messaging": [item]}]})


class Instagram(Messenger):
    """Instagram's messaging tells of no delivery, and names what was read."""

    name, channel = "instagram", "instagram"
    platform = "instagram"
    receipts = ("echo", "read")

    def _read(self, now: int) -> Any:
        return {"mid": self.taken}


class Telegram(_Json):
    """The Bot API. It tells nothing of what became of an answer."""

    name, channel = "telegram", "telegram"

    def address(self, stamp: int) -> str:
        return str(stamp % 10**10 + 10)

    def write(self, stamp: int, turn: int) -> Call:
        who = {"id": int(self.address(stamp)), "first_name": "Nermin", "last_name": "Karaca"}
        message = {
            "message_id": turn, "from": who | {"is_bot": False, "language_code": "tr"}, "chat": who | {"type": "private"},
            "date": int(time.time()), "text": customers.TEXT[:1024],
        }  # fmt: skip
        headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": self.secret["webhook_secret"]}
        return self.posted(json.dumps({"update_id": stamp * 4 + turn, "message": message}).encode(), headers)

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        raise ValueError(f"Telegram tells of no {receipt}")

    def yes(self) -> Any:
        message = {"message_id": 7, "chat": {"id": int(self.sent["chat_id"]), "type": "private"}, "date": 1}
        return {"ok": True, "result": message}


class Chat(Caller):
    """Our own page, by its WebSocket."""

    name, channel, door = "webchat", "webchat", "socket"
    receipts = ("delivered", "read")

    def __init__(self, one: bed.Bed) -> None:
        super().__init__(one)
        self.connection = ""
        self._pages: list[tuple[ClientSession, ClientWebSocketResponse]] = []

    def address(self, stamp: int) -> str:
        return f"{stamp:024x}"

    def come(self, stamp: int) -> None:
        """A real connection, at the deployed function: what is pushed must reach somebody, or the session ends."""
        key = bed.signing_key(self.stack)
        self.bed.front.call(self._open(self.session(stamp, key, datetime.now(UTC))))
        contact = contact_id(key, self.channel, self.address(stamp), proved=True)
        self.connection = Sockets(bed.dynamo(self.stack), None, key).of(f"V#{contact}")[-1]

    def session(self, stamp: int, key: bytes, now: datetime) -> str:
        """The visitor's token."""
        return sessions.sign(
            key, inbox=self.inbox.name, visitor=self.address(stamp), now=now, lifetime=timedelta(days=1),
            name="Nermin Karaca", language="tr",
        )  # fmt: skip

    async def _open(self, session: str) -> None:
        client = ClientSession()
        try:
            protocols = ["santral.v1", f"session.{session}"]
            self._pages.append((client, await client.ws_connect(self.stack.socket_url, protocols=protocols)))
        except BaseException:
            await client.close()
            raise

    def leave(self) -> None:
        self.bed.front.call(self._close())

    async def _close(self) -> None:
        for client, socket in self._pages:
            await socket.close()
            await client.close()
        self._pages.clear()

    def write(self, stamp: int, turn: int) -> Call:
        at = datetime.now(UTC).isoformat()
        return self._frame({"type": "message", "id": f"{stamp}-{turn}", "text": customers.TEXT[:1024], "at": at})

    def report(self, receipt: str, stamp: int, send: str) -> Call:
        if receipt == "delivered":
            return self._frame({"type": "ack", "message": send})
        return self._frame({"type": "read", "upto": f"{round(time.time() * 1000):013d}#{send}"})

    def answer(self, request: HttpRequest) -> HttpResponse:
        raise ValueError("nothing leaves by HTTP")

    def _frame(self, frame: dict[str, Any]) -> Call:
        from functions import webchat

        context = {
            "connectionId": self.connection, "eventType": "MESSAGE", "routeKey": "$default", "stage": "live",
            "requestTimeEpoch": round(time.time() * 1000),
        }  # fmt: skip
        return webchat.handler, {"requestContext": context, "body": json.dumps(frame), "isBase64Encoded": False}


CALLERS: dict[str, type[Caller]] = {
    one.name: one for one in (Mail, Sms, WhatsApp, Messenger, Instagram, Telegram, Chat)
}


def credentials() -> dict[str, dict[str, str]]:
    """The provider secret of a measurement."""
    meta = ("app_secret", "verify_token", "access_token")
    return {
        "twilio": {"account_sid": customers.SID, "auth_token": customers.TOKEN},
        **{name: {key: secrets.token_hex(16) for key in meta} for name in ("whatsapp", "messenger", "instagram")},
        "telegram": {"bot_token": f"1234567890:{secrets.token_hex(16)}", "webhook_secret": secrets.token_hex(16)},
    }
