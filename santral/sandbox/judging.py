"""Judging what was sent field by field, as a provider's own validation does. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any


class Wrong(Exception):
    """A field breaks a rule; the message names the field and the rule, never what it holds."""


def fields(value: Any, name: str, allowed: Collection[str], needed: Collection[str] = ()) -> dict[str, Any]:
    """An object with these fields and no other."""
    if not isinstance(value, dict):
        raise Wrong(f"Param {name} must be a JSON object.")
    for key in value:
        if key not in allowed:
            raise Wrong(f'Unexpected key "{key}" on param "{name}".')
    for key in needed:
        if key not in value:
            raise Wrong(f"The parameter {name}['{key}'] is required.")
    return value


def text(value: Any, name: str, most: int, *, least: int = 1, size: Callable[[str], int] = len) -> str:
    """A string that is neither too short nor too long."""
    if not isinstance(value, str):
        raise Wrong(f"Param {name} must be a string.")
    if size(value) < least or (least and not value.strip()):
        raise Wrong(f"Param {name} must not be empty.")
    if size(value) > most:
        raise Wrong(f"Length of param {name} must be less than or equal to {most}.")
    return value


def items(value: Any, name: str, most: int, least: int = 1) -> list[Any]:
    """A list that is neither too short nor too long."""
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise Wrong(f"Param {name} must be an array of {least} to {most} elements.")
    return value


def one_of(value: Any, name: str, allowed: Collection[str]) -> str:
    """One of these words."""
    if not isinstance(value, str) or value not in allowed:
        raise Wrong(f"Param {name} must be one of {{{', '.join(sorted(allowed))}}}.")
    return value


def link(value: Any, name: str) -> str:
    """Something that can be a link; whether it leads anywhere shows when it is fetched."""
    found = text(value, name, 2000)
    if not found.startswith(("https://", "http://")):
        raise Wrong(f"Param {name} is not a valid URI.")
    return found


def distinct(values: Collection[str], name: str) -> None:
    """No two the same."""
    if len(set(values)) != len(values):
        raise Wrong(f"Param {name} must be unique.")


def utf8(value: str) -> int:
    """Length in bytes."""
    return len(value.encode("utf-8", "surrogatepass"))


def utf16(value: str) -> int:
    """Length in UTF-16 units."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2
