"""Replay: a kept decision made again from what it saw, under the version it names, and compared byte by byte (P6).

The match is made again from plain data that holds nothing personal. The rules are judged again from the message itself, which the
record only names: where that was erased, the replay says so, and the match is made again all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from router import background
from router.archive import archived, archived_of, archived_roster
from router.config import Config
from router.conversations import Conversation
from router.crew import crew_of
from router.decisions import FORMAT, unpacked
from router.errors import Conflict, NotFound, Unparsable
from router.facts import scope_of
from router.ids import split_conversation_id, split_decision_id
from router.messages import Message
from router.rules import judge
from router.snapshots import Roster, again, canonical

if TYPE_CHECKING:
    from router.aws.blobs import Blobs
    from router.aws.table import Table

Source = Literal["table", "archive"]
_MOST_NAMES = 10
_BROKEN = (KeyError, ValueError, TypeError, IndexError, AttributeError)
_AFTERWARDS = timedelta(hours=1)


class Kept(NamedTuple):
    """Where decisions are kept, what they name, and the versions of the configuration, which are kept for good."""

    table: Table
    blobs: Blobs
    version: Callable[[str], Config]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same: its place in the record, what was kept, what came out. None: is not there."""

    where: str
    kept: Any
    made: Any


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of one. `sha256` is that of the kept record's bytes, `made` of those that came out.

    `erased` names inputs that are gone, `present` those that were taken as they are today; both are the rules' alone.
    `judged`: the rules were judged again. `problem` says why that, or all of it, could not be done.
    """

    decision: str
    source: Source
    record: Mapping[str, Any] = field(repr=False)
    sha256: str
    made: str | None = None
    differences: tuple[Difference, ...] = ()
    erased: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    judged: bool = False
    problem: str | None = None

    @property
    def same(self) -> bool:
        """Are they the same bytes?"""
        return self.made == self.sha256 and self.problem is None

    def named(self, part: str) -> str:
        """What the record says of its `config`, `policy`, `pool` or `roster`; empty if it does not."""
        saw = self.record.get("seen")
        of = saw if part == "roster" and isinstance(saw, Mapping) else self.record
        return str(of.get(part, ""))


def found(kept: Kept, decision_id: str, source: Source | None = None) -> tuple[Source, Mapping[str, Any]]:
    """A decision's record, of the table if it is there, else of the archive. Raises NotFound, Conflict if there are two, Unparsable."""
    if source != "archive":
        entry = kept.table.decision(decision_id)
        if entry is not None:
            return "table", entry.detail
    copies = archived(kept.blobs, decision_id) if source != "table" else []
    if len(copies) > 1:
        raise Conflict(f"the archive holds {len(copies)} records of {decision_id}, and they differ")
    if not copies:
        place = {"table": "in the table", "archive": "in the archive"}.get(
            source or "", "in the table, nor in the archive"
        )
        raise NotFound(f"there is no decision {decision_id} {place}")
    record = copies[0].record
    return "archive", record if record is not None else {"v": FORMAT + 1}


def decisions_of(kept: Kept, conversation_id: str, source: Source | None = None) -> list[str]:
    """The ids of all decisions about a conversation, oldest first. Raises NotFound."""
    conversation = kept.table.conversation(conversation_id)
    if conversation is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    ids: dict[str, int] = {}
    for one in (conversation_id, *conversation.merged):
        if source != "archive":
            ids |= {e.id: _at(e.id) for e in _entries(kept.table, one) if e.what == "decision"}
        if source == "archive" or (source is None and not ids):
            ids |= {i: _at(i) for i in archived_of(kept.blobs, one, conversation.opened_at, _last(conversation))}
    return sorted(ids, key=lambda i: ids[i])


def _last(conversation: Conversation) -> datetime:
    """Until when it may have been decided on: as long as it is open, any time until now."""
    if conversation.state.done and conversation.resolved_at is not None:
        return conversation.resolved_at + _AFTERWARDS
    return datetime.now(UTC)


def replay(kept: Kept, decision_id: str, source: Source | None = None) -> Replay:
    """Make a decision again. Raises NotFound, Conflict if there are two of this id, Unparsable, Temporary."""
    where, record = found(kept, decision_id, source)
    result = Replay(decision_id, where, record, _hash(record))
    place, newer = split_decision_id(decision_id), record.get("v")
    if newer != FORMAT:
        later = isinstance(newer, int) and newer > FORMAT
        why = f"is newer than {FORMAT}, which this release of Santral reads: replay it with a later one"
        return _problem(result, f"its format {why}" if later else f"its format {newer} is none that is replayed")
    if place is None or record.get("conversation") != place[0] or record.get("at") != place[1]:
        return _problem(result, "the record says another conversation or time than its id")
    try:
        config = kept.version(str(record["config"]))
        roster = _roster(kept, str(record["seen"]["roster"]), source)
        made = again(record, roster, config)
    except (NotFound, Unparsable) as error:
        return _problem(result, str(error))
    except _BROKEN as error:
        return _problem(result, f"the record cannot be read: {type(error).__name__}: {error}")
    rules = _judged(kept, record)
    if rules.said is not None:
        made["rules"] = dict(rules.said)
    return Replay(
        decision_id, where, record, result.sha256, _hash(made), tuple(_differences(record, made, crew_of(config, roster.pool).named)),
        rules.erased, rules.present, rules.again, rules.problem,
    )  # fmt: skip


def _problem(result: Replay, why: str) -> Replay:
    return Replay(result.decision, result.source, result.record, result.sha256, problem=why)


def _roster(kept: Kept, address: str, source: Source | None) -> Roster:
    """The roster of a hash, which its content must have. Raises NotFound, ValueError."""
    roster = kept.table.roster(address) if source != "archive" else None
    if roster is None and source != "table":
        roster = archived_roster(kept.blobs, address)
    if roster is None:
        raise NotFound(f"the roster {address}, which it names, is not there any more")
    if roster.address != address:
        raise ValueError(f"what is kept as roster {address} has the hash {roster.address}")
    return roster


# --- the rules -----------------------------------------------------------------------------------------------------


class _Judged(NamedTuple):
    """What the rules say now, or said where they cannot be judged again, and why not."""

    said: Mapping[str, Any] | None
    erased: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    again: bool = False
    problem: str | None = None


def _judged(kept: Kept, record: Mapping[str, Any]) -> _Judged:
    said = record.get("rules")
    if not isinstance(said, Mapping):
        return _Judged(None)
    message = kept.table.message(str(said.get("message")))
    if not isinstance(message, Message):
        return _Judged(said, (f"message {said.get('message')}",))
    if message.withdrawn_at is not None:
        when = f"{message.withdrawn_at:%Y-%m-%d %H:%M} UTC"
        return _Judged(said, (f"the words and files of message {message.id}, which its author withdrew at {when}",))
    try:
        config = kept.version(str(said["config"]))
        inbox = config.inbox(message.inbox)
        if inbox is None:
            raise NotFound(f"version {config.version} has no inbox '{message.inbox}'")
        saw = said.get("saw", {})
        asks = "contact.name" in background.wanted_by(config).facts and bool(saw.get("k")) and not saw.get("nn")
        name, erased = _name(kept, str(record["conversation"])) if asks else ("", ())
        if erased:
            return _Judged(said, erased)
        outcome = judge(config, scope_of(message, background.again(saw, name), inbox, config))
    except (NotFound, *_BROKEN) as error:
        return _Judged(said, problem=f"the rules cannot be judged again: {type(error).__name__}: {error}")
    made: dict[str, Any] = {"message": message.id, "config": config.version}
    made["matched"] = {name: dict(why) for name, why in zip(outcome.matched, outcome.why, strict=False)}
    if outcome.failed:
        made["failed"] = dict(outcome.failed)
    if saw:
        made["saw"] = saw
    return _Judged(made, (), ("the contact's name",) if asks else (), again=True)


def _name(kept: Kept, conversation: str) -> tuple[str, tuple[str, ...]]:
    """By what name the person is known today; else who was erased."""
    parts = split_conversation_id(conversation)
    contact = kept.table.contact(parts[0]) if parts is not None else None
    for _ in range(5):
        if contact is None or contact.into is None:
            break
        contact = kept.table.contact(contact.into)
    if contact is None:
        return "", (f"contact {parts[0] if parts is not None else '?'}",)
    return contact.name or "", ()


# --- what differs --------------------------------------------------------------------------------------------------


def _differences(
    kept: Mapping[str, Any], made: Mapping[str, Any], named: Callable[[int], list[str]]
) -> Iterator[Difference]:
    for where, before, after in _leaves("", kept, made):
        if where == "fit" or where.startswith("excluded."):
            yield Difference(where, _names(before, named), _names(after, named))
        else:
            yield Difference(where, before, after)


def _leaves(where: str, kept: Any, made: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every part of two values that differs, by its place."""
    if isinstance(kept, Mapping) and isinstance(made, Mapping):
        for name in sorted({*kept, *made}):
            yield from _leaves(f"{where}.{name}" if where else str(name), kept.get(name), made.get(name))
    elif canonical(kept) != canonical(made):
        yield where, kept, made


def _names(mask: Any, named: Callable[[int], list[str]]) -> Any:
    """A mask's agents, if they are few, else how many; as it stands when it is none."""
    if mask is None:
        return []
    try:
        bits = unpacked(mask)
        return named(bits) if bits.bit_count() <= _MOST_NAMES else f"{bits.bit_count()} agents"
    except _BROKEN:
        return mask


def _entries(table: Table, subject: str) -> Iterator[Any]:
    mark: str | None = None
    while page := table.history_of(subject, after=mark, limit=100):
        yield from page
        mark = page[-1].mark


def _at(decision_id: str) -> int:
    return (split_decision_id(decision_id) or ("", 0))[1]


def _hash(record: Mapping[str, Any]) -> str:
    return sha256(canonical(record).encode()).hexdigest()
