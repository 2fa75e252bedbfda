"""Twilio: what each call means, what is sent, and what each answer makes the caller do."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from channels import phones
from channels.base import HttpResponse, Outgoing, Request
from channels.twilio import MAX_TEXT, Twilio
from channels.twilio_signature import signature
from router import ids
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary, Unknown, Unparsable
from router.messages import (
    Attachment,
    ChannelName,
    Direction,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    ReceiptStatus,
)

SAMPLES = Path(__file__).parent / "samples" / "twilio"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
KEY = b"0" * 32
INBOX = Inbox(name="sms", channel="twilio", address="+441632960100", queue="main", brand="lamps")
ACCOUNT = "AC0f7c2b915d6e43a8b1c09e52d7348f6a"
CREDENTIALS = {"account_sid": ACCOUNT, "auth_token": "a-test-token"}
URL = "https://hooks.example.com/in/twilio/sms"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
TWILIO = Twilio()


def call(body: bytes, *, url: str = URL, content_type: str = FORM, token: str = "a-test-token") -> Request:
    """A call as Twilio makes it, signed."""
    params = parse_qsl(body.decode(), keep_blank_values=True) if content_type == FORM else []
    return Request(
        body=body,
        headers={"content-type": content_type, "x-twilio-signature": signature(token, url, params)},
        url=url,
        query=url.partition("?")[2],
        received_at=NOW,
    )


def parse(name: str, url: str = URL) -> Parsed:
    content_type = "application/json" if name.endswith(".json") else FORM
    return TWILIO.parse(call((SAMPLES / name).read_bytes(), url=url, content_type=content_type), INBOX, KEY)


def message(name: str) -> Message:
    (found,) = parse(name).messages
    return found


def outgoing(text: str = "Your parcel comes today.", **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_1",
        "channel": ChannelName.SMS,
        "provider": Provider.TWILIO,
        "inbox": "sms",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=INBOX.address),
        "recipients": (Party(address="+447700900123"),),
        "text": text,
        "received_at": NOW,
    }
    inbox, status_url = changes.pop("inbox_", INBOX), changes.pop("status_url", None)
    return Outgoing(Message(**(fields | changes)), inbox, status_url=status_url)


class TestVerify:
    def test_passes_a_signed_form(self) -> None:
        TWILIO.verify(call((SAMPLES / "sms.form").read_bytes()), INBOX, CREDENTIALS, NOW)

    def test_passes_a_signed_call_without_body(self) -> None:
        TWILIO.verify(call(b""), INBOX, CREDENTIALS, NOW)

    def test_passes_under_the_previous_token_during_a_rotation(self) -> None:
        request = call((SAMPLES / "sms.form").read_bytes(), token="old")
        TWILIO.verify(request, INBOX, {"auth_token": "new", "auth_token_previous": "old"}, NOW)

    @pytest.mark.parametrize(
        "credentials",
        [{}, {"auth_token": ""}, {"auth_token": "", "auth_token_previous": ""}, {"auth_token": "another"}],
    )
    def test_refuses_without_the_right_token(self, credentials: dict[str, str]) -> None:
        with pytest.raises(Refused):
            TWILIO.verify(call((SAMPLES / "sms.form").read_bytes(), token=""), INBOX, credentials, NOW)

    def test_refuses_a_body_that_the_signature_does_not_cover(self) -> None:
        signed = call(b"")
        for content_type in ("text/plain", "multipart/form-data; boundary=x", "", "application/json"):
            headers = dict(signed.headers) | {"content-type": content_type}
            forged = Request(body=b"Body=x", headers=headers, url=URL, received_at=NOW)
            with pytest.raises(Refused):
                TWILIO.verify(forged, INBOX, CREDENTIALS, NOW)

    def test_a_form_that_is_no_utf8_is_signed_by_its_bytes(self) -> None:
        body = b"Body=caf%E9&MessageSid=SM1"
        mac = hmac.new(b"a-test-token", URL.encode() + b"Bodycaf\xe9MessageSidSM1", hashlib.sha1).digest()
        headers = {"content-type": FORM, "x-twilio-signature": base64.b64encode(mac).decode()}
        request = Request(body=body, headers=headers, url=URL, received_at=NOW)
        TWILIO.verify(request, INBOX, CREDENTIALS, NOW)
        assert TWILIO.parse(request, INBOX, KEY).messages[0].text == "caf\ufffd"

    def test_the_fragment_of_connection_overrides_is_not_signed(self) -> None:
        request = call((SAMPLES / "sms.form").read_bytes())
        moved = Request(body=request.body, headers=request.headers, url=URL + "#rc=3&rp=5xx", received_at=NOW)
        TWILIO.verify(moved, INBOX, CREDENTIALS, NOW)

    def test_a_form_of_countless_fields_is_refused(self) -> None:
        with pytest.raises(Refused):
            TWILIO.verify(call(b"a=1&" * 3_000), INBOX, CREDENTIALS, NOW)


class TestMessages:
    def test_an_sms(self) -> None:
        found = message("sms.form")
        sid = "SM5b0e1c7a90d34f2e8a6c41d7e9f20b13"
        assert found.id == ids.message_id(KEY, "twilio", "lamps", sid)
        assert (found.external_id, found.channel, found.kind) == (sid, ChannelName.SMS, Kind.MESSAGE)
        assert found.text == "Hi, my parcel & the lamp haven't arrived – order 1+2?"
        assert found.sender == Party(address="+447700900123")
        assert found.recipients == (Party(address="+441632960100"),)
        assert (found.authenticity.proof, found.authenticity.method) == (Proof.WEAK, "twilio-signature")
        assert (found.provider_at, found.received_at, found.occurred_at) == (None, NOW, NOW)
        assert found.raw == {
            "ToCountry": "GB",
            "FromCountry": "GB",
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
        }
        assert found.problems == ()

    def test_an_mms_keeps_its_media_by_reference(self) -> None:
        found = message("mms.form")
        assert [a.content_type for a in found.attachments] == ["image/jpeg", "text/vcard"]
        assert all(a.url and a.url.startswith("https://api.twilio.com/") for a in found.attachments)
        assert found.text == ""
        assert not any(name.startswith("Media") for name in found.raw or {})

    def test_a_stop_is_a_message_that_says_so(self) -> None:
        found = message("stop.form")
        assert found.raw is not None
        assert (found.kind, found.text, found.raw["OptOutType"]) == (Kind.MESSAGE, "STOP", "STOP")

    def test_a_short_code_and_a_sender_name(self) -> None:
        assert message("short-code.form").sender == Party(address="72975")
        assert message("sender-name.form").sender == Party(address="fastpost", name="FastPost")

    def test_whatsapp_through_twilio_keeps_its_channel_and_its_proof(self) -> None:
        found = message("whatsapp-button.form")
        assert (found.channel, found.kind, found.text) == (ChannelName.WHATSAPP, Kind.POSTBACK, "Evet")
        assert found.sender == Party(address="+905321234567", name="Zeynep Kılıç")
        assert found.recipients[0].address == "+441632960100"
        assert found.authenticity.proof is Proof.STRONG
        assert found.raw is not None
        assert found.raw["ButtonPayload"] == "confirm-42"

    def test_a_place_is_told_as_text(self) -> None:
        assert message("whatsapp-place.form").text == "Galata, Bereketzade, Istanbul\ngeo:41.008238,28.978359"

    def test_json_says_the_same_as_a_form(self) -> None:
        found = message("sms.json")
        assert (found.text, found.sender.address) == ("And by JSON: günaydın", "+447700900123")

    def test_an_unheard_of_shape_is_kept_whole(self) -> None:
        body = b"MessageSid=SM1&From=%2B447700900123&To=%2B441632960100&MessageType=hologram&Blob=x&AccountSid=AC1"
        (found,) = TWILIO.parse(call(body), INBOX, KEY).messages
        assert found.kind is Kind.UNKNOWN
        assert found.raw is not None
        assert (found.raw["Blob"], found.raw["AccountSid"]) == ("x", "AC1")

    @pytest.mark.parametrize(
        ("sender", "problems"),
        [
            ("", ("From: not a phone number or sender name",)),
            ("%2B12", ("From: not a phone number or sender name",)),
            ("viber%3A123", ("From: unknown kind of address 'viber'",)),
            ("whatsapp%3AIN.2081978709342942", ()),
        ],
    )
    def test_a_strange_sender_is_kept_and_said(self, sender: str, problems: tuple[str, ...]) -> None:
        (found,) = TWILIO.parse(call(f"MessageSid=SM1&Body=x&From={sender}".encode()), INBOX, KEY).messages
        assert found.problems == problems

    def test_no_text_holds_what_storage_refuses(self) -> None:
        body = json.dumps({"MessageSid": "SM1", "From": "+447700900123", "Body": "a\0b\ud800c"}).encode()
        request = Request(body=body, headers={"content-type": "application/json"}, received_at=NOW)
        assert TWILIO.parse(request, INBOX, KEY).messages[0].text == "ab\ufffdc"

    @pytest.mark.parametrize("body", [b"", b"   ", (SAMPLES / "voice.form").read_bytes(), b"Level=ERROR&Sid=NO1", b"["])
    def test_what_is_no_message_goes_to_quarantine(self, body: bytes) -> None:
        with pytest.raises(Unparsable):
            TWILIO.parse(call(body), INBOX, KEY)


class TestReceipts:
    def test_a_status_names_our_send(self) -> None:
        (receipt,) = parse("status-undelivered.form", URL + "/status?send=m_abc&x=1").receipts
        assert (receipt.status, receipt.provider_status) == (ReceiptStatus.FAILED, "undelivered")
        assert (receipt.send_id, receipt.external_id) == ("m_abc", "SM44c0a7e95b1d4f3286e9d0c7b8a1f352")
        assert (receipt.code, receipt.permanent, receipt.recipient) == ("30006", True, "+447700900123")
        assert receipt.at == NOW

    def test_without_our_send_it_is_known_by_the_sid(self) -> None:
        (receipt,) = parse("status-delivered.form").receipts
        assert (receipt.status, receipt.send_id, receipt.permanent) == (ReceiptStatus.DELIVERED, None, None)

    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("accepted", ReceiptStatus.QUEUED),
            ("queued", ReceiptStatus.QUEUED),
            ("sending", ReceiptStatus.QUEUED),
            ("sent", ReceiptStatus.SENT),
            ("read", ReceiptStatus.READ),
            ("failed", ReceiptStatus.FAILED),
            ("canceled", ReceiptStatus.FAILED),
            ("teleported", ReceiptStatus.UNKNOWN),
        ],
    )
    def test_every_word_has_a_meaning(self, word: str, status: ReceiptStatus) -> None:
        body = f"MessageSid=SM1&MessageStatus={word}&To=%2B447700900123".encode()
        (receipt,) = TWILIO.parse(call(body), INBOX, KEY).receipts
        assert (receipt.status, receipt.provider_status) == (status, word)

    def test_each_status_is_its_own_receipt(self) -> None:
        one, other = (parse(f"status-{word}.form").receipts[0].id for word in ("delivered", "undelivered"))
        assert one != other

    def test_a_status_of_an_inbound_message_is_ignored(self) -> None:
        assert TWILIO.parse(call(b"MessageSid=SM1&MessageStatus=received"), INBOX, KEY).ignored


class TestRender:
    def test_a_text(self) -> None:
        status = "https://hooks.example.com/in/twilio/sms/status?send=m_1"
        request = TWILIO.render(outgoing(status_url=status), CREDENTIALS)
        assert request.method == "POST"
        assert request.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert base64.b64decode(request.headers["authorization"].split()[1]).decode() == f"{ACCOUNT}:a-test-token"
        assert parse_qs(request.body.decode()) == {
            "To": ["+447700900123"],
            "From": ["+441632960100"],
            "Body": ["Your parcel comes today."],
            "StatusCallback": [status],
        }

    def test_an_api_key_goes_before_the_token(self) -> None:
        keys = {"api_key": "SK1", "api_secret": "hush"}
        request = TWILIO.render(outgoing(), CREDENTIALS | keys)
        assert base64.b64decode(request.headers["authorization"].split()[1]) == b"SK1:hush"

    def test_a_messaging_service_stands_for_the_number(self) -> None:
        fields = parse_qs(TWILIO.render(outgoing(), CREDENTIALS | {"messaging_service_sid": "MG1"}).body.decode())
        assert fields["MessagingServiceSid"] == ["MG1"]
        assert "From" not in fields

    def test_a_whatsapp_answer_goes_back_on_whatsapp(self) -> None:
        fields = parse_qs(TWILIO.render(outgoing(channel=ChannelName.WHATSAPP), CREDENTIALS).body.decode())
        assert (fields["To"], fields["From"]) == (["whatsapp:+447700900123"], ["whatsapp:+441632960100"])

    def test_media_by_https(self) -> None:
        media = (Attachment(content_type="image/png", url="https://files.example.com/a.png"),)
        fields = parse_qs(TWILIO.render(outgoing("", attachments=media), CREDENTIALS).body.decode())
        assert fields["MediaUrl"] == ["https://files.example.com/a.png"]
        assert "Body" not in fields

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"text": "a" * (MAX_TEXT + 1)}, "too_long"),
            ({"text": "👋" * (MAX_TEXT // 2 + 1)}, "too_long"),
            ({"text": " "}, "empty"),
            ({"recipients": ()}, "recipient"),
            ({"recipients": (Party(address="fastpost"),)}, "recipient"),
            ({"attachments": (Attachment(content_type="image/png", ref="s3://b/k"),)}, "attachments"),
            ({"direction": Direction.NOTE}, "direction"),
        ],
    )
    def test_what_cannot_be_carried_is_rejected_before_it_is_sent(self, changes: dict[str, Any], code: str) -> None:
        with pytest.raises(Rejected) as rejected:
            TWILIO.render(outgoing(**changes), CREDENTIALS)
        assert rejected.value.code == code

    @pytest.mark.parametrize("credentials", [{}, {"account_sid": "AC1"}, {"account_sid": "AC1", "api_key": "SK1"}])
    def test_missing_credentials_are_our_fault(self, credentials: dict[str, str]) -> None:
        with pytest.raises(Rejected) as rejected:
            TWILIO.render(outgoing(), credentials)
        assert rejected.value.credentials


class TestInterpret:
    def test_gives_the_sid(self) -> None:
        assert TWILIO.interpret(HttpResponse(201, body=b'{"sid":"SM9","status":"queued"}')) == "SM9"

    @pytest.mark.parametrize(
        ("status", "code", "suppress", "credentials"),
        [
            (400, 21610, True, False),
            (400, 21211, True, False),
            (400, 21614, True, False),
            (400, 21612, False, False),
            (400, 99999, False, False),
            (401, 20003, False, True),
            (403, 20005, False, True),
            (403, None, False, True),
            (404, 20404, False, True),
        ],
    )
    def test_a_refusal_says_what_follows(
        self, status: int, code: int | None, suppress: bool, credentials: bool
    ) -> None:
        body = json.dumps({"code": code, "message": "The 'To' number +447700900123 is ...", "status": status}).encode()
        with pytest.raises(Rejected) as rejected:
            TWILIO.interpret(HttpResponse(status, body=body))
        error = rejected.value
        assert (error.suppress, error.credentials) == (suppress, credentials)
        assert error.code == str(code or status)
        assert "+44" not in str(error)  # P11: an error is logged

    @pytest.mark.parametrize(
        ("headers", "after"), [({"Retry-After": "7"}, 7.0), ({}, None), ({"retry-after": "x"}, None)]
    )
    def test_too_many_requests_wait(self, headers: dict[str, str], after: float | None) -> None:
        with pytest.raises(Temporary) as temporary:
            TWILIO.interpret(HttpResponse(429, headers, b'{"code":20429}'))
        assert temporary.value.retry_after == after

    @pytest.mark.parametrize("response", [HttpResponse(s) for s in (500, 502, 503, 504, 408, 302, 200)])
    def test_what_may_have_been_sent_is_unknown(self, response: HttpResponse) -> None:
        with pytest.raises(Unknown):
            TWILIO.interpret(response)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("+44 7700 900-123", "+447700900123"),
        ("+1 (202) 555.0177", "+12025550177"),
        ("0044 7700 900123", "+447700900123"),
        ("72975", "72975"),
        ("Acme Bank", "acme bank"),
        ("+0123456789", None),
        ("+1234567890123456", None),
        ("a much too long name", None),
        ("", None),
    ],
)
def test_addresses_are_normalised(value: str, address: str | None) -> None:
    assert phones.normalise(value) == address
