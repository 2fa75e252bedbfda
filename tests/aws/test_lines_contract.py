"""Rosters and waiting lines on every DynamoDB: a claim takes exactly what is there."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.aws import rows
from router.aws.codec import Item, to_ms
from router.aws.dynamo import Key, check, delete, put
from router.aws.lines import stub_of
from router.aws.places import Named, naming
from router.aws.rosters import swap
from router.aws.rows import to_load
from router.aws.table import Table
from router.config import Agent
from router.conversations import Conversation, State
from router.errors import Lost
from router.ids import decision_id
from router.loads import Load, settled
from router.messages import ChannelName
from router.moves import refused, resolved, snoozed
from router.snapshots import Roster, states_of
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, due_keys, lined_up, opened, stored

KIND = v.conversation().kind
pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def load_of(table: Table, agent: str = "ayse") -> Load:
    """An agent who is in."""
    found = table.load("main", agent)
    assert found is not None
    return found


def offer(table: Table, conversation: Conversation, until: datetime, agent: str = "ayse") -> None:
    """Offer a conversation to an agent as they stand."""
    row = v.waiting(conversation)
    table.commit(*table.claim(row, load_of(table, agent), None, "main", f"d_{agent}", v.later(1), until))


def miss(table: Table, agent: str, in_a_row: int, paused_until: datetime | None) -> None:
    """An agent is offered something and lets the time pass."""
    conversation = opened(table, contact_=f"p_missed{in_a_row}")
    offer(table, conversation, v.later(2), agent)
    held = stored(table, conversation)
    table.commit(*table.missed(held, load_of(table, agent), in_a_row, paused_until, v.later(2)))


def close_desk(table: Table, agent: str = "ayse") -> Load:
    """An agent's page is closed."""
    load = load_of(table, agent)
    table.commit(*swap("agent", load, replace(load, connection=None)))
    return load_of(table, agent)


def place_of(table: Table, agent: str = "ayse") -> str:
    """In which partition an agent's one row stands."""
    rows_ = table.dynamo.get_many((f"{place}#main", f"A#{agent}") for place in ("POOL", "REST"))
    ((place, _),) = rows_
    return place.partition("#")[0]


def listed(table: Table) -> dict[str, str]:
    """Each agent's presence as their badges show it."""
    return table.presences(table.dynamo.get(("POOL#main", "P")) or {})


def in_line(table: Table) -> list[str]:
    """Who stands in the usual class's line."""
    return [row.conversation for row in table.heads("main", KIND, 100)]


# --- the pool and its lines ----------------------------------------------------------------------------------------


def test_the_roster_and_the_classes_stand_together(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet", 6)
    come_in(table, "usta", presence="away", available=False)
    lined_up(table)
    pool = table.pool("main")
    assert [(a.agent, a.presence, a.free, a.units, dict(a.counts)) for a in pool.loads] == [
        ("ayse", "online", 12, 12, {}),
        ("mehmet", "online", 6, 6, {}),
    ]
    assert pool.others == {"usta": "away"}
    assert (pool.kinds, pool.filled, pool.empty, pool.roster) == ({KIND.key: KIND}, {KIND.key: KIND}, {}, None)
    other = table.pool("empty")
    assert (other.loads, other.others, other.kinds, other.filled, other.roster) == ((), {}, {}, {}, None)


def test_a_line_is_by_wait_whenever_they_came_to_stand_in_it(table: Table) -> None:
    for number, minute in enumerate([3, 1, 9, 2]):
        lined_up(table, contact_=f"p_{number}", waiting_since=v.later(minute))
    order = ["c_1.default.1", "c_3.default.1", "c_0.default.1", "c_2.default.1"]
    assert in_line(table) == order
    first, second = table.heads("main", KIND, 2)
    assert (first.since, first.kind, first.alarm_at, first.preferred, first.barred) == (
        v.later(1),
        KIND,
        v.later(60),
        None,
        (),
    )
    assert [c for c, _ in table.line("main", KIND.key, after=first.stub, limit=2)] == order[1:3]
    assert table.line("main", KIND.key, after=None, limit=1) == [(order[0], first.stub)]
    assert second.stub == stub_of(second)


def test_a_line_can_be_read_from_a_time_on_which_counts_itself(table: Table) -> None:
    for number in range(5):
        lined_up(table, contact_=f"p_{number}", waiting_since=v.later(number))

    def since(at: datetime, limit: int = 10) -> list[datetime]:
        return [row.since for row in table.heads("main", KIND, limit, at)]

    assert since(v.later(2)) == [v.later(2), v.later(3), v.later(4)]
    assert since(v.later(2), 2) == [v.later(2), v.later(3)]
    assert since(v.later(2) + timedelta(milliseconds=1)) == [v.later(3), v.later(4)]
    assert since(v.later(5)) == []
    assert since(v.later(-60)) == [v.later(n) for n in range(5)]


@pytest.mark.parametrize(
    "other",
    [
        {"queue": "chat"}, {"channel": ChannelName.EMAIL}, {"units": 4}, {"priority": 4}, {"target": 60}, {"group": "shop"},
        {"language": "en"}, {"tier": "gold"}, {"require": '[[60, "uzman"]]'},
    ],
    ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_who_differs_in_anything_but_the_wait_stands_in_another_line(table: Table, other: dict[str, Any]) -> None:
    usual, unusual = lined_up(table), lined_up(table, contact_="p_2", **other)
    kinds = table.pool("main").kinds
    assert kinds == {c.kind.key: c.kind for c in (usual, unusual)}
    assert len(kinds) == 2
    for one in (usual, unusual):
        assert [row.conversation for row in table.heads("main", one.kind, 10)] == [one.id]


def test_a_place_knows_who_had_the_conversation_and_who_is_not_to_get_it(table: Table) -> None:
    barred = ("ayşe b", v.later(2)), ("mehmet", v.later(3))
    conversation = opened(table, clocks=(), last_agent="ayse", barred=barred)
    row = v.waiting(conversation, preferred="ayse", barred=barred)
    table.commit(*table.line_up(row, "main", known=False))
    assert table.heads("main", KIND, 1) == [replace(row, stub=stub_of(row))]


def test_a_conversation_lines_up_once_and_only_while_it_waits(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    row = v.waiting(conversation)
    table.commit(*table.line_up(row, "main", known=True))
    assert table.pool("main").kinds == {}
    after = stored(table, conversation)
    assert (after.stub, after.follow, after.follow_at, after.version) == (stub_of(row), (), None, 2)
    with pytest.raises(Lost) as lost:
        table.commit(*table.line_up(row, "main", known=False))
    assert lost.value.names == ("conversation",)
    assert due_keys(table, 59) == set()

    taken = opened(table, contact_="p_2")
    claim(table, taken)
    with pytest.raises(Lost):
        table.commit(*table.line_up(v.waiting(taken), "main", known=False))
    assert in_line(table) == [conversation.id]
    assert table.pool("main").kinds == {}


def test_who_waits_is_looked_at_again_at_the_next_step_or_at_the_deadline_whichever_is_first(table: Table) -> None:
    soon, late = opened(table), opened(table, contact_="p_2")
    never = opened(table, contact_="p_3", clocks=())
    for conversation, look_at in ((soon, v.later(2)), (late, v.later(90)), (never, None)):
        table.commit(*table.line_up(v.waiting(conversation), "main", known=True, look_at=look_at))
    assert [stored(table, c).look_at for c in (soon, late, never)] == [v.later(2), v.later(90), None]
    assert due_keys(table, 1) == set()
    assert due_keys(table, 2) == {rows.slot(soon)}
    assert due_keys(table, 59) == {rows.slot(soon)}
    assert due_keys(table) == {rows.slot(soon), rows.slot(late)}


def test_who_lines_up_anew_is_not_looked_at_for_the_step_before(table: Table) -> None:
    conversation = opened(table, clocks=())
    table.commit(*table.line_up(v.waiting(conversation), "main", known=True, look_at=v.later(2)))
    before = stored(table, conversation)
    table.commit(*table.leave_line(before), table.save_conversation(before, replace(before, stub=None)))
    table.commit(*table.line_up(v.waiting(replace(before, stub=None)), "main", known=True))
    assert stored(table, conversation).look_at is None
    assert due_keys(table) == set()


def test_who_leaves_the_line_leaves_nothing_in_it(table: Table) -> None:
    conversation = lined_up(table)
    assert table.leave_line(replace(conversation, stub=None)) == []
    table.commit(*table.leave_line(conversation))
    assert in_line(table) == []
    table.commit(*table.leave_line(conversation))


# --- classes -------------------------------------------------------------------------------------------------------


def test_a_class_with_nobody_in_it_is_marked_empty_until_somebody_lines_up(table: Table) -> None:
    conversation = lined_up(table)
    table.commit(*table.leave_line(conversation))
    table.no_class("main", KIND, v.later(3))
    pool = table.pool("main")
    assert (pool.kinds, pool.filled, pool.empty) == ({KIND.key: KIND}, {}, {KIND.key: v.later(3)})
    lined_up(table, contact_="p_2")
    pool = table.pool("main")
    assert (pool.filled, pool.empty) == ({KIND.key: KIND}, {})


def test_a_class_with_somebody_in_it_is_not_marked_empty(table: Table) -> None:
    lined_up(table)
    table.no_class("main", KIND, v.later(3))
    assert table.pool("main").filled == {KIND.key: KIND}


def test_a_class_that_is_not_there_is_not_made_by_marking_it(table: Table) -> None:
    table.no_class("main", KIND, v.later(3))
    assert table.pool("main").kinds == {}


def test_somebody_who_lined_up_while_the_class_was_marked_empty_is_found(table: Table) -> None:
    table.commit(*table.leave_line(lined_up(table)))
    table.no_class("main", KIND, v.later(3))
    late = opened(table, contact_="p_2")
    table.commit(*table.line_up(v.waiting(late), "main", known=True))  # by a match that had read the class before
    assert table.pool("main").filled == {}
    assert table.find_lines("main", table.pool("main"), v.later(4)) == 1
    assert table.pool("main").filled == {KIND.key: KIND}
    assert table.find_lines("main", table.pool("main"), v.later(4)) == 0


def test_a_class_that_was_empty_for_a_day_is_forgotten(table: Table) -> None:
    table.commit(*table.leave_line(lined_up(table)))
    table.no_class("main", KIND, v.NOW)
    assert table.find_lines("main", table.pool("main"), v.NOW + timedelta(days=1)) == 0
    assert table.pool("main").empty == {KIND.key: v.NOW}
    assert table.find_lines("main", table.pool("main"), v.NOW + timedelta(days=1, seconds=1)) == 0
    assert table.pool("main").kinds == {}


def test_a_class_in_which_somebody_lined_up_since_it_was_looked_at_is_not_forgotten(table: Table) -> None:
    first = lined_up(table)
    table.commit(*table.leave_line(first))
    table.no_class("main", KIND, v.NOW)
    read_before = table.pool("main")
    second = lined_up(table, contact_="p_2")
    table.commit(*table.leave_line(second))  # so that its line looks as empty as it was
    assert table.find_lines("main", read_before, v.NOW + timedelta(days=2)) == 0
    assert table.pool("main").filled == {KIND.key: KIND}


def test_a_place_that_is_nobody_s_can_be_cleared(table: Table) -> None:
    conversation = lined_up(table)
    table.commit(delete("slot", rows.slot(conversation)))
    table.leave_place("main", KIND, conversation.stub or "")
    assert in_line(table) == []
    table.leave_place("main", KIND, conversation.stub or "")


# --- claims --------------------------------------------------------------------------------------------------------


def test_a_claim_takes_units_line_and_conversation_together(table: Table) -> None:
    come_in(table)
    conversation = lined_up(table)
    claim(table, conversation, connection="conn1")
    after = stored(table, conversation)
    assert (after.state, after.agent, after.agent_connection, after.decision, after.offer_until) == (
        State.ACTIVE,
        "ayse",
        "conn1",
        "d_ayse",
        None,
    )
    assert (after.stub, after.follow, after.follow_at, after.look_at) == (None, (), None, None)
    assert in_line(table) == []
    load = load_of(table)
    assert (load.free, dict(load.counts), load.idle_since) == (9, {"sms": 1}, v.later(1))
    assert due_keys(table, 59) == set()
    assert due_keys(table, 60) == {rows.slot(conversation)}


def test_a_claim_of_something_with_no_deadline_leaves_nothing_due(table: Table) -> None:
    come_in(table)
    conversation = opened(table, clocks=(), agent_connection="gone")
    table.commit(*table.line_up(v.waiting(conversation), "main", known=True, look_at=v.later(2)))
    claim(table, stored(table, conversation))
    after = stored(table, conversation)
    assert due_keys(table) == set()
    assert (after.agent_connection, after.look_at) == (None, None)


def test_a_step_is_told_once_and_only_of_one_that_waits_where_it_was_seen(table: Table) -> None:
    conversation = lined_up(table)
    row = v.waiting(conversation)
    table.commit(table.step_told(row, 60))
    after = stored(table, conversation)
    assert (after.told_step, after.state, after.stub) == (60, State.WAITING, conversation.stub)
    table.commit(table.save_conversation(after, after))
    for late in (row, replace(row, told_step=30), replace(row, told_step=60, stub=None)):
        with pytest.raises(Lost) as lost:
            table.commit(table.step_told(late, 90))
        assert lost.value.names == ("conversation",)
    table.commit(table.step_told(replace(row, told_step=60), 90))
    again = replace(stored(table, conversation), stub=None)
    table.commit(table.save_conversation(stored(table, conversation), again))
    table.commit(*table.line_up(v.waiting(again), "main", known=True))
    assert stored(table, conversation).told_step == 0, "it waits anew, by its first step"


def test_an_offer_holds_the_units_and_is_due_when_it_ends(table: Table) -> None:
    come_in(table)
    conversation = lined_up(table)
    offer(table, conversation, v.later(1.5))
    after = stored(table, conversation)
    assert (after.state, after.agent, after.decision, after.offer_until, after.stub) == (
        State.OFFERED,
        "ayse",
        "d_ayse",
        v.later(1.5),
        None,
    )
    assert (load_of(table).free, in_line(table)) == (9, [])
    assert due_keys(table, 1.4) == set()
    assert due_keys(table, 1.5) == {rows.slot(conversation)}
    assert table.due_item(rows.slot(conversation)) == after


def test_an_agent_s_row_names_what_is_offered_to_them(table: Table) -> None:
    """So that it is withdrawn when they go; those that are over are forgotten by the next, and an assignment is none."""
    come_in(table)
    first, second, third, fourth = (opened(table, contact_=f"p_{number}") for number in range(4))
    offer(table, first, v.later(1))
    offer(table, second, v.later(1.5))
    assert load_of(table).offers == {second.id: v.later(1.5)}, "the first one is over when the second is made"
    offer(table, third, v.later(2))
    claim(table, fourth)
    standing = {second.id: v.later(1.5), third.id: v.later(2)}
    assert load_of(table).offers == standing
    assert table.pool("main").loads == ()
    held = stored(table, third)
    table.commit(*table.free(held, v.later(1)), table.save_conversation(held, refused(held, v.later(1), v.later(4))))
    table.commit(*table.set_presence("main", "ayse", "away", 12, load_of(table), None, v.later(1), available=False))
    assert load_of(table).offers == standing


def test_an_offer_that_outlasts_the_deadline_is_due_at_the_deadline(table: Table) -> None:
    come_in(table)
    conversation = opened(table, clocks=(v.clock(minutes=1),))
    offer(table, conversation, v.later(5))
    assert due_keys(table, 1) == {rows.slot(conversation)}
    quiet = opened(table, contact_="p_2", clocks=())
    offer(table, quiet, v.later(5))
    assert rows.slot(quiet) not in due_keys(table, 4.9)
    assert rows.slot(quiet) in due_keys(table, 5)


def test_what_was_declined_waits_on_in_its_old_place(table: Table) -> None:
    come_in(table)
    first, second = lined_up(table), lined_up(table, contact_="p_2", waiting_since=v.later(1))
    offer(table, first, v.later(1.5))
    held = stored(table, first)
    declined = refused(held, v.later(2), v.later(4))
    table.commit(table.save_conversation(held, declined), *table.free(held, v.later(2), active=True))
    waits = stored(table, first)
    assert (waits.state, waits.agent, waits.offer_until, waits.stub) == (State.WAITING, None, None, None)
    table.commit(*table.line_up(v.waiting(waits, barred=waits.barred), "main", known=True))
    assert in_line(table) == [first.id, second.id]
    head = table.heads("main", KIND, 1)[0]
    assert (head.stub, head.barred) == (first.stub, (("ayse", v.later(4)),))
    claim(table, stored(table, first))


def test_capacity_is_enough_when_it_is_exactly_enough(table: Table) -> None:
    come_in(table, units=6)
    first, second, third = (opened(table, contact_=f"p_{n}") for n in range(3))
    claim(table, first)
    offer(table, second, v.later(2))
    with pytest.raises(Lost) as lost:
        claim(table, third)
    assert lost.value.names == ("agent",)
    load = load_of(table)
    assert (load.free, dict(load.counts)) == (0, {"sms": 2})
    assert stored(table, third).state is State.WAITING


def test_a_limit_of_a_channel_binds_though_there_is_room(table: Table) -> None:
    come_in(table, units=30)
    first, second, third = (opened(table, contact_=f"p_{n}") for n in range(3))
    claim(table, first, limit=2)
    claim(table, second, limit=2)
    with pytest.raises(Lost) as lost:
        claim(table, third, limit=2)
    assert lost.value.names == ("agent",)
    claim(table, opened(table, contact_="p_4", channel=ChannelName.EMAIL), limit=1)
    claim(table, third)
    assert dict(load_of(table).counts) == {"sms": 3, "email": 1}


def test_a_limit_of_nought_takes_nothing_at_all(table: Table) -> None:
    come_in(table)
    with pytest.raises(Lost):
        claim(table, opened(table), limit=0)


@pytest.mark.parametrize("presence", ["online", "backoffice"])
def test_a_claim_holds_only_while_nobody_changed_the_agent_since_they_were_seen(table: Table, presence: str) -> None:
    come_in(table, presence=presence)
    first, second = opened(table), opened(table, contact_="p_2")
    seen = load_of(table)
    claim(table, first, seen=seen)
    assert stored(table, first).agent == "ayse"
    with pytest.raises(Lost) as lost:  # there is room for both, but what was seen is not what is there
        claim(table, second, seen=seen)
    assert lost.value.names == ("agent",)
    for state in ("away", "offline", "lunch"):
        seen = load_of(table)
        come_in(table, presence=state, available=False)
        with pytest.raises(Lost) as lost:
            claim(table, second, seen=seen)
        assert lost.value.names == ("agent",)
        come_in(table, presence=presence)
    claim(table, second)


def test_nobody_claims_who_is_not_in(table: Table) -> None:
    with pytest.raises(Lost) as lost:
        claim(table, opened(table), "nobody")
    assert lost.value.names == ("agent",)
    assert table.load("main", "nobody") is None


def test_a_conversation_is_claimed_once_and_never_its_successor_in_the_slot(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet")
    conversation = opened(table)
    claim(table, conversation)
    with pytest.raises(Lost) as lost:
        claim(table, conversation, "mehmet")
    assert lost.value.names == ("conversation",)
    with pytest.raises(Lost):
        claim(table, replace(conversation, number=2), "mehmet")
    assert stored(table, conversation).agent == "ayse"
    assert load_of(table, "mehmet").free == 12


def test_what_is_offered_to_one_is_claimed_for_nobody_else(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet")
    conversation = lined_up(table)
    offer(table, conversation, v.later(2))
    for stub in (conversation.stub, None):
        with pytest.raises(Lost) as lost:
            claim(table, replace(conversation, stub=stub), "mehmet")
        assert lost.value.names == ("conversation",)
    assert (load_of(table).free, load_of(table, "mehmet").free) == (9, 12)


@pytest.mark.parametrize(
    "changed", [{"priority": 4}, {"tier": "gold"}, {"queue": "chat"}, {"waiting_since": v.later(-1)}],
    ids=["priority", "tier", "queue", "wait"],
)  # fmt: skip
def test_a_claim_that_saw_another_class_or_another_wait_fails(table: Table, changed: dict[str, Any]) -> None:
    """A wake-up may be old: since then the conversation was transferred, judged anew, or its customer's earlier message came."""
    come_in(table)
    seen = opened(table)
    table.commit(table.save_conversation(seen, replace(seen, **changed)))
    with pytest.raises(Lost) as lost:
        claim(table, seen)
    assert lost.value.names == ("conversation",)
    with pytest.raises(Lost):
        table.commit(*table.line_up(v.waiting(seen), "main", known=False))
    claim(table, stored(table, seen))


def test_a_claim_that_does_not_know_of_the_place_in_line_fails_and_leaves_no_stub_behind(table: Table) -> None:
    """A wake-up sent before the conversation was put in line is late: claiming by it would leave the place for ever."""
    come_in(table)
    conversation = lined_up(table)
    with pytest.raises(Lost) as lost:
        claim(table, replace(conversation, stub=None))
    assert lost.value.names == ("conversation",)
    with pytest.raises(Lost):
        claim(table, replace(conversation, stub=f"{conversation.stub}0"))
    claim(table, conversation)
    assert in_line(table) == []


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


# --- where a row stands --------------------------------------------------------------------------------------------


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


def test_names_are_forgotten_unless_a_version_was_put_in_force_since_they_were_looked_at(table: Table) -> None:
    assert table.named() == Named()
    table.commit(naming(["genel", "chat"], ["main"], 1, v.NOW))
    seen = table.named()
    assert seen == Named(frozenset({"genel", "chat"}), frozenset({"main"}), 1, v.NOW)
    table.commit(naming(["satis"], [], 2, v.later(1)))
    table.forget(seen, ["chat"], ["main"])
    assert table.named() == Named(frozenset({"genel", "chat", "satis"}), frozenset({"main"}), 2, v.later(1))
    table.forget(table.named(), [], [])
    table.forget(table.named(), ["genel", "chat"], ["main"])
    assert table.named() == Named(frozenset({"satis"}), frozenset(), 2, v.later(1))


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
