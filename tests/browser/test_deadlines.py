"""In a real browser, on the real handlers in this process: what is due when, who watches, and what one watches oneself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import NEEDS_CHROMIUM, SHOTS, Opened
from tests.kit.world import CONFIG, World

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]
TIMED: dict[str, Any] = {
    **CONFIG,
    "version": "timed",
    "queues": [{**CONFIG["queues"][0], "sla": "timed"}, *CONFIG["queues"][1:]],
    "sla": [
        {
            "name": "timed",
            "first_response": "1h",
            "next_response": "2h",
            "resolution": "8h",
            "escalate": [{"at": 75, "targets": ["next_response"], "raise_by": 1, "watch": ["mehmet"]}],
        }
    ],
}


@pytest.fixture
def world() -> Iterator[World]:
    with World(TIMED, memory=True) as world:
        yield world


def asked_again(world: World) -> None:
    """Ayşe answered, and the customer came back."""
    world.come_in("ayse", "mehmet")
    world.sms()
    world.pump()
    (one,) = world.conversations()
    assert one.agent == "ayse"
    world.reply(one.id)
    world.pump()
    world.sms("Ya iade?")
    world.pump()


def test_the_next_answer_and_the_resolution_are_due_as_well(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    asked_again(world)
    page = desks().page
    expect(page.locator(".list .row .due")).to_contain_text("1 h")
    page.locator(".list .row").first.click()
    expect(page.locator(".head .due")).to_contain_text("Answer within 1 h")
    facts = page.locator("#right dl").first
    expect(facts).to_contain_text("Next answer due")
    expect(facts).to_contain_text("To be resolved by")
    page.screenshot(path=SHOTS / "desk-deadlines.png")


def test_what_stands_still_is_said_to(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    asked_again(world)
    (one,) = world.conversations()
    world.reply(one.id)
    page = desks().page
    page.locator(".list .row").first.click()
    expect(page.locator("#right dl").first).to_contain_text("Stands still")
    expect(page.locator(".head .due")).to_be_hidden()
    expect(page.locator("#middle")).not_to_contain_text("NaN")


def test_a_watcher_finds_what_they_watch_and_how_late_it_is(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    asked_again(world)
    world.pass_time(minutes=130)
    world.sweep()
    page = desks("mehmet", locale="tr-TR").page
    page.get_by_role("tab", name="İzlenen").click()
    expect(page.locator(".list .row .due")).to_contain_text("geç")
    page.locator(".list .row").first.click()
    expect(page.locator("#right dl").first).to_contain_text("İzleyenler")
    expect(page.locator("#right dl").first).to_contain_text("Mehmet")
    expect(page.locator("#right .history")).to_contain_text("sonraki yanıt")
    page.screenshot(path=SHOTS / "desk-watched.png")
