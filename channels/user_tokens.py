"""User tokens: who is logged in on the company's own page, in a JWT that the company signs (RFC 7519, HS256 of RFC 7518).

The company's server makes it with the inbox's `user_token_secret`; its page hands it to the chat. No other algorithm is read,
so neither `none` nor a public key passed off as a secret (RFC 8725, 2.1) gets anybody in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from channels.base import Credentials
from channels.reading import clean, json_object
from router import ids
from router.errors import Refused, Unparsable
from router.records import Vouched

MAX_TOKEN = 4_096  # characters
MIN_SECRET = 32  # bytes: RFC 7518, 3.2
LONGEST = timedelta(hours=24)
SKEW = timedelta(seconds=60)  # how far the company's clock may be from ours

_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,6}")


def verify(token: str, credentials: Credentials, now: datetime) -> Vouched:
    """What the company vouches for, signed with its secret or the one before. Refused if it is not the company's, or old.

    A claim beside `sub` and `exp` that cannot be used is left out and named in `unused`: one bad phone number among the
    company's users must not close the chat to its owner.
    """
    header, _, rest = token.partition(".")
    payload, dot, mac = rest.partition(".")
    if not dot or "." in mac or len(token) > MAX_TOKEN:
        raise Refused("the user token is no JWT of three parts")
    if _part(header).get("alg") != "HS256" or "crit" in _part(header):
        raise Refused("a user token is signed with HS256; no other algorithm and no critical header is taken")
    if not sum(ids.equal(mac, _mac(secret, f"{header}.{payload}")) for secret in _secrets(credentials)):
        raise Refused("the user token's signature does not match the inbox's user_token_secret")
    claims = _part(payload)
    _timely(claims, now)
    subject = _text(claims.get("sub"), 255)
    if subject is None:
        raise Refused("the user token needs `sub`, the user's id: a text of 1 to 255 characters")
    return _vouched(subject, claims)


def _secrets(credentials: Credentials) -> list[str]:
    """The usable secrets; a short one could be guessed from any token."""
    found = [credentials.get(name) or "" for name in ("user_token_secret", "user_token_secret_previous")]
    usable = [secret for secret in found if len(secret.encode("utf-8", "surrogatepass")) >= MIN_SECRET]
    if not usable:
        raise Refused(f"this chat takes no user tokens: its user_token_secret is missing or under {MIN_SECRET} bytes")
    return usable


def _timely(claims: Mapping[str, Any], now: datetime) -> None:
    expires, issued, begins = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise Refused("the user token needs `exp`, in seconds since 1970")
    if expires <= now:
        raise Refused("the user token has expired")
    if expires > now + LONGEST + SKEW:
        raise Refused("the user token is good for more than 24 hours")
    if any(at is not None and at > now + SKEW for at in (issued, begins)):
        raise Refused("the user token is from the future")


def _vouched(subject: str, claims: Mapping[str, Any]) -> Vouched:
    mail, phone, language = (_text(claims.get(name), 320) for name in ("email", "phone", "language"))
    mail = mail.lower() if mail is not None and _MAIL.fullmatch(mail) else None
    if claims.get("email_verified") is False:  # OpenID Connect Core, 5.1: the company says that it does not know
        mail = None
    phone = phone if phone is not None and _E164.fullmatch(phone) else None
    if claims.get("phone_verified") is False or claims.get("phone_number_verified") is False:
        phone = None
    language = language if language is not None and _LANGUAGE.fullmatch(language) else None
    used = {"name": _text(claims.get("name"), 100), "email": mail, "phone": phone, "language": language}
    unused = tuple(name for name, value in used.items() if value is None and claims.get(name) is not None)
    return Vouched(subject=subject, **used, unused=unused)


def _part(encoded: str) -> dict[str, Any]:
    try:
        return json_object(base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True))
    except (ValueError, Unparsable):
        raise Refused("the user token cannot be read") from None


def _mac(secret: str, signed: str) -> str:
    key = secret.encode("utf-8", "surrogatepass")
    mac = hmac.new(key, signed.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def _time(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate; Refused for what is none."""
    value = claims.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise Refused(f"the user token's `{name}` is no time in seconds since 1970") from None


def _text(value: object, most: int) -> str | None:
    if not isinstance(value, str):
        return None
    text = clean(value).strip()
    return text if 0 < len(text) <= most else None
