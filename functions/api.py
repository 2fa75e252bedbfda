"""The API's door: the calls of `router.calls` at their paths, who may open a socket, tokens, the pages, and what an error looks like."""

from __future__ import annotations

import json
import re
import secrets as random
from pathlib import Path
from typing import Any

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
from router import calls, chat, chat_views, clicks, oauth, survey_pages, unsubscribing
from router.asked import Asked, Call
from router.aws import clients
from router.errors import Conflict, Invalid, NotFound, Refused, SantralError, Temporary, Unparsable
from router.gateway import body_of, problem
from router.machines import Unproved

app = APIGatewayHttpResolver()
WEB = Path(__file__).resolve().parent.parent / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


def request(**parts: str) -> Asked:
    """The request in hand."""
    return Asked(app.current_event.raw_event, parts)


def shown(view: BaseModel, status: int = 200) -> Response[str]:
    """A view as JSON."""
    return Response(status, "application/json", view.model_dump_json(), headers={"cache-control": "no-store"})


def serve(call: Call) -> None:
    """A call of the table, at its path."""

    def answer(**parts: str) -> Response[str]:
        asked = request(**parts)
        asked.user.need("agent")
        return shown(call.answer(exchange(), asked), call.status)

    app.route(re.sub(r"{(\w+)}", r"<\1>", call.path), call.method.upper())(answer)


for one in calls.CALLS:
    serve(one)


# --- sockets and machines ------------------------------------------------------------------------------------------


@app.post("/v1/socket-tickets")
def socket_ticket() -> Response[str]:
    """A single-use ticket for the desk's socket."""
    ticket, expires_at = chat.give_ticket(exchange(), request().user.name)
    return shown(chat_views.TicketView(ticket=ticket, url=socket_url(), expires_at=expires_at), 201)


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
    asked = request().body(chat_views.ChatSessionBody)
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
    caching = f"public, max-age={seconds}" if seconds else "no-cache"
    return Response(200, kind, path.read_text("utf-8"), headers={"cache-control": caching, **_guarded(framed_by)})


def _guarded(framed_by: str = "'self'") -> dict[str, str]:
    """What every page's headers say."""
    return {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": _policy(framed_by),
    }


def leaf(found: tuple[int, str]) -> Response[str]:
    """A page that is made for one reader."""
    headers = {"cache-control": "no-store", "x-robots-tag": "noindex", **_guarded("'none'")}
    return Response(found[0], _TYPES[".html"], found[1], headers=headers)


@app.get("/u/<token>")
def unsubscribe_page(token: str) -> Response[str]:
    """Asks whether to unsubscribe; changes nothing, because mail scanners follow links."""
    return leaf(unsubscribing.asking(exchange(), token))


@app.post("/u/<token>")
def unsubscribe(token: str) -> Response[str]:
    """Unsubscribes: by the page's form, or by a mail program's own button (RFC 8058)."""
    return leaf(unsubscribing.answered(exchange(), token, body_of(app.current_event.raw_event)))


@app.get("/s/<token>")
def survey_page(token: str) -> Response[str]:
    """Asks for a score; records nothing, because mail scanners follow links."""
    return leaf(survey_pages.asking(exchange(), token))


@app.post("/s/<token>")
def survey(token: str) -> Response[str]:
    """Records the score that the page's form posts."""
    return leaf(survey_pages.posted(exchange(), token, body_of(app.current_event.raw_event)))


@app.route("/l/<code>", method=["GET", "HEAD"])
def tracked_link(code: str) -> Response[str]:
    """Leads on to where a tracked link leads, and counts a person's click. The code names somebody, so no page hears of it."""
    event = app.current_event.raw_event
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    method = str(event.get("requestContext", {}).get("http", {}).get("method", "GET"))
    status, found = clicks.followed(exchange(), code, method=method, headers=headers)
    if status != 302:
        return leaf((status, found))
    headers = {"location": found, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(302, _TYPES[".html"], "", headers={**headers, "x-robots-tag": "noindex"})


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
    """No such path, or none with this method."""
    path = str(app.current_event.raw_event.get("rawPath", ""))
    allowed = sorted(
        {one.method.upper() for one in calls.CALLS if re.fullmatch(re.sub(r"{\w+}", "[^/]+", one.path), path)}
    )
    if not allowed:
        return as_response(NotFound("there is no such call; /openapi.json lists them all"))
    detail = f"this path is for {' and '.join(allowed)}; /openapi.json lists all calls"
    made = problem(405, "Method not allowed", detail, app.lambda_context.aws_request_id)
    return Response(
        405, made["headers"].pop("content-type"), made["body"], headers=made["headers"] | {"allow": ", ".join(allowed)}
    )


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
