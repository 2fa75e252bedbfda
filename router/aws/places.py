"""The queues and pools that any version in force has named, for as long as something may stand under them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from router.aws.codec import from_ms, to_ms
from router.aws.dynamo import Change, update
from router.aws.store import Store
from router.errors import Lost

_KEY = ("CFG", "places")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Named:
    """What is to be looked through. `number` and `at` are of the latest time that a version was put in force."""

    queues: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()
    number: int = 0
    at: datetime = _NEVER


def naming(queues: Iterable[str], pools: Iterable[str], number: int, at: datetime) -> Change:
    """A version is put in force: what it names is remembered, in the transaction that does it: 2 T."""
    values = {"q": frozenset(queues), "pl": frozenset(pools)}
    added = ", ".join(f"#{name} :{name}" for name, found in values.items() if found)
    expression = "SET #n = :n, #t = :t" + (f" ADD {added}" if added else "")
    return update(
        "places", _KEY, expression, {"n": number, "t": to_ms(at), **{k: found for k, found in values.items() if found}}
    )


class Places(Store):
    """Names of queues and pools."""

    def named(self) -> Named:
        """All names that something may stand under: 1 R."""
        item = self.dynamo.get(_KEY)
        if item is None:
            return Named()
        return Named(frozenset(item.get("q", ())), frozenset(item.get("pl", ())), item["n"], from_ms(item["t"]))

    def forget(self, seen: Named, queues: Iterable[str], pools: Iterable[str]) -> None:
        """Nothing stands under these names any more; not if a version was put in force since they were looked at: 1 W."""
        values = {"q": frozenset(queues), "pl": frozenset(pools)}
        gone = {name: found for name, found in values.items() if found}
        if gone:
            expression = "DELETE " + ", ".join(f"#{name} :{name}" for name in gone)
            with suppress(Lost):
                self.commit(update("places", _KEY, expression, {"n": seen.number, **gone}, "#n = :n"))
