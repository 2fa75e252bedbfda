"""What the customers of the sandbox see: their mailboxes and their phones. Held in memory, newest last."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Way = Literal["to-customer", "from-customer"]
KEPT = 2000  # of each kind: a sandbox that ran over night must not fill the memory


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


class World:
    """Everything the sandbox remembers. `version` grows with each change, so that pages and tests can wait for one."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.texts: list[Text] = []
        self.opted_out: set[tuple[str, str]] = set()  # (our number, customer's number)
        self.attempts: Counter[str] = Counter()
        self.version = 0
        self._changed = asyncio.Condition()

    async def add(self, thing: Mail | Text) -> None:
        """Remember a mail or an SMS and wake whoever waits for a change."""
        items: list[Any] = self.mails if isinstance(thing, Mail) else self.texts
        items.append(thing)
        del items[:-KEPT]
        await self.touch()

    async def touch(self) -> None:
        """Something changed in place (a delivery state)."""
        async with self._changed:
            self.version += 1
            self._changed.notify_all()

    async def reset(self) -> None:
        """Forget everything."""
        self.mails.clear()
        self.texts.clear()
        self.opted_out.clear()
        self.attempts.clear()
        await self.touch()

    async def wait_past(self, version: int, seconds: float) -> int:
        """The version, once it is past `version` or the time is over."""
        async with self._changed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait_for(lambda: self.version > version), seconds)
            return self.version

    def state(self) -> dict[str, Any]:
        """All of it, for the page and for tests."""
        return {
            "version": self.version,
            "mails": [asdict(mail) for mail in self.mails],
            "texts": [asdict(text) for text in self.texts],
        }


def now_iso() -> str:
    """The time as AWS writes it in notifications: UTC, milliseconds, Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
