"""What is wrong with calendars and SLA policies is refused when the configuration is checked, each with its file, line and reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from santral.cli import build

BASE = """queues: [{name: q, skill: s, sla: standard}]
agents: [{name: a, display_name: A, skills: [s], units: 30}]
inboxes: [{name: i, channel: webchat, address: web, queue: q}]
"""
CALENDAR = """calendars:
  - name: office
    zone: Europe/Istanbul
    open: {mon-fri: ["09:00-12:30", "13:30-18:00"]}
"""
POLICY = """sla:
  - name: standard
    calendar: office
    first_response: 1h
    next_response: 2h
"""


def ran(directory: Path, *command: str, **files: str) -> Any:
    for name, text in ({"base": BASE, "calendars": CALENDAR, "sla": POLICY} | files).items():
        (directory / f"{name}.yaml").write_text(text, "utf-8")
    return CliRunner().invoke(build(), ["config", *(command or ("check",)), str(directory)])


def test_what_is_right_is_checked_without_a_word(tmp_path: Path) -> None:
    result = ran(tmp_path, "check")
    assert (result.exit_code, len(result.output.splitlines())) == (0, 1), result.output


@pytest.mark.parametrize(
    ("calendar", "says"),
    [
        (CALENDAR.replace("13:30", "12:00"), "calendars.yaml: line 2, column 5, calendars[0] (office): two intervals of mon overlap"),
        (
            CALENDAR.replace("Istanbul", "Istambul"),
            ("calendars.yaml: line 3, column 5, calendars[0].zone (office): there is no time zone 'Europe/Istambul'; "
            "write one such as Europe/Istanbul"),
        ),
        (
            CALENDAR + "    holidays: [{country: NO}]\n",
            ("calendars.yaml: line 5, column 17, calendars[0].holidays[0].country (office): "
            "must be a text; YAML reads this word as true or false: write it in quotes"),
        ),
        (
            CALENDAR.replace("Europe/Istanbul", "localtime"),
            ("calendars.yaml: line 3, column 5, calendars[0].zone (office): 'localtime' is no place's time; "
            "write one such as Europe/Istanbul"),
        ),
        (
            CALENDAR.replace('["09:00-12:30", "13:30-18:00"]', "[]"),
            "calendars.yaml: line 2, column 5, calendars[0] (office): there is no interval in the week",
        ),
        (
            CALENDAR.replace("mon-fri", "mon") + '    days: [{date: 01-01, open: ["12:00-11:00"]}]\n',
            ("calendars.yaml: line 2, column 5, calendars[0] (office): days: '12:00-11:00' ends before it begins; "
            "a night is two intervals, until 24:00 and from 00:00"),
        ),
    ],
)  # fmt: skip
def test_a_calendar_by_which_no_deadline_could_be_told_is_refused(tmp_path: Path, calendar: str, says: str) -> None:
    result = ran(tmp_path, calendars=calendar)
    assert result.exit_code == 1
    assert says in result.output.splitlines()


def test_a_calendar_that_is_never_open_is_refused(tmp_path: Path) -> None:
    days = ", ".join(
        f"{{date: {month:02}-{day:02}}}" for month in range(1, 13) for day in range(1, 32) if day <= _LAST[month]
    )
    result = ran(tmp_path, calendars=CALENDAR + f"    days: [{days}]\n")
    assert result.exit_code == 1
    assert (
        "calendars.yaml: line 2, column 5: calendar 'office': is closed for the next 370 days: no deadline by it would ever come"
        in result.output.splitlines()
    )


_LAST = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"base": BASE.replace("sla: standard", "sla: standart")},
            "base.yaml: line 1, column 30: queue 'q': sla: there is no sla 'standart'; they are standard",
        ),
        (
            {"sla": POLICY.replace("office", "ofis")},
            "sla.yaml: line 3, column 5: sla 'standard': calendar: there is no calendar 'ofis'",
        ),
        (
            {"sla": POLICY + "    tiers: {golden: {first_response: 5}}\n"},
            "sla.yaml: line 6, column 5: sla 'standard': tiers: there is no tier 'golden'; they are gold, silver, bronze",
        ),
        (
            {"sla": POLICY + "    channels: {e-mail: {first_response: 5}}\n"},
            (
                "sla.yaml: line 6, column 16, sla[0].channels.e-mail (standard): is no channel; write one of email, sms, whatsapp, "
                "messenger, instagram, telegram, webchat"
            ),
        ),
        (
            {"sla": POLICY.replace("1h", "end of day wall clock")},
            "sla.yaml: line 4, column 5, sla[0].first_response (standard): the end of the day is by a calendar, never by the wall clock",
        ),
        (
            {"sla": POLICY.replace("1h", "end of days")},
            (
                "sla.yaml: line 4, column 5, sla[0].first_response (standard): 'end of days' is no time; "
                'write "end of day", or "end of day before 15:00"'
            ),
        ),
        (
            {"sla": POLICY.replace("    calendar: office\n", "").replace("1h", "end of day")},
            "sla.yaml: line 2, column 5, sla[0] (standard): the end of the day is by a calendar, and it names none",
        ),
        (
            {"sla": "sla:\n  - name: standard\n    tiers: {gold: {first_response: 5}}\n"},
            (
                "sla.yaml: line 2, column 5, sla[0] (standard): promises nothing to who is in none of its tiers and channels: "
                "write first_response, next_response, resolution or accept"
            ),
        ),
        (
            {"sla": POLICY.replace("1h", "0.001s")},
            "sla.yaml: line 4, column 21, sla[0].first_response.seconds (standard): ",
        ),
        (
            {"sla": POLICY.replace("1h", "0m")},
            "sla.yaml: line 4, column 21, sla[0].first_response.seconds (standard): ",
        ),
    ],
)
def test_a_policy_that_could_not_be_kept_as_it_is_written_is_refused(
    tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    result = ran(tmp_path, **changed)
    assert result.exit_code == 1
    assert any(line.startswith(says) for line in result.output.splitlines()), result.output


ONCE_A_WEEK = CALENDAR.replace("mon-fri", "mon").replace('"09:00-12:30", "13:30-18:00"', '"09:00-09:01"')


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            "    resolution: 400h\n",
            (
                "sla.yaml: line 6, column 5: sla 'standard': resolution: calendar 'office' is not open for so long within 10 years: "
                "it would never be due"
            ),
        ),
        (
            "    remind: 30m\n    reminders: 20\n",
            "sla.yaml: line 6, column 5: sla 'standard': remind: after first_response, calendar 'office' is not open for so long",
        ),
        (
            "    tiers: {gold: {first_response: 9h}}\n",
            "sla 'standard': tiers.gold.first_response: calendar 'office' is not open for so long within 10 years",
        ),
    ],
)
def test_a_deadline_for_which_the_calendar_is_never_open_long_enough_is_refused(
    tmp_path: Path, more: str, says: str
) -> None:
    result = ran(tmp_path, calendars=ONCE_A_WEEK, sla=POLICY + more)
    assert result.exit_code == 1
    assert says in result.output, result.output


def test_reminders_by_the_wall_clock_need_no_opening_hours(tmp_path: Path) -> None:
    more = "    remind: 4h wall clock\n    reminders: 20\n"
    assert ran(tmp_path, calendars=ONCE_A_WEEK, sla=POLICY + more).exit_code == 0


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    changed = {
        "base": BASE.replace("sla: standard", "sla: standart"),
        "calendars": CALENDAR.replace("Istanbul", "Istambul"),
        "sla": POLICY + "    tiers: {golden: {first_response: 5}}\n    channels: {e-mail: {accept: 5}}\n",
    }
    printed = ran(tmp_path, **changed).output
    assert [says for says in ("no sla 'standart'", "no time zone", "no tier 'golden'") if says not in printed] == []
    mended = ran(tmp_path, **(changed | {"calendars": CALENDAR})).output
    assert [says for says in ("no sla 'standart'", "no tier 'golden'", "is no channel") if says not in mended] == []


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (
            POLICY + "  - {name: spare, resolution: 8h}\n",
            "Note: sla.yaml:6: sla 'spare': no queue and no rule names it",
        ),
        (
            POLICY.replace("    next_response: 2h\n", "    reopened: continues\n"),
            (
                "Warning: sla.yaml:5: sla 'standard': what is reopened `continues`, and there is no next_response: whoever was answered "
                "before and writes again has no deadline for an answer"
            ),
        ),
    ],
)
def test_what_may_not_be_meant_is_told(tmp_path: Path, policy: str, says: str) -> None:
    result = ran(tmp_path, sla=policy)
    assert result.exit_code == 0
    assert says in result.output.splitlines()


# --- golden cases ----------------------------------------------------------------------------------------------------

CASES = """cases:
  - name: Friday half past five and one hour is Monday half past nine
    inbox: i
    now: 2026-11-20T17:30:00+03:00
    message: {text: Merhaba}
    expect: {due: %s}
"""


@pytest.mark.parametrize(
    ("due", "printed"),
    [
        ("{first_response: 2026-11-23T09:30}", "1 cases, 0 failed"),
        ("{first_response: 2026-11-23T09:30:00+03:00}", "1 cases, 0 failed"),
        ("{first_response: 2026-11-23T06:30:00Z}", "1 cases, 0 failed"),
        ("{first_response: 2026-11-20T18:30}", ('due: expected {"first_response": "2026-11-20T18:30:00+03:00"}, got '
         '{"first_response": "2026-11-23T09:30:00+03:00"}')),
        ("{resolution: 2026-11-20T18:30}", 'due: expected {"resolution": "2026-11-20T18:30:00+03:00"}, got {}'),
        ("{answer: 2026-11-20T18:30}", "expect.due.answer"),
    ],
)  # fmt: skip
def test_a_golden_case_says_when_it_is_due(tmp_path: Path, due: str, printed: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "cases.yaml").write_text(CASES % due, "utf-8")
    result = ran(tmp_path, "test", sla=POLICY.replace("1h", "60"))
    assert printed in result.output
    assert result.exit_code == (0 if printed.endswith("0 failed") else 1)
