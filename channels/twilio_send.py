"""What Twilio is told and what it answers: the Messages resource, for SMS, MMS, WhatsApp, Messenger and templates.

Facts are from Twilio's pages "Messages resource", "Accepted content types for media", "Guidance on WhatsApp Media
Messages", "Send WhatsApp notification messages with templates" and "Key Concepts and Terms for the WhatsApp Business
Platform".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from channels import phones
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing
from channels.reading import json_object, retry_after
from channels.twilio_errors import REFUSALS, Refusal
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.limits import utf16
from router.messages import ChannelName, Direction, Message

API = "https://api.twilio.com/2010-04-01/Accounts"
# Error 21617 beyond. Counted in UTF-16 units, the larger count: Twilio does not say which one it means.
MAX_TEXT = 1_600
MAX_MEDIA = 10
MB = 1_000_000
WINDOW = timedelta(hours=24)

_SENT = frozenset({"queued", "sent", "delivered", "failed"})
_MMS_TYPES = (
    *("image/jpeg", "image/jpg", "image/png", "image/gif", "image/bmp", "image/tiff", "audio/*", "video/*"),
    *("text/vcard", "text/x-vcard", "text/csv", "text/rtf", "text/richtext", "text/calendar", "text/directory"),
    *("application/pdf", "application/vcard", "application/vnd.apple.pkpass"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_WHATSAPP_TYPES = {
    **dict.fromkeys(("image/jpeg", "image/jpg", "image/png"), 5 * MB),
    "image/webp": 100_000,  # a sticker
    **dict.fromkeys(("audio/ogg", "audio/amr", "audio/3gpp", "audio/aac", "audio/mpeg", "video/mp4"), 16 * MB),
    **dict.fromkeys(("application/pdf", "application/msword", "text/vcard", "text/x-vcard"), 16 * MB),
    **{
        _OFFICE + kind: 16 * MB
        for kind in ("wordprocessingml.document", "presentationml.presentation", "spreadsheetml.sheet")
    },
}
LIMITS: Mapping[ChannelName, Limits] = {
    ChannelName.SMS: Limits(
        text=MAX_TEXT,
        caption=MAX_TEXT,
        files=MAX_MEDIA,
        file_bytes=MappingProxyType(dict.fromkeys(_MMS_TYPES, 5 * MB)),  # of all files of a message together, too
        templates=True,
        receipts=_SENT,
    ),
    ChannelName.WHATSAPP: Limits(
        text=MAX_TEXT,
        caption=0,  # a document's is dropped without a word, so text and files travel apart
        files=1,
        file_bytes=MappingProxyType(_WHATSAPP_TYPES),
        window=WINDOW,
        templates=True,
        receipts=_SENT | {"read"},
    ),
    ChannelName.MESSENGER: Limits(
        text=MAX_TEXT,
        caption=0,
        files=1,
        file_bytes=MappingProxyType(
            dict.fromkeys(("image/*", "audio/*", "video/*", "application/pdf"), 5 * MB),
        ),
        window=WINDOW,
        receipts=_SENT | {"read"},
    ),
}
_CONTENT_SID = re.compile(r"HX[0-9a-fA-F]{32}")


def call(outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
    """A POST to Messages.json. Rejected without an account, a number, an open window, a text that fits, https files."""
    message, inbox = outgoing.message, outgoing.inbox
    if message.direction is not Direction.OUTBOUND:
        raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
    authorization = basic(credentials)
    account = credentials.get("account_sid", "")
    fields = [("To", _recipient(message)), *_sender(message, inbox, credentials)]
    fields += _template(message) if message.template is not None else _content(outgoing)
    if outgoing.status_url:
        fields.append(("StatusCallback", outgoing.status_url))
    return HttpRequest(
        "POST",
        f"{API}/{quote(account, safe='')}/Messages.json",
        {
            "authorization": authorization,
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        },
        urlencode(fields, errors="replace").encode("ascii"),
    )


def sid_of(response: HttpResponse) -> str:
    """The message's SID.

    Messages.json has no idempotency key, and a 5xx may come after the message was made: it is Unknown, settled by the
    status callback, which carries our send id, or parked. So is a 2xx without a SID.
    """
    answer = _json_or_nothing(response.body)
    if 200 <= response.status < 300:
        sid = answer.get("sid")
        if isinstance(sid, str) and sid:
            return sid
        raise Unknown(f"Twilio answered {response.status} without a message SID")
    if response.status == 429:
        raise Temporary("Twilio: too many requests", retry_after=retry_after(response.headers))
    if response.status >= 500 or response.status < 400 or response.status == 408:
        raise Unknown(f"Twilio answered {response.status}; the message may have been made")
    code = str(answer["code"]) if isinstance(answer.get("code"), (int, str)) else None
    denied = response.status in (401, 403)
    meaning = REFUSALS.get(code or "", Refusal("the account's credentials are wrong" if denied else "refused"))
    if meaning.later is not None:
        wait = retry_after(response.headers) or meaning.later or None
        raise Temporary(f"Twilio {code}: {meaning.text}", retry_after=wait)
    raise Rejected(
        f"Twilio {code or response.status}: {meaning.text}",
        code=code or str(response.status),
        suppress=meaning.suppress,
        asked=meaning.asked,
        credentials=meaning.credentials or (denied and not meaning.suppress),
    )


def basic(credentials: Credentials) -> str:
    """The Authorization header, by an API key where there is one. Rejected without credentials."""
    account = credentials.get("account_sid", "")
    user, password = credentials.get("api_key") or account, credentials.get("api_secret") or ""
    if not credentials.get("api_key"):
        password = credentials.get("auth_token", "")
    if not (account and user and password):
        raise Rejected(
            "the inbox has no Twilio account_sid and auth_token (or api_key and api_secret)", credentials=True
        )
    return "Basic " + base64.b64encode(f"{user}:{password}".encode("utf-8", "surrogatepass")).decode("ascii")


def _recipient(message: Message) -> str:
    if len(message.recipients) != 1:
        raise Rejected(f"one recipient is needed, not {len(message.recipients)}", code="recipient")
    address = message.recipients[0].address
    if message.channel is ChannelName.SMS:
        if not phones.can_receive(address):
            raise Rejected("the recipient is not a phone number that can receive", code="recipient", suppress=True)
        return address
    if message.channel not in LIMITS:
        raise Rejected(f"Twilio carries no {message.channel} for us", code="channel")
    return f"{message.channel.value}:{address}"


def _sender(message: Message, inbox: Inbox, credentials: Credentials) -> list[tuple[str, str]]:
    service = credentials.get("messaging_service_sid") or inbox.settings.get("messaging_service_sid")
    if service:
        return [("MessagingServiceSid", str(service))]
    prefix = "" if message.channel is ChannelName.SMS or ":" in inbox.address else f"{message.channel.value}:"
    return [("From", prefix + inbox.address)]


def _template(message: Message) -> list[tuple[str, str]]:
    """A template is named by its ContentSid; its text is with Twilio, so ours is not sent."""
    template = message.template
    if template is None or not _CONTENT_SID.fullmatch(template.name):
        raise Rejected("a template's name is its ContentSid at Twilio: HX and 32 hexadecimal digits", code="template")
    if not LIMITS[message.channel].templates:
        raise Rejected(f"there are no templates on {message.channel}", code="template")
    fields = [("ContentSid", template.name)]
    if template.parameters:
        variables = {str(number): value for number, value in enumerate(template.parameters, start=1)}
        fields.append(("ContentVariables", json.dumps(variables, ensure_ascii=False)))
    return fields


def _content(outgoing: Outgoing) -> list[tuple[str, str]]:
    message = outgoing.message
    limits, channel = LIMITS[message.channel], message.channel
    if limits.window is not None and (outgoing.since_heard is None or outgoing.since_heard >= limits.window):
        raise Rejected(
            f"the customer last wrote on {channel} more than 24 hours ago, or never: only a template may be sent",
            code="window",
        )
    size = utf16(message.text)
    if size > MAX_TEXT:
        raise Rejected(f"the text has {size} characters, Twilio carries at most {MAX_TEXT}", code="too_long")
    urls = [attachment.url or "" for attachment in message.attachments]
    if any(not url.startswith("https://") for url in urls) or len(urls) > limits.files:
        raise Rejected(
            f"{channel} through Twilio carries at most {limits.files} files in one message, each by an https URL",
            code="attachments",
        )
    if urls and message.text.strip() and not limits.caption:
        raise Rejected(f"on {channel} text and file go in messages of their own", code="caption")
    if not message.text.strip() and not urls:
        raise Rejected("there is no text to send", code="empty")
    return ([("Body", message.text)] if message.text else []) + [("MediaUrl", url) for url in urls]


def _json_or_nothing(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except Unparsable:
        return {}
