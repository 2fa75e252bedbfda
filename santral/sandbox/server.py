"""The sandbox's routes: the providers' own addresses, the page, and a JSON API for page, tests and `santral send`.

/ses/v2/email/outbound-emails            SESv2
/twilio/2010-04-01/Accounts/{sid}/...    Twilio
/graph/{version}/{id}[/messages]         Meta's Graph API: WhatsApp, Messenger, Instagram
/graph/{version}/app, me, debug_token... Meta's apps and subscriptions
/lookaside/...                           Meta's files
/telegram/[file/]bot{token}/...          Telegram's Bot API
/cognito                                 the emulator's user pool, on the desk's own origin
/sandbox, /sandbox/api/...               the page and its data
"""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
from collections.abc import Awaitable, Coroutine, Mapping
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from router.config import Config
from santral.sandbox import smtp
from santral.sandbox.cloud import Cloud
from santral.sandbox.dashboard import Dashboard
from santral.sandbox.faults import Faults
from santral.sandbox.line import Line
from santral.sandbox.messenger import Messenger
from santral.sandbox.meta import Graph
from santral.sandbox.numbers import Numbers
from santral.sandbox.phone import App, Impossible
from santral.sandbox.phones import Phones
from santral.sandbox.ses import Ses
from santral.sandbox.telegram import Telegram
from santral.sandbox.telegram_app import TelegramApp
from santral.sandbox.twilio import Twilio
from santral.sandbox.whatsapp import WhatsApp
from santral.sandbox.world import Refusal, World, now_iso

PAGE = Path(__file__).parent / "page"
ASSETS = {
    "sandbox.js": "text/javascript",
    "sandbox.phones.js": "text/javascript",
    "strings.js": "text/javascript",
    "sandbox.css": "text/css",
    "sandbox.phones.css": "text/css",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
COGNITO = "AWSCognitoIdentityProviderService."
_LOG_IN = {COGNITO + call for call in ("InitiateAuth", "RespondToAuthChallenge", "RevokeToken", "GlobalSignOut")}


class Sandbox:
    """All providers of one running stack. Mount `routes` before the deploy; `open` it when the stack is known.

    `credentials` are the provider secret's, by name.
    """

    def __init__(self, config: Config, credentials: Mapping[str, Mapping[str, str]]) -> None:
        self.config = config
        self.world = World()
        self.faults = Faults()
        self.smtp_port = 0
        self._credentials = credentials
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.ses: Ses
        self.twilio: Twilio
        self.graph: Graph
        self.dashboard: Dashboard
        self.numbers: Numbers
        self.telegram: Telegram
        self.phones: Phones

    def routes(self) -> list[web.RouteDef]:
        """To be mounted before any catch-all."""
        return [
            web.post("/ses/v2/email/outbound-emails", self._send_email),
            web.post("/twilio/2010-04-01/Accounts/{sid}/Messages.json", self._create_message),
            web.get("/twilio/2010-04-01/Accounts/{sid}/Messages/{message}/Media/{media}", self._media),
            web.get("/twilio/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json", self._numbers),
            web.post("/twilio/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers/{number}.json", self._number),
            web.post("/graph/{version}/{id}/messages", self._graph_send),
            web.get("/graph/{version}/{what:app|me|debug_token}", self._dashboard),
            web.route("*", "/graph/{version}/{id}/{what:subscriptions|subscribed_apps}", self._dashboard),
            web.get("/graph/{version}/{id}", self._graph_look),
            web.get("/lookaside/{path:.*}", self._graph_file),
            web.get("/telegram/file/bot{token}/{path:.+}", self._bot_file),
            web.route("*", "/telegram/bot{token}/{method}", self._bot_call),
            web.post("/cognito", self._cognito),
            web.get("/sandbox", self._page),
            web.get("/sandbox/{file}", self._asset),
            web.get("/sandbox/api/state", self._state),
            web.post("/sandbox/api/mail", self._mail),
            web.post("/sandbox/api/sms", self._sms),
            web.post("/sandbox/api/reset", self._reset),
            web.get("/sandbox/api/files/{id}", self._file),
            web.post("/sandbox/api/{what}", self._ask),
        ]

    async def open(
        self, cloud: Cloud, public_url: str, aws_endpoint: str, smtp_port: int = 0, pause: float = 0.2
    ) -> None:
        """Begin: open the SMTP door and know where to call."""
        self._aws_endpoint = aws_endpoint
        twilio = self._credentials.get("twilio", {})
        account, token = twilio.get("account_sid", ""), twilio.get("auth_token", "")
        line = Line(self.world, self.faults, self._later, public_url, pause)
        self.ses = Ses(cloud, self.config, line)
        self.twilio = Twilio(account, token, self.config, line)
        self.graph = Graph(self.config, self._credentials, line)
        whatsapp = WhatsApp(self.graph)
        messenger, instagram = Messenger(self.graph, "messenger"), Messenger(self.graph, "instagram")
        self.graph.apps = {"whatsapp": whatsapp, "messenger": messenger, "instagram": instagram}
        self.dashboard = Dashboard(self.graph)
        self.numbers = Numbers(self.twilio)
        self.telegram = Telegram(self.config, self._credentials, line)
        apps: list[App] = [whatsapp, messenger, instagram, TelegramApp(self.telegram)]
        self.phones = Phones(self.config, line, self.graph, {app.channel: app for app in apps})
        self._server = await smtp.listen(smtp.Door(cloud, self.config, self.world), "127.0.0.1", smtp_port)
        self.smtp_port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """End what is under way and close the door."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()

    def _later(self, work: Awaitable[None]) -> None:
        assert isinstance(work, Coroutine)
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _judged(self, provider: str, answer: web.Response) -> web.Response:
        """A provider's answer; a refusal is kept for the page to show."""
        if answer.status >= 400:
            await self.world.add(Refusal(provider, answer.status, words_of(answer), now_iso()))
        return answer

    async def _send_email(self, request: web.Request) -> web.Response:
        return await self._judged("SES", await self.ses.send_email(request))

    async def _create_message(self, request: web.Request) -> web.Response:
        return await self._judged("Twilio", await self.twilio.create_message(request))

    async def _graph_send(self, request: web.Request) -> web.Response:
        return await self._judged("Meta", await self.graph.send(request))

    async def _dashboard(self, request: web.Request) -> web.Response:
        return await self.dashboard.call(request)

    async def _numbers(self, request: web.Request) -> web.Response:
        return self.numbers.found(request)

    async def _number(self, request: web.Request) -> web.Response:
        return await self.numbers.change(request)

    async def _graph_look(self, request: web.Request) -> web.Response:
        return await self.graph.look(request)

    async def _graph_file(self, request: web.Request) -> web.Response:
        return await self.graph.file(request)

    async def _bot_call(self, request: web.Request) -> web.Response:
        return await self._judged("Telegram", await self.telegram.call(request))

    async def _bot_file(self, request: web.Request) -> web.Response:
        return await self.telegram.file(request)

    async def _media(self, request: web.Request) -> web.Response:
        return self.twilio.media(request)

    async def _page(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=(PAGE / "sandbox.html").read_bytes(),
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY},
        )

    async def _asset(self, request: web.Request) -> web.Response:
        kind = ASSETS.get(request.match_info["file"])
        if kind is None:
            raise web.HTTPNotFound
        return web.Response(body=(PAGE / request.match_info["file"]).read_bytes(), content_type=kind, charset="utf-8")

    async def _state(self, request: web.Request) -> web.Response:
        """Everything; with ?after=VERSION only when there is something newer, or after 20 seconds."""
        after = request.query.get("after", "")
        if after.isdigit():
            await self.world.wait_past(int(after), 20)
        inboxes = [
            {"name": inbox.name, "channel": inbox.channel, "address": inbox.address, "display_name": inbox.display_name}
            for inbox in self.config.inboxes
        ]
        told = {"inboxes": inboxes, "smtp_port": self.smtp_port}
        return web.json_response(self.world.state() | self.phones.state() | told)

    async def _mail(self, request: web.Request) -> web.Response:
        """A customer's mail program: a real SMTP conversation with the door."""
        asked = await _json(request)
        message = compose(asked)
        try:
            await asyncio.to_thread(_submit, self.smtp_port, message)
        except smtplib.SMTPException as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response({"message_id": str(message["Message-ID"]).strip("<>")}, status=201)

    async def _sms(self, request: web.Request) -> web.Response:
        """A customer's phone."""
        asked = await _json(request)
        inbox = self.config.inbox_by_address("twilio", str(asked.get("to", "")))
        if inbox is None:
            return web.json_response({"error": "there is no such number here"}, status=422)
        try:
            files = [self.phones.kept(one) for one in asked.get("files") or ()]
            text = await self.twilio.customer_writes(
                inbox.name, str(asked["from"]), inbox.address, str(asked.get("text") or ""), files
            )
        except Impossible as error:
            return web.json_response({"error": str(error)}, status=422)
        except (ClientError, TimeoutError) as error:
            return web.json_response(
                {"error": f"the webhook did not take it: {str(error) or 'no answer in time'}"}, status=502
            )
        return web.json_response({"sid": text.id}, status=201)

    async def _ask(self, request: web.Request) -> web.Response:
        """Something a customer does in an app."""
        if request.match_info["what"] not in self.phones.asks():
            raise web.HTTPNotFound
        return await self.phones.ask(request.match_info["what"], await _json(request))

    async def _file(self, request: web.Request) -> web.Response:
        return self.phones.file(request.match_info["id"])

    async def _reset(self, _request: web.Request) -> web.Response:
        await self.world.reset()
        return web.json_response({})

    async def _cognito(self, request: web.Request) -> web.Response:
        """Only what a log-in needs; everything else in the user pool is the administrator's."""
        target = request.headers.get("X-Amz-Target", "")
        if target not in _LOG_IN:
            raise web.HTTPForbidden
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
        async with (
            ClientSession(timeout=ClientTimeout(total=15)) as client,
            client.post(self._aws_endpoint + "/", data=await request.read(), headers=headers) as answer,
        ):
            return web.Response(
                status=answer.status, body=await answer.read(), content_type="application/x-amz-json-1.1"
            )


def compose(asked: dict[str, Any]) -> EmailMessage:
    """The mail a customer's program would write: from, name, to, subject, text, in_reply_to, references, spoof, files."""
    message = EmailMessage()
    message["From"] = formataddr((str(asked.get("name") or ""), str(asked["from"])))
    message["To"] = str(asked["to"])
    message["Subject"] = str(asked.get("subject") or "")
    message["Date"] = formatdate()
    message["Message-ID"] = str(
        asked.get("message_id") or make_msgid(domain=str(asked["from"]).rpartition("@")[2] or "sandbox")
    )
    if asked.get("in_reply_to"):
        message["In-Reply-To"] = f"<{asked['in_reply_to']}>"
        references = [*(asked.get("references") or []), asked["in_reply_to"]]
        message["References"] = " ".join(f"<{reference}>" for reference in references)
    if asked.get("spoof"):
        message[smtp.SPOOF] = "yes"
    message.set_content(str(asked.get("text") or ""))
    for one in asked.get("files") or ():
        maintype, _, subtype = str(one["type"]).partition("/")
        data = base64.b64decode(one["data"])
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=str(one["name"]))
    return message


def words_of(answer: web.Response) -> str:
    """Why a provider refused, as its own error says."""
    try:
        content = json.loads(answer.text or "")
    except ValueError:
        return answer.text or ""
    error = content.get("error", content)
    if not isinstance(error, dict):
        error = content
    details = (error.get("error_data") or {}).get("details")
    said = [error.get("message"), error.get("description"), details]
    return " ".join(dict.fromkeys(str(part) for part in said if part))


def _submit(port: int, message: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(message)


async def _json(request: web.Request) -> dict[str, Any]:
    """The body as an object. Only application/json: a page of another origin cannot post that without asking first."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    content = await request.json()
    if not isinstance(content, dict):
        raise web.HTTPBadRequest
    return content
