"""The one place that opens a socket to a webhook: a URL of somebody's, so it must not lead into our own network.

The host is resolved once, every address it has must be a public one, and the connection goes to the address that was judged:
a name that answers differently the second time (DNS rebinding) gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import urllib3

from router.errors import Rejected, Temporary, Unknown
from router.wire import HttpRequest

Resolve = Callable[[str, int], list[str]]

_CONNECT = 5.0
# IPv6 networks in which an IPv4 address is written: RFC 6052 and 8215 (translation), 3056 (6to4), 4380 (Teredo).
_EMBEDDING = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))


def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, as the system has them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Temporary(f"the webhook's host has no address: {type(error).__name__}") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public(address: str) -> bool:
    """Is it an address of the open internet? Anything else, and anything that hides an IPv4 address, is not."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if isinstance(found, IPv6Address) and any(found in network for network in _EMBEDDING):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def loopback(address: str) -> bool:
    """This machine?"""
    return ip_address(address.partition("%")[0]).is_loopback


class WebhookSender:
    """Posts to webhooks. `local`: a local run, in which they may be on this machine, and only there without TLS."""

    def __init__(self, *, local: bool = False, resolve: Resolve = resolve) -> None:
        self._local = local
        self._resolve = resolve

    def __call__(self, request: HttpRequest) -> int:
        """The status it answered; nobody reads what else it says. The time-out is for each wait, the function's own for all.

        Raises Rejected for an address that is not public, Temporary if the call never left, Unknown if it may have arrived.
        """
        parts = urlsplit(request.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        address = self._judged(host, port, secure=secure)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        timeout = urllib3.Timeout(connect=_CONNECT, read=request.timeout)
        pool = self._pool(address, port, host, secure=secure)
        try:
            answer = pool.request(
                request.method,
                target,
                body=request.body,
                headers={**request.headers, "host": parts.netloc},
                timeout=timeout,
                redirect=False,
                preload_content=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise Temporary(f"no connection to the webhook: {type(error).__name__}") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unknown(f"the webhook did not answer: {type(error).__name__}") from None
        finally:
            pool.close()
        answer.close()
        return int(answer.status)

    def _judged(self, host: str, port: int, *, secure: bool) -> str:
        addresses = self._resolve(host, port)
        if self._local and addresses and all(loopback(address) for address in addresses):
            return addresses[0]
        if not secure:
            raise Rejected("a webhook's URL must be https")
        if not addresses or not all(public(address) for address in addresses):
            raise Rejected("the webhook's host is not on the open internet")
        return addresses[0]

    @staticmethod
    def _pool(address: str, port: int, host: str, *, secure: bool) -> Any:
        """Connections to the judged address; the certificate must be the host's all the same."""
        if not secure:
            return urllib3.HTTPConnectionPool(address, port, retries=False)
        return urllib3.HTTPSConnectionPool(
            address, port, retries=False, cert_reqs="CERT_REQUIRED", server_hostname=host, assert_hostname=host
        )
