"""What is remembered of a contact: each message once, each time they came once, a bounded number of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.conversations import Conversation, State, reopens
from router.heard import begin, join
from router.messages import Direction, Kind, Message
from router.moves import resolved
from router.visits import MESSAGES, VISITS, Visit, apart, earlier, ended, remembered, together
from tests.router.test_conversations import AT, CONFIG, INBOX, message

LONG = timedelta(days=30)


def wrote(before: Conversation | None, at: datetime = AT, kind: Kind = Kind.MESSAGE) -> Conversation:
    """What a message makes of the contact's slot."""
    said = message(at, kind=kind)
    if before is not None and reopens(before, at, CONFIG):
        return remembered(before, join(before, said, INBOX, CONFIG), said)
    number = 1 if before is None else before.number + 1
    return remembered(before, begin(said, "p_x", number, INBOX, CONFIG), said)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def test_a_visit_begins_with_a_conversation_and_with_its_reopening_and_with_nothing_else() -> None:
    one = wrote(wrote(None), AT + timedelta(minutes=1))
    assert one.visits == (Visit(seconds(AT)),)
    back = wrote(
        resolved(replace(one, tags=("vip",), category="order"), AT + timedelta(hours=1)), AT + timedelta(days=1)
    )
    assert back.visits == (Visit(seconds(AT), ("order", "vip")), Visit(seconds(AT + timedelta(days=1))))
    following = wrote(resolved(back, AT + timedelta(days=2)), AT + LONG)
    assert (following.number, len(following.visits), len(following.heard)) == (2, 3, 4)


def test_what_asks_for_no_answer_is_not_remembered() -> None:
    one = resolved(wrote(None), AT + timedelta(minutes=1))
    for kind in (Kind.REACTION, Kind.AUTO_REPLY, Kind.BOUNCE, Kind.EDIT):
        after = wrote(one, AT + timedelta(minutes=2), kind)
        assert (after.heard, after.visits) == (one.heard, one.visits)


def test_our_own_words_are_not_remembered() -> None:
    one = wrote(None)
    echo = message(AT + timedelta(minutes=1)).model_copy(update={"direction": Direction.OUTBOUND})
    assert remembered(one, one, echo).heard == one.heard


def test_what_a_robot_or_we_ourselves_began_is_a_visit_once_the_customer_writes() -> None:
    bulk = wrote(None, kind=Kind.BULK)
    ours = replace(bulk, state=State.PENDING, agent="ayse", last_inbound_at=None)
    for one in (bulk, ours):
        assert (one.visits, one.heard) == ((), ())
        assert earlier(one, message(AT + timedelta(days=1))) == ()
        after = wrote(wrote(one, AT + timedelta(minutes=3)), AT + timedelta(minutes=4))
        assert after.visits == (Visit(seconds(AT + timedelta(minutes=3))),)


@given(st.lists(st.tuples(st.integers(0, 60 * 24 * 40), st.booleans()), min_size=1, max_size=40))
def test_in_whatever_order_messages_come_they_are_bounded_sorted_and_each_counted_once(
    steps: list[tuple[int, bool]],
) -> None:
    one: Conversation | None = None
    clock = AT
    for minutes, resolves in steps:
        at = AT + timedelta(minutes=minutes)
        clock = max(clock, at)
        before = one
        one = wrote(before, at)
        assert len(one.heard) == min(MESSAGES, (len(before.heard) if before is not None else 0) + 1)
        assert len(one.visits) <= VISITS + 1
        assert one.visits[-1].about is None
        assert all(visit.about is not None for visit in one.visits[:-1])
        assert all(a <= b for a, b in pairwise(one.heard))
        if resolves:
            one = resolved(one, clock)


@pytest.mark.parametrize("done", [False, True])
def test_joined_people_are_remembered_together_and_apart_again_each_without_the_other(done: bool) -> None:
    kept = wrote(wrote(None), AT + timedelta(minutes=3))
    kept = resolved(kept, AT + timedelta(minutes=5)) if done else kept
    moved = wrote(None, AT + timedelta(minutes=1))
    joint = together(kept, kept, moved)
    assert joint.heard == tuple(sorted((*kept.heard, *moved.heard)))
    assert [visit.about for visit in joint.visits] == ([(), None] if done else [None])
    assert apart(joint, moved).heard == kept.heard


def test_what_a_visit_was_about_is_a_few_words() -> None:
    one = replace(wrote(None), category="order", tags=tuple(f"t{number}" for number in range(20)))
    (visit,) = ended(one)
    assert visit.about is not None
    assert (visit.about[0], len(visit.about)) == ("order", 8)
    assert ended(None) == ()


def test_a_message_of_the_time_of_day_it_was_resolved_at_is_no_further_contact() -> None:
    over = resolved(wrote(None), AT + timedelta(hours=1))
    late: Message = message(AT + timedelta(minutes=59))
    assert earlier(over, late) == ()
    assert wrote(over, late.occurred_at).visits == over.visits
    assert datetime.fromtimestamp(over.visits[0].at, UTC) == AT
