"""The conversation that somebody acts on: the one named, or what it has become part of since."""

from __future__ import annotations

from router.conversations import Conversation, State
from router.errors import Conflict, NotFound
from router.exchange import Exchange


def at_hand(x: Exchange, conversation_id: str) -> Conversation:
    """A conversation that can still be acted on. Raises NotFound, and Conflict for one that is closed for good."""
    conversation = x.table.standing(conversation_id)
    if conversation is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    if conversation.state is State.CLOSED:
        raise Conflict("the conversation is closed for good; the customer's newer one is in the list")
    return conversation
