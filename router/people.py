"""One person behind several addresses: joined by proof or by hand, and taken apart again with nothing of one left with the other.

A contact that was joined keeps its id and points to the other (`into`); what is written from its addresses is routed there.
Open conversations of one thread group become one (router/merging.py). Undoing moves back every message that came from the
other's addresses or left for them meanwhile (P10).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from router.conversations import Conversation, State
from router.errors import Conflict, Invalid, Lost, NotFound, Temporary
from router.exchange import Exchange
from router.ids import digest
from router.keeping import open_new, save
from router.lending import lent, taken_back
from router.merging import Merged, given_back, merged, restored, without
from router.messages import Direction, Message
from router.moves import resolved
from router.once import Plan, Result, User, once
from router.records import Contact
from router.sends import Send
from router.signals import Signal, Wake, follow_ups, timers_of
from router.timeline import EMPTY

if TYPE_CHECKING:
    from router.aws.dynamo import Change

_TRIES = 6
MOST_JOINED = 50


def resolve(x: Exchange, contact: str) -> Contact | None:
    """Who a contact is now: itself, or the one it was joined into. None if there is none of that id."""
    found = x.table.contact(contact)
    for _ in range(5):
        if found is None or found.into is None:
            return found
        found = x.table.contact(found.into)
    raise Conflict(f"contact {contact} is joined in a circle")


def join(x: Exchange, user: User, contact: str, other: str, key: str) -> Result:
    """By hand: `other` becomes part of `contact`, with their open conversations. Raises NotFound, Conflict, Invalid."""

    def plan(digest_: str) -> Plan:
        return _joining(x, contact, other, "by hand", user.name, f"h_{digest_}")

    return once(x, user, key, digest(x.key, "join", contact, other), plan)


def join_proved(x: Exchange, contact: str, other: str, why: str, method: str | None = None) -> str:
    """Two proved identities of one person are joined by themselves; the older contact stays, and its id is the answer.

    What people parted stays apart, and the answer is then `contact`'s own. Raises Temporary when contention does not end.
    """
    for _ in range(_TRIES):
        pair = [resolve(x, contact), resolve(x, other)]
        if pair[0] is None or pair[1] is None:
            raise NotFound("one of the two people is not known")
        a, b = sorted((c for c in pair if c is not None), key=lambda c: (c.first_seen_at, c.id))
        if a.id == b.id:
            return a.id
        if parted(a, b):
            x.count("JoinKeptApart", 1)
            return pair[0].id
        entry = "h_" + digest(x.key, "joined", a.id, b.id, str(a.version), str(b.version))
        plan = _joining(x, a.id, b.id, why, "proof", entry, method)
        try:
            x.table.commit(*plan.changes)
        except Lost:
            continue
        x.count("ContactsJoined", 1)
        try:
            x.queues.send(plan.signals, x.now())
            for one in plan.others:
                if one.follow == ("freed",):
                    x.table.followed(one)
        except Temporary:
            x.count("FollowUpLeftToSweep", 1)
        return a.id
    raise Temporary("somebody else keeps changing these contacts; try again")


def parted(a: Contact, b: Contact) -> bool:
    """Did a person say that the two are not one?"""
    theirs, mine = ({i.contact for i in one.identities} for one in (b, a))
    return bool(theirs & set(a.apart) or mine & set(b.apart))


def _joining(x: Exchange, contact: str, other: str, why: str, who: str, entry: str, method: str | None = None) -> Plan:
    a, b = resolve(x, contact), resolve(x, other)
    if a is None or b is None:
        raise NotFound(f"there is no contact {contact if a is None else other}")
    if a.id == b.id:
        raise Conflict("the two are the same person already")
    if len(a.joined) + len(b.identities) > MOST_JOINED:
        raise Invalid(f"a person has at most {MOST_JOINED} addresses", field="contact")
    now = x.now()
    theirs_now = (replace(b.identities[0], method=method), *b.joined)
    ours = {i.contact for i in (*a.identities, *b.identities)}
    after = replace(
        lent(a, b),
        joined=(*a.joined, *theirs_now),
        apart=tuple(dict.fromkeys(one for one in (*a.apart, *b.apart) if one not in ours)),
    )
    changes: list[Change] = [x.table.save_contact(a, after), x.table.save_contact(b, replace(b, into=a.id))]
    signals: list[Signal] = []
    pairs: list[dict[str, str]] = []
    mine = {c.group: c for c in x.table.slots(a.id)}
    told: list[str] = []
    freed: list[Conversation] = []  # whose mark that capacity came free is cleared once it was said
    given: list[Conversation] = []
    for theirs in x.table.slots(b.id):
        kept = mine.get(theirs.group)
        pair = merged(kept, theirs, a.id, now)
        if pair is None:
            continue
        saved = open_new(x, pair.after) if kept is None else save(x, kept, pair.after)
        changes += [*saved.changes, *_merging(x, kept, theirs, pair)]
        joint = saved.after
        freed += [joint] if pair.freed else []
        given += pair.freed
        signals += follow_ups(joint)
        signals += [Wake(c.pool, f"{c.id}.{c.version}.freed") for c in pair.freed if c.pool != pair.after.pool]
        told += [c.agent for c in (pair.after, *pair.freed) if c.agent is not None]
        pairs.append({"conversation": pair.after.id, "left": theirs.id})
        for subject in (pair.after.id, theirs.id):
            changes.append(x.table.history(subject, "merged", who, pairs[-1], now, f"{entry}.{theirs.group}"))
        signals += timers_of(joint, now)
    changes += x.table.free_all(given, now)
    detail = {"contact": b.id, "why": why, "conversations": pairs}
    changes.append(x.table.history(f"contact:{a.id}", "joined", who, detail, now, entry))
    changes.append(x.table.history(f"contact:{b.id}", "joined", who, {"into": a.id, "why": why}, now, entry))
    return Plan(changes, Result(subject=a.id), signals, told=list(dict.fromkeys(told)), others=freed)


def _merging(x: Exchange, kept: Conversation | None, theirs: Conversation, pair: Merged) -> Iterator[Change]:
    if kept is not None and pair.after.number != kept.number:
        yield x.table.archive(kept)
    yield from save(x, theirs, pair.left).changes
    for one in pair.unlined:
        yield from x.table.leave_line(one)


def separate(x: Exchange, user: User, contact: str, other: str, key: str) -> Result:
    """By hand: undo a join. `other` is a person of their own again, with their messages, and waits if they waited.

    Messages are moved first and the people parted last: a crash in between leaves them joined, with nothing unseen, and the
    repeat goes on. Raises NotFound, Conflict when the two are not joined.
    """

    def plan(digest_: str) -> Plan:
        a, b = x.table.contact(contact), x.table.contact(other)
        if a is None or b is None:
            raise NotFound(f"there is no contact {contact if a is None else other}")
        if b.into != a.id:
            raise Conflict("the two are not joined, or were joined through somebody else")
        return _parting(x, user, a, b, f"h_{digest_}")

    return once(x, user, key, digest(x.key, "separate", contact, other), plan)


def _parting(x: Exchange, user: User, a: Contact, b: Contact, entry: str) -> Plan:
    now = x.now()
    gone = {identity.contact for identity in b.identities}
    after = replace(taken_back(a, b, gone), joined=tuple(i for i in a.joined if i.contact not in gone))
    changes: list[Change] = [
        x.table.save_contact(a, after),
        x.table.save_contact(b, replace(b, into=None, apart=(*b.apart, a.id)[-MOST_JOINED:])),
    ]
    signals: list[Signal] = []
    pairs: list[dict[str, str]] = []
    emptied: list[Conversation] = []
    ended: list[Conversation] = []
    addresses = {(str(i.channel), i.address) for i in b.identities}
    mine: dict[str, list[Conversation]] = {}
    for one in sorted(x.table.conversations_of(a.id), key=lambda c: -c.number):
        mine.setdefault(one.group, []).append(one)
    lefts = {c.group: c for c in x.table.slots(b.id)}
    for group, kept in mine.items():
        left = lefts.get(group)
        if left is None:
            if not any(_holds(x, one, addresses) for one in kept):
                continue
            kept[0], left = _make_room(x, kept[0], b)
        moved = {one.id: _move(x, one, left.id, addresses) for one in kept}
        touched = [one for one in kept if moved[one.id] or one.id == left.into]
        waits = any(not one.state.done for one in touched)
        theirs = [way for one in touched for way in one.ways if (str(way.channel), way.address) in addresses]
        thread = _in_order([*_said(x, left), *(one for found in moved.values() for one in found)])
        promised = given_back(touched, left)
        back = restored(
            left, theirs, now, x.config(), waits=waits, name=b.name, thread=thread, promises=promised,
            joint=[one.timeline for one in touched],
        )  # fmt: skip
        for one in touched:
            own = _in_order([found for found in _said(x, one, besides=left) if not _is_of(found, addresses)])
            stays = without(one, addresses, left, after.name, own)
            if one.id == kept[0].id and not one.state.done and not own:  # nothing in it was theirs who keep it
                stays = resolved(stays, now)
                emptied.append(one)
                signals += follow_ups(replace(stays, version=one.version + 1))
                ended.append(replace(stays, version=one.version + 1))
            saved = save(x, one, stays, past=one.id != kept[0].id)
            changes += saved.changes
            signals += saved.timers
            pairs.append({"conversation": one.id, "left": left.id})
        saved = save(x, left, back)
        changes += saved.changes
        signals += [*follow_ups(saved.after), *saved.timers]
        detail_ = {"conversations": [one.id for one in touched], "left": left.id}
        changes += [
            x.table.history(subject, "parted", user.name, detail_, now, f"{entry}.{group}")
            for subject in dict.fromkeys((*(one.id for one in touched), left.id))
        ]
    changes += [*x.table.free_all(emptied, now), *(one for empty in emptied for one in x.table.leave_line(empty))]
    detail: dict[str, Any] = {"contact": b.id, "conversations": pairs}
    changes.append(x.table.history(f"contact:{a.id}", "separated", user.name, detail, now, entry))
    changes.append(x.table.history(f"contact:{b.id}", "separated", user.name, {"from": a.id}, now, entry))
    return Plan(changes, Result(subject=b.id), signals, others=ended)


def _make_room(x: Exchange, newest: Conversation, b: Contact) -> tuple[Conversation, Conversation]:
    """A conversation for what the other wrote only since they were joined; until they part it is part of the joint one."""
    left = replace(
        newest, contact=b.id, number=1, state=State.CLOSED, version=1, into=newest.id, merged=(), ways=(), agent=None,
        agent_connection=None, stub=None, timeline=EMPTY, clocks=(), promises=(), scores=(),
        follow=(), follow_at=None, last_send=None, address=b.address, name=b.name,
        resolved_at=x.now(), preview="", subject=None, references=(), last_inbound_wire=None, heard=(), visits=(),
    )  # fmt: skip
    holding = replace(newest, merged=(*newest.merged, left.id))
    saved = save(x, newest, holding)
    x.table.commit(x.table.new_conversation(left), *saved.changes)
    return saved.after, left


def _holds(x: Exchange, conversation: Conversation, addresses: set[tuple[str, str]]) -> bool:
    return any(_is_of(one, addresses) for page in _pages(x, conversation.id) for one in page)


def _pages(x: Exchange, conversation: str) -> Iterator[list[Message | Send]]:
    after: str | None = None
    while found := x.table.messages(conversation, after=after, limit=100):
        last = found[-1]
        after = (last.message if isinstance(last, Send) else last).cursor
        yield found


def _said(x: Exchange, conversation: Conversation, besides: Conversation | None = None) -> Iterator[Message | Send]:
    """What is in a conversation and in those that became part of it, but for one of them."""
    left_out = {besides.id, *besides.merged} if besides is not None else set()
    for one in (conversation.id, *conversation.merged):
        if one not in left_out:
            for page in _pages(x, one):
                yield from page


def _in_order(found: Iterable[Message | Send]) -> list[Message | Send]:
    """Each once, by time."""
    by_id = {one.id: one for one in found}
    return sorted(by_id.values(), key=lambda one: (one.message if isinstance(one, Send) else one).cursor)


def _move(x: Exchange, conversation: Conversation, home: str, addresses: set[tuple[str, str]]) -> list[Message | Send]:
    """Their messages, each in its new home."""
    found = [one for page in _pages(x, conversation.id) for one in page if _is_of(one, addresses)]
    for one in found:
        x.table.rehome(one.id, conversation.id, home)
    return found


def _is_of(one: Message | Send, addresses: set[tuple[str, str]]) -> bool:
    if isinstance(one, Send):
        return (str(one.message.channel), one.to) in addresses
    if one.direction is Direction.INBOUND:
        return (str(one.channel), one.sender.address) in addresses
    return any((str(one.channel), party.address) in addresses for party in one.recipients)
