"""Machines that call the API: clients with secrets, one-hour tokens by client credentials, and what each scope lets them do.

A token is an HS256 JWT (RFC 7519) over a key derived from the deployment's. It holds no right by itself: every call reads the
client once, so a revoked client and a secret rotated away at once count from the next call on.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from router.errors import Conflict, Invalid, Lost, NotFound, Refused, Temporary
from router.exchange import Exchange
from router.ids import digest, equal
from router.once import Plan, Result, User, once

if TYPE_CHECKING:
    from router.aws.dynamo import Change

TOKEN_LIFE = timedelta(hours=1)
OLD_SECRET_LIFE = timedelta(hours=24)
"""How long the secret before the newest one is still good, unless it is rotated away at once."""
SEEN_EVERY = timedelta(minutes=5)
PREFIX = "/machine"
"""Machines call the same paths below this one, which has no authoriser of the gateway's: the token is judged here."""

_C = "/v1/conversations"
SCOPES: Mapping[tuple[str, str], str] = {
    ("get", _C): "conversations:read",
    ("get", _C + "/{conversation}"): "conversations:read",
    ("get", _C + "/{conversation}/messages"): "conversations:read",
    ("post", _C): "conversations:write",
    ("post", _C + "/{conversation}/notes"): "conversations:write",
    ("post", _C + "/{conversation}/tags"): "conversations:write",
    ("post", _C + "/{conversation}/category"): "conversations:write",
    ("post", _C + "/{conversation}/replies"): "replies:write",
    ("post", _C + "/{conversation}/satisfaction"): "scores:write",
    ("get", "/v1/contacts"): "contacts:read",
    ("get", "/v1/contacts/{contact}"): "contacts:read",
    ("get", "/v1/contacts/{contact}/events"): "contacts:read",
    ("get", "/v1/contacts/{contact}/consents"): "contacts:read",
    ("post", "/v1/contacts/{contact}"): "contacts:write",
    ("post", "/v1/contacts/{contact}/consents"): "consents:write",
    ("post", "/v1/contact-rows"): "contacts:write",
    ("get", "/v1/consents"): "consents:read",
    ("post", "/v1/consents"): "consents:write",
    ("post", "/v1/events"): "events:write",
    ("get", "/v1/contacts/{contact}/outreach"): "contacts:read",
    ("get", "/v1/contacts/{contact}/scores"): "contacts:read",
    ("get", "/v1/segments/{segment}"): "campaigns:read",
    ("get", "/v1/campaigns"): "campaigns:read",
    ("get", "/v1/campaigns/{campaign}"): "campaigns:read",
    ("get", "/v1/campaigns/{campaign}/status"): "campaigns:read",
    ("post", "/v1/campaigns/{campaign}/run"): "campaigns:write",
    ("post", "/v1/campaigns/{campaign}/confirm"): "campaigns:write",
    ("post", "/v1/campaigns/{campaign}/pause"): "campaigns:write",
    ("post", "/v1/campaigns/{campaign}/resume"): "campaigns:write",
    ("post", "/v1/campaigns/{campaign}/cancel"): "campaigns:write",
    ("get", "/v1/search"): "search:read",
    ("get", "/v1/agents"): "agents:read",
    ("get", "/v1/agents/{agent}"): "agents:read",
}
"""What a call needs of a machine. A call that is not here is for people only."""
KNOWN_SCOPES = frozenset(SCOPES.values())


class Unproved(Refused):
    """The machine's token is missing, foreign, late or taken back."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret of a client, by its hash. `until` is set once a newer one replaced it."""

    number: int
    hash: str
    created_at: datetime
    until: datetime | None = None

    def good(self, now: datetime) -> bool:
        """May a token still be had for it?"""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Client:
    """A machine. Its secrets are the newest and at most one before it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    secrets: tuple[Secret, ...] = ()
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 0


# --- what administrators do ----------------------------------------------------------------------------------------


def create(x: Exchange, user: User, name: str, scopes: tuple[str, ...], key: str) -> tuple[Client, str]:
    """A new client and its secret, which is not stored and never shown again. A name is given away once and for all."""
    user.need("admin")
    wanted = _scopes(scopes)

    def plan(digest_: str) -> Plan:
        client = Client(client_id(x.key, name), name, wanted, x.now(), user.name)
        if x.table.client(client.id) is not None:
            raise Conflict(f"there is a client '{name}' already; names are not used twice")
        secret = Secret(1, _hash(x.key, client.id, _secret(x.key, client.id, 1, digest_)), x.now())
        detail = {"name": name, "scopes": list(wanted)}
        entry = x.table.history(f"client:{client.id}", "client.create", user.name, detail, x.now(), f"h_{digest_}")
        return Plan([x.table.new_client(replace(client, secrets=(secret,))), entry], Result(subject=f"{client.id}/1"))

    return _with_secret(x, user, key, once(x, user, key, digest(x.key, "client", name, *wanted), plan))


def rotate(x: Exchange, user: User, client: str, key: str, *, now: bool) -> tuple[Client, str]:
    """A second secret. The one before is good for 24 hours more, or with `now` for nothing, nor are tokens it was given."""
    user.need("admin")

    def plan(digest_: str) -> Plan:
        before = _load(x, client)
        if before.revoked_at is not None:
            raise Conflict("the client is revoked")
        newest = before.secrets[-1]
        number = newest.number + 1
        fresh = Secret(number, _hash(x.key, client, _secret(x.key, client, number, digest_)), x.now())
        kept = () if now else (replace(newest, until=x.now() + OLD_SECRET_LIFE),)
        entry = _audit(x, user, before, "client.rotate", digest_, {"now": now})
        return Plan(
            [x.table.save_client(before, replace(before, secrets=(*kept, fresh))), entry],
            Result(subject=f"{client}/{number}"),
        )

    return _with_secret(x, user, key, once(x, user, key, digest(x.key, "rotate", client, str(now)), plan))


def revoke(x: Exchange, user: User, client: str, key: str) -> Client:
    """Its secrets and tokens are good for nothing from now on."""
    user.need("admin")

    def plan(digest_: str) -> Plan:
        before = _load(x, client)
        if before.revoked_at is not None:
            raise Conflict("the client is revoked already")
        after = replace(before, revoked_at=x.now(), secrets=())
        entry = _audit(x, user, before, "client.revoke", digest_, {})
        return Plan([x.table.save_client(before, after), entry], Result(subject=client))

    once(x, user, key, digest(x.key, "revoke", client), plan)
    return _load(x, client)


def client_id(key: bytes, name: str) -> str:
    """A client's id: derived from its name, so that the table's key keeps names apart."""
    return "mc_" + digest(key, "client", name)


def _with_secret(x: Exchange, user: User, key: str, result: Result) -> tuple[Client, str]:
    """The secret is derived from the deployment's key and this very call, so a repeat of it has the same answer."""
    client, _, number = str(result.subject).partition("/")
    call = digest(x.key, "idempotency", user.name, key)
    return _load(x, client), _secret(x.key, client, int(number), call)


def _secret(key: bytes, client: str, number: int, call: str) -> str:
    return "ms_" + digest(key, "client secret", client, str(number), call, size=32)


def _hash(key: bytes, client: str, secret: str) -> str:
    return digest(key, "client secret hash", client, secret, size=32)


def _load(x: Exchange, client: str) -> Client:
    found = x.table.client(client)
    if found is None:
        raise NotFound(f"there is no client {client}")
    return found


def _scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    unknown = sorted(set(scopes) - KNOWN_SCOPES)
    if unknown:
        raise Invalid(f"there is no scope '{unknown[0]}'; they are {', '.join(sorted(KNOWN_SCOPES))}", field="scopes")
    return tuple(sorted(set(scopes)))


def _audit(x: Exchange, user: User, client: Client, what: str, digest_: str, detail: dict[str, Any]) -> Change:
    return x.table.history(
        f"client:{client.id}", what, user.name, {"name": client.name, **detail}, x.now(), f"h_{digest_}"
    )


# --- tokens --------------------------------------------------------------------------------------------------------


class TokenProblem(Exception):
    """Why no token is given, in RFC 6749's words (section 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def grant(x: Exchange, client: str, secret: str, scope: str | None, token_id: str) -> tuple[str, tuple[str, ...]]:
    """A token for a client's secret, and its scopes: those asked for, or all. Raises TokenProblem.

    An unknown client, a revoked one and a wrong secret cost the same read and the same hashes, and give the same answer.
    """
    found = x.table.client(client if re.fullmatch(r"mc_[a-z2-7]{24}", client) else client_id(x.key, ""))
    given = _hash(x.key, client, secret)
    known = found.secrets if found is not None and found.revoked_at is None else ()
    used: Secret | None = None
    for one in (*known, *(Secret(0, "-" * 52, x.now()),) * (2 - len(known))):
        if equal(one.hash, given) and one.good(x.now()) and one.number:
            used = one
    if found is None or used is None:
        raise TokenProblem("invalid_client", "the client or its secret is wrong")
    asked = tuple(sorted(set(scope.split()))) if scope is not None else found.scopes
    if not asked or set(asked) - set(found.scopes):
        raise TokenProblem("invalid_scope", "the client has no such scope")
    _seen(x, found)
    at = int(x.now().timestamp())
    claims = {
        "iss": x.public_url, "sub": found.id, "scope": " ".join(asked), "iat": at, "exp": at + int(TOKEN_LIFE.total_seconds()),
        "jti": token_id, "sec": used.number,
    }  # fmt: skip
    return _sign(x.key, claims), asked


def identify(x: Exchange, token: str, method: str, path: str) -> User:
    """Who calls a path (without the prefix) with a token. Raises Unproved, or Refused when the scopes do not reach."""
    claims = _verified(x.key, token)
    if claims.get("iss") != x.public_url or not _int(claims, "exp") > x.now().timestamp():
        raise Unproved("the token is late or not for this deployment: get a new one from /oauth/token")
    client = x.table.client(str(claims.get("sub", "")) or "-")
    if client is None or client.revoked_at is not None or _int(claims, "sec") not in {s.number for s in client.secrets}:
        raise Unproved("the client was revoked or its secret replaced: get a new token from /oauth/token")
    scopes = set(str(claims.get("scope", "")).split()) & set(client.scopes)
    wanted = _scope_of(method, path)
    if wanted is None:
        raise Refused("this call is for people, not for machines")
    if wanted not in scopes:
        raise Refused(f"this needs the scope '{wanted}'")
    _seen(x, client)
    role = "supervisor" if "replies:write" in scopes else "agent"  # it has no conversations of its own to answer
    return User(f"client:{client.name}", frozenset({role}), machine=True, scopes=frozenset(scopes))


def _scope_of(method: str, path: str) -> str | None:
    return next((s for m, pattern, s in _patterns() if m == method.lower() and pattern.fullmatch(path)), None)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    return tuple(
        (method, re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), scope)
        for (method, path), scope in SCOPES.items()
    )


def _seen(x: Exchange, client: Client) -> None:
    """Note its use, at most once in five minutes; a table that does not take it now must not refuse the call."""
    if client.last_used_at is not None and x.now() - client.last_used_at < SEEN_EVERY:
        return
    try:
        x.table.client_seen(client.id, x.now(), x.now() - SEEN_EVERY)
    except (Lost, Temporary):
        return


_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"at+jwt"}').rstrip(b"=").decode()


def _sign(key: bytes, claims: Mapping[str, Any]) -> str:
    body = f"{_HEADER}.{_text(json.dumps(claims, separators=(',', ':')).encode())}"
    return f"{body}.{_mac(key, body)}"


def _mac(key: bytes, body: str) -> str:
    own = digest(key, "machine tokens", size=32).encode()
    return _text(hmac.digest(own, body.encode("utf-8", "surrogatepass"), hashlib.sha256))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _verified(key: bytes, token: str) -> dict[str, Any]:
    """A token's claims, if it is ours. Its header is compared, not read: there is one algorithm."""
    body, _, mac = token.rpartition(".")
    header, _, payload = body.partition(".")
    if len(token) > 4000 or not equal(mac, _mac(key, body)) or header != _HEADER:
        raise Unproved("a token from /oauth/token is needed: Authorization: Bearer <token>")
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error):
        claims = None
    return claims if isinstance(claims, dict) else {}


def _int(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    return value if isinstance(value, int) else -1
