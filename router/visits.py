"""What is remembered of a contact from one conversation to the next, for rules: when they wrote, and what they came about.

It lies on the contact's latest conversation, so it costs no read and no write. Times and our own words only, nothing of the
customer's (P11), and never more than a few: the newest messages, and the latest visits. A message that comes twice is stored
once, and its memory with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from router.messages import Direction, Message

if TYPE_CHECKING:
    from router.conversations import Conversation

MESSAGES = 20
"""So many messages are remembered."""
VISITS = 10
"""So many visits are remembered besides the present one."""
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Visit:
    """The customer came about something: a conversation began, or was reopened.

    `at` is in seconds since 1970. `about` is the category and the tags the conversation had when the next visit began, None
    until then.
    """

    at: int
    about: tuple[str, ...] | None = None


def seconds(at: datetime) -> int:
    """Whole seconds since 1970."""
    return int(at.timestamp())


def late(before: Conversation, message: Message) -> bool:
    """Does it belong to a visit that was over when it came, written before its conversation was resolved?

    It reopens the conversation all the same, and is no visit of its own.
    """
    over = before.resolved_at if before.state == "resolved" and _present(before.visits) else None
    return over is not None and message.occurred_at <= over


def ended(conversation: Conversation | None) -> tuple[Visit, ...]:
    """The visits up to a conversation; the present one is about what the conversation is about by now."""
    if conversation is None or not _present(conversation.visits):
        return conversation.visits if conversation is not None else ()
    *past, last = conversation.visits
    words = dict.fromkeys((*filter(None, (conversation.category,)), *conversation.tags))
    return (*past, replace(last, about=tuple(words)[:_MOST_WORDS]))


def earlier(before: Conversation | None, message: Message) -> tuple[Visit, ...]:
    """The visits before the one that a message begins, if it begins or reopens a conversation."""
    visits = ended(before)
    return visits[:-1] if before is not None and late(before, message) else visits


def remembered(before: Conversation | None, after: Conversation, message: Message) -> Conversation:
    """The conversation with what is remembered, after a message began it, reopened it or joined it."""
    same = before is not None and before.number == after.number
    heard = before.heard if before is not None else ()
    visits = before.visits if before is not None and same else ended(before)
    if message.direction is Direction.INBOUND and not message.kind.passing and not after.state.done:
        at = seconds(message.occurred_at)
        heard = tuple(sorted((*heard, at))[-MESSAGES:])
        reopens = before is not None and same and before.state.done and not late(before, message)
        if reopens or not _present(visits):  # else it goes on, or a robot's mail or our own words began it
            visits = (*ended(before), Visit(at))
    return replace(after, heard=heard, visits=visits[-VISITS - 1 :])


def together(after: Conversation, kept: Conversation | None, moved: Conversation) -> Conversation:
    """The conversation that goes on where two people turn out to be one, with what is remembered of both."""
    both = [one for one in (kept, moved) if one is not None]
    visits = [visit for one in both for visit in (ended(one) if one.state.done else one.visits)]
    past = sorted((visit for visit in visits if visit.about is not None), key=lambda visit: visit.at)
    present = [visit.at for visit in visits if visit.about is None]
    visits = [*past, *([Visit(min(present))] if present else [])]
    heard = sorted(time for one in both for time in one.heard)
    return replace(after, heard=tuple(heard[-MESSAGES:]), visits=tuple(visits[-VISITS - 1 :]))


def apart(joint: Conversation, left: Conversation) -> Conversation:
    """One of two people without what the other brought along when they were joined."""
    heard, theirs = list(joint.heard), {visit.at for visit in left.visits}
    for time in left.heard:
        if time in heard:
            heard.remove(time)
    return replace(joint, heard=tuple(heard), visits=tuple(visit for visit in joint.visits if visit.at not in theirs))


def _present(visits: tuple[Visit, ...]) -> bool:
    """Is the last one still what the conversation is about?"""
    return bool(visits) and visits[-1].about is None
