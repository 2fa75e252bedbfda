"""The OpenAPI document, made from the views' models and one table of operations; a test holds it against the routes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from router import views, webhook_views
from router.file_views import FileLinkView, UploadBody, UploadView


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
        return self.method == "post" and self.role is not None and self.path not in _ANEW


_ANEW = ("/v1/socket-tickets", "/v1/attachments")  # a repeat gives another one, which does no harm
_C = "/v1/conversations"
OPERATIONS = (
    Operation("get", "/v1/me", "me", "Who is logged in", "agent", views.MeView),
    Operation("get", _C, "listConversations", "Conversations by state, queue, agent or contact; the open ones without a state",
              "agent", views.ConversationPage, query=("state", "queue", "agent", "contact", "cursor", "limit")),
    Operation("get", _C + "/{conversation}", "getConversation", "One conversation, its newest 50 messages and its history",
              "agent", views.ConversationDetail),
    Operation("get", _C + "/{conversation}/messages", "listMessages", "Messages in time order, after or before a cursor",
              "agent", views.MessagePage, query=("after", "before", "limit")),
    Operation("post", _C + "/{conversation}/replies", "reply", "Answer the customer where they wrote",
              "agent", views.Done, views.ReplyBody),
    Operation("post", "/v1/attachments", "upload", "An address to upload a file to, which a reply may then name",
              "agent", UploadView, UploadBody, status=201),
    Operation("get", "/v1/messages/{message}/attachments/{number}", "openAttachment",
              "A message's file, by an address that is good for five minutes; files are numbered from 0", "agent", FileLinkView),
    Operation("post", _C + "/{conversation}/notes", "note", "Write something only colleagues see", "agent", views.Done, views.NoteBody),
    Operation("post", _C + "/{conversation}/resolve", "resolve", "Done, as far as we know", "agent", views.Done),
    Operation("post", _C + "/{conversation}/reopen", "reopen", "Not done after all: it waits again", "agent", views.Done),
    Operation("post", _C + "/{conversation}/take", "take", "Take a waiting conversation by hand", "agent", views.Done),
    Operation("post", _C + "/{conversation}/transfer", "transfer", "Hand it to a queue or to an agent with room",
              "agent", views.Done, views.TransferBody),
    Operation("get", "/v1/agents", "listAgents", "All agents and their load", "agent", views.AgentList),
    Operation("get", "/v1/agents/{agent}", "getAgent", "One agent", "agent", views.AgentView),
    Operation("post", "/v1/agents/{agent}/presence", "setPresence", "Come in, step away, leave; another's only as supervisor",
              "agent", views.AgentView, views.PresenceBody),
    Operation("get", "/v1/contacts", "findContact", "The contact behind an address", "agent", views.ContactView,
              query=("channel", "address")),
    Operation("get", "/v1/contacts/{contact}", "getContact", "One person with their conversations", "agent", views.ContactView),
    Operation("post", "/v1/contacts/{contact}", "saveContact", "Correct a name or a language by hand",
              "agent", views.ContactView, views.ContactBody),
    Operation("get", "/v1/parked", "listParked", "Sends that want a person", "supervisor", views.ParkedPage, query=("cursor", "limit")),
    Operation("post", "/v1/parked/{send}/resend", "resend", "Let it leave (again)", "supervisor", views.Done),
    Operation("post", "/v1/parked/{send}/discard", "discard", "Let it stay unsent", "supervisor", views.Done),
    Operation("get", "/v1/quarantine", "listQuarantine", "Calls that could not be read", "supervisor", views.QuarantinePage,
              query=("cursor", "limit")),
    Operation("post", "/v1/quarantine/{entry}/retry", "retryQuarantined", "Read it once more", "supervisor", views.Done),
    Operation("post", "/v1/quarantine/{entry}/discard", "discardQuarantined", "Forget it for good", "supervisor", views.Done),
    Operation("get", "/v1/webhooks", "listWebhooks", "Webhooks of the configuration, and which are switched off", "admin",
              webhook_views.WebhookList),
    Operation("post", "/v1/webhooks/{webhook}/switch-on", "switchWebhookOn", "Let a webhook that answered 410 Gone hear again",
              "admin", views.Done),
    Operation("get", "/v1/webhook-deliveries", "listWebhookDeliveries", "Events that a webhook did not take", "admin",
              webhook_views.WebhookDeliveryPage, query=("cursor", "limit")),
    Operation("post", "/v1/webhook-deliveries/{delivery}/resend", "resendWebhook", "Send it again, from the schedule's beginning",
              "admin", views.Done),
    Operation("post", "/v1/webhook-deliveries/{delivery}/discard", "discardWebhook", "Let it go", "admin", views.Done),
    Operation("get", "/v1/audit", "audit", "Who did what on a day (UTC), oldest first", "admin", views.AuditPage,
              query=("day", "cursor", "limit")),
    Operation("post", "/v1/socket-tickets", "socketTicket", "A single-use ticket for the desk's socket", "agent", views.TicketView,
              status=201),
    Operation("post", "/chat/{inbox}/sessions", "chatSession", "Open a visitor's chat session, or renew theirs", None,
              views.ChatSessionView, views.ChatSessionBody, status=201),
)  # fmt: skip

_PARAMETERS = {
    "state": "waiting, offered, active, pending, snoozed, resolved or closed",
    "limit": "rows a page, 1 to 100; 50 without it",
    "cursor": "`next` of the page before",
    "after": "a message's cursor: what came later",
    "before": "a message's cursor: what came earlier",
    "day": "YYYY-MM-DD; today without it",
}


@cache
def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    models = {m for o in OPERATIONS for m in (o.gives, o.takes) if m is not None} | {views.Problem}
    ordered = sorted(models, key=lambda m: m.__name__)
    _, schema = models_json_schema(
        [(m, "validation" if issubclass(m, views.Body) else "serialization") for m in ordered],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Santral",
            "version": "1",
            "description": "Conversations, agents and what wants a person. Errors are application/problem+json.",
        },
        "paths": paths,
        "components": {
            "schemas": schema["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    parameters += [
        {
            "name": name,
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 100} if name == "limit" else {"type": "string"},
            "description": _PARAMETERS.get(name, name),
        }
        for name in operation.query
    ]
    if operation.changes:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                "description": "Any unique text. The same key again gives the first answer and changes nothing.",
            }
        )
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.says,
        "parameters": parameters,
        "responses": {
            str(operation.status): {
                "description": "Done",
                "content": {"application/json": {"schema": _ref(operation.gives)}},
            },
            "default": {
                "description": "A problem",
                "content": {"application/problem+json": {"schema": _ref(views.Problem)}},
            },
        },
    }
    if operation.role is not None:
        found["security"] = [{"token": []}]
        found["description"] = f"Needs the role {operation.role}."
    if operation.takes is not None:
        content = {"application/json": {"schema": _ref(operation.takes)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
