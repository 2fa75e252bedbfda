"""What people do about promises: make one, say that it is kept, take it back. Each once, with its audit entry.

An answer may make one too (router.desk), and an automatic answer does where the configuration says so (router.automatic).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from router import promises
from router.at_hand import at_hand
from router.conversations import Conversation
from router.desk import audit, mine
from router.errors import Conflict, NotFound
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.once import Plan, Result, User, once
from router.promises import Pledge, Promise


def promise(x: Exchange, user: User, conversation_id: str, pledge: Pledge, key: str) -> Result:
    """Tell a customer a time. By its agent, or a supervisor, while it is open.

    Raises Invalid for a time that is over or more than a year away, Conflict when ten are open.
    """

    def plan(digest_: str) -> Plan:
        before = _open(x, user, conversation_id)
        made = promises.made(before.promises, pledge, user.name, f"pr_{digest_}", x.now())
        return _plan(x, user, before, made, "promise", digest_, made[-1])

    what = (pledge.until.isoformat(), pledge.what, str(pledge.answer))
    return once(x, user, key, digest(x.key, "promise", conversation_id, *what), plan)


def keep(x: Exchange, user: User, conversation_id: str, promise_id: str, key: str) -> Result:
    """What was promised is done. Raises NotFound, and Conflict for one that is over."""
    return _end(x, user, conversation_id, promise_id, "promise_kept", promises.kept, key)


def take_back(x: Exchange, user: User, conversation_id: str, promise_id: str, key: str) -> Result:
    """Nobody waits for it any more: the customer knows. After its time it stays broken. Raises NotFound, Conflict."""
    return _end(x, user, conversation_id, promise_id, "promise_taken_back", promises.taken_back, key)


def _end(
    x: Exchange,
    user: User,
    conversation_id: str,
    promise_id: str,
    what: str,
    ended: Callable[[Promise, datetime], Promise],
    key: str,
) -> Result:
    def plan(digest_: str) -> Plan:
        before = _open(x, user, conversation_id)
        found = next((one for one in before.promises if one.id == promise_id), None)
        if found is None:
            raise NotFound(f"there is no promise {promise_id} in this conversation")
        if not found.open:
            raise Conflict(f"it is over: {found.standing.value.replace('_', ' ')}")
        after = ended(found, x.now())
        all_ = tuple(after if one is found else one for one in before.promises)
        return _plan(x, user, before, all_, what, digest_, after)

    return once(x, user, key, digest(x.key, what, conversation_id, promise_id), plan)


def _open(x: Exchange, user: User, conversation_id: str) -> Conversation:
    before = at_hand(x, conversation_id)
    mine(user, before)
    if before.state.done:
        raise Conflict("the conversation is resolved: reopen it before you promise anything")
    return before


def _plan(
    x: Exchange,
    user: User,
    before: Conversation,
    all_: tuple[Promise, ...],
    what: str,
    digest_: str,
    changed: Promise,
) -> Plan:
    saved = save(x, before, replace(before, promises=all_))
    entry = audit(x, user, before, what, digest_, promises.told(changed))
    told = [before.agent] if before.agent and before.agent != user.name else []
    return Plan([*saved.changes, entry], Result(before.id, subject=changed.id), saved.timers, saved.after, told)
