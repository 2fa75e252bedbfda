"""Badges: each agent wears a number that never changes, in whatever pool, so that everybody's presence is a bit instead of a name.

A pool's item `P` holds, for each presence and each 90 badges, the sum of 2^badge of those who are in it. DynamoDB adds to a number
exactly and on no condition, so two agents who come in at once are both there. Each changes the sums only in the transaction that swaps
their row for its next value, on the row's condition: so a bit is added once, and taken away once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace

from router.aws.codec import Item
from router.aws.dynamo import Change, Dynamo, Key, update
from router.aws.store import Store
from router.crew import numbers
from router.loads import Load

BLOCK = 90
"""Badges to a sum: 2^90 has 28 digits. DynamoDB is exact to 38, and everything that plays it to 28."""
PAGE = 270
"""Badges to an item of names: about 4 KB, a read unit."""
_SPARE = 64
"""Free badges of which one is chosen, so that agents who come in for the first time at once hardly ever choose the same."""


def wearers(pages: Iterable[Item]) -> dict[int, str]:
    """Which agent wears each badge, out of the items of them."""
    return {
        int(page["sk"]) * PAGE + int(name[1:]): agent
        for page in pages
        for name, agent in page.items()
        if name.startswith("n")
    }


def shown(sums: Item) -> dict[int, str]:
    """The presence of each badge whose wearer is not offline, out of a pool's item of sums."""
    found = {}
    for name, value in sums.items():
        if name.startswith("b_"):
            presence, _, block = name[2:].rpartition("_")
            first, presence = int(block) * BLOCK, presence.replace("_", "-")
            for number in numbers(value):
                found[first + number] = presence
    return found


class Badges(Store):
    """All agents' badges, and what they show in each pool. `worn` is what this process read of them, which never changes."""

    def __init__(self, dynamo: Dynamo, key: bytes) -> None:
        super().__init__(dynamo, key)
        self.worn: dict[int, str] = {}

    def presences(self, sums: Item) -> dict[str, str]:
        """Each agent's presence, out of a pool's item of sums: nothing, or 1 call, 1 R a page of 270 badges not met before."""
        found = shown(sums)
        unknown = {badge // PAGE for badge in found.keys() - self.worn.keys()}
        if unknown:
            self.worn |= wearers(self.dynamo.get_many(_key(page) for page in sorted(unknown)).values())
        return {self.worn[badge]: presence for badge, presence in found.items() if badge in self.worn}

    def show(self, before: Load | None, after: Load) -> tuple[Load, list[Change]]:
        """An agent's next row with its badge, and what shows their presence by that: 2 T, 4 T and 1 call for the first time.

        A few hundred bytes, 3 KB with 5,000 agents. Nothing where they are already shown so; nobody is shown as offline. In the
        pool that they leave nothing is shown of them any more: 2 T more.
        """
        pool = after.pool
        given: list[Change] = []
        if before is not None and before.pool != pool:
            left, leaving = self.show(before, replace(before, presence="offline"))
            moved, arriving = self.show(replace(left, pool=pool), after)
            return moved, [*leaving, *arriving]
        if before is not None and before.badge is not None:
            badge, seen = before.badge, {before.presence}
        else:
            badge, seen, given = self._badge(pool, after.agent)
        off, on = seen - {after.presence, "offline"}, {after.presence} - seen - {"offline"}
        bit = 1 << badge % BLOCK
        values = {f"o{n}": -bit for n in range(len(off))} | ({"on": bit} if on else {})
        sums = [f"{_sum(presence, badge)} :o{n}" for n, presence in enumerate(sorted(off))]
        sums += [f"{_sum(presence, badge)} :on" for presence in on]
        changes = [update("presences", _sums(pool), f"ADD {', '.join(sums)}", values)] if sums else []
        return replace(after, badge=badge), [*given, *changes]

    def _badge(self, pool: str, agent: str) -> tuple[int, set[str], list[Change]]:
        """The badge of one who has no row that says it, what it shows in a pool, and the change that gives it to them where it is new."""
        worn = wearers(self.dynamo.query("BADGES"))
        for badge, name in worn.items():
            if name == agent:
                sums = self.dynamo.get(_sums(pool)) or {}
                return badge, {presence for number, presence in shown(sums).items() if number == badge}, []
        free = [number for number in range(len(worn) + _SPARE) if number not in worn]
        badge = free[zlib.crc32(agent.encode()) % len(free)]
        page, number = divmod(badge, PAGE)
        change = update(
            "badge", _key(page), f"SET #n{number} = :name", {"name": agent}, f"attribute_not_exists(#n{number})"
        )
        return badge, set(), [change]


def _key(page: int) -> Key:
    return "BADGES", f"{page:05d}"


def _sums(pool: str) -> Key:
    return f"POOL#{pool}", "P"


def _sum(presence: str, badge: int) -> str:
    return f"#b_{presence.replace('-', '_')}_{badge // BLOCK}"
