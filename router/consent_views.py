"""What the API takes and gives of consents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from router import consenting
from router.asked import Asked, Call
from router.consenting import MOST_AT_ONCE, Said
from router.consents import Consent, How
from router.errors import Invalid
from router.exchange import Exchange
from router.messages import ChannelName, Time
from router.once import need_key
from router.purposes import Purpose
from router.views import Body, View


class ConsentBody(Body):
    """What somebody said of being written to at an address, with its proof."""

    channel: str = Field(max_length=20)
    address: str = Field(min_length=1, max_length=320)
    purpose: Purpose
    given: bool = Field(description="false: they withdraw it, or declined")
    how: How
    at: Time | None = Field(default=None, description="when they said it; now, without it")
    text: str | None = Field(default=None, max_length=2000, description="what they were shown, or what was agreed")
    source: str | None = Field(
        default=None, max_length=100, description="the proof's name elsewhere: a form, a file, a registry's code"
    )
    merchant: bool = Field(default=False, description="a business's address, which registries keep apart")

    def said(self) -> Said:
        """As the use cases take it."""
        return Said(
            self.channel,
            self.address,
            self.purpose,
            self.given,
            self.how,
            self.at,
            self.text,
            self.source,
            self.merchant,
        )


class ConsentView(View):
    """One record of consent."""

    id: str
    channel: str
    address: str
    purpose: Purpose
    given: bool
    at: Time = Field(description="when they said it")
    how: How
    who: str = Field(description="the user, client:<name> or part of Santral that wrote it down")
    recorded_at: Time
    text: str | None = None
    source: str | None = None
    merchant: bool = False


class ConsentsView(View):
    """What holds for each address and purpose of a person, and the records it comes of, newest first."""

    standing: tuple[ConsentView, ...]
    records: tuple[ConsentView, ...] = Field(description="at most 100 of each address and purpose")


class ConsentPage(View):
    """A channel's records in the order in which they were written down."""

    consents: tuple[ConsentView, ...]
    next: str | None = None


class ConsentRowsBody(Body):
    """Several, of whoever has those addresses."""

    rows: tuple[ConsentBody, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ConsentRowView(View):
    """What became of one row."""

    outcome: Literal["recorded", "known", "refused"]
    field: str | None = None
    reason: str | None = None


class ConsentRowsView(View):
    """What became of each row, in their order."""

    rows: tuple[ConsentRowView, ...]


def consent_view(one: Consent) -> ConsentView:
    """One record."""
    return ConsentView(
        id=one.id,
        channel=str(one.channel),
        address=one.address,
        purpose=one.purpose,
        given=one.given,
        at=one.at,
        how=one.how,
        who=one.who,
        recorded_at=one.recorded_at,
        text=one.text,
        source=one.source,
        merchant=one.merchant,
    )


def _consents(x: Exchange, asked: Asked) -> BaseModel:
    held, records = consenting.of_person(x, asked.path("contact"))
    return ConsentsView(standing=tuple(map(consent_view, held)), records=tuple(map(consent_view, records)))


def _record(x: Exchange, asked: Asked) -> BaseModel:
    said = asked.body(ConsentBody).said()
    return consent_view(consenting.record(x, asked.user, asked.path("contact"), said, asked.key))


def _recorded(x: Exchange, asked: Asked) -> BaseModel:
    if not asked.user.machine:
        asked.user.need("supervisor")
    channel = asked.query("channel")
    if channel not in set(map(str, ChannelName)):
        raise Invalid(f"say ?channel=, one of {', '.join(ChannelName)}", field="channel")
    found, mark = x.table.consents_recorded(ChannelName(channel), after=asked.mark("cursor"), limit=asked.limit)
    return ConsentPage(consents=tuple(map(consent_view, found)), next=mark)


def _take_in(x: Exchange, asked: Asked) -> BaseModel:
    rows = asked.body(ConsentRowsBody).rows
    need_key(asked.key)
    return ConsentRowsView(rows=tuple(map(_row, consenting.take_in(x, asked.user, [row.said() for row in rows]))))


def _row(one: Consent | Invalid | None) -> ConsentRowView:
    if isinstance(one, Invalid):
        return ConsentRowView(outcome="refused", field=one.field, reason=str(one))
    return ConsentRowView(outcome="known" if one is None else "recorded")


CALLS: Iterable[Call] = (
    Call("get", "/v1/contacts/{contact}/consents", _consents),
    Call("post", "/v1/contacts/{contact}/consents", _record, 201),
    Call("get", "/v1/consents", _recorded),
    Call("post", "/v1/consents", _take_in),
)
