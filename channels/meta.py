"""What Messenger, Instagram and WhatsApp share: who called, the handshake, the envelope, times, and refusals.

Facts are from Meta's pages "Webhooks: Getting Started" and "Validating Payloads" (Graph API).
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from channels.base import Credentials, Request, Response
from channels.meta_errors import GRAPH_ERRORS, Meaning, Meanings, refused
from channels.reading import clean, iso_time, json_object
from router import ids
from router.errors import Refused, TooLarge, Unparsable

__all__ = [
    "GRAPH",
    "GRAPH_ERRORS",
    "Meaning",
    "Meanings",
    "challenge",
    "check",
    "entries",
    "milliseconds",
    "object_of",
    "refused",
    "seconds",
    "signature",
]

GRAPH = "https://graph.facebook.com/v23.0"
MAX_DEPTH = 64  # Meta's own payloads nest a dozen deep; the schema's serialiser gives up at some 250
_SECONDS = range(10**9, 10**11)  # as milliseconds these are dates of 1970 to 1973: they are meant as seconds
_LONGEST_INTEGER = 10**38  # DynamoDB keeps that many digits


def check(request: Request, credentials: Credentials) -> None:
    """Refused unless X-Hub-Signature-256 holds for the raw bytes, by the app's current secret or the previous one.

    The older X-Hub-Signature (SHA-1) is not looked at: Meta sends both, so whoever sends only that one is not Meta today.
    """
    secrets = [secret for name in ("app_secret", "app_secret_previous") if (secret := credentials.get(name))]
    if not secrets:
        raise Refused("no app_secret is configured")
    given = request.headers.get("x-hub-signature-256", "")
    if not given:
        raise Refused("no X-Hub-Signature-256")
    if not sum(ids.equal(given, signature(secret, request.body)) for secret in secrets):  # a sum: each is compared
        raise Refused("X-Hub-Signature-256 does not match")


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the lower-case hex HMAC-SHA256 of the bytes as they came: Meta signs its escaped form of non-ASCII."""
    key = secret.encode("utf-8", "surrogatepass")
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def challenge(request: Request, credentials: Credentials) -> Response | None:
    """The answer to the GET that sets a webhook up: its challenge, if it knows our verify_token. None for other calls."""
    if request.method.upper() != "GET":
        return None
    tokens = [token for name in ("verify_token", "verify_token_previous") if (token := credentials.get(name))]
    if not tokens:
        raise Refused("no verify_token is configured")
    try:
        query = parse_qs(request.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Refused("the query cannot be read") from None
    mode, token, answer = (query.get(f"hub.{name}", [""])[0] for name in ("mode", "verify_token", "challenge"))
    if not sum(ids.equal(token, one) for one in tokens):
        raise Refused("hub.verify_token is not the inbox's verify_token")
    if mode != "subscribe" or not answer:
        raise Refused("not a webhook's set-up: hub.mode is not 'subscribe', or hub.challenge is missing")
    return Response(200, clean(answer), "text/plain")


def object_of(request: Request) -> str:
    """What the call is about: `page`, `instagram`, `whatsapp_business_account`; empty where it does not say."""
    value = json_object(request.body).get("object")
    return clean(value) if isinstance(value, str) else ""


def entries(request: Request) -> list[dict[str, Any]]:
    """The objects in `entry`, their text clean and their numbers finite. Unparsable without any `entry`.

    The App Dashboard's sample of a field comes without an envelope, as one bare change; it is read as the only entry.
    """
    body = json_object(request.body)
    if "entry" not in body and isinstance(body.get("field"), str) and "value" in body:
        body = {"entry": [{"changes": [body]}]}
    found = body.get("entry")
    if not isinstance(found, list):
        raise Unparsable("no list 'entry': not a webhook call of Meta's")
    tidied = (_tidy(entry, MAX_DEPTH) for entry in found)
    return [entry for entry in tidied if isinstance(entry, dict)]


def seconds(value: object) -> datetime | None:
    """A time in seconds since 1970, as a number or its digits (WhatsApp), or in ISO 8601; None for what is none."""
    number = _number(value)
    if number is None:
        return iso_time(value)
    return _after_1970(seconds=number) if number < _SECONDS.stop else _after_1970(milliseconds=number)


def milliseconds(value: object) -> datetime | None:
    """A time in milliseconds since 1970 as a number or its digits, or in ISO 8601; None for what is none.

    Some of Meta's calls give seconds where others give milliseconds (`entry.time` of Instagram's comments, the App
    Dashboard's samples): a number that would be a date of 1970 to 1973 is in seconds.
    """
    number = _number(value)
    if number is None:
        return iso_time(value)
    if _SECONDS.start <= number < _SECONDS.stop:
        return _after_1970(seconds=number)
    return _after_1970(milliseconds=number)


def _after_1970(*, seconds: float = 0, milliseconds: float = 0) -> datetime | None:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds, milliseconds=milliseconds)
    except OverflowError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if 0 < value < 10**15 else None


def _tidy(value: Any, depth: int) -> Any:
    """The value as JSON, UTF-8 and DynamoDB can all carry it: no lone surrogate, no infinite number, no endless one."""
    if depth < 0:
        raise TooLarge(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(name): _tidy(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_tidy(item, depth - 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LONGEST_INTEGER:
        return str(value) if abs(value) < 10**300 else None
    return value
