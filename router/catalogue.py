"""The catalogue of integration events, version 1: what others hear of, by EventBridge and by webhooks. See docs/events.md.

An event holds ids, states, times and reasons, never what a customer wrote, their name or their address (P11): whoever may read
content asks the API by id. A field is never taken away or given another meaning within a version; new ones may come.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from router.conversations import State
from router.messages import ChannelName, Kind, Proof, Provider, Time
from router.promises import Standing
from router.scores import ScoreKind
from router.surveys import How
from router.targets import Target

CATALOGUE_VERSION = 1


class Model(BaseModel):
    """Frozen, and complete: what is absent is null."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class Closing(StrEnum):
    """Why a conversation is closed for good."""

    SUPERSEDED = "superseded"  # it was resolved too long ago to reopen, and the customer's next one began
    MERGED = "merged"  # it is part of the conversation in `into`
    CLOSED = "closed"


class Failing(StrEnum):
    """Why an outbound message did not arrive."""

    REFUSED = "refused"  # the provider did not take it
    FAILED = "failed"  # the provider took it and could not deliver it
    BOUNCED = "bounced"  # the other side sent it back


class ConversationData(Model):
    """A conversation as it stood after the change."""

    conversation: str = Field(description="its id, for `GET /v1/conversations/{conversation}`")
    contact: str = Field(description="the person's id")
    group: str = Field(description="the thread group (brand)")
    channel: ChannelName = Field(description="the channel whose line and weight it has")
    inbox: str = Field(description="where the customer wrote last")
    queue: str = Field(description="where it waits, or waited")
    agent: str | None = Field(description="the user name of who has it")
    state: State = Field(description="where it stands now")
    priority: int = Field(description="1 is the most urgent")
    spam: bool = Field(description="somebody marked it as spam")
    tags: tuple[str, ...] = Field(description="agents' and rules' words, not the customer's")
    category: str | None = Field(description="what it is about, by a rule or by people; null when nobody said")
    opened_at: Time = Field(description="when its first message was written")
    waiting_since: Time | None = Field(description="since when the customer has been waiting for an agent")
    version: int = Field(description="grows with every change of the conversation: order its events by it")


class Opened(ConversationData):
    """A conversation with its deadline."""

    language: str | None = Field(description="of the first message, or its inbox's")
    answer_due_at: Time | None = Field(description="when the first answer is due; null when none is owed")


class Assigned(ConversationData):
    """A conversation and who had it before."""

    previous_agent: str | None = Field(description="who had it; null when it waited")


class Waiting(ConversationData):
    """A conversation and who gave it back."""

    previous_agent: str | None = Field(description="who had it before")


class Transferred(ConversationData):
    """A conversation and where it came from."""

    from_queue: str = Field(description="the queue before; the same when only the agent changed")
    from_agent: str | None = Field(description="the agent before; null when it waited")


class Resolved(ConversationData):
    """A conversation with how it went."""

    resolved_at: Time = Field(description="when")
    answered_at: Time | None = Field(description="when its clock was stopped by an answer; null when by none")


class Reopened(ConversationData):
    """A conversation and when it had been resolved."""

    resolved_at: Time | None = Field(description="when it had been resolved")


class Closed(ConversationData):
    """A conversation and why nothing will join it any more."""

    reason: Closing = Field(description="why")
    into: str | None = Field(description="the conversation it is part of now")


class Breached(ConversationData):
    """A conversation with the deadline that passed."""

    target: Target = Field(description="what was due")
    started_at: Time = Field(description="when the clock started")
    due_at: Time | None = Field(description="when it was due; null while its clock stands still")


class Warned(Breached):
    """A conversation with a deadline that comes near."""

    share: int = Field(description="per cent of the time that has passed")


class Escalated(Model):
    """What was done when a deadline came near, passed, or was still missed."""

    conversation: str = Field(description="its id, for `GET /v1/conversations/{conversation}`")
    contact: str = Field(description="the person's id")
    group: str = Field(description="the thread group (brand)")
    stage: Literal["warning", "breach", "reminder"] = Field(description="what happened")
    share: int = Field(description="per cent of the time that has passed; 100 is the breach, 101 its first reminder")
    target: Target = Field(description="what was due")
    due_at: Time | None = Field(description="when it was due; null while its clock stands still")
    promise: str | None = Field(description="the promise that was to be kept; null for a target of the policy")
    queue: str = Field(description="where it waits, or waited, after that")
    agent: str | None = Field(description="the user name of who has it")
    priority: int = Field(description="after that; 1 is the most urgent")
    actions: tuple[str, ...] = Field(
        description="of priority, queue, relaxed, watchers, call, told, voucher, desk, mailed, webhooks"
    )
    voucher: str | None = Field(description="the code that the customer may use; null when none was given")
    call_due_at: Time | None = Field(description="somebody calls the customer by then; null when nobody was asked to")
    webhooks: tuple[str, ...] = Field(description="webhooks that the policy names: they hear of it in any case")


class Tagged(ConversationData):
    """A conversation with what changed in its tags."""

    added: tuple[str, ...] = Field(description="tags that came")
    removed: tuple[str, ...] = Field(description="tags that went")


class Categorised(ConversationData):
    """A conversation with what it was about before."""

    previous: str | None = Field(description="the category before; null when there was none")


class PromiseData(ConversationData):
    """A conversation with a promise made in it; its words are told by `GET /v1/conversations/{conversation}`."""

    promise: str = Field(description="its id")
    by: str = Field(
        description="the agent's user name; auto: an automatic answer; policy: a call that makes good a broken promise; "
        "merge: a deadline of one that is part of this"
    )
    made_at: Time = Field(description="when")
    until: Time = Field(description="when it is due")
    standing: Standing = Field(description="what has become of it")
    ended_at: Time | None = Field(description="when it was kept or taken back; null while somebody waits for it")


class Scored(ConversationData):
    """A conversation with a score."""

    kind: ScoreKind = Field(description="csat (1-5), nps (0-10), ces (1-7), quality (0-100)")
    score: int = Field(description="the value")
    by: str = Field(description="the user, or client:<name>")
    about: str | None = Field(description="the agent it is about")
    scored_at: Time = Field(description="when it was given")


class MessageData(Model):
    """A message as it stood after the change."""

    message: str = Field(description="its id, which `GET /v1/conversations/{conversation}` tells the words of")
    conversation: str = Field(description="the conversation it is in")
    contact: str = Field(description="the person's id")
    channel: ChannelName = Field(description="what carried it")
    provider: Provider = Field(description="who carried it")
    inbox: str = Field(description="where it came to or left from")
    kind: Kind = Field(description="what it is: message, reaction, bounce...")
    author: str | None = Field(
        description="outbound: the agent's user name, auto, or elsewhere (the provider's own app)"
    )
    attachments: int = Field(description="how many files it has")
    at: Time = Field(description="when it was written: the provider's clock, else the author's, else ours")


class MessageReceived(MessageData):
    """A message and when it came in."""

    received_at: Time = Field(description="when we were given it")


class MessageSent(MessageData):
    """A message and when it left."""

    sent_at: Time | None = Field(description="when the provider took it, where we know")
    attempts: int = Field(description="calls it took")


class MessageFailed(MessageData):
    """A message and why it did not arrive."""

    reason: Failing = Field(description="why")
    attempts: int = Field(description="calls it took")


class MessageParked(MessageData):
    """A message that waits for a person."""

    attempts: int = Field(description="calls it took")


class ContactData(Model):
    """A person, by id."""

    contact: str = Field(description="the person's id, for `GET /v1/contacts/{contact}`")
    channel: ChannelName = Field(description="where they were first met")
    proof: Proof = Field(description="how well that address is proved")
    version: int = Field(description="grows with every change of the contact: order its events by it")


class ContactCreated(ContactData):
    """A person and when they were first met."""

    first_seen_at: Time = Field(description="when they first wrote")


class ContactChanged(ContactData):
    """A person and what changed, by the fields' names only."""

    fields: tuple[str, ...] = Field(description="of name, language, preferred, blocked, identities")


class ContactJoined(ContactData):
    """A person who is another one."""

    into: str = Field(description="the contact they are part of now")


class ContactSeparated(ContactData):
    """A person who is not that other one."""

    left: str = Field(description="the contact they were part of")


class SurveyData(Model):
    """What somebody answered to a survey; their words, if any, are told by `GET /v1/contacts/{contact}/scores`."""

    message: str = Field(description="the id of the message that asked")
    contact: str = Field(description="the person's id, as they were asked")
    conversation: str | None = Field(description="what it is about; null where it is about none")
    campaign: str = Field(description="the campaign that asked")
    channel: ChannelName = Field(description="what carried the question")
    language: str | None = Field(description="the question's")
    kind: ScoreKind = Field(description="csat (1-5), nps (0-10), ces (1-7)")
    score: int = Field(description="the value")
    how: How = Field(description="by the survey's page (link), or by a message (reply)")
    comment: bool = Field(description="did they write more than the score?")
    about: str | None = Field(description="the agent it is about, who had the conversation last")
    raised: str | None = Field(description="the conversation in which a low score is looked at")
    asked_at: Time = Field(description="when they were asked")
    answered_at: Time = Field(description="when they answered; each survey is answered once")


class PresenceData(Model):
    """An agent in a pool."""

    agent: str = Field(description="the user name")
    pool: str = Field(description="whose roster it is")
    presence: str = Field(description="online, away or offline")
    previous: str | None = Field(description="before; null when they came in for the first time")
    since: Time | None = Field(description="since when")


class Event(Model):
    """What every event has. `subject` is the id of what it is about."""

    says: ClassVar[str] = ""
    """When it is sent, in a sentence for docs/events.md."""

    id: str = Field(description="unique, and the same when it comes again: drop what you have seen")
    type: str = Field(default="", description="what happened")
    version: Literal[1] = Field(default=1, description="of the catalogue")
    time: Time = Field(description="when it was stored, to the second; exact times are in `data`")
    subject: str = Field(description="the id of the conversation, message or contact; the agent's user name")
    data: Any


class ConversationOpened(Event):
    says = "A contact's new conversation began, with their first message."
    type: Literal["conversation.opened"] = "conversation.opened"
    data: Opened


class ConversationAssigned(Event):
    says = "An agent has it now: by the match, by taking it, or handed over by a colleague."
    type: Literal["conversation.assigned"] = "conversation.assigned"
    data: Assigned


class ConversationWaiting(Event):
    says = (
        "It is back in line: its agent gave it back or was absent too long. A new conversation waits without saying so."
    )
    type: Literal["conversation.waiting"] = "conversation.waiting"
    data: Waiting


class ConversationTransferred(Event):
    says = "It moved to another queue, or from one agent to another; `conversation.assigned` or `.waiting` follows where that changed."
    type: Literal["conversation.transferred"] = "conversation.transferred"
    data: Transferred


class ConversationResolved(Event):
    says = "Done, as far as the agent knows. A bounce or an out-of-office reply that opens a conversation resolves it at once."
    type: Literal["conversation.resolved"] = "conversation.resolved"
    data: Resolved


class ConversationReopened(Event):
    says = "The customer wrote again within the reopen window, or an agent reopened it."
    type: Literal["conversation.reopened"] = "conversation.reopened"
    data: Reopened


class ConversationClosed(Event):
    says = "Nothing will join it any more: the contact's next conversation began, or it became part of another one."
    type: Literal["conversation.closed"] = "conversation.closed"
    data: Closed


class ConversationBreached(Event):
    says = "A deadline of its SLA policy passed. Once per deadline."
    type: Literal["conversation.breached"] = "conversation.breached"
    data: Breached


class ConversationWarned(Event):
    says = "A deadline of its SLA policy comes near: so much of its time has passed. Once per share and deadline."
    type: Literal["conversation.warned"] = "conversation.warned"
    data: Warned


class ConversationEscalated(Event):
    says = "The SLA policy had something done at a warning, a breach or a reminder. Once per stage and deadline."
    type: Literal["conversation.escalated"] = "conversation.escalated"
    data: Escalated


class ConversationTagged(Event):
    says = "Tags came or went."
    type: Literal["conversation.tagged"] = "conversation.tagged"
    data: Tagged


class ConversationCategorised(Event):
    says = "A rule or a person said what it is about, or that it is about nothing known."
    type: Literal["conversation.categorised"] = "conversation.categorised"
    data: Categorised


class PromiseMade(Event):
    says = "A customer was told a time, by an agent or an automatic answer."
    type: Literal["promise.made"] = "promise.made"
    data: PromiseData


class PromiseKept(Event):
    says = "What was promised was done in time; also when an answer turns up late that had kept it."
    type: Literal["promise.kept"] = "promise.kept"
    data: PromiseData


class PromiseBroken(Event):
    says = (
        "The time of a promise passed. As a deadline `conversation.breached` tells it too, with the target `promise`."
    )
    type: Literal["promise.broken"] = "promise.broken"
    data: PromiseData


class PromiseTakenBack(Event):
    says = "Nobody waits for it any more: it was taken back before its time, or its conversation ended."
    type: Literal["promise.taken_back"] = "promise.taken_back"
    data: PromiseData


class ConversationScored(Event):
    says = "A customer said how content they were, or a supervisor how good the work was."
    type: Literal["conversation.scored"] = "conversation.scored"
    data: Scored


class MessageReceivedEvent(Event):
    says = "A message of the customer's is in its conversation. Notes of agents are never told."
    type: Literal["message.received"] = "message.received"
    data: MessageReceived


class MessageSentEvent(Event):
    says = "An outbound message left: its provider took it. Again when a person sends it again."
    type: Literal["message.sent"] = "message.sent"
    data: MessageSent


class MessageDeliveredEvent(Event):
    says = "The provider says that it arrived. Providers that report `read` at once skip this."
    type: Literal["message.delivered"] = "message.delivered"
    data: MessageSent


class MessageReadEvent(Event):
    says = "The provider says that it was read."
    type: Literal["message.read"] = "message.read"
    data: MessageSent


class MessageFailedEvent(Event):
    says = "It was refused for good, or the provider reports that it did not arrive."
    type: Literal["message.failed"] = "message.failed"
    data: MessageFailed


class MessageParkedEvent(Event):
    says = "Nobody knows whether it left, or it cannot leave: a person must decide (`GET /v1/parked`)."
    type: Literal["message.parked"] = "message.parked"
    data: MessageParked


class ContactCreatedEvent(Event):
    says = "Somebody wrote for the first time."
    type: Literal["contact.created"] = "contact.created"
    data: ContactCreated


class ContactChangedEvent(Event):
    says = "What is known of a person was corrected, they were blocked or let in again, or another contact joined them."
    type: Literal["contact.changed"] = "contact.changed"
    data: ContactChanged


class ContactJoinedEvent(Event):
    says = "A contact turned out to be the same person as another, and is part of that one now."
    type: Literal["contact.joined"] = "contact.joined"
    data: ContactJoined


class ContactSeparatedEvent(Event):
    says = "Joining them was a mistake, and it was undone."
    type: Literal["contact.separated"] = "contact.separated"
    data: ContactSeparated


class SurveyAnswered(Event):
    says = "Somebody answered a survey of a campaign. Of one about a conversation `conversation.scored` tells the score too."
    type: Literal["survey.answered"] = "survey.answered"
    data: SurveyData


class AgentPresenceChanged(Event):
    says = "An agent came in, stepped away, or left; or was seen to be gone."
    type: Literal["agent.presence_changed"] = "agent.presence_changed"
    data: PresenceData


EVENTS: dict[str, type[Event]] = {
    model.model_fields["type"].default: model
    for model in (
        ConversationOpened, ConversationAssigned, ConversationWaiting, ConversationTransferred, ConversationResolved,
        ConversationReopened, ConversationClosed, ConversationWarned, ConversationBreached, ConversationEscalated,
        ConversationTagged, ConversationCategorised, ConversationScored, PromiseMade, PromiseKept, PromiseBroken, PromiseTakenBack,
        MessageReceivedEvent, MessageSentEvent, MessageDeliveredEvent, MessageReadEvent, MessageFailedEvent, MessageParkedEvent,
        ContactCreatedEvent, ContactChangedEvent, ContactJoinedEvent, ContactSeparatedEvent, SurveyAnswered,
        AgentPresenceChanged,
    )
}  # fmt: skip
"""Every type with its model, in the catalogue's order."""


def matches(pattern: str, event_type: str) -> bool:
    """Does `*`, `conversation.*` or a type's own name mean this type?"""
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def body_of(event: Event) -> str:
    """An event as JSON, the same bytes each time."""
    return event.model_dump_json()
