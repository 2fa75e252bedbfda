"""P4 within one second: what stands where when a provider tells the second and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from router.messages import MOST_TURNS, ChannelName, Direction, Message, Party, Provider
from router.turns import by_arrival, in_turn, whole_second

SECOND = datetime(2026, 3, 10, 5, 16, 23, tzinfo=UTC)
END = SECOND + timedelta(seconds=1)
IDS = st.text("abcdefgh234567", min_size=6, max_size=6).map("m_{}".format)
DELAYS = st.one_of(st.integers(0, 1_500), st.integers(0, 7 * 24 * 3_600_000))  # milliseconds: WhatsApp tries for a week


def after(milliseconds: int) -> datetime:
    """So long after the second began."""
    return SECOND + timedelta(milliseconds=milliseconds)


def said(id_: str, received_at: datetime, provider_at: datetime | None = SECOND) -> Message:
    """A customer's message."""
    return Message(
        id=id_,
        channel=ChannelName.WHATSAPP,
        provider=Provider.META,
        inbox="wa",
        direction=Direction.INBOUND,
        sender=Party(address="+447700900123"),
        provider_at=provider_at,
        received_at=received_at,
    )


def ours(received_at: datetime) -> Message:
    """An answer of ours."""
    return said("m_zzzzzz", received_at, None).model_copy(update={"direction": Direction.OUTBOUND})


@dataclass(frozen=True)
class Call:
    """A provider's call: how long after the told second it came, and the ids in it, in its order."""

    delay: int
    ids: tuple[str, ...]

    def read(self) -> tuple[Message, ...]:
        return by_arrival(said(id_, after(self.delay)) for id_ in self.ids)


CALLS = st.lists(
    st.builds(Call, DELAYS, st.lists(IDS, min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=6,
    unique_by=lambda call: call.delay,
)


@given(CALLS)
def test_messages_of_one_second_stand_as_they_came_whatever_their_ids(calls: list[Call]) -> None:
    came = [one for call in sorted(calls, key=lambda call: call.delay) for one in call.read()]
    assert sorted(came, key=lambda one: one.cursor) == came
    assert [one.occurred_at for one in came] == sorted(one.occurred_at for one in came)


@given(CALLS)
def test_none_leaves_its_second_or_stands_later_than_it_came(calls: list[Call]) -> None:
    for one in (one for call in calls for one in call.read()):
        assert SECOND <= one.occurred_at < END
        assert one.occurred_at <= one.received_at


@given(CALLS)
def test_a_call_that_is_read_again_gives_the_same_and_the_table_gives_it_back(calls: list[Call]) -> None:
    for call in calls:
        assert call.read() == call.read()
        for one in call.read():
            assert Message.model_validate_json(one.model_dump_json(exclude_defaults=True)).cursor == one.cursor


@given(CALLS, st.integers(0, 998))
def test_what_we_said_within_the_second_stands_between_what_had_come_and_what_had_not(
    calls: list[Call], at: int
) -> None:
    answer = ours(after(at))
    for call in calls:
        for one in call.read():
            assert (one.cursor > answer.cursor) == (call.delay > at)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), DELAYS.filter(lambda delay: delay >= 1_000), IDS), unique_by=lambda u: u[0]
    )
)
def test_what_came_late_stands_by_the_providers_own_numbers_in_whatever_order_it_came(
    updates: list[tuple[int, int, str]],
) -> None:
    numbered = [(number, in_turn(said(id_, after(delay)), number)) for number, delay, id_ in updates]
    assert [number for number, _ in sorted(numbered, key=lambda one: one[1].cursor)] == sorted(n for n, _, _ in updates)


def test_a_provider_that_tells_a_part_of_the_second_is_believed_to_the_millisecond() -> None:
    fine = said("m_a", after(900), after(121))
    assert by_arrival([fine]) == (fine,)
    assert fine.occurred_at == after(121)


def test_where_no_time_is_told_the_message_is_as_old_as_its_arrival() -> None:
    untold = said("m_a", after(900), None)
    assert by_arrival([untold]) == (untold,)
    assert not whole_second(None)


def test_a_providers_clock_that_runs_ahead_puts_nothing_into_the_future() -> None:
    (one,) = by_arrival([said("m_a", SECOND - timedelta(seconds=2))])
    assert one.occurred_at == one.received_at


def test_a_number_that_is_none_leaves_the_message_as_it_was() -> None:
    one = said("m_a", after(900))
    for number in (None, -1, MOST_TURNS):
        assert in_turn(one, number) == one


def test_a_message_that_was_stored_before_there_were_turns_stands_where_it_stood() -> None:
    stored = said("m_a", after(900))
    assert stored.occurred_at == SECOND
    assert stored.cursor == f"{round(SECOND.timestamp() * 1000)}#m_a"
