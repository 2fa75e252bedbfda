"""X-Twilio-Signature: who called, and that nothing was changed on the way.

Facts are from Twilio's page "Webhooks security"; ports, blank and repeated values are as its SDKs treat them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, urlsplit

from channels.base import Request
from channels.reading import form
from router import ids
from router.errors import Refused, Unparsable


def check(request: Request, tokens: Sequence[str]) -> None:
    """Refused unless the request is signed with one of the account's tokens (two during a rotation)."""
    given = request.headers.get("x-twilio-signature", "")
    if not tokens:
        raise Refused("no Twilio auth token is configured")
    if not given:
        raise Refused("no X-Twilio-Signature")
    params = _signed_params(request)
    expected = [signature(token, url, params) for token in tokens for url in _url_variants(request.url)]
    if not sum(ids.equal(given, one) for one in expected):  # a sum, so that every comparison is made
        raise Refused("X-Twilio-Signature does not match")


def signature(token: str, url: str, params: Iterable[tuple[str, str]]) -> str:
    """Base64 HMAC-SHA1 over the URL and each key with its values: keys in byte order, values once each and sorted."""
    values: dict[bytes, set[bytes]] = {}
    for name, value in params:
        values.setdefault(_bytes(name), set()).add(_bytes(value))
    signed = _bytes(url) + b"".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(_bytes(token), signed, hashlib.sha1).digest()).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # gives back the very bytes that were no UTF-8
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def query_of(url: str) -> dict[str, list[str]]:
    """The parameters in a URL; none in what is no URL."""
    try:
        return parse_qs(urlsplit(url).query)
    except ValueError:
        return {}


def _signed_params(request: Request) -> list[tuple[str, str]]:
    """What is signed beside the URL: a form's pairs; nothing where the URL holds the body's hash (bodySHA256)."""
    if not request.body:
        return []
    if "x-www-form-urlencoded" in request.headers.get("content-type", "").lower():
        try:
            return form(request.body, "surrogateescape")
        except Unparsable:
            raise Refused("the form has too many fields to be Twilio's") from None
    hashes = query_of(request.url).get("bodySHA256", [])
    if len(hashes) != 1 or not ids.equal(hashes[0].lower(), hashlib.sha256(request.body).hexdigest()):
        raise Refused("the body is neither a form nor the one whose bodySHA256 the URL holds")
    return []


def _url_variants(url: str) -> list[str]:
    """The URL as called, without its port and with the default one: Twilio signs either (SDKs: add_port, remove_port).

    The fragment holds connection overrides and is not signed.
    """
    url = url.partition("#")[0]
    scheme, mark, rest = url.partition("://")
    cut = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, path = rest[:cut], rest[cut:]
    bare = re.sub(r":[0-9]*$", "", authority)
    default = {"https": ":443", "http": ":80"}.get(scheme.lower(), "")
    if bare != authority:
        return [url, f"{scheme}{mark}{bare}{path}"]
    return [url, f"{scheme}{mark}{authority}{default}{path}"]
