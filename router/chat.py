"""The web chat's and the desk's sockets: who connects, what their frames do, and reading on after a break."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from router.conversations import Conversation
from router.deliver import chat_view
from router.errors import Invalid, Refused, SantralError, Temporary, Unparsable
from router.exchange import Exchange
from router.ids import contact_id
from router.leaving import leave
from router.messages import ChannelName, Direction, Message, Parsed
from router.people import resolve
from router.proving import FRAMES
from router.proving import frame as prove
from router.receive import accept
from router.records import Call
from router.sends import Send
from router.wire import Request

PROTOCOL = "santral.v1"
TICKET_LIFE = timedelta(seconds=30)
PAGE = 50
MOST = 500
FRAMES_A_MINUTE = 120
"""What one visitor may send on all their sockets: a person typing with all hints needs a quarter of it."""
MAX_FRAME = 100_000  # bytes: API Gateway pushes at most 128 KB
_OVERLAP_MS = 120_000
_CURSOR = re.compile(r"[0-9]{1,13}(#[\x21-\x7e]{0,100})?")


def give_ticket(x: Exchange, agent: str) -> tuple[str, datetime]:
    """A single-use ticket for an agent's socket, and when it expires."""
    ticket = secrets.token_urlsafe(24)
    now = x.now()
    x.sockets.give_ticket(ticket, {"agent": agent}, now, TICKET_LIFE)
    return ticket, now + TICKET_LIFE


def connect(x: Exchange, connection: str, protocols: list[str], verify_session: Any) -> None:
    """Open a socket for the holder of a ticket (an agent) or of a session (a visitor). Raises Refused."""
    for protocol in protocols:
        kind, _, token = protocol.partition(".")
        if kind == "ticket":
            held = x.sockets.use_ticket(token, x.now())
            if held is None:
                raise Refused("the ticket is unknown, spent or late")
            _agent_in(x, connection, held["agent"])
            return
        if kind == "session":
            session = verify_session(token)
            visitor = contact_id(x.key, "webchat", session["visitor"], proved=True)
            earlier = [contact_id(x.key, "webchat", one, proved=True) for one in session.get("earlier", ())]
            owned = {**session, "contact": visitor}
            x.sockets.open(connection, f"V#{visitor}", owned, x.now(), [f"V#{one}" for one in earlier])
            return
    raise Refused("offer the subprotocols 'santral.v1' and 'ticket.…' or 'session.…'")


def _agent_in(x: Exchange, connection: str, agent: str) -> None:
    known = x.config().agent(agent)
    session = {"agent": agent} | ({"pool": known.pool} if known is not None else {})
    x.sockets.open(connection, f"A#{agent}", session, x.now())
    if known is not None:
        x.sockets.agent_connected(known.pool, agent, connection)


def disconnect(x: Exchange, connection: str) -> None:
    """Forget a socket. An agent without another one is away after a while (router/absence.py)."""
    x.sockets.gone(connection)


def frame(x: Exchange, connection: str, request: Request, frame_: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One frame of an open socket; the frames to answer with. Never raises for what the customer sent."""
    session = x.sockets.session(connection)
    if session is None:
        return [_error("gone", "this connection is not known any more: connect again")]
    kind = frame_.get("type")
    if kind == "ping":
        return [{"type": "pong"}]
    if "agent" in session:
        return _agent_frame(x, session, frame_)
    if not x.sockets.allows(session["owner"], x.now(), FRAMES_A_MINUTE):
        x.count("ChatSlowed", 1)
        return [_error("later", "too many frames in this minute: go on in the next", _client_id(frame_))]
    if kind == "resume":
        return _resume(x, session, frame_)
    if kind == "typing":
        _typing(x, session)
        return []
    if kind == "leave":
        return _leave(x, session)
    if kind in FRAMES:
        return [_proof_frame(x, session, frame_)]
    return _customer_frame(x, session, request, frame_)


def _leave(x: Exchange, session: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        leave(x, lambda: _latest(x, session))
    except Temporary:
        return [_error("later", "not now: send it again")]
    return [{"type": "left"}]


def _proof_frame(x: Exchange, session: Mapping[str, Any], frame_: Mapping[str, Any]) -> dict[str, Any]:
    """An address is to be proved, or its code came back."""
    client_id = _client_id(frame_)
    try:
        return {**prove(x, session, frame_), **({"id": client_id} if client_id else {})}
    except Invalid as error:
        return _error("invalid", str(error), client_id)
    except Temporary:
        return _error("later", "not now: send it again", client_id)
    except SantralError as error:
        return _error("refused", str(error), client_id)


def _customer_frame(
    x: Exchange, session: Mapping[str, Any], request: Request, frame_: Mapping[str, Any]
) -> list[dict[str, Any]]:
    inbox = x.inbox(session["inbox"])
    if inbox is None:
        return [_error("closed", "this chat is closed")]
    channel = x.channel("webchat")
    client_id = _client_id(frame_)
    envelope = {k: v for k, v in session.items() if k != "owner"} | dict(request.envelope)
    asked = replace(request, envelope=envelope)
    try:
        channel.verify(asked, inbox, {}, x.now())
        parsed = _own(x, session, channel.parse(asked, inbox, x.key))
        call = Call("webchat", inbox.name, request.received_at, body=request.body, envelope=envelope)
        accept(x, [(call, parsed)])
    except (Unparsable, Refused) as error:
        return [_error("invalid" if isinstance(error, Unparsable) else "refused", str(error), client_id)]
    except SantralError:
        return [_error("later", "not taken: send it again", client_id)]
    return [{"type": "ack", "id": client_id_of(message), "message": message.id} for message in parsed.messages]


def _client_id(frame_: Mapping[str, Any]) -> str | None:
    return frame_["id"] if isinstance(frame_.get("id"), str) else None


def client_id_of(message: Message) -> str | None:
    """The id the customer's page gave it: what stands behind the visitor in the external id."""
    return (message.external_id or "").partition(":")[2] or None


def _own(x: Exchange, session: Mapping[str, Any], parsed: Parsed) -> Parsed:
    """Receipts count only for what was sent to this very visitor: a page may name any id."""
    sends = x.table.sends([r.send_id for r in parsed.receipts if r.send_id]) if parsed.receipts else {}
    kept = tuple(r for r in parsed.receipts if r.send_id in sends and sends[r.send_id].to in _selves(session))
    return parsed.model_copy(update={"receipts": kept})


def _error(code: str, text: str, client_id: str | None = None) -> dict[str, Any]:
    return {"type": "error", "code": code, "message": text, **({"id": client_id} if client_id else {})}


def _latest(x: Exchange, session: Mapping[str, Any]) -> Conversation | None:
    inbox = x.config().inbox(session["inbox"])
    if inbox is None:
        return None
    person = resolve(x, session["contact"])
    return x.table.open_conversation(person.id if person is not None else session["contact"], inbox.brand)


def _shown(one: Message | Send, session: Mapping[str, Any]) -> bool:
    """A visitor reads what they wrote here and what was sent here: of a joined person's other channels nothing (P10)."""
    if isinstance(one, Send):
        return one.to in _selves(session)
    mine = one.sender.address in _selves(session)
    return mine and one.direction is Direction.INBOUND and one.withdrawn_at is None


def _selves(session: Mapping[str, Any]) -> tuple[str, ...]:
    """The visitor, and who this browser was before the company's page said who it is."""
    return (session["visitor"], *session.get("earlier", ()))


def _typing(x: Exchange, session: Mapping[str, Any]) -> None:
    conversation = _latest(x, session)
    if conversation is not None and conversation.agent is not None:
        hint = {"type": "typing", "conversation": conversation.id, "who": "customer"}
        x.sockets.tell(f"A#{conversation.agent}", hint, conversation.agent_connection)


def _agent_frame(x: Exchange, session: Mapping[str, Any], frame_: Mapping[str, Any]) -> list[dict[str, Any]]:
    """An agent's page only hints: typing goes on to the customer's page if the conversation is theirs."""
    if frame_.get("type") != "typing":
        return [_error("unknown", "the desk's socket takes 'ping' and 'typing'; everything else goes by the API")]
    conversation = x.table.conversation(str(frame_.get("conversation", "")))
    if conversation is not None and conversation.agent == session["agent"]:
        for way in conversation.ways:
            if way.channel is ChannelName.WEBCHAT:
                visitor = contact_id(x.key, str(way.channel), way.address, proved=True)
                x.sockets.tell(f"V#{visitor}", {"type": "typing", "who": "agent"})
    return []


def _resume(x: Exchange, session: Mapping[str, Any], frame_: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The visitor's conversation from a cursor on; without one, its newest page.

    Before what follows the cursor comes what stands shortly before it: a message that was stored late has an earlier time
    than what was read already, and the page knows messages by their ids. It is all sent in one go, in frames that a socket
    takes, so only the last can say that there is more: each `more` makes the page ask again.
    """
    after = frame_.get("after")
    if after is not None and not (isinstance(after, str) and _CURSOR.fullmatch(after[:200])):
        return [_error("invalid", "'after' is a cursor or null")]
    conversation = _latest(x, session)
    if conversation is None:
        return [{"type": "messages", "messages": [], "cursor": after, "more": False}]
    more = False
    if after is None:
        found = list(
            reversed(x.table.thread(conversation, limit=PAGE, backwards=True, outreach=bool(x.config().campaigns)))
        )
    else:
        early = f"{max(0, int(after.split('#')[0]) - _OVERLAP_MS):013d}#"
        shortly = reversed(
            x.table.thread(conversation, before=after, limit=PAGE, backwards=True, outreach=bool(x.config().campaigns))
        )
        following = x.table.thread(conversation, after=after, limit=MOST, outreach=bool(x.config().campaigns))
        more = len(following) == MOST
        found = [*(one for one in shortly if _cursor_of(one) > early), *following]
    shown = [one for one in found if _shown(one, session)]
    frames: list[dict[str, Any]] = []
    page: list[dict[str, Any]] = []
    size = 0
    cursor = after
    for one in shown:
        view = _view(x, one)
        length = len(json.dumps(view, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if page and size + length > MAX_FRAME:
            frames.append({"type": "messages", "messages": page, "cursor": cursor, "more": False})
            page, size = [], 0
        page.append(view)
        size += length
        cursor = max(cursor or "", view["cursor"])
    if found:  # what is not shown here was passed all the same
        cursor = max(cursor or "", _cursor_of(found[-1]))
    frames.append({"type": "messages", "messages": page, "cursor": cursor, "more": more})
    return frames


def _cursor_of(one: Message | Send) -> str:
    return one.message.cursor if isinstance(one, Send) else one.cursor


def _view(x: Exchange, one: Message | Send) -> dict[str, Any]:
    if isinstance(one, Send):
        return dict(chat_view(x, one))
    return {
        "id": one.id,
        "direction": "inbound",
        "text": one.text,
        "at": one.occurred_at.isoformat().replace("+00:00", "Z"),
        "author": None,
        "cursor": one.cursor,
        "client_id": client_id_of(one),
    }
