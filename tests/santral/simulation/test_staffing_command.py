"""`santral staffing` and `santral scenario`: a plan from a file and from history, to read and for other programs; and their errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from santral import cli
from santral.simulation import files
from santral.simulation.staffing_texts import COLUMNS

SCENARIO = """
name: two queues
zone: Europe/Istanbul
config:
  queues:
    - {name: billing, skill: billing, first_response_minutes: 0.5}
    - {name: support, skill: support, first_response_minutes: 0.5}
  skills: [{name: billing}, {name: support}]
  routing: {units: {webchat: 4}}
day: {opens: "09:30", hours: 4}
groups:
  - {name: billing, count: 2, skills: [billing]}
  - {name: both, count: 4, skills: [billing, support]}
  - {name: a-team-of-people-with-a-long-name, skills: [support]}
traffic:
  - {name: chat, channel: webchat, days: mon-wed, per_hour: [30, 60, 20, 0], queues: {billing: 1, support: 1}, tiers: {gold: 1, bronze: 3},
     handling: {lognormal: {mean: 6, cv: 0.8}}, patience: {exponential: 5}}
replications: 3
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "two.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def run(*arguments: str, status: int = 0) -> str:
    if arguments[0] == "staffing" and "--workers" not in arguments:
        arguments = (*arguments, "--workers", "1")  # a day is over before another process is there
    result = CliRunner().invoke(cli.build(), list(arguments))
    assert result.exit_code == status, result.output
    return result.output


def test_a_plan_fits_a_terminal_and_has_a_row_for_each_interval(file: str) -> None:
    said = run("staffing", file, "--interval", "60", "--workers", "2")
    lines = said.splitlines()
    assert lines[0] == "two queues: Monday, 80% in time in every interval"
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines[3:6]] == ["09:30-10:30", "10:30-11:30", "11:30-12:30"]
    assert "Erl. C" in lines[2]
    assert "Erl. A" in lines[2]
    assert "a-team-of-peo…" in said
    assert "3 replications of the day" in said


def test_a_plan_is_told_in_turkish(file: str) -> None:
    said = run("staffing", file, "--interval", "120", "--lang", "tr", "--per", "queue", "--shrinkage", "25")
    assert said.startswith("two queues: Pazartesi, her aralıkta zamanında yanıt hedefi %80, her kuyrukta")
    assert "temsilci saati" in said
    assert "Ödenen (%25 kayıp ile)" in said
    assert max(map(len, said.splitlines())) <= 80


def test_names_that_are_cut_are_told_whole_and_apart_below_the_table(tmp_path: Path) -> None:
    path = tmp_path / "long.yaml"
    long = SCENARIO.replace("{name: billing, count", "{name: a-team-of-people-with-another-name, count")
    path.write_text(long, encoding="utf-8")
    lines = run("staffing", str(path), "--interval", "120").splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines if line.startswith("a-team")] == [
        ["a-team-of-p…1", "a-team-of-people-with-another-name"],
        ["a-team-of-p…2", "a-team-of-people-with-a-long-name"],
    ]
    assert sum(line.split().count("a-team-of-p…2") for line in lines) == 2


@pytest.fixture
def missed(tmp_path: Path) -> str:
    """To accept takes two minutes, so what is to be answered in half a minute never is."""
    path = tmp_path / "missed.yaml"
    slow = SCENARIO.replace("skill: support, first_response_minutes: 0.5", "skill: support, first_response_minutes: 60")
    slow = slow.replace("{units: {webchat: 4}}", "{units: {webchat: 4}, offers: {webchat: 300}}").replace(
        "[30, 60, 20, 0]", "[4, 4, 0, 4]"
    )
    path.write_text(slow + "offers: {accept: {constant: 2}}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("language", "most", "missing"),
    [
        (
            "en",
            "! misses the target even with the most that was tried, which is in the hours",
            "Queues that miss it:",
        ),
        (
            "tr",
            "! hedefe ulaşılamadı: sayı, denenen en çok temsilcidir; saatlere de katılmıştır",
            "Ulaşamayan kuyruklar:",
        ),
    ],
)
def test_what_misses_the_target_is_named_with_its_intervals(
    missed: str, language: str, most: str, missing: str
) -> None:
    said = run("staffing", missed, "--interval", "60", "--per", "queue", "--lang", language, status=1)
    lines = said.splitlines()
    assert max(map(len, lines)) <= 80
    assert most in " ".join(lines)
    at = lines.index(missing)
    assert lines[at + 1 :] == ["  - billing: 09:30-10:30, 10:30-11:30, 12:30-13:30"]


def test_without_parts_nothing_is_named_that_misses(missed: str) -> None:
    said = run("staffing", missed, "--interval", "240", "--target", "90", status=1)
    assert said.endswith("which is in the hours\n")


@pytest.mark.parametrize(
    ("per", "missing"), [("queue", ["billing"]), ("channel", ["webchat"]), ("tier", ["bronze", "gold"])]
)
def test_what_misses_the_target_is_told_to_other_programs(missed: str, per: str, missing: list[str]) -> None:
    few = ("staffing", missed, "--interval", "240", "--target", "90", "--per", per)
    (row,) = (one for one in json.loads(run(*few, "--json", status=1).splitlines()[0])["rows"] if one["of"] == "all")
    assert (row["reached"], row["missing"]) == (False, missing)
    (plain,) = (one for one in csv.DictReader(run(*few, "--csv", status=1).splitlines()) if one["of"] == "all")
    assert plain["missing"] == " ".join(missing)


def test_a_plan_for_other_programs_says_the_same(file: str) -> None:
    found = json.loads(run("staffing", file, "--interval", "120", "--json"))
    rows = list(csv.DictReader(io.StringIO(run("staffing", file, "--interval", "120", "--csv"))))
    assert (found["day"], found["zone"], found["target"], found["reached"]) == (
        "2026-03-02",
        "Europe/Istanbul",
        0.8,
        True,
    )
    assert found["differs_because"] == ["skills", "concurrency", "policy", "priorities", "lengths", "empty"]
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(found["rows"]) == 2 * (3 + 2 + 1)
    for plain, row in zip(rows, found["rows"], strict=True):
        assert plain["day"] == "2026-03-02"
        assert {key: str(value) for key, value in row.items() if value not in (None, [])} == {
            key: value for key, value in plain.items() if value and key != "day"
        } | {key: str(value) for key, value in row.items() if value == ""}
    for since in ("09:30", "11:30"):
        mine = [row for row in found["rows"] if row["from"] == since]
        (whole,) = (row for row in mine if row["of"] == "all")
        assert whole["agents"] == sum(row["agents"] for row in mine if row["of"] == "team")
        assert whole["erlang_c"] == sum(row["erlang_c"] for row in mine if row["of"] == "queue")
        assert whole["service_level"] >= 0.8


def test_a_day_of_the_week_may_be_named_and_all_of_them_planned(file: str) -> None:
    assert run("staffing", file, "--interval", "240", "--day", "tue").startswith("two queues: Tuesday")
    days = [
        json.loads(line)["day"]
        for line in run("staffing", file, "--interval", "240", "--day", "all", "--json").splitlines()
    ]
    assert days == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_days_that_cannot_be_cut_out_of_a_week_are_told_and_not_left_out(tmp_path: Path) -> None:
    path = tmp_path / "week.yaml"
    week = SCENARIO.replace('{opens: "09:30", hours: 4}', "{hours: 168}")
    week = week.replace("per_hour: [30, 60, 20, 0]", "per_hour: [0, 60, 0, 60, 0, 60], period_minutes: 1200")
    path.write_text(week, encoding="utf-8")
    for day in ("all", "busiest"):
        assert "period_minutes must divide a day" in run(
            "staffing", str(path), "--interval", "720", "--day", day, status=1
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["staffing"], "one of both"),
        (["staffing", "FILE", "--since", "28d"], "one of both"),
        (["staffing", "FILE", "--json", "--csv"], "not both"),
        (["staffing", "FILE", "--day", "sun"], "nobody writes on that day (sun)"),
        (["staffing", "nowhere.yaml"], "nowhere.yaml"),
        (["staffing", "FILE", "--target", "100"], "99.9"),
        (["staffing", "--since", "soon"], "24h, 7d or 4w"),
        (["scenario", "--zone", "Mars/Olympus"], "Mars/Olympus"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(file: str, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(cli.build(), [file if one == "FILE" else one for one in arguments])
    assert result.exit_code != 0
    assert said in " ".join(result.output.replace("│", "").split())
    assert "Traceback" not in result.output


def test_a_fault_of_the_file_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(SCENARIO.replace("per_hour: [", "per_hout: ["), encoding="utf-8")
    assert "per_hout" in run("staffing", str(path), status=1)


def test_without_a_stack_history_says_what_to_start() -> None:
    assert "santral dev" in run("scenario", status=1)


# --- from history ----------------------------------------------------------------------------------------------------


def test_a_scenario_is_drawn_from_history_and_can_be_run(kept_morning: Any, tmp_path: Path) -> None:
    out = tmp_path / "drawn.yaml"
    assert run("scenario", "--since", "3h", "--out", str(out), "--name", "a morning") == ""
    text = out.read_text(encoding="utf-8")
    assert run("scenario", "--since", "3h", "--name", "a morning") == text
    assert not [name for name in ("ayse", "Ayşe", "mehmet", "+1555", "example.com", "Merhaba", "chief") if name in text]
    ready = files.read(out)
    (stream,) = ready.scenario.traffic
    assert (stream.channel, stream.queues) == ("sms", "genel")
    assert isinstance(stream.per_hour, tuple)
    assert stream.per_hour[9:12] == (4, 4, 2)
    assert not isinstance(stream.handling, tuple)
    assert stream.handling.exponential == 14  # of fewer than twenty nothing can be told
    assert not isinstance(stream.patience, tuple)
    assert stream.patience is not None
    assert stream.patience.exponential == pytest.approx(80)
    assert sorted((group.name, group.count) for group in ready.scenario.groups) == [("team-1", 1), ("team-2", 1)]
    assert [group.shifts for group in ready.scenario.groups] == [{"mon": ("09:00-11:00",)}] * 2
    assert [(agent.name, agent.units) for agent in ready.config.agents if agent.name.startswith("absent")] == [
        ("absent-1", 0)
    ]


def test_staff_is_planned_for_what_came(kept_morning: Any) -> None:
    found = json.loads(run("staffing", "--since", "3h", "--interval", "60", "--replications", "3", "--json"))
    assert found["day"] == "2026-03-02"
    by = {row["from"]: row for row in found["rows"] if row["of"] == "all"}
    assert (by["09:00"]["per_hour"], by["11:00"]["per_hour"], by["13:00"]["per_hour"]) == (4, 2, 0)
    assert by["09:00"]["agents"] >= 1
    assert by["13:00"]["agents"] == 0
    said = run("staffing", "--since", "3h", "--interval", "60", "--replications", "3")
    assert [line.split()[0] for line in said.splitlines()[3:6]] == ["09:00-10:00", "10:00-11:00", "11:00-12:00"]


def test_another_policy_may_be_planned_for(file: str) -> None:
    few = ("--interval", "240", "--json")
    plain, fifo = (json.loads(run("staffing", file, *few, *more)) for more in ((), ("--policy", "fifo")))
    assert "policy" in plain["differs_because"]
    assert "policy" not in fifo["differs_because"]
    assert "there is no policy 'lifo'; there are as-configured, default, fifo" in run(
        "staffing", file, "--policy", "lifo", status=1
    )


def test_what_rules_make_of_messages_is_planned_for() -> None:
    sample = Path(__file__).resolve().parents[3] / "scenarios" / "ornek.yaml"
    found = json.loads(run("staffing", str(sample), "--interval", "540", "--replications", "2", "--json"))
    assert sum(row["per_hour"] for row in found["rows"] if row["of"] == "queue") == pytest.approx(41, abs=0.1)
    assert {row["name"] for row in found["rows"] if row["of"] == "queue"} == {
        "destek",
        "support",
        "sms",
        "chat",
        "social",
    }


def test_an_interval_that_says_nothing_is_told_as_such(file: str) -> None:
    said = run("staffing", file, "--interval", "60", "--replications", "2", "--target", "60")
    widths = [word[1:] for word in said.split() if word.startswith("±")]
    assert ">50" in widths
    assert all(width == ">50" or float(width.rstrip(".")) <= 50 for width in widths)
