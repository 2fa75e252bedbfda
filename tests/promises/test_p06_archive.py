"""P6: the archive holds every decision and its roster, once or twice, and replays what the table forgot."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from moto.s3.models import s3_backends

from functions import archive
from router.archive import archived, archived_of
from router.aws.dynamo import delete, put
from router.errors import NotFound
from router.replaying import Kept, decisions_of
from tests.kit.crash import watching
from tests.kit.events import LambdaContext
from tests.kit.world import ACCOUNT, START, World
from tests.promises.test_p06_replay import BOSS, RULED, ids, played, work


@pytest.fixture
def world() -> Iterator[World]:
    with World(RULED, streaming=True) as made:
        yield made


def objects(world: World, prefix: str = "") -> list[str]:
    found = world.s3.list_objects_v2(Bucket="blobs", Prefix=prefix).get("Contents", [])
    return [one["Key"] for one in found]


def forget(world: World, prefix: str, *, kind: str = "decision") -> None:
    """Time to live: what is older than ninety days goes."""
    for item in world.items(prefix):
        if item.get("wt") == kind:
            world.x.table.commit(delete("old", (item["pk"], item["sk"])))


def test_the_archive_replays_what_the_table_forgot(world: World) -> None:
    found = work(world, "Şikayetim var", "Merhaba", "Selam")
    assert all(played(world, one, "archive").same for one in found)
    forget(world, "H#")
    forget(world, "ROSTER#", kind="roster")
    for decision in found:
        result = played(world, decision)
        assert (result.same, result.source) == (True, "archive")
        with pytest.raises(NotFound):
            played(world, decision, "table")
        status, told = world.call("GET", f"/v1/decisions/{decision}", **BOSS)
        assert (status, told["source"], told["record"]["agent"]) == (200, "archive", result.record["agent"])
    (conversation, *_) = world.conversations()
    assert decisions_of(Kept(world.x.table, world.x.blobs, world.x.version), conversation.id) == found[:1]


def test_a_batch_is_one_object_an_hour_and_one_for_each_new_roster(world: World) -> None:
    world.come_in("ayse", "mehmet")
    for number in range(6):
        world.sms("Merhaba", sender=f"+1555010{number:02d}")
    world.work("inbound")
    world.work("match")
    assert len(ids(world)) == 6
    world.archive()
    assert len(objects(world, "decisions/2026/03/02/09/")) == len(objects(world, "decisions/")) == 1
    assert len(objects(world, "rosters/")) == len(world.items("ROSTER#")) == 1
    assert world.archive() == 0
    world.call("POST", f"/v1/conversations/{world.conversations()[0].id}/notes", {"text": "not"})
    assert world.archive() == 0, "what is no decision costs nothing"


def test_a_batch_that_comes_again_whole_or_in_parts_changes_no_replay(world: World) -> None:
    world.come_in("ayse")
    for number in range(3):
        world.sms("Merhaba", sender=f"+1555010{number:02d}")
    world.work("inbound")
    world.work("match")
    assert world.stream is not None
    batch = world.stream.batch(world.now, "archive")
    for again in (batch, batch, batch[1:], batch[-1:]):
        archive.handler({"Records": again}, LambdaContext())
    assert len(objects(world, "decisions/")) > 1
    for decision in ids(world):
        assert len(archived(world.x.blobs, decision)) == 1
        assert played(world, decision, "archive").same


def test_two_archived_records_under_one_id_are_told_and_none_is_chosen(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    (key,) = objects(world, "decisions/")
    line = json.loads(gzip.decompress(world.s3.get_object(Bucket="blobs", Key=key)["Body"].read()))
    line["record"]["agent"] = "usta"
    forged = gzip.compress(json.dumps(line).encode())
    world.s3.put_object(Bucket="blobs", Key=key.replace(".jsonl", "x.jsonl"), Body=forged)
    status, told = world.call("GET", f"/v1/decisions/{decision}/replay", query="from=archive", **BOSS)
    assert (status, "they differ" in told["detail"]) == (409, True)
    assert played(world, decision).same, "the table has one"


def test_what_a_newer_release_wrote_is_archived_as_it_is(world: World) -> None:
    (decision,) = work(world, "Merhaba")
    (item,) = (item for item in world.items("H#") if item["wt"] == "decision")
    later = f"{decision.rpartition('.')[0]}.{int(decision.rpartition('.')[2].partition('-')[0], 16) + 1:x}-match"
    mark = f"{int(item['sk'].partition('#')[0]) + 1:013d}#{later}"
    world.x.table.commit(put("newer", {**item, "sk": mark, "d": b"\x09whatever"}))
    world.pump()
    (kept,) = archived(world.x.blobs, later)
    assert (kept.record, kept.packed) == (None, "CXdoYXRldmVy")
    assert "newer" in str(played(world, later, "archive").problem)


def test_a_conversation_s_decisions_are_found_over_hours(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    world.pass_time(hours=3)
    world.come_in("ayse")
    world.pump()
    (conversation,) = world.conversations()
    found = archived_of(world.x.blobs, conversation.id, conversation.opened_at, world.now)
    assert found == ids(world)
    assert [one.rpartition("-")[2] for one in found] == ["wait", "match"]
    assert len(objects(world, "decisions/")) == 2


def test_what_months_hold_is_listed_at_once_and_only_what_was_asked_for_is_read(world: World) -> None:
    world.sms("Merhaba")
    world.pump()
    world.pass_time(hours=3)
    world.come_in("ayse")
    world.pump()
    (conversation,) = world.conversations()
    first, last = ids(world)
    for since, until, wanted in (
        (START - timedelta(days=200), world.now + timedelta(days=200), [first, last]),
        (START - timedelta(days=200), START + timedelta(hours=2), [first]),
        (START + timedelta(hours=2), world.now, [last]),
        (START + timedelta(hours=1), START + timedelta(hours=2), []),
    ):
        with watching(world) as watch:
            assert archived_of(world.x.blobs, conversation.id, since, until) == wanted
        assert watch.calls == ["list_objects_v2", *["get_object" for _ in wanted]]


def test_an_hour_of_more_than_a_thousand_objects_is_looked_through_to_its_end(world: World) -> None:
    for number in range(1000):
        key = f"decisions/2026/03/02/09/{number:013d}-{number:013d}-0.jsonl.gz"
        s3_backends[ACCOUNT]["aws"].put_object("blobs", key, b"")
    (decision,) = work(world, "Merhaba")
    assert played(world, decision, "archive").same


UNREADABLE = {
    "nothing": b"",
    "no gzip": b"nothing",
    "a list": gzip.compress(b"[1]", mtime=0),
    "no record": gzip.compress(b'{"pool": 1}', mtime=0),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_object_that_nobody_can_read_is_named(world: World, body: bytes) -> None:
    (decision,) = work(world, "Merhaba")
    (roster,) = objects(world, "rosters/")
    world.s3.put_object(Bucket="blobs", Key=roster, Body=body)
    assert roster in str(played(world, decision, "archive").problem)
    (key,) = objects(world, "decisions/")
    world.s3.put_object(Bucket="blobs", Key=key, Body=body)
    status, told = world.call("GET", f"/v1/decisions/{decision}", query="from=archive", **BOSS)
    assert (status, key in told["detail"]) == ((404, False) if not body else (422, True)), told
    assert played(world, decision, "table").same
