"""Messenger's and Instagram's calls: from the entries of one call to messages, receipts and what is left out.

Both have one envelope; an item is read by the key that it has. Facts are from Meta's "Webhook Events Reference" (Messenger
Platform) and "Instagram Platform Webhook Notification Examples".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels import meta, meta_actions
from channels.base import Request
from channels.meta_content import Content, content_of, dictionary, identifier, listed, words
from router import ids
from router.config import Inbox
from router.messages import (
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

_SEND_ID = re.compile(r"m_[a-z2-7]{24}")
_ENVELOPE = frozenset({"sender", "recipient", "timestamp", "prior_message", "hop_context"})
_ACTIONS: Mapping[str, Callable[[dict[str, Any]], Content]] = {
    "postback": meta_actions.postback,
    "reaction": meta_actions.reaction,
    "order": meta_actions.cart,
    "response_feedback": meta_actions.rating,
    "message_edit": meta_actions.edit,
    "referral": meta_actions.referral,
    "optin": meta_actions.optin,
    "messaging_feedback": meta_actions.answers,
    "messaging_customer_information": meta_actions.answers,
}
_ABOUT_A_MESSAGE = frozenset({Kind.REACTION, Kind.EDIT, Kind.DELETION})


@dataclass(frozen=True, slots=True)
class Platform:
    """Which of the two it is: its name in ids, its channel, and what its calls say they are about."""

    name: str
    channel: ChannelName
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """One event between an account of ours and a customer."""

    fields: dict[str, Any]
    account: str
    customer: str
    ours: bool  # the account did it: in Meta's own app, or we did by the API
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What every item of one call has in common."""

    platform: Platform
    request: Request
    inbox: Inbox
    key: bytes


def parse(request: Request, inbox: Inbox, key: bytes, platform: Platform) -> Parsed:
    """Everything in one call. Unparsable without entries; what one item holds never keeps another from being read."""
    if request.method.upper() == "GET":
        return Parsed(ignored=(Ignored(what="GET", reason="the webhook's set-up, answered by its challenge"),))
    entries, about = meta.entries(request), meta.object_of(request)
    if about not in platform.objects:
        return Parsed(ignored=(Ignored(what=f"object {about[:80]}", reason=f"not about {platform.name}"),))
    reading = Reading(platform, request, inbox, key)
    found = [part for entry in entries for part in _entry(entry, reading)]
    return Parsed(
        messages=tuple(part for part in found if isinstance(part, Message)),
        receipts=tuple(part for part in found if isinstance(part, Receipt)),
        ignored=tuple(part for part in found if isinstance(part, Ignored)),
    )


def account_of(inbox: Inbox) -> str:
    """The page or account an inbox stands for; empty where its address is only a label."""
    return identifier(inbox.settings.get("page_id")) or (inbox.address if inbox.address.isdigit() else "")


_Part = Message | Receipt | Ignored


def _entry(entry: dict[str, Any], reading: Reading) -> Iterator[_Part]:
    for name in (
        "messaging",
        "standby",
    ):  # standby: another app holds the conversation, the customer wrote all the same
        for fields in listed(entry.get(name)):
            yield from _event(fields, entry, name, reading)
    changes = listed(entry.get("changes"))
    if not changes and "value" in entry:  # comments, to apps that use Instagram Login, stand in the entry itself
        changes = [entry]
    if not changes and not any(listed(entry.get(name)) for name in ("messaging", "standby")):
        yield Ignored(what="entry", reason="without anything in it")
    for change in changes:
        field, value = words(dictionary(change).get("field")), dictionary(change).get("value")
        if isinstance(value, dict) and isinstance(value.get("sender"), dict):
            yield from _event(
                value, entry, field, reading
            )  # as Instagram Login and the App Dashboard's samples have it
        else:
            yield Ignored(what=f"change {field[:80]}", reason="public or about the account: not a private conversation")


def _event(fields: object, entry: dict[str, Any], name: str, reading: Reading) -> Iterator[_Part]:
    if not isinstance(fields, dict):
        yield Ignored(what=name, reason="not an object")
        return
    item = _item(fields, identifier(entry.get("id")), meta.milliseconds(entry.get("time")))
    mine = {reading.inbox.address, account_of(reading.inbox)} if account_of(reading.inbox) else set()
    if mine and not mine & {identifier(entry.get("id")), item.account}:
        account = identifier(entry.get("id")) or item.account
        yield Ignored(what=name, reason="of another page or account than this inbox's", account=account[:80])
        return
    keys = [key for key in fields if key not in _ENVELOPE]
    key = next((key for key in ("message", "delivery", "read", *_ACTIONS) if key in keys), keys[0] if keys else "")
    value, plain = fields.get(key), key.replace("-", "_")
    if not key:
        yield Ignored(what=name, reason="says only who it is between")
    elif plain in meta_actions.NOT_FOR_US:
        yield Ignored(what=plain, reason=meta_actions.NOT_FOR_US[plain])
    elif key in ("delivery", "read") and isinstance(value, dict):
        yield from _receipts(key, value, item, reading)
    elif not item.customer and key not in ("message", "postback"):
        yield Ignored(what=key, reason="nobody is named in it")
    elif key == "message_edit" and not meta_actions.edited(value):
        yield Ignored(what=key, reason="nothing was edited")  # Instagram tells of each new message so, too
    elif key == "message" and isinstance(value, dict):
        yield _written(value, item, reading)
    elif key in _ACTIONS and isinstance(value, dict):
        content = _ACTIONS[key](value)
        content = content._replace(raw=fields) if content.kind is Kind.UNKNOWN else content
        mid = identifier(value.get("mid")) or None
        yield _message(content, None if content.kind in _ABOUT_A_MESSAGE else mid, item, reading)
    else:
        yield _message(Content(Kind.UNKNOWN, raw=fields), None, item, reading)


def _item(fields: dict[str, Any], entry: str, sent: datetime | None) -> Item:
    """Who it is between. An echo's sender is the account; so is whoever has the entry's id."""
    sender = identifier(dictionary(fields.get("sender")).get("id"))
    recipient = identifier(dictionary(fields.get("recipient")).get("id"))
    at = meta.milliseconds(fields.get("timestamp")) or sent
    echo = dictionary(fields.get("message")).get("is_echo") is True
    if sender != recipient and ((sender and sender == entry) or (echo and recipient != entry)):
        return Item(fields, sender, recipient, True, at)
    return Item(fields, recipient or entry, sender, echo, at)


def _written(value: dict[str, Any], item: Item, reading: Reading) -> Message | Receipt:
    """A message, its withdrawal, or the echo of one that we sent."""
    mid = identifier(value.get("mid")) or None
    if value.get("is_deleted") is True:
        return _message(Content(Kind.DELETION, refers_to=mid), None, item, reading)
    send_id = words(value.get("metadata"))
    app, ours = identifier(reading.inbox.settings.get("app_id")), identifier(value.get("app_id"))
    if item.ours and mid and _SEND_ID.fullmatch(send_id) and (not app or app == ours):
        return _receipt(ReceiptStatus.SENT, "echo", item, reading, mid=mid, send_id=send_id)
    content = content_of(value)
    return _message(
        content if content.kind is not Kind.UNKNOWN else content._replace(raw=item.fields), mid, item, reading
    )


def _message(content: Content, mid: str | None, item: Item, reading: Reading) -> Message:
    """Without an id of Meta's own, it is known by all that the item says."""
    known_by = mid or json.dumps(item.fields, sort_keys=True)
    account, customer = Party(address=item.account), Party(address=item.customer)
    return Message(
        id=ids.message_id(reading.key, str(Provider.META), reading.inbox.brand, known_by),
        external_id=mid,
        channel=reading.platform.channel,
        provider=Provider.META,
        inbox=reading.inbox.name,
        direction=Direction.OUTBOUND if item.ours else Direction.INBOUND,
        kind=content.kind,
        sender=account if item.ours else customer,
        recipients=tuple(party for party in (customer if item.ours else account,) if party.address),
        text=content.text,
        attachments=content.attachments,
        refers_to=content.refers_to,
        payload=content.payload,
        provider_at=item.at,
        received_at=reading.request.received_at,
        authenticity=Authenticity(proof=Proof.STRONG, method="meta-signature"),
        raw_ref=reading.request.raw_ref,
        raw=content.raw,
        problems=() if item.customer else ("nobody is named as the customer",),
        author="elsewhere" if item.ours else None,
    )


def _receipts(key: str, value: dict[str, Any], item: Item, reading: Reading) -> Iterator[Receipt | Ignored]:
    """`mids` (delivery) or `mid` (Instagram's read) name messages; else the watermark is about all that was sent before."""
    status = ReceiptStatus.DELIVERED if key == "delivery" else ReceiptStatus.READ
    upto = meta.milliseconds(value.get("watermark"))
    named = [mid for one in (*listed(value.get("mids")), value.get("mid")) if (mid := identifier(one))]
    at = meta.milliseconds(item.fields.get("timestamp")) or upto or item.at
    if item.ours:
        yield Ignored(what=key, reason="about the account's own reading")
    elif named:
        yield from (_receipt(status, key, item, reading, mid=mid, at=at) for mid in dict.fromkeys(named))
    elif upto:
        yield _receipt(status, key, item, reading, upto=upto, at=at)
    else:
        yield Ignored(what=key, reason="names neither a message nor a time")


def _receipt(
    status: ReceiptStatus,
    word: str,
    item: Item,
    reading: Reading,
    *,
    mid: str | None = None,
    send_id: str | None = None,
    upto: datetime | None = None,
    at: datetime | None = None,
) -> Receipt:
    about = mid or (upto.isoformat() if upto else "")
    return Receipt(
        id=ids.receipt_id(reading.key, reading.platform.name, about, word, item.customer),
        channel=reading.platform.channel,
        provider=Provider.META,
        inbox=reading.inbox.name,
        status=status,
        provider_status=word,
        external_id=mid,
        send_id=send_id,
        recipient=item.customer or None,
        upto=upto,
        at=at or item.at or reading.request.received_at,
        received_at=reading.request.received_at,
    )
