"""Customers of every channel, each at a phone, a mailbox or a page: what they do goes by their provider's own wire format."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, TypeVar

from channels import registry
from channels.base import Limits
from santral import customers
from santral.sandbox.world import Bubble, Mail, Text, World
from tests.emulator.conftest import ROUND_TRIPS, Live, until

T = TypeVar("T")
_NUMBERS = count(60)  # of customers: nobody meets another's conversation


@dataclass(frozen=True)
class Arrived:
    """One message of ours, as the customer has it before them."""

    id: str
    text: str
    files: tuple[bytes, ...] = ()
    buttons: tuple[str, ...] = ()


class Customer(ABC):
    """Somebody new who writes to the round trips' inbox of one channel."""

    name: ClassVar[str]  # the registry's
    pattern: ClassVar[str]  # of their address
    sends_files: ClassVar[bool] = True
    refusable: ClassVar[bool] = True  # a provider stands between, who can refuse

    def __init__(self, live: Live) -> None:
        self.live = live
        self.sandbox = live.connection.sandbox
        self.world: World = live.stage.sandbox.world
        (self.inbox,) = [one for one in ROUND_TRIPS if one["channel"] == self.name]
        self.address = self.pattern.format(next(_NUMBERS))
        self.channel = str(registry.get(self.name).channel)

    @property
    def limits(self) -> Limits:
        """What the channel carries and reports, as the code says it."""
        channel = registry.get(self.name)
        return channel.limits[channel.channel]

    @abstractmethod
    def write(self, text: str, *files: bytes) -> None:
        """Write to us, with pictures perhaps."""

    @abstractmethod
    def arrived(self) -> list[Arrived]:
        """All that came from us, oldest first."""

    def choose(self, message: Arrived, number: int) -> None:
        """Choose the option of that number, from 1: by tapping its button, or by its number where there are none."""
        self.write(str(number))

    def see(self) -> None:  # noqa: B027 - not everybody tells us
        """Everything that arrived is on the screen now."""

    def order(self, kind: str) -> None:
        """What our next answer to this customer meets at the provider."""
        self.live.stage.sandbox.faults.order(str(self.inbox["name"]), self.address, kind)

    def close(self) -> None:  # noqa: B027 - most leave nothing open
        """Leave."""

    def _mine(self, shown: list[Any]) -> list[Any]:
        return [one for one in list(shown) if (one.customer, one.way) == (self.address, "to-customer")]

    def _bytes(self, one: Mail | Text | Bubble) -> tuple[bytes, ...]:
        return tuple(self.world.files[str(file["id"])].data for file in one.files)


def picture(data: bytes) -> dict[str, str]:
    """A file as the sandbox takes it."""
    return {"name": "resim.png", "type": "image/png", "data": base64.b64encode(data).decode()}


class Mailer(Customer):
    """At a mail program, by SMTP."""

    name = "email"
    pattern = "tur{}@example.net"

    def write(self, text: str, *files: bytes, **more: Any) -> None:
        mail = {"from": self.address, "to": self.inbox["address"], "subject": "Tur", "text": text}
        customers.write_mail(self.live.connection.smtp_port, mail | {"files": [picture(file) for file in files]} | more)

    def arrived(self) -> list[Arrived]:
        return [Arrived(one.message_id, one.text, self._bytes(one)) for one in self._mine(self.world.mails)]

    def choose(self, message: Arrived, number: int) -> None:
        """As mail programs answer: above what they quote."""
        quoted = "\n".join(f"> {line}" for line in message.text.splitlines())
        text = f"{number}\n\n22 Kas 2026 Paz 10:00 tarihinde Tur <tur@example.com> şunu yazdı:\n{quoted}\n"
        self.write(text, in_reply_to=message.id)


class Texter(Customer):
    """At a phone, by SMS and MMS."""

    name = "twilio"
    pattern = "+1202557{:04d}"

    def write(self, text: str, *files: bytes) -> None:
        more = {"files": [picture(file) for file in files]}
        customers.write_sms(self.sandbox, self.address, str(self.inbox["address"]), text, **more)

    def arrived(self) -> list[Arrived]:
        return [Arrived(one.id, one.text, self._bytes(one)) for one in self._mine(self.world.texts)]


class Apper(Customer):
    """At a phone with one of the apps open."""

    def write(self, text: str, *files: bytes) -> None:
        more = {"files": [picture(file) for file in files]}
        customers.write_message(self.sandbox, str(self.inbox["name"]), self.address, text, name="Tur Müşterisi", **more)

    def arrived(self) -> list[Arrived]:
        return [
            Arrived(one.id, one.text, self._bytes(one), tuple(button.title for button in one.buttons))
            for one in self._mine(self.world.bubbles)
        ]

    def choose(self, message: Arrived, number: int) -> None:
        asked = {"inbox": self.inbox["name"], "message": message.id, "button": number - 1}
        customers.ask(self.sandbox, "tap", asked)

    def see(self) -> None:
        mine = self._mine(self.world.bubbles)
        until(lambda: all(one.state in ("delivered", "read") for one in mine), "it is on the phone")
        customers.ask(self.sandbox, "seen", {"inbox": self.inbox["name"], "customer": self.address})


class OnWhatsApp(Apper):
    """By Meta's Cloud API."""

    name = "whatsapp"
    pattern = "+1202556{:04d}"


class OnMessenger(Apper):
    """By the Messenger Platform."""

    name = "messenger"
    pattern = "72030011220{:05d}"


class OnInstagram(Apper):
    """By Instagram's messaging."""

    name = "instagram"
    pattern = "88120033440{:05d}"


class OnTelegram(Apper):
    """By the Bot API."""

    name = "telegram"
    pattern = "7000{:05d}"


class Visitor(Customer):
    """At the web chat's page, by its WebSocket. Nothing stands between: what we say is stored, and read when they look."""

    name = "webchat"
    pattern = ""
    sends_files = False
    refusable = False

    def __init__(self, live: Live) -> None:
        super().__init__(live)
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._page = self._run(self._open())
        self._heard: list[dict[str, Any]] = []
        self.address = self._page.visitor

    async def _open(self) -> customers.ChatVisitor:
        for _ in range(3):  # a function's first start on a busy machine takes longer than a page waits
            with contextlib.suppress(TimeoutError):
                page = customers.ChatVisitor(
                    self.live.connection.api_url, str(self.inbox["name"]), name="Tur Müşterisi"
                )
                return await page.__aenter__()
        raise TimeoutError("the chat did not open")

    def write(self, text: str, *files: bytes) -> None:
        assert not files
        self._run(self._page.write(text, 60))

    def arrived(self) -> list[Arrived]:
        while not self._page.heard.empty():
            self._heard.append(self._page.heard.get_nowait())
        return [Arrived(one["cursor"], one["text"], self._files(one)) for one in self._heard]

    def see(self) -> None:
        self._run(self._page.tell({"type": "read", "upto": self.arrived()[-1].id}))

    def leave(self) -> None:
        """Lose the line."""
        self._run(self._page.disconnect())

    def come_back(self) -> None:
        """And find it again."""
        self._run(self._page.connect())

    def close(self) -> None:
        self._run(self._page.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(120)

    @staticmethod
    def _files(one: dict[str, Any]) -> tuple[bytes, ...]:
        from tests.emulator.test_files import get

        return tuple(get(file["url"])[2] for file in one.get("attachments", ()))


PERSONAL = (
    "+1202555",
    "+1202556",
    "72030011220",
    "88120033440",
    "Tur Müşterisi",
    "Siparişim nerede kaldı",
    "resim.png",
)
"""What they are known by and what they say: none of it belongs into a log."""

PLAYERS: dict[str, type[Customer]] = {
    one.name: one for one in (Mailer, Texter, OnWhatsApp, OnMessenger, OnInstagram, OnTelegram, Visitor)
}
