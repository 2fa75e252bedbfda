"""Saved replies: what a team answers often, by shortcut and in several languages, with the customer's name filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from router.errors import Conflict, Invalid, NotFound
from router.exchange import Exchange
from router.ids import digest
from router.once import Plan, Result, User, once
from router.search import folded

PLACEHOLDERS = ("name", "agent", "conversation")
MOST = 500
"""Saved replies of one deployment: they are read together."""
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")


@dataclass(frozen=True, slots=True)
class SavedReply:
    """One reply; `texts` by language. Without queues it is offered in all."""

    id: str
    shortcut: str
    title: str
    texts: Mapping[str, str]
    queues: tuple[str, ...]
    changed_at: datetime
    changed_by: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """A reply ready to be sent; `missing` are placeholders of which nothing is known, left empty."""

    text: str
    language: str
    missing: tuple[str, ...] = ()


def listed(x: Exchange, q: str | None, language: str | None, queue: str | None) -> list[SavedReply]:
    """Replies whose shortcut, title or text has words that begin so, in a language, for a queue; by shortcut."""
    words = folded((q or "").lstrip("/")).split()
    return [
        reply
        for reply in x.table.saved_replies()
        if (language is None or _language(reply, language) is not None)
        and (queue is None or not reply.queues or queue in reply.queues)
        and _matches(reply, words)
    ]


def _matches(reply: SavedReply, words: list[str]) -> bool:
    found = folded(" ".join([reply.shortcut, reply.title, *reply.texts.values()]))
    return all(re.search(rf"(?:^|\W){re.escape(word)}", found) for word in words)


def save(
    x: Exchange,
    user: User,
    key: str,
    *,
    shortcut: str,
    title: str,
    texts: Mapping[str, str],
    queues: tuple[str, ...],
    reply: str | None = None,
) -> SavedReply:
    """A new reply, or with `reply` another content for that one. Raises Conflict for a shortcut that another one has."""
    user.need("supervisor")
    _check(x, texts, queues)

    def plan(digest_: str) -> Plan:
        before = _load(x, reply) if reply is not None else None
        others = [r for r in x.table.saved_replies() if before is None or r.id != before.id]
        if any(r.shortcut == shortcut for r in others):
            raise Conflict(f"another reply has the shortcut '{shortcut}'")
        if before is None and len(others) >= MOST:
            raise Conflict(f"there are {MOST} saved replies: delete some first")
        id_ = before.id if before is not None else f"sr_{digest_}"
        after = SavedReply(id_, shortcut, title, dict(texts), queues, x.now(), user.name)
        what = "saved_reply.create" if before is None else "saved_reply.change"
        entry = x.table.history(f"saved-reply:{id_}", what, user.name, {"shortcut": shortcut}, x.now(), f"h_{digest_}")
        return Plan([*x.table.save_reply(before, after), entry], Result(subject=id_))

    asked = digest(x.key, "saved", reply or "", shortcut, title, *_flat(texts), "-", *queues)
    return _load(x, str(once(x, user, key, asked, plan).subject))


def delete(x: Exchange, user: User, reply: str, key: str) -> Result:
    """Forget a reply; the audit keeps who did it."""
    user.need("supervisor")

    def plan(digest_: str) -> Plan:
        before = _load(x, reply)
        detail = {"shortcut": before.shortcut}
        entry = x.table.history(
            f"saved-reply:{reply}", "saved_reply.delete", user.name, detail, x.now(), f"h_{digest_}"
        )
        return Plan([*x.table.delete_reply(before), entry], Result(subject=reply))

    return once(x, user, key, digest(x.key, "unsaved", reply), plan)


def rendered(x: Exchange, user: User, reply: str, conversation_id: str) -> Rendered:
    """A reply in the conversation's language, its placeholders filled. `{{name|customer}}` says what stands in for nothing."""
    found = _load(x, reply)
    conversation = x.table.conversation(conversation_id)
    if conversation is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    inbox = x.config().inbox(conversation.inbox)
    wanted = [conversation.language, inbox.language if inbox is not None else None, *sorted(found.texts)]
    language = next(match for tag in wanted if tag and (match := _language(found, tag)))
    agent = x.config().agent(user.name)
    contact = x.table.contact(conversation.contact) if not conversation.name else None
    values = {
        "name": conversation.name or (contact.name if contact is not None else None),
        "agent": agent.display_name if agent is not None else user.name,
        "conversation": conversation.id,
    }
    missing: list[str] = []

    def fill(placeholder: re.Match[str]) -> str:
        name, instead = placeholder[1], placeholder[2]
        value = values.get(name) or instead
        if value is None:
            missing.append(name)
        return value or ""

    text = _PLACEHOLDER.sub(fill, found.texts[language])
    return Rendered(text, language, tuple(dict.fromkeys(missing)))


def _language(reply: SavedReply, tag: str) -> str | None:
    """The reply's language for a tag: the same, else one of the same primary language (tr for tr-TR)."""
    primary = tag.partition("-")[0].lower()
    if tag in reply.texts:
        return tag
    return next((known for known in sorted(reply.texts) if known.partition("-")[0].lower() == primary), None)


def _check(x: Exchange, texts: Mapping[str, str], queues: tuple[str, ...]) -> None:
    for language, text in texts.items():
        for name, _ in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{{{p}}}}}" for p in PLACEHOLDERS)
                raise Invalid(f"there is no such placeholder; they are {known}", field=f"texts.{language}")
    for queue in queues:
        if x.config().queue(queue) is None:
            raise Invalid(f"there is no queue '{queue}'", field="queues")


def _load(x: Exchange, reply: str) -> SavedReply:
    found = x.table.saved_reply(reply)
    if found is None:
        raise NotFound(f"there is no saved reply {reply}")
    return found


def _flat(texts: Mapping[str, str]) -> list[str]:
    return [part for language in sorted(texts) for part in (language, texts[language])]
