"""What one contact has of another that was joined to it, and what goes again with that one. Values only.

Fields, tags and attributes that a person had none of come from whoever is joined; each is noted by name, so that parting gives
it back. What was changed since is the joint person's, and stays. Consent is never lent: it belongs to an address.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Any

from router.profile import MOST_ATTRIBUTES, MOST_TAGS
from router.records import Contact

FIELDS = ("name", "language", "preferred", "blocked_at", "zone", "birthday")
_TAG, _ATTRIBUTE = "tag:", "attribute:"


def lent(a: Contact, b: Contact) -> Contact:
    """`a` with what `b` has and it has not."""
    fields: dict[str, Any] = {
        name: value for name in FIELDS if getattr(a, name) is None and (value := getattr(b, name)) is not None
    }
    tags = [tag for tag in b.tags if tag not in a.tags][: max(0, MOST_TAGS - len(a.tags))]
    mine = dict(a.attributes)
    attributes = [one for one in b.attributes if one[0] not in mine][: max(0, MOST_ATTRIBUTES - len(mine))]
    names = [*fields, *(_TAG + tag for tag in tags), *(_ATTRIBUTE + name for name, _ in attributes)]
    return replace(
        a,
        **fields,
        tags=tuple(sorted((*a.tags, *tags))),
        attributes=tuple(sorted((*a.attributes, *attributes))),
        lent=(*a.lent, *((name, b.id) for name in names)),
    )


def taken_back(a: Contact, b: Contact, gone: Set[str]) -> Contact:
    """`a` without what it has of those who go with `b`."""
    names = {name for name, whose in a.lent if whose in gone}
    theirs = dict(b.attributes)
    fields: dict[str, Any] = {name: None for name in names if name in FIELDS and getattr(a, name) == getattr(b, name)}
    attributes = tuple(
        (name, value)
        for name, value in a.attributes
        if _ATTRIBUTE + name not in names or _differs(value, theirs.get(name))
    )
    return replace(
        a,
        **fields,
        tags=tuple(tag for tag in a.tags if _TAG + tag not in names or tag not in b.tags),
        attributes=attributes,
        lent=tuple(one for one in a.lent if one[1] not in gone),
    )


def _differs(a: object, b: object) -> bool:
    return (type(a), a) != (type(b), b)  # True is 1
