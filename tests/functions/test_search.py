"""Search at the API: by words, person, name, tag and state, page by page, within its bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from router import finding
from router.aws.rows import to_message
from router.messages import Message
from router.search import IndexRow, index_row
from tests.kit.world import World


def index(world: World) -> None:
    """The search's rows of all messages, as the stream's function writes them."""
    found = [index_row(to_message(item), item["cv"]) for item in world.items("M#")]
    world.x.table.index([row for row in found if row is not None])


def search(world: World, **query: Any) -> dict[str, Any]:
    """One page."""
    status, body = world.call("GET", "/v1/search", query=urlencode(query))
    assert status == 200, body
    return body


def excerpts(world: World, **query: Any) -> list[str]:
    return [hit["excerpt"] for hit in search(world, **query)["hits"]]


def all_pages(world: World, **query: Any) -> list[dict[str, Any]]:
    """Every page, one after the other."""
    pages = [search(world, **query)]
    while pages[-1]["next"]:
        assert len(pages) < 400
        pages.append(search(world, **query, cursor=pages[-1]["next"]))
    return pages


@pytest.fixture
def written(world: World) -> World:
    """Three customers wrote."""
    world.sms("Siparişim İzmir'e gelmedi, IŞIK faturası da yanlış", sender="+15550101")
    world.pump()
    world.pass_time(hours=1)
    world.mail("Where is my order? The invoice is wrong.", sender="Zoe <zoe@example.net>", subject="Order 4711")
    world.pump()
    world.pass_time(days=2)
    world.mail("sipariş iptal", sender="Ayşe Işık <isik@example.net>", to="help@shop.example")
    world.pump()
    index(world)
    return world


def test_words_are_found_in_turkish_and_english_however_they_are_typed(written: World) -> None:
    for q in ("izmir", "İZMİR", "IZMIR", "siparis gelmedi", "SİPARİŞİM", "ışık", "isik fatura", '"fatura yanlis"'):
        expected = 0 if q.startswith('"') else 1
        assert len([e for e in excerpts(written, q=q) if "İzmir" in e]) == expected, q
    assert len(excerpts(written, q='"siparişim izmir\'e"')) == 1


def test_all_words_must_occur_and_each_begins_a_word(written: World) -> None:
    assert len(excerpts(written, q="order invoice")) == 1
    assert excerpts(written, q="order izmir") == []
    assert len(excerpts(written, q="inv")) == 1
    assert excerpts(written, q="voice") == []
    assert len(excerpts(written, q='"my order"')) == 1
    assert excerpts(written, q='"order my"') == []


def test_the_newest_comes_first_with_its_conversation_and_excerpt(written: World) -> None:
    hits = search(written, q="sipariş")["hits"]
    assert [hit["excerpt"] for hit in hits] == ["sipariş iptal", "Siparişim İzmir'e gelmedi, IŞIK faturası da yanlış"]
    assert [hit["direction"] for hit in hits] == ["inbound", "inbound"]
    assert hits[0]["conversation"]["brand"] == "shop"
    assert hits[0]["message"].startswith("m_")


def test_a_subject_is_searched_too(written: World) -> None:
    assert len(excerpts(written, q="4711")) == 1


def test_words_are_narrowed_by_channel_brand_state_and_tag(written: World) -> None:
    found = search(written, q="sipariş", channel="sms")["hits"]
    assert [hit["conversation"]["channel"] for hit in found] == ["sms"]
    assert search(written, q="sipariş", state="resolved")["hits"] == []
    (hit,) = search(written, q="order")["hits"]
    conversation = hit["conversation"]["id"]
    written.call("POST", f"/v1/conversations/{conversation}/tags", {"add": ["vip"]})
    assert [h["conversation"]["id"] for h in search(written, q="order", tag="vip")["hits"]] == [conversation]
    assert search(written, q="sipariş", tag="vip")["hits"] == []


def test_since_bounds_how_far_back_is_searched(written: World) -> None:
    since = f"{written.now - timedelta(days=1):%Y-%m-%d}"
    page = search(written, q="sipariş", since=since)
    assert [hit["excerpt"] for hit in page["hits"]] == ["sipariş iptal"]
    assert page["searched_back_to"].startswith(since)


def test_a_person_is_found_by_address_and_by_name(written: World) -> None:
    (by_address,) = search(written, channel="sms", address="+15550101")["hits"]
    assert by_address["conversation"]["address"] == "+15550101"
    assert by_address["message"] is None
    (by_name,) = search(written, contact="isik")["hits"] or search(written, contact="ayşe")["hits"]
    assert by_name["conversation"]["customer"] == "Ayşe Işık"
    assert search(written, channel="sms", address="+15559999")["hits"] == []
    assert search(written, contact="p_nobody")["hits"] == []
    person = by_address["conversation"]["contact"]
    assert [h["conversation"]["contact"] for h in search(written, contact=person)["hits"]] == [person]


def test_one_person_s_messages_are_searched_without_the_index(world: World) -> None:
    for number in range(5):
        world.sms(f"mesaj {number}")
        world.pump()
        world.pass_time(days=40)
    assert search(world, q="mesaj")["hits"] == []
    pages = all_pages(world, q="mesaj", channel="sms", address="+15550199", limit=2)
    assert [hit["excerpt"] for page in pages for hit in page["hits"]] == [f"mesaj {n}" for n in (4, 3, 2, 1, 0)]


def test_open_and_done_conversations_are_found_without_words(written: World) -> None:
    assert len(search(written)["hits"]) == 3
    conversation = search(written, channel="sms")["hits"][0]["conversation"]["id"]
    written.call("POST", f"/v1/conversations/{conversation}/resolve", {}, role="supervisor")
    assert [h["conversation"]["id"] for h in search(written, state="resolved")["hits"]] == [conversation]
    found = [hit["conversation"]["id"] for page in all_pages(written, limit=1) for hit in page["hits"]]
    assert len(found) == len(set(found)) == 3


def test_paging_finds_every_message_once_and_none_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_STEP", 3)
    monkeypatch.setattr(finding, "ROWS", 20)
    for number in range(40):
        world.sms(f"numara {number}", sender=f"+1555{number % 7:07d}")
        world.pass_time(minutes=1 if number % 10 else 24 * 60)
    world.pump()
    index(world)
    pages = all_pages(world, q="numara", limit=6)
    found = [hit["message"] for page in pages for hit in page["hits"]]
    assert len(found) == len(set(found)) == 40
    times = [hit["at"] for page in pages for hit in page["hits"]]
    assert times == sorted(times, reverse=True)
    back = [page["searched_back_to"] for page in pages]
    assert back == sorted(back, reverse=True)


def test_a_call_reads_a_bounded_part_and_says_where_to_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "QUERIES", 40)
    page = search(world, q="hiç")
    assert page["hits"] == []
    assert page["next"]
    assert page["searched_back_to"][:10] == f"{world.now - timedelta(days=8):%Y-%m-%d}"
    assert len(all_pages(world, q="hiç")) == 10
    read: list[tuple[str, int]] = []
    indexed = world.x.table.indexed

    def counted(day: str, shard: int, *, before: str | None, limit: int) -> list[tuple[str, IndexRow]]:
        read.append((day, shard))
        return indexed(day, shard, before=before, limit=limit)

    monkeypatch.setattr(world.x.table, "indexed", counted)
    search(world, q="hiç")
    assert len(read) == 40


def test_what_was_withdrawn_or_is_gone_is_not_found(written: World) -> None:
    (hit,) = search(written, q="iptal")["hits"]
    written.dynamodb.delete_item(TableName="santral", Key={"pk": {"S": f"M#{hit['message']}"}, "sk": {"S": "m"}})
    assert search(written, q="iptal")["hits"] == []


def test_a_query_without_words_a_wrong_channel_and_a_foreign_cursor_are_invalid(world: World) -> None:
    for query in (
        {"q": "?!"}, {"q": '""'}, {"q": "a " * 11}, {"q": "x" * 201}, {"channel": "fax"}, {"state": "lost"}, {"since": "gestern"},
        {"q": "a", "cursor": "x"}, {"q": "a", "cursor": "WyJ4IiwieSJd"}, {"address": "a@example.net"}, {"contact": "?"},
        {"contact": "p_x", "cursor": "AA"}, {"queue": "none"}, {"cursor": "!"},
    ):  # fmt: skip
        status, body = world.call("GET", "/v1/search", query=urlencode(query))
        assert (status in (200, 422), status < 500) == (True, True), (query, body)
        if query not in ({"contact": "p_x", "cursor": "AA"},):
            assert status == 422, query


def test_an_excerpt_shows_the_words_where_they_stand() -> None:
    text = "önce " * 60 + "İADE istiyorum " + "sonra " * 60
    message = Message.model_validate(
        {"id": "m_1", "channel": "sms", "provider": "twilio", "inbox": "sms", "direction": "inbound", "sender": {"address": "+1"},
         "text": text, "received_at": "2026-03-02T09:00:00Z"}
    )  # fmt: skip
    shown = finding.excerpt(message, finding.words_of("iade"))
    assert "İADE istiyorum" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) <= 200
