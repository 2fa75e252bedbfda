"""`santral simulate`, as it is called."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from santral.cli import build
from santral.reporting_choices import Language
from santral.reporting_words import span
from santral.whatif.record_files import read

SMALL = """
name: Küçük
config:
  queues: [{name: destek, skill: chat, first_response_minutes: 1}]
groups: [{name: ekip, count: 3, skills: [chat], units: 4}]
day: {hours: 4, measured: [1, 4]}
traffic:
  - name: chat
    channel: webchat
    per_hour: 20
    queues: destek
    tiers: {gold: 1, bronze: 3}
    handling: {exponential: 6}
    patience: {exponential: 4}
replications: 3
"""
FIGURES = ("weighted_service_level", "wait", "abandoned", "occupancy", "worst_wait_over_target")


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def run(*arguments: object) -> tuple[int, str, str]:
    if "--workers" not in arguments:
        arguments = (*arguments, "--workers", 1)  # a replication is over before another process is there
    result = CliRunner().invoke(build(), ["simulate", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def told(*arguments: object) -> dict[str, Any]:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_json_has_every_figure_of_every_policy_with_its_interval(scenario: Path) -> None:
    found = told(scenario, "--policy", "default", "--policy", "fifo")
    assert list(found["policies"]) == ["default", "fifo"]
    for figures in found["policies"].values():
        of = [*(figures[name] for name in FIGURES), *figures["service_level"].values()]
        assert all({"mean", "half_width"} <= one.keys() and one["half_width"] > 0 for one in of)
        assert list(figures["service_level"]) == ["gold", "bronze"], "the weightiest first"
        assert 0 < figures["weighted_service_level"]["mean"] < 1
        assert figures["wait"]["p50"]["mean"] <= figures["wait"]["p90"]["mean"]


def test_the_same_seed_gives_the_same_figures_whatever_shares_the_work_and_another_seed_gives_others(
    scenario: Path,
) -> None:
    one = told(scenario, "--workers", 1, "--seed", 7)
    assert told(scenario, "--workers", 2, "--seed", 7) == one
    assert told(scenario, "--workers", 2, "--seed", 8)["policies"] != one["policies"]


def test_load_scales_what_customers_ask_for_to_a_share_of_what_agents_can_do(scenario: Path) -> None:
    light, heavy = told(scenario, "--load", 0.3), told(scenario, "--load", 1.2)
    assert (light["load"], heavy["load"]) == (0.3, 1.2)
    few, many = (one["policies"]["default"] for one in (light, heavy))
    # 3 agents have room for one chat each: 30 chats an hour are all that they can do
    assert few["offered"]["mean"] == pytest.approx(0.3 * 30 * 3, rel=0.35)
    assert many["offered"]["mean"] == pytest.approx(1.2 * 30 * 3, rel=0.35)
    assert few["weighted_service_level"]["mean"] > many["weighted_service_level"]["mean"]
    assert few["occupancy"]["mean"] < many["occupancy"]["mean"] <= 1


def test_days_and_replications_are_those_that_are_asked_for(scenario: Path) -> None:
    one, five = told(scenario, "--replications", 2), told(scenario, "--replications", 2, "--days", 5)
    assert (five["days"], five["replications"]) == (5, 2)
    assert five["policies"]["default"]["offered"]["mean"] == pytest.approx(
        5 * one["policies"]["default"]["offered"]["mean"], rel=0.35
    )


@pytest.mark.parametrize("days", [20_000, 99_999_999])
def test_what_the_command_line_says_instead_is_checked_like_the_file(scenario: Path, days: int) -> None:
    code, _, err = run(scenario, "--days", days)
    assert (code, err) == (1, "small.yaml: days: must be at most 10000\n")
    scenario.write_text(SMALL.replace("per_hour: 20", "per_hour: 20\n    days: sat"), encoding="utf-8")
    code, _, err = run(scenario, "--replications", 1)  # it begins on a Monday, for a day
    assert (code, "the scenario has none of these days" in err) == (1, True)
    assert told(scenario, "--replications", 1, "--days", 6)["policies"]["default"]["offered"]["mean"] > 0


@pytest.mark.parametrize(("language", "head"), [("en", "policy"), ("tr", "politika")])
def test_people_get_a_table_that_fits_eighty_columns(scenario: Path, language: str, head: str) -> None:
    code, out, _ = run(scenario, "--policy", "accumulating", "--policy", "as-configured", "--lang", language)
    assert code == 0
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith(head) for line in lines)
    rows = [line.split()[0] for line in lines if line.startswith(("accum", "as-")) and " − " not in line]
    assert rows == ["accumulating", "as-configured"]
    assert "…" not in out


@pytest.mark.parametrize("language", ["en", "tr"])
def test_no_figure_is_cut_where_not_all_columns_fit_and_names_are_said_again_below(
    scenario: Path, language: str
) -> None:
    weights = "{platinum: 9, gold: 4, silver: 2, bronze: 1, occasional: .5}"
    text = SMALL.replace("config:", f"config:\n  routing: {{tiers: {weights}}}").replace(
        "{gold: 1, bronze: 3}", weights
    )
    long = "the-oldest-first-whatever-was-promised"
    scenario.write_text(text + f"variants: {{{long}: {{policy: fifo}}}}\n", encoding="utf-8")
    code, out, err = run(
        scenario, "--policy", "default", "--policy", long, "--load", 1.1, "--days", 15, "--replications", 2,
        "--lang", language,
    )  # fmt: skip
    assert code == 0, err
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    heads = [line.split() for line in out.splitlines() if line.startswith(("policy", "politika"))]
    assert len(heads) == 2
    assert heads[1][1:] == ["platinum", "gold", "silver", "bronze", "occasional"]
    for start in ("default  ", long[:10]):
        below = [line.split()[1:] for line in out.splitlines() if line.startswith(start)][1]
        assert len(below) == 5
        assert all(re.fullmatch(r"\d+[.,]\d", figure) for figure in below)


def test_turkish_figures_have_turkish_decimals_and_units_like_the_page(scenario: Path) -> None:
    scenario.write_text(SMALL.replace("exponential: 4", "exponential: 40"), encoding="utf-8")
    found = told(scenario, "--load", 0.9)["policies"]["default"]
    code, out, _ = run(scenario, "--load", 0.9, "--lang", "tr", "--target", 92.5)
    assert code == 0
    assert re.search(r"tohum 1; \d+(,\d)?sn", out)
    line = next(line for line in out.splitlines() if line.startswith("default  "))
    level, wait = found["weighted_service_level"], found["wait"]
    assert f"{100 * level['mean']:.1f} ±{100 * level['half_width']:.1f}".replace(".", ",") in line
    assert span(wait["mean"] * 1000, Language.tr) in line
    assert span(wait["p90"]["mean"] * 1000, Language.tr) in line
    assert "%92,5 için" in out
    assert not re.search(r"\d\.\d", out)


def test_policies_are_compared_with_the_first_replication_by_replication(scenario: Path) -> None:
    scenario.write_text(SMALL + "variants: {same: {policy: default}}\n", encoding="utf-8")
    asked = (
        scenario, "--policy", "default", "--policy", "fifo", "--policy", "same", "--load", 1.1, "--replications", 6,
    )  # fmt: skip
    of = told(*asked)["policies"]
    first, other = of["default"], of["fifo"]
    apart = other["difference_to_first"]
    assert "difference_to_first" not in first
    level, theirs = (one["weighted_service_level"] for one in (first, other))
    assert apart["mean"] == pytest.approx(theirs["mean"] - level["mean"], abs=2e-6)
    assert 0 < apart["half_width"] < min(level["half_width"], theirs["half_width"])
    assert of["same"]["difference_to_first"] == {"mean": 0, "half_width": 0}
    sign = "−" if apart["mean"] < 0 else "+"
    shown = f"{sign}{abs(100 * apart['mean']):.1f} ±{100 * apart['half_width']:.1f}"
    lines = run(*asked)[1].splitlines()
    assert f"fifo − default: {shown} points of weighted service level" in lines
    assert "same − default: 0.0 ±0.0 points of weighted service level" in lines
    turkish = run(*asked, "--lang", "tr")[1].splitlines()
    assert f"fifo − default: ağırlıklı servis seviyesinde {shown.replace('.', ',')} puan" in turkish


def test_a_difference_of_one_replication_has_no_interval(scenario: Path) -> None:
    _, out, _ = run(scenario, "--policy", "default", "--policy", "as-configured", "--replications", 1)
    assert "as-configured − default: 0.0 points of weighted service level" in out.splitlines()
    _, alone, _ = run(scenario, "--policy", "default", "--replications", 1)
    assert " − " not in alone
    assert "\n\n\n" not in alone


def test_a_page_and_plots_are_written_where_they_are_asked_for(scenario: Path, tmp_path: Path) -> None:
    page, folder = tmp_path / "page.html", tmp_path / "plots"
    code, out, _ = run(scenario, "--html", page, "--plots", folder, "--replications", 2, "--lang", "tr")
    assert code == 0
    assert "Küçük" in page.read_text(encoding="utf-8")
    drawn = sorted(folder.glob("*.png"))
    assert len(drawn) == 5
    assert next(line for line in out.splitlines() if line.endswith((".png", ".html"))) == str(page)
    code, _, _ = run(scenario, "--html", tmp_path / "new" / "folder" / "page.html", "--replications", 1)
    assert (code, (tmp_path / "new" / "folder" / "page.html").exists()) == (0, True)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (("--html", "page.html/page.html"), "page.html/page.html: File exists"),
        (("--record", "."), ".: Is a directory"),
        (("--target", 90, "--group", "takim"), "the scenario has no group 'takim'; its groups: ekip"),
        (("--group", "ekip"), "goes with --target"),
    ],
)
def test_nothing_is_run_for_what_could_not_be_told_afterwards(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[object, ...], what: str
) -> None:
    (tmp_path / "page.html").write_text("a file, not a folder")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("santral.simulation.experiment.experiment", lambda *_: pytest.fail("it was run"))
    code, out, err = run(scenario, *said)
    assert (bool(code), out) == (True, "")
    assert what in err


def test_it_says_how_many_more_agents_a_target_takes(scenario: Path) -> None:
    found = told(scenario, "--target", 90, "--load", 1.0, "--workers", 1)["staffing"]["default"]
    by_number = {one["agents"]: one["service_level"] for one in found["tried"]}
    reached = {number for number, level in by_number.items() if level["mean"] - level["half_width"] >= 0.9}
    assert found["now"] == 3
    assert found["agents"] == min(reached) == 3 + found["more"]
    assert found["agents"] - 1 in by_number
    assert found["agents"] - 1 not in reached
    code, out, _ = run(scenario, "--target", 90, "--load", 1.0, "--workers", 1, "--lang", "tr")
    assert code == 0
    assert f"%90 için {found['agents']} temsilci gerekir; şimdi 3" in out
    code, _, err = run(scenario, "--target", 90, "--group", "takim")
    assert (code, "the scenario has no group 'takim'; its groups: ekip" in err) == (1, True)


def test_the_traffic_of_a_replication_is_written_for_what_if(scenario: Path, tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl.gz"
    code, out, _ = run(scenario, "--record", path, "--replications", 1)
    assert (code, out.splitlines()[-1]) == (0, str(path))
    found = read(path)
    assert {wait.kind.queue for wait in found.waits} == {"destek"}


def test_a_policy_that_there_is_not_is_refused_with_those_that_there_are(scenario: Path) -> None:
    code, _, err = run(scenario, "--policy", "lifo")
    assert code == 2
    assert "there is no policy 'lifo'" in err
    assert "edf-late" in err


def test_a_scenario_names_policies_of_its_own(scenario: Path) -> None:
    scenario.write_text(SMALL + "variants: {same: {policy: fifo}}\n")
    found = told(scenario, "--policy", "fifo", "--policy", "same", "--policy", "strict")
    of = found["policies"]
    assert of["same"].pop("difference_to_first") == {"mean": 0, "half_width": 0}
    assert of["same"] == of["fifo"]
    assert of["strict"]["service_level"] != of["fifo"]["service_level"]


def test_the_reference_centre_is_the_one_of_the_documentation(pytestconfig: pytest.Config) -> None:
    found = told(pytestconfig.rootpath / "scenarios" / "reference.yaml", "--replications", 1, "--policy", "default")
    assert (found["load"], found["agents"]) == (0.95, 40)
    # 480 units for 660 minutes at 95 %, of which a conversation takes 38.7 unit-minutes
    assert found["policies"]["default"]["offered"]["mean"] == pytest.approx(0.95 * 480 * 660 / 38.7, rel=0.05)


GOING = (
    SMALL.replace("count: 3", "count: 1")
    .replace("units: 4}", 'units: 4, shifts: {mon-sun: ["09:00-13:00"]}}')
    .replace("day: {", 'day: {opens: "09:00", ')
    .replace("per_hour: 20", "per_hour: 60")
    .replace("    patience: {exponential: 4}\n", "")
)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (GOING, "unanswered", "never answered, nobody was there any more: default "),
        (SMALL.replace("count: 3", "count: 1") + "waiting_places: 0\n", "turned_away", "turned away, there was no place to wait: default "),
    ],
    ids=["never answered", "turned away"],
)  # fmt: skip
def test_who_is_not_served_at_all_counts_as_missed_and_is_told(tmp_path: Path, text: str, name: str, said: str) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(text, encoding="utf-8")
    found = told(path)["policies"]["default"]
    share = found[name]["mean"]
    assert share > 0.3
    assert found["tiers"]["bronze"]["service_level"]["mean"] <= 1 - share + 0.1
    code, out, _ = run(path)
    assert (code, said in " ".join(out.split())) == (0, True)
    assert "hiç yanıtlanmayan" in run(path, "--lang", "tr")[1] or "yer bulamayan" in run(path, "--lang", "tr")[1]


def test_a_target_that_no_number_of_agents_reaches_ends_with_status_1(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_text(GOING, encoding="utf-8")
    code, out, _ = run(path, "--target", 99)
    assert (code, "no number that was tried reaches 99 %" in out) == (1, True)


def test_a_page_says_how_many_agents_a_target_takes(scenario: Path, tmp_path: Path) -> None:
    code, out, _ = run(scenario, "--target", 90, "--html", tmp_path / "page.html")
    said = next(line for line in out.splitlines() if line.startswith("default: 90 % takes"))
    assert code == 0
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "How many agents it takes" in html
    assert said in html
