"""A path into data that somebody else sent: `order.number`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def value_at(path: str, data: Mapping[str, Any]) -> Any:
    """What stands there; None where nothing does."""
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
