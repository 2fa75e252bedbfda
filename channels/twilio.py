"""Twilio: SMS and MMS, and what comes in through its WhatsApp, Messenger and RCS senders.

The parts: who called (`twilio_signature`), what is told (`twilio_reading`), what is sent and answered (`twilio_send`), files
(`twilio_media`), and the meaning of error codes (`twilio_errors`).
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from channels import twilio_media, twilio_reading, twilio_send
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.twilio_signature import check
from router.config import Inbox
from router.messages import Attachment, ChannelName, Parsed, Provider

MAX_TEXT = twilio_send.MAX_TEXT


class Twilio:
    """Programmable Messaging."""

    name = "twilio"
    channel = ChannelName.SMS
    provider = Provider.TWILIO
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = twilio_send.LIMITS
    media_hosts: tuple[str, ...] = twilio_media.HOSTS
    secrets: tuple[str, ...] = ("account_sid", "auth_token")
    shared = False

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless X-Twilio-Signature holds for URL and body, by the current token or the previous one."""
        tokens = [token for name in ("auth_token", "auth_token_previous") if (token := credentials.get(name))]
        check(request, tokens)

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Twilio has no handshake."""
        return None

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """One inbound message or one status callback; calls and debugger events are Ignored."""
        return twilio_reading.read(request, inbox, key)

    def account(self, inbox: Inbox) -> str:
        """The number."""
        return inbox.address

    def acknowledge(self, parsed: Parsed) -> Response:
        """Empty TwiML: text of any other type could be sent to the customer as an answer."""
        return Response(200, "<Response/>", "text/xml")

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to Messages.json."""
        return twilio_send.call(outgoing, credentials)

    def interpret(self, response: HttpResponse) -> str | None:
        """The message's SID; what may have been sent is Unknown."""
        return twilio_send.sid_of(response)

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """Media are fetched with the account's credentials, by way of a redirect that is followed without them."""
        return twilio_media.next_call(attachment, credentials, answer)
