"""What the customers of the sandbox see: their mailboxes and their phones. Held in memory, newest last."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Way = Literal["to-customer", "from-customer"]
KEPT = 2000  # of each kind: a sandbox that ran over night must not fill the memory
FILES_KEPT = 64 * 1024 * 1024  # bytes of them all


@dataclass(slots=True)
class Mail:
    """One mail, as the customer's mail program would list it. `id` is SES's id; `message_id` the one on the wire."""

    id: str
    way: Way
    customer: str
    inbox: str
    subject: str
    text: str
    at: str
    message_id: str
    references: list[str] = field(default_factory=list)
    reply_to: str | None = None
    state: str = "sent"
    tags: dict[str, str] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Text:
    """One SMS on the customer's phone."""

    id: str
    way: Way
    customer: str
    inbox: str
    text: str
    at: str
    state: str = "received"
    status_url: str | None = None
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Button:
    """Something to tap under a message; with `url` it only opens a page. `note` is a second line."""

    title: str
    payload: str = ""
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody sent. `data` is served under its id."""

    id: str
    name: str
    type: str
    data: bytes = field(repr=False)

    @property
    def family(self) -> str:
        """`image`, `video`, `audio`, else `document`."""
        family = self.type.partition("/")[0]
        return family if family in ("image", "video", "audio") else "document"

    def shown(self) -> dict[str, Any]:
        """What the page needs to draw it."""
        return {"id": self.id, "name": self.name, "type": self.type, "size": len(self.data)}


@dataclass(slots=True)
class Bubble:
    """One message in an app on the customer's phone. `inbox` is the configured inbox's name, `id` the provider's id."""

    id: str
    channel: str
    way: Way
    inbox: str
    customer: str
    text: str
    at: str
    state: str
    name: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    menu: str = ""  # what opens the buttons, where they are a list
    keys: str = ""  # how a tap is told: reply, list, template, quick, postback, callback, keyboard
    refers_to: str | None = None
    album: str | None = None
    place: bool = False
    reaction: str = ""
    tapped: str = ""
    edited: bool = False
    withdrawn: bool = False
    error: str = ""
    mark: str = ""  # what the sender asked to be given back


@dataclass(slots=True)
class Refusal:
    """A call of ours that a provider did not take, and its words for why."""

    provider: str
    status: int
    words: str
    at: str


class World:
    """Everything the sandbox remembers. `version` grows with each change, so that pages and tests can wait for one."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.texts: list[Text] = []
        self.bubbles: list[Bubble] = []
        self.refusals: list[Refusal] = []
        self.files: dict[str, File] = {}
        self.opted_out: set[tuple[str, str]] = set()  # (our number, customer's number)
        self.attempts: Counter[str] = Counter()
        self.heard: dict[tuple[str, str], datetime] = {}  # (inbox, customer): when the customer last wrote
        self.names: dict[tuple[str, str], str] = {}  # (inbox, customer)
        self.version = 0
        self._changed = asyncio.Condition()

    async def add(self, thing: Mail | Text | Bubble | Refusal) -> None:
        """Remember something and wake whoever waits for a change."""
        items: list[Any] = self.mails
        if isinstance(thing, Text):
            items = self.texts
        elif isinstance(thing, Bubble):
            items = self.bubbles
        elif isinstance(thing, Refusal):
            items = self.refusals
        items.append(thing)
        del items[:-KEPT]
        await self.touch()

    async def touch(self) -> None:
        """Something changed in place (a delivery state)."""
        async with self._changed:
            self.version += 1
            self._changed.notify_all()

    async def reset(self) -> None:
        """Forget what was said. Who wrote when stays, as it does at the providers: an answer may still be on its way."""
        self.mails.clear()
        self.texts.clear()
        self.bubbles.clear()
        self.refusals.clear()
        self.files.clear()
        self.opted_out.clear()
        self.attempts.clear()
        await self.touch()

    async def wait_past(self, version: int, seconds: float) -> int:
        """The version, once it is past `version` or the time is over."""
        async with self._changed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait_for(lambda: self.version > version), seconds)
            return self.version

    def bubble(self, id_: str, inbox: str | None = None) -> Bubble | None:
        """The message with this id; Telegram counts in each bot anew, so there the inbox tells them apart."""
        found = (b for b in reversed(self.bubbles) if b.id == id_ and inbox in (None, b.inbox))
        return next(found, None)

    def keep(self, name: str, type_: str, data: bytes, id_: str | None = None) -> File:
        """Keep a file; the oldest go when there are too many bytes."""
        file = File(id_ or str(10**15 + secrets.randbelow(9 * 10**15)), name, type_, data)
        self.files[file.id] = file
        while len(self.files) > 1 and sum(len(one.data) for one in self.files.values()) > FILES_KEPT:
            del self.files[next(iter(self.files))]
        return file

    def state(self) -> dict[str, Any]:
        """All of it, for the page and for tests."""
        return {
            "version": self.version,
            "mails": [asdict(mail) for mail in self.mails],
            "texts": [asdict(text) for text in self.texts],
            "bubbles": [asdict(bubble) for bubble in self.bubbles],
            "refusals": [asdict(refusal) for refusal in self.refusals],
        }


def now_iso() -> str:
    """The time as AWS writes it in notifications: UTC, milliseconds, Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
