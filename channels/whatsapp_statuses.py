"""WhatsApp's word on what we sent, as receipts.

Facts are from Meta's page "Status messages webhook reference" (WhatsApp Business Platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels import meta
from channels.base import Request
from channels.whatsapp_errors import REFUSALS
from channels.whatsapp_values import mapping, mappings, phone, text, word
from router import ids
from router.config import Inbox
from router.messages import ChannelName, Ignored, Provider, Receipt, ReceiptStatus

# `read` may come without `delivered`. A voice message is `played` after it was read. `deleted`, `warning` are the older
# API's and say nothing of delivery.
STATUSES = {
    "accepted": ReceiptStatus.QUEUED,
    "held_for_quality_assessment": ReceiptStatus.QUEUED,
    "paused": ReceiptStatus.QUEUED,
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
    "undelivered": ReceiptStatus.FAILED,
}
_OTHERS = {"call": "a call's state", "payment": "a payment's state"}
_MAX_SEND_ID = 200


def receipt_of(status: Mapping[str, Any], request: Request, inbox: Inbox, key: bytes) -> Receipt | Ignored:
    """The receipt; Ignored for the state of something that is no message."""
    about = word(status.get("type")).lower()
    if about and about != "message":
        return Ignored(what=f"status of type {about[:40]}", reason=_OTHERS.get(about, "not a message's state"))
    rest = dict(status)
    provider_status = word(rest.pop("status", None)).lower()
    external_id = word(rest.pop("id", None))
    send_id = word(rest.pop("biz_opaque_callback_data", None))
    recipient = _recipient(rest)
    known = STATUSES.get(provider_status, ReceiptStatus.UNKNOWN)
    error = next(iter(mappings(rest.get("errors"))), mapping(rest.get("errors")))
    code = word(error.get("code"))
    refusal = REFUSALS.get(code)
    return Receipt(
        id=ids.receipt_id(key, "meta", external_id or send_id, provider_status, recipient),
        channel=ChannelName.WHATSAPP,
        provider=Provider.META,
        inbox=inbox.name,
        status=known,
        provider_status=provider_status,
        external_id=external_id or None,
        send_id=send_id if 0 < len(send_id) <= _MAX_SEND_ID else None,
        recipient=recipient or None,
        permanent=refusal.permanent if refusal and known is ReceiptStatus.FAILED else None,
        code=code or None,
        detail=_detail(error) or None,
        at=meta.seconds(rest.pop("timestamp", None)) or request.received_at,
        received_at=request.received_at,
        raw=dict(status) if known is ReceiptStatus.UNKNOWN else (rest or None),
    )


def _recipient(status: dict[str, Any]) -> str:
    """Who it is about: a number, else a user id; in a group the member. What is taken leaves the rest."""
    group = word(status.get("recipient_type")).lower() == "group"
    whole = ("recipient_id", "recipient_user_id", "parent_recipient_user_id", "recipient_parent_user_id")
    member = (
        "recipient_participant_id",
        "recipient_participant_user_id",
        "recipient_participant_parent_user_id",
    )
    for name in (*member, "recipient_id") if group else whole:
        if address := phone(status.get(name)):
            status.pop(name)
            return address
    return ""


def _detail(error: Mapping[str, Any]) -> str:
    """What went wrong in Meta's words: the title, and the details where they say more."""
    title = text(error.get("title")) or text(error.get("message"))
    details = text(mapping(error.get("error_data")).get("details")) or text(error.get("details"))
    return f"{title}: {details}" if title and details and details != title else title or details
