"""`santral replay` over a world: the same bytes, a difference, an erasure, a conversation, the archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from router.aws.codec import pack, unpack
from router.aws.dynamo import delete, put
from santral import cli
from tests.kit.world import World
from tests.promises.test_p06_replay import RULED, ids


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Somebody waited, and then was given to an agent."""
    with World(RULED, streaming=True) as world:
        world.sms("Şikayetim var")
        world.pump()
        world.pass_time(minutes=1)
        world.come_in("ayse")
        world.pump()
        clients = {"dynamodb": world.dynamodb, "s3": world.s3}
        outputs = {"TableName": "santral", "BlobsBucketName": "blobs"}
        connection = SimpleNamespace(client=clients.__getitem__, outputs=outputs)
        monkeypatch.setattr("santral.connection.connect", lambda *_: connection)
        yield world


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli.build(), ["replay", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def changed(world: World, **change: Any) -> str:
    """Somebody wrote into the record of the last decision; its id."""
    item = max((item for item in world.items("H#") if item["wt"] == "decision"), key=lambda item: item["sk"])
    world.x.table.commit(put("changed", {**item, "d": pack({**unpack(item["d"]), **change})}))
    return str(item["sk"].partition("#")[2])


def test_a_decision_and_all_that_were_made_about_a_conversation(decided: World) -> None:
    waits, gives = ids(decided)
    said = run(waits).splitlines()
    assert said[0].startswith(f"{waits}: the same bytes, SHA-256 ")
    assert said[1] == "  nobody could take it; record and roster as in the table"
    assert said[2].startswith("  config ruled, policy default, pool main, roster ")
    assert "the rules were judged again: complaint" in run(waits)
    (conversation,) = decided.conversations()
    all_said = run(conversation.id)
    assert all_said.startswith(run(waits))
    assert f"{gives}: the same bytes" in all_said
    assert "given to ayse" in all_said


def test_a_difference_is_told_and_fails(decided: World) -> None:
    decision = changed(decided, agent="mehmet", waited_ms=1)
    said = run(decision, status=1)
    assert f"{decision}: NOT the same" in said
    assert '  agent: kept "mehmet", came out "ayse"' in said
    assert "  waited_ms: kept 1, came out 60000" in said
    (conversation,) = decided.conversations()
    run(conversation.id, status=1)


def test_a_record_of_a_newer_format_says_so(decided: World) -> None:
    said = run(changed(decided, v=9), status=1)
    assert "cannot be replayed: its format is newer than 2, which this release of Santral reads" in said


def test_an_erased_message_is_named(decided: World) -> None:
    message = json.loads(run(ids(decided)[0], "--json"))
    assert (message["same"], message["judged"], message["erased"]) == (True, True, [])
    (item,) = decided.items("M#")
    decided.x.table.commit(delete("erased", (item["pk"], "m")))
    said = run(ids(decided)[0])
    assert f"  erased: message {item['pk'][2:]}; so the rules were not judged again" in said


def test_the_archive_alone_is_enough(decided: World) -> None:
    decisions = ids(decided)
    (conversation,) = decided.conversations()
    for item in (*decided.items("H#"), *decided.items("ROSTER#")):
        decided.x.table.commit(delete("old", (item["pk"], item["sk"])))
    for asked in ((conversation.id,), (conversation.id, "--from", "archive")):
        told = [json.loads(line) for line in run(*asked, "--json").splitlines()]
        assert [(one["decision"], one["source"], one["same"]) for one in told] == [
            (decision, "archive", True) for decision in decisions
        ]
    assert "has no decision of the matcher's in the table" in run(conversation.id, "--from", "table", status=1)
    assert "there is no decision" in run(decisions[0], "--from", "table", status=1)


def test_what_is_not_there_is_said(decided: World) -> None:
    assert "there is no conversation c_x.y.1" in run("c_x.y.1", status=1)
    assert "in the table, nor in the archive" in run("d_x.y.1.a-match", status=1)
