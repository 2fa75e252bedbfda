"""`decide` is pure, deterministic and total, agrees with a slow and obvious oracle, and says of everybody why not."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from router.config import Agent, Config, Pool, Queue, Step
from router.crew import numbers
from router.decisions import record
from router.floor import Floor
from router.loads import Load
from router.matching import Decision, Heads, Place, Rules, decide, decide_one, next_look, why_not
from router.snapshots import canonical
from router.waiting import Kind, WaitingRow
from tests.kit.floors import MANY, NOW, Scene, Verdict, crew, of_all, proficiency, reason, scenes, verdict, waited


def _decided(scene: Scene) -> Decision | None:
    return of_all(scene.floor, scene.rows, scene.rules, scene.now)


# --- against the oracle --------------------------------------------------------------------------------------------


@MANY
@given(scenes())
def test_the_most_urgent_that_somebody_can_take_goes_to_the_agent_whom_the_stated_order_puts_first(
    scene: Scene,
) -> None:
    verdicts = {one.row.conversation: one for row in scene.rows if (one := verdict(row, scene)) is not None}
    decision = _decided(scene)
    event(f"{scene.config.pools[0].policy}, {'matched' if decision else 'nothing'}")
    if decision is None:
        assert not verdicts
        return
    judged = verdicts[decision.conversation]
    assert decision.agent == judged.agent
    best = max(one.score for one in verdicts.values())
    level = [one for one in verdicts.values() if _about(one, best)]
    assert judged in level
    if all(one.score == best for one in level):  # a true tie, not one of rounding
        first = min(waited_longest for one in level for waited_longest in [(one.row.since, one.row.conversation)])
        assert (judged.row.since, judged.row.conversation) == first


def _about(one: Verdict, best: tuple[float, ...]) -> bool:
    return one.score == pytest.approx(best, rel=1e-9, abs=1e-300)


@MANY
@given(scenes())
def test_excluded_and_fit_part_the_crew_and_each_reason_is_the_first_that_holds(scene: Scene) -> None:
    floor, rules = scene.floor, scene.rules
    everybody = crew(scene)
    for row in scene.rows:
        decision = decide_one(floor, row, rules, scene.now)
        told = {floor.crew.names[n]: why for why, bits in decision.excluded for n in numbers(bits)}
        fit = set(floor.crew.named(decision.fit))
        assert sum(bits.bit_count() for _, bits in decision.excluded) == len(told)
        assert told.keys() | fit == {agent.name for agent in everybody}
        assert not told.keys() & fit
        for agent in everybody:
            expected = reason(agent, row, scene)
            assert told.get(agent.name) == expected
            assert why_not(floor, row, rules, agent.name, scene.now) == expected
        assert (decision.agent is None) == (not fit)
        judged = verdict(row, scene)
        assert decision.agent == (judged.agent if judged else None)
        assert why_not(floor, row, rules, "nobody-we-know", scene.now) == "configuration"


@MANY
@given(scenes())
def test_what_told_the_agent_from_the_others_is_true(scene: Scene) -> None:
    decision = _decided(scene)
    if decision is None:
        return
    judged = verdict(decision.row, scene)
    assert judged is not None
    agents = {agent.name: agent for agent in crew(scene)}
    free = {load.agent: load.free for load in scene.loads}
    mine = proficiency(decision.needs, agents[judged.agent])
    if len(judged.fit) == 1:
        assert decision.chosen == ("only",)
    elif scene.config.pools[0].last_agent and decision.row.preferred == judged.agent:
        assert decision.chosen == ("last agent",)
    else:
        equals = [name for name in judged.fit if proficiency(decision.needs, agents[name]) == mine]
        fullest = [name for name in equals if free[name] == free[judged.agent]]
        expected = []
        if len(equals) < len(judged.fit):
            expected.append(f"{'secondary' if mine[0] else 'primary'} skill, level {mine[1]}")
        if len(fullest) < len(equals):
            expected.append(f"fullest that fits, {free[judged.agent]} units free")
        if len(fullest) > 1:
            expected.append("longest idle")
        assert list(decision.chosen) == expected


# --- what must not matter ------------------------------------------------------------------------------------------


@MANY
@given(scenes())
def test_the_heads_of_the_classes_decide_what_the_whole_line_would(scene: Scene) -> None:
    whole = _decided(scene)
    heads = Heads(scene.rows).front(scene.rules, scene.now)
    event(f"{len(scene.rows) - _count(heads)} hidden")
    some = decide(scene.floor, heads, scene.rules, scene.now)
    assert _bytes(some) == _bytes(whole)


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_heads_in_hand_are_those_of_the_rows_in_hand_whatever_came_and_went_and_however_time_passed(
    scene: Scene, seed: int
) -> None:
    chance, rules, now = random.Random(seed), scene.rules, scene.now
    heads, rows = Heads(scene.rows[:4]), {row.conversation: row for row in scene.rows[:4]}
    for _ in range(12 if scene.rows else 0):
        row = chance.choice(scene.rows)
        if chance.random() < 0.4:
            heads.drop(row.conversation)
            rows.pop(row.conversation, None)
        else:
            changed = replace(row, kind=chance.choice(scene.rows).kind)
            heads.add(changed)
            rows[row.conversation] = changed
        now += timedelta(milliseconds=chance.choice((-5000, 0, 1, 1000, 30000)))
        assert sorted(map(repr, heads.front(rules, now))) == sorted(map(repr, Heads(rows.values()).front(rules, now)))
        assert sorted(map(repr, heads)) == sorted(map(repr, rows.values()))
        for one in scene.rows:
            assert (one.conversation in heads) == (one.conversation in rows)
            line = [row for row in rows.values() if row.kind == one.kind]
            assert list(heads.of(one.kind)) == sorted(line, key=lambda row: (row.since, row.conversation))


@MANY
@given(scenes())
def test_the_heads_do_not_grow_with_the_line(scene: Scene) -> None:
    rows = [replace(row, barred=()) for row in scene.rows]
    more = [replace(row, conversation=f"{row.conversation}{n}") for row in rows for n in range(5)]
    assert _count(Heads(more).front(scene.rules, scene.now)) == _count(Heads(rows).front(scene.rules, scene.now))


@MANY
@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_and_agents_are_read_decides_nothing(scene: Scene, chance: random.Random) -> None:
    agents, loads, rows = list(scene.config.agents), list(scene.loads), list(scene.rows)
    for one in (agents, loads, rows):
        chance.shuffle(one)
    other = Scene(scene.config.model_copy(update={"agents": tuple(agents)}), tuple(loads), tuple(rows), scene.others)
    assert _bytes(_decided(other)) == _bytes(_decided(scene))


@MANY
@given(scenes())
def test_the_same_inputs_give_the_same_bytes_and_nothing_is_changed_by_deciding(scene: Scene) -> None:
    floor, rules = scene.floor, scene.rules
    first = _bytes(of_all(floor, scene.rows, rules, scene.now))
    for row in scene.rows:
        decide_one(floor, row, rules, scene.now)
    assert _bytes(of_all(floor, scene.rows, rules, scene.now)) == first
    assert _bytes(_decided(scene)) == first


def _count(places: list[Place]) -> int:
    return sum(len(place.standing) for place in places)


def _bytes(decision: Decision | None) -> bytes:
    return b"" if decision is None else canonical(record(decision)).encode()


# --- small floors by name ------------------------------------------------------------------------------------------

QUEUE = Queue(name="q", skill="orders", first_response_minutes=10)
KIND = Kind("q", "email", 6, 5, 600, "acme", "en")
WAITS = WaitingRow("c_x.acme.1", KIND, NOW - timedelta(minutes=3))


def _agent(name: str, **changes: object) -> Agent:
    return Agent.model_validate({"name": name, "display_name": name, "skills": {"orders": 1}, **changes})


def _load(name: str, free: int = 12, idle: int = 60, **changes: object) -> Load:
    load = Load(name, "online", free, 12, {}, NOW - timedelta(seconds=idle))
    return replace(load, **changes)  # type: ignore[arg-type]  # changes are the load's own fields


def _scene(agents: list[Agent], loads: list[Load], *rows: WaitingRow, queue: Queue = QUEUE, **pool: object) -> Scene:
    pools = (Pool.model_validate({"name": "main", **pool}),)
    return Scene(Config(version="v1", agents=tuple(agents), queues=(queue,), pools=pools), tuple(loads), rows)


def _chosen(scene: Scene) -> tuple[str, str | None, tuple[str, ...]]:
    decision = _decided(scene)
    assert decision is not None
    return decision.conversation, decision.agent, decision.chosen


def test_the_fullest_agent_that_still_fits_is_chosen_so_that_room_for_large_work_stays_whole() -> None:
    agents = [_agent("empty"), _agent("half"), _agent("full")]
    loads = [_load("empty"), _load("half", free=6), _load("full", free=5)]
    assert _chosen(_scene(agents, loads, WAITS))[1:] == ("half", ("fullest that fits, 6 units free",))


def test_among_equals_the_longest_idle_is_chosen_and_of_those_idle_since_the_same_instant_the_first_by_name() -> None:
    agents = [_agent("b"), _agent("a"), _agent("rested")]
    loads = [_load("b"), _load("a"), _load("rested", idle=3600)]
    assert _chosen(_scene(agents, loads, WAITS))[1:] == ("rested", ("longest idle",))
    assert _chosen(_scene(agents, loads[:2], WAITS))[1:] == ("a", ("longest idle",))


def test_a_primary_skill_goes_before_a_higher_level_of_a_secondary_one_and_a_higher_level_before_a_fuller_agent() -> (
    None
):
    agents = [
        _agent("expert-besides", skills={"orders": 5}, secondary=["orders"]),
        _agent("good", skills={"orders": 3}),
        _agent("beginner"),
    ]
    loads = [_load("expert-besides"), _load("good"), _load("beginner", free=6)]
    assert _chosen(_scene(agents, loads, WAITS))[1:] == ("good", ("primary skill, level 3",))
    assert _chosen(_scene(agents, [loads[0], loads[2]], WAITS))[1] == "beginner"


def test_who_had_it_before_gets_it_when_they_can_take_it_and_it_never_waits_for_them() -> None:
    agents, loads = [_agent("best", skills={"orders": 5}), _agent("knows-her")], [_load("best"), _load("knows-her")]
    known = replace(WAITS, preferred="knows-her")
    assert _chosen(_scene(agents, loads, known))[1:] == ("knows-her", ("last agent",))
    assert _chosen(_scene(agents, [loads[0], _load("knows-her", free=5)], known))[1:] == ("best", ("only",))
    assert _chosen(_scene(agents, loads, known, last_agent=False))[1] == "best"


def test_an_agent_of_a_secondary_skill_takes_the_work_that_is_more_urgent_for_it_only_if_by_more_than_the_factor() -> (
    None
):
    queues = (QUEUE, Queue(name="r", skill="tech", first_response_minutes=10))
    agents = (_agent("one", skills={"orders": 1, "tech": 1}, secondary=["orders"]),)
    pools = (Pool(name="main", secondary_factor=0.8),)
    config = Config(version="v1", agents=agents, queues=queues, pools=pools)
    primary = WaitingRow("c_p.acme.1", replace(KIND, queue="r"), NOW - timedelta(seconds=300))
    for ahead, expected in ((100, primary.conversation), (115, WAITS.conversation)):  # exp(107 / 480) is 1 / 0.8
        secondary = replace(WAITS, since=primary.since - timedelta(seconds=ahead))
        decision = of_all(Floor(config, "main", [_load("one")], NOW), [primary, secondary], Rules(config, "main"), NOW)
        assert decision is not None
        assert decision.conversation == expected


def test_who_is_preferred_and_less_proficient_does_not_make_the_oldest_of_a_class_wait_behind_a_younger() -> None:
    agents = [_agent("best"), _agent("knows-her", secondary=["orders"])]
    older = replace(WAITS, conversation="c_o.acme.1", preferred="knows-her", since=WAITS.since - timedelta(seconds=1))
    scene = _scene(agents, [_load("best"), _load("knows-her")], older, WAITS, secondary_factor=0.1)
    assert _chosen(scene)[:2] == ("c_o.acme.1", "knows-her")


def test_a_far_target_leaves_the_order_by_weight_whole() -> None:
    far = replace(KIND, target=30 * 86400, priority=1)
    heavy = WaitingRow("c_h.acme.1", far, NOW - timedelta(seconds=5))
    light = WaitingRow("c_l.acme.1", replace(far, priority=9), NOW - timedelta(seconds=6))
    assert _chosen(_scene([_agent("one")], [_load("one")], light, heavy))[0] == heavy.conversation


def test_work_that_nobody_can_take_does_not_hold_back_what_somebody_can() -> None:
    queue = QUEUE.model_copy(update={"steps": (Step(needs="orders>=2", seconds=60),)})
    stuck = WaitingRow("c_s.acme.1", replace(KIND, priority=1), NOW - timedelta(seconds=59))
    agents = [_agent("one"), _agent("two", skills={"orders": 2})]
    scene = _scene(agents, [_load("one")], stuck, WAITS, queue=queue)
    assert _chosen(scene)[0] == WAITS.conversation
    relaxed = replace(stuck, since=NOW - timedelta(seconds=60))
    assert _chosen(replace(scene, rows=(relaxed, WAITS)))[0] == relaxed.conversation


def test_who_declined_holds_back_neither_the_conversation_nor_those_behind_it() -> None:
    declined = replace(WAITS, barred=(("one", NOW + timedelta(seconds=30)),))
    behind = WaitingRow("c_y.acme.1", KIND, NOW - timedelta(minutes=1))
    scene = _scene([_agent("one"), _agent("two")], [_load("one")], declined, behind)
    assert _bytes(decide(scene.floor, Heads(scene.rows).front(scene.rules, NOW), scene.rules, NOW)) != b""
    assert _chosen(scene)[:2] == (behind.conversation, "one")
    both = replace(scene, loads=(_load("one"), _load("two")))
    assert _chosen(both)[:2] == (declined.conversation, "two")
    assert why_not(scene.floor, declined, scene.rules, "one", NOW) == "declined"
    over = replace(declined, barred=(("one", NOW),))
    assert _chosen(replace(scene, rows=(over,)))[1] == "one"


def test_a_row_is_looked_at_again_when_its_next_step_begins_or_a_refusal_ends_and_never_after_that() -> None:
    queue = QUEUE.model_copy(update={"steps": (Step(needs="orders>=2", seconds=60), Step(needs="orders", seconds=30))})
    scene = _scene([_agent("one", skills={"orders": 2})], [], queue=queue)

    def look(row: WaitingRow, seconds: float) -> datetime | None:
        return next_look(row, scene.rules, row.since + timedelta(seconds=seconds))

    assert look(WAITS, 0) == WAITS.since + timedelta(seconds=60)
    assert look(WAITS, 59.999) == WAITS.since + timedelta(seconds=60)
    assert look(WAITS, 60) == WAITS.since + timedelta(seconds=90)
    assert look(WAITS, 90) is None
    barred = replace(WAITS, barred=(("one", WAITS.since + timedelta(seconds=75)),))
    assert look(barred, 60) == WAITS.since + timedelta(seconds=75)
    assert look(barred, 95) is None


def test_who_waits_since_a_time_to_come_has_waited_for_nothing() -> None:
    early = replace(WAITS, since=NOW + timedelta(seconds=9))
    scene = _scene([_agent("one")], [_load("one")], early)
    decision = _decided(scene)
    assert decision is not None
    assert decision.rung == 0
    assert waited(early, NOW) == 0


def test_a_claim_leaves_less_room_and_the_next_decision_sees_it() -> None:
    scene = _scene([_agent("a"), _agent("b")], [_load("a", idle=99), _load("b")], WAITS)
    floor, given_to = scene.floor, []
    for n in range(5):
        decision = of_all(floor, [replace(WAITS, conversation=f"c_{n}.acme.1")], scene.rules, NOW)
        if decision is None or decision.agent is None:
            break
        given_to.append(decision.agent)
        floor.claimed(decision.agent, 6, "email", NOW)
    assert given_to == ["a", "a", "b", "b"]
