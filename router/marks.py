"""What people mark: tags on a conversation and its category, spam, and a person who is blocked. Each once, with its audit entry.

Whatever a blocked person writes is kept, and reaches nobody: it neither waits, nor runs a clock, nor is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from router.at_hand import at_hand
from router.conversations import MOST_TAGS, Conversation, State
from router.errors import Conflict, Invalid, NotFound, Refused
from router.exchange import Exchange
from router.ids import digest
from router.keeping import save
from router.moves import resolved, waiting_again
from router.once import Plan, Result, User, once
from router.people import resolve
from router.records import Contact
from router.signals import follow_ups

if TYPE_CHECKING:
    from router.aws.dynamo import Change


def unheard(before: Conversation, after: Conversation, now: datetime) -> Conversation:
    """A message joined that nobody is to look at: `after` is done at once, and one that was done stays as it was."""
    done = resolved(after, now)
    if not before.state.done:
        return done
    return replace(done, **{name: getattr(before, name) for name in _AS_IT_WAS})


_AS_IT_WAS = (
    "agent", "decision", "timeline", "clocks", "spam", "queue", "pool", "target", "tier", "require", "last_agent", "barred", "priority",
    "language", "tags", "category", "sla", "queue_chosen", "rules", "rule_faults", "because",
)  # fmt: skip


def tag(x: Exchange, user: User, conversation_id: str, add: Iterable[str], remove: Iterable[str], key: str) -> Result:
    """Put tags on a conversation and take others off; any agent may. Raises Invalid for more than 20."""
    added, removed = sorted(set(add)), sorted(set(remove))
    if set(added) & set(removed):
        raise Invalid("a tag is to be added and removed at once", field="add")

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        tags = tuple(sorted(({*before.tags} | {*added}) - {*removed}))
        if len(tags) > MOST_TAGS:
            raise Invalid(f"a conversation has at most {MOST_TAGS} tags; this would make {len(tags)}", field="add")
        if tags == before.tags:
            return Plan([], Result(before.id))
        detail = {"add": [t for t in added if t not in before.tags], "remove": [t for t in removed if t in before.tags]}
        entry = x.table.history(before.id, "tag", user.name, detail, x.now(), f"h_{digest_}")
        changes = [*save(x, before, replace(before, tags=tags)).changes, entry]
        return Plan(changes, Result(before.id), told=_owner(user, before))

    return once(x, user, key, digest(x.key, "tag", conversation_id, *added, "-", *removed), plan)


def categorise(x: Exchange, user: User, conversation_id: str, category: str | None, key: str) -> Result:
    """Say what a conversation is about, or with None that it is about nothing known; any agent may."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        if category == before.category:
            return Plan([], Result(before.id))
        detail = {"from": before.category, "to": category}
        entry = x.table.history(before.id, "category", user.name, detail, x.now(), f"h_{digest_}")
        changes = [*save(x, before, replace(before, category=category)).changes, entry]
        return Plan(changes, Result(before.id), told=_owner(user, before))

    return once(x, user, key, digest(x.key, "category", conversation_id, category or ""), plan)


def spam(x: Exchange, user: User, conversation_id: str, *, block: bool, key: str) -> Result:
    """It is spam: done, its agent free, and with `block` its author blocked. By its agent, by anyone while it waits."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        _may_mark(user, before)
        if before.spam:
            raise Conflict("it is marked as spam already")
        person = _person(x, before.contact) if block else None
        if person is not None and person.blocked_at is None:
            return _blocking(x, user, person, digest_, marked=before)
        now = x.now()
        saved = save(x, before, replace(before if before.state.done else resolved(before, now), spam=True))
        changes = [*saved.changes, *x.table.free(before, now), *x.table.leave_line(before)]
        changes.append(x.table.history(before.id, "spam", user.name, {}, now, f"h_{digest_}"))
        return Plan(changes, Result(before.id), follow_ups(saved.after), saved.after, _owner(user, before))

    return once(x, user, key, digest(x.key, "spam", conversation_id, str(block)), plan)


def not_spam(x: Exchange, user: User, conversation_id: str, key: str) -> Result:
    """It is none after all: it waits again, and its author, where that one is blocked, is heard again."""

    def plan(digest_: str) -> Plan:
        before = at_hand(x, conversation_id)
        _may_mark(user, before)
        if not before.spam or before.state is not State.RESOLVED:
            raise Conflict("it is not marked as spam")
        now = x.now()
        person = _person(x, before.contact)
        saved = save(x, before, replace(waiting_again(before, now, queue=None, config=x.config()), spam=False))
        detail = {"unblocked": True} if person.blocked_at is not None else {}
        changes = [
            *saved.changes,
            x.table.history(before.id, "not_spam", user.name, detail, now, f"h_{digest_}"),
        ]
        if person.blocked_at is not None:
            changes.append(x.table.save_contact(person, replace(person, blocked_at=None)))
        return Plan(changes, Result(before.id), [*follow_ups(saved.after), *saved.timers], saved.after)

    return once(x, user, key, digest(x.key, "not-spam", conversation_id), plan)


def block(x: Exchange, user: User, contact: str, key: str) -> Result:
    """Whatever this person writes from now on is kept and reaches nobody; what is open of theirs is resolved."""
    user.need("supervisor")

    def plan(digest_: str) -> Plan:
        person = _person(x, contact)
        if person.blocked_at is not None:
            raise Conflict("this person is blocked already")
        return _blocking(x, user, person, digest_)

    return once(x, user, key, digest(x.key, "block", contact), plan)


def unblock(x: Exchange, user: User, contact: str, key: str) -> Result:
    """What this person writes from now on is routed again; what they wrote meanwhile stays resolved."""
    user.need("supervisor")

    def plan(digest_: str) -> Plan:
        person = _person(x, contact)
        if person.blocked_at is None:
            raise Conflict("this person is not blocked")
        entry = x.table.history(f"contact:{person.id}", "unblock", user.name, {}, x.now(), f"h_{digest_}")
        return Plan([x.table.save_contact(person, replace(person, blocked_at=None)), entry], Result(subject=person.id))

    return once(x, user, key, digest(x.key, "unblock", contact), plan)


def _blocking(x: Exchange, user: User, person: Contact, digest_: str, marked: Conversation | None = None) -> Plan:
    """Block a person and resolve all that is open of theirs, in one transaction; `marked` is spam besides."""
    now = x.now()
    changes: list[Change] = [
        x.table.save_contact(person, replace(person, blocked_at=now)),
        x.table.history(f"contact:{person.id}", "block", user.name, {}, now, f"h_{digest_}"),
    ]
    afters: list[Conversation] = []
    befores = [c for c in _slots(x, person) if not c.state.done or (marked is not None and c.id == marked.id)]
    for number, before in enumerate(befores):
        is_spam = marked is not None and before.id == marked.id
        saved = save(x, before, replace(before if before.state.done else resolved(before, now), spam=is_spam))
        what = "spam" if is_spam else "block"
        changes += [
            *saved.changes,
            *x.table.leave_line(before),
            x.table.history(before.id, what, user.name, {}, now, f"h_{digest_}.{number}"),
        ]
        afters.append(saved.after)
    changes += x.table.free_all(befores, now)
    told = sorted({agent for c in befores for agent in _owner(user, c)})
    result = Result(marked.id if marked is not None else None, subject=person.id)
    signals = [signal for after in afters for signal in follow_ups(after)]
    return Plan(changes, result, signals, told=told, others=afters)


def _slots(x: Exchange, person: Contact) -> Sequence[Conversation]:
    """Where each thread group stands with this person."""
    contacts = dict.fromkeys(identity.contact for identity in person.identities)
    return [c for contact in contacts for c in x.table.slots(contact) if c.state is not State.CLOSED]


def _person(x: Exchange, contact: str) -> Contact:
    """Who a contact is now. Raises NotFound."""
    found = resolve(x, contact)
    if found is None:
        raise NotFound(f"there is no contact {contact}")
    return found


def _may_mark(user: User, conversation: Conversation) -> None:
    if conversation.agent not in (None, user.name) and not user.has("supervisor"):
        raise Refused(f"this conversation is not yours: {conversation.agent} has it")


def _owner(user: User, conversation: Conversation) -> list[str]:
    """Whose page hears of it."""
    return [conversation.agent] if conversation.agent and conversation.agent != user.name else []
