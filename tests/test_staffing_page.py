"""docs/staffing.md: its commands are the command's, and its example is what comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from santral import cli

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "staffing.md").read_text("utf-8")


def test_the_example_is_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (shown,) = re.findall(r"```\n\$ santral (.*?)\n(.*?)```", PAGE, re.DOTALL)
    result = CliRunner().invoke(cli.build(), shown[0].split())
    assert result.exit_code == 0
    assert result.output == shown[1]


def test_every_option_is_one_of_the_command() -> None:
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    told = "".join(
        CliRunner().invoke(cli.build(), [one, "--help"], env={"COLUMNS": "200"}).output
        for one in ("staffing", "scenario", "simulate")
    )
    assert not {one for one in named if one not in told}
