"""Tracked links: people and programs are led on, people are counted, and nobody is led where we did not say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions import api
from router import clicks
from router.aws.dynamo import check as condition
from router.errors import Temporary
from router.followed import Followed, followed_links
from router.journeys import Journey
from router.links import code_of, tracked
from router.prefetchers import PREFETCHERS
from router.times import to_ms
from tests.kit.events import LambdaContext, http_event
from tests.kit.world import World

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1"
)
BROWSERS = (
    PHONE,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Linux; Android 7.0; CUBOT_MANITO Build/NRD90M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 330.0 (iPhone13,2; tr_TR)",
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/467.0.0.0;]",
)
"""People's, those inside apps among them."""
PROGRAMS = (
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 (KHTML, like Gecko) facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Barracuda Sentinel (EE)",
    "python-requests/2.31.0",
    "curl/8.4.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
    "",
)
URL = "https://shop.example/indirim?utm_source=santral#top"


@pytest.fixture
def world() -> Iterator[World]:
    with World(memory=True) as found:
        yield found


def link(world: World, url: str = URL, *, campaign: str = "bahar", number: int = 1) -> str:
    """A link of a message that left; its code."""
    code = code_of(world.x.key, "m_" + "a" * 24, number)
    occurrence = "2026-03-02T10:00" if campaign else ""
    made = Followed(code, url, "m_" + "a" * 24, number, "p_somebody", world.now, campaign, occurrence)
    world.x.table.commit(world.x.table.new_link(made))
    return code


def follow(world: World, code: str, agent: str = PHONE, *, method: str = "GET", **headers: str) -> dict[str, Any]:
    sent = {"user-agent": agent, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return dict(api.handler(http_event(method, f"/l/{code}", b"", sent), LambdaContext()))


def clicked(world: World, code: str) -> int:
    found = world.x.table.link(code)
    assert found is not None
    return found.clicks


def steps(world: World) -> list[dict[str, Any]]:
    return [json.loads(message["Body"])["step"] for message in world.take("outreach")]


def test_a_person_is_led_on_and_counted_and_the_journey_hears_of_the_first_click(world: World) -> None:
    journey = Journey("p_somebody", "bahar", "2026-03-02T10:00", "2026-03-02T10:00", "test-1", 0, due=None)
    world.x.table.commit(world.x.table.new_journey(journey))
    code = link(world)
    first = world.now
    for _ in range(3):
        answer = follow(world, code)
        assert (answer["statusCode"], answer["headers"]["location"]) == (302, URL)
        world.pass_time(minutes=1)
    found = world.x.table.link(code)
    assert found is not None
    assert (found.clicks, found.first_click_at) == (3, first)
    assert found.last_click_at is not None
    assert found.last_click_at > first
    assert steps(world) == [{"contact": "p_somebody", "campaign": "bahar", "occurrence": "2026-03-02T10:00"}]
    assert world.counts["Clicked"] == 3
    told = world.x.table.journey(*journey.key)
    assert told is not None
    assert [(one.what, one.at) for one in told.heard] == [("click", to_ms(first))]
    assert told.due == to_ms(first)


def test_nothing_of_it_is_kept_by_anybody_on_the_way(world: World) -> None:
    headers = follow(world, link(world))["headers"]
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("agent", BROWSERS)
def test_browsers_of_people_count(world: World, agent: str) -> None:
    code = link(world)
    assert follow(world, code, agent)["statusCode"] == 302
    assert clicked(world, code) == 1


@pytest.mark.parametrize("agent", PROGRAMS)
def test_programs_are_led_on_and_not_counted(world: World, agent: str) -> None:
    code = link(world)
    before = world.items()
    assert follow(world, code, agent)["headers"]["location"] == URL
    assert world.items() == before
    assert steps(world) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_purpose": "prefetch"},
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x_purpose": "preview"},
        {"x_moz": "prefetch"},
    ],
)
def test_what_a_browser_reads_ahead_is_not_counted(world: World, headers: dict[str, str]) -> None:
    code = link(world)
    assert follow(world, code, **headers)["statusCode"] == 302
    assert clicked(world, code) == 0


def test_head_is_led_on_and_not_counted(world: World) -> None:
    code = link(world)
    assert follow(world, code, method="HEAD")["headers"]["location"] == URL
    assert clicked(world, code) == 0


def test_each_program_is_named_in_small_letters_once_with_where_that_is_from() -> None:
    names = [name for name, _ in PREFETCHERS]
    assert names == [name.lower() for name in names]
    assert len(set(names)) == len(names)
    assert all(source for _, source in PREFETCHERS)


def test_a_code_that_was_typed_is_read(world: World) -> None:
    code = link(world)
    typed = code.upper().replace("0", "O").replace("1", "L")
    assert follow(world, typed)["headers"]["location"] == URL
    assert clicked(world, code) == 1


@pytest.mark.parametrize("code", ["x", "0" * 12, "%00", "https:%2F%2Fevil.example", "ş" * 12, "0" * 400])
def test_what_is_no_link_of_ours_leads_nowhere_and_says_so_in_both_languages(world: World, code: str) -> None:
    link(world)
    before = world.items()
    answer = follow(world, code)
    assert answer["statusCode"] == 404
    assert "location" not in answer["headers"]
    assert 'lang="tr"' in answer["body"]
    assert 'lang="en"' in answer["body"]
    assert world.items() == before


@pytest.mark.parametrize("query", ["url=https://evil.example", "to=//evil.example"])
def test_nobody_makes_a_link_of_ours_lead_elsewhere(world: World, query: str) -> None:
    event = http_event("GET", f"/l/{link(world)}", b"", {"user-agent": PHONE}, query=query)
    assert api.handler(event, LambdaContext())["headers"]["location"] == URL


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://shop.example/x",
        "//shop.example",
        "mailto:a@example.com",
        "https://",
        "data:text/html,x",
    ],
)
def test_only_http_and_https_are_led_to_whatever_was_stored(world: World, url: str) -> None:
    answer = follow(world, link(world, url))
    assert answer["statusCode"] == 404


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://shop.example/çanta?renk=yeşil", "https://shop.example/%C3%A7anta?renk=ye%C5%9Fil"),
        ("https://çanta.example:8443/a%20b", "https://xn--anta-zoa.example:8443/a%20b"),
        ("https://shop.example/a\r\nset-cookie: x=1", "https://shop.example/aset-cookie:%20x=1"),
        ("HTTPS://shop.example/?a=1&b=[2]#c", "https://shop.example/?a=1&b=[2]#c"),
    ],
)
def test_an_address_with_other_letters_is_one_header_of_ascii(world: World, url: str, location: str) -> None:
    assert follow(world, link(world, url))["headers"]["location"] == location


def test_a_link_of_no_journey_is_counted_and_nobody_hears_of_it(world: World) -> None:
    code = link(world, campaign="")
    follow(world, code)
    assert clicked(world, code) == 1
    assert steps(world) == []


def test_who_clicks_is_led_on_though_nothing_can_be_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    code = link(world)

    def commit(*_: Any) -> None:
        raise Temporary("throttled")

    monkeypatch.setattr(world.x.table, "commit", commit)
    assert follow(world, code)["headers"]["location"] == URL
    assert world.counts["ClickUncounted"] == 1


def test_a_click_counts_though_its_journey_is_not_there_any_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def heard(*_: Any) -> list[Any]:
        return [condition("heard", ("P#p_somebody", "tour#bahar#x"), "attribute_exists(#pk)")]

    monkeypatch.setattr(clicks, "heard", heard)
    code = link(world)
    follow(world, code)
    assert clicked(world, code) == 1
    assert steps(world) == []


def test_two_first_clicks_at_once_are_two_clicks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    code = link(world)
    stale = world.x.table.link(code)
    follow(world, code)
    monkeypatch.setattr(world.x.table, "link", lambda _: stale)
    follow(world, code)
    monkeypatch.undo()
    assert clicked(world, code) == 2


def test_a_send_s_links_are_stored_once_and_found_by_their_codes(world: World) -> None:
    made = tracked(f"Bak: {URL} ve https://b.example", None, key=world.x.key, send_id="m_1", base="https://s.example")
    stored = followed_links(made.links, send="m_1", contact="p_1", at=world.now, campaign="bahar", occurrence="o")
    world.x.table.commit(*map(world.x.table.new_link, stored))
    assert sorted(world.x.table.links([*(one.code for one in stored), "0" * 12]), key=lambda one: one.number) == stored
