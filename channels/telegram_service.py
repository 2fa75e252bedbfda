"""Service messages: what happened in a chat, as a sentence for agents.

Facts are from the Bot API's page, the fields of "Message" that begin with "Service message".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from channels.telegram_values import called, integers, items, money, number, part, parts, text


class Happening(NamedTuple):
    """A sentence, and of its field what is small and may be needed."""

    text: str
    raw: Mapping[str, Any]


def happened(message: Mapping[str, Any]) -> Happening | None:
    """What happened; None when no field of the message is known to say so."""
    for name, said in _SAID.items():
        value = message.get(name)
        if value is not None and value is not False:
            sentence = said if isinstance(said, str) else said(value)
            return Happening(sentence, {name: value} if name in _KEPT else {"service": name})
    return None


def _joined(names: list[Any]) -> str:
    return ", ".join(called(person) for person in names if isinstance(person, dict)) or "somebody"


def _title(value: Any) -> str:
    return f"The title is now: {value}" if isinstance(value, str) else "The title was changed"


def _pinned(message: Any) -> str:
    words = text(message, "text") or text(message, "caption")
    return f"Pinned: {words}" if words else "A message was pinned"


def _timer(value: Any) -> str:
    seconds = number(value, "message_auto_delete_time")
    return f"Messages are now deleted after {seconds} s" if seconds else "Messages are no longer deleted by a timer"


def _paid(payment: Any) -> str:
    return f"Paid {money(payment)}".strip()


def _refunded(payment: Any) -> str:
    return f"Refunded {money(payment)}".strip()


def _website(value: Any) -> str:
    return f"Logged in on {value}" if isinstance(value, str) else "Logged in on a website"


def _near(value: Any) -> str:
    who, whom, metres = (called(part(value, "traveler")), called(part(value, "watcher")), number(value, "distance"))
    return f"{who} is {metres or 0} m away from {whom}"


def _boosted(value: Any) -> str:
    count = number(value, "boost_count") or 1
    return "Boosted the chat" if count == 1 else f"Boosted the chat {count} times"


def _done(value: Any) -> str:
    names = {
        number(task, "id"): text(task, "text")
        for task in parts(part(part(value, "checklist_message"), "checklist"), "tasks")
    }

    def listed(field: str) -> str:
        return ", ".join(names.get(task, str(task)) for task in integers(value, field))

    done, undone = listed("marked_as_done_task_ids"), listed("marked_as_not_done_task_ids")
    sentences = [f"Done: {done}" if done else "", f"Not done: {undone}" if undone else ""]
    return "\n".join(line for line in sentences if line) or "Tasks of a checklist were marked"


def _added(value: Any) -> str:
    return "Added to a checklist: " + ", ".join(text(task, "text") for task in parts(value, "tasks"))


def _topic(what: str) -> Callable[[Any], str]:
    return lambda value: f"The topic {name} was {what}" if (name := text(value, "name")) else f"A topic was {what}"


def _gift(value: Any) -> str:
    words, stars = text(value, "text"), number(part(value, "gift"), "star_count")
    return "\n".join(line for line in (f"A gift of {stars} XTR" if stars else "A gift", words) if line)


def _option(what: str) -> Callable[[Any], str]:
    return lambda value: f"An answer was {what} a poll: {text(value, 'option_text')}"


def _giveaway(value: Any) -> str:
    return f"A giveaway with {number(value, 'winner_count') or 0} winners"


def _declined(value: Any) -> str:
    return "\n".join(line for line in ("A suggested post was declined", text(value, "comment")) if line)


# In the order of the Bot API's page. A message holds one of them.
_SAID: Mapping[str, str | Callable[[Any], str]] = {
    "new_chat_members": lambda value: f"Joined: {_joined(value if isinstance(value, list) else [])}",
    "left_chat_member": lambda value: f"Left: {_joined([value])}",
    # Before lists of them (Bot API 3.0), and before that (2.0): some libraries keep the names.
    "new_chat_member": lambda value: f"Joined: {_joined([value])}",
    "new_chat_participant": lambda value: f"Joined: {_joined([value])}",
    "left_chat_participant": lambda value: f"Left: {_joined([value])}",
    "chat_owner_left": "The group's owner left",
    "chat_owner_changed": lambda value: f"The group's owner is now {called(part(value, 'new_owner'))}",
    "new_chat_title": _title,
    "new_chat_photo": "The chat's photo was changed",
    "delete_chat_photo": "The chat's photo was deleted",
    "group_chat_created": "The group was created",
    "supergroup_chat_created": "The group was created",
    "channel_chat_created": "The channel was created",
    "message_auto_delete_timer_changed": _timer,
    "migrate_to_chat_id": "The group has become a supergroup, under another id",
    "migrate_from_chat_id": "The supergroup was a group before, under another id",
    "pinned_message": _pinned,
    "successful_payment": _paid,
    "refunded_payment": _refunded,
    "gift": _gift,
    "unique_gift": _gift,
    "gift_upgrade_sent": "A gift's upgrade was bought",
    "connected_website": _website,
    "write_access_allowed": "Allowed the bot to write",
    "proximity_alert_triggered": _near,
    "boost_added": _boosted,
    "chat_background_set": "The chat's background was changed",
    "checklist_tasks_done": _done,
    "checklist_tasks_added": _added,
    "direct_message_price_changed": "The price of direct messages was changed",
    "forum_topic_created": _topic("created"),
    "forum_topic_edited": _topic("edited"),
    "forum_topic_closed": _topic("closed"),
    "forum_topic_reopened": _topic("reopened"),
    "general_forum_topic_hidden": "The topic General was hidden",
    "general_forum_topic_unhidden": "The topic General is no longer hidden",
    "giveaway_created": "A giveaway was created",
    "giveaway": _giveaway,
    "giveaway_winners": lambda value: f"A giveaway was won by {_joined(items(value, 'winners'))}",
    "giveaway_completed": lambda value: f"A giveaway was completed with {number(value, 'winner_count') or 0} winners",
    "managed_bot_created": "Created a bot that this one manages",
    "paid_message_price_changed": "The price of messages was changed",
    "poll_option_added": _option("added to"),
    "poll_option_deleted": _option("deleted from"),
    "suggested_post_approved": "A suggested post was approved",
    "suggested_post_approval_failed": "A suggested post could not be approved",
    "suggested_post_declined": _declined,
    "suggested_post_paid": "A suggested post was paid",
    "suggested_post_refunded": "A suggested post was refunded",
    "video_chat_scheduled": "A video chat was scheduled",
    "video_chat_started": "A video chat was started",
    "video_chat_ended": "A video chat was ended",
    "video_chat_participants_invited": lambda value: f"Invited to a video chat: {_joined(items(value, 'users'))}",
    # The same before Bot API 6.0.
    "voice_chat_scheduled": "A voice chat was scheduled",
    "voice_chat_started": "A voice chat was started",
    "voice_chat_ended": "A voice chat was ended",
    "voice_chat_participants_invited": lambda value: f"Invited to a voice chat: {_joined(items(value, 'users'))}",
    "community_chat_added": lambda value: f"Added to the community {text(part(value, 'community'), 'name')}".rstrip(),
    "community_chat_removed": "Removed from a community",
    "community_chat_joined": lambda value: (
        f"Joined from the community {text(part(value, 'community'), 'name')}".rstrip()
    ),
}
_KEPT = frozenset(
    {
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "successful_payment",
        "refunded_payment",
        "write_access_allowed",
        "connected_website",
    }
)
