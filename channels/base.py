"""The seam every channel is written against. A channel does no I/O: bytes in, values out; values in, an HTTP request out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from router.config import Inbox
from router.messages import ChannelName, Message, Parsed, Provider

Credentials = Mapping[str, str]
"""One inbox's secrets, by name (`auth_token`, `account_sid`...). Never logged, never in `repr`."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call from a provider, its bytes untouched. Header names are lower-case; `url` is the one the provider signed.

    `envelope` is what travels beside the body and is trusted as the transport is: SES's notification (`mail`, `receipt`)
    beside raw MIME, the stored session beside a web chat frame.
    """

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    url: str = ""
    query: str = ""
    envelope: Mapping[str, Any] = field(default_factory=dict)
    received_at: datetime = field(kw_only=True)
    raw_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What the provider is answered."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A call to a provider. `sign` names an AWS service whose SigV4 signature the sender adds; headers may hold credentials."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
    sign: Literal["ses", "execute-api"] | None = None
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A provider's answer."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All that rendering needs: the message and how it joins what came before."""

    message: Message
    inbox: Inbox
    reply_address: str | None = None  # e-mail: the inbox's address with the conversation token after +
    in_reply_to: str | None = None  # the wire id this answers (Message-ID, wamid...)
    references: tuple[str, ...] = ()
    status_url: str | None = None  # where the provider reports receipts, our send id inside
    automatic: bool = False  # e-mail: say Auto-Submitted (RFC 3834)


class Channel(Protocol):
    """What a channel module's instance offers. All methods are pure; `key` is the deployment's hashing key (router.ids)."""

    name: str  # in the registry, in URLs and on the command line: "email", "twilio", "webchat"
    channel: ChannelName
    provider: Provider
    carrier: Literal["http", "socket"]  # socket: stored for the customer's client to read; pushes are hints

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Raise Refused unless the call is authentic, over the raw bytes and in constant time."""
        ...

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """Answer a provider's set-up handshake; None when the request is not one. Raise Refused for a wrong one."""
        ...

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """All messages and receipts in the request. Raise Unparsable, never anything else, on bytes it cannot read."""
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
