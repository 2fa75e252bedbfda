"""Clocks are a fold over marks: by hand for each thing they do, and by properties for what must not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise, permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from router.business import business
from router.calendars import Calendar
from router.clocks import BREACH, Run, done, overdue, runs, stages
from router.sla import Clock, acted, counted
from router.targets import Sla, Target, Terms, plain_terms, terms_of
from router.timeline import MOST, Mark, Timeline, What, chunk, read
from router.times import from_ms, to_ms
from tests.kit.amount import times

ZONE = ZoneInfo("Europe/Istanbul")
OFFICE = Calendar(name="office", zone="Europe/Istanbul", open={"mon-fri": ("09:00-12:30", "13:30-17:00")})
MINUTE = 60_000
POLICY = {
    "name": "standart", "calendar": "office", "first_response": 60, "next_response": 120, "resolution": "8h", "accept": "30s wall clock",
}  # fmt: skip


def terms(**changes: Any) -> Terms:
    return terms_of(Sla.model_validate(POLICY | changes), business(OFFICE), None, "email")


def looked_at(timeline: Timeline, under: Terms, clocks: tuple[Clock, ...], now: int) -> tuple[Clock, ...]:
    """The clocks, counted, after all that they had set off by then was acted on."""
    last = {stage.target: stage.number for stage in overdue(timeline, under, acted(clocks), now)}
    marked = [replace(one, acted=last.get(one.target, one.acted)) for one in counted(timeline, under, clocks)]
    return counted(timeline, under, marked)


def ms(text: str) -> int:
    """A time of the week of Monday, 2 March 2026: "mon 09:30"."""
    day, clock = text.split()
    number = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "mon2", "tue2").index(day) + 2
    return to_ms(datetime.fromisoformat(f"2026-03-{number:02}T{clock}").replace(tzinfo=ZONE))


def clock(at: int | None) -> str:
    assert at is not None
    return from_ms(at).astimezone(ZONE).strftime("%a %H:%M").lower()


def line(*marks: tuple[str, What]) -> Timeline:
    timeline = Timeline()
    for at, what in marks:
        timeline = timeline.became(what, ms(at)) if what.state else timeline.wrote(what, ms(at))
    return timeline


BEGUN = (("mon 09:00", What.HEARD), ("mon 09:00", What.WAITING))
TAKEN = (*BEGUN, ("mon 09:05", What.ACTIVE))
ANSWERED = (*TAKEN, ("mon 09:30", What.ANSWERED), ("mon 09:30", What.PENDING))


def told(timeline: Timeline, under: Terms) -> list[tuple[str, str, str | None, bool, str]]:
    """Each clock: what for, since when, until when, met?, and when it was due."""
    return [
        (
            run.target.value, clock(run.start), None if run.ended is None else clock(run.ended), run.met,
            "never" if (due := run.sum(under.terms[run.target]).due) is None else clock(due),
        )
        for run in runs(timeline, under)
    ]  # fmt: skip


def test_a_conversation_has_a_clock_for_each_thing_that_was_promised() -> None:
    assert told(line(*ANSWERED), terms()) == [
        ("accept", "mon 09:00", "mon 09:05", True, "mon 09:00"),
        ("first_response", "mon 09:00", "mon 09:30", True, "mon 10:00"),
        ("resolution", "mon 09:00", None, False, "never"),  # it pauses while the customer owes an answer
    ]
    (accept, *_) = runs(line(*ANSWERED), terms())
    assert accept.sum(terms().terms[Target.ACCEPT]).due == ms("mon 09:00") + 30_000


def test_the_customer_writes_again_and_the_pause_is_over() -> None:
    timeline = line(*ANSWERED, ("mon 14:00", What.HEARD), ("mon 14:00", What.ACTIVE))
    first, resolution, further = told(timeline, terms())[1:]
    assert first == ("first_response", "mon 09:00", "mon 09:30", True, "mon 10:00")
    assert further == ("next_response", "mon 14:00", None, False, "mon 16:00")
    # 30 minutes before the answer, 3 hours from 14:00; 4 and a half are left for Tuesday, lunch left out
    assert resolution == ("resolution", "mon 09:00", None, False, "tue 14:30")


def test_what_is_resolved_is_met_and_nothing_else_is_owed() -> None:
    timeline = line(*TAKEN, ("mon 10:00", What.RESOLVED))
    assert [(run.target, run.met) for run in runs(timeline, terms())] == [
        (Target.ACCEPT, True), (Target.FIRST_RESPONSE, False), (Target.RESOLUTION, True),
    ]  # fmt: skip
    assert [one.next_at for one in counted(timeline, terms())] == [None, None, None]


# --- what users of others complain about -----------------------------------------------------------------------------


def test_6_one_business_hour_from_friday_half_past_four_is_monday_half_past_nine() -> None:
    timeline = line(("fri 16:30", What.HEARD), ("fri 16:30", What.WAITING))
    assert ("first_response", "fri 16:30", None, False, "mon 09:30") in told(timeline, terms())


@pytest.mark.parametrize("what", [What.THANKS])
def test_7_thanks_after_the_answer_restart_nothing_unless_that_is_switched_off(what: What) -> None:
    timeline = line(*ANSWERED, ("mon 11:00", what))
    assert Target.NEXT_RESPONSE not in {run.target for run in runs(timeline, terms())}
    off = {run.target: clock(run.start) for run in runs(timeline, terms(thanks=False))}
    assert off[Target.NEXT_RESPONSE] == "mon 11:00"


def test_7_whoever_begins_with_thanks_is_owed_an_answer_all_the_same() -> None:
    timeline = line(("mon 09:00", What.THANKS), ("mon 09:00", What.WAITING))
    assert Target.FIRST_RESPONSE in {run.target for run in runs(timeline, terms())}


def test_8_a_lunch_break_is_left_out() -> None:
    timeline = line(("mon 12:00", What.HEARD), ("mon 12:00", What.WAITING))
    assert ("first_response", "mon 12:00", None, False, "mon 14:00") in told(timeline, terms())


def test_9_a_policy_that_changes_during_a_pause_keeps_the_pause_accrued_so_far() -> None:
    timeline = line(
        *ANSWERED, ("mon 11:30", What.HEARD), ("mon 11:30", What.ACTIVE), ("mon 12:00", What.SNOOZED)
    )  # paused from 09:30 to 11:30, and since 12:00
    for hours in (4, 8, 16):
        (run,) = (run for run in runs(timeline, terms(resolution=f"{hours}h")) if run.target is Target.RESOLUTION)
        counted = run.sum(terms(resolution=f"{hours}h").terms[Target.RESOLUTION]).counted
        assert sum(end - start for start, end in counted) == 60 * MINUTE
    after = Timeline(timeline.marks).wrote(What.HEARD, ms("tue 09:00")).became(What.WAITING, ms("tue 09:00"))
    assert ("resolution", "mon 09:00", None, False, "tue 12:00") in told(after, terms(resolution="4h"))


def test_9_a_warning_one_hour_before_lies_in_business_time_across_a_split_day() -> None:
    """Four hours, warned at three: from Monday 15:00 that is Tuesday at 10:00, and not at midnight."""
    timeline = line(("mon 15:00", What.HEARD), ("mon 15:00", What.WAITING))
    under = terms(first_response="4h", warn_at=[75], resolution=None, accept=None, next_response=None)
    (run,) = runs(timeline, under)
    first = next(stages(run, under))
    assert (clock(first.at), first.kind, first.number) == ("tue 10:00", "warning", 75)
    (one,) = counted(timeline, under)
    assert one.next_at == from_ms(first.at)


def test_10_closed_and_reopened_goes_on_or_begins_anew_as_the_policy_says() -> None:
    timeline = line(*ANSWERED, ("mon 10:00", What.RESOLVED), ("tue 10:00", What.HEARD), ("tue 10:00", What.WAITING))
    anew = [row for row in told(timeline, terms()) if row[1] == "tue 10:00"]
    assert [row[0] for row in anew] == ["accept", "first_response", "resolution"]
    on = terms(reopened="continues")
    (resolution,) = (run for run in runs(timeline, on) if run.target is Target.RESOLUTION)
    assert (clock(resolution.start), resolution.ended) == ("mon 09:00", None)
    assert [(clock(one.start), one.name) for one in resolution.pauses] == [
        ("mon 09:30", "pending"),
        ("mon 10:00", "resolved"),
    ]
    assert {row[0] for row in told(timeline, on) if row[1] == "tue 10:00"} == {"accept", "next_response"}


# --- a late arrival --------------------------------------------------------------------------------------------------


def test_a_message_that_arrives_late_moves_the_clock_back_to_its_own_time() -> None:
    timeline = line(*BEGUN)
    late = timeline.wrote(What.HEARD, ms("mon 09:00") - 20 * MINUTE)
    assert {run.start for run in runs(late, terms()) if run.target is Target.FIRST_RESPONSE} == {
        ms("mon 09:00") - 20 * MINUTE
    }
    answer_first = line(*ANSWERED).wrote(What.HEARD, ms("mon 09:20"))
    assert Target.NEXT_RESPONSE not in {run.target for run in runs(answer_first, terms())}, "it was answered at 09:30"


MESSAGES = [
    (ms("mon 09:10"), What.HEARD),
    (ms("mon 09:40"), What.ANSWERED),
    (ms("mon 10:10"), What.HEARD),
    (ms("mon 11:00"), What.ANSWERED),
]


def test_messages_make_the_same_clocks_in_whatever_order_they_arrive() -> None:
    made = set()
    for order in permutations(MESSAGES):
        timeline = line(*BEGUN)
        for at, what in order:
            timeline = timeline.wrote(what, at)
        made.add((timeline, tuple(runs(timeline, terms()))))
    assert len(made) == 1


def test_a_run_that_a_late_message_moves_back_is_not_warned_of_twice() -> None:
    timeline, now = line(*BEGUN), ms("mon 09:50")
    known = acted(looked_at(timeline, terms(), (), now))
    assert [stage.number for stage in overdue(timeline, terms(), {}, now) if stage.target is Target.FIRST_RESPONSE] == [
        75
    ]
    late = timeline.wrote(What.HEARD, ms("mon 09:00") - 5 * MINUTE)
    assert [stage.number for stage in overdue(late, terms(), known, now) if stage.target is Target.FIRST_RESPONSE] == []


def test_a_shorter_promise_given_after_a_warning_is_breached_all_the_same() -> None:
    timeline = line(*BEGUN)
    known = acted(looked_at(timeline, terms(), (), ms("mon 09:46")))
    shorter = terms(first_response=30)
    found = [stage.number for stage in overdue(timeline, shorter, known, ms("mon 09:46"))]
    assert found == [90, BREACH], "75 was acted on; of the accept clock nothing is left"


# --- stages ----------------------------------------------------------------------------------------------------------


def test_reminders_come_again_and_again_and_at_most_as_often_as_the_policy_says() -> None:
    under = terms(remind="30m", reminders=2, accept=None, resolution=None)
    (run,) = runs(line(*BEGUN), under)
    assert [(clock(one.at), one.kind, one.number) for one in stages(run, under)] == [
        ("mon 09:45", "warning", 75), ("mon 09:54", "warning", 90), ("mon 10:00", "breach", 100),
        ("mon 10:30", "reminder", 101), ("mon 11:00", "reminder", 102),
    ]  # fmt: skip


def test_reminders_by_the_wall_clock_come_at_night_as_well_but_not_in_a_pause() -> None:
    under = terms(remind="4h wall clock", reminders=2, accept=None, resolution=None, warn_at=[])
    (run,) = runs(line(("mon 15:00", What.HEARD), ("mon 15:00", What.WAITING)), under)
    told = [(clock(one.at), one.number) for one in stages(run, under)]
    assert told == [("mon 16:00", 100), ("mon 20:00", 101), ("tue 00:00", 102)]
    (run,) = runs(line(*BEGUN, ("mon 11:00", What.SNOOZED), ("mon 12:00", What.WAITING)), under)
    assert [clock(one.at) for one in stages(run, under)] == ["mon 10:00", "mon 15:00", "mon 19:00"]


def test_the_end_of_the_day_moves_with_a_pause_by_the_time_it_took() -> None:
    under = terms(resolution="end of day before 15:00", pauses=["snoozed"])
    timeline = line(*TAKEN, ("mon 14:00", What.SNOOZED), ("mon 15:00", What.HEARD), ("mon 15:00", What.WAITING))
    (resolution,) = (row for row in told(timeline, under) if row[0] == "resolution")
    assert resolution == ("resolution", "mon 09:00", None, False, "tue 10:00")
    late = line(("mon 15:30", What.HEARD), ("mon 15:30", What.WAITING))
    assert ("resolution", "mon 15:30", None, False, "tue 17:00") in told(late, under)


def test_tiers_go_before_channels_and_those_before_the_policy() -> None:
    policy = Sla.model_validate(
        POLICY
        | {"tiers": {"gold": {"first_response": 15}}, "channels": {"sms": {"first_response": 5, "next_response": 6}}}
    )
    time = business(OFFICE)

    def amounts(tier: str | None, channel: str) -> list[int | None]:
        found = terms_of(policy, time, tier, channel).terms
        return [(found[one].amount or 0) // MINUTE for one in (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)]

    assert amounts("gold", "sms") == [15, 6]
    assert amounts("silver", "sms") == [5, 6]
    assert amounts(None, "email") == [60, 120]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"first_response": "soon"}, "'soon' is no time"),
        ({"first_response": 0}, "greater than or equal to 1"),
        ({"first_response": "end of day", "calendar": None}, "the end of the day is by a calendar"),
        ({"first_response": "end of day before 25:00"}, "before"),
        ({"remind": "end of day"}, "remind: write a time"),
        ({"warn_at": [100]}, "less than or equal to 99"),
        ({"first_response": None, "next_response": None, "resolution": None, "accept": None}, "promises nothing"),
        ({"pauses": ["lunch"]}, "pauses"),
    ],
)
def test_what_is_wrong_with_a_policy_is_said(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Sla.model_validate(POLICY | wrong)


def test_a_queue_without_a_policy_has_a_first_response_by_the_wall_clock() -> None:
    timeline = line(("fri 23:30", What.HEARD), ("fri 23:30", What.WAITING))
    assert told(timeline, plain_terms(3600)) == [("first_response", "fri 23:30", None, False, "sat 00:30")]


# --- whatever happens ------------------------------------------------------------------------------------------------

STATES = [what for what in What if what.state]
WROTE = [what for what in What if not what.state]


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    at = ms("mon 09:00")
    timeline = (
        Timeline().wrote(draw(st.sampled_from([What.HEARD, What.THANKS, What.ANSWERED])), at).became(What.WAITING, at)
    )
    for _ in range(draw(st.integers(0, 14))):
        at += draw(st.integers(0, 600)) * MINUTE
        if draw(st.booleans()):
            timeline = timeline.wrote(draw(st.sampled_from(WROTE)), at - draw(st.sampled_from([0, 0, 7, 200])) * MINUTE)
        else:
            timeline = timeline.became(
                draw(st.sampled_from(STATES)), at, draw(st.sampled_from([None, "mehmet", "queue-2"]))
            )
    return timeline


POLICIES = st.sampled_from(
    [
        terms(), terms(reopened="continues"), terms(pauses=["snoozed"]), terms(calendar=None), terms(automatic=True, thanks=False),
        terms(resolution="end of day"), plain_terms(600), terms(remind="1h"),
        terms(remind="50m wall clock"),
    ]
)  # fmt: skip


@given(timelines())
def test_a_timeline_is_the_same_after_it_was_kept(timeline: Timeline) -> None:
    assert read([timeline.text()]) == timeline
    at = timeline.marks[-1].at + 1
    assert read([timeline.text(), chunk(What.ACTIVE, at, "ayse")]).marks == (
        *timeline.marks,
        Mark(at, What.ACTIVE, "ayse"),
    )


def test_of_a_long_conversation_the_first_mark_and_the_newest_are_kept() -> None:
    timeline = Timeline()
    for number in range(2 * MOST):
        timeline = timeline.wrote(What.HEARD, number)
    assert len(timeline.marks) == MOST
    assert timeline.marks[0] == Mark(0, What.HEARD)
    assert timeline.marks[-1].at == 2 * MOST - 1


@settings(max_examples=times(200), deadline=None)
@given(timelines(), POLICIES)
def test_of_one_kind_at_most_one_clock_runs_and_none_ends_before_it_begins(timeline: Timeline, under: Terms) -> None:
    found = runs(timeline, under)
    for target in Target:
        mine = [run for run in found if run.target is target]
        assert sum(run.ended is None for run in mine) <= 1
        for run, following in pairwise(mine):
            assert run.ended is not None
            assert run.ended <= following.start
    for run in found:
        assert run.target in under.terms
        assert run.ended is None or run.ended >= run.start
        for before, after in pairwise(run.pauses):
            assert before.end is not None
            assert before.end <= after.start


@settings(max_examples=times(200), deadline=None)
@given(timelines(), POLICIES, st.lists(st.integers(0, 4000), min_size=1, max_size=12))
def test_whenever_one_looks_each_stage_is_acted_on_once_and_none_is_left_out(
    timeline: Timeline, under: Terms, looks: list[int]
) -> None:
    clocks: tuple[Clock, ...] = ()
    seen: list[tuple[Target, int]] = []
    start = timeline.marks[-1].at
    for minute in sorted(looks):
        now = start + minute * MINUTE
        seen += [(stage.target, stage.number) for stage in overdue(timeline, under, acted(clocks), now)]
        clocks = looked_at(timeline, under, clocks, now)
        assert overdue(timeline, under, acted(clocks), now) == []
        assert all(one.next_at is None or to_ms(one.next_at) > now for one in clocks)
    last = start + max(looks) * MINUTE
    expected = [
        (stage.target, stage.number)
        for run in runs(timeline, under)
        if run.ended is None
        for stage in stages(run, under)
        if stage.at <= last
    ]
    assert sorted(seen) == sorted(expected)


def test_what_was_acted_on_in_an_earlier_run_says_nothing_of_a_later_one() -> None:
    run = Run(Target.NEXT_RESPONSE, 1000)
    assert done(run, {Target.NEXT_RESPONSE: (900, BREACH)}) == 0
    assert done(run, {Target.NEXT_RESPONSE: (1000, 75)}) == 75
    assert done(replace(run, ended=2000), {Target.NEXT_RESPONSE: (2500, BREACH)}) == 0, "nor of one before"
