"""Search: conversations by person, tag, state, queue and agent, and messages of the last 90 days by their words.

Words are looked for in the day's index rows, the newest first; those of one person in that person's own messages, however
old. A call reads a bounded number of rows and says how far back it came; docs/api.md says what that costs.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from router.browsing import browse, fits, known_state, sources
from router.conversations import Conversation
from router.errors import Invalid, NotFound
from router.exchange import Exchange
from router.integration_views import SearchHit, SearchPage
from router.messages import ChannelName, Message
from router.people import resolve
from router.presenting import contact_by_address, conversation_view
from router.records import Contact
from router.search import KEPT, SHARDS, IndexRow, folded, index_row
from router.sends import Send

ROWS = 4000
"""Rows that one call reads at most, about 1 MB or 130 read units."""
QUERIES = 200
"""Queries that one call makes at most: 50 days in which nobody wrote take no second."""
_STEP = 250
_MESSAGES = 1000
_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for. `words` all begin a word of the text, a phrase is words in their order; None is not asked."""

    words: tuple[re.Pattern[str], ...] = ()
    name: str | None = None
    channel: str | None = None
    tag: str | None = None
    state: str | None = None
    queue: str | None = None
    agent: str | None = None
    since: datetime | None = None

    def fits(self, c: Conversation) -> bool:
        """Is it such a conversation?"""
        if self.channel is not None and str(c.way.channel) != self.channel:
            return False
        if self.name is not None and not _begins(self.name).search(folded(c.name or "")):
            return False
        return fits(c, state=self.state, queue=self.queue, agent=self.agent, tag=self.tag)

    def says(self, text: str) -> bool:
        """Are all the words in a folded text?"""
        return all(word.search(text) for word in self.words)


def search(
    x: Exchange, sought: Sought, contact: str | None, address: str | None, cursor: str | None, limit: int
) -> SearchPage:
    """What is found, the newest first, and where to go on. Raises Invalid."""
    known_state(sought.state)
    mark = _read_cursor(cursor)
    if contact is not None or address is not None:
        person = _person(x, sought.channel, contact, address)
        if person is None:
            return SearchPage(hits=())
        return _of(x, person, replace(sought, channel=None) if address is not None else sought, mark, limit)
    if sought.words:
        return _in_index(x, sought, mark, limit)
    return _in_lists(x, sought, cursor, limit)


def words_of(q: str | None) -> tuple[re.Pattern[str], ...]:
    """The words of a query, phrases in quotes. Raises Invalid when it holds no letter or digit, or too many words."""
    if q is None:
        return ()
    parts = [phrase or word for phrase, word in re.findall(r'"([^"]*)"|([^\s"]+)', q)]
    found = [part for part in map(folded, parts) if re.search(r"\w", part)]
    if not found or len(found) > 10 or len(q) > 200:
        raise Invalid("q is 1 to 10 words, 200 characters at most", field="q")
    return tuple(_begins(part, whole=" " in part) for part in found)


def _begins(words: str, *, whole: bool = False) -> re.Pattern[str]:
    start = r"(?<!\w)" if re.match(r"\w", words) else ""
    return re.compile(start + re.escape(words) + (r"(?!\w)" if whole else ""))


# --- one person ----------------------------------------------------------------------------------------------------


def _person(x: Exchange, channel: str | None, contact: str | None, address: str | None) -> Contact | None:
    try:
        if contact is not None:
            return resolve(x, contact)
        if channel is None:
            raise Invalid("an address needs its channel", field="channel")
        return resolve(x, contact_by_address(x, channel, address or "").id)
    except NotFound:
        return None


def _of(x: Exchange, person: Contact, sought: Sought, mark: list[str] | None, limit: int) -> SearchPage:
    """A person's conversations, or in them the messages with the words, conversation by conversation."""
    contacts = dict.fromkeys(identity.contact for identity in person.identities)
    theirs = [c for contact in contacts for c in x.table.conversations_of(contact)]
    ordered = sorted(theirs, key=lambda c: (c.opened_at, c.id), reverse=True)
    start, resumed = _place(mark, ordered)
    hits: list[SearchHit] = []
    left = _MESSAGES
    for number, conversation in enumerate(ordered[start:]):
        before = resumed if number == 0 else None
        if not sought.fits(conversation):
            continue
        if not sought.words:
            if before is None and _recent(_heard(conversation), sought):
                hits.append(SearchHit(conversation=conversation_view(x, conversation), at=_heard(conversation)))
            if len(hits) == limit:
                return SearchPage(hits=tuple(hits), next=_cursor(conversation.id, "-"))
            continue
        while left > 0:
            page = x.table.messages(conversation.id, before=before, limit=100, backwards=True)
            left -= max(len(page), 1)
            for one in page:
                message = one.message if isinstance(one, Send) else one
                before = message.cursor
                row = index_row(message, conversation.id)
                if row is not None and _recent(row.at, sought) and sought.says(row.text):
                    hits.append(_hit(x, conversation, row, message, sought))
                if len(hits) == limit:
                    return SearchPage(hits=tuple(hits), next=_cursor(conversation.id, before))
            if len(page) < 100:
                break
        if left <= 0:
            return SearchPage(hits=tuple(hits), next=_cursor(conversation.id, before or "-"))
    return SearchPage(hits=tuple(hits))


def _place(mark: list[str] | None, ordered: Sequence[Conversation]) -> tuple[int, str | None]:
    """Where a cursor goes on: which conversation, and before which of its messages ("-": it was shown)."""
    if mark is None:
        return 0, None
    if len(mark) != 2:
        raise Invalid("this cursor is not one of ours", field="cursor")
    found = next((i for i, c in enumerate(ordered) if c.id == mark[0]), len(ordered))
    return found, mark[1]


# --- words, in the index -------------------------------------------------------------------------------------------


def _in_index(x: Exchange, sought: Sought, mark: list[str] | None, limit: int) -> SearchPage:
    """Messages with the words. A day's shards are read side by side, and judged only as far back as all of them were read."""
    oldest = max(x.now() - KEPT, sought.since or datetime.min.replace(tzinfo=UTC))
    day, before = _day(mark) if mark is not None else (x.now().date() + timedelta(days=1), None)
    hits: list[SearchHit] = []
    rows = queries = 0
    while day >= oldest.date():
        if rows >= ROWS or queries >= QUERIES:
            return _stopped(hits, day, before)
        batches = [x.table.indexed(day.isoformat(), shard, before=before, limit=_STEP) for shard in range(SHARDS)]
        queries += SHARDS
        rows += sum(map(len, batches))
        reached = max((batch[-1][0] for batch in batches if len(batch) == _STEP), default=None)
        judged = sorted(
            (placed for batch in batches for placed in batch if reached is None or placed[0] >= reached),
            key=lambda placed: placed[0],
            reverse=True,
        )
        found = [(place, row) for place, row in judged if row.at >= oldest and _row_fits(row, sought)]
        for place, hit in _hits(x, found, sought):
            hits.append(hit)
            if len(hits) == limit:
                return _stopped(hits, day, place)
        day, before = (day - timedelta(days=1), None) if reached is None else (day, reached)
    return SearchPage(hits=tuple(hits), searched_back_to=oldest)


def _row_fits(row: IndexRow, sought: Sought) -> bool:
    return sought.channel in (None, str(row.channel)) and sought.says(row.text)


def _hits(x: Exchange, found: Sequence[tuple[str, IndexRow]], sought: Sought) -> Iterable[tuple[str, SearchHit]]:
    """What was found, with its message and the conversation that holds it now, where that one is asked for too."""
    if not found:
        return
    messages = x.table.texts(row.message for _, row in found)
    known: dict[str, Conversation | None] = {**x.table.conversations({row.conversation for _, row in found})}
    while moved := {c.into for c in known.values() if c is not None and c.into is not None} - known.keys():
        known.update(dict.fromkeys(moved))
        known.update(x.table.conversations(moved))
    wanted = Sought(name=sought.name, tag=sought.tag, state=sought.state, queue=sought.queue, agent=sought.agent)
    for place, row in found:
        conversation, message = known.get(row.conversation), messages.get(row.message)
        while conversation is not None and conversation.into is not None:
            conversation = known.get(conversation.into)
        if conversation is not None and message is not None and wanted.fits(conversation):
            yield place, _hit(x, conversation, row, message, sought)


def _day(mark: list[str]) -> tuple[date, str | None]:
    try:
        day, place = mark
        if place and not re.fullmatch(r"\d{13}#\S{1,100}", place):
            raise ValueError(place)
        return date.fromisoformat(day), place or None
    except ValueError:
        raise Invalid("this cursor is not one of ours", field="cursor") from None


def _stopped(hits: list[SearchHit], day: date, before: str | None) -> SearchPage:
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    back = datetime.fromtimestamp(int(before.partition("#")[0]) / 1000, UTC) if before else end
    return SearchPage(hits=tuple(hits), next=_cursor(day.isoformat(), before or ""), searched_back_to=back)


# --- no words: the lists -------------------------------------------------------------------------------------------


def _in_lists(x: Exchange, sought: Sought, cursor: str | None, limit: int) -> SearchPage:
    """Conversations from the lists: the open ones, then the done ones, unless a state is asked for."""
    states = [sought.state] if sought.state is not None else [None, "resolved"]
    lists = [source for state in states for source in sources(x, state, sought.queue, sought.agent)]

    def keep(c: Conversation) -> bool:
        return sought.fits(c) and _recent(_heard(c), sought)

    found, mark = browse(x, lists, keep, cursor, limit)
    hits = tuple(SearchHit(conversation=conversation_view(x, c), at=_heard(c)) for c in found)
    return SearchPage(hits=hits, next=mark)


def _heard(c: Conversation) -> datetime:
    return max(at for at in (c.opened_at, c.last_inbound_at, c.last_outbound_at) if at is not None)


def _recent(at: datetime, sought: Sought) -> bool:
    return sought.since is None or at >= sought.since


# --- hits and cursors ----------------------------------------------------------------------------------------------


def _hit(x: Exchange, conversation: Conversation, row: IndexRow, message: Message, sought: Sought) -> SearchHit:
    return SearchHit(
        conversation=conversation_view(x, conversation),
        message=row.message,
        direction=message.direction.value,
        at=row.at,
        excerpt=excerpt(message, sought.words),
    )


def excerpt(message: Message, words: Sequence[re.Pattern[str]]) -> str:
    """The text as it was written around the first word that was found. Folding changes lengths, so words are matched one by one."""
    texts = [message.spoken, message.subject or ""]
    for text in texts:
        single = " ".join(text.split())
        for found in re.finditer(r"\S+", single):
            head = folded(single[found.start() : found.start() + _EXCERPT])
            if any(
                (match := word.search(head)) is not None and match.start() < len(folded(found[0])) for word in words
            ):
                start = max(0, found.start() - 60)
                cut = single[start : start + _EXCERPT - 2]
                return ("…" if start else "") + cut + ("…" if start + len(cut) < len(single) else "")
    return " ".join(message.spoken.split())[:_EXCERPT]


def _cursor(*parts: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode("ascii").rstrip("=")


def _read_cursor(cursor: str | None) -> list[str] | None:
    """A cursor's parts; None without one, and for one of the lists, which read their own."""
    if cursor is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) and all(isinstance(part, str) for part in found) else []


def known_channel(channel: str | None) -> str | None:
    """A channel's name. Raises Invalid for what is none."""
    if channel is not None and channel not in {str(name) for name in ChannelName}:
        raise Invalid(f"the channels are {', '.join(ChannelName)}", field="channel")
    return channel


def name_of(contact: str | None) -> str | None:
    """A person's name, folded. Raises Invalid when nothing of it is left."""
    if contact is None:
        return None
    name = folded(contact[:200])
    if not re.search(r"\w", name):
        raise Invalid("contact is a contact's id, or the beginning of a name", field="contact")
    return name
