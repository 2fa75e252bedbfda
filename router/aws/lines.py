"""Pools: who is in with how much room, who waits in which line, and the conditions under which the two meet (P5, P7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from router.aws import rows
from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, delete, put, update
from router.aws.hours import Hours
from router.aws.rosters import RENEW_AFTER, Rosters, swap
from router.conversations import Conversation
from router.errors import Lost
from router.loads import Load, taken
from router.timeline import What, chunk
from router.touched import Touched, hour_of
from router.waiting import Kind, WaitingRow, kind_of, place

_FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PoolRows:
    """A pool's partition: who has room, the classes of its waiting line, those that were found empty, and the kept roster's hash."""

    loads: tuple[Load, ...]  # of those with room
    others: Mapping[str, str]  # the presence of all others who are not offline
    kinds: Mapping[str, Kind]
    empty: Mapping[str, datetime]
    roster: str | None
    roster_at: datetime | None = None  # when it was kept

    def kept(self, now: datetime) -> str | None:
        """The hash of the roster that a decision may name now: none that would be gone before the decision."""
        old = self.roster_at is None or now - self.roster_at > RENEW_AFTER
        return None if old else self.roster

    @property
    def filled(self) -> dict[str, Kind]:
        """Classes that may have somebody waiting."""
        return {key: kind for key, kind in self.kinds.items() if key not in self.empty}


class Lines(Rosters, Hours):
    """The roster of a pool, its directory of classes, and each class's waiting line."""

    def pool(self, pool: str) -> PoolRows:
        """Who is in with room, and which classes may have somebody waiting: 1 call, 100 bytes an agent with room, a bit or two any other.

        A process that does not know the others' badges yet reads them: 1 call, 1 R for 270.
        """
        loads, kinds, empty, roster, roster_at = [], {}, {}, None, None
        sums: Item = {}
        for item in self.dynamo.query(f"POOL#{pool}"):
            if item["sk"].startswith("A#"):
                loads.append(rows.to_load(item))
            elif item["sk"].startswith("C#"):
                key = item["sk"][2:]
                kinds[key] = kind_of(unpack(item["d"]))
                if "z" in item:
                    empty[key] = from_ms(item["z"])
            elif item["sk"] == "P":
                sums = item
            elif item["sk"] == "R":
                roster, roster_at = item["r"], from_ms(item["ka"])
        with_room = {load.agent for load in loads}
        others = {name: presence for name, presence in self.presences(sums).items() if name not in with_room}
        return PoolRows(tuple(loads), others, kinds, empty, roster, roster_at)

    def heads(self, pool: str, kind: Kind, limit: int, since: datetime | None = None) -> list[WaitingRow]:
        """The longest waiting of a class, or of those that wait since that time or later: 1 call, however long the line is."""
        return self.heads_of(pool, [(kind, None if since is None else place(since))], limit)[0]

    def heads_of(self, pool: str, asked: Sequence[tuple[Kind, str | None]], limit: int) -> list[list[WaitingRow]]:
        """The longest waiting of several classes, or of those behind a place in their line: 1 call each, side by side."""
        lines = [(f"WAIT#{pool}#{kind.key}", {"after": after, "limit": limit}) for kind, after in asked]
        found = self.dynamo.query_many(lines)
        return [[_waiting(item, kind) for item in items] for (kind, _), items in zip(asked, found, strict=True)]

    def line(self, pool: str, kind: str, *, after: str | None, limit: int) -> list[tuple[str, str]]:
        """A class's waiting line by its key, for people to look at: conversations with their places. 1 call."""
        found = self.dynamo.query(f"WAIT#{pool}#{kind}", after=after, limit=limit)
        return [(item["sk"].partition("#")[2], item["sk"]) for item in found]

    def no_class(self, pool: str, kind: Kind, now: datetime) -> None:
        """A class was found empty: it is not read until somebody lines up in it again: 1 R, 1 W.

        It is looked at once more: a read that met somebody moving saw neither the old place nor the new one.
        """
        if self.heads(pool, kind, 1):
            return
        key = f"POOL#{pool}", f"C#{kind.key}"
        with suppress(Lost):
            self.commit(update("class", key, "SET #z = :z", {"z": to_ms(now)}, "attribute_exists(#pk)"))

    def leave_place(self, pool: str, kind: Kind, stub: str) -> None:
        """A place in a line turned out to be nobody's: 1 W."""
        self.commit(delete("stub", (f"WAIT#{pool}#{kind.key}", stub)))

    def find_lines(self, pool: str, found: PoolRows, now: datetime) -> int:
        """Lines that are not empty although the directory says so, entered again; how many. 1 call each.

        A class that has been empty for a day is forgotten.
        """
        count = 0
        for name, since in found.empty.items():
            kind = found.kinds[name]
            key = f"POOL#{pool}", f"C#{name}"
            if self.heads(pool, kind, 1):
                self.commit(_class(pool, kind))
                count += 1
            elif now - since > _FORGET_AFTER:
                with suppress(Lost):
                    self.commit(delete("class", key, "#z = :z", {"z": to_ms(since)}))
        return count

    def claim(
        self,
        waiting: WaitingRow,
        load: Load,
        limit: int | None,
        pool: str,
        decision_id: str,
        now: datetime,
        offer_until: datetime | None = None,
    ) -> list[Change]:
        """Reserve the agent's units and give them the conversation, each on its own condition: 4 T +3 (a stub: 2 T more; 2 T more
        where another hour has begun since it waits).

        With `offer_until` it is offered until then; without, it is theirs. `limit` is theirs for the channel. Raises Lost
        when `load` has no room for it.
        """
        conversation_key = _open_key(waiting.conversation)
        accept_at = None if offer_until is None else waiting.accept_at
        times = [time for time in (waiting.alarm_at, accept_at, offer_until) if time is not None]
        due = rows.due_keys(conversation_key[0], min(times, default=None))
        listed = {
            "lk": f"open#{waiting.queue}",
            "ls": rows.list_mark(load.agent, waiting.since, waiting.conversation),
        }
        sets = {
            "st": "active" if offer_until is None else "offered", "ag": load.agent, "dc": decision_id, "ac": load.connection,
            "ou": None if offer_until is None else to_ms(offer_until), **due, **listed,
        }  # fmt: skip
        sets = {name: value for name, value in sets.items() if value is not None}
        removes = ["fw", "fa", "w", "lk1"]
        removes += [name for name in ("dk", "due", "ac", "ou") if name not in sets]
        still, seen = _as_seen(waiting)
        mark = chunk(What.ACTIVE if offer_until is None else What.OFFERED, to_ms(now), load.agent)
        offer = None if offer_until is None else (waiting.conversation, offer_until)
        changes = [
            *swap("agent", load, taken(load, waiting.units, waiting.channel, limit, now, offer)),
            update(
                "conversation", conversation_key,
                "SET #tl = list_append(#tl, :mark), " + ", ".join(f"#{n} = :{n}" for n in sets)
                + " REMOVE " + ", ".join(f"#{n}" for n in removes) + " ADD #v :one",
                {**sets, "mark": [mark], "one": 1, **seen}, still,
            ),
        ]  # fmt: skip
        if waiting.stub is not None:
            changes.append(delete("stub", (f"WAIT#{pool}#{waiting.kind.key}", waiting.stub)))
        hour = hour_of(to_ms(now))  # what is open counts in the next hour anyway; this mends what was not known to be
        if hour != hour_of(to_ms(waiting.since)):
            changes += self.touch(waiting.conversation, Touched((hour,)), decision_id)
        return changes

    def line_up(
        self, waiting: WaitingRow, pool: str, *, known: bool, look_at: datetime | None = None, step: int = 0
    ) -> list[Change]:
        """Nobody is free: give it its place in the line, and mark the class: 4 T +2, 2 T more when the class is new.

        `step` is the one that it is judged by, in seconds of waiting.
        """
        conversation_key, stub = _open_key(waiting.conversation), stub_of(waiting)
        times = [time for time in (waiting.alarm_at, waiting.accept_at, look_at) if time is not None]
        due = rows.due_keys(conversation_key[0], min(times, default=None))
        sets = {"w": stub, **due}
        if look_at is not None:
            sets["lk1"] = to_ms(look_at)
        if step:
            sets["rg"] = step
        removes = ["fw", "fa", *(name for name in ("dk", "due", "lk1", "rg") if name not in sets)]
        still, seen = _as_seen(waiting)
        changes = [
            put("stub", _stub_item(pool, waiting)),
            update(
                "conversation", conversation_key,
                "SET " + ", ".join(f"#{n} = :{n}" for n in sets) + " REMOVE " + ", ".join(f"#{n}" for n in removes) + " ADD #v :one",
                {**sets, "one": 1, **seen}, still,
            ),
        ]  # fmt: skip
        if not known:
            changes.append(_class(pool, waiting.kind))
        return changes

    def step_told(self, waiting: WaitingRow, step: int) -> Change:
        """Nobody could take it at a later step either, and that is on record now: 2 T. Only once for each step."""
        still, seen = _as_seen(waiting)
        before = "attribute_not_exists(#rg)"
        if waiting.told_step:
            before, seen["rg0"] = "#rg = :rg0", waiting.told_step
        values = {"rg": step, "one": 1, **seen}
        key = _open_key(waiting.conversation)
        return update("conversation", key, "SET #rg = :rg ADD #v :one", values, f"{still} AND {before}")

    def expect_sooner(self, waiting: WaitingRow, pool: str) -> Change:
        """Its place in line says when it is due by now, for a claim reads no more than that: 2 T."""
        return put("stub", _stub_item(pool, waiting))

    def leave_line(self, conversation: Conversation) -> list[Change]:
        """Take a waiting conversation's stub away, where it has one: 2 T."""
        if conversation.stub is None:
            return []
        return [delete("stub", (f"WAIT#{conversation.pool}#{conversation.kind.key}", conversation.stub))]


def stub_of(row: WaitingRow) -> str:
    """A place in the line of its class: the wait's start, then the id."""
    return f"{place(row.since)}#{row.conversation}"


def _stub_item(pool: str, row: WaitingRow) -> Item:
    return {
        "pk": f"WAIT#{pool}#{row.kind.key}", "sk": row.stub or stub_of(row), "pa": row.preferred,
        "dl": to_ms(row.alarm_at) if row.alarm_at else None, "al": to_ms(row.accept_at) if row.accept_at else None,
        "ba": [f"{to_ms(until)} {name}" for name, until in row.barred] or None,
    }  # fmt: skip


def _class(pool: str, kind: Kind) -> Change:
    return put("class", {"pk": f"POOL#{pool}", "sk": f"C#{kind.key}", "d": pack(kind.data())})


def _waiting(item: Item, kind: Kind) -> WaitingRow:
    since, conversation = item["sk"].split("#", 1)
    bars = [bar.partition(" ") for bar in item.get("ba", ())]
    return WaitingRow(
        conversation=conversation,
        kind=kind,
        since=from_ms(int(since)),
        alarm_at=from_ms(item["dl"]) if "dl" in item else None,
        accept_at=from_ms(item["al"]) if "al" in item else None,
        stub=item["sk"],
        preferred=item.get("pa"),
        barred=tuple((name, from_ms(int(until))) for until, _, name in bars),
    )


def _as_seen(row: WaitingRow) -> tuple[str, dict[str, Any]]:
    """The condition that a conversation still waits as the row says: in that class, since then, in that place or in none.

    A wake-up may be old: since it was sent the conversation may have been transferred, lined up, or resolved and reopened.
    A place that is taken for granted and is not there would leave a stub behind for ever.
    """
    values: dict[str, Any] = {
        "waiting": "waiting", "cn": _number(row.conversation), "sk": row.kind.key, "ws": to_ms(row.since),
    }  # fmt: skip
    place = "attribute_not_exists(#w)"
    if row.stub is not None:
        place, values["place"] = "#w = :place", row.stub
    return f"#st = :waiting AND #n = :cn AND #s = :sk AND #ws = :ws AND {place}", values


def _open_key(conversation_id: str) -> Key:
    keys = rows.conversation_keys(conversation_id)
    if keys is None:
        raise ValueError(f"{conversation_id} is not a conversation id")
    return keys[0]


def _number(conversation_id: str) -> int:
    return int(conversation_id.rpartition(".")[2])
