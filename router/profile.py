"""What is known of a person beside their addresses: language, zone, birthday, tags and attributes, each judged with its reason.

Attributes are flat: a name and one text, number or truth. A birthday is `MM-DD`, or `YYYY-MM-DD` where the year is known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from router import zones
from router.errors import Invalid
from router.messages import ChannelName
from router.records import Contact, Scalar

MOST_ATTRIBUTES = 50
MOST_TAGS = 50
LONGEST = 500
"""Characters of an attribute's text."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BIRTHDAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be known of a person. None leaves a field as it is, an empty text clears it.

    `tags` are all there are then; an attribute of None is taken away, one that is not named stays.
    """

    name: str | None = None
    language: str | None = None
    preferred: str | None = None
    zone: str | None = None
    birthday: str | None = None
    tags: tuple[str, ...] | None = None
    attributes: Mapping[str, Scalar | None] | None = None

    @property
    def words(self) -> str:
        """The same for the same changes: what an Idempotency-Key is held against."""
        return repr((*self._fields(), self.tags, sorted((self.attributes or {}).items(), key=lambda one: one[0])))

    def _fields(self) -> tuple[str | None, ...]:
        return (self.name, self.language, self.preferred, self.zone, self.birthday)


def changed(contact: Contact, changes: Changes, today: date) -> Contact:
    """The contact as it is then. Raises Invalid, which names the field."""
    attributes = dict(contact.attributes)
    for name, value in (changes.attributes or {}).items():
        if value is None or value == "":
            attributes.pop(name, None)
        else:
            attributes[attribute_name(name)] = attribute(name, value)
    if len(attributes) > MOST_ATTRIBUTES:
        raise Invalid(f"a contact has at most {MOST_ATTRIBUTES} attributes", field="attributes")
    zone = contact.zone if changes.zone is None else zone_of(changes.zone)
    birthday = contact.birthday if changes.birthday is None else birthday_of(changes.birthday, today)
    return replace(
        contact,
        name=contact.name if changes.name is None else changes.name or None,
        language=contact.language if changes.language is None else language_of(changes.language),
        preferred=contact.preferred if changes.preferred is None else channel_of(changes.preferred),
        zone=zone,
        birthday=birthday,
        tags=contact.tags if changes.tags is None else tags_of(changes.tags),
        attributes=tuple(sorted(attributes.items())),
    )


def language_of(text: str) -> str | None:
    """A language tag; None for an empty text. Raises Invalid."""
    if text and (len(text) > 35 or not _LANGUAGE.fullmatch(text)):
        raise Invalid(f"'{text[:40]}' is no language tag such as tr or en-GB", field="language")
    return text or None


def channel_of(text: str) -> str | None:
    """A channel's name; None for an empty text. Raises Invalid."""
    if text and text not in set(map(str, ChannelName)):
        raise Invalid(f"'{text[:40]}' is no channel", field="preferred")
    return text or None


def zone_of(text: str) -> str | None:
    """A zone of the tz database; None for an empty text. Raises Invalid."""
    if text and text not in zones.names():
        raise Invalid(f"'{text[:40]}' is no time zone such as Europe/Istanbul", field="zone")
    return text or None


def birthday_of(text: str, today: date) -> str | None:
    """`MM-DD` or `YYYY-MM-DD`, 29 February in any year that has one; None for an empty text. Raises Invalid."""
    if not text:
        return None
    found = _BIRTHDAY.fullmatch(text) if text.isascii() else None
    if found is None:
        raise Invalid(f"'{text[:40]}' is no birthday: write MM-DD or YYYY-MM-DD", field="birthday")
    year, month, day = found.groups()
    try:
        born = date(int(year or 2000), int(month), int(day))  # 2000 has a 29 February
    except ValueError:
        raise Invalid(f"there is no day {text}", field="birthday") from None
    if year and not date(_FIRST_YEAR, 1, 1) <= born <= today:
        raise Invalid(f"nobody was born on {text} who reads messages today", field="birthday")
    return text


def tags_of(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without blanks around them, each once, in order. Raises Invalid."""
    kept = tuple(sorted({plain for tag in tags if (plain := " ".join(tag.split()))}))
    if any(len(tag) > 40 for tag in kept):
        raise Invalid("a tag has at most 40 characters", field="tags")
    if any(re.search(r"[,;|]", tag) for tag in kept):
        raise Invalid("a tag holds no , ; or |, which stand between tags", field="tags")
    if len(kept) > MOST_TAGS:
        raise Invalid(f"a contact has at most {MOST_TAGS} tags", field="tags")
    return kept


def attribute_name(name: str) -> str:
    """A name that conditions and templates can say. Raises Invalid."""
    if not _NAME.fullmatch(name):
        what = "small letters a to z, digits and _, at most 40, beginning with a letter"
        raise Invalid(f"'{name[:50]}' is no attribute's name: {what}", field=f"attributes.{name[:50]}")
    return name


def attribute(name: str, value: Any) -> Scalar:
    """A text, a number or a truth. Raises Invalid."""
    field = f"attributes.{name}"
    if isinstance(value, str) and len(value) > LONGEST:
        raise Invalid(f"an attribute's text has at most {LONGEST} characters", field=field)
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) > 1e15:
            raise Invalid("an attribute's number is finite and at most 10^15", field=field)
        return value
    raise Invalid("an attribute is a text, a number, true or false", field=field)
