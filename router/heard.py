"""What a message does to a conversation: it begins one, joins it, or answers it. Each function returns a new value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from router.config import Config, Inbox
from router.conversations import FOLLOW_WITHIN, FREED, MOST_TAGS, WAKE, Conversation, State, Way, preview_of
from router.keeping import terms_for
from router.messages import ChannelName, Direction, Kind, Message
from router.moves import awake, placed
from router.rules import NOTHING, Outcome
from router.thanks import only_thanks
from router.timeline import EMPTY, What
from router.times import to_ms


def begin(
    message: Message,
    contact: str,
    number: int,
    inbox: Inbox,
    config: Config,
    *,
    links: tuple[str, ...] = (),
    language: str | None = None,
    said: Outcome = NOTHING,
) -> Conversation:
    """A contact's new conversation, waiting in the queue the rules or its inbox say, with its first-response clock running."""
    queue = config.queue(said.queue or inbox.queue)
    if queue is None:  # the model forbids it; a queue can vanish only by a version older than the inbox's
        raise ValueError(f"inbox '{inbox.name}' names the queue '{inbox.queue}', which does not exist")
    at = message.occurred_at
    echo = message.direction is Direction.OUTBOUND and bool(message.recipients)
    customer = message.recipients[0] if echo else message.sender
    begun = Conversation(
        contact=contact,
        group=inbox.brand,
        number=number,
        state=State.WAITING,
        channel=message.channel,
        inbox=inbox.name,
        queue=queue.name,
        pool=queue.pool,
        target=round(config.target(said.sla, queue.name, said.tier, str(message.channel)).total_seconds()),
        tier=said.tier,
        require=said.require,
        units=config.routing.weight(str(message.channel)),
        priority=said.priority or queue.priority,
        address=customer.address,
        opened_at=at,
        waiting_since=at,
        name=customer.name,
        proof=message.authenticity.proof,
        subject=message.subject,
        language=said.language or message.language or language or inbox.language,
        timeline=EMPTY if echo else EMPTY.wrote(What.HEARD, to_ms(at)).became(What.WAITING, to_ms(at), queue.name),
        follow=(WAKE,),
        follow_at=message.received_at + FOLLOW_WITHIN,
        links=links,
        tags=said.tags,
        category=said.category,
        sla=said.sla,
        rules=said.matched,
        rule_faults=said.faults,
        because=_because(said, message, config),
    )
    return answered(begun, message) if echo else _heard(begun, message, inbox)


def join(
    conversation: Conversation, message: Message, inbox: Inbox, config: Config, said: Outcome = NOTHING
) -> Conversation:
    """The customer writes again. Pending becomes active; resolved reopens and waits: where the rules say, else where it was.

    What asks for nothing changes no state: no clock starts for it, and nothing is reopened.
    """
    at = message.occurred_at
    after = _heard(conversation, message, inbox)
    if message.kind.passing:
        return after
    if asks_nothing(conversation, message, config):
        return noted(conversation, message, inbox)
    after = replace(after, timeline=conversation.timeline.wrote(What.HEARD, to_ms(at)))
    if conversation.state in (State.WAITING, State.OFFERED):
        after = replace(after, waiting_since=min(at, conversation.waiting_since or at))
        return after if message.channel is conversation.channel else _elsewhere(after, message, config)
    if conversation.state is State.PENDING:
        return _since(replace(after, state=State.ACTIVE), What.ACTIVE, at, after.agent)
    if conversation.state is State.SNOOZED:
        after = awake(after, at, message.received_at)
        return after if message.channel is conversation.channel else _elsewhere(after, message, config)
    if conversation.state.done:
        queue = config.queue(said.queue or conversation.queue) or config.queue(inbox.queue)
        judged = replace(
            conversation,
            sla=said.sla or conversation.sla,
            tier=said.tier or conversation.tier,
            channel=message.channel,
            began_by=None,
        )
        after = replace(
            after,
            state=State.WAITING,
            channel=message.channel,
            began_by=None,
            units=config.routing.weight(str(message.channel)),
            waiting_since=at,
            last_agent=conversation.agent,
            agent=None,
            agent_connection=None,
            resolved_at=None,
            spam=False,
            decision=None,
            sla=judged.sla,
            follow=(WAKE,),
            follow_at=message.received_at + FOLLOW_WITHIN,
            **placed(judged, queue, config),
        )
        after = _since(after, What.WAITING, at, after.queue)
        return _judged(replace(after, because=_because(said, message, config)), said)
    return after


def noted(conversation: Conversation, message: Message, inbox: Inbox) -> Conversation:
    """The customer writes what asks for nothing: it stands there, and neither a state nor a clock changes."""
    timeline = conversation.timeline.wrote(What.THANKS, to_ms(message.occurred_at))
    return replace(_heard(conversation, message, inbox), timeline=timeline)


def asks_nothing(conversation: Conversation, message: Message, config: Config) -> bool:
    """Is it mere thanks for what was done, where nobody owes an answer? A policy can have them count as any other message."""
    if conversation.state not in _THEIR_TURN or message.kind is not Kind.MESSAGE or message.attachments:
        return False
    if not terms_for(conversation, config).thanks:
        return False
    return only_thanks(message.spoken, message.language or conversation.language)


_THEIR_TURN = frozenset((State.PENDING, State.SNOOZED, State.RESOLVED))


def _since(conversation: Conversation, what: What, at: datetime, of: str | None) -> Conversation:
    """It is in that state since a message came, however long that took to reach us."""
    return replace(conversation, timeline=conversation.timeline.became(what, to_ms(at), of))


def answered(conversation: Conversation, message: Message) -> Conversation:
    """Somebody answered: clocks of answers stop and the customer's turn begins. What is snoozed stays so.

    By answering an agent accepts what is offered to them; another's answer accepts nothing for them. After one that we hear of
    only when the customer has written again, an answer is still owed.
    """
    at = message.occurred_at
    offered = conversation.state is State.OFFERED
    accepts = offered and message.author == conversation.agent
    asked_since = any(mark.what is What.HEARD and mark.at > to_ms(at) for mark in conversation.timeline)
    theirs = conversation.state is State.ACTIVE and not asked_since
    state = State.PENDING if theirs or accepts else conversation.state
    timeline = conversation.timeline.wrote(What.ANSWERED, to_ms(at), message.author)
    if state is not conversation.state:
        timeline = timeline.became(What.PENDING, to_ms(at), conversation.agent)
    return replace(
        conversation,
        state=state,
        offer_until=conversation.offer_until if offered and not accepts else None,
        timeline=timeline,
        last_outbound_at=at,
        last_send=message.id,
        preview=conversation.preview if asked_since else preview_of(message.text),
    )


def _because(said: Outcome, message: Message, config: Config) -> Mapping[str, Any] | None:
    """What the rules said of which message, under which version; None where they said nothing."""
    if not said.matched and not said.failed:
        return None
    told: dict[str, Any] = {"message": message.id, "config": config.version}
    told["matched"] = {name: dict(why) for name, why in zip(said.matched, said.why, strict=False)}
    if said.failed:
        told["failed"] = dict(said.failed)
    if said.saw:
        told["saw"] = dict(said.saw)
    return told


def _judged(reopened: Conversation, said: Outcome) -> Conversation:
    """What the rules say of a conversation that was reopened; what they do not say stays as people left it."""
    changed = replace(
        reopened,
        priority=said.priority or reopened.priority,
        language=said.language or reopened.language,
        category=said.category or reopened.category,
        tier=said.tier or reopened.tier,
        require=said.require if said.require != "[]" else reopened.require,
        tags=tuple(sorted(list(dict.fromkeys((*reopened.tags, *said.tags)))[:MOST_TAGS])),
        queue_chosen=reopened.queue_chosen and said.queue is None,
    )
    if said is NOTHING:
        return changed
    return replace(changed, rules=said.matched, rule_faults=said.faults)


def _elsewhere(waiting: Conversation, message: Message, config: Config) -> Conversation:
    """The customer goes on by another channel while it waits: it weighs as that one's, any offer is withdrawn, no deadline moves."""
    return replace(
        waiting,
        state=State.WAITING,
        channel=message.channel,
        began_by=waiting.began_by or waiting.channel,
        units=config.routing.weight(str(message.channel)),
        agent=None,
        agent_connection=None,
        decision=None,
        offer_until=None,
        stub=None,
        follow=(WAKE, FREED) if waiting.state.held else (WAKE,),
        follow_at=message.received_at + FOLLOW_WITHIN,
    )


def _heard(conversation: Conversation, message: Message, inbox: Inbox) -> Conversation:
    at = message.occurred_at
    newest = conversation.last_inbound_at is None or at >= conversation.last_inbound_at
    changed = replace(conversation, last_inbound_at=at if newest else conversation.last_inbound_at)
    if message.kind.passing and conversation.last_inbound_at is not None:
        return changed
    wire = message.threading.message_id if message.channel is ChannelName.EMAIL else message.external_id
    way = Way(message.channel, inbox.name, message.sender.address, at, wire)
    changed = replace(changed, ways=_ways(conversation.ways, way))
    if not newest:
        return changed
    references = conversation.references
    mail = message.threading.message_id
    if mail and mail not in references:
        references = (*references, mail)[-10:]
    return replace(
        changed,
        preview=preview_of(message.spoken or message.subject or ""),
        inbox=inbox.name,
        address=message.sender.address,
        name=message.sender.name or conversation.name,
        last_inbound_wire=mail or conversation.last_inbound_wire,
        references=references,
        options=(),
    )


def _ways(known: tuple[Way, ...], new: Way) -> tuple[Way, ...]:
    """The ways with the new one among them: one an address, the newest first, at most six."""
    same = [w for w in known if (w.inbox, w.address) == (new.inbox, new.address)]
    kept = max([new, *same], key=lambda w: w.heard_at)
    others = [w for w in known if (w.inbox, w.address) != (new.inbox, new.address)]
    return tuple(sorted([kept, *others], key=lambda w: w.heard_at, reverse=True))[:6]
