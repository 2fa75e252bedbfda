"""The one place that opens a socket to a provider: it sends a rendered call and says what a broken line means.

Files come in through `get`: from the hosts a channel names and from no other, by https, up to a size, in a time. No address is
ever told: it may hold a token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import urllib3

from router.errors import Rejected, Temporary, TooLarge, Unknown
from router.wire import HttpRequest, HttpResponse

Sign = Callable[[HttpRequest], HttpRequest]
"""Adds an AWS signature to a request that asks for one, and the host that only the deployment knows."""

_MAX_ANSWER = 1024 * 1024
_MAX_REFUSAL = 64 * 1024  # bytes of an answer that is not the file
_PIECE = 64 * 1024
_LONGEST = 40.0  # seconds for one file, however slowly it drips


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

    def get(self, request: HttpRequest, most: int, hosts: Sequence[str]) -> HttpResponse:
        """A provider's file, or its answer on the way there; redirects are the channel's to follow.

        Raises Rejected for an address that is not the provider's, TooLarge beyond `most` bytes, Temporary for whatever breaks.
        """
        check_address(request.url, hosts)
        request = self._detour(request)
        timeout = urllib3.Timeout(connect=min(5.0, request.timeout), read=min(15.0, request.timeout))
        headers = {**request.headers, "accept-encoding": "identity"}  # what unpacks to more than it weighs is not taken
        until = time.monotonic() + _LONGEST
        try:
            answer = self._pool.request(
                request.method, request.url, body=request.body or None, headers=headers, timeout=timeout, redirect=False,
                preload_content=False, decode_content=False,
            )  # fmt: skip
            try:
                found = {k.lower(): v for k, v in answer.headers.items()}
                done = 200 <= answer.status < 300
                if done and found.get("content-encoding", "identity").lower() not in ("", "identity"):
                    raise Temporary("the provider packed a file that was asked for as it is")
                return HttpResponse(
                    answer.status, found, _read(answer, most if done else _MAX_REFUSAL, until, whole=done)
                )
            finally:
                answer.close()  # what was not read is not waited for
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Temporary(f"the provider's file did not come: {type(error).__name__}") from None

    def _detour(self, request: HttpRequest) -> HttpRequest:
        for start, other in self._detours.items():
            if request.url.startswith(start):
                return replace(request, url=other + request.url[len(start) :], sign=None)
        return request


def check_address(url: str, hosts: Sequence[str]) -> None:
    """Raise Rejected unless it is https at one of the hosts, on its usual port; `.example.com` is any host below it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    known = any(host.endswith(one) if one.startswith(".") else host == one for one in hosts)
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or not known:
        raise Rejected("the file does not lie with the provider that told of it", code="address")


def _read(answer: urllib3.BaseHTTPResponse, most: int, until: float, *, whole: bool) -> bytes:
    """The body, at most `most` bytes of it; what is longer raises TooLarge if the whole is wanted."""
    said = answer.headers.get("content-length", "")
    if whole and said.isascii() and said.isdigit() and int(said[:18]) > most:
        raise TooLarge(_too_large(most))
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read(_PIECE, decode_content=False):
        size += len(piece)
        if size > most:
            if whole:
                raise TooLarge(_too_large(most))
            break
        pieces.append(piece)
        if time.monotonic() > until:
            raise Temporary(f"the provider's file did not come within {_LONGEST:.0f} seconds")
    return b"".join(pieces)


def _too_large(most: int) -> str:
    return f"the file has more than {most / 1_000_000:.0f} MB, the most that is fetched"
