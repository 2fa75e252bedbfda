"""What a channel's call holds, without the call around it: a bare message or update, a list of them, several in one file.

Providers' documentation, logs and test data show the inside alone. Here it gets the envelope in which the provider would
send it, so that the channel reads it as it reads every call; calls themselves are left as they are, to the byte.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from router.messages import Ignored

MAX_DEPTH = 8  # of objects around the calls: collections by name, a logger's record, a Bot API's answer
MAX_CALLS = 10_000

Value = dict[str, Any]
Call = Value | Ignored


def values(data: bytes) -> list[Any]:
    """The JSON values in the bytes: one, or one a line; empty for what is no JSON."""
    try:
        text = data.decode(json.detect_encoding(data)).lstrip("\ufeff")
    except UnicodeDecodeError:
        return []
    found: list[Any] = []
    decoder, at = json.JSONDecoder(parse_constant=_refuse), 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return found
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return []
        if not isinstance(value, (dict, list)):
            return []
        found.append(value)


def calls(channel: str, value: Any) -> list[Call]:
    """The channel's calls in a JSON value, each with its envelope; empty where nothing of the channel's is recognised."""
    recognise = _RECOGNISED.get(channel)
    if recognise is None:
        return []
    found: list[Call] = []
    _collect(value, recognise, found, MAX_DEPTH)
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _collect(value: Any, recognise: Callable[[Value], Call | None], found: list[Call], depth: int) -> None:
    """The outermost recognised objects in the order they stand."""
    if depth < 0 or len(found) >= MAX_CALLS:
        return
    if isinstance(value, dict):
        call = recognise(value)
        if call is not None:
            found.append(call)
            return
        for item in value.values():
            _collect(item, recognise, found, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _collect(item, recognise, found, depth - 1)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):  # a body as text, in an object of any kind
        try:
            _collect(json.loads(value), recognise, found, depth - 1)
        except (ValueError, RecursionError):
            return


def _entry(entry: Value) -> Value:
    return {"entry": [entry]}


def _listed(value: Value, *names: str) -> Value:
    """The object, where a single thing stands for a list of one."""
    return {name: [item] if name in names and isinstance(item, dict) else item for name, item in value.items()}


def _is(value: object) -> bool:
    return isinstance(value, dict)


def _some(value: object) -> bool:
    """A list, or a single thing in its place."""
    return isinstance(value, list) or (isinstance(value, dict) and bool(value) and "entry" not in value)


_PARTS = ("messaging", "standby", "changes")


def _meta(value: Value) -> Call | None:
    """What all of Meta's channels have in common: the call, an entry, a change, the Graph API's own answer."""
    if _some(value.get("entry")):
        entries = _listed(value, "entry")["entry"]
        return value | {"entry": [_listed(e, *_PARTS) if isinstance(e, dict) else e for e in entries]}
    if any(_some(value.get(name)) for name in _PARTS):
        return _entry(_listed(value, *_PARTS))
    if isinstance(value.get("field"), str) and isinstance(value.get("value"), dict):
        return _entry({"changes": [value]})
    error = value.get("error")
    answered = isinstance(error, dict) and isinstance(error.get("message"), str) and "code" in error
    sent = {"recipient_id", "message_id"} <= value.keys() and not isinstance(value.get("recipient_id"), dict)
    return Ignored(what="answer", reason="the Graph API's answer to a call") if answered or sent else None


def _whatsapp(value: Value) -> Call | None:
    if call := _meta(value):
        return call
    people, sent = value.get("contacts"), value.get("messages")
    if isinstance(people, list) and isinstance(sent, list) and any("input" in one for one in people if _is(one)):
        return Ignored(what="answer", reason="the Graph API's answer to a call")
    lists = ("messages", "statuses", "message_echoes", "errors", "user_preferences", "contacts", "user_id_update")
    if isinstance(value.get("value"), dict) and "messaging_product" in value["value"]:
        return _entry({"changes": [{"field": "messages", **value}]})
    if _WRITTEN & value.keys() and ("id" in value or "timestamp" in value):
        return _change("messages", {"messages": [value]})
    about = {"recipient_id", "recipient_user_id", "timestamp"} & value.keys()
    if isinstance(value.get("status"), str) and "id" in value and about:
        return _change("messages", {"statuses": [value]})
    if any(_some(value.get(name)) for name in lists[:-2]):
        return _change("messages", _listed(value, *lists))
    return None


_WRITTEN = frozenset({"from", "from_user_id"})


def _change(field: str, value: Value) -> Value:
    return _entry({"changes": [{"field": field, "value": value}]})


_ITEMS = frozenset(
    {"message", "postback", "delivery", "read", "reaction", "referral", "optin", "message_edit", "message_edits"}
)


def _messaging(value: Value) -> Call | None:
    if call := _meta(value):
        return call
    if any(isinstance(value.get(name), dict) for name in ("sender", "recipient")):
        return _entry({"messaging": [value]})
    if "mid" in value and ({"text", "attachments", "is_deleted", "is_unsupported", "quick_reply"} & value.keys()):
        return _entry({"messaging": [{"message": value}]})
    if any(isinstance(value.get(name), dict) and _said(value[name]) for name in _ITEMS):
        return _entry({"messaging": [value]})
    if {"item", "verb"} <= value.keys() or {"media", "text"} <= value.keys():
        return _change("feed" if "item" in value else "comments", value)
    return None


def _said(part: Value) -> bool:
    return bool({"mid", "mids", "watermark", "payload", "ref"} & part.keys())


def _telegram(value: Value) -> Call | None:
    call = _update(value)
    return _numbered(call) if isinstance(call, dict) else call


_INTEGERS = frozenset({"update_id", "message_id", "date", "edit_date", "offset", "length", "file_size", "user_id"})
_PEOPLE = frozenset({"first_name", "is_bot", "type", "title", "username"})
_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def _numbered(value: Any) -> Any:
    """With integers where digits stand for them: what keeps 64 bits in no number writes them so."""
    if isinstance(value, list):
        return [_numbered(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = _INTEGERS | {"id"} if _PEOPLE & value.keys() and "options" not in value else _INTEGERS
    return {
        name: int(item) if name in names and isinstance(item, str) and _DIGITS.fullmatch(item) else _numbered(item)
        for name, item in value.items()
    }


def _update(value: Value) -> Call | None:
    if "update_id" in value:
        return value
    if isinstance(value.get("ok"), bool):
        updates = value.get("result")
        polled = isinstance(updates, list) and any(isinstance(item, dict) and "update_id" in item for item in updates)
        return None if polled else value
    for name, fields in _BARE:
        if fields <= value.keys():
            return {_named(name, value): value}
    if any(isinstance(value.get(name), dict) and _update(value[name]) is not None for name in _UPDATES):
        return value
    return None


# By what each has and no other: the order matters.
_BARE = tuple(
    (name, frozenset(fields.split()))
    for name, fields in (
        ("callback_query", "id from data"),
        ("callback_query", "id from chat_instance"),
        ("pre_checkout_query", "id from invoice_payload total_amount"),
        ("shipping_query", "id from invoice_payload shipping_address"),
        ("chosen_inline_result", "result_id from"),
        ("inline_query", "id from query"),
        ("poll_answer", "poll_id option_ids"),
        ("chat_member", "old_chat_member new_chat_member chat"),
        ("message_reaction", "chat message_id new_reaction"),
        ("message_reaction_count", "chat message_id reactions"),
        ("deleted_business_messages", "business_connection_id message_ids chat"),
        ("business_connection", "id user user_chat_id"),
        ("message", "message_id chat date"),
        ("message", "message_id chat from"),
        ("chat_join_request", "chat from user_chat_id"),
        ("poll", "id question options"),
    )
)
_UPDATES = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "business_message"),
    *("edited_business_message", "guest_message", *dict.fromkeys(name for name, _ in _BARE), "my_chat_member"),
)


def _named(name: str, value: Mapping[str, Any]) -> str:
    """The update's name for a bare part: a message's kind of chat and a member's being a bot decide."""
    if name == "message":
        chat = value["chat"] if isinstance(value["chat"], dict) else {}
        name = "channel_post" if chat.get("type") == "channel" else "message"
        name = "business_message" if value.get("business_connection_id") else name
        return f"edited_{name}" if value.get("edit_date") else name
    if name == "chat_member":
        new = value["new_chat_member"] if isinstance(value["new_chat_member"], dict) else {}
        user = new["user"] if isinstance(new.get("user"), dict) else {}
        return "my_chat_member" if user.get("is_bot") is True else name
    return name


_SIDS = frozenset({"MessageSid", "SmsSid", "SmsMessageSid", "CallSid", "ConversationSid"})


def _twilio(value: Value) -> Call | None:
    if _SIDS & value.keys():
        return value
    if isinstance(value.get("messageSid"), str):  # Event Streams name the parameters so
        name = str(value.get("eventName") or "").rpartition(".")[2]
        named = {key[:1].upper() + key[1:]: item for key, item in value.items()}
        return named if "from" in value and name in ("received", "") else {"MessageStatus": name} | named
    if isinstance(value.get("sid"), str) and {"from", "to", "direction"} <= value.keys():  # as the API answers
        whole = {name: value.get(ours) for name, ours in _RESOURCE.items()} | {"MessageSid": value["sid"]}
        inbound = value["direction"] == "inbound"
        return whole if inbound else whole | {"Body": None, "MessageStatus": value.get("status")}
    return None


_RESOURCE = {
    "From": "from",
    "To": "to",
    "Body": "body",
    "NumMedia": "num_media",
    "AccountSid": "account_sid",
    "ErrorCode": "error_code",
    "ErrorMessage": "error_message",
    "DateCreated": "date_created",
}


def _webchat(value: Value) -> Call | None:
    return value if isinstance(value.get("type"), str) or isinstance(value.get("action"), str) else None


_RECOGNISED: Mapping[str, Callable[[Value], Call | None]] = {
    "instagram": _messaging,
    "messenger": _messaging,
    "telegram": _telegram,
    "twilio": _twilio,
    "webchat": _webchat,
    "whatsapp": _whatsapp,
}


def each(data: bytes) -> Iterator[Any]:
    """The values of a file that holds several: the items of a list, or one a line. None of a file that holds one."""
    found = values(data)
    if len(found) == 1 and isinstance(found[0], list):
        yield from found[0]
    elif len(found) > 1:
        yield from found
