"""Which part of an update says what; what of it is no message, and why.

Facts are from the Bot API's page, "Update" (Bot API 10.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from channels import telegram_events as events
from channels import telegram_messages as messages
from channels.telegram_place import Place, ignored, party_of, user_of
from router.messages import Kind, Parsed

_READ: Mapping[str, Callable[[Place, str, Mapping[str, Any]], Parsed | None]] = {
    "message": messages.said,
    "edited_message": messages.said,
    "channel_post": messages.said,
    "edited_channel_post": messages.said,
    "business_message": messages.said,
    "edited_business_message": messages.said,
    "guest_message": messages.said,
    "deleted_business_messages": messages.deleted,
    "callback_query": events.tapped,
    "message_reaction": events.reacted,
    "my_chat_member": events.member,
    "poll_answer": events.answered,
    "chat_join_request": events.asked_to_join,
    "shipping_query": events.paying,
    "pre_checkout_query": events.paying,
    "purchased_paid_media": events.bought,
    "subscription": events.bought,
}

KINDS = tuple(_READ)  # what setWebhook's allowed_updates must name: left out, reactions do not come

IGNORED = {
    "message_reaction_count": "a count of reactions, nobody's own",
    "poll": "a poll's counts, nobody's own vote",
    "chat_member": "another member of a group",
    "inline_query": "typed in another chat, not to us",
    "chosen_inline_result": "sent to another chat, not to us",
    "chat_boost": "a boost of a chat, not a message",
    "removed_chat_boost": "a boost of a chat, not a message",
    "business_connection": "the company's own account, not a customer",
    "managed_bot": "another bot's owner, not a customer",
    "stopped_message_generation": "a draft was stopped, and we send none",
}


def read(at: Place) -> Parsed:
    """All that an update holds. An update of no known kind is UNKNOWN, and kept whole."""
    update = at.update
    if isinstance(update.get("ok"), bool) and "update_id" not in update:
        return ignored("answer", "the Bot API's answer to a call, not an update")
    known = [name for name in update if name in _READ and isinstance(update[name], dict)]
    found = [parsed for name in known if (parsed := _READ[name](at, name, update[name])) is not None]
    found += [ignored(name, reason) for name, reason in IGNORED.items() if name in update]
    if found:
        return Parsed(
            messages=tuple(message for parsed in found for message in parsed.messages),
            ignored=tuple(one for parsed in found for one in parsed.ignored),
        )
    if at.number and update.keys() == {"update_id"}:
        return ignored("update", "it holds nothing")
    value = next((value for name, value in update.items() if isinstance(value, dict)), {})
    sender = party_of(value, user_of(value))
    return Parsed(messages=(at.message(at.number, Kind.UNKNOWN, sender, raw=dict(update)),))
