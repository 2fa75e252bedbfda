"""Messenger: what people write to a Facebook page, and the answers.

A customer's address is a page-scoped id (PSID), which means nothing to another page. The address of an inbox is the page's
id. Reading is in `channels/meta_messaging.py`, sending in `channels/meta_send.py`, what Meta has in common in `channels/meta.py`.
"""

# ruff: noqa: ARG002 - the seam's arguments; no channel needs them all

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from channels import meta, meta_messaging, meta_profiles, meta_send
from channels.base import Credentials, HttpRequest, HttpResponse, Limits, Outgoing, Request, Response
from channels.meta_content import MEDIA_HOSTS
from router.config import Inbox
from router.messages import Attachment, ChannelName, Parsed, Provider

# "Send API Reference", "Saving Assets" (8 MB for images by URL, 25 MB for the rest), "Quick Replies", "Button Template".
# Characters are counted in UTF-16 units, the larger count: Meta does not say which it means.
LIMITS = Limits(
    text=2_000,
    files=1,
    file_bytes={"image/*": 8 * meta_send.MB, "*": 25 * meta_send.MB},
    buttons=13,
    button_title=20,
    link_buttons=3,
    link_text=meta_send.MAX_TEXT_OVER_BUTTONS,
    window=meta_send.WINDOW,
    human_window=meta_send.HUMAN_WINDOW,
    echoes=True,
    receipts=frozenset({"sent", "delivered", "read"}),
)
PLATFORM = meta_messaging.Platform("messenger", ChannelName.MESSENGER, frozenset({"page", ""}))


class Messenger:
    """The Messenger Platform of a Facebook page."""

    name = "messenger"
    channel = ChannelName.MESSENGER
    provider = Provider.META
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.MESSENGER: LIMITS}
    media_hosts: tuple[str, ...] = MEDIA_HOSTS
    secrets: tuple[str, ...] = ("access_token", "app_secret", "verify_token")
    shared = True  # one URL for all accounts of an app

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless X-Hub-Signature-256 holds, by the current app secret or the previous one."""
        meta.check(request, credentials)

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """The webhook's set-up: its challenge, if it knows our verify_token."""
        return meta.challenge(request, credentials)

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """Messages, taps, reactions, receipts and echoes of one call; comments on the page are left out."""
        return meta_messaging.parse(request, inbox, key, PLATFORM)

    def account(self, inbox: Inbox) -> str:
        """The page's id."""
        return meta_messaging.account_of(inbox)

    def acknowledge(self, parsed: Parsed) -> Response:
        """Any 200: after an hour of anything else Meta unsubscribes the app."""
        return Response(200, "EVENT_RECEIVED")

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to the page's messages; "me", the token's own page, where the inbox's address is only a label."""
        account = meta_messaging.account_of(outgoing.inbox) or "me"
        return meta_send.render(outgoing, credentials, LIMITS, account, mark=True)

    def interpret(self, response: HttpResponse) -> str | None:
        """The message's id.

        There is no idempotency key, and 5xx or a broken line may come after the message was made. It is Unknown, and settled
        by the echo: that carries our send id as metadata (subscribe the page to `message_echoes`). Without one it is parked.
        """
        return meta_send.interpret(response)

    def profile(self, address: str, inbox: Inbox, credentials: Credentials) -> HttpRequest | None:
        """A GET of the person's name, which Meta tells the page they wrote to."""
        return meta_profiles.ask(address, "name,first_name,last_name", credentials)

    def name_in(self, response: HttpResponse) -> str | None:
        """The name, where Meta tells it."""
        return meta_profiles.name_in(response)

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """By the link alone, from Meta's own hosts."""
        return meta_send.fetch(attachment, answer)
