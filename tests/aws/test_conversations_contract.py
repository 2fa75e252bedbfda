"""Messages, conversations and contacts on every DynamoDB: conditions, and what each index then holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from router.aws import rows
from router.aws.table import Table
from router.conversations import State
from router.errors import Lost
from router.messages import ChannelName, Proof
from router.records import Identity, Incoming
from router.sends import Send, SendState
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import claim, come_in, due_keys, opened, stored

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


def test_a_conversation_comes_back_as_it_was_written(table: Table) -> None:
    made = v.conversation()
    table.commit(table.new_conversation(made))
    assert stored(table, made) == replace(made, version=1)
    assert table.conversation("c_1.default.2") is None
    assert table.conversation("not an id") is None


def test_what_routing_knows_of_a_conversation_comes_back(table: Table) -> None:
    made = v.conversation(
        target=90, tier="gold", require='[[60, ["uzman>=3", {"any": ["tr", "en"]}]]]', last_agent="ayse",
        barred=(("ayse", v.later(2)), ("mehmet", v.NOW + timedelta(milliseconds=1))), look_at=v.later(3),
    )  # fmt: skip
    table.commit(table.new_conversation(made))
    found = stored(table, made)
    assert found == replace(made, version=1)
    assert found.kind == made.kind
    plain = replace(
        found, target=3600, tier=None, require="[]", last_agent=None, barred=(), look_at=None, clocks=(), follow_at=None
    )  # fmt: skip
    table.commit(table.save_conversation(found, plain))
    assert stored(table, made) == replace(plain, version=2)
    assert due_keys(table) == set()


@pytest.mark.parametrize(
    ("state", "awaits"),
    [
        (State.WAITING, "look_at"), (State.OFFERED, "offer_until"), (State.ACTIVE, None), (State.PENDING, None),
        (State.SNOOZED, "snoozed_until"), (State.RESOLVED, None),
    ],
)  # fmt: skip
def test_a_conversation_is_due_at_what_its_state_awaits(table: Table, state: State, awaits: str | None) -> None:
    times: dict[str, Any] = {"look_at": v.later(5), "offer_until": v.later(5), "snoozed_until": v.later(5)}
    before = opened(table, clocks=(), follow=(), follow_at=None)
    after = replace(before, state=state, agent=None if state is State.WAITING else "ayse", **times)
    table.commit(table.save_conversation(before, after))
    assert stored(table, before) == replace(after, version=2)
    assert due_keys(table, 4.9) == set()
    assert due_keys(table, 5) == ({rows.slot(before)} if awaits else set())


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
    before = v.contact()
    with pytest.raises(Lost):
        table.commit(table.save_contact(before, before))
    table.commit(table.new_contact(before))
    joined = Identity(ChannelName.SMS, "+15550100", Proof.STRONG, "p_9", before.first_seen_at, "code")
    after = replace(before, name=None, language="en", joined=(joined,), preferred="sms", into="p_7")
    table.commit(table.save_contact(before, after))
    assert table.contact("p_1") == replace(after, version=1)
    with pytest.raises(Lost):
        table.commit(table.save_contact(before, after))
    assert table.contact("p_2") is None


def test_what_followed_is_cleared_but_a_running_clock_stays_due(table: Table) -> None:
    conversation = opened(table)
    key = rows.slot(conversation)
    assert due_keys(table, 1) == {key}
    assert table.followed(conversation)
    assert (stored(table, conversation).follow, stored(table, conversation).follow_at) == ((), None)
    assert due_keys(table, 59) == set()
    assert due_keys(table, 60) == {key}

    other = opened(table, contact_="p_2", clocks=())
    assert table.followed(other)
    assert rows.slot(other) not in due_keys(table)
    assert not table.followed(replace(conversation, version=9))


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
