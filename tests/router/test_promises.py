"""Promises as values: what ends them, that the first thing counts whatever came in when, and what they set off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.business import WALL_CLOCK
from router.clocks import BREACH
from router.errors import Conflict, Invalid
from router.promises import (
    AUTO,
    FURTHEST,
    LENT,
    MOST,
    Pledge,
    Promise,
    Standing,
    counted,
    kept,
    made,
    overdue,
    stages,
    taken_back,
    unanswered,
)
from router.targets import Sla, plain_terms, terms_of
from router.timeline import EMPTY, Timeline, What
from router.times import from_ms, to_ms

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TERMS = terms_of(
    Sla.model_validate({"name": "s", "first_response": 60, "warn_at": [50, 75], "remind": "1h", "reminders": 2}),
    WALL_CLOCK,
    None,
    "sms",
)
HOUR = timedelta(hours=1)
ANSWER = Promise("pr_1", START, START + HOUR, "ayse")
CALL = replace(ANSWER, id="pr_2", what="call back", answer=False)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def answered(*minutes: float) -> Timeline:
    """Ayşe answered so many minutes after the start, the answers known in that order."""
    timeline = EMPTY.wrote(What.HEARD, to_ms(at(-5))).became(What.ACTIVE, to_ms(at(-4)), "ayse")
    for one in minutes:
        timeline = timeline.wrote(What.ANSWERED, to_ms(at(one)), "ayse")
    return timeline


def resolved(timeline: Timeline, minutes: float) -> Timeline:
    return timeline.became(What.RESOLVED, to_ms(at(minutes)), "ayse")


def stands(promise: Promise, timeline: Timeline) -> tuple[Standing, datetime | None]:
    (found,) = counted([promise], timeline, TERMS)
    return found.standing, found.ended_at


def test_an_answer_in_time_keeps_one_to_answer() -> None:
    assert stands(ANSWER, answered(30)) == (Standing.KEPT, at(30))
    assert stands(ANSWER, answered(60)) == (Standing.KEPT, at(60)), "to the millisecond"


def test_a_late_answer_ends_it_broken() -> None:
    assert stands(ANSWER, answered(61)) == (Standing.BROKEN, at(61))


def test_the_answer_that_tells_a_promise_does_not_keep_it() -> None:
    assert stands(ANSWER, answered(0)) == (Standing.OPEN, None)
    assert stands(ANSWER, answered(-3)) == (Standing.OPEN, None)


def test_no_answer_keeps_one_to_do_something_else() -> None:
    assert stands(CALL, answered(30)) == (Standing.OPEN, None)


def test_an_automatic_answer_keeps_nothing() -> None:
    assert stands(ANSWER, answered().wrote(What.AUTOMATIC, to_ms(at(10)))) == (Standing.OPEN, None)


@pytest.mark.parametrize("promise", [ANSWER, CALL])
def test_what_is_open_when_the_conversation_ends_is_taken_back_or_broken(promise: Promise) -> None:
    assert stands(promise, resolved(answered(), 30)) == (Standing.TAKEN_BACK, at(30))
    assert stands(promise, resolved(answered(), 90)) == (Standing.BROKEN, at(90))


def test_a_conversation_that_is_reopened_opens_no_promise_again() -> None:
    ended = counted([CALL], resolved(answered(), 30), TERMS)
    again = resolved(answered(), 30).became(What.WAITING, to_ms(at(40)), "genel")
    assert counted(ended, again, TERMS) == ended


def test_one_that_is_made_after_it_was_reopened_goes_on() -> None:
    again = resolved(answered(), 30).became(What.ACTIVE, to_ms(at(40)), "ayse")
    later = replace(CALL, made_at=at(50))
    assert stands(later, again) == (Standing.OPEN, None)


def test_an_answer_that_turns_up_late_corrects_what_was_broken() -> None:
    broken = replace(ANSWER, acted=BREACH)
    assert broken.standing is Standing.BROKEN
    assert stands(broken, answered(55)) == (Standing.KEPT, at(55))
    ended = counted([broken], answered(90), TERMS)
    assert ended[0].standing is Standing.BROKEN
    assert counted(ended, answered(90, 55), TERMS)[0].standing is Standing.KEPT


def test_what_people_said_after_its_time_leaves_it_broken() -> None:
    assert kept(CALL, at(61)).standing is Standing.BROKEN
    assert taken_back(CALL, at(61)).standing is Standing.BROKEN
    assert kept(CALL, at(59)).standing is Standing.KEPT
    assert taken_back(CALL, at(59)).standing is Standing.TAKEN_BACK


def test_an_answer_that_stays_with_another_conversation_ends_nothing() -> None:
    joint = answered(30)
    (ended,) = counted([ANSWER], joint, TERMS)
    assert stands(unanswered(ended, joint), answered()) == (Standing.OPEN, None)
    assert stands(unanswered(ended, joint), answered(30)) == (Standing.KEPT, at(30))
    said = kept(CALL, at(30))
    assert unanswered(said, joint) == said, "a person's word stands"


def test_it_warns_and_breaks_by_the_clock_on_the_wall_with_the_policy_s_reminders() -> None:
    told = [(from_ms(stage.at), stage.kind, stage.of) for stage in stages(CALL, TERMS)]
    assert told == [
        (at(30), "warning", CALL.id),
        (at(45), "warning", CALL.id),
        (at(60), "breach", CALL.id),
        (at(120), "reminder", CALL.id),
        (at(180), "reminder", CALL.id),
    ]
    plain = [stage.kind for stage in stages(CALL, plain_terms(60))]
    assert plain == ["warning", "warning", "breach"]


def test_its_next_stage_is_after_the_last_that_was_acted_on() -> None:
    (fresh,) = counted([CALL], answered(), TERMS)
    assert fresh.next_at == at(30)
    (warned,) = counted([replace(CALL, acted=50)], answered(), TERMS)
    assert warned.next_at == at(45)
    (done,) = counted([kept(CALL, at(10))], answered(), TERMS)
    assert done.next_at is None
    assert [stage.number for stage in overdue([warned, done], TERMS, to_ms(at(61)))] == [75, 100]


def test_a_promise_is_for_a_time_to_come_within_a_year() -> None:
    for until in (START, at(-1), START + FURTHEST + timedelta(seconds=1)):
        with pytest.raises(Invalid, match="within a year"):
            made((), Pledge(until, "call"), "ayse", "pr_x", START)
    (one,) = made((), Pledge(at(1), "call"), "ayse", "pr_x", START)
    assert (one.due_at, one.by, one.answer, one.personal) == (at(1), "ayse", False, True)


def test_it_says_what_or_that_it_is_an_answer() -> None:
    with pytest.raises(Invalid, match="what is promised"):
        made((), Pledge(at(1)), "ayse", "pr_x", START)
    assert made((), Pledge(at(1), answer=True), AUTO, "pr_x", START)[0].personal is False


def test_at_most_ten_are_open() -> None:
    many = tuple(replace(CALL, id=f"pr_{n}") for n in range(MOST))
    with pytest.raises(Conflict, match="open here already"):
        made(many, Pledge(at(1), "call"), "ayse", "pr_x", START)
    assert len(made((kept(many[0], at(1)), *many[1:]), Pledge(at(1), "call"), "ayse", "pr_x", START)) == MOST + 1


def test_open_ones_are_never_forgotten_and_of_the_others_the_oldest_are() -> None:
    over = [replace(kept(CALL, at(1)), id=f"over_{n}") for n in range(12)]
    opened = [replace(CALL, id=f"open_{n}") for n in range(9)]
    assert [one.id for one in counted([*over, *opened], answered(), TERMS)] == ["over_11", *(one.id for one in opened)]


MINUTES = st.floats(-10, 200).map(lambda value: round(value, 3))
PROMISES = st.builds(
    lambda made_at, length, answer, by, acted: replace(
        ANSWER, made_at=at(made_at), due_at=at(made_at + length), answer=answer, by=by, acted=acted
    ),
    MINUTES,
    st.floats(1, 120).map(round),
    st.booleans(),
    st.sampled_from(["ayse", AUTO, LENT]),
    st.sampled_from([0, 50, 75, 100, 101]),
)


@given(PROMISES, st.lists(MINUTES, max_size=6), st.randoms(use_true_random=False))
def test_in_whatever_order_answers_turn_up_it_ends_the_same(
    promise: Promise, minutes: list[float], order: object
) -> None:
    """The fold over all of them at once is what one save after the other comes to."""
    shuffled = sorted(minutes, key=lambda _: order.random())  # type: ignore[attr-defined]
    found: tuple[Promise, ...] = (promise,)
    for known in range(len(shuffled) + 1):
        found = counted(found, answered(*shuffled[:known]), TERMS)
    assert found == counted([promise], answered(*minutes), TERMS)
    assert counted(found, answered(*minutes), TERMS) == found, "and counting once more changes nothing"


@given(PROMISES, st.lists(MINUTES, max_size=6))
def test_it_is_kept_exactly_when_an_answer_came_between_its_beginning_and_its_time(
    promise: Promise, minutes: list[float]
) -> None:
    (found,) = counted([promise], answered(*minutes), TERMS)
    late = [to_ms(at(one)) for one in minutes if to_ms(at(one)) > to_ms(promise.made_at)]
    in_time = promise.answer and any(one <= to_ms(promise.due_at) for one in late)
    assert (found.standing is Standing.KEPT) is in_time
    assert found.open is not (promise.answer and bool(late))


@given(PROMISES, st.floats(0, 400))
def test_nothing_is_set_off_before_its_time_and_nothing_twice(promise: Promise, minutes: float) -> None:
    now = to_ms(at(minutes))
    for stage in overdue([promise], TERMS, now):
        assert stage.at <= now
        assert stage.number > promise.acted
    every = [stage.number for stage in stages(promise, TERMS)]
    assert every == sorted(set(every))
