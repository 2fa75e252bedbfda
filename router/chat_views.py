"""How a desk and a visitor of the chat come to their WebSocket."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from router.messages import Time
from router.views import Body, View


class TicketView(View):
    """A single-use ticket for the WebSocket, good for 30 seconds: offer the subprotocols `santral.v1` and `ticket.<ticket>`."""

    ticket: str
    url: str
    expires_at: Time


class ChatSessionBody(Body):
    """A visitor opens the chat; with `session` the old one is renewed, with `user_token` they are the company's user."""

    name: str | None = Field(default=None, max_length=100)
    language: str | None = Field(default=None, max_length=35)
    session: str | None = Field(default=None, max_length=2000)
    user_token: str | None = Field(
        default=None, max_length=4096, description="a JWT signed (HS256) with the inbox's user_token_secret"
    )


class ChatSessionView(View):
    """A signed session: offer the subprotocols `santral.v1` and `session.<session>`."""

    session: str
    visitor: str
    url: str
    expires_at: Time
    method: Literal["session", "user-token"] = "session"
    proves: tuple[str, ...] = Field(default=(), description="channels whose addresses the visitor may prove by a code")
    unused: tuple[str, ...] = Field(default=(), description="claims of the user token that could not be used")
    disputed: tuple[str, ...] = Field(
        default=(), description="what the token vouches for and is another user's, or was parted by hand: not joined"
    )
