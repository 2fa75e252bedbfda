"""What a story has told so far, and how the conversation stood at that point: what those share who tell its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.config import Config
from router.conversations import Conversation
from router.explaining_reader import Reader
from router.records import Entry

Versions = Callable[[object], Config | None]
"""A version of the configuration; None where it cannot be had."""
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading an entry raises that is not as it should be."""
IN_LINE = ("waiting", "offered")


@dataclass(slots=True)
class Line:
    """One sentence of the story, and what there is to say of it."""

    at: datetime
    what: str
    text: str
    details: list[str] = field(default_factory=list)
    decision: str | None = None
    config: str | None = None


@dataclass(slots=True)
class Telling:
    """The lines so far. `standing` is waiting, offered, held, snoozed or done, and empty before anything is known."""

    reader: Reader
    of: Conversation
    version: Versions
    lines: list[Line] = field(default_factory=list)
    standing: str = ""
    agent: str | None = None
    queue: str | None = None
    channel: str | None = None
    rung: int | None = None  # of the present wait, as told last
    config: Config | None = None  # of the decision told last
    judged: set[str] = field(default_factory=set)  # messages whose rules were told

    def add(self, entry: Entry, key: str, /, **values: Any) -> Line:
        """A sentence about an entry."""
        line = Line(entry.at, entry.what, self.reader.say(key, **values))
        self.lines.append(line)
        return line

    def done(self, entry: Entry, key: str | None = None, /, **values: Any) -> Line:
        """A sentence about an entry that says who did it; without `key` the one of its kind."""
        return self.add(entry, key or entry.what, who=self.reader.who(entry.who), **values)

    def detail(self, line: Line, key: str, /, **values: Any) -> None:
        """What there is to say of a sentence."""
        line.details.append(self.reader.say(key, **values))

    def waits_afresh(self) -> None:
        """It is in the line again, and its steps begin anew."""
        self.standing, self.agent, self.rung = "waiting", None, None

    def ends(self) -> None:
        """Nobody waits for anything any more."""
        self.standing, self.agent = "done", None
