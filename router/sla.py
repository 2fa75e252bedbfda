"""The first-response clock: when it began, what was promised, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall clock. Ends once, by `met_at` or `cancelled_at`; `breached_at` is recorded once and stays."""

    started_at: datetime
    target: timedelta
    met_at: datetime | None = None
    breached_at: datetime | None = None
    cancelled_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """The deadline."""
        return self.started_at + self.target

    @property
    def open(self) -> bool:
        """Still running and not yet breached: the sweep has something to do at `due_at`."""
        return self.met_at is None and self.cancelled_at is None and self.breached_at is None

    @property
    def unanswered(self) -> bool:
        """Does somebody still wait for the first answer, in time or not?"""
        return self.met_at is None and self.cancelled_at is None

    def heard(self, at: datetime) -> Clock:
        """A customer's message at that time: one from before the start moves an unanswered clock back."""
        if self.met_at is None and self.cancelled_at is None and at < self.started_at:
            return replace(self, started_at=at)
        return self

    def met(self, at: datetime) -> Clock:
        """Answered; only the first answer counts."""
        return self if self.met_at is not None or self.cancelled_at is not None else replace(self, met_at=at)

    def cancelled(self, at: datetime) -> Clock:
        """Nobody needs the answer any more."""
        return self if self.met_at is not None or self.cancelled_at is not None else replace(self, cancelled_at=at)

    def breach(self, at: datetime) -> Clock:
        """The deadline passed; a second call changes nothing."""
        return replace(self, breached_at=at) if self.open and at >= self.due_at else self
