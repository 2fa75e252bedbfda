"""What an agent or a supervisor asks of a conversation, or of their own presence."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from router.messages import Option, Template, Time
from router.parts import Answer
from router.promises import Pledge
from router.views import Body


class OptionBody(Body):
    """Something for the customer to tap, or a link; a numbered line where the channel shows no buttons."""

    title: str = Field(min_length=1, max_length=100)
    payload: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2000, pattern="^https?://")


class TemplateBody(Body):
    """A message the provider approved (WhatsApp); `text` says what it says, for the conversation."""

    name: str = Field(min_length=1, max_length=512)
    language: str = Field(min_length=2, max_length=10)
    parameters: tuple[str, ...] = Field(default=(), max_length=30)


class PledgeBody(Body):
    """A time that the customer is told, with the answer or beside it."""

    until: Time = Field(description="to come, within a year; with its offset from UTC")
    what: str = Field(default="", max_length=300, description="for colleagues; may be left out of an answer's")
    answer: bool = Field(default=False, description="a person's answer keeps it; else somebody has to say so")

    def pledge(self) -> Pledge:
        """What is promised."""
        return Pledge(self.until, self.what, self.answer)


class QualityBody(Body):
    """A supervisor's judgement of an agent's work."""

    score: int = Field(ge=0, le=100, strict=True, description="per cent of what could be had")
    text: str | None = Field(default=None, max_length=2000, description="why; for supervisors and the agent")
    agent: str | None = Field(default=None, max_length=60, description="whom it is about; without it who has or had it")


class SatisfactionBody(Body):
    """What the customer says of how it was."""

    kind: Literal["csat", "nps", "ces"]
    score: int = Field(
        ge=0, le=10, strict=True, description="csat: 1 to 5, nps: 0 to 10, ces: 1 to 7; the most is the best"
    )
    text: str | None = Field(default=None, max_length=2000)


class ReplyBody(Body):
    """An answer to the customer."""

    text: str = Field(default="", max_length=100_000)
    attachments: tuple[Annotated[str, Field(max_length=60)], ...] = Field(
        default=(), max_length=10, description="ids of uploads (POST /v1/attachments)"
    )
    options: tuple[OptionBody, ...] = Field(default=(), max_length=20)
    template: TemplateBody | None = None
    via: str | None = Field(default=None, max_length=60, description="an inbox or channel the customer wrote from")
    refers_to: str | None = Field(default=None, max_length=500, description="the external_id of the message it quotes")
    promise: PledgeBody | None = Field(default=None, description="a time that this answer tells")

    def answer(self) -> Answer:
        """What is to be said."""
        return Answer(
            text=self.text,
            options=tuple(Option(title=o.title, payload=o.payload, url=o.url) for o in self.options),
            template=None if self.template is None else Template(**self.template.model_dump()),
            refers_to=self.refers_to,
        )


class StartBody(Body):
    """A conversation that we begin, with a known contact or with whoever has the address."""

    inbox: str = Field(max_length=60)
    contact: str | None = Field(default=None, max_length=60)
    address: str | None = Field(
        default=None, max_length=320, description="an e-mail address, or a number as +905321234567"
    )
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35)
    subject: str | None = Field(default=None, max_length=998)
    queue: str | None = Field(default=None, max_length=60)
    text: str = Field(default="", max_length=100_000)
    options: tuple[OptionBody, ...] = Field(default=(), max_length=20)
    template: TemplateBody | None = None
    attachments: tuple[str, ...] = Field(default=(), max_length=10, description="ids of uploads")

    def answer(self) -> Answer:
        """What is to be said."""
        return ReplyBody(text=self.text, options=self.options, template=self.template).answer()


class NoteBody(Body):
    """A note that only colleagues see."""

    text: str = Field(min_length=1, max_length=100_000)


class TransferBody(Body):
    """A queue, an agent or a skill: exactly one of them."""

    queue: str | None = None
    agent: str | None = None
    skill: Any = Field(
        default=None, description="a requirement as in the configuration: billing>=3, or a list, or {any: [...]}"
    )
    seconds: int | None = Field(
        default=None, ge=5, le=86400, description="how long the skill is asked for; 600 without it"
    )
    note: str | None = Field(default=None, max_length=10_000)


class DeclineBody(Body):
    """Why not, for supervisors to read."""

    reason: str | None = Field(default=None, max_length=500)


class AssignBody(Body):
    """Who gets it, by a supervisor's word."""

    agent: str
    note: str | None = Field(default=None, max_length=10_000)


class SnoozeBody(Body):
    """Until when it is put aside; the customer's next message ends it too."""

    until: Time


class PresenceBody(Body):
    """What an agent is up to."""

    presence: str = Field(description="online, away, offline, or a state of the configuration", max_length=40)
