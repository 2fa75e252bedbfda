"""Do it once: an action of a person's, its Idempotency-Key and what must follow, in one transaction.

A repeat of the key finds the first answer and sends again what had to follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from router.conversations import Conversation
from router.errors import Invalid, Lost, Refused, SantralError, Temporary
from router.exchange import Exchange
from router.ids import digest
from router.sends import SendState
from router.signals import Signal, Wake, delivery, follow_ups

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 6
_RANK = {"agent": 1, "supervisor": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class User:
    """Who calls, from their token: the user name and groups; of a machine its scopes, that of the call itself is judged before."""

    name: str
    roles: frozenset[str]
    machine: bool = False
    scopes: frozenset[str] = frozenset()

    @property
    def rank(self) -> int:
        """0 for nobody, 1 agent, 2 supervisor, 3 admin."""
        return max((_RANK.get(role, 0) for role in self.roles), default=0)

    @property
    def oversees(self) -> bool:
        """Are they told of colleagues by name (docs/api.md)? A machine is not: its scopes say what it may do, and none is for that."""
        return self.has("supervisor") and not self.machine

    def has(self, role: str) -> bool:
        """The role or a higher one?"""
        return self.rank >= _RANK[role]

    def need(self, role: str) -> None:
        """Raise Refused unless the user has the role or a higher one."""
        if not self.has(role):
            raise Refused(f"this needs the role '{role}'")

    def need_scope(self, scope: str) -> None:
        """Raise Refused for a machine that has it not: its call does more than the scope of the call alone allows."""
        if self.machine and scope not in self.scopes:
            raise Refused(f"this needs the scope '{scope}'")


@dataclass(frozen=True, slots=True)
class Result:
    """What a call changed: ids, from which the answer is read."""

    conversation: str | None = None
    message: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would write, its answer, what must follow, and who is told."""

    changes: Sequence[Change]
    result: Result
    signals: Sequence[Signal] = ()
    after: Conversation | None = None
    told: Sequence[str] = ()
    others: Sequence[Conversation] = ()  # further ones, whose agents came free with it


def need_key(key: str) -> None:
    """Raise Invalid for what is no Idempotency-Key."""
    if not key or len(key) > 255:
        raise Invalid("send an Idempotency-Key header of 1 to 255 characters", field="Idempotency-Key")


def once(x: Exchange, user: User, key: str, what: str, plan: Callable[[str], Plan]) -> Result:
    """Do it once for this key. `what` is a digest of the request: the same key with another request is refused.

    Raises Invalid for such a reuse, Temporary when contention does not end, and whatever the plan raises.
    """
    need_key(key)
    digest_ = digest(x.key, "idempotency", user.name, key)
    for _ in range(_TRIES):
        before = x.table.remembered(digest_)
        if before is not None:
            return _repeat(x, user, before, what, digest_)
        try:
            planned = plan(digest_)
        except Lost:
            continue  # what it read changed while it was planned
        except SantralError:
            before = x.table.remembered(digest_)
            if before is not None:  # refused only because the other try of the same key has just done it
                return _repeat(x, user, before, what, digest_)
            raise
        answer = {
            "what": what,
            "c": planned.result.conversation,
            "m": planned.result.message,
            "s": planned.result.subject,
        }
        try:
            x.table.commit(*planned.changes, x.table.remember(digest_, answer, x.now()))
        except Lost:
            continue
        _follow(x, planned)
        _at_work(x, user, digest_)
        return planned.result
    raise Temporary("somebody else keeps changing it; try again")


def _repeat(x: Exchange, user: User, before: dict[str, Any], what: str, digest_: str) -> Result:
    if before["what"] != what:
        raise Invalid("this Idempotency-Key was used for another request", field="Idempotency-Key")
    result = Result(before.get("c"), before.get("m"), before.get("s"))
    signals: list[Signal] = []
    if result.message is not None:
        send = x.table.sends([result.message]).get(result.message)
        if send is not None and send.state is SendState.QUEUED:
            signals.append(delivery(send))
    conversation = x.table.conversation(result.conversation) if result.conversation else None
    if conversation is not None:
        signals += follow_ups(conversation)
    x.queues.send(signals, x.now())
    _at_work(x, user, digest_)
    return result


def _follow(x: Exchange, planned: Plan) -> None:
    """Send what must follow. If this fails the change stands: the due index has it and the sweep does it."""
    try:
        x.queues.send(planned.signals, x.now())
    except Temporary:
        x.count("FollowUpLeftToSweep", 1)
        return
    freed = any(isinstance(signal, Wake) and signal.event_id.endswith(".freed") for signal in planned.signals)
    for after in [one for one in (planned.after, *planned.others) if one is not None]:
        if after.follow == ("freed",) and freed:
            x.table.followed(after)  # "wake" is cleared by the match itself
    watchers = planned.after.watchers if planned.after is not None else ()
    for agent in dict.fromkeys((*planned.told, *watchers)):
        frame = {"type": "conversation", "conversation": planned.result.conversation, "reason": "changed"}
        x.sockets.tell(f"A#{agent}", frame)


def _at_work(x: Exchange, user: User, digest_: str) -> None:
    """Whoever does something is there: no offer is missed in a row any more, and a pause for that ends.

    A read where offers are made at all. If this fails the pause ends by its time.
    """
    config = x.config()
    agent = config.agent(user.name)
    if agent is None or user.machine or not config.makes_offers:
        return
    try:
        load = x.table.seated(agent.pool, agent.name)
        changes = x.table.acted(load) if load is not None else []
        if load is None or not changes:
            return
        x.table.commit(*changes)
        if load.paused_until is not None:
            x.queues.send([Wake(load.pool, f"{digest_}.back")], x.now())
    except (Lost, Temporary):
        x.count("PauseLeftToEnd", 1)
