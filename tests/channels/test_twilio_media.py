"""Twilio's files: asked for with credentials, handed over without them, and only at Twilio's own hosts."""

import base64

import pytest

from channels.base import HttpResponse
from channels.twilio import Twilio
from router.config import Inbox
from router.errors import Rejected, Temporary
from router.messages import Attachment
from router.wire import HttpRequest

INBOX = Inbox(name="sms", channel="twilio", address="+441632960100", queue="main")
ACCOUNT = "AC0f7c2b915d6e43a8b1c09e52d7348f6a"
CREDENTIALS = {"account_sid": ACCOUNT, "auth_token": "a-test-token"}
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"


def fetch(
    answer: HttpResponse | None = None, url: str | None = URL, credentials: dict[str, str] = CREDENTIALS
) -> HttpRequest | None:
    return Twilio().fetch(Attachment(content_type="image/jpeg", url=url), INBOX, credentials, answer)


def moved(location: str, status: int = 307) -> HttpResponse:
    return HttpResponse(status, {"location": location})


def test_the_first_call_has_the_accounts_credentials() -> None:
    request = fetch()
    assert request is not None
    assert (request.method, request.url, request.body) == ("GET", URL, b"")
    assert base64.b64decode(request.headers["authorization"].split()[1]).decode() == f"{ACCOUNT}:a-test-token"
    assert "a-test-token" not in repr(request)


@pytest.mark.parametrize("host", ["api.dublin.ie1.twilio.com", "api.ie1.twilio.com", "API.TWILIO.COM"])
def test_so_has_one_to_a_region_of_the_api(host: str) -> None:
    request = fetch(url=URL.replace("api.twilio.com", host))
    assert request is not None
    assert "authorization" in request.headers


@pytest.mark.parametrize(
    "location",
    [
        f"https://mms.twiliocdn.com/{ACCOUNT}/a1b2?Expires=1&Signature=x~y&Key-Pair-Id=K1",
        f"https://media.twiliocdn.com/{ACCOUNT}/a1b2",
        f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/{ACCOUNT}/a1b2",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_without_credentials(location: str, status: int) -> None:
    request = fetch(moved(location, status))
    assert request is not None
    assert request.url == location
    assert "authorization" not in request.headers


def test_a_redirect_within_the_api_keeps_them() -> None:
    request = fetch(moved("/2010-04-01/elsewhere"))
    assert request is not None
    assert request.url == "https://api.twilio.com/2010-04-01/elsewhere"
    assert "authorization" in request.headers


@pytest.mark.parametrize(
    "location",
    [
        "https://files.example.com/a",
        "http://mms.twiliocdn.com/a",
        "https://mms.twiliocdn.com:8443/a",
        "https://mms.twiliocdn.com@files.example.com/a",
        "https://user:word@mms.twiliocdn.com/a",
        "https://eviltwiliocdn.com/a",
        "https://twiliocdn.com.files.example.com/a",
        "https://s3-external-1.amazonaws.com/another-bucket/a",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1",
        "https://mms.twiliocdn.com:99999/",
        "",
    ],
)
def test_nowhere_else(location: str) -> None:
    with pytest.raises(Rejected) as rejected:
        fetch(moved(location))
    assert not rejected.value.credentials
    if location:
        with pytest.raises(Rejected):
            fetch(url=location)


@pytest.mark.parametrize("url", [None, "", "www.contoso.com", "part:1"])
def test_a_file_without_an_address_cannot_be_had(url: str | None) -> None:
    with pytest.raises(Rejected) as rejected:
        fetch(url=url)
    assert rejected.value.code == "address"


def test_the_file_itself_needs_no_further_call() -> None:
    assert fetch(HttpResponse(200, {"content-type": "image/jpeg"}, b"\xff\xd8")) is None


def test_without_credentials_nothing_is_asked() -> None:
    with pytest.raises(Rejected) as rejected:
        fetch(credentials={})
    assert rejected.value.credentials


@pytest.mark.parametrize(
    ("status", "body", "code", "credentials"),
    [
        (404, b"", "gone", False),
        (410, b"", "gone", False),
        (401, b'{"code":20003}', "401", True),
        (403, b'{"code":20005}', "401", True),
        (403, b"<Error><Code>AccessDenied</Code></Error>", "403", False),
        (400, b"", "400", False),
    ],
)
def test_what_can_never_be_had_says_why(status: int, body: bytes, code: str, credentials: bool) -> None:
    with pytest.raises(Rejected) as rejected:
        fetch(HttpResponse(status, body=body))
    assert (rejected.value.code, rejected.value.credentials) == (code, credentials)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_be_had_later_is_asked_for_later(status: int) -> None:
    with pytest.raises(Temporary) as temporary:
        fetch(HttpResponse(status, {"Retry-After": "30"}))
    assert temporary.value.retry_after == 30


def test_every_host_a_file_is_fetched_from_is_declared() -> None:
    assert Twilio.media_hosts == ("api.twilio.com", ".twilio.com", ".twiliocdn.com", "s3-external-1.amazonaws.com")
