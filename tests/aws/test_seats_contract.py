"""Where an agent's one row stands, on every DynamoDB: among those with room or beside them, in which pool."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from router.aws.codec import Item
from router.aws.dynamo import Key, check, put
from router.aws.rosters import swap
from router.aws.rows import to_load
from router.aws.table import Table
from router.errors import Lost
from router.loads import settled
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import (
    claim,
    come_in,
    load_of,
    miss,
    opened,
    place_of,
    stored,
)

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def listed(table: Table) -> dict[str, str]:
    """Each agent's presence as their badges show it."""
    return table.presences(table.dynamo.get(("POOL#main", "P")) or {})


def test_who_has_no_room_left_stands_beside_those_who_have_and_who_gets_some_among_them_again(table: Table) -> None:
    come_in(table, units=6, threshold=3)
    first, second = opened(table), opened(table, contact_="p_2")
    claim(table, first)
    assert place_of(table) == "POOL"
    claim(table, second)
    full = load_of(table)
    assert (place_of(table), full.free, full.moved_in, full.version) == ("REST", 0, "online", 2)
    pool = table.pool("main")
    assert (pool.loads, pool.others) == ((), {"ayse": "online"})
    assert [load.agent for load in table.everybody("main")] == ["ayse"]
    table.commit(*table.free(stored(table, first), v.later(2)))
    roomy = load_of(table)
    assert (place_of(table), roomy.free, roomy.moved_in, roomy.version) == ("POOL", 3, "online", 3)
    assert (table.pool("main").loads, table.pool("main").others) == ((roomy,), {})
    table.commit(*table.acted(roomy), *table.free(stored(table, second), v.later(2)))
    assert load_of(table).moved_in is None, "it did not move this time"


@pytest.mark.parametrize(("units", "place"), [(2, "REST"), (3, "POOL"), (4, "POOL")])
def test_room_is_what_the_lightest_work_needs(table: Table, units: int, place: str) -> None:
    come_in(table, units=units, threshold=3)
    assert place_of(table) == place


def test_who_is_paused_or_wraps_up_still_stands_among_those_with_room(table: Table) -> None:
    """Either ends by itself, when nobody is there to move them."""
    come_in(table)
    conversation = opened(table)
    claim(table, conversation)
    table.commit(*table.free(stored(table, conversation), v.later(3), wrap_until=v.later(8)))
    miss(table, "ayse", 3, v.later(7))
    assert place_of(table) == "POOL"


def test_who_comes_and_goes_moves_in_one_transaction_with_what_else_was_to_be_done(table: Table) -> None:
    come_in(table)
    for presence, place, before in (("away", "REST", "online"), ("lunch", "REST", None), ("online", "POOL", "lunch")):
        load, available = load_of(table), place == "POOL"
        changes = table.set_presence("main", "ayse", presence, 12, load, None, v.later(1), available=available)
        with pytest.raises(Lost) as lost:
            table.commit(*changes, check("beside", ("TEST", "t"), "attribute_exists(#pk)"))
        assert lost.value.names == ("beside",)
        assert load_of(table) == load
        assert place_of(table) == ("POOL" if load.has_room else "REST")
        table.commit(*changes)
        after = load_of(table)
        assert (place_of(table), after.presence, after.moved_in) == (place, presence, before)


def test_a_claim_that_takes_the_last_room_and_loses_the_conversation_moves_nobody(table: Table) -> None:
    come_in(table, units=3, threshold=3)
    conversation = opened(table)
    with pytest.raises(Lost) as lost:
        claim(table, replace(conversation, stub="0#elsewhere"))
    assert lost.value.names == ("conversation",)
    assert (place_of(table), load_of(table).version) == ("POOL", 0)
    claim(table, conversation)
    assert place_of(table) == "REST"


def test_a_swap_is_lost_when_the_row_was_changed_or_moved_meanwhile_whichever_way_it_goes(table: Table) -> None:
    come_in(table, units=3, threshold=3)
    roomy = load_of(table)
    conversation = opened(table)
    claim(table, conversation)
    full = load_of(table)
    table.commit(*table.free(stored(table, conversation), v.later(2)))
    again = load_of(table)
    assert (roomy.has_room, full.has_room, again.has_room) == (True, False, True)
    for stale in (roomy, full):
        for changed in (replace(stale, missed=1), replace(stale, free=0), replace(stale, free=3)):
            with pytest.raises(Lost) as lost:
                table.commit(*swap("agent", stale, changed))
            assert lost.value.names == ("agent",)
            assert table.everybody("main") == (again,)
    table.commit(*swap("agent", again, replace(again, missed=1)))
    assert table.everybody("main") == (replace(again, missed=1, moved_in=None, version=again.version + 1),)


def test_a_row_that_came_back_to_where_it_was_seen_is_not_taken_for_what_was_seen(table: Table) -> None:
    come_in(table)
    seen = load_of(table)
    come_in(table, presence="away", available=False)
    come_in(table)
    back = load_of(table)
    assert replace(back, version=0, moved_in=None) == seen
    with pytest.raises(Lost):
        table.commit(*swap("agent", seen, replace(seen, missed=1)))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_two_who_come_in_for_the_first_time_at_once_make_one_row(table: Table, *, first: bool, second: bool) -> None:
    """Of one agent, in two browsers: the second is told that somebody was there, wherever their row stands."""
    asked = [
        table.set_presence("main", "ayse", state, 12, None, None, v.NOW, available=available)
        for state, available in (("front", first), ("back", second))
    ]
    table.commit(*asked[0])
    with pytest.raises(Lost) as lost:
        table.commit(*asked[1])
    assert lost.value.names == ("agent", "badge")
    (load,) = table.everybody("main")
    assert (load.presence, load.has_room) == ("front", first)
    assert listed(table) == {"ayse": "front"}


@pytest.mark.parametrize("available", [True, False])
def test_it_can_be_a_condition_that_somebody_is_nowhere(table: Table, *, available: bool) -> None:
    beside = put("beside", {"pk": "TEST", "sk": "t"})
    table.commit(table.nobody("ayse"), beside)
    come_in(table, available=available)
    with pytest.raises(Lost) as lost:
        table.commit(table.nobody("ayse"), beside)
    assert lost.value.names == ("agent",)


def test_a_pool_names_everybody_s_presence_and_nobody_who_is_offline(table: Table) -> None:
    for name, presence in (("ayse", "online"), ("mehmet", "away"), ("usta", "back-office-2"), ("can", "offline")):
        come_in(table, name, presence=presence, available=presence == "online")
    assert listed(table) == {"ayse": "online", "mehmet": "away", "usta": "back-office-2"}
    assert table.pool("main").others == {"mehmet": "away", "usta": "back-office-2"}
    come_in(table, "mehmet", presence="online")
    come_in(table, "ayse", presence="offline", available=False)
    come_in(table, "usta", presence="back-office-2", available=False)
    come_in(table, "can", presence="away", available=False)
    assert listed(table) == {"mehmet": "online", "usta": "back-office-2", "can": "away"}
    for name in ("mehmet", "usta", "can"):
        come_in(table, name, presence="offline", available=False)
    assert listed(table) == {}
    assert table.pool("main").others == {}
    assert table.pool("other").others == {}


def test_whoever_the_configuration_gave_or_took_room_moves(table: Table) -> None:
    """Another version makes a presence one in which work is given, or lets lighter work in."""
    come_in(table, presence="backoffice", units=4, available=False, threshold=3)
    for available, threshold, place in ((True, 3, "POOL"), (True, 5, "REST"), (True, 4, "POOL"), (False, 4, "REST")):
        load = load_of(table)
        settled_ = settled(load, load.units, available=available, threshold=threshold)
        table.commit(*table.settle(load, settled_))
        after = load_of(table)
        assert (place_of(table), after.available, after.threshold) == (place, available, threshold)
        assert (after.presence, after.free, after.presence_since) == ("backoffice", 4, v.NOW)
        with pytest.raises(Lost):
            table.commit(*table.settle(load, settled_))
    assert listed(table) == {"ayse": "backoffice"}


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_given_back_is_not_lost_on_a_row_that_moves_while_it_is_looked_for(
    table: Table, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A read of both places is no snapshot: one who moves between them is in neither, which must not pass for nobody."""
    come_in(table, units=6, threshold=3)
    conversation = opened(table)
    claim(table, conversation)
    held, left = stored(table, conversation), [9, 3][:times]  # thresholds: beside those with room, and back
    read = table.dynamo.get_many

    def torn(keys: Iterable[Key]) -> dict[Key, Item]:
        places = list(keys)
        if ("POOL#main", "A#ayse") not in places or not left:
            return read(places)
        ((here, row),) = read(places).items()
        seen = read(place for place in places if place != here)
        load = to_load(row)
        table.commit(*table.settle(load, settled(load, load.units, available=True, threshold=left.pop(0))))
        return seen | read([here])

    with monkeypatch.context() as patched:
        patched.setattr(table.dynamo, "get_many", torn)
        changes = table.free(held, v.later(2))
    if times == 2:
        with pytest.raises(Lost) as lost:
            table.commit(*changes, put("beside", {"pk": "TEST", "sk": "t"}))
        assert lost.value.names == ("agent",)
        changes = table.free(held, v.later(2))
    table.commit(*changes)
    assert (load_of(table).free, left) == (6, [])


def test_one_who_is_met_in_both_places_as_they_move_is_told_once_as_they_are_now(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(table)
    come_in(table, "mehmet")
    read = table.dynamo.query

    def torn(pk: str, **how: Any) -> list[Item]:
        found = list(read(pk, **how))
        if pk == "POOL#main":
            come_in(table, presence="away", available=False)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(table.dynamo, "query", torn)
        told = table.everybody("main")
    assert [(load.agent, load.presence) for load in told] == [("ayse", "away"), ("mehmet", "online")]


def test_one_who_gets_room_between_the_two_reads_is_told_all_the_same(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(table, presence="away", available=False)
    read, left = table.dynamo.query, ["online"]

    def torn(pk: str, **how: Any) -> list[Item]:
        found = list(read(pk, **how))
        if left and pk == "POOL#main":
            come_in(table, presence=left.pop())
        return found

    def torn_the_other_way(pk: str, **how: Any) -> list[Item]:
        found = list(read(pk, **how))
        if left and pk == "REST#main":
            come_in(table, presence=left.pop())
        return found

    for tearing in (torn, torn_the_other_way):
        come_in(table, presence="away", available=False)
        left[:] = ["online"]
        with monkeypatch.context() as patched:
            patched.setattr(table.dynamo, "query", tearing)
            told = table.everybody("main")
        assert [load.agent for load in told] == ["ayse"]
        assert left == []


# --- agents who are of another pool by now -------------------------------------------------------------------------


def test_a_row_goes_to_another_pool_with_all_that_is_held_and_what_is_given_back_finds_it(table: Table) -> None:
    come_in(table, units=6)
    conversation = opened(table)
    claim(table, conversation)
    before = load_of(table)
    table.commit(*table.reseat(before, "other"))
    assert (table.everybody("main"), table.pool("main").others, listed(table)) == ((), {}, {})
    (after,) = table.everybody("other")
    assert after == replace(before, pool="other", moved_in="online", version=before.version + 1)
    assert table.pool("other").loads == (after,)
    assert table.load("main", "ayse") is None
    assert table.seated("main", "ayse") == table.seated("other", "ayse") == after
    with pytest.raises(Lost):
        table.commit(*table.reseat(before, "third"))
    table.commit(*table.free(stored(table, conversation), v.later(3)))
    (freed,) = table.everybody("other")
    assert (freed.free, freed.moved_in) == (6, None)


def test_who_comes_in_for_another_pool_brings_their_row_and_makes_no_second_one(table: Table) -> None:
    come_in(table)
    claim(table, opened(table))
    seen = table.seated("other", "ayse")
    assert seen is not None
    with pytest.raises(Lost):
        table.commit(*table.set_presence("other", "ayse", "online", 12, None, None, v.later(2)))
    table.commit(*table.set_presence("other", "ayse", "away", 20, seen, None, v.later(2), available=False))
    assert table.everybody("main") == ()
    (load,) = table.everybody("other")
    assert (load.pool, load.presence, load.free, load.units) == ("other", "away", 17, 20)
    assert table.pool("other").others == {"ayse": "away"}
    with pytest.raises(Lost):
        table.commit(*table.set_presence("main", "ayse", "online", 12, seen, None, v.later(3)))
