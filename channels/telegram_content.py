"""What a Telegram message holds: its words, its files, and what else a reader sees of it.

Facts are from the Bot API's page, "Message" and the types of its fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from channels.telegram_service import happened
from channels.telegram_text import pictures, rich, with_links
from channels.telegram_values import called, integers, money, name_of, number, part, parts, place, text
from router.messages import Attachment, Kind

OCTETS = "application/octet-stream"
_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", re.ASCII)
# A deep link's parameter (t.me/bot?start=...): "Deep linking" of the page "Bot features".
_START = re.compile(r"/start(?:@\w+)? ([A-Za-z0-9_-]{1,64})", re.ASCII)


class Content(NamedTuple):
    """A message's inside. `raw` is what no field of ours holds."""

    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    payload: str | None = None
    raw: Mapping[str, Any] = {}


def content(message: Mapping[str, Any]) -> Content:
    """What the message says. UNKNOWN where nothing in it is known; SYSTEM where something happened and nobody spoke."""
    words = with_links(text(message, "text"), parts(message, "entities"))
    caption = with_links(text(message, "caption"), parts(message, "caption_entities"))
    told = {name: tell(message[name]) for name, tell in _TOLD.items() if isinstance(message.get(name), dict)}
    if "venue" in told:
        told.pop("location", None)  # the same one, for older bots
    attachments = _files(message)
    lines = [line for line in (words, caption, *told.values()) if line]
    if caption and not (words or told or attachments):
        return Content(Kind.UNKNOWN, caption)  # it stands under something that is new to us
    if not (lines or attachments):
        sentence = happened(message)
        return Content(Kind.UNKNOWN) if sentence is None else Content(Kind.SYSTEM, sentence.text, raw=sentence.raw)
    kind, payload = Kind.MESSAGE, None
    if web := part(message, "web_app_data"):
        kind, payload = Kind.POSTBACK, text(web, "data")
    elif start := _START.fullmatch(words):
        kind, payload = Kind.POSTBACK, start[1]
    raw = {name: message[name] for name in told if name in _KEPT}
    if audio := {name: word for name in ("performer", "title") if (word := text(message.get("audio"), name))}:
        raw["audio"] = audio
    return Content(kind, "\n".join(lines), attachments, payload, raw)


def _contact(contact: Mapping[str, Any]) -> str:
    return "Contact: " + ", ".join(word for word in (name_of(contact), text(contact, "phone_number")) if word)


def _venue(venue: Mapping[str, Any]) -> str:
    where = ", ".join(word for name in ("title", "address") if (word := text(venue, name)))
    return "\n".join(line for line in (where, place(venue.get("location"))) if line)


def _dice(dice: Mapping[str, Any]) -> str:
    return f"{text(dice, 'emoji')} {value}" if (value := number(dice, "value")) else text(dice, "emoji")


def _poll(poll: Mapping[str, Any]) -> str:
    return "\n".join([text(poll, "question"), *(f"- {text(option, 'text')}" for option in parts(poll, "options"))])


def _checklist(checklist: Mapping[str, Any]) -> str:
    def mark(task: Mapping[str, Any]) -> str:
        return "☑" if number(task, "completion_date") else "☐"

    tasks = (f"{mark(task)} {text(task, 'text')}" for task in parts(checklist, "tasks"))
    return "\n".join([text(checklist, "title"), *tasks])


def _game(game: Mapping[str, Any]) -> str:
    return "\n".join(line for name in ("title", "description", "text") if (line := text(game, name)))


def _invoice(invoice: Mapping[str, Any]) -> str:
    lines = (text(invoice, "title"), text(invoice, "description"), money(invoice))
    return "\n".join(line for line in lines if line)


def _story(story: Mapping[str, Any]) -> str:
    username, number_ = text(part(story, "chat"), "username"), number(story, "id")
    return f"https://t.me/{username}/s/{number_}" if username and number_ else "A story"


def _users(shared: Mapping[str, Any]) -> str:
    users = [called(user | {"id": user.get("user_id")}) for user in map(dict, parts(shared, "users"))]
    users = users or [str(user) for user in integers(shared, "user_ids")]
    return "Shared: " + (", ".join(users) or called({"id": shared.get("user_id")}))


def _chat(shared: Mapping[str, Any]) -> str:
    return "Shared: " + called({**shared, "id": shared.get("chat_id")})


def _passport(passport: Mapping[str, Any]) -> str:
    kinds = ", ".join(text(element, "type") for element in parts(passport, "data"))
    return f"Telegram Passport, encrypted: {kinds}" if kinds else "Telegram Passport, encrypted"


def _paid(paid: Mapping[str, Any]) -> str:
    stars = number(paid, "star_count")
    return "Paid media" if stars is None else f"Paid media for {stars} XTR"


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "sticker": lambda sticker: text(sticker, "emoji"),
    "contact": _contact,
    "venue": _venue,
    "location": place,
    "dice": _dice,
    "poll": _poll,
    "checklist": _checklist,
    "game": _game,
    "invoice": _invoice,
    "story": _story,
    "paid_media": _paid,
    "rich_message": rich,
    "passport_data": _passport,
    "users_shared": _users,
    "user_shared": _users,
    "chat_shared": _chat,
    "web_app_data": lambda data: text(data, "button_text"),
}
_KEPT = frozenset({"contact", "venue", "location", "dice", "invoice", "users_shared", "user_shared", "chat_shared"})

# Files by field, with the type of those that name none; the order is the reader's.
_FILES = {
    "animation": "video/mp4",
    "audio": "audio/mpeg",
    "document": OCTETS,
    "live_photo": "video/mp4",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "voice": "audio/ogg",
    "voice_note": "audio/ogg",
    "sticker": "image/webp",
}


def _files(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """All files; an animation's second description as a document, for older bots, is not a second file."""
    holders = [message, *parts(message.get("paid_media"), "paid_media"), *pictures(message.get("rich_message"))]
    if game := part(message, "game"):
        holders.append({"photo": game.get("photo"), "animation": game.get("animation")})
    found: list[Attachment] = []
    for holder in holders:
        if photo := _largest(parts(holder, "photo") or parts(holder.get("live_photo"), "photo")):
            found.append(photo)
        for name, usual in _FILES.items():
            if name == "document" and part(holder, "animation"):
                continue
            if name in holder and (file := _file(part(holder, name), usual if name != "sticker" else None)):
                found.append(file)
    return tuple(found)


def _largest(sizes: list[Mapping[str, Any]]) -> Attachment | None:
    """The largest of a photo's sizes, all of which are JPEG."""
    known = [size for size in sizes if text(size, "file_id")]
    return _file(max(known, key=_pixels), "image/jpeg") if known else None


def _pixels(size: Mapping[str, Any]) -> tuple[int, int]:
    return (number(size, "width") or 0) * (number(size, "height") or 0), number(size, "file_size") or 0


def _file(file: Mapping[str, Any], usual: str | None) -> Attachment | None:
    """`usual` is the type of a file that names none; a sticker's (None) says its format by flags."""
    identifier, size = text(file, "file_id"), number(file, "file_size")
    if not identifier:
        return None
    if usual is None:
        moving = "application/x-tgsticker" if file.get("is_animated") else "image/webp"
        usual = "video/webm" if file.get("is_video") else moving
    given = text(file, "mime_type").strip().lower()
    return Attachment(
        filename=text(file, "file_name") or None,
        content_type=given if _TYPE.fullmatch(given) else usual,
        size=size if size is not None and size >= 0 else None,
        media_id=identifier,
    )
