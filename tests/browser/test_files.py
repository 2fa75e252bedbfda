"""In a real browser, on the deployed template: a file leaves the desk and is opened in the chat; a picture comes by MMS."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from santral.sandbox.world import File
from santral.stage import Stage
from tests.browser.conftest import NEEDS_CHROMIUM, NEEDS_EMULATOR, SHOTS
from tests.emulator.conftest import http
from tests.kit.twilio import sign

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

pytestmark = [pytest.mark.emulator, pytest.mark.browser, NEEDS_CHROMIUM, NEEDS_EMULATOR]


def mms(stage: Stage, inbox: str, number: str) -> None:
    """Twilio posts a picture."""
    stored = stage.connection.client("secretsmanager").get_secret_value(SecretId=stage.connection.outputs["SecretArn"])
    twilio = json.loads(stored["SecretString"])["twilio"]
    stage.sandbox.world.files["ME" + "9" * 32] = File("ME" + "9" * 32, "kirik.png", "image/png", PICTURE)
    sid = "MM" + "9" * 32
    fields = {
        "MessageSid": sid, "AccountSid": twilio["account_sid"], "From": "+12025550188", "To": number, "Body": "It broke",
        "NumMedia": "1", "MediaContentType0": "image/png", "NumSegments": "1", "SmsStatus": "received",
        "MediaUrl0": f"https://api.twilio.com/2010-04-01/Accounts/{twilio['account_sid']}/Messages/{sid}/Media/ME{'9' * 32}",
    }  # fmt: skip
    url = f"{stage.connection.sandbox}/webhooks/twilio/{inbox}"
    signed = {"X-Twilio-Signature": sign(twilio["auth_token"], url, fields)}
    assert http("POST", url, urlencode(fields).encode(), signed)[0] == 200


def test_a_picture_that_came_by_mms_is_shown_when_it_is_asked_for(agent: Any, stage: Stage) -> None:
    from playwright.sync_api import expect

    inbox = next(one for one in stage.config.inboxes if one.channel == "twilio")
    mms(stage, inbox.name, inbox.address)
    agent.locator(".row", has_text="It broke").click()
    file = agent.get_by_role("button", name="kirik.png", exact=True)
    expect(file).to_be_visible()
    expect(agent.locator(".files img")).to_have_count(0)
    file.click()
    expect(agent.locator(".files img")).to_have_js_property("naturalWidth", 1)
    agent.screenshot(path=SHOTS / "desk-picture.png")


def test_a_file_leaves_the_desk_and_opens_in_the_chat(agent: Any, browser: Any, stage: Stage) -> None:
    from playwright.sync_api import expect

    customer = browser.new_context(viewport={"width": 900, "height": 720}, locale="tr-TR")
    chat = customer.new_page()
    chat.goto(f"{stage.connection.sandbox}/chat/web")
    chat.get_by_label("Adınız").fill("Derya")
    chat.get_by_label("Mesajınız").fill("Kroki var mı?")
    chat.keyboard.press("Enter")

    agent.locator(".row", has_text="Derya").click()
    with agent.expect_file_chooser() as chooser:
        agent.get_by_role("button", name="Attach files").click()
    chooser.value.set_files({"name": "kroki şubat.png", "mimeType": "image/png", "buffer": PICTURE})
    expect(agent.locator(".uploads li")).to_contain_text("kroki şubat.png")
    expect(agent.locator(".uploads progress")).to_have_count(0)
    expect(agent.locator(".uploads .error")).to_have_count(0)
    agent.screenshot(path=SHOTS / "desk-upload.png")
    agent.get_by_role("button", name="Send", exact=True).click()
    expect(agent.locator(".message.outbound .files")).to_contain_text("kroki şubat.png")
    expect(agent.locator(".uploads li")).to_have_count(0)

    link = chat.get_by_role("link", name="kroki şubat.png")
    expect(link).to_be_visible()
    chat.screenshot(path=SHOTS / "chat-file.png")
    status, body = http("GET", link.get_attribute("href"))
    assert (status, body) == (200, PICTURE)
    customer.close()
