"""What happens reaches those who listen: a rule behind the bus and a webhook, under the deployed functions' own roles."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pytest

from router.aws.codec import unmarshal
from router.aws.configs import Configs
from router.aws.dynamo import Dynamo
from router.aws.search import search_partition
from router.config import Webhook
from router.search import SHARDS
from router.webhooks import signature
from tests.emulator.conftest import Live, until

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(180)]
SECRET = "whsec_dGhlIGVtdWxhdG9yJ3MgdG95IHNlY3JldA=="
NUMBER, PROBE = "+12025550171", "+12025550172"


@dataclass
class Listener:
    """A company's own server, which verifies what it is sent as Standard Webhooks says; while it is busy, it answers 503 first."""

    events: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    busy: bool = False
    put_off: set[str] = field(default_factory=set)
    url: str = ""

    def take(self, headers: Any, body: bytes) -> int:
        """The status to answer."""
        expected = signature(SECRET, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        if expected not in headers["webhook-signature"].split(" "):
            self.refused.append(headers["webhook-signature"])
            return 400
        if self.busy and headers["webhook-id"] not in self.put_off:
            self.put_off.add(headers["webhook-id"])
            return 503
        self.events.append(json.loads(body))
        return 204


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = found.take(self.headers, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}/santral"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def listening(live: Live, listener: Listener) -> Iterator[Listener]:
    """The webhook is in the configuration and its secret is stored, as an operator does both; and the functions know of it."""
    secrets = live.aws("secretsmanager")
    stored = json.loads(secrets.get_secret_value(SecretId=live.outputs["SecretArn"])["SecretString"])
    text = json.dumps({**stored, "listener": SECRET})
    secrets.put_secret_value(SecretId=live.outputs["SecretArn"], SecretString=text)
    configs = Configs(Dynamo(live.aws("dynamodb"), live.outputs["TableName"]))
    before = configs.current()
    hook = Webhook(name="listener", url=listener.url, events=("conversation.*", "message.*"), secret="listener")
    configs.apply(before.model_copy(update={"version": f"{before.version}-hooks", "webhooks": (hook,)}))
    probes = count()

    def heard_of() -> bool:
        assert live.sms(PROBE, "Deneme", f"SM{next(probes):032x}") == 200
        return bool(listener.events)

    until(heard_of, "a function that tells knows the webhook", 40, every=1)
    listener.busy = True
    yield listener
    configs.apply(before)


@pytest.fixture
def queue(live: Live) -> str:
    """A rule for everything of ours, with a queue as its target; the queue's URL."""
    sqs, events = live.aws("sqs"), live.aws("events")
    url = str(sqs.create_queue(QueueName="bus-listener")["QueueUrl"])
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = live.outputs["Bus"]
    events.put_rule(Name="everything", EventBusName=bus, EventPattern=json.dumps({"source": ["santral"]}))
    events.put_targets(Rule="everything", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return url


def heard(live: Live, url: str, seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All that the bus's rule has passed on so far."""
    for message in live.aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        seen.append(json.loads(message["Body"]))
        live.aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return seen


def test_a_message_is_told_on_the_bus_and_to_a_webhook_that_was_busy_and_can_be_searched(
    live: Live, listening: Listener, queue: str
) -> None:
    live.sms(NUMBER, "Şubeniz ISPARTA'da mı?", "SM" + "7" * 32)
    conversation = live.conversation("sms", NUMBER)
    wanted = {"message.received", "conversation.opened", "conversation.assigned"}

    def told() -> dict[str, dict[str, Any]] | None:
        found = {event["type"]: event for event in listening.events if conversation["id"] in json.dumps(event)}
        return found if wanted <= set(found) else None

    events = until(told, "the webhook hears of it, the busy one too", 60)
    assert listening.refused == []
    assert {event["id"] for event in events.values()} <= listening.put_off, "each came again after 503"
    assert events["conversation.opened"]["subject"] == conversation["id"]

    seen: list[dict[str, Any]] = []
    until(
        lambda: wanted <= {e["detail-type"] for e in heard(live, queue, seen) if conversation["id"] in json.dumps(e)},
        "the bus passes it on",
        60,
    )
    assert {envelope["source"] for envelope in seen} == {"santral"}
    ids = {envelope["detail"]["id"] for envelope in seen}
    assert {event["id"] for event in events.values()} <= ids
    assert "ISPARTA" not in json.dumps([seen, listening.events])
    assert NUMBER not in json.dumps([seen, listening.events])
    assert "isparta" in " ".join(indexed(live))
    assert live.waiting_in("PublishDlq") == live.waiting_in("HooksDlq") == 0
    assert live.admin.get("/v1/webhook-deliveries")["deliveries"] == []


def indexed(live: Live) -> list[str]:
    """Today's words in the search's rows."""
    found: list[str] = []
    for shard in range(SHARDS):
        answer = live.aws("dynamodb").query(
            TableName=live.outputs["TableName"],
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues={":p": {"S": search_partition(f"{datetime.now(UTC):%Y-%m-%d}", shard)}},
        )
        found += [unmarshal(item)["t"] for item in answer["Items"]]
    return found
