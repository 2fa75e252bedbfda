"""docs/whatif.md and its sample workflow say what is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from santral import cli
from santral.whatif.markdown import MARK
from santral.whatif.record_files import FORMAT

ROOT = Path(__file__).resolve().parent.parent.parent.parent
PAGE = (ROOT / "docs" / "whatif.md").read_text(encoding="utf-8")
TEXT = (ROOT / "docs" / "samples" / "whatif.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(TEXT)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def options(*names: str) -> set[str]:
    command: Any = get_command(cli.build())
    for name in names:
        command = command.commands[name]
    return {option for parameter in command.params for option in parameter.opts}


def called(text: str) -> list[list[str]]:
    """Calls of `santral whatif` and `santral simulate` in some text, as their words."""
    lines = [
        line.partition("#")[0].partition(">")[0]
        for line in text.replace("\\\n", " ").splitlines()
        if "santral whatif " in line
    ]
    return [
        shlex.split(line[line.index("santral whatif") :].rstrip("`. "))
        for line in lines
        if line.strip().startswith((".venv", "santral"))
    ]


def test_the_workflow_runs_on_the_configuration_with_the_least_it_needs() -> None:
    assert WORKFLOW[True] == {"pull_request": {"paths": ["config/**"]}}  # YAML reads `on` as true
    assert WORKFLOW["permissions"] == {}
    rights = {name: job["permissions"] for name, job in WORKFLOW["jobs"].items()}
    assert rights == {"play": {"contents": "read", "id-token": "write"}, "comment": {"pull-requests": "write"}}
    assert "github.event.pull_request.head.repo.full_name == github.repository" in WORKFLOW["jobs"]["play"]["if"]


def test_its_actions_are_of_a_major_version_and_by_github_or_aws() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert len(used) == 4
    assert all(re.fullmatch(r"(actions|aws-actions)/[a-z-]+@v\d+", one) for one in used)


def test_nothing_that_others_write_is_put_into_a_script() -> None:
    assert not [step["run"] for step in STEPS if "${{" in step.get("run", "")]


def test_it_calls_what_there_is() -> None:
    (call,) = called("\n".join(step["run"] for step in STEPS if "run" in step))
    known = options("whatif")
    assert {word for word in call if word.startswith("--")} <= known
    assert {"--config", "--since", "--markdown"} <= set(call)


def test_it_finds_its_own_comment_by_the_mark() -> None:
    assert MARK in next(step["run"] for step in STEPS if "gh api" in step.get("run", ""))


@pytest.mark.parametrize("call", called(PAGE), ids=" ".join)
def test_the_page_calls_what_there_is(call: list[str]) -> None:
    assert {word for word in call if word.startswith("--")} <= options("whatif")


def test_the_page_has_every_option_and_the_format() -> None:
    missing = {one for one in options("whatif") if one.startswith("--") and one not in PAGE} - {"--help", "--language"}
    assert missing <= {"--profile", "--region"}
    assert f"format {FORMAT}" in PAGE
    assert "samples/whatif.yml" in PAGE
