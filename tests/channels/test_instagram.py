"""Instagram: what each of its calls means, and where its answers differ from Messenger's."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import Outgoing, Request
from channels.instagram import Instagram
from router.config import Inbox
from router.errors import Rejected
from router.messages import Attachment, ChannelName, Direction, Message, Option, Parsed, Party, Proof, Provider
from santral.unwrap import unwrap

SAMPLES = Path(__file__).parent / "samples" / "instagram"
NOW = datetime(2026, 3, 10, 5, 16, 25, tzinfo=UTC)
ACCOUNT, ADA = "17841463920558117", "1284407395520168"
MID = "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDYz"
INBOX = Inbox(name="insta", channel="instagram", address=ACCOUNT, queue="main", brand="lamps")
LOOK = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id="
ANY = "application/octet-stream"
instagram = Instagram()


def sample(name: str, inbox: Inbox = INBOX) -> Parsed:
    body = (SAMPLES / f"{name}.json").read_bytes()
    parsed = instagram.parse(Request(body=body, received_at=NOW), inbox, b"0" * 32)
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
    return parsed


# A sample is a message of these fields; `files` are types and labels.
READ: dict[str, dict[str, Any]] = {
    "text": {"text": "Is the green one back? 💚"},
    "photo": {"text": "", "files": [("image/*", None), ("video/*", None)]},
    "story-reply": {"text": "How much is it?", "files": [(ANY, "story")]},
    "story-reply-late": {"text": "How much was it?", "files": []},
    "story-reply-photo": {"text": "(answered your story)", "files": [("image/*", None), (ANY, "story")]},
    "story-mention": {"text": "(mentioned you in a story)", "files": [(ANY, None)]},
    "share": {"text": "", "files": [(ANY, None)]},
    "post": {"text": "", "files": [(ANY, "Spring lamps")]},
    "post-told-twice": {"text": "", "files": [(ANY, "Spring lamps")]},
    "reel": {"text": "this one!", "files": [("video/*", "Lamp of the week")]},
    "story-shared": {"text": "", "files": [(ANY, None)]},
    "share-gone": {"text": "(shared a post)", "files": []},
    "ephemeral": {"text": "(sent a photo or video that only the app shows, for a short time)", "files": []},
    "unsupported": {"kind": "unknown", "text": ""},
    "product": {"text": "Is this in stock?"},
    "reply": {"text": "That one", "refers_to": "aWdfearlier"},
    "quick-reply": {"kind": "postback", "text": "Yes", "payload": "keep-42"},
    "ice-breaker": {"kind": "postback", "text": "Where are you?", "payload": "where", "external_id": "aWdftapped"},
    "reaction": {"kind": "reaction", "text": "🔥", "refers_to": "aWdfours"},
    "edit": {"kind": "edit", "text": "Is the blue one back?", "refers_to": MID},
    "deleted": {"kind": "deletion", "text": "", "refers_to": MID, "external_id": None},
    "referral": {"kind": "system", "text": "(came by a link)", "payload": "bio"},
    "by-page": {"text": "hello"},
    "change-of-login": {"text": "hello"},
}


class TestMessages:
    @pytest.mark.parametrize("name", READ)
    def test_each_is_read_for_what_it_is(self, name: str) -> None:
        parsed, wanted = sample(name), {"kind": "message"} | READ[name]
        (message,) = parsed.messages
        assert not parsed.receipts
        assert not parsed.ignored
        found = message.model_dump(mode="json")
        found["files"] = [(attachment.content_type, attachment.filename) for attachment in message.attachments]
        assert {field: found[field] for field in wanted} == wanted
        assert (message.channel, message.provider) == (ChannelName.INSTAGRAM, Provider.META)
        assert (message.sender.address, message.recipients) == (ADA, (Party(address=ACCOUNT),))
        assert (message.direction, message.authenticity.proof) == (Direction.INBOUND, Proof.STRONG)
        assert message.provider_at is not None
        assert message.provider_at.isoformat(timespec="seconds") == "2026-03-10T05:16:23+00:00"

    def test_the_story_that_is_answered_can_be_looked_at(self) -> None:
        (message,) = sample("story-reply").messages
        assert message.attachments[0].url == LOOK + "18005500120&signature=Ad"
        assert message.raw == {"reply_to": {"story": {"id": "18005500120", "url": LOOK + "18005500120&signature=Ad"}}}

    def test_a_withdrawal_is_not_the_message_again(self) -> None:
        assert sample("deleted").messages[0].id != sample("text").messages[0].id

    def test_an_edit_that_changed_nothing_is_none_whoever_is_named(self) -> None:
        call = json.loads((SAMPLES / "edit-of-nothing.json").read_text("utf-8"))
        call["entry"][0]["messaging"][0] |= {"sender": {"id": ADA}, "recipient": {"id": ACCOUNT}}
        parsed = instagram.parse(Request(body=json.dumps(call).encode(), received_at=NOW), INBOX, b"0" * 32)
        assert (parsed.messages, parsed.ignored[0].reason) == ((), "nothing was edited")

    def test_a_read_names_one_message(self) -> None:
        (receipt,) = sample("seen").receipts
        assert (receipt.status.value, receipt.external_id, receipt.upto) == ("read", "aWdfours", None)
        assert receipt.recipient == ADA

    def test_an_echo_is_a_message_from_elsewhere_known_by_its_id(self) -> None:
        (message,) = sample("echo").messages
        assert (message.direction, message.author, message.external_id) == (Direction.OUTBOUND, "elsewhere", MID)
        assert message.recipients == (Party(address=ADA),)

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("comments", ["change comments", "change live_comments", "change mentions"]),
            ("comment-by-login", ["change comments", "entry"]),
            ("edit-of-nothing", ["message_edit"]),
            ("other-account", ["messaging"]),
        ],
    )
    def test_what_is_public_empty_or_anothers_is_ignored_with_a_reason(self, name: str, what: list[str]) -> None:
        parsed = sample(name)
        assert not parsed.messages
        assert [ignored.what for ignored in parsed.ignored] == what


def outgoing(text: str = "It is back.", inbox: Inbox = INBOX, **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": "m_" + "a" * 24,
        "channel": ChannelName.INSTAGRAM,
        "provider": Provider.META,
        "inbox": "insta",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=ACCOUNT),
        "recipients": (Party(address=ADA),),
        "text": text,
        "received_at": NOW,
    }
    return Outgoing(Message(**(fields | changes)), inbox, since_heard=timedelta(hours=1))


def file(content_type: str, size: int = 10) -> Attachment:
    return Attachment(content_type=content_type, url="https://files.example.com/a", size=size)


def test_the_sample_event_is_authentic() -> None:
    path = Path(__file__).parents[2] / "events" / "receive-instagram-story-reply.json"
    (request,) = unwrap(path.read_bytes(), NOW)
    assert isinstance(request, Request)
    instagram.verify(request, INBOX, {"app_secret": "an-app-secret-of-the-sample-events"}, NOW)
    (message,) = instagram.parse(request, INBOX, b"0" * 32).messages
    assert message.text == "How much is it?"


class TestRender:
    def test_an_answer_carries_no_metadata_which_instagram_does_not_know(self) -> None:
        request = instagram.render(outgoing(), {"access_token": "t0ken"})
        assert request.url == f"https://graph.facebook.com/v23.0/{ACCOUNT}/messages"
        assert request.headers["authorization"] == "Bearer t0ken"
        assert json.loads(request.body) == {
            "recipient": {"id": ADA},
            "messaging_type": "RESPONSE",
            "message": {"text": "It is back."},
        }

    def test_an_account_of_instagram_login_is_answered_at_its_own_host(self) -> None:
        inbox = INBOX.model_copy(update={"settings": {"login": "instagram"}})
        request = instagram.render(outgoing(inbox=inbox), {"access_token": "t0ken"})
        assert request.url == f"https://graph.instagram.com/v23.0/{ACCOUNT}/messages"

    def test_a_text_is_counted_in_bytes(self) -> None:
        instagram.render(outgoing("ü" * 500), {"access_token": "t"})
        with pytest.raises(Rejected, match="1000") as rejected:
            instagram.render(outgoing("ü" * 500 + "a"), {"access_token": "t"})
        assert rejected.value.code == "too_long"

    @pytest.mark.parametrize(
        ("content_type", "kind"),
        [("image/jpeg", "image"), ("video/mp4", "video"), ("audio/wav", "audio"), ("application/pdf", "file")],
    )
    def test_files_of_the_documented_types_are_taken(self, content_type: str, kind: str) -> None:
        request = instagram.render(outgoing("", attachments=(file(content_type),)), {"access_token": "t"})
        assert json.loads(request.body)["message"]["attachment"]["type"] == kind

    @pytest.mark.parametrize(
        ("attachment", "code"),
        [
            (file("image/webp"), "file_type"),
            (file("text/csv"), "file_type"),
            (file("audio/ogg"), "file_type"),
            (file("image/png", 8 * 1024 * 1024 + 1), "file_size"),
        ],
    )
    def test_others_are_rejected_before_they_are_sent(self, attachment: Attachment, code: str) -> None:
        with pytest.raises(Rejected) as rejected:
            instagram.render(outgoing("", attachments=(attachment,)), {"access_token": "t"})
        assert rejected.value.code == code

    def test_quick_replies_are_messengers(self) -> None:
        options = (Option(title="Yes", payload="y"),)
        message = json.loads(instagram.render(outgoing(options=options), {"access_token": "t"}).body)["message"]
        assert message["quick_replies"] == [{"content_type": "text", "title": "Yes", "payload": "y"}]
