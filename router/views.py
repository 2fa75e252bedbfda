"""What the API takes and gives. The OpenAPI document is made from these models; field names are part of the contract."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from router.messages import Option, Template, Time
from router.parts import Answer
from router.promises import Pledge


class View(BaseModel):
    """Answers: extra fields are never sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class Body(BaseModel):
    """Requests: an unknown field is an error that names it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True, str_strip_whitespace=True
    )


class ClockView(View):
    """The clock of the first answer."""

    started_at: Time
    due_at: Time | None = Field(description="null while it stands still")
    met_at: Time | None = None
    breached_at: Time | None = Field(default=None, description="its deadline, once that has passed")


class SlaClockView(View):
    """The last clock of one target of the SLA policy. `GET /v1/conversations/{id}/sla` shows how it came about."""

    target: Literal["accept", "first_response", "next_response", "resolution"]
    started_at: Time
    due_at: Time | None = Field(description="null while it stands still")
    ended_at: Time | None = None
    met: bool = Field(default=False, description="it ended because it was done, not because nobody needs it any more")
    breached: bool = False


class PromiseView(View):
    """A time that the customer was told."""

    id: str
    until: Time
    what: str = Field(default="", description="what was promised; empty: an answer")
    by: str = Field(
        description="the agent; auto: an automatic answer; policy: a call that makes good a broken promise; merge: a deadline of a "
        "conversation that is part of this one"
    )
    answer: bool = Field(description="a person's answer keeps it; else somebody has to say so")
    state: Literal["open", "kept", "broken", "taken_back"] = Field(
        description="broken: its time has passed; without `ended_at` the customer still waits for it"
    )
    made_at: Time
    ended_at: Time | None = None


class ScoreView(View):
    """How content the customer was (csat 1-5, nps 0-10, ces 1-7), or how good a supervisor found the work (quality 0-100)."""

    at: Time
    kind: Literal["csat", "nps", "ces", "quality"]
    score: int
    by: str
    agent: str | None = Field(default=None, description="whom it is about")


class WayView(View):
    """Where the customer can be reached, and when they last wrote from there."""

    channel: str
    inbox: str
    address: str
    heard_at: Time
    open_until: Time | None = Field(
        default=None, description="free answers must leave before; a template may later. null: no such limit"
    )
    templates: bool = Field(default=False, description="may a template be sent there?")
    buttons: int = Field(default=0, description="options shown as buttons, each of `button_title` characters at most")
    button_title: int = 0
    menu: int = Field(default=0, description="options shown as a list, each of `menu_title` characters at most")
    menu_title: int = 0


class ConversationView(View):
    """One conversation, without its messages."""

    id: str
    contact: str
    brand: str
    number: int
    state: Literal["waiting", "offered", "active", "pending", "snoozed", "resolved", "closed"]
    channel: str
    inbox: str
    queue: str
    priority: int
    tier: str | None = None
    agent: str | None = None
    last_agent: str | None = Field(default=None, description="who had it before it waited again")
    watchers: tuple[str, ...] = Field(default=(), description="agents who hear of it without having it")
    offer_until: Time | None = Field(default=None, description="offered: the agent has to accept by then")
    snoozed_until: Time | None = None
    needs: str | None = Field(default=None, description="waiting: the skills it asks for at this point of its wait")
    customer: str = Field(description="name or address, as the agent should see it")
    address: str
    proof: Literal["none", "weak", "strong"]
    subject: str | None = None
    language: str | None = None
    preview: str = Field(default="", description="the start of the newest message, at most 120 characters")
    opened_at: Time
    waiting_since: Time | None = None
    last_inbound_at: Time | None = None
    last_outbound_at: Time | None = None
    first_response: ClockView | None = None
    clocks: tuple[SlaClockView, ...] = Field(default=(), description="of all targets, by the version in force")
    promises: tuple[PromiseView, ...] = Field(default=(), description="the oldest first; ten, and all that are open")
    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: str | None = Field(default=None, description="what it is about, by a rule or by people")
    sla: str | None = Field(default=None, description="the policy that says how soon it is answered; null: its queue")
    spam: bool = False
    rules: tuple[str, ...] = Field(default=(), description="that matched when it began, or was reopened last")
    rule_faults: tuple[str, ...] = Field(default=(), description="rules that had no value for its message, and why")
    ways: tuple[WayView, ...] = Field(default=(), description="the first is where an answer goes unless one is chosen")
    merged: tuple[str, ...] = Field(default=(), description="conversations shown as part of this one")
    into: str | None = Field(default=None, description="closed because it is part of this one")
    version: int


class AttachmentView(View):
    """One file of a message; `GET /v1/messages/{message}/attachments/{its place, from 0}` gives the file itself."""

    filename: str | None = None
    content_type: str
    size: int | None = None
    inline: bool = False
    state: Literal["ready", "fetching", "failed"] = "ready"
    problem: str | None = Field(default=None, description="why it could not be fetched")


class MessageView(View):
    """One message as agents see it."""

    id: str
    conversation: str
    direction: Literal["inbound", "outbound", "note"]
    kind: str
    channel: str
    inbox: str
    sender: str
    sender_name: str | None = None
    author: str | None = None
    subject: str | None = None
    text: str
    reply_text: str | None = None
    html: str | None = None
    attachments: tuple[AttachmentView, ...] = ()
    options: tuple[Option, ...] = Field(default=(), description="outbound: what the customer may tap")
    template: Template | None = Field(default=None, description="outbound: the approved message that was sent")
    payload: str | None = Field(default=None, description="what the tapped option carries")
    external_id: str | None = Field(default=None, description="the provider's id, which `refers_to` of others names")
    refers_to: str | None = Field(default=None, description="the message it quotes, reacts to, edits or withdraws")
    album: str | None = Field(default=None, description="messages of one album are shown as one")
    withdrawn_at: Time | None = None
    at: Time
    received_at: Time
    proof: Literal["none", "weak", "strong"]
    state: str | None = Field(
        default=None, description="outbound: queued, sending, sent, delivered, read, failed, unknown, parked, discarded"
    )
    error: str | None = None
    tried: tuple[str, ...] = Field(default=(), description="outbound: channels that refused the same words before")
    cursor: str = Field(description="read on from here with ?after=")


class HistoryView(View):
    """A decision, or something somebody did."""

    id: str
    at: Time
    what: str = Field(description="decision, breach, reply, note, resolve, reopen, transfer, presence...")
    who: str
    detail: dict[str, Any] = Field(
        default={}, description="a decision's `fit` and `excluded` name agents to supervisors, and count them to others"
    )


class ConversationDetail(View):
    """One conversation with its newest messages and its history."""

    conversation: ConversationView
    scores: tuple[ScoreView, ...] = Field(
        default=(),
        description="the newest 20, the oldest first; of quality supervisors read all, agents what is about them",
    )
    messages: tuple[MessageView, ...]
    history: tuple[HistoryView, ...]
    cursor: str | None = Field(default=None, description="of the newest message")
    earlier: str | None = Field(
        default=None, description="pass as ?before= for older messages; null when there are none"
    )


class ConversationPage(View):
    """A page of a list."""

    conversations: tuple[ConversationView, ...]
    next: str | None = None


class MessagePage(View):
    """Messages in time order."""

    messages: tuple[MessageView, ...]
    next: str | None = None


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


class AgentView(View):
    """An agent and their load."""

    name: str
    display_name: str
    presence: str
    available: bool = Field(description="gets conversations in this state, if nothing below says otherwise")
    paused_until: Time | None = Field(default=None, description="let too many offers in a row time out")
    wrap_until: Time | None = Field(default=None, description="works on what follows from a resolved conversation")
    pool: str
    skills: tuple[str, ...]
    levels: dict[str, int] = Field(default={}, description="level of each skill, from 1 to 5")
    units: int
    free: int
    conversations: int


class AgentList(View):
    """All configured agents."""

    agents: tuple[AgentView, ...]


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
    data: dict[str, Any] = {}


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


class ParkedView(View):
    """A send whose outcome nobody knows, or that failed for good and wants a person."""

    id: str
    conversation: str
    channel: str
    recipient: str
    text: str
    reason: str
    attempts: int
    since: Time


class ParkedPage(View):
    """Parked sends, oldest first."""

    parked: tuple[ParkedView, ...]
    next: str | None = None


class QuarantineView(View):
    """An authentic call that could not be read."""

    id: str
    channel: str
    inbox: str
    reason: str
    received_at: Time
    bytes: int


class QuarantinePage(View):
    """Quarantined calls, oldest first."""

    quarantine: tuple[QuarantineView, ...]
    next: str | None = None


class AuditView(View):
    """Who did what to what."""

    at: Time
    who: str
    what: str
    subject: str
    detail: dict[str, Any] = {}


class AuditPage(View):
    """A day's entries, oldest first."""

    entries: tuple[AuditView, ...]
    next: str | None = None


class TicketView(View):
    """A single-use ticket for the WebSocket, good for 30 seconds: offer the subprotocols `santral.v1` and `ticket.<ticket>`."""

    ticket: str
    url: str
    expires_at: Time


class ChatSessionBody(Body):
    """A visitor opens the chat; with `session` the old one is renewed, with `user_token` they are the company's user."""

    name: str | None = Field(default=None, max_length=100)
    language: str | None = Field(default=None, max_length=35)
    session: str | None = Field(default=None, max_length=2000)
    user_token: str | None = Field(
        default=None, max_length=4096, description="a JWT signed (HS256) with the inbox's user_token_secret"
    )


class ChatSessionView(View):
    """A signed session: offer the subprotocols `santral.v1` and `session.<session>`."""

    session: str
    visitor: str
    url: str
    expires_at: Time
    method: Literal["session", "user-token"] = "session"
    proves: tuple[str, ...] = Field(default=(), description="channels whose addresses the visitor may prove by a code")
    unused: tuple[str, ...] = Field(default=(), description="claims of the user token that could not be used")
    disputed: tuple[str, ...] = Field(
        default=(), description="what the token vouches for and is another user's, or was parted by hand: not joined"
    )


class InboxView(View):
    """Where an agent may write from."""

    name: str
    channel: str
    address: str
    display_name: str | None = None
    brand: str
    templates: bool = Field(description="does it send templates?")
    window: bool = Field(description="does it take free answers only for a while after the customer wrote?")


class MeView(View):
    """Who is logged in."""

    name: str
    display_name: str
    roles: tuple[Literal["agent", "supervisor", "admin"], ...]
    presence: str | None = None
    presences: tuple[str, ...] = Field(default=(), description="states that can be set")
    presence_labels: dict[str, dict[str, str]] = Field(
        default={}, description="what states of the configuration are called, by language"
    )
    queues: tuple[str, ...] = Field(default=(), description="every queue of the configuration, to transfer to")
    inboxes: tuple[InboxView, ...] = Field(default=(), description="every inbox, to write from")


class Done(View):
    """A change was made."""

    conversation: ConversationView | None = None
    message: MessageView | None = None
    status: Literal["done"] = "done"


class Problem(View):
    """An error, as application/problem+json (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = None
    request_id: str | None = None
