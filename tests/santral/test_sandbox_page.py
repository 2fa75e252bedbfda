"""The sandbox's page in a real browser: the phones' tabs, a picture, buttons, what is read, in both languages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import encode_basic_auth

from router.config import Config, Inbox
from tests.browser.conftest import CHROMIUM, FLAGS, NEEDS_CHROMIUM
from tests.santral.sandbox_kit import CONFIG, PIXEL, Played, picture, play
from tests.santral.test_sandbox_meta import button, choices, event, send, to_person, value, written

ELIF = "+12025550171"  # who writes first in the page's WhatsApp

pytestmark = [
    pytest.mark.browser,
    NEEDS_CHROMIUM,
]


def look(language: str, scene: Callable[[Played, Any], Awaitable[None]], config: Config = CONFIG) -> None:
    """A scene with the page open; no error may show in the console but the desk's, which is not served here."""
    from playwright.async_api import async_playwright

    async def whole(played: Played) -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            page = await browser.new_page(viewport={"width": 1360, "height": 850}, locale=language)
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda m: faults.append(m.text) if "Content Security Policy" in m.text else None)
            await page.goto(f"{played.url}/sandbox")
            await page.get_by_role("tab", name="WhatsApp").wait_for()
            await scene(played, page)
            await browser.close()
            assert faults == []

    play(whole, config)


def test_a_customer_writes_sends_a_picture_taps_a_button_and_reads() -> None:
    async def scene(played: Played, page: Any) -> None:
        await page.get_by_role("tab", name="WhatsApp").click()
        phone = page.locator("#whatsapp")
        await phone.get_by_placeholder("Metin").fill("Merhaba")
        await page.keyboard.press("Enter")
        await phone.locator(".sms.from-customer", has_text="Merhaba").wait_for()
        crack = {"name": "kırık.png", "mimeType": "image/png", "buffer": PIXEL}
        await phone.get_by_label("Resim ya da dosya gönder").set_input_files(crack)
        await phone.locator("img[alt='kırık.png']").wait_for()
        assert [value(called)["messages"][0]["type"] for called in played.called] == ["text", "image"]

        ask = choices(button("shop", "Mağazadan"), button("post", "Kargo"), text="Nasıl istersiniz?")
        await send(played, "wa", **written(interactive=ask))
        await phone.get_by_role("button", name="Kargo").click()
        await played.until(lambda: any("interactive" in m for m in told(played)))
        (tap,) = [m["interactive"] for m in told(played) if "interactive" in m]
        assert tap["button_reply"]["id"] == "post"
        await phone.locator(".sms.to-customer", has_text="okundu").wait_for()
        await played.until(lambda: "read" in [s["status"] for c in played.called for s in value(c).get("statuses", [])])

    look("tr-TR", scene)


def told(played: Played) -> list[dict[str, Any]]:
    """WhatsApp's inbound messages so far."""
    return [message for called in played.called for message in value(called).get("messages", [])]


def test_what_is_unread_is_counted_on_its_tab_until_the_tab_is_looked_at() -> None:
    async def scene(played: Played, page: Any) -> None:
        person = await page.locator("#messenger [data-part=address]").input_value()
        await played.ask("say", "page", **{"from": person, "text": "Hi", "name": "Sam"})
        await send(played, "page", **to_person(person, text="Hello"))
        tab = page.get_by_role("tab", name="Messenger")
        await tab.locator(".unread", has_text="1").wait_for()
        assert not any("read" in event(called) for called in played.called)
        await tab.click()
        await page.locator("#messenger .sms", has_text="Hello").wait_for()
        await played.until(lambda: any("read" in event(called) for called in played.called))
        assert await tab.locator(".unread").text_content() == ""

    look("en-GB", scene)


def test_a_failure_is_ordered_by_hand_and_shown_until_it_happened() -> None:
    async def scene(played: Played, page: Any) -> None:
        await page.get_by_role("tab", name="WhatsApp").click()
        phone = page.locator("#whatsapp")
        await phone.get_by_placeholder("Text").fill("Hi")
        await page.keyboard.press("Enter")
        await phone.get_by_label("The next answer").select_option("lost")
        await played.until(lambda: played.sandbox.faults.state())
        (ordered,) = played.sandbox.faults.state()
        assert (ordered["kind"], ordered["customer"]) == ("lost", ELIF)
        await send(played, "wa", **written(text={"body": "Hello"}))
        await phone.locator(".sms.to-customer", has_text="failed").wait_for()
        await page.wait_for_function("document.querySelector('#whatsapp [data-part=fault]').value === ''")

    look("en-GB", scene)


def test_all_tabs_stand_in_one_row_and_fit_a_phone_too() -> None:
    async def scene(_played: Played, page: Any) -> None:
        tops = await page.locator('[role="tab"]').evaluate_all("tabs => tabs.map((tab) => tab.offsetTop)")
        assert len(tops) == 7
        assert len(set(tops)) == 1
        await page.set_viewport_size({"width": 390, "height": 800})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    look("tr-TR", scene)


SMS = Inbox(name="sms", channel="twilio", address="+15005550100", queue="social", secret="twilio")
KEREM = "+12025550143"  # who writes first in the page's SMS


async def tell_by_sms(played: Played, **form: str) -> int:
    """An answer, as the channel sends it; the status."""
    account = played.credentials["twilio"]
    answer = await played.client.post(
        f"/twilio/2010-04-01/Accounts/{account['account_sid']}/Messages.json",
        data={"From": SMS.address, "To": KEREM, **form},
        headers={"Authorization": encode_basic_auth(account["account_sid"], account["auth_token"])},
    )
    return answer.status


def test_pictures_go_both_ways_by_sms_too() -> None:
    async def scene(played: Played, page: Any) -> None:
        await page.get_by_role("tab", name="SMS").click()
        phone = page.locator("#phone")
        broken = {"name": "broken.png", "mimeType": "image/png", "buffer": PIXEL}
        await phone.get_by_label("Send a picture or a file").set_input_files(broken)
        await phone.locator(".sms.from-customer img[alt='broken.png']").wait_for()
        (called,) = await played.seen(1)
        assert called.form["NumMedia"] == "1"
        assert await tell_by_sms(played, Body="Like this?", MediaUrl=f"{played.url}/link/a.png") == 201
        await phone.locator(".sms.to-customer", has_text="Like this?").locator("img[alt='a.png']").wait_for()

    look("en-US", scene, CONFIG.model_copy(update={"inboxes": (*CONFIG.inboxes, SMS)}))


@pytest.mark.parametrize(
    ("language", "title"), [("en-US", "Refused by providers: 2"), ("tr-TR", "Sağlayıcıların geri çevirdikleri: 2")]
)
def test_what_breaks_a_provider_s_rules_is_told_in_the_provider_s_words(language: str, title: str) -> None:
    async def scene(played: Played, page: Any) -> None:
        assert await page.locator("#refused").is_hidden()
        assert await tell_by_sms(played, Body="x" * 1601) == 400
        await played.say("wa")
        long = choices(button("shop", "A title that is longer than twenty"), text="?")
        assert (await send(played, "wa", **written(interactive=long)))[0] == 400
        told = page.locator("#refused")
        await told.get_by_text(title).click()
        await told.get_by_text("Twilio 400").wait_for()
        await told.get_by_text("The concatenated message body exceeds the 1600 character limit.").wait_for()
        await told.get_by_text("less than or equal to 20").wait_for()
        await page.locator("#reset").click()
        await told.wait_for(state="hidden")

    look(language, scene, CONFIG.model_copy(update={"inboxes": (*CONFIG.inboxes, SMS)}))


def test_a_tab_opens_at_its_newest_message_whatever_pictures_come_later() -> None:
    async def scene(played: Played, page: Any) -> None:
        for number in range(12):
            await played.say("wa", f"Merhaba {number}", files=[picture()])
        await played.say("wa", "En yeni")
        await page.get_by_role("tab", name="WhatsApp").click()
        newest = page.locator("#whatsapp .sms", has_text="En yeni")
        await newest.wait_for()
        await page.wait_for_function("[...document.querySelectorAll('#whatsapp img')].every((image) => image.complete)")
        place = await page.locator("#whatsapp .texts").bounding_box()
        box = await newest.bounding_box()
        assert box["y"] + box["height"] <= place["y"] + place["height"] + 1

    look("tr-TR", scene)
