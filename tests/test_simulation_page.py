"""docs/simulation.md: its examples are sound, and it names every field of a scenario."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from santral.configuration import BadConfiguration
from santral.simulation.draws import Lengths
from santral.simulation.experiment import Trial, replicate
from santral.simulation.files import read
from santral.simulation.scenario import Day, Group, Offers, Scenario, Shifts, Stream

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "simulation.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_first_example_is_sound_and_runs(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(BLOCKS[0], "utf-8")
    found = read(tmp_path / "one.yaml")
    assert not found.warnings
    assert replicate(Trial(found.scenario, found.config), 0).all.answered


def test_the_streams_and_groups_are_sound() -> None:
    written: dict[str, list[Any]] = {}
    for block in BLOCKS[1:]:
        for section, items in yaml.safe_load(
            block if block.startswith(("traffic", "groups")) else "traffic:\n" + block
        ).items():
            written.setdefault(section, []).extend(items)
    assert [Stream.model_validate(item).name for item in written["traffic"]] == ["web-chat", "mail"]
    assert [len(Group.model_validate(item).names) for item in written["groups"]] == [12]
    assert all(Shifts.model_validate(item).agents for item in written["shifts"])


def test_the_faults_that_it_shows_are_told_so(tmp_path: Path) -> None:
    path = tmp_path / "bir.yaml"
    path.write_text(
        BLOCKS[0].replace("{exponential: 9}", "{exponential: -3}").replace("queues: chat,", "queues: {chatt: 1},"),
        "utf-8",
    )
    with pytest.raises(BadConfiguration) as raised:
        read(path)
    shown = re.findall(r"```\nbir.yaml.*?```", PAGE, re.DOTALL)[0]
    said = [line.partition("traffic[0]")[2] for line in shown.splitlines()]
    assert {str(fault).partition("traffic[0]")[2] for fault in raised.value.faults} == set(filter(None, said))


@pytest.mark.parametrize("model", [Scenario, Day, Group, Shifts, Stream, Offers, Lengths])
def test_every_field_is_on_the_page(model: Any) -> None:
    named = set(re.findall(r"[a-z_]+", PAGE))
    assert not set(model.model_fields) - named
