"""Waiting lines and their classes on every DynamoDB: who stands where, since when, and when they are looked at."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from router.aws import rows
from router.aws.dynamo import delete
from router.aws.lines import stub_of
from router.aws.places import Named, naming
from router.aws.table import Table
from router.errors import Lost
from router.messages import ChannelName
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, due_keys, in_line, lined_up, opened, stored

KIND = v.conversation().kind
pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


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


# --- names of queues and pools -------------------------------------------------------------------------------------


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
