"""Whether a recorded call is a provider's: a channel's own judgement over a file, with the secrets one has at hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from channels.base import Channel, Request
from router.config import Inbox
from router.errors import Invalid, Refused
from router.gateway import to_request

VARIABLE = "SANTRAL_"  # before a secret's name in capitals: SANTRAL_AUTH_TOKEN


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` says what a refused call lacks. A handshake is the call by which a provider sets a webhook up."""

    authentic: bool
    handshake: bool = False
    why: str | None = None


def judge(channel: Channel, request: Request, secrets: Mapping[str, str], now: datetime) -> Verdict:
    """What the deployment would say to the call. Raises Invalid for a channel whose calls nobody signs."""
    if not channel.secrets or channel.carrier != "http":
        raise Invalid(f"no call of '{channel.name}' is signed: what it is worth is known from the way it came")
    inbox = Inbox(name="verify", channel=channel.name, address="unknown", queue="main")
    try:
        if channel.challenge(request, inbox, secrets) is not None:
            return Verdict(authentic=True, handshake=True)
        channel.verify(request, inbox, secrets, now)
    except Refused as refused:
        return Verdict(authentic=False, why=str(refused))
    return Verdict(authentic=True)


def secret_names(channel: Channel) -> tuple[str, ...]:
    """The secrets it may be judged by: the channel's, and those of before a rotation."""
    return (*channel.secrets, *(f"{name}_previous" for name in channel.secrets))


def secrets_from(channel: Channel, given: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """By name, from NAME=VALUE and else from the environment. Raises Invalid without repeating what was given."""
    names = secret_names(channel)
    found = {name: value for name in names if (value := environment.get(VARIABLE + name.upper()))}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in names:
            raise Invalid(f"a secret is NAME=VALUE, and its name one of: {', '.join(names)}")
        found[name] = value
    return found


def request_in(data: bytes, now: datetime, url: str | None = None) -> Request:
    """The call in a request record or in an HTTP API's Lambda event (format 2.0). Raises Invalid when there is none.

    `url` is the one the provider called, where the file does not say it or says another.
    """
    value = _object(data)
    context = value.get("requestContext")
    if isinstance(context, dict) and isinstance(context.get("http"), dict):
        request = _from_event(value, context, now)
    elif isinstance(value.get("method"), str):
        request = _from_record(value, now)
    else:
        raise Invalid("neither a request record {method, url, headers, body_text} nor a Lambda event of an HTTP API")
    if url is not None:
        request = replace(request, url=url, query=_query(url) or request.query)
    return request


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not JSON: {type(error).__name__}") from None
    if not isinstance(value, dict):
        raise Invalid("no JSON object")
    return value


def _from_event(event: dict[str, Any], context: dict[str, Any], now: datetime) -> Request:
    """As the deployment reads it, its public URL being the domain that was called."""
    if not isinstance(event.get("body"), (str, type(None))):
        raise Invalid("the event's body is no text: a signature is over the body as it came")
    headers = _headers(event.get("headers"))
    host = context.get("domainName") or headers.get("host") or "localhost"
    return to_request(event | {"headers": headers}, f"https://{host}", now)


def _from_record(record: dict[str, Any], now: datetime) -> Request:
    headers = _headers(record.get("headers"))
    if isinstance(record.get("content_type"), str):
        headers.setdefault("content-type", record["content_type"])
    url = record["url"] if isinstance(record.get("url"), str) else ""
    query = record.get("query")
    asked = query if isinstance(query, str) else urlencode(query, doseq=True) if isinstance(query, dict) else ""
    return Request(
        body=_body(record),
        headers=headers,
        method=record["method"],
        url=url,
        query=_query(url) or asked.removeprefix("?"),
        received_at=now,
    )


def _body(record: dict[str, Any]) -> bytes:
    """The very bytes: a signature is over them, so nothing is put in order here."""
    encoded, text = record.get("body_base64"), record.get("body_text")
    if isinstance(encoded, str):
        try:
            return base64.b64decode(encoded, validate=True)
        except ValueError:
            raise Invalid("body_base64 is not base64") from None
    if text is None:
        return b""
    if not isinstance(text, str):
        raise Invalid("body_text is no text: a signature is over the body as it came, not over what it says")
    return text.encode("utf-8", "surrogatepass")


def _headers(headers: object) -> dict[str, str]:
    found = headers.items() if isinstance(headers, dict) else ()
    return {str(name).lower(): str(value) for name, value in found if value is not None}


def _query(url: str) -> str:
    return url.partition("#")[0].partition("?")[2]
