"""What a contract test puts into a table first, and how it looks into it."""

from dataclasses import replace
from datetime import datetime
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


def load_of(table: Table, agent: str = "ayse") -> Load:
    """An agent who is in."""
    found = table.load("main", agent)
    assert found is not None
    return found


def offer(table: Table, conversation: Conversation, until: datetime, agent: str = "ayse") -> None:
    """Offer a conversation to an agent as they stand."""
    row = v.waiting(conversation)
    table.commit(*table.claim(row, load_of(table, agent), None, "main", f"d_{agent}", v.later(1), until))


def miss(table: Table, agent: str, in_a_row: int, paused_until: datetime | None) -> None:
    """An agent is offered something and lets the time pass."""
    conversation = opened(table, contact_=f"p_missed{in_a_row}")
    offer(table, conversation, v.later(2), agent)
    held = stored(table, conversation)
    table.commit(*table.missed(held, load_of(table, agent), in_a_row, paused_until, v.later(2)))


def place_of(table: Table, agent: str = "ayse") -> str:
    """In which partition an agent's one row stands."""
    rows_ = table.dynamo.get_many((f"{place}#main", f"A#{agent}") for place in ("POOL", "REST"))
    ((place, _),) = rows_
    return place.partition("#")[0]


def in_line(table: Table) -> list[str]:
    """Who stands in the usual class's line."""
    return [row.conversation for row in table.heads("main", v.conversation().kind, 100)]
