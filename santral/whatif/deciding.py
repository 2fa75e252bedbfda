"""What a decision's record (router.decisions, router.snapshots) tells of the conversation that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from santral.whatif.record import Said

Row = Sequence[Any]
"""Conversation, number of its class, since when it waited; and, where there is any, whom it prefers and whom it is not offered to."""


def row_of(record: Mapping[str, Any]) -> Row | None:
    """As what it stood in line; None where it did not."""
    rows: Iterable[Row] = record["seen"].get("rows", ())
    return next((row for row in rows if row[0] == record.get("conversation")), None)


def asked_of(row: Row) -> tuple[str | None, tuple[tuple[str, int], ...]]:
    """Whom it prefers, and whom it is not offered to until when."""
    return (row[3], tuple((agent, until) for agent, until in row[4])) if len(row) > 3 else (None, ())


def said_of(record: Mapping[str, Any]) -> Said | None:
    """What the rules said when it began to wait; None where this decision does not tell."""
    rules = record.get("rules")
    if not isinstance(rules, Mapping):
        return None
    return Said(
        str(rules["config"]), tuple(rules["matched"]), tuple(rules.get("failed", ())), str(rules["message"]), dict(rules.get("saw", {}))
    )  # fmt: skip
