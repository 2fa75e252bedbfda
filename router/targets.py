"""What is promised to whom: SLA policies as they are written, and the terms that a conversation is under. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import Field, model_validator

from router.business import WALL_CLOCK, Business, Time
from router.calendars import minute_of
from router.escalations import Escalation, Share
from router.lengths import Limit, Within
from router.written import Model, Slug


class Target(StrEnum):
    """What a clock is for."""

    ACCEPT = "accept"  # until somebody has it
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    PROMISE = "promise"  # what an agent or an automatic answer promised; no policy's


class Limits(Model):
    """How soon something has to be done; nothing is promised of what is left out."""

    accept: Limit | None = Field(default=None, description="until somebody has taken it")
    first_response: Limit | None = Field(default=None, description="until a person has answered the first time")
    next_response: Limit | None = Field(default=None, description="until a person has answered a further message")
    resolution: Limit | None = Field(default=None, description="until it is resolved")

    def of(self, target: Target) -> Within | None:
        """What is promised of it here."""
        found: Within | None = getattr(self, target.value, None)
        return found


Pausing = Literal["pending", "snoozed"]


class Sla(Limits):
    """How soon some conversations are dealt with, wherever they wait. Rules and queues name it.

    A number is minutes of the calendar's time; so are 30s, 15m and 4h. "4h wall clock" counts nights and holidays as well.
    """

    name: Slug
    calendar: Slug | None = Field(default=None, description="whose time counts; all time without one")
    tiers: dict[Slug, Limits] = Field(default={}, description="what is promised to a tier instead")
    channels: dict[Slug, Limits] = Field(default={}, description="on a channel instead, where the tier says nothing")
    warn_at: tuple[Share, ...] = Field(default=(75, 90), max_length=5, description="per cent of the time")
    remind: Limit | None = Field(
        default=None, description="after a breach, again and again so long after the last time"
    )
    reminders: int = Field(default=3, ge=1, le=20, description="at most so many")
    pauses: tuple[Pausing, ...] = Field(
        default=("pending", "snoozed"), description="states in which no time counts, with outside the calendar's hours"
    )
    reopened: Literal["restarts", "continues"] = Field(
        default="restarts", description="clocks of a conversation that is reopened"
    )
    thanks: bool = Field(default=True, description="a mere thank-you after the answer asks for no other")
    automatic: bool = Field(default=False, description="an automatic answer counts as the first response")
    escalate: tuple[Escalation, ...] = Field(
        default=(), max_length=20, description="what is done at warnings, at the breach and at reminders: docs/sla.md"
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Sla:
        if self.remind is not None and self.remind.end_of_day:
            raise ValueError("remind: write a time such as 1h")
        ends = [one for limits in (self, *self.tiers.values(), *self.channels.values()) for one in _all(limits)]
        if self.calendar is None and any(one.end_of_day for one in ends):
            raise ValueError("the end of the day is by a calendar, and it names none")
        if not _all(self):
            whom = "promises nothing to who is in none of its tiers and channels" if ends else "promises nothing"
            raise ValueError(f"{whom}: write first_response, next_response, resolution or accept")
        return self


def _all(limits: Limits) -> list[Within]:
    return [found for target in Target if (found := limits.of(target)) is not None]


# --- the terms of one conversation -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """One promise, ready to be counted: an amount of a kind of time in milliseconds, or by the end of the day."""

    time: Time
    amount: int | None
    before: int | None = None  # minutes of the day, where it is the day's end

    def amount_from(self, start: int) -> int | None:
        """How much time there is from then on; the end of a day as so much of its time, so that a pause moves it. None: for ever."""
        if self.amount is not None or not isinstance(self.time, Business):
            return self.amount
        end = self.time.end_of_day(start, self.before)
        return None if end is None else self.time.between(start, end)

    def in_time(self, start: int, end: int) -> bool:
        """Is what began and ended then within it? Exactly so much of its time still is."""
        amount = self.amount_from(start)
        return amount is None or end - start <= amount or self.time.between(start, end) <= amount


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that is promised of a conversation, and how its clocks go."""

    policy: str | None
    terms: Mapping[Target, Term]
    shares: tuple[int, ...] = (75, 90)
    remind: int | None = None  # milliseconds of the clock's time
    remind_by_wall_clock: bool = False
    reminders: int = 3
    pauses: frozenset[str] = frozenset(("pending", "snoozed"))
    continues: bool = False
    thanks: bool = True
    automatic: bool = False

    @property
    def first(self) -> Term:
        """What is promised of the first thing that is due: the answer, before all."""
        order = (Target.FIRST_RESPONSE, Target.ACCEPT, Target.NEXT_RESPONSE, Target.RESOLUTION)
        return next(self.terms[target] for target in order if target in self.terms)

    @property
    def nominal(self) -> int:
        """How soon that is due as a length of time, in milliseconds; the end of a day counts as a working day."""
        amount = self.first.amount
        return amount if amount is not None else _DAY


_DAY = 8 * 3_600_000


def terms_of(policy: Sla, time: Time, tier: str | None, channel: str) -> Terms:
    """A policy for one tier and channel. `time` is its calendar's."""
    narrower = [found for found in (policy.tiers.get(tier or ""), policy.channels.get(channel), policy) if found]
    found = {
        target: _term(within, time)
        for target in Target
        if (within := next((limits.of(target) for limits in narrower if limits.of(target) is not None), None))
    }
    return Terms(
        policy=policy.name,
        terms=found,
        shares=tuple(sorted(set(policy.warn_at))),
        remind=None if policy.remind is None or policy.remind.seconds is None else round(policy.remind.seconds * 1000),
        remind_by_wall_clock=policy.remind is not None and policy.remind.wall_clock,
        reminders=policy.reminders,
        pauses=frozenset(policy.pauses),
        continues=policy.reopened == "continues",
        thanks=policy.thanks,
        automatic=policy.automatic,
    )


def plain_terms(seconds: float) -> Terms:
    """A first response by the wall clock, and nothing else, without warnings: a queue without a policy."""
    return Terms(policy=None, terms={Target.FIRST_RESPONSE: Term(WALL_CLOCK, round(seconds * 1000))}, shares=())


def _term(within: Within, time: Time) -> Term:
    chosen: Time = WALL_CLOCK if within.wall_clock else time
    amount = None if within.seconds is None else round(within.seconds * 1000)
    return Term(chosen, amount, minute_of(within.before) if within.before else None)
