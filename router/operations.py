"""One call of the API as its document tells it, and the calls for integrations: machines, events, replies, marks, search."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from router import consent_views as consents
from router import contact_row_views as contact_rows
from router import contact_views, views
from router import integration_views as shapes
from router import suppression_views as stops
from router.decision_views import DecisionView, ReplayView
from router.machines import SCOPES

REPEATED = ("/v1/socket-tickets", "/v1/attachments")
"""A repeat of these gives another one, which does no harm."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `role` is the least one needed; None for the public door."""

    method: str
    path: str
    name: str
    says: str
    role: str | None
    gives: type[BaseModel]
    takes: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    status: int = 200

    @property
    def changes(self) -> bool:
        """Does it want an Idempotency-Key?"""
        return self.method == "post" and self.role is not None and self.path not in REPEATED

    @property
    def scope(self) -> str | None:
        """What a machine needs for it; None when it is for people only."""
        return SCOPES.get((self.method, self.path))


_C = "/v1/conversations/{conversation}"
FOR_OTHERS = (
    Operation("post", _C + "/tags", "tag", "Put tags on it and take others off", "agent", views.Done, shapes.TagsBody),
    Operation("post", _C + "/category", "categorise", "Say what it is about, or that nobody knows", "agent", views.Done,
              shapes.CategoryBody),
    Operation("post", _C + "/spam", "spam", "It is spam: done, its agent free, its author blocked if so wished", "agent",
              views.Done, shapes.SpamBody),
    Operation("post", _C + "/not-spam", "notSpam", "It is no spam: it waits again, and its author is heard", "agent", views.Done),
    Operation("post", "/v1/contacts/{contact}/block", "blockContact", "Whatever they write is kept and reaches nobody", "supervisor",
              contact_views.ContactView),
    Operation("post", "/v1/contacts/{contact}/unblock", "unblockContact", "They are heard again", "supervisor", contact_views.ContactView),
    Operation("post", "/v1/contacts/{contact}/verifications", "verifyAddress", "Send a one-time code to an address they say is theirs",
              "agent", shapes.VerificationView, shapes.VerificationBody, status=201),
    Operation("get", "/v1/contacts/{contact}/events", "listEvents", "What happened to a person elsewhere, the newest first", "agent",
              shapes.EventPage, query=("cursor", "limit")),
    Operation("post", "/v1/events", "tellEvent", "Something happened elsewhere to a person; stored once per source and id", "admin",
              contact_views.EventView, shapes.EventBody),
    Operation("get", "/v1/saved-replies", "listSavedReplies", "Saved replies by what they begin with, language and queue", "agent",
              shapes.SavedReplyList, query=("q", "language", "queue")),
    Operation("post", "/v1/saved-replies", "createSavedReply", "Save a reply", "supervisor", shapes.SavedReplyView,
              shapes.SavedReplyBody, status=201),
    Operation("post", "/v1/saved-replies/{reply}", "changeSavedReply", "Another content for a saved reply", "supervisor",
              shapes.SavedReplyView, shapes.SavedReplyBody),
    Operation("post", "/v1/saved-replies/{reply}/delete", "deleteSavedReply", "Forget a saved reply", "supervisor", views.Done),
    Operation("get", "/v1/saved-replies/{reply}/render", "renderSavedReply", "A saved reply for a conversation, filled in", "agent",
              shapes.RenderedReply, query=("conversation",)),
    Operation("get", "/v1/decisions/{decision}", "getDecision", "Why somebody was given a conversation, or nobody", "supervisor",
              DecisionView, query=("from",)),
    Operation("get", "/v1/decisions/{decision}/replay", "replayDecision", "Make a decision again from what it saw, and compare",
              "supervisor", ReplayView, query=("from",)),
    Operation("get", "/v1/search", "search", "Conversations by person, tag, state, queue, agent; messages of 90 days by words",
              "agent", shapes.SearchPage,
              query=("q", "channel", "address", "contact", "tag", "state", "queue", "agent", "since", "cursor", "limit")),
    Operation("get", "/v1/suppressions", "listSuppressions", "Addresses of a channel that nothing is sent to, and why", "supervisor",
              stops.SuppressionPage, query=("channel", "cursor", "limit")),
    Operation("post", "/v1/suppressions", "suppress", "Send nothing more to an address", "supervisor", stops.SuppressionView,
              stops.SuppressionBody, status=201),
    Operation("post", "/v1/suppressions/lift", "liftSuppression", "Write to an address again", "admin", views.Done, stops.LiftBody),
    Operation("get", "/v1/contacts/{contact}/consents", "listConsents", "What a person said of being written to, by address and purpose",
              "agent", consents.ConsentsView),
    Operation("post", "/v1/contacts/{contact}/consents", "recordConsent", "What they said of an address of theirs, with its proof",
              "agent", consents.ConsentView, consents.ConsentBody, status=201),
    Operation("get", "/v1/contact-rows", "exportContacts", "All people as rows, page by page", "admin", contact_rows.ContactRowPage,
              query=("cursor", "limit")),
    Operation("post", "/v1/contact-rows", "importContacts", "People by their addresses: made, or changed; the same again changes nothing",
              "admin", contact_rows.ContactsTakenView, contact_rows.ContactRowsBody),
    Operation("get", "/v1/consents", "exportConsents", "A channel's records of consent as they were written down", "supervisor",
              consents.ConsentPage, query=("channel", "cursor", "limit")),
    Operation("post", "/v1/consents", "importConsents", "Records of consent of whoever has those addresses; the same again changes nothing",
              "admin", consents.ConsentRowsView, consents.ConsentRowsBody),
    Operation("get", "/v1/clients", "listClients", "Machine clients, their scopes, last use and secrets' ages", "admin", shapes.ClientList),
    Operation("post", "/v1/clients", "createClient", "A machine client, and its secret this once", "admin", shapes.ClientSecretView,
              shapes.ClientBody, status=201),
    Operation("post", "/v1/clients/{client}/rotate", "rotateClient", "A second secret, shown this once; the old one lasts 24 hours",
              "admin", shapes.ClientSecretView, shapes.RotateBody),
    Operation("post", "/v1/clients/{client}/revoke", "revokeClient", "Its secrets and tokens are good for nothing", "admin",
              shapes.ClientView),
    Operation("post", "/oauth/token", "token", "A machine's token by client credentials (RFC 6749, section 4.4), for an hour", None,
              shapes.TokenView, shapes.TokenForm),
)  # fmt: skip
