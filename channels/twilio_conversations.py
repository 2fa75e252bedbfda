"""A message that comes by Twilio's Conversations API, in the words of the webhook of a number.

Facts are from Twilio's pages "Conversations Webhooks", "Conversation Message Resource" and "Conversations Media Resource". A
number that Conversations takes care of calls no other webhook, so what a customer writes there must be read here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from channels.reading import clean
from router.errors import Unparsable
from router.messages import Attachment, Ignored

_FILES = "https://mcs.us1.twilio.com/v1/Services"
_MOST_FILES = 10
_ANOTHERS = {"Author", "Media", "EventType"}


def of_event(params: Mapping[str, str]) -> dict[str, str] | Ignored:
    """The message's parameters; Ignored for the life of the conversation, and for what the company's systems wrote.

    Raise Unparsable for a message that has no id yet, as before it is taken (onMessageAdd).
    """
    event = params["EventType"]
    if not event.lower().startswith("onmessageadd"):
        return Ignored(what=f"conversations {event}", reason="the life of Twilio's own conversation")
    if not params.get("MessageSid"):
        raise Unparsable("a message that Conversations has not taken yet: let it call after the event (onMessageAdded)")
    if params.get("Source", "").upper() == "API":
        return Ignored(what=f"conversations {event}", reason="written by a system of the company's, not by a customer")
    return {name: value for name, value in params.items() if name not in _ANOTHERS} | {"From": params.get("Author", "")}


def files(params: Mapping[str, str]) -> tuple[Attachment, ...]:
    """The files of a message, in the Media Content Service, by the SIDs that the webhook lists."""
    try:
        listed = json.loads(params.get("Media") or "[]")
    except (ValueError, RecursionError):
        return ()
    service = params.get("ChatServiceSid", "")
    found: list[Attachment] = []
    for one in listed[:_MOST_FILES] if isinstance(listed, list) else []:
        told = {name.lower(): value for name, value in one.items()} if isinstance(one, dict) else {}
        sid, size = told.get("sid") or told.get("mediasid"), told.get("size")
        if not isinstance(sid, str) or not sid.isalnum():
            continue
        found.append(
            Attachment(
                filename=_text(told.get("filename")) or None,
                content_type=_text(told.get("contenttype")) or "application/octet-stream",
                size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
                media_id=sid,
                url=f"{_FILES}/{service}/Media/{sid}/Content" if service.isalnum() else None,
            )
        )
    return tuple(found)


def _text(value: object) -> str:
    return clean(value).strip()[:255] if isinstance(value, str) else ""
