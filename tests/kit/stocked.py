"""What a contract test puts into a table first, and how it looks into it."""

from dataclasses import replace
from typing import Any

from router.aws.table import Table
from router.conversations import Conversation
from router.loads import Load
from tests.kit import values as v


def due_keys(table: Table, minutes: float = 10_000) -> set[tuple[str, str]]:
    """Everything the due index holds up to a time."""
    return {key for shard in range(table.due_shards) for key, _ in table.due(shard, v.later(minutes))}


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


def come_in(
    table: Table, name: str = "ayse", units: int = 12, presence: str = "online", *, available: bool = True, threshold: int = 1
) -> None:  # fmt: skip
    """An agent in the roster."""
    before = table.load("main", name)
    changes = table.set_presence(
        "main", name, presence, units, before, None, v.NOW, available=available, threshold=threshold
    )
    table.commit(*changes)


def claim(
    table: Table, of: Conversation, name: str = "ayse", limit: int | None = None, seen: Load | None = None, **agent: Any
) -> None:
    """Claim a conversation for an agent as they stand, or as they were seen; who is not in, as if they were."""
    load = replace(seen or table.load("main", name) or v.agent(name), **agent)
    table.commit(*table.claim(v.waiting(of), load, limit, "main", f"d_{name}", v.later(1)))
