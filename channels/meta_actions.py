"""What customers do besides writing: they tap a button, order, come by an advertisement, agree to be written to, rate.

Facts are from the Messenger Platform's "Webhook Events Reference". What is of no use to who answers is told as Ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from channels.meta_content import Content, dictionary, identifier, listed, ordered, words
from router.messages import Kind

# Understood, and no part of a conversation.
NOT_FOR_US = {
    "pass_thread_control": "about which app holds the conversation",
    "take_thread_control": "about which app holds the conversation",
    "request_thread_control": "about which app holds the conversation",
    "app_roles": "about which app holds the conversation",
    "account_linking": "about the customer's account on a site of the business: nothing is said",
    "fblogin_account_linking": "about the customer's account on a site of the business: nothing is said",
    "policy_enforcement": "Meta's word on the page itself: look in Meta Business Suite",
    "game_play": "a game was played: nothing is said",
}

_WAYS = {
    "ADS": "an advertisement",
    "SHORTLINK": "a link",
    "MESSENGER_CODE": "a code",
    "CUSTOMER_CHAT_PLUGIN": "the chat on the website",
    "CHAT_PLUGIN": "the chat on the website",
    "DISCOVER_TAB": "the Discover tab",
    "IG_ADS": "an advertisement",
}
_CONSENT = {
    "STOP_NOTIFICATIONS": "(wants no more messages of this subject)",
    "RESUME_NOTIFICATIONS": "(wants messages of this subject again)",
}


def postback(value: dict[str, Any]) -> Content:
    """A tapped button. While another app holds the conversation, Meta tells only its title."""
    rest = {name: v for name, v in value.items() if name not in ("mid", "title", "payload")}
    return Content(
        Kind.POSTBACK, words(value.get("title")), payload=words(value.get("payload")) or None, raw=rest or None
    )


def reaction(value: dict[str, Any]) -> Content:
    """An emoji on a message; without text where it was taken back."""
    removed = words(value.get("action")).lower() == "unreact"
    emoji = words(value.get("emoji")) or words(value.get("reaction"))
    rest = {name: v for name, v in value.items() if name not in ("mid", "emoji")}
    return Content(
        Kind.REACTION, "" if removed else emoji, refers_to=identifier(value.get("mid")) or None, raw=rest or None
    )


def rating(value: dict[str, Any]) -> Content:
    """A thumb up or down under a message: "Good response", "Bad response" ("response_feedback")."""
    rest = {name: v for name, v in value.items() if name not in ("mid", "feedback")}
    said, about = words(value.get("feedback")), identifier(value.get("mid"))
    return Content(Kind.REACTION if said and about else Kind.UNKNOWN, said, refers_to=about or None, raw=rest or None)


def cart(value: dict[str, Any]) -> Content:
    """A cart that was sent without a message ("send_cart"); UNKNOWN where nothing is in it."""
    said = "\n".join(ordered(value))
    return Content(Kind.MESSAGE if said else Kind.UNKNOWN, said, raw={"order": value})


def edited(value: object) -> bool:
    """Is there an edit in it? Its count is 0, and no text is told, for a message that is only new."""
    said = dictionary(value)
    return identifier(said.get("num_edit")) != "0" or bool(words(said.get("text")))


def edit(value: dict[str, Any]) -> Content:
    """The text as it is now; `refers_to` is the message that was changed. UNKNOWN where no text is told."""
    rest = {name: v for name, v in value.items() if name not in ("mid", "text")}
    kind = Kind.EDIT if isinstance(value.get("text"), str) else Kind.UNKNOWN
    return Content(kind, words(value.get("text")), refers_to=identifier(value.get("mid")) or None, raw=rest or None)


def referral(value: dict[str, Any]) -> Content:
    """Somebody came to a conversation that exists, by a link or an advertisement: SYSTEM, they said nothing."""
    source = words(value.get("source"))
    title = words(dictionary(value.get("ads_context_data")).get("ad_title"))
    said = f"came by {_WAYS.get(source, 'a link')}" + (f": {title}" if title else "")
    return Content(Kind.SYSTEM, f"({said})", payload=words(value.get("ref")) or None, raw=value or None)


def optin(value: dict[str, Any]) -> Content:
    """Somebody agreed to be written to, or took that back: SYSTEM, they said nothing."""
    status = words(value.get("notification_messages_status")).replace(" ", "_")  # Meta's pages write it both ways
    title = words(value.get("title"))
    said = _CONSENT.get(status, "(agreed to get messages)" if not title else f"(agreed to get messages: {title})")
    return Content(
        Kind.SYSTEM, said, payload=words(value.get("payload")) or words(value.get("ref")) or None, raw=value or None
    )


def answers(value: dict[str, Any]) -> Content:
    """A filled form: a rating with its free words, or the contact details that were asked for."""
    lines = tuple(_answers(value))
    return Content(Kind.POSTBACK if lines else Kind.UNKNOWN, "\n".join(lines), raw=value or None)


def _answers(value: dict[str, Any]) -> Iterator[str]:
    screens = listed(value.get("feedback_screens")) + listed(value.get("screens"))
    for screen in map(dictionary, screens):
        for question in map(dictionary, dictionary(screen.get("questions")).values()):
            yield from filter(None, (identifier(question.get("payload")), *_follow_up(question)))
        for response in map(dictionary, listed(screen.get("responses"))):
            name, said = words(response.get("key")), identifier(response.get("value"))
            yield from filter(None, (f"{name}: {said}" if name and said else said,))


def _follow_up(question: dict[str, Any]) -> Iterator[str]:
    yield words(dictionary(question.get("follow_up")).get("payload"))
