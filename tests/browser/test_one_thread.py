"""In a real browser, on the deployed template: buttons that are tapped, two people who are one, a window that is closed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from santral import customers
from santral.stage import Stage
from tests.browser.conftest import NEEDS_CHROMIUM, NEEDS_EMULATOR, SHOTS
from tests.emulator.conftest import http, until
from tests.kit.meta import number_call

pytestmark = [pytest.mark.emulator, pytest.mark.browser, NEEDS_CHROMIUM, NEEDS_EMULATOR]


def bubble(stage: Stage, customer: str, text: str) -> dict[str, Any]:
    """A message of ours on a customer's phone."""

    def look() -> dict[str, Any] | None:
        shown = customers.phones(stage.connection.sandbox)["bubbles"]
        mine = [one for one in shown if (one["customer"], one["way"]) == (customer, "to-customer")]
        return next((one for one in mine if text in one["text"]), None)

    return until(look, "the answer is on the phone", 60)


def test_a_whatsapp_message_is_answered_with_buttons_and_the_tap_is_seen(agent: Any, stage: Stage) -> None:
    from playwright.sync_api import expect

    sandbox, elif_ = stage.connection.sandbox, "+12025550161"
    (asked,) = customers.write_message(sandbox, "whatsapp", elif_, "Mavi gömlek var mı?", name="Elif Şahin")
    agent.locator(".row", has_text="Elif").click()
    expect(agent.locator(".window")).to_contain_text("WhatsApp takes free answers until")
    expect(agent.get_by_label("Text")).to_be_focused()
    agent.keyboard.type("Var. Nasıl gönderelim?")
    agent.get_by_role("button", name="Choices").click()
    agent.keyboard.type("Kargo")
    agent.keyboard.press("Enter")
    agent.keyboard.type("Mağazadan alırım")
    expect(agent.get_by_text("Shown as buttons.")).to_be_visible()
    agent.locator(".message.inbound").hover()
    agent.get_by_role("button", name="Quote it in the answer").click()
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".message.outbound .options li")).to_have_text(["Kargo", "Mağazadan alırım"])
    expect(agent.locator(".message.outbound .quoted")).to_contain_text("Mavi gömlek var mı?")

    ours = bubble(stage, elif_, "Nasıl gönderelim?")
    assert ours["refers_to"] == asked
    customers.ask(sandbox, "tap", {"inbox": "whatsapp", "message": ours["id"], "button": 1})
    customers.ask(sandbox, "react", {"inbox": "whatsapp", "message": ours["id"], "emoji": "👍"})
    expect(agent.locator(".message.outbound .options .tapped")).to_contain_text("Mağazadan alırım")
    expect(agent.locator(".message.inbound").last.locator(".text")).to_have_text("Mağazadan alırım")
    expect(agent.locator(".message.outbound .reactions")).to_contain_text("👍")
    expect(agent.locator(".message.inbound")).to_have_count(2)
    agent.screenshot(path=SHOTS / "desk-buttons.png")


def test_two_contacts_are_joined_to_one_thread_and_separated_again(agent: Any, stage: Stage) -> None:
    from playwright.sync_api import expect

    mail = {"from": "kerem@example.net", "name": "Kerem Ak", "to": "support@example.com"}
    customers.write_mail(stage.connection.smtp_port, mail | {"subject": "My parcel", "text": "Where is my parcel?"})
    customers.write_sms(stage.connection.sandbox, "+12025550162", "+15005550100", "It is me, Kerem, on my phone")
    agent.locator(".row", has_text="My parcel").click()
    expect(agent.locator(".message.inbound")).to_have_count(1)
    expect(agent.locator(".row", has_text="It is me, Kerem")).to_be_visible()
    agent.get_by_role("button", name="Join…").click()
    agent.keyboard.type("+1 202 555 0162")
    agent.keyboard.press("Enter")
    agent.get_by_role("radio").check()
    agent.get_by_role("button", name="Join", exact=True).click()

    expect(agent.locator(".message.inbound .text")).to_have_text(
        ["Where is my parcel?", "It is me, Kerem, on my phone"]
    )
    expect(agent.locator(".identities li")).to_have_count(2)
    expect(agent.locator(".row", has_text="Kerem")).to_have_count(1)
    expect(agent.get_by_label("Channel of the answer")).to_contain_text("SMS · as usual")
    agent.get_by_label("Channel of the answer").select_option("support")
    agent.get_by_label("Text").fill("It arrives tomorrow.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".message.outbound .chip")).to_have_text("E-mail")
    agent.screenshot(path=SHOTS / "desk-joined.png")

    agent.get_by_role("button", name="Separate +12025550162").click()
    agent.locator("#separate").get_by_role("button", name="Separate").click()
    expect(agent.locator(".message.inbound .text")).to_have_text(["Where is my parcel?"])
    expect(agent.locator(".identities li")).to_have_count(1)


def test_a_closed_window_is_said_before_anybody_types(agent: Any, stage: Stage) -> None:
    from playwright.sync_api import expect

    whatsapp = next(one for one in stage.config.inboxes if one.name == "whatsapp")
    written = (str(whatsapp.settings["phone_number_id"]), "12025550163", "wamid.yesterday", "Siparişim nerede?")
    body = json.dumps(number_call(written, at=int(time.time()) - 26 * 3600)).encode()
    stored = stage.connection.client("secretsmanager").get_secret_value(SecretId=stage.connection.outputs["SecretArn"])
    secret = json.loads(stored["SecretString"])["whatsapp"]["app_secret"]
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
    assert http("POST", f"{stage.connection.sandbox}/webhooks/whatsapp/whatsapp", body, headers)[0] == 200

    agent.locator(".row", has_text="Siparişim nerede?").click()
    expect(agent.locator(".window")).to_contain_text("WhatsApp took free answers until")
    expect(agent.get_by_label("Text")).to_be_disabled()
    agent.screenshot(path=SHOTS / "desk-window.png")
    agent.get_by_role("button", name="Use a template").click()
    agent.keyboard.type("siparis_durumu")
    agent.get_by_role("button", name="Add a value").click()
    agent.keyboard.type("4711")
    agent.get_by_label("Text").fill("Siparişiniz 4711 yolda.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".message.outbound .chip")).to_have_text("Template: siparis_durumu")
