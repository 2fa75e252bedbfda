"""Simulated conversations a second on the reference centre, a grid of policies and loads, and memory by days.

Each measurement runs in a process of its own; the peak of memory is the process's, as the system counts it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from santral.emulator import ROOT

REFERENCE = ROOT / "scenarios" / "reference.yaml"
POLICIES = ("default", "fifo", "strict", "edf", "accumulating")
LOADS = (0.75, 0.85, 0.95, 1.05)
DAYS = (1, 5, 25)


@dataclass(frozen=True, slots=True)
class Day:
    """One reference day at a load: customers, and the seconds of a processor that it took, the least of several runs."""

    load: float
    customers: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Conversations."""
        return self.customers / self.seconds


@dataclass(frozen=True, slots=True)
class Grid:
    """Replications of policies at loads, over all processors: how many days in all, and how long that took."""

    days: int
    seconds: float
    processors: int


@dataclass(frozen=True, slots=True)
class Peak:
    """Megabytes at most of a process that simulated so many days in one go."""

    days: int
    customers: int
    most: float


def day(load: float, runs: int) -> Day:
    """Simulate the reference day under the default policy."""
    from santral.simulation.experiment import replicate, trials
    from santral.simulation.files import read

    ready = read(REFERENCE)
    scenario = ready.scenario.model_copy(update={"day": ready.scenario.day.model_copy(update={"measured": None})})
    (trial,) = trials(scenario, ready.config, ["default"], load).values()
    found = []
    for _ in range(runs):
        begun = process_time()
        counts = replicate(trial, 0)
        found.append(process_time() - begun)
    return Day(load, counts.all.offered, min(found))


def grid(replications: int) -> Grid:
    """Every policy at every load, so many times each, over all processors."""
    import os

    from santral.simulation.experiment import experiment, trials
    from santral.simulation.files import read

    ready = read(REFERENCE)
    cells = {
        f"{name} {load}": trial
        for load in LOADS
        for name, trial in trials(ready.scenario, ready.config, POLICIES, load).items()
    }
    begun = perf_counter()
    experiment(cells, replications)
    return Grid(len(cells) * replications, perf_counter() - begun, os.cpu_count() or 1)


def peaks(sizes: Sequence[int]) -> list[Peak]:
    """The peak of memory by days."""
    return [Peak(**_elsewhere(days)) for days in sizes]


def _elsewhere(days: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "santral.bench.simulation", str(days)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _most() -> float:
    """Megabytes that this process had at most; not those of the one that began it, which the system counts in elsewhere."""
    import re
    import resource

    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(), re.M)):
        return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)


def _main(days: int) -> None:
    from santral.simulation.experiment import replicate, trials
    from santral.simulation.files import read

    ready = read(REFERENCE)
    scenario = ready.scenario.model_copy(update={"days": days})
    (trial,) = trials(scenario, ready.config, ["default"]).values()
    counts = replicate(trial, 0)
    print(json.dumps({"days": days, "customers": counts.all.offered, "most": _most()}))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
