"""Every access pattern, one method each; the docstring is its row: what it reads or writes and what that costs.

R and W are read and write units for items up to 1 KB (4 KB reads); T marks a transaction (already doubled); +n are index
units. First message with assignment and decision: route 6 T +2, match 6 T +3. Each further message: 4 T +1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.aws import rows
from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Dynamo, Key, delete, put, update
from router.config import Agent
from router.conversations import Conversation, State
from router.errors import Lost
from router.matching import AgentRow, WaitingRow
from router.messages import Message, Provider, Receipt
from router.records import Contact, Entry, Incoming, Known, Load
from router.sends import Send, SendState
from router.signals import waiting_row


class Table:
    """The one table. Methods that return a Change are parts of a transaction that the use case puts together."""

    due_shards = rows.DUE_SHARDS

    def __init__(self, dynamo: Dynamo, key: bytes) -> None:
        self.dynamo = dynamo
        self.key = key

    def commit(self, *changes: Change) -> None:
        """All or nothing. Raises Lost with the names of the changes whose condition failed."""
        self.dynamo.commit(*changes)

    # --- routing a message -----------------------------------------------------------------------------------------

    def known(self, incoming: Sequence[Incoming]) -> list[Known]:
        """Is it a duplicate, who wrote it, their open conversation, what it refers to: 1 call a batch, 3 R a message."""
        keys: list[Key] = []
        for one in incoming:
            keys += [rows.message_key(one.message_id), rows.contact_key(one.contact), self._slot(one)]
            keys += self._referenced(one)
        found = self.dynamo.get_many(keys)
        answer = []
        for one in incoming:
            duplicate = found.get(rows.message_key(one.message_id))
            contact = found.get(rows.contact_key(one.contact))
            open_ = found.get(self._slot(one))
            named = [found[key]["cv"] for key in self._referenced(one) if key in found and "cv" in found[key]]
            answer.append(
                Known(
                    duplicate_of=duplicate["cv"] if duplicate else None,
                    contact=rows.to_contact(contact) if contact else None,
                    conversation=rows.to_conversation(open_) if open_ else None,
                    referenced=tuple(dict.fromkeys(named)),
                )
            )
        return answer

    @staticmethod
    def _slot(one: Incoming) -> Key:
        return f"P#{one.contact}", f"open#{one.group}"

    def _referenced(self, one: Incoming) -> list[Key]:
        return [*map(rows.message_key, one.sends), *(rows.reference_key(self.key, wire) for wire in one.wires)]

    def new_message(self, message: Message, conversation: str) -> Change:
        """Store a message once: 2 T +1."""
        return put("message", rows.message_item(message, conversation), "attribute_not_exists(#pk)")

    def new_conversation(self, conversation: Conversation) -> Change:
        """Open the contact's empty slot: 2 T +1."""
        return put(
            "conversation", rows.conversation_item(replace(conversation, version=1)), "attribute_not_exists(#pk)"
        )

    def save_conversation(self, before: Conversation, after: Conversation) -> Change:
        """Write a conversation unless somebody changed it since: 2 T, +2 when what is due next moved."""
        item = rows.conversation_item(replace(after, version=before.version + 1))
        return put("conversation", item, "#v = :v AND #n = :n", {"v": before.version, "n": before.number})

    def archive(self, conversation: Conversation) -> Change:
        """Move a closed conversation into the contact's past: 2 T."""
        pk, _ = rows.slot(conversation)
        closed = replace(conversation, state=State.CLOSED, follow=(), follow_at=None)
        item = rows.conversation_item(closed, (pk, f"past#{conversation.group}#{conversation.number:06d}"))
        return put("archive", item, "attribute_not_exists(#pk)")

    def new_contact(self, contact: Contact) -> Change:
        """Meet a person: 2 T."""
        return put("contact", rows.contact_item(contact), "attribute_not_exists(#pk)")

    def save_contact(self, contact: Contact) -> Change:
        """Change what is known of a person by hand: 2 T."""
        return put("contact", rows.contact_item(contact), "attribute_exists(#pk)")

    def followed(self, conversation: Conversation) -> bool:
        """Clear what had to follow, unless it changed meanwhile: 1 W +2. A clock that still runs stays due."""
        after = replace(conversation, follow=(), follow_at=None)
        due = rows.due_keys(f"P#{conversation.contact}", after.due_at)
        expression = (
            "REMOVE #fw, #fa" + (", #dk, #due" if not due else "") + (" SET #dk = :dk, #due = :due" if due else "")
        )
        try:
            self.commit(
                update(
                    "conversation", rows.slot(conversation), expression, {"v": conversation.version, **due}, "#v = :v"
                )
            )
        except Lost:
            return False
        return True

    # --- reading conversations -------------------------------------------------------------------------------------

    def conversation(self, conversation_id: str) -> Conversation | None:
        """One conversation by id, open or past: 1 call, 2 R."""
        return self.conversations([conversation_id]).get(conversation_id)

    def open_conversation(self, contact: str, group: str) -> Conversation | None:
        """A contact's latest conversation in a thread group: 1 R."""
        item = self.dynamo.get((f"P#{contact}", f"open#{group}"))
        return rows.to_conversation(item) if item else None

    def conversations(self, ids: Iterable[str]) -> dict[str, Conversation]:
        """Conversations by id: 1 call for 50."""
        wanted = {i: keys for i in ids if (keys := rows.conversation_keys(i)) is not None}
        found = self.dynamo.get_many(key for keys in wanted.values() for key in keys)
        loaded = (rows.to_conversation(item) for item in found.values())
        by_id = {c.id: c for c in loaded}
        return {i: by_id[i] for i in wanted if i in by_id}

    def conversations_of(self, contact: str) -> list[Conversation]:
        """All of a contact's conversations, newest first: 1 call."""
        items = self.dynamo.query(f"P#{contact}", prefix="past#")
        past = [rows.to_conversation(item) for item in items]
        open_ = [rows.to_conversation(item) for item in self.dynamo.query(f"P#{contact}", prefix="open#")]
        return sorted([*past, *open_], key=lambda c: c.opened_at, reverse=True)

    def listed(
        self, lk: str, *, prefix: str | None = None, after: str | None = None, limit: int = 50
    ) -> list[tuple[Key, str]]:
        """Keys and sort keys of a list (open#queue, done#queue, parked, quarantine, audit#day): 1 call."""
        found = []
        for item in self.dynamo.query(
            lk, index="list", after=after, prefix=prefix if after is None else None, limit=limit
        ):
            if prefix is not None and not item["ls"].startswith(prefix):
                break
            found.append(((item["pk"], item["sk"]), item["ls"]))
        return found

    @staticmethod
    def listed_conversations(listed: Sequence[tuple[Key, str]]) -> list[tuple[str, str]]:
        """Listed keys as conversation ids with their marks: no call."""
        return [(mark.rpartition("#")[2], mark) for _, mark in listed]

    @staticmethod
    def mark_time(mark: str) -> datetime:
        """The time at the head of a list's sort key."""
        return from_ms(int(mark.partition("#")[0]))

    def contact(self, contact: str) -> Contact | None:
        """A person: 1 R."""
        item = self.dynamo.get(rows.contact_key(contact))
        return rows.to_contact(item) if item else None

    def messages(
        self,
        conversation: str,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
        backwards: bool = False,
    ) -> list[Message | Send]:
        """A conversation's messages by time, outbound ones with their state: 1 call, an index read."""
        found = self.dynamo.query(
            conversation, index="conversation", after=after, before=before, limit=limit, backwards=backwards
        )
        return [rows.to_send(item) if "st" in item else rows.to_message(item) for item in found]

    # --- the waiting line and the roster ---------------------------------------------------------------------------

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
        room = "#f >= :u AND #p = :on"
        values: dict[str, Any] = {
            "u": waiting.units,
            "minus": -waiting.units,
            "one": 1,
            "on": "online",
            "now": to_ms(now),
        }
        room += _under_limit(waiting.channel, agent.limits.get(waiting.channel), values)
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
            update(
                "agent", (f"POOL#{pool}", f"A#{agent.name}"),
                f"ADD #f :minus, #k_{waiting.channel} :one SET #i = :now", values, room,
            ),
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
        if conversation.agent is None or not conversation.state.held:
            return []
        channel = str(conversation.channel)
        return [
            update(
                "agent",
                (f"POOL#{conversation.pool}", f"A#{conversation.agent}"),
                f"ADD #f :u, #k_{channel} :minus SET #i = :now",
                {"u": conversation.units, "minus": -1, "now": to_ms(now)},
                "attribute_exists(#pk)",
            )
        ]

    def hold(self, conversation: Conversation, agent: str, known: Agent | None, now: datetime) -> Change:
        """Reserve another agent's units for a conversation handed over: 2 T."""
        channel = str(conversation.channel)
        condition = "#f >= :u AND #p = :on"
        values: dict[str, Any] = {
            "u": conversation.units,
            "minus": -conversation.units,
            "one": 1,
            "on": "online",
            "now": to_ms(now),
        }
        condition += _under_limit(channel, known.limits.get(channel) if known else None, values)
        key = f"POOL#{conversation.pool}", f"A#{agent}"
        return update("holder", key, f"ADD #f :minus, #k_{channel} :one SET #i = :now", values, condition)

    # --- agents ----------------------------------------------------------------------------------------------------

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
                "c": connection,
            }
            return put("agent", item, "attribute_not_exists(#pk)")
        values: dict[str, Any] = {"p": presence, "u": units, "more": units - before.units, "was": before.units}
        expression = "SET #p = :p, #u = :u"
        if before.presence != "online" and presence == "online":
            expression += ", #i = :now"
            values["now"] = to_ms(now)
        if connection is not None:
            expression += ", #c = :c"
            values["c"] = connection
        return update("agent", key, expression + " ADD #f :more", values, "#u = :was")

    # --- history, audit, idempotency -------------------------------------------------------------------------------

    def history(self, subject: str, what: str, who: str, detail: dict[str, Any], at: datetime, entry_id: str) -> Change:
        """A decision, or who did what: 2 T +1. Audited by day; a decision is history but no audit."""
        item: Item = {
            "pk": f"H#{subject}", "sk": f"{to_ms(at):013d}#{entry_id}", "wt": what, "wo": who, "d": pack(detail),
        }  # fmt: skip
        if what != "decision":
            item |= {"lk": f"audit#{at:%Y-%m-%d}", "ls": f"{to_ms(at):013d}#{entry_id}"}
        return put("history", item)

    def histories(self, subject: str, limit: int = 100) -> list[Entry]:
        """What happened to a conversation or an agent, the newest `limit` of it, oldest first: 1 call."""
        return [_entry(item) for item in self.dynamo.query(f"H#{subject}", limit=limit, backwards=True)][::-1]

    def audit(self, day: str, *, after: str | None = None, limit: int = 100) -> tuple[list[Entry], str | None]:
        """What everybody did on a day (YYYY-MM-DD, UTC), oldest first, and where to go on: 2 calls."""
        listed = self.listed(f"audit#{day}", after=after, limit=limit)
        found = self.dynamo.get_many(key for key, _ in listed)
        return [_entry(found[key]) for key, _ in listed if key in found], listed[-1][1] if len(
            listed
        ) == limit else None

    def message(self, message_id: str) -> Message | Send | None:
        """One message by id: 1 R."""
        item = self.dynamo.get(rows.message_key(message_id))
        if item is None:
            return None
        return rows.to_send(item) if "st" in item else rows.to_message(item)

    def remember(self, digest_: str, answer: dict[str, Any], now: datetime) -> Change:
        """What an Idempotency-Key did, for a day: 2 T."""
        item: Item = {"pk": f"K#{digest_}", "sk": "k", "d": pack(answer), "ttl": int(now.timestamp()) + 86400}
        return put("key", item, "attribute_not_exists(#pk)")

    def remembered(self, digest_: str) -> dict[str, Any] | None:
        """What the key did before: 1 R."""
        item = self.dynamo.get((f"K#{digest_}", "k"))
        return unpack(item["d"]) if item else None

    # --- sends -----------------------------------------------------------------------------------------------------

    def new_send(self, send: Send) -> Change:
        """An answer to be delivered, due until it is: 2 T +2."""
        return put("send", rows.send_item(send), "attribute_not_exists(#pk)")

    def sends(self, ids: Sequence[str]) -> dict[str, Send]:
        """Outbound messages by id: 1 call."""
        found = self.dynamo.get_many(rows.message_key(i) for i in ids)
        sends = (rows.to_send(item) for item in found.values() if "st" in item)
        return {send.id: send for send in sends}

    def begin_attempt(self, send: Send, due_at: datetime) -> bool:
        """Record the attempt before the call: 1 W +2. False if somebody else did."""
        values = {
            "sending": "sending",
            "one": 1,
            "na": send.attempts,
            "st": str(send.state),
            **rows.due_keys(f"M#{send.id}", due_at),
        }
        expression = "SET #st = :sending, #dk = :dk, #due = :due REMOVE #er ADD #na :one"
        return self._settle(send.id, expression, values, "#st = :st AND #na = :na")

    def sent(self, send: Send, external_id: str | None, wire_id: str | None, now: datetime) -> bool:
        """Record that it left: 1 W +1; with an id on the wire, which replies will name: 4 T +1."""
        values: dict[str, Any] = {"sent": "sent", "now": to_ms(now), "na": send.attempts}
        assigned = "SET #st = :sent, #sa = :now"
        if external_id:
            values["x"] = external_id
            assigned += ", #x = :x"
        references = []
        if wire_id:
            pk, sk = rows.reference_key(self.key, wire_id)
            references.append(put("reference", {"pk": pk, "sk": sk, "cv": send.conversation, "m": send.id}))
        still_ours = update(
            "send", rows.message_key(send.id), assigned + " REMOVE #dk, #due, #er, #lk, #ls",
            {**values, "a": "sending", "b": "unknown"}, "#na = :na AND (#st = :a OR #st = :b)",
        )  # fmt: skip
        # A receipt was quicker: what it said stays, and a failure stays listed.
        reported = update("send", rows.message_key(send.id), assigned, values, "#na = :na AND #st = :sent")
        for change in (still_ours, reported):
            try:
                self.commit(change, *references)
            except Lost:
                continue
            return True
        return False

    def postpone(self, send: Send, state: SendState, due_at: datetime, error: str | None) -> bool:
        """Not now: back to the queue, or unknown, until a due time: 1 W +2."""
        values: dict[str, Any] = {
            "to": str(state),
            "st": str(send.state),
            "na": send.attempts,
            **rows.due_keys(f"M#{send.id}", due_at),
        }
        expression = "SET #st = :to, #dk = :dk, #due = :due"
        if error is not None:
            expression += ", #er = :er"
            values["er"] = error
        return self._settle(send.id, expression, values, "#st = :st AND #na = :na")

    def give_up(self, send: Send, state: SendState, error: str, now: datetime) -> bool:
        """Failed or parked: listed for a person: 1 W +2."""
        values: dict[str, Any] = {
            "to": str(state), "st": str(send.state), "na": send.attempts, "er": error, "lk": "parked", "now": to_ms(now),
            "ls": f"{to_ms(now):013d}#{send.id}",
        }  # fmt: skip
        expression = "SET #st = :to, #er = :er, #lk = :lk, #ls = :ls, #sa = :now REMOVE #dk, #due"
        return self._settle(send.id, expression, values, "#st = :st AND #na = :na")

    def unpark(self, send: Send, state: SendState, due_at: datetime | None) -> Change:
        """A person decides on a parked send: 2 T +2."""
        due = rows.due_keys(f"M#{send.id}", due_at)
        expression = "SET #st = :to" + (", #dk = :dk, #due = :due" if due else "") + " REMOVE #lk, #ls, #rc, #rr"
        values = {"to": str(state), "st": str(send.state), "na": send.attempts, **due}
        return update("send", rows.message_key(send.id), expression, values, "#st = :st AND #na = :na")

    def record_receipt(self, send_id: str, receipt: Receipt, *, failed: bool) -> bool:
        """A provider's word, applied only if it outranks what is known: 1 W, +2 when it settles the send."""
        values: dict[str, Any] = {
            "rc": str(receipt.status), "rr": receipt.status.rank, "ra": to_ms(receipt.at), "sent": "sent",
            "queued": "queued", "discarded": "discarded",
        }  # fmt: skip
        expression = "SET #rc = :rc, #rr = :rr, #ra = :ra, #st = :sent"
        if failed:
            values |= {"er": receipt.detail or receipt.code or receipt.provider_status, "lk": "parked"}
            values["ls"] = f"{to_ms(receipt.received_at):013d}#{send_id}"
            expression += ", #er = :er, #lk = :lk, #ls = :ls REMOVE #dk, #due"
        else:
            expression += " REMOVE #dk, #due, #lk, #ls, #er"
        condition = "attribute_exists(#st) AND #st <> :discarded AND (attribute_not_exists(#rr) OR #rr < :rr)"
        if receipt.provider is Provider.SANTRAL:
            del values["queued"]  # a customer's page that reads on after a break has it before it was pushed
        else:
            condition += " AND #st <> :queued"
        return self._settle(send_id, expression, values, condition)

    def send_by_wire(self, wire_id: str) -> str | None:
        """The send that left under an id on the wire: 1 R."""
        item = self.dynamo.get(rows.reference_key(self.key, wire_id))
        return item["m"] if item and "m" in item else None

    def _settle(self, send_id: str, expression: str, values: dict[str, Any], condition: str) -> bool:
        try:
            self.commit(update("send", rows.message_key(send_id), expression, values, condition))
        except Lost:
            return False
        return True

    # --- what is due -----------------------------------------------------------------------------------------------

    def due(self, shard: int, until: datetime, limit: int = 100) -> Iterator[Key]:
        """Everything due in one shard, oldest first: 1 call a page, an index read."""
        for item in self.dynamo.query(f"due#{shard}", index="due", between=(0, to_ms(until)), limit=limit):
            yield item["pk"], item["sk"]

    def due_item(self, key: Key) -> Conversation | Send | None:
        """What is due under a key; None when nothing there is: 1 R."""
        item = self.dynamo.get(key)
        if item is None or "due" not in item:
            return None
        return rows.to_conversation(item) if key[1].startswith("open#") else rows.to_send(item)

    def lease(self, name: str, holder: str, until: datetime, now: datetime) -> bool:
        """Take a named lease unless somebody holds it: 1 W."""
        item: Item = {"pk": "SWEEP", "sk": name, "h": holder, "e": to_ms(until)}
        try:
            self.commit(
                put(
                    "lease", item, "attribute_not_exists(#pk) OR #e < :now OR #h = :h", {"now": to_ms(now), "h": holder}
                )
            )
        except Lost:
            return False
        return True

    def cursor(self, name: str) -> str | None:
        """Where a recurring job stopped: 1 R."""
        item = self.dynamo.get(("SWEEP", name))
        return item["cu"] if item else None

    def set_cursor(self, name: str, value: str) -> None:
        """Remember where a recurring job stopped: 1 W."""
        self.commit(put("cursor", {"pk": "SWEEP", "sk": name, "cu": value}))


def _entry(item: Item) -> Entry:
    at, _, entry_id = item["sk"].partition("#")
    subject = item["pk"].removeprefix("H#")
    return Entry(entry_id, subject, from_ms(int(at)), item["wt"], item["wo"], unpack(item["d"]))


def _under_limit(channel: str, limit: int | None, values: dict[str, Any]) -> str:
    """The condition that one more conversation of the channel is within the agent's limit; nothing where there is none."""
    if limit is None:
        return ""
    values["limit"] = limit
    none_yet = f"attribute_not_exists(#k_{channel}) OR " if limit > 0 else ""
    return f" AND ({none_yet}#k_{channel} < :limit)"


def _open_key(conversation_id: str) -> Key:
    keys = rows.conversation_keys(conversation_id)
    if keys is None:
        raise ValueError(f"{conversation_id} is not a conversation id")
    return keys[0]


def _number(conversation_id: str) -> int:
    return int(conversation_id.rpartition(".")[2])


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


def _stub_item(pool: str, row: WaitingRow) -> Item:
    return {
        "pk": f"WAIT#{pool}#{row.kind}", "sk": stub_of(row), "q": row.queue, "ch": row.channel, "un": row.units,
        "dl": to_ms(row.deadline) if row.deadline else None,
    }  # fmt: skip


def stub_of(row: WaitingRow) -> str:
    """A place in the line: priority, then the wait's start, then the id."""
    return f"{row.priority}#{to_ms(row.since):013d}#{row.conversation}"


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
