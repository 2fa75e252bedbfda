"""Instagram: direct messages to a professional account, and the answers.

A customer's address is an Instagram-scoped id (IGSID). The address of an inbox is the account's id, as it stands in `entry.id`.
Comments and mentions are public and left out. Reading is in `channels/meta_messaging.py`, sending in `channels/meta_send.py`.
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

# "Upload Media for Instagram Messaging", by the types' usual names; files other than PDF are not taken.
_TYPES = {
    8: ("image/png", "image/jpeg", "image/gif"),
    25: (
        *("video/mp4", "video/ogg", "video/x-msvideo", "video/avi", "video/quicktime", "video/webm"),
        *("audio/aac", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/wav", "audio/x-wav", "audio/wave"),
        "application/pdf",
    ),
}
LIMITS = Limits(
    text=1_000,
    unit="bytes",
    files=1,
    file_bytes={kind: most * meta_send.MB for most, kinds in _TYPES.items() for kind in kinds},
    buttons=13,
    button_title=20,
    link_buttons=3,
    link_text=meta_send.MAX_TEXT_OVER_BUTTONS,
    window=meta_send.WINDOW,
    human_window=meta_send.HUMAN_WINDOW,
    echoes=True,
    receipts=frozenset({"read"}),
)
# `page`: accounts that are connected by their Facebook page are told about as one.
PLATFORM = meta_messaging.Platform("instagram", ChannelName.INSTAGRAM, frozenset({"instagram", "page", ""}))
OWN_HOST = "https://graph.instagram.com/v23.0"


class Instagram:
    """The messaging of an Instagram professional account."""

    name = "instagram"
    channel = ChannelName.INSTAGRAM
    provider = Provider.META
    carrier: Literal["http", "socket"] = "http"
    limits: Mapping[ChannelName, Limits] = {ChannelName.INSTAGRAM: LIMITS}
    media_hosts: tuple[str, ...] = MEDIA_HOSTS
    secrets: tuple[str, ...] = ("access_token", "app_secret", "verify_token")
    shared = True  # one URL for all accounts of an app

    def verify(self, request: Request, inbox: Inbox, credentials: Credentials, now: datetime) -> None:
        """Refused unless X-Hub-Signature-256 holds. With Instagram Login the secret is the Instagram app's."""
        meta.check(request, credentials)

    def challenge(self, request: Request, inbox: Inbox, credentials: Credentials) -> Response | None:
        """The webhook's set-up: its challenge, if it knows our verify_token."""
        return meta.challenge(request, credentials)

    def parse(self, request: Request, inbox: Inbox, key: bytes) -> Parsed:
        """Messages, taps, reactions, withdrawals and reads of one call; comments and mentions are left out."""
        return meta_messaging.parse(request, inbox, key, PLATFORM)

    def account(self, inbox: Inbox) -> str:
        """The account's id, or its page's."""
        return meta_messaging.account_of(inbox)

    def acknowledge(self, parsed: Parsed) -> Response:
        """Any 200: after an hour of anything else Meta unsubscribes the app."""
        return Response(200, "EVENT_RECEIVED")

    def render(self, outgoing: Outgoing, credentials: Credentials) -> HttpRequest:
        """A POST to the account's messages, at Instagram's own host where the setting `login` says "instagram"."""
        own = outgoing.inbox.settings.get("login") == "instagram"
        account = meta_messaging.account_of(outgoing.inbox) or "me"
        return meta_send.render(
            outgoing, credentials, LIMITS, account, host=OWN_HOST if own else meta.GRAPH, mark=False
        )

    def interpret(self, response: HttpResponse) -> str | None:
        """The message's id.

        Meta documents metadata for pages only, and Instagram's echoes name nothing but the message's id. So an answer of
        unknown outcome is not settled by its echo (it comes as a message from elsewhere); it is parked for a person.
        """
        return meta_send.interpret(response)

    def profile(self, address: str, inbox: Inbox, credentials: Credentials) -> HttpRequest | None:
        """A GET of the person's name and username, which Meta tells the account they wrote to."""
        own = inbox.settings.get("login") == "instagram"
        return meta_profiles.ask(address, "name,username", credentials, OWN_HOST if own else meta.GRAPH)

    def name_in(self, response: HttpResponse) -> str | None:
        """The name, else the username."""
        return meta_profiles.name_in(response)

    def fetch(
        self, attachment: Attachment, inbox: Inbox, credentials: Credentials, answer: HttpResponse | None
    ) -> HttpRequest | None:
        """By the link alone, from Meta's own hosts."""
        return meta_send.fetch(attachment, answer)
