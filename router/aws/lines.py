"""Pools: who is in with how much room, who waits in which line, and the conditions under which the two meet (P5, P7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.aws import rows
from router.aws.codec import Item, from_ms, to_ms
from router.aws.dynamo import Change, Key, delete, put, update
from router.aws.store import Store
from router.config import Agent
from router.conversations import Conversation
from router.matching import AgentRow, WaitingRow
from router.records import Load
from router.signals import waiting_row


class Lines(Store):
    """The roster of a pool, its directory of classes, and each class's waiting line."""

    def pool(self, pool: str) -> tuple[tuple[Load, ...], tuple[str, ...]]:
        """Who is in, with how much room, and which classes may have somebody waiting: 1 call, 100 bytes an agent."""
        agents, classes = [], []
        for item in self.dynamo.query(f"POOL#{pool}"):
            if item["sk"].startswith("A#"):
                agents.append(rows.to_load(item))
            elif item["sk"].startswith("C#"):
                classes.append(item["sk"][2:])
        return tuple(agents), tuple(classes)

    def heads(self, pool: str, kind: str, limit: int) -> list[WaitingRow]:
        """The most urgent of a class: 1 call, however long the line is."""
        return [_waiting(item, kind) for item in self.dynamo.query(f"WAIT#{pool}#{kind}", limit=limit)]

    def line(self, pool: str, kind: str, *, after: str | None, limit: int) -> list[WaitingRow]:
        """A class's waiting line, for people to look at: 1 call."""
        return [_waiting(item, kind) for item in self.dynamo.query(f"WAIT#{pool}#{kind}", after=after, limit=limit)]

    def no_class(self, pool: str, kind: str) -> None:
        """A class was found empty: forget it (match alone calls this, and match alone fills lines): 1 R, 1 W.

        It is looked at once more: a read that met somebody moving up saw neither the old place nor the new one.
        """
        if not self.heads(pool, kind, 1):
            self.commit(delete("class", (f"POOL#{pool}", f"C#{kind}")))

    def leave_place(self, pool: str, kind: str, stub: str) -> None:
        """A place in a line turned out to be nobody's: 1 W."""
        self.commit(delete("stub", (f"WAIT#{pool}#{kind}", stub)))

    def find_lines(self, pool: str, kinds: Iterable[str]) -> list[str]:
        """Lines that are not empty and that the pool's directory has lost, entered again: 1 call each."""
        found = [kind for kind in kinds if self.heads(pool, kind, 1)]
        for kind in found:
            self.commit(put("class", {"pk": f"POOL#{pool}", "sk": f"C#{kind}"}))
        return found

    def claim(self, waiting: WaitingRow, agent: AgentRow, pool: str, decision_id: str, now: datetime) -> list[Change]:
        """Reserve the agent's units and take the conversation, each on its own condition: 4 T +3 (a stub: 2 T more)."""
        conversation_key = _open_key(waiting.conversation)
        due = rows.due_keys(conversation_key[0], waiting.deadline)
        listed = {
            "lk": f"open#{waiting.queue}",
            "ls": rows.list_mark(agent.name, waiting.since, waiting.conversation),
        }
        sets = {"st": "active", "ag": agent.name, "dc": decision_id, "ac": agent.connection, **due, **listed}
        sets = {name: value for name, value in sets.items() if value is not None}
        removes = ["fw", "fa", "w"] + ([] if due else ["dk", "due"]) + ([] if agent.connection else ["ac"])
        still, seen = _as_seen(waiting)
        changes = [
            _held("agent", pool, agent.name, waiting.channel, waiting.units, agent.limits.get(waiting.channel), now),
            update(
                "conversation", conversation_key,
                "SET " + ", ".join(f"#{n} = :{n}" for n in sets) + " REMOVE " + ", ".join(f"#{n}" for n in removes) + " ADD #v :one",
                {**sets, "one": 1, **seen}, still,
            ),
        ]  # fmt: skip
        if waiting.stub is not None:
            changes.append(delete("stub", (f"WAIT#{pool}#{waiting.kind}", waiting.stub)))
        return changes

    def line_up(self, waiting: WaitingRow, pool: str, *, known: bool) -> list[Change]:
        """Nobody is free: give it its place in the line, and mark the class: 4 T +2, 2 T more when the class is new."""
        conversation_key, stub = _open_key(waiting.conversation), stub_of(waiting)
        due = rows.due_keys(conversation_key[0], waiting.deadline)
        removes = ["fw", "fa"] + ([] if due else ["dk", "due"])
        sets = {"w": stub, **due}
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
            changes.append(put("class", {"pk": f"POOL#{pool}", "sk": f"C#{waiting.kind}"}))
        return changes

    def leave_line(self, conversation: Conversation) -> list[Change]:
        """Take a waiting conversation's stub away, where it has one: 2 T."""
        if conversation.stub is None:
            return []
        return [delete("stub", (f"WAIT#{conversation.pool}#{conversation.kind}", conversation.stub))]

    def move_up(self, before: Conversation, after: Conversation) -> tuple[list[Change], Conversation]:
        """A waiting conversation's priority changed: its stub moves: 4 T."""
        if before.stub is None:
            return [], after
        row = waiting_row(after)
        stub = stub_of(row)
        if stub == before.stub:
            return [], after
        return [*self.leave_line(before), put("new stub", _stub_item(after.pool, row))], replace(after, stub=stub)

    def free(self, conversation: Conversation, now: datetime) -> list[Change]:
        """Give an agent's units back: 2 T."""
        return self.free_all([conversation], now)

    def free_all(self, conversations: Iterable[Conversation], now: datetime) -> list[Change]:
        """Give back the units of several conversations at once: 2 T an agent, whose item a transaction may name only once."""
        units: dict[Key, int] = {}
        counts: dict[Key, dict[str, int]] = {}
        for c in conversations:
            if c.agent is None or not c.state.held:
                continue
            key = f"POOL#{c.pool}", f"A#{c.agent}"
            channels = counts.setdefault(key, {})
            units[key] = units.get(key, 0) + c.units
            channels[str(c.channel)] = channels.get(str(c.channel), 0) - 1
        return [
            update(
                "agent",
                key,
                "ADD #f :u, " + ", ".join(f"#k_{channel} :{channel}" for channel in counts[key]) + " SET #i = :now",
                {"u": freed, "now": to_ms(now), **counts[key]},
                "attribute_exists(#pk)",
            )
            for key, freed in units.items()
        ]

    def hold(self, conversation: Conversation, agent: str, known: Agent | None, now: datetime) -> Change:
        """Reserve another agent's units for a conversation handed over: 2 T."""
        channel = str(conversation.channel)
        limit = known.limits.get(channel) if known else None
        return _held("holder", conversation.pool, agent, channel, conversation.units, limit, now)

    def load(self, pool: str, agent: str) -> Load | None:
        """One agent's load and presence: 1 R."""
        item = self.dynamo.get((f"POOL#{pool}", f"A#{agent}"))
        return rows.to_load(item) if item else None

    def set_presence(
        self,
        pool: str,
        agent: str,
        presence: str,
        units: int,
        before: Load | None,
        connection: str | None,
        now: datetime,
    ) -> Change:
        """Come in, go away, leave. Units that the configuration changed since are added or taken: 2 T."""
        key = f"POOL#{pool}", f"A#{agent}"
        if before is None:
            item: Item = {
                "pk": key[0],
                "sk": key[1],
                "p": presence,
                "f": units,
                "u": units,
                "i": to_ms(now),
                "ps": to_ms(now),
                "c": connection,
                "hs": 1 if connection else None,
            }
            return put("agent", item, "attribute_not_exists(#pk)")
        values: dict[str, Any] = {
            "p": presence, "u": units, "more": units - before.units, "was": before.units, "ps": to_ms(now),
        }  # fmt: skip
        expression = "SET #p = :p, #u = :u, #ps = :ps"
        if before.presence != "online" and presence == "online":
            expression += ", #i = :now"
            values["now"] = to_ms(now)
        if connection is not None:
            expression += ", #c = :c, #hs = :hs"
            values |= {"c": connection, "hs": 1}
        expression += " REMOVE #lf" + ("" if connection is not None else ", #hs")
        return update("agent", key, expression + " ADD #f :more", values, "#u = :was")

    def desk_lost(self, pool: str, agent: str, now: datetime) -> Change:
        """An agent who is in has no desk open any more; seen for the first time: 1 W."""
        key = f"POOL#{pool}", f"A#{agent}"
        values = {"lf": to_ms(now), "on": "online"}
        return update("agent", key, "SET #lf = :lf", values, "#p = :on AND attribute_not_exists(#c)")

    def away(self, pool: str, agent: str, since: datetime) -> Change:
        """An agent whose desk stayed closed is away since it closed: 2 T."""
        key = f"POOL#{pool}", f"A#{agent}"
        values = {"away": "away", "on": "online", "lf": to_ms(since)}
        condition = "#p = :on AND #lf = :lf AND attribute_not_exists(#c)"
        return update("agent", key, "SET #p = :away, #ps = :lf REMOVE #lf", values, condition)


def stub_of(row: WaitingRow) -> str:
    """A place in the line: priority, then the wait's start, then the id."""
    return f"{row.priority}#{to_ms(row.since):013d}#{row.conversation}"


def _stub_item(pool: str, row: WaitingRow) -> Item:
    return {
        "pk": f"WAIT#{pool}#{row.kind}", "sk": stub_of(row), "q": row.queue, "ch": row.channel, "un": row.units,
        "dl": to_ms(row.deadline) if row.deadline else None,
    }  # fmt: skip


def _waiting(item: Item, kind: str) -> WaitingRow:
    priority, since, conversation = item["sk"].split("#", 2)
    return WaitingRow(
        conversation=conversation,
        queue=item["q"],
        skill=kind.rpartition("/")[0],
        channel=item["ch"],
        units=item["un"],
        priority=int(priority),
        since=from_ms(int(since)),
        deadline=from_ms(item["dl"]) if "dl" in item else None,
        stub=item["sk"],
    )


def _as_seen(row: WaitingRow) -> tuple[str, dict[str, Any]]:
    """The condition that a conversation still waits as the row says: for that skill, since then, in that place or in none.

    A wake-up may be old: since it was sent the conversation may have been transferred, lined up, or resolved and reopened.
    A place that is taken for granted and is not there would leave a stub behind for ever.
    """
    values: dict[str, Any] = {
        "waiting": "waiting", "cn": _number(row.conversation), "sk": row.skill, "ws": to_ms(row.since),
    }  # fmt: skip
    place = "attribute_not_exists(#w)"
    if row.stub is not None:
        place, values["place"] = "#w = :place", row.stub
    return f"#st = :waiting AND #n = :cn AND #s = :sk AND #ws = :ws AND {place}", values


def _held(label: str, pool: str, agent: str, channel: str, units: int, limit: int | None, now: datetime) -> Change:
    """Take an agent's units, if they are online, have as many free, and one more of the channel is within their limit."""
    values: dict[str, Any] = {"u": units, "minus": -units, "one": 1, "on": "online", "now": to_ms(now)}
    condition = "#f >= :u AND #p = :on"
    if limit is not None:
        values["limit"] = limit
        none_yet = f"attribute_not_exists(#k_{channel}) OR " if limit > 0 else ""
        condition += f" AND ({none_yet}#k_{channel} < :limit)"
    expression = f"ADD #f :minus, #k_{channel} :one SET #i = :now"
    return update(label, (f"POOL#{pool}", f"A#{agent}"), expression, values, condition)


def _open_key(conversation_id: str) -> Key:
    keys = rows.conversation_keys(conversation_id)
    if keys is None:
        raise ValueError(f"{conversation_id} is not a conversation id")
    return keys[0]


def _number(conversation_id: str) -> int:
    return int(conversation_id.rpartition(".")[2])
