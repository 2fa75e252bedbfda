"""A file a customer sent: asked for with the account's credentials, and handed over by a short-lived address.

Facts are from Twilio's pages "Media subresource" and "Protect Media Access with HTTP Basic Authentication": the API
answers with a redirect to mms.twiliocdn.com (valid four hours), or to Amazon S3 for files of before. The files of
Conversations lie in the Media Content Service (mcs.us1.twilio.com), which redirects likewise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from channels.base import Credentials, HttpRequest, HttpResponse
from channels.reading import json_object, retry_after
from channels.twilio_send import basic
from router.errors import Rejected, Temporary, Unparsable
from router.messages import Attachment

S3 = "s3-external-1.amazonaws.com"
BUCKET = "/media.twiliocdn.com/"  # the only one of S3's that is Twilio's
HOSTS = ("api.twilio.com", ".twilio.com", ".twiliocdn.com", S3)
_API = re.compile(r"(?:api|mcs)(?:\.[a-z0-9-]+){0,2}\.twilio\.com")  # the only hosts that are given credentials


def next_call(attachment: Attachment, credentials: Credentials, answer: HttpResponse | None) -> HttpRequest | None:
    """The first call, the one that a redirect asks for, or None when the answer is the file."""
    if answer is None:
        return _get(_address(attachment.url or ""), credentials)
    if 300 <= answer.status < 400:
        location = _header(answer.headers, "location")
        if not location:
            raise Rejected(f"the file's host answered {answer.status} and said not where it is", code="redirect")
        return _get(_address(_joined(attachment.url or "", location)), credentials)
    if 200 <= answer.status < 300:
        return None
    raise _refused(answer)


def _address(url: str) -> SplitResult:
    """Rejected unless it is https at a host of Twilio's."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Rejected("the file's address cannot be read", code="address") from None
    ours = host.endswith((".twilio.com", ".twiliocdn.com")) or (host == S3 and parts.path.startswith(BUCKET))
    if parts.scheme != "https" or port not in (None, 443) or not ours or "@" in parts.netloc:
        raise Rejected("the file's address is not one of Twilio's", code="address")
    return parts


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""


def _get(parts: SplitResult, credentials: Credentials) -> HttpRequest:
    headers = {"accept": "*/*"}
    if _API.fullmatch(parts.hostname or ""):
        headers["authorization"] = basic(credentials)
    return HttpRequest("GET", parts._replace(fragment="").geturl(), headers, timeout=30.0)


def _refused(answer: HttpResponse) -> Rejected | Temporary:
    status = answer.status
    if status == 429 or status >= 500 or status in (408, 425):
        return Temporary(f"the file's host answered {status}", retry_after=retry_after(answer.headers))
    if status in (404, 410):
        return Rejected("the file is gone: deleted, or never there", code="gone")
    if status == 401 or (status == 403 and _is_twilios(answer.body)):
        return Rejected("Twilio does not take the account's credentials for the file", code="401", credentials=True)
    return Rejected(f"the file's host answered {status}", code=str(status))


def _is_twilios(body: bytes) -> bool:
    """Whether a refusal is the API's own, with its code, and not that of the store behind it."""
    try:
        return "code" in json_object(body)
    except Unparsable:
        return False


def _header(headers: Mapping[str, str], wanted: str) -> str:
    return next((value.strip() for name, value in headers.items() if name.lower() == wanted), "")
