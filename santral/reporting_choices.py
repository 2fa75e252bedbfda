"""What a reader of a report chooses. On its own, so that the command line starts without what makes one."""

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
