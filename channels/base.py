"""The seam every channel is written against. A channel does no I/O: bytes in, values out; values in, an HTTP request out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from router.config import Inbox
from router.limits import Limits
from router.messages import Attachment, ChannelName, Parsed, Provider
from router.wire import HttpRequest, HttpResponse, Outgoing, Request, Response

__all__ = [
    "Channel",
    "Credentials",
    "HttpRequest",
    "HttpResponse",
    "Introduces",
    "Limits",
    "Outgoing",
    "Request",
    "Response",
]

Credentials = Mapping[str, str]
"""One inbox's secrets, by name (`auth_token`, `account_sid`...). Never logged, never in `repr`."""


class Channel(Protocol):
    """What a channel module's instance offers. All methods are pure; `key` is the deployment's hashing key (router.ids)."""

    name: str  # in the registry, in URLs and on the command line: "email", "twilio", "webchat"
    channel: ChannelName
    provider: Provider
    carrier: Literal["http", "socket"]  # socket: stored for the customer's client to read; pushes are hints

    limits: Mapping[ChannelName, Limits]  # what each channel that it carries takes
    media_hosts: tuple[str, ...]  # the only hosts files are fetched from; `.example.com` is any host below it
    secrets: tuple[str, ...]  # the credentials an inbox needs, for `santral inbox check`
    shared: bool  # the provider calls one URL for several inboxes: a call is parsed for all that have the same `secret`

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Raise Refused unless the call is authentic, over the raw bytes and in constant time."""
        ...

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Answer a provider's set-up handshake; None when the request is not one. Raise Refused for a wrong one."""
        ...

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """All messages and receipts in the request. Raise Unparsable, never anything else, on bytes it cannot read.

        What is about another account than the inbox's is Ignored with that `account`.
        """
        ...

    def account(self, inbox: Inbox) -> str:
        """What the provider calls the inbox's account in its calls, a page's or a number's id; empty where it is not stated."""
        ...

    def acknowledge(self, parsed: Parsed) -> Response:
        """The 2xx the provider wants for an accepted (or quarantined) call."""
        ...

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """The call that sends it. Raise Rejected when the channel cannot carry it (too long, no address)."""
        ...

    def interpret(self, response: HttpResponse) -> str | None:
        """The provider's id of what was sent. Raise Temporary, Rejected or Unknown by what the caller does next."""
        ...

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """The next call on the way to an inbound file, from the answer to the one before; None when that answer is the file.

        Raise Rejected when it can never be had (gone, no address), Temporary when it may be had later.
        """
        ...


@runtime_checkable
class Introduces(Protocol):
    """A channel whose webhooks name nobody, and whose provider can be asked who an address is."""

    def profile(self, address: str, inbox: Inbox, credentials: Credentials) -> HttpRequest | None:
        """The call that asks; None where the inbox has no credentials for it."""
        ...

    def name_in(self, response: HttpResponse) -> str | None:
        """The name in the answer; None where it tells none, for good. Raise Temporary when it may be asked again."""
        ...
