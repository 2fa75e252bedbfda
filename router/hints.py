"""Hints to an agent's page: that a conversation of theirs changed, never how. The page reads on by cursor in any case."""

from __future__ import annotations

from typing import Literal

from router.conversations import Conversation
from router.exchange import Exchange


def tell_owner(
    x: Exchange,
    conversation: Conversation | None,
    reason: Literal["message", "changed", "breach", "missed", "withdrawn"],
) -> None:
    """Push the hint to whoever has the conversation; to nobody where nobody has it, or where there is none."""
    if conversation is not None and conversation.agent is not None:
        frame = {"type": "conversation", "conversation": conversation.id, "reason": reason}
        x.sockets.tell(f"A#{conversation.agent}", frame, conversation.agent_connection)
