"""Telegram: what each update means, what is sent, and what each answer makes the caller do."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from channels.base import Request
from channels.telegram import Telegram
from channels.telegram_messages import MAX_DELETED
from channels.telegram_text import with_links
from router import ids
from router.config import Inbox
from router.errors import Refused, TooLarge, Unparsable
from router.messages import (
    Attachment,
    Direction,
    Kind,
    Message,
    Parsed,
    Party,
    Proof,
)
from santral.unwrap import unwrap

SAMPLES = Path(__file__).parent / "samples" / "telegram"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
KEY = b"0" * 32
INBOX = Inbox(name="bot", channel="telegram", address="@lampsbot", queue="main", brand="lamps")
SECRET_HEADER = "x-telegram-bot-api-secret-token"
TELEGRAM = Telegram()
NESRIN, TOM = "5204417731", "6671002945"


def read(update: Any) -> Parsed:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return TELEGRAM.parse(Request(body=body, received_at=NOW), INBOX, KEY)


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def one(update: Any) -> Message:
    (found,) = read(update).messages
    return found


def message(name: str) -> Message:
    return one(sample(name))


def holding(**content: Any) -> Message:
    """Nesrin's message with that content."""
    update = sample("text")
    del update["message"]["text"]
    update["message"] |= content
    return one(update)


class TestVerify:
    @pytest.mark.parametrize("secrets", [("new", "old"), ("old", "older"), ("old", "")])
    def test_passes_the_secret_and_the_one_before(self, secrets: tuple[str, str]) -> None:
        request = Request(headers={SECRET_HEADER: "old"}, received_at=NOW)
        TELEGRAM.verify(request, INBOX, {"webhook_secret": secrets[0], "webhook_secret_previous": secrets[1]}, NOW)

    def test_passes_the_sample_event(self) -> None:
        event = Path(__file__).parents[2] / "events" / "receive-telegram-text.json"
        (request,) = unwrap(event.read_bytes(), NOW)
        assert isinstance(request, Request)
        TELEGRAM.verify(request, INBOX, {"webhook_secret": "a-test-secret-of-the-sample-events"}, NOW)
        assert TELEGRAM.parse(request, INBOX, KEY).messages == read(sample("text")).messages

    @pytest.mark.parametrize("credentials", [{}, {"webhook_secret": ""}, {"webhook_secret": "x"}])
    @pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "y"}, {SECRET_HEADER: "x "}])
    def test_refuses_all_else(self, credentials: dict[str, str], headers: dict[str, str]) -> None:
        with pytest.raises(Refused):
            TELEGRAM.verify(Request(headers=headers, received_at=NOW), INBOX, credentials, NOW)


class TestMessages:
    def test_those_of_one_second_stand_as_telegram_numbers_its_updates(self) -> None:
        """A new version of a message has the message's number, so it is the update's that tells the order."""
        first, second, third = sample("text"), sample("text"), sample("text")
        second["message"]["message_id"] += 1
        third["edited_message"] = third.pop("message") | {"edit_date": first["message"]["date"]}
        found = []
        for number, update in enumerate((first, second, third), start=98_999):
            (message,) = read(update | {"update_id": number}).messages
            found.append(message)
        assert sorted(found, key=lambda one: one.cursor) == found
        assert len({one.occurred_at for one in found}) == 1

    def test_a_tap_whose_time_is_not_told_is_as_old_as_its_arrival(self) -> None:
        found = message("tap")
        assert (found.turn, found.occurred_at) == (None, NOW)

    def test_a_text(self) -> None:
        found = message("text")
        assert found.id == ids.message_id(KEY, "telegram", "lamps:@lampsbot", "5204417731:812")
        assert (found.external_id, found.kind, found.text) == (
            "5204417731:812",
            Kind.MESSAGE,
            "Merhaba, lambam hâlâ gelmedi 😕",
        )
        assert found.sender == Party(address=NESRIN, name="Nesrin Aksoy", also=("@nesrin_aksoy",))
        assert found.recipients == (Party(address="@lampsbot"),)
        assert (found.authenticity.proof, found.authenticity.method) == (Proof.STRONG, "telegram-secret")
        assert found.provider_at == datetime(2026, 3, 10, 5, 16, 22, tzinfo=UTC)
        assert (found.language, found.raw, found.problems) == ("tr", None, ())

    def test_a_message_keeps_its_id_in_another_update(self) -> None:
        assert one(sample("text") | {"update_id": 1}).id == message("text").id

    def test_a_hidden_link_stands_behind_its_words_counted_in_utf16(self) -> None:
        assert message("links").text == (
            "😀 sizin dükkan (https://lamps.example/shop?x=1) ve http://lamps.example, "
            "👍 burası (https://lamps.example/here)"
        )

    @pytest.mark.parametrize(
        ("offset", "length", "url", "text"),
        [
            (0, 2, "https://a.example/", "😀 (https://a.example/) a.example"),
            (0, 1, "https://a.example/", "😀 (https://a.example/) a.example"),  # ends inside the emoji
            (3, 9, "https://a.example/", "😀 a.example"),  # the words say it
            (3, 99, "https://a.example/", "😀 a.example"),
            (-1, 2, "https://a.example/", "😀 a.example"),
            (0, 0, "https://a.example/", "😀 a.example"),
            (True, 2, "https://a.example/", "😀 a.example"),
            (0, 2, None, "😀 a.example"),
        ],
    )
    def test_a_link_that_cannot_be_placed_is_left_out(self, offset: Any, length: Any, url: Any, text: str) -> None:
        assert with_links("😀 a.example", [{"offset": offset, "length": length, "url": url}]) == text

    def test_the_largest_size_of_a_photo_with_its_caption_and_album(self) -> None:
        photo, video = message("album-photo"), message("album-video")
        assert photo.text == "Kırık yeri"
        assert photo.album == video.album == "13920554871034"
        (largest,) = photo.attachments
        assert largest == Attachment(content_type="image/jpeg", size=164022, media_id="BQACAgIAAxkBAAIDLGfile03")
        assert photo.id != video.id

    def test_a_document_keeps_name_type_and_size(self) -> None:
        found = message("document")
        (file,) = found.attachments
        assert (file.filename, file.content_type, file.size) == ("fatura 2026-03.pdf", "application/pdf", 51220)
        assert found.text == "Fatura burada (https://lamps.example/f/31)"

    @pytest.mark.parametrize(
        ("field", "content_type"),
        [
            ("animation", "video/mp4"),
            ("audio", "audio/mpeg"),
            ("document", "application/octet-stream"),
            ("video", "video/mp4"),
            ("video_note", "video/mp4"),
            ("voice", "audio/ogg"),
            ("sticker", "image/webp"),
        ],
    )
    def test_a_file_that_names_no_type_has_its_fields(self, field: str, content_type: str) -> None:
        for mime in ({}, {"mime_type": "no type\r\nX: y"}):
            (file,) = holding(**{field: {"file_id": "F", "file_size": -1} | mime}).attachments
            assert (file.media_id, file.content_type, file.size) == ("F", content_type, None)

    def test_an_animation_is_one_file_and_a_live_photo_two(self) -> None:
        moving = {"file_id": "A", "mime_type": "video/mp4"}
        assert len(holding(animation=moving, document=moving).attachments) == 1
        sizes = [{"file_id": "P", "width": 1, "height": 1}]
        found = holding(photo=sizes, live_photo={"file_id": "L", "photo": sizes})
        assert [file.media_id for file in found.attachments] == ["P", "L"]

    @pytest.mark.parametrize(
        ("flags", "content_type"),
        [({}, "image/webp"), ({"is_animated": True}, "application/x-tgsticker"), ({"is_video": True}, "video/webm")],
    )
    def test_a_sticker_is_its_emoji_and_its_file(self, flags: dict[str, bool], content_type: str) -> None:
        found = holding(sticker={"file_id": "S", "emoji": "🙏"} | flags)
        assert (found.text, found.attachments[0].content_type) == ("🙏", content_type)

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (
                {"contact": {"first_name": "Tom", "last_name": "Lee", "phone_number": "+447700900123"}},
                "Contact: Tom Lee, +447700900123",
            ),
            ({"location": {"latitude": 41, "longitude": 0.00001}}, "geo:41,0.00001"),
            ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4"),
            (
                {"poll": {"question": "Which?", "options": [{"text": "Dune"}, {"text": "Moon"}]}},
                "Which?\n- Dune\n- Moon",
            ),
            (
                {"checklist": {"title": "To do", "tasks": [{"text": "a", "completion_date": 1}, {"text": "b"}]}},
                "To do\n☑ a\n☐ b",
            ),
            ({"game": {"title": "Lampong", "description": "Light them"}}, "Lampong\nLight them"),
            (
                {"invoice": {"title": "Dune", "description": "A lamp", "currency": "JPY", "total_amount": 4800}},
                "Dune\nA lamp\n4800 JPY",
            ),
            ({"story": {"chat": {"id": 1, "username": "tom"}, "id": 7}}, "https://t.me/tom/s/7"),
            ({"story": {"chat": {"id": 1}, "id": 7}}, "A story"),
            ({"chat_shared": {"request_id": 1, "chat_id": -5, "title": "Wholesale"}}, "Shared: Wholesale"),
            ({"user_shared": {"request_id": 1, "user_id": 91}}, "Shared: 91"),
            (
                {"passport_data": {"data": [{"type": "email"}], "credentials": {}}},
                "Telegram Passport, encrypted: email",
            ),
        ],
    )
    def test_what_is_no_text_is_told_as_text(self, content: dict[str, Any], text: str) -> None:
        found = holding(**content)
        assert (found.kind, found.text) == (Kind.MESSAGE, text)

    def test_a_venue_is_told_once_with_its_place(self) -> None:
        assert message("venue").text == "Galata Lamba, Lüleci Hendek Cd. 12\ngeo:41.0256,28.9744"

    def test_shared_users_are_named(self) -> None:
        assert message("users-shared").text == "Shared: Tom, 91"

    def test_a_rich_message_is_read_in_order_with_its_files(self) -> None:
        found = message("rich")
        assert found.text == ("Sipariş\nBir dune lamba, bu (https://lamps.example/dune).\n1. beyaz\n2. böyle\nadet\t3")
        assert [file.content_type for file in found.attachments] == ["image/jpeg", "application/pdf"]

    def test_paid_media_are_what_can_be_had_of_them(self) -> None:
        found = message("paid-media")
        assert found.text == "Bak\nPaid media for 5 XTR"
        assert len(found.attachments) == 1

    def test_a_reply_names_what_it_answers_and_quotes(self) -> None:
        found = message("quote")
        assert (found.refers_to, found.raw) == (f"{NESRIN}:820", {"quote": "Yarın gelir."})

    def test_a_reply_into_another_chat_names_that_one(self) -> None:
        origin = {"type": "channel", "chat": {"id": -1001555000111}, "message_id": 12, "date": 1}
        there = {"origin": origin, "chat": {"id": -1001555000111}, "message_id": 12}
        assert holding(text="This one", external_reply=there).refers_to == "-1001555000111:12"

    def test_a_forwarded_message_keeps_its_words_and_says_whose_they_were(self) -> None:
        found = message("forwarded")
        assert found.text == "Kargo yola çıktı"
        assert (found.raw or {})["forward_origin"]["sender_user_name"] == "Kargo"

    def test_a_deep_link_is_a_tap_with_its_parameter(self) -> None:
        found = message("start")
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "/start order-31", "order-31")
        assert holding(text="/start").kind is Kind.MESSAGE
        assert holding(text="/start@lampsbot a_1").payload == "a_1"
        assert holding(text="/start two words").kind is Kind.MESSAGE

    def test_a_web_app_s_answer_is_a_tap_with_its_data(self) -> None:
        found = message("web-app")
        assert (found.kind, found.text) == (Kind.POSTBACK, "Randevu seç")
        assert found.payload == '{"slot":"2026-03-12T09:00"}'

    def test_content_nobody_knows_yet_is_kept_whole(self) -> None:
        found = message("unheard-of-content")
        assert (found.kind, found.raw) == (Kind.UNKNOWN, sample("unheard-of-content"))
        assert found.sender.address == NESRIN

    def test_a_caption_under_something_new_is_read_and_the_whole_is_kept(self) -> None:
        found = holding(hologram={"file_id": "h"}, caption="Bakın")
        assert (found.kind, found.text, found.attachments) == (Kind.UNKNOWN, "Bakın", ())
        assert found.raw is not None
        assert found.raw["message"]["hologram"] == {"file_id": "h"}

    def test_a_date_that_is_none_is_said(self) -> None:
        update = sample("text")
        update["message"]["date"] = "today"
        found = one(update)
        assert (found.provider_at, found.problems) == (None, ("date: not a Unix time",))


class TestGroups:
    def test_the_group_is_the_address_and_the_name_says_who(self) -> None:
        found = message("group-topic")
        assert found.sender == Party(address="-1002083371945", name="Tom", also=("@lamps_wholesale",))
        assert found.external_id == "-1002083371945:92"
        raw = found.raw or {}
        assert (raw["chat_title"], raw["from"], raw["message_thread_id"]) == ("Lamps, wholesale", {"id": int(TOM)}, 33)

    def test_a_message_in_a_topic_does_not_answer_the_topic(self) -> None:
        assert message("group-topic").refers_to is None

    def test_an_anonymous_admin_is_no_robot_and_a_bot_is_one(self) -> None:
        anonymous, bot = message("group-anonymous"), message("group-bot")
        assert (anonymous.kind, anonymous.sender.name) == (Kind.MESSAGE, "Lamps, wholesale")
        assert (bot.kind, bot.sender.name) == (Kind.AUTO_REPLY, "Spam watch")

    def test_a_post_is_its_channel_s_and_bulk_where_it_is_carried_into_the_discussion(self) -> None:
        update = sample("channel-post")
        assert one(update).sender == Party(address="-1001555000111", name="Lamp news")
        update["channel_post"]["is_automatic_forward"] = True
        assert one(update).kind is Kind.BULK

    def test_a_group_that_moves_says_its_other_id(self) -> None:
        found = message("migrated")
        assert (found.kind, found.sender.address) == (Kind.SYSTEM, "-40011223")
        assert found.sender.also == ("-1002083371945",)

    def test_each_customer_of_a_channel_s_direct_messages_has_an_address(self) -> None:
        found = message("direct-messages")
        assert found.sender == Party(address=f"-1002999000123/{TOM}", name="Tom")
        assert found.external_id == "-1002999000123:8"


SERVICE: list[tuple[str, Any, str]] = [
    ("new_chat_members", [{"id": 1, "first_name": "Ada"}, {"id": 2}], "Joined: Ada, 2"),
    ("left_chat_member", {"id": 1, "username": "ada"}, "Left: @ada"),
    ("chat_owner_changed", {"new_owner": {"id": 1, "first_name": "Ada"}}, "The group's owner is now Ada"),
    ("chat_owner_left", {}, "The group's owner left"),
    ("new_chat_title", "Lamps", "The title is now: Lamps"),
    ("new_chat_photo", [{"file_id": "x"}], "The chat's photo was changed"),
    ("delete_chat_photo", True, "The chat's photo was deleted"),
    ("group_chat_created", True, "The group was created"),
    ("message_auto_delete_timer_changed", {"message_auto_delete_time": 60}, "Messages are now deleted after 60 s"),
    ("message_auto_delete_timer_changed", {}, "Messages are no longer deleted by a timer"),
    ("successful_payment", {"currency": "KWD", "total_amount": 1500}, "Paid 1.500 KWD"),
    ("refunded_payment", {"currency": "XTR", "total_amount": 5}, "Refunded 5 XTR"),
    ("gift", {"gift": {"star_count": 15}, "text": "Thanks"}, "A gift of 15 XTR\nThanks"),
    ("unique_gift", {"gift": {}, "origin": "transfer"}, "A gift"),
    ("connected_website", "lamps.example", "Logged in on lamps.example"),
    ("write_access_allowed", {}, "Allowed the bot to write"),
    (
        "proximity_alert_triggered",
        {"traveler": {"id": 1, "first_name": "Ada"}, "watcher": {"id": 2, "first_name": "Tom"}, "distance": 90},
        "Ada is 90 m away from Tom",
    ),
    ("boost_added", {"boost_count": 2}, "Boosted the chat 2 times"),
    ("checklist_tasks_added", {"tasks": [{"text": "a"}, {"text": "b"}]}, "Added to a checklist: a, b"),
    ("forum_topic_created", {"name": "Prices"}, "The topic Prices was created"),
    ("forum_topic_closed", {}, "A topic was closed"),
    ("general_forum_topic_hidden", {}, "The topic General was hidden"),
    ("giveaway", {"winner_count": 3}, "A giveaway with 3 winners"),
    ("giveaway_winners", {"winners": [{"id": 1, "first_name": "Ada"}]}, "A giveaway was won by Ada"),
    ("poll_option_added", {"option_text": "Moon"}, "An answer was added to a poll: Moon"),
    ("suggested_post_declined", {"comment": "No"}, "A suggested post was declined\nNo"),
    ("video_chat_ended", {"duration": 9}, "A video chat was ended"),
    ("voice_chat_started", {}, "A voice chat was started"),
    ("video_chat_participants_invited", {"users": [{"id": 7}]}, "Invited to a video chat: 7"),
    ("community_chat_added", {"community": {"id": 1, "name": "Light"}}, "Added to the community Light"),
]


class TestServiceMessages:
    @pytest.mark.parametrize(("field", "value", "text"), SERVICE, ids=[f"{f}-{t[:12]}" for f, _, t in SERVICE])
    def test_is_a_sentence(self, field: str, value: Any, text: str) -> None:
        found = holding(**{field: value})
        assert (found.kind, found.text) == (Kind.SYSTEM, text)

    def test_a_pinned_message_is_named_and_quoted(self) -> None:
        found = holding(pinned_message={"message_id": 5, "chat": {"id": int(NESRIN)}, "date": 1, "text": "Hours"})
        assert (found.text, found.refers_to) == ("Pinned: Hours", f"{NESRIN}:5")

    def test_a_payment_keeps_its_ids(self) -> None:
        found = message("payment")
        assert found.text == "Paid 1299.50 TRY"
        assert (found.raw or {})["successful_payment"]["provider_payment_charge_id"] == "ppc_1"

    def test_tasks_are_named_and_their_checklist(self) -> None:
        found = message("checklist-done")
        assert (found.text, found.refers_to) == ("Done: Boya\nNot done: Ölç, 9", f"{NESRIN}:700")


class TestEdits:
    def test_an_edit_names_its_message_and_has_its_own_id_and_time(self) -> None:
        found = message("edit")
        assert (found.kind, found.text) == (Kind.EDIT, "Merhaba, lambam geldi")
        assert found.refers_to == message("text").external_id
        assert found.external_id == f"{NESRIN}:812:edit:1773119850"
        assert found.provider_at == datetime(2026, 3, 10, 5, 17, 30, tzinfo=UTC)

    def test_two_edits_are_two_and_one_that_comes_again_is_one(self) -> None:
        update = sample("edit")
        first = one(update)
        assert one(update | {"update_id": 5}).id == first.id
        update["edited_message"]["edit_date"] += 1
        assert one(update).id != first.id

    def test_a_live_location_moves(self) -> None:
        assert (message("live-location").kind, message("live-location").text) == (Kind.EDIT, "geo:41.02,-0.00001")


class TestBusiness:
    def test_a_customer_s_message_says_its_connection(self) -> None:
        found = message("business")
        assert (found.direction, found.sender.address) == (Direction.INBOUND, TOM)
        assert found.raw == {"business_connection_id": "cK7mExample"}

    def test_what_the_owner_writes_is_an_echo_to_the_customer(self) -> None:
        found = message("business-echo")
        assert (found.direction, found.author) == (Direction.OUTBOUND, "elsewhere")
        assert found.sender == Party(address="@lampsbot", name="Owner")
        assert found.recipients == (Party(address=TOM, name="Tom"),)

    def test_what_we_sent_for_the_owner_is_no_message(self) -> None:
        parsed = read(sample("business-ours"))
        assert not parsed.messages
        assert parsed.ignored[0].what == "business_message"

    def test_deleted_messages_are_each_withdrawn(self) -> None:
        found = read(sample("business-deleted")).messages
        assert [m.refers_to for m in found] == [f"{TOM}:4410", f"{TOM}:4411"]
        assert {m.kind for m in found} == {Kind.DELETION}
        assert len({m.id for m in found}) == 2

    def test_countless_deletions_are_not_read(self) -> None:
        update = sample("business-deleted")
        update["deleted_business_messages"]["message_ids"] = [*range(1, MAX_DELETED + 2)]
        with pytest.raises(TooLarge):
            read(update)


class TestTaps:
    def test_a_tap_has_the_title_of_its_button_and_no_time(self) -> None:
        found = message("tap")
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "Hayır", "no:31")
        assert (found.refers_to, found.external_id) == (f"{NESRIN}:820", "22353029781443920114")
        assert found.provider_at is None  # the date in it is the bot's own message's

    def test_its_button_stops_to_wait(self) -> None:
        answer = TELEGRAM.acknowledge(read(sample("tap")))
        assert (answer.status, answer.content_type) == (200, "application/json")
        assert json.loads(answer.body) == {
            "method": "answerCallbackQuery",
            "callback_query_id": "22353029781443920114",
        }

    def test_nothing_else_is_answered(self) -> None:
        assert TELEGRAM.acknowledge(read(sample("text"))).body == ""

    def test_a_tap_under_an_old_message_in_a_group_is_the_group_s(self) -> None:
        found = message("tap-in-group")
        assert (found.sender.address, found.sender.name, found.text) == ("-1002083371945", "Tom", "")
        assert found.refers_to == "-1002083371945:91"

    def test_a_tap_under_an_inline_message_is_its_user_s(self) -> None:
        update = sample("tap")
        del update["callback_query"]["message"]
        update["callback_query"]["inline_message_id"] = "BQAAexample"
        found = one(update)
        assert (found.sender.address, found.refers_to) == (NESRIN, "BQAAexample")


class TestEvents:
    def test_reactions_are_those_of_now(self) -> None:
        found = message("reaction")
        assert (found.kind, found.text) == (Kind.REACTION, "❤ custom emoji ⭐")
        assert (found.refers_to, found.external_id) == (f"{NESRIN}:820", "733028927")

    def test_a_reaction_taken_back_has_no_text(self) -> None:
        found = message("reaction-taken-back")
        assert (found.kind, found.text) == (Kind.REACTION, "")
        assert (found.raw or {})["old_reaction"] == [{"type": "emoji", "emoji": "❤"}]

    @pytest.mark.parametrize(
        ("kind", "old", "new", "text"),
        [
            ("private", "member", "kicked", "Blocked the bot"),
            ("private", "kicked", "member", "Unblocked the bot"),
            ("group", "left", "member", "Added the bot"),
            ("group", "administrator", "left", "Removed the bot"),
            ("supergroup", "member", "restricted", "The bot's status is now: restricted"),
            ("supergroup", "left", "kicked", "The bot's status is now: kicked"),
        ],
    )
    def test_the_bot_s_status_is_told(self, kind: str, old: str, new: str, text: str) -> None:
        update = sample("blocked")
        update["my_chat_member"]["chat"]["type"] = kind
        update["my_chat_member"]["old_chat_member"]["status"] = old
        update["my_chat_member"]["new_chat_member"]["status"] = new
        found = one(update)
        assert (found.kind, found.text, found.sender.address) == (Kind.SYSTEM, text, NESRIN)
        assert ((found.raw or {})["status"], (found.raw or {})["old_status"]) == (new, old)

    def test_a_vote_is_told(self) -> None:
        found = message("poll-answer")
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "Voted for option 1, 3", "0,2")
        update = sample("poll-answer")
        update["poll_answer"]["option_ids"] = []
        assert (one(update).text, one(update).payload) == ("Took the vote back", None)

    def test_a_wish_to_join_is_the_person_s(self) -> None:
        found = message("join-request")
        assert (found.kind, found.sender.address) == (Kind.SYSTEM, TOM)
        assert found.text == "Asks to join Lamps, wholesale\nI sell lamps"

    def test_a_checkout_is_told(self) -> None:
        found = message("checkout-shipping")
        assert found.kind is Kind.SYSTEM
        assert found.text == "Asks for ways of shipping\nLüleci Hendek Cd. 12, 34421, İstanbul, TR"

    @pytest.mark.parametrize(
        "name",
        [
            "message_reaction_count",
            "poll",
            "chat_member",
            "inline_query",
            "chosen_inline_result",
            "chat_boost",
            "removed_chat_boost",
            "business_connection",
            "managed_bot",
            "stopped_message_generation",
        ],
    )
    def test_what_is_no_customer_s_word_is_ignored_with_a_reason(self, name: str) -> None:
        parsed = read({"update_id": 1, name: {"id": "1", "from": {"id": 2}}})
        assert not parsed.messages
        assert [(one.what, bool(one.reason)) for one in parsed.ignored] == [(name, True)]


class TestUpdates:
    def test_an_update_nobody_knows_yet_is_kept_whole(self) -> None:
        found = message("unheard-of")
        assert (found.kind, found.raw, found.external_id) == (Kind.UNKNOWN, sample("unheard-of"), "733028953")
        assert found.sender.address == NESRIN

    @pytest.mark.parametrize(
        "update",
        [
            {"message": "text"},
            {"message": {}},
            {"message": {"message_id": 1, "text": "x", "chat": {"id": "1"}}},
            {"callback_query": {"data": "x"}},
            {"message_reaction": {"chat": {"id": 1}}},
            {"my_chat_member": {"new_chat_member": {}}},
            {"deleted_business_messages": {"chat": {"id": 1}, "message_ids": "1"}},
        ],
    )
    def test_a_known_part_of_another_shape_is_kept_whole(self, update: dict[str, Any]) -> None:
        found = one({"update_id": 7} | update)
        assert (found.kind, found.raw, found.external_id) == (Kind.UNKNOWN, {"update_id": 7} | update, "7")
        assert (found.authenticity.proof is Proof.STRONG) == bool(found.sender.address)

    def test_an_empty_one_and_an_answer_of_the_api_hold_no_message(self) -> None:
        for update in ({"update_id": 1}, {"ok": True, "result": []}):
            assert not read(update).messages
            assert len(read(update).ignored) == 1

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{",
            b"{}",
            b'{"update_id": NaN}',
            b'{"update_id": "1"}',
            b'{"update_id": true}',
            b"\xff",
            b'{"a": ' + b"[" * 100_000,
            b'{"update_id": ' + b"9" * 5_000 + b"}",
        ],
    )
    def test_what_is_no_update_goes_to_quarantine(self, body: bytes) -> None:
        with pytest.raises(Unparsable):
            read(body)

    def test_no_text_holds_what_storage_refuses(self) -> None:
        update = sample("text")
        update["message"] |= {"text": "a\0b\ud800", "hologram": 1}
        assert one(update).text == "ab\ufffd"

    def test_ids_that_are_used_again_do_not_make_one_message_of_two(self) -> None:
        first = {"update_id": 1, "message": sample("text")["message"] | {"ephemeral_message_id": 3}}
        assert one(first).external_id == "1"
        assert one(first | {"update_id": 2}).id != one(first).id
        nameless = {"update_id": 4, "message": {"message_id": 0, "chat": {"id": 5}, "text": "x"}}
        assert one(nameless).external_id == "4"
