"""Twilio: what is sent, and what each answer makes the caller do."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from channels.base import HttpResponse, Outgoing
from channels.twilio import MAX_TEXT, Twilio
from channels.twilio_errors import DELIVERY, REFUSALS
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown
from router.messages import Attachment, ChannelName, Direction, Message, Party, Provider, ReceiptStatus, Template

NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
INBOX = Inbox(name="sms", channel="twilio", address="+441632960100", queue="main", brand="lamps")
ACCOUNT = "AC0f7c2b915d6e43a8b1c09e52d7348f6a"
CREDENTIALS = {"account_sid": ACCOUNT, "auth_token": "a-test-token"}
TWILIO = Twilio()
CONTENT = "HX" + "3d0a5c9e" * 4
AN_HOUR = timedelta(hours=1)
PICTURE = (Attachment(content_type="image/png", url="https://files.example.com/a.png"),)


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
    since_heard = changes.pop("since_heard", None)
    return Outgoing(Message(**(fields | changes)), inbox, status_url=status_url, since_heard=since_heard)


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
        answer = outgoing(channel=ChannelName.WHATSAPP, since_heard=AN_HOUR)
        fields = parse_qs(TWILIO.render(answer, CREDENTIALS).body.decode())
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
            ({"channel": ChannelName.TELEGRAM}, "channel"),
            ({"channel": ChannelName.WHATSAPP}, "window"),
            ({"channel": ChannelName.WHATSAPP, "since_heard": timedelta(hours=24)}, "window"),
            ({"channel": ChannelName.MESSENGER, "since_heard": timedelta(days=3)}, "window"),
            ({"channel": ChannelName.WHATSAPP, "since_heard": AN_HOUR, "attachments": PICTURE * 2}, "attachments"),
            ({"channel": ChannelName.WHATSAPP, "since_heard": AN_HOUR, "attachments": PICTURE}, "caption"),
            ({"attachments": PICTURE * 11}, "attachments"),
            ({"channel": ChannelName.WHATSAPP, "template": Template(name="spring", language="tr")}, "template"),
            ({"channel": ChannelName.MESSENGER, "template": Template(name=CONTENT, language="tr")}, "template"),
        ],
    )
    def test_what_cannot_be_carried_is_rejected_before_it_is_sent(self, changes: dict[str, Any], code: str) -> None:
        with pytest.raises(Rejected) as rejected:
            TWILIO.render(outgoing(**changes), CREDENTIALS)
        assert rejected.value.code == code

    def test_a_template_opens_a_closed_window_and_goes_by_its_content_sid(self) -> None:
        template = Template(name=CONTENT, language="tr", parameters=("Zeynep", "5 Mart"))
        opening = outgoing("Merhaba Zeynep", channel=ChannelName.WHATSAPP, template=template)
        fields = parse_qs(TWILIO.render(opening, CREDENTIALS).body.decode())
        assert fields.pop("To") == ["whatsapp:+447700900123"]
        assert json.loads(fields.pop("ContentVariables")[0]) == {"1": "Zeynep", "2": "5 Mart"}
        assert fields == {"ContentSid": [CONTENT], "From": ["whatsapp:+441632960100"]}

    def test_a_template_without_variables_has_none(self) -> None:
        plain = outgoing("Hello", template=Template(name=CONTENT, language="en"))
        fields = parse_qs(TWILIO.render(plain, CREDENTIALS).body.decode())
        assert fields == {"ContentSid": [CONTENT], "To": ["+447700900123"], "From": ["+441632960100"]}

    def test_messenger_is_answered_from_its_page(self) -> None:
        page = INBOX.model_copy(update={"address": "messenger:104857600123456"})
        person = (Party(address="7164823905512348"),)
        answer = outgoing(channel=ChannelName.MESSENGER, recipients=person, inbox_=page, since_heard=AN_HOUR)
        fields = parse_qs(TWILIO.render(answer, CREDENTIALS).body.decode())
        assert (fields["To"], fields["From"]) == (["messenger:7164823905512348"], ["messenger:104857600123456"])

    def test_someone_who_hides_their_number_is_answered_by_their_user_id(self) -> None:
        person = (Party(address="TR.2081978709342942"),)
        answer = outgoing(channel=ChannelName.WHATSAPP, recipients=person, since_heard=AN_HOUR)
        fields = parse_qs(TWILIO.render(answer, CREDENTIALS).body.decode())
        assert fields["To"] == ["whatsapp:TR.2081978709342942"]

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
            (400, 21635, True, False),
            (400, 21617, False, False),
            (400, 21655, False, False),
            (400, 63003, True, False),
            (400, 63007, False, True),  # no sender of this account: nothing at all can leave
            (400, 63001, False, True),
            (400, 21660, False, True),
            (400, 21606, False, False),  # of this sender to that number
            (400, 63016, False, False),
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

    @pytest.mark.parametrize(
        ("status", "code", "after"),
        [(400, 20429, None), (400, 21611, 600), (400, 63018, 600), (400, 63038, 3600), (403, 63017, 60)],
    )
    def test_what_passes_by_itself_is_tried_later(self, status: int, code: int, after: float | None) -> None:
        body = json.dumps({"code": code}).encode()
        with pytest.raises(Temporary) as temporary:
            TWILIO.interpret(HttpResponse(status, body=body))
        assert temporary.value.retry_after == after
        with pytest.raises(Temporary) as temporary:
            TWILIO.interpret(HttpResponse(status, {"Retry-After": "9"}, body))
        assert temporary.value.retry_after == 9

    @pytest.mark.parametrize("response", [HttpResponse(s) for s in (500, 502, 503, 504, 408, 302, 200)])
    def test_what_may_have_been_sent_is_unknown(self, response: HttpResponse) -> None:
        with pytest.raises(Unknown):
            TWILIO.interpret(response)


class TestLimits:
    def test_every_channel_it_carries_says_them(self) -> None:
        assert set(TWILIO.limits) == {ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.MESSENGER}
        for limits in TWILIO.limits.values():
            assert limits.receipts <= {status.value for status in ReceiptStatus}
            assert limits.buttons == limits.link_buttons == limits.menu == 0

    def test_files_by_type(self) -> None:
        sms, whatsapp = TWILIO.limits[ChannelName.SMS], TWILIO.limits[ChannelName.WHATSAPP]
        assert (sms.files, sms.largest("image/jpeg"), sms.largest("application/zip")) == (10, 5_000_000, 0)
        assert (whatsapp.files, whatsapp.largest("image/png"), whatsapp.largest("video/mp4")) == (
            1,
            5_000_000,
            16_000_000,
        )
        assert whatsapp.largest("audio/ogg; codecs=opus") == 16_000_000
        assert whatsapp.largest("image/gif") == 0

    def test_only_whatsapp_and_messenger_close_their_window(self) -> None:
        windows = {name.value: limits.window for name, limits in TWILIO.limits.items()}
        assert windows == {"sms": None, "whatsapp": timedelta(hours=24), "messenger": timedelta(hours=24)}


def test_meanings_are_for_people_and_hold_no_addresses() -> None:
    for table in (DELIVERY, REFUSALS):
        for code, meaning in table.items():
            assert code.isdigit()
            assert len(code) == 5
            assert meaning.text
            assert "+" not in meaning.text
