"""Outreach in a process of its own, on a deployment's table and queues. The environment is the deployment's; `TOOK` is the provider's file.

`python -m tests.soak.outreach_worker people 100`: so many contacts; `launch greater 2026-03-02T12:00:00+00:00`; `status greater`; `work`.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import boto3

from functions import api, due, outreach, wiring
from router.aws.rows import DUE_SHARDS
from router.outreach import handle
from router.signals import Launch
from router.wire import HttpRequest, HttpResponse
from santral.bench import bed
from tests.kit.events import http_event
from tests.kit.outreach import phone

IDLE = 5.0  # seconds between two looks at what is due
UNWILLING = 10
"""Each so-manieth person has not consented."""


def took(request: HttpRequest) -> HttpResponse:
    """The provider counts what it takes in a file of its own, a line each, and says now and then that it is too much."""
    if random.random() < 0.01:
        return HttpResponse(429, {}, b'{"code": 20429, "message": "Too Many Requests"}')
    body = parse_qs(request.body.decode())
    with open(os.environ["TOOK"], "ab", buffering=0) as file:
        file.write(f"{body['To'][0]} {body['Body'][0].split()[0]}\n".encode())
    return HttpResponse(201, {}, b'{"sid": "SM%032d", "status": "queued"}' % random.randrange(10**30))


def called(method: str, path: str, body: Any = None) -> dict[str, Any]:
    """One call of the API as an administrator."""
    sent = {"idempotency-key": f"{time.time_ns()}"}
    event = http_event(method, path, json.dumps(body).encode() if body is not None else b"", sent)
    claims = {"cognito:username": "yonetici", "cognito:groups": "[admin]", "sub": "yonetici"}
    event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    answer = api.handler(event, bed.CONTEXT)
    assert answer["statusCode"] == 200, answer
    return dict(json.loads(answer["body"]))


def people(count: int) -> None:
    """They are met; some have not consented."""
    for start in range(0, count, 25):
        rows = []
        for number in range(start, min(start + 25, count)):
            place = {"channel": "sms", "address": phone(number)}
            given = {**place, "given": True, "at": "2026-02-01T10:00:00Z", "source": "form"}
            rows.append({"addresses": [place], "language": "en", "consents": [given] if number % UNWILLING else []})
        called("POST", "/v1/contact-rows", {"rows": rows})


def work() -> None:
    """Batches of the queue and shards of the due index, until this process is ended."""
    x = wiring.exchange()
    x.carry = took
    queue, url = boto3.client("sqs"), os.environ["OUTREACH_QUEUE_URL"]
    looked = time.monotonic() - random.uniform(0, IDLE)
    while True:
        found = queue.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], WaitTimeSeconds=1
        ).get("Messages", [])
        if found:
            answer = outreach.handler({"Records": [bed._record(message) for message in found]}, bed.CONTEXT)
            failed = {one["itemIdentifier"] for one in answer["batchItemFailures"]}
            done = [message for message in found if message["MessageId"] not in failed]
            if done and random.random() > 0.02:  # else the batch comes again
                queue.delete_message_batch(
                    QueueUrl=url,
                    Entries=[{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(done)],
                )
        if not found or time.monotonic() - looked > IDLE * 4:
            looked = time.monotonic()
            for shard in range(DUE_SHARDS):
                if any(x.table.due(shard, datetime.now(UTC), limit=1)):
                    record = {"messageId": str(shard), "body": json.dumps({"shard": shard})}
                    due.handler({"Records": [record]}, bed.CONTEXT)


def main(what: str, *more: str) -> None:
    """One of these."""
    match what:
        case "people":
            people(int(more[0]))
        case "launch":
            x = wiring.exchange()
            x.queues.send(handle(x, Launch(more[0], datetime.fromisoformat(more[1]))), x.now())
        case "status":
            sys.stdout.write(json.dumps(called("GET", f"/v1/campaigns/{more[0]}/status")))
        case "work":
            work()


if __name__ == "__main__":
    main(*sys.argv[1:])
