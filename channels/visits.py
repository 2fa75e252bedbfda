"""Opening the chat: an anonymous visitor's session, or that of a user whom the company's own page vouches for."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from channels import sessions, user_tokens
from router.chat_views import ChatSessionBody, ChatSessionView
from router.config import Inbox
from router.errors import Refused
from router.exchange import Exchange
from router.proofs import visited
from router.proving import offered

ANONYMOUS = timedelta(days=30)
USER = timedelta(hours=24)
"""A user's session ends with the day: who logged out of the company's page must not stay logged in at its chat."""


def opened(x: Exchange, inbox: Inbox, asked: ChatSessionBody, fresh: str) -> ChatSessionView:
    """A session; `fresh` is the visitor's id if nobody knows them. Raises Refused, and ValueError for what fits no session."""
    if asked.user_token is not None:
        return _user(x, inbox, asked, asked.user_token)
    session = sessions.verify(asked.session, [x.key], x.now()) if asked.session else None
    if session is not None and session.method == sessions.USER_TOKEN:
        raise Refused("a user's session is renewed with a new user token only")
    return _signed(x, inbox, session.visitor if session is not None else fresh, asked.name, asked.language)


def _user(x: Exchange, inbox: Inbox, asked: ChatSessionBody, token: str) -> ChatSessionView:
    user = user_tokens.verify(token, x.credentials(inbox), x.now())
    before: sessions.Session | None = None
    with suppress(Refused):  # the company's word suffices; an old session only adds what was written before
        before = sessions.verify(asked.session or "", [x.key], x.now())
    visit = visited(
        x, inbox, user, before.visitor if before is not None else None, before.earlier if before is not None else ()
    )
    name, language = user.name or asked.name, user.language or asked.language
    view = _signed(x, inbox, visit.visitor, name, language, visit.earlier, method=sessions.USER_TOKEN)
    return view.model_copy(update={"unused": user.unused, "disputed": visit.disputed})


def _signed(
    x: Exchange,
    inbox: Inbox,
    visitor: str,
    name: str | None,
    language: str | None,
    earlier: tuple[str, ...] = (),
    method: str = "session",
) -> ChatSessionView:
    now = x.now()
    life = USER if method == sessions.USER_TOKEN else ANONYMOUS
    token = sessions.sign(
        x.key, inbox=inbox.name, visitor=visitor, now=now, lifetime=life, name=name, language=language, method=method,
        earlier=earlier,
    )  # fmt: skip
    made = {
        "session": token,
        "visitor": visitor,
        "url": "",
        "expires_at": now + life,
        "method": method,
        "proves": offered(inbox),
    }
    return ChatSessionView.model_validate(made)
