"""Record a receipt: a provider's word on one of our messages, applied only if it says more than we know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router.answers import Instead, failed, instead
from router.consenting import withdrawn
from router.consents import How
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import contact_id, wire_of
from router.messages import Message, Provider, Receipt, ReceiptStatus
from router.onward import came_back
from router.optouts import SOURCE as OPTED_OUT
from router.people import resolve
from router.records import Suppression
from router.sends import Send, SendState
from router.signals import Signal, Step, delivery

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_BACK = 50
"""How many of the newest messages a watermark is applied to: what is older was covered by an earlier one."""
_TRIES = 6


def record_receipt(x: Exchange, receipt: Receipt) -> list[Signal]:
    """What must follow: a failed answer goes by another channel if there is one. A receipt that is not ours is counted and dropped.

    Our send id counts (a signed webhook, SES's own tag or our mark with its MAC brought it), and an id that Meta gave our
    message and names in a call that it signed. A mail's Message-ID alone is known to everyone it was ever forwarded to, so a
    report that names only that proves nothing (P10).
    """
    if receipt.status.rank < ReceiptStatus.SENT.rank:
        return []
    if receipt.upto is not None:
        return [signal for send in _until(x, receipt) for signal in _record(x, receipt, send.id)]
    send_id = receipt.send_id
    if send_id is None and receipt.provider is Provider.META and receipt.external_id:
        send_id = x.table.of_wire(wire_of(receipt.provider, receipt.external_id))
    if send_id is None:
        x.count("ReceiptWithoutSend", 1)
        return []
    return _record(x, receipt, send_id)


def _record(x: Exchange, receipt: Receipt, send_id: str) -> list[Signal]:
    other = _applied(x, receipt, send_id)
    if other is None:
        return []
    x.count(f"Receipt{receipt.status.capitalize()}", 1)
    sends = x.table.sends([send_id])
    if send_id in sends:
        tell_owner(x, x.table.conversation(sends[send_id].conversation), "changed")
    return [*(delivery(one) for one in other.sends), *_wakes(sends.get(send_id), receipt)]


def _wakes(send: Send | None, receipt: Receipt) -> list[Signal]:
    """The journey of a message goes on when it comes back, and when a receipt alone says what came of it."""
    if send is None or send.journey is None or (send.settled_at is not None and not failed(receipt.status)):
        return []
    return [Step(*send.journey, f"{receipt.id}.receipt")]


def _applied(x: Exchange, receipt: Receipt, send_id: str) -> Instead | None:
    """Write the receipt with what goes instead of the message; None when it says nothing new."""
    is_failure = failed(receipt.status)
    for tries in range(_TRIES):
        other = Instead()
        more: list[Change] = []
        listed = True
        if is_failure or receipt.status is ReceiptStatus.COMPLAINED:
            send = x.table.sends([send_id]).get(send_id)
            if send is not None and send.state is not SendState.DISCARDED and not _outranked(send, receipt):
                other = instead(x, send, x.now()) if is_failure else other
                back = came_back(x, send) if is_failure else []
                if tries == _TRIES - 1:
                    other = replace(other, numbered=None)
                more = [*other.changes(x), *_suppressed(x, receipt, send), *back]
                listed = send.journey is None  # a journey goes on by itself, and says why it ended
        if x.table.record_receipt(send_id, receipt, *more, failed=is_failure, listed=listed and not other.sends):
            return other
        if other.numbered is None:
            return None  # it was not the conversation that changed
    return None


def _suppressed(x: Exchange, receipt: Receipt, send: Send) -> list[Change]:
    """Whoever complained or opted out, or whose address is dead, gets nothing more: written with the receipt itself."""
    if not send.to:
        return []
    changes: list[Change] = []
    place = send.message.channel, send.to
    what = refused_by(receipt)
    if what.withdraws is not None:
        changes += withdrawn(x, *place, what.withdraws, receipt.at, what.reason, receipt.id)
    if what.source is not None:
        x.count("Suppressed", 1)
        changes.append(x.table.suppress(Suppression(str(place[0]), place[1], what.reason, what.source, receipt.at)))
    return changes


@dataclass(frozen=True, slots=True)
class Stop:
    """What a receipt says of the address: why nothing may be sent there (`source`, if so), and how marketing was declined, if it was."""

    reason: str = ""
    source: str | None = None
    withdraws: How | None = None


_LISTED = "OnAccountSuppressionList"
_MARKETING_STOPPED = "131050"
_TWILIO_OPTED_OUT = "21610"


def refused_by(receipt: Receipt) -> Stop:
    """What a receipt says of its address for good.

    Sources: SES, "Contents of event data" (complaintSubType OnAccountSuppressionList: SES took the mail and did not send it, since the
    address had complained before); WhatsApp Cloud API, "Error codes", 131050 (stopped marketing messages, and them alone); Twilio,
    "Error and Warning Dictionary" (channels/twilio_errors.py says which are for good).
    """
    if receipt.status is ReceiptStatus.COMPLAINED:
        return Stop("they reported our message as spam", "complaint", How.COMPLAINT)
    if receipt.status is ReceiptStatus.BOUNCED and receipt.permanent:
        return Stop("the address takes no messages: one bounced for good", "bounce")
    if receipt.status is not ReceiptStatus.FAILED or not receipt.permanent:
        return Stop()
    if receipt.provider is Provider.SES and receipt.code == _LISTED:
        return Stop("they had reported our messages as spam: SES sends them nothing", "complaint", How.COMPLAINT)
    if receipt.provider is Provider.META and receipt.code == _MARKETING_STOPPED:
        return Stop("they stopped marketing messages in WhatsApp", None, How.PROVIDER)
    if receipt.provider is Provider.TWILIO:
        reason = receipt.detail or "Twilio says that the address takes no messages"
        asked = receipt.code == _TWILIO_OPTED_OUT
        return Stop(reason, OPTED_OUT if asked else receipt.code or "provider", How.PROVIDER if asked else None)
    return Stop()


def _outranked(send: Send, receipt: Receipt) -> bool:
    return send.receipt is not None and send.receipt.rank >= receipt.status.rank


def _until(x: Exchange, receipt: Receipt) -> list[Send]:
    """What a watermark is about: what left for that person until then, the newest first, down to what it says nothing new of."""
    if receipt.upto is None:
        return []
    until = f"{round(receipt.upto.timestamp() * 1000) + 1:013d}#"
    found: list[Send] = []
    for one in _newest(x, receipt.inbox, str(receipt.channel), receipt.recipient or "", before=until):
        if one.state is SendState.QUEUED:
            continue
        if _outranked(one, receipt):
            break
        found.append(one)
    return found


def _newest(x: Exchange, inbox_name: str, channel: str, to: str, before: str | None = None) -> list[Send]:
    """Our newest sends to an address of an inbox: 3 calls."""
    inbox = x.config().inbox(inbox_name)
    person = resolve(x, contact_id(x.key, channel, to, proved=True)) if inbox is not None and to else None
    conversation = (
        x.table.open_conversation(person.id, inbox.brand) if inbox is not None and person is not None else None
    )
    if conversation is None:
        return []
    found = x.table.thread(
        conversation, before=before, limit=_BACK, backwards=True, outreach=bool(x.config().campaigns)
    )
    return [one for one in found if isinstance(one, Send) and (one.to, one.message.inbox) == (to, inbox_name)]


def echo_of(x: Exchange, message: Message) -> str | None:
    """Our own send that an echo shows: by Meta's id, else by its words while its outcome is not known (P2).

    Instagram's echoes carry no mark of ours, and one may come before we stored what the send was called.
    """
    if message.provider is not Provider.META or not message.recipients:
        return None
    if message.external_id:
        send_id = x.table.of_wire(wire_of(message.provider, message.external_id))
        if send_id is not None:
            return send_id
    for one in _newest(x, message.inbox, str(message.channel), message.recipients[0].address):
        under_way = one.state in (SendState.SENDING, SendState.UNKNOWN)
        if under_way and one.message.text.strip() == message.text.strip():
            return one.id
    return None


def as_receipt(message: Message, send_id: str) -> Receipt:
    """An echo of our own answer, as the provider's word that it left."""
    return Receipt(
        id=message.id.replace("m_", "r_", 1),
        channel=message.channel,
        provider=message.provider,
        inbox=message.inbox,
        status=ReceiptStatus.SENT,
        provider_status="echo",
        external_id=message.external_id,
        send_id=send_id,
        at=message.occurred_at,
        received_at=message.received_at,
    )
