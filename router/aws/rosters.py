"""Rosters: who is in with how much room. Each row is swapped for its next value if nobody changed it meanwhile (P5).

Who has room for something stands in the pool's own partition, which a match reads; all others stand beside it, and their badges
show in which presence they are (router.aws.badges). So what a match reads grows with the agents that have room.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from router.aws import rows
from router.aws.badges import Badges
from router.aws.codec import Item, pack, to_ms, unpack
from router.aws.dynamo import Change, check, delete, put
from router.aws.history import KEEP_SECONDS
from router.config import Agent
from router.conversations import Conversation
from router.loads import Load, acted, given_back, missing, present, taken

if TYPE_CHECKING:
    from router.snapshots import Roster

RENEW_AFTER = timedelta(days=1)
"""A roster is named by decisions for so long; what names it stays no longer than the roster itself."""


_NOBODY = "attribute_not_exists(#pk)"


def swap(name: str, before: Load, after: Load) -> list[Change]:
    """One value of a row for the next: 2 T, 4 where it moves between those with room and the others, or to another pool."""
    here = rows.load_key(before.pool, before.agent, room=before.has_room)
    moves = here != rows.load_key(after.pool, after.agent, room=after.has_room)
    item = rows.load_item(replace(after, version=before.version + 1, moved_in=before.presence if moves else None))
    seen = {"v": before.version}
    if not moves:
        return [put(name, item, "#v = :v", seen)]
    return [delete(name, here, "#v = :v", seen), put(name, item)]


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
        """All rows by name, of those with room and of the others: 3 calls, 100 bytes an agent.

        The others are read before and after: whoever moves in that moment, in either direction, is told once.
        """
        places = (f"REST#{pool}", f"POOL#{pool}", f"REST#{pool}")
        newest = _newest(rows.to_load(item) for place in places for item in self.dynamo.query(place, prefix="A#"))
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
        """One agent's load and presence, if they are of that pool: 1 call, 2 R."""
        return self.loads([(pool, agent)]).get((pool, agent))

    def seats(self, supposed: Mapping[str, str]) -> dict[str, Load]:
        """Agents' rows, wherever they are, with the pools where they are supposed to be: 1 call, 2 R each; 2 more for who is elsewhere.

        A conversation may be of another pool than its agent by now, and a row of another than the configuration has for it.
        """
        found = {load.agent: load for load in self.loads((pool, agent) for agent, pool in supposed.items()).values()}
        missing = [rows.seat_key(agent) for agent in supposed if agent not in found]
        if not missing:
            return found
        seats = {pk.partition("#")[2]: item["p"] for (pk, _), item in self.dynamo.get_many(missing).items()}
        elsewhere = [(pool, agent) for agent, pool in seats.items() if pool != supposed[agent]]
        return found | {load.agent: load for load in self.loads(elsewhere).values()}

    def seated(self, supposed: str, agent: str) -> Load | None:
        """One agent's row, wherever it is, with the pool where it is supposed to be: 1 call, 2 R; 2 more where it is elsewhere."""
        return self.seats({agent: supposed}).get(agent)

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
        held: dict[str, list[tuple[int, str]]] = {}
        supposed: dict[str, str] = {}
        for c in conversations:
            if c.agent is not None and c.state.held:
                held.setdefault(c.agent, []).append((c.units, str(c.channel)))
                supposed.setdefault(c.agent, c.pool)
        if not held:
            return []
        found = self.seats(supposed)
        changes = []
        for agent, given in held.items():
            if agent not in found:  # fails at the commit, as on all that changed meanwhile, wherever the row is by then
                key = rows.load_key(supposed[agent], agent, room=True)
                changes.append(check("agent", key, "#v = :none", {"none": -1}))
                continue
            changes += swap("agent", found[agent], given_back(found[agent], given, now, wrap_until, active=active))
        return changes

    def missed(
        self, conversation: Conversation, load: Load, missed: int, paused_until: datetime | None, now: datetime
    ) -> list[Change]:
        """An agent let an offer time out: their units come back, and what they missed in a row is counted: 2 T."""
        after = missing(load, conversation.units, str(conversation.channel), missed, paused_until, now)
        return swap("agent", load, after)

    def acted(self, load: Load) -> list[Change]:
        """An agent accepted or did something: nothing is missed in a row any more, and no pause goes on: 2 T if so."""
        return swap("agent", load, acted(load)) if load.missed or load.paused_until is not None else []

    def hold(self, conversation: Conversation, load: Load, known: Agent | None, now: datetime) -> list[Change]:
        """Reserve another agent's units for a conversation handed over: 2 T. Without `known` no limit of theirs counts. Raises Lost."""
        channel = str(conversation.channel)
        limit = known.limits.get(channel) if known else None
        return swap("holder", load, taken(load, conversation.units, channel, limit, now))

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
        """Come in, go away, leave: 4 T; 1 or 2 calls, 10 T for the first time.

        `before` is their row, wherever it is: it comes to this pool, 10 T. A seat without a row is of a row that was deleted by hand.
        """
        after = present(before, pool, agent, presence, units, connection, now, available=available, threshold=threshold)
        after, badge = self.show(before, after)
        if before is not None:
            return [*swap("agent", before, after), *_reseated(before, after), *badge]
        other = rows.load_key(pool, agent, room=not after.has_room)
        return [
            put("agent", rows.load_item(after), _NOBODY),
            check("agent", other, _NOBODY),
            put("seat", _seat(after), f"{_NOBODY} OR #p = :p", {"p": pool}),
            *badge,
        ]

    def reseat(self, load: Load, pool: str) -> list[Change]:
        """An agent is of another pool by now: their row goes there, with all that they hold: 8 T, 10 T if they are in."""
        after, badge = self.show(load, replace(load, pool=pool))
        return [*swap("agent", load, after), *_reseated(load, after), *badge]

    def nobody(self, agent: str) -> Change:
        """The condition that an agent who was not found is nowhere, rather than met as they moved: 2 T."""
        return check("agent", rows.seat_key(agent), _NOBODY)

    def settle(self, load: Load, after: Load) -> list[Change]:
        """What the configuration made of an agent's units and presence, and of the least that work weighs: 2 T."""
        return swap("agent", load, after)

    def desk_lost(self, load: Load, now: datetime) -> list[Change]:
        """An agent who is in has no desk open any more; seen for the first time: 1 W."""
        return swap("agent", load, replace(load, lost_at=now))

    def away(self, load: Load, since: datetime) -> list[Change]:
        """An agent whose desk stayed closed is away since it closed: 6 T."""
        gone = replace(load, presence="away", presence_since=since, lost_at=None, available=False)
        gone, badge = self.show(load, gone)
        return [*swap("agent", load, gone), *badge]

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
        from router.snapshots import Roster  # with all of deciding: who reads one decides again

        data = unpack(item["d"])
        return Roster(data["pool"], data["states"])


def _seat(load: Load) -> Item:
    pk, sk = rows.seat_key(load.agent)
    return {"pk": pk, "sk": sk, "p": load.pool}


def _reseated(before: Load, after: Load) -> list[Change]:
    """What says in which pool an agent's row stands, after it was moved."""
    if before.pool == after.pool:
        return []
    return [put("seat", _seat(after), f"{_NOBODY} OR #p = :p", {"p": before.pool})]  # older releases wrote no seat
