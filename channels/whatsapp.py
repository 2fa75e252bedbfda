"""WhatsApp: the Cloud API of Meta. What comes in is read in `whatsapp_reading`, what goes out is written in `whatsapp_send`.

Facts are from the pages of Meta's WhatsApp Business Platform, named where they are used.
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NoReturn
from urllib.parse import quote, urlsplit

from channels import meta, whatsapp_errors
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.reading import json_object
from channels.whatsapp_reading import account_of, read
from channels.whatsapp_send import LIMITS, body_of
from channels.whatsapp_values import mapping, mappings, text, word
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.messages import Attachment, ChannelName, Direction, Parsed, Provider

MAX_TOLD = 64 * 1024  # bytes of an answer that may be a file's address; a larger one is the file


class WhatsApp:
    """One business phone number."""

    name = "whatsapp"
    channel = ChannelName.WHATSAPP
    provider = Provider.META
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.WHATSAPP: LIMITS}
    media_hosts: tuple[str, ...] = ("graph.facebook.com", "lookaside.fbsbx.com", ".fbsbx.com")
    secrets: tuple[str, ...] = ("access_token", "app_secret", "verify_token")
    shared = True  # one URL for all accounts of an app

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless Meta signed the bytes with the app's secret."""
        meta.check(request, credentials)

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """The webhook's set-up by GET."""
        return meta.challenge(request, credentials)

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """All messages, echoes and statuses in the call that are this inbox's number's."""
        return read(request, inbox, key)

    def account(self, inbox: Inbox) -> str:
        """The number's id at Meta, else its digits."""
        return account_of(inbox)

    def acknowledge(self, parsed: Parsed) -> Response:
        """Any 200; without one Meta tries again for up to seven days."""
        return Response(200)

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to the number's messages."""
        message = outgoing.message
        if message.direction is not Direction.OUTBOUND:
            raise Rejected(f"a message of direction '{message.direction}' is not sent", code="direction")
        number = quote(_number_id(outgoing.inbox), safe="")
        return HttpRequest(
            "POST",
            f"{meta.GRAPH}/{number}/messages",
            {"authorization": _bearer(credentials), "content-type": "application/json", "accept": "application/json"},
            json.dumps(body_of(outgoing)).encode("ascii"),
        )

    def interpret(self, response: HttpResponse) -> str | None:
        """The message's wamid, which its statuses name."""
        if not 200 <= response.status < 300:
            whatsapp_errors.refused(response)
        sent = mappings(_json_or_nothing(response.body).get("messages"))
        if sent and (wamid := word(sent[0].get("id"))):
            return wamid
        raise Unknown(f"WhatsApp answered {response.status} without a message's id")

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """Asks for the file's address by its id, then for the file, both with the token ("Media").

        The address lives five minutes, so the one a webhook brings is used only where there is no id.
        """
        if answer is None:
            if attachment.media_id:
                return _get(f"{meta.GRAPH}/{quote(attachment.media_id, safe='')}", credentials)
            return _get(self._metas(attachment.url or ""), credentials)
        if not 200 <= answer.status < 300:
            _not_fetched(answer)
        told = _json_or_nothing(answer.body) if len(answer.body) <= MAX_TOLD else {}
        # A file may be JSON too: only Meta's answer knows the id.
        if attachment.media_id and word(told.get("id")) == attachment.media_id and "url" in told:
            return _get(self._metas(text(told["url"])), credentials)
        return None

    def _metas(self, url: str) -> str:
        """The address, if it is one of Meta's: the token goes to nobody else."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            parts, host = None, ""
        ours = any(host == one or (one.startswith(".") and host.endswith(one)) for one in self.media_hosts)
        if parts is None or parts.scheme != "https" or not ours:
            raise Rejected("the file has no address at Meta", code="fetch")
        return url


def _get(url: str, credentials: Credentials) -> HttpRequest:
    # Meta's file server turns away calls without a user agent.
    return HttpRequest("GET", url, {"authorization": _bearer(credentials), "user-agent": "santral"}, timeout=30.0)


def _not_fetched(answer: HttpResponse) -> NoReturn:
    if answer.status == 404 and not mapping(_json_or_nothing(answer.body).get("error")):
        raise Temporary("the file's address has lapsed: it is asked for anew")
    meta.refused(answer, harmless=True)


def _bearer(credentials: Credentials) -> str:
    token = credentials.get("access_token", "")
    if not token:
        raise Rejected("the inbox has no access_token", credentials=True)
    return f"Bearer {token}"


def _number_id(inbox: Inbox) -> str:
    """The sending number's id: a setting, or the inbox's address where that is no number but the id."""
    number = word(inbox.settings.get("phone_number_id")) or inbox.address
    if not (number.isascii() and number.isdigit()):
        raise Rejected("the inbox has no phone_number_id among its settings", code="phone_number_id", credentials=True)
    return number


def _json_or_nothing(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except Unparsable:
        return {}
