"""WhatsApp: what each call means, type by type, and that nothing in it is lost or believed of another number."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import meta
from channels.base import Request
from channels.whatsapp import WhatsApp
from channels.whatsapp_content import content_of
from router import ids
from router.config import Inbox
from router.errors import Refused, Unparsable
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
    Receipt,
    ReceiptStatus,
)
from santral.unwrap import unwrap
from tests.kit.amount import times

SAMPLES = Path(__file__).parent / "samples" / "whatsapp"
NOW = datetime(2026, 3, 10, 5, 20, tzinfo=UTC)
KEY = b"0" * 32
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
ZEYNEP = Party(address="+447700900123", name="Zeynep Kılıç", also=("GB.4407918265530417",))
WHATSAPP = WhatsApp()


def body(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def parse(data: bytes, inbox: Inbox = INBOX) -> Parsed:
    return WHATSAPP.parse(Request(body=data, received_at=NOW), inbox, KEY)


def value(data: dict[str, Any], field: str = "messages") -> bytes:
    change = {"field": field, "value": data}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


def message(name: str) -> Message:
    (found,) = parse(body(name)).messages
    return found


def said(**parts: Any) -> Message:
    """A message of those parts, as it is read."""
    item = {"from": "447700900123", "id": "wamid.1", "timestamp": "1773119761"} | parts
    (found,) = parse(value({"messages": [item]})).messages
    return found


class TestCalls:
    def test_the_webhook_is_set_up_by_its_word(self) -> None:
        query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        good = Request(method="GET", query=query + "a-test-word", received_at=NOW)
        answer = WHATSAPP.challenge(good, INBOX, CREDENTIALS)
        assert answer is not None
        assert (answer.status, answer.body, answer.content_type) == (200, "1158201444", "text/plain")
        with pytest.raises(Refused):
            WHATSAPP.challenge(Request(method="GET", query=query + "guess", received_at=NOW), INBOX, CREDENTIALS)

    def test_passes_under_the_previous_secret_during_a_rotation(self) -> None:
        data = body("text")
        headers = {"x-hub-signature-256": meta.signature("old", data)}
        request = Request(body=data, headers=headers, received_at=NOW)
        WHATSAPP.verify(request, INBOX, {"app_secret": "new", "app_secret_previous": "old"}, NOW)
        with pytest.raises(Refused):
            WHATSAPP.verify(request, INBOX, {"app_secret": "new"}, NOW)

    def test_the_sample_event_is_signed_over_its_escaped_bytes(self) -> None:
        event = Path(__file__).parents[2] / "events" / "receive-whatsapp-text.json"
        (request,) = unwrap(event.read_bytes(), NOW)
        assert isinstance(request, Request)
        assert b"\\u" in request.body
        WHATSAPP.verify(request, INBOX, {"app_secret": "a-test-secret-of-the-sample-events"}, NOW)
        stated = INBOX.model_copy(update={"settings": {"phone_number_id": "104200000000001"}})
        (found,) = WHATSAPP.parse(request, stated, KEY).messages
        assert found.text == "Merhaba, lambam hâlâ gelmedi 😕"


# What each sample says: kind, text and the fields that are more than empty.
SAID: dict[str, tuple[Kind, str, dict[str, Any]]] = {
    "text": (Kind.MESSAGE, "Merhaba, lambam hâlâ gelmedi 😕", {}),
    "reply": (Kind.MESSAGE, "Yes, that one", {"refers_to": "wamid.OURS1"}),
    "forwarded": (Kind.MESSAGE, "Look at this", {}),
    "product-question": (Kind.MESSAGE, "Is it in stock?", {"refers_to": "wamid.OURS2"}),
    "ad": (Kind.MESSAGE, "Hello! Can I get more info on this?", {}),
    "location": (Kind.MESSAGE, "Galata, Bereketzade, Istanbul\ngeo:41.008238,28.978359", {}),
    "location-bare": (Kind.MESSAGE, "geo:-0.00001,28", {}),
    "contacts": (
        Kind.MESSAGE,
        "\n".join(
            [
                "Ada Nwosu",
                "Fitter, Nwosu Electric",
                "+44 7700 900456 (Mobile)",
                "ada@nwosu.example (Work)",
                "https://nwosu.example",
                "1 Mill Lane, LS1 1AA, Leeds, United Kingdom (Work)",
                "born 1990-04-01",
                "",
                "Emre Demir",
                "+905321234567",
            ]
        ),
        {},
    ),
    "contact-requested": (Kind.MESSAGE, "Zeynep Kılıç\n+44 7700 900123", {}),
    "product-shared": (Kind.MESSAGE, "(shared the product LAMP-7)", {}),
    "order": (Kind.MESSAGE, "For the living room\n2 × LAMP-7, 39.5 GBP each\n1 × BULB", {}),
    "button": (Kind.POSTBACK, "Evet", {"payload": "confirm-42", "refers_to": "wamid.OURS3"}),
    "button-reply": (Kind.POSTBACK, "Send it back", {"payload": "return", "refers_to": "wamid.OURS4"}),
    "list-reply": (Kind.POSTBACK, "By post", {"payload": "post", "refers_to": "wamid.OURS5"}),
    "call-permission": (
        Kind.POSTBACK,
        "call permission: accept",
        {"payload": "accept", "refers_to": "wamid.OURS7"},
    ),
    "reaction": (Kind.REACTION, "👍🏽", {"refers_to": "wamid.OURS8"}),
    "reaction-removed": (Kind.REACTION, "", {"refers_to": "wamid.OURS8"}),
    "edit": (Kind.EDIT, "At the 21st, not the 12th", {"refers_to": "wamid.THEIRS1"}),
    "edit-caption": (Kind.EDIT, "The other crack", {"refers_to": "wamid.THEIRS2"}),
    "revoke": (Kind.DELETION, "", {"refers_to": "wamid.THEIRS1"}),
    "number-changed": (Kind.SYSTEM, "User Zeynep Kılıç changed from 447700900123 to 447700900789", {}),
    "welcome": (Kind.SYSTEM, "", {}),
    "unsupported": (Kind.UNKNOWN, "", {}),
    "ephemeral": (Kind.UNKNOWN, "", {}),
    "new-type": (Kind.UNKNOWN, "", {}),
}


class TestMessages:
    @pytest.mark.parametrize("name", SAID)
    def test_each_type_says_what_a_reader_sees(self, name: str) -> None:
        found, (kind, text, fields) = message(name), SAID[name]
        assert (found.kind, found.text) == (kind, text)
        more = {"refers_to": found.refers_to, "payload": found.payload, "attachments": found.attachments or None}
        assert {field: one for field, one in more.items() if one is not None} == fields

    def test_several_of_one_second_in_one_call_stand_as_the_call_has_them(self) -> None:
        texts = [f"{number}" for number in range(12)]
        said = [
            {"id": f"wamid.{text}", "timestamp": "1773119761", "type": "text", "text": {"body": text}} for text in texts
        ]
        found = parse(value({"messages": said})).messages
        assert [one.text for one in sorted(found, key=lambda one: one.cursor)] == texts
        assert {one.occurred_at for one in found} == {datetime(2026, 3, 10, 5, 16, 1, 999_000, tzinfo=UTC)}

    def test_a_text_with_all_that_is_known_of_it(self) -> None:
        found = message("text")
        wamid = "wamid.HBgMNDQ3NzAwOTAwMTIzFQIAEhggc2FtcGxl01"
        assert found.id == ids.message_id(KEY, "meta", "lamps", wamid)
        assert (found.external_id, found.channel, found.provider) == (wamid, ChannelName.WHATSAPP, Provider.META)
        assert found.sender == ZEYNEP
        assert found.recipients == (Party(address="+442079460123"),)
        assert found.provider_at == datetime(2026, 3, 10, 5, 16, 1, tzinfo=UTC)
        assert (found.authenticity.proof, found.authenticity.method) == (Proof.STRONG, "meta-signature")
        assert (found.raw, found.problems) == (None, ())

    @pytest.mark.parametrize(
        ("name", "attachment", "text"),
        [
            (
                "image",
                Attachment(
                    content_type="image/jpeg",
                    media_id="2754859441498128",
                    url="https://lookaside.fbsbx.com/whatsapp_business/attachments/"
                    "?mid=2754859441498128&source=webhook&hash=AR1",
                ),
                "The crack",
            ),
            ("voice", Attachment(content_type="audio/ogg; codecs=opus", media_id="1013859600285441"), ""),
            ("video", Attachment(content_type="video/mp4", media_id="1013859600285442"), ""),
            ("sticker", Attachment(content_type="image/webp", media_id="1013859600285443"), ""),
            (
                "document",
                Attachment(content_type="application/pdf", media_id="1013859600285444", filename="fatura-Kılıç.pdf"),
                "The bill",
            ),
            (
                "image-lost",
                Attachment(content_type="image/jpeg", problem="WhatsApp did not get the file"),
                "The crack",
            ),
        ],
    )
    def test_a_file_is_kept_by_its_id_with_its_caption(self, name: str, attachment: Attachment, text: str) -> None:
        found = message(name)
        assert (found.kind, found.attachments, found.text) == (Kind.MESSAGE, (attachment,), text)

    def test_a_form_is_told_as_answers_and_kept_as_it_came(self) -> None:
        found = message("form")
        assert found.kind is Kind.POSTBACK
        assert found.text == "Sent\nOrder number: K-1042\nDamaged: yes\nParts: shade, foot"
        assert found.payload is not None
        assert json.loads(found.payload)["Order number"] == "K-1042"

    def test_a_forms_files_are_fetched_and_what_an_answer_holds_in_turn_is_told(self) -> None:
        found = message("form-files")
        assert found.text == "Sent\nOrder number: K-1042\nPhotos: crack.jpg, bill.pdf\nStreet: 1 Mill Lane\nCity: Leeds"
        assert found.attachments == (
            Attachment(content_type="image/jpeg", filename="crack.jpg", media_id="1013859600285445"),
            Attachment(content_type="application/pdf", filename="bill.pdf", media_id="1013859600285446"),
        )

    def test_a_form_whose_answers_are_an_object_is_read_too(self) -> None:
        reply = {"response_json": {"flow_token": "t", "Colour": "green"}}
        found = said(type="interactive", interactive={"type": "nfm_reply", "nfm_reply": reply})
        assert (found.text, json.loads(found.payload or "")) == ("Colour: green", reply["response_json"])

    def test_a_file_without_a_name_or_a_believable_type_is_a_file_all_the_same(self) -> None:
        answers = json.dumps({"Photo": [{"id": "7", "mime_type": "a photo"}]})
        found = said(type="interactive", interactive={"type": "nfm_reply", "nfm_reply": {"response_json": answers}})
        assert found.text == "Photo: a file"
        assert found.attachments == (Attachment(content_type="application/octet-stream", media_id="7"),)

    def test_what_no_field_holds_stays_in_the_raw(self) -> None:
        assert message("forwarded").raw == {"context": {"forwarded": True, "frequently_forwarded": True}}
        assert (message("ad").raw or {})["referral"]["ctwa_clid"] == "ARAkLkA8rmlFeiCktEJQ"
        assert (message("product-question").raw or {})["context"]["referred_product"]["product_retailer_id"] == "LAMP-7"
        assert (message("voice").raw or {})["audio"]["voice"] is True
        assert (message("contacts").raw or {})["contacts"][0]["phones"][0]["wa_id"] == "447700900456"
        assert (message("contact-requested").raw or {})["origin"] == "contact_request"
        assert (message("order").raw or {})["order"]["product_items"][0]["quantity"] == 2
        assert (message("group").raw or {})["group_id"].startswith("Y2Fw")
        assert (message("reaction-removed").raw or {})["reaction"] == {"removed": True}

    @pytest.mark.parametrize("name", ["unsupported", "ephemeral", "new-type"])
    def test_an_unheard_of_type_is_kept_whole(self, name: str) -> None:
        assert message(name).raw == json.loads(body(name))["entry"][0]["changes"][0]["value"]["messages"][0]

    def test_who_hides_the_number_is_known_by_the_user_id(self) -> None:
        found = message("username")
        assert found.sender == Party(address="TR.7712345678901234", name="Deniz", also=("TR.ENT.99887766",))
        assert found.raw == {"contact": {"username": "denizdeniz"}}

    def test_a_number_that_comes_with_a_known_user_id_is_the_address(self) -> None:
        contacts = [{"wa_id": "447700900123", "user_id": "GB.1"}, {"wa_id": "15550001111", "user_id": "US.2"}]
        item = {"from_user_id": "GB.1", "id": "w", "type": "text", "text": {"body": "x"}}
        (found,) = parse(value({"contacts": contacts, "messages": [item]})).messages
        assert found.sender == Party(address="+447700900123", also=("GB.1",))

    def test_the_only_contact_gives_its_name_but_not_its_ids_to_another_number(self) -> None:
        contacts = [{"profile": {"name": "Deniz"}, "wa_id": "5215550001111", "user_id": "MX.9"}]
        item = {"from": "525550001111", "id": "w", "type": "text", "text": {"body": "x"}}
        (found,) = parse(value({"contacts": contacts, "messages": [item]})).messages
        assert found.sender == Party(address="+525550001111", name="Deniz")

    def test_a_changed_number_is_one_more_of_the_same_person(self) -> None:
        assert message("number-changed").sender == Party(
            address="+447700900123", also=("GB.4407918265530417", "+447700900789")
        )

    def test_a_changed_user_id_is_one_more_of_the_same_person(self) -> None:
        sender = message("user-id-changed").sender
        assert (sender.address, sender.also) == ("GB.4407918265530417", ("GB.9900112233445566", "GB.ENT.1"))
        later = said(**{"from": None}, type="system", system={"previous_user_id": "GB.1", "user_id": "GB.2"})
        assert later.sender == Party(address="GB.1", also=("GB.2",))

    def test_with_the_number_all_ids_before_and_after_a_change_are_known(self) -> None:
        system = {"wa_id": "447700900789", "user_id": "GB.2", "parent_user_id": "GB.ENT.2"}
        system |= {"previous_user_id": "GB.1", "previous_parent_user_id": "GB.ENT.1"}
        found = said(type="system", system=system)
        also = ("GB.1", "GB.ENT.1", "+447700900789", "GB.2", "GB.ENT.2")
        assert found.sender == Party(address="+447700900123", also=also)

    def test_without_the_number_who_changed_is_known_by_the_id_before(self) -> None:
        item = {"id": "w", "from_user_id": "GB.2", "type": "system", "system": {"previous_user_id": "GB.1"}}
        (found,) = parse(value({"messages": [item]})).messages
        assert found.sender == Party(address="GB.1", also=("GB.2",))

    def test_an_edit_under_the_edited_messages_own_id_is_another_message(self) -> None:
        part = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "better"}}}
        first, edit = said(type="text", text={"body": "good"}), said(type="edit", edit=part)
        assert edit.id != first.id
        assert edit.id == said(type="edit", edit=part).id

    def test_what_the_company_writes_in_the_app_comes_as_its_own(self) -> None:
        written, taken_back = parse(body("echo")).messages
        assert (written.direction, written.author) == (Direction.OUTBOUND, "elsewhere")
        assert written.text == "I look for your parcel at once"
        assert written.sender == Party(address="+442079460123")
        assert written.recipients == (ZEYNEP,)
        assert (taken_back.kind, taken_back.refers_to) == (Kind.DELETION, "wamid.ECHO1")
        assert taken_back.direction is Direction.OUTBOUND

    def test_a_word_against_marketing_is_heard(self) -> None:
        found = message("preference")
        assert (found.kind, found.sender) == (Kind.SYSTEM, ZEYNEP)
        assert found.text == "User requested to stop marketing messages"
        assert (found.raw or {})["user_preferences"]["value"] == "stop"
        assert found.id == message("preference").id

    def test_a_new_user_id_is_heard_and_joined_to_the_old_one(self) -> None:
        found = message("user-id-update")
        others = ("TR.ENT.99887766", "TR.8899001122334455", "TR.ENT.11223344")
        assert (found.kind, found.sender) == (
            Kind.SYSTEM,
            Party(address="TR.7712345678901234", name="Deniz", also=others),
        )
        assert found.text == "User id for Deniz has been updated."

    def test_a_type_that_is_not_said_is_seen_from_its_part(self) -> None:
        assert said(text={"body": "x"}).text == "x"

    @pytest.mark.parametrize(
        "parts",
        [
            {"type": "text"},
            {"type": "text", "text": "x"},
            {"type": "text", "text": {"body": 7}},
            {"type": "image", "image": []},
            {"type": "location", "location": {"latitude": "north", "longitude": True}},
            {"type": "location", "location": {"latitude": 400, "longitude": 1}},
            {"type": "contacts", "contacts": {"name": "x"}},
            {"type": "contacts", "contacts": [7, {}]},
            {"type": "order", "order": {"product_items": "x"}},
            {"type": "interactive"},
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": None}}},
            {"type": "button", "button": {}},
            {"type": "reaction", "reaction": {"emoji": "👍"}},
            {"type": "edit", "edit": {"original_message_id": "w", "message": {"type": "edit", "edit": {}}}},
            {"type": "revoke", "revoke": {}},
            {"type": ["text"], "text": "x"},
            {},
        ],
    )
    def test_what_lacks_its_part_is_unknown_and_kept(self, parts: dict[str, Any]) -> None:
        found = said(**parts)
        assert found.kind is Kind.UNKNOWN
        assert found.raw == {"from": "447700900123", "id": "wamid.1", "timestamp": "1773119761"} | parts

    def test_a_form_of_broken_json_is_kept(self) -> None:
        reply = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": '{"a": '}}
        found = said(type="interactive", interactive=reply)
        assert (found.text, found.payload) == ("Sent", '{"a": ')

    def test_no_text_holds_what_storage_refuses(self) -> None:
        answers = '{"a\\ud800": "b\\u0000\\ud800", "c": 1e999, "d": {"e": 1}}'
        found = said(type="interactive", interactive={"type": "nfm_reply", "nfm_reply": {"response_json": answers}})
        found.text.encode("utf-8")
        assert "\0" not in found.text


class TestEnvelope:
    def test_one_bad_message_does_not_lose_the_others(self) -> None:
        found = parse(body("mixed"))
        assert [(m.kind, m.text) for m in found.messages] == [
            (Kind.MESSAGE, "first"),
            (Kind.UNKNOWN, ""),
            (Kind.UNKNOWN, ""),
            (Kind.MESSAGE, "last"),
        ]
        assert found.messages[1].raw == {"value": "not a message"}
        assert len({m.id for m in found.messages}) == 4
        assert [(r.external_id, r.status) for r in found.receipts] == [("wamid.SENT8", ReceiptStatus.READ)]

    def test_nothing_is_dropped_in_silence(self) -> None:
        assert [(one.what, one.reason) for one in parse(body("mixed")).ignored] == [
            ("status", "not an object"),
            ("messages", "about another number than the inbox's"),
            ("error", "WhatsApp reports error 130429: more messages a second than the number may send"),
            ("entry", "without any change"),
        ]

    def test_a_change_that_is_no_object_is_told_too(self) -> None:
        data = b'{"entry":[{"changes":["x",{"field":"messages","value":[]}]}]}'
        assert [(one.what, one.reason) for one in parse(data).ignored] == [
            ("change", "nothing in it"),
            ("messages", "nothing in it"),
        ]

    @pytest.mark.parametrize(
        ("address", "settings", "taken"),
        [
            ("+442079460123", {"phone_number_id": NUMBER_ID}, True),
            ("+442079460123", {"phone_number_id": int(NUMBER_ID)}, True),
            ("+442079460123", {"phone_number_id": "1"}, False),
            ("+442079460123", {}, True),
            ("+442079460199", {}, False),
            (NUMBER_ID, {}, True),
            ("the shop", {}, True),  # it does not say which number it is: all are taken
        ],
    )
    def test_only_what_is_about_the_inboxs_number_is_its_own(
        self, address: str, settings: dict[str, Any], taken: bool
    ) -> None:
        inbox = INBOX.model_copy(update={"address": address, "settings": settings})
        found = parse(body("text"), inbox)
        assert (len(found.messages), len(found.ignored)) == ((1, 0) if taken else (0, 1))

    def test_a_number_however_it_is_written_is_the_same(self) -> None:
        metadata = {"display_phone_number": "+44 20 7946-0123"}
        data = value({"metadata": metadata, "messages": [{"type": "text", "text": {"body": "x"}}]})
        assert parse(data, INBOX.model_copy(update={"settings": {}})).messages

    def test_what_tells_nothing_of_a_conversation_says_what_it_is(self) -> None:
        found = parse(body("fields"))
        assert not found.messages
        assert not found.receipts
        assert [one.what for one in found.ignored] == [
            "account_update",
            "message_template_status_update",
            "phone_number_quality_update",
            "calls",
            "standby",
            "history",
            "smb_app_state_sync",
            "moon_phase",
        ]
        assert found.ignored[1].reason == "about one of our templates: REJECTED"
        assert found.ignored[-1].reason == "a field this version does not know"

    def test_messages_of_a_field_that_is_new_are_read(self) -> None:
        item = {"from": "447700900123", "id": "w", "type": "text", "text": {"body": "x"}}
        assert parse(value({"messages": [item]}, "messages_v2")).messages[0].text == "x"

    def test_a_field_that_is_new_and_about_one_customer_is_kept_as_theirs(self) -> None:
        data = {"contacts": [{"profile": {"name": "Zeynep"}, "wa_id": "447700900123"}], "gifts": [{"id": "g1"}]}
        (found,) = parse(value(data, "gifts")).messages
        assert (found.kind, found.sender) == (Kind.UNKNOWN, Party(address="+447700900123", name="Zeynep"))
        assert found.raw == {"type": "gifts", "gifts": data}
        assert found.id == parse(value(data, "gifts")).messages[0].id

    def test_a_bare_value_as_others_pass_it_on_is_read(self) -> None:
        found = message("bare")
        assert (found.text, found.sender.address) == ("as others pass it on", "+447700900123")

    def test_a_collection_of_calls_is_read_call_by_call(self) -> None:
        data = json.dumps({"one": json.loads(body("text")), "two": json.loads(body("reply"))}).encode()
        assert [m.text for m in parse(data).messages] == ["Merhaba, lambam hâlâ gelmedi 😕", "Yes, that one"]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"[]",
            b"{}",
            b'{"object":"whatsapp_business_account"}',
            b'{"object":"page","entry":[]}',
            b'{"entry":' + b"[" * 900 + b"]" * 900 + b"}",
            b'{"messages":' + b"[" * 900 + b"]" * 900 + b"}",
            b"[" * 100_000,
            b'{"entry":[NaN]}',
        ],
    )
    def test_what_is_no_webhook_of_whatsapps_goes_to_quarantine(self, data: bytes) -> None:
        with pytest.raises(Unparsable):
            parse(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
TYPES = ["text", "image", "audio", "document", "sticker", "location", "contacts", "order", "button", "interactive"]
TYPES += ["reaction", "edit", "revoke", "system", "request_welcome", "unsupported"]
PARTS = ["body", "id", "url", "mime_type", "caption", "filename", "latitude", "longitude", "name", "address", "message"]
PARTS += ["phones", "product_items", "quantity", "item_price", "payload", "type", "button_reply", "nfm_reply", "title"]
PARTS += ["response_json", "message_id", "emoji", "original_message_id", "wa_id", "user_id", "text", "image"]
PART = st.recursive(
    st.dictionaries(st.sampled_from(PARTS), VALUES, max_size=4),
    lambda inner: st.dictionaries(st.sampled_from(PARTS), inner | st.lists(inner, max_size=2), max_size=3),
    max_leaves=6,
)
ITEM = st.dictionaries(
    st.sampled_from([*TYPES, "type", "from", "from_user_id", "id", "timestamp", "context", "errors"]),
    VALUES | PART | st.lists(PART, max_size=2) | st.sampled_from(TYPES),
    max_size=6,
)
STATUS = st.dictionaries(
    st.sampled_from(["id", "status", "timestamp", "recipient_id", "errors", "type", "biz_opaque_callback_data"]),
    VALUES | st.sampled_from(["failed", "read", "1773119761"]) | st.lists(PART, max_size=2),
    max_size=6,
)
BODY = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.lists(ITEM | VALUES, max_size=3),
        "message_echoes": st.lists(ITEM | VALUES, max_size=2),
        "statuses": st.lists(STATUS | VALUES, max_size=3),
        "user_preferences": st.lists(PART, max_size=2) | VALUES,
        "user_id_update": st.lists(PART, max_size=2) | VALUES,
        "contacts": st.lists(PART, max_size=2) | VALUES,
        "errors": st.lists(PART, max_size=2) | VALUES,
        "metadata": PART | VALUES,
    },
)


@settings(max_examples=times(400), deadline=None)
@given(data=BODY)
def test_wrong_types_anywhere_are_read_as_absent_and_every_item_is_accounted_for(data: dict[str, Any]) -> None:
    try:
        found = parse(value(data), INBOX.model_copy(update={"settings": {}, "address": "shop"}))
    except Unparsable:  # NaN is no JSON
        return
    assert Parsed.model_validate_json(found.model_dump_json()) == found
    items = [*data.get("messages", []), *data.get("message_echoes", []), *data.get("statuses", [])]
    assert len(found.messages) + len(found.receipts) + len(found.ignored) >= max(1, len(items))


def test_deep_nesting_in_a_part_is_read_or_unparsable() -> None:
    part: Any = "x"
    for _ in range(200):
        part = {"a": part}
    with pytest.raises(Unparsable):
        parse(value({"messages": [{"type": "hologram", "hologram": part}]}))
    assert content_of({"type": "hologram", "hologram": part}) is None


class TestReceipts:
    def receipts(self, name: str) -> tuple[Receipt, ...]:
        return parse(body(name)).receipts

    def test_a_status_names_our_send(self) -> None:
        sent_, *_ = self.receipts("statuses")
        assert (sent_.send_id, sent_.external_id) == ("m_abcdefghijklmnopqrstuvwx", "wamid.SENT1")
        assert (sent_.recipient, sent_.at) == ("+447700900123", datetime(2026, 3, 10, 5, 18, 21, tzinfo=UTC))
        assert (sent_.raw or {})["pricing"]["category"] == "service"

    def test_every_word_has_a_meaning(self) -> None:
        assert [(r.provider_status, r.status.value) for r in self.receipts("statuses")] == [
            ("sent", "sent"),
            ("delivered", "delivered"),
            ("read", "read"),
            ("played", "read"),
            ("deleted", "unknown"),
            ("sealed", "unknown"),
        ]
        assert len({r.id for r in self.receipts("statuses")}) == 6

    def test_a_failure_says_why_and_whether_for_good(self) -> None:
        (failed,) = self.receipts("status-failed")
        assert (failed.status, failed.code, failed.permanent) == (ReceiptStatus.FAILED, "131047", True)
        assert (failed.detail or "").startswith("Re-engagement message: Message failed to send because more than 24")
        assert failed.send_id == "m_abcdefghijklmnopqrstuvwx"

    def test_an_unknown_code_leaves_it_open(self) -> None:
        status = {"id": "w", "status": "failed", "errors": [{"code": 999999, "title": "New"}]}
        (failed,) = parse(value({"statuses": [status]})).receipts
        assert (failed.permanent, failed.detail, failed.at) == (None, "New", NOW)

    def test_an_error_that_is_not_in_a_list_is_read_too(self) -> None:
        status = {"id": "w", "status": "failed", "errors": {"code": 131047, "title": "Re-engagement message"}}
        (failed,) = parse(value({"statuses": [status]})).receipts
        assert (failed.code, failed.permanent, failed.detail) == ("131047", True, "Re-engagement message")

    def test_a_user_id_and_a_groups_member_are_recipients(self) -> None:
        (one,), (other,) = self.receipts("status-user-id"), self.receipts("status-group")
        assert (one.recipient, other.recipient) == ("TR.7712345678901234", "+447700900123")
        assert (other.raw or {})["recipient_id"] == "Y2FwaV9ncm91cA"

    def test_the_state_of_a_payment_is_no_receipt(self) -> None:
        found = parse(body("status-payment"))
        assert (found.receipts, found.ignored[0].reason) == ((), "a payment's state")
