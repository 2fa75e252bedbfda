"""What a search can find: one row for each message and note of the last 90 days, its words folded so that spelling does not matter."""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.messages import ChannelName, Direction, Message

SHARDS = 4
"""A day's rows are spread, so that no partition takes all its writes."""
KEPT = timedelta(days=90)
MOST = 500
"""Characters of a message that are searched; what people look for stands at the beginning."""

# Letters that have no accent to take off, and are typed without what makes them different.
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One message as a search sees it."""

    message: str
    conversation: str
    channel: ChannelName
    direction: Direction
    at: datetime
    text: str

    @property
    def day(self) -> str:
        """The UTC day it belongs to, YYYY-MM-DD."""
        return f"{self.at:%Y-%m-%d}"

    @property
    def shard(self) -> int:
        """Which of the day's partitions holds it: fixed by the message's id, so a change finds the row again."""
        return zlib.crc32(self.message.encode()) % SHARDS

    @property
    def expires_at(self) -> datetime:
        """When it is found no more."""
        return self.at + KEPT


def folded(text: str) -> str:
    """Text as it is compared: `İ`, `I`, `ı` and `i` are one letter, accents are off, white space is single.

    Turkish and English disagree on the capital of i and on the small letter of I (Unicode's SpecialCasing), and nobody says
    which a message is written in; so both are i, and `ISPARTA`, `Isparta` and `ısparta` meet. Whoever types `siparis`
    finds `Sipariş`, and the other way round, because both sides are folded. Letters of other scripts keep their marks.
    """
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f" and not "\ud800" <= c <= "\udfff")
    small = bare.casefold().translate(_PLAIN)
    return " ".join(unicodedata.normalize("NFC", small).split())


def index_row(message: Message, conversation: str) -> IndexRow | None:
    """The row of a message or note; None when there is nothing to find: it has no words, or its author took them back."""
    subject = message.subject if message.direction is Direction.INBOUND else None  # an answer's is its customer's
    words = folded(f"{subject or ''} {message.spoken[: 4 * MOST]}")[:MOST]
    if not words:
        return None
    return IndexRow(message.id, conversation, message.channel, message.direction, message.occurred_at, words)
