"""The configuration's models: inboxes, queues, agents. YAML files in git, validated here, applied as one immutable version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from router import config_checks
from router.business import WALL_CLOCK, business
from router.calendars import MADE, Calendar
from router.campaigns import Campaign, Outreach, Segment
from router.keywords import Keywords
from router.requirements import LEVELS, Needs, Requirement, Rung, in_language, ladder, read
from router.targets import Sla, Terms, plain_terms, terms_of
from router.templates import Template
from router.times import from_ms, to_ms
from router.written import Language, Model, Slug


class Inbox(Model):
    """One configured address on a channel."""

    name: Slug
    channel: str = Field(description="the registry's name: email, twilio, webchat")
    address: str = Field(description="e-mail address, E.164 number; web chat: any label")
    queue: Slug
    brand: Slug = Field(default="default", description="the thread group: one open conversation per contact and brand")
    language: Language = "en"
    display_name: str | None = None
    secret: str | None = Field(default=None, description="the key of its credentials inside the provider secret")
    settings: dict[str, Any] = Field(
        default_factory=dict, description="what only this channel knows, such as allowed origins"
    )


class Step(Model):
    """What is asked of an agent for a while, before the next step asks less."""

    needs: Needs
    seconds: int = Field(ge=1, le=86400, description="for so long, counted from the last step's end")


class Overflow(Model):
    """After a while the agents of another queue may take it too."""

    queue: Slug = Field(description="of the same pool: who meets its `skill` may take it as well")
    after_seconds: int = Field(ge=1, le=86400 * 7, description="of waiting")


class Queue(Model):
    """Where conversations wait, who may take them, and how soon they are answered.

    `skill` is the default target: whoever meets it may take any conversation of the queue once its steps are over.
    """

    name: Slug
    pool: Slug = "main"
    skill: Needs
    steps: tuple[Step, ...] = Field(
        default=(), max_length=10, description="asked for first; see docs/routing-policy.md"
    )
    overflow: tuple[Overflow, ...] = Field(default=(), max_length=5)
    priority: int = Field(default=5, ge=1, le=9, description="1 is the most urgent: two steps count double")
    sla: Slug | None = Field(default=None, description="how soon its conversations are dealt with, from `sla`")
    first_response_minutes: float = Field(
        default=60, gt=0, le=60 * 24 * 30, description="wall clock, until the first answer; where it has no `sla`"
    )
    offer_seconds: int | None = Field(
        default=None,
        ge=0,
        le=600,
        description="an agent has so long to accept, whatever the channel says; 0: by itself",
    )
    wrap_up_seconds: int = Field(
        default=0, ge=0, le=3600, description="after a conversation is resolved its agent gets nothing new for so long"
    )

    @property
    def first_response(self) -> timedelta:
        """The target as a duration, wall clock."""
        return timedelta(minutes=self.first_response_minutes)


Level = Annotated[int, Field(ge=1, le=LEVELS)]


class Skill(Model):
    """A skill's name, so that a misspelt one is an error. Where none is listed, those that agents have are known."""

    name: Slug
    description: str = ""


class Agent(Model):
    """A person who answers. `name` is their user name in the user pool."""

    name: Slug
    display_name: str
    pool: Slug = "main"
    skills: dict[Slug, Level] | frozenset[Slug] = Field(
        default=frozenset(), description="with levels from 1 to 5 ({billing: 4}), or a list, all at level 1"
    )
    secondary: frozenset[Slug] = Field(
        default=frozenset(), description="those of the skills that are not their main work"
    )
    units: int = Field(default=12, ge=0, le=1000, description="capacity units held at once")
    limits: dict[str, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="at most so many conversations per channel"
    )
    languages: dict[Language, Level] | tuple[Language, ...] = Field(
        default=(), description="a language is a skill: en-GB is the skill en"
    )
    hours: Slug | None = Field(default=None, description="working hours, from `hours`: nothing is offered outside them")
    brands: tuple[Slug, ...] = Field(default=(), description="may answer for these only; empty: for all")

    @property
    def levels(self) -> dict[str, int]:
        """All skills with their levels, languages among them by their first part."""
        levels: dict[str, int] = (
            dict(self.skills) if isinstance(self.skills, dict) else dict.fromkeys(sorted(self.skills), 1)
        )
        spoken = self.languages if isinstance(self.languages, dict) else dict.fromkeys(self.languages, 1)
        for language, level in spoken.items():
            name = language.partition("-")[0].lower()
            levels[name] = max(level, levels.get(name, 0))
        return levels

    def answers_for(self, brand: str) -> bool:
        """May they answer this brand's customers?"""
        return not self.brands or brand in self.brands


class Presence(Model):
    """A state that agents set. `online`, `away` and `offline` are always there."""

    name: Slug
    available: bool = Field(default=False, description="gets conversations in it")
    label: dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=40)]] = Field(default={})


PolicyName = Literal["default", "fifo", "strict", "edf", "edf-late", "wvd", "accumulating", "c-mu"]
"""Which of those who could be taken goes first (router.policies)."""


class Pool(Model):
    """How a pool's conversations and agents are matched. Every number is explained in docs/routing-policy.md."""

    name: Slug
    policy: PolicyName = "default"
    kappa_minutes: float = Field(
        default=8, gt=0, le=100_000, description="default: how early urgency grows; about the mean handle time"
    )
    late_factor: float = Field(default=0.05, ge=0, le=1, description="default: what a late conversation counts for")
    guard: float = Field(default=5, gt=1, le=1000, description="default: who waited so many targets goes first of all")
    size_exponent: float = Field(default=0.5, ge=0, le=2, description="default: how much short work goes first")
    secondary_factor: float = Field(default=0.8, gt=0, le=1, description="default: what a secondary skill counts for")
    declined_seconds: int = Field(default=120, ge=0, le=86400, description="not offered again to who declined it")
    missed_seconds: int = Field(default=60, ge=0, le=86400, description="not offered again to who let it time out")
    pause_after: int = Field(default=3, ge=2, le=100, description="offers missed in a row before an agent is paused")
    pause_seconds: int = Field(
        default=300, ge=10, le=86400, description="so long; they stay in, and end it by any action"
    )
    last_agent: bool = Field(default=True, description="who reopens goes to who had them, if that agent is free now")


class Routing(Model):
    """What one conversation of a channel weighs, how it is offered, and how long a resolved one may be reopened."""

    units: dict[str, Annotated[int, Field(ge=1, le=1000)]] = Field(
        default={"webchat": 4, "email": 6, "sms": 3, "whatsapp": 3, "telegram": 3, "messenger": 3, "instagram": 3}
    )
    handle_minutes: dict[str, Annotated[float, Field(gt=0, le=10_000)]] = Field(
        default={"webchat": 9, "email": 8, "sms": 14, "whatsapp": 14, "telegram": 14, "messenger": 7, "instagram": 7},
        description="mean working time of one conversation: short work goes first, all else being equal",
    )
    offers: dict[str, Annotated[int, Field(ge=5, le=600)]] = Field(
        default={}, description="seconds an agent has to accept, by channel; a channel not named is accepted by itself"
    )
    tiers: dict[Slug, Annotated[float, Field(gt=0, le=100)]] = Field(
        default={"gold": 4, "silver": 2, "bronze": 1}, description="weights of the tiers that rules give"
    )
    reopen_hours: float = Field(default=24 * 7, ge=0, le=24 * 366)
    absent_minutes: float = Field(
        default=5, ge=1, le=1440, description="what an absent agent owes an answer goes back to the line after so long"
    )

    fallback: tuple[str, ...] = Field(
        default=("whatsapp", "telegram", "sms", "messenger", "instagram", "email"),
        description="where an answer goes that its channel refused for good, if the customer wrote from there; empty: nowhere",
    )

    def weight(self, channel: str) -> int:
        """Capacity units one conversation of the channel takes."""
        return self.units.get(channel, 3)

    def handling(self, channel: str) -> float:
        """Mean working minutes of one conversation of the channel."""
        return self.handle_minutes.get(channel, 10)


class Webhook(Model):
    """Somebody's URL that hears of integration events (docs/events.md), signed by Standard Webhooks."""

    name: Slug
    url: Annotated[
        str,
        StringConstraints(
            pattern=r"^(https://[^\s/@?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?)([/?][^\s#]*)?$",
            max_length=2000,
        ),
    ] = Field(description="https; without user and password. Plain http only to this machine, in a local run")
    events: tuple[Annotated[str, StringConstraints(pattern=r"^(\*|[a-z]+\.(\*|[a-z_]+))$")], ...] = Field(
        min_length=1, description="types, such as message.received; conversation.* or * for many"
    )
    secret: str = Field(
        min_length=1,
        description="the key of its whsec_ secret inside the provider secret; <secret>_previous signs as well",
    )
    enabled: bool = True


Texts = dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]]


class AutomaticAnswers(Model):
    """What leaves by itself when a conversation of a queue begins or reopens, and what is said of opting out. All by language.

    Placeholders: {name}, {company}; {expected} says when an answer is to be had, {opens} when somebody is there again.
    """

    queue: Slug
    inbox: Slug | None = Field(default=None, description="only for what came to this one; goes before those without")
    hours: Slug | None = Field(default=None, description="opening hours; always open without them")
    window_hours: float = Field(default=24, gt=0, le=24 * 30, description="an acknowledgement goes out once within")
    most: int = Field(default=3, ge=1, le=20, description="automatic answers to one address within 24 hours")
    promises: bool = Field(default=False, description="the time that {expected} tells is promised: a clock of its own")
    acknowledgement: Texts = Field(default={}, description="we have it; outside hours too if there is no other text")
    out_of_hours: Texts = Field(default={}, description="nobody is there; once while it is closed")
    stopped: Texts = Field(default={}, description="confirms STOP; a text of ours without it")
    started: Texts = Field(default={}, description="confirms START; a text of ours without it")
    help: Texts = Field(default={}, description="answers HELP; a text of ours without it")


class Rule(Model):
    """What becomes of a message that begins or reopens a conversation, if its condition holds.

    Rules are judged from the top. Tags add up; of all else the first rule that says it counts.
    """

    name: Slug
    when: str | None = Field(default=None, max_length=4000, description="a condition in CEL; always, without one")
    queue: Slug | None = None
    priority: int | None = Field(default=None, ge=1, le=9, description="1 is the most urgent")
    language: Language | None = Field(default=None, description="that the conversation is in")
    tier: Slug | None = Field(default=None, description="of routing.tiers: gold, silver, bronze")
    require: tuple[Step, ...] = Field(
        default=(), max_length=10, description="steps that are asked before the queue's own, each for so many seconds"
    )
    tags: tuple[Slug, ...] = Field(default=(), max_length=10)
    category: Slug | None = Field(default=None, description="what it is about: complaint, order, question")
    sla: Slug | None = Field(default=None, description="how soon it is answered, from `sla`; else as its queue says")
    answer: Texts = Field(
        default={}, description="leaves by itself instead of the queue's acknowledgement, by language"
    )
    stop: bool = Field(default=False, description="no rule below is looked at")
    checked: Any = Field(default=None, json_schema_extra=MADE)
    """The condition's tree."""


class Config(Model):
    """One whole configuration. `version` is the content's hash, set when it is applied."""

    format: Literal[1] = 1
    version: str = "unapplied"
    inboxes: tuple[Inbox, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    skills: tuple[Skill, ...] = ()
    presences: tuple[Presence, ...] = ()
    pools: tuple[Pool, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    answers: tuple[AutomaticAnswers, ...] = ()
    keywords: tuple[Keywords, ...] = ()
    rules: tuple[Rule, ...] = ()
    sla: tuple[Sla, ...] = ()
    templates: tuple[Template, ...] = ()
    segments: tuple[Segment, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    routing: Routing = Routing()
    outreach: Outreach = Outreach()

    @model_validator(mode="after")
    def _names_resolve(self, info: ValidationInfo) -> Config:
        if isinstance(info.context, dict) and info.context.get("loose"):
            return self  # whoever reads the files tells these faults with all others
        errors = config_checks.faults(self)
        if errors:
            raise ValueError("; ".join(errors))
        return self

    def inbox(self, name: str) -> Inbox | None:
        """The inbox of that name."""
        return next((inbox for inbox in self.inboxes if inbox.name == name), None)

    def queue(self, name: str) -> Queue | None:
        """The queue of that name."""
        return next((queue for queue in self.queues if queue.name == name), None)

    def agent(self, name: str) -> Agent | None:
        """The agent of that name."""
        return next((agent for agent in self.agents if agent.name == name), None)

    def pool(self, name: str) -> Pool:
        """How a pool is matched; the default policy where nothing is said."""
        return next((pool for pool in self.pools if pool.name == name), None) or Pool(name=name)

    @property
    def queue_names(self) -> frozenset[str]:
        """Its queues by name."""
        return frozenset(queue.name for queue in self.queues)

    @property
    def pool_names(self) -> frozenset[str]:
        """Pools that have a queue or an agent."""
        return frozenset((*(queue.pool for queue in self.queues), *(agent.pool for agent in self.agents)))

    @property
    def lightest(self) -> int:
        """The least that any conversation weighs: who has less free has no room for anything."""
        carried = {"twilio": "sms"}
        return min((self.routing.weight(carried.get(one.channel, one.channel)) for one in self.inboxes), default=1)

    def offer_seconds(self, queue: str, channel: str) -> int | None:
        """How long an agent has to accept such a conversation; None where it is accepted by itself."""
        found = self.queue(queue)
        seconds = found.offer_seconds if found is not None else None
        return (self.routing.offers.get(channel) if seconds is None else seconds) or None

    @property
    def makes_offers(self) -> bool:
        """Is anything offered at all, or all accepted by itself?"""
        return bool(self.routing.offers) or any(queue.offer_seconds for queue in self.queues)

    def available(self, presence: str) -> bool:
        """Does somebody in this state get conversations?"""
        return presence == "online" or any(one.name == presence and one.available for one in self.presences)

    @property
    def presence_names(self) -> tuple[str, ...]:
        """All states that an agent can be in."""
        return ("online", "away", "offline", *(one.name for one in self.presences))

    def ladder(self, queue: str, require: Iterable[tuple[int, Any]] | None, language: str) -> tuple[Rung, ...]:
        """What a conversation of a queue asks for as it waits: the steps rules gave it, the queue's, its default target.

        None for those that rules gave it: all steps are over, and it asks at once for what it would ask for in the end.
        """
        found = self.queue(queue)
        if found is None:
            raise ValueError(f"there is no queue '{queue}'")

        def needs(value: Any) -> Requirement:
            return in_language(read(value), language)

        steps = [(seconds, needs(value)) for seconds, value in require or ()]
        steps += [(step.seconds, needs(step.needs)) for step in found.steps]
        others = ((one.after_seconds, self.queue(one.queue)) for one in found.overflow)
        rungs = ladder(steps, needs(found.skill), [(after, needs(o.skill)) for after, o in others if o is not None])
        return rungs if require is not None else (Rung(0, rungs[-1].needs),)

    def rule(self, name: str | None) -> Rule | None:
        """The rule of that name."""
        return next((rule for rule in self.rules if rule.name == name), None)

    def policy(self, sla: str | None, queue: str) -> Sla | None:
        """By which a conversation's clocks go: what a rule or an escalation gave it, else its queue's; None where that names none."""
        found = self.queue(queue)
        names = (sla, found.sla if found is not None else None)
        return next((one for name in names for one in self.sla if name is not None and one.name == name), None)

    def terms(self, sla: str | None, queue: str, tier: str | None, channel: str) -> Terms:
        """Everything that is promised of a conversation: by its policy, else by its queue, else an answer within the hour."""
        policy = self.policy(sla, queue)
        if policy is None:
            found = self.queue(queue)
            return plain_terms(3600 if found is None else found.first_response.total_seconds())
        calendar = self.calendar(policy.calendar)
        return terms_of(policy, WALL_CLOCK if calendar is None else business(calendar), tier, channel)

    def target(self, sla: str | None, queue: str, tier: str | None, channel: str) -> timedelta:
        """How soon somebody should have it or answer it, as a length of time: what the matcher weighs the wait by."""
        return timedelta(milliseconds=self.terms(sla, queue, tier, channel).nominal)

    def template(self, name: str) -> Template | None:
        """The template of that name."""
        return next((one for one in self.templates if one.name == name), None)

    def segment(self, name: str | None) -> Segment | None:
        """The segment of that name."""
        return next((one for one in self.segments if one.name == name), None)

    def campaign(self, name: str) -> Campaign | None:
        """The campaign of that name."""
        return next((one for one in self.campaigns if one.name == name), None)

    def webhook(self, name: str) -> Webhook | None:
        """The webhook of that name."""
        return next((webhook for webhook in self.webhooks if webhook.name == name), None)

    def calendar(self, name: str | None) -> Calendar | None:
        """The calendar of that name."""
        return next((one for one in self.calendars if one.name == name), None)

    def zone(self, *calendars: str | None) -> str:
        """By whose clock times are told: that of the first of these calendars that there is, else of the first of all, else UTC."""
        named = (self.calendar(name) for name in calendars)
        found = next((one for one in named if one is not None), None) or next(iter(self.calendars), None)
        return "UTC" if found is None else found.zone

    def zone_of(self, sla: str | None, queue: str, inbox: str) -> str:
        """By whose clock a conversation's deadlines are told: the policy's calendar's, else that of the opening hours of its inbox."""
        policy, answers = self.policy(sla, queue), self.answers_for(queue, inbox)
        return self.zone(
            policy.calendar if policy is not None else None, answers.hours if answers is not None else None
        )

    def is_open(self, calendar: str | None, at: datetime) -> bool:
        """Is somebody there at that time? Not by a calendar that is not there."""
        found = self.calendar(calendar)
        return found is not None and business(found).is_open(to_ms(at))

    def opens(self, calendar: str | None, at: datetime) -> datetime | None:
        """The first time from then on at which somebody is there; None if there is none within a year."""
        found = self.calendar(calendar)
        opening = None if found is None else business(found).opens(to_ms(at))
        return None if opening is None else from_ms(opening)

    def answers_for(self, queue: str, inbox: str) -> AutomaticAnswers | None:
        """What leaves by itself for a queue's conversation: the inbox's own, else the queue's."""
        found = {one.inbox: one for one in self.answers if one.queue == queue and one.inbox in (inbox, None)}
        return found.get(inbox) or found.get(None)

    def inbox_by_address(self, channel: str, address: str) -> Inbox | None:
        """The inbox an address belongs to; for e-mail the part after + is not looked at."""
        wanted = _plain(address)
        return next((i for i in self.inboxes if i.channel == channel and _plain(i.address) == wanted), None)


def _plain(address: str) -> str:
    local, at, domain = address.strip().lower().rpartition("@")
    return local.partition("+")[0] + at + domain if at else domain
