"""A batch from the inbound queue: read together, routed one by one, what follows sent at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from router.errors import NotFound, SantralError, Temporary
from router.exchange import Exchange
from router.messages import Direction, Message, Receipt
from router.receipts import as_receipt, echo_of, record_receipt
from router.receive import quarantine, sender_contact
from router.records import Call, Known
from router.route import Routed, incoming, route, tell_agent
from router.signals import Signal

LAST_RECEIVE = 4
"""A record that fails this often is put into quarantine by us: at the fifth the queue would drag its group along."""


class Inbound:
    """One batch of SQS records with Lambda's field names."""

    def __init__(self, x: Exchange, records: Sequence[Mapping[str, Any]], read: Callable[[str], Any]) -> None:
        self._x = x
        self._read = read
        self._known: dict[str, Known] = {}
        self._touched: set[str] = set()
        self._signals: list[Signal] = []
        self._routed: list[Routed] = []
        self._prepare(records)

    def _prepare(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Read all that the batch needs in one call. Whatever cannot be read here fails on its own later."""
        messages = []
        for record in records:
            try:
                event = self._read(record["body"])
                if "m" in event:
                    message = Message.model_validate(event["m"])
                    if self._x.under(event.get("config")).inbox(message.inbox) is not None:
                        messages.append((event.get("config"), message))
            except (ValueError, TypeError, KeyError):
                continue
        if messages:
            asked = [incoming(self._x.under(version), message) for version, message in messages]
            self._known = dict(zip((m.id for _, m in messages), self._x.table.known(asked), strict=True))

    def one(self, record: Mapping[str, Any]) -> None:
        """Route one record. Raises Temporary to be tried again; what can never be routed goes to quarantine."""
        try:
            event = self._read(record["body"])
            if "r" in event:
                self._signals += record_receipt(self._x, Receipt.model_validate(event["r"]))
            else:
                self._message(self._x.under(event.get("config")), Message.model_validate(event["m"]))
        except Temporary:
            raise
        except (SantralError, ValueError, TypeError, KeyError) as error:
            self._park(record, error)
        except Exception as error:  # a fault of ours: tried again, then kept where a person finds it
            if int(record.get("attributes", {}).get("ApproximateReceiveCount", "1")) < LAST_RECEIVE:
                raise
            self._park(record, error)

    def _message(self, x: Exchange, message: Message) -> None:
        if x.inbox(message.inbox) is None:
            raise NotFound(f"inbox '{message.inbox}' is no longer in the configuration")
        if message.direction is Direction.OUTBOUND:
            ours = echo_of(self._x, message)
            if ours is not None:
                self._signals += record_receipt(self._x, as_receipt(message, ours))
                return
        contact = sender_contact(self._x.key, message)  # one contact for all brands: the first of them writes it
        known = None if contact in self._touched else self._known.get(message.id)
        self._touched.add(contact)
        routed = route(x, message, known)
        self._signals += routed.signals
        self._routed.append(routed)

    def _park(self, record: Mapping[str, Any], error: Exception) -> None:
        x = self._x
        reason = (
            f"{type(error).__name__}: {error}" if isinstance(error, SantralError) else f"fault: {type(error).__name__}"
        )
        call = None
        inbox = ""
        try:
            message = self._read(record["body"]).get("m", {})
            inbox = str(message.get("inbox") or "")
            ref = str(message.get("raw_ref") or "")
            if ref.startswith("intake:"):
                call = x.intake.raw(ref)
            elif message:  # its raw payload is elsewhere, its call is in the ledger all the same
                call = x.intake.entered([message["id"]], datetime.fromisoformat(message["received_at"]))
        except (ValueError, TypeError, AttributeError, KeyError):
            reason = "the queue message is not one of ours"
        if call is None:
            call = Call("queue", inbox, x.now(), body=str(record["body"]).encode("utf-8", "surrogatepass"))
        quarantine(x, call, reason)

    def finish(self) -> None:
        """Send what follows, then the hints. What a queue does not take is in the due index: the sweep sends it.

        Failing the batch instead would only wear out its receives against a queue that is down.
        """
        try:
            self._x.queues.send(self._signals, self._x.now())
        except Temporary:
            self._x.count("FollowUpLeftToSweep", len(self._signals))
        for routed in self._routed:
            tell_agent(self._x, routed)
