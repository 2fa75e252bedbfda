"""Instants as milliseconds since 1970: the only time that is kept, sent and decided on."""

from __future__ import annotations

from datetime import UTC, datetime


def to_ms(value: datetime) -> int:
    """Milliseconds since 1970."""
    return round(value.timestamp() * 1000)


def from_ms(value: float | int) -> datetime:
    """The UTC time of milliseconds since 1970."""
    return datetime.fromtimestamp(value / 1000, UTC)


def whole_ms(at: datetime) -> datetime:
    """The instant to the millisecond, as it is kept: what is decided on more than that could not be decided again."""
    over = at.microsecond % 1000
    return at.replace(microsecond=at.microsecond - over) if over else at
