"""What the Bot API takes, judged as Telegram does.

Limits are from "Telegram Bot API" (sendMessage, sendPhoto, sendMediaGroup, InlineKeyboardButton, Sending files).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import web

from santral.sandbox.judging import utf8, utf16
from santral.sandbox.line import Line, Unreachable
from santral.sandbox.world import Button, File, World

TEXT = 4096  # after entities are parsed
CAPTION = 1024
CALLBACK_DATA = 64  # bytes
MEGABYTE = 1024 * 1024
_COMMON = {
    "chat_id", "reply_parameters", "reply_to_message_id", "allow_sending_without_reply", "reply_markup",
    "disable_notification", "protect_content", "message_thread_id", "business_connection_id", "direct_messages_topic_id",
}  # fmt: skip
_CAPTION = _COMMON | {"caption", "parse_mode", "caption_entities", "show_caption_above_media", "has_spoiler"}
MEDIA = {
    "sendphoto": "photo",
    "senddocument": "document",
    "sendvideo": "video",
    "sendaudio": "audio",
    "sendvoice": "voice",
    "sendanimation": "animation",
}
PARAMETERS: dict[str, set[str]] = {
    "sendmessage": _COMMON | {"text", "parse_mode", "entities", "link_preview_options", "disable_web_page_preview"},
    **{method: _CAPTION | {name, "duration", "width", "height", "title"} for method, name in MEDIA.items()},
    "sendmediagroup": _COMMON | {"media"},
    "sendlocation": _COMMON | {"latitude", "longitude"},
    "editmessagetext": {
        "chat_id",
        "message_id",
        "text",
        "parse_mode",
        "entities",
        "reply_markup",
        "link_preview_options",
    },
    "editmessagereplymarkup": {"chat_id", "message_id", "reply_markup"},
    "answercallbackquery": {"callback_query_id", "text", "show_alert", "url", "cache_time"},
    "sendchataction": {"chat_id", "action", "message_thread_id"},
    "setmessagereaction": {"chat_id", "message_id", "reaction", "is_big"},
    "getfile": {"file_id"},
    "getme": set(),
    "getwebhookinfo": set(),
    "setwebhook": {"url", "secret_token", "allowed_updates", "max_connections", "drop_pending_updates", "ip_address"},
    "deletewebhook": {"drop_pending_updates"},
}
_OBJECTS = {
    "reply_parameters", "reply_markup", "entities", "caption_entities", "link_preview_options", "media", "allowed_updates",
    "reaction",
}  # fmt: skip
_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "tg-spoiler", "a", "code", "pre", "blockquote"}
)


class BotError(Exception):
    """The Bot API says no."""

    def __init__(self, status: int, description: str, more: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.more = more

    def response(self) -> web.Response:
        """The error as Telegram writes it."""
        error: dict[str, Any] = {"ok": False, "error_code": self.status, "description": str(self)}
        return web.json_response(error | ({"parameters": self.more} if self.more else {}), status=self.status)


@dataclass(slots=True)
class Params:
    """A call's parameters, and the files that came with it by field name."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """One message of a call."""

    text: str = ""
    file: File | None = None


@dataclass(slots=True)
class Judged:
    """What a call sends, or (`changes`) which message it changes."""

    parts: list[Part] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    keys: str = ""
    refers_to: str | None = None
    lenient: bool = False
    changes: str = ""


async def parameters(request: web.Request, method: str, world: World) -> Params:
    """The parameters, however they travel. Raises BotError for one the method does not know."""
    params = Params(dict(request.query))
    if request.content_type == "application/json":
        try:
            given = await request.json()
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise BotError(400, "Bad Request: can't parse JSON object")
        params.values |= given
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                params.files[name] = world.keep(value.filename, value.content_type, value.file.read())
            else:
                params.values[name] = value
    for name in _OBJECTS & set(params.values):
        value = params.values[name]
        if isinstance(value, str):  # in a form, and allowed in JSON too
            try:
                params.values[name] = json.loads(value)
            except ValueError:
                raise BotError(400, f"Bad Request: can't parse {name} JSON object") from None
    known(method, params.values)
    return params


def known(method: str, values: dict[str, Any]) -> dict[str, Any]:
    """The parameters, if there is such a method and it has them all. Raises BotError."""
    if method not in PARAMETERS:
        raise BotError(404, "Not Found")
    unknown = set(values) - PARAMETERS[method]
    if unknown:
        raise BotError(400, f"Bad Request: {method} has no parameter {', '.join(sorted(unknown))}")
    return values


async def judge(method: str, params: Params, line: Line) -> Judged:
    """A message, an album, a place or a change. Raises BotError."""
    values = params.values
    if not str(values.get("chat_id", "")).strip():
        raise BotError(400, "Bad Request: chat_id is empty")
    judged = Judged()
    _keys(judged, values.get("reply_markup"))
    _reply(judged, values)
    if method in ("editmessagetext", "editmessagereplymarkup"):
        judged.changes = str(values.get("message_id", "0"))
    if method in ("sendmessage", "editmessagetext"):
        judged.parts.append(Part(_text(values.get("text"), values.get("parse_mode"))))
    elif method == "sendlocation":
        judged.parts.append(Part(f"{values.get('latitude')}, {values.get('longitude')}"))
    elif method == "sendmediagroup":
        await _album(judged, params, line)
    elif method in MEDIA:
        name = MEDIA[method]
        judged.parts.append(Part(_caption(values), await _file(values.get(name), name, params, line)))
    return judged


def _text(value: Any, mode: Any) -> str:
    text = parsed(value, mode) if isinstance(value, str) else ""
    if not text.strip():
        raise BotError(400, "Bad Request: message text is empty")
    if utf16(text) > TEXT:
        raise BotError(400, "Bad Request: message is too long")
    return text


def _caption(values: dict[str, Any]) -> str:
    text = parsed(str(values.get("caption") or ""), values.get("parse_mode"))
    if utf16(text) > CAPTION:
        raise BotError(400, "Bad Request: message caption is too long")
    return text


async def _file(value: Any, name: str, params: Params, line: Line) -> File:
    """An upload, a link that Telegram fetches, or the id of a file it has."""
    photo = name == "photo"
    if isinstance(value, str) and value.startswith("attach://"):
        name, value = value.removeprefix("attach://"), None
    if name in params.files:
        file = params.files[name]
        if len(file.data) > (10 if photo else 50) * MEGABYTE:
            raise BotError(413, "Request Entity Too Large")
    elif isinstance(value, str) and value.startswith(("https://", "http://")):
        try:
            file = await line.fetch(value, (5 if photo else 20) * MEGABYTE)
        except Unreachable:
            raise BotError(400, "Bad Request: failed to get HTTP URL content") from None
    else:
        known = line.world.files.get(str(value).rpartition("-")[2])
        if known is None:
            raise BotError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        file = known
    if photo and not file.type.startswith("image/"):
        raise BotError(400, "Bad Request: IMAGE_PROCESS_FAILED")
    return file


async def _album(judged: Judged, params: Params, line: Line) -> None:
    media = params.values.get("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise BotError(400, "Bad Request: there must be from 2 to 10 media in the group")
    for one in media:
        if not isinstance(one, dict) or one.get("type") not in ("photo", "video", "audio", "document"):
            raise BotError(400, "Bad Request: can't parse InputMedia")
        judged.parts.append(Part(_caption(one), await _file(one.get("media"), str(one["type"]), params, line)))


def _reply(judged: Judged, values: dict[str, Any]) -> None:
    reply = values.get("reply_parameters") or {}
    if not isinstance(reply, dict):
        raise BotError(400, "Bad Request: object expected as reply parameters")
    named = reply.get("message_id", values.get("reply_to_message_id"))
    judged.refers_to = str(named) if named is not None else None
    allowed = reply.get("allow_sending_without_reply", values.get("allow_sending_without_reply"))
    judged.lenient = str(allowed).lower() == "true"


def _keys(judged: Judged, markup: Any) -> None:
    if not markup:
        return
    if not isinstance(markup, dict):
        raise BotError(400, "Bad Request: object expected as reply markup")
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    judged.keys = "callback" if "inline_keyboard" in markup else "keyboard" if "keyboard" in markup else ""
    keys = [key for row in rows if isinstance(row, list) for key in row]
    if len(keys) > 100:
        raise BotError(400, "Bad Request: REPLY_MARKUP_TOO_LONG")
    for key in keys:
        key = {"text": key} if isinstance(key, str) else key
        title = key.get("text") if isinstance(key, dict) else None
        if not isinstance(title, str) or not title.strip():
            raise BotError(400, 'Bad Request: can\'t parse keyboard button: Field "text" must be of type String')
        if judged.keys == "keyboard":
            judged.buttons.append(Button(title, title))
            continue
        data, url = str(key.get("callback_data", "")), str(key.get("url", ""))
        if bool(data) == bool(url):
            raise BotError(
                400,
                "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            )
        if utf8(data) > CALLBACK_DATA:
            raise BotError(400, "Bad Request: BUTTON_DATA_INVALID")
        judged.buttons.append(Button(title, data, url))


def parsed(text: str, mode: Any) -> str:
    """The text as people see it. Markdown is left as it is: only its length would change, and downwards."""
    if str(mode or "").lower() != "html":
        return text
    reader = _Html()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise BotError(
            400,
            f"Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1]}\"",
        )
    return "".join(reader.found)


class _Html(HTMLParser):
    """The text between Telegram's few tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text stays."""
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Tags must be known."""
        if tag not in _TAGS:
            raise BotError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Tags must be closed in order."""
        if not self.open or self.open.pop() != tag:
            raise BotError(400, f'Bad Request: can\'t parse entities: Unexpected end tag "{tag}"')
