"""What the API takes and gives for integrations and marks: machine clients, events, saved replies, tags, spam, search."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints

from router.campaigns import EventType
from router.contact_views import EventView
from router.machines import KNOWN_SCOPES
from router.messages import Time
from router.views import Body, ConversationView, View
from router.written import Language, Slug

# --- machine clients -----------------------------------------------------------------------------------------------

Scope = Annotated[str, Field(max_length=40, json_schema_extra={"enum": list[JsonValue](sorted(KNOWN_SCOPES))})]


class ClientBody(Body):
    """A machine that is to call the API."""

    name: Slug = Field(description="how the audit calls it: client:<name>; given away once and for all")
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=20)


class RotateBody(Body):
    """A second secret."""

    now: bool = Field(
        default=False, description="the old secret, and tokens it was given, are good for nothing at once"
    )


class SecretView(View):
    """A secret's age; never the secret."""

    number: int
    created_at: Time
    until: Time | None = Field(default=None, description="replaced by a newer one: no token is had for it from then on")


class ClientView(View):
    """A machine client."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: Time
    created_by: str
    last_used_at: Time | None = Field(default=None, description="exact to five minutes")
    revoked_at: Time | None = None
    secrets: tuple[SecretView, ...] = ()


class ClientList(View):
    """All machine clients, revoked ones too, by name."""

    clients: tuple[ClientView, ...]


class ClientSecretView(View):
    """A client with its newest secret, which is shown this once."""

    client: ClientView
    secret: str


class TokenForm(Body):
    """RFC 6749, section 4.4.2. The client proves itself here or by HTTP Basic, not both."""

    grant_type: Literal["client_credentials"]
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = Field(
        default=None, description="some of the client's scopes, separated by spaces; all without it"
    )


class TokenView(View):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    scope: str


class TokenProblemView(View):
    """RFC 6749, section 5.2."""

    error: Literal[
        "invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"
    ]
    error_description: str


# --- events --------------------------------------------------------------------------------------------------------


class AboutBody(Body):
    """Whom it is about: a contact's `id`, or whoever has `address` on `channel`."""

    id: str | None = Field(default=None, max_length=60)
    channel: str | None = Field(default=None, max_length=20)
    address: str | None = Field(default=None, max_length=320)


class EventBody(Body):
    """Something that happened elsewhere."""

    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="the source's own id: the same source and id again is the same event; the Idempotency-Key without it",
    )
    type: EventType = Field(description="such as purchase.completed")
    time: Time | None = Field(default=None, description="when it happened; now without it")
    contact: AboutBody
    create: bool = Field(default=False, description="make a contact for an address that nobody has")
    data: dict[str, Any] = Field(default={}, description="at most 32 KB as JSON")


class EventPage(View):
    """What happened to a person, the newest first."""

    events: tuple[EventView, ...]
    next: str | None = None


# --- saved replies -------------------------------------------------------------------------------------------------


class SavedReplyBody(Body):
    """An answer that is given often."""

    shortcut: Slug = Field(description="what is typed after / in the answer box")
    title: str = Field(min_length=1, max_length=200)
    texts: dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=10_000)]] = Field(
        min_length=1,
        max_length=20,
        description="by language. {{name}}, {{agent}} and {{conversation}} are filled in; {{name|customer}} says what stands in",
    )
    queues: tuple[Slug, ...] = Field(default=(), max_length=50, description="offered in these; in all without any")


class VerificationBody(Body):
    """An address that the customer says is theirs."""

    channel: Literal["email", "sms", "whatsapp"]
    address: str = Field(min_length=3, max_length=320)


class VerificationView(View):
    """A code is on its way to the address; typed back by the customer from where they write, it joins the address to them."""

    contact: str
    channel: str
    address: str
    until: Time


class SavedReplyView(View):
    """A saved reply."""

    id: str
    shortcut: str
    title: str
    texts: dict[str, str]
    queues: tuple[str, ...]
    changed_at: Time
    changed_by: str


class SavedReplyList(View):
    """Saved replies by shortcut."""

    replies: tuple[SavedReplyView, ...]


class RenderedReply(View):
    """A saved reply for one conversation, in its language."""

    text: str
    language: str
    missing: tuple[str, ...] = Field(default=(), description="placeholders of which nothing is known, left empty")


# --- marks ---------------------------------------------------------------------------------------------------------


class TagsBody(Body):
    """Tags to put on and to take off."""

    add: tuple[Slug, ...] = Field(default=(), max_length=20)
    remove: tuple[Slug, ...] = Field(default=(), max_length=20)


class CategoryBody(Body):
    """What a conversation is about."""

    category: Slug | None = Field(description="such as complaint, order, question; null: nothing known")


class SpamBody(Body):
    """It is spam."""

    block: bool = Field(default=False, description="and whatever its author writes from now on reaches nobody")


# --- search --------------------------------------------------------------------------------------------------------


class SearchHit(View):
    """A conversation, and the message that was found in it where words were searched."""

    conversation: ConversationView
    message: str | None = None
    direction: Literal["inbound", "outbound", "note"] | None = None
    at: Time
    excerpt: str | None = Field(default=None, description="the words around what was found, at most 200 characters")


class SearchPage(View):
    """What was found, the newest first. A call reads a bounded part; a page may be empty and still have a `next`."""

    hits: tuple[SearchHit, ...]
    next: str | None = None
    searched_back_to: Time | None = Field(
        default=None, description="nothing newer was missed; null: lists have no such time"
    )
