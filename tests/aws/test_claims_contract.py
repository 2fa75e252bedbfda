"""Claims and offers on every DynamoDB: a claim takes exactly what is there."""

from dataclasses import replace
from typing import Any

import pytest

from router.aws import rows
from router.aws.table import Table
from router.conversations import State
from router.errors import Lost
from router.messages import ChannelName
from router.moves import refused
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, due_keys, in_line, lined_up, load_of, offer, opened, stored

KIND = v.conversation().kind
pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


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
