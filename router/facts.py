"""What a rule's condition may look at: one message that begins or reopens a conversation, who wrote it, where and when.

Everything always has a value, so that a condition never meets nothing: a text that is not there is empty. The types, with what
the configuration adds to them (its inboxes, queues, opening hours), are in `santral.cel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.background import Background, background_of
from router.conditions import domain
from router.config import Config, Inbox
from router.messages import Message
from router.records import Known
from router.visits import Visit, seconds


@dataclass(frozen=True, slots=True)
class SenderFacts:
    """Who wrote, as the channel says it. `domain` is that of an e-mail address, in lower case."""

    address: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """The message. `text` is what the author newly said, without quoted history; `language` None where nobody knows it."""

    channel: str
    kind: str
    text: str
    subject: str
    language: str | None
    sender: SenderFacts
    payload: str
    files: int
    automatic: bool
    proof: str


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """The person. `known` is false for whom we meet by this message; `channels` are those they have written from."""

    known: bool
    name: str
    language: str
    channels: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """Which one it is of this person with the brand, from 1, and whether it was resolved before.

    The tags and the category are those of the one before; of one that is reopened, its own.
    """

    number: int
    reopened: bool
    tags_before: tuple[str, ...]
    category_before: str


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """Where it came in."""

    name: str
    queue: str
    brand: str
    language: str


@dataclass(frozen=True, slots=True)
class Clock:
    """The message's time, and the opening hours."""

    config: Config
    at: datetime
    known: dict[str, bool] = field(default_factory=dict)

    def open(self, hours: str) -> bool:
        """Is somebody there by these hours?"""
        if hours not in self.known:
            self.known[hours] = self.config.is_open(hours, self.at)
        return self.known[hours]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of the person with the brand. Times in seconds since 1970; the message itself is not among them."""

    at: int
    heard: tuple[int, ...]
    visits: tuple[Visit, ...]

    def messages(self, hours: int) -> int:
        """How many messages they wrote within so many hours, this one included."""
        since = self.at - hours * 3600
        return 1 + sum(since < time <= self.at for time in self.heard)

    def contacts(self, word: str, days: int) -> int:
        """The how-manieth time it is, within so many days, that they come about what has this tag or category."""
        since = self.at - days * 86400
        return 1 + sum(since < visit.at <= self.at and word in (visit.about or ()) for visit in self.visits)


def small_tag(language: str) -> str:
    """A language tag with its language in small letters (`TR` is `tr`, `TR-TR` is `tr-TR`): mails and apps write either."""
    head, dash, rest = language.partition("-")
    return head.lower() + dash + rest


def facts_of(
    message: Message, known: Known, inbox: Inbox, config: Config, *, reopened: bool = False
) -> Mapping[str, Any]:
    """The scope of every condition about a message that begins a conversation, or reopens the one that is known."""
    return scope_of(message, background_of(message, known, reopened=reopened), inbox, config)


def scope_of(message: Message, background: Background, inbox: Inbox, config: Config) -> Mapping[str, Any]:
    """The scope of every condition: all that a message, what was known then, and a configuration say."""
    at, address = message.occurred_at, message.sender.address
    return {
        "message": MessageFacts(
            channel=str(message.channel),
            kind=str(message.kind),
            text=message.spoken,
            subject=message.subject or "",
            language=small_tag(message.language or background.language or inbox.language),
            sender=SenderFacts(address, message.sender.name or "", domain(address)),
            payload=message.payload or "",
            files=len(message.attachments),
            automatic=message.kind.automatic,
            proof=str(message.authenticity.proof),
        ),
        "contact": ContactFacts(
            known=background.known,
            name=background.name,
            language=small_tag(background.language),
            channels=background.channels,
            since=background.since or at,
        ),
        "conversation": ConversationFacts(
            number=background.number,
            reopened=background.reopened,
            tags_before=background.tags_before,
            category_before=background.category_before,
        ),
        "inbox": InboxFacts(inbox.name, inbox.queue, inbox.brand, inbox.language),
        "now": at,
        "clock": Clock(config, at),
        "memory": Memory(seconds(at), background.heard, background.visits),
    }
