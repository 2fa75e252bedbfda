"""OAuth's wire: the token endpoint of RFC 6749 (sections 2.3.1, 4.4 and 5), and the bearer tokens of RFC 6750."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from router.exchange import Exchange
from router.gateway import body_of
from router.integration_views import TokenProblemView, TokenView
from router.machines import PREFIX, TOKEN_LIFE, TokenProblem, grant, identify

_MOST_BYTES = 10_000
CHALLENGE = {"www-authenticate": 'Bearer error="invalid_token"'}


def token(
    x: Exchange, event: Mapping[str, Any], token_id: str
) -> tuple[int, TokenView | TokenProblemView, dict[str, str]]:
    """The answer to POST /oauth/token: status, body, headers. A client proves itself by HTTP Basic or in the form, not both."""
    headers = _headers(event)
    try:
        form = _form(headers, body_of(event))
        client, secret = _credentials(headers.get("authorization"), form)
        if "grant_type" not in form:
            raise TokenProblem("invalid_request", "grant_type is missing")
        if form["grant_type"] != "client_credentials":
            raise TokenProblem("unsupported_grant_type", "the only grant here is client_credentials")
        signed, scopes = grant(x, client, secret, form.get("scope"), token_id)
    except TokenProblem as problem:
        status = 401 if problem.error == "invalid_client" else 400
        challenge = {"www-authenticate": 'Basic realm="santral"'} if status == 401 else {}
        return status, TokenProblemView(error=problem.error, error_description=problem.description), challenge
    life = int(TOKEN_LIFE.total_seconds())
    return 200, TokenView(access_token=signed, expires_in=life, scope=" ".join(scopes)), {"pragma": "no-cache"}


def enter(x: Callable[[], Exchange], event: dict[str, Any]) -> dict[str, Any]:
    """A machine's call as the call of a person's path, its user where the gateway's claims would be. Raises Refused.

    Whatever stood there is dropped: on these paths the gateway judges nobody. On others nothing is asked of the exchange, which a
    page's first call need not build.
    """
    path = str(event.get("rawPath", ""))
    if not path.startswith(f"{PREFIX}/"):
        return event
    path = path.removeprefix(PREFIX)
    context = event.get("requestContext", {})
    scheme, _, bearer = _headers(event).get("authorization", "").partition(" ")
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    user = identify(x(), bearer, str(context.get("http", {}).get("method", "")), path)
    return {**event, "rawPath": path, "requestContext": {**context, "authorizer": {"machine": user}}}


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise TokenProblem("invalid_request", "the body is to be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            body[:_MOST_BYTES].decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20
        )
    except ValueError:
        raise TokenProblem("invalid_request", "the body is no form") from None
    form = {name: value for name, value in pairs if value}  # an empty value counts as none (section 3.2)
    if len({name for name, _ in pairs}) != len(pairs) or len(body) > _MOST_BYTES:
        raise TokenProblem("invalid_request", "a parameter is given twice, or the body is too long")
    return form


def _credentials(authorization: str | None, form: Mapping[str, str]) -> tuple[str, str]:
    if authorization is None:
        if "client_id" not in form or "client_secret" not in form:
            raise TokenProblem("invalid_client", "prove the client by HTTP Basic, or by client_id and client_secret")
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise TokenProblem("invalid_request", "prove the client in one way, not in two")
    scheme, _, value = authorization.partition(" ")
    try:
        client, colon, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (ValueError, binascii.Error):
        scheme = colon = ""
    if scheme.lower() != "basic" or not colon:
        raise TokenProblem("invalid_client", "the Authorization header is not HTTP Basic")
    client = unquote_plus(client)
    if form.get("client_id", client) != client:
        raise TokenProblem("invalid_request", "two different clients are named")
    return client, unquote_plus(secret)
