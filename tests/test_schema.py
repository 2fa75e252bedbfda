"""The exported schema is current, and what Santral writes is valid under it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from channels import registry
from router.messages import Receipt
from santral import cli
from santral.normalize import files, normalize
from santral.schema import FOLDER, MODELS, schema, stale, write

SAMPLES = Path(__file__).parent / "channels" / "samples"
NOW = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / name).read_text()))


def test_the_files_are_current() -> None:
    assert stale() == [], "run `santral schema`"


@pytest.mark.parametrize("name", MODELS)
def test_they_are_json_schema(name: str) -> None:
    Draft202012Validator.check_schema(json.loads((FOLDER / name).read_text()))


@pytest.mark.parametrize("channel", ["twilio", "webchat"])
def test_whatever_is_normalised_is_valid(channel: str) -> None:
    count = 0
    for path in files([SAMPLES / channel]):
        result = normalize(registry.get(channel), path, NOW)
        for message in result["messages"]:
            validator("message.v1.json").validate(message)
            count += 1
        for receipt in result["receipts"]:
            validator("receipt.v1.json").validate(receipt)
            count += 1
    assert count


def test_a_misspelt_field_is_not_valid() -> None:
    receipt: dict[str, Any] = json.loads(
        Receipt(
            id="r_1",
            channel="sms",
            provider="twilio",
            inbox="sms",
            status="sent",
            provider_status="sent",
            at=NOW,
            received_at=NOW,
        ).model_dump_json()
    )
    assert validator("receipt.v1.json").is_valid(receipt)
    assert not validator("receipt.v1.json").is_valid(receipt | {"sendid": "m_1"})
    assert not validator("receipt.v1.json").is_valid(receipt | {"status": "vanished"})


def test_the_command_writes_and_checks(tmp_path: Path) -> None:
    runner, app = CliRunner(), cli.build()
    assert runner.invoke(app, ["schema", str(tmp_path), "--check"]).exit_code == 1
    assert runner.invoke(app, ["schema", str(tmp_path)]).exit_code == 0
    assert runner.invoke(app, ["schema", str(tmp_path), "--check"]).exit_code == 0
    assert write(tmp_path) == []
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")} == set(MODELS)
    assert json.loads((tmp_path / "message.v1.json").read_text()) == schema(MODELS["message.v1.json"])
