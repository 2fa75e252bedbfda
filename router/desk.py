"""What agents do: reply, note, resolve, reopen, take, transfer, presence, contacts. Each once, with its audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from router.answers import check_way, inbox_of, limits_of, sends_for, shifted, way_for
from router.at_hand import at_hand
from router.conversations import FOLLOW_WITHIN, Conversation, State, answered, resolved, waiting_again
from router.errors import Conflict, Invalid, NotFound, Refused
from router.exchange import Exchange
from router.ids import digest
from router.match import take as claim
from router.match import why_not
from router.messages import ChannelName, Direction, Message, Party
from router.once import Plan, Result, User, once
from router.parts import Answer
from router.records import Load
from router.signals import Wake, delivery, follow_ups
from router.uploads import attached

if TYPE_CHECKING:
    from router.aws.dynamo import Change


def _mine(user: User, conversation: Conversation) -> None:
    """Agents act on their own conversations; supervisors on all."""
    if conversation.agent != user.name and not user.has("supervisor"):
        owner = f"{conversation.agent} has it" if conversation.agent else "take it first"
        raise Refused(f"this conversation is not yours: {owner}")


def _audit(
    x: Exchange, user: User, conversation: Conversation, what: str, digest_: str, detail: dict[str, Any]
) -> Change:
    return x.table.history(conversation.id, what, user.name, detail, x.now(), f"h_{digest_}")


def _next(before: Conversation, after: Conversation) -> Conversation:
    return replace(after, version=before.version + 1)


def reply(
    x: Exchange,
    user: User,
    conversation_id: str,
    answer: Answer,
    key: str,
    *,
    via: str | None = None,
    attachments: Sequence[str] = (),
) -> Result:
    """Answer the customer where they wrote last, or by another inbox or channel they wrote from.

    It leaves after the conversation's earlier answers, in as many sends as its channel needs.
    """

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        _mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you answer")
        agent = x.config().agent(user.name)
        now = x.now()
        way = way_for(x, before, via)
        files = attached(x, attachments, limits_of(x.channel(inbox_of(x, way).channel), way.channel))
        parted = check_way(x, way, replace(answer, files=files), now)
        sends = sends_for(
            x, before, way, parted, digest_, author=user.name, name=agent.display_name if agent else None, now=now,
            previous=before.last_send,
        )  # fmt: skip
        after = shifted(answered(before, sends[0].message), parted, sends)
        changes = [*map(x.table.new_send, sends), x.table.save_conversation(before, after)]
        changes.append(_audit(x, user, before, "reply", digest_, {"message": sends[0].id, "inbox": way.inbox}))
        return Plan(changes, Result(before.id, sends[0].id), list(map(delivery, sends)), _next(before, after))

    what = (answer.text, repr(answer), via or "", *attachments)
    return once(x, user, key, digest(x.key, "reply", conversation_id, *what), plan)


def note(x: Exchange, user: User, conversation_id: str, text: str, key: str) -> Result:
    """Write something only colleagues see. Any agent may, also when the conversation is resolved."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
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
        return Plan(changes, Result(before.id, message.id), told=told)

    return once(x, user, key, digest(x.key, "note", conversation_id, text), plan)


def resolve(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Done: the agent's capacity comes free, and the pool hears of it."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
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
        return Plan(changes, Result(before.id), follow_ups(after), after)

    return once(x, user, key, digest(x.key, "resolve", conversation_id), plan)


def reopen(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Not done after all: it waits again, and the match gives it to whoever is best now."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        if before.state is not State.RESOLVED:
            raise Conflict(f"only a resolved conversation can be reopened; this one is {before.state}")
        after = waiting_again(before, x.now(), queue=None, config=x.config())
        changes = [x.table.save_conversation(before, after), _audit(x, user, before, "reopen", digest_, {})]
        after = _next(before, after)
        return Plan(changes, Result(before.id), follow_ups(after), after)

    return once(x, user, key, digest(x.key, "reopen", conversation_id), plan)


def take(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Take a waiting conversation by hand, within one's own capacity and skills."""

    def plan(digest_: str) -> Plan:
        return _claim_for(x, user, at_hand(x, conversation_id), user.name, digest_, "take", {})

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

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
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
        return Plan(changes, Result(before.id), follow_ups(after, before.pool), after, told)

    return once(x, user, key, digest(x.key, "transfer", conversation_id, queue or "", agent or "", text or ""), plan)


def _load(x: Exchange, conversation: Conversation, agent: str, absent: str) -> Load:
    """The load of an agent who can take the conversation. Raises Conflict; `absent` says why their pool may not know them."""
    load = x.table.load(conversation.pool, agent)
    if load is None:
        raise Conflict(f"{agent} {absent}")
    reason = why_not(load, conversation, x.config())
    if reason is not None:
        raise Conflict(f"{agent} cannot take it: {reason}")
    return load


def _claim_for(
    x: Exchange, user: User, before: Conversation, agent: str, digest_: str, what: str, detail: dict[str, Any]
) -> Plan:
    if before.state is not State.WAITING:
        raise Conflict(f"it is not waiting: it is {before.state}" + (f", with {before.agent}" if before.agent else ""))
    load = _load(x, before, agent, "is not in: set the presence to online first")
    changes, decision = claim(x, before, load, x.config(), f"h_{digest_}", x.now())
    history = _audit(x, user, before, what, digest_, {**detail, "decision": decision})
    told = [agent] if agent != user.name else []
    return Plan([*changes, history], Result(before.id), told=told)


def _hand_over(x: Exchange, user: User, before: Conversation, agent: str, digest_: str, detail: dict[str, Any]) -> Plan:
    """Straight from one agent to another: their units are exchanged in the same transaction."""
    if before.state is State.WAITING:
        return _claim_for(x, user, before, agent, digest_, "transfer", detail)
    if before.agent == agent:
        raise Conflict(f"{agent} has it already")
    load = _load(x, before, agent, "is not in, or belongs to another pool")
    now = x.now()
    after = replace(
        before, agent=agent, agent_connection=load.connection, decision=f"h_{digest_}", follow=("freed",), follow_at=now + FOLLOW_WITHIN
    )  # fmt: skip
    changes = [
        x.table.save_conversation(before, after),
        *x.table.free(before, now),
        x.table.hold(before, agent, x.config().agent(agent), now),
        _audit(x, user, before, "transfer", digest_, detail),
    ]
    after = _next(before, after)
    return Plan(
        changes, Result(before.id), follow_ups(after), after, [agent, *([before.agent] if before.agent else [])]
    )


def set_presence(x: Exchange, user: User, agent: str, presence: str, key: str) -> Result:
    """Come in, step away, leave. Conversations an agent holds stay theirs; coming in wakes the pool."""
    known = x.config().agent(agent)
    if known is None:
        raise NotFound(f"there is no agent '{agent}' in the configuration")
    if agent != user.name:
        user.need("supervisor")

    def plan(digest_: str) -> Plan:
        now = x.now()
        before = x.table.load(known.pool, agent)
        connections = x.sockets.of(f"A#{agent}")
        connection = connections[-1] if connections else None
        change = x.table.set_presence(known.pool, agent, presence, known.units, before, connection, now)
        entry = x.table.history(f"agent:{agent}", "presence", user.name, {"presence": presence}, now, f"h_{digest_}")
        wake = [Wake(known.pool, f"{digest_}.in")] if presence == "online" else []
        return Plan([change, entry], Result(subject=agent), wake)

    return once(x, user, key, digest(x.key, "presence", agent, presence), plan)


def save_contact(
    x: Exchange,
    user: User,
    contact: str,
    *,
    name: str | None,
    language: str | None,
    preferred: str | None = None,
    key: str,
) -> Result:
    """Correct what is known of a person; a name is that of their conversations too. An empty text clears it, what is left out stays."""
    if preferred and preferred not in {str(c) for c in ChannelName}:
        raise Invalid(f"'{preferred}' is no channel", field="preferred")

    def plan(digest_: str) -> Plan:
        before = x.table.contact(contact)
        if before is None:
            raise NotFound(f"there is no contact {contact}")
        after = replace(
            before,
            name=before.name if name is None else name or None,
            language=before.language if language is None else language or None,
            preferred=before.preferred if preferred is None else preferred or None,
        )
        entry = x.table.history(f"contact:{contact}", "contact", user.name, {}, x.now(), f"h_{digest_}")
        changes = [x.table.save_contact(before, after), entry]
        told: list[str] = []
        for one in x.table.slots(contact) if name else []:
            if one.state is not State.CLOSED and one.name != name:
                changes.append(x.table.save_conversation(one, replace(one, name=name)))
                told += [one.agent] if one.agent else []
        return Plan(changes, Result(subject=contact), told=[agent for agent in told if agent != user.name])

    return once(x, user, key, digest(x.key, "contact", contact, str(name), str(language), str(preferred)), plan)
