"""In which hours a change of a conversation counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from router.conversations import Conversation
from router.promises import MOST as MOST_PROMISES
from router.promises import Promise
from router.scores import MOST as MOST_SCORES
from router.scores import Score, ScoreKind
from router.targets import plain_terms
from router.timeline import MOST, OLDEST, Mark, Timeline, What
from router.times import from_ms, to_ms
from router.touched import HOUR, Touched, hour_named, hour_of, name_of, open_at, touched
from tests.kit import values as v

TERMS = plain_terms(20 * 60)
NOON = to_ms(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
MINUTE = 60_000
THIS = NOON // HOUR


def with_marks(*marks: tuple[int, What], **other: object) -> Conversation:
    """A conversation with marks at minutes before or after noon."""
    timeline = Timeline(tuple(Mark(NOON + minutes * MINUTE, what) for minutes, what in marks))
    return replace(v.conversation(), timeline=timeline, **other)  # type: ignore[arg-type]


def answered_at(minutes: int, by: str) -> Conversation:
    """Heard at noon; answered once."""
    one = with_marks((0, What.HEARD), (0, What.WAITING))
    return replace(one, timeline=one.timeline.wrote(What.ANSWERED, now(minutes), by))


def now(minutes: int) -> int:
    return NOON + minutes * MINUTE


def test_an_hours_name_is_read_back_and_sorts_as_hours_do() -> None:
    assert name_of(THIS) == "2026030212"
    assert hour_named("2026030212") == THIS == hour_of(NOON) == hour_of(NOON + HOUR - 1)
    assert name_of(THIS + 11) < name_of(THIS + 12) == "2026030300"


def test_what_begins_counts_in_its_hour_once() -> None:
    first = with_marks((5, What.WAITING))
    assert touched(None, first, TERMS, now(5)) == Touched((THIS,))
    second = with_marks((5, What.WAITING), (20, What.ACTIVE))
    assert touched(first, second, TERMS, now(20)) == Touched()
    third = with_marks((5, What.WAITING), (20, What.ACTIVE), (65, What.PENDING))
    assert touched(second, third, TERMS, now(65)) == Touched((THIS + 1,))


def test_what_leaves_the_marks_as_they_are_counts_nowhere_new() -> None:
    one = with_marks((5, What.WAITING))
    assert touched(one, replace(one, tags=("vip",)), TERMS, now(90)) == Touched()


def test_a_mark_that_arrives_late_has_all_hours_since_counted_again() -> None:
    before = with_marks((5, What.WAITING))
    after = with_marks((-90, What.HEARD), (5, What.WAITING))
    assert touched(before, after, TERMS, now(130)) == Touched((), ((THIS - 2, THIS + 1),))


def test_what_is_answered_late_has_the_hour_in_which_it_was_due_counted_again() -> None:
    waits = with_marks((0, What.HEARD), (0, What.WAITING))
    assert touched(waits, answered_at(19, "ayse"), TERMS, now(19)) == Touched()
    assert touched(waits, answered_at(50, "ayse"), TERMS, now(50)) == Touched()
    assert touched(waits, answered_at(200, "ayse"), TERMS, now(200)) == Touched((THIS + 3,), ((THIS, THIS),))


def test_an_answer_that_arrives_late_takes_the_miss_over_from_a_later_one() -> None:
    one = answered_at(200, "ayse")
    two = replace(one, timeline=one.timeline.wrote(What.ANSWERED, now(130), "bora"))
    assert touched(one, two, TERMS, now(260)) == Touched((), ((THIS, THIS), (THIS + 2, THIS + 3)))


def test_a_reopening_has_the_hour_of_the_resolve_counted_again() -> None:
    before = with_marks((-300, What.WAITING), (-250, What.RESOLVED))
    after = with_marks((-300, What.WAITING), (-250, What.RESOLVED), (3, What.WAITING))
    assert touched(before, after, TERMS, now(3)) == Touched((THIS,), ((THIS - 5, THIS - 5),))


def test_a_reopening_within_the_hour_has_nothing_counted_again() -> None:
    before = with_marks((3, What.WAITING), (5, What.RESOLVED))
    after = with_marks((3, What.WAITING), (5, What.RESOLVED), (9, What.WAITING))
    assert touched(before, after, TERMS, now(9)) == Touched()


def test_what_turns_out_to_be_spam_counts_in_no_hour_it_counted_in() -> None:
    before = with_marks((-70, What.WAITING), (-65, What.ACTIVE))
    after = replace(with_marks((-70, What.WAITING), (-65, What.ACTIVE), (10, What.RESOLVED)), spam=True)
    assert touched(before, after, TERMS, now(10)) == Touched((THIS,), ((THIS - 2, THIS - 1),))


def test_what_became_part_of_another_counts_in_no_hour_it_counted_in() -> None:
    before = with_marks((-70, What.WAITING), (-65, What.ACTIVE))
    after = replace(with_marks((-70, What.WAITING), (-65, What.ACTIVE), (10, What.CLOSED)), into="c_2.default.1")
    assert touched(before, after, TERMS, now(10)) == Touched((THIS,), ((THIS - 2, THIS - 1),))


def test_what_is_another_queues_now_counts_as_that_in_every_hour() -> None:
    before = with_marks((-70, What.WAITING), (-65, What.ACTIVE))
    after = replace(with_marks((-70, What.WAITING), (-65, What.ACTIVE), (10, What.WAITING)), queue="uzman")
    assert touched(before, after, TERMS, now(10)) == Touched((THIS,), ((THIS - 2, THIS - 1),))
    assert touched(before, replace(before, tier="gold"), TERMS, now(10)) == Touched((), ((THIS - 2, THIS - 1),))


def test_a_promise_counts_in_the_hour_in_which_it_is_due_and_where_it_was_kept() -> None:
    one = with_marks((5, What.WAITING))
    at = from_ms(now(6))
    made = Promise("pr_1", at, at + timedelta(hours=3), "ayse", answer=False)
    promised = replace(one, promises=(made,))
    assert touched(one, promised, TERMS, now(6)) == Touched((THIS + 3,))
    kept = replace(one, promises=(replace(made, ended_at=from_ms(now(65)), kept=True),))
    assert touched(promised, kept, TERMS, now(65)) == Touched((THIS + 1, THIS + 3))
    late = replace(one, promises=(replace(made, ended_at=from_ms(now(400))),))
    assert touched(promised, late, TERMS, now(400)) == Touched()  # broken when it was due, as it stood
    taken = replace(one, promises=(replace(made, ended_at=from_ms(now(250)), taken_back=True),))
    assert touched(promised, taken, TERMS, now(250)) == Touched((), ((THIS + 3, THIS + 3),))


def test_a_full_timeline_that_forgets_its_oldest_mark_has_nothing_counted_again() -> None:
    marks = [(minutes - 500, What.HEARD) for minutes in range(400)]
    before = with_marks(*marks)
    after = replace(before, timeline=before.timeline.wrote(What.HEARD, now(0)))
    assert touched(before, after, TERMS, now(0)) == Touched((THIS,))


def test_a_full_timeline_that_forgets_a_first_answer_has_no_miss_counted_again() -> None:
    begun = [(-900, What.HEARD), (-900, What.WAITING), *((minutes - 890, What.HEARD) for minutes in range(OLDEST - 2))]
    late = [(-790, What.HEARD), (-789, What.ANSWERED)]
    full = with_marks(*begun, *late, *((minutes - 450, What.HEARD) for minutes in range(MOST - OLDEST - 2)))
    without_one = replace(full, timeline=full.timeline.wrote(What.HEARD, now(0)))
    without_answer = replace(full, timeline=without_one.timeline.wrote(What.HEARD, now(1)))
    assert What.ANSWERED in {mark.what for mark in without_one.timeline}
    assert What.ANSWERED not in {mark.what for mark in without_answer.timeline}
    assert touched(without_one, without_answer, TERMS, now(1)) == Touched()


def test_a_full_timeline_still_tells_how_soon_the_first_answer_came() -> None:
    begun = [(-900, What.HEARD), (-900, What.WAITING), (-899, What.ANSWERED)]
    timeline = with_marks(*begun).timeline
    for minutes in range(MOST):
        timeline = timeline.wrote(What.HEARD, now(minutes))
    assert len(timeline.marks) == MOST
    assert timeline.marks[2].what is What.ANSWERED
    assert timeline.marks[-1].at == now(MOST - 1)


def test_a_promise_and_a_score_that_are_forgotten_have_nothing_counted_again() -> None:
    def promised(number: int) -> Promise:
        made, ended = from_ms(now(60 * number - 1000)), from_ms(now(60 * number - 990))
        return Promise(f"pr_{number}", made, ended + timedelta(hours=1), "x", ended_at=ended, kept=True)

    def scored(number: int) -> Score:
        return Score(from_ms(now(60 * number - 2000)), ScoreKind.CSAT, 5, "sefa")

    marks = ((-3000, What.WAITING), (-2999, What.ACTIVE))
    before = with_marks(
        *marks, promises=tuple(map(promised, range(MOST_PROMISES))), scores=tuple(map(scored, range(MOST_SCORES)))
    )
    new = Promise("pr_new", from_ms(now(5)), from_ms(now(130)), "x")
    score = Score(from_ms(now(5)), ScoreKind.CSAT, 4, "sefa")
    after = replace(before, promises=(*before.promises[1:], new), scores=(*before.scores[1:], score))
    assert touched(before, after, TERMS, now(5)) == Touched((THIS, THIS + 2))
    late = replace(before.promises[3], ended_at=None, kept=False)
    corrected = replace(before, promises=(*before.promises[:3], late, *before.promises[4:]))
    assert {first for first, _ in touched(corrected, before, TERMS, now(5)).again} == {THIS - 13, THIS - 14}


def test_what_was_open_at_an_hours_end_is_told_by_the_marks_before_it() -> None:
    timeline = with_marks((0, What.WAITING), (30, What.RESOLVED), (70, What.WAITING)).timeline
    assert [open_at(timeline, now(at)) for at in (0, 1, 30, 31, 70, 71)] == [False, True, True, False, False, True]
