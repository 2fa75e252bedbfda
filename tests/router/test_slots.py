"""Slots: whoever is processed first, the most important gets the last one, a cap holds, and what has left is a fact.

The simulation processes messages as the wiring does: each at its time, in any order within one moment, with lost conditional writes.
The oracle knows nothing of it: it goes through the messages by importance and counts days naively.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.candidates import Candidate, Cap, Caps, Drop, Hold, Reason
from router.purposes import Purpose
from router.slots import EMPTY, RETRY, Ledger, claim, ledger_of, local_day, planned, refused, without
from router.times import from_ms, to_ms
from tests.kit.amount import times

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONE = Caps(day=Cap(1))
HOUR, DAY = 3_600_000, 86_400_000


def at(days: float = 0, hours: float = 0) -> int:
    return to_ms(START + timedelta(days=days, hours=hours))


def message(
    send: str, importance: int = 1, due: int | None = None, *, lasts: int = 3 * DAY, triggered: bool = False
) -> Candidate:
    due = at() if due is None else due
    return Candidate(send, send, "sms", Purpose.MARKETING, importance, due, due + lasts, triggered)


@dataclass
class Store:
    """A row with a version, as the table keeps it."""

    ledger: Ledger = EMPTY

    def put(self, ledger: Ledger) -> bool:
        if ledger.version != self.ledger.version:
            return False
        self.ledger = replace(ledger_of(ledger.version + 1, ledger.rows()))
        return True


def all_planned(messages: list[Candidate], caps: Caps, now: int) -> Store:
    store = Store()
    for one in messages:
        assert store.put(planned(store.ledger, one, caps, one.due, UTC, now))
    return store


def run(
    messages: list[Candidate],
    caps: Caps,
    order: random.Random,
    first: Sequence[str] = (),
    *,
    late: Collection[str] = (),
    unwanted: Collection[str] = (),
) -> dict[str, str | int]:
    """Process all to the end; of what is due at one moment in a random order, or `first` ones first. Each one's reason, or when it left.

    Judging and writing are two steps between which others write: a stale write is refused and judged again. Of `late` ones nobody
    knows before they are due; `unwanted` ones are dropped when it is their turn.
    """
    store = all_planned([one for one in messages if one.send not in late], caps, at())
    due = {one.send: one.due for one in messages}
    by_id = {one.send: one for one in messages}
    ended: dict[str, str | int] = {}
    read: dict[str, Ledger] = {}
    for _ in range(10_000):
        if not due:
            return ended
        now = min(due.values())
        ready = [send for send in sorted(due) if due[send] == now]
        send = next((one for one in first if one in ready), None) or order.choice(ready)
        if send not in read:
            read[send] = store.ledger
            if order.random() < 0.3:
                continue  # somebody else goes on meanwhile
        one, seen = by_id[send], read.pop(send)
        outcome = Drop(Reason("unwanted")) if send in unwanted else claim(seen, one, caps, UTC, now)
        if isinstance(outcome, Hold):
            assert now < outcome.until < one.stale_at
            if store.put(planned(seen, one, caps, outcome.until, UTC, now)):
                due[send] = outcome.until
        elif store.put(without(seen, send) if isinstance(outcome, Drop) else outcome):
            ended[send] = outcome.reason.code if isinstance(outcome, Drop) else now
            del due[send]
    raise AssertionError("it never ends")


def breaks(trial: dict[str, int], caps: Caps, triggered: Collection[str]) -> bool:
    """Do so many days have too many?"""
    for length, cap in ((1, caps.day), (7, caps.week)):
        for first in range(min(trial.values(), default=0) - 7, max(trial.values(), default=0) + 1) if cap else ():
            inside = [send for send, day in trial.items() if first <= day <= first + length - 1]
            assert cap is not None
            if len(inside) > cap.most or len([s for s in inside if s not in triggered]) > cap.most - cap.reserve:
                return True
    return False


def oracle(messages: list[Candidate], caps: Caps) -> dict[str, int]:
    """On which day each leaves: by importance, each on the first day on which no window of days has too many."""
    leaves: dict[str, int] = {}
    triggered = {one.send for one in messages if one.triggered}

    for one in sorted(messages, key=lambda m: (-m.importance, m.due, m.send)):
        for day in range(one.due // DAY, (one.stale_at - 1) // DAY + 1):
            if not breaks({**leaves, one.send: day}, caps, triggered):
                leaves[one.send] = day
                break
    return leaves


def one_of(number: int) -> st.SearchStrategy[Candidate]:
    return st.builds(
        lambda importance, hours, lasts, triggered: message(
            f"m{number}", importance, at(hours=hours), lasts=lasts * HOUR, triggered=triggered
        ),
        st.integers(1, 4),
        st.one_of(st.just(0), st.integers(0, 100)),
        st.one_of(st.integers(1, 30), st.integers(1, 400)),
        st.booleans(),
    )


MESSAGES = st.integers(1, 8).flatmap(lambda n: st.tuples(*(one_of(i) for i in range(n))).map(list))
CAP = st.integers(0, 3).flatmap(lambda most: st.builds(Cap, st.just(most), st.integers(0, most)))
CAPS = st.builds(Caps, st.none() | CAP, st.none() | CAP)


def days_of(ended: dict[str, str | int]) -> dict[str, int]:
    return {send: end // DAY for send, end in ended.items() if isinstance(end, int)}


@settings(max_examples=times(300), deadline=None)
@given(MESSAGES, CAPS, st.integers())
def test_whatever_the_order_each_leaves_on_the_day_that_the_oracle_gives_it(
    messages: list[Candidate], caps: Caps, seed: int
) -> None:
    ended = run(messages, caps, random.Random(seed))
    assert set(ended) == {one.send for one in messages}
    assert days_of(ended) == oracle(messages, caps)


@settings(max_examples=times(200), deadline=None)
@given(MESSAGES, CAPS, st.integers(), st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_no_cap_is_broken_and_each_ends_whatever_comes_late_or_is_dropped_on_the_way(
    messages: list[Candidate], caps: Caps, seed: int, late: set[int], unwanted: set[int]
) -> None:
    ids, gone = {f"m{n}" for n in late}, {f"m{n}" for n in unwanted}
    ended = run(messages, caps, random.Random(seed), late=ids, unwanted=gone)
    assert set(ended) == {one.send for one in messages}
    assert all((send in gone) == (end == "unwanted") for send, end in ended.items())
    triggered = {one.send for one in messages if one.triggered}
    days = days_of(ended)
    assert not breaks(days, caps, triggered)
    by_id = {one.send: one for one in messages}
    for send, end in ended.items():
        assert not isinstance(end, int) or by_id[send].due <= end < by_id[send].stale_at
        if isinstance(end, str) and not gone:  # nothing starves: where nobody was dropped, no slot stays free
            whole = range(by_id[send].due // DAY, (by_id[send].stale_at - 1) // DAY + 1)
            assert all(breaks({**days, send: day}, caps, triggered) for day in whole)


@settings(max_examples=times(60), deadline=None)
@given(st.integers(2, 4).flatmap(lambda n: st.tuples(*(one_of(i) for i in range(n))).map(list)), CAPS)
def test_no_permutation_of_processing_changes_who_leaves_when_or_for_what_reason_one_does_not(
    messages: list[Candidate], caps: Caps
) -> None:
    outcomes = {
        tuple(sorted(run(messages, caps, random.Random(1), order).items(), key=str))
        for order in permutations([one.send for one in messages])
    }
    days = {tuple((send, end // DAY if isinstance(end, int) else end) for send, end in outcome) for outcome in outcomes}
    assert len(days) == 1


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_the_most_important_of_three_gets_the_last_slot_in_every_order(order: tuple[str, ...]) -> None:
    messages = [message("a", 3, lasts=HOUR), message("b", 2, lasts=HOUR), message("c", 1, lasts=HOUR)]
    ended = run(messages, ONE, random.Random(2), order)
    assert ended == {"a": at(), "b": "cap.day", "c": "cap.day"}


def test_of_two_that_are_equally_important_the_one_due_first_wins_and_then_the_id_decides() -> None:
    early, late = message("z", due=at(hours=1), lasts=5 * HOUR), message("a", due=at(hours=2), lasts=5 * HOUR)
    assert run([late, early], ONE, random.Random(3)) == {"z": at(hours=1), "a": "cap.day"}
    assert run([message("b", lasts=HOUR), message("a", lasts=HOUR)], ONE, random.Random(3))["b"] == "cap.day"


def test_a_lesser_message_of_the_morning_leaves_the_slot_to_a_greater_one_of_the_evening() -> None:
    lesser, greater = message("lesser", 1), message("greater", 2, at(hours=8))
    store = all_planned([lesser, greater], ONE, at())
    verdict = claim(store.ledger, lesser, ONE, UTC, at())
    assert isinstance(verdict, Hold)
    assert verdict.until == greater.due
    assert verdict.reason.values == {"purpose": "marketing", "most": 1, "campaigns": "greater"}


def test_a_slot_that_a_cancelled_message_does_not_need_goes_to_the_lesser_one() -> None:
    lesser, greater = message("lesser", 1), message("greater", 2, at(hours=8))
    store = all_planned([lesser, greater], ONE, at())
    assert isinstance(claim(without(store.ledger, "greater"), lesser, ONE, UTC, at(hours=8)), Ledger)


def test_what_was_planned_and_is_stale_stands_in_nobodys_way() -> None:
    greater, lesser = message("greater", 2, lasts=HOUR), message("lesser", 1)
    store = all_planned([greater, lesser], ONE, at())
    assert isinstance(refused(store.ledger, lesser, ONE, UTC, at(hours=1) - 1), Hold)
    assert refused(store.ledger, lesser, ONE, UTC, at(hours=1)) is None


def test_a_greater_one_whose_time_has_come_is_given_its_turn_before_the_lesser_is_judged_again() -> None:
    store = all_planned([message("greater", 2), message("lesser", 1)], ONE, at())
    verdict = refused(store.ledger, message("lesser", 1), ONE, UTC, at(hours=1))
    assert isinstance(verdict, Hold)
    assert verdict.until == at(hours=1) + RETRY


def test_a_greater_one_that_is_planned_later_than_a_lesser_one_left_waits_for_the_next_day_at_its_own_hour() -> None:
    ledger = claim(EMPTY, message("lesser", 1), ONE, UTC, at())
    assert isinstance(ledger, Ledger)
    verdict = refused(ledger, message("greater", 9, at(hours=1)), ONE, UTC, at(hours=1))
    assert isinstance(verdict, Hold)
    assert verdict.until == at(days=1, hours=1)
    assert without(ledger, "lesser") is ledger


def test_the_reserve_is_for_messages_that_an_event_set_off() -> None:
    caps = Caps(week=Cap(2, reserve=1))
    ledger = claim(EMPTY, message("a"), caps, UTC, at())
    assert isinstance(ledger, Ledger)
    verdict = refused(ledger, message("b", 9), caps, UTC, at(days=1))
    assert isinstance(verdict, Drop)
    assert verdict.reason.code == "cap.week.reserve"
    assert verdict.reason.values["reserve"] == 1
    assert isinstance(claim(ledger, message("c", 1, triggered=True), caps, UTC, at(days=1)), Ledger)


def test_a_greater_message_that_has_to_move_to_another_day_keeps_its_slot_of_the_week() -> None:
    caps = Caps(day=Cap(2, reserve=1), week=Cap(2))
    messages = [message("first", 3), message("moves", 2), message("event", 1, triggered=True)]
    ended = run(messages, caps, random.Random(4), ["event", "moves", "first"])
    assert ended == {"first": at(), "moves": at(days=1), "event": "cap.week"}


def test_a_message_of_another_purpose_takes_no_slot_from_it() -> None:
    ledger = claim(EMPTY, message("a"), ONE, UTC, at())
    assert isinstance(ledger, Ledger)
    assert refused(ledger, replace(message("b"), purpose=Purpose.SERVICE), ONE, UTC, at()) is None


def test_seven_days_are_any_seven_days_and_the_eighth_is_free() -> None:
    caps = Caps(week=Cap(1))
    ledger = claim(EMPTY, message("a"), caps, UTC, at())
    assert isinstance(ledger, Ledger)
    assert isinstance(refused(ledger, message("b", due=at(days=6)), caps, UTC, at(days=6)), Hold)
    assert refused(ledger, message("b", due=at(days=7)), caps, UTC, at(days=7)) is None


def test_a_claim_that_comes_twice_gets_the_same_slot_and_writes_nothing() -> None:
    one = message("a")
    ledger = claim(EMPTY, one, ONE, UTC, at())
    assert isinstance(ledger, Ledger)
    assert claim(ledger, one, ONE, UTC, at(hours=1)) is ledger
    assert planned(ledger, one, ONE, at(days=1), UTC, at()) is ledger


def test_what_no_cap_counts_and_what_is_held_out_leaves_no_trace() -> None:
    assert claim(EMPTY, message("a"), None, UTC, at()) is EMPTY
    assert planned(EMPTY, message("a"), None, at(), UTC, at()) is EMPTY
    assert planned(EMPTY, replace(message("a"), held_out="global"), ONE, at(), UTC, at()) is EMPTY


def test_of_two_that_saw_the_same_last_slot_one_write_is_refused() -> None:
    store = Store()
    seen = store.ledger
    first, second = claim(seen, message("a"), ONE, UTC, at()), claim(seen, message("b"), ONE, UTC, at())
    assert isinstance(first, Ledger)
    assert isinstance(second, Ledger)
    assert store.put(first)
    assert not store.put(second)
    assert isinstance(claim(store.ledger, message("b"), ONE, UTC, at()), Hold)


def test_a_ledger_forgets_what_no_window_reaches_and_comes_back_as_it_was_kept() -> None:
    ledger: Ledger | Hold | Drop = EMPTY
    for day in range(60):
        assert isinstance(ledger, Ledger)
        ledger = claim(ledger, message(f"m{day}", due=at(days=day)), Caps(week=Cap(7)), UTC, at(days=day))
    assert isinstance(ledger, Ledger)
    assert [slot.send for slot in ledger.slots] == [f"m{day}" for day in range(50, 60)]
    assert ledger_of(ledger.version, ledger.rows()) == ledger


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Istanbul", "America/New_York"])
def test_a_day_is_the_recipients(zone: str) -> None:
    there = ZoneInfo(zone)
    night = datetime(2026, 3, 7, 23, 30, tzinfo=there)
    ledger = claim(EMPTY, message("a", due=to_ms(night)), ONE, there, to_ms(night))
    assert isinstance(ledger, Ledger)
    later = to_ms(night + timedelta(minutes=20))
    assert isinstance(refused(ledger, message("b", due=later), ONE, there, later), Hold)
    tomorrow = to_ms(night + timedelta(minutes=40))
    assert refused(ledger, message("b", due=tomorrow), ONE, there, tomorrow) is None


def test_a_message_that_is_held_over_a_change_of_clocks_keeps_its_hour() -> None:
    there = ZoneInfo("America/New_York")
    morning = to_ms(datetime(2026, 3, 7, 10, 0, tzinfo=there))
    ledger = claim(EMPTY, message("a", due=morning), ONE, there, morning)
    assert isinstance(ledger, Ledger)
    verdict = refused(ledger, message("b", due=morning), ONE, there, morning)
    assert isinstance(verdict, Hold)
    assert from_ms(verdict.until).astimezone(there) == datetime(2026, 3, 8, 10, 0, tzinfo=there)
    assert verdict.until - morning == DAY - HOUR
    assert local_day(verdict.until, there) == local_day(morning, there) + 1
