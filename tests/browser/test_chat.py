"""In a real browser, on the deployed template: the customer's chat and the agent's desk, with a connection lost between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from santral.connection import Connection
from santral.stage import Stage
from tests.browser.conftest import NEEDS_CHROMIUM, NEEDS_EMULATOR, SHOTS

pytestmark = [pytest.mark.emulator, pytest.mark.browser, NEEDS_CHROMIUM, NEEDS_EMULATOR]


@pytest.fixture
def connection(stage: Stage) -> Connection:
    """The deployment."""
    return stage.connection


@pytest.fixture
def customer(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 900, "height": 720}, locale="tr-TR")
    context.set_default_timeout(60_000)
    yield context
    context.close()


def test_an_answer_given_while_the_customer_was_away_appears_once(
    customer: Any, agent: Any, connection: Connection
) -> None:
    from playwright.sync_api import expect

    chat = customer.new_page()
    chat.goto(f"{connection.sandbox}/chat/web")
    chat.get_by_label("Adınız").fill("Ece")
    chat.get_by_label("Mesajınız").fill("Merhaba, kargo ücreti ne kadar?")
    chat.keyboard.press("Enter")
    expect(chat.locator(".bubble.mine .state")).to_contain_text("Gönderildi")

    # The connection is lost, and what is written meanwhile waits on the page.
    customer.set_offline(True)
    expect(chat.locator("#offline")).to_be_visible()
    chat.get_by_label("Mesajınız").fill("Bir de iade süresi?")
    chat.keyboard.press("Enter")
    expect(chat.locator(".bubble.mine.waiting")).to_have_count(1)
    chat.screenshot(path=SHOTS / "chat-offline.png")

    # The agent's page shows the conversation by itself, and the agent answers.
    agent.locator(".row", has_text="Ece").click()
    expect(agent.locator(".message.inbound .text")).to_have_text("Merhaba, kargo ücreti ne kadar?")
    expect(agent.locator(".head .due")).to_contain_text("Answer within")
    agent.get_by_label("Text").fill("500 TL üzeri ücretsiz, Ece Hanım.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".message.outbound .text")).to_have_count(1)
    agent.screenshot(path=SHOTS / "desk-answered.png")

    # Back on line: the answer is there once, the waiting message leaves once.
    customer.set_offline(False)
    expect(chat.locator("[data-direction=outbound] .text")).to_have_text(["500 TL üzeri ücretsiz, Ece Hanım."])
    expect(chat.locator(".bubble.mine.waiting")).to_have_count(0)
    expect(agent.locator(".message.inbound .text")).to_have_text(
        ["Merhaba, kargo ücreti ne kadar?", "Bir de iade süresi?"]
    )
    expect(agent.locator(".message.outbound .sending")).to_contain_text(re.compile("Delivered|Read"))

    # A reload resumes the same conversation; nothing is there twice.
    chat.reload()
    expect(chat.locator(".bubble .text")).to_have_count(3)
    expect(chat.locator("[data-direction=outbound] .text")).to_have_count(1)
    chat.wait_for_timeout(1500)
    expect(chat.locator(".bubble .text")).to_have_count(3)
    chat.screenshot(path=SHOTS / "chat-answered.png")
    assert chat.locator("html").get_attribute("lang") == "tr"

    # The customer ends the chat: who has it reads so, and decides.
    chat.get_by_role("button", name="Sohbeti bitir").click()
    expect(chat.locator("#typing")).to_contain_text("Sohbeti bitirdiniz")
    expect(chat.locator("#leave")).to_be_hidden()
    chat.screenshot(path=SHOTS / "chat-left.png")

    # Done: the agent resolves it, and it leaves the list.
    agent.get_by_role("button", name="Resolve", exact=True).click()
    expect(agent.locator(".row", has_text="Ece")).to_have_count(0)
    agent.get_by_role("tab", name="Resolved").click()
    expect(agent.locator(".row", has_text="Ece")).to_have_count(1)
    agent.screenshot(path=SHOTS / "desk-resolved.png")


def test_a_mail_and_an_sms_are_answered_on_the_sandbox_page(agent: Any, connection: Connection) -> None:
    from playwright.sync_api import expect

    box = agent.context.new_page()
    box.set_default_timeout(60_000)
    box.goto(f"{connection.sandbox}/sandbox")
    box.get_by_label("Subject").fill("Invoice")
    box.locator("#mail-form [name=to]").select_option("support@example.com")
    box.locator("#mail-form [name=text]").fill("Could you send the invoice again?")
    box.locator("#mail-form").get_by_role("button", name="Send").click()
    expect(box.locator(".mail.from-customer", has_text="send the invoice again")).to_have_count(1)

    agent.locator(".row", has_text="Invoice").click()
    expect(agent.locator(".message.inbound .text")).to_have_text(re.compile("send the invoice again"))
    agent.get_by_label("Text").fill("Here it is.")
    agent.get_by_role("button", name="Send", exact=True).click()
    expect(box.locator(".mail.to-customer .text")).to_contain_text("Here it is.")
    box.screenshot(path=SHOTS / "sandbox-mail.png")

    # The customer answers the mail: same conversation.
    box.locator(".mail.to-customer").get_by_role("button", name="Answer").click()
    box.locator("#mail-form [name=text]").fill("Thank you!")
    box.locator("#mail-form").get_by_role("button", name="Send").click()
    expect(agent.locator(".message.inbound")).to_have_count(2)

    box.get_by_role("tab", name="SMS").click()
    box.locator("#sms-form [name=text]").fill("Are you open today?")
    box.keyboard.press("Enter")
    agent.locator(".row", has_text="Are you open today?").click()
    agent.get_by_label("Text").fill("Yes, until six.")
    agent.keyboard.press("Control+Enter")
    expect(box.locator(".sms.to-customer")).to_contain_text("Yes, until six.")
    expect(box.locator(".sms.to-customer")).to_contain_text("delivered")
    box.screenshot(path=SHOTS / "sandbox-phone.png")


def test_a_wrong_password_is_told_in_the_readers_language(customer: Any, connection: Connection) -> None:
    from playwright.sync_api import expect

    page = customer.new_page()
    page.goto(f"{connection.sandbox}/desk")
    page.get_by_label("E-posta").fill("ayse@example.com")
    page.get_by_label("Parola", exact=True).fill("yanlis-parola-1A")
    page.get_by_role("button", name="Oturum aç").click()
    expect(page.get_by_role("alert")).to_have_text("E-posta ya da parola yanlış.")
