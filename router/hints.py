"""Hints to agents' pages: that a conversation of theirs, or one that they watch, changed, never how.

The page reads on by cursor in any case.
"""

from __future__ import annotations

from typing import Literal

from router.conversations import Conversation
from router.exchange import Exchange


def tell_owner(
    x: Exchange,
    conversation: Conversation | None,
    reason: Literal["message", "changed", "warning", "breach", "missed", "withdrawn"],
) -> None:
    """Push the hint to whoever has the conversation and to those who watch it; to nobody where there is none."""
    if conversation is None:
        return
    frame = {"type": "conversation", "conversation": conversation.id, "reason": reason}
    if conversation.agent is not None:
        x.sockets.tell(f"A#{conversation.agent}", frame, conversation.agent_connection)
    x.sockets.tell_all((f"A#{name}" for name in conversation.watchers if name != conversation.agent), frame)
