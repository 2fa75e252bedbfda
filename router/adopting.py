"""What another version of the configuration displaces, brought to where it belongs by now: roster rows, lines, held conversations.

Each step is one transaction on the conditions of what it moves, and what was not moved yet is found where it was. So a sweep may
end anywhere, and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta

from router.config import Config
from router.conversations import Conversation
from router.errors import Lost
from router.exchange import Exchange
from router.hints import tell_owner
from router.keeping import kept, save
from router.moves import rehoused
from router.signals import follow_ups
from router.times import from_ms, to_ms
from router.waiting import Kind

_TRIES = 4
_PAGE = 100
_LONGEST = timedelta(seconds=20)
"""The other nets of a sweep have their time as well."""
_KNOWN_TO_ALL = timedelta(minutes=5)
"""By then no function works by the version before: each looks for another every few seconds, and none runs longer."""
_FORGET_AFTER = timedelta(hours=1)


def adopt(x: Exchange) -> int:
    """Bring what stands otherwise than the configuration in force wants it to its place; how much was moved.

    After a version was put in force everything is looked through until all functions know it; from then on only what stands under
    names that it does not have, for as long as anything does.
    """
    x.look_again()
    config, named, began = x.config(), x.table.named(), x.now()
    mark = f"{config.version} {named.number}"
    new = x.table.cursor("config") != mark
    pools, queues = named.pools | config.pool_names, named.queues | config.queue_names
    gone_pools, gone_queues = pools - config.pool_names, queues - config.queue_names
    count, since, begin = 0, began, ""
    version, _, stopped = (x.table.cursor("adopting") or "").partition(" ")
    if new and stopped and version == config.version:
        at, _, begin = stopped.partition(" ")
        since = from_ms(int(at))
    places = _places(pools, pools if new else gone_pools, queues if new else gone_queues)
    for place, moved_one in _displaced(x, config, places, begin, everything=new):
        count += moved_one
        if x.now() - began > _LONGEST:  # the next sweep goes on from there
            x.table.set_cursor("adopting", f"{config.version} {to_ms(since)} {place}")
            return count
    if begin:
        x.table.set_cursor("adopting", "")
    if new and since - named.at > _KNOWN_TO_ALL:
        x.table.set_cursor("config", mark)
    if began - named.at > _FORGET_AFTER:
        empty = [pool for pool in gone_pools if not x.table.pool(pool).filled and not x.table.everybody(pool)]
        x.table.forget(named, [queue for queue in gone_queues if _is_empty(x, queue)], empty)
    return count


def _places(pools: Iterable[str], rosters: Iterable[str], queues: Iterable[str]) -> list[str]:
    """Where anything may stand otherwise than it should, in the order in which it is looked through."""
    return [
        *(f"1/{pool}" for pool in sorted(rosters)),
        *(f"2/{pool}" for pool in sorted(pools)),
        *(f"3/{q}" for q in sorted(queues)),
    ]


def _displaced(
    x: Exchange, config: Config, places: Iterable[str], begin: str, *, everything: bool
) -> Iterator[tuple[str, bool]]:
    """Move one thing after the other; for each that was looked at, from where one would go on with it, and whether it was moved."""
    homes = {agent.name: agent.pool for agent in config.agents}
    first, _, after = begin.partition(" ")
    for place in places:
        if place < first:
            continue
        what, _, name = place.partition("/")
        behind = after if place == first else ""
        match what:
            case "1":
                found = _reseated(x, homes, name)
            case "2":
                found = _in_line(x, config, name, behind, everything=everything)
            case _:
                found = _held(x, name, behind)
        yield from ((f"{place} {page}", one) for page, one in found)


def _reseated(x: Exchange, homes: Mapping[str, str], pool: str) -> Iterator[tuple[str, bool]]:
    for load in x.table.everybody(pool):
        home = homes.get(load.agent, pool)
        if home != pool:
            with suppress(Lost):  # changed meanwhile: the next sweep looks again
                x.table.commit(*x.table.reseat(load, home))
                x.count("Reseated", 1)
                yield "", True


def _in_line(x: Exchange, config: Config, pool: str, behind: str, *, everything: bool) -> Iterator[tuple[str, bool]]:
    """Those who wait in lines that are elsewhere by now; with `everything` also those whose clocks go otherwise."""
    first, _, after = behind.partition(" ")
    for key, kind in sorted(x.table.pool(pool).filled.items()):
        gone, page = moved(config, pool, kind), after if key == first else ""
        if key < first or not (gone or everything):
            continue
        while rows := x.table.line(pool, key, after=page or None, limit=_PAGE):
            if gone:
                yield from ((f"{key} {page}", rehouse(x, conversation)) for conversation, _ in rows)
            else:
                waiting = x.table.conversations(one for one, _ in rows)
                yield from ((f"{key} {page}", _put_right(x, c)) for c in waiting.values())
            page = rows[-1][1]


def _held(x: Exchange, queue: str, behind: str) -> Iterator[tuple[str, bool]]:
    page = behind
    while listed := x.table.listed(f"open#{queue}", after=page or None, limit=_PAGE):
        held = x.table.conversations(one for one, _ in x.table.listed_conversations(listed))
        yield from ((page, _put_right(x, c)) for c in held.values())
        page = listed[-1][1]


def _put_right(x: Exchange, conversation: Conversation) -> bool:
    return displaced(x, conversation) is not None and rehouse(x, conversation.id)


def _is_empty(x: Exchange, queue: str) -> bool:
    """Is nothing listed under a queue, not even what is done?"""
    return not any(x.table.listed(f"{what}#{queue}", limit=1) for what in ("open", "done"))


def moved(config: Config, pool: str, kind: Kind) -> bool:
    """Does the configuration want it in another line by now: of another pool, or by a smaller weight?"""
    queue = config.queue(kind.queue)
    return queue is None or queue.pool != pool or kind.units > config.routing.weight(kind.channel)


def displaced(x: Exchange, conversation: Conversation) -> Conversation | None:
    """An open conversation that stands otherwise than the configuration wants, as it should: its place, clocks, promises; else None."""
    if conversation.state.done:
        return None
    after = rehoused(conversation, x.now(), x.config())
    if after is not None:
        return after
    counted = kept(conversation, x.config(), x.now())
    stands = (counted.clocks, counted.promises) == (conversation.clocks, conversation.promises)
    return None if stands else conversation


def rehouse(x: Exchange, conversation_id: str) -> bool:
    """Bring an open conversation to the queue and pool it has by now; False if nothing was to be done.

    One that waits gets into that line, and its pool is woken. Whoever has one is told.
    """
    for _ in range(_TRIES):
        before = x.table.conversation(conversation_id)
        after = displaced(x, before) if before is not None else None
        if before is None or after is None:
            return False
        saved = save(x, before, after)
        try:
            x.table.commit(*saved.changes, *(x.table.leave_line(before) if after.stub is None else ()))
        except Lost:
            continue
        x.queues.send([*(follow_ups(saved.after) if after.agent is None else ()), *saved.timers], x.now())
        tell_owner(x, after, "changed")
        x.count("Rehoused", 1)
        return True
    return False
