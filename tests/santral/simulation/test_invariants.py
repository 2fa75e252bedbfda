"""What holds of every day that the simulator runs, whatever the chance and the policy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config import Agent, Config, Pool, Queue, Routing
from router.waiting import Kind
from santral.simulation.centre import Centre
from santral.simulation.experiment import experiment, trials
from santral.simulation.intervals import estimate
from santral.simulation.roles import Arrival, Coming, Reply
from santral.simulation.scenario import Scenario
from santral.simulation.tally import Tally
from santral.simulation.traffic import Chance, arrivals, comings
from tests.kit.amount import times
from tests.kit.centres import POLICIES, START, Log, Play, Watched, Whims, plays

DAYS = settings(max_examples=times(150), deadline=None)


def _played(play: Play) -> tuple[Watched, Log]:
    log = Log(play.config)
    centre = Watched(play, Whims(play.seed, 1000), log)
    centre.played(play)
    return centre, log


@DAYS
@given(plays())
def test_each_decision_is_that_of_a_look_at_the_whole_line_and_nothing_is_left_that_somebody_could_take(
    play: Play,
) -> None:
    centre, _ = _played(play)
    centre.looked_at()


@DAYS
@given(plays())
def test_everybody_is_answered_gives_up_or_is_turned_away_once_and_nobody_holds_more_than_they_may(play: Play) -> None:
    centre, log = _played(play)
    assert log.ends.keys() == {one.id for one in play.arrivals}
    for one in play.arrivals:
        waits_on = not log.ends[one.id] and one.patience is None and one.id in centre._waiting
        assert waits_on or len(log.ends[one.id]) == 1
    assert not any(log.holds.values())
    for load in centre._loads.values():
        assert (load.free, set(load.counts.values()) - {0}) == (load.units, set())


@DAYS
@given(plays())
def test_the_line_over_time_is_what_customers_waited_and_units_taken_are_what_conversations_held(play: Play) -> None:
    """Little's law as an identity: of one day, from an empty line on; who waits at the end has waited until then."""
    centre, log = _played(play)
    still = [one for one in play.arrivals if one.id in centre._waiting]
    assert centre.area == sum(log.waits.values()) + sum(centre.now - one.at for one in still)
    assert centre.used == log.held_units


# --- agents who are alike --------------------------------------------------------------------------------------------

CALLS = "calls"
TIERS = ("gold", "silver", "bronze", None)


def _alike(agents: int, policy: str) -> Config:
    return Config.model_validate(
        {
            "queues": [Queue(name=CALLS, skill=CALLS)],
            "agents": [
                Agent(name=f"agent{n}", display_name="", skills=frozenset({CALLS}), units=1) for n in range(agents)
            ],
            "pools": [Pool.model_validate({"name": "main", "policy": policy})],
            "routing": Routing(units={"webchat": 1}),
        }
    )


@dataclass(slots=True)
class InTurn:
    """Conversations take as long as is drawn when they begin: lengths that do not depend on whose turn it is."""

    lengths: list[int]

    def work(self, arrival: Arrival, agent: str) -> int:
        """The next one."""
        return self.lengths.pop()

    def replies(self, arrival: Arrival, agent: str) -> tuple[Reply, int]:
        """Nothing is offered."""
        return Reply.ACCEPTS, 0


@st.composite
def days(draw: st.DrawFn) -> tuple[int, list[Arrival], list[int]]:
    """Agents, customers of all classes, and lengths of conversations."""
    count = draw(st.integers(1, 40))
    gaps = draw(st.lists(st.integers(0, 40_000), min_size=count, max_size=count))
    found, at = [], START
    for number, gap in enumerate(gaps):
        at += gap
        kind = Kind(
            CALLS, "webchat", 1, draw(st.sampled_from((3, 5))), draw(st.sampled_from((5, 60, 600))), "default", "en",
            draw(st.sampled_from(TIERS)),
        )  # fmt: skip
        found.append(Arrival(f"c_{number:02}", at, kind, "main", None, 0))
    works = draw(st.lists(st.integers(1, 200_000), min_size=count, max_size=count))
    return draw(st.integers(1, 4)), found, works


@DAYS
@given(days(), st.sampled_from(POLICIES))
def test_no_order_makes_customers_wait_less_in_sum_where_their_work_is_alike(
    day: tuple[int, list[Arrival], list[int]], policy: str
) -> None:
    """Conservation, sum of rho_k W_k = rho W_FIFO, as an identity of each day.

    Where one distribution holds for all, a conversation's length may as well be drawn when it begins. Then the k-th to begin takes as
    long under any order, so as many wait at any time, and the sum of all waits is the same. rho_k W_k is that sum by class, over time.
    """
    agents, customers, works = day
    sums = {}
    for one in (policy, "fifo"):
        config = _alike(agents, one)
        log = Log(config)
        centre = Centre(config, InTurn(works[:]), log, START)
        centre.run(
            [replace(customer) for customer in customers], [Coming(START, a.name, "online") for a in config.agents]
        )
        assert log.waits.keys() == {customer.id for customer in customers}
        sums[one] = sum(log.waits.values())
    assert sums[policy] == sums["fifo"]


def _scenario(**more: object) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "overloaded",
            "config": {},
            "day": {"hours": 13, "measured": [1, 13]},
            "traffic": [
                {
                    "name": "calls", "channel": "webchat", "queues": CALLS, "per_hour": 360, "tiers": {"gold": 2, "silver": 3, "bronze": 5},
                    "handling": {"exponential": 1}, "patience": {"exponential": 2},
                }
            ],
            **more,
        }
    )  # fmt: skip


def _abandoned(rate: float, service: float, agents: int, patience: float) -> float:
    """Of M/M/n+M: the share that gives up, by the birth-death chain of how many are there."""
    weight, mass, line = 1.0, 0.0, 0.0
    for there in range(400):
        mass += weight
        line += weight * max(0, there - agents)
        weight *= rate / (min(there + 1, agents) * service + max(0, there + 1 - agents) * patience)
    return patience * line / mass / rate


def test_as_many_give_up_under_any_order_where_patience_is_one_exponential() -> None:
    scenario, expected = _scenario(), _abandoned(6, 1, 5, 0.5)
    found = experiment(trials(scenario, _alike(5, "fifo"), ("strict", "default")), 4, workers=1)
    for policy, counts in found.items():
        shares = [count.all.left / count.all.offered for count in counts]
        gold = sum(waits.left for count in counts for key, waits in count.classes.items() if key.tier == "gold")
        bronze = sum(waits.left for count in counts for key, waits in count.classes.items() if key.tier == "bronze")
        assert estimate(shares).half_width < 0.12 * expected
        assert estimate(shares).low <= expected <= estimate(shares).high, policy
        assert gold * 5 < bronze  # the order did matter to each


def test_what_is_counted_of_a_day_is_the_line_and_the_agents_over_time() -> None:
    scenario = _scenario(day={"hours": 3})
    config = _alike(5, "strict")
    customers = tuple(arrivals(scenario, config, 0))
    play = Play(config, customers, tuple(comings(scenario, config)), 0)
    tally = Tally(scenario, config)
    centre = Watched(play, Chance(scenario, config, 0), tally)
    centre.now = centre._seen = play.comings[0].at
    centre.run(play.arrivals, play.comings)
    counts = tally.finished(centre.now)
    assert counts.all.offered == len(customers) == counts.all.answered + counts.all.left
    assert counts.all.waited_all == centre.area
    measured = min(centre.now, play.comings[0].at + 3 * 3_600_000)
    assert sum(counts.held.values()) <= centre.used <= sum(counts.held.values()) + 5 * (centre.now - measured)
    assert sum(counts.room.values()) == pytest.approx(5 * 3 * 3_600_000)
