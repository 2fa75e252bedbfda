"""Editors complete and check the configuration's files by a schema that says what the models say."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from santral import cli
from santral.config_schema import FOLDER, SCHEMAS, stale, undescribed
from santral.configuration import LISTS, SINGLES, files

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = files(ROOT / "config")
CASES = files(ROOT / "config" / "tests")
SCENARIOS = files(ROOT / "scenarios")


def validator(name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((FOLDER / name).read_text("utf-8")))


def read(text: str) -> Any:
    """YAML 1.2, as editors read it: times are text."""
    return json.loads(json.dumps(yaml.safe_load(text), default=_text))


def _text(value: Any) -> str:
    assert isinstance(value, (date, datetime))
    return value.isoformat()


def test_the_files_are_current() -> None:
    assert stale() == [], "run `santral config schema`"


@pytest.mark.parametrize("name", SCHEMAS)
def test_they_are_json_schema(name: str) -> None:
    Draft7Validator.check_schema(json.loads((FOLDER / name).read_text("utf-8")))


def test_an_editor_has_words_for_every_field() -> None:
    assert undescribed() == [], "give the model's field a description"


@pytest.mark.parametrize("path", [*SAMPLES, *CASES, *SCENARIOS], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sample_names_its_schema_and_is_valid_under_it(path: Path) -> None:
    text = path.read_text("utf-8")
    (line,) = [line for line in text.splitlines() if "yaml-language-server" in line]
    assert text.startswith(line), "editors look for it at the top"
    schema = (path.parent / line.partition("$schema=")[2]).resolve()
    assert schema.parent == FOLDER
    validator(schema.name).validate(read(text))


def test_every_section_has_its_schema() -> None:
    schema = json.loads((FOLDER / "config.v1.json").read_text("utf-8"))
    assert set(schema["properties"]) == {"format", *SINGLES, *LISTS}


@pytest.mark.parametrize(
    "text",
    [
        "queues: []",
        "queues: [{name: a}]",
        "queues: [{name: a, skil: b, skill: b}]",
        "queues: [{name: A, skill: b}]",
        "inboxes: [{name: a, channel: fax, address: x, queue: q}]",
        "agents: [{name: a, display_name: A, skills: {billing: 9}}]",
        "agents: [{name: a, display_name: A, limits: {chat: 2}}]",
        "routing: {units: {e-mail: 3}}",
        "rules: [{name: a, when: 'true', checked: [const, true], stop: true}]",
        "answers: [{queue: a, acknowledgement: {Turkish: Merhaba}}]",
        "webhooks: [{name: a, url: 'http://example.com', secret: x, events: ['*']}]",
        "sla: [{name: a, first_response: 0}]",
    ],
)
def test_what_the_check_refuses_by_its_form_an_editor_refuses_too(text: str) -> None:
    assert not validator("config.v1.json").is_valid(read(text))


@pytest.mark.parametrize(
    "text", ["cases: []", "cases: [{name: a}]", "cases: [{name: a, expect: {queu: a}}]", "case: []"]
)
def test_so_it_does_in_cases(text: str) -> None:
    assert not validator("config-tests.v1.json").is_valid(read(text))


SCENARIO = "{name: a, config: {queues: [{name: a, skill: b}]}, traffic: [{name: a, channel: sms, per_hour: 1, %s}]}"


def test_a_scenario_may_hold_its_configuration() -> None:
    assert validator("scenario.v1.json").is_valid(read(SCENARIO % "handling: {uniform: [1, 2]}"))


@pytest.mark.parametrize(
    "text",
    [
        "name: a",
        SCENARIO.replace("skill", "skil") % "handling: {constant: 1}",
        SCENARIO % "handling: {constant: -1}",
        SCENARIO % "handling: {uniform: [a, 2]}",
        SCENARIO % "handling: {constant: 1}, patiense: {constant: 1}",
        SCENARIO.replace("name: a,", "name: a, policies: [{fastest: 1}],", 1) % "handling: {constant: 1}",
    ],
)
def test_and_is_refused_by_its_form(text: str) -> None:
    assert not validator("scenario.v1.json").is_valid(read(text))


def test_the_command_writes_checks_and_prints(tmp_path: Path) -> None:
    runner, app = CliRunner(), cli.build()
    assert runner.invoke(app, ["config", "schema", str(tmp_path), "--check"]).exit_code == 1
    assert runner.invoke(app, ["config", "schema", str(tmp_path)]).exit_code == 0
    assert runner.invoke(app, ["config", "schema", str(tmp_path), "--check"]).exit_code == 0
    printed = runner.invoke(app, ["config", "schema", "--print"])
    assert json.loads(printed.output) == json.loads((tmp_path / "config.v1.json").read_text("utf-8"))
