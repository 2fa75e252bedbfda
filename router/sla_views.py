"""What the API gives of an explanation of deadlines: sentences to be read to a customer, and beside them every interval."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from router.messages import Time
from router.views import View


class SkippedView(View):
    """Time that does not count."""

    start: Time
    end: Time
    why: Literal["closed", "holiday", "pause"]
    name: str | None = Field(default=None, description="of the holiday; of a pause pending, snoozed or resolved")


class SumLineView(View):
    """A line of the sum: the same hours of days in a row, a pause or a holiday; the last is the sum itself."""

    kind: Literal["counted", "pause", "holiday", "sum"]
    label: str
    text: str
    length: str = Field(description="how much counts, or how much of the clock's time a pause or a holiday took")
    seconds: float
    start: Time
    end: Time


class StageView(View):
    """Something that the clock sets off."""

    kind: Literal["warning", "breach", "reminder"]
    at: Time
    share: int = Field(description="per cent of the time; 100 is the breach, 101 its first reminder")
    acted: bool = Field(description="it was done")


class PromisedView(View):
    """How much time there is, and of which kind."""

    seconds: float | None = Field(description="null: the calendar has no further day")
    end_of_day: bool = Field(default=False, description="by the day's end, else by that of the next business day")
    calendar: str | None = Field(default=None, description="whose hours count; null: all time does")
    given_by: Literal["tier", "channel", "policy", "queue"]


class DeadlineView(View):
    """One clock and how its deadline came about."""

    target: Literal["accept", "first_response", "next_response", "resolution"]
    title: str
    state: Literal["running", "paused", "breached", "met", "missed", "cancelled"] = Field(
        description="breached: its time is over and it is not done; missed: done after that; cancelled: nobody needs it any more"
    )
    state_text: str
    why: Literal["pending", "snoozed", "resolved", "closed"] | None = Field(
        default=None, description="paused: why it stands still"
    )
    late: bool
    latest: bool = Field(description="of its target; the others are over")
    started_at: Time
    ended_at: Time | None = None
    due_at: Time | None = Field(description="null while a pause has no end")
    was_due_at: Time | None = Field(
        default=None, description="what was said when the conversation was saved last, if the policy has changed since"
    )
    promised: PromisedView
    counted_seconds: float = Field(description="until it ended, or until now")
    text: tuple[str, ...]
    lines: tuple[SumLineView, ...]
    counted: tuple[tuple[Time, Time], ...] = Field(description="every interval; together they are what was promised")
    skipped: tuple[SkippedView, ...]
    stages: tuple[StageView, ...] = ()


class ToldView(View):
    """Something a customer was promised."""

    id: str
    state: Literal["open", "broken", "kept", "taken_back"]
    made_at: Time
    due_at: Time
    ended_at: Time | None = None
    text: str


class DeadlinesView(View):
    """Every deadline of a conversation with its sum, as it stands now."""

    conversation: str
    language: Literal["en", "tr"]
    zone: str = Field(
        description="of all its times in words: the policy's calendar's, else that of the opening hours of the inbox, else the first "
        "calendar's, else UTC"
    )
    at: Time
    policy: str | None = Field(description="null: its queue names none")
    config: str | None = Field(description="supervisors: the version of the configuration that all is counted by")
    title: str
    note: tuple[str, ...]
    clocks: tuple[DeadlineView, ...] = Field(description="in the order of their start")
    promises: tuple[ToldView, ...] = ()
