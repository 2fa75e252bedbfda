"""Twilio's request signature, written from its documentation and apart from the code under test."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """Base64 of HMAC-SHA1 over the URL and the sorted fields (twilio.com/docs/usage/security)."""
    text = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
