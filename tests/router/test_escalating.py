"""Escalation as a value: what is done at a stage, once, in the order of time; nothing is lowered and nobody loses what they have."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from router.clocks import BREACH, Stage
from router.config import Config
from router.conversations import MOST_WATCHERS, WAKE, Conversation, State
from router.escalating import Act, Event, escalated
from router.escalations import Escalation
from router.messages import ChannelName
from router.moves import waiting_again
from router.promises import CALLED
from router.targets import Sla, Target
from router.vouchers import code
from router.waiting import RELAXED

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BASE: dict[str, Any] = {
    "queues": [
        {"name": "genel", "skill": "genel", "steps": [{"needs": "genel>=4", "seconds": 600}]},
        {"name": "uzman", "skill": "uzman", "priority": 8},
        {"name": "usta", "skill": "usta", "pool": "ustalar"},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": {"genel": 5, "uzman": 1}},
        {"name": "can", "display_name": "Can", "skills": ["usta"], "pool": "ustalar"},
    ],
}
CONFIG = Config.model_validate(BASE)


def conversation(**fields: Any) -> Conversation:
    known: dict[str, Any] = {
        "contact": "p_a", "group": "default", "number": 1, "state": State.WAITING, "channel": ChannelName.SMS, "inbox": "sms",
        "queue": "genel", "pool": "main", "units": 3, "priority": 5, "address": "+15550199", "opened_at": NOW, "waiting_since": NOW,
        "stub": "0#c", "look_at": NOW,
    }  # fmt: skip
    return Conversation(**(known | fields))


def policy(*escalate: dict[str, Any]) -> Sla:
    return Sla.model_validate({"name": "quick", "first_response": 15, "escalate": list(escalate)})


def event(number: int = BREACH, target: Target = Target.FIRST_RESPONSE, of: str | None = None) -> Event:
    return Event(Stage(number, target, number, of), f"b_{target}{number}{of or ''}")


def done(c: Conversation, events: list[Event], *escalate: dict[str, Any]) -> tuple[Conversation, tuple[Act, ...]]:
    found = escalated(c, events, policy(*escalate), CONFIG, NOW)
    return found.after, found.acts


def test_a_priority_is_raised_and_never_above_the_first() -> None:
    after, acts = done(conversation(priority=2), [event()], {"at": "breach", "raise_by": 5})
    assert after.priority == 1
    assert acts[0].raised == (2, 1)
    again, acts = done(after, [event()], {"at": "breach", "raise_by": 5})
    assert (again.priority, acts[0].raised) == (1, None)


def test_a_queue_of_less_priority_does_not_lower_it() -> None:
    after, _ = done(conversation(), [event()], {"at": "breach", "queue": "uzman"})
    assert (after.queue, after.priority) == ("uzman", 5)


def test_what_waits_moves_with_its_wait_and_its_new_pool_is_woken() -> None:
    since = NOW - timedelta(minutes=20)
    after, acts = done(conversation(waiting_since=since), [event()], {"at": "breach", "queue": "usta"})
    assert (after.queue, after.pool, after.state, after.waiting_since) == ("usta", "ustalar", State.WAITING, since)
    assert (after.stub, after.look_at) == (None, None)
    assert WAKE in after.follow
    assert acts[0].moved == ("genel", "usta")


def test_what_moves_stays_under_its_policy_and_is_as_urgent_as_before() -> None:
    quick = policy({"at": "breach", "queue": "uzman"})
    config = Config.model_validate({**BASE, "sla": [quick.model_dump(mode="json")]})
    after = escalated(conversation(), [event()], quick, config, NOW).after
    assert (after.queue, after.sla, after.target) == ("uzman", "quick", 15 * 60)


def test_an_offer_that_nobody_has_accepted_moves_and_frees_who_it_was_offered_to() -> None:
    offered = conversation(state=State.OFFERED, agent="ayse", stub=None, offer_until=NOW)
    after, _ = done(offered, [event()], {"at": "breach", "queue": "uzman"})
    assert (after.queue, after.state, after.agent, after.offer_until) == ("uzman", State.WAITING, None, None)


@pytest.mark.parametrize("state", [State.ACTIVE, State.PENDING, State.SNOOZED])
def test_what_somebody_has_stays_theirs(state: State) -> None:
    held = conversation(state=state, agent="ayse", stub=None)
    after, acts = done(held, [event()], {"at": "breach", "queue": "uzman", "relax": True, "raise_by": 1})
    assert (after.queue, after.state, after.agent, after.require) == ("genel", state, "ayse", "[]")
    assert (acts[0].moved, acts[0].relaxed, acts[0].raised) == (None, False, (5, 4))


def test_a_requirement_that_is_relaxed_is_the_last_step_of_its_queue() -> None:
    c = conversation(require='[[60, "genel>=5"]]')
    after, acts = done(c, [event()], {"at": "breach", "relax": True})
    assert acts[0].relaxed
    assert after.require == RELAXED
    last = CONFIG.ladder("genel", c.kind.steps, "en")[-1].needs
    assert [(rung.after, rung.needs) for rung in CONFIG.ladder("genel", after.kind.steps, "en")] == [(0, last)]
    again, acts = done(after, [event()], {"at": "breach", "relax": True})
    assert (again, acts[0].relaxed) == (after, False)


def test_what_was_relaxed_asks_for_all_of_it_when_it_waits_anew() -> None:
    relaxed = conversation(require=RELAXED)
    assert waiting_again(relaxed, NOW, queue=None, config=CONFIG).require == "[]"
    resolved = replace(relaxed, state=State.RESOLVED, stub=None, resolved_at=NOW)
    assert waiting_again(resolved, NOW, queue="genel", config=CONFIG).require == "[]"


def test_where_there_are_no_steps_nothing_is_relaxed_and_the_place_in_line_stays() -> None:
    c = conversation(queue="uzman")
    after, acts = done(c, [event()], {"at": "breach", "relax": True})
    assert (after, acts[0].relaxed) == (c, False)


def test_watchers_come_once() -> None:
    after, acts = done(
        conversation(watchers=("can",)), [event()], *[{"at": "breach", "watch": ["ayse", "can", "gone"]}] * 2
    )
    assert after.watchers == ("can", "ayse")
    assert [one.watchers for one in acts] == [("ayse",), ()]


def test_watchers_are_so_many_at_most_and_those_who_did_not_come_are_not_told_of() -> None:
    some = tuple(f"a{number}" for number in range(MOST_WATCHERS - 1))
    after, (act,) = done(conversation(watchers=some), [event()], {"at": "breach", "watch": ["ayse", "can"]})
    assert (after.watchers, act.watchers) == ((*some, "ayse"), ("ayse",))


def test_a_stage_is_met_by_its_kind_by_its_share_and_by_its_target() -> None:
    steps: list[dict[str, Any]] = [
        {"at": 75, "raise_by": 1},
        {"at": "warning", "watch": ["ayse"]},
        {"at": "breach", "targets": ["resolution"], "raise_by": 1},
        {"at": "reminder", "raise_by": 1},
    ]
    for number, target, fits in (
        (75, Target.FIRST_RESPONSE, [0, 1]),
        (90, Target.FIRST_RESPONSE, [1]),
        (100, Target.FIRST_RESPONSE, []),
        (100, Target.RESOLUTION, [2]),
        (103, Target.RESOLUTION, [3]),
    ):
        _, acts = done(conversation(), [event(number, target)], *steps)
        assert [policy(*steps).escalate.index(one.by) for one in acts] == fits


def test_a_broken_promise_has_somebody_call_and_a_broken_call_has_nobody() -> None:
    make_good = {
        "at": "breach",
        "targets": ["promise"],
        "voucher": "OZUR",
        "call": {"queue": "uzman", "within": "2h"},
    }
    resolved = conversation(state=State.RESOLVED, stub=None, resolved_at=NOW)
    after, (act,) = done(resolved, [event(target=Target.PROMISE, of="pr_1")], make_good)
    assert act.makes_good
    assert (after.state, after.queue) == (State.WAITING, "uzman")
    (promise,) = after.promises
    assert (promise.by, promise.answer, promise.due_at) == (CALLED, False, NOW + timedelta(hours=2))
    later, (act,) = done(after, [event(target=Target.PROMISE, of=promise.id)], make_good)
    assert not act.makes_good
    assert later.promises == after.promises


def test_a_code_is_the_promise_s_and_has_no_letters_that_look_alike() -> None:
    found = code(b"key", "OZUR", "pr_1")
    assert found == code(b"key", "OZUR", "pr_1")
    assert len({code(b"key", "OZUR", f"pr_{n}") for n in range(2000)}) == 2000
    prefix, first, second = found.split("-")
    assert (prefix, len(first), len(second)) == ("OZUR", 4, 4)
    assert not set(first + second) & set("01OIL5S8BZ")
    assert code(b"other", "OZUR", "pr_1") != found


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"at": "breach"}, "does nothing"),
        ({"at": "breach", "voucher": "OZUR"}, "for a broken promise only"),
        ({"at": "breach", "targets": ["promise"], "call": {"queue": "a", "within": "end of day"}}, "such as 2h"),
        ({"at": 100, "raise_by": 1}, "less than or equal to 99"),
        ({"at": "breach", "notify": {"email": ["lead"]}}, "should match pattern"),
    ],
)
def test_an_escalation_that_cannot_be_is_refused(written: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Escalation.model_validate(written)


STEPS = st.lists(
    st.fixed_dictionaries(
        {"at": st.sampled_from([75, 90, "warning", "breach", "reminder"])},
        optional={
            "raise_by": st.integers(1, 8),
            "queue": st.sampled_from(["genel", "uzman", "usta"]),
            "watch": st.lists(st.sampled_from(["ayse", "can"]), min_size=1, max_size=2),
            "relax": st.just(True),
        },
    ).filter(lambda one: len(one) > 1),
    max_size=6,
)
EVENTS = st.lists(
    st.builds(event, st.sampled_from([75, 90, 100, 101, 102]), st.sampled_from([Target.ACCEPT, Target.RESOLUTION])),
    unique_by=lambda one: one.id,
    max_size=6,
)


@given(STEPS, EVENTS, st.sampled_from(State), st.integers(1, 9), st.data())
def test_looked_at_at_once_or_one_after_the_other_the_same_is_done_and_nothing_is_lowered(
    steps: list[dict[str, Any]], events: list[Event], state: State, priority: int, data: st.DataObject
) -> None:
    agent = "ayse" if state in (State.OFFERED, State.ACTIVE, State.PENDING, State.SNOOZED) else None
    c = conversation(state=state, agent=agent, priority=priority, stub=None, look_at=None)
    whole, acts = done(c, events, *steps)
    cut = data.draw(st.integers(0, len(events)))
    first, some = done(c, events[:cut], *steps)
    second, others = done(first, events[cut:], *steps)
    assert replace(second, follow=whole.follow, follow_at=whole.follow_at) == whole
    assert (*some, *others) == acts
    assert 1 <= whole.priority <= priority
    assert whole.priority == priority or not state.done
    assert whole.state is state or (state is State.OFFERED and whole.state is State.WAITING)
    if whole.state is not State.WAITING:
        assert whole.agent == agent
    for one in acts:
        assert one.raised is None or one.raised[0] > one.raised[1]
