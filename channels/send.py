"""The one place that opens a socket to a provider: it sends a rendered call and says what a broken line means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import urllib3

from router.errors import Temporary, Unknown
from router.wire import HttpRequest, HttpResponse

Sign = Callable[[HttpRequest], HttpRequest]
"""Adds an AWS signature to a request that asks for one, and the host that only the deployment knows."""

_MAX_ANSWER = 1024 * 1024


class Sender:
    """Sends calls. `detours` replace the start of a URL: a local run plays the providers elsewhere."""

    def __init__(self, sign: Sign, detours: Mapping[str, str] | None = None) -> None:
        self._sign = sign
        self._detours = dict(detours or {})
        self._pool = urllib3.PoolManager(retries=False, maxsize=4)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The provider's answer. Raises Temporary if the call never left, Unknown if it may have arrived."""
        request = self._detour(request)
        if request.sign is not None:
            request = self._sign(request)
        timeout = urllib3.Timeout(connect=min(5.0, request.timeout), read=request.timeout)
        try:
            answer = self._pool.request(
                request.method,
                request.url,
                body=request.body,
                headers=dict(request.headers),
                timeout=timeout,
                redirect=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise Temporary(f"no connection to the provider: {type(error).__name__}") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unknown(f"the line broke after the call had left: {type(error).__name__}") from None
        return HttpResponse(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.data[:_MAX_ANSWER])

    def _detour(self, request: HttpRequest) -> HttpRequest:
        for start, other in self._detours.items():
            if request.url.startswith(start):
                return replace(request, url=other + request.url[len(start) :], sign=None)
        return request
