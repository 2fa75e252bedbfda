"""The API for people and pages: /v1 behind a token, the chat's sessions, and the pages themselves."""

from __future__ import annotations

import json
import re
import secrets as random
from pathlib import Path
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from channels import visits
from functions.wiring import (
    exchange,
    file_host,
    logger,
    metrics,
    public_url,
    sandbox_url,
    socket_url,
    user_pool_client_id,
)
from router import calls, chat, desk, hooks, oauth, people, presenting, stuck, views, way_views, webhook_views
from router.asked import Asked
from router.attachments import open_file
from router.aws import clients
from router.errors import Conflict, Invalid, NotFound, Refused, SantralError, Temporary, Unparsable
from router.file_views import FileLinkView, UploadBody, UploadView
from router.gateway import problem
from router.machines import Unproved
from router.once import Result, User
from router.uploads import new_upload

app = APIGatewayHttpResolver()
WEB = Path(__file__).resolve().parent.parent / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
AnyBody = TypeVar("AnyBody", bound=BaseModel)


def request(**parts: str) -> Asked:
    """The request in hand."""
    return Asked(app.current_event.raw_event, parts)


def user() -> User:
    """Who calls. Raises Refused."""
    return request().user


def query(name: str) -> str | None:
    """A query parameter; None when absent or empty."""
    return request().query(name)


def limit() -> int:
    """How many rows are asked for."""
    return request().limit


def body(model: type[AnyBody]) -> AnyBody:
    """The request's JSON as a model; Invalid names the field that is wrong."""
    return request().body(model)


def key() -> str:
    """The Idempotency-Key header."""
    return request().key


def shown(view: BaseModel, status: int = 200) -> Response[str]:
    """A view as JSON."""
    return Response(status, "application/json", view.model_dump_json(), headers={"cache-control": "no-store"})


def serve(call: calls.Call) -> None:
    """A call of the table, at its path."""

    def answer(**parts: str) -> Response[str]:
        asked = request(**parts)
        asked.user.need("agent")
        return shown(call.answer(exchange(), asked), call.status)

    app.route(re.sub(r"{(\w+)}", r"<\1>", call.path), call.method.upper())(answer)


for one in calls.CALLS:
    serve(one)


def done(result: Result) -> Response[str]:
    """What a change left behind, read again."""
    x = exchange()
    conversation = x.table.conversation(result.conversation) if result.conversation else None
    message = x.table.message(result.message) if result.message else None
    return shown(
        views.Done(
            conversation=presenting.conversation_view(x, conversation) if conversation else None,
            message=presenting.message_view(message, result.conversation or "") if message else None,
        )
    )


# --- conversations -------------------------------------------------------------------------------------------------


@app.get("/v1/me")
def me() -> Response[str]:
    """Who is logged in."""
    who = user()
    x = exchange()
    agent = x.config().agent(who.name)
    roles = tuple(role for role in ("agent", "supervisor", "admin") if role in who.roles)
    return shown(
        views.MeView(
            name=who.name,
            display_name=agent.display_name if agent else who.name,
            roles=roles,
            presence=presenting.agent_by_name(x, who.name).presence if agent else None,
            queues=tuple(queue.name for queue in x.config().queues),
            inboxes=tuple(way_views.inbox_view(x, inbox) for inbox in x.config().inboxes),
        )
    )


@app.get("/v1/conversations/<conversation>")
def conversation(conversation: str) -> Response[str]:
    """One conversation with its newest messages and its history."""
    user()
    return shown(presenting.detail(exchange(), conversation))


@app.get("/v1/conversations/<conversation>/messages")
def messages(conversation: str) -> Response[str]:
    """Messages after or before a cursor."""
    user()
    return shown(
        presenting.messages(exchange(), conversation, after=query("after"), before=query("before"), limit=limit())
    )


@app.post("/v1/conversations/<conversation>/replies")
def reply(conversation: str) -> Response[str]:
    """Answer the customer."""
    asked = body(views.ReplyBody)
    answer = asked.answer()
    return done(
        desk.reply(exchange(), user(), conversation, answer, key(), via=asked.via, attachments=asked.attachments)
    )


@app.post("/v1/attachments")
def upload() -> Response[str]:
    """An address to upload a file to."""
    who, asked = user(), body(UploadBody)
    made, url, expires_at = new_upload(exchange(), who, asked.filename, asked.content_type, asked.size)
    view = UploadView(id=made.id, upload_url=url, content_type=made.content_type, expires_at=expires_at)
    return shown(view, 201)


@app.get("/v1/messages/<message>/attachments/<number>")
def open_attachment(message: str, number: str) -> Response[str]:
    """A message's file, by an address that is good for minutes."""
    user()
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else -1
    url, expires_at, name, kind, size = open_file(exchange(), message, place)
    return shown(FileLinkView(url=url, expires_at=expires_at, filename=name, content_type=kind, size=size))


@app.post("/v1/conversations/<conversation>/notes")
def note(conversation: str) -> Response[str]:
    """Write something only colleagues see."""
    return done(desk.note(exchange(), user(), conversation, body(views.NoteBody).text, key()))


@app.post("/v1/conversations/<conversation>/resolve")
def resolve(conversation: str) -> Response[str]:
    """Done, as far as we know."""
    return done(desk.resolve(exchange(), user(), conversation, key()))


@app.post("/v1/conversations/<conversation>/reopen")
def reopen(conversation: str) -> Response[str]:
    """Not done after all."""
    return done(desk.reopen(exchange(), user(), conversation, key()))


@app.post("/v1/conversations/<conversation>/take")
def take(conversation: str) -> Response[str]:
    """Take a waiting conversation by hand."""
    return done(desk.take(exchange(), user(), conversation, key()))


@app.post("/v1/conversations/<conversation>/transfer")
def transfer(conversation: str) -> Response[str]:
    """Hand it to a queue or an agent."""
    asked = body(views.TransferBody)
    return done(
        desk.transfer(
            exchange(), user(), conversation, queue=asked.queue, agent=asked.agent, text=asked.note, key=key()
        )
    )


# --- people --------------------------------------------------------------------------------------------------------


@app.get("/v1/agents")
def agents() -> Response[str]:
    """All agents and their load."""
    user()
    return shown(views.AgentList(agents=presenting.agents(exchange())))


@app.get("/v1/agents/<agent>")
def agent(agent: str) -> Response[str]:
    """One agent."""
    user()
    return shown(presenting.agent_by_name(exchange(), agent))


@app.post("/v1/agents/<agent>/presence")
def presence(agent: str) -> Response[str]:
    """Come in, step away, leave."""
    desk.set_presence(exchange(), user(), agent, body(views.PresenceBody).presence, key())
    return shown(presenting.agent_by_name(exchange(), agent))


@app.get("/v1/contacts")
def contacts() -> Response[str]:
    """The contact behind an address."""
    user()
    channel, address = query("channel"), query("address")
    if channel is None or address is None:
        raise Invalid("say ?channel= and ?address=", field="address")
    x = exchange()
    return shown(presenting.contact_view(x, presenting.contact_by_address(x, channel, address)))


@app.get("/v1/contacts/<contact>")
def contact(contact: str) -> Response[str]:
    """One person with their conversations."""
    user()
    x = exchange()
    return shown(presenting.contact_view(x, presenting.contact(x, contact)))


@app.post("/v1/contacts/<contact>")
def save_contact(contact: str) -> Response[str]:
    """Correct a name or a language by hand."""
    asked = body(views.ContactBody)
    x = exchange()
    desk.save_contact(
        x, user(), contact, name=asked.name, language=asked.language, preferred=asked.preferred, key=key()
    )
    return shown(presenting.contact_view(x, presenting.contact(x, contact)))


@app.post("/v1/contacts/<contact>/join")
def join_contact(contact: str) -> Response[str]:
    """Another contact is the same person."""
    x = exchange()
    people.join(x, user(), contact, body(views.JoinBody).contact, key())
    return shown(presenting.contact_view(x, presenting.contact(x, contact)))


@app.post("/v1/contacts/<contact>/separate")
def separate_contact(contact: str) -> Response[str]:
    """Another contact is somebody else after all."""
    x = exchange()
    people.separate(x, user(), contact, body(views.JoinBody).contact, key())
    return shown(presenting.contact_view(x, presenting.contact(x, contact)))


# --- what wants a person -------------------------------------------------------------------------------------------


@app.get("/v1/parked")
def parked() -> Response[str]:
    """Sends that want a person."""
    user().need("supervisor")
    return shown(presenting.parked(exchange(), query("cursor"), limit()))


@app.post("/v1/parked/<send>/resend")
def resend(send: str) -> Response[str]:
    """Let it leave (again)."""
    return done(stuck.resend(exchange(), user(), send, key()))


@app.post("/v1/parked/<send>/discard")
def discard(send: str) -> Response[str]:
    """Let it stay unsent."""
    return done(stuck.discard(exchange(), user(), send, key()))


@app.get("/v1/quarantine")
def quarantine() -> Response[str]:
    """Calls that could not be read."""
    user().need("supervisor")
    return shown(presenting.quarantined(exchange(), query("cursor"), limit()))


@app.post("/v1/quarantine/<entry>/retry")
def retry_quarantined(entry: str) -> Response[str]:
    """Read it once more, with today's code and configuration."""
    stuck.retry_quarantined(exchange(), user(), entry, key())
    return shown(views.Done())


@app.post("/v1/quarantine/<entry>/discard")
def discard_quarantined(entry: str) -> Response[str]:
    """Forget it for good."""
    stuck.discard_quarantined(exchange(), user(), entry, key())
    return shown(views.Done())


@app.get("/v1/webhooks")
def webhooks() -> Response[str]:
    """Who hears of integration events."""
    user().need("admin")
    return shown(webhook_views.webhooks(exchange()))


@app.post("/v1/webhooks/<webhook>/switch-on")
def switch_webhook_on(webhook: str) -> Response[str]:
    """Let it hear again."""
    hooks.switch_on(exchange(), user(), webhook, key())
    return shown(views.Done())


@app.get("/v1/webhook-deliveries")
def webhook_deliveries() -> Response[str]:
    """Events that a webhook did not take."""
    user().need("admin")
    return shown(webhook_views.webhook_deliveries(exchange(), query("cursor"), limit()))


@app.post("/v1/webhook-deliveries/<delivery>/resend")
def resend_webhook(delivery: str) -> Response[str]:
    """Send it again."""
    hooks.resend(exchange(), user(), delivery, key())
    return shown(views.Done())


@app.post("/v1/webhook-deliveries/<delivery>/discard")
def discard_webhook(delivery: str) -> Response[str]:
    """Let it go."""
    hooks.discard(exchange(), user(), delivery, key())
    return shown(views.Done())


@app.post("/v1/socket-tickets")
def socket_ticket() -> Response[str]:
    """A single-use ticket for the desk's socket."""
    ticket, expires_at = chat.give_ticket(exchange(), user().name)
    return shown(views.TicketView(ticket=ticket, url=socket_url(), expires_at=expires_at), 201)


# --- machines ------------------------------------------------------------------------------------------------------


@app.post("/oauth/token")
def oauth_token() -> Response[str]:
    """A machine's token, by client credentials."""
    status, view, headers = oauth.token(exchange(), app.current_event.raw_event, random.token_hex(8))
    return Response(
        status, "application/json", view.model_dump_json(), headers={"cache-control": "no-store", **headers}
    )


# --- the public door -----------------------------------------------------------------------------------------------


@app.post("/chat/<inbox>/sessions")
def chat_session(inbox: str) -> Response[str]:
    """Open a visitor's session, or renew theirs."""
    x = exchange()
    known = x.inbox(inbox)
    if known is None or known.channel != "webchat":
        raise NotFound(f"there is no web chat '{inbox}'")
    origins = known.settings.get("allowed_origins")
    origin = {k.lower(): v for k, v in (app.current_event.headers or {}).items()}.get("origin")
    if origins and "*" not in origins and origin is not None and origin not in (*origins, public_url()):
        raise Refused("this chat is not open to your site")
    asked = body(views.ChatSessionBody)
    try:
        opened = visits.opened(x, known, asked, random.token_hex(12))
    except ValueError as error:
        raise Invalid(str(error), field="name") from None
    return shown(opened.model_copy(update={"url": socket_url()}), 201)


@app.get("/openapi.json")
def openapi_document() -> Response[str]:
    """The API's description."""
    from router import openapi  # built of every model there is, and seldom asked for

    return Response(200, "application/json", json.dumps(openapi.document()))


@app.get("/web/config.json")
def web_config() -> Response[str]:
    """What the pages must know of the deployment; nothing secret."""
    region = clients.session().get_config_variable("region")
    sandbox = sandbox_url()
    cognito = f"{sandbox}/cognito" if sandbox else f"https://cognito-idp.{region}.amazonaws.com/"
    config = {
        "cognito": cognito,
        "client_id": user_pool_client_id(),
        "region": region,
        "socket_url": socket_url(),
    }
    return Response(200, "application/json", json.dumps(config))


def _policy(framed_by: str) -> str:
    """What a page may load: of others only pictures out of our bucket; a local run's bucket is a port of this machine."""
    files = "http://127.0.0.1:* http://localhost:*" if sandbox_url() else f"https://{file_host()}"
    return (
        "default-src 'self'; connect-src 'self' https: wss: ws://127.0.0.1:* ws://localhost:*"
        f"{' ' + files if sandbox_url() else ''}; img-src 'self' data: {files}; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {framed_by}"
    )


def page(name: str, *, framed_by: str = "'self'", seconds: int = 0) -> Response[str]:
    """A file of the pages. `framed_by` are the sites that may show it in a frame; `seconds` a browser may keep it."""
    path = WEB / name
    kind = _TYPES.get(path.suffix)
    if "/" in name or name.startswith(".") or kind is None or not path.is_file():
        raise NotFound(f"there is no page '{name}'")
    headers = {
        "cache-control": f"public, max-age={seconds}" if seconds else "no-cache",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": _policy(framed_by),
    }
    return Response(200, kind, path.read_text("utf-8"), headers=headers)


@app.get("/")
@app.get("/desk")
def desk_page() -> Response[str]:
    """The agent's desk."""
    return page("desk.html")


@app.get("/chat/<inbox>")
def chat_page(inbox: str) -> Response[str]:
    """The customer's chat, which the inbox's own sites may frame."""
    known = exchange().inbox(inbox)
    if known is None or known.channel != "webchat":
        raise NotFound(f"there is no web chat '{inbox}'")
    origins = known.settings.get("allowed_origins", ["*"])
    return page("chat.html", framed_by=" ".join(["'self'", *map(str, origins)]))


@app.get("/web/<name>")
def web_file(name: str) -> Response[str]:
    """Styles, scripts and words of the pages; five minutes old at most after a deploy."""
    return page(name, seconds=300)


# --- errors --------------------------------------------------------------------------------------------------------

_STATUS: tuple[tuple[type[SantralError], int, str], ...] = (
    (Unproved, 401, "Not authenticated"),
    (Refused, 403, "Not allowed"),
    (NotFound, 404, "Not found"),
    (Conflict, 409, "Conflict"),
    (Invalid, 422, "Invalid"),
    (Unparsable, 422, "Unreadable"),
    (Temporary, 503, "Try again"),
)


def problem_of(error: SantralError, request_id: str) -> dict[str, Any]:
    """An error of ours as a problem document."""
    status, title = next(((s, t) for kind, s, t in _STATUS if isinstance(error, kind)), (500, "Fault"))
    made = problem(status, title, str(error), request_id, getattr(error, "field", None))
    made["headers"] |= oauth.CHALLENGE if status == 401 else {}
    return made


def as_response(error: SantralError) -> Response[str]:
    """An error of ours as the resolver's answer."""
    made = problem_of(error, app.lambda_context.aws_request_id)
    return Response(made["statusCode"], made["headers"].pop("content-type"), made["body"], headers=made["headers"])


@app.exception_handler(SantralError)  # type: ignore[untyped-decorator]  # Powertools leaves this one untyped
def told(error: SantralError) -> Response[str]:
    """What a use case raised."""
    return as_response(error)


@app.not_found
def not_found(_: Exception) -> Response[str]:
    """No such path."""
    return as_response(NotFound("there is no such call; /openapi.json lists them all"))


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One call of the API."""
    try:
        if len(event.get("rawPath", "")) > 500:  # no id of ours is that long, and a key of the table may not be
            raise NotFound("there is no such thing")
        answer = app.resolve(oauth.enter(exchange, event), context)
    except SantralError as error:
        answer = problem_of(error, context.aws_request_id)
    except Exception:  # the outermost edge: a fault of ours, told without its inside
        logger.exception("fault")
        detail = "something broke on our side; the log has it under this request id"
        answer = problem(500, "Fault", detail, context.aws_request_id)
    logger.info("api", extra={"route": event.get("routeKey"), "status": answer["statusCode"]})
    return answer
