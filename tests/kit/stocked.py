"""What a contract test puts into a table first, and how it looks into it."""

from typing import Any

from router.aws.table import Table
from router.conversations import Conversation
from tests.kit import values as v


def due_keys(table: Table, minutes: float = 10_000) -> set[tuple[str, str]]:
    """Everything the due index holds up to a time."""
    return {key for shard in range(table.due_shards) for key in table.due(shard, v.later(minutes))}


def stored(table: Table, conversation: Conversation) -> Conversation:
    """A conversation as the table has it now."""
    found = table.conversation(conversation.id)
    assert found is not None
    return found


def opened(table: Table, **changes: Any) -> Conversation:
    """A new conversation in the table."""
    made = v.conversation(**changes)
    table.commit(table.new_conversation(made))
    return stored(table, made)


def lined_up(table: Table, **changes: Any) -> Conversation:
    """A new conversation in the waiting line."""
    made = opened(table, **changes)
    table.commit(*table.line_up(v.waiting(made), "main", known=False))
    return stored(table, made)


def come_in(table: Table, name: str = "ayse", units: int = 12, presence: str = "online") -> None:
    """An agent in the roster."""
    before = table.load("main", name)
    table.commit(table.set_presence("main", name, presence, units, before, None, v.NOW))


def claim(table: Table, of: Conversation, name: str = "ayse", **agent: Any) -> None:
    """Claim a conversation for an agent."""
    table.commit(*table.claim(v.waiting(of), v.agent(name, **agent), "main", f"d_{name}", v.later(1)))
