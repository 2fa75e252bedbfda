"""`santral whatif` over a recorded day in a file: text, JSON, Markdown, and what goes wrong."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from santral import cli
from santral.configuration import load
from santral.whatif import words
from santral.whatif.markdown import MARK
from santral.whatif.recording import record
from tests.kit.recorded import CONFIG, trial


def written(folder: Path, **sections: Any) -> Path:
    """A configuration's directory."""
    folder.mkdir()
    made = {name: value for name, value in {**CONFIG, **sections}.items() if name != "version"}
    (folder / "config.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    return folder


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A recorded day, under what `written` writes."""
    config = load(written(tmp_path / "as-it-was"))
    record(trial(days=1, changed=config), 0, tmp_path / "day.jsonl.gz")
    return tmp_path


def run(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(cli.build(), ["whatif", *map(str, arguments)])
    assert result.exit_code == status, result.output
    return result.output


def test_an_unchanged_configuration_gives_what_happened(day: Path) -> None:
    told = json.loads(run("--config", day / "as-it-was", "--file", day / "day.jsonl.gz", "--json"))
    assert told["happened"] == told["replayed"] == told["changed"]
    assert told["moves"] == dict.fromkeys(("count", "agent", "queue", "longer", "shorter", "answered", "lost"), 0) | {
        "most": []
    }
    sure = told["sureness"]
    assert (sure["explained"], sure["exact"], sure["beyond"], sure["other_agent"]) == (1, True, 0, 0)
    said = run("--config", day / "as-it-was", "--file", day / "day.jsonl.gz")
    assert "Every wait goes as it did." in said
    assert f"The configuration is the one that was in force: {told['versions']['changed']}." in said


def test_a_change_is_told_for_people_in_both_languages_within_80_columns(day: Path) -> None:
    agents = [
        one | ({"skills": {"orders": 5, "billing": 5}} if one["name"] == "can" else {}) for one in CONFIG["agents"]
    ]
    changed = written(day / "changed", agents=agents)
    for language, told_by in (
        ("en", ("happened", "service level", "better", "How sure this is")),
        ("tr", ("olan", "daha iyi")),
    ):
        said = run("--config", changed, "--file", day / "day.jsonl.gz", "--lang", language)
        assert all(word in said for word in told_by), said
        assert max(map(len, said.splitlines())) <= 80
    told = json.loads(run("--config", changed, "--file", day / "day.jsonl.gz", "--json"))
    assert told["changed"]["whole"]["level"] > told["replayed"]["whole"]["level"]
    assert told["changed"]["whole"]["left"] < told["replayed"]["whole"]["left"]
    assert len(told["moves"]["most"]) == 10
    for way in ("happened", "replayed", "changed"):
        whole = told[way]["whole"]
        assert whole["count"] == whole["answered"] + whole["left"] + whole["turned_away"] + whole["waiting"]
        assert sum(one["count"] for one in told[way]["queues"].values()) == whole["count"]
        assert sum(one["conversations"] for one in told[way]["agents"].values()) == whole["answered"]


def test_markdown_is_whole_tables_folded_and_marked(day: Path) -> None:
    changed = written(day / "changed", pools=[{"name": "main", "policy": "fifo"}])
    said = run("--config", changed, "--file", day / "day.jsonl.gz", "--markdown")
    lines = said.splitlines()
    assert lines[0].startswith("### What if: ")
    assert lines[-1] == MARK
    assert said.count("<details>") == said.count("</details>") == 4
    table: list[int] = []
    for line in lines:
        if line.startswith("|"):
            table.append(line.replace("\\|", "").count("|"))
        else:
            assert len(set(table)) <= 1, table
            table = []


def test_what_cannot_be_read_is_said(day: Path) -> None:
    good = day / "as-it-was"
    later = day / "later.jsonl"
    later.write_text('{"santral":"traffic","v":2}\n', encoding="utf-8")
    assert "its format 2 is newer than 1, which this release of Santral reads" in run(
        "--config", good, "--file", later, status=1
    )
    other = day / "other.jsonl"
    other.write_text("hello\n", encoding="utf-8")
    assert "other.jsonl is no record of traffic" in run("--config", good, "--file", other, status=1)
    cut = day / "cut.jsonl"
    whole = gzip.decompress((day / "day.jsonl.gz").read_bytes()).decode()
    cut.write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert "cut.jsonl, line " in run("--config", good, "--file", cut, status=1)
    (day / "half.jsonl.gz").write_bytes((day / "day.jsonl.gz").read_bytes()[:5000])
    assert "half.jsonl.gz: cannot be read" in run("--config", good, "--file", day / "half.jsonl.gz", status=1)
    packed = (day / "day.jsonl.gz").read_bytes()
    (day / "broken.jsonl.gz").write_bytes(packed[:10] + b"\xff" * 50 + packed[60:])
    assert "broken.jsonl.gz: cannot be read" in run("--config", good, "--file", day / "broken.jsonl.gz", status=1)
    (day / "binary.jsonl").write_bytes(b"\xff\xfe\n")
    assert "binary.jsonl, line 1: cannot be read" in run("--config", good, "--file", day / "binary.jsonl", status=1)
    empty = day / "empty.jsonl"
    empty.write_text(whole.splitlines()[0] + '\n{"end":{"lines":2,"waits":0}}\n', encoding="utf-8")
    assert "nobody waited in that time" in run("--config", good, "--file", empty, status=1)
    none = day / "none.jsonl"
    assert run("--config", good, "--file", none, status=1).strip() == f"{none}: No such file or directory"
    assert "is no time; write 24h, 7d or 4w" in run("--config", good, "--since", "yesterday", status=2)
    assert "not both" in run("--config", good, "--json", "--markdown", status=2)


def test_every_fault_of_a_configuration_is_told(day: Path) -> None:
    bad = written(day / "bad", queues=[{"name": "orders", "skill": "orders", "priority": 99}, {"skill": "x"}])
    said = run("--config", bad, "--file", day / "day.jsonl.gz", status=1)
    assert "priority" in said
    assert "queues[1]" in said
    assert "there is no *.yaml file here" in run("--config", day / "nothing", "--file", day / "day.jsonl.gz", status=1)


def test_a_record_is_saved_as_it_was_read(day: Path) -> None:
    run("--config", day / "as-it-was", "--file", day / "day.jsonl.gz", "--save", day / "again.jsonl.gz")
    assert (day / "again.jsonl.gz").read_bytes() == (day / "day.jsonl.gz").read_bytes()


def test_who_is_new_is_said_under_the_headline_and_may_have_the_hours_of_a_colleague(day: Path) -> None:
    new = {"name": "yeni", "display_name": "Yeni", "skills": {"orders": 4, "billing": 4}}
    changed, file = written(day / "more", agents=[*CONFIG["agents"], new]), day / "day.jsonl.gz"
    alone = json.loads(run("--config", changed, "--file", file, "--json"))
    assert alone["sureness"]["new_agents"] == ["yeni"]
    assert alone["moves"]["count"] == 0
    head = " ".join(run("--config", changed, "--file", file).split()).partition(" waits, from a simulation")[0]
    assert "give them a colleague's presence: --as yeni=COLLEAGUE." in head
    head = run("--config", changed, "--file", file, "--markdown").splitlines()[2]
    assert head.startswith("Not on record, so never in: yeni. To try somebody new, ")
    together = json.loads(run("--config", changed, "--file", file, "--as", "yeni=can", "--json"))
    assert together["sureness"]["new_agents"] == []
    assert together["sureness"]["hours_of"] == {"yeni": "can"}
    assert together["replayed"] == alone["replayed"] == together["happened"]
    assert "yeni" not in together["replayed"]["agents"]
    agents = together["changed"]["agents"]
    assert agents["yeni"]["conversations"] > 20
    assert agents["yeni"]["there"] == agents["can"]["there"]
    assert together["changed"]["whole"]["left"] < together["replayed"]["whole"]["left"]
    for form in ((), ("--markdown",)):
        said = run("--config", changed, "--file", file, "--as", "yeni=can", *form)
        assert "taken to be there whenever a colleague was: yeni with can." in said
    said = run("--config", changed, "--file", file, "--as", "yeni=can", "--lang", "tr")
    assert "yeni (can ile)" in " ".join(said.split())


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        (["yeni"], "'yeni' is no pair; write NEW=COLLEAGUE"),
        (["=can"], "'=can' is no pair"),
        (["nobody=can"], "the changed configuration has no agent 'nobody'; its agents: ada, bora,"),
        (["yeni=nobody"], "'nobody' was never in on record; who was: ada, bora, can, derya, ece, fuat"),
        (["yeni=can", "yeni=ada"], "'yeni' has two colleagues; name one"),
        (["ada=can"], "'ada' is on record, with hours of their own"),
    ],
)
def test_who_cannot_be_new_or_lend_their_hours_is_refused(day: Path, pairs: list[str], why: str) -> None:
    new = {"name": "yeni", "display_name": "Yeni", "skills": {"orders": 4}}
    changed = written(day / "more", agents=[*CONFIG["agents"], new])
    given = [word for pair in pairs for word in ("--as", pair)]
    said = run("--config", changed, "--file", day / "day.jsonl.gz", *given, status=2)
    assert why in " ".join(said.replace("│", " ").split())


def test_every_phrase_is_in_both_languages_with_the_same_values() -> None:
    for name, (english, turkish) in words._WORDS.items():
        fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in (english, turkish)]
        assert fields[0] == fields[1], name
        assert english, name
        assert turkish, name


def test_of_many_agents_those_are_shown_whose_load_changes_most(day: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("santral.whatif.telling.SHOWN_AGENTS", 2)
    fewer = [one for one in CONFIG["agents"] if one["name"] != "derya"]
    changed = written(day / "fewer", agents=fewer)
    for form in ((), ("--markdown",)):
        said = run("--config", changed, "--file", day / "day.jsonl.gz", *form)
        assert "and 4 more, whose load changes less" in said
        assert "derya" in said
        assert "Gone, and their work is others': derya." in said


def test_a_scenario_s_file_is_a_configuration_too_so_a_simulated_day_is_played_under_a_changed_one(
    tmp_path: Path,
) -> None:
    scenario = tmp_path / "shop.yaml"
    scenario.write_text(SHOP, encoding="utf-8")
    recorded = tmp_path / "day.jsonl"
    made = CliRunner().invoke(cli.build(), ["simulate", str(scenario), "--record", str(recorded), "--workers", "1"])
    assert made.exit_code == 0, made.output
    unchanged = json.loads(run("--config", scenario, "--file", recorded, "--json"))
    assert (unchanged["happened"], unchanged["moves"]["count"]) == (unchanged["changed"], 0)
    scenario.write_text(SHOP.replace("count: 3", "count: 2"), encoding="utf-8")
    fewer = json.loads(run("--config", scenario, "--file", recorded, "--json"))
    assert fewer["changed"]["whole"]["late"] > fewer["happened"]["whole"]["late"]


SHOP = """
name: a shop
config: {queues: [{name: chat, skill: chat, first_response_minutes: 1}]}
groups: [{name: team, count: 3, skills: [chat], units: 4}]
day: {hours: 4}
traffic: [{name: chat, channel: webchat, per_hour: 25, queues: chat, handling: {exponential: 6}, patience: {exponential: 9}}]
replications: 1
"""
