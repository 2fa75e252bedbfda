"""History, idempotency, and what recurring jobs ask of the table, on every DynamoDB."""

from datetime import timedelta

import pytest

from router.aws import rows
from router.aws.codec import to_ms
from router.aws.table import Table
from router.errors import Lost
from router.ids import decision_id
from router.records import Entry
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import due_keys, opened, stored

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def test_history_is_told_oldest_first_and_audited_by_day(table: Table) -> None:
    for number, (what, minute) in enumerate([("reply", 0), ("note", 1), ("resolve", 2), ("note", 60 * 24)]):
        table.commit(table.history("c_1.default.1", what, "ayse", {"n": number}, v.later(minute), f"h_{number}"))
    assert [(e.what, e.detail["n"]) for e in table.histories("c_1.default.1")] == [
        ("reply", 0), ("note", 1), ("resolve", 2), ("note", 3),
    ]  # fmt: skip
    assert [e.what for e in table.histories("c_1.default.1", limit=2)] == ["resolve", "note"]
    first, mark = table.audit("2026-03-02", limit=1)
    assert ([e.what for e in first], first[0].subject, first[0].at) == (["reply"], "c_1.default.1", v.NOW)
    second, mark = table.audit("2026-03-02", after=mark, limit=1)
    assert [e.what for e in second] == ["note"]
    third, mark = table.audit("2026-03-02", after=mark, limit=2)
    assert ([e.what for e in third], mark) == (["resolve"], None)


def test_a_decision_stands_in_the_history_for_ninety_days_and_in_no_audit(table: Table) -> None:
    subject = "c_1.default.1"
    id_ = decision_id(subject, to_ms(v.later(1)), "match")
    table.commit(table.history(subject, "reply", "ayse", {}, v.later(2), "h_1"))
    table.commit(table.decided(subject, {"agent": "ayse", "excluded": {"capacity": "Bg=="}}, v.later(1), id_))
    decided, reply = table.histories(subject)
    assert decided == Entry(
        id_, subject, v.later(1), "decision", "match", {"agent": "ayse", "excluded": {"capacity": "Bg=="}}
    )
    assert reply.what == "reply"
    assert [e.what for e in table.audit("2026-03-02")[0]] == ["reply"]
    item = table.dynamo.get((f"H#{subject}", f"{to_ms(v.later(1)):013d}#{id_}"))
    assert item is not None
    assert item["ttl"] == int((v.later(1) + timedelta(days=90)).timestamp())


def test_a_decision_is_found_by_its_id_alone(table: Table) -> None:
    subject = "c_a.b.default.12"
    match_, wait = (decision_id(subject, to_ms(v.later(1)), what) for what in ("match", "wait"))
    table.commit(table.decided(subject, {"agent": "ayse"}, v.later(1), match_))
    table.commit(table.decided(subject, {"agent": None}, v.later(1), wait))
    for id_, agent in ((match_, "ayse"), (wait, None)):
        found = table.decision(id_)
        assert found is not None
        assert (found.id, found.subject, found.at, found.detail["agent"]) == (id_, subject, v.later(1), agent)
    for nothing in (
        decision_id(subject, to_ms(v.later(2)), "match"),
        "h_1",
        "d_",
        "d_c_1",
        "d_a.default.1.zz-match",
        "",
    ):
        assert table.decision(nothing) is None


def test_an_idempotency_key_is_remembered_with_its_answer_once(table: Table) -> None:
    assert table.remembered("k1") is None
    table.commit(table.remember("k1", {"what": "w", "c": "c_1", "m": None}, v.NOW))
    assert table.remembered("k1") == {"what": "w", "c": "c_1", "m": None}
    with pytest.raises(Lost) as lost:
        table.commit(table.remember("k1", {"what": "other"}, v.NOW))
    assert lost.value.names == ("key",)


def test_what_is_due_is_told_oldest_first_by_shard_and_only_when_it_is(table: Table) -> None:
    many = [v.conversation(f"p_{n}", follow_at=v.later(n)) for n in range(24)]
    table.commit(*(table.new_conversation(c) for c in many))
    assert due_keys(table, 11) == {rows.slot(c) for c in many[:12]}
    shards = [list(table.due(shard, v.later(30))) for shard in range(table.due_shards)]
    assert sum(map(len, shards)) == 24
    assert all(found == sorted(found, key=lambda one: int(one[0][0][4:])) for found in shards)
    assert {at for found in shards for _, at in found} == {v.later(n) for n in range(24)}
    fullest = max(range(table.due_shards), key=lambda shard: len(shards[shard]))
    assert list(table.due(fullest, v.later(30), limit=2)) == shards[fullest][:2]
    third = shards[fullest][2][1]
    assert list(table.due(fullest, v.later(30), since=third)) == shards[fullest][2:]


def test_what_is_due_under_a_key_is_a_conversation_a_send_or_nothing(table: Table) -> None:
    conversation = opened(table)
    table.commit(table.new_send(v.send()))
    assert table.due_item(rows.slot(conversation)) == conversation
    assert table.due_item(("M#m_s1", "m")) == v.send()
    assert table.due_item(("M#m_nothing", "m")) is None
    quiet = opened(table, contact_="p_2", clocks=(v.clock(met=True),), follow=(), follow_at=None)
    assert table.due_item(rows.slot(quiet)) is None


def test_a_lease_is_one_holder_s_until_it_ends(table: Table) -> None:
    assert table.lease("lease", "a", v.later(1), v.NOW)
    assert not table.lease("lease", "b", v.later(1), v.later(0.5))
    assert table.lease("lease", "a", v.later(2), v.later(0.5))
    assert not table.lease("lease", "b", v.later(3), v.later(2))
    assert table.lease("lease", "b", v.later(3), v.later(2.01))
    assert table.lease("other", "a", v.later(1), v.NOW)


def test_a_cursor_is_remembered(table: Table) -> None:
    assert table.cursor("ledger") is None
    table.set_cursor("ledger", "202603020900")
    table.set_cursor("ledger", "202603020905")
    assert table.cursor("ledger") == "202603020905"


def test_times_are_kept_to_the_millisecond(table: Table) -> None:
    at = v.NOW + timedelta(milliseconds=123)
    conversation = opened(table, waiting_since=at, follow_at=at)
    assert stored(table, conversation).waiting_since == at
    (key,) = due_keys(table)
    assert table.dynamo.get(key) is not None
    assert (table.dynamo.get(key) or {})["due"] == to_ms(at)
