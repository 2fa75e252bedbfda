"""Calendars in the files: holidays looked up when they are read, and deadlines asked for on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from router.calendars import Calendar
from santral.cli import build
from santral.configuration import BadConfiguration, load
from santral.public_holidays import looked_up

RUN = CliRunner()
OFIS = """calendars:
  - name: ofis
    zone: Europe/Istanbul
    open: {mon-fri: ["09:00-17:00"]}
    holidays: [{country: TR}]
    days: [{date: 2026-12-31, open: ["09:00-12:00"]}]
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "calendars.yaml").write_text(OFIS, "utf-8")
    return tmp_path


def asked(directory: Path, *lines: dict[str, Any] | str, calendar: str = "ofis") -> tuple[int, list[dict[str, Any]]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    result = RUN.invoke(build(), ["sla", "deadline", "--config", str(directory), "--calendar", calendar], input=text)
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_6_friday_half_past_four_and_one_business_hour_is_monday_half_past_nine(directory: Path) -> None:
    status, (answer,) = asked(directory, {"from": "2026-11-20T16:30:00+03:00", "minutes": 60})
    assert status == 0
    assert answer == {
        "due": "2026-11-23T09:30:00+03:00",
        "counted": [
            ["2026-11-20T16:30:00+03:00", "2026-11-20T17:00:00+03:00"],
            ["2026-11-23T09:00:00+03:00", "2026-11-23T09:30:00+03:00"],
        ],
        "skipped": [{"start": "2026-11-20T17:00:00+03:00", "end": "2026-11-23T09:00:00+03:00", "why": "closed"}],
    }


def test_turkeys_holidays_are_skipped_by_their_names_and_their_eves_from_one_oclock(directory: Path) -> None:
    _, (answer,) = asked(directory, {"from": "2026-10-28T09:00:00Z", "minutes": 120})
    assert answer["due"] == "2026-10-30T10:00:00+03:00"
    holidays = [(one["start"][:16], one["name"]) for one in answer["skipped"] if one["why"] == "holiday"]
    assert [name.partition(" (")[0] for _, name in holidays] == ["Cumhuriyet Bayramı", "Cumhuriyet Bayramı"]
    assert [start for start, _ in holidays] == ["2026-10-28T13:00", "2026-10-29T09:00"]


def test_a_deadline_beyond_the_years_whose_holidays_are_known_says_so(directory: Path) -> None:
    year = datetime.now(UTC).year
    late, soon = (
        {"from": f"{year + 6}-03-01T09:00:00Z", "minutes": 1},
        {"from": f"{year}-03-01T09:00:00Z", "minutes": 1},
    )
    _, (beyond, within) = asked(directory, late, soon)
    assert beyond["holidays_known_until"] == f"{year + 4}-12-31"
    assert "holidays_known_until" not in within


def test_pauses_are_left_out_and_one_without_an_end_has_no_deadline(directory: Path) -> None:
    start = "2026-11-23T09:00:00+03:00"
    pause = ["2026-11-23T09:30:00+03:00", "2026-11-23T10:00:00+03:00"]
    _, (over, still) = asked(
        directory,
        {"from": start, "minutes": 45, "pauses": [pause]},
        {"from": start, "minutes": 45, "pauses": [[pause[0], None]]},
    )
    assert over["due"] == "2026-11-23T10:15:00+03:00"
    assert over["skipped"] == [{"start": pause[0], "end": pause[1], "why": "pause"}]
    assert still["due"] is None
    assert still["counted"] == [[start, pause[0]]]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "no JSON"),
        ("[]", "must be an object"),
        ({"from": "2026-11-20T16:30:00", "minutes": 1}, "has no offset"),
        ({"from": "tomorrow", "minutes": 1}, "'tomorrow' is no time"),
        ({"from": "2026-11-20T16:30:00Z"}, "minutes: None is no number"),
        ({"from": "2026-11-20T16:30:00Z", "minutes": -1}, "not between"),
        ({"from": "2026-11-20T16:30:00Z", "minutes": 1, "pause": []}, "'pause' is not known"),
        ({"from": "2026-11-20T16:30:00Z", "minutes": 1, "pauses": [["2026-11-20T16:30:00Z"]]}, "pauses[0]: must be"),
        (
            {"from": "2026-11-20T16:30:00Z", "minutes": 1, "pauses": [["2026-11-20T16:30:00Z", "2026-11-20T16:00:00Z"]]},
            "pauses[0]: ends before it begins",
        ),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_answered_in_its_place_and_the_others_are_too(
    directory: Path, line: dict[str, Any] | str, says: str
) -> None:
    right = {"from": "2026-11-23T09:00:00+03:00", "minutes": 1}
    status, answers = asked(directory, right, line, right)
    assert status == 1
    assert answers[0] == answers[2]
    assert says in answers[1]["error"]
    assert answers[1]["line"] == 2


def test_a_calendar_that_is_not_there_is_named_with_those_that_are(directory: Path) -> None:
    command = ["sla", "deadline", "--config", str(directory), "--calendar", "yok"]
    result = RUN.invoke(build(), command, input="")
    assert result.exit_code == 2
    assert "there is no calendar 'yok'; known are ofis" in result.stderr


def test_the_sample_configurations_calendar_knows_the_republic_day_of_the_years_around() -> None:
    (calendar,) = load(Path("config")).calendars
    now = datetime.now(UTC).year
    assert calendar.until == now + 4
    assert {f"{year}-10-29" for year in range(now - 1, now + 5)} <= {one.date for one in calendar.found}


def test_of_two_countries_the_longer_holiday_counts() -> None:
    both = {"name": "c", "zone": "UTC", "open": {"mon": ["09:00-17:00"]}}
    calendar = Calendar.model_validate({**both, "holidays": [{"country": "TR"}, {"country": "DE", "region": "BY"}]})
    found = {one.date: one for one in looked_up(calendar, datetime(2026, 1, 1, tzinfo=UTC)).found}
    assert found["2026-12-25"].until is None
    assert found["2026-05-26"].until == 13 * 60
    assert "2026-01-06" in found  # Bavaria's own


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("holidays: [{country: ZZ}]", "no holidays are known of the country 'ZZ'"),
        ("holidays: [{country: DE, region: XX}]", "DE has no region 'XX', known are BB,"),
        ("holidays: [{country: TR, language: de}]", "have no names in 'de', known are en_US, tr"),
        ("holidays: [{country: ZZ}, {country: DE, region: XX}]", "no region 'XX'"),
        ("found: []", "is made when the files are read, not written"),
        ("holiday: [{country: TR}]", "is not known here; known are"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_told_with_its_file_and_field(tmp_path: Path, written: str, says: str) -> None:
    text = f'calendars:\n  - name: ofis\n    zone: UTC\n    open: {{mon: ["09:00-17:00"]}}\n    {written}\n'
    (tmp_path / "calendars.yaml").write_text(text, "utf-8")
    with pytest.raises(BadConfiguration) as caught:
        load(tmp_path)
    assert says in str(caught.value)
    assert "calendars.yaml: line " in str(caught.value)
    assert "ofis" in str(caught.value)


def test_a_calendar_without_an_open_hour_is_refused_because_no_deadline_would_come(tmp_path: Path) -> None:
    days = ", ".join(
        f"{{date: {month:02}-{day:02}}}" for month in range(1, 13) for day in range(1, 32) if _exists(month, day)
    )
    text = f'calendars:\n  - name: hic\n    zone: UTC\n    open: {{mon: ["09:00-17:00"]}}\n    days: [{days}]\n'
    (tmp_path / "calendars.yaml").write_text(text, "utf-8")
    with pytest.raises(
        BadConfiguration, match=r"calendars\.yaml: line 2, column 5: calendar 'hic': is closed for the next 370"
    ):
        load(tmp_path)


def _exists(month: int, day: int) -> bool:
    return day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
