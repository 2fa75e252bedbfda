"""`santral report`: the same figures as a table, CSV, JSON and one page, from the API or a kept answer."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from router.measure_figures import figures
from router.measures import joined, merged
from santral import cli
from santral.reporting import report_of
from santral.reporting_choices import By, Language
from santral.reporting_page import page
from santral.reporting_plots import ticks
from santral.reporting_texts import as_csv, table
from santral.reporting_words import number, share, span
from tests.kit.amount import times
from tests.kit.measured_days import document, measured


@pytest.fixture(scope="module")
def day() -> dict[str, Any]:
    return document(1, rate=20)


@pytest.fixture
def kept(day: dict[str, Any], tmp_path: Path) -> str:
    file = tmp_path / "measures.json"
    file.write_text(json.dumps(day), encoding="utf-8")
    return str(file)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli.build(), ["report", *arguments])


def test_what_is_read_of_a_kept_answer_is_what_was_measured(day: dict[str, Any]) -> None:
    report = report_of(reversed(day["hours"]))
    assert joined(report.hours) == joined(measured(1, 1, 20))
    assert (report.start.isoformat(), report.end.isoformat()) == (
        "2026-03-02T00:00:00+00:00",
        "2026-03-03T00:00:00+00:00",
    )


@pytest.mark.parametrize("by", list(By))
def test_rows_hold_every_wait_once_however_they_are_cut(day: dict[str, Any], by: By) -> None:
    report = report_of(day["hours"])
    rows, total = report.rows(by), report.total()
    assert sum(row.figures.answered for row in rows) == total.figures.answered > 0
    assert sorted(wait for row in rows for wait in row.cell.answered) == list(total.cell.answered)


def test_occupancy_is_of_agents_and_of_all_and_of_no_queue(day: dict[str, Any]) -> None:
    report = report_of(day["hours"])
    desks = merged(joined(report.hours).desks.values())
    assert report.total().figures.occupancy == desks.count("held") / desks.count("room")
    assert {row.figures.occupancy for row in report.rows(By.queue)} == {None}
    *agents, nobody = report.rows(By.agent)
    assert all(0 < (row.figures.occupancy or 0) < 1 for row in agents)
    assert (nobody.name, nobody.figures.occupancy) == (None, None)


def test_agents_have_their_service_level_waits_and_targets_and_nobody_has_what_was_given_up(kept: str) -> None:
    result = run("--file", kept, "--format", "csv", "--by", "agent")
    *agents, nobody = csv.DictReader(io.StringIO(result.output))
    measured_of_all = ("service_level", "answer_seconds", "wait_p50_seconds", "sla_accept", "sla_first_response")
    assert all(row[name] for row in agents for name in measured_of_all)
    assert {row["abandoned"] for row in agents} == {"0"}
    assert (nobody["agent"], nobody["answered"], nobody["answer_seconds"]) == ("", "0", "")
    assert int(nobody["abandoned"]) > 0
    assert "(nobody)" in run("--file", kept, "--by", "agent").output
    assert "(nobody)" in run("--file", kept, "--format", "html").output


def test_the_backlog_of_a_report_is_the_last_hours(day: dict[str, Any]) -> None:
    report = report_of(day["hours"])
    last = figures(merged(report.hours[-1].lines.values()))
    assert (report.total().figures.open, report.total().figures.line) == (last.open, last.line)


def test_a_table_is_aligned_and_ends_with_the_total(kept: str) -> None:
    result = run("--file", kept)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert "2026" in lines[0]
    assert [line.split()[0] for line in lines[-4:]] == ["genel", "geri", "siparişler", "total"]
    assert len({len(line) for line in lines[-4:]}) == 1


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("by", list(By))
def test_a_table_is_never_wider_than_the_terminal(day: dict[str, Any], by: By, language: Language, width: int) -> None:
    told = table(report_of(day["hours"]), by, language, UTC, width)
    assert max(map(len, told.splitlines())) <= width
    assert ("--format" in told) is (width < 200)


def test_turkish_has_its_own_words_and_numbers(kept: str) -> None:
    result = run("--file", kept, "--lang", "tr", "--by", "agent")
    assert result.exit_code == 0, result.output
    assert "temsilci" in result.output
    assert re.search(r"%\d+,\d", result.output)
    assert (share(0.125, Language.tr), number(1234.5, Language.tr, 1), span(3_900_000, Language.tr)) == (
        "%12,5",
        "1.234,5",
        "1sa 5dk",
    )
    assert (share(0.125, Language.en), number(1234.5, Language.en, 1), span(3_900_000, Language.en)) == (
        "12.5%",
        "1,234.5",
        "1h 5m",
    )


def test_lengths_of_time_are_told_by_their_two_largest_units() -> None:
    assert [span(ms, Language.en) for ms in (0, 400, 59_600, 60_000, 3_599_900, 86_400_000, 90_000_000)] == [
        "0s", "0.4s", "1m", "1m", "1h", "1d", "1d 1h",
    ]  # fmt: skip


def test_csv_has_plain_numbers_and_nothing_where_nothing_was_measured(kept: str, day: dict[str, Any]) -> None:
    result = run("--file", kept, "--format", "csv", "--by", "queue")
    rows = list(csv.DictReader(io.StringIO(result.output)))
    expected = report_of(day["hours"]).rows(By.queue)
    assert [row["queue"] for row in rows] == ["genel", "geri ödeme", "siparişler"]
    assert [float(row["service_level"]) for row in rows] == [row.figures.service_level for row in expected]
    assert [float(row["answer_seconds"]) * 1000 for row in rows] == pytest.approx(
        [r.figures.answer_ms for r in expected]
    )
    assert {row["nps"] for row in rows} == {""}


def test_a_name_that_a_spreadsheet_would_compute_is_text() -> None:
    hour = {"start": "2026-03-02T00:00:00Z", "agents": [], "cells": [
        {"queue": "=1+1", "channel": "sms", "tier": None, "language": None, "skill": None, "n": {"begun": 1}},
    ]}  # fmt: skip
    assert as_csv(report_of([hour]), By.queue).splitlines()[1].startswith("'=1+1,1,")


def test_json_has_null_where_nothing_was_measured(kept: str) -> None:
    found = json.loads(run("--file", kept, "--format", "json", "--by", "hour").output)
    assert (found["since"], found["until"], found["by"]) == (
        "2026-03-02T00:00:00+00:00",
        "2026-03-03T00:00:00+00:00",
        "hour",
    )
    assert len(found["rows"]) == 24
    assert found["total"]["nps"] is None
    assert found["rows"][9]["hour"] == "2026-03-02T09:00:00+00:00"


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_page_needs_nothing_but_itself(kept: str, tmp_path: Path, language: str) -> None:
    out = tmp_path / "report.html"
    result = run("--file", kept, "--format", "html", "--lang", language, "--out", str(out))
    assert (result.exit_code, result.output) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|\bsrc=|\bhref=|url\(|https?:|@import", text)
    assert "default-src 'none'" in text
    assert f'<html lang="{language}">' in text


def test_every_plot_is_whole_and_has_a_name_and_a_word_for_each_hour(day: dict[str, Any]) -> None:
    plots = [
        ET.fromstring(svg)
        for svg in re.findall(r"<svg.*?</svg>", page(report_of(day["hours"]), Language.en, UTC), re.DOTALL)
    ]
    assert [plot.attrib["aria-label"] for plot in plots] == [
        "Service level, by hour", "Waits, by hour", "Conversations, by hour", "Handle time, by hour", "Occupancy, by hour",
        "Backlog, by hour",
    ]  # fmt: skip
    assert {len(plot.findall(".//title")) for plot in plots} == {24}
    said = [title.text or "" for title in plots[0].iter("title")]
    level = report_of(day["hours"]).rows(By.hour)[10].figures.service_level
    assert level is not None
    assert said[10] == f"2 Mar 10:00\nservice level: {share(level, Language.en)}"


def test_a_long_time_is_plotted_by_days(day: dict[str, Any]) -> None:
    hours = [
        hour | {"start": datetime(2026, 3, 2 + extra, index, tzinfo=UTC).isoformat()}
        for extra in range(10)
        for index, hour in enumerate(day["hours"])
    ]
    told = page(report_of(hours), Language.en, UTC)
    assert "Service level, by day" in told
    assert told.count("<title>11 Mar") == 6


def test_names_from_outside_are_text_in_the_page() -> None:
    bad = "<script>alert(1)</script>"
    hour = {"start": "2026-03-02T00:00:00Z", "agents": [{"agent": bad, "queue": None, "channel": None, "n": {"joined": 1}}], "cells": [
        {"queue": bad, "channel": bad, "tier": bad, "language": bad, "skill": bad, "n": {"begun": 1}},
    ]}  # fmt: skip
    told = page(report_of([hour]), Language.en, UTC)
    assert "<script" not in told
    assert "&lt;script&gt;" in told


def test_a_share_of_nothing_at_all_has_its_column_in_the_page_and_what_was_not_measured_has_none() -> None:
    cell = {
        "queue": "genel",
        "channel": "sms",
        "tier": None,
        "language": None,
        "skill": None,
        "n": {"csat.1": 3},
        "w": [9],
    }
    told = page(report_of([{"start": "2026-03-02T09:00:00Z", "cells": [cell], "agents": []}]), Language.en, UTC)
    table_ = told[told.index('<section class="table">') :]
    assert "<td>0%</td>" in table_
    assert "service level</th>" in table_
    assert "CSAT</th>" in table_
    assert "NPS</th>" not in table_
    assert "gave up</th>" not in table_


def test_a_time_in_which_nothing_happened_says_so() -> None:
    told = page(report_of([{"start": "2026-03-02T00:00:00Z", "cells": [], "agents": []}]), Language.en, UTC)
    assert "Nothing was measured." in told
    assert "nan" not in told


@given(st.integers(0, 10**12), st.sampled_from(("count", "ms")))
@settings(max_examples=times(200))
def test_the_lines_of_a_plot_hold_all_its_values_and_are_few(most: int, shape: Any) -> None:
    found = ticks(most, shape)
    assert found[0] == 0
    assert found[-1] >= most
    assert 2 <= len(found) <= 6


# --- where it comes from ---------------------------------------------------------------------------------------------


def test_hours_are_asked_of_the_api_page_by_page_as_a_supervisor(
    day: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def pages(path: str, field: str, **query: str) -> Any:
        asked.append((path, field, query))
        return iter(day["hours"])

    def api(role: str) -> Any:
        asked.append(role)
        return SimpleNamespace(pages=pages)

    monkeypatch.setattr("santral.connection.connect", lambda *_: SimpleNamespace(api=api))
    result = run("--since", "2d", "--format", "csv")
    assert result.exit_code == 0, result.output
    role, (path, field, query) = asked
    assert (role, path, field) == ("supervisor", "/v1/measures", "hours")
    since, until = (datetime.fromisoformat(query[name]) for name in ("since", "until"))
    assert ((until - since).total_seconds(), until.minute, until.second) == (2 * 86_400, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--since", "7"], "write 24h, 7d or 4w"),
        (["--since", "0d"], "write 24h, 7d or 4w"),
        (["--since", "99999999999d"], "before all time"),
        (["--file", "{tmp}/none.json"], "none.json"),
        (["--file", "{tmp}/text.json"], "text.json"),
        (["--file", "{tmp}/list.json"], "hours"),
        (["--file", "{tmp}/empty.json"], "no measured hours"),
        (["--file", "{tmp}/odd.json"], "no answer of GET /v1/measures"),
        (["--file", "{tmp}/when.json"], "yesterday"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_sentence(arguments: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "text.json").write_text("not JSON")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "empty.json").write_text('{"hours": []}')
    (tmp_path / "odd.json").write_text('{"hours": [{"start": "2026-03-02T00:00:00Z", "cells": [1], "agents": []}]}')
    (tmp_path / "when.json").write_text('{"hours": [{"start": "yesterday", "cells": [], "agents": []}]}')
    result = run(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.exit_code in (1, 2)
    assert says in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_a_report_of_no_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="no measured hours"):
        report_of([])
