"""Twilio: who called, and what each call means. What is sent is in test_twilio_send.py."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from channels import phones
from channels.base import Request
from channels.twilio import Twilio
from channels.twilio_errors import DELIVERY
from channels.twilio_signature import signature
from router import ids
from router.config import Inbox
from router.errors import Refused, Unparsable
from router.messages import (
    ChannelName,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
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
        assert found.payload == "confirm-42"

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

    def test_a_message_by_the_conversations_api_is_read_like_one_of_the_number(self) -> None:
        found = message("conversations-message.form")
        assert (found.kind, found.text, found.sender.address) == (Kind.MESSAGE, "Hello?", "+447700900123")
        assert found.external_id == "IM1230509491c33ac99b88e4b239c9abea"
        assert found.provider_at == datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
        assert found.channel is ChannelName.SMS

    @pytest.mark.parametrize(
        ("told", "milliseconds"),
        [("2026-03-10T05:16:21.000Z", 0), ("2026-03-10T05:16:21Z", 999), ("Tue, 10 Mar 2026 05:16:21 +0000", 999)],
    )
    def test_a_time_without_a_fraction_leaves_the_place_in_its_second_to_the_arrival(
        self, told: str, milliseconds: int
    ) -> None:
        body = urlencode({"MessageSid": "SM1", "Body": "x", "From": "+447700900123", "DateCreated": told}).encode()
        (found,) = TWILIO.parse(call(body), INBOX, KEY).messages
        assert found.provider_at == datetime(2026, 3, 10, 5, 16, 21, tzinfo=UTC)
        assert found.occurred_at - found.provider_at == timedelta(milliseconds=milliseconds)

    def test_its_files_lie_in_the_media_content_service(self) -> None:
        media = json.dumps(
            [{"Sid": "ME1", "Filename": "lamba.jpg", "ContentType": "image/jpeg", "Size": 42}, {"Sid": "../x"}]
        )
        fields = {"EventType": "onMessageAdded", "ConversationSid": "CH1", "MessageSid": "IM1", "ChatServiceSid": "IS1"}
        body = urlencode(fields | {"Author": "whatsapp:+905321234567", "Source": "WHATSAPP", "Media": media})
        (found,) = TWILIO.parse(call(body.encode()), INBOX, KEY).messages
        assert (found.kind, found.channel, found.sender.address) == (
            Kind.MESSAGE,
            ChannelName.WHATSAPP,
            "+905321234567",
        )
        (file,) = found.attachments
        assert (file.filename, file.content_type, file.size, file.media_id) == ("lamba.jpg", "image/jpeg", 42, "ME1")
        assert file.url == "https://mcs.us1.twilio.com/v1/Services/IS1/Media/ME1/Content"
        asked = TWILIO.fetch(file, INBOX, {"account_sid": "AC1", "auth_token": "t"}, None)
        assert asked is not None
        assert "authorization" in asked.headers

    def test_the_rest_of_conversations_is_ignored_or_goes_to_quarantine(self) -> None:
        (ignored,) = parse("conversations-delivery.form").ignored
        assert ignored.what == "conversations onDeliveryUpdated"
        said = "EventType=onMessageAdded&ConversationSid=CH1&MessageSid=IM1&Body=x&Source=API&Author=robot"
        assert TWILIO.parse(call(said.encode()), INBOX, KEY).ignored[0].what == "conversations onMessageAdded"
        for wrong in (
            said.replace("API", "SDK").replace("robot", "a+nameless+visitor"),
            said.replace("MessageSid", "Sid"),
        ):
            with pytest.raises(Unparsable):
                TWILIO.parse(call(wrong.encode()), INBOX, KEY)

    @pytest.mark.parametrize(("name", "what"), [("voice.form", "call"), ("debugger.form", "debugger")])
    def test_what_a_slip_in_the_console_sends_here_is_ignored_by_name(self, name: str, what: str) -> None:
        parsed = parse(name)
        assert [one.what for one in parsed.ignored] == [what]
        assert not parsed.messages

    def test_five_files_and_not_a_word(self) -> None:
        found = message("mms-without-text.form")
        assert (found.kind, found.text) == (Kind.MESSAGE, "")
        types = ["image/png", "image/png", "video/3gpp", "text/x-vcard", "application/pdf"]
        assert [a.content_type for a in found.attachments] == types

    def test_a_webhook_by_get_has_its_parameters_in_the_url(self) -> None:
        query = "MessageSid=SM1&From=%2B447700900123&To=%2B441632960100&Body=a%26b"
        url = f"{URL}?{query}"
        headers = {"x-twilio-signature": signature("a-test-token", url, [])}
        request = Request(method="GET", headers=headers, url=url, query=query, received_at=NOW)
        TWILIO.verify(request, INBOX, CREDENTIALS, NOW)
        assert TWILIO.parse(request, INBOX, KEY).messages[0].text == "a&b"

    def test_values_of_other_types_in_json_are_told_as_text_or_left_out(self) -> None:
        deep: object = "x"
        for _ in range(600):
            deep = [deep]
        for value in (7, 1.5, True, {"a": 1}, ["one", "two"], deep):
            body = json.dumps({"MessageSid": ["SM1"], "From": "+447700900123", "Body": value}).encode()
            request = Request(body=body, headers={"content-type": "application/json"}, received_at=NOW)
            (found,) = TWILIO.parse(request, INBOX, KEY).messages
            assert found.external_id == "SM1"

    def test_no_text_holds_what_storage_refuses(self) -> None:
        body = json.dumps({"MessageSid": "SM1", "From": "+447700900123", "Body": "a\0b\ud800c"}).encode()
        request = Request(body=body, headers={"content-type": "application/json"}, received_at=NOW)
        assert TWILIO.parse(request, INBOX, KEY).messages[0].text == "ab\ufffdc"

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"   ", b"Level=ERROR&Sid=NO1", b"[", b'{"MessageSid": 1e', b'{"Body":' + b"[" * 100_000),
        ],
    )
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
            ("scheduled", ReceiptStatus.QUEUED),
            ("partially_delivered", ReceiptStatus.SENT),
            ("Delivered", ReceiptStatus.DELIVERED),
            ("canceled", ReceiptStatus.FAILED),
            ("teleported", ReceiptStatus.UNKNOWN),
        ],
    )
    def test_every_word_has_a_meaning(self, word: str, status: ReceiptStatus) -> None:
        body = f"MessageSid=SM1&MessageStatus={word}&To=%2B447700900123".encode()
        (receipt,) = TWILIO.parse(call(body), INBOX, KEY).receipts
        assert (receipt.status, receipt.provider_status) == (status, word.lower())

    def test_an_old_callback_that_repeats_the_text_is_no_message_of_a_customer(self) -> None:
        body = b"SmsSid=SM1&SmsStatus=sent&Body=Your+lamp+is+ready&From=%2B441632960100&To=%2B447700900123"
        parsed = TWILIO.parse(call(body), INBOX, KEY)
        assert not parsed.messages
        assert [(r.status, r.recipient) for r in parsed.receipts] == [(ReceiptStatus.SENT, "+447700900123")]

    def test_an_event_says_when_it_happened(self) -> None:
        body = json.dumps({"MessageSid": "SM1", "MessageStatus": "delivered", "Timestamp": "2026-03-10T05:00:00.000Z"})
        (receipt,) = TWILIO.parse(call(body.encode()), INBOX, KEY).receipts
        assert receipt.at == min(NOW, datetime(2026, 3, 10, 5, tzinfo=UTC))

    def test_each_status_is_its_own_receipt(self) -> None:
        one, other = (parse(f"status-{word}.form").receipts[0].id for word in ("delivered", "undelivered"))
        assert one != other

    def test_whichever_comes_last_the_furthest_word_wins(self) -> None:
        words = ("read", "sent", "delivered", "queued")
        bodies = [f"MessageSid=SM1&MessageStatus={word}&To=%2B447700900123".encode() for word in words]
        found = [TWILIO.parse(call(body), INBOX, KEY).receipts[0].status for body in bodies]
        assert max(found, key=lambda status: status.rank) is ReceiptStatus.READ

    def test_whatsapp_says_what_was_read(self) -> None:
        (receipt,) = parse("whatsapp-status-read.form", URL + "?send=m_abc").receipts
        assert (receipt.channel, receipt.status) == (ChannelName.WHATSAPP, ReceiptStatus.READ)
        assert (receipt.recipient, receipt.send_id, receipt.code) == ("+905321234567", "m_abc", None)

    def test_a_closed_window_says_nothing_against_the_number(self) -> None:
        (receipt,) = parse("whatsapp-status-window.form").receipts
        assert (receipt.code, receipt.permanent, receipt.detail) == ("63016", False, "More than 24 hours have passed")

    @pytest.mark.parametrize(
        ("code", "permanent"),
        [
            *((code, True) for code in ("21610", "30005", "30006", "63003", "63014")),
            *((code, False) for code in ("30001", "30002", "30003", "30007", "30008", "30010", "30022", "30032")),
            *((code, False) for code in ("30033", "30034", "30410", "30450", "30500", "63018", "63032", "63049")),
            *((code, None) for code in ("30004", "63024", "99999", "")),
        ],
    )
    def test_a_code_says_whether_the_address_will_ever_work(self, code: str, permanent: bool | None) -> None:
        body = f"MessageSid=SM1&MessageStatus=undelivered&To=%2B447700900123&ErrorCode={code}".encode()
        (receipt,) = TWILIO.parse(call(body), INBOX, KEY).receipts
        assert (receipt.code, receipt.permanent) == (code or None, permanent)
        assert bool(receipt.detail) == (code in DELIVERY)

    def test_no_error_is_no_code(self) -> None:
        body = b"MessageSid=SM1&MessageStatus=delivered&To=%2B447700900123&ErrorCode=0"
        assert TWILIO.parse(call(body), INBOX, KEY).receipts[0].code is None

    def test_a_status_of_an_inbound_message_is_ignored(self) -> None:
        assert TWILIO.parse(call(b"MessageSid=SM1&MessageStatus=received"), INBOX, KEY).ignored


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
