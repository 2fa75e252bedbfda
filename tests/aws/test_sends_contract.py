"""Sends on every DynamoDB: every step belongs to its attempt."""

import pytest

from router.aws.table import Table
from router.errors import Lost
from router.messages import ReceiptStatus
from router.records import Incoming
from router.sends import Send, SendState
from tests.kit import values as v
from tests.kit.backends import BACKENDS
from tests.kit.stocked import due_keys

pytestmark = pytest.mark.parametrize("dynamo", BACKENDS, indirect=True)


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
    (known,) = table.known([Incoming("m_answer", "p_1", "default", (), ("<SES-1@email.amazonses.com> ", "ses-2@x"))])
    assert known.referenced == (after.conversation,)


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


def test_when_messages_left_is_told_by_person_over_all_their_threads_and_no_further_back(table: Table) -> None:
    def left(number: int, thread: str, day: int, state: SendState = SendState.SENT) -> Send:
        return v.send(f"m_{number}", minutes=day * 24 * 60, conversation=thread, state=state)

    a, b, c = "p_1.default.0", "p_1.shop.0", "p_2.default.0"
    made = [left(1, a, 1), left(2, a, 5), left(3, a, 6, SendState.QUEUED), left(4, b, 6), left(5, c, 7), left(6, a, -3)]
    for one in made:
        table.commit(table.new_send(one))
    days = [[(at - v.NOW).days for at in of] for of in table.left_for([[a, b], [], ["p_3.default.0"], [c]], v.NOW)]
    assert days == [[5, 1, 6], [], [], [7]]
