"""In a real browser, on the real handlers in this process: a time is promised, shown, kept and taken back; the work is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from router.promises import Promise, Standing
from router.scores import ScoreKind
from router.surveys import Rating
from tests.browser.conftest import NEEDS_CHROMIUM, SHOTS, Opened
from tests.kit.surveyed import asks
from tests.kit.world import World

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture
def world() -> Iterator[World]:
    with World(memory=True) as world:
        yield world


def held(world: World) -> str:
    world.come_in("ayse")
    world.sms("Bana haber verir misiniz?")
    world.pump()
    (one,) = world.conversations()
    return str(one.id)


def promised(world: World) -> list[Promise]:
    (one,) = world.conversations()
    return list(one.promises)


def test_an_agent_promises_a_time_in_their_own_zone_and_says_that_it_is_kept(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    held(world)
    at = desks()
    page = at.page
    page.locator(".list .row").first.click()
    section = page.locator("#right .promises")
    section.get_by_role("button", name="Promise a time").click()
    dialog = page.locator("#promise")
    dialog.get_by_label("Date and time").fill("2026-03-02T15:00")
    dialog.get_by_role("button", name="Promise", exact=True).click()
    expect(dialog).to_be_visible()  # it has to say what
    dialog.get_by_label("What").fill("Geri aranacak")
    page.screenshot(path=SHOTS / "desk-promise-ask.png")
    dialog.get_by_role("button", name="Promise", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(section).to_contain_text("Geri aranacak")
    expect(section).to_contain_text("15:00")
    expect(section).to_contain_text("Ayşe")
    expect(page.locator(".head .chip", has_text="Promised until")).to_contain_text("15:00")
    (made,) = promised(world)
    assert made.due_at.isoformat() == "2026-03-02T12:00:00+00:00", "as the browser's zone has it"
    page.screenshot(path=SHOTS / "desk-promise.png")

    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(".toast")).to_contain_text(
        ["Promised until", re.compile("Say that it is kept, or take it back")]
    )
    section.get_by_role("button", name="Kept").click()
    expect(section.locator(".due")).to_have_text("Kept")
    expect(page.locator(".head .chip", has_text="Promised until")).to_have_count(0)
    assert promised(world)[0].standing is Standing.KEPT
    expect(page.locator("#right .history")).to_contain_text("Ayşe kept a promise")


def test_one_is_taken_back_and_a_late_one_is_shown_as_late(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    held(world)
    at = desks()
    page = at.page
    page.locator(".list .row").first.click()
    section = page.locator("#right .promises")
    for what in ("one", "two"):
        section.get_by_role("button", name="Promise a time").click()
        dialog = page.locator("#promise")
        dialog.get_by_label("Date and time").fill("2026-03-02T12:30")
        dialog.get_by_label("What").fill(what)
        dialog.get_by_label("My next answer keeps it").check()
        dialog.get_by_role("button", name="Promise", exact=True).click()
        expect(section.locator("li")).to_have_count(1 if what == "one" else 2)
    section.get_by_role("button", name="Take back").first.click()
    expect(section.locator(".due").first).to_have_text("Taken back")
    for _ in range(3):
        at.later(600)
    world.sweep()  # half an hour is beyond the timers
    assert [one.standing for one in promised(world)] == [Standing.BROKEN, Standing.TAKEN_BACK]
    expect(page.locator(".head .chip", has_text="Promised until")).to_contain_text("late")
    expect(section.locator(".due").last).to_have_text("Broken")
    page.screenshot(path=SHOTS / "desk-promise-broken.png")


def test_a_supervisor_sees_beside_a_conversation_what_its_person_answered_to_surveys(
    desks: Opened, world: World
) -> None:
    from playwright.sync_api import expect

    one = held(world)
    world.reply(one)
    world.pump()
    (conversation,) = world.conversations()
    about = asks(world, conversation, ScoreKind.NPS, of_it=False)
    rating = Rating(about, 9, "link", world.now, "Kargo <b>hızlıydı</b>")
    world.x.table.commit(world.x.table.new_rating(rating))
    section = desks("sef", role="supervisor").open(f"/desk#{one}").locator("#right .answers")
    expect(section).to_contain_text("Would recommend")
    expect(section).to_contain_text("9 / 10")
    expect(section).to_contain_text("Kargo <b>hızlıydı</b>")
    page = desks("ayse").open(f"/desk#{one}")
    expect(page.locator("#right .person")).to_be_visible()
    expect(page.locator("#right .answers")).to_have_count(0)


def test_a_supervisor_judges_the_work_in_turkish(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    one = held(world)
    world.reply(one)
    world.pump()
    at = desks("sef", role="supervisor", locale="tr-TR")
    page = at.open(f"/desk#{one}")
    page.locator(".head summary").click()
    page.get_by_role("button", name="Çalışmayı değerlendir").click()
    dialog = page.locator("#quality")
    dialog.get_by_label("Yüzde").fill("85")
    dialog.get_by_label("Neden").fill("Nazik ve hızlı")
    page.screenshot(path=SHOTS / "desk-quality-ask.png")
    dialog.get_by_role("button", name="Kaydet").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#right .scores")).to_contain_text("%85")
    (found,) = world.conversations()
    assert [(score.value, score.agent, score.by) for score in found.scores] == [(85, "ayse", "sef")]
    page.screenshot(path=SHOTS / "desk-quality.png")
