"""The OpenAPI document, made from the views' models and one table of operations; a test holds it against the routes."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from router import campaign_views, chat_views, contact_views, measure_views, score_views, views, webhook_views
from router import care_views as care
from router import desk_bodies as bodies
from router.conversations import State
from router.explanation_views import ExplanationView
from router.file_views import FileLinkView, UploadBody, UploadView
from router.integration_views import TokenForm, TokenProblemView
from router.machines import PREFIX, SCOPES
from router.messages import ChannelName
from router.operations import FOR_OTHERS, Operation
from router.sla_views import DeadlinesView

_C = "/v1/conversations"
OPERATIONS = (
    Operation("get", "/v1/me", "me", "Who is logged in", "agent", views.MeView),
    Operation("get", _C, "listConversations", "Conversations by state, queue, agent, contact, tag, or watched; else the open ones",
              "agent", views.ConversationPage, query=("state", "queue", "agent", "contact", "tag", "watching", "cursor", "limit")),
    Operation("get", _C + "/{conversation}", "getConversation", "One conversation, its newest 50 messages and its history",
              "agent", views.ConversationDetail),
    Operation("get", _C + "/{conversation}/explanation", "explain", "Why it is where it is, in plain words", "agent", ExplanationView,
              query=("language", "as")),
    Operation("get", _C + "/{conversation}/sla", "explainDeadlines", "Every deadline with its sum, in plain words", "agent", DeadlinesView,
              query=("language",)),
    Operation("get", _C + "/{conversation}/messages", "listMessages", "Messages in time order, after or before a cursor",
              "agent", views.MessagePage, query=("after", "before", "limit")),
    Operation("post", _C + "/{conversation}/replies", "reply", "Answer the customer where they wrote",
              "agent", views.Done, bodies.ReplyBody),
    Operation("post", _C, "startConversation", "Write to a customer first: to a known contact, or to an address", "agent",
              views.Done, bodies.StartBody),
    Operation("post", "/v1/attachments", "upload", "An address to upload a file to, which a reply may then name",
              "agent", UploadView, UploadBody, status=201),
    Operation("get", "/v1/messages/{message}/attachments/{number}", "openAttachment",
              "A message's file, by an address that is good for five minutes; files are numbered from 0", "agent", FileLinkView),
    Operation("post", _C + "/{conversation}/notes", "note", "Write something only colleagues see", "agent", views.Done, bodies.NoteBody),
    Operation("post", _C + "/{conversation}/resolve", "resolve", "Done, as far as we know", "agent", views.Done),
    Operation("post", _C + "/{conversation}/reopen", "reopen", "Not done after all: it waits again", "agent", views.Done),
    Operation("post", _C + "/{conversation}/take", "take", "Take a waiting conversation by hand", "agent", views.Done),
    Operation("post", _C + "/{conversation}/accept", "accept", "Take what is offered to you", "agent", views.Done),
    Operation("post", _C + "/{conversation}/decline", "decline", "Do not take what is offered: it goes to the next best",
              "agent", views.Done, bodies.DeclineBody),
    Operation("post", _C + "/{conversation}/assign", "assign", "Give it to anybody with room, whatever their skills and presence",
              "supervisor", views.Done, bodies.AssignBody),
    Operation("post", _C + "/{conversation}/snooze", "snooze", "Put it aside until a time, or until the customer writes",
              "agent", views.Done, bodies.SnoozeBody),
    Operation("post", _C + "/{conversation}/transfer", "transfer", "Hand it to a queue, to an agent with room, or to whoever has a skill",
              "agent", views.Done, bodies.TransferBody),
    Operation("post", _C + "/{conversation}/promises", "promise", "Note a time that the customer was told; its agent, or a supervisor",
              "agent", views.Done, bodies.PledgeBody),
    Operation("post", _C + "/{conversation}/promises/{promise}/keep", "keepPromise", "What was promised is done", "agent", views.Done),
    Operation("post", _C + "/{conversation}/promises/{promise}/take-back", "takePromiseBack", "Nobody waits for it any more", "agent",
              views.Done),
    Operation("post", _C + "/{conversation}/quality", "judgeQuality", "How good an agent's work was; never one's own", "supervisor",
              views.Done, bodies.QualityBody),
    Operation("post", _C + "/{conversation}/satisfaction", "rateSatisfaction", "What the customer says of how it was", "supervisor",
              views.Done, bodies.SatisfactionBody),
    Operation("get", "/v1/agents", "listAgents", "All agents and their load", "agent", views.AgentList),
    Operation("get", "/v1/agents/{agent}", "getAgent", "One agent", "agent", views.AgentView),
    Operation("post", "/v1/agents/{agent}/presence", "setPresence", "Come in, step away, leave; another's only as supervisor",
              "agent", views.AgentView, bodies.PresenceBody),
    Operation("get", "/v1/contacts", "findContact", "The contact behind an address", "agent", contact_views.ContactView,
              query=("channel", "address")),
    Operation("get", "/v1/contacts/{contact}", "getContact", "One person with their conversations", "agent", contact_views.ContactView),
    Operation("post", "/v1/contacts/{contact}", "saveContact", "Correct a name or a language by hand",
              "agent", contact_views.ContactView, contact_views.ContactBody),
    Operation("post", "/v1/contacts/{contact}/join", "joinContact", "Another contact is the same person: it becomes part of this one",
              "agent", contact_views.ContactView, contact_views.JoinBody),
    Operation("post", "/v1/contacts/{contact}/separate", "separateContact", "Undo a join: each has their own conversation again",
              "agent", contact_views.ContactView, contact_views.JoinBody),
    Operation("get", "/v1/contacts/{contact}/outreach", "listJourneys", "What campaigns sent a person, or did not, and why", "supervisor",
              campaign_views.JourneyList, query=("language",)),
    Operation("get", "/v1/contacts/{contact}/scores", "listAnswers", "What a person answered to surveys, the newest first", "supervisor",
              score_views.AnswerList, query=("limit",)),
    Operation("get", "/v1/segments/{segment}", "listSegment", "Who belongs to a segment, page by page of all contacts", "supervisor",
              campaign_views.SegmentPage, query=("cursor",)),
    Operation("get", "/v1/campaigns", "listCampaigns", "All campaigns, and what was decided of them", "supervisor",
              campaign_views.CampaignList),
    Operation("get", "/v1/campaigns/{campaign}", "getCampaign", "One campaign with its runs", "supervisor", campaign_views.CampaignView),
    Operation("get", "/v1/campaigns/{campaign}/status", "campaignStatus", "How its latest run stands, or the one named", "supervisor",
              campaign_views.CampaignStatus, query=("run", "since", "language")),
    Operation("post", "/v1/campaigns/{campaign}/run", "runCampaign", "Set it off for its audience now", "admin",
              campaign_views.CampaignView, campaign_views.RunBody),
    Operation("post", "/v1/campaigns/{campaign}/confirm", "confirmRun", "A run that asks goes on", "admin",
              campaign_views.CampaignView, campaign_views.ConfirmBody),
    Operation("post", "/v1/campaigns/{campaign}/pause", "pauseCampaign", "Nothing more of it leaves until it is resumed", "admin",
              campaign_views.CampaignView),
    Operation("post", "/v1/campaigns/{campaign}/resume", "resumeCampaign", "It goes on where it stood", "admin",
              campaign_views.CampaignView),
    Operation("post", "/v1/campaigns/{campaign}/cancel", "cancelCampaign", "All that began until now ends", "admin",
              campaign_views.CampaignView),
    Operation("get", "/v1/parked", "listParked", "Sends that want a person", "supervisor", care.ParkedPage, query=("cursor", "limit")),
    Operation("post", "/v1/parked/{send}/resend", "resend", "Let it leave (again)", "supervisor", views.Done),
    Operation("post", "/v1/parked/{send}/discard", "discard", "Let it stay unsent", "supervisor", views.Done),
    Operation("get", "/v1/quarantine", "listQuarantine", "Calls that could not be read", "supervisor", care.QuarantinePage,
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
    Operation("get", "/v1/measures", "measures", "Hours that were counted, as cells that add up (docs/measures.md)", "supervisor",
              measure_views.MeasuresPage, query=("since", "until", "cursor")),
    Operation("get", "/v1/measures/now", "measuresNow", "How each queue stands, and how its day has gone since", "supervisor",
              measure_views.MeasuresNow, query=("since",)),
    Operation("get", "/v1/audit", "audit", "Who did what on a day (UTC) or to one thing, oldest first", "admin", care.AuditPage,
              query=("day", "who", "what", "subject", "cursor", "limit")),
    Operation("post", "/v1/socket-tickets", "socketTicket", "A single-use ticket for the desk's socket", "agent", chat_views.TicketView,
              status=201),
    Operation("post", "/chat/{inbox}/sessions", "chatSession", "Open a visitor's chat session, or renew theirs", None,
              chat_views.ChatSessionView, chat_views.ChatSessionBody, status=201),
    *FOR_OTHERS,
)  # fmt: skip

_PARAMETERS = {
    "state": "waiting, offered, active, pending, snoozed, resolved or closed",
    "watching": "me: those that one watches oneself",
    "limit": "rows a page, 1 to 100; 50 without it",
    "cursor": "`next` of the page before",
    "after": "a message's cursor: what came later",
    "before": "a message's cursor: what came earlier",
    "day": "YYYY-MM-DD; today without it, or any day with a subject",
    "who": "a user's name, client:<name>, or a part of Santral such as match",
    "what": "reply, note, resolve, tag, spam, block, client.create...",
    "subject": "a conversation's id, or contact:<id>, agent:<name>, client:<id>, saved-reply:<id>",
    "q": "words that all occur, each the beginning of a word; in quotes words in their order",
    "contact": "a contact's id; in a search the beginning of a name, too",
    "address": "an address of a person on `channel`",
    "since": "a time or a day, UTC",
    "until": "a time or a day, UTC; now without it",
    "from": "table or archive: only there; else in the one, then in the other",
}
_SHAPES: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    "state": {"type": "string", "enum": [state.value for state in State]},
    "channel": {"type": "string", "enum": [name.value for name in ChannelName]},
    "day": {"type": "string", "format": "date"},
    "from": {"type": "string", "enum": ["table", "archive"]},
}


@cache
def document() -> dict[str, Any]:
    """The whole document, OpenAPI 3.1."""
    models: set[type[BaseModel]] = {m for o in OPERATIONS for m in (o.gives, o.takes) if m is not None}
    models |= {views.Problem, TokenProblemView}
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
        "servers": [
            {"url": "/", "description": "people, with a token of the user pool"},
            {"url": PREFIX, "description": "machines, with a token of /oauth/token"},
        ],
        "paths": paths,
        "components": {
            "schemas": schema["$defs"],
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "client": {"type": "http", "scheme": "basic"},
                "machine": {
                    "type": "oauth2",
                    "flows": {
                        "clientCredentials": {
                            "tokenUrl": "/oauth/token",
                            "scopes": {scope: _scope(scope) for scope in sorted(set(SCOPES.values()))},
                        }
                    },
                },
            },
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
            "schema": _SHAPES.get(name, {"type": "string"}),
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
    if operation.scope is not None:
        found["security"].append({"machine": [operation.scope]})
        found["description"] += f" Machines: the scope {operation.scope}."
    else:
        found["servers"] = [{"url": "/"}]
    if operation.takes is not None:
        kind = "application/json"
        if operation.takes is TokenForm:
            kind = "application/x-www-form-urlencoded"
            found["security"] = [{"client": []}, {}]
            refused = {"application/json": {"schema": _ref(TokenProblemView)}}
            found["responses"] |= {
                "400": {"description": "Not a right request", "content": refused},
                "401": {"description": "The client or its secret is wrong", "content": refused},
            }
        found["requestBody"] = {"required": True, "content": {kind: {"schema": _ref(operation.takes)}}}
    return found


def _scope(scope: str) -> str:
    """What a scope is for: the calls that want it."""
    return ", ".join(f"{method.upper()} {path}" for (method, path), wanted in SCOPES.items() if wanted == scope)


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
