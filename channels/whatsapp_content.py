"""What one WhatsApp message says, by its type: its kind, its text for a reader, its files, what it is about.

Facts are from Meta's pages "messages webhook reference" and those of each type (WhatsApp Business Platform). What a form
holds is read in `whatsapp_forms`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from channels import whatsapp_forms
from channels.whatsapp_values import amount, mapping, mappings, media_type, phone, text, word
from router.messages import Attachment, Kind


class Content(NamedTuple):
    """`rest` is what of the typed part no field holds; it is kept in the message's raw."""

    kind: Kind = Kind.MESSAGE
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    refers_to: str | None = None
    payload: str | None = None
    rest: dict[str, Any] | list[dict[str, Any]] | None = None


# The family's type where a message does not say the file's own.
MEDIA = {
    "image": "image/*",
    "video": "video/*",
    "audio": "audio/*",
    "voice": "audio/*",
    "document": "application/octet-stream",
    "sticker": "image/webp",
}
# A shared contact's lists, and what of their items makes a line.
_CARD_LINES: Mapping[str, tuple[str, ...]] = {
    "phones": ("phone",),
    "emails": ("email",),
    "urls": ("url",),
    "addresses": ("street", "zip", "city", "state", "country"),
}
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?", re.ASCII)
_CARD_LINE = re.compile(r"^(FN|TEL|EMAIL)(?:;[^:\r\n]*)?:([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


def content_of(message: Mapping[str, Any]) -> Content | None:
    """What the message says; None for a type this version does not know, or one that lacks what its type promises."""
    name = type_of(message)
    if name in MEDIA:
        part = message.get(name)
        return _media(name, part) if isinstance(part, dict) else None
    read = _READERS.get(name)
    return read(message) if read else None


def type_of(message: Mapping[str, Any]) -> str:
    """The type as it is said, else the first one that the message has the part of."""
    return word(message.get("type")) or next((name for name in (*MEDIA, *_READERS) if name in message), "")


def _without(part: Mapping[str, Any], *taken: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in taken}


def _text(message: Mapping[str, Any]) -> Content | None:
    part = mapping(message.get("text"))
    return Content(text=part["body"], rest=_without(part, "body")) if text(part.get("body")) else None


def _media(name: str, part: Mapping[str, Any]) -> Content | None:
    """A file with its caption. One that Meta could not take itself has no id: its caption is kept, and that it is lost."""
    media_id, url = word(part.get("id")), text(part.get("url"))
    attachment = Attachment(
        content_type=media_type(part.get("mime_type")) or MEDIA[name],
        filename=word(part.get("filename")) or None,
        media_id=media_id or None,
        url=url if url.startswith("https://") else None,
    )
    if not attachment.media_id and not attachment.url:
        attachment = attachment.model_copy(update={"problem": "WhatsApp did not get the file"})
    taken = ("id", "url", "mime_type", "filename", "caption")
    return Content(text=text(part.get("caption")), attachments=(attachment,), rest=_without(part, *taken))


def _location(message: Mapping[str, Any]) -> Content | None:
    """A place is told as text: its name and address, and where it is as a geo URI (RFC 5870)."""
    part = mapping(message.get("location"))
    where = [_degrees(part.get(name), most) for name, most in (("latitude", 90), ("longitude", 180))]
    names = dict.fromkeys(one for name in ("name", "address") if (one := word(part.get(name))))
    lines = [", ".join(names), f"geo:{where[0]},{where[1]}" if all(where) else ""]
    said = "\n".join(line for line in lines if line)
    taken = ("name", "address", *(("latitude", "longitude") if all(where) else ()))
    return Content(text=said, rest=_without(part, *taken)) if said else None


def _degrees(value: object, most: int) -> str:
    """A number, or the digits of one, as providers on top of Meta's API pass it on."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > most:
        return ""
    return format(Decimal(repr(value)), "f")  # never with an exponent


def _contacts(message: Mapping[str, Any]) -> Content | None:
    """Shared contacts as a person would write them down, a blank line between two. All of them stay in the raw."""
    contacts = mappings(message.get("contacts"))
    cards = ["\n".join(_card(one)) for one in contacts]
    said = "\n\n".join(card for card in cards if card)
    return Content(text=said, rest=contacts) if said else None


def _card(contact: Mapping[str, Any]) -> Iterator[str]:
    name = mapping(contact.get("name"))
    parts = (word(name.get(part)) for part in ("prefix", "first_name", "middle_name", "last_name", "suffix"))
    full = word(name.get("formatted_name")) or " ".join(part for part in parts if part)
    if full:
        yield full
    work = mapping(contact.get("org"))
    if job := ", ".join(one for key in ("title", "department", "company") if (one := word(work.get(key)))):
        yield job
    for group, keys in _CARD_LINES.items():
        for item in mappings(contact.get(group)):
            if said := ", ".join(one for key in keys if (one := word(item.get(key)))) or phone(item.get("wa_id")):
                yield _labelled(said, item)
    if birthday := word(contact.get("birthday")):
        yield f"born {birthday}"
    if not (full or any(mappings(contact.get(group)) for group in _CARD_LINES)):
        yield from (value.strip() for _, value in _CARD_LINE.findall(text(contact.get("vcard"))))


def _labelled(value: str, item: Mapping[str, Any]) -> str:
    label = word(item.get("type"))
    return f"{value} ({label})" if label else value


def _order(message: Mapping[str, Any]) -> Content | None:
    """A cart as lines: how many of what, at which price. The items stay in the raw for those who book them."""
    part = mapping(message.get("order"))
    lines = [word(part.get("text"))]
    for item in mappings(part.get("product_items")):
        price = " ".join(one for key in ("item_price", "currency") if (one := amount(item.get(key))))
        what = f"{amount(item.get('quantity')) or '1'} × {word(item.get('product_retailer_id')) or 'unnamed product'}"
        lines.append(f"{what}, {price} each" if price else what)
    said = "\n".join(line for line in lines if line)
    return Content(text=said, rest=_without(part, "text")) if said else None


def _button(message: Mapping[str, Any]) -> Content | None:
    """A template's quick-reply button."""
    part = mapping(message.get("button"))
    said, payload = word(part.get("text")), word(part.get("payload"))
    if not said and not payload:
        return None
    return Content(Kind.POSTBACK, said or payload, payload=payload or said, rest=_without(part, "text", "payload"))


def _interactive(message: Mapping[str, Any]) -> Content | None:
    """A tapped button or row, a filled form (Flow), a word on calls, a product that is asked about."""
    whole = mapping(message.get("interactive"))
    name = word(whole.get("type")) or next((key for key in whole if key.endswith("_reply")), "")
    part = mapping(whole.get(name))
    if product := word(part.get("product_retailer_id")) or word(
        mapping(whole.get("action")).get("product_retailer_id")
    ):
        said = text(mapping(whole.get("body")).get("text")) or f"(shared the product {product})"
        return Content(text=said, rest=whole)
    files: tuple[Attachment, ...] = ()
    if name == "nfm_reply":
        said, payload, files = whatsapp_forms.read(part)
        rest = _without(part, "body", "response_json")
    elif name == "call_permission_reply":
        payload = word(part.get("response"))
        said, rest = f"call permission: {payload}" if payload else "", _without(part, "response")
    else:
        said, payload = word(part.get("title")), word(part.get("id"))
        rest = _without(part, "title", "id")
    if not said and not payload:
        return None
    return Content(
        Kind.POSTBACK,
        said or payload,
        files,
        payload=payload or said,
        rest={"type": name, **({name: rest} if rest else {})},
    )


def _reaction(message: Mapping[str, Any]) -> Content | None:
    """An emoji on a message; none at all takes the earlier one back, which the raw says as `removed`."""
    part = mapping(message.get("reaction"))
    about = word(part.get("message_id"))
    if not about:
        return None
    emoji = word(part.get("emoji"))
    rest = _without(part, "message_id", "emoji") | ({} if emoji else {"removed": True})
    return Content(Kind.REACTION, emoji, refers_to=about, rest=rest)


def _edit(message: Mapping[str, Any]) -> Content | None:
    """The new content of an earlier message ("Edit messages webhook reference")."""
    part = mapping(message.get("edit"))
    about, changed = word(part.get("original_message_id")), mapping(part.get("message"))
    name = type_of(changed)
    now = content_of(changed) if name in ("text", *MEDIA) else None
    if not about or now is None:
        return None
    if any(attachment.problem for attachment in now.attachments):
        now = now._replace(attachments=())  # a new caption alone: the file stays as it was, and is not named again
    rest = _without(part, "original_message_id", "message") | ({"message": now.rest} if now.rest else {})
    return now._replace(kind=Kind.EDIT, refers_to=about, rest=rest)


def _revoke(message: Mapping[str, Any]) -> Content | None:
    """The customer deleted a message for everyone ("Revoke messages webhook reference")."""
    part = mapping(message.get("revoke"))
    about = word(part.get("original_message_id"))
    return Content(Kind.DELETION, refers_to=about, rest=_without(part, "original_message_id")) if about else None


def _system(message: Mapping[str, Any]) -> Content:
    """A changed number, user id or device ("System messages webhook reference")."""
    part = mapping(message.get("system"))
    return Content(Kind.SYSTEM, text(part.get("body")), rest=_without(part, "body"))


def _welcome(message: Mapping[str, Any]) -> Content:
    """The chat was opened for the first time; nothing is written yet."""
    return Content(Kind.SYSTEM, rest=mapping(message.get("request_welcome")))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Content | None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _welcome,
}
