"""Messages, posts and a business account's messages: new ones, new versions, deleted ones.

Facts are from the Bot API's page, "Message" and "BusinessMessagesDeleted".
"""

# ruff: noqa: ARG001 - every reader of an update's part is called alike

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.telegram_content import content
from channels.telegram_place import Place, around, ignored, language_of, own_id, party_of, private
from channels.telegram_values import integers, name_of, number, part, text, time
from router.errors import TooLarge
from router.messages import Direction, Kind, Parsed, Party

MAX_DELETED = 1_000  # messages in one update; more than that is not read one by one


def _refers_to(value: Mapping[str, Any]) -> str | None:
    """The message this one answers or pins. In a forum every message hangs on the one that created its topic: no answer."""
    chat = part(value, "chat")
    for name in ("reply_to_message", "external_reply", "pinned_message"):
        other = part(value, name)
        if other and "forum_topic_created" not in other:
            at_home = name != "external_reply" and not part(other, "chat")
            return own_id({**other, "chat": chat} if at_home else other)
    for name in ("checklist_tasks_done", "checklist_tasks_added"):
        if other := part(part(value, name), "checklist_message"):
            return own_id(other)
    return None


def said(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A message, a post, a business account's message, or a new version of one."""
    if number(part(value, "chat"), "id") is None:
        return None
    if part(value, "sender_business_bot"):
        return ignored(name, "what we sent for the business account")
    user, own = part(value, "from"), own_id(value)
    inside, party = content(value), party_of(value, user)
    kind, refers_to, at_field = inside.kind, _refers_to(value), "date"
    external_id = own or at.number
    if name.startswith("edited_"):
        # Telegram sends the same second's version again when something changes that nobody sees.
        edited = number(value, "edit_date")
        external_id = f"{external_id}:edit:{at.number if edited is None else edited}"
        kind, refers_to, at_field = Kind.EDIT, own, "edit_date"
    elif kind is Kind.MESSAGE and user.get("is_bot") is True and not part(value, "sender_chat"):
        kind = Kind.AUTO_REPLY
    elif kind is Kind.MESSAGE and value.get("is_automatic_forward") is True:
        kind = Kind.BULK  # a channel's post in its discussion group
    at_time = time(value, at_field)
    moved = [number(value, field) for field in ("migrate_to_chat_id", "migrate_from_chat_id")]
    party = party.model_copy(update={"also": party.also + tuple(str(chat) for chat in moved if chat is not None)})
    fields: dict[str, Any] = {
        "text": inside.text,
        "attachments": inside.attachments,
        "payload": inside.payload,
        "refers_to": refers_to,
        "album": text(value, "media_group_id") or None,
        "language": language_of(user),
        "provider_at": at_time,
        "problems": () if at_time or at_field not in value else (f"{at_field}: not a Unix time",),
        "raw": dict(at.update) if inside.kind is Kind.UNKNOWN else {**around(value), **inside.raw},
    }
    if _is_echo(name, value, user):
        fields |= {"direction": Direction.OUTBOUND, "author": "elsewhere", "recipients": (party_of(value, {}),)}
        party = Party(address=at.inbox.address, name=name_of(user) or None)
    return Parsed(messages=(at.message(external_id, kind, party, **fields),))


def _is_echo(name: str, value: Mapping[str, Any], user: Mapping[str, Any]) -> bool:
    """Whether the owner of a business account wrote it: in their private chats the customer is the chat."""
    chat, writer = part(value, "chat"), number(user, "id")
    return "business" in name and private(chat) and writer is not None and writer != number(chat, "id")


def deleted(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """One deletion for each message. Telegram does not say when, or by which of the two."""
    chat = number(part(value, "chat"), "id")
    found = integers(value, "message_ids")
    if chat is None or not found:
        return None
    if len(found) > MAX_DELETED:
        raise TooLarge(f"{len(found)} messages deleted in one update; at most {MAX_DELETED} are read")
    party, raw = party_of(value, {}), {"business_connection_id": text(value, "business_connection_id")}
    return Parsed(
        messages=tuple(
            at.message(f"{chat}:{one}:deleted", Kind.DELETION, party, refers_to=f"{chat}:{one}", raw=raw)
            for one in dict.fromkeys(found)
        )
    )
