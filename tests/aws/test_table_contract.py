"""Every access pattern of the table, on three DynamoDBs: what is written, on which condition, and what each index then holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from router.aws import rows
from router.aws.codec import to_ms
from router.aws.dynamo import Dynamo, delete
from router.aws.table import Table, stub_of
from router.config import Agent
from router.conversations import Conversation, State
from router.errors import Lost
from router.messages import ReceiptStatus
from router.records import Incoming
from router.sends import Send, SendState
from router.sla import Clock
from tests.kit import values as v
from tests.kit.backends import BACKENDS

KIND = v.waiting(v.conversation()).kind
pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


@pytest.fixture
def table(dynamo: Dynamo) -> Table:
    """The table under test."""
    return Table(dynamo, v.KEY)


def due_keys(table: Table, minutes: float = 10_000) -> set[tuple[str, str]]:
    """Everything the due index holds up to a time."""
    return {key for shard in range(table.due_shards) for key in table.due(shard, v.later(minutes))}


def stored(table: Table, conversation: Conversation) -> Conversation:
    """A conversation as the table has it now."""
    found = table.conversation(conversation.id)
    assert found is not None
    return found


def opened(table: Table, **changes: Any) -> Conversation:
    """A new conversation in the table."""
    made = v.conversation(**changes)
    table.commit(table.new_conversation(made))
    return stored(table, made)


def lined_up(table: Table, **changes: Any) -> Conversation:
    """A new conversation in the waiting line."""
    made = opened(table, **changes)
    table.commit(*table.line_up(v.waiting(made), "main", known=False))
    return stored(table, made)


def come_in(table: Table, name: str = "ayse", units: int = 12, presence: str = "online") -> None:
    """An agent in the roster."""
    before = table.load("main", name)
    table.commit(table.set_presence("main", name, presence, units, before, None, v.NOW))


def claim(table: Table, of: Conversation, name: str = "ayse", **agent: Any) -> None:
    """Claim a conversation for an agent."""
    table.commit(*table.claim(v.waiting(of), v.agent(name, **agent), "main", f"d_{name}", v.later(1)))


# --- routing -------------------------------------------------------------------------------------------------------


def test_a_conversation_comes_back_as_it_was_written(table: Table) -> None:
    made = v.conversation()
    table.commit(table.new_conversation(made))
    assert stored(table, made) == replace(made, version=1)
    assert table.conversation("c_1.default.2") is None
    assert table.conversation("not an id") is None


def test_all_about_an_incoming_message_is_known_in_one_read(table: Table) -> None:
    asked = Incoming("m_1", "p_1", "default", ("m_s1",), ("w1@example.net", "unknown@example.net"))
    (known,) = table.known([asked])
    assert (known.duplicate_of, known.contact, known.conversation, known.referenced) == (None, None, None, ())

    conversation, person = v.conversation(), v.contact()
    table.commit(
        table.new_message(v.message(), conversation.id), table.new_conversation(conversation), table.new_contact(person)
    )
    table.commit(table.new_send(replace(v.send(), conversation="c_9.default.3")))
    assert table.sent(replace(v.send("m_s2"), conversation="c_8.default.1"), None, None, v.NOW) is False
    table.commit(table.new_send(replace(v.send("m_s2"), conversation="c_8.default.1")))
    assert table.begin_attempt(v.send("m_s2"), v.later(5))
    assert table.sent(
        replace(v.send("m_s2"), conversation="c_8.default.1", state=SendState.SENDING, attempts=1),
        "X",
        "<W1@example.net>",
        v.NOW,
    )
    known, stranger = table.known([asked, Incoming("m_2", "p_2", "default")])
    assert known.duplicate_of == conversation.id
    assert known.contact == person
    assert known.conversation == replace(conversation, version=1)
    assert known.referenced == ("c_9.default.3", "c_8.default.1")
    assert (stranger.duplicate_of, stranger.contact, stranger.conversation) == (None, None, None)


def test_a_message_a_contact_and_an_open_slot_are_taken_once(table: Table) -> None:
    changes = {
        "message": table.new_message(v.message(), "c_1.default.1"),
        "conversation": table.new_conversation(v.conversation()),
        "contact": table.new_contact(v.contact()),
    }
    table.commit(*changes.values())
    for name, change in changes.items():
        with pytest.raises(Lost) as lost:
            table.commit(change)
        assert lost.value.names == (name,)
    with pytest.raises(Lost) as all_lost:
        table.commit(*changes.values())
    assert all_lost.value.names == tuple(changes)


def test_a_conversation_is_saved_only_over_the_version_that_was_read(table: Table) -> None:
    first = opened(table)
    table.commit(table.save_conversation(first, replace(first, preview="new")))
    with pytest.raises(Lost) as lost:
        table.commit(table.save_conversation(first, replace(first, preview="older")))
    assert lost.value.names == ("conversation",)
    assert (stored(table, first).preview, stored(table, first).version) == ("new", 2)


def test_a_closed_conversation_moves_to_the_past_and_its_slot_to_the_next(table: Table) -> None:
    old = opened(table, state=State.RESOLVED, resolved_at=v.later(5), follow=(), follow_at=None)
    new = replace(v.conversation(number=2), opened_at=v.later(9))
    table.commit(table.save_conversation(old, new), table.archive(old))
    assert stored(table, old).state is State.CLOSED
    assert stored(table, new).state is State.WAITING
    assert [c.number for c in table.conversations_of("p_1")] == [2, 1]
    with pytest.raises(Lost):
        table.commit(table.save_conversation(old, replace(old, preview="late")))
    with pytest.raises(Lost) as lost:
        table.commit(table.archive(old))
    assert lost.value.names == ("archive",)


def test_a_contact_is_corrected_only_where_there_is_one(table: Table) -> None:
    with pytest.raises(Lost):
        table.commit(table.save_contact(v.contact()))
    table.commit(table.new_contact(v.contact()))
    table.commit(table.save_contact(replace(v.contact(), name=None, language="en")))
    assert table.contact("p_1") == replace(v.contact(), name=None, language="en")
    assert table.contact("p_2") is None


def test_what_followed_is_cleared_but_a_running_clock_stays_due(table: Table) -> None:
    conversation = opened(table)
    key = rows.slot(conversation)
    assert due_keys(table, 1) == {key}
    assert table.followed(conversation)
    assert (stored(table, conversation).follow, stored(table, conversation).follow_at) == ((), None)
    assert due_keys(table, 59) == set()
    assert due_keys(table, 60) == {key}

    other = opened(table, contact_="p_2", clock=None)
    assert table.followed(other)
    assert rows.slot(other) not in due_keys(table)
    assert not table.followed(replace(conversation, version=9))


# --- reading -------------------------------------------------------------------------------------------------------


def test_conversations_are_read_by_hundreds(table: Table) -> None:
    made = [v.conversation(f"p_{n}") for n in range(60)]
    for start in (0, 30):
        table.commit(*(table.new_conversation(c) for c in made[start : start + 30]))
    found = table.conversations([c.id for c in made] + ["c_nobody.default.1", "nonsense"])
    assert set(found) == {c.id for c in made}


def test_messages_stand_in_the_order_of_their_time_with_those_we_sent(table: Table) -> None:
    for number, minute in ((1, 3), (2, 1), (3, 2)):
        table.commit(table.new_message(v.message(f"m_{number}", minutes=minute), "c_1.default.1"))
    table.commit(table.new_send(v.send("m_s1", minutes=2.5)), table.new_message(v.message("m_other"), "c_2.default.1"))

    def ids(**asked: Any) -> list[str]:
        found = table.messages("c_1.default.1", **asked)
        return [(one.message if isinstance(one, Send) else one).id for one in found]

    assert ids() == ["m_2", "m_3", "m_s1", "m_1"]
    assert ids(backwards=True, limit=2) == ["m_1", "m_s1"]
    assert ids(after=v.message("m_3", minutes=2).cursor) == ["m_s1", "m_1"]
    assert ids(before=v.message("m_3", minutes=2).cursor, backwards=True) == ["m_2"]
    assert table.message("m_1") == v.message("m_1", minutes=3)
    assert table.message("m_s1") == v.send("m_s1", minutes=2.5)
    assert table.message("m_nothing") is None


def test_lists_hold_what_an_agent_has_and_what_is_done_and_nothing_that_waits(table: Table) -> None:
    come_in(table)
    waits, held = opened(table), opened(table, contact_="p_2")
    assert table.listed("open#genel") == []
    claim(table, held)
    held = stored(table, held)
    ((key, mark),) = table.listed("open#genel")
    assert key == rows.slot(held)
    assert [i for i, _ in table.listed_conversations([(key, mark)])] == [held.id]
    done = replace(held, state=State.RESOLVED, resolved_at=v.later(9))
    table.commit(table.save_conversation(held, done))
    assert table.listed("open#genel") == []
    assert [key for key, _ in table.listed("done#genel", prefix="ayse#")] == [rows.slot(held)]
    assert table.listed("done#genel", prefix="ays#") == []
    assert stored(table, waits).agent is None


def test_a_list_is_paged_without_losing_those_of_the_same_instant(table: Table) -> None:
    for n in range(7):
        table.commit(
            table.new_conversation(
                v.conversation(
                    f"p_{n}", agent="ayse" if n < 5 else "mehmet", state=State.ACTIVE, follow=(), follow_at=None
                )
            )
        )
    found: list[tuple[str, str]] = []
    mark: str | None = None
    for _ in range(10):
        page = table.listed("open#genel", prefix="ayse#", after=mark, limit=2)
        found += [key for key, _ in page]
        if not page:
            break
        mark = page[-1][1]
    assert sorted(found) == [(f"P#p_{n}", "open#default") for n in range(5)]


# --- the waiting line and the roster -------------------------------------------------------------------------------


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


# --- history, idempotency ------------------------------------------------------------------------------------------


def test_history_is_told_oldest_first_and_audited_by_day_but_for_decisions(table: Table) -> None:
    for number, (what, minute) in enumerate([("decision", 0), ("reply", 1), ("resolve", 2), ("note", 60 * 24)]):
        table.commit(table.history("c_1.default.1", what, "ayse", {"n": number}, v.later(minute), f"h_{number}"))
    assert [(e.what, e.detail["n"]) for e in table.histories("c_1.default.1")] == [
        ("decision", 0), ("reply", 1), ("resolve", 2), ("note", 3),
    ]  # fmt: skip
    assert [e.what for e in table.histories("c_1.default.1", limit=2)] == ["resolve", "note"]
    first, mark = table.audit("2026-03-02", limit=1)
    assert ([e.what for e in first], first[0].subject, first[0].at) == (["reply"], "c_1.default.1", v.later(1))
    second, mark = table.audit("2026-03-02", after=mark, limit=1)
    assert [e.what for e in second] == ["resolve"]
    assert table.audit("2026-03-02", after=mark, limit=1) == ([], None)


def test_an_idempotency_key_is_remembered_with_its_answer_once(table: Table) -> None:
    assert table.remembered("k1") is None
    table.commit(table.remember("k1", {"what": "w", "c": "c_1", "m": None}, v.NOW))
    assert table.remembered("k1") == {"what": "w", "c": "c_1", "m": None}
    with pytest.raises(Lost) as lost:
        table.commit(table.remember("k1", {"what": "other"}, v.NOW))
    assert lost.value.names == ("key",)


# --- sends ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def queued(table: Table) -> Send:
    """A send that waits to leave."""
    table.commit(table.new_send(v.send()))
    return v.send()


def send_of(table: Table) -> Send:
    """The send as the table has it now."""
    return table.sends(["m_s1", "m_1", "m_nothing"])["m_s1"]


def test_a_send_comes_back_as_it_was_written_and_is_stored_once(table: Table, queued: Send) -> None:
    table.commit(table.new_message(v.message("m_1"), "c_1.default.1"))
    assert table.sends(["m_s1", "m_1", "m_nothing"]) == {"m_s1": queued}
    with pytest.raises(Lost) as lost:
        table.commit(table.new_send(queued))
    assert lost.value.names == ("send",)
    assert due_keys(table, 1) == {("M#m_s1", "m")}


def test_an_attempt_is_begun_by_one_and_counted(table: Table, queued: Send) -> None:
    assert table.begin_attempt(queued, v.later(5))
    assert not table.begin_attempt(queued, v.later(5))
    after = send_of(table)
    assert (after.state, after.attempts, after.due_at) == (SendState.SENDING, 1, v.later(5))
    assert due_keys(table, 4) == set()


def test_a_send_that_left_is_due_no_more_and_found_by_its_id_on_the_wire(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    sending = send_of(table)
    assert table.sent(sending, "ses-1", "ses-1@email.amazonses.com", v.later(1))
    after = send_of(table)
    assert (after.state, after.external_id, after.settled_at, after.due_at) == (
        SendState.SENT,
        "ses-1",
        v.later(1),
        None,
    )
    assert due_keys(table) == set()
    assert table.send_by_wire("<SES-1@email.amazonses.com> ") == "m_s1"
    assert table.send_by_wire("ses-2@email.amazonses.com") is None


def test_a_send_that_left_without_ids_is_sent_all_the_same(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    assert table.sent(send_of(table), None, None, v.later(1))
    assert send_of(table).state is SendState.SENT


def test_the_outcome_of_an_older_attempt_is_not_recorded(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    first = send_of(table)
    assert table.postpone(first, SendState.QUEUED, v.later(2), "try later")
    second = send_of(table)
    assert (second.state, second.error, second.due_at) == (SendState.QUEUED, "try later", v.later(2))
    assert table.begin_attempt(second, v.later(9))
    assert send_of(table).error is None
    assert not table.sent(first, "X", None, v.later(3))
    assert not table.postpone(first, SendState.UNKNOWN, v.later(3), None)
    assert not table.give_up(first, SendState.FAILED, "no", v.later(3))
    assert (send_of(table).state, send_of(table).attempts) == (SendState.SENDING, 2)


def test_what_is_given_up_is_listed_until_a_person_decides(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    assert table.give_up(send_of(table), SendState.PARKED, "nobody knows", v.later(6))
    parked = send_of(table)
    assert (parked.state, parked.error, parked.due_at) == (SendState.PARKED, "nobody knows", None)
    ((key, mark),) = table.listed("parked")
    assert key == ("M#m_s1", "m")
    assert table.mark_time(mark) == v.later(6)
    table.commit(table.unpark(parked, SendState.QUEUED, v.later(8)))
    assert table.listed("parked") == []
    assert due_keys(table, 8) == {("M#m_s1", "m")}
    assert send_of(table).state is SendState.QUEUED
    with pytest.raises(Lost) as lost:
        table.commit(table.unpark(parked, SendState.DISCARDED, None))
    assert lost.value.names == ("send",)


def test_what_is_discarded_is_neither_due_nor_listed(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    table.give_up(send_of(table), SendState.FAILED, "refused", v.later(6))
    table.commit(table.unpark(send_of(table), SendState.DISCARDED, None))
    assert (send_of(table).state, table.listed("parked"), due_keys(table)) == (SendState.DISCARDED, [], set())
    assert not table.record_receipt("m_s1", v.receipt(ReceiptStatus.DELIVERED), failed=False)


def test_a_receipt_counts_only_above_what_is_known(table: Table, queued: Send) -> None:
    assert not table.record_receipt("m_s1", v.receipt(ReceiptStatus.SENT), failed=False), "it has not left"
    table.begin_attempt(queued, v.later(5))
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.SENT), failed=False)
    assert (send_of(table).state, send_of(table).due_at) == (SendState.SENT, None)
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.DELIVERED), failed=False)
    for status in (ReceiptStatus.SENT, ReceiptStatus.DELIVERED):
        assert not table.record_receipt("m_s1", v.receipt(status), failed=False)
    assert not table.record_receipt("m_s1", v.receipt(ReceiptStatus.FAILED), failed=True)
    assert send_of(table).shown == "delivered"
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.READ), failed=False)
    assert not table.record_receipt("m_unknown", v.receipt(ReceiptStatus.READ), failed=False)
    assert table.sends(["m_unknown"]) == {}


def test_a_failure_by_receipt_is_listed_and_a_delivery_after_it_takes_it_off(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    table.sent(send_of(table), "SM1", None, v.later(1))
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.FAILED, code="30003"), failed=True)
    assert (send_of(table).shown, send_of(table).error) == ("failed", "30003")
    assert [key for key, _ in table.listed("parked")] == [("M#m_s1", "m")]
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.DELIVERED), failed=False)
    assert (table.listed("parked"), send_of(table).error) == ([], None)


def test_a_failed_send_sent_again_can_be_reported_on_anew(table: Table, queued: Send) -> None:
    table.begin_attempt(queued, v.later(5))
    table.record_receipt("m_s1", v.receipt(ReceiptStatus.FAILED), failed=True)
    table.commit(table.unpark(send_of(table), SendState.QUEUED, v.later(3)))
    assert table.begin_attempt(send_of(table), v.later(9))
    assert send_of(table).receipt is None
    assert table.record_receipt("m_s1", v.receipt(ReceiptStatus.SENT), failed=False)


# --- what is due ---------------------------------------------------------------------------------------------------


def test_what_is_due_is_told_oldest_first_by_shard_and_only_when_it_is(table: Table) -> None:
    many = [v.conversation(f"p_{n}", follow_at=v.later(n)) for n in range(24)]
    table.commit(*(table.new_conversation(c) for c in many))
    assert due_keys(table, 11) == {rows.slot(c) for c in many[:12]}
    shards = [list(table.due(shard, v.later(30))) for shard in range(table.due_shards)]
    assert sum(map(len, shards)) == 24
    assert all(found == sorted(found, key=lambda key: int(key[0][4:])) for found in shards)
    fullest = max(range(table.due_shards), key=lambda shard: len(shards[shard]))
    assert list(table.due(fullest, v.later(30), limit=2)) == shards[fullest][:2]


def test_what_is_due_under_a_key_is_a_conversation_a_send_or_nothing(table: Table) -> None:
    conversation = opened(table)
    table.commit(table.new_send(v.send()))
    assert table.due_item(rows.slot(conversation)) == conversation
    assert table.due_item(("M#m_s1", "m")) == v.send()
    assert table.due_item(("M#m_nothing", "m")) is None
    quiet = opened(
        table, contact_="p_2", clock=Clock(v.NOW, timedelta(hours=1), met_at=v.NOW), follow=(), follow_at=None
    )
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
