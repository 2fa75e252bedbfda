"""How the queues stand, as a supervisor sees it; who is none does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions import measure
from tests.browser.conftest import NEEDS_CHROMIUM, SHOTS, Opened
from tests.kit.events import LambdaContext
from tests.kit.world import World

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM]


@pytest.fixture
def world() -> Iterator[World]:
    """Seven customers wrote, and one person was in."""
    with World(memory=True) as found:
        measure.handler({}, LambdaContext())
        found.come_in("ayse")
        for number in range(7):
            found.sms(sender=f"+1555000{number}")
            found.pump()
            found.pass_time(minutes=12, seconds=3)
        yield found


@pytest.mark.parametrize(
    ("locale", "title", "cells"),
    [
        ("en-GB", "How the queues stand", ("3", "36:", "0 of 1 free", "100%")),
        ("tr-TR", "Kuyruklar ne durumda", ("3", "36:", "1 kişiden 0 müsait", "%100")),
    ],
)
def test_a_supervisor_sees_how_the_queues_stand(desks: Opened, locale: str, title: str, cells: tuple[str, ...]) -> None:
    page = desks("sefa", role="supervisor", locale=locale).page
    page.locator("#floor-open").click()
    dialog = page.get_by_role("dialog", name=title)
    row = dialog.get_by_role("row").filter(has_text="genel")
    for cell in cells:
        row.get_by_text(cell).first.wait_for()
    page.screenshot(path=SHOTS / f"floor-{locale}.png")


def test_it_goes_on_being_read_while_it_is_open(desks: Opened, world: World) -> None:
    desk = desks("sefa", role="supervisor")
    page = desk.page
    page.locator("#floor-open").click()
    row = page.locator("#floor tbody tr").filter(has_text="genel")
    row.get_by_text("100%").wait_for()
    world.come_in("mehmet")
    world.pump()
    desk.later(11)
    row.get_by_text("of 2 free").wait_for()


def test_an_agent_has_no_button_for_it(desks: Opened) -> None:
    assert desks().page.locator("#floor-open").is_hidden()
