"""Campaigns and journeys as the configuration has them: what sets them off, for whom, in which steps, and what ends them.

A campaign with one step is a broadcast; with several it is a journey. See docs/outreach.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from router.calendars import MADE
from router.candidates import Cap, Caps, Heed
from router.messages import ChannelName
from router.purposes import Purpose
from router.quiet import SendHours
from router.recurring import Birthday, Once, Recurring
from router.scores import ScoreKind
from router.spans import Span
from router.written import Model, Slug, picked
from router.zones import ZoneName

EVENT_TYPE = r"[a-z0-9_]+(\.[a-z0-9_]+)+"
EventType = Annotated[str, StringConstraints(pattern=rf"^{EVENT_TYPE}$", max_length=100)]
"""`purchase.completed`: a type with a dot in it, as docs/api.md has it."""
Did = Annotated[str, StringConstraints(pattern=rf"^(reply|click|{EVENT_TYPE})$", max_length=128)]
"""What a person does: with a message of ours, or by an event."""
Ends = Annotated[str, StringConstraints(pattern=rf"^(reply|complaint|click|{EVENT_TYPE})$", max_length=128)]
Condition = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Share = Annotated[float, Field(gt=0, le=1_000_000)]
PerCent = Annotated[float, Field(ge=0, le=100)]
Scalar = str | int | float | bool
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

SURVEYS: tuple[ScoreKind, ...] = (ScoreKind.CSAT, ScoreKind.NPS, ScoreKind.CES)
MOST_STEPS = 50
"""Of one campaign, those inside others among them."""
GIVEN = ("name", "company", "language", "unsubscribe", "survey")
"""Values that every template of a campaign may use."""


# --- what sets it off ------------------------------------------------------------------------------------------------


class Happened(Model):
    """By an event of the person: of the API or of EventBridge."""

    event: EventType = Field(description="its type, such as purchase.completed")


class Became(Model):
    """By a conversation of the person that becomes this."""

    conversation: Literal["resolved"] = Field(description="resolved: each time that it is")


class ByHand(Model):
    """By nobody but who runs it: `santral campaign run`."""

    by_hand: Literal[True] = Field(description="only true")


Start = Annotated[
    Once | Recurring | Birthday | Happened | Became | ByHand,
    picked(
        "says nothing of what sets it off; write one of",
        at=Once,
        cron=Recurring,
        birthday=Birthday,
        event=Happened,
        conversation=Became,
        by_hand=ByHand,
    ),
]


# --- steps -----------------------------------------------------------------------------------------------------------


class Variant(Model):
    """One of several texts, for a share of the people."""

    name: Slug
    template: Slug = Field(description="its text")
    share: Share = Field(default=1, description="of the sum of all shares")


class Send(Model):
    """A message: one template, or one of several variants by chance that can be repeated."""

    send: Slug | None = Field(default=None, description="the template")
    variants: tuple[Variant, ...] = Field(default=(), max_length=10, description="several templates instead")
    survey: Literal["csat", "nps", "ces"] | None = Field(
        default=None,
        description="asks for a score: the template has {{ survey }}, its link; a reply such as 5 counts too",
    )
    channels: tuple[ChannelName, ...] = Field(default=(), description="these, in this order, instead of the campaign's")
    stale: Span | None = Field(
        default=None, description="after so long it makes no sense any more; else the campaign's"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Send:
        if (self.send is None) is not bool(self.variants):
            raise ValueError("name a template under `send`, or several under `variants`")
        names = [one.name for one in self.variants]
        if len(set(names)) < len(names):
            raise ValueError("two variants have one name")
        return self

    @property
    def templates(self) -> tuple[str, ...]:
        """All that it may be."""
        return (self.send,) if self.send is not None else tuple(one.template for one in self.variants)


class Wait(Model):
    """A while, and then until a time by the recipient's clock."""

    wait: Span = Field(description="3d")
    at: Clock | None = Field(default=None, description="and from then until this time by the recipient's clock: 10:00")


class Await(Model):
    """Until something happens, or for so long."""

    wait_for: Did = Field(
        description="an event's type, or what the person does with a message of this journey: reply, click"
    )
    within: Span = Field(description="not longer than this")
    then: tuple[Step, ...] = Field(default=(), description="if it happened")
    otherwise: tuple[Step, ...] = Field(default=(), description="if it did not")


class Branch(Model):
    """One way or the other."""

    when: Condition = Field(description="a condition in CEL over contact, consent, history, event and journey")
    then: tuple[Step, ...] = Field(default=(), description="if it holds")
    otherwise: tuple[Step, ...] = Field(default=(), description="if it does not")
    checked: Any = Field(default=None, json_schema_extra=MADE)


class Stop(Model):
    """The end, from within a branch."""

    stop: Literal[True] = Field(description="only true")


Step = Annotated[
    Send | Wait | Await | Branch | Stop,
    picked("is no step; write one of", send=Send, variants=Send, wait=Wait, wait_for=Await, when=Branch, stop=Stop),
]
Await.model_rebuild()
Branch.model_rebuild()


# --- the campaign ----------------------------------------------------------------------------------------------------


class FromEvent(Model):
    """A value of the event that set it off."""

    event: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")] = Field(
        description="a path into the event's data: order.number"
    )


class FromContact(Model):
    """An attribute of the person."""

    contact: str = Field(min_length=1, max_length=100, description="an attribute's name")


Value = Annotated[
    FromEvent | FromContact | Scalar,
    picked(
        "is no value; write a text, a number, true, false, or a path under one of",
        plain=(str, int, float, bool),
        event=FromEvent,
        contact=FromContact,
    ),
]


class Goal(Model):
    """What the campaign is for: results count who did it within so long of when they entered."""

    of: Did = Field(description="reply, click, or an event's type")
    within: Span = Field(default=7 * 86_400, description="of entering it")


class Budget(Model):
    """A run stops before it has cost more, by `outreach.prices`; what events or conversations set off, each day."""

    most: float = Field(gt=0, description="in the currency of outreach.currency")


class Campaign(Model):
    """What we write first, to whom, when. Which messages leave in the end is the arbiter's to say (docs/arbiter.md)."""

    name: Slug
    starts: Start = Field(description="at, cron, birthday, event, conversation: resolved, or by_hand")
    segment: Slug | None = Field(default=None, description="for those of this segment")
    everyone: bool = Field(
        default=False, description="for all contacts: said in so many words where there is no segment"
    )
    when: Condition | None = Field(default=None, description="and only if this condition in CEL holds when it begins")
    brand: Slug | None = Field(
        default=None, description="leaves from this brand's inboxes; needed where there are several"
    )
    channels: tuple[ChannelName, ...] = Field(
        default=(),
        description="in this order, the first that the person can be reached on; without any: as they prefer, then the templates' order",
    )
    steps: tuple[Step, ...] = Field(min_length=1, description="one after the other: send, wait, wait_for, when, stop")
    importance: int = Field(
        default=50, ge=0, le=100, description="of messages that compete for a slot the higher one wins"
    )
    heeds: frozenset[Heed] = Field(
        default=frozenset((Heed.COMPLAINT, Heed.BREACH)),
        description="what in support keeps it back: complaint, breach, open (any unresolved conversation)",
    )
    stale: Span = Field(default=86_400, description="what could not leave for so long is dropped")
    holdout_percent: PerCent = Field(default=0, description="so many get nothing, so that results can be compared")
    exits: tuple[Ends, ...] = Field(
        default=("reply", "complaint"),
        description="what ends a journey before its next message: reply, complaint, click, events",
    )
    again: Span | None = Field(default=None, description="the same person gets it at most once within so long")
    goal: Goal | None = Field(default=None, description="what results are counted by")
    values: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_][a-zA-Z0-9_]*$")], Value] = Field(
        default={}, description="what its templates need besides name, company, language, survey and unsubscribe"
    )
    utm: dict[str, str] = Field(default={}, description="parameters that each tracked link leads on with")
    track: bool = Field(default=True, description="links are short ones of ours, and clicks are counted")
    budget: Budget | None = Field(default=None, description="what a run may cost at most")
    enabled: bool = Field(default=True, description="false: nothing sets it off, and nothing of it leaves")
    checked: Any = Field(default=None, json_schema_extra=MADE)

    @model_validator(mode="after")
    def _fits(self) -> Campaign:
        sends = [step for step in every(self.steps) if isinstance(step, Send)]
        if not sends:
            raise ValueError("sends nothing: none of its steps is a `send`")
        if len(list(every(self.steps))) > MOST_STEPS:
            raise ValueError(f"has more than {MOST_STEPS} steps")
        if self.scheduled and self.segment is None and self.when is None and not self.everyone:
            raise ValueError("is for whom? Name a segment, or write `everyone: true`")
        if self.everyone and self.segment is not None:
            raise ValueError("is for a segment or for everyone, not both")
        return self

    @property
    def scheduled(self) -> bool:
        """Is it set off for an audience, by a clock or by hand, and not by what one person does?"""
        return not isinstance(self.starts, Happened | Became)

    @property
    def clock(self) -> Once | Recurring | Birthday | None:
        """When it is set off by a clock."""
        return self.starts if isinstance(self.starts, Once | Recurring | Birthday) else None

    @property
    def sends(self) -> Iterator[Send]:
        """Its messages, in the order in which they are written."""
        return (step for step in every(self.steps) if isinstance(step, Send))


def every(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps, those inside others after them."""
    for step in steps:
        yield step
        if isinstance(step, Await | Branch):
            yield from every(step.then)
            yield from every(step.otherwise)


def placed(steps: tuple[Step, ...], way: str = "steps") -> Iterator[tuple[str, Step]]:
    """All steps with the way to each: `steps[1].then[0]`."""
    for number, step in enumerate(steps):
        here = f"{way}[{number}]"
        yield here, step
        if isinstance(step, Await | Branch):
            yield from placed(step.then, f"{here}.then")
            yield from placed(step.otherwise, f"{here}.otherwise")


class Segment(Model):
    """Some of the contacts, by a condition that is judged anew each time."""

    name: Slug
    when: Condition = Field(description="a condition in CEL over contact, consent and history: see docs/outreach.md")
    checked: Any = Field(default=None, json_schema_extra=MADE)


# --- what holds for all of them --------------------------------------------------------------------------------------


class PurposeCaps(Model):
    """How many messages of one purpose somebody gets, from all campaigns together."""

    day: int | None = Field(default=None, ge=0, le=100, description="on a local day of the recipient")
    week: int | None = Field(default=None, ge=0, le=700, description="in any seven local days in a row")
    reserve: int = Field(default=0, ge=0, le=100, description="of the week's, for messages that an event set off")

    @property
    def caps(self) -> Caps:
        """As the arbiter has them."""
        day = None if self.day is None else Cap(self.day)
        return Caps(day, None if self.week is None else Cap(self.week, self.reserve))


class SurveyPolicy(Model):
    """How often people are asked, and what becomes of an answer."""

    every: Span = Field(default=30 * 86_400, description="nobody is asked more often than that, whatever campaign asks")
    low: dict[Literal["csat", "nps", "ces"], int] = Field(
        default={"csat": 2, "nps": 6, "ces": 2}, description="a score up to this opens a conversation for a supervisor"
    )
    queue: Slug | None = Field(
        default=None, description="where that conversation waits; else where the person's last one was"
    )
    reply_within: Span = Field(default=3 * 86_400, description="so long a reply such as 5 is taken for the score")


class Outreach(Model):
    """What holds for all campaigns together."""

    zone: ZoneName | None = Field(
        default=None, description="where nobody knows where somebody is; else that of the first calendar"
    )
    hours: tuple[SendHours, ...] = Field(
        default=(), description="when something may be sent; without a word 09:00-21:00"
    )
    caps: dict[Purpose, PurposeCaps] = Field(
        default={
            Purpose.MARKETING: PurposeCaps(day=1, week=3, reserve=1),
            Purpose.SERVICE: PurposeCaps(day=2, week=5, reserve=1),
        },
        description="by purpose; one that is not here has no limit",
    )
    complaints: frozenset[Slug] = Field(default=frozenset(("complaint",)), description="categories that are complaints")
    holdout_percent: PerCent = Field(
        default=0, description="so many get nothing of any campaign, but for transactional messages"
    )
    confirm_above_percent: PerCent = Field(
        default=50, description="a run for more than this share of all contacts waits until somebody confirms it"
    )
    prices: dict[ChannelName, Annotated[float, Field(ge=0)]] = Field(
        default={}, description="of one message, of an SMS one part; by channel, for costs and budgets"
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        default="USD", description="of prices and budgets"
    )
    rates: dict[Slug, Annotated[float, Field(gt=0, le=10_000)]] = Field(
        default={}, description="messages a second that an inbox may send; else what its provider allows"
    )
    surveys: SurveyPolicy = Field(default=SurveyPolicy(), description="how often people are asked, and low scores")

    @field_validator("caps")
    @classmethod
    def _reserve_fits(cls, value: dict[Purpose, PurposeCaps]) -> dict[Purpose, PurposeCaps]:
        for purpose, caps in value.items():
            if caps.reserve and (caps.week is None or caps.reserve > caps.week):
                raise ValueError(f"{purpose}: keeps more for events than a week has")
        return value
