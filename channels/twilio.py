"""Twilio: SMS and MMS, and what comes in through its WhatsApp and Messenger senders.

Facts are from Twilio's pages "Twilio's request to your webhook", "Outbound message status in status callbacks" and the
Messages resource; its signature is in `channels/twilio_signature.py`.
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, quote, urlencode

from channels import phones
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.reading import clean, form, json_object
from channels.segments import utf16_units
from channels.twilio_signature import check, query_of
from router import ids
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown, Unparsable
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

# Error 21617 beyond. Counted in UTF-16 units, the larger count: Twilio does not say which one it means.
MAX_TEXT = 1_600
MAX_MEDIA = 10
SMS = Limits(text=MAX_TEXT, caption=MAX_TEXT, files=MAX_MEDIA)
WHATSAPP = Limits(text=MAX_TEXT, caption=MAX_TEXT, files=1)
API = "https://api.twilio.com/2010-04-01/Accounts"

# "Outbound message status in status callbacks"; `read` on WhatsApp and RCS only.
STATUSES = {
    "accepted": ReceiptStatus.QUEUED,
    "scheduled": ReceiptStatus.QUEUED,
    "queued": ReceiptStatus.QUEUED,
    "sending": ReceiptStatus.QUEUED,
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "undelivered": ReceiptStatus.FAILED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}
_OF_INBOUND = frozenset({"receiving", "received"})

# Delivery failures that say whether the number will ever work; other codes leave it open.
PERMANENT = {
    "21610": True,  # opted out
    "30003": False,  # unreachable handset: off, or out of reach
    "30005": True,  # unknown destination handset
    "30006": True,  # landline or unreachable carrier
    "30008": False,  # unknown error
}


class _Meaning(NamedTuple):
    text: str
    suppress: bool = False
    credentials: bool = False


# Refusals of the Messages resource. Twilio's own text is not repeated: it holds the customer's number.
REFUSALS = {
    "20003": _Meaning("the account's credentials are wrong", credentials=True),
    "20005": _Meaning("the account is not active", credentials=True),
    "20404": _Meaning("there is no such account", credentials=True),
    "21211": _Meaning("the number is not valid", suppress=True),
    "21408": _Meaning("the account may not send to that country"),
    "21602": _Meaning("the message is empty"),
    "21603": _Meaning("no sender is set"),
    "21606": _Meaning("the inbox's number is not this account's, or cannot send SMS"),
    "21610": _Meaning("the person has opted out", suppress=True),
    "21612": _Meaning("this sender cannot reach that number"),
    "21614": _Meaning("the number is not a mobile one", suppress=True),
    "21617": _Meaning(f"the text is longer than {MAX_TEXT} characters"),
}

_PREFIXES = {"whatsapp": ChannelName.WHATSAPP, "messenger": ChannelName.MESSENGER, "rcs": ChannelName.SMS}
_PREFIXED = re.compile(r"([a-z]{2,20}):(.*)", re.DOTALL)
_MEDIA = re.compile(r"Media(?:Url|ContentType)[0-9]{1,2}")
_TAKEN = frozenset(
    {"From", "To", "Body", "MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "ApiVersion", "ProfileName"}
)


class Twilio:
    """Programmable Messaging."""

    name = "twilio"
    channel = ChannelName.SMS
    provider = Provider.TWILIO
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.SMS: SMS, ChannelName.WHATSAPP: WHATSAPP}
    media_hosts: tuple[str, ...] = ("api.twilio.com", ".twilio.com", ".twiliocdn.com")
    secrets: tuple[str, ...] = ("account_sid", "auth_token")

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless X-Twilio-Signature holds for URL and body, by the current token or the previous one."""
        tokens = [token for name in ("auth_token", "auth_token_previous") if (token := credentials.get(name))]
        check(request, tokens)

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Twilio has no handshake."""
        return None

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """One inbound message or one status callback; calls and debugger events are no messages and Unparsable."""
        params = _params(request)
        sid = params.get("MessageSid") or params.get("SmsSid") or params.get("SmsMessageSid")
        if not sid:
            what = "a voice call's" if "CallSid" in params else "not a message's"
            raise Unparsable(f"no MessageSid among {len(params)} parameters: the call is {what}")
        status = (params.get("MessageStatus") or params.get("SmsStatus") or "").lower()
        if _is_status_callback(params, status):
            return Parsed(receipts=(_receipt(request, params, sid, status, inbox, key),))
        if "MessageStatus" in params and "Body" not in params:
            return Parsed(ignored=(Ignored(what=f"status {status}", reason="about an inbound message"),))
        return Parsed(messages=(_message(request, params, sid, inbox, key),))

    def acknowledge(self, parsed: Parsed) -> Response:
        """Empty TwiML: text of any other type could be sent to the customer as an answer."""
        return Response(200, "<Response/>", "text/xml")

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to Messages.json. Rejected without an account, a number, a text that fits, https attachments."""
        message, inbox = outgoing.message, outgoing.inbox
        if message.direction is not Direction.OUTBOUND:
            raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
        account = credentials.get("account_sid", "")
        user, password = credentials.get("api_key") or account, credentials.get("api_secret") or ""
        if not credentials.get("api_key"):
            password = credentials.get("auth_token", "")
        if not (account and user and password):
            raise Rejected(
                "the inbox has no Twilio account_sid and auth_token (or api_key and api_secret)", credentials=True
            )
        fields = [("To", _recipient(message)), *_sender(message, inbox, credentials), *_content(message)]
        if outgoing.status_url:
            fields.append(("StatusCallback", outgoing.status_url))
        basic = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        return HttpRequest(
            "POST",
            f"{API}/{quote(account, safe='')}/Messages.json",
            {
                "authorization": f"Basic {basic}",
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
            },
            urlencode(fields).encode("ascii"),
        )

    def interpret(self, response: HttpResponse) -> str | None:
        """The message's SID.

        Messages.json has no idempotency key, and a 5xx may come after the message was made: it is Unknown, settled by
        the status callback, which carries our send id, or parked. So is a 2xx without a SID.
        """
        answer = _json_or_nothing(response.body)
        if 200 <= response.status < 300:
            sid = answer.get("sid")
            if isinstance(sid, str) and sid:
                return sid
            raise Unknown(f"Twilio answered {response.status} without a message SID")
        if response.status == 429:
            raise Temporary("Twilio: too many requests", retry_after=_seconds(response.headers))
        if response.status >= 500 or response.status < 400 or response.status == 408:
            raise Unknown(f"Twilio answered {response.status}; the message may have been made")
        code = str(answer["code"]) if isinstance(answer.get("code"), (int, str)) else None
        denied = response.status in (401, 403)
        meaning = REFUSALS.get(code or "", _Meaning("the account's credentials are wrong" if denied else "refused"))
        raise Rejected(
            f"Twilio {code or response.status}: {meaning.text}",
            code=code or str(response.status),
            suppress=meaning.suppress,
            credentials=meaning.credentials or (denied and not meaning.suppress),
        )

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """Media are fetched with the account's credentials."""
        raise Rejected("not fetched", code="fetch")


def _params(request: Request) -> dict[str, str]:
    """The parameters of a form or a JSON object, the first of several values, cleaned."""
    body = request.body.strip()
    if not body:
        raise Unparsable("the body is empty")
    if "json" in request.headers.get("content-type", "").lower() or body.startswith(b"{"):
        pairs = [(name, _text(value)) for name, value in json_object(body).items()]
    else:
        pairs = form(body)
    params: dict[str, str] = {}
    for name, value in pairs:
        params.setdefault(clean(name), clean(value))
    return params


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return _text(value[0]) if isinstance(value, list) and len(value) == 1 else json.dumps(value)


def _is_status_callback(params: Mapping[str, str], status: str) -> bool:
    if status in _OF_INBOUND:
        return False
    return "MessageStatus" in params or ("Body" not in params and "SmsStatus" in params)


def _receipt(request: Request, params: Mapping[str, str], sid: str, status: str, inbox: Inbox, key: bytes) -> Receipt:
    channel, recipient, _ = _party(params.get("To", ""))
    code = params.get("ErrorCode") or None
    known = STATUSES.get(status, ReceiptStatus.UNKNOWN)
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
        permanent=PERMANENT.get(code or "") if known is ReceiptStatus.FAILED else None,
        code=code,
        detail=params.get("ErrorMessage") or None,
        at=request.received_at,
        received_at=request.received_at,
        raw=_rest(params),
    )


def _message(request: Request, params: Mapping[str, str], sid: str, inbox: Inbox, key: bytes) -> Message:
    channel, sender, problems = _party(params.get("From", ""), params.get("ProfileName"))
    _, recipient, more = _party(params.get("To", ""))
    kind, text, attachments = _what(params)
    owner = channel is ChannelName.WHATSAPP
    return Message(
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
        attachments=attachments,
        received_at=request.received_at,  # Twilio says no time of its own
        authenticity=Authenticity(proof=Proof.STRONG if owner else Proof.WEAK, method="twilio-signature"),
        raw_ref=request.raw_ref,
        raw=dict(params) if kind is Kind.UNKNOWN else _rest(params),
        problems=tuple(f"From: {p}" for p in problems) + tuple(f"To: {p}" for p in more if recipient.address),
    )


def _what(params: Mapping[str, str]) -> tuple[Kind, str, tuple[Attachment, ...]]:
    """Kind, text and media. A place is told as text; what has nothing to read is UNKNOWN and keeps its raw."""
    attachments = _media(params)
    text = params.get("Body", "")
    if "ButtonPayload" in params:
        return Kind.POSTBACK, text or params.get("ButtonText", ""), attachments
    if params.get("Latitude") and params.get("Longitude"):
        place = ", ".join(p for name in ("Label", "Address") if (p := params.get(name)))
        where = f"geo:{params['Latitude']},{params['Longitude']}"
        return Kind.MESSAGE, "\n".join(line for line in (text, place, where) if line), attachments
    known = "Body" in params or bool(attachments)
    return (Kind.MESSAGE if known else Kind.UNKNOWN), text, attachments


def _media(params: Mapping[str, str]) -> tuple[Attachment, ...]:
    """MediaUrl0, MediaUrl1...: fetched later, with the account's credentials."""
    found: list[Attachment] = []
    for number in range(MAX_MEDIA * 3):
        url = params.get(f"MediaUrl{number}")
        if url:
            kind = params.get(f"MediaContentType{number}") or "application/octet-stream"
            found.append(Attachment(content_type=kind, url=url))
    return tuple(found)


def _party(value: str, name: str | None = None) -> tuple[ChannelName, Party, tuple[str, ...]]:
    """Channel, normalised address and what was wrong with it, from `+1...`, `whatsapp:+1...` or a sender name."""
    prefixed = _PREFIXED.fullmatch(value.strip())
    scheme, rest = (prefixed[1], prefixed[2]) if prefixed else ("", value.strip())
    channel = _PREFIXES.get(scheme, ChannelName.SMS)
    if scheme and scheme not in _PREFIXES:
        return channel, Party(address=value.strip(), name=name or None), (f"unknown kind of address '{scheme}'",)
    address = phones.normalise(rest)
    if address is None:
        # WhatsApp's business-scoped user ids (IN.2081978709342942) and Messenger's page-scoped ones are no phones.
        foreign = channel is not ChannelName.SMS and bool(rest)
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


def _recipient(message: Message) -> str:
    if len(message.recipients) != 1:
        raise Rejected(f"one recipient is needed, not {len(message.recipients)}", code="recipient")
    address = message.recipients[0].address
    if message.channel is ChannelName.SMS:
        if not phones.can_receive(address):
            raise Rejected("the recipient is not a phone number that can receive", code="recipient", suppress=True)
        return address
    return f"{message.channel.value}:{address}"


def _sender(message: Message, inbox: Inbox, credentials: Credentials) -> list[tuple[str, str]]:
    service = credentials.get("messaging_service_sid") or inbox.settings.get("messaging_service_sid")
    if service:
        return [("MessagingServiceSid", str(service))]
    prefix = "" if message.channel is ChannelName.SMS or ":" in inbox.address else f"{message.channel.value}:"
    return [("From", prefix + inbox.address)]


def _content(message: Message) -> list[tuple[str, str]]:
    size = utf16_units(message.text)
    if size > MAX_TEXT:
        raise Rejected(f"the text has {size} characters, an SMS through Twilio at most {MAX_TEXT}", code="too_long")
    urls = [attachment.url or "" for attachment in message.attachments]
    if any(not url.startswith("https://") for url in urls) or len(urls) > MAX_MEDIA:
        raise Rejected(f"an MMS carries at most {MAX_MEDIA} attachments, each by an https URL", code="attachments")
    if not message.text.strip() and not urls:
        raise Rejected("there is no text to send", code="empty")
    return ([("Body", message.text)] if message.text else []) + [("MediaUrl", url) for url in urls]


def _json_or_nothing(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except Unparsable:
        return {}


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; its date form is not used by Twilio."""
    value = next((v for name, v in headers.items() if name.lower() == "retry-after"), "").strip()
    return float(value) if value.isascii() and value.isdigit() else None
