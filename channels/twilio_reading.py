"""What Twilio tells us: an inbound message on any of its channels, or the status of one of ours.

Facts are from Twilio's pages "Twilio's request to your incoming message Webhook URL", "Outbound message status in status
callbacks", "Conversations Webhooks" and "twilio/list-picker". Business-scoped user ids are Meta's ("Business-scoped user
IDs"); Twilio sends them with and without the `whatsapp:` in front.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from channels import phones, twilio_conversations, whatsapp_forms
from channels.base import Request
from channels.mail_headers import date
from channels.reading import clean, form, iso_time, json_object
from channels.twilio_errors import DELIVERY
from channels.twilio_signature import query_of
from router import ids
from router.config import Inbox
from router.errors import Unparsable
from router.messages import (
    Attachment,
    Authenticity,
    ChannelName,
    Direction,
    Ignored,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    Receipt,
    ReceiptStatus,
)
from router.turns import by_arrival

MOST_MEDIA = 30  # an MMS carries ten; nobody says that it will stay so
# "Outbound message status in status callbacks"; `read` on WhatsApp and RCS only. They come in any order.
STATUSES = {
    "accepted": ReceiptStatus.QUEUED,
    "scheduled": ReceiptStatus.QUEUED,
    "queued": ReceiptStatus.QUEUED,
    "sending": ReceiptStatus.QUEUED,
    "sent": ReceiptStatus.SENT,
    "partially_delivered": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}
_OF_INBOUND = frozenset({"receiving", "received"})

_SCHEMES = {
    "whatsapp": ChannelName.WHATSAPP,
    "messenger": ChannelName.MESSENGER,
    "rcs": ChannelName.SMS,
    "sms": ChannelName.SMS,
}
_OWN_ACCOUNT = frozenset({ChannelName.WHATSAPP, ChannelName.MESSENGER})  # the sender is the channel's own account
_PREFIXED = re.compile(r"([a-z]{2,20}):(.*)", re.DOTALL)
_UNESCAPED_PLUS = re.compile(r"^((?:[a-z]{2,20}:)?) (?=[0-9]{7,15}$)")  # in a form a bare + is a blank
_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
_TAPPED = (("ButtonPayload", "ButtonText"), ("ListId", "ListTitle"))
_MEDIA = re.compile(r"Media(?:Url|ContentType)[0-9]{1,2}")
_TAKEN = frozenset(
    {"From", "To", "Body", "MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "ApiVersion", "ProfileName"}
    | {"OriginalRepliedMessageSid", "Timestamp", "DateCreated"}
)


def read(request: Request, inbox: Inbox, key: bytes) -> Parsed:
    """One inbound message or one status callback; what is known to be neither is Ignored."""
    params = _params(request)
    if params.get("ConversationSid") and params.get("EventType"):
        found = twilio_conversations.of_event(params)
        return (
            Parsed(ignored=(found,))
            if isinstance(found, Ignored)
            else _of_conversations(request, params, found, inbox, key)
        )
    sid = params.get("MessageSid") or params.get("SmsSid") or params.get("SmsMessageSid")
    if not sid:
        return _of_no_message(params)
    status = (params.get("MessageStatus") or params.get("SmsStatus") or "").lower()
    if _is_status_callback(params, status):
        return Parsed(receipts=(_receipt(request, params, sid, status, inbox, key),))
    if "MessageStatus" in params and "Body" not in params:
        return Parsed(ignored=(Ignored(what=f"status {status}", reason="about an inbound message"),))
    return Parsed(messages=(_message(request, params, sid, inbox, key),))


def _params(request: Request) -> dict[str, str]:
    """The parameters of a form or a JSON object, the first of several values, cleaned."""
    body = request.body.strip()
    if (
        not body and request.method.upper() == "GET"
    ):  # as the number's webhook may be configured; the URL is signed whole
        body = request.query.encode("utf-8", "replace")
    if not body:
        raise Unparsable("the body is empty")
    if "json" in request.headers.get("content-type", "").lower() or body.startswith(b"{"):
        pairs = [(name, _text(value)) for name, value in json_object(body).items()]
    else:
        pairs = form(body.replace(b"\r", b"").replace(b"\n", b""))  # a line's end in a value is written %0A
    params: dict[str, str] = {}
    for name, value in pairs:
        params.setdefault(clean(name), clean(value))
    return params


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, a nest of thousands of lists
        return ""


def _of_conversations(
    request: Request, told: Mapping[str, str], params: Mapping[str, str], inbox: Inbox, key: bytes
) -> Parsed:
    """A customer's message by the Conversations API; of an author without an address nobody could be answered."""
    message = _message(request, params, params["MessageSid"], inbox, key)
    if message.problems:
        raise Unparsable(
            "a message by the Conversations API whose author is no address: let the number's webhook be called"
        )
    files = twilio_conversations.files(told)
    kind = Kind.MESSAGE if files and message.kind is Kind.UNKNOWN else message.kind
    return Parsed(messages=(message.model_copy(update={"attachments": files, "kind": kind}),))


def _of_no_message(params: Mapping[str, str]) -> Parsed:
    """What Twilio calls the same URL for by a mistake in its console; anything else without a SID is Unparsable."""
    if "CallSid" in params:
        return Parsed(ignored=(Ignored(what="call", reason="a voice call, which this inbox does not take"),))
    if params.get("Level") and params.get("PayloadType"):
        return Parsed(
            ignored=(Ignored(what="debugger", reason="Twilio's word on an error of the account, not a message"),)
        )
    raise Unparsable(f"no MessageSid among {len(params)} parameters: the call is not a message's")


def _is_status_callback(params: Mapping[str, str], status: str) -> bool:
    """Whether it is about a message of ours. Old callbacks say SmsStatus alone, some with the text that was sent."""
    if status in _OF_INBOUND:
        return False
    return "MessageStatus" in params or ("SmsStatus" in params and ("Body" not in params or status in STATUSES))


def _receipt(request: Request, params: Mapping[str, str], sid: str, status: str, inbox: Inbox, key: bytes) -> Receipt:
    channel, recipient, _ = party(params.get("To", ""))
    code = params.get("ErrorCode") if params.get("ErrorCode") != "0" else None
    known = STATUSES.get(status, ReceiptStatus.UNKNOWN)
    failure = DELIVERY.get(code or "") if known is ReceiptStatus.FAILED else None
    said = params.get("ErrorMessage") or params.get("ChannelStatusMessage")
    send = parse_qs(request.query) or query_of(request.url)
    return Receipt(
        id=ids.receipt_id(key, "twilio", sid, status, recipient.address),
        channel=channel,
        provider=Provider.TWILIO,
        inbox=inbox.name,
        status=known,
        provider_status=status,
        external_id=sid,
        send_id=clean(next(iter(send.get("send", [])), "")) or None,
        recipient=recipient.address or None,
        permanent=failure.permanent if failure else None,
        code=code or None,
        detail=said or (failure.text if failure else None),
        at=min(_time(params) or request.received_at, request.received_at),
        received_at=request.received_at,
        raw=_rest(params),
    )


def _message(request: Request, params: Mapping[str, str], sid: str, inbox: Inbox, key: bytes) -> Message:
    channel, sender, problems = _sender(params)
    _, recipient, more = party(params.get("To", ""))
    kind, text, payload = _what(params)
    message = Message(
        id=ids.message_id(key, "twilio", inbox.brand, sid),
        external_id=sid,
        channel=channel,
        provider=Provider.TWILIO,
        inbox=inbox.name,
        direction=Direction.INBOUND,
        kind=kind,
        sender=sender,
        recipients=(recipient,) if recipient.address else (),
        text=text,
        attachments=_media(params),
        refers_to=params.get("OriginalRepliedMessageSid") or None,
        payload=payload,
        provider_at=_time(params),
        received_at=request.received_at,
        authenticity=Authenticity(
            proof=Proof.STRONG if channel in _OWN_ACCOUNT else Proof.WEAK, method="twilio-signature"
        ),
        raw_ref=request.raw_ref,
        raw=dict(params) if kind is Kind.UNKNOWN else _rest(params),
        problems=tuple(f"From: {p}" for p in problems) + tuple(f"To: {p}" for p in more if recipient.address),
    )
    return message if "." in _told(params) else by_arrival([message])[0]


def _time(params: Mapping[str, str]) -> datetime | None:
    """Twilio's own time, which only events and the API's answers say; RawDlrDoneDate is in the network's zone, whichever."""
    told = _told(params)
    return (iso_time(told) or date(told)) if told else None


def _told(params: Mapping[str, str]) -> str:
    """That time as it is written: with milliseconds in events, to the second where it is written as in mail (RFC 2822)."""
    return params.get("Timestamp") or params.get("DateCreated") or ""


def _what(params: Mapping[str, str]) -> tuple[Kind, str, str | None]:
    """Kind, text and what a tapped button carries. A place is told as text; what has nothing to read is UNKNOWN."""
    text, kind_said = params.get("Body", ""), params.get("MessageType", "").lower()
    for carried, title in _TAPPED:
        if params.get(carried) or params.get(title):
            return Kind.POSTBACK, text or params.get(title, ""), params.get(carried) or params.get(title)
    if form := params.get("InteractiveData"):
        said, answers, _ = whatsapp_forms.read({"body": text, "response_json": form})
        return Kind.POSTBACK, said or text, answers
    if params.get("Latitude") and params.get("Longitude"):
        place = ", ".join(p for name in ("Label", "Address") if (p := params.get(name)))
        where = f"geo:{params['Latitude']},{params['Longitude']}"
        return Kind.MESSAGE, "\n".join(line for line in (text, place, where) if line), None
    if kind_said == "reaction":
        return Kind.REACTION, text, None
    empty_sms = "Body" in params and kind_said in ("", "text")
    known = bool(text.strip()) or any(params.get(f"MediaUrl{number}") for number in range(MOST_MEDIA)) or empty_sms
    return (Kind.MESSAGE if known else Kind.UNKNOWN), text, None


def _media(params: Mapping[str, str]) -> tuple[Attachment, ...]:
    """MediaUrl0, MediaUrl1...: fetched later, with the account's credentials."""
    found: list[Attachment] = []
    for number in range(MOST_MEDIA):
        url = params.get(f"MediaUrl{number}")
        if url:
            kind = params.get(f"MediaContentType{number}") or "application/octet-stream"
            found.append(Attachment(content_type=kind, url=url))
    return tuple(found)


def _sender(params: Mapping[str, str]) -> tuple[ChannelName, Party, tuple[str, ...]]:
    """Who wrote, by the phone number where there is one, and their other ids in the same call."""
    name = params.get("ProfileName") or params.get("ProfileUsername") or params.get("Username")
    channel, sender, problems = party(params.get("From", ""), name)
    wa_id = params.get("WaId", "")
    phone = phones.normalise("+" + wa_id.lstrip("+")) if wa_id and channel is ChannelName.WHATSAPP else None
    address = phone if phone and _BUSINESS_SCOPED.fullmatch(sender.address) else sender.address
    others = [sender.address, phone or ""]  # WhatsApp writes some numbers otherwise (Brazil's ninth digit, Mexico's 1)
    for field in ("ExternalUserId", "ParentExternalUserId"):
        other = params.get(field, "").strip().removeprefix("whatsapp:")
        others.append(other if _BUSINESS_SCOPED.fullmatch(other) else "")
    also = tuple(dict.fromkeys(other for other in others if other and other != address))
    return channel, sender.model_copy(update={"address": address, "also": also}), problems


def party(value: str, name: str | None = None) -> tuple[ChannelName, Party, tuple[str, ...]]:
    """Channel, normalised address and what was wrong with it, from `+1...`, `whatsapp:+1...` or a sender name."""
    value = _UNESCAPED_PLUS.sub(r"\1+", value)
    prefixed = _PREFIXED.fullmatch(value.strip())
    scheme, rest = (prefixed[1], prefixed[2].strip()) if prefixed else ("", value.strip())
    channel = _SCHEMES.get(scheme, ChannelName.SMS)
    if scheme and scheme not in _SCHEMES:
        return channel, Party(address=value.strip(), name=name or None), (f"unknown kind of address '{scheme}'",)
    user_id = channel is ChannelName.MESSENGER or (channel is ChannelName.WHATSAPP and _BUSINESS_SCOPED.fullmatch(rest))
    address = None if user_id else phones.normalise(rest)
    if address is None:
        foreign = scheme in ("whatsapp", "messenger", "rcs") and bool(rest)
        return (
            channel,
            Party(address=rest, name=name or None),
            () if foreign else ("not a phone number or sender name",),
        )
    shown = name or (rest if address != rest and not phones.can_receive(address) else None)
    return channel, Party(address=address, name=shown), ()


def _rest(params: Mapping[str, str]) -> dict[str, Any]:
    """What no field of ours holds. Twilio adds parameters without notice, so this is by exclusion."""
    return {name: v for name, v in params.items() if v and name not in _TAKEN and not _MEDIA.fullmatch(name)}
