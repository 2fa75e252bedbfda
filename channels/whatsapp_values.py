"""Values as WhatsApp's webhooks give them: typed reads that treat what has the wrong type as absent, and its addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from router.messages import Party

_DIGITS = re.compile(r"[1-9][0-9]{4,14}")
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+*-]+(?:\s*;.*)?", re.ASCII)
USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped user id, or one of a parent business ("Business-scoped user IDs")."""


def text(value: object) -> str:
    """The text; empty for what is none."""
    return value if isinstance(value, str) else ""


def word(value: object) -> str:
    """An id, a code or a state: text without blanks around it, or an integer's digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def amount(value: object) -> str:
    """A number or a word as it is written."""
    return repr(value) if isinstance(value, float) else word(value)


def media_type(value: object) -> str:
    """A file's type; empty for what is none."""
    said = text(value).replace("\\", "").strip()
    return said if len(said) < 256 and _MIME_TYPE.fullmatch(said) else ""


def mapping(value: object) -> dict[str, Any]:
    """The object; an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The list; an empty one for what is none."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [item for item in listed(value) if isinstance(item, dict)]


def digits(value: object) -> str:
    """The digits of a number however it is written (`+1 555-078-3881`); empty for what holds letters."""
    plain = re.sub(r"[\s().+\-\u00a0]", "", word(value))
    return plain if plain.isascii() and plain.isdigit() else ""


def phone(value: object) -> str:
    """E.164 of a `wa_id`, which is one without its plus; what is no number (a user id, a group) as it is."""
    plain = digits(value)
    return f"+{plain}" if _DIGITS.fullmatch(plain) else word(value)


def contact_of(message: Mapping[str, Any], contacts: list[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """The contact who wrote the message, and whether an id says so.

    The only contact of a call is taken for its name even when no id agrees: `wa_id` and `from` differ for some countries'
    numbers.
    """
    pairs = (("from", "wa_id"), ("from_user_id", "user_id"), ("from_parent_user_id", "parent_user_id"))
    given = [(theirs, word(message.get(ours))) for ours, theirs in pairs if word(message.get(ours))]
    for contact in contacts:
        if any(word(contact.get(name)) == value for name, value in given):
            return contact, True
    if len(contacts) == 1:
        return contacts[0], not given
    return {}, False


def name_of(contact: Mapping[str, Any]) -> str | None:
    """The profile's name, else the username."""
    profile = mapping(contact.get("profile"))
    return word(profile.get("name")) or word(profile.get("username")) or word(contact.get("username")) or None


def person(number: object, user_id: object, parent_id: object, name: str | None = None) -> Party:
    """Someone by number, else by user id (people with a username may hide their number); the other ids beside it."""
    known = [one for one in (phone(number), word(user_id), word(parent_id)) if one]
    return Party(address=known[0] if known else "", name=name, also=tuple(dict.fromkeys(known[1:])))
