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
    visits = _visits(before)
    present = before.state == "resolved" and bool(visits) and visits[-1].about is None
    return present and before.resolved_at is not None and message.occurred_at <= before.resolved_at


def ended(conversation: Conversation | None) -> tuple[Visit, ...]:
    """The visits up to a conversation; the present one is about what the conversation is about by now."""
    if conversation is None:
        return ()
    visits = _visits(conversation)
    if not visits or visits[-1].about is not None:
        return visits
    words = dict.fromkeys((*filter(None, (conversation.category,)), *conversation.tags))
    return (*visits[:-1], replace(visits[-1], about=tuple(words)[:_MOST_WORDS]))


def earlier(before: Conversation | None, message: Message) -> tuple[Visit, ...]:
    """The visits before the one that a message begins, if it begins or reopens a conversation."""
    visits = ended(before)
    return visits[:-1] if before is not None and late(before, message) else visits


def remembered(before: Conversation | None, after: Conversation, message: Message) -> Conversation:
    """The conversation with what is remembered, after a message began it, reopened it or joined it."""
    same = before is not None and before.number == after.number
    heard = before.heard if before is not None else ()
    visits = before.visits if before is not None and same else ended(before)
    begins = not same or (before is not None and before.state.done and not late(before, message))
    if message.direction is not Direction.INBOUND or message.kind.passing or after.state.done:
        return replace(after, heard=heard, visits=visits[-VISITS - 1 :])
    if begins:
        visits = (*earlier(before, message), Visit(seconds(message.occurred_at)))
    times = sorted((*heard, seconds(message.occurred_at)))
    return replace(after, heard=tuple(times[-MESSAGES:]), visits=visits[-VISITS - 1 :])


def together(after: Conversation, kept: Conversation | None, moved: Conversation) -> Conversation:
    """The conversation that goes on where two people turn out to be one, with what is remembered of both."""
    both = [one for one in (kept, moved) if one is not None]
    past = [visit for one in both for visit in ended(one)[: None if one.state.done else -1]]
    now = [visit.at for one in both if not one.state.done for visit in _visits(one)[-1:]]
    visits = [*sorted(past, key=lambda visit: visit.at), *([Visit(min(now))] if now else [])]
    heard = sorted(time for one in both for time in one.heard)
    return replace(after, heard=tuple(heard[-MESSAGES:]), visits=tuple(visits[-VISITS - 1 :]))


def apart(joint: Conversation, left: Conversation) -> Conversation:
    """One of two people without what the other brought along when they were joined."""
    heard, theirs = list(joint.heard), {visit.at for visit in left.visits}
    for time in left.heard:
        if time in heard:
            heard.remove(time)
    return replace(joint, heard=tuple(heard), visits=tuple(visit for visit in joint.visits if visit.at not in theirs))


def _visits(conversation: Conversation) -> tuple[Visit, ...]:
    """Of a conversation from before visits were counted: that it began."""
    if conversation.visits or conversation.last_inbound_at is None:
        return conversation.visits
    return (Visit(seconds(conversation.opened_at)),)
