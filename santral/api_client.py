"""The HTTP API as a Python client: a token, problem+json as errors, and retries under the same Idempotency-Key."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

TRIES = 4
WORTH_A_RETRY = frozenset({0, 429, 502, 503, 504})


class ApiError(Exception):
    """The API said no. `status` 0: it was not reached."""

    def __init__(self, status: int, what: str, request_id: str | None = None) -> None:
        super().__init__(f"{what} ({status})" if status else what)
        self.status = status
        self.request_id = request_id


class ApiClient:
    """Calls one deployment's API as one user. `token` is asked before each call, so it can be renewed."""

    def __init__(self, base_url: str, token: Callable[[], str], timeout: float = 30) -> None:
        self._base = base_url.rstrip("/")
        self._token = token
        self._timeout = timeout

    def get(self, path: str, **query: str | int | None) -> dict[str, Any]:
        """One document. Raises ApiError."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return self._ask("GET", f"{path}?{asked}" if asked else path, None, None)

    def post(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        """One change, done once however often it is tried; with a `key` of one's own, also by another run. Raises ApiError."""
        return self._ask("POST", path, body, key or str(uuid.uuid4()))

    def pages(self, path: str, field: str, **query: str | int | None) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **(query | {"cursor": cursor}))
            yield from page[field]
            cursor = page.get("next")
            if not cursor:
                return

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None) -> dict[str, Any]:
        for tried in range(1, TRIES + 1):
            try:
                return self._once(method, path, body, key)
            except ApiError as error:
                if error.status not in WORTH_A_RETRY or tried == TRIES:
                    raise
                time.sleep(random.uniform(0, 0.2 * 2**tried))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        data = None
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data=data, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # noqa: S310 - our own API's URL
                return dict(json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as error:
            raise _problem(error.code, error.read()) from None
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise ApiError(0, f"the API was not reached: {error}") from None


def _problem(status: int, body: bytes) -> ApiError:
    try:
        problem = json.loads(body)
        what = problem.get("detail") or problem.get("title") or problem.get("message") or "refused"
        return ApiError(status, str(what), problem.get("request_id"))
    except (ValueError, AttributeError):
        return ApiError(status, body.decode(errors="replace")[:200] or "refused")


def segment(value: str) -> str:
    """A value as one path segment."""
    return quote(value, safe="")
