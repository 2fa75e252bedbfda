"""Policies meet the same days, a seed says what happens, and it does not matter who computes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config import Config
from santral.simulation.experiment import experiment, replicate, trials, under
from santral.simulation.files import Ready, read
from santral.simulation.roles import Arrival
from santral.simulation.scenario import Day, Scenario
from santral.simulation.traffic import HOUR, Chance, arrivals
from tests.kit.amount import times
from tests.kit.centres import POLICIES

ROOT = Path(__file__).resolve().parents[3]
READY = read(ROOT / "scenarios" / "priorities.yaml")


def _short(**changes: Any) -> Scenario:
    day = READY.scenario.day.model_copy(update={"hours": 1.5, "measured": (0.5, 1.5)})
    return READY.scenario.model_copy(update={"day": day, **changes})


def _told(arrival: Arrival) -> tuple[Any, ...]:
    return arrival.id, arrival.at, arrival.kind, arrival.pool, arrival.patience, arrival.work


def _customers(scenario: Scenario, config: Config, replication: int = 0) -> list[tuple[Any, ...]]:
    return [_told(one) for one in arrivals(scenario, config, replication)]


def test_every_policy_meets_the_same_customers_who_bring_the_same_work() -> None:
    scenario = _short()
    first = _customers(scenario, READY.config)
    assert len(first) > 700
    for policy in POLICIES:
        assert _customers(scenario, under(READY.config, policy)) == first
    found = experiment(trials(scenario, READY.config, POLICIES), 2, workers=1)
    for number in range(2):
        offered = {
            policy: {key: w.offered for key, w in counts[number].classes.items()} for policy, counts in found.items()
        }
        assert len({tuple(sorted(one.items(), key=repr)) for one in offered.values()}) == 1
    waits = {policy: [count.all.waited for count in counts] for policy, counts in found.items()}
    assert waits["strict"] != waits["fifo"]


def test_who_writes_on_one_stream_does_not_depend_on_the_others_nor_on_the_agents() -> None:
    scenario = _short()
    gold = _short(traffic=scenario.traffic[:1])
    busier = [
        stream.model_copy(update={"per_hour": 300}) if stream.name == "silver" else stream
        for stream in scenario.traffic
    ]
    fewer = READY.config.model_copy(update={"agents": READY.config.agents[:3]})
    alone = _customers(gold, READY.config)
    assert alone
    for one, config in ((scenario, READY.config), (_short(traffic=tuple(busier)), READY.config), (scenario, fewer)):
        assert [told for told in _customers(one, config) if told[0].startswith("gold")] == alone


def test_a_seed_is_a_day_and_every_replication_another() -> None:
    trial = trials(_short(), READY.config, ("strict",))["strict"]
    other = trials(_short(seed=2), READY.config, ("strict",))["strict"]
    assert replicate(trial, 0) == replicate(trial, 0)
    assert replicate(trial, 0) != replicate(trial, 1)
    assert replicate(trial, 0) != replicate(other, 0)


def test_what_comes_out_does_not_depend_on_how_many_processes_compute_it() -> None:
    made = trials(_short(), READY.config, ("strict", "default"))
    alone = experiment(made, 3, workers=1)
    assert experiment(made, 3, workers=2) == alone
    assert experiment(dict(reversed(made.items())), 3, workers=3) == alone
    assert experiment(made, 2, workers=1) == {name: counts[:2] for name, counts in alone.items()}


@settings(max_examples=times(50))
@given(st.integers(0, 20), st.integers(0, 3), st.sampled_from(("agent-01", "agent-07")))
def test_what_an_agent_does_with_an_offer_is_drawn_by_the_conversation_whoever_asks(
    replication: int, offers: int, agent: str
) -> None:
    one = next(iter(arrivals(_short(), READY.config, replication)))
    one.offers = offers
    chance = Chance(_short(), READY.config, replication)
    before = chance.replies(one, "somebody")
    chance.replies(next(iter(arrivals(_short(), READY.config, replication + 1))), agent)
    assert chance.replies(one, agent) == before == Chance(_short(), READY.config, replication).replies(one, agent)


def test_a_trial_is_its_scenario_s_whatever_was_run_before() -> None:
    """Classes are weighed once a version: nothing of one configuration is left when another is tried."""
    strict = trials(_short(), READY.config, ("strict",))["strict"]
    alone = replicate(strict, 0)
    again: Ready = read(Path(__file__).resolve().parents[3] / "scenarios" / "priorities.yaml")
    for policy in ("fifo", "accumulating"):
        replicate(trials(_short(), again.config, (policy,))[policy], 0)
    assert replicate(strict, 0) == alone


ENDLESS = """
from pathlib import Path
from santral.simulation.experiment import experiment, trials
from santral.simulation.files import read
if __name__ == "__main__":
    ready = read(Path("scenarios/priorities.yaml"), {"day": {"hours": 0.1}})
    experiment(trials(ready.scenario, ready.config, ["fifo"]), 5_000, lambda: print("one", flush=True), 2)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_goes_on_once_an_experiment_was_broken_off(how: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, str(script)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # who runs tests in the background ignores it
    )  # fmt: skip
    try:
        assert running.stdout is not None
        assert running.stdout.readline() == "one\n"  # its processes are at work
        os.killpg(running.pid, how) if how is signal.SIGINT else running.send_signal(how)
        running.communicate(timeout=60)  # the pipe ends with the last process that holds it
        assert running.returncode != 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


def test_a_day_ends_where_the_next_begins_though_the_clock_goes_forward() -> None:
    changes = {"zone": "Europe/Berlin", "start": date(2026, 3, 28), "days": 2, "day": Day()}
    scenario = _short(**changes, traffic=READY.scenario.traffic[:1])
    times = [one.at for one in arrivals(scenario, READY.config, 0)]
    assert times == sorted(times), "the day of 23 hours is over before the next begins"
    trial = trials(scenario, READY.config, ["fifo"])["fifo"]
    counts = replicate(trial, 0)
    assert counts.span == 47 * HOUR
    assert counts.all.offered == len(times)
    assert {sum(1 for at in times if at // HOUR == hour) for hour in range(times[0] // HOUR, times[-1] // HOUR)} < set(
        range(70, 180)  # 120 an hour, and nowhere those of two days together
    )
