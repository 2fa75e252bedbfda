"""A message as the body of a call to WhatsApp: text, a file by link, buttons, a list, a template.

Facts and limits are from Meta's pages "Text messages", "Image/Audio/Video/Document/Sticker messages", "Interactive reply
buttons messages", "Interactive list messages", "Interactive call-to-action URL button messages" and "Template messages".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels import phones
from channels.base import Limits, Outgoing
from channels.whatsapp_values import USER_ID
from router.config import Inbox
from router.errors import Rejected
from router.messages import Attachment, Kind, Message, Option, Template

MB = 1024 * 1024
MAX_BUTTONS_TEXT = 1_024
MAX_LINK_TITLE = 20
MAX_PARAMETER = 1_024
AUDIO = ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg")

# WhatsApp counts characters and does not say which: the larger count, UTF-16's, is the safe one.
LIMITS = Limits(
    text=4_096,
    caption=1_024,
    files=1,
    file_bytes={
        "image/jpeg": 5 * MB,
        "image/png": 5 * MB,
        "image/webp": 500_000,  # a moving sticker; a still one 100 KB
        "video/mp4": 16 * MB,
        "video/3gpp": 16 * MB,
        **dict.fromkeys(AUDIO, 16 * MB),
        "*": 100 * MB,  # any other type is a document
    },
    buttons=3,
    button_title=20,
    button_text=1_024,
    link_buttons=1,
    link_text=1_024,
    menu=10,
    menu_title=24,
    window=timedelta(hours=24),
    templates=True,
    sends_per_second=80.0,
    echoes=True,
    receipts=frozenset({"sent", "delivered", "read", "failed"}),
)

MEDIA: Mapping[str, str] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "video/mp4": "video",
    "video/3gpp": "video",
    **dict.fromkeys(AUDIO, "audio"),
}
_WITHOUT_CAPTION = frozenset({"audio", "sticker"})

# What opens a list: WhatsApp wants a word on it, and knows none itself.
_OPEN = {"ar": "اختر", "de": "Auswählen", "en": "Choose", "es": "Elegir", "fr": "Choisir", "it": "Scegli"}
_OPEN |= {"nl": "Kiezen", "pl": "Wybierz", "pt": "Escolher", "ru": "Выбрать", "tr": "Seç"}


def body_of(outgoing: Outgoing) -> dict[str, Any]:
    """The call's JSON. Rejected for what breaks a limit, and outside the window for all but a template."""
    message = outgoing.message
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(message),
        "biz_opaque_callback_data": message.id,  # comes back in each status: it settles what a broken line left open
    }
    if message.refers_to:
        body["context"] = {"message_id": message.refers_to}
    if message.template:
        return body | _template(message, message.template)
    if outgoing.since_heard is None or outgoing.since_heard >= timedelta(hours=24):
        raise Rejected("the customer last wrote more than 24 hours ago: only a template can be sent", code="window")
    if message.options:
        return body | {"type": "interactive", "interactive": _interactive(message, outgoing.inbox)}
    if message.attachments:
        return body | _media(message)
    if not message.text.strip():
        raise Rejected("there is no text to send", code="empty")
    _fits(message.text, LIMITS.text or 0, "a text")
    return body | {"type": "text", "text": {"preview_url": False, "body": message.text}}


def _recipient(message: Message) -> dict[str, str]:
    """`to` a number, or `recipient` a business-scoped user id ("Business-scoped user IDs")."""
    if len(message.recipients) != 1:
        raise Rejected(f"one recipient is needed, not {len(message.recipients)}", code="recipient")
    address = message.recipients[0].address
    if USER_ID.fullmatch(address):
        return {"recipient": address}
    if not address.startswith("+") or not phones.can_receive(address):
        raise Rejected("the recipient is neither a phone number nor a WhatsApp user id", code="recipient")
    return {"to": address.removeprefix("+")}


def _fits(text: str, most: int, what: str, code: str = "too_long") -> None:
    if (size := LIMITS.length(text)) > most:
        raise Rejected(f"{what} on WhatsApp has at most {most} characters, not {size}", code=code)


def _file(message: Message) -> tuple[str, Attachment]:
    """The one file, and as what it is sent. Meta fetches it by its link."""
    (attachment, *more) = message.attachments
    url = attachment.url or ""
    if more or not url.startswith("https://"):
        raise Rejected("a WhatsApp message carries one file, by an https link", code="attachments")
    kind = attachment.content_type.partition(";")[0].strip().lower()
    most = LIMITS.largest(kind)
    if attachment.size is not None and attachment.size > most:
        raise Rejected(f"a file of type {kind[:60]} on WhatsApp has at most {most} bytes", code="attachments")
    return MEDIA.get(kind, "document"), attachment


def _media(message: Message) -> dict[str, Any]:
    """A file with its caption. Under sound and stickers WhatsApp shows no words: with some, they travel as documents."""
    name, attachment = _file(message)
    caption = message.text if message.text.strip() else ""
    if caption and name in _WITHOUT_CAPTION:
        name = "document"
    part = {"link": attachment.url or ""}
    if caption:
        _fits(caption, LIMITS.caption or 0, "the text beside a file")
        part["caption"] = caption
    if name == "document" and attachment.filename:
        part["filename"] = attachment.filename
    return {"type": name, name: part}


def _interactive(message: Message, inbox: Inbox) -> dict[str, Any]:
    """Three short options are buttons, ten a list; a link stands alone."""
    options = message.options
    if not message.text.strip():
        raise Rejected("WhatsApp shows options only below a text", code="empty")
    titles = [option.title.strip() for option in options]
    if not all(titles):
        raise Rejected("an option has no title", code="options")
    if len(set(titles)) < len(titles):
        raise Rejected("two options have the same title", code="options")
    payloads = [option.payload or title for option, title in _titled(options)]
    if len(set(payloads)) < len(payloads):
        raise Rejected("two options send back the same: WhatsApp takes each id once", code="options")
    if any(option.url for option in options):
        return _with_header(message, _link(options), MAX_BUTTONS_TEXT)
    longest = max(LIMITS.length(title) for title in titles)
    if len(options) <= LIMITS.buttons and longest <= LIMITS.button_title:
        buttons = [{"type": "reply", "reply": {"id": o.payload or t, "title": t}} for o, t in _titled(options)]
        return _with_header(message, {"type": "button", "action": {"buttons": buttons}}, MAX_BUTTONS_TEXT)
    if len(options) > LIMITS.menu or longest > LIMITS.menu_title:
        raise Rejected(
            f"WhatsApp shows {LIMITS.buttons} buttons of {LIMITS.button_title} characters, or a list of {LIMITS.menu} "
            f"rows of {LIMITS.menu_title}; these are {len(options)}, the longest of {longest}",
            code="options",
        )
    if message.attachments:
        raise Rejected("WhatsApp shows no file with a list: send it before", code="attachments")
    _fits(message.text, LIMITS.text or 0, "the text above a list")
    language = (message.language or inbox.language).partition("-")[0].lower()
    rows = [{"id": option.payload or title, "title": title} for option, title in _titled(options)]
    action = {"button": _OPEN.get(language, _OPEN["en"]), "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": message.text}, "action": action}


def _titled(options: tuple[Option, ...]) -> list[tuple[Option, str]]:
    return [(option, option.title.strip()) for option in options]


def _link(options: tuple[Option, ...]) -> dict[str, Any]:
    (option, *more) = options
    url = option.url or ""
    if more or not url.startswith(("https://", "http://")):
        raise Rejected("WhatsApp shows one link as a button, and nothing beside it", code="options")
    _fits(option.title, MAX_LINK_TITLE, "a link's title", "options")
    return {"type": "cta_url", "action": {"name": "cta_url", "parameters": {"display_text": option.title, "url": url}}}


def _with_header(message: Message, interactive: dict[str, Any], most: int) -> dict[str, Any]:
    """The text, and the file above it where there is one."""
    _fits(message.text, most, "the text above buttons")
    whole = interactive | {"body": {"text": message.text}}
    if message.attachments:
        name, attachment = _file(message)
        if name in _WITHOUT_CAPTION:
            name = "document"
        part = {"link": attachment.url or ""}
        if name == "document" and attachment.filename:
            part["filename"] = attachment.filename
        whole["header"] = {"type": name, name: part}
    return whole


def _template(message: Message, template: Template) -> dict[str, Any]:
    """The approved text with its variables. WhatsApp takes no line break or tab in one, nor five blanks in a row."""
    if message.attachments or message.options:
        raise Rejected("a template carries no file and no options of ours", code="template")
    for value in template.parameters:
        if not value.strip() or re.search(r"[\n\r\t]| {5}", value):
            raise Rejected(
                "a template's parameter is empty, or has a line break, a tab or five blanks", code="template"
            )
        _fits(value, MAX_PARAMETER, "a template's parameter", "template")
    part: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if template.parameters:
        values = [{"type": "text", "text": value} for value in template.parameters]
        part["components"] = [{"type": "body", "parameters": values}]
        if message.kind is Kind.SYSTEM:  # a one-time code goes into the button, too ("Authentication templates")
            part["components"].append({"type": "button", "sub_type": "url", "index": "0", "parameters": values[:1]})
    return {"type": "template", "template": part}
