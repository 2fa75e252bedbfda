"""`santral normalize` reads what stands inside a provider's call as it reads the call: alone, in a list, in a log's record."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import registry
from santral import inner
from santral.normalize import normalize
from tests.kit.amount import times

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)

WA_MESSAGE = {
    "from": "905321110000",
    "id": "wamid.N",
    "timestamp": "1773119783",
    "type": "text",
    "text": {"body": "Selam"},
}
WA_STATUS: dict[str, Any] = {
    "id": "wamid.S",
    "status": "failed",
    "timestamp": "1773119783",
    "recipient_id": "905321110000",
}
WA_STATUS |= {"errors": [{"code": 131026, "title": "Message undeliverable"}]}
WA_VALUE = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "10"}, "messages": [WA_MESSAGE]}
WA_CHANGE = {"field": "messages", "value": WA_VALUE}
WA_CALL = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [WA_CHANGE]}]}

ITEM = {"sender": {"id": "77"}, "recipient": {"id": "8"}, "timestamp": 1773119783000}
TEXT = ITEM | {"message": {"mid": "m_1", "text": "Selam"}}
READ = ITEM | {"read": {"watermark": 1773119783000}}
PAGE = {"object": "page", "entry": [{"id": "8", "time": 1773119783000, "messaging": [TEXT]}]}

CHAT = {"id": 77, "type": "private", "first_name": "Nesrin"}
TG_MESSAGE = {"message_id": 5, "date": 1773119783, "chat": CHAT, "from": CHAT | {"is_bot": False}, "text": "Selam"}
UPDATE = {"update_id": 1, "message": TG_MESSAGE}
TAP = {"id": "9", "from": CHAT, "chat_instance": "3", "data": "yes", "message": TG_MESSAGE}

SMS = {"MessageSid": "SM1", "From": "+905321110000", "To": "+14155550100", "Body": "Selam"}


def read(folder: Path, channel: str, value: object) -> dict[str, Any]:
    path = folder / "file"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return normalize(registry.get(channel), path, NOW)


def around(call: Any) -> dict[str, Any]:
    """The ways in which a call is kept by what is not the provider."""
    text = json.dumps(call)
    return {
        "alone": call,
        "a list of one": [call],
        "lines": (text + "\n" + "\n").encode(),
        "a byte order mark": b"\xef\xbb\xbf" + text.encode(),
        "utf-16": text.encode("utf-16"),
        "by name": {"a text": call},
        "a record, read already": {"method": "POST", "headers": {}, "body": call},
        "a record of a workflow": [{"headers": {"host": "x"}, "query": {}, "body": call}],
        "a body as text": {"payload": text},
    }


FORMS: dict[str, tuple[str, Any]] = {
    **{f"whatsapp, {name}": ("whatsapp", value) for name, value in around(WA_CALL).items()},
    **{f"messenger, {name}": ("messenger", value) for name, value in around(PAGE).items()},
    **{f"telegram, {name}": ("telegram", value) for name, value in around(UPDATE).items()},
    **{f"twilio, {name}": ("twilio", value) for name, value in around(SMS).items()},
    "whatsapp, entries": ("whatsapp", WA_CALL["entry"]),
    "whatsapp, an entry": ("whatsapp", {"id": "1", "changes": [WA_CHANGE]}),
    "whatsapp, an entry of one change": ("whatsapp", {"entry": {"id": "1", "changes": WA_CHANGE}}),
    "whatsapp, changes": ("whatsapp", [WA_CHANGE]),
    "whatsapp, a value": ("whatsapp", WA_VALUE),
    "whatsapp, messages": ("whatsapp", [WA_MESSAGE]),
    "whatsapp, a message": ("whatsapp", WA_MESSAGE),
    "messenger, an entry": ("messenger", PAGE["entry"][0]),
    "messenger, items": ("messenger", [TEXT]),
    "messenger, an item": ("messenger", TEXT),
    "messenger, an item by its list's name": ("messenger", {"messaging": TEXT}),
    "messenger, a change without recipient": (
        "messenger",
        {"field": "messages", "value": {name: TEXT[name] for name in ("sender", "timestamp", "message")}},
    ),
    "instagram, an item": ("instagram", TEXT),
    "telegram, polled": ("telegram", {"ok": True, "result": [UPDATE]}),
    "telegram, a message": ("telegram", TG_MESSAGE),
    "telegram, without its id": ("telegram", {"message": TG_MESSAGE}),
    "telegram, digits for numbers": ("telegram", json.loads(json.dumps(UPDATE), parse_int=str)),
    "telegram, a date in words": ("telegram", {"message": TG_MESSAGE | {"date": "2026-03-10T05:16:23Z"}}),
    "twilio, as the API answers": (
        "twilio",
        {"sid": "SM1", "from": "+905321110000", "to": "+14155550100", "body": "Selam", "direction": "inbound"},
    ),
    "twilio, as Event Streams write": (
        "twilio",
        [{"specversion": "1.0", "data": {"messageSid": "SM1", "from": "+905321110000", "to": "+1", "body": "Selam"}}],
    ),
    "twilio, a pretty form": ("twilio", b"MessageSid=SM1\n&From=%2B905321110000\n&To=%2B14155550100\n&Body=Selam\n"),
    "twilio, a form without escapes": ("twilio", b"MessageSid=SM1&From=+905321110000&To=+14155550100&Body=Selam"),
}
IDS = {"whatsapp": "wamid.N", "messenger": "m_1", "instagram": "m_1", "telegram": "77:5", "twilio": "SM1"}
PEOPLE = {"messenger": "77", "instagram": "77", "telegram": "77"}


@pytest.mark.parametrize("name", FORMS)
def test_the_message_is_the_same_in_every_form(name: str, tmp_path: Path) -> None:
    channel, value = FORMS[name]
    result = read(tmp_path, channel, value)
    assert (result["error"], result["receipts"]) == (None, [])
    (found,) = result["messages"]
    assert (found["kind"], found["text"], found["external_id"]) == ("message", "Selam", IDS[channel])
    assert found["sender"]["address"] == PEOPLE.get(channel, "+905321110000")
    if channel != "twilio":
        assert found["provider_at"] == "2026-03-10T05:16:23Z"


@pytest.mark.parametrize(
    ("channel", "value", "word"),
    [
        ("whatsapp", WA_STATUS, "failed"),
        ("whatsapp", [WA_STATUS], "failed"),
        ("whatsapp", {"statuses": [WA_STATUS]}, "failed"),
        ("messenger", READ, "read"),
        (
            "twilio",
            {"sid": "SM2", "from": "+1", "to": "+2", "direction": "outbound-api", "status": "delivered"},
            "delivered",
        ),
        (
            "twilio",
            [{"data": {"messageSid": "SM2", "from": "+1", "eventName": "com.twilio.messaging.message.sent"}}],
            "sent",
        ),
    ],
)
def test_a_status_alone_is_a_receipt(channel: str, value: object, word: str, tmp_path: Path) -> None:
    result = read(tmp_path, channel, value)
    assert (result["error"], result["messages"]) == (None, [])
    assert [one["provider_status"] for one in result["receipts"]] == [word]


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        ("whatsapp", {"contacts": [{"input": "+90", "wa_id": "90"}], "messages": [{"id": "wamid.X"}]}),
        ("whatsapp", {"error": {"message": "(#131030) not allowed", "code": 131030}}),
        ("messenger", {"recipient_id": "77", "message_id": "m_2"}),
        ("telegram", {"ok": True, "result": TG_MESSAGE}),
    ],
)
def test_a_provider_s_answer_to_a_call_is_no_message(channel: str, value: object, tmp_path: Path) -> None:
    result = read(tmp_path, channel, value)
    assert (result["error"], result["messages"], [one["what"] for one in result["ignored"]]) == (None, [], ["answer"])


def test_a_bare_tap_is_not_the_message_it_was_made_on(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "telegram", TAP)["messages"]
    assert (found["kind"], found["external_id"], found["payload"]) == ("postback", "9", "yes")


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ({"poll_id": "1", "option_ids": [0], "user": CHAT}, "poll_answer"),
        ({"id": "1", "from": CHAT, "invoice_payload": "p", "total_amount": 1}, "pre_checkout_query"),
        ({"id": "1", "from": CHAT, "invoice_payload": "p", "shipping_address": {}}, "shipping_query"),
        ({"id": "1", "from": CHAT, "query": "", "offset": ""}, "inline_query"),
        ({"chat": CHAT, "message_id": 1, "new_reaction": []}, "message_reaction"),
        ({"chat": CHAT, "old_chat_member": {}, "new_chat_member": {"user": {"is_bot": True}}}, "my_chat_member"),
        ({"chat": CHAT, "old_chat_member": {}, "new_chat_member": {"user": {"id": 2}}}, "chat_member"),
        (TG_MESSAGE | {"edit_date": 1}, "edited_message"),
        (TG_MESSAGE | {"chat": {"id": -1, "type": "channel"}}, "channel_post"),
        (TG_MESSAGE | {"business_connection_id": "b"}, "business_message"),
    ],
)
def test_a_bare_part_of_an_update_gets_its_name(part: dict[str, Any], name: str) -> None:
    assert inner.calls("telegram", part) == [{name: part}]


def test_a_call_itself_is_handed_on_to_the_byte(tmp_path: Path) -> None:
    assert inner.calls("whatsapp", WA_CALL) == [WA_CALL]
    assert inner.calls("messenger", PAGE) == [PAGE]
    assert read(tmp_path, "whatsapp", {"unheard": "of"})["error"].startswith("Unparsable: no list 'entry'")


def test_several_calls_in_one_file_are_all_read(tmp_path: Path) -> None:
    other = UPDATE | {"message": TG_MESSAGE | {"message_id": 6}}
    lines = "\n".join(json.dumps(one) for one in (UPDATE, other)).encode()
    assert [m["external_id"] for m in read(tmp_path, "telegram", lines)["messages"]] == ["77:5", "77:6"]
    assert [m["external_id"] for m in read(tmp_path, "telegram", [UPDATE, other])["messages"]] == ["77:5", "77:6"]


def test_a_stored_frame_without_an_id_has_the_gateway_s(tmp_path: Path) -> None:
    context = {"connectionId": "c=", "eventType": "MESSAGE", "messageId": "gw=", "requestTimeEpoch": 1773119783000}
    event = {"requestContext": context, "body": json.dumps({"action": "sendmessage", "data": "Selam"})}
    (found,) = read(tmp_path, "webchat", event)["messages"]
    assert (found["text"], found["external_id"]) == ("Selam", "unknown:gw=")


WORDS = """
entry changes messaging standby field value messages statuses contacts errors sender recipient message mid text id from
timestamp status update_id message_id chat date ok result data body headers method sid direction messageSid eventName
to input error code type action new_chat_member old_chat_member user is_bot read watermark
"""
NAMES = st.sampled_from(WORDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["{}", "[1]", '{"update_id":1}']),
    lambda within: st.lists(within, max_size=3) | st.dictionaries(NAMES, within, max_size=6),
    max_leaves=25,
)


@pytest.mark.parametrize("channel", registry.names())
@settings(max_examples=times(100), deadline=None)
@given(value=VALUES)
def test_no_form_crashes_it(channel: str, tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    result = read(tmp_path_factory.mktemp("any"), channel, value)
    assert not (result["error"] or "").startswith("unexpected")


def test_what_is_nested_without_end_is_refused_and_not_followed(tmp_path: Path) -> None:
    for text in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 500 + b"]" * 500, b'{"a":' * 500 + b"1" + b"}" * 500):
        for channel in registry.names():
            assert not (read(tmp_path, channel, text)["error"] or "").startswith("unexpected")
