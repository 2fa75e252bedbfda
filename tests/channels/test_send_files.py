"""Files fetched over a real socket on loopback: from known hosts only, up to a size, in a time."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from channels import send
from channels.send import Sender, check_address
from router.errors import Rejected, SantralError, Temporary, TooLarge
from router.wire import HttpRequest

HOSTS = ("api.example.com", ".cdn.example.com")
PATH = "https://api.example.com"


class Provider(BaseHTTPRequestHandler):
    """Answers by what the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/")
        body, status, headers = b"x" * 1000, 200, {"Content-Type": "image/png"}
        match name:
            case "gone":
                status, body = 404, b"{}" * 100_000
            case "redirect":
                status, body, headers = 302, b"", {"Location": "https://evil.example.org/"}
            case "packed":
                body, headers = gzip.compress(b"0" * 10_000_000), {"Content-Encoding": "gzip"}
            case "asked":
                body = "\n".join(f"{k.lower()}: {v}" for k, v in self.headers.items()).encode()
            case "endless" | "drip":
                self._forever(0.0 if name == "endless" else 0.05)
                return
            case "broken":
                self.send_response(200)
                self.send_header("Content-Length", "5000")
                self.end_headers()
                self.wfile.write(b"x")
                self.close_connection = True
                return
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _forever(self, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"x" * 10_000)
                time.sleep(pause)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def sender() -> Iterator[Sender]:
    """A sender whose provider is played on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Sender(lambda request: request, {PATH: f"http://127.0.0.1:{server.server_address[1]}"})
    server.shutdown()


def get(sender: Sender, name: str, most: int = 5000, **headers: str) -> bytes:
    """One file."""
    return sender.get(HttpRequest("GET", f"{PATH}/{name}", headers, timeout=5), most, HOSTS).body


def test_a_file_comes_whole_with_its_type(sender: Sender) -> None:
    answer = sender.get(HttpRequest("GET", f"{PATH}/file"), 1000, HOSTS)
    assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/png", 1000)


def test_the_channel_s_headers_go_along_and_nothing_packed_is_asked_for(sender: Sender) -> None:
    asked = get(sender, "asked", authorization="Basic abc").decode().splitlines()
    assert "authorization: Basic abc" in asked
    assert "accept-encoding: identity" in asked


@pytest.mark.parametrize("name", ["file", "endless"])
def test_what_is_larger_than_wanted_is_not_read_to_its_end(sender: Sender, name: str) -> None:
    with pytest.raises(TooLarge):
        get(sender, name, most=999)


def test_a_refusal_is_given_back_in_part_and_a_redirect_is_not_followed(sender: Sender) -> None:
    answer = sender.get(HttpRequest("GET", f"{PATH}/gone"), 5000, HOSTS)
    assert (answer.status, len(answer.body) < 100_000) == (404, True)
    answer = sender.get(HttpRequest("GET", f"{PATH}/redirect"), 5000, HOSTS)
    assert (answer.status, answer.headers["location"]) == (302, "https://evil.example.org/")


@pytest.mark.parametrize("name", ["packed", "broken"])
def test_what_was_not_asked_for_or_breaks_off_may_come_later(sender: Sender, name: str) -> None:
    with pytest.raises(Temporary):
        get(sender, name, most=20_000)


def test_a_file_that_drips_is_not_waited_for(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "_LONGEST", 0.3)
    began = time.monotonic()
    with pytest.raises(Temporary):
        get(sender, "drip", most=10**9)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/x", "https://evil.example.org/x", "https://api.example.com.evil.org/x",
        "https://xcdn.example.com/x", "https://cdn.example.com/x", "https://api.example.com:8443/x",
        "https://user@api.example.com/x", "https://127.0.0.1/x", "file:///etc/passwd", "https://api.example.com:x/", "", "https://[",
    ],
)  # fmt: skip
def test_any_other_address_is_refused_before_a_call(url: str) -> None:
    with pytest.raises(Rejected):
        check_address(url, HOSTS)


def test_a_host_below_a_named_domain_is_one_of_the_provider_s() -> None:
    check_address("https://a.b.cdn.example.com/x?y", HOSTS)
    check_address("https://API.example.com:443/x", HOSTS)


@pytest.mark.parametrize("name", ["packed", "broken", "endless", "drip"])
def test_no_error_tells_the_address(sender: Sender, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "_LONGEST", 0.2)
    with pytest.raises(SantralError) as error:
        sender.get(HttpRequest("GET", f"{PATH}/{name}?token=secret", timeout=5), 100_000, HOSTS)
    assert "secret" not in f"{error.value!r} {error.value.__cause__!r}"
