"""A company's own words for stop, start and help: what cannot be meant is told with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from santral.configuration import BadConfiguration, load

GOOD = {
    "inboxes.yaml": "inboxes:\n  - {name: sms, channel: webchat, address: sms, queue: chat}\n",
    "queues.yaml": "queues:\n  - {name: chat, skill: chat}\n",
    "agents.yaml": "agents:\n  - {name: ayse, display_name: Ayşe, skills: [chat]}\n",
}


def written(directory: Path, *items: str) -> Path:
    text = "keywords:\n" + "".join(f"  - {item}\n" for item in items)
    for name, content in {**GOOD, "keywords.yaml": text}.items():
        (directory / name).write_text(content, "utf-8")
    return directory


def faults(directory: Path, *items: str) -> list[str]:
    with pytest.raises(BadConfiguration) as raised:
        load(written(directory, *items))
    return [str(fault) for fault in raised.value.faults]


def test_words_that_mean_one_thing_are_taken(tmp_path: Path) -> None:
    config = load(
        written(tmp_path, "{language: tr, stop: [KES, RET], everywhere: [ret]}", "{language: nl, help: [HULP]}")
    )
    assert [one.language for one in config.keywords] == ["tr", "nl"]


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("{language: tr, start: [RET]}", "'RET' means something else too"),
        ("{language: nl, help: [Cancel]}", "'Cancel' means something else too"),
        ("{language: en, start: [Stop]}", "'Stop' means something else too"),
        ("{language: tr, stop: ['!!']}", "'!!' is no word"),
        ("{language: tr, stop: [KES], everywhere: [RET]}", "'RET' is none of the words in `stop`"),
        ("{language: Türkçe, stop: [KES]}", "must be a language tag"),
    ],
)
def test_words_that_cannot_be_meant_are_told_with_their_line(tmp_path: Path, item: str, says: str) -> None:
    (fault,) = faults(tmp_path, item)
    assert says in fault
    assert "keywords.yaml" in fault
    assert "line 2" in fault


def test_a_language_is_there_once(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "{language: tr, stop: [KES]}", "{language: tr, stop: [BIRAK]}")
    assert "'tr': the language is there twice" in fault
