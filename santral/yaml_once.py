"""YAML whose text is taken apart once, though it is read twice: for what it says, and for where it stands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml


@lru_cache(maxsize=64)
def _events(text: str) -> tuple[yaml.Event, ...]:
    return tuple(yaml.parse(text, Loader=yaml.SafeLoader))


class ReadOnce(yaml.SafeLoader):
    """yaml.SafeLoader; of a text that it had before it knows the parts. Raises yaml.YAMLError for one that has none."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._parts, self._next = _events(text), 0

    def check_event(self, *choices: Any) -> bool:
        """Is the next part one of these?"""
        return self._next < len(self._parts) and (not choices or isinstance(self._parts[self._next], choices))

    def peek_event(self) -> yaml.Event | None:
        """The next part."""
        return self._parts[self._next] if self._next < len(self._parts) else None

    def get_event(self) -> yaml.Event | None:
        """The next part, and on to the one after it."""
        found = self.peek_event()
        self._next += 1
        return found
