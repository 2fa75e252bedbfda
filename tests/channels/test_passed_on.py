"""Messages as others pass them on: digits for numbers, links under other names, fields of older versions."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels import registry
from channels.base import Request
from router.config import Inbox
from router.messages import Kind, Message, Parsed

NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)
PEOPLE = {"sender": {"id": "77"}, "recipient": {"id": "8"}, "timestamp": 1773119783000}


def read(channel: str, value: object) -> Parsed:
    body = json.dumps(value).encode()
    inbox = Inbox(name="in", channel=channel, address="unknown", queue="main")
    return registry.get(channel).parse(Request(body=body, received_at=NOW), inbox, b"0" * 32)


def meta(channel: str, *, people: dict[str, Any] = PEOPLE, **item: Any) -> Parsed:
    return read(channel, {"entry": [{"messaging": [people | item]}]})


def written(channel: str, **message: Any) -> Message:
    (found,) = meta(channel, message={"mid": "m_1", **message}).messages
    return found


def whatsapp(**message: Any) -> Message:
    whole = {"from": "905321110000", "id": "wamid.N", "timestamp": "1773119783", **message}
    (found,) = read(
        "whatsapp", {"entry": [{"changes": [{"field": "messages", "value": {"messages": [whole]}}]}]}
    ).messages
    return found


def telegram(**message: Any) -> Message:
    chat = {"id": 77, "type": "private", "first_name": "Nesrin"}
    (found,) = read(
        "telegram", {"update_id": 1, "message": {"message_id": 5, "chat": chat, "from": chat, **message}}
    ).messages
    return found


def test_a_place_whose_degrees_are_text_is_a_place() -> None:
    degrees = {"latitude": "41.01", "longitude": "28.97"}
    point = {"type": "location", "payload": {"coordinates": {"lat": "41.01", "long": "28.97"}}}
    assert whatsapp(type="location", location=degrees).text == "geo:41.01,28.97"
    assert telegram(location=degrees).text == "geo:41.01,28.97"
    assert written("messenger", attachments=[point]).text == "geo:41.01,28.97"


@pytest.mark.parametrize("word", ["", "north", "1e999", "nan", "-", "9" * 400])
def test_a_place_that_is_nowhere_is_kept_whole(word: str) -> None:
    degrees = {"latitude": word, "longitude": "1"}
    point = {"type": "location", "payload": {"coordinates": {"lat": word, "long": "1"}}}
    for found in (
        whatsapp(type="location", location=degrees),
        telegram(location=degrees),
        written("messenger", attachments=[point]),
    ):
        assert (found.kind, bool(found.raw)) == (Kind.UNKNOWN, True)


def test_a_file_that_whatsapp_lost_altogether_is_named_as_lost() -> None:
    found = whatsapp(type="image", image={}, errors=[{"code": 131052, "title": "Media download error"}])
    assert (found.kind, [one.problem for one in found.attachments]) == (Kind.MESSAGE, ["WhatsApp did not get the file"])
    assert whatsapp(type="image").kind is Kind.UNKNOWN


@pytest.mark.parametrize(("time", "second"), [("2026-03-10T05:16:23Z", 23), (1773119783000, 23), ("1773119783", 23)])
def test_whatsapp_s_times_are_read_in_iso_8601_and_milliseconds_too(time: object, second: int) -> None:
    assert whatsapp(type="text", text={"body": "x"}, timestamp=time).provider_at == datetime(
        2026, 3, 10, 5, 16, second, tzinfo=UTC
    )


def test_of_a_shared_page_without_a_link_there_is_the_title() -> None:
    found = written("instagram", attachments=[{"type": "fallback", "payload": {"title": "Lamba bakımı"}}])
    assert (found.kind, found.text) == (Kind.MESSAGE, "Lamba bakımı")


def test_a_shared_story_s_file_is_under_a_name_of_its_own() -> None:
    url = "https://lookaside.fbsbx.com/s"
    found = written("instagram", attachments=[{"type": "ig_story", "payload": {"story_media_url": url}}])
    assert [one.url for one in found.attachments] == [url]


def test_who_only_asks_about_a_product_asks_about_that() -> None:
    found = written("instagram", referral={"product": {"id": "123"}})
    assert (found.kind, found.text) == (Kind.MESSAGE, "(asks about the product 123)")


def test_who_has_no_id_yet_is_the_customer_all_the_same() -> None:
    people = {"sender": {"user_ref": "u-1"}, "recipient": {"id": "8"}, "timestamp": 1773119783}
    (found,) = meta("messenger", people=people, postback={"mid": "m_1", "title": "Evet", "payload": "YES"}).messages
    assert (found.direction, found.kind, found.recipients[0].address) == ("inbound", Kind.POSTBACK, "8")


@pytest.mark.parametrize("status", ["STOP NOTIFICATIONS", "STOP_NOTIFICATIONS"])
def test_the_end_of_an_agreement_is_known_by_both_of_its_spellings(status: str) -> None:
    optin = {"type": "notification_messages", "notification_messages_status": status, "title": "Haberler"}
    (found,) = meta("messenger", optin=optin).messages
    assert found.text == "(wants no more messages of this subject)"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("new_chat_member", "Joined: Ufuk"),
        ("new_chat_participant", "Joined: Ufuk"),
        ("left_chat_participant", "Left: Ufuk"),
    ],
)
def test_comers_and_goers_are_known_by_the_names_of_older_versions(name: str, text: str) -> None:
    found = telegram(**{name: {"id": 9, "first_name": "Ufuk"}})
    assert (found.kind, found.text) == (Kind.SYSTEM, text)
