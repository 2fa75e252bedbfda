"""The commands of a configuration's life, against a table: what they say, what they change, and what they refuse."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from router.aws.codec import pack
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo, put
from santral import cli
from santral.commands import config as commands
from tests.kit.backends import moto
from tests.kit.events import table_of_the_template

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The sample configuration without its campaigns: these stacks have no schedules."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "campaigns.yaml").unlink()
    (tmp_path / "config" / "tests" / "journeys.yaml").unlink()
    return tmp_path / "config"


@pytest.fixture
def configs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configs]:
    with moto() as client:
        client.create_table(**table_of_the_template("santral"))
        caller = SimpleNamespace(get_caller_identity=lambda: {"Arn": "arn:aws:sts::123456789012:assumed-role/Ops/ayse"})
        clients = {"dynamodb": client, "sts": caller}
        made = SimpleNamespace(outputs={"TableName": "santral"}, endpoint="", client=clients.__getitem__)
        monkeypatch.setattr("santral.connection.connect", lambda *_: made)
        yield Configs(Dynamo(client, "santral"))


def run(*arguments: object, typed: str = "") -> Any:
    return CliRunner().invoke(cli.build(), ["config", *map(str, arguments)], input=typed)


def change(files: Path, name: str, old: str, new: str) -> None:
    text = (files / name).read_text("utf-8")
    assert old in text
    (files / name).write_text(text.replace(old, new, 1), "utf-8")


def test_a_first_version_is_put_in_force_once(files: Path, configs: Configs) -> None:
    done = run("apply", files, "--yes", "--note", "abc123")
    assert done.exit_code == 0, done.output
    version = configs.in_force().version
    assert f"Version {version} is in force." in done.output
    assert f"Version {version} is in force already." in run("apply", files, "--yes").output
    (logged,) = configs.history()
    assert (logged.note, logged.before, logged.by) == ("abc123", "", "assumed-role/Ops/ayse")


def test_apply_shows_what_would_change_before_it_asks(files: Path, configs: Configs) -> None:
    run("apply", files, "--yes")
    first = configs.in_force()
    change(files, "queues.yaml", "priority: 3", "priority: 2")
    asked = run("apply", files, typed="n\n")
    assert "priority: 3 -> 2" in asked.output
    assert configs.in_force() == first
    assert run("apply", files, typed="y\n").exit_code == 0
    assert configs.in_force().number == 2


def test_an_apply_that_was_overtaken_while_it_asked_changes_nothing(
    files: Path, configs: Configs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("apply", files, "--yes")
    change(files, "queues.yaml", "priority: 3", "priority: 2")

    def meanwhile(_question: str, *, yes: bool) -> None:
        other = configs.version(configs.in_force().version).model_copy(update={"version": "other"})
        configs.apply(other)

    monkeypatch.setattr(commands, "sure", meanwhile)
    refused = run("apply", files, "--yes")
    assert refused.exit_code == 1
    assert "version other was put in force meanwhile" in refused.output
    assert configs.in_force().version == "other"


def test_what_is_broken_is_refused_whole_and_nothing_is_applied(files: Path, configs: Configs) -> None:
    change(files, "queues.yaml", "skill: chat", "skil: chat")
    change(files, "agents.yaml", "units: 12", "units: many")
    refused = run("apply", files, "--yes")
    assert refused.exit_code == 1
    assert "queues.yaml: line 5" in refused.output
    assert "agents.yaml: line " in refused.output
    assert configs.in_force().version == ""


def test_the_difference_to_what_is_in_force_is_told_and_its_status_on_request(files: Path, configs: Configs) -> None:
    assert "+ ayse" in run("diff", files).output, "before the first version everything is added"
    run("apply", files, "--yes")
    assert run("diff", files, "--exit-code").output == "No difference.\n"
    change(files, "rules.yaml", "priority: 2", "priority: 3")
    told = run("diff", files)
    assert (told.exit_code, told.output.split()) == (0, ["rules", "~", "complaint", "priority:", "2", "->", "3"])
    assert run("diff", files, "--exit-code").exit_code == 1
    record = json.loads(run("diff", files, "--json").output)
    assert record["changes"][0]["fields"] == [{"field": "priority", "old": 2, "new": 3}]


def test_two_versions_or_two_directories_are_compared(files: Path, configs: Configs, tmp_path: Path) -> None:
    run("apply", files, "--yes")
    one = configs.in_force().version
    change(files, "rules.yaml", "priority: 2", "priority: 3")
    run("apply", files, "--yes")
    two = configs.in_force().version
    assert "priority: 2 -> 3" in run("diff", one, two).output
    assert "priority: 3 -> 2" in run("diff", one).output, "from what is in force"
    assert "priority: 3 -> 2" in run("diff", files, ROOT / "config").output
    assert run("diff", one, "nothing").output.strip() == "there is no configuration version nothing"
    assert run("diff", one, two, files).exit_code == 2


def test_two_directories_are_compared_without_a_deployment(files: Path) -> None:
    change(files, "rules.yaml", "priority: 2", "priority: 3")
    assert "priority: 2 -> 3" in run("diff", ROOT / "config", files).output


def test_versions_are_listed_and_taken_back(files: Path, configs: Configs) -> None:
    seen = []
    for number in (3, 4, 5):
        change(files, "queues.yaml", f"first_response_minutes: {number - 1}", f"first_response_minutes: {number}")
        run("apply", files, "--yes", "--note", f"n{number}")
        seen.append(configs.in_force().version)
    back = run("rollback", "--yes")
    assert "first_response_minutes: 5 -> 4" in back.output.replace(".0", "")
    assert configs.in_force().version == seen[1]
    run("rollback", "--yes", "--note", "still wrong")
    assert configs.in_force().version == seen[0]
    nothing = run("rollback", "--yes")
    assert (nothing.exit_code, nothing.output.strip()) == (1, "there is no version before the one in force")
    assert run("rollback", seen[2], "--yes").exit_code == 0
    assert f"Version {seen[2]} is in force already." in run("rollback", seen[2]).output
    rows = [json.loads(line) for line in run("versions", "--json").output.splitlines()]
    assert [(row["number"], row["version"], row["how"], row["in_force"]) for row in rows] == [
        (6, seen[2], "rollback", True),
        (5, seen[0], "rollback", False),
        (4, seen[1], "rollback", False),
        (3, seen[2], "apply", False),
        (2, seen[1], "apply", False),
        (1, seen[0], "apply", False),
    ]
    assert rows[1]["note"] == "still wrong"
    assert len(run("versions", "--json", "-n", 2).output.splitlines()) == 2
    assert "in force" in run("versions").output


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        ({"moods": []}, "cannot be read by this release"),
        ({"inboxes": [{"name": "i", "channel": "fax", "address": "x", "queue": "q"}]}, "does not have: fax"),
    ],
)
def test_going_back_to_what_would_break_is_refused(
    files: Path, configs: Configs, stored: dict[str, Any], why: str
) -> None:
    run("apply", files, "--yes")
    now = configs.in_force()
    whole = {
        "queues": [{"name": "q", "skill": "s"}],
        "agents": [{"name": "a", "display_name": "A", "skills": ["s"]}],
        **stored,
    }
    configs._dynamo.commit(put("version", {"pk": "CFG", "sk": "v#old", "d": pack(whole)}))
    refused = run("rollback", "old", "--yes")
    assert refused.exit_code == 1
    assert why in refused.output
    assert configs.in_force() == now


def test_an_unreadable_version_in_force_keeps_nobody_from_applying(files: Path, configs: Configs) -> None:
    configs._dynamo.commit(put("version", {"pk": "CFG", "sk": "v#new", "d": pack({"moods": []})}))
    configs._dynamo.commit(put("pointer", {"pk": "CFG", "sk": "current", "ver": "new", "n": 7}))
    done = run("apply", files, "--yes")
    assert done.exit_code == 0
    assert "What changes cannot be shown: version new cannot be read" in done.output
    assert configs.in_force().number == 8


def test_a_version_from_before_the_log_is_named(files: Path, configs: Configs) -> None:
    configs._dynamo.commit(put("pointer", {"pk": "CFG", "sk": "current", "ver": "old"}))
    assert "Version old is in force; it was applied before there was a log." in run("versions").output


def test_check_tells_warnings_and_fails_for_them_when_it_is_strict(files: Path) -> None:
    assert run("check", files, "--strict").exit_code == 0
    change(files, "rules.yaml", "rules:\n", "rules:\n  - {name: all, stop: true}\n")
    for arguments, status in ((["check", files], 0), (["check", files, "--strict"], 1)):
        checked = run(*arguments)
        assert checked.exit_code == status
        assert "Warning: rules.yaml:6: rule 'complaint' is never reached" in checked.output


def test_cases_are_told_one_a_line_with_what_differs(files: Path) -> None:
    fine = run("test", files)
    assert fine.exit_code == 0
    assert fine.output.splitlines()[-1].endswith("cases, 0 failed")
    change(files, "rules.yaml", "priority: 2", "priority: 4")
    failed = run("test", files)
    assert failed.exit_code == 1
    assert (
        "FAIL  english.yaml:10  a complaint is urgent in any spelling\n        priority: expected 2, got 4"
        in failed.output
    )
    (files / "tests" / "more.yaml").write_text("cases:\n  - {name: x, inbox: gone, expect: {queue: q}}\n", "utf-8")
    wrong = run("test", files)
    assert wrong.exit_code == 1
    assert wrong.output.splitlines() == [
        "more.yaml: line 2, column 15, cases[0].inbox (x): there is no inbox 'gone'",
        "more.yaml: line 2, column 37, cases[0].expect.queue (x): there is no queue 'q'",
    ]
    assert run("test", files, "--cases", ROOT / "config" / "tests").exit_code == 1


def test_a_directory_without_cases_is_no_success(files: Path) -> None:
    shutil.rmtree(files / "tests")
    assert run("test", files).exit_code == 1
