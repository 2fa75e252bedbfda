"""Conversations, messages, people and history as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from router.by_hand import needs_now
from router.config import Agent, Config
from router.contact_views import ContactView, EventView, IdentityView
from router.conversations import Conversation, State
from router.decisions import FORMAT, for_agents, in_names, in_numbers
from router.errors import NotFound
from router.exchange import Exchange
from router.ids import contact_id
from router.keeping import kept
from router.loads import Load
from router.messages import Attachment, Message
from router.once import Result, User
from router.promises import Promise
from router.records import Contact, Entry, Happening
from router.scores import Score, ScoreKind
from router.sends import Send
from router.sla import Clock
from router.views import (
    AgentView,
    AttachmentView,
    ClockView,
    ConversationDetail,
    ConversationView,
    Done,
    HistoryView,
    MessagePage,
    MessageView,
    PromiseView,
    ScoreView,
    SlaClockView,
)
from router.way_views import way_view

PAGE = 50
_UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)


def conversation_view(x: Exchange, c: Conversation) -> ConversationView:
    """One conversation."""
    c = kept(c, x.config(), x.now())  # with its clocks as they stand by the version in force
    return ConversationView(
        id=c.id,
        contact=c.contact,
        brand=c.group,
        number=c.number,
        state=c.state.value,
        channel=str(c.way.channel),
        inbox=c.inbox,
        queue=c.queue,
        priority=c.priority,
        tier=c.tier,
        agent=c.agent,
        last_agent=c.last_agent if c.state is State.WAITING else None,
        watchers=c.watchers,
        offer_until=c.offer_until if c.state is State.OFFERED else None,
        snoozed_until=c.snoozed_until if c.state is State.SNOOZED else None,
        needs=_needs(x, c),
        customer=c.name or c.address or "?",
        address=c.address,
        proof=c.proof.value,
        subject=c.subject,
        language=c.language,
        preview=c.preview,
        opened_at=c.opened_at,
        waiting_since=c.waiting_since if c.state is State.WAITING else None,
        last_inbound_at=c.last_inbound_at,
        last_outbound_at=c.last_outbound_at,
        first_response=_first_response(c.first_response, x.now()),
        clocks=tuple(clock_view(one) for one in c.clocks),
        promises=tuple(map(promise_view, c.promises)),
        links=c.links,
        tags=c.tags,
        category=c.category,
        sla=c.sla,
        spam=c.spam,
        rules=c.rules,
        rule_faults=c.rule_faults,
        ways=tuple(way_view(x, way) for way in c.ways),
        merged=c.merged,
        into=c.into,
        version=c.version,
    )


def _first_response(clock: Clock | None, now: datetime) -> ClockView | None:
    if clock is None:
        return None
    passed = clock.due_at is not None and clock.due_at <= now  # it may be due later again, by another policy
    breached_at = clock.due_at if clock.breached and passed else None
    met_at = clock.ended_at if clock.met else None
    return ClockView(started_at=clock.started_at, due_at=clock.due_at, met_at=met_at, breached_at=breached_at)


def clock_view(clock: Clock) -> SlaClockView:
    """The last clock of a target."""
    return SlaClockView(
        target=clock.target.value,
        started_at=clock.started_at,
        due_at=clock.due_at,
        ended_at=clock.ended_at,
        met=clock.met,
        breached=clock.breached,
    )


def promise_view(promise: Promise) -> PromiseView:
    """A promise."""
    return PromiseView(
        id=promise.id,
        until=promise.due_at,
        what=promise.what,
        by=promise.by,
        answer=promise.answer,
        state=promise.standing.value,
        made_at=promise.made_at,
        ended_at=promise.ended_at,
    )


def score_view(score: Score) -> ScoreView:
    """A score."""
    return ScoreView(at=score.at, kind=score.kind.value, score=score.value, by=score.by, agent=score.agent)


def _needs(x: Exchange, c: Conversation) -> str | None:
    if c.state is not State.WAITING or x.config().queue(c.queue) is None:
        return None
    return needs_now(c, x.config(), x.now())


def attachment_view(one: Attachment) -> AttachmentView:
    """One file of a message, without the provider's address of it."""
    return AttachmentView(
        filename=one.filename,
        content_type=one.content_type,
        size=one.size,
        inline=one.inline,
        state="fetching" if one.unfetched else "ready" if one.ref else "failed",
        problem=one.problem,
    )


def message_view(one: Message | Send, conversation: str) -> MessageView:
    """One message; an outbound one with how far it came."""
    message = one.message if isinstance(one, Send) else one
    return MessageView(
        id=message.id,
        conversation=conversation,
        direction=message.direction.value,
        kind=message.kind.value,
        channel=str(message.channel),
        inbox=message.inbox,
        sender=message.sender.address,
        sender_name=message.sender.name,
        author=message.author,
        campaign=one.journey[1] if isinstance(one, Send) and one.journey is not None else None,
        subject=message.subject,
        text=message.text,
        reply_text=message.reply_text,
        html=message.html,
        attachments=tuple(map(attachment_view, message.attachments)),
        options=message.options,
        template=message.template,
        payload=message.payload,
        external_id=one.external_id if isinstance(one, Send) else message.external_id,
        refers_to=message.refers_to,
        album=message.album,
        withdrawn_at=message.withdrawn_at,
        at=message.occurred_at,
        received_at=message.received_at,
        proof=message.authenticity.proof.value,
        state=one.shown if isinstance(one, Send) else None,
        error=one.error if isinstance(one, Send) else None,
        tried=one.tried if isinstance(one, Send) else (),
        cursor=message.cursor,
    )


def done(x: Exchange, result: Result) -> Done:
    """What a change left behind, read again."""
    conversation = x.table.conversation(result.conversation) if result.conversation else None
    message = x.table.message(result.message) if result.message else None
    return Done(
        conversation=conversation_view(x, conversation) if conversation else None,
        message=message_view(message, result.conversation or "") if message else None,
    )


def history_view(x: Exchange, entry: Entry, *, names: bool) -> HistoryView:
    """One line of history, with the seconds to accept where a decision was an offer.

    With `names` it is as supervisors read it: with a decision's agents by name, scores, and reasons that people gave; else as the
    explanation tells it to agents (docs/api.md).
    """
    detail = dict(entry.detail)
    if entry.what == "decision" and detail.get("v") == FORMAT:
        detail = _decision(x, entry.detail, names)
    if not names:
        detail = for_agents(entry.what, detail)
    return HistoryView(id=entry.id, at=entry.at, what=entry.what, who=entry.who, detail=detail)


def _decision(x: Exchange, kept: Mapping[str, Any], names: bool) -> dict[str, Any]:
    """A decision's record by names; by numbers to those who read these, and where its version cannot be had or read."""
    told = dict(kept)
    with suppress(*_UNREADABLE):
        told = in_numbers(kept)
    with suppress(NotFound, *_UNREADABLE):
        config = x.version(kept["config"])
        told = in_names(kept, config) if names else told
        if kept["agent"] is not None:
            told["offer_s"] = config.offer_seconds(kept["queue"], kept["channel"])
    told.pop("seen", None)
    return told


def detail(x: Exchange, conversation_id: str, reader: User) -> ConversationDetail:
    """A conversation with its newest messages, scores and history, as somebody may read it. Raises NotFound."""
    conversation = load(x, conversation_id)
    found = list(
        reversed(x.table.thread(conversation, limit=PAGE, backwards=True, outreach=bool(x.config().campaigns)))
    )
    views = tuple(message_view(one, conversation.id) for one in found)
    return ConversationDetail(
        conversation=conversation_view(x, conversation),
        scores=tuple(score_view(one) for one in conversation.scores if _reads(reader, one.kind, one.agent)),
        messages=views,
        history=tuple(
            history_view(x, entry, names=reader.oversees or _own_quality(reader, entry))
            for entry in x.table.histories(conversation.id)
        ),
        cursor=views[-1].cursor if views else None,
        earlier=views[0].cursor if len(views) == PAGE else None,
    )


def _reads(reader: User, kind: str, about: str | None) -> bool:
    """How content a customer was, everybody who reads the conversation; how good the work was, supervisors and whose work it was."""
    return kind != ScoreKind.QUALITY or reader.oversees or about == reader.name


def _own_quality(reader: User, entry: Entry) -> bool:
    return entry.what == "score" and _reads(reader, str(entry.detail.get("kind")), entry.detail.get("agent"))


def messages(x: Exchange, conversation_id: str, *, after: str | None, before: str | None, limit: int) -> MessagePage:
    """A page of messages: after a cursor, or the newest before one. Raises NotFound."""
    conversation = load(x, conversation_id)
    backwards = before is not None
    found = x.table.thread(
        conversation,
        after=after,
        before=before,
        limit=limit + 1,
        backwards=backwards,
        outreach=bool(x.config().campaigns),
    )
    more, found = len(found) > limit, found[:limit]
    views = [message_view(one, conversation.id) for one in found]
    step = views[-1].cursor if more else None
    return MessagePage(messages=tuple(reversed(views)) if backwards else tuple(views), next=step)


def load(x: Exchange, conversation_id: str) -> Conversation:
    """One conversation. Raises NotFound."""
    conversation = x.table.conversation(conversation_id)
    if conversation is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    return conversation


# --- people, parked sends, quarantine ------------------------------------------------------------------------------


def agent_view(config: Config, agent: Agent, load_: Load | None, now: datetime) -> AgentView:
    """An agent and their load; offline when not in the roster."""
    presence = load_.presence if load_ is not None else "offline"
    paused, wrap = (load_.paused_until, load_.wrap_until) if load_ is not None else (None, None)
    return AgentView(
        name=agent.name,
        display_name=agent.display_name,
        presence=presence,
        available=config.available(presence),
        paused_until=paused if paused is not None and paused > now else None,
        wrap_until=wrap if wrap is not None and wrap > now else None,
        pool=agent.pool,
        levels=agent.levels,
        skills=tuple(sorted(agent.levels)),
        units=load_.units if load_ is not None else agent.units,
        free=load_.free if load_ is not None else agent.units,
        conversations=sum(load_.counts.values()) if load_ is not None else 0,
    )


def agents(x: Exchange) -> tuple[AgentView, ...]:
    """All configured agents; one read a pool."""
    config = x.config()
    loads: dict[str, Load] = {}
    for pool in dict.fromkeys(agent.pool for agent in config.agents):
        loads |= {load_.agent: load_ for load_ in x.table.everybody(pool)}
    return tuple(agent_view(config, agent, loads.get(agent.name), x.now()) for agent in config.agents)


def agent_by_name(x: Exchange, name: str) -> AgentView:
    """One agent. Raises NotFound."""
    agent = x.config().agent(name)
    if agent is None:
        raise NotFound(f"there is no agent '{name}' in the configuration")
    return agent_view(x.config(), agent, x.table.seated(agent.pool, agent.name), x.now())


def contact_view(x: Exchange, contact: Contact) -> ContactView:
    """A person with their conversations."""
    return ContactView(
        id=contact.id,
        name=contact.name,
        language=contact.language,
        channel=str(contact.channel),
        address=contact.address,
        proof=contact.proof.value,
        first_seen_at=contact.first_seen_at,
        identities=tuple(
            IdentityView(
                channel=str(i.channel),
                address=i.address,
                proof=i.proof.value,
                contact=i.contact,
                since=i.since,
                method=i.method,
            )
            for i in contact.identities
        ),
        into=contact.into,
        preferred=contact.preferred,
        zone=contact.zone,
        birthday=contact.birthday,
        tags=contact.tags,
        attributes=dict(contact.attributes),
        blocked_at=contact.blocked_at,
        events=tuple(map(event_view, x.table.happenings([i.contact for i in contact.identities], limit=5)[0])),
        conversations=tuple(conversation_view(x, c) for c in conversations_of(x, contact)),
    )


def conversations_of(x: Exchange, contact: Contact) -> list[Conversation]:
    """A person's conversations, those of joined contacts among them but for what is part of another; the newest first."""
    ids = dict.fromkeys(identity.contact for identity in contact.identities)
    found = [c for id_ in ids for c in x.table.conversations_of(id_) if id_ == contact.id or c.into is None]
    return sorted(found, key=lambda c: c.opened_at, reverse=True)


def event_view(h: Happening) -> EventView:
    """One event."""
    return EventView(
        id=h.name,
        source=h.source,
        type=h.type,
        time=h.at,
        received_at=h.received_at,
        contact=h.contact,
        data=dict(h.data),
    )


def contact(x: Exchange, contact_id_: str) -> Contact:
    """One person. Raises NotFound."""
    found = x.table.contact(contact_id_)
    if found is None:
        raise NotFound(f"there is no contact {contact_id_}")
    return found


def contact_by_address(x: Exchange, channel: str, address: str) -> Contact:
    """Who is behind an address: the proved owner, else whoever only claimed it. Raises NotFound."""
    plain = address.strip()
    if channel == "email":
        plain = plain.lower()
    elif channel in ("sms", "whatsapp") and plain.isascii() and plain.isdigit():
        plain = f"+{plain}"  # an unencoded + in a query arrives as a blank
    for proved in (True, False):
        found = x.table.contact(contact_id(x.key, channel, plain, proved=proved))
        if found is not None:
            return found
    raise NotFound(f"nobody has written from that address on {channel}")
