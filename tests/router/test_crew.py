"""A crew's and a floor's masks say of every agent what looking at that agent alone would say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.config import Agent, Config, Queue
from router.crew import Crew, crew_of, mask, numbers
from router.floor import Floor
from router.loads import Load
from router.requirements import ANYBODY, met, read
from router.times import whole_ms
from tests.kit.floors import CHANNELS, HOURS, MANY, NOW, Scene, crew, needs, proficiency, scenes


def _agent(name: str, **changes: object) -> Agent:
    return Agent.model_validate({"name": name, "display_name": name, **changes})


@given(st.sets(st.integers(0, 300)))
def test_a_mask_holds_the_numbers_it_was_made_of(members: set[int]) -> None:
    assert list(numbers(mask(members))) == sorted(members)


@MANY
@given(scenes(), st.integers(0, 2**40))
def test_who_meets_a_requirement_and_how_well_is_as_each_agents_own_skills_say(scene: Scene, seed: int) -> None:
    known = Crew(crew(scene))
    tree = read(needs(Random(seed)))
    able = [agent.name for agent in known.agents if met(tree, agent.levels)]
    assert known.named(known.meet(tree)) == able
    groups = known.groups(tree)
    for secondary, level, members in groups:
        for name in known.named(members):
            assert proficiency(tree, known.agents[known.number[name]]) == (secondary, level)
    assert sorted(name for _, _, members in groups for name in known.named(members)) == able
    order = [(secondary, -level) for secondary, level, _ in groups]
    assert order == sorted(set(order))


def test_agents_are_numbered_by_name_and_those_of_another_pool_are_not_there() -> None:
    agents = (_agent("zoe"), _agent("ali", pool="other"), _agent("ben"))
    config = Config.model_construct(agents=agents)
    assert crew_of(config, "main").names == ("ben", "zoe")
    assert crew_of(config, "other").names == ("ali",)
    assert crew_of(config, "main") is crew_of(config, "main")
    later = Config.model_construct(agents=(*agents, _agent("can")))
    assert crew_of(later, "main").names == ("ben", "can", "zoe")


def test_the_level_of_several_skills_is_that_of_the_first_and_one_secondary_skill_makes_it_secondary() -> None:
    both = Crew(
        [
            _agent("a", skills={"billing": 5, "tr": 2}),
            _agent("b", skills={"billing": 3, "tr": 3}),
            _agent("c", skills={"billing": 5, "tr": 5}, secondary=["tr"]),
        ]
    )
    groups = [
        (secondary, level, both.named(members)) for secondary, level, members in both.groups(read(["billing", "tr"]))
    ]
    assert groups == [(False, 5, ["a"]), (False, 3, ["b"]), (True, 5, ["c"])]
    languages_first = both.groups(read([{"none": ["trainee"]}, "tr", "billing"]))
    assert [both.named(members) for _, _, members in languages_first] == [["b"], ["a"], ["c"]]


def test_of_several_that_would_do_the_best_skill_counts_and_what_must_not_be_had_gives_no_level() -> None:
    known = Crew([_agent("a", skills={"billing": 2, "orders": 4}), _agent("b", skills={"billing": 3, "trainee": 1})])
    either = [(level, known.named(members)) for _, level, members in known.groups(read({"any": ["billing", "orders"]}))]
    assert either == [(4, ["a"]), (3, ["b"])]
    assert known.named(known.meet(read("not trainee"))) == ["a"]
    assert known.groups(read("not trainee")) == ((False, 5, 1),)
    assert known.groups(ANYBODY) == ((False, 5, 3),)
    assert known.groups(read("nobody-has-this")) == ()


def test_an_agent_without_brands_answers_for_all() -> None:
    known = Crew([_agent("all"), _agent("one", brands=["acme"])])
    assert known.named(known.may_answer("acme")) == ["all", "one"]
    assert known.named(known.may_answer("other")) == ["all"]


def test_a_pool_without_agents_has_an_empty_crew() -> None:
    nobody = Crew([])
    assert (nobody.everybody, nobody.meet(ANYBODY), nobody.groups(ANYBODY)) == (0, 0, ())


# --- the floor -----------------------------------------------------------------------------------------------------


@MANY
@given(scenes(), st.integers(0, 13))
def test_room_limits_and_who_is_ready_are_as_each_load_says(scene: Scene, units: int) -> None:
    floor, config = scene.floor, scene.config
    loads = {load.agent: load for load in scene.loads}
    agents = crew(scene)
    assert set(floor.loads) == loads.keys() & {agent.name for agent in agents}
    there = [loads[agent.name] for agent in agents if agent.name in loads]
    assert floor.crew.named(floor.room(units)) == [load.agent for load in there if load.free >= units]
    for channel in CHANNELS:
        full = [
            agent.name
            for agent in agents
            if channel in agent.limits
            and agent.limits[channel] <= (loads[agent.name].counts.get(channel, 0) if agent.name in loads else 0)
        ]
        assert floor.crew.named(floor.full(channel)) == full
    closed = {one.name for one in config.calendars if not config.is_open(one.name, NOW)}
    ready = [
        load.agent
        for load, agent in ((load, config.agent(load.agent)) for load in there)
        if agent is not None
        and load.presence in ("online", "back-office")
        and agent.hours not in closed
        and (load.paused_until is None or load.paused_until <= NOW)
        and (load.wrap_until is None or load.wrap_until <= NOW)
    ]
    assert floor.crew.named(floor.ready & floor.room(0)) == ready  # room(0): whose loads were read


@MANY
@given(scenes())
def test_every_agent_has_one_presence_and_who_never_came_in_is_offline(scene: Scene) -> None:
    floor = scene.floor
    assert sum(floor.presences.values()) == floor.crew.everybody
    for agent in crew(scene):
        load = floor.loads.get(agent.name)
        bits = floor.presences[scene.others.get(agent.name, "offline") if load is None else load.presence]
        assert bits >> floor.crew.number[agent.name] & 1


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_a_floor_that_gave_work_away_is_the_one_that_would_be_read_afresh(scene: Scene, seed: int) -> None:
    floor, chance = scene.floor, Random(seed)
    for n in range(6):
        roomy = sorted(name for name, load in floor.loads.items() if load.free >= 3)
        if not roomy:
            break
        agent, channel = chance.choice(roomy), chance.choice(CHANNELS)
        floor.room(3), floor.full(channel), floor.longest_idle(1 << floor.crew.number[agent])
        floor.claimed(agent, 3, channel, NOW + timedelta(seconds=n))
    afresh = Floor(scene.config, "main", floor.loads.values(), NOW, scene.others)
    assert [floor.room(units) for units in range(14)] == [afresh.room(units) for units in range(14)]
    assert [floor.full(channel) for channel in CHANNELS] == [afresh.full(channel) for channel in CHANNELS]
    assert (floor.ready, floor.presences) == (afresh.ready, afresh.presences)
    present = mask(floor.crew.number[name] for name in floor.loads)
    if present:
        assert floor.longest_idle(present) == afresh.longest_idle(present)


def test_by_hand_neither_hours_nor_a_pause_nor_a_wrap_up_count_and_presence_does() -> None:
    scene_agents = (_agent("closed", hours="night", skills=["x"]), _agent("paused"), _agent("wraps"), _agent("away"))
    config = Config.model_construct(agents=scene_agents, queues=(Queue(name="q", skill="x"),), calendars=HOURS)
    later = NOW + timedelta(minutes=1)
    loads = [
        _load("closed"),
        _load("paused", paused_until=later),
        _load("wraps", wrap_until=later),
        _load("away", presence="away"),
    ]
    assert Floor(config, "main", loads, NOW).ready == 0
    by_hand = Floor(config, "main", loads, NOW, by_hand=True)
    assert by_hand.crew.named(by_hand.ready) == ["closed", "paused", "wraps"]


@pytest.mark.parametrize("size", [5, 64, 65, 700])
def test_the_longest_idle_is_found_among_few_and_many_and_after_work_was_given_away(size: int) -> None:
    chance = Random(size)
    names = [f"a{n:04d}" for n in range(size)]
    config = Config.model_construct(agents=tuple(_agent(name) for name in names))
    loads = [replace(_load(name), idle_since=NOW - timedelta(seconds=chance.randint(1, 90))) for name in names]
    floor = Floor(config, "main", loads, NOW)
    for n in range(min(size, 40)):
        expected = min(names, key=lambda name: (floor.loads[name].idle_since, name))
        assert names[floor.longest_idle(floor.crew.everybody)] == expected
        floor.claimed(expected, 1, "sms", NOW + timedelta(seconds=n))


def test_the_fullest_that_fits_are_those_with_the_least_room_that_is_enough() -> None:
    config = Config.model_construct(agents=tuple(_agent(name) for name in "abcd"))
    floor = Floor(
        config, "main", [_load("a", free=12), _load("b", free=6), _load("c", free=6), _load("d", free=5)], NOW
    )
    free, members = floor.fullest(floor.crew.everybody, 6)
    assert (free, floor.crew.named(members)) == (6, ["b", "c"])
    with pytest.raises(ValueError, match="nobody has room"):
        floor.fullest(floor.crew.everybody, 13)


def test_an_instant_is_taken_to_the_millisecond() -> None:
    assert whole_ms(NOW.replace(microsecond=123999)) == NOW.replace(microsecond=123000)
    assert whole_ms(NOW) is NOW


def _load(name: str, free: int = 12, presence: str = "online", **changes: object) -> Load:
    return replace(Load(name, presence, free, 12, {}, NOW), **changes)  # type: ignore[arg-type]  # fields of Load
