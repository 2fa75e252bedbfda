"""Reads a stack's traffic from its table: the conversations that count in the hours, their decisions, and when agents were there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.aws.history import to_entry
from router.config import Config
from router.conversations import Conversation
from router.errors import NotFound
from router.messages import Direction, Message
from router.records import Entry
from router.times import to_ms
from router.touched import hour_of
from santral.simulation.roles import Coming
from santral.whatif.beginning import Missed, begun, standing
from santral.whatif.folding import acts_of, folded
from santral.whatif.record import Act, End, Fate, Held, How, Record, Said, Wait

if TYPE_CHECKING:
    from router.aws.configs import Applied
    from router.aws.table import Table

_PAGE = 100


class NoTraffic(Exception):
    """There is nothing to play again; the message says why."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What is read of a stack: its table, what was put in force (the newest first), and each version by its name."""

    table: Table
    applied: Callable[[], Sequence[Applied]]
    version: Callable[[str], Config]


def read(
    stack: Stack,
    since: datetime,
    until: datetime,
    *,
    facts: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Record:
    """The traffic between two times. With `facts` what is not personal of messages is read as well, so that rules can be judged from
    a file. Raises NoTraffic.
    """
    start, end = to_ms(since), to_ms(until)
    versions, config = in_force(stack, start, end)
    waits: list[Wait] = []
    held: list[Held] = []
    acts: list[Act] = []
    missed: list[Missed] = []
    acted: dict[str, int] = {}
    agents = {agent.name for agent in config.agents} if config.makes_offers else set()
    for conversation, entries in _conversations(stack.table, start, end, progress):
        some, others = folded(conversation, entries, config)
        waits += some
        held += others
        for act in acts_of(entries, agents):
            if act.at < start:
                acted[act.agent] = max(act.at, acted.get(act.agent, 0))
            elif act.at < end:
                acts.append(act)
        missed += (
            Missed(str(entry.detail.get("agent")), to_ms(entry.at), entry.detail)
            for entry in entries
            if entry.what == "missed" and to_ms(entry.at) < start
        )
    waits = sorted((_until(wait, end) for wait in waits if wait.at < end), key=lambda wait: (wait.at, wait.id))
    before, comings = _presence(stack, versions, start, end)
    stood = standing(before, waits, held, missed, acted, config, start)
    waits, held = begun(waits, held, config, start, end)
    if facts:
        messages = messages_of(stack.table)
        waits = [wait if wait.said is None else replace(wait, said=_with_facts(wait, messages)) for wait in waits]
    return Record(
        "table", start, end, config, tuple(waits), tuple(comings), tuple(stood), tuple(held),
        tuple(sorted(set(acts), key=lambda act: (act.at, act.agent))), tuple(versions),
    )  # fmt: skip


# --- configuration -------------------------------------------------------------------------------------------------


def in_force(stack: Stack, start: int, end: int) -> tuple[list[tuple[int, str]], Config]:
    """The versions that were in force between two times, each with since when, and the one that was so for longest. Raises NoTraffic."""
    found: list[tuple[int, str]] = []
    for one in stack.applied():
        found.append((max(start, to_ms(one.at)), one.version))
        if to_ms(one.at) <= start:
            break
    found = [one for one in reversed(found) if one[0] < end]
    if not found:
        raise NoTraffic("no configuration was in force in that time")
    lengths: dict[str, int] = {}
    for (at, version), until in zip(found, [*(at for at, _ in found[1:]), end], strict=True):
        lengths[version] = lengths.get(version, 0) + until - at
    for version in sorted(lengths, key=lambda version: lengths[version], reverse=True):
        with suppress(NotFound, ValueError):  # what cannot be read any more explains nothing
            return found, stack.version(version)
    raise NoTraffic(f"version {found[-1][1]}, which was in force, cannot be read by this release of Santral")


# --- conversations -------------------------------------------------------------------------------------------------


def _conversations(
    table: Table, start: int, end: int, progress: Callable[[int], None]
) -> Iterator[tuple[Conversation, list[Entry]]]:
    """With the history of each, in its order."""
    ids = sorted(_touching(table, start, end))
    for first in range(0, len(ids), _PAGE):
        found = [one for one in table.conversations(ids[first : first + _PAGE]).values() if one.into is None]
        asked = [(one.id, *one.merged) for one in found]
        histories = iter(table.dynamo.query_many([(f"H#{subject}", {}) for subjects in asked for subject in subjects]))
        for conversation, subjects in zip(found, asked, strict=True):
            items = [item for _ in subjects for item in next(histories)]
            entries = sorted((to_entry(item) for item in items), key=lambda entry: entry.mark)
            yield conversation, entries
        progress(first + len(found))


def _touching(table: Table, start: int, end: int) -> set[str]:
    """Which conversations something happened to, or which were open, in that time."""
    first = hour_of(start)
    found = set(table.open_then(first - 1))
    for hour in range(first, hour_of(end - 1) + 1):
        found |= set(table.members(hour))
    return found


def _until(wait: Wait, end: int) -> Wait:
    """As it was known at a time: what happened since has not."""
    fate = wait.fate
    offers = tuple(
        replace(one, how=How.STANDS, until=end) if one.how is How.STANDS or one.until >= end else one
        for one in fate.offers
        if one.at < end
    )
    if fate.at is None or fate.at >= end:
        return replace(wait, fate=Fate(End.WAITING, offers=offers))
    return replace(
        wait, fate=replace(fate, offers=offers, done=None if fate.done is None or fate.done >= end else fate.done)
    )


# --- agents --------------------------------------------------------------------------------------------------------


def _presence(
    stack: Stack, versions: Sequence[tuple[int, str]], start: int, end: int
) -> tuple[dict[str, tuple[int, str]], list[Coming]]:
    """Each agent's last presence before, and when they came and went; of everybody who was an agent in that time."""
    names: set[str] = set()
    for _, version in versions:
        with suppress(NotFound, ValueError):
            names |= {agent.name for agent in stack.version(version).agents}
    before: dict[str, tuple[int, str]] = {}
    comings = []
    for name in sorted(names):
        for at, presence in stack.table.presence(name, start, end):
            if at <= start:
                before[name] = at, presence
            elif at < end:
                comings.append(Coming(at, name, presence))
        if name in before:
            comings.append(Coming(start, name, before[name][1]))
    return before, sorted(comings)


# --- messages ------------------------------------------------------------------------------------------------------


def messages_of(table: Table) -> Callable[[Wait], Message | None]:
    """The message that a wait began with, where it is still there: 1 call, or 2."""

    def message(wait: Wait) -> Message | None:
        id_ = wait.said.message if wait.said is not None else None
        if id_ is not None:
            found = table.message(id_)
            return found if isinstance(found, Message) else None
        between = f"{max(0, wait.at - 1):013d}", f"{wait.at + 1:013d}"
        near = table.messages(wait.conversation, after=between[0], before=between[1])
        return next(
            (one for one in near if isinstance(one, Message) and one.direction is Direction.INBOUND and to_ms(one.occurred_at) == wait.at),
            None,
        )  # fmt: skip

    return message


def _with_facts(wait: Wait, messages: Callable[[Wait], Message | None]) -> Said | None:
    """What the rules said, with what a file may hold of the message: nothing that the customer wrote or is called."""
    message = messages(wait)
    if message is None or wait.said is None:
        return wait.said
    facts: dict[str, Any] = {
        "channel": str(message.channel),
        "kind": str(message.kind),
        "at": to_ms(message.occurred_at),
        "proof": str(message.authenticity.proof),
    }
    facts |= {"files": len(message.attachments)} if message.attachments else {}
    facts |= {"language": message.language} if message.language else {}
    return replace(wait.said, facts=facts)
