"""What agents do: reply, note, resolve, reopen, take, transfer, presence. Each is one transaction with its audit entry.

Every one is done once per Idempotency-Key: the key is stored in the same transaction, so a repeat finds the first answer
and sends again what had to follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from router.conversations import FOLLOW_WITHIN, Conversation, State, answered, resolved, waiting_again
from router.errors import Conflict, Invalid, Lost, NotFound, Refused, SantralError, Temporary
from router.exchange import Exchange
from router.ids import digest
from router.match import take as claim
from router.match import why_not
from router.messages import Direction, Message, Party
from router.records import Call
from router.sends import Send, SendState
from router.signals import Signal, Wake, delivery, follow_ups

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 6
_DUE = FOLLOW_WITHIN
_RANK = {"agent": 1, "supervisor": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class User:
    """Who calls, from their token: the user name and groups."""

    name: str
    roles: frozenset[str]

    @property
    def rank(self) -> int:
        """0 for nobody, 1 agent, 2 supervisor, 3 admin."""
        return max((_RANK.get(role, 0) for role in self.roles), default=0)

    def need(self, role: str) -> None:
        """Raise Refused unless the user has the role or a higher one."""
        if self.rank < _RANK[role]:
            raise Refused(f"this needs the role '{role}'")


@dataclass(frozen=True, slots=True)
class Result:
    """What a call changed: ids, from which the answer is read."""

    conversation: str | None = None
    message: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    changes: Sequence[Change]
    result: Result
    signals: Sequence[Signal] = ()
    after: Conversation | None = None
    told: Sequence[str] = ()


def once(x: Exchange, user: User, key: str, what: str, plan: Callable[[str], _Plan]) -> Result:
    """Do it once for this key. `what` is a digest of the request: the same key with another request is refused.

    Raises Invalid for such a reuse, Temporary when contention does not end, and whatever the plan raises.
    """
    if not key or len(key) > 255:
        raise Invalid("send an Idempotency-Key header of 1 to 255 characters", field="Idempotency-Key")
    digest_ = digest(x.key, "idempotency", user.name, key)
    for _ in range(_TRIES):
        before = x.table.remembered(digest_)
        if before is not None:
            return _repeat(x, before, what)
        try:
            planned = plan(digest_)
        except SantralError:
            before = x.table.remembered(digest_)
            if before is not None:  # refused only because the other try of the same key has just done it
                return _repeat(x, before, what)
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
        return planned.result
    raise Temporary("somebody else keeps changing it; try again")


def _repeat(x: Exchange, before: dict[str, Any], what: str) -> Result:
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
    return result


def _follow(x: Exchange, planned: _Plan) -> None:
    """Send what must follow. If this fails the change stands: the due index has it and the sweep does it."""
    try:
        x.queues.send(planned.signals, x.now())
    except Temporary:
        x.count("FollowUpLeftToSweep", 1)
        return
    after = planned.after
    freed = any(isinstance(signal, Wake) and signal.event_id.endswith(".freed") for signal in planned.signals)
    if after is not None and after.follow == ("freed",) and freed:
        x.table.followed(after)  # "wake" is cleared by the match itself
    for agent in planned.told:
        frame = {"type": "conversation", "conversation": planned.result.conversation, "reason": "changed"}
        x.sockets.tell(f"A#{agent}", frame)


def _load(x: Exchange, conversation_id: str) -> Conversation:
    conversation = x.table.conversation(conversation_id)
    if conversation is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    if conversation.state is State.CLOSED:
        raise Conflict("the conversation is closed for good; the customer's newer one is in the list")
    return conversation


def _mine(user: User, conversation: Conversation) -> None:
    """Agents act on their own conversations; supervisors on all."""
    if conversation.agent != user.name and user.rank < _RANK["supervisor"]:
        owner = f"{conversation.agent} has it" if conversation.agent else "take it first"
        raise Refused(f"this conversation is not yours: {owner}")


def _audit(
    x: Exchange, user: User, conversation: Conversation, what: str, digest_: str, detail: dict[str, Any]
) -> Change:
    return x.table.history(conversation.id, what, user.name, detail, x.now(), f"h_{digest_}")


def _next(before: Conversation, after: Conversation) -> Conversation:
    return replace(after, version=before.version + 1)


def reply(x: Exchange, user: User, conversation_id: str, text: str, key: str) -> Result:
    """Answer the customer where they wrote. It is queued with the conversation's earlier answers before it."""

    def plan(digest_: str) -> _Plan:
        before = _load(x, conversation_id)
        _mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you answer")
        inbox = x.config().inbox(before.inbox)
        if inbox is None:
            raise Conflict(f"inbox '{before.inbox}' is no longer in the configuration: nothing can leave from it")
        agent = x.config().agent(user.name)
        now = x.now()
        channel = x.channel(inbox.channel)
        if channel.max_text is not None and len(text.encode("utf-16-le")) // 2 > channel.max_text:
            raise Invalid(f"{before.channel} carries at most {channel.max_text} characters; shorten it", field="text")
        message = Message(
            id=f"m_{digest_}",
            channel=before.channel,
            provider=channel.provider,
            inbox=before.inbox,
            direction=Direction.OUTBOUND,
            sender=Party(address=inbox.address, name=agent.display_name if agent else None),
            recipients=(Party(address=before.address, name=before.name),),
            subject=before.subject,
            text=text,
            language=before.language,
            received_at=now,
            author=user.name,
        )
        send = Send(
            message=message,
            conversation=before.id,
            state=SendState.QUEUED,
            due_at=now + _DUE,
            previous=before.last_send,
            to=before.address,
            reply_to_wire=before.last_inbound_wire,
            references=before.references,
        )
        after = answered(before, message)
        changes = [x.table.new_send(send), x.table.save_conversation(before, after)]
        changes.append(_audit(x, user, before, "reply", digest_, {"message": message.id}))
        return _Plan(changes, Result(before.id, message.id), [delivery(send)], _next(before, after))

    return once(x, user, key, digest(x.key, "reply", conversation_id, text), plan)


def note(x: Exchange, user: User, conversation_id: str, text: str, key: str) -> Result:
    """Write something only colleagues see. Any agent may, also when the conversation is resolved."""

    def plan(digest_: str) -> _Plan:
        before = _load(x, conversation_id)
        message = Message(
            id=f"m_{digest_}",
            channel=before.channel,
            provider=x.channel((x.config().inbox(before.inbox) or x.config().inboxes[0]).channel).provider,
            inbox=before.inbox,
            direction=Direction.NOTE,
            sender=Party(address=user.name),
            text=text,
            received_at=x.now(),
            author=user.name,
        )
        changes = [
            x.table.new_message(message, before.id),
            x.table.save_conversation(before, before),
            _audit(x, user, before, "note", digest_, {"message": message.id}),
        ]
        told = [before.agent] if before.agent and before.agent != user.name else []
        return _Plan(changes, Result(before.id, message.id), told=told)

    return once(x, user, key, digest(x.key, "note", conversation_id, text), plan)


def resolve(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Done: the agent's capacity comes free, and the pool hears of it."""

    def plan(digest_: str) -> _Plan:
        before = _load(x, conversation_id)
        _mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved already")
        after = resolved(before, x.now())
        changes = [
            x.table.save_conversation(before, after),
            *x.table.free(before, x.now()),
            *x.table.leave_line(before),
        ]
        changes.append(_audit(x, user, before, "resolve", digest_, {}))
        after = _next(before, after)
        return _Plan(changes, Result(before.id), follow_ups(after), after)

    return once(x, user, key, digest(x.key, "resolve", conversation_id), plan)


def reopen(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Not done after all: it waits again, and the match gives it to whoever is best now."""

    def plan(digest_: str) -> _Plan:
        before = _load(x, conversation_id)
        if before.state is not State.RESOLVED:
            raise Conflict(f"only a resolved conversation can be reopened; this one is {before.state}")
        after = waiting_again(before, x.now(), queue=None, config=x.config())
        changes = [x.table.save_conversation(before, after), _audit(x, user, before, "reopen", digest_, {})]
        after = _next(before, after)
        return _Plan(changes, Result(before.id), follow_ups(after), after)

    return once(x, user, key, digest(x.key, "reopen", conversation_id), plan)


def take(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Take a waiting conversation by hand, within one's own capacity and skills."""

    def plan(digest_: str) -> _Plan:
        return _claim_for(x, user, _load(x, conversation_id), user.name, digest_, "take", {})

    return once(x, user, key, digest(x.key, "take", conversation_id), plan)


def transfer(
    x: Exchange, user: User, conversation_id: str, *, queue: str | None, agent: str | None, text: str | None, key: str
) -> Result:
    """Hand it to another queue's line, or to one agent who has room for it."""
    if (queue is None) == (agent is None):
        raise Invalid("name a queue or an agent, not both", field="queue")
    config = x.config()
    if queue is not None and config.queue(queue) is None:
        raise Invalid(f"there is no queue '{queue}'", field="queue")
    if agent is not None and config.agent(agent) is None:
        raise Invalid(f"there is no agent '{agent}'", field="agent")

    def plan(digest_: str) -> _Plan:
        before = _load(x, conversation_id)
        _mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you transfer it")
        detail = {k: v for k, v in {"queue": queue, "agent": agent, "from": before.agent, "note": text}.items() if v}
        if agent is not None:
            return _hand_over(x, user, before, agent, digest_, detail)
        now = x.now()
        after = waiting_again(before, now, queue=queue, config=config)
        changes = [x.table.save_conversation(before, after), *x.table.free(before, now), *x.table.leave_line(before)]
        changes.append(_audit(x, user, before, "transfer", digest_, detail))
        after = _next(before, after)
        told = [before.agent] if before.agent and before.agent != user.name else []
        return _Plan(changes, Result(before.id), follow_ups(after, before.pool), after, told)

    return once(x, user, key, digest(x.key, "transfer", conversation_id, queue or "", agent or "", text or ""), plan)


def _claim_for(
    x: Exchange, user: User, before: Conversation, agent: str, digest_: str, what: str, detail: dict[str, Any]
) -> _Plan:
    if before.state is not State.WAITING:
        raise Conflict(f"it is not waiting: it is {before.state}" + (f", with {before.agent}" if before.agent else ""))
    load = x.table.load(before.pool, agent)
    if load is None:
        raise Conflict(f"{agent} is not in: set the presence to online first")
    reason = why_not(load, before, x.config())
    if reason is not None:
        raise Conflict(f"{agent} cannot take it: {reason}")
    changes, decision = claim(x, before, load, x.config(), f"h_{digest_}", x.now())
    history = _audit(x, user, before, what, digest_, {**detail, "decision": decision})
    told = [agent] if agent != user.name else []
    return _Plan([*changes, history], Result(before.id), told=told)


def _hand_over(
    x: Exchange, user: User, before: Conversation, agent: str, digest_: str, detail: dict[str, Any]
) -> _Plan:
    """Straight from one agent to another: their units are exchanged in the same transaction."""
    if before.state is State.WAITING:
        return _claim_for(x, user, before, agent, digest_, "transfer", detail)
    if before.agent == agent:
        raise Conflict(f"{agent} has it already")
    load = x.table.load(before.pool, agent)
    if load is None:
        raise Conflict(f"{agent} is not in, or belongs to another pool")
    reason = why_not(load, before, x.config())
    if reason is not None:
        raise Conflict(f"{agent} cannot take it: {reason}")
    now = x.now()
    after = replace(
        before, agent=agent, agent_connection=load.connection, decision=f"h_{digest_}", follow=("freed",), follow_at=now + _DUE
    )  # fmt: skip
    changes = [
        x.table.save_conversation(before, after),
        *x.table.free(before, now),
        x.table.hold(before, agent, x.config().agent(agent), now),
        _audit(x, user, before, "transfer", digest_, detail),
    ]
    after = _next(before, after)
    return _Plan(
        changes, Result(before.id), follow_ups(after), after, [agent, *([before.agent] if before.agent else [])]
    )


def set_presence(x: Exchange, user: User, agent: str, presence: str, key: str) -> Result:
    """Come in, step away, leave. Conversations an agent holds stay theirs; coming in wakes the pool."""
    known = x.config().agent(agent)
    if known is None:
        raise NotFound(f"there is no agent '{agent}' in the configuration")
    if agent != user.name:
        user.need("supervisor")

    def plan(digest_: str) -> _Plan:
        now = x.now()
        before = x.table.load(known.pool, agent)
        connections = x.sockets.of(f"A#{agent}")
        connection = connections[-1] if connections else None
        change = x.table.set_presence(known.pool, agent, presence, known.units, before, connection, now)
        entry = x.table.history(f"agent:{agent}", "presence", user.name, {"presence": presence}, now, f"h_{digest_}")
        wake = [Wake(known.pool, f"{digest_}.in")] if presence == "online" else []
        return _Plan([change, entry], Result(subject=agent), wake)

    return once(x, user, key, digest(x.key, "presence", agent, presence), plan)


def resend(x: Exchange, user: User, send_id: str, key: str) -> Result:
    """A person decides that a parked or failed message is to leave (again)."""
    return _unpark(x, user, send_id, key, SendState.QUEUED)


def discard(x: Exchange, user: User, send_id: str, key: str) -> Result:
    """A person decides that a parked or failed message stays unsent."""
    return _unpark(x, user, send_id, key, SendState.DISCARDED)


def _unpark(x: Exchange, user: User, send_id: str, key: str, state: SendState) -> Result:
    user.need("supervisor")

    def plan(digest_: str) -> _Plan:
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
        changes = [x.table.unpark(send, state, now + _DUE if queued else None), entry]
        return _Plan(
            changes, Result(send.conversation, send.id), [delivery(after, f".{digest_[:8]}")] if queued else []
        )

    return once(x, user, key, digest(x.key, "unpark", send_id, str(state)), plan)


def save_contact(x: Exchange, user: User, contact: str, *, name: str | None, language: str | None, key: str) -> Result:
    """Correct what is known of a person. An empty text clears it; what is left out stays."""

    def plan(digest_: str) -> _Plan:
        before = x.table.contact(contact)
        if before is None:
            raise NotFound(f"there is no contact {contact}")
        after = replace(
            before,
            name=before.name if name is None else name or None,
            language=before.language if language is None else language or None,
        )
        entry = x.table.history(f"contact:{contact}", "contact", user.name, {}, x.now(), f"h_{digest_}")
        return _Plan([x.table.save_contact(after), entry], Result(subject=contact))

    return once(x, user, key, digest(x.key, "contact", contact, str(name), str(language)), plan)


def retry_quarantined(
    x: Exchange, user: User, entry: str, key: str, again: Callable[[Exchange, Call, str], int]
) -> Result:
    """Read a quarantined call once more; it leaves the quarantine only if it could be read. Raises Unparsable, NotFound."""

    def plan(digest_: str) -> _Plan:
        call = _quarantined(x, user, entry)
        again(x, call, f".{digest_[:8]}")  # queueing twice is harmless: the messages have ids of their own
        return _Plan(
            [x.intake.release(entry), _quarantine_entry(x, user, entry, "retry", digest_)], Result(subject=entry)
        )

    return once(x, user, key, digest(x.key, "retry", entry), plan)


def discard_quarantined(x: Exchange, user: User, entry: str, key: str) -> Result:
    """Forget a quarantined call for good; the audit keeps who did it."""

    def plan(digest_: str) -> _Plan:
        _quarantined(x, user, entry)
        return _Plan(
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
