"""What a customer does without writing: taps, reactions, votes, payments, blocking the bot.

Facts are from the Bot API's page, "Available types" and "Payments".
"""

# ruff: noqa: ARG001 - every reader of an update's part is called alike

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from channels.telegram_place import Place, around, language_of, own_id, party_of, private, user_of
from channels.telegram_values import called, integers, items, money, part, parts, text, time
from router.messages import Kind, Parsed

_AWAY = frozenset({"left", "kicked"})


def tapped(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A tap on a button. Its time is not said: the date in it is that of the message with the buttons."""
    identifier, user, message = text(value, "id"), part(value, "from"), part(value, "message")
    if not identifier:
        return None
    data = text(value, "data")
    rows = items(part(message, "reply_markup"), "inline_keyboard")
    buttons = [button for row in rows if isinstance(row, list) for button in row]
    titles = [text(button, "text") for button in buttons if data and text(button, "callback_data") == data]
    raw = {
        **around({"chat": part(message, "chat"), "from": user}),
        "callback_query_id": identifier,
        "business_connection_id": text(message, "business_connection_id"),
        "inline_message_id": text(value, "inline_message_id"),
    }
    found = at.message(
        identifier,
        Kind.POSTBACK,
        party_of({"chat": part(message, "chat")}, user),
        text=titles[0] if titles else "",
        payload=data or text(value, "game_short_name") or None,
        refers_to=own_id(message) or text(value, "inline_message_id") or None,
        language=language_of(user),
        raw={field: kept for field, kept in raw.items() if kept},
    )
    return Parsed(messages=(found,))


def reacted(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A person's reactions to a message as they are now; without text they took them back."""
    own, user = own_id(value), part(value, "user")
    if own is None:
        return None
    now = [_face(reaction) for reaction in parts(value, "new_reaction")]
    raw = {field: items(value, field) for field in ("old_reaction", "new_reaction")}
    found = at.message(
        at.number,
        Kind.REACTION,
        party_of(value, user),
        text=" ".join(face for face in now if face),
        refers_to=own,
        language=language_of(user),
        provider_at=time(value, "date"),
        raw=around({"chat": part(value, "chat"), "from": user}) | raw,
    )
    return Parsed(messages=(found,))


def _face(reaction: Mapping[str, Any]) -> str:
    """A reaction as it is shown. A custom emoji's picture would have to be asked for."""
    kind = text(reaction, "type")
    return "⭐" if kind == "paid" else text(reaction, "emoji") or kind.replace("_", " ")


def _membership(chat: Mapping[str, Any], old: str, new: str) -> str:
    """The bot's own status. In a private chat it changes only when the user blocks or unblocks the bot."""
    if private(chat) and new in _AWAY:
        return "Blocked the bot"
    if private(chat) and old in _AWAY:
        return "Unblocked the bot"
    if old in _AWAY and new not in _AWAY:
        return "Added the bot"
    if new in _AWAY and old not in _AWAY:
        return "Removed the bot"
    return f"The bot's status is now: {new or 'unknown'}"


def member(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """The bot was blocked, unblocked, added or removed; `raw` has the status."""
    chat = part(value, "chat")
    old, new = (text(part(value, field), "status") for field in ("old_chat_member", "new_chat_member"))
    raw = around(value) | {"status": new, "old_status": old}
    return _event(at, value, _membership(chat, old, new), raw, time(value, "date"))


def answered(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A vote in a poll of the bot's; without an option it was taken back. Options count from 0, people from 1."""
    chosen = integers(value, "option_ids")
    raw = {field: value[field] for field in ("poll_id", "option_ids", "option_persistent_ids") if field in value}
    words = "Voted for option " + ", ".join(str(option + 1) for option in chosen) if chosen else "Took the vote back"
    payload = ",".join(str(option) for option in chosen) or None
    party = party_of({"voter_chat": value.get("voter_chat")}, part(value, "user") or part(value, "voter_chat"))
    made = at.message(
        at.number, Kind.POSTBACK, party, text=words, payload=payload, language=language_of(part(value, "user")), raw=raw
    )
    return Parsed(messages=(made,))


def asked_to_join(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A wish to enter a group. The bot may write to the person, at their own address, for five minutes."""
    sentence = f"Asks to join {called(part(value, 'chat'))}"
    words = "\n".join(line for line in (sentence, text(value, "bio")) if line)
    return _event(at, {"from": value.get("from")}, words, around(value), time(value, "date"))


def paying(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """A checkout: Telegram waits ten seconds for the shop's answer, which is not this desk's to give."""
    amount, where = money(value), part(value, "shipping_address")
    words = f"Is about to pay {amount}".rstrip() if name == "pre_checkout_query" else "Asks for ways of shipping"
    address = ", ".join(word for field in _ADDRESS if (word := text(where, field)))
    words = "\n".join(line for line in (words, address) if line)
    return _event(at, value, words, {field: value[field] for field in _ORDER if value.get(field)})


def bought(at: Place, name: str, value: Mapping[str, Any]) -> Parsed | None:
    """Paid media were bought, or a subscription changed."""
    state = text(value, "state") or "changed"
    words = f"Subscription: {state}" if name == "subscription" else "Bought paid media"
    return _event(at, value, words, {field: value[field] for field in _ORDER if value.get(field)})


_ADDRESS = ("street_line1", "street_line2", "post_code", "city", "state", "country_code")
_ORDER = (
    "id",
    "currency",
    "total_amount",
    "invoice_payload",
    "shipping_option_id",
    "shipping_address",
    "order_info",
    "paid_media_payload",
    "state",
)


def _event(
    at: Place, value: Mapping[str, Any], words: str, raw: Mapping[str, Any], when: datetime | None = None
) -> Parsed | None:
    """A SYSTEM message of one who is known; otherwise nothing."""
    user = user_of(value)
    party = party_of(value, user)
    if not party.address:
        return None
    made = at.message(
        at.number, Kind.SYSTEM, party, text=words, language=language_of(user), provider_at=when, raw=dict(raw)
    )
    return Parsed(messages=(made,))
