"""API Gateway's events as values and back. Source: HTTP API payload format 2.0, docs.aws.amazon.com/apigateway."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from router.wire import Request

_LONGEST_WAIT_MS = 30_000  # an HTTP API gives up then ("Quotas for HTTP APIs", maximum integration timeout)


def body_of(event: Mapping[str, Any]) -> bytes:
    """The exact bytes of the call; every provider's signature is over them."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body)
    except (binascii.Error, ValueError):
        return b""


def to_request(event: Mapping[str, Any], public_url: str, now: datetime) -> Request:
    """A webhook call. Its URL is rebuilt from the public one, which is what providers sign."""
    http = event.get("requestContext", {}).get("http", {})
    path = str(event.get("rawPath", http.get("path", "")))
    stage = event.get("requestContext", {}).get("stage", "$default")
    if stage != "$default" and path.startswith(f"/{stage}/"):
        path = path[len(stage) + 1 :]
    query = str(event.get("rawQueryString", ""))
    return Request(
        body=body_of(event),
        headers={str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()},
        method=str(http.get("method", "POST")),
        url=f"{public_url}{path}" + (f"?{query}" if query else ""),
        query=query,
        received_at=_arrived(event, now),
    )


def _arrived(event: Mapping[str, Any], now: datetime) -> datetime:
    """When the gateway took a call: two calls may reach us in the other order when one waits for a function to start.

    In whole milliseconds, as the ledger keeps it, so that a call that is read again from there says the same. A time that the
    gateway cannot have waited since is not believed.
    """
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    epoch = event.get("requestContext", {}).get("timeEpoch")
    if not isinstance(epoch, int):
        return now
    waited = round(now.timestamp() * 1000) - epoch
    return now - timedelta(milliseconds=waited) if 0 <= waited <= _LONGEST_WAIT_MS else now


def problem(status: int, title: str, detail: str, request_id: str, field: str | None = None) -> dict[str, Any]:
    """An error as application/problem+json (RFC 9457)."""
    from router.views import Problem  # all of the API's models: a webhook that goes well needs none of them

    body = Problem(title=title, status=status, detail=detail, field=field, request_id=request_id)
    return {
        "statusCode": status,
        "headers": {"content-type": "application/problem+json", "cache-control": "no-store"},
        "body": body.model_dump_json(exclude_none=True),
    }


def protocols(event: Mapping[str, Any]) -> list[str]:
    """The subprotocols a WebSocket client offers, in its order; header names come in any case."""
    for name, value in (event.get("headers") or {}).items():
        if str(name).lower() == "sec-websocket-protocol":
            return [part.strip() for part in str(value).split(",") if part.strip()]
    return []


def to_frame(event: Mapping[str, Any], now: datetime) -> tuple[Request, dict[str, Any]]:
    """A WebSocket message: the request around it, and its JSON object (empty when it is none)."""
    context = event.get("requestContext", {})
    body = body_of(event)
    envelope: dict[str, Any] = {}
    epoch = context.get("requestTimeEpoch")
    if isinstance(epoch, int):
        envelope["request_time"] = epoch
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError):
        frame = {}
    request = Request(body=body, envelope=envelope, received_at=now)
    return request, frame if isinstance(frame, dict) else {}
