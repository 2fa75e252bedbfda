"""What the API takes and gives of contacts as rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from router import contact_rows
from router.asked import Asked, Call
from router.consenting import MOST_AT_ONCE, Said
from router.consents import How
from router.contact_rows import Row, Taken
from router.contact_views import Attribute
from router.errors import Invalid
from router.exchange import Exchange
from router.messages import Time
from router.once import need_key
from router.profile import Changes
from router.purposes import Purpose
from router.records import Contact
from router.views import Body, View

_CURSOR = re.compile(r"[0-7]\.(\d{13}#[!-~]{1,60})?")


class AddressBody(Body):
    """An address of a person."""

    channel: str = Field(max_length=20)
    address: str = Field(min_length=1, max_length=320)


class RowConsentBody(Body):
    """Consent that a file tells of, with when and whence."""

    channel: str = Field(max_length=20)
    address: str = Field(min_length=1, max_length=320)
    purpose: Purpose = Purpose.MARKETING
    given: bool
    at: Time
    source: str | None = Field(default=None, max_length=100)
    text: str | None = Field(default=None, max_length=2000)


class ContactRowBody(Body):
    """A person of a file. What is left out stays as it is known."""

    addresses: tuple[AddressBody, ...] = Field(min_length=1, max_length=5)
    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35)
    preferred: str | None = Field(default=None, max_length=20)
    zone: str | None = Field(default=None, max_length=40)
    birthday: str | None = Field(default=None, max_length=10)
    tags: tuple[Annotated[str, Field(max_length=100)], ...] | None = Field(default=None, max_length=50)
    attributes: dict[str, Attribute | None] | None = Field(default=None, max_length=50)
    consents: tuple[RowConsentBody, ...] = Field(default=(), max_length=10)

    def row(self) -> Row:
        """As the use case takes it."""
        changes = Changes(
            self.name, self.language, self.preferred, self.zone, self.birthday, self.tags, self.attributes
        )  # fmt: skip
        said = tuple(
            Said(one.channel, one.address, one.purpose, one.given, How.IMPORT, one.at, one.text, one.source)
            for one in self.consents
        )
        return Row(tuple((one.channel, one.address) for one in self.addresses), changes, said)


class ContactRowsBody(Body):
    """Several people."""

    rows: tuple[ContactRowBody, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class ContactTakenView(View):
    """What became of one row."""

    outcome: Literal["created", "changed", "unchanged", "refused"]
    contact: str | None = None
    field: str | None = None
    reason: str | None = None


class ContactsTakenView(View):
    """What became of each row, in their order."""

    rows: tuple[ContactTakenView, ...]


class AddressView(View):
    """An address of a person."""

    channel: str
    address: str


class ContactRowView(View):
    """A person as a row."""

    id: str
    addresses: tuple[AddressView, ...]
    name: str | None = None
    language: str | None = None
    preferred: str | None = None
    zone: str | None = None
    birthday: str | None = None
    tags: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = Field(default={})
    first_seen_at: Time


class ContactRowPage(View):
    """People, page by page; a page may be short or empty and yet have a `next`."""

    rows: tuple[ContactRowView, ...]
    next: str | None = None


def _take_in(x: Exchange, asked: Asked) -> BaseModel:
    rows = asked.body(ContactRowsBody).rows
    need_key(asked.key)
    return ContactsTakenView(rows=tuple(map(_taken, contact_rows.take_in(x, asked.user, [row.row() for row in rows]))))


def _taken(one: Taken | Invalid) -> ContactTakenView:
    if isinstance(one, Invalid):
        return ContactTakenView(outcome="refused", field=one.field, reason=str(one))
    return ContactTakenView(outcome=one.outcome, contact=one.contact)


def _give_out(x: Exchange, asked: Asked) -> BaseModel:
    asked.user.need("admin")
    cursor = asked.query("cursor")
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise Invalid("this cursor is not one of ours", field="cursor")
    found, mark = x.table.contacts_listed(cursor, asked.limit)
    return ContactRowPage(rows=tuple(map(_row, found)), next=mark)


def _row(contact: Contact) -> ContactRowView:
    return ContactRowView(
        id=contact.id,
        addresses=tuple(AddressView(channel=str(i.channel), address=i.address) for i in contact.identities),
        name=contact.name,
        language=contact.language,
        preferred=contact.preferred,
        zone=contact.zone,
        birthday=contact.birthday,
        tags=contact.tags,
        attributes=dict(contact.attributes),
        first_seen_at=contact.first_seen_at,
    )


CALLS: Iterable[Call] = (
    Call("get", "/v1/contact-rows", _give_out),
    Call("post", "/v1/contact-rows", _take_in),
)
