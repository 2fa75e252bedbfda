"""A scenario as it is written: who writes when, how long they wait, who is there to answer, and for how long each takes.

Rates are conversations an hour, lengths are minutes. Everything else, queues, skills, service levels, policies, is the configuration's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from router.calendars import week
from router.config import Agent, Level
from router.messages import ChannelName
from router.requirements import Needs
from router.written import Language, Model, Slug
from router.zones import ZoneName
from santral.config_cases import Person, Said
from santral.simulation.draws import Lengths
from santral.simulation.ways import mapping_or, one_or_several

Rate = Annotated[float, Field(ge=0, le=1_000_000)]
_Rates = Annotated[tuple[Rate, ...], Field(min_length=1)]
Rates = Annotated[Rate | _Rates, one_or_several(Rate, _Rates)]
_Several = Annotated[tuple[Lengths, ...], Field(min_length=1)]
ByPeriod = Annotated[Lengths | _Several, one_or_several(Lengths, _Several)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]
Weights = dict[Slug, Annotated[float, Field(ge=0, le=1_000_000)]]
Queues = Annotated[Weights | Slug, mapping_or(Slug, Weights)]
Week = dict[str, tuple[str, ...]]
Days = Annotated[str, StringConstraints(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$")]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):([0-5]\d)$")]


def _a_week(value: Week | None) -> Week | None:
    if value is not None:
        week(value)
    return value


class Day(Model):
    """When customers write, and whose waits count."""

    opens: Clock = Field(default="00:00", description="by the clock of the scenario's zone; rates begin here")
    hours: float = Field(default=24, gt=0, le=100_000, description="customers write for so long")
    measured: tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(gt=0)]] | None = Field(
        default=None,
        description="[1, 12]: who writes in these hours after opening counts; before is warm-up. All, without it",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Day:
        if self.measured is not None and not self.measured[0] < self.measured[1] <= self.hours:
            raise ValueError(f"measured: write a from and an until of the {self.hours:g} hours")
        return self

    @property
    def counted(self) -> tuple[float, float]:
        """Hours after opening, from and until."""
        return self.measured or (0.0, self.hours)


class Group(Model):
    """Agents who are alike: as in `agents` of a configuration, but for their number and when they are there."""

    name: Slug
    count: int = Field(
        default=1, ge=0, le=20_000, description="how many; they are called by the group's name and a number"
    )
    pool: Slug = "main"
    skills: dict[Slug, Level] | frozenset[Slug] = Field(default=frozenset(), description="as an agent's")
    secondary: frozenset[Slug] = Field(
        default=frozenset(), description="those of the skills that are not their main work"
    )
    languages: dict[Language, Level] | tuple[Language, ...] = Field(default=(), description="as an agent's")
    units: int = Field(default=12, ge=1, le=1000, description="capacity units that each holds at once")
    limits: dict[str, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default={}, description="at most so many conversations per channel"
    )
    brands: tuple[Slug, ...] = Field(default=(), description="may answer for these only; empty: for all")
    shifts: Week | None = Field(
        default=None, description='{mon-fri: ["08:00-17:00"]}, by the clock of the scenario\'s zone; always, without'
    )
    breaks: Week | None = Field(default=None, description="of the shifts: they are away, and finish what they have")
    pace: float = Field(default=1, gt=0, le=100, description="their working time, times as long as usual")
    _are_weeks = field_validator("shifts", "breaks")(_a_week)

    @property
    def names(self) -> list[str]:
        """Of its agents: the group's own where it is one, else numbered."""
        digits = len(str(self.count))
        return [self.name] if self.count == 1 else [f"{self.name}-{n:0{digits}}" for n in range(1, self.count + 1)]

    def agents(self) -> list[Agent]:
        """Each by name."""
        same = {
            name: getattr(self, name)
            for name in ("pool", "skills", "secondary", "languages", "units", "limits", "brands")
        }
        return [Agent(name=name, display_name=name, **same) for name in self.names]


class Shifts(Model):
    """When agents of the configuration are there; those that no entry names are there in their `hours`, else always."""

    agents: tuple[Slug, ...] = Field(min_length=1, description="by their names")
    shifts: Week | None = Field(default=None, description='{mon-fri: ["08:00-17:00"]}, in place of their `hours`')
    breaks: Week | None = Field(default=None, description="of the shifts: they are away, and finish what they have")
    pace: float = Field(default=1, gt=0, le=100, description="their working time, times as long as usual")
    _are_weeks = field_validator("shifts", "breaks")(_a_week)


class Sample(Said):
    """A message as in a golden case: what the rules see of each customer who writes like this."""

    share: float = Field(default=1, ge=0, le=1_000_000, description="of several: how many write so")
    contact: Person = Field(default=Person(), description="who writes, as in a golden case; a stranger, without it")

    @model_validator(mode="after")
    def _fits(self) -> Sample:
        if self.contact.known is False and self.contact.model_fields_set != {"known"}:
            raise ValueError("the contact is not known, and something is said of them")
        return self


_Samples = Annotated[tuple[Sample, ...], Field(min_length=1)]
Messages = Annotated[Sample | _Samples, one_or_several(Sample, _Samples)]


class Stream(Model):
    """Customers who are alike in how they write: a channel, as a rule.

    `queues` and `tiers` are weights; what comes of a rule is written as a rule writes it. With `message` the rules decide in their place.
    """

    name: Slug
    channel: ChannelName = Field(description="where they write")
    per_hour: Rates = Field(description="a number, or one for each period")
    period_minutes: float = Field(default=60, gt=0, le=1440, description="how long each of several rates holds")
    days: Days | None = Field(default=None, description="mon-fri: on these only")
    queues: Queues | None = Field(default=None, description="a queue, or several with their weights")
    tiers: Weights = Field(default={}, description="none, without it")
    priority: int | None = Field(default=None, ge=1, le=9, description="else the queue's")
    sla: Slug | None = Field(default=None, description="else the queue's")
    require: tuple[tuple[Seconds, Needs], ...] = Field(
        default=(), max_length=10, description="steps that a rule gave: [[30, billing>=4]]"
    )
    language: Language = Field(default="en", description="that they write in")
    brand: Slug = Field(default="default", description="that they write to: agents may be bound to some")
    inbox: Slug | None = Field(default=None, description="with `message`: where it comes in")
    message: Messages | None = Field(
        default=None,
        description="one or several, as in a golden case. The rules give queue, tier, priority and the rest",
    )
    handling: ByPeriod = Field(description="working time; several: by the period it arrives in")
    patience: ByPeriod | None = Field(
        default=None, description="how long they wait before they give up; for ever, without it"
    )

    @field_validator("days")
    @classmethod
    def _are_days(cls, value: str | None) -> str | None:
        if value is not None:
            week({value: ("00:00-24:00",)})
        return value

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The messages."""
        return self.message if isinstance(self.message, tuple) else (self.message,) if self.message else ()

    @property
    def rates(self) -> tuple[float, ...]:
        """Conversations an hour, by period."""
        return self.per_hour if isinstance(self.per_hour, tuple) else (self.per_hour,)

    @property
    def on(self) -> frozenset[int]:
        """The weekdays it is on; Monday is 0."""
        if self.days is None:
            return frozenset(range(7))
        return frozenset(number for number, spans in enumerate(week({self.days: ("00:00-24:00",)})) if spans)

    def periods(self, minutes: float) -> Iterator[tuple[float, float, float, Lengths]]:
        """Of so many minutes from the day's opening: from, until, conversations an hour, and their working time."""
        rates = self.rates
        handling = self.handling if isinstance(self.handling, tuple) else (self.handling,)
        length = self.period_minutes if len(rates) > 1 else minutes
        for number, rate in enumerate(rates):
            last = number == len(rates) - 1
            start, end = number * length, minutes if last else min(minutes, (number + 1) * length)
            if start < end:
                yield start, end, rate, handling[min(number, len(handling) - 1)]


class Offers(Model):
    """What agents do with offers, where the configuration makes any."""

    accept: Lengths = Field(default=Lengths(exponential=0.1), description="how long who accepts takes for it")
    declined: Share = Field(default=0, description="the share that is declined")
    missed: Share = Field(default=0, description="the share that times out")


class Scenario(Model):
    """A contact centre to be tried out."""

    name: str = Field(min_length=1, max_length=100, description="what reports call it")
    config: Annotated[str | dict[str, Any], mapping_or(str, dict[str, Any])] = Field(
        description="a directory of configuration, from this file; or its sections, written here"
    )
    zone: ZoneName = Field(default="UTC", description="by whose clock it opens, and agents have their shifts")
    start: date = Field(default=date(2026, 3, 2), description="the first day")
    days: int = Field(default=1, ge=1, le=10_000, description="how many")
    day: Day = Field(default=Day(), description="when customers write, and whose waits count")
    load: float | None = Field(
        default=None, gt=0, le=100, description="rates are scaled to this share of what agents could do, .9 for 90 %"
    )
    busyness: Lengths | None = Field(default=None, description="a factor of each day's rates, with mean 1")
    waiting_places: int | None = Field(default=None, ge=0, description="in a pool; who finds none free is turned away")
    secondary_pace: float = Field(
        default=1, gt=0, le=100, description="working time by a secondary skill, times as long"
    )
    abandoned: Literal["missed", "late"] = Field(
        default="late",
        description="for the service level, who gives up was missed; or only who gave up after the target, and the others do not count",
    )
    offers: Offers = Field(default=Offers(), description="what agents do with them")
    groups: tuple[Group, ...] = Field(default=(), description="agents beside those of the configuration")
    shifts: tuple[Shifts, ...] = Field(default=(), description="when agents of the configuration are there")
    traffic: tuple[Stream, ...] = Field(min_length=1, description="who writes")
    variants: dict[Slug, dict[str, Any]] = Field(
        default={}, description="policies of one's own, as in `pools`: {sharp: {policy: default, kappa_minutes: 4}}"
    )
    policies: tuple[str, ...] = Field(
        default=("default",),
        description="that every pool is matched by, side by side, or variants; as-configured: as the pools say",
    )
    replications: int = Field(default=20, ge=1, le=10_000, description="how often it is run, each time by other chance")
    seed: int = Field(default=1, description="of chance: the same scenario and seed give the same figures")
