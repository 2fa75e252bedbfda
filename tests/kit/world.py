"""A whole Santral in one process: the real handlers and wiring on moto, with time, providers and crashes in the test's hands.

The table, queues and secrets are made from the template, so that a test never runs on another shape than a deployment. The table
may also be the one in memory (`santral.memory`); all else is moto's then too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from channels import sessions
from functions import (
    api,
    archive,
    deliver,
    due,
    fetch,
    happen,
    hook,
    match,
    outreach,
    publish,
    receive,
    receive_email,
    route,
    sweep,
    timer,
    webchat,
    wiring,
)
from router.aws import clients
from router.aws.codec import unmarshal
from router.aws.configs import Configs
from router.aws.dynamo import delete
from router.config import Config
from router.exchange import Exchange
from santral.memory import MemoryDynamo
from tests.kit.events import LambdaContext, http_event, sqs_record, table_of_the_template
from tests.kit.listening import WEBHOOK_SECRET, Bus, Receiver, Stream
from tests.kit.meta import META
from tests.kit.providers import Providers
from tests.kit.twilio import sign
from tests.kit.users import OLD_USERS, USERS

ROOT = Path(__file__).resolve().parent.parent.parent
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC = "https://santral.example.com"
TOKEN = "0123456789abcdef0123456789abcdef"
SID = "AC" + "1" * 32
KEY = "k" * 48
ACCOUNT, REGION = "123456789012", "eu-central-1"  # moto's own
QUEUES = ("inbound", "match", "outbound", "outreach", "timers", "media", "hooks", "due", "happen", "aside")
WORKED = ("inbound", "happen", "due", "match", "outbound", "outreach", "media", "hooks")
"""Those that `pump` empties: timers wait for their time."""

CONFIG: dict[str, Any] = {
    "version": "test-1",
    "inboxes": [
        {"name": "destek", "channel": "email", "address": "destek@example.com", "queue": "genel", "language": "tr"},
        {"name": "support", "channel": "email", "address": "support@example.com", "queue": "genel", "language": "en"},
        {"name": "shop", "channel": "email", "address": "help@shop.example", "queue": "genel", "brand": "shop"},
        {"name": "sms", "channel": "twilio", "address": "+15550100", "queue": "genel", "secret": "twilio"},
        {"name": "chat", "channel": "webchat", "address": "chat", "queue": "chat"},
    ],
    "queues": [
        {"name": "genel", "skill": "genel", "first_response_minutes": 60},
        {"name": "chat", "skill": "chat", "first_response_minutes": 1},
        {"name": "uzman", "skill": "uzman", "first_response_minutes": 60},
    ],
    "agents": [
        {"name": "ayse", "display_name": "Ayşe", "skills": ["genel", "chat"], "limits": {"webchat": 3}},
        {"name": "mehmet", "display_name": "Mehmet", "skills": ["genel", "chat"]},
        {"name": "usta", "display_name": "Usta", "skills": ["uzman"]},
    ],
}


_DYNAMO = wiring.dynamo


@cache
def _client(service: str) -> Any:
    session: Any = boto3.Session()
    return session.client(service)


class World:
    """Use as a context manager. `now` moves only when a test moves it. With `memory`, moto has no table, and nothing streams."""

    def __init__(
        self, config: Mapping[str, Any] | None = None, *, streaming: bool = False, memory: bool = False
    ) -> None:
        assert not (streaming and memory), "the table in memory has no stream"
        self.now = START
        self.memory = MemoryDynamo() if memory else None
        self.receiver = Receiver()
        self.stream = Stream() if streaming else None
        self.bus = Bus() if streaming else None
        self.providers = Providers()
        self.pushes: list[tuple[str, dict[str, Any]]] = []
        self.counts: dict[str, int] = {}
        self._config = Config.model_validate(config or CONFIG)
        self._mock = mock_aws()
        self._serial = 0

    def __enter__(self) -> World:
        self._mock.start()
        self._forget()
        self._make()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        wrong = self._mistyped() if kind is None and self.memory is None else []
        self._forget()
        setattr(wiring, "dynamo", _DYNAMO)  # noqa: B010 - mypy lets nobody assign to a function
        self._mock.stop()
        assert not wrong, f"DynamoDB would not take what an index reads as its key: {wrong}"

    @staticmethod
    def _mistyped() -> list[str]:
        """Attributes that an index takes for its key and that have another type: AWS refuses the write, moto does not."""
        wanted = {d["AttributeName"]: d["AttributeType"] for d in table_of_the_template()["AttributeDefinitions"]}
        items = dynamodb_backends[ACCOUNT][REGION].tables["santral"].all_items()
        return [
            f"{item.attrs['pk'].value}: {name}"
            for item in items
            for name, kind in wanted.items()
            if name in item.attrs and item.attrs[name].type != kind
        ]

    @staticmethod
    def _forget() -> None:
        clients.client.cache_clear()  # their session knows nothing of a world
        for cached in (wiring.secrets, wiring.dynamo, wiring.blobs, wiring.sender, wiring.exchange):
            cached.cache_clear()

    def _make(self) -> None:
        self.dynamodb = _client("dynamodb")
        self.sqs = _client("sqs")
        self.s3 = _client("s3")
        if self.memory is None:
            self.dynamodb.create_table(**table_of_the_template(streaming=self.stream is not None))
        else:
            setattr(wiring, "dynamo", cache(lambda: self.memory))  # noqa: B010 - as above
        self.urls = {}
        for name in QUEUES:
            fifo = name not in ("timers", "media", "hooks", "happen", "aside")
            attributes: Any = {"FifoQueue": "true"} if fifo else {}
            if name == "outreach":
                attributes["ContentBasedDeduplication"] = "true"
            made = self.sqs.create_queue(QueueName=f"{name}.fifo" if fifo else name, Attributes=attributes)
            self.urls[name] = made["QueueUrl"]
        for bucket in ("blobs", "mail"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        secrets = _client("secretsmanager")
        provider = {"crm": WEBHOOK_SECRET, "twilio": {"account_sid": SID, "auth_token": TOKEN}, "meta": META}
        provider |= {"chat": {"user_token_secret": USERS, "user_token_secret_previous": OLD_USERS}}
        provider_id = secrets.create_secret(Name="providers", SecretString=json.dumps(provider))["ARN"]
        signing_id = secrets.create_secret(Name="signing", SecretString=KEY)["ARN"]
        os.environ.update(
            {
                "TABLE": "santral",
                "BLOBS_BUCKET": "blobs",
                "MAIL_BUCKET": "mail",
                "INBOUND_QUEUE_URL": self.urls["inbound"],
                "MATCH_QUEUE_URL": self.urls["match"],
                "OUTBOUND_QUEUE_URL": self.urls["outbound"],
                "OUTREACH_QUEUE_URL": self.urls["outreach"],
                "TIMER_QUEUE_URL": self.urls["timers"],
                "MEDIA_QUEUE_URL": self.urls["media"],
                "HOOKS_QUEUE_URL": self.urls["hooks"],
                "DUE_QUEUE_URL": self.urls["due"],
                "PUBLISH_DLQ_URL": self.urls["aside"],
                "EVENT_BUS": "santral",
                "SOCKET_ENDPOINT": "https://socket.execute-api.eu-central-1.amazonaws.com/live",
                "SOCKET_URL": "wss://socket.example.com",
                "SECRET_ID": provider_id,
                "SIGNING_SECRET_ID": signing_id,
                "PUBLIC_URL": PUBLIC,
            }
        )
        self.exchange = wiring.exchange()
        self.exchange.now = lambda: self.now
        self.exchange.carry = self.providers
        self.exchange.get = self.providers.get
        self.exchange.post = self.receiver
        if self.bus is not None:
            self.bus.make(_client("events"), clients.client("events", None))
        self.exchange.count = self._count
        self.exchange.sockets.push = self._push  # type: ignore[method-assign]  # moto takes any push and tells nobody
        self.apply(self._config)

    def _count(self, name: str, value: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + value

    def _push(self, connection: str, frame: Mapping[str, Any]) -> bool:
        self.pushes.append((connection, dict(frame)))
        return True

    # --- time and configuration ------------------------------------------------------------------------------------

    @property
    def x(self) -> Exchange:
        """The exchange under test."""
        return self.exchange

    def lose_version(self) -> None:
        """The version in force cannot be had once another is: nothing goes on under it."""
        self.x.table.commit(delete("version", ("CFG", f"v#{self.x.config().version}")))

    def apply(self, config: Config) -> None:
        """Put a configuration in force at once."""
        configs = Configs(wiring.dynamo(), clock=lambda: self.now.timestamp())
        configs.apply(config, at=self.now)
        self.exchange.config, self.exchange.look_again = configs.current, configs.look_again
        self.exchange.version = configs.version  # read each time, so that a run and its repeat make the same calls

    def pass_time(self, **by: float) -> None:
        """Let time pass: `pass_time(minutes=5)`."""
        self.now += timedelta(**by)

    def serial(self) -> int:
        """A new number."""
        self._serial += 1
        return self._serial

    # --- customers -------------------------------------------------------------------------------------------------

    def sms(
        self, text: str = "Merhaba", *, sender: str = "+15550199", sid: str | None = None, inbox: str = "sms"
    ) -> dict[str, Any]:
        """Twilio posts a signed SMS; the HTTP answer."""
        fields = {
            "MessageSid": sid or f"SM{self.serial():032d}", "AccountSid": SID, "From": sender, "To": "+15550100", "Body": text,
            "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return self.webhook("twilio", inbox, fields)

    def mms(self, *types: str, text: str = "", sender: str = "+15550199", sid: str | None = None) -> dict[str, Any]:
        """Twilio posts a signed MMS with files of these types; the HTTP answer."""
        sid = sid or f"MM{self.serial():032d}"
        fields = {
            "MessageSid": sid, "AccountSid": SID, "From": sender, "To": "+15550100", "Body": text, "NumSegments": "1",
            "NumMedia": str(len(types)), "SmsStatus": "received", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for number, kind in enumerate(types):
            url = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/{sid}/Media/ME{number:032d}"
            fields |= {f"MediaUrl{number}": url, f"MediaContentType{number}": kind}
        return self.webhook("twilio", "sms", fields)

    def webhook(
        self, channel: str, inbox: str, fields: Mapping[str, str], *, query: str = "", signature: str | None = None
    ) -> dict[str, Any]:
        """A signed form post to a webhook."""
        path = f"/webhooks/{channel}/{inbox}"
        url = PUBLIC + path + (f"?{query}" if query else "")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        headers["x-twilio-signature"] = sign(TOKEN, url, fields) if signature is None else signature
        event = http_event("POST", path, urlencode(fields).encode(), headers, query=query)
        event["pathParameters"] = {"channel": channel, "inbox": inbox}
        return dict(receive.handler(event, LambdaContext()))

    def mail(self, text: str = "Merhaba, siparişim nerede?", **how: Any) -> dict[str, Any]:
        """As `post_mail`, and SES notifies at once; the notification, which `mail_event` plays again."""
        notification = self.post_mail(text, **how)
        self.mail_event(notification)
        return notification

    def post_mail(
        self,
        text: str = "Merhaba, siparişim nerede?",
        *,
        sender: str = "musteri@example.net",
        to: str | Iterable[str] = "destek@example.com",
        subject: str = "Sipariş",
        message_id: str | None = "auto",
        dmarc: str = "PASS",
        headers: Mapping[str, str] | None = None,
        ses_id: str | None = None,
        raw: bytes | None = None,
    ) -> dict[str, Any]:
        """SES puts a mail into the bucket; the notification that `mail_event` plays, as often as one likes."""
        recipients = [to] if isinstance(to, str) else list(to)
        number = self.serial()
        if raw is None:
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), subject
            message["Date"] = self.now.strftime("%a, %d %b %Y %H:%M:%S +0000")
            if message_id is not None:
                message["Message-ID"] = f"<{number}.mail@example.net>" if message_id == "auto" else message_id
            for name, value in (headers or {}).items():
                message[name] = value
            message.set_content(text)
            raw = message.as_bytes()
        ses_id = ses_id or f"ses{number:05d}"
        self.s3.put_object(Bucket="mail", Key=f"in/{ses_id}", Body=raw)
        verdict = {"status": "PASS"}
        return {
            "notificationType": "Received",
            "mail": {"timestamp": self.now.isoformat(), "messageId": ses_id, "source": sender, "destination": recipients},
            "receipt": {
                "timestamp": self.now.isoformat(), "recipients": recipients, "spamVerdict": verdict, "virusVerdict": verdict,
                "spfVerdict": verdict, "dkimVerdict": verdict, "dmarcVerdict": {"status": dmarc},
                "action": {"type": "S3", "bucketName": "mail", "objectKey": f"in/{ses_id}", "topicArn": "arn:aws:sns:x:1:mail"},
            },
        }  # fmt: skip

    def mail_event(self, notification: Mapping[str, Any]) -> None:
        """SNS hands a notification to receive_email."""
        sns = {
            "Type": "Notification",
            "MessageId": "1",
            "TopicArn": "arn:aws:sns:x:1:mail",
            "Message": json.dumps(notification),
        }
        event = {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns}]}
        receive_email.handler(event, LambdaContext())

    def open_chat(
        self, visitor: str = "ziyaretci1", connection: str | None = None, *, name: str | None = "Zeynep"
    ) -> str:
        """A visitor opens the chat; the connection's id."""
        token = sessions.sign(
            self.x.key,
            inbox="chat",
            visitor=visitor,
            now=self.now,
            lifetime=timedelta(hours=2),
            name=name,
            language="tr",
        )
        connection = connection or f"conn{self.serial()}="
        assert self.socket("CONNECT", connection, protocols=["santral.v1", f"session.{token}"])["statusCode"] == 200
        return connection

    def frame(self, connection: str, frame: Mapping[str, Any] | str) -> list[dict[str, Any]]:
        """One frame of an open socket; the frames pushed back to it."""
        before = len(self.pushes)
        self.socket("MESSAGE", connection, body=frame if isinstance(frame, str) else json.dumps(frame))
        return [pushed for to, pushed in self.pushes[before:] if to == connection]

    def socket(self, kind: str, connection: str, *, protocols: Iterable[str] = (), body: str = "") -> dict[str, Any]:
        """One event of the WebSocket API."""
        event: dict[str, Any] = {
            "requestContext": {
                "connectionId": connection, "eventType": kind, "routeKey": "$default", "stage": "live",
                "requestTimeEpoch": round(self.now.timestamp() * 1000),
            },
            "isBase64Encoded": False,
        }  # fmt: skip
        if kind == "CONNECT":
            event["headers"] = {"Sec-WebSocket-Protocol": ", ".join(protocols)}
        if kind == "MESSAGE":
            event["body"] = body
        return dict(webchat.handler(event, LambdaContext()))

    # --- agents ----------------------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        user: str | None = "ayse",
        role: str = "agent",
        key: str | None = "auto",
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """One call of the API as a user; status and JSON body."""
        sent = dict(headers or {})
        if method == "POST" and key is not None:
            sent["idempotency-key"] = f"key-{self.serial()}" if key == "auto" else key
        event = http_event(method, path, json.dumps(body).encode() if body is not None else b"", sent, query=query)
        if user is not None:
            claims = {"cognito:username": user, "cognito:groups": f"[{role}]", "sub": user}
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
        answer = api.handler(event, LambdaContext())
        try:
            return answer["statusCode"], json.loads(answer["body"])
        except json.JSONDecodeError:
            return answer["statusCode"], {"text": answer["body"]}

    def come_in(self, *agents: str) -> None:
        """Agents set themselves online."""
        for agent in agents or ("ayse",):
            status, body = self.call("POST", f"/v1/agents/{agent}/presence", {"presence": "online"}, user=agent)
            assert status == 200, body

    def reply(
        self, conversation: str, text: str = "Merhaba, bakıyorum.", *, user: str = "ayse", key: str = "auto"
    ) -> dict[str, Any]:
        """An agent answers; the API's answer."""
        status, body = self.call(
            "POST", f"/v1/conversations/{conversation}/replies", {"text": text}, user=user, key=key
        )
        assert status == 200, body
        return body

    # --- the queues ------------------------------------------------------------------------------------------------

    def pump(self, *, sweep_too: bool = False, limit: int = 200) -> None:
        """Run the functions behind the queues until nothing is left, as the event source mappings would."""
        for _ in range(limit):
            worked = [self.work(name) for name in WORKED]
            if not any(worked) and not self.publish() and not self.archive():
                break
        else:
            raise AssertionError("the queues never became empty")
        if sweep_too:
            self.sweep()
            self.pump()

    def work(self, name: str) -> int:
        """One batch of one queue: what fails or crashes becomes visible again; how many records there were."""
        received = self.take(name)
        if received:
            self.handle(name, received)
        if self.stream is not None:
            self.stream.gather(self.now)
        return len(received)

    def take(self, name: str) -> list[dict[str, Any]]:
        """Receive a batch, which nobody else sees until it is handled. Timers wait by the world's clock, not the queue's."""
        backend, queue = self._queue(name)
        if not queue._messages:
            return []
        if name in ("timers", "hooks"):
            for message in queue._messages:
                due = json.loads(message.body)["at"] <= self.now.timestamp() * 1000
                message.delayed_until = 0.0 if due else float("inf")
        received = backend.receive_message(queue.name, 10, 0, 60)
        return [
            {
                "MessageId": message.id, "ReceiptHandle": message.receipt_handle, "Body": message.body,
                "Attributes": {
                    "ApproximateReceiveCount": str(message.approximate_receive_count), "SentTimestamp": str(message.sent_timestamp),
                    **({"MessageGroupId": message.group_id} if message.group_id else {}),
                    **({"MessageDeduplicationId": message.deduplication_id} if message.deduplication_id else {}),
                },
            }
            for message in received
        ]  # fmt: skip

    def _queue(self, name: str) -> tuple[Any, Any]:
        """The queue itself: our own looking after it takes no HTTP, which costs more than all the rest of a step."""
        backend = sqs_backends[ACCOUNT][REGION]
        return backend, backend.queues[self.urls[name].rpartition("/")[2]]

    def handle(self, name: str, received: list[dict[str, Any]]) -> None:
        """Run the function behind a queue on a batch. A batch may be handled twice, as SQS may deliver it twice."""
        handler = {
            "inbound": route.handler,
            "match": match.handler,
            "outbound": deliver.handler,
            "outreach": outreach.handler,
            "timers": timer.handler,
            "media": fetch.handler,
            "hooks": hook.handler,
            "due": due.handler,
            "happen": happen.handler,
        }[name]
        failed = {message["MessageId"] for message in received}
        try:
            answer = handler({"Records": [sqs_record(message) for message in received]}, LambdaContext())
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        finally:
            self._told(name, received, failed)

    def _told(self, name: str, received: list[dict[str, Any]], failed: set[str]) -> None:
        """What failed comes again; the rest is deleted."""
        backend, queue = self._queue(name)
        for message in received:
            if message["MessageId"] in failed:
                with suppress(ReceiptHandleIsInvalid):  # the other delivery has deleted it
                    backend.change_message_visibility(queue.name, message["ReceiptHandle"], 0)
            else:
                queue.delete_message(message["ReceiptHandle"])

    def publish(self) -> int:
        """Hand what is new in the stream to `publish`, as Lambda does: what it names comes again; how many records were told."""
        return self._read_stream("publish", lambda event: publish.handler(event, LambdaContext()))

    def archive(self) -> int:
        """As `publish`, to `archive`."""
        return self._read_stream("archive", lambda event: archive.handler(event, LambdaContext()))

    def _read_stream(self, reader: str, handle: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
        if self.stream is None:
            return 0
        told = 0
        while batch := self.stream.batch(self.now, reader):
            failures = handle({"Records": batch})["batchItemFailures"]
            done = self.stream.told(batch, failures[0]["itemIdentifier"] if failures else None, reader)
            told += done
            if not done:
                break
        return told

    def ring(self) -> int:
        """Run the timers whose time has come; how many there were."""
        rung = 0
        while worked := self.work("timers"):
            rung += worked
        return rung

    def sweep(self) -> dict[str, int]:
        """The minute's sweep, and the runs over the shards that it asks for."""
        self.pass_time(seconds=56)  # beyond the last sweep's lease
        answer = dict(sweep.handler({}, LambdaContext()))
        for _ in range(3):  # a run that fails would come again and again
            self.work("due")
        return answer

    # --- looking ---------------------------------------------------------------------------------------------------

    def items(self, prefix: str = "") -> list[dict[str, Any]]:
        """Everything in the table whose partition key starts so."""
        if self.memory is not None:
            found = list(self.memory.items())
        else:
            table = dynamodb_backends[ACCOUNT][REGION].tables["santral"]
            found = [unmarshal(item.to_json()["Attributes"]) for item in table.all_items()]
        return sorted((i for i in found if i["pk"].startswith(prefix)), key=lambda i: (i["pk"], i["sk"]))

    def conversations(self) -> list[Any]:
        """Every conversation, by id."""
        from router.aws.rows import to_conversation

        items = [item for item in self.items("P#") if item["sk"].startswith(("open#", "past#"))]
        return sorted((to_conversation(item) for item in items), key=lambda c: (c.opened_at, c.id))

    def texts(self, conversation: str) -> list[str]:
        """What was said in a conversation, in its order, read by the API."""
        status, body = self.call("GET", f"/v1/conversations/{conversation}", role="supervisor")
        assert status == 200, body
        return [message["text"].strip() for message in body["messages"]]

    def queued(self, name: str) -> int:
        """How many messages a queue holds, hidden and delayed ones too."""
        return len(self._queue(name)[1]._messages)
