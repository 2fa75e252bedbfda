"""Providers as the tests play them: what they are asked, what they answer, and which of our sends may have left."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from channels import registry
from channels.send import check_address
from router.errors import Rejected, Temporary, TooLarge, Unknown
from router.wire import HttpRequest, HttpResponse


@dataclass
class Providers:
    """SES and Twilio as the world plays them: every call that left, and the answers to give."""

    calls: list[HttpRequest] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # the sends a provider took, or may have taken, in order
    answer: Callable[[HttpRequest], HttpResponse] | None = None
    fetched: list[str] = field(default_factory=list)  # addresses of files that were asked for
    files: Callable[[HttpRequest], HttpResponse] | None = None
    around: Callable[[str, Callable[[], HttpResponse]], HttpResponse] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.around is not None:
            return self.around("provider", lambda: self._answer(request))
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        self.calls.append(request)
        try:
            answer = (self.answer or self.take)(request)
        except Unknown:
            self.left.append(send_of(request))
            raise
        if _may_have_left(request, answer):
            self.left.append(send_of(request))
        return answer

    def get(self, request: HttpRequest, most: int, hosts: Sequence[str]) -> HttpResponse:
        """A provider's file, checked as the real way out would: a small picture unless `files` says otherwise."""

        def give() -> HttpResponse:
            check_address(request.url, hosts)
            self.fetched.append(request.url)
            answer = (self.files or picture)(request)
            if len(answer.body) > most:
                raise TooLarge(f"more than {most} bytes")
            return answer

        return give() if self.around is None else self.around("file", give)

    def take(self, request: HttpRequest) -> HttpResponse:
        """A provider's yes."""
        number = len(self.calls)
        if "twilio" in request.url:
            return HttpResponse(201, {}, json.dumps({"sid": f"SM{number:032d}", "status": "queued"}).encode())
        if "graph" in request.url:
            return HttpResponse(200, {}, json.dumps({"messages": [{"id": f"wamid.OUT{number:06d}"}]}).encode())
        return HttpResponse(200, {}, json.dumps({"MessageId": f"0102-{number:06d}"}).encode())


PNG = b"\x89PNG\r\n\x1a\n" + b"small" * 20


def picture(_: HttpRequest) -> HttpResponse:
    """The file a provider gives when a test does not care."""
    return HttpResponse(200, {"content-type": "image/png"}, PNG)


def send_of(request: HttpRequest) -> str:
    """Our own id of the message in a provider call: in Twilio's status URL, in WhatsApp's callback data, in SES's tags."""
    if "twilio" in request.url:
        callback = parse_qs(request.body.decode())["StatusCallback"][0]
        return parse_qs(urlsplit(callback).query)["send"][0]
    if "graph" in request.url:
        return str(json.loads(request.body)["biz_opaque_callback_data"])
    (tag,) = json.loads(request.body)["EmailTags"]
    return str(tag["Value"])


def _may_have_left(request: HttpRequest, answer: HttpResponse) -> bool:
    try:
        channel = "twilio" if "twilio" in request.url else "whatsapp" if "graph" in request.url else "email"
        registry.get(channel).interpret(answer)
    except (Temporary, Rejected):
        return False
    except Unknown:
        return True
    return True
