"""Turns: the order of messages whose provider tells whole seconds (P4).

Within one second the provider's time says nothing, and our ids are hashes. So such a message carries its turn: the
provider's own sequence where it has one, else when the call came and where the message stood in it. The turn comes from
the call alone: a call that is read again gives the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from router.messages import MOST_TURNS, Message

_PLACES = 1_000  # in one call: as many updates as Meta puts into one


def by_arrival(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The messages of one call, in its order, with their turns: first come, first said. No turn where the time is finer."""
    return tuple(
        in_turn(message, round(message.received_at.timestamp() * 1000) * _PLACES + min(place, _PLACES - 1))
        for place, message in enumerate(messages)
    )


def in_turn(message: Message, sequence: int | None) -> Message:
    """The message with its provider's number for it, which grows by each message; unchanged where its time is no whole second."""
    if not whole_second(message.provider_at) or sequence is None or not 0 <= sequence < MOST_TURNS:
        return message
    return message.model_copy(update={"turn": sequence})


def whole_second(at: datetime | None) -> bool:
    """Does it say a second and no part of it?"""
    return at is not None and at.microsecond == 0
