"""Rosters on every DynamoDB: units that come back, presence, and the rosters that decisions name."""

from dataclasses import replace
from datetime import timedelta

import pytest

from router.aws.codec import to_ms
from router.aws.dynamo import put
from router.aws.rosters import swap
from router.aws.table import Table
from router.config import Agent
from router.conversations import State
from router.errors import Lost
from router.ids import decision_id
from router.loads import Load
from router.messages import ChannelName
from router.moves import resolved, snoozed
from router.snapshots import Roster, states_of
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, load_of, miss, opened, place_of, stored

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def close_desk(table: Table, agent: str = "ayse") -> Load:
    """An agent's page is closed."""
    load = load_of(table, agent)
    table.commit(*swap("agent", load, replace(load, connection=None)))
    return load_of(table, agent)


# --- units that come back ------------------------------------------------------------------------------------------


def test_units_given_back_are_free_again(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    assert table.free(conversation, v.NOW) == []
    claim(table, conversation)
    held = stored(table, conversation)
    assert table.free(resolved(held, v.NOW), v.NOW) == table.free(snoozed(held, v.later(9), v.NOW), v.NOW) == []
    table.commit(*table.free(held, v.later(3)))
    load = load_of(table)
    assert (load.free, dict(load.counts), load.idle_since, load.wrap_until) == (12, {}, v.later(3), None)


def test_who_wraps_up_has_their_units_back_and_is_told_apart_until_then(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    claim(table, conversation)
    table.commit(*table.free(stored(table, conversation), v.later(3), wrap_until=v.later(5)))
    load = load_of(table)
    assert (load.free, load.wrap_until) == (12, v.later(5))


def test_units_of_several_agents_and_channels_come_back_in_one_transaction(table: Table) -> None:
    come_in(table, units=30)
    come_in(table, "mehmet")
    kinds = [("ayse", "sms"), ("ayse", "sms"), ("ayse", "email"), ("mehmet", "sms")]
    made = [
        (agent, opened(table, contact_=f"p_{n}", channel=ChannelName(channel), units=n + 1))
        for n, (agent, channel) in enumerate(kinds)
    ]
    for agent, conversation in made:
        claim(table, conversation, agent)
    miss(table, "mehmet", 2, None)
    held = [stored(table, conversation) for _, conversation in made]
    changes = table.free_all([*held, opened(table, contact_="p_9")], v.later(3), wrap_until=v.later(5), active=True)
    assert len(changes) == 2
    table.commit(*changes)
    for agent, units in (("ayse", 30), ("mehmet", 12)):
        load = load_of(table, agent)
        assert (load.free, dict(load.counts), load.wrap_until, load.missed) == (units, {}, v.later(5), 0)


def test_a_missed_offer_gives_the_units_back_and_is_counted_and_the_agent_stays_in(table: Table) -> None:
    come_in(table)
    miss(table, "ayse", 1, None)
    load = load_of(table)
    assert (load.presence, load.free, dict(load.counts), load.idle_since) == ("online", 12, {}, v.later(2))
    assert (load.missed, load.paused_until) == (1, None)


def test_after_several_misses_in_a_row_an_agent_is_paused_until_they_act(table: Table) -> None:
    come_in(table)
    miss(table, "ayse", 3, v.later(7))
    paused = load_of(table)
    assert (paused.presence, paused.missed, paused.paused_until) == ("online", 3, v.later(7))
    table.commit(*table.acted(paused))
    assert load_of(table) == replace(paused, missed=0, paused_until=None, version=paused.version + 1)
    assert table.acted(load_of(table)) == [], "nothing is missed or paused any more"


def test_what_others_take_from_an_agent_ends_no_pause_and_what_they_give_back_themselves_does(table: Table) -> None:
    come_in(table)
    first, second = opened(table), opened(table, contact_="p_2")
    claim(table, first)
    claim(table, second)
    miss(table, "ayse", 3, v.later(7))
    table.commit(*table.free(stored(table, first), v.later(3)))
    assert (load_of(table).missed, load_of(table).paused_until) == (3, v.later(7))
    table.commit(*table.free(stored(table, second), v.later(3), active=True))
    assert (load_of(table).missed, load_of(table).paused_until, load_of(table).free) == (0, None, 12)


def test_who_is_not_in_the_roster_is_not_put_there_by_what_they_held(table: Table) -> None:
    ghost = v.conversation(agent="ghost", state=State.ACTIVE)
    for changes in (table.free(ghost, v.NOW), table.missed(ghost, v.agent("ghost"), 1, None, v.NOW)):
        with pytest.raises(Lost) as lost:
            table.commit(*changes, put("beside", {"pk": "TEST", "sk": "t"}))
        assert lost.value.names == ("agent",)
    assert table.everybody("main") == ()
    assert table.dynamo.get(("TEST", "t")) is None


def test_another_agent_holds_it_only_with_room_as_they_were_seen_and_under_the_limit(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet", 3)
    conversation = opened(table)
    known = Agent(name="mehmet", display_name="Mehmet", limits={"sms": 1})
    before = load_of(table, "mehmet")
    table.commit(*table.hold(conversation, before, known, v.later(1)))
    load = load_of(table, "mehmet")
    assert (load.free, dict(load.counts), load.idle_since) == (0, {"sms": 1}, v.later(1))
    with pytest.raises(Lost) as lost:
        table.hold(conversation, load, None, v.later(1))
    assert lost.value.names == ("agent",), "no room, which needs no asking of the table"
    for row in (before, v.agent("nobody")):
        with pytest.raises(Lost) as lost:
            table.commit(*table.hold(conversation, row, known, v.later(1)))
        assert lost.value.names == ("holder",)
    one = Agent(name="ayse", display_name="Ayşe", limits={"sms": 1})
    table.commit(*table.hold(conversation, load_of(table), one, v.later(1)))
    with pytest.raises(Lost):
        table.hold(conversation, load_of(table), one, v.later(1))
    seen = load_of(table)
    come_in(table, presence="away", available=False)
    with pytest.raises(Lost):
        table.commit(*table.hold(conversation, seen, None, v.later(1)))
    table.commit(*table.hold(conversation, load_of(table), None, v.later(1)))
    assert load_of(table).free == 6


# --- presence ------------------------------------------------------------------------------------------------------


def test_presence_keeps_the_load_and_takes_in_units_that_the_configuration_changed(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    claim(table, conversation)
    load = load_of(table)
    table.commit(*table.set_presence("main", "ayse", "away", 20, load, "conn2", v.later(5), available=False))
    away = load_of(table)
    assert (away.presence, away.free, away.units, away.connection, away.idle_since, away.presence_since) == (
        "away",
        17,
        20,
        "conn2",
        v.later(1),
        v.later(5),
    )
    table.commit(*table.set_presence("main", "ayse", "online", 20, away, None, v.later(6)))
    back = load_of(table)
    assert (back.presence, back.free, back.connection, back.idle_since) == ("online", 17, "conn2", v.later(6))
    for before in (load, None):
        with pytest.raises(Lost) as lost:
            table.commit(*table.set_presence("main", "ayse", "online", 12, before, None, v.later(7)))
        assert lost.value.names == ("agent",)
    assert load_of(table) == back


def test_who_says_the_same_presence_again_has_not_been_idle_for_less(table: Table) -> None:
    come_in(table)
    table.commit(*table.set_presence("main", "ayse", "online", 12, load_of(table), None, v.later(5)))
    load = load_of(table)
    assert (load.idle_since, load.presence_since) == (v.NOW, v.later(5))


def test_any_presence_that_an_agent_sets_ends_their_pause_and_wrap_up(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    claim(table, conversation)
    table.commit(*table.free(stored(table, conversation), v.later(3), wrap_until=v.later(8)))
    miss(table, "ayse", 3, v.later(7))
    busy = load_of(table)
    assert (busy.missed, busy.paused_until, busy.wrap_until) == (3, v.later(7), v.later(8))
    table.commit(*table.set_presence("main", "ayse", "online", 12, busy, None, v.later(4)))
    load = load_of(table)
    assert (load.missed, load.paused_until, load.wrap_until, load.free) == (0, None, None, 12)


@pytest.mark.parametrize("presence", ["online", "backoffice"])
def test_an_agent_whose_desk_stays_closed_is_away_since_it_closed(table: Table, presence: str) -> None:
    table.commit(*table.set_presence("main", "ayse", presence, 12, None, "conn1", v.NOW))
    closed = close_desk(table)
    table.commit(*table.desk_lost(closed, v.later(1)))
    lost = load_of(table)
    assert (lost.presence, lost.lost_at, lost.by_desk) == (presence, v.later(1), True)
    for changes in (table.desk_lost(closed, v.later(2)), table.away(closed, v.later(2))):
        with pytest.raises(Lost) as stale:
            table.commit(*changes)
        assert stale.value.names == ("agent",)
    table.commit(*table.away(lost, v.later(1)))
    gone = load_of(table)
    assert (gone.presence, gone.presence_since, gone.lost_at) == ("away", v.later(1), None)
    pool = table.pool("main")
    assert (pool.loads, pool.others, place_of(table)) == ((), {"ayse": "away"}, "REST")


def test_an_agent_whose_desk_came_back_is_not_away(table: Table) -> None:
    table.commit(*table.set_presence("main", "ayse", "online", 12, None, "conn1", v.NOW))
    table.commit(*table.desk_lost(close_desk(table), v.later(1)))
    lost = load_of(table)
    table.commit(*table.set_presence("main", "ayse", "online", 12, lost, "conn2", v.later(2)))
    with pytest.raises(Lost):
        table.commit(*table.away(lost, v.later(1)))
    load = load_of(table)
    assert (load.presence, load.lost_at, table.pool("main").others) == ("online", None, {})


# --- rosters that decisions name -----------------------------------------------------------------------------------


def test_a_kept_roster_comes_back_under_its_hash_and_its_pool_names_it(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet", 6)
    claim(table, opened(table))
    miss(table, "ayse", 3, v.later(7))
    roster = Roster("main", states_of(table.pool("main").loads))
    table.keep_roster(roster, v.NOW)
    assert table.pool("main").roster == roster.address
    found = table.roster(roster.address)
    assert found is not None
    assert (found.address, found.text) == (roster.address, roster.text)
    assert [load.agent for load in table.pool("main").loads] == ["ayse", "mehmet"]
    table.keep_roster(roster, v.later(1))


def test_the_pool_names_the_roster_that_was_kept_last_and_the_one_before_stays(table: Table) -> None:
    come_in(table)
    first = Roster("main", states_of(table.pool("main").loads))
    table.keep_roster(first, v.NOW)
    come_in(table, "mehmet")
    second = Roster("main", states_of(table.pool("main").loads))
    table.keep_roster(second, v.NOW)
    assert first.address != second.address == table.pool("main").roster
    assert table.roster(first.address) == first
    assert table.roster("nothing") is None


def test_a_roster_stays_for_as_long_as_the_decisions_that_may_name_it(table: Table) -> None:
    """It is kept anew after a day, changed or not; a quiet pool's would be gone before the decisions of its last days."""
    roster = Roster("main", states_of([v.agent()]))
    table.keep_roster(roster, v.NOW)
    pool, last = table.pool("main"), v.NOW + timedelta(days=1)
    assert pool.kept(v.NOW) == pool.kept(last) == roster.address
    assert pool.kept(last + timedelta(milliseconds=1)) is None
    assert table.pool("other").kept(v.NOW) is None
    decision = decision_id("c_1.default.1", to_ms(last), "match")
    table.commit(table.decided("c_1.default.1", {}, last, decision))
    kept = table.dynamo.get((f"ROSTER#{roster.address}", "r"))
    named = table.dynamo.get(("H#c_1.default.1", f"{to_ms(last):013d}#{decision}"))
    assert kept is not None
    assert named is not None
    assert kept["ttl"] >= named["ttl"]
    table.keep_roster(roster, last + timedelta(days=1))
    assert table.pool("main").kept(last + timedelta(days=1)) == roster.address
    assert table.dynamo.get((f"ROSTER#{roster.address}", "r")) == {**kept, "ttl": kept["ttl"] + 2 * 86400}
