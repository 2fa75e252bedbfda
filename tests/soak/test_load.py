"""Minutes of load on the deployed template while its workers are killed: the promises hold once it is quiet again."""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from router.config import Config
from santral.api_client import ApiError
from santral.stage import Stage
from tests.emulator.conftest import Live, until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(540)]

CONFIG: dict[str, Any] = {
    "version": "soak",
    "inboxes": [
        {"name": "destek", "channel": "email", "address": "destek@example.com", "queue": "genel"},
        {"name": "sms", "channel": "twilio", "address": "+15005550100", "queue": "genel", "secret": "twilio"},
    ],
    "queues": [{"name": "genel", "skill": "genel"}],
    "agents": [  # together not enough for everybody at once: some wait for those who are resolved
        {"name": "ayse", "display_name": "Ayşe", "skills": ["genel"], "units": 200},
        {"name": "mehmet", "display_name": "Mehmet", "skills": ["genel"], "units": 150},
    ],
}
WEIGHT = {"sms": 3, "email": 6}
HELD = ("active", "pending")
PHONES = [f"+1202555{number:04}" for number in range(1000, 1060)]
MAILERS = [f"musteri{number}@example.net" for number in range(40)]
SMS, MAILS = 360, 140
KILL_EACH = 12  # messages that were taken: by the clock, a slow machine would do nothing but start workers
LOAD_LIMIT, QUIET_LIMIT = 120.0, 120.0  # seconds
QUEUES = tuple(f"{name}Queue" for name in ("Inbound", "Match", "Outbound", "Timer"))
DEAD = tuple(f"{name}Dlq" for name in ("Inbound", "Match", "Outbound", "Timer", "Due", "Mail", "Sweep"))


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """A deployment of its own. A killed worker's messages come back in seconds instead of minutes."""
    with Stage(Config.model_validate(CONFIG)) as stage:
        found = Live(stage)
        for service in ("sqs", "s3", "sns"):
            found.aws(service)
        for queue in QUEUES:
            found.aws("sqs").set_queue_attributes(
                QueueUrl=found.outputs[f"{queue}Url"], Attributes={"VisibilityTimeout": "20"}
            )
        found.supervisor.post("/v1/agents/mehmet/presence", {"presence": "online"})
        yield found


def test_p1_p2_p3_p5_hold_after_load_with_crashes_and_redeliveries(
    live: Live, record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(1_000_000)
    chance = random.Random(seed)
    over = threading.Event()
    killed: Counter[str] = Counter()
    accepted: list[str] = []
    for channel, number in (("sms", SMS), ("email", MAILS)):  # one by one: the emulator trips over starts side by side
        first = write(live, channel, number, time.monotonic() + 60)
        accepted += [first] if first else []
    until(lambda: stored(live).keys() >= set(accepted), "the first ones are stored", 60)
    killer = threading.Thread(target=kill, args=(live, over, random.Random(seed), accepted, killed), daemon=True)
    killer.start()
    resolver = threading.Thread(target=resolve, args=(live, over), daemon=True)
    resolver.start()
    jobs = [("sms", number) for number in range(SMS)] + [("email", number) for number in range(MAILS)]
    chance.shuffle(jobs)
    deadline = time.monotonic() + LOAD_LIMIT
    try:
        with ThreadPoolExecutor(3) as pool:
            for word in pool.map(lambda job: write(live, job[0], job[1], deadline), jobs):
                accepted += [word] if word else []
    finally:
        over.set()
        killer.join()
        resolver.join()
    for name, value in (("seed", seed), ("accepted", len(accepted)), ("killed", dict(killed))):
        record_property(name, value)
    assert killed
    assert len(accepted) >= 50, "too slow a machine to say anything"

    until(lambda: all(live.waiting_in(queue) == 0 for queue in QUEUES), "the queues are empty", QUIET_LIMIT)
    assert {queue: live.waiting_in(queue) for queue in DEAD} == dict.fromkeys(DEAD, 0)
    until(lambda: stored(live).keys() >= set(accepted), "every accepted message is stored", 60)
    assert {text: times for text, times in stored(live).items() if times > 1} == {}, "nothing is stored twice"

    conversations = [one for contact in contacts(live) for one in contact["conversations"]]
    past = {"resolved", "closed"}
    alive = Counter(one["contact"] for one in conversations if one["state"] not in past)
    assert [contact for contact, count in alive.items() if count > 1] == []
    for agent in live.supervisor.get("/v1/agents")["agents"]:
        mine = [one for one in conversations if one["agent"] == agent["name"] and one["state"] in HELD]
        assert agent["free"] >= 0, agent
        assert agent["units"] - agent["free"] == sum(WEIGHT[one["channel"]] for one in mine), agent
        assert agent["conversations"] == len(mine), agent


def write(live: Live, channel: str, number: int, deadline: float) -> str | None:
    """One customer's message; the provider tries until it is taken, and brings each third one again. What was taken."""
    text = f"{channel} {number} diye yazdım"
    if time.monotonic() > deadline:
        return None
    if channel == "email":
        live.mail(MAILERS[number % len(MAILERS)], "destek@example.com", text)
        return text
    sender, sid = PHONES[number % len(PHONES)], f"SM{number:032x}"
    while live.sms(sender, text, sid) != 200:
        if time.monotonic() > deadline:
            return None  # not accepted; whether it is stored all the same is open
        time.sleep(0.5)
    if number % 3 == 0:
        live.sms(sender, text, sid)
    return text


def kill(live: Live, over: threading.Event, chance: random.Random, accepted: list[str], killed: Counter[str]) -> None:
    """End a worker in the middle of what it does. Not the mail's: the emulator's SNS tries once, where Amazon's goes on."""
    while not over.wait(0.1):
        if len(accepted) < KILL_EACH * (killed.total() + 1):
            continue
        running = dict[str, int]()
        for pid, name in workers(live):
            if name and "ReceiveEmail" not in name:
                running[name] = pid
        if running:
            name = chance.choice(sorted(running))  # by function: the busiest has the most processes
            pid = running[name]
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed[name] += 1


def workers(live: Live) -> Iterator[tuple[int, str]]:
    """The processes in which our emulator runs functions, and which function; their script's folder says both."""
    scratch = live.stage.emulator.scratch
    ours = re.compile(re.escape(scratch) + r"/ministack-lambda-santral-(\w+)-\w+-\w+/_worker")
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found = ours.search((process / "cmdline").read_bytes().decode(errors="replace"))
            if found:
                yield int(process.name), found[1]


def resolve(live: Live, over: threading.Event) -> None:
    """The supervisor finishes some conversations, which makes room for those that wait."""
    while not over.wait(2):
        with suppress(ApiError):  # a killed worker is no answer, and somebody may have been faster
            for one in live.supervisor.get("/v1/conversations", state="active", limit=50)["conversations"][:4]:
                live.supervisor.post(f"/v1/conversations/{one['id']}/resolve")


def contacts(live: Live) -> list[dict[str, Any]]:
    """Everybody who got through."""
    found = []
    for channel, addresses in (("sms", PHONES), ("email", MAILERS)):
        for address in addresses:
            try:
                found.append(live.agent.get("/v1/contacts", channel=channel, address=address))
            except ApiError as error:
                if error.status != 404:
                    raise
    return found


def stored(live: Live) -> Counter[str]:
    """Every text of a customer, in all conversations."""
    texts: Counter[str] = Counter()
    for contact in contacts(live):
        for conversation in contact["conversations"]:
            path = f"/v1/conversations/{conversation['id']}"
            texts.update(
                one["text"].strip()
                for one in live.agent.get(path)["messages"]  # the newest 50: nobody here writes as many
                if one["direction"] == "inbound"
            )
    return texts
