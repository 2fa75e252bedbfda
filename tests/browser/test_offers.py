"""In a real browser, on the deployed template: an offer appears, is declined and goes to a colleague; the next one is accepted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from santral import customers
from santral.api_client import ApiClient
from santral.stage import Stage
from tests.browser.conftest import NEEDS_CHROMIUM, NEEDS_EMULATOR, SHOTS
from tests.emulator.conftest import until

pytestmark = [pytest.mark.emulator, pytest.mark.browser, NEEDS_CHROMIUM, NEEDS_EMULATOR]
COLLEAGUE = "mehmet"


@pytest.fixture
def colleague(stage: Stage) -> Iterator[ApiClient]:
    """Somebody else who is in, and knows less of it; away again afterwards."""
    api = stage.connection.api("supervisor")
    api.post(f"/v1/agents/{COLLEAGUE}/presence", {"presence": "online"})
    yield api
    api.post(f"/v1/agents/{COLLEAGUE}/presence", {"presence": "offline"})


def test_an_offer_is_declined_and_given_to_a_colleague_and_the_next_is_accepted(
    agent: Any, colleague: ApiClient, stage: Stage
) -> None:
    from playwright.sync_api import expect

    sandbox = stage.connection.sandbox
    customers.write_message(sandbox, "telegram", "700101", "Siparişim nerede kaldı?", name="Deniz Kaya")
    card = agent.locator("#offers .offer")
    expect(card).to_contain_text("Siparişim nerede kaldı?")
    expect(card.locator(".due")).to_contain_text("left")
    agent.screenshot(path=SHOTS / "desk-offered.png")
    card.get_by_role("button", name="Decline").click()
    agent.keyboard.type("Not my product")
    agent.keyboard.press("Enter")
    expect(card).to_have_count(0)

    def with_colleague() -> dict[str, Any] | None:
        found = colleague.get("/v1/conversations", agent=COLLEAGUE, state="offered")["conversations"]
        return next((one for one in found if one["customer"] == "Deniz Kaya"), None)

    offered = until(with_colleague, "it is offered to the colleague", 60)
    colleague.post(f"/v1/conversations/{offered['id']}/accept", {})
    agent.goto(f"{sandbox}/desk#{offered['id']}")
    expect(agent.locator("#right .history li > span")).to_have_text(
        [
            re.compile("Offered to Ayşe"),
            "Ayşe Yılmaz declined",
            re.compile("Offered to Mehmet"),
            "Mehmet Demir accepted",
        ]
    )

    customers.write_message(sandbox, "telegram", "700102", "Bir sorum var", name="Mert Can")
    expect(card).to_contain_text("Bir sorum var")
    card.get_by_role("button", name="Accept").click()
    expect(agent.locator(".head h1")).to_contain_text("Mert Can")
    agent.get_by_label("Text").fill("Buyurun, dinliyorum.")
    agent.keyboard.press("Control+Enter")
    expect(agent.locator(".message.outbound .text")).to_have_text(["Buyurun, dinliyorum."])
    agent.get_by_role("button", name="Why?").click()
    expect(agent.locator("#why .story")).to_contain_text("Ayşe Yılmaz accepted.")
    agent.screenshot(path=SHOTS / "desk-explained.png")
