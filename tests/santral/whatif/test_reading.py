"""A short day driven through production's use cases, read from the table and played again: what happened, and what would have."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from functions import wiring
from router.aws.configs import Configs
from router.config import Config
from router.errors import Temporary
from santral import cli
from santral.whatif.changed import changes
from santral.whatif.playing import happened, play
from santral.whatif.reading import NoTraffic, Stack, messages_of, read
from santral.whatif.record import End, How, Record
from santral.whatif.record_files import read as read_file
from santral.whatif.record_files import write
from tests.kit.short_day import CONFIG, ShortDay
from tests.kit.world import START, World
from tests.promises.test_rules import ruled


def stack(world: World) -> Stack:
    configs = Configs(wiring.dynamo())
    return Stack(world.x.table, configs.history, configs.version)


def recorded(world: World, **how: Any) -> Record:
    """All of a world until now."""
    world.pass_time(milliseconds=1)
    return read(stack(world), how.pop("since", START), world.now, **how)


@pytest.mark.parametrize("seed", [4, 7, 9])
def test_a_day_of_production_played_again_is_exactly_what_happened(seed: int, tmp_path: Path) -> None:
    with World(CONFIG, memory=True) as world:
        ShortDay(world, seed).live(450)
        day = recorded(world, facts=True)
    ends = {wait.fate.end for wait in day.waits}
    assert {End.ANSWERED, End.LEFT, End.WAITING, End.MOVED} <= ends
    assert {How.ACCEPTS, How.MISSES} <= {one.how for wait in day.waits for one in wait.fate.offers}
    assert play(day).fates == happened(day).fates
    write(day, tmp_path / "day.jsonl.gz")
    again = read_file(tmp_path / "day.jsonl.gz")
    assert again == day
    assert play(again).fates == happened(day).fates
    text = gzip.decompress((tmp_path / "day.jsonl.gz").read_bytes()).decode()
    personal = ("Merhaba", "+1555", "@example.net")
    assert not [one for one in personal if one in text.replace("+15550100", "")]  # that is our own number


@pytest.mark.parametrize("seed", [4, 6, 8])
def test_a_record_that_begins_in_the_middle_has_what_stood_then(seed: int) -> None:
    """What agents had, offers that stood, pauses and wrap-ups: what is counted is what happened."""
    with World(CONFIG, memory=True) as world:
        day = ShortDay(world, seed)
        day.live(200)
        middle = world.now
        day.live(250)
        second = recorded(world, since=middle)
    assert any(one.at < second.since for one in second.held)
    assert any(wait.at < second.since for wait in second.waits)
    assert {one.agent for one in second.standing} == {"ayse", "mehmet", "zeynep"}
    again = play(second).fates
    assert [again[wait.id] for wait in second.waits] == [wait.fate for wait in second.waits]


# --- by hand ---------------------------------------------------------------------------------------------------------

SIMPLE: dict[str, Any] = {
    "version": "simple-1",
    "inboxes": [CONFIG["inboxes"][0]],
    "queues": [{"name": "genel", "skill": "genel", "first_response_minutes": 2}, {"name": "uzman", "skill": "uzman"}],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": ["genel"], "units": 3},
        {"name": "usta", "display_name": "Usta", "skills": ["uzman"], "units": 3},
    ],
}


def busy(world: World, *texts: str) -> Record:
    """Ayşe has one for ten minutes at a time; each text is another customer's, half a minute after the other."""
    world.come_in("ayse", "usta")
    for number, text in enumerate(texts):
        world.sms(text, sender=f"+1555010{number:02d}")
        world.pump()
        world.pass_time(seconds=30)
    world.pass_time(seconds=600 - 30 * len(texts))
    for _ in texts:
        (one,) = [c for c in world.conversations() if c.agent == "ayse" and not c.state.done]
        assert world.call("POST", f"/v1/conversations/{one.id}/resolve", {}, user="ayse")[0] == 200
        world.pump()
        world.pass_time(seconds=600)
    return recorded(world)


def waits(day: Record, fates: Any) -> list[tuple[str | None, int | None]]:
    """Who got each, after how many seconds."""
    return [
        (fate.agent, None if fate.at is None else (fate.at - wait.at) // 1000)
        for wait in day.waits
        for fate in (fates[wait.id],)
    ]


def changed_config(**sections: Any) -> Config:
    return Config.model_validate({**SIMPLE, "version": "simple-2", **sections})


def test_a_skill_added_to_an_agent_gives_them_what_waits() -> None:
    """Three customers at 0, 30 and 60 s, ten minutes of work each: alone, Ayşe is done at 600, 1200 and 1800."""
    with World(SIMPLE, memory=True) as world:
        day = busy(world, "bir", "iki", "üç")
    assert (
        waits(day, play(day).fates) == waits(day, happened(day).fates) == [("ayse", 0), ("ayse", 570), ("ayse", 1140)]
    )
    both = [one | ({"skills": ["genel", "uzman"]} if one["name"] == "usta" else {}) for one in SIMPLE["agents"]]
    config = changed_config(agents=both)
    played = play(day, config, changes(day, config).places)
    # usta takes the second at once, is busy until 630; ayse is free at 600 and takes the third
    assert waits(day, played.fates) == [("ayse", 0), ("usta", 0), ("ayse", 540)]


RULES = ({"name": "expert", "when": 'message.text.mentions(["arıza*"])', "queue": "genel", "tags": ["fault"]},)
RULED = {**SIMPLE, "rules": ruled(*RULES)["rules"]}


def test_a_rule_moved_to_another_queue_moves_what_it_matched_even_when_the_message_is_gone(tmp_path: Path) -> None:
    with World(RULED, memory=True) as world:
        day = busy(world, "bir", "arıza var", "üç")
    config = day.config.model_copy(
        update={
            "version": "simple-2",
            "rules": tuple(rule.model_copy(update={"queue": "uzman"}) for rule in day.config.rules),
        }
    )
    found = changes(day, config)
    assert (found.judged, found.unjudged) == (3, 0)
    assert [place.kind.queue for place in found.places.values()] == ["uzman"]
    played = play(day, config, found.places)
    assert waits(day, played.fates) == [("ayse", 0), ("usta", 0), ("ayse", 540)]


def test_a_new_condition_is_judged_by_the_message_and_is_unknown_without_it() -> None:
    with World(RULED, memory=True) as world:
        day = busy(world, "bir", "arıza var", "üç")
        new = ruled({"name": "third", "when": 'message.text.mentions(["üç"])', "queue": "uzman"})["rules"]
        config = Config.model_validate({**day.config.model_dump(mode="json"), "version": "simple-3", "rules": new})
        known = changes(day, config, messages_of(world.x.table))
    assert (known.judged, known.unjudged) == (3, 0)
    assert [wait.id for wait in day.waits if wait.id in known.places] == [day.waits[2].id]
    assert known.rules[day.waits[2].id] == ((), ("third",))
    assert waits(day, play(day, config, known.places).fates) == [("ayse", 0), ("ayse", 570), ("usta", 0)]
    unknown = changes(day, config)
    assert (unknown.judged, unknown.unjudged) == (0, 3)
    assert not unknown.places


def test_what_cannot_be_had_is_said() -> None:
    with World(SIMPLE, memory=True) as world, pytest.raises(NoTraffic, match="no configuration was in force"):
        read(stack(world), START.replace(year=2020), START.replace(year=2021))


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def lived(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A day in a table of moto's."""
    with World(SIMPLE, streaming=True) as world:
        busy(world, "bir", "iki", "üç")
        outputs = {"TableName": "santral", "BlobsBucketName": "blobs"}
        connection = SimpleNamespace(client={"dynamodb": world.dynamodb, "s3": world.s3}.__getitem__, outputs=outputs)
        monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
        monkeypatch.setattr("santral.commands.whatif.now", lambda: world.now)
        yield world


def folder_of(folder: Path, **sections: Any) -> Path:
    folder.mkdir()
    all_of_it = {name: value for name, value in {**SIMPLE, **sections}.items() if name != "version"}
    (folder / "config.yaml").write_text(yaml.safe_dump(all_of_it), encoding="utf-8")
    return folder


def test_the_command_reads_a_stack(lived: World, tmp_path: Path) -> None:
    both = [one | ({"skills": ["genel", "uzman"]} if one["name"] == "usta" else {}) for one in SIMPLE["agents"]]
    folder, saved = folder_of(tmp_path / "config", agents=both), tmp_path / "day.jsonl"
    result = CliRunner().invoke(
        cli.build(), ["whatif", "--config", str(folder), "--since", "24h", "--json", "--save", str(saved)]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["source"], told["happened"]) == ("table", told["replayed"])
    assert told["sureness"]["exact"]
    assert {name: one["conversations"] for name, one in told["changed"]["agents"].items()} == {"ayse": 2, "usta": 1}
    assert told["changed"]["whole"]["mean"] == (0 + 0 + 540_000) / 3
    again = CliRunner().invoke(cli.build(), ["whatif", "--config", str(folder), "--file", str(saved), "--json"])
    assert json.loads(again.stdout) == told
    lived.pass_time(days=30)
    result = CliRunner().invoke(cli.build(), ["whatif", "--config", str(folder)])
    assert result.exit_code == 1
    assert "nobody waited in that time" in result.output


def test_the_command_reads_the_archive_of_a_stack(lived: World, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "config")
    result = CliRunner().invoke(
        cli.build(), ["whatif", "--config", str(folder), "--archive", "--since", "24h", "--json"]
    )
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["source"], told["happened"]["whole"]["answered"]) == ("archive", 3)
    assert told["happened"]["whole"] == told["changed"]["whole"]


@pytest.mark.usefixtures("lived")
def test_a_message_that_cannot_be_had_now_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def throttled(_: object) -> None:
        raise Temporary("the table cannot take it now")

    monkeypatch.setattr("santral.whatif.reading.messages_of", lambda _: throttled)
    rule = {"name": "new", "when": 'message.text == "iki"', "queue": "uzman"}
    folder = folder_of(tmp_path / "config", rules=[rule])
    result = CliRunner().invoke(cli.build(), ["whatif", "--config", str(folder), "--since", "24h"])
    assert (result.exit_code, result.output.strip()) == (1, "the table cannot take it now")
