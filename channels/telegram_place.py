"""Where an update came to, who wrote it, and what its message is called.

Facts are from the Bot API's page, "User", "Chat" and "Message". A chat's id is the address: a private chat has its user's.
A message's id is unique in its chat only, so ours is `<chat>:<message>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from channels.base import Request
from channels.telegram_values import name_of, number, part, text
from router import ids
from router.config import Inbox
from router.errors import Unparsable
from router.messages import Authenticity, ChannelName, Direction, Ignored, Kind, Message, Parsed, Party, Proof, Provider
from router.turns import in_turn

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_FORWARDED = ("forward_from", "forward_from_chat", "forward_sender_name", "forward_date")  # before Bot API 7.0
_AROUND = ("message_thread_id", "business_connection_id", "guest_query_id", "author_signature", "forward_origin")


class Place(NamedTuple):
    """Where an update came to, and the whole of it."""

    request: Request
    inbox: Inbox
    key: bytes
    update: Mapping[str, Any]

    @property
    def number(self) -> str:
        """The update's own id, for what has no other. Raise Unparsable without one."""
        found = number(self.update, "update_id")
        if found is None:
            raise Unparsable("no update_id: not an update of Telegram's Bot API")
        return str(found)

    def message(self, external_id: str, kind: Kind, sender: Party, **more: Any) -> Message:
        """A message of the customer's. Telegram tells whole seconds, and its updates are numbered as they happen ("Update")."""
        fields: dict[str, Any] = {
            "id": ids.message_id(self.key, "telegram", f"{self.inbox.brand}:{self.inbox.address}", external_id),
            "external_id": external_id,
            "channel": ChannelName.TELEGRAM,
            "provider": Provider.TELEGRAM,
            "inbox": self.inbox.name,
            "direction": Direction.INBOUND,
            "kind": kind,
            "sender": sender,
            "recipients": (Party(address=self.inbox.address),),
            "received_at": self.request.received_at,
            "authenticity": Authenticity(
                proof=Proof.STRONG if sender.address else Proof.NONE, method="telegram-secret"
            ),
            "raw_ref": self.request.raw_ref,
        }
        fields |= more
        fields["raw"] = fields.get("raw") or None
        return in_turn(Message(**fields), number(self.update, "update_id"))


def ignored(what: str, reason: str) -> Parsed:
    return Parsed(ignored=(Ignored(what=what, reason=reason),))


def user_of(value: Any) -> Mapping[str, Any]:
    return part(value, "from") or part(value, "user")


def private(chat: Mapping[str, Any]) -> bool:
    kind = text(chat, "type")
    return kind == "private" if kind else (number(chat, "id") or 0) > 0


def party_of(value: Mapping[str, Any], user: Mapping[str, Any]) -> Party:
    """Who wrote, at the address of the chat, or of the user where there is no chat.

    A group is one address, and the name says which of its members spoke: their other ids are not the group's. In a
    channel's direct messages each customer has a topic of their own, and it is part of the address.
    """
    chat = part(value, "chat") or user
    address = "" if number(chat, "id") is None else str(chat["id"])
    topic = number(part(value, "direct_messages_topic"), "topic_id")
    if chat is user or private(chat):
        names = (text(user, "username") or text(chat, "username"),)
    else:
        names = (text(chat, "username") if topic is None else "",)
    on_behalf = part(value, "sender_chat") or part(value, "actor_chat") or part(value, "voter_chat")
    return Party(
        address=address if topic is None or not address else f"{address}/{topic}",
        name=name_of(on_behalf) or name_of(user) or name_of(chat) or None,
        also=tuple(f"@{name}" for name in names if name),
    )


def own_id(value: Any) -> str | None:
    """`<chat>:<message>`; None without either, and for ephemeral messages, whose ids are used again."""
    chat, message = number(part(value, "chat"), "id"), number(value, "message_id")
    if chat is None or not message or message < 0 or number(value, "ephemeral_message_id") is not None:
        return None
    return f"{chat}:{message}"


def language_of(user: Mapping[str, Any]) -> str | None:
    """The language of the person's app, as Telegram says it."""
    code = text(user, "language_code")
    return code if _LANGUAGE.fullmatch(code) else None


def around(value: Mapping[str, Any]) -> dict[str, Any]:
    """What stands around a message's content and has no field of ours."""
    user, chat = part(value, "from"), part(value, "chat")
    raw: dict[str, Any] = {}
    if chat and not private(chat):
        raw |= {"chat_type": text(chat, "type"), "chat_title": text(chat, "title")}
    if chat and (not private(chat) or number(user, "id") != number(chat, "id")):
        raw["from"] = {name: user[name] for name in ("id", "username") if name in user}
    raw |= {name: value.get(name) for name in _AROUND}
    raw["is_from_offline"] = value.get("is_from_offline") is True
    raw["via_bot"] = text(part(value, "via_bot"), "username")
    raw["quote"] = text(part(value, "quote"), "text")
    raw["reply_to_story"] = value.get("reply_to_story")
    origin = {name: value[name] for name in _FORWARDED if name in value}
    return {name: found for name, found in (raw | origin).items() if found}
