"""What somebody was asked in a survey and what they said. Values only; what an answer sets off is in `router.surveying`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from router.campaigns import SurveyPolicy
from router.messages import ChannelName
from router.scores import ScoreKind
from router.times import from_ms, to_ms

ANSWERED_WITHIN = timedelta(days=90)
"""A survey's link can be answered for so long, and so long it is remembered that it was asked."""
MOST = 20
"""So many surveys of one person are remembered: the newest."""
LONGEST = 2000
"""Characters of a comment."""

How = Literal["link", "reply"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One survey that left. `until` is how long a reply counts as its score; a link counts for ninety days."""

    send: str
    kind: ScoreKind
    campaign: str
    contact: str
    conversation: str | None  # it is about this one, if about any
    channel: ChannelName
    at: datetime
    until: datetime
    language: str | None = None
    brand: str = "default"  # whose inbox it left from: a reply comes to the same brand
    occurrence: str = ""  # of the journey that asked


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody answered to a survey, kept beside them: once for each survey."""

    asked: Asked
    value: int
    how: How
    at: datetime
    text: str | None = None
    agent: str | None = None  # who had the conversation that it is about
    raised: str | None = None  # the conversation in which a supervisor looks at it

    @property
    def kind(self) -> ScoreKind:
        """What it tells."""
        return self.asked.kind


def recent(asked: Iterable[Asked], now: datetime, policy: SurveyPolicy) -> bool:
    """Was the person asked so lately that nobody may ask again?"""
    return any(now - one.at < timedelta(seconds=policy.every) for one in asked)


def one_of(asked: Iterable[Asked], conversation: str) -> Asked | None:
    """The last survey about a conversation."""
    return max((one for one in asked if one.conversation == conversation), key=lambda one: one.at, default=None)


def is_low(kind: ScoreKind, value: int, policy: SurveyPolicy) -> bool:
    """Is it a score that a supervisor is to look at?"""
    most = {str(name): score for name, score in policy.low.items()}.get(str(kind))
    return most is not None and value <= most


def remembered(asked: Iterable[Asked], now: datetime) -> tuple[Asked, ...]:
    """Those that may still be answered, the newest last."""
    kept = sorted((one for one in asked if now - one.at < ANSWERED_WITHIN), key=lambda one: one.at)
    return tuple(kept[-MOST:])


def packed(asked: Sequence[Asked]) -> list[list[Any]]:
    """As they are kept in their person's row; whose they are the row says."""
    return [
        [
            one.send, str(one.kind), one.campaign, one.conversation or "", str(one.channel), to_ms(one.at),
            to_ms(one.until) - to_ms(one.at), one.language or "", one.brand, one.occurrence,
        ]
        for one in asked
    ]  # fmt: skip


def unpacked(contact: str, data: Iterable[Sequence[Any]]) -> tuple[Asked, ...]:
    """What `packed` made, of that contact."""
    found = []
    for send, kind, campaign, conversation, channel, at, lasts, language, brand, occurrence in data:
        times = from_ms(at), from_ms(at + lasts)
        found.append(
            Asked(
                send,
                ScoreKind(kind),
                campaign,
                contact,
                conversation or None,
                ChannelName(channel),
                *times,
                language or None,
                brand,
                occurrence,
            )
        )
    return tuple(found)
