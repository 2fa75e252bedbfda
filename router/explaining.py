"""Explain: a conversation's story in plain words, and how it stands now, to a colleague or to a supervisor (P6)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from router.config import Config
from router.conversations import Conversation, State
from router.errors import Invalid, NotFound, Refused
from router.exchange import Exchange
from router.explaining_now import standing
from router.explaining_reader import Reader
from router.explaining_story import story
from router.explaining_telling import Line, Versions
from router.explaining_words import LANGUAGES
from router.explanation_views import ExplanationView, StoryLine
from router.once import User
from router.presenting import load
from router.records import Entry

_PAGE = 100


def explain(
    x: Exchange, user: User, conversation_id: str, *, language: str | None = None, audience: str | None = None
) -> ExplanationView:
    """Why a conversation is where it is. `language` is tr or en (English without one), `audience` agent or supervisor.

    Without `audience` it is told to whoever asks. Raises NotFound, Invalid, and Refused where an agent asks for a supervisor's.

    Reads the conversation, its history (1 R for about ten entries), each version that a decision names, and the pool's roster of
    one that waits.
    """
    audience = audience or ("supervisor" if user.oversees else "agent")
    if audience not in ("agent", "supervisor"):
        raise Invalid("'as' is agent or supervisor", field="as")
    if audience == "supervisor" and not user.oversees:
        raise Refused("this needs the role 'supervisor'")
    spoken = spoken_in(language)
    c, config = load(x, conversation_id), x.config()
    reader = Reader(spoken, config.zone_of(c.sla, c.queue, c.inbox), config, audience == "supervisor")
    loads = x.table.everybody(c.pool) if c.state is State.WAITING else ()
    return ExplanationView(
        conversation=c.id,
        audience="supervisor" if reader.names else "agent",
        language="tr" if spoken == "tr" else "en",
        zone=reader.zone,
        title=reader.say(
            "title", customer=c.name or c.address or "?", channel=reader.channel(c.way.channel), queue=reader.quoted(c.queue)
        ),
        note=reader.say("zone", zone=reader.zone),
        story=_story(x, reader, c),
        now=standing(reader, c, loads, user.name, x.now()),
    )  # fmt: skip


def spoken_in(language: str | None) -> str:
    """What an explanation is told in: English without a word on it. Raises Invalid."""
    spoken = (language or "en").partition("-")[0].lower()
    if spoken not in LANGUAGES:
        raise Invalid(f"language is one of {', '.join(LANGUAGES)}", field="language")
    return spoken


def _story(x: Exchange, reader: Reader, c: Conversation) -> tuple[StoryLine, ...]:
    """What happened to it, and to those that became part of it, in the order of time."""
    versions = _versions(x)
    lines = [_view(reader, line, None) for line in _told(x, reader, c, versions)]
    for part in x.table.conversations(c.merged).values():
        lines += [_view(reader, line, part.id) for line in _told(x, reader, part, versions) if line.what != "merged"]
    return tuple(sorted(lines, key=lambda line: line.at))


def _told(x: Exchange, reader: Reader, c: Conversation, versions: Versions) -> list[Line]:
    entries: list[Entry] = []
    while True:
        page = x.table.history_of(c.id, after=entries[-1].mark if entries else None, limit=_PAGE)
        entries += page
        if len(page) < _PAGE:
            return story(reader, c, versions, entries, x.now())


def _view(reader: Reader, line: Line, part: str | None) -> StoryLine:
    return StoryLine(
        at=line.at,
        day=reader.day(line.at),
        clock=reader.clock(line.at),
        what=line.what,
        text=line.text if part is None else reader.say("part", text=line.text),
        details=tuple(line.details),
        conversation=part,
        decision=line.decision,
        config=line.config,
    )


def _versions(x: Exchange) -> Callable[[object], Config | None]:
    """Versions by name, each read once; None for one that cannot be had, or read, any more."""

    @cache
    def version(name: object) -> Config | None:
        if not isinstance(name, str) or not name:
            return None
        config = x.config()
        try:
            return config if config.version == name else x.version(name)
        except (NotFound, ValueError):
            return None

    return version
