"""A person, as the API gives and takes them: their addresses, what happened to them elsewhere, what may be changed by hand."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from router.messages import Time
from router.views import Body, ConversationView, View


class IdentityView(View):
    """One address of a person, how it was proved, and the contact it was before it was joined."""

    channel: str
    address: str
    proof: Literal["none", "weak", "strong"]
    contact: str
    since: Time
    method: str | None = None


class JoinBody(Body):
    """The contact that becomes part of this one, or is parted from it."""

    contact: str = Field(min_length=3, max_length=60)


class EventView(View):
    """Something that happened elsewhere to a person, as its source told it."""

    id: str = Field(description="its source's own id")
    source: str = Field(description="who told: client:<name>, or a user's name")
    type: str
    time: Time
    received_at: Time
    contact: str
    data: dict[str, Any] = Field(default={})


Attribute = StrictBool | StrictInt | StrictFloat | StrictStr
"""As JSON has it: true is no number, 1 no text."""


class ContactView(View):
    """A person, with their addresses."""

    id: str
    name: str | None = None
    language: str | None = None
    channel: str
    address: str
    proof: Literal["none", "weak", "strong"]
    first_seen_at: Time
    identities: tuple[IdentityView, ...] = ()
    into: str | None = Field(default=None, description="this contact was joined into that one")
    preferred: str | None = Field(default=None, description="the channel they want to be answered on")
    zone: str | None = Field(default=None, description="of the tz database: Europe/Istanbul")
    birthday: str | None = Field(default=None, description="MM-DD, or YYYY-MM-DD")
    tags: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = Field(default={}, description="flat: texts, numbers, truths")
    blocked_at: Time | None = Field(default=None, description="whatever they write since then reaches nobody")
    events: tuple[EventView, ...] = Field(default=(), description="the newest five; all by /v1/contacts/{id}/events")
    conversations: tuple[ConversationView, ...] = ()


class ContactBody(Body):
    """What may be changed by hand. What is left out stays, an empty text clears it."""

    name: str | None = Field(default=None, max_length=200)
    language: str | None = Field(default=None, max_length=35, description="a tag: tr, en-GB")
    preferred: str | None = Field(default=None, max_length=20, description="a channel")
    zone: str | None = Field(default=None, max_length=40, description="of the tz database: Europe/Istanbul")
    birthday: str | None = Field(default=None, max_length=10, description="MM-DD, or YYYY-MM-DD")
    tags: tuple[Annotated[str, Field(max_length=100)], ...] | None = Field(
        default=None, max_length=50, description="all of them: others go"
    )
    attributes: dict[str, Attribute | None] | None = Field(
        default=None, max_length=50, description="those named change, null takes one away; at most 50 in all"
    )
