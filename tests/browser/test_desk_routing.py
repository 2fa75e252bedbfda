"""In a real browser, on the real handlers in this process: what the desk shows of offers, pauses, snoozes and reasons."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from router.config import Config
from tests.browser.conftest import NEEDS_CHROMIUM, SHOTS, Opened
from tests.kit.offering import act, desk, floor, history, presence, stands, writes
from tests.kit.world import World
from tests.promises.test_one_person import join, mail_contact, sms_contact

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]
CREW = {
    "ayse": {"skills": {"genel": 4, "chat": 3, "tr": 5}},
    "mehmet": {"skills": {"genel": 2, "chat": 3, "billing": 4}},
}
STATES = [{"name": "lunch", "label": {"tr": "Yemekte", "en": "At lunch"}}]
CONFIG = floor(CREW, presences=STATES)
CARD = "#offers .offer"


@pytest.fixture
def world() -> Iterator[World]:
    with World(CONFIG, memory=True) as world:
        yield world


def test_an_offer_stands_above_the_list_is_said_once_and_taken_by_keyboard(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    at = desks()
    page = at.page
    expect(page.locator("#offers")).to_be_hidden()
    offered = writes(world, 21, "Is my parcel on its way?")
    assert stands(world, offered) == ("offered", "ayse")
    card = page.locator(CARD)
    expect(card).to_contain_text("Is my parcel on its way?")
    expect(card.locator(".due")).to_contain_text(re.compile(r"[23]\d secs left"))
    expect(page).to_have_title(re.compile("^● Offered to you"))
    said = page.locator("#offer-said")
    expect(said).to_contain_text("Offered to you: +15550121, SMS.")
    page.evaluate("""() => { window.said = 0; new MutationObserver(() => { window.said += 1; })
        .observe(document.getElementById("offer-said"), {childList: true, characterData: true, subtree: true}); }""")
    expect(page.get_by_text("No conversation is yours right now.")).to_be_visible()
    page.screenshot(path=SHOTS / "desk-offer.png")
    at.later(12)
    expect(card.locator(".due")).to_contain_text(re.compile(r"1\d secs left"))
    assert page.evaluate("window.said") == 0

    page.locator("#logout").focus()
    page.keyboard.press("Tab")  # the customer's name, to read first
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Accept the conversation with +15550121")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    expect(page.locator(".row")).to_have_count(1)
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page).to_have_title("Desk · Santral")
    assert stands(world, offered) == ("active", "ayse")


def test_a_declined_offer_goes_to_the_next_with_the_reason_on_record(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse", "mehmet")
    page, colleague = desks().page, desks("mehmet").page
    offered = writes(world, 22, "Where is it?")
    page.get_by_role("button", name="Decline the conversation").click()
    reason = page.get_by_label("Why not?")
    expect(reason).to_be_focused()
    reason.fill("Not my product")
    writes(world, 23, "And mine?")  # whatever comes meanwhile, what is being written stays
    expect(page.locator(CARD)).to_have_count(2)
    expect(reason).to_have_value("Not my product")
    page.screenshot(path=SHOTS / "desk-decline.png")
    page.keyboard.press("Enter")
    expect(page.locator(CARD)).to_have_count(1)
    expect(colleague.locator(CARD)).to_contain_text("Where is it?")
    assert stands(world, offered) == ("offered", "mehmet")
    assert history(world, offered, "decline")[0][2]["reason"] == "Not my product"
    expect(page.locator(".toast.news")).to_have_count(0)

    colleague.locator(CARD).get_by_role("button", name="+15550122", exact=True).click()
    expect(colleague.get_by_label("Text")).to_be_disabled()
    expect(colleague.locator("#conversation")).to_contain_text("Offered to you")
    expect(colleague.locator("#right .history")).to_contain_text("Ayse declined")
    colleague.locator(".head").get_by_role("button", name="Accept").click()
    expect(colleague.get_by_label("Text")).to_be_enabled()


def test_a_missed_offer_is_told_and_three_in_a_row_are_a_pause_that_one_click_ends(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    at = desks()
    page = at.page
    for customer in (31, 32, 33):
        writes(world, customer)
        expect(page.locator(CARD)).to_have_count(1)
        at.later(31)
        expect(page.locator(CARD)).to_have_count(0)
        expect(page.get_by_text(f"The offer timed out: +155501{customer}")).to_be_visible()
        expect(page.locator("#lists [data-list=waiting] .count")).to_have_text(str(customer - 30))
    standing = page.locator("#standing")
    expect(standing).to_contain_text("No offers until 12:0")
    page.screenshot(path=SHOTS / "desk-paused.png")
    standing.get_by_role("button", name="I am back").click()
    expect(standing).to_be_hidden()
    at.later(60)  # none of the three is barred any more
    expect(page.locator(CARD).first).to_be_visible()


def test_what_a_supervisor_gives_to_somebody_else_is_not_offered_any_more(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse", "mehmet")
    desk(world, "mehmet")
    page = desks().page
    offered = writes(world, 41)
    expect(page.locator(CARD)).to_have_count(1)
    act(world, "mehmet", "assign", offered, {"agent": "mehmet"}, role="supervisor")
    expect(page.locator(CARD)).to_have_count(0)
    expect(page.get_by_text("No longer offered to you: +15550141")).to_be_visible()


@pytest.mark.parametrize("again", [False, True], ids=["and not offered again", "and offered by that channel"])
def test_a_customer_who_goes_on_by_mail_takes_the_offer_back(desks: Opened, world: World, again: bool) -> None:
    from playwright.sync_api import expect

    limits = {} if again else {"limits": {"email": 0}}
    world.apply(Config.model_validate(floor({"ayse": CREW["ayse"] | limits})))
    world.sms("Merhaba")
    world.mail("Merhaba")
    world.pump()
    join(world, mail_contact(world), sms_contact(world), role="supervisor")
    world.mail("Bir de yazılı sorayım")  # whichever came last, it waits by mail now
    world.sms("Burada daha kolay")
    world.pump()
    at = desks()
    page = at.page
    world.come_in("ayse")
    world.pump()
    expect(page.locator(CARD)).to_contain_text("SMS")
    at.later(5)
    world.mail("Yine de yazılı olsun")
    world.pump()
    if again:
        expect(page.locator(CARD)).to_contain_text("E-mail")
        expect(page.locator(CARD)).to_have_count(1)
        page.get_by_role("button", name="Accept the conversation").click()
        expect(page.locator(".row")).to_have_count(1)
    else:
        expect(page.locator(CARD)).to_have_count(0)
        expect(page.get_by_text("No longer offered to you")).to_be_visible()
        expect(page.locator("#lists [data-list=waiting] .count")).to_have_text("1")


def test_an_offer_is_seen_whatever_the_list_is_narrowed_to(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    page = desks().page
    mine = writes(world, 51)
    page.get_by_role("button", name="Accept the conversation").click()
    act(world, "ayse", "tags", mine, {"add": ["urgent"], "remove": []})
    page.get_by_role("button", name="#urgent", exact=True).click()
    expect(page.locator("#filter")).to_be_visible()
    expect(page.locator(".row")).to_have_count(1)
    writes(world, 52)
    expect(page.locator(CARD)).to_have_count(1)
    expect(page.locator(".toast.news")).to_have_count(0)


def test_a_snooze_is_chosen_and_shown_with_its_time(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    page = desks().page
    mine = writes(world, 61)
    page.get_by_role("button", name="Accept the conversation").click()
    page.get_by_role("button", name="Snooze", exact=True).click()
    choices = page.locator("#snooze .times button")  # it is Monday noon in Istanbul
    expect(choices).to_have_text([
        re.compile("In an hour *13:0"), re.compile("This evening *18:00"), re.compile("Tomorrow morning *Tuesday 09:00"),
        re.compile("Monday morning *9 March 09:00"),
    ])  # fmt: skip
    page.screenshot(path=SHOTS / "desk-snooze.png")
    choices.nth(2).click()
    expect(page.locator(".head h1")).to_contain_text("Snoozed until Tuesday 09:00")
    expect(page.locator(".row")).to_contain_text("Snoozed until Tuesday 09:00")
    expect(page.locator("#right")).to_contain_text("Snoozed, until Tuesday 09:00")
    expect(page.locator("#right .history")).to_contain_text("Ayse snoozed it until Tuesday 09:00")
    assert stands(world, mine) == ("snoozed", "ayse")

    page.get_by_role("button", name="Snooze", exact=True).click()
    page.locator("#snooze").get_by_label("Date and time").fill("2026-03-05T15:30")
    page.locator("#snooze").get_by_role("button", name="Snooze", exact=True).click()
    expect(page.locator(".head h1")).to_contain_text("Snoozed until Thursday 15:30")


def test_a_conversation_is_handed_to_whoever_has_a_skill(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse", "mehmet")
    page = desks().page
    mine = writes(world, 71)
    page.get_by_role("button", name="Accept the conversation").click()
    page.get_by_role("button", name="Transfer", exact=True).click()
    to = page.locator("#transfer [name=to]")
    expect(to).to_contain_text("Mehmet (Online, 12 units free)")
    to.select_option("skill:")
    expect(page.locator("#transfer [name=skill]")).to_be_focused()
    page.keyboard.type("biling")
    page.locator("#transfer").get_by_role("button", name="Transfer").click()
    expect(page.locator("#transfer .toast")).to_contain_text("biling")  # above the dialog, which stays
    page.screenshot(path=SHOTS / "desk-transfer.png")
    page.locator("#transfer [name=skill]").fill("billing>=3")
    page.locator("#transfer [name=minutes]").fill("5")
    page.locator("#transfer").get_by_role("button", name="Transfer").click()
    expect(page.locator("#transfer")).to_be_hidden()
    expect(page.locator("#right .history")).to_contain_text("Ayse handed it to whoever has: billing ≥ 3")
    assert stands(world, mine) == ("offered", "mehmet")
    assert history(world, mine, "transfer")[0][2]["skill"] == "billing>=3"


def test_a_supervisor_gives_it_to_anybody_whatever_their_skills(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    presence(world, "ayse", "online")
    presence(world, "ayse", "lunch")
    waiting = writes(world, 81)
    page = desks("mehmet", role="supervisor").page
    page.get_by_role("tab", name="Waiting").click()
    page.locator(".row").click()
    expect(page.locator("#right")).to_contain_text("Asks for")
    page.get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Give it to…").click()
    expect(page.locator("#assign select")).to_contain_text("Ayse (At lunch, 12 units free)")
    page.locator("#assign select").select_option("ayse")
    page.locator("#assign textarea").fill("You know her")
    page.screenshot(path=SHOTS / "desk-assign.png")
    page.get_by_role("button", name="Give it", exact=True).click()
    expect(page.locator("#right .history")).to_contain_text("Mehmet gave it to Ayse")
    expect(page.locator("#right .history")).to_contain_text("Nobody could take it; it waits")
    assert stands(world, waiting) == ("active", "ayse")


def test_why_is_told_in_the_readers_language_and_the_history_too(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.apply(Config.model_validate(floor(CREW, presences=STATES, routing={})))
    world.come_in("ayse", "mehmet")
    presence(world, "mehmet", "lunch")
    at = desks(locale="tr-TR")
    page = at.page
    writes(world, 91)
    page.locator(".row").click()
    expect(page.locator("#right .history")).to_contain_text("Ayse kişisine atandı")
    page.locator("#right .history summary").first.click()
    why = page.locator("#right .history details ul").first
    expect(why).to_contain_text("Neden o: alabilecek başka kimse yoktu")
    expect(why).to_contain_text("1 kişi: yemekte")
    expect(why).to_contain_text("Aranan: genel")
    page.get_by_role("button", name="Neden?").click()
    story = page.locator("#why .story")
    expect(story).to_contain_text("Görüşmeyi Ayse aldı.")
    expect(story).to_contain_text("Saat dilimi")
    page.screenshot(path=SHOTS / "desk-why.png")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.locator("#right .history")).to_contain_text("Assigned to Ayse")
    page.get_by_role("button", name="Why?").click()
    expect(story).to_contain_text("It was given to Ayse.")


def test_states_of_the_configuration_can_be_chosen_by_their_names(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    page = desks(locale="tr-TR").page
    chosen = page.locator("#presence")
    expect(chosen.locator("option")).to_have_text(["Çevrimiçi", "Uzakta", "Çevrimdışı", "Yemekte"])
    chosen.select_option("lunch")
    expect(page.locator(".presence")).to_have_attribute("data-presence", "away")
    expect(page.get_by_text("Görüşme almak için çevrimiçi olun.")).to_be_visible()
    assert world.call("GET", "/v1/agents/ayse")[1]["presence"] == "lunch"


def test_the_time_to_finish_after_a_conversation_is_shown_and_ends_by_itself(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.apply(Config.model_validate(floor(CREW, {"wrap_up_seconds": 120})))
    world.come_in("ayse")
    at = desks()
    page = at.page
    writes(world, 93)
    page.get_by_role("button", name="Accept the conversation").click()
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("#standing")).to_contain_text("Time to finish until 12:02; nothing new comes before.")
    expect(page.get_by_role("button", name="I am back")).to_have_count(0)
    at.later(121)
    expect(page.locator("#standing")).to_be_hidden()


def test_on_a_phone_an_offer_lies_above_whatever_is_open(desks: Opened, world: World) -> None:
    from playwright.sync_api import expect

    world.come_in("ayse")
    page = desks(width=390, locale="tr-TR").page
    writes(world, 95, "Selam")
    page.get_by_role("button", name="ile görüşmeyi kabul et").click()
    expect(page.get_by_label("Metin")).to_be_visible()
    writes(world, 96, "Bir sorum daha var")
    expect(page.locator(CARD)).to_be_in_viewport()
    expect(page.get_by_label("Metin")).to_be_in_viewport()
    page.screenshot(path=SHOTS / "desk-offer-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Ertele", exact=True).click()
    expect(page.locator("#snooze .times")).to_be_in_viewport()
    page.screenshot(path=SHOTS / "desk-snooze-phone.png")
