"""Web chat: frames in, frames out, and who may speak at all."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import HttpResponse, Outgoing, Request
from channels.webchat import MAX_FRAME, MAX_TEXT, WebChat
from router import ids
from router.config import Inbox
from router.errors import Refused, Rejected, Temporary, TooLarge, Unparsable
from router.messages import (
    Attachment,
    ChannelName,
    Direction,
    Message,
    Parsed,
    Party,
    Proof,
    Provider,
    ReceiptStatus,
)

SAMPLES = Path(__file__).parent / "samples" / "webchat"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
KEY = b"0" * 32
INBOX = Inbox(name="chat", channel="webchat", address="shop", queue="main", brand="lamps", display_name="Lamps")
SESSION: dict[str, Any] = {"inbox": "chat", "visitor": "v-81c2", "name": "Ada", "language": "tr", "connection": "c="}
CHAT = WebChat()


def frame(body: bytes | dict[str, Any], **envelope: Any) -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(body=raw, envelope=SESSION | envelope, received_at=NOW)


def parse(body: bytes | dict[str, Any], **envelope: Any) -> Parsed:
    return CHAT.parse(frame(body, **envelope), INBOX, KEY)


def outgoing(text: str = "It is back.", **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_out",
        "channel": ChannelName.WEBCHAT,
        "provider": Provider.SANTRAL,
        "inbox": "chat",
        "direction": Direction.OUTBOUND,
        "sender": Party(address="shop"),
        "recipients": (Party(address="v-81c2"),),
        "text": text,
        "author": "a.kaya",
        "received_at": NOW,
    }
    return Outgoing(Message(**(fields | changes)), INBOX)


class TestVerify:
    def test_a_session_of_this_inbox_passes(self) -> None:
        CHAT.verify(frame(b"{}"), INBOX, {}, NOW)

    @pytest.mark.parametrize(
        "envelope",
        [
            {},
            {"inbox": "chat"},
            {"visitor": "v1"},
            {"inbox": "other", "visitor": "v1"},
            {"inbox": "chat", "visitor": ""},
        ],
    )
    def test_anything_else_is_refused(self, envelope: dict[str, str]) -> None:
        with pytest.raises(Refused):
            CHAT.verify(Request(body=b"{}", envelope=envelope, received_at=NOW), INBOX, {}, NOW)


class TestMessages:
    def test_a_message(self) -> None:
        at = NOW - timedelta(milliseconds=250)
        (found,) = parse((SAMPLES / "message.json").read_bytes(), request_time=int(at.timestamp() * 1000)).messages
        assert found.external_id == "v-81c2:c-7f3a9"
        assert found.id == ids.message_id(KEY, "santral", "lamps", "v-81c2:c-7f3a9")
        assert found.text == "Hello, is the blue lamp back? 👋"
        assert found.sender == Party(address="v-81c2", name="Ada")
        assert found.language == "tr"
        assert found.sent_at == datetime(2026, 3, 10, 5, 16, 20, 500_000, tzinfo=UTC)
        assert found.provider_at == found.occurred_at == at
        assert (found.authenticity.proof, found.authenticity.method) == (Proof.STRONG, "session")

    def test_the_same_client_id_from_another_visitor_is_another_message(self) -> None:
        body = (SAMPLES / "message.json").read_bytes()
        assert parse(body).messages[0].id != parse(body, visitor="v-2").messages[0].id

    @pytest.mark.parametrize("at", ["yesterday", "2026-03-10T05:16:20", "0001-01-01T00:00:00+23:00", 7, [], "\ud800"])
    def test_a_clock_that_makes_no_sense_costs_no_message(self, at: object) -> None:
        (found,) = parse({"type": "message", "id": "c1", "text": "x", "at": at}).messages
        assert found.sent_at is None
        assert found.problems

    @pytest.mark.parametrize("name", ["id", "clientMsgId", "client_id"])
    def test_a_client_that_routes_by_action_is_understood(self, name: str) -> None:
        (found,) = parse({"action": "sendMessage", name: "c-1", "text": "Hello 👋"}).messages
        assert (found.external_id, found.text) == ("v-81c2:c-1", "Hello 👋")
        assert found.id == parse({"type": "message", "id": "c-1", "text": "Hello 👋"}).messages[0].id

    @pytest.mark.parametrize("name", ["message", "data"])
    def test_an_action_s_text_has_the_names_that_api_gateway_s_examples_give_it(self, name: str) -> None:
        found = parse({"action": "sendmessage", "id": "c-1", name: "Merhaba"}).messages[0]
        assert (found.text, found.external_id) == (
            "Merhaba",
            parse({"type": "message", "id": "c-1", "text": "x"}).messages[0].external_id,
        )

    def test_another_action_is_a_frame_of_that_type(self) -> None:
        assert [one.what for one in parse({"action": "ping"}).ignored] == ["ping"]
        assert [one.what for one in parse({"action": "setName", "id": "c-1", "text": "x"}).ignored] == ["frame"]

    @pytest.mark.parametrize(
        "body",
        [
            {"action": "sendMessage", "text": "no id"},
            {"action": "sendMessage", "clientMsgId": 7, "text": "x"},
            {"action": "sendMessage", "clientMsgId": "c-1"},
            {"action": ["sendMessage"], "id": "c-1", "text": "x"},
            {"type": None, "action": "sendMessage", "id": "c-1", "text": "x"},
            {"type": "message", "clientMsgId": "c-1", "text": "x"},
        ],
    )
    def test_an_action_is_held_to_the_same_rules(self, body: dict[str, Any]) -> None:
        with pytest.raises(Unparsable):
            parse(body)

    @pytest.mark.parametrize("epoch", [None, "soon", True, 10**30, -(10**30)])
    def test_a_strange_request_time_is_left_out(self, epoch: object) -> None:
        (found,) = parse({"type": "message", "id": "c1", "text": "x"}, request_time=epoch).messages
        assert found.provider_at is None

    @pytest.mark.parametrize(
        "body",
        [
            {"type": "message", "id": "c1"},
            {"type": "message", "id": "c1", "text": ""},
            {"type": "message", "id": "c1", "text": " \n\0"},
            {"type": "message", "id": "c1", "text": 5},
            {"type": "message", "text": "x"},
            {"type": "message", "id": "", "text": "x"},
            {"type": "message", "id": "i" * 65, "text": "x"},
            {"type": "message", "id": "a b", "text": "x"},
            {"type": "message", "id": 7, "text": "x"},
            {"type": 7},
            {"action": "sendMessage", "text": "x"},
            {"type": "ack"},
            {"type": "ack", "message": ""},
            {"type": "read", "upto": "u" * 257},
            b"",
            b"hello",
            b"[]",
            b'{"type":"message","id":"c1","text":NaN}',
            b"[" * 30_000,
            b'{"type":' + b"9" * 5_000 + b"}",
        ],
    )
    def test_a_broken_frame_is_unparsable(self, body: bytes | dict[str, Any]) -> None:
        with pytest.raises(Unparsable):
            parse(body)

    def test_limits_are_said(self) -> None:
        parse({"type": "message", "id": "c1", "text": "ğ" * MAX_TEXT})
        with pytest.raises(TooLarge, match="4000"):
            parse({"type": "message", "id": "c1", "text": "a" * (MAX_TEXT + 1)})
        with pytest.raises(TooLarge, match="32768"):
            parse(b'{"type":"ping"}'.ljust(MAX_FRAME + 1))

    def test_a_frame_without_a_session_is_unparsable(self) -> None:
        with pytest.raises(Unparsable):
            CHAT.parse(Request(body=(SAMPLES / "message.json").read_bytes(), received_at=NOW), INBOX, KEY)


class TestReceipts:
    def test_an_ack_says_delivered(self) -> None:
        (receipt,) = parse((SAMPLES / "ack.json").read_bytes()).receipts
        assert (receipt.status, receipt.send_id) == (ReceiptStatus.DELIVERED, "m_k2f7xq4w3n5p6r7s2t3u2v3w")
        assert (receipt.recipient, receipt.at) == ("v-81c2", NOW)

    def test_a_read_names_the_message_its_cursor_stands_at(self) -> None:
        (receipt,) = parse((SAMPLES / "read.json").read_bytes()).receipts
        assert (receipt.status, receipt.send_id) == (ReceiptStatus.READ, "m_k2f7xq4w3n5p6r7s2t3u2v3w")
        assert receipt.raw == {"upto": "1773119785100#m_k2f7xq4w3n5p6r7s2t3u2v3w"}

    def test_a_read_up_to_some_other_cursor_names_none(self) -> None:
        (receipt,) = parse({"type": "read", "upto": "1773119785100"}).receipts
        assert (receipt.send_id, receipt.raw) == (None, {"upto": "1773119785100"})

    @pytest.mark.parametrize("name", ["resume", "typing", "ping"])
    def test_signals_are_ignored(self, name: str) -> None:
        parsed = parse((SAMPLES / f"{name}.json").read_bytes())
        assert [i.what for i in parsed.ignored] == [name]

    def test_a_later_versions_frame_is_ignored_and_not_repeated(self) -> None:
        assert parse({"type": "+447700900123"}).ignored[0].what == "frame"


class TestRender:
    def test_pushes_to_one_connection(self) -> None:
        request = CHAT.render(outgoing(), {"connection": "a/b+c="})
        assert (request.method, request.url, request.sign) == (
            "POST",
            "execute-api:/@connections/a%2Fb%2Bc%3D",
            "execute-api",
        )
        assert json.loads(request.body) == {
            "type": "message",
            "message": {
                "id": "m_out",
                "direction": "outbound",
                "text": "It is back.",
                "at": "2026-03-10T05:16:23Z",
                "author": "Lamps",
                "cursor": "1773119783000#m_out",
            },
        }

    def test_an_agents_user_name_is_not_shown(self) -> None:
        named = outgoing(sender=Party(address="shop", name="Ayşe"))
        assert json.loads(CHAT.render(named, {"connection": "c"}).body)["message"]["author"] == "Ayşe"
        assert b"a.kaya" not in CHAT.render(outgoing(), {"connection": "c"}).body

    def test_the_largest_text_fits_into_a_frame(self) -> None:
        body = CHAT.render(outgoing("\x01" * (MAX_TEXT - 1) + "x"), {"connection": "c"}).body
        assert len(body) <= MAX_FRAME

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"text": "a" * (MAX_TEXT + 1)}, "too_long"),
            ({"text": "  "}, "empty"),
            ({"direction": Direction.NOTE}, "direction"),
            ({"attachments": (Attachment(content_type="a/b", ref="s3://b/k"),)}, "attachments"),
        ],
    )
    def test_rejects_what_it_cannot_carry(self, changes: dict[str, Any], code: str) -> None:
        with pytest.raises(Rejected) as rejected:
            CHAT.render(outgoing(**changes), {"connection": "c"})
        assert rejected.value.code == code

    def test_without_a_connection_it_is_gone(self) -> None:
        with pytest.raises(Rejected) as rejected:
            CHAT.render(outgoing(), {})
        assert rejected.value.code == "gone"


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (410, Rejected, "gone"),
        (413, Rejected, "too_long"),
        (403, Rejected, "403"),
        (400, Rejected, "400"),
        (429, Temporary, None),
        (500, Temporary, None),
        (504, Temporary, None),
    ],
)
def test_answers_mean_what_the_caller_does_next(status: int, error: type[Exception], code: str | None) -> None:
    with pytest.raises(error) as raised:
        CHAT.interpret(HttpResponse(status))
    assert getattr(raised.value, "code", None) == code


def test_a_push_that_arrived_has_no_id() -> None:
    assert CHAT.interpret(HttpResponse(200)) is None
