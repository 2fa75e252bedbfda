"""A day read from the archive, where decisions alone are kept: what can be told of it, and how near that is."""

from __future__ import annotations

from datetime import timedelta

from functions import wiring
from router.archive import Decided, archive
from router.aws.configs import Configs
from router.ids import decision_id
from router.times import to_ms
from santral.whatif.archived import read
from santral.whatif.playing import happened, play
from santral.whatif.record import End
from santral.whatif.sureness import explained
from tests.kit.short_day import CONFIG, ShortDay
from tests.kit.world import START, World
from tests.santral.whatif.test_reading import SIMPLE, busy, recorded, waits


def test_what_rosters_show_is_told_to_the_millisecond() -> None:
    """No offers, and the last one's end is what no later decision shows."""
    with World(SIMPLE, streaming=True) as world:
        table = busy(world, "bir", "iki", "üç")
        day = read(world.x.blobs, Configs(wiring.dynamo()).version, START, world.now)
    assert waits(day, happened(day).fates) == waits(table, happened(table).fates)
    assert [wait.fate.done for wait in day.waits[:2]] == [wait.fate.done for wait in table.waits[:2]]
    assert [wait.inferred for wait in day.waits] == [False, False, True]
    assert waits(day, play(day).fates) == [("ayse", 0), ("ayse", 570), ("ayse", 1140)]


def test_what_cannot_be_read_is_counted_and_a_roster_that_is_gone_sends_nobody_away() -> None:
    with World(SIMPLE, streaming=True) as world:
        busy(world, "bir", "iki", "üç")
        whole = read(world.x.blobs, Configs(wiring.dynamo()).version, START, world.now)
        archive(
            world.x.blobs,
            [{}],
            lambda _: ("1", Decided(decision_id(whole.waits[0].conversation, to_ms(START) + 1, "match"), None, "x")),
        )
        for key in list(world.x.blobs.keys("rosters/")):
            world.s3.delete_object(Bucket="blobs", Key=key)
        without = read(world.x.blobs, Configs(wiring.dynamo()).version, START, world.now)
    assert (whole.unread, without.unread) == (0, 1)
    assert {one.presence for one in whole.comings} == {"online"}
    assert without.comings == ()
    assert [wait.fate.agent for wait in without.waits] == ["ayse", "ayse", "ayse"]


def test_a_day_with_offers_is_told_nearly() -> None:
    with World(CONFIG, streaming=True) as world:
        ShortDay(world, 4).live(240)
        table = recorded(world)
        day = read(world.x.blobs, Configs(wiring.dynamo()).version, START - timedelta(seconds=1), world.now)
    known = {(wait.conversation, wait.at): wait for wait in table.waits}
    assert {(wait.conversation, wait.at) for wait in day.waits} == set(known)
    for wait in day.waits:
        was = known[wait.conversation, wait.at]
        assert (wait.kind, wait.pool) == (was.kind, was.pool)
        if was.fate.end is End.ANSWERED:
            assert wait.fate.agent == was.fate.agent
    share = explained(day, happened(day), play(day))
    assert share is not None
    assert share > 0.5
