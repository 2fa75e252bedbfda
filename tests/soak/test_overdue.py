"""A hundred thousand clocks ran out while nobody looked: the workers come back, are killed again and again, and act once on each."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from router.aws.configs import Configs
from router.aws.rows import DUE_SHARDS
from router.aws.table import Table
from router.config import Config
from santral.bench import bed
from santral.emulator import ROOT, Emulator, Stack
from tests.kit import overdue
from tests.kit.world import CONFIG

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400)]

MANY = int(os.environ.get("SOAK_DUE", "100000"))
WORKERS = 2  # processes, each with its half of the shards
KILLS = 12
FLAT = 24  # megabytes by which a worker may be larger at its end than once it had warmed up
WARM = 10.0  # seconds


@dataclass
class Worker:
    """A process of the due function, begun again whenever it was killed. Sizes are in megabytes."""

    shards: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    killed: int = 0
    warm: int = 0
    peak: int = 0
    grown: int = 0
    done: bool = False

    def begin(self) -> None:
        """Start it, or start it again."""
        command = [sys.executable, "-m", "tests.soak.due_worker", *self.shards]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL)
        self.began, self.warm = time.monotonic(), 0

    def look(self) -> None:
        """Note how large it is, and whether it came to its end."""
        assert self.process is not None
        if self.process.poll() is not None:
            assert self.process.returncode == 0
            self.done = True
            return
        size = _peak_of(self.process.pid)
        self.peak = max(self.peak, size)
        if time.monotonic() - self.began > WARM:
            self.warm = self.warm or size
            self.grown = max(self.grown, size - self.warm)

    def kill(self) -> None:
        """In the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.killed += 1
        self.begin()


def _peak_of(pid: int) -> int:
    """The most memory a process ever had."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _processor_seconds() -> float:
    """What processes of ours that have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def quiet() -> Iterator[Stack]:
    """A deployment in which no schedule fires and no function takes from a queue."""
    with Emulator(state=ROOT / "build" / "soak") as emulator:
        stack = emulator.deploy(SandboxUrl=emulator.http_url)
        scheduler = stack.client("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        bed.listening(stack, False)
        Configs(bed.dynamo(stack)).apply(Config.model_validate(CONFIG))
        yield stack


def test_each_of_a_hundred_thousand_due_clocks_is_acted_on_once_in_bounded_memory_whatever_is_killed(
    record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    with quiet() as stack:
        dynamo, made = bed.dynamo(stack), overdue.items(MANY, datetime.now(UTC))
        while some := list(islice(made, 1000)):
            dynamo.write_many(some)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= bed.environment(stack) | {"LOG_LEVEL": "ERROR"}
        workers = [
            Worker([str(shard) for shard in range(DUE_SHARDS) if shard % WORKERS == number], environment)
            for number in range(WORKERS)
        ]
        began, worked = time.monotonic(), _processor_seconds()
        seconds, next_kill = 0.0, began + chance.uniform(3, 12)
        try:
            for worker in workers:
                worker.begin()
            while not all(worker.done for worker in workers):
                time.sleep(0.2)
                for worker in workers:
                    worker.look()
                running = [worker for worker in workers if not worker.done]
                if running and sum(w.killed for w in workers) < KILLS and time.monotonic() > next_kill:
                    chance.choice(running).kill()
                    next_kill = time.monotonic() + chance.uniform(3, 12)
            seconds = time.monotonic() - began
        finally:
            for worker in workers:
                if worker.process is not None:
                    worker.process.kill()
                    worker.process.wait()
        worked = _processor_seconds() - worked
        table = Table(dynamo, b"")
        left, told = overdue.waiting_still(table, MANY), overdue.told(table, MANY)
    said: dict[str, Any] = {
        "seed": seed, "due": MANY, "killed": sum(worker.killed for worker in workers), "seconds": round(seconds),
        "a second": round(MANY / seconds), "processor ms each": round(worked * 1000 / MANY, 2),
        "peak megabytes": max(worker.peak for worker in workers),
        "grown megabytes": max(worker.grown for worker in workers),
    }  # fmt: skip
    with capsys.disabled():
        sys.stdout.write(f"\nsoak  due clocks: {', '.join(f'{name} {value}' for name, value in said.items())}\n")
    for name, value in said.items():
        record_property(name, value)
    assert left == []
    assert [one for one, times in told.items() if times != 1] == []
    assert said["killed"] >= min(KILLS, MANY // 5000)
    assert said["grown megabytes"] <= FLAT, "memory grows with what is due"
