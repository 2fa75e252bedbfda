"""A campaign on the deployed template: run by hand, short links, a survey by its page and by a reply, each function under its own role."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.emulator.conftest import CONFIG, Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(240)]
NUMBERS = [f"+1202555012{digit}" for digit in range(4)]
BROWSER = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"}
HERE = {"brand": "tur", "heeds": []}
CAMPAIGNS: dict[str, Any] = {
    **CONFIG,
    "version": "with-campaigns",
    "templates": [
        {
            "name": "duyuru", "purpose": "marketing",
            "channels": {"sms": {"tr": "Indirim: https://www.example.com/indirim Cikis: {{ unsubscribe }}"}},
        },
        {
            "name": "memnuniyet", "purpose": "service", "needs": {"survey": "https://example.com/s/1", "order": {"number": 7}},
            "channels": {"sms": {"tr": "{{ order.number }}: 1-5 arasi puan verin: {{ survey }}"}},
        },
    ],
    "campaigns": [
        {
            "name": "indirim", "starts": {"by_hand": True}, "everyone": True, "steps": [{"send": "duyuru"}],
            "goal": {"of": "click"}, "utm": {"utm_campaign": "indirim"}, **HERE,
        },
        {
            "name": "anket", "starts": {"event": "purchase.completed"}, "values": {"order": {"event": "order"}},
            "steps": [{"send": "memnuniyet", "survey": "csat"}], **HERE,
        },
    ],
    "outreach": {"zone": "Europe/Istanbul", "hours": [{"send": {"mon-sun": ["00:00-24:00"]}}], "rates": {"tur-twilio": 100}},
}  # fmt: skip


@pytest.fixture
def campaigns(live: Live) -> Iterator[None]:
    """The configuration with campaigns; that of the other tests afterwards."""
    live.apply(CAMPAIGNS)
    yield
    live.apply(CONFIG)


def texts(live: Live, number: str) -> list[str]:
    """What a phone shows."""
    return [one.text for one in live.stage.sandbox.world.texts if (one.customer, one.way) == (number, "to-customer")]


def first_text(live: Live, number: str) -> str:
    """What a phone shows first, once it does."""
    return until(lambda: texts(live, number), f"{number} is written to", 90)[0]


def status(live: Live, campaign: str) -> dict[str, Any]:
    return live.admin.get(f"/v1/campaigns/{campaign}/status")


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


def opened(url: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Status, location and body of a page, as a browser asks for it."""
    body = urlencode(data).encode() if data is not None else None
    request = urllib.request.Request(url, data=body, headers=BROWSER)
    try:
        with urllib.request.build_opener(Stay).open(request) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", ""), error.read().decode()


def test_a_broadcast_leaves_once_to_who_consented_and_its_clicks_are_counted(live: Live, campaigns: None) -> None:
    rows = []
    for number in NUMBERS:
        place = {"channel": "sms", "address": number}
        consent = {**place, "given": number != NUMBERS[3], "at": "2026-02-01T10:00:00Z", "source": "form"}
        rows.append({"addresses": [place], "language": "tr", "zone": "Europe/Istanbul", "consents": [consent]})
    assert {one["outcome"] for one in live.admin.post("/v1/contact-rows", {"rows": rows})["rows"]} <= {
        "created",
        "changed",
        "unchanged",
    }

    live.admin.post("/v1/campaigns/indirim/run", {"confirmed": True})
    found = until(lambda: (s := status(live, "indirim"))["state"] == "done" and s, "the run is done", 120)
    assert found["journeys"] == found["sent"] + found["dropped"] == found["looked"]
    assert found["sent"] >= 3
    for number in NUMBERS[:3]:
        assert len([text for text in texts(live, number) if text.startswith("Indirim")]) == 1
    assert texts(live, NUMBERS[3]) == []

    (text,) = [one for one in texts(live, NUMBERS[0]) if one.startswith("Indirim")]
    short = re.findall(r"https?://\S+/l/\w+", text)[0]
    code, location, _ = opened(short)
    assert (code, location) == (302, "https://www.example.com/indirim?utm_campaign=indirim")
    clicked = until(lambda: (s := status(live, "indirim"))["clicked"] and s, "the click is counted", 60)
    assert (clicked["clicked"], clicked["variants"][0]["reached"]) == (1, 1)

    person = live.admin.get("/v1/contacts", channel="sms", address=NUMBERS[3])
    (journey,) = live.admin.get(f"/v1/contacts/{person['id']}/outreach", language="tr")["journeys"]
    assert journey["told"].startswith("Gönderilmedi: SMS üzerinden pazarlama mesajları için onay geri alındı")


def test_a_survey_is_answered_on_its_page_and_by_a_reply(live: Live, campaigns: None) -> None:
    page, phone = "+12025550151", "+12025550152"
    for order, number in enumerate((page, phone), 41):
        about = {"contact": {"channel": "sms", "address": number}, "create": True}
        live.admin.post("/v1/events", {"type": "purchase.completed", **about, "data": {"order": {"number": order}}})
    asked = {number: first_text(live, number) for number in (page, phone)}
    assert asked[page].startswith("41: 1-5 arasi puan verin: ")

    link = asked[page].rpartition(" ")[2]
    code, _, form = opened(link)
    assert (code, 'name="score"' in form) == (200, True)
    code, _, thanks = opened(link, {"score": "5"})
    assert (code, "5" in thanks) == (200, True)
    live.sms(phone, "1, kargo hiç gelmedi", "SM" + "c1" * 16, inbox="tur-twilio", To="+15005550199")

    def raised_one() -> dict[str, Any] | None:
        found = live.known("sms", phone)
        return found if found and "low-score" in found["tags"] else None

    raised = until(raised_one, "a supervisor's conversation waits", 60)
    assert raised["state"] in ("waiting", "active", "offered")
    said = [one["text"] for one in live.detail(raised["id"])["messages"]]
    assert "1, kargo hiç gelmedi" in said
    assert asked[phone] in said  # what we wrote first stands above it
    for number in (page, phone):
        person = live.admin.get("/v1/contacts", channel="sms", address=number)
        path = f"/v1/contacts/{quote(person['id'])}/outreach"
        (journey,) = live.admin.get(path)["journeys"]
        assert (journey["stage"], len(journey["messages"])) == ("ended", 1)
