"""Who asks for a code and who types it: a visitor by frames of the chat, an agent by the API for the customer they talk to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from router import codes
from router.config import Inbox
from router.conversations import Conversation
from router.errors import Conflict, Invalid, Lost, NotFound, Temporary
from router.exchange import Exchange
from router.ids import digest
from router.once import Plan, Result, User, once
from router.people import resolve
from router.records import Verification
from router.sends import Send, SendState
from router.signals import delivery

FRAMES = frozenset({"prove", "code"})
_TRIES = 6


def offered(inbox: Inbox) -> tuple[str, ...]:
    """What visitors of a chat may prove: by default e-mail alone, for every SMS costs and strangers can ask for them."""
    found = inbox.settings.get("proofs", ["email"])
    return tuple(map(str, found)) if isinstance(found, list) else ()


# --- the chat's frames ---------------------------------------------------------------------------------------------


def frame(x: Exchange, session: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What a `prove` or `code` frame is answered. Says the same whether anybody is known at the address or not.

    Raises Invalid, Conflict (not now), Temporary, NotFound.
    """
    return _prove(x, session, asked) if asked.get("type") == "prove" else _code(x, session, asked)


def _prove(x: Exchange, session: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    inbox = x.inbox(session["inbox"])
    if inbox is None:
        raise NotFound("this chat is closed")
    channel, address = codes.address_of(str(asked.get("channel", "")), str(asked.get("address", "")))
    if str(channel) not in offered(inbox):
        raise Invalid(f"nothing can be proved by {channel} here")
    visitor = session["contact"]
    stem = asked["id"] if isinstance(asked.get("id"), str) else x.now().isoformat()
    id_ = "m_" + digest(x.key, "code", visitor, stem)
    for _ in range(_TRIES):
        conversation = _conversation(x, visitor, inbox.brand)
        before = _before(x, visitor)
        if before is not None and before.send == id_:  # the page asks again, for it heard no answer
            send = x.table.sends([id_]).get(id_)
            until = before.until
        else:
            request = codes.Request(id_, visitor, conversation, channel, address, codes.VISITOR, inbox.name)
            changes, made, send = codes.planned(x, request)
            until = made.until
            try:
                x.table.commit(*changes)
            except Lost:
                continue
        _leave(x, send)
        return {"type": "proving", "channel": str(channel), "address": address, "until": _iso(until)}
    raise Temporary("somebody else asks for codes, too; try again")


def _code(x: Exchange, session: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    code = "".join(str(asked.get("code", ""))[:20].split())
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise Invalid("a code has six digits")
    found, right = codes.typed(x, session["contact"], code)
    if found is None:
        raise Conflict("no code is open: ask for a new one")
    if not right:
        left = codes.MOST_TRIES - found.tries
        if left <= 0:
            raise Conflict("this is not the code, and there are no tries left: ask for a new one")
        raise Invalid(f"this is not the code; tries left: {left}")
    codes.finish(x, found)
    return {"type": "proved", "channel": str(found.channel), "address": found.address}


def _conversation(x: Exchange, contact: str, brand: str) -> Conversation:
    person = resolve(x, contact)
    found = x.table.open_conversation(person.id, brand) if person is not None else None
    if found is None:
        raise Conflict("write a message first")
    return found


def _before(x: Exchange, contact: str) -> Verification | None:
    """What was asked before; what came back and is not joined yet is joined first."""
    before = x.table.verification(contact)
    if before is not None and before.typed:
        codes.overdue(x, before)
    return before


def _leave(x: Exchange, send: Send | None) -> None:
    if send is None or send.state is not SendState.QUEUED:
        return
    try:
        x.queues.send([delivery(send)], x.now())
    except Temporary:
        x.count("FollowUpLeftToSweep", 1)


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


# --- the agent's call ----------------------------------------------------------------------------------------------


def ask(x: Exchange, user: User, contact: str, channel: str, address: str, key: str) -> Verification:
    """Send a code to an address that the customer says is theirs; typed back from where they write now, it is.

    Raises NotFound, Invalid, and Conflict for whom nothing is proved of, who never wrote, or who had too many codes.
    """
    name, plain = codes.address_of(channel, address)

    def plan(digest_: str) -> Plan:
        person = resolve(x, contact)
        if person is None:
            raise NotFound(f"there is no contact {contact}")
        if not codes.person_has_proof(x, person.id):
            raise Conflict(
                "nothing is proved of this person: only who writes with proof (chat, apps, mail with DMARC) can add to it"
            )
        conversations = sorted(x.table.slots(person.id), key=lambda c: c.last_inbound_at or c.opened_at)
        if not conversations:
            raise Conflict("this person has no conversation")
        stopped = x.table.suppression(str(name), plain)
        if stopped is not None:
            raise Conflict(f"nothing is sent to this address on {name} since {stopped.at:%Y-%m-%d}: {stopped.reason}")
        _before(x, person.id)
        conversation, now = conversations[-1], x.now()
        request = codes.Request(f"m_{digest_}", person.id, conversation, name, plain, user.name)
        changes, _, send = codes.planned(x, request)
        entry = x.table.history(conversation.id, "verification", user.name, {"channel": str(name)}, now, f"h_{digest_}")
        signals = [delivery(send)] if send is not None else []
        return Plan([*changes, entry], Result(message=f"m_{digest_}", subject=person.id), signals)

    result = once(x, user, key, digest(x.key, "verification", contact, str(name), plain), plan)
    found = x.table.verification(str(result.subject))
    if found is None:
        raise NotFound("the code is no longer good")
    return found
