"""Rosters and waiting lines on every DynamoDB: a claim takes exactly what is there."""

from dataclasses import replace

import pytest

from router.aws import rows
from router.aws.dynamo import delete
from router.aws.lines import stub_of
from router.aws.table import Table
from router.config import Agent
from router.conversations import State
from router.errors import Lost
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, due_keys, lined_up, opened, stored

KIND = v.waiting(v.conversation()).kind
pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def test_the_roster_and_the_classes_stand_together(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet", 6, "away")
    lined_up(table)
    agents, classes = table.pool("main")
    assert [(a.agent, a.presence, a.free, a.units, dict(a.counts)) for a in agents] == [
        ("ayse", "online", 12, 12, {}),
        ("mehmet", "away", 6, 6, {}),
    ]
    assert classes == (KIND,)
    assert table.pool("empty") == ((), ())


def test_a_line_is_by_priority_and_then_by_wait(table: Table) -> None:
    for number, (priority, minute) in enumerate([(5, 3), (5, 1), (3, 9), (5, 2)]):
        lined_up(table, contact_=f"p_{number}", priority=priority, waiting_since=v.later(minute))
    order = ["c_2.default.1", "c_1.default.1", "c_3.default.1", "c_0.default.1"]
    assert [row.conversation for row in table.heads("main", KIND, 10)] == order
    first = table.heads("main", KIND, 1)[0]
    assert (first.priority, first.since, first.units, first.channel, first.queue) == (3, v.later(9), 3, "sms", "genel")
    assert first.deadline == v.later(60)
    assert [row.conversation for row in table.line("main", KIND, after=first.stub, limit=2)] == order[1:3]
    assert table.heads("main", "other", 10) == []


def test_a_claim_takes_units_line_and_conversation_together(table: Table) -> None:
    come_in(table)
    conversation = lined_up(table)
    claim(table, conversation, connection="conn1")
    after = stored(table, conversation)
    assert (after.state, after.agent, after.agent_connection, after.decision) == (
        State.ACTIVE,
        "ayse",
        "conn1",
        "d_ayse",
    )
    assert (after.stub, after.follow, after.follow_at) == (None, (), None)
    assert table.heads("main", KIND, 10) == []
    load = table.load("main", "ayse")
    assert load is not None
    assert (load.free, dict(load.counts), load.idle_since) == (9, {"sms": 1}, v.later(1))
    assert due_keys(table, 59) == set()
    assert due_keys(table, 60) == {rows.slot(conversation)}


def test_a_claim_of_something_with_no_deadline_leaves_nothing_due(table: Table) -> None:
    come_in(table)
    conversation = opened(table, clock=None, agent_connection="gone")
    claim(table, conversation)
    assert due_keys(table) == set()
    assert stored(table, conversation).agent_connection is None


def test_capacity_is_enough_when_it_is_exactly_enough(table: Table) -> None:
    come_in(table, units=6)
    first, second, third = (opened(table, contact_=f"p_{n}") for n in range(3))
    claim(table, first)
    claim(table, second)
    with pytest.raises(Lost) as lost:
        claim(table, third)
    assert lost.value.names == ("agent",)
    load = table.load("main", "ayse")
    assert load is not None
    assert (load.free, dict(load.counts)) == (0, {"sms": 2})
    assert stored(table, third).state is State.WAITING


def test_a_limit_of_a_channel_binds_though_there_is_room(table: Table) -> None:
    come_in(table, units=30)
    first, second, third = (opened(table, contact_=f"p_{n}") for n in range(3))
    claim(table, first, limits={"sms": 2})
    claim(table, second, limits={"sms": 2})
    with pytest.raises(Lost) as lost:
        claim(table, third, limits={"sms": 2})
    assert lost.value.names == ("agent",)
    claim(table, third, limits={"email": 0})


def test_a_limit_of_nought_takes_nothing_at_all(table: Table) -> None:
    come_in(table)
    with pytest.raises(Lost):
        claim(table, opened(table), limits={"sms": 0})


@pytest.mark.parametrize("presence", ["away", "offline"])
def test_nobody_claims_who_is_not_online(table: Table, presence: str) -> None:
    come_in(table, presence=presence)
    with pytest.raises(Lost) as lost:
        claim(table, opened(table))
    assert lost.value.names == ("agent",)
    with pytest.raises(Lost):
        claim(table, v.conversation("p_2"), "nobody")


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
    assert (table.load("main", "mehmet") or v.agent()).free == 12


def test_a_claim_that_does_not_know_of_the_place_in_line_fails_and_leaves_no_stub_behind(table: Table) -> None:
    """A wake-up sent before the conversation was put in line is late: claiming by it would leave the place for ever."""
    come_in(table)
    conversation = lined_up(table)
    with pytest.raises(Lost) as lost:
        claim(table, replace(conversation, stub=None))
    assert lost.value.names == ("conversation",)
    changes, moved = table.move_up(conversation, replace(conversation, priority=4))
    table.commit(table.save_conversation(conversation, moved), *changes)
    with pytest.raises(Lost):
        claim(table, conversation)
    claim(table, stored(table, conversation))
    assert table.heads("main", KIND, 10) == []


def test_a_conversation_lines_up_once_and_only_while_it_waits(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    row = v.waiting(conversation)
    table.commit(*table.line_up(row, "main", known=True))
    assert table.pool("main")[1] == ()
    after = stored(table, conversation)
    assert (after.stub, after.follow, after.version) == (stub_of(row), (), 2)
    with pytest.raises(Lost) as lost:
        table.commit(*table.line_up(row, "main", known=False))
    assert lost.value.names == ("conversation",)
    assert due_keys(table, 59) == set()

    taken = opened(table, contact_="p_2")
    claim(table, taken)
    with pytest.raises(Lost):
        table.commit(*table.line_up(v.waiting(taken), "main", known=False))
    assert [r.conversation for r in table.heads("main", KIND, 10)] == [conversation.id]


def test_who_leaves_the_line_leaves_nothing_in_it(table: Table) -> None:
    conversation = lined_up(table)
    assert table.leave_line(replace(conversation, stub=None)) == []
    table.commit(*table.leave_line(conversation))
    assert table.heads("main", KIND, 10) == []
    table.no_class("main", KIND)
    assert table.pool("main")[1] == ()


def test_a_class_with_somebody_in_it_is_not_forgotten(table: Table) -> None:
    lined_up(table)
    table.no_class("main", KIND)
    assert table.pool("main")[1] == (KIND,)


def test_a_place_that_is_nobody_s_can_be_cleared_and_a_lost_class_found(table: Table) -> None:
    conversation = lined_up(table)
    table.dynamo.commit(delete("class", ("POOL#main", f"C#{KIND}")))
    assert table.pool("main")[1] == ()
    assert table.find_lines("main", ["empty/sms", KIND]) == [KIND]
    assert table.pool("main")[1] == (KIND,)
    table.leave_place("main", KIND, conversation.stub or "")
    assert table.heads("main", KIND, 10) == []
    assert table.find_lines("main", [KIND]) == []


def test_who_moves_up_stands_in_line_once_at_the_new_place(table: Table) -> None:
    first, second = lined_up(table), lined_up(table, contact_="p_2", waiting_since=v.later(1))
    changes, after = table.move_up(second, replace(second, priority=4))
    table.commit(table.save_conversation(second, after), *changes)
    assert [r.conversation for r in table.heads("main", KIND, 10)] == [second.id, first.id]
    assert stored(table, second).stub == table.heads("main", KIND, 1)[0].stub
    assert table.move_up(first, first)[0] == []
    assert table.move_up(replace(first, stub=None), first)[0] == []


def test_units_given_back_are_free_again(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    assert table.free(conversation, v.NOW) == []
    claim(table, conversation)
    held = stored(table, conversation)
    table.commit(*table.free(held, v.later(3)))
    load = table.load("main", "ayse")
    assert load is not None
    assert (load.free, dict(load.counts), load.idle_since) == (12, {"sms": 0}, v.later(3))


def test_another_agent_holds_it_only_with_room_online_and_under_the_limit(table: Table) -> None:
    come_in(table)
    come_in(table, "mehmet", 3)
    conversation = opened(table)
    known = Agent(name="mehmet", display_name="Mehmet", limits={"sms": 1})
    table.commit(table.hold(conversation, "mehmet", known, v.later(1)))
    load = table.load("main", "mehmet")
    assert load is not None
    assert (load.free, dict(load.counts)) == (0, {"sms": 1})
    for name, agent in (("mehmet", known), ("mehmet", None), ("nobody", None)):
        with pytest.raises(Lost) as lost:
            table.commit(table.hold(conversation, name, agent, v.later(1)))
        assert lost.value.names == ("holder",)
    table.commit(table.hold(conversation, "ayse", replace_limit("ayse", 1), v.later(1)))
    with pytest.raises(Lost):
        table.commit(table.hold(conversation, "ayse", replace_limit("ayse", 1), v.later(1)))


def replace_limit(name: str, limit: int) -> Agent:
    """An agent who may hold so many SMS conversations."""
    return Agent(name=name, display_name=name, limits={"sms": limit})


def test_presence_keeps_the_load_and_takes_in_units_that_the_configuration_changed(table: Table) -> None:
    come_in(table)
    conversation = opened(table)
    claim(table, conversation)
    load = table.load("main", "ayse")
    table.commit(table.set_presence("main", "ayse", "away", 20, load, "conn2", v.later(5)))
    away = table.load("main", "ayse")
    assert away is not None
    assert (away.presence, away.free, away.units, away.connection, away.idle_since) == (
        "away",
        17,
        20,
        "conn2",
        v.later(1),
    )
    table.commit(table.set_presence("main", "ayse", "online", 20, away, None, v.later(6)))
    back = table.load("main", "ayse")
    assert back is not None
    assert (back.presence, back.free, back.connection, back.idle_since) == ("online", 17, "conn2", v.later(6))
    with pytest.raises(Lost) as lost:
        table.commit(table.set_presence("main", "ayse", "online", 12, load, None, v.later(7)))
    assert lost.value.names == ("agent",)
    with pytest.raises(Lost):
        table.commit(table.set_presence("main", "ayse", "online", 12, None, None, v.later(7)))
