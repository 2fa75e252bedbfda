"""Measures are what their definitions say: against an oracle over random days, and by hand where centres disagree."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.business import WALL_CLOCK, Between, Business
from router.calendars import Calendar
from router.measure_figures import Figures, evenness, figures, longest_wait, percentile, percentiles
from router.measures import (
    Answer,
    Case,
    Cell,
    Desk,
    Line,
    Measured,
    Presence,
    Promised,
    Scored,
    Shift,
    Standing,
    cell_of,
    desk_of,
    joined,
    line_of,
    merged,
    rest,
)
from router.measuring import measure
from router.targets import Target, Term, Terms
from router.timeline import Timeline, What
from router.times import to_ms
from tests.kit.amount import times
from tests.kit.measures_oracle import counted

TERMS = Terms(
    policy="p",
    terms={
        Target.ACCEPT: Term(WALL_CLOCK, 4), Target.FIRST_RESPONSE: Term(WALL_CLOCK, 8),
        Target.NEXT_RESPONSE: Term(WALL_CLOCK, 6), Target.RESOLUTION: Term(WALL_CLOCK, 15),
    },
)  # fmt: skip


class Ticks(Business):
    """Opens thrice on the first day, a few ticks each."""

    def day(self, number: int) -> tuple[Between, ...]:
        return ((3, 12), (18, 25), (31, 47)) if number == 0 else ()


BUSINESS = Ticks(Calendar(name="few", zone="UTC", open={"mon-sun": ("00:00-24:00",)}))
AGENTS = ("ayşe", "bora", "c|d")
DAY = 48  # ticks


def case(*marks: tuple[int, What, str | None] | tuple[int, What], **changes: Any) -> Case:
    timeline = Timeline()
    for at, what, *of in marks:
        add = timeline.became if what.state else timeline.wrote
        timeline = add(what, at, of[0] if of else None)
    given_ = Case(
        id="c_1", queue="main", channel="webchat", tier=None, language="tr", skill=None, units=1, target=Term(WALL_CLOCK, 5),
        timeline=timeline, terms=TERMS,
    )  # fmt: skip
    return replace(given_, **changes)


def one(measured: Measured, **of: Any) -> Cell:
    """All cells of conversations that are of this."""
    return merged(cell for line, cell in measured.lines.items() if all(getattr(line, k) == v for k, v in of.items()))


def work(measured: Measured, agent: str) -> Cell:
    return merged(cell for desk, cell in measured.desks.items() if desk.agent == agent)


# --- over random days ------------------------------------------------------------------------------------------------

_at = st.integers(0, DAY + 6)
_of = {
    What.WAITING: st.sampled_from((None, "main", "vip")),
    What.OFFERED: st.sampled_from(AGENTS),
    What.ACTIVE: st.sampled_from(AGENTS),
    What.PENDING: st.sampled_from(AGENTS),
    What.RESOLVED: st.sampled_from((None, *AGENTS)),
}
_marks = st.sampled_from(tuple(What)).flatmap(lambda what: st.tuples(_at, st.just(what), _of.get(what, st.none())))
_promise = st.builds(
    lambda at, due, ended, kept, by: Promised(at, at + due, None if ended is None else at + ended, kept, by),
    _at, st.integers(0, 9), st.none() | st.integers(0, 12), st.booleans(), st.sampled_from((None, *AGENTS)),
)  # fmt: skip
_score = st.builds(
    Scored,
    _at,
    st.sampled_from(("csat", "nps", "ces", "quality")),
    st.integers(0, 10),
    st.sampled_from((None, *AGENTS)),
)


_term = st.builds(Term, st.sampled_from((WALL_CLOCK, BUSINESS)), st.integers(0, 10)) | st.just(Term(BUSINESS, None))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    marks = sorted(draw(st.lists(_marks, max_size=14)), key=lambda mark: mark[0])
    return case(
        *marks,
        queue=draw(st.sampled_from(("main", "vip"))),
        channel=draw(st.sampled_from(("webchat", "email"))),
        tier=draw(st.sampled_from((None, "gold"))),
        units=draw(st.integers(1, 3)),
        target=draw(_term),
        spam=draw(st.integers(0, 9)) == 0,
        terms=replace(TERMS, terms={**TERMS.terms, Target.FIRST_RESPONSE: draw(_term)}, continues=draw(st.booleans())),
        promises=tuple(draw(st.lists(_promise, max_size=2))),
        scores=tuple(draw(st.lists(_score, max_size=2))),
    )


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    found = []
    for agent in AGENTS:
        times = sorted(draw(st.lists(st.integers(-5, DAY), max_size=5)))
        states = [
            Presence(at, draw(st.sampled_from(("online", "away", "offline"))), draw(st.booleans())) for at in times
        ]
        found.append(Shift(agent, draw(st.integers(1, 4)), tuple(states)))
    return tuple(found)


def flat(measured: Measured) -> dict[str, Any]:
    """As the oracle tells it."""
    cells: dict[str, Cell] = {}
    for keys in (measured.lines, measured.desks):
        cells |= {"|".join(part or "" for part in key): cell for key, cell in keys.items()}
    counts = {(key, name): n for key, cell in cells.items() for name, n in cell.counts.items()}
    waits = {
        (key, name): list(found)
        for key, cell in cells.items()
        for name, found in (("answered", cell.answered), ("abandoned", cell.abandoned))
        if found
    }
    standing = {
        key: (of.open, of.open_ms, of.oldest_ms, of.line, of.longest_ms)
        for key, cell in cells.items()
        if (of := cell.standing) != Standing()
    }
    return {"counts": counts, "waits": waits, "standing": standing}


_answer = st.builds(
    Answer,
    _at,
    st.sampled_from(("csat", "nps", "ces")),
    st.integers(0, 10),
    st.sampled_from(("webchat", "email")),
    st.sampled_from((None, "tr")),
)


@settings(max_examples=times(300), deadline=None)
@given(
    st.lists(cases(), max_size=5),
    shifts(),
    st.lists(_answer, max_size=3),
    st.integers(0, DAY - 1),
    st.integers(1, 20),
)
def test_an_hour_is_what_the_definitions_say_to_the_last_digit(
    of: list[Case], staff: tuple[Shift, ...], answers: list[Answer], start: int, length: int
) -> None:
    end = start + length
    assert flat(measure(of, staff, start, end, answers)) == counted(of, staff, start, end, answers)


def test_an_answer_of_no_conversation_is_nobodys_and_of_no_queue() -> None:
    found = measure((), (), 0, DAY, [Answer(3, "nps", 9, "email", "tr"), Answer(4, "nps", 9, "email", "tr")])
    assert dict(found.lines) == {Line(None, "email", None, "tr", None): Cell({"nps.9": 2})}
    assert found.desks == {}
    (line,) = found.lines
    assert line_of(line.text()) == line


@settings(max_examples=times(100), deadline=None)
@given(st.lists(cases(), max_size=5), shifts())
def test_what_is_counted_of_agents_and_what_is_nobodys_is_what_is_counted_of_queues(
    of: list[Case], staff: tuple[Shift, ...]
) -> None:
    found = measure(of, staff, 0, DAY)
    for queue in ("main", "vip"):
        for channel in ("webchat", "email"):
            whole = one(found, queue=queue, channel=channel)
            theirs = merged(cell for desk, cell in found.desks.items() if desk[1:] == (queue, channel))
            counts = {name: n for name, n in theirs.counts.items() if name != "held"}
            nobodys = rest(whole, theirs)
            assert merged((replace(theirs, counts=counts), nobodys)) == whole
            assert all(n > 0 for n in nobodys.counts.values())
            assert theirs.abandoned == ()


@settings(max_examples=times(150), deadline=None)
@given(st.lists(cases(), max_size=5), shifts(), st.sampled_from((1, 2, 3, 8, 24)))
def test_hours_add_up_to_their_day(of: list[Case], staff: tuple[Shift, ...], hours: int) -> None:
    length = DAY // hours
    parts = [measure(of, staff, start, start + length) for start in range(0, DAY, length)]
    assert joined(reversed(parts)) == measure(of, staff, 0, DAY)


@settings(max_examples=times(50), deadline=None)
@given(st.lists(cases(), max_size=5), shifts(), st.randoms(use_true_random=False))
def test_the_order_of_conversations_does_not_matter(of: list[Case], staff: tuple[Shift, ...], chance: Any) -> None:
    shuffled = list(of)
    chance.shuffle(shuffled)
    assert measure(shuffled, staff[::-1], 0, DAY) == measure(of, staff, 0, DAY)


@settings(max_examples=times(50), deadline=None)
@given(st.lists(cases(), max_size=5), shifts())
def test_cells_and_keys_come_back_from_what_is_kept_of_them(of: list[Case], staff: tuple[Shift, ...]) -> None:
    found = measure(of, staff, 0, DAY)
    for line, cell in found.lines.items():
        assert line_of(line.text()) == line
        assert cell_of(json.loads(json.dumps(cell.data()))) == cell
    for desk, cell in found.desks.items():
        assert desk_of(desk.text()) == desk
        assert cell_of(json.loads(json.dumps(cell.data()))) == cell


@settings(max_examples=times(50), deadline=None)
@given(st.lists(cases(), max_size=4), shifts())
def test_agents_are_never_fuller_than_they_are_when_nobody_gives_them_too_much(
    of: list[Case], staff: tuple[Shift, ...]
) -> None:
    for shift in staff:
        cell = work(measure(of, staff, 0, DAY), shift.agent)
        assert cell.count("held") * shift.units <= cell.count("room") * sum(one.units for one in of)


def test_keys_tell_names_with_the_sign_between_them_apart() -> None:
    assert line_of(Line("a|b", "c", None, "", None).text()) == Line("a|b", "c", None, None, None)
    assert Desk("a|b").text() != Desk("a", "b").text()
    with pytest.raises(ValueError, match="no key"):
        desk_of("a|b")


# --- where centres disagree ------------------------------------------------------------------------------------------

W, O, C, P, Z, R, X = (  # noqa: E741 - the marks' own letters
    What.WAITING, What.OFFERED, What.ACTIVE, What.PENDING, What.SNOOZED, What.RESOLVED, What.CLOSED,
)  # fmt: skip


def day(*of: Case) -> Measured:
    return measure(of, (), 0, 1000)


def test_answered_within_the_target_includes_the_last_millisecond_of_it() -> None:
    assert figures(one(day(case((0, W), (5, C, "ayşe")), case((0, W), (6, C, "ayşe"))))).service_level == 0.5


def at(day: int, clock: str) -> int:
    return to_ms(datetime.fromisoformat(f"2026-03-{day:02}T{clock}:00+00:00"))


def test_mail_of_the_night_that_is_taken_at_five_past_nine_is_in_time_by_thirty_minutes_of_business_time() -> None:
    office = Business(Calendar(name="office", zone="UTC", open={"mon-fri": ("09:00-18:00",)}))
    taken = [((at(3, "22:00"), W), (at(4, "09:05"), C, "ayşe")), ((at(3, "17:50"), W), (at(4, "09:21"), C, "ayşe"))]

    def told(term: Term) -> Figures:
        of = [case(*marks, target=term) for marks in taken]
        return figures(one(measure(of, (), at(4, "09:00"), at(4, "10:00"))))

    office_time = told(Term(office, 30 * 60_000))
    assert (office_time.service_level, told(Term(WALL_CLOCK, 30 * 60_000)).service_level) == (0.5, 0.0)
    assert told(Term(office, None)).service_level == 0.5  # by the end of the day: that of the evening before was late
    assert office_time.answer_ms == ((11 * 60 + 5) + (15 * 60 + 31)) / 2 * 60_000  # what the customers felt


def test_who_gives_up_while_it_is_closed_gave_up_in_time() -> None:
    office = Business(Calendar(name="office", zone="UTC", open={"mon-fri": ("09:00-18:00",)}))
    gone = case((at(3, "22:00"), W), (at(4, "06:00"), R), target=Term(office, 60_000))
    assert one(measure([gone], (), at(4, "06:00"), at(4, "07:00"))).counts == {"alone": 1}


def test_a_wait_is_of_the_agent_who_took_it_and_given_up_of_nobody() -> None:
    found = day(case((0, W), (5, C, "ayşe")), case((0, W), (9, What.ANSWERED, "bora")), case((0, W), (9, R)))
    assert (figures(work(found, "ayşe")).service_level, figures(work(found, "bora")).service_level) == (1.0, 0.0)
    assert (work(found, "ayşe").answered, work(found, "bora").answered) == ((5,), (9,))
    assert rest(one(found), merged(found.desks.values())).abandoned == (9,)


def test_a_wait_that_is_taken_by_another_than_it_was_offered_to_is_of_who_took_it() -> None:
    found = day(case((0, W), (1, O, "ayşe"), (3, C, "bora"), (4, C, "ayşe"), (5, R, "ayşe")))
    assert (work(found, "ayşe").answered, work(found, "bora").answered) == ((), (3,))


def test_a_clock_is_of_who_ended_it_late_as_well() -> None:
    late = case((0, What.HEARD), (0, W), (5, C, "ayşe"), (9, C, "bora"), (12, What.ANSWERED, "bora"), (20, R, "c|d"))
    found = day(late)
    assert work(found, "ayşe").under("missed") == {"accept": 1}
    assert work(found, "bora").under("missed") == {"first_response": 1}  # due at 8, when it was ayşe's
    assert work(found, "c|d").under("missed") == {"resolution": 1}


def test_a_clock_that_nobody_ended_is_of_who_had_the_conversation_when_it_was_due_or_of_nobody() -> None:
    had = day(case((0, What.HEARD), (0, W), (1, C, "ayşe"), (10, C, "bora")))
    assert work(had, "ayşe").counts["missed.first_response"] == 1
    assert work(had, "bora").under("missed") == {"resolution": 1}
    waits = day(case((0, What.HEARD), (0, W), (30, R)))
    assert waits.desks == {}
    assert one(waits).under("missed") == {"accept": 1, "first_response": 1, "resolution": 1}


def test_who_gives_up_within_the_target_is_left_out_of_the_service_level_and_is_an_abandonment_all_the_same() -> None:
    told = figures(one(day(case((0, W), (5, C, "ayşe")), case((0, W), (5, R)), case((0, W), (6, R)))))
    assert (told.service_level, told.abandonment, told.abandoned) == (1 / 2, 2 / 3, 2)


def test_an_offer_that_is_declined_does_not_end_the_wait() -> None:
    found = one(day(case((0, W), (1, O, "ayşe"), (3, W), (4, O, "bora"), (7, C, "bora"))))
    assert (found.answered, found.count("transfers")) == ((7,), 0)


def test_an_overflow_waits_on_and_counts_where_the_wait_ends() -> None:
    found = day(case((0, W, "main"), (4, W, "vip"), (9, C, "ayşe")))
    assert (one(found, queue="vip").answered, one(found, queue="main").answered) == ((9,), ())
    assert one(found).count("transfers") == 0


def test_a_transfer_to_another_queue_is_a_wait_more_and_counts_where_it_left() -> None:
    found = day(case((0, W), (2, C, "ayşe"), (5, W, "vip"), (9, C, "bora"), (10, R, "bora")))
    assert one(found, queue="main").counts == {
        "active_ms": 3, "begun": 1, "handled": 1, "handled_ms": 3, "in_time": 1, "met.accept": 1, "transfers": 1,
    }  # fmt: skip
    assert one(found, queue="vip").answered == (4,)
    assert (work(found, "ayşe").count("transfers"), work(found, "bora").count("transfers")) == (1, 0)


def test_from_agent_to_agent_is_a_transfer_and_giving_back_is_none() -> None:
    assert one(day(case((0, W), (1, C, "ayşe"), (2, C, "bora")))).count("transfers") == 1
    assert one(day(case((0, W), (1, C, "ayşe"), (2, O, "bora"), (3, C, "bora")))).count("transfers") == 1
    assert one(day(case((0, W), (1, C, "ayşe"), (2, W), (3, C, "bora")))).count("transfers") == 0


def test_handle_time_leaves_out_what_the_customer_owes() -> None:
    found = figures(one(day(case((0, W), (1, C, "ayşe"), (4, P, "ayşe"), (90, C, "ayşe"), (92, R, "ayşe")))))
    assert (found.handled, found.handle_ms) == (1, 5.0)


def test_a_reopening_takes_the_first_contact_resolution_back_from_the_hour_of_the_resolve() -> None:
    marks = ((0, W), (1, C, "ayşe"), (5, R, "ayşe"))
    before = figures(one(measure([case(*marks)], (), 0, 10)))
    after = case(*marks, (30, C, "ayşe"), (35, R, "ayşe"))
    assert (before.first_contact, before.reopened) == (1.0, 0.0)
    assert figures(one(measure([after], (), 0, 10))).first_contact == 0.0
    later = figures(one(measure([after], (), 30, 40)))
    assert (later.first_contact, later.reopened, later.reopens) == (None, 0.0, 1)


def test_what_nobody_had_when_it_was_resolved_first_may_still_be_a_first_contact_resolution() -> None:
    found = figures(one(day(case((0, W), (5, R), (30, W), (31, C, "ayşe"), (35, R, "ayşe")))))
    assert (found.alone, found.resolved, found.first_contact) == (1, 1, 1.0)


def test_who_is_answered_in_line_waits_no_longer() -> None:
    found = one(day(case((0, W), (3, What.ANSWERED, "ayşe"), (5, O, "bora"), (9, C, "bora"), (10, R, "bora"))))
    assert (found.answered, found.abandoned) == ((3,), ())


def test_what_is_merged_into_another_while_it_waits_is_no_abandonment() -> None:
    found = figures(one(day(case((0, W), (50, X)))))
    assert (found.abandonment, found.answered, found.open) == (None, 0, 0)


def test_snoozed_out_of_the_line_nobody_waits_and_coming_back_is_a_new_wait() -> None:
    assert one(day(case((0, W), (5, Z), (100, W), (103, C, "ayşe")))).answered == (3,)


def test_resolved_without_an_agent_is_told_apart_and_is_no_first_contact_resolution() -> None:
    found = figures(one(day(case((0, What.HEARD), (0, R)))))
    assert (found.alone, found.resolved, found.first_contact, found.abandonment) == (1, 0, None, None)


def test_spam_counts_for_nothing_but_the_agents_it_kept_busy() -> None:
    staff = [Shift("ayşe", 2, (Presence(0, "online", True),))]
    found = measure([case((0, W), (1, C, "ayşe"), (11, R, "ayşe"), spam=True)], staff, 0, 20)
    assert found.lines == {}
    assert figures(Cell(), work(found, "ayşe").count("held"), work(found, "ayşe").count("room")).occupancy == 10 / 40


def test_what_an_agent_holds_while_away_fills_nothing() -> None:
    staff = [
        Shift("ayşe", 1, (Presence(0, "online", True), Presence(10, "away", False), Presence(20, "offline", False)))
    ]
    found = work(measure([case((0, W), (5, C, "ayşe"))], staff, 0, 40), "ayşe")
    assert (found.count("held"), found.count("room")) == (5, 10)
    assert found.under("presence") == {"online": 10, "away": 10}
    assert (found.count("joined"), found.count("left")) == (1, 1)


def test_a_late_answer_is_missed_when_it_was_due_and_not_again_when_it_comes() -> None:
    late = case((0, What.HEARD), (0, W), (1, C, "ayşe"), (30, What.ANSWERED, "ayşe"))
    assert figures(one(measure([late], (), 0, 10))).attained == {Target.ACCEPT: 1.0, Target.FIRST_RESPONSE: 0.0}
    assert Target.FIRST_RESPONSE not in figures(one(measure([late], (), 10, 40))).attained


def test_a_promise_counts_when_it_is_settled_and_a_broken_one_when_it_was_due() -> None:
    made = (Promised(0, 10, 5, True, "ayşe"), Promised(0, 10, 25, False, "bora"), Promised(0, 10, None, False, None))
    found = measure([case((0, W), promises=made)], (), 0, 20)
    assert figures(one(found)).promises == 1 / 3
    assert (work(found, "ayşe").counts, work(found, "bora").counts) == ({"promises_kept": 1}, {"promises_broken": 1})


def test_backlog_is_what_is_open_at_the_end_and_ages_from_its_beginning_or_reopening() -> None:
    found = figures(one(measure(
        [case((0, W)), case((4, W), (5, C, "ayşe")), case((0, W), (1, R, "ayşe"), (8, W)), case((0, W), (1, R))], (), 0, 10,
    )))  # fmt: skip
    assert (found.open, found.open_ms, found.oldest_ms, found.line, found.longest_ms) == (3, 6.0, 10, 2, 10)


def test_scores_are_counted_as_their_trades_do() -> None:
    kinds = (
        [("csat", n) for n in (5, 4, 3, 1)] + [("nps", n) for n in (10, 9, 8, 7, 6)]
        + [("ces", n) for n in (2, 4)] + [("quality", 90)]
    )  # fmt: skip
    scores = tuple(Scored(1, kind, value, None) for kind, value in kinds)  # type: ignore[arg-type]
    found = figures(one(day(case((0, W), scores=scores))))
    assert (found.csat, found.nps, found.ces, found.quality) == (0.5, 20.0, 3.0, 90.0)


def test_where_nothing_was_measured_there_is_no_figure() -> None:
    found = figures(Cell())
    none = (
        found.service_level, found.answer_ms, found.waits_ms, found.abandonment, found.handle_ms, found.occupancy, found.first_contact,
        found.reopened, found.transferred, found.promises, found.csat, found.nps, found.ces, found.quality, found.open_ms, found.oldest_ms,
        found.longest_ms,
    )  # fmt: skip
    assert set(none) == {None}
    assert found.attained == {}
    assert longest_wait(Cell()) is evenness([Cell()]) is None


def test_percentiles_are_waits_that_somebody_had() -> None:
    assert percentiles(range(1, 11)) == {50: 5, 90: 9, 95: 10, 99: 10, 100: 10}
    assert percentile([7], 50) == 7
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_fairness_is_the_longest_wait_and_how_even_classes_wait() -> None:
    assert longest_wait(Cell(answered=(1, 3), abandoned=(9,), standing=Standing(1, 20, 20, 1, 12))) == 12
    assert evenness([Cell(answered=(4,)), Cell(answered=(2, 6))]) == 1.0
    assert evenness([Cell(answered=(4,)), Cell(answered=(0,))]) == 0.5
    assert evenness([Cell(answered=(0,))]) == 1.0
