"""The command line: every group is found, and none makes the others wait."""

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

import santral.commands
from santral import cli

ROOT = Path(__file__).parents[2]
HEAVY = {"aiohttp", "aiosmtpd", "boto3", "botocore", "nh3", "phonenumbers", "pydantic", "yaml"}


def test_every_group_can_be_asked_for_help() -> None:
    runner, app = CliRunner(), cli.build()
    names = [command.name for command in app.registered_commands] + [group.name for group in app.registered_groups]
    assert len(names) >= len(list(pkgutil.iter_modules(santral.commands.__path__)))
    for name in names:
        assert name
        result = runner.invoke(app, [name, "--help"])
        assert result.exit_code == 0, name


def test_it_says_what_there_is() -> None:
    output = CliRunner().invoke(cli.build(), ["--help"]).output
    assert "normalize" in output
    assert "schema" in output


def test_a_start_imports_nothing_heavy() -> None:
    code = "import json, sys; from santral import cli; cli.build(); print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert not HEAVY & set(json.loads(out.stdout)), "import it inside the command"
