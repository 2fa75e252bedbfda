"""Offers: a conversation is an agent's once they accept it; declined or missed it waits on in its old place."""

from __future__ import annotations

from datetime import datetime, timedelta

from router.at_hand import at_hand
from router.conversations import Conversation, State
from router.desk import audit
from router.errors import Conflict, Refused
from router.exchange import Exchange
from router.hints import tell_owner
from router.ids import digest
from router.keeping import save
from router.moves import accepted, refused
from router.once import Plan, Result, User, once
from router.signals import TIMER_REACH, Signal, Timer, follow_ups
from router.withdrawing import is_there, withdraw


def accept(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """The agent takes what was offered to them."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        _theirs(user, before)
        if x.config().agent(user.name) is None:
            raise Refused("you are no agent any more: the configuration in force does not have you")
        saved = save(x, before, accepted(before))
        entry = audit(x, user, before, "accept", digest_, {"decision": before.decision})
        return Plan([*saved.changes, entry], Result(before.id), saved.timers, saved.after)

    return once(x, user, key, digest(x.key, "accept", conversation_id), plan)


def decline(x: Exchange, user: User, conversation_id: str, reason: str | None, key: str) -> Result:
    """The agent does not: it goes to the next best, and is not offered to them again for a while."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        _theirs(user, before)
        now = x.now()
        until = now + timedelta(seconds=x.config().pool(before.pool).declined_seconds)
        saved = save(x, before, refused(before, now, until))
        detail = {"decision": before.decision, **({"reason": reason} if reason else {})}
        changes = [
            *saved.changes,
            *x.table.free(before, now, active=True),
            audit(x, user, before, "decline", digest_, detail),
        ]
        return Plan(changes, Result(before.id), [*follow_ups(saved.after), *saved.timers], saved.after)

    return once(x, user, key, digest(x.key, "decline", conversation_id, reason or ""), plan)


def _theirs(user: User, conversation: Conversation) -> None:
    """Raise Conflict or Refused unless the conversation is offered to this user."""
    if conversation.state is not State.OFFERED:
        owner = f", with {conversation.agent}" if conversation.agent else ""
        raise Conflict(f"it is not offered any more: it is {conversation.state}{owner}")
    if conversation.agent != user.name:
        raise Refused(f"it is offered to {conversation.agent}")


def missed(x: Exchange, before: Conversation, now: datetime) -> list[Signal]:
    """An offer timed out. The agent stays in; after several in a row they are paused for a while. Raises Lost.

    One missed offer never sets anybody offline: an empty desk must not empty the whole floor. Whoever is away misses nothing.
    """
    config = x.config()
    pool = config.pool(before.pool)
    load = x.table.seated(before.pool, before.agent or "")
    if load is not None and not is_there(config, load):
        return withdraw(x, before, load.presence, "clock", now)
    saved = save(x, before, refused(before, now, now + timedelta(seconds=pool.missed_seconds)))
    rested = load is not None and load.paused_until is not None and load.paused_until <= now
    count = load.missed + 1 if load is not None and not rested else 1  # a pause that is over begins the row anew
    paused_until = now + timedelta(seconds=pool.pause_seconds) if count >= pool.pause_after else None
    entry = "h_" + digest(x.key, "missed", before.id, str(before.version))
    detail = {"agent": before.agent, "decision": before.decision, "in_a_row": count}
    if paused_until is not None:
        detail["paused_until"] = paused_until.isoformat()
    changes = [
        *saved.changes,
        x.table.history(before.id, "missed", "clock", detail, now, entry),
    ]
    if load is not None:
        changes += x.table.missed(before, load, count, paused_until, now)
    else:
        changes.append(x.table.nobody(before.agent or ""))
    x.table.commit(*changes)
    x.count("OfferMissed", 1)
    signals: list[Signal] = [*follow_ups(saved.after), *saved.timers]
    if paused_until is not None:
        x.count("AgentPaused", 1)
        if paused_until - now <= TIMER_REACH:
            signals.append(Timer(f"POOL#{before.pool}", f"A#{before.agent}", paused_until))
    tell_owner(x, before, "missed")
    return signals
