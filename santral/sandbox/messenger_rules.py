"""What Messenger's and Instagram's Send API take, judged as Meta does. No I/O.

Limits are from Meta's pages "Send API", "Quick Replies", "Button Template" (Messenger Platform) and "Send Messages"
(Instagram Messaging).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from santral.sandbox.judging import Wrong, fields, items, link, one_of, text, utf8
from santral.sandbox.meta import GraphError
from santral.sandbox.world import Button

MEGABYTE = 1024 * 1024
TEXT = 2000  # characters
INSTAGRAM_TEXT = 1000  # bytes of UTF-8
_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
_FILES = ("image", "audio", "video", "file")


@dataclass(slots=True)
class Judged:
    """A message that Meta takes; `action` is a typing indicator or the like, which shows nothing."""

    customer: str
    text: str = ""
    kind: str = ""
    links: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    keys: str = ""
    refers_to: str | None = None
    metadata: str = ""
    human: bool = False
    action: str = ""


def judge(asked: dict[str, Any], *, instagram: bool) -> Judged:
    """A message to send. Raises GraphError as the Send API words it."""
    try:
        return _judge(asked, instagram)
    except Wrong as wrong:
        raise GraphError(400, 100, f"(#100) {wrong}", subcode=2534015 if instagram else None) from None


def largest(kind: str) -> int:
    """Bytes that Meta fetches from a link."""
    return (8 if kind == "image" else 25) * MEGABYTE


def _judge(asked: dict[str, Any], instagram: bool) -> Judged:
    envelope = ("recipient", "message", "messaging_type", "tag", "sender_action", "payload", "notification_type")
    fields(asked, "body", envelope, ("recipient",))
    recipient = fields(asked["recipient"], "recipient", ("id",), ("id",))
    judged = Judged(text(recipient["id"], "recipient[id]", 40))
    if "sender_action" in asked:
        if "message" in asked:
            raise Wrong("Cannot send both message and state at the same time.")
        judged.action = one_of(asked["sender_action"], "sender_action", _ACTIONS)
        return judged
    kind = one_of(
        asked.get("messaging_type", "RESPONSE"), "messaging_type", ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
    )
    if kind == "MESSAGE_TAG":  # the others ended on 2026-04-27
        judged.human = one_of(asked.get("tag"), "tag", ("HUMAN_AGENT",)) == "HUMAN_AGENT"
    elif "tag" in asked:
        raise Wrong("Param tag needs messaging_type MESSAGE_TAG.")
    allowed = ("text", "attachment", "attachments", "quick_replies", "metadata", "reply_to")
    message = fields(asked.get("message"), "message", allowed)
    if len({"text", "attachment", "attachments"} & set(message)) != 1:
        raise Wrong("Param message must have either text or an attachment.")
    if "text" in message:
        limit = INSTAGRAM_TEXT if instagram else TEXT
        judged.text = text(message["text"], "message[text]", limit, size=utf8 if instagram else len)
    for attachment in [message["attachment"]] if "attachment" in message else message.get("attachments", []):
        _attachment(judged, attachment, instagram)
    if "quick_replies" in message:
        _quick(judged, message["quick_replies"])
    if "reply_to" in message:
        judged.refers_to = text(fields(message["reply_to"], "reply_to", ("mid",), ("mid",))["mid"], "mid", 500)
    judged.metadata = text(message.get("metadata", ""), "message[metadata]", 1000, least=0)
    return judged


def _attachment(judged: Judged, value: Any, instagram: bool) -> None:
    attachment = fields(value, "attachment", ("type", "payload"), ("type", "payload"))
    kind = one_of(attachment["type"], "attachment[type]", (*_FILES, "template", "MEDIA_SHARE"))
    if kind == "template":
        _template(judged, attachment["payload"])
        return
    payload = fields(attachment["payload"], "payload", ("url", "is_reusable"), ("url",))
    judged.kind = kind
    judged.links.append(link(payload["url"], "payload[url]"))
    if instagram and len(judged.links) > 10:
        raise Wrong("Param attachments must be an array of 1 to 10 elements.")


def _template(judged: Judged, value: Any) -> None:
    payload = fields(value, "payload", ("template_type", "text", "buttons"), ("template_type", "text", "buttons"))
    one_of(payload["template_type"], "template_type", ("button",))
    judged.text = text(payload["text"], "payload[text]", 640)
    judged.keys = "postback"
    for button in items(payload["buttons"], "payload[buttons]", 3):
        fields(button, "button", ("type", "title", "url", "payload"), ("type", "title"))
        title = text(button["title"], "button[title]", 20)
        if one_of(button["type"], "button[type]", ("web_url", "postback")) == "web_url":
            judged.buttons.append(Button(title, url=link(button.get("url"), "button[url]")))
        else:
            judged.buttons.append(Button(title, text(button.get("payload"), "button[payload]", 1000)))


def _quick(judged: Judged, value: Any) -> None:
    if judged.buttons:
        raise Wrong("Quick replies cannot be sent with a template.")
    judged.keys = "quick"
    for reply in items(value, "quick_replies", 13):
        fields(reply, "quick_reply", ("content_type", "title", "payload", "image_url"), ("content_type",))
        one_of(reply["content_type"], "quick_reply[content_type]", ("text",))
        title = text(reply.get("title"), "quick_reply[title]", 20)
        judged.buttons.append(Button(title, text(reply.get("payload"), "quick_reply[payload]", 1000)))
