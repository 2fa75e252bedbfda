"""Outbound messages on their way: attempts, outcomes, receipts, and what waits for a person (P2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from router.aws import rows
from router.aws.codec import Item, from_ms, pack, to_ms, unpack
from router.aws.dynamo import Change, Key, delete, put, update
from router.aws.store import Store
from router.errors import Lost
from router.ids import digest
from router.messages import ChannelName, Provider, Receipt
from router.records import Suppression
from router.sends import Send, SendState

_MOST_LEFT = 1000
"""Messages of one thread that are looked through for when they left: the newest."""


class Sends(Store):
    """Every step is conditional on the attempt it belongs to, so that a late word never undoes a newer one."""

    def new_send(self, send: Send) -> Change:
        """An answer to be delivered, due until it is: 2 T +2."""
        return put("send", rows.send_item(send), "attribute_not_exists(#pk)")

    def suppression(self, channel: str, address: str) -> Suppression | None:
        """Why nothing is sent to an address; None when it may be written to: 1 R."""
        item = self.dynamo.get(self._suppressed(channel, address))
        return None if item is None else _suppression(channel, item)

    def suppressed(self, places: Iterable[tuple[ChannelName, str]]) -> dict[tuple[ChannelName, str], Suppression]:
        """Those of several addresses that nothing is sent to: 1 call for 100."""
        keys = {self._suppressed(str(channel), address): (channel, address) for channel, address in places}
        found = self.dynamo.get_many(keys)
        return {keys[key]: _suppression(str(keys[key][0]), item) for key, item in found.items()}

    def suppress(self, stopped: Suppression) -> Change:
        """Send nothing more to an address; the newest reason stands: 2 T +1."""
        pk, sk = self._suppressed(stopped.channel, stopped.address)
        at = to_ms(stopped.at)
        item: Item = {
            "pk": pk, "sk": sk, "src": stopped.source, "at1": at, "lk": f"suppressed#{stopped.channel}", "ls": f"{at:013d}#{pk[4:]}",
            "d": pack({"address": stopped.address, "reason": stopped.reason}),
        }  # fmt: skip
        return put("suppression", item)

    def lift(self, channel: str, address: str) -> Change:
        """Write to an address again: 2 T +1."""
        return delete("suppression", self._suppressed(channel, address))

    def suppressions(self, channel: str, *, after: str | None, limit: int) -> tuple[list[Suppression], str | None]:
        """Addresses that nothing is sent to on a channel, and where to go on: 2 calls."""
        listed = self.listed(f"suppressed#{channel}", after=after, limit=limit)
        found = self.dynamo.get_many(key for key, _ in listed)
        kept = [_suppression(channel, found[key]) for key, _ in listed if key in found]
        return kept, listed[-1][1] if len(listed) == limit else None

    def _suppressed(self, channel: str, address: str) -> Key:
        return f"SUP#{digest(self.key, 'suppressed', channel, address)}", "s"

    def of_wire(self, wire: str) -> str | None:
        """Our send that a provider's id names: 1 R."""
        item = self.dynamo.get(rows.reference_key(self.key, wire))
        return item.get("m") if item else None

    def sends(self, ids: Sequence[str]) -> dict[str, Send]:
        """Outbound messages by id: 1 call."""
        found = self.dynamo.get_many(rows.message_key(i) for i in ids)
        sends = (rows.to_send(item) for item in found.values() if "st" in item)
        return {send.id: send for send in sends}

    def left_for(self, people: Sequence[Sequence[str]], since: datetime) -> list[list[datetime]]:
        """When the messages that left for each of several people, in all their threads, did, since then: 1 call each, an index read."""
        how = {"index": "conversation", "after": f"{max(to_ms(since), 0):013d}", "backwards": True, "limit": _MOST_LEFT}
        pages = iter(self.dynamo.query_many([(thread, how) for threads in people for thread in threads]))
        found = [[item for _ in threads for item in next(pages) if "st" in item] for threads in people]
        sends = (map(rows.to_send, items) for items in found)
        return [[one.message.occurred_at for one in of if one.state is SendState.SENT] for of in sends]

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

    def postpone(
        self, send: Send, state: SendState, due_at: datetime, error: str | None, *, forgiven: bool = False
    ) -> bool:
        """Not now: back to the queue, or unknown, until a due time: 1 W +2. `forgiven`: the attempt counts no more."""
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
        if forgiven:
            expression += ", #nf = :nf"
            values["nf"] = send.forgiven + 1
        return self._settle(send.id, expression, values, _this_attempt(send, values))

    def give_up(
        self, send: Send, state: SendState, error: str, now: datetime, *more: Change, listed: bool = True
    ) -> bool:
        """Failed or parked: listed for a person, unless `more` does something about it: 1 W +2, with `more` 2 T +2 and theirs."""
        values: dict[str, Any] = {
            "to": str(state), "st": str(send.state), "na": send.attempts, "er": error, "lk": "parked", "now": to_ms(now),
            "ls": f"{to_ms(now):013d}#{send.id}",
        }  # fmt: skip
        expression = "SET #st = :to, #er = :er, #sa = :now, #lk = :lk, #ls = :ls REMOVE #dk, #due"
        if not listed:
            expression = "SET #st = :to, #er = :er, #sa = :now REMOVE #dk, #due, #lk, #ls"
            values = {name: value for name, value in values.items() if name not in ("lk", "ls")}
        return self._settle(send.id, expression, values, _this_attempt(send, values), *more)

    def unpark(self, send: Send, state: SendState, due_at: datetime | None) -> Change:
        """A person decides on a parked send, whose attempts begin anew: 2 T +2."""
        due = rows.due_keys(f"M#{send.id}", due_at)
        expression = (
            "SET #st = :to, #nf = :na" + (", #dk = :dk, #due = :due" if due else "") + " REMOVE #lk, #ls, #rc, #rr"
        )
        values = {"to": str(state), "st": str(send.state), "na": send.attempts, **due}
        return update("send", rows.message_key(send.id), expression, values, "#st = :st AND #na = :na")

    def record_receipt(self, send_id: str, receipt: Receipt, *more: Change, failed: bool, listed: bool = True) -> bool:
        """A provider's word, applied only if it outranks what is known: 1 W, +2 when it settles the send.

        `more` is what is done about it, in one transaction. A failure is listed for a person unless that mends it.
        """
        values: dict[str, Any] = {
            "rc": str(receipt.status), "rr": receipt.status.rank, "ra": to_ms(receipt.at), "sent": "sent",
            "discarded": "discarded",
        }  # fmt: skip
        expression = "SET #rc = :rc, #rr = :rr, #ra = :ra, #st = :sent"
        if failed and not listed:
            values["er"] = receipt.detail or receipt.code or receipt.provider_status
            expression += ", #er = :er REMOVE #dk, #due, #lk, #ls"
        elif failed:
            values |= {"er": receipt.detail or receipt.code or receipt.provider_status, "lk": "parked"}
            values["ls"] = f"{to_ms(receipt.received_at):013d}#{send_id}"
            expression += ", #er = :er, #lk = :lk, #ls = :ls REMOVE #dk, #due"
        else:
            expression += " REMOVE #dk, #due, #lk, #ls, #er"
        condition = "attribute_exists(#st) AND #st <> :discarded AND (attribute_not_exists(#rr) OR #rr < :rr)"
        if receipt.provider is not Provider.SANTRAL:  # a customer's page that reads on has it before it was pushed
            condition += " AND #st <> :queued"
            values["queued"] = "queued"
        return self._settle(send_id, expression, values, condition, *more)

    def _settle(self, send_id: str, expression: str, values: dict[str, Any], condition: str, *more: Change) -> bool:
        try:
            self.commit(update("send", rows.message_key(send_id), expression, values, condition), *more)
        except Lost:
            return False
        return True


def _suppression(channel: str, item: Item) -> Suppression:
    rest = unpack(item["d"])
    return Suppression(channel, rest["address"], rest["reason"], item["src"], from_ms(item["at1"]))


def _this_attempt(send: Send, values: dict[str, Any]) -> str:
    """The condition that the attempt is still the one that was begun; a second delivery may have called it unknown since."""
    if send.state is not SendState.SENDING:
        return "#st = :st AND #na = :na"
    values["un"] = "unknown"
    return "(#st = :st OR #st = :un) AND #na = :na"
