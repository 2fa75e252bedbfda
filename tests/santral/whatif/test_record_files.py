"""A record's file: the same bytes for the same record, and refused unless it is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from router.config import Config
from router.messages import ChannelName
from router.waiting import Kind
from santral.simulation.roles import Coming
from santral.whatif.record import End, Fate, Record, Wait
from santral.whatif.record_files import BadRecord, read, write

SKILLS = ["chat", "orders", "billing", "returns", "vip", "spare", "abroad", "late"]
CONFIG: dict[str, Any] = {
    "version": "one",
    "queues": [{"name": "chat", "skill": "chat", "first_response_minutes": 2}],
    "agents": [{"name": "ada", "display_name": "Ada", "skills": SKILLS, "secondary": SKILLS[1:]}],
}


def written(path: Path) -> list[str]:
    """The lines of a small record."""
    kind = Kind("chat", ChannelName.WEBCHAT, 4, 5, 120, "ornek", "tr")
    waits = tuple(
        Wait(f"c{n}", f"c{n}", n, kind, "main", Fate(End.ANSWERED, n + 1, "ada", n + 2)) for n in range(1_000, 1_010)
    )
    record = Record("table", 0, 600_000, Config.model_validate(CONFIG), waits, (Coming(0, "ada", "online"),))
    write(record, path)
    assert read(path) == record
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_sets_of_the_configuration_are_written_in_order_whatever_the_hashes_are(tmp_path: Path) -> None:
    ada = json.loads(written(tmp_path / "day.jsonl")[0])["config"]["agents"][0]
    assert (ada["skills"], ada["secondary"]) == (sorted(SKILLS), sorted(SKILLS[1:]))


def refused(path: Path, *lines: str) -> str:
    """Why a file of these lines is refused."""
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(BadRecord) as told:
        read(path)
    return str(told.value)


def test_a_record_without_its_last_lines_is_refused_as_cut_short(tmp_path: Path) -> None:
    lines = written(tmp_path / "day.jsonl")
    for kept in range(1, len(lines)):
        said = refused(tmp_path / "cut.jsonl", *lines[:kept])
        assert said == (
            f"cut.jsonl, line {kept}: the record is cut short here, before its last line "
            '{"end": ...}: copy the whole file, or record it anew'
        )


def test_a_line_that_is_missing_unknown_or_too_many_is_told_by_its_number(tmp_path: Path) -> None:
    lines, path = written(tmp_path / "day.jsonl"), tmp_path / "bad.jsonl"
    end = len(lines)
    assert json.loads(lines[-1]) == {"end": {"lines": end, "waits": 10}}
    missing = refused(path, *lines[:5], *lines[6:])
    assert missing.startswith(f"bad.jsonl, line {end - 1}: the record ends with {end - 1} lines, and had {end}: copy")
    instead = refused(path, *lines[:5], lines[1], *lines[6:])
    assert instead.startswith(f"bad.jsonl, line {end}: the record ends with 9 waits, and had 10: copy")
    for other in ('{"weather":"rain"}', "{}", "[]", "12", '"wait"', "null"):
        unknown = refused(path, *lines[:5], other + "\n", *lines[5:])
        assert unknown.startswith("bad.jsonl, line 6: is of an unknown kind; known are wait, kind, presence, ")
    assert "line 15: comes after the record's end" in refused(path, *lines, lines[0])
    assert "line 14: cannot be read: KeyError" in refused(path, *lines[:-1], '{"end":{}}\n')
