"""What hours are counted from and what was counted, on every DynamoDB."""

from datetime import UTC, datetime

import pytest

from router.aws.table import Table
from router.measures import Answer
from router.times import to_ms
from router.touched import HOUR, Touched, hour_of, name_of
from tests.kit import values as v
from tests.kit.backends import BACKENDS

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)
NINE = hour_of(to_ms(datetime(2026, 3, 2, 9, tzinfo=UTC)))


def test_conversations_count_in_the_hours_they_touched_once(table: Table) -> None:
    for number in range(40):
        table.commit(*table.touch(f"c_{number}.default.1", Touched((NINE, NINE + 20)), "m"))
    table.commit(*table.touch("c_1.default.1", Touched((NINE,)), "n"))
    assert table.members(NINE) == sorted(f"c_{number}.default.1" for number in range(40))
    assert len(table.members(NINE + 20)) == 40
    assert table.members(NINE + 1) == []
    table.enter("c_1.default.1", [NINE + 1])
    assert table.members(NINE + 1) == ["c_1.default.1"]


def test_an_answer_of_no_conversation_counts_in_its_hour_beside_them_once(table: Table) -> None:
    table.commit(*table.touch("c_1.default.1", Touched((NINE,)), "m"))
    answers = [Answer(NINE * HOUR + 5, "nps", 0, "sms", "tr"), Answer((NINE + 1) * HOUR, "csat", 5, "email", None)]
    for id_, answer in (("a", answers[0]), ("b", answers[1]), ("a", answers[0])):
        table.commit(table.enter_answer(id_, answer))
    assert table.entered(NINE) == (["c_1.default.1"], [answers[0]])
    assert table.members(NINE) == ["c_1.default.1"]
    assert table.entered(NINE + 1) == ([], [answers[1]])


def test_hours_to_be_counted_again_are_gone_through_from_the_first(table: Table) -> None:
    table.commit(
        *table.touch("c_1.default.1", Touched((), ((NINE, NINE + 2), (NINE - 9, NINE - 9))), "c_1.default.1.7")
    )
    table.count_again(NINE, NINE, "open")
    assert [(one.first, one.last, one.conversation) for one in table.again()] == [
        (NINE - 9, NINE - 9, "c_1.default.1"), (NINE, NINE, None), (NINE, NINE + 2, "c_1.default.1"),
    ]  # fmt: skip
    table.went_on(table.again()[:1], NINE - 9)
    table.went_on(table.again(), NINE)
    assert [(one.first, one.last, one.conversation) for one in table.again()] == [(NINE + 1, NINE + 2, "c_1.default.1")]


def test_what_was_open_at_an_hours_end_is_kept_whole_and_overwritten(table: Table) -> None:
    many = [f"c_{number:05}.default.1" for number in range(2300)]
    table.keep_open(NINE, many)
    assert table.open_then(NINE) == many
    table.keep_open(NINE, many[:5])
    assert table.open_then(NINE) == many[:5]
    table.keep_open(NINE, [])
    assert table.open_then(NINE) == []


def test_an_hour_that_is_counted_again_leaves_nothing_of_what_was_counted_before(table: Table) -> None:
    assert not table.was_counted(NINE)
    table.keep_counted(NINE, {"genel|sms|||": {"n": {"begun": 2}}, "uzman|sms|||": {"w": [1, 2]}}, {"ayse||": {}})
    table.keep_counted(NINE + 1, {}, {})
    table.keep_counted(NINE + 24, {}, {})
    table.keep_counted(NINE, {"genel|sms|||": {"n": {"begun": 3}}}, {"mehmet||": {"n": {"joined": 1}}})
    assert table.was_counted(NINE)
    first, second = table.counted(NINE, NINE + 1)
    assert (first.hour, first.lines) == (NINE, {"genel|sms|||": {"n": {"begun": 3}}})
    assert first.desks == {"mehmet||": {"n": {"joined": 1}}}
    assert (second.hour, second.lines, second.desks) == (NINE + 1, {}, {})
    assert [one.hour for one in table.counted(NINE + 1, NINE + 1)] == [NINE + 1]


def test_an_agents_presence_is_told_from_the_last_before_a_time(table: Table) -> None:
    start = NINE * HOUR
    for minutes, presence in ((-90, "online"), (-30, "away"), (5, "online"), (70, "offline")):
        at = datetime.fromtimestamp(start / 1000 + minutes * 60, UTC)
        table.commit(table.history("agent:ayse", "presence", "ayse", {"presence": presence}, at, f"h_{minutes}"))
    table.commit(table.history("agent:ayse", "other", "ayse", {}, v.NOW, "h_x"))
    told = [(start - 30 * 60_000, "away"), (start + 5 * 60_000, "online")]
    assert table.presence("ayse", start, start + HOUR) == told
    assert table.presence("mehmet", start, start + HOUR) == []


def test_who_is_given_what_waits_since_another_hour_has_it_count_in_this_one(table: Table) -> None:
    waiting = v.waiting(v.conversation())

    def hours(minutes: float) -> set[str]:
        changes = table.claim(waiting, v.agent(), None, "main", "d_1", v.later(minutes))
        return {change.key[0].rpartition("#")[0] for change in changes if change.name == "hour"}

    assert hours(1) == set()
    assert hours(61) == {f"HOUR#{name_of(hour_of(to_ms(v.later(61))))}"}
