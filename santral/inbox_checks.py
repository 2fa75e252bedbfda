"""What an inbox needs before it works, as values: calls to make, answers to judge, lines to print. No I/O.

A check is a generator: it gives a call and gets the answer (None where nobody answered), or gives a line. Lines name
credentials, never their values; of a provider's URL only host and path are told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from channels import telegram_updates
from channels.base import Channel
from channels.reading import json_object
from channels.telegram_send import API as TELEGRAM
from router.config import Config, Inbox
from router.errors import Unparsable
from router.requirements import met, read, text
from router.wire import HttpRequest, HttpResponse

State = Literal["ok", "missing", "unknown"]
Judge = Callable[[HttpResponse], str | None]
PROBE = "20260301"  # what our own webhook is asked to give back
ESSENTIAL = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
)  # of a bot's own chats
_SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True)
class Fix:
    """What one call can mend. `question` is asked first; `failed` says why the answer is no success."""

    question: str
    request: HttpRequest
    failed: Judge


@dataclass(frozen=True, slots=True)
class Line:
    """One finding, and what to do about it."""

    state: State
    what: str
    todo: str = ""
    fix: Fix | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The inbox, what is stored for it, and where its provider is to call. `local`: the sandbox plays the provider."""

    inbox: Inbox
    credentials: Mapping[str, str]
    base: str  # of the HTTP API, without a final slash
    now: datetime
    beside: tuple[Inbox, ...] = ()  # inboxes of the same channel with the same credentials
    local: bool = False

    @property
    def url(self) -> str:
        """The inbox's webhook."""
        return self.webhook_of(self.inbox)

    def webhook_of(self, inbox: Inbox) -> str:
        """An inbox's webhook."""
        return f"{self.base}/webhooks/{inbox.channel}/{inbox.name}"


Check = Generator["HttpRequest | Line", "HttpResponse | None", None]


def configured(config: Config | None, name: str, version: str | None) -> list[Line]:
    """Whether the configuration in force has the inbox and somebody to answer it; `version` is that of the local files."""
    if config is None:
        return [Line("missing", "no configuration is in force", "santral config apply")]
    inbox = config.inbox(name)
    if inbox is None:
        known = ", ".join(one.name for one in config.inboxes) or "none"
        todo = "write it into config/inboxes.yaml, then `santral config apply`"
        return [Line("missing", f"the configuration in force has no inbox '{name}' (it has {known})", todo)]
    queue = config.queue(inbox.queue)
    if queue is None:
        return [Line("missing", f"there is no queue '{inbox.queue}'", "write it into config/queues.yaml and apply")]
    able = [agent.name for agent in config.agents if agent.pool == queue.pool and met(read(queue.skill), agent.levels)]
    lines = [Line("ok", f"configuration {config.version}: inbox '{name}', brand '{inbox.brand}'")]
    if version is not None and version != config.version:
        todo = "`santral config apply`, if the files are what you want"
        lines.append(Line("unknown", f"the files in config/ are another version ({version})", todo))
    who = f"queue '{queue.name}', skill '{text(read(queue.skill))}': {len(able)} of the agents have it"
    lines.append(
        Line("ok" if able else "missing", who, "" if able else "give an agent that skill in config/agents.yaml")
    )
    return lines


def stored(channel: Channel, inbox: Inbox, credentials: Mapping[str, str]) -> list[Line]:
    """Which of the credentials are in the provider secret, by name."""
    if not channel.secrets:
        return []
    if inbox.secret is None:
        todo = f"give it `secret: {inbox.channel}` in config/inboxes.yaml, and store the credentials under that key"
        return [Line("missing", "the inbox names no `secret`", todo)]
    lines = []
    for name in channel.secrets:
        if credentials.get(name):
            lines.append(Line("ok", f"{name} is stored under '{inbox.secret}'"))
        else:
            todo = f"put it into the provider secret under '{inbox.secret}' (docs/channels.md says how)"
            lines.append(Line("missing", f"{name} is not stored under '{inbox.secret}'", todo))
    rotated = (name for name in sorted(credentials) if name.endswith("_previous"))
    return lines + [Line("ok", f"{name} is stored too: it is taken until you remove it") for name in rotated]


def telegram(s: Subject) -> Check:
    """Telegram: the bot, its webhook, and what it reports. Facts: "Telegram Bot API" (getMe, getWebhookInfo, setWebhook)."""
    token, secret = s.credentials.get("bot_token", ""), s.credentials.get("webhook_secret", "")
    if secret and not _SECRET_TOKEN.fullmatch(secret):
        yield Line("missing", "webhook_secret is not one Telegram takes", "use 1 to 256 of A-Z a-z 0-9 _ -")
    if secret:
        answer = yield HttpRequest("POST", s.url, _secret_header(secret), b'{"update_id":0}')  # holds nothing
        right = answer is not None and answer.status == 200
        yield Line("ok", f"our webhook takes the stored secret: {s.url}") if right else _wrong(s, answer)
    if not token:
        return
    answer = yield _bot(token, "getMe")
    me = telegram_result(answer)
    if me is None:
        yield told(answer, "bot_token", "Telegram", "put the one BotFather shows (/mybots, API Token)")
        return
    yield Line("ok", f"bot_token is that of @{me.get('username')}")
    info = telegram_result((yield _bot(token, "getWebhookInfo"))) or {}
    allowed = [one for one in info.get("allowed_updates") or [] if isinstance(one, str)]
    lacking = [kind for kind in telegram_updates.KINDS if kind not in allowed]
    body = {"url": s.url, "secret_token": secret, "allowed_updates": list(telegram_updates.KINDS)}
    fix = None
    if secret:
        request = _bot(token, "setWebhook", body)
        fix = Fix(f"Set @{me.get('username')}'s webhook to {s.url}?", request, _telegram_failed)
    url = str(info.get("url") or "")
    if url != s.url:
        yield Line("missing", f"Telegram calls {shown(url)}", f"setWebhook with the url {s.url}, or --fix", fix)
    elif not allowed and "message_reaction" in lacking:
        yield Line("missing", "no reactions come: allowed_updates is the default", "setWebhook with all, or --fix", fix)
    elif needed := [kind for kind in lacking if kind in ESSENTIAL]:
        yield Line("missing", f"allowed_updates lacks {', '.join(needed)}", "setWebhook with all, or --fix", fix)
    elif lacking:
        yield Line(
            "unknown", f"allowed_updates lacks {', '.join(lacking)}: perhaps you want none", "--fix asks for all", fix
        )
    else:
        yield Line("ok", "Telegram calls this inbox's URL, with all kinds of updates")
    if info.get("has_custom_certificate") is True:
        yield Line("unknown", "a certificate of its own is set for the webhook", "set the webhook anew without one")
    waiting = info.get("pending_update_count")
    if isinstance(waiting, int) and waiting > 0:
        yield Line("unknown", f"{waiting} updates wait at Telegram", "look again: the number should fall")
    if failure := info.get("last_error_message"):
        todo = "403: webhook_secret is not the one given to setWebhook (--fix sets it); else see the function's log"
        yield Line(
            "unknown", f"Telegram's last failure, {_when(info.get('last_error_date'))}: {str(failure)[:200]}", todo, fix
        )


def webchat(s: Subject) -> Check:
    """Web chat: whose pages may open it, and whether it opens."""
    origins = s.inbox.settings.get("allowed_origins")
    if not isinstance(origins, list) or not origins:
        yield Line("unknown", "any site may open the chat", "name yours in the inbox's settings.allowed_origins")
    else:
        for origin in origins:
            parts = urlsplit(str(origin))
            if parts.scheme in ("https", "http") and parts.netloc and str(origin) == f"{parts.scheme}://{parts.netloc}":
                yield Line("ok", f"pages of {origin} may open the chat")
            else:
                yield Line(
                    "missing", f"'{origin}' is no origin", "write scheme and host alone: https://www.example.com"
                )
    page = f"{s.base}/chat/{quote(s.inbox.name)}"
    answer = yield HttpRequest("GET", page)
    if answer is not None and answer.status == 200:
        yield Line("ok", f"the chat opens: {page}")
    else:
        yield Line(
            "missing" if answer else "unknown", f"{page} {_said(answer)}", "is the stack deployed, and the URL right?"
        )


def _wrong(s: Subject, answer: HttpResponse | None) -> Line:
    """What it means that our own webhook does not answer as it must."""
    if answer is None:
        return Line("unknown", f"{s.url} {_said(answer)}", "is it reachable from here, and the base URL right (--url)?")
    if answer.status == 403:
        todo = "functions keep credentials for five minutes: wait, and look again"
        return Line("missing", f"our webhook refuses the stored credentials: {s.url}", todo)
    if answer.status == 404:
        return Line("missing", f"our webhook knows no such inbox: {s.url}", "`santral config apply`")
    return Line("missing", f"our webhook {_said(answer)}: {s.url}", "see the log of the function `receive`")


def unsigned(s: Subject) -> Check:
    """A call that nobody signed must be refused, which says that the webhook is there."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = yield HttpRequest("POST", s.url, headers, b"")
    if answer is not None and answer.status == 403:
        yield Line("ok", f"our webhook answers, and refuses strangers: {s.url}")
    elif answer is not None and 200 <= answer.status < 300:
        yield Line("missing", f"{s.url} takes a call that nobody signed", "is that URL Santral's?")
    else:
        yield _wrong(s, answer)


def handshake(s: Subject) -> Check:
    """The GET by which Meta sets a webhook up, made by ourselves."""
    token = s.credentials.get("verify_token", "")
    if not token:
        return
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": PROBE, "hub.verify_token": token})
    answer = yield HttpRequest("GET", f"{s.url}?{query}")
    if answer is not None and answer.status == 200 and answer.body.decode("utf-8", "replace").strip() == PROBE:
        yield Line("ok", f"our webhook answers Meta's handshake: {s.url}")
    elif answer is not None and answer.status == 200:
        yield Line("missing", f"{s.url} does not give the challenge back", "is that URL Santral's?")
    else:
        yield _wrong(s, answer)


def told(answer: HttpResponse | None, credential: str, provider: str, todo: str) -> Line:
    """A provider's refusal of our credentials, or its silence."""
    if answer is None or answer.status >= 500 or answer.status == 429:
        return Line("unknown", f"{provider} {_said(answer)}", "look again later")
    return Line("missing", f"{provider} does not take the {credential} ({answer.status})", todo)


def shown(url: str) -> str:
    """A provider's idea of where to call: host and path, for its query may hold a secret."""
    if not url:
        return "nobody: no URL is set"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    return f"another URL: {parts.scheme}://{parts.hostname or ''}{parts.path}"


def object_in(answer: HttpResponse | None) -> dict[str, Any]:
    """The JSON object in an answer; an empty one for what is none."""
    if answer is None:
        return {}
    try:
        return json_object(answer.body)
    except Unparsable:
        return {}


def listed(value: object) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _bot(token: str, method: str, body: Mapping[str, Any] | None = None) -> HttpRequest:
    url = f"{TELEGRAM}/bot{quote(token, safe=':')}/{method}"
    if body is None:
        return HttpRequest("GET", url, {"accept": "application/json"})
    headers = {"content-type": "application/json", "accept": "application/json"}
    return HttpRequest("POST", url, headers, json.dumps(body).encode())


def telegram_result(answer: HttpResponse | None) -> dict[str, Any] | None:
    """What the Bot API gave; None for a refusal."""
    value = object_in(answer)
    result = value.get("result")
    return result if value.get("ok") is True and isinstance(result, dict) else None


def _telegram_failed(answer: HttpResponse) -> str | None:
    if object_in(answer).get("ok") is True:
        return None
    return f"Telegram answered {answer.status}: {str(object_in(answer).get('description') or '')[:200]}"


def _secret_header(secret: str) -> dict[str, str]:
    return {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}


def _said(answer: HttpResponse | None) -> str:
    return "does not answer" if answer is None else f"answers {answer.status}"


def _when(value: object) -> str:
    try:
        return f"{datetime.fromtimestamp(float(str(value)), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "once"
