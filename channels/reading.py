"""Reading what strangers sent: JSON and text that may be broken in every way. Raises nothing but Unparsable."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from router.errors import TooLarge, Unparsable

MAX_FIELDS = 2_000
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


def clean(text: str) -> str:
    """The text without NULs, with lone surrogates replaced: what JSON, DynamoDB and UTF-8 can all carry."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in the bytes."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"not JSON: {type(error).__name__}") from None
    if not isinstance(value, dict):
        raise Unparsable(f"a JSON object was expected, not {type(value).__name__}")
    return value


def form(body: bytes, errors: str = "replace") -> list[tuple[str, str]]:
    """The pairs of a form in the order they came, blank values kept."""
    text = body.decode("utf-8", errors)
    try:
        return parse_qsl(text, keep_blank_values=True, errors=errors, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise TooLarge(f"a form of more than {MAX_FIELDS} fields") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def iso_time(value: object) -> datetime | None:
    """An ISO 8601 time in UTC; None for what is no aware time."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def epoch_time(value: object) -> datetime | None:
    """Milliseconds since 1970, as a number or its digits."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(value))
    except (ValueError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); None where it is missing or broken.

    A date is counted from the answer's own Date, so that no clock of ours matters; without one it says nothing.
    """
    found = {name.lower(): value.strip() for name, value in headers.items() if name.lower() in ("retry-after", "date")}
    told = found.get("retry-after", "")
    if _SECONDS.fullmatch(told):
        return float(told)
    until, now = _http_date(told), _http_date(found.get("date", ""))
    return max(0.0, (until - now).total_seconds()) if until is not None and now is not None else None


def _http_date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
