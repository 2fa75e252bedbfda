"""What got stuck and wants a person: parked sends and quarantined calls. A supervisor decides, once, and the audit keeps who."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from router.conversations import FOLLOW_WITHIN
from router.errors import Conflict, NotFound
from router.exchange import Exchange
from router.ids import digest
from router.once import Plan, Result, User, once
from router.receive import again
from router.records import Call
from router.sends import SendState
from router.signals import Signal, Step, delivery

if TYPE_CHECKING:
    from router.aws.dynamo import Change


def resend(x: Exchange, user: User, send_id: str, key: str) -> Result:
    """A person decides that a parked or failed message is to leave (again)."""
    return _unpark(x, user, send_id, key, SendState.QUEUED)


def discard(x: Exchange, user: User, send_id: str, key: str) -> Result:
    """A person decides that a parked or failed message stays unsent."""
    return _unpark(x, user, send_id, key, SendState.DISCARDED)


def _unpark(x: Exchange, user: User, send_id: str, key: str, state: SendState) -> Result:
    user.need("supervisor")

    def plan(digest_: str) -> Plan:
        send = x.table.sends([send_id]).get(send_id)
        if send is None:
            raise NotFound(f"there is no outbound message {send_id}")
        if send.state not in (SendState.PARKED, SendState.FAILED) and send.shown != "failed":
            raise Conflict(f"only a parked or failed message can be decided on; this one is {send.shown}")
        now = x.now()
        queued = state is SendState.QUEUED
        what = "resend" if queued else "discard"
        entry = x.table.history(send.conversation, what, user.name, {"message": send.id}, now, f"h_{digest_}")
        after = replace(send, state=state)
        changes = [x.table.unpark(send, state, now + FOLLOW_WITHIN if queued else None), entry]
        follows: list[Signal] = [delivery(after, f".{digest_[:8]}")] if queued else []
        if not queued and send.journey is not None:
            follows = [Step(*send.journey, f"{send.id}.{digest_[:8]}")]
        return Plan(changes, Result(send.conversation, send.id), follows)

    return once(x, user, key, digest(x.key, "unpark", send_id, str(state)), plan)


def retry_quarantined(x: Exchange, user: User, entry: str, key: str) -> Result:
    """Read a quarantined call once more; it leaves the quarantine only if it could be read. Raises Unparsable, NotFound."""

    def plan(digest_: str) -> Plan:
        call = _quarantined(x, user, entry)
        again(x, call, f".{digest_[:8]}", whole=True)  # queueing twice is harmless: the messages have ids of their own
        return Plan(
            [x.intake.release(entry), _quarantine_entry(x, user, entry, "retry", digest_)], Result(subject=entry)
        )

    return once(x, user, key, digest(x.key, "retry", entry), plan)


def discard_quarantined(x: Exchange, user: User, entry: str, key: str) -> Result:
    """Forget a quarantined call for good; the audit keeps who did it."""

    def plan(digest_: str) -> Plan:
        _quarantined(x, user, entry)
        return Plan(
            [x.intake.discard(entry), _quarantine_entry(x, user, entry, "discard", digest_)], Result(subject=entry)
        )

    return once(x, user, key, digest(x.key, "forget", entry), plan)


def _quarantined(x: Exchange, user: User, entry: str) -> Call:
    user.need("supervisor")
    found = x.intake.quarantined([entry])
    if not found:
        raise NotFound(f"there is nothing in quarantine under {entry}")
    return found[0].call


def _quarantine_entry(x: Exchange, user: User, entry: str, what: str, digest_: str) -> Change:
    return x.table.history(f"quarantine:{entry}", what, user.name, {}, x.now(), f"h_{digest_}")
