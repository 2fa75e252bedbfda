"""`decide` is pure, deterministic and total, and never gives work to somebody who cannot take it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from router.matching import AgentRow, Rules, Snapshot, WaitingRow, decide, decide_one, excluded, order

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = Rules(version="v1")
SKILLS = ("a", "b", "c")
CHANNELS = ("email", "sms", "webchat")

agents = st.builds(
    AgentRow,
    name=st.sampled_from([f"agent{n}" for n in range(8)]),
    presence=st.sampled_from(["online", "online", "away", "offline"]),
    free=st.integers(0, 12),
    counts=st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4)),
    idle_since=st.integers(0, 5000).map(lambda s: NOW - timedelta(seconds=s)),
    skills=st.frozensets(st.sampled_from(SKILLS)),
    limits=st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4)),
)
waitings = st.builds(
    WaitingRow,
    conversation=st.integers(0, 30).map(lambda n: f"c_{n}.default.1"),
    queue=st.just("q"),
    skill=st.sampled_from(SKILLS),
    channel=st.sampled_from(CHANNELS),
    units=st.integers(1, 6),
    priority=st.integers(1, 9),
    since=st.integers(0, 5000).map(lambda s: NOW - timedelta(seconds=s)),
)
snapshots = st.builds(
    Snapshot,
    pool=st.just("main"),
    agents=st.lists(agents, max_size=8, unique_by=lambda a: a.name).map(tuple),
    waiting=st.lists(waitings, max_size=10, unique_by=lambda w: w.conversation).map(tuple),
)


@given(snapshots)
def test_the_chosen_agent_is_able_and_nobody_before_it_in_order_could_be_served(snapshot: Snapshot) -> None:
    decision = decide(snapshot, RULES, NOW)
    served = [w for w in snapshot.waiting if any(excluded(a, w) is None for a in snapshot.agents)]
    if decision is None:
        assert not served
        return
    chosen = next(a for a in snapshot.agents if a.name == decision.agent)
    assert excluded(chosen, decision.waiting) is None
    assert decision.waiting == min(served, key=order)


@given(snapshots, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_decides_nothing(snapshot: Snapshot, random: object) -> None:
    shuffled_agents, shuffled_waiting = list(snapshot.agents), list(snapshot.waiting)
    random.shuffle(shuffled_agents)  # type: ignore[attr-defined]  # hypothesis gives a Random
    random.shuffle(shuffled_waiting)  # type: ignore[attr-defined]
    other = Snapshot(snapshot.pool, tuple(shuffled_agents), tuple(shuffled_waiting))
    assert decide(other, RULES, NOW) == decide(snapshot, RULES, NOW)


@given(snapshots)
def test_a_record_names_every_agent_once_with_a_reason_or_a_rank(snapshot: Snapshot) -> None:
    for waiting in snapshot.waiting:
        record = decide_one(snapshot, waiting, RULES, NOW).record()
        named = [row[0] for row in record["fit"]] + [name for names in record["excluded"].values() for name in names]
        assert sorted(named) == sorted(a.name for a in snapshot.agents)


def _agent(name: str, **changes: object) -> AgentRow:
    base = AgentRow(name, "online", 12, {}, NOW - timedelta(minutes=1), frozenset({"a"}), {})
    return replace(base, **changes)  # type: ignore[arg-type]  # changes are the row's own fields


WAITS = WaitingRow("c_x.default.1", "q", "a", "email", 6, 5, NOW - timedelta(minutes=3))


def test_the_fullest_agent_that_still_fits_is_chosen_so_that_room_for_large_work_stays_whole() -> None:
    snapshot = Snapshot("main", (_agent("empty"), _agent("half", free=6), _agent("full", free=5)), (WAITS,))
    decision = decide(snapshot, RULES, NOW)
    assert decision is not None
    assert decision.agent == "half"


def test_among_equals_the_longest_idle_is_chosen() -> None:
    rested = _agent("rested", idle_since=NOW - timedelta(hours=1))
    decision = decide(Snapshot("main", (_agent("busy"), rested), (WAITS,)), RULES, NOW)
    assert decision is not None
    assert decision.agent == "rested"


def test_the_first_reason_that_excludes_is_given() -> None:
    assert excluded(_agent("x", presence="away", skills=frozenset()), WAITS) == "presence:away"
    assert excluded(_agent("x", skills=frozenset({"b"})), WAITS) == "skill:a"
    assert excluded(_agent("x", free=5), WAITS) == "capacity"
    assert excluded(_agent("x", limits={"email": 2}, counts={"email": 2}), WAITS) == "limit:email"
    assert excluded(_agent("x", limits={"email": 2}, counts={"email": 1}), WAITS) is None


def test_a_higher_priority_is_served_before_an_older_wait() -> None:
    urgent = replace(WAITS, conversation="c_y.default.1", priority=1, since=NOW)
    decision = decide(Snapshot("main", (_agent("one"),), (WAITS, urgent)), RULES, NOW)
    assert decision is not None
    assert decision.conversation == urgent.conversation


def test_work_that_nobody_can_take_does_not_hold_back_what_somebody_can() -> None:
    stuck = replace(WAITS, conversation="c_s.default.1", skill="c", priority=1)
    decision = decide(Snapshot("main", (_agent("one"),), (stuck, WAITS)), RULES, NOW)
    assert decision is not None
    assert decision.conversation == WAITS.conversation
