"""How many more agents a target takes, and a centre with another number of agents."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from santral.simulation import crowd, files
from santral.simulation.files import Ready
from santral.simulation.sweep import Goal, Sweep, least

TWO = """
name: two queues
config:
  queues:
    - {name: billing, skill: billing, first_response_minutes: 0.5}
    - {name: support, skill: support, first_response_minutes: 0.5}
  skills: [{name: billing}, {name: support}]
  routing: {units: {webchat: 12}}
day: {hours: 4, measured: [1, 4]}
groups:
  - {name: billing, count: 2, skills: [billing]}
  - {name: support, count: 2, skills: [support]}
  - {name: both, count: 2, skills: [billing, support]}
traffic:
  - {name: chat, channel: webchat, per_hour: 50, queues: {billing: 1, support: 1}, tiers: {gold: 1, bronze: 3},
     handling: {exponential: 6}, patience: {exponential: 5}}
replications: 6
"""
OWN = """
name: agents of the configuration
config:
  queues: [{name: billing, skill: billing, first_response_minutes: 0.5}]
  skills: [{name: billing}]
  agents:
    - {name: ayse, display_name: Ayşe, skills: [billing]}
    - {name: mehmet, display_name: Mehmet, skills: [billing]}
    - {name: ayse-2, display_name: Ayşe B., skills: [billing]}
shifts:
  - {agents: [ayse, mehmet], shifts: {mon-sun: ["09:00-17:00"]}, pace: 1.5}
traffic: [{name: chat, channel: webchat, per_hour: 50, queues: billing, handling: {exponential: 6}}]
"""


def read(text: str, folder: Path) -> Ready:
    file = folder / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return files.read(file)


@pytest.fixture
def two(tmp_path: Path) -> Ready:
    return read(TWO, tmp_path)


@cache
def swept(share: float, group: str | None, folder: Path) -> Sweep:
    return least(read(TWO, folder), Goal(share), group, workers=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


@pytest.mark.parametrize("group", [None, "both"])
def test_the_answer_reaches_the_target_and_one_agent_less_does_not(folder: Path, group: str | None) -> None:
    found = swept(0.8, group, folder)
    assert found.least is not None
    assert found.more == found.least.agents - found.now
    by = {point.agents: point.service_level.low for point in found.points}
    assert by[found.least.agents] >= 0.8
    assert by[found.least.agents - 1] < 0.8


def test_more_is_asked_for_more_and_more_agents_reach_more(folder: Path) -> None:
    sweeps = [swept(share, None, folder) for share in (0.6, 0.8, 0.9)]
    needed = [one.least.agents for one in sweeps if one.least is not None]
    assert len(needed) == 3
    assert needed == sorted(needed)
    points = {point.agents: point for one in sweeps for point in one.points}
    for fewer, more in pairwise(points[number] for number in sorted(points)):
        assert more.service_level.mean >= fewer.service_level.mean
        assert more.occupancy.mean <= fewer.occupancy.mean


def test_the_same_number_is_the_same_in_every_sweep_and_by_any_number_of_processes(two: Ready, folder: Path) -> None:
    first = least(two, Goal(0.8), workers=2)
    assert first == swept(0.8, None, folder)


def test_what_many_agents_do_already_takes_fewer(two: Ready) -> None:
    found = least(crowd.of(two, "both", 20), Goal(0.5), "both", workers=1, replications=2)
    assert found.more is not None
    assert found.more < -10


def test_where_no_number_of_the_group_is_enough_there_is_none(two: Ready) -> None:
    found = least(crowd.of(two, "both", 0), Goal(0.999, queue="billing"), "support", most=4, workers=1, replications=2)
    assert (found.least, found.more) == (None, None)
    assert [point.agents for point in found.points][-1] == 4


def test_a_target_may_be_that_of_a_part(two: Ready) -> None:
    gold = least(two, Goal(0.8, tier="gold"), workers=1, replications=3)
    bronze = least(two, Goal(0.8, tier="bronze"), workers=1, replications=3)
    assert gold.least is not None
    assert bronze.least is not None
    assert gold.least.agents <= bronze.least.agents
    with pytest.raises(ValueError, match="nobody writes who is meant by the target: platinum, billing"):
        least(two, Goal(0.8, tier="platinum", queue="billing"), workers=1, replications=1)


def test_a_group_that_is_not_there_is_refused(two: Ready) -> None:
    with pytest.raises(ValueError, match="no group 'sales'; its groups: billing, support, both"):
        least(two, Goal(0.8), "sales")


# --- a centre with another number ------------------------------------------------------------------------------------


def test_all_in_proportion_are_each_group_in_proportion(two: Ready) -> None:
    assert crowd.kinds(crowd.of(two, None, 12)).groups == {"billing": 4, "support": 4, "both": 4}
    assert crowd.of(two, None, 6).scenario == two.scenario
    assert len(crowd.of(two, None, 30).config.agents) == 30


def test_an_agent_of_the_configuration_is_there_twice_with_a_name_of_their_own(tmp_path: Path) -> None:
    ready = read(OWN, tmp_path)
    more = crowd.of(ready, None, 5)
    assert [agent.name for agent in more.config.agents] == ["ayse", "ayse-3", "mehmet", "mehmet-2", "ayse-2"]
    assert more.scenario.shifts[0].agents == ("ayse", "ayse-3", "mehmet", "mehmet-2")
    fewer = crowd.of(ready, None, 1)
    assert [agent.name for agent in fewer.config.agents] == ["ayse"]
    assert fewer.scenario.shifts[0].agents == ("ayse",)


def test_a_centre_with_another_number_is_what_its_file_would_say(two: Ready, tmp_path: Path) -> None:
    written = yaml.safe_load(TWO)
    written["groups"][2]["count"] = 11
    again = read(yaml.safe_dump(written), tmp_path)
    made = crowd.of(two, "both", 11)
    assert made.scenario == again.scenario
    assert made.config.model_copy(update={"version": ""}) == again.config.model_copy(update={"version": ""})


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.integers(0, 100))
def test_a_seat_more_takes_none_from_anybody_and_all_are_given(weights: list[int], count: int) -> None:
    if not any(weights):
        return
    fewer, more = crowd.shared(count, weights), crowd.shared(count + 1, weights)
    assert sum(fewer) == count
    assert all(a <= b for a, b in zip(fewer, more, strict=True))
    assert crowd.shared(sum(weights), weights) == weights


MAIL = """
name: who alone can answer mail
config:
  queues: [{name: mail, skill: mail, first_response_minutes: 30}, {name: chat, skill: chat, first_response_minutes: 1}]
day: {hours: 4}
groups:
  - {name: chatters, count: 4, skills: [chat]}
  - {name: mailers, count: 2, skills: [mail]}
traffic:
  - {name: mail, channel: email, per_hour: 5, queues: mail, handling: {exponential: 8}}
  - {name: chat, channel: webchat, per_hour: 30, queues: chat, handling: {exponential: 8}}
replications: 3
"""


def test_where_nobody_could_ever_answer_a_kind_of_conversation_nothing_is_reached(tmp_path: Path) -> None:
    found = least(read(MAIL, tmp_path), Goal(0.5), "mailers", workers=1)
    assert found.points[0].agents == 0
    assert found.points[0].service_level.low > 0.5  # chats alone make it
    assert found.least is not None
    assert found.least.agents == 1


def test_it_says_how_many_of_which_group_reach_it(tmp_path: Path) -> None:
    found = least(read(MAIL, tmp_path), Goal(0.5), workers=1)
    assert found.least is not None
    assert sum(found.split.values()) == found.least.agents
    assert set(found.split) == {"chatters", "mailers"}
    assert found.split["chatters"] >= found.split["mailers"] >= 1
