"""Telegram: what is sent, what each answer makes the caller do, how files are fetched, and where the token never shows."""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

import pytest

from channels.base import HttpResponse, Outgoing
from channels.send import Sender
from channels.telegram import Telegram
from channels.telegram_send import MAX_CAPTION, MAX_DOWNLOAD, MAX_PHOTO, MAX_TEXT
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown
from router.messages import (
    Attachment,
    ChannelName,
    Direction,
    Message,
    Option,
    Party,
    Provider,
)

NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
INBOX = Inbox(name="bot", channel="telegram", address="@lampsbot", queue="main", brand="lamps")
TOKEN = "4839574812:AAE-a_test_token"
CREDENTIALS = {"bot_token": TOKEN, "webhook_secret": "a-test-secret"}
TELEGRAM = Telegram()
NESRIN, TOM = "5204417731", "6671002945"


def outgoing(text: str = "Your lamp comes today.", **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_1",
        "channel": ChannelName.TELEGRAM,
        "provider": Provider.TELEGRAM,
        "inbox": "bot",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=INBOX.address),
        "recipients": (Party(address=NESRIN),),
        "text": text,
        "received_at": NOW,
    }
    inbox, files = changes.pop("inbox_", INBOX), changes.pop("files", ())
    return Outgoing(Message(**(fields | changes)), inbox, files=files)


def sent(text: str = "Your lamp comes today.", **changes: Any) -> dict[str, Any]:
    """The JSON that is sent."""
    found: dict[str, Any] = json.loads(TELEGRAM.render(outgoing(text, **changes), CREDENTIALS).body)
    return found


def answered(status: int, body: Any = None, **headers: str) -> HttpResponse:
    return HttpResponse(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def refused(code: int, **parameters: int) -> HttpResponse:
    words = "Forbidden: Nesrin of +905550001122 has blocked you"
    return answered(code, {"ok": False, "error_code": code, "description": words, "parameters": parameters})


class TestRender:
    def test_a_text(self) -> None:
        request = TELEGRAM.render(outgoing(), CREDENTIALS)
        assert request.url == f"https://api.telegram.org/bot{TOKEN}/sendMessage"
        assert json.loads(request.body) == {
            "chat_id": int(NESRIN),
            "text": "Your lamp comes today.",
            "link_preview_options": {"is_disabled": True},
        }

    def test_an_answer_names_what_it_answers_if_it_is_in_that_chat(self) -> None:
        reply = {"message_id": 812, "allow_sending_without_reply": True}
        assert sent(refers_to=f"{NESRIN}:812")["reply_parameters"] == reply
        for other in (f"{TOM}:812", "812", f"{NESRIN}:812:edit:1", "28649917"):
            assert "reply_parameters" not in sent(refers_to=other)

    def test_an_answer_in_a_channel_s_direct_messages_goes_to_the_customer_s_topic(self) -> None:
        fields = sent(recipients=(Party(address=f"-1002999000123/{TOM}"),), refers_to="-1002999000123:8")
        assert (fields["chat_id"], fields["direct_messages_topic_id"]) == (-1002999000123, int(TOM))
        assert fields["reply_parameters"]["message_id"] == 8

    def test_an_answer_for_a_business_account_goes_through_the_connection_of_the_settings(self) -> None:
        inbox = INBOX.model_copy(update={"settings": {"business_connection_id": "cK7mExample"}})
        assert sent(inbox_=inbox)["business_connection_id"] == "cK7mExample"
        assert "business_connection_id" not in sent()

    def test_options_become_buttons(self) -> None:
        options = (
            Option(title="Yes"),
            Option(title="No", payload="no:31"),
            Option(title="Shop", url="https://l.example"),
        )
        assert sent(options=options)["reply_markup"] == {
            "inline_keyboard": [
                [{"text": "Yes", "callback_data": "Yes"}],
                [{"text": "No", "callback_data": "no:31"}],
                [{"text": "Shop", "url": "https://l.example"}],
            ]
        }

    @pytest.mark.parametrize(
        ("content_type", "method", "field"),
        [
            ("image/jpeg", "sendPhoto", "photo"),
            ("image/PNG; charset=x", "sendPhoto", "photo"),
            ("image/gif", "sendAnimation", "animation"),
            ("image/svg+xml", "sendDocument", "document"),
            ("video/mp4", "sendVideo", "video"),
            ("video/quicktime", "sendDocument", "document"),
            ("audio/mpeg", "sendAudio", "audio"),
            ("audio/ogg", "sendVoice", "voice"),
            ("application/pdf", "sendDocument", "document"),
            ("nonsense\r\n", "sendDocument", "document"),
        ],
    )
    def test_a_file_is_uploaded_by_the_method_of_its_type(self, content_type: str, method: str, field: str) -> None:
        file = Attachment(filename='a "plan".pdf', content_type=content_type)
        data = b"\x00\r\n--santral\xff"
        request = TELEGRAM.render(
            outgoing("İşte", attachments=(file,), files=(data,), refers_to=f"{NESRIN}:1"), CREDENTIALS
        )
        assert request.url.endswith(f"/{method}")
        parts = {name: (file, body) for name, file, body in _parts(request.headers["content-type"], request.body)}
        assert parts[field] == ("a %22plan%22.pdf", data)
        assert parts["caption"] == (None, "İşte".encode())
        assert parts["chat_id"] == (None, NESRIN.encode())
        assert json.loads(parts["reply_parameters"][1])["message_id"] == 1

    def test_a_photo_too_large_for_one_goes_as_a_document(self) -> None:
        file = Attachment(content_type="image/jpeg")
        request = TELEGRAM.render(outgoing("", attachments=(file,), files=(b"x" * (MAX_PHOTO + 1),)), CREDENTIALS)
        assert request.url.endswith("/sendDocument")
        assert b"caption" not in request.body

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"text": " "}, "empty"),
            ({"text": "😀" * (MAX_TEXT // 2) + "a"}, "too_long"),
            ({"recipients": ()}, "recipient"),
            ({"recipients": (Party(address="nesrin"),)}, "recipient"),
            ({"options": (Option(title="x" * 65),)}, "options"),
            ({"options": (Option(title="x", payload="ş" * 33),)}, "options"),
            ({"options": (Option(title="x", url="javascript:alert(1)"),)}, "options"),
            ({"options": tuple(Option(title=str(n)) for n in range(101))}, "options"),
            ({"attachments": (Attachment(content_type="image/png"),)}, "attachments"),
            ({"attachments": (Attachment(content_type="image/png"),) * 2, "files": (b"x", b"y")}, "attachments"),
            ({"attachments": (Attachment(content_type="image/png"),), "files": (b"",)}, "too_large"),
            (
                {
                    "text": "a" * (MAX_CAPTION + 1),
                    "attachments": (Attachment(content_type="image/png"),),
                    "files": (b"x",),
                },
                "too_long",
            ),
        ],
    )
    def test_what_cannot_be_carried_is_rejected_before_it_is_sent(self, changes: dict[str, Any], code: str) -> None:
        with pytest.raises(Rejected) as rejected:
            TELEGRAM.render(outgoing(**changes), CREDENTIALS)
        assert rejected.value.code == code

    def test_a_missing_token_is_our_fault(self) -> None:
        with pytest.raises(Rejected) as rejected:
            TELEGRAM.render(outgoing(), {"webhook_secret": "x"})
        assert rejected.value.credentials


def _parts(content_type: str, body: bytes) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and bytes of each part, read by the standard library's parser."""
    mail = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: list[tuple[str, str | None, bytes]] = []
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found.append((str(part.get_param("name", header="content-disposition")), part.get_filename(), content))
    return found


class TestInterpret:
    def test_gives_the_message_s_id_in_its_chat(self) -> None:
        answer = answered(200, {"ok": True, "result": {"message_id": 9, "chat": {"id": -100}, "date": 1}})
        assert TELEGRAM.interpret(answer) == "-100:9"

    @pytest.mark.parametrize(
        ("code", "suppress", "credentials"),
        [(400, False, False), (401, False, True), (403, True, False), (404, False, True), (413, False, False)],
    )
    def test_a_refusal_says_what_follows_and_nothing_of_the_customer(
        self, code: int, suppress: bool, credentials: bool
    ) -> None:
        with pytest.raises(Rejected) as rejected:
            TELEGRAM.interpret(refused(code))
        error = rejected.value
        assert (error.code, error.suppress, error.credentials) == (str(code), suppress, credentials)
        assert "Nesrin" not in str(error)

    def test_a_group_that_moved_is_not_answered_where_it_was(self) -> None:
        with pytest.raises(Rejected) as rejected:
            TELEGRAM.interpret(refused(400, migrate_to_chat_id=-1002083371945))
        assert (rejected.value.code, rejected.value.suppress) == ("migrated", False)
        assert "1002083371945" not in str(rejected.value)

    @pytest.mark.parametrize(
        ("response", "after"),
        [
            (refused(429, retry_after=14), 14.0),
            (refused(429), None),
            (answered(429, b"<html>", **{"retry-after": "3"}), 3.0),
            (answered(200, {"ok": False, "error_code": 429, "parameters": {"retry_after": 2}}), 2.0),
        ],
    )
    def test_too_many_calls_wait_as_long_as_told(self, response: HttpResponse, after: float | None) -> None:
        with pytest.raises(Temporary) as temporary:
            TELEGRAM.interpret(response)
        assert temporary.value.retry_after == after

    @pytest.mark.parametrize(
        "response",
        [
            answered(500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}),
            answered(502, b"<html>"),
            answered(502, {"ok": False, "error_code": 400}),
            answered(302, b""),
            answered(408, b""),
            answered(200, b""),
            answered(200, {"ok": True, "result": True}),
            answered(200, {"ok": True, "result": {"message_id": "9", "chat": {"id": 1}}}),
        ],
    )
    def test_what_may_have_been_sent_is_unknown(self, response: HttpResponse) -> None:
        with pytest.raises(Unknown):
            TELEGRAM.interpret(response)


FILE = Attachment(content_type="image/jpeg", media_id="BQAC/AgI=")


def fetch(answer: HttpResponse | None, attachment: Attachment = FILE) -> str | None:
    request = TELEGRAM.fetch(attachment, INBOX, CREDENTIALS, answer)
    assert request is None or (request.method == "GET" and TOKEN not in repr(request))
    return None if request is None else request.url


def told(path: str, **more: Any) -> HttpResponse:
    result = {"file_id": "B", "file_unique_id": "u", "file_path": path} | more
    return answered(200, {"ok": True, "result": result}, **{"content-type": "application/json"})


class TestFetch:
    def test_asks_for_the_path_then_for_the_file(self) -> None:
        assert fetch(None) == f"https://api.telegram.org/bot{TOKEN}/getFile?file_id=BQAC%2FAgI%3D"
        at = fetch(told("photos/file 1.jpg"))
        assert at == f"https://api.telegram.org/file/bot{TOKEN}/photos/file%201.jpg"
        assert fetch(answered(200, b"\xff\xd8", **{"content-type": "application/octet-stream"})) is None

    def test_a_file_that_looks_like_an_answer_is_a_file(self) -> None:
        body = told("photos/file_2.jpg").body
        assert fetch(answered(200, body, **{"content-type": "application/octet-stream"})) is None
        assert fetch(answered(200, {"ok": True}, **{"content-type": "application/json"})) is None

    @pytest.mark.parametrize("path", ["", "../bot1/logOut", "photos/../../x", "/etc/passwd", "a//b", "./a"])
    def test_a_path_never_leaves_the_bot_s_files(self, path: str) -> None:
        with pytest.raises(Rejected):
            fetch(told(path))

    @pytest.mark.parametrize(
        ("attachment", "answer"),
        [
            (FILE.model_copy(update={"size": MAX_DOWNLOAD + 1}), None),
            (FILE, told("videos/file_3.mp4", file_size=MAX_DOWNLOAD + 1)),
        ],
    )
    def test_a_file_over_the_limit_is_said_to_be(self, attachment: Attachment, answer: HttpResponse | None) -> None:
        with pytest.raises(Rejected, match="20 MB") as rejected:
            fetch(answer, attachment)
        assert rejected.value.code == "too_large"

    def test_a_file_without_an_id_cannot_be_had(self) -> None:
        with pytest.raises(Rejected):
            fetch(None, Attachment(content_type="image/jpeg", url="https://lamps.example/x.jpg"))

    @pytest.mark.parametrize(("code", "credentials"), [(400, False), (404, False), (401, True)])
    def test_a_file_that_is_gone_is_rejected(self, code: int, credentials: bool) -> None:
        with pytest.raises(Rejected) as rejected:
            fetch(refused(code))
        assert rejected.value.credentials is credentials

    @pytest.mark.parametrize("answer", [refused(429, retry_after=5), answered(502, b""), answered(302, b"")])
    def test_a_file_may_be_had_later(self, answer: HttpResponse) -> None:
        with pytest.raises(Temporary):
            fetch(answer)


class TestTheToken:
    """It is part of every URL, so no URL may be shown."""

    def test_is_not_in_a_request_s_repr(self) -> None:
        file = Attachment(content_type="image/png")
        for request in (
            TELEGRAM.render(outgoing(), CREDENTIALS),
            TELEGRAM.render(outgoing(attachments=(file,), files=(b"x",)), CREDENTIALS),
            TELEGRAM.fetch(FILE, INBOX, CREDENTIALS, None),
            TELEGRAM.fetch(FILE, INBOX, CREDENTIALS, told("photos/file_1.jpg")),
        ):
            assert request is not None
            assert TOKEN in request.url
            assert TOKEN not in repr(request)
            assert TOKEN not in f"{request}"

    def test_is_not_in_the_error_of_a_broken_line(self) -> None:
        closed = Sender(lambda request: request, {"https://api.telegram.org": "http://127.0.0.1:1"})
        with pytest.raises(Temporary) as temporary:
            closed(TELEGRAM.render(outgoing(), CREDENTIALS))
        assert TOKEN not in f"{temporary.value!r} {temporary.value} {temporary.value.__cause__}"

    def test_is_not_in_the_error_of_a_refusal(self) -> None:
        for code in (400, 401, 403, 404):
            with pytest.raises(Rejected) as rejected:
                TELEGRAM.interpret(refused(code))
            assert TOKEN not in str(rejected.value)
