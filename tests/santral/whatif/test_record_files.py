"""A record's file: the same bytes for the same record, and refused unless it is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from router.config import Config
from router.messages import ChannelName
from router.waiting import Kind
from santral.simulation.roles import Coming
from santral.whatif.record import End, Fate, Record, Wait
from santral.whatif.record_files import read, write

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
