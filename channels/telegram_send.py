"""What the Bot API is called with, and what its answers mean.

Facts are from the pages "Telegram Bot API" (10.3) and "Bots FAQ". The bot's token is part of every URL, so no URL is ever
put into an error's text. Errors are told by `error_code` and `parameters`: their descriptions "may change".
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple
from urllib.parse import quote

from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing
from channels.reading import json_object, retry_after
from channels.telegram_values import number, part, text
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.limits import utf16
from router.messages import Attachment, Direction, Message, Option

API = "https://api.telegram.org"
MAX_TEXT = 4_096  # after entities are parsed; we send none
MAX_CAPTION = 1_024
MAX_FILE = 50_000_000  # "up to 50 MB"
MAX_PHOTO = 10_000_000  # "at most 10 MB"; larger ones go as documents
MAX_DOWNLOAD = 20 * 1024 * 1024  # getFile: "up to 20MB"
MAX_BUTTONS = 100  # the server refuses more (REPLY_MARKUP_TOO_LONG)
MAX_DATA = 64  # bytes of callback_data

# "Bots FAQ": 30 messages a second over all chats; about 1 a second in one chat, 20 a minute in a group; 429 beyond.
LIMITS = Limits(
    text=MAX_TEXT,
    caption=MAX_CAPTION,
    files=1,
    upload=True,
    file_bytes={"*": MAX_FILE},
    buttons=MAX_BUTTONS,
    button_title=200,  # Telegram names no limit: the schema's own
    button_payload=MAX_DATA,
    link_buttons=MAX_BUTTONS,
    sends_per_second=30,
    echoes=True,  # what the owner of a business account writes; never what the bot itself sent
)

# Which method a type has, and its field: each method's description says what it takes; sendDocument takes all.
_METHODS = {
    "image/jpeg": ("sendPhoto", "photo"),
    "image/png": ("sendPhoto", "photo"),
    "image/webp": ("sendPhoto", "photo"),
    "image/gif": ("sendAnimation", "animation"),
    "video/mp4": ("sendVideo", "video"),
    "audio/mpeg": ("sendAudio", "audio"),
    "audio/mp4": ("sendAudio", "audio"),
    "audio/x-m4a": ("sendAudio", "audio"),
    "audio/ogg": ("sendVoice", "voice"),
    "*": ("sendDocument", "document"),
}
_CHAT = re.compile(r"(-?[0-9]{1,19})(?:/([0-9]{1,19}))?")
_SENT = re.compile(r"(-?[0-9]{1,19}):([0-9]{1,19})")
_LINK = re.compile(r"(?:https?|tg)://\S+", re.IGNORECASE)


class _Meaning(NamedTuple):
    text: str
    suppress: bool = False
    credentials: bool = False


# By error_code. Descriptions are not repeated: they may hold what the customer wrote or is called.
REFUSALS = {
    400: _Meaning("the call was refused: there is no such chat, or it does not take this"),
    401: _Meaning(
        "the bot_token is wrong or was revoked: put the one BotFather shows into the inbox's secret", credentials=True
    ),
    403: _Meaning("the bot may not write there: it was blocked or removed, or the account is gone", suppress=True),
    404: _Meaning("there is no such bot: the bot_token is not one of BotFather's", credentials=True),
    413: _Meaning("the file is too large"),
}
_MIGRATED = "the group has become a supergroup with another id: answer in its newer conversation"


def render(outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
    """The call that sends a text or one file. Deterministic: the boundary comes from what is sent."""
    message = outgoing.message
    if message.direction is not Direction.OUTBOUND:
        raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
    fields = _target(message)
    if connection := outgoing.inbox.settings.get("business_connection_id"):
        fields["business_connection_id"] = str(connection)
    if message.options:
        fields["reply_markup"] = {"inline_keyboard": [[_button(option)] for option in message.options[:MAX_BUTTONS]]}
    if len(message.options) > MAX_BUTTONS:
        raise Rejected(f"Telegram takes at most {MAX_BUTTONS} buttons", code="options")
    if message.attachments:
        return _upload(message, outgoing.files, fields, credentials)
    if not message.text.strip():
        raise Rejected("there is no text to send", code="empty")
    _fits(message.text, MAX_TEXT, "a text")
    fields |= {"text": message.text, "link_preview_options": {"is_disabled": True}}
    body = json.dumps(fields).encode("ascii")
    headers = {"content-type": "application/json", "accept": "application/json"}
    return HttpRequest("POST", _url(credentials, "sendMessage"), headers, body)


def _url(credentials: Credentials, method: str) -> str:
    return f"{API}/bot{_token(credentials)}/{method}"


def _token(credentials: Credentials) -> str:
    token = credentials.get("bot_token", "").strip()
    if not token:
        raise Rejected("the inbox has no bot_token", credentials=True)
    return quote(token, safe=":")


def _target(message: Message) -> dict[str, Any]:
    """The chat, and which of its messages is answered."""
    if len(message.recipients) != 1:
        raise Rejected(f"one recipient is needed, not {len(message.recipients)}", code="recipient")
    chat = _CHAT.fullmatch(message.recipients[0].address)
    if chat is None:
        raise Rejected("the recipient is no chat's id", code="recipient")
    fields: dict[str, Any] = {"chat_id": int(chat[1])}
    if chat[2]:
        fields["direct_messages_topic_id"] = int(chat[2])
    answered = _SENT.fullmatch(message.refers_to or "")
    if answered and answered[1] == chat[1]:
        fields["reply_parameters"] = {"message_id": int(answered[2]), "allow_sending_without_reply": True}
    return fields


def _button(option: Option) -> dict[str, str]:
    if option.url is not None:
        if not _LINK.fullmatch(option.url):
            raise Rejected("a button's link begins with https://, http:// or tg://", code="options")
        return {"text": option.title, "url": option.url}
    data = option.title if option.payload is None else option.payload
    if not 0 < len(data.encode("utf-8", "surrogatepass")) <= MAX_DATA:
        raise Rejected(f"what a button sends back has 1 to {MAX_DATA} bytes: give it a shorter payload", code="options")
    return {"text": option.title, "callback_data": data}


def _fits(words: str, most: int, what: str) -> None:
    size = utf16(words)
    if size > most:
        raise Rejected(f"{what} has {size} characters, on Telegram at most {most}", code="too_long")


def _upload(
    message: Message, files: tuple[bytes, ...], fields: dict[str, Any], credentials: Credentials
) -> HttpRequest:
    if len(message.attachments) != 1 or len(files) != 1:
        raise Rejected("Telegram takes one file in a message, and its bytes", code="attachments")
    attachment, data = message.attachments[0], files[0]
    if not 0 < len(data) <= MAX_FILE:
        raise Rejected(f"a file on Telegram has 1 to {MAX_FILE // 1_000_000} million bytes", code="too_large")
    _fits(message.text, MAX_CAPTION, "a text with a file")
    kind = attachment.content_type.partition(";")[0].strip().lower()
    method, field = next(found for pattern, found in _METHODS.items() if fnmatchcase(kind, pattern))
    if method == "sendPhoto" and len(data) > MAX_PHOTO:
        method, field = _METHODS["*"]
    if message.text:
        fields["caption"] = message.text
    name = attachment.filename or f"{field}.{_ENDINGS.get(kind, 'bin')}"
    boundary = "santral-" + hashlib.blake2b(data, digest_size=16, person=b"telegram").hexdigest()
    head = [_field(boundary, name_, value) for name_, value in fields.items()]
    kind = kind if _TYPE.fullmatch(kind) else "application/octet-stream"
    disposition = f'form-data; name="{field}"; filename="{_escaped(name)}"'
    part_ = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    body = b"".join([*head, part_.encode("utf-8", "replace"), data, f"\r\n--{boundary}--\r\n".encode("ascii")])
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", "accept": "application/json"}
    return HttpRequest("POST", _url(credentials, method), headers, body, timeout=30.0)


_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "video/mp4": "mp4"} | {
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "application/pdf": "pdf",
}


def _field(boundary: str, name: str, value: Any) -> bytes:
    shown = value if isinstance(value, str) else json.dumps(value)
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{shown}\r\n'.encode(
        "utf-8", "replace"
    )


def _escaped(name: str) -> str:
    """A file's name as browsers send it (HTML, "multipart/form-data"): quotes and line ends in per cents."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def interpret(response: HttpResponse) -> str:
    """The id of what was sent, or what its refusal makes us do."""
    answer = _answer(response)
    if 200 <= response.status < 300 and answer.get("ok") is not False:
        sent = part(answer, "result")
        chat, message = number(part(sent, "chat"), "id"), number(sent, "message_id")
        if chat is None or message is None:
            raise Unknown(f"Telegram answered {response.status} without a message's id")
        return f"{chat}:{message}"
    code = _code(response, answer)
    if code == 429:
        raise Temporary("Telegram: too many requests", retry_after=_wait(response, answer))
    if code >= 500 or code < 400 or code == 408:
        raise Unknown(f"Telegram answered {code}; the message may have been sent")
    if number(part(answer, "parameters"), "migrate_to_chat_id") is not None:
        raise Rejected(f"Telegram: {_MIGRATED}", code="migrated")
    raise _refusal(code)


def fetch(attachment: Attachment, credentials: Credentials, answer: HttpResponse | None) -> HttpRequest | None:
    """getFile, then the file itself.

    What was sent to us may be JSON too, and may pretend to be getFile's answer: that one has its type, while files come as
    plain bytes, and what is taken from it is a path below the bot's own files.
    """
    if answer is None:
        if not attachment.media_id:
            raise Rejected("the file has no id at Telegram", code="fetch")
        _small(attachment.size)
        return HttpRequest("GET", _url(credentials, f"getFile?file_id={quote(attachment.media_id, safe='')}"))
    kind = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), "")
    if answer.status != 200:
        told = _answer(answer)
        code = _code(answer, told)
        if code == 429:
            raise Temporary("Telegram: too many requests", retry_after=_wait(answer, told))
        if code >= 500 or code < 400 or code == 408:
            raise Temporary(f"Telegram answered {code} for a file")
        if code == 401:
            raise _refusal(code)
        raise Rejected(f"Telegram no longer has the file, or it is over 20 MB ({code})", code=str(code))
    file = part(_answer(answer), "result") if kind.lower().startswith("application/json") else {}
    if not text(file, "file_unique_id"):
        return None
    _small(number(file, "file_size"))
    path = text(file, "file_path")
    if any(step in ("", ".", "..") for step in path.split("/")):
        raise Rejected("Telegram gave no address for the file", code="fetch")
    return HttpRequest("GET", f"{API}/file/bot{_token(credentials)}/{quote(path)}", timeout=30.0)


def _small(size: int | None) -> None:
    if size is not None and size > MAX_DOWNLOAD:
        raise Rejected(
            "the file is over 20 MB, which Telegram gives to no bot: ask for it another way", code="too_large"
        )


def _answer(response: HttpResponse) -> Mapping[str, Any]:
    try:
        return json_object(response.body)
    except Unparsable:
        return {}


def _code(response: HttpResponse, answer: Mapping[str, Any]) -> int:
    """The answer's own code, which is the HTTP status but for a refusal in a 2xx; a broken gateway's status stands."""
    told = number(answer, "error_code")
    return response.status if told is None or response.status >= 500 else told


def _wait(response: HttpResponse, answer: Mapping[str, Any]) -> float | None:
    told = number(part(answer, "parameters"), "retry_after")
    if told is not None and 0 <= told < 10**9:
        return float(told)
    return retry_after(response.headers)


def _refusal(code: int) -> Rejected:
    meaning = REFUSALS.get(code, _Meaning("the call was refused"))
    return Rejected(
        f"Telegram {code}: {meaning.text}", code=str(code), suppress=meaning.suppress, credentials=meaning.credentials
    )
