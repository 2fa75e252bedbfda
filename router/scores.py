"""Scores of a conversation: how content its customer was, and how good a supervisor found the work. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from router.errors import Invalid

MOST = 20
"""Scores that a conversation remembers: the newest."""


class ScoreKind(StrEnum):
    """What a score tells."""

    CSAT = "csat"  # the customer's satisfaction
    NPS = "nps"  # would they recommend us?
    CES = "ces"  # how easy was it?
    QUALITY = "quality"  # a supervisor's judgement of an agent's work, in per cent of what could be had


RANGES: Mapping[ScoreKind, tuple[int, int]] = {
    ScoreKind.CSAT: (1, 5),
    ScoreKind.NPS: (0, 10),
    ScoreKind.CES: (1, 7),
    ScoreKind.QUALITY: (0, 100),
}
"""The least and the most of each kind."""


@dataclass(frozen=True, slots=True)
class Score:
    """One score: when, by whom (a user, or `client:<name>`), and which agent it is about."""

    at: datetime
    kind: ScoreKind
    value: int
    by: str
    agent: str | None = None


def checked(kind: ScoreKind, value: int) -> int:
    """A value that is one of its kind's. Raises Invalid."""
    least, most = RANGES[kind]
    if not least <= value <= most:
        raise Invalid(f"{kind} is a number from {least} to {most}", field="score")
    return value


def scored(known: tuple[Score, ...], score: Score) -> tuple[Score, ...]:
    """With one more, the oldest first."""
    return (*known, score)[-MOST:]
