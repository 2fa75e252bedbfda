"""Who worked on a conversation, by its marks."""

from __future__ import annotations

from router.conversations import Conversation
from router.timeline import What

_AT_WORK = (What.ANSWERED, What.ACTIVE, What.PENDING, What.SNOOZED)


def worker(conversation: Conversation) -> str | None:
    """Who has it, or had it last."""
    if conversation.agent is not None and (conversation.state.done or conversation.agent in workers(conversation)):
        return conversation.agent
    last = (mark.of for mark in reversed(conversation.timeline.marks) if mark.what in _AT_WORK and mark.of)
    return next(last, None)


def workers(conversation: Conversation) -> set[str]:
    """Everybody who had it or answered in it."""
    return {mark.of for mark in conversation.timeline if mark.what in _AT_WORK and mark.of}
