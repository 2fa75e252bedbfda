"""Web chat: our own protocol over API Gateway's WebSockets, specified in docs/webchat-protocol.md."""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.reading import clean, epoch_time, iso_time, json_object
from channels.sessions import valid_visitor
from router import ids
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary, TooLarge, Unparsable
from router.messages import (
    Attachment,
    Authenticity,
    ChannelName,
    Direction,
    Ignored,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    Receipt,
    ReceiptStatus,
)

MAX_FRAME = 32 * 1024  # bytes: API Gateway closes the connection (1009) for a larger one
MAX_TEXT = 4_000  # characters
MAX_FILES = 10  # of an answer; a visitor sends none
MAX_FILE = 25_000_000  # bytes
MAX_REFERENCE = 256  # characters of a cursor or a message id

_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
_CURSOR = re.compile(r"[0-9]{13}#(?:[0-9]{16}\.)?(m_[a-z2-7]{24})")  # Message.cursor
_SENDING = ("sendMessage", "sendmessage", "message")  # `action` of a message
_SIGNALS = frozenset({"resume", "typing", "ping"})  # for the connection, not for the conversation


class WebChat:
    """The customer's side of the conversation, in a page of the company."""

    name = "webchat"
    channel = ChannelName.WEBCHAT
    provider = Provider.SANTRAL
    carrier: Literal["http", "socket"] = "socket"
    limits: Mapping[ChannelName, Limits] = {
        ChannelName.WEBCHAT: Limits(
            text=MAX_TEXT,
            caption=MAX_TEXT,
            files=MAX_FILES,
            file_bytes=MappingProxyType({"*": MAX_FILE}),
            receipts=frozenset({"delivered", "read"}),
        )
    }
    media_hosts: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    shared = False

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless the frame comes with a stored session of this inbox.

        The token itself was checked at $connect (channels.sessions); API Gateway lets frames through only after it.
        """
        if not valid_visitor(request.envelope.get("visitor")):
            raise Refused("the connection has no session")
        if request.envelope.get("inbox") != inbox.name:
            raise Refused("the session is another inbox's")

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """The handshake is $connect's (router.chat); frames know none."""
        return None

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """One frame: a message, a receipt, or (Ignored) a signal of the connection. TooLarge beyond the limits."""
        frame = read_frame(request.body)
        visitor = request.envelope.get("visitor")
        if not isinstance(visitor, str) or not valid_visitor(visitor):
            raise Unparsable("a frame without a session")
        at = epoch_time(request.envelope.get("request_time"))
        match frame["type"]:
            case "message":
                return Parsed(messages=(_message(frame, request, inbox, key, visitor, at),))
            case "ack":
                send = _bounded(frame.get("message"), "message")
                return Parsed(receipts=(_receipt(request, inbox, key, visitor, at, send=send),))
            case "read":
                upto = _bounded(frame.get("upto"), "upto")
                return Parsed(receipts=(_receipt(request, inbox, key, visitor, at, upto=upto),))
            case kind if kind in _SIGNALS:
                return Parsed(ignored=(Ignored(what=kind, reason="a signal of the connection"),))
            case _:
                return Parsed(ignored=(Ignored(what="frame", reason="a type this version does not know"),))

    def account(self, inbox: Inbox) -> str:
        """Frames are told apart by their session."""
        return inbox.name

    def acknowledge(self, parsed: Parsed) -> Response:
        """API Gateway's 200; what the client is told goes as a frame of its own."""
        return Response()

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A push of the `message` frame to one connection, `credentials["connection"]`.

        The sender puts the API's endpoint where `execute-api:` stands. Rejected for what is not outbound (a note never
        leaves), for files without an address, and beyond the text's limit.
        """
        message = outgoing.message
        connection = credentials.get("connection", "")
        if message.direction is not Direction.OUTBOUND:
            raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
        if not connection:
            raise Rejected("the visitor has no connection", code="gone")
        if any(not attachment.url for attachment in message.attachments):
            raise Rejected("a file has no address that the visitor's page could open", code="attachments")
        if not message.text.strip() and not message.attachments:
            raise Rejected("there is no text to send", code="empty")
        if len(message.text) > MAX_TEXT:
            raise Rejected(f"the text has {len(message.text)} characters, web chat at most {MAX_TEXT}", code="too_long")
        frame = {"type": "message", "message": shown(message, message.sender.name or outgoing.inbox.display_name)}
        return HttpRequest(
            "POST",
            f"execute-api:/@connections/{quote(connection, safe='')}",
            {"content-type": "application/json"},
            clean(json.dumps(frame, ensure_ascii=False, separators=(",", ":"))).encode("utf-8"),
            sign="execute-api",
            timeout=5.0,
        )

    def interpret(self, response: HttpResponse) -> str | None:
        """None: a push has no id. Repeating one is harmless, clients know messages by id; so a 5xx is Temporary."""
        status = response.status
        if 200 <= status < 300:
            return None
        if status == 410:
            raise Rejected("the connection is gone", code="gone")
        if status == 413:
            raise Rejected("the frame is too large", code="too_long")
        if status == 429 or status >= 500:
            raise Temporary(f"the connection cannot take it now ({status})")
        raise Rejected(f"the push was refused ({status})", code=str(status), credentials=status in (401, 403))

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """The chat's pages send no files."""
        raise Rejected("the web chat carries no files", code="fetch")


def read_frame(body: bytes) -> dict[str, Any]:
    """The JSON object of a client's frame, which has a `type`. Raise Unparsable, TooLarge beyond MAX_FRAME.

    API Gateway's own examples route by `action`, so a client made for them names a message by it.
    """
    if len(body) > MAX_FRAME:
        raise TooLarge(f"the frame has {len(body)} bytes, at most {MAX_FRAME} are taken")
    frame = json_object(body)
    action = frame.get("action")
    if "type" not in frame and isinstance(action, str):
        ids_given = (frame[name] for name in ("id", "clientMsgId", "client_id") if name in frame)
        texts = (frame[name] for name in ("text", "message", "data") if isinstance(frame.get(name), str))
        said = {"type": "message", "id": next(ids_given, None), "text": next(texts, None)}
        frame |= said if action in _SENDING else {"type": action}
    if not isinstance(frame.get("type"), str):
        raise Unparsable("the frame has no type")
    return frame


def shown(message: Message, author: str | None = None) -> dict[str, Any]:
    """A message as the customer's page sees it. `author` is a name to show; an agent's user name is never sent."""
    files = [
        {
            "filename": one.filename or f"file-{number}",
            "content_type": one.content_type,
            "size": one.size,
            "url": one.url,
        }
        for number, one in enumerate(message.attachments, 1)
    ]
    return {
        "id": message.id,
        "direction": message.direction.value,
        "text": message.text,
        "at": message.occurred_at.isoformat().replace("+00:00", "Z"),
        "author": author,
        "cursor": message.cursor,
        **({"attachments": files} if files else {}),
    }


def _message(
    frame: Mapping[str, Any], request: Request, inbox: Inbox, key: bytes, visitor: str, at: datetime | None
) -> Message:
    client_id, text = frame.get("id"), frame.get("text")
    if client_id is None:
        client_id = request.envelope.get("message_id")  # of a stored event; on a connection the client must name it
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise Unparsable("a message needs an id of 1 to 64 visible ASCII characters")
    if not isinstance(text, str) or not clean(text).strip():
        raise Unparsable("the message has no text")
    if len(text) > MAX_TEXT:
        raise TooLarge(f"the text has {len(text)} characters, at most {MAX_TEXT} are taken")
    sent_at = iso_time(frame.get("at"))
    name, language = request.envelope.get("name"), request.envelope.get("language")
    external_id = f"{visitor}:{client_id}"
    return Message(
        id=ids.message_id(key, "santral", inbox.brand, external_id),
        external_id=external_id,
        channel=ChannelName.WEBCHAT,
        provider=Provider.SANTRAL,
        inbox=inbox.name,
        direction=Direction.INBOUND,
        sender=Party(address=visitor, name=clean(name) if isinstance(name, str) and name else None),
        recipients=(Party(address=inbox.address),),
        text=clean(text),
        language=language if isinstance(language, str) and language else None,
        sent_at=sent_at,
        provider_at=at,
        received_at=request.received_at,
        authenticity=Authenticity(proof=Proof.STRONG, method=_method(request.envelope.get("method"))),
        raw_ref=request.raw_ref,
        problems=() if sent_at or frame.get("at") is None else ("at: not an ISO 8601 time with its offset",),
    )


def _method(stored: object) -> str:
    """How the session's visitor is known: by the session alone, or by the company's own word."""
    return "user-token" if stored == "user-token" else "session"


def _receipt(
    request: Request,
    inbox: Inbox,
    key: bytes,
    visitor: str,
    at: datetime | None,
    *,
    send: str | None = None,
    upto: str | None = None,
) -> Receipt:
    """An `ack` names its message, a `read` the one its cursor stands at; `raw` keeps the cursor.

    A visitor can name any message: who applies the receipt checks that it went to `recipient`.
    """
    if upto:
        at_message = _CURSOR.fullmatch(upto)
        send = at_message[1] if at_message else None
    status = ReceiptStatus.READ if upto else ReceiptStatus.DELIVERED
    return Receipt(
        id=ids.receipt_id(key, "santral", send or f"upto:{upto}", status.value, visitor),
        channel=ChannelName.WEBCHAT,
        provider=Provider.SANTRAL,
        inbox=inbox.name,
        status=status,
        provider_status="read" if upto else "ack",
        send_id=send,
        recipient=visitor,
        at=min(at or request.received_at, request.received_at),
        received_at=request.received_at,
        raw={"upto": upto} if upto else None,
    )


def _bounded(value: object, name: str) -> str:
    text = clean(value) if isinstance(value, str) else ""
    if not 0 < len(text) <= MAX_REFERENCE:
        raise Unparsable(f"'{name}' must be a text of 1 to {MAX_REFERENCE} characters")
    return text
