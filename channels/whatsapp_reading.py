"""A WhatsApp webhook taken apart: entries, changes, and in them messages, echoes, statuses and what is none of these.

Facts are from Meta's pages "messages webhook reference", "smb_message_echoes webhook reference", "user_preferences
webhook reference", "Standby webhooks" and "Business-scoped user IDs" (WhatsApp Business Platform).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from channels import meta
from channels.base import Request
from channels.reading import clean, json_object
from channels.whatsapp_content import Content, content_of, type_of
from channels.whatsapp_errors import REFUSALS
from channels.whatsapp_fields import FIELDS
from channels.whatsapp_statuses import receipt_of
from channels.whatsapp_values import contact_of, digits, listed, mapping, mappings, name_of, person, phone, word
from router import ids
from router.config import Inbox
from router.errors import Unparsable
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
)
from router.turns import by_arrival

OBJECT = "whatsapp_business_account"
NEWS = ("user_preferences", "user_id_update")
_EVENT = re.compile(r"[A-Z][A-Z_]{1,60}")
_ADDRESSED = ("id", "from", "from_user_id", "from_parent_user_id", "to", "to_user_id", "to_parent_user_id", "timestamp")

Found = Message | Receipt | Ignored


def read(request: Request, inbox: Inbox, key: bytes) -> Parsed:
    """All that a call holds; its messages with their turns, for WhatsApp tells whole seconds.

    Unparsable for what is no webhook of WhatsApp's.
    """
    found = [
        item
        for call in _calls(request)
        for entry in _entries(call)
        for item in _Reader(request, inbox, key).entry(entry)
    ]
    return Parsed(
        messages=by_arrival(item for item in found if isinstance(item, Message)),
        receipts=tuple(item for item in found if isinstance(item, Receipt)),
        ignored=tuple(item for item in found if isinstance(item, Ignored)),
    )


def account_of(inbox: Inbox) -> str:
    """The number an inbox stands for: its id at Meta, else its digits; empty where its address is only a label."""
    return word(inbox.settings.get("phone_number_id")) or digits(inbox.address)


def _calls(request: Request) -> Iterator[Request]:
    """The call itself; of a collection of calls by name, as they are kept for tests, each one.

    A bare value (`messages` without `entry`) is what providers on top of Meta's API pass on.
    """
    body = json_object(request.body)
    kept = [value for value in body.values() if isinstance(value, dict) and "entry" in value]
    if {"messages", "statuses", "message_echoes"} & body.keys() and "entry" not in body:
        yield _call(request, {"entry": [{"changes": [{"field": "messages", "value": body}]}]})
    elif "entry" in body or not kept:
        yield request
    for value in kept:
        yield _call(request, value)


def _call(request: Request, body: Mapping[str, Any]) -> Request:
    try:
        return replace(request, body=json.dumps(body).encode("ascii"))
    except (ValueError, RecursionError):
        raise Unparsable("nested too deeply") from None


def _entries(request: Request) -> list[dict[str, Any]]:
    if (name := meta.object_of(request)) not in ("", OBJECT):
        raise Unparsable(f"the call is about a '{name[:40]}', not about WhatsApp: subscribe that to its own channel")
    return meta.entries(request)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One call's circumstances: when it came, for which inbox."""

    request: Request
    inbox: Inbox
    key: bytes

    def entry(self, entry: Mapping[str, Any]) -> Iterator[Found]:
        changes = listed(entry.get("changes"))
        if not changes:
            yield Ignored(what="entry", reason="without any change")
        for change in map(mapping, changes):
            yield from self.change(word(change.get("field")), mapping(change.get("value")))

    def change(self, field: str, value: Mapping[str, Any]) -> Iterator[Found]:
        what = field[:60] or "change"
        metadata = mapping(value.get("metadata"))
        if not self.ours(metadata):
            number = word(metadata.get("phone_number_id")) or digits(metadata.get("display_phone_number"))
            yield Ignored(what=what, reason="about another number than the inbox's", account=clean(number)[:80])
            return
        if field in FIELDS:
            event = word(value.get("event")) or word(value.get("decision"))
            yield Ignored(what=what, reason=FIELDS[field] + (f": {event}" if _EVENT.fullmatch(event) else ""))
            return
        found = list(self.value(value))
        yield from found
        if found:
            return
        known = field in ("", "messages", "smb_message_echoes", "message_echoes", *NEWS)
        contacts = mappings(value.get("contacts"))
        if not known and len(contacts) == 1:  # a field that is new, about one customer
            yield self.message({"type": what, what: value}, value, contacts)
        else:
            yield Ignored(what=what, reason="nothing in it" if known else "a field this version does not know")

    def value(self, value: Mapping[str, Any]) -> Iterator[Found]:
        """What a change holds, whatever its field: a list says by its name what it is a list of."""
        contacts = mappings(value.get("contacts"))
        for item in listed(value.get("messages")):
            yield self.message(item, value, contacts)
        for item in listed(value.get("message_echoes")):
            yield self.echo(item, value, contacts)
        for item in listed(value.get("statuses")):
            status = mapping(item)
            yield (
                receipt_of(status, self.request, self.inbox, self.key)
                if status
                else Ignored(what="status", reason="not an object")
            )
        for name in NEWS:
            for item in mappings(value.get(name)):
                yield self.news(name, item, value, contacts)
        for error in mappings(value.get("errors")):
            code = word(error.get("code"))
            known = REFUSALS.get(code)
            said = f"WhatsApp reports error {code[:20]}" + (f": {known.text}" if known else "")
            yield Ignored(what="error", reason=said)

    def ours(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a call is about this inbox's number, as far as the inbox and the call say which."""
        number_id = word(metadata.get("phone_number_id"))
        if stated := word(self.inbox.settings.get("phone_number_id")):
            return number_id in ("", stated)
        given = {digits(number_id), digits(metadata.get("display_phone_number"))} - {""}
        own = digits(self.inbox.address)
        return not own or not given or own in given

    def message(self, item: object, value: Mapping[str, Any], contacts: list[dict[str, Any]]) -> Message:
        """One message of a customer. What cannot be read is UNKNOWN and keeps all of it: the others must not be lost."""
        message = mapping(item)
        contact, sure = contact_of(message, contacts)
        system = mapping(message.get("system"))
        own = contact if sure else {}
        number = word(message.get("from")) or own.get("wa_id")
        sender = person(
            number,
            word(message.get("from_user_id")) or own.get("user_id"),
            word(message.get("from_parent_user_id")) or own.get("parent_user_id"),
            name_of(contact),
        )
        before = person(None, system.get("previous_user_id"), system.get("previous_parent_user_id"))
        changed = person(
            word(system.get("wa_id")) or system.get("new_wa_id"), system.get("user_id"), system.get("parent_user_id")
        )
        known = _joined(sender, before) if number else _joined(before, sender)
        return self.made(item, message, contact, sender=_joined(known, changed), recipient=_business(value))

    def echo(self, item: object, value: Mapping[str, Any], contacts: list[dict[str, Any]]) -> Message:
        """What the company itself wrote in the WhatsApp Business app, or what another app of its sent."""
        message = mapping(item)
        message = {name: one for name, one in message.items() if name != "message"} | mapping(message.get("message"))
        sent_to = {f"from{name[2:]}": message.get(name) for name in ("to", "to_user_id", "to_parent_user_id")}
        contact, _ = contact_of(sent_to, contacts)
        to = person(message.get("to"), message.get("to_user_id"), message.get("to_parent_user_id"), name_of(contact))
        sender = _business(value) or person(message.get("from"), None, None)
        return self.made(item, message, {}, sender=sender, recipient=to).model_copy(
            update={"direction": Direction.OUTBOUND, "author": "elsewhere"}
        )

    def news(
        self, name: str, item: dict[str, Any], value: Mapping[str, Any], contacts: list[dict[str, Any]]
    ) -> Message:
        """The customer stopped or resumed marketing, or goes by a new user id: said to nobody, yet to be heard."""
        user, parent = item.get("user_id"), item.get("parent_user_id")
        known = person(None, mapping(user).get("previous"), mapping(parent).get("previous"))
        current, above = (word(one) or word(mapping(one).get("current")) for one in (user, parent))
        contact, _ = contact_of({"from": item.get("wa_id"), "from_user_id": current}, contacts)
        sender = _joined(known, person(item.get("wa_id"), current, above))
        return self.made(
            item,
            {"type": name, "timestamp": item.get("timestamp"), name: item},
            {},
            sender=sender.model_copy(update={"name": name_of(contact)}),
            recipient=_business(value),
            content=Content(Kind.SYSTEM, word(item.get("detail")), rest=item),
        )

    def made(
        self,
        item: object,
        message: Mapping[str, Any],
        contact: Mapping[str, Any],
        *,
        sender: Party | None,
        recipient: Party | None,
        content: Content | None = None,
    ) -> Message:
        """The message in our schema; `item` is what came, `message` what was read of it."""
        content = content or content_of(message)
        wamid = word(message.get("id"))
        context = mapping(message.get("context"))
        kind = content.kind if content else Kind.UNKNOWN
        refers_to = (content.refers_to if content else None) or word(context.get("id")) or None
        problems = [] if wamid or kind is Kind.SYSTEM else ["no id: known by what it says"]
        named = sender is not None and bool(sender.address)
        if not named:
            problems.append("From: neither a number nor a user id")
        return Message(
            id=ids.message_id(self.key, "meta", self.inbox.brand, _unique(item, message, wamid, kind, refers_to)),
            external_id=wamid or None,
            channel=ChannelName.WHATSAPP,
            provider=Provider.META,
            inbox=self.inbox.name,
            direction=Direction.INBOUND,
            kind=kind,
            sender=sender or Party(address=""),
            recipients=(recipient,) if recipient and recipient.address else (),
            text=content.text if content else "",
            attachments=content.attachments if content else (),
            refers_to=refers_to,
            payload=content.payload if content else None,
            provider_at=meta.seconds(message.get("timestamp")),
            received_at=self.request.received_at,
            authenticity=Authenticity(proof=Proof.STRONG if named else Proof.NONE, method="meta-signature"),
            raw_ref=self.request.raw_ref,
            raw=(_rest(message, contact, content) or None) if content else _whole(item),
            problems=tuple(problems),
        )


def _business(value: Mapping[str, Any]) -> Party | None:
    """Our own number as the call says it; its id where that is all there is."""
    metadata = mapping(value.get("metadata"))
    address = phone(metadata.get("display_phone_number")) or word(metadata.get("phone_number_id"))
    return Party(address=address) if address else None


def _joined(known: Party, new: Party) -> Party:
    """One person, by the address they were known by, with the ids that are theirs from now on."""
    name = known.name or new.name
    if not known.address:
        return new.model_copy(update={"name": name})
    also = dict.fromkeys(one for one in (*known.also, new.address, *new.also) if one and one != known.address)
    return known.model_copy(update={"name": name, "also": tuple(also)})


def _unique(item: object, message: Mapping[str, Any], wamid: str, kind: Kind, refers_to: str | None) -> str:
    """What tells this message from all others of the brand, the same in each redelivery."""
    if not wamid:
        return json.dumps(item, sort_keys=True)
    if kind in (Kind.EDIT, Kind.DELETION) and wamid == refers_to:
        return f"{wamid} {kind} {word(message.get('timestamp'))}"
    return wamid


def _whole(item: object) -> dict[str, Any]:
    return item if isinstance(item, dict) else {"value": item}


def _rest(message: Mapping[str, Any], contact: Mapping[str, Any], content: Content) -> dict[str, Any]:
    """What no field of ours holds: the type, forwarding, an ad's referral, a group, a username."""
    name = type_of(message)
    taken = (*_ADDRESSED, name, "context", *(("type",) if name == "text" else ()))
    rest = {key: value for key, value in message.items() if key not in taken}
    context = {key: value for key, value in mapping(message.get("context")).items() if key != "id"}
    profile = {key: value for key, value in mapping(contact.get("profile")).items() if key != "name"}
    known = {
        key: value for key, value in contact.items() if key not in ("wa_id", "user_id", "parent_user_id", "profile")
    }
    parts = {name: content.rest, "context": context, "contact": known | profile}
    return rest | {key: value for key, value in parts.items() if key and value}
