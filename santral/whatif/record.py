"""A record of traffic: who waited when for what, what agents did, and what became of each wait. Values only; times are milliseconds.

It names agents by their user names and customers' conversations by their ids, and holds nothing that a customer wrote or is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from router.config import Config
from router.waiting import Kind
from santral.simulation.roles import Coming

Source = Literal["simulation", "table", "archive"]


class End(StrEnum):
    """How a wait ended."""

    ANSWERED = "answered"  # an agent has it
    LEFT = "left"  # the customer gave up
    MOVED = "moved"  # people took it out of the line: another queue, put aside, closed
    TURNED_AWAY = "turned away"  # there was no place to wait
    WAITING = "waiting"  # it had not ended when the record did


class How(StrEnum):
    """What became of an offer."""

    ACCEPTS = "accepts"
    DECLINES = "declines"
    MISSES = "misses"
    WITHDRAWN = "withdrawn"  # the agent went away, or the customer, before an answer
    STANDS = "stands"  # it had no answer yet when the record ended


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer to an agent, made at `at`, over at `until`."""

    agent: str
    at: int
    how: How
    until: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a wait: how it ended and when (None: it goes on), whose it was, and when their units were free again.

    `offers` are those that were made, the last accepted one among them; none where it is accepted by itself. `why` and `asked` tell
    of the last decision what told the agent from others, and what was needed; they are not what happened, and are not compared.
    """

    end: End
    at: int | None = None
    agent: str | None = None
    done: int | None = None
    offers: tuple[Offered, ...] = ()
    why: tuple[str, ...] = field(default=(), compare=False)
    asked: str = field(default="", compare=False)

    @property
    def refused(self) -> tuple[Offered, ...]:
        """Offers that were not accepted."""
        return tuple(one for one in self.offers if one.how is not How.ACCEPTS)


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules said when the wait began: those that matched and failed, of which message, by what they saw besides it.

    `facts` are those of the message that are not personal; `saw` is as decisions keep it (router.background). `whole`: all rules were
    judged, and of those that are not named it is known that they did not hold.
    """

    config: str
    matched: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    message: str | None = None
    saw: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """One time that a conversation stood in line, from `at` on. `id` is the conversation's, with a number where it waited before.

    `sla` names the policy that rules or people gave it.
    """

    id: str
    conversation: str
    at: int
    kind: Kind
    pool: str
    fate: Fate
    preferred: str | None = None
    sla: str | None = None
    inbox: str | None = None
    said: Said | None = None
    inferred: bool = False  # when the agent was done is worked out, not known
    barred: tuple[tuple[str, int], ...] = ()  # agents it was not offered to until then, from the beginning
    rests: bool = True  # its agent wraps up after it, where the queue has them do so


@dataclass(frozen=True, slots=True)
class Held:
    """Other work that took an agent's units: what they had before the record begins, or were given by hand. None: until its end.

    `rests` names the queue whose wrap-up follows it; `missed`: it is an offer of before, which they let time out.
    """

    agent: str
    at: int
    until: int | None
    units: int
    channel: str
    rests: str | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """An agent did something, whatever it was: whoever does is there, and a pause for missed offers ends."""

    agent: str
    at: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent stood when the record begins; `missed` offers in a row, and until when they paused for it, or wrapped up."""

    agent: str
    presence: str
    idle_since: int
    missed: int = 0
    paused_until: int | None = None
    wrap_until: int | None = None


@dataclass(frozen=True)
class Record:
    """Traffic from `since` on; what is counted are the waits that began then or later. `until` is None where all was played out.

    `config` is the configuration that was in force for most of the time, and `versions` are all of them, each with since when.
    `paces` are the agents' working times over the usual, where they are known; `places` is how many may wait in a pool.
    `unread` decisions of an archive were kept by another release of Santral, and what they gave away is missing.
    """

    source: Source
    since: int
    until: int | None
    config: Config
    waits: tuple[Wait, ...]
    comings: tuple[Coming, ...]
    standing: tuple[Standing, ...] = ()
    held: tuple[Held, ...] = ()
    acts: tuple[Act, ...] = ()
    versions: tuple[tuple[int, str], ...] = ()
    paces: Mapping[str, float] = field(default_factory=dict)
    places: int | None = None
    name: str = ""
    unread: int = 0

    @property
    def over(self) -> int:
        """When it is over: its end, else when the last of its waits was over and done with."""
        if self.until is not None:
            return self.until
        ends = (at for wait in self.waits for at in (wait.fate.at, wait.fate.done, wait.at) if at is not None)
        return max(ends, default=self.since)
