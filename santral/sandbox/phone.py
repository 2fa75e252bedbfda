"""A customer's phone, whatever app is open on it: what the customer can do, and what each app is asked to play."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from router.config import Inbox
from santral.sandbox.world import Bubble, Button, File


class Impossible(Exception):
    """This app has no such thing; the message says what."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map that a customer shares."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer writes: text, files with the text as their caption, or a place; perhaps quoting a message."""

    text: str = ""
    files: tuple[File, ...] = field(default=())
    place: Place | None = None
    quotes: str | None = None


class App(Protocol):
    """What every app plays. All raise ClientError or TimeoutError when the webhook does not take it."""

    channel: str
    abilities: frozenset[str]  # of: react, edit, unsend, place, album

    async def say(self, inbox: Inbox, customer: str, name: str, said: Said) -> list[Bubble]:
        """The customer writes."""
        ...

    async def tap(self, inbox: Inbox, bubble: Bubble, button: Button) -> Bubble | None:
        """The customer taps a button; the message this makes, if it makes one."""
        ...

    async def react(self, inbox: Inbox, bubble: Bubble, emoji: str) -> None:
        """The customer reacts to a message of ours, or takes the reaction back with an empty one."""
        ...

    async def edit(self, inbox: Inbox, bubble: Bubble, text: str) -> None:
        """The customer changes a message of theirs."""
        ...

    async def unsend(self, inbox: Inbox, bubble: Bubble) -> None:
        """The customer withdraws a message of theirs."""
        ...

    async def seen(self, inbox: Inbox, bubbles: list[Bubble]) -> None:
        """The customer has these on the screen now."""
        ...

    async def elsewhere(self, inbox: Inbox, customer: str, text: str) -> Bubble:
        """A colleague answers from the provider's own app, not from Santral."""
        ...
