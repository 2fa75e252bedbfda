"""What is done when a deadline comes near, passes, or is still missed, as SLA policies write it. Values only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from router.lengths import Limit
from router.written import Language, Model, Slug

Share = Annotated[int, Field(ge=1, le=99)]
Goal = Literal["accept", "first_response", "next_response", "resolution", "promise"]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Mailbox = Annotated[
    str, StringConstraints(pattern=r"^[^\s@<>,;:\"()]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$", max_length=254)
]


class Notices(Model):
    """Who else hears of it."""

    desk: bool = Field(default=False, description="whoever has it and who watches it; if nobody has it, its pool")
    email: tuple[Mailbox, ...] = Field(
        default=(),
        max_length=10,
        description="mailboxes of the staff: a short mail with a link, nothing of the customer's",
    )
    webhook: tuple[Slug, ...] = Field(
        default=(), max_length=10, description="they get conversation.escalated, whatever else they hear of"
    )

    @model_validator(mode="after")
    def _tells_somebody(self) -> Notices:
        if not (self.desk or self.email or self.webhook):
            raise ValueError("tells nobody: write desk: true, email or webhook")
        return self


class Call(Model):
    """Somebody calls the customer: a promise of its own, which does not become another one when it is broken."""

    queue: Slug = Field(description="whose people call; what somebody has stays theirs, and they call")
    within: Limit = Field(description="a time such as 2h, by the clock on the wall")

    @model_validator(mode="after")
    def _is_a_time(self) -> Call:
        if self.within.seconds is None:
            raise ValueError("within: write a time such as 2h")
        return self


class Escalation(Model):
    """What is done at one kind of event, once for each event."""

    at: Share | Literal["warning", "breach", "reminder"] = Field(
        description="breach, reminder, warning, or one warning by its share in per cent"
    )
    targets: tuple[Goal, ...] = Field(default=(), description="of these only; of all without them")
    raise_by: int | None = Field(default=None, ge=1, le=8, description="raise the priority by so much, up to 1")
    queue: Slug | None = Field(default=None, description="what nobody has moves there, and waits on by its own wait")
    relax: bool = Field(default=False, description="what waits asks at once for what it would ask for in the end")
    watch: tuple[Slug, ...] = Field(default=(), max_length=10, description="agents who hear of it from then on")
    notify: Notices | None = Field(default=None, description="who else hears of it")
    tell: dict[Language, _Text] = Field(
        default={}, description="to the customer, by language: {name}, {company}, {expected}, {due}, {voucher}"
    )
    voucher: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")] | None = Field(
        default=None, description="a broken promise gives a code that begins so"
    )
    call: Call | None = Field(default=None, description="a broken promise has somebody call")

    @model_validator(mode="after")
    def _does_something(self) -> Escalation:
        made = {name for name in ("voucher", "call") if getattr(self, name) is not None}
        if made and (self.at != "breach" or self.targets != ("promise",)):
            raise ValueError(f"{' and '.join(sorted(made))}: for a broken promise only: at: breach, targets: [promise]")
        if self.queue is not None and self.call is not None:
            raise ValueError("queue: `call` says the queue already")
        done = (self.raise_by, self.queue, self.relax, self.watch, self.notify, self.tell, self.voucher, self.call)
        if not any(done):
            raise ValueError("does nothing: write raise_by, queue, relax, watch, notify, tell, voucher or call")
        return self

    def fits(self, kind: str, number: int, target: str) -> bool:
        """Is it for such an event: a stage's kind and number, of a clock for that target?"""
        return (self.at == number if isinstance(self.at, int) else self.at == kind) and (
            not self.targets or target in self.targets
        )


TOLD = frozenset({"name", "company", "expected", "due", "voucher"})
"""Placeholders of `tell`."""
