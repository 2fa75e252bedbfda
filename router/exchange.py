"""All that a use case may touch, in one value. The Lambda wiring, tests and benches each put their own together."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from router.config import Config, Inbox
from router.errors import NotFound

if TYPE_CHECKING:  # the domain imports nothing outward when it runs
    from channels.base import Channel, HttpRequest, HttpResponse
    from channels.optout import Asked
    from router.aws.blobs import Blobs
    from router.aws.bus import Bus
    from router.aws.configs import Applied
    from router.aws.intake import Intake
    from router.aws.queues import Queues
    from router.aws.sockets import Sockets
    from router.aws.table import Table
    from router.keywords import Keywords
    from router.messages import Message

Count = Callable[[str, int], None]
"""Counts an event by name; becomes a CloudWatch metric."""


def _nothing(_name: str, _value: int) -> None:
    return None


@dataclass(slots=True)
class Exchange:
    """The exchange's parts: stores, queues, sockets, channels, configuration, key and clock."""

    table: Table
    intake: Intake
    blobs: Blobs
    queues: Queues
    sockets: Sockets
    config: Callable[[], Config]
    version: Callable[[str], Config]
    """A version of the configuration that was applied once. Raises NotFound."""
    applied: Callable[[], Sequence[Applied]]
    """What was put in force, the newest first."""
    credentials: Callable[[Inbox], Mapping[str, str]] = field(repr=False)
    channel: Callable[[str], Channel]
    carry: Callable[[HttpRequest], HttpResponse]
    get: Callable[[HttpRequest, int, Sequence[str]], HttpResponse]
    """Fetches a file of at most so many bytes, from these hosts only."""
    part: Callable[[bytes, int], bytes]
    """Takes the N-th part out of a raw mail."""
    bus: Bus
    post: Callable[[HttpRequest], int]  # to a webhook, if it is on the open internet; the status it answered
    hook_secrets: Callable[[str], tuple[str, ...]] = field(repr=False)
    key: bytes = field(repr=False)
    now: Callable[[], datetime]
    public_url: str = ""
    mail_host: str = "email.amazonses.com"  # what SES puts after its id in Message-ID: eu-west-1.amazonses.com, ...
    held: dict[str, datetime] = field(default_factory=dict)
    """Inboxes whose credentials were refused, and until when this process spares the provider further calls."""
    turns: dict[str, deque[int]] = field(default_factory=dict)
    """Turns at providers that this process has leased, by inbox."""
    look_again: Callable[[], None] = lambda: None
    """Read the configuration anew at its next use."""
    keyword: Callable[[Message, tuple[Keywords, ...]], Asked | None] = lambda _message, _words: None
    """What a message that is nothing but STOP, START or HELP, or a configured word, asks for, and whether the provider answered it."""
    count: Count = _nothing
    log: Callable[[str, Mapping[str, Any]], None] = lambda _what, _fields: None

    def under(self, version: object) -> Exchange:
        """The same exchange under one version of the configuration, to the end of what it does.

        Where that version is unknown or unreadable it is the one in force now.
        """
        config = self.config()
        if isinstance(version, str) and version != config.version:
            with suppress(NotFound, ValueError):
                config = self.version(version)
        return replace(self, config=lambda: config, look_again=lambda: None)

    def inbox(self, name: str) -> Inbox | None:
        """An inbox by name. One that is not known may be newer than the configuration in hand, so that is read again."""
        found = self.config().inbox(name)
        if found is None:
            self.look_again()
            found = self.config().inbox(name)
        return found
