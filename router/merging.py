"""Two conversations become one, and apart again. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from router.config import Config
from router.conversations import FOLLOW_WITHIN, FREED, WAKE, Conversation, State, Way, preview_of
from router.messages import Direction, Message
from router.moves import waiting_again
from router.promises import AUTO, LENT, Promise, unanswered
from router.sends import Send
from router.sla import owed
from router.timeline import Mark, Timeline, What, joined
from router.times import to_ms
from router.visits import apart, together


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a pair: the one that goes on, and whose agent and place in line are no longer needed."""

    after: Conversation
    left: Conversation  # closed, part of the other now
    freed: tuple[Conversation, ...] = ()  # their agents' units come free
    unlined: tuple[Conversation, ...] = ()  # their places in line are given up


def merged(kept: Conversation | None, moved: Conversation, contact: str, now: datetime) -> Merged | None:
    """`moved` becomes part of the contact's conversation `kept`; None when there is nothing that goes on.

    The work goes on where it stands: whoever is held by an agent wins, else the one that waits longer. Where it is the
    customer's turn and one of the two was put aside, the joint one is put aside until then, the earlier time of two. A resolved
    one stays as it is and is shown with the contact's others.
    """
    if moved.state.done:
        return None
    left = replace(
        moved,
        state=State.CLOSED,
        follow=(),
        follow_at=None,
        stub=None,
        resolved_at=moved.resolved_at or now,
        promises=(),
    )
    if kept is None or kept.state.done:
        number = 1 if kept is None else kept.number + 1
        after = _as(moved, moved, contact, number, now)
        after = replace(after, merged=_names(moved, after.merged), promises=_brought(moved), scores=())
        after = together(after, kept, moved)
        waited = (moved,) if moved.state is State.WAITING else ()
        return Merged(after, replace(left, into=after.id), unlined=waited)
    winner, other = (kept, moved) if _weight(kept) >= _weight(moved) else (moved, kept)
    after = _as(winner, kept, contact, kept.number, now)
    after = replace(
        after,
        ways=_newest(kept.ways, moved.ways),
        tags=tuple(dict.fromkeys((*kept.tags, *moved.tags)))[:20],
        links=tuple(dict.fromkeys((*kept.links, *moved.links)))[-10:],
        references=tuple(dict.fromkeys((*kept.references, *moved.references)))[-10:],
        merged=_names(moved, kept.merged),
        opened_at=min(kept.opened_at, moved.opened_at),
        last_inbound_at=_latest(kept.last_inbound_at, moved.last_inbound_at),
        last_outbound_at=_latest(kept.last_outbound_at, moved.last_outbound_at),
        subject=kept.subject or moved.subject,
        options=(),
        timeline=joined(winner.timeline, other.timeline),
        priority=min(kept.priority, moved.priority) if winner.state is not State.WAITING else winner.priority,
        category=winner.category or other.category,
        scores=kept.scores,  # the other's stay with it
    )
    after = replace(after, promises=(*kept.promises, *_brought(moved), *_lent(winner, other)))
    after = together(after, kept, moved)
    newest = after.ways[0] if after.ways else None
    if newest is not None:
        after = replace(after, inbox=newest.inbox, address=newest.address)
    if other.last_send and (
        winner.last_send is None or (other.last_outbound_at or now) > (winner.last_outbound_at or now)
    ):
        after = replace(after, last_send=other.last_send)
    if after.state is State.PENDING and State.ACTIVE in (kept.state, moved.state):
        after = replace(after, state=State.ACTIVE)
    elif after.state is State.PENDING and {State.WAITING, State.OFFERED} & {kept.state, moved.state}:
        after = replace(after, state=State.ACTIVE)  # the one that waited has an agent now
    elif after.state in (State.PENDING, State.SNOOZED) and (ends := _ends_of_snoozes(kept, moved)):
        after = replace(after, state=State.SNOOZED, snoozed_until=min(ends))
    given_up = (other,) if after.state.held else (winner, other)
    freed = tuple(one for one in given_up if one.state.held)
    if freed:
        after = replace(after, follow=tuple(dict.fromkeys((*after.follow, FREED))), follow_at=now + FOLLOW_WITHIN)
    unlined = tuple(c for c in (kept, moved) if c.state is State.WAITING)
    return Merged(after, replace(left, into=after.id), freed, unlined)


def _as(source: Conversation, place: Conversation, contact: str, number: int, now: datetime) -> Conversation:
    """`source`'s work in the contact's slot; one that waits gets its place in line anew, and one that is held keeps it."""
    after = replace(source, contact=contact, number=number, stub=None, into=None, version=place.version)
    if source.state is State.WAITING:
        return replace(after, follow=(WAKE,), follow_at=now + FOLLOW_WITHIN)
    return after


def _ends_of_snoozes(*pair: Conversation) -> list[datetime]:
    return [c.snoozed_until for c in pair if c.state is State.SNOOZED and c.snoozed_until is not None]


def _brought(moved: Conversation) -> tuple[Promise, ...]:
    """What the one that becomes part of another had promised."""
    return tuple(replace(one, source=one.source or moved.id) for one in moved.promises)


def _lent(winner: Conversation, other: Conversation) -> list[Promise]:
    """What the other's customer was to be answered by, where that is sooner than what the joint conversation promises."""
    mine, theirs = owed(winner.clocks), owed(other.clocks)
    if theirs is None or theirs.due_at is None:
        return []
    if mine is not None and mine.due_at is not None and mine.due_at <= theirs.due_at:
        return []
    id_ = f"pr_{other.id}.{other.version}"
    return [Promise(id_, theirs.started_at, theirs.due_at, LENT, acted=theirs.acted, source=other.id)]


def _names(moved: Conversation, known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *moved.merged, moved.id)))


def _weight(c: Conversation) -> tuple[bool, bool, float]:
    firm = c.state not in (State.SNOOZED, State.OFFERED)
    return c.state.held, firm, -(c.waiting_since or c.opened_at).timestamp()


def _newest(*ways: Iterable[Way]) -> tuple[Way, ...]:
    """All ways of several, one an address, the newest first."""
    best: dict[tuple[str, str], Way] = {}
    for some in ways:
        for way in some:
            known = best.get((way.inbox, way.address))
            if known is None or way.heard_at > known.heard_at:
                best[way.inbox, way.address] = way
    return tuple(sorted(best.values(), key=lambda w: w.heard_at, reverse=True))[:6]


def _latest(a: datetime | None, b: datetime | None) -> datetime | None:
    return max((t for t in (a, b) if t is not None), default=None)


Thread = Sequence[Message | Send]


def without(
    kept: Conversation,
    addresses: set[tuple[str, str]],
    left: Conversation,
    name: str | None,
    thread: Thread,
) -> Conversation:
    """The one that goes on, without the other's addresses and messages: `thread` is what stays in it."""
    names = {left.id, *left.merged}
    ways = tuple(w for w in kept.ways if (str(w.channel), w.address) not in addresses)
    stays = replace(kept, merged=tuple(m for m in kept.merged if m not in names), ways=ways, options=())
    stays = apart(stays, left)
    if kept.decision == left.decision:  # it was about the other's conversation, and stays with that one's history
        stays = replace(stays, decision=None)
    promises = tuple(unanswered(one, kept.timeline) for one in kept.promises if one.source not in names)
    stays = replace(stays, timeline=without_others(kept.timeline, thread), promises=promises)
    return _retold(replace(stays, inbox=ways[0].inbox, address=ways[0].address) if ways else stays, name, thread)


def given_back(joint: Iterable[Conversation], left: Conversation) -> tuple[Promise, ...]:
    """What the other had promised before it became part of these, as it stands by now; an answer that kept it has to be its own."""
    names = {left.id, *left.merged}
    found = [(one, promise) for one in joint for promise in one.promises if promise.source in names]
    found = [(one, promise) for one, promise in found if (promise.by, promise.source) != (LENT, left.id)]
    return tuple(
        replace(unanswered(promise, one.timeline), source=None if promise.source == left.id else promise.source)
        for one, promise in found
    )


def without_others(timeline: Timeline, thread: Thread, *joint: Timeline) -> Timeline:
    """A timeline in which nobody wrote but by what is in the thread, as it was marked here or in the joint ones: thanks stay thanks.

    What it was like meanwhile stays.
    """
    written = {_written(one) for one in thread}
    own = Timeline(tuple(mark for mark in timeline if mark.what.state or _by(mark) in written))
    for mark in (mark for other in joint for mark in other if not mark.what.state):
        if _by(mark) in written and mark not in own:
            own = own.wrote(mark.what, mark.at, mark.of)
    return own


def _written(one: Message | Send) -> tuple[int, Direction]:
    """When, and which way."""
    message = one.message if isinstance(one, Send) else one
    return to_ms(message.occurred_at), message.direction


def _by(mark: Mark) -> tuple[int, Direction]:
    """When, and which way somebody wrote whom a mark is of."""
    return mark.at, Direction.INBOUND if mark.what in (What.HEARD, What.THANKS) else Direction.OUTBOUND


def restored(
    left: Conversation,
    ways: Iterable[Way],
    now: datetime,
    config: Config,
    *,
    waits: bool,
    name: str | None,
    thread: Thread,
    joint: Iterable[Timeline] = (),
    promises: tuple[Promise, ...] = (),
) -> Conversation:
    """The other in its own slot again with its `thread`; it waits where the joint one was open, for somebody has to look.

    It waits since the oldest message that got no answer, and its clocks count what its own messages say.
    """
    theirs = _newest(left.ways, ways)
    back = replace(
        left,
        into=None,
        ways=theirs,
        options=(),
        state=State.RESOLVED,
        resolved_at=now,
        agent=None,
        agent_connection=None,
    )
    if theirs:
        back = replace(back, inbox=theirs[0].inbox, address=theirs[0].address)
    back = _retold(back, name, thread)
    back = replace(back, timeline=without_others(left.timeline.unclosed(), thread, *joint), promises=promises)
    if not waits:
        return back
    since = _unanswered_since(thread)
    back = replace(waiting_again(back, now, queue=None, config=config), waiting_since=min(since or now, now))
    if since is None:
        return back
    return replace(back, timeline=back.timeline.became(What.WAITING, to_ms(min(since, now)), back.queue))


def _retold(conversation: Conversation, name: str | None, thread: Thread) -> Conversation:
    """What its line in the list shows and what an answer refers to, by the messages that are in it."""
    heard = [one for one in thread if isinstance(one, Message) and one.direction is Direction.INBOUND]
    said = [one for one in thread if isinstance(one, Send)]
    shown = [one.message if isinstance(one, Send) else one for one in thread]
    shown = [one for one in shown if one.direction is not Direction.NOTE and not one.kind.passing]
    mails = tuple(one.threading.message_id for one in heard if one.threading.message_id and not one.kind.passing)
    return replace(
        conversation,
        name=next((one.sender.name for one in reversed(heard) if one.sender.name), name),
        subject=next((one.subject for one in heard or shown if one.subject), None),
        preview=preview_of(shown[-1].spoken or shown[-1].subject or "") if shown else "",
        last_inbound_at=heard[-1].occurred_at if heard else None,
        last_outbound_at=said[-1].message.occurred_at if said else None,
        last_inbound_wire=mails[-1] if mails else None,
        references=tuple(dict.fromkeys(mails))[-10:],
        last_send=said[-1].id if said else None,
    )


def _unanswered_since(thread: Thread) -> datetime | None:
    """When the oldest message came that nobody has answered."""
    since: datetime | None = None
    for one in thread:
        if isinstance(one, Send):
            since = since if one.message.author == AUTO else None
        elif one.direction is Direction.INBOUND and not one.kind.passing:
            since = since or one.occurred_at
    return since
