"""What the API gives of conversations, agents and errors, and the bases of all it takes and gives.

The OpenAPI document is made from these models; field names are part of the contract.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from router.messages import Option, Template, Time


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
    campaign: str | None = Field(default=None, description="outbound: the campaign that wrote it")
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
