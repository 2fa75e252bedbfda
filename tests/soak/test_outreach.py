"""Two campaigns to two thousand people on the deployed table and queues, whose processes are killed twenty times (P9).

Twenty thousand are killed at random calls in memory, in tests/promises/test_dying_campaigns.py; SOAK_OUTREACH has more here.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from router.aws.configs import Configs
from router.aws.table import Table
from router.config import Config
from router.experiments import held_out as is_held_out
from router.ids import contact_id
from router.journeys import read_label
from santral.bench import bed
from santral.emulator import ROOT, Emulator, Stack
from tests.kit.outreach import SHOP, phone
from tests.soak.outreach_worker import UNWILLING

pytestmark = [pytest.mark.soak, pytest.mark.timeout(7200)]

MANY = int(os.environ.get("SOAK_OUTREACH", "2000"))
WORKERS = 3
KILLS = 20
HELD_OUT = 5
"""Per cent of the greater one's people."""
VISIBLE = 30  # seconds after which a batch comes again whose worker was killed
CREDENTIALS = {"twilio": {"account_sid": "AC" + "1" * 32, "auth_token": "0" * 32}}


def configuration(at: datetime) -> Config:
    """Both at one time, for everybody; the lesser one has no day to wait for."""
    starts = {"at": f"{at:%Y-%m-%dT%H:%M}", "zone": "UTC"}
    text = "{{ unsubscribe }}"
    campaigns = [
        {"name": name, "starts": starts, "everyone": True, "track": False, "steps": [{"send": name}], **more}
        for name, more in (("greater", {"importance": 70, "holdout_percent": HELD_OUT}), ("lesser", {"importance": 30}))
    ]
    templates = [
        {"name": name, "purpose": "marketing", "channels": {"sms": {"en": f"{name} of the shop {text}"}}}
        for name in ("greater", "lesser")
    ]
    outreach = {
        "zone": "UTC", "rates": {"sms": 1000}, "hours": [{"send": {"mon-sun": ["00:00-24:00"]}}],
        "caps": {"marketing": {"day": 1, "week": 1}},
    }  # fmt: skip
    return Config.model_validate(
        {**SHOP, "version": "soak", "campaigns": campaigns, "templates": templates, "outreach": outreach}
    )


@contextmanager
def quiet(at: datetime) -> Iterator[Stack]:
    """A deployment in which no schedule fires and no function takes from a queue."""
    with Emulator(state=ROOT / "build" / "soak") as emulator:
        stack = emulator.deploy(SandboxUrl=emulator.http_url)
        scheduler = stack.client("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        bed.listening(stack, False)
        secrets = stack.client("secretsmanager")
        secrets.put_secret_value(SecretId=stack.outputs["SecretArn"], SecretString=json.dumps(CREDENTIALS))
        Configs(bed.dynamo(stack)).apply(configuration(at))
        yield stack


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.soak.outreach_worker", *words]


def run(environment: dict[str, str], *words: str) -> str:
    """One command to its end; what it said last."""
    done = subprocess.run(command(*words), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_of_twenty_thousand_people_everybody_is_written_to_once_or_named_whatever_is_killed(
    tmp_path: Path, record_property: Callable[[str, object], None], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    at = datetime.now(UTC).replace(second=0, microsecond=0)
    file = tmp_path / "took"
    with quiet(at) as stack:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= bed.environment(stack) | {"LOG_LEVEL": "ERROR", "TOOK": str(file)}
        stack.client("sqs").set_queue_attributes(
            QueueUrl=environment["OUTREACH_QUEUE_URL"], Attributes={"VisibilityTimeout": str(VISIBLE)}
        )
        run(environment, "people", str(MANY))
        for name in ("greater", "lesser"):
            run(environment, "launch", name, at.isoformat())
        began, killed = time.monotonic(), 0
        workers = [begin(environment) for _ in range(WORKERS)]
        marks = sorted(chance.uniform(0.0, 0.9) * MANY * (1 - 1 / UNWILLING) for _ in range(KILLS))
        stands: dict[str, dict[str, Any]] = {}
        try:
            while killed < KILLS or not over(stands):
                time.sleep(0.5)
                assert all(worker.poll() is None for worker in workers), "a worker ended by itself"
                if killed < KILLS and len(lines(file)) >= marks[killed]:
                    number = chance.randrange(WORKERS)
                    workers[number].kill()
                    workers[number].wait()
                    workers[number] = begin(environment)
                    killed += 1
                    if chance.random() < 0.4:
                        run(environment, "launch", chance.choice(("greater", "lesser")), at.isoformat())
                elif killed == KILLS:
                    time.sleep(5)
                    stands = {name: json.loads(run(environment, "status", name)) for name in ("greater", "lesser")}
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        seconds = time.monotonic() - began
        table = Table(bed.dynamo(stack), bed.signing_key(stack))
        found = {name: labelled(table, name) for name in stands}
        key = bed.signing_key(stack)
    took = Counter(lines(file))
    said = {"seed": seed, "people": MANY, "killed": killed, "seconds": round(seconds), "took": took.total()}
    said |= {f"{name} {what}": stands[name][what] for name in stands for what in ("sent", "parked", "dropped")}
    with capsys.disabled():
        sys.stdout.write(f"\nsoak  outreach: {', '.join(f'{name} {value}' for name, value in said.items())}\n")
    for name, value in said.items():
        record_property(name, value)
    wrong = [number for number in range(MANY) if not fine(number, key, found, took)]
    assert wrong[:5] == []
    for name, body in stands.items():
        assert body["looked"] == MANY == body["outside"] + body["journeys"], body
        assert body["journeys"] == body["sent"] + body["parked"] + body["dropped"], body
        assert sum(body["reasons"].values()) == body["dropped"] + body["parked"], body
        mine = sum(times for line, times in took.items() if line.endswith(f" {name}"))
        assert body["sent"] <= mine <= body["sent"] + body["parked"]


def begin(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command("work"), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def over(stands: dict[str, dict[str, Any]]) -> bool:
    """Is everybody looked at, and nobody on their way?"""
    return bool(stands) and all(one["looked"] == MANY and one["pending"] == 0 for one in stands.values())


def labelled(table: Table, name: str) -> dict[str, tuple[str, str, int]]:
    """Stage, reason and messages of each contact's journey."""
    listed = {}
    for shard in table.journey_lists:
        for (pk, _), mark in table.journeys_listed(name, shard=shard):
            label = read_label(mark.split("#")[1])
            listed[pk.removeprefix("P#")] = str(label.stage), label.why, label.sent
    return listed


def fine(number: int, key: bytes, found: dict[str, dict[str, tuple[str, str, int]]], took: Counter[str]) -> bool:
    """One message by the provider's count, a parked one that is named, or one reason."""
    contact = contact_id(key, "sms", phone(number), proved=True)
    greater, lesser = found["greater"].get(contact), found["lesser"].get(contact)
    times = [took[f"{phone(number)} {name}"] for name in ("greater", "lesser")]
    none = ("ended", "consent.none", 0)
    if number % UNWILLING == 0:
        return times == [0, 0] and (greater, lesser) == (none, none)
    held_out = is_held_out(key, "greater", contact, HELD_OUT)
    one, sent = (lesser, times[1]) if held_out else (greater, times[0])
    other, not_sent = (greater, times[0]) if held_out else (lesser, times[1])
    got = (one == ("ended", "done", 1) and sent == 1) or (one == ("parked", "parked", 0) and sent <= 1)
    reason = "holdout" if held_out else "cap."
    refused = other is not None and (other[0], other[2]) == ("ended", 0) and other[1].startswith(reason)
    return got and refused and not_sent == 0
