"""Web chat sessions: who a visitor is, in a token that our own servers sign and only they can check.

A token is `<payload>.<mac>`: base64url JSON and base64url HMAC-SHA256, both without padding, so it fits into
`Sec-WebSocket-Protocol` (RFC 6455 allows there only the characters of an RFC 7230 token).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.reading import json_object
from router import ids
from router.errors import Refused, Unparsable

VERSION = 1
MAX_TOKEN = 1_024  # characters: all request headers together may have 10,240 bytes
MIN_KEY = 16  # bytes
SKEW = timedelta(seconds=60)  # how far another server's clock may be ahead of ours

_CONTEXT = b"santral.session.v1\0"  # keeps this MAC apart from any other use of the key
_VISITOR = re.compile(r"[A-Za-z0-9._~-]{1,64}")  # no colon: an external id is `visitor:client id`
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}")
USER_TOKEN = "user-token"
_METHODS = ("session", USER_TOKEN)
MAX_EARLIER = 4


@dataclass(frozen=True, slots=True)
class Session:
    """Who is connected. `name` is what the visitor calls themselves; `language` is BCP 47.

    `earlier` are the visitors that this browser was before the company's page said who it is; `method` is how we know.
    """

    inbox: str
    visitor: str
    issued_at: datetime
    expires_at: datetime
    name: str | None = None
    language: str | None = None
    method: str = "session"
    earlier: tuple[str, ...] = ()

    def envelope(self, connection: str) -> dict[str, Any]:
        """What is stored with the connection and travels beside each of its frames."""
        stored: dict[str, Any] = {"inbox": self.inbox, "visitor": self.visitor, "connection": connection}
        optional: dict[str, Any] = {"name": self.name, "language": self.language, "earlier": list(self.earlier)}
        optional["method"] = self.method if self.method != "session" else None
        return stored | {name: value for name, value in optional.items() if value}


def sign(
    key: bytes,
    *,
    inbox: str,
    visitor: str,
    now: datetime,
    lifetime: timedelta,
    name: str | None = None,
    language: str | None = None,
    method: str = "session",
    earlier: Sequence[str] = (),
) -> str:
    """A token for a visitor of an inbox. ValueError for what `verify` would not take back."""
    issued = int(now.timestamp())
    payload: dict[str, Any] = {"v": VERSION, "inbox": inbox, "visitor": visitor, "iat": issued}
    payload["exp"] = issued + int(lifetime.total_seconds())
    payload |= {short: value for short, value in (("name", name), ("lang", language), ("was", list(earlier))) if value}
    payload |= {"by": method} if method != "session" else {}
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    encoded = _encode(text.encode("utf-8"))
    token = f"{encoded}.{_mac(key, encoded)}"
    try:
        verify(token, [key], now)
    except Refused:
        raise ValueError("the name (100 characters), the language (BCP 47) or another value fits no session") from None
    return token


def verify(token: str, keys: Sequence[bytes], now: datetime) -> Session:
    """The session of a token signed with any of the keys (two during a rotation). Refused if not ours, or old."""
    encoded, dot, mac = token.partition(".")
    usable = [key for key in keys if len(key) >= MIN_KEY]
    if not usable:
        raise Refused(f"no session key of at least {MIN_KEY} bytes is configured")
    if not dot or len(token) > MAX_TOKEN:
        raise Refused("not a session token")
    if not sum(ids.equal(mac, _mac(key, encoded)) for key in usable):  # a sum, so that every comparison is made
        raise Refused("the session token's signature does not match")
    session = _read(encoded)
    if session.issued_at > now + SKEW:
        raise Refused("the session token is from the future")
    if session.expires_at <= now:
        raise Refused("the session has expired")
    return session


def _read(encoded: str) -> Session:
    """The session in a payload whose signature held; checked all the same, the key may have signed other things."""
    try:
        payload = json_object(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        if payload.get("v") != VERSION:
            raise Refused("the session token is of another version")
        name, language = payload.get("name"), payload.get("lang")
        return Session(
            inbox=_matching(_SLUG, payload.get("inbox")),
            visitor=_matching(_VISITOR, payload.get("visitor")),
            issued_at=_time(payload.get("iat")),
            expires_at=_time(payload.get("exp")),
            name=None if name is None else _name(name),
            language=None if language is None else _matching(_LANGUAGE, language),
            method=_method(payload.get("by", "session")),
            earlier=_earlier(payload.get("was", [])),
        )
    except (ValueError, OverflowError, OSError, Unparsable):
        raise Refused("the session token cannot be read") from None


def valid_visitor(value: object) -> bool:
    """Whether it can be a visitor's id: 1 to 64 unreserved characters (RFC 3986)."""
    return isinstance(value, str) and _VISITOR.fullmatch(value) is not None


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError
    return value


def _name(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise ValueError
    return value


def _method(value: object) -> str:
    if value not in _METHODS:
        raise ValueError
    return str(value)


def _earlier(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_EARLIER:
        raise ValueError
    return tuple(_matching(_VISITOR, one) for one in value)


def _time(value: object) -> datetime:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return datetime.fromtimestamp(value, UTC)


def _mac(key: bytes, encoded: str) -> str:
    return _encode(hmac.new(key, _CONTEXT + encoded.encode("utf-8", "surrogatepass"), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
