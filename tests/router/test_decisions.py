"""A decision as it is kept: compact, told again in names, and made again from what it saw, byte for byte (P6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.aws.codec import pack, unpack
from router.config import Agent, Config, Queue
from router.decisions import in_names, packed, record, unpacked
from router.floor import Floor
from router.loads import Load
from router.matching import Decision, Rules, decide_one
from router.snapshots import Roster, again, canonical, changed, seen, states_of, worth_keeping
from router.waiting import Kind, WaitingRow
from tests.kit.floors import MANY, NOW, Scene, crew, of_all, scenes

QUEUE = Queue(name="q", skill="orders", first_response_minutes=10)
QUEUES = tuple(QUEUE.model_copy(update={"name": name}) for name in "qrs")
KIND = Kind("q", "email", 6, 5, 600, "acme", "en", "gold")


def _kept(decision: Decision, scene: Scene, floor: Floor, roster: Roster) -> dict[str, Any]:
    """As it comes out of the table, whose attributes are packed JSON."""
    rows = [one.row for one in decision.contenders] or [decision.row]
    differences = changed(roster, states_of(floor.loads.values(), scene.others))
    return unpack(pack({**record(decision), "seen": seen(roster.address, differences, floor.at, rows)}))


def _replayed(kept: Mapping[str, Any], roster: Roster, config: Config) -> str:
    return canonical(again(kept, Roster(roster.pool, unpack(pack(roster.states))), config))


# --- made again ----------------------------------------------------------------------------------------------------


@MANY
@given(scenes(), st.integers(0, 2**32), st.integers(0, 999_999))
def test_every_decision_and_every_wait_is_made_again_byte_for_byte(scene: Scene, seed: int, micro: int) -> None:
    """The roster was kept earlier; since then agents came, left, took work; the clock counts microseconds."""
    chance = Random(seed)
    now = NOW.replace(microsecond=micro)
    roster = Roster("main", states_of(_earlier(scene.loads, chance)))
    floor = Floor(scene.config, "main", scene.loads, now, scene.others)
    roomy = sorted(name for name, load in floor.loads.items() if load.free >= 3)
    if roomy and chance.random() < 0.5:
        floor.claimed(chance.choice(roomy), 3, "sms", now - timedelta(microseconds=chance.randint(0, 9999)))
    later = now + timedelta(microseconds=chance.randint(0, 5_000_000))
    made = [of_all(floor, scene.rows, scene.rules, later)]
    made += [decide_one(floor, row, scene.rules, later) for row in scene.rows]
    for decision in filter(None, made):
        kept = _kept(decision, scene, floor, roster)
        assert _replayed(kept, roster, scene.config) == canonical(kept)


def _earlier(loads: Iterable[Load], chance: Random) -> list[Load]:
    known = [load for load in loads if chance.random() < 0.8]
    known = [replace(load, free=9, presence="away") if chance.random() < 0.3 else load for load in known]
    return [*known, Load("agent-who-left", "online", 12, 12, {}, NOW)]


def test_a_decision_is_made_again_only_from_its_own_roster_and_version() -> None:
    scene = _scene(["a"])
    roster = Roster("main", states_of(scene.loads))
    decision = of_all(scene.floor, scene.rows, scene.rules, NOW)
    assert decision is not None
    kept = _kept(decision, scene, scene.floor, roster)
    other = Roster("main", {**roster.states, "b": ["online", 12, {}]})
    with pytest.raises(ValueError, match="is not the one that the decision names"):
        again(kept, other, scene.config)
    with pytest.raises(ValueError, match="is not the one that the decision names"):
        again(kept, roster, scene.config.model_copy(update={"version": "v2"}))


def test_a_record_that_was_altered_is_found_out() -> None:
    scene = _scene(["a", "b"])
    roster = Roster("main", states_of(scene.loads))
    decision = of_all(scene.floor, scene.rows, scene.rules, NOW)
    assert decision is not None
    kept = _kept(decision, scene, scene.floor, roster)
    for altered in ({"agent": "b"}, {"score": [0, 9]}, {"fit": packed(2)}, {"excluded": {"declined": packed(2)}}):
        assert _replayed(kept | altered, roster, scene.config) != canonical(kept | altered)


@MANY
@given(scenes(), st.integers(0, 2**32))
def test_a_roster_and_its_differences_are_the_roster_that_is(scene: Scene, seed: int) -> None:
    now = states_of(scene.loads, scene.others)
    roster = Roster("main", states_of(_earlier(scene.loads, Random(seed))))
    differences = changed(roster, now)
    told = {name: state for name, state in {**roster.states, **differences}.items() if state is not None}
    assert told == now
    assert changed(Roster("main", now), now) == {}
    backwards = Roster("main", dict(reversed(now.items())))
    assert backwards.address == Roster("main", now).address


def test_a_new_roster_is_kept_when_the_differences_have_grown_and_not_for_a_few() -> None:
    states: dict[str, Any] = {f"agent-{n}": ["online", 12, {}, 1_700_000_000_000 + n] for n in range(200)}
    roster = Roster("main", states)
    few = {name: ["online", 6, {"email": 1}, 1_700_000_100_000] for name in list(states)[:5]}
    many = {name: ["online", 6, {"email": 1}, 1_700_000_100_000] for name in list(states)[:40]}
    assert not worth_keeping(roster, {})
    assert not worth_keeping(roster, few)
    assert worth_keeping(roster, many)


# --- what it says --------------------------------------------------------------------------------------------------


@MANY
@given(scenes())
def test_in_names_a_record_names_everybody_of_the_pool_once(scene: Scene) -> None:
    for row in scene.rows:
        told = in_names(record(decide_one(scene.floor, row, scene.rules, NOW)), scene.config)
        named = told["fit"] + [name for names in told["excluded"].values() for name in names]
        assert sorted(named) == [agent.name for agent in crew(scene)]
        assert (told["agent"] in told["fit"]) == bool(told["fit"])


def test_a_record_says_what_was_asked_who_was_chosen_why_and_who_else_waited() -> None:
    kinds = {20: replace(KIND, queue="r"), 10: replace(KIND, queue="s"), 9: KIND}
    second, third, same = (WaitingRow(f"c_{n}.acme.1", kinds[n], NOW - timedelta(seconds=n)) for n in kinds)
    scene = _scene(["ali", "can", "eda"], ROW, third, same, second, eda={"presence": "away"}, can={"free": 6})
    decision = of_all(scene.floor, scene.rows, scene.rules, NOW)
    assert decision is not None
    assert in_names(record(decision), scene.config) == {
        "v": 2, "config": "v1", "policy": "default", "pool": "main", "conversation": "c_x.acme.1", "at": 1772443800000,
        "agent": "can", "queue": "q", "channel": "email", "units": 6, "priority": 5, "needs": "orders", "rung": 0,
        "waited_ms": 180000, "target_s": 600, "score": [0, 0.833724], "fit": ["ali", "can"],
        "excluded": {"presence:away": ["eda"]}, "tier": "gold", "chosen": ["fullest that fits, 6 units free"], "others": 2,
        "next": [["c_20.acme.1", 0, 0.597389], ["c_10.acme.1", 0, 0.585073]],
    }  # fmt: skip


def test_of_many_agents_only_how_many_they_are() -> None:
    scene = _scene([f"a{n}" for n in range(12)])
    kept = record(decide_one(scene.floor, ROW, scene.rules, NOW))
    assert in_names(kept, scene.config, most=11)["fit"] == 12
    assert len(in_names(kept, scene.config, most=12)["fit"]) == 12


def test_of_the_classes_that_waited_with_it_three_are_named_by_their_first_and_all_are_counted() -> None:
    others = [WaitingRow(f"c_{n}.acme.1", replace(KIND, target=900 + n), NOW) for n in range(9)]
    decision = of_all(_scene(["a"]).floor, [ROW, *others], _scene(["a"]).rules, NOW)
    assert decision is not None
    kept = record(decision)
    assert (kept["others"], len(kept["next"])) == (9, 3)


@given(st.integers(0, 2**600))
def test_a_mask_is_read_as_it_was_written(bits: int) -> None:
    assert unpacked(packed(bits)) == bits


def test_a_text_that_is_no_mask_is_refused() -> None:
    with pytest.raises(ValueError):
        unpacked("no mask")


FIELDS = {
    "v", "config", "policy", "pool", "conversation", "at", "agent", "queue", "channel", "units", "priority", "needs", "rung",
    "waited_ms", "target_s", "score", "fit", "excluded", "tier", "preferred", "chosen", "others", "next", "seen",
}  # fmt: skip


@MANY
@given(scenes())
def test_a_record_holds_ids_names_of_the_configuration_and_numbers_and_nothing_of_a_customers(scene: Scene) -> None:
    """A new field is a decision about people's data: say here that it may be kept, and for how long it is."""
    words = {agent.name for agent in scene.config.agents} | {row.conversation for row in scene.rows} | {"somebody-else"}
    for row in scene.rows:
        floor = scene.floor
        kept = _kept(decide_one(floor, row, scene.rules, NOW), scene, floor, Roster("main", {}))
        assert kept.keys() <= FIELDS
        assert set(kept["seen"]) == {"roster", "changed", "read_at", "kinds", "rows"}
        for conversation, _, _, *rest in kept["seen"]["rows"]:
            preferred, bars = rest or (None, [])
            assert {conversation, preferred or conversation, *(name for name, _ in bars)} <= words


def test_a_record_of_five_thousand_agents_of_many_skills_stays_in_kilobytes() -> None:
    chance = Random(1)
    skills = [f"s{n}" for n in range(40)]
    agents = tuple(
        Agent(
            name=f"agent-{n:04d}", display_name=f"agent-{n:04d}", limits={"email": 2},
            skills={skill: chance.randint(1, 5) for skill in chance.sample(skills, 4)},
        )
        for n in range(5000)
    )  # fmt: skip
    assert len({frozenset(agent.levels.items()) for agent in agents}) > 4500
    queue = Queue(name="q", skill={"any": ["s1>=2", ["s2", "s3"], "s4"]})
    config = Config.model_construct(version="v1", agents=agents, queues=(queue,))
    loads = [_anywhere(agent.name, chance) for agent in agents]
    floor, rules = Floor(config, "main", loads, NOW), Rules(config, "main")
    roster = Roster("main", states_of(loads[20:]))
    rows = [replace(ROW, conversation=f"c_{n}.acme.1", kind=replace(KIND, priority=n)) for n in range(1, 10)]
    decision = of_all(floor, rows, rules, NOW)
    assert decision is not None
    assert {reason for reason, _ in decision.excluded} > {"paused", "wrap-up", "capacity", "limit:email"}
    size = len(pack(_kept(decision, Scene(config, (), ()), floor, roster)))
    assert size < 8000, f"{size:,} bytes; it was 3,654 when this was written"


def _anywhere(name: str, chance: Random) -> Load:
    later = NOW + timedelta(minutes=1)
    return Load(
        name, chance.choice(("online", "online", "online", "away", "offline")), chance.choice((0, 4, 6, 12)), 12,
        {"email": chance.randint(0, 2)}, NOW - timedelta(seconds=chance.randint(0, 9999)),
        paused_until=later if chance.random() < 0.05 else None, wrap_until=later if chance.random() < 0.05 else None,
    )  # fmt: skip


ROW = WaitingRow("c_x.acme.1", KIND, NOW - timedelta(minutes=3))


def _scene(names: list[str], *rows: WaitingRow, **changes: dict[str, Any]) -> Scene:
    agents = tuple(Agent(name=name, display_name=name, skills=frozenset({"orders"})) for name in names)
    loads = [Load(name, "online", 12, 12, {}, NOW - timedelta(minutes=1)) for name in names]
    loads = [replace(load, **changes.get(load.agent, {})) for load in loads]
    return Scene(Config(version="v1", agents=agents, queues=QUEUES), tuple(loads), rows or (ROW,))


def test_the_instant_of_a_record_is_the_one_it_was_decided_at_to_the_millisecond() -> None:
    scene, now = _scene(["a"]), datetime.fromisoformat("2026-03-02T09:30:00.123999+00:00")
    assert record(decide_one(scene.floor, ROW, scene.rules, now))["at"] == 1772443800123
