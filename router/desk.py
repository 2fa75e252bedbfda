"""What agents do: reply, note, resolve, reopen, presence, contacts. Each once, with its audit entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from router import promises
from router.answers import check_way, inbox_of, limits_of, sends_for, shifted, way_for
from router.at_hand import at_hand
from router.conversations import Conversation, State
from router.errors import Conflict, Invalid, NotFound, Refused, Temporary
from router.exchange import Exchange
from router.heard import answered
from router.ids import digest
from router.keeping import save
from router.messages import Direction, Message, Party
from router.moves import resolved, waiting_again
from router.once import Plan, Result, User, once
from router.parts import Answer
from router.profile import Changes, changed
from router.promises import Pledge
from router.records import Contact
from router.signals import TIMER_REACH, Signal, Timer, Wake, delivery, follow_ups
from router.uploads import attached
from router.withdrawing import withdraw_all

if TYPE_CHECKING:
    from router.aws.dynamo import Change


def mine(user: User, conversation: Conversation) -> None:
    """Agents act on their own conversations; supervisors on all."""
    if conversation.agent != user.name and not user.has("supervisor"):
        owner = f"{conversation.agent} has it" if conversation.agent else "take it first"
        raise Refused(f"this conversation is not yours: {owner}")


def audit(
    x: Exchange, user: User, conversation: Conversation, what: str, digest_: str, detail: dict[str, Any]
) -> Change:
    return x.table.history(conversation.id, what, user.name, detail, x.now(), f"h_{digest_}")


def reply(
    x: Exchange,
    user: User,
    conversation_id: str,
    answer: Answer,
    key: str,
    *,
    via: str | None = None,
    attachments: Sequence[str] = (),
    pledge: Pledge | None = None,
) -> Result:
    """Answer the customer where they wrote last, or by another inbox or channel they wrote from; `pledge` is promised with it.

    It leaves after the conversation's earlier answers, in as many sends as its channel needs.
    """

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved: reopen it before you answer")
        may_answer(x, user, before)
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
        detail = {"message": sends[0].id, "inbox": way.inbox}
        if pledge is not None:
            made = promises.made(before.promises, pledge, user.name, f"pr_{digest_}", now)
            after, detail = replace(after, promises=made), {**detail, **promises.told(made[-1])}
        saved = save(x, before, after)
        changes = [*map(x.table.new_send, sends), *saved.changes]
        changes.append(audit(x, user, before, "reply", digest_, detail))
        signals: list[Signal] = [*map(delivery, sends), *saved.timers]
        return Plan(changes, Result(before.id, sends[0].id), signals, saved.after)

    what = (answer.text, repr(answer), via or "", *attachments, *(() if pledge is None else (repr(pledge),)))
    return once(x, user, key, digest(x.key, "reply", conversation_id, *what), plan)


def may_answer(x: Exchange, user: User, conversation: Conversation) -> None:
    """Raise Refused for who is configured to answer other brands only. Supervisors may answer all."""
    agent = x.config().agent(user.name)
    if agent is not None and not agent.answers_for(conversation.group) and not user.has("supervisor"):
        raise Refused(f"you may not answer customers of {conversation.group}")


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
            *save(x, before, before).changes,
            audit(x, user, before, "note", digest_, {"message": message.id}),
        ]
        told = [before.agent] if before.agent and before.agent != user.name else []
        return Plan(changes, Result(before.id, message.id), told=told)

    return once(x, user, key, digest(x.key, "note", conversation_id, text), plan)


def resolve(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Done: the agent's capacity comes free, and the pool hears of it."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        mine(user, before)
        if before.state.done:
            raise Conflict("the conversation is resolved already")
        _nothing_promised(before)
        now = x.now()
        saved = save(x, before, resolved(before, now))
        wrap_until = _wrap_until(x, before, now)
        freed = x.table.free(before, now, wrap_until=wrap_until, active=before.agent == user.name)
        changes = [*saved.changes, *freed, *x.table.leave_line(before)]
        changes.append(audit(x, user, before, "resolve", digest_, {}))
        signals: list[Signal] = [*follow_ups(saved.after), *saved.timers]
        if wrap_until is not None and wrap_until - now <= TIMER_REACH:
            signals.append(Timer(f"POOL#{before.pool}", f"A#{before.agent}", wrap_until))
        told = [before.agent] if before.agent and before.agent != user.name else []
        return Plan(changes, Result(before.id), signals, saved.after, told)

    return once(x, user, key, digest(x.key, "resolve", conversation_id), plan)


def _nothing_promised(conversation: Conversation) -> None:
    """Raise Conflict where somebody gave their word and it is still open; what an automatic answer told ends with the conversation."""
    found = next((one for one in conversation.promises if one.open and one.personal), None)
    if found is not None:
        what = found.what or "an answer"
        raise Conflict(
            f"{found.by} promised until {found.due_at:%Y-%m-%d %H:%M} UTC: {what}. Say that it is kept, or take it back first"
        )


def _wrap_until(x: Exchange, conversation: Conversation, now: datetime) -> datetime | None:
    """Until when the agent works on what follows, and gets nothing new: of several such times the latest."""
    queue = x.config().queue(conversation.queue)
    if queue is None or not queue.wrap_up_seconds or conversation.state not in (State.ACTIVE, State.PENDING):
        return None
    until = now + timedelta(seconds=queue.wrap_up_seconds)
    load = x.table.seated(conversation.pool, conversation.agent or "")
    return max(until, load.wrap_until) if load is not None and load.wrap_until is not None else until


def reopen(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """Not done after all: it waits again, and the match gives it to whoever is best now."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        if before.state is not State.RESOLVED:
            raise Conflict(f"only a resolved conversation can be reopened; this one is {before.state}")
        saved = save(x, before, waiting_again(before, x.now(), queue=None, config=x.config()))
        changes = [*saved.changes, audit(x, user, before, "reopen", digest_, {})]
        return Plan(changes, Result(before.id), [*follow_ups(saved.after), *saved.timers], saved.after)

    return once(x, user, key, digest(x.key, "reopen", conversation_id), plan)


def set_presence(x: Exchange, user: User, agent: str, presence: str, key: str) -> Result:
    """Come in, step away, leave. Conversations an agent holds stay theirs, and offers to who goes are withdrawn.

    Coming in wakes the pool, and ends a pause.
    """
    config = x.config()
    known = config.agent(agent)
    if known is None:
        raise NotFound(f"there is no agent '{agent}' in the configuration")
    if agent != user.name:
        user.need("supervisor")
    if presence not in config.presence_names:
        raise Invalid(f"'{presence}' is no state here; they are {', '.join(config.presence_names)}", field="presence")
    available = config.available(presence)

    def plan(digest_: str) -> Plan:
        now = x.now()
        before = x.table.seated(known.pool, agent)
        connections = x.sockets.of(f"A#{agent}")
        connection = connections[-1] if connections else None
        changes = x.table.set_presence(
            known.pool,
            agent,
            presence,
            known.units,
            before,
            connection,
            now,
            available=available,
            threshold=config.lightest,
        )
        entry = x.table.history(f"agent:{agent}", "presence", user.name, {"presence": presence}, now, f"h_{digest_}")
        wake = [Wake(known.pool, f"{digest_}.in")] if available else []
        return Plan([*changes, entry], Result(subject=agent), wake)

    result = once(x, user, key, digest(x.key, "presence", agent, presence), plan)
    if not available:
        _answers_no_offer(x, user, known.pool, agent)
    return result


def _answers_no_offer(x: Exchange, user: User, pool: str, agent: str) -> None:
    """What is offered to an agent who went away goes on at once. If this fails the sweep does it."""
    try:
        withdraw_all(x, pool, agent, user.name, x.now())
    except Temporary:
        x.count("WithdrawalLeftToSweep", 1)


def save_contact(x: Exchange, user: User, contact: str, changes: Changes, key: str) -> Result:
    """Correct what is known of a person; a name is that of their conversations too. Raises NotFound, Invalid."""

    def plan(digest_: str) -> Plan:
        before = x.table.contact(contact)
        if before is None:
            raise NotFound(f"there is no contact {contact}")
        after = changed(before, changes, x.now().date())
        entry = x.table.history(f"contact:{contact}", "contact", user.name, {}, x.now(), f"h_{digest_}")
        saved, told = renamed(x, before, after)
        return Plan([*saved, entry], Result(subject=contact), told=[agent for agent in told if agent != user.name])

    return once(x, user, key, digest(x.key, "contact", contact, changes.words), plan)


def renamed(x: Exchange, before: Contact, after: Contact) -> tuple[list[Change], list[str]]:
    """Save a person; their conversations that are not closed take a new name. Whose desks show one is the second answer."""
    changes = [x.table.save_contact(before, after)]
    told: list[str] = []
    for one in x.table.slots(before.id) if after.name and after.name != before.name else []:
        if one.state is not State.CLOSED and one.name != after.name:
            changes += save(x, one, replace(one, name=after.name)).changes
            told += [one.agent] if one.agent else []
    return changes, told
