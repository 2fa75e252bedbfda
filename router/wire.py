"""Calls as values: what a provider sends us and what we send a provider. The seam between channels and the one place that does I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from router.config import Inbox
from router.messages import Message


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
    url: str = field(repr=False)  # Telegram's holds the token
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
    mark: str | None = None  # our send id with a MAC, which only we can make: it comes back in reports
    automatic: bool = False  # nobody wrote it: e-mail says Auto-Submitted (RFC 3834), Meta gets no human-agent tag
    files: tuple[
        bytes, ...
    ] = ()  # the attachments' bytes, where the channel uploads them; else each has a link in `url`
    since_heard: timedelta | None = None  # how long ago the customer last wrote on this channel; None: never
    unsubscribe_url: str | None = (
        None  # outreach: e-mail says it in its headers (RFC 2369, RFC 8058); others in their text
    )
