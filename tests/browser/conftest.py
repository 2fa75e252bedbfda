"""One deployment and one chromium for all tests here, an agent's page on it, and desks on a world in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from santral.configuration import load
from santral.stage import Stage
from tests.kit.desk_page import DeskPage
from tests.kit.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOTS = ROOT / "build" / "screenshots"
Opened = Callable[..., DeskPage]
NEEDS_CHROMIUM = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no chromium: apt-get install chromium")
NEEDS_EMULATOR = pytest.mark.skipif(
    not (ROOT / ".tools/bin/ministack").exists(), reason="there is no emulator: make tools"
)


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The sample configuration, deployed; with room for every test's customers, and nothing that leaves by itself at some hours.

    Telegram is offered; by all other channels conversations come at once, as in the sample.
    """
    config = load(ROOT / "config")
    agents = tuple(agent.model_copy(update={"units": 300}) for agent in config.agents)
    routing = config.routing.model_copy(update={"offers": {"telegram": 120}})
    with Stage(config.model_copy(update={"agents": agents, "answers": (), "routing": routing})) as stage:
        yield stage


@pytest.fixture(scope="module")  # while it is open, nothing else can run an event loop
def browser() -> Iterator[Any]:
    """A chromium, patient with functions that start for the first time."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def agent(browser: Any, stage: Stage) -> Iterator[Any]:
    """A page on which the agent is logged in and online; nothing it does fails or meets its own content policy."""
    context = browser.new_context(viewport={"width": 1360, "height": 850}, locale="en-GB")
    context.set_default_timeout(60_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    user = stage.connection.user("agent")
    page.goto(f"{stage.connection.sandbox}/desk")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password", exact=True).fill(user.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Live", exact=True).wait_for()
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def desks(browser: Any, world: World) -> Iterator[Opened]:
    """Opens desks on the world, and closes them."""
    opened: list[DeskPage] = []

    def open_(user: str = "ayse", **how: Any) -> DeskPage:
        opened.append(DeskPage(browser, world, user, **how))
        opened[-1].open()
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
