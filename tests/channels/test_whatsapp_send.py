"""WhatsApp: what is sent, what each answer makes the caller do, and how a file is fetched."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.base import HttpResponse, Outgoing
from channels.whatsapp import WhatsApp
from channels.whatsapp_errors import REFUSALS
from channels.whatsapp_send import LIMITS, MB
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown
from router.messages import Attachment, ChannelName, Direction, Message, Option, Party, Provider, Template

NOW = datetime(2026, 3, 10, 5, 20, tzinfo=UTC)
NUMBER_ID = "106812345678901"
INBOX = Inbox(
    name="wa",
    channel="whatsapp",
    address="+442079460123",
    queue="main",
    brand="lamps",
    settings={"phone_number_id": NUMBER_ID},
)
CREDENTIALS = {"access_token": "a-test-token", "app_secret": "a-test-secret", "verify_token": "a-test-word"}
WHATSAPP = WhatsApp()


def outgoing(text: str = "Your lamp comes today.", **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_abcdefghijklmnopqrstuvwx",
        "channel": ChannelName.WHATSAPP,
        "provider": Provider.META,
        "inbox": "wa",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=INBOX.address),
        "recipients": (Party(address="+447700900123"),),
        "text": text,
        "received_at": NOW,
    }
    inbox, heard = changes.pop("inbox_", INBOX), changes.pop("heard", timedelta(hours=1))
    answers = changes.pop("answers", "wamid.THEIRS1")
    return Outgoing(Message(**(fields | changes)), inbox, in_reply_to=answers, since_heard=heard)


def sent(text: str = "Your lamp comes today.", **changes: Any) -> dict[str, Any]:
    """The JSON that leaves."""
    found: dict[str, Any] = json.loads(WHATSAPP.render(outgoing(text, **changes), CREDENTIALS).body)
    return found


def rejected(text: str = "x", **changes: Any) -> Rejected:
    with pytest.raises(Rejected) as error:
        WHATSAPP.render(outgoing(text, **changes), CREDENTIALS)
    return error.value


def file(kind: str, **fields: Any) -> tuple[Attachment, ...]:
    return (Attachment(content_type=kind, **({"url": "https://files.example.com/a"} | fields)),)


def options(*titles: str) -> tuple[Option, ...]:
    return tuple(Option(title=title, payload=f"p-{title}") for title in titles)


class TestRender:
    def test_a_text(self) -> None:
        request = WHATSAPP.render(outgoing(), CREDENTIALS)
        assert (request.method, request.url) == ("POST", f"https://graph.facebook.com/v23.0/{NUMBER_ID}/messages")
        assert request.headers["authorization"] == "Bearer a-test-token"
        assert json.loads(request.body) == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "447700900123",
            "biz_opaque_callback_data": "m_abcdefghijklmnopqrstuvwx",
            "type": "text",
            "text": {"preview_url": False, "body": "Your lamp comes today."},
        }

    def test_a_user_id_is_a_recipient_and_no_number(self) -> None:
        found = sent(recipients=(Party(address="TR.7712345678901234"),))
        assert found["recipient"] == "TR.7712345678901234"
        assert "to" not in found

    def test_it_quotes_only_where_it_is_meant_to(self) -> None:
        assert "context" not in sent()
        assert sent(refers_to="wamid.THEIRS0")["context"] == {"message_id": "wamid.THEIRS0"}

    def test_the_id_of_the_number_may_be_the_inboxs_address(self) -> None:
        inbox = INBOX.model_copy(update={"settings": {}, "address": "1068"})
        assert WHATSAPP.render(outgoing(inbox_=inbox), CREDENTIALS).url.endswith("/v23.0/1068/messages")

    @pytest.mark.parametrize(
        ("kind", "text", "name"),
        [
            ("image/jpeg", "Look", "image"),
            ("image/png", "", "image"),
            ("image/gif", "Look", "document"),
            ("image/webp", "", "sticker"),
            ("image/webp", "Look", "document"),
            ("video/mp4", "Look", "video"),
            ("audio/ogg; codecs=opus", "", "audio"),
            ("audio/mpeg", "Listen", "document"),
            ("application/pdf", "Your bill", "document"),
        ],
    )
    def test_a_file_goes_as_what_shows_it_and_its_words(self, kind: str, text: str, name: str) -> None:
        found = sent(text, attachments=file(kind, filename="a.bin"))
        part = {"link": "https://files.example.com/a"}
        part |= {"caption": text} if text else {}
        part |= {"filename": "a.bin"} if name == "document" else {}
        assert (found["type"], found[name]) == (name, part)

    def test_three_short_options_are_buttons(self) -> None:
        assert sent("Which?", options=options("Red", "Green"))["interactive"] == {
            "type": "button",
            "body": {"text": "Which?"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "p-Red", "title": "Red"}},
                    {"type": "reply", "reply": {"id": "p-Green", "title": "Green"}},
                ]
            },
        }

    def test_more_or_longer_ones_are_a_list_opened_in_the_customers_language(self) -> None:
        turkish = INBOX.model_copy(update={"language": "tr"})
        found = sent("Hangisi?", options=options("a", "b", "c", "d"), inbox_=turkish)["interactive"]
        assert (found["type"], found["action"]["button"]) == ("list", "Seç")
        assert found["action"]["sections"] == [{"rows": [{"id": f"p-{t}", "title": t} for t in "abcd"]}]
        assert sent("Which?", options=options("a title of 24 characters"))["interactive"]["type"] == "list"

    def test_a_link_is_a_button_alone(self) -> None:
        link = (Option(title="Track it", url="https://lamps.example/t/1"),)
        assert sent("Here it is", options=link)["interactive"] == {
            "type": "cta_url",
            "body": {"text": "Here it is"},
            "action": {
                "name": "cta_url",
                "parameters": {"display_text": "Track it", "url": "https://lamps.example/t/1"},
            },
        }

    def test_a_picture_stands_above_buttons(self) -> None:
        found = sent("This one?", options=options("Yes"), attachments=file("image/png"))["interactive"]
        assert found["header"] == {"type": "image", "image": {"link": "https://files.example.com/a"}}

    def test_a_template_opens_the_window(self) -> None:
        template = Template(name="parcel", language="en_GB", parameters=("Zeynep", "K-1042"))
        found = sent(template=template, heard=None)
        values = [{"type": "text", "text": "Zeynep"}, {"type": "text", "text": "K-1042"}]
        assert (found["type"], found["template"]) == (
            "template",
            {
                "name": "parcel",
                "language": {"code": "en_GB"},
                "components": [{"type": "body", "parameters": values}],
            },
        )
        assert "components" not in sent(template=Template(name="hi", language="tr"), heard=None)["template"]

    @pytest.mark.parametrize("heard", [None, timedelta(hours=24), timedelta(days=9)])
    def test_outside_the_window_nothing_else_is_sent(self, heard: timedelta | None) -> None:
        assert rejected(heard=heard).code == "window"
        sent(heard=timedelta(hours=24, seconds=-1))

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"text": "a" * 4_097}, "too_long"),
            ({"text": "👋" * 2_049}, "too_long"),
            ({"text": " "}, "empty"),
            ({"recipients": ()}, "recipient"),
            ({"recipients": (Party(address="fastpost"),)}, "recipient"),
            ({"recipients": (Party(address="72975"),)}, "recipient"),
            ({"direction": Direction.NOTE}, "direction"),
            ({"attachments": file("image/png", url=None)}, "attachments"),
            ({"attachments": file("image/png", url="http://files.example.com/a")}, "attachments"),
            ({"attachments": file("image/png") * 2}, "attachments"),
            ({"attachments": file("image/png", size=5 * MB + 1)}, "attachments"),
            ({"attachments": file("application/zip", size=100 * MB + 1)}, "attachments"),
            ({"text": "a" * 1_025, "attachments": file("image/png")}, "too_long"),
            ({"text": "a" * 1_025, "options": options("a")}, "too_long"),
            ({"text": "", "options": options("a")}, "empty"),
            ({"options": options("a", "a ")}, "options"),
            ({"options": options("a", " ")}, "options"),
            ({"options": (Option(title="a", payload="1"), Option(title="b", payload="1"))}, "options"),
            ({"options": options(*"abcdefghijk")}, "options"),
            ({"options": options("a title of 25 characters.")}, "options"),
            ({"options": (*options("a"), Option(title="b", url="https://lamps.example"))}, "options"),
            ({"options": (Option(title="b", url="javascript:x"),)}, "options"),
            ({"options": (Option(title="a title of 21 letters", url="https://lamps.example"),)}, "options"),
            ({"options": options(*"abcd"), "attachments": file("image/png")}, "attachments"),
            ({"template": Template(name="a", language="en", parameters=("x\ny",))}, "template"),
            ({"template": Template(name="a", language="en", parameters=("",))}, "template"),
            ({"template": Template(name="a", language="en"), "options": options("a")}, "template"),
        ],
    )
    def test_what_cannot_be_carried_is_rejected_before_it_is_sent(self, changes: dict[str, Any], code: str) -> None:
        assert rejected(**changes).code == code

    @pytest.mark.parametrize("credentials", [{}, {"access_token": ""}])
    def test_a_missing_token_is_our_fault(self, credentials: dict[str, str]) -> None:
        with pytest.raises(Rejected) as error:
            WHATSAPP.render(outgoing(), credentials)
        assert error.value.credentials

    @pytest.mark.parametrize("settings", [{}, {"phone_number_id": "../me"}])
    def test_a_missing_number_is_our_fault(self, settings: dict[str, Any]) -> None:
        error = rejected(inbox_=INBOX.model_copy(update={"settings": settings}))
        assert (error.code, error.credentials) == ("phone_number_id", True)

    def test_the_limits_say_what_is_taken(self) -> None:
        assert [LIMITS.largest(kind) for kind in ("image/png", "video/mp4", "audio/ogg; codecs=opus", "text/csv")] == [
            5 * MB,
            16 * MB,
            16 * MB,
            100 * MB,
        ]


def error(code: int | None, status: int = 400, **more: Any) -> HttpResponse:
    told = {"message": "(#1) +447700900123 ...", "type": "OAuthException", "code": code} | more
    return HttpResponse(status, {}, json.dumps({"error": told}).encode())


class TestInterpret:
    def test_gives_the_wamid(self) -> None:
        answer = {"messaging_product": "whatsapp", "contacts": [{"wa_id": "447700900123"}]}
        answer |= {"messages": [{"id": "wamid.X", "message_status": "accepted"}]}
        assert WHATSAPP.interpret(HttpResponse(200, body=json.dumps(answer).encode())) == "wamid.X"

    @pytest.mark.parametrize(
        ("code", "status", "suppress", "credentials"),
        [
            (131047, 400, False, False),
            (131026, 400, False, False),
            (131051, 400, False, False),
            (132001, 404, False, False),
            (100, 400, False, False),
            (999999, 400, False, False),
            (190, 401, False, True),
            (10, 403, False, True),
            (131031, 403, False, True),
            (131042, 400, False, True),
            (133010, 400, False, True),
            (131045, 500, False, True),
            (None, 403, False, True),
        ],
    )
    def test_a_refusal_says_what_follows(
        self, code: int | None, status: int, suppress: bool, credentials: bool
    ) -> None:
        with pytest.raises(Rejected) as refused:
            WHATSAPP.interpret(error(code, status))
        assert (refused.value.suppress, refused.value.credentials) == (suppress, credentials)
        assert (refused.value.code or "").startswith(str(code or status))
        assert "+44" not in str(refused.value)  # P11: an error is logged

    def test_a_number_id_that_does_not_exist_is_our_fault(self) -> None:
        with pytest.raises(Rejected) as refused:
            WHATSAPP.interpret(error(100, error_subcode=33))
        assert refused.value.credentials

    @pytest.mark.parametrize(
        ("answer", "after"),
        [
            (error(130429, 429), 5),
            (error(131056), 6),
            (error(131048), 3_600),
            (error(131016, 500), 30),
            (error(80007, 400), None),
            (error(4, 400), None),
            (HttpResponse(429, {"retry-after": "7"}), 7),
        ],
    )
    def test_what_was_surely_not_sent_waits(self, answer: HttpResponse, after: float | None) -> None:
        with pytest.raises(Temporary) as temporary:
            WHATSAPP.interpret(answer)
        assert temporary.value.retry_after == after

    @pytest.mark.parametrize(
        "answer",
        [
            error(131000, 500),
            error(131000, 400),
            error(1, 400),
            error(2, 503),
            HttpResponse(500),
            HttpResponse(504, body=b"<html>"),
            HttpResponse(302),
            HttpResponse(200),
            HttpResponse(200, body=b'{"messages":[{"id":null}]}'),
            HttpResponse(200, body=b'{"messages":"x"}'),
        ],
    )
    def test_what_may_have_been_sent_is_unknown(self, answer: HttpResponse) -> None:
        with pytest.raises(Unknown):
            WHATSAPP.interpret(answer)

    @pytest.mark.parametrize("code", REFUSALS)
    def test_what_is_ours_to_mend_never_blames_the_address(self, code: str) -> None:
        meaning = REFUSALS[code]
        assert meaning.text
        assert not (meaning.credentials and meaning.suppress)
        assert not (meaning.wait is not None and meaning.permanent)


class TestFetch:
    FILE = Attachment(content_type="image/jpeg", media_id="2754859441498128")
    WHERE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=2754859441498128"

    def next(self, answer: HttpResponse | None, attachment: Attachment = FILE) -> Any:
        return WHATSAPP.fetch(attachment, INBOX, CREDENTIALS, answer)

    def told(self, **fields: Any) -> HttpResponse:
        answer = {"url": self.WHERE, "mime_type": "image/jpeg", "id": "2754859441498128"} | fields
        return HttpResponse(200, body=json.dumps(answer).encode())

    def test_asks_for_the_address_then_for_the_file_each_with_the_token(self) -> None:
        first = self.next(None)
        second = self.next(self.told())
        assert (first.method, first.url) == ("GET", "https://graph.facebook.com/v23.0/2754859441498128")
        assert (second.method, second.url) == ("GET", self.WHERE)
        assert first.headers["authorization"] == second.headers["authorization"] == "Bearer a-test-token"
        assert self.next(HttpResponse(200, body=b"\xff\xd8\xff")) is None

    def test_a_file_that_is_json_is_not_taken_for_an_address(self) -> None:
        assert self.next(self.told(id="another")) is None
        assert self.next(HttpResponse(200, body=b'{"url":"https://graph.facebook.com/me"}')) is None

    def test_without_an_id_the_webhooks_address_is_used(self) -> None:
        attachment = Attachment(content_type="image/jpeg", url=self.WHERE)
        assert self.next(None, attachment).url == self.WHERE
        assert self.next(self.told(), attachment) is None

    @pytest.mark.parametrize(
        "url",
        [
            "https://files.example.com/a",
            "http://lookaside.fbsbx.com/a",
            "https://lookaside.fbsbx.com.example.com/a",
            "https://evilfbsbx.com/a",
            "https://[/",
            "",
        ],
    )
    def test_the_token_goes_to_nobody_but_meta(self, url: str) -> None:
        with pytest.raises(Rejected):
            self.next(self.told(url=url))
        with pytest.raises(Rejected):
            self.next(None, Attachment(content_type="image/jpeg", url=url))

    def test_an_id_is_one_part_of_the_path(self) -> None:
        found = self.next(None, Attachment(content_type="image/jpeg", media_id="../me?x=1"))
        assert found.url == "https://graph.facebook.com/v23.0/..%2Fme%3Fx%3D1"

    @pytest.mark.parametrize(
        ("answer", "later"),
        [
            (error(100, 400, error_subcode=33), False),
            (error(190, 401), False),
            (HttpResponse(404), True),
            (HttpResponse(500), True),
            (HttpResponse(429), True),
            (error(4, 400), True),
            (HttpResponse(410), False),
        ],
    )
    def test_what_is_gone_and_what_comes_later(self, answer: HttpResponse, later: bool) -> None:
        with pytest.raises(Temporary if later else Rejected):
            self.next(answer)

    def test_a_missing_token_is_our_fault(self) -> None:
        with pytest.raises(Rejected) as refused:
            WHATSAPP.fetch(self.FILE, INBOX, {}, None)
        assert refused.value.credentials
