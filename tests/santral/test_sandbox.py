"""The sandbox plays SES and Twilio as they are: what it stores, publishes, refuses and signs."""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from channels.twilio_signature import signature
from router.config import Config, Inbox
from santral.configuration import load
from santral.sandbox import smtp, twilio
from santral.sandbox.cloud import Cloud
from santral.sandbox.server import Sandbox, compose

ACCOUNT, TOKEN = "AC" + "0" * 32, "t" * 32
SEND = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CUSTOMER, OURS = "+12025550143", "+15005550100"


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{password}".encode()).decode()}


class Bucket:
    """Keeps what is put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto3's names
        self.objects[Key] = Body


class Topics:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, dict[str, Any]]] = []

    def publish(self, *, TopicArn: str, Message: str, Subject: str) -> None:  # noqa: N803 - boto3's names
        self.messages.append((TopicArn, json.loads(Message)))


class Played:
    """A sandbox in process, with the webhooks that Twilio would call."""

    def __init__(self, config: Config) -> None:
        self.bucket, self.topics = Bucket(), Topics()
        self.sandbox = Sandbox(config, {"twilio": {"account_sid": ACCOUNT, "auth_token": TOKEN}})
        self.called: list[tuple[str, dict[str, str], str]] = []

    async def __aenter__(self) -> Played:
        app = web.Application()
        app.add_routes(self.sandbox.routes())
        app.router.add_post("/webhooks/{path:.*}", self._webhook)
        self.client = TestClient(TestServer(app))
        await self.client.start_server()
        self.url = str(self.client.make_url("/")).rstrip("/")
        cloud = Cloud(self.bucket, self.topics, "mail", "arn:mail", "arn:events", "eu-central-1")
        await self.sandbox.open(cloud, self.url, "http://127.0.0.1:1", pause=0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.close()
        await self.client.close()

    async def _webhook(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.called.append((str(request.url), form, request.headers["X-Twilio-Signature"]))
        return web.Response(text="<Response/>", content_type="text/xml")

    async def mail(self, message: EmailMessage, recipients: list[str] | None = None, sender: str | None = None) -> Any:
        def submit() -> Any:
            with smtplib.SMTP("127.0.0.1", self.sandbox.smtp_port, timeout=5) as client:
                return client.send_message(message, sender, recipients)

        return await asyncio.to_thread(submit)

    async def sms(self, to: str = CUSTOMER, body: str = "Hi", sender: str = OURS, **more: str) -> Any:
        form = {"To": to, "From": sender, "Body": body, **more}
        return await self.client.post(SEND, data=form, headers=basic(TOKEN))

    async def ses(self, to: str, raw: bytes = b"", **more: Any) -> Any:
        raw = raw or compose({"from": "support@example.com", "to": to, "subject": "Re", "text": "Hello"}).as_bytes()
        content = {"Content": {"Raw": {"Data": base64.b64encode(raw).decode()}}, **more}
        return await self.client.post("/ses/v2/email/outbound-emails", json=content)

    async def until(self, true: Callable[[], bool]) -> None:
        for _ in range(400):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it did not happen")


@pytest.fixture(scope="module")
def config() -> Config:
    return load(Path(__file__).resolve().parent.parent.parent / "config")


def play(config: Config, scene: Callable[[Played], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Played(config) as played:
            await scene(played)

    asyncio.run(whole())


def a_mail(**more: Any) -> EmailMessage:
    return compose(
        {"from": "deniz@example.net", "name": "Deniz", "to": "destek@example.com", "text": "Merhaba ğüş", **more}
    )


WHATSAPP = "whatsapp:+15005550107"


@pytest.fixture(scope="module")
def by_twilio(config: Config) -> Config:
    """The sample configuration, with WhatsApp by Twilio besides."""
    inbox = Inbox(name="wa-twilio", channel="twilio", address=WHATSAPP, queue="social", secret="twilio")
    return config.model_copy(update={"inboxes": (*config.inboxes, inbox)})


def test_whatsapp_by_twilio_is_read_answered_and_its_receipts_are_believed(by_twilio: Config) -> None:
    async def scene(played: Played) -> None:
        wrote = {"from": CUSTOMER, "to": WHATSAPP, "text": "Selam"}
        assert (await played.client.post("/sandbox/api/sms", json=wrote)).status == 201
        [(url, form, given)] = played.called
        assert url.endswith("/webhooks/twilio/wa-twilio")
        assert given == signature(TOKEN, url, form.items())
        assert (form["From"], form["WaId"]) == (f"whatsapp:{CUSTOMER}", CUSTOMER[1:])
        callback = f"{played.url}/webhooks/twilio/wa-twilio?send=m_1"
        assert (await played.sms(f"whatsapp:{CUSTOMER}", "Buyurun", WHATSAPP, StatusCallback=callback)).status == 201
        await played.until(lambda: len(played.called) == 4)
        assert [form["MessageStatus"] for _, form, _ in played.called[1:]] == ["sent", "delivered", "read"]

    play(by_twilio, scene)


def test_whatsapp_by_twilio_takes_free_text_only_since_the_customer_wrote(by_twilio: Config) -> None:
    async def scene(played: Played) -> None:
        callback = f"{played.url}/webhooks/twilio/wa-twilio?send=m_1"
        to = f"whatsapp:{CUSTOMER}"
        assert (await played.sms(to, "Buyurun", WHATSAPP, StatusCallback=callback)).status == 201
        await played.until(lambda: len(played.called) == 1)
        assert [(f["MessageStatus"], f["ErrorCode"]) for _, f, _ in played.called] == [("undelivered", "63016")]
        template = {"ContentSid": "HX" + "a" * 32, "ContentVariables": '{"1": "4711"}', "StatusCallback": callback}
        assert (await played.sms(to, "", WHATSAPP, **template)).status == 201
        await played.until(lambda: len(played.called) == 4)
        assert played.sandbox.world.texts[-1].text.endswith('{"1": "4711"}')
        wrong = await played.sms(to, "", WHATSAPP, ContentSid="welcome")
        assert (wrong.status, (await wrong.json())["code"]) == (400, 21655)

    play(by_twilio, scene)


def test_a_mail_is_stored_and_notified_as_ses_does(config: Config) -> None:
    async def scene(played: Played) -> None:
        await played.mail(a_mail(subject="Sipariş"), ["destek+abc@example.com"])
        [(key, raw)] = played.bucket.objects.items()
        [(topic, note)] = played.topics.messages
        assert topic == "arn:mail"
        assert note["notificationType"] == "Received"
        assert key == note["receipt"]["action"]["objectKey"] == "mail/" + note["mail"]["messageId"]
        assert note["receipt"]["action"]["bucketName"] == "mail"
        assert note["receipt"]["recipients"] == ["destek+abc@example.com"]  # the envelope's
        assert note["mail"]["destination"] == ["destek@example.com"]  # the header's
        assert note["mail"]["source"] == "deniz@example.net"
        assert note["mail"]["commonHeaders"]["subject"] == "Sipariş"
        assert {note["receipt"][f"{name}Verdict"]["status"] for name in ("spf", "dkim", "dmarc")} == {"PASS"}
        assert "dmarcPolicy" not in note["receipt"]
        assert raw.startswith(b"Return-Path: <deniz@example.net>\r\n")

    play(config, scene)


def test_whatever_comes_is_stored_and_notified(config: Config) -> None:
    async def scene(played: Played) -> None:
        head = b"From: deniz@example.net\r\nTo: destek@example.com\r\nSubject: " + b"(" * 500 + b"\r\n"
        parts = b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(3000)
        )
        for raw in (head + parts, b"", b"no header at all", b"\r\n\r\n", b"From: \xff\xfe <\r\n\tx\r\n\r\n\x00"):
            await asyncio.to_thread(_raw, played.sandbox.smtp_port, raw)
        assert len(played.bucket.objects) == len(played.topics.messages) == 5
        assert played.topics.messages[0][1]["mail"]["commonHeaders"]["from"] == ["deniz@example.net"]

    play(config, scene)


def _raw(port: int, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
        client.sendmail("deniz@example.net", ["destek@example.com"], raw)


def test_a_forger_fails_the_checks(config: Config) -> None:
    async def scene(played: Played) -> None:
        await played.mail(a_mail(spoof=True))
        receipt = played.topics.messages[0][1]["receipt"]
        assert {receipt[f"{name}Verdict"]["status"] for name in ("spf", "dkim", "dmarc")} == {"FAIL"}
        assert receipt["dmarcPolicy"] == "none"

    play(config, scene)


def test_an_unknown_inbox_is_refused_in_words_and_nothing_is_stored(config: Config) -> None:
    async def scene(played: Played) -> None:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await played.mail(a_mail(), ["nobody@example.com"])
        code, words = refused.value.recipients["nobody@example.com"]
        assert code == 550
        assert b"no such inbox" in words
        assert not played.bucket.objects
        assert not played.topics.messages

    play(config, scene)


def test_a_mail_over_the_limit_is_refused_by_its_size(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SIZE_LIMIT", 1000)

    async def scene(played: Played) -> None:
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            await played.mail(a_mail(text="x" * 2000))
        assert refused.value.smtp_code == 552
        assert not played.bucket.objects

    play(config, scene)


def test_a_mail_that_cannot_be_stored_is_put_off_not_accepted(config: Config) -> None:
    async def scene(played: Played) -> None:
        from botocore.exceptions import EndpointConnectionError

        def broken(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

        played.bucket.put_object = broken  # type: ignore[method-assign]
        with pytest.raises(smtplib.SMTPDataError) as put_off:
            await played.mail(a_mail())
        assert put_off.value.smtp_code == 451

    play(config, scene)


def test_an_empty_sender_is_a_sender(config: Config) -> None:
    async def scene(played: Played) -> None:
        await played.mail(a_mail(), ["destek@example.com"], "")
        assert played.topics.messages[0][1]["mail"]["source"] == ""

    play(config, scene)


def test_what_ses_sends_is_in_the_mailbox_and_its_events_are_published(config: Config) -> None:
    async def scene(played: Played) -> None:
        tags = [{"Name": "send", "Value": "m_abc"}]
        answer = await played.ses("deniz@example.net", EmailTags=tags, ConfigurationSetName="set")
        assert answer.status == 200
        message_id = (await answer.json())["MessageId"]
        await played.until(lambda: len(played.topics.messages) == 2)
        assert [event["eventType"] for _, event in played.topics.messages] == ["Send", "Delivery"]
        assert all(event["mail"]["messageId"] == message_id for _, event in played.topics.messages)
        assert played.topics.messages[1][1]["mail"]["tags"] == {"send": ["m_abc"]}
        [mail] = played.sandbox.world.mails
        assert mail.customer == "deniz@example.net"
        assert mail.message_id == f"{message_id}@eu-central-1.amazonses.com"
        await played.until(lambda: mail.state == "delivered")

    play(config, scene)


@pytest.mark.parametrize(
    ("who", "events"), [("bounce", ["Send", "Bounce"]), ("complaint", ["Send", "Delivery", "Complaint"])]
)
def test_a_recipient_can_play_a_bounce_or_a_complaint(config: Config, who: str, events: list[str]) -> None:
    async def scene(played: Played) -> None:
        await played.ses(f"{who}@example.net")
        await played.until(lambda: len(played.topics.messages) == len(events))
        assert [event["eventType"] for _, event in played.topics.messages] == events

    play(config, scene)


def test_ses_refuses_throttles_and_breaks_on_demand(config: Config) -> None:
    async def scene(played: Played) -> None:
        assert (await played.ses("reject@example.net")).status == 400
        assert (await played.ses("error@example.net")).status == 500
        assert [(await played.ses("throttle@example.net")).status for _ in range(3)] == [429, 429, 200]
        assert (await played.ses("a@example.net", EmailTags=[{"Name": "a b", "Value": "c"}])).status == 400
        assert (await played.client.post("/ses/v2/email/outbound-emails", json={})).status == 400
        assert [mail.customer for mail in played.sandbox.world.mails] == ["throttle@example.net"]

    play(config, scene)


def test_twilio_takes_a_message_shows_it_and_calls_back_signed(config: Config) -> None:
    async def scene(played: Played) -> None:
        url = f"{played.url}/webhooks/twilio/sms?send=m_1"
        answer = await played.sms(body="Selam", StatusCallback=url)
        assert answer.status == 201
        sid = (await answer.json())["sid"]
        assert sid.startswith("SM")
        await played.until(lambda: len(played.called) == 2)
        assert [form["MessageStatus"] for _, form, _ in played.called] == ["sent", "delivered"]
        for called, form, given in played.called:
            assert called == url
            assert given == signature(TOKEN, url, form.items())  # our channel's own arithmetic
        assert played.sandbox.world.texts[0].text == "Selam"

    play(config, scene)


@pytest.mark.parametrize(
    ("to", "body", "status", "code"),
    [
        ("12025550143", "Hi", 400, 21211),
        ("+12025550143", "", 400, 21602),
        ("+12025550143", "x" * 1601, 400, 21617),
        ("+12025550143", "😀" * 801, 400, 21617),
        ("whatsapp:+12025550143", "Hi", 400, 21910),
        ("+12025550000", "Hi", 400, 21610),
        ("+12025550001", "Hi", 500, 20500),
    ],
)
def test_twilio_refuses_by_its_own_rules(config: Config, to: str, body: str, status: int, code: int) -> None:
    async def scene(played: Played) -> None:
        answer = await played.sms(to, body)
        assert answer.status == status
        assert (await answer.json())["code"] == code
        assert not played.sandbox.world.texts

    play(config, scene)


def test_twilio_asks_to_wait_twice_then_takes_it(config: Config) -> None:
    async def scene(played: Played) -> None:
        first = await played.sms("+12025550002")
        assert (first.status, first.headers["Retry-After"]) == (429, "1")
        assert [(await played.sms("+12025550002")).status for _ in range(2)] == [429, 201]

    play(config, scene)


async def _order(played: Played, inbox: str, kind: str) -> None:
    asked = {"inbox": inbox, "kind": kind}
    assert (await played.client.post("/sandbox/api/fail", json=asked)).status == 201


def test_a_failure_of_mail_or_sms_can_be_ordered(config: Config) -> None:
    async def scene(played: Played) -> None:
        for kind, mail, sms in (("busy", 429, 429), ("down", 500, 500), ("refused", 400, 400)):
            await _order(played, "support", kind)
            await _order(played, "sms", kind)
            assert (await played.ses("deniz@example.net")).status == mail
            assert (await played.sms()).status == sms
            assert (await played.ses("deniz@example.net")).status == 200
            assert (await played.sms()).status == 201

    play(config, scene)


def test_a_mail_or_sms_can_be_lost_on_the_way(config: Config) -> None:
    async def scene(played: Played) -> None:
        await _order(played, "support", "lost")
        await _order(played, "sms", "lost")
        await played.ses("deniz@example.net")
        await played.sms(StatusCallback=f"{played.url}/webhooks/twilio/sms?send=m_1")
        await played.until(lambda: len(played.called) == 2 and len(played.topics.messages) == 2)
        assert (played.called[-1][1]["MessageStatus"], played.called[-1][1]["ErrorCode"]) == ("undelivered", "30003")
        assert played.topics.messages[-1][1]["eventType"] == "Bounce"

    play(config, scene)


def test_files_come_and_go_by_mms_and_mail(config: Config) -> None:
    async def scene(played: Played) -> None:
        file = {"name": "a.png", "type": "image/png", "data": base64.b64encode(b"png").decode()}
        asked = {"from": CUSTOMER, "to": OURS, "text": "", "files": [file]}
        assert (await played.client.post("/sandbox/api/sms", json=asked)).status == 201
        form = played.called[0][1]
        assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")
        path = form["MediaUrl0"].removeprefix("https://api.twilio.com")
        got = await played.client.get(f"/twilio{path}", headers=basic(TOKEN))
        assert (await got.read(), got.content_type) == (b"png", "image/png")

        kept = played.sandbox.world.files[path.rpartition("/")[2]]
        link = f"{played.url}/sandbox/api/files/{kept.id}"
        answer = await played.sms(body="", MediaUrl=link.replace("http://", "https://"))
        assert answer.status == 201
        text = played.sandbox.world.texts[-1]
        await played.until(lambda: text.state == "delivered")
        assert [one["type"] for one in text.files] == ["image/png"]
        await played.sms(MediaUrl=f"{played.url}/nowhere", StatusCallback=f"{played.url}/webhooks/twilio/sms?send=m_1")
        await played.until(lambda: played.called[-1][1].get("ErrorCode") == "11200")

        mail = {"from": "deniz@example.net", "to": "destek@example.com", "text": "Bak", "files": [file]}
        assert (await played.client.post("/sandbox/api/mail", json=mail)).status == 201
        (raw,) = played.bucket.objects.values()
        assert b'filename="a.png"' in raw
        sent = compose(mail | {"from": "support@example.com", "to": "deniz@example.net"})
        await played.ses("deniz@example.net", raw=sent.as_bytes())
        (shown,) = played.sandbox.world.mails[-1].files
        assert (shown["name"], played.sandbox.world.files[shown["id"]].data) == ("a.png", b"png")

    play(config, scene)


def test_a_wrong_password_is_refused(config: Config) -> None:
    async def scene(played: Played) -> None:
        answer = await played.client.post(SEND, data={"To": CUSTOMER}, headers=basic("wrong"))
        assert answer.status == 401

    play(config, scene)


def test_a_customers_sms_is_posted_signed_and_stop_opts_out(config: Config) -> None:
    async def scene(played: Played) -> None:
        async def write(text: str) -> None:
            asked = {"from": CUSTOMER, "to": OURS, "text": text}
            assert (await played.client.post("/sandbox/api/sms", json=asked)).status == 201

        await write("Merhaba")
        url, form, given = played.called[0]
        assert url == f"{played.url}/webhooks/twilio/sms"
        assert (form["Body"], form["From"], form["To"]) == ("Merhaba", CUSTOMER, OURS)
        assert given == signature(TOKEN, url, form.items())
        await write("stop please")
        assert (await played.sms()).status == 201
        await write(" Stop ")
        assert played.called[-1][1]["OptOutType"] == "STOP"
        assert (await (await played.sms()).json())["code"] == 21610
        await write("START")
        assert (await played.sms()).status == 201

    play(config, scene)


def test_the_signature_agrees_with_the_published_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio.sign("12345", url, form) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_a_page_of_another_origin_cannot_post_to_the_sandbox(config: Config) -> None:
    async def scene(played: Played) -> None:
        plain = await played.client.post("/sandbox/api/sms", data="{}", headers={"Content-Type": "text/plain"})
        assert plain.status == 415
        assert (await played.client.get("/sandbox/..%2Fserver.py")).status == 404
        assert (await played.client.get("/sandbox")).status == 200
        assert (await played.client.post("/cognito", headers={"X-Amz-Target": "x.AdminCreateUser"})).status == 403

    play(config, scene)


def test_the_page_learns_of_a_change_and_reset_forgets(config: Config) -> None:
    async def scene(played: Played) -> None:
        first = await (await played.client.get("/sandbox/api/state")).json()
        assert {inbox["channel"] for inbox in first["inboxes"]} == {inbox.channel for inbox in config.inboxes}
        waiting = asyncio.create_task(played.client.get(f"/sandbox/api/state?after={first['version']}"))
        asked = {"from": "a@example.net", "to": "support@example.com", "subject": "Hi", "text": "Hello"}
        assert (await played.client.post("/sandbox/api/mail", json=asked)).status == 201
        later = await (await waiting).json()
        assert [mail["subject"] for mail in later["mails"]] == ["Hi"]
        await played.client.post("/sandbox/api/reset", json={})
        assert (await (await played.client.get("/sandbox/api/state")).json())["mails"] == []

    play(config, scene)
