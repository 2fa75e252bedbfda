"""Domain values with everything filled in, for tests of the stores: each function takes what the test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from router.conversations import WAKE, Conversation, State
from router.loads import Load
from router.messages import ChannelName, Direction, Message, Party, Proof, Provider, Receipt, ReceiptStatus
from router.records import Call, Contact
from router.sends import Send, SendState
from router.sla import Clock
from router.targets import Target
from router.timeline import EMPTY, What
from router.times import to_ms
from router.waiting import WaitingRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
MINUTE = timedelta(minutes=1)


def later(minutes: float) -> datetime:
    """So many minutes after NOW."""
    return NOW + timedelta(minutes=minutes)


def message(id_: str = "m_1", *, minutes: float = 0, **more: Any) -> Message:
    """An inbound SMS."""
    values: dict[str, Any] = {
        "channel": ChannelName.SMS, "provider": Provider.TWILIO, "inbox": "sms", "direction": Direction.INBOUND,
        "sender": Party(address="+15550199"), "text": "Merhaba", "received_at": later(minutes),
    }  # fmt: skip
    return Message(id=id_, **{**values, **more})


def contact(id_: str = "p_1") -> Contact:
    """A person known by a phone number."""
    return Contact(id_, ChannelName.SMS, "+15550199", Proof.WEAK, NOW, "Zeynep", "tr")


def clock(minutes: float = 60, *, met: bool = False) -> Clock:
    """A first answer is due after so many minutes, or was given at once."""
    if met:
        return Clock(Target.FIRST_RESPONSE, NOW, later(minutes), ended_at=NOW, met=True)
    return Clock(Target.FIRST_RESPONSE, NOW, later(minutes), later(minutes))


HEARD = EMPTY.wrote(What.HEARD, to_ms(NOW)).became(What.WAITING, to_ms(NOW), "genel")


def conversation(contact_: str = "p_1", **changes: Any) -> Conversation:
    """A contact's first conversation, waiting, with its clock running and its pool to be woken."""
    made = Conversation(
        contact=contact_, group="default", number=1, state=State.WAITING, channel=ChannelName.SMS, inbox="sms", queue="genel",
        pool="main", units=3, priority=5, address="+15550199", opened_at=NOW, waiting_since=NOW, name="Zeynep",
        proof=Proof.WEAK, subject="Sipariş", language="tr", preview="Merhaba", clocks=(clock(),), timeline=HEARD,
        follow=(WAKE,), follow_at=later(1), last_inbound_at=NOW, last_inbound_wire="1@example.net",
        references=("0@example.net", "1@example.net"), links=("c_2.default.1",),
    )  # fmt: skip
    return replace(made, **changes)


def agent(name: str = "ayse", **changes: Any) -> Load:
    """An agent with room."""
    return replace(Load(name, "online", 12, 12, {}, NOW), **changes)


def waiting(of: Conversation, **changes: Any) -> WaitingRow:
    """A waiting conversation's row, as its wake-up brings it."""
    row = WaitingRow(of.id, of.kind, of.waiting_since or NOW, of.alarm_at, of.accept_at, of.stub)
    return replace(row, **changes)


def send(id_: str = "m_s1", *, minutes: float = 0, **changes: Any) -> Send:
    """An answer that waits to leave."""
    body = message(id_, minutes=minutes, direction=Direction.OUTBOUND, sender=Party(address="+15550100"), author="ayse")
    made = Send(
        message=body, conversation="c_1.default.1", state=SendState.QUEUED, due_at=later(1), previous="m_s0", to="+15550199",
        reply_to_wire="1@example.net", references=("0@example.net", "1@example.net"),
    )  # fmt: skip
    return replace(made, **changes)


def receipt(status: ReceiptStatus, send_id: str = "m_s1", **more: Any) -> Receipt:
    """A provider's word on an answer."""
    values: dict[str, Any] = {
        "channel": ChannelName.SMS, "provider": Provider.TWILIO, "inbox": "sms", "provider_status": status.value,
        "send_id": send_id, "at": later(2), "received_at": later(2),
    }  # fmt: skip
    return Receipt(id=f"r_{status}", status=status, **{**values, **more})


def call(body: bytes = b"Body=Merhaba", **more: Any) -> Call:
    """A webhook call as it was received."""
    values: dict[str, Any] = {
        "channel": "twilio", "inbox": "sms", "received_at": NOW, "body": body, "query": "a=1",
        "content_type": "application/x-www-form-urlencoded", "envelope": {"receipt": {"recipients": ["a@example.com"]}},
    }  # fmt: skip
    return Call(**{**values, **more})
