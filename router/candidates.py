"""What outreach is judged on and how: a message that would like to leave, the caps, and the three answers. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from router.purposes import Purpose


class Heed(StrEnum):
    """What in support keeps a campaign's message from leaving."""

    COMPLAINT = "complaint"  # an unresolved conversation of a complaint's category
    BREACH = "breach"  # an unresolved conversation that is late
    OPEN = "open"  # any unresolved conversation


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that would like to leave. Times are milliseconds since 1970.

    `send` is its identity (router.ids.send_id). `due` is when it was first meant to leave and never moves; from `stale_at` on it makes
    no sense any more, which is later than `due`. `triggered` says that an event of this person set it off, so the reserve is for it.
    `foreseen` says that a clock sets it off, so lesser messages of the week before leave it its slot. `held_out` names the group that
    keeps it from leaving (router.experiments).
    """

    send: str
    campaign: str
    channel: str
    purpose: Purpose
    importance: int
    due: int
    stale_at: int
    triggered: bool = False
    foreseen: bool = False
    heeds: frozenset[Heed] = frozenset(Heed)
    held_out: str | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many; of these `reserve` only for messages that an event set off."""

    most: int
    reserve: int = 0

    def open_to(self, *, triggered: bool) -> int:
        """How many of its slots such messages may take."""
        return self.most if triggered else self.most - self.reserve


@dataclass(frozen=True, slots=True)
class Caps:
    """How many messages of one purpose somebody gets, from all campaigns together.

    A day is the recipient's local day; a week is any seven local days in a row, so that no Sunday and Monday make two weeks.
    """

    day: Cap | None = None
    week: Cap | None = None

    def windows(self) -> Iterator[tuple[str, int, Cap]]:
        """The limits that there are: name, days, cap; the shorter first."""
        if self.day is not None:
            yield "day", 1, self.day
        if self.week is not None:
            yield "week", 7, self.week

    def hopeless(self, *, triggered: bool) -> bool:
        """Is there no slot for such messages, on whatever day?"""
        return any(cap.open_to(triggered=triggered) <= 0 for _, _, cap in self.windows())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message does not leave, or not yet: a stable code, and what its sentence says. No personal data.

    `until`, `since` and `at` are milliseconds since 1970.
    """

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """It may leave now, if it gets its slot (router.slots.claim)."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: judge it again at `until`, in milliseconds; always before it is stale."""

    until: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Drop:
    """It never leaves."""

    reason: Reason


Verdict = Send | Hold | Drop
