"""What the API gives of an explanation: sentences to be read, and beside them what a page would sort by."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from router.messages import Time
from router.views import View


class StoryLine(View):
    """Something that happened, in a sentence, and what there is to say of it."""

    at: Time
    day: str = Field(description="the date, in words")
    clock: str = Field(description="the time of day in the explanation's zone")
    what: str = Field(description="the kind of entry: decision, accept, missed, step, again...")
    text: str
    details: tuple[str, ...] = ()
    conversation: str | None = Field(
        default=None, description="set where it happened in one that became part of this one"
    )
    decision: str | None = Field(default=None, description="supervisors: the decision's id, which can be replayed")
    config: str | None = Field(default=None, description="supervisors: the configuration's version that decided")


class ReasonView(View):
    """Why so many cannot take it now. Each is counted under the first reason that holds."""

    reason: str = Field(
        description="presence:away, hours, paused, wrap-up, permission:x, skill:x, declined, capacity, limit:x"
    )
    count: int
    text: str


class ColleagueView(View):
    """Why one cannot take it now, and until when where that is known."""

    agent: str
    display_name: str
    reason: str | None = Field(default=None, description="null: can take it")
    text: str
    until: Time | None = None


class LadderStepView(View):
    """What is asked after so many seconds of waiting."""

    after_seconds: int
    at: Time
    needs: str
    state: Literal["past", "now", "coming"]


class NowView(View):
    """How it stands. What is said of one that waits is judged now, and is not on record."""

    at: Time
    state: Literal["waiting", "offered", "active", "pending", "snoozed", "resolved", "closed"]
    text: tuple[str, ...]
    you: str | None = Field(default=None, description="agents: why you, or why not")
    needs: str | None = None
    reasons: tuple[ReasonView, ...] = ()
    could: int | None = Field(default=None, description="waiting: how many could take it now")
    colleagues: tuple[ColleagueView, ...] = Field(default=(), description="supervisors: everybody of the pool")
    steps: tuple[LadderStepView, ...] = Field(default=(), description="supervisors: what it asks for as it waits")
    score: float | None = Field(default=None, description="supervisors: how urgent it is by its pool's policy")
    config: str | None = Field(default=None, description="supervisors: the version it was judged under")


class ExplanationView(View):
    """Why a conversation is where it is, told to a colleague or to a supervisor."""

    conversation: str
    audience: Literal["agent", "supervisor"]
    language: Literal["en", "tr"]
    zone: str = Field(description="of all its times in words: the zone of the inbox's opening hours, else UTC")
    title: str
    note: str = Field(description="says the zone")
    story: tuple[StoryLine, ...]
    now: NowView
