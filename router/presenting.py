"""Conversations, messages and history as the API shows them, and the lists people page through."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from router.config import Agent
from router.conversations import Conversation, State
from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.ids import contact_id
from router.messages import Attachment, Message
from router.records import Contact, Entry, Load, Quarantined
from router.sends import Send
from router.views import (
    AgentView,
    AttachmentView,
    AuditPage,
    AuditView,
    ClockView,
    ContactView,
    ConversationDetail,
    ConversationPage,
    ConversationView,
    HistoryView,
    MessagePage,
    MessageView,
    ParkedPage,
    ParkedView,
    QuarantinePage,
    QuarantineView,
)

PAGE = 50


def conversation_view(c: Conversation) -> ConversationView:
    """One conversation."""
    clock = c.clock
    return ConversationView(
        id=c.id,
        contact=c.contact,
        brand=c.group,
        number=c.number,
        state=c.state.value,
        channel=str(c.channel),
        inbox=c.inbox,
        queue=c.queue,
        priority=c.priority,
        agent=c.agent,
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
        first_response=None
        if clock is None
        else ClockView(
            started_at=clock.started_at, due_at=clock.due_at, met_at=clock.met_at, breached_at=clock.breached_at
        ),
        links=c.links,
        version=c.version,
    )


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
        subject=message.subject,
        text=message.text,
        reply_text=message.reply_text,
        html=message.html,
        attachments=tuple(map(attachment_view, message.attachments)),
        at=message.occurred_at,
        received_at=message.received_at,
        proof=message.authenticity.proof.value,
        state=one.shown if isinstance(one, Send) else None,
        error=one.error if isinstance(one, Send) else None,
        cursor=message.cursor,
    )


def history_view(entry: Entry) -> HistoryView:
    """One line of history."""
    return HistoryView(id=entry.id, at=entry.at, what=entry.what, who=entry.who, detail=dict(entry.detail))


def detail(x: Exchange, conversation_id: str) -> ConversationDetail:
    """A conversation with its newest messages and its history. Raises NotFound."""
    conversation = load(x, conversation_id)
    found = list(reversed(x.table.thread(conversation, limit=PAGE, backwards=True)))
    views = tuple(message_view(one, conversation.id) for one in found)
    return ConversationDetail(
        conversation=conversation_view(conversation),
        messages=views,
        history=tuple(history_view(entry) for entry in x.table.histories(conversation.id)),
        cursor=views[-1].cursor if views else None,
        earlier=views[0].cursor if len(views) == PAGE else None,
    )


def messages(x: Exchange, conversation_id: str, *, after: str | None, before: str | None, limit: int) -> MessagePage:
    """A page of messages: after a cursor, or the newest before one. Raises NotFound."""
    conversation = load(x, conversation_id)
    backwards = before is not None
    found = x.table.thread(conversation, after=after, before=before, limit=limit + 1, backwards=backwards)
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


# --- lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """One ordered list that a page is read from: a class's waiting line, or a queue's open or done conversations."""

    kind: str
    pool: str
    name: str
    prefix: str | None = None

    @property
    def label(self) -> str:
        """Its name in a cursor: lines come and go between two pages, so a number would not do."""
        return f"{self.pool}|{self.name}"


def conversations(
    x: Exchange,
    *,
    state: str | None,
    queue: str | None,
    agent: str | None,
    contact: str | None,
    cursor: str | None,
    limit: int,
) -> ConversationPage:
    """Conversations by state, queue, agent or contact; without a state, the open ones. Raises Invalid, NotFound."""
    if state is not None and state not in {s.value for s in State}:
        raise Invalid(f"'{state}' is no state; they are {', '.join(s.value for s in State)}", field="state")
    if contact is not None:
        found = [c for c in x.table.conversations_of(contact) if _fits(c, state, queue, agent)]
        return ConversationPage(conversations=tuple(map(conversation_view, found)))
    sources = list(_sources(x, state, queue, agent))
    label, after = _read_cursor(cursor)
    at = _start(sources, label)
    page: list[Conversation] = []
    for number, source in enumerate(sources):
        if number < at:
            continue
        mark = after if source.label == label else None
        while len(page) < limit:
            rows = _read(x, source, mark, limit - len(page))
            known = x.table.conversations([conversation for conversation, _ in rows])
            page += [known[i] for i, _ in rows if i in known and _fits(known[i], state, queue, agent)]
            if not rows:
                break
            mark = rows[-1][1]
        if len(page) >= limit:
            return ConversationPage(
                conversations=tuple(map(conversation_view, page)), next=_cursor(source.label, mark) if mark else None
            )
    return ConversationPage(conversations=tuple(map(conversation_view, page)))


def _fits(c: Conversation, state: str | None, queue: str | None, agent: str | None) -> bool:
    if state is None and c.state.done:
        return False
    return state in (None, c.state.value) and queue in (None, c.queue) and agent in (None, c.agent)


def _sources(x: Exchange, state: str | None, queue: str | None, agent: str | None) -> Iterator[_Source]:
    queues = [q for q in x.config().queues if queue in (None, q.name)]
    if queue is not None and not queues:
        raise Invalid(f"there is no queue '{queue}'", field="queue")
    if state in (None, "waiting") and agent is None:
        skills = {(q.pool, q.skill) for q in queues}
        for pool in sorted({pool for pool, _ in skills}):
            for kind in x.table.pool(pool)[
                1
            ]:  # the classes that may have somebody waiting, in the order of their names
                if queue is None or (pool, kind.rpartition("/")[0]) in skills:
                    yield _Source("line", pool, kind)
    prefix = f"{agent}#" if agent is not None else None
    if state in ("resolved", "closed"):
        yield from (_Source("list", "", f"done#{q.name}", prefix) for q in queues)
    elif state != "waiting":
        yield from (_Source("list", "", f"open#{q.name}", prefix) for q in queues)


def _read(x: Exchange, source: _Source, after: str | None, limit: int) -> list[tuple[str, str]]:
    if source.kind == "line":
        return [
            (row.conversation, row.stub or "")
            for row in x.table.line(source.pool, source.name, after=after, limit=limit)
        ]
    rows = x.table.listed(source.name, prefix=source.prefix, after=after, limit=limit)
    return x.table.listed_conversations(rows)


def _start(sources: Sequence[_Source], label: str) -> int:
    """Where a cursor goes on: its source, or what follows it when its line emptied meanwhile."""
    for number, source in enumerate(sources):
        if not label or source.label == label or (source.kind == "line" and source.label > label):
            return number
        if source.kind != "line" and not any(s.label == label for s in sources):
            return number
    return len(sources)


def _cursor(label: str, mark: str) -> str:
    return base64.urlsafe_b64encode(f"{label}\n{mark}".encode()).decode("ascii").rstrip("=")


def _read_cursor(cursor: str | None) -> tuple[str, str | None]:
    if cursor is None:
        return "", None
    try:
        label, _, mark = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("\n")
    except (ValueError, binascii.Error):
        label = mark = ""
    if "|" not in label or not mark or len(mark) > 500:
        raise Invalid("this cursor is not one of ours", field="cursor")
    return label, mark


# --- people, parked sends, quarantine ------------------------------------------------------------------------------


def agent_view(agent: Agent, load_: Load | None) -> AgentView:
    """An agent and their load; offline when not in the roster."""
    presence = load_.presence if load_ is not None else "offline"
    if presence not in ("online", "away"):
        presence = "offline"
    return AgentView(
        name=agent.name,
        display_name=agent.display_name,
        presence=presence,
        pool=agent.pool,
        skills=tuple(sorted(agent.skills)),
        units=load_.units if load_ is not None else agent.units,
        free=load_.free if load_ is not None else agent.units,
        conversations=sum(load_.counts.values()) if load_ is not None else 0,
    )


def agents(x: Exchange) -> tuple[AgentView, ...]:
    """All configured agents; one read a pool."""
    config = x.config()
    loads: dict[str, Load] = {}
    for pool in dict.fromkeys(agent.pool for agent in config.agents):
        loads |= {load_.agent: load_ for load_ in x.table.pool(pool)[0]}
    return tuple(agent_view(agent, loads.get(agent.name)) for agent in config.agents)


def agent_by_name(x: Exchange, name: str) -> AgentView:
    """One agent. Raises NotFound."""
    agent = x.config().agent(name)
    if agent is None:
        raise NotFound(f"there is no agent '{name}' in the configuration")
    return agent_view(agent, x.table.load(agent.pool, agent.name))


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
        conversations=tuple(map(conversation_view, x.table.conversations_of(contact.id))),
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


def audit(x: Exchange, day: str | None, cursor: str | None, limit: int) -> AuditPage:
    """What everybody did on a day, oldest first. Raises Invalid for what is no day."""
    day = day or f"{x.now():%Y-%m-%d}"
    try:
        date.fromisoformat(day)
    except ValueError:
        raise Invalid("a day is YYYY-MM-DD", field="day") from None
    entries, mark = x.table.audit(day, after=cursor, limit=limit)
    views = tuple(AuditView(at=e.at, who=e.who, what=e.what, subject=e.subject, detail=dict(e.detail)) for e in entries)
    return AuditPage(entries=views, next=mark)


def parked(x: Exchange, cursor: str | None, limit: int) -> ParkedPage:
    """Sends that want a person, oldest first."""
    rows = x.table.listed("parked", after=cursor, limit=limit)
    sends = x.table.sends([key[0].removeprefix("M#") for key, _ in rows])
    views = []
    for key, mark in rows:
        send = sends.get(key[0].removeprefix("M#"))
        if send is not None:
            views.append(
                ParkedView(
                    id=send.id,
                    conversation=send.conversation,
                    channel=str(send.message.channel),
                    recipient=send.to,
                    text=send.message.text[:500],
                    reason=send.error or send.shown,
                    attempts=send.attempts,
                    since=x.table.mark_time(mark),
                )
            )
    return ParkedPage(parked=tuple(views), next=rows[-1][1] if len(rows) == limit else None)


def quarantined(x: Exchange, cursor: str | None, limit: int) -> QuarantinePage:
    """Calls that could not be read, oldest first."""
    rows = x.table.listed("quarantine", after=cursor, limit=limit)
    found: list[Quarantined] = x.intake.quarantined([key[0].removeprefix("Q#") for key, _ in rows])
    views = tuple(
        QuarantineView(
            id=one.id,
            channel=one.call.channel,
            inbox=one.call.inbox,
            reason=one.reason,
            received_at=one.call.received_at,
            bytes=len(one.call.body),
        )
        for one in found
    )
    return QuarantinePage(quarantine=views, next=rows[-1][1] if len(rows) == limit else None)
