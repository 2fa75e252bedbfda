"""E-mails a second, from raw MIME to stored, routed and assigned: the functions in one or two processes, AWS emulated.

SES has put the mails into the bucket. Timed: receive_email reads, parses, enters and queues each one (SNS brings them one
by one); route and match take batches of ten from the queues; every conversation ends with an agent, its decision stored.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from santral.bench import bed, customers
from santral.emulator import Stack

WARM = 20
BATCH = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """One run. `cpu_ms` is user and system time of our processes for one mail, their polling of the queues included."""

    processes: int
    mails: int
    per_second: float
    cpu_ms: float


def measure(stack: Stack, processes: int, mails: int, run: str) -> Pace:
    """Process `mails` new mails in so many processes, after a few that warm each up."""
    variables = bed.environment(stack)
    context = multiprocessing.get_context("spawn")
    barrier, assigned = context.Barrier(processes), context.Value("i", 0)
    results = context.Queue()
    share = mails // processes
    workers = []
    for number in range(processes):
        events = _deliver(stack, f"{run}{number}", WARM + share)
        arguments = (variables, events, barrier, assigned, processes, share, results)
        workers.append(context.Process(target=_work, args=arguments, daemon=True))
    for worker in workers:
        worker.start()
    answers = [results.get(timeout=300) for _ in workers]
    for worker in workers:
        worker.join(10)
    began, ended = min(a[0] for a in answers), max(a[1] for a in answers)
    total = share * processes
    return Pace(processes, total, total / (ended - began), sum(a[2] for a in answers) / total * 1000)


def _deliver(stack: Stack, run: str, count: int) -> list[dict[str, Any]]:
    """What SES does: each mail into the bucket, and a notification for it."""
    s3, bucket = stack.client("s3"), stack.outputs["MailBucketName"]
    events = []
    for n in range(count):
        sender, key = f"nermin.{run}.{n}@example.net", f"mail/{run}-{n}"
        s3.put_object(Bucket=bucket, Key=key, Body=customers.mail(sender, f"{run}.{n}"))
        events.append(customers.notification(bucket, key, sender))
    return events


def _work(
    variables: Mapping[str, str],
    events: list[Any],
    barrier: Any,
    assigned: Any,
    processes: int,
    share: int,
    results: Any,
) -> None:
    bed.become(variables)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the functions' logs
    from functions import match, receive_email, route, wiring
    from router.aws import clients

    exchange, count = wiring.exchange(), wiring.exchange().count

    def counted(name: str, value: int) -> None:
        count(name, value)
        if name == "Assigned":
            with assigned.get_lock():
                assigned.value += value

    exchange.count = counted
    sqs = clients.client("sqs")
    inbound, matches = variables["INBOUND_QUEUE_URL"], variables["MATCH_QUEUE_URL"]

    def turn(batch: list[Any]) -> None:
        for event in batch:
            receive_email.handler(event, bed.CONTEXT)
        bed.pump(sqs, inbound, route.handler)
        bed.pump(sqs, matches, match.handler)

    def until(goal: int) -> None:
        while assigned.value < goal:
            turn([])

    for start in range(0, WARM, BATCH):
        turn(events[start : start + BATCH])
    until(WARM * processes)
    barrier.wait(60)
    began, cpu = time.monotonic(), time.process_time()
    for start in range(WARM, len(events), BATCH):
        turn(events[start : start + BATCH])
    until((WARM + share) * processes)
    results.put((began, time.monotonic(), time.process_time() - cpu))
