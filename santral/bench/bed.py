"""The deployed stack on the emulator, and the same functions in this process against its table, queues and buckets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from router.aws import rows
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo, delete
from router.aws.table import Table
from router.config import Config, Inbox
from santral.bench.customers import MAIL_TO, SMS_TO
from santral.emulator import ROOT, Emulator, Progress, Stack
from santral.front import Front

AGENTS = 40
APPS = {
    "whatsapp": "+15005550106",
    "messenger": "204200000000077",
    "instagram": "17841400000000077",
    "telegram": "bench_bot",
}
NUMBER_ID = "104200000000077"
SETTINGS = {"whatsapp": {"phone_number_id": NUMBER_ID}}
Credentials = Mapping[str, Mapping[str, str]]


class _Context:
    """What Lambda gives a handler beside the event."""

    function_name = "bench"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


CONTEXT: Any = _Context()


def configuration() -> Config:
    """An inbox of every channel, and forty agents with more room than any measurement fills."""
    skills = ["mail", "sms"]
    return Config.model_validate(
        {
            "version": "bench",
            "inboxes": [
                {"name": "support", "channel": "email", "address": MAIL_TO, "queue": "mail"},
                {"name": "sms", "channel": "twilio", "address": SMS_TO, "queue": "sms", "secret": "twilio"},
                *(
                    {
                        "name": name,
                        "channel": name,
                        "address": address,
                        "queue": "sms",
                        "secret": name,
                        "settings": SETTINGS.get(name, {}),
                    }
                    for name, address in APPS.items()
                ),
                {"name": "webchat", "channel": "webchat", "address": "web", "queue": "sms"},
            ],
            "queues": [{"name": name, "skill": name, "first_response_minutes": 60} for name in skills],
            "agents": [
                {"name": f"agent-{n:02d}", "display_name": f"Agent {n}", "skills": skills, "units": 1000}
                for n in range(AGENTS)
            ],
        }
    )


def inbox(channel: str) -> Inbox:
    """The inbox of a channel."""
    return next(one for one in configuration().inboxes if one.channel == channel)


@dataclass(frozen=True, slots=True)
class Bed:
    """What is measured on: the stack, and the front door whose loop plays the agent's page."""

    stack: Stack
    front: Front
    credentials: Credentials


@contextmanager
def deployed(progress: Progress, credentials: Credentials) -> Iterator[Bed]:
    """The template on an emulator of its own, configured, without the schedule that would sweep in between."""
    with Emulator(state=ROOT / "build" / "bench", progress=progress) as emulator:
        stack = emulator.deploy(SandboxUrl=f"{emulator.http_url}/sandbox")
        scheduler = stack.client("scheduler")
        for schedule in scheduler.list_schedules()["Schedules"]:
            scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
        stack.client("secretsmanager").put_secret_value(
            SecretId=stack.outputs["SecretArn"],
            SecretString=json.dumps(credentials),
        )
        Configs(dynamo(stack)).apply(configuration())
        yield Bed(stack, emulator.front, credentials)


def dynamo(stack: Stack) -> Dynamo:
    """The stack's table, by a client of its own."""
    return Dynamo(stack.client("dynamodb"), stack.outputs["TableName"])


def listening(stack: Stack, on: bool) -> None:
    """Switch the queues' deployed functions on or off: off while this process takes their place."""
    functions = stack.client("lambda")
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def environment(stack: Stack) -> dict[str, str]:
    """All that the deployed functions find in their environment, for the same functions in this process."""
    variables: dict[str, str] = {}
    for function in stack.client("lambda").list_functions()["Functions"]:
        variables |= function["Environment"]["Variables"]
    return {
        **variables,
        **stack.environment,
        "AWS_REGION": stack.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "LOG_LEVEL": "INFO",
        "MAIL_BUCKET": stack.outputs["MailBucketName"],
    }


def become(variables: Mapping[str, str]) -> None:
    """Take an environment on; before the functions are imported."""
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(variables)


def come_in(stack: Stack, page: str | None = None) -> None:
    """Agents set themselves online with all their units free, and with this page open, whoever is chosen."""
    table, now = Table(dynamo(stack), b"unused"), datetime.now(UTC)
    table.commit(delete("presences", ("POOL#main", "P")))
    for agent in configuration().agents:
        for room in (True, False):  # a page that was closed goes with it
            table.commit(delete("agent", rows.load_key("main", agent.name, room=room)))
        table.commit(delete("agent", rows.seat_key(agent.name)))
        table.commit(*table.set_presence("main", agent.name, "online", agent.units, None, page, now))


def pump(client: Any, url: str, handler: Callable[[Any, Any], Any]) -> int:
    """One batch of a queue through a handler, as an event source mapping would; how many records there were."""
    found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"]).get("Messages", [])
    if not found:
        return 0
    failed = handler({"Records": [_record(m) for m in found]}, CONTEXT)["batchItemFailures"]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(found)} records failed")
    entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(found)]
    client.delete_message_batch(QueueUrl=url, Entries=entries)
    return len(found)


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1", **message.get("Attributes", {})}, "messageAttributes": {},
        "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue.fifo",
    }  # fmt: skip


def signing_key(stack: Stack) -> bytes:
    """The deployment's own key."""
    stored = stack.client("secretsmanager").get_secret_value(SecretId=stack.outputs["SigningSecretArn"])
    return str(stored["SecretString"]).encode()


def drop(stack: Stack) -> None:
    """Empty the queues, of what a measurement left in them."""
    for name, url in stack.outputs.items():
        if name.endswith("QueueUrl"):
            stack.client("sqs").purge_queue(QueueUrl=url)
