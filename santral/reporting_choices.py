"""What a reader chooses, of a report and of all that is told in a language. On its own, so that nothing else is loaded for it."""

from __future__ import annotations

from enum import StrEnum


class By(StrEnum):
    """What a report's rows are."""

    queue = "queue"
    channel = "channel"
    agent = "agent"
    tier = "tier"
    hour = "hour"
    skill = "skill"
    language = "language"


class Format(StrEnum):
    """How it is told."""

    table = "table"
    csv = "csv"
    json = "json"
    html = "html"


class Language(StrEnum):
    """What it is told in."""

    en = "en"
    tr = "tr"
