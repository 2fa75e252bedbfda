"""Messenger: what each of its calls means, and how an answer leaves."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import HttpResponse, Outgoing, Request
from channels.messenger import Messenger
from router.config import Inbox
from router.errors import Rejected, Temporary, Unknown, Unparsable
from router.messages import Attachment, ChannelName, Direction, Kind, Message, Option, Parsed, Party, Proof, Provider
from santral.unwrap import unwrap
from tests.kit.amount import times

SAMPLES = Path(__file__).parent / "samples" / "messenger"
NOW = datetime(2026, 3, 10, 5, 16, 25, tzinfo=UTC)
KEY = b"0" * 32
PAGE, ADA = "104377009186422", "24070193551842277"
MID = "m_Qx7tLkPzR2vN8wYc4hJd_s6GfB1mEoTu3iKa9XpZ-0"
INBOX = Inbox(name="page", channel="messenger", address=PAGE, queue="main", brand="lamps")
SEND = "m_" + "a" * 24
CDN = "https://scontent-ams4-1.xx.fbcdn.net/v/t1.15752-9/"
CREDENTIALS = {"access_token": "t0ken", "app_secret": "s", "verify_token": "v"}
messenger = Messenger()


def parse(body: bytes, inbox: Inbox = INBOX) -> Parsed:
    parsed = messenger.parse(Request(body=body, received_at=NOW), inbox, KEY)
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
    return parsed


def sample(name: str, inbox: Inbox = INBOX) -> Parsed:
    return parse((SAMPLES / f"{name}.json").read_bytes(), inbox)


def one(name: str, inbox: Inbox = INBOX) -> Message:
    parsed = sample(name, inbox)
    (message,) = parsed.messages
    assert not parsed.receipts
    assert not parsed.ignored
    return message


# A sample is a message of these fields; `files` and `url` are shorthand.
READ: dict[str, dict[str, Any]] = {
    "text": {"text": "Günaydın, is the lamp back? 💡", "raw": None},
    "files": {"text": "", "files": ["image/*", "video/*", "audio/*", "application/octet-stream"], "raw": None},
    "sticker": {"files": ["image/*"], "url": CDN + "thumb.png"},
    "sticker-doubled": {"files": ["image/*"], "url": CDN + "thumb.png"},
    "place": {"text": "Ada's place\ngeo:41.00824,28.97836", "files": []},
    "link": {"text": "look: lamps.example/noor", "files": []},
    "link-alone": {"text": "Lights out\nhttps://news.example/lights", "files": []},
    "share-of-nothing": {"kind": "unknown", "text": ""},
    "reel": {"text": "", "files": ["video/*"]},
    "product": {"text": "Noor lamp\n49 EUR", "files": ["image/*"], "url": CDN + "noor.jpg"},
    "product-with-words": {"text": "Is this one dimmable?", "files": ["image/*"]},
    "order": {"text": "(ordered 2 x Noor lamp)\nbefore Friday, please"},
    "cart": {"text": "(ordered 1 x Noor lamp)\n(ordered 4 x 5502)\nto the shop, please", "external_id": None},
    "appointment": {"text": "(appointment cancelled: 2026-03-11 09:00 UTC)"},
    "rating": {"kind": "reaction", "text": "Bad response", "refers_to": "m_ours", "external_id": None},
    "from-ad": {"text": "Is it still available?"},
    "quick-reply": {"kind": "postback", "text": "Yes", "payload": "keep-42", "raw": None},
    "reply": {"text": "This one", "refers_to": "m_earlier", "raw": None},
    "unsupported": {"kind": "unknown", "text": ""},
    "postback": {"kind": "postback", "text": "Opening hours", "payload": "hours", "external_id": "m_tapped"},
    "postback-of-old": {"kind": "postback", "text": "Get Started", "payload": "start", "external_id": None},
    "reaction": {"kind": "reaction", "text": "❤️", "refers_to": "m_ours", "external_id": None},
    "reaction-removed": {"kind": "reaction", "text": "", "refers_to": "m_ours", "external_id": None},
    "edit": {"kind": "edit", "text": "Is the lamp back, and in green?", "refers_to": MID, "external_id": None},
    "referral": {"kind": "system", "text": "(came by an advertisement: Spring lamps)", "payload": "spring"},
    "optin": {
        "kind": "system",
        "text": "(agreed to get messages: News of the Noor lamp)",
        "payload": "back-in-stock",
    },
    "optin-stopped": {"kind": "system", "text": "(wants no more messages of this subject)"},
    "feedback": {"kind": "postback", "text": "4\nquick and kind"},
    "contact-details": {"kind": "postback", "text": "email: ada@customer.example"},
    "new-kind": {"kind": "unknown", "text": ""},
}


class TestMessages:
    @pytest.mark.parametrize("name", READ)
    def test_each_is_read_for_what_it_is(self, name: str) -> None:
        message, wanted = one(name), {"kind": "message"} | READ[name]
        found = message.model_dump(mode="json") | {
            "files": [attachment.content_type for attachment in message.attachments],
            "url": next((attachment.url for attachment in message.attachments), None),
        }
        assert {field: found[field] for field in wanted} == wanted
        assert (message.channel, message.provider) == (ChannelName.MESSENGER, Provider.META)
        assert (message.direction, message.author) == (Direction.INBOUND, None)
        assert (message.sender.address, message.recipients) == (ADA, (Party(address=PAGE),))
        assert message.authenticity.proof is Proof.STRONG
        assert message.provider_at is not None
        assert message.provider_at.isoformat(timespec="seconds") in (
            "2026-03-10T05:16:23+00:00",
            "2026-03-10T05:16:27+00:00",
        )

    def test_a_card_asked_about_keeps_its_title_by_the_picture(self) -> None:
        (picture,) = one("product-with-words").attachments
        assert picture.filename == "Noor lamp"

    def test_the_advertisement_it_came_from_is_kept(self) -> None:
        raw = one("from-ad").raw
        assert raw is not None
        assert raw["referral"]["ads_context_data"]["ad_title"] == "Spring lamps"

    def test_what_is_new_keeps_its_whole_item(self) -> None:
        raw = one("new-kind").raw
        assert raw is not None
        assert raw["hologram"] == {"shape": "lamp"}

    @pytest.mark.parametrize(
        "item",
        [
            {"message_edit": {"mid": "m_1"}},
            {"response_feedback": {"mid": "m_1"}},
            {"order": {}},
            {"order": "lamps"},
            {"messaging_feedback": {"feedback_screens": []}},
        ],
    )
    def test_an_action_that_says_nothing_is_unknown_and_kept_whole(self, item: dict[str, Any]) -> None:
        fields = {"sender": {"id": ADA}, "recipient": {"id": PAGE}, "timestamp": 1773119783120, **item}
        (found,) = parse(json.dumps({"entry": [{"id": PAGE, "messaging": [fields]}]}).encode()).messages
        assert (found.kind, found.raw) == (Kind.UNKNOWN, fields)

    def test_a_reaction_put_and_taken_back_are_two_and_neither_is_the_message(self) -> None:
        assert len({one("reaction").id, one("reaction-removed").id, one("text").id, one("edit").id}) == 4

    def test_what_has_no_id_has_the_same_one_when_it_comes_again(self) -> None:
        assert one("postback-of-old").id == one("postback-of-old").id

    def test_another_app_that_holds_the_conversation_hides_nothing(self) -> None:
        said, tapped = sample("standby").messages
        assert (said.text, tapped.text, tapped.payload) == ("Anybody there?", "Talk to a person", None)


class TestBatches:
    def test_one_bad_item_does_not_lose_the_others(self) -> None:
        parsed = sample("batch")
        assert [(m.kind.value, m.text, m.sender.address) for m in parsed.messages] == [
            ("message", "one", ADA),
            ("unknown", "", ADA),
            ("message", "by nobody", ""),
            ("unknown", "", ADA),
            ("message", "two", "25518840227716093"),
            ("message", "three", "25518840227716093"),
        ]
        assert parsed.messages[2].problems == ("nobody is named as the customer",)
        assert [i.what for i in parsed.ignored] == ["messaging", "change ", "change live_videos"]

    def test_a_time_that_is_none_gives_way_to_the_entrys(self) -> None:
        late = sample("batch").messages[3]
        assert late.provider_at == datetime(2026, 3, 10, 5, 16, 23, 121_000, tzinfo=UTC)

    def test_the_dashboards_sample_is_a_message(self) -> None:
        message = one("dashboard-sample")
        assert (message.text, message.provider_at) == ("test_message", datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC))

    def test_another_page_of_the_same_app_is_left_out(self) -> None:
        parsed = sample("text", INBOX.model_copy(update={"address": "998"}))
        assert [(len(parsed.messages), i.reason[:15]) for i in parsed.ignored] == [(0, "of another page")]

    def test_the_page_may_be_named_in_the_settings(self) -> None:
        for stated in ({"page_id": PAGE}, {}):
            assert sample("text", INBOX.model_copy(update={"address": "Lamps", "settings": stated})).messages
        other = INBOX.model_copy(update={"address": "Lamps", "settings": {"page_id": 998}})
        assert not sample("text", other).messages

    def test_instagrams_calls_are_not_messengers(self) -> None:
        parsed = parse(b'{"object":"instagram","entry":[{"messaging":[{"message":{"text":"x"}}]}]}')
        assert [i.what for i in parsed.ignored] == ["object instagram"]

    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("comment", ["change feed"]),
            ("optin-of-nobody", ["optin"]),
            (
                "thread-control",
                ["pass_thread_control", "app_roles", "policy_enforcement", "game_play", "account_linking"],
            ),
        ],
    )
    def test_what_is_no_part_of_a_conversation_is_ignored_with_a_reason(self, name: str, what: list[str]) -> None:
        parsed = sample(name)
        assert [i.what for i in parsed.ignored] == what
        assert all(i.reason for i in parsed.ignored)
        assert not parsed.messages


class TestReceipts:
    def test_a_delivery_names_its_messages_each_once(self) -> None:
        receipts = sample("delivery").receipts
        assert [(r.status.value, r.external_id, r.recipient) for r in receipts] == [
            ("delivered", "m_one", ADA),
            ("delivered", "m_two", ADA),
        ]
        assert len({r.id for r in receipts}) == 2

    @pytest.mark.parametrize(("name", "status"), [("delivery-watermark", "delivered"), ("read", "read")])
    def test_a_watermark_is_about_all_that_was_sent_until_then(self, name: str, status: str) -> None:
        (receipt,) = sample(name).receipts
        assert (receipt.status.value, receipt.external_id, receipt.recipient) == (status, None, ADA)
        assert receipt.upto == datetime(2026, 3, 10, 5, 16, 23, 30_000, tzinfo=UTC)

    def test_our_echo_settles_the_send_it_names(self) -> None:
        parsed = sample("echo-ours")
        (receipt,) = parsed.receipts
        assert not parsed.messages
        assert (receipt.status.value, receipt.send_id, receipt.external_id) == ("sent", SEND, MID)
        assert receipt.recipient == ADA

    def test_with_our_app_named_another_apps_metadata_is_not_ours(self) -> None:
        ours = INBOX.model_copy(update={"settings": {"app_id": "780021449913377"}})
        assert sample("echo-ours", ours).receipts
        other = INBOX.model_copy(update={"settings": {"app_id": "1"}})
        assert one("echo-ours", other).author == "elsewhere"

    def test_a_customer_cannot_settle_a_send(self) -> None:
        item = {
            "sender": {"id": ADA},
            "recipient": {"id": PAGE},
            "message": {"mid": "x", "text": "x", "metadata": SEND},
        }
        parsed = parse(json.dumps({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]}).encode())
        assert not parsed.receipts

    @pytest.mark.parametrize(
        ("name", "text"), [("echo-elsewhere", "We look into it."), ("echo-card", "Shall we keep it?")]
    )
    def test_an_answer_given_in_business_suite_is_an_outbound_message(self, name: str, text: str) -> None:
        message = one(name)
        assert (message.direction, message.author, message.text) == (Direction.OUTBOUND, "elsewhere", text)
        assert (message.sender.address, message.recipients) == (PAGE, (Party(address=ADA),))


def outgoing(text: str = "It is back.", inbox: Inbox = INBOX, automatic: bool = False, **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {
        "id": SEND,
        "channel": ChannelName.MESSENGER,
        "provider": Provider.META,
        "inbox": "page",
        "direction": Direction.OUTBOUND,
        "sender": Party(address=PAGE),
        "recipients": (Party(address=ADA),),
        "text": text,
        "received_at": NOW,
    }
    since = changes.pop("since", timedelta(hours=1))
    return Outgoing(Message(**(fields | changes)), inbox, automatic=automatic, since_heard=since)


def sent(value: Outgoing) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(messenger.render(value, CREDENTIALS).body)
    return found


def file(content_type: str = "image/png", url: str = "https://files.example.com/a", size: int = 10) -> Attachment:
    return Attachment(content_type=content_type, url=url, size=size)


def rejection(value: Outgoing) -> str | None:
    with pytest.raises(Rejected) as rejected:
        messenger.render(value, CREDENTIALS)
    return rejected.value.code


class TestRender:
    def test_a_text_is_an_answer_that_carries_our_send_id(self) -> None:
        request = messenger.render(outgoing(), CREDENTIALS)
        assert (request.method, request.url) == ("POST", f"https://graph.facebook.com/v23.0/{PAGE}/messages")
        assert request.headers["authorization"] == "Bearer t0ken"
        assert "t0ken" not in request.url + request.body.decode()
        assert json.loads(request.body) == {
            "recipient": {"id": ADA},
            "messaging_type": "RESPONSE",
            "message": {"text": "It is back.", "metadata": SEND},
        }

    def test_a_label_for_an_address_means_the_tokens_own_page(self) -> None:
        inbox = INBOX.model_copy(update={"address": "Lamps"})
        assert messenger.render(outgoing(inbox=inbox), CREDENTIALS).url.endswith("/me/messages")

    def test_without_a_token_it_says_what_is_missing(self) -> None:
        with pytest.raises(Rejected, match="access_token") as rejected:
            messenger.render(outgoing(), {})
        assert rejected.value.credentials

    @pytest.mark.parametrize(
        ("since", "human", "automatic", "tag"),
        [
            (timedelta(hours=24, seconds=-1), False, True, None),
            (timedelta(hours=25), True, False, "HUMAN_AGENT"),
            (timedelta(hours=24), True, False, "HUMAN_AGENT"),
            (timedelta(days=7, seconds=-1), True, False, "HUMAN_AGENT"),
            (timedelta(hours=25), True, True, "window"),
            (timedelta(hours=25), False, False, "window"),
            (timedelta(days=7), True, False, "window"),
            (None, True, False, "window"),
        ],
    )
    def test_an_answer_leaves_within_the_time_meta_allows(
        self, since: timedelta | None, human: bool, automatic: bool, tag: str | None
    ) -> None:
        inbox = INBOX.model_copy(update={"settings": {"human_agent": human}})
        value = outgoing(inbox=inbox, automatic=automatic, since=since)
        if tag == "window":
            assert rejection(value) == "window"
        else:
            assert sent(value).get("tag") == tag

    def test_a_machines_answer_has_a_persons_seven_days_no_more_than_an_automatic_one(self) -> None:
        inbox = INBOX.model_copy(update={"settings": {"human_agent": True}})
        assert rejection(outgoing(inbox=inbox, since=timedelta(hours=25), author="client:crm")) == "window"
        assert sent(outgoing(inbox=inbox, since=timedelta(hours=25), author="ayse"))["tag"] == "HUMAN_AGENT"

    @pytest.mark.parametrize(
        ("content_type", "kind"),
        [("image/png", "image"), ("video/mp4", "video"), ("Audio/OGG; codecs=opus", "audio"), ("text/csv", "file")],
    )
    def test_a_file_goes_by_its_link_alone(self, content_type: str, kind: str) -> None:
        message = sent(outgoing("", attachments=(file(content_type),)))["message"]
        payload = {"url": "https://files.example.com/a", "is_reusable": False}
        assert message["attachment"] == {"type": kind, "payload": payload}
        assert "text" not in message

    def test_quick_replies_stand_under_a_text_or_a_file(self) -> None:
        options = (Option(title="Yes", payload="y"), Option(title="No"))
        replies = [
            {"content_type": "text", "title": "Yes", "payload": "y"},
            {"content_type": "text", "title": "No", "payload": "No"},
        ]
        assert sent(outgoing(options=options))["message"]["quick_replies"] == replies
        message = sent(outgoing("", attachments=(file(),), options=options))["message"]
        assert message["quick_replies"] == replies

    def test_links_to_tap_make_a_card(self) -> None:
        options = (Option(title="Look", url="https://lamps.example"), Option(title="No", payload="n"))
        message = sent(outgoing(options=options))["message"]
        assert message["metadata"] == SEND
        assert message["attachment"]["payload"] == {
            "template_type": "button",
            "text": "It is back.",
            "buttons": [
                {"type": "web_url", "title": "Look", "url": "https://lamps.example"},
                {"type": "postback", "title": "No", "payload": "n"},
            ],
        }

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            (outgoing("a" * 2001), "too_long"),
            (outgoing("💡" * 1001), "too_long"),
            (outgoing(" \n"), "empty"),
            (outgoing(recipients=()), "recipient"),
            (outgoing(recipients=(Party(address=""),)), "recipient"),
            (outgoing("x", attachments=(file(),)), "attachments"),
            (outgoing("", attachments=(file(), file())), "attachments"),
            (outgoing("", attachments=(file(url="http://files.example.com/a"),)), "attachments"),
            (outgoing("", attachments=(Attachment(content_type="image/png"),)), "attachments"),
            (outgoing("", attachments=(file(size=8 * 1024 * 1024 + 1),)), "file_size"),
            (outgoing("", attachments=(file("video/mp4", size=25 * 1024 * 1024 + 1),)), "file_size"),
            (outgoing(options=(Option(title="a"),) * 14), "options"),
            (outgoing(options=(Option(title="a" * 21),)), "options"),
            (outgoing(options=(Option(title="💡" * 11),)), "options"),
            (outgoing(options=(Option(title=" "),)), "options"),
            (outgoing(options=(Option(title="a", url="https://x.example"),) * 4), "options"),
            (outgoing(options=(Option(title="a", url="javascript:x"),)), "options"),
            (outgoing("a" * 641, options=(Option(title="a", url="https://x.example"),)), "too_long"),
            (outgoing("💡" * 321, options=(Option(title="a", url="https://x.example"),)), "too_long"),
            (outgoing("", attachments=(file(),), options=(Option(title="a", url="https://x.example"),)), "options"),
        ],
    )
    def test_what_messenger_cannot_carry_is_rejected_before_it_is_sent(self, value: Outgoing, code: str) -> None:
        assert rejection(value) == code


class TestInterpret:
    def test_the_messages_id_is_told(self) -> None:
        body = b'{"recipient_id":"24070193551842277","message_id":"m_AG5"}'
        assert messenger.interpret(HttpResponse(200, {}, body)) == "m_AG5"

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"message_id":["x"]}', b"<html>"])
    def test_a_yes_without_an_id_is_unknown(self, body: bytes) -> None:
        with pytest.raises(Unknown):
            messenger.interpret(HttpResponse(200, {}, body))

    def test_a_refusal_is_told_by_metas_table(self) -> None:
        with pytest.raises(Rejected) as rejected:
            messenger.interpret(HttpResponse(400, {}, b'{"error":{"code":10,"error_subcode":2018278}}'))
        assert rejected.value.code == "10/2018278"


class TestFetch:
    def fetch(self, url: str | None, answer: HttpResponse | None = None) -> str | None:
        attachment = Attachment(content_type="image/*", url=url)
        request = messenger.fetch(attachment, INBOX, CREDENTIALS, answer)
        if request is not None:
            assert request.method == "GET"
            assert not request.headers
        return request.url if request else None

    def test_a_file_is_asked_for_by_its_link_without_our_token(self) -> None:
        assert self.fetch(CDN + "lamp.jpg?oh=1") == CDN + "lamp.jpg?oh=1"
        assert self.fetch(CDN + "lamp.jpg", HttpResponse(200, {}, b"jpeg")) is None

    def test_a_redirect_is_followed_as_long_as_it_stays_at_meta(self) -> None:
        there = "https://lookaside.fbsbx.com/x"
        assert self.fetch(CDN + "a", HttpResponse(302, {"Location": there})) == there
        assert self.fetch(CDN + "a", HttpResponse(302, {"location": "/b"})) == CDN.partition("/v/")[0] + "/b"
        for away in ("https://evil.example/x", "http://lookaside.fbsbx.com/x", "", "https://[x"):
            with pytest.raises(Rejected):
                self.fetch(CDN + "a", HttpResponse(302, {"location": away}))

    @pytest.mark.parametrize(
        "url",
        [None, "", "https://lamps.example/x", "http://a.fbcdn.net/x", "https://fbcdn.net.evil.example/", "https://[x"],
    )
    def test_nothing_else_is_fetched(self, url: str | None) -> None:
        with pytest.raises(Rejected) as rejected:
            self.fetch(url)
        assert rejected.value.code == "host"

    @pytest.mark.parametrize("status", [403, 404, 410])
    def test_a_link_that_expired_is_said_so(self, status: int) -> None:
        with pytest.raises(Rejected) as rejected:
            self.fetch(CDN + "a", HttpResponse(status))
        assert rejected.value.code == "expired"

    @pytest.mark.parametrize("status", [500, 503, 429, 408])
    def test_what_fails_may_be_had_later(self, status: int) -> None:
        with pytest.raises(Temporary):
            self.fetch(CDN + "a", HttpResponse(status))


def test_the_sample_event_is_authentic() -> None:
    path = Path(__file__).parents[2] / "events" / "receive-messenger-text.json"
    (request,) = unwrap(path.read_bytes(), NOW)
    assert isinstance(request, Request)
    messenger.verify(request, INBOX, {"app_secret": "an-app-secret-of-the-sample-events"}, NOW)
    (message,) = messenger.parse(request, INBOX, b"0" * 32).messages
    assert message.text == "Günaydın, is the lamp back? 💡"


WORDS = """
sender recipient timestamp message mid text attachments type payload url postback delivery read watermark mids reaction
message_edit referral optin id is_echo standby metadata reply_to story quick_reply template location coordinates lat long
changes value product elements image_url title order products app_id is_deleted
"""
NAMES = st.sampled_from(WORDS.split())
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from([PAGE, ADA, SEND, "template", "fallback"]),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=6)


@settings(max_examples=times(400), deadline=None)
@given(st.lists(st.fixed_dictionaries({"id": SCALARS, "messaging": st.lists(ITEMS | VALUES, max_size=3)}), max_size=2))
def test_whatever_an_item_holds_is_read_or_unparsable(entries: list[Any]) -> None:
    try:
        parse(json.dumps({"object": "page", "entry": entries}).encode())
    except Unparsable:
        return
