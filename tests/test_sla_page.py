"""docs/sla.md: its example is what comes out, its policy is one, and it names every field of a policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from router.targets import Sla
from santral.commands import explain as command
from tests.kit.world import CONFIG, World

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "sla.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
WRITTEN = {key: value for block in reversed(BLOCKS) for key, value in block.items()}
"""Of two of a name the first is the example."""


def made() -> dict[str, Any]:
    """The page's calendar and policy in a configuration; the year's holidays are those that the library finds for 2027."""
    (calendar,) = WRITTEN["calendars"]
    days = [day | {"date": str(day["date"])} for day in calendar["days"]]
    holidays = {
        "holidays": [],
        "found": [{"date": "2027-01-01", "name": "Yılbaşı"}],
        "closed": [str(day) for day in calendar["closed"]],
    }
    queues = [queue | {"sla": "standart"} for queue in CONFIG["queues"]]
    return CONFIG | {"calendars": [calendar | {"days": days} | holidays], "sla": WRITTEN["sla"], "queues": queues}


@pytest.fixture
def world() -> Iterator[World]:
    with World(made(), memory=True) as world:
        world.now = datetime(2026, 12, 29, 13, 30, tzinfo=UTC)  # a Tuesday, 16:30 in Istanbul
        yield world


def test_the_example_is_what_is_printed(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.come_in("ayse")
    world.sms("Kargom nerede?")
    world.pump()
    (conversation,) = world.conversations()
    world.pass_time(minutes=30)
    world.reply(conversation.id)
    world.pump()
    world.pass_time(hours=17)
    world.sms("Hâlâ gelmedi")
    world.pump()
    status, told = world.call("GET", f"/v1/conversations/{conversation.id}/sla", user="sef", role="supervisor")
    assert status == 200, told
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    command._show(told, every=False)

    (example,) = re.findall(r"```\n(Resolution.*?)\n```", PAGE, re.DOTALL)
    assert f"\n\n{example}\n\n" in capsys.readouterr().out


def test_every_field_of_a_policy_is_on_the_page() -> None:
    escalating = {key for block in BLOCKS for policy in block.get("sla", ()) for key in policy}
    assert set(WRITTEN["sla"][0]) | escalating == set(Sla.model_fields)
