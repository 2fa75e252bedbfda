"""Twilio's other senders: what WhatsApp, Messenger and RCS bring that an SMS has not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Request
from channels.twilio import Twilio
from router.config import Inbox
from router.errors import Unparsable
from router.messages import ChannelName, Kind, Message, Parsed, Party, Proof

SAMPLES = Path(__file__).parent / "samples" / "twilio"
NOW = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
INBOX = Inbox(name="sms", channel="twilio", address="+441632960100", queue="main", brand="lamps")
QUOTED = "SM" + "4f1d" * 8
ZEYNEP = "+905321234567"


def parse(body: bytes) -> Parsed:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Twilio().parse(Request(body=body, headers=headers, received_at=NOW), INBOX, b"0" * 32)


def message(name: str) -> Message:
    (found,) = parse((SAMPLES / f"{name}.form").read_bytes()).messages
    return found


def sender(fields: str) -> Party:
    (found,) = parse(f"MessageSid=SM1&Body=x&{fields}".encode()).messages
    return found.sender


class TestTapped:
    def test_a_row_of_a_list_is_a_postback_that_quotes_the_list(self) -> None:
        found = message("whatsapp-list")
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "Orta boy", "size-m")
        assert found.refers_to == QUOTED

    def test_an_answer_to_a_request_to_call(self) -> None:
        found = message("whatsapp-call-request")
        assert (found.kind, found.payload) == (Kind.POSTBACK, "REJECTED")

    def test_a_button_that_carries_nothing_carries_its_title(self) -> None:
        (found,) = parse(b"MessageSid=SM1&Body=Evet&ButtonText=Evet&From=whatsapp%3A%2B905321234567").messages
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "Evet", "Evet")

    def test_a_filled_form_is_told_line_by_line(self) -> None:
        answers = json.dumps({"flow_token": "t", "Renk": "Mavi", "Adet": 2})
        fields = {
            "MessageSid": "SM1",
            "From": "whatsapp:+905321234567",
            "MessageType": "interactive",
            "InteractiveData": answers,
        }
        (found,) = parse(urlencode(fields | {"Body": ""}).encode()).messages
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "Renk: Mavi\nAdet: 2", answers)

    def test_a_form_that_cannot_be_read_is_kept_as_it_came(self) -> None:
        (found,) = parse(b"MessageSid=SM1&From=whatsapp%3A%2B905321234567&InteractiveData=%7Bhalf").messages
        assert (found.kind, found.text, found.payload) == (Kind.POSTBACK, "", "{half")

    def test_an_empty_button_is_none(self) -> None:
        (found,) = parse(
            b"MessageSid=SM1&Body=Merhaba&ButtonText=&ButtonPayload=&From=whatsapp%3A%2B905321234567"
        ).messages
        assert (found.kind, found.payload) == (Kind.MESSAGE, None)

    def test_a_suggestion_tapped_in_rcs(self) -> None:
        found = message("rcs-button")
        assert (found.channel, found.kind, found.payload) == (ChannelName.SMS, Kind.POSTBACK, "confirm-42")
        assert (found.sender.address, found.authenticity.proof) == ("+12025550177", Proof.WEAK)
        assert found.problems == ()


class TestContent:
    def test_a_quotation_names_what_it_quotes(self) -> None:
        found = message("whatsapp-quote")
        assert (found.kind, found.refers_to) == (Kind.MESSAGE, QUOTED)
        assert (found.raw or {})["Forwarded"] == "false"

    @pytest.mark.parametrize(
        ("name", "content_type", "text"),
        [
            ("image", "image/jpeg", "Gelen lamba bu"),
            ("voice", "audio/ogg", ""),
            ("contact", "text/vcard", ""),
            ("document", "application/pdf", "fatura.pdf"),
        ],
    )
    def test_files_come_with_their_type_and_caption(self, name: str, content_type: str, text: str) -> None:
        found = message(f"whatsapp-{name}")
        assert (found.kind, found.text) == (Kind.MESSAGE, text)
        assert [a.content_type for a in found.attachments] == [content_type]

    def test_what_twilio_cannot_carry_is_unknown_and_kept_whole(self) -> None:
        found = message("whatsapp-unsupported")
        assert found.kind is Kind.UNKNOWN
        assert (found.raw or {})["MessageType"] == "unsupported"
        assert (found.raw or {})["AccountSid"]

    def test_a_reaction_names_what_it_is_about(self) -> None:
        found = message("whatsapp-reaction")
        assert (found.kind, found.text, found.refers_to) == (Kind.REACTION, "👍", QUOTED)

    def test_the_advertisement_that_was_tapped_is_kept(self) -> None:
        found = message("whatsapp-advertisement")
        assert found.text == "Bu lamba stokta var mı?"
        assert (found.raw or {})["ReferralHeadline"] == "Galata lambası"
        assert found.attachments == ()

    def test_an_empty_sms_is_a_message_all_the_same(self) -> None:
        (found,) = parse(b"MessageSid=SM1&From=%2B447700900123&Body=").messages
        assert found.kind is Kind.MESSAGE


class TestSenders:
    def test_the_phone_number_is_the_address_and_the_user_ids_are_also_theirs(self) -> None:
        found = message("whatsapp-user-id-and-phone").sender
        assert found == Party(address=ZEYNEP, name="Zeynep Kılıç", also=("TR.2081978709342942", "TR.ENT.9081726354"))

    def test_without_a_number_the_user_id_is_the_address_and_the_username_the_name(self) -> None:
        found = message("whatsapp-user-id-alone")
        assert found.sender == Party(address="TR.2081978709342942", name="zeynepk")
        assert (found.channel, found.authenticity.proof) == (ChannelName.WHATSAPP, Proof.STRONG)
        assert found.problems == ()

    def test_a_number_beside_a_user_id_becomes_the_address(self) -> None:
        found = sender("From=whatsapp%3ATR.2081978709342942&WaId=905321234567")
        assert (found.address, found.also) == (ZEYNEP, ("TR.2081978709342942",))

    def test_whatsapps_other_spelling_of_a_number_is_the_same_person(self) -> None:
        found = sender("From=whatsapp%3A%2B5541988887777&WaId=554188887777")
        assert (found.address, found.also) == ("+5541988887777", ("+554188887777",))

    @pytest.mark.parametrize("wrong", ["hello", "%00", "tr.2081", "TR.", "TR.ENT.", "whatsapp%3A", "TR.a b"])
    def test_what_is_no_user_id_is_nobodys(self, wrong: str) -> None:
        assert sender(f"From=whatsapp%3A%2B905321234567&ExternalUserId={wrong}").also == ()

    def test_a_page_scoped_id_is_no_phone_number(self) -> None:
        found = message("messenger")
        assert (found.channel, found.sender.address) == (ChannelName.MESSENGER, "7164823905512348")
        assert found.recipients == (Party(address="104857600123456"),)
        assert (found.authenticity.proof, found.problems) == (Proof.STRONG, ())
        assert sender("From=messenger%3A0044700900123").address == "0044700900123"

    def test_a_short_user_id_is_not_taken_for_a_sender_name_nor_the_other_way_round(self) -> None:
        assert sender("From=whatsapp%3AUS.1234567").address == "US.1234567"
        (found,) = parse(b"MessageSid=SM1&Body=x&From=AB.Shop").messages
        assert (found.sender, found.problems) == (Party(address="ab.shop", name="AB.Shop"), ())


FIELDS = ["MessageSid", "From", "To", "Body", "MessageType", "MessageStatus", "SmsStatus", "ErrorCode", "WaId"]
FIELDS += ["ExternalUserId", "ParentExternalUserId", "ProfileName", "ProfileUsername", "ButtonPayload", "ButtonText"]
FIELDS += [
    "ListId",
    "ListTitle",
    "Latitude",
    "Longitude",
    "OriginalRepliedMessageSid",
    "MediaUrl0",
    "MediaContentType0",
]
FIELDS += ["ConversationSid", "EventType", "ChannelStatusMessage"]
WORDS = st.sampled_from(
    ["whatsapp:TR.1", "messenger:", "rcs:x", "+905321234567", "read", "\ud800", "\0", "", "reaction"]
)
VALUES = WORDS | st.text(max_size=12) | st.integers() | st.floats() | st.none() | st.lists(st.text(), max_size=2)


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_whatever_the_fields_hold_it_is_read_or_unparsable(fields: dict[str, object]) -> None:
    request = Request(body=json.dumps(fields).encode(), headers={"content-type": "application/json"}, received_at=NOW)
    try:
        parsed = Twilio().parse(request, INBOX, b"0" * 32)
    except Unparsable:
        return
    assert Parsed.model_validate_json(parsed.model_dump_json()) == parsed
