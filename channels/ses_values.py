"""Values out of SES's JSON, whatever stands there instead of them. Nothing here raises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from channels.reading import clean


def json_or_none(text: str) -> dict[str, Any] | None:
    """The JSON object in the text; None when there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def strings(value: Any) -> list[str]:
    """The strings of a list, or the one string."""
    items = value if isinstance(value, list) else [value]
    return [clean(item) for item in items if isinstance(item, str)]


def text_or_none(value: Any) -> str | None:
    """The string, cleaned and of bounded length; None for an empty one or anything else."""
    return clean(value)[:1_000] if isinstance(value, str) and value else None


def time_of(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
