"""The lists people page through: conversations by state, queue, agent, contact, tag and who watches them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from router.conversations import Conversation, State
from router.errors import Invalid
from router.exchange import Exchange
from router.people import resolve
from router.presenting import conversation_view, conversations_of
from router.views import ConversationPage

READS = 20
"""Pages of a list that one call reads at most when it looks for something rare, a tag say; then it says where to go on."""
Keep = Callable[[Conversation], bool]


@dataclass(frozen=True, slots=True)
class Source:
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
    tag: str | None,
    watcher: str | None,
    cursor: str | None,
    limit: int,
) -> ConversationPage:
    """Conversations by state, queue, agent, contact, tag or watcher; without a state, the open ones. Raises Invalid, NotFound."""
    known_state(state)

    def keep(c: Conversation) -> bool:
        if (state is None and c.state.done) or (watcher is not None and watcher not in c.watchers):
            return False
        return fits(c, state=state, queue=queue, agent=agent, tag=tag)

    if contact is not None:
        person = resolve(x, contact)
        found = [c for c in conversations_of(x, person) if keep(c)] if person is not None else []
        return ConversationPage(conversations=tuple(conversation_view(x, c) for c in found))
    page, mark = browse(x, list(sources(x, state, queue, agent)), keep, cursor, limit)
    return ConversationPage(conversations=tuple(conversation_view(x, c) for c in page), next=mark)


def browse(
    x: Exchange, lists: Sequence[Source], keep: Keep, cursor: str | None, limit: int
) -> tuple[list[Conversation], str | None]:
    """Up to `limit` conversations of these lists that are to be kept, and where to go on; a bounded number of reads."""
    label, after = _read_cursor(cursor)
    at = _start(lists, label)
    page: list[Conversation] = []
    reads = 0
    for number, source in enumerate(lists):
        if number < at:
            continue
        mark = after if source.label == label else None
        while len(page) < limit:
            rows = _read(x, source, mark, max(limit - len(page), 1) if reads < 2 else 100)
            reads += 1
            known = x.table.conversations([conversation for conversation, _ in rows])
            for conversation, place in rows:
                if conversation in known and keep(known[conversation]):
                    page.append(known[conversation])
                mark = place
                if len(page) == limit:
                    break
            if not rows:
                break
            if reads >= READS:
                return page, _cursor(source.label, mark) if mark else None
        if len(page) >= limit:
            return page, _cursor(source.label, mark) if mark else None
    return page, None


def known_state(state: str | None) -> None:
    """Raise Invalid for what is no state."""
    if state is not None and state not in {s.value for s in State}:
        raise Invalid(f"'{state}' is no state; they are {', '.join(s.value for s in State)}", field="state")


def fits(c: Conversation, *, state: str | None, queue: str | None, agent: str | None, tag: str | None) -> bool:
    """Is it what is asked for? What is None is not asked."""
    if tag is not None and tag not in c.tags:
        return False
    return state in (None, c.state.value) and queue in (None, c.queue) and agent in (None, c.agent)


def sources(x: Exchange, state: str | None, queue: str | None, agent: str | None) -> Iterator[Source]:
    """The lists that may hold what is asked for, those of earlier versions behind the others. Raises Invalid for an unknown queue."""
    config, named = x.config(), x.table.named()
    if queue is not None and queue not in config.queue_names:
        raise Invalid(f"there is no queue '{queue}'", field="queue")
    queues = [q.name for q in config.queues if queue in (None, q.name)]
    if queue is None:
        queues += sorted(named.queues - config.queue_names)
    if state in (None, "waiting") and agent is None:
        pools = {q.pool for q in config.queues if queue in (None, q.name)}
        for pool in sorted(pools | (named.pools - config.pool_names)):
            for key, kind in sorted(x.table.pool(pool).filled.items()):  # the classes that may have somebody waiting
                if queue in (None, kind.queue):
                    yield Source("line", pool, key)
    prefix = f"{agent}#" if agent is not None else None
    if state in ("resolved", "closed"):
        yield from (Source("list", "", f"done#{q}", prefix) for q in queues)
    elif state != "waiting":
        yield from (Source("list", "", f"open#{q}", prefix) for q in queues)


def _read(x: Exchange, source: Source, after: str | None, limit: int) -> list[tuple[str, str]]:
    if source.kind == "line":
        return x.table.line(source.pool, source.name, after=after, limit=limit)
    rows = x.table.listed(source.name, prefix=source.prefix, after=after, limit=limit)
    return x.table.listed_conversations(rows)


def _start(sources: Sequence[Source], label: str) -> int:
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
