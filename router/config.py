"""The configuration's models: inboxes, queues, agents. YAML files in git, validated here, applied as one immutable version."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from router.hours import Hours

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]


class Model(BaseModel):
    """Frozen, and strict about names: a misspelt key is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


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


class Queue(Model):
    """Where conversations wait. Its one skill says who may take them; its target says how soon they are answered."""

    name: Slug
    pool: Slug = "main"
    skill: Slug
    priority: int = Field(default=5, ge=1, le=9, description="1 is the most urgent; oldest first within one")
    first_response_minutes: float = Field(default=60, gt=0, le=60 * 24 * 30)

    @property
    def first_response(self) -> timedelta:
        """The target as a duration, wall clock."""
        return timedelta(minutes=self.first_response_minutes)


class Agent(Model):
    """A person who answers. `name` is their user name in the user pool."""

    name: Slug
    display_name: str
    pool: Slug = "main"
    skills: frozenset[Slug] = frozenset()
    units: int = Field(default=12, ge=0, le=1000, description="capacity units held at once")
    limits: dict[str, int] = Field(default_factory=dict, description="at most so many conversations per channel")
    languages: tuple[Language, ...] = ()


class Routing(Model):
    """What one conversation of a channel weighs, and how long a resolved one may be reopened."""

    units: dict[str, int] = Field(
        default={"webchat": 4, "email": 6, "sms": 3, "whatsapp": 3, "telegram": 3, "messenger": 3, "instagram": 3}
    )
    reopen_hours: float = Field(default=24 * 7, ge=0)
    absent_minutes: float = Field(
        default=5, ge=1, description="what an absent agent owes an answer goes back to the line after so long"
    )

    fallback: tuple[str, ...] = Field(
        default=("whatsapp", "telegram", "sms", "messenger", "instagram", "email"),
        description="where an answer goes that its channel refused for good, if the customer wrote from there; empty: nowhere",
    )

    def weight(self, channel: str) -> int:
        """Capacity units one conversation of the channel takes."""
        return self.units.get(channel, 3)


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
    acknowledgement: Texts = Field(default={}, description="we have it; outside hours too if there is no other text")
    out_of_hours: Texts = Field(default={}, description="nobody is there; once while it is closed")
    stopped: Texts = Field(default={}, description="confirms STOP; a text of ours without it")
    started: Texts = Field(default={}, description="confirms START; a text of ours without it")
    help: Texts = Field(default={}, description="answers HELP; a text of ours without it")


class Rule(Model):
    """What becomes of a message that begins a conversation, if its condition holds.

    Rules are judged from the top. Of several that say a queue, a priority or a language the first one counts; tags add up.
    """

    name: Slug
    when: str | None = Field(default=None, max_length=4000, description="a condition in CEL; always, without one")
    queue: Slug | None = None
    priority: int | None = Field(default=None, ge=1, le=9, description="1 is the most urgent")
    language: Language | None = Field(default=None, description="that the conversation is in")
    tags: tuple[Slug, ...] = Field(default=(), max_length=10)
    stop: bool = Field(default=False, description="no rule below is looked at")
    checked: Any = Field(
        default=None, description="the condition's tree, made when the files are read; not for writing"
    )


class Config(Model):
    """One whole configuration. `version` is the content's hash, set when it is applied."""

    format: Literal[1] = 1
    version: str = "unapplied"
    inboxes: tuple[Inbox, ...] = ()
    queues: tuple[Queue, ...] = ()
    agents: tuple[Agent, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    hours: tuple[Hours, ...] = ()
    answers: tuple[AutomaticAnswers, ...] = ()
    rules: tuple[Rule, ...] = ()
    routing: Routing = Routing()

    @model_validator(mode="after")
    def _names_resolve(self) -> Config:
        errors: list[str] = []
        lists: tuple[tuple[str, tuple[Inbox | Queue | Agent | Webhook | Hours | Rule, ...]], ...] = (
            ("inbox", self.inboxes), ("queue", self.queues), ("agent", self.agents), ("webhook", self.webhooks),
            ("hours", self.hours), ("rule", self.rules),
        )  # fmt: skip
        for kind, items in lists:
            names = [item.name for item in items]
            errors += [f"{kind} '{name}' is defined twice" for name in sorted({n for n in names if names.count(n) > 1})]
        queues = {queue.name: queue for queue in self.queues}
        for inbox in self.inboxes:
            if inbox.queue not in queues:
                errors.append(f"inbox '{inbox.name}': there is no queue '{inbox.queue}'")
        for queue in self.queues:
            if not any(queue.skill in agent.skills and agent.pool == queue.pool for agent in self.agents):
                errors.append(f"queue '{queue.name}': no agent of pool '{queue.pool}' has the skill '{queue.skill}'")
        for rule in self.rules:
            if rule.queue is not None and rule.queue not in queues:
                errors.append(f"rule '{rule.name}': there is no queue '{rule.queue}'")
            if rule.when is not None and rule.checked is None:
                errors.append(f"rule '{rule.name}': its condition is not checked; load the files by `santral config`")
        places = [(one.queue, one.inbox) for one in self.answers]
        for one in self.answers:
            if one.queue not in queues:
                errors.append(f"answers of queue '{one.queue}': there is no such queue")
            if one.inbox is not None and all(inbox.name != one.inbox for inbox in self.inboxes):
                errors.append(f"answers of queue '{one.queue}': there is no inbox '{one.inbox}'")
            if one.hours is not None and all(hours.name != one.hours for hours in self.hours):
                errors.append(f"answers of queue '{one.queue}': there are no hours '{one.hours}'")
            if one.out_of_hours and one.hours is None:
                errors.append(
                    f"answers of queue '{one.queue}': out_of_hours without hours, which say when it is closed"
                )
        for queue_name, inbox_name in sorted({p for p in places if places.count(p) > 1}, key=str):
            where = f" and inbox '{inbox_name}'" if inbox_name else ""
            errors.append(f"answers of queue '{queue_name}'{where} are defined twice")
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

    def webhook(self, name: str) -> Webhook | None:
        """The webhook of that name."""
        return next((webhook for webhook in self.webhooks if webhook.name == name), None)

    def hours_of(self, answers: AutomaticAnswers) -> Hours | None:
        """When somebody is there; None: always."""
        return next((hours for hours in self.hours if hours.name == answers.hours), None)

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
