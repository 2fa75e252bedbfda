"""A conversation that we begin: an agent writes first, or a machine lets a customer know. Their answer finds its way back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from router.answers import check_way, limits_of, sends_for, shifted
from router.by_hand import why_not
from router.config import Inbox
from router.conversations import NEVER, Conversation, State, Way
from router.errors import Conflict, Invalid, NotFound
from router.exchange import Exchange
from router.heard import answered
from router.ids import contact_id, digest
from router.keeping import open_new, save
from router.messages import ChannelName, Proof
from router.once import Plan, Result, User, once
from router.parts import Answer
from router.people import resolve
from router.records import Contact
from router.signals import delivery
from router.uploads import attached
from router.visits import ended

if TYPE_CHECKING:
    from router.aws.dynamo import Change

# Where a person can be written to by an address alone; elsewhere they must have written first.
_ADDRESSED = {
    ChannelName.EMAIL: re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    ChannelName.SMS: re.compile(r"\+[1-9][0-9]{6,14}"),
    ChannelName.WHATSAPP: re.compile(r"\+[1-9][0-9]{6,14}"),
}


@dataclass(frozen=True, slots=True)
class Start:
    """What is to be begun: with a known contact, or with whoever has the address."""

    inbox: str
    answer: Answer
    contact: str | None = None
    address: str | None = None
    subject: str | None = None
    queue: str | None = None
    language: str | None = None
    name: str | None = None
    attachments: Sequence[str] = ()


def start(x: Exchange, user: User, asked: Start, key: str) -> Result:
    """Write first. The agent who does keeps the conversation, if they are in and have room; else an answer is routed when it comes.

    Raises NotFound, Invalid, and Conflict when a conversation with that person is open already.
    """
    inbox = x.inbox(asked.inbox)
    if inbox is None:
        raise Invalid(f"there is no inbox '{asked.inbox}'", field="inbox")
    queue = x.config().queue(asked.queue or inbox.queue)
    if queue is None:
        raise Invalid(f"there is no queue '{asked.queue}'", field="queue")
    if (asked.contact is None) == (asked.address is None):
        raise Invalid("name a contact or an address, not both", field="contact")

    def plan(digest_: str) -> Plan:
        now = x.now()
        contact, address, known = _whom(x, asked, inbox)
        before = x.table.open_conversation(contact, inbox.brand)
        if before is not None and not before.state.done:
            raise Conflict(f"a conversation with them is open: answer in {before.id}")
        channel = x.channel(inbox.channel)
        carried = _channel(inbox, channel.channel)
        heard = before.ways if before is not None else ()
        way = next((w for w in heard if (w.inbox, w.address) == (inbox.name, address)), None)
        way = way or Way(carried, inbox.name, address, NEVER)
        files = attached(x, asked.attachments, limits_of(channel, way.channel))
        parted = check_way(x, way, replace(asked.answer, files=files), now)
        agent = x.config().agent(user.name)
        begun = Conversation(
            contact=contact,
            group=inbox.brand,
            number=1 if before is None else before.number + 1,
            state=State.RESOLVED,
            channel=carried,
            inbox=inbox.name,
            queue=queue.name,
            pool=queue.pool,
            target=round(x.config().target(None, queue.name, None, str(carried)).total_seconds()),
            units=x.config().routing.weight(str(carried)),
            priority=queue.priority,
            address=address,
            opened_at=now,
            resolved_at=now,
            name=asked.name or (known.name if known is not None else None),
            proof=known.proof if known is not None else Proof.WEAK,
            subject=asked.subject,
            language=asked.language or (known.language if known is not None else None) or inbox.language,
            ways=(way, *(w for w in heard if w is not way))[:6],
            queue_chosen=queue.name != inbox.queue,
            heard=before.heard if before is not None else (),
            visits=ended(before),
        )
        held, keeping = _kept(x, user, begun)
        sends = sends_for(
            x, begun, way, parted, digest_, author=user.name, name=agent.display_name if agent else None, now=now,
            previous=before.last_send if before is not None else None,
        )  # fmt: skip
        after = shifted(answered(begun, sends[0].message), parted, sends)
        after = replace(after, state=held.state, agent=held.agent, resolved_at=held.resolved_at)
        changes: list[Change] = [*map(x.table.new_send, sends), *keeping]
        saved = open_new(x, after) if before is None else save(x, before, after)
        changes += [*saved.changes, *([] if before is None else [x.table.archive(before)])]
        if known is None:
            changes.append(
                x.table.new_contact(Contact(contact, carried, address, Proof.WEAK, now, asked.name, asked.language))
            )
        elif before is None:
            changes.append(x.table.still_apart(known))
        detail = {"message": sends[0].id, "inbox": inbox.name}
        changes.append(x.table.history(after.id, "start", user.name, detail, now, f"h_{digest_}"))
        return Plan(changes, Result(after.id, sends[0].id), [*map(delivery, sends), *saved.timers])

    what = repr(
        replace(asked, attachments=tuple(asked.attachments))
    )  # all that is asked, so another request is another one
    return once(x, user, key, digest(x.key, "start", what), plan)


def _channel(inbox: Inbox, channel: ChannelName) -> ChannelName:
    """What an inbox carries: a Twilio inbox says it in its address."""
    prefix, colon, _ = inbox.address.partition(":")
    return ChannelName(prefix) if colon and prefix in {str(c) for c in ChannelName} else channel


def _whom(x: Exchange, asked: Start, inbox: Inbox) -> tuple[str, str, Contact | None]:
    """The contact, their address on the inbox's channel, and what is known of them."""
    carried = _channel(inbox, x.channel(inbox.channel).channel)
    if asked.contact is not None:
        person = resolve(x, asked.contact)
        if person is None:
            raise NotFound(f"there is no contact {asked.contact}")
        address = next((i.address for i in person.identities if i.channel is carried), None)
        if address is None:
            raise Invalid(f"this person has no address on {carried}", field="inbox")
        return person.id, address, person
    address = (asked.address or "").strip()
    address = address.lower() if carried is ChannelName.EMAIL else address
    form = _ADDRESSED.get(carried)
    contact = contact_id(x.key, str(carried), address, proved=True)
    known = resolve(x, contact)
    if known is None and form is None:
        raise Invalid(f"on {carried} a person must write first", field="address")
    if form is not None and not form.fullmatch(address):
        how = "an e-mail address" if carried is ChannelName.EMAIL else "a number as +905321234567"
        raise Invalid(f"'address' must be {how}", field="address")
    return known.id if known is not None else contact, address, known


def _kept(x: Exchange, user: User, begun: Conversation) -> tuple[Conversation, list[Change]]:
    """Held by the agent who writes, where they are in and have room; else done until an answer comes."""
    agent = x.config().agent(user.name)
    load = x.table.load(begun.pool, agent.name) if agent is not None and agent.pool == begun.pool else None
    if agent is None or load is None or why_not(load, begun, x.config(), x.now()) is not None:
        return begun, []
    held = replace(begun, state=State.PENDING, agent=agent.name, agent_connection=load.connection, resolved_at=None)
    return held, x.table.hold(begun, load, agent, x.now())
