"""What people answered to surveys, as the API shows it: a person's answers, and what came of a campaign's survey."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from router.asked import Asked, Call
from router.campaigning import Answers
from router.errors import NotFound
from router.exchange import Exchange
from router.measure_figures import figures
from router.measures import Cell
from router.messages import Time
from router.people import resolve
from router.surveys import Rating
from router.views import View

Kind = Literal["csat", "nps", "ces"]


class AnswerView(View):
    """What somebody answered to one survey: csat 1-5, nps 0-10, ces 1-7."""

    kind: Kind
    score: int
    comment: str | None = None
    at: Time
    how: Literal["link", "reply"]
    campaign: str
    message: str = Field(description="the id of the message that asked")
    asked_at: Time
    channel: str
    contact: str = Field(description="who was asked: this contact, or one that was joined into it")
    conversation: str | None = Field(default=None, description="what it is about, if about any")
    agent: str | None = Field(default=None, description="whom it is about: who had that conversation last")
    raised: str | None = Field(default=None, description="the conversation in which a low score is looked at")


class AnswerList(View):
    """The newest first, those of joined contacts among them."""

    scores: tuple[AnswerView, ...]


class SurveyView(View):
    """What was answered to a campaign's surveys of one kind."""

    kind: Kind
    answers: int
    rate: float | None = Field(description="answers of those to whom a message left, 0 to 1; null before the first")
    mean: float | None = Field(description="of the values; null without an answer")
    nps: float | None = Field(
        default=None, description="of nps: per cent of 9 and 10, less per cent of 0 to 6; -100 to 100"
    )
    values: dict[str, int] = Field(description="how many answered which value")


def survey_view(one: Answers, sent: int) -> SurveyView:
    """The figures are those of the measures (docs/measures.md)."""
    found = figures(Cell({f"{one.kind}.{value}": n for value, n in one.values.items()}))
    number = one.number
    total = sum(value * n for value, n in one.values.items())
    return SurveyView(
        kind=one.kind,
        answers=number,
        rate=number / sent if sent else None,
        mean=total / number if number else None,
        nps=found.nps,
        values={str(value): n for value, n in one.values.items()},
    )


def _of_contact(x: Exchange, asked: Asked) -> BaseModel:
    if not asked.user.machine:
        asked.user.need("supervisor")
    limit = asked.limit
    person = resolve(x, asked.path("contact"))
    if person is None:
        raise NotFound(f"there is no contact {asked.path('contact')}")
    contacts = dict.fromkeys((person.id, *(identity.contact for identity in person.identities)))
    found = [one for contact in contacts for one in x.table.ratings(contact, limit)]
    found.sort(key=lambda one: one.at, reverse=True)
    return AnswerList(scores=tuple(map(_answer, found[:limit])))


def _answer(one: Rating) -> AnswerView:
    asked = one.asked
    return AnswerView(
        kind=one.kind.value,
        score=one.value,
        comment=one.text,
        at=one.at,
        how=one.how,
        campaign=asked.campaign,
        message=asked.send,
        asked_at=asked.at,
        channel=str(asked.channel),
        contact=asked.contact,
        conversation=asked.conversation,
        agent=one.agent,
        raised=one.raised,
    )


CALLS: Iterable[Call] = (Call("get", "/v1/contacts/{contact}/scores", _of_contact),)
