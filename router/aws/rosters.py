"""Rosters: who is in with how much room. Each row is swapped for its next value if nobody changed it meanwhile (P5).

Who has room for something stands in the pool's own partition, which a match reads; all others stand beside it, and their badges
show in which presence they are (router.aws.badges). So what a match reads grows with the agents that have room.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from router.aws import rows
from router.aws.badges import Badges
from router.aws.codec import Item, pack, to_ms, unpack
from router.aws.dynamo import Change, check, delete, put
from router.aws.history import KEEP_SECONDS
from router.config import Agent
from router.conversations import Conversation
from router.loads import Load, acted, given_back, missing, present, taken
from router.snapshots import Roster

RENEW_AFTER = timedelta(days=1)
"""A roster is named by decisions for so long; what names it stays no longer than the roster itself."""


_NOBODY = "attribute_not_exists(#pk)"


def swap(name: str, pool: str, before: Load, after: Load) -> list[Change]:
    """One value of a row for the next: 2 T, 4 where it moves between those with room and the others."""
    moves = before.has_room != after.has_room
    moved_in = before.presence if moves else None
    item = rows.load_item(pool, replace(after, version=before.version + 1, moved_in=moved_in))
    seen = {"v": before.version}
    if not moves:
        return [put(name, item, "#v = :v", seen)]
    return [delete(name, rows.load_key(pool, before.agent, room=before.has_room), "#v = :v", seen), put(name, item)]


def _newest(loads: Iterable[Load]) -> dict[str, Load]:
    """Each agent's load; of one who was met in both places, as they moved, the later."""
    found: dict[str, Load] = {}
    for load in loads:
        if load.agent not in found or found[load.agent].version < load.version:
            found[load.agent] = load
    return found


class Rosters(Badges):
    """The rows of a pool's agents."""

    def everybody(self, pool: str) -> tuple[Load, ...]:
        """All rows by name, of those with room and of the others: 2 calls, 100 bytes an agent.

        Whoever moves in that moment is told once, or is left out until the next look.
        """
        found = [*self.dynamo.query(f"POOL#{pool}", prefix="A#"), *self.dynamo.query(f"REST#{pool}", prefix="A#")]
        newest = _newest(rows.to_load(item) for item in found)
        return tuple(newest[agent] for agent in sorted(newest))

    def loads(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Load]:
        """Rows by pool and agent: 1 call, 2 R each; one more for those that are not there, or moved from place to place meanwhile."""
        places = list(dict.fromkeys(wanted))
        found = self._loads(places)
        missing = [place for place in places if place not in found]
        return found | self._loads(missing) if missing else found

    def _loads(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Load]:
        found = self.dynamo.get_many(rows.load_key(*place, room=room) for place in places for room in (True, False))
        by_pool: dict[str, list[Load]] = {}
        for (pk, _), item in found.items():
            by_pool.setdefault(pk.partition("#")[2], []).append(rows.to_load(item))
        return {(pool, agent): load for pool, loads in by_pool.items() for agent, load in _newest(loads).items()}

    def load(self, pool: str, agent: str) -> Load | None:
        """One agent's load and presence: 1 call, 2 R."""
        return self.loads([(pool, agent)]).get((pool, agent))

    def free(
        self, conversation: Conversation, now: datetime, *, wrap_until: datetime | None = None, active: bool = False
    ) -> list[Change]:
        """Give an agent's units back: 1 call, 2 R; 2 T. They wrap up until then; `active`: they acted themselves."""
        return self.free_all([conversation], now, wrap_until=wrap_until, active=active)

    def free_all(
        self,
        conversations: Iterable[Conversation],
        now: datetime,
        *,
        wrap_until: datetime | None = None,
        active: bool = False,
    ) -> list[Change]:
        """Give back the units of several conversations at once, an agent's row being written once."""
        held: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for c in conversations:
            if c.agent is not None and c.state.held:
                held.setdefault((c.pool, c.agent), []).append((c.units, str(c.channel)))
        if not held:
            return []
        found = self.loads(held)
        changes = []
        for place, given in held.items():
            if (
                place not in found
            ):  # fails at the commit, as on everything that changed meanwhile, wherever the row is by then
                changes.append(check("agent", rows.load_key(*place, room=True), "#v = :none", {"none": -1}))
                continue
            after = given_back(found[place], given, now, wrap_until, active=active)
            changes += swap("agent", place[0], found[place], after)
        return changes

    def missed(
        self, conversation: Conversation, load: Load, missed: int, paused_until: datetime | None, now: datetime
    ) -> list[Change]:
        """An agent let an offer time out: their units come back, and what they missed in a row is counted: 2 T."""
        after = missing(load, conversation.units, str(conversation.channel), missed, paused_until, now)
        return swap("agent", conversation.pool, load, after)

    def acted(self, pool: str, agent: str) -> list[Change]:
        """An agent accepted or did something: nothing is missed in a row any more, and no pause goes on: 1 call, 2 R; 2 T if so."""
        load = self.load(pool, agent)
        if load is None or (not load.missed and load.paused_until is None):
            return []
        return swap("agent", pool, load, acted(load))

    def hold(self, conversation: Conversation, load: Load, known: Agent | None, now: datetime) -> list[Change]:
        """Reserve another agent's units for a conversation handed over: 2 T. Without `known` no limit of theirs counts. Raises Lost."""
        channel = str(conversation.channel)
        limit = known.limits.get(channel) if known else None
        return swap("holder", conversation.pool, load, taken(load, conversation.units, channel, limit, now))

    def set_presence(
        self,
        pool: str,
        agent: str,
        presence: str,
        units: int,
        before: Load | None,
        connection: str | None,
        now: datetime,
        *,
        available: bool = True,
        threshold: int = 1,
    ) -> list[Change]:
        """Come in, go away, leave: 4 T; 1 or 2 calls, 8 T for the first time."""
        after = present(before, agent, presence, units, connection, now, available=available, threshold=threshold)
        after, badge = self.show(pool, before, after)
        if before is not None:
            return [*swap("agent", pool, before, after), *badge]
        other = rows.load_key(pool, agent, room=not after.has_room)
        return [
            put("agent", rows.load_item(pool, after), _NOBODY),
            check("agent", other, _NOBODY),
            *badge,
        ]

    def nobody(self, pool: str, agent: str) -> list[Change]:
        """The condition that an agent who was not found is not there, rather than met as they moved: 4 T."""
        return [check("agent", rows.load_key(pool, agent, room=room), _NOBODY) for room in (True, False)]

    def settle(self, pool: str, load: Load, *, available: bool, threshold: int) -> list[Change]:
        """What the configuration made of an agent's presence, and of the least that work weighs: 2 T."""
        return swap("agent", pool, load, replace(load, available=available, threshold=threshold))

    def desk_lost(self, pool: str, load: Load, now: datetime) -> list[Change]:
        """An agent who is in has no desk open any more; seen for the first time: 1 W."""
        return swap("agent", pool, load, replace(load, lost_at=now))

    def away(self, pool: str, load: Load, since: datetime) -> list[Change]:
        """An agent whose desk stayed closed is away since it closed: 6 T."""
        gone = replace(load, presence="away", presence_since=since, lost_at=None, available=False)
        gone, badge = self.show(pool, load, gone)
        return [*swap("agent", pool, load, gone), *badge]

    def keep_roster(self, roster: Roster, now: datetime) -> None:
        """Keep a roster under its hash for as long as the decisions that name it, and say in the pool that it is there: 1 W a KB, 1 W."""
        item: Item = {
            "pk": f"ROSTER#{roster.address}", "sk": "r", "wt": "roster", "d": pack({"pool": roster.pool, "states": dict(roster.states)}),
            "ttl": int((now + 2 * RENEW_AFTER).timestamp()) + KEEP_SECONDS,
        }  # fmt: skip
        self.commit(put("roster", item))
        self.commit(put("kept", {"pk": f"POOL#{roster.pool}", "sk": "R", "r": roster.address, "ka": to_ms(now)}))

    def roster(self, address: str) -> Roster | None:
        """A kept roster: 1 call."""
        item = self.dynamo.get((f"ROSTER#{address}", "r"))
        if item is None:
            return None
        data = unpack(item["d"])
        return Roster(data["pool"], data["states"])
