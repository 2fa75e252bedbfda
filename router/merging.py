"""Two conversations become one, and apart again. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from router.config import Config
from router.conversations import (
    FOLLOW_WITHIN,
    FREED,
    WAKE,
    Conversation,
    State,
    Way,
    preview_of,
    waiting_again,
)
from router.messages import Direction, Message
from router.sends import Send


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of a pair: the one that goes on, and whose agent and place in line are no longer needed."""

    after: Conversation
    left: Conversation  # closed, part of the other now
    freed: tuple[Conversation, ...] = ()  # their agents' units come free
    unlined: tuple[Conversation, ...] = ()  # their places in line are given up


def merged(kept: Conversation | None, moved: Conversation, contact: str, now: datetime) -> Merged | None:
    """`moved` becomes part of the contact's conversation `kept`; None when there is nothing that goes on.

    The work goes on where it stands: whoever is held by an agent wins, else the one that waits longer. A resolved one stays
    as it is and is shown with the contact's others.
    """
    if moved.state.done:
        return None
    left = replace(
        moved,
        state=State.CLOSED,
        follow=(),
        follow_at=None,
        clock=None,
        stub=None,
        resolved_at=moved.resolved_at or now,
    )
    if kept is None or kept.state.done:
        number = 1 if kept is None else kept.number + 1
        after = _as(moved, moved, contact, number, now)
        after = replace(after, merged=_names(moved, after.merged))
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
        priority=min(kept.priority, moved.priority) if winner.state is not State.WAITING else winner.priority,
    )
    newest = after.ways[0] if after.ways else None
    if newest is not None:
        after = replace(after, inbox=newest.inbox, address=newest.address)
    if other.last_send and (
        winner.last_send is None or (other.last_outbound_at or now) > (winner.last_outbound_at or now)
    ):
        after = replace(after, last_send=other.last_send)
    if after.state is State.PENDING and State.ACTIVE in (kept.state, moved.state):
        after = replace(after, state=State.ACTIVE)
    elif after.state is State.PENDING and State.WAITING in (kept.state, moved.state):
        after = replace(after, state=State.ACTIVE)  # the one that waited has an agent now
    freed = (other,) if other.state.held else ()
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


def _names(moved: Conversation, known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *moved.merged, moved.id)))


def _weight(c: Conversation) -> tuple[bool, float]:
    return c.state.held, -(c.waiting_since or c.opened_at).timestamp()


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


def without(kept: Conversation, addresses: set[tuple[str, str]], left: Conversation) -> Conversation:
    """The one that goes on, without the other's addresses and messages."""
    names = {left.id, *left.merged}
    ways = tuple(w for w in kept.ways if (str(w.channel), w.address) not in addresses)
    stays = replace(kept, merged=tuple(m for m in kept.merged if m not in names), ways=ways, options=())
    return replace(stays, inbox=ways[0].inbox, address=ways[0].address) if ways else stays


def restored(left: Conversation, ways: Iterable[Way], now: datetime, config: Config, *, waits: bool) -> Conversation:
    """The other in its own slot again; it waits where the joint one was open, for somebody has to look."""
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
        back = replace(back, inbox=theirs[0].inbox, address=theirs[0].address, last_inbound_at=theirs[0].heard_at)
    return waiting_again(back, now, queue=None, config=config) if waits else back


def retold(c: Conversation, said: Iterable[Message | Send], name: str | None) -> Conversation:
    """As these messages tell it, oldest first: nothing of another's is left in its line, subject, name or mail threading."""
    told = [one.message if isinstance(one, Send) else one for one in said]
    heard = [m for m in told if m.direction is Direction.INBOUND and not m.kind.passing]
    spoken = [m for m in told if m in heard or m.direction is Direction.OUTBOUND]
    mails = [m.threading.message_id for m in heard if m.threading.message_id]
    return replace(
        c,
        preview=preview_of(spoken[-1].spoken or spoken[-1].subject or "") if spoken else "",
        subject=next((m.subject for m in (*heard, *spoken) if m.subject), None),
        name=next((m.sender.name for m in reversed(heard) if m.sender.name), name),
        references=tuple(dict.fromkeys(mails))[-10:],
        last_inbound_wire=mails[-1] if mails else None,
    )
