"""Unsubscribing by a link: asked on a page, done by its form or by a mail program's button, by nobody without the link."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions import api
from router.ids import conversation_token, read_unsubscribe_token, unsubscribe_token
from router.messages import ChannelName
from router.unsubscribing import url_of
from tests.kit.amount import times
from tests.kit.events import LambdaContext, http_event
from tests.kit.promises import Seen
from tests.kit.world import CONFIG, PUBLIC, World

MAIL = "musteri@example.net"
ONE_CLICK = b"List-Unsubscribe=One-Click"
PARTS = b'--x1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\nContent-Type: text/plain\r\n\r\nOne-Click\r\n--x1--\r\n'


def sent(world: World) -> str:
    """An answer by mail has left; its id."""
    world.come_in("ayse")
    world.mail()
    world.pump()
    world.reply(world.conversations()[0].id)
    world.pump()
    (send,) = Seen.of(world).sends.values()
    return send.id


def visit(world: World, method: str, token: str, body: bytes = b"") -> tuple[int, str]:
    answer = api.handler(http_event(method, f"/u/{token}", body, {}), LambdaContext())
    return answer["statusCode"], answer["body"]


def link(world: World, send: str) -> str:
    return unsubscribe_token(world.x.key, send)


def told(world: World) -> list[tuple[bool, str]]:
    found = world.x.table.consents(ChannelName.EMAIL, MAIL)
    return [(one.given, str(one.how)) for one in sorted(found, key=lambda one: one.mark)]


def test_the_page_asks_in_the_inbox_s_language_and_changes_nothing(world: World) -> None:
    token = link(world, sent(world))
    before = world.items()
    for _ in range(3):  # a mail scanner, a preview, the reader
        status, page = visit(world, "GET", token)
        assert status == 200
        assert 'lang="tr"' in page
        assert "Abonelikten çık" in page
        assert MAIL not in page
    assert world.items() == before


@pytest.mark.parametrize(("body", "how"), [(ONE_CLICK, "one-click"), (PARTS, "one-click"), (b"confirm=1", "link")])
def test_a_post_withdraws_marketing_once_however_often_it_comes(world: World, body: bytes, how: str) -> None:
    token = link(world, sent(world))
    for _ in range(3):
        world.pass_time(minutes=1)
        status, page = visit(world, "POST", token, body)
        assert (status, "Tamam." in page) == (200, True)
    assert told(world) == [(False, how)]
    assert world.counts["Unsubscribed"] == 1


@pytest.mark.parametrize(
    "body", [b"", b"confirm=0", b"List-Unsubscribe=Two", b"\xff\xfe", b"a" * 100_000, ONE_CLICK[:-1]]
)
def test_a_post_that_does_not_say_so_only_asks(world: World, body: bytes) -> None:
    token = link(world, sent(world))
    assert visit(world, "POST", token, body) == visit(world, "GET", token)
    assert told(world) == []


def test_who_consents_anew_can_decline_anew_by_the_same_link(world: World) -> None:
    send = sent(world)
    visit(world, "POST", link(world, send), ONE_CLICK)
    world.pass_time(minutes=1)
    contact = world.conversations()[0].contact
    body = {"channel": "email", "address": MAIL, "purpose": "marketing", "given": True, "how": "form"}
    assert world.call("POST", f"/v1/contacts/{contact}/consents", body)[0] == 201
    visit(world, "POST", link(world, send), ONE_CLICK)
    assert told(world) == [(False, "one-click"), (True, "form"), (False, "one-click")]


def test_answers_of_people_still_arrive(world: World) -> None:
    send = sent(world)
    visit(world, "POST", link(world, send), ONE_CLICK)
    world.reply(world.conversations()[0].id, "Yola çıktı")
    world.pump()
    assert [str(one.state) for one in Seen.of(world).sends.values()] == ["sent", "sent"]


def test_the_history_says_it_and_holds_no_address(world: World) -> None:
    visit(world, "POST", link(world, sent(world)), ONE_CLICK)
    _, page = world.call("GET", "/v1/audit", query="what=unsubscribed", user="yonetici", role="admin")
    assert [(one["who"], one["detail"]["how"]) for one in page["entries"]] == [("customer", "one-click")]
    assert MAIL not in str(page)


def test_every_link_that_is_not_ours_gets_one_answer_and_reads_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = sent(world)
    right = link(world, send)
    unknown = unsubscribe_token(world.x.key, "m_" + "a" * 24)  # ours by its MAC, of a message that is gone
    forged = [
        "x", right[:-1], right + "a", right.upper(), right[:24] + "a" * 16, "m_" + right,
        conversation_token(world.x.key, send), unsubscribe_token(b"another" * 5, send), unknown, "%00", "ş" * 40,
    ]  # fmt: skip
    before = world.items()
    answers = {
        visit(world, method, token, body) for token in forged for method, body in (("GET", b""), ("POST", ONE_CLICK))
    }
    assert len(answers) == 1
    assert {status for status, _ in answers} == {404}
    assert world.items() == before

    def read(_: Any) -> dict[str, Any]:
        raise AssertionError("the table was read for a link that is not ours")

    monkeypatch.setattr(world.x.table, "sends", read)
    for token in forged:
        if token != unknown:
            visit(world, "POST", token, ONE_CLICK)


@settings(max_examples=times(200))
@given(st.integers(0, 39), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567ABC-_189"))
def test_one_character_changed_is_no_link(place: int, char: str) -> None:
    right = unsubscribe_token(b"k" * 32, "m_" + "abcd2345" * 3)
    altered = right[:place] + char + right[place + 1 :]
    assert (read_unsubscribe_token(b"k" * 32, altered) is None) == (altered != right)


def test_the_company_s_name_cannot_break_the_page(world: World) -> None:
    send = sent(world)
    inboxes = [{**one, "display_name": "<script>{x}</script>"} for one in CONFIG["inboxes"]]
    world.apply(type(world.x.config()).model_validate({**CONFIG, "version": "v2", "inboxes": inboxes}))
    status, page = visit(world, "GET", link(world, send))
    assert status == 200
    assert "<script>" not in page
    assert "&lt;script&gt;{x}" in page


def test_the_link_is_made_of_the_public_address(world: World) -> None:
    assert url_of(world.x, "m_" + "a" * 24) == f"{PUBLIC}/u/{link(world, 'm_' + 'a' * 24)}"
