"""Who takes part in a simulated contact centre: customers and agents as they come, what they do, and who looks on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from router.matching import Decision
from router.waiting import Kind


@dataclass(slots=True, eq=False)
class Arrival:
    """A customer who waits for somebody, from `at` on, in milliseconds; gives up after `patience` of them, never where it is None.

    `work` is the working time that the conversation takes an agent at the usual pace, as its nature reads it.
    """

    id: str
    at: int
    kind: Kind
    pool: str
    patience: int | None
    work: int
    preferred: str | None = None
    offers: int = 0  # made of it so far
    rests: bool = True  # its agent wraps up after it, where the queue has them do so
    barred: tuple[tuple[str, datetime], ...] = ()  # agents it is not offered to until then


class Coming(NamedTuple):
    """An agent comes in, goes away or leaves."""

    at: int
    agent: str
    presence: str


class Reply(Enum):
    """What an agent does with an offer."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    MISSES = "misses"


class Nature(Protocol):
    """What customers and agents do that the router does not decide."""

    def work(self, arrival: Arrival, agent: str) -> int:
        """How long this agent works on it, in ms."""

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """What this agent does with the offer of it, and after how many ms; the offer's end comes first where it is sooner."""


class Watch(Protocol):
    """Who looks on. All times are milliseconds."""

    def arrived(self, arrival: Arrival) -> None:
        """Somebody began to wait."""

    def answered(self, arrival: Arrival, agent: str, at: int) -> None:
        """An agent has it."""

    def left(self, arrival: Arrival, at: int) -> None:
        """The customer gave up."""

    def turned_away(self, arrival: Arrival) -> None:
        """There was no place to wait."""

    def refused(self, arrival: Arrival, agent: str, at: int, reply: Reply) -> None:
        """An offer was declined or timed out."""

    def held(self, arrival: Arrival, agent: str, since: int, until: int) -> None:
        """An agent's units were taken up by it, offers among them, and are free again."""

    def came(self, agent: str, presence: str, at: int) -> None:
        """An agent's presence."""

    def decided(self, decision: Decision) -> None:
        """A conversation goes, or is offered, to an agent."""
