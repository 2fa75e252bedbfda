"""The way out to webhooks: to the open internet only, to the address that was judged, and no further."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from channels.send_webhook import WebhookSender, public
from router.errors import Rejected, Temporary, Unknown
from router.wire import HttpRequest

INTERNAL = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "::127.0.0.1", "2001:db8::1", "not an address", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INTERNAL)
def test_no_internal_address_is_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_those_of_the_open_internet_are(address: str) -> None:
    assert public(address)


class Server(BaseHTTPRequestHandler):
    """Answers by its path: /204, /302, /big, /hang."""

    heard: list[tuple[str, str, bytes]] = []  # noqa: RUF012 - one server a test, emptied by the fixture

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append((self.path, str(self.headers["host"]), body))
        if self.path == "/hang":
            self.close_connection = True
            return
        self.send_response(200 if self.path == "/big" else int(self.path[1:4]))
        self.send_header("location", "http://169.254.169.254/latest/meta-data/")
        self.end_headers()
        if self.path == "/big":
            self.wfile.write(b"x" * 1024 * 1024)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Server.heard.clear()
    http = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    http.server_close()


def request(url: str) -> HttpRequest:
    """A post of an event."""
    return HttpRequest("POST", url, {"webhook-id": "e_1"}, json.dumps({"id": "e_1"}).encode(), timeout=2)


@pytest.mark.parametrize(
    ("path", "status"), [("/204", 204), ("/302", 302), ("/410", 410), ("/500", 500), ("/big", 200)]
)
def test_a_local_run_reaches_this_machine_and_hears_the_status_alone(server: str, path: str, status: int) -> None:
    assert WebhookSender(local=True)(request(server + path)) == status
    assert [(where, body) for where, _, body in Server.heard] == [(path, b'{"id": "e_1"}')]


def test_a_deployment_does_not(server: str) -> None:
    for url in (f"{server}/204", server.replace("http", "https").replace("127.0.0.1", "localhost") + "/204"):
        with pytest.raises(Rejected):
            WebhookSender()(request(url))
    assert Server.heard == []


@pytest.mark.parametrize("address", [a for a in INTERNAL if a and a != "not an address"])
def test_a_host_with_an_internal_address_among_others_is_refused(address: str) -> None:
    sender = WebhookSender(resolve=lambda host, port: ["1.1.1.1", address])
    with pytest.raises(Rejected, match="open internet") as refused:
        sender(request("https://rebound.example.com/x"))
    assert address not in str(refused.value) or len(address) < 4


def test_a_name_that_answers_differently_the_second_time_gains_nothing(server: str) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    sender = WebhookSender(local=True, resolve=resolve)
    assert sender(request(server.replace("127.0.0.1", "crm.example.com") + "/204")) == 204
    assert asked == ["crm.example.com"]
    assert Server.heard[0][1].startswith("crm.example.com:"), "the host is named as it was asked for"
    with pytest.raises(Rejected):
        sender(request(server.replace("127.0.0.1", "crm.example.com") + "/204"))


def test_without_tls_only_this_machine_is_reached_even_in_a_local_run() -> None:
    with pytest.raises(Rejected, match="https"):
        WebhookSender(local=True, resolve=lambda host, port: ["1.1.1.1"])(request("http://crm.example.com/"))


def test_a_certificate_of_another_name_is_no_answer(server: str) -> None:
    with pytest.raises((Unknown, Temporary)):
        WebhookSender(local=True)(request(server.replace("http", "https") + "/204"))


def test_no_connection_and_no_answer_are_told_apart(server: str) -> None:
    with pytest.raises(Unknown):
        WebhookSender(local=True)(request(f"{server}/hang"))
    with pytest.raises(Temporary):
        WebhookSender(local=True)(request("http://127.0.0.1:9/x"))
    with pytest.raises(Temporary):
        WebhookSender()(request("https://no-such-host.invalid/x"))
