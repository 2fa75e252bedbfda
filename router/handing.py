"""Who has a conversation, by people's will: take, assign, transfer, snooze. Each once, with its audit entry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from router.at_hand import at_hand
from router.by_hand import take as claim
from router.by_hand import why_not
from router.config import Agent
from router.conversations import FOLLOW_WITHIN, Conversation, State
from router.desk import audit, mine
from router.errors import Conflict, Invalid
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.loads import Load
from router.moves import snoozed, waiting_again
from router.once import Plan, Result, User, once
from router.requirements import LANGUAGE, checked, in_language, leaves, met, read
from router.signals import follow_ups

_LONGEST_SNOOZE = timedelta(days=365)
ASKED_FOR = 600
"""Seconds that a skill named in a transfer is asked for, unless it says otherwise; then the queue's own steps."""


def take(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Take a waiting conversation by hand, or one's own out of its snooze, within one's own capacity and skills."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        if before.state is State.SNOOZED and before.agent == user.name:
            return _hand_over(x, user, before, user.name, digest_, "take", {})
        return _claim_for(x, user, before, user.name, digest_, "take", {})

    return once(x, user, key, digest(x.key, "take", conversation_id), plan)


def assign(x: Exchange, user: User, conversation_id: str, agent: str, text: str | None, key: str) -> Result:
    """A supervisor gives it to anybody of its pool with room for it, whatever their skills, presence and limits say.

    Units bind even here: load never exceeds capacity (P5).
    """
    user.need("supervisor")
    _known(x, agent)

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you assign it")
        detail = {k: v for k, v in {"agent": agent, "from": before.agent, "note": text}.items() if v}
        if before.state is State.WAITING:
            return _claim_for(x, user, before, agent, digest_, "assign", detail, force=True)
        return _hand_over(x, user, before, agent, digest_, "assign", detail, force=True)

    return once(x, user, key, digest(x.key, "assign", conversation_id, agent, text or ""), plan)


def transfer(
    x: Exchange,
    user: User,
    conversation_id: str,
    *,
    queue: str | None = None,
    agent: str | None = None,
    needs: Any = None,
    seconds: int | None = None,
    text: str | None = None,
    key: str,
) -> Result:
    """Hand it to another queue's line, to one agent who has room for it, or to whoever has a skill.

    A skill is asked for `seconds`, then the queue's own steps are.
    """
    if sum(one is not None for one in (queue, agent, needs)) != 1:
        raise Invalid("name a queue, an agent or a skill: one of them", field="queue")
    config = x.config()
    if queue is not None and config.queue(queue) is None:
        raise Invalid(f"there is no queue '{queue}'", field="queue")
    if agent is not None:
        _known(x, agent)

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you transfer it")
        told = {"queue": queue, "agent": agent, "skill": needs, "from": before.agent, "note": text}
        detail = {k: v for k, v in told.items() if v}
        if agent is not None:
            if before.state is State.WAITING:
                return _claim_for(x, user, before, agent, digest_, "transfer", detail)
            return _hand_over(x, user, before, agent, digest_, "transfer", detail)
        now = x.now()
        after = waiting_again(before, now, queue=queue or before.queue, config=config)
        if before.agent is not None:  # who hands it on does not get it back at once
            until = now + timedelta(seconds=config.pool(after.pool).declined_seconds)
            after = replace(after, barred=((before.agent, until),))
        if needs is not None:
            after = replace(after, require=_asked(x, after, needs, seconds or ASKED_FOR))
        saved = save(x, before, after)
        changes = [*saved.changes, *x.table.free(before, now), *x.table.leave_line(before)]
        changes.append(audit(x, user, before, "transfer", digest_, detail))
        after = saved.after
        told_to = [before.agent] if before.agent and before.agent != user.name else []
        signals = [*follow_ups(after, before.pool), *saved.timers]
        return Plan(changes, Result(before.id), signals, after, told_to)

    what = (queue or "", agent or "", json.dumps(needs), str(seconds), text or "")
    return once(x, user, key, digest(x.key, "transfer", conversation_id, *what), plan)


def snooze(x: Exchange, user: User, conversation_id: str, until: datetime, key: str) -> Result:
    """Put it aside until a time, or until the customer writes. It stays one's own and takes none of one's capacity."""

    def plan(digest_: str) -> Plan:
        moment = x.now()
        if not moment < until <= moment + _LONGEST_SNOOZE:
            raise Invalid("snooze until a time that is to come, within a year", field="until")
        before = at_hand(x, conversation_id)
        mine(user, before)
        if before.state not in (State.ACTIVE, State.PENDING, State.SNOOZED):
            raise Conflict(f"only a conversation that somebody has can be snoozed; this one is {before.state}")
        after = snoozed(before, until, moment)
        saved = save(x, before, after)
        changes = [*saved.changes, *x.table.free(before, moment)]
        changes.append(audit(x, user, before, "snooze", digest_, {"until": until.isoformat()}))
        return Plan(changes, Result(before.id), [*follow_ups(saved.after), *saved.timers], saved.after)

    return once(x, user, key, digest(x.key, "snooze", conversation_id, until.isoformat()), plan)


def _known(x: Exchange, agent: str) -> Agent:
    found = x.config().agent(agent)
    if found is None:
        raise Invalid(f"there is no agent '{agent}'", field="agent")
    return found


def _asked(x: Exchange, conversation: Conversation, needs: Any, seconds: int) -> str:
    """A step for a skill that somebody names. Raises Invalid when it is none, or nobody of the pool has it."""
    try:
        wanted = in_language(read(checked(needs)), conversation.language or "en")
    except ValueError as error:
        raise Invalid(str(error), field="skill") from None
    crew = [agent for agent in x.config().agents if agent.pool == conversation.pool]
    if not any(met(wanted, agent.levels) for agent in crew):
        names = ", ".join(sorted({name for name, _, _ in leaves(wanted)} - {LANGUAGE}))
        raise Invalid(f"no agent of pool '{conversation.pool}' has this: {names}", field="skill")
    return json.dumps([[seconds, needs]])


def _load(x: Exchange, conversation: Conversation, agent: str, absent: str, *, force: bool) -> Load:
    """The load of an agent who can take the conversation. Raises Conflict; `absent` says why their pool may not know them.

    With `force` one who never came in gets a row, and Lost is raised where they come in meanwhile.
    """
    load = x.table.load(conversation.pool, agent)
    if load is None and force:
        load = _first(x, conversation.pool, agent)
    if load is None:
        raise Conflict(f"{agent} {'belongs to another pool' if force else absent}")
    reason = why_not(load, conversation, x.config(), x.now())
    if force and not _known(x, agent).answers_for(conversation.group):
        raise Conflict(f"{agent} may not answer customers of {conversation.group}")
    fits = load.free >= conversation.units and _known(x, agent).pool == conversation.pool
    if force and fits and reason != "configuration":  # a queue that is gone: the sweep brings it to another one
        return load
    if reason is not None:
        raise Conflict(f"{agent} cannot take it: {reason}")
    return load


def _first(x: Exchange, pool: str, agent: str) -> Load | None:
    """The row of one who never came in, offline, as if they had come and gone; None for one whose pool or row is another."""
    config, known = x.config(), _known(x, agent)
    if known.pool != pool:
        return None
    found = x.table.seated(pool, agent)
    if found is not None:
        return found if found.pool == pool else None
    changes = x.table.set_presence(
        pool, agent, "offline", known.units, None, None, x.now(), available=False, threshold=config.lightest
    )
    x.table.commit(*changes)  # a row is made and swapped in two transactions; without the second it says what is so
    return x.table.load(pool, agent)


def _claim_for(
    x: Exchange,
    user: User,
    before: Conversation,
    agent: str,
    digest_: str,
    what: str,
    detail: dict[str, Any],
    *,
    force: bool = False,
) -> Plan:
    if before.state is not State.WAITING:
        raise Conflict(f"it is not waiting: it is {before.state}" + (f", with {before.agent}" if before.agent else ""))
    load = _load(x, before, agent, "is not in: set the presence to online first", force=force)
    changes, decision = claim(x, before, load, f"h_{digest_}", x.now(), force=force)
    history = audit(x, user, before, what, digest_, {**detail, "decision": decision})
    told = [agent] if agent != user.name else []
    return Plan([*changes, history], Result(before.id), told=told)


def _hand_over(
    x: Exchange,
    user: User,
    before: Conversation,
    agent: str,
    digest_: str,
    what: str,
    detail: dict[str, Any],
    *,
    force: bool = False,
) -> Plan:
    """Straight from one agent to another, or out of a snooze: their units are exchanged in the same transaction."""
    if before.agent == agent and before.state is not State.SNOOZED:
        raise Conflict(f"{agent} has it already")
    load = _load(x, before, agent, "is not in, or belongs to another pool", force=force)
    now = x.now()
    held = before.state.held  # one that is snoozed takes nobody's capacity until it is handed on
    after = replace(
        before, agent=agent, agent_connection=load.connection, decision=f"h_{digest_}",
        state=before.state if before.state is State.PENDING else State.ACTIVE, offer_until=None, snoozed_until=None, barred=(),
        follow=("freed",) if held else (), follow_at=now + FOLLOW_WITHIN if held else None,
    )  # fmt: skip
    saved = save(x, before, after)
    after = saved.after
    changes = [
        *saved.changes,
        *x.table.free(before, now),
        *x.table.hold(before, load, x.config().agent(agent) if not force else None, now),
        audit(x, user, before, what, digest_, detail),
    ]
    signals = [*follow_ups(after), *saved.timers]
    return Plan(changes, Result(before.id), signals, after, [agent, *([before.agent] if before.agent else [])])
